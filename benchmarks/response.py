"""By when, and which touches when: clocks of the SLA, the report over them, and plans of touches, beside the same by hand.

Clocks have the target and the ladder of T1 on Monday to Friday, 09:00 to 17:00 in Berlin, without the holidays of all of Germany.
Plans are of the shipped T1 sequence. By hand, those numbers are constants, dates are walked one by one, both ends of a day are
turned into UTC, and nobody explains anything: that is right for hours that no clock change touches, with one opening a day.

businesstimedelta knows no pauses. It counts for the clocks that have none, within the same hand-written code, whole seconds.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from benchmarks.business_time import Hours, all_of_germany, as_businesstimedelta
from benchmarks.measure import Bench, Contestant, agree, one_by_one, timed
from benchmarks.peers import module
from inbound_engine import cadence, compliance, sla
from inbound_engine.calendars import HoursDocument, Zones
from inbound_engine.calendars import compile as compile_hours
from inbound_engine.compliance import Group
from inbound_engine.conditions import Questions
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.plans import Plan, Prospect
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.sequences import CadenceDocument
from inbound_engine.sequences import compile as compile_sequences
from inbound_engine.sla import Assigned, Cancelled, Clock, Event, LadderStep, Pause, Status
from inbound_engine.spans import zone
from inbound_engine.vocabulary import FactsDocument
from inbound_engine.vocabulary import compile as compile_vocabulary

__all__ = ["T1", "PlanByHand", "Planned", "Steps", "prepare"]

Stretch: TypeAlias = tuple[datetime, datetime]
Ladder: TypeAlias = tuple[tuple[str, timedelta], ...]
Reach: TypeAlias = Callable[[datetime, Sequence[timedelta], Sequence[Stretch]], Sequence[datetime]]
"""The instant that has each of several amounts behind it, the smallest first."""
Measure: TypeAlias = Callable[[datetime, datetime, Sequence[Stretch]], timedelta]
"""The open time between two instants, without the pauses."""
Answer: TypeAlias = tuple[str, datetime | None, timedelta, tuple[tuple[str, datetime], ...]]
"""The state, the deadline, the elapsed time, and the steps that came with their instants."""
Question: TypeAlias = tuple[Clock, tuple[Event, ...]]

_BERLIN = "Europe/Berlin"
_ZONE, _NINE, _FIVE, _DAY = zone(_BERLIN), time(9), time(17), timedelta(days=1)
_WEEKEND = 5
_CLOSED = all_of_germany(2026)
_OFFICE = Hours(_BERLIN, ((540, 1020),), (0, 1, 2, 3, 4), _CLOSED)
_TARGET = timedelta(minutes=5)
_STEPS: Ladder = (("escalate", _TARGET), ("reroute", timedelta(minutes=15)))

_AT = datetime(2026, 4, 30, 9, 3, tzinfo=UTC)
"""As of when everything is asked: a month with a clock change and Easter lies before it."""
_SINCE = datetime(2026, 3, 27, tzinfo=UTC)
_REPS = ("ada", "ben", "cleo", "dan", "eva", "finn", "gul", "hans", None)

# ------------------------------------------------------------------------------------------------ business time by hand


def _reach_by_hand(start: datetime, amounts: Sequence[timedelta], pauses: Sequence[Stretch]) -> list[datetime]:
    """Day by day; the amounts ascend, and no pause overlaps another or comes before it."""
    day, counted, found = start.astimezone(_ZONE).date(), timedelta(), []  # type: date, timedelta, list[datetime]
    while True:
        if day.weekday() < _WEEKEND and day not in _CLOSED:
            first = max(datetime.combine(day, _NINE, _ZONE).astimezone(UTC), start)
            last = datetime.combine(day, _FIVE, _ZONE).astimezone(UTC)
            for low, high in _without(first, last, pauses) if pauses else ((first, last),):
                if low < high:
                    while counted + (high - low) >= amounts[len(found)]:
                        found.append(low + (amounts[len(found)] - counted))
                        if len(found) == len(amounts):
                            return found
                    counted += high - low
        day += _DAY


def _between_by_hand(since: datetime, until: datetime, pauses: Sequence[Stretch]) -> timedelta:
    day, end, counted = since.astimezone(_ZONE).date(), until.astimezone(_ZONE).date(), timedelta()
    while day <= end:
        if day.weekday() < _WEEKEND and day not in _CLOSED:
            first = max(datetime.combine(day, _NINE, _ZONE).astimezone(UTC), since)
            last = min(datetime.combine(day, _FIVE, _ZONE).astimezone(UTC), until)
            for low, high in _without(first, last, pauses) if pauses else ((first, last),):
                if low < high:
                    counted += high - low
        day += _DAY
    return counted


def _without(first: datetime, last: datetime, pauses: Sequence[Stretch]) -> list[Stretch]:
    left = []
    for since, until in pauses:
        left.append((first, min(since, last)))
        first = max(first, until)
    return [*left, (first, last)]


def _united(pauses: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for since, until in sorted(pauses):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found


# ------------------------------------------------------------------------------------------------------- clocks by hand


def _settled(
    start: datetime,
    ladder: Ladder,
    end: tuple[datetime, str] | None,
    *,
    pauses: Sequence[Stretch] = (),
    unfinished: datetime | None = None,
    reach: Reach = _reach_by_hand,
    measure: Measure = _between_by_hand,
) -> Answer:
    """The target stands on the first step of a ladder; what ended it carries the state that it leads to."""
    reached = reach(start, [after for _, after in ladder] or [_TARGET], pauses)
    known = reached if unfinished is None else [at for at in reached if at <= unfinished]
    deadline = known[0] if known else None
    until = _AT if end is None else end[0]
    holes = pauses if unfinished is None else _united([*pauses, (unfinished, max(unfinished, until))])
    if end is not None and (deadline is None or until < deadline):
        state = end[1]
    elif deadline is not None and deadline <= _AT:
        state = "breached"
    elif start > _AT:
        state = "pending"
    else:
        state = "paused" if unfinished is not None or any(since <= _AT < until for since, until in pauses) else "running"
    due = tuple((step, at) for (step, _), at in zip(ladder, known, strict=False) if at <= until)
    return state, deadline, measure(start, until, holes), due


def _status_by_hand(clock: Clock, events: Iterable[Event], reach: Reach = _reach_by_hand, measure: Measure = _between_by_hand) -> Answer:
    """It is handed the events of its lead: answers, automatic ones among them, pauses and cancellations."""
    pauses: list[Stretch] = []
    unfinished: datetime | None = None
    end: tuple[datetime, str] | None = None
    for event in events:
        when = event.at
        if when > _AT:
            continue
        if isinstance(event, Outreach):
            if event.human and (end is None or when < end[0] or (when == end[0] and end[1] != "met")):
                end = when, "met"
        elif isinstance(event, Pause):
            if event.until is not None and (event.planned or event.until <= _AT):
                pauses.append((when, event.until))
            elif unfinished is None or when < unfinished:
                unfinished = when
        elif end is None or when < end[0]:
            end = when, "cancelled"
    holes = _united(pauses) if pauses else ()
    return _settled(clock.start, _STEPS, end, pauses=holes, unfinished=unfinished, reach=reach, measure=measure)


def _follow_by_hand(clock: Clock, events: Iterable[Event]) -> list[Answer]:
    """The lead's clock, then one for each holder: without a ladder, then with its first step. No pauses, no cancellations."""
    start, answer, turns = clock.start, None, []
    if start > _AT:
        return []
    for event in events:
        if event.at > _AT:
            continue
        if isinstance(event, Assigned):
            turns.append(event.at)
        elif isinstance(event, Outreach) and event.human and (answer is None or event.at < answer):
            answer = event.at
    end = None if answer is None else (answer, "met")
    found = [_settled(start, _STEPS, end)]
    turns = [turn for turn in turns if turn <= start or turn < (answer or _AT)]
    for place, turn in enumerate(turns):
        taken = (turns[place + 1], "superseded") if place + 1 < len(turns) else end
        found.append(_settled(max(turn, start), _STEPS[:1] if place else (), taken))
    return found


