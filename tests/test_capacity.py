"""Capacity: volume and speed, told apart."""

import json
import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import calendars, capacity, hours
from inbound_engine.calendars import HoursDocument
from inbound_engine.capacity import CapacityDocument, Rules, Volume
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Rep
from inbound_engine.hours import Calendar
from inbound_engine.queueing import ASSUMPTIONS, Queue
from inbound_engine.replays import Arrival, Seat, State
from inbound_engine.spans import DAY, Span, parse_instant

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
OPENING = calendars.compile(
    HoursDocument.model_validate(
        {
            "calendars": [
                {"id": "office", "weekly": [{"days": DAYS, "opens": "09:00", "closes": "17:00"}]},
                {"id": "berlin", "zone": "Europe/Berlin", "weekly": [{"days": DAYS, "opens": "00:00", "closes": "24:00"}]},
                {"id": "night", "weekly": [{"days": ["monday"], "opens": "22:00", "closes": "06:00"}]},
                {
                    "id": "nights",
                    "weekly": [
                        {"days": ["monday"], "opens": "20:00", "closes": "24:00"},
                        {"days": ["tuesday"], "opens": "00:00", "closes": "06:00"},
                    ],
                },
                {
                    "id": "days_off",
                    "weekly": [
                        {"days": ["monday", "tuesday"], "opens": "22:00", "closes": "06:00"},
                        {"days": ["wednesday"], "opens": "00:00", "closes": "06:00"},
                    ],
                    "holidays": ["2026-03-03"],
                    "overrides": [{"date": "2026-03-05", "hours": [{"opens": "09:00", "closes": "10:00"}]}],
                },
                {
                    "id": "apia",
                    "zone": "Pacific/Apia",
                    "weekly": [{"days": [*DAYS, "saturday", "sunday"], "opens": "00:00", "closes": "24:00"}],
                },
            ],
            "organisation": "office",
        }
    )
)
WEEK = Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-09T00:00Z"))  # 40 open hours
MONTH = Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-31T00:00Z"))  # 21 days of 8 open hours: 168
DEMO = {"id": "demo_request", "minutes": 30}
GUIDE = {"id": "content_download", "minutes": 10, "in_queue": False}


def rules(**fields: object) -> Rules:
    document: dict[str, object] = {"lead_types": [DEMO], **fields}
    return capacity.compile(CapacityDocument.model_validate(document), OPENING)


def asked(leads: int, reps: int, **fields: object) -> Volume:
    """X15: a week of 40 hours is 80 leads of 30 minutes."""
    return capacity.volume(rules(**fields), {"demo_request": leads}, over=WEEK, team=reps)


# --------------------------------------------------------------------------------------------------------------- volume


@pytest.mark.parametrize(
    ("leads", "reps", "percent", "per_rep", "needed", "unworked"),
    [
        (200, 1, 100, "80", 3, "120"),  # X15, RT-8
        (200, 2, 100, "80", 3, "40"),
        (200, 3, 100, "80", 3, "0"),
        (200, 0, 100, "80", 3, "200"),
        (200, 1, 80, "64", 4, "136"),
        (240, 3, 100, "80", 3, "0"),
        (241, 3, 100, "80", 4, "1"),
        (200, 1, "200/3", "160/3", 4, "440/3"),
        (0, 1, 100, None, 0, "0"),
    ],
)
def test_leads_are_held_against_the_time_of_reps(
    *, leads: int, reps: int, percent: object, per_rep: str | None, needed: int, unworked: str
) -> None:
    """CP-1, CQ-1, RT-8: exactly; reps alone are rounded, and up."""
    found = asked(leads, reps, utilisation_percent=percent)
    assert found.leads_per_rep == (None if per_rep is None else Fraction(per_rep))
    assert (found.reps_needed, found.unworked) == (needed, Fraction(unworked))
    assert found.overload == Fraction(unworked) * 30


