"""By when?

A clock counts business time from the instant at which somebody was owed an answer (CL-1). It is met by an answer strictly before
its deadline, and missed from the deadline on (CL-4): the deadline is the earliest instant that has the target behind it, so that
"answered before the deadline" and "elapsed less than the target" say the same, also where the deadline is a closing time.

The status of a clock is a pure function of the clock, of everything that happened up to `at`, and of `at`: evaluated late, it
names every step of the escalation ladder that has come, in order, each once and with the instant at which it came (CL-7, CL-8).
A call that is logged late counts when it was made, and may turn a miss into an answer in time; the steps that had come by then are
reported as retracted, not as if they never had (CL-17). Pauses are holes in the calendar, and while one is unfinished no deadline
is known (CL-13).

There are two kinds of clocks. The lead's starts once and is never restarted; the one of an assignment starts anew for each
holder, on that holder's calendar (CL-10). Ladders belong to the lead's clock; after a re-route the new holder's clock carries
them, without further re-routes once the policy's number of them is used up.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import attrs
from attrs import field, frozen

from inbound_engine import hours
from inbound_engine.decisions import Code, Plain, Reason, Seen, html_table, plain, sentence
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Outreach
from inbound_engine.history import as_of, in_order
from inbound_engine.hours import Calendar, NeverReached
from inbound_engine.spans import Span, instant

__all__ = [
    "Action",
    "Assigned",
    "Cancelled",
    "Clock",
    "Due",
    "Event",
    "LadderStep",
    "Milestone",
    "Pause",
    "State",
    "Status",
    "Superseded",
    "follow",
    "next_due",
    "status",
    "tasks",
]

Action: TypeAlias = Literal["escalate", "reroute", "auto_nurture", "flag", "recycle"]
State: TypeAlias = Literal["pending", "running", "paused", "met", "breached", "cancelled", "superseded"]

OUTREACH = "outreach"
"""What stops a clock that waits for a touch."""

_NO_REP = "no_eligible_rep"
_ZERO = timedelta()


# --------------------------------------------------------------------------------------------------------------- values


def _start(value: datetime) -> datetime:
    return instant(value, "clock.start")


def _at(value: datetime) -> datetime:
    return instant(value, "event.at")


def _known(value: datetime | None) -> datetime | None:
    return None if value is None else instant(value, "event.recorded_at")


@frozen
class LadderStep:
    """What happens once so much business time has passed since the start of the clock, not since the step before it."""

    id: str
    after: timedelta
    action: Action
    to: str = ""
    reason: str | None = None


def _names(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        raise FactError("clock.stopped_by", shown(values), "a set of names", f'Write {{"{values}"}}.')
    return frozenset(values)


def _steps(values: Iterable[LadderStep]) -> tuple[LadderStep, ...]:
    steps = tuple(values)
    for step in steps:
        if not isinstance(step, LadderStep):
            raise FactError("clock.ladder", shown(step), "steps of a ladder")
    return steps


def _answers_since(value: datetime | None) -> datetime | None:
    return None if value is None else instant(value, "clock.answers_since")


def _captured_at(value: datetime | None) -> datetime | None:
    return None if value is None else instant(value, "clock.captured_at")


@frozen(kw_only=True)
class Clock:
    """Somebody is owed an answer within `target` of business time (CL-1); the calendar is the one at its start, for good (CL-2).

    `stopped_by` says what answers it: "outreach" for a touch, or the names of milestones ("accepted"). Only a human touch counts
    unless `human_only` is false (CL-9). `answers_since` leaves out the answers, cancellations and takeovers before it, which belonged
    to an earlier clock.
    `late_after` is how late an answer may be logged before that is flagged; `captured_at` when the lead came in.

    >>> from inbound_engine.spans import parse_instant
    >>> clock = Clock(id="L-1", target=timedelta(minutes=5), start=parse_instant("2026-03-02T09:00Z"))
    >>> status(clock, at=parse_instant("2026-03-02T09:02Z")).state
    'running'
    """

    id: str
    target: timedelta
    start: datetime = field(converter=_start)
    calendar: Calendar = field(factory=Calendar.always)
    ladder: tuple[LadderStep, ...] = field(default=(), converter=_steps)
    promise: str = ""
    table: str = "first_response"
    kind: Literal["lead", "assignment"] = "lead"
    lead_id: str | None = None
    holder: str | None = None
    source: str | None = None
    stopped_by: frozenset[str] = field(default=frozenset({OUTREACH}), converter=_names)
    human_only: bool = True
    escalate_unassigned: bool = False
    max_reroutes: int = 1
    replaces: bool = False
    answers_since: datetime | None = field(default=None, converter=_answers_since)
    captured_at: datetime | None = field(default=None, converter=_captured_at)
    late_after: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every part, and that the steps are told apart."""
        for name in ("target", "late_after"):
            amount = getattr(self, name)
            if not (amount is None and name == "late_after") and not (isinstance(amount, timedelta) and amount > _ZERO):
                raise FactError(f"clock.{name}", shown(amount), "a timedelta of more than zero", "Write timedelta(minutes=5).")
        if not isinstance(self.calendar, Calendar):
            raise FactError("clock.calendar", shown(self.calendar), "a Calendar", "Write Calendar.always() for elapsed time.")
        if type(self.max_reroutes) is not int or self.max_reroutes < 0:
            raise FactError("clock.max_reroutes", shown(self.max_reroutes), "a whole number of zero or more")
        names = set()
        for step in self.ladder:
            if step.after < _ZERO:
                raise FactError(f"clock.ladder[{step.id}].after", str(step.after), "zero or more")
            if step.id in names:
                raise FactError("clock.ladder", f"{shown(step.id)} twice", "ids that differ")
            if step.action == "reroute" and not self.max_reroutes:
                raise FactError(f"clock.ladder[{step.id}].action", "a re-route", "another action where max_reroutes is 0")
            names.add(step.id)