def _told(found: Status) -> Answer:
    return found.state, found.deadline, found.elapsed, tuple((step.step, step.at) for step in found.due)


# ------------------------------------------------------------------------------------------------------------ questions


def _clock(number: int, start: datetime, calendar: Calendar, holder: str | None) -> Clock:
    return Clock(
        id=f"L-{number}",
        lead_id=f"L-{number}",
        target=_TARGET,
        start=start,
        calendar=calendar,
        ladder=(
            LadderStep("escalate", timedelta(minutes=5), "escalate", "sales manager"),
            LadderStep("reroute", timedelta(minutes=15), "reroute", "backup rep"),
        ),
        promise="T1",
        holder=holder,
        escalate_unassigned=True,
        late_after=timedelta(minutes=15),
    )


def _touch(clock: Clock, at: datetime, *, human: bool = True) -> Outreach:
    channel = "call" if human else "email"
    return Outreach(id=f"{clock.id}/{channel}", lead_id=clock.id, rep=clock.holder or "team", channel=channel, at=at, human=human)


def _later(draw: Random, seconds: int) -> timedelta:
    return timedelta(seconds=draw.randrange(seconds))


def _starts(draw: Random, count: int) -> list[datetime]:
    """Spread over a month at all hours; some at the ends of days, and some so late that the answer is still owed."""
    month, found = int((_AT - _SINCE).total_seconds()), []
    for _ in range(count):
        at = _SINCE + _later(draw, month)
        match draw.random():
            case lot if lot < 0.04:
                at = _AT + draw.choice((-_TARGET, timedelta(seconds=60) - _later(draw, 2_400)))
            case lot if lot < 0.08:
                edge = draw.choice(("08:59:59", "09:00:00", "16:45:00", "16:55:00", "16:59:59", "17:00:00"))
                at = datetime.combine(at.astimezone(_ZONE), time.fromisoformat(edge), _ZONE).astimezone(UTC)
        found.append(at)
    return found


