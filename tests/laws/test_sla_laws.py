"""What holds for every clock, whatever its calendar, its pauses and what happened to it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from random import Random
from typing import TypeVar

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import hours
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.sla import (
    Assigned,
    Cancelled,
    Clock,
    Event,
    LadderStep,
    Milestone,
    Pause,
    Status,
    Superseded,
    follow,
    next_due,
    status,
)
from inbound_engine.spans import Span, parse_instant
from tests import brute

T = TypeVar("T")

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
NOTHING = timedelta(0)

AT = parse_instant("2026-03-28T22:00Z")
"""Three hours before Europe's clocks go forward, on a Saturday."""

CALENDARS = (
    Calendar.always(),
    Calendar.weekdays("Europe/Berlin"),
    Calendar.weekdays("Europe/Berlin", "09:00", "17:00"),
    Calendar("Europe/Berlin", [[(540, 720), (780, 1020)]] * 7, holidays=[date(2026, 3, 29)]),
    Calendar("Europe/Berlin", [[(1320, 360)]] * 7, overrides={date(2026, 3, 29): [(150, 200)]}),
    Calendar("America/New_York", [[(0, 1), (600, 603), (1439, 2)]] * 7),
    Calendar("Asia/Kathmandu", [[(570, 1110)]] * 6 + [[]]),
)
STEPS: tuple[tuple[str, timedelta], ...] = (
    ("at_once", NOTHING),
    ("remind", 3 * MINUTE),
    ("escalate", 5 * MINUTE),
    ("again", 5 * MINUTE),
    ("reroute", 15 * MINUTE),
    ("recycle", 9 * HOUR),
)

# ---------------------------------------------------------------------------------------------------- drawn at random

_NUDGES = st.sampled_from([NOTHING, NOTHING, TICK, -TICK, timedelta(seconds=29.25)])
_OFFSETS = st.one_of(st.integers(-120, 600), st.integers(-2 * 1440, 4 * 1440)).flatmap(
    lambda minutes: _NUDGES.map(lambda nudge: minutes * MINUTE + nudge)
)
_INSTANTS = _OFFSETS.map(lambda offset: AT + offset)
_TARGETS = st.sampled_from([TICK, MINUTE, 5 * MINUTE, 30 * MINUTE, 4 * HOUR, 8 * HOUR, DAY])
_LADDERS = st.lists(st.sampled_from(STEPS), unique=True, max_size=4).map(
    lambda steps: tuple(LadderStep(name, after, "escalate") for name, after in steps)
)
_CLOCKS = st.builds(
    Clock,
    id=st.just("L-1"),
    target=_TARGETS,
    start=_INSTANTS,
    calendar=st.sampled_from(CALENDARS),
    ladder=_LADDERS,
    human_only=st.booleans(),
    escalate_unassigned=st.booleans(),
    stopped_by=st.sampled_from([frozenset({"outreach"}), frozenset({"accepted"}), frozenset({"outreach", "accepted"})]),
)
_NAMES = st.text("abc", min_size=3, max_size=8)


@st.composite
def _pauses(draw: st.DrawFn, *, ended: bool = False) -> Pause:
    at, until = sorted((draw(_INSTANTS), draw(_INSTANTS)))
    return Pause(
        id=draw(_NAMES),
        at=at,
        until=until if ended else draw(st.sampled_from([until, until, None])),
        planned=ended or draw(st.booleans()),
    )


_TOUCHES = st.builds(
    Outreach, id=_NAMES, lead_id=st.just("L-1"), rep=st.just("a"), channel=st.just("call"), at=_INSTANTS, human=st.booleans()
)
_EVENTS: st.SearchStrategy[Event] = st.one_of(
    _TOUCHES,
    _pauses(),
    _pauses(),
    st.builds(Milestone, id=_NAMES, at=_INSTANTS, name=st.sampled_from(["accepted", "opened"])),
    st.builds(Assigned, id=_NAMES, at=_INSTANTS, rep=st.sampled_from(["a", "b", None]), calendar=st.sampled_from([None, *CALENDARS])),
    st.builds(Cancelled, id=_NAMES, at=_INSTANTS),
    st.builds(Superseded, id=_NAMES, at=_INSTANTS),
)
_HAPPENED = st.lists(_EVENTS, max_size=6, unique_by=lambda event: event.id)


