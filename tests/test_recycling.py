"""Who comes back, and when: holds, monthly re-scores, engagement that returns, disqualifications that may be reopened."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import recycling, vocabulary
from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Activity, Lead
from inbound_engine.history import Entry, Record
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy
from inbound_engine.recycling import Due, RecyclingDocument, Rules
from inbound_engine.signals import Catalogue, Touchpoint
from inbound_engine.spans import zone
from inbound_engine.vocabulary import FactsDocument, View

WORDS = vocabulary.compile(FactsDocument(), (("tier", "text"), ("tier_reason", "text")))
MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)

# LC-6 to LC-9, CD-8, TI-1: the numbers of the rules, typed here; the playbook is held against them.
SHIPPED: dict[str, Any] = {
    "about": "lead",
    "zone": "UTC",
    "holds": [
        {
            "id": "nurture",
            "stages": ["RECYCLED"],
            "re_engage_every_days": 14,
            "re_score_after_days": 60,
            "reactivate": {
                "kinds": [
                    "visit",
                    "page_view",
                    "email_click",
                    "content_download",
                    "webinar_registration",
                    "webinar_attendance",
                    "event_attendance",
                    "newsletter_signup",
                    "demo_request",
                    "call_request",
                    "trial_signup",
                    "contact_form",
                    "trial_activity",
                    "reply",
                ]
            },
        }
    ],
    "re_scores": [
        {
            "id": "t3",
            "stages": ["SUBSCRIBER", "LEAD", "MQL"],
            "when": {"op": "equals", "fact": "tier", "value": "T3"},
            "every_months": 1,
        },
        {
            "id": "low_intent",
            "stages": ["SUBSCRIBER", "LEAD"],
            "when": {"op": "equals", "fact": "tier_reason", "value": "low_intent"},
            "every_months": 1,
        },
    ],
    "disqualified": "DISQUALIFIED",
    "rule_name": "rule",
    "reopenings": [
        {"id": "no_budget", "after_months": 12},
        {"id": "long_timeline", "after_months": 18},
        {"id": "happy_with_competitor", "after_months": 12},
        {"id": "not_involved"},
    ],
    "reviews": [{"id": "scoring", "every_months": 3}],
}


def bare(section: Any) -> Any:  # noqa: ANN401 - plain data of any shape
    """Plain data without what only explains it."""
    if isinstance(section, Mapping):
        return {key: bare(value) for key, value in section.items() if key not in {"label", "source"}}
    return [bare(value) for value in section] if isinstance(section, list | tuple) else section


def test_the_playbook_ships_the_numbers_of_the_rules() -> None:
    """LC-6 to LC-9, CD-8, TI-1."""
    assert bare(PLAYBOOK["recycling"]) == SHIPPED


def compiled(**more: Any) -> Rules:  # noqa: ANN401 - what a policy writes
    return recycling.compile(RecyclingDocument.model_validate({**SHIPPED, **more}), WORDS, Questions())


RULES = recycling.compile(RecyclingDocument.model_validate(PLAYBOOK["recycling"]), WORDS, Questions())


def lead(*steps: tuple[str, datetime, dict[str, str]], name: str = "L-1") -> Record:
    """A record that entered these stages, with what was reported."""
    entries: list[Entry] = []
    for number, (stage, at, data) in enumerate(steps):
        left = entries[-1].stage if entries else None
        made = str(number) if entries else ""
        entries.append(Entry(stage=stage, left=left, at=at, event_id=made, event="moved" if made else "", move=made, data=data))
    return Record(name, "lead", tuple(entries))


def held(at: datetime = MONDAY, name: str = "L-1") -> Record:
    return lead(("RECYCLED", at, {}), name=name)


def seen(at: datetime, *activities: Activity | None, **derived: str) -> View:
    """The lead as seen at an instant; a None among the activities means that nobody looked."""
    known = None if None in activities else [one for one in activities if one is not None]
    return View(Lead(id="L-1", activities=known), at, derived=derived.get)


def visit(at: datetime, name: str = "a", kind: str = "visit", logged: datetime | None = None) -> Activity:
    return Activity(id=name, kind=kind, at=at, recorded_at=logged)


def nobody(_: Record) -> None:
    return None


def said(dues: Iterable[Due]) -> list[tuple[str, str, int]]:
    return [(one.day.isoformat(), one.kind, one.number) for one in dues]


# Holds.


def test_a_nurture_hold_is_re_engaged_every_14_days_and_re_scored_after_60() -> None:
    """LC-7, CD-8: four times, until the re-score; a day of the calendar, not 60 times 24 hours of somebody's afternoon."""
    dues = recycling.due(RULES, [held()], view_of=nobody, at=MONDAY + 400 * DAY)
    assert said(dues) == [
        ("2026-01-19", "re_engage", 1),
        ("2026-02-02", "re_engage", 2),
        ("2026-02-16", "re_engage", 3),
        ("2026-03-02", "re_engage", 4),
        ("2026-03-06", "re_score", 1),
    ]
    assert [one.at for one in dues] == [datetime.combine(one.day, time(), UTC) for one in dues]


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2026, 1, 18, 23, 59, 59, 999_999, tzinfo=UTC), []),
        (datetime(2026, 1, 19, tzinfo=UTC), ["2026-01-19"]),
        (datetime(2026, 2, 1, 23, tzinfo=UTC), ["2026-01-19"]),
        (datetime(2026, 2, 2, tzinfo=UTC), ["2026-01-19", "2026-02-02"]),
    ],
)
def test_a_thing_is_due_from_the_first_instant_of_its_date(at: datetime, days: list[str]) -> None:
    """CL-7: at equality it is due."""
    assert [one.day.isoformat() for one in recycling.due(RULES, [held()], view_of=nobody, at=at)] == days


