"""What may be known of a lead, and of which kind?

Facts are frozen values. A fact that may be unknown is `None` until somebody knows it; an empty tuple means *known to be
none* (FD-6). Instants are aware and kept in UTC, zone names become zones here, text is kept letter for letter and compared
by code point; tidying what people typed is the work of `intake`. An empty text is refused: it says nothing, so it is
unknown.

Facts about a person are marked personal: no `repr`, no notebook table and no redacted record shows them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import TypeAlias, TypeVar, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from attrs import AttrsInstance, field, frozen

from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.money import Money
from inbound_engine.spans import Span, instant, zone

__all__ = [
    "ACTIVITY_KINDS",
    "COUNTRIES",
    "Account",
    "Activity",
    "Caps",
    "Contact",
    "Extra",
    "ExtraValue",
    "Lead",
    "Observation",
    "Opportunity",
    "Outreach",
    "Rep",
    "Roster",
    "carrying",
    "email_domain",
    "is_personal",
    "to_dict",
]

ACTIVITY_KINDS: tuple[str, ...] = (
    "visit",
    "page_view",
    "email_open",
    "email_click",
    "content_download",
    "webinar_registration",
    "webinar_attendance",
    "event_attendance",
    "newsletter_signup",
    "demo_request",
    "call_request",
    "trial_signup",
    "contact_form",
    "trial_activity",
    "reply",
)
"""The kinds of activity that every policy knows; a policy may declare more."""

COUNTRIES: frozenset[str] = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD "
        "CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF "
        "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
        "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
        "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
        "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
        "VN VU WF WS YE YT ZA ZM ZW "
        "XK"  # Kosovo: not in ISO 3166, but in every CRM
    ).split()
)
"""The ISO 3166 alpha-2 codes."""

ExtraValue: TypeAlias = str | int | bool | Decimal | datetime | frozenset[str] | Money
"""What a caller's own fact may be; a policy declares which."""

AnyMember = TypeVar("AnyMember")

_MOST = 2**63 - 1  # what a column of a warehouse holds; a much longer integer cannot even be written out
_PLACES = 40  # of a decimal, before and after the point

_PERSONAL = {"personal": True}


@frozen(repr=False)
class Extra(Mapping[str, ExtraValue]):
    """A caller's own facts by name: a mapping that cannot change, equal whatever the order of its keys.

    Floats are refused, since they are not exact: pass a `Decimal`. Sets and lists of texts become frozen sets.

    >>> Extra.of({"critical_event": "confirmed"})["critical_event"]
    'confirmed'
    """

    pairs: tuple[tuple[str, ExtraValue], ...] = ()
    by_name: dict[str, ExtraValue] = field(init=False, eq=False)
    whole: int = field(init=False, eq=False)
    """How many facts there are where every one is a whole number, else -1: so that a graded lead is told at a glance (`lookups`)."""

    def __attrs_post_init__(self) -> None:
        """Checks every name and value, and orders them by name."""
        known = {_name(name, "extra"): _extra_value(value, f"extra.{name}") for name, value in self.pairs}
        if len(known) < len(self.pairs):
            raise FactError("extra", "a name twice", "names that differ")
        pairs = tuple(sorted(known.items(), key=_by_first))
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "by_name", dict(pairs))
        object.__setattr__(self, "whole", len(pairs) if all(type(value) is int for _, value in pairs) else -1)

    @classmethod
    def of(cls, values: Mapping[str, object], path: str = "extra") -> "Extra":
        """The facts of a mapping; those that are None are unknown, and left out."""
        if type(values) is Extra:
            return values
        if not isinstance(values, Mapping):
            raise FactError(path, shown(values), "a mapping of names to values")
        try:
            return cls(tuple((name, value) for name, value in values.items() if value is not None))  # type: ignore[misc]  # of any type, until they are checked
        except FactError as error:
            problem = error.problem
            raise FactError(path + problem.path.removeprefix("extra"), problem.saw, problem.expected, problem.hint) from None

    def __getitem__(self, name: str) -> ExtraValue:
        """The fact of that name."""
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(self.by_name)

    def __len__(self) -> int:
        """How many facts there are."""
        return len(self.pairs)

    def __repr__(self) -> str:
        """The names only: values may be personal."""
        return f"Extra({', '.join(self)})"


