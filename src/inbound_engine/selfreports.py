"""What do people say brought them, and what does the software say?

"How did you hear about us?" is asked on forms and on first calls (AT-5). Every answer is kept as it was given, with where; an ordered
list of rules says which class it belongs to, by whole words without case. Blanks and placeholders ("Select", "n/a") are unusable and
say nothing: in real data they are most of all answers.

The classes are set beside what the software credits, deal by deal: the matrix, the rate of agreement among deals of which both are
known, and the dark funnel: the revenue that people say came by a channel that no software sees, and that the software puts down to
direct visits or to search. Answers never change credit; `blend` makes a view of its own with an explicit weight (AD-27).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, TypeAlias

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.attribution import Credit
from inbound_engine.decisions import Code, Decision, Reason, Seen, html_table
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, each_of, of_type, one_of, shown
from inbound_engine.journeys import Total
from inbound_engine.money import Money, allot
from inbound_engine.proportions import Rate, percent
from inbound_engine.spans import instant
from inbound_engine.weighing import NOBODY

__all__ = [
    "NONE",
    "UNCLASSIFIED",
    "UNUSABLE",
    "Answer",
    "AnswerRule",
    "Blended",
    "Cell",
    "Compared",
    "Matrix",
    "Rules",
    "SelfReportsDocument",
    "SoftwareRule",
    "blend",
    "classify",
    "compare",
    "compile",
    "matrix",
]

UNUSABLE = "unusable"
"""The class of answers that say nothing."""
UNCLASSIFIED = "unclassified"
"""The class of answers, and of channels, that no rule knows."""
NONE = "none"
"""The class, on the side of the software, of a deal that no touch has earned."""

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]

_WORD = re.compile(r"[^\W_]+")
_ALL = 100  # percent


# ------------------------------------------------------------------------------------------------------------ documents


class AnswerRule(Document):
    """Answers that are one of `equals`, or contain the words of one of `contains`, are of the class `means`.

    Both are compared without case, punctuation and extra white space, and whole words with whole words: "search" is not in "research".
    """

    id: Id
    means: Id
    equals: Rows[Text] = ()
    contains: Rows[Text] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "AnswerRule":
        problems = []
        if not self.equals and not self.contains:
            problems.append(Problem("contains", "nothing", "equals or contains", "The rule would never speak."))
        for number, text in enumerate(self.contains):
            if not _words(text):
                problems.append(Problem(f"contains[{number}]", shown(text), "at least one word"))
        refuse(problems)
        return self


class SoftwareRule(Document):
    """What the software calls one of `channels` is of the class `means`."""

    id: Id
    means: Id
    channels: Rows[Text] = Field(min_length=1)
    source: Label = ""


class SelfReportsDocument(Document):
    """The ordered rules of both sides; which classes no software sees, and behind which of its own classes they hide (AD-27).

    `places` says whose answer counts where a deal has several that are usable: the earlier place, and in one place the earlier answer.
    `blend_percent` is what the answer weighs in a blend, and 0 where nobody asked for one.
    """

    rules: UniqueRows[AnswerRule] = ()
    software: UniqueRows[SoftwareRule] = ()
    dark: Rows[Id] = ()
    hidden_behind: Rows[Id] = ()
    places: Rows[Id] = ("call", "form")
    blend_percent: Annotated[Exact, Field(ge=0, le=100)] = Fraction(0)
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "SelfReportsDocument":
        held: dict[str, str] = {}
        problems = []
        for row in self.software:
            for channel in row.channels:
                if held.setdefault(_plain(channel), row.id) != row.id:
                    saw = f"{shown(channel)}, which {held[_plain(channel)]} has too"
                    problems.append(Problem(f"software[{row.id}].channels", saw, "a channel in one rule", "Remove it from one of them."))
        said, seen = {rule.means for rule in self.rules}, {*(row.means for row in self.software), NONE}
        for group, names, known in (("dark", self.dark, said), ("hidden_behind", self.hidden_behind, seen)):
            for number, name in enumerate(names):
                if name not in known:
                    problems.append(Problem(f"{group}[{number}]", shown(name), one_of(known), "Add a rule that means it."))
        refuse(problems)
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen(kw_only=True)
class Answer:
    """What somebody said brought them, as it was given: of which deal, where ("form", "call") and when. The text is personal.

    >>> Answer(opportunity_id="D-1", text="a podcast", where="form")
    Answer(opportunity_id='D-1', where='form', at=None)
    """

    opportunity_id: str
    text: str | None = field(repr=False, metadata={"personal": True})
    where: str
    at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Checks the texts, and moves the instant to UTC."""
        for name in ("opportunity_id", "where"):
            of_type(getattr(self, name), str, f"answer.{name}")
        if self.text is not None:
            of_type(self.text, str, "answer.text")
        if self.at is not None:
            object.__setattr__(self, "at", instant(self.at, "answer.at"))


@frozen
class Compared:
    """A deal, what its people say and what the software says, as classes; `answers` are all that were given, `rule` spoke for them."""

    opportunity: str
    total: Total
    amount: Money
    said: str
    rule: str
    software: str
    answers: tuple[Answer, ...]


