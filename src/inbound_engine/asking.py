"""Which missing fact is most worth asking for?

The one whose answer can lift the tier highest, with every possible outcome. Nothing is estimated: every answer that the policy tells
apart is noted on the lead and tried, through the same rules that made the assessment.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from inbound_engine import scoring, tiers
from inbound_engine.conditions import (
    AllOf,
    AnyCondition,
    AnyOf,
    Between,
    Compare,
    Elapsed,
    Known,
    Not,
    OneOf,
    Scalar,
    Words,
    constant,
)
from inbound_engine.decisions import decimal_text, plain
from inbound_engine.errors import FactError
from inbound_engine.graders import ALL_GRADES, Bands, Cases, Given, Lookup, Overlap
from inbound_engine.matrices import Points
from inbound_engine.money import Money
from inbound_engine.scoring import Scores
from inbound_engine.spans import EARLIEST, look_back
from inbound_engine.tiers import Placement
from inbound_engine.vocabulary import View, Word, can_be_asked, with_fact

__all__ = ["Outcome", "Question", "most_worth_asking"]

_MOST_SETS = 12  # values of a closed choice that are all tried
_MOST_PLACES = 12  # of a decimal number
_MOST_ANSWERS = 1_000  # tried for one fact


@frozen
class Outcome:
    """What some answers would lead to: the tier, and the points of the scores that tiers read."""

    answers: tuple[str, ...]
    tier: str
    points: tuple[tuple[str, Fraction], ...]


@frozen
class Question:
    """The missing fact most worth asking for, and what each answer would lead to, the best outcome first."""

    fact: str
    label: str
    outcomes: tuple[Outcome, ...]


def most_worth_asking(rules: tiers.Rules, scores: Scores, placement: Placement) -> Question | None:
    """The missing fact whose answer can lift the tier highest, with each possible outcome; None where no single answer changes it.

    Ties go to the fact that moves the most points, then to the name. Answers are those that the policy tells apart: the
    values that its rules list, the ends of its bands and what lies between, and "anything else"; at most a thousand a fact. Of a
    text that may hold several words, and of a set, not every combination is tried: a question is sure to matter, but that none
    is found does not prove that no answer would.
    """
    found: list[tuple[int, Fraction, str, Question]] = []
    view = scores.view
    for name, mentioned in sorted(_mentioned(rules, scores).items()):
        word = scores.rules.words.word(name)
        if not can_be_asked(scores.rules.words, name) or not _is_missing(word, view, mentioned):
            continue
        tried = [*_tried(rules, scores, word, _answers(word, mentioned, scores.rules.words.unknown_values(name))[:_MOST_ANSWERS])]
        if all(outcome.tier == placement.tier for _, _, outcome in tried):
            continue
        sums = [sum((points for _, points in outcome.points), Fraction()) for _, _, outcome in tried]
        best = min(number for _, number, _ in tried)
        found.append((best, min(sums) - max(sums), name, Question(name, word.label, _grouped(tried))))
    return min(found, key=lambda item: item[:3])[3] if found else None


@frozen
class _Answer:
    """A value to be tried and how it is said; one that stands for a stretch of numbers has the ends of the stretch.

    `low` or `high` is None where the stretch is open; a single value has both alike.
    """

    value: object
    low: str | None
    high: str | None
    ordered: bool = True


def _is_missing(word: Word, view: View, mentioned: Iterable[object]) -> bool:
    """Whether nobody knows the fact; an amount in a currency of which the policy says nothing is not known to it either."""
    try:
        value = word.read(view)
    except FactError:
        return False  # no rule has asked for it yet, and it is not missing but wrong
    if isinstance(value, Money):
        return value.currency not in {each.currency for each in mentioned if isinstance(each, Money)}
    return value is None


def _tried(rules: tiers.Rules, scores: Scores, word: Word, answers: Iterable[_Answer]) -> Iterator[tuple[_Answer, int, Outcome]]:
    """Every answer that can be noted, with the number of its tier and what it leads to."""
    lines = dict.fromkeys(line.score for _, several in rules.tiers for line in several)
    for answer in answers:
        try:
            lead = with_fact(scores.lead, scores.rules.words, word.name, answer.value)
            after = scoring.assess(scores.rules, lead, at=scores.at)
        except FactError:
            continue  # no such value is possible: fewer than no employees, a grade of 4
        placement = tiers.placed(rules, after)
        yield answer, placement.number, Outcome((), placement.tier, tuple((score, after.points(score)) for score in lines))


def _grouped(tried: Iterable[tuple[_Answer, int, Outcome]]) -> tuple[Outcome, ...]:
    """Answers that lead to the same, together; the best first. Numbers that follow one another are said as a stretch."""
    groups: dict[tuple[int, Outcome], list[list[_Answer]]] = {}
    last: tuple[int, Outcome] | None = None
    for answer, number, outcome in tried:
        runs = groups.setdefault((number, outcome), [])
        if last == (number, outcome) and answer.ordered:
            runs[-1].append(answer)
        else:
            runs.append([answer])
        last = number, outcome
    best_first = sorted(groups.items(), key=lambda group: (group[0][0], -sum((points for _, points in group[0][1].points), Fraction())))
    return tuple(Outcome(tuple(map(_said, runs)), outcome.tier, outcome.points) for (_, outcome), runs in best_first)


def _said(run: Sequence[_Answer]) -> str:
    """A stretch of answers in words."""
    low, high = run[0].low, run[-1].high
    if low is None:
        return "any" if high is None else f"{high} or less"
    return f"{low} or more" if high is None else low if low == high else f"{low} to {high}"


def _answers(word: Word, mentioned: Sequence[object], unknown: frozenset[str]) -> list[_Answer]:
    """The answers that the policy tells apart, in the order of the policy; numbers in ascending order."""
    listed = [*dict.fromkeys(mentioned)]
    texts = [value for value in listed if isinstance(value, str)]
    choice = sorted(word.values - unknown)
    match word.kind:
        case "boolean":
            return [_answer(value, said) for value, said in ((True, "yes"), (False, "no"))]
        case "text":
            if choice and len(choice) <= _MOST_SETS:
                return [_answer(value, value) for value in choice]
            spare = next((value for value in choice if value not in texts), _unlike(texts))
            return [*(_answer(value, value.strip()) for value in texts), _answer(spare, "anything else")]
        case "texts":
            several = [frozenset(texts[:size]) for size in range(len(texts), 1, -1)]
            sets = [*several, *(frozenset({value}) for value in texts), frozenset[str]()]
            return [_answer(value, " + ".join(sorted(value)) or "none") for value in sets]
        case "integer":
            return _stretches([value for value in listed if isinstance(value, int)], lambda number: (number, str(number)))
        case "decimal":
            numbers = [Fraction(value) for value in listed if isinstance(value, int | Fraction)]
            places = next((some for some in range(2, _MOST_PLACES) if all((10**some * number).denominator == 1 for number in numbers)), 2)
            ends = (end(number * 10**places) for number in numbers for end in (math.floor, math.ceil))
            return _stretches(ends, _decimal(places))
        case "money":
            amounts = [value for value in listed if isinstance(value, Money)]
            return [
                answer
                for currency in dict.fromkeys(amount.currency for amount in amounts) or ["EUR"]
                for answer in _stretches([amount.minor for amount in amounts if amount.currency == currency], _amount(currency))
            ]
        case _:
            return _stretches([(value - EARLIEST) // _TICK for value in listed if isinstance(value, datetime)], _instant)


def _answer(value: object, said: str) -> _Answer:
    return _Answer(value, said, said, ordered=False)


def _unlike(texts: Iterable[str]) -> str:
    """A text of which no part stands in any of these."""
    letters = frozenset().union(*texts)
    return next(letter for letter in map(chr, range(ord("!"), 0x110000)) if letter not in letters)


def _stretches(ends: Iterable[int], said: Callable[[int], tuple[object, str]]) -> list[_Answer]:
    """Every end, and one number for each stretch before, between and after them; any number where there are none."""
    ordered = sorted(set(ends))
    if not ordered:
        return [_Answer(said(1)[0], None, None, ordered=False)]
    below, text = said(ordered[0] - 1)
    answers = [_Answer(below, None, text, ordered=False)]
    for end, following in zip(ordered, [*ordered[1:], None], strict=True):
        value, text = said(end)
        answers.append(_Answer(value, text, text))
        if following is None or following - end > 1:
            value, text = said(end + 1)
            answers.append(_Answer(value, text, None if following is None else said(following - 1)[1]))
    return answers


def _decimal(places: int) -> Callable[[int], tuple[Decimal, str]]:
    return lambda number: (Decimal(f"{number}e-{places}"), decimal_text(Fraction(number, 10**places), places))


def _amount(currency: str) -> Callable[[int], tuple[Money, str]]:
    return lambda minor: (Money(minor, currency), str(Money(minor, currency)))


_TICK = timedelta(microseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - EARLIEST) // _TICK


def _instant(ticks: int) -> tuple[datetime, str]:
    at = EARLIEST + min(max(ticks, 0), _LAST) * _TICK
    return at, str(plain(at))


# ---------------------------------------------------------------------------------------------- what the policy mentions


def _mentioned(rules: tiers.Rules, scores: Scores) -> dict[str, list[object]]:
    """The facts that the rules of scoring and the floors ask for, each with the values that it is compared with."""
    found: dict[str, list[object]] = {}
    for name, value in _mentions(rules, scores):
        values = found.setdefault(name, [])
        if value is not None:
            values.append(value)
    words = scores.rules.words
    return {
        name: [value for value in values if not isinstance(value, str) or value not in words.unknown_values(name)]
        for name, values in found.items()
        if name not in words.derived
    }


def _mentions(rules: tiers.Rules, scores: Scores) -> Iterator[tuple[str, object]]:
    words, document = scores.rules.words, scores.rules.document

    def made(fact: str, values: Iterable[Scalar | None]) -> Iterator[tuple[str, object]]:
        return ((fact, None if value is None else constant(words.word(fact), value)) for value in values)

    for criterion in document.criteria:
        match criterion.grader:
            case Bands(fact=fact, rows=bands):
                yield from made(fact, (end for band in bands for end in (band.at_least, band.at_most)))
            case Lookup(fact=fact, rows=lists):
                yield from made(fact, (value for row in lists for value in row.values))
            case Overlap(fact=fact, values=members):
                yield from made(fact, members)
            case Given(fact=fact):
                yield from made(fact, ALL_GRADES)
            case Cases(rows=cases):
                for case in cases:
                    yield from _compared(case.when, scores.at, made)
            case _:
                pass
    for matrix in document.matrices:
        yield from made("product", matrix.products)
        if matrix.when is not None:
            yield from _compared(matrix.when, scores.at, made)
        if isinstance(matrix, Points):
            for row in matrix.rows:
                yield from _compared(row.when, scores.at, made)
    for floor in rules.floors:
        if floor.document.enabled:
            yield from _compared(floor.document.when, scores.at, made)


def _compared(
    condition: AnyCondition, at: datetime, made: Callable[[str, Iterable[Scalar | None]], Iterator[tuple[str, object]]]
) -> Iterator[tuple[str, object]]:
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for part in of:
                yield from _compared(part, at, made)
        case Not(of=inner):
            yield from _compared(inner, at, made)
        case Compare(fact=fact, value=value) | Words(fact=fact, value=value):
            yield from made(fact, [value])
        case Between(fact=fact, low=low, high=high):
            yield from made(fact, [low, high])
        case OneOf(fact=fact, values=values):
            yield from made(fact, values)
        case Known(fact=fact):
            yield from made(fact, [None])
        case Elapsed(fact=fact, days=days):
            yield from ((fact, look_back(at, days)), (fact, at))
        case _:
            pass
