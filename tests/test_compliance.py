"""Whether promises were kept: miss rates, medians and limits (SL-8, CL-11, CL-18 to CL-20)."""

import json
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import compliance
from inbound_engine.compliance import By, Group, Report, median, report, review
from inbound_engine.errors import FactError
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.policy import Policy
from inbound_engine.promises import SlaDocument
from inbound_engine.proportions import Rate
from inbound_engine.sla import Assigned, Cancelled, Clock, Event, Pause, Status, Superseded, follow, status
from inbound_engine.spans import Span, parse_instant

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
NOTHING = timedelta(0)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENING = MONDAY + timedelta(hours=9)
BERLIN = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")


def clock(start: datetime = MONDAY, **parts: Any) -> Clock:  # noqa: ANN401 - whatever a clock takes
    return Clock(**{"id": "L-1", "target": 5 * MINUTE, "start": start, "promise": "T1", **parts})


def answered(after: float | None, *, rep: str | None = "a", at: datetime = EVENING, **parts: Any) -> Status:  # noqa: ANN401
    """A clock of five minutes that was answered after so many; None for never."""
    owed = clock(**parts)
    events: list[Event] = [Assigned(id="took", at=owed.start, rep=rep)]
    if after is not None:
        events.append(Outreach(id="call", lead_id="L", rep="a", channel="call", at=owed.start + after * MINUTE, human=True))
    return status(owed, events, at=at)


def ended(*events: Event, at: datetime = EVENING) -> Status:
    return status(clock(), events, at=at)


OPEN = answered(None, at=MONDAY + MINUTE)
HELD = ended(Pause(id="p", at=MONDAY))
SPAM = ended(Cancelled(id="c", at=MONDAY + MINUTE))
OTHER_TIER = ended(Superseded(id="s", at=MONDAY + MINUTE))
AHEAD = answered(None, at=MONDAY - MINUTE)

# ------------------------------------------------------------------------------------------------- CL-18: the miss rate


@pytest.mark.parametrize(
    ("statuses", "missed", "unanswered", "is_open", "out"),
    [
        pytest.param([answered(3)], (0, 1), 0, 0, 0, id="one that was met"),
        pytest.param([answered(5)], (1, 1), 0, 0, 0, id="one that was missed"),
        pytest.param([answered(None)], (1, 1), 1, 0, 0, id="one that was never answered"),
        pytest.param([answered(7)] + [answered(1)] * 9, (1, 10), 0, 0, 0, id="X17 1 of 10"),
        pytest.param([answered(7)] * 2 + [answered(1)] * 17, (2, 19), 0, 0, 0, id="X17 2 of 19"),
        pytest.param([OPEN, OPEN], (0, 0), 0, 2, 0, id="X17 only running ones"),
        pytest.param([OPEN, HELD, SPAM, OTHER_TIER, answered(7)], (1, 1), 0, 2, 2, id="what is undecided or out is in no rate"),
        pytest.param([AHEAD, answered(3)], (0, 1), 0, 0, 0, id="what has not started is nowhere"),
    ],
)
def test_cl18_a_miss_rate_counts_what_is_decided(
    statuses: list[Status], missed: tuple[int, int], unanswered: int, is_open: int, out: int
) -> None:
    [group] = report(statuses, by="all").groups
    assert group.missed == Rate(*missed)
    assert (group.unanswered, group.open, group.out) == (unanswered, is_open, out)


def test_cl18_a_rate_of_nothing_has_no_value() -> None:
    """X17."""
    [group] = report([OPEN], by="all").groups
    assert (group.missed.value, group.interval, group.median, group.median_answered) == (None, None, None, None)
    assert str(group) == "all: 0 of 0 missed, no cases; median unknown, of the answered unknown"
    assert report([], by="all").groups == ()
    assert report([AHEAD], by="all").groups == ()


def test_cl18_a_rate_carries_its_interval() -> None:
    """FN-2: Wilson's, at 95 %; 1 of 10 is somewhere from 1.8 to 40.4 %."""
    [group] = report([answered(7)] + [answered(1)] * 9, by="all").groups
    assert group.interval == (Fraction(17876213095, 10**12), Fraction(404150026796, 10**12))
    assert str(group) == "all: 1 of 10 missed, 10.0 % (1.8 % to 40.4 %); median 0:01:00, of the answered 0:01:00"


