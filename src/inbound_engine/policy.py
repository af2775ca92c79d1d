"""Is the whole document sound, each name it uses defined? Compiles the rooms' documents, once.

`Policy()` is the documents' playbook. A policy is plain data: `Policy.model_validate(data)` reads it, from JSON or TOML alike,
and refuses it with every problem at once. What is legal and probably not meant, `lint` finds. A set of policies picks the one
that was in force at an instant, so that a replay uses the policy of its day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

import attrs
from attrs import field, frozen
from pydantic import Field

from inbound_engine import scoring, tables, tiers, vocabulary
from inbound_engine.conditions import (
    AllOf,
    Always,
    AnyCondition,
    AnyOf,
    Compare,
    Not,
    OneOf,
    Questions,
    Words,
    constant,
    facts_named,
    implies,
)
from inbound_engine.decisions import decimal_text, html_table
from inbound_engine.documents import (
    Change,
    Document,
    Exact,
    Id,
    Instant,
    Label,
    PlainTable,
    UniqueRows,
    contents,
    differences,
    fingerprint,
    refuse_beyond_bounds,
)
from inbound_engine.errors import PolicyError, Problem, shown
from inbound_engine.graders import HIGHEST, Bands, Cases, Counting, Given, Grader, Lookup, Overlap, Recency, attainable
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.scoring import Graded, Matrix, Points, Scoring
from inbound_engine.signals import Catalogue, Touchpoint
from inbound_engine.spans import EARLIEST, instant
from inbound_engine.tables import Finding
from inbound_engine.tiers import Floor, QualificationDocument, Threshold, Tiers
from inbound_engine.vocabulary import DeclaredFact, FactsDocument, ScoreName, TierName, Vocabulary

__all__ = ["Compiled", "Example", "Expected", "ExpectedScore", "Policy", "PolicySet", "compile", "diff", "lint"]


def _shipped(section: str) -> Any:  # noqa: ANN401 - plain data, read by pydantic
    return PLAYBOOK[section]


class ExpectedScore(Document):
    """The exact points that an example expects."""

    score: ScoreName
    points: Exact


class Expected(Document):
    """What an example expects; what it leaves out may be anything."""

    tier: TierName | None = None
    reason: Id | None = None
    mql: bool | None = None
    clause: Id | None = None
    handed_off: bool | None = None
    scores: UniqueRows[ExpectedScore] = ()


class Example(Document):
    """A lead, an instant, and what the policy must say of it; `engine.check` runs the examples of a policy."""

    id: Id
    label: Label = ""
    lead: PlainTable
    at: Instant
    expect: Expected


class Policy(Document):
    """The whole rule book of one seller, as a document.

    What is left out is the playbook's. Its examples come along as long as its rules do: a policy that brings rules of its own
    brings examples of its own.

    >>> policy = Policy()
    >>> [tier.id for tier in policy.tiers.rows]
    ['T1', 'T2', 'T3']
    >>> Policy.model_validate({"qualification": {"mql_tiers": ["T1", "T4"]}})
    Traceback (most recent call last):
    inbound_engine.errors.PolicyError: 1 problem:
      qualification.mql_tiers[1]: saw 'T4', expected one of NURTURE, T1, T2, T3. Add it to tiers.rows.
    """

    format: int = Field(default=1, ge=1, le=1)
    name: Label = "Inbound playbook"
    effective_from: Instant | None = None
    facts: FactsDocument = Field(default_factory=lambda: _shipped("facts"))
    touchpoints: UniqueRows[Touchpoint] = Field(default_factory=lambda: _shipped("touchpoints"))
    scoring: Scoring = Field(default_factory=lambda: _shipped("scoring"))
    tiers: Tiers = Field(default_factory=lambda: _shipped("tiers"))
    qualification: QualificationDocument = Field(default_factory=lambda: _shipped("qualification"))
    examples: UniqueRows[Example] = ()

    @classmethod
    def model_validate(cls, obj: object, **options: Any) -> "Policy":  # noqa: ANN401 - pydantic's own
        """The policy that plain data says; `PolicyError` with every problem otherwise.

        Every part is checked against the facts, scores, tiers and touchpoints that the whole declares.
        """
        refuse_beyond_bounds(obj)
        if isinstance(obj, Mapping) and not obj.keys() & PLAYBOOK.keys():
            obj = {**obj, "examples": _shipped("examples")}
        try:
            return super().model_validate(obj, **{"context": _names(obj), **options})
        except PolicyError as error:
            told = {problem.path for problem in error.problems}
            problems = [*error.problems, *(problem for problem in _hidden_by_names(cls, obj) if problem.path not in told)]
        raise PolicyError(sorted(problems, key=_section_of))

    @property
    def fingerprint(self) -> str:
        """A stable hash of the canonical form: equal policies have equal ones, in every process and version."""
        return fingerprint(self)

    def __repr__(self) -> str:
        """One line."""
        since = "" if self.effective_from is None else f", effective_from={self.effective_from.isoformat()}"
        return f"Policy({self.name!r}, {self.fingerprint[:12]}{since})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """The matrices and the tiers as a table, for notebooks."""
        rows = [[matrix.score, f"{matrix.kind} matrix {matrix.id}", _made_of(matrix)] for matrix in self.scoring.matrices]
        rows.extend([total.id, "total", " + ".join(total.of)] for total in self.scoring.totals)
        rows.extend([tier.id, tier.label, " and ".join(map(_line, tier.thresholds))] for tier in self.tiers.rows)
        return html_table(f"{self.name} {self.fingerprint[:12]}", ("name", "what", "made of"), rows)


def _made_of(matrix: Matrix) -> str:
    if isinstance(matrix, Graded):
        return ", ".join(f"{row.criterion} {decimal_text(row.weight)}" for row in matrix.weights)
    return f"{len(matrix.rows)} rows"


def _line(threshold: Threshold) -> str:
    return f"{threshold.score} at least {decimal_text(threshold.at_least)}"


def _section_of(problem: Problem) -> int:
    """Where in the document the problem lies: the number of its first field, and what is no field at the end."""
    fields = list(Policy.model_fields)
    first = problem.path.partition(".")[0].partition("[")[0]
    return fields.index(first) if first in fields else len(fields)


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Compiled:
    """A policy made ready: its vocabulary, catalogue, scoring and tiers, and its fingerprint."""

    document: Policy
    fingerprint: str
    words: Vocabulary
    catalogue: Catalogue
    scoring: scoring.Rules
    tiers: tiers.Rules

    def __reduce__(self) -> tuple[Any, tuple[Policy]]:
        """Pickles by its document; what is compiled is made anew."""
        return compile, (self.document,)

    def __deepcopy__(self, memo: object) -> "Compiled":
        """Nothing in it changes, so it is its own copy."""
        return self


def compile(document: Policy) -> Compiled:
    """The policy made ready, once; the same object then decides for one lead after another."""
    scores = document.scoring.scores
    words = vocabulary.compile(document.facts, _derived(scores), [row.id for row in document.touchpoints])
    catalogue = Catalogue.of(document.touchpoints)
    questions = Questions(catalogue)
    scored = scoring.compile(document.scoring, words, questions)
    tiered = tiers.compile(document.tiers, document.qualification, scores, words, questions)
    return Compiled(document, document.fingerprint, words, catalogue, attrs.evolve(scored, signals=questions.signals()), tiered)


def _hidden_by_names(cls: type[Policy], data: object) -> tuple[Problem, ...]:
    """What is wrong beside the names: a row with a misspelt name is not added up, so it is read again without that check."""
    try:
        super(Policy, cls).model_validate(data)
    except PolicyError as error:
        return error.problems
    return ()


def _derived(scores: Iterable[str]) -> list[tuple[str, vocabulary.Kind]]:
    return [*((score, "decimal") for score in scores), ("tier", "text")]


def _names(data: object) -> Vocabulary:
    """The names that a policy declares, as far as they can be read before it is known to be sound.

    What is malformed is told by its own document; here it only must not make the rest of the policy look wrong.
    """
    facts, scored, tiered = (_section(data, name) for name in ("facts", "scoring", "tiers"))
    scores = _texts(_rows(scored, "matrices"), "score") | _texts(_rows(scored, "totals"), "id")
    sound: dict[str, DeclaredFact] = {}
    unsure: set[str] = set()
    for row in _rows(facts, "declared"):
        try:
            fact = DeclaredFact.model_validate(row)
        except PolicyError:
            unsure |= _texts([row], "id")
        else:
            sound |= {} if fact.id in scores else {fact.id: fact}
    kinds = tuple(kind for kind in _rows(facts, "activity_kinds") if isinstance(kind, str))
    document = FactsDocument.model_construct(declared=tuple(sound.values()), unknown=(), precedence=(), activity_kinds=kinds)
    words = vocabulary.compile(document, _derived(scores), _texts(_rows(data, "touchpoints", _shipped("touchpoints")), "id"))
    below = _get(_get(tiered, "below"), "id")
    names = _texts(_rows(tiered, "rows"), "id") | {below if isinstance(below, str) else "NURTURE"}
    return attrs.evolve(
        words,
        derived={**words.derived, "tier": attrs.evolve(words.derived["tier"], values=frozenset(names))},
        criteria=frozenset(_texts(_rows(scored, "criteria"), "id")),
        scores=frozenset(scores),
        tiers=frozenset(names),
        unsure=frozenset(unsure),
    )


def _get(data: object, key: str) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(data, Mapping):
        return data.get(key)
    return contents(data).get(key) if isinstance(data, Document) else None


def _section(data: object, key: str) -> object:
    given = _get(data, key)
    return _shipped(key) if given is None else given


def _rows(data: object, key: str, otherwise: Sequence[object] = ()) -> Sequence[object]:
    rows = _get(data, key)
    return rows if isinstance(rows, list | tuple) else otherwise


def _texts(rows: Iterable[object], key: str) -> set[str]:
    return {text for row in rows if isinstance(text := _get(row, key), str)}


# ------------------------------------------------------------------------------------------------------------- policies


def _in_order(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies in the order of their start, which differ."""
    ordered = tuple(sorted(policies, key=_start))
    if not ordered:
        raise PolicyError([Problem("effective_from", "no policy", "at least one")])
    for earlier, later in pairwise(ordered):
        if _start(earlier) == _start(later):
            saw = f"two policies from {_since(later)}"
            raise PolicyError([Problem("effective_from", saw, "policies that start at instants that differ")])
    return ordered


