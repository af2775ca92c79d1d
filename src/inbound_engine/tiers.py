"""Which promise is the score owed, and is the lead an MQL?

A tier is a row of thresholds; the first row whose thresholds are all reached gives the tier (TI-1), and what reaches none is
below, with the reason why (TI-2 ▲). Thresholds are compared in integers, so that a score that lies exactly on a line has
reached it.

A floor lifts a tier where a condition holds (TI-3 ▲): one for leads about whose fit facts are still missing, and one,
switched off as shipped, for high intent whatever the fit.

One qualification model decides whether the lead is a marketing-qualified lead: its tier (`spiced`) or the two axes
(`dual_axis`, SC-2); further clauses are conditions. The decision names the clause (TI-4 ▲).
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Literal

from attrs import frozen
from pydantic import Field, ValidationInfo, model_validator

from inbound_engine.conditions import Condition, Questions, Rule, because, facts_named
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import Problem, one_of, shown
from inbound_engine.matrices import Grades
from inbound_engine.scoring import Measured, Scores, bounds
from inbound_engine.vocabulary import OUTCOMES, ScoreName, TierName, View, Vocabulary

__all__ = [
    "Below",
    "BelowReason",
    "Clause",
    "Floor",
    "Placement",
    "Qualification",
    "QualificationDocument",
    "Rules",
    "Threshold",
    "Tier",
    "Tiers",
    "assign",
    "compile",
    "place",
    "placed",
    "qualified",
    "qualify",
    "seeing_scores",
    "short_of",
]


# ------------------------------------------------------------------------------------------------------------ documents


class Threshold(Document):
    """A score of at least so many points."""

    score: ScoreName
    at_least: Exact


class Tier(Document):
    """A tier: all its thresholds must be reached. `promise` says what follows, for people."""

    id: Id
    label: Label = ""
    thresholds: UniqueRows[Threshold] = Field(min_length=1)
    promise: Label = ""
    source: Label = ""


class BelowReason(Document):
    """Why a lead is below every tier: the first reason whose condition on the scores is true."""

    id: Id
    label: Label = ""
    when: Condition
    promise: Label = ""
    source: Label = ""


class Below(Document):
    """What a lead is called that reaches no tier, and why."""

    id: Id = "NURTURE"
    label: Label = ""
    reasons: UniqueRows[BelowReason] = ()


class Floor(Document):
    """Leads of whom `when` is true are at least of this tier.

    With `only_while_unknown`, only while facts of that score are missing and its best case reaches the tier's threshold: what
    is low for want of facts is lifted, a known bad fit keeps its tier, and where everything is known the thresholds rule
    (TI-3 ▲). A score that has reached the threshold while facts are still missing is no reason to drop the floor: a better
    grade would lower the tier then.
    """

    id: Id
    tier: TierName
    when: Condition
    enabled: bool = True
    only_while_unknown: ScoreName | None = None
    label: Label = ""
    source: Label = ""


class Tiers(Document):
    """The tiers from the top, what lies below them, and the floors."""

    rows: UniqueRows[Tier] = Field(min_length=1)
    below: Below = Below()
    floors: UniqueRows[Floor] = ()

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> "Tiers":
        scores = {tier.id: [row.score for row in tier.thresholds] for tier in self.rows}
        problems = (
            [Problem("below.id", f"the id of a tier, {shown(self.below.id)}", "a name of its own")] if self.below.id in scores else []
        )
        for floor in self.floors:
            path = f"floors[{floor.id}]"
            if floor.tier not in scores:
                problems.append(Problem(f"{path}.tier", shown(floor.tier), one_of(scores)))
            elif floor.only_while_unknown is not None and floor.only_while_unknown not in scores[floor.tier]:
                expected = f"a score of {floor.tier}: {one_of(scores[floor.tier])}"
                problems.append(Problem(f"{path}.only_while_unknown", shown(floor.only_while_unknown), expected))
            problems += _too_early(floor.when, f"{path}.when", info, frozenset(OUTCOMES), "tiers")
        for reason in self.below.reasons:
            problems += _too_early(reason.when, f"below.reasons[{reason.id}].when", info, frozenset(OUTCOMES), "tiers")
        refuse(problems)
        return self


def _too_early(condition: Condition, path: str, info: ValidationInfo, later: frozenset[str], asked: str) -> Iterator[Problem]:
    """What a condition names that only later rules say: it would be unknown for ever."""
    if isinstance(info.context, Vocabulary):
        for name in sorted(facts_named(condition) & later):
            yield Problem(path, shown(name), f"facts that are known before {asked}", "It is not known yet here.")


class Clause(Document):
    """Another definition of an MQL: a demo form fill, a download from an ICP company, a threshold (TI-4).

    `held` keeps the MQL with marketing. Conditions may name scores and the tier.
    """

    id: Id
    label: Label = ""
    when: Condition
    enabled: bool = True
    held: bool = False
    source: Label = ""


class QualificationDocument(Document):
    """What makes a marketing-qualified lead.

    `model` decides; the other model is computed for information. `held_tiers` are MQLs that marketing keeps
    (`handed_off = false`). A clause that holds makes an MQL as well.
    """

    model: Literal["spiced", "dual_axis"] = "spiced"
    mql_tiers: Rows[TierName] = ()
    held_tiers: Rows[TierName] = ()
    dual_axis: UniqueRows[Threshold] = ()
    clauses: UniqueRows[Clause] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> "QualificationDocument":
        problems = [
            Problem(f"held_tiers[{number}]", shown(tier), one_of(self.mql_tiers), "Only MQL tiers can be held.")
            for number, tier in enumerate(self.held_tiers)
            if tier not in self.mql_tiers
        ]
        if self.model == "dual_axis" and not self.dual_axis:
            problems.append(Problem("dual_axis", "no thresholds", "at least one", 'Add thresholds, or set model = "spiced".'))
        if self.model == "spiced" and not self.mql_tiers and not self.clauses:
            problems.append(Problem("mql_tiers", "no tiers and no clauses", "something that makes an MQL"))
        later = frozenset(OUTCOMES) - {"tier", "tier_reason"}
        for clause in self.clauses:
            problems += _too_early(clause.when, f"clauses[{clause.id}].when", info, later, "qualification")
        refuse(problems)
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Placement:
    """The tier of a lead. `number` counts from the top, 0 first; below every tier it is the number of tiers.

    `reason` says why a lead is below; `raised_by` names the floor that lifted it, and `unraised` is the tier without it.
    """

    tier: str
    number: int
    reason: str | None = None
    raised_by: str | None = None
    unraised: str | None = None


@frozen
class Qualification:
    """Whether the lead is an MQL, and which clause made it one.

    `clause` is "tier:T1", "dual_axis" or the id of a clause; `clauses` names all that hold. `handed_off` is false for an MQL
    that marketing keeps. `spiced` and `dual_axis` say what each model says by itself, whichever decides.
    """

    mql: bool
    clause: str | None
    handed_off: bool
    clauses: tuple[str, ...]
    model: str
    spiced: bool
    dual_axis: bool


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Line:
    """A threshold ready to be compared: the score stands at `place`, and n/d points reach it where n * bottom >= top * d."""

    place: int
    score: str
    top: int
    bottom: int

    def reached(self, numerator: int, denominator: int) -> bool:
        """Whether a score of that many points has reached the line."""
        return numerator * self.bottom >= self.top * denominator

    @property
    def points(self) -> Fraction:
        """Where the line lies."""
        return Fraction(self.top, self.bottom)


@frozen(eq=False)
class CompiledFloor:
    """A floor, its condition, the number of its tier, and the line that its score must still be able to reach."""

    document: Floor
    rule: Rule
    number: int
    line: Line | None


@frozen(eq=False)
class Rules:
    """The tiers and the qualification of a policy, compiled."""

    document: Tiers
    qualification: QualificationDocument
    tiers: tuple[tuple[str, tuple[Line, ...]], ...]
    below: tuple[tuple[BelowReason, Rule], ...]
    floors: tuple[CompiledFloor, ...]
    dual_axis: tuple[Line, ...]
    clauses: tuple[tuple[Clause, Rule], ...]
    placements: tuple[Placement, ...]
    by_tier: dict[tuple[str, bool], Qualification]

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers from the top, what lies below them last."""
        return (*(name for name, _ in self.tiers), self.document.below.id)