LIMITED = SlaDocument.model_validate(
    {
        "tables": [
            {
                "id": "first_response",
                "stopped_by": ["outreach"],
                "rows": [{"id": name, "when": {"op": "always"}, "target_minutes": 5} for name in ("T1", "T2")],
            },
            {"id": "review", "stopped_by": ["accepted"], "rows": [{"id": "T1", "when": {"op": "always"}, "target_minutes": 5}]},
        ],
        "late_logging_minutes": 15,
        "limits": [
            {"id": "ten", "table": "first_response", "most_missed_percent": 10, "action": "Escalate at once."},
            {"id": "third", "table": "first_response", "most_missed_percent": "100/3"},
            {"id": "none", "table": "first_response", "most_missed_percent": 0},
            {"id": "all", "table": "first_response", "most_missed_percent": 100},
            {"id": "quiet", "table": "first_response", "most_missed_percent": 10, "minimum_decided": 20},
            {"id": "fast", "table": "first_response", "median_below_minutes": 10},
            {"id": "T1", "table": "first_response", "promises": ["T1"], "most_missed_percent": 10, "median_below_minutes": 10},
            {"id": "review", "table": "review", "most_missed_percent": 10},
        ],
    }
)


def of(missed: int, decided: int) -> list[Status]:
    return [answered(7)] * missed + [answered(1)] * (decided - missed)


@pytest.mark.parametrize(
    ("limit", "statuses", "exceeded"),
    [
        pytest.param("ten", of(1, 10), [], id="X17 1 of 10 is not above 10 %"),
        pytest.param("ten", of(2, 19), ["miss_rate"], id="X17 2 of 19 is"),
        pytest.param("ten", of(10, 100), [], id="10 of 100 is not"),
        pytest.param("ten", of(11, 100), ["miss_rate"], id="11 of 100 is"),
        pytest.param("ten", of(1, 1), ["miss_rate"], id="1 of 1 is"),
        pytest.param("ten", [OPEN, HELD], [], id="nothing is decided"),
        pytest.param("ten", [], [], id="nothing at all"),
        pytest.param("third", of(1, 3), [], id="a third is not above a third"),
        pytest.param("third", of(34, 100), ["miss_rate"], id="34 % is"),
        pytest.param("none", of(0, 9), [], id="none of 9 is not above none"),
        pytest.param("none", of(1, 100), ["miss_rate"], id="one is"),
        pytest.param("all", of(3, 3), [], id="nothing is above all"),
        pytest.param("quiet", of(19, 19), [], id="19 decided are too few to judge"),
        pytest.param("quiet", of(3, 20), ["miss_rate"], id="20 are enough"),
        pytest.param("fast", [answered(9.999)], [], id="a median below 10 minutes"),
        pytest.param("fast", [answered(10)], ["median"], id="one of 10 minutes is not below"),
        pytest.param("fast", [answered(9), answered(11)], ["median"], id="nor is the mean of 9 and 11"),
        pytest.param("fast", [answered(1), answered(None)], ["median"], id="half were never answered"),
        pytest.param("fast", [answered(1), answered(2), answered(None)], [], id="a third was never answered"),
        pytest.param("T1", [answered(12)], ["miss_rate", "median"], id="SL-8 both are told"),
        pytest.param("T1", [answered(12, promise="T2")], [], id="another promise is not meant"),
        pytest.param("ten", [answered(12, promise="T2")], ["miss_rate"], id="unless the limit is about all of a table"),
        pytest.param("ten", [answered(12, table="review")], [], id="another table is never meant"),
        pytest.param("review", [answered(12, table="review"), answered(1)], ["miss_rate"], id="and has limits of its own"),
    ],
)
def test_sl8_a_limit_is_exceeded_exactly(limit: str, statuses: list[Status], exceeded: list[str]) -> None:
    """SL-8, CL-18, FD-3."""
    found = review(LIMITED, limit, statuses)
    assert found.exceeded == tuple(("all", what) for what in exceeded)
    assert found.limit is not None
    assert found.limit.id == limit


@pytest.mark.parametrize(
    ("statuses", "exceeded"),
    [
        pytest.param(of(1, 10), [], id="1 of 10 T1 was late"),
        pytest.param(of(2, 19), ["miss_rate"], id="2 of 19 were: escalate"),
        pytest.param([answered(12, promise="hand_raiser"), answered(1)], ["miss_rate"], id="hand-raisers count as T1"),
        pytest.param([answered(12, promise="T2")] * 9 + of(0, 1), [], id="T2 does not"),
        pytest.param([answered(6)] * 3, ["miss_rate"], id="6 minutes miss the 5, and are within the median of 10"),
        pytest.param([answered(11)] * 3, ["miss_rate", "median"], id="11 minutes are beyond both"),
    ],
)
def test_sl8_the_playbook_flags_a_t1_miss_rate_over_ten_percent(statuses: list[Status], exceeded: list[str]) -> None:
    """SL-8: the miss rate is against 5 minutes, the median against 10; both are shown."""
    assert [what for _, what in review(Policy().sla, "T1", statuses).exceeded] == exceeded