def _by_first(pair: tuple[str, object]) -> str:
    return pair[0]


_NO_EXTRA = Extra()


def _observed(value: ExtraValue) -> ExtraValue:
    return _extra_value(value, "observation.value")


@frozen(repr=False)
class Observation:
    """What one source says of one fact: self_reported, form, enrichment, map, intent, news, or any source a policy ranks (SC-8).

    An observation fills a fact that the record leaves unknown; which source is believed first is policy.

    >>> Observation("industry", "fintech", source="enrichment")
    Observation('industry', source='enrichment')
    """

    fact: str
    value: ExtraValue = field(converter=_observed)
    source: str
    at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, Observation)

    def __repr__(self) -> str:
        """The fact and its source; the value may be personal."""
        return f"Observation({self.fact!r}, source={self.source!r})"


def _utm(values: Mapping[str, object]) -> Extra:
    parameters = Extra.of(values, "activity.utm")
    for name, value in parameters.pairs:
        if not isinstance(value, str):
            raise FactError(f"activity.utm.{name}", shown(value), "text")
    return parameters


@frozen(kw_only=True)
class Activity:
    """Something that a person did: a visit, a page view, a form.

    `content` names what was seen or asked for ("pricing"); `marketing` is false for touches that sales made; `utm` holds
    texts. Two things at one instant are ordered by `sequence`, then by id.

    >>> Activity(id="a", kind="page_view", at=datetime(2026, 3, 2, 9, tzinfo=UTC), content="pricing").content
    'pricing'
    """

    id: str
    kind: str
    at: datetime
    recorded_at: datetime | None = None
    content: str | None = None
    channel: str | None = None
    campaign: str | None = None
    utm: Extra = field(default=_NO_EXTRA, converter=_utm)
    contact_id: str | None = None
    marketing: bool = True
    sequence: int = 0

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC; what is ready as it is takes the short way."""
        if not (
            self.id
            and self.kind
            and self.id.__class__ is str
            and self.kind.__class__ is str
            and self.at.__class__ is datetime
            and self.at.tzinfo is UTC
            and self.recorded_at is None
            and _texts_or_unknown(self.content, self.channel, self.campaign, self.contact_id)
            and self.sequence.__class__ is int
            and -_MOST <= self.sequence <= _MOST
            and self.marketing.__class__ is bool
        ):
            _check(self, Activity)


def _account_extra(values: Mapping[str, object]) -> Extra:
    return Extra.of(values, "account.extra")


@frozen(kw_only=True)
class Account:
    """The company: firmographics, technologies, and who owns it on the seller's side.

    `technologies` is None while nobody has looked, and empty when none are in use. `country` is an ISO 3166 alpha-2 code.

    >>> Account(id="acme", country="DE", employees=240).employees
    240
    """

    id: str
    name: str | None = None
    domain: str | None = None
    parent_id: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Money | None = None
    growth_stage: str | None = None
    technologies: frozenset[str] | None = None
    country: str | None = None
    region: str | None = None
    owner: str | None = None
    named_rep: str | None = None
    csm: str | None = None
    open_opportunity_owner: str | None = None
    extra: Extra = field(default=_NO_EXTRA, converter=_account_extra)

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _check(self, Account)
        _check_country(self.country, "account.country")
        _at_least_zero(self.employees, "account.employees")
        if self.annual_revenue is not None and self.annual_revenue.minor < 0:
            raise FactError("account.annual_revenue", str(self.annual_revenue), "zero or more")


def _lead_zone(value: ZoneInfo | str | None) -> ZoneInfo | None:
    return None if value is None else zone(value, "lead.zone")


def _candidate_zones(values: Sequence[ZoneInfo | str]) -> tuple[ZoneInfo, ...]:
    given = _listed(values, "lead.candidate_zones", "a list of zones")
    return tuple(zone(value, "lead.candidate_zones") for value in given) if given else ()


def _activities(values: Sequence[Activity] | None) -> tuple[Activity, ...] | None:
    """The activities without those that stand twice; two different ones under one id are refused (AD-13)."""
    if values is None:
        return None
    given = _listed(values, "lead.activities", "a list of activities, or None")
    for odd in {*map(type, given)} - {Activity}:
        raise FactError("lead.activities", next(shown(item) for item in given if type(item) is odd), "activities")
    by_id = {activity.id: activity for activity in given}
    if len(by_id) < len(given):
        for activity in given:
            if by_id[activity.id] != activity:
                raise FactError(f"lead.activities[{activity.id}]", "two different activities", "one activity under one id")
        return tuple(by_id.values())
    return tuple(given)


def _lead_extra(values: Mapping[str, object]) -> Extra:
    return Extra.of(values, "lead.extra")


@frozen(kw_only=True, repr=False)
class Lead:
    """A person who may buy, with everything that is known of them.

    `activities` is None while nobody has looked, and empty when there are none. Activities handed over twice count once;
    two different ones under one id are refused. `suppressed` names the channels that must not be used ("email", "all").

    >>> Lead(id="L-1", email="ana@acme.example", country="DE", zone="Europe/Berlin", account=Account(id="acme"))
    Lead('L-1', account='acme', activities=unknown)
    """

    id: str
    created_at: datetime | None = None
    name: str | None = field(default=None, metadata=_PERSONAL)
    email: str | None = field(default=None, metadata=_PERSONAL)
    title: str | None = field(default=None, metadata=_PERSONAL)
    department: str | None = None
    lead_type: str | None = None
    source: str | None = None
    source_touch_id: str | None = None
    self_reported: str | None = field(default=None, metadata=_PERSONAL)
    product: str | None = None
    country: str | None = None
    region: str | None = None
    zone: ZoneInfo | None = field(default=None, converter=_lead_zone)
    candidate_zones: tuple[ZoneInfo, ...] = field(default=(), converter=_candidate_zones)
    account: Account | None = None
    contact_id: str | None = None
    activities: tuple[Activity, ...] | None = field(default=None, converter=_activities)
    suppressed: frozenset[str] = frozenset()
    observations: tuple[Observation, ...] = ()
    extra: Extra = field(default=_NO_EXTRA, converter=_lead_extra)

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, Lead)
        _check_country(self.country, "lead.country")
        if self.email is not None:
            email_domain(self.email, "lead.email")

    def __repr__(self) -> str:
        """Ids and counts only."""
        known = "unknown" if self.activities is None else str(len(self.activities))
        return f"Lead({self.id!r}, account={self.account.id if self.account else None!r}, activities={known})"


@frozen(kw_only=True, repr=False)
class Contact:
    """A person as attribution knows them: by their email addresses, with the roles they have in deals.

    >>> Contact(id="c-1", emails=("ana@acme.example",), account_id="acme")
    Contact('c-1', account_id='acme')
    """

    id: str
    emails: tuple[str, ...] = field(default=(), metadata=_PERSONAL)
    account_id: str | None = None
    created_at: datetime | None = None
    roles: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, Contact)
        for email in self.emails:
            email_domain(email, "contact.emails")

    def __repr__(self) -> str:
        """Ids only."""
        return f"Contact({self.id!r}, account_id={self.account_id!r})"


@frozen(kw_only=True)
class Outreach:
    """A touch that the seller made; `human` is false for automatic messages.

    `step` names the step of the cadence that it was made for; `recorded_at` is when it was logged, where that is known.

    >>> Outreach(id="o-1", lead_id="L-1", rep="maya", channel="call", at=datetime(2026, 3, 2, 9, tzinfo=UTC), human=True).channel
    'call'
    """

    id: str
    lead_id: str
    rep: str
    channel: str
    at: datetime
    human: bool
    outcome: str | None = None
    step: str | None = None
    recorded_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, Outreach)


@frozen(kw_only=True)
class Opportunity:
    """A deal; `contact_roles` pairs contact ids with their roles, `won` is None while it is open.

    The amount may be negative for a credit note (AD-18).

    >>> Opportunity(id="D-1", opened_at=datetime(2026, 3, 2, tzinfo=UTC), amount=Money.of("95000", "EUR")).amount
    Money(minor=9500000, currency='EUR')
    """

    id: str
    account_id: str | None = None
    lead_ids: tuple[str, ...] = ()
    contact_roles: tuple[tuple[str, str], ...] = ()
    owner: str | None = None
    stage: str | None = None
    amount: Money | None = None
    opened_at: datetime
    close_date: date | None = None
    closed_at: datetime | None = None
    won: bool | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field, and that a deal is not closed before it opened."""
        _check(self, Opportunity)
        if self.closed_at is not None and self.closed_at < self.opened_at:
            raise FactError("opportunity.closed_at", self.closed_at.isoformat(), f"an instant at or after {self.opened_at.isoformat()}")


