"""Can a condition ever hold?

A guard that no lead can meet is a dead end, and two guards that no lead can meet together tell their moves apart. Both are shown
by shape: what is asked of one fact is tried on the few values at which an answer can change (each value named, one between each
two of them, one beyond each end), and what cannot be tried so (letters, sets, counts over other windows) is taken to be possible.
So whatever is called impossible is; what is not shown may be impossible all the same. Nothing is tried out on leads.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, TypeAlias

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
from inbound_engine.errors import FactError
from inbound_engine.spans import parse_instant

__all__ = ["Search", "excludes", "impossible"]


def impossible(condition: AnyCondition) -> bool:
    """Whether the condition is surely true of no lead; False also where that cannot be shown.

    >>> from inbound_engine.conditions import fact
    >>> impossible(fact("employees").at_least(500) & fact("employees").less_than(50))
    True
    """
    return Search().impossible([condition])


def excludes(first: AnyCondition, second: AnyCondition) -> bool:
    """Whether no lead meets both conditions; False also where that cannot be shown.

    >>> from inbound_engine.conditions import fact
    >>> excludes(fact("country").equals("DE"), ~fact("country").is_in("DE", "AT"))
    True
    """
    return Search().impossible([first, second])


@frozen
class _Asked:
    """A condition on one fact, or its opposite where that is no condition of the language."""

    says: AboutAFact
    holds: bool = True


_Alternative: TypeAlias = tuple[_Asked | Count, ...]


class Search:
    """Looks for contradictions, and finds no more once its steps are used up, so that an untrusted document cannot hang anybody."""

    def __init__(self, steps: int = 20_000) -> None:
        """Takes the number of alternatives that may be looked at, in all."""
        self.steps: int = steps

    def impossible(self, conditions: Iterable[AnyCondition]) -> bool:
        """Whether no lead meets all the conditions; False also where that cannot be shown."""
        alternatives: list[_Alternative] = [()]
        for condition in conditions:
            alternatives = [several for several in self._joined(alternatives, condition) if not self._contradict(several)]
        return not alternatives and self.steps >= 0

    def _joined(self, alternatives: Sequence[_Alternative], condition: AnyCondition) -> list[_Alternative]:
        further = self._alternatives(condition, holds=True)
        self.steps -= len(alternatives) * len(further)
        return [(*one, *other) for one in alternatives for other in further] if self.steps >= 0 else [()]

    def _alternatives(self, condition: AnyCondition, *, holds: bool) -> list[_Alternative]:
        """The ways in which the condition can be true (or false, without `holds`); unknown is neither."""
        self.steps -= 1
        match condition:
            case _ if self.steps < 0:
                return [()]
            case Always():
                return [()] if holds else []
            case Not(of=inner):
                return self._alternatives(inner, holds=not holds)
            case AllOf(of=of) | AnyOf(of=of):
                if isinstance(condition, AnyOf) is holds:
                    return [way for part in of for way in self._alternatives(part, holds=holds)]
                ways: list[_Alternative] = [()]
                for part in of:
                    ways = self._joined(ways, part if holds else Not.model_construct(op="not", of=part))
                return ways
            case Count():
                return [(condition,)] if holds else [(other,) for other in _other_counts(condition)]
            case Known(op=op) if not holds:
                return [(_Asked(Known(op="unknown" if op == "known" else "known", fact=condition.fact)),)]
            case Between(low=low, high=high) if not holds:
                return [(_Asked(_compare(condition, "less_than", low)),), (_Asked(_compare(condition, "more_than", high)),)]
            case _:
                return [(_Asked(condition, holds),)]

    def _contradict(self, alternative: _Alternative) -> bool:
        """Whether no lead meets all of these."""
        self.steps -= len(alternative) ** 2
        by_fact: dict[str, list[_Asked]] = {}
        counts: list[Count] = []
        for part in alternative:
            if isinstance(part, Count):
                counts.append(part)
            else:
                by_fact.setdefault(part.says.fact, []).append(part)
        if any(_counts_exclude(one, other) for one in counts for other in counts):
            return True
        for asked in by_fact.values():
            self.steps -= sum(len(values_of(part.says)) for part in asked) ** 2
            if self.steps >= 0 and _facts_exclude(asked):
                return True
        return False


def _compare(condition: Between, op: Literal["less_than", "more_than"], value: Scalar) -> Compare:
    return Compare.model_construct(op=op, fact=condition.fact, value=value)


def _other_counts(count: Count) -> Iterator[Count]:
    """The counts of which one is true where this one is false."""
    if count.at_least:
        yield count.model_copy(update={"at_least": None, "at_most": count.at_least - 1})
    if count.at_most is not None:
        yield count.model_copy(update={"at_least": count.at_most + 1, "at_most": None})


def _counts_exclude(one: Count, other: Count) -> bool:
    """Whether the second allows fewer than the first wants, over a window that holds the first's."""
    holds = other.within_days is None or (one.within_days is not None and one.within_days <= other.within_days)
    return holds and one.activities == other.activities and other.at_most is not None and (one.at_least or 0) > other.at_most


