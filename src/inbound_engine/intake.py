"""What did they hand us, and what was wrong with it?

Leads come in as plain mappings: from JSON, from the rows of a CSV file, from webhooks. Here each fact has one way to be read:
white space at the ends goes, text is brought to Unicode's composed form (NFC), a blank answer is unknown, country codes are
written large, numbers may be written as text in a file of text. Nothing is guessed: what cannot be read is refused with the
record, the field, the value and what would do. In a batch one bad record never loses the others.

What the library wrote itself (`facts.to_dict`) is not tidied again: `restored` reads it back letter for letter.
"""

import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

from inbound_engine import vocabulary
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import COUNTRIES, Account, Activity, Caps, Contact, Extra, Lead, Observation, Opportunity, Outreach, Rep, Roster
from inbound_engine.money import Money
from inbound_engine.spans import Span, instant, parse_instant, zone
from inbound_engine.vocabulary import FactsDocument, Kind, Vocabulary

__all__ = [
    "Batch",
    "Record",
    "Refused",
    "account",
    "activity",
    "contact",
    "lead",
    "leads",
    "opportunity",
    "outreach",
    "rep",
    "restored",
    "roster",
]

Record: TypeAlias = Mapping[str, object]
"""One record, as JSON or a row of a CSV file gives it."""
AnyFact = TypeVar("AnyFact", Account, Rep, Span)

_LONGEST_NUMBER = 40  # characters, and places before and after the point
_LONGEST_KEY = 80
_MOST_BITS = 256  # a longer integer takes long to write out
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ALIASES = {"UK": "GB", "EL": "GR"}


@frozen
class Refused:
    """A record that could not be read: its number from 0, its id where it has one, and what is wrong."""

    number: int
    id: str | None
    problem: Problem

    def __str__(self) -> str:
        """The refusal as one line."""
        return f"record {self.number}{f' ({self.id})' if self.id else ''}: {self.problem}"


@frozen
class Batch:
    """What came of a batch: the leads in the order of their records, and the records that were refused."""

    leads: tuple[Lead, ...]
    refused: tuple[Refused, ...]