@frozen(kw_only=True)
class Pause:
    """The clock stands still from `at` until `until`; without an end, until further notice (CL-13).

    An end after the instant that is asked about counts only where it was `planned`: the prospect asked for Tuesday.
    """

    id: str
    at: datetime = field(converter=_at)
    until: datetime | None = None
    planned: bool = False
    lead_id: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_known)

    def __attrs_post_init__(self) -> None:
        """Checks that it does not end before it begins."""
        if self.until is not None:
            object.__setattr__(self, "until", instant(self.until, "pause.until"))
            if self.until < self.at:
                raise FactError("pause.until", self.until.isoformat(), f"an instant at or after {self.at.isoformat()}")


@frozen(kw_only=True)
class Cancelled:
    """Nobody is owed an answer any more: a duplicate, spam, an opt-out, a disqualification (CL-14)."""

    id: str
    at: datetime = field(converter=_at)
    reason: str = ""
    lead_id: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_known)


@frozen(kw_only=True)
class Superseded:
    """Another clock takes over, as after a change of tier (CL-15)."""

    id: str
    at: datetime = field(converter=_at)
    by: str = ""
    lead_id: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_known)


@frozen(kw_only=True)
class Milestone:
    """Something that answers a clock and is no touch: the hand-off was delivered, the lead accepted or rejected (SL-1, SL-2)."""

    id: str
    at: datetime = field(converter=_at)
    name: str
    lead_id: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_known)


@frozen(kw_only=True)
class Assigned:
    """The lead has a holder from `at` on, or, with rep None, nobody who could take it (CL-10, CL-12)."""

    id: str
    at: datetime = field(converter=_at)
    rep: str | None
    lead_id: str | None = None
    calendar: Calendar | None = None
    recorded_at: datetime | None = field(default=None, converter=_known)


Event: TypeAlias = Outreach | Milestone | Pause | Cancelled | Superseded | Assigned
"""What may happen to a clock."""


@frozen
class Due:
    """A step that has come: its key is the same whenever it is asked for, and `at` the instant at which it came (CL-8).

    `number` is its place in the ladder; 0 is the escalation at once of a lead that nobody could take (CL-12).
    """

    key: str
    step: str
    number: int
    action: Action
    to: str
    reason: str | None
    at: datetime