def test_lead_types_take_what_each_of_them_takes() -> None:
    """CP-1: 40 of 30 minutes, 150 of 10 and 20 of 9 are 2,880 minutes, 480 more than a rep has: a sixth is not worked."""
    policy = rules(lead_types=[DEMO, GUIDE], other_minutes=9)
    found = capacity.volume(policy, {"webinar": 20, "content_download": 150, "demo_request": 40}, over=WEEK, team=1)
    assert [(row.lead_type, row.leads, row.minutes) for row in found.demand] == [
        ("demo_request", 40, Fraction(30)),
        ("content_download", 150, Fraction(10)),
        ("webinar", 20, Fraction(9)),
    ]
    assert (found.leads, found.minutes, found.per_rep, found.team) == (210, Fraction(2_880), Fraction(2_400), Fraction(2_400))
    assert (found.overload, found.unworked) == (Fraction(480), Fraction(35))
    assert found.leads_per_rep == Fraction(175)
    assert found.reps_needed == 2


def test_types_may_be_taken_in_the_order_of_the_document() -> None:
    """CP-1: 1,200 minutes go to demo requests, of the other 1,200 eleven hundred and 120 leads; a part of a lead is none."""
    policy = rules(lead_types=[DEMO, {"id": "call", "minutes": 11}, GUIDE])
    found = capacity.volume(policy, {"content_download": 20, "call": 109, "demo_request": 40}, over=WEEK, team=1)
    assert found.in_order == (("demo_request", 40, 0), ("call", 109, 0), ("content_download", 0, 20))
    short = capacity.volume(policy, {"content_download": 20, "call": 120, "demo_request": 40}, over=WEEK, team=1)
    assert short.in_order == (("demo_request", 40, 0), ("call", 109, 11), ("content_download", 0, 20))


def test_a_team_has_the_hours_that_its_reps_have() -> None:
    """CP-1: one in the office, one in Berlin around the clock, one away but for Friday; one rep more would keep the policy's hours."""
    team = [
        Seat("ana", OPENING.patterns["office"]),
        Seat("maya", OPENING.patterns["berlin"]),
        Seat("noor", OPENING.patterns["office"], (Span(WEEK.since, parse_instant("2026-03-06T00:00Z")),)),
    ]
    found = capacity.volume(rules(utilisation_percent=50), {"demo_request": 1_000}, over=WEEK, team=iter(team))
    # Berlin is an hour ahead: the first hour of its Monday lies before the week, and that of the next Monday within it
    assert (found.team, found.per_rep, found.reps) == (Fraction((40 + 120 + 8) * 60, 2), Fraction(1_200), 3)
    assert found.reps_needed == 25


def test_a_rep_without_time_is_never_enough() -> None:
    """CQ-1: nobody can be hired for a weekend on which nobody works; where no lead comes, nobody need be."""
    weekend = Span(parse_instant("2026-03-07T00:00Z"), parse_instant("2026-03-09T00:00Z"))
    found = capacity.volume(rules(), {"demo_request": 1}, over=weekend, team=5)
    assert (found.reps_needed, found.unworked) == (None, Fraction(1))
    assert str(found) == "1 leads take 30 minutes, 0 a rep: no number of reps needed. 5 reps with 0 minutes: 1 leads unworked."
    assert capacity.volume(rules(), {}, over=weekend, team=0).reps_needed == 0


# ----------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("calendar", "since", "until", "per_day", "expected"),
    [
        ("office", "2026-03-02T00:00Z", "2026-03-09T00:00Z", None, 2_400),
        ("office", "2026-03-02T16:30Z", "2026-03-03T09:15Z", None, 45),
        ("office", "2026-03-02T00:00Z", "2026-03-09T00:00Z", 300, 1_500),
        ("office", "2026-03-02T16:30Z", "2026-03-03T09:15Z", "100/3", Fraction(200, 3)),
        ("office", "2026-03-02T17:00Z", "2026-03-03T09:00Z", 300, 0),
        ("night", "2026-03-02T00:00Z", "2026-03-09T00:00Z", None, 480),
        ("night", "2026-03-02T00:00Z", "2026-03-09T00:00Z", 300, 300),  # a night is of the date on which it opens
        ("night", "2026-03-03T00:00Z", "2026-03-09T00:00Z", 300, 300),  # what is left of it is of that date too
        ("night", "2026-03-03T06:00Z", "2026-03-09T00:00Z", 300, 0),
        ("nights", "2026-03-02T00:00Z", "2026-03-09T00:00Z", 300, 600),  # Monday from 20:00, Tuesday from 00:00: one open stretch
        ("days_off", "2026-03-02T00:00Z", "2026-03-09T00:00Z", 300, 900),  # no night on Tuesday, a holiday; Thursday has hours of its own
        ("berlin", "2026-03-27T23:00Z", "2026-03-30T22:00Z", None, 1_440),  # a weekend of 47 hours, and a Monday
        ("apia", "2011-12-29T10:00Z", "2011-12-31T10:00Z", 60, 120),  # the 29th and the 31st: the 30th never was
        ("apia", "2011-12-29T10:00Z", "2011-12-31T10:00Z", None, 2_880),
    ],
)
def test_minutes_are_those_of_the_wall_clock(calendar: str, since: str, until: str, per_day: object, expected: int) -> None:
    """CP-1, TM-14: open time, or so much for each date whose hours are worked."""
    over = Span(parse_instant(since), parse_instant(until))
    assert capacity.minutes_worked(rules(calendar=calendar, minutes_per_day=per_day), over=over) == expected
    assert (
        capacity.minutes_available(rules(calendar=calendar, minutes_per_day=per_day, utilisation_percent=75), over=over)
        == Fraction(expected * 3) / 4
    )


