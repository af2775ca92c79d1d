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
currencies; only `known` and `unknown` always answer. `all` is false as soon as one part is false, `any` true as soon as one
is true, and otherwise what is unknown stays unknown (FD-6). Both ends of `between` belong to it. Text is compared letter for
letter. `within` looks back over the closed interval [at - days, at], `older_than` is what lies before it, and an instant
after `at` is in neither.

There are no regular expressions, nothing is evaluated as code, and depth and size are bounded (`documents`), so that a
condition from an untrusted editor can neither hang nor run anything.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.documents import Document, Exact, Rows, contents, parse_exact, refuse
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.facts import Lead
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, read
from inbound_engine.spans import instant, look_back, parse_instant
from inbound_engine.vocabulary import FactName, FactsDocument, View, Vocabulary, Word
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
    "implies",
    "parse",
    "sentence",
]

Test: TypeAlias = Callable[[View], bool | None]
Days: TypeAlias = Annotated[int, Field(ge=0, le=36_500)]
Amounts: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000_000)]

_COMPARED = frozenset({"integer", "decimal", "instant", "money"})
_SCALARS = _COMPARED | {"text", "boolean"}


# ------------------------------------------------------------------------------------------------------------ documents


class Amount(Document):
    """An amount of money in a condition: exact units of a currency, `{ amount = 30000, currency = "EUR" }`."""

    amount: Exact
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    @model_validator(mode="after")
    def _checked(self) -> "Amount":
        try:
            self.money()
        except FactError as error:
            refuse([error.problem])
        return self

    def money(self) -> Money:
        """The amount as money."""
        scaled = self.amount * 10 ** Money(0, self.currency).exponent
        if scaled.denominator != 1:
            raise FactError("amount", shown(str(self.amount)), f"an amount in whole minor units of {self.currency}")
        return Money(scaled.numerator, self.currency)


Scalar: TypeAlias = bool | int | str | Amount


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool | str | Amount) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    if isinstance(value, dict):
        try:
            return Amount.model_validate(value)
        except PolicyError as error:
            refuse(error.problems)
    hint = f'Write it as text: "{value!r}".' if isinstance(value, float) else ""
    context = {"saw": shown(value), "expected": "text, a whole number below 2**53, true or false, or an amount", "hint": hint}
    raise PydanticCustomError("problem", "{expected}", context)


Value: TypeAlias = Annotated[
    Scalar,
    PlainValidator(_scalar),
    WithJsonSchema({"anyOf": [{"type": ["boolean", "integer", "string"]}, {"type": "object", "required": ["amount", "currency"]}]}),
]


class _Combining(Document):
    """What every condition can do: join others, and be turned round."""

    def __and__(self, other: "AnyCondition") -> "AllOf":
        """True when both are."""
        return AllOf(op="all", of=(*_parts(self, AllOf), *_parts(other, AllOf)))

    def __or__(self, other: "AnyCondition") -> "AnyOf":
        """True when one is."""
        return AnyOf(op="any", of=(*_parts(self, AnyOf), *_parts(other, AnyOf)))

    def __invert__(self) -> "Not":
        """True when this one is false."""
        return Not(op="not", of=self)  # type: ignore[arg-type]  # every subclass is a condition


class _AboutAFact(_Combining):
    """A condition on one fact; checked against the vocabulary when it is read as part of a policy."""

    fact: FactName

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
    of: Rows["Condition"] = Field(min_length=1)


class AnyOf(_Combining):
    """True when at least one part is."""

    op: Literal["any"]
    of: Rows["Condition"] = Field(min_length=1)


class Not(_Combining):
    """True when the part is false, false when it is true."""

    op: Literal["not"]
    of: "Condition"


