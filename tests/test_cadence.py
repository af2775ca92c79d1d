"""Which touches, and when: every rule of CA and CD with its own table, and the worked examples (E59 to E70, X19, X20)."""

import json
import pickle
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine.cadence import follow_ups, next_step, plan, prospect, replan
from inbound_engine.calendars import Zones
from inbound_engine.decisions import Seen
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Lead, Outreach
from inbound_engine.hours import Calendar
from inbound_engine.plans import AutoReply, Exit, Happening, Note, Plan, Prospect, Touch, tasks
from inbound_engine.sequences import Rules
from inbound_engine.spans import parse_instant, zone
from tests.cadences import HOURS, in_berlin, made, named, rules, shipped, somebody, timetable, touch, two_calls
from tests.places import CASES, needs_cases

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TUESDAY = in_berlin("2024-01-09 10:00")
BERLIN_OFFICE = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")


def planned(rules: Rules, arrival: datetime = TUESDAY, who: Prospect | None = None, **more: Any) -> Plan:  # noqa: ANN401 - as plan takes them
    """The plan of the one sequence of those rules."""
    return plan(rules, rules.document.sequences[0], who or somebody(), arrival=arrival, **more)


def t1(arrival: str = "2024-01-09 10:02:30", who: Prospect | None = None, **changes: object) -> Plan:
    """The shipped T1 sequence."""
    rules = shipped(**changes)
    return plan(rules, named(rules, "T1"), who or somebody(), arrival=in_berlin(arrival))


def noted(plan: Plan) -> list[tuple[str, str]]:
    return [(note.step, note.code) for note in plan.notes]


T1_TOUCHES = [
    "call-0 2024-01-09 10:02:30",
    "confirm-0 2024-01-09 10:02:30",
    "email-1 2024-01-10 10:00",
    "call-3 2024-01-12 12:00",
    "email-3 2024-01-12 12:00",
    "breakup-5 2024-01-16 10:00",
    "nurture-7 2024-01-18 09:00",
]


# ------------------------------------------------------------------------------------------------------- worked examples


def cases() -> list[Any]:
    file = CASES / "time.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    found = [pytest.param(row["args"], row["answer"], id=f"{row['id']}: {row['text']}") for row in rows if row["op"] == "cadence"]
    return found or [pytest.param(None, None, id="no cases")]


@needs_cases
@pytest.mark.parametrize(("args", "answer"), cases())
def test_the_worked_examples_come_out_as_they_were_computed(args: Any, answer: Any) -> None:  # noqa: ANN401 - rows of the file
    """E59 to E70, over the shipped sequences (CD-1, CD-2)."""
    rules = shipped(day_basis=args["day_basis"])
    rep = args["rep"] and Calendar(
        args["rep"]["zone"], {int(day): [tuple(span) for span in spans] for day, spans in args["rep"]["weekly"].items()}
    )
    found = plan(
        rules,
        named(rules, {"T1": "T1", "GENERAL": "general"}[args["template"]]),
        somebody(*args["zones"], holidays=map(date.fromisoformat, args["holidays"]), suppressed=frozenset(args["suppressed"])),
        arrival=parse_instant(args["arrival"]),
        rep=rep,
    )
    assert [(touch.step, touch.at) for touch in found.touches] == [(step, parse_instant(at)) for step, at in answer["touches"]]
    assert {step: code.replace("_", " ") for step, code in noted(found)} == {
        step: {"daypart waived": "daypart waived", "suppressed": "suppressed"}[text] for step, text in answer["notes"].items()
    }


@needs_cases
def test_there_are_twelve_worked_examples() -> None:
    """E59 to E70."""
    assert len(cases()) == 12


def test_a_reply_at_the_instant_of_a_touch_cancels_it() -> None:
    """X20, CA-15: call-3 and email-3 were due at that instant; email-1, made on Wednesday, stands."""
    friday_noon = in_berlin("2024-01-12 12:00")
    done = [
        made("call-0", in_berlin("2024-01-09 10:03")),
        made("confirm-0", in_berlin("2024-01-09 10:02:30"), "email"),
        made("email-1", in_berlin("2024-01-10 10:00"), "email"),
    ]
    again = replan(t1(), done, [Exit("r", friday_noon, "reply")], at=friday_noon)
    assert timetable(again) == ["confirm-0 2024-01-09 10:02:30", "call-0 2024-01-09 10:03", "email-1 2024-01-10 10:00"]
    assert noted(again) == [(step, "cancelled") for step in ("call-3", "email-3", "breakup-5", "nurture-7")]


def test_follow_ups_of_the_last_of_january() -> None:
    """X19, CA-18: calendar days, then forward to a business date; the 30th day is Friday 1 March, the 60th Easter Monday, at work here."""
    rules = shipped()
    assert follow_ups(rules, BERLIN_OFFICE, date(2024, 1, 31)) == (date(2024, 3, 1), date(2024, 4, 1), date(2024, 4, 30))


@pytest.mark.parametrize(
    ("calendar", "day", "days", "dates"),
    [
        (BERLIN_OFFICE, date(2024, 1, 31), 60, [date(2024, 4, 1)]),
        (Calendar.weekdays("Europe/Berlin", holidays=[date(2024, 4, 1)]), date(2024, 1, 31), 60, [date(2024, 4, 2)]),
        (BERLIN_OFFICE, date(2024, 1, 4), 30, [date(2024, 2, 5)]),  # the 30th day is a Saturday
        (Calendar.always(), date(2024, 1, 4), None, [date(2024, 2, 3), date(2024, 3, 4), date(2024, 4, 3)]),
    ],
)
def test_a_follow_up_falls_on_a_business_date(calendar: Calendar, day: date, days: int | None, dates: list[date]) -> None:
    """CA-18, CD-4."""
    assert list(follow_ups(shipped(), calendar, day, days)) == dates


def test_a_follow_up_that_cannot_be_is_refused() -> None:
    """CA-18: days that the policy does not have, a calendar that never opens again."""
    with pytest.raises(FactError, match="days: saw 45, expected one of 30, 60, 90"):
        follow_ups(shipped(), BERLIN_OFFICE, date(2024, 1, 31), 45)
    with pytest.raises(FactError, match="days: saw 30, expected one of nothing: there are none"):
        follow_ups(shipped(follow_up_days=[]), BERLIN_OFFICE, date(2024, 1, 31), 30)
    once = Calendar("Europe/Berlin", {}, overrides={date(2024, 1, 31): [(540, 600)]})
    with pytest.raises(FactError, match="calendar: saw no opening after 2024-03-01, expected a calendar that opens"):
        follow_ups(shipped(), once, date(2024, 1, 31))


# ------------------------------------------------------------------------------------------------- where, and on which date


@pytest.mark.parametrize(
    ("zones", "source"),
    [
        (Zones((zone("Europe/Berlin"),), "country"), "country"),
        (Zones((zone("Asia/Kolkata"), zone("Europe/Berlin")), "candidates"), "candidates"),
    ],
)
def test_a_plan_keeps_the_zones_and_how_they_are_known(zones: Zones, source: str) -> None:
    """CA-1: the first is the one that is read."""
    found = planned(two_calls(), who=Prospect(lead_id="L-1", zones=zones))
    assert (found.zones, found.to_dict()["zone_source"]) == (zones, source)
    assert {touch.zone for touch in found.touches} == {zones.zones[0]}


@pytest.mark.parametrize(
    ("zones", "arrival", "touches"),
    [
        pytest.param(
            ("Europe/Berlin", "America/New_York"),
            "2024-01-09 10:00",
            ["call-0 2024-01-09 15:00", "call-1 2024-01-10 15:00"],
            id="where both work",
        ),
        pytest.param(
            ("America/New_York", "Europe/Berlin"),
            "2024-01-09 10:00",
            ["call-0 2024-01-09 09:00", "call-1 2024-01-10 09:00"],
            id="read in the first",
        ),
        pytest.param(
            ("Europe/Berlin", "America/New_York"),
            "2024-01-09 17:00",
            ["call-0 2024-01-10 15:00", "call-1 2024-01-11 15:00"],
            id="after one closed",
        ),
    ],
)
def test_an_unknown_zone_waits_until_all_candidates_agree(zones: tuple[str, ...], arrival: str, touches: list[str]) -> None:
    """CA-2."""
    assert timetable(planned(two_calls(), in_berlin(arrival), somebody(*zones))) == touches


def test_zones_without_a_common_hour_leave_every_step_out_but_the_confirmation() -> None:
    """CA-2, CA-13, CA-20: and say so."""
    found = t1(who=somebody("Europe/Berlin", "Pacific/Auckland"))
    assert (timetable(found), found.day0) == (["confirm-0 2024-01-09 10:02:30"], None)
    assert noted(found) == [(step, "no_slot") for step in ("call-0", "email-1", "call-3", "email-3", "breakup-5", "nurture-7")]
    assert found.notes[0].saw == ()


NOWHERE = Prospect(lead_id="L-1", zones=Zones((), "none"))
CHICAGO = Calendar.weekdays("America/Chicago", "08:00", "12:00", holidays=[date(2024, 1, 10)])


