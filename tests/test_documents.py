"""How documents are written, read, refused, compared and changed."""

import copy
import inspect
import json
import math
import pickle
import tomllib
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from os import environ
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from inbound_engine.decisions import Plain
from inbound_engine.documents import (
    Change,
    Document,
    Exact,
    Id,
    Instant,
    Label,
    PlainTable,
    Rows,
    UniqueRows,
    changed,
    contents,
    differences,
    exact_text,
    fingerprint,
    json_schema,
    parse_exact,
    refuse,
    twice,
)
from inbound_engine.errors import PolicyError, Problem
from inbound_engine.policy import Policy


class Dog(Document):
    kind: Literal["dog"]
    id: Id
    tricks: Rows[Label] = ()


class Cat(Document):
    kind: Literal["cat"]
    id: Id
    lives: int = Field(default=9, ge=1, le=9)


class Nest(Document):
    id: Id
    inner: Rows["Nest"] = ()


class House(Document):
    """A document with one of everything."""

    name: Label = "Ours"
    open: bool = True
    weight: Exact = Fraction(1, 3)
    since: Instant | None = None
    colours: Rows[Literal["red", "blue"]] = Field(default=(), max_length=2)
    pets: UniqueRows[Annotated[Dog | Cat, Field(discriminator="kind")]] = ()
    guard: Dog | None = None
    notes: PlainTable = Field(default_factory=dict)  # type: ignore[assignment]  # read like any plain data
    nests: Rows[Nest] = ()

    @model_validator(mode="after")
    def _checked(self) -> "House":
        if self.name == "Nobody's":
            refuse([Problem("name", "nobody", "somebody"), Problem("pets[rex].tricks", "none", "one", "Teach it.")])
        refuse([])
        return self


SHIPPED = Policy()
HOUSE = "one of colours, guard, name, nests, notes, open, pets, since, weight"


def _problems(make: Callable[[], object]) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        make()
    return [str(problem) for problem in refused.value.problems]


# ---------------------------------------------------------------------------------------------------------------- reading


WRITTEN: dict[str, Any] = {
    "name": "Hers",
    "open": False,
    "weight": "33.3",
    "since": "2026-03-02T09:00:00Z",
    "colours": ["red"],
    "pets": [{"kind": "dog", "id": "rex", "tricks": ["sit"]}, {"kind": "cat", "id": "tom", "lives": 7}],
    "guard": {"kind": "dog", "id": "rex"},
    "notes": {"b": [1, {"c": None}], "a": "x"},
    "nests": [{"id": "a", "inner": [{"id": "b"}]}],
}
TOML = """
name = "Hers"
open = false
weight = "33.3"
since = 2026-03-02T10:00:00+01:00
colours = ["red"]
pets = [{ kind = "dog", id = "rex", tricks = ["sit"] }, { kind = "cat", id = "tom", lives = 7 }]
guard = { kind = "dog", id = "rex" }
nests = [{ id = "a", inner = [{ id = "b" }] }]
"""


def test_a_document_says_the_same_from_json_from_toml_and_from_python() -> None:
    read = House.model_validate(WRITTEN)
    assert read == House.model_validate_json(json.dumps(WRITTEN))
    assert read == House.model_validate_json(json.dumps(WRITTEN).encode())
    assert read == House.model_validate_json(bytearray(json.dumps(WRITTEN).encode("utf-16")))
    assert read == House.model_validate(OrderedDict(WRITTEN))
    assert read == House.model_validate(read)
    assert changed(read, {"notes": {}}) == House.model_validate(tomllib.loads(TOML))
    assert read.pets == (Dog(kind="dog", id="rex", tricks=("sit",)), Cat(kind="cat", id="tom", lives=7))
    assert read.weight == Fraction(333, 10)
    assert read.since == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_document_is_written_as_it_was_read() -> None:
    """Data, policy, data is the identity."""
    read = House.model_validate(WRITTEN)
    again = House.model_validate_json(read.model_dump_json())
    assert again == read
    assert fingerprint(again) == fingerprint(read)
    written = read.model_dump(mode="json")
    assert written == {
        **WRITTEN,
        "guard": {"kind": "dog", "id": "rex", "tricks": []},
        "nests": [{"id": "a", "inner": [{"id": "b", "inner": []}]}],
    }


def test_documents_pickle_copy_and_hash() -> None:
    read = House.model_validate(WRITTEN)
    for twin in (pickle.loads(pickle.dumps(read)), copy.deepcopy(read), copy.copy(read), read.model_copy(deep=True)):  # noqa: S301
        assert twin == read
        assert hash(twin) == hash(read)


def test_a_document_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        House().name = "Other"


def test_a_copy_is_checked_again() -> None:
    assert House().model_copy(update={"name": "Other"}).name == "Other"
    assert _problems(lambda: House().model_copy(update={"name": 1})) == ["name: saw 1, expected text."]
    assert _problems(lambda: House().model_copy(update={"naem": "x"}))[0].startswith("naem: saw the key 'naem', expected one of colours,")


