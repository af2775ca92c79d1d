"""What does a row of another system say?

Rows come as plain mappings: from an API, from a warehouse, from `csv.DictReader`. A column is found by its name whatever its
spelling (`CreatedDate`, `created_date`) and a byte-order mark at the head of a file is no part of a name. Text loses white space
at its ends, and a blank cell says nothing. Nothing is guessed: what cannot be read is refused with the row, the column, what was
seen and what would do, and every row is either told or refused.

An instant without an offset is read in the zone that the system documents for its exports, where it documents one, and refused
where it does not. A date is no instant.

What a value of another system means in our words is data too: `Meanings` list the values of one property and the event that each
of them is. The adapters come with the values that their system documents; whoever renamed theirs passes meanings of their own.
A change of a property that no meanings are about is the event `data_changed`, with the name of the property and without its values,
since those may be personal.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Generic, Protocol, TypeAlias, TypeVar

from attrs import field, frozen

from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import Activity
from inbound_engine.history import Happened, in_order
from inbound_engine.intake import Record, Refused
from inbound_engine.money import Money

__all__ = [
    "CHANGED",
    "DELETED",
    "MERGED",
    "ActivityType",
    "Batch",
    "DateColumn",
    "Meaning",
    "Meanings",
    "Row",
    "Table",
    "Told",
    "activities",
    "by_record",
    "changed",
    "counted",
    "happened",
    "link",
    "moment",
    "of_type",
    "read_each",
    "stamped",
]

CHANGED = "data_changed"
"""The event of a property that no meanings are about: its name is told, its values are not."""
DELETED = "deleted"
"""The event of a record that the other system has deleted."""
MERGED = "merged"
"""The event of a record that went into another, which `into` names (LC-2)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MOST_MILLISECONDS = 253_402_300_799_999  # the last of the year 9999
_DIGITS = 15  # as many as that
_MOST_BITS = 256  # a longer integer takes long to write out
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})0*)?)?"
    r" ?(?:(Z|UTC)|([+-][0-9]{2}):?([0-9]{2}))?"
)
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]0?0:00(?::00(?:\.0+)?)?(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?)?")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_JOINTS = re.compile(r"[\s_]")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MEANT = 'Write it like {"Nurturing": "recycled", "Lost": ("rejected", {"category": "bad_fit"})}.'
_LIKE = 'Write it like "2026-03-02T09:03:00Z".'


# --------------------------------------------------------------------------------------------------------------- values


class _Named(Protocol):
    """What rows tell of: an event, an activity or an opportunity, each with its id."""

    @property
    def id(self) -> str: ...


Said = TypeVar("Said", bound=_Named)
Said_co = TypeVar("Said_co", bound=_Named, covariant=True)


@frozen
class Told(Generic[Said_co]):
    """What one row says of one record of the other system: a lead, a contact, a deal. Rows count from 0."""

    row: int
    record: str
    said: Said_co


@frozen
class Batch(Generic[Said_co]):
    """What came of a table: what its rows told, in their order, and the rows that were refused.

    `rows` is how many there were. Each of them is in one of both, and may have told several things.
    """

    rows: int
    told: tuple[Told[Said_co], ...]
    refused: tuple[Refused, ...]

    @property
    def said(self) -> tuple[Said_co, ...]:
        """What was told, without the rows and records it was told of."""
        return tuple(told.said for told in self.told)


@frozen
class Meaning:
    """What one value of a property means: an event, and what that event has to say."""

    value: str
    event: str
    data: tuple[tuple[str, str], ...] = ()


Table: TypeAlias = Mapping[str, str | tuple[str, Mapping[str, str]]]
"""Values and their events: `{"customer": "won", "BAD_TIMING": ("rejected", {"category": "wrong_timing"})}`."""