def test_without_a_zone_emails_go_by_the_territory_and_calls_are_left_out() -> None:
    """CA-2, CA-3: the territory's holidays count, and the prospect's."""
    rules = shipped()
    found = plan(
        rules,
        named(rules, "T1"),
        Prospect(lead_id="L-1", zones=Zones((), "none"), holidays=[date(2024, 1, 15)]),
        arrival=in_berlin("2024-01-09 10:02:30"),
        territory=CHICAGO,
    )
    assert timetable(found) == [
        "confirm-0 2024-01-09 03:02:30",
        "email-1 2024-01-11 10:00",
        "email-3 2024-01-16 09:00",
        "breakup-5 2024-01-18 10:00",
        "nurture-7 2024-01-22 09:00",
    ]
    assert noted(found) == [("call-0", "no_zone"), ("call-3", "no_zone")]


def test_without_a_zone_and_a_territory_only_the_confirmation_is_left() -> None:
    """CA-2, CA-13: read in the organisation's zone, since somebody has to read it."""
    found = t1(who=NOWHERE)
    assert (timetable(found), found.day0) == (["confirm-0 2024-01-09 09:02:30"], None)
    assert {note.code for note in found.notes} == {"no_zone"}
    assert timetable(t1(who=NOWHERE, confirm="in_hours")) == []


def test_a_territory_is_not_asked_where_the_zone_is_known() -> None:
    """CA-2."""
    assert timetable(planned(two_calls(), territory=CHICAGO)) == ["call-0 2024-01-09 10:00", "call-1 2024-01-10 09:00"]


def test_hours_with_a_zone_of_their_own_are_read_in_it_whatever_the_prospects() -> None:
    """CA-2: dates and times of day stay the prospect's."""
    rules = two_calls(hours="in_new_york")
    assert timetable(planned(rules, who=somebody("Europe/Berlin", "Asia/Kolkata"))) == [
        "call-0 2024-01-09 15:00",
        "call-1 2024-01-10 15:00",
    ]


@pytest.mark.parametrize(
    ("zones", "holidays", "touches"),
    [
        (("Europe/Berlin",), [date(2024, 1, 10)], ["call-0 2024-01-09 10:00", "call-1 2024-01-11 09:00"]),
        (("Europe/Berlin",), [date(2024, 1, 9), date(2024, 1, 11)], ["call-0 2024-01-10 09:00", "call-1 2024-01-12 09:00"]),
        (("Europe/Berlin", "America/New_York"), [date(2024, 1, 10)], ["call-0 2024-01-09 15:00", "call-1 2024-01-11 15:00"]),
    ],
)
def test_holidays_are_the_prospects_in_every_candidate_zone(zones: tuple[str, ...], holidays: list[date], touches: list[str]) -> None:
    """CA-3."""
    assert timetable(planned(two_calls(), who=somebody(*zones, holidays=holidays))) == touches


@pytest.mark.parametrize(
    ("arrival", "day0", "touches"),
    [
        ("2024-01-05 16:59:59.999999", "2024-01-05", ["call-0 2024-01-05 16:59:59.999999", "call-1 2024-01-08 09:00"]),
        ("2024-01-05 17:00", "2024-01-08", ["call-0 2024-01-08 09:00", "call-1 2024-01-09 09:00"]),
        ("2024-01-05 18:30", "2024-01-08", ["call-0 2024-01-08 09:00", "call-1 2024-01-09 09:00"]),
        ("2024-01-09 03:00", "2024-01-09", ["call-0 2024-01-09 09:00", "call-1 2024-01-10 09:00"]),
        ("2024-01-09 08:59:59", "2024-01-09", ["call-0 2024-01-09 09:00", "call-1 2024-01-10 09:00"]),
        ("2024-01-09 09:00", "2024-01-09", ["call-0 2024-01-09 09:00", "call-1 2024-01-10 09:00"]),
    ],
)
def test_day_0_is_the_date_of_the_first_working_instant(arrival: str, day0: str, touches: list[str]) -> None:
    """CA-4."""
    found = planned(two_calls(), in_berlin(arrival))
    assert (str(found.day0), timetable(found)) == (day0, touches)


@pytest.mark.parametrize(
    ("basis", "day", "landed"),
    [
        ("business", 1, "2024-01-10 09:00"),
        ("business", 4, "2024-01-15 09:00"),
        ("business", 10, "2024-01-23 09:00"),
        ("business", 100, "2024-05-28 09:00"),
        ("calendar", 3, "2024-01-12 09:00"),
        ("calendar", 4, "2024-01-15 09:00"),  # a Saturday, rolled forward
        ("calendar", 6, "2024-01-15 09:00"),
        ("calendar", 100, "2024-04-18 09:00"),
    ],
)
def test_a_template_day_is_a_business_date_or_a_date_rolled_forward(basis: str, day: int, landed: str) -> None:
    """CA-5, CD-7."""
    found = planned(rules(touch("a", day), day_basis=basis))
    assert timetable(found) == [f"a {landed}"]


@pytest.mark.parametrize(
    ("step", "not_before", "landed"),
    [
        (touch("a", 0), "12:00", "2024-03-28 10:00"),
        (touch("a", 1), "12:00", "2024-03-29 12:00"),
        (touch("a", 2), "12:00", "2024-04-01 12:00"),  # after the clock was changed
        (touch("a", 2, not_before="16:59"), "12:00", "2024-04-01 16:59"),
        (touch("a", 2, not_before="00:00"), "12:00", "2024-04-01 09:00"),
    ],
)
def test_later_days_wait_for_their_time_of_day_and_day_0_does_not(step: Mapping[str, object], not_before: str, landed: str) -> None:
    """CA-6: read off the wall clock, on whichever date it lands."""
    assert timetable(planned(rules(step, not_before=not_before), in_berlin("2024-03-28 10:00"))) == [f"a {landed}"]


def test_a_time_of_day_after_closing_is_never_found() -> None:
    """CA-6, CA-20: it does not slip to the next morning."""
    found = planned(rules(touch("a", 1, not_before="17:00"), touch("b", 2)))
    assert (timetable(found), noted(found)) == (["b 2024-01-11 09:00"], [("a", "no_slot")])
    assert found.notes[0].saw == (Seen("until", date(2024, 2, 24)),)


# ----------------------------------------------------------------------------------------------------------- hours, order


@pytest.mark.parametrize(
    ("channel", "rep", "touches"),
    [
        pytest.param({"id": "call"}, None, ["a 2024-01-09 10:00", "b 2024-01-10 09:00"], id="working hours alone"),
        pytest.param({"id": "call", "calendar": "mornings"}, None, ["a 2024-01-09 10:00", "b 2024-01-10 09:00"], id="legal in the morning"),
        pytest.param(
            {"id": "call", "calendar": "no_calls_on_wednesday"},
            None,
            ["a 2024-01-09 10:00", "b 2024-01-11 09:00"],
            id="no calls on Wednesday",
        ),
        pytest.param(
            {"id": "call", "calendar": "in_new_york"},
            None,
            ["a 2024-01-09 15:00", "b 2024-01-10 15:00"],
            id="legal hours with a zone of their own",
        ),
        pytest.param(
            {"id": "call", "rep_hours": True}, "America/New_York", ["a 2024-01-09 15:00", "b 2024-01-10 15:00"], id="the rep's too"
        ),
        pytest.param(
            {"id": "call", "rep_hours": False}, "America/New_York", ["a 2024-01-09 10:00", "b 2024-01-10 09:00"], id="not the rep's"
        ),
        pytest.param(
            {"id": "call", "rep_hours": True, "calendar": "mornings"},
            "America/New_York",
            [],
            id="legal in the morning, the rep in the afternoon",
        ),
    ],
)
def test_a_call_also_keeps_to_legal_hours_and_the_reps(channel: Mapping[str, object], rep: str | None, touches: list[str]) -> None:
    """CA-8."""
    calendar = None if rep is None else Calendar.weekdays(rep, "09:00", "17:00")
    assert timetable(planned(rules(touch("a", 0), touch("b", 1), channels=[channel]), rep=calendar)) == touches


def test_legal_hours_hold_in_every_candidate_zone() -> None:
    """CA-2, CA-8: 08:00 to 21:00 in both, whatever the working hours."""
    called = rules(touch("a", 0), hours="always", channels=[{"id": "call", "calendar": "calling_hours"}])
    assert timetable(planned(called, who=somebody("Europe/Berlin", "America/New_York"))) == ["a 2024-01-09 14:00"]


def test_a_slip_pushes_later_steps_only_as_far_as_it_must() -> None:
    """CA-9: the next day still has its own date, and the steps after it keep theirs."""
    slow = planned(rules(touch("a", 0), touch("b", 1), touch("c", 2), touch("d", 5)), in_berlin("2024-01-09 10:00"))
    assert timetable(slow) == ["a 2024-01-09 10:00", "b 2024-01-10 09:00", "c 2024-01-11 09:00", "d 2024-01-16 09:00"]
    late = replan(slow, [made("a", in_berlin("2024-01-10 16:00"))], at=in_berlin("2024-01-10 16:00"))
    assert timetable(late) == ["a 2024-01-10 16:00", "b 2024-01-11 09:00", "c 2024-01-12 09:00", "d 2024-01-16 09:00"]


def test_steps_of_one_day_keep_their_order_and_may_share_an_instant() -> None:
    """CA-9, CA-10: an email after a call that waits for noon waits too."""
    found = planned(rules(touch("a", 0), touch("b", 1, daypart="other"), touch("c", 1, "email"), touch("d", 1, "linkedin")))
    assert timetable(found) == ["a 2024-01-09 10:00", "b 2024-01-10 12:00", "c 2024-01-10 12:00", "d 2024-01-10 12:00"]


