"""What did they hand us, and what was wrong with it?

Leads come in as plain mappings: from JSON, from the rows of a CSV file, from webhooks. Here each fact has one way to be read:
white space at the ends goes, text is brought to Unicode's composed form (NFC), a blank answer is unknown, country codes are
written large, numbers may be written as text in a file of text. Nothing is guessed: what cannot be read is refused with the
record, the field, the value and what would do. In a batch one bad record never loses the others.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import attrs
from attrs import frozen

from inbound_engine import vocabulary
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import Account, Activity, Extra, Lead, Observation
from inbound_engine.money import Money
from inbound_engine.spans import instant, parse_instant, zone
from inbound_engine.vocabulary import FactsDocument, Kind, Vocabulary

__all__ = ["Batch", "Refused", "activity", "lead", "leads"]

Record: TypeAlias = Mapping[str, object]

_LONGEST_NUMBER = 40
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
    (['DE'], 'lead.country')
    """
    known = words or vocabulary.compile(FactsDocument())
    good: list[Lead] = []
    bad: list[Refused] = []
    seen: set[str] = set()
    for number, record in enumerate(records):
        name = None
        try:
            renamed = _renamed(record, columns)
            given = renamed.get("id")
            name = given if isinstance(given, str) else None if given is None else str(given)
            found = lead(renamed, known)
            if found.id in seen:
                raise FactError("id", shown(found.id), "an id that no earlier record has", "Merge the records.")
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
    known = words or vocabulary.compile(FactsDocument())
    _refuse_other(record, "lead")
    own: dict[str, object] = {}
    account: dict[str, object] = {}
    lead_extra: dict[str, object] = {}
    account_extra: dict[str, object] = {}
    for key, value in record.items():
        if key in {"account", "extra"}:
            continue
        if key in _LEAD:
            own[key] = _LEAD[key](value, key, known)
        elif key in _FLAT_ACCOUNT:
            account[_FLAT_ACCOUNT[key]] = _ACCOUNT[_FLAT_ACCOUNT[key]](value, key, known)
        elif key in known.lead_extras:
            lead_extra[key] = _declared(value, key, known)
        elif key in known.account_extras:
            account_extra[key] = _declared(value, key, known)
        else:
            raise _unknown_field(key, [*_LEAD, *_FLAT_ACCOUNT, *known.lead_extras, *known.account_extras, "account", "extra"])
    lead_extra |= _table(record.get("extra"), "extra", known, known.lead_extras)
    if (nested := record.get("account")) is not None:
        account |= _account_fields(nested, known)
        account_extra |= _table(nested.get("extra") if isinstance(nested, Mapping) else None, "account.extra", known, known.account_extras)
    if any(value is not None for value in (*account.values(), *account_extra.values())):
        own["account"] = Account(
            **{"id": "-", **{key: value for key, value in account.items() if value is not None}, "extra": Extra.of(account_extra)}
        )  # type: ignore[arg-type]
    if own.get("id") is None:
        raise FactError("id", shown(record.get("id")), "the id of the lead")
    return Lead(**{key: value for key, value in own.items() if value is not None}, extra=Extra.of(lead_extra))  # type: ignore[arg-type]


def activity(record: Record, words: Vocabulary | None = None, path: str = "activity") -> Activity:
    """The activity that a record says; `FactError` names the field, the value and what would do.

    >>> activity({"id": "a", "kind": "page_view", "at": "2026-03-02T10:00:00+01:00", "content": "pricing"}).at.hour
    9
    """
    known = words or vocabulary.compile(FactsDocument())
    _refuse_other(record, path)
    read: dict[str, object] = {}
    for key, value in record.items():
        if key not in _ACTIVITY:
            raise _unknown_field(f"{path}.{key}", _ACTIVITY)
        read[key] = _ACTIVITY[key](value, f"{path}.{key}", known)
    for name in ("id", "kind", "at"):
        if read.get(name) is None:
            raise FactError(f"{path}.{name}", "nothing", f"the {name} of the activity")
    return Activity(**{key: value for key, value in read.items() if value is not None})  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------------- one way a kind


