"""By when somebody is owed an answer, and what comes if there is none (SL-6, SL-7, CL-1 to CL-17)."""

import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine import sla
from inbound_engine.decisions import Code, Decision
from inbound_engine.errors import FactError
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.sla import Assigned, Cancelled, Clock, Due, Event, LadderStep, Milestone, Pause, Status, Superseded, follow, status
from inbound_engine.spans import parse_instant
from tests.places import CASES, needs_cases

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
NOTHING = timedelta(0)

BERLIN = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
NEW_YORK = Calendar.weekdays("America/New_York", "09:00", "17:00")
KOLKATA = Calendar.weekdays("Asia/Kolkata", "09:30", "18:30")

T1 = (LadderStep("escalate", 5 * MINUTE, "escalate", "manager"), LadderStep("reroute", 15 * MINUTE, "reroute", "backup"))
T2 = (LadderStep("escalate", 30 * MINUTE, "escalate", "manager"), LadderStep("reroute", 120 * MINUTE, "reroute", "backup"))
T3 = (LadderStep("nurture", 240 * MINUTE, "auto_nurture"),)


def t(text: str) -> datetime:
    """A time of Monday 2 March 2026 in UTC, or of another day: "3 09:05" is Tuesday."""
    day, _, time = text.rpartition(" ")
    return parse_instant(f"2026-03-{int(day or 2):02}T{time}Z")


def clock(start: str = "09:00", **parts: Any) -> Clock:  # noqa: ANN401 - whatever a clock takes
    """Five minutes on the ladder of T1, always open, for the lead L-1."""
    return Clock(**{"id": "L-1", "lead_id": "L-1", "target": 5 * MINUTE, "start": t(start), "ladder": T1, **parts})


def touch(at: str, *, human: bool = True, logged: str | None = None, name: str = "call", lead: str = "L-1") -> Outreach:
    recorded = None if logged is None else t(logged)
    return Outreach(id=f"{name}-{at}", lead_id=lead, rep="a", channel=name, at=t(at), human=human, recorded_at=recorded)


def takes(rep: str | None, at: str, calendar: Calendar | None = None) -> Assigned:
    return Assigned(id=f"{rep}-{at}", at=t(at), rep=rep, calendar=calendar)


def pause(since: str, until: str | None = None, *, planned: bool = False, logged: str | None = None) -> Pause:
    end, known = [None if time is None else t(time) for time in (until, logged)]
    return Pause(id=f"pause-{since}", at=t(since), until=end, planned=planned, recorded_at=known)


def cancelled(at: str, *, logged: str | None = None) -> Cancelled:
    return Cancelled(id=f"cancelled-{at}", at=t(at), reason="duplicate", recorded_at=None if logged is None else t(logged))


def superseded(at: str) -> Superseded:
    return Superseded(id=f"superseded-{at}", at=t(at), by="L-1b")


def came(steps: tuple[Due, ...]) -> list[str]:
    """Steps as a table has them: the step and the time at which it came."""
    return [f"{step.step} {step.at:%H:%M:%S}".removesuffix(":00") for step in steps]


def told(found: tuple[Status, ...]) -> list[tuple[str, str]]:
    return [(each.clock.id, each.state) for each in found]


# ------------------------------------------------------------------------------------------------------ the shared cases

Case = tuple[str, Clock, list[Event], datetime, Any]


def cases(*ids: str) -> Iterator[Case]:
    """The rows of cases/time.json: what was computed by reading a wall clock at every minute."""
    rows = {row["id"]: row for row in json.loads((CASES / "time.json").read_text(encoding="utf-8"))}
    for name in ids:
        args, answer = rows[name]["args"], rows[name]["answer"]
        written: Mapping[str, Any] = args["calendar"]
        calendar = Calendar(
            written["zone"],
            {int(day): own for day, own in written["weekly"].items()},
            holidays=map(date.fromisoformat, written["holidays"]),
            overrides={date.fromisoformat(day): own for day, own in written["overrides"].items()},
        )
        ladder = [LadderStep(str(number), timedelta(seconds=after), "flag", to) for number, (after, to) in enumerate(args.get("steps", ()))]
        start = parse_instant(args["start"])
        events: list[Event] = [
            Pause(id=f"pause-{number}", at=parse_instant(since), until=None if until is None else parse_instant(until), planned=True)
            for number, (since, until) in enumerate(args.get("pauses", ()))
        ]
        if args.get("response") is not None:
            events.append(Outreach(id="o", lead_id="L", rep="a", channel="call", at=parse_instant(args["response"]), human=True))
        at = parse_instant(args["now"]) if "now" in args else max([start, *(event.at for event in events)])
        target = timedelta(seconds=args.get("seconds", 60))
        yield name, Clock(id="L", target=target, start=start, calendar=calendar, ladder=ladder), events, at, answer


@needs_cases
def test_the_shared_cases_of_states() -> None:
    """CL-4, CL-5, CL-13: E42 to E46, E51 and E52."""
    ids = ("E42", "E43", "E44", "E45", "E46", "E51", "E52")
    for name, owed, events, at, answer in cases(*ids):
        assert status(owed, events, at=at).state == answer, name


@needs_cases
def test_the_shared_cases_of_deadlines_with_pauses() -> None:
    """CL-13: E47 to E49, and E50, where an unfinished pause leaves no deadline."""
    found = {name: status(owed, events, at=at).deadline for name, owed, events, at, _ in cases("E47", "E48", "E49", "E50")}
    assert found == {
        "E47": parse_instant("2024-01-09T09:35:00Z"),
        "E48": parse_instant("2024-01-09T09:33:00Z"),
        "E49": parse_instant("2024-01-09T08:03:00Z"),
        "E50": None,
    }
    assert {name: None if answer is None else parse_instant(answer) for name, *_, answer in cases(*found)} == found


@needs_cases
def test_the_shared_cases_of_ladders() -> None:
    """CL-7, CL-8: E53 to E58, every step with its nominal instant, in order."""
    for name, owed, events, at, answer in cases("E53", "E54", "E55", "E56", "E57", "E58"):
        due = status(owed, events, at=at).due
        assert [(step.at, step.to) for step in due] == [(parse_instant(when), what) for when, what in answer], name


# ------------------------------------------------------------------------------------------------ CL-1: what a clock is


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"target": NOTHING}, "clock.target: saw timedelta 0:00:00, expected a timedelta of more than zero. Write timedelta(minutes=5)."),
        (
            {"target": -MINUTE},
            "clock.target: saw timedelta -1 day, 23:59:00, expected a timedelta of more than zero. Write timedelta(minutes=5).",
        ),
        ({"start": datetime(2026, 3, 2, 9)}, "clock.start: saw 2026-03-02T09:00:00 without a zone, expected an aware datetime."),  # noqa: DTZ001
        ({"start": "2026-03-02T09:00Z"}, "clock.start: saw '2026-03-02T09:00Z', expected an aware datetime. Parse text with"),
        ({"ladder": [LadderStep("now", -TICK, "flag")]}, "clock.ladder[now].after: saw -1 day, 23:59:59.999999, expected zero or more."),
        ({"ladder": [*T1, LadderStep("escalate", HOUR, "flag")]}, "clock.ladder: saw 'escalate' twice, expected ids that differ."),
    ],
)
def test_cl1_what_makes_no_clock_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as refused:
        attrs.evolve(clock(), **parts)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        pytest.param({"target": 5}, "clock.target", id="a target without a unit"),
        pytest.param({"stopped_by": "accepted"}, "clock.stopped_by", id="one name is not a list of letters"),
        pytest.param({"captured_at": datetime(2026, 3, 2, 9)}, "clock.captured_at", id="captured at a naive instant"),  # noqa: DTZ001
        pytest.param({"answers_since": datetime(2026, 3, 2, 9)}, "clock.answers_since", id="answers since a naive instant"),  # noqa: DTZ001
        pytest.param({"max_reroutes": -1}, "clock.max_reroutes", id="less than no re-route"),
        pytest.param({"calendar": "Europe/Berlin"}, "clock.calendar", id="the name of a zone is no calendar"),
        pytest.param({"ladder": ("escalate",)}, "clock.ladder", id="the name of a step is no step"),
        pytest.param({"late_after": 15}, "clock.late_after", id="an amount without a unit"),
    ],
)
def test_cl1_a_clock_looks_at_all_its_parts(parts: dict[str, Any], path: str) -> None:
    with pytest.raises(FactError) as refused:
        clock(**parts)
    assert refused.value.problem.path.startswith(path)


NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - to be refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: Pause(id="p", at=NAIVE), "event.at: saw 2026-03-02T09:00:00 without a zone", id="a pause"),
        pytest.param(lambda: Pause(id="p", at=t("09:00"), until=NAIVE), "pause.until: saw 2026-03-02T09:00:00 without", id="its end"),
        pytest.param(
            lambda: Pause(id="p", at=t("09:00"), until=t("08:59")),
            "pause.until: saw 2026-03-02T08:59:00+00:00, expected an instant at or after 2026-03-02T09:00:00+00:00.",
            id="an end before the beginning",
        ),
        pytest.param(lambda: Cancelled(id="c", at=NAIVE), "event.at: saw", id="a cancellation"),
        pytest.param(lambda: Superseded(id="s", at=NAIVE), "event.at: saw", id="a takeover"),
        pytest.param(lambda: Milestone(id="m", at=NAIVE, name="accepted"), "event.at: saw", id="a milestone"),
        pytest.param(lambda: Assigned(id="a", at=NAIVE, rep="a"), "event.at: saw", id="an assignment"),
        pytest.param(lambda: Cancelled(id="c", at=t("09:00"), recorded_at=NAIVE), "event.recorded_at: saw", id="its logging"),
        pytest.param(lambda: status(clock(), at=NAIVE), "at: saw 2026-03-02T09:00:00 without a zone", id="asked of one clock"),
        pytest.param(lambda: follow([clock()], at=NAIVE), "at: saw 2026-03-02T09:00:00 without a zone", id="asked of a lead"),
        pytest.param(
            lambda: status(clock(calendar=Calendar("UTC", {})), at=t("09:00")),
            "calendar.weekly: saw no opening hours at all, expected at least one span.",
            id="a calendar that never opens",
        ),
    ],
)
def test_tm1_an_instant_without_a_zone_is_refused(make: Callable[[], object], message: str) -> None:
    """TM-1, TM-17."""
    with pytest.raises(FactError) as refused:
        make()
    assert str(refused.value).startswith(message)