def test_different_template_days_fall_on_different_dates() -> None:
    """CA-10: Saturday, Sunday and Monday would all be Monday."""
    found = planned(rules(*(touch(f"a{day}", day) for day in range(5)), day_basis="calendar"), in_berlin("2024-01-05 16:00"))
    assert timetable(found) == [
        "a0 2024-01-05 16:00",
        "a1 2024-01-08 09:00",
        "a2 2024-01-09 09:00",
        "a3 2024-01-10 09:00",
        "a4 2024-01-11 09:00",
    ]


# ----------------------------------------------------------------------------------------------------------- caps, halves


def elsewhere(*touches: tuple[str, str]) -> list[Outreach]:
    """Touches of other cadences: on which channel, when in Berlin."""
    return [made(None, in_berlin(at), channel, f"e-{number}", "L-2") for number, (channel, at) in enumerate(touches)]


CAPPED: list[Mapping[str, object]] = [{"id": "call", "per_date": 2, "per_24_hours": 3}, {"id": "email", "per_date": 1}]


@pytest.mark.parametrize(
    ("before", "landed"),
    [
        pytest.param([], "2024-01-09 10:00", id="nothing before"),
        pytest.param([("call", "2024-01-09 09:00")], "2024-01-09 10:00", id="one call on that date"),
        pytest.param([("call", "2024-01-09 09:00"), ("call", "2024-01-09 09:30")], "2024-01-10 09:00", id="two calls on that date"),
        pytest.param([("call", "2024-01-08 09:00"), ("call", "2024-01-08 09:30")], "2024-01-09 10:00", id="two the day before"),
        pytest.param(
            [("call", "2024-01-08 10:30"), ("call", "2024-01-08 11:00"), ("call", "2024-01-08 12:00")],
            "2024-01-09 10:30",
            id="three in 24 hours",
        ),
        pytest.param(
            [("call", "2024-01-08 10:00"), ("call", "2024-01-08 11:00"), ("call", "2024-01-08 12:00")],
            "2024-01-09 10:00",
            id="the first exactly 24 hours ago",
        ),
        pytest.param(
            [("email", "2024-01-09 08:00"), ("sms", "2024-01-09 08:30"), ("call", "2024-01-09 09:00")],
            "2024-01-10 09:00",
            id="three of any channel on that date",
        ),
        pytest.param(
            [("email", "2024-01-09 08:00"), ("enrolment", "2024-01-09 08:30"), ("call", "2024-01-09 09:00")],
            "2024-01-09 10:00",
            id="an enrolment is not counted",
        ),
        pytest.param(
            [("call", "2024-01-09 09:00"), ("call", "2024-01-09 10:01")],
            "2024-01-09 10:00",
            id="FD-2: what comes after the arrival is not seen",
        ),
    ],
)
def test_caps_count_every_touch_of_the_prospect(before: list[tuple[str, str]], landed: str) -> None:
    """CA-11, CA-17: by the prospect's local date, in 24 hours, and across cadences."""
    found = planned(rules(touch("a", 0), channels=CAPPED, per_date_all=3), elsewhere=elsewhere(*before))
    assert timetable(found) == [f"a {landed}"]


def test_the_date_of_a_cap_is_the_prospects() -> None:
    """CA-11: 23:30 in Berlin is still that date there, though not in Kolkata."""
    night = rules(touch("a", 0), hours="always", channels=[{"id": "call", "per_date": 1}])
    before = elsewhere(("call", "2024-01-09 00:30"))
    assert timetable(planned(night, in_berlin("2024-01-09 23:30"), elsewhere=before)) == ["a 2024-01-10 00:00"]
    assert timetable(planned(night, in_berlin("2024-01-09 23:30"), somebody("Asia/Kolkata"), elsewhere=before)) == ["a 2024-01-10 04:00"]


def test_steps_of_the_sequence_count_for_each_other() -> None:
    """CA-11: three calls before, and the fourth waits for the same hour of the next date."""
    found = planned(rules(touch("a", 0), touch("b", 1), touch("c", 1), touch("d", 2), channels=CAPPED), in_berlin("2024-01-09 15:00"))
    assert timetable(found) == ["a 2024-01-09 15:00", "b 2024-01-10 09:00", "c 2024-01-10 09:00", "d 2024-01-11 09:00"]
    strict = [{"id": "call", "per_24_hours": 2}]
    found = planned(rules(touch("a", 0), touch("b", 1), touch("c", 1), touch("d", 2), channels=strict), in_berlin("2024-01-09 15:00"))
    assert timetable(found) == ["a 2024-01-09 15:00", "b 2024-01-10 09:00", "c 2024-01-10 15:00", "d 2024-01-11 09:00"]


def test_a_confirmation_counts_for_no_cap_whoever_sent_it() -> None:
    """CA-11, CA-13: neither this one's nor another cadence's, known by its step."""
    rules = shipped()
    confirmed = made("confirm-0", in_berlin("2024-01-09 09:30"), "email", "c-1", "L-2")
    general = plan(rules, named(rules, "general"), somebody(), arrival=TUESDAY, elsewhere=[confirmed])
    assert "email-0 2024-01-09 10:00" in timetable(general)
    mailed = made("email-9", in_berlin("2024-01-09 09:30"), "email", "c-1", "L-2")
    general = plan(rules, named(rules, "general"), somebody(), arrival=TUESDAY, elsewhere=[mailed])
    assert "email-0 2024-01-10 09:00" in timetable(general)


@pytest.mark.parametrize(
    ("arrival", "daypart", "landed", "notes"),
    [
        ("2024-01-09 10:00", "any", "2024-01-10 09:00", []),
        ("2024-01-09 10:00", "morning", "2024-01-10 09:00", []),
        ("2024-01-09 10:00", "afternoon", "2024-01-10 12:00", []),
        ("2024-01-09 10:00", "other", "2024-01-10 12:00", []),
        ("2024-01-09 11:59:59.999999", "other", "2024-01-10 12:00", []),
        ("2024-01-09 12:00", "other", "2024-01-10 09:00", []),
        ("2024-01-09 16:00", "other", "2024-01-10 09:00", []),
    ],
)
def test_a_half_of_the_day_begins_or_ends_at_noon(arrival: str, daypart: str, landed: str, notes: list[object]) -> None:
    """CA-12: noon itself is afternoon; "other" is not that of the call before."""
    found = planned(rules(touch("a", 0), touch("b", 1, daypart=daypart)), in_berlin(arrival))
    assert (timetable(found)[1], noted(found)) == (f"b {landed}", notes)


def test_other_than_no_call_is_any() -> None:
    """CA-12: an email before is no call."""
    assert timetable(planned(rules(touch("a", 0, "email"), touch("b", 1, daypart="other"))))[1] == "b 2024-01-10 09:00"


@pytest.mark.parametrize("daypart", ["afternoon", "other"])
def test_a_half_of_the_day_is_waived_only_where_no_instant_keeps_it(daypart: str) -> None:
    """CA-12: and the note says which half."""
    mornings = rules(touch("a", 0), touch("b", 1, daypart=daypart), channels=[{"id": "call", "calendar": "mornings"}])
    found = planned(mornings)
    assert timetable(found) == ["a 2024-01-09 10:00", "b 2024-01-10 09:00"]
    assert found.notes == (Note("b", "daypart_waived", (Seen("daypart", "afternoon"),)),)


def test_a_step_that_fits_in_neither_half_says_only_that() -> None:
    """CA-12, CA-20."""
    never = rules(touch("a", 0, daypart="afternoon"), channels=[{"id": "call", "calendar": "nights"}])
    assert noted(planned(never)) == [("a", "no_slot")]


# ----------------------------------------------------------------------------------------- confirmations and suppressions


def test_a_confirmation_goes_out_at_the_arrival_at_any_hour_and_says_so() -> None:
    """CA-13: on a Saturday night; it moves nothing else."""
    found = t1("2024-01-06 23:11:12")
    assert timetable(found)[:2] == ["confirm-0 2024-01-06 23:11:12", "call-0 2024-01-08 09:00"]
    assert [(touch.step, touch.transactional, touch.exempt) for touch in found.touches if touch.exempt] == [("confirm-0", True, True)]
    assert (
        "2024-01-06 23:11 Europe/Berlin: confirm-0, Confirms the request and offers a way to book a meeting (at any hour, a confirmation)."
        in found.explain()
    )


def test_a_confirmation_in_hours_is_an_ordinary_touch_without_caps() -> None:
    """CA-13: it waits for Monday, in its place in the list, and a full date takes it."""
    found = t1("2024-01-06 23:11:12", confirm="in_hours")
    assert timetable(found)[:2] == ["call-0 2024-01-08 09:00", "confirm-0 2024-01-08 09:00"]
    assert not any(touch.exempt for touch in found.touches)
    full = elsewhere(*(("email", f"2024-01-08 0{hour}:00") for hour in (6, 7, 8)))
    rules = shipped(confirm="in_hours")
    found = plan(rules, named(rules, "T1"), somebody(), arrival=in_berlin("2024-01-08 08:30"), elsewhere=full)
    assert timetable(found)[:2] == ["call-0 2024-01-09 09:00", "confirm-0 2024-01-09 09:00"]  # the call is over the cap, the order holds
    found = plan(rules, named(rules, "T2"), somebody(), arrival=in_berlin("2024-01-08 08:30"), elsewhere=full)
    assert timetable(found)[:2] == ["confirm-0 2024-01-08 09:00", "call-0 2024-01-09 09:00"]