def test_since_is_excluded_and_at_is_included() -> None:
    """Runs whose ends meet list each date exactly once."""
    first, second = datetime(2026, 1, 19, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    assert said(recycling.due(RULES, [held()], view_of=nobody, at=second, since=first)) == [("2026-02-02", "re_engage", 2)]
    assert recycling.due(RULES, [held()], view_of=nobody, at=first, since=first) == ()
    with pytest.raises(FactError, match=r"^since: saw 2026-02-02.*Swap since and at"):
        recycling.due(RULES, [held()], view_of=nobody, at=first, since=second)


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"re_engage_every_days": 7, "re_score_after_days": 20}, ["01-12 re_engage", "01-19 re_engage", "01-25 re_score"]),
        ({"re_engage_every_days": 10, "re_score_after_days": 20}, ["01-15 re_engage", "01-25 re_score"]),
        ({"re_engage_every_days": 12, "re_score_after_days": 5}, ["01-10 re_score"]),
        ({"re_engage_every_days": None, "re_score_after_days": 20}, ["01-25 re_score"]),
        ({"re_engage_every_days": 14, "re_score_after_days": None}, ["01-19 re_engage", "02-02 re_engage"]),
        (
            {"re_engage_every_days": 10, "re_score_after_days": 15, "repeats": True},
            ["01-15 re_engage", "01-20 re_score", "01-30 re_engage", "02-04 re_score"],
        ),
    ],
)
def test_a_hold_is_what_its_policy_says(more: dict[str, Any], days: list[str]) -> None:
    """CD-8: on the day of the re-score nobody is re-engaged as well."""
    rules = compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "reactivate": {}, **more}])
    dues = recycling.due(rules, [held()], view_of=nobody, at=MONDAY + 31 * DAY)
    assert [f"{one.day:%m-%d} {one.kind}" for one in dues] == days


def test_numbers_count_on_through_repeated_holds() -> None:
    rules = compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "re_engage_every_days": 10, "re_score_after_days": 15, "repeats": True}])
    dues = recycling.due(rules, [held()], view_of=nobody, at=MONDAY + 45 * DAY)
    assert [(one.kind, one.number) for one in dues] == [
        ("re_engage", 1),
        ("re_score", 1),
        ("re_engage", 2),
        ("re_score", 2),
        ("re_engage", 3),
        ("re_score", 3),
    ]