def test_tm1_instants_are_kept_in_utc() -> None:
    """TM-1: whatever zone they were given in."""
    there = parse_instant("2026-03-02T09:00Z").astimezone(BERLIN.zone)
    events = (
        Pause(id="p", at=there, until=there, recorded_at=there),
        Cancelled(id="c", at=there, recorded_at=there),
        Superseded(id="s", at=there, recorded_at=there),
        Milestone(id="m", at=there, name="accepted", recorded_at=there),
        Assigned(id="a", at=there, rep=None, recorded_at=there),
    )
    for event in events:
        assert event.at.tzinfo is UTC
        assert event.recorded_at == event.at == t("09:00")
    assert clock(start="09:00") == attrs.evolve(clock(), start=there)
    assert status(clock(), at=there).at.tzinfo is UTC


def test_cl1_a_clock_starts_when_it_happened_and_is_pending_before() -> None:
    """CL-1."""
    found = status(clock(start="10:00"), at=t("09:59:59.999999"))
    assert (found.state, found.deadline, found.elapsed, found.left, found.next_change) == (
        "pending", t("10:05"), NOTHING, 5 * MINUTE, t("10:00"),
    )  # fmt: skip
    assert status(clock(start="10:00"), at=t("10:00")).state == "running"


def test_cl2_a_clock_keeps_its_calendar() -> None:
    """CL-2: two clocks with one start and two calendars; editing the second changes nothing of the first."""
    owed = clock("15:58", calendar=BERLIN)
    edited = attrs.evolve(owed, calendar=attrs.evolve(BERLIN, holidays=[date(2026, 3, 3)]))
    assert status(owed, at=t("15:58")).deadline == t("3 08:03")
    assert status(edited, at=t("15:58")).deadline == t("4 08:03")
    assert status(owed, at=t("15:58")).deadline == t("3 08:03")


# ---------------------------------------------------------------------------------------------- CL-4: met and breached

CLOSING = clock("15:55", calendar=BERLIN)  # five minutes to closing time, which is 16:00 in UTC


@pytest.mark.parametrize(
    ("owed", "response", "at", "state", "elapsed", "left", "over"),
    [
        pytest.param(clock(), None, "09:00", "running", 0, 300, 0, id="at the start"),
        pytest.param(clock(), None, "09:04:59", "running", 299, 1, 0, id="E44 a second before the deadline"),
        pytest.param(clock(), None, "09:05", "breached", 300, 0, 0, id="E44 at the deadline"),
        pytest.param(clock(), None, "09:07", "breached", 420, 0, 120, id="two minutes later"),
        pytest.param(clock(), "09:00", "09:00", "met", 0, 300, 0, id="answered at once"),
        pytest.param(clock(), "09:04:59", "10:05", "met", 299, 1, 0, id="E42 answered a second early"),
        pytest.param(clock(), "09:05", "10:05", "breached", 300, 0, 0, id="E43 answered exactly at the deadline"),
        pytest.param(clock(), "09:18", "10:05", "breached", 1080, 0, 780, id="answered after 18 minutes"),
        pytest.param(clock(), "08:59", "10:05", "met", 0, 300, 0, id="CL-17 answered before the start"),
        pytest.param(CLOSING, None, "15:59:59", "running", 299, 1, 0, id="a second before closing time"),
        pytest.param(CLOSING, None, "16:00", "breached", 300, 0, 0, id="the deadline is closing time"),
        pytest.param(CLOSING, "18:00", "3 07:00", "breached", 300, 0, 0, id="E46 due at closing, answered in the evening"),
        pytest.param(clock("7 09:00", calendar=BERLIN), "7 09:02", "7 10:00", "met", 0, 300, 0, id="E45 answered on Saturday"),
        pytest.param(clock("15:58", calendar=BERLIN), None, "3 08:02", "running", 240, 60, 0, id="E02 four of five minutes, over a night"),
        pytest.param(clock("15:58", calendar=BERLIN), "3 08:02:59", "3 09:00", "met", 299, 1, 0, id="E02 answered in the morning"),
        pytest.param(clock("15:58", calendar=BERLIN), "3 08:03", "3 09:00", "breached", 300, 0, 0, id="E02 a second later"),
    ],
)
def test_cl4_a_clock_is_met_strictly_before_its_deadline(
    *, owed: Clock, response: str | None, at: str, state: str, elapsed: int, left: int, over: int
) -> None:
    """SL-6, SL-7, CL-4, CL-5; seconds."""
    found = status(owed, [] if response is None else [touch(response)], at=t(at))
    assert found.state == state
    assert (found.elapsed, found.left, found.over) == (elapsed * SECOND, left * SECOND, over * SECOND)
    assert found.answered_at == found.ended_at == (None if response is None else t(response))
    assert found.is_decided is (state in {"met", "breached"})


@pytest.mark.parametrize(
    ("nudge", "state", "elapsed", "over"),
    [
        (-TICK, "met", 5 * MINUTE - TICK, NOTHING),
        (NOTHING, "breached", 5 * MINUTE, NOTHING),
        (TICK, "breached", 5 * MINUTE + TICK, TICK),
    ],
)
@pytest.mark.parametrize(("start", "deadline"), [("09:00:00.250000", "09:05:00.250000"), ("15:58:30.250000", "3 08:03:30.250000")])
def test_cl4_it_is_decided_to_the_microsecond(
    *, start: str, deadline: str, nudge: timedelta, state: str, elapsed: timedelta, over: timedelta
) -> None:
    """CL-4, TM-19."""
    owed = clock(start, calendar=BERLIN)
    answer = attrs.evolve(touch("09:00"), at=t(deadline) + nudge)
    found = status(owed, [answer], at=t("4 12:00"))
    assert (found.deadline, found.state, found.elapsed, found.over) == (t(deadline), state, elapsed, over)


def test_cl5_both_elapsed_times_are_told() -> None:
    """CL-5: nobody is fooled by a "0 s" that took 40 hours."""
    weekend = status(clock("6 18:00", calendar=BERLIN), [touch("8 10:00")], at=t("9 12:00"))
    assert (weekend.state, weekend.elapsed, weekend.calendar_elapsed) == ("met", NOTHING, 40 * HOUR)
    open_still = status(clock("15:58", calendar=BERLIN), at=t("3 08:02"))
    assert (open_still.elapsed, open_still.calendar_elapsed) == (4 * MINUTE, 16 * HOUR + 4 * MINUTE)
    before = status(clock(), [touch("08:00")], at=t("10:00"))
    assert (before.elapsed, before.calendar_elapsed) == (NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("calendar", "deadline", "steps"),
    [
        pytest.param(BERLIN, "3 08:05", ["escalate 08:05", "reroute 08:15"], id="E04 E56 in business hours"),
        pytest.param(Calendar.always(), "3 02:05", ["escalate 02:05", "reroute 02:15"], id="E05 of elapsed time"),
        pytest.param(KOLKATA, "3 04:05", ["escalate 04:05", "reroute 04:15"], id="with somebody who opens in the meantime"),
    ],
)
def test_cl6_a_lead_at_three_in_the_morning_waits_for_the_hours_it_is_owed(calendar: Calendar, deadline: str, steps: list[str]) -> None:
    found = status(clock("3 02:00", calendar=calendar), at=t("3 10:00"))
    assert (found.deadline, came(found.due)) == (t(deadline), steps)


# ------------------------------------------------------------------------------------------------ CL-7, CL-8: the ladder