def _answer(at: datetime, *, human: bool = True) -> Outreach:
    return Outreach(id="answer", lead_id="L-1", rep="a", channel="call", at=at, human=human)


def _deadline(owed: Clock, pauses: Sequence[Span]) -> datetime:
    due = hours.add(owed.calendar, owed.start, owed.target, pauses=pauses)
    assert isinstance(due, datetime)
    return due


# --------------------------------------------------------------------------------------------------- met and breached


@given(_CLOCKS, st.lists(_pauses(ended=True), max_size=3), _INSTANTS, st.sampled_from([None, -TICK, NOTHING, TICK]))
def test_met_is_before_the_deadline_is_less_than_the_target(
    owed: Clock, pauses: list[Pause], response: datetime, nudge: timedelta | None
) -> None:
    """CL-4: the three say the same, exactly; half the answers come within a microsecond of the deadline."""
    owed = attrs.evolve(owed, stopped_by={"outreach"})
    spans = [Span(each.at, each.until) for each in pauses if each.until is not None]
    deadline = _deadline(owed, spans)
    if nudge is not None:
        response = deadline + nudge
    at = max([response, *(each.at for each in pauses)])
    found = status(owed, [_answer(response), *pauses], at=at)
    assert found.deadline == deadline
    assert (found.state == "met") is (response < deadline) is (found.elapsed < owed.target)
    assert (found.state == "breached") is (found.left == NOTHING)
    assert found.elapsed == owed.target - found.left + found.over
    assert not (found.left and found.over)


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_what_a_status_says_fits_together(owed: Clock, events: list[Event], at: datetime) -> None:
    """SL-7, CL-4, CL-5, CL-14."""
    found = status(owed, events, at=at)
    assert found.elapsed == owed.target - found.left + found.over
    assert not (found.left and found.over)
    assert NOTHING <= found.elapsed <= found.calendar_elapsed
    assert found.is_decided is (found.state in {"met", "breached"})
    assert (found.state == "breached") is (
        found.deadline is not None and at >= found.deadline and (found.ended_at is None or found.ended_at >= found.deadline)
    )
    if found.state in {"cancelled", "superseded", "met"}:
        assert found.ended_at is not None
        assert found.deadline is None or found.ended_at < found.deadline
    if found.state in {"pending", "running", "paused"}:
        assert found.ended_at is None
        assert (found.state == "pending") is (at < owed.start)
    if found.answered_at is not None:
        assert found.first_touch_at is not None
        assert found.first_touch_at <= found.answered_at <= at
        assert found.ended_at == found.answered_at
    if found.deadline is not None:
        assert found.deadline > owed.start


@given(_CLOCKS, _HAPPENED, _INSTANTS, _INSTANTS)
def test_an_earlier_answer_never_makes_it_worse(owed: Clock, events: list[Event], at: datetime, answered: datetime) -> None:
    """CL-9, CL-17: one more touch turns no clock that was met into one that was missed, and adds no step."""
    owed = attrs.evolve(owed, stopped_by={"outreach"})
    before, after = status(owed, events, at=at), status(owed, [*events, _answer(answered)], at=at)
    assert after.over <= before.over
    assert set(after.due) <= set(before.due)
    if before.state == "met":
        assert after.state == "met"


# --------------------------------------------------------------------------------------------------------- the ladder


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_steps_come_in_order_and_each_once(owed: Clock, events: list[Event], at: datetime) -> None:
    """CL-7, CL-8: by their instants, and those of one instant as in the ladder; none lies ahead, none after the end."""
    found = status(owed, events, at=at)
    assert [*found.due] == sorted(found.due, key=lambda step: (step.at, step.number))
    assert len({step.key for step in (*found.due, *found.retracted)}) == len(found.due) + len(found.retracted)
    afters = {step.id: step.after for step in owed.ladder}
    for earlier, later in pairwise([step for step in found.due if step.number]):
        assert afters[earlier.step] <= afters[later.step]
    for step in found.due:
        assert owed.start <= step.at <= at
        assert found.ended_at is None or step.at <= found.ended_at
    assert found.new == found.due