def leads(
    records: Iterable[Record],
    words: Vocabulary | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Batch:
    """Every record that can be read as a lead, and every one that cannot, with the reason.

    `columns` renames keys to facts ("Lead Number" to "id"); with it, other keys are left alone, without it they are refused.
    A second record under one id is refused. `progress` is called with the number of records read so far.

    >>> batch = leads([{"id": "L-1", "country": "de"}, {"id": "L-2", "country": "Germany"}])
    >>> [lead.country for lead in batch.leads], batch.refused[0].problem.path
    (['DE'], 'country')
    """
    way = _Way(words or _PLAIN)
    if isinstance(records, str | bytes | Mapping):
        raise FactError("records", shown(records), "a list of records", "Pass each record as a table of facts.")
    taken: set[str] = set()
    for column, fact in (columns or {}).items():
        if fact not in _readable(way):
            raise _unknown_field(fact, "columns.", _readable(way))
        if fact in taken:
            raise FactError(f"columns.{column}", f"a second column for {fact}", "one column for each fact", "Leave one of them out.")
        taken.add(fact)
    good: list[Lead] = []
    bad: list[Refused] = []
    seen: set[str] = set()
    for number, record in enumerate(records):
        name = None
        try:
            renamed = _renamed(_mapping(record, ""), columns)
            name = _id_of(renamed)
            found = _unseen(_lead(renamed, way), seen)
        except FactError as error:
            bad.append(Refused(number, name, error.problem))
        else:
            seen.add(found.id)
            good.append(found)
        if progress is not None:
            progress(number + 1)
    return Batch(tuple(good), tuple(bad))


def lead(record: Record, words: Vocabulary | None = None) -> Lead:
    """The lead that a record says; `FactError` names the field, the value and what would do.

    Facts of the account may stand in the record itself (`employees`), or in a table `account`; those that a policy declares
    may too, or in `extra`. With a vocabulary, activities must be of kinds that it knows.

    >>> lead({"id": " L-1 ", "employees": "240", "activities": [{"id": "a", "kind": "visit", "at": "2026-03-02T09:00Z"}]})
    Lead('L-1', account='-', activities=1)
    """
    return _lead(_mapping(record, ""), _Way(words or _PLAIN))


def restored(record: Record, words: Vocabulary | None = None) -> Lead:
    """The lead that `facts.to_dict` wrote, letter for letter: white space, composition and capitals stay as they are.

    >>> from inbound_engine.facts import to_dict
    >>> restored(to_dict(Lead(id="L-1", title="VP Sales "))).title
    'VP Sales '
    """
    return _lead(_mapping(record, ""), _Way(words or _PLAIN, tidy=False))


def activity(record: Record, words: Vocabulary | None = None, *, tidy: bool = True) -> Activity:
    """The activity that a record says; `FactError` names the field, the value and what would do.

    With `tidy` false it is read letter for letter, as `facts.to_dict` wrote it; so are a deal, a touch and a rep.

    >>> activity({"id": "a", "kind": "page_view", "at": "2026-03-02T10:00:00+01:00", "content": "pricing"}).at.hour
    9
    """
    return _activity(record, _Way(words or _PLAIN, tidy=tidy))


def account(record: Record) -> Account:
    """The account that a record says, without facts that a policy declares; `FactError` names the field, the value and what would do.

    >>> account({"id": "acme", "domain": "acme.example", "employees": "240", "owner": "maya"}).employees
    240
    """
    return Account(**_fields(record, "account", _ACCOUNT, ("id",), _Way(_PLAIN)))


def contact(record: Record) -> Contact:
    """The contact that a record says; `emails` are a list, or one text with parts between semicolons or commas.

    >>> contact({"id": "c-1", "emails": "ana@acme.example; ana@mail.example", "account_id": "acme"}).emails
    ('ana@acme.example', 'ana@mail.example')
    """
    return Contact(**_fields(record, "contact", _CONTACT, ("id",), _Way(_PLAIN)))


def opportunity(record: Record, *, tidy: bool = True) -> Opportunity:
    """The deal that a record says; `amount` as money is read, `contact_roles` a table from contact ids to roles, or pairs.

    >>> deal = {"id": "D-1", "opened_at": "2026-02-01T09:00Z", "amount": "EUR 95000", "contact_roles": {"c-1": "buyer"}}
    >>> opportunity(deal).amount, opportunity(deal).contact_roles
    (Money(minor=9500000, currency='EUR'), (('c-1', 'buyer'),))
    """
    return Opportunity(**_fields(record, "opportunity", _OPPORTUNITY, ("id", "opened_at"), _Way(_PLAIN, tidy=tidy)))


def outreach(record: Record, *, tidy: bool = True) -> Outreach:
    """The touch of a seller that a record says; `FactError` names the field, the value and what would do.

    >>> made = {"id": "c", "lead_id": "L-1", "rep": "maya", "channel": "call", "at": "2026-03-02T09:04:00Z", "human": "yes"}
    >>> outreach(made).human
    True
    """
    return Outreach(**_fields(record, "touch", _OUTREACH, ("id", "lead_id", "rep", "channel", "at", "human"), _Way(_PLAIN, tidy=tidy)))


def rep(record: Record, *, tidy: bool = True) -> Rep:
    """The rep that a record says; `caps` is a table, `away` a list of tables with `since` and `until`.

    >>> rep({"id": "maya", "role": "AE", "zone": "Europe/Berlin", "caps": {"per_day": 8}}).caps.per_day
    8
    """
    return Rep(**_fields(record, "rep", _REP, ("id", "role"), _Way(_PLAIN, tidy=tidy)))


def roster(record: Record) -> Roster:
    """The roster that a record says: a list of reps, territories, the parents of accounts, the overflow owner.

    >>> roster({"reps": [{"id": "maya", "role": "AE"}], "overflow_owner": "maya"}).overflow_owner
    'maya'
    """
    return Roster(**_fields(record, "roster", _ROSTER, ("reps",), _Way(_PLAIN)))


def _unseen(found: Lead, seen: set[str]) -> Lead:
    if found.id in seen:
        raise FactError("id", shown(found.id), "an id that no earlier record has", "Merge the records.")
    return found


@frozen
class _Way:
    """How a record is read: by which facts, and whether its text is tidied."""

    words: Vocabulary
    tidy: bool = True


_PLAIN = vocabulary.compile(FactsDocument())


def _lead(record: Record, way: _Way) -> Lead:
    words = way.words
    own: dict[str, Any] = {}
    company: dict[str, Any] = {}
    extra: dict[str, object] = {}
    company_extra: dict[str, object] = {}
    names: dict[str, str] = {}  # of account facts that stand in the record itself
    for key, value in record.items():
        if (read := _LEAD.get(key)) is not None:
            if (found := read(value, key, way)) is not None:
                own[key] = found
        elif key in _FLAT_ACCOUNT:
            names[field := _FLAT_ACCOUNT[key]] = key
            company[field] = _ACCOUNT[field](value, key, way)
        elif key in {"account", "extra"}:
            continue  # below, once what stands in the record itself is known
        elif key in words.lead_extras:
            extra[key] = _declared(value, key, way, key)
        elif key in words.account_extras:
            company_extra[key] = _declared(value, key, way, key)
        else:
            raise _unknown_field(key, "", _readable(way))
    if "id" not in own:
        raise FactError("id", "nothing", "the id of the lead")
    extra |= _extras(record.get("extra"), "extra", way, words.lead_extras, extra)
    for key, value in _table_of_account(record.get("account")).items():
        if key == "extra":
            company_extra |= _extras(value, "account.extra", way, words.account_extras, company_extra)
        elif key not in _ACCOUNT:
            raise _unknown_field(key, "account.", [*_ACCOUNT, "extra"])
        elif key in names:
            raise FactError(f"account.{key}", f"a fact that stands in the record too, as {names[key]}", "each fact once")
        else:
            company[key] = _ACCOUNT[key](value, f"account.{key}", way)
    try:
        known = {key: value for key, value in company.items() if value is not None}
        if known or any(value is not None for value in company_extra.values()):
            own["account"] = Account(**{"id": "-", **known}, extra=company_extra)
        return Lead(**own, extra=extra)
    except FactError as error:
        place, _, field = error.problem.path.partition(".")
        raise _at(names.get(field, f"account.{field}") if place == "account" else field, error) from None


def _activity(record: object, way: _Way) -> Activity:
    return Activity(**_fields(record, "activity", _ACTIVITY, ("id", "kind", "at"), way))


def _fields(record: object, what: str, readers: Mapping[str, "Reader"], required: Iterable[str], way: _Way) -> dict[str, Any]:
    """The fields of a record, each read in its way; those that are unknown are left out."""
    read: dict[str, Any] = {}
    for key, value in _mapping(record, "").items():
        if (reader := readers.get(key)) is None:
            raise _unknown_field(key, "", readers, "Remove it.")
        if (found := reader(value, key, way)) is not None:
            read[key] = found
    for name in required:
        if name not in read:
            raise FactError(name, "nothing", f"what every {what} has: {name}")
    return read


# -------------------------------------------------------------------------------------------------------- one way a kind


def _text(value: object, path: str, way: _Way) -> str | None:
    """Text without white space at its ends, composed; whole numbers are written out; blank is unknown."""
    if type(value) is str and value.isascii():  # as nearly all of it is
        return (value.strip() if way.tidy else value) or None
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return _written_out(value, path)
    if not isinstance(value, str):
        raise FactError(path, shown(value), "text", _if_nan(value))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FactError(path, shown(value), "text in Unicode", "Half of a pair of surrogates stands for no letter.") from None
    if way.tidy:
        value = unicodedata.normalize("NFC", value)
    return (value.strip() if way.tidy else value) or None


def _written_out(value: int, path: str) -> str:
    if value.bit_length() > _MOST_BITS:
        raise FactError(path, shown(value), "text")
    return str(value)


def _if_nan(value: object) -> str:
    return "Where nothing is known, pass None." if isinstance(value, float) and value != value else ""  # noqa: PLR0124 - NaN alone differs from itself


def _integer(value: object, path: str, way: _Way) -> int | None:
    """A whole number, or text that says one; 3.0 from a file of floats is whole too."""
    expected = "a whole number"
    try:
        number = _decimal(value, path, way)
    except FactError as error:
        raise FactError(path, shown(value), expected, error.problem.hint.replace("2.5", "240")) from None
    if number is None or isinstance(number, int):
        return number
    if number == number.to_integral_value():
        return int(number)
    raise FactError(path, shown(value), expected, 'Write it like "240".')


def _decimal(value: object, path: str, way: _Way) -> Decimal | int | None:
    """An exact number, or text that says one; a float is what it prints as."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool) or not isinstance(value, str | float | Decimal):
        raise FactError(path, shown(value), "a number")
    text = _text(value, path, way) if isinstance(value, str) else str(value)
    if text is None:
        return None
    try:
        number = Decimal(text) if len(text) <= 2 * _LONGEST_NUMBER and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise FactError(path, shown(value), "a number", _if_nan(value) or 'Write it like "2.5", without separators of thousands.')
    return number


def _boolean(value: object, path: str, way: _Way) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = _text(value, path, way)
    if text is None:
        return None
    if text.casefold() in _YES_NO:
        return _YES_NO[text.casefold()]
    raise FactError(path, shown(value), "true or false")


def _instant(value: object, path: str, way: _Way) -> datetime | None:
    if isinstance(value, str):
        text = _text(value, path, way)
        return None if text is None else parse_instant(text, path)
    return None if value is None else instant(value, path)


def _texts(value: object, path: str, way: _Way) -> frozenset[str] | None:
    """Texts as `_names` reads them, in no order."""
    names = _names(value, path, way)
    return None if names is None else frozenset(names)


def _names(value: object, path: str, way: _Way) -> tuple[str, ...] | None:
    """A list of texts, or one text with parts between semicolons or commas, each once, in the order of the record.

    An empty list is known to be none, blanks are unknown.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    parts = value.replace(";", ",").split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple | set | frozenset):
        raise FactError(path, shown(value), "a list of texts", _if_nan(value))
    texts = tuple(dict.fromkeys(text for part in parts if (text := _text(part, path, way)) is not None))
    return None if parts and not texts else texts


