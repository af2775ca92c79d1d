"""Money: exact amounts, and splits that add up to the last unit."""

import pickle
from decimal import ROUND_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine import money
from inbound_engine.errors import FactError
from inbound_engine.money import Money


class Code(StrEnum):
    """A code that is text, and prints like it, and is not plain text."""

    EUR = "EUR"


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("EUR", 2),
        ("USD", 2),
        ("HUF", 2),
        ("MGA", 2),
        ("XCG", 2),
        ("ZWG", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("ISK", 0),
        ("UYI", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
        ("HRK", 2),
        ("BGN", 2),
        ("DEM", 2),
        ("ANG", 2),
        ("CUC", 2),
        ("SLL", 2),
        ("ZWL", 2),
        ("ITL", 0),
        ("BYR", 0),
    ],
)
def test_each_currency_has_the_decimals_that_iso_4217_gives_it(currency: str, decimals: int) -> None:
    """FD-3, AD-15."""
    assert money.exponent(currency) == decimals


@pytest.mark.parametrize(
    "code",
    [
        *("XAG", "XAU", "XPD", "XPT", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA", "XTS", "XXX"),
        *("XFO", "XFU", "XEU", "DDM", "ZZZ"),
    ],
)
def test_codes_without_a_minor_unit_and_those_that_are_none_hold_no_amount(code: str) -> None:
    """FD-3: the last unit of an amount has to exist."""
    with pytest.raises(FactError, match=f"money.currency: saw '{code}'"):
        Money(1, code)


@pytest.mark.parametrize(
    ("currency", "said"),
    [
        ("eur", 'Write "EUR".'),
        (" EUR ", 'Write "EUR".'),
        ("EURO", "saw 'EURO'"),
        ("\u0415UR", "CYRILLIC"),
        ("", "saw ''"),
        ("€", "saw '€'"),
        (978, "saw 978"),
        pytest.param(10**9999, "saw an integer", id="huge"),
        (None, "saw nothing"),
        (["EUR"], "saw a list of 1"),
        (Code.EUR, 'Write "EUR".'),
    ],
)
def test_a_currency_is_a_plain_code_in_capitals(currency: str, said: str) -> None:
    """FD-3: a code is exact, and the error says what would do."""
    with pytest.raises(FactError) as error:
        money.exponent(currency)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "minor", [True, 1.0, 0.5, "1", None, Decimal(1), Fraction(1), 10**36, -(10**36), pytest.param(10**9999, id="huge")]
)
def test_minor_units_are_whole_numbers_of_a_sane_size(minor: int) -> None:
    """AD-15: never a float, and nothing that merely resembles a whole number."""
    with pytest.raises(FactError, match=r"money\.minor"):
        Money(minor, "EUR")


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("95000.00", "EUR", 9_500_000),
        ("95000.5", "EUR", 9_500_050),
        ("95000", "EUR", 9_500_000),
        ("0.01", "EUR", 1),
        ("-0.01", "EUR", -1),
        ("-0.00", "EUR", 0),
        ("007.10", "EUR", 710),
        ("95000", "JPY", 95_000),
        ("1.234", "KWD", 1_234),
        ("0.0001", "CLF", 1),
        (95_000, "EUR", 9_500_000),
        (95_000, "JPY", 95_000),
        (-1, "KWD", -1_000),
        (0, "EUR", 0),
        (Decimal("95000.00"), "EUR", 9_500_000),
        (Decimal("-28500.5"), "EUR", -2_850_050),
        (Decimal("95000.0000"), "EUR", 9_500_000),
        (Decimal("1.000"), "JPY", 1),
        (Decimal("9.5E+4"), "EUR", 9_500_000),
        pytest.param(Decimal("1." + "0" * 9_000), "EUR", 100, id="padded"),
        (Decimal(0), "EUR", 0),
        (Decimal("-0.00"), "EUR", 0),
        (Decimal("0E+999999"), "EUR", 0),
        (Decimal("0E-999999"), "EUR", 0),
        ("9" * 34, "EUR", int("9" * 34) * 100),
        (Decimal("9" * 34), "EUR", int("9" * 34) * 100),
    ],
)
def test_an_amount_is_read_exactly(written: str | int | Decimal, currency: str, minor: int) -> None:
    """FD-3, AD-15: text, whole numbers and decimals, each to the last unit."""
    assert Money.of(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "1 ", " 1", "1\n", "+1", ".5", "5.", "1.2.3", "--1", "1-", "1e3", "1E3", "0x10", "1_000", "1,000"),
        *("1,5", "1.000,00", "1 000", "EUR 1", "€1", "NaN", "Infinity", "-inf", "nil", "٣", "½", "²", "1\x00"),
        *("1" * 37, "1" * 36, "9" * 35 + ".00"),
        pytest.param("1" * 1_000_000, id="a million digits"),
        pytest.param("-" * 1_000_000, id="a million signs"),
        pytest.param("0." + "0" * 1_000_000, id="a million decimals"),
    ],
)
def test_text_that_is_not_plainly_an_amount_is_refused(written: str) -> None:
    """FD-3: no guess at grouping, signs of currency or exponents, and no work on absurd lengths."""
    with pytest.raises(FactError, match=r"money\."):
        Money.of(written, "EUR")