@frozen(kw_only=True, repr=False)
class Status:
    """How a clock stands as of an instant.

    `deadline` is None while a pause is unfinished and where the calendar never gets there. `answered_at` is the answer that counts,
    `first_touch_at` the first of any kind, automatic ones included. `elapsed` is business time until the answer, or until `at`;
    `calendar_elapsed` all time (CL-5). `left` is what was left of the target then, `over` by how much it was missed; one of them is
    zero. `due` names every step that has come so far, in order; `new` those of them that are not among the `fired` ones;
    `retracted` those that came and are not owed any more. `accountable` is the holder just before the deadline, or at the answer
    (CL-11), None for nobody. `next_change` is the next instant at which anything changes by itself, None if nothing will.
    """

    clock: Clock
    at: datetime
    state: State
    deadline: datetime | None
    answered_at: datetime | None
    first_touch_at: datetime | None
    ended_at: datetime | None
    elapsed: timedelta
    calendar_elapsed: timedelta
    left: timedelta
    over: timedelta
    due: tuple[Due, ...]
    new: tuple[Due, ...]
    retracted: tuple[Due, ...]
    accountable: str | None
    next_change: datetime | None
    flags: tuple[str, ...]

    @property
    def is_decided(self) -> bool:
        """Whether it was met or missed: only these count in a miss rate (CL-18)."""
        return self.state in {"met", "breached"}

    @property
    def capture_to_contact(self) -> timedelta | None:
        """All time from the capture of the lead to the answer; None without either (SL-6)."""
        if self.clock.captured_at is None or self.answered_at is None:
            return None
        return max(self.answered_at - self.clock.captured_at, _ZERO)

    @property
    def first_touch_after(self) -> timedelta | None:
        """All time from the start to the first touch of any kind, automatic ones included; None without one (SL-6)."""
        return None if self.first_touch_at is None else max(self.first_touch_at - self.clock.start, _ZERO)

    @property
    def because(self) -> tuple[Reason, ...]:
        """The state, then every step that came, each with what it saw."""
        return tuple(_reasons(self))

    def explain(self) -> str:
        """The status in words, a sentence for each reason."""
        return " ".join(map(sentence, self.because))

    def to_dict(self) -> dict[str, Plain]:
        """The status as plain data; durations in microseconds."""
        said = {
            attribute.name: getattr(self, attribute.name)
            for attribute in attrs.fields(Status)
            if attribute.name not in {"clock", "due", "new", "retracted"}
        }
        steps = {name: [plain(each) for each in getattr(self, name)] for name in ("due", "new", "retracted")}
        own = {"clock": self.clock.id, "promise": self.clock.promise, "table": self.clock.table, "lead_id": self.clock.lead_id}
        times = {"capture_to_contact": plain(self.capture_to_contact), "first_touch_after": plain(self.first_touch_after)}
        return {"kind": "sla_status", **own, **{name: plain(value) for name, value in said.items()}, **times, **steps}

    def __repr__(self) -> str:
        """One line."""
        until = "no deadline" if self.deadline is None else f"deadline {self.deadline.isoformat()}"
        steps = f", {len(self.due)} step{'' if len(self.due) == 1 else 's'} due" if self.due else ""
        return f"Status({self.clock.id!r}: {self.state}, {until}{steps})"

    def _repr_html_(self) -> str:
        """The reasons as a table, for notebooks."""
        rows = ((reason.code.value, reason.rule, sentence(reason)) for reason in self.because)
        return html_table(f"{self.clock.id}: {self.state}", ("code", "rule", "in words"), rows)


def _reasons(found: Status) -> Iterator[Reason]:
    clock = found.clock
    rule = f"sla.tables[{clock.table}]" + (f".rows[{clock.promise}]" if clock.promise else "")
    saw = [Seen("start", clock.start), Seen("deadline", found.deadline)]
    if found.answered_at is not None:
        saw.append(Seen("answered_at", found.answered_at))
    elif found.ended_at is not None:
        saw.append(Seen("ended_at", found.ended_at))
    saw += [Seen("elapsed", found.elapsed), Seen("target", clock.target)]
    if found.over:
        saw.append(Seen("over", found.over))
    elif found.state != "cancelled":
        saw.append(Seen("left", found.left))
    if found.accountable is not None:
        saw.append(Seen("accountable", found.accountable))
    yield Reason(Code(found.state), rule, tuple(saw))
    for code, steps in ((Code.DUE, found.due), (Code.RETRACTED, found.retracted)):
        for step in steps:
            told = [Seen("action", step.action), *([Seen("to", step.to)] if step.to else []), Seen("at", step.at)]
            yield Reason(code, f"{rule}.ladder[{step.step}]", (*told, *([Seen("reason", step.reason)] if step.reason else [])))


# ------------------------------------------------------------------------------------------------------------ functions