def test_a_part_built_alone_is_checked_against_the_whole_that_takes_it_in() -> None:
    broken: Any = {"kind": "dog", "id": 5}
    odd = Dog.model_construct(**broken)
    assert _problems(lambda: House(guard=odd)) == ["guard.id: saw 5, expected text."]


def test_where_pydantic_reads_a_document_by_itself_it_says_so_in_its_own_error() -> None:
    """In the body of a web request, say; its own errors carry our words."""
    with pytest.raises(ValidationError, match="1 validation error"):
        TypeAdapter(House).validate_python({"weight": 0.5})


def test_contents_are_the_fields_as_they_are() -> None:
    assert contents(Dog(kind="dog", id="rex")) == {"kind": "dog", "id": "rex", "tricks": ()}


# -------------------------------------------------------------------------------------------------------------- refusing


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        # One row for each kind of problem that reading can find.
        ({"guard": {"kind": "dog"}}, ['guard.id: saw nothing, expected a value for this key. Add "id".']),
        ({"pets": [{"kind": "cat", "id": "a", "lives": "9"}]}, ["pets[a].lives: saw '9', expected a whole number."]),
        ({"pets": [{"kind": "cat", "id": "a", "lives": True}]}, ["pets[a].lives: saw true, expected a whole number."]),
        ({"pets": [{"kind": "cat", "id": "a", "lives": 9.0}]}, ["pets[a].lives: saw 9.0, expected a whole number."]),
        ({"pets": [{"kind": "cat", "id": "a", "lives": math.nan}]}, ["pets[a].lives: saw nan, expected a whole number."]),
        ({"open": 1}, ["open: saw 1, expected true or false."]),
        ({"open": "true"}, ["open: saw 'true', expected true or false."]),
        ({"name": 5}, ["name: saw 5, expected text."]),
        ({"name": b"x"}, ["name: saw 1 bytes, expected text."]),
        ({"name": "\ud800"}, ["name: saw '\\ud800', expected text in Unicode."]),
        ({"name": "x" * 401}, ["name: saw '" + "x" * 80 + "'..., expected at most 400 characters."]),
        ({1: 2}, ["1: saw 1, expected text as the key."]),
        ({"guard": "rex"}, ["guard: saw 'rex', expected a table."]),
        ({"guard": MappingProxyType({})}, ["guard: saw a table of 0, expected a table. Pass a dict: dict(...) makes one of any mapping."]),
        ({"pets": ["rex"]}, ["pets[0]: saw 'rex', expected a table."]),
        (
            {"pets": [UserDict(kind="dog")]},
            ["pets[0]: saw a table of 1, expected a table. Pass a dict: dict(...) makes one of any mapping."],
        ),
        ({"pets": "rex"}, ["pets: saw 'rex', expected a list."]),
        ({"pets": {"rex": {}}}, ["pets: saw a table of 1, expected a list."]),
        ({"colours": {"red"}}, ["colours: saw a set of 1, expected a list."]),
        ({"colours": ["rde"]}, ["colours[0]: saw 'rde', expected one of 'red' or 'blue'. Did you mean \"red\"?"]),
        ({"colours": ["x"]}, ["colours[0]: saw 'x', expected one of 'red' or 'blue'."]),
        ({"colours": [1]}, ["colours[0]: saw 1, expected one of 'red' or 'blue'."]),
        ({"colours": ["red"] * 3}, ["colours: saw a list of 3, expected at most 2 rows."]),
        ({"pets": [{"kind": "dgo", "id": "a"}]}, ["pets[a]: saw 'dgo', expected 'kind' to be one of 'dog', 'cat'. Did you mean \"dog\"?"]),
        ({"pets": [{"kind": 5, "id": "a"}]}, ["pets[a]: saw '5', expected 'kind' to be one of 'dog', 'cat'."]),
        ({"pets": [{"id": "a"}]}, ["pets[a]: saw a table of 1, expected a table that says its 'kind'."]),
        ({"pets": [{"kind": "cat", "id": "a", "lives": 0}]}, ["pets[a].lives: saw 0, expected at least 1."]),
        ({"pets": [{"kind": "cat", "id": "a", "lives": 10}]}, ["pets[a].lives: saw 10, expected at most 9."]),
        ({"pets": [{"kind": "cat", "id": ""}]}, ["pets[0].id: saw '', expected at least 1 character(s)."]),
        (
            {"pets": [{"kind": "cat", "id": "to m"}]},
            ["pets[0].id: saw 'to m', expected letters, digits and underscores, parts joined by a dot, a colon or a hyphen."],
        ),
        (
            {"pets": [{"kind": "cat", "id": "tom\n"}]},
            ["pets[0].id: saw 'tom\\n', expected letters, digits and underscores, parts joined by a dot, a colon or a hyphen."],
        ),
        ({"pets": [{"kind": "cat", "id": "x" * 81}]}, ["pets[0].id: saw '" + "x" * 80 + "'..., expected at most 80 characters."]),
        ({"pets": [{"kind": "cat", "id": "a"}] * 3}, ["pets[a]: saw 'a' twice, expected ids that differ. Rename one of them."]),
        (
            {"weight": 33.3},
            ['weight: saw 33.3, expected a whole number or exact text such as "33.3" or "100/3". Write it as text: "33.3".'],
        ),
        ({"weight": "1/0"}, ['weight: saw \'1/0\', expected a whole number or exact text such as "33.3" or "100/3".']),
        ({"weight": True}, ['weight: saw true, expected a whole number or exact text such as "33.3" or "100/3".']),
        ({"weight": 10**15 + 1}, ["weight: saw 1000000000000001, expected a number of at most 1000000000000000 that 18 digits can write."]),
        (
            {"since": "2026-03-02"},
            ["since: saw '2026-03-02', expected an ISO 8601 instant with its offset. Write it like \"2026-03-02T09:03:00Z\"."],
        ),
        ({"since": date(2026, 3, 2)}, ["since: saw date 2026-03-02, expected an aware datetime. Parse text with spans.parse_instant."]),
        ({"notes": [1]}, ["notes: saw a list of 1, expected a table."]),
        (
            {"notes": {"a": math.inf}},
            ["notes: saw a table of 1, expected a table of plain data. Instants and decimals are written as text."],
        ),
        (
            {"notes": {"a": Decimal(1)}},
            ["notes: saw a table of 1, expected a table of plain data. Instants and decimals are written as text."],
        ),
        # Keys that are not there.
        (
            {"pest": []},
            [f"pest: saw the key 'pest', expected {HOUSE}. Did you mean \"pets\"?"],
        ),
        ({"zzz": 1}, [f"zzz: saw the key 'zzz', expected {HOUSE}. Remove it."]),
        (
            {"guard": {"kind": "dog", "id": "rex", "lives": 9}},
            ["guard.lives: saw the key 'lives', expected one of id, kind, tricks. Remove it."],
        ),
        ({"pets": [{"kind": "cat", "id": "a", "cat": 1}]}, ["pets[a].cat: saw the key 'cat', expected one of id, kind, lives. Remove it."]),
        ({"pets": [{"kind": "cat", "id": "a", "dog": 1}]}, ["pets[a].dog: saw the key 'dog', expected one of id, kind, lives. Remove it."]),
        (
            {"nаme": "x"},
            [f"nаme: saw the key 'nаme' (with U+0430 CYRILLIC SMALL LETTER A), expected {HOUSE}. Did you mean \"name\"?"],
        ),
        (
            {"a\nb": 1},
            [f"'a\\nb': saw the key 'a\\nb', expected {HOUSE}. Remove it."],
        ),
        # Rows within rows.
        (
            {"nests": [{"id": "a", "inner": [{"id": "b", "inner": [{}]}]}]},
            ['nests[a].inner[b].inner[0].id: saw nothing, expected a value for this key. Add "id".'],
        ),
        (
            {"nests": [{"id": 5, "inner": [{}]}]},
            ["nests[0].id: saw 5, expected text.", 'nests[0].inner[0].id: saw nothing, expected a value for this key. Add "id".'],
        ),
        # What a document finds itself.
        ({"name": "Nobody's"}, ["name: saw nobody, expected somebody.", "pets[rex].tricks: saw none, expected one. Teach it."]),
        # The whole.
        ([], ["saw a list of 0, expected a table."]),
        (None, ["saw nothing, expected a table."]),
        ("{}", ["saw '{}', expected a table."]),
    ],
)
def test_a_refusal_says_where_what_was_seen_and_what_would_do(data: object, problems: list[str]) -> None:
    assert _problems(lambda: House.model_validate(data)) == problems


