"""Which touches, and when?

A plan gives every step of a sequence the first instant that breaks no rule, in the order of the list (CA-7): inside the
prospect's working hours, calls inside legal hours and the rep's too (CA-8), not before its date and its local time of day
(CA-5, CA-6), after the steps above it (CA-9), on another date than steps of other template days (CA-10), under the caps
(CA-11), in the half of the day that it asks for (CA-12). Nothing is ever pulled earlier. A confirmation goes out at the arrival,
at any hour, and says so (CA-13). What finds no instant is left out with a note, and the rest stands (CA-20).

Where the zone of the prospect is not known for sure, an instant counts only where all candidates agree; the first of them is
the one whose dates and times of day are read (CA-2).

Planning again is planning with what happened so far (CA-21): touches that were made stay where they were made, all others keep
the instant of the first plan unless something pushes them (CA-19), exits cancel (CA-15), an automatic reply holds (CA-16).
Nothing dated after `at` is seen (FD-2).

What is not here: sending. A plan says what is due; whoever sends asks again right before, with the suppressions of that moment
(CA-14).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import chain, islice
from typing import Literal, Protocol, TypeVar

import attrs
from attrs import frozen

from inbound_engine import calendars
from inbound_engine.calendars import zones_of
from inbound_engine.decisions import Seen
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Lead, Outreach, is_personal
from inbound_engine.history import as_of, in_order
from inbound_engine.hours import Calendar, NeverReached, encloses, local_date, minutes, offset
from inbound_engine.plans import ALL, AutoReply, Exit, ExitKind, Given, Happening, Next, Note, Plan, Prospect, Task, Touch, suppressions
from inbound_engine.sequences import EMAIL, MOST_FACTOR, NOON, CadenceDocument, Rules, Sequence, Step, stretched
from inbound_engine.slots import Bounds, Counts, Opening, Worktime, allowed
from inbound_engine.spans import DAY, instant

__all__ = ["follow_ups", "next_step", "plan", "prospect", "replan"]

_ENDS_FOLLOW_UPS: frozenset[ExitKind] = frozenset({"meeting", "disqualified", "won"})
_MOST_CONTENTS = 3
_SOURCE_IS_PERSONAL, _CONTENTS_ARE_PERSONAL = is_personal(Lead, "source"), is_personal(Lead, "activities")
_MINUTE = timedelta(minutes=1)
_NOON = NOON * _MINUTE
_YEARS = (1900, 9000)  # there is room for a plan on both sides


# ------------------------------------------------------------------------------------------------------------ functions


def prospect(hours: calendars.Rules, lead: Lead, *, at: datetime, holidays: Iterable[date] = ()) -> Prospect:
    """The lead as a plan sees it as of `at`: its zones by the policy's hours, its holidays from the caller (CA-1, CA-3).

    `contents` are the last three things that differ among its marketing activities up to `at`, the latest first (CD-4).

    >>> from datetime import UTC
    >>> rules = calendars.compile(calendars.HoursDocument(zones=[{"country": "DE", "zones": ["Europe/Berlin"]}]))
    >>> prospect(rules, Lead(id="L-1", country="DE"), at=datetime(2026, 3, 2, tzinfo=UTC)).zones.source
    'country'
    """
    seen = reversed(in_order(as_of(lead.activities or (), instant(at))))
    contents = dict.fromkeys(activity.content for activity in seen if activity.marketing and activity.content is not None)
    return Prospect(
        lead_id=lead.id,
        zones=zones_of(hours, lead),
        holidays=holidays,
        suppressed=lead.suppressed,
        source=lead.source,
        contents=tuple(islice(contents, _MOST_CONTENTS)),
    )


def plan(
    rules: Rules,
    sequence: Sequence,
    prospect: Prospect,
    *,
    arrival: datetime,
    rep: Calendar | None = None,
    territory: Calendar | None = None,
    factor: Fraction = Fraction(1),
    elsewhere: Iterable[Outreach] = (),
    done: Iterable[Outreach] = (),
    events: Iterable[Happening] = (),
    at: datetime | None = None,
) -> Plan:
    """The touches of a sequence of the policy, each at the first instant that breaks no rule (CA-7).

    `rep` is the rep's calendar, `territory` the one for a prospect without a zone, `factor` what days are stretched by.
    `elsewhere` are touches of the same person in other cadences and in none, under whatever lead: they count for caps (CA-11,
    CA-17). `done` are the touches of
    this one that were made, by their step; where a step was made twice, the first counts as the step, and what was made before the
    arrival counts for caps alone. `at` is the arrival where it
    is left out; with `done` or `events` it must be given. Nothing dated after it is seen.

    >>> from datetime import UTC
    >>> from inbound_engine.calendars import Zones
    >>> from inbound_engine.conditions import Questions
    >>> from inbound_engine.sequences import compile
    >>> from inbound_engine.spans import zone
    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> week = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    >>> hours = calendars.compile(
    ...     calendars.HoursDocument(calendars=[{"id": "office", "weekly": [{"days": week, "opens": "09:00", "closes": "17:00"}]}])
    ... )
    >>> steps = [{"id": f"call-{day}", "day": day, "channel": "call", "intent": "An answer to the question asked"} for day in (0, 1, 3)]
    >>> document = CadenceDocument(
    ...     hours="office", channels=[{"id": "call"}], sequences=[{"id": "calls", "when": {"op": "always"}, "steps": steps}]
    ... )
    >>> rules = compile(document, hours, compile_vocabulary(FactsDocument()), Questions())
    >>> ana = Prospect(lead_id="L-1", zones=Zones((zone("Europe/Berlin"),), "lead"))
    >>> friday_evening = datetime(2026, 3, 6, 18, 30, tzinfo=UTC)
    >>> [str(touch.local) for touch in plan(rules, document.sequences[0], ana, arrival=friday_evening).touches]
    ['2026-03-09 09:00:00+01:00', '2026-03-10 09:00:00+01:00', '2026-03-12 09:00:00+01:00']
    """
    if not any(sequence is known or sequence == known for known in rules.document.sequences):
        raise FactError("sequence", shown(getattr(sequence, "id", sequence)), "a sequence of the policy")
    if type(factor) is not Fraction or not 0 < factor <= MOST_FACTOR:
        raise FactError("factor", shown(factor), f"a Fraction of more than 0 and at most {MOST_FACTOR}", "Take it from sequences.stretch.")
    begins = _reached(arrival, "arrival")
    made, happened = tuple(done), tuple(events)
    if at is None and (made or happened):
        raise FactError("at", "nothing", "the instant as of which done and events are read")
    return _made(
        Given(
            document=rules.document,
            hours=rules.hours,
            sequence=sequence,
            prospect=prospect,
            arrival=begins,
            at=begins if at is None else _not_before(at, begins),
            rep=rep,
            territory=territory,
            factor=factor,
            elsewhere=_once(elsewhere, "elsewhere"),
            done=_own(made, prospect.lead_id),
            events=_happened(happened),
        )
    )


def replan(
    plan: Plan,
    done: Iterable[Outreach] = (),
    events: Iterable[Happening] = (),
    *,
    at: datetime,
    elsewhere: Iterable[Outreach] = (),
    suppressed: Collection[str] = (),
) -> Plan:
    """The same plan as of `at`, with what has happened besides what it knew (CA-21).

    Touches that were made stay where they were made; the others keep the instant that they had in the first plan, or go where
    `at`, a hold, the order, the dates or the caps push them, and never earlier. `suppressed` are channels suppressed since
    (CA-14). An instant before the arrival is a `FactError`.
    """
    given = plan.given
    anew = attrs.evolve(
        given,
        at=_not_before(at, given.arrival),
        elsewhere=_once((*given.elsewhere, *elsewhere), "elsewhere"),
        done=_own((*given.done, *done), plan.lead_id),
        events=_happened((*given.events, *events)),
        suppressed=given.suppressed | suppressions(suppressed),
    )
    if anew == given:
        return plan
    begins_alike = as_of(anew.elsewhere, given.arrival) == as_of(given.elsewhere, given.arrival)
    return _made(anew, plan.first if begins_alike else None)


def next_step(
    plan: Plan,
    done: Iterable[Outreach] = (),
    events: Iterable[Happening] = (),
    *,
    at: datetime,
    elsewhere: Iterable[Outreach] = (),
    suppressed: Collection[str] = (),
) -> Next:
    """What to do now: the first touch that is not made, whether it is due, what is overdue, and when to stop (CD-7).

    The plan is made again as of `at`. A touch that is overdue and may not go out now, since nothing is open, is waited for; it
    still stands among `overdue`.
    """
    now = replan(plan, done, events, at=at, elsewhere=elsewhere, suppressed=suppressed)
    late = {note.step for note in now.notes if note.code == "overdue"}
    overdue = tuple(touch for touch in now.touches if touch.step in late)
    touch = next((touch for touch in now.touches if not touch.made), None)
    if touch is None:
        return Next("finished" if now.stopped is None else "stopped", None, overdue, now)
    if touch.at > now.at:
        return Next("wait", touch, overdue, now)
    return Next("overdue" if touch in overdue else "due", touch, overdue, now)


def follow_ups(rules: Rules, calendar: Calendar, day: date, days: int | None = None) -> tuple[date, ...]:
    """The dates on which to follow up on something of a local date: calendar days later, then forward to a business date (CA-18).

    All the policy's follow-up days, or one of them. A calendar that stays closed for good is a `FactError`.
    """
    found = []
    for number in _wanted(rules.document, days, "days"):
        date_then = offset(calendar, day + number * DAY, 0)
        if isinstance(date_then, NeverReached):
            raise FactError("calendar", f"no opening after {(day + number * DAY).isoformat()}", "a calendar that opens")
        found.append(date_then)
    return tuple(found)


# ------------------------------------------------------------------------------------------------------------ checks


class _Dated(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...


AnyDated = TypeVar("AnyDated", bound=_Dated)


def _reached(value: datetime, path: str) -> datetime:
    at = instant(value, path)
    if not _YEARS[0] <= at.year <= _YEARS[1]:
        raise FactError(path, at.isoformat(), f"an instant between the years {_YEARS[0]} and {_YEARS[1]}")
    return at


def _not_before(value: datetime, arrival: datetime) -> datetime:
    at = _reached(value, "at")
    if at < arrival:
        raise FactError("at", at.isoformat(), f"an instant at or after the arrival, {arrival.isoformat()}")
    return at


def _once(values: Iterable[AnyDated], path: str) -> tuple[AnyDated, ...]:
    """In order of time, whatever the order handed over; what stands twice counts once, two different things under one id are refused."""
    found: dict[str, AnyDated] = {}
    for value in values:
        if found.setdefault(value.id, value) != value:
            raise FactError(f"{path}[{value.id}]", "two different entries", "one entry under one id")
    return in_order(found.values())


def _own(values: Iterable[Outreach], lead_id: str) -> tuple[Outreach, ...]:
    """The touches of this lead; another lead's are refused."""
    own = _once(values, "done")
    for outreach in own:
        if outreach.lead_id != lead_id:
            raise FactError(f"done[{outreach.id}].lead_id", shown(outreach.lead_id), shown(lead_id), "Leave out touches of other leads.")
    return own