def _roles(value: object, path: str, way: _Way) -> tuple[tuple[str, str], ...] | None:
    """A table from ids to roles, or a list of such pairs, as pairs in its order; a role that is blank is left out."""
    if value is None:
        return None
    if isinstance(value, list | tuple) and all(isinstance(pair, list | tuple) and len(pair) == _PAIR for pair in value):
        pairs = [(_text(key, path, way), role) for key, role in value]
    else:
        pairs = [(str(key), role) for key, role in _mapping(value, path).items()]
    roles = ((key, _text(role, f"{path}.{key}", way)) for key, role in pairs if key is not None)
    return tuple((key, role) for key, role in roles if role is not None)


def _date(value: object, path: str, way: _Way) -> date | None:
    """A calendar date as ISO 8601 writes it."""
    if type(value) is date:
        return value
    text = _text(value, path, way)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FactError(path, shown(value), "a date", 'Write it like "2026-03-02".') from None


def _money(value: object, path: str, way: _Way) -> Money | None:
    """An amount as {"amount": "95000.00", "currency": "EUR"}, in minor units with "minor", or as text "EUR 95000.00"."""
    if value is None or isinstance(value, Money):
        return value
    if not isinstance(value, Mapping | str):
        raise FactError(path, shown(value), 'an amount such as "EUR 95000.00"', _if_nan(value))
    try:
        return _amount(value, way)
    except FactError as error:
        raise _at(path + _dotted(error.problem.path.removeprefix("money.")), error) from None