@pytest.mark.parametrize(
    ("owed", "response", "at", "due"),
    [
        pytest.param(clock(), None, "09:04:59.999999", [], id="before the first step"),
        pytest.param(clock(), None, "09:05", ["escalate 09:05"], id="at the first step"),
        pytest.param(clock(), None, "09:14:59.999999", ["escalate 09:05"], id="before the second"),
        pytest.param(clock(), None, "09:15", ["escalate 09:05", "reroute 09:15"], id="E53 at the second"),
        pytest.param(clock(), None, "3 09:00", ["escalate 09:05", "reroute 09:15"], id="CL-8 a day late: both, as of their instants"),
        pytest.param(clock(), "09:04:59", "10:00", [], id="answered in time"),
        pytest.param(clock(), "09:07", "10:00", ["escalate 09:05"], id="E54 answered after 7 minutes"),
        pytest.param(clock(), "09:05", "10:00", ["escalate 09:05"], id="E55 answered at the instant of the step"),
        pytest.param(clock(), "09:15", "10:00", ["escalate 09:05", "reroute 09:15"], id="answered at the instant of the last step"),
        pytest.param(
            clock("15:40", target=30 * MINUTE, ladder=T2, calendar=BERLIN),
            None,
            "3 12:00",
            ["escalate 08:10", "reroute 09:40"],
            id="E57 T2 late in the afternoon",
        ),
        pytest.param(clock("14:00", target=240 * MINUTE, ladder=T3, calendar=BERLIN), None, "3 12:00", ["nurture 10:00"], id="E58 T3"),
        pytest.param(
            clock(ladder=(LadderStep("late", HOUR, "flag"), LadderStep("early", MINUTE, "flag"), LadderStep("too", MINUTE, "flag"))),
            None,
            "10:00",
            ["early 09:01", "too 09:01", "late 10:00"],
            id="in order of their instants, then of the ladder",
        ),
        pytest.param(clock(ladder=(LadderStep("now", NOTHING, "flag"),)), None, "09:00", ["now 09:00"], id="a step at once"),
        pytest.param(
            clock("7 09:00", ladder=(LadderStep("now", NOTHING, "flag"),), calendar=BERLIN), None, "7 09:00", ["now 09:00"],
            id="TM-15 a step at once does not wait for opening",
        ),
        pytest.param(clock("10:00"), None, "09:59", [], id="nothing before the start"),
        pytest.param(clock(ladder=()), None, "10:00", [], id="no ladder"),
    ],
)  # fmt: skip
def test_cl7_a_step_comes_at_its_instant_unless_an_answer_came_before(owed: Clock, response: str | None, at: str, due: list[str]) -> None:
    """SL-7, CL-7, CL-8."""
    found = status(owed, [] if response is None else [touch(response)], at=t(at))
    assert came(found.due) == came(found.new) == due
    assert found.retracted == ()


def test_cl7_a_step_that_is_due_says_all_of_itself() -> None:
    step = LadderStep("ignored", 2 * DAY, "recycle", "marketing", "ignored")
    [found] = status(clock(ladder=[step]), at=t("4 09:00")).due
    assert found == Due("L-1:ignored", "ignored", 1, "recycle", "marketing", "ignored", t("4 09:00"))


def test_cl7_offsets_run_from_the_start_and_not_from_each_other() -> None:
    found = status(clock(ladder=(*T1, LadderStep("again", 20 * MINUTE, "flag"))), at=t("10:00"))
    assert came(found.due) == ["escalate 09:05", "reroute 09:15", "again 09:20"]
    assert [step.number for step in found.due] == [1, 2, 3]


def test_cl8_what_was_fired_is_not_new_and_stays_due() -> None:
    """SL-7: each exactly once, when the caller keeps the keys."""
    first = status(clock(), at=t("09:06"))
    assert [step.key for step in first.new] == ["L-1:escalate"]
    second = status(clock(), at=t("09:20"), fired={step.key for step in first.new})
    assert [step.key for step in second.due] == ["L-1:escalate", "L-1:reroute"]
    assert [step.key for step in second.new] == ["L-1:reroute"]
    third = status(clock(), at=t("09:30"), fired=["L-1:escalate", "L-1:reroute"])
    assert (third.new, third.due, third.retracted) == ((), second.due, ())


def test_sl7_a_second_look_gives_the_same_keys() -> None:
    once = {step.key for step in status(clock(), at=t("09:20")).due}
    assert once == {step.key for step in status(clock(), [pause("09:01", "09:03")], at=t("12:00")).due}


# -------------------------------------------------------------------------------------------------- CL-9: what answers


@pytest.mark.parametrize(
    ("owed", "events", "state", "answered", "first"),
    [
        pytest.param(clock(), [touch("09:03")], "met", "09:03", "09:03", id="a call"),
        pytest.param(clock(), [touch("09:03", name="email")], "met", "09:03", "09:03", id="a personal email"),
        pytest.param(clock(), [touch("09:00:01", human=False)], "breached", None, "09:00:01", id="a confirmation does not"),
        pytest.param(clock(), [touch("09:00:01", human=False), touch("09:04")], "met", "09:04", "09:00:01", id="a call after it does"),
        pytest.param(clock(), [touch("09:07"), touch("09:04")], "met", "09:04", "09:04", id="the earliest of several"),
        pytest.param(clock(), [touch("09:03", lead="L-2")], "breached", None, None, id="a call to another lead does not"),
        pytest.param(clock(lead_id=None), [touch("09:03", lead="L-2")], "met", "09:03", "09:03", id="a clock of no lead in particular"),
        pytest.param(clock(), [Milestone(id="m", at=t("09:03"), name="accepted")], "breached", None, None, id="a milestone does not"),
        pytest.param(clock(), [takes("a", "09:03")], "breached", None, None, id="an assignment does not"),
        pytest.param(
            clock(human_only=False), [touch("09:00:01", human=False)], "met", "09:00:01", "09:00:01", id="unless any touch will do"
        ),
        pytest.param(
            clock(stopped_by={"accepted", "rejected"}), [touch("09:01"), Milestone(id="m", at=t("09:03"), name="rejected")],
            "met", "09:03", "09:03", id="SL-2 a review is answered by accepting or rejecting",
        ),
        pytest.param(
            clock(stopped_by={"accepted", "rejected"}), [touch("09:01"), Milestone(id="m", at=t("09:03"), name="opened")],
            "breached", None, None, id="SL-2 and by nothing else",
        ),
        pytest.param(
            clock(stopped_by=["delivered"]), [Milestone(id="m", at=t("09:03"), name="delivered", lead_id="L-2")],
            "breached", None, None, id="SL-1 the delivery of another lead",
        ),
        pytest.param(
            clock(stopped_by={"outreach", "accepted"}), [Milestone(id="m", at=t("09:04"), name="accepted"), touch("09:03")],
            "met", "09:03", "09:03", id="either will do",
        ),
        pytest.param(clock(answers_since=t("09:02")), [touch("09:01:59.999999")], "breached", None, None, id="CL-16 an earlier answer"),
        pytest.param(clock(answers_since=t("09:02")), [touch("09:02")], "met", "09:02", "09:02", id="CL-16 from then on"),
    ],
)  # fmt: skip
def test_cl9_only_a_human_touch_answers(owed: Clock, events: list[Event], state: str, answered: str | None, first: str | None) -> None:
    """SL-6, CL-9: and the first of any kind is told beside it."""
    found = status(owed, events, at=t("09:30"))
    assert found.state == state
    assert found.answered_at == (None if answered is None else t(answered))
    assert found.first_touch_at == (None if first is None else t(first))


def test_sl6_the_time_from_capture_to_contact_is_told_beside() -> None:
    captured = clock(captured_at=t("08:30"))
    assert status(captured, [touch("09:03")], at=t("10:00")).capture_to_contact == 33 * MINUTE
    assert status(captured, [touch("08:29")], at=t("10:00")).capture_to_contact == NOTHING
    assert status(captured, at=t("10:00")).capture_to_contact is None
    assert status(clock(), [touch("09:03")], at=t("10:00")).capture_to_contact is None


# ------------------------------------------------------------------------------------------------------- CL-13: pauses


@pytest.mark.parametrize(
    ("events", "at", "state", "deadline"),
    [
        pytest.param([pause("09:02", "09:32")], "09:33", "running", "09:35", id="E47 it moves by the pause"),
        pytest.param([pause("09:02", "09:20"), pause("09:10", "09:30")], "09:31", "running", "09:33", id="E48 overlapping ones are one"),
        pytest.param([pause("09:02", "09:03"), pause("09:03", "09:04")], "09:05", "running", "09:07", id="two that touch"),
        pytest.param([pause("09:02", "09:02")], "09:03", "running", "09:05", id="one of no length"),
        pytest.param([pause("08:00", "08:30")], "09:01", "running", "09:05", id="before the start"),
        pytest.param([pause("08:30", "09:10")], "09:11", "running", "09:15", id="across the start"),
        pytest.param([pause("09:02", "09:32")], "09:35", "breached", "09:35", id="missed all the same"),
        pytest.param([pause("09:02")], "11:00", "paused", None, id="E50 E51 unfinished: no deadline"),
        pytest.param([pause("09:02")], "09:02", "paused", None, id="from its first instant"),
        pytest.param([pause("09:04:59.999999")], "11:00", "paused", None, id="a microsecond before the deadline"),
        pytest.param([pause("09:05")], "09:05", "breached", "09:05", id="E52 at the deadline is too late"),
        pytest.param([pause("09:05", "10:00")], "10:30", "breached", "09:05", id="also a finished one"),
        pytest.param([pause("08:00")], "09:30", "paused", None, id="unfinished since before the start"),
        pytest.param([pause("09:02", "10:00", planned=True)], "09:30", "paused", "10:03", id="until a planned end: a deadline"),
        pytest.param([pause("09:02", "10:00", planned=True)], "10:00", "running", "10:03", id="the end is not part of it"),
        pytest.param([pause("09:02", "10:00")], "09:30", "paused", None, id="an end not planned and not come is not known"),
        pytest.param([pause("09:02", "10:00")], "10:00", "running", "10:03", id="and once it has come it is"),
        pytest.param([pause("09:01", "09:02", planned=True), pause("09:03")], "09:10", "paused", None, id="finished and unfinished"),
        pytest.param([pause("09:05"), pause("09:03")], "09:10", "paused", None, id="of two unfinished the first counts"),
        pytest.param([pause("09:02")], "09:01", "running", "09:05", id="FD-2 one that has not begun is not seen"),
        pytest.param([attrs.evolve(pause("09:02"), lead_id="L-2")], "09:04", "running", "09:05", id="of another lead"),
    ],
)
def test_cl13_time_inside_a_pause_does_not_count(events: list[Event], at: str, state: str, deadline: str | None) -> None:
    found = status(clock(calendar=BERLIN), events, at=t(at))
    assert (found.state, found.deadline) == (state, None if deadline is None else t(deadline))