def _happened(values: Iterable[Happening]) -> tuple[Happening, ...]:
    """What happened besides touches; anything else is refused, since it would be dropped without a word."""
    given = tuple(values)
    for value in given:
        if not isinstance(value, Exit | AutoReply):
            raise FactError("events", f"a value of type {type(value).__name__}", "an Exit or an AutoReply", "Touches go to done.")
    return _once(given, "events")  # pyright: ignore[reportArgumentType] - to it, a field with a converter is no property


def _wanted(document: CadenceDocument, days: int | None, path: str) -> tuple[int, ...]:
    if days is None:
        return document.follow_up_days
    if days not in document.follow_up_days:
        known = ", ".join(map(str, document.follow_up_days)) or "nothing: there are none"
        raise FactError(path, shown(days), f"one of {known}")
    return (days,)


# --------------------------------------------------------------------------------------------------------- placing


@frozen
class _Slot:
    """Where a step was placed, and the local date of it."""

    at: datetime
    date: date


@frozen
class _Situation:
    """What is known when steps are placed: the instant, the touches that were made, and what came of the first plan."""

    at: datetime
    done: Mapping[str, Outreach]
    counted: tuple[Outreach, ...]
    first: Mapping[str, _Slot]
    suppressed: frozenset[str]
    exits: tuple[Exit, ...] = ()
    hold: date | None = None

    def overdue(self, step: Step) -> datetime | None:
        """The instant that the step had in the first plan, where that has passed."""
        first = self.first.get(step.id)
        return None if first is None or first.at >= self.at else first.at