def _parts(condition: object, joined: type[AllOf] | type[AnyOf]) -> "tuple[AnyCondition, ...]":
    """The parts of a condition joined in that way, so that a & b & c is one `all` of three."""
    return condition.of if isinstance(condition, joined) else (condition,)  # type: ignore[return-value]  # every subclass is a condition


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

    def equals(self, value: Scalar) -> Compare:
        """The fact is exactly this."""
        return Compare(op="equals", fact=self.name, value=value)

    def differs(self, value: Scalar) -> Compare:
        """The fact is known, and is not this."""
        return Compare(op="differs", fact=self.name, value=value)

    def at_least(self, value: Scalar) -> Compare:
        """The fact is this or more."""
        return Compare(op="at_least", fact=self.name, value=value)

    def at_most(self, value: Scalar) -> Compare:
        """The fact is this or less."""
        return Compare(op="at_most", fact=self.name, value=value)

    def more_than(self, value: Scalar) -> Compare:
        """The fact is more than this."""
        return Compare(op="more_than", fact=self.name, value=value)

    def less_than(self, value: Scalar) -> Compare:
        """The fact is less than this."""
        return Compare(op="less_than", fact=self.name, value=value)

    def between(self, low: Scalar, high: Scalar) -> Between:
        """The fact lies between both, both included."""
        return Between(op="between", fact=self.name, low=low, high=high)

    def is_in(self, *values: Scalar) -> OneOf:
        """The fact is one of these."""
        return OneOf(op="is_in", fact=self.name, values=values)

    def overlaps(self, *values: Scalar) -> OneOf:
        """The set shares at least one member with these."""
        return OneOf(op="overlaps", fact=self.name, values=values)

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
    'at least 3 of page_view "pricing" within 2 days'
    """
    return Count(op="count", activities=activities or ActivityFilter(), within_days=within_days, at_least=at_least, at_most=at_most)


def parse(data: object, words: Vocabulary | None = None) -> AnyCondition:
    """The condition that plain data says; with a vocabulary it is checked against it. `PolicyError` otherwise.

    >>> parse({"op": "known", "fact": "industry"})
    Known(fact='industry', op='known')
    """
    return _Holder.model_validate({"condition": data}, context=words).condition


# ------------------------------------------------------------------------------------------------------------- compiled


class Questions:
    """Collects the activity queries of the rules that are compiled together, so that one pass answers them all."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        """Starts without any query."""
        self.catalogue = catalogue or Catalogue.of(())
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

    `word` and `constants` are set where it is about a fact, `query` where it counts activities.
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
            return Rule(condition, lambda _view: True)
        case Count():
            number = questions.number(condition.activities, condition.within_days)
            return Rule(condition, _counted(number, condition.at_least or 0, condition.at_most), query=number)
        case _:
            word = words.word(condition.fact)
            if problems := list(_misfits(condition, words)):
                raise PolicyError(problems)
            return Rule(condition, _leaf(condition, word), word=word)


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


def _leaf(condition: Compare | Between | OneOf | Words | Known | Elapsed, word: Word) -> Test:
    """How a condition on one fact is tested."""
    read_fact = word.read
    match condition:
        case Known(op=op):
            wanted = op == "known"
            return lambda view: (read_fact(view) is not None) is wanted
        case Elapsed(op=op, days=days):
            return _elapsed(word, days, within=op == "within")
        case Compare(op=op, value=value):
            return _asked(word, _COMPARISONS[op], constant(word, value))
        case Between(low=low, high=high):
            least, most = (
                _asked(word, _COMPARISONS["at_least"], constant(word, low)),
                _asked(word, _COMPARISONS["at_most"], constant(word, high)),
            )
            return _all((least, most))
        case OneOf(op="is_in", values=values):
            return _asked(word, lambda here, among: here in among, frozenset(constant(word, value) for value in values))
        case OneOf(values=values):
            return _asked(word, lambda here, among: not here.isdisjoint(among), frozenset(values))
        case Words(op=op, value=letters):
            return _asked(word, _WORDS[op], letters)


_COMPARISONS: dict[str, Callable[..., bool]] = {
    "equals": lambda here, value: bool(here == value),
    "differs": lambda here, value: bool(here != value),
    "at_least": lambda here, value: bool(here >= value),
    "at_most": lambda here, value: bool(here <= value),
    "more_than": lambda here, value: bool(here > value),
    "less_than": lambda here, value: bool(here < value),
}
_WORDS: dict[str, Callable[..., bool]] = {
    "contains": lambda here, letters: letters in here,
    "starts_with": lambda here, letters: bool(here.startswith(letters)),
    "ends_with": lambda here, letters: bool(here.endswith(letters)),
}


def _asked(word: Word, relation: Callable[..., bool], value: object) -> Test:
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
        case ("integer", int()) | ("boolean", bool()) | ("text" | "texts", str()):
            if word.kind == "integer" and isinstance(value, bool):
                raise ValueError
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


def _misfits(condition: "_AboutAFact", words: Vocabulary) -> Iterator[Problem]:
    """What does not fit the fact that the condition names."""
    if condition.fact not in words:
        return  # the name itself is told by its own check
    word, op = words.word(condition.fact), str(getattr(condition, "op"))  # noqa: B009 - each subclass has its own op
    if word.kind not in _KINDS[op]:
        fitting = (name for name, kinds in _KINDS.items() if word.kind in kinds)
        yield Problem("op", f'"{op}" on {word.name}, a fact of kind {word.kind}', one_of(fitting))
        return
    values: list[tuple[str, Scalar]] = []
    match condition:
        case Compare(value=value) | Words(value=value):
            values = [("value", value)]
        case Between(low=low, high=high):
            values = [("low", low), ("high", high)]
        case OneOf(values=several):
            values = [(f"values[{place}]", value) for place, value in enumerate(several)]
        case _:
            pass
    constants = []
    for path, value in values:
        try:
            constants.append(constant(word, value))
        except ValueError:
            yield Problem(path, f"{shown(value)} for {word.name}, a fact of kind {word.kind}", _FIT[word.kind])
            continue
        if (
            word.values
            and value not in word.values
            and op in {"equals", "differs", "is_in", "overlaps"} | ({"contains"} if word.kind == "texts" else set())
        ):
            close = nearest(str(value), word.values)
            yield Problem(path, f"{shown(value)} for {word.name}", one_of(word.values), f'Did you mean "{close}"?' if close else "")
    match constants:
        case [Money() as low, Money() as high] if op == "between" and low.currency != high.currency:
            yield Problem("high", high.currency, f"the currency of low, {low.currency}")
        case [low, high] if op == "between" and low > high:  # type: ignore[operator]  # both are of the fact's kind
            yield Problem("high", shown(getattr(condition, "high", None)), "at least low", "Swap low and high.")
        case _:
            pass


# ------------------------------------------------------------------------------------------------------------ answering


def holds(condition: AnyCondition, lead: Lead, *, at: datetime, words: Vocabulary | None = None) -> Decision[bool | None]:
    """Whether the condition is true of the lead as of `at`: true, false, or None for unknown; with the part that decided.

    For one question at a time; a policy compiles its rules once and asks them of every lead.

    >>> from datetime import UTC
    >>> lead = Lead(id="L-1", country="DE")
    >>> decision = holds(fact("employees").at_least(200) & fact("country").equals("FR"), lead, at=datetime(2026, 3, 2, tzinfo=UTC))
    >>> decision.value, decision.because
    (False, (Reason(failed, 'of[1]', country='DE', asked='country equals "FR"'),))
    """
    at = instant(at)
    questions = Questions()
    rule = compile(condition, words or compile_vocabulary(FactsDocument()), questions)
    signals = questions.signals()
    counts, latest = (None, None) if lead.activities is None else read(signals, lead.activities, at)
    view = View(lead, at, counts, latest)
    return Decision(rule.test(view), because(rule, view))


def because(rule: Rule, view: View, path: str = "") -> tuple[Reason, ...]:
    """The parts that decided the rule's answer, in document order; paths are those of the document."""
    return tuple(_because(rule, view, path))


