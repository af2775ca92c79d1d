"""What can go wrong, and what the message says of it."""

import copy
import pickle
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import pytest

from inbound_engine.errors import FactError, InboundError, PolicyError, Problem, nearest, one_of, shown


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("", "''"),
        ("DE", "'DE'"),
        ("a\nb\x00", "'a\\nb\\x00'"),
        ("\ud800", "'\\ud800'"),
        ("<b>", "'<b>'"),
        ("x" * 81, "'" + "x" * 80 + "'..."),
        ("сountry", "'сountry' (with U+0441 CYRILLIC SMALL LETTER ES)"),
        ("ｆact", "'ｆact' (with U+FF46 FULLWIDTH LATIN SMALL LETTER F)"),
        ("Москва", "'Москва'"),
        ([1, 2], "a list of 2"),
        ((), "a list of 0"),
        ({"a": 1}, "a table of 1"),
        ({1}, "a set of 1"),
        (frozenset(), "a set of 0"),
        (b"abc", "3 bytes"),
        pytest.param(bytearray(10**6), "1000000 bytes", id="a million bytes"),
        pytest.param(10**5000, "an integer of 16610 bits", id="a huge integer"),
        (Decimal("1.50"), "Decimal 1.50"),
        (Fraction(1, 3), "Fraction 1/3"),
        (type("Odd", (), {"__str__": lambda _: "line\nafter   line"})(), "Odd line after line"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_text_of_an_unknown_thing_is_cut() -> None:
    assert shown(type("Long", (), {"__str__": lambda _: "y" * 200})()) == "Long " + "y" * 75 + "..."


def test_a_list_that_holds_itself_is_shown() -> None:
    ring: list[object] = []
    ring.append(ring)
    assert shown(ring) == "a list of 1"


@pytest.mark.parametrize(
    ("word", "known", "close"),
    [
        ("wieght", ["weight", "label"], "weight"),
        ("naem", {"name", "format"}, "name"),
        ("zebra", ["weight", "label"], None),
        ("", ["weight"], None),
        ("weight", [], None),
        ("criterion_12x", [f"criterion_{number}" for number in range(500)], "criterion_12"),
        ("criterion_12x", [f"criterion_{number}" for number in range(1001)], None),
        ("qqqqq", [f"criterion_{number}" for number in range(500)], None),
    ],
)
def test_the_nearest_word_is_one_that_is_alike(word: str, known: list[str], close: str | None) -> None:
    assert nearest(word, known) == close
    assert nearest(word, iter(known)) == close


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], "nothing: there are none"),
        (["b", "a"], "one of a, b"),
        ({f"n{number:02}" for number in range(17)}, f"one of {', '.join(f'n{number:02}' for number in range(16))}, ... (17 in all)"),
        ([str(number) for number in range(1001)], "one of 1001 names"),
    ],
)
def test_what_would_do_is_listed_as_far_as_it_helps(names: list[str], text: str) -> None:
    assert one_of(names) == text
    assert one_of(name for name in names) == text


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.b", "1", "2"), "a.b: saw 1, expected 2."),
        (Problem("a", "1", "2", "Write 2."), "a: saw 1, expected 2. Write 2."),
        (Problem("", "1", "2"), "saw 1, expected 2."),
    ],
)
def test_a_problem_is_a_sentence(problem: Problem, text: str) -> None:
    assert str(problem) == text


@pytest.mark.parametrize(("inner", "outer"), [("grade", "rows[0].grade"), ("[a]", "rows[0][a]"), ("", "rows[0]")])
def test_a_problem_can_be_seen_from_further_out(inner: str, outer: str) -> None:
    assert Problem(inner, "7", "0 to 3", "Lower it.").under("rows[0]") == Problem(outer, "7", "0 to 3", "Lower it.")


def test_a_policy_error_keeps_every_problem_and_shows_twenty() -> None:
    problems = [Problem(f"rows[{number}]", "x", "y") for number in range(25)]
    error = PolicyError(problems)
    assert error.problems == tuple(problems)
    lines = str(error).splitlines()
    assert lines[0] == "25 problems:"
    assert lines[1] == "  rows[0]: saw x, expected y."
    assert lines[-1] == "  and 5 more, in .problems"
    assert len(lines) == 22


@pytest.mark.parametrize("error", [PolicyError([Problem("a", "b", "c", "d")]), FactError("a", "b", "c"), FactError("a", "b", "c", "d")])
def test_errors_are_value_errors_and_survive_pickle_and_copy(error: PolicyError | FactError) -> None:
    """FD-4: an error raised in a worker process says the same where it is caught."""
    assert isinstance(error, ValueError)
    assert isinstance(error, InboundError)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own bytes
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


def test_a_word_in_other_capitals_is_the_nearest() -> None:
    assert nearest("de", ["DE", "DK", "AT"]) == "DE"