def _questions(count: int, calendar: Calendar) -> list[Question]:
    """Four in five are answered, one in ten is paused, one in twenty-five cancelled; some of it at the very deadline."""
    draw, found = Random(5), []
    for number, start in enumerate(_starts(draw, count)):
        clock = _clock(number, start, calendar, draw.choice(_REPS))
        events: list[Event] = []
        if draw.random() < 0.5:
            events.append(_touch(clock, start + _later(draw, 60), human=False))
        if draw.random() < 0.8:
            at = start + _later(draw, draw.choice((600, 3_600, 172_800)))
            if draw.random() < 0.1:
                at = draw.choice(_reach_by_hand(start, [after for _, after in _STEPS], ())) - timedelta(seconds=draw.randrange(2))
            events.append(_touch(clock, at))
        for again in range(draw.choice((1, 2)) if draw.random() < 0.1 else 0):
            at = start + draw.choice((_TARGET, _later(draw, 900) - timedelta(seconds=120)))
            until = None if draw.random() < 0.1 else at + _later(draw, draw.choice((900, 86_400, 40 * 86_400)))
            events.append(Pause(id=f"{clock.id}/pause-{again}", at=at, until=until, planned=draw.random() < 0.5, lead_id=clock.id))
        if draw.random() < 0.04:
            at = draw.choice((start + _later(draw, 7_200), *(event.at for event in events)))
            events.append(Cancelled(id=f"{clock.id}/spam", at=at, reason="spam", lead_id=clock.id))
        draw.shuffle(events)
        found.append((clock, tuple(events)))
    return found


def _handed_on(count: int, calendar: Calendar) -> list[Question]:
    """Leads that three reps hold, one after another, as long as nobody answers."""
    draw, found = Random(10), []
    for number, start in enumerate(_starts(draw, count)):
        clock = _clock(number, start, calendar, None)
        first = timedelta(minutes=draw.choice((3, 15, 15)))
        turns = [start - _later(draw, 30), *_reach_by_hand(start, [first, first + timedelta(minutes=draw.randrange(1, 120))], ())]
        events: list[Event] = [
            Assigned(id=f"{clock.id}/{rep}", at=at, rep=rep, lead_id=clock.id)
            for rep, at in zip(("ada", "ben", "cleo"), turns, strict=True)
        ]
        if draw.random() < 0.8:
            events.append(_touch(clock, max(start, draw.choice(turns)) + _later(draw, draw.choice((300, 900, 172_800)))))
        found.append((clock, tuple(events)))
    return found


# --------------------------------------------------------------------------------------------------------------- clocks


def _status(clock: Clock, events: Iterable[Event]) -> Status:
    return sla.status(clock, events, at=_AT)


