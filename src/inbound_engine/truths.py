"""What must be asked of a row, and what does a condition say of it?

The facts, the activities and the conditions of a policy as expressions. A condition becomes two that are never null: surely true and
surely false; neither means unknown (FD-6). Whatever is asked on the way is collected: inputs, checks, signals, and steps that others
refer to by name.
"""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import frozen

from inbound_engine.conditions import (
    AllOf,
    Always,
    AnyCondition,
    AnyOf,
    Between,
    Count,
    Elapsed,
    OneOf,
    Scalar,
    constant,
    sentence,
)
from inbound_engine.conditions import Compare as Comparison
from inbound_engine.conditions import Known as Knowing
from inbound_engine.conditions import Not as Negation
from inbound_engine.conditions import Words as Wording
from inbound_engine.errors import PolicyError, Problem, one_of
from inbound_engine.expressions import (
    FALSE,
    TRUE,
    Ago,
    Among,
    Column,
    Compare,
    Constant,
    Expression,
    Holds,
    Known,
    Moment,
    Named,
    Words,
    bounds,
    case,
    evaluate,
    every,
    kind,
    microseconds,
    opposite,
    some,
)
from inbound_engine.money import Money
from inbound_engine.policy import Compiled
from inbound_engine.ratios import Ratio, by_op, compared, prove, reaches
from inbound_engine.signals import ActivityFilter, Query, Touchpoint
from inbound_engine.vocabulary import Word

__all__ = [
    "ACTIVITY",
    "DAY",
    "Asked",
    "Check",
    "Input",
    "Looked",
    "Signal",
    "Step",
    "Truth",
    "at_least",
    "free_name",
    "guarded",
    "negated",
    "slug",
]

Looked: TypeAlias = Literal["all", "some", "none"]
"""Of which leads somebody knows the activities: of all, of some (the column `activities` says which), or of none."""

DAY = 86_400_000_000
"""Microseconds."""

_ZERO = Constant("integer", 0)
_LOOKED = Column("activities", "boolean")
_AT = Column("at", "instant")
_LONGEST_SLUG = 48


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Input:
    """A column that a reader has to bring: a fact of a lead or of an activity, or one of the two parts of an amount.

    `column` is how expressions name it, `default` the name that a table gives it unless the caller says otherwise. Values in `unknown`
    mean unknown. A boolean that is unknown reads as `reads`.
    """

    column: Column
    fact: str
    default: str
    unknown: tuple[str, ...] = ()
    reads: bool = False


@frozen
class Step:
    """A named expression, computed from inputs and from steps before it."""

    name: str
    expression: Expression

    @property
    def named(self) -> Named:
        """How other expressions refer to it."""
        low, high = bounds(self.expression) if kind(self.expression) == "integer" else (0, 0)
        return Named(self.name, kind(self.expression), low, high)


@frozen
class Signal:
    """What the activities of a lead add up to: how many are meant, the latest of them, or the sum of what each is worth.

    `of` is about one row of the activity table: a boolean for `count` and `latest`, a whole number for `sum`.
    """

    name: str
    says: str
    how: Literal["count", "latest", "sum"]
    of: Expression

    @property
    def column(self) -> Column:
        """How expressions about leads refer to it."""
        return Column(self.name, "instant" if self.how == "latest" else "integer")


@frozen
class Check:
    """A row of which `refused` is true holds a value of that fact that no lead may have."""

    fact: str
    expected: str
    refused: Expression


@frozen
class Truth:
    """Surely true, surely false; neither is unknown. With a guard it is unknown where the guard is false, else what `value` says."""

    true: Expression
    false: Expression
    guard: Expression | None = None
    value: Expression = FALSE


def guarded(guard: Expression, value: Expression, *, implied: bool = False) -> Truth:
    """`implied` where the value is false of whatever is unknown, so that nobody need ask twice."""
    if guard == FALSE:
        return Truth(FALSE, FALSE, FALSE)
    return Truth(value if implied else every(guard, value), every(guard, opposite(value)), guard, value)


def negated(truth: Truth) -> Truth:
    """Surely true where the other is surely false, and the other way round."""
    return Truth(truth.false, truth.true, truth.guard, opposite(truth.value))