@given(_CLOCKS, _HAPPENED, _INSTANTS, _INSTANTS)
def test_a_later_look_loses_no_step(owed: Clock, events: list[Event], some: datetime, other: datetime) -> None:
    """CL-8: without late logging what was due stays due, as of the same instant, and nothing is retracted."""
    sooner, later = (status(owed, events, at=at) for at in sorted((some, other)))
    assert set(sooner.due) <= set(later.due)
    assert later.retracted == ()
    assert all(step.at > sooner.at for step in set(later.due) - set(sooner.due) if step.step != "at_once")


@given(_CLOCKS, _HAPPENED, _INSTANTS, _INSTANTS)
def test_what_is_decided_stays_decided(owed: Clock, events: list[Event], some: datetime, other: datetime) -> None:
    """CL-15: a later look at the same events never reopens a clock, and never changes a verdict."""
    sooner, later = (status(owed, events, at=at) for at in sorted((some, other)))
    if sooner.is_decided:
        assert later.state == sooner.state
        assert later.accountable == sooner.accountable or sooner.state == "met"
    if sooner.ended_at is not None:
        assert (later.state, later.ended_at, later.elapsed) == (sooner.state, sooner.ended_at, sooner.elapsed)


_LATE = st.tuples(_INSTANTS, _INSTANTS, _INSTANTS).map(sorted) | st.integers(0, 30).map(
    lambda minutes: [AT + 2 * MINUTE, AT + (2 + minutes) * MINUTE, AT + HOUR]
)


@given(_CLOCKS, st.lists(_EVENTS.filter(lambda event: not isinstance(event, Pause)), max_size=3), _LATE)
def test_what_a_late_log_undoes_is_retracted(owed: Clock, events: list[Event], instants: list[datetime]) -> None:
    """CL-17: just the steps that a worker, who looked at every instant, had fired before the log came; nothing else ends the clock."""
    answered, logged, at = instants
    owed = attrs.evolve(owed, stopped_by={"outreach"})
    if status(owed, events, at=at).ended_at is not None:
        events = []
    answer = attrs.evolve(_answer(answered), recorded_at=logged)
    fired = {step.key for step in status(owed, events, at=logged).due if step.at < logged}
    found = status(owed, [*events, answer], at=at)
    assert found.answered_at == answered
    assert {step.key for step in found.retracted} == fired - {step.key for step in found.due}
    kept = status(owed, [*events, answer], at=at, fired=fired)
    assert kept.due == found.due
    assert not fired or kept.retracted == found.retracted
    assert {step.key for step in kept.new}.isdisjoint(fired)


# --------------------------------------------------------------------------------------------------------- the events


@given(_CLOCKS, _HAPPENED, _INSTANTS, st.data())
def test_the_order_of_events_means_nothing(owed: Clock, events: list[Event], at: datetime, data: st.DataObject) -> None:
    """CL-17: a status is a function of the set of events, for one clock and for all of a lead."""
    shuffled = data.draw(st.permutations([*events, *events]))
    assert status(owed, shuffled, at=at) == status(owed, events, at=at)
    assert follow([owed], shuffled, at=at) == follow([owed], events, at=at)


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_what_is_dated_after_the_question_changes_nothing(owed: Clock, events: list[Event], at: datetime) -> None:
    """FD-2."""
    assert status(owed, events, at=at) == status(owed, [event for event in events if event.at <= at], at=at)


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_what_happened_to_others_changes_nothing(owed: Clock, events: list[Event], at: datetime) -> None:
    """CL-9, CL-17: events of another lead are not seen, and none is lost that names no lead."""
    ours = attrs.evolve(owed, lead_id="L-1")
    theirs = [attrs.evolve(event, lead_id="L-2") for event in events]
    assert status(ours, theirs, at=at) == status(ours, at=at)
    assert status(ours, events, at=at) == attrs.evolve(status(owed, events, at=at), clock=ours)