def _alone(questions: Sequence[Question], sample: int) -> Bench:
    floor, ours = "hand-written, no explanation", "sla.status"
    agree(ours, [_status_by_hand(*each) for each in questions], [_told(_status(*each)) for each in questions], questions)
    some = questions[:sample]
    return Bench(
        "The status of an SLA clock",
        "µs",
        floor,
        (
            one_by_one(floor, lambda each: _status_by_hand(*each), some, "state, deadline, elapsed time, steps that are due"),
            one_by_one(ours, lambda each: _status(*each), some, "also who is accountable, what is next, flags, retractions"),
            one_by_one(f"{ours}, `.because` read", lambda each: _status(*each).because, some),
            one_by_one(f"{ours}, `.explain()` read", lambda each: _status(*each).explain(), some),
            one_by_one(f"{ours}, `.to_dict()` read", lambda each: _status(*each).to_dict(), some),
        ),
        note="T1, as of the end of a month; one in ten is paused.",
    )


def _without_pauses(questions: Sequence[Question], compared: int, sample: int) -> Bench:
    floor, ours, rival = "hand-written", "sla.status", "hand-written over businesstimedelta"
    plain = [each for each in questions if not any(isinstance(event, Pause) for event in each[1])][:compared]
    expected = [_status_by_hand(*each) for each in plain]
    agree(ours, expected, [_told(_status(*each)) for each in plain], plain)
    contestants = [
        one_by_one(floor, lambda each: _status_by_hand(*each), plain[:sample], "no explanation"),
        one_by_one(ours, lambda each: _status(*each), plain[:sample]),
    ]
    if (found := module("businesstimedelta")) is None:
        contestants.append(Contestant(rival, None))
    else:
        ask = _over(found)
        agree(rival, expected, [ask(*each) for each in plain], plain)
        contestants.append(one_by_one(rival, lambda each: ask(*each), plain[:sample], "no explanation; whole seconds"))
    return Bench("The status of an SLA clock without pauses", "µs", floor, tuple(contestants))


def _over(found: Any) -> Callable[[Clock, Iterable[Event]], Answer]:  # noqa: ANN401 - a package that may not be there, and has no types
    """The hand-written status, with its deadlines and elapsed times counted by businesstimedelta."""
    rules = as_businesstimedelta(found, _OFFICE)
    deltas = {after: found.BusinessTimeDelta(rules, seconds=int(after.total_seconds())) for _, after in _STEPS}

    def reach(start: datetime, amounts: Sequence[timedelta], _: Sequence[Stretch]) -> list[datetime]:
        return [start + deltas[amount] for amount in amounts]

    def measure(since: datetime, until: datetime, _: Sequence[Stretch]) -> timedelta:
        between: timedelta = rules.difference(since, until).timedelta if since < until else timedelta()
        return between

    return lambda clock, events: _status_by_hand(clock, events, reach, measure)


def _following(questions: Sequence[Question], sample: int) -> Bench:
    floor, ours = "hand-written, no explanation", "sla.follow"

    def follow(clock: Clock, events: Iterable[Event]) -> tuple[Status, ...]:
        return sla.follow([clock], events, at=_AT)

    expected = [_follow_by_hand(*each) for each in questions]
    agree(ours, expected, [[_told(found) for found in follow(*each)] for each in questions], questions)
    three = [each for each, found in zip(questions, expected, strict=True) if len(found) == 4][:sample]
    return Bench(
        "Follow a lead that three reps held",
        "µs",
        floor,
        (one_by_one(floor, lambda each: _follow_by_hand(*each), three), one_by_one(ours, lambda each: follow(*each), three)),
        note="Four clocks: the lead’s, and one for each holder.",
    )


# --------------------------------------------------------------------------------------------------------------- report

Row: TypeAlias = tuple[str, int, int, timedelta | None, timedelta | None, int, int, int]
"""A rep: missed, decided, the median of all and of the answered, and how many are unanswered, open, out."""

_FOREVER = timedelta.max


def _report_by_hand(statuses: Iterable[Status]) -> list[Row]:
    by_rep: dict[str, tuple[list[timedelta], Counter[str]]] = {}
    for found in statuses:
        state = found.state
        if state == "pending" or found.clock.kind != "lead":
            continue
        rep = found.accountable or "unassigned"
        if rep not in by_rep:
            by_rep[rep] = ([], Counter())
        times, counts = by_rep[rep]
        counts[state] += 1
        if state in {"met", "breached"}:
            if found.answered_at is None:
                counts["unanswered"] += 1
            else:
                times.append(found.elapsed)
    return [_row(rep, *by_rep[rep]) for rep in sorted(by_rep)]