def _start(policy: Policy) -> datetime:
    return policy.effective_from or EARLIEST


def _since(policy: Policy) -> str:
    return "the beginning" if policy.effective_from is None else policy.effective_from.isoformat()


@frozen
class PolicySet:
    """Policies, each in force from its `effective_from` until the next; one without is in force from the beginning.

    Two that start at one instant, and a set without any, are a `PolicyError`.

    >>> old, new = Policy(), Policy(effective_from="2026-04-01T00:00:00Z")
    >>> PolicySet([new, old]).at(instant(datetime.fromisoformat("2026-03-31T23:59:59+00:00"))) == old
    True
    """

    policies: tuple[Policy, ...] = field(converter=_in_order)

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "PolicySet":
        """The set of those policies, in the order of `effective_from`."""
        return cls(policies)

    def at(self, at: datetime) -> Policy:
        """The policy in force at that instant: the last that has started; `PolicyError` before the first."""
        at = instant(at)
        started = [policy for policy in self.policies if _start(policy) <= at]
        if not started:
            saw = f"nothing in force at {at.isoformat()}"
            raise PolicyError([Problem("effective_from", saw, f"an instant from {_since(self.policies[0])} on")])
        return started[-1]

    def of_fingerprint(self, fingerprint: str) -> Policy | None:
        """The policy with that fingerprint, or None."""
        return next((policy for policy in self.policies if policy.fingerprint == fingerprint), None)