# --------------------------------------------------------------------------------------------------- the next change


def _moving(found: Status) -> tuple[object, ...]:
    """What a status says, but for what time alone moves on."""
    return found.state, found.deadline, found.answered_at, found.ended_at, found.due, found.accountable, found.flags


def _known(events: list[Event], at: datetime) -> list[Event]:
    """What has happened, with every end of a pause that is not planned left out: nobody knows it while it lies ahead."""
    return [
        attrs.evolve(event, until=None) if isinstance(event, Pause) and not event.planned else event for event in events if event.at <= at
    ]


@given(_CLOCKS, _HAPPENED, _INSTANTS, st.fractions(0, 1))
def test_nothing_changes_before_the_next_change(owed: Clock, events: list[Event], at: datetime, share: float) -> None:
    """SL-7: a worker that sleeps until then misses nothing; without one, nothing ever changes by itself."""
    events = _known(events, at)
    found = status(owed, events, at=at)
    if found.next_change is None:
        until = at + timedelta(days=600) * float(share)
    else:
        assert found.next_change > at
        until = max(at, min(at + (found.next_change - at) * float(share), found.next_change - TICK))
    assert _moving(status(owed, events, at=until)) == _moving(found)


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_at_the_next_change_something_changes(owed: Clock, events: list[Event], at: datetime) -> None:
    """SL-7: as long as no end of a pause is planned; a planned end inside another pause, say, is named and changes nothing."""
    events = [attrs.evolve(event, planned=False) if isinstance(event, Pause) else event for event in events]
    events = _known(events, at)
    found = status(owed, events, at=at)
    if found.next_change is not None:
        assert _moving(status(owed, events, at=found.next_change)) != _moving(found)


@given(_CLOCKS, _HAPPENED, _INSTANTS)
def test_walking_from_change_to_change_meets_every_step(owed: Clock, events: list[Event], at: datetime) -> None:
    """SL-7, CL-8: each step is new at its own instant, or at the first look."""
    events = _known(events, at)
    found, fired = status(owed, events, at=at), set[str]()
    fired |= {step.key for step in found.new}
    for _ in range(20):
        if found.next_change is None:
            break
        found = status(owed, events, at=found.next_change, fired=fired)
        assert all(step.at == found.at for step in found.new)
        fired |= {step.key for step in found.new}
    assert found.next_change is None
    assert fired == {step.key for step in status(owed, events, at=found.at + timedelta(days=600)).due}


# ------------------------------------------------------------------------------------------------------ all of a lead


@given(st.lists(_CLOCKS, min_size=1, max_size=3), _HAPPENED, _INSTANTS)
def test_each_holder_has_a_clock_of_their_own(clocks: list[Clock], events: list[Event], at: datetime) -> None:
    """CL-10, CL-16: ids differ, the lead's clocks stand before those of their holders, and starts are in order."""
    clocks = [attrs.evolve(each, id=f"L-{number}", replaces=number == 2) for number, each in enumerate(clocks)]
    found = follow(clocks, events, at=at)
    assert len({each.clock.id for each in found}) == len(found)
    assert all(each.clock.start <= at and each.at == at for each in found)
    leads = [each for each in found if each.clock.kind == "lead"]
    assert [each.clock.start for each in leads] == sorted(each.clock.start for each in leads)
    assert {each.clock.id for each in leads} <= {each.id for each in clocks}
    assert bool(found) is any(each.start <= at for each in clocks)
    for lead in leads:
        holders = [each for each in found if each.clock.id.startswith(f"{lead.clock.id}/")]
        assert [each.clock.id for each in holders] == [f"{lead.clock.id}/{number}" for number in range(1, len(holders) + 1)]
        assert [each.clock.start for each in holders] == sorted(each.clock.start for each in holders)
        for holder in holders:
            assert holder.accountable == holder.clock.holder is not None
            assert holder.clock.start >= lead.clock.start
            assert holder.clock.target == lead.clock.target
        running = [each for each in holders if each.state in {"running", "paused"}]
        assert len(running) <= 1
    assert next_due(found) == min((each.next_change for each in found if each.next_change is not None), default=None)