def test_all_problems_are_told_at_once_in_the_order_of_the_fields() -> None:
    data = {"name": 1, "open": 2, "pets": [{"kind": "dog"}, {"kind": "cat", "id": "tom", "lives": 0}], "zzz": 3}
    assert [problem.partition(":")[0] for problem in _problems(lambda: House.model_validate(data))] == [
        "name",
        "open",
        "pets[0].id",
        "pets[tom].lives",
        "zzz",
    ]


def test_a_list_is_not_too_short_because_its_rows_are_refused() -> None:
    class Row(Document):
        of: Rows[Dog] = Field(min_length=1)

    assert _problems(lambda: Row.model_validate({"of": [{"kind": "dog"}]})) == [
        'of[0].id: saw nothing, expected a value for this key. Add "id".'
    ]
    assert _problems(lambda: Row.model_validate({"of": []})) == ["of: saw a list of 0, expected at least 1 row(s)."]


def test_a_document_called_with_fields_refuses_like_one_that_is_read() -> None:
    assert _problems(lambda: Dog(kind="dog", id="a b")) == _problems(lambda: Dog.model_validate({"kind": "dog", "id": "a b"}))


BROKEN: tuple[dict[str, Plain], ...] = (
    {"naem": "x", "format": 2},
    {"tiers": {"rows": [{"id": "T1", "thresholds": []}]}},
    {"scoring": {"criteria": 5, "matrices": [{"kind": "graded"}]}},
    {"touchpoints": [{"id": "a b", "stage": "selection", "kinds": ["visitt"], "depth": 9}]},
    {"facts": {"declared": [{"id": "industry", "kind": "text"}, {"id": "a", "kind": "integer", "values": ["x"]}]}},
    {"examples": [{"id": "e", "lead": 5, "at": "yesterday", "expect": {"tier": "T9", "mql": 1}}]},
    {"effective_from": "2026-03-02T09:00"},
)