def status(clock: Clock, events: Iterable[Event] = (), *, at: datetime, fired: Collection[str] | None = None) -> Status:
    """How the clock stands as of `at`, given what happened; events dated after `at`, and those of other leads, are not seen.

    `fired` are the keys of the steps that were acted on before, an empty set where none was: what is due and not among them is `new`,
    and what is among them and not due any more is retracted. For a caller who keeps no keys (None) everything due is new, and what
    had come before that which undid it was logged is retracted.

    An answer counts when it was made, also before the start, with nothing elapsed (CL-17). At one instant the deadline comes first,
    then an answer, a cancellation, a takeover; a step of the ladder that comes at that very instant still comes (CL-7).

    >>> from inbound_engine.spans import parse_instant
    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> clock = Clock(id="L-1", target=timedelta(minutes=5), calendar=berlin, start=parse_instant("2026-03-06T15:58Z"))
    >>> call = Outreach(id="c", lead_id="L-1", rep="maya", channel="call", at=parse_instant("2026-03-09T08:02Z"), human=True)
    >>> found = status(clock, [call], at=parse_instant("2026-03-09T12:00Z"))
    >>> found.state, str(found.elapsed), str(found.left)
    ('met', '0:04:00', '0:01:00')
    """
    if type(clock) is not Clock:
        hint = "Take .value of the decision." if hasattr(clock, "value") else ""
        raise FactError("clock", shown(clock), "a Clock", hint)
    at = instant(at)
    seen = _seen(clock, events, at)
    pauses, unfinished = _pauses(seen, at)
    first, *later = _instants(clock, pauses, unfinished)
    deadline = first if isinstance(first, datetime) else None
    touches = [event for event in seen if isinstance(event, _MAY_ANSWER) and _touches(event, clock)]
    answers = [event for event in touches if isinstance(event, Milestone) or event.human or not clock.human_only]
    ends = [*answers, *(event for event in seen if isinstance(event, _MAY_END) and _counts(event, clock))]
    end = min(ends, key=_precedence, default=None)
    answer = end if isinstance(end, _MAY_ANSWER) else None
    until = at if end is None else end.at
    holes = pauses if unfinished is None else (*pauses, Span(unfinished, max(unfinished, until)))
    elapsed = hours.between(clock.calendar, clock.start, until, pauses=holes)
    announced = {
        event.until for event in seen if isinstance(event, Pause) and event.until is not None and not event.planned and event.until > at
    }
    state = _state(clock, at, deadline, end, is_paused=unfinished is not None or any(at in pause for pause in pauses))
    due = _due(clock, later, seen, until)
    return Status(
        clock=clock,
        at=at,
        state=state,
        deadline=deadline,
        answered_at=None if answer is None else answer.at,
        first_touch_at=touches[0].at if touches else None,
        ended_at=None if end is None else end.at,
        elapsed=elapsed,
        calendar_elapsed=max(until - clock.start, _ZERO),
        left=max(clock.target - elapsed, _ZERO),
        over=max(elapsed - clock.target, _ZERO),
        due=due,
        new=due if fired is None else tuple([step for step in due if step.key not in fired]),
        retracted=_retracted(clock, due, later, seen, ends, at, fired),
        accountable=_accountable(clock, seen, deadline if state == "breached" else None, until),
        next_change=_next_change(clock, at, state, (first, *later), pauses, unfinished, announced) if end is None else None,
        flags=tuple(_flags(clock, first, answer)),
    )