# ------------------------------------------------------------------------------- another way to the same answer

HORIZON = 8 * 1440
FOR_EVER = 10**9


@frozen
class Reference:
    """What a clock says when a wall clock is read at every minute; times are minutes after `AT`."""

    state: str
    deadline: int | None
    ended: int | None
    answered: int | None
    elapsed: int
    due: tuple[tuple[str, int], ...]
    accountable: str | None


class Minutes:
    """Whether a calendar is open, minute by minute: read once, by brute force."""

    def __init__(self, calendar: Calendar) -> None:
        self.read = [brute.is_open(calendar, AT + minute * MINUTE) for minute in range(-3 * 1440, HORIZON)]

    def __getitem__(self, minute: int) -> bool:
        return self.read[minute + 3 * 1440]


def minute_of(at: datetime) -> int:
    return (at - AT) // MINUTE


def simulated(owed: Clock, is_open: Minutes, events: Sequence[Event], now: int) -> Reference:
    """A clock that is wound forward minute by minute, with what happened at each of them.

    Time goes on after the question too, to see where the deadline lies, with nothing more happening.
    """
    start, target = minute_of(owed.start), owed.target // MINUTE
    happened: dict[int, list[Event]] = {}
    for event in events:
        if minute_of(event.at) <= now:
            happened.setdefault(minute_of(event.at), []).append(event)
    pauses = [(minute_of(event.at), _end(event, now)) for each in happened.values() for event in each if isinstance(event, Pause)]
    holder: str | None = None
    counted, holding, missing = 0, holder, False
    state, deadline, ended, answered, elapsed = "", None, None, None, 0
    due: list[tuple[str, int]] = []
    waiting = sorted(((step.after // MINUTE, place, step.id) for place, step in enumerate(owed.ladder)), reverse=True)
    for minute in range(min([start, now, *happened]), HORIZON):
        # 1. at one instant the deadline comes first; who had it just before is accountable
        if minute >= start and deadline is None and counted >= target:
            deadline = minute
            if ended is None and minute <= now:
                state, holding = "breached", holder
        # 2. then whatever happened
        here = happened.get(minute, [])
        for event in here:
            if isinstance(event, Assigned):
                holder = event.rep
        if ended is None:
            ends = [kind for kind in (_ends(event, owed) for event in here) if kind]
            if ends:
                ended, kind = minute, min(ends)[1]
                answered = minute if kind == "met" else None
                state, holding, elapsed = (state, holding, counted) if state else (kind, holder, counted)
        # 3. then the steps of this instant, which come unless the clock has ended before it
        while waiting and minute >= start and counted >= waiting[-1][0]:
            step = waiting.pop()
            if minute <= now and (ended is None or ended >= minute):
                due.append((step[2], minute))
        gone = any(isinstance(event, Assigned) and event.rep is None for event in here)
        if owed.escalate_unassigned and not missing and gone and start <= minute <= now and (ended is None or ended >= minute):
            missing = True
            due.insert(next((place for place, step in enumerate(due) if step[1] == minute), len(due)), ("no_eligible_rep", minute))
        if minute == now and ended is None:
            elapsed = counted
            if not state:
                paused = any(since <= now < until for since, until in pauses)
                state, holding = ("pending" if now < start else "paused" if paused else "running"), holder
        # 4. and the minute passes
        if minute > now and (deadline is not None or any(since <= minute and until == FOR_EVER for since, until in pauses)):
            break
        if minute >= start and is_open[minute] and not any(since <= minute < until for since, until in pauses):
            counted += 1
    return Reference(state, deadline, ended, answered, elapsed, tuple(due), holding)


def _end(pause: Pause, now: int) -> int:
    known = pause.until is not None and (pause.planned or minute_of(pause.until) <= now)
    return minute_of(pause.until) if known and pause.until is not None else FOR_EVER


def _ends(event: Event, owed: Clock) -> tuple[int, str] | None:
    match event:
        case Outreach(human=human) if "outreach" in owed.stopped_by and (human or not owed.human_only):
            return 0, "met"
        case Milestone(name=name) if name in owed.stopped_by:
            return 0, "met"
        case Cancelled():
            return 1, "cancelled"
        case Superseded():
            return 2, "superseded"
        case _:
            return None


class Lots:
    """Cases drawn from a seed: the same thousands on every machine."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - nothing secret

    def pick(self, among: Sequence[T]) -> T:
        return self.random.choice(among)

    def minute(self) -> int:
        return self.pick((self.random.randrange(0, 60), self.random.randrange(-300, 900), self.random.randrange(-1440, 3 * 1440)))

    def at(self) -> datetime:
        return AT + self.minute() * MINUTE

    def clock(self, calendar: Calendar) -> Clock:
        steps = self.random.sample(STEPS[1:], self.random.randrange(4))
        return Clock(
            id="L-1",
            target=self.pick((1, 5, 5, 30, 240, 480)) * MINUTE,
            start=self.at(),
            calendar=calendar,
            ladder=[LadderStep(name, after, "escalate") for name, after in steps],
            human_only=self.pick((True, False)),
            escalate_unassigned=self.pick((True, False)),
            stopped_by=self.pick((("outreach",), ("outreach", "accepted"))),
        )

    def event(self, number: int, start: datetime) -> Event:
        name, at = f"{number}", self.at()
        reps = ("a", "b", "c", None) if at >= start else ("a", "b", "c")
        made: Sequence[Callable[[], Event]] = (
            lambda: Outreach(id=name, lead_id="L-1", rep="a", channel="call", at=at, human=self.pick((True, False))),
            lambda: Pause(id=name, at=at, until=at + self.random.randrange(600) * MINUTE, planned=self.pick((True, False))),
            lambda: Pause(
                id=name, at=at, until=self.pick((None, at + self.random.randrange(60) * MINUTE)), planned=self.pick((True, False))
            ),
            lambda: Assigned(id=name, at=at, rep=self.pick(reps)),
            lambda: Milestone(id=name, at=at, name=self.pick(("accepted", "opened"))),
            lambda: Cancelled(id=name, at=at),
            lambda: Superseded(id=name, at=at),
        )
        return self.random.choices(made, (4, 3, 3, 4, 1, 1, 1))[0]()


@pytest.mark.parametrize("calendar", CALENDARS, ids=repr)
def test_a_clock_wound_forward_minute_by_minute_says_the_same(calendar: Calendar) -> None:
    """SL-7, CL-4, CL-5, CL-7, CL-9, CL-11 to CL-14: a thousand cases of each calendar, counted another way."""
    lots, is_open = Lots(CALENDARS.index(calendar)), Minutes(calendar)
    seen: dict[str, int] = {}
    for number in range(500):
        owed, at = lots.clock(calendar), lots.at()
        events = [lots.event(each, owed.start) for each in range(lots.random.randrange(6))]
        found, expected = status(owed, events, at=at), simulated(owed, is_open, events, minute_of(at))
        said = Reference(
            state=found.state,
            deadline=None if found.deadline is None or minute_of(found.deadline) >= HORIZON else minute_of(found.deadline),
            ended=None if found.ended_at is None else minute_of(found.ended_at),
            answered=None if found.answered_at is None else minute_of(found.answered_at),
            elapsed=found.elapsed // MINUTE,
            due=tuple((step.step, minute_of(step.at)) for step in found.due),
            accountable=found.accountable,
        )
        assert said == expected, (number, owed, events, at)
        seen[found.state] = seen.get(found.state, 0) + 1
    assert reduce(min, seen.values()) >= 5
    assert set(seen) == {"pending", "running", "paused", "met", "breached", "cancelled", "superseded"}
