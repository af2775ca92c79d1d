"""What would become of these leads?

An arrival stream is played through the reps and their opening hours, before anybody's week is changed: who waits how long, who misses
the target, how busy each rep is, what nobody begins. Nothing is drawn and nothing is assumed; the same leads, reps and assignment give
the same answer (FD-1).

Leads are taken by (arrival, id). A rep works one at a time, in the order in which they were assigned, in the rep's own open time, and
begins at the first open instant. Who gets a lead is asked of a function that the caller brings, so that any routing can be tried;
without one it is whoever can begin first.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from heapq import heappop, heappush
from itertools import accumulate
from operator import attrgetter
from typing import Literal, TypeAlias, TypeVar

from attrs import field, frozen

from inbound_engine import hours, proportions
from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.hours import Calendar
from inbound_engine.proportions import Rate
from inbound_engine.spans import Span, instant

__all__ = ["Arrival", "Assign", "Handled", "Load", "Replay", "Seat", "Standing", "State", "Until", "each_seat", "simulate", "soonest"]

AnyNamed = TypeVar("AnyNamed", "Arrival", "Seat")

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=3_660)
_ALL_PERCENT = 100


# --------------------------------------------------------------------------------------------------------------- checks


def _arrival_at(value: datetime) -> datetime:
    return instant(value, "arrival.at")


def _named(value: object, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise FactError(path, shown(value), "text")


def _service(value: object, path: str) -> timedelta:
    if not isinstance(value, timedelta) or value <= timedelta():
        raise FactError(path, shown(value), "a timedelta of more than zero", "Write timedelta(minutes=30).")
    return value


def _absences(value: Iterable[Span]) -> tuple[Span, ...]:
    given: object = value
    if not isinstance(given, list | tuple):
        raise FactError("seat.away", shown(given), "a list of Spans", "Write (Span(since, until),).")
    for number, span in enumerate(given):
        if not isinstance(span, Span):
            raise FactError(f"seat.away[{number}]", shown(span), "a Span", "Write Span(since, until).")
    return tuple(value)


def _territories(value: Iterable[str]) -> frozenset[str]:
    given: object = value
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise FactError("seat.territories", shown(given), "a set of names", 'Write frozenset({"dach"}).')
    names = tuple(value)
    for name in names:
        _named(name, "seat.territories")
    return frozenset(names)


def _target(value: object) -> timedelta:
    if not isinstance(value, timedelta) or value < timedelta():
        raise FactError("target", shown(value), "a timedelta of zero or more", "Write timedelta(minutes=5).")
    return value


# --------------------------------------------------------------------------------------------------------------- values


@frozen(kw_only=True)
class Arrival:
    """A lead of an arrival stream: when it came, of which type, how long it takes, and whose it is where that is settled.

    `service` is the time to work it, None for as long as its type takes. `rep` is None where the assignment is to be asked. A lead
    that marketing holds is not `handed_off`, and nobody works it (TI-4).

    >>> from datetime import UTC
    >>> Arrival(id="L-1", at=datetime(2026, 3, 2, 9, tzinfo=UTC), lead_type="demo_request").handed_off
    True
    """

    id: str
    at: datetime = field(converter=_arrival_at)
    lead_type: str | None = None
    service: timedelta | None = None
    rep: str | None = None
    handed_off: bool = True

    def __attrs_post_init__(self) -> None:
        """Checks the names."""
        _named(self.id, "arrival.id")
        for name, value in (("lead_type", self.lead_type), ("rep", self.rep)):
            if value is not None:
                _named(value, f"arrival.{name}")
        if self.service is not None:
            _service(self.service, "arrival.service")


@frozen
class Seat:
    """A rep as planning sees one: the hours, when the rep is away, and the territories by name. The calendar must open at some time.

    >>> Seat("maya", Calendar.weekdays("Europe/Berlin", "09:00", "17:00")).away
    ()
    """

    rep: str
    calendar: Calendar
    away: tuple[Span, ...] = field(default=(), converter=_absences)
    territories: frozenset[str] = field(default=frozenset(), converter=_territories)

    def __attrs_post_init__(self) -> None:
        """Checks the name and the calendar."""
        _named(self.rep, "seat.rep")
        calendar: object = self.calendar
        if not isinstance(calendar, Calendar):
            raise FactError(f"seats[{self.rep}].calendar", shown(calendar), "a Calendar", "`capacity.seats` finds that of a rep.")
        if not self.calendar.is_ever_open:
            raise FactError(f"seats[{self.rep}].calendar", shown(self.calendar), "a calendar that opens")

    def open(self, over: Span) -> tuple[Span, ...]:
        """The stretches of `over` in which the rep works: open and not away, in order."""
        found = hours.spans(self.calendar, since=over.since, until=over.until)
        for hole in self.away:
            found = tuple(part for span in found for part in _around(span, hole))
        return found


@frozen
class Standing:
    """How a rep stands when a lead is to be assigned.

    `open_leads` are those that the rep has and has not finished, `taken` all that the rep was given so far. `free_at` is the first
    instant at which the rep could begin one more, None where that is not within the stretch that is played.
    """

    rep: str
    open_leads: int
    taken: int
    free_at: datetime | None


@frozen
class State:
    """How all reps stand at an instant, in order of their ids."""

    at: datetime
    reps: tuple[Standing, ...]

    def standing(self, rep: str) -> Standing:
        """How one rep stands; `FactError` for somebody who is not there."""
        for each in self.reps:
            if each.rep == rep:
                return each
        raise FactError("rep", shown(rep), one_of(each.rep for each in self.reps))


@frozen
class Until:
    """To be asked again at that instant, or when something has changed before it."""

    at: datetime


Assign: TypeAlias = Callable[[Arrival, State, datetime], str | datetime | Until | None]
"""Who gets a lead, asked at an instant: a rep; a later instant, to be asked again then; None, to be asked again when something has
changed; or `Until` an instant, whichever comes first. Something changes when a rep finishes a lead, comes back or opens."""


def soonest(_lead: Arrival, state: State, _at: datetime) -> str | None:
    """The rep who can begin first, of several the one with the fewest leads so far, then by id; None where nobody can.

    What one queue before all reps comes to: no lead waits while a rep is free.

    >>> from datetime import UTC
    >>> nine, ten = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 10))
    >>> state = State(nine, (Standing("maya", 1, 4, ten), Standing("noor", 0, 5, nine)))
    >>> soonest(Arrival(id="L-1", at=nine), state, nine)
    'noor'
    """
    free = [(each.free_at, each.taken, each.rep) for each in state.reps if each.free_at is not None]
    return min(free)[2] if free else None


@frozen
class Handled:
    """What became of a lead.

    `state` is "finished", "in_hand" (begun, and not finished by the end), "queued" (a rep has it and has not begun) or "unassigned".
    `waited` is the time from the arrival to the begin, or to the end of what was played, in open time of the calendar that counts;
    `elapsed` is the same by the clock on the wall (CL-5). `missed` says whether it waited for the target or longer (CL-4).
    """

    lead: Arrival
    rep: str | None
    assigned: datetime | None
    started: datetime | None
    finished: datetime | None
    waited: timedelta
    elapsed: timedelta
    missed: bool

    @property
    def state(self) -> Literal["finished", "in_hand", "queued", "unassigned"]:
        """How far it came."""
        if self.finished is not None:
            return "finished"
        if self.started is not None:
            return "in_hand"
        return "unassigned" if self.rep is None else "queued"

    @property
    def is_worked(self) -> bool:
        """Whether somebody began."""
        return self.started is not None

    def to_dict(self) -> dict[str, Plain]:
        """The lead as plain data; durations in microseconds."""
        return {
            "lead": self.lead.id,
            "lead_type": self.lead.lead_type,
            "arrived": plain(self.lead.at),
            "rep": self.rep,
            "assigned": plain(self.assigned),
            "started": plain(self.started),
            "finished": plain(self.finished),
            "waited": plain(self.waited),
            "elapsed": plain(self.elapsed),
            "missed": self.missed,
            "state": self.state,
        }


@frozen
class Load:
    """What a rep had to do: leads given, begun and finished, the time worked, and the open time there was."""

    rep: str
    leads: int
    begun: int
    finished: int
    worked: timedelta
    available: timedelta

    @property
    def share(self) -> Fraction | None:
        """The part of the open time that was worked; None where there was none."""
        return Fraction(self.worked // _MICROSECOND, self.available // _MICROSECOND) if self.available else None

    def __str__(self) -> str:
        """The load on one line."""
        share = "no open time" if self.share is None else f"{_percent(self.share)} of the open time"
        return f"{self.rep}: {self.leads} leads, {self.begun} begun, {self.finished} finished, {share}"

    def to_dict(self) -> dict[str, Plain]:
        """The load as plain data; durations in microseconds."""
        counts: dict[str, Plain] = {"rep": self.rep, "leads": self.leads, "begun": self.begun, "finished": self.finished}
        return {**counts, "worked": plain(self.worked), "available": plain(self.available), "share": plain(self.share)}


@frozen(repr=False)
class Replay:
    """What became of an arrival stream, lead by lead in order of (arrival, id), and of the reps, by id."""

    over: Span
    target: timedelta
    leads: tuple[Handled, ...]
    loads: tuple[Load, ...]

    @property
    def missed(self) -> Rate:
        """The misses among the decided: leads that were begun, and leads that waited too long already (CL-18)."""
        return Rate(sum(each.missed for each in self.leads), sum(each.is_worked or each.missed for each in self.leads))

    @property
    def unworked(self) -> tuple[Handled, ...]:
        """The leads that nobody had begun at the end."""
        return tuple(each for each in self.leads if not each.is_worked)

    def wait_at(self, percent: int) -> timedelta | None:
        """The wait that so many percent of the leads did not exceed; those that nobody began count as longer than all (CL-19).

        50 is the median, of an even number the lower one of the middle. None where it falls among the unworked, or of no leads.
        """
        if type(percent) is not int or not 1 <= percent <= _ALL_PERCENT:
            raise FactError("percent", shown(percent), "a whole number from 1 to 100")
        waits = sorted(each.waited for each in self.leads if each.is_worked)
        place = -(-len(self.leads) * percent // _ALL_PERCENT)
        return waits[place - 1] if 0 < place <= len(waits) else None

    def load(self, rep: str) -> Load:
        """The load of one rep; `FactError` for somebody who was not there."""
        for each in self.loads:
            if each.rep == rep:
                return each
        raise FactError("rep", shown(rep), one_of(each.rep for each in self.loads))

    def explain(self) -> str:
        """The leads in one line, the waits in another, then a line for each rep."""
        waits = ", ".join(f"{percent} % within {'no known time' if at is None else _time(at)}" for percent, at in self._waits())
        return "\n".join((str(self), f"Waits: {waits}.", *map(str, self.loads)))

    def _waits(self) -> Iterator[tuple[int, timedelta | None]]:
        return ((percent, self.wait_at(percent)) for percent in (50, 90, 99))

    def __str__(self) -> str:
        """The leads in one line."""
        begun = len(self.leads) - len(self.unworked)
        missed = f"{self.missed} missed {_time(self.target)} ({proportions.percent(self.missed)})"
        return f"{len(self.leads)} leads, {begun} begun, {len(self.unworked)} unworked; {missed}."

    def __repr__(self) -> str:
        """Counts only."""
        return f"Replay({len(self.leads)} leads, {len(self.loads)} reps, {len(self.unworked)} unworked)"

    def to_dict(self) -> dict[str, Plain]:
        """The replay as plain data, JSON-able, every lead included."""
        return {
            "format": 1,
            "kind": "replay",
            "since": plain(self.over.since),
            "until": plain(self.over.until),
            "target": plain(self.target),
            "missed": self.missed.hits,
            "decided": self.missed.total,
            "unworked": len(self.unworked),
            "waits": {str(percent): plain(at) for percent, at in self._waits()},
            "loads": [each.to_dict() for each in self.loads],
            "leads": [each.to_dict() for each in self.leads],
        }

    def _repr_html_(self) -> str:
        """The loads as a table, for notebooks."""
        rows = (
            (each.rep, each.leads, each.begun, each.finished, "" if each.share is None else _percent(each.share)) for each in self.loads
        )
        return html_table(str(self), ("rep", "leads", "begun", "finished", "busy"), rows)


def simulate(
    arrivals: Iterable[Arrival],
    seats: Iterable[Seat],
    *,
    over: Span,
    target: timedelta,
    services: Mapping[str, timedelta] | None = None,
    assign: Assign = soonest,
    clock: Calendar | None = None,
) -> Replay:
    """What becomes of the leads that arrive within `over`, under that assignment; the same for the same, whatever their order.

    Leads that arrive outside, and those that are not handed off (TI-4), are not seen. `services` are the times that lead types take,
    for leads that bring none of their own. Waits are counted on `clock`; without it on the calendar of the rep who has the lead, and of
    a lead that nobody has, while anybody's is open. What is not begun within `over` is unworked.

    A lead whose time nobody knows, a rep who is not there, two leads or seats of one id and an instant that is not later than the
    one asked at are `FactError`. Assigning costs as many questions as there are leads; a function that says None is asked about all
    who wait whenever something changes.

    >>> from inbound_engine.spans import parse_instant
    >>> monday = Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-03T00:00Z"))
    >>> maya = Seat("maya", Calendar.weekdays("UTC", "09:00", "17:00"))
    >>> leads = [Arrival(id=f"L-{hour}", at=monday.since.replace(hour=hour), service=timedelta(minutes=90)) for hour in (8, 9, 16)]
    >>> print(simulate(leads, [maya], over=monday, target=timedelta(minutes=5)).explain())
    3 leads, 3 begun, 0 unworked; 1 of 3 missed 5 minutes (33.3 %).
    Waits: 50 % within 0 minutes, 90 % within 90 minutes, 99 % within 90 minutes.
    maya: 3 leads, 3 begun, 2 finished, 50 % of the open time
    """
    limit = _target(target)
    stretch: object = over
    if not isinstance(stretch, Span):
        raise FactError("over", shown(stretch), "a Span", "Write Span(since, until).")
    if not timedelta() < over.length <= _LONGEST:
        raise FactError("over", str(over.length), f"a stretch of more than zero and at most {_LONGEST.days} days")
    desks = {seat.rep: _Desk(seat, over) for seat in each_seat(seats)}
    leads = sorted(_once(arrivals, "arrivals", Arrival, attrgetter("id")), key=lambda lead: (lead.at, lead.id))
    known = {name: _service(value, f"services[{name}]") for name, value in (services or {}).items()}
    work = [(lead, _takes(lead, known)) for lead in leads if lead.at in over and lead.handed_off]
    play = _Play(desks, over, assign)
    play.run(work)
    counted = None if clock is None else _Line(hours.spans(clock, since=over.since, until=over.until))
    anybody = counted or _Line(_united(span for desk in desks.values() for span in desk.calendar.spans) if desks else (over,))
    handled = []
    for lead, _ in work:
        given = play.given.get(lead.id)
        line = anybody if given is None else counted or desks[given.rep].calendar
        handled.append(_handled(lead, given, line, over=over, target=limit))
    return Replay(over, limit, tuple(handled), tuple(desk.load() for _, desk in sorted(desks.items())))


def each_seat(seats: Iterable[Seat], path: str = "seats") -> tuple[Seat, ...]:
    """The seats that were handed in; a `FactError` names what is no list of seats, the place of what is no seat, and an id twice.

    >>> [seat.rep for seat in each_seat([Seat("maya", Calendar.always())])]
    ['maya']
    """
    return tuple(_once(seats, path, Seat, attrgetter("rep")))


# ----------------------------------------------------------------------------------------------------------------- play


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * _ALL_PERCENT, 1)} %"


def _time(amount: timedelta) -> str:
    """Minutes, as people say them."""
    return f"{decimal_text(Fraction(amount // _MICROSECOND, _MINUTE // _MICROSECOND))} minute{'' if amount == _MINUTE else 's'}"


def _around(span: Span, hole: Span) -> Iterator[Span]:
    """What is left of a stretch around a hole."""
    if hole.until <= span.since or hole.since >= span.until or not hole.length:
        yield span
        return
    if span.since < hole.since:
        yield Span(span.since, hole.since)
    if hole.until < span.until:
        yield Span(hole.until, span.until)


_MADE_BY = {Arrival: 'Write Arrival(id="L-1", at=at).', Seat: "`capacity.seats` makes them of reps."}


def _once(values: object, path: str, kind: type[AnyNamed], name: Callable[[AnyNamed], str]) -> list[AnyNamed]:
    """The values, refused where one is of another kind, and where two have one name."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise FactError(path, shown(values), f"a list of {kind.__name__}s", _MADE_BY[kind])
    found: dict[str, AnyNamed] = {}
    for number, value in enumerate(values):
        if not isinstance(value, kind):
            raise FactError(f"{path}[{number}]", shown(value), f"one of the kind {kind.__name__}", _MADE_BY[kind])
        if name(value) in found:
            raise FactError(f"{path}[{name(value)}]", "the same id twice", "ids that differ")
        found[name(value)] = value
    return list(found.values())