def diff(old: Policy, new: Policy) -> tuple[Change, ...]:
    """What changes from one policy to the other, path by path; rows are followed by their id.

    >>> from inbound_engine.documents import changed
    >>> print(*diff(Policy(), changed(Policy(), {"tiers.rows[T1].thresholds[urgency].at_least": 65})))
    tiers.rows[T1].thresholds[urgency].at_least: changed from 60 to 65
    """
    return differences(old, new)


# ----------------------------------------------------------------------------------------------------------------- lint


def lint(policy: Policy) -> tuple[Finding, ...]:
    """What is legal and probably not meant: tiers that no lead can reach, rows that never speak, names nobody uses.

    What a `source` accounts for is meant. Nothing is reported that may be otherwise: a row is called covered only where that
    can be shown.

    >>> lint(Policy())
    ()
    """
    return tuple(_findings(policy))


def _findings(policy: Policy) -> Iterator[Finding]:
    words = compile(policy).words
    conditions = list(_conditions(policy))
    yield from _about_facts(policy, conditions)
    yield from _about_touchpoints(policy)
    yield from _about_criteria(policy, words)
    yield from _about_matrices(policy, conditions)
    yield from _about_tiers(policy)
    yield from _about_floors(policy)
    yield from _about_qualification(policy)


def _conditions(policy: Policy) -> Iterator[tuple[str, AnyCondition]]:
    """Every condition of the policy, with its path."""
    for criterion in policy.scoring.criteria:
        if isinstance(criterion.grader, Cases):
            for number, case in enumerate(criterion.grader.rows):
                yield f"scoring.criteria[{criterion.id}].grader.rows[{number}].when", case.when
    for matrix in policy.scoring.matrices:
        path = f"scoring.matrices[{matrix.id}]"
        if matrix.when is not None:
            yield f"{path}.when", matrix.when
        if isinstance(matrix, Points):
            yield from ((f"{path}.rows[{row.id}].when", row.when) for row in matrix.rows)
    yield from ((f"tiers.below.reasons[{reason.id}].when", reason.when) for reason in policy.tiers.below.reasons)
    yield from ((f"tiers.floors[{floor.id}].when", floor.when) for floor in policy.tiers.floors)
    yield from ((f"qualification.clauses[{clause.id}].when", clause.when) for clause in policy.qualification.clauses)