@pytest.mark.parametrize(("minutes", "exceeded"), [((10, 239, 600), []), ((10, 240, 600), ["median"]), ((1, 2, None, None), ["median"])])
def test_sl8_the_playbook_wants_a_median_below_four_hours(minutes: Sequence[int | None], exceeded: list[str]) -> None:
    statuses = [answered(each, promise="T2", at=MONDAY + DAY) for each in minutes]
    assert [what for _, what in review(Policy().sla, "overall", statuses).exceeded] == exceeded
    nurtured = [answered(None, promise="nurture", at=MONDAY + DAY)]
    assert review(Policy().sla, "overall", nurtured).groups == ()


def test_sl8_each_rep_is_held_to_the_limit() -> None:
    statuses = [answered(7), answered(1), answered(1, rep="b"), answered(None, rep=None)]
    found = review(LIMITED, "ten", statuses, by="rep")
    assert found.by == "rep"
    assert found.exceeded == (("a", "miss_rate"), ("unassigned", "miss_rate"))
    assert str(found) == (
        "a: 1 of 2 missed, 50.0 % (9.5 % to 90.5 %); median 0:04:00, of the answered 0:04:00\n"
        "b: 0 of 1 missed, 0.0 % (0 % to 79.3 %); median 0:01:00, of the answered 0:01:00\n"
        "unassigned: 1 of 1 missed, 100.0 % (20.7 % to 100 %); median unknown, of the answered unknown\n"
        "a exceeds ten: miss rate. Escalate at once.\n"
        "unassigned exceeds ten: miss rate. Escalate at once."
    )
    assert str(review(LIMITED, "fast", [answered(11)])).splitlines()[1] == "all exceeds fast: median."


def test_sl8_a_review_may_be_of_a_week_and_of_all_time() -> None:
    week = Span(MONDAY, MONDAY + 7 * DAY)
    statuses = [answered(7), answered(1, start=MONDAY - TICK)]
    assert review(LIMITED, "ten", statuses, started=week).groups[0].missed == Rate(1, 1)
    night = [answered(15 * 60, start=MONDAY + 6 * 60 * MINUTE, calendar=BERLIN, at=MONDAY + 2 * DAY)]
    assert review(LIMITED, "fast", night).groups[0].median == timedelta(minutes=60)
    assert review(LIMITED, "fast", night, clock="calendar").groups[0].median == timedelta(hours=15)


# ------------------------------------------------------------------------------------------------- CL-19: medians


@pytest.mark.parametrize(
    ("minutes", "unanswered", "expected"),
    [
        pytest.param([1, 3], 1, 3, id="X18 the unanswered is longer than everything"),
        pytest.param([1], 1, None, id="X18 it may be the longer of the middle two"),
        pytest.param([], 0, None, id="nothing"),
        pytest.param([], 3, None, id="nobody was answered"),
        pytest.param([4], 0, 4, id="one"),
        pytest.param([1, 3], 0, 2, id="the mean of the middle two"),
        pytest.param([9, 1, 3], 0, 3, id="in whatever order"),
        pytest.param([9, 1, 3, 5], 0, 4, id="of four"),
        pytest.param([1, 2, 3], 1, 2.5, id="of four, one unanswered"),
        pytest.param([1, 2], 1, 2, id="of three, one unanswered"),
        pytest.param([1, 2], 2, None, id="of four, half unanswered"),
        pytest.param([1, 2, 3], 2, 3, id="of five, two unanswered"),
        pytest.param([1, 2], 3, None, id="of five, three unanswered"),
        pytest.param([0, 0, 9], 0, 0, id="answered at once"),
    ],
)
def test_cl19_the_unanswered_count_as_longer_than_everything(minutes: list[int], unanswered: int, expected: float | None) -> None:
    found = median([each * MINUTE for each in minutes], unanswered)
    assert found == (None if expected is None else expected * MINUTE)


@pytest.mark.parametrize(("micros", "expected"), [((0, 1), 0), ((1, 2), 2), ((2, 3), 2), ((3, 4), 4)])
def test_cl19_half_a_microsecond_goes_to_the_even_one(micros: tuple[int, int], expected: int) -> None:
    assert median([each * TICK for each in micros]) == expected * TICK


