"""What would change the answer?

Two readings of one assessment: the best and the worst tier that missing facts still allow (FD-6), and how far the next tier is: how
many points are short, and the smallest sets of changes that would reach it (TI-5).

Nothing here is estimated: every change is tried, through the same rules that made the assessment. Criteria are raised one apart
from the other, to grades that their grader can give, whatever facts they share.

The search for changes first parts the scores that have no criterion in common, for the smallest set of all is the smallest
of each together. It then tries sets in the order of their size and leaves out whatever cannot reach the line even with the
best of what is left. Sets of more than twelve changes are nobody's plan, and are not looked for.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from attrs import field, frozen

from inbound_engine import scoring, tiers
from inbound_engine.conditions import (
    lasting,
)
from inbound_engine.graders import attainable
from inbound_engine.matrices import CompiledMatrix, Graded, Grades, Points
from inbound_engine.scoring import Scores
from inbound_engine.tiers import Placement
from inbound_engine.vocabulary import View

__all__ = ["Distance", "Raise", "Shortfall", "distance", "extremes"]

_MOST_SETS = 12  # shown of those that are equally small
_MOST_CHANGES = 12  # in one set, for each group of scores that share criteria
_MOST_LEVERS = 200  # looked at in one such group
_MOST_STEPS = 20_000  # of the search in one such group; a matrix of thirty criteria takes some hundreds


@frozen
class Shortfall:
    """A score that is short of a tier, and by how many points."""

    score: str
    points: Fraction
    at_least: Fraction

    @property
    def short(self) -> Fraction:
        """The points that are missing."""
        return self.at_least - self.points


@frozen
class Raise:
    """One change: a criterion raised from a grade to another, or a row of points that turns; `before` is None where it is unknown.

    For rows of points 1 is true and 0 is false: a row that costs points is turned to 0.
    """

    score: str
    id: str
    label: str
    before: int | None
    to: int
    to_label: str

    def __str__(self) -> str:
        """The change in words."""
        return f"{self.label} to {self.to_label}"

    @property
    def steps(self) -> int:
        """How many grades it takes; an unknown grade counts as 0."""
        return abs(self.to - (self.before or 0))


@frozen
class Distance:
    """How far the next tier is: what is short, and the smallest sets of changes that would reach it.

    Smallest means the fewest changes, then the fewest steps of grades; ties are all given, in document order, at most twelve.
    `changes` is empty where no change of grades or rows can reach the tier, and where more than twelve would be needed.
    """

    tier: str
    shortfalls: tuple[Shortfall, ...]
    changes: tuple[tuple[Raise, ...], ...]


# ------------------------------------------------------------------------------------------------------- best and worst


def extremes(rules: tiers.Rules, scores: Scores, placement: Placement) -> tuple[str, str]:
    """The best and the worst tier that the lead has or may still have once missing facts are known, some of them or all.

    Each score is taken for itself: where two of them want one fact, no single answer may be best for both.
    """
    view = tiers.seeing_scores(scores)
    grades = [grade(view) for grade in scores.rules.grades]
    read = {line.place for _, lines in rules.tiers for line in lines}
    spans = [_span(scores, view, grades, place) if place in read else (Fraction(), Fraction()) for place in range(len(scores.sums))]
    worst = tiers.place(rules, [(0, *low.as_integer_ratio()) for low, _ in spans])
    best = tiers.place(rules, [(0, *high.as_integer_ratio()) for _, high in spans])
    for floor in rules.floors:
        answer = lasting(floor.rule).test(view) if floor.document.enabled else False
        if floor.line is None:
            best = best if answer is False else min(best, floor.number)
            worst = min(worst, floor.number) if answer else worst
        elif answer is not False:
            low, high = spans[floor.line.place]
            best = min(best, floor.number) if low < high and high >= floor.line.points else best
    return rules.names[min(best, placement.number)], rules.names[max(worst, placement.number)]


def _span(scores: Scores, view: View, grades: Grades, place: int) -> tuple[Fraction, Fraction]:
    """The least and the most that a score is or may become: what is unknown may also stay so."""
    if place >= len(scores.rules.scores):
        parts = [_span(scores, view, grades, part) for part in scores.rules.totals[place - len(scores.rules.scores)][1]]
        return sum((low for low, _ in parts), Fraction()), sum((high for _, high in parts), Fraction())
    low, high = scoring.bounds(scores.rules, view, grades, place)
    points = Fraction(*scores.sums[place][1:])
    return min(low, points), max(high, points)


# ------------------------------------------------------------------------------------------------------------- distance


def distance(rules: tiers.Rules, scores: Scores, placement: Placement) -> Distance | None:
    """How far the tier above is (TI-5); None for a lead in the highest."""
    if placement.number == 0:
        return None
    name, lines = rules.tiers[placement.number - 1]
    asked = [Shortfall(line.score, scores.points(line.score), line.points) for line in lines]
    return Distance(name, tuple(line for line in asked if line.short > 0), _smallest(_Search.of(scores), lines))


Row: TypeAlias = tuple[int, str, str]
"""A row of points: the place of its score, the id of its matrix, its own id."""


@frozen(eq=False)
class _Lever:
    """A criterion (by its place) or a row of points, and every change of it that lifts, the smallest first."""

    of: int | Row
    options: tuple[Raise, ...]


_ANSWERS = {"yes": True, "no": False, "unknown": None}  # as the lines of a matrix of points say it

Move: TypeAlias = tuple[_Lever, Raise]


@frozen(eq=False)
class _Search:
    """What the search asks of one lead, read once."""

    scores: Scores
    view: View
    grades: tuple[int | None, ...]
    places: Mapping[str, int]
    answers: Mapping[Row, bool | None]

    @classmethod
    def of(cls, scores: Scores) -> "_Search":
        view, rules = scores.view, scores.rules
        grades = tuple(grade(view) for grade in rules.grades)
        places = {criterion.document.id: place for place, criterion in enumerate(rules.criteria)}
        answers = {
            (place, matrix.document.id, line.id): _ANSWERS[line.grade_label]
            for place, (_, matrices) in enumerate(rules.scores)
            for matrix in matrices
            if isinstance(matrix.document, Points)
            for line in matrix.lines(view, grades)
            if line.grade_label
        }
        return cls(scores, view, grades, places, answers)

    def parts(self, place: int) -> tuple[int, ...] | None:
        """The scores that a total adds; None for a score that matrices measure."""
        measured = len(self.scores.rules.scores)
        return None if place < measured else self.scores.rules.totals[place - measured][1]

    def measuring(self, place: int) -> list[CompiledMatrix]:
        """The matrices of which the best measures the lead."""
        matrices = self.scores.rules.scores[place][1]
        return [matrices[number] for number in scoring.candidates(matrices, self.view, self.scores.rules.document.choice)]

    def levers(self, place: int) -> Iterator[_Lever]:
        """Everything that can be changed to lift the score, in document order; what several matrices weigh comes more than once."""
        if (parts := self.parts(place)) is not None:
            for part in parts:
                yield from self.levers(part)
            return
        rules = self.scores.rules
        score = rules.names[place]
        for matrix in self.measuring(place):
            match matrix.document:
                case Graded(weights=weights):
                    for weight in weights:
                        criterion = self.places[weight.criterion]
                        document, before = rules.criteria[criterion].document, self.grades[criterion]
                        higher = [grade for grade in attainable(document.grader) if grade > (before or 0)] if weight.weight else []
                        if higher:
                            raises = (Raise(score, document.id, document.label, before, to, document.grades[to]) for to in higher)
                            yield _Lever(criterion, tuple(raises))
                case Points(id=name, rows=rows):
                    for row in rows:
                        of, to = (place, name, row.id), row.points > 0
                        if row.points and bool(answer := self.answers[of]) is not to:
                            before = None if answer is None else int(answer)
                            yield _Lever(of, (Raise(score, row.id, row.label or row.id, before, int(to), "yes" if to else "no"),))
                case _:
                    pass

    def points(self, place: int, moves: Mapping[int | Row, Raise]) -> Fraction:
        """The score at that place once these changes are made."""
        if (parts := self.parts(place)) is not None:
            return sum((self.points(part, moves) for part in parts), Fraction())
        return max(self._measured(place, matrix, moves) for matrix in self.measuring(place))

    def _measured(self, place: int, matrix: CompiledMatrix, moves: Mapping[int | Row, Raise]) -> Fraction:
        match matrix.document:
            case Points(id=name, rows=rows, floor=least, cap=most):
                kept = ((row.points, (place, name, row.id)) for row in rows)
                total = sum(points for points, of in kept if (moves[of].to if of in moves else self.answers[of]))
                total = total if least is None else max(total, least)
                return Fraction(total if most is None else min(total, most))
            case _:
                grades = [moves[place].to if place in moves else grade for place, grade in enumerate(self.grades)]
                return Fraction(*matrix.sum(self.view, grades))

    def gain(self, place: int, lever: _Lever, option: Raise) -> Fraction:
        """The most that a change can add to the score at that place, whatever else is changed."""
        if (parts := self.parts(place)) is not None:
            return sum((self.gain(part, lever, option) for part in parts), Fraction())
        return max(self._gain(place, matrix, lever, option) for matrix in self.measuring(place))

    def _gain(self, place: int, matrix: CompiledMatrix, lever: _Lever, option: Raise) -> Fraction:
        match matrix.document, lever.of:
            case Graded(weights=weights, scale=scale, missing=missing), int() as criterion:
                weight = next((row.weight for row in weights if self.places[row.criterion] == criterion), Fraction())
                if missing == "zero":
                    return weight * scale * option.steps / 100
                known = [(row.weight, grade) for row in weights if (grade := self.grades[self.places[row.criterion]]) is not None]
                whole = sum((share for share, _ in known), Fraction())
                if option.before is not None:
                    return weight * scale * option.steps / whole if weight else Fraction()
                mean = sum((share * grade for share, grade in known), Fraction()) / whole if whole else Fraction()
                return max(Fraction(), weight * scale * (option.to - mean) / (whole + weight)) if weight else Fraction()
            case Points(id=name, rows=rows), (where, of, row) if (where, of) == (place, name):
                return Fraction(next(abs(each.points) for each in rows if each.id == row))
            case _:
                return Fraction()


def _smallest(search: _Search, lines: Sequence[tiers.Line]) -> tuple[tuple[Raise, ...], ...]:
    """The smallest sets of changes that reach every line."""
    sets: list[tuple[Raise, ...]] = [()]
    for together, levers in _groups(search, lines):
        sets = [one + other for one, other in product(sets, _Group.of(search, together, levers).smallest())][:_MOST_SETS]
    return tuple(sets)


def _groups(search: _Search, lines: Sequence[tiers.Line]) -> list[tuple[list[tiers.Line], list[_Lever]]]:
    """The lines, those together that share something to change, and what can be changed for them."""
    groups: list[tuple[list[tiers.Line], dict[int | Row, _Lever]]] = []
    for line in lines:
        found = list(search.levers(line.place))
        sharing = [group for group in groups if any(lever.of in group[1] for lever in found)]
        together = [*(other for group in sharing for other in group[0]), line]
        levers = {of: lever for group in sharing for of, lever in group[1].items()}
        for lever in found:
            levers.setdefault(lever.of, lever)
        groups = [*(group for group in groups if group not in sharing), (together, levers)]
    return [(together, [*levers.values()]) for together, levers in groups]


@frozen(eq=False)
class _Group:
    """Lines that share something to change, and the search among its changes.

    All is counted in whole numbers, line by line: `short` is what the line wants, `gains` what each option of each lever adds
    at most, `best` what so many levers or steps add at most from each lever on.
    """

    search: _Search
    lines: tuple[tiers.Line, ...]
    levers: tuple[_Lever, ...]
    short: tuple[int, ...]
    gains: tuple[tuple[tuple[int, ...], ...], ...]
    best: tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], ...]
    tries: Iterator[int] = field(factory=lambda: iter(range(_MOST_STEPS)))

    @classmethod
    def of(cls, search: _Search, lines: Sequence[tiers.Line], levers: Sequence[_Lever]) -> "_Group":
        levers = levers if len(levers) <= _MOST_LEVERS else ()
        short, gains = [], []
        for line in lines:
            wanted = line.points - search.points(line.place, {})
            added = [[search.gain(line.place, lever, option) for option in lever.options] for lever in levers]
            fine = math.lcm(wanted.denominator, *(gain.denominator for row in added for gain in row))
            short.append(int(wanted * fine))
            gains.append(tuple(tuple(int(gain * fine) for gain in row) for row in added))
        best = tuple(tuple(_best(row[first:], levers[first:]) for first in range(len(levers) + 1)) for row in gains)
        return cls(search, tuple(lines), tuple(levers), tuple(short), tuple(gains), best)

    def smallest(self) -> list[tuple[Raise, ...]]:
        """The smallest sets of changes that reach the lines: the empty one where they are reached, none where nothing does."""
        if all(short <= 0 for short in self.short):
            return [()]
        highest = max((option.steps for lever in self.levers for option in lever.options), default=0)
        for size in range(1, min(len(self.levers), _MOST_CHANGES) + 1):
            for steps in range(size, size * highest + 1):
                found: list[tuple[Raise, ...]] = []
                for moves in self._sets(0, size, steps, self.short, ()):
                    found.append(tuple(move for _, move in moves))
                    if len(found) == _MOST_SETS:
                        break
                if found or next(self.tries, None) is None:
                    return found
        return []

    def _sets(self, first: int, size: int, steps: int, short: tuple[int, ...], moves: tuple[Move, ...]) -> Iterator[tuple[Move, ...]]:
        """Every set with so many more changes and steps, among the levers from the first on, that reaches the lines."""
        if not size:
            if not steps and self._reaches(moves):
                yield moves
            return
        for number in range(first, len(self.levers) - size + 1):
            if next(self.tries, None) is None or not self._may_reach(number, size, steps, short):
                return
            lever = self.levers[number]
            for place, option in enumerate(lever.options):
                if option.steps <= steps - size + 1:
                    still = tuple(want - gains[number][place] for want, gains in zip(short, self.gains, strict=True))
                    yield from self._sets(number + 1, size - 1, steps - option.steps, still, (*moves, (lever, option)))

    def _may_reach(self, first: int, size: int, steps: int, short: tuple[int, ...]) -> bool:
        """Whether the best changes from that lever on could suffice, if each line had them for itself."""
        for want, best in zip(short, self.best, strict=True):
            by_size, by_steps = best[first]
            if want > by_size[min(size, len(by_size) - 1)] or want > by_steps[min(steps, len(by_steps) - 1)]:
                return False
        return True

    def _reaches(self, moves: tuple[Move, ...]) -> bool:
        changes = {lever.of: option for lever, option in moves}
        return all(self.search.points(line.place, changes) >= line.points for line in self.lines)


def _best(gains: Sequence[Sequence[int]], levers: Sequence[_Lever]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The most that 0, 1, 2, ... levers can add, and the most that 0, 1, 2, ... steps can, rounded up."""
    rates: list[int] = []
    for row, lever in zip(gains, levers, strict=True):
        rate = max(-(-gain // option.steps) for gain, option in zip(row, lever.options, strict=True))
        rates += [rate] * lever.options[-1].steps
    return _sums(max(row) for row in gains), _sums(rates)


def _sums(values: Iterable[int]) -> tuple[int, ...]:
    """What the largest 0, 1, 2, ... of the values add up to."""
    sums = [0]
    for value in sorted(values, reverse=True):
        sums.append(sums[-1] + value)
    return tuple(sums)
