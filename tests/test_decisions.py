"""Values, reasons and how they are shown."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from attrs import field, frozen

from inbound_engine.decisions import HIDDEN, Code, Decision, Plain, Reason, Seen, decimal_text, html_table, plain, sentence
from inbound_engine.money import Money

EMAIL = Seen("email", "ana@acme.example", personal=True)


class Size(Enum):
    SMALL = 1


@frozen
class Box:
    size: int
    _inner: int = field(default=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("a", "a"),
        (Code.MATCHED, "matched"),
        (Size.SMALL, 1),
        (Fraction(7, 3), "7/3"),
        (Decimal("1.50"), "1.50"),
        (ZoneInfo("Europe/Berlin"), "Europe/Berlin"),
        (datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T09:00:00Z"),
        (datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC), "2026-03-02T09:00:00.000001Z"),
        (date(2026, 3, 2), "2026-03-02"),
        (timedelta(days=1, microseconds=1), "86400000001 us"),
        (MappingProxyType({"b": 1, "a": (2,)}), {"a": [2], "b": 1}),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({2, 1}, [1, 2]),
        ((1, [2]), [1, [2]]),
        (Money(100, "EUR"), {"minor": 100, "currency": "EUR"}),
        (Box(3), {"size": 3}),
    ],
)
def test_a_value_has_one_plain_form(value: object, expected: Plain) -> None:
    """FD-4, FD-5: JSON can say it, and says it the same on every machine."""
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


@pytest.mark.parametrize("value", [1.5, object(), b"x", [1.5], {"a": float("nan")}])
def test_what_is_not_exact_has_no_plain_form(value: object) -> None:
    """FD-3: a float is never written down."""
    with pytest.raises(TypeError, match="has no plain form"):
        plain(value)


def test_mappings_are_written_in_the_order_of_their_keys() -> None:
    said = plain({"b": 1, "a": 2})
    assert isinstance(said, Mapping)
    assert list(said) == ["a", "b"]


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Fraction(250, 3), 2, "83.33"),
        (Fraction(200, 3), 2, "66.67"),
        (Fraction(1, 8), 2, "0.12"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(-1, 8), 2, "-0.12"),
        (Fraction(-1, 1000), 2, "0"),
        (70, 2, "70"),
        (Fraction(5, 2), 0, "2"),
        (Fraction(7, 2), 0, "4"),
        (Fraction(1, 10), 2, "0.1"),
        (Fraction(-101, 100), 1, "-1"),
        (0, 2, "0"),
    ],
)
def test_an_exact_number_is_shown_rounded_half_to_even(number: Fraction | int, places: int, text: str) -> None:
    """FD-3."""
    assert decimal_text(number, places) == text


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (Seen("grade", None), "grade unknown"),
        (Seen("email", None, personal=True), "email unknown"),
        (EMAIL, f"email {HIDDEN}"),
        (Seen("given", True), "given true"),
        (Seen("at_least", Fraction(70)), "at least 70"),
        (Seen("technologies", frozenset({"b", "a"})), "technologies a, b"),
        (Seen("technologies", frozenset()), "technologies none"),
        (Seen("created_at", datetime(2026, 3, 2, 10, 5, tzinfo=timezone(timedelta(hours=1)))), "created at 2026-03-02 09:05 UTC"),
        (Seen("created_at", datetime(1, 1, 1, tzinfo=UTC)), "created at 0001-01-01 00:00 UTC"),
        (Seen("employees", 240), "employees 240"),
        (Seen("amount", Money(100, "EUR")), "amount EUR 1.00"),
    ],
)
def test_a_reason_says_what_it_saw(seen: Seen, text: str) -> None:
    assert sentence(Reason(Code.MATCHED, "rule", (seen,))) == f"rule holds: {text}."


def test_a_reason_says_personal_values_on_request_only() -> None:
    reason = Reason(Code.MATCHED, "rule", (EMAIL, Seen("country", "DE")))
    assert sentence(reason, personal=True) == "rule holds: email ana@acme.example, country DE."
    assert "ana@" not in sentence(reason) + repr(reason) + repr(EMAIL) + str(reason.to_dict(redact=True)) + repr(Decision(1, (reason,)))
    assert reason.to_dict() == {"code": "matched", "rule": "rule", "saw": {"email": "ana@acme.example", "country": "DE"}}


@pytest.mark.parametrize("code", Code)
def test_every_code_has_words(code: Code) -> None:
    assert sentence(Reason(code, "rule")).startswith("rule ")


def test_a_reason_and_a_decision_show_themselves_on_one_line() -> None:
    assert repr(Seen("grade", 3)) == "Seen('grade', 3)"
    assert repr(Reason(Code.GRADED, "r", (Seen("grade", 3), EMAIL))) == "Reason(graded, 'r', grade=3, email=(personal))"
    assert repr(Decision("T1")) == "Decision(value='T1', because=())"


def test_a_table_for_a_notebook_escapes_hostile_text() -> None:
    html = html_table("<script>", ["<i>"], [["<img src=x onerror='x'>", None], ['"quoted"', 1]])
    assert "<script>" not in html
    assert "<img" not in html
    assert html == (
        "<table><caption>&lt;script&gt;</caption><thead><tr><th>&lt;i&gt;</th></tr></thead><tbody>"
        "<tr><td>&lt;img src=x onerror=&#x27;x&#x27;&gt;</td><td>None</td></tr><tr><td>&quot;quoted&quot;</td><td>1</td></tr>"
        "</tbody></table>"
    )


def test_what_a_reason_saw_twice_is_kept_twice() -> None:
    """FD-5: plain data loses nothing."""
    reason = Reason(Code.QUALIFIED, "clause", (Seen("activities", 1), Seen("asked", "a"), Seen("activities", 2)))
    assert reason.to_dict()["saw"] == {"activities": [1, 2], "asked": "a"}


def test_a_reason_is_printed_in_words() -> None:
    """FD-5; what is known of a person stays out."""
    reason = Reason(Code.SHORT, "tiers.rows[T1]", (Seen("points", Fraction(65)), Seen("title", "VP", personal=True)))
    assert str(reason) == "tiers.rows[T1] is not reached: points 65, title (personal)."