class _Frame:
    """What stays the same whatever happens: whose clocks are read (CA-1 to CA-3), the channels, the days."""

    __slots__ = ("_also_open", "_opens", "_working", "arrived", "channels", "given", "horizon", "places", "steps", "worktime", "zone")

    def __init__(self, given: Given) -> None:
        """Settles the zone and the working time; without a zone and a territory there is no place, and nothing is ever open."""
        document, hours, territory = given.document, given.hours, given.territory
        places = given.prospect.zones.zones
        working: tuple[Calendar, ...] = ()
        if places:
            working = tuple(calendars.calendar(hours, document.hours, zone, holidays=given.prospect.holidays) for zone in places)
        elif territory is not None:
            places = (territory.zone,)
            holidays = chain(territory.holidays, given.prospect.holidays)
            working = (Calendar(territory.zone, territory.weekly, holidays, territory.overrides),)
        self.given = given
        self.zone = places[0] if places else hours.zone
        self.worktime = Worktime(working or (Calendar(self.zone, {}),), self.zone, given.arrival, document.horizon_days)
        self.channels = {channel.id: channel for channel in document.channels}
        self.steps = tuple((step, stretched(step.day, given.factor)) for step in given.sequence.steps)
        self.arrived = local_date(self.zone, given.arrival)
        self.horizon = document.horizon_days * DAY
        self._opens = minutes(document.not_before) * _MINUTE
        self.places = places
        self._working = working
        self._also_open: dict[str, tuple[Calendar, ...]] = {}

    # What is known.

    def at_arrival(self) -> _Situation:
        """What is known when the lead arrives: the first plan is made of it."""
        given = self.given
        return _Situation(given.arrival, {}, self._counting(as_of(given.elsewhere, given.arrival)), {}, given.prospect.suppressed)

    def as_it_stands(self, first: Mapping[str, _Slot]) -> _Situation:
        """What is known as of the instant of the plan, beside the first plan."""
        given, ids = self.given, {step.id for step, _ in self.steps}
        made = as_of(given.done, given.at)
        counted = {outreach.id: outreach for outreach in (*as_of(given.elsewhere, given.at), *made)}
        return _Situation(
            at=given.at,
            done={made_for: outreach for outreach in reversed(made) if (made_for := self._step_of(outreach, ids)) is not None},
            counted=self._counting(in_order(counted.values())),
            first=first,
            suppressed=given.prospect.suppressed | given.suppressed,
            exits=self._exits(),
            hold=self._hold(),
        )

    def _step_of(self, outreach: Outreach, ids: Collection[str]) -> str | None:
        """The step that a touch was made for; one from before the arrival was made for an earlier conversation."""
        return outreach.step if outreach.step in ids and outreach.at >= self.given.arrival else None

    def _counting(self, made: Iterable[Outreach]) -> tuple[Outreach, ...]:
        """Those that count for caps: no enrolments, and no confirmations of any sequence (CA-11, CA-13)."""
        outreaches = tuple(made)
        if not outreaches:
            return outreaches
        sequences = (*self.given.document.sequences, self.given.sequence)  # its own last: its steps say what their names mean
        confirming = {step.id: step.transactional for sequence in sequences for step in sequence.steps}
        enrolments = {channel.id for channel in self.channels.values() if not channel.is_touch}
        return tuple(
            outreach
            for outreach in outreaches
            if outreach.channel not in enrolments and not (outreach.step and confirming.get(outreach.step))
        )

    def _exits(self) -> tuple[Exit, ...]:
        """The exits of this plan. What ended an earlier conversation does not end this one; an opt-out and a bounce still do."""
        return tuple(
            event
            for event in as_of(self.given.events, self.given.at)  # pyright: ignore[reportArgumentType] - to it, a field with a converter is no property
            if isinstance(event, Exit) and (event.at >= self.given.arrival or event.kind in {"opt_out", "bounce"})
        )

    def _hold(self) -> date | None:
        """The latest date that an automatic reply asks to wait for (CA-16)."""
        happened = as_of(self.given.events, self.given.at)  # pyright: ignore[reportArgumentType] - to it, a field with a converter is no property
        replies = (event for event in happened if isinstance(event, AutoReply))
        return max(filter(None, map(self._returns, replies)), default=None)

    def _returns(self, reply: AutoReply) -> date | None:
        if reply.until is not None:
            return reply.until
        since, days = self.worktime.starting(reply.at), self.given.document.auto_reply_days
        return since.business_date(days if since.business_date(0) == local_date(self.zone, reply.at) else days - 1)

    # What a step asks for.

    def is_exempt(self, step: Step) -> bool:
        """Whether the step may go out at any hour (CA-13)."""
        return step.transactional and self.given.document.confirm == "any_hour"

    def is_counted(self, step: Step) -> bool:
        """Whether the step obeys caps and counts for them."""
        return self.channels[step.channel].is_touch and not step.transactional

    def target(self, day: int) -> date | None:
        """The date of a template day (CA-4, CA-5); None where it does not come within the horizon."""
        if self.given.document.day_basis == "business":
            return self.worktime.business_date(day)
        begins = self.worktime.business_date(0)
        return None if begins is None else begins + day * DAY

    def opens(self, step: Step, day: int) -> timedelta:
        """The time of day before which the step is not made; day 0 begins at the arrival (CA-6)."""
        if day == 0:
            return timedelta()
        return self._opens if step.not_before is None else minutes(step.not_before) * _MINUTE

    def also_open(self, name: str) -> tuple[Calendar, ...]:
        """What must be open besides the working hours: the rep's, and the channel's own in every zone where they say more (CA-8)."""
        found = self._also_open.get(name)
        if found is None:
            channel, rep = self.channels[name], self.given.rep
            found = () if rep is None or not channel.rep_hours else (rep,)
            if channel.calendar is not None:
                own = (calendars.calendar(self.given.hours, channel.calendar, zone) for zone in self.places)
                found += tuple(each for each, working in zip(own, self._working, strict=True) if not encloses(each, working))
            self._also_open[name] = found
        return found

    def latest(self, step: Step) -> datetime | None:
        """By when the step must be made: that much working time after the arrival (CD-2)."""
        if step.within_minutes is None:
            return None
        left, since = step.within_minutes * _MINUTE, self.given.arrival
        for start, end, _, _ in self.worktime.parts(since, since + self.horizon):
            if left <= end - start:
                return start + left
            left -= end - start
        return None