@pytest.mark.parametrize("data", BROKEN)
def test_a_broken_policy_has_the_same_problems_however_it_is_read(data: dict[str, Plain]) -> None:
    text = json.dumps(data)
    told = _problems(lambda: Policy.model_validate(json.loads(text)))
    assert told == _problems(lambda: Policy.model_validate_json(text))
    assert told == _problems(lambda: Policy.model_validate_json(text.encode()))
    assert told == _problems(lambda: Policy.model_validate(tomllib.loads(_toml(data))))
    assert not any("Input should" in problem or "pydantic" in problem for problem in told)


def _toml(data: Mapping[str, Plain]) -> str:
    """Plain data as the tables of TOML, on one line each."""

    def value(item: Plain) -> str:
        if isinstance(item, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {value(inner)}" for key, inner in item.items()) + "}"
        return "[" + ", ".join(map(value, item)) + "]" if isinstance(item, list) else json.dumps(item)

    return "\n".join(f"{json.dumps(key)} = {value(item)}" for key, item in data.items())


def test_the_shipped_policy_survives_json_and_toml() -> None:
    plain = SHIPPED.model_dump(mode="json", exclude_none=True)
    text = SHIPPED.model_dump_json()
    for read in (
        Policy.model_validate(tomllib.loads(_toml(plain))),
        Policy.model_validate_json(text),
        Policy.model_validate(json.loads(text)),
    ):
        assert read == SHIPPED
        assert read.fingerprint == SHIPPED.fingerprint


# ------------------------------------------------------------------------------------------------ hostile text and data


def _deep(levels: int) -> object:
    data: object = {}
    for _ in range(levels):
        data = {"of": [data]}
    return data


def _ring() -> object:
    ring: list[object] = []
    ring += [ring, ring]
    return {"pets": ring}


def _wide(depth: int) -> object:
    data: object = []
    for _ in range(depth):
        data = [data] * 10
    return {"pets": data}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(lambda: House.model_validate(_deep(10_000)), "saw more than 40 levels", id="10,000-deep data"),
        pytest.param(
            lambda: House.model_validate_json('{"a":' * 10_000 + "1" + "}" * 10_000), "saw more than 40 levels", id="10,000-deep JSON"
        ),
        pytest.param(lambda: House.model_validate_json('{"a":' * 500 + "1" + "}" * 500), "saw more than 40 levels", id="500-deep JSON"),
        pytest.param(lambda: House.model_validate_json("[" * 2_000_000), "saw more than 40 levels", id="two million brackets"),
        pytest.param(lambda: House.model_validate(_ring()), "saw more than 50000 values", id="a list that holds itself"),
        pytest.param(lambda: House.model_validate(_wide(8)), "saw more than 50000 values", id="a hundred million references"),
        pytest.param(lambda: House.model_validate({"colours": ["red"] * 60_000}), "saw more than 50000 values", id="a long list"),
        pytest.param(lambda: House.model_validate({"colours": [set(range(60_000))]}), "saw more than 50000 values", id="a large set"),
        pytest.param(
            lambda: House.model_validate({"name": "x" * 10_000_000}), "saw text of 10000000 characters", id="10 MB of text in a cell"
        ),
        pytest.param(lambda: House.model_validate({"x" * 10_000_000: 1}), "saw text of 10000000 characters", id="10 MB of key"),
        pytest.param(lambda: House.model_validate_json(" " * 10_000_000), "saw 10000000 characters of JSON", id="10 MB of JSON"),
        pytest.param(lambda: House.model_validate({"weight": 10**5000}), "saw an integer of 16610 bits", id="an integer of 5,000 digits"),
        pytest.param(
            lambda: House.model_validate_json('{"weight": 1' + "0" * 5000 + "}"), "saw text that is not JSON", id="the same in JSON"
        ),
        pytest.param(lambda: House.model_validate_json("{"), "saw text that is not JSON", id="half a table"),
        pytest.param(lambda: House.model_validate_json(b"\xff\xfe\xff"), "saw text that is not JSON", id="bytes that are no text"),
        pytest.param(lambda: House.model_validate_json(""), "saw text that is not JSON", id="nothing"),
        pytest.param(lambda: House.model_validate_json("null"), "saw nothing, expected a table", id="null"),
        pytest.param(lambda: House.model_validate_json('{"weight": NaN}'), "weight: saw nan, expected a whole number", id="NaN in JSON"),
        pytest.param(
            lambda: House.model_validate_json('{"name": "\\ud800"}'), "name: saw '\\ud800', expected text in Unicode", id="half a letter"
        ),
    ],
)
def test_hostile_input_is_refused_in_plain_words(make: Callable[[], object], problem: str) -> None:
    """Each a clear typed error, never a traceback from inside a dependency, never a hang."""
    (told,) = _problems(make)
    assert told.startswith(problem)