ACTIVITY: tuple[Input, ...] = (
    Input(Column("kind", "text"), "kind", "kind"),
    Input(_AT, "at", "at"),
    Input(Column("content", "text"), "content", "content"),
    Input(Column("channel", "text"), "channel", "channel"),
    Input(Column("campaign", "text"), "campaign", "campaign"),
    Input(Column("marketing", "boolean"), "marketing", "marketing", reads=True),
)
"""What rules may ask of an activity; what nobody says of `marketing` is true, as in `facts.Activity`."""


class Asked:
    """Collects inputs, signals, checks and steps while a policy is read; made and dropped with it."""

    def __init__(self, policy: Compiled, of_all: tuple[frozenset[str], frozenset[str], frozenset[str]], looked: Looked) -> None:
        """Starts with nothing asked; `of_all` names the facts that are unknown, known, and sound in every row."""
        self.policy = policy
        self.unknown: frozenset[str] = of_all[0]
        self.known: frozenset[str] = of_all[1]
        self.sound: frozenset[str] = of_all[2]
        self.inputs: dict[str, Input] = {}
        self.checks: list[Check] = []
        self.signals: dict[tuple[object, ...], Signal] = {}
        self.steps: dict[str, Expression] = {}
        self.activity_steps: dict[str, Expression] = {}
        self.kept: set[str] = set()
        self.looked: Expression = TRUE if looked == "all" else FALSE if looked == "none" else _LOOKED
        if looked == "some":
            self.inputs["activities"] = Input(_LOOKED, "activities", "activities")
        self._named: dict[Expression, Named] = {}
        self._facts: dict[str, tuple[Expression, Column, Column | None]] = {}
        self._touchpoint: Expression | None = None
        self.scores: dict[str, Ratio] = {}
        self.tier: tuple[Expression, Expression, Expression] = (_ZERO, _ZERO, FALSE)  # no rule asks for it before it is there

    # ------------------------------------------------------------------------------------------------------------ steps

    def named(self, hint: str, expression: Expression, *, keep: bool = False) -> Expression:
        """A step of about that name; what is a name already stays as it is. Sums that could pass 2**53 are refused.

        A step that people would look for is kept, however seldom it is read.
        """
        if isinstance(expression, Constant | Named | Column | Known):
            return expression
        prove(expression, hint)
        if expression not in self._named:
            name = free_name(slug(hint), self.steps)
            self.steps[name] = expression
            self._named[expression] = Step(name, expression).named
        if keep:
            self.kept.add(self._named[expression].name)
        return self._named[expression]

    def activity_named(self, hint: str, expression: Expression) -> Expression:
        """The same for a step about activities."""
        if isinstance(expression, Constant | Named | Column | Known):
            return expression
        for name, other in self.activity_steps.items():
            if other == expression:
                return Step(name, other).named
        name = free_name(slug(hint), self.activity_steps)
        self.activity_steps[name] = expression
        return Step(name, expression).named

    # ------------------------------------------------------------------------------------------------------------ facts

    def fact(self, word: Word) -> tuple[Expression, Column, Column | None]:
        """Whether the fact is known, its column, and for an amount that of its currency."""
        if word.name not in self._facts:
            self._facts[word.name] = self._fact(word)
        return self._facts[word.name]

    def _fact(self, word: Word) -> tuple[Expression, Column, Column | None]:
        name = word.name
        if word.kind == "money":
            minor, currency = Column(f"{name} minor", "integer"), Column(f"{name} currency", "text")
            if name in self.unknown:
                return FALSE, minor, currency
            self.inputs[minor.name] = Input(minor, name, f"{name}_minor")
            self.inputs[currency.name] = Input(currency, name, f"{name}_currency")
            known = TRUE if name in self.known else self.named(f"{name}_known", every(Known(minor), Known(currency)))
            if name == "annual_revenue":
                self._at_least_zero(name, minor)
            return known, minor, currency
        column = Column(name, word.kind)
        raw = tuple(sorted(self.policy.words.unknown_values(name)))
        if raw and word.kind == "texts":
            hint = "Leave them out in the column, or out of the policy."
            raise PolicyError([Problem(f"facts.unknown[{name}]", "values of a set that mean unknown", "values of a text", hint)])
        if name == "suppressed":  # never unknown: nobody has suppressed anything
            self.inputs[name] = Input(column, name, name)
            return TRUE, column, None
        if name in self.unknown:
            return FALSE, column, None
        self.inputs[name] = Input(column, name, name, raw)
        if word.values and word.kind == "text":
            odd = every(Known(column), opposite(Among(column, tuple(sorted(word.values)))))
            self.checks.append(Check(name, one_of(word.values), odd))
        if name == "employees":
            self._at_least_zero(name, column)
        if name == "created_at":
            return self.named(f"{name}_known", every(Known(column), Compare("<", column, Ago(-1)))), column, None
        return TRUE if name in self.known else Known(column), column, None

    def _at_least_zero(self, name: str, column: Column) -> None:
        self.checks.append(Check(name, "zero or more", every(Known(column), Compare("<", column, _ZERO))))

    # ------------------------------------------------------------------------------------------------------- conditions

    def truth(self, condition: AnyCondition, *, lasting: bool = False, hint: str = "rule") -> Truth:
        """The condition as surely true and surely false; `lasting` what no missing fact can change any more (`conditions.lasting`)."""
        match condition:
            case AllOf(of=of):
                return self._all([self.truth(part, lasting=lasting, hint=hint) for part in of], hint)
            case AnyOf(of=of):
                return self._any([self.truth(part, lasting=lasting, hint=hint) for part in of], hint)
            case Negation(of=inner):
                return negated(self.truth(inner, lasting=lasting, hint=hint))
            case Always():
                return guarded(TRUE, TRUE)
            case Count(activities=activities, within_days=days, at_least=least, at_most=most):
                found = self.count(activities, days)
                most_reached = TRUE if most is None else opposite(at_least(found, most + 1))
                return guarded(self.looked, every(at_least(found, least or 0), most_reached))
            case _:
                word = self.policy.words.word(condition.fact)
                if condition.fact in self.policy.words.derived:
                    return self._derived(condition, word)
                known, column, currency = self.fact(word)
                if isinstance(condition, Knowing):
                    asked = TRUE if condition.op == "known" else FALSE
                    return guarded(known, asked) if lasting else guarded(TRUE, known if asked == TRUE else opposite(known))
                return self._about(condition, word, known, column, currency)

    def _all(self, parts: list[Truth], hint: str) -> Truth:
        guards = {part.guard for part in parts if part.true != TRUE}
        if len(guards) == 1 and (guard := next(iter(guards))) is not None:
            return guarded(guard, self.named(hint, every(*(part.value for part in parts if part.true != TRUE))))
        return self._paired(every(*(part.true for part in parts)), some(*(part.false for part in parts)), hint)

    def _any(self, parts: list[Truth], hint: str) -> Truth:
        guards = {part.guard for part in parts if part.false != TRUE}
        if len(guards) == 1 and (guard := next(iter(guards))) is not None:
            return guarded(guard, self.named(hint, some(*(part.value for part in parts if part.false != TRUE))))
        return self._paired(some(*(part.true for part in parts)), every(*(part.false for part in parts)), hint)

    def _paired(self, true: Expression, false: Expression, hint: str) -> Truth:
        """Both sides, as one where nothing is left between them."""
        if false == opposite(true):
            return guarded(TRUE, self.named(hint, true))
        return Truth(self.named(f"{hint}_true", true), self.named(f"{hint}_false", false))

    def _about(self, condition: AnyCondition, word: Word, known: Expression, column: Column, currency: Column | None) -> Truth:
        """A condition on a fact of the lead."""
        match condition:
            case Wording(value=value) if word.kind == "texts":
                return guarded(known, Holds(column, value), implied=True)
            case OneOf(op="overlaps", values=values):
                return guarded(known, some(*(Holds(column, str(value)) for value in dict.fromkeys(values))), implied=True)
            case Wording(op=op, value=value):
                return guarded(known, Words(op, column, value), implied=True)
            case OneOf(values=values) if word.kind != "decimal":
                several = tuple(dict.fromkeys(value for value in values if isinstance(value, str | int)))
                return guarded(known, Among(column, several), implied=word.kind == "text")
            case OneOf(values=values):
                return guarded(known, some(*(_related(column, "equals", constant(word, value)) for value in values)))
            case Elapsed(op="within", days=days):
                return guarded(known, every(Compare(">=", column, Ago(days * DAY)), Compare("<", column, Ago(-1))))
            case Elapsed(days=days):
                return guarded(known, Compare("<", column, Ago(days * DAY)))
            case Comparison(op=op, value=value):
                return self.compared_with(
                    known, column, currency, [(op, constant(word, value))], implied=word.kind == "text" and op == "equals"
                )
            case Between(low=low, high=high):
                ends = [("at_least", constant(word, low)), ("at_most", constant(word, high))]
                return self.compared_with(known, column, currency, ends)
            case _:  # pragma: no cover - every condition is listed
                raise AssertionError(condition)

    def compared_with(
        self, known: Expression, column: Column, currency: Column | None, asked: list[tuple[str, object]], *, implied: bool = False
    ) -> Truth:
        """Comparisons; with an amount in another currency they are unknown."""
        guard = known
        for _, value in asked:
            if isinstance(value, Money) and currency is not None:
                guard = self.named(f"{currency.name}_fits", every(known, Compare("==", currency, Constant("text", value.currency))))
        return guarded(guard, every(*(_related(column, op, value) for op, value in asked)), implied=implied and guard == known)

    def _derived(self, condition: AnyCondition, word: Word) -> Truth:
        """A condition on a score, on the tier or on the reason below."""
        if word.name in self.scores:
            return guarded(TRUE, _about_score(condition, word, self.scores[word.name]))
        tier, reason, below = self.tier
        rules = self.policy.tiers
        names = rules.names if word.name == "tier" else tuple(row.id for row, _ in rules.below)
        number, known = (tier, TRUE) if word.name == "tier" else (reason, below)
        if isinstance(condition, Knowing):
            return guarded(TRUE, known if condition.op == "known" else opposite(known))
        fitting = [place for place, name in enumerate(names) if _said_of(condition, name)]
        return guarded(known, some(*(Compare("==", number, Constant("integer", place)) for place in fitting)))

    # ------------------------------------------------------------------------------------------------------- activities

    def count(self, activities: ActivityFilter, within_days: int | None) -> Column:
        """How many such activities there are within the last days."""
        return self._signal(Query(activities, within_days), "count").column

    def latest(self, activities: ActivityFilter) -> Column:
        """The latest such activity."""
        return self._signal(Query(activities, None), "latest").column

    def _signal(self, query: Query, how: Literal["count", "latest"]) -> Signal:
        key = (how, query)
        if key not in self.signals:
            said = sentence(Count(op="count", activities=query.activities, within_days=query.within_days, at_least=1))
            says = said.replace(" at least once", "") + (", the latest" if how == "latest" else "")
            window = "" if query.within_days is None else f"_{query.within_days}d"
            name = free_name(
                f"{how}_{slug(said.partition(' at least once')[0])}{window}", {item.name: TRUE for item in self.signals.values()}
            )
            self.signals[key] = Signal(name, says, how, every(self.meant(query.activities), self.window(query.within_days)))
        return self.signals[key]

    def window(self, within_days: int | None) -> Expression:
        """Whether an activity has happened by `at`, within the last days."""
        seen = Compare("<", _AT, Ago(-1))
        if within_days is None:
            return every(Known(_AT), seen)
        return self.activity_named(f"within_{within_days}_days", every(Known(_AT), seen, Compare(">=", _AT, Ago(within_days * DAY))))

    def meant(self, activities: ActivityFilter) -> Expression:
        """Whether a filter means an activity."""
        parts = [_kinds_fit(activities), _content_fits(activities)]
        for name, several in (("channel", activities.channels), ("campaign", activities.campaigns)):
            parts += [Among(Column(name, "text"), several)] if several else []
        if activities.marketing is not None:
            column = Column("marketing", "boolean")
            parts.append(column if activities.marketing else opposite(column))
        if activities.touchpoints or activities.depth_at_least is not None or activities.hand_raise is not None:
            rows: list[Touchpoint | None] = [*self.policy.catalogue.rows, None]
            fitting = [place for place, row in enumerate(rows) if _means(activities, row)]
            parts.append(self._one_of_the_rows(fitting))
        return every(*parts)

    def _one_of_the_rows(self, fitting: list[int]) -> Expression:
        """Whether the touchpoint of an activity is one of these; where they are the first of the catalogue, as one comparison."""
        if fitting and fitting == list(range(len(fitting))):
            return opposite(reaches(self.touchpoint, len(fitting)))
        return Among(self.touchpoint, tuple(fitting)) if fitting else FALSE

    @property
    def touchpoint(self) -> Expression:
        """The number of the row of the catalogue that an activity matches first; the number of rows where it matches none."""
        if self._touchpoint is None:
            rows = self.policy.catalogue.rows
            numbered = [(every(_kinds_fit(row), _content_fits(row)), Constant("integer", place)) for place, row in enumerate(rows)]
            self._touchpoint = self.activity_named("touchpoint", case(numbered, Constant("integer", len(rows))))
        return self._touchpoint