@pytest.mark.parametrize(
    ("written", "currency", "expected"),
    [
        ("1.005", "EUR", "at most 2 decimals in EUR"),
        ("95.000", "EUR", "at most 2 decimals in EUR"),
        ("1.0", "JPY", "no decimals in JPY"),
        ("1.0001", "KWD", "at most 3 decimals in KWD"),
        ("1.00001", "CLF", "at most 4 decimals in CLF"),
        (Decimal("1.005"), "EUR", "at most 2 decimals in EUR"),
        (Decimal("0.5"), "JPY", "no decimals in JPY"),
        (Decimal("1E-999999"), "EUR", "at most 2 decimals in EUR"),
    ],
)
def test_decimals_that_the_currency_does_not_have_are_refused(written: str | Decimal, currency: str, expected: str) -> None:
    """FD-3: nothing is rounded on the way in; "95.000" is not taken for 95 euros."""
    with pytest.raises(FactError, match=expected):
        Money.of(written, currency)


@pytest.mark.parametrize(
    "amount",
    [
        *("NaN", "sNaN", "-NaN123", "Infinity", "-Infinity"),
        *("1E+999999", "-1E+999999", "1E+34", "9" * 35, "1E+999999999999999999"),
    ],
)
def test_a_decimal_without_end_or_beyond_measure_is_refused_at_once(amount: str) -> None:
    """FD-3: a FactError and not a hang."""
    with pytest.raises(FactError, match=r"money\.amount"):
        Money.of(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    "amount",
    [95_000.0, 0.1, float("nan"), True, None, Fraction(1, 2), b"1", 10**34, pytest.param(10**9999, id="huge")],
)
def test_floats_and_strangers_are_not_amounts(amount: int) -> None:
    """AD-15: weights and money are never floats."""
    with pytest.raises(FactError, match=r"money\."):
        Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(2_850_000, "EUR"), "EUR 28500.00"),
        (Money(95_000, "JPY"), "JPY 95000"),
        (Money(1_234, "KWD"), "KWD 1.234"),
        (Money(5, "EUR"), "EUR 0.05"),
        (Money(-5, "EUR"), "EUR -0.05"),
        (Money(-123_456, "EUR"), "EUR -1234.56"),
        (Money(0, "EUR"), "EUR 0.00"),
        (Money(0, "JPY"), "JPY 0"),
        (Money(10_001, "CLF"), "CLF 1.0001"),
        (Money(10**36 - 1, "EUR"), "EUR 9999999999999999999999999999999999.99"),
    ],
)
def test_an_amount_prints_the_same_everywhere(amount: Money, text: str) -> None:
    """FD-4: a code, a point, all the decimals, no grouping."""
    assert str(amount) == text
    assert f"{amount}" == text
    assert str(amount.amount) == text.split()[1]


