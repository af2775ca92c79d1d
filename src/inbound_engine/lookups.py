"""What can be answered by looking it up?

A lead whose grades are all handed in (`given`) has few possible answers: with six and five criteria of four grades, 4,096
sums of the one score and 1,024 of the other, and about a dozen outcomes. Where a policy has that shape, they are all worked
out once, by the same functions that answer every other lead, and a graded lead is then answered by looking up.

A policy has that shape when it has two scores, each of one graded matrix of at most seven criteria, all of them given in
extras of the lead; when no floor and no clause is switched on; and when the reasons below the tiers each ask one score at
most. A lead fits when it brings exactly those grades, and has nothing to settle. Everything else goes the ordinary way.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from operator import itemgetter
from typing import TypeAlias

from attrs import field, frozen

from inbound_engine import scoring, tiers
from inbound_engine.conditions import facts_named
from inbound_engine.facts import ExtraValue, Lead
from inbound_engine.graders import ALL_GRADES, Given
from inbound_engine.matrices import Graded
from inbound_engine.scoring import Measured, Scores
from inbound_engine.tiers import Placement, Qualification

__all__ = ["Lookups", "Pick", "made"]

Pick: TypeAlias = Callable[[dict[str, ExtraValue]], object]
"""Reads the grades of one score off the extras, as one key."""

_MOST_CRITERIA = 7
_AT = datetime(1, 1, 1, tzinfo=UTC)
_NOBODY = Lead(id="-")


@frozen(eq=False)
class Lookups:
    """Every answer to graded leads: `first` and `second` hold the sums by grades, each with its kind; both kinds give the outcome.

    Sums that lie between the same lines are of one kind. `wanted` is how many extras a graded lead brings.
    """

    pick_first: Pick
    pick_second: Pick
    first: dict[object, tuple[Measured, int]] = field(repr=False)
    second: dict[object, tuple[Measured, int]] = field(repr=False)
    outcomes: dict[int, tuple[Placement, Qualification]]
    wanted: int


def made(rules: scoring.Rules, tiered: tiers.Rules) -> Lookups | None:
    """All the answers to graded leads; None where the policy has another shape."""
    facts = list(_given_facts(rules, tiered))
    names = [name for some in facts for name in some]
    if len(facts) != len("SU") or not all(facts) or len({*names}) < len(names):
        return None
    (first, first_kinds), (second, second_kinds) = (_sums(rules, tiered, place) for place in range(len(facts)))
    many = len(first_kinds)
    outcomes = {
        one + two * many: _outcome(rules, tiered, (a, b)) for one, a in enumerate(first_kinds) for two, b in enumerate(second_kinds)
    }
    return Lookups(
        pick_first=_picker(facts[0]),
        pick_second=_picker(facts[1]),
        first=first,
        second={grades: (measured, kind * many) for grades, (measured, kind) in second.items()},
        outcomes=outcomes,
        wanted=len(facts[0]) + len(facts[1]),
    )


def _given_facts(rules: scoring.Rules, tiered: tiers.Rules) -> Iterator[tuple[str, ...]]:
    """For each score the extras that its grades are given in; nothing where the policy has another shape."""
    asked = [facts_named(reason.when) for reason, _ in tiered.below]
    switched_on = any(floor.document.enabled for floor in tiered.floors) or any(clause.enabled for clause, _ in tiered.clauses)
    if switched_on or rules.totals or any(len(names) > 1 or not names <= {*rules.names} for names in asked):
        return
    graders = {criterion.document.id: criterion.document.grader for criterion in rules.criteria}
    for _, matrices in rules.scores:
        document = matrices[0].document
        names: list[str] = []
        if len(matrices) == 1 and matrices[0].when is None and isinstance(document, Graded) and len(document.weights) <= _MOST_CRITERIA:
            for row in document.weights:
                grader = graders[row.criterion]
                if isinstance(grader, Given) and grader.fact in rules.words.lead_extras:
                    names.append(grader.fact)
            if len(names) < len(document.weights):
                names = []
        yield tuple(names)


def _picker(names: tuple[str, ...]) -> Pick:
    """Reads the grades off in the order of the weights, always as a tuple."""
    first, *others = names
    return itemgetter(first, *others) if others else lambda values: (values[first],)


def _sums(rules: scoring.Rules, tiered: tiers.Rules, place: int) -> tuple[dict[object, tuple[Measured, int]], list[Measured]]:
    """Every combination of grades with its sum and its kind: sums that lie between the same lines are of one kind."""
    _, (matrix,) = rules.scores[place]
    document = matrix.document
    numbers = {criterion.document.id: number for number, criterion in enumerate(rules.criteria)}
    places = [numbers[row.criterion] for row in document.weights] if isinstance(document, Graded) else []
    view = scoring.view_of(rules, _NOBODY, _AT)
    lines = [line for _, several in tiered.tiers for line in several if line.place == place]
    lines += [line for line in tiered.dual_axis if line.place == place]
    reasons = [rule for reason, rule in tiered.below if facts_named(reason.when) == {rules.names[place]}]
    kinds: dict[tuple[bool | None, ...], int] = {}
    examples: list[Measured] = []
    found: dict[object, tuple[Measured, int]] = {}
    for grades in product(ALL_GRADES, repeat=len(places)):
        given: list[int | None] = [None] * len(rules.criteria)
        for number, grade in zip(places, grades, strict=True):
            given[number] = grade
        measured = (0, *matrix.sum(view, given))
        scores = Scores(rules, _NOBODY, _AT, tuple(measured for _ in rules.names))
        seen = tiers.seeing_scores(scores, None, view)
        kind = (*(line.reached(*measured[1:]) for line in lines), *(rule.test(seen) for rule in reasons))
        if kind not in kinds:
            kinds[kind] = len(kinds)
            examples.append(measured)
        found[grades] = measured, kinds[kind]
    return found, examples


def _outcome(rules: scoring.Rules, tiered: tiers.Rules, sums: tuple[Measured, Measured]) -> tuple[Placement, Qualification]:
    scores = Scores(rules, _NOBODY, _AT, sums)
    placement = tiers.placed(tiered, scores)
    return placement, tiers.qualified(tiered, scores, placement)
