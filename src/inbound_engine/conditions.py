"""What may a policy ask of a lead?

One small language, in which every rule of the house is written: comparisons, between, one of, overlaps, contains, starts
and ends with, known and unknown, look-backs, counts over activities, and all, any, not. It is written in Python or as plain
data, and is the same object either way:

>>> written = fact("employees").between(50, 500) & fact("country").is_in("DE", "AT")
>>> written == parse({"op": "all", "of": [
...     {"op": "between", "fact": "employees", "low": 50, "high": 500},
...     {"op": "is_in", "fact": "country", "values": ["DE", "AT"]},
... ]})
True

The answer is true, false or unknown. A comparison with an unknown fact is unknown, and so is one of amounts in different
currencies, and a count while nobody has looked at the activities; only `known` and `unknown` always answer. `all` is false as
soon as one part is false, `any` true as soon as one is true, and otherwise what is unknown stays unknown (FD-6). Both ends of
`between` belong to it. Text is compared letter for letter. `within` looks back over the closed interval [at - days, at],
`older_than` is what lies before it, and an instant after `at` is in neither.

There are no regular expressions, nothing is evaluated as code, and depth and size are bounded, so that a condition from an
untrusted editor can neither hang nor run anything.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import isfinite
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import attrs
from attrs import field, frozen
from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from inbound_engine.decisions import Code, Decision, Reason, Seen, plain
from inbound_engine.documents import Document, Exact, Rows, exact_text, parse_exact, refuse
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.facts import Lead
from inbound_engine.money import Money, exponent
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, read
from inbound_engine.spans import instant, look_back, parse_instant
from inbound_engine.vocabulary import FactName, FactsDocument, View, Vocabulary, Word, settled
from inbound_engine.vocabulary import compile as compile_vocabulary

__all__ = [
    "AllOf",
    "Always",
    "Amount",
    "AnyOf",
    "Between",
    "Compare",
    "Condition",
    "Count",
    "Elapsed",
    "Fact",
    "Known",
    "Not",
    "OneOf",
    "Questions",
    "Rule",
    "Scalar",
    "Test",
    "Value",
    "Words",
    "because",
    "compile",
    "constant",
    "count",
    "fact",
    "facts_named",
    "holds",
    "lasting",
    "parse",
    "sentence",
    "values_of",
]

Test: TypeAlias = Callable[[View], bool | None]
Days: TypeAlias = Annotated[int, Field(ge=0, le=36_500)]
Amounts: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000_000)]

_MOST = 2**53  # what every engine that reads conditions counts exactly
_MOST_PARTS = 5_000
_MOST_DIGITS = 18

_COMPARED = frozenset({"integer", "decimal", "instant", "money"})
_SCALARS = _COMPARED | {"text", "boolean"}


# ------------------------------------------------------------------------------------------------------------ documents


def _currency(code: str) -> str:
    try:
        exponent(code)
    except FactError as error:
        refuse([attrs.evolve(error.problem, path="")])
    return code


class Amount(Document):
    """An amount of money in a condition: exact units of a currency, `{ amount = 30000, currency = "EUR" }`."""

    amount: Exact
    currency: Annotated[str, AfterValidator(_currency)]

    @model_validator(mode="after")
    def _checked(self) -> "Amount":
        if (self.amount * 10 ** exponent(self.currency)).denominator != 1:
            refuse([Problem("amount", shown(exact_text(self.amount)), f"an amount in whole minor units of {self.currency}")])
        return self

    def money(self) -> Money:
        """The amount as money.

        >>> Amount(amount="30000.50", currency="EUR").money()
        Money(minor=3000050, currency='EUR')
        """
        return Money(int(self.amount * 10 ** exponent(self.currency)), self.currency)

    def __str__(self) -> str:
        """The code, a space, the amount."""
        return str(self.money())


Scalar: TypeAlias = bool | int | str | Amount
"""What a condition compares with: plain data, and amounts of money."""
Written: TypeAlias = Scalar | Decimal | Fraction | datetime | Money
"""What Python may write instead: exact numbers and instants become text, money becomes an amount."""


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool | Amount) or (isinstance(value, int) and abs(value) < _MOST) or (isinstance(value, str) and value):
        return value
    try:
        match value:
            case Mapping():
                return Amount.model_validate(value)
            case Money():
                exact = Fraction(value.minor, 10 ** exponent(value.currency))
                return Amount.model_validate({"amount": exact, "currency": value.currency})
            case datetime():
                return str(plain(instant(value, "")))
            case Decimal() if value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS:
                return _scalar(Fraction(value))
            case Fraction() if abs(value) < _MOST and value.denominator < _MOST:
                return exact_text(value)
            case _:
                pass
    except PolicyError as error:
        refuse(error.problems)
    except FactError as error:
        refuse([error.problem])
    hint = 'No fact is an empty text: ask "unknown".' if value == "" else ""
    if isinstance(value, float) and isfinite(value):
        hint = f'Write it as text: "{value!r}".'
    context = {"saw": shown(value), "expected": "text, a whole number below 2**53, true or false, or an amount", "hint": hint}
    raise PydanticCustomError("problem", "{expected}", context)


Value: TypeAlias = Annotated[
    Scalar,
    PlainValidator(_scalar),
    PlainSerializer(lambda value: value.model_dump(mode="json") if isinstance(value, Amount) else value, return_type=Any),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["boolean", "integer"]},
                {"type": "string", "minLength": 1},
                {"type": "object", "required": ["amount", "currency"]},
            ]
        }
    ),
]


class _Combining(Document):
    """What every condition can do: join others, and be turned round."""

    def __and__(self, other: "AnyCondition") -> "AllOf":
        """True when both are."""
        return _joined(AllOf, "all", self, other)

    def __or__(self, other: "AnyCondition") -> "AnyOf":
        """True when one is."""
        return _joined(AnyOf, "any", self, other)

    def __invert__(self) -> "Not":
        """True when this one is false."""
        return Not.model_validate({"op": "not", "of": self})

    def __bool__(self) -> bool:
        """Refused: `and`, `or` and `not` would lose a part without a word."""
        raise PolicyError([Problem("", "a condition used as a yes or no", "&, | or ~ to join conditions, or holds(...) for an answer")])


class _AboutAFact(_Combining):
    """A condition on one fact; checked against the vocabulary when it is read as part of a policy."""

    fact: FactName
    op: str

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> "_AboutAFact":
        if isinstance(info.context, Vocabulary):
            refuse(_misfits(self, info.context))
        return self


class Compare(_AboutAFact):
    """The fact equals, differs from, is at least, at most, more than or less than the value."""

    op: Literal["equals", "differs", "at_least", "at_most", "more_than", "less_than"]
    value: Value


class Between(_AboutAFact):
    """The fact lies between low and high, both included."""

    op: Literal["between"]
    low: Value
    high: Value


class OneOf(_AboutAFact):
    """The fact is one of the values (`is_in`), or a set that shares at least one with them (`overlaps`)."""

    op: Literal["is_in", "overlaps"]
    values: Rows[Value] = Field(min_length=1)


class Words(_AboutAFact):
    """The text contains, starts with or ends with these letters; `contains` also asks a set for a member."""

    op: Literal["contains", "starts_with", "ends_with"]
    value: Annotated[str, Field(min_length=1)]


class Known(_AboutAFact):
    """Somebody knows the fact, or nobody does. Never unknown itself."""

    op: Literal["known", "unknown"]


class Elapsed(_AboutAFact):
    """The instant lies within the last days, [at - days, at], or before them."""

    op: Literal["within", "older_than"]
    days: Days


class Count(_Combining):
    """How many activities of a kind there are within the last days (None: ever): at least and at most so many."""

    op: Literal["count"]
    activities: ActivityFilter = ActivityFilter()
    within_days: Days | None = None
    at_least: Amounts | None = None
    at_most: Amounts | None = None

    @model_validator(mode="after")
    def _checked(self) -> "Count":
        if self.at_least is None and self.at_most is None:
            refuse([Problem("at_least", "nothing", "at_least or at_most", "Add at_least = 1.")])
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            refuse([Problem("at_most", str(self.at_most), f"at least {self.at_least}", "Swap at_least and at_most.")])
        return self


class Always(_Combining):
    """Always true: the row for everything else."""

    op: Literal["always"]


class AllOf(_Combining):
    """True when every part is."""

    op: Literal["all"]
    of: Rows["Condition"] = Field(min_length=1, max_length=_MOST_PARTS)


class AnyOf(_Combining):
    """True when at least one part is."""

    op: Literal["any"]
    of: Rows["Condition"] = Field(min_length=1, max_length=_MOST_PARTS)


class Not(_Combining):
    """True when the part is false, false when it is true."""

    op: Literal["not"]
    of: "Condition"


Joined = TypeVar("Joined", AllOf, AnyOf)


def _joined(kind: type[Joined], op: str, left: object, right: object) -> Joined:
    """Both joined in that way, so that a & b & c is one `all` of three.

    What is already joined was checked then: a long chain is not read anew for each part that it grows by.
    """
    if not isinstance(left, kind) and not isinstance(right, kind):
        return kind.model_validate({"op": op, "of": (left, right)})
    first, second = (side if isinstance(side, kind) else kind.model_validate({"op": op, "of": (side,)}) for side in (left, right))
    fields: dict[str, Any] = {"op": op, "of": first.of + second.of}
    return kind.model_validate(fields) if len(fields["of"]) > _MOST_PARTS else kind.model_construct(**fields)


AboutAFact: TypeAlias = Compare | Between | OneOf | Words | Known | Elapsed
AnyCondition: TypeAlias = Compare | Between | OneOf | Words | Known | Elapsed | Count | Always | AllOf | AnyOf | Not
Condition: TypeAlias = Annotated[AnyCondition, Field(discriminator="op")]
"""Any condition; plain data says which by its `op`."""

AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()


class _Holder(Document):
    """Reads one condition, so that its problems are told like those of a whole policy."""

    condition: Condition


# ------------------------------------------------------------------------------------------------------------ in Python


@frozen
class Fact:
    """The name of a fact, from which conditions are made.

    >>> fact("title").contains("VP") | fact("title").contains("Chief")
    AnyOf(op='any', of=(Words(fact='title', op='contains', value='VP'), Words(fact='title', op='contains', value='Chief')))
    """

    name: str

    def equals(self, value: Written) -> Compare:
        """The fact is exactly this."""
        return self._compared("equals", value)

    def differs(self, value: Written) -> Compare:
        """The fact is known, and is not this."""
        return self._compared("differs", value)

    def at_least(self, value: Written) -> Compare:
        """The fact is this or more."""
        return self._compared("at_least", value)

    def at_most(self, value: Written) -> Compare:
        """The fact is this or less."""
        return self._compared("at_most", value)

    def more_than(self, value: Written) -> Compare:
        """The fact is more than this."""
        return self._compared("more_than", value)

    def less_than(self, value: Written) -> Compare:
        """The fact is less than this."""
        return self._compared("less_than", value)

    def between(self, low: Written, high: Written) -> Between:
        """The fact lies between both, both included."""
        return Between.model_validate({"op": "between", "fact": self.name, "low": low, "high": high})

    def is_in(self, *values: Written) -> OneOf:
        """The fact is one of these."""
        return OneOf.model_validate({"op": "is_in", "fact": self.name, "values": values})

    def overlaps(self, *values: str) -> OneOf:
        """The set shares at least one member with these."""
        return OneOf.model_validate({"op": "overlaps", "fact": self.name, "values": values})

    def contains(self, value: str) -> Words:
        """The text has these letters in it, or the set this member."""
        return Words(op="contains", fact=self.name, value=value)

    def starts_with(self, value: str) -> Words:
        """The text starts with these letters."""
        return Words(op="starts_with", fact=self.name, value=value)

    def ends_with(self, value: str) -> Words:
        """The text ends with these letters."""
        return Words(op="ends_with", fact=self.name, value=value)

    def is_known(self) -> Known:
        """Somebody knows the fact."""
        return Known(op="known", fact=self.name)

    def is_unknown(self) -> Known:
        """Nobody knows the fact."""
        return Known(op="unknown", fact=self.name)

    def within(self, days: int) -> Elapsed:
        """The instant lies in [at - days, at]."""
        return Elapsed(op="within", fact=self.name, days=days)

    def older_than(self, days: int) -> Elapsed:
        """The instant lies before at - days."""
        return Elapsed(op="older_than", fact=self.name, days=days)

    def _compared(self, op: str, value: Written) -> Compare:
        return Compare.model_validate({"op": op, "fact": self.name, "value": value})


def fact(name: str) -> Fact:
    """The fact of that name, to make a condition of.

    >>> fact("employees").at_least(200)
    Compare(fact='employees', op='at_least', value=200)
    """
    return Fact(name)


def count(
    activities: ActivityFilter | None = None, *, at_least: int | None = None, at_most: int | None = None, within_days: int | None = None
) -> Count:
    """A count over activities: "pricing page at least 3 times within 2 days" (SC-10).

    >>> pricing = ActivityFilter(kinds=("page_view",), contents=("pricing",))
    >>> sentence(count(pricing, at_least=3, within_days=2))
    'page_view "pricing" at least 3 times within 2 days'
    """
    return Count(op="count", activities=activities or ActivityFilter(), within_days=within_days, at_least=at_least, at_most=at_most)


def parse(data: object, words: Vocabulary | None = None) -> AnyCondition:
    """The condition that plain data says; with a vocabulary it is checked against it. `PolicyError` otherwise.

    >>> parse({"op": "known", "fact": "industry"})
    Known(fact='industry', op='known')
    """
    try:
        return _Holder.model_validate({"condition": data}, context=words).condition
    except PolicyError as error:
        problems = [attrs.evolve(problem, path=problem.path.removeprefix("condition").removeprefix(".")) for problem in error.problems]
        raise PolicyError(problems) from None


# ------------------------------------------------------------------------------------------------------------- compiled


class Questions:
    """Collects the activity queries of the rules that are compiled together, so that one pass answers them all."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        """Starts without any query."""
        self.catalogue: Catalogue = catalogue or Catalogue.of(())
        self._numbers: dict[Query, int] = {}

    def number(self, activities: ActivityFilter, within_days: int | None) -> int:
        """The number of that query; the same query always has the same."""
        return self._numbers.setdefault(Query(activities, within_days), len(self._numbers))

    def signals(self) -> Signals:
        """All the queries so far, compiled."""
        return Signals.of(tuple(self._numbers), self.catalogue)


@frozen(eq=False)
class Rule:
    """A compiled condition: what it says, how it is tested, and its parts.

    `word` is set where it is about a fact, `query` where it counts activities.
    """

    says: AnyCondition
    test: Test = field(repr=False)
    parts: tuple["Rule", ...] = ()
    word: Word | None = None
    query: int | None = None


def compile(condition: AnyCondition, words: Vocabulary, questions: Questions) -> Rule:
    """The condition made ready to be asked; `PolicyError` when it does not fit the vocabulary."""
    match condition:
        case AllOf(of=of):
            parts = tuple(compile(part, words, questions) for part in of)
            return Rule(condition, _all([part.test for part in parts]), parts)
        case AnyOf(of=of):
            parts = tuple(compile(part, words, questions) for part in of)
            return Rule(condition, _any([part.test for part in parts]), parts)
        case Not(of=inner):
            part = compile(inner, words, questions)
            return Rule(condition, _not(part.test), (part,))
        case Always():
            return Rule(condition, _always)
        case Count():
            number = questions.number(condition.activities, condition.within_days)
            return Rule(condition, _counted(number, condition.at_least or 0, condition.at_most), query=number)
        case _:
            word = words.word(condition.fact)
            if problems := list(_misfits(condition, words)):
                raise PolicyError(problems)
            return Rule(condition, _leaf(condition, word), word=word)


def lasting(rule: Rule) -> Rule:
    """The same rule, answering only what no missing fact can change any more, and unknown otherwise.

    That is the answer of the rule itself, but for `known` and `unknown`: what they say of a missing fact holds until somebody
    knows it.
    """
    parts = tuple(lasting(part) for part in rule.parts)
    match rule.says:
        case AllOf() | AnyOf() | Not() if all(part is same for part, same in zip(parts, rule.parts, strict=True)):
            return rule
        case AllOf():
            return Rule(rule.says, _all([part.test for part in parts]), parts)
        case AnyOf():
            return Rule(rule.says, _any([part.test for part in parts]), parts)
        case Not():
            return Rule(rule.says, _not(parts[0].test), parts)
        case Known(op=op) if rule.word is not None:
            return Rule(rule.says, _asked(rule.word, lambda _here, wanted: wanted, op == "known"), word=rule.word)
        case _:
            return rule


def _always(_view: View) -> bool:
    return True


def _all(tests: Sequence[Test]) -> Test:
    def every(view: View) -> bool | None:
        outcome: bool | None = True
        for test in tests:
            answer = test(view)
            if answer is False:
                return False
            if answer is None:
                outcome = None
        return outcome

    return every


def _any(tests: Sequence[Test]) -> Test:
    def one(view: View) -> bool | None:
        outcome: bool | None = False
        for test in tests:
            answer = test(view)
            if answer:
                return True
            if answer is None:
                outcome = None
        return outcome

    return one


def _not(test: Test) -> Test:
    def turned(view: View) -> bool | None:
        answer = test(view)
        return None if answer is None else not answer

    return turned


def _counted(number: int, least: int, most: int | None) -> Test:
    def counted(view: View) -> bool | None:
        if view.counts is None:
            return None
        here = view.counts[number]
        return here >= least and (most is None or here <= most)

    return counted


def _leaf(condition: AboutAFact, word: Word) -> Test:
    """How a condition on one fact is tested."""
    match condition:
        case Known(op=op):
            return _known(word) if op == "known" else _not(_known(word))
        case Elapsed(op=op, days=days):
            return _elapsed(word, days, within=op == "within")
        case Compare(op=op, value=value):
            return _asked(word, _COMPARISONS[op], constant(word, value))
        case Between(low=low, high=high):
            return _all((_asked(word, operator.ge, constant(word, low)), _asked(word, operator.le, constant(word, high))))
        case OneOf(op="is_in", values=values):
            return _asked(word, _among, frozenset(constant(word, value) for value in values))
        case OneOf(values=values):
            return _asked(word, _shares, frozenset(values))
        case _:
            return _asked(word, _WORDS[condition.op], condition.value)


def _among(here: object, values: frozenset[object]) -> bool:
    return here in values


def _shares(here: frozenset[str], values: frozenset[str]) -> bool:
    return not here.isdisjoint(values)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "differs": operator.ne,
    "at_least": operator.ge,
    "at_most": operator.le,
    "more_than": operator.gt,
    "less_than": operator.lt,
}
_WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "contains": operator.contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def _known(word: Word) -> Test:
    read_fact = word.read
    return lambda view: read_fact(view) is not None


def _asked(word: Word, relation: Callable[[Any, Any], bool], value: object) -> Test:
    """Reads the fact and compares; unknown stays unknown, and so do amounts in another currency."""
    read_fact = word.read
    if isinstance(value, Money):
        currency = value.currency

        def same_currency(view: View) -> bool | None:
            here = read_fact(view)
            return relation(here, value) if isinstance(here, Money) and here.currency == currency else None

        return same_currency

    def asked(view: View) -> bool | None:
        here = read_fact(view)
        return None if here is None else relation(here, value)

    return asked


def _elapsed(word: Word, days: int, *, within: bool) -> Test:
    read_fact = word.read

    def elapsed(view: View) -> bool | None:
        here = read_fact(view)
        if not isinstance(here, datetime):
            return None
        first = look_back(view.at, days)
        return first <= here <= view.at if within else here < first

    return elapsed


def constant(word: Word, value: Scalar) -> object:
    """The value as the fact's kind keeps it; `ValueError` where it does not fit.

    >>> words = compile_vocabulary(FactsDocument())
    >>> constant(words.word("created_at"), "2026-03-02T10:00:00+01:00").hour
    9
    """
    match word.kind, value:
        case ("boolean", bool()) | ("text" | "texts", str()):
            return value
        case "integer", int() if not isinstance(value, bool):
            return value
        case "decimal", int() | str() if not isinstance(value, bool):
            number = parse_exact(value)
            return number.numerator if number.denominator == 1 else number
        case "instant", str():
            return parse_instant(value)
        case "money", Amount():
            return value.money()
        case _:
            raise ValueError


_FIT: dict[str, str] = {
    "text": "text",
    "texts": "text",
    "integer": "a whole number",
    "decimal": 'a whole number or exact text such as "2.5"',
    "boolean": "true or false",
    "instant": 'an instant with its offset, such as "2026-03-02T09:00:00Z"',
    "money": 'an amount, such as { amount = 30000, currency = "EUR" }',
}
_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("equals", "differs"), _SCALARS),
    **dict.fromkeys(("at_least", "at_most", "more_than", "less_than", "between"), _COMPARED),
    "is_in": frozenset({"text", "integer", "decimal"}),
    "overlaps": frozenset({"texts"}),
    "contains": frozenset({"text", "texts"}),
    **dict.fromkeys(("starts_with", "ends_with"), frozenset({"text"})),
    **dict.fromkeys(("within", "older_than"), frozenset({"instant"})),
    **dict.fromkeys(("known", "unknown"), _SCALARS | {"texts"}),
}


def _misfits(condition: _AboutAFact, words: Vocabulary) -> Iterator[Problem]:
    """What does not fit the fact that the condition names."""
    if condition.fact not in words:
        return  # what is wrong with the fact is told where it is declared
    word, op = words.word(condition.fact), condition.op
    if word.kind not in _KINDS[op]:
        fitting = (name for name, kinds in _KINDS.items() if word.kind in kinds)
        yield Problem("op", f'"{op}" on {word.name}, a fact of kind {word.kind}', one_of(fitting))
        return
    constants: list[Any] = []
    for path, value in values_of(condition):
        try:
            constants.append(constant(word, value))
        except ValueError:
            yield Problem(path, f"{shown(value)} for {word.name}, a fact of kind {word.kind}", _FIT[word.kind])
            continue
        if word.values and value not in word.values and (op not in _WORDS or word.kind == "texts"):
            close = nearest(str(value), word.values)
            yield Problem(path, f"{shown(value)} for {word.name}", one_of(word.values), f'Did you mean "{close}"?' if close else "")
    match condition, constants:
        case Between(), [Money() as low, Money() as high] if low.currency != high.currency:
            yield Problem("high", f"an amount in {high.currency}", f"the currency of low, {low.currency}")
        case Between(high=end), [low, high] if low > high:
            yield Problem("high", shown(end), "at least low", "Swap low and high.")
        case _:
            pass


def values_of(condition: _AboutAFact) -> list[tuple[str, Scalar]]:
    """The values that the condition compares its fact with, each with its path."""
    match condition:
        case Compare(value=value) | Words(value=value):
            return [("value", value)]
        case Between(low=low, high=high):
            return [("low", low), ("high", high)]
        case OneOf(values=several):
            return [(f"values[{place}]", value) for place, value in enumerate(several)]
        case _:
            return []


# ------------------------------------------------------------------------------------------------------------ answering


def holds(
    condition: AnyCondition, lead: Lead, *, at: datetime, words: Vocabulary | None = None, catalogue: Catalogue | None = None
) -> Decision[bool | None]:
    """Whether the condition is true of the lead as of `at`: true, false, or None for unknown; with the part that decided.

    For one question at a time; a policy compiles its rules once and asks them of every lead. The names that the condition
    may use are those of `words` and `catalogue`; without them those that every policy knows, and no touchpoints: a filter that
    asks for depth or a raised hand is a `PolicyError` then. The lead's observations are settled first, as in scoring.

    >>> from datetime import UTC
    >>> lead = Lead(id="L-1", country="DE")
    >>> decision = holds(fact("employees").at_least(200) & fact("country").equals("FR"), lead, at=datetime(2026, 3, 2, tzinfo=UTC))
    >>> decision.value, decision.because
    (False, (Reason(failed, 'of[1]', country='DE', asked='country equals "FR"'),))
    """
    at = instant(at)
    listed = catalogue or Catalogue.of(())
    known = attrs.evolve(words or compile_vocabulary(FactsDocument()), touchpoints=frozenset(row.id for row in listed.rows))
    questions = Questions(listed)
    rule = compile(parse(condition, known), known, questions)
    signals = questions.signals()
    if catalogue is None and any(query.activities.depth_at_least or query.activities.hand_raise for query in signals.queries):
        hint = "Pass catalogue=engine.compiled.catalogue."
        raise PolicyError([Problem("catalogue", "nothing", "the catalogue that depth and hand_raise are read from", hint)])
    if not isinstance(lead, Lead):
        raise FactError("lead", shown(lead), "a Lead")
    lead = settled(lead, known, at)
    counts, latest = (None, None) if lead.activities is None else read(signals, lead.activities, at)
    view = View(lead, at, counts, latest)
    return Decision(rule.test(view), because(rule, view))


def because(rule: Rule, view: View, path: str = "") -> tuple[Reason, ...]:
    """The parts that decided the rule's answer, in document order; paths are those of the document."""
    return tuple(_because(rule, view, path))


