"""What the activities said, counted as they come: the same as looking at each of them again."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from inbound_engine import cases, street
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Activity, Lead
from inbound_engine.policy import Policy
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, Touchpoint, read
from inbound_engine.spans import EARLIEST
from inbound_engine.timelines import Timeline, counted, first_from, found, noted, pushed, timeline, weekly
from tests.work import at_most

AT = datetime(2026, 3, 30, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
CATALOGUE = Catalogue.of([Touchpoint(id="pricing", kinds=("page_view",), contents=("pricing",), stage="selection", depth=2)])
QUERIES = (
    Query(ActivityFilter(kinds=("visit",)), within_days=7),
    Query(ActivityFilter(kinds=("visit", "page_view")), within_days=None),
    Query(ActivityFilter(kinds=("page_view",), contents=("pricing",)), within_days=14),
    Query(ActivityFilter(kinds=("webinar_attendance",)), within_days=7),
)
SIGNALS = Signals.of(QUERIES, CATALOGUE)


def ago(name: str, kind: str = "visit", content: str | None = None, **back: float) -> Activity:
    return Activity(id=name, kind=kind, at=AT - timedelta(**back), content=content)


SEEN = (
    ago("now"),
    ago("edge", days=7),
    ago("past", days=7, microseconds=1),
    ago("old", days=400),
    ago("ahead", microseconds=-1),
    ago("price", "page_view", "pricing", days=3),
    ago("blog", "page_view", "blog", days=2),
)


def one_by_one(activities: Sequence[Activity], *, first: bool = False) -> Timeline:
    known = timeline(SIGNALS, (), first=first)
    for activity in activities:
        known = noted(known, activity)
    return known


# --------------------------------------------------------------------------------------------------------------------- runs


@pytest.mark.parametrize(
    ("items", "runs"),
    [
        ("", ()),
        ("c", (("c",),)),
        ("ca", (("a", "c"),)),
        ("cab", (("a", "c"), ("b",))),
        ("cabd", (("a", "b", "c", "d"),)),
        ("cabda", (("a", "b", "c", "d"), ("a",))),
        ("cabdae", (("a", "b", "c", "d"), ("a", "e"))),
    ],
)
def test_runs_are_sorted_and_each_is_longer_than_the_next(items: str, runs: tuple[tuple[str, ...], ...]) -> None:
    kept: tuple[tuple[str, ...], ...] = ()
    for item in items:
        kept = pushed(kept, item, key=str)
    assert kept == runs


def test_a_run_that_was_there_before_grows_by_merging() -> None:
    """What was read at once is one long run, whatever its length."""
    assert pushed((("b", "d", "f"),), "c", key=str) == (("b", "d", "f"), ("c",))
    assert pushed((("b", "d", "f"), ("c",)), "a", key=str) == (("b", "d", "f"), ("a", "c"))
    assert pushed((("b", "d", "f"), ("a", "c")), "e", key=str) == (("b", "d", "f"), ("a", "c"), ("e",))
    assert pushed((("b", "d", "f"), ("a", "c"), ("e",)), "g", key=str) == (("a", "b", "c", "d", "e", "f", "g"),)


@pytest.mark.parametrize(("wanted", "item"), [("a", "ant"), ("b", "bee"), ("c", None), ("d", "dog"), ("e", None), ("0", None)])
def test_an_item_is_found_by_its_key(wanted: str, item: str | None) -> None:
    assert found((("ant", "dog"), ("bee",)), wanted, key=lambda text: text[0]) == item


@pytest.mark.parametrize(("since", "first"), [(0, 1), (1, 1), (1.5, 2), (2.5, 3), (3.5, 4), (4, 4), (4.5, None)])
def test_the_first_from_an_instant_on_is_found_in_whichever_run_it_lies(since: float, first: int | None) -> None:
    runs = ((AT + WEEK, AT + 3 * WEEK, AT + 4 * WEEK), (AT + 2 * WEEK,))
    assert first_from(runs, AT + since * WEEK, key=lambda instant: instant) == (None if first is None else AT + first * WEEK)


def test_of_nothing_nothing_is_found() -> None:
    assert found((), "a", key=str) is None


# -------------------------------------------------------------------------------------------------------------------- counts


@pytest.mark.parametrize("make", [lambda: timeline(SIGNALS, SEEN), lambda: one_by_one(SEEN), lambda: one_by_one(SEEN[::-1])])
def test_look_backs_are_closed_and_nothing_after_the_instant_counts(make: Callable[[], Timeline]) -> None:
    """FD-2: exactly 7 days back is inside; what is ahead is not known yet."""
    counts, latest = counted(make(), AT)
    assert counts == [2, 6, 1, 0]
    assert latest == [AT, AT, AT - timedelta(days=3), None]
    assert (counts, latest) == read(SIGNALS, SEEN, AT)


def test_the_same_timeline_answers_for_any_instant() -> None:
    known = timeline(SIGNALS, SEEN)
    assert counted(known, AT - timedelta(days=3))[0] == [2, 4, 1, 0]
    assert counted(known, AT + timedelta(days=1))[0] == [2, 7, 1, 0]
    assert counted(known, AT - timedelta(days=401)) == ([0, 0, 0, 0], [None] * 4)


def test_the_latest_is_found_in_whichever_run_it_lies() -> None:
    """The later activity may have been told first, and then it stands in the longer run."""
    for order in ("old now blog", "now old blog", "blog now old", "now blog old"):
        activities = [next(activity for activity in SEEN if activity.id == name) for name in order.split()]
        assert counted(one_by_one(activities), AT)[1][1] == AT


def test_a_timeline_is_not_changed_by_what_is_noted() -> None:
    before = timeline(SIGNALS, SEEN[:2])
    after = noted(before, SEEN[4])
    assert (counted(before, AT + WEEK)[0], counted(after, AT + WEEK)[0]) == ([1, 2, 0, 0], [2, 3, 0, 0])
    assert after.instants[2] is before.instants[2]


def test_an_activity_counts_for_the_first_query_alone_where_it_is_said() -> None:
    for known in (timeline(SIGNALS, SEEN, first=True), one_by_one(SEEN, first=True)):
        assert counted(known, AT)[0] == [2, 2, 0, 0]  # the visits go to the first; both pages to the second


# --------------------------------------------------------------------------------------------------------------------- weeks


@pytest.mark.parametrize(
    ("weeks", "back", "visits", "with_pages"),
    [
        (1, 6, [1], [3]),
        (2, 7, [1, 1], [3, 1]),
        (2, 8, [1, 2], [3, 2]),
        (3, 14, [1, 2, 0], [3, 2, 0]),
        (58, 400, [1, 2, *[0] * 55, 1], [3, 2, *[0] * 55, 1]),
        (58, 399, [1, 2, *[0] * 56], [3, 2, *[0] * 56]),
    ],
)
@pytest.mark.parametrize("make", [lambda: timeline(SIGNALS, SEEN), lambda: one_by_one(SEEN), lambda: one_by_one(SEEN[::-1])])
def test_weeks_are_counted_back_from_the_instant(
    make: Callable[[], Timeline], weeks: int, back: int, visits: list[int], with_pages: list[int]
) -> None:
    """SC-3: exactly 7 days have lost one week; nothing counts before the look-back, nor after the instant."""
    pricing, nothing = [1, *[0] * (weeks - 1)], [0] * weeks
    assert weekly(make(), AT, AT - timedelta(days=back), weeks) == [visits, with_pages, pricing, nothing]


def test_there_are_no_weeks_before_all_time() -> None:
    first = EARLIEST + timedelta(days=8)
    born = Activity(id="born", kind="visit", at=EARLIEST)
    assert weekly(timeline(SIGNALS, [born]), first, EARLIEST, 5)[0] == [0, 1, 0, 0, 0]
    assert weekly(timeline(SIGNALS, [born]), EARLIEST, EARLIEST, 2)[0] == [1, 0]


# --------------------------------------------------------------------------------------------------------------- assessments

DECAYED = changed(
    Policy(),
    {
        "scoring.matrices[engagement].cap": 1000,
        "scoring.matrices[engagement].within_days": 60,
        "sla.tables[first_response].rows[T1].when": {
            "op": "all",
            "of": [
                {"op": "equals", "fact": "tier", "value": "T1"},
                {"op": "count", "activities": {"kinds": ["page_view"]}, "at_least": 3, "within_days": 60},
            ],
        },
    },
)


@pytest.mark.parametrize("policy", [Policy(), DECAYED], ids=["shipped", "decayed"])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=3), WEEK, timedelta(days=40), timedelta(days=-2)])
def test_an_assessment_by_what_was_counted_is_the_assessment(policy: Policy, later: timedelta) -> None:
    """Scores, reasons, and what later rules see; the facts are the lead's own."""
    engine = Engine(policy)
    seen = (*SEEN, ago("asked", "demo_request", hours=1), ago("heard", "webinar_attendance", days=20), ago("click", "email_click", days=1))
    lead = Lead(id="L-1", title="VP Sales", country="DE", activities=seen)
    index = cases.indexed(engine.compiled, ())
    for activity in seen[::-1]:
        index = cases.noted(index, activity)
    at = AT + later
    for known in (index, cases.indexed(engine.compiled, seen)):
        assessment, view = cases.assessed(engine.compiled, lead, known, at)
        asked = engine.assess(lead, at=at)
        assert assessment.to_dict() == asked.to_dict()
        assert assessment.lead == lead
        assert (view.counts, view.latest) == (asked.view.counts, asked.view.latest)
        assert engine.clock(asked).value == street.owed(engine.compiled, view).value


def test_of_activities_that_nobody_knows_there_is_no_index() -> None:
    engine = Engine(Policy())
    lead = Lead(id="L-1", title="VP Sales")
    assessment, view = cases.assessed(engine.compiled, lead, None, AT)
    assert assessment.to_dict() == engine.assess(lead, at=AT).to_dict()
    assert (view.counts, view.latest) == (None, None)


def test_one_more_activity_costs_little_however_many_there_are() -> None:
    """Ten more of them cost less than reading the 5000 once again."""
    engine = Engine(Policy())
    seen = tuple(ago(str(number), "page_view", "pricing", minutes=number) for number in range(5000))
    index, bare, full = cases.indexed(engine.compiled, seen), Lead(id="L-1", activities=()), Lead(id="L-1", activities=seen)
    with at_most(8_000):
        for number in range(10):
            index = cases.noted(index, ago(f"more-{number}"))
            cases.assessed(engine.compiled, bare, index, AT)
    with pytest.raises(AssertionError, match="more than 8000 calls"), at_most(8_000):
        engine.assess(full, at=AT)
