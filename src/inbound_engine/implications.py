"""Does one condition follow from another?

A row of a table is never asked where an earlier row surely takes every lead that it would: where the one condition implies the
other. That is shown by the shape of the conditions and their ranges of numbers and lists of values, or not at all: what is not
shown may still be so. Nothing is tried out on leads.
"""

from fractions import Fraction

from attrs import frozen

from inbound_engine.conditions import (
    AboutAFact,
    AllOf,
    Always,
    Amount,
    AnyCondition,
    AnyOf,
    Between,
    Compare,
    Count,
    Elapsed,
    Known,
    Not,
    OneOf,
    Scalar,
    Words,
    values_of,
)
from inbound_engine.documents import parse_exact

__all__ = ["Proofs", "implies"]


def implies(first: AnyCondition, second: AnyCondition) -> bool:
    """Whether the second is surely true wherever the first is; False also where that cannot be shown.

    >>> from inbound_engine.conditions import fact
    >>> implies(fact("employees").between(50, 500), fact("employees").at_least(20))
    True
    """
    return Proofs().shows(first, second)


class Proofs:
    """Looks for proofs that one condition implies another, and shows nothing more once its steps are used up.

    So a table from an untrusted editor cannot hang whoever asks what is odd about it.
    """

    def __init__(self, steps: int = 10_000) -> None:
        """Takes the number of pairs that may be looked at, in all."""
        self.steps: int = steps

    def shows(self, first: AnyCondition, second: AnyCondition, *, both_ways: bool = False) -> bool:
        """Whether the second is surely true wherever the first is; `both_ways`: and the first false wherever the second is.

        The two differ where facts are unknown: that somebody knows the country follows from "it is DE", but that it is not
        DE does not follow from "nobody knows it".
        """
        self.steps -= 1
        if self.steps < 0:
            return False
        match first, second:
            case _, Always():
                return True
            case AnyOf(of=of), _:
                return all(self.shows(part, second, both_ways=both_ways) for part in of)
            case _, AllOf(of=of):
                return all(self.shows(first, part, both_ways=both_ways) for part in of)
            case AllOf(of=of), AnyOf(of=other):
                return any(self.shows(part, second, both_ways=both_ways) for part in of) or any(
                    self.shows(first, part, both_ways=both_ways) for part in other
                )
            case AllOf(of=of), _:
                return any(self.shows(part, second, both_ways=both_ways) for part in of)
            case _, AnyOf(of=of):
                return any(self.shows(first, part, both_ways=both_ways) for part in of)
            case Not(of=inner), Not(of=other):
                return self.shows(other, inner, both_ways=True)
            case Count(), Count():
                return _count_implies(first, second)
            case (
                (Compare() | Between() | OneOf() | Words() | Known() | Elapsed()),
                (Compare() | Between() | OneOf() | Words() | Known() | Elapsed()),
            ) if first.fact == second.fact:
                self.steps -= len(values_of(first)) + len(values_of(second))
                return _fact_implies(first, second, both_ways=both_ways)
            case _:
                return False


def _count_implies(one: Count, other: Count) -> bool:
    """Counts are known or unknown together, so the second false makes the first false too."""
    if one.activities != other.activities:
        return False
    least = (one.at_least or 0) >= (other.at_least or 0)
    most = other.at_most is None or (one.at_most is not None and one.at_most <= other.at_most)
    if one.within_days == other.within_days:
        return least and most
    if other.within_days is None or (one.within_days is not None and one.within_days < other.within_days):
        return least and other.at_most is None
    return not other.at_least and most


def _fact_implies(one: AboutAFact, other: AboutAFact, *, both_ways: bool) -> bool:
    """Whether one condition on a fact implies another on the same."""
    match one, other:
        case _ if one == other:
            return True
        case _, Known(op="known"):
            return not both_ways and not isinstance(one, Known)
        case Elapsed(op="within"), Elapsed(op="within"):
            return one.days <= other.days
        case Elapsed(op="older_than"), Elapsed(op="older_than"):
            return one.days >= other.days
        case OneOf(op="overlaps"), OneOf(op="overlaps"):
            return frozenset(one.values) <= frozenset(other.values)
        case ((Compare(op="equals") | OneOf(op="is_in")), (Compare(op="equals") | OneOf(op="is_in"))):
            return frozenset(value for _, value in values_of(one)) <= frozenset(value for _, value in values_of(other))
        case _:
            inner, outer = _ranges(one), _ranges(other)
            return bool(inner) and all(any(_inside(narrow, wide) for wide in outer) for narrow in inner)


@frozen
class _Range:
    """What a comparison allows of a number or an amount; an end that is None is open."""

    unit: str
    low: Fraction | None
    high: Fraction | None
    low_belongs: bool = True
    high_belongs: bool = True


def _ranges(condition: AboutAFact) -> tuple[_Range, ...]:
    """Where the fact lies when the condition is true; nothing where that is not said in numbers."""
    numbers = [_number(value) for _, value in values_of(condition)]
    match condition, numbers:
        case Compare(op="at_least" | "more_than" as op), [(unit, low)]:
            return (_Range(unit, low, None, low_belongs=op == "at_least"),)
        case Compare(op="at_most" | "less_than" as op), [(unit, high)]:
            return (_Range(unit, None, high, high_belongs=op == "at_most"),)
        case Between(), [(unit, low), (other, high)] if unit == other:
            return (_Range(unit, low, high),)
        case ((Compare(op="equals") | OneOf(op="is_in")), _):
            points = tuple(_Range(number[0], number[1], number[1]) for number in numbers if number is not None)
            return points if len(points) == len(numbers) else ()
        case _:
            return ()


def _number(value: Scalar) -> tuple[str, Fraction] | None:
    """The currency, or nothing, and the exact number."""
    match value:
        case Amount():
            return value.currency, value.amount
        case bool():
            return None
        case _:
            try:
                return "", parse_exact(value)
            except ValueError:
                return None


def _inside(narrow: _Range, wide: _Range) -> bool:
    above = wide.low is None or (
        narrow.low is not None and (narrow.low > wide.low or (narrow.low == wide.low and (wide.low_belongs or not narrow.low_belongs)))
    )
    below = wide.high is None or (
        narrow.high is not None
        and (narrow.high < wide.high or (narrow.high == wide.high and (wide.high_belongs or not narrow.high_belongs)))
    )
    return narrow.unit == wide.unit and above and below