def test_cl13_a_pause_outside_hours_changes_nothing() -> None:
    """E49."""
    found = status(clock("15:58", calendar=BERLIN), [pause("17:00", "20:00")], at=t("21:00"))
    assert (found.state, found.deadline) == ("running", t("3 08:03"))
    assert status(clock("15:58", calendar=BERLIN), [pause("17:00", "3 08:01")], at=t("3 08:02")).deadline == t("3 08:04")


def test_cl13_a_paused_clock_says_how_far_it_came() -> None:
    found = status(clock(), [pause("09:02")], at=t("11:00"))
    assert (found.elapsed, found.calendar_elapsed, found.left, found.over) == (2 * MINUTE, 2 * HOUR, 3 * MINUTE, NOTHING)
    assert status(clock(start="10:00"), [pause("09:00")], at=t("09:30")).state == "pending"


@pytest.mark.parametrize(
    ("events", "at", "due"),
    [
        pytest.param([pause("09:02")], "12:00", [], id="no step comes while it lasts"),
        pytest.param([pause("09:05")], "12:00", ["escalate 09:05"], id="what came at its first instant stays"),
        pytest.param([pause("09:10")], "12:00", ["escalate 09:05"], id="what came before it stays"),
        pytest.param([pause("09:10", "10:10")], "12:00", ["escalate 09:05", "reroute 10:15"], id="what comes after it moves"),
        pytest.param([pause("09:10", "13:10", planned=True)], "12:00", ["escalate 09:05"], id="also by a planned end"),
        pytest.param([pause("09:02"), touch("09:30")], "12:00", [], id="answered during it"),
    ],
)
def test_cl13_steps_wait_for_the_end_of_a_pause(events: list[Event], at: str, due: list[str]) -> None:
    assert came(status(clock(), events, at=t(at)).due) == due


def test_cl13_an_answer_during_a_pause_is_in_time() -> None:
    found = status(clock(), [pause("09:02"), touch("11:00")], at=t("12:00"))
    assert (found.state, found.deadline, found.elapsed, found.left) == ("met", None, 2 * MINUTE, 3 * MINUTE)


@pytest.mark.parametrize("end", ["09:30", "10:00"])
def test_cl13_a_pause_after_the_answer_changes_no_verdict(end: str) -> None:
    met = status(clock(), [touch("09:03"), pause("09:04", end)], at=t("12:00"))
    assert (met.state, met.elapsed) == ("met", 3 * MINUTE)
    late = status(clock(), [touch("09:07"), pause("09:08", end)], at=t("12:00"))
    assert (late.state, late.elapsed, late.deadline) == ("breached", 7 * MINUTE, t("09:05"))


def test_cl13_a_step_at_once_does_not_wait_for_a_pause() -> None:
    """TM-15: no amount at all is the start itself; whether the pause will end changes nothing of that."""
    owed = clock(ladder=(LadderStep("now", NOTHING, "flag"),))
    assert came(status(owed, [pause("08:00", "10:00", planned=True)], at=t("09:30")).due) == ["now 09:00"]
    assert came(status(owed, [pause("08:00")], at=t("09:30")).due) == ["now 09:00"]


# ------------------------------------------------------------------------------- CL-14, CL-15: cancelled and superseded


@pytest.mark.parametrize(
    ("events", "state", "ended", "answered"),
    [
        pytest.param([cancelled("09:04:59.999999")], "cancelled", "09:04:59.999999", None, id="before the deadline"),
        pytest.param([cancelled("09:05")], "breached", "09:05", None, id="at the deadline the miss stays"),
        pytest.param([cancelled("09:20")], "breached", "09:20", None, id="after it the miss stays"),
        pytest.param([cancelled("08:00")], "cancelled", "08:00", None, id="before the start"),
        pytest.param([cancelled("09:02"), touch("09:03")], "cancelled", "09:02", None, id="a call after it comes too late"),
        pytest.param([touch("09:02"), cancelled("09:03")], "met", "09:02", "09:02", id="after an answer it means nothing"),
        pytest.param([cancelled("09:03"), touch("09:03")], "met", "09:03", "09:03", id="at one instant the answer rules"),
        pytest.param([superseded("09:03"), cancelled("09:03")], "cancelled", "09:03", None, id="then the cancellation"),
        pytest.param([superseded("09:03")], "superseded", "09:03", None, id="CL-15 superseded before the deadline"),
        pytest.param([superseded("09:05")], "breached", "09:05", None, id="CL-15 at the deadline the miss stays"),
        pytest.param(
            [superseded("09:03"), touch("09:04")], "superseded", "09:03", None, id="CL-15 a call after it answers the other clock"
        ),
        pytest.param([cancelled("09:20"), touch("09:30")], "breached", "09:20", None, id="a miss that was cancelled is never answered"),
        pytest.param([attrs.evolve(cancelled("09:03"), lead_id="L-2")], "breached", None, None, id="another lead's"),
        pytest.param([pause("09:02"), cancelled("09:30")], "cancelled", "09:30", None, id="while paused"),
        pytest.param([pause("09:02"), superseded("09:30")], "superseded", "09:30", None, id="CL-15 while paused"),
    ],
)
def test_cl14_a_clock_that_is_ended_before_its_deadline_is_out(
    events: list[Event], state: str, ended: str | None, answered: str | None
) -> None:
    for order in permutations(events):
        found = status(clock(), order, at=t("10:00"))
        assert found.state == state
        assert found.ended_at == (None if ended is None else t(ended))
        assert found.answered_at == (None if answered is None else t(answered))
        assert found.is_decided is (state in {"met", "breached"})


def test_cl14_steps_end_with_the_clock() -> None:
    found = status(clock(), [cancelled("09:10")], at=t("12:00"))
    assert (came(found.due), found.elapsed, found.over, found.next_change) == (["escalate 09:05"], 10 * MINUTE, 5 * MINUTE, None)
    assert came(status(clock(), [cancelled("09:05")], at=t("12:00")).due) == ["escalate 09:05"]


# ------------------------------------------------------------------------------------------------ CL-17: logged late


@pytest.mark.parametrize(
    ("event", "fired", "state", "due", "retracted"),
    [
        pytest.param(touch("09:04", logged="09:04"), None, "met", [], [], id="logged at once"),
        pytest.param(touch("09:04", logged="09:05"), None, "met", [], [], id="logged at the instant of the step"),
        pytest.param(touch("09:04", logged="09:05:01"), None, "met", [], ["escalate 09:05"], id="a miss becomes an answer in time"),
        pytest.param(touch("09:04", logged="09:30"), None, "met", [], ["escalate 09:05", "reroute 09:15"], id="after both steps"),
        pytest.param(touch("09:04", logged="09:30"), ("L-1:escalate",), "met", [], ["escalate 09:05"], id="of which one was fired"),
        pytest.param(touch("09:04", logged="09:30"), ("L-2:escalate",), "met", [], [], id="of which none was fired"),
        pytest.param(
            touch("09:07", logged="09:30"), None, "breached", ["escalate 09:05"], ["reroute 09:15"], id="answered late, logged later"
        ),
        pytest.param(touch("09:07"), None, "breached", ["escalate 09:05"], [], id="nobody knows when it was logged"),
        pytest.param(touch("09:07"), ("L-1:reroute",), "breached", ["escalate 09:05"], ["reroute 09:15"], id="but the step was fired"),
        pytest.param(cancelled("09:04", logged="09:30"), None, "cancelled", [], ["escalate 09:05", "reroute 09:15"], id="a cancellation"),
    ],
)
def test_cl17_what_is_logged_late_counts_when_it_was(
    event: Event, fired: tuple[str, ...] | None, state: str, due: list[str], retracted: list[str]
) -> None:
    """CL-17: steps in between are retracted, not as if they never had come."""
    found = status(clock(), [event], at=t("10:00"), fired=fired)
    assert (found.state, came(found.due), came(found.retracted)) == (state, due, retracted)
    assert found.new == tuple(step for step in found.due if step.key not in (fired or ()))


def test_cl17_an_answer_before_the_start_took_no_time() -> None:
    found = status(clock(), [touch("08:00")], at=t("10:00"))
    assert (found.state, found.elapsed, found.answered_at, found.flags) == ("met", NOTHING, t("08:00"), ("answered_before_start",))
    assert status(clock(), [touch("09:00")], at=t("10:00")).flags == ()
    pending = status(clock(start="11:00"), [touch("08:00")], at=t("10:00"))
    assert (pending.state, pending.next_change) == ("met", None)


@pytest.mark.parametrize(
    ("logged", "late_after", "flags"),
    [
        ("09:19", 15 * MINUTE, ()),
        ("09:19:00.000001", 15 * MINUTE, ("logged_late",)),
        ("12:00", None, ()),
        (None, 15 * MINUTE, ()),
    ],
)
def test_cl17_an_answer_logged_more_than_so_late_is_flagged(
    logged: str | None, late_after: timedelta | None, flags: tuple[str, ...]
) -> None:
    assert status(clock(late_after=late_after), [touch("09:04", logged=logged)], at=t("13:00")).flags == flags


def test_cl17_a_cancellation_logged_late_is_no_answer_logged_late() -> None:
    assert status(clock(late_after=15 * MINUTE), [cancelled("09:04", logged="12:00")], at=t("13:00")).flags == ()


def test_fd2_what_is_dated_after_the_question_is_not_seen() -> None:
    """CL-17, FD-2: the same events, asked at each minute."""
    events: list[Event] = [touch("09:06"), cancelled("09:08"), takes("a", "09:01")]
    assert [status(clock(), events, at=t(when)).state for when in ("09:04", "09:05", "09:07")] == ["running", "breached", "breached"]
    assert [status(clock(), events, at=t(when)).ended_at for when in ("09:05:59", "09:06", "09:09")] == [None, t("09:06"), t("09:06")]
    assert [status(clock(), events, at=t(when)).accountable for when in ("09:00", "09:01")] == [None, "a"]