def compile(tiers: Tiers, qualification: QualificationDocument, scores: Sequence[str], words: Vocabulary, questions: Questions) -> Rules:
    """The tiers made ready; `scores` are the names of the scores in the order in which scoring gives them."""

    def lines(thresholds: Sequence[Threshold]) -> tuple[Line, ...]:
        return tuple(Line(scores.index(row.score), row.score, row.at_least.numerator, row.at_least.denominator) for row in thresholds)

    rows = tuple((tier.id, lines(tier.thresholds)) for tier in tiers.rows)
    numbers = {name: number for number, (name, _) in enumerate(rows)}
    floors = []
    for floor in tiers.floors:
        number = numbers[floor.tier]
        line = next((line for line in rows[number][1] if line.score == floor.only_while_unknown), None)
        floors.append(CompiledFloor(floor, compile_condition(floor.when, words, questions), number, line))
    return Rules(
        document=tiers,
        qualification=qualification,
        tiers=rows,
        below=tuple((reason, compile_condition(reason.when, words, questions)) for reason in tiers.below.reasons),
        floors=tuple(sorted(floors, key=lambda floor: floor.number)),  # so that the first that lifts is the best
        dual_axis=lines(qualification.dual_axis),
        clauses=tuple((clause, compile_condition(clause.when, words, questions)) for clause in qualification.clauses),
        placements=tuple(Placement(name, number) for number, (name, _) in enumerate(rows)),
        by_tier={
            (name, dual_axis): _qualification(qualification, name, (), dual_axis=dual_axis)
            for name in (*numbers, tiers.below.id)
            for dual_axis in (False, True)
        },
    )