@frozen
class Cell:
    """How many deals, and how much, people say are of one class and the software of another."""

    said: str
    software: str
    deals: int
    amount: Money


@frozen
class Matrix:
    """What people say against what the software says, over deals of one total and currency.

    `agreement` counts, among the deals of which both sides name a class, those of which it is the same one. `dark` is what people put
    down to a channel that no software sees and the software to what hides it; `answered` is the amount with a usable answer, `whole`
    all of it, and `sourceless` what the software puts down to what hides a source, whatever people say.
    """

    cells: tuple[Cell, ...]
    agreement: Rate
    usable: Rate
    dark: Money
    answered: Money
    sourceless: Money
    whole: Money

    @property
    def dark_share(self) -> Fraction | None:
        """The dark part of what has a usable answer; None where nothing has."""
        return Fraction(self.dark.minor, self.answered.minor) if self.answered.minor else None

    @property
    def sourceless_share(self) -> Fraction | None:
        """The part of everything of which the software knows no source; None where there is nothing."""
        return Fraction(self.sourceless.minor, self.whole.minor) if self.whole.minor else None

    def cell(self, said: str, software: str) -> Cell:
        """The cell of two classes; an empty one where no deal is in it."""
        found = next((cell for cell in self.cells if (cell.said, cell.software) == (said, software)), None)
        return Cell(said, software, 0, Money(0, self.whole.currency)) if found is None else found

    def _grid(self) -> tuple[list[str], list[list[str]]]:
        columns = list(dict.fromkeys(sorted(cell.software for cell in self.cells)))
        rows = dict.fromkeys(sorted(cell.said for cell in self.cells))
        return ["said", *columns], [[said, *(str(self.cell(said, name).deals) for name in columns)] for said in rows]

    def __str__(self) -> str:
        """The deals as a Markdown table, and the rate of agreement."""
        header, rows = self._grid()
        lines = [header, ["---", *("--:" for _ in header[1:])], *rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{table}\n\nAgreement: {self.agreement}, {percent(self.agreement)}. Dark: {self.dark} of {self.answered}."

    def _repr_html_(self) -> str:
        """The same table, for notebooks."""
        return html_table("deals by what people say and what the software says", *self._grid())


@frozen
class Blended:
    """A part of a deal in a blend: what people say (`self_reported`), or a channel of the software's; amounts add up to the deal."""

    origin: str
    key: str | None
    amount: Money


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """Self-reports of a policy, compiled: whole answers, then words, each in the order of the rules."""

    document: SelfReportsDocument
    rows: tuple[tuple[AnswerRule, frozenset[str], tuple[str, ...]], ...]
    software: Mapping[str, str]


def compile(document: SelfReportsDocument) -> Rules:
    """The self-reports made ready.

    >>> compile(SelfReportsDocument(software=[{"id": "search", "means": "search", "channels": ["Google"]}])).software
    {'google': 'search'}
    """
    rows = tuple((row, frozenset(map(_plain, row.equals)), tuple(map(_words, row.contains))) for row in document.rules)
    return Rules(document, rows, {_plain(channel): row.means for row in document.software for channel in row.channels})


# ------------------------------------------------------------------------------------------------------------ functions


def classify(rules: Rules, text: str | None) -> Decision[str]:
    """The class of an answer: that of the first rule that knows it, with the path of that rule.

    A blank is `UNUSABLE`, and an answer that no rule knows is `UNCLASSIFIED`.

    >>> podcast = AnswerRule(id="podcast", means="podcast", contains=["podcast"])
    >>> rules = compile(SelfReportsDocument(rules=[podcast]))
    >>> [classify(rules, text).value for text in ("Your PODCAST, I think", "podcasters", " - ", None)]
    ['podcast', 'unclassified', 'unusable', 'unusable']
    """
    seen = Seen("text", text, personal=True)
    if text is None or not _words(of_type(text, str, "text")):
        return Decision(UNUSABLE, (Reason(Code.MISSING, "self_reports", (seen,)),))
    whole, padded = _plain(text), _words(text)
    for row, equals, contains in rules.rows:
        if whole in equals or any(words in padded for words in contains):
            return Decision(row.means, (Reason(Code.MATCHED, f"self_reports.rules[{row.id}]", (seen,)),))
    return Decision(UNCLASSIFIED, (Reason(Code.UNKNOWN, "self_reports.rules", (seen,)),))


def compare(rules: Rules, credited: Iterable[Credit], answers: Iterable[Answer]) -> tuple[Compared, ...]:
    """What people say beside what the software says, deal by deal in the order of the credits.

    The software says the class of the channel with the largest share under the model of the credits, whatever the amount, between
    equals the earlier touch. A deal without an answer is unusable; an answer of no deal is left alone. A deal that stands twice is a
    `FactError`: compare one model.

    >>> compare(compile(SelfReportsDocument()), [], [])
    ()
    """
    given: dict[str, list[Answer]] = {}
    for answer in each_of(answers, Answer, "answers"):
        given.setdefault(answer.opportunity_id, []).append(answer)
    found: dict[str, Compared] = {}
    for one in each_of(credited, Credit, "credits"):
        deal = one.opportunity
        if deal.id in found:
            raise FactError("credits", f"{shown(deal.id)} twice", "each deal once", "Compare under one model.")
        own = tuple(sorted(given.get(deal.id, ()), key=lambda answer: _rank(rules, answer)))
        read = [(classify(rules, answer.text), answer) for answer in own]
        said = next((decision for decision, _ in read if decision.value != UNUSABLE), None)
        rule = "self_reports" if said is None else said.because[0].rule
        found[deal.id] = Compared(
            opportunity=deal.id,
            total=one.total,
            amount=one.amount,
            said=UNUSABLE if said is None else said.value,
            rule=rule,
            software=_software(rules, one),
            answers=own,
        )
    return tuple(found.values())


def matrix(rules: Rules, deals: Iterable[Compared], total: Total = "revenue") -> Matrix | None:
    """What people say against what the software says, over the deals of one total; None of no deals.

    Two currencies are a `FactError` (AD-20).

    >>> matrix(compile(SelfReportsDocument()), []) is None
    True
    """
    counted = [deal for deal in each_of(deals, Compared, "deals") if deal.total == total]
    if not counted:
        return None
    currency = counted[0].amount.currency
    if odd := next((deal for deal in counted if deal.amount.currency != currency), None):
        hint = "Pass an exchange table to credit."
        raise FactError(f"deals[{odd.opportunity}]", f"{currency} and {odd.amount.currency}", "one currency", hint)
    counts: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for deal in counted:
        counts[deal.said, deal.software] += 1
        sums[deal.said, deal.software] += deal.amount.minor
    dark, hiding = rules.document.dark, rules.document.hidden_behind
    unnamed = {UNUSABLE, UNCLASSIFIED, NONE}
    named = [deal for deal in counted if not {deal.said, deal.software} & unnamed]
    usable = [deal for deal in counted if deal.said != UNUSABLE]

    def amount(minor: Iterable[int]) -> Money:
        return Money(sum(minor), currency)

    return Matrix(
        cells=tuple(Cell(*key, counts[key], Money(sums[key], currency)) for key in sorted(counts)),
        agreement=Rate(sum(deal.said == deal.software for deal in named), len(named)),
        usable=Rate(len(usable), len(counted)),
        dark=amount(deal.amount.minor for deal in usable if deal.said in dark and deal.software in hiding),
        answered=amount(deal.amount.minor for deal in usable),
        sourceless=amount(deal.amount.minor for deal in counted if deal.software in hiding or deal.software == NONE),
        whole=amount(deal.amount.minor for deal in counted),
    )


def blend(rules: Rules, credit: Credit, said: str) -> tuple[Blended, ...]:
    """The deal shared between what people say and the lines of the credit, exactly; of an unusable or unclassified answer, the lines alone.

    The answer weighs `blend_percent`. The credit stays what it is.
    """
    of_type(credit, Credit, "credit")
    weight = Fraction(0) if of_type(said, str, "said") in {UNUSABLE, UNCLASSIFIED} else rules.document.blend_percent / _ALL
    one, all_of_it = weight.numerator, weight.denominator
    parts = [credit.whole * one, *(each * (all_of_it - one) for each in credit.weights)]
    minor = allot(credit.amount.minor, parts, credit.whole * all_of_it)
    currency, touches = credit.amount.currency, credit.journey.touches
    blended = [Blended("self_reported", said, Money(minor[0], currency))] if weight else []
    sums: dict[str | None, int] = {}
    for place, units in zip(credit.places, minor[1:], strict=True) if weight != 1 else ():
        key = None if place == NOBODY else touches[place].channel
        sums[key] = sums.get(key, 0) + units
    blended += (Blended("software", key, Money(units, currency)) for key, units in sums.items())
    return tuple(blended)


# -------------------------------------------------------------------------------------------------------------- details


def _plain(text: str) -> str:
    """Without case and extra white space."""
    return " ".join(text.casefold().split())


def _words(text: str) -> str:
    """The words, each between two spaces, so that whole words are found in whole words; nothing where there are none."""
    words = " ".join(_WORD.findall(text.casefold()))
    return f" {words} " if words else ""


def _rank(rules: Rules, answer: Answer) -> tuple[int, bool, str, str]:
    places = rules.document.places
    place = places.index(answer.where) if answer.where in places else len(places)
    return place, answer.at is None, "" if answer.at is None else answer.at.isoformat(), answer.text or ""


def _software(rules: Rules, one: Credit) -> str:
    sums: dict[str | None, int] = {}
    for place, weight in zip(one.places, one.weights, strict=True):
        if place != NOBODY:
            channel = one.journey.touches[place].channel
            sums[channel] = sums.get(channel, 0) + weight
    if not sums:
        return NONE
    channel = max(sums, key=sums.__getitem__)  # the first of equals, and so the earlier
    return UNCLASSIFIED if channel is None else rules.software.get(_plain(channel), UNCLASSIFIED)