def _text(value: object, path: str, _words: Vocabulary) -> str | None:
    """Text without white space at its ends, composed; whole numbers are written out; blank is unknown."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        raise FactError(path, shown(value), "text")
    if value.isascii():
        return value.strip() or None
    return unicodedata.normalize("NFC", value).strip() or None


def _integer(value: object, path: str, words: Vocabulary) -> int | None:
    """A whole number, or text that says one; 3.0 from a file of floats is whole too."""
    number = _decimal(value, path, words)
    if number is None or isinstance(number, int):
        return number
    if number == number.to_integral_value():
        return int(number)
    raise FactError(path, shown(value), "a whole number")


def _decimal(value: object, path: str, words: Vocabulary) -> Decimal | int | None:
    """An exact number, or text that says one; a float is what it prints as."""
    if isinstance(value, bool):
        raise FactError(path, shown(value), "a number")
    if value is None or isinstance(value, int):
        return value
    text = repr(value) if isinstance(value, float) else str(value) if isinstance(value, Decimal) else _text(value, path, words)
    if text is None:
        return None
    try:
        number = Decimal(text) if len(text) <= _LONGEST_NUMBER and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise FactError(path, shown(value), "a number", 'Write it like "2.5", without separators of thousands.')
    return number


def _boolean(value: object, path: str, words: Vocabulary) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = _text(value, path, words)
    if text is None:
        return None
    if text.casefold() in _YES_NO:
        return _YES_NO[text.casefold()]
    raise FactError(path, shown(value), "true or false")


def _instant(value: object, path: str, words: Vocabulary) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return None if value is None else instant(value, path)
    text = _text(value, path, words)
    return None if text is None else parse_instant(text, path)


def _texts(value: object, path: str, words: Vocabulary) -> frozenset[str] | None:
    """A list of texts, or one text with parts between semicolons or commas; an empty list is known to be none."""
    if value is None:
        return None
    parts = value.replace(";", ",").split(",") if isinstance(value, str) else value
    if isinstance(value, str) and not value.strip():
        return None
    if not isinstance(parts, list | tuple | set | frozenset):
        raise FactError(path, shown(value), "a list of texts")
    return frozenset(text for part in parts if (text := _text(part, path, words)) is not None)


def _money(value: object, path: str, words: Vocabulary) -> Money | None:
    """An amount as {"amount": "95000.00", "currency": "EUR"}, in minor units with "minor", or as text "EUR 95000.00"."""
    if value is None or isinstance(value, Money):
        return value
    if isinstance(value, Mapping):
        currency = str(value.get("currency"))
        try:
            if "minor" in value:
                return Money(value["minor"], currency)
            return Money.of(value.get("amount", ""), currency)
        except FactError as error:
            raise FactError(path, error.problem.saw, error.problem.expected, error.problem.hint) from None
    text = _text(value, path, words) if isinstance(value, str) else ""
    if text is None:
        return None
    currency, _, amount = text.partition(" ")
    try:
        return Money.of(amount, currency)
    except FactError:
        raise FactError(path, shown(value), 'an amount such as "EUR 95000.00"') from None


def _country(value: object, path: str, words: Vocabulary) -> str | None:
    text = _text(value, path, words)
    return None if text is None else _ALIASES.get(text.upper(), text.upper() if len(text) == len("DE") else text)


def _kind(value: object, path: str, words: Vocabulary) -> str | None:
    text = _text(value, path, words)
    if text is None or text in words.activity_kinds:
        return text
    close = nearest(text, words.activity_kinds)
    raise FactError(
        path, shown(text), one_of(words.activity_kinds), f'Did you mean "{close}"?' if close else "Declare it in facts.activity_kinds."
    )


def _zone(value: object, path: str, words: Vocabulary) -> object:
    text = value if value is None or not isinstance(value, str) else _text(value, path, words)
    return None if text is None else zone(text, path)


def _zones(value: object, path: str, words: Vocabulary) -> object:
    return None if value is None else tuple(zone(name, path) for name in (value if isinstance(value, list | tuple) else (value,)))


def _utm(value: object, path: str, words: Vocabulary) -> Extra | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise FactError(path, shown(value), "a table of utm parameters")
    return Extra.of({str(key): _text(item, f"{path}.{key}", words) for key, item in value.items()}, path)


def _activities(value: object, path: str, words: Vocabulary) -> tuple[Activity, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of activities")
    return tuple(item if isinstance(item, Activity) else activity(item, words, f"{path}[{number}]") for number, item in enumerate(value))


def _observations(value: object, path: str, words: Vocabulary) -> tuple[Observation, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of observations")
    return tuple(_observation(item, f"{path}[{number}]", words) for number, item in enumerate(value))


def _observation(record: object, path: str, words: Vocabulary) -> Observation:
    if isinstance(record, Observation):
        return record
    if not isinstance(record, Mapping):
        raise FactError(path, shown(record), "a table with fact, value and source")
    for key in record:
        if key not in {"fact", "value", "source", "at"}:
            raise _unknown_field(f"{path}.{key}", ["fact", "value", "source", "at"])
    name, source = _text(record.get("fact"), f"{path}.fact", words), _text(record.get("source"), f"{path}.source", words)
    if name is None or source is None:
        raise FactError(f"{path}.{'source' if name else 'fact'}", "nothing", "the fact and its source")
    value = _declared(record.get("value"), f"{path}.value", words, name)
    if value is None:
        raise FactError(f"{path}.value", "nothing", "what the source says")
    return Observation(name, value, source, _instant(record.get("at"), f"{path}.at", words))  # type: ignore[arg-type]


Reader: TypeAlias = Callable[[object, str, Vocabulary], object]

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


def _declared(value: object, path: str, words: Vocabulary, name: str | None = None) -> object:
    """A value read by the kind of its fact, and held to the choice that the policy closes."""
    name = name or path.rpartition(".")[2]
    if name not in words:
        raise _unknown_field(path, [*words.words])
    word = words.word(name)
    read = _country(value, path, words) if name == "country" else _BY_KIND[word.kind](value, path, words)
    several = read if isinstance(read, frozenset) else frozenset() if read is None else frozenset({read})
    for item in sorted(map(str, several - word.values)) if word.values else ():
        if item not in words.unknown_values(name):
            close = nearest(item, word.values)
            raise FactError(path, shown(item), one_of(word.values), f'Did you mean "{close}"?' if close else "")
    return read


def _table(value: object, path: str, words: Vocabulary, declared: frozenset[str]) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise FactError(path, shown(value), "a table of facts")
    for key in value:
        if key not in declared:
            raise _unknown_field(f"{path}.{key}", declared)
    return {str(key): _declared(item, f"{path}.{key}", words) for key, item in value.items()}


def _account_fields(nested: object, words: Vocabulary) -> dict[str, object]:
    if isinstance(nested, Account):
        return {field.name: getattr(nested, field.name) for field in attrs.fields(Account) if field.name != "extra"}
    if not isinstance(nested, Mapping):
        raise FactError("account", shown(nested), "a table of facts of the account")
    for key in nested:
        if key not in _ACCOUNT and key != "extra":
            raise _unknown_field(f"account.{key}", [*_ACCOUNT, "extra"])
    return {key: _ACCOUNT[key](value, f"account.{key}", words) for key, value in nested.items() if key != "extra"}


def _refuse_other(record: object, path: str) -> None:
    if not isinstance(record, Mapping):
        raise FactError(path, shown(record), "a table of facts")


def _renamed(record: Record, columns: Mapping[str, str] | None) -> Record:
    """The record under the names of facts; columns that nobody named are left alone."""
    if columns is None:
        return record
    _refuse_other(record, "record")
    for column in columns:
        if column not in record:
            close = nearest(column, map(str, record))
            raise FactError(column, "no such column", one_of(map(str, record)), f'Did you mean "{close}"?' if close else "")
    return {fact: record[column] for column, fact in columns.items()}


def _unknown_field(path: str, known: Iterable[str]) -> FactError:
    names = sorted(set(known))
    close = nearest(path.rpartition(".")[2], names)
    return FactError(
        path,
        f"a field called {shown(path.rpartition('.')[2])}",
        one_of(names),
        f'Did you mean "{close}"?' if close else "Declare it in facts.declared.",
    )