def _amount(value: Record | str, way: _Way) -> Money | None:
    if isinstance(value, str):
        text = _text(value, "", way)
        code, _, digits = (text or "").partition(" ")
        return None if text is None else Money.of(digits, code)
    for key in value:
        if key not in _AMOUNT:
            raise _unknown_field(key, "", _AMOUNT)
    currency: Any = value.get("currency")  # Money itself looks at what these are
    amount: Any = value.get("minor", value.get("amount"))
    return Money(amount, currency) if "minor" in value else Money.of(amount, currency)


def _country(value: object, path: str, way: _Way) -> str | None:
    text = _text(value, path, way)
    if text is None or text in COUNTRIES:
        return text
    if text in way.words.unknown_values("country"):
        return None  # told here, since no lead may hold it
    code = _ALIASES.get(text.upper(), text.upper())
    if code in COUNTRIES and way.tidy:
        return code
    raise FactError(path, shown(text), "an ISO 3166 alpha-2 country code", 'Write it like "DE".')


def _kind(value: object, path: str, way: _Way) -> str | None:
    text = _text(value, path, way)
    kinds = way.words.activity_kinds
    if text is None or text in kinds:
        return text
    close = nearest(text, kinds)
    raise FactError(path, shown(text), one_of(kinds), f'Did you mean "{close}"?' if close else "Declare it in facts.activity_kinds.")


