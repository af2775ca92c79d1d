"""What is a score, in whole numbers?

A score is top * unit / bottom: a whole number over the rows, a unit that the policy fixes, and a denominator that is 1 unless it differs
from row to row. Scores are added, compared with lines and with each other in whole numbers alone, and everything that is computed is
proven to stay below 2**53 (`expressions.MOST`).
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, gcd, lcm

from attrs import frozen

from inbound_engine.errors import PolicyError, Problem
from inbound_engine.expressions import (
    FALSE,
    MOST,
    TRUE,
    Column,
    Compare,
    Constant,
    Expression,
    bounds,
    kind,
    opposite,
    product,
    total,
    walk,
)

__all__ = ["ONE", "Ratio", "added", "by_op", "compared", "prove", "reaches", "unified"]

ONE = Constant("integer", 1)


@frozen
class Ratio:
    """top * unit / bottom: a score, exactly. `bottom` is never 0, and 1 unless the denominator differs from row to row."""

    top: Expression
    unit: Fraction = Fraction(1)
    bottom: Expression = ONE


def unified(ratios: Sequence[Ratio]) -> list[Ratio]:
    """The same in one unit."""
    units = [ratio.unit for ratio in ratios]
    bottom = lcm(*(unit.denominator for unit in units))
    unit = Fraction(gcd(*(int(unit * bottom) for unit in units)), bottom)
    return [Ratio(product(ratio.top, int(ratio.unit / unit)), unit, ratio.bottom) for ratio in ratios]


def added(ratios: Sequence[Ratio]) -> Ratio:
    """The sum."""
    several = unified(ratios)
    top, bottom = several[0].top, several[0].bottom
    for other in several[1:]:
        top = total(product(top, other.bottom), product(other.top, bottom))
        bottom = product(bottom, other.bottom)
    return Ratio(top, several[0].unit, bottom)


def reaches(number: Expression, least: int) -> Expression:
    """Whether a whole number is at least so much; settled here where its bounds settle it."""
    low, high = bounds(number)
    return TRUE if least <= low else FALSE if least > high else Compare(">=", number, Constant("integer", least))


def compared(ratio: Ratio, op: str, value: Fraction) -> Expression:
    """Whether a score is at least, more than, ... so many points."""
    if ratio.bottom != ONE:
        left = product(ratio.top, ratio.unit.numerator * value.denominator)
        right = product(ratio.bottom, value.numerator * ratio.unit.denominator)
        reached, passed = Compare(">=", left, right), Compare("<", right, left)
        equal: Expression = Compare("==", left, right)
    else:
        line = value / ratio.unit
        reached_or_settled, passed_or_settled = reaches(ratio.top, ceil(line)), reaches(ratio.top, floor(line) + 1)
        whole = line.denominator == 1 and bounds(ratio.top)[0] <= line <= bounds(ratio.top)[1]
        equal = Compare("==", ratio.top, Constant("integer", int(line))) if whole else FALSE
        return by_op(op, reached_or_settled, passed_or_settled, equal)
    return by_op(op, reached, passed, equal)


def by_op(op: str, reached: Expression, passed: Expression, equal: Expression) -> Expression:
    """The comparison of that name, from three: whether the value is reached, passed, met exactly."""
    relations = {
        "at_least": reached,
        "less_than": opposite(reached),
        "more_than": passed,
        "at_most": opposite(passed),
        "equals": equal,
        "differs": opposite(equal),
    }
    return relations[op]


def prove(expression: Expression, name: str) -> None:
    """Refuses an expression in which a whole number could reach 2**53."""
    for part in walk(expression):
        if kind(part) == "integer" and not isinstance(part, Column):
            low, high = bounds(part)
            if low <= -MOST or high >= MOST:
                compared = isinstance(part, Constant)
                hint = "Compare with a number below 2**53." if compared else "Use weights, scales and points with fewer digits."
                raise PolicyError([Problem("scoring", f"numbers up to {max(-low, high)} in {name}", "less than 2**53", hint)])