def test_a_key_that_stands_twice_in_json_is_refused_however_often() -> None:
    assert _problems(lambda: House.model_validate_json('{"name": "a", "guard": {"id": "x", "id": "y"}, "name": "b"}')) == [
        "id: saw the same key twice in one table, expected keys that differ. Remove one.",
        "name: saw the same key twice in one table, expected keys that differ. Remove one.",
    ]
    many = ", ".join(f'"k{number}": 1, "k{number}": 2' for number in range(50_000))
    assert len(_problems(lambda: House.model_validate_json("{" + many + "}"))) == 50_000


def test_thousands_of_misspelt_names_are_told_without_delay() -> None:
    """A policy from an untrusted editor cannot hang: looking for near names is bounded."""
    data = SHIPPED.model_dump(mode="json")
    data["facts"]["declared"] += [{"id": f"own_{number}", "kind": "text"} for number in range(2_000)]
    data["facts"]["unknown"] = [{"fact": f"wno_{number}", "values": ["x"]} for number in range(2_000)]
    told = _problems(lambda: Policy.model_validate(data))
    assert len(told) == 2_000
    assert told[0].startswith("facts.unknown[wno_0].fact: saw no fact called 'wno_0', expected one of ")


# --------------------------------------------------------------------------------------------------------- exact numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (25, Fraction(25)),
        ("25", Fraction(25)),
        ("33.3", Fraction(333, 10)),
        ("100/3", Fraction(100, 3)),
        ("-0.5", Fraction(-1, 2)),
        ("+7", Fraction(7)),
        ("007", Fraction(7)),
        (Fraction(1, 7), Fraction(1, 7)),
    ],
)
def test_an_exact_number_is_read(text: object, number: Fraction) -> None:
    """FD-3: weights and scale are whole numbers, or exact decimal or fraction text."""
    assert parse_exact(text) == number


@pytest.mark.parametrize(
    "text",
    [
        True,
        1.0,
        math.nan,
        "",
        "1e3",
        "1_000",
        "1,5",
        " 1",
        "1 ",
        "1/0",
        "1/00",
        "1/-3",
        "0x1",
        ".5",
        "5.",
        "٣",
        "1" * 19,
        "nan",
        None,
        Decimal(1),
    ],
)
def test_what_is_no_exact_number_is_refused(text: object) -> None:
    """FD-3: never a float."""
    with pytest.raises(ValueError, match="no exact number"):
        parse_exact(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(25), 25),
        (Fraction(-25), -25),
        (Fraction(333, 10), "33.3"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(1, 3), "1/3"),
        (Fraction(1, 10**12), "0.000000000001"),
        (Fraction(1, 10**13), "1/10000000000000"),
        (Fraction(1, 4096), "0.000244140625"),
    ],
)
def test_an_exact_number_is_written_so_that_it_is_read_back(number: Fraction, text: int | str) -> None:
    assert exact_text(number) == text
    assert parse_exact(text) == number


@pytest.mark.parametrize("outside", [-(10**15) - 1, "1/1000000000000001", Fraction(10**18 + 1, 10**4)])
def test_an_exact_number_of_a_document_is_bounded(outside: object) -> None:
    assert House.model_validate({"weight": 10**15}).weight == 10**15
    assert (
        "expected a number of at most 1000000000000000 that 18 digits can write"
        in _problems(lambda: House.model_validate({"weight": outside}))[0]
    )


# ---------------------------------------------------------------------------------------------------- tables, differences


def test_a_plain_table_is_kept_whatever_its_order_and_cannot_change() -> None:
    table = {"b": 1, "a": [{"c": "é"}]}
    one, other = House.model_validate({"notes": table}), House.model_validate({"notes": {"a": [{"c": "é"}], "b": 1}})
    assert one == other
    table["b"] = 2
    assert one.model_dump()["notes"] == {"a": [{"c": "é"}], "b": 1}
    assert House.model_validate(one) == one
    assert House.model_validate(contents(one)) == one