class _Pass:
    """Gives every step its slot, one after another, in the order of the list (CA-7, CA-9)."""

    __slots__ = ("_counts", "_dates", "_frame", "_latest", "_now", "_previous", "notes", "slots")

    def __init__(self, frame: _Frame, now: _Situation) -> None:
        """Places all steps."""
        self._frame, self._now = frame, now
        self._latest = frame.given.arrival
        self._dates: list[tuple[int, date]] = []
        self._counts = Counts(frame.given.document.per_date_all)
        for outreach in now.counted:
            self._counts.add(outreach.channel, outreach.at, local_date(frame.zone, outreach.at))
        self._previous: dict[str, datetime] = {}
        for outreach in in_order(now.done.values()):
            self._previous[outreach.channel] = outreach.at
        self.slots: dict[str, _Slot] = {}
        self.notes: list[Note] = []
        for step, day in frame.steps:
            slot = self._made(step) or self._placed(step, day)
            if slot is not None:
                self.slots[step.id] = slot
                if not frame.is_exempt(step):
                    self._latest = max(self._latest, slot.at)
                    self._dates.append((day, slot.date))

    def _made(self, step: Step) -> _Slot | None:
        made = self._now.done.get(step.id)
        return None if made is None else _Slot(made.at, local_date(self._frame.zone, made.at))

    def _placed(self, step: Step, day: int) -> _Slot | None:
        """The slot of a step that is not made; None, and a note, where it is left out."""
        left_out = self._left_out(step)
        if left_out is not None:
            self.notes.append(left_out)
            return None
        since = self._now.overdue(step)
        remarks = [] if since is None else [Note(step.id, "overdue", (Seen("since", since),))]
        if self._frame.is_exempt(step):
            self.notes += remarks
            return _Slot(self._now.at, local_date(self._frame.zone, self._now.at))
        bounds = self._bounds(step, day)
        slot = None if bounds is None else self._searched(step, bounds, remarks)
        if slot is None:
            self.notes.append(Note(step.id, "no_slot", () if bounds is None else (Seen("until", bounds.last),)))
            return None
        self.notes += remarks
        self._previous[step.channel] = slot.at
        if self._frame.is_counted(step):
            self._counts.add(step.channel, slot.at, slot.date)
        return slot

    def _left_out(self, step: Step) -> Note | None:
        """Why the step is not even tried, if it is not (CA-2, CA-14, CA-15)."""
        frame, now = self._frame, self._now
        if not now.suppressed.isdisjoint({ALL, step.channel}):
            return Note(step.id, "suppressed", (Seen("channel", step.channel),))
        ended = next((ended for ended in now.exits if ended.stops(step.channel)), None)
        if ended is not None:
            return Note(step.id, "cancelled", (Seen("by", ended.kind), Seen("at", ended.at)))
        is_somewhere = frame.given.prospect.zones.zones or (frame.places and frame.channels[step.channel].without_zone)
        return None if is_somewhere or frame.is_exempt(step) else Note(step.id, "no_zone")

    def _bounds(self, step: Step, day: int) -> Bounds | None:
        """Where the step may land, whatever its half of the day; None where its date does not come."""
        frame, now, first = self._frame, self._now, self._now.first.get(step.id)
        target, overdue = frame.target(day), now.overdue(step) is not None
        if target is None:
            return None
        floor = max(self._latest, now.at if first is None or overdue else first.at)
        if frame.is_counted(step):
            free = self._counts.free_from(step.channel, frame.channels[step.channel].per_24_hours)
            floor = floor if free is None else max(floor, free)
        reached = max(target, now.hold or target)
        last = max(reached, frame.arrived, *([local_date(frame.zone, now.at)] if overdue else []))
        return Bounds(
            floor=floor,
            earliest=max([reached, *(before + DAY for other, before in self._dates if other < day)]),
            last=last + frame.horizon,
            opens=frame.opens(step, day),
            also_open=frame.also_open(step.channel),
        )

    def _searched(self, step: Step, bounds: Bounds, remarks: list[Note]) -> _Slot | None:
        """The first instant within the bounds, in the half of the day that the step asks for, if any instant is (CA-12)."""
        first, hold = self._now.first.get(step.id), self._now.hold
        if first is not None and hold is not None and max(first.date, local_date(self._frame.zone, self._now.at)) < hold:
            remarks.append(Note(step.id, "held", (Seen("until", hold),)))
        half = self._half(step)
        if half is not None:
            kept = attrs.evolve(bounds, closes=_NOON) if half == "morning" else attrs.evolve(bounds, opens=max(bounds.opens, _NOON))
            slot = self._first(step, kept)
            if slot is not None:
                return slot
        slot = self._first(step, bounds)
        if slot is not None and half is not None:
            remarks.append(Note(step.id, "daypart_waived", (Seen("daypart", half),)))
        return slot

    def _half(self, step: Step) -> Literal["morning", "afternoon"] | None:
        """Which half of the day the step asks for; "other" is not that of the one before on its channel (CA-12)."""
        previous = self._previous.get(step.channel)
        match step.daypart:
            case "morning" | "afternoon" as half:
                return half
            case "other" if previous is not None:
                return "afternoon" if previous.astimezone(self._frame.zone).hour * 60 < NOON else "morning"
            case _:
                return None

    def _first(self, step: Step, bounds: Bounds) -> _Slot | None:
        """The first instant within the bounds that the caps have room for; an email is spread from there (CA-22)."""
        found = next(self._room(step, bounds), None)
        if found is None:
            return None
        slot = _Slot(found[0], found[2])
        if slot == self._now.first.get(step.id) or self._now.overdue(step) is not None:
            return slot
        return self._spread(step, slot, bounds)

    def _room(self, step: Step, bounds: Bounds) -> Iterator[Opening]:
        """The stretches within the bounds, on dates whose caps have room."""
        counts, cap, counted = self._counts, self._frame.channels[step.channel].per_date, self._frame.is_counted(step)
        return allowed(self._frame.worktime, bounds, lambda day: counted and counts.is_full(step.channel, cap, day))

    def _spread(self, step: Step, slot: _Slot, bounds: Bounds) -> _Slot:
        """An email later by its own number of minutes, or by the largest smaller number that breaks no rule (CA-22)."""
        given = self._frame.given
        most = given.document.spread_minutes
        if not most or step.channel != EMAIL or step.transactional:
            return slot
        wanted = slot.at + _digest(f"{given.prospect.lead_id}\n{step.id}") % (most + 1) * _MINUTE
        found = slot
        for since, until, day in self._room(step, attrs.evolve(bounds, floor=slot.at)):
            if since > wanted:
                break
            at = min(wanted, slot.at + (-((slot.at - until) // _MINUTE) - 1) * _MINUTE)  # the last whole minute before `until`
            if at >= since:
                found = _Slot(at, day)
        return found


def _digest(text: str) -> int:
    """A number of 64 bits that is the same for the same text everywhere: FNV-1a over its UTF-8 (CA-22)."""
    number = 0xCBF29CE484222325
    for byte in text.encode("utf-8", "surrogatepass"):
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


# --------------------------------------------------------------------------------------------------------- the plan itself


def _made(given: Given, known: Iterable[tuple[str, datetime]] | None = None) -> Plan:
    """The first plan; and where something may have happened since, its steps placed again with it as their floor (CA-21).

    `known` are the instants of the first plan, where it was made before.
    """
    frame = _Frame(given)
    if known is None:
        now = frame.at_arrival()
        placed = _Pass(frame, now)
        first = placed.slots
        if given.at > given.arrival or given.done or given.events or given.suppressed:
            now = frame.as_it_stands(first)
            placed = _Pass(frame, now)
    else:
        first = {step: _Slot(at, local_date(frame.zone, at)) for step, at in known}
        now = frame.as_it_stands(first)
        placed = _Pass(frame, now)
    touches = [_touch(frame, step, day, placed.slots[step.id], now) for step, day in frame.steps if step.id in placed.slots]
    late = [Note(touch.step, "late", (Seen("latest", touch.latest),)) for touch in touches if touch.latest and touch.at >= touch.latest]
    later, unplaced = _asked_for(frame, now)
    return Plan(
        given=given,
        day0=frame.target(0),
        touches=tuple(sorted(touches, key=_instant_of)),
        notes=(*placed.notes, *late, *unplaced),
        follow_ups=later,
        stopped=next((ended for ended in now.exits if ended.stops_all), None),
        first=tuple((step, slot.at) for step, slot in first.items()),
    )


def _instant_of(touch: Touch) -> datetime:
    return touch.at


def _touch(frame: _Frame, step: Step, day: int, slot: _Slot, now: _Situation) -> Touch:
    made, lead = now.done.get(step.id), frame.given.prospect
    return Touch(
        step=step.id,
        day=day,
        channel=step.channel if made is None else made.channel,
        at=slot.at,
        zone=frame.zone,
        intent=step.intent,
        transactional=step.transactional,
        exempt=frame.is_exempt(step),
        made=made is not None,
        latest=frame.latest(step),
        personalisation=tuple(
            Seen("source", lead.source, personal=_SOURCE_IS_PERSONAL)
            if ground == "source"
            else Seen("content", lead.contents, personal=_CONTENTS_ARE_PERSONAL)
            for ground in step.personalise_on
        ),
        enrol=step.enrol,
    )


def _asked_for(frame: _Frame, now: _Situation) -> tuple[tuple[Task, ...], tuple[Note, ...]]:
    """The follow-ups that the last "not ready" asks for, unless something ended them since (CD-4, CA-14, CA-18)."""
    given = frame.given
    asked = next((ended for ended in reversed(now.exits) if ended.kind == "not_ready"), None)
    if asked is None:
        return (), ()
    found: list[Task] = []
    notes: list[Note] = []
    for days in _wanted(given.document, asked.days, f"events[{asked.id}].days"):
        name, day = f"follow-up-{days}", local_date(frame.zone, asked.at) + days * DAY
        left_out = _ended(frame, now, asked, name)
        bounds = Bounds(asked.at, day, day + frame.horizon)
        opening = next((since for since, _, _ in allowed(frame.worktime, bounds)), None)
        if left_out is not None:
            notes.append(left_out)
        elif opening is None:
            notes.append(Note(name, "no_slot", (Seen("until", bounds.last),)))
        else:
            task = f"{given.prospect.lead_id}/{given.sequence.id}/{name}"
            found.append(Task(task, given.prospect.lead_id, opening, frame.zone, days, asked.id))
    return tuple(found), tuple(notes)


def _ended(frame: _Frame, now: _Situation, asked: Exit, name: str) -> Note | None:
    """Why a follow-up is not made, if it is not."""
    for ended in now.exits:
        if (ended.kind in _ENDS_FOLLOW_UPS and ended.at >= asked.at) or (ended.kind == "opt_out" and ended.stops_all):
            return Note(name, "cancelled", (Seen("by", ended.kind), Seen("at", ended.at)))
    if ALL in now.suppressed:
        return Note(name, "suppressed", (Seen("channel", ALL),))
    return None if frame.places else Note(name, "no_zone")