@pytest.mark.parametrize("late", [pause("09:02", "09:12"), pause("09:02")], ids=["moved by ten minutes", "hidden"])
def test_cl17_a_step_that_a_pause_logged_late_undoes_is_retracted(late: Pause) -> None:
    """What is among the fired ones and not due any more is retracted, as the docstring of `status` says."""
    fired = {step.key for step in status(clock(), at=t("09:06")).new}
    found = status(clock(), [late], at=t("09:12"), fired=fired)
    assert found.due == ()
    assert [step.key for step in found.retracted] == ["L-1:escalate"]


def test_cl17_a_step_that_never_came_is_not_retracted() -> None:
    """Called at 09:01, which is logged at 10:00, and again at 09:03, which is logged at once: nobody was escalated at 09:05."""
    found = status(clock(), [touch("09:01", logged="10:00"), touch("09:03", logged="09:03")], at=t("10:00"))
    assert (found.state, found.elapsed, found.retracted) == ("met", MINUTE, ())


def test_cl17_a_pause_after_a_step_undoes_nothing() -> None:
    """That of 09:02 was logged at 09:03, so nobody was escalated at 09:05; that of 09:12 came later, however late it was logged."""
    known, later = pause("09:02", "09:12", logged="09:03"), pause("09:12", "09:20", logged="09:13")
    found = status(clock(), [known, later], at=t("09:14"))
    assert (found.due, found.retracted) == ((), ())


def test_cl17_where_nothing_was_fired_nothing_is_retracted() -> None:
    """The worker was down from 09:00 to 09:30, and keeps its keys: there are none."""
    kept: set[str] = set()
    assert status(clock(), [touch("09:04", logged="09:29")], at=t("09:30"), fired=kept).retracted == ()


# --------------------------------------------------------------------------------------- CL-11: who was accountable


@pytest.mark.parametrize(
    ("events", "at", "accountable"),
    [
        pytest.param([], "09:30", None, id="nobody"),
        pytest.param([takes("a", "09:00")], "09:30", "a", id="the holder"),
        pytest.param([takes("a", "08:00")], "09:30", "a", id="one from before the start"),
        pytest.param([takes("a", "09:00"), takes("b", "09:04:59.999999")], "09:30", "b", id="the one just before the deadline"),
        pytest.param([takes("a", "09:00"), takes("b", "09:05")], "09:30", "a", id="not who came at the deadline"),
        pytest.param([takes("a", "09:00"), takes("b", "09:15"), touch("09:18")], "09:30", "a", id="not who came after it"),
        pytest.param([takes("a", "09:00"), takes(None, "09:04")], "09:30", None, id="nobody, once it was taken away"),
        pytest.param([takes(None, "09:00"), takes("a", "09:10")], "09:30", None, id="nobody had it in time"),
        pytest.param([takes("a", "09:00"), takes("b", "09:03"), touch("09:04")], "09:30", "b", id="met: the holder at the answer"),
        pytest.param([takes("a", "09:00"), takes("b", "09:04"), touch("09:04")], "09:30", "b", id="met: from that instant on"),
        pytest.param([takes("a", "09:00"), touch("09:03"), takes("b", "09:04")], "09:30", "a", id="met: not who came later"),
        pytest.param([takes("a", "09:00"), takes("b", "09:03")], "09:04", "b", id="running: the holder now"),
        pytest.param([takes("a", "09:00"), cancelled("09:02"), takes("b", "09:03")], "09:30", "a", id="cancelled: the holder then"),
        pytest.param([attrs.evolve(takes("b", "09:01"), lead_id="L-2")], "09:30", None, id="the holder of another lead"),
    ],
)
def test_cl11_a_miss_belongs_to_the_holder_just_before_the_deadline(events: list[Event], at: str, accountable: str | None) -> None:
    assert status(clock(), events, at=t(at)).accountable == accountable


def test_cl11_a_clock_may_bring_its_first_holder() -> None:
    assert status(clock(holder="noor"), at=t("09:30")).accountable == "noor"
    assert status(clock(holder="noor"), [takes("a", "09:02")], at=t("09:30")).accountable == "a"
    assert status(clock(holder="noor", kind="assignment"), [takes("a", "09:02")], at=t("09:30")).accountable == "noor"


# ------------------------------------------------------------------------------------------------ CL-12: unassigned


@pytest.mark.parametrize(
    ("events", "at", "due"),
    [
        pytest.param([takes(None, "09:00:10")], "09:01", ["no_eligible_rep 09:00:10"], id="at once"),
        pytest.param([takes(None, "08:59")], "09:01", ["no_eligible_rep 09:00"], id="not before the start"),
        pytest.param([takes(None, "08:59")], "08:59:30", [], id="nor seen before it"),
        pytest.param([takes(None, "09:01"), takes(None, "09:02")], "09:03", ["no_eligible_rep 09:01"], id="once, not at each attempt"),
        pytest.param([takes("a", "09:00")], "09:03", [], id="not where somebody took it"),
        pytest.param([takes(None, "09:00"), takes("a", "09:00")], "09:03", [], id="nor where somebody did so at the same instant"),
        pytest.param([takes("a", "09:00"), takes(None, "09:02")], "09:03", ["no_eligible_rep 09:02"], id="when the holder is gone"),
        pytest.param([takes(None, "09:01")], "09:20", ["no_eligible_rep 09:01", "escalate 09:05", "reroute 09:15"], id="and the ladder"),
        pytest.param([takes(None, "09:05")], "09:06", ["no_eligible_rep 09:05", "escalate 09:05"], id="before a step of that instant"),
        pytest.param([touch("09:01"), takes(None, "09:02")], "09:03", [], id="not once it is answered"),
        pytest.param([touch("09:02"), takes(None, "09:02")], "09:03", ["no_eligible_rep 09:02"], id="CL-7 at equality it comes"),
        pytest.param([attrs.evolve(takes(None, "09:01"), lead_id="L-2")], "09:03", [], id="not for another lead"),
    ],
)
def test_cl12_a_lead_that_nobody_may_take_is_escalated_at_once(events: list[Event], at: str, due: list[str]) -> None:
    found = status(clock(escalate_unassigned=True), events, at=t(at))
    assert came(found.due) == due
    plainly = status(clock(), events, at=t(at))
    assert came(plainly.due) == [step for step in due if not step.startswith("no_eligible_rep")]


def test_cl12_the_escalation_says_why() -> None:
    [found] = status(clock(escalate_unassigned=True), [takes(None, "09:00:10")], at=t("09:01")).due
    assert found == Due("L-1:no_eligible_rep", "no_eligible_rep", 0, "escalate", "", "no_eligible_rep", t("09:00:10"))


def test_cl12_it_is_retracted_like_any_step() -> None:
    found = status(clock(escalate_unassigned=True), [takes(None, "09:02"), touch("09:01", logged="09:30")], at=t("10:00"))
    assert came(found.retracted) == ["no_eligible_rep 09:02", "escalate 09:05", "reroute 09:15"]


def test_cl12_a_lead_that_somebody_holds_is_not_escalated_for_want_of_one() -> None:
    found = status(clock(start="10:00", escalate_unassigned=True), [takes(None, "08:00"), takes("a", "08:30")], at=t("10:01"))
    assert (found.accountable, found.due) == ("a", ())


# ------------------------------------------------------------------------------------------------- CL-10: re-routes


def test_cl10_the_lead_s_clock_goes_on_and_each_holder_has_one_of_their_own() -> None:
    """CL-10, CL-11: re-routed at 15 minutes, answered at 18: a miss of 18 minutes, and an answer within 3."""
    events: list[Event] = [takes("a", "09:00"), takes("b", "09:15"), touch("09:18")]
    lead, first, second = follow([clock()], events, at=t("10:00"))
    assert told((lead, first, second)) == [("L-1", "breached"), ("L-1/1", "breached"), ("L-1/2", "met")]
    assert (lead.elapsed, lead.over, lead.accountable) == (18 * MINUTE, 13 * MINUTE, "a")
    assert (first.accountable, first.clock.holder, first.clock.kind, first.clock.start, first.ended_at) == (
        "a", "a", "assignment", t("09:00"), t("09:15"),
    )  # fmt: skip
    assert (second.accountable, second.clock.start, second.deadline, second.elapsed) == ("b", t("09:15"), t("09:20"), 3 * MINUTE)


def test_cl10_each_clock_counts_on_its_own_calendar() -> None:
    """The lead's on Berlin's, the second holder's on New York's, which opens at 14:00 in UTC."""
    owed = clock("15:50", calendar=BERLIN)
    events: list[Event] = [takes("a", "15:50"), takes("b", "3 08:05", NEW_YORK), touch("3 14:03")]
    before = follow([owed], events, at=t("3 14:02"))
    assert [(found.clock.id, found.state, found.deadline) for found in before] == [
        ("L-1", "breached", t("15:55")),
        ("L-1/1", "breached", t("15:55")),
        ("L-1/2", "running", t("3 14:05")),
    ]
    assert came(before[0].due) == ["escalate 15:55", "reroute 08:05"]
    assert [found.clock.calendar for found in before] == [BERLIN, BERLIN, NEW_YORK]
    lead, _, second = follow([owed], events, at=t("3 15:00"))
    assert (lead.elapsed, second.elapsed, second.state) == (6 * HOUR + 13 * MINUTE, 3 * MINUTE, "met")


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        pytest.param(1, [["escalate 09:05", "reroute 09:15"], [], ["escalate 09:20"], ["escalate 09:36"]], id="one, and no ping-pong"),
        pytest.param(2, [["escalate 09:05", "reroute 09:15"], [], ["escalate 09:20", "reroute 09:30"], ["escalate 09:36"]], id="two"),
    ],
)
def test_cl10_re_routes_are_used_up(most: int, steps: list[list[str]]) -> None:
    """CL-10: the first holder's clock carries no ladder of its own, the lead's does; later ones do, until re-routes are used up."""
    events: list[Event] = [takes("a", "09:00"), takes("b", "09:15"), takes("c", "09:31")]
    found = follow([clock(max_reroutes=most)], events, at=t("12:00"))
    assert [each.clock.id for each in found] == ["L-1", "L-1/1", "L-1/2", "L-1/3"]
    assert [came(each.due) for each in found] == steps