def _takes(lead: Arrival, known: Mapping[str, timedelta]) -> timedelta:
    """How long a lead takes, or its type."""
    found = known.get(lead.lead_type or "") if lead.service is None else lead.service
    if found is None:
        hint = "Say how long it takes, or how long its type does."
        raise FactError(f"arrivals[{lead.id}].service", f"nothing, of lead type {shown(lead.lead_type)}", "a timedelta", hint)
    return found


class _Line:
    """Open time in order: how much there is up to an instant, when the next begins, and when an amount of it is reached."""

    __slots__ = ("before", "opens", "spans")

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self.opens = [span.since for span in spans]
        self.before = [timedelta(), *accumulate(span.length for span in spans)]

    def until(self, at: datetime) -> timedelta:
        """The open time before an instant."""
        place = bisect_right(self.opens, at) - 1
        return self.before[0] if place < 0 else self.before[place] + min(at - self.opens[place], self.spans[place].length)

    def ready(self, at: datetime) -> datetime | None:
        """The first open instant at or after one."""
        place = bisect_right(self.opens, at) - 1
        if place >= 0 and at < self.spans[place].until:
            return at
        return self.opens[place + 1] if place + 1 < len(self.opens) else None

    def after(self, at: datetime, amount: timedelta) -> datetime | None:
        """The earliest instant that has the amount behind it, counted from one (TM-15); more than nothing."""
        wanted = self.until(at) + amount
        if wanted > self.before[-1]:
            return None
        low, high = 0, len(self.spans) - 1
        while low < high:  # the first stretch by whose end enough is counted
            middle = (low + high) // 2
            low, high = (low, middle) if self.before[middle + 1] >= wanted else (middle + 1, high)
        return self.opens[low] + (wanted - self.before[low])