def _because(rule: Rule, view: View, path: str) -> Iterator[Reason]:
    answer = rule.test(view)
    inside = f"{path}.of" if path else "of"
    match rule.says:
        case AllOf() | AnyOf():
            deciding = ((place, part) for place, part in enumerate(rule.parts) if part.test(view) is answer)
            one_decides = answer is isinstance(rule.says, AnyOf)
            for place, part in islice(deciding, 1 if one_decides else None):
                yield from _because(part, view, f"{inside}[{place}]")
        case Not():
            yield from _because(rule.parts[0], view, inside)
        case _:
            code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
            yield Reason(
                code, path, (*_seen(rule, view, code), Seen("asked", sentence(rule.says), rule.word is not None and rule.word.personal))
            )


def _seen(rule: Rule, view: View, code: Code) -> Iterator[Seen]:
    if rule.word is not None:
        here = rule.word.read(view)
        yield Seen(rule.word.name, here, rule.word.personal)
        if code is Code.UNKNOWN and isinstance(here, Money):
            yield Seen("note", f"an amount in {here.currency} is not compared with one in another currency", rule.word.personal)
    elif rule.query is not None:
        yield Seen("activities", None if view.counts is None else view.counts[rule.query])


def facts_named(condition: AnyCondition) -> frozenset[str]:
    """The facts that a condition asks for; "activities" where it counts them.

    >>> sorted(facts_named(fact("country").equals("DE") | count(at_least=1)))
    ['activities', 'country']
    """
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            return frozenset().union(*(facts_named(part) for part in of))
        case Not(of=inner):
            return facts_named(inner)
        case Count():
            return frozenset({"activities"})
        case Always():
            return frozenset()
        case _:
            return frozenset({condition.fact})