# -------------------------------------------------------------------------------------------------------------- helpers


def slug(text: str) -> str:
    """Letters, digits and underscores of a text, so that it can name a column anywhere."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower())
    return "_".join(kept.split())[:_LONGEST_SLUG].strip("_") or "step"


def free_name(name: str, taken: Mapping[str, object]) -> str:
    """The name, with a number where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def at_least(column: Column, number: int) -> Expression:
    """Whether a count is at least so much; 0 is reached by all."""
    return TRUE if number <= 0 else Compare(">=", column, Constant("integer", number))


def _related(column: Column, op: str, value: object) -> Expression:
    """A comparison of a column with a constant, by `==`, `>=` and `<` alone."""
    match value:
        case bool() | str():
            equal = Compare("==", column, Constant(column.kind, value))
            return equal if op == "equals" else opposite(equal)
        case datetime():
            ticks = microseconds(value)
            return by_op(
                op,
                Compare(">=", column, Moment(ticks)),
                Compare(">=", column, Moment(ticks + 1)),
                every(Compare(">=", column, Moment(ticks)), Compare("<", column, Moment(ticks + 1))),
            )
        case Money(minor=minor):
            return _related(column, op, minor)
        case int() if column.kind == "integer":
            here, above = Constant("integer", value), Constant("integer", value + 1)
            return by_op(op, Compare(">=", column, here), Compare(">=", column, above), Compare("==", column, here))
        case int() | Fraction():
            exact = Constant("decimal", Fraction(value))
            equal = Compare("==", column, exact)
            return by_op(op, Compare(">=", column, exact), every(Compare(">=", column, exact), opposite(equal)), equal)
        case _:  # pragma: no cover - `conditions.constant` gives nothing else
            raise AssertionError(value)


