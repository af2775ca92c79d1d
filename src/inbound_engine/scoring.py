"""How well does it fit, how urgent is it, row by row?

A criterion is graded once (`graders`); a matrix weighs criteria into a named score. There are three kinds of matrix:

- *graded*: weights that add up to 100 %, times the grade from 0 to 3, times a scale. The documents' factor 33.3 is 100/3
  exactly here, so that a perfect lead scores 100 (SC-6 ▲); `scale = "33.3"` is the printed one.
- *points*: whole points for every row whose condition is true, down to a floor and up to a cap (SC-7).
- *decayed*: points for every activity, less for every whole week since it happened, up to a cap (SC-3).

A *total* adds named scores. Several matrices may serve one score, one per product or segment: a lead is measured by the one
that its product names, else by the one for everybody, else by the best, which is named; ties go to document order (SC-7).

Scores are exact: an integer numerator over a denominator that the policy fixes (FD-3). What a criterion contributes adds up
to the score, to the last fraction. A missing fact grades 0 (FD-6 ▲; `missing = "renormalise"` leaves the criterion out and
lets the others weigh more), and every score knows the best and the worst that missing facts still allow.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from math import lcm
from typing import Annotated, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, ValidationInfo, field_validator, model_validator

from inbound_engine import graders
from inbound_engine.conditions import Condition, Questions, Rule, because, facts_named, lasting
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Reason, Seen, decimal_text, html_table
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, exact_text, refuse
from inbound_engine.errors import FactError, Problem, one_of, shown
from inbound_engine.facts import Lead
from inbound_engine.graders import HIGHEST, Cases, Grader, Grading
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter, Query, Signals, asked, read
from inbound_engine.spans import WEEK, instant, look_back
from inbound_engine.vocabulary import CriterionName, ScoreName, View, Vocabulary, settled

__all__ = [
    "Contribution",
    "Criterion",
    "Decayed",
    "Graded",
    "Matrix",
    "Points",
    "Rules",
    "Score",
    "Scores",
    "Scoring",
    "Total",
    "Weight",
    "assess",
    "bounds",
    "candidates",
    "compile",
    "measure",
    "ready",
    "view_of",
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


class Total(Document):
    """A score that adds others: those of matrices, or totals declared before it."""

    id: Id
    of: Rows[ScoreName] = Field(min_length=1)
    source: Label = ""


class Scoring(Document):
    """The criteria, the matrices that weigh them, and the totals.

    `choice` says which of several matrices of one score measures a lead: the one that its product names ("named"), or the
    best of all ("best").
    """

    criteria: UniqueRows[Criterion] = ()
    matrices: UniqueRows[Matrix] = Field(min_length=1)
    totals: UniqueRows[Total] = ()
    choice: Literal["named", "best"] = "named"

    @property
    def scores(self) -> tuple[str, ...]:
        """The names of all scores, in document order: those of matrices, then the totals."""
        return (*dict.fromkeys(matrix.score for matrix in self.matrices), *(total.id for total in self.totals))

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> "Scoring":
        refuse(_misfits(self, info.context))
        return self


def _misfits(scoring: Scoring, words: object) -> Iterator[Problem]:
    """What does not fit together: scores for segments only, totals of nothing, conditions on what comes later."""
    known = list(dict.fromkeys(matrix.score for matrix in scoring.matrices))
    for score in known:
        if all(matrix.when is not None for matrix in scoring.matrices if matrix.score == score):
            where = next(matrix.id for matrix in scoring.matrices if matrix.score == score)
            yield Problem(f"matrices[{where}].when", f"only segments for {shown(score)}", "one matrix without `when`, for everybody else")
    for total in scoring.totals:
        for name in total.of:
            if name not in known:
                yield Problem(f"totals[{total.id}].of", f"no score {shown(name)} before it", one_of(known))
        if total.id in known:
            yield Problem(f"totals[{total.id}].id", f"the name of another score, {shown(total.id)}", "a name of its own", "Rename it.")
        known.append(total.id)
    if isinstance(words, Vocabulary):
        for path, condition in _conditions(scoring):
            for name in sorted(facts_named(condition) & words.derived.keys()):
                yield Problem(
                    path, f"the score or tier {shown(name)}", "facts that are known before scoring", "Scores are not known yet here."
                )


def _conditions(scoring: Scoring) -> Iterator[tuple[str, Condition]]:
    for criterion in scoring.criteria:
        if isinstance(criterion.grader, Cases):
            for place, case in enumerate(criterion.grader.rows):
                yield f"criteria[{criterion.id}].grader.rows[{place}].when", case.when
    for matrix in scoring.matrices:
        if matrix.when is not None:
            yield f"matrices[{matrix.id}].when", matrix.when
        if isinstance(matrix, Points):
            for row in matrix.rows:
                yield f"matrices[{matrix.id}].rows[{row.id}].when", row.when


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Contribution:
    """What one criterion or row adds to a score: exact points, and the least and most that missing facts allow.

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
                wanted.update((seen.name, None) for seen in reason.saw if _is_wanted(seen))
        return tuple(wanted)