_PHRASES: dict[str, str] = {
    "equals": "equals",
    "differs": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "less_than": "is less than",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "is_in": "is one of",
    "overlaps": "has one of",
    "known": "is known",
    "unknown": "is unknown",
    "within": "lies within the last",
    "older_than": "is older than",
}
_SHOWN_VALUES = 12
_SHOWN_CHARACTERS = 80


def sentence(condition: AnyCondition) -> str:
    """The condition in words, for people and for drawings; of long lists and texts the beginning.

    >>> sentence(~fact("country").is_in("US", "CA") & fact("employees").between(50, 500))
    'not (country is one of "US", "CA") and employees is between 50 and 500'
    """
    match condition:
        case AllOf(of=of):
            return " and ".join(f"({sentence(part)})" if isinstance(part, AnyOf) else sentence(part) for part in of)
        case AnyOf(of=of):
            return " or ".join(f"({sentence(part)})" if isinstance(part, AllOf) else sentence(part) for part in of)
        case Not(of=inner):
            return f"not ({sentence(inner)})"
        case Always():
            return "always"
        case Count(activities=activities, within_days=days):
            within = "" if days is None else f" within {_days(days)}"
            return f"{_filter_words(activities)} {_times(condition)}{within}"
        case Between(low=low, high=high):
            return f"{condition.fact} is between {_words(low)} and {_words(high)}"
        case Elapsed(op="within", days=1):
            return f"{condition.fact} lies within the last day"
        case Elapsed(op=op, days=days):
            return f"{condition.fact} {_PHRASES[op]} {_days(days)}"
        case OneOf(op=op, values=values):
            return f"{condition.fact} {_PHRASES[op]} {_listed(values, ', ')}"
        case Known(op=op):
            return f"{condition.fact} {_PHRASES[op]}"
        case _:
            return f"{condition.fact} {_PHRASES[condition.op]} {_words(condition.value)}"