def test_a_day_away_is_no_business_date() -> None:
    """CP-1: half a day is one."""
    away = (Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-03T12:00Z")),)
    seat = Seat("maya", OPENING.patterns["office"], away)
    assert capacity.minutes_worked(rules(minutes_per_day=300), over=WEEK, seat=seat) == 1_200
    assert capacity.minutes_worked(rules(), over=WEEK, seat=seat) == 1_740


@pytest.mark.parametrize(
    ("calendar", "day", "since", "length"),
    [
        ("office", date(2026, 2, 28), "2026-02-01T00:00Z", timedelta(days=28)),
        ("berlin", date(2026, 3, 1), "2026-02-28T23:00Z", timedelta(days=30, hours=23)),
        ("berlin", date(2026, 10, 31), "2026-09-30T22:00Z", timedelta(days=31, hours=1)),
        ("apia", date(2011, 12, 30), "2011-12-01T10:00Z", timedelta(days=30)),
    ],
)
def test_a_month_is_that_of_the_calendar(calendar: str, day: date, since: str, length: timedelta) -> None:
    """TM-8."""
    found = capacity.month(rules(calendar=calendar), day)
    assert (found.since, found.length) == (parse_instant(since), length)


def test_seats_are_those_of_active_reps() -> None:
    """CL-2: the rep's calendar in the rep's zone, else the organisation's; absences and territories come along."""
    away = (WEEK,)
    reps = [
        Rep(id="maya", role="SDR", calendar="berlin", zone="Asia/Kolkata"),
        Rep(id="noor", role="SDR", zone="Asia/Kolkata", away=away, territories=frozenset({"dach"})),
        Rep(id="gone", role="SDR", active=False),
    ]
    maya, noor = capacity.seats(OPENING, reps)
    assert (maya.rep, maya.calendar, maya.away) == ("maya", OPENING.patterns["berlin"], ())
    assert (noor.rep, noor.calendar.zone.key, noor.away, noor.territories) == ("noor", "Asia/Kolkata", away, frozenset({"dach"}))


# ---------------------------------------------------------------------------------------------------------------- speed


@pytest.mark.parametrize(
    ("leads", "reps", "per_mille", "needed"),
    [(80, 1, 210, 2), (80, 2, 19, 2), (200, 2, 108, 3), (200, 3, 16, 3), (400, 1, 1000, 4), (400, 4, 23, 4), (0, 0, 0, 0)],
)
def test_speed_is_asked_of_open_hours(leads: int, reps: int, per_mille: int, needed: int) -> None:
    """CQ-2, CQ-6, X16: 168 open hours; what share of the time goes to leads is another question."""
    found = capacity.speed(rules(utilisation_percent=50), {"demo_request": leads}, over=MONTH, reps=reps)
    assert (round(found.waiting.misses * 1000), found.reps_needed) == (per_mille, needed)


def test_only_leads_of_the_queue_are_waited_for() -> None:
    """CQ-2: content downloads are worked in between; of the others the minutes are a mean by their numbers."""
    policy = rules(lead_types=[DEMO, GUIDE, {"id": "call", "minutes": 15}])
    found = capacity.speed(policy, {"demo_request": 100, "content_download": 5_000, "call": 200}, over=MONTH, reps=3)
    assert (found.waiting.queue.leads_per_hour, found.waiting.queue.minutes, found.leads) == (Fraction(300, 168), Fraction(20), 300)


def test_the_peak_is_staffed_for() -> None:
    """CQ-5: half as much again in the hour that counts."""
    found = capacity.speed(rules(peak_percent=150), {"demo_request": 200}, over=MONTH, reps=3)
    assert found.waiting.queue.leads_per_hour == Fraction(300, 168)


def test_the_target_and_the_misses_are_the_policys() -> None:
    """CQ-6: 21 % of 80 leads wait 5 minutes before one rep, and 15 % wait 22."""
    assert capacity.speed(rules(most_missed_percent=21), {"demo_request": 80}, over=MONTH, reps=1).reps_needed == 1
    assert capacity.speed(rules(most_missed_percent="20.9"), {"demo_request": 80}, over=MONTH, reps=1).reps_needed == 2
    patient = capacity.speed(rules(most_missed_percent=16, target_minutes=22), {"demo_request": 80}, over=MONTH, reps=1)
    assert (patient.reps_needed, patient.waiting.target) == (1, timedelta(minutes=22))


def test_no_lead_waits_in_hours_that_do_not_exist() -> None:
    """CQ-2: a rate an hour needs an hour."""
    weekend = Span(parse_instant("2026-03-07T00:00Z"), parse_instant("2026-03-09T00:00Z"))
    with pytest.raises(FactError, match="over: saw no open time"):
        capacity.speed(rules(), {"demo_request": 1}, over=weekend, reps=1)
    idle = capacity.speed(rules(most_missed_percent="12.34"), {"demo_request": 0}, over=weekend, reps=1)
    assert (idle.waiting.misses, idle.waiting.queue) == (Fraction(0), Queue(0, 1, 1))
    assert str(idle).endswith("0 reps needed for at most 12.3 %.")


# ------------------------------------------------------------------------------------------------------- recommendation


@pytest.mark.parametrize(
    ("leads", "team", "by_volume", "by_speed", "needed", "missing", "unworked"),
    [
        (200, 1, 1, 3, 3, 2, 0),  # 200 leads are 6,000 of 10,080 minutes, and 56 % of them would wait
        (200, 4, 1, 3, 3, 0, 0),
        (400, 1, 2, 4, 4, 3, 64),
        (0, 1, 0, 0, 0, 0, 0),
    ],
)
def test_the_larger_number_is_recommended(
    *, leads: int, team: int, by_volume: int, by_speed: int, needed: int, missing: int, unworked: int
) -> None:
    """CQ-6: and what the present team leaves undone."""
    found = capacity.recommend(rules(), {"demo_request": leads}, over=MONTH, team=team)
    assert (found.volume.reps_needed, found.speed.reps_needed, found.reps_needed, found.missing) == (by_volume, by_speed, needed, missing)
    assert found.volume.unworked == unworked


def test_volume_may_ask_for_more_than_speed() -> None:
    """CQ-6: where a fifth of the time goes to leads, four reps are fast enough and six have the time."""
    found = capacity.recommend(rules(utilisation_percent=20), {"demo_request": 400}, over=MONTH, team=4)
    assert (found.volume.reps_needed, found.speed.reps_needed, found.reps_needed) == (6, 4, 6)


def test_the_present_team_answers_as_many_as_it_is() -> None:
    """CQ-6: reps given one by one count."""
    team = [Seat(name, OPENING.patterns["office"]) for name in ("ana", "maya")]
    found = capacity.recommend(rules(), {"demo_request": 200}, over=MONTH, team=iter(team))
    assert (found.volume.reps, found.speed.waiting.queue.reps, found.missing) == (2, 2, 1)


def test_no_number_of_reps_is_told_as_none() -> None:
    """CQ-6: leads of which none waits in the queue, in a stretch without open time."""
    weekend = Span(parse_instant("2026-03-07T00:00Z"), parse_instant("2026-03-09T00:00Z"))
    found = capacity.recommend(rules(lead_types=[GUIDE]), {"content_download": 10}, over=weekend, team=1)
    assert (found.reps_needed, found.missing) == (None, None)
    assert str(found) == "No number of reps is enough (none by volume, 0 by speed). 1 rep there: 10 leads unworked."


def test_the_assumptions_stand_with_the_answer() -> None:
    """CQ-5, FD-5."""
    found = capacity.recommend(rules(), {"demo_request": 200}, over=MONTH, team=2)
    lines = found.explain().splitlines()
    assert lines[:3] == [
        "3 reps needed (1 by volume, 3 by speed). 2 reps there: 0 leads unworked.",
        "200 leads take 6000 minutes, 336 a rep: 1 rep needed. 2 reps with 20160 minutes: 0 leads unworked.",
        "1.19 leads an hour of 30 minutes before 2 reps: 10.8 % wait 5 minutes or longer, 2.92 minutes on average. "
        "3 reps needed for at most 10 %.",
    ]
    assert [line.partition(": ")[2] for line in lines[4:]] == list(ASSUMPTIONS)
    assert lines[3].startswith("Volume: ")
    assert found.speed.explain().splitlines() == [lines[2], *ASSUMPTIONS]
    assert found.volume.explain().splitlines() == [lines[1], "demo_request: 200 leads of 30 minutes"]
    told = json.loads(json.dumps(found.to_dict()))
    assert (told["reps_needed"], told["missing"], told["assumptions"]) == (3, 1, lines[3:])
    assert [told[part]["format"] for part in ("volume", "speed")] == [told["format"], 1]
    assert (told["kind"], told["volume"]["kind"], told["speed"]["kind"]) == ("capacity", "volume", "speed")
    assert (told["speed"]["leads"], told["speed"]["most_missed"], told["speed"]["reps_needed"]) == (200, "1/10", 3)
    assert told["speed"]["waiting"]["misses"] == str(found.speed.waiting.misses)
    assert told["volume"]["in_order"] == [{"lead_type": "demo_request", "worked": 200, "unworked": 0}]
    assert {
        key: told["volume"][key] for key in ("leads", "minutes", "minutes_per_rep", "minutes_of_the_team", "leads_per_rep", "unworked")
    } == {
        "leads": 200,
        "minutes": "6000",
        "minutes_per_rep": "10080",
        "minutes_of_the_team": "20160",
        "leads_per_rep": "336",
        "unworked": "0",
    }
    assert "<td>speed</td><td>200</td><td>3</td><td>10.8 % missed, stable</td>" in found._repr_html_()
    assert "<td>demo_request</td><td>200</td><td>30</td><td>200</td><td>0</td>" in found.volume._repr_html_()


# -------------------------------------------------------------------------------------------------------- count and replay


def arrival(name: str, text: str, lead_type: str | None = "demo_request", **fields: Any) -> Arrival:  # noqa: ANN401 - of many kinds
    return Arrival(id=name, at=parse_instant(text), lead_type=lead_type, **fields)


STREAM = (
    arrival("a", "2026-03-02T09:00Z"),
    arrival("b", "2026-03-02T09:10Z"),
    arrival("c", "2026-03-02T09:20Z", handed_off=False),
    arrival("d", "2026-03-02T09:20Z", None),
    arrival("e", "2026-03-09T00:00Z"),
    arrival("f", "2026-03-02T09:20Z", "unheard_of", handed_off=False),
    arrival("g", "2026-03-04T09:20Z", "unheard_of", service=timedelta(minutes=1)),
)


def test_only_leads_that_are_handed_off_count() -> None:
    """TI-4: what marketing holds takes nobody's time; nor does what comes in another week."""
    assert capacity.count(STREAM, over=WEEK) == {"demo_request": 2, "unknown": 1, "unheard_of": 1}


def test_a_stream_is_replayed_with_the_policys_minutes() -> None:
    """CP-1, TI-4: a lead without a type has minutes of its own; a part of a microsecond is a whole one."""
    policy = rules(lead_types=[DEMO, {"id": "unknown", "minutes": "1/7"}])
    found = capacity.replay(policy, iter(STREAM), [Seat("maya", OPENING.patterns["office"])], over=WEEK)
    assert [(each.lead.id, each.started) for each in found.leads] == [
        ("a", parse_instant("2026-03-02T09:00Z")),
        ("b", parse_instant("2026-03-02T09:30Z")),
        ("d", parse_instant("2026-03-02T10:00Z")),
        ("g", parse_instant("2026-03-04T09:20Z")),
    ]
    assert found.leads[2].finished == parse_instant("2026-03-02T10:00:08.571429Z")
    assert found.target == timedelta(minutes=5)


def test_any_assignment_may_be_tried() -> None:
    """RT-1: the routing is the caller's."""

    def the_last(_lead: Arrival, state: State, _at: datetime) -> str:
        return state.reps[-1].rep

    team = [Seat(name, OPENING.patterns["office"]) for name in ("ana", "noor")]
    found = capacity.replay(rules(other_minutes=5), STREAM, team, over=WEEK, assign=the_last)
    assert {each.rep for each in found.leads} == {"noor"}


def test_a_week_of_replay_leaves_what_the_volume_says() -> None:
    """CP-1, RT-8: 200 leads on Monday at nine, one rep, a week: 80 are worked and 120 are not."""
    leads = [arrival(f"{number:03}", "2026-03-02T09:00Z") for number in range(200)]
    found = capacity.replay(rules(), leads, [Seat("maya", OPENING.patterns["office"])], over=WEEK)
    assert len(found.unworked) == asked(200, 1).unworked == 120


# ------------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"lead_types": [{"id": "demo", "minutes": 0}]}, "lead_types[demo].minutes"),
        ({"lead_types": [{"id": "demo", "minutes": -1}]}, "lead_types[demo].minutes"),
        ({"lead_types": [{"id": "demo", "minutes": 1_000_001}]}, "lead_types[demo].minutes"),
        ({"lead_types": [{"id": "demo", "minutes": 2.5}]}, "lead_types[demo].minutes"),
        ({"lead_types": [DEMO, DEMO]}, "lead_types[demo_request]"),
        ({"other_minutes": 0}, "other_minutes"),
        ({"minutes_per_day": 1_441}, "minutes_per_day"),
        ({"utilisation_percent": 0}, "utilisation_percent"),
        ({"utilisation_percent": 101}, "utilisation_percent"),
        ({"target_minutes": 0}, "target_minutes"),
        ({"most_missed_percent": 0}, "most_missed_percent"),
        ({"most_missed_percent": "0.0000009"}, "most_missed_percent"),
        ({"most_missed_percent": 101}, "most_missed_percent"),
        ({"peak_percent": 0}, "peak_percent"),
        ({"account_work": [{"id": "call", "minutes": 0}]}, "account_work[call].minutes"),
        ({"account_work": [{"id": "call", "minutes": 1, "times": 0}]}, "account_work[call].times"),
        ({"account_work": [{"id": "call", "minutes": 1, "days": 0}]}, "account_work[call].days"),
        ({"account_work": [{"id": "call", "minutes": 1, "days": 3_661}]}, "account_work[call].days"),
        ({"account_work": [{"id": "call", "minutes": 1, "tiers": [0]}]}, "account_work[call].tiers[0]"),
        ({"account_work": [{"id": "call", "minutes": 1, "tiers": [1, 1]}]}, "account_work[call].tiers"),
        ({"account_utilisation_percent": 0}, "account_utilisation_percent"),
        ({"minutes": 1}, "minutes"),
    ],
)
def test_a_document_that_cannot_mean_anything_is_refused(fields: dict[str, object], path: str) -> None:
    """FD-3: with the path to it."""
    with pytest.raises(PolicyError) as refused:
        CapacityDocument.model_validate(fields)
    assert [problem.path.startswith(path) for problem in refused.value.problems] == [True]


