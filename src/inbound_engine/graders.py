"""How is a criterion graded?

From 0 to 3, from raw facts, by rules that the policy holds as data (SC-8): bands of a number, a lookup table, the overlap of
a set, the recency or the count of activities, any conditions; or the grade is handed in. In every table the first row that
fits decides, and what fits no row earns `otherwise`.

A criterion whose facts are unknown has no grade; which grades it could still earn is known all the same, and bounds the
score (FD-6).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, ValidationInfo, model_validator

from inbound_engine import tables
from inbound_engine.conditions import Amount, Condition, Questions, Rule, Value, because, constant, lasting
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Reason, Seen
from inbound_engine.documents import Document, Label, Rows, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter
from inbound_engine.spans import DAY
from inbound_engine.vocabulary import FactName, View, Vocabulary, Word

__all__ = [
    "ALL_GRADES",
    "HIGHEST",
    "Bands",
    "Cases",
    "Counting",
    "Given",
    "Grade",
    "Grader",
    "Grading",
    "Lookup",
    "Overlap",
    "Recency",
    "attainable",
    "compile",
]

HIGHEST = 3
"""The best grade (SC-4, SC-5)."""

ALL_GRADES: tuple[int, ...] = tuple(range(HIGHEST + 1))

Grade: TypeAlias = Annotated[int, Field(ge=0, le=HIGHEST)]
Days: TypeAlias = Annotated[int, Field(ge=0, le=36_500)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]


# ------------------------------------------------------------------------------------------------------------ documents


class Band(Document):
    """A grade for values from `at_least` to `at_most`, both included; an end that is left out is open."""

    grade: Grade
    at_least: Value | None = None
    at_most: Value | None = None


class Bands(Document):
    """Grades a number, an instant or an amount by the first band that it lies in.

    An amount in another currency than a band's is unknown to it.
    """

    kind: Literal["bands"]
    fact: FactName
    rows: Rows[Band] = Field(min_length=1)
    otherwise: Grade = 0
    source: Label = ""

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> "Bands":
        ends = [
            (f"rows[{place}].{end}", value)
            for place, row in enumerate(self.rows)
            for end in ("at_least", "at_most")
            if (value := getattr(row, end)) is not None
        ]
        problems = list(_unfit(self.fact, {"integer", "decimal", "instant", "money"}, ends, info.context))
        currencies = sorted({value.currency for _, value in ends if isinstance(value, Amount)})
        if len(currencies) > 1:
            problems.append(Problem("rows", f"amounts in {' and '.join(currencies)}", "amounts in one currency", "Keep one of them."))
        refuse(problems)
        return self


class GradedValues(Document):
    """A grade for the values of a list."""

    grade: Grade
    values: Rows[Text] = Field(min_length=1)


class Lookup(Document):
    """Grades a text by the first row that lists it, letter for letter."""

    kind: Literal["lookup"]
    fact: FactName
    rows: Rows[GradedValues] = Field(min_length=1)
    otherwise: Grade = 0
    source: Label = ""

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> "Lookup":
        values = (
            (f"rows[{row}].values[{place}]", value) for row, graded in enumerate(self.rows) for place, value in enumerate(graded.values)
        )
        refuse(_unfit(self.fact, {"text"}, values, info.context))
        return self


class GradedCount(Document):
    """A grade for counts of at least so many."""

    grade: Grade
    at_least: Annotated[int, Field(ge=1, le=1_000_000_000)]


class Overlap(Document):
    """Grades a set by how many of the values it holds."""

    kind: Literal["overlap"]
    fact: FactName
    values: Rows[Text] = Field(min_length=1)
    rows: Rows[GradedCount] = Field(min_length=1)
    otherwise: Grade = 0
    source: Label = ""

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> "Overlap":
        problems = list(
            _unfit(self.fact, {"texts"}, ((f"values[{place}]", value) for place, value in enumerate(self.values)), info.context)
        )
        problems += (
            Problem(f"rows[{place}].at_least", str(row.at_least), f"at most {len(set(self.values))}, the number of values")
            for place, row in enumerate(self.rows)
            if row.at_least > len(set(self.values))
        )
        refuse(problems)
        return self


class GradedAge(Document):
    """A grade for what happened less than `under_days` ago, or at most `within_days` ago; a day is 24 hours (FD-2)."""

    grade: Grade
    under_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    within_days: Days | None = None

    @model_validator(mode="after")
    def _checked(self) -> "GradedAge":
        if (self.under_days is None) == (self.within_days is None):
            refuse([Problem("under_days", "both or neither", "under_days or within_days", "Keep one of them.")])
        return self


class Recency(Document):
    """Grades how long ago the latest such activity was, over all time; `older` where no row fits, `none` without any."""

    kind: Literal["recency"]
    activities: ActivityFilter = ActivityFilter()
    rows: Rows[GradedAge] = Field(min_length=1)
    older: Grade = 0
    none: Grade = 0
    source: Label = ""


class Counting(Document):
    """Grades how many such activities there are within the last days (None: ever)."""

    kind: Literal["count"]
    activities: ActivityFilter = ActivityFilter()
    within_days: Days | None = None
    rows: Rows[GradedCount] = Field(min_length=1)
    otherwise: Grade = 0
    source: Label = ""


class Case(Document):
    """A grade for leads of whom the condition is true."""

    grade: Grade
    when: Condition


class Cases(Document):
    """Grades by the first condition that is true."""

    kind: Literal["condition"]
    rows: Rows[Case] = Field(min_length=1)
    otherwise: Grade = 0
    source: Label = ""


class Given(Document):
    """The grade is handed in, as a whole number from 0 to 3 in a fact; any other number is a `FactError`."""

    kind: Literal["given"]
    fact: FactName
    source: Label = ""

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> "Given":
        refuse(_unfit(self.fact, {"integer"}, (), info.context))
        return self


Grader: TypeAlias = Annotated[Bands | Lookup | Overlap | Recency | Counting | Cases | Given, Field(discriminator="kind")]


def _unfit(fact: str, kinds: set[str], values: Iterable[tuple[str, Any]], words: object) -> Iterator[Problem]:
    """What does not fit the fact that a grader reads; nothing is checked outside a policy."""
    if not isinstance(words, Vocabulary):
        return
    if fact not in words:
        return  # the name itself is told by its own check
    word = words.word(fact)
    if word.kind not in kinds:
        yield Problem("fact", f"{fact}, a fact of kind {word.kind}", f"a fact of kind {' or '.join(sorted(kinds))}")
        return
    for path, value in values:
        try:
            constant(word, value)
        except ValueError:
            yield Problem(path, f"{shown(value)} for {fact}", f"a value of kind {word.kind}")
            continue
        if word.values and value not in word.values:
            close = nearest(str(value), word.values)
            yield Problem(path, f"{shown(value)} for {fact}", one_of(word.values), f'Did you mean "{close}"?' if close else "")


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Grading:
    """A compiled grader.

    `grade` gives the grade, None where facts are missing; `possible` every grade that the lead could still have, in
    ascending order; `missing` the names of the facts that are wanted; `because` what was seen. The grade is `provisional` where
    rules ask whether a fact is known: there is one, and a fact that is missing may still change it.
    """

    document: Grader
    grade: Callable[[View], int | None] = field(repr=False)
    possible: Callable[[View], tuple[int, ...]] = field(repr=False)
    missing: Callable[[View], frozenset[str]] = field(repr=False)
    because: Callable[[View, str], tuple[Reason, ...]] = field(repr=False)
    given: str | None = None
    provisional: bool = False


def compile(document: Grader, words: Vocabulary, questions: Questions) -> Grading:
    """The grader made ready; `PolicyError` when it does not fit the vocabulary."""
    match document:
        case Cases():
            return _cases(document, words, questions)
        case Recency():
            number = questions.number(document.activities, None)
            return _activity_grading(document, number, _recency(document, number), attainable(document))
        case Counting():
            number = questions.number(document.activities, document.within_days)
            steps = _steps(document.rows)
            grade = _counting(number, steps, document.otherwise)
            return _activity_grading(document, number, grade, attainable(document))
        case Given():
            word = words.word(document.fact)
            return _fact_grading(document, word, _given(word), attainable(document))
        case Bands():
            word = words.word(document.fact)
            return _fact_grading(document, word, _bands(document, word), attainable(document))
        case Lookup():
            word = words.word(document.fact)
            return _fact_grading(document, word, _lookup(document, word), attainable(document))
        case _:
            word = words.word(document.fact)
            return _fact_grading(document, word, _overlap(document, word), attainable(document))


def attainable(document: Grader) -> tuple[int, ...]:
    """Every grade that the grader can give, in ascending order.

    >>> attainable(Counting(kind="count", rows=[{"grade": 3, "at_least": 2}]))
    (0, 3)
    """
    match document:
        case Given():
            return ALL_GRADES
        case Recency(rows=rows, older=older, none=none):
            return tuple(sorted({*(row.grade for row in rows), older, none}))
        case _:
            return tuple(sorted({*(row.grade for row in document.rows), document.otherwise}))


def _fact_grading(document: Grader, word: Word, grade: Callable[[View], int | None], grades: tuple[int, ...]) -> Grading:
    """A grading that hangs on one fact."""
    name, nothing = frozenset({word.name}), frozenset[str]()

    def possible(view: View) -> tuple[int, ...]:
        sure = grade(view)
        return grades if sure is None else (sure,)

    def missing(view: View) -> frozenset[str]:
        return name if grade(view) is None else nothing

    def why(view: View, rule: str) -> tuple[Reason, ...]:
        sure = grade(view)
        seen = (Seen("grade", sure), Seen(word.name, word.read(view), word.personal))
        return (Reason(Code.MISSING if sure is None else Code.GRADED, rule, seen),)

    given = document.fact if isinstance(document, Given) else None
    return Grading(document, grade, possible, missing, why, given)


def _activity_grading(document: Recency | Counting, number: int, grade: Callable[[View], int | None], grades: tuple[int, ...]) -> Grading:
    """A grading that hangs on activities."""
    name, nothing = frozenset({"activities"}), frozenset[str]()
    recent = isinstance(document, Recency)

    def possible(view: View) -> tuple[int, ...]:
        sure = grade(view)
        return grades if sure is None else (sure,)

    def missing(view: View) -> frozenset[str]:
        return name if view.counts is None else nothing

    def why(view: View, rule: str) -> tuple[Reason, ...]:
        if view.counts is None or view.latest is None:
            return (Reason(Code.MISSING, rule, (Seen("grade", None), Seen("activities", None))),)
        saw = Seen("latest", view.latest[number]) if recent else Seen("count", view.counts[number])
        return (Reason(Code.GRADED, rule, (Seen("grade", grade(view)), saw)),)

    return Grading(document, grade, possible, missing, why)


def _bands(document: Bands, word: Word) -> Callable[[View], int | None]:
    read, otherwise = word.read, document.otherwise
    rows = [(_end(word, row.at_least), _end(word, row.at_most), row.grade) for row in document.rows]
    currencies = {end.currency for low, high, _ in rows for end in (low, high) if isinstance(end, Money)}

    def grade(view: View) -> int | None:
        value: Any = read(view)
        if value is None or (currencies and currencies != {value.currency}):
            return None
        for low, high, earned in rows:
            if (low is None or value >= low) and (high is None or value <= high):
                return earned
        return otherwise

    return grade


def _end(word: Word, value: Any) -> Any:  # noqa: ANN401 - of the fact's kind, whichever that is
    return None if value is None else constant(word, value)


def _lookup(document: Lookup, word: Word) -> Callable[[View], int | None]:
    read, otherwise = word.read, document.otherwise
    grades: dict[object, int] = {value: row.grade for row in reversed(document.rows) for value in row.values}

    def grade(view: View) -> int | None:
        value = read(view)
        return None if value is None else grades.get(value, otherwise)

    return grade


def _overlap(document: Overlap, word: Word) -> Callable[[View], int | None]:
    read, values, steps, otherwise = word.read, frozenset(document.values), _steps(document.rows), document.otherwise

    def grade(view: View) -> int | None:
        held: Any = read(view)
        return None if held is None else _step(steps, len(values & held), otherwise)

    return grade


def _given(word: Word) -> Callable[[View], int | None]:
    read = word.read

    def grade(view: View) -> int | None:
        value = read(view)
        if value is None or (isinstance(value, int) and value in ALL_GRADES):
            return value
        raise FactError(word.name, shown(value), f"a grade from 0 to {HIGHEST}")

    return grade


def _steps(rows: Iterable[GradedCount]) -> tuple[tuple[int, int], ...]:
    return tuple((row.at_least, row.grade) for row in rows)


def _step(steps: tuple[tuple[int, int], ...], count: int, otherwise: int) -> int:
    for least, earned in steps:
        if count >= least:
            return earned
    return otherwise


def _counting(number: int, steps: tuple[tuple[int, int], ...], otherwise: int) -> Callable[[View], int | None]:
    def grade(view: View) -> int | None:
        return None if view.counts is None else _step(steps, view.counts[number], otherwise)

    return grade


def _recency(document: Recency, number: int) -> Callable[[View], int | None]:
    tick = timedelta(microseconds=1)
    # "under 7 days" is at most 7 days less the smallest stretch there is, so that one comparison serves both
    limits = tuple(
        (row.under_days * DAY - tick if row.under_days is not None else (row.within_days or 0) * DAY, row.grade) for row in document.rows
    )
    older, none = document.older, document.none

    def grade(view: View) -> int | None:
        if view.latest is None:
            return None
        last = view.latest[number]
        if last is None:
            return none
        age = view.at - last
        for limit, earned in limits:
            if age <= limit:
                return earned
        return older

    return grade


def _cases(document: Cases, words: Vocabulary, questions: Questions) -> Grading:
    rules = tuple(compile_condition(row.when, words, questions) for row in document.rows)
    later = tuple(lasting(rule) for rule in rules)
    grades, otherwise = tuple(row.grade for row in document.rows), document.otherwise
    rows = tuple((rule.test, earned) for rule, earned in zip(rules, grades, strict=True))

    def grade(view: View) -> int | None:
        for test, earned in rows:
            answer = test(view)
            if answer:
                return earned
            if answer is None:
                return sure(view)
        return otherwise

    def earned_by(match: tables.Match) -> tuple[int, ...]:
        return tuple(sorted({*(grades[number] for number in match.possible), *((otherwise,) if match.otherwise else ())}))

    def sure(view: View) -> int | None:
        """Unknown rows do not matter where every possible answer earns the same."""
        several = earned_by(tables.first(rules, view))
        return several[0] if len(several) == 1 else None

    def possible(view: View) -> tuple[int, ...]:
        return earned_by(tables.first(later, view))

    def missing(view: View) -> frozenset[str]:
        match = tables.first(later, view)
        return frozenset(_unknown_facts(later, view, match.possible)) if len(earned_by(match)) > 1 else frozenset()

    def why(view: View, rule: str) -> tuple[Reason, ...]:
        earned = grade(view)
        seen = Seen("grade", earned)
        match = tables.first(rules, view)
        asked, open_to = (rules, match.possible) if len(possible(view)) == 1 else (later, tables.first(later, view).possible)
        head = Reason(Code.MISSING if earned is None else Code.GRADED, rule, (seen,))
        return head, *(reason for number in open_to for reason in because(asked[number], view, f"{rule}.rows[{number}].when"))

    return Grading(document, grade, possible, missing, why, provisional=later != rules)


def _unknown_facts(rules: tuple[Rule, ...], view: View, numbers: Iterable[int]) -> Iterator[str]:
    for number in numbers:
        for reason in because(rules[number], view):
            if reason.code is Code.UNKNOWN:
                yield reason.saw[0].name