# ------------------------------------------------------------------------------------------------------------ functions


def place(rules: Rules, sums: Sequence[Measured]) -> int:
    """The number of the first tier whose lines the sums reach; the number of tiers where they reach none."""
    for number, (_, lines) in enumerate(rules.tiers):
        for line in lines:
            _, numerator, denominator = sums[line.place]
            if numerator * line.bottom < line.top * denominator:
                break
        else:
            return number
    return len(rules.tiers)


def assign(rules: Rules, scores: Scores) -> Decision[Placement]:
    """The tier that the scores are owed, with a reason for every tier that was asked, floors after them (TI-1 to TI-3)."""
    view = seeing_scores(scores)
    placement = placed(rules, scores, view)
    return Decision(placement, tuple(_tier_reasons(rules, scores, placement, view)))


def placed(rules: Rules, scores: Scores, view: View | None = None, grades: Grades | None = None) -> Placement:
    """The tier alone, without its reasons; a view that sees the scores, and the grades, may be given where they are at hand."""
    view = view or seeing_scores(scores)
    number = place(rules, scores.sums)
    for floor in rules.floors:
        if floor.number < number and floor.document.enabled and _lifts(floor, scores, view, grades):
            return Placement(rules.tiers[floor.number][0], floor.number, None, floor.document.id, rules.names[number])
    if number < len(rules.tiers):
        return rules.placements[number]
    reason = next((reason.id for reason, rule in rules.below if rule.test(view)), None)
    return Placement(rules.document.below.id, number, reason)


def _lifts(floor: CompiledFloor, scores: Scores, view: View, grades: Grades | None = None) -> bool:
    """Whether a floor applies: its condition is surely true, and where it names a score, that is open and may reach the line."""
    if not floor.rule.test(view):
        return False
    if floor.line is None:
        return True
    if grades is None:
        grades = [grade(view) for grade in scores.rules.grades]
    low, high = bounds(scores.rules, view, grades, floor.line.place)
    return low < high and floor.line.reached(high.numerator, high.denominator)


def qualify(rules: Rules, scores: Scores, placement: Placement) -> Decision[Qualification]:
    """Whether the lead is an MQL, by which clause, with a reason for every clause that was asked (TI-4)."""
    view = seeing_scores(scores, placement)
    qualification = qualified(rules, scores, placement, view)
    return Decision(qualification, tuple(_clause_reasons(rules, scores, placement, qualification, view)))


def qualified(rules: Rules, scores: Scores, placement: Placement, view: View | None = None) -> Qualification:
    """The qualification alone, without its reasons; a view that sees the scores and the tier already may be given."""
    dual_axis = bool(rules.dual_axis)
    for line in rules.dual_axis:
        _, numerator, denominator = scores.sums[line.place]
        if numerator * line.bottom < line.top * denominator:
            dual_axis = False
            break
    if not rules.clauses:
        return rules.by_tier[placement.tier, dual_axis]
    view = view or seeing_scores(scores, placement)
    holding = [(clause.id, clause.held) for clause, rule in rules.clauses if clause.enabled and rule.test(view)]
    return _qualification(rules.qualification, placement.tier, holding, dual_axis=dual_axis)


