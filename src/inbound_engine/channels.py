"""Which channel did a visit come through?

An ordered list of rules about source, medium and campaign: the first that matches names the channel, and what no rule takes is
called otherwise. The shipped table is the published default list of Google Analytics 4; a seller's own is policy data of the same
form. Tests that several rules ask ("is it paid?") are terms with a name, and sources that are of one kind are a category.

Values are compared by their key, so that `CPC` and `cpc` are one medium (AD-28); with `compare = "raw"` letter for letter, as the
published rules are written. There are no regular expressions: what a policy asks takes a time that grows with the text alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.spelling import folded

__all__ = [
    "Among",
    "AnyTest",
    "Category",
    "ChannelRule",
    "ChannelsDocument",
    "Clause",
    "Contains",
    "EndsWith",
    "Is",
    "Rules",
    "StartsWith",
    "Term",
    "Terms",
    "channel",
    "classify",
    "compile",
    "shadowed",
]

VisitField: TypeAlias = Literal["source", "medium", "campaign"]
Visit: TypeAlias = tuple[str, str, str]

_FIELDS: Final = ("source", "medium", "campaign")


# ------------------------------------------------------------------------------------------------------------ documents


class Is(Document):
    """The field is one of the values; "" is a field that is not set."""

    op: Literal["is"]
    field: VisitField
    values: Rows[Label] = Field(min_length=1)


class Contains(Document):
    """The field contains one of the values; with `not_after`, only where none of those letters stands before it.

    `shop` not after `abcdfghijklmnopqrstuvwxyz` is found in "shop-now" and "eshop", and not in "workshop".
    """

    op: Literal["contains"]
    field: VisitField
    values: Rows[Label] = Field(min_length=1)
    not_after: Label = ""


class StartsWith(Document):
    """The field starts with one of the values."""

    op: Literal["starts_with"]
    field: VisitField
    values: Rows[Label] = Field(min_length=1)


class EndsWith(Document):
    """The field ends with one of the values."""

    op: Literal["ends_with"]
    field: VisitField
    values: Rows[Label] = Field(min_length=1)


class Among(Document):
    """The source is one of a category."""

    op: Literal["among"]
    category: Id


class Term(Document):
    """A term of the policy holds."""

    op: Literal["term"]
    term: Id


AnyTest: TypeAlias = Annotated[Is | Contains | StartsWith | EndsWith | Among | Term, Field(discriminator="op")]


class Clause(Document):
    """Tests that all hold."""

    all: Rows[AnyTest] = Field(min_length=1)


class Category(Document):
    """Sources of one kind."""

    id: Id
    sources: Rows[Label] = Field(min_length=1)
    source: Label = ""


class Terms(Document):
    """A test with a name: one of its clauses holds. It may name terms that stand before it."""

    id: Id
    any: Rows[Clause] = Field(min_length=1)
    source: Label = ""


class ChannelRule(Document):
    """Visits of which one clause holds come through that channel."""

    id: Id
    channel: Label = Field(min_length=1)
    any: Rows[Clause] = Field(min_length=1)
    source: Label = ""


class ChannelsDocument(Document):
    """The rules in their order, what they name, and what a visit is called that none of them takes."""

    rules: UniqueRows[ChannelRule] = ()
    terms: UniqueRows[Terms] = ()
    categories: UniqueRows[Category] = ()
    otherwise: Label = Field(default="Unassigned", min_length=1)
    compare: Literal["key", "raw"] = "key"
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "ChannelsDocument":
        categories, terms, fold = [row.id for row in self.categories], [row.id for row in self.terms], _fold(self)
        problems: list[Problem] = []
        for number, term in enumerate(self.terms):
            problems += _unknown(term.any, f"terms[{term.id}]", categories, terms[:number], fold)
        for rule in self.rules:
            problems += _unknown(rule.any, f"rules[{rule.id}]", categories, terms, fold)
        refuse(problems)
        return self


def _unknown(
    clauses: Sequence[Clause], path: str, categories: Sequence[str], terms: Sequence[str], fold: Callable[[str], str]
) -> Iterator[Problem]:
    """The categories and terms that the clauses name and that are not there, or not yet; and values that mean another thing or all."""
    for number, clause in enumerate(clauses):
        for place, test in enumerate(clause.all):
            where = f"{path}.any[{number}].all[{place}]"
            match test:
                case Among(category=name) if name not in categories:
                    close = nearest(name, categories)
                    hint = f'Did you mean "{close}"?' if close else "Add it to categories."
                    yield Problem(f"{where}.category", shown(name), one_of(categories), hint)
                case Term(term=name) if name not in terms:
                    close = nearest(name, terms)
                    hint = f'Did you mean "{close}"?' if close else "A term names terms that stand before it."
                    yield Problem(f"{where}.term", shown(name), one_of(terms), hint)
                case Contains(values=values) | StartsWith(values=values) | EndsWith(values=values) if "" in map(fold, values):
                    blank = next(value for value in values if not fold(value))
                    hint = 'Every text has it. For a field that is not set, write op = "is".'
                    yield Problem(f"{where}.values", shown(blank), "letters", hint)
                case Is(values=values) if blanks := [value for value in values if value and not fold(value)]:
                    yield Problem(f"{where}.values", shown(blanks[0]), "letters", 'For a field that is not set, write "".')
                case _:
                    pass


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Asked:
    """A test ready to be asked: what it does, of which field, with which values."""

    op: str
    field: int
    values: frozenset[str]
    ends: tuple[str, ...]
    not_after: frozenset[str]
    clauses: "Clauses"

    def holds(self, visit: Visit) -> bool:
        """Whether it holds for source, medium and campaign."""
        text = visit[self.field]
        match self.op:
            case "is":
                return text in self.values
            case "starts_with":
                return text.startswith(self.ends)
            case "ends_with":
                return text.endswith(self.ends)
            case "contains":
                return any(_contains(text, value, self.not_after) for value in self.ends)
            case _:
                return _any(self.clauses, visit)


Clauses: TypeAlias = tuple[tuple[Asked, ...], ...]


@frozen(eq=False)
class Rules:
    """The rules of a policy, compiled."""

    document: ChannelsDocument
    rows: tuple[tuple[ChannelRule, Clauses], ...]


def compile(document: ChannelsDocument) -> Rules:
    """The rules made ready."""
    fold = _fold(document)
    categories = {row.id: frozenset(map(fold, row.sources)) for row in document.categories}
    terms: dict[str, Clauses] = {}
    for term in document.terms:
        terms[term.id] = _clauses(term.any, document, categories, terms)
    return Rules(document, tuple((rule, _clauses(rule.any, document, categories, terms)) for rule in document.rules))


def _clauses(
    clauses: Sequence[Clause], document: ChannelsDocument, categories: Mapping[str, frozenset[str]], terms: Mapping[str, Clauses]
) -> Clauses:
    return tuple(tuple(_asked(test, document, categories, terms) for test in clause.all) for clause in clauses)


def _asked(test: AnyTest, document: ChannelsDocument, categories: Mapping[str, frozenset[str]], terms: Mapping[str, Clauses]) -> Asked:
    fold = _fold(document)
    match test:
        case Among(category=name):
            return Asked("is", 0, categories[name], (), frozenset(), ())
        case Term(term=name):
            return Asked("term", 0, frozenset(), (), frozenset(), terms[name])
        case _:
            values = tuple(map(fold, test.values))
            not_after = (
                frozenset(test.not_after if document.compare == "raw" else test.not_after.casefold())
                if isinstance(test, Contains)
                else frozenset()
            )
            return Asked(test.op, _FIELDS.index(test.field), frozenset(values), values, not_after, ())


# ------------------------------------------------------------------------------------------------------------ functions


def classify(rules: Rules, *, source: str | None = None, medium: str | None = None, campaign: str | None = None) -> Decision[str]:
    """The channel of the first rule that matches, with every rule that was asked.

    None and "" are a field that is not set. Where no rule matches, the channel is the policy's `otherwise`.

    >>> from inbound_engine.policy import Policy
    >>> found = classify(compile(Policy().channels), source="google", medium="cpc")
    >>> found.value, found.because[-1].rule
    ('Paid Search', 'channels.rules[paid_search]')
    """
    visit = _visit(rules, source, medium, campaign)
    seen = tuple(Seen(name, value) for name, value in zip(_FIELDS, (source, medium, campaign), strict=True))
    said: list[Reason] = []
    for rule, clauses in rules.rows:
        path = f"channels.rules[{rule.id}]"
        if _any(clauses, visit):
            return Decision(rule.channel, (*said, Reason(Code.MATCHED, path, seen)))
        said.append(Reason(Code.FAILED, path))
    return Decision(rules.document.otherwise, (*said, Reason(Code.MATCHED, "channels.otherwise", seen)))


def channel(rules: Rules, *, source: str | None = None, medium: str | None = None, campaign: str | None = None) -> str:
    """The same channel without its reasons, for many visits.

    >>> from inbound_engine.policy import Policy
    >>> channel(compile(Policy().channels), source="LinkedIn")
    'Organic Social'
    """
    visit = _visit(rules, source, medium, campaign)
    return next((rule.channel for rule, clauses in rules.rows if _any(clauses, visit)), rules.document.otherwise)


def shadowed(document: ChannelsDocument) -> Iterator[tuple[str, str]]:
    """The rules that never speak because an earlier one asks less: pairs of their id and the earlier one's.

    Only what can be shown is told: each of its clauses has all the tests of a clause of the earlier rule.

    >>> paid = {"op": "is", "field": "medium", "values": ["cpc"]}
    >>> search = {"op": "is", "field": "source", "values": ["google"]}
    >>> document = ChannelsDocument(rules=[
    ...     {"id": "paid", "channel": "Paid", "any": [{"all": [paid]}]},
    ...     {"id": "paid_search", "channel": "Paid Search", "any": [{"all": [search, paid]}]}])
    >>> list(shadowed(document))
    [('paid_search', 'paid')]
    """
    for number, rule in enumerate(document.rules):
        for earlier in document.rules[:number]:
            if all(any(all(test in clause.all for test in less.all) for less in earlier.any) for clause in rule.any):
                yield rule.id, earlier.id
                break


def _visit(rules: Rules, source: str | None, medium: str | None, campaign: str | None) -> Visit:
    fold = _fold(rules.document)
    for name, value in zip(_FIELDS, (source, medium, campaign), strict=True):
        if value is not None and not isinstance(value, str):
            raise FactError(f"visit.{name}", shown(value), "text, or None")
    return fold(source or ""), fold(medium or ""), fold(campaign or "")


def _any(clauses: Clauses, visit: Visit) -> bool:
    """Whether one clause holds. Loops: generators take twice the time, for every rule of every visit."""
    for clause in clauses:
        for test in clause:
            if not test.holds(visit):
                break
        else:
            return True
    return False


def _contains(text: str, value: str, not_after: frozenset[str]) -> bool:
    place = text.find(value)
    while place >= 0:
        if not place or text[place - 1] not in not_after:
            return True
        place = text.find(value, place + 1)
    return False


def _fold(document: ChannelsDocument) -> Callable[[str], str]:
    """How values are compared: by their key, or as they are."""
    return folded if document.compare == "key" else str