def test_cl10_the_clock_of_an_assignment_ends_with_the_next_one() -> None:
    """Undecided it is superseded; missed it stays missed."""
    events: list[Event] = [takes("a", "09:00"), takes("b", "09:03"), takes("c", "09:08")]
    assert told(follow([clock()], events, at=t("09:09"))) == [
        ("L-1", "breached"),
        ("L-1/1", "superseded"),
        ("L-1/2", "breached"),
        ("L-1/3", "running"),
    ]


def test_cl10_a_holder_who_comes_back_has_another_clock() -> None:
    events: list[Event] = [takes("a", "09:00"), takes(None, "09:02"), takes("a", "09:03")]
    found = follow([clock()], events, at=t("09:04"))
    assert [(each.clock.id, each.state, each.clock.start) for each in found] == [
        ("L-1", "running", t("09:00")),
        ("L-1/1", "superseded", t("09:00")),
        ("L-1/2", "running", t("09:03")),
    ]


def test_cl10_who_is_assigned_again_keeps_the_clock() -> None:
    events: list[Event] = [takes("a", "09:00"), takes("a", "09:03")]
    assert told(follow([clock()], events, at=t("09:04"))) == [("L-1", "running"), ("L-1/1", "running")]


def test_cl10_nobody_is_assigned_once_the_lead_is_answered() -> None:
    events: list[Event] = [takes("a", "09:00"), touch("09:03"), takes("b", "09:04")]
    assert told(follow([clock()], events, at=t("10:00"))) == [("L-1", "met"), ("L-1/1", "met")]


def test_cl10_a_lead_without_a_holder_has_its_own_clock_alone() -> None:
    """CL-12."""
    assert told(follow([clock()], [takes(None, "09:00")], at=t("09:03"))) == [("L-1", "running")]
    waiting = follow([clock(escalate_unassigned=True)], [takes(None, "09:00"), takes("a", "09:02")], at=t("09:03"))
    assert told(waiting) == [("L-1", "running"), ("L-1/1", "running")]
    assert [came(each.due) for each in waiting] == [["no_eligible_rep 09:00"], []]
    assert waiting[1].clock.start == t("09:02")


def test_cl10_a_holder_from_before_starts_with_the_clock() -> None:
    found = follow([clock()], [takes("b", "07:00"), takes("a", "08:00")], at=t("09:03"))
    assert [(each.clock.id, each.clock.holder, each.clock.start) for each in found] == [
        ("L-1", None, t("09:00")), ("L-1/1", "a", t("09:00")),
    ]  # fmt: skip


def test_cl10_of_several_who_had_it_at_the_start_the_last_has_the_clock() -> None:
    """Two assignments at one instant are ordered by id; who had it for no time is owed nothing."""
    found = follow([clock()], [takes("a", "09:00"), takes("b", "09:00")], at=t("09:03"))
    assert [(each.clock.id, each.clock.holder) for each in found] == [("L-1", None), ("L-1/1", "b")]


def test_cl10_another_lead_s_holder_is_not_this_one_s() -> None:
    assert told(follow([clock()], [attrs.evolve(takes("a", "09:00"), lead_id="L-2")], at=t("09:03"))) == [("L-1", "running")]


def test_cl10_a_cancellation_ends_all_its_clocks() -> None:
    events: list[Event] = [takes("a", "09:00"), cancelled("09:02")]
    assert told(follow([clock()], events, at=t("10:00"))) == [("L-1", "cancelled"), ("L-1/1", "cancelled")]


def test_cl10_who_takes_a_lead_has_a_clock_at_that_very_instant() -> None:
    """Half-open spans, closed questions: what happened at `at` has happened (FD-2), and an assignment at the start is seen so."""
    found = follow([clock()], [takes("a", "09:00"), takes("b", "09:15")], at=t("09:15"))
    assert told(found) == [("L-1", "breached"), ("L-1/1", "breached"), ("L-1/2", "running")]
    assert sla.next_due(found) == t("09:20")


def test_cl10_who_loses_a_lead_has_no_clock_from_that_very_instant() -> None:
    found = follow([clock()], [takes("a", "09:00"), takes("b", "09:03")], at=t("09:03"))
    assert told(found) == [("L-1", "running"), ("L-1/1", "superseded"), ("L-1/2", "running")]


def test_cl10_no_re_route_is_none() -> None:
    """Documents refuse this too; the holders' clocks have their ladders cut to what is left."""
    with pytest.raises(FactError) as refused:
        clock(max_reroutes=0)
    assert str(refused.value) == "clock.ladder[reroute].action: saw a re-route, expected another action where max_reroutes is 0."


# --------------------------------------------------------------------- CL-15, CL-16: tier changes and second enquiries


@pytest.mark.parametrize(
    ("change", "events", "expected"),
    [
        pytest.param("09:03", [], [("L-1", "superseded"), ("L-1b", "breached")], id="undecided: superseded"),
        pytest.param("09:05", [], [("L-1", "breached"), ("L-1b", "breached")], id="at the deadline it is decided"),
        pytest.param("09:07", [], [("L-1", "breached"), ("L-1b", "breached")], id="a miss is never reopened"),
        pytest.param("09:03", [touch("09:02")], [("L-1", "met"), ("L-1b", "breached")], id="an answer from before is not one to it"),
        pytest.param("09:03", [touch("09:04")], [("L-1", "superseded"), ("L-1b", "met")], id="an answer after it is"),
        pytest.param("09:03", [touch("09:02"), touch("09:06")], [("L-1", "met"), ("L-1b", "met")], id="a second answer is"),
        pytest.param("09:03", [pause("09:01")], [("L-1", "superseded"), ("L-1b", "paused")], id="a paused one is undecided"),
    ],
)
def test_cl15_a_change_of_tier_supersedes_what_is_undecided(change: str, events: list[Event], expected: list[tuple[str, str]]) -> None:
    changed = clock(change, id="L-1b", replaces=True)
    assert told(follow([changed, clock()], events, at=t("10:00"))) == expected


def test_cl15_the_new_clock_starts_at_the_change_and_the_old_one_s_steps_end() -> None:
    old, new = follow([clock(), clock("09:07", id="L-1b", replaces=True)], at=t("10:00"))
    assert (came(old.due), old.ended_at, old.state) == (["escalate 09:05"], t("09:07"), "breached")
    assert (came(new.due), new.clock.start, new.deadline) == (["escalate 09:12", "reroute 09:22"], t("09:07"), t("09:12"))


def test_cl15_tiers_may_change_again() -> None:
    clocks = [clock(), clock("09:02", id="L-1b", replaces=True), clock("09:04", id="L-1c", replaces=True)]
    assert told(follow(clocks, at=t("09:06"))) == [("L-1", "superseded"), ("L-1b", "superseded"), ("L-1c", "running")]


def test_cl15_the_holder_s_clock_is_superseded_with_the_lead_s() -> None:
    found = follow([clock(), clock("09:02", id="L-1b", replaces=True)], [takes("a", "09:00"), touch("09:06")], at=t("10:00"))
    assert told(found) == [("L-1", "superseded"), ("L-1/1", "superseded"), ("L-1b", "met"), ("L-1b/1", "met")]


@pytest.mark.parametrize(
    ("second", "events", "expected"),
    [
        pytest.param("09:03", [], [("L-1", "breached")], id="while it is undecided it joins"),
        pytest.param("09:04:59.999999", [], [("L-1", "breached")], id="up to the deadline"),
        pytest.param("09:05", [], [("L-1", "breached"), ("L-1b", "breached")], id="from the deadline on it is another"),
        pytest.param("09:00", [], [("L-1", "breached")], id="at one instant the first by name"),
        pytest.param("09:03", [touch("09:04")], [("L-1", "met")], id="one answer answers both enquiries"),
        pytest.param("09:10", [touch("09:03")], [("L-1", "met"), ("L-1b", "breached")], id="an answer to the first is none to the second"),
        pytest.param("09:10", [touch("09:03"), touch("09:12")], [("L-1", "met"), ("L-1b", "met")], id="each has an answer"),
        pytest.param("09:10", [touch("09:12")], [("L-1", "breached"), ("L-1b", "met")], id="one answer, late and in time"),
        pytest.param("10:00:00.000001", [], [("L-1", "breached")], id="FD-2 one that has not come is not seen"),
        pytest.param("09:06", [pause("09:02")], [("L-1", "paused")], id="a paused clock is undecided"),
    ],
)
def test_cl16_a_second_enquiry_joins_an_undecided_clock(second: str, events: list[Event], expected: list[tuple[str, str]]) -> None:
    assert told(follow([clock(), clock(second, id="L-1b")], events, at=t("10:00"))) == expected