def test_the_decimal_amount_does_not_depend_on_the_decimal_context() -> None:
    """FD-4: the caller's context neither rounds nor traps."""
    with localcontext(prec=2, rounding=ROUND_UP, Emax=3, Emin=-1) as context:
        context.clear_traps()
        assert str(Money(-123_456_789, "EUR").amount) == "-1234567.89"
        assert Money.of(Decimal("1234567.89"), "EUR") == Money(123_456_789, "EUR")


def test_amounts_in_one_currency_add_subtract_and_compare() -> None:
    """FD-3."""
    ten, three = Money.of(10, "EUR"), Money.of("3.33", "EUR")
    assert ten + three == Money(1_333, "EUR")
    assert ten - three == Money(667, "EUR")
    assert three - ten == Money(-667, "EUR")
    assert -three == Money(-333, "EUR")
    assert three < ten
    assert three <= ten <= Money(1_000, "EUR")
    assert ten > three
    assert Money(1_000, "EUR") >= ten >= three
    assert not ten < three
    assert max(three, ten, -ten) == ten


def test_two_currencies_never_meet_and_the_error_names_both() -> None:
    """AD-20: mixed currencies raise."""
    euros, dollars = Money.of(1, "EUR"), Money.of(1, "USD")
    for meet in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(FactError, match="saw EUR and USD, expected one currency"):
            meet(euros, dollars)


def test_equality_across_currencies_is_no_and_there_is_no_common_zero() -> None:
    """AD-20: two zeros in two currencies are two things, in a set as well."""
    assert Money(0, "EUR") != Money(0, "USD")
    number: object = 0
    assert Money(0, "EUR") != number
    assert len({Money(0, "EUR"), Money(0, "USD"), Money(0, "EUR")}) == 2


@pytest.mark.parametrize("stranger", [0, 1, 1.0, Decimal(1), "EUR 1.00", None])
def test_money_leaves_questions_about_other_things_to_the_other_thing(stranger: Money) -> None:
    """FD-3: NotImplemented, which Python turns into its own TypeError."""
    amount = Money(1, "EUR")
    for ask in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__, Money.__eq__):
        assert ask(amount, stranger) is NotImplemented
    with pytest.raises(TypeError):
        amount + stranger
    with pytest.raises(TypeError):
        amount < stranger  # noqa: B015


def test_a_sum_beyond_measure_is_refused() -> None:
    """FD-3: the bound holds for what is computed too."""
    with pytest.raises(FactError, match="at most 36 digits"):
        Money(10**36 - 1, "EUR") + Money(1, "EUR")


def test_an_amount_never_changes_and_survives_a_pickle() -> None:
    """FD-1: values are frozen, hashable and travel."""
    amount = Money.of("28500.00", "EUR")
    with pytest.raises(FrozenInstanceError):
        amount.minor = 1  # type: ignore[misc]  # on purpose
    assert pickle.loads(pickle.dumps(amount)) == amount  # noqa: S301
    assert hash(amount) == hash(Money(2_850_000, "EUR"))
    assert repr(amount) == "Money(minor=2850000, currency='EUR')"


