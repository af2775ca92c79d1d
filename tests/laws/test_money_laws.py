"""What holds for every amount and every split."""

import pickle
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from inbound_engine import money
from inbound_engine.money import Money

_CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])
_MINOR = st.integers(-(10**12), 10**12)
_SMALL = st.integers(-200, 200)  # leftovers and ties are common among small amounts
_AMOUNTS = st.builds(Money, st.one_of(_SMALL, _MINOR), _CURRENCIES)
_WEIGHT = st.one_of(st.integers(0, 12), st.fractions(0, 3, max_denominator=40))
_WEIGHTS = st.lists(_WEIGHT, min_size=1, max_size=8).filter(any)


def _minors(lines: tuple[Money, ...]) -> list[int]:
    return [line.minor for line in lines]


@given(_AMOUNTS, _WEIGHTS)
def test_a_split_loses_nothing_and_invents_nothing(amount: Money, weights: list[int | Fraction]) -> None:
    """FD-3, AT-6: one line per weight, adding up exactly."""
    lines = money.split(amount, weights)
    assert len(lines) == len(weights)
    assert money.total(lines, amount.currency) == amount


@given(_AMOUNTS, _WEIGHTS)
def test_a_refund_cancels_its_deal_unit_by_unit(amount: Money, weights: list[int | Fraction]) -> None:
    """AD-18: the split of the negative is the negative of the split."""
    assert money.split(-amount, weights) == tuple(-line for line in money.split(amount, weights))


@given(_AMOUNTS, _WEIGHTS)
def test_every_line_is_within_one_unit_of_its_exact_share(amount: Money, weights: list[int | Fraction]) -> None:
    """AD-16: and a weight of zero earns nothing."""
    whole = sum(weights, Fraction(0))
    for line, weight in zip(money.split(amount, weights), weights, strict=True):
        assert abs(line.minor - amount.minor * weight / whole) < 1
        assert weight or not line.minor


@given(_AMOUNTS, _WEIGHTS)
def test_more_weight_never_earns_less_and_equal_weights_differ_by_one_unit_at_most(amount: Money, weights: list[int | Fraction]) -> None:
    """AD-16, AD-17: and of two equal weights the earlier line is never the smaller."""
    sizes = [abs(line) for line in _minors(money.split(amount, weights))]
    for later, weight in enumerate(weights):
        for earlier in range(later):
            if weights[earlier] == weight:
                assert 0 <= sizes[earlier] - sizes[later] <= 1
            elif weights[earlier] > weight:
                assert sizes[earlier] >= sizes[later]
            else:
                assert sizes[earlier] <= sizes[later]


@given(_AMOUNTS, _WEIGHTS, st.fractions(Fraction(1, 50), 50, max_denominator=50))
def test_only_the_proportions_of_weights_count(amount: Money, weights: list[int | Fraction], times: Fraction) -> None:
    """AD-15: 30, 20, 30, 20 split as 3/10, 1/5, 3/10, 1/5 do."""
    assert money.split(amount, [weight * times for weight in weights]) == money.split(amount, weights)


@given(_AMOUNTS, _WEIGHTS, st.data())
def test_the_order_of_weights_matters_only_between_equal_remainders(
    amount: Money, weights: list[int | Fraction], data: st.DataObject
) -> None:
    """AD-17: reordered, a line moves by one unit at most; and not at all when no two remainders are equal."""
    order = data.draw(st.permutations(range(len(weights))))
    straight = _minors(money.split(amount, weights))
    reordered = _minors(money.split(amount, [weights[place] for place in order]))
    moved = [abs(line - straight[place]) for line, place in zip(reordered, order, strict=True)]
    assert max(moved) <= 1
    whole = sum(weights, Fraction(0))
    remainders = {abs(amount.minor) * weight / whole % 1 for weight in weights}
    if len(remainders) == len(weights):
        assert max(moved) == 0


@given(st.one_of(_SMALL, _MINOR), _WEIGHTS)
def test_one_unit_more_never_lowers_a_line_by_more_than_one_unit(minor: int, weights: list[int | Fraction]) -> None:
    """AD-16: that it may lower one at all is the price of staying within one unit of every share."""
    before = _minors(money.split(Money(minor, "EUR"), weights))
    after = _minors(money.split(Money(minor + 1, "EUR"), weights))
    assert all(later >= earlier - 1 for earlier, later in zip(before, after, strict=True))


@given(_AMOUNTS, st.integers(1, 60))
def test_whatever_is_written_down_is_read_back(amount: Money, precision: int) -> None:
    """FD-3, FD-4: as text, as a Decimal in any context, as a pickle."""
    code, digits = str(amount).split()
    assert Money.of(digits, code) == amount
    with localcontext(Context(prec=precision, traps=[])):
        assert Money.of(amount.amount, amount.currency) == amount
        assert amount.amount.compare_total(Decimal(digits)) == 0
    assert pickle.loads(pickle.dumps(amount)) == amount  # noqa: S301


@given(_MINOR, _MINOR, _MINOR, _CURRENCIES)
def test_amounts_add_and_compare_as_their_minor_units_do(one: int, two: int, three: int, currency: str) -> None:
    """FD-3: in any order of adding, back and forth."""
    a, b, c = Money(one, currency), Money(two, currency), Money(three, currency)
    assert (a + b) + c == a + (b + c) == money.total([c, b, a], currency)
    assert a + b - b == a
    assert a - b == -(b - a)
    assert (a < b, a <= b, a > b, a >= b, a == b) == (one < two, one <= two, one > two, one >= two, one == two)


@given(_AMOUNTS, _AMOUNTS)
def test_equal_amounts_have_equal_hashes_and_one_currency(one: Money, other: Money) -> None:
    """AD-20: what is equal is in one currency."""
    assume(one.minor == other.minor or one.currency == other.currency)
    if one == other:
        assert hash(one) == hash(other)
        assert one.currency == other.currency
