"""Is the whole document sound, each name it uses defined? Compiles the rooms' documents, once.

`Policy()` is the documents' playbook. A policy is plain data: `Policy.model_validate(data)` reads it, from JSON or TOML alike,
and refuses it with every problem at once. A set of policies picks the one that was in force at an instant, so that a replay uses
the policy of its day.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import attrs
from attrs import field, frozen
from pydantic import Field

from inbound_engine import (
    attribution,
    budgets,
    calendars,
    campaigns,
    capacity,
    channels,
    consequences,
    handoff,
    lifecycle,
    promises,
    recycling,
    scoring,
    selfreports,
    sequences,
    sourcing,
    territories,
    tiers,
    utm,
    vocabulary,
    wording,
)
from inbound_engine.attribution import AttributionDocument
from inbound_engine.budgets import ChainDocument
from inbound_engine.calendars import HoursDocument
from inbound_engine.campaigns import CampaignsDocument
from inbound_engine.capacity import CapacityDocument
from inbound_engine.channels import ChannelsDocument
from inbound_engine.conditions import Questions
from inbound_engine.consequences import CaseDocument
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
from inbound_engine.handoff import HandoffDocument
from inbound_engine.machines import LifecycleDocument, Machine
from inbound_engine.matrices import Graded, Matrix
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.promises import SlaDocument
from inbound_engine.recycling import RecyclingDocument
from inbound_engine.scoring import Scoring
from inbound_engine.selfreports import SelfReportsDocument
from inbound_engine.sequences import CadenceDocument
from inbound_engine.signals import Catalogue, Signals, Touchpoint
from inbound_engine.sourcing import SourcingDocument
from inbound_engine.spans import EARLIEST, instant
from inbound_engine.territories import RoutingDocument
from inbound_engine.tiers import QualificationDocument, Threshold, Tiers
from inbound_engine.utm import UtmDocument
from inbound_engine.vocabulary import DeclaredFact, FactsDocument, ScoreName, TierName, Vocabulary
from inbound_engine.wording import TextsDocument

__all__ = ["Compiled", "Example", "Expected", "ExpectedScore", "Policy", "PolicySet", "compile", "diff", "strangers"]


def _shipped(section: str) -> Any:  # noqa: ANN401 - plain data, read by pydantic
    return PLAYBOOK[section]


_SHIPPED_SCORES = frozenset(matrix["score"] for matrix in _shipped("scoring")["matrices"])
_SHIPPED_TIERS = frozenset({*(row["id"] for row in _shipped("tiers")["rows"]), _shipped("tiers")["below"]["id"]})
_ABOUT_TIERS: Mapping[str, Mapping[str, object]] = {
    "sla": {"tables": [], "limits": []},
    "recycling": {"re_scores": []},
    "case": {"nurture": []},
}
_MACHINES_ABOUT_TIERS = frozenset({"journey"})
"""The parts of the playbook that name its tiers."""


def _left_out(names: Vocabulary) -> dict[str, object]:
    """What the playbook says to a policy with these names, where that differs: nothing of tiers and scores that it has not."""
    sections: dict[str, object] = {}
    if not (names.tiers or frozenset()) >= _SHIPPED_TIERS:
        machines = [machine for machine in _shipped("lifecycle")["machines"] if machine["id"] not in _MACHINES_ABOUT_TIERS]
        sections |= {section: {**_shipped(section), **without} for section, without in _ABOUT_TIERS.items()}
        sections["lifecycle"] = {"machines": machines}
        lanes = [lane for lane in _shipped("routing")["lanes"] if lane["id"] not in _SHIPPED_TIERS]
        sections["routing"] = {**_shipped("routing"), "lanes": lanes}
    if not (names.scores or frozenset()) >= _SHIPPED_SCORES:
        sections["handoff"] = {**_shipped("handoff"), "fields": [row for row in _shipped("handoff")["fields"] if row["id"] in names]}
    return sections


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
    brings examples of its own. To a policy with tiers or scores of its own, what names the playbook's does not come along: until
    it brings its own, nothing is promised, nothing is scored again by tier, and no such score goes over to sales. To one with promises of
    its own, the playbook's clocks of other tables do not come along.

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
    lifecycle: LifecycleDocument = Field(default_factory=lambda: _shipped("lifecycle"))
    handoff: HandoffDocument = Field(default_factory=lambda: _shipped("handoff"))
    recycling: RecyclingDocument = Field(default_factory=lambda: _shipped("recycling"))
    hours: HoursDocument = Field(default_factory=lambda: _shipped("hours"))
    routing: RoutingDocument = Field(default_factory=lambda: _shipped("routing"))
    sla: SlaDocument = Field(default_factory=lambda: _shipped("sla"))
    cadence: CadenceDocument = Field(default_factory=lambda: _shipped("cadence"))
    capacity: CapacityDocument = Field(default_factory=lambda: _shipped("capacity"))
    attribution: AttributionDocument = Field(default_factory=lambda: _shipped("attribution"))
    sourcing: SourcingDocument = Field(default_factory=lambda: _shipped("sourcing"))
    self_reports: SelfReportsDocument = Field(default_factory=lambda: _shipped("self_reports"))
    campaigns: CampaignsDocument = Field(default_factory=lambda: _shipped("campaigns"))
    utm: UtmDocument = Field(default_factory=lambda: _shipped("utm"))
    channels: ChannelsDocument = Field(default_factory=lambda: _shipped("channels"))
    chain: ChainDocument = Field(default_factory=lambda: _shipped("chain"))
    case: CaseDocument = Field(default_factory=lambda: _shipped("case"))
    texts: TextsDocument = Field(default_factory=lambda: _shipped("texts"))
    examples: UniqueRows[Example] = ()

    @classmethod
    def model_validate(cls, obj: object, **options: Any) -> "Policy":  # noqa: ANN401 - pydantic's own
        """The policy that plain data says; `PolicyError` with every problem otherwise.

        Every part is checked against the facts, scores, tiers and touchpoints that the whole declares.
        """
        refuse_beyond_bounds(obj)
        if isinstance(obj, Mapping) and not obj.keys() & PLAYBOOK.keys():
            obj = {**obj, "examples": _shipped("examples")}
        names = _names(obj)
        given = obj.keys() if isinstance(obj, Mapping) else cls.model_fields.keys()
        if isinstance(obj, Mapping):
            taken = {**_left_out(names), **_without_patterns(obj)}
            obj = {**taken, "case": _with_tables(_section(taken, "case"), {**taken, **obj}), **obj}
        try:
            policy = cls.within_bounds(obj, **{"context": names, **options})
        except PolicyError as error:
            told = {problem.path for problem in error.problems}
            problems = [*error.problems, *(problem for problem in _hidden_by_names(cls, obj) if problem.path not in told)]
        else:
            problems = [problem for problem in strangers(policy) if problem.path.partition(".")[0] in given]
            if not problems:
                return policy
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
    """A policy made ready: its vocabulary, catalogue and the rules of every room, and its fingerprint.

    `later` are the questions about activities that rules ask after scoring; they are answered only where somebody asks.
    """

    document: Policy
    fingerprint: str
    words: Vocabulary
    catalogue: Catalogue
    scoring: scoring.Rules
    tiers: tiers.Rules
    lifecycle: lifecycle.Rules
    handoff: handoff.Rules
    recycling: recycling.Rules
    hours: calendars.Rules
    routing: territories.Rules
    sla: promises.Rules
    cadence: sequences.Rules
    capacity: capacity.Rules
    attribution: attribution.Rules
    self_reports: selfreports.Rules
    campaigns: campaigns.Rules
    utm: utm.Rules
    channels: channels.Rules
    chain: budgets.Rules
    case: consequences.Rules
    texts: wording.Texts
    later: Signals

    def __reduce__(self) -> tuple[Any, tuple[Policy]]:
        """Pickles by its document; what is compiled is made anew."""
        return compile, (self.document,)

    def __deepcopy__(self, memo: object) -> "Compiled":
        """Nothing in it changes, so it is its own copy."""
        return self


def compile(document: Policy) -> Compiled:
    """The policy made ready, once; the same object then decides for one lead after another."""
    if not isinstance(document, Policy):
        raise PolicyError([Problem("policy", shown(document), "a Policy", "Read plain data with Policy.model_validate.")])
    scores = document.scoring.scores
    words = vocabulary.compile(document.facts, _derived(scores), [row.id for row in document.touchpoints])
    catalogue = Catalogue.of(document.touchpoints)
    questions = Questions(catalogue)
    scored = scoring.compile(document.scoring, words, questions)
    tiered = tiers.compile(document.tiers, document.qualification, scores, words, questions)
    later = Questions(catalogue)
    opening = calendars.compile(document.hours)
    promised = promises.compile(document.sla, opening, words, later)
    touching = sequences.compile(document.cadence, opening, words, later)
    standing = lifecycle.compile(document.lifecycle, words, later)
    names = campaigns.compile(document.campaigns)
    links = utm.compile(document.utm, names)
    returning = recycling.compile(document.recycling, words, later, _machines_about(document, document.recycling.about))
    return Compiled(
        document=document,
        fingerprint=document.fingerprint,
        words=words,
        catalogue=catalogue,
        scoring=attrs.evolve(scored, signals=questions.signals()),
        tiers=tiered,
        lifecycle=standing,
        handoff=handoff.compile(document.handoff, words, _machines_about(document, document.handoff.about)),
        recycling=returning,
        hours=opening,
        routing=territories.compile(document.routing, opening, words, later),
        sla=promised,
        cadence=touching,
        capacity=capacity.compile(document.capacity, opening),
        attribution=attribution.compile(document.attribution, catalogue),
        self_reports=selfreports.compile(document.self_reports),
        campaigns=names,
        utm=links,
        channels=channels.compile(document.channels),
        chain=budgets.compile(document.chain, links),
        case=consequences.compile(document.case, promised.tables, words, later),
        texts=wording.compile(document.texts),
        later=later.signals(),
    )


def _machines_about(document: Policy, about: str) -> list[str]:
    return [machine.id for machine in document.lifecycle.machines if machine.about == about]


def strangers(policy: Policy) -> Iterator[Problem]:
    """What hand-off, recycling, attribution, sourcing, cases and texts name and the rest of the policy has not: stages, events, words.

    In a section that a policy brings they are refused; of one that it takes from the playbook, `linting.lint` tells them.

    >>> list(strangers(Policy()))
    []
    """
    for check, document in ((_of_handoff, policy.handoff.about), (_of_recycling, policy.recycling.about)):
        machines = [machine for machine in policy.lifecycle.machines if machine.about == document]
        yield from check(policy, machines, [stage.id for machine in machines for stage in machine.stages])
    yield from attribution.strangers(policy.attribution, [stage.id for machine in policy.lifecycle.machines for stage in machine.stages])
    yield from _of_sourcing(policy)
    for problem in utm.strangers(policy.utm, [pattern.id for pattern in policy.campaigns.patterns]):
        yield problem.under("utm")
    every_stage = {stage.id for machine in policy.lifecycle.machines for stage in machine.stages}
    for problem in budgets.strangers(policy.chain, every_stage):
        yield problem.under("chain")
    machines = [machine for machine in policy.lifecycle.machines if machine.about == policy.case.about]
    stages = [stage.id for machine in machines for stage in machine.stages]
    events = [kind.id for machine in machines for kind in machine.events]
    for problem in consequences.strangers(policy.case, stages, events, [table.id for table in policy.sla.tables]):
        yield problem.under("case")
    for problem in wording.strangers(policy.texts, _named(policy)):
        yield problem.under("texts")


def _without_patterns(data: object) -> dict[str, object]:
    """The playbook's parameters, for a policy with campaign names of its own: without the patterns that it has not."""
    patterns = _texts(_rows(_section(data, "campaigns"), "patterns"), "id")
    rows = _shipped("utm")["parameters"]
    kept = [{key: value for key, value in row.items() if key != "pattern" or value in patterns} for row in rows]
    return {} if kept == rows else {"utm": {**_shipped("utm"), "parameters": kept}}


