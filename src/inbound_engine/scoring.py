"""How well does it fit, how urgent is it, row by row?

A matrix measures a lead for a named score (`matrices`); a *total* adds named scores. Several matrices may serve one score, one per
product or segment: a lead is measured by the one that its product names, else by the one for everybody, else by the best, which is
named; ties go to document order (SC-7).

Scores are exact, and made of contributions that add up to them. Every score knows the best and the worst that missing facts still
allow (FD-6).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

import attrs
from attrs import field, frozen
from pydantic import Field, ValidationInfo, model_validator

from inbound_engine import graders, matrices
from inbound_engine.conditions import Condition, Questions, because, facts_named
from inbound_engine.decisions import decimal_text, html_table
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, one_of, shown
from inbound_engine.facts import Lead
from inbound_engine.graders import Cases
from inbound_engine.matrices import CompiledCriterion, CompiledMatrix, Contribution, Criterion, Grades, Matrix, Points, is_wanted
from inbound_engine.signals import Signals, read
from inbound_engine.spans import instant
from inbound_engine.vocabulary import OUTCOMES, ScoreName, View, Vocabulary, is_built_in, settled

__all__ = [
    "Measured",
    "Rules",
    "Score",
    "Scores",
    "Scoring",
    "Total",
    "assess",
    "bounds",
    "candidates",
    "compile",
    "measure",
    "ready",
    "view_of",
]


# ------------------------------------------------------------------------------------------------------------ documents


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
    places = [(f"matrices[{matrix.id}].score", matrix.score) for matrix in scoring.matrices]
    for path, name in [*places, *((f"totals[{total.id}].id", total.id) for total in scoring.totals)]:
        if name in OUTCOMES or is_built_in(name):
            yield Problem(
                path, f"the name of a fact, {shown(name)}", "a name of its own", "Conditions could not tell them apart. Rename it."
            )
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


Measured: TypeAlias = tuple[int, int, int]
"""The number of the matrix among those of its score, and the sum: numerator and denominator."""


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
        by_score.setdefault(matrix.score, []).append(matrices.compile(matrix, criteria, places, words, questions))
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
        missing: set[str] = set()
        if low != high:
            others = (line for other in possible if other != number for line in matrices[other].lines(view, grades))
            own = lines if number in possible else ()
            missing = {fact for line in (*own, *others) if line.is_open for fact in line.missing}
            missing |= _choosing(matrices, view) if len(possible) > 1 else set()
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
    lead = settled(lead, rules.words, at)
    if lead.product in rules.words.unknown_values("product"):
        lead = attrs.evolve(lead, product=None)
    return lead, at


def measure(rules: Rules, view: View) -> tuple[tuple[Measured, ...], Grades]:
    """The sum of every score, in document order, and the grades that it is made of."""
    grades = [grade(view) for grade in rules.grades]
    choice = rules.document.choice
    sums: list[Measured] = []
    for _, several in rules.scores:
        if len(several) == 1:
            sums.append((0, *several[0].sum(view, grades)))
        else:
            sums.append(_chosen(several, view, grades, choice))
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
            wanted |= {seen.name for reason in because(matrix.later, view) for seen in reason.saw if is_wanted(seen)}
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