def follow(
    clocks: Iterable[Clock], events: Iterable[Event] = (), *, at: datetime, fired: Collection[str] | None = None
) -> tuple[Status, ...]:
    """How every clock of a lead stands as of `at`: the clocks that were opened, and one for each holder, in order of their start.

    A clock that is opened while an earlier one of the same lead and table is undecided joins it and is left out (CL-16), unless it
    `replaces` it, as after a change of tier: then the earlier one is superseded (CL-15). Afterwards it is a clock of its own, and what
    ended the earlier one does not end it. Where a touch is owed, each holder has a clock from the assignment on, on their calendar
    where that is given; it is superseded when somebody else takes over before it is decided. Clocks that start after `at` are not
    seen.

    >>> from inbound_engine.spans import parse_instant
    >>> ladder = (LadderStep("reroute", timedelta(minutes=15), "reroute"),)
    >>> clock = Clock(id="L-1", target=timedelta(minutes=5), ladder=ladder, start=parse_instant("2026-03-02T09:00Z"))
    >>> took = [Assigned(id=rep, at=parse_instant(when), rep=rep) for rep, when in (("a", "2026-03-02T09:00Z"), ("b", "2026-03-02T09:15Z"))]
    >>> [(found.clock.id, found.state) for found in follow([clock], took, at=parse_instant("2026-03-02T09:18Z"))]
    [('L-1', 'breached'), ('L-1/1', 'breached'), ('L-1/2', 'running')]
    """
    at = instant(at)
    happened = in_order(as_of(events, at))  # pyright: ignore[reportArgumentType] - to it, a field with a converter is no property
    kept: list[tuple[Clock, list[Event]]] = []
    lasts: dict[tuple[str | None, str], int] = {}
    followers: dict[int, Clock] = {}
    for opened in sorted((clock for clock in clocks if clock.start <= at), key=lambda clock: (clock.start, clock.id)):
        clock, about = opened, (opened.lead_id, opened.table)
        if about in lasts:
            last, own = kept[lasts[about]]
            before = status(last, (*happened, *own), at=clock.start)
            if clock.replaces and before.ended_at is None:
                own.append(Superseded(id=clock.id, at=clock.start, by=clock.id))
            elif before.ended_at is None and not before.is_decided:
                continue
            elif before.ended_at is not None and clock.answers_since is None:
                clock = attrs.evolve(clock, answers_since=before.ended_at + _SOON)
            followers[lasts[about]] = clock
        lasts[about] = len(kept)
        kept.append((clock, []))
    found: list[Status] = []
    for number, (clock, own) in enumerate(kept):
        lead = status(clock, (*happened, *own), at=at, fired=fired)
        ends = [end for end in (lead.ended_at, followers[number].start if number in followers else None) if end is not None]
        found.append(lead)
        if OUTREACH in clock.stopped_by:
            holders = _of_holders(clock, happened, min(ends, default=None))
            found += (status(each, (*happened, *own, *taken), at=at, fired=fired) for each, taken in holders)
    return tuple(found)


def _of_holders(clock: Clock, happened: Sequence[Event], end: datetime | None) -> Iterator[tuple[Clock, tuple[Event, ...]]]:
    """A clock for each holder between the start of the lead's clock and its end, and what ends it before its time (CL-10)."""
    changes = [event for event in happened if isinstance(event, Assigned) and _is_about(event, clock)]
    before = [event for event in changes if event.at <= clock.start][-1:]
    turns = [*before, *(event for event in changes if clock.start < event.at and (end is None or event.at < end))]
    turns = [event for place, event in enumerate(turns) if place == 0 or event.rep != turns[place - 1].rep]
    number = 0
    for place, event in enumerate(turns):
        if event.rep is None:
            continue
        steps = tuple(step for step in clock.ladder if number and (step.action != "reroute" or number < clock.max_reroutes))
        own = attrs.evolve(
            clock,
            id=f"{clock.id}/{number + 1}",
            kind="assignment",
            holder=event.rep,
            start=max(event.at, clock.start),
            calendar=event.calendar or clock.calendar,
            ladder=steps,
            escalate_unassigned=False,
        )
        number += 1
        taken = turns[place + 1] if place + 1 < len(turns) else None
        yield own, () if taken is None else (Superseded(id=own.id, at=taken.at, by=taken.rep or ""),)


def next_due(statuses: Iterable[Status]) -> datetime | None:
    """The next instant at which any of them changes by itself: when a worker has to look again; None if none will.

    >>> from inbound_engine.spans import parse_instant
    >>> clock = Clock(id="L-1", target=timedelta(minutes=5), start=parse_instant("2026-03-02T09:00Z"))
    >>> next_due([status(clock, at=clock.start)]).isoformat()
    '2026-03-02T09:05:00+00:00'
    """
    return min((found.next_change for found in statuses if found.next_change is not None), default=None)


