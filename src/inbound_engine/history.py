"""What happened, in order?

Whatever happened has an instant `at` and an `id`; two things at one instant are ordered by `sequence`, where they carry
one, then by id, so that the order in which they were handed over never matters. A thing dated after the instant that is
asked about is invisible: replaying the past never looks ahead (FD-2).

A record is the history of one lead in one machine: an entry for every stage that it entered, the first of them its start.
Entries are only ever added (LC-10). One that was not reported, but follows from what was (a stage skipped on the path), is
marked as inferred, and is never counted as observed. Entries in a row that name the same stage are one visit: a move may
stay where it is, to note what happened there.

Which moves there are is not known here: `lifecycle` makes the entries, this room keeps and reads them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from heapq import merge as merged_by
from itertools import pairwise
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from attrs import field, fields, frozen

from inbound_engine.decisions import HIDDEN, Plain, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.spans import instant, parse_instant

__all__ = [
    "Entry",
    "Event",
    "Happened",
    "How",
    "Pairs",
    "Record",
    "Stay",
    "Visit",
    "as_of",
    "begun",
    "each_record",
    "count",
    "entered",
    "first",
    "grown",
    "happenings",
    "in_order",
    "latest",
    "lost_from",
    "merge",
    "nth",
    "re_entries",
    "restored",
    "stage_as_of",
    "stepped",
    "time_in",
    "to_dict",
    "trail",
    "visits",
]

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""What an event was reported with, by name: sorted, each name once."""

How: TypeAlias = Literal["observed", "inferred", "any"]
"""Which entries are looked at: those that were reported, those that were only inferred, or both."""


class Event(Protocol):
    """Anything that happened at an instant."""

    @property
    def id(self) -> str:
        """Its name, unique among its kind."""
        ...

    @property
    def at(self) -> datetime:
        """When it happened, not when it was written down."""
        ...


AnyEvent = TypeVar("AnyEvent", bound=Event)


def as_of(events: Iterable[AnyEvent], at: datetime) -> tuple[AnyEvent, ...]:
    """What had happened by `at`, that instant included, in the order handed over; a naive instant is a `FactError`.

    >>> from inbound_engine.facts import Activity
    >>> from inbound_engine.spans import parse_instant
    >>> visit = Activity(id="a", kind="visit", at=parse_instant("2026-03-02T09:00Z"))
    >>> len(as_of([visit], visit.at)), len(as_of([visit], parse_instant("2026-03-01T09:00Z")))
    (1, 0)
    """
    at = instant(at)
    return tuple(event for event in events if event.at <= at)