@frozen(kw_only=True)
class Caps:
    """How many leads a rep may take: on one local day, in one ISO week, open at once. None is no cap, 0 is never (RO-11).

    >>> Caps(per_day=8, open=60).per_week is None
    True
    """

    per_day: int | None = None
    per_week: int | None = None
    open: int | None = None

    def __attrs_post_init__(self) -> None:
        """Checks that no cap is negative."""
        _check(self, Caps)
        for name in ("per_day", "per_week", "open"):
            _at_least_zero(getattr(self, name), f"caps.{name}")


def _rep_zone(value: ZoneInfo | str | None) -> ZoneInfo | None:
    return None if value is None else zone(value, "rep.zone")


@frozen(kw_only=True)
class Rep:
    """A salesperson; `share` is the weight in the rotation (0 is out of it, RO-7), `calendar` names opening hours of the policy.

    >>> Rep(id="maya", role="AE", territories=frozenset({"dach"}), zone="Europe/Berlin").share
    1
    """

    id: str
    role: str
    seniority: str | None = None
    territories: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    share: int = 1
    zone: ZoneInfo | None = field(default=None, converter=_rep_zone)
    calendar: str | None = None
    caps: Caps = field(factory=Caps)
    away: tuple[Span, ...] = ()
    delegate: str | None = None
    backup: str | None = None
    manager: str | None = None
    active: bool = True

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _check(self, Rep)
        _at_least_zero(self.share, "rep.share")