def _because(rule: Rule, view: View, path: str) -> Iterator[Reason]:
    answer = rule.test(view)
    match rule.says:
        case AllOf() | AnyOf():
            answers = [part.test(view) for part in rule.parts]
            single = answer is (False if isinstance(rule.says, AllOf) else True)
            for place, (part, each) in enumerate(zip(rule.parts, answers, strict=True)):
                if each is answer:
                    yield from _because(part, view, f"{path}.of[{place}]" if path else f"of[{place}]")
                    if single:
                        return
        case Not():
            yield from _because(rule.parts[0], view, f"{path}.of" if path else "of")
        case _:
            code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
            yield Reason(code, path, (*_seen(rule, view), Seen("asked", sentence(rule.says))))


def _seen(rule: Rule, view: View) -> Iterator[Seen]:
    if rule.word is not None:
        yield Seen(rule.word.name, rule.word.read(view), rule.word.personal)
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
    "within": "lies within",
    "older_than": "is older than",
}


def sentence(condition: AnyCondition) -> str:
    """The condition in words, for people and for drawings.

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
        case Count(activities=activities, within_days=days, at_least=least, at_most=most):
            bounds = " and ".join(
                words
                for words in (f"at least {least}" if least is not None else "", f"at most {most}" if most is not None else "")
                if words
            )
            return f"{bounds} of {_filter_words(activities)}" + ("" if days is None else f" within {days} days")
        case Between(low=low, high=high):
            return f"{condition.fact} is between {_words(low)} and {_words(high)}"
        case Elapsed(op=op, days=days):
            return f"{condition.fact} {_PHRASES[op]} {days} days"
        case OneOf(op=op, values=values):
            return f"{condition.fact} {_PHRASES[op]} {', '.join(_words(value) for value in values)}"
        case Known(op=op):
            return f"{condition.fact} {_PHRASES[op]}"
        case Compare(op=op, value=value) | Words(op=op, value=value):
            return f"{condition.fact} {_PHRASES[op]} {_words(value)}"


def _words(value: Scalar) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case Amount():
            return str(value.money())
        case int():
            return str(value)


def _filter_words(activities: ActivityFilter) -> str:
    """The filter in a few words."""
    said = [" or ".join(activities.kinds) or "activities"]
    for name, value in contents(activities).items():
        match value:
            case _ if name == "kinds" or value is None or value == ():
                pass
            case tuple():
                words = " or ".join(f'"{item}"' for item in value)
                said.append(words if name == "contents" else f"{name.replace('_', ' ')} {words}")
            case bool():
                said.append(f"{'' if value else 'not '}{name.replace('_', ' ')}")
            case _:
                said.append(f"{name.replace('_', ' ')} {value}")
    return " ".join(said)


# ------------------------------------------------------------------------------------------------------------ soundness


def implies(first: AnyCondition, second: AnyCondition) -> bool:
    """Whether the second is surely true wherever the first is; False also where that cannot be shown.

    >>> implies(fact("employees").between(50, 500), fact("employees").at_least(20))
    True
    """
    match first, second:
        case _ if first == second or isinstance(second, Always):
            return True
        case AnyOf(of=of), _:
            return all(implies(part, second) for part in of)
        case _, AllOf(of=of):
            return all(implies(first, part) for part in of)
        case AllOf(of=of), _:
            return any(implies(part, second) for part in of)
        case _, AnyOf(of=of):
            return any(implies(first, part) for part in of)
        case Not(of=inner), Not(of=other):
            return implies(other, inner)
        case Count(), Count():
            return _count_implies(first, second)
        case (Compare() | Between() | OneOf()) as one, (Compare() | Between() | OneOf() | Known()) as other if one.fact == other.fact:
            return _fact_implies(one, other)
        case (Words() | Elapsed()) as one, Known(op="known") as other:
            return one.fact == other.fact
        case Elapsed(op=op, days=days), Elapsed(op=other_op, days=other_days) if op == other_op and first.fact == second.fact:
            return days <= other_days if op == "within" else days >= other_days
        case _:
            return False


def _count_implies(one: Count, other: Count) -> bool:
    if one.activities != other.activities:
        return False
    if one.within_days == other.within_days:
        return (one.at_least or 0) >= (other.at_least or 0) and (
            other.at_most is None or (one.at_most is not None and one.at_most <= other.at_most)
        )
    wider = other.within_days is None or (one.within_days is not None and one.within_days < other.within_days)
    return wider and other.at_most is None and (one.at_least or 0) >= (other.at_least or 0)


def _fact_implies(one: Compare | Between | OneOf, other: Compare | Between | OneOf | Known) -> bool:
    """Whether one condition on a fact implies another on the same."""
    if isinstance(other, Known):
        return other.op == "known"
    chosen, allowed = _choices(one), _choices(other)
    if chosen is not None and allowed is not None:
        return (
            one.op != "overlaps"
            and other.op != "overlaps"
            and chosen <= allowed
            or (one.op == other.op == "overlaps" and chosen <= allowed)
        )
    inner, outer = _range(one), _range(other)
    if chosen is not None and outer is not None:
        return all(isinstance(value, int) and _inside((value, value, True, True), outer) for value in chosen)
    return inner is not None and outer is not None and _inside(inner, outer)


def _choices(condition: Compare | Between | OneOf) -> frozenset[Scalar] | None:
    match condition:
        case OneOf(values=values):
            return frozenset(values)
        case Compare(op="equals", value=value):
            return frozenset({value})
        case _:
            return None


_Range: TypeAlias = tuple[int | None, int | None, bool, bool]


def _range(condition: Compare | Between | OneOf) -> _Range | None:
    """The whole numbers that a comparison allows: low, high, and whether each end belongs to it."""
    match condition:
        case Between(low=int() as low, high=int() as high):
            return low, high, True, True
        case Compare(op="at_least" | "more_than" as op, value=int() as low):
            return low, None, op == "at_least", True
        case Compare(op="at_most" | "less_than" as op, value=int() as high):
            return None, high, True, op == "at_most"
        case _:
            return None


def _inside(inner: _Range, outer: _Range) -> bool:
    low, high, low_in, high_in = inner
    least, most, least_in, most_in = outer
    above = least is None or (low is not None and (low > least or (low == least and (least_in or not low_in))))
    below = most is None or (high is not None and (high < most or (high == most and (most_in or not high_in))))
    return above and below