@pytest.mark.parametrize(
    ("suppressed", "left"),
    [
        ({"call"}, ["confirm-0", "email-1", "email-3", "breakup-5", "nurture-7"]),
        ({"email"}, ["call-0", "call-3", "nurture-7"]),
        ({"enrolment"}, ["call-0", "confirm-0", "email-1", "call-3", "email-3", "breakup-5"]),
        ({"all"}, []),
        ({"fax"}, ["call-0", "confirm-0", "email-1", "call-3", "email-3", "breakup-5", "nurture-7"]),
    ],
)
def test_what_is_suppressed_is_left_out(suppressed: set[str], left: list[str]) -> None:
    """CA-13, CA-14: the confirmation too, and with "all" the enrolment."""
    found = t1(who=somebody(suppressed=frozenset(suppressed)))
    assert [touch.step for touch in found.touches] == left
    assert {note.code for note in found.notes} <= {"suppressed"}


def test_what_is_suppressed_at_sending_is_left_out_too() -> None:
    """CA-14: and the touches that are left stay where they were."""
    answer = next_step(t1(), at=in_berlin("2024-01-09 10:02:30"), suppressed=["call"])
    assert answer.touch is not None
    assert (answer.state, answer.touch.step) == ("due", "confirm-0")
    assert timetable(answer.plan) == [line for line in T1_TOUCHES if not line.startswith("call")]
    assert next_step(answer.plan, at=in_berlin("2024-01-09 10:02:30")).plan == answer.plan


# -------------------------------------------------------------------------------------------------------------------- exits


@pytest.mark.parametrize(
    ("ended", "left", "stopped"),
    [
        (Exit("x", TUESDAY + DAY, "reply"), [], True),
        (Exit("x", TUESDAY + DAY, "meeting"), [], True),
        (Exit("x", TUESDAY + DAY, "disqualified"), [], True),
        (Exit("x", TUESDAY + DAY, "won"), [], True),
        (Exit("x", TUESDAY + DAY, "not_ready", days=30), [], True),
        (Exit("x", TUESDAY + DAY, "opt_out"), [], True),
        (Exit("x", TUESDAY + DAY, "opt_out", "all"), [], True),
        (Exit("x", TUESDAY + DAY, "opt_out", "email"), ["c", "e"], False),
        (Exit("x", TUESDAY + DAY, "opt_out", "call"), ["b", "d", "e"], False),
        (Exit("x", TUESDAY + DAY, "bounce"), ["c", "e"], False),
        (Exit("x", TUESDAY + DAY, "bounce", "call"), ["b", "d", "e"], False),
        (Exit("x", TUESDAY + 2 * DAY, "reply"), ["b", "c", "d", "e"], False),  # FD-2: not yet
        (Exit("x", TUESDAY - MINUTE, "reply"), ["b", "c", "d", "e"], False),  # of an earlier conversation
        (Exit("x", TUESDAY, "reply"), [], True),
        (Exit("x", TUESDAY - 9 * DAY, "opt_out"), [], True),
        (Exit("x", TUESDAY - 9 * DAY, "bounce"), ["c", "e"], False),
    ],
)
def test_an_exit_cancels_what_is_not_made(ended: Exit, left: list[str], *, stopped: bool) -> None:
    """CA-15, CD-7: everything, a channel, or emails; touches that were made stay."""
    enrol = {"id": "e", "day": 5, "channel": "enrolment", "enrol": "nurture"}
    five = planned(rules(touch("a", 0), touch("b", 1, "email"), touch("c", 2), touch("d", 3, "email"), enrol))
    again = replan(five, [made("a", TUESDAY)], [ended], at=TUESDAY + DAY)
    assert [touch.step for touch in again.touches] == ["a", *left]
    assert [note.step for note in again.notes if note.code == "cancelled"] == [step for step in "bcde" if step not in left]
    assert again.stopped == (ended if stopped else None)


def test_what_was_due_before_an_exit_and_not_made_is_cancelled_too() -> None:
    """CA-15: nothing is sent after a reply."""
    late = TUESDAY + 10 * DAY
    again = replan(two_calls_planned(), [], [Exit("x", late, "reply")], at=late)
    assert (again.touches, noted(again)) == ((), [("call-0", "cancelled"), ("call-1", "cancelled")])
    assert again.notes[0].saw == (Seen("by", "reply"), Seen("at", late))


def two_calls_planned() -> Plan:
    return planned(two_calls())


def test_a_touch_made_after_an_exit_stays() -> None:
    """CA-15, CA-21: what happened, happened."""
    events = [Exit("x", TUESDAY + MINUTE, "reply")]
    again = replan(two_calls_planned(), [made("call-1", TUESDAY + DAY)], events, at=TUESDAY + DAY)
    assert [(touch.step, touch.made) for touch in again.touches] == [("call-1", True)]


def test_the_first_exit_is_the_one_that_stopped() -> None:
    """CA-15: by instant, then by id."""
    events = [Exit("b", TUESDAY, "meeting"), Exit("c", TUESDAY - MINUTE, "bounce"), Exit("a", TUESDAY, "reply")]
    assert replan(two_calls_planned(), [], events, at=TUESDAY).stopped == events[2]


# -------------------------------------------------------------------------------------------------------- automatic replies


@pytest.mark.parametrize(
    ("events", "touches"),
    [
        pytest.param(
            [AutoReply("r", TUESDAY, date(2024, 1, 17))],
            ["a 2024-01-09 10:00", "b 2024-01-17 09:00", "c 2024-01-18 12:00", "d 2024-01-19 09:00"],
            id="back on Wednesday",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY, date(2024, 1, 13))],
            ["a 2024-01-09 10:00", "b 2024-01-15 09:00", "c 2024-01-16 12:00", "d 2024-01-17 09:00"],
            id="back on a Saturday",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY)],
            ["a 2024-01-09 10:00", "b 2024-01-12 09:00", "c 2024-01-15 12:00", "d 2024-01-16 09:00"],
            id="three business dates",
        ),
        pytest.param(
            [AutoReply("r", in_berlin("2024-01-06 12:00"))],
            ["a 2024-01-09 10:00", "b 2024-01-10 09:00", "c 2024-01-11 12:00", "d 2024-01-16 09:00"],
            id="three business dates after a Saturday",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY, date(2024, 1, 2))],
            ["a 2024-01-09 10:00", "b 2024-01-10 09:00", "c 2024-01-11 12:00", "d 2024-01-16 09:00"],
            id="back already",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY, date(2024, 1, 11)), AutoReply("q", TUESDAY, date(2024, 1, 12))],
            ["a 2024-01-09 10:00", "b 2024-01-12 09:00", "c 2024-01-15 12:00", "d 2024-01-16 09:00"],
            id="the later of two dates",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY + DAY, date(2024, 1, 17))],
            ["a 2024-01-09 10:00", "b 2024-01-10 09:00", "c 2024-01-11 12:00", "d 2024-01-16 09:00"],
            id="FD-2: not yet",
        ),
        pytest.param(
            [AutoReply("r", TUESDAY, date(2024, 4, 2))],
            ["a 2024-01-09 10:00", "b 2024-04-02 09:00", "c 2024-04-03 12:00", "d 2024-04-04 09:00"],
            id="beyond the horizon of every step",
        ),
    ],
)
def test_an_automatic_reply_holds_what_is_not_made_and_the_order_goes_on(events: Sequence[Happening], touches: list[str]) -> None:
    """CA-16: until the stated date, or three business dates."""
    four = planned(rules(touch("a", 0), touch("b", 1, "email"), touch("c", 2, daypart="other"), touch("d", 5, "email")))
    again = replan(four, [made("a", TUESDAY)], events, at=TUESDAY + MINUTE)
    assert timetable(again) == touches
    assert again.stopped is None


def test_a_step_that_a_hold_moves_says_until_when() -> None:
    """CA-16: one whose instant lies after the date anyway says nothing."""
    four = planned(rules(touch("a", 0), touch("b", 1), touch("c", 5)))
    again = replan(four, [], [AutoReply("r", TUESDAY, date(2024, 1, 11))], at=TUESDAY)
    assert timetable(again) == ["a 2024-01-11 09:00", "b 2024-01-12 09:00", "c 2024-01-16 09:00"]
    assert again.notes == (Note("a", "held", (Seen("until", date(2024, 1, 11)),)), Note("b", "held", (Seen("until", date(2024, 1, 11)),)))
    later = replan(again, at=in_berlin("2024-01-11 10:00"))
    assert noted(later) == [("a", "overdue"), ("b", "overdue")]


def test_an_automatic_reply_where_nothing_is_open_holds_nothing() -> None:
    """CA-16, CA-20."""
    replies = [AutoReply("r", TUESDAY)]
    assert timetable(replan(t1(who=NOWHERE), [], replies, at=TUESDAY + DAY)) == ["confirm-0 2024-01-10 09:00"]
    once = planned(rules(touch("a", 0), hours="one_day"))
    assert timetable(replan(once, [], replies, at=TUESDAY)) == ["a 2024-01-09 10:00"]