# Facts and touchpoints.


def _about_facts(policy: Policy, conditions: Iterable[tuple[str, AnyCondition]]) -> Iterator[Finding]:
    """Facts that no rule names, and rules that list a value which no rule ever sees."""
    listed: list[tuple[str, str, object]] = []
    named: set[str] = set()
    for criterion in policy.scoring.criteria:
        path = f"scoring.criteria[{criterion.id}].grader"
        match criterion.grader:
            case Lookup(fact=fact, rows=rows):
                named.add(fact)
                listed += ((f"{path}.rows[{number}]", fact, value) for number, row in enumerate(rows) for value in row.values)
            case Overlap(fact=fact, values=values):
                named.add(fact)
                listed += ((path, fact, value) for value in values)
            case Bands(fact=fact) | Given(fact=fact):
                named.add(fact)
            case _:
                pass
    for path, condition in conditions:
        named |= facts_named(condition)
        listed += ((path, fact, value) for fact, value in _listed(condition))
    unknown = {row.fact: row.values for row in policy.facts.unknown}
    for path, fact, value in listed:
        if value in unknown.get(fact, ()):
            yield Finding(
                "value-unknown", path, f"{shown(value)} means that {fact} is unknown, so no lead has it", "Remove it here or there."
            )
    for declared in policy.facts.declared:
        if declared.id not in named and not declared.source:
            hint = "Name it, say its source, or remove it."
            yield Finding("fact-unused", f"facts.declared[{declared.id}]", "no rule names it", hint)