def tasks(statuses: Iterable[Status]) -> tuple[dict[str, Plain], ...]:
    """What is still owed, as plain mappings that task tools take: one for each lead's clock that nothing has ended, also after its
    deadline.

    Clocks without a deadline, and those of holders, are left out. The keys are id, lead_id, owner, title, due (UTC) and state.

    >>> from inbound_engine.spans import parse_instant
    >>> clock = Clock(id="L-1", target=timedelta(minutes=5), start=parse_instant("2026-03-02T09:00Z"), promise="T1", holder="maya")
    >>> tasks([status(clock, at=clock.start)])[0]["due"]
    '2026-03-02T09:05:00Z'
    """
    return tuple(
        {
            "id": found.clock.id,
            "lead_id": found.clock.lead_id,
            "owner": found.accountable,
            "title": f"{found.clock.table} {found.clock.promise}".strip().replace("_", " "),
            "due": plain(found.deadline),
            "state": found.state,
        }
        for found in statuses
        if found.deadline is not None and found.ended_at is None and found.clock.kind == "lead"
    )


# --------------------------------------------------------------------------------------------------------- how it is read


_SOON = timedelta(microseconds=1)

_NOBODY = LadderStep(_NO_REP, _ZERO, "escalate", "", _NO_REP)

# A union that is written where it is asked for is made anew each time.
_MAY_ANSWER = (Outreach, Milestone)
_MAY_END = (Cancelled, Superseded)

_KINDS = frozenset({Outreach, Milestone, Pause, Cancelled, Superseded, Assigned})

_End: TypeAlias = Outreach | Milestone | Cancelled | Superseded


def _seen(clock: Clock, events: Iterable[Event], at: datetime) -> Sequence[Event]:
    """What happened to the clock by `at`, in order."""
    given = list(events)
    for kind in {type(event) for event in given} - _KINDS:
        raise FactError("events", f"a value of type {kind.__name__}", "touches and the events of this room", "An exit is Cancelled here.")
    seen = [event for event in given if event.at <= at and _is_about(event, clock)]
    return seen if len(seen) <= 1 else in_order(seen)  # pyright: ignore[reportArgumentType] - to it, a field with a converter is no property


def _is_about(event: Event, clock: Clock) -> bool:
    """Whether the event is about the lead of the clock, as far as both say."""
    return event.lead_id is None or clock.lead_id is None or event.lead_id == clock.lead_id


def _counts(event: Event, clock: Clock) -> bool:
    """Whether it is late enough to be about this clock, and not about an earlier one."""
    return clock.answers_since is None or event.at >= clock.answers_since


def _touches(event: Outreach | Milestone, clock: Clock) -> bool:
    """Whether it could answer the clock, if a human made it."""
    return (OUTREACH if isinstance(event, Outreach) else event.name) in clock.stopped_by and _counts(event, clock)


def _precedence(event: Event) -> tuple[datetime, int]:
    """Of what ends a clock at one instant: an answer before a cancellation, that before a takeover."""
    return event.at, 1 if isinstance(event, Cancelled) else 2 if isinstance(event, Superseded) else 0


def _pauses(seen: Iterable[Event], at: datetime) -> tuple[tuple[Span, ...], datetime | None]:
    """The pauses whose ends are known as of `at`, and the start of the first whose end is not."""
    pauses = [event for event in seen if isinstance(event, Pause)]
    if not pauses:
        return (), None
    known = tuple(Span(event.at, event.until) for event in pauses if event.until is not None and (event.planned or event.until <= at))
    unknown = (event.at for event in pauses if event.until is None or not (event.planned or event.until <= at))
    return known, min(unknown, default=None)


def _instants(clock: Clock, pauses: Sequence[Span], unfinished: datetime | None) -> tuple[datetime | NeverReached | None, ...]:
    """The deadline, then the instant of each step; None where an unfinished pause began before it."""
    amounts = (clock.target, *(step.after for step in clock.ladder))
    found = hours.add_each(clock.calendar, clock.start, amounts, pauses=pauses)
    if unfinished is None:
        return found
    return tuple(
        each if isinstance(each, datetime) and (each <= unfinished or not amount) else None
        for each, amount in zip(found, amounts, strict=True)
    )


def _state(clock: Clock, at: datetime, deadline: datetime | None, end: Event | None, *, is_paused: bool) -> State:
    if end is not None and (deadline is None or end.at < deadline):
        return "cancelled" if isinstance(end, Cancelled) else "superseded" if isinstance(end, Superseded) else "met"
    if deadline is not None and at >= deadline:
        return "breached"
    if at < clock.start:
        return "pending"
    return "paused" if is_paused else "running"