# ----------------------------------------------------------------------------------------------------- overdue, again, next


def test_an_overdue_step_is_due_at_once_and_later_ones_keep_their_instants() -> None:
    """CA-19."""
    three = planned(rules(touch("a", 0), touch("b", 1), touch("c", 5)))
    again = replan(three, [], at=in_berlin("2024-01-09 15:00"))
    assert timetable(again) == ["a 2024-01-09 15:00", "b 2024-01-10 09:00", "c 2024-01-16 09:00"]
    assert again.notes == (Note("a", "overdue", (Seen("since", TUESDAY),)),)
    again = replan(three, [], at=in_berlin("2024-01-12 18:00"))
    assert timetable(again) == ["a 2024-01-15 09:00", "b 2024-01-16 09:00", "c 2024-01-17 09:00"]
    assert noted(again) == [("a", "overdue"), ("b", "overdue")]


def test_an_overdue_step_is_found_however_late_it_is() -> None:
    """CA-19, CA-20: the horizon begins anew."""
    assert timetable(replan(two_calls_planned(), at=in_berlin("2024-06-01 12:00"))) == [
        "call-0 2024-06-03 09:00",
        "call-1 2024-06-04 09:00",
    ]


def test_a_touch_that_was_made_stays_where_and_how_it_was_made() -> None:
    """CA-21: at another time, by another channel, in another order; what lies after `at` is not seen (FD-2)."""
    done = [
        made("call-1", in_berlin("2024-01-09 11:00"), "email"),
        made("call-1", in_berlin("2024-01-09 12:00")),  # a second try counts as the first did
        made("call-0", in_berlin("2024-01-09 16:00")),
    ]
    again = replan(two_calls_planned(), done, at=in_berlin("2024-01-09 15:00"))
    assert [(touch.step, touch.channel, touch.at, touch.made) for touch in again.touches] == [
        ("call-1", "email", in_berlin("2024-01-09 11:00"), True),
        ("call-0", "call", in_berlin("2024-01-09 15:00"), False),
    ]


def test_the_order_holds_across_a_step_that_was_made_in_between() -> None:
    """CA-9, CA-21: the call waits for the rep, and the email below it waits for the call."""
    rep = Calendar("Europe/Berlin", {1: [(600, 660)], 2: [(660, 720)]})
    three = planned(rules(touch("a", 0), touch("b", 0, "linkedin"), touch("c", 0, "email")), rep=rep)
    again = replan(three, [made("b", in_berlin("2024-01-09 10:30"), "linkedin")], at=in_berlin("2024-01-09 12:00"))
    assert timetable(again) == ["b 2024-01-09 10:30", "a 2024-01-10 11:00", "c 2024-01-10 11:00"]


def test_touches_that_were_made_count_for_caps_whatever_their_step() -> None:
    """CA-11, CA-21: and count once, though they are told twice."""
    once = planned(rules(touch("a", 0), touch("b", 1), channels=[{"id": "call", "per_date": 2}]))
    tries = [made("a", in_berlin("2024-01-10 09:10")), made(None, in_berlin("2024-01-10 09:20"))]
    assert timetable(replan(once, tries[:1], elsewhere=tries[:1], at=in_berlin("2024-01-10 10:00")))[1] == "b 2024-01-11 09:00"
    daily = planned(rules(touch("a", 0), touch("b", 0), channels=[{"id": "call", "per_date": 2}]))
    assert timetable(replan(daily, tries[:1], elsewhere=tries[:1], at=in_berlin("2024-01-10 10:00")))[1] == "b 2024-01-10 10:00"
    assert timetable(replan(daily, tries, at=in_berlin("2024-01-10 10:00")))[1] == "b 2024-01-11 09:00"


def test_a_plan_made_at_once_is_the_plan_made_step_by_step() -> None:
    """CA-21: what happened is all that matters."""
    rules, at = two_calls(), in_berlin("2024-01-10 12:00")
    done, events = [made("call-0", in_berlin("2024-01-09 11:00"))], [AutoReply("r", TUESDAY + MINUTE, date(2024, 1, 12))]
    at_once = planned(rules, done=done, events=events, at=at)
    in_steps = replan(replan(planned(rules), done, at=TUESDAY + 2 * MINUTE), [], events, at=at)
    assert at_once == in_steps
    assert timetable(at_once) == ["call-0 2024-01-09 11:00", "call-1 2024-01-12 09:00"]


def test_a_half_of_the_day_follows_the_call_as_it_was_made() -> None:
    """CA-12, CA-21: the call of the morning was made in the afternoon, so the next is for a morning."""
    calls = planned(rules(touch("a", 0), touch("b", 1, daypart="other")))
    assert timetable(calls)[1] == "b 2024-01-10 12:00"
    again = replan(calls, [made("a", in_berlin("2024-01-09 16:00"))], at=in_berlin("2024-01-09 16:30"))
    assert timetable(again)[1] == "b 2024-01-11 09:00"


@pytest.mark.parametrize(
    ("at", "done", "state", "touch", "overdue"),
    [
        ("2024-01-09 10:00", [], "due", "call-0", []),
        ("2024-01-09 10:01", [], "overdue", "call-0", ["call-0"]),
        ("2024-01-09 18:00", [], "wait", "call-0", ["call-0"]),
        ("2024-01-09 10:05", ["call-0"], "wait", "call-1", []),
        ("2024-01-10 09:00", ["call-0"], "due", "call-1", []),
        ("2024-01-10 09:00", [], "overdue", "call-0", ["call-0"]),
        ("2024-01-11 12:00", [], "overdue", "call-0", ["call-0", "call-1"]),
        ("2024-01-11 12:00", ["call-0", "call-1"], "finished", None, []),
        ("2024-01-11 12:00", ["call-1"], "overdue", "call-0", ["call-0"]),
    ],
)
def test_the_next_step_is_the_first_that_is_not_made(at: str, done: list[str], state: str, touch: str | None, overdue: list[str]) -> None:
    """CD-7, CA-19."""
    when = {"call-0": in_berlin("2024-01-09 10:02"), "call-1": in_berlin("2024-01-10 09:02")}
    answer = next_step(two_calls_planned(), [made(step, when[step]) for step in done], at=in_berlin(at))
    assert (answer.state, answer.touch and answer.touch.step, [each.step for each in answer.overdue]) == (state, touch, overdue)
    assert answer.plan.at == in_berlin(at)


def test_a_plan_of_which_nothing_is_left_is_finished_and_a_stopped_one_stopped() -> None:
    """CD-7: an opt-out of the only channel ends it as well as a reply, but only a reply stopped it."""
    ended = Exit("x", TUESDAY, "opt_out", "call")
    assert next_step(two_calls_planned(), [], [ended], at=TUESDAY).state == "finished"
    replied = Exit("r", TUESDAY, "reply")
    answer = next_step(two_calls_planned(), [], [ended, replied], at=TUESDAY)
    assert (answer.state, answer.plan.stopped) == ("stopped", replied)
    assert str(answer) == "stopped: reply r at 2024-01-09T09:00:00Z."
    assert str(next_step(two_calls_planned(), [], [ended], at=TUESDAY)) == "finished."
    due = next_step(two_calls_planned(), at=TUESDAY)
    assert str(due) == "due: call-0 at 2024-01-09 10:00 Europe/Berlin."
    assert due.touch is not None
    assert due.to_dict() == {"state": "due", "touch": due.touch.to_dict(), "overdue": [], "plan": due.plan.to_dict()}
    assert answer.to_dict()["touch"] is None


# ------------------------------------------------------------------------------------------------------ days, spread, latest


@pytest.mark.parametrize(
    ("factor", "days"),
    [
        (Fraction(1), [0, 1, 3, 5]),
        (Fraction(3, 2), [0, 2, 5, 8]),  # 1.5 is 2, 4.5 is 5, 7.5 is 8
        (Fraction(1, 2), [0, 1, 2, 3]),  # 0.5 is 1, 1.5 is 2, 2.5 is 3
        (Fraction(1, 4), [0, 0, 1, 1]),
        (Fraction(10), [0, 10, 30, 50]),
    ],
)
def test_days_are_stretched_to_the_nearest_whole_day(factor: Fraction, days: list[int]) -> None:
    """CD-6: halves upwards."""
    four = rules(*(touch(f"a{day}", day) for day in (0, 1, 3, 5)))
    assert [touch.day for touch in planned(four, factor=factor).touches] == days


def test_a_stretched_plan_lands_on_stretched_dates() -> None:
    """CD-6: days that become one share their date, day 0 begins at the arrival."""
    four = rules(*(touch(f"a{day}", day) for day in (0, 1, 3, 5)))
    assert timetable(planned(four, factor=Fraction(3, 2))) == [
        "a0 2024-01-09 10:00",
        "a1 2024-01-11 09:00",
        "a3 2024-01-16 09:00",
        "a5 2024-01-19 09:00",
    ]
    assert timetable(planned(four, factor=Fraction(1, 4))) == [
        "a0 2024-01-09 10:00",
        "a1 2024-01-09 10:00",
        "a3 2024-01-10 09:00",
        "a5 2024-01-10 09:00",
    ]


