"""Is the whole document sound, each name it uses defined? Compiles the rooms' documents, once.

`Policy()` is the documents' playbook. A policy is plain data: `Policy.model_validate(data)` reads it, from JSON or TOML alike,
and refuses it with every problem at once. What is legal and probably not meant, `lint` finds. A set of policies picks the one
that was in force at an instant, so that a replay uses the policy of its day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from attrs import frozen
from pydantic import Field

from inbound_engine import scoring, tables, tiers, vocabulary
from inbound_engine.conditions import AllOf, Always, AnyOf, Condition, Not, Questions, facts_named
from inbound_engine.decisions import html_table
from inbound_engine.documents import Change, Document, Exact, Id, Instant, Label, PlainTable, UniqueRows, contents, differences, fingerprint
from inbound_engine.errors import PolicyError, Problem
from inbound_engine.graders import Bands, Cases, Counting, Given, Lookup, Overlap, Recency
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.scoring import Graded, Points, Scoring
from inbound_engine.signals import Catalogue, Touchpoint
from inbound_engine.spans import EARLIEST, instant
from inbound_engine.tables import Finding
from inbound_engine.tiers import QualificationDocument, Tiers
from inbound_engine.vocabulary import DeclaredFact, FactsDocument, ScoreName, TierName, Vocabulary

__all__ = ["Compiled", "Example", "Expected", "Policy", "PolicySet", "compile", "diff", "lint"]


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

    >>> policy = Policy()
    >>> [tier.id for tier in policy.tiers.rows]
    ['T1', 'T2', 'T3']
    >>> Policy.model_validate({"naem": "Ours"})
    Traceback (most recent call last):
    inbound_engine.errors.PolicyError: 1 problem:
      naem: saw the key 'naem', expected one of effective_from, examples, facts, format, name, qualification, scoring, tiers, touchpoints. Did you mean "name"?
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
    def model_validate(cls, obj: object, **options: Any) -> "Policy":
        """The policy that plain data says; `PolicyError` with every problem otherwise.

        Every part is checked against the facts, scores, tiers and touchpoints that the whole declares.
        """
        try:
            return super().model_validate(obj, **{"context": _names(obj), **options})
        except PolicyError as error:
            raise PolicyError(dict.fromkeys((*error.problems, *_hidden_by_names(cls, obj)))) from None

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
        rows: list[list[object]] = []
        for matrix in self.scoring.matrices:
            parts = (
                ", ".join(f"{row.criterion} {row.weight}" for row in matrix.weights)
                if isinstance(matrix, Graded)
                else f"{len(matrix.rows)} rows"
            )
            rows.append([matrix.score, f"{matrix.kind} matrix {matrix.id}", parts])
        rows += (
            [tier.id, tier.label, " and ".join(f"{line.score} at least {line.at_least}" for line in tier.thresholds)]
            for tier in self.tiers.rows
        )
        return html_table(f"{self.name} {self.fingerprint[:12]}", ("name", "what", "made of"), rows)


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


def _derived(scores: Sequence[str]) -> list[tuple[str, vocabulary.Kind]]:
    return [*((score, "decimal") for score in scores), ("tier", "text")]


def _names(data: object) -> Vocabulary:
    """The names that a policy declares, as far as they can be read before it is known to be sound.

    What is malformed is told by its own document; here it only must not make the rest of the policy look wrong.
    """
    facts = _section(data, "facts")
    sound: list[DeclaredFact] = []
    unsure: set[str] = set()
    for row in _rows(facts, "declared"):
        try:
            sound.append(DeclaredFact.model_validate(row))
        except PolicyError:
            unsure |= _texts([row], "id")
    kinds = _rows(facts, "activity_kinds")
    activity_kinds = tuple(dict.fromkeys(kind for kind in kinds if isinstance(kind, str) and kind.isascii() and kind.isidentifier()))
    scored = _section(data, "scoring")
    scores = [*_texts(_rows(scored, "matrices"), "score"), *_texts(_rows(scored, "totals"), "id")]
    unique = {fact.id: fact for fact in sound if fact.id not in scores}
    document = FactsDocument.model_construct(declared=tuple(unique.values()), unknown=(), precedence=(), activity_kinds=activity_kinds)
    words = vocabulary.compile(document, _derived(scores), _texts(_rows(data, "touchpoints", _shipped("touchpoints")), "id"))
    tiered = _section(data, "tiers")
    below = _get(tiered, "below")
    names = _texts(_rows(tiered, "rows"), "id") | (_texts([below], "id") if _get(below, "id") is not None else {"NURTURE"})
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


@frozen
class PolicySet:
    """Policies, each in force from its `effective_from` until the next; one without is in force from the beginning.

    >>> old, new = Policy(), Policy(effective_from="2026-04-01T00:00:00Z")
    >>> PolicySet.of([new, old]).at(instant(datetime.fromisoformat("2026-03-31T23:59:59+00:00"))) == old
    True
    """

    policies: tuple[Policy, ...]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "PolicySet":
        """The set, in the order of `effective_from`; two that start at one instant are a `PolicyError`."""
        ordered = tuple(sorted(policies, key=_start))
        clashes = [b for a, b in zip(ordered, ordered[1:], strict=False) if _start(a) == _start(b)]
        if clashes or not ordered:
            saw = f"two policies from {_start(clashes[0]).isoformat()}" if clashes else "no policy"
            raise PolicyError([Problem("effective_from", saw, "policies that start at instants that differ")])
        return cls(ordered)

    def at(self, at: datetime) -> Policy:
        """The policy in force at that instant: the last that has started; `PolicyError` before the first."""
        at = instant(at)
        started = [policy for policy in self.policies if _start(policy) <= at]
        if not started:
            saw = f"nothing in force at {at.isoformat()}"
            raise PolicyError([Problem("effective_from", saw, f"an instant from {_start(self.policies[0]).isoformat()} on")])
        return started[-1]

    def of_fingerprint(self, fingerprint: str) -> Policy | None:
        """The policy with that fingerprint, or None."""
        return next((policy for policy in self.policies if policy.fingerprint == fingerprint), None)


def _start(policy: Policy) -> datetime:
    return policy.effective_from or EARLIEST


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

    >>> lint(Policy())
    ()
    """
    return tuple(_findings(policy))


