"""What would change the answer?

Three readings of one assessment. The best and the worst tier that missing facts still allow (FD-6). How far the next tier is:
how many points are short, and the smallest sets of changes that would reach it (TI-5). And the one missing fact most worth
asking for: the answer that could still change the tier, with every possible outcome.

Nothing here is estimated: every change and every answer is tried, through the same rules that made the assessment.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice, product

from attrs import frozen

from inbound_engine import scoring, tiers
from inbound_engine.conditions import (
    AllOf,
    AnyCondition,
    AnyOf,
    Between,
    Compare,
    Not,
    OneOf,
    Words,
    constant,
)
from inbound_engine.decisions import decimal_text, plain
from inbound_engine.facts import Lead
from inbound_engine.graders import HIGHEST, Bands, Cases, Given, Lookup, Overlap
from inbound_engine.money import Money
from inbound_engine.scoring import Graded, Points, Scores
from inbound_engine.tiers import Placement
from inbound_engine.vocabulary import Word, can_be_asked, with_fact

__all__ = ["Distance", "Outcome", "Question", "Raise", "Shortfall", "distance", "extremes", "most_worth_asking"]

_MOST_TRIES = 20_000
_MOST_SETS = 12


@frozen
class Shortfall:
    """A score that is short of a tier, and by how many points."""

    score: str
    points: Fraction
    at_least: Fraction

    @property
    def short(self) -> Fraction:
        """The points that are missing; zero or less where the line is reached."""
        return self.at_least - self.points


@frozen
class Raise:
    """One change: a criterion raised from a grade to another (None is unknown), or a row of points that turns.

    For rows of points `to` is 1 for "comes true" and 0 for "stops being true".
    """

    score: str
    id: str
    label: str
    before: int | None
    to: int
    to_label: str

    def __str__(self) -> str:
        """The change in words."""
        return f"{self.label} to {self.to_label}"


@frozen
class Distance:
    """How far the next tier is: what is short, and the smallest sets of changes that would reach it.

    Smallest means the fewest changes, then the fewest grade steps; ties are all given, in document order, at most twelve.
    `changes` is empty where no change of grades or rows can reach the tier.
    """

    tier: str
    shortfalls: tuple[Shortfall, ...]
    changes: tuple[tuple[Raise, ...], ...]


@frozen
class Outcome:
    """What some answers would lead to."""

    answers: tuple[str, ...]
    tier: str
    points: tuple[tuple[str, Fraction], ...]


@frozen
class Question:
    """The missing fact most worth asking for, and what each answer would lead to, the best outcome first."""

    fact: str
    label: str
    outcomes: tuple[Outcome, ...]


# ------------------------------------------------------------------------------------------------------- best and worst


def extremes(rules: tiers.Rules, scores: Scores, placement: Placement) -> tuple[str, str]:
    """The best and the worst tier that missing facts still allow; both the same where nothing can change it."""
    bounds = {line.score: scores.score(line.score) for _, lines in rules.tiers for line in lines}
    highs = {name: score.high for name, score in bounds.items()}
    lows = {name: score.low for name, score in bounds.items()}
    best, worst = min(_place(rules, highs), placement.number), _place(rules, lows)
    view = tiers.seeing_scores(scores)
    for floor in rules.floors:
        if not floor.document.enabled:
            continue
        answer = floor.rule.test(view)
        if answer is not False and (floor.line is None or highs[floor.line.score] >= floor.line.points):
            best = min(best, floor.number)
        if answer and floor.line is None:
            worst = min(worst, floor.number)
    return rules.names[best], rules.names[max(worst, best)]


def _place(rules: tiers.Rules, points: Mapping[str, Fraction]) -> int:
    return next(
        (number for number, (_, lines) in enumerate(rules.tiers) if all(points[line.score] >= line.points for line in lines)),
        len(rules.tiers),
    )


# ------------------------------------------------------------------------------------------------------------- distance


def distance(rules: tiers.Rules, scores: Scores, placement: Placement) -> Distance | None:
    """How far the tier above is (TI-5); None for a lead in the highest."""
    if placement.number == 0:
        return None
    name, lines = rules.tiers[placement.number - 1]
    shortfalls = tuple(
        Shortfall(line.score, scores.points(line.score), line.points) for line in lines if scores.points(line.score) < line.points
    )
    search = _Search(scores, lines)
    return Distance(name, shortfalls, search.smallest([line.score for line in shortfalls]))


class _Search:
    """Tries changes of grades and rows against the lines of a tier."""

    def __init__(self, scores: Scores, lines: Iterable[tiers.Line]) -> None:
        self.scores, self.lines = scores, tuple(lines)
        self.view = scoring.view_of(scores.rules, scores.lead, scores.at)

    def smallest(self, short: list[str]) -> tuple[tuple[Raise, ...], ...]:
        """The smallest sets of changes that reach every line."""
        levers = list(dict.fromkeys(lever for name in short for lever in self.levers(name)))
        by_id: dict[tuple[str, str], list[Raise]] = {}
        for lever in levers:
            key = ("", lever.id) if lever.before is not None or lever.to > 1 or self._is_criterion(lever) else (lever.score, lever.id)
            by_id.setdefault(key, []).append(lever)
        choices = [sorted(options, key=lambda option: option.to) for options in by_id.values()]
        tries = 0
        for size in range(1, len(choices) + 1):
            found: list[tuple[int, tuple[Raise, ...]]] = []
            for some in combinations(choices, size):
                tries += 1
                if tries > _MOST_TRIES:
                    return ()
                if self.reaches(tuple(options[-1] for options in some)):
                    sets = (tuple(moves) for moves in islice(product(*some), _MOST_TRIES))
                    found += ((_steps(moves), moves) for moves in sets if self.reaches(moves))
            if found:
                fewest = min(steps for steps, _ in found)
                return tuple(moves for steps, moves in found if steps == fewest)[:_MOST_SETS]
        return ()

    def _is_criterion(self, lever: Raise) -> bool:
        return any(criterion.document.id == lever.id for criterion in self.scores.rules.criteria)

    def levers(self, name: str) -> Iterator[Raise]:
        """Every single change that lifts the score."""
        rules = self.scores.rules
        place = rules.place(name)
        if place >= len(rules.scores):
            for part in rules.totals[place - len(rules.scores)][1]:
                yield from self.levers(rules.names[part])
            return
        matrix = rules.scores[place][1][self.scores.sums[place][0]]
        match matrix.document:
            case Graded(weights=weights):
                documents = {criterion.document.id: criterion.document for criterion in rules.criteria}
                places = {criterion.document.id: number for number, criterion in enumerate(rules.criteria)}
                for row in weights:
                    grade, document = self.scores.grades[places[row.criterion]], documents[row.criterion]
                    for to in range((grade or 0) + 1, HIGHEST + 1) if row.weight else ():
                        yield Raise(name, row.criterion, document.label, grade, to, document.grades[to])
            case Points():
                for line in matrix.lines(self.view, self.scores.grades):
                    row = next((row for row in matrix.document.rows if row.id == line.id), None)
                    if row is not None and (row.points > 0) is not (line.points != 0):
                        to = int(row.points > 0)
                        yield Raise(name, row.id, line.label, None, to, "yes" if to else "no")
            case _:
                return

    def reaches(self, moves: tuple[Raise, ...]) -> bool:
        """Whether the lines are all reached once these changes are made."""
        places = {criterion.document.id: number for number, criterion in enumerate(self.scores.rules.criteria)}
        grades = list(self.scores.grades)
        for move in moves:
            if move.id in places:
                grades[places[move.id]] = move.to
        return all(self.after(line.score, grades, moves) >= line.points for line in self.lines)

    def after(self, name: str, grades: list[int | None], moves: tuple[Raise, ...]) -> Fraction:
        """The score once these changes are made."""
        rules = self.scores.rules
        place = rules.place(name)
        if place >= len(rules.scores):
            return sum((self.after(rules.names[part], grades, moves) for part in rules.totals[place - len(rules.scores)][1]), Fraction())
        number, numerator, denominator = self.scores.sums[place]
        matrix = rules.scores[place][1][number]
        match matrix.document:
            case Graded():
                return Fraction(*matrix.sum(self.view, grades))
            case Points(rows=rows, floor=floor, cap=cap):
                turned = {move.id: move.to for move in moves if move.score == name}
                lines = {line.id: line.points != 0 for line in matrix.lines(self.view, self.scores.grades)}
                total = sum(row.points for row in rows if turned.get(row.id, lines[row.id]))
                total = total if floor is None else max(total, floor)
                return Fraction(total if cap is None else min(total, cap))
            case _:
                return Fraction(numerator, denominator)


def _steps(moves: tuple[Raise, ...]) -> int:
    return sum(move.to - (move.before or 0) for move in moves)


# ------------------------------------------------------------------------------------------------------------- question


def most_worth_asking(rules: tiers.Rules, scores: Scores, placement: Placement) -> Question | None:
    """The missing fact whose answer can lift the tier highest, with each possible outcome; None where no single answer changes it.

    Ties go to the fact that moves the most points, then to the name. Answers are those that the policy tells apart: the
    values that its rules list, the ends of its bands, and "anything else".
    """
    found: list[tuple[int, Fraction, str, Question]] = []
    for name in sorted({fact for row in rules.tiers for line in row[1] for fact in scores.score(line.score).missing}):
        if not can_be_asked(scores.rules.words, name):
            continue
        tried = [(_said(value), *_answered(rules, scores, name, value)) for value in _answers(scores, name)]
        if all(placed.tier == placement.tier for _, placed, _ in tried):
            continue
        best = min(placed.number for _, placed, _ in tried)
        sums = [sum((points for _, points in after), Fraction()) for _, _, after in tried]
        label = scores.rules.words.word(name).label
        found.append((best, min(sums) - max(sums), name, Question(name, label, _grouped(tried))))
    return min(found, key=lambda item: item[:3])[3] if found else None


def _answered(rules: tiers.Rules, scores: Scores, name: str, value: object) -> tuple[Placement, tuple[tuple[str, Fraction], ...]]:
    lead: Lead = with_fact(scores.lead, scores.rules.words, name, value)
    after = scoring.assess(scores.rules, lead, at=scores.at)
    lines = dict.fromkeys(line.score for _, several in rules.tiers for line in several)
    return tiers.placed(rules, after), tuple((score, after.points(score)) for score in lines)


def _grouped(tried: list[tuple[str, Placement, tuple[tuple[str, Fraction], ...]]]) -> tuple[Outcome, ...]:
    """Answers that lead to the same, together; the best first."""
    groups: dict[tuple[int, tuple[tuple[str, Fraction], ...]], list[str]] = {}
    for answer, placed, after in tried:
        groups.setdefault((placed.number, after), []).append(answer)
    names = {placed.number: placed.tier for _, placed, _ in tried}
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -sum((points for _, points in item[0][1]), Fraction())))
    return tuple(Outcome(tuple(answers), names[number], after) for (number, after), answers in ordered)


_ELSE = "anything else"


def _said(value: object) -> str:
    match value:
        case frozenset() as members:
            return " + ".join(sorted(members)) or "none"
        case bool():
            return "yes" if value else "no"
        case Fraction() as number:
            return decimal_text(number)
        case _:
            return str(plain(value)) if not isinstance(value, Money) else str(value)


def _answers(scores: Scores, name: str) -> list[object]:
    """The answers that the policy tells apart."""
    word = scores.rules.words.word(name)
    listed: dict[object, None] = {}
    for value in _mentioned(scores, word):
        listed.setdefault(value)
    match word.kind:
        case "boolean":
            return [True, False]
        case "text":
            closed = sorted(word.values) if word.values and len(word.values) <= _MOST_SETS else []
            texts = [value for value in listed if isinstance(value, str) and (not word.values or value in word.values)]
            spare = _ELSE if not word.values else next((value for value in sorted(word.values) if value not in listed), None)
            return list(dict.fromkeys([*texts, *closed, *([spare] if spare else [])]))
        case "texts":
            members = [value for value in listed if isinstance(value, str)]
            return [frozenset(members[:size]) for size in range(len(members), -1, -1)]
        case "integer":
            numbers = {number + step for number in listed if isinstance(number, int) for step in (-1, 0, 1)}
            return sorted((number for number in numbers if number >= 0 or any(isinstance(v, int) and v < 0 for v in listed)), reverse=True)
        case "decimal":
            ends = [Fraction(value) for value in listed if isinstance(value, int | Fraction)]
            around = sorted({end + step for end in ends for step in (Fraction(-1, 100), Fraction(), Fraction(1, 100))}, reverse=True)
            return [Decimal(number.numerator) / Decimal(number.denominator) for number in around]
        case "money":
            amounts = [value for value in listed if isinstance(value, Money)]
            return list(dict.fromkeys(Money(max(0, amount.minor + step), amount.currency) for amount in amounts for step in (1, 0, -1)))
        case _:
            return []


def _mentioned(scores: Scores, word: Word) -> Iterator[object]:
    """The values that rules of scoring compare the fact with."""
    for criterion in scores.rules.document.criteria:
        match criterion.grader:
            case Bands(fact=fact, rows=rows) if fact == word.name:
                yield from (constant(word, end) for row in rows for end in (row.at_least, row.at_most) if end is not None)
            case Lookup(fact=fact, rows=graded) if fact == word.name:
                yield from (value for row in graded for value in row.values)
            case Overlap(fact=fact, values=values) if fact == word.name:
                yield from values
            case Given(fact=fact) if fact == word.name:
                yield from range(1, HIGHEST)
            case Cases(rows=cases):
                for case in cases:
                    yield from _compared(case.when, word)
            case _:
                pass
    for matrix in scores.rules.document.matrices:
        if word.name == "product":
            yield from matrix.products
        if matrix.when is not None:
            yield from _compared(matrix.when, word)
        if isinstance(matrix, Points):
            for points in matrix.rows:
                yield from _compared(points.when, word)


def _compared(condition: AnyCondition, word: Word) -> Iterator[object]:
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for part in of:
                yield from _compared(part, word)
        case Not(of=inner):
            yield from _compared(inner, word)
        case Compare(fact=fact, value=value) if fact == word.name:
            yield constant(word, value)
        case Words(fact=fact, value=letters) if fact == word.name:
            yield letters
        case Between(fact=fact, low=low, high=high) if fact == word.name:
            yield from (constant(word, low), constant(word, high))
        case OneOf(fact=fact, values=values) if fact == word.name:
            yield from (constant(word, value) for value in values)
        case _:
            pass
