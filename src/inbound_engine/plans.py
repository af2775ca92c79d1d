"""What does a plan of touches say?

A plan is a list of touches, each with its instant, and notes on what had to be said about a step: left out and why, waived, held,
overdue, late. It keeps what it was made from, so that it can be made again when something has happened: an exit, after which
touches stop (CA-15), or an automatic reply, which only holds them (CA-16). `cadence` makes plans; here is what they are.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from attrs import field, frozen

from inbound_engine import calendars
from inbound_engine.calendars import Zones
from inbound_engine.decisions import HIDDEN, Plain, Seen, html_table, plain
from inbound_engine.errors import FactError, nearest, one_of, shown
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.sequences import EMAIL, CadenceDocument, Sequence
from inbound_engine.spans import instant

__all__ = [
    "ALL",
    "AutoReply",
    "Exit",
    "ExitKind",
    "Given",
    "Happening",
    "Next",
    "Note",
    "NoteCode",
    "Plan",
    "Prospect",
    "State",
    "Task",
    "Touch",
    "suppressions",
    "tasks",
]

ExitKind: TypeAlias = Literal["reply", "meeting", "disqualified", "won", "opt_out", "bounce", "not_ready"]
State: TypeAlias = Literal["due", "overdue", "wait", "finished", "stopped"]
NoteCode: TypeAlias = Literal["suppressed", "no_zone", "no_slot", "cancelled", "daypart_waived", "held", "overdue", "late"]
"""What a note says; a code never changes its meaning."""

ALL = "all"
"""What stands among suppressed channels for every one of them."""

_STOPS: frozenset[ExitKind] = frozenset({"reply", "meeting", "disqualified", "won", "not_ready"})
_LEAVES_OUT: frozenset[NoteCode] = frozenset({"suppressed", "no_zone", "no_slot", "cancelled"})
_LONGEST_ABSENCE = timedelta(days=400)


# -------------------------------------------------------------------------------------------------------- what happened


def _exit_instant(value: datetime) -> datetime:
    return instant(value, "exit.at")


def _reply_instant(value: datetime) -> datetime:
    return instant(value, "auto_reply.at")


@frozen
class Exit:
    """Something after which touches stop (CA-15).

    A reply, a meeting, a disqualification, a won deal and "not_ready" stop all of them; an opt-out stops those of `channel`, or
    all where it names none; a bounce stops those by email, or by `channel`. `days` belongs to "not_ready": after how many the
    prospect asked to be reminded, one of the policy's follow-up days, or None for all of them (CD-4).

    >>> from datetime import UTC
    >>> Exit("r-1", datetime(2026, 3, 2, 9, tzinfo=UTC), "reply").kind
    'reply'
    """

    id: str
    at: datetime = field(converter=_exit_instant)
    kind: ExitKind
    channel: str | None = None
    days: int | None = None

    def __attrs_post_init__(self) -> None:
        """Checks that the parts go together."""
        _check_text(self.id, "exit.id")
        if self.kind not in get_args(ExitKind):
            close = nearest(str(self.kind), get_args(ExitKind))
            raise FactError("exit.kind", shown(self.kind), one_of(get_args(ExitKind)), f'Did you mean "{close}"?' if close else "")
        if self.channel is not None:
            _check_text(self.channel, "exit.channel")
            if self.kind not in {"opt_out", "bounce"}:
                raise FactError("exit.channel", shown(self.channel), f"nothing for {self.kind}: it stops every channel")
        if self.days is not None and (self.kind != "not_ready" or type(self.days) is not int):
            raise FactError("exit.days", shown(self.days), "a whole number of days, and only for not_ready")

    def stops(self, channel: str) -> bool:
        """Whether touches on that channel end with it."""
        match self.kind:
            case "opt_out":
                return self.channel in {None, ALL, channel}
            case "bounce":
                return channel == (self.channel or EMAIL)
            case _:
                return True

    @property
    def stops_all(self) -> bool:
        """Whether touches end on every channel."""
        return self.kind in _STOPS or (self.kind == "opt_out" and self.channel in {None, ALL})

    def to_dict(self) -> dict[str, Plain]:
        """The exit as plain data."""
        return {"id": self.id, "at": plain(self.at), "kind": self.kind, "channel": self.channel, "days": self.days}


@frozen
class AutoReply:
    """An automatic reply: no reply, but the plan waits for the stated return date, or some business dates without one (CA-16).

    The return date may lie at most 400 days ahead: a later one was misread.

    >>> from datetime import UTC
    >>> AutoReply("a-1", datetime(2026, 3, 2, 9, tzinfo=UTC), until=date(2026, 3, 9)).until
    datetime.date(2026, 3, 9)
    """

    id: str
    at: datetime = field(converter=_reply_instant)
    until: date | None = None

    def __attrs_post_init__(self) -> None:
        """Checks the return date."""
        _check_text(self.id, "auto_reply.id")
        if self.until is not None:
            if type(self.until) is not date:
                raise FactError("auto_reply.until", shown(self.until), "a date")
            if self.until - self.at.date() > _LONGEST_ABSENCE:
                raise FactError("auto_reply.until", self.until.isoformat(), f"a date at most {_LONGEST_ABSENCE.days} days after the reply")


Happening: TypeAlias = Exit | AutoReply
"""What may happen while a plan runs, besides touches."""


# ------------------------------------------------------------------------------------------------------------ what is given


def _dates(values: Iterable[date]) -> frozenset[date]:
    if values == ():
        return frozenset()
    return Calendar("UTC", {}, values).holidays  # refuses what is no date, in its own words


def suppressions(values: Iterable[str]) -> frozenset[str]:
    """The channels that must not be used; one name alone is refused, since it would be taken for its letters (CA-14).

    >>> sorted(suppressions(["email", "call"]))
    ['call', 'email']
    """
    if isinstance(values, str):
        raise FactError("suppressed", shown(values), "a set of channels", f'Write {{"{values}"}}.')
    return frozenset(values)


@frozen(kw_only=True)
class Prospect:
    """What a plan asks of a lead: where it is, what it must not get, and what a first email is personalised on.

    `suppressed` names channels, or "all" (CA-14). `contents` is what was consumed, the latest first.

    >>> Prospect(lead_id="L-1", zones=Zones((), "none")).suppressed
    frozenset()
    """

    lead_id: str
    zones: Zones
    holidays: frozenset[date] = field(default=frozenset(), converter=_dates)
    suppressed: frozenset[str] = field(default=frozenset(), converter=suppressions)
    source: str | None = None
    contents: tuple[str, ...] = ()


@frozen(kw_only=True, repr=False)
class Given:
    """What a plan was made from, kept so that it can be made again.

    `suppressed` is what was suppressed after the first plan; it moves no other step.
    """

    document: CadenceDocument
    hours: calendars.Rules = field(eq=False)
    sequence: Sequence
    prospect: Prospect
    arrival: datetime
    at: datetime
    rep: Calendar | None = None
    territory: Calendar | None = None
    factor: Fraction = Fraction(1)
    elsewhere: tuple[Outreach, ...] = ()
    done: tuple[Outreach, ...] = ()
    events: tuple[Happening, ...] = ()
    suppressed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Ids only."""
        return f"Given({self.sequence.id!r}, {self.prospect.lead_id!r}, at={self.at.isoformat()})"


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Touch:
    """A step and its instant; `made` when it happened already.

    `day` is the template day, stretched. `exempt` marks a confirmation that may go out at any hour (CA-13). `latest` is set where
    the step says by when it must be made: strictly before it, as with every deadline (CL-4). `personalisation` is what the message
    is to be personalised on (CD-4), and `enrol` what an enrolment enrols in. `zone` is the one whose dates and times were read.
    """

    step: str
    day: int
    channel: str
    at: datetime
    zone: ZoneInfo
    intent: str
    transactional: bool = False
    exempt: bool = False
    made: bool = False
    latest: datetime | None = None
    personalisation: tuple[Seen, ...] = ()
    enrol: str | None = None

    @property
    def local(self) -> datetime:
        """The instant in its zone."""
        return self.at.astimezone(self.zone)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The touch as plain data; with `redact`, personal values become "(personal)"."""
        grounds: dict[str, Plain] = {seen.name: HIDDEN if redact and seen.personal else plain(seen.value) for seen in self.personalisation}
        return {
            "step": self.step,
            "day": self.day,
            "channel": self.channel,
            "at": plain(self.at),
            "local": _local_text(self.at, self.zone),
            "zone": str(self.zone),
            "intent": self.intent,
            "transactional": self.transactional,
            "exempt": self.exempt,
            "made": self.made,
            "latest": plain(self.latest),
            "personalisation": grounds,
            "enrol": self.enrol,
        }


_SAYS: Mapping[NoteCode, str] = {
    "suppressed": "is left out: its channel is suppressed",
    "no_zone": "is left out: no zone of the prospect is known",
    "no_slot": "is left out: no instant within the horizon breaks no rule",
    "cancelled": "is cancelled",
    "daypart_waived": "keeps no half of the day: no instant within the horizon could",
    "held": "waits for the return date",
    "overdue": "was due and is not made",
    "late": "does not come before its latest instant",
}


@frozen
class Note:
    """What a plan has to say about a step: a stable code, and what was seen.

    >>> print(Note("call-3", "suppressed", (Seen("channel", "call"),)))
    call-3 is left out: its channel is suppressed (channel call).
    """

    step: str
    code: NoteCode
    saw: tuple[Seen, ...] = ()

    @property
    def leaves_out(self) -> bool:
        """Whether the step is no touch of the plan."""
        return self.code in _LEAVES_OUT

    def __str__(self) -> str:
        """The note in words; wording may change, codes do not."""
        saw = ", ".join(f"{seen.name} {plain(seen.value)}" for seen in self.saw)
        return f"{self.step} {_SAYS[self.code]}{f' ({saw})' if saw else ''}."

    def to_dict(self) -> dict[str, Plain]:
        """The note as plain data."""
        return {"step": self.step, "code": self.code, "saw": {seen.name: plain(seen.value) for seen in self.saw}}


@frozen
class Task:
    """Something to do on a date, at the prospect's opening: a follow-up of a lead that was not ready (CD-4, CA-18)."""

    id: str
    lead_id: str
    at: datetime
    zone: ZoneInfo
    days: int
    event: str

    def to_dict(self) -> dict[str, Plain]:
        """The task as plain data."""
        return {
            "id": self.id,
            "lead_id": self.lead_id,
            "at": plain(self.at),
            "local": _local_text(self.at, self.zone),
            "zone": str(self.zone),
            "days": self.days,
            "event": self.event,
        }