@given(st.lists(st.integers(0, 50), max_size=9), st.integers(0, 5))
def test_cl19_a_median_is_that_of_very_long_waits(minutes: list[int], unanswered: int) -> None:
    """As many are at most as long as are at least as long; and never below the median of the answered alone."""
    found = median([each * MINUTE for each in minutes], unanswered)
    waits = sorted([*minutes, *[10**6] * unanswered])
    low, high = (waits[(len(waits) - 1) // 2], waits[len(waits) // 2]) if waits else (0, 10**6)
    assert found == (None if high == 10**6 else (low + high) * MINUTE / 2)
    alone = median([each * MINUTE for each in minutes])
    assert found is None or alone is None or alone <= found


def test_cl19_a_report_gives_both_medians() -> None:
    [group] = report([answered(1), answered(3), answered(None)], by="all").groups
    assert (group.median, group.median_answered, group.unanswered) == (3 * MINUTE, 2 * MINUTE, 1)
    [half] = report([answered(1), answered(None)], by="all").groups
    assert (half.median, half.median_answered, half.unanswered) == (None, MINUTE, 1)


def test_cl19_what_is_not_decided_is_in_no_median() -> None:
    [group] = report([answered(3), OPEN, HELD, SPAM, OTHER_TIER], by="all").groups
    assert (group.median, group.median_answered, group.unanswered) == (3 * MINUTE, 3 * MINUTE, 0)


def test_cl5_medians_are_of_business_time_or_of_all_time() -> None:
    """CL-5: from 18:00 in Berlin until 09:30 the next day."""
    night = answered(15.5 * 60, start=MONDAY + 480 * MINUTE, calendar=BERLIN, at=MONDAY + 2 * DAY)
    assert report([night], by="all").groups[0].median == 30 * MINUTE
    assert report([night], by="all", clock="calendar").groups[0].median == timedelta(hours=15, minutes=30)


# ------------------------------------------------------------------------------------- CL-11, CL-20: whose, and which

MIXED = [
    answered(7, source="google"),
    answered(1, source="google", promise="T2"),
    answered(None, rep="b", source="referral"),
    answered(2, rep=None, promise="T2"),
    answered(2, rep="b", table="review", promise="mql"),
]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("rep", {"a": (1, 2), "b": (1, 2), "unassigned": (0, 1)}),
        ("source", {"google": (1, 2), "referral": (1, 1), "unknown": (0, 2)}),
        ("promise", {"T1": (2, 2), "T2": (0, 2), "mql": (0, 1)}),
        ("table", {"first_response": (2, 4), "review": (0, 1)}),
        ("all", {"all": (2, 5)}),
    ],
)
def test_cl20_groups_by_whom_by_what_and_of_all(by: By, expected: dict[str, tuple[int, int]]) -> None:
    """CL-11, CL-20, SL-8."""
    found = report(iter(MIXED), by=by)
    assert found.by == by
    assert {group.key: group.missed for group in found.groups} == {key: Rate(*counts) for key, counts in expected.items()}
    assert [group.key for group in found.groups] == sorted(expected)
    assert found.group("all" if by == "all" else min(expected)) == found.groups[0]


def test_cl11_a_miss_belongs_to_the_holder_just_before_the_deadline() -> None:
    """CL-11: to customers the lead's clock is told, for coaching the ones of assignments."""
    events: list[Event] = [
        Assigned(id="1", at=MONDAY, rep="a"),
        Assigned(id="2", at=MONDAY + 15 * MINUTE, rep="b"),
        Outreach(id="3", lead_id="L", rep="b", channel="call", at=MONDAY + 18 * MINUTE, human=True),
    ]
    statuses = follow([clock()], events, at=EVENING)
    assert {group.key: group.missed for group in report(statuses).groups} == {"a": Rate(1, 1)}
    coaching = report(statuses, kind="assignment")
    assert {group.key: group.missed for group in coaching.groups} == {"a": Rate(1, 1), "b": Rate(0, 1)}
    assert coaching.group("b").median == 3 * MINUTE
    assert review(LIMITED, "T1", statuses, by="rep").exceeded == (("a", "miss_rate"), ("a", "median"))