@pytest.mark.parametrize(
    "fields",
    [
        {"lead_types": [{"id": "demo", "minutes": 1_000_000}]},
        {"minutes_per_day": 1_440},
        {"most_missed_percent": "0.000001"},
        {"most_missed_percent": 100},
        {"peak_percent": 10_000},
        {"account_work": [{"id": "call", "minutes": 1, "days": 3_660, "tiers": [1, 2]}]},
    ],
)
def test_a_document_may_go_to_the_limit(fields: dict[str, object]) -> None:
    """FD-3: and comes back from its own plain data."""
    document = CapacityDocument.model_validate(fields)
    assert CapacityDocument.model_validate(document.model_dump(mode="json")) == document


def test_what_a_document_leaves_out() -> None:
    """CQ-5, CQ-6, CP-2: five minutes, one in ten, the mean hour, all of the time; once in thirty days."""
    document = CapacityDocument.model_validate({"account_work": [{"id": "call", "minutes": 1}]})
    assert document.target_minutes == 5
    assert [document.most_missed_percent, document.peak_percent, document.utilisation_percent] == [10, 100, 100]
    assert document.account_utilisation_percent == 100
    [work] = document.account_work
    assert [work.times, work.days] == [1, 30]


def test_all_problems_are_told_at_once() -> None:
    """FD-3."""
    with pytest.raises(PolicyError) as refused:
        CapacityDocument.model_validate({"other_minutes": 0, "peak_percent": -1, "lead_types": [{"id": "demo", "minutes": 0}]})
    assert [problem.path for problem in refused.value.problems] == ["lead_types[demo].minutes", "other_minutes", "peak_percent"]