@pytest.mark.parametrize(
    ("name", "start", "day", "at"),
    [
        ("UTC", "2026-03-20T23:30:00+00:00", date(2026, 4, 3), datetime(2026, 4, 3, tzinfo=UTC)),
        # 00:30 on the 21st in Berlin; fourteen days on summer time has begun
        ("Europe/Berlin", "2026-03-20T23:30:00+00:00", date(2026, 4, 4), datetime(2026, 4, 3, 22, tzinfo=UTC)),
        ("America/New_York", "2026-03-21T03:30:00+00:00", date(2026, 4, 3), datetime(2026, 4, 3, 4, tzinfo=UTC)),
        # Cairo skips the first hour of 2024-04-26: due when that midnight would have come, which is 01:00
        ("Africa/Cairo", "2024-04-12T10:00:00+00:00", date(2024, 4, 26), datetime(2024, 4, 25, 22, tzinfo=UTC)),
        # Havana repeats midnight on 2026-11-01: the first of both
        ("America/Havana", "2026-10-18T10:00:00+00:00", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_dates_are_those_of_the_policys_zone(name: str, start: str, day: date, at: datetime) -> None:
    """TM-1, TM-8."""
    rules = compiled(zone=name)
    (first, *_) = recycling.due(rules, [held(datetime.fromisoformat(start))], view_of=nobody, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert (first.day, first.at) == (day, at)
    assert first.at.astimezone(zone(name)).date() == day


def test_a_hold_begins_with_the_visit_and_not_with_what_is_noted_there() -> None:
    """A re-score that leaves the lead in its hold starts nothing anew; leaving and coming back does."""
    noted = lead(("RECYCLED", MONDAY, {}), ("RECYCLED", MONDAY + 10 * DAY, {}))
    assert said(recycling.due(RULES, [noted], view_of=nobody, at=MONDAY + 20 * DAY)) == [("2026-01-19", "re_engage", 1)]
    again = lead(("RECYCLED", MONDAY, {}), ("LEAD", MONDAY + 10 * DAY, {}), ("RECYCLED", MONDAY + 12 * DAY, {}))
    assert said(recycling.due(RULES, [again], view_of=nobody, at=MONDAY + 30 * DAY)) == [("2026-01-31", "re_engage", 1)]


def test_nobody_is_due_before_the_record_began_nor_where_no_rule_holds_it() -> None:
    """FD-2: entries after the instant are invisible."""
    gone = lead(("RECYCLED", MONDAY, {}), ("LEAD", MONDAY + 20 * DAY, {}))
    assert recycling.due(RULES, [gone], view_of=nobody, at=MONDAY - DAY) == ()
    assert said(recycling.due(RULES, [gone], view_of=nobody, at=MONDAY + 19 * DAY)) == [("2026-01-19", "re_engage", 1)]
    assert recycling.due(RULES, [gone], view_of=nobody, at=MONDAY + 40 * DAY) == ()
    assert recycling.due(RULES, [lead(("CLOSED_WON", MONDAY, {}))], view_of=nobody, at=MONDAY + 400 * DAY) == ()


def test_those_who_come_back_are_listed_by_instant_and_then_by_record() -> None:
    records = [held(name="L-2"), held(MONDAY - DAY, "L-3"), held(name="L-1")]
    dues = recycling.due(RULES, records, view_of=nobody, at=MONDAY + 15 * DAY)
    assert [(one.day.day, one.record) for one in dues] == [(18, "L-3"), (19, "L-1"), (19, "L-2")]


def test_a_due_says_why() -> None:
    """FD-5."""
    (due,) = recycling.due(RULES, [held()], view_of=nobody, at=MONDAY + 15 * DAY)
    assert str(due) == "2026-01-19 L-1: re_engage (recycling.holds[nurture].re_engage_every_days, number 1)"
    assert (due.stage, due.since, due.reason.code) == ("RECYCLED", MONDAY, Code.MATCHED)
    assert [(one.name, one.value) for one in due.reason.saw] == [("stage", "RECYCLED"), ("since", MONDAY), ("re_engage_every_days", 14)]
    assert json.loads(json.dumps(due.to_dict())) == {
        "record": "L-1",
        "kind": "re_engage",
        "at": "2026-01-19T00:00:00Z",
        "day": "2026-01-19",
        "rule": "recycling.holds[nurture].re_engage_every_days",
        "number": 1,
        "stage": "RECYCLED",
        "since": "2026-01-05T10:00:00Z",
        "reason": {
            "code": "matched",
            "rule": "recycling.holds[nurture].re_engage_every_days",
            "saw": {"stage": "RECYCLED", "since": "2026-01-05T10:00:00Z", "re_engage_every_days": 14},
        },
    }


# Engagement that returns.

AT = MONDAY + 80 * DAY


@pytest.mark.parametrize(
    ("activities", "days"),
    [
        ([visit(MONDAY + 3 * DAY)], [("2026-01-08", "reactivate", 1)]),
        ([visit(MONDAY + 20 * DAY)], [("2026-01-19", "re_engage", 1), ("2026-01-25", "reactivate", 1)]),
        ([visit(MONDAY + 21 * DAY, "b"), visit(MONDAY + 3 * DAY)], [("2026-01-08", "reactivate", 1)]),
        ([visit(MONDAY)], None),  # not after the hold began
        ([visit(MONDAY - DAY)], None),
        ([visit(MONDAY + 3 * DAY, kind="email_open")], None),
        ([visit(AT + DAY)], None),
        ([], None),
        ([None], None),
    ],
)
def test_engagement_that_returns_ends_the_hold(activities: list[Activity | None], days: list[tuple[str, str, int]] | None) -> None:
    """LC-7: as soon as it returns, and the earliest wins: nothing else of the hold is due from then on."""
    expected = days or [
        ("2026-01-19", "re_engage", 1),
        ("2026-02-02", "re_engage", 2),
        ("2026-02-16", "re_engage", 3),
        ("2026-03-02", "re_engage", 4),
        ("2026-03-06", "re_score", 1),
    ]
    dues = recycling.due(RULES, [held()], view_of=lambda _: seen(AT, *activities), at=AT)
    assert said(dues) == expected


def test_what_is_due_at_the_very_instant_of_the_return_is_not_due_any_more() -> None:
    midnight = datetime(2026, 1, 19, tzinfo=UTC)
    before, after = visit(midnight - timedelta(microseconds=1)), visit(midnight + timedelta(microseconds=1))
    for activity, kinds in ((visit(midnight), ["reactivate"]), (before, ["reactivate"]), (after, ["re_engage", "reactivate"])):

        def view_of(_: Record, activity: Activity = activity) -> View:
            return seen(AT, activity)

        assert [one.kind for one in recycling.due(RULES, [held()], view_of=view_of, at=AT)] == kinds


def test_a_return_says_what_it_saw_and_when() -> None:
    (due,) = recycling.due(RULES, [held()], view_of=lambda _: seen(AT, visit(MONDAY + 3 * DAY, kind="reply")), at=AT)
    assert (due.at, due.rule) == (MONDAY + 3 * DAY, "recycling.holds[nurture].reactivate")
    assert [(one.name, one.value) for one in due.reason.saw][2:] == [("activity", "reply"), ("activity_at", MONDAY + 3 * DAY)]


def test_a_return_that_is_logged_late_is_due_when_it_is_known() -> None:
    """LC-7, FD-2: the reply of the 8th was logged on the 21st; until then the hold went on, and what it listed stays listed."""
    replied, logged = MONDAY + 3 * DAY, MONDAY + 16 * DAY
    late = visit(replied, kind="reply", logged=logged)
    (engaged, returned) = recycling.due(RULES, [held()], view_of=lambda _: seen(AT, late), at=AT)
    assert (engaged.kind, engaged.day) == ("re_engage", date(2026, 1, 19))
    assert (returned.kind, returned.at, returned.day) == ("reactivate", logged, date(2026, 1, 21))
    assert [(one.name, one.value) for one in returned.reason.saw][2:] == [("activity", "reply"), ("activity_at", replied)]
    for at, kinds in ((logged - timedelta(microseconds=1), []), (logged, ["reactivate"])):

        def view_of(_: Record, at: datetime = at) -> View:
            return seen(at, late)

        found = recycling.due(RULES, [held()], view_of=view_of, at=at, since=MONDAY + 15 * DAY)
        assert [one.kind for one in found] == kinds


def test_an_activity_that_is_dated_ahead_of_its_log_counts_from_when_it_happened() -> None:
    """A clock of another system that runs behind: nothing returns before it happened."""
    early = visit(MONDAY + 3 * DAY, logged=MONDAY + 2 * DAY)
    assert [one.at for one in recycling.due(RULES, [held()], view_of=lambda _: seen(AT, early), at=AT)] == [early.at]


def test_of_several_activities_the_one_that_was_known_last_completes_the_number() -> None:
    rules = compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "reactivate": {"kinds": ["visit"]}, "reactivate_at": 2}])
    first, second = visit(MONDAY + 3 * DAY, logged=MONDAY + 20 * DAY), visit(MONDAY + 9 * DAY, "b")
    (returned,) = recycling.due(rules, [held()], view_of=lambda _: seen(AT, first, second), at=AT)
    assert (returned.at, returned.reason.saw[-1].value) == (MONDAY + 20 * DAY, first.at)


def test_a_policy_may_ask_for_more_than_one_activity() -> None:
    rules = compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "reactivate": {"kinds": ["visit"]}, "reactivate_at": 2}])
    once, twice = visit(MONDAY + 3 * DAY), visit(MONDAY + 9 * DAY, "b")
    assert recycling.due(rules, [held()], view_of=lambda _: seen(AT, once), at=AT) == ()
    assert [one.at for one in recycling.due(rules, [held()], view_of=lambda _: seen(AT, twice, once), at=AT)] == [twice.at]