@frozen(kw_only=True)
class Roster:
    """Who is there: the reps, the territories that exist, the parents of accounts, and who takes what nobody else may.

    Ids are unique; delegates, backups, managers and the overflow owner exist; no account is its own ancestor (RT-4).

    >>> Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR", backup="maya")), overflow_owner="maya").overflow_owner
    'maya'
    """

    reps: tuple[Rep, ...]
    territories: frozenset[str] = frozenset()
    parents: tuple[Account, ...] = ()
    overflow_owner: str | None = None

    def __attrs_post_init__(self) -> None:
        """Checks the names against one another."""
        _check(self, Roster)
        ids = {rep.id for rep in self.reps}
        if len(ids) < len(self.reps):
            raise FactError("roster.reps", "an id twice", "reps with ids that differ")
        for rep in self.reps:
            for name in ("delegate", "backup", "manager"):
                _exists(getattr(rep, name), ids, f"roster.reps[{rep.id}].{name}")
            for territory in sorted(rep.territories if self.territories else ()):
                _exists(territory, self.territories, f"roster.reps[{rep.id}].territories")
        _exists(self.overflow_owner, ids, "roster.overflow_owner")
        parents = {account.id: account.parent_id for account in self.parents}
        for start in parents:
            here, steps = parents.get(start), 0
            while here is not None and steps <= len(parents):
                here, steps = parents.get(here), steps + 1
            if here is not None:
                raise FactError(f"roster.parents[{start}]", "a circle of parents", "accounts that are not their own ancestors")


def email_domain(email: str, path: str = "email") -> str:
    """The domain of an address, in lower case: what stands behind the last @.

    >>> email_domain("Ana@Acme.Example")
    'acme.example'
    """
    local, _, domain = email.rpartition("@")
    if not (local and domain and email.split() == [email]):
        raise FactError(path, "text without a mailbox and a domain", "an email address", 'Write it like "ana@acme.example".')
    return domain.lower()