@frozen(repr=False)
class Plan:
    """The touches of a sequence for one lead, in order of their instants, those of one instant in the order of the list.

    Every step is a touch, or has a note that says why it is left out. `day0` is None where no working time was found.
    `stopped` is the exit that ended the plan, and `follow_ups` are the tasks that a "not ready" asks for. `first` are the instants that
    the steps had in the first plan, as of the arrival: nothing that happens later moves those.
    """

    given: Given
    day0: date | None
    touches: tuple[Touch, ...]
    notes: tuple[Note, ...]
    follow_ups: tuple[Task, ...] = ()
    stopped: Exit | None = None
    first: tuple[tuple[str, datetime], ...] | None = field(default=None, eq=False)

    @property
    def sequence(self) -> str:
        """The id of the sequence."""
        return self.given.sequence.id

    @property
    def lead_id(self) -> str:
        """The id of the lead."""
        return self.given.prospect.lead_id

    @property
    def arrival(self) -> datetime:
        """When the lead arrived."""
        return self.given.arrival

    @property
    def at(self) -> datetime:
        """The instant as of which the plan was made."""
        return self.given.at

    @property
    def zones(self) -> Zones:
        """The zones of the prospect, and how they are known (CA-1)."""
        return self.given.prospect.zones

    def notes_on(self, step: str) -> tuple[Note, ...]:
        """The notes about one step."""
        return tuple(note for note in self.notes if note.step == step)

    def explain(self) -> str:
        """The plan in words: a line for each touch, then one for each note and each task."""
        known = ", ".join(map(str, self.zones.zones)) or "no zone known"
        begins = "no day 0" if self.day0 is None else f"day 0 is {self.day0.isoformat()}"
        lines = [f"{self.sequence} for {self.lead_id}: {begins} ({known}, {self.zones.source})."]
        if self.stopped is not None:
            lines.append(f"Stopped by {self.stopped.kind} {self.stopped.id} at {plain(self.stopped.at)}.")
        for touch in self.touches:
            labels = [name for name, holds in (("made", touch.made), ("at any hour, a confirmation", touch.exempt)) if holds]
            what = touch.intent or f"enrol in {touch.enrol}"
            label = f" ({', '.join(labels)})" if labels else ""
            lines.append(f"{_local_text(touch.at, touch.zone)}: {touch.step}, {what}{label}.")
        lines.extend(map(str, self.notes))
        lines.extend(f"{_local_text(task.at, task.zone)}: follow up after {task.days} days." for task in self.follow_ups)
        return "\n".join(lines)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The plan as plain data, JSON-able; with `redact`, personal values become "(personal)"."""
        return {
            "format": 1,
            "kind": "plan",
            "lead_id": self.lead_id,
            "sequence": self.sequence,
            "arrival": plain(self.arrival),
            "at": plain(self.at),
            "day0": plain(self.day0),
            "factor": plain(self.given.factor),
            "zones": plain(self.zones.zones),
            "zone_source": self.zones.source,
            "touches": [touch.to_dict(redact=redact) for touch in self.touches],
            "notes": [note.to_dict() for note in self.notes],
            "follow_ups": [task.to_dict() for task in self.follow_ups],
            "stopped": None if self.stopped is None else self.stopped.to_dict(),
            "redacted": redact,
        }

    def __repr__(self) -> str:
        """One line."""
        return f"Plan({self.sequence!r}, {self.lead_id!r}, {len(self.touches)} touches, {len(self.notes)} notes)"

    def _repr_html_(self) -> str:
        """The touches and what was left out as a table, for notebooks."""
        rows: list[tuple[object, ...]] = []
        for touch in self.touches:
            codes = ", ".join(note.code for note in self.notes_on(touch.step))
            rows.append((touch.step, _local_text(touch.at, touch.zone), touch.channel, touch.intent or touch.enrol, codes))
        rows.extend((note.step, "", "", "", note.code) for note in self.notes if note.leaves_out)
        return html_table(f"{self.sequence} for {self.lead_id}", ("step", "when", "channel", "intent", "notes"), rows)


@frozen
class Next:
    """What to do now.

    `touch` is the first that is not made: "due" when its instant has come, "overdue" when it should have been made before,
    "wait" when its instant is still to come. Without one the plan is "finished", or "stopped" by an exit, `plan.stopped`.
    `overdue` are all touches whose instant in the first plan has passed; `plan` is the plan as it stands now.
    """

    state: State
    touch: Touch | None
    overdue: tuple[Touch, ...]
    plan: Plan

    def __str__(self) -> str:
        """The answer in one sentence."""
        if self.touch is not None:
            return f"{self.state}: {self.touch.step} at {_local_text(self.touch.at, self.touch.zone)}."
        stopped = self.plan.stopped
        return f"{self.state}." if stopped is None else f"{self.state}: {stopped.kind} {stopped.id} at {plain(stopped.at)}."

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The answer as plain data, JSON-able."""
        return {
            "state": self.state,
            "touch": None if self.touch is None else self.touch.to_dict(redact=redact),
            "overdue": [touch.step for touch in self.overdue],
            "plan": self.plan.to_dict(redact=redact),
        }