def _with_tables(case: Any, data: object) -> dict[str, object]:  # noqa: ANN401 - plain data, read by pydantic
    """What the playbook says of cases, for a policy with promises of its own: without the clocks of tables that it has not."""
    tables = _texts(_rows(_section(data, "sla"), "tables"), "id")
    return {**case, "clocks": [row for row in case["clocks"] if row["table"] in tables]}


def _of_handoff(policy: Policy, machines: Sequence[Machine], stages: Sequence[str]) -> Iterator[Problem]:
    events = {kind.id: [datum.name for datum in kind.requires] for machine in machines for kind in machine.events}
    return handoff.strangers(policy.handoff, stages, events)


def _of_recycling(policy: Policy, machines: Sequence[Machine], stages: Sequence[str]) -> Iterator[Problem]:
    says: dict[str, tuple[str, ...]] = {}
    for datum in (datum for machine in machines for kind in machine.events for datum in kind.requires):
        says[datum.name] = (*says.get(datum.name, ()), *datum.values) if datum.values else ()
    return recycling.strangers(policy.recycling, stages, says)


def _named(policy: Policy) -> dict[str, Collection[str]]:
    """What the policy names, by the tables of words that its texts may have for it."""
    document, below = policy.tiers, policy.tiers.below
    words = vocabulary.compile(policy.facts)
    scored = [row.id for matrix in policy.scoring.matrices if not isinstance(matrix, Graded) for row in matrix.rows]
    clauses = [row.id for row in policy.qualification.clauses]
    return {
        "tiers": [*(tier.id for tier in document.rows), below.id],
        "reasons": [*(row.id for row in below.reasons), *(floor.id for floor in document.floors), *clauses],
        "scores": policy.scoring.scores,
        "criteria": [*(row.id for row in policy.scoring.criteria), *scored],
        "facts": words.words,
        "said": words.words,
        "activities": words.activity_kinds,
        "touchpoints": [row.id for row in policy.touchpoints],
        "channels": [row.id for row in policy.cadence.channels],
        "steps": [step.id for step in policy.routing.steps],
    }