@frozen
class _Given:
    """A lead that a rep has: since when, from when and until when it is worked, as far as that lies within the stretch."""

    rep: str
    at: datetime
    started: datetime | None
    finished: datetime | None


class _Desk:
    """A rep at work: the leads in the order in which they came, one at a time."""

    __slots__ = ("begun", "calendar", "done", "finishes", "last", "line", "over", "rep", "worked")

    def __init__(self, seat: Seat, over: Span) -> None:
        self.rep, self.over = seat.rep, over
        self.line = _Line(seat.open(over))
        self.calendar = _Line(hours.spans(seat.calendar, since=over.since, until=over.until))
        self.last = over.since
        self.finishes: list[datetime] = []  # one for each lead, in order; the end of the stretch for those that go beyond it
        self.begun = self.done = 0
        self.worked = timedelta()

    def free_at(self, at: datetime) -> datetime | None:
        """When one more lead could be begun."""
        return self.line.ready(max(at, self.last))

    def standing(self, at: datetime) -> Standing:
        """How the rep stands at an instant; a lead that is finished then is off the desk."""
        taken = len(self.finishes)
        return Standing(self.rep, taken - bisect_right(self.finishes, at), taken, self.free_at(at))

    def change(self, at: datetime) -> datetime | None:
        """The first instant after one at which a lead is finished, or the rep begins a stretch of work."""
        each = (_next_after(self.finishes, at), _next_after(self.line.opens, at))
        return min((moment for moment in each if moment is not None), default=None)

    def give(self, at: datetime, service: timedelta) -> _Given:
        """Puts a lead behind the others."""
        started = self.free_at(at)
        finished = None if started is None else self.line.after(started, service)
        self.last = self.over.until if finished is None else finished
        self.finishes.append(self.last)
        if started is not None:
            self.begun += 1
            self.done += finished is not None
            self.worked += self.line.until(self.last) - self.line.until(started)
        return _Given(self.rep, at, started, finished)

    def load(self) -> Load:
        """What there was to do."""
        return Load(self.rep, len(self.finishes), self.begun, self.done, self.worked, self.line.before[-1])