def in_order(events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
    """The events by (at, sequence, id), the earliest first; a thing without a sequence counts as sequence 0.

    >>> from inbound_engine.facts import Activity
    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> [event.id for event in in_order([Activity(id="b", kind="visit", at=at), Activity(id="a", kind="visit", at=at)])]
    ['a', 'b']
    """
    return tuple(sorted(events, key=lambda event: (event.at, getattr(event, "sequence", 0), event.id)))


# --------------------------------------------------------------------------------------------------------------- values

_MOST = 2**63 - 1


def _text(value: object, path: str, *, empty: bool = False) -> str:
    if type(value) is str and (value or empty):
        return value
    raise FactError(path, shown(value), "text")


def _pairs(values: object) -> Pairs:
    """The pairs by name: a mapping, or pairs in any order; of texts alone, each name once."""
    if values.__class__ is tuple and not values:
        return ()
    items = values.items() if isinstance(values, Mapping) else values
    if not isinstance(items, Iterable) or isinstance(items, str):
        raise FactError("event.data", shown(values), "a mapping of names to texts")
    found: dict[str, str] = {}
    for item in items:
        if not isinstance(item, tuple | list) or len(item) != 2:  # noqa: PLR2004 - a name and a value
            raise FactError("event.data", shown(item), "pairs of a name and a text")
        name = _text(item[0], "event.data")
        if name in found:
            raise FactError(f"event.data.{name}", "the name twice", "names that differ")
        found[name] = _text(item[1], f"event.data.{name}")
    return tuple(sorted(found.items()))


@frozen(kw_only=True, repr=False)
class Happened:
    """An event of a record, as it was reported: `accepted`, or `rejected` with its category (LC-2).

    `at` is when it happened and `recorded_at` when it was written down, where that is known. `data` is what the event has to
    say, by name; a mapping will do, and it is kept sorted. `reason` is in somebody's words, and may be personal.

    >>> from inbound_engine.spans import parse_instant
    >>> Happened(id="e-7", at=parse_instant("2026-03-02T09:00Z"), event="rejected", data={"category": "bad_fit"}).data
    (('category', 'bad_fit'),)
    """

    id: str
    at: datetime
    event: str
    data: Pairs = field(default=(), converter=_pairs)
    actor: str | None = None
    reason: str | None = None
    recorded_at: datetime | None = None
    sequence: int = 0
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _text(self.id, "event.id")
        _text(self.event, "event.event")
        for name, value in (("actor", self.actor), ("reason", self.reason), ("source", self.source)):
            if value is not None:
                _text(value, f"event.{name}")
        if self.at.__class__ is not datetime or self.at.tzinfo is not UTC:
            object.__setattr__(self, "at", instant(self.at, "event.at"))
        if self.recorded_at is not None:
            object.__setattr__(self, "recorded_at", instant(self.recorded_at, "event.recorded_at"))
        _whole(self.sequence, "event.sequence", -_MOST)

    def __repr__(self) -> str:
        """What, when, and its id; the reason may be personal."""
        return f"Happened({self.id!r}, {self.event}, {plain(self.at)})"


def _whole(value: object, path: str, least: int) -> None:
    if type(value) is not int or not least <= value <= _MOST:
        raise FactError(path, shown(value), f"a whole number from {least} to {_MOST}")


@frozen(kw_only=True, repr=False, weakref_slot=False)
class Entry:
    """A stage that was entered: from where, when, by which event and move, by whom and why, under which policy (LC-10).

    `left` is None for the start of a record, which no event made: its event, its id and its move are empty. `inferred`
    entries stand before the observed one of their event, at the same instant; `place` numbers the entries of one event.

    >>> from inbound_engine.spans import parse_instant
    >>> Entry(stage="MQL", left="LEAD", at=parse_instant("2026-03-02T09:00Z"), event_id="e-2", event="scored", move="qualify")
    Entry('MQL', 2026-03-02T09:00:00Z, scored)
    """

    stage: str
    left: str | None
    at: datetime
    event_id: str
    event: str
    move: str
    data: Pairs = field(default=(), converter=_pairs)
    actor: str | None = None
    reason: str | None = None
    policy: str = ""
    inferred: bool = False
    sequence: int = 0
    place: int = 0

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves the instant to UTC."""
        _text(self.stage, "entry.stage")
        for name, value in (("left", self.left), ("actor", self.actor), ("reason", self.reason)):
            if value is not None:
                _text(value, f"entry.{name}")
        for name, value in (("event_id", self.event_id), ("event", self.event), ("move", self.move), ("policy", self.policy)):
            _text(value, f"entry.{name}", empty=True)
        if self.at.__class__ is not datetime or self.at.tzinfo is not UTC:
            object.__setattr__(self, "at", instant(self.at, "entry.at"))
        if self.inferred.__class__ is not bool:
            raise FactError("entry.inferred", shown(self.inferred), "true or false")
        _whole(self.sequence, "entry.sequence", -_MOST)
        _whole(self.place, "entry.place", 0)

    def __repr__(self) -> str:
        """The stage, since when, and by which event; the reason may be personal."""
        by = f", {self.event}" if self.event else ""
        return f"Entry({self.stage!r}, {plain(self.at)}{by}{', inferred' if self.inferred else ''})"


@frozen(repr=False, weakref_slot=False)
class Record:
    """The history of one lead in one machine, the start first; `merged` holds the records of its duplicates.

    An entry that is earlier than the one before it, or that does not leave the stage that the one before it entered, is a
    `FactError`, and so is a merged record of another machine, one that holds others, or one under an id that is there already.

    >>> from inbound_engine.spans import parse_instant
    >>> start = Entry(stage="LEAD", left=None, at=parse_instant("2026-03-02T09:00Z"), event_id="", event="", move="")
    >>> Record("L-1", "lead", (start,))
    Record('L-1', 'lead', stage='LEAD', since=2026-03-02T09:00:00Z, entries=1)
    """

    id: str
    machine: str
    entries: tuple[Entry, ...]
    merged: tuple["Record", ...] = ()

    def __attrs_post_init__(self) -> None:
        """Checks that the entries are a history."""
        _text(self.id, "record.id")
        _text(self.machine, "record.machine")
        object.__setattr__(self, "entries", _each(self.entries, Entry, "record.entries"))
        object.__setattr__(self, "merged", _each(self.merged, Record, "record.merged"))
        if not self.entries:
            raise FactError("record.entries", "a list of 0", "at least one entry, the start")
        if self.entries[0].left is not None:
            raise FactError("record.entries[0].left", shown(self.entries[0].left), "nothing: the first entry is the start")
        _refuse_gaps(self.entries)
        ids = {self.id}
        for number, record in enumerate(self.merged):
            if record.merged or record.machine != self.machine:
                raise FactError(f"record.merged[{number}]", repr(record), f"a record of {self.machine} that holds no other")
            if record.id in ids:
                raise FactError(f"record.merged[{number}].id", f"{shown(record.id)} twice", "records whose ids differ")
            ids.add(record.id)

    @property
    def stage(self) -> str:
        """Where the record stands."""
        return self.entries[-1].stage

    @property
    def since(self) -> datetime:
        """When it entered the stage where it stands; what was noted there since is no new visit."""
        return _last_visit(self.entries).at

    def __repr__(self) -> str:
        """Where it stands and how long its history is."""
        more = f", merged={len(self.merged)}" if self.merged else ""
        return f"Record({self.id!r}, {self.machine!r}, stage={self.stage!r}, since={plain(self.since)}, entries={len(self.entries)}{more})"


Item = TypeVar("Item")


def _each(values: object, kind: type[Item], path: str) -> tuple[Item, ...]:
    if not isinstance(values, tuple | list):
        raise FactError(path, shown(values), "a list")
    for number, value in enumerate(values):
        if not isinstance(value, kind):
            raise FactError(f"{path}[{number}]", shown(value), f"one of {kind.__name__}")
    return tuple(values)


def _refuse_gaps(entries: Iterable[Entry], number: int = 1) -> None:
    """Each entry leaves the stage that the one before it entered, and is not earlier."""
    for place, (before, entry) in enumerate(pairwise(entries), number):
        if entry.left != before.stage:
            raise FactError(f"record.entries[{place}].left", shown(entry.left), f"{before.stage!r}, the stage of the entry before it")
        if entry.at < before.at:
            raise FactError(f"record.entries[{place}].at", entry.at.isoformat(), f"an instant at or after {before.at.isoformat()}")


@frozen
class Visit:
    """One stay in a stage: the entry that began it, and the instant at which it ended; None while it lasts."""

    entry: Entry
    until: datetime | None


@frozen
class Stay:
    """How long a record stood in a stage: the visit that it is on (None while it is elsewhere), and all visits together."""

    visit: timedelta | None
    total: timedelta


# -------------------------------------------------------------------------------------------------------------- reading


def _began(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """The entries that began a visit: those that came from another stage."""
    return (entry for entry in entries if entry.left != entry.stage)


def _last_visit(entries: tuple[Entry, ...]) -> Entry:
    return next(entry for entry in reversed(entries) if entry.left != entry.stage)


def visits(record: Record, stage: str | None = None, how: How = "any") -> Iterator[Visit]:
    """The visits of a record, in order: of one stage or of all, observed, inferred or both; merged records aside.

    What is no record, and a `how` that there is not, is a `FactError`.

    >>> record = restored(_EXAMPLE)
    >>> [(visit.entry.stage, visit.entry.inferred, visit.until is None) for visit in visits(record)]
    [('LEAD', False, False), ('MQL', True, False), ('SAL', False, True)]
    """
    if not isinstance(record, Record):
        raise FactError("record", shown(record), "a record", _MAKE)
    if how not in _HOW:
        raise FactError("how", shown(how), one_of(_HOW))
    return _visits(record, stage, how)


_HOW = ("observed", "inferred", "any")
_MAKE = "`lifecycle.start` makes one, and `restored` reads one."


def _visits(record: Record, stage: str | None, how: How) -> Iterator[Visit]:
    began = [*_began(record.entries)]
    for entry, after in zip(began, [*began[1:], None], strict=True):
        if (stage is None or entry.stage == stage) and (how == "any" or entry.inferred is (how == "inferred")):
            yield Visit(entry, None if after is None else after.at)


def first(record: Record, stage: str, how: How = "observed") -> Entry | None:
    """The first entry into a stage (LC-10); None where there is none. It never changes once it is there.

    >>> record = restored(_EXAMPLE)
    >>> first(record, "SAL"), first(record, "MQL"), first(record, "MQL", "inferred")
    (Entry('SAL', 2026-03-03T09:00:00Z, accepted), None, Entry('MQL', 2026-03-03T09:00:00Z, accepted, inferred))
    """
    return next((visit.entry for visit in visits(record, stage, how)), None)


def latest(record: Record, stage: str, how: How = "observed") -> Entry | None:
    """The latest entry into a stage (LC-10); None where there is none.

    >>> latest(restored(_EXAMPLE), "LEAD")
    Entry('LEAD', 2026-03-02T09:00:00Z)
    """
    return nth(record, stage, -1, how)


def nth(record: Record, stage: str, number: int, how: How = "observed") -> Entry | None:
    """The entry into a stage for the n-th time: 1 is the first, -1 the latest; None where it was not entered as often.

    >>> nth(restored(_EXAMPLE), "LEAD", 2) is None
    True
    """
    if not number:
        raise FactError("number", "0", "1 for the first time, or -1 for the latest")
    found = [visit.entry for visit in visits(record, stage, how)]
    place = number - 1 if number > 0 else len(found) + number
    return found[place] if 0 <= place < len(found) else None


def count(record: Record, stage: str, how: How = "observed") -> int:
    """How often a stage was entered; what was only inferred does not count as observed.

    >>> record = restored(_EXAMPLE)
    >>> count(record, "MQL"), count(record, "MQL", "inferred"), count(record, "MQL", "any")
    (0, 1, 1)
    """
    return sum(1 for _ in visits(record, stage, how))


def re_entries(record: Record, stage: str, how: How = "observed") -> int:
    """How often a stage was entered again: the count of re-MQLs, for "MQL" (LC-10).

    >>> re_entries(restored(_EXAMPLE), "LEAD")
    0
    """
    return max(0, count(record, stage, how) - 1)


def time_in(record: Record, stage: str, *, at: datetime) -> Stay:
    """How long the record had stood in a stage by `at`: on the visit of that instant, and in all.

    Elapsed time, counted in UTC. The instant at which a stage is left belongs to the next visit. Entries after `at` are
    invisible (FD-2). An inferred visit that was left at once lasted no time.

    >>> from inbound_engine.spans import parse_instant
    >>> time_in(restored(_EXAMPLE), "LEAD", at=parse_instant("2026-03-02T12:00Z"))
    Stay(visit=datetime.timedelta(seconds=10800), total=datetime.timedelta(seconds=10800))
    """
    at = instant(at)
    total = timedelta(0)
    for visit in visits(record, stage):
        if visit.entry.at > at:
            break
        if visit.until is None or visit.until > at:
            here = at - visit.entry.at
            return Stay(here, total + here)
        total += visit.until - visit.entry.at
    return Stay(None, total)


def stage_as_of(record: Record, at: datetime) -> str | None:
    """Where the record stood at `at`, what happened at that very instant included; None before its start.

    >>> from inbound_engine.spans import parse_instant
    >>> [stage_as_of(restored(_EXAMPLE), parse_instant(text)) for text in ("2026-03-01T00:00Z", "2026-03-02T09:00Z", "2026-04-01T00:00Z")]
    [None, 'LEAD', 'SAL']
    """
    at = instant(at)
    return next((entry.stage for entry in reversed(record.entries) if entry.at <= at), None)


def lost_from(record: Record, lost: Iterable[str] | None = None) -> str | None:
    """The stage that the record left for the one where it stands; None at the start.

    With `lost`, the last stage before those: what was lost at SQO and recycled since was lost from SQO. None then where it stands in
    none of them, or was never elsewhere.

    >>> lost_from(restored(_EXAMPLE)), lost_from(restored(_EXAMPLE), ["CLOSED_LOST"]), lost_from(restored(_EXAMPLE), ["MQL", "SAL"])
    ('MQL', None, 'LEAD')
    """
    if lost is None:
        return _last_visit(record.entries).left
    if isinstance(lost, str) or not isinstance(lost, Iterable):
        raise FactError("lost", shown(lost), "a list of stages", "Put a single stage into a list.")
    names = frozenset(lost)
    if record.stage not in names:
        return None
    return next((entry.stage for entry in reversed(record.entries) if entry.stage not in names), None)


def happenings(record: Record) -> tuple[Happened, ...]:
    """The events that made the record, in its order: the start and what was inferred are none.

    >>> happenings(restored(_EXAMPLE))
    (Happened('e-1', accepted, 2026-03-03T09:00:00Z),)
    """
    return tuple(
        Happened(
            id=entry.event_id,
            at=entry.at,
            event=entry.event,
            data=entry.data,
            actor=entry.actor,
            reason=entry.reason,
            sequence=entry.sequence,
        )
        for entry in record.entries[1:]
        if not entry.inferred
    )


# -------------------------------------------------------------------------------------------------------------- keeping


# What a move writes was checked before, as a field of an event or of the record that it is added to. It is written into a draft,
# which has the slots of the frozen value and then becomes one by its class: a fifth of the time that `object.__setattr__` takes,
# slot by slot. The layouts must be the same, so that neither has a slot for weak references, which Python 3.11 puts elsewhere.


class _EntryDraft:
    """An entry while it is written."""

    __slots__ = tuple(one.name for one in fields(Entry))

    stage: str
    left: str | None
    at: datetime
    event_id: str
    event: str
    move: str
    data: Pairs
    actor: str | None
    reason: str | None
    policy: str
    inferred: bool
    sequence: int
    place: int


class _RecordDraft:
    """A record while it is written."""

    __slots__ = tuple(one.name for one in fields(Record))

    id: str
    machine: str
    entries: tuple[Entry, ...]
    merged: tuple[Record, ...]


def begun(id: str, machine: str, stage: str, *, at: datetime, policy: str = "") -> Record:  # noqa: A002 - what records are called by
    """A record that starts at that stage: one entry, which no event made.

    >>> begun("L-1", "lead", "LEAD", at=parse_instant("2026-03-02T09:00Z"))
    Record('L-1', 'lead', stage='LEAD', since=2026-03-02T09:00:00Z, entries=1)
    """
    texts = id.__class__ is machine.__class__ is stage.__class__ is policy.__class__ is str and id and machine and stage
    if not texts or at.__class__ is not datetime or at.tzinfo is not UTC:
        return Record(id, machine, (Entry(stage=stage, left=None, at=at, event_id="", event="", move="", policy=policy),))
    start = _EntryDraft()
    start.stage = stage
    start.left = None
    start.at = at
    start.event_id = start.event = start.move = ""
    start.data = ()
    start.actor = start.reason = None
    start.policy = policy
    start.inferred = False
    start.sequence = start.place = 0
    start.__class__ = Entry  # type: ignore[assignment]  # a draft of it
    return _written(id, machine, (start,), ())  # type: ignore[arg-type]  # it is an entry now


def grown(record: Record, entries: tuple[Entry, ...]) -> Record:
    """The record with more entries after its own; those it has are not looked at again.

    >>> record = restored(_EXAMPLE)
    >>> later = Entry(stage="SQL", left="SAL", at=record.since, event_id="e-2", event="discovery_scheduled", move="discover")
    >>> grown(record, (later,)).stage, record.stage
    ('SQL', 'SAL')
    """
    _refuse_gaps((record.entries[-1], *entries), len(record.entries))
    return _written(record.id, record.machine, record.entries + entries, record.merged)


def stepped(record: Record, event: Happened, stage: str, *, move: str, policy: str = "") -> Record:
    """The record after an event that took it straight to that stage; the event must not be earlier than its last entry.

    >>> stepped(restored(_EXAMPLE), Happened(id="e-2", at=parse_instant("2026-03-04T09:00Z"), event="won"), "CLOSED_WON", move="win")
    Record('L-1', 'lead', stage='CLOSED_WON', since=2026-03-04T09:00:00Z, entries=4)
    """
    before = record.entries
    last = before[-1]
    entry = entered(stage, last.stage, event, move=move, policy=policy)
    if event.at < last.at:
        _refuse_gaps((last, entry), len(before))
    return _written(record.id, record.machine, (*before, entry), record.merged)


def entered(stage: str, left: str, event: Happened, *, move: str, policy: str = "", place: int = 0, inferred: bool = False) -> Entry:
    """The entry that an event makes by a move.

    >>> event = Happened(id="e-2", at=parse_instant("2026-03-04T09:00Z"), event="discovery_scheduled")
    >>> entered("SQL", "SAL", event, move="discover")
    Entry('SQL', 2026-03-04T09:00:00Z, discovery_scheduled)
    """
    draft = _EntryDraft()
    draft.stage = stage
    draft.left = left
    draft.at = event.at
    draft.event_id = event.id
    draft.event = event.event
    draft.move = move
    draft.data = event.data
    draft.actor = event.actor
    draft.reason = event.reason
    draft.policy = policy
    draft.inferred = inferred
    draft.sequence = event.sequence
    draft.place = place
    draft.__class__ = Entry  # type: ignore[assignment]  # a draft of it
    return draft  # type: ignore[return-value]  # it is an entry now


def _written(name: str, machine: str, entries: tuple[Entry, ...], merged: tuple[Record, ...]) -> Record:
    draft = _RecordDraft()
    draft.id = name
    draft.machine = machine
    draft.entries = entries
    draft.merged = merged
    draft.__class__ = Record  # type: ignore[assignment]  # a draft of it
    return draft  # type: ignore[return-value]  # it is a record now


def each_record(records: object) -> Iterator[Record]:
    """The records that were handed in; a `FactError` names what is no list of records, or the place of what is no record.

    >>> [record.id for record in each_record([restored(_EXAMPLE)])]
    ['L-1']
    """
    if isinstance(records, str | bytes | Mapping) or not isinstance(records, Iterable):
        raise FactError("records", shown(records), "a list of records", "Pass [record] for one, or .values() of a table.")
    for number, record in enumerate(records):
        if not isinstance(record, Record):
            raise FactError(
                f"records[{number}]", shown(record), "a Record", "`lifecycle.start` makes one, and `history.restored` reads one."
            )
        yield record


def merge(kept: Record, *others: Record) -> Record:
    """The record with the records of its duplicates: it stands where it stood, and the trail of each is kept (LC-9).

    Records that the others had taken in come along; they are kept by id, each once. A record of another machine, the record
    itself, two different ones under one id, or what is no record, are a `FactError`. The order of merging never matters. Nobody's
    count or time changes: what is asked of a record is asked of its own entries, and `trail` tells of all.

    >>> from attrs import evolve
    >>> record = restored(_EXAMPLE)
    >>> merge(record, evolve(record, id="L-2"))
    Record('L-1', 'lead', stage='SAL', since=2026-03-03T09:00:00Z, entries=3, merged=1)
    """
    for given in (kept, *others):
        if not isinstance(given, Record):
            raise FactError("record", shown(given), "a record", _MAKE)
    found = {record.id: record for record in kept.merged}
    for other in others:
        for record in (_alone(other), *other.merged):
            if record.machine != kept.machine:
                raise FactError("record.machine", shown(record.machine), f"{kept.machine!r}, that of the record that takes it in")
            if record.id == kept.id or found.setdefault(record.id, record) != record:
                raise FactError("record.id", f"{shown(record.id)} twice", "records whose ids differ")
    return _with(kept, tuple(found[name] for name in sorted(found)))


def _alone(record: Record) -> Record:
    return _with(record, ()) if record.merged else record


def _with(record: Record, merged: tuple[Record, ...]) -> Record:
    return Record(record.id, record.machine, record.entries, merged)


def trail(record: Record) -> tuple[tuple[str, Entry], ...]:
    """Every entry of the record and of those merged into it, with the id of its record, by instant.

    At one instant by record id; the entries of one record stay in their order.

    >>> [(name, entry.stage) for name, entry in trail(restored(_EXAMPLE))]
    [('L-1', 'LEAD'), ('L-1', 'MQL'), ('L-1', 'SAL')]
    """
    several = [[(one.id, entry) for entry in one.entries] for one in sorted((_alone(record), *record.merged), key=lambda one: one.id)]
    return tuple(merged_by(*several, key=lambda pair: (pair[1].at, pair[0])))


# ------------------------------------------------------------------------------------------------------------ plain form


_FIELDS = tuple(attribute.name for attribute in fields(Entry))
_EXAMPLE: Mapping[str, object] = {
    "id": "L-1",
    "machine": "lead",
    "entries": [
        {"stage": "LEAD", "left": None, "at": "2026-03-02T09:00:00Z", "event_id": "", "event": "", "move": ""},
        {
            "stage": "MQL",
            "left": "LEAD",
            "at": "2026-03-03T09:00:00Z",
            "event_id": "e-1",
            "event": "accepted",
            "move": "accept",
            "inferred": True,
        },
        {
            "stage": "SAL",
            "left": "MQL",
            "at": "2026-03-03T09:00:00Z",
            "event_id": "e-1",
            "event": "accepted",
            "move": "accept",
            "place": 1,
        },
    ],
}


def to_dict(record: Record, *, redact: bool = False) -> dict[str, Plain]:
    """The record as plain data; the same record always gives the same bytes of JSON, and `restored` gives it back.

    With `redact`, reasons, which are in somebody's words, become "(personal)".

    >>> record = restored(_EXAMPLE)
    >>> restored(to_dict(record)) == record
    True
    """
    entries: list[Plain] = [_plain_entry(entry, redact=redact) for entry in record.entries]
    merged: list[Plain] = [to_dict(one, redact=redact) for one in record.merged]
    return {"id": record.id, "machine": record.machine, "entries": entries, **({"merged": merged} if merged else {})}


def _plain_entry(entry: Entry, *, redact: bool) -> dict[str, Plain]:
    told: dict[str, Plain] = {name: plain(getattr(entry, name)) for name in _FIELDS}
    told["data"] = dict(entry.data)
    if redact and entry.reason is not None:
        told["reason"] = HIDDEN
    return told


def restored(data: object) -> Record:
    """The record that plain data says; `FactError` with the path to whatever is odd about it.

    Of an entry, what has a default may be left out; a key that means nothing is refused.

    >>> restored(_EXAMPLE)
    Record('L-1', 'lead', stage='SAL', since=2026-03-03T09:00:00Z, entries=3)
    """
    table = _table(data, "record", (*_OWN, "merged"), _OWN)
    merged = [
        _one(_table(row, f"record.merged[{number}]", _OWN, _OWN), f"record.merged[{number}]")
        for number, row in enumerate(_list(table, "record", "merged"))
    ]
    return _with(_one(table, "record"), tuple(merged))


_OWN = ("id", "machine", "entries")


def _one(table: Mapping[str, Any], path: str) -> Record:
    entries = [_within(f"{path}.entries[{number}]", "entry", _entry, row) for number, row in enumerate(_list(table, path, "entries"))]
    return _within(path, "record", lambda row: Record(row["id"], row["machine"], tuple(entries)), table)


def _entry(row: object) -> Entry:
    table = dict(_table(row, "entry", _FIELDS, ("stage", "left", "at", "event_id", "event", "move")))
    table["at"] = parse_instant(table["at"], "entry.at")
    return Entry(**table)


Made = TypeVar("Made")


def _within(path: str, own: str, make: Callable[[Any], Made], row: object) -> Made:
    """What is made of a row; what is wrong with it is told with the path to the row."""
    try:
        return make(row)
    except FactError as error:
        found = error.problem
        raise FactError(path + found.path.removeprefix(own), found.saw, found.expected, found.hint) from None


def _table(data: object, path: str, known: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise FactError(path, shown(data), "a table")
    for name in data:
        if name not in known:
            raise FactError(path, f"the key {shown(name)}", f"one of {', '.join(known)}")
    for name in needed:
        if name not in data:
            raise FactError(f"{path}.{name}", "nothing", "a value for this key")
    return data


def _list(table: Mapping[str, Any], path: str, name: str) -> list[object] | tuple[object, ...]:
    rows = table.get(name, ())
    if not isinstance(rows, list | tuple):
        raise FactError(f"{path}.{name}", shown(rows), "a list")
    return rows