@pytest.mark.parametrize(
    ("calendar", "organisation", "said"),
    [
        ("ofice", None, "calendar: saw 'ofice', expected one of office. Did you mean \"office\"?"),
        (None, None, "calendar: saw nothing, expected one of office. Name one of hours.calendars, here or as hours.organisation."),
        ("zebra", None, "calendar: saw 'zebra', expected one of office. Name one of hours.calendars, here or as hours.organisation."),
    ],
)
def test_hours_must_be_those_of_the_policy(calendar: str | None, organisation: str | None, said: str) -> None:
    """CL-2: nobody plans on all time by accident."""
    weekly = [{"days": DAYS, "opens": "09:00", "closes": "17:00"}]
    opening = HoursDocument.model_validate({"calendars": [{"id": "office", "weekly": weekly}], "organisation": organisation})
    with pytest.raises(PolicyError) as refused:
        capacity.compile(CapacityDocument.model_validate({"calendar": calendar}), calendars.compile(opening))
    assert [str(problem) for problem in refused.value.problems] == [said]


def test_the_organisations_hours_are_those_of_a_rep() -> None:
    """CL-2: unless the section names others."""
    assert rules().calendar == OPENING.patterns["office"]
    assert rules(calendar="berlin").calendar == OPENING.patterns["berlin"]