def _due(clock: Clock, instants: Sequence[datetime | NeverReached | None], seen: Iterable[Event], until: datetime) -> tuple[Due, ...]:
    """The steps that have come, in order; at the very end of the clock they still come (CL-7)."""
    numbered = enumerate(zip(clock.ladder, instants, strict=True), start=1)
    come = [(when, number, step) for number, (step, when) in numbered if isinstance(when, datetime) and when <= until]
    if clock.escalate_unassigned and (nobody := _without_holder(clock, seen)) is not None and nobody <= until:
        come.append((nobody, 0, _NOBODY))
    return tuple([_came(clock, step, number, when) for when, number, step in sorted(come)])  # no two have one number


def _came(clock: Clock, step: LadderStep, number: int, when: datetime) -> Due:
    return Due(f"{clock.id}:{step.id}", step.id, number, step.action, step.to, step.reason, when)


def _without_holder(clock: Clock, seen: Iterable[Event]) -> datetime | None:
    """The first instant from the start on at which it was said that nobody could take the lead (CL-12)."""
    assigned = [event for event in seen if isinstance(event, Assigned)]
    if [event.rep for event in assigned if event.at <= clock.start][-1:] == [None]:
        return clock.start
    return next((event.at for event in assigned if event.rep is None and event.at > clock.start), None)


def _retracted(  # noqa: PLR0917 - each is a part of one status
    clock: Clock,
    due: Sequence[Due],
    instants: Sequence[datetime | NeverReached | None],
    seen: Sequence[Event],
    ends: Sequence[_End],
    at: datetime,
    fired: Collection[str] | None,
) -> tuple[Due, ...]:
    """The steps that came and are not owed any more, since what undid them was logged late (CL-17).

    Each stands at the instant at which it came: as if the pauses that were logged late, or for one that was acted on all pauses, were
    not there.
    """
    pauses = [event for event in seen if isinstance(event, Pause)]
    if not ends and not pauses:
        return ()
    if pauses:
        prompt = [] if fired is not None else [pause for pause in pauses if pause.recorded_at is None or pause.recorded_at <= pause.at]
        instants = _instants(clock, *_pauses(prompt, at))[1:]
    came = _due(clock, instants, seen, at)
    owed = {step.key for step in due}

    def had_come(step: Due) -> bool:
        if fired is not None:
            return step.key in fired
        was_known = any(end.at < step.at and (end.recorded_at or end.at) <= step.at for end in ends)
        held = any(pause.at < step.at < pause.recorded_at for pause in pauses if pause.recorded_at is not None)
        undone = held or any(end.at < step.at for end in ends)
        return undone and not was_known

    return tuple([step for step in came if step.key not in owed and had_come(step)])


def _accountable(clock: Clock, seen: Iterable[Event], deadline: datetime | None, until: datetime) -> str | None:
    """The holder just before the deadline where it was missed, else at the end, or now (CL-11)."""
    holder = clock.holder
    if clock.kind == "lead":
        for event in seen:
            if isinstance(event, Assigned) and (event.at < deadline if deadline is not None else event.at <= until):
                holder = event.rep
    return holder


def _next_change(  # noqa: PLR0917 - each is a part of one status
    clock: Clock,
    at: datetime,
    state: State,
    instants: Sequence[datetime | NeverReached | None],
    pauses: Sequence[Span],
    unfinished: datetime | None,
    announced: Collection[datetime],
) -> datetime | None:
    """The next instant at which a step comes or the state is another, if nothing else happens; the announced end of a pause is one."""
    deadline, *steps = [each if isinstance(each, datetime) else None for each in instants]
    ahead = {clock.start, deadline, *steps, *(pause.until for pause in pauses), *announced}
    for then in sorted(each for each in ahead if each is not None and each > at):
        is_paused = unfinished is not None or any(then in pause for pause in pauses)
        if then in steps or then in announced or _state(clock, then, deadline, None, is_paused=is_paused) != state:
            return then
    return None


def _flags(clock: Clock, deadline: datetime | NeverReached | None, answer: Event | None) -> Iterator[str]:
    if isinstance(deadline, NeverReached):
        yield "never_due"
    if answer is not None and answer.at < clock.start:
        yield "answered_before_start"
    logged = None if answer is None else answer.recorded_at
    if answer is not None and logged is not None and clock.late_after is not None and logged - answer.at > clock.late_after:
        yield "logged_late"