@pytest.mark.parametrize(
    ("amount", "weights", "lines"),
    [
        ("EUR 95000.00", (30, 20, 30, 20), "28500.00 19000.00 28500.00 19000.00"),
        ("EUR 100.00", (1, 1, 1), "33.34 33.33 33.33"),
        ("EUR 100.00", (Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)), "33.34 33.33 33.33"),
        ("EUR -100.00", (1, 1, 1), "-33.34 -33.33 -33.33"),
        ("EUR 200.00", (1, 1, 1), "66.67 66.67 66.66"),
        ("EUR 0.01", (30, 20, 30, 20), "0.01 0.00 0.00 0.00"),
        ("EUR 0.02", (30, 20, 30, 20), "0.01 0.00 0.01 0.00"),
        ("EUR 0.03", (30, 20, 30, 20), "0.01 0.01 0.01 0.00"),
        ("EUR 0.05", (1, 2, 2), "0.01 0.02 0.02"),
        ("EUR 0.01", (1, 2), "0.00 0.01"),
        ("EUR 0.00", (1, 2), "0.00 0.00"),
        ("EUR 10.00", (0, 1, 0, 2), "0.00 3.33 0.00 6.67"),
        ("EUR 10.00", (1,), "10.00"),
        ("EUR 100.00", (*[Fraction(9, 40)] * 4, Fraction(1, 10)), "22.50 22.50 22.50 22.50 10.00"),
        ("JPY 95000", (30, 20, 30, 20), "28500 19000 28500 19000"),
        ("JPY 100", (1, 1, 1), "34 33 33"),
        ("JPY 1", (1, 1), "1 0"),
        ("KWD 1.000", (1, 1, 1), "0.334 0.333 0.333"),
        ("KWD 0.002", (1, 1, 1), "0.001 0.001 0.000"),
        ("CLF 1.0000", (1, 2), "0.3333 0.6667"),
    ],
)
def test_a_split_adds_up_to_the_last_unit(amount: str, weights: tuple[int | Fraction, ...], lines: str) -> None:
    """AT-1, FD-3, AD-16, AD-17, AD-18."""
    currency, digits = amount.split()
    expected = tuple(Money.of(line, currency) for line in lines.split())
    assert money.split(Money.of(digits, currency), weights) == expected


def test_a_larger_amount_may_lower_one_line_by_one_unit() -> None:
    """AD-16: the price of staying within one unit of every exact share, known and small."""
    assert [line.minor for line in money.split(Money(10, "EUR"), (6, 6, 2))] == [4, 4, 2]
    assert [line.minor for line in money.split(Money(11, "EUR"), (6, 6, 2))] == [5, 5, 1]


@pytest.mark.parametrize("amount", ["100.00", "-100.00", "0.00"])
@pytest.mark.parametrize(
    ("weights", "path"),
    [
        ((), "money.weights: saw 0 weights that add up to 0"),
        ((0, 0), "money.weights: saw 2 weights that add up to 0"),
        ((1, -1), "money.weights[1]: saw -1"),
        ((Fraction(-1, 3), 1), "money.weights[0]"),
        ((1, 0.5), "money.weights[1]: saw 0.5"),
        ((True, 1), "money.weights[0]: saw true"),
        ((1, Decimal("0.5")), "money.weights[1]"),
        ((1, None), "money.weights[1]: saw nothing"),
        ("12", "money.weights[0]: saw '1'"),
    ],
)
def test_weights_that_are_not_exact_shares_are_refused(amount: str, weights: tuple[int, ...], path: str) -> None:
    """AD-15: integers or Fractions, none negative, and something to divide by; whatever the amount."""
    with pytest.raises(FactError) as error:
        money.split(Money.of(amount, "EUR"), weights)
    assert str(error.value).startswith(path)


def test_a_total_is_a_plain_sum_in_the_currency_asked_for() -> None:
    """AD-16: a roll-up is never rounded again."""
    lines = money.split(Money.of("95000.00", "EUR"), (30, 20, 30, 20))
    assert money.total(lines, "EUR") == Money.of("95000.00", "EUR")
    assert money.total(iter(lines), "EUR") == Money.of("95000.00", "EUR")
    assert money.total((), "JPY") == Money(0, "JPY")


def test_a_total_over_two_currencies_raises() -> None:
    """AD-20: the error names both, and an unknown currency is an error even of nothing."""
    with pytest.raises(FactError, match="saw EUR and USD"):
        money.total([Money(1, "EUR"), Money(1, "USD")], "EUR")
    with pytest.raises(FactError, match="saw 'XXX'"):
        money.total((), "XXX")