def _next_after(moments: Sequence[datetime], at: datetime) -> datetime | None:
    """The first of ordered instants that lies after one."""
    place = bisect_right(moments, at)
    return moments[place] if place < len(moments) else None


_Work: TypeAlias = tuple[Arrival, timedelta]
"""A lead and how long it takes."""


class _Play:
    """The stretch as it is played, instant by instant: who has a lead, and who waits for one."""

    __slots__ = ("again", "assign", "desks", "given", "over", "patient", "reps", "state")

    def __init__(self, desks: Mapping[str, _Desk], over: Span, assign: Assign) -> None:
        self.desks, self.over, self.assign = desks, over, assign
        self.reps = [desks[rep] for rep in sorted(desks)]
        self.given: dict[str, _Given] = {}
        self.state: State | None = None  # as of the last question, while nothing has changed since
        self.again: list[tuple[datetime, datetime, str, _Work]] = []  # a heap: to be asked about again then
        self.patient: list[_Work] = []  # to be asked about again when something changes

    def run(self, work: Sequence[_Work]) -> None:
        """Takes the leads, in order of (arrival, id)."""
        place, at = 0, self.over.since
        while True:
            change = self._change(at)
            moments = [work[place][0].at] if place < len(work) else []
            moments += [self.again[0][0]] if self.again else []
            moments += [] if change is None else [change]
            if not moments:
                return
            at = min(moments)
            asked: list[_Work] = []
            while self.again and self.again[0][0] <= at:
                asked.append(heappop(self.again)[-1])
            if at == change:
                asked, self.patient = asked + self.patient, []
            else:
                woken = {lead.id for lead, _ in asked}
                self.patient = [work for work in self.patient if work[0].id not in woken]
            asked = [work for work in {work[0].id: work for work in asked}.values() if work[0].id not in self.given]
            while place < len(work) and work[place][0].at <= at:
                asked.append(work[place])
                place += 1
            for each in sorted(asked, key=lambda each: (each[0].at, each[0].id)):
                self._ask(each, at)

    def _change(self, at: datetime) -> datetime | None:
        """When those who wait are asked about again; None when nobody waits, or nobody could begin any more."""
        if not self.patient or all(desk.free_at(at) is None for desk in self.reps):
            return None
        moments = (desk.change(at) for desk in self.reps)
        return min((moment for moment in moments if moment is not None and moment < self.over.until), default=None)

    def _ask(self, work: _Work, at: datetime) -> None:
        lead, service = work
        match self.assign(lead, self._seen(at), at) if lead.rep is None else lead.rep:
            case None:
                self.patient.append(work)
            case datetime() | Until() as answer:
                if isinstance(answer, Until):
                    self.patient.append(work)
                again = instant(answer.at if isinstance(answer, Until) else answer, "assign")
                if again <= at:
                    raise FactError("assign", again.isoformat(), f"an instant after {at.isoformat()}, at which it was asked")
                if again < self.over.until:
                    heappush(self.again, (again, lead.at, lead.id, work))
            case str() as rep if rep in self.desks:
                self.given[lead.id] = self.desks[rep].give(at, service)
                self.state = None
            case answer:
                path = "assign" if lead.rep is None else f"arrivals[{lead.id}].rep"
                raise FactError(path, shown(answer), one_of(self.desks))

    def _seen(self, at: datetime) -> State:
        """How the reps stand, made once for all who wait at an instant."""
        if self.state is None or self.state.at != at:
            self.state = State(at, tuple(desk.standing(at) for desk in self.reps))
        return self.state


def _united(spans: Iterable[Span]) -> list[Span]:
    """The stretches in order, those that meet or overlap made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.since):
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        else:
            found.append(span)
    return found


def _handled(lead: Arrival, given: _Given | None, line: _Line, *, over: Span, target: timedelta) -> Handled:
    """What became of a lead, and how long it waited on the calendar that counts."""
    end = over.until if given is None or given.started is None else given.started
    waited = line.until(end) - line.until(lead.at)
    if given is None:
        return Handled(lead, None, None, None, None, waited, end - lead.at, waited >= target)
    return Handled(lead, given.rep, given.at, given.started, given.finished, waited, end - lead.at, waited >= target)