def _zone(value: object, path: str, way: _Way) -> ZoneInfo | None:
    name = _text(value, path, way) if isinstance(value, str) else value
    return None if name is None else zone(name, path)


def _zones(value: object, path: str, way: _Way) -> tuple[ZoneInfo, ...] | None:
    names = value if isinstance(value, list | tuple) else (value,)
    found = tuple(known for name in names if (known := _zone(name, path, way)) is not None)
    return found or None


def _utm(value: object, path: str, way: _Way) -> Extra | None:
    if value is None:
        return None
    return Extra.of({name: _text(item, f"{path}.{name}", way) for name, item in _mapping(value, path).items()}, path)


def _activities(value: object, path: str, way: _Way) -> tuple[Activity, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of activities", _if_nan(value))
    found: list[Activity] = []
    for item in value:
        try:
            found.append(item if isinstance(item, Activity) else _activity(item, way))
        except FactError as error:
            field = error.problem.path.removeprefix("activity.")
            raise _at(f"{path}[{len(found)}]{_dotted(field)}", error) from None
    return tuple(found)


def _observations(value: object, path: str, way: _Way) -> tuple[Observation, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of observations", _if_nan(value))
    return tuple(
        item if isinstance(item, Observation) else _observation(item, f"{path}[{number}]", way) for number, item in enumerate(value)
    )


def _observation(item: object, path: str, way: _Way) -> Observation:
    record = _mapping(item, path)
    for key in record:
        if key not in _OBSERVATION:
            raise _unknown_field(key, f"{path}.", _OBSERVATION)
    name, source = _text(record.get("fact"), f"{path}.fact", way), _text(record.get("source"), f"{path}.source", way)
    if name is None or source is None:
        raise FactError(f"{path}.{'source' if name else 'fact'}", "nothing", "the fact and its source")
    if not vocabulary.can_be_asked(way.words, name):
        raise FactError(f"{path}.fact", shown(name), "a fact that a source can observe", "Declare it in facts.declared.")
    value: Any = _declared(record.get("value"), f"{path}.value", way, name)
    if value is None:
        raise FactError(f"{path}.value", "nothing", "what the source says")
    return Observation(name, value, source, _instant(record.get("at"), f"{path}.at", way))


def _caps(value: object, path: str, way: _Way) -> Caps | None:
    return None if value is None else Caps(**_nested(Caps, value, path, way))


def _spans(value: object, path: str, way: _Way) -> tuple[Span, ...] | None:
    return _several(Span, value, path, way)


def _reps(value: object, path: str, way: _Way) -> tuple[Rep, ...] | None:
    return _several(Rep, value, path, way)


def _accounts(value: object, path: str, way: _Way) -> tuple[Account, ...] | None:
    return _several(Account, value, path, way)


def _several(cls: type[AnyFact], value: object, path: str, way: _Way) -> tuple[AnyFact, ...] | None:
    """A list of records of one kind, or of such facts themselves."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of tables", _if_nan(value))
    found: list[AnyFact] = []
    for number, item in enumerate(value):
        here = f"{path}[{number}]"
        try:
            found.append(item if isinstance(item, cls) else cls(**_nested(cls, item, here, way)))
        except FactError as error:
            name = f"{cls.__name__.lower()}."
            raise (
                _at(f"{here}.{error.problem.path.removeprefix(name)}", error) if error.problem.path.startswith(name) else error
            ) from None
    return tuple(found)


def _nested(cls: type, value: object, path: str, way: _Way) -> dict[str, Any]:
    readers, required = _NESTED[cls]
    try:
        return _fields(value, cls.__name__.lower(), readers, required, way)
    except FactError as error:
        raise _at(path + _dotted(error.problem.path), error) from None


_PAIR = 2

Reader: TypeAlias = Callable[[object, str, _Way], object]

_BY_KIND: Mapping[Kind, Reader] = {
    "text": _text,
    "texts": _texts,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "instant": _instant,
    "money": _money,
}

_LEAD: Mapping[str, Reader] = {
    **dict.fromkeys(
        (
            "id",
            "name",
            "email",
            "title",
            "department",
            "lead_type",
            "source",
            "source_touch_id",
            "self_reported",
            "product",
            "region",
            "contact_id",
        ),
        _text,
    ),
    "created_at": _instant,
    "country": _country,
    "zone": _zone,
    "candidate_zones": _zones,
    "activities": _activities,
    "suppressed": _texts,
    "observations": _observations,
}

_ACCOUNT: Mapping[str, Reader] = {
    **dict.fromkeys(
        ("id", "name", "domain", "parent_id", "industry", "growth_stage", "region", "owner", "named_rep", "csm", "open_opportunity_owner"),
        _text,
    ),
    "employees": _integer,
    "annual_revenue": _money,
    "technologies": _texts,
    "country": _country,
}

_FLAT_ACCOUNT: Mapping[str, str] = {
    "account_id": "id",
    "account_name": "name",
    **{name: name for name in _ACCOUNT if name not in {"id", "name", "country", "region"}},
}

_ACTIVITY: Mapping[str, Reader] = {
    **dict.fromkeys(("id", "content", "channel", "campaign", "contact_id"), _text),
    "kind": _kind,
    "at": _instant,
    "recorded_at": _instant,
    "utm": _utm,
    "marketing": _boolean,
    "sequence": _integer,
}

_OUTREACH: Mapping[str, Reader] = {
    **dict.fromkeys(("id", "lead_id", "rep", "channel", "outcome", "step"), _text),
    "at": _instant,
    "recorded_at": _instant,
    "human": _boolean,
}

_CONTACT: Mapping[str, Reader] = {
    **dict.fromkeys(("id", "account_id"), _text),
    "emails": _names,
    "created_at": _instant,
    "roles": _texts,
}

_OPPORTUNITY: Mapping[str, Reader] = {
    **dict.fromkeys(("id", "account_id", "owner", "stage"), _text),
    **dict.fromkeys(("opened_at", "closed_at"), _instant),
    "lead_ids": _names,
    "contact_roles": _roles,
    "amount": _money,
    "close_date": _date,
    "won": _boolean,
}

_CAPS: Mapping[str, Reader] = dict.fromkeys(("per_day", "per_week", "open"), _integer)
_SPAN: Mapping[str, Reader] = dict.fromkeys(("since", "until"), _instant)

_REP: Mapping[str, Reader] = {
    **dict.fromkeys(("id", "role", "seniority", "calendar", "delegate", "backup", "manager"), _text),
    "territories": _texts,
    "products": _texts,
    "share": _integer,
    "zone": _zone,
    "caps": _caps,
    "away": _spans,
    "active": _boolean,
}

_NESTED: Mapping[type, tuple[Mapping[str, Reader], tuple[str, ...]]] = {
    Account: (_ACCOUNT, ("id",)),
    Caps: (_CAPS, ()),
    Rep: (_REP, ("id", "role")),
    Span: (_SPAN, ("since", "until")),
}

_ROSTER: Mapping[str, Reader] = {"reps": _reps, "territories": _texts, "parents": _accounts, "overflow_owner": _text}

_OBSERVATION = ("fact", "value", "source", "at")
_AMOUNT = ("amount", "currency", "minor")


def _declared(value: object, path: str, way: _Way, name: str) -> object:
    """A value read by the kind of its fact, and held to the choice that the policy closes."""
    word = way.words.word(name)
    read = _country(value, path, way) if name == "country" else _BY_KIND[word.kind](value, path, way)
    if word.values and read is not None:
        several = read if isinstance(read, frozenset) else frozenset({str(read)})
        for item in sorted(several - word.values - way.words.unknown_values(name)):
            close = nearest(item, word.values)
            raise FactError(path, shown(item), one_of(word.values), f'Did you mean "{close}"?' if close else "")
    return read


def _extras(value: object, path: str, way: _Way, declared: frozenset[str], given: Container[str]) -> dict[str, object]:
    if value is None:
        return {}
    table = _mapping(value, path)
    for key in table:
        if key not in declared:
            raise _unknown_field(key, f"{path}.", declared)
        if key in given:
            raise FactError(f"{path}.{key}", "a fact that stands in the record too", "each fact once")
    return {key: _declared(item, f"{path}.{key}", way, key) for key, item in table.items()}


def _table_of_account(value: object) -> Record:
    if value is None:
        return {}
    return attrs.asdict(value, recurse=False) if isinstance(value, Account) else _mapping(value, "account")


def _mapping(value: object, path: str) -> Record:
    if type(value) is dict or isinstance(value, Mapping):
        return value
    raise FactError(path, shown(value), "a table of facts")


def _id_of(record: Record) -> str | None:
    """What a record that may be refused calls itself, if that is short enough to show."""
    given = record.get("id")
    return given if isinstance(given, str) else str(given) if isinstance(given, int) and given.bit_length() <= _MOST_BITS else None


def _renamed(record: Record, columns: Mapping[str, str] | None) -> Record:
    """The record under the names of facts; columns that nobody named are left alone."""
    if columns is None:
        return record
    for column in columns:
        if column not in record:
            there = [str(name) for name in record]
            close = nearest(column, there)
            raise FactError(column, "no such column", one_of(there), f'Did you mean "{close}"?' if close else "")
    return {fact: record[column] for column, fact in columns.items()}


def _readable(way: _Way) -> list[str]:
    """The names under which a record may say something."""
    return [*_LEAD, *_FLAT_ACCOUNT, *way.words.lead_extras, *way.words.account_extras, "account", "extra"]


def _unknown_field(key: object, place: str, known: Iterable[str], otherwise: str = "Declare it in facts.declared.") -> FactError:
    names = set(known)
    close = nearest(str(key), names)
    hint = f'Did you mean "{close}"?' if close else otherwise
    return FactError(f"{place}{str(key)[:_LONGEST_KEY]}", f"a field called {shown(key)}", one_of(names), hint)


def _dotted(path: str) -> str:
    return f".{path}" if path and not path.startswith("[") else path


def _at(path: str, error: FactError) -> FactError:
    """The same error, at a place of the record."""
    return FactError(path, error.problem.saw, error.problem.expected, error.problem.hint)