def test_cl16_a_second_enquiry_does_not_restart_the_clock() -> None:
    [found] = follow([clock(), clock("09:03", id="L-1b")], at=t("09:04"))
    assert (found.deadline, found.elapsed) == (t("09:05"), 4 * MINUTE)


def test_cl16_the_second_clock_has_the_holders_of_its_own_time() -> None:
    events: list[Event] = [takes("a", "09:00"), touch("09:03"), takes("b", "09:30"), takes("c", "10:02"), touch("10:06")]
    found = follow([clock(), clock("10:00", id="L-2")], events, at=t("11:00"))
    assert [(each.clock.id, each.state, each.clock.holder) for each in found] == [
        ("L-1", "met", None),
        ("L-1/1", "met", "a"),
        ("L-2", "breached", None),
        ("L-2/1", "superseded", "b"),
        ("L-2/2", "met", "c"),
    ]
    assert found[2].accountable == "c"


def test_cl16_whoever_takes_a_lead_after_its_second_enquiry_has_no_clock_of_the_first() -> None:
    """Also where the first was never answered."""
    events: list[Event] = [takes("a", "09:00"), takes("c", "10:02"), touch("10:06")]
    assert told(follow([clock(), clock("10:00", id="L-2")], events, at=t("11:00"))) == [
        ("L-1", "breached"),
        ("L-1/1", "breached"),
        ("L-2", "breached"),
        ("L-2/1", "superseded"),
        ("L-2/2", "met"),
    ]


def test_cl16_a_clock_that_says_since_when_it_is_answered_keeps_that() -> None:
    second = clock("09:10", id="L-1b", answers_since=t("09:02"))
    assert told(follow([clock(), second], [touch("09:03")], at=t("10:00"))) == [("L-1", "met"), ("L-1b", "met")]


def test_cl16_a_review_does_not_join_a_first_response() -> None:
    """SL-1, SL-2: what marketing owes and what sales owes are two promises about one lead."""
    review = clock("09:01", id="L-1-review", table="review", stopped_by={"accepted", "rejected"})
    assert told(follow([clock(), review], at=t("09:03"))) == [("L-1", "running"), ("L-1-review", "running")]


def test_cl16_an_enquiry_after_a_cancellation_is_owed_an_answer() -> None:
    """CL-14 ends the clock that ran then; a new enquiry "afterwards starts a new clock"."""
    found = follow([clock(), clock("10:00", id="L-1b")], [cancelled("09:02")], at=t("10:01"))
    assert told(found) == [("L-1", "cancelled"), ("L-1b", "running")]


def test_cl16_an_answer_to_the_first_clock_does_not_answer_the_second_at_the_same_instant() -> None:
    """As the docstring of `follow` says; the second enquiry came when the first was decided, and is a clock of its own."""
    found = follow([clock(), clock("09:03", id="L-1b")], [touch("09:03")], at=t("09:04"))
    assert told(found) == [("L-1", "met"), ("L-1b", "running")]


def test_follow_gives_nothing_for_nothing() -> None:
    assert follow([], at=t("09:00")) == ()
    assert follow([clock(start="10:00")], at=t("09:00")) == ()
    assert sla.next_due([]) is None
    assert sla.tasks([]) == ()


def test_follow_keeps_what_was_fired_apart_by_clock() -> None:
    """SL-7, CL-7: keys name the clock and the step."""
    events: list[Event] = [takes("a", "09:00"), takes("b", "09:15")]
    found = follow([clock()], events, at=t("09:30"), fired={"L-1:escalate", "L-1:reroute"})
    assert [came(each.new) for each in found] == [[], [], ["escalate 09:20"]]
    assert [step.key for each in found for step in each.due] == ["L-1:escalate", "L-1:reroute", "L-1/2:escalate"]


# ------------------------------------------------------------------------------------------ SL-7: the next change


def walked(owed: Clock, events: list[Event], since: str) -> list[tuple[str, str, list[str]]]:
    """Every change from an instant on, as a worker would meet them that sleeps until the next one."""
    found = [status(owed, events, at=t(since))]
    while (change := found[-1].next_change) is not None:
        assert change > found[-1].at
        found.append(status(owed, events, at=change))
    return [(f"{each.at:%H:%M}", each.state, came(each.due)) for each in found]


@pytest.mark.parametrize(
    ("owed", "events", "since", "expected"),
    [
        pytest.param(
            clock(), [], "08:00",
            [
                ("08:00", "pending", []),
                ("09:00", "running", []),
                ("09:05", "breached", ["escalate 09:05"]),
                ("09:15", "breached", ["escalate 09:05", "reroute 09:15"]),
            ],
            id="from before the start to the last step",
        ),
        pytest.param(
            clock(), [pause("09:02", "09:32", planned=True)], "09:02",
            [
                ("09:02", "paused", []),
                ("09:32", "running", []),
                ("09:35", "breached", ["escalate 09:35"]),
                ("09:45", "breached", ["escalate 09:35", "reroute 09:45"]),
            ],
            id="over a planned pause",
        ),
        pytest.param(
            clock(ladder=(LadderStep("remind", 3 * MINUTE, "flag"), *T1)), [], "09:01",
            [
                ("09:01", "running", []),
                ("09:03", "running", ["remind 09:03"]),
                ("09:05", "breached", ["remind 09:03", "escalate 09:05"]),
                ("09:15", "breached", ["remind 09:03", "escalate 09:05", "reroute 09:15"]),
            ],
            id="a step before the deadline",
        ),
        pytest.param(clock(), [pause("09:02")], "09:03", [("09:03", "paused", [])], id="nothing by itself in an unfinished pause"),
        pytest.param(clock(), [touch("09:03")], "09:04", [("09:04", "met", [])], id="nothing after an answer"),
        pytest.param(clock(), [touch("09:07")], "09:08", [("09:08", "breached", ["escalate 09:05"])], id="nothing after a late one"),
        pytest.param(clock(), [cancelled("09:03")], "09:04", [("09:04", "cancelled", [])], id="nothing after a cancellation"),
    ],
)  # fmt: skip
def test_sl7_the_next_change_names_every_change(
    owed: Clock, events: list[Event], since: str, expected: list[tuple[str, str, list[str]]]
) -> None:
    assert walked(owed, events, since) == expected


@pytest.mark.parametrize(
    ("owed", "events", "since"),
    [
        pytest.param(clock(), [pause("09:06", "09:10", planned=True)], "09:07", id="the clock is missed already"),
        pytest.param(
            clock(), [pause("09:01", "09:03", planned=True), pause("09:02", "09:10", planned=True)], "09:02", id="another pause goes on"
        ),
        pytest.param(clock(), [pause("09:01", "09:03", planned=True), pause("09:02")], "09:02", id="an unfinished pause goes on"),
        pytest.param(clock(), [pause("08:00", "08:30", planned=True)], "08:10", id="the clock has not started"),
    ],
)
def test_sl7_the_next_change_is_a_change(owed: Clock, events: list[Event], since: str) -> None:
    changes = walked(owed, events, since)
    assert all(before[1:] != after[1:] for before, after in pairwise(changes))


def test_sl7_whoever_watches_several_clocks_looks_at_the_first_change() -> None:
    running, later = status(clock(), at=t("09:01")), status(clock(ladder=T3, target=HOUR), at=t("09:01"))
    done = status(clock(), [touch("09:00")], at=t("09:01"))
    assert sla.next_due([later, done, running]) == t("09:05")
    assert sla.next_due([later]) == t("10:00")
    assert sla.next_due([done]) is None


def test_tm17_a_deadline_that_never_comes_is_no_error() -> None:
    """TM-17: one day long open, and never again."""
    once = Calendar("UTC", {}, overrides={date(2026, 3, 2): [(540, 720)]})
    found = status(clock("11:58", calendar=once), at=t("3 12:00"))
    assert (found.state, found.deadline, found.flags, found.due, found.next_change) == ("running", None, ("never_due",), (), None)
    assert (found.elapsed, found.left) == (2 * MINUTE, 3 * MINUTE)
    answered = status(clock("11:58", calendar=once), [touch("3 12:00")], at=t("3 12:00"))
    assert (answered.state, answered.elapsed, answered.flags) == ("met", 2 * MINUTE, ("never_due",))


# -------------------------------------------------------------------------------------------------- how it is told


MISSED = status(clock(promise="T1"), [takes("a", "09:00"), touch("09:07", logged="09:30")], at=t("10:00"))


def test_a_status_says_why() -> None:
    """FD-5."""
    assert [(reason.code, reason.rule) for reason in MISSED.because] == [
        (Code.BREACHED, "sla.tables[first_response].rows[T1]"),
        (Code.DUE, "sla.tables[first_response].rows[T1].ladder[escalate]"),
        (Code.RETRACTED, "sla.tables[first_response].rows[T1].ladder[reroute]"),
    ]
    assert [(seen.name, seen.value) for seen in MISSED.because[0].saw] == [
        ("start", t("09:00")),
        ("deadline", t("09:05")),
        ("answered_at", t("09:07")),
        ("elapsed", 7 * MINUTE),
        ("target", 5 * MINUTE),
        ("over", 2 * MINUTE),
        ("accountable", "a"),
    ]
    assert MISSED.explain() == (
        "sla.tables[first_response].rows[T1] was missed: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, "
        "answered at 2026-03-02 09:07 UTC, elapsed 0:07:00, target 0:05:00, over 0:02:00, accountable a. "
        "sla.tables[first_response].rows[T1].ladder[escalate] is due: action escalate, to manager, at 2026-03-02 09:05 UTC. "
        "sla.tables[first_response].rows[T1].ladder[reroute] is not owed any more: action reroute, to backup, at 2026-03-02 09:15 UTC."
    )


