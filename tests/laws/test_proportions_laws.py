"""What holds for every rate and its interval."""

from fractions import Fraction
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import proportions
from inbound_engine.proportions import Rate

_Z: dict[Literal[90, 95, 99], Fraction] = {
    90: Fraction("1.644853626951473"),
    95: Fraction("1.959963984540054"),
    99: Fraction("2.575829303548901"),
}
_LAST_DECIMAL = Fraction(1, 10**12)
_CONFIDENCES: st.SearchStrategy[Literal[90, 95, 99]] = st.sampled_from(list(_Z))
_TOTALS = st.one_of(st.integers(1, 30), st.integers(1, 10**9))
_RATES = _TOTALS.flatmap(lambda total: st.builds(Rate, st.integers(0, total), st.just(total)))


def _interval(rate: Rate, confidence: Literal[90, 95, 99] = 95) -> tuple[Fraction, Fraction]:
    bounds = proportions.interval(rate, confidence)
    assert bounds is not None
    return bounds


def _beyond(rate: Rate, confidence: Literal[90, 95, 99], at: Fraction) -> Fraction:
    """How far a true rate lies outside what Wilson's test accepts: below zero inside, zero on its ends."""
    return rate.total * (Fraction(rate.hits, rate.total) - at) ** 2 - _Z[confidence] ** 2 * at * (1 - at)


@given(_RATES, _CONFIDENCES)
def test_the_ends_are_those_of_wilsons_test_to_the_last_decimal(rate: Rate, confidence: Literal[90, 95, 99]) -> None:
    """FN-2: the ends lie on or outside what the test accepts, and one decimal further in lies inside."""
    low, high = _interval(rate, confidence)
    assert _beyond(rate, confidence, low) >= 0
    assert _beyond(rate, confidence, low + _LAST_DECIMAL) < 0
    assert _beyond(rate, confidence, high) >= 0
    assert _beyond(rate, confidence, high - _LAST_DECIMAL) < 0


@given(_RATES, _CONFIDENCES)
def test_a_rate_lies_in_its_interval(rate: Rate, confidence: Literal[90, 95, 99]) -> None:
    """FN-2: and the interval within 0 and 1, in 12 decimals."""
    low, high = _interval(rate, confidence)
    assert rate.value is not None
    assert 0 <= low <= rate.value <= high <= 1
    assert low < high
    assert (low / _LAST_DECIMAL).denominator == (high / _LAST_DECIMAL).denominator == 1


@given(_RATES)
def test_more_confidence_is_never_narrower(rate: Rate) -> None:
    """FN-2."""
    nineties, middle, most = _interval(rate, 90), _interval(rate, 95), _interval(rate, 99)
    assert most[0] <= middle[0] <= nineties[0]
    assert nineties[1] <= middle[1] <= most[1]


@given(_RATES, st.integers(2, 1_000), _CONFIDENCES)
def test_the_same_proportion_of_more_cases_is_never_wider(rate: Rate, times: int, confidence: Literal[90, 95, 99]) -> None:
    """FN-2: evidence narrows."""
    few, many = _interval(rate, confidence), _interval(Rate(rate.hits * times, rate.total * times), confidence)
    assert few[0] <= many[0]
    assert many[1] <= few[1]


@given(_RATES, _CONFIDENCES)
def test_misses_have_the_mirror_image_of_the_interval_of_hits(rate: Rate, confidence: Literal[90, 95, 99]) -> None:
    """FN-2, FD-4: exactly, rounding included."""
    low, high = _interval(rate, confidence)
    assert _interval(Rate(rate.total - rate.hits, rate.total), confidence) == (1 - high, 1 - low)


@given(_RATES.filter(lambda rate: rate.hits < rate.total), _CONFIDENCES)
def test_one_more_hit_never_lowers_an_end(rate: Rate, confidence: Literal[90, 95, 99]) -> None:
    """FN-2."""
    before, after = _interval(rate, confidence), _interval(Rate(rate.hits + 1, rate.total), confidence)
    assert before[0] <= after[0]
    assert before[1] <= after[1]


@given(_RATES, st.fractions(-1, 2))
def test_exceeding_is_comparing_exact_values(rate: Rate, threshold: Fraction) -> None:
    """FD-3: and no rate exceeds itself."""
    assert rate.value is not None
    assert proportions.exceeds(rate, threshold) is (rate.value > threshold)
    assert proportions.exceeds(rate, rate.value) is False


@given(_RATES, st.integers(0, 12))
def test_what_people_read_is_off_by_half_a_digit_at_most(rate: Rate, decimals: int) -> None:
    """FD-3: and has just the decimals asked for."""
    digits, sign = proportions.percent(rate, decimals).split(" ")
    assert sign == "%"
    assert len(digits.partition(".")[2]) == decimals
    assert rate.value is not None
    assert abs(Fraction(digits) - rate.value * 100) <= Fraction(1, 2 * 10**decimals)