def _row(rep: str, times: list[timedelta], counts: Counter[str]) -> Row:
    decided, unanswered = counts["met"] + counts["breached"], counts["unanswered"]
    times.sort()
    known = bool(times) and decided // 2 < len(times)
    both = _middle([*times, *[_FOREVER] * unanswered]) if known else None
    answered = _middle(times) if times else None
    out = counts["cancelled"] + counts["superseded"]
    return rep, counts["breached"], decided, both, answered, unanswered, counts["running"] + counts["paused"], out


def _middle(times: list[timedelta]) -> timedelta:
    middle = len(times) // 2
    return times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2


def _as_row(group: Group) -> Row:
    missed = group.missed
    return group.key, missed.hits, missed.total, group.median, group.median_answered, group.unanswered, group.open, group.out


def _reporting(questions: Sequence[Question]) -> Bench:
    floor, ours = "hand-written, by rep", "compliance.report, by rep"
    statuses = [_status(*each) for each in questions]
    expected, found = _report_by_hand(statuses), compliance.report(statuses)
    agree(ours, expected, [_as_row(group) for group in found.groups], [row[0] for row in expected])

    def contestant(name: str, work: Callable[[], object], note: str = "") -> Contestant:
        return Contestant(name, timed(work, len(statuses), "µs"), note)

    return Bench(
        "A report over 10,000 statuses, per status",
        "µs",
        floor,
        (
            contestant(floor, lambda: _report_by_hand(statuses)),
            contestant(ours, lambda: compliance.report(statuses)),
            contestant(f"{ours}, printed", lambda: str(compliance.report(statuses)), "with the interval of every rate"),
            contestant("compliance.report, by promise", lambda: compliance.report(statuses, by="promise"), "one group"),
        ),
    )


# ------------------------------------------------------------------------------------------------------------- plans by hand

Touches: TypeAlias = tuple[tuple[tuple[str, datetime], ...], tuple[tuple[str, str], ...]]
"""The steps with their instants, and what is said about some: waived, or no slot."""

Steps: TypeAlias = tuple[tuple[str, int, str, time, bool, bool], ...]
"""Id, template day, channel, not before, whether in the other half of the day, whether it counts for caps; a channel of "" is exempt."""

T1: Steps = (
    ("call-0", 0, "call", time(0), False, True),
    ("confirm-0", 0, "", time(0), False, False),
    ("email-1", 1, "email", time(10), False, True),
    ("call-3", 3, "call", time(9), True, True),
    ("email-3", 3, "email", time(9), False, True),
    ("breakup-5", 5, "email", time(10), False, True),
    ("nurture-7", 7, "enrolment", time(9), False, False),
)
_NOON = time(12)
_A_DATE = {"call": 2, "email": 1}
_A_DATE_ALL, _CALLS_IN_24_HOURS = 3, 3
_HORIZON = timedelta(days=45)


@frozen
class Planned:
    """Somebody to be planned for by hand: the zone, the candidates beside it, the holidays there; and whether the rep sits in Berlin,
    with the holidays of then."""

    zones: tuple[ZoneInfo, ...]
    arrival: datetime
    closed: Collection[date] = ()
    elsewhere: tuple[Outreach, ...] = ()
    rep_closed: Collection[date] | None = None
    steps: Steps = T1


@frozen
class Case:
    """Somebody to be planned for, and the hours of the rep, who sits in Berlin."""

    prospect: Prospect
    arrival: datetime
    elsewhere: tuple[Outreach, ...] = ()
    rep: Calendar | None = None

    @property
    def by_hand(self) -> Planned:
        """The same for the one who plans by hand."""
        prospect, theirs = self.prospect, None if self.rep is None else _CLOSED
        return Planned(prospect.zones.zones, self.arrival, prospect.holidays, self.elsewhere, theirs)


def _open_on(day: date, here: ZoneInfo, others: Iterable[ZoneInfo], closed: Collection[date]) -> Stretch | None:
    """Where a date is open: one stretch at most, since openings of another zone lie further apart than they last."""
    if day.weekday() >= _WEEKEND or day in closed:
        return None
    found: Stretch | None = (datetime.combine(day, _NINE, here).astimezone(UTC), datetime.combine(day, _FIVE, here).astimezone(UTC))
    for other in others:
        found = found and _within(found, day, other, closed)
    return found