def _is_wanted(seen: Seen) -> bool:
    return seen.name != "grade" and (seen.value is None or isinstance(seen.value, Money))


@frozen(repr=False)
class Score:
    """A named score: exact points, what they are made of, and the worst and best that missing facts still allow.

    `numerator` / `denominator` is the score as the policy counts it (300 parts a point for whole-percent weights and the
    scale 100/3); `points` is the same as a fraction. `matrix` is the id of the matrix that measured it ("" for a total).
    """

    name: str
    matrix: str
    numerator: int
    denominator: int
    low: Fraction
    high: Fraction
    contributions: tuple[Contribution, ...]
    missing: tuple[str, ...]

    @property
    def points(self) -> Fraction:
        """The exact score."""
        return Fraction(self.numerator, self.denominator)

    def __str__(self) -> str:
        """The score to two decimals."""
        return decimal_text(self.points)

    def __repr__(self) -> str:
        """One line."""
        bounds = "" if self.low == self.high else f", {decimal_text(self.low)} to {decimal_text(self.high)}"
        return f"Score({self.name} {self}{bounds})"

    def _repr_html_(self) -> str:
        """The contributions as a table, for notebooks; no facts of persons."""
        rows = [
            [part.label, part.grade_label, decimal_text(part.points), decimal_text(part.low), decimal_text(part.high)]
            for part in self.contributions
        ]
        rows.append(["sum", "", str(self), decimal_text(self.low), decimal_text(self.high)])
        return html_table(f"{self.name} {self}", ("criterion", "grade", "points", "worst", "best"), rows)


# ------------------------------------------------------------------------------------------------------------- compiled

Sum: TypeAlias = tuple[int, int]
"""A numerator and a denominator."""