def _findings(policy: Policy) -> Iterator[Finding]:
    compiled = compile(policy)
    yield from _unreachable_tiers(policy, compiled)
    for criterion in policy.scoring.criteria:
        yield from _odd_grader(f"scoring.criteria[{criterion.id}].grader", criterion.grader)
    weighed = {row.criterion for matrix in policy.scoring.matrices if isinstance(matrix, Graded) for row in matrix.weights}
    for criterion in policy.scoring.criteria:
        if criterion.id not in weighed:
            yield Finding("criterion-unused", f"scoring.criteria[{criterion.id}]", "no matrix weighs it", "Weigh it or remove it.")
    for matrix in policy.scoring.matrices:
        path = f"scoring.matrices[{matrix.id}]"
        match matrix:
            case Graded():
                for row in matrix.weights:
                    if row.weight == 0:
                        yield Finding(
                            "weight-zero", f"{path}.weights[{row.criterion}]", "it counts nothing", "Give it a weight or remove it."
                        )
            case Points():
                yield from tables.findings([(row.id, row.when) for row in matrix.rows], f"{path}.rows", "every")
            case _:
                asked = [row.activities for row in matrix.rows]
                for number, row in enumerate(matrix.rows):
                    if row.activities in asked[:number]:
                        yield Finding("row-twin", f"{path}.rows[{row.id}]", "an earlier row asks the same", "Remove one of them.")
    yield from tables.findings([(reason.id, reason.when) for reason in policy.tiers.below.reasons], "tiers.below.reasons")
    yield from tables.findings([(clause.id, clause.when) for clause in policy.qualification.clauses], "qualification.clauses", "every")
    for floor in policy.tiers.floors:
        if isinstance(floor.when, Always) and floor.enabled and floor.only_while_unknown is None:
            yield Finding("floor-always", f"tiers.floors[{floor.id}]", f"no lead can be below {floor.tier}", "Give it a condition.")
    used = _facts_used(policy)
    for fact in policy.facts.declared:
        if fact.id not in used and not fact.source:
            yield Finding("fact-unused", f"facts.declared[{fact.id}]", "no rule names it", "Name it, say its source, or remove it.")