def _of_sourcing(policy: Policy) -> Iterator[Problem]:
    machines = [machine for machine in policy.lifecycle.machines if machine.about == "lead"]
    stages = [stage.id for machine in machines for stage in machine.stages]
    return sourcing.strangers(policy.sourcing, stages, [kind.id for machine in machines for kind in machine.events])


def _hidden_by_names(cls: type[Policy], data: object) -> tuple[Problem, ...]:
    """What is wrong beside the names: a row with a misspelt name is not added up, so it is read again without that check."""
    try:
        cls.within_bounds(data)
    except PolicyError as error:
        return error.problems
    return ()


def _derived(scores: Iterable[str]) -> list[tuple[str, vocabulary.Kind]]:
    return [*((score, "decimal") for score in scores), *vocabulary.OUTCOMES.items()]


def _names(data: object) -> Vocabulary:
    """The names that a policy declares, as far as they can be read before it is known to be sound.

    What is malformed is told by its own document; here it only must not make the rest of the policy look wrong.
    """
    facts, scored, tiered, hours = (_section(data, name) for name in ("facts", "scoring", "tiers", "hours"))
    scores = _texts(_rows(scored, "matrices"), "score") | _texts(_rows(scored, "totals"), "id")
    sound: dict[str, DeclaredFact] = {}
    unsure: set[str] = set()
    for row in _rows(facts, "declared"):
        try:
            fact = DeclaredFact.within_bounds(row)
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
        calendars=frozenset(_texts(_rows(hours, "calendars"), "id")),
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
    """What rows call themselves, as far as a message could quote it."""
    return {text for row in rows if isinstance(text := _get(row, key), str) and text.isprintable() and len(text) <= _LONGEST_NAME}


_LONGEST_NAME = 80


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