def _about_score(condition: AnyCondition, word: Word, score: Ratio) -> Expression:
    """A condition on a score, which is always known."""

    def exact(value: Scalar) -> Fraction:
        number = constant(word, value)
        return number if isinstance(number, Fraction) else Fraction(int(str(number)))

    match condition:
        case Comparison(op=op, value=value):
            return compared(score, op, exact(value))
        case Between(low=low, high=high):
            return every(compared(score, "at_least", exact(low)), compared(score, "at_most", exact(high)))
        case OneOf(values=values):
            return some(*(compared(score, "equals", exact(value)) for value in values))
        case Knowing(op=op):
            return TRUE if op == "known" else FALSE
        case _:  # pragma: no cover - a decimal takes no other condition
            raise AssertionError(condition)


def _said_of(condition: AnyCondition, name: str) -> bool:
    """Whether a condition holds of that text."""
    match condition:
        case Comparison(op=op, value=value):
            return (name == value) is (op == "equals")
        case OneOf(values=values):
            return name in values
        case Wording(op=op, value=value):
            return bool(evaluate(Words(op, Constant("text", name), value), {}, datetime.min))  # noqa: DTZ901 - no instant is asked
        case _:  # pragma: no cover - a text takes no other condition
            raise AssertionError(condition)


def _kinds_fit(row: ActivityFilter | Touchpoint) -> Expression:
    return Among(Column("kind", "text"), row.kinds) if row.kinds else TRUE


def _content_fits(row: ActivityFilter | Touchpoint) -> Expression:
    content = Column("content", "text")
    whole = [Among(content, row.contents)] if row.contents else []
    fits = some(*whole, *(Words("starts_with", content, start) for start in row.content_starts))
    return fits if row.contents or row.content_starts else TRUE


def _means(activities: ActivityFilter, row: Touchpoint | None) -> bool:
    """Whether activities of that touchpoint (None: of none) are meant, as far as the catalogue decides (`signals`)."""
    name, depth, hand_raise = ("", 0, False) if row is None else (row.id, row.depth, row.hand_raise)
    return (
        (not activities.touchpoints or name in activities.touchpoints)
        and (activities.depth_at_least is None or depth >= activities.depth_at_least)
        and (activities.hand_raise is None or hand_raise is activities.hand_raise)
    )