# ------------------------------------------------------------------------------------------------------------ functions


def tasks(plan: Plan) -> tuple[dict[str, Plain], ...]:
    """What is still to be done, as plain mappings that task tools take, in order of their instants.

    Keys: `id` (the same for the same step of the same lead, for ever), `lead_id`, `sequence`, `step`, `channel`, `title`, `due` (in
    UTC), `local` (with its zone), `latest`, `enrol`, `transactional`, and `notes`, a list of sentences. Follow-ups come last, on a
    channel called "task".
    """
    steps: list[dict[str, Plain]] = [
        {
            "id": f"{plan.lead_id}/{plan.sequence}/{touch.step}",
            "lead_id": plan.lead_id,
            "sequence": plan.sequence,
            "step": touch.step,
            "channel": touch.channel,
            "title": touch.intent or f"Enrol in {touch.enrol}",
            "due": plain(touch.at),
            "local": _local_text(touch.at, touch.zone),
            "latest": plain(touch.latest),
            "enrol": touch.enrol,
            "transactional": touch.transactional,
            "notes": [str(note) for note in plan.notes_on(touch.step)],
        }
        for touch in plan.touches
        if not touch.made
    ]
    later: list[dict[str, Plain]] = [
        {
            "id": task.id,
            "lead_id": plan.lead_id,
            "sequence": plan.sequence,
            "step": f"follow-up-{task.days}",
            "channel": "task",
            "title": f"Follow up after {task.days} days",
            "due": plain(task.at),
            "local": _local_text(task.at, task.zone),
            "latest": None,
            "enrol": None,
            "transactional": False,
            "notes": [],
        }
        for task in plan.follow_ups
    ]
    return (*steps, *later)


def _check_text(value: object, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise FactError(path, shown(value), "text")


def _local_text(at: datetime, zone: ZoneInfo) -> str:
    """The local time with its zone, for people."""
    return f"{at.astimezone(zone).isoformat(' ', 'minutes')[:16]} {zone}"