def test_what_returned_engagement_is_may_be_asked_of_the_catalogue() -> None:
    """SC-8, LC-7: each hold has a filter of its own."""
    questions = Questions(Catalogue.of([Touchpoint(id="pricing", stage="selection", contents=("pricing",), depth=3)]))
    holds = [
        {"id": "warm", "stages": ["RECYCLED"], "reactivate": {"depth_at_least": 3}},
        {"id": "cold", "stages": ["PASSIVE"], "reactivate": {"kinds": ["reply"], "channels": ["email"]}},
    ]
    rules = recycling.compile(RecyclingDocument.model_validate({"holds": holds}), WORDS, questions)
    blog = Activity(id="a", kind="page_view", at=MONDAY + DAY, content="blog")
    pricing = Activity(id="b", kind="page_view", at=MONDAY + 2 * DAY, content="pricing")
    chat, email = (Activity(id=name, kind="reply", at=MONDAY + 3 * DAY, channel=name) for name in ("chat", "email"))
    for stage, returned in (("RECYCLED", pricing.at), ("PASSIVE", email.at)):
        dues = recycling.due(rules, [lead((stage, MONDAY, {}))], view_of=lambda _: seen(AT, blog, pricing, chat, email), at=AT)
        assert [one.at for one in dues] == [returned]


def test_the_lead_is_asked_for_only_where_a_rule_needs_it() -> None:
    asked: list[str] = []

    def view_of(record: Record) -> None:
        asked.append(record.id)

    records = [held(), lead(("DISQUALIFIED", MONDAY, {"rule": "no_budget"}), name="L-2"), lead(("MQL", MONDAY, {}), name="L-3")]
    recycling.due(RULES, records, view_of=view_of, at=AT)
    assert asked == ["L-1", "L-3"]
    asked.clear()
    recycling.due(compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "re_score_after_days": 9}]), [held()], view_of=view_of, at=AT)
    assert asked == []


def test_a_view_from_later_would_look_ahead() -> None:
    """FD-2; a view from before is what was known then."""
    with pytest.raises(FactError, match=r"^view_of: saw L-1 as seen at .*, expected a view from 2026-03-26T10:00:00\+00:00 or before"):
        recycling.due(RULES, [held()], view_of=lambda _: seen(AT + DAY), at=AT)
    earlier = seen(MONDAY + DAY, visit(MONDAY + 3 * DAY))
    assert [one.kind for one in recycling.due(RULES, [held()], view_of=lambda _: earlier, at=MONDAY + 15 * DAY)] == ["re_engage"]


# What is handed over.


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            held(),
            "records: saw Record Record('L-1', 'lead', stage='RECYCLED', since=2026-01-05T10:00:00Z, entri..., expected a list of records.",
        ),
        ({"L-1": held()}, "records: saw a table of 1, expected a list of records. Pass [record] for one, or .values() of a table."),
        ("L-1", "records: saw 'L-1', expected a list of records."),
        ([held(), "L-1"], "records[1]: saw 'L-1', expected a Record. `lifecycle.start` makes one, and `history.restored` reads one."),
    ],
)
def test_what_is_no_list_of_records_is_refused(records: Any, message: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(FactError) as raised:
        recycling.due(RULES, records, view_of=nobody, at=AT)
    assert str(raised.value).startswith(message)


def test_records_of_machines_about_something_else_never_come_back() -> None:
    """LC-7: a stage of a deal may have the name of a stage of a lead."""
    deal = Record("D-1", "opportunity", held().entries)
    assert recycling.due(RULES, [deal], view_of=nobody, at=AT) == ()
    assert recycling.schedule(RULES, deal, after=MONDAY, until=AT) == ()
    gone = lead(("DISQUALIFIED", MONDAY, {"rule": "no_budget"}))
    assert recycling.reopens_on(RULES, Record("D-1", "opportunity", gone.entries), at=AT) is None
    document = RecyclingDocument.model_validate({**SHIPPED, "about": "deal"})
    rules = recycling.compile(document, WORDS, Questions(), ["new_business", "opportunity"])
    assert {one.record for one in recycling.due(rules, [deal, held()], view_of=nobody, at=AT)} == {"D-1"}


# Monthly re-scores.


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (datetime(2026, 1, 31, 10, tzinfo=UTC), ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (datetime(2024, 1, 30, 10, tzinfo=UTC), ["2024-02-29", "2024-03-30", "2024-04-30", "2024-05-30"]),
        (datetime(2026, 2, 28, 10, tzinfo=UTC), ["2026-03-28", "2026-04-28", "2026-05-28", "2026-06-28"]),
    ],
)
def test_a_t3_is_re_scored_monthly_from_its_anchor(start: datetime, days: list[str]) -> None:
    """LC-8, TI-1: calendar months, chained from the anchor and never step by step."""
    record = lead(("LEAD", start - DAY, {}), ("MQL", start, {}))
    at = datetime.combine(date.fromisoformat(days[-1]), time(), UTC)
    dues = recycling.due(RULES, [record], view_of=lambda _: seen(at, tier="T3"), at=at)
    assert [one.day.isoformat() for one in dues] == days
    assert {(one.kind, one.rule) for one in dues} == {("re_score", "recycling.re_scores[t3]")}
    assert [one.number for one in dues] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("stage", "derived", "times"),
    [
        ("MQL", {"tier": "T3"}, 2),
        ("MQL", {"tier": "T1"}, 0),
        ("MQL", {}, 0),  # unknown is not yes
        ("LEAD", {"tier": "NURTURE", "tier_reason": "low_intent"}, 2),
        ("LEAD", {"tier": "NURTURE", "tier_reason": "low_fit"}, 0),
        ("LEAD", {"tier": "T3"}, 2),
        ("SUBSCRIBER", {"tier": "T3"}, 2),
        ("SAL", {"tier": "T3"}, 0),
    ],
)
def test_low_intent_is_re_scored_as_t3_is_and_nobody_else(stage: str, derived: dict[str, str], times: int) -> None:
    """TI-2 ▲: only where the condition is surely true."""
    dues = recycling.due(RULES, [lead((stage, MONDAY, {}))], view_of=lambda _: seen(AT, **derived), at=AT)
    assert len(dues) == times
    assert recycling.due(RULES, [lead((stage, MONDAY, {}))], view_of=nobody, at=AT) == ()