@pytest.mark.parametrize(
    ("leads", "said"),
    [
        ({"demo_requst": 1}, "lead_type: saw 'demo_requst', expected one of demo_request. Did you mean \"demo_request\"?"),
        (
            {"unknown": 1},
            "lead_type: saw 'unknown', expected one of demo_request. Add it to capacity.lead_types, or set capacity.other_minutes.",
        ),
        ({"demo_request": -1}, "leads[demo_request]: saw -1, expected a whole number from 0 to 1000000000."),
        ({"demo_request": 1.5}, "leads[demo_request]: saw 1.5, expected a whole number from 0 to 1000000000."),
        ({"demo_request": True}, "leads[demo_request]: saw true, expected a whole number from 0 to 1000000000."),
    ],
)
def test_leads_are_counts_of_types_that_are_known(leads: dict[str, int], said: str) -> None:
    """CP-1: no lead is planned for without its minutes."""
    with pytest.raises(FactError) as refused:
        capacity.volume(rules(), leads, over=WEEK, team=1)
    assert str(refused.value) == said


def test_many_leads_over_many_years_are_counted() -> None:
    """CP-1: ten years of a calendar, a thousand million leads."""
    over = Span(WEEK.since, WEEK.since + 3_660 * DAY)
    found = capacity.volume(rules(), {"demo_request": 10**9}, over=over, team=1)
    assert found.leads == 10**9
    # from a Monday on, 3,660 days are 522 weeks and six days: 2,615 of Monday to Friday
    assert found.per_rep == 2_615 * 480
    with pytest.raises(FactError, match="leads"):
        capacity.volume(rules(), {"demo_request": 10**9 + 1}, over=over, team=1)