# ----------------------------------------------------------------------------------------------------------- on one fact


def _facts_exclude(asked: Sequence[_Asked]) -> bool:
    """Whether no value of the fact, and no want of one, meets all that is asked."""
    if any(_is(part, "unknown") for part in asked):
        return not all(_is(part, "unknown") for part in asked)
    if any(one.says == other.says and one.holds is not other.holds for one in asked for other in asked):
        return True
    within, older = ([part.says.days for part in asked if isinstance(part.says, Elapsed) and _is(part, op)] for op in _WINDOWS)
    if within and older and max(older) >= min(within):
        return True
    points = _points(asked)
    return bool(points) and not any(all(_allows(part, point) for part in asked) for point in points)


_WINDOWS = ("within", "older_than")


def _is(part: _Asked, op: str) -> bool:
    return part.holds and part.says.op == op


@frozen
class _Point:
    """A value that the fact may have, as it is written where somebody wrote it, and its place among others of its unit."""

    written: Scalar | None
    unit: str
    place: Any


def _point(value: Scalar) -> _Point:
    match value:
        case bool():
            return _Point(value, "yes or no", value)
        case Amount():
            return _Point(value, value.currency, value.amount)
        case _:
            try:
                return _Point(value, "number", parse_exact(value))
            except ValueError:
                pass
            try:
                return _Point(value, "instant", parse_instant(str(value)))
            except FactError:
                return _Point(value, "text", value)


def _points(asked: Sequence[_Asked]) -> list[_Point]:
    """Values of which one meets what is asked, if any does; none where that cannot be said."""
    chosen = next((part.says for part in asked if _is(part, "equals") or _is(part, "is_in")), None)
    if chosen is not None:  # the fact is one of what is named there
        return [_point(value) for _, value in values_of(chosen)]
    named = [_point(value) for part in asked if not isinstance(part.says, Words) for _, value in values_of(part.says)]
    units = {point.unit for point in named}
    if "yes or no" in units:
        return [_Point(value, "yes or no", value) for value in (False, True)]
    return [point for unit in sorted(units - {"text"}) for point in _between(unit, {point.place for point in named if point.unit == unit})]


def _between(unit: str, places: set[Any]) -> Iterator[_Point]:
    """Each of the places, one between each two, and one beyond each end."""
    ordered = sorted(places)
    step: Any = timedelta(microseconds=1) if unit == "instant" else Fraction(1)
    inner = [low + (high - low) / 2 for low, high in pairwise(ordered)]
    for place in (*ordered, *inner, *_beyond(ordered[0], -step), *_beyond(ordered[-1], step)):
        yield _Point(None, unit, place)


def _beyond(place: Any, step: Any) -> Iterator[Any]:  # noqa: ANN401 - a number or an instant
    try:
        yield place + step
    except OverflowError:
        return


def _allows(part: _Asked, point: _Point) -> bool:
    """Whether a fact of that value may meet what is asked; True also where that cannot be said."""
    match part.says:
        case Compare(op="equals" | "differs" as op, value=value):
            return _equal(point, value) if (op == "equals") is part.holds else _differ(point, value)
        case Compare(op=op, value=value):
            other = _point(value)
            return other.unit == point.unit and _compared(op, point.place, other.place) is part.holds
        case Between(low=low, high=high):
            first, last = _point(low), _point(high)
            return first.unit == last.unit == point.unit and first.place <= point.place <= last.place
        case OneOf(op="is_in", values=values):
            return any(_equal(point, value) for value in values) if part.holds else all(_differ(point, value) for value in values)
        case Words(value=value) if isinstance(point.written, str):
            return _worded(part.says.op, point.written, value) is part.holds
        case _:
            return True


def _equal(point: _Point, value: Scalar) -> bool:
    """Whether both may be the same: "1.0" and "1" are, of a fact that is a number."""
    other = _point(value)
    return other.unit == point.unit and bool(other.place == point.place)


def _differ(point: _Point, value: Scalar) -> bool:
    """Whether both may differ: "1.0" and "1" do, of a fact that is a text; amounts of two currencies are not compared."""
    other = _point(value)
    written = isinstance(point.written, str) and isinstance(value, str) and point.written != value
    return written or (other.unit == point.unit and bool(other.place != point.place))


def _compared(op: str, left: Any, right: Any) -> bool:  # noqa: ANN401 - numbers or instants
    match op:
        case "at_least":
            return bool(left >= right)
        case "at_most":
            return bool(left <= right)
        case "more_than":
            return bool(left > right)
        case _:
            return bool(left < right)


def _worded(op: str, text: str, letters: str) -> bool:
    match op:
        case "contains":
            return letters in text
        case "starts_with":
            return text.startswith(letters)
        case _:
            return text.endswith(letters)