def test_a_re_score_says_what_its_condition_saw() -> None:
    (first, *_) = recycling.due(RULES, [lead(("MQL", MONDAY, {}))], view_of=lambda _: seen(AT, tier="T3"), at=AT)
    assert [(one.name, one.value) for one in first.reason.saw][2:] == [("tier", "T3"), ("asked", 'tier equals "T3"')]


def test_a_personal_fact_of_a_condition_is_not_shown() -> None:
    row = {"id": "ours", "stages": ["MQL"], "when": {"op": "known", "fact": "email"}, "every_months": 1}
    view = View(Lead(id="L-1", email="ana@acme.example"), AT)
    (first, *_) = recycling.due(compiled(re_scores=[row]), [lead(("MQL", MONDAY, {}))], view_of=lambda _: view, at=AT)
    assert "ana@" not in repr(first)
    assert "ana@" not in json.dumps(first.to_dict(redact=True))
    assert "ana@" in json.dumps(first.to_dict())


# Disqualifications.


@pytest.mark.parametrize(
    ("rule", "start", "day"),
    [
        ("no_budget", "2026-01-31", date(2027, 1, 31)),
        ("no_budget", "2024-02-29", date(2025, 2, 28)),
        ("happy_with_competitor", "2026-03-02", date(2027, 3, 2)),
        ("long_timeline", "2026-08-31", date(2028, 2, 29)),
        ("long_timeline", "2026-03-02", date(2027, 9, 2)),
        ("not_involved", "2026-03-02", None),
        ("unheard_of", "2026-03-02", None),
        (None, "2026-03-02", None),
    ],
)
def test_a_disqualification_may_be_reopened_after_its_months(rule: str | None, start: str, day: date | None) -> None:
    """LC-6 ▲: calendar months, 12 or 18, none for who is not involved in buying."""
    at = datetime.fromisoformat(f"{start}T10:00:00+00:00")
    record = lead(("DISQUALIFIED", at, {} if rule is None else {"rule": rule}))
    assert recycling.reopens_on(RULES, record, at=at) == day
    dues = recycling.due(RULES, [record], view_of=nobody, at=datetime(2040, 1, 1, tzinfo=UTC))
    assert [(one.kind, one.day) for one in dues] == ([] if day is None else [("reopen_possible", day)])
    assert record.stage == "DISQUALIFIED"
    for one in dues:
        assert one.rule == f"recycling.reopenings[{rule}]"
        assert [(seen.name, seen.value) for seen in one.reason.saw][2:] == [("rule", rule)]


def test_only_who_is_disqualified_may_be_reopened() -> None:
    """LC-6: the rule of an earlier disqualification is past."""
    record = lead(("DISQUALIFIED", MONDAY, {"rule": "no_budget"}), ("LEAD", MONDAY + DAY, {"rule": "no_budget"}))
    assert recycling.reopens_on(RULES, record, at=MONDAY) == date(2027, 1, 5)
    assert recycling.reopens_on(RULES, record, at=MONDAY + DAY) is None
    assert recycling.reopens_on(RULES, record, at=MONDAY - DAY) is None
    assert recycling.due(RULES, [record], view_of=nobody, at=MONDAY + 900 * DAY) == ()


def test_names_of_stages_and_data_are_the_policys() -> None:
    rules = compiled(disqualified="OUT", rule_name="why")
    assert recycling.reopens_on(rules, lead(("OUT", MONDAY, {"why": "no_budget"})), at=MONDAY) == date(2027, 1, 5)
    assert recycling.reopens_on(rules, lead(("DISQUALIFIED", MONDAY, {"rule": "no_budget"})), at=MONDAY) is None


# Schedules, and the earliest of several.


def test_a_schedule_is_what_lies_ahead_if_nothing_happens() -> None:
    after = datetime(2026, 2, 2, tzinfo=UTC)
    ahead = recycling.schedule(RULES, held(), after=after, until=datetime(2026, 3, 6, tzinfo=UTC))
    assert said(ahead) == [("2026-02-16", "re_engage", 3), ("2026-03-02", "re_engage", 4), ("2026-03-06", "re_score", 1)]
    assert recycling.schedule(RULES, held(), after=MONDAY - DAY, until=AT) == ()
    assert recycling.schedule(RULES, held(), after=AT, until=MONDAY) == ()