def _listed(condition: AnyCondition) -> Iterator[tuple[str, object]]:
    """The values that the condition wants a fact to have."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for part in of:
                yield from _listed(part)
        case Not(of=inner):
            yield from _listed(inner)
        case Compare(op="equals" | "differs", fact=fact, value=value) | Words(op="contains", fact=fact, value=value):
            yield fact, value
        case OneOf(fact=fact, values=values):
            yield from ((fact, value) for value in values)
        case _:
            pass


def _about_touchpoints(policy: Policy) -> Iterator[Finding]:
    """Rows of the catalogue whose activities an earlier row takes."""
    for number, row in enumerate(policy.touchpoints):
        for earlier in policy.touchpoints[:number]:
            if _takes(earlier, row):
                message = f"every activity of it is {earlier.id}"
                yield Finding("touchpoint-covered", f"touchpoints[{row.id}]", message, "Move it up or remove it.")
                break


def _takes(earlier: Touchpoint, row: Touchpoint) -> bool:
    if earlier.kinds and not (row.kinds and {*row.kinds} <= {*earlier.kinds}):
        return False
    if not (earlier.contents or earlier.content_starts):
        return True
    starts = all(start.startswith(earlier.content_starts) for start in row.content_starts)
    whole = all(content in earlier.contents or content.startswith(earlier.content_starts) for content in row.contents)
    return bool(row.contents or row.content_starts) and starts and whole


# Criteria.


def _about_criteria(policy: Policy, words: Vocabulary) -> Iterator[Finding]:
    """Criteria that nothing weighs or that cannot count in full, and the rows of graders that never speak."""
    weighed = {row.criterion for matrix in policy.scoring.matrices if isinstance(matrix, Graded) for row in matrix.weights}
    for criterion in policy.scoring.criteria:
        path = f"scoring.criteria[{criterion.id}]"
        if criterion.id not in weighed:
            yield Finding("criterion-unused", path, "no matrix weighs it", "Weigh it or remove it.")
        best = attainable(criterion.grader)[-1]
        if best < HIGHEST:
            yield Finding("grade-never", f"{path}.grader", f"no lead earns more than {best}", f"Add a row with grade {HIGHEST}.")
        yield from _about_grader(f"{path}.grader", criterion.grader, words)


def _about_grader(path: str, grader: Grader, words: Vocabulary) -> Iterator[Finding]:
    match grader:
        case Cases(rows=cases):
            yield from tables.findings([(str(number), case.when) for number, case in enumerate(cases)], f"{path}.rows")
        case Lookup(rows=lists):
            seen: dict[str, int] = {}
            for number, row in enumerate(lists):
                for value in row.values:
                    if seen.setdefault(value, number) != number:
                        message = f"rows[{seen[value]}] already lists {shown(value)}"
                        yield Finding("row-covered", f"{path}.rows[{number}]", message, "Remove it from one of them.")
        case Counting(rows=counts) | Overlap(rows=counts):
            yield from _covered([-count.at_least for count in counts], path, "count", "Order the rows from the highest count down.")
        case Recency(rows=ages):
            limits = [(age.within_days, 1) if age.within_days is not None else (age.under_days or 0, 0) for age in ages]
            yield from _covered(limits, path, "age", "Order the rows from the newest on.")
        case Bands():
            yield from _about_bands(path, grader, words)
        case _:
            pass


def _covered(limits: Sequence[Any], path: str, what: str, hint: str) -> Iterator[Finding]:
    """Rows that an earlier row leaves nothing: each takes what lies up to its limit."""
    for number, limit in enumerate(limits):
        if any(earlier >= limit for earlier in limits[:number]):
            yield Finding("row-covered", f"{path}.rows[{number}]", f"an earlier row takes every such {what}", hint)


def _about_bands(path: str, grader: Bands, words: Vocabulary) -> Iterator[Finding]:
    word = words.word(grader.fact)
    ends: list[tuple[Any, Any]] = [
        (None if band.at_least is None else constant(word, band.at_least), None if band.at_most is None else constant(word, band.at_most))
        for band in grader.rows
    ]
    for number, (low, high) in enumerate(ends):
        if low is not None and high is not None and low > high:
            yield Finding("row-empty", f"{path}.rows[{number}]", "at_least lies above at_most", "Swap them.")
        elif any(_holds(earlier, (low, high)) for earlier in ends[:number]):
            yield Finding("row-covered", f"{path}.rows[{number}]", "an earlier band holds it", "Put the narrower band first.")


def _holds(outer: tuple[Any, Any], inner: tuple[Any, Any]) -> bool:
    (least, most), (low, high) = outer, inner
    return (least is None or (low is not None and low >= least)) and (most is None or (high is not None and high <= most))


# Matrices.


def _about_matrices(policy: Policy, conditions: Iterable[tuple[str, AnyCondition]]) -> Iterator[Finding]:
    """Matrices that no lead is measured by, scores that nothing reads, and rows that change nothing."""
    read = {name for total in policy.scoring.totals for name in total.of} | {row.score for row in policy.qualification.dual_axis}
    read |= {row.score for tier in policy.tiers.rows for row in tier.thresholds}
    read = read.union(*(facts_named(condition) for _, condition in conditions))
    for number, matrix in enumerate(policy.scoring.matrices):
        path = f"scoring.matrices[{matrix.id}]"
        if matrix.score not in read:
            yield Finding("score-unused", f"{path}.score", f"no rule reads {matrix.score}", "Read it or remove the matrix.")
        if policy.scoring.choice == "named" and _is_shadowed(matrix, policy.scoring.matrices[:number]):
            yield Finding("matrix-shadowed", path, "an earlier matrix measures every lead that it could", "Move it up or remove it.")
        match matrix:
            case Graded(weights=weights):
                for row in weights:
                    if row.weight == 0:
                        where = f"{path}.weights[{row.criterion}]"
                        yield Finding("weight-zero", where, "it counts nothing", "Give it a weight or remove it.")
            case Points(rows=rows):
                yield from tables.findings([(row.id, row.when) for row in rows], f"{path}.rows", "every")
                for each in rows:
                    if each.points == 0 and not each.source:
                        hint = "Give it points, say its source, or remove it."
                        yield Finding("points-zero", f"{path}.rows[{each.id}]", "it counts nothing", hint)
            case _:
                asked = [row.activities for row in matrix.rows]
                for place, decayed in enumerate(matrix.rows):
                    if decayed.activities in asked[:place]:
                        yield Finding("row-twin", f"{path}.rows[{decayed.id}]", "an earlier row asks the same", "Remove one of them.")
    for total in policy.scoring.totals:
        if total.id not in read:
            yield Finding("score-unused", f"scoring.totals[{total.id}]", f"no rule reads {total.id}", "Read it or remove it.")


def _is_shadowed(matrix: Matrix, earlier: Sequence[Matrix]) -> bool:
    """Whether earlier matrices of the same score always come first: for everybody, and for each of its products."""
    before = [other for other in earlier if other.score == matrix.score]
    everybody = any(not other.products and other.when is None for other in before)
    sooner = [other for other in before if other.when is None or (matrix.when is not None and implies(matrix.when, other.when))]
    return (everybody or not matrix.products) and all(
        any((product in other.products if product else not other.products) for other in sooner) for product in matrix.products or [""]
    )


# Tiers, floors, qualification.


def _about_tiers(policy: Policy) -> Iterator[Finding]:
    """Tiers that no lead can reach, that every lead reaches, or that an earlier tier always takes."""
    reach = _reach(policy.scoring)
    for number, tier in enumerate(policy.tiers.rows):
        path = f"tiers.rows[{tier.id}]"
        yield from _too_high("tier-unreachable", path + ".thresholds", tier.thresholds, reach)
        if all(row.at_least <= reach[row.score][0] for row in tier.thresholds):
            yield Finding("tier-everybody", path, "every lead reaches it", "Raise a threshold.")
        lines = {row.score: row.at_least for row in tier.thresholds}
        for earlier in policy.tiers.rows[:number]:
            if all(row.score in lines and lines[row.score] >= row.at_least for row in earlier.thresholds):
                yield Finding("tier-covered", path, f"{earlier.id} takes every lead that reaches it", "Reorder the tiers.")
                break
    reasons = policy.tiers.below.reasons
    yield from tables.findings([(reason.id, reason.when) for reason in reasons], "tiers.below.reasons")


def _too_high(code: str, path: str, rows: Iterable[Threshold], reach: Mapping[str, tuple[Fraction, Fraction]]) -> Iterator[Finding]:
    for row in rows:
        most = reach[row.score][1]
        if row.at_least > most:
            message = f"no lead can reach it: {row.score} is at most {decimal_text(most)}"
            yield Finding(code, f"{path}[{row.score}]", message, "Lower the threshold.")


def _reach(document: Scoring) -> dict[str, tuple[Fraction, Fraction]]:
    """The least and the most that any lead can have of each score."""
    best = {criterion.id: attainable(criterion.grader)[-1] for criterion in document.criteria}
    reach: dict[str, tuple[Fraction, Fraction]] = {}
    for matrix in document.matrices:
        low, high = _extent(matrix, best)
        least, most = reach.get(matrix.score, (low, high))
        reach[matrix.score] = min(least, low), max(most, high)
    for total in document.totals:
        parts = [reach[name] for name in total.of]
        reach[total.id] = sum((low for low, _ in parts), Fraction()), sum((high for _, high in parts), Fraction())
    return reach


def _extent(matrix: Matrix, best: Mapping[str, int]) -> tuple[Fraction, Fraction]:
    match matrix:
        case Graded(weights=weights, scale=scale, missing="zero"):
            return Fraction(), sum((row.weight * best[row.criterion] for row in weights), Fraction()) * scale / 100
        case Graded(weights=weights, scale=scale):
            return Fraction(), max(best[row.criterion] for row in weights if row.weight) * scale
        case Points(rows=rows, floor=floor, cap=cap):
            ends = (sum(row.points for row in rows if (row.points > 0) is above) for above in (False, True))
            low, high = (Fraction(_within(end, floor, cap)) for end in ends)
            return low, high
        case _:
            return Fraction(), Fraction(matrix.cap if any(row.points for row in matrix.rows) else 0)


def _within(points: int, floor: int | None, cap: int | None) -> int:
    points = points if floor is None else max(points, floor)
    return points if cap is None else min(points, cap)


def _about_floors(policy: Policy) -> Iterator[Finding]:
    """Floors that lift everybody, that are switched off without a word, or that an earlier floor forestalls."""
    numbers = {tier.id: number for number, tier in enumerate(policy.tiers.rows)}
    for number, floor in enumerate(policy.tiers.floors):
        path = f"tiers.floors[{floor.id}]"
        if not floor.enabled:
            if not floor.source:
                yield Finding("switched-off", path, "it never speaks", "Switch it on, say its source, or remove it.")
            continue
        if isinstance(floor.when, Always) and floor.only_while_unknown is None:
            yield Finding("floor-always", path, f"no lead can be below {floor.tier}", "Give it a condition.")
        for earlier in policy.tiers.floors[:number]:
            if numbers[earlier.tier] <= numbers[floor.tier] and _forestalls(earlier, floor):
                yield Finding("floor-covered", path, f"{earlier.id} lifts every such lead as high", "Reorder the floors or remove it.")
                break


def _forestalls(earlier: Floor, floor: Floor) -> bool:
    same_want = earlier.only_while_unknown is None or (earlier.only_while_unknown, earlier.tier) == (floor.only_while_unknown, floor.tier)
    return earlier.enabled and same_want and implies(floor.when, earlier.when)


def _about_qualification(policy: Policy) -> Iterator[Finding]:
    """Definitions of an MQL that nobody meets or everybody does, and MQLs that nobody is given."""
    document, path = policy.qualification, "qualification"
    for clause in document.clauses:
        if not clause.enabled and not clause.source:
            hint = "Switch it on, say its source, or remove it."
            yield Finding("switched-off", f"{path}.clauses[{clause.id}]", "it never speaks", hint)
    yield from tables.findings([(clause.id, clause.when) for clause in document.clauses if clause.enabled], f"{path}.clauses", "every")
    yield from _too_high("mql-unreachable", f"{path}.dual_axis", document.dual_axis, _reach(policy.scoring))
    order = [*(tier.id for tier in policy.tiers.rows), policy.tiers.below.id]
    for number, tier in enumerate(order):
        if tier not in document.mql_tiers and any(worse in document.mql_tiers for worse in order[number + 1 :]):
            yield Finding("mql-gap", f"{path}.mql_tiers", f"a tier below {tier} makes an MQL, and {tier} does not", f'Add "{tier}".')
        elif tier in document.held_tiers and any(
            worse in document.mql_tiers and worse not in document.held_tiers for worse in order[number + 1 :]
        ):
            yield Finding("held-above", f"{path}.held_tiers", f"{tier} is held, and a tier below it is handed off", f'Remove "{tier}".')
    if (
        document.model == "spiced"
        and document.mql_tiers
        and {*document.mql_tiers} <= {*document.held_tiers}
        and all(clause.held or not clause.enabled for clause in document.clauses)
    ):
        yield Finding("held-all", f"{path}.held_tiers", "marketing keeps every MQL", "Hand off at least one tier.")