def carrying(lead: Lead, activities: tuple[Activity, ...] | None) -> Lead:
    """The lead with those activities instead of its own, neither of them looked at again: for whoever has checked them.

    >>> at = datetime(2026, 3, 2, tzinfo=UTC)
    >>> carrying(Lead(id="L-1", country="DE"), (Activity(id="a", kind="visit", at=at),))
    Lead('L-1', account=None, activities=1)
    """
    made = object.__new__(Lead)
    for name in _OF_LEAD:
        object.__setattr__(made, name, getattr(lead, name))
    object.__setattr__(made, "activities", activities)
    return made


def is_personal(fact: type[AttrsInstance], name: str) -> bool:
    """Whether that field tells something of a person.

    >>> is_personal(Lead, "email"), is_personal(Lead, "country")
    (True, False)
    """
    return bool(getattr(attrs.fields(fact), name).metadata.get("personal"))


def to_dict(fact: AttrsInstance, *, redact: bool = False, personal: Collection[str] = ()) -> dict[str, Plain]:
    """A fact as plain data, what is unknown left out; `intake` reads it back.

    With `redact` the personal fields are left out, and so are extras and observations of the names in `personal`.

    >>> to_dict(Lead(id="L-1", email="ana@acme.example", country="DE"), redact=True)
    {'id': 'L-1', 'country': 'DE'}
    """
    result: dict[str, Plain] = {}
    for attribute in attrs.fields(type(fact)):
        name, value = attribute.name, getattr(fact, attribute.name)
        if value is None or (value == attribute.default and name != "activities") or (redact and attribute.metadata.get("personal")):
            continue
        match value:
            case str():
                result[name] = value
            case Extra():
                result[name] = {key: plain(item) for key, item in value.pairs if not (redact and key in personal)}
            case Account():
                result[name] = to_dict(value, redact=redact, personal=personal)
            case Caps():
                result |= {name: kept} if (kept := to_dict(value)) else {}
            case tuple() if name == "activities":
                result[name] = [to_dict(item) for item in sorted(value, key=_activity_order)]
            case tuple() if name == "observations":
                shown_ones = (item for item in value if not (redact and item.fact in personal))
                result[name] = [to_dict(item) for item in sorted(shown_ones, key=_observation_order)]
            case _:
                result[name] = plain(value)
    return result


def _activity_order(activity: Activity) -> tuple[datetime, int, str]:
    return activity.at, activity.sequence, activity.id


def _observation_order(observation: Observation) -> tuple[str, str, str, str]:
    return observation.fact, observation.source, str(plain(observation.at)), str(plain(observation.value))


# ---------------------------------------------------------------------------------------------------- checks of every field


def _exists(name: str | None, known: Collection[str], path: str) -> None:
    if name is not None and name not in known:
        raise FactError(path, shown(name), one_of(known))


def _check_country(code: str | None, path: str) -> None:
    if code is not None and code not in COUNTRIES:
        hint = "The United Kingdom is GB." if code.upper() == "UK" else 'Write it like "DE".'
        raise FactError(path, shown(code), "an ISO 3166 alpha-2 country code", hint)


def _at_least_zero(number: int | None, path: str) -> None:
    if number is not None and number < 0:
        raise FactError(path, shown(number), "zero or more")


def _name(name: object, path: str) -> str:
    if isinstance(name, str) and name:
        return name
    raise FactError(path, shown(name), "text as a name")


def _extra_value(value: object, path: str) -> ExtraValue:
    """A caller's own value, or a `FactError`: floats, infinities, naive instants and nested things are refused."""
    match value:
        case bool() | Money():
            return value
        case int() if -_MOST <= value <= _MOST:
            return value
        case str() if value:
            return value
        case datetime():
            return instant(value, path)
        case Decimal() if value.is_finite() and abs(value.adjusted()) <= _PLACES and len(value.as_tuple().digits) <= _PLACES:
            return value
        case frozenset() | set() | list() | tuple() if all(isinstance(item, str) and item for item in value):
            return frozenset(value)
        case float():
            raise FactError(path, shown(value), "an exact number", f'Pass Decimal("{value}").')
        case _:
            raise FactError(path, shown(value), "text, a number of ordinary size, true or false, an instant or a set of texts")