@pytest.mark.parametrize("over", [Span(WEEK.since, WEEK.since), Span(WEEK.since, WEEK.since + 3_661 * DAY)])
def test_a_stretch_is_neither_nothing_nor_a_lifetime(over: Span) -> None:
    """CP-1."""
    for ask in (
        lambda: capacity.minutes_worked(rules(), over=over),
        lambda: capacity.volume(rules(), {}, over=over, team=1),
        lambda: capacity.speed(rules(), {}, over=over, reps=1),
    ):
        with pytest.raises(FactError, match="over"):
            ask()


@pytest.mark.parametrize(("team", "path"), [(-1, "team"), (True, "team"), ([Seat("a", Calendar.always())] * 2, r"seats\[a\]")])
def test_a_team_is_a_number_or_reps_that_differ(team: int | list[Seat], path: str) -> None:
    """CP-1."""
    with pytest.raises(FactError, match=path):
        capacity.volume(rules(), {}, over=WEEK, team=team)


@pytest.mark.parametrize("reps", [-1, 1.0, None, 2_001])
def test_reps_are_a_whole_number(reps: int) -> None:
    """CQ-2."""
    with pytest.raises(FactError, match="reps"):
        capacity.speed(rules(), {}, over=WEEK, reps=reps)


def test_a_month_is_asked_for_by_a_date() -> None:
    """FD-2: an instant has no local date before a zone is chosen."""
    with pytest.raises(FactError, match="day: saw"):
        capacity.month(rules(), datetime(2026, 3, 2, tzinfo=UTC))