def test_text_is_no_plain_table() -> None:
    assert _problems(lambda: House.model_validate({"notes": '{"a": 1}'})) == ["notes: saw '{\"a\": 1}', expected a table."]


def _house(**fields: object) -> House:
    return House.model_validate({**WRITTEN, **fields})


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (_house(), _house(), []),
        (_house(), _house(name="His"), ['name: changed from "Hers" to "His"']),
        (_house(), _house(weight="100/3"), ['weight: changed from "33.3" to "100/3"']),
        (_house(), _house(weight="33.30"), []),
        (_house(), _house(since=None), ['since: changed from "2026-03-02T09:00:00Z" to null']),
        (_house(), _house(since="2026-03-02T10:00+01:00"), []),
        (_house(), _house(colours=["red", "blue"]), ['colours: changed from ["red"] to ["red","blue"]']),
        (_house(), _house(guard=None), ['guard: changed from {"id":"rex","kind":"dog","tricks":[]} to null']),
        (_house(), _house(notes={"a": "x", "d": 1}), ['notes.b: removed [1,{"c":null}]', "notes.d: added 1"]),
        (_house(notes={"a": 1}), _house(notes={"a": True}), ["notes.a: changed from 1 to true"]),
        (_house(notes={"a": [1]}), _house(notes={"a": [True]}), ["notes.a: changed from [1] to [true]"]),
        (
            _house(),
            _house(pets=[{"kind": "cat", "id": "tom", "lives": 6}, {"kind": "dog", "id": "rex", "tricks": ["sit"]}]),
            ["pets[tom].lives: changed from 7 to 6", 'pets: reordered from ["rex","tom"] to ["tom","rex"]'],
        ),
        (
            _house(),
            _house(pets=[{"kind": "cat", "id": "tom", "lives": 7}, {"kind": "cat", "id": "kit"}]),
            ['pets[rex]: removed {"id":"rex","kind":"dog","tricks":["sit"]}', 'pets[kit]: added {"id":"kit","kind":"cat","lives":9}'],
        ),
        (
            _house(),
            _house(pets=[{"kind": "cat", "id": "rex"}, {"kind": "cat", "id": "tom", "lives": 7}]),
            [
                'pets[rex].kind: changed from "dog" to "cat"',
                'pets[rex].tricks: removed ["sit"]',
                "pets[rex].lives: added 9",
            ],
        ),
        (
            _house(nests=[{"id": "a"}, {"id": "a"}]),
            _house(nests=[{"id": "a"}]),
            ['nests: changed from [{"id":"a","inner":[]},{"id":"a","inner":[]}] to [{"id":"a","inner":[]}]'],
        ),
        (
            _house(),
            _house(nests=[{"id": "a", "inner": [{"id": "c"}]}]),
            ['nests[a].inner[b]: removed {"id":"b","inner":[]}', 'nests[a].inner[c]: added {"id":"c","inner":[]}'],
        ),
    ],
)
def test_differences_are_told_path_by_path(old: House, new: House, changes: list[str]) -> None:
    assert [str(change) for change in differences(old, new)] == changes


def test_a_change_carries_plain_values() -> None:
    assert differences(_house(), _house(open=True)) == (Change("open", "changed", False, True),)


def test_the_documents_of_a_fingerprint_are_equal_and_of_another_differ() -> None:
    """FD-4: in the order of keys there is no difference, in any value there is."""
    assert fingerprint(_house()) == fingerprint(House.model_validate(dict(reversed(WRITTEN.items()))))
    assert fingerprint(_house()) != fingerprint(_house(open=True))
    assert fingerprint(House()) == "2dfeed7a904cbc39b6243e2b75dc8df87c307cc21f58a65cf631574aeadcfd9a"


# -------------------------------------------------------------------------------------------------------------- changing


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("name", "His", ["name"]),
        ("weight", "1/7", ["weight"]),
        ("colours[0]", "blue", ["colours"]),
        ("pets[tom].lives", 3, ["pets[tom].lives"]),
        ("pets[1].lives", 3, ["pets[tom].lives"]),
        ("pets[tom]", {"kind": "dog", "id": "tom"}, ["pets[tom].kind", "pets[tom].lives", "pets[tom].tricks"]),
        ("pets[rex].tricks[0]", "roll", ["pets[rex].tricks"]),
        ("nests[a].inner[b].id", "c", ["nests[a].inner[b]", "nests[a].inner[c]"]),
        ("nests", [], ["nests[a]"]),
        ("notes.b[1].c", 5, ["notes.b"]),
        ("guard.id", "bo", ["guard.id"]),
    ],
)
def test_a_document_is_changed_at_a_path(path: str, value: object, told: list[str]) -> None:
    new = changed(_house(), {path: value})
    assert [change.path for change in differences(_house(), new)] == told
    assert changed(new, {}) == new


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", ": saw no path, expected keys joined by dots, rows in brackets."),
        (".name", ".name: saw no path"),
        ("name.", "name.: saw no path"),
        ("pets[tom", "pets[tom: saw no path"),
        ("pets[tom]lives", "pets[tom]lives: saw no path"),
        ("pets[]", "pets[]: saw no path"),
        ("[tom]", "[tom]: saw no path"),
        (
            "naem",
            f"naem: saw no 'naem' there, expected {HOUSE}. Did you mean \"name\"?",
        ),
        ("name.first", "name.first: saw no 'first' there, expected nothing: there are none."),
        ("name[0]", "name[0]: saw no '0' there, expected nothing: there are none."),
        ("pets.tom", "pets.tom: saw no 'tom' there, expected one of rex, tom."),
        ("pets[kit].lives", "pets[kit].lives: saw no 'kit' there, expected one of rex, tom."),
        ("pets[2]", "pets[2]: saw no '2' there, expected one of rex, tom."),
        ("guard[id]", "guard[id]: saw no 'id' there, expected one of id, kind, tricks."),
        ("colours[1]", "colours[1]: saw no '1' there, expected one of 0."),
        ("notes.d", "notes.d: saw no 'd' there, expected one of a, b."),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, problem: str) -> None:
    (told,) = _problems(lambda: changed(_house(), {path: 1}))
    assert told.startswith(problem.removeprefix(": "))