@pytest.mark.parametrize(
    ("owed", "events", "at", "text"),
    [
        (
            clock("10:00"), [], "09:00",
            "sla.tables[first_response] has not started: start 2026-03-02 10:00 UTC, deadline 2026-03-02 10:05 UTC, elapsed 0:00:00, "
            "target 0:05:00, left 0:05:00.",
        ),
        (
            clock(), [], "09:01",
            "sla.tables[first_response] is running: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, elapsed 0:01:00, "
            "target 0:05:00, left 0:04:00.",
        ),
        (
            clock(), [pause("09:02")], "09:03",
            "sla.tables[first_response] is paused: start 2026-03-02 09:00 UTC, deadline unknown, "
            "elapsed 0:02:00, target 0:05:00, left 0:03:00.",
        ),
        (
            clock(), [touch("09:02")], "09:03",
            "sla.tables[first_response] was met: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, "
            "answered at 2026-03-02 09:02 UTC, elapsed 0:02:00, target 0:05:00, left 0:03:00.",
        ),
        (
            clock(), [cancelled("09:02")], "09:03",
            "sla.tables[first_response] was cancelled: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, "
            "ended at 2026-03-02 09:02 UTC, elapsed 0:02:00, target 0:05:00.",
        ),
        (
            clock(), [superseded("09:02")], "09:03",
            "sla.tables[first_response] was superseded: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, "
            "ended at 2026-03-02 09:02 UTC, elapsed 0:02:00, target 0:05:00, left 0:03:00.",
        ),
        (
            clock(escalate_unassigned=True), [takes(None, "09:00")], "09:01",
            "sla.tables[first_response] is running: start 2026-03-02 09:00 UTC, deadline 2026-03-02 09:05 UTC, elapsed 0:01:00, "
            "target 0:05:00, left 0:04:00. sla.tables[first_response].ladder[no_eligible_rep] is due: action escalate, "
            "at 2026-03-02 09:00 UTC, reason no_eligible_rep.",
        ),
    ],
)  # fmt: skip
def test_a_status_is_told_in_words(owed: Clock, events: list[Event], at: str, text: str) -> None:
    assert status(owed, events, at=t(at)).explain() == text


def test_a_status_is_plain_data() -> None:
    assert MISSED.to_dict() == {
        "kind": "sla_status",
        "clock": "L-1",
        "promise": "T1",
        "table": "first_response",
        "lead_id": "L-1",
        "at": "2026-03-02T10:00:00Z",
        "state": "breached",
        "deadline": "2026-03-02T09:05:00Z",
        "answered_at": "2026-03-02T09:07:00Z",
        "first_touch_at": "2026-03-02T09:07:00Z",
        "first_touch_after": "420000000 us",
        "capture_to_contact": None,
        "ended_at": "2026-03-02T09:07:00Z",
        "elapsed": "420000000 us",
        "calendar_elapsed": "420000000 us",
        "left": "0 us",
        "over": "120000000 us",
        "accountable": "a",
        "next_change": None,
        "flags": [],
        "due": [
            {
                "key": "L-1:escalate", "step": "escalate", "number": 1, "action": "escalate", "to": "manager", "reason": None,
                "at": "2026-03-02T09:05:00Z",
            },
        ],
        "new": [
            {
                "key": "L-1:escalate", "step": "escalate", "number": 1, "action": "escalate", "to": "manager", "reason": None,
                "at": "2026-03-02T09:05:00Z",
            },
        ],
        "retracted": [
            {
                "key": "L-1:reroute", "step": "reroute", "number": 2, "action": "reroute", "to": "backup", "reason": None,
                "at": "2026-03-02T09:15:00Z",
            },
        ],
    }  # fmt: skip
    assert json.loads(json.dumps(MISSED.to_dict())) == MISSED.to_dict()


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (MISSED, "Status('L-1': breached, deadline 2026-03-02T09:05:00+00:00, 1 step due)"),
        (status(clock(), at=t("09:01")), "Status('L-1': running, deadline 2026-03-02T09:05:00+00:00)"),
        (status(clock(), [pause("09:01")], at=t("09:01")), "Status('L-1': paused, no deadline)"),
    ],
)
def test_a_status_shows_itself_on_one_line(found: Status, text: str) -> None:
    assert repr(found) == text


def test_a_status_is_a_table_in_a_notebook() -> None:
    html = status(clock(promise="<T1>"), at=t("09:01"))._repr_html_()
    assert html.startswith("<table><caption>L-1: running</caption><thead><tr><th>code</th><th>rule</th><th>in words</th></tr></thead>")
    assert "<td>running</td><td>sla.tables[first_response].rows[&lt;T1&gt;]</td>" in html
    assert "<T1>" not in html


def test_a_status_is_a_value() -> None:
    """Equal, hashed alike, and the same after a journey to another process."""
    again = pickle.loads(pickle.dumps(MISSED))  # noqa: S301 - our own bytes
    assert again == MISSED == status(clock(promise="T1"), [touch("09:07", logged="09:30"), takes("a", "09:00")], at=t("10:00"))
    assert hash(again) == hash(MISSED)
    assert again.explain() == MISSED.explain()
    with pytest.raises(FrozenInstanceError):
        MISSED.state = "met"  # type: ignore[misc]  # on purpose


def test_clocks_and_events_are_values() -> None:
    events: tuple[Event | Clock, ...] = (
        touch("09:01"),
        pause("09:02"),
        cancelled("09:03"),
        superseded("09:04"),
        takes("a", "09:00", BERLIN),
        clock(calendar=BERLIN),
    )
    for event in (*events, Milestone(id="m", at=t("09:00"), name="accepted")):
        again = pickle.loads(pickle.dumps(event))  # noqa: S301
        assert again == event
        assert hash(again) == hash(event)


def test_tasks_are_what_is_still_owed() -> None:
    found = [
        status(clock(promise="T1", holder="maya"), at=t("09:01")),
        status(clock(id="L-2", promise="T1"), [touch("09:00", lead="L-1")], at=t("09:01")),
        status(clock(id="L-3", promise="T1"), at=t("09:05")),
        status(clock(id="L-4", promise="T1"), [pause("09:00")], at=t("09:01")),
        status(clock(id="L-5", promise="T2"), [pause("09:00", "10:00", planned=True)], at=t("09:01")),
        status(clock("10:00", id="L-6", table="review"), at=t("09:01")),
    ]
    assert [each.state for each in found] == ["running", "met", "breached", "paused", "paused", "pending"]
    assert sla.tasks(found) == (
        {"id": "L-1", "lead_id": "L-1", "owner": "maya", "title": "first response T1", "due": "2026-03-02T09:05:00Z", "state": "running"},
        {"id": "L-3", "lead_id": "L-1", "owner": None, "title": "first response T1", "due": "2026-03-02T09:05:00Z", "state": "breached"},
        {"id": "L-5", "lead_id": "L-1", "owner": None, "title": "first response T2", "due": "2026-03-02T10:05:00Z", "state": "paused"},
        {"id": "L-6", "lead_id": "L-1", "owner": None, "title": "review", "due": "2026-03-02T10:05:00Z", "state": "pending"},
    )


def test_the_order_of_events_means_nothing() -> None:
    """CL-17: a pure function of the set of events."""
    events: list[Event] = [takes("a", "09:00"), takes("b", "09:15"), pause("09:02", "09:04"), touch("09:01", human=False), touch("09:18")]
    first, *others = (follow([clock()], order, at=t("10:00")) for order in permutations(events))
    assert all(other == first for other in others)
    assert follow([clock()], iter([*events, *events]), at=t("10:00")) == first


def test_sl6_the_first_touch_of_any_kind_and_the_way_from_capture_are_told_beside() -> None:
    found = status(clock(captured_at=t("08:30")), [touch("09:01", human=False), touch("09:07")], at=t("10:00"))
    assert (found.first_touch_after, found.capture_to_contact) == (MINUTE, 37 * MINUTE)
    assert status(clock(), at=t("10:00")).first_touch_after is None
    assert found.to_dict()["capture_to_contact"] == "2220000000 us"


def test_a_pause_whose_end_is_announced_wakes_a_worker_then() -> None:
    """An end that was not planned is seen when it comes; until then somebody has to look."""
    found = status(clock(), [pause("09:02", "10:00")], at=t("09:04"))
    assert (found.state, found.deadline, found.next_change) == ("paused", None, t("10:00"))


@pytest.mark.parametrize("event", [{"at": t("09:00")}, "reply"])
def test_what_is_no_event_of_a_clock_is_refused(event: Any) -> None:  # noqa: ANN401 - anything
    with pytest.raises(FactError, match=r"^events: saw a value of type (dict|str), expected touches and the events of this room"):
        status(clock(), [event], at=t("10:00"))


def test_a_decision_is_no_clock_and_says_how_to_get_it() -> None:
    with pytest.raises(FactError, match=r"^clock: saw .* expected a Clock\. Take \.value of the decision\.$"):
        status(Decision(clock()), at=t("10:00"))  # type: ignore[arg-type]  # the likeliest slip
    with pytest.raises(FactError, match=r"^clock: saw nothing, expected a Clock\.$"):
        status(None, at=t("10:00"))  # type: ignore[arg-type]  # on purpose


def test_cl12_nobody_is_escalated_once_and_not_for_each_holder() -> None:
    events = [takes("a", "09:00"), takes(None, "09:02")]
    found = follow([clock(escalate_unassigned=True, ladder=())], events, at=t("09:03"))
    assert [step.key for each in found for step in each.due] == ["L-1:no_eligible_rep"]