def test_a_schedule_stands_on_the_stage_of_its_instant() -> None:
    moved = lead(("RECYCLED", MONDAY, {}), ("LEAD", MONDAY + 20 * DAY, {}))
    assert len(recycling.schedule(RULES, moved, after=MONDAY, until=AT)) == 5
    assert recycling.schedule(RULES, moved, after=MONDAY + 20 * DAY, until=AT) == ()


def test_a_schedule_sees_what_the_view_shows_and_foresees_no_engagement() -> None:
    returned = seen(MONDAY + 5 * DAY, visit(MONDAY + 3 * DAY))
    assert recycling.schedule(RULES, held(), after=MONDAY + 5 * DAY, until=AT, view=returned) == ()
    later = seen(MONDAY + 5 * DAY, visit(MONDAY + 6 * DAY))
    assert len(recycling.schedule(RULES, held(), after=MONDAY + 5 * DAY, until=AT, view=later)) == 5
    t3 = lead(("MQL", MONDAY, {}))
    assert recycling.schedule(RULES, t3, after=MONDAY, until=AT) == ()
    assert said(recycling.schedule(RULES, t3, after=MONDAY, until=AT, view=seen(MONDAY, tier="T3"))) == [
        ("2026-02-05", "re_score", 1),
        ("2026-03-05", "re_score", 2),
    ]


def test_the_earliest_of_a_record_wins() -> None:
    """LC-7 ▲: one line a record; at one instant a return before a re-score before a re-engagement."""
    rules = compiled(re_scores=[{"id": "all", "stages": ["RECYCLED"], "when": {"op": "always"}, "every_months": 1}])
    tied = datetime(2026, 2, 2, 10, tzinfo=UTC)  # re-engaged on 16 February and 2 March, re-scored on 2 March
    dues = recycling.due(
        rules,
        [held(tied, "L-1"), held(tied - DAY, "L-2")],
        view_of=lambda _: seen(tied + 28 * DAY),
        at=tied + 28 * DAY,
        since=tied + 15 * DAY,
    )
    assert [(one.record, one.kind, one.day.isoformat()) for one in dues] == [
        ("L-2", "re_score", "2026-03-01"),
        ("L-2", "re_engage", "2026-03-01"),
        ("L-1", "re_score", "2026-03-02"),
        ("L-1", "re_engage", "2026-03-02"),
    ]
    assert [(one.record, one.kind) for one in recycling.soonest(reversed(dues))] == [("L-2", "re_score"), ("L-1", "re_score")]


# The ends of the calendar.

END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "data", "start", "kinds"),
    [
        ("RECYCLED", {}, datetime(9999, 12, 1, tzinfo=UTC), ["re_engage", "re_engage"]),
        ("RECYCLED", {}, datetime(9999, 12, 31, 23, 59, tzinfo=UTC), []),
        ("RECYCLED", {}, datetime(9999, 11, 1, 12, tzinfo=UTC), ["re_engage"] * 4 + ["re_score"]),
        ("MQL", {}, datetime(9999, 11, 15, tzinfo=UTC), ["re_score"]),
        ("DISQUALIFIED", {"rule": "no_budget"}, datetime(9998, 12, 31, tzinfo=UTC), ["reopen_possible"]),
        ("DISQUALIFIED", {"rule": "no_budget"}, datetime(9999, 1, 1, tzinfo=UTC), []),
        ("RECYCLED", {}, datetime(1, 1, 1, tzinfo=UTC), ["re_engage"] * 4 + ["re_score"]),
    ],
)
def test_nothing_is_due_beyond_the_last_day(stage: str, data: dict[str, str], start: datetime, kinds: list[str]) -> None:
    dues = recycling.due(RULES, [lead((stage, start, data))], view_of=lambda _: seen(start, tier="T3"), at=END)
    assert [one.kind for one in dues] == kinds


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("stage", ["RECYCLED", "MQL", "DISQUALIFIED"])
@pytest.mark.parametrize(
    "start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9998, 12, 30, 12, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
)
def test_the_ends_of_the_calendar_are_no_error_in_any_zone(name: str, stage: str, start: datetime) -> None:
    """Fourteen hours before UTC and eleven behind, where the date there does not exist."""
    rules = compiled(zone=name, re_scores=[{"id": "yearly", "stages": ["MQL"], "when": {"op": "always"}, "every_months": 12 * 50}])
    dues = recycling.due(rules, [lead((stage, start, {"rule": "no_budget"}))], view_of=lambda _: seen(start), at=END)
    assert all(start < one.at <= END for one in dues)
    assert bool(dues) is (start.year < 9999 and not (stage == "MQL" and start.year > 1))