def _within(found: Stretch, day: date, where: ZoneInfo, closed: Collection[date]) -> Stretch | None:
    for there in (day - _DAY, day, day + _DAY):
        opens = _open_on(there, where, (), closed)
        if opens is not None and (low := max(found[0], opens[0])) < (high := min(found[1], opens[1])):
            return low, high
    return None


class PlanByHand:
    """CA-4 to CA-13 for one sequence. Legal hours enclose the prospect’s and never matter; the rep’s are the office’s."""

    __slots__ = ("_by_date", "_calls", "_case", "_closed", "_dates", "_here", "_look", "_others", "said", "touches")

    def __init__(self, case: Planned) -> None:
        """Places all steps; of nobody whose zone is known."""
        self._case, self._closed = case, case.closed
        self._here, *self._others = case.zones
        self._by_date: Counter[tuple[str, date]] = Counter()
        self._calls: list[datetime] = []
        self._dates: list[date] = []
        self._look = case.arrival.astimezone(self._here).date()
        self.touches: list[tuple[str, datetime]] = []
        self.said: list[tuple[str, str]] = []
        for outreach in sorted(case.elsewhere, key=lambda each: each.at):
            if outreach.at <= case.arrival:
                self._count(outreach.channel, outreach.at, outreach.at.astimezone(self._here).date())
        self._place()

    def answer(self) -> Touches:
        """The steps with their instants, and what is said about some."""
        return tuple(sorted(self.touches, key=lambda touch: touch[1])), tuple(self.said)

    def _count(self, channel: str, at: datetime, day: date) -> None:
        self._by_date[channel, day] += 1
        self._by_date["", day] += 1
        if channel == "call":
            self._calls.append(at)

    def _business_date(self, number: int) -> date:
        while len(self._dates) <= number:
            opens = _open_on(self._look, self._here, self._others, self._closed)
            if opens is not None and opens[1] > self._case.arrival:
                self._dates.append(self._look)
            self._look += _DAY
        return self._dates[number]

    def _place(self) -> None:
        latest, called = self._case.arrival, None
        arrived, placed = latest.astimezone(self._here).date(), []  # type: date, list[tuple[int, date]]
        for step, number, channel, not_before, other, counted in self._case.steps:
            if not channel:
                self.touches.append((step, self._case.arrival))
                continue
            target, floor = self._business_date(number), latest
            if channel == "call" and len(self._calls) >= _CALLS_IN_24_HOURS:
                floor = max(floor, self._calls[-_CALLS_IN_24_HOURS] + _DAY)
            dates = (max([target, *(day + _DAY for before, day in placed if before < number)]), max(target, arrived) + _HORIZON)
            slot = None
            if other and called is not None:
                morning = called.astimezone(self._here).time() < _NOON
                half = (max(not_before, _NOON), None) if morning else (not_before, _NOON)
                slot = self._first(channel, floor, dates, half, counted=counted)
            if slot is None:
                slot = self._first(channel, floor, dates, (not_before, None), counted=counted)
                if slot is None:
                    self.said.append((step, "no_slot"))
                    continue
                if other and called is not None:
                    self.said.append((step, "daypart_waived"))
            latest = max(latest, slot[0])
            placed.append((number, slot[1]))
            self.touches.append((step, slot[0]))
            called = slot[0] if channel == "call" else called
            if counted:
                self._count(channel, *slot)

    def _first(
        self, channel: str, floor: datetime, dates: tuple[date, date], hours: tuple[time, time | None], *, counted: bool
    ) -> tuple[datetime, date] | None:
        """The first instant at or after the floor, on those dates and between two times of day, that the caps have room for."""
        by_date, here, day, (since, until) = self._by_date, self._here, max(dates[0], floor.astimezone(self._here).date()), hours
        while day <= dates[1]:
            full = counted and (by_date["", day] >= _A_DATE_ALL or by_date[channel, day] >= _A_DATE[channel])
            opens = None if full else _open_on(day, here, self._others, self._closed)
            if opens is not None and channel == "call" and self._case.rep_closed is not None:
                opens = _within(opens, day, _ZONE, self._case.rep_closed)
            if opens is not None:
                low = max(opens[0], floor, datetime.combine(day, since, here).astimezone(UTC))
                high = opens[1] if until is None else min(opens[1], datetime.combine(day, until, here).astimezone(UTC))
                if low < high:
                    return low, day
            day += _DAY
        return None


# ---------------------------------------------------------------------------------------------------------------- plans