def _unreachable_tiers(policy: Policy, compiled: Compiled) -> Iterator[Finding]:
    """Tiers whose lines lie above what a score can reach, or that an earlier tier always takes."""
    most = {name: max(matrix.maximum for matrix in matrices) for name, matrices in compiled.scoring.scores}
    for total in policy.scoring.totals:
        most[total.id] = sum(most[part] for part in total.of) if all(part in most for part in total.of) else most.get(total.id, 0)  # type: ignore[assignment]
    for number, tier in enumerate(policy.tiers.rows):
        path = f"tiers.rows[{tier.id}]"
        for line in tier.thresholds:
            if line.at_least > most[line.score]:
                message = f"no lead can reach it: {line.score} is at most {most[line.score]}"
                yield Finding("tier-unreachable", f"{path}.thresholds[{line.score}]", message, "Lower the threshold.")
        lines = {line.score: line.at_least for line in tier.thresholds}
        for earlier in policy.tiers.rows[:number]:
            if all(line.score in lines and lines[line.score] >= line.at_least for line in earlier.thresholds):
                yield Finding("tier-covered", path, f"{earlier.id} takes every lead that reaches it", "Reorder the tiers.")
                break


def _odd_grader(path: str, grader: Bands | Lookup | Overlap | Recency | Counting | Cases | Given) -> Iterator[Finding]:
    """Rows of a grader that never speak."""
    match grader:
        case Cases(rows=rows):
            yield from tables.findings([(str(number), row.when) for number, row in enumerate(rows)], f"{path}.rows")
        case Lookup(rows=rows):
            seen: dict[str, int] = {}
            for number, row in enumerate(rows):
                for value in row.values:
                    if value in seen:
                        where = f"{path}.rows[{number}]"
                        yield Finding("row-covered", where, f"rows[{seen[value]}] already lists {value!r}", "Remove it from one of them.")
                    seen.setdefault(value, number)
        case Counting(rows=rows) | Overlap(rows=rows):
            for number, row in enumerate(rows):
                if any(earlier.at_least <= row.at_least for earlier in rows[:number]):
                    yield Finding(
                        "row-covered",
                        f"{path}.rows[{number}]",
                        "an earlier row takes every such count",
                        "Order the rows from the highest count down.",
                    )
        case Recency(rows=rows):
            limits = [row.under_days - 0.5 if row.under_days is not None else row.within_days or 0 for row in rows]
            for number, limit in enumerate(limits):
                if any(earlier >= limit for earlier in limits[:number]):
                    yield Finding(
                        "row-covered", f"{path}.rows[{number}]", "an earlier row takes every such age", "Order the rows from the newest on."
                    )
        case Bands(rows=rows):
            yield from _covered_bands(path, rows)
        case Given():
            pass


def _covered_bands(path: str, rows: Sequence[Any]) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        low, high = row.at_least, row.at_most
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield Finding("row-empty", f"{path}.rows[{number}]", "at_least lies above at_most", "Swap them.")
            continue
        for earlier in rows[:number]:
            above = earlier.at_least is None or (isinstance(low, int) and isinstance(earlier.at_least, int) and low >= earlier.at_least)
            below = earlier.at_most is None or (isinstance(high, int) and isinstance(earlier.at_most, int) and high <= earlier.at_most)
            if above and below:
                yield Finding("row-covered", f"{path}.rows[{number}]", "an earlier band holds it", "Put the narrower band first.")
                break


def _facts_used(policy: Policy) -> frozenset[str]:
    """The facts that some rule names."""
    return frozenset(_walk(policy.scoring)) | frozenset(_walk(policy.tiers)) | frozenset(_walk(policy.qualification))


def _walk(value: object) -> Iterator[str]:
    if isinstance(value, Document):
        named = getattr(value, "fact", None)
        if isinstance(named, str):
            yield named
        for item in contents(value).values():
            yield from _walk(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _walk(item)
