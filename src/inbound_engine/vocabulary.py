"""Which facts may a rule name, and of which kind is each?

Every fact has one name: the lead's own (`title`, `lead_type`), its account's (`employees`, `industry`), and those that a
policy declares for a caller's own attributes. `country` and `region` are the lead's where known, else the account's. Scores
and the tier are facts too, for the rules that run after them. A rule that names anything else is refused when the policy
loads, and so is one that compares a fact with a value of another kind.

A raw value may mean unknown ("Select"): the policy says which, and no rule ever sees it. Several sources may have observed
one fact: the policy ranks them (SC-8), and the record itself, where it knows the fact, is believed before all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Annotated, Any, Literal, TypeAlias

import attrs
from attrs import field, frozen
from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from inbound_engine.decisions import plain
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.facts import ACTIVITY_KINDS, COUNTRIES, Account, Extra, ExtraValue, Lead, Observation, email_domain, is_personal
from inbound_engine.money import Money
from inbound_engine.spans import EARLIEST

__all__ = [
    "ActivityKind",
    "CalendarName",
    "CriterionName",
    "DeclaredFact",
    "FactName",
    "FactsDocument",
    "Kind",
    "Precedence",
    "ScoreName",
    "TierName",
    "TouchpointName",
    "UnknownValues",
    "View",
    "Vocabulary",
    "Word",
    "can_be_asked",
    "compile",
    "is_built_in",
    "settled",
    "with_fact",
]

Kind: TypeAlias = Literal["text", "texts", "integer", "decimal", "boolean", "instant", "money"]
Value: TypeAlias = ExtraValue | Fraction
Reader: TypeAlias = Callable[["View"], Value | None]

_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "texts": (frozenset,),
    "integer": (int,),
    "decimal": (Decimal, int),
    "boolean": (bool,),
    "instant": (datetime,),
    "money": (Money,),
}

OUTCOMES: dict[str, Kind] = {"tier": "text", "tier_reason": "text", "mql": "boolean", "mql_clause": "text", "handed_off": "boolean"}
"""What is a fact only once tiers and qualification have spoken."""

NOBODY = Account(id="-")
"""The account of a lead that has none: nothing is known of it."""


# ------------------------------------------------------------------------------------------------------------ documents


def _one_known(path: str, name: str, known: Iterable[str], otherwise: str) -> Iterator[Problem]:
    """A problem where the name is none of those that the policy declares."""
    names = frozenset(known)
    if name not in names:
        close = nearest(name, names)
        yield Problem(path, shown(name), one_of(names), f'Did you mean "{close}"?' if close else otherwise)


def _fact_name(name: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Vocabulary) and (problem := info.context.problem(name, "")):
        refuse([problem])
    return name


def _declared_name(group: str, otherwise: str) -> AfterValidator:
    """Holds a name to the group of names that the policy declares; nothing is held outside a policy."""

    def known(name: str, info: ValidationInfo) -> str:
        names: frozenset[str] | None = getattr(info.context, group, None)
        if names is not None:
            refuse(_one_known("", name, names, otherwise))
        return name

    return AfterValidator(known)


FactName: TypeAlias = Annotated[Id, AfterValidator(_fact_name)]
"""The name of a fact that the policy knows."""
ActivityKind: TypeAlias = Annotated[Id, _declared_name("activity_kinds", "Declare it in facts.activity_kinds.")]
"""A kind of activity that the policy knows."""
TouchpointName: TypeAlias = Annotated[Id, _declared_name("touchpoints", "Add it to touchpoints.")]
"""The id of a row of the touchpoint catalogue."""
CriterionName: TypeAlias = Annotated[Id, _declared_name("criteria", "Add it to scoring.criteria.")]
"""The id of a criterion."""
ScoreName: TypeAlias = Annotated[Id, _declared_name("scores", "Add a matrix for it to scoring.matrices.")]
"""The name of a score."""
TierName: TypeAlias = Annotated[Id, _declared_name("tiers", "Add it to tiers.rows.")]
"""The id of a tier."""
CalendarName: TypeAlias = Annotated[Id, _declared_name("calendars", "Add it to hours.calendars.")]
"""The id of a calendar."""


class DeclaredFact(Document):
    """A caller's own attribute, found in the `extra` of the lead or of its account.

    `values` closes the choice: rules may compare with no other value, and a lead that brings another is refused.
    """

    id: Id
    kind: Kind
    of: Literal["lead", "account"] = "lead"
    label: Label = ""
    personal: bool = False
    values: Rows[Annotated[str, Field(min_length=1)]] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "DeclaredFact":
        if self.values and self.kind not in {"text", "texts"}:
            refuse([Problem("values", f"values for a fact of kind {self.kind}", "values only for text and texts", "Remove them.")])
        if is_built_in(self.id):
            refuse([Problem("id", f"the name of a built-in fact, {shown(self.id)}", "a name of its own", "Rename it.")])
        return self


class UnknownValues(Document):
    """Raw values of one fact that mean unknown, such as "Select"; compared letter for letter."""

    fact: FactName
    values: Rows[Annotated[str, Field(min_length=1)]] = Field(min_length=1)


class Precedence(Document):
    """Which source is believed first about one fact; sources that are not named come after, by name."""

    fact: FactName
    sources: Rows[Id] = Field(min_length=1)


class FactsDocument(Document):
    """What the policy adds to the facts that every policy knows."""

    declared: UniqueRows[DeclaredFact] = ()
    unknown: UniqueRows[UnknownValues] = ()
    precedence: UniqueRows[Precedence] = ()
    activity_kinds: Rows[Id] = ()

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> "FactsDocument":
        kinds: Mapping[str, str] = {name: kind for name, (kind, _) in BUILT_IN.items()} | {fact.id: fact.kind for fact in self.declared}
        settable = {*_FIELDS, *(fact.id for fact in self.declared)}
        problems = [
            Problem(f"unknown[{row.fact}].fact", f"{row.fact}, a fact of kind {kinds[row.fact]}", "a fact of kind text or texts")
            for row in self.unknown
            if kinds.get(row.fact, "text") not in {"text", "texts"}
        ]
        problems += (
            Problem(f"precedence[{row.fact}].fact", f"{row.fact}, which no source observes", one_of(settable))
            for row in self.precedence
            if row.fact in kinds and row.fact not in settable
        )
        if isinstance(info.context, Vocabulary):
            taken = [fact.id for fact in self.declared if fact.id in info.context.derived]
            problems += (
                Problem(f"declared[{name}].id", f"the name of a score, {shown(name)}", "a name of its own", "Rename it.") for name in taken
            )
        refuse(problems)
        return self


# --------------------------------------------------------------------------------------------------------------- values


class View:
    """What a rule sees: a lead and its account as of an instant, what the activities say, and the scores so far.

    Made anew for each decision and dropped with it.
    """

    __slots__ = ("account", "at", "counts", "decays", "derived", "latest", "lead")

    def __init__(
        self,
        lead: Lead,
        at: datetime,
        counts: list[int] | None = None,
        latest: list[datetime | None] | None = None,
        derived: Callable[[str], Value | None] | None = None,
    ) -> None:
        """Takes what was read; `counts` and `latest` are None while nobody knows the activities.

        `decays`, where somebody fills them in, say what is counted already of activities that lose weight with time, by what asks.
        """
        self.lead: Lead = lead
        self.account: Account = lead.account or NOBODY
        self.at: datetime = at
        self.counts: list[int] | None = counts
        self.latest: list[datetime | None] | None = latest
        self.derived: Callable[[str], Value | None] | None = derived
        self.decays: Mapping[object, object] | None = None


@frozen(eq=False)
class Word:
    """A fact that rules may name: its kind, whether it is personal, which values it may take, and how it is read."""

    name: str
    kind: Kind
    label: str
    personal: bool
    read: Reader
    values: frozenset[str] = frozenset()


@frozen(eq=False)
class Vocabulary:
    """Every fact that the rules of one policy may name, by name.

    >>> compile(FactsDocument()).word("employees").kind
    'integer'
    """

    document: FactsDocument
    words: dict[str, Word]
    derived: dict[str, Word] = field(factory=dict)
    activity_kinds: frozenset[str] = frozenset(ACTIVITY_KINDS)
    touchpoints: frozenset[str] | None = None
    criteria: frozenset[str] | None = None
    scores: frozenset[str] | None = None
    tiers: frozenset[str] | None = None
    calendars: frozenset[str] | None = None
    lead_extras: frozenset[str] = frozenset()
    account_extras: frozenset[str] = frozenset()
    precedence: dict[str, tuple[str, ...]] = field(factory=dict)
    unknown: dict[str, frozenset[str]] = field(factory=dict)
    unsure: frozenset[str] = frozenset()
    """Facts whose declaration is itself refused: what names them is not checked any further."""

    def __reduce__(self) -> tuple[Callable[..., "Vocabulary"], tuple[object, ...]]:
        """Pickles by its document; the readers are made anew."""
        return compile, (self.document, tuple((name, word.kind) for name, word in self.derived.items()), self.touchpoints)

    def word(self, name: str, path: str = "fact") -> Word:
        """The fact of that name; `PolicyError` with the nearest name when there is none."""
        found = self.words.get(name) or self.derived.get(name)
        if found is None:
            raise PolicyError([_no_such(path, name, [*self.words, *self.derived])])
        return found

    def __contains__(self, name: str) -> bool:
        """Whether there is a fact of that name."""
        return name in self.words or name in self.derived

    def problem(self, name: str, path: str = "fact") -> Problem | None:
        """What is wrong with naming that fact, if anything is."""
        if name in self or name in self.unsure:
            return None
        return _no_such(path, name, [*self.words, *self.derived])

    def unknown_values(self, name: str) -> frozenset[str]:
        """The raw values of that fact that mean unknown."""
        return self.unknown.get(name, frozenset())

    @property
    def personal(self) -> frozenset[str]:
        """The names of the facts that tell something of a person."""
        return frozenset(name for name, word in self.words.items() if word.personal)

    def refuse_undeclared(self, lead: Lead) -> None:
        """Refuses a lead with an extra that the policy does not declare: a misspelt name must not be a silent unknown."""
        _refuse_undeclared(lead.extra, self.lead_extras, "lead.extra")
        if lead.account is not None:
            _refuse_undeclared(lead.account.extra, self.account_extras, "account.extra")


# ------------------------------------------------------------------------------------------------------------ functions


def _created_at(view: View) -> datetime | None:
    """When the lead came in; an instant after `at` is not known yet (FD-2)."""
    created = view.lead.created_at
    return created if created is None or created <= view.at else None


def _country(view: View) -> str | None:
    return view.lead.country or view.account.country


def _region(view: View) -> str | None:
    return view.lead.region or view.account.region


def _email_domain(view: View) -> str | None:
    return None if view.lead.email is None else email_domain(view.lead.email)


BUILT_IN: dict[str, tuple[Kind, str | Reader]] = {
    "id": ("text", "lead.id"),
    "created_at": ("instant", _created_at),
    "name": ("text", "lead.name"),
    "email": ("text", "lead.email"),
    "email_domain": ("text", _email_domain),
    "title": ("text", "lead.title"),
    "department": ("text", "lead.department"),
    "lead_type": ("text", "lead.lead_type"),
    "source": ("text", "lead.source"),
    "self_reported": ("text", "lead.self_reported"),
    "product": ("text", "lead.product"),
    "country": ("text", _country),
    "region": ("text", _region),
    "contact_id": ("text", "lead.contact_id"),
    "suppressed": ("texts", "lead.suppressed"),
    "account_name": ("text", "account.name"),
    "domain": ("text", "account.domain"),
    "industry": ("text", "account.industry"),
    "employees": ("integer", "account.employees"),
    "annual_revenue": ("money", "account.annual_revenue"),
    "growth_stage": ("text", "account.growth_stage"),
    "technologies": ("texts", "account.technologies"),
    "owner": ("text", "account.owner"),
    "named_rep": ("text", "account.named_rep"),
    "csm": ("text", "account.csm"),
    "open_opportunity_owner": ("text", "account.open_opportunity_owner"),
}

_TAKEN = frozenset(
    "account account_id activities candidate_zones extra observations parent_id source_touch_id zone "  # fields of records
    "asked count grade latest points".split()  # what reasons say that they saw
)
"""Names that mean something else already: in a record of a lead, or in what a reason saw."""

_FIELDS: dict[str, tuple[str, str]] = {
    **{
        name: ("lead", name)
        for name in ("name", "email", "title", "department", "lead_type", "source", "self_reported", "product", "country", "region")
    },
    **{name: ("account", name) for name in ("domain", "industry", "employees", "annual_revenue", "growth_stage", "technologies")},
    "account_name": ("account", "name"),
}
"""Where an observation of a built-in fact goes."""


def compile(document: FactsDocument, derived: Iterable[tuple[str, Kind]] = (), touchpoints: Iterable[str] | None = None) -> Vocabulary:
    """The vocabulary of a policy; `derived` are the scores and the tier, read from what was computed before.

    >>> compile(FactsDocument(declared=(DeclaredFact(id="plan", kind="text"),))).word("plan").kind
    'text'
    """
    unknown = {row.fact: frozenset(row.values) for row in document.unknown}
    words = {name: _built_in(name, unknown.get(name)) for name in BUILT_IN}
    words |= {fact.id: _declared(fact, unknown.get(fact.id)) for fact in document.declared}
    return Vocabulary(
        document=document,
        words=words,
        derived={name: Word(name, kind, name, personal=False, read=_derived(name)) for name, kind in derived},
        activity_kinds=frozenset(ACTIVITY_KINDS) | frozenset(document.activity_kinds),
        touchpoints=None if touchpoints is None else frozenset(touchpoints),
        lead_extras=frozenset(fact.id for fact in document.declared if fact.of == "lead"),
        account_extras=frozenset(fact.id for fact in document.declared if fact.of == "account"),
        precedence={row.fact: row.sources for row in document.precedence},
        unknown=unknown,
    )


def with_fact(lead: Lead, words: Vocabulary, name: str, value: object) -> Lead:
    """The lead with one more fact known, wherever facts of that name are kept.

    >>> with_fact(Lead(id="L-1"), compile(FactsDocument()), "employees", 240).account.employees
    240
    """
    target, attribute = _FIELDS.get(name, ("", ""))
    account = lead.account or NOBODY
    known: dict[str, Any] = {attribute: value}  # whose type the fact itself checks
    if target == "lead":
        return attrs.evolve(lead, **known)
    if target == "account":
        return attrs.evolve(lead, account=attrs.evolve(account, **known))
    if name in words.lead_extras:
        return attrs.evolve(lead, extra=Extra.of({**lead.extra, name: value}))
    if name in words.account_extras:
        return attrs.evolve(lead, account=attrs.evolve(account, extra=Extra.of({**account.extra, name: value})))
    problem = _no_such("fact", name, [*_FIELDS, *words.lead_extras, *words.account_extras])
    raise FactError(problem.path, problem.saw, problem.expected, problem.hint)


def is_built_in(name: str) -> bool:
    """Whether every policy has a fact of that name, or means something else by it.

    >>> is_built_in("employees"), is_built_in("points"), is_built_in("plan")
    (True, True, False)
    """
    return name in BUILT_IN or name in _TAKEN


def can_be_asked(words: Vocabulary, name: str) -> bool:
    """Whether somebody could be asked for that fact and `with_fact` could note the answer.

    >>> can_be_asked(compile(FactsDocument()), "employees"), can_be_asked(compile(FactsDocument()), "email_domain")
    (True, False)
    """
    return name in _FIELDS or name in words.lead_extras or name in words.account_extras


def settled(lead: Lead, words: Vocabulary, at: datetime) -> Lead:
    """The lead with its observations settled into facts, as of `at`.

    The record is believed before any observation, unless what it says means unknown; among observations the policy's order
    of sources decides, then the name of a source that the policy does not rank, then the newer, then the smaller value.
    Observations dated after `at` are invisible (FD-2).

    >>> seen = Observation("industry", "fintech", source="enrichment")
    >>> settled(Lead(id="L-1", observations=(seen,)), compile(FactsDocument()), EARLIEST).account.industry
    'fintech'
    """
    if not lead.observations:
        return lead
    best: dict[str, Observation] = {}
    for seen in sorted(lead.observations, key=lambda seen: _rank(seen, words)):
        if (seen.at is None or seen.at <= at) and not _means_unknown(seen.value, words.unknown_values(seen.fact)):
            best.setdefault(seen.fact, seen)
    recorded = View(lead, at)
    for name, seen in sorted(best.items()):
        if can_be_asked(words, name) and words.word(name).read(recorded) is not None:
            continue
        try:
            lead = with_fact(lead, words, name, seen.value)
        except FactError as error:
            problem = error.problem
            raise FactError(f"lead.observations[{name}]", problem.saw, problem.expected, problem.hint) from None
    return attrs.evolve(lead, observations=())


def _rank(seen: Observation, words: Vocabulary) -> tuple[int, str, timedelta, str]:
    sources = words.precedence.get(seen.fact, ())
    place = sources.index(seen.source) if seen.source in sources else len(sources)
    newer_first = EARLIEST - (seen.at or EARLIEST)
    return place, seen.source if place == len(sources) else "", newer_first, str(plain(seen.value))


def _built_in(name: str, unknown: frozenset[str] | None) -> Word:
    kind, how = BUILT_IN[name]
    read: Reader = attrgetter(how) if isinstance(how, str) else how
    if unknown and name in {"country", "region"}:
        own, company = (_without(attrgetter(f"{of}.{name}"), unknown) for of in ("lead", "account"))
        return Word(
            name,
            kind,
            name,
            personal=False,
            read=lambda view: own(view) or company(view),
            values=COUNTRIES if name == "country" else frozenset(),
        )
    personal = isinstance(how, str) and how.startswith("lead.") and is_personal(Lead, how.removeprefix("lead."))
    values = COUNTRIES if name == "country" else frozenset()
    return Word(name, kind, name.replace("_", " "), personal, _without(read, unknown), values)


def _declared(fact: DeclaredFact, unknown: frozenset[str] | None) -> Word:
    values = frozenset(fact.values)
    read = _without(_extra(fact), unknown)
    return Word(
        fact.id,
        fact.kind,
        fact.label or fact.id.replace("_", " "),
        fact.personal,
        _among(read, values, f"{fact.of}.extra.{fact.id}"),
        values,
    )


def _extra(fact: DeclaredFact) -> Reader:
    """Reads a declared fact and holds it to its kind."""
    name, path, types, kind = fact.id, f"{fact.of}.extra.{fact.id}", _TYPES[fact.kind], fact.kind

    def from_lead(view: View) -> Value | None:
        value = view.lead.extra.by_name.get(name)
        if value is None or value.__class__ in types:
            return value
        raise FactError(path, shown(value), f"a value of kind {kind}", "That is how the policy declares it.")

    def from_account(view: View) -> Value | None:
        value = view.account.extra.by_name.get(name)
        if value is None or value.__class__ in types:
            return value
        raise FactError(path, shown(value), f"a value of kind {kind}", "That is how the policy declares it.")

    return from_lead if fact.of == "lead" else from_account


def _without(read: Reader, unknown: frozenset[str] | None) -> Reader:
    """Reads around the values that mean unknown; a set whose every member means unknown is unknown."""
    if not unknown:
        return read

    def known(view: View) -> Value | None:
        value = read(view)
        if value is None or _means_unknown(value, unknown):
            return None
        return value - unknown if isinstance(value, frozenset) else value

    return known


def _means_unknown(value: Value, unknown: frozenset[str]) -> bool:
    """Whether the value, or every member of a set that has some, means unknown."""
    return bool(value) and value <= unknown if isinstance(value, frozenset) else value in unknown


def _among(read: Reader, values: frozenset[str], path: str) -> Reader:
    """Reads and refuses a value outside a closed choice."""
    if not values:
        return read

    def checked(view: View) -> Value | None:
        value = read(view)
        odd = () if value is None or value in values else value - values if isinstance(value, frozenset) else (value,)
        for item in sorted(map(str, odd)):
            close = nearest(item, values)
            raise FactError(path, shown(item), one_of(values), f'Did you mean "{close}"?' if close else "")
        return value

    return checked


def _derived(name: str) -> Reader:
    def read(view: View) -> Value | None:
        return None if view.derived is None else view.derived(name)

    return read


def _refuse_undeclared(extra: Extra, declared: frozenset[str], path: str) -> None:
    if extra.pairs and not extra.by_name.keys() <= declared:
        name = min(extra.by_name.keys() - declared)
        close = nearest(name, declared)
        hint = f'Did you mean "{close}"?' if close else "Declare it in facts.declared."
        raise FactError(f"{path}.{name}", "a fact that the policy does not declare", one_of(declared), hint)


def _no_such(path: str, name: str, known: Iterable[str]) -> Problem:
    names = sorted(known)
    close = nearest(name, names)
    return Problem(
        path, f"no fact called {shown(name)}", one_of(names), f'Did you mean "{close}"?' if close else "Declare it in facts.declared."
    )