def test_a_nurture_hold_can_be_written_as_a_sequence() -> None:
    """CD-8: every one to two weeks, and after sixty days the re-score."""
    emails = [touch(f"email-{day}", day, "email") for day in (10, 20, 30, 40, 50)]
    rescore = {"id": "rescore", "day": 60, "channel": "enrolment", "enrol": "rescore"}
    found = planned(rules(*emails, rescore, day_basis="calendar", channels=[{"id": "email", "per_date": 1}]))
    landed = [found.arrival.date(), *(touch.local.date() for touch in found.touches)]
    assert [str(day) for day in landed[1:]] == ["2024-01-19", "2024-01-29", "2024-02-08", "2024-02-19", "2024-02-28", "2024-03-11"]
    assert all(7 <= (later - earlier).days <= 14 for earlier, later in pairwise(landed))


def test_an_email_is_spread_by_its_leads_own_minutes() -> None:
    """CA-22: FNV-1a of "L-1", a line break and the step; 64 bits, modulo one more than the most."""
    own = digest("L-1\nb") % 61
    assert 0 < own < 60
    spread = planned(rules(touch("a", 0), touch("b", 1, "email"), touch("c", 1), spread_minutes=60))
    nine = in_berlin("2024-01-10 09:00")
    assert [touch.at for touch in spread.touches] == [TUESDAY, nine + own * MINUTE, nine + own * MINUTE]  # the call keeps the order
    assert replan(spread, [made("a", TUESDAY)], at=TUESDAY + MINUTE).touches[1].at == nine + own * MINUTE
    others = {
        planned(rules(touch("b", 1, "email"), spread_minutes=60), who=Prospect(lead_id=f"L-{n}", zones=spread.zones)).touches[0].at
        for n in range(40)
    }
    assert len(others) > 20
    assert nine <= min(others) <= max(others) <= nine + 60 * MINUTE


def test_an_email_is_spread_only_as_far_as_the_rules_allow() -> None:
    """CA-22: inside the window; to the last whole minute before closing."""
    last_minutes = rules(touch("b", 0, "email"), spread_minutes=1_440)
    found = planned(last_minutes, in_berlin("2024-01-09 16:57:30"))
    assert timetable(found) == ["b 2024-01-09 16:59:30"]
    assert timetable(planned(last_minutes, in_berlin("2024-01-09 16:59:30"))) == ["b 2024-01-09 16:59:30"]


def digest(text: str) -> int:
    """FNV-1a, 64 bits."""
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


def test_an_email_is_spread_to_the_last_minute_wherever_hours_are_looked_at() -> None:
    """CA-22: hours are worked out 16 days at a time, counted from the arrival; here that cuts the last half minute off a day."""
    name = next(f"b{number}" for number in range(99) if digest(f"L-1\nb{number}") % 1_441 > 480)
    found = planned(rules(touch(name, 12, "email"), spread_minutes=1_440), in_berlin("2024-01-09 16:59:30"))
    assert timetable(found) == [f"{name} 2024-01-25 16:59"]
    only = planned(rules(touch(name, 0, "email"), hours="one_day", spread_minutes=1_440), in_berlin("2024-01-09 09:00"))
    assert timetable(only) == [f"{name} 2024-01-09 16:59"]


@pytest.mark.parametrize(
    ("reaches", "landed"),
    [("12:59", "11:59"), ("13:00", "13:00"), ("13:01", "13:01"), ("12:00", "11:59"), ("11:59", "11:59")],
)
def test_an_email_is_spread_over_a_lunch_only_when_it_reaches_the_other_side(reaches: str, landed: str) -> None:
    """CA-22: the largest smaller number of minutes that breaks no rule."""
    name = next(f"b{number}" for number in range(99) if 61 < digest(f"L-1\nb{number}") % 1_441 < 178)
    own = digest(f"L-1\n{name}") % 1_441
    lunch = rules(touch(name, 0, "email"), hours="with_lunch", spread_minutes=1_440)
    assert timetable(planned(lunch, in_berlin(f"2024-01-09 {reaches}") - own * MINUTE)) == [f"{name} 2024-01-09 {landed}"]


def test_what_is_overdue_or_confirms_is_not_spread() -> None:
    """CA-13, CA-22: it is due now."""
    own = planned(rules(touch("a", 0, "email"), spread_minutes=60))
    assert own.touches[0].at > TUESDAY
    late = in_berlin("2024-01-09 14:00")
    assert replan(own, at=late).touches[0].at == late
    confirmed = shipped(spread_minutes=60, confirm="in_hours")
    assert timetable(plan(confirmed, named(confirmed, "T2"), somebody(), arrival=TUESDAY))[0] == "confirm-0 2024-01-09 10:00"


@pytest.mark.parametrize(
    ("arrival", "minutes", "latest", "notes"),
    [
        ("2024-01-09 10:00", 240, "2024-01-09 14:00", []),
        ("2024-01-09 10:00", 420, "2024-01-09 17:00", []),  # closing, not the next opening (TM-15)
        ("2024-01-09 10:00", 421, "2024-01-10 09:01", []),
        ("2024-01-09 16:00", 240, "2024-01-10 12:00", []),
        ("2024-01-05 18:00", 240, "2024-01-08 13:00", []),
        ("2024-01-09 10:00", 20_000, "2024-03-12 17:20", None),
    ],
)
def test_a_step_may_say_by_when_in_working_time(arrival: str, minutes: int, latest: str, notes: list[object] | None) -> None:
    """CD-2: the four hours of the T2 call, say; beyond the horizon nothing is said."""
    found = planned(rules(touch("a", 0, within_minutes=minutes)), in_berlin(arrival))
    assert found.touches[0].latest == (None if notes is None else in_berlin(latest))
    assert noted(found) == []


def test_a_touch_that_does_not_come_before_its_latest_says_so() -> None:
    """CD-2, CL-4: at the instant itself is late."""
    calls = rules(touch("a", 0, within_minutes=60))
    rep = Calendar("Europe/Berlin", {1: [(661, 720)]})
    late = planned(calls, rep=rep)
    assert (timetable(late), late.notes) == (["a 2024-01-09 11:01"], (Note("a", "late", (Seen("latest", in_berlin("2024-01-09 11:00")),)),))
    assert noted(planned(calls, rep=Calendar("Europe/Berlin", {1: [(660, 720)]}))) == [("a", "late")]
    assert noted(planned(calls, rep=Calendar("Europe/Berlin", {1: [(659, 720)]}))) == []
    mentions = ["acknowledgement", "company", "use_case", "booking"]
    confirm = touch("c", 0, "email", transactional=True, mentions=mentions, within_minutes=9)
    assert planned(rules(confirm, touch("a", 1)), who=NOWHERE).touches[0].latest is None


# ---------------------------------------------------------------------------------------------------- follow-ups and tasks


@pytest.mark.parametrize(
    ("events", "due", "notes"),
    [
        pytest.param([Exit("n", TUESDAY, "not_ready", days=30)], ["30 2024-02-08 09:00"], [], id="thirty days"),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready")],
            ["30 2024-02-08 09:00", "60 2024-03-11 09:00", "90 2024-04-08 09:00"],
            [],
            id="each of them, forward to a business date",
        ),
        pytest.param(
            [Exit("m", TUESDAY, "not_ready", days=30), Exit("n", TUESDAY + MINUTE, "not_ready", days=60)],
            ["60 2024-03-11 09:00"],
            [],
            id="the last word",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("o", TUESDAY, "reply")],
            ["30 2024-02-08 09:00"],
            [],
            id="which was a reply as well",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("a", TUESDAY, "won")],
            [],
            [("follow-up-30", "cancelled")],
            id="won at the same instant",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("a", TUESDAY - MINUTE, "meeting")],
            ["30 2024-02-08 09:00"],
            [],
            id="a meeting before",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("o", TUESDAY + MINUTE, "disqualified")],
            [],
            [("follow-up-30", "cancelled")],
            id="disqualified since",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("o", TUESDAY - DAY, "opt_out")],
            [],
            [("follow-up-30", "cancelled")],
            id="CA-14: opted out of everything",
        ),
        pytest.param(
            [Exit("n", TUESDAY, "not_ready", days=30), Exit("o", TUESDAY, "opt_out", "email")],
            ["30 2024-02-08 09:00"],
            [],
            id="opted out of emails",
        ),
        pytest.param([Exit("r", TUESDAY, "reply")], [], [], id="nobody asked"),
    ],
)
def test_not_ready_asks_for_a_follow_up_at_the_opening_of_its_date(
    events: list[Exit], due: list[str], notes: list[tuple[str, str]]
) -> None:
    """CD-4, CA-18: TUESDAY and so many calendar days."""
    again = replan(two_calls_planned(), [], events, at=TUESDAY + 5 * MINUTE)
    berlin = zone("Europe/Berlin")
    assert [f"{task.days} {task.at.astimezone(berlin):%Y-%m-%d %H:%M}" for task in again.follow_ups] == due
    assert [note for note in noted(again) if note[0].startswith("follow")] == notes


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (somebody(suppressed=frozenset({"all"})), "suppressed"),
        (NOWHERE, "no_zone"),
        (somebody("Europe/Berlin", "Pacific/Auckland"), "no_slot"),
    ],
)
def test_a_follow_up_that_cannot_be_made_is_noted(who: Prospect, code: str) -> None:
    """CA-2, CA-14, CA-20."""
    again = replan(planned(two_calls(), who=who), [], [Exit("n", TUESDAY, "not_ready", days=60)], at=TUESDAY)
    assert (again.follow_ups, noted(again)[-1]) == ((), ("follow-up-60", code))


