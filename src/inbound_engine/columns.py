"""What does a policy say, column by column?

The scoring, the tiers and the qualification of a policy are compiled once into named expressions over the columns of a row
(`expressions`): whole numbers, comparisons and cases, without nulls, without doubles, without a clock. Frames and SQL emit them; the
tests evaluate them for one row and hold them against the objects (FD-4).

What comes out is a `Columns`, to be read in this order:

1. `activity_inputs`, `activity_steps` and `signals` are about one row of an *activity table*. A signal is summed up by lead: `count` and
   `sum` add up, `latest` is the greatest instant. A lead without activities has 0, and no latest.
2. `inputs` are the facts that the policy asks of a lead, each with its kind; `columns_of` finds them in expressions by `Column.name`.
   A money fact has two: minor units and currency. Signals are columns too, under their own names.
3. `steps` are computed in order, each from inputs, signals and steps before it; `layers` gives those that can be computed together.
4. `checks` are rows that the facts themselves refuse, such as a grade of 7: every output of such a row is unknown, and the output
   `refused` names the fact.
5. `outputs` are what a reader shows: an expression, and whether it is known in that row.

Conditions become two expressions that are never null, surely true and surely false; neither means unknown (FD-6). Scores become whole
numbers over a denominator that the policy fixes: `parts` says how many parts are a point. That they stay below 2**53 is proven here, and
a policy of which it cannot be is refused with its path, before anything runs.

A column reads as unknown where it is null, where a text is empty, and where it holds a value that the policy says means unknown
(`Input.unknown`). The reader sees to that once, for each input; then nothing is null any more.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import gcd, lcm

import attrs
from attrs import field, frozen

from inbound_engine.conditions import AllOf, AnyCondition, AnyOf, constant
from inbound_engine.conditions import Known as Knowing
from inbound_engine.conditions import Not as Negation
from inbound_engine.decisions import Code
from inbound_engine.errors import FactError, PolicyError, Problem, one_of, shown
from inbound_engine.expressions import (
    FALSE,
    MOST,
    TRUE,
    Ago,
    Among,
    Bounded,
    Column,
    Compare,
    Concat,
    Constant,
    Expression,
    Holds,
    Kind,
    Known,
    Named,
    Quotient,
    bounds,
    case,
    columns_of,
    evaluate,
    every,
    kind,
    names_of,
    opposite,
    product,
    replaced,
    some,
    total,
    walk,
)
from inbound_engine.graders import HIGHEST, Bands, Cases, Counting, Given, Lookup, Overlap, Recency, attainable
from inbound_engine.matrices import Decayed, Graded, Points, decay_factors
from inbound_engine.policy import Compiled
from inbound_engine.ratios import ONE, Ratio, added, compared, prove, reaches, unified
from inbound_engine.tiers import Line
from inbound_engine.truths import ACTIVITY, DAY, Asked, Check, Input, Looked, Signal, Step, at_least, free_name, guarded, slug

__all__ = ["Check", "Columns", "Input", "Looked", "Output", "Signal", "Step", "assess_row", "compile"]

_WEEK = 7
_THOUSAND = 1000
_WHOLE = 100  # weights are percent
_ZERO = Constant("integer", 0)
_EMPTY = Constant("text", "")
_AT = Column("at", "instant")


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Output:
    """A column that comes out: its expression, and in which rows it is known; elsewhere it is null."""

    name: str
    says: str
    expression: Expression
    known: Expression = TRUE

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return kind(self.expression)


@frozen(eq=False)
class Columns:
    """A policy as named expressions; see the head of this room for how to read them.

    `parts` says for each score how many parts make a point: `<score>_parts` holds the exact score in these. A score that is missing
    there has a denominator of its own in each row, in `<score>_whole`. `refused` names the fact of a row that is refused.
    """

    fingerprint: str
    name: str
    inputs: tuple[Input, ...]
    activity_inputs: tuple[Input, ...]
    activity_steps: tuple[Step, ...] = field(repr=False)
    signals: tuple[Signal, ...] = field(repr=False)
    checks: tuple[Check, ...] = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False)
    outputs: tuple[Output, ...] = field(repr=False)
    parts: Mapping[str, int]

    @property
    def layers(self) -> tuple[tuple[Step, ...], ...]:
        """The steps in groups: each group needs only inputs, signals and the groups before it."""
        return _layers(self.steps)

    @property
    def activity_layers(self) -> tuple[tuple[Step, ...], ...]:
        """The same for the steps about activities."""
        return _layers(self.activity_steps)

    @property
    def refused(self) -> Output:
        """The name of the first fact of a row that no lead may have; null where nothing is refused."""
        rows = [(check.refused, Constant("text", check.fact)) for check in self.checks]
        known = some(*(check.refused for check in self.checks))
        return Output("refused", "the fact of which the row holds a value that no lead may have", case(rows, _EMPTY), known)


def _layers(steps: Sequence[Step]) -> tuple[tuple[Step, ...], ...]:
    levels: dict[str, int] = {}
    groups: list[list[Step]] = []
    for step in steps:
        level = max((levels[name] + 1 for name in names_of(step.expression)), default=0)
        levels[step.name] = level
        if level == len(groups):
            groups.append([])
        groups[level].append(step)
    return tuple(map(tuple, groups))


# -------------------------------------------------------------------------------------------------------- three values


@frozen
class _Grade:
    """The grade (0 where unknown), whether it is known, and the worst and the best that is still possible."""

    known: Expression
    grade: Expression
    low: Expression
    high: Expression


# ------------------------------------------------------------------------------------------------------------ compiling


def compile(
    policy: Compiled,
    *,
    unknown: Collection[str] = (),
    known: Collection[str] = (),
    sound: Collection[str] = (),
    looked: Looked = "all",
    points: bool = False,
    reasons: bool = False,
    only: Collection[str] | None = None,
) -> Columns:
    """The scoring, tiers and qualification of a policy as named expressions.

    Facts in `unknown` are unknown of every lead, those in `known` are known of every one, and those in `sound` hold nothing that a check
    would refuse: whoever has seen the columns may say so, and fewer questions are asked. `looked` says of which leads the activities are
    known. With `points` there is a
    column for each criterion and row of each score, and the grades; with `reasons` the codes of tiers and qualification. `only`
    keeps those outputs and what they need.

    What cannot be said in columns is a `PolicyError` that names it: sums that could pass 2**53, values that mean unknown inside a set,
    two outputs of one name. A name in `unknown` or `only` that the policy has not is a `FactError`.

    >>> from inbound_engine.policy import Policy
    >>> from inbound_engine.policy import compile as compile_policy
    >>> made = compile(compile_policy(Policy()), only=["selection_parts"])
    >>> [column.fact for column in made.inputs]
    ['country', 'employees', 'growth_stage', 'industry', 'technologies', 'title']
    >>> made.parts["selection"], made.outputs[0].expression
    (3, Product(left=Named(name='selection_sum', kind='integer', low=0, high=60), right=Constant(kind='integer', value=5)))
    """
    for group, several in (("unknown", unknown), ("known", known), ("sound", sound)):
        for name in several:
            if name not in policy.words.words:
                raise FactError(group, shown(name), one_of(policy.words.words))
    made = _Maker(Asked(policy, (frozenset(unknown), frozenset(known), frozenset(sound)), looked))
    outputs = [*made.everything(points=points, reasons=reasons)]
    names = [output.name for output in outputs]
    if only is not None:
        for name in only:
            if name not in names:
                raise FactError("only", shown(name), one_of(names))
        outputs = [output for output in outputs if output.name in only]
    twice = [name for name in names if names.count(name) > 1 or name == "refused"]
    if twice:
        raise PolicyError([Problem("scoring", f"two columns called {shown(twice[0])}", "names that differ", "Rename a score or a row.")])
    return _finished(made, outputs)


def _finished(made: "_Maker", outputs: list[Output]) -> Columns:
    """Keeps what the outputs need; steps that are read once stand where they are read."""
    asked_for = made.asked
    steps, outputs = _inlined(list(asked_for.steps.items()), outputs, asked_for.kept)
    asked = {column for step in steps for column in columns_of(step.expression)}
    asked |= {column for output in outputs for column in columns_of(output.expression) | columns_of(output.known)}
    facts_asked = {asked_for.inputs[column.name].fact for column in asked if column.name in asked_for.inputs}
    checks = [check for check in asked_for.checks if check.fact in facts_asked and check.fact not in asked_for.sound]
    asked |= {column for check in checks for column in columns_of(check.refused)}
    names = {column.name for column in asked}
    signals = [signal for signal in asked_for.signals.values() if signal.name in names]
    kept = _needed(list(asked_for.activity_steps.items()), [signal.of for signal in signals])
    seen = {column.name for step in kept for column in columns_of(step.expression)}
    seen |= {column.name for signal in signals for column in columns_of(signal.of)}
    return Columns(
        fingerprint=asked_for.policy.fingerprint,
        name=asked_for.policy.document.name,
        inputs=tuple(sorted((asked_for.inputs[name] for name in names if name in asked_for.inputs), key=_by_name)),
        activity_inputs=tuple(item for item in ACTIVITY if item.column.name in seen),
        activity_steps=tuple(kept),
        signals=tuple(signals),
        checks=tuple(checks),
        steps=tuple(steps),
        outputs=tuple(outputs),
        parts=made.parts,
    )


def _by_name(item: Input) -> str:
    return item.column.name


def _needed(steps: list[tuple[str, Expression]], wanted: Iterable[Expression]) -> list[Step]:
    """The steps that what is wanted refers to, in order."""
    names = {name for expression in wanted for name in names_of(expression)}
    kept: list[Step] = []
    for name, expression in reversed(steps):
        if name in names:
            kept.append(Step(name, expression))
            names.update(names_of(expression))
    return kept[::-1]


_SMALL = 3  # parts of an expression that is rather written twice than named


def _inlined(steps: list[tuple[str, Expression]], outputs: list[Output], keep: Collection[str]) -> tuple[list[Step], list[Output]]:
    """The steps that are needed, those that are read once or are small put in their place."""
    needed = _needed(steps, [side for output in outputs for side in (output.expression, output.known)])
    reads: dict[str, int] = {}
    for expression in [step.expression for step in needed] + [side for output in outputs for side in (output.expression, output.known)]:
        for name in names_of(expression):
            reads[name] = reads.get(name, 0) + 1
    gone: dict[str, Expression] = {}

    def change(named: Named) -> Expression:
        return gone.get(named.name, named)

    kept = []
    for step in needed:
        expression = replaced(step.expression, change)
        if sum(1 for _ in walk(expression)) <= _SMALL or (reads[step.name] == 1 and step.name not in keep):
            gone[step.name] = expression
        else:
            kept.append(Step(step.name, expression))
    return kept, [
        attrs.evolve(output, expression=replaced(output.expression, change), known=replaced(output.known, change)) for output in outputs
    ]


class _Maker:
    """Reads a policy from its criteria up to its qualification; made and dropped by `compile`."""

    def __init__(self, asked: Asked) -> None:
        """Starts with no score."""
        self.asked = asked
        self.parts: dict[str, int] = {}

    # ----------------------------------------------------------------------------------------------------------- grades

    def grade(self, place: int) -> _Grade:
        """The grade of the criterion that stands there."""
        criterion = self.asked.policy.document.scoring.criteria[place]
        grader, hint = criterion.grader, f"grade_{criterion.id}"
        match grader:
            case Cases():
                return self._cases(grader, hint)
            case Recency():
                found, looked = self.asked.latest(grader.activities), self.asked.looked
                rows = [(opposite(Known(found)), grader.none)]
                for row in grader.rows:
                    limit = row.under_days * DAY - 1 if row.under_days is not None else (row.within_days or 0) * DAY
                    rows.append((Compare(">=", found, Ago(limit)), row.grade))
                return self._graded(looked, rows, grader.older, attainable(grader), hint)
            case Counting():
                found = self.asked.count(grader.activities, grader.within_days)
                rows = [(at_least(found, row.at_least), row.grade) for row in grader.rows]
                return self._graded(self.asked.looked, rows, grader.otherwise, attainable(grader), hint)
            case _:
                return self._of_a_fact(grader, hint)

    def _of_a_fact(self, grader: Given | Bands | Lookup | Overlap, hint: str) -> _Grade:
        word = self.asked.policy.words.word(grader.fact)
        known, column, currency = self.asked.fact(word)
        several: list[tuple[Expression, int]] = []
        match grader:
            case Given():
                if known != FALSE and not any(check.fact == word.name for check in self.asked.checks):
                    odd = every(known, some(Compare("<", column, _ZERO), Compare(">=", column, Constant("integer", HIGHEST + 1))))
                    self.asked.checks.append(Check(word.name, f"a grade from 0 to {HIGHEST}", odd))
                grade: Expression = Bounded(column, 0, HIGHEST) if known != FALSE else _ZERO
                return _Grade(known, grade, grade, case([(known, grade)], Constant("integer", HIGHEST)))
            case Lookup(rows=rows):
                several = [(Among(column, row.values), row.grade) for row in rows]
                return self._graded(known, several, grader.otherwise, attainable(grader), hint, implied=True)
            case Overlap(rows=steps):
                parts = (case([(Holds(column, value), ONE)], _ZERO) for value in dict.fromkeys(grader.values))
                held = self.asked.named(f"{hint}_held", total(*parts))
                several = [(reaches(held, row.at_least), row.grade) for row in steps]
                return self._graded(known, several, grader.otherwise, attainable(grader), hint, implied=True)
            case _:
                for band in grader.rows:
                    ends = [("at_least", band.at_least), ("at_most", band.at_most)]
                    fits = self.asked.compared_with(
                        known, column, currency, [(op, constant(word, end)) for op, end in ends if end is not None]
                    )
                    several.append((fits.value, band.grade))
                    known = known if fits.guard is None else fits.guard
                return self._graded(known, several, grader.otherwise, attainable(grader), hint)

    def _graded(
        self,
        known: Expression,
        rows: Sequence[tuple[Expression, int]],
        otherwise: int,
        grades: tuple[int, ...],
        hint: str,
        *,
        implied: bool = False,
    ) -> _Grade:
        """What the first row that fits earns; `implied` where no row fits what is unknown."""
        numbered = [(test, Constant("integer", grade)) for test, grade in rows]
        guard = [] if implied and not otherwise and known != FALSE else [(opposite(known), _ZERO)]
        grade = self.asked.named(hint, case([*guard, *numbered], Constant("integer", otherwise)), keep=True)
        low, high = self._ends(known, grade, grades, hint)
        return _Grade(known, grade, low, high)

    def _ends(self, known: Expression, grade: Expression, grades: Sequence[int], hint: str) -> tuple[Expression, Expression]:
        """The worst and the best: the grade itself where it is known; `grade` is 0 where it is not."""
        unknown = opposite(known)
        ends = [(unknown, Constant("integer", end)) for end in (min(grades), max(grades))]
        low = grade if min(grades) == 0 else self.asked.named(f"{hint}_low", case(ends[:1], grade))
        return low, self.asked.named(f"{hint}_high", case(ends[1:], grade))

    def _cases(self, grader: Cases, hint: str) -> _Grade:
        made = self._possible(grader, hint, lasting=False)
        if not _asks_knowing(row.when for row in grader.rows):
            return made
        later = self._possible(grader, f"{hint}_later", lasting=True)
        return _Grade(made.known, made.grade, later.low, later.high)

    def _possible(self, grader: Cases, hint: str, *, lasting: bool) -> _Grade:
        """What the first row that holds earns, and what it may earn while rows are unknown."""
        truths = [self.asked.truth(row.when, lasting=lasting, hint=f"{hint}_row_{place}") for place, row in enumerate(grader.rows)]
        guards = {truth.guard for truth in truths}
        grades = attainable(grader)
        if len(guards) == 1 and (guard := truths[0].guard) is not None and len(grades) > 1:
            rows = [(truth.value, Constant("integer", row.grade)) for truth, row in zip(truths, grader.rows, strict=True)]
            grade = self.asked.named(hint, case([(opposite(guard), _ZERO), *rows], Constant("integer", grader.otherwise)), keep=True)
            return _Grade(guard, grade, *self._ends(guard, grade, grades, hint))
        earned: dict[int, list[Expression]] = {}
        reached: Expression = TRUE
        for number, (truth, row) in enumerate(zip(truths, grader.rows, strict=True)):
            earned.setdefault(row.grade, []).append(every(reached, opposite(truth.false)))
            reached = self.asked.named(f"{hint}_after_{number}", every(reached, opposite(truth.true)))
        earned.setdefault(grader.otherwise, []).append(reached)
        several = {grade: self.asked.named(f"{hint}_may_be_{grade}", some(*tests)) for grade, tests in earned.items()}
        ends = []
        for name, ordered in (("low", sorted(several)), ("high", sorted(several, reverse=True))):
            picks = [(several[grade], Constant("integer", grade)) for grade in ordered[:-1]]
            ends.append(self.asked.named(f"{hint}_{name}", case(picks, Constant("integer", ordered[-1]))))
        low, high = ends
        known = TRUE if low == high else self.asked.named(f"{hint}_known", Compare("==", low, high))
        return _Grade(known, self.asked.named(hint, case([(known, low)], _ZERO), keep=True), low, high)

    # --------------------------------------------------------------------------------------------------------- matrices

    def _weighed(self, matrix: Graded, grades: Sequence[_Grade], places: Mapping[str, int]) -> "_Measure":
        rows = [(row.criterion, grades[places[row.criterion]], row.weight) for row in matrix.weights]
        fine = lcm(*(weight.denominator for _, _, weight in rows))
        shared = gcd(*(int(weight * fine) for _, _, weight in rows))
        weights = [int(weight * fine) // shared for _, _, weight in rows]
        whole = Fraction(shared) * matrix.scale / (_WHOLE * fine)

        def weighed(side: str) -> Expression:
            parts = (product(getattr(grade, side), weight) for (_, grade, _), weight in zip(rows, weights, strict=True))
            return self.asked.named(f"{matrix.id}_{'sum' if side == 'grade' else side}", total(*parts), keep=side == "grade")

        top, unit = weighed("grade"), whole
        bottom: Expression = ONE
        low, high = Ratio(weighed("low"), whole), Ratio(weighed("high"), whole)
        if matrix.missing == "renormalise":
            parts = [case([(grade.known, Constant("integer", weight))], _ZERO) for (_, grade, _), weight in zip(rows, weights, strict=True)]
            known = self.asked.named(f"{matrix.id}_known", total(*parts))
            if bounds(known)[0] < bounds(known)[1]:
                unit = matrix.scale
                bottom = self.asked.named(f"{matrix.id}_weight", case([(reaches(known, 1), _at_least_one(known))], ONE))
            elif known == _ZERO:
                top = _ZERO
        lines = [(name, Ratio(product(grade.grade, weight), unit, bottom)) for (name, grade, _), weight in zip(rows, weights, strict=True)]
        return _Measure(Ratio(top, unit, bottom), low, high, tuple(lines))

    def _pointed(self, matrix: Points) -> "_Measure":
        now, lows, highs, lines = [], [], [], []
        for row in matrix.rows:
            hint = f"{matrix.id}_{row.id}"
            truth, later = self.asked.truth(row.when, hint=hint), self.asked.truth(row.when, lasting=True, hint=f"{hint}_later")
            worth = Constant("integer", row.points)
            earned = case([(truth.true, worth)], _ZERO)
            sure, possible = case([(later.true, worth)], _ZERO), case([(opposite(later.false), worth)], _ZERO)
            now.append(earned)
            lows.append(sure if row.points > 0 else possible)
            highs.append(possible if row.points > 0 else sure)
            lines.append((row.id, Ratio(earned)))
        sums = [self.asked.named(f"{matrix.id}_{name}", total(*parts)) for name, parts in (("rows", now), ("low", lows), ("high", highs))]
        top, low, high = (self._clamped(matrix, number) for number in sums)
        if matrix.cap is not None or matrix.floor is not None:
            lines.append(("clamped", Ratio(total(top, product(sums[0], -1)))))
        return _Measure(Ratio(top), Ratio(low), Ratio(high), tuple(lines))

    def _clamped(self, matrix: Points, number: Expression) -> Expression:
        rows = []
        if matrix.floor is not None:
            rows.append((opposite(reaches(number, matrix.floor)), Constant("integer", matrix.floor)))
        if matrix.cap is not None:
            rows.append((reaches(number, matrix.cap), Constant("integer", matrix.cap)))
        return self.asked.named(f"{matrix.id}_sum", case(rows, number))

    def _decayed(self, matrix: Decayed, *, points: bool) -> "_Measure":
        if self.asked.looked == FALSE:
            nothing, most = Ratio(_ZERO), Ratio(Constant("integer", matrix.cap))
            return _Measure(nothing, nothing, most, ())
        factors = decay_factors(matrix.weekly, matrix.within_days)
        weeks = [(Compare(">=", _AT, Ago((week + 1) * _WEEK * DAY - 1)), Constant("integer", one)) for week, one in enumerate(factors)]
        factor = self.asked.activity_named(f"{matrix.id}_factor", case(weeks[:-1], weeks[-1][1]))
        meant = [(self.asked.meant(row.activities), Constant("integer", number)) for number, row in enumerate(matrix.rows)]
        number = self.asked.activity_named(f"{matrix.id}_row", case(meant, Constant("integer", len(meant))))
        window = self.asked.window(matrix.within_days)
        worth = [
            (Compare("==", number, Constant("integer", place)), Constant("integer", row.points)) for place, row in enumerate(matrix.rows)
        ]
        earned = self._decayed_sum(
            matrix.id, f"{matrix.id}, in thousandths of a point", case([(opposite(window), _ZERO), *worth], _ZERO), factor
        )
        cap = matrix.cap * _THOUSAND
        unit = Fraction(1, _THOUSAND)
        limit = Constant("integer", cap)
        top = self.asked.named(
            f"{matrix.id}_sum", case([(opposite(self.asked.looked), _ZERO), (at_least(earned, cap), limit)], Bounded(earned, 0, cap))
        )
        high = self.asked.named(f"{matrix.id}_high", case([(opposite(self.asked.looked), limit)], top))
        lines = []
        if points:
            for place, row in enumerate(matrix.rows):
                one = every(window, worth[place][0])
                says = f"{matrix.id}, {row.id}, in thousandths of a point"
                column = self._decayed_sum(f"{matrix.id}_{row.id}", says, case([(one, worth[place][1])], _ZERO), factor)
                lines.append((row.id, Ratio(case([(self.asked.looked, Bounded(column, 0, MOST - 1))], _ZERO), unit)))
            over = total(limit, product(Bounded(earned, 0, MOST - 1), -1))
            lines.append(("clamped", Ratio(case([(every(self.asked.looked, at_least(earned, cap)), over)], _ZERO), unit)))
        return _Measure(Ratio(top, unit), Ratio(top, unit), Ratio(high, unit), tuple(lines))

    def _decayed_sum(self, name: str, says: str, points: Expression, factor: Expression) -> Column:
        key = ("sum", name)
        free = free_name(f"sum_{slug(name)}", {item.name: TRUE for item in self.asked.signals.values()})
        self.asked.signals[key] = Signal(free, says, "sum", product(points, factor))
        return self.asked.signals[key].column

    # ----------------------------------------------------------------------------------------------------------- scores

    def everything(self, *, points: bool, reasons: bool) -> Iterator[Output]:
        """Every output, in order."""
        scoring = self.asked.policy.document.scoring
        places = {criterion.id: place for place, criterion in enumerate(scoring.criteria)}
        grades = [self.grade(place) for place in range(len(scoring.criteria))]
        lows: dict[str, Ratio] = {}
        highs: dict[str, Ratio] = {}
        lines: list[Output] = []
        chosen: dict[str, Expression] = {}
        for name, compiled in self.asked.policy.scoring.scores:
            documents = [matrix.document for matrix in compiled]
            measures = [self._measure(document, grades, places, points=points) for document in documents]
            number, self.asked.scores[name] = self._choice(name, documents, measures)
            lows[name], highs[name] = self._extent(name, documents, measures)
            chosen[name] = number
            if points:
                lines += self._lines(name, number, measures)
        for document in scoring.totals:
            self.asked.scores[document.id] = self._sum_of(document.id, [self.asked.scores[part] for part in document.of])
            lows[document.id] = self._sum_of(f"{document.id}_low", [lows[part] for part in document.of])
            highs[document.id] = self._sum_of(f"{document.id}_high", [highs[part] for part in document.of])
        for name in scoring.scores:
            yield from self._shown(name, lows[name], highs[name])
            several = dict(self.asked.policy.scoring.scores).get(name, ())
            if len(several) > 1:
                ids = [Constant("text", matrix.document.id) for matrix in several]
                rows = [(_is(chosen[name], place), text) for place, text in enumerate(ids)]
                yield Output(f"{name}_matrix", "which matrix measured it", case(rows[:-1], ids[-1]))
        yield from self._placed(lows, highs, reasons=reasons)
        wanting = total(*(case([(opposite(grade.known), ONE)], _ZERO) for grade in grades))
        yield Output("missing", "how many criteria have no grade for want of facts", wanting)
        if points:
            for criterion, grade in zip(scoring.criteria, grades, strict=True):
                yield Output(f"grade_{criterion.id}", f"the grade of {criterion.label or criterion.id}", grade.grade, grade.known)
            yield from lines

    def _measure(
        self, matrix: Graded | Points | Decayed, grades: Sequence[_Grade], places: Mapping[str, int], *, points: bool
    ) -> "_Measure":
        match matrix:
            case Graded():
                return self._weighed(matrix, grades, places)
            case Points():
                return self._pointed(matrix)
            case _:
                return self._decayed(matrix, points=points)

    def _sum_of(self, name: str, ratios: Sequence[Ratio]) -> Ratio:
        made = added(ratios)
        return attrs.evolve(made, top=self.asked.named(f"{name}_sum", made.top), bottom=self.asked.named(f"{name}_whole", made.bottom))

    def _shown(self, name: str, low: Ratio, high: Ratio) -> Iterator[Output]:
        score = self.asked.scores[name]
        ratios = (
            ("", score, "0 to 100"),
            ("_low", low, "the worst that missing facts allow"),
            ("_high", high, "the best that missing facts allow"),
        )
        for suffix, ratio, says in ratios:
            top, bottom = product(ratio.top, ratio.unit.numerator), product(ratio.bottom, ratio.unit.denominator)
            prove(top, name)
            prove(bottom, name)
            yield Output(f"{name}{suffix}", f"{name}, {says}", Quotient(top, bottom))
            if suffix:
                continue
            yield Output(f"{name}_parts", f"{name}, exactly, in parts of a point", top)
            if isinstance(bottom, Constant):
                self.parts[name] = int(bottom.value)
            else:
                yield Output(f"{name}_whole", f"{name}, how many parts are a point", bottom)

    def _product_named(self, documents: Sequence[Graded | Points | Decayed]) -> tuple[list[Expression], Expression]:
        """Of each matrix whether the product of the lead names it, and whether that product is known."""
        if not any(document.products for document in documents):
            return [FALSE] * len(documents), TRUE
        known, column, _ = self.asked.fact(self.asked.policy.words.word("product"))
        named = [Among(column, document.products) if document.products and known != FALSE else FALSE for document in documents]
        return list(named), known

    def _choice(
        self, name: str, documents: Sequence[Graded | Points | Decayed], measures: Sequence["_Measure"]
    ) -> tuple[Expression, Ratio]:
        """The number of the matrix that measures the lead, and what it says (SC-7; `scoring.candidates`)."""
        if len(documents) == 1:
            return _ZERO, measures[0].score
        open_to = [
            TRUE if document.when is None else self.asked.truth(document.when, hint=f"{document.id}_when").true for document in documents
        ]
        several = unified([measure.score for measure in measures])
        number, best = self._best(name, open_to, several)
        if self.asked.policy.document.scoring.choice == "named":
            named, _ = self._product_named(documents)
            rows = [(every(test, here), place) for place, (test, here) in enumerate(zip(open_to, named, strict=True))]
            rows += [(test, place) for place, (test, document) in enumerate(zip(open_to, documents, strict=True)) if not document.products]
            picks = [(test, Constant("integer", place)) for test, place in rows]
            number = self.asked.named(f"{name}_chosen", case(picks, number))
        taken = [(Compare("==", number, Constant("integer", place)), ratio) for place, ratio in enumerate(several)]
        if isinstance(number, Constant):
            return number, several[int(number.value)]
        top = self.asked.named(f"{name}_sum", case([(test, ratio.top) for test, ratio in taken[:-1]], taken[-1][1].top))
        bottom = self.asked.named(f"{name}_weight", case([(test, ratio.bottom) for test, ratio in taken[:-1]], taken[-1][1].bottom))
        return number, Ratio(top, best.unit, bottom)

    def _best(
        self, name: str, open_to: Sequence[Expression], several: Sequence[Ratio], *, highest: bool = True
    ) -> tuple[Expression, Ratio]:
        """The number of the greatest (or least) of those that are open, and the ratio itself; ties go to the first."""
        some_open, best = open_to[0], several[0]
        number: Expression = _ZERO
        for place in range(1, len(several)):
            other = several[place]
            mine, theirs = product(other.top, best.bottom), product(best.top, other.bottom)
            prove(mine, name)
            prove(theirs, name)
            beats = Compare("<", theirs, mine) if highest else Compare("<", mine, theirs)
            better = self.asked.named(f"{name}_takes_{place}", every(open_to[place], some(opposite(some_open), beats)))
            number = self.asked.named(f"{name}_number_{place}", case([(better, Constant("integer", place))], number))
            top = self.asked.named(f"{name}_best_{place}", case([(better, other.top)], best.top))
            bottom = self.asked.named(f"{name}_best_weight_{place}", case([(better, other.bottom)], best.bottom))
            best = Ratio(top, best.unit, bottom)
            some_open = some(some_open, open_to[place])
        return number, best

    def _extent(self, name: str, documents: Sequence[Graded | Points | Decayed], measures: Sequence["_Measure"]) -> tuple[Ratio, Ratio]:
        """The worst and the best of every matrix that may yet measure the lead (`scoring.bounds`)."""
        if len(documents) == 1:
            return measures[0].low, measures[0].high
        later = [
            guarded(TRUE, TRUE) if document.when is None else self.asked.truth(document.when, lasting=True, hint=f"{document.id}_later")
            for document in documents
        ]
        open_to = [opposite(truth.false) for truth in later]
        possible, best_of = open_to, [truth.true for truth in later]
        if self.asked.policy.document.scoring.choice == "named":
            possible, best_of = self._askable(name, documents, open_to, best_of)
        ends = unified([measure.low for measure in measures] + [measure.high for measure in measures])
        lows, highs = ends[: len(measures)], ends[len(measures) :]
        _, high = self._best(f"{name}_high", possible, highs)
        _, low = self._best(f"{name}_low", possible, lows, highest=False)
        sure = some(*best_of)
        if sure != FALSE:
            _, sure_low = self._best(f"{name}_sure", best_of, lows)
            low = Ratio(self.asked.named(f"{name}_low_sum", case([(sure, sure_low.top)], low.top)), low.unit)
        return low, high

    def _askable(
        self, name: str, documents: Sequence[Graded | Points | Decayed], open_to: list[Expression], sure: list[Expression]
    ) -> tuple[list[Expression], list[Expression]]:
        """Which matrices may measure the lead where its product decides, and of which the best surely does (`scoring._possible`)."""
        named, known = self._product_named(documents)
        general = [TRUE if not document.products else FALSE for document in documents]
        asked = [every(here, some(one, other)) for here, one, other in zip(open_to, named, general, strict=True)]
        settled = [every(here, surely) for here, surely in zip(asked, sure, strict=True)]
        nobody = self.asked.named(f"{name}_nobody_asked", opposite(some(*asked)))
        everybody = self.asked.named(f"{name}_all_open", some(opposite(known), nobody, opposite(some(*settled))))
        possible = []
        for place, document in enumerate(documents):
            before = [
                settled[other]
                for other, rival in enumerate(documents)
                if (rival.products and not document.products) or (other < place and bool(rival.products) == bool(document.products))
            ]
            possible.append(
                self.asked.named(
                    f"{name}_may_be_{place}", every(open_to[place], some(everybody, every(asked[place], opposite(some(*before)))))
                )
            )
        return possible, [every(known, nobody, surely) for surely in sure]

    def _lines(self, name: str, number: Expression, measures: Sequence["_Measure"]) -> Iterator[Output]:
        """What each criterion or row adds to the score; null where another matrix measured the lead."""
        by_line: dict[str, list[tuple[Expression, Ratio]]] = {}
        for place, measure in enumerate(measures):
            test = _is(number, place)
            for line, ratio in measure.lines:
                by_line.setdefault(line, []).append((test, ratio))
        for line, several in by_line.items():
            ratios = unified([ratio for _, ratio in several])
            rows = [(test, ratio) for (test, _), ratio in zip(several, ratios, strict=True)]
            top = case([(test, product(ratio.top, ratio.unit.numerator)) for test, ratio in rows], _ZERO)
            bottom = case([(test, product(ratio.bottom, ratio.unit.denominator)) for test, ratio in rows], ONE)
            prove(top, line)
            prove(bottom, line)
            yield Output(f"{name}_{line}", f"what {line} adds to {name}", Quotient(top, bottom), some(*(test for test, _ in rows)))

    # ------------------------------------------------------------------------------------------------------------ tiers

    def _reached(self, line: Line) -> Expression:
        return self.asked.named(f"{line.score}_reaches_{line.points}", compared(self.asked.scores[line.score], "at_least", line.points))

    def _placed(self, lows: Mapping[str, Ratio], highs: Mapping[str, Ratio], *, reasons: bool) -> Iterator[Output]:
        """The tier, what it hangs on, and the qualification (TI-1 to TI-4; `tiers.placed` and `tiers.qualified`)."""
        rules = self.asked.policy.tiers
        said: list[Expression] = []
        names = rules.names
        reached = [self.asked.named(f"reaches_{name}", every(*(self._reached(line) for line in lines))) for name, lines in rules.tiers]
        numbered = [(test, Constant("integer", place)) for place, test in enumerate(reached)]
        by_scores = self.asked.named("tier_by_scores", case(numbered, Constant("integer", len(reached))))
        lifts = []
        for item in rules.floors:
            true = self.asked.truth(item.document.when, hint=f"floor_{item.document.id}").true
            if item.line is not None:
                low, high = unified([lows[item.line.score], highs[item.line.score]])
                wide = Compare("<", low.top, high.top) if low.top != high.top else FALSE
                true = every(true, wide, compared(high, "at_least", item.line.points))
            lifts.append(self.asked.named(f"lifts_{item.document.id}", true))
        wins = []
        before: Expression = TRUE
        for item, true in zip(rules.floors, lifts, strict=True):
            here = every(true, reaches(by_scores, item.number + 1)) if item.document.enabled else FALSE
            wins.append(self.asked.named(f"raised_by_{item.document.id}", every(before, here)))
            before = every(before, opposite(here))
        raised = [(test, Constant("integer", item.number)) for test, item in zip(wins, rules.floors, strict=True)]
        tier = self.asked.named("tier_number", case(raised, by_scores))
        below = self.asked.named("below", Compare("==", tier, Constant("integer", len(reached))))
        causes = [(self.asked.truth(row.when, hint=f"below_{row.id}").true, row.id) for row, _ in rules.below]
        cause = self.asked.named(
            "below_reason", case([(test, Constant("integer", place)) for place, (test, _) in enumerate(causes)], _ZERO)
        )
        has_cause = self.asked.named("has_reason", every(below, some(*(test for test, _ in causes))))
        self.asked.tier = tier, cause, has_cause
        by_tier = [(Compare("==", tier, Constant("integer", place)), Constant("text", name)) for place, name in enumerate(names)]
        yield Output("tier", "the tier", case(by_tier[:-1], by_tier[-1][1]))
        texts = [(Compare("==", cause, Constant("integer", place)), Constant("text", name)) for place, (_, name) in enumerate(causes)]
        yield Output("tier_reason", "why it is below every tier", case(texts, _EMPTY), has_cause)
        floors = [(test, Constant("text", item.document.id)) for test, item in zip(wins, rules.floors, strict=True)]
        yield Output("raised_by", "the floor that lifted it", case(floors, _EMPTY), some(*wins))
        if reasons:
            said += self._tier_codes(reached, causes, cause, has_cause)
            for item, won, lifting in zip(rules.floors, wins, lifts, strict=True):
                path = f"tiers.floors[{item.document.id}]"
                off = FALSE if item.document.enabled else every(lifting, reaches(tier, item.number + 1))
                said.append(case([(won, _code(Code.RAISED, path)), (off, _code(Code.SWITCHED_OFF, path))], _EMPTY))
        yield from self._qualified(tier, said, reasons=reasons)

    def _tier_codes(
        self, reached: Sequence[Expression], causes: Sequence[tuple[Expression, str]], cause: Expression, has_cause: Expression
    ) -> Iterator[Expression]:
        asked: Expression = TRUE
        for (name, lines), test in zip(self.asked.policy.tiers.tiers, reached, strict=True):
            for line in lines:
                yield from self._line_code(line, f"tiers.rows[{name}].thresholds[{line.score}]", asked)
            asked = self.asked.named(f"asked_below_{name}", every(asked, opposite(test)))
        rows = [
            (every(has_cause, Compare("==", cause, Constant("integer", place))), _code(Code.MATCHED, f"tiers.below.reasons[{name}]"))
            for place, (_, name) in enumerate(causes)
        ]
        yield case(rows, _EMPTY)

    def _line_code(self, line: Line, path: str, asked: Expression = TRUE) -> Iterator[Expression]:
        reached = self._reached(line)
        yield case([(opposite(asked), _EMPTY), (reached, _code(Code.REACHED, path))], _code(Code.SHORT, path))

    def _qualified(self, tier: Expression, said: list[Expression], *, reasons: bool) -> Iterator[Output]:
        rules, document = self.asked.policy.tiers, self.asked.policy.tiers.qualification
        names = rules.names
        dual = self.asked.named("dual_axis", every(*(self._reached(line) for line in rules.dual_axis))) if rules.dual_axis else FALSE
        holding: list[tuple[Expression, str, bool]] = []
        if document.model == "spiced":
            for place, name in enumerate(names):
                if name in document.mql_tiers:
                    holding.append((Compare("==", tier, Constant("integer", place)), f"tier:{name}", name in document.held_tiers))
        else:
            holding.append((dual, "dual_axis", False))
        truths = [self.asked.truth(clause.when, hint=f"clause_{clause.id}") for clause, _ in rules.clauses]
        holding += [
            (truth.true, clause.id, clause.held) for (clause, _), truth in zip(rules.clauses, truths, strict=True) if clause.enabled
        ]
        mql = self.asked.named("mql", some(*(test for test, _, _ in holding)))
        handed_off = self.asked.named("handed_off", some(*(test for test, _, held in holding if not held)))
        ordered = [row for row in holding if not row[2]] + [row for row in holding if row[2]]
        yield Output("mql", "whether it is a marketing-qualified lead", mql)
        clauses = [(test, Constant("text", name)) for test, name, _ in ordered]
        yield Output("mql_clause", "the clause that made it one", case(clauses, _EMPTY), mql)
        yield Output("handed_off", "whether it goes over to sales", handed_off)
        if not reasons:
            return
        if document.model == "spiced":
            path = "qualification.mql_tiers"
            rows = []
            for place, name in enumerate(names):
                code = Code.HELD if name in document.held_tiers else Code.QUALIFIED if name in document.mql_tiers else Code.NOT_QUALIFIED
                rows.append((Compare("==", tier, Constant("integer", place)), _code(code, path)))
            said.append(case(rows[:-1], rows[-1][1]))
        else:
            for line in rules.dual_axis:
                said += self._line_code(line, f"qualification.dual_axis[{line.score}]")
        for (clause, _), truth in zip(rules.clauses, truths, strict=True):
            path = f"qualification.clauses[{clause.id}]"
            if not clause.enabled:
                said.append(_code(Code.SWITCHED_OFF, path))
                continue
            holds = _code(Code.HELD if clause.held else Code.QUALIFIED, path)
            said.append(case([(truth.true, holds), (truth.false, _code(Code.FAILED, path))], _code(Code.UNKNOWN, path)))
        yield Output("because", "the codes and rules of tiers and qualification", Concat(tuple(said)))


@frozen
class _Measure:
    """What a matrix says: its sum, the worst and the best that missing facts allow, and its lines."""

    score: Ratio
    low: Ratio
    high: Ratio
    lines: tuple[tuple[str, Ratio], ...]


# -------------------------------------------------------------------------------------------------------------- helpers


def _code(code: Code, path: str) -> Constant:
    """A code and its rule, each ended by a semicolon."""
    return Constant("text", f"{code} {path};")


def _is(number: Expression, place: int) -> Expression:
    """Whether a number is that one; settled here where it is a constant."""
    if isinstance(number, Constant):
        return TRUE if number.value == place else FALSE
    return Compare("==", number, Constant("integer", place))


def _at_least_one(known: Expression) -> Expression:
    """The same number, where it is known to be 1 or more: so that its bounds say so."""
    return attrs.evolve(known, low=max(known.low, 1)) if isinstance(known, Named) else known


def _asks_knowing(conditions: Iterable[AnyCondition]) -> bool:
    """Whether a condition asks if a fact is known."""
    for condition in conditions:
        inside = condition.of if isinstance(condition, AllOf | AnyOf) else (condition.of,) if isinstance(condition, Negation) else ()
        if isinstance(condition, Knowing) or _asks_knowing(inside):
            return True
    return False


# -------------------------------------------------------------------------------------------------------------- one row


def assess_row(
    columns: Columns, row: Mapping[str, object], activities: Iterable[Mapping[str, object]] = (), *, at: datetime
) -> dict[str, object]:
    """What the expressions give for one lead: the plain reading that every engine is held against.

    `row` and `activities` hold facts under the names of `Input.column`, None or nothing where unknown. Of a refused row every output
    but `refused` is None.

    >>> from inbound_engine.policy import Policy
    >>> from inbound_engine.policy import compile as compile_policy
    >>> from inbound_engine.spans import parse_instant
    >>> made = compile(compile_policy(Policy()), only=["fit", "missing"])
    >>> assess_row(made, {"employees": 240, "industry": "saas"}, at=parse_instant("2026-03-02T09:00Z"))
    {'refused': None, 'fit': 40.0, 'missing': 5}
    """
    known = {item.column.name: _read(item, row) for item in columns.inputs}
    known |= _signals(columns, activities, at)
    steps: dict[str, object] = {}
    for step in columns.steps:
        steps[step.name] = evaluate(step.expression, known, at, steps)

    def shown_as(output: Output) -> object:
        return evaluate(output.expression, known, at, steps) if evaluate(output.known, known, at, steps) else None

    refused = shown_as(columns.refused)
    return {"refused": refused} | {output.name: None if refused else shown_as(output) for output in columns.outputs}


def _read(item: Input, row: Mapping[str, object]) -> object:
    value = row.get(item.column.name)
    if value is None and item.column.kind == "boolean":
        return item.reads or None
    return None if isinstance(value, str) and value in item.unknown else value


def _signals(columns: Columns, activities: Iterable[Mapping[str, object]], at: datetime) -> dict[str, object]:
    found: dict[str, object] = {signal.name: None if signal.how == "latest" else 0 for signal in columns.signals}
    for activity in activities:
        row = {item.column.name: _read(item, activity) for item in columns.activity_inputs}
        steps: dict[str, object] = {}
        for step in columns.activity_steps:
            steps[step.name] = evaluate(step.expression, row, at, steps)
        for signal in columns.signals:
            here, so_far = evaluate(signal.of, row, at, steps), found[signal.name]
            if signal.how != "latest":
                found[signal.name] = int(here) + (so_far if isinstance(so_far, int) else 0)
            elif here:
                latest = row["at"]
                assert isinstance(latest, datetime)  # noqa: S101 - a row counts only where its instant is known
                found[signal.name] = latest if not isinstance(so_far, datetime) else max(so_far, latest)
    return found