def _words(value: Scalar) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            text = value[:_SHOWN_CHARACTERS] + ("..." if len(value) > _SHOWN_CHARACTERS else "")
            return f'"{text}"' if text.isprintable() else repr(text)
        case _:
            return str(value)


def _listed(values: Sequence[Scalar], joint: str) -> str:
    more = len(values) - _SHOWN_VALUES
    return joint.join(_words(value) for value in values[:_SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _times(condition: Count) -> str:
    match condition.at_least, condition.at_most:
        case int() as least, int() as most if least == most:
            return f"exactly {_so_often(least)}"
        case int() as least, int() as most:
            return f"{least} to {_so_often(most)}"
        case None, int() as most:
            return f"at most {_so_often(most)}" if most else "never"
        case _:
            return f"at least {_so_often(condition.at_least or 0)}"


def _so_often(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _filter_words(activities: ActivityFilter) -> str:
    """The filter in a few words.

    >>> _filter_words(ActivityFilter(kinds=("page_view", "visit"), contents=("pricing",), hand_raise=False))
    'page_view or visit "pricing" that raises no hand'
    """
    said = [" or ".join(activities.kinds[:_SHOWN_VALUES]) or "any activity"]
    contents = [_listed(activities.contents, " or ")] if activities.contents else []
    contents += [f"starting with {_listed(activities.content_starts, ' or ')}"] if activities.content_starts else []
    said += [" or ".join(contents)] if contents else []
    for name, values in (("channel", activities.channels), ("campaign", activities.campaigns), ("touchpoint", activities.touchpoints)):
        said += [f"of {name} {_listed(values, ' or ')}"] if values else []
    said += [] if activities.depth_at_least is None else [f"of depth {activities.depth_at_least} or more"]
    said += [] if activities.hand_raise is None else [f"that raises {'a' if activities.hand_raise else 'no'} hand"]
    said += [] if activities.marketing is None else [f"{'' if activities.marketing else 'not '}of marketing"]
    return " ".join(said)