def test_a_follow_up_must_be_one_of_the_policys() -> None:
    """CD-4: 30, 60 or 90."""
    with pytest.raises(FactError, match=r"events\[n\]\.days: saw 45, expected one of 30, 60, 90"):
        replan(two_calls_planned(), [], [Exit("n", TUESDAY, "not_ready", days=45)], at=TUESDAY)


def test_what_is_still_to_be_done_becomes_plain_tasks() -> None:
    """CD-4, CA-18: with ids that stay the same, and everything that a task tool shows."""
    first = t1()
    done = [made("call-0", in_berlin("2024-01-09 10:03")), made("confirm-0", in_berlin("2024-01-09 10:02:30"), "email")]
    found = tasks(replan(first, done, at=in_berlin("2024-01-10 12:00")))
    assert [task["step"] for task in found] == ["email-1", "call-3", "email-3", "breakup-5", "nurture-7"]
    assert found[0] == {
        "id": "L-1/T1/email-1",
        "lead_id": "L-1",
        "sequence": "T1",
        "step": "email-1",
        "channel": "email",
        "title": "A case study or relevant social proof",
        "due": "2024-01-10T11:00:00Z",
        "local": "2024-01-10 12:00 Europe/Berlin",
        "latest": None,
        "enrol": None,
        "transactional": False,
        "notes": ["email-1 was due and is not made (since 2024-01-10T09:00:00Z)."],
    }
    assert (found[-1]["title"], found[-1]["enrol"]) == ("Enrol in nurture", "nurture")
    later = tasks(replan(first, done, [Exit("n", TUESDAY + DAY, "not_ready", days=30)], at=TUESDAY + DAY))
    assert later == (
        {
            "id": "L-1/T1/follow-up-30",
            "lead_id": "L-1",
            "sequence": "T1",
            "step": "follow-up-30",
            "channel": "task",
            "title": "Follow up after 30 days",
            "due": "2024-02-09T08:00:00Z",
            "local": "2024-02-09 09:00 Europe/Berlin",
            "latest": None,
            "enrol": None,
            "transactional": False,
            "notes": [],
        },
    )
    assert json.loads(json.dumps([*found, *later])) == [*found, *later]


# ---------------------------------------------------------------------------------------------------- prospects and values


def test_a_prospect_is_what_a_plan_asks_of_a_lead() -> None:
    """CA-1, CA-3, CD-4: the last three contents of marketing that differ, as of the instant (FD-2)."""

    def saw(name: str, at: datetime, content: str | None, *, marketing: bool = True) -> Activity:
        return Activity(id=name, kind="page_view", at=at, content=content, marketing=marketing)

    lead = Lead(
        id="L-1",
        zone="Asia/Kolkata",
        source="linkedin",
        suppressed=frozenset({"email"}),
        activities=(
            saw("a", TUESDAY - 5 * DAY, "blog"),
            saw("b", TUESDAY - 4 * DAY, "guide"),
            saw("c", TUESDAY - 3 * DAY, None),
            saw("d", TUESDAY - 2 * DAY, "pricing"),
            saw("e", TUESDAY - DAY, "guide"),
            saw("f", TUESDAY, "webinar"),
            saw("g", TUESDAY, "deck", marketing=False),
            saw("h", TUESDAY + MINUTE, "demo"),
        ),
    )
    found = prospect(HOURS, lead, at=TUESDAY, holidays=[date(2024, 1, 10)])
    assert found == Prospect(
        lead_id="L-1",
        zones=Zones((zone("Asia/Kolkata"),), "lead"),
        holidays=[date(2024, 1, 10)],
        suppressed=frozenset({"email"}),
        source="linkedin",
        contents=("webinar", "guide", "pricing"),
    )
    nobody = prospect(HOURS, Lead(id="L-2"), at=TUESDAY)
    assert (nobody.zones, nobody.contents, nobody.source) == (Zones((), "none"), (), None)


def test_a_personalised_touch_says_on_what() -> None:
    """CD-4: source and content consumed; what is unknown says so."""
    found = t1(who=somebody(source="linkedin", contents=("webinar", "guide")))
    by_step = {touch.step: touch for touch in found.touches}
    assert by_step["email-1"].personalisation == (Seen("source", "linkedin"), Seen("content", ("webinar", "guide")))
    assert by_step["call-0"].personalisation == ()
    assert by_step["email-1"].to_dict()["personalisation"] == {"source": "linkedin", "content": ["webinar", "guide"]}


def test_what_is_personal_is_left_out_of_a_redacted_record() -> None:
    """FD-5: of a touch, and so of the plan."""
    mail = Touch("a", 0, "email", TUESDAY, zone("UTC"), "Says something", personalisation=(Seen("source", "Ana", personal=True),))
    assert mail.to_dict()["personalisation"] == {"source": "Ana"}
    assert mail.to_dict(redact=True)["personalisation"] == {"source": "(personal)"}
    assert "Ana" not in repr(mail)


def test_a_plan_reads_as_text_as_a_record_and_as_a_table() -> None:
    """FD-5."""
    again = replan(
        planned(
            rules(
                touch("a", 0),
                touch("b", 1, "email"),
                {"id": "c", "day": 2, "channel": "enrolment", "enrol": "nurture"},
                touch("d", 3, "linkedin"),
            )
        ),
        [made("a", TUESDAY)],
        [Exit("x", TUESDAY, "bounce"), Exit("y", TUESDAY, "not_ready", days=30)],
        at=TUESDAY,
    )
    assert again.explain().splitlines() == [
        "s for L-1: day 0 is 2024-01-09 (Europe/Berlin, lead).",
        "Stopped by not_ready y at 2024-01-09T09:00:00Z.",
        "2024-01-09 10:00 Europe/Berlin: a, An answer to the question asked (made).",
        "b is cancelled (by bounce, at 2024-01-09T09:00:00Z).",
        "c is cancelled (by not_ready, at 2024-01-09T09:00:00Z).",
        "d is cancelled (by not_ready, at 2024-01-09T09:00:00Z).",
        "2024-02-08 09:00 Europe/Berlin: follow up after 30 days.",
    ]
    record = again.to_dict()
    assert json.loads(json.dumps(record)) == record
    assert (record["kind"], record["day0"], record["zones"], record["factor"]) == ("plan", "2024-01-09", ["Europe/Berlin"], "1")
    assert record["stopped"] == {"id": "y", "at": "2024-01-09T09:00:00Z", "kind": "not_ready", "channel": None, "days": 30}
    assert record["follow_ups"] == [
        {
            "id": "L-1/s/follow-up-30",
            "lead_id": "L-1",
            "at": "2024-02-08T08:00:00Z",
            "local": "2024-02-08 09:00 Europe/Berlin",
            "zone": "Europe/Berlin",
            "days": 30,
            "event": "y",
        }
    ]
    table = again._repr_html_()
    assert table.count("<tr>") == 5
    assert "<td>b</td><td></td><td></td><td></td><td>cancelled</td>" in table
    assert repr(again) == "Plan('s', 'L-1', 1 touches, 3 notes)"
    assert (again.sequence, again.lead_id, again.arrival, again.at) == ("s", "L-1", TUESDAY, TUESDAY)
    assert repr(again.given) == "Given('s', 'L-1', at=2024-01-09T09:00:00+00:00)"
    unknown = t1(who=NOWHERE).explain().splitlines()[0]
    assert unknown == "T1 for L-1: no day 0 (no zone known, none)."


def test_an_enrolment_says_what_it_enrols_in() -> None:
    """CD-1, CD-2."""
    assert "2024-01-18 09:00 Europe/Berlin: nurture-7, enrol in nurture." in t1().explain()


def test_plans_are_values_that_never_change_and_travel() -> None:
    """FD-1: frozen, equal to a plan of the same, and pickled with what they were made from."""
    found = replan(t1(), [made("call-0", TUESDAY + 5 * MINUTE)], [AutoReply("r", TUESDAY + 6 * MINUTE)], at=TUESDAY + 7 * MINUTE)
    assert found == replan(t1(), [made("call-0", TUESDAY + 5 * MINUTE)], [AutoReply("r", TUESDAY + 6 * MINUTE)], at=TUESDAY + 7 * MINUTE)
    travelled = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert travelled == found
    assert replan(travelled, at=TUESDAY + DAY) == replan(found, at=TUESDAY + DAY)
    with pytest.raises(FrozenInstanceError):
        found.touches = ()  # type: ignore[misc]  # to be refused


@pytest.mark.parametrize(
    ("note", "text"),
    [
        (Note("a", "suppressed", (Seen("channel", "call"),)), "a is left out: its channel is suppressed (channel call)."),
        (Note("a", "no_zone"), "a is left out: no zone of the prospect is known."),
        (
            Note("a", "no_slot", (Seen("until", date(2024, 2, 24)),)),
            "a is left out: no instant within the horizon breaks no rule (until 2024-02-24).",
        ),
        (Note("a", "cancelled", (Seen("by", "reply"),)), "a is cancelled (by reply)."),
        (
            Note("a", "daypart_waived", (Seen("daypart", "morning"),)),
            "a keeps no half of the day: no instant within the horizon could (daypart morning).",
        ),
        (Note("a", "held", (Seen("until", date(2024, 1, 11)),)), "a waits for the return date (until 2024-01-11)."),
        (Note("a", "overdue", (Seen("since", TUESDAY),)), "a was due and is not made (since 2024-01-09T09:00:00Z)."),
        (Note("a", "late", (Seen("latest", TUESDAY),)), "a does not come before its latest instant (latest 2024-01-09T09:00:00Z)."),
    ],
)
def test_every_note_has_its_sentence(note: Note, text: str) -> None:
    assert str(note) == text
    assert note.leaves_out is (note.code in {"suppressed", "no_zone", "no_slot", "cancelled"})