_PLACES = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo")
_BETWEEN = (("America/New_York", "America/Los_Angeles"), ("Europe/Lisbon", "Europe/Berlin"), ("Australia/Perth", "Australia/Brisbane"))


def _cases(count: int, places: Sequence[Sequence[str]], rep: Calendar | None = None) -> list[Case]:
    """Arrivals spread over a year at all hours; one prospect in four has touches of another cadence shortly before, or after."""
    draw, found = Random(7), []
    for number in range(count):
        where = tuple(map(zone, draw.choice(places)))
        arrival = datetime(2026, 1, 1, tzinfo=UTC) + _later(draw, 320 * 86_400)
        if draw.random() < 0.2:
            clock = draw.choice((time(8, 59, 59), _NINE, time(11, 59, 59), _NOON, time(16, 59, 59), _FIVE))
            arrival = datetime.combine(arrival.astimezone(where[0]).date(), clock, where[0]).astimezone(UTC)
        elsewhere = tuple(
            Outreach(id=f"L-{number}/{turn}", lead_id=f"L-{number}", rep="ada", channel=draw.choice(("call", "email")), at=at, human=True)
            for turn, at in enumerate(
                arrival + timedelta(hours=1) - _later(draw, 90_000) for _ in range(draw.randrange(1, 5) if draw.random() < 0.25 else 0)
            )
        )
        zones = Zones(where, "lead" if len(where) == 1 else "country_candidates")
        prospect = Prospect(lead_id=f"L-{number}", zones=zones, holidays=_CLOSED, source="webinar", contents=("pricing",))
        found.append(Case(prospect, arrival, elsewhere, rep))
    return found


def _planned(plan: Plan) -> Touches:
    return tuple((touch.step, touch.at) for touch in plan.touches), tuple((note.step, note.code) for note in plan.notes)


def _planner() -> Callable[[Case], Plan]:
    """Ours: the shipped sequences and hours, compiled once."""
    document, hours = CadenceDocument.model_validate(PLAYBOOK["cadence"]), HoursDocument.model_validate(PLAYBOOK["hours"])
    words = compile_vocabulary(FactsDocument(), [("mql_clause", "text"), ("handed_off", "boolean")])
    rules = compile_sequences(document, compile_hours(hours), words, Questions())
    sequence = next(sequence for sequence in document.sequences if sequence.id == "T1")
    return lambda case: cadence.plan(rules, sequence, case.prospect, arrival=case.arrival, rep=case.rep, elsewhere=case.elsewhere)


def _planning(title: str, plan: Callable[[Case], Plan], cases: Sequence[Case], sample: int, note: str = "") -> Bench:
    floor, ours = "hand-written, no explanation", "cadence.plan"
    agree(ours, [PlanByHand(case.by_hand).answer() for case in cases], [_planned(plan(case)) for case in cases], cases)
    some = cases[:sample]
    return Bench(
        title,
        "µs",
        floor,
        (
            one_by_one(floor, lambda case: PlanByHand(case).answer(), [case.by_hand for case in some], "instants and codes of notes"),
            one_by_one(ours, plan, some, "keeps what it was made from"),
            one_by_one(f"{ours}, `.explain()` read", lambda case: plan(case).explain(), some),
            one_by_one(f"{ours}, `.to_dict()` read", lambda case: plan(case).to_dict(), some),
        ),
        note=note,
    )


# -------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    less, calendar, plan = 20 if quick else 1, _OFFICE.calendar(), _planner()
    questions, cases, alone = _questions(10_000 // less, calendar), 1_000 // less, [(name,) for name in _PLACES]
    return (
        _alone(questions, 2_000 // less),
        _without_pauses(questions, 1_000 // less, 100),
        _following(_handed_on(2_000 // less, calendar), 300),
        _reporting(questions),
        _planning("Plan the shipped T1 sequence", plan, _cases(cases, alone), 200),
        _planning(
            "Plan the shipped T1 sequence where the zone is one of two",
            plan,
            _cases(cases, _BETWEEN),
            200,
            "An instant counts where both agree; by hand, one zone is clipped to the other.",
        ),
        _planning(
            "Plan the shipped T1 sequence within a rep’s hours too",
            plan,
            _cases(cases, alone, calendar),
            200,
            "The rep sits in Berlin, so that some calls find no other half of the day, or no instant: known after a look at 45 days.",
        ),
    )