def test_what_was_asked_is_what_hours_say() -> None:
    """TM-14: the minutes of a rep are the open time between the ends, absences left out as pauses."""
    away = (Span(parse_instant("2026-03-03T10:00Z"), parse_instant("2026-03-04T10:30Z")),)
    office = OPENING.patterns["office"]
    worked = capacity.minutes_worked(rules(), over=WEEK, seat=Seat("maya", office, away))
    assert worked == hours.between(office, WEEK.since, WEEK.until, pauses=away) / timedelta(minutes=1)
    assert math.isclose(worked, 1_890)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"leads": ["demo_request"]}, "leads: saw a list of 1, expected a table of numbers by lead type. `count` counts arrivals"),
        ({"leads": {None: 3}}, "leads: saw nothing, expected names of lead types"),
        ({"leads": {"demo_request": 3.0}}, r"leads\[demo_request\]: saw 3\.0"),
        ({"team": Seat("maya", OPENING.patterns["office"])}, "team: saw Seat .*, expected a number of reps, or a list of seats"),
        ({"team": [Rep(id="maya", role="SDR")]}, r"seats\[0\]: saw Rep .* `capacity\.seats` makes them of reps"),
        ({"team": None}, "team: saw nothing"),
        ({"team": 2.5}, r"team: saw 2\.5"),
        ({"team": True}, "team: saw true"),
        ({"over": (WEEK.since, WEEK.until)}, r"over: saw a list of 2, expected a Span\. `month` gives that of a month"),
        ({"over": None}, "over: saw nothing"),
    ],
)
def test_arguments_of_another_kind_are_refused(change: dict[str, Any], message: str) -> None:
    """FD-3: before anything is counted."""
    given: dict[str, Any] = {"leads": {"demo_request": 3}, "over": WEEK, "team": 1, **change}
    for asked in (capacity.volume, capacity.recommend):
        with pytest.raises(FactError, match=message):
            asked(rules(), given["leads"], over=given["over"], team=given["team"])


def test_more_reps_than_a_queue_has_are_named_as_they_were_given() -> None:
    """CQ-2."""
    with pytest.raises(FactError, match=r"^team: saw 5000, expected a whole number from 0 to 2000"):
        capacity.recommend(rules(), {"demo_request": 3}, over=WEEK, team=5_000)
    with pytest.raises(FactError, match=r"^reps: saw 5000, expected a whole number from 0 to 2000"):
        capacity.speed(rules(), {"demo_request": 3}, over=WEEK, reps=5_000)
    with pytest.raises(FactError, match=r"^queue: saw a load of"):
        capacity.speed(rules(), {"demo_request": 10**6}, over=WEEK, reps=5)


def test_a_stretch_is_one_when_arrivals_are_counted_too() -> None:
    with pytest.raises(FactError, match="over: saw nothing"):
        capacity.count([], over=None)  # type: ignore[arg-type]  # on purpose


def test_a_calendar_that_there_is_not_is_told_with_its_rep() -> None:
    """CL-2."""
    with pytest.raises(FactError, match=r"reps\[maya\]\.calendar: saw 'ofice'.*office"):
        capacity.seats(OPENING, [Rep(id="maya", role="SDR", calendar="ofice")])
