"""What is a rate worth? (exact, with its interval)

A rate is two counts, and stays two counts: 1 of 10 and 100 of 1,000 are one proportion and two different amounts of
evidence. Thresholds are cross-multiplied (FD-3), so a rate that stands exactly on its threshold is never pushed over it
by rounding. A rate on few cases carries its interval (FN-2).

The interval is Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22, 1927): it stays within 0 and 1, and says something
sensible of 0 in 3, where the textbook interval has no width. It is computed in integers alone, and so it is the same to
the last digit on every machine (FD-4). A rate of nothing is not zero: it has no value, and each answer says so.
"""

from fractions import Fraction
from math import isqrt
from types import MappingProxyType
from typing import Final, Literal

from attrs import frozen

from inbound_engine.errors import FactError, shown

__all__ = ["Rate", "exceeds", "interval", "percent"]

# Two-sided quantiles of the standard normal distribution, by confidence in percent: z at 0.95, 0.975 and 0.995, to 15
# decimals, here in units of 10 ** -15. The well-known 1.96 is the second one, rounded.
_Z: Final = MappingProxyType({90: 1_644_853_626_951_473, 95: 1_959_963_984_540_054, 99: 2_575_829_303_548_901})
_Z_SQUARED_UNIT: Final = 10**30
_INTERVAL_UNIT: Final = 10**12  # intervals are given in 12 decimals
_MOST: Final = 10**36
_MOST_DECIMALS: Final = 12


@frozen
class Rate:
    """So many hits among so many cases: whole numbers, 0 <= hits <= total.

    0 of 0 is allowed, and has no value. Rates are equal when both counts are.

    >>> print(Rate(1, 10))
    1 of 10
    """

    hits: int
    total: int

    def __attrs_post_init__(self) -> None:
        """Refuses what is not a count of some cases among all."""
        for name, count in (("hits", self.hits), ("total", self.total)):
            if type(count) is not int or not 0 <= count <= _MOST:
                raise FactError(f"rate.{name}", shown(count), "a count: a whole number from 0 to 10 ** 36")
        if self.hits > self.total:
            raise FactError("rate.hits", shown(self.hits), f"at most the total, {self.total}")

    @property
    def value(self) -> Fraction | None:
        """The exact proportion, from 0 to 1; None of no cases.

        >>> Rate(1, 10).value
        Fraction(1, 10)
        """
        return Fraction(self.hits, self.total) if self.total else None

    def __str__(self) -> str:
        """Both counts, as people say them."""
        return f"{self.hits} of {self.total}"


def interval(rate: Rate, confidence: Literal[90, 95, 99] = 95) -> tuple[Fraction, Fraction] | None:
    """Wilson's score interval of a rate, two-sided, both ends included; None of no cases (FN-2).

    Ends lie within 0 and 1, in 12 decimals; the lower is rounded down and the upper up, so that rounding never makes a
    rate look surer than it is. A confidence, in percent, other than 90, 95 and 99 is a `FactError`.

    >>> low, high = interval(Rate(1, 10))
    >>> float(low), float(high)
    (0.017876213095, 0.404150026796)
    """
    z2 = _quantile(confidence) ** 2
    if not rate.total:
        return None
    # (2k + z² -+ sqrt(z² (z² + 4k(n - k) / n))) / 2(n + z²), with z² in units of 10 ** -30 and all of it times n
    n, k = rate.total, rate.hits
    middle = n * (2 * k * _Z_SQUARED_UNIT + z2) * _INTERVAL_UNIT
    squared = n * z2 * (n * z2 + 4 * k * (n - k) * _Z_SQUARED_UNIT) * _INTERVAL_UNIT**2
    width = isqrt(squared - 1) + 1  # the root, rounded up: outward at both ends
    divisor = 2 * n * (n * _Z_SQUARED_UNIT + z2)
    low, high = (middle - width) // divisor, -((-middle - width) // divisor)
    return Fraction(low, _INTERVAL_UNIT), Fraction(high, _INTERVAL_UNIT)


def exceeds(rate: Rate, threshold: Fraction) -> bool | None:
    """Whether a rate lies above a threshold, exactly; on it is not above it, and None of no cases (FD-3).

    >>> exceeds(Rate(1, 10), Fraction(1, 10)), exceeds(Rate(2, 10), Fraction(1, 10))
    (False, True)
    """
    if not isinstance(threshold, Fraction):
        raise FactError("proportions.threshold", shown(threshold), "a Fraction", "Write Fraction(1, 10) for 10 %.")
    return rate.hits * threshold.denominator > threshold.numerator * rate.total if rate.total else None


def percent(rate: Rate, decimals: int = 1) -> str:
    """A rate for people to read, in percent: rounded to 0 to 12 decimals, halves to the even digit.

    Never compare what it shows: 99.96 % shows as "100.0 %". `exceeds` compares.

    >>> percent(Rate(3561, 9240)), percent(Rate(0, 0))
    ('38.5 %', 'no cases')
    """
    if type(decimals) is not int or not 0 <= decimals <= _MOST_DECIMALS:
        raise FactError("proportions.decimals", shown(decimals), f"a whole number from 0 to {_MOST_DECIMALS}")
    if not rate.total:
        return "no cases"
    unit = 10**decimals
    units = round(Fraction(rate.hits * 100 * unit, rate.total))  # of a Fraction: exact, halves to even
    whole, rest = divmod(units, unit)
    return f"{whole}.{rest:0{decimals}} %" if decimals else f"{whole} %"


def _quantile(confidence: object) -> int:
    z = _Z.get(confidence) if type(confidence) is int else None
    if z is None:
        raise FactError("proportions.confidence", shown(confidence), "90, 95 or 99 (percent)")
    return z