Measured: TypeAlias = tuple[int, int, int]
"""The number of the matrix among those of its score, and the sum: numerator and denominator."""


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
    missing facts still allow, `lines` what it is made of. `minimum` and `maximum` are what any lead can have. `later` is what no
    missing fact can change of `when`.
    """

    document: Graded | Points | Decayed
    products: frozenset[str]
    when: Rule | None
    later: Rule | None
    sum: Callable[[View, Grades], Sum] = field(repr=False)
    extent: Callable[[View, Grades], tuple[Fraction, Fraction]] = field(repr=False)
    lines: Callable[[View, Grades], tuple[Contribution, ...]] = field(repr=False)
    minimum: Fraction
    maximum: Fraction


@frozen(eq=False)
class Rules:
    """The scoring of a policy, compiled: criteria, the matrices of each score, totals, and the queries over activities."""

    document: Scoring
    words: Vocabulary
    questions: Questions
    signals: Signals
    criteria: tuple[CompiledCriterion, ...]
    scores: tuple[tuple[str, tuple[CompiledMatrix, ...]], ...]
    totals: tuple[tuple[str, tuple[int, ...]], ...]
    names: tuple[str, ...]
    grades: tuple[Callable[[View], int | None], ...] = field(repr=False)

    def __reduce__(self) -> tuple[Callable[..., "Rules"], tuple[Scoring, Vocabulary, Questions]]:
        """Pickles by what it was compiled from."""
        return compile, (self.document, self.words, self.questions)

    def place(self, name: str) -> int:
        """Where the score of that name stands; `FactError` when there is none."""
        if name in self.names:
            return self.names.index(name)
        raise FactError("score", shown(name), one_of(self.names))


def compile(document: Scoring, words: Vocabulary, questions: Questions) -> Rules:
    """The scoring made ready for one lead after another.

    Rules that run after scoring may ask further questions of the activities: whoever compiles them evolves `signals` then.
    """
    criteria = tuple(CompiledCriterion(criterion, graders.compile(criterion.grader, words, questions)) for criterion in document.criteria)
    places = {criterion.id: place for place, criterion in enumerate(document.criteria)}
    by_score: dict[str, list[CompiledMatrix]] = {}
    for matrix in document.matrices:
        by_score.setdefault(matrix.score, []).append(_compiled(matrix, criteria, places, words, questions))
    names = document.scores
    return Rules(
        document=document,
        words=words,
        questions=questions,
        signals=questions.signals(),
        criteria=criteria,
        scores=tuple((name, tuple(matrices)) for name, matrices in by_score.items()),
        totals=tuple((total.id, tuple(names.index(part) for part in total.of)) for total in document.totals),
        names=names,
        grades=tuple(criterion.grading.grade for criterion in criteria),
    )


def _compiled(
    matrix: Graded | Points | Decayed,
    criteria: tuple[CompiledCriterion, ...],
    places: dict[str, int],
    words: Vocabulary,
    questions: Questions,
) -> CompiledMatrix:
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

    return CompiledMatrix(
        matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines, Fraction(), HIGHEST * scale
    )


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

    highest = clamped(sum(row.points for row in matrix.rows if row.points > 0))
    lowest = clamped(sum(row.points for row in matrix.rows if row.points < 0))
    return CompiledMatrix(
        matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines, Fraction(lowest), Fraction(highest)
    )


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
        for activity in view.lead.activities or ():
            when = activity.at
            if since <= when <= at:
                for number, fits, _ in asked(filters, activity):
                    if fits is None or fits(activity):
                        made[number] += points[number] * factors[(at - when) // WEEK]
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

    return CompiledMatrix(
        matrix, frozenset(matrix.products), when, when and lasting(when), total, extent, lines, Fraction(), Fraction(matrix.cap)
    )


# -------------------------------------------------------------------------------------------------------------- scoring


@frozen(eq=False, repr=False)
class Scores:
    """What scoring says of one lead as of an instant; the scores are read off what was computed.

    `sums` has one place for each score: (number of the matrix that measured it, numerator, denominator).
    """

    rules: Rules
    lead: Lead
    at: datetime
    sums: tuple[Measured, ...]

    def __eq__(self, other: object) -> bool:
        """Equal when they say the same of the same lead by the same rules."""
        if not isinstance(other, Scores):
            return NotImplemented
        mine = (self.sums, self.at, self.lead, self.rules.document)
        return mine == (other.sums, other.at, other.lead, other.rules.document)

    def __hash__(self) -> int:
        """By lead, instant and sums."""
        return hash((self.lead.id, self.at, self.sums))

    def __repr__(self) -> str:
        """One line, without facts of persons."""
        said = ", ".join(
            f"{name} {decimal_text(Fraction(top, bottom))}" for name, (_, top, bottom) in zip(self.rules.names, self.sums, strict=True)
        )
        return f"Scores({self.lead.id!r}: {said})"

    @property
    def view(self) -> View:
        """The lead as the rules saw it."""
        return view_of(self.rules, self.lead, self.at)

    @property
    def grades(self) -> tuple[int | None, ...]:
        """The grade of every criterion of the policy, in document order; None where a fact is missing."""
        view = self.view
        return tuple(criterion.grading.grade(view) for criterion in self.rules.criteria)

    def points(self, name: str) -> Fraction:
        """The exact points of the score of that name."""
        _, numerator, denominator = self.sums[self.rules.place(name)]
        return Fraction(numerator, denominator)

    def score(self, name: str) -> Score:
        """The score of that name with all that it is made of; `FactError` when the policy has none."""
        place = self.rules.place(name)
        number, numerator, denominator = self.sums[place]
        if place >= len(self.rules.scores):
            return self._total(place)
        view = self.view
        grades = tuple(criterion.grading.grade(view) for criterion in self.rules.criteria)
        matrices = self.rules.scores[place][1]
        lines = matrices[number].lines(view, grades)
        low, high = bounds(self.rules, view, grades, place)
        possible, _ = _possible(matrices, view, self.rules.document.choice)
        open_lines = (line for other in possible for line in matrices[other].lines(view, grades) if line.is_open)
        missing = {fact for line in open_lines for fact in line.missing} if low != high else set[str]()
        if len(possible) > 1 and low != high:
            missing |= _choosing(matrices, view)
        return Score(name, matrices[number].document.id, numerator, denominator, low, high, lines, tuple(sorted(missing)))

    def _total(self, place: int) -> Score:
        name, parts = self.rules.totals[place - len(self.rules.scores)]
        scores = [self.score(self.rules.names[part]) for part in parts]
        lines = tuple(Contribution(score.name, score.name, None, "", score.points, score.low, score.high) for score in scores)
        low, high = sum((score.low for score in scores), Fraction()), sum((score.high for score in scores), Fraction())
        _, numerator, denominator = self.sums[place]
        return Score(
            name, "", numerator, denominator, low, high, lines, tuple(sorted({fact for score in scores for fact in score.missing}))
        )

    @property
    def all(self) -> tuple[Score, ...]:
        """Every score, in document order."""
        return tuple(self.score(name) for name in self.rules.names)


def view_of(rules: Rules, lead: Lead, at: datetime) -> View:
    """The lead as the rules see it at that instant."""
    if lead.activities is None:
        return View(lead, at)
    counts, latest = read(rules.signals, lead.activities, at)
    return View(lead, at, counts, latest)


def assess(rules: Rules, lead: Lead, *, at: datetime) -> Scores:
    """The scores of a lead as of `at`, each with its reasons.

    The lead's observations are settled first (SC-8). An extra that the policy does not declare, or of another kind than it
    declares, is a `FactError`.
    """
    lead, at = ready(rules, lead, at)
    return Scores(rules, lead, at, measure(rules, view_of(rules, lead, at))[0])


def ready(rules: Rules, lead: Lead, at: datetime) -> tuple[Lead, datetime]:
    """The lead and the instant as rules take them: extras declared, observations settled, the instant aware and in UTC."""
    if not isinstance(lead, Lead):
        raise FactError("lead", shown(lead), "a Lead", "Read plain mappings with intake.lead or Engine.read.")
    at = instant(at)
    rules.words.refuse_undeclared(lead)
    return settled(lead, rules.words, at), at


def measure(rules: Rules, view: View) -> tuple[tuple[Measured, ...], Grades]:
    """The sum of every score, in document order, and the grades that it is made of."""
    grades = [grade(view) for grade in rules.grades]
    choice = rules.document.choice
    sums: list[Measured] = []
    for _, matrices in rules.scores:
        if len(matrices) == 1:
            sums.append((0, *matrices[0].sum(view, grades)))
        else:
            sums.append(_chosen(matrices, view, grades, choice))
    for _, parts in rules.totals:
        total = sum((Fraction(*sums[part][1:]) for part in parts), Fraction())
        sums.append((0, total.numerator, total.denominator))
    return tuple(sums), grades


def _chosen(matrices: tuple[CompiledMatrix, ...], view: View, grades: Grades, choice: str) -> Measured:
    """Which of several matrices measures the lead, and its sum (SC-7)."""
    sums = [(number, *matrices[number].sum(view, grades)) for number in candidates(matrices, view, choice)]
    return max(sums, key=lambda found: (Fraction(found[1], found[2]), -found[0]))


def candidates(matrices: Sequence[CompiledMatrix], view: View, choice: str) -> list[int]:
    """The numbers of the matrices of one score of which the best measures the lead: a single one where its product decides (SC-7)."""
    open_to = [number for number, matrix in enumerate(matrices) if matrix.when is None or matrix.when.test(view)]
    if choice == "best":
        return open_to
    product = view.lead.product
    named = [number for number in open_to if product is not None and product in matrices[number].products]
    return (named or [number for number in open_to if not matrices[number].products])[:1] or open_to


def _possible(matrices: Sequence[CompiledMatrix], view: View, choice: str) -> tuple[list[int], list[int]]:
    """Every matrix that may yet measure the lead once what is missing is known, and those of which the best surely does."""
    answers = [True if matrix.later is None else matrix.later.test(view) for matrix in matrices]
    open_to = [number for number, answer in enumerate(answers) if answer is not False]
    sure = [number for number in open_to if answers[number]]
    product = view.lead.product
    if choice == "best":
        return open_to, sure
    if product is None and any(matrix.products for matrix in matrices):
        return open_to, []
    named = [number for number in open_to if product in matrices[number].products]
    asked = [*named, *(number for number in open_to if not matrices[number].products)]
    if not asked:
        return open_to, sure
    place = next((place for place, number in enumerate(asked) if answers[number]), None)
    return (open_to if place is None else asked[: place + 1]), []


def _choosing(matrices: tuple[CompiledMatrix, ...], view: View) -> set[str]:
    """The missing facts on which the choice of the matrix hangs."""
    wanted = {"product"} if view.lead.product is None and any(matrix.products for matrix in matrices) else set()
    for matrix in matrices:
        if matrix.later is not None and matrix.later.test(view) is None:
            wanted |= {seen.name for reason in because(matrix.later, view) for seen in reason.saw if _is_wanted(seen)}
    return wanted


def bounds(rules: Rules, view: View, grades: Grades, place: int) -> tuple[Fraction, Fraction]:
    """The worst and the best that missing facts still allow the score at that place (FD-6).

    Where the product or the segment is missing, every matrix that could then measure the lead counts.
    """
    if place >= len(rules.scores):
        several = [bounds(rules, view, grades, part) for part in rules.totals[place - len(rules.scores)][1]]
        return sum((low for low, _ in several), Fraction()), sum((high for _, high in several), Fraction())
    matrices = rules.scores[place][1]
    possible, best_of = _possible(matrices, view, rules.document.choice)
    extents = {number: matrices[number].extent(view, grades) for number in possible}
    low = max(extents[number][0] for number in best_of) if best_of else min(low for low, _ in extents.values())
    return low, max(high for _, high in extents.values())
