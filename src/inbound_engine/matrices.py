"""What does one matrix add up to?

A criterion is graded once (`graders`); a matrix weighs criteria into a named score. There are three kinds of matrix:

- *graded*: weights that add up to 100 %, times the grade from 0 to 3, times a scale. The documents' factor 33.3 is 100/3
  exactly here, so that a perfect lead scores 100 (SC-6 ▲); `scale = "33.3"` is the printed one.
- *points*: whole points for every row whose condition is true, down to a floor and up to a cap (SC-7).
- *decayed*: points for every activity, less for every whole week since it happened, up to a cap (SC-3).

Sums are exact: an integer numerator over a denominator that the policy fixes (FD-3). What a row contributes adds up to the sum, to
the last fraction. A missing fact grades 0 (FD-6 ▲; `missing = "renormalise"` leaves the criterion out and lets the others weigh
more), and every matrix knows the worst and the best that missing facts still allow.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from operator import mul
from typing import Annotated, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, field_validator, model_validator

from inbound_engine.conditions import Condition, Questions, Rule, because, lasting
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Reason, Seen
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, exact_text, refuse
from inbound_engine.errors import Problem
from inbound_engine.graders import HIGHEST, Grader, Grading
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter, Query, Signals, asked
from inbound_engine.spans import look_back, whole_weeks
from inbound_engine.timelines import Timeline, weekly
from inbound_engine.vocabulary import CriterionName, View, Vocabulary

__all__ = [
    "CompiledCriterion",
    "CompiledMatrix",
    "Contribution",
    "Criterion",
    "Decayed",
    "DecayedRow",
    "Graded",
    "Grades",
    "Matrix",
    "Points",
    "PointsRow",
    "Sum",
    "Weight",
    "compile",
    "decay_factors",
    "is_wanted",
]

Product: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
WholePoints: TypeAlias = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]

_WHOLE = 100  # weights are percent
_THOUSAND = 1000


# ------------------------------------------------------------------------------------------------------------ documents


class Criterion(Document):
    """Something that is graded: how, and what the grades 0, 1, 2 and 3 are called."""

    id: Id
    label: Label
    grades: Rows[Label] = Field(default=("0", "1", "2", "3"), min_length=HIGHEST + 1, max_length=HIGHEST + 1)
    grader: Grader
    source: Label = ""


class Weight(Document):
    """What a criterion counts in a matrix, in percent: a whole number or exact text."""

    criterion: CriterionName
    weight: Exact
    source: Label = ""

    @field_validator("weight")
    @classmethod
    def _not_negative(cls, weight: Fraction) -> Fraction:
        refuse([Problem("", str(exact_text(weight)), "zero or more")] if weight < 0 else [])
        return weight


class _Matrix(Document):
    """What every matrix says: the score it serves, and for whom."""

    id: Id
    score: Id
    products: Rows[Product] = ()
    when: Condition | None = None
    source: Label = ""


class Graded(_Matrix):
    """Weights that add up to 100 %, times grades, times `scale`."""

    kind: Literal["graded"]
    weights: UniqueRows[Weight] = Field(min_length=1)
    scale: Exact = Fraction(100, 3)
    missing: Literal["zero", "renormalise"] = "zero"

    @field_validator("weights")
    @classmethod
    def _add_up(cls, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        total = sum((row.weight for row in weights), Fraction())
        off = f"{exact_text(abs(total - _WHOLE))} {'over' if total > _WHOLE else 'short'}"
        refuse([Problem("", f"weights that add up to {exact_text(total)}", "100", f"They are {off}.")] if total != _WHOLE else [])
        return weights

    @field_validator("scale")
    @classmethod
    def _positive(cls, scale: Fraction) -> Fraction:
        refuse([Problem("", str(exact_text(scale)), "more than 0")] if scale <= 0 else [])
        return scale


class PointsRow(Document):
    """Whole points for leads of whom the condition is true."""

    id: Id
    label: Label = ""
    points: WholePoints
    when: Condition
    source: Label = ""


class Points(_Matrix):
    """Points of every row that is true, never under `floor` or over `cap`."""

    kind: Literal["points"]
    rows: UniqueRows[PointsRow] = Field(min_length=1)
    floor: WholePoints | None = None
    cap: WholePoints | None = None

    @model_validator(mode="after")
    def _checked(self) -> "Points":
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            refuse([Problem("cap", str(self.cap), f"at least the floor, {self.floor}", "Swap floor and cap.")])
        return self


class DecayedRow(Document):
    """Points for each activity that is meant; the first row that means it decides."""

    id: Id
    label: Label = ""
    activities: ActivityFilter
    points: Annotated[int, Field(ge=0, le=1_000_000)]
    source: Label = ""


class Decayed(_Matrix):
    """Points for activities, decayed for every whole week since: factor(k) = factor(k-1) * weekly // 1000, factor(0) = 1000.

    An activity is worth points * factor thousandths; the sum stops at `cap` points, and activities older than `within_days`
    count nothing (SC-3 ▽).
    """

    kind: Literal["decayed"]
    rows: UniqueRows[DecayedRow] = Field(min_length=1)
    weekly: Annotated[int, Field(ge=0, le=_THOUSAND)] = 750
    within_days: Annotated[int, Field(ge=1, le=3_650)] = 30
    cap: Annotated[int, Field(ge=1, le=1_000_000)] = 100


Matrix: TypeAlias = Annotated[Graded | Points | Decayed, Field(discriminator="kind")]


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Contribution:
    """What one criterion or row adds to a score: exact points, and the least and most once every fact is known.

    Under `missing = "renormalise"` the others weigh less then, so the points of today may lie outside.

    `grade` is None where a fact is missing, and for rows of points.
    """

    id: str
    label: str
    grade: int | None
    grade_label: str
    points: Fraction
    low: Fraction
    high: Fraction
    because: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a missing fact could still change it."""
        return self.low != self.high

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that are wanted; an amount is, too, where rules ask for one in another currency."""
        wanted: dict[str, None] = {}
        for reason in self.because:
            if reason.code in {Code.UNKNOWN, Code.MISSING}:
                wanted.update((seen.name, None) for seen in reason.saw if is_wanted(seen))
        return tuple(wanted)


def is_wanted(seen: Seen) -> bool:
    """Whether what an open rule saw is a fact that nobody knows, or an amount that it could not compare.

    >>> is_wanted(Seen("industry", None)), is_wanted(Seen("employees", 240))
    (True, False)
    """
    return seen.name != "grade" and (seen.value is None or isinstance(seen.value, Money))


# ------------------------------------------------------------------------------------------------------------- compiled

Sum: TypeAlias = tuple[int, int]
"""A numerator and a denominator."""

Grades: TypeAlias = Sequence[int | None]
"""The grade of every criterion of the policy, None where a fact is missing."""


@frozen(eq=False)
class CompiledCriterion:
    """A criterion, and how it is graded."""

    document: Criterion
    grading: Grading


@frozen(eq=False)
class CompiledMatrix:
    """A matrix made ready: for whom it is, its sum, its bounds, and its lines.

    Each function takes the view and the grades of all criteria: `sum` gives the score, `extent` the worst and the best that
    missing facts still allow, `lines` what it is made of. `later` is what no missing fact can change of `when`. `decays` are
    what a matrix asks of activities that lose weight with time, for whoever keeps their timeline.
    """

    document: Graded | Points | Decayed
    products: frozenset[str]
    when: Rule | None
    later: Rule | None
    sum: Callable[[View, Grades], Sum] = field(repr=False)
    extent: Callable[[View, Grades], tuple[Fraction, Fraction]] = field(repr=False)
    lines: Callable[[View, Grades], tuple[Contribution, ...]] = field(repr=False)
    decays: Signals | None = field(default=None, repr=False)


def compile(
    matrix: Graded | Points | Decayed,
    criteria: tuple[CompiledCriterion, ...],
    places: dict[str, int],
    words: Vocabulary,
    questions: Questions,
) -> CompiledMatrix:
    """The matrix made ready; `places` says where each criterion stands among those compiled."""
    when = None if matrix.when is None else compile_condition(matrix.when, words, questions)
    match matrix:
        case Graded():
            return _graded(matrix, when, criteria, places)
        case Points():
            return _points(matrix, when, words, questions)
        case _:
            return _decayed(matrix, when, questions)


def _graded(matrix: Graded, when: Rule | None, criteria: tuple[CompiledCriterion, ...], places: dict[str, int]) -> CompiledMatrix:
    fine = lcm(*(row.weight.denominator for row in matrix.weights))
    rows = tuple((places[row.criterion], int(row.weight * fine)) for row in matrix.weights)
    scale, whole, renormalise = matrix.scale, _WHOLE * fine, matrix.missing == "renormalise"
    denominator = whole * scale.denominator

    def total(_view: View, grades: Grades) -> Sum:
        weighed = known = 0
        for place, weight in rows:
            grade = grades[place]
            if grade is not None:
                weighed += weight * grade
                known += weight
        if not renormalise or known == whole:
            return weighed * scale.numerator, denominator
        return (weighed * scale.numerator, known * scale.denominator) if known else (0, denominator)

    def extent(view: View, grades: Grades) -> tuple[Fraction, Fraction]:
        low = high = 0
        for place, weight in rows:
            grade = grades[place]
            grading = criteria[place].grading
            possible = grading.possible(view) if grade is None or grading.provisional else (grade,)
            low += weight * possible[0]
            high += weight * possible[-1]
        return Fraction(low * scale.numerator, denominator), Fraction(high * scale.numerator, denominator)

    def lines(view: View, grades: Grades) -> tuple[Contribution, ...]:
        known = sum(weight for place, weight in rows if grades[place] is not None) if renormalise else whole
        made = []
        for place, weight in rows:
            criterion, grade = criteria[place], grades[place]
            possible = criterion.grading.possible(view)
            point = Fraction(weight) * scale / whole
            rule = f"scoring.criteria[{criterion.document.id}]"
            label = "unknown" if grade is None else criterion.document.grades[grade]
            points = Fraction() if grade is None else Fraction(weight * grade) * scale / known if known else Fraction()
            why = criterion.grading.because(view, rule)
            made.append(
                Contribution(
                    criterion.document.id, criterion.document.label, grade, label, points, point * possible[0], point * possible[-1], why
                )
            )
        return tuple(made)

    return CompiledMatrix(matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines)


def _points(matrix: Points, when: Rule | None, words: Vocabulary, questions: Questions) -> CompiledMatrix:
    rows = tuple((compile_condition(row.when, words, questions), row) for row in matrix.rows)
    tests = tuple((rule.test, row.points) for rule, row in rows)
    later = tuple(lasting(rule) for rule, _ in rows)
    lasting_tests = tuple((rule.test, row.points) for rule, (_, row) in zip(later, rows, strict=True))

    def clamped(points: int) -> int:
        if matrix.floor is not None and points < matrix.floor:
            return matrix.floor
        return matrix.cap if matrix.cap is not None and points > matrix.cap else points

    def total(view: View, _grades: Grades) -> Sum:
        return clamped(sum(points for test, points in tests if test(view))), 1

    def extent(view: View, _grades: Grades) -> tuple[Fraction, Fraction]:
        answers = [(test(view), points) for test, points in lasting_tests]
        sure = sum(points for answer, points in answers if answer)
        low = sum(points for answer, points in answers if answer is None and points < 0)
        high = sum(points for answer, points in answers if answer is None and points > 0)
        return Fraction(clamped(sure + low)), Fraction(clamped(sure + high))

    def lines(view: View, _grades: Grades) -> tuple[Contribution, ...]:
        made = []
        for (rule, row), still in zip(rows, later, strict=True):
            answer, lasts = rule.test(view), still.test(view)
            possible = (row.points if lasts else 0,) if lasts is not None else tuple(sorted((0, row.points)))
            path = f"scoring.matrices[{matrix.id}].rows[{row.id}]"
            word = {True: "yes", False: "no", None: "unknown"}[answer]
            points = Fraction(row.points if answer else 0)
            made.append(
                Contribution(
                    row.id,
                    row.label or row.id,
                    None,
                    word,
                    points,
                    Fraction(possible[0]),
                    Fraction(possible[-1]),
                    because(still if lasts is None else rule, view, path + ".when"),
                )
            )
        return _clamped_lines(made, f"scoring.matrices[{matrix.id}]", clamped)

    return CompiledMatrix(matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines)


def _clamped_lines(lines: list[Contribution], rule: str, clamped: Callable[[int], int]) -> tuple[Contribution, ...]:
    """The lines, and one more where a floor or a cap changed the sum, so that all of them still add up."""
    sums = [
        sum((part for part in parts), Fraction()) for parts in zip(*((line.points, line.low, line.high) for line in lines), strict=True)
    ]
    off = [clamped(int(part)) - part for part in sums]
    if not any(off):
        return tuple(lines)
    name = "cap" if off[0] < 0 or off[2] < 0 else "floor"
    reason = Reason(Code.CLAMPED, rule, (Seen("sum", sums[0]), Seen("points", clamped(int(sums[0])))))
    return (*lines, Contribution(name, name, None, "", off[0], off[1], off[2], (reason,)))


def decay_factors(weekly: int, within_days: int) -> tuple[int, ...]:
    """The factor in thousandths after 0, 1, 2, ... whole weeks, as far as the look-back reaches (SC-3 ▽).

    >>> decay_factors(750, 30)
    (1000, 750, 562, 421, 315)
    """
    factors = [_THOUSAND]
    for _ in range(within_days // 7):
        factors.append(factors[-1] * weekly // _THOUSAND)
    return tuple(factors)


def _decayed(matrix: Decayed, when: Rule | None, questions: Questions) -> CompiledMatrix:
    filters = Signals.of([Query(row.activities, matrix.within_days) for row in matrix.rows], questions.catalogue)
    points = tuple(row.points for row in matrix.rows)
    factors, cap, days = decay_factors(matrix.weekly, matrix.within_days), matrix.cap * _THOUSAND, matrix.within_days

    def earned(view: View) -> list[int]:
        """Thousandths by row."""
        made = [0] * len(points)
        at = view.at
        since = look_back(at, days)
        known = None if view.decays is None else view.decays.get(filters)
        if isinstance(known, Timeline):
            return [
                each * sum(map(mul, factors, counts)) for each, counts in zip(points, weekly(known, at, since, len(factors)), strict=True)
            ]
        for activity in view.lead.activities or ():
            when = activity.at
            if since <= when <= at:
                for number, fits, _ in asked(filters, activity):
                    if fits is None or fits(activity):
                        made[number] += points[number] * factors[whole_weeks(at - when)]
                        break
        return made

    def total(view: View, _grades: Grades) -> Sum:
        return min(cap, sum(earned(view))), _THOUSAND

    def extent(view: View, grades: Grades) -> tuple[Fraction, Fraction]:
        if view.lead.activities is None:
            return Fraction(), Fraction(matrix.cap)
        sure = Fraction(*total(view, grades))
        return sure, sure

    def lines(view: View, _grades: Grades) -> tuple[Contribution, ...]:
        rule = f"scoring.matrices[{matrix.id}]"
        if view.lead.activities is None:
            reason = Reason(Code.MISSING, rule, (Seen("activities", None),))
            return (Contribution("activities", "Activities", None, "unknown", Fraction(), Fraction(), Fraction(matrix.cap), (reason,)),)
        made = []
        for row, thousandths in zip(matrix.rows, earned(view), strict=True):
            part = Fraction(thousandths, _THOUSAND)
            code = Code.MATCHED if thousandths else Code.FAILED
            reason = Reason(code, f"{rule}.rows[{row.id}]", (Seen("points", part),))
            made.append(Contribution(row.id, row.label or row.id, None, "", part, part, part, (reason,)))
        over = Fraction(min(cap, sum(earned(view))), _THOUSAND) - sum((part.points for part in made), Fraction())
        if over:
            reason = Reason(Code.CLAMPED, rule, (Seen("cap", matrix.cap),))
            made.append(Contribution("cap", "cap", None, "", over, over, over, (reason,)))
        return tuple(made)

    return CompiledMatrix(matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines, filters)