# Documents.


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"holds": [{"id": "x", "stages": ["A"], "re_engage_every_days": 6}]},
            "holds[x].re_engage_every_days: saw 6, expected at least 7.",
        ),
        (
            {"holds": [{"id": "x", "stages": ["A"], "re_engage_every_days": 15}]},
            "holds[x].re_engage_every_days: saw 15, expected at most 14.",
        ),
        (
            {"holds": [{"id": "x", "stages": [], "re_score_after_days": 60}]},
            "holds[x].stages: saw a list of 0, expected at least 1 row(s).",
        ),
        (
            {"holds": [{"id": "x", "stages": ["A"]}]},
            "holds[x].re_score_after_days: saw nothing, expected re_engage_every_days, re_score_after_days or reactivate. "
            "Nobody would ever come back.",
        ),
        (
            {"holds": [{"id": "x", "stages": ["A"], "re_engage_every_days": 7, "repeats": True}]},
            "holds[x].repeats: saw true, expected false where nothing is re-scored. Add re_score_after_days.",
        ),
        (
            {"holds": [{"id": name, "stages": ["A"], "re_score_after_days": 60} for name in "xy"]},
            "holds[y].stages: saw A, which x holds too, expected a stage in one hold. Remove it from one of them.",
        ),
        (
            {"holds": [{"id": "x", "stages": ["A"], "reactivate": {}, "reactivate_at": 0}]},
            "holds[x].reactivate_at: saw 0, expected at least 1.",
        ),
        ({"zone": "Berlin"}, "zone: saw 'Berlin', expected the name of an IANA time zone."),
        ({"re_scores": [{"id": "x", "stages": ["A"], "when": {"op": "always"}, "every_months": 0}]}, "re_scores[x].every_months: saw 0"),
        ({"reopenings": [{"id": "x", "after_months": 1.5}]}, "reopenings[x].after_months: saw 1.5, expected a whole number."),
        ({"reopenings": [{"id": "x"}, {"id": "x"}]}, "reopenings[x]: saw 'x' twice"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(more: dict[str, Any], said: str) -> None:
    """LC-7: every 7 to 14 days."""
    with pytest.raises(PolicyError) as raised:
        RecyclingDocument.model_validate({**SHIPPED, **more})
    assert said in str(raised.value)


@pytest.mark.parametrize("days", [7, 14])
def test_both_ends_of_one_to_two_weeks_are_allowed(days: int) -> None:
    hold = {"id": "x", "stages": ["A"], "re_engage_every_days": days}
    assert RecyclingDocument.model_validate({"holds": [hold]}).holds[0].re_engage_every_days == days


def test_a_stage_named_twice_in_one_hold_is_held_once() -> None:
    rules = compiled(holds=[{"id": "x", "stages": ["RECYCLED", "RECYCLED"], "re_score_after_days": 7}])
    assert len(recycling.due(rules, [held()], view_of=nobody, at=AT)) == 1


def test_a_condition_that_names_no_fact_is_refused() -> None:
    row = {"id": "x", "stages": ["A"], "when": {"op": "known", "fact": "teir"}, "every_months": 1}
    with pytest.raises(PolicyError, match="no fact called 'teir'"):
        compiled(re_scores=[row])


# Names.

STAGES = ["SUBSCRIBER", "LEAD", "MQL", "RECYCLED", "DISQUALIFIED"]
SAYS = {"rule": ["no_budget", "long_timeline", "happy_with_competitor", "not_involved"], "into": []}


@pytest.mark.parametrize(
    ("more", "stages", "says", "problems"),
    [
        ({}, STAGES, SAYS, []),
        ({}, [], SAYS, ["recycling.about: saw 'lead', expected what a machine of the lifecycle is about. Add one, or change about."]),
        (
            {"holds": [{"id": "x", "stages": ["RECYCLED", "PARKED"], "re_score_after_days": 60}]},
            STAGES,
            SAYS,
            [
                "recycling.holds[x].stages[1]: saw 'PARKED', expected one of DISQUALIFIED, LEAD, MQL, RECYCLED, SUBSCRIBER. "
                "Add it to the lifecycle."
            ],
        ),
        (
            {"re_scores": [{"id": "x", "stages": ["MQLS"], "when": {"op": "always"}, "every_months": 1}]},
            STAGES,
            SAYS,
            [
                "recycling.re_scores[x].stages[0]: saw 'MQLS', expected one of DISQUALIFIED, LEAD, MQL, RECYCLED, SUBSCRIBER. "
                'Did you mean "MQL"?'
            ],
        ),
        (
            {"disqualified": "OUT", "rule_name": "rules"},
            STAGES,
            SAYS,
            [
                "recycling.disqualified: saw 'OUT', expected one of DISQUALIFIED, LEAD, MQL, RECYCLED, SUBSCRIBER. "
                "Add it to the lifecycle.",
                "recycling.rule_name: saw 'rules', expected one of into, rule. Did you mean \"rule\"?",
            ],
        ),
        ({"disqualified": "OUT", "rule_name": "rules", "reopenings": []}, STAGES, SAYS, []),
        (
            {"reopenings": [{"id": "no_buget"}]},
            STAGES,
            {"rule": ["no_budget", "not_involved"]},
            ["recycling.reopenings[no_buget].id: saw 'no_buget', expected one of no_budget, not_involved. Did you mean \"no_budget\"?"],
        ),
        ({"reopenings": [{"id": "no_buget"}]}, STAGES, {"rule": []}, []),
    ],
)
def test_names_that_the_lifecycle_has_not_are_strangers(
    more: dict[str, Any], stages: list[str], says: dict[str, list[str]], problems: list[str]
) -> None:
    """LC-6, LC-7: a misspelt stage would hold nobody, and a misspelt rule reopen nobody, without a word."""
    document = RecyclingDocument.model_validate({**SHIPPED, **more})
    assert [str(problem) for problem in recycling.strangers(document, stages, says)] == problems


def test_the_problems_of_a_section_are_told_under_its_path() -> None:
    (problem,) = recycling.strangers(RULES.document, [], {}, "policy.recycling")
    assert problem.path == "policy.recycling.about"


# Laws.

STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo"])
HOLDS = st.fixed_dictionaries(
    {
        "re_engage_every_days": st.none() | st.integers(7, 14),
        "re_score_after_days": st.integers(1, 90),
        "repeats": st.booleans(),
    }
)


def by_hand(hold: dict[str, Any], start: date, last: date) -> list[tuple[date, str]]:
    """The dates of a hold, day by day."""
    found, begin, day = [], start, start
    while day < last:
        day += DAY
        gone = (day - begin).days
        if gone == hold["re_score_after_days"]:
            found.append((day, "re_score"))
            if not hold["repeats"]:
                return found
            begin = day
        elif hold["re_engage_every_days"] and gone % hold["re_engage_every_days"] == 0:
            found.append((day, "re_engage"))
    return found


@given(HOLDS, STARTS, ZONES, st.integers(0, 300))
def test_the_dates_of_a_hold_are_those_counted_by_hand(hold: dict[str, Any], start: datetime, name: str, days: int) -> None:
    """LC-7, CD-8: rrule against a walk over the days."""
    at = start + days * DAY
    rules = compiled(zone=name, holds=[{"id": "ours", "stages": ["RECYCLED"], **hold}])
    where = zone(name)
    expected = by_hand(hold, start.astimezone(where).date(), at.astimezone(where).date())
    assert [(one.day, one.kind) for one in recycling.due(rules, [held(start)], view_of=nobody, at=at)] == expected


@given(HOLDS, STARTS, st.lists(st.integers(0, 200 * 24), min_size=2, max_size=6, unique=True), st.integers(-50, 250))
def test_runs_whose_ends_meet_list_each_date_exactly_once(hold: dict[str, Any], start: datetime, hours: Sequence[int], back: int) -> None:
    """LC-7: whatever the rhythm of the runs, and whenever engagement returned."""
    rules = compiled(holds=[{"id": "ours", "stages": ["RECYCLED"], "reactivate": {}, **hold}])
    record, ends = held(start), sorted(start + timedelta(hours=hour) for hour in hours)
    activity = visit(start + timedelta(hours=24 * back + 1))

    def run(since: datetime, at: datetime) -> tuple[Due, ...]:
        return recycling.due(rules, [record], view_of=lambda _: seen(at, activity), at=at, since=since)

    parts = [one for since, at in pairwise(ends) for one in run(since, at)]
    assert parts == list(run(ends[0], ends[-1]))
    assert all(ends[0] < one.at <= ends[-1] for one in parts)


@given(st.lists(st.tuples(STARTS, st.sampled_from(["RECYCLED", "MQL", "LEAD", "DISQUALIFIED", "SAL"])), max_size=6), STARTS)
def test_the_order_of_the_records_never_matters(steps: list[tuple[datetime, str]], at: datetime) -> None:
    """FD-4: by instant, then by record."""
    records = [lead((stage, start, {"rule": "no_budget"}), name=f"L-{number}") for number, (start, stage) in enumerate(steps)]

    def view_of(_: Record) -> View:
        return seen(at, tier="T3", tier_reason="low_intent")

    dues = recycling.due(RULES, records, view_of=view_of, at=at)
    assert recycling.due(RULES, records[::-1], view_of=view_of, at=at) == dues
    assert [one.at for one in dues] == sorted(one.at for one in dues)
    assert len({(one.record, one.rule, one.number) for one in dues}) == len(dues)
    assert all(one.since <= one.at <= at for one in dues)


@given(STARTS, st.integers(0, 800), st.integers(0, 800), st.sampled_from(["RECYCLED", "MQL", "DISQUALIFIED"]))
def test_what_is_scheduled_comes_due(start: datetime, days: int, more: int, stage: str) -> None:
    """A schedule is the list that a later run gives, if nothing happens."""
    record = lead((stage, start, {"rule": "long_timeline"}))
    after, until = start + days * DAY, start + (days + more) * DAY
    ahead = recycling.schedule(RULES, record, after=after, until=until, view=seen(after, tier="T3"))
    assert ahead == recycling.due(RULES, [record], view_of=lambda _: seen(until, tier="T3"), at=until, since=after)


@given(STARTS, st.integers(1, 60 * 24), st.integers(0, 60 * 24), st.integers(0, 23), ZONES)
def test_daily_runs_list_a_return_once_however_late_it_was_logged(start: datetime, after: int, delay: int, hour: int, name: str) -> None:
    """LC-7: on the day on which it was known; nothing of the hold is listed from then on, and what was listed before stands."""
    rules = compiled(zone=name)
    record = held(start)
    happened = start + timedelta(hours=after)
    late = visit(happened, logged=happened + timedelta(hours=delay))
    assert late.recorded_at is not None
    listed: list[Due] = []
    since = start
    for day in range(1, 125):
        at = start + day * DAY + timedelta(hours=hour)
        known = [late] if late.recorded_at <= at else []
        listed += recycling.due(rules, [record], view_of=lambda _, at=at, known=known: seen(at, *known), at=at, since=since)  # type: ignore[misc]  # mypy cannot tell the types of a lambda's defaults
        since = at
    assert [one.at for one in listed if one.kind == "reactivate"] == [late.recorded_at]
    assert listed == list(recycling.due(rules, [record], view_of=lambda _: seen(since, late), at=since))
    assert all(one.at <= late.recorded_at for one in listed)


def test_lc8_scores_are_reviewed_every_quarter() -> None:
    """Calendar months, counted from the start; ties by id."""
    document = Policy().recycling
    assert [(row.id, row.every_months) for row in document.reviews] == [("scoring", 3)]
    assert recycling.reviews(document, start=date(2026, 1, 15), until=date(2026, 10, 14)) == (
        (date(2026, 4, 15), "scoring"),
        (date(2026, 7, 15), "scoring"),
    )
    both = changed(Policy(), {"recycling.reviews": [{"id": name, "every_months": 6} for name in ("b", "a")]}).recycling
    assert [name for _, name in recycling.reviews(both, start=date(2026, 1, 1), until=date(2026, 7, 1))] == ["a", "b"]
    assert recycling.reviews(document, start=date(2026, 1, 1), until=date(2025, 1, 1)) == ()
