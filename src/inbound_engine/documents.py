"""How is a policy written down?

As documents: frozen, strict pydantic models that refuse unknown keys. Plain data goes in (from JSON, from TOML, from
Python) and comes out again unchanged. A document that cannot mean anything is refused with every problem at once, each
with the path to it; a path names rows by their id, as `scoring.criteria[company_size].grader`, and the same paths are
used to say what differs between two documents and to change one.

Numbers are whole numbers, or exact text ("33.3", "100/3"); a float is refused, since 33.3 is not 33.3 in binary. Text
from an untrusted editor cannot hang or exhaust anything: size and depth are bounded before anything is read.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NoReturn, TypeAlias, TypeVar, get_args

from attrs import frozen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    Strict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.spans import instant, parse_instant

__all__ = [
    "Change",
    "Day",
    "Document",
    "Exact",
    "Id",
    "Instant",
    "Label",
    "PlainTable",
    "Rows",
    "UniqueRows",
    "changed",
    "contents",
    "differences",
    "exact_text",
    "fingerprint",
    "json_schema",
    "parse_exact",
    "refuse",
    "refuse_beyond_bounds",
    "twice",
]

T = TypeVar("T")
AnyDocument = TypeVar("AnyDocument", bound="Document")

_DEEPEST = 40  # levels of nesting; the shipped policy has 9
_LARGEST = 50_000  # values in all; the shipped policy has about 7,000
_LONGEST_TEXT = 4_000_000  # characters of JSON text
_LONGEST_STRING = 10_000
_LONGEST_INTEGER = 256  # bits; a much longer one cannot be written out
_ROW_NAMES = ("id", "criterion", "fact", "score")  # what a row is called by, the first that it has
_LONGEST_KEY = 80
_NAME = re.compile(r"[A-Za-z0-9_]+([.:-][A-Za-z0-9_]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = 18
_EXACT = re.compile(rf"[+-]?[0-9]{{1,{_DIGITS}}}(\.[0-9]{{1,12}}|/[0-9]{{1,{_DIGITS}}})?")


def contents(document: "Document") -> dict[str, Any]:
    """A document's fields and their values, as they are."""
    return {name: getattr(document, name) for name in type(document).model_fields}


if TYPE_CHECKING:
    _Refusing = BaseModel
else:

    class _Called(type(BaseModel)):
        """Lets `SomeDocument(...)` refuse in the same words as `SomeDocument.model_validate(...)`."""

        def __call__(cls, **fields: object) -> object:
            return cls.model_validate(fields)

    class _Refusing(BaseModel, metaclass=_Called):
        pass


class Document(_Refusing):
    """What every document is: frozen, strict, closed to unknown keys, and refused with all its problems at once."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,  # a part is made ready when it is first asked for: importing stays cheap
        revalidate_instances="always",  # so that a part built alone is checked against the whole that takes it in
    )

    @classmethod
    def model_validate(cls: type[AnyDocument], obj: object, **options: Any) -> AnyDocument:  # noqa: ANN401 - pydantic's own
        """The document that plain data (or a document) says; `PolicyError` with every problem otherwise."""
        refuse_beyond_bounds(obj)
        return cls.within_bounds(obj, **options)

    @classmethod
    def within_bounds(cls: type[AnyDocument], obj: object, **options: Any) -> AnyDocument:  # noqa: ANN401 - pydantic's own
        """The same, for data that is known not to be too deep or too large."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise PolicyError(_problems(cls, obj, error)) from None

    @classmethod
    def model_validate_json(cls: type[AnyDocument], json_data: str | bytes | bytearray, **options: Any) -> AnyDocument:  # noqa: ANN401
        """The document that JSON text says, exactly as `model_validate(json.loads(text))` would."""
        return cls.model_validate(_loaded(json_data), **options)

    def model_copy(self: AnyDocument, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> AnyDocument:
        """A copy, checked again: an update that makes no sense is refused, unlike in plain pydantic."""
        del deep  # nothing in a document can change, so a shallow copy is a deep one
        return type(self).model_validate({**contents(self), **(update or {})})


def _rows(value: object) -> object:
    """TOML and JSON give lists; a set has no order and text is not a list of letters."""
    if isinstance(value, list | tuple):
        return tuple(value)
    raise _problem(shown(value), "a list")


Rows: TypeAlias = Annotated[tuple[T, ...], Strict(strict=False), BeforeValidator(_rows)]
"""A list in plain data, a tuple in the document; its cells stay strict."""


def _each_once(rows: tuple[T, ...]) -> tuple[T, ...]:
    refuse(twice(_row_name(row) or str(place) for place, row in enumerate(rows)))
    return rows


UniqueRows: TypeAlias = Annotated[tuple[T, ...], Strict(strict=False), BeforeValidator(_rows), AfterValidator(_each_once)]
"""Rows whose names differ: ids, or the one thing that each is about."""

Id: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_KEY, pattern=f"^{_NAME.pattern}$")]
"""A name that reasons quote: letters, digits and underscores, parts joined by a dot, a colon or a hyphen."""