def test_nothing_is_changed_by_half() -> None:
    assert _problems(lambda: changed(_house(), {"name": "His", "pets[kit]": 1, "zzz": 1}))[1].startswith("zzz: saw no 'zzz' there")
    assert _problems(lambda: changed(_house(), {"name": "His", "open": 1})) == ["open: saw 1, expected true or false."]


def test_a_name_that_stands_twice_is_told_once() -> None:
    assert [problem.path for problem in twice(["a", "b", "a", "a", "b"])] == ["[a]", "[b]"]
    assert list(twice([])) == []


# --------------------------------------------------------------------------------------------------------- all documents


def _documents(kind: type[Document] = Document) -> Iterator[type[Document]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("inbound_engine"):
            yield child
        yield from _documents(child)


DOCUMENTS = sorted(set(_documents()), key=lambda kind: kind.__qualname__)


def _tags(kind: type[Document]) -> set[str]:
    return {tag for name in ("kind", "op") if name in kind.model_fields for tag in get_args(kind.model_fields[name].annotation)}


def test_every_document_is_frozen_closed_and_strict() -> None:
    assert len(DOCUMENTS) > 40
    loose = {kind.__name__ for kind in DOCUMENTS for rule in ("frozen", "strict") if kind.model_config.get(rule) is not True}
    assert loose | {kind.__name__ for kind in DOCUMENTS if kind.model_config.get("extra") != "forbid"} == set()


def _unions(annotation: object) -> Iterator[list[type[Document]]]:
    """The groups of documents that one place may hold."""
    inner = [part for part in get_args(annotation) if isinstance(part, type) and issubclass(part, Document)]
    if len(inner) > 1:
        yield inner
    for part in get_args(annotation):
        yield from _unions(part)


def test_documents_that_may_stand_in_one_place_are_told_apart_by_words_of_their_own() -> None:
    """Pydantic puts that word into the places of its errors: it must be there, and be one document's alone."""
    unions = [union for kind in DOCUMENTS for field in kind.model_fields.values() for union in _unions(field.annotation)]
    assert len(unions) > 5
    for union in unions:
        tags = [tag for kind in union for tag in sorted(_tags(kind))]
        assert all(_tags(kind) for kind in union)
        assert len(set(tags)) == len(tags)


def test_a_field_may_be_called_like_the_word_that_tells_documents_apart() -> None:
    class Knob(Document):
        kind: Literal["points"]
        points: Rows[int] = ()

    class Dial(Document):
        kind: Literal["kind"]
        points: int

    class Box(Document):
        points: Rows[Annotated[Knob | Dial, Field(discriminator="kind")]] = ()

    data = {
        "points": [{"kind": "points", "points": ["x"]}, {"kind": "kind", "points": "y"}, {"kind": "points", "kind_": 1}, {"kind": "kind"}]
    }
    assert [problem.partition(":")[0] for problem in _problems(lambda: Box.model_validate(data))] == [
        "points[0].points[0]",
        "points[1].points",
        "points[2].kind_",
        "points[3].points",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("scoring.criteria[role].grader.rows[0].when.of[1].fact", 5),
        ("scoring.criteria[company_size].grader.rows[0].at_least", []),
        ("scoring.criteria[content_depth].grader.rows[0].when.activities.depth_at_least", "3"),
        ("scoring.matrices[engagement].rows", 5),
        ("scoring.matrices[selection].weights[industry].weight", 0.2),
        ("tiers.rows[T1].thresholds[urgency].at_least", "sixty"),
        ("touchpoints[pricing].contents[0]", 5),
    ],
)
def test_a_problem_of_a_policy_stands_at_the_path_by_which_it_can_be_changed(path: str, value: object) -> None:
    assert path in [problem.partition(":")[0] for problem in _problems(lambda: changed(SHIPPED, {path: value}))]