# ------------------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exit("", TUESDAY, "reply"), "exit.id: saw '', expected text."),
        (lambda: Exit("x", datetime(2024, 1, 9), "reply"), "exit.at: saw 2024-01-09T00:00:00 without a zone, expected an aware datetime. "),  # noqa: DTZ001
        (
            lambda: Exit("x", TUESDAY, "replied"),  # type: ignore[arg-type]  # to be refused
            "exit.kind: saw 'replied', expected one of bounce, disqualified, meeting, not_ready, opt_out, reply, won. "
            'Did you mean "reply"?',
        ),
        (
            lambda: Exit("x", TUESDAY, "xyz"),  # type: ignore[arg-type]  # to be refused
            "exit.kind: saw 'xyz', expected one of bounce, disqualified, meeting, not_ready, opt_out, reply, won.",
        ),
        (lambda: Exit("x", TUESDAY, "reply", "email"), "exit.channel: saw 'email', expected nothing for reply: it stops every channel."),
        (lambda: Exit("x", TUESDAY, "opt_out", ""), "exit.channel: saw '', expected text."),
        (lambda: Exit("x", TUESDAY, "reply", days=30), "exit.days: saw 30, expected a whole number of days, and only for not_ready."),
        (
            lambda: Exit("x", TUESDAY, "not_ready", days=True),
            "exit.days: saw true, expected a whole number of days, and only for not_ready.",
        ),
        (lambda: AutoReply("", TUESDAY), "auto_reply.id: saw '', expected text."),
        (lambda: AutoReply("r", "2024"), "auto_reply.at: saw '2024', expected an aware datetime. "),  # type: ignore[arg-type]  # to be refused
        (lambda: AutoReply("r", TUESDAY, TUESDAY), "auto_reply.until: saw datetime 2024-01-09 09:00:00+00:00, expected a date."),
        (
            lambda: AutoReply("r", TUESDAY, date(2025, 2, 13)),
            "auto_reply.until: saw 2025-02-13, expected a date at most 400 days after the reply.",
        ),
        (lambda: Prospect(lead_id="L-1", zones=Zones((), "none"), holidays="2024"), "calendar.holidays: saw '2', expected a date. "),  # type: ignore[arg-type]  # to be refused
        (lambda: planned(two_calls(), factor=Fraction(0)), "factor: saw Fraction 0, expected a Fraction of more than 0 and at most 10. "),
        (lambda: planned(two_calls(), factor=Fraction(11)), "factor: saw Fraction 11, expected a Fraction of more than 0 and at most 10. "),
        (lambda: planned(two_calls(), factor=2), "factor: saw 2, expected a Fraction of more than 0 and at most 10. "),
        (
            lambda: planned(two_calls(), datetime(1899, 12, 31, tzinfo=UTC)),
            "arrival: saw 1899-12-31T00:00:00+00:00, expected an instant between the years 1900 and 9000.",
        ),
        (
            lambda: planned(two_calls(), datetime(9001, 1, 1, tzinfo=UTC)),
            "arrival: saw 9001-01-01T00:00:00+00:00, expected an instant between the years 1900 and 9000.",
        ),
        (
            lambda: planned(two_calls(), at=TUESDAY - MINUTE),
            "at: saw 2024-01-09T08:59:00+00:00, expected an instant at or after the arrival, 2024-01-09T09:00:00+00:00.",
        ),
        (
            lambda: planned(two_calls(), at=datetime(9001, 1, 1, tzinfo=UTC)),
            "at: saw 9001-01-01T00:00:00+00:00, expected an instant between the years 1900 and 9000.",
        ),
        (
            lambda: planned(two_calls(), done=[made("call-0", TUESDAY)]),
            "at: saw nothing, expected the instant as of which done and events are read.",
        ),
        (
            lambda: planned(two_calls(), events=[Exit("x", TUESDAY, "reply")]),
            "at: saw nothing, expected the instant as of which done and events are read.",
        ),
        (
            lambda: replan(two_calls_planned(), at=TUESDAY - MINUTE),
            "at: saw 2024-01-09T08:59:00+00:00, expected an instant at or after the arrival, ",
        ),
        (
            lambda: replan(two_calls_planned(), [made("call-0", TUESDAY, lead="L-2")], at=TUESDAY),
            "].lead_id: saw 'L-2', expected 'L-1'. Leave out touches of other leads.",
        ),
        (
            lambda: replan(two_calls_planned(), [made("call-0", TUESDAY, name="o"), made("call-1", TUESDAY, name="o")], at=TUESDAY),
            "done[o]: saw two different entries, expected one entry under one id.",
        ),
        (
            lambda: replan(two_calls_planned(), [], [Exit("o", TUESDAY, "reply"), AutoReply("o", TUESDAY)], at=TUESDAY),
            "events[o]: saw two different entries, expected one entry under one id.",
        ),
        (
            lambda: plan(two_calls(), named(shipped(), "T1"), somebody(), arrival=TUESDAY),
            "sequence: saw 'T1', expected a sequence of the policy.",
        ),
        (lambda: plan(two_calls(), "s", somebody(), arrival=TUESDAY), "sequence: saw 's', expected a sequence of the policy."),  # type: ignore[arg-type]  # to be refused
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    """FD-1, FD-2."""
    with pytest.raises(FactError) as refused:
        make()
    assert message in str(refused.value)


def test_an_absence_of_400_days_is_believed() -> None:
    """CA-16: a longer one was misread."""
    far = AutoReply("r", TUESDAY, date(2025, 2, 12))
    assert timetable(replan(two_calls_planned(), [], [far], at=TUESDAY)) == ["call-0 2025-02-12 09:00", "call-1 2025-02-13 09:00"]


def test_the_longest_cadence_that_can_be_written_is_planned() -> None:
    """CD-6: day 365, stretched tenfold, is fourteen years away."""
    found = planned(rules(touch("a", 0), touch("b", 365)), factor=Fraction(10))
    assert (found.touches[1].day, found.touches[1].local.date()) == (3_650, date(2038, 1, 5))


def test_one_channel_is_not_taken_for_its_letters() -> None:
    """CA-14."""
    for ask in (
        lambda: Prospect(lead_id="L-1", zones=Zones((), "none"), suppressed="call"),
        lambda: replan(planned(two_calls()), at=planned(two_calls()).arrival, suppressed="call"),
    ):
        with pytest.raises(FactError) as refused:
            ask()
        assert str(refused.value) == "suppressed: saw 'call', expected a set of channels. Write {\"call\"}."


def test_what_was_made_for_an_earlier_conversation_is_no_step_of_this_one() -> None:
    """CA-21: it counts for caps alone."""
    plan = planned(two_calls())
    earlier = Outreach(
        id="old", lead_id="L-1", rep="maya", channel="call", at=plan.arrival - timedelta(days=90), human=True, step=plan.touches[0].step
    )
    assert [touch.made for touch in replan(plan, [earlier], at=plan.arrival).touches] == [False] * len(plan.touches)


def test_what_is_no_event_of_a_plan_is_refused() -> None:
    plan = planned(two_calls())
    with pytest.raises(FactError, match=r"^events: saw a value of type str, expected an Exit or an AutoReply\. Touches go to done\.$"):
        replan(plan, events=["reply"], at=plan.arrival)  # type: ignore[list-item]  # to be refused


def test_ca21_planning_again_with_nothing_new_gives_the_same_plan() -> None:
    first = t1()
    assert replan(first, at=first.arrival) is first
    assert replan(first, at=first.arrival, suppressed=["email"]) is not first


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"done": [made("call-0", TUESDAY)]}, id="a touch that was made"),
        pytest.param({"events": [AutoReply("r", TUESDAY, date(2024, 1, 12))]}, id="a hold"),
        pytest.param({"elsewhere": [made(None, TUESDAY, name="before")]}, id="CA-11: a touch elsewhere before the arrival is learned late"),
        pytest.param({"elsewhere": [made(None, TUESDAY + DAY, name="after")]}, id="a touch elsewhere after it"),
    ],
)
def test_ca21_planning_again_twice_is_planning_once_with_all_of_it(told: dict[str, Any]) -> None:
    """The first plan is kept with the plan, and made anew where something belongs to it that was not known."""
    known, later = shipped(), TUESDAY + 2 * DAY
    sequence, arrival = named(known, "T1"), TUESDAY + MINUTE
    first = plan(known, sequence, somebody(), arrival=arrival)
    again = replan(replan(first, at=later), **told, at=later)
    assert again == plan(known, sequence, somebody(), arrival=arrival, at=later, **told)
    assert again.first == plan(known, sequence, somebody(), arrival=arrival, elsewhere=told.get("elsewhere", [])).first