Label: TypeAlias = Annotated[str, StringConstraints(max_length=400)]
"""Words for people."""


def parse_exact(value: object) -> Fraction:
    """The exact number that an integer, a fraction or text such as "33.3" or "100/3" says; `ValueError` otherwise.

    >>> parse_exact("33.3"), parse_exact(25), parse_exact("100/3")
    (Fraction(333, 10), Fraction(25, 1), Fraction(100, 3))
    """
    if isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool)):
        return Fraction(value)
    if isinstance(value, str) and _EXACT.fullmatch(value) and not re.search(r"/0+$", value):
        return Fraction(value)
    message = "no exact number"
    raise ValueError(message)


def exact_text(value: Fraction) -> int | str:
    """The plain form of an exact number: an integer, a decimal where it ends within 12 places, else a fraction.

    >>> exact_text(Fraction(25)), exact_text(Fraction(333, 10)), exact_text(Fraction(100, 3))
    (25, '33.3', '100/3')
    """
    if value.denominator == 1:
        return value.numerator
    for places in range(1, 13):
        if 10**places % value.denominator == 0:
            scaled = abs(value.numerator) * (10**places // value.denominator)
            return f"{'-' if value < 0 else ''}{scaled // 10**places}.{scaled % 10**places:0{places}d}"
    return str(value)


def _exact(value: object) -> Fraction:
    try:
        number = parse_exact(value)
    except ValueError:
        hint = f'Write it as text: "{value!r}".' if isinstance(value, float) else ""
        raise _problem(shown(value), 'a whole number or exact text such as "33.3" or "100/3"', hint) from None
    if abs(number) > _MOST or number.denominator > _MOST or abs(number.numerator) >= 10**_DIGITS:
        raise _problem(shown(value), f"a number of at most {_MOST} that {_DIGITS} digits can write")
    return number


_MOST = 10**15  # with grades and weights multiplied in, sums stay inside the 2**53 that every engine counts exactly


Exact: TypeAlias = Annotated[
    Fraction,
    PlainValidator(_exact),
    PlainSerializer(exact_text, return_type=int | str),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": f"^{_EXACT.pattern}$"}]}),
]
"""An exact number: a whole number, or decimal or fraction text; never a float."""


def _aware(value: object) -> datetime:
    try:
        return parse_instant(value) if isinstance(value, str) else instant(value)
    except FactError as error:
        raise _problem(error.problem.saw, error.problem.expected, error.problem.hint) from None


Instant: TypeAlias = Annotated[
    datetime,
    PlainValidator(_aware),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware instant, kept in UTC; written as ISO 8601 text with its offset."""


def _local_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else _no_date(value)
    except ValueError:
        return _no_date(value)


def _no_date(value: object) -> NoReturn:
    raise _problem(shown(value), "a date", 'Write it like "2026-12-24".')


Day: TypeAlias = Annotated[
    date, PlainValidator(_local_date), PlainSerializer(plain, return_type=str), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date on somebody's wall calendar; written as ISO 8601 text."""


class _Text(str):
    """The canonical text of a plain table, told apart from text that somebody wrote."""

    __slots__ = ()


def _table(value: object) -> str:
    if isinstance(value, _Text):
        return value
    if not isinstance(value, Mapping):
        raise _problem(shown(value), "a table")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # half a character can be told to nobody
        return _Text(_canonical(value))
    except (TypeError, ValueError):
        raise _problem(shown(value), "a table of plain data", "Instants and decimals are written as text.") from None


PlainTable: TypeAlias = Annotated[
    str, PlainValidator(_table), PlainSerializer(json.loads, return_type=dict[str, Any]), WithJsonSchema({"type": "object"})
]
"""Plain data of any shape, such as the record of a lead; kept as its canonical JSON text, so that it cannot change."""


# --------------------------------------------------------------------------------------------------- checks of documents


def refuse(problems: Iterable[Problem]) -> None:
    """Refuses the document under validation for all the problems at once; their paths are relative to it.

    Called at the end of a document's own check; does nothing when there are none.
    """
    lines = [
        InitErrorDetails(
            type=_problem(p.saw, p.expected, p.hint),
            loc=(_encodable(p.path),) if p.path else (),
            input=None,
        )
        for p in problems
    ]
    if lines:
        raise ValidationError.from_exception_data("document", lines)


def twice(names: Iterable[str]) -> Iterator[Problem]:
    """A problem for each name that stands more than once among rows.

    >>> [str(problem) for problem in twice(["a", "b", "a"])]
    ["[a]: saw 'a' twice, expected ids that differ. Rename one of them."]
    """
    seen: set[str] = set()
    told: set[str] = set()
    for name in names:
        if name in seen and name not in told:
            told.add(name)
            yield Problem(f"[{name}]", f"{shown(name)} twice", "ids that differ", "Rename one of them.")
        seen.add(name)


def _problem(saw: str, expected: str, hint: str = "") -> PydanticCustomError:
    context = {"saw": _encodable(saw), "expected": _encodable(expected), "hint": _encodable(hint)}
    return PydanticCustomError("problem", "{expected}", context)


def _encodable(text: str) -> str:
    """The text with halves of surrogate pairs escaped: pydantic writes its errors in UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


# --------------------------------------------------------------------------------------------------- reading plain data


def _loaded(text: str | bytes | bytearray) -> object:
    """What JSON text says; keys that stand twice are refused, where `json.loads` would lose the first."""
    if len(text) > _LONGEST_TEXT:
        raise PolicyError([Problem("", f"{len(text)} characters of JSON", f"at most {_LONGEST_TEXT}", "Split the document.")])
    repeated: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            repeated.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return table

    try:
        data: object = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        raise PolicyError([Problem("", "text that is not JSON", "a JSON document", f"{str(error)[:200]}.")]) from None
    except RecursionError:
        raise PolicyError([_TOO_DEEP]) from None
    if repeated:
        saw, hint = "the same key twice in one table", "Remove one."
        raise PolicyError(Problem(_printable(key), saw, "keys that differ", hint) for key in dict.fromkeys(repeated))
    return data


_TOO_DEEP = Problem("", f"more than {_DEEPEST} levels", f"at most {_DEEPEST} levels of nesting", "Flatten it.")


def refuse_beyond_bounds(data: object) -> None:
    """Walks plain data without recursion, level by level, and refuses what is too deep or too large to be a policy."""
    level: list[Any] = [data]
    count = depth = 0
    while level:
        if depth > _DEEPEST:
            raise PolicyError([_TOO_DEEP])
        count += len(level)
        inner: list[Any] = []
        for value in level:
            kind = value.__class__
            if kind is str or isinstance(value, str):
                if len(value) > _LONGEST_STRING:
                    raise PolicyError([Problem("", f"text of {len(value)} characters", f"at most {_LONGEST_STRING}", "Shorten it.")])
            elif kind is dict or kind is list or kind is tuple:
                _refuse_many(count + len(inner) + len(value))
                inner += value.values() if kind is dict else value
                inner += value if kind is dict else ()
            elif isinstance(value, int):
                if value.bit_length() > _LONGEST_INTEGER:
                    hint = "No number of a policy is as large."
                    raise PolicyError([Problem("", shown(value), f"at most {_LONGEST_INTEGER} bits", hint)])
            else:
                inner += _inside(value)
                _refuse_many(count + len(inner))
        level, depth = inner, depth + 1


def _refuse_many(count: int) -> None:
    if count > _LARGEST:
        raise PolicyError([Problem("", f"more than {_LARGEST} values", f"at most {_LARGEST} values", "Split the document.")])


def _inside(value: object) -> Iterable[object]:
    """What is inside a value that is no plain one."""
    match value:
        case Document():
            return contents(value).values()
        case Mapping():
            return (item for pair in value.items() for item in pair)
        case list() | tuple() | set() | frozenset():
            return value
        case _:
            return ()


_EXPECTED: Mapping[str, str] = {
    "missing": "a value for this key",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_unicode": "text in Unicode",
    "invalid_key": "text as the key",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "literal_error": "one of {expected}",
    "union_tag_invalid": "{discriminator} to be one of {expected_tags}",
    "union_tag_not_found": "a table that says its {discriminator}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "letters, digits and underscores, parts joined by a dot, a colon or a hyphen",
    "too_short": "at least {min_length} row(s)",
    "too_long": "at most {max_length} rows",
}


def _problems(cls: type[Document], data: object, error: ValidationError) -> Iterator[Problem]:
    """Pydantic's findings in our words."""
    errors = error.errors(include_url=False)
    for found in errors:
        context = found.get("ctx", {})
        if found["type"] == "too_short" and any(
            other is not found and other["loc"][: len(found["loc"])] == found["loc"] for other in errors
        ):
            continue  # pydantic leaves refused rows out of its count
        path, parent = _located(cls, data, found["loc"])
        kind, saw, hint = found["type"], shown(found["input"]), ""
        match kind:
            case "problem":
                yield Problem(path, context["saw"], context["expected"], context["hint"])
                continue
            case "extra_forbidden":
                known = sorted(parent.model_fields)
                close = nearest(str(found["loc"][-1]), known)
                saw, expected = f"the key {shown(found['loc'][-1])}", one_of(known)
                hint = f'Did you mean "{close}"?' if close else "Remove it."
                yield Problem(path, saw, expected, hint)
                continue
            case "missing":
                saw, hint = "nothing", f'Add "{found["loc"][-1]}".'
            case "model_type" | "model_attributes_type" | "union_tag_not_found" if isinstance(found["input"], Mapping):
                hint = "" if isinstance(found["input"], dict) else "Pass a dict: dict(...) makes one of any mapping."
            case "union_tag_invalid":
                saw = shown(context["tag"])
                close = nearest(str(context["tag"]), re.findall(r"'([^']+)'", context["expected_tags"]))
                hint = f'Did you mean "{close}"?' if close else ""
            case "literal_error" if isinstance(found["input"], str):
                close = nearest(found["input"], re.findall(r"'([^']+)'", context["expected"]))
                hint = f'Did you mean "{close}"?' if close else ""
            case _:
                pass
        yield Problem(path, saw, _EXPECTED[kind].format_map(context) if kind in _EXPECTED else found["msg"], hint)


def _located(cls: type[Document], data: object, loc: tuple[int | str, ...]) -> tuple[str, type[Document]]:
    """Where pydantic's location lies, as a path that names rows by their id, and the document that it lies in.

    Of a union, pydantic puts the tag that chose the document into its locations; it is no key of the data.
    """
    path, parent = "", cls
    models: tuple[type[Document], ...] = (cls,)
    for part in loc:
        if isinstance(part, int) and not isinstance(data, Mapping):
            items = list(data) if isinstance(data, list | tuple) else []
            data = items[part] if part < len(items) else None
            path += f"[{_row_name(data) or part}]"
        elif len(models) > 1 and (tagged := tuple(model for model in models if _is_tag(part, model))):
            models = tagged
        else:
            key, parent = str(part), models[0] if models else parent
            inner = parent.model_fields.get(key)
            models = () if inner is None else tuple(_documents_in(inner.annotation))
            shipped = None if inner is None else inner.get_default(call_default_factory=True, validated_data={})
            data = data.get(key, shipped) if isinstance(data, Mapping) else getattr(data, key, shipped)
            path += key if key.startswith("[") and key.isprintable() else f"{'.' if path else ''}{_printable(key)}"
    return path, parent


def _printable(key: str) -> str:
    """A key as a path may show it: on one line, and not longer than a line."""
    return key[:_LONGEST_KEY] if key.isprintable() else ascii(key[:_LONGEST_KEY])


def _row_name(row: object) -> str | None:
    """What a row is called in paths: its id, or the one thing that it is about; the parts of a condition have no name."""
    table: Mapping[str, object] = row if isinstance(row, Mapping) else contents(row) if isinstance(row, Document) else {}
    name = None if "op" in table else next((table[key] for key in _ROW_NAMES if key in table), None)
    return name if isinstance(name, str) and len(name) <= _LONGEST_KEY and _NAME.fullmatch(name) else None


def _is_tag(word: object, model: type[Document]) -> bool:
    """Whether the word tells that document apart from the others of its union."""
    return any(word in get_args(model.model_fields[key].annotation) for key in ("kind", "op") if key in model.model_fields)


def _documents_in(annotation: object) -> Iterator[type[Document]]:
    """The documents that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        yield annotation
    for inner in get_args(annotation):
        yield from _documents_in(inner)


# --------------------------------------------------------------------------------------------------- canonical form


def fingerprint(document: Document) -> str:
    """A stable hash of the canonical form: equal documents have equal fingerprints in every process and version.

    The form is JSON with sorted keys, exact numbers as `exact_text` writes them, defaults included; the hash is SHA-256
    in hexadecimal.
    """
    return hashlib.sha256(_canonical(document.model_dump(mode="json")).encode()).hexdigest()


def _canonical(data: object) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


class _Schema(GenerateJsonSchema):
    """Says which JSON Schema it is, which pydantic leaves out."""

    def generate(self, schema: Any, mode: Any = "validation") -> dict[str, Any]:  # noqa: ANN401 - pydantic's signature
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def json_schema(cls: type[Document]) -> dict[str, Plain]:
    """The JSON Schema (2020-12) of a document, for editors and form builders.

    What a schema cannot say (weights that add up to 100, names that exist) `model_validate` says.
    """
    return cls.model_json_schema(schema_generator=_Schema)


# --------------------------------------------------------------------------------------------------- differences


@frozen
class Change:
    """One difference between two documents: where, of which kind, and the plain values before and after.

    A row is followed by its id, not by its position: `kind` is "reordered" where only the order of the ids differs, and
    then before and after are the ids.
    """

    path: str
    kind: Literal["added", "removed", "changed", "reordered"]
    before: Plain
    after: Plain

    def __str__(self) -> str:
        """The change as one line.

        >>> print(Change("scoring.matrices[selection].scale", "changed", "100/3", "33.3"))
        scoring.matrices[selection].scale: changed from "100/3" to "33.3"
        """
        match self.kind:
            case "added":
                return f"{self.path}: added {_canonical(self.after)}"
            case "removed":
                return f"{self.path}: removed {_canonical(self.before)}"
            case _:
                return f"{self.path}: {self.kind} from {_canonical(self.before)} to {_canonical(self.after)}"


def differences(old: Document, new: Document) -> tuple[Change, ...]:
    """Every difference between two documents of one kind, in the order of their fields; equal documents have none."""
    return tuple(_differences("", old.model_dump(mode="json"), new.model_dump(mode="json")))


def _differences(path: str, old: Plain, new: Plain) -> Iterator[Change]:
    if old == new and _canonical(old) == _canonical(new):  # to Python alone, true equals 1
        return
    match old, new:
        case dict(), dict():
            yield from _differing_keys(old, new, lambda key: f"{path}.{key}" if path else key)
        case list(), list() if _named(old) and _named(new):
            before, after = ({_row_name(row) or "": row for row in rows} for rows in (old, new))
            kept_before, kept_after = [key for key in before if key in after], [key for key in after if key in before]
            yield from _differing_keys(before, after, lambda key: f"{path}[{key}]")
            if kept_before != kept_after:
                yield Change(path, "reordered", [*kept_before], [*kept_after])
        case _:
            yield Change(path, "changed", old, new)


def _differing_keys(old: Mapping[str, Plain], new: Mapping[str, Plain], where: Callable[[str], str]) -> Iterator[Change]:
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield Change(where(key), "removed", old[key], None)
        elif key not in old:
            yield Change(where(key), "added", None, new[key])
        else:
            yield from _differences(where(key), old[key], new[key])


def _named(rows: list[Plain]) -> bool:
    """Whether every row has a name of its own."""
    names = [_row_name(row) for row in rows]
    return None not in names and len(set(names)) == len(names)


def changed(document: AnyDocument, changes: Mapping[str, object]) -> AnyDocument:
    """The document with other values at some paths, checked again as a whole.

    Paths are those of problems and differences; None in the place of a row removes the row. A path that does not exist is a
    `PolicyError`, as is a result that makes no sense; nothing is half-applied.

    >>> from inbound_engine.policy import Policy
    >>> changed(Policy(), {"scoring.matrices[selection].scale": "33.3"}).scoring.matrices[0].scale
    Fraction(333, 10)
    """
    data = document.model_dump(mode="json")
    removed: list[tuple[int, list[object]]] = []
    problems = [problem for path, value in changes.items() for problem in _put(data, path, value, removed)]
    if problems:
        raise PolicyError(problems)
    for place, rows in sorted(removed, key=lambda one: -one[0]):  # from the last on, so that numbers stay what they were
        del rows[place]
    return type(document).model_validate(data)


def _put(data: Any, path: object, value: object, removed: list[tuple[int, list[object]]]) -> Iterator[Problem]:  # noqa: ANN401
    """Puts the value there, notes a row that is to go, or says why there is no such place."""
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        yield Problem(_printable(str(path)), "no path", "keys joined by dots, rows in brackets", 'Write it like "tiers.rows[T1].label".')
        return
    *steps, last = _STEP.findall(path)
    for row, key in steps:
        place = _place(data, row, key)
        if place is None:
            yield _nowhere(path, data, row or key)
            return
        data = data[place]
    place = _place(data, *last)
    if place is None:
        yield _nowhere(path, data, last[0] or last[1])
    elif value is None and isinstance(place, int):
        removed.append((place, data))
    else:
        data[place] = value


_LONG_NUMBER = 10  # digits; no list has that many rows
_STEP = re.compile(r"\[([^\[\]]+)\]|\.?([^.\[\]]+)")
_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[^\[\]]+\])*")


def _place(data: object, row: str, key: str) -> int | str | None:
    """The index that the row of that name (or number) has in a list, or the key in a table; None where there is none."""
    if key:
        return key if isinstance(data, dict) and key in data else None
    if not isinstance(data, list):
        return None
    named = next((index for index, item in enumerate(data) if _row_name(item) == row), None)
    return int(row) if named is None and row.isdecimal() and len(row) < _LONG_NUMBER and int(row) < len(data) else named


def _nowhere(path: str, here: object, name: str) -> Problem:
    known: list[str] = []
    if isinstance(here, dict):
        known = [*here]
    elif isinstance(here, list):
        known = [_row_name(row) or str(place) for place, row in enumerate(here)]
    close = nearest(name, known)
    return Problem(path, f"no {shown(name)} there", one_of(known), f'Did you mean "{close}"?' if close else "")