def _qualification(document: QualificationDocument, tier: str, clauses: Sequence[tuple[str, bool]], *, dual_axis: bool) -> Qualification:
    """What the model and the clauses that hold make of it; each clause says whether marketing keeps the MQL."""
    spiced = tier in document.mql_tiers
    holding: list[tuple[str, bool]] = []
    if document.model == "spiced" and spiced:
        holding.append((f"tier:{tier}", tier in document.held_tiers))
    elif document.model == "dual_axis" and dual_axis:
        holding.append(("dual_axis", False))
    holding += clauses
    names = tuple(name for name, _ in holding)
    handed_off = next((name for name, held in holding if not held), None)
    return Qualification(
        bool(names), handed_off or next(iter(names), None), handed_off is not None, names, document.model, spiced, dual_axis
    )


def seeing_scores(
    scores: Scores, placement: Placement | None = None, view: View | None = None, qualification: Qualification | None = None
) -> View:
    """The lead as rules after scoring see it: the scores are facts, then the tier is, then the qualification."""
    seen = scores.view if view is None else view

    def derived(name: str) -> Fraction | str | bool | None:
        match name:
            case "tier":
                return None if placement is None else placement.tier
            case "tier_reason":
                return None if placement is None else placement.reason
            case "mql":
                return None if qualification is None else qualification.mql
            case "mql_clause":
                return None if qualification is None else qualification.clause
            case "handed_off":
                return None if qualification is None else qualification.handed_off
            case _:
                return scores.points(name)

    seen.derived = derived
    return seen


def short_of(rules: Rules, scores: Scores, tier: str) -> tuple[Reason, ...]:
    """The thresholds of a tier that the scores do not reach."""
    return tuple(reason for reason in _lines_asked(scores, tier, dict(rules.tiers)[tier]) if reason.code is Code.SHORT)


def _lines_asked(scores: Scores, tier: str, lines: Sequence[Line]) -> Iterator[Reason]:
    for line in lines:
        points = scores.points(line.score)
        code = Code.REACHED if points >= line.points else Code.SHORT
        yield Reason(code, f"tiers.rows[{tier}].thresholds[{line.score}]", (Seen("points", points), Seen("at_least", line.points)))


def _tier_reasons(rules: Rules, scores: Scores, placement: Placement, view: View) -> Iterator[Reason]:
    for name, lines in rules.tiers:
        yield from _lines_asked(scores, name, lines)
        if all(scores.points(line.score) >= line.points for line in lines):
            break
    for reason, rule in rules.below if placement.reason is not None else ():
        if reason.id == placement.reason:
            yield Reason(
                Code.MATCHED, f"tiers.below.reasons[{reason.id}]", tuple(seen for part in because(rule, view) for seen in part.saw)
            )
    for floor in rules.floors:
        path = f"tiers.floors[{floor.document.id}]"
        if floor.document.id == placement.raised_by:
            yield Reason(Code.RAISED, path, (Seen("tier", placement.tier), Seen("unraised", placement.unraised)))
        elif not floor.document.enabled and floor.number < placement.number and _lifts(floor, scores, view):
            yield Reason(Code.SWITCHED_OFF, path, (Seen("tier", floor.document.tier),))


def _clause_reasons(rules: Rules, scores: Scores, placement: Placement, qualification: Qualification, view: View) -> Iterator[Reason]:
    model = rules.qualification.model
    if model == "spiced":
        code = Code.QUALIFIED if qualification.spiced else Code.NOT_QUALIFIED
        if placement.tier in rules.qualification.held_tiers:
            code = Code.HELD
        yield Reason(code, "qualification.mql_tiers", (Seen("tier", placement.tier),))
    else:
        for line in rules.dual_axis:
            points = scores.points(line.score)
            code = Code.REACHED if points >= line.points else Code.SHORT
            yield Reason(code, f"qualification.dual_axis[{line.score}]", (Seen("points", points), Seen("at_least", line.points)))
    for clause, rule in rules.clauses:
        answer = rule.test(view)
        saw = tuple(seen for part in because(rule, view) for seen in part.saw)
        if not clause.enabled:
            code = Code.SWITCHED_OFF
        elif answer is None:
            code = Code.UNKNOWN
        else:
            code = (Code.HELD if clause.held else Code.QUALIFIED) if answer else Code.FAILED
        yield Reason(code, f"qualification.clauses[{clause.id}]", saw)