@pytest.mark.parametrize(
    ("start", "counts"),
    [
        (MONDAY - TICK, False),
        (MONDAY, True),
        (MONDAY + 7 * DAY - TICK, True),
        (MONDAY + 7 * DAY, False),
    ],
)
def test_cl20_a_week_has_the_clocks_that_started_in_it(start: datetime, counts: bool) -> None:
    """CL-20: whenever they were answered."""
    week = Span(MONDAY, MONDAY + 7 * DAY)
    found = report([answered(3 * 1440, start=start, at=MONDAY + 30 * DAY)], by="all", started=week)
    assert [group.missed for group in found.groups] == ([Rate(1, 1)] if counts else [])


@given(st.permutations(MIXED))
def test_cl20_the_order_of_clocks_means_nothing(statuses: list[Status]) -> None:
    assert report(statuses) == report(MIXED)


# ------------------------------------------------------------------------------------------------------- how it is told


def test_a_report_is_plain_data() -> None:
    found = review(LIMITED, "ten", [answered(7), answered(2), answered(None), OPEN, SPAM], by="rep")
    assert found.to_dict() == {
        "kind": "sla_report",
        "by": "rep",
        "limit": "ten",
        "groups": [
            {
                "key": "a", "missed": 2, "decided": 3, "interval": ["103829800401/500000000000", "11731350691/12500000000"],
                "median": "420000000 us", "median_answered": "270000000 us", "unanswered": 1, "open": 1, "out": 0,
            },
            {
                "key": "unassigned", "missed": 0, "decided": 0, "interval": None,
                "median": None, "median_answered": None, "unanswered": 0, "open": 0, "out": 1,
            },
        ],
        "exceeded": [["a", "miss_rate"]],
    }  # fmt: skip
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    plainly = report([answered(2)]).to_dict()
    assert (plainly["limit"], plainly["exceeded"]) == (None, [])


def test_a_report_is_a_table_in_a_notebook() -> None:
    html = report([answered(7, source="<b>")], by="source")._repr_html_()
    assert html.startswith("<table><caption>SLA by source</caption><thead><tr><th>source</th><th>missed</th><th>rate</th>")
    assert "<td>&lt;b&gt;</td><td>1 of 1</td><td>100.0 %</td><td>0:07:00</td><td>0:07:00</td><td>0</td>" in html


def test_a_report_is_a_value() -> None:
    found = review(LIMITED, "ten", MIXED, by="rep")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    assert found == review(LIMITED, "ten", MIXED, by="rep")
    assert str(report([])) == ""


def test_a_report_that_exceeds_nothing_in_particular_says_so_on_no_line() -> None:
    """A report made by hand may name what is exceeded without a limit; then there is nothing to say of it."""
    group = Group(key="a", missed=Rate(0, 1), median=NOTHING, median_answered=NOTHING, unanswered=0, open=0, out=0)
    assert str(Report("rep", (group,), None, (("a", "median"),))) == str(group)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: report([], by="team"), "by: saw 'team', expected one of all, promise, rep, source, table."),  # type: ignore[arg-type]  # to be refused
        (
            lambda: review(LIMITED, "T9", []),
            "limit: saw 'T9', expected one of T1, all, fast, none, quiet, review, ten, third. Add it to sla.limits.",
        ),
        (lambda: report(MIXED).group("c"), "key: saw 'c', expected one of a, b, unassigned."),
        (lambda: report([]).group("c"), "key: saw 'c', expected no group at all."),
    ],
)
def test_what_is_not_there_is_refused(ask: Any, message: str) -> None:  # noqa: ANN401 - a question
    with pytest.raises(FactError) as refused:
        ask()
    assert str(refused.value) == message


def test_a_status_at_the_start_counts_from_its_first_instant() -> None:
    [group] = report([status(clock(), at=MONDAY)], by="all").groups
    assert (group.open, group.missed) == (1, Rate(0, 0))
    assert compliance.report([status(clock(), at=parse_instant("2026-03-02T08:59:59.999999Z"))]).groups == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clock": "bizness"}, "clock: saw 'bizness', expected one of business, calendar."),
        ({"kind": "holder"}, "kind: saw 'holder', expected one of assignment, lead."),
        ({"started": (1, 2)}, "started: saw a list of 2, expected a Span. Write Span(since, until)."),
    ],
)
def test_a_report_that_is_asked_wrongly_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as refused:
        compliance.report([], **given)
    assert str(refused.value) == message


def test_a_review_wants_the_promises_of_the_policy() -> None:
    with pytest.raises(FactError, match=r"^document: saw .*, expected the promises of a policy\. Give policy\.sla\.$"):
        compliance.review(Policy(), "T1", [])  # type: ignore[arg-type]  # the likeliest slip