def test_documents_are_told_apart_by_kind_or_op_alone_and_neither_has_a_default() -> None:
    tagged = [kind for kind in DOCUMENTS if kind.model_fields.keys() & {"kind", "op"}]
    assert tagged
    assert {
        kind.__name__
        for kind in tagged
        for name in ("kind", "op")
        if name in kind.model_fields and not kind.model_fields[name].is_required()
    } == set()


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__qualname__)
def test_every_document_says_what_it_is(kind: type[Document]) -> None:
    assert inspect.getdoc(kind)


HOSTILE: tuple[object, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    math.nan,
    "",
    "x",
    "a b",
    "\ud800",
    "y" * 20_000,
    b"x",
    [],
    [[]],
    [1],
    {},
    {1: 2},
    {"x": 1},
    {1},
    object(),
)


def _places(data: Plain, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of plain data, of a list its first row."""
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _places(value, (*path, key))
    elif isinstance(data, list) and data:
        yield from _places(data[0], (*path, 0))


def _with(data: Any, path: tuple[str | int, ...], value: object) -> object:  # noqa: ANN401 - plain data of any shape
    if not path:
        return value
    copied = copy.copy(data)
    copied[path[0]] = _with(data[path[0]], path[1:], value)
    return copied


def test_whatever_stands_anywhere_in_a_policy_is_read_or_refused_in_our_own_words() -> None:
    plain = SHIPPED.model_dump(mode="json")
    plain["examples"] = [{"id": "e", "lead": {"id": "L"}, "at": "2026-03-02T09:00:00Z", "expect": {"tier": "T1"}}]
    plain["facts"]["unknown"] = [{"fact": "industry", "values": ["Select"]}]
    assert Policy.model_validate(plain).examples
    places = [path for path in _places(plain) if path]
    assert len(places) > 100
    for number, path in enumerate(places):
        told = _told(_with(plain, path, HOSTILE[number % len(HOSTILE)]))
        assert not [problem for problem in told if "Input should" in problem or "Unable to" in problem]


def _told(data: object) -> list[str]:
    try:
        Policy.model_validate(data)
    except PolicyError as error:
        return [str(problem) for problem in error.problems]
    return []


# ----------------------------------------------------------------------------------------------------------- JSON Schema

needs_jsonschema = pytest.mark.skipif(
    find_spec("jsonschema") is None and not environ.get("CI"), reason="jsonschema comes with the extra check"
)


def test_the_schema_says_which_schema_it_is_and_closes_every_table() -> None:
    schema = json_schema(Policy)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert all(isinstance(table, dict) and table["additionalProperties"] is False for table in definitions.values())


@needs_jsonschema
def test_the_schema_takes_what_the_policy_takes_and_refuses_what_has_another_shape() -> None:
    validators = import_module("jsonschema").Draft202012Validator
    for kind in (Policy, House):
        validators.check_schema(json_schema(kind))
    shipped = validators(json_schema(Policy))
    plain = SHIPPED.model_dump(mode="json")
    assert [error.message for error in shipped.iter_errors(plain)] == []
    assert shipped.is_valid({})
    assert not any(shipped.is_valid(data) for data in BROKEN[:4])
    house = validators(json_schema(House))
    assert house.is_valid(WRITTEN)
    odd: list[dict[str, Any]] = [{"weight": 0.5}, {"weight": "1e3"}, {"open": 1}, {"notes": []}, {"pets": [{"id": "a"}]}]
    assert not any(house.is_valid({**WRITTEN, **fields}) for fields in odd)


@pytest.mark.parametrize("path", [5, "tiers.rows[" + "9" * 5000 + "].label"], ids=["a number", "a row of 5,000 digits"])
def test_a_change_at_no_path_is_refused(path: object) -> None:
    with pytest.raises(PolicyError):
        changed(Policy(), {path: 1})  # type: ignore[dict-item]  # on purpose


def test_none_in_the_place_of_a_row_removes_it() -> None:
    """Numbers stay those of the document as it was, and the other document stays what it is."""
    policy = Policy()
    smaller = changed(policy, {"handoff.fields[title]": None, "handoff.fields[0]": None, "handoff.fields[source].label": "Where from"})
    assert [field.id for field in smaller.handoff.fields] == [
        field.id for field in policy.handoff.fields if field.id not in {"title", "name"}
    ]
    assert [(change.path, change.kind) for change in differences(policy, smaller)] == [
        ("handoff.fields[name]", "removed"),
        ("handoff.fields[title]", "removed"),
        ("handoff.fields[source].label", "changed"),
    ]
    with pytest.raises(PolicyError, match=r"handoff\.fields\[titel\]: saw no 'titel' there"):
        changed(policy, {"handoff.fields[titel]": None})