def _texts_or_unknown(*values: object) -> bool:
    """Whether each is None, or a text that says something."""
    for value in values:  # noqa: SIM110 - twice as fast as all() over a generator, for every activity that there is
        if value is not None and (value.__class__ is not str or not value):
            return False
    return True


def _listed(values: Sequence[AnyMember], path: str, expected: str) -> Sequence[AnyMember]:
    """The list or tuple itself: text is a sequence too, and a set has no order."""
    if not isinstance(values, list | tuple):
        raise FactError(path, shown(values), expected)
    return values


def _kinds(annotation: object) -> tuple[object, ...]:
    return get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)


_OF_LEAD = tuple(item.name for item in attrs.fields(Lead) if item.name != "activities")

# Of each field: its name, the exact types that it takes as they are (a bool is not an int here), what its members are.
_FIELDS: dict[type, tuple[tuple[str, frozenset[object], object], ...]] = {
    cls: tuple(
        (
            item.name,
            frozenset(get_origin(kind) or kind for kind in _kinds(item.type)),
            next((get_args(kind)[0] for kind in _kinds(item.type) if get_args(kind)), None),
        )
        for item in attrs.fields(cls)
        if item.converter is None  # which has checked it
    )
    for cls in (Observation, Activity, Account, Lead, Contact, Outreach, Opportunity, Caps, Rep, Roster)
}


def _check(fact: object, cls: type) -> None:
    """Checks every field by its declared type; instants move to UTC, lists become tuples, sets become frozen sets."""
    for name, allowed, members in _FIELDS[cls]:
        value = getattr(fact, name)
        kind = value.__class__
        if kind in allowed:
            if kind is str:
                if value:
                    continue
            elif kind is datetime:
                if value.tzinfo is UTC:
                    continue
            elif kind is int:
                if -_MOST <= value <= _MOST:
                    continue
            elif (kind is not tuple and kind is not frozenset) or not value:
                continue
        object.__setattr__(fact, name, _fitted(value, allowed, members, f"{cls.__name__.lower()}.{name}"))


_NAMES: Mapping[object, str] = {
    NoneType: "None",
    bool: "true or false",
    date: "a date",
    datetime: "an aware datetime",
    frozenset: "a set of texts",
    int: "a whole number of at most 64 bits",
    str: "text",
    tuple: "a list",
}


def _fitted(value: object, allowed: frozenset[object], members: object, path: str) -> object:
    """The value as the field keeps it, or a `FactError` that says what would do."""
    match value:
        case str() if value and str in allowed:
            return str.__str__(value)  # of a subclass, the text alone
        case "" if str in allowed:
            raise FactError(path, "''", "text", "An empty text says nothing: pass None." if NoneType in allowed else "")
        case datetime() if datetime in allowed:
            return instant(value, path)
        case tuple() | list() if tuple in allowed:
            return tuple(_member(item, members, path) for item in value)
        case frozenset() if frozenset in allowed and {*map(type, value)} == {str} and "" not in value:
            return value
        case frozenset() | set() | list() | tuple() if frozenset in allowed:
            return frozenset(_member(item, members, path) for item in value)
        case _:
            names = sorted(_NAMES.get(kind, f"a value of type {getattr(kind, '__name__', kind)}") for kind in allowed - {NoneType})
            raise FactError(path, shown(value), " or ".join([*names, *(["None"] if NoneType in allowed else [])]))


def _member(item: object, kind: object, path: str) -> object:
    """One member of a tuple or set."""
    if get_origin(kind) is tuple:
        if isinstance(item, tuple | list) and len(item) == len(get_args(kind)) and all(isinstance(part, str) and part for part in item):
            return tuple(item)
        raise FactError(path, shown(item), "pairs of texts")
    if type(item) is kind and item != "":
        return item
    raise FactError(path, shown(item), "texts" if kind is str else f"values of type {getattr(kind, '__name__', kind)}")