@frozen
class Meanings:
    """What the values of one property mean; a value is compared letter for letter.

    `otherwise` is the event of a value that is not listed; without it such a value is refused by name. A value listed twice is a
    `FactError`.

    >>> Meanings.of("Status", {"Nurturing": "recycled"}).of_value("Nurturing", "status").event
    'recycled'
    """

    property: str
    rows: tuple[Meaning, ...]
    otherwise: str | None = None
    by_value: dict[str, Meaning] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Checks that each value stands once."""
        object.__setattr__(self, "by_value", {row.value: row for row in self.rows})
        if len(self.by_value) < len(self.rows):
            value = next(value for value, times in Counter(row.value for row in self.rows).items() if times > 1)
            raise FactError(f"meanings.{self.property}", f"{shown(value)} twice", "values that differ", "Remove one of them.")

    @classmethod
    def of(cls, name: str, table: Table, otherwise: str | None = None) -> "Meanings":
        """The meanings that a plain table says; a `FactError` names a value whose event is none."""
        if not isinstance(table, Mapping):
            raise FactError(f"meanings.{name}", shown(table), "a table of values and their events", _MEANT)
        rows = []
        for value, meant in table.items():
            match meant:
                case str():
                    rows.append(Meaning(value, meant))
                case (str() as event, Mapping() as data):
                    rows.append(Meaning(value, event, tuple(sorted(data.items()))))
                case _:
                    raise FactError(f"meanings.{name}.{value}", shown(meant), "an event, or an event and what it has to say", _MEANT)
        return cls(name, tuple(rows), otherwise)

    def of_value(self, value: str, path: str) -> Meaning:
        """The meaning of a value; `FactError` with those that are listed where it has none."""
        found = self.by_value.get(value)
        if found is not None:
            return found
        if self.otherwise is not None:
            return Meaning(value, self.otherwise)
        close = nearest(value, self.by_value)
        hint = f'Did you mean "{close}"?' if close else "Pass meanings that list it."
        raise FactError(path, shown(value), one_of(self.by_value), hint)


@frozen
class DateColumn:
    """A column that holds the instant at which something happened last, such as "became an MQL": the event that it is."""

    column: str
    event: str
    data: tuple[tuple[str, str], ...] = ()


@frozen
class ActivityType:
    """A numbered type of activity of another system, and what it is to us: a `kind` of activity of a person, or an `event`.

    With `about`, only where it is about such a thing ("File"). With neither kind nor event it is known to be nothing that a person
    did and nothing that moves a record: its rows are refused by its name.
    """

    id: int
    name: str
    kind: str | None = None
    event: str | None = None
    about: str | None = None
    data: tuple[tuple[str, str], ...] = ()


# ----------------------------------------------------------------------------------------------------------------- a row


def _key(name: str) -> str:
    return _JOINTS.sub("", name).casefold()


class Row:
    """One row, whose cells are asked by name; the first of several names that says something answers.

    >>> row = Row(0, {"\\ufeffCreatedDate": "2021-01-07 6:49:18", "is_won": "TRUE"}, UTC)
    >>> row.instant("created_date").isoformat(), row.yes_no("IsWon"), row.text("stage")
    ('2021-01-07T06:49:18+00:00', True, None)
    """

    __slots__ = ("assumed", "cells", "number")

    def __init__(self, number: int, cells: object, assumed: tzinfo | None = None) -> None:
        """Takes the cells; instants without an offset are read in `assumed`, and refused without it."""
        if not isinstance(cells, Mapping):
            raise FactError("", shown(cells), "a row: a table of columns")
        self.number: int = number
        self.assumed: tzinfo | None = assumed
        self.cells: dict[str, list[tuple[str, object]]] = {}
        for name, value in cells.items():
            if name is None:  # where csv.DictReader puts what has no column
                raise FactError("", f"{shown(value)} beyond the last column", "as many cells as columns", "Quote what holds a comma.")
            clean = str(name).lstrip("\ufeff")
            self.cells.setdefault(_key(clean), []).append((clean, value))

    def seen(self, *names: str) -> tuple[str, object]:
        """The name and the value of the first cell that says something; a name that is there, and None, where none does.

        Two columns of one name that say different things are a `FactError`.
        """
        named = [cell for name in names for cell in self.cells.get(_key(name), ())]
        for name in names:
            said = [(column, value) for column, value in self.cells.get(_key(name), ()) if not _is_blank(value)]
            if len(said) > 1 and said[0][1] != said[1][1]:
                raise FactError(said[1][0], f"another value than under {shown(said[0][0])}", "one column of that name")
            if said:
                return said[0]
        return (named[0][0] if named else names[0]), None

    def text(self, *names: str) -> str | None:
        """Text, or a whole number written out; None where nothing is said."""
        column, value = self.seen(*names)
        match value:
            case None:
                return None
            case str():
                return value.strip()
            case int() if not isinstance(value, bool) and value.bit_length() <= _MOST_BITS:
                return str(value)
            case float() if value != value:  # noqa: PLR0124 - NaN alone differs from itself
                raise FactError(column, shown(value), "text", "Where nothing is known, pass None.")
            case _:
                raise FactError(column, shown(value), "text")

    def needed(self, *names: str) -> str:
        """Text that must be there."""
        found = self.text(*names)
        if found is None:
            raise FactError(self.seen(*names)[0], "nothing", "a value: no row is read without it")
        return found

    def whole(self, *names: str) -> int | None:
        """A whole number, or text that says one."""
        column, value = self.seen(*names)
        text = self.text(*names)
        if text is None or _WHOLE.fullmatch(text):
            return None if text is None else int(text)
        raise FactError(column, shown(value), "a whole number")

    def instant(self, *names: str, milliseconds: bool = False) -> datetime | None:
        """An instant in UTC; with `milliseconds`, whole numbers count them since 1970."""
        column, value = self.seen(*names)
        return None if value is None else moment(value, column, self.assumed, milliseconds=milliseconds)

    def needed_instant(self, *names: str, milliseconds: bool = False) -> datetime:
        """An instant that must be there."""
        found = self.instant(*names, milliseconds=milliseconds)
        if found is None:
            raise FactError(self.seen(*names)[0], "nothing", "the instant at which it happened")
        return found

    def day(self, *names: str) -> date | None:
        """A date: written as one, or as its midnight wherever it was written."""
        column, value = self.seen(*names)
        match value:
            case None:
                return None
            case datetime() if value.time() == time(0):
                return value.date()
            case date() if not isinstance(value, datetime):
                return value
            case str() if read := _DATE.fullmatch(value.strip()):
                try:
                    return date.fromisoformat(read[1])
                except ValueError:
                    pass
            case _:
                pass
        raise FactError(column, shown(value), "a date, or its midnight", 'Write it like "2026-12-24".')

    def yes_no(self, *names: str) -> bool | None:
        """True or false, in any capitals; yes, no, 1 and 0 will do."""
        column, value = self.seen(*names)
        if value is None or isinstance(value, bool):
            return value
        known = _YES_NO.get((self.text(*names) or "").casefold())
        if known is None:
            raise FactError(column, shown(value), "true or false")
        return known

    def money(self, currency: str, *names: str) -> Money | None:
        """An amount in whole units of the currency; zeros beyond its decimals are padding, further digits are refused."""
        column, value = self.seen(*names)
        if value is None:
            return None
        number = str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else self.text(*names) or ""
        if not _NUMBER.fullmatch(number):
            raise FactError(column, shown(value), "an amount", 'Write it like "2.5", without separators of thousands.')
        try:
            return Money.of(Decimal(number), currency)
        except FactError as error:
            path = "currency" if error.problem.path == "money.currency" else column
            raise FactError(path, error.problem.saw, error.problem.expected, error.problem.hint) from None


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def moment(value: object, path: str = "at", assumed: tzinfo | None = None, *, milliseconds: bool = False) -> datetime:
    """The instant that another system writes, in UTC; anything else is a `FactError` that names `path`.

    It has a date and a time, hours of one or two digits, at most six places of a second, and an offset (`Z`, ` UTC`, `+0000`,
    `+00:00`); without an offset it is read in the zone `assumed`, of repeated times the first. With `milliseconds` a whole number,
    also in text, counts them since 1970.

    >>> [moment(text, assumed=UTC).isoformat() for text in ("2019-03-29 15:23:31.957 UTC", "2021-01-07 6:49:18")]
    ['2019-03-29T15:23:31.957000+00:00', '2021-01-07T06:49:18+00:00']
    >>> moment(1462216307945, milliseconds=True).isoformat()
    '2016-05-02T19:11:47.945000+00:00'
    """
    if isinstance(value, datetime):
        found = value if value.tzinfo is not None else value.replace(tzinfo=assumed)
        return _in_utc(found, value, path)
    if milliseconds:
        digits = value.strip() if isinstance(value, str) else str(value) if type(value) is int and value.bit_length() <= _MOST_BITS else ""
        if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS and int(digits) <= _MOST_MILLISECONDS:
            return _in_utc(_EPOCH + int(digits) * _MILLISECOND, value, path)
    read = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if read is None:
        kinds = "an instant, or milliseconds since 1970" if milliseconds else "an instant"
        raise FactError(path, shown(value), kinds, _LIKE)
    day, hours, minutes, seconds, fraction, utc, east, past = read.groups()
    offset = "+00:00" if utc else f"{east}:{past}" if east else ""
    try:
        found = datetime.fromisoformat(f"{day}T{int(hours):02}:{minutes}:{seconds or '00'}.{fraction or '0':0<6}{offset}")
    except ValueError:
        raise FactError(path, shown(value), "an instant", _LIKE) from None
    return _in_utc(found if found.tzinfo is not None else found.replace(tzinfo=assumed), value, path)


def _in_utc(found: datetime, value: object, path: str) -> datetime:
    if found.tzinfo is None:
        hint = "Or pass the zone that it was written in."
        raise FactError(path, f"{shown(value)}, without an offset", "an instant with its offset", hint)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise FactError(path, shown(value), "an instant between the years 1 and 9999 in UTC") from None


def link(text: str) -> tuple[str | None, dict[str, str]]:
    """The path of a link and its UTM parameters by name, without "utm_"; None as the path where it has none.

    A plus and "%20" are spaces; what is no text once its escapes are undone stays as it is. Of a parameter that stands twice the
    last counts. Names are read in small letters, values as they are (AD-28).

    >>> link("https://www.acme.example/pricing/?utm_source=news&UTM_Campaign=spring%20sale#top")
    ('/pricing/', {'source': 'news', 'campaign': 'spring sale'})
    """
    address, _, query = text.partition("#")[0].partition("?")
    host, _, path = (address.partition("://")[2] or address).partition("/")
    parameters: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name.casefold().startswith("utm_") and (known := _unescaped(value).strip()):
            parameters[name.casefold().removeprefix("utm_")] = known
    return (f"/{path}" if path or host != address else None), parameters


def _unescaped(text: str) -> str:
    def undone(found: re.Match[str]) -> str:
        try:
            return bytes.fromhex(found.group().replace("%", "")).decode()
        except UnicodeDecodeError:
            return found.group()

    return _ESCAPED.sub(undone, text.replace("+", " "))


# ------------------------------------------------------------------------------------------------------------ functions


def read_each(
    rows: Iterable[Record],
    read: Callable[[Row], Iterable[tuple[str, Said]]],
    assumed: tzinfo | None = None,
    *,
    name: Sequence[str] = ("id",),
    laid_out: Callable[[object], object] | None = None,
) -> Batch[Said]:
    """What each row says, as `read` tells it: pairs of a record and what is said of it.

    A row that cannot be read is refused with its number and what it calls itself (`name` is the column of its id). A row that says
    nothing, and a second one that tells of a record under the same id (deliveries repeat), are refused too: nothing is lost.
    `laid_out` lays a nested row out flat before it is read.

    >>> from inbound_engine.spans import parse_instant
    >>> def joined(row: Row) -> list[tuple[str, Happened]]:
    ...     return [(row.needed("id"), Happened(id=row.needed("id"), at=row.needed_instant("at"), event="captured"))]
    >>> batch = read_each([{"id": "c-1", "at": "2026-03-02T09:00Z"}, {"id": "c-2", "at": "yesterday"}], joined)
    >>> batch.told[0].said, batch.refused[0].id, batch.refused[0].problem.path
    (Happened('c-1', captured, 2026-03-02T09:00:00Z), 'c-2', 'at')
    """
    if isinstance(rows, str | bytes | Mapping):
        raise FactError("rows", shown(rows), "a list of rows", "Pass each row as a table of columns.")
    told: list[Told[Said]] = []
    refused: list[Refused] = []
    known: set[tuple[str, str]] = set()
    count = 0
    for number, cells in enumerate(rows):
        count += 1
        own: str | None = None
        try:
            row = Row(number, cells if laid_out is None else laid_out(cells), assumed)
            own = _own_name(row, name)
            found = tuple(read(row))
            _refuse_repeated(found, known)
        except FactError as error:
            refused.append(Refused(number, own, error.problem))
        else:
            known.update((record, said.id) for record, said in found)
            told.extend(Told(number, record, said) for record, said in found)
    return Batch(count, tuple(told), tuple(refused))


def _own_name(row: Row, name: Sequence[str]) -> str | None:
    value = row.seen(*name)[1]
    return value.strip() if isinstance(value, str) else str(value) if type(value) is int and value.bit_length() <= _MOST_BITS else None


def _refuse_repeated(found: Sequence[tuple[str, _Named]], known: set[tuple[str, str]]) -> None:
    if not found:
        raise FactError("", "a row that says nothing", "something that happened")
    own = [(record, said.id) for record, said in found]
    again = next((said for place, said in enumerate(own) if said in known or said in own[:place]), None)
    if again is not None:
        raise FactError("id", f"{shown(again[1])} again", "something that was not told before", "The first of several deliveries counts.")


def changed(meanings: Sequence[Meanings], name: str, value: str | None, path: str) -> tuple[str, dict[str, str]]:
    """The event that a change of a property is, and what it has to say: the property, and its value where meanings are about it.

    A property is found whatever its spelling. One that no meanings are about is `CHANGED`, without its value. A value that was
    cleared, and one that the meanings do not list, are a `FactError`.

    >>> status = Meanings.of("Status", {"Nurturing": "recycled"})
    >>> changed([status], "status", "Nurturing", "new_value"), changed([status], "Email", "ana@acme.example", "new_value")
    (('recycled', {'property': 'status', 'value': 'Nurturing'}), ('data_changed', {'property': 'Email'}))
    """
    about = next((one for one in meanings if _key(one.property) == _key(name)), None)
    if about is None:
        return CHANGED, {"property": name}
    if value is None:
        raise FactError(path, "nothing", f"a value of {name}", "A property that was cleared is no stage.")
    meaning = about.of_value(value, path)
    return meaning.event, {"property": name, "value": value, **dict(meaning.data)}


def of_type(types: Sequence[ActivityType], number: int, path: str, about: str | None = None) -> ActivityType:
    """The first type of that number (and about that thing, where it asks for one); `FactError` where there is none, or it is nothing.

    >>> of_type([ActivityType(11, "Click Email", kind="email_click")], 11, "activity_type_id").kind
    'email_click'
    """
    found = next((one for one in types if one.id == number and one.about in {None, about}), None)
    if found is not None and (found.kind or found.event):
        return found
    name = f"{number}, {found.name}" if found else f"{number}"
    raise FactError(path, name, "a type that is a kind of activity or an event", "Pass types that say what it is.")


def stamped(
    row: Row, record: str, stamps: Sequence[DateColumn], source: str, *, milliseconds: bool = False
) -> Iterator[tuple[str, Happened]]:
    """The events that the columns of a row date; a blank column is none. Of two at one instant the stamps say which came first."""
    for place, stamp in enumerate(stamps, start=1):
        at = row.instant(stamp.column, milliseconds=milliseconds)
        if at is not None:
            name = f"{source}:{record}:{_key(stamp.column)}"
            yield record, Happened(id=name, at=at, event=stamp.event, data=stamp.data, sequence=place, source=source)


def by_record(*batches: Batch[Said]) -> dict[str, tuple[Said, ...]]:
    """What was told of each record, by its id, in the order told; `happened` is the part of it that a lifecycle folds.

    Of what several batches tell of one record under one id (a webhook and a history, say) the first counts.

    >>> by_record(Batch(0, (), ()))
    {}
    """
    found: dict[str, dict[str, Said]] = {}
    for batch in batches:
        for told in batch.told:
            found.setdefault(told.record, {}).setdefault(told.said.id, told.said)
    return {record: tuple(found[record].values()) for record in sorted(found)}


def happened(*batches: Batch[Activity | Happened]) -> dict[str, tuple[Happened, ...]]:
    """The events that were told of each record, by its id, in their order: what `lifecycle.rebuild` takes.

    A record of which only activities were told is not there. Of what several batches tell under one id the first counts.

    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> won, visit = Happened(id="1", at=at, event="won"), Activity(id="2", kind="visit", at=at)
    >>> batch = Batch(2, (Told(0, "7", won), Told(1, "8", visit)), ())
    >>> happened(batch), sorted(activities(batch))
    ({'7': (Happened('1', won, 2026-03-02T09:00:00Z),)}, ['8'])
    """
    told = {record: [one for one in said if isinstance(one, Happened)] for record, said in by_record(*batches).items()}
    return {record: in_order(events) for record, events in told.items() if events}


def activities(*batches: Batch[Activity | Happened]) -> dict[str, tuple[Activity, ...]]:
    """The activities that were told of each record, by its id, in their order: what a lead takes.

    A record of which only events were told is not there; nobody knows of its activities. Of what several batches tell under one id
    the first counts.

    >>> activities(Batch(0, (), ()))
    {}
    """
    told = {record: [one for one in said if isinstance(one, Activity)] for record, said in by_record(*batches).items()}
    return {record: in_order(done) for record, done in told.items() if done}


def counted(batch: Batch[Said]) -> tuple[tuple[Problem, int], ...]:
    """Why rows were refused, the most frequent reason first, with how many: problems alike but for what was seen are one.

    Of those the first is shown. Ties by the order of the rows.

    >>> batch = read_each([{"id": "1"}, {"id": "2"}, 7], lambda row: [("x", Happened(id="1", at=row.needed_instant("at"), event="won"))])
    >>> [(problem.path, problem.expected, times) for problem, times in counted(batch)]
    [('at', 'the instant at which it happened', 2), ('', 'a row: a table of columns', 1)]
    """
    first: dict[tuple[str, str], Problem] = {}
    times: Counter[tuple[str, str]] = Counter()
    for refused in batch.refused:
        kind = (refused.problem.path, refused.problem.expected)
        first.setdefault(kind, refused.problem)
        times[kind] += 1
    return tuple((first[kind], number) for kind, number in times.most_common())
