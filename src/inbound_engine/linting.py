"""What is legal in a policy, and probably not meant?

Tiers that no lead can reach, rows that never speak, names that nobody uses: `lint` finds them. A finding has a stable code,
the path, and what to do; nothing that is found stops a policy from being used. What is meant all the same says so: a rule that
names its `source` is not told that it never speaks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from inbound_engine import channels, machines, tables, territories
from inbound_engine.conditions import (
    AllOf,
    Always,
    AnyCondition,
    AnyOf,
    Compare,
    Not,
    OneOf,
    Words,
    constant,
    facts_named,
    parse,
)
from inbound_engine.decisions import decimal_text
from inbound_engine.errors import nearest, shown
from inbound_engine.facts import Roster
from inbound_engine.graders import HIGHEST, Bands, Cases, Counting, Given, Grader, Lookup, Overlap, Recency, attainable
from inbound_engine.implications import implies
from inbound_engine.matrices import Graded, Matrix, Points
from inbound_engine.policy import Policy, compile, strangers
from inbound_engine.scoring import Scoring
from inbound_engine.signals import Touchpoint
from inbound_engine.spelling import folded
from inbound_engine.tables import Finding
from inbound_engine.tiers import Floor, Threshold
from inbound_engine.vocabulary import Vocabulary

__all__ = ["lint"]


def lint(policy: Policy, roster: Roster | None = None) -> tuple[Finding, ...]:
    """What is legal and probably not meant: tiers that no lead can reach, rows that never speak, names nobody uses.

    With a roster, also what is odd about the two together: territories without a rep, leads that nobody may take, delegates in a
    circle. What a `source` accounts for is meant. Nothing is reported that may be otherwise: a row is called covered only where that
    can be shown.

    >>> lint(Policy())
    ()
    """
    return tuple(_findings(policy, roster))


def _findings(policy: Policy, roster: Roster | None) -> Iterator[Finding]:
    compiled = compile(policy)
    words = compiled.words
    conditions = list(_conditions(policy))
    yield from _about_facts(policy, conditions)
    yield from _about_touchpoints(policy)
    yield from _about_criteria(policy, words)
    yield from _about_matrices(policy, conditions)
    yield from _about_tiers(policy)
    yield from _about_floors(policy)
    yield from _about_qualification(policy)
    yield from machines.lint(policy.lifecycle, "lifecycle")
    for problem in strangers(policy):
        yield Finding(
            "lifecycle-stranger", problem.path, f"{problem.saw} is none of {problem.expected.removeprefix('one of ')}", problem.hint
        )
    yield from _about_hours(policy)
    yield from territories.findings(compiled.routing, roster)
    yield from _about_promises(policy)
    yield from _about_cadences(policy)
    yield from _about_attribution(policy)
    yield from _about_campaigns(policy)
    yield from _about_channels(policy)


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
    yield from ((f"routing.lanes[{lane.id}].when", lane.when) for lane in policy.routing.lanes)
    yield from ((f"routing.territories[{territory.id}].when", territory.when) for territory in policy.routing.territories)
    for table in policy.sla.tables:
        yield from ((f"sla.tables[{table.id}].rows[{row.id}].when", row.when) for row in table.rows)
    yield from ((f"cadence.sequences[{sequence.id}].when", sequence.when) for sequence in policy.cadence.sequences)
    yield from ((f"cadence.stretches[{stretch.id}].when", stretch.when) for stretch in policy.cadence.stretches)
    yield from ((f"case.nurture[{row.id}].when", row.when) for row in policy.case.nurture)


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


# Hours and promises.


def _about_hours(policy: Policy) -> Iterator[Finding]:
    """Calendars that nobody uses, days that end a minute early, and hours of territories that no lead lies in."""
    rows = [row for table in policy.sla.tables for row in table.rows]
    named = {row.calendar for row in rows} | {row.calendar for row in policy.hours.territories} | {policy.hours.organisation}
    named |= {policy.capacity.calendar, policy.cadence.hours} | {channel.calendar for channel in policy.cadence.channels}
    for calendar in policy.hours.calendars:
        path = f"hours.calendars[{calendar.id}]"
        if calendar.id not in named and not calendar.source:
            hint = "Name it, say its source, or remove it; calendars that only reps use need a source."
            yield Finding("calendar-unused", path, "no rule names it", hint)
        closing = [(f"weekly[{number}]", row.closes) for number, row in enumerate(calendar.weekly)]
        closing += [(f"overrides[{number}]", row.closes) for number, override in enumerate(calendar.overrides) for row in override.hours]
        for where, closes in closing:
            if closes == "23:59":
                yield Finding("minute-short", f"{path}.{where}", "it is closed one minute a day", 'Write "24:00".')
    routed = {territory.id for territory in policy.routing.territories}
    for row in policy.hours.territories:
        if routed and row.id not in routed:
            close = nearest(row.id, routed)
            hint = f'Did you mean "{close}"?' if close else "Add it to routing.territories, or remove it."
            yield Finding("territory-unknown", f"hours.territories[{row.id}]", f'no territory of the routing is called "{row.id}"', hint)


def _answers(policy: Policy) -> frozenset[str]:
    """What may answer a clock: a touch, the delivery of the package, an event of a machine."""
    return frozenset({"outreach", "delivered", *(kind.id for machine in policy.lifecycle.machines for kind in machine.events)})


def _about_promises(policy: Policy) -> Iterator[Finding]:
    """Rows that never speak, re-routes to nobody, and tiers that sales is handed and nobody promises anything."""
    for table in policy.sla.tables:
        path = f"sla.tables[{table.id}].rows"
        yield from tables.findings([(row.id, row.when) for row in table.rows], path)
        for number, name in enumerate(table.stopped_by):
            if name not in _answers(policy):
                message = f"nothing is reported as {shown(name)}: no touch, no delivery, no event of a machine"
                close = nearest(name, _answers(policy))
                hint = f'Did you mean "{close}"?' if close else "Every such clock is missed: name what is reported."
                yield Finding("stopped-by-nothing", f"sla.tables[{table.id}].stopped_by[{number}]", message, hint)
        for row in table.rows:
            for step in row.ladder:
                if step.action in {"reroute", "escalate"} and not step.to:
                    message = f"it does not say to whom to {step.action}"
                    yield Finding("ladder-to-nobody", f"{path}[{row.id}].ladder[{step.id}]", message, "Say whom in `to`.")
    document = policy.qualification
    first = next((table for table in policy.sla.tables if table.id == "first_response"), None)
    for tier in document.mql_tiers if document.model == "spiced" else ():
        known = {"tier": tier, "mql": True, "handed_off": tier not in document.held_tiers}
        given = {"op": "all", "of": [{"op": "equals", "fact": fact, "value": value} for fact, value in known.items()]}
        if first is not None and not any(implies(parse(given), row.when) for row in first.rows):
            message = f"no row is sure to take an MQL of {tier}"
            yield Finding("promise-missing", "sla.tables[first_response].rows", message, "Add one, or a last row that is always true.")


def _about_cadences(policy: Policy) -> Iterator[Finding]:
    """Sequences that are never chosen, and those whose first touch of a person comes after its SLA (CD-2)."""
    document, path = policy.cadence, "cadence.sequences"
    yield from tables.findings([(sequence.id, sequence.when) for sequence in document.sequences], path)
    yield from tables.findings([(stretch.id, stretch.when) for stretch in document.stretches], "cadence.stretches")
    touches = {channel.id for channel in document.channels if channel.is_touch}
    promised = next((table.rows for table in policy.sla.tables if table.id == "first_response"), ())
    for sequence in document.sequences:
        first = next((step for step in sequence.steps if step.channel in touches and not step.transactional), None)
        given = _follows(policy, sequence.when)
        promise = next((row for row in promised if implies(given, row.when)), None)
        if first is None or promise is None:
            continue
        where = f"{path}[{sequence.id}].steps[{first.id}]"
        if first.day > 0:
            message = (
                f"the first touch of a person comes on day {first.day}, and {promise.id} is owed one in {promise.target_minutes} minutes"
            )
            yield Finding("cadence-after-sla", where, message, "Put a touch on day 0.")
        elif first.within_minutes is not None and first.within_minutes > promise.target_minutes:
            message = f"it may come after {first.within_minutes} minutes, and {promise.id} is owed an answer in {promise.target_minutes}"
            yield Finding("cadence-after-sla", f"{where}.within_minutes", message, "Lower it, or leave it out for the SLA's target.")


def _follows(policy: Policy, condition: AnyCondition) -> AnyCondition:
    """The condition, and what is true of every lead that a tier made an MQL: its tier, and whether it was handed off."""
    parts = condition.of if isinstance(condition, AllOf) else (condition,)
    for part in parts:
        if isinstance(part, Compare) and (part.fact, part.op) == ("mql_clause", "equals") and str(part.value).startswith("tier:"):
            tier = str(part.value).removeprefix("tier:")
            known = {"tier": tier, "mql": True, "handed_off": tier not in policy.qualification.held_tiers}
            also = [parse({"op": "equals", "fact": fact, "value": value}) for fact, value in known.items()]
            return parse({"op": "all", "of": [*parts, *also]})
    return condition


# Campaigns, links and channels.


def _about_campaigns(policy: Policy) -> Iterator[Finding]:
    """Allowed values of links that are spellings of one another: only one of them can be meant."""
    for row in policy.utm.parameters:
        values = [(f"values[{number}]", value) for number, value in enumerate(row.values)]
        values += [(f"further[{number}]", value) for number, value in enumerate(row.further)]
        seen: dict[str, str] = {}
        for where, value in values:
            first = seen.setdefault(folded(value, policy.utm.separator), where)
            if first != where:
                message = f"{shown(value)} is another spelling of {first}"
                yield Finding("value-twin", f"utm.parameters[{row.id}].{where}", message, "Keep the one that links should have.")


def _about_channels(policy: Policy) -> Iterator[Finding]:
    """Rules that never speak, and terms and categories that no rule asks."""
    document = policy.channels
    for later, earlier in channels.shadowed(document):
        message = f"channels.rules[{earlier}] takes every visit that it could"
        yield Finding("channel-covered", f"channels.rules[{later}]", message, "Move it up or remove it.")
    clauses = [clause for rule in document.rules for clause in rule.any] + [clause for term in document.terms for clause in term.any]
    tests = [test for clause in clauses for test in clause.all]
    named = {test.category for test in tests if isinstance(test, channels.Among)}
    asked = {test.term for test in tests if isinstance(test, channels.Term)}
    for part, names, used in (
        ("categories", [row.id for row in document.categories], named),
        ("terms", [row.id for row in document.terms], asked),
    ):
        for name in names:
            if name not in used:
                yield Finding("channel-part-unused", f"channels.{part}[{name}]", "no rule asks it", "Name it in a rule or remove it.")


# Attribution.


def _about_attribution(policy: Policy) -> Iterator[Finding]:
    """Direct visits that nothing is, models that say the same, sources on both sides, words that no answer reaches."""
    journeys = policy.attribution.journeys
    if journeys.direct != "include" and not journeys.direct_channels and not journeys.unknown_is_direct:
        message = f"direct visits are to be told apart ({journeys.direct}), and no channel is one"
        yield Finding("direct-unnamed", "attribution.journeys.direct_channels", message, "Name it, or include them.")
    said: dict[str, str] = {}
    for model in policy.attribution.models:
        text = model.model_dump_json(exclude={"id", "label", "source"})
        if (twin := said.setdefault(text, model.id)) != model.id:
            message = f"it says what {twin} says"
            yield Finding("model-twin", f"attribution.models[{model.id}]", message, "Remove one of them.")
    marketing = {source.strip().casefold() for source in policy.sourcing.marketing_sources}
    for number, source in enumerate(policy.sourcing.other_sources):
        if source.strip().casefold() in marketing:
            message = f"{shown(source)} is one of marketing's too, and counts as that"
            yield Finding("source-on-both-sides", f"sourcing.other_sources[{number}]", message, "Remove it from one of the lists.")
    reached: dict[tuple[str, str], str] = {}
    for rule in policy.self_reports.rules:
        for group, texts in (("equals", rule.equals), ("contains", rule.contains)):
            for number, text in enumerate(texts):
                if (earlier := reached.setdefault((group, " ".join(text.casefold().split())), rule.id)) != rule.id:
                    path = f"self_reports.rules[{rule.id}].{group}[{number}]"
                    yield Finding("answer-covered", path, f"{earlier} has it, and comes first", "Remove it from one of them.")
