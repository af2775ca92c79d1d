"""What may be known of a lead, and of which kind?

Facts are frozen values. A fact that may be unknown is `None` until somebody knows it; an empty tuple means *known to be
none* (FD-6). Instants are aware and kept in UTC, zone names become zones here, text is kept letter for letter and compared
by code point; tidying what people typed is the work of `intake`. An empty text is refused: it says nothing, so it is
unknown.

Facts about a person are marked personal: no `repr`, no notebook table and no redacted record shows them.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, TypeAlias, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen

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

_PERSONAL = {"personal": True}


@frozen(repr=False, eq=True)
class Extra(Mapping[str, ExtraValue]):
    """A caller's own facts by name: a mapping that cannot change, equal whatever the order of its keys.

    Floats are refused, since they are not exact: pass a `Decimal`.

    >>> Extra.of({"critical_event": "confirmed"})["critical_event"]
    'confirmed'
    """

    pairs: tuple[tuple[str, ExtraValue], ...] = ()
    _by_name: dict[str, ExtraValue] = field(init=False, eq=False, hash=False)

    def __attrs_post_init__(self) -> None:
        """Makes the index."""
        object.__setattr__(self, "_by_name", dict(self.pairs))

    @classmethod
    def of(cls, values: Mapping[str, object], path: str = "extra") -> "Extra":
        """The facts of a mapping; those that are None are unknown, and left out."""
        if isinstance(values, Extra):
            return values
        if not isinstance(values, Mapping):
            raise FactError(path, shown(values), "a mapping of names to values")
        return cls(
            tuple(sorted((_name(name, path), _extra_value(value, f"{path}.{name}")) for name, value in values.items() if value is not None))
        )

    def __getitem__(self, name: str) -> ExtraValue:
        """The fact of that name."""
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """How many facts there are."""
        return len(self.pairs)

    def __repr__(self) -> str:
        """The names only: values may be personal."""
        return f"Extra({', '.join(self)})"


@frozen(repr=False)
class Observation:
    """What one source says of one fact: self_reported, form, enrichment, map, intent, news, or any source a policy ranks (SC-8).

    An observation fills a fact that the record leaves unknown; which source is believed first is policy.
    """

    fact: str
    value: ExtraValue
    source: str
    at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _check(self, "observation")
        _extra_value(self.value, f"observation.{self.fact}")

    def __repr__(self) -> str:
        """The fact and its source; the value may be personal."""
        return f"Observation({self.fact!r}, source={self.source!r})"


@frozen(kw_only=True)
class Activity:
    """Something that a person did: a visit, a page view, a form.

    `content` names what was seen or asked for ("pricing"); `marketing` is false for touches that sales made. Two things at
    one instant are ordered by `sequence`, then by id.
    """

    id: str
    kind: str
    at: datetime
    recorded_at: datetime | None = None
    content: str | None = None
    channel: str | None = None
    campaign: str | None = None
    utm: Extra = field(default=Extra(), converter=lambda value: Extra.of(value, "activity.utm"))
    contact_id: str | None = None
    marketing: bool = True
    sequence: int = 0

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, "activity")


@frozen(kw_only=True)
class Account:
    """The company: firmographics, technologies, and who owns it on the seller's side."""

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
    extra: Extra = field(default=Extra(), converter=lambda value: Extra.of(value, "account.extra"))

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _check(self, "account")
        _check_country(self.country, "account.country")
        if self.employees is not None and self.employees < 0:
            raise FactError("account.employees", shown(self.employees), "zero or more")
        if self.annual_revenue is not None and self.annual_revenue.minor < 0:
            raise FactError("account.annual_revenue", str(self.annual_revenue), "zero or more")


@frozen(kw_only=True, repr=False)
class Lead:
    """A person who may buy, with everything that is known of them.

    `activities` is None while nobody has looked, and empty when there are none. Activities handed over twice count once;
    two different ones under one id are refused. `suppressed` names the channels that must not be used ("email", "all").
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
    zone: ZoneInfo | None = field(default=None, converter=lambda value: None if value is None else zone(value, "lead.zone"))
    candidate_zones: tuple[ZoneInfo, ...] = field(
        default=(), converter=lambda values: tuple(zone(value, "lead.candidate_zones") for value in values)
    )
    account: Account | None = None
    contact_id: str | None = None
    activities: tuple[Activity, ...] | None = None
    suppressed: frozenset[str] = frozenset()
    observations: tuple[Observation, ...] = ()
    extra: Extra = field(default=Extra(), converter=lambda value: Extra.of(value, "lead.extra"))

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, "lead")
        _check_country(self.country, "lead.country")
        if self.email is not None:
            email_domain(self.email, "lead.email")
        if self.activities:
            object.__setattr__(self, "activities", _each_once(self.activities, "lead.activities"))

    def __repr__(self) -> str:
        """Ids and counts only."""
        known = "unknown" if self.activities is None else str(len(self.activities))
        return f"Lead({self.id!r}, account={self.account.id if self.account else None!r}, activities={known})"


@frozen(kw_only=True, repr=False)
class Contact:
    """A person as attribution knows them: by their email addresses, with the roles they have in deals."""

    id: str
    emails: tuple[str, ...] = field(default=(), metadata=_PERSONAL)
    account_id: str | None = None
    created_at: datetime | None = None
    roles: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, "contact")
        for email in self.emails:
            email_domain(email, "contact.emails")

    def __repr__(self) -> str:
        """Ids only."""
        return f"Contact({self.id!r}, account_id={self.account_id!r})"


@frozen(kw_only=True)
class Outreach:
    """A touch that the seller made; `human` is false for automatic messages."""

    id: str
    lead_id: str
    rep: str
    channel: str
    at: datetime
    human: bool
    outcome: str | None = None

    def __attrs_post_init__(self) -> None:
        """Checks every field and moves instants to UTC."""
        _check(self, "outreach")


@frozen(kw_only=True)
class Opportunity:
    """A deal; `contact_roles` pairs contact ids with their roles, `won` is None while it is open.

    The amount may be negative for a credit note (AD-18).
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
        _check(self, "opportunity")
        if self.closed_at is not None and self.closed_at < self.opened_at:
            raise FactError("opportunity.closed_at", self.closed_at.isoformat(), f"an instant at or after {self.opened_at.isoformat()}")


@frozen(kw_only=True)
class Caps:
    """How many leads a rep may take: on one local day, in one ISO week, open at once. None is no cap, 0 is never (RO-11)."""

    per_day: int | None = None
    per_week: int | None = None
    open: int | None = None

    def __attrs_post_init__(self) -> None:
        """Checks that no cap is negative."""
        _check(self, "caps")
        for name in ("per_day", "per_week", "open"):
            _at_least_zero(getattr(self, name), f"caps.{name}")


@frozen(kw_only=True)
class Rep:
    """A salesperson; `share` is the weight in the rotation (0 is out of it, RO-7), `calendar` names opening hours of the policy."""

    id: str
    role: str
    seniority: str | None = None
    territories: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    share: int = 1
    zone: ZoneInfo | None = field(default=None, converter=lambda value: None if value is None else zone(value, "rep.zone"))
    calendar: str | None = None
    caps: Caps = field(factory=Caps)
    away: tuple[Span, ...] = ()
    delegate: str | None = None
    backup: str | None = None
    manager: str | None = None
    active: bool = True

    def __attrs_post_init__(self) -> None:
        """Checks every field."""
        _check(self, "rep")
        _at_least_zero(self.share, "rep.share")


@frozen(kw_only=True)
class Roster:
    """Who is there: the reps, the territories that exist, the parents of accounts, and who takes what nobody else may.

    Ids are unique; delegates, backups, managers and the overflow owner exist; no account is its own ancestor (RT-4).
    """

    reps: tuple[Rep, ...]
    territories: frozenset[str] = frozenset()
    parents: tuple[Account, ...] = ()
    overflow_owner: str | None = None

    def __attrs_post_init__(self) -> None:
        """Checks the names against one another."""
        _check(self, "roster")
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
    local, at, domain = email.rpartition("@")
    if not (local and at and domain) or any(letter.isspace() for letter in email):
        raise FactError(path, "text without a mailbox and a domain", "an email address", 'Write it like "ana@acme.example".')
    return domain.casefold()


def is_personal(fact: type, name: str) -> bool:
    """Whether that field tells something of a person.

    >>> is_personal(Lead, "email"), is_personal(Lead, "country")
    (True, False)
    """
    return bool(getattr(attrs.fields(fact), name).metadata.get("personal"))


def to_dict(fact: object, *, redact: bool = False, personal: Collection[str] = ()) -> dict[str, Plain]:
    """A fact as plain data, what is unknown left out; `intake` reads it back.

    With `redact` the personal fields are left out, and so are extras and observations of the names in `personal`.

    >>> to_dict(Lead(id="L-1", email="ana@acme.example", country="DE"), redact=True)
    {'id': 'L-1', 'country': 'DE'}
    """
    result: dict[str, Plain] = {}
    for attribute in attrs.fields(type(fact)):
        value = getattr(fact, attribute.name)
        default = attribute.default.factory() if isinstance(attribute.default, type(attrs.Factory(list))) else attribute.default
        if value is None or (value == default and attribute.name != "activities"):
            continue
        if redact and attribute.metadata.get("personal"):
            continue
        match value:
            case Extra():
                result[attribute.name] = {name: plain(item) for name, item in value.pairs if not (redact and name in personal)}
            case tuple() if value and isinstance(value[0], Activity):
                ordered = sorted(value, key=lambda activity: (activity.at, activity.sequence, activity.id))
                result[attribute.name] = [to_dict(item) for item in ordered]
            case tuple() if value and isinstance(value[0], Observation):
                kept = [item for item in value if not (redact and item.fact in personal)]
                result[attribute.name] = [to_dict(item) for item in sorted(kept, key=_observation_order)]
            case Account():
                result[attribute.name] = to_dict(value, redact=redact, personal=personal)
            case _:
                result[attribute.name] = plain(value)
    return result


def _observation_order(observation: Observation) -> tuple[str, str, str, str]:
    return observation.fact, observation.source, str(plain(observation.at)), str(plain(observation.value))


def _each_once(activities: tuple[Activity, ...], path: str) -> tuple[Activity, ...]:
    """The activities without those that stand twice; two different ones under one id are refused (AD-13)."""
    by_id = {activity.id: activity for activity in activities}
    if len(by_id) == len(activities):
        return activities
    for activity in activities:
        if by_id[activity.id] != activity:
            raise FactError(f"{path}[{activity.id}]", "two different activities", "one activity under one id")
    return tuple(by_id.values())


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
        case bool() | int() | Money():
            return value
        case str() if value:
            return value
        case datetime():
            return instant(value, path)
        case Decimal() if value.is_finite():
            return value
        case frozenset() | set() | list() | tuple() if all(isinstance(item, str) and item for item in value):
            return frozenset(value)
        case float():
            raise FactError(path, shown(value), "an exact number", f'Pass Decimal("{value}").')
        case _:
            raise FactError(path, shown(value), "text, a number, true or false, an instant or a set of texts")


# ---------------------------------------------------------------------------------------------------- checks of every field


def _allowed(annotation: Any) -> frozenset[type]:  # noqa: ANN401 - annotations have no better type
    """The exact types that a field takes as they are; a bool is not an int here."""
    inner = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return frozenset(get_origin(item) or item for item in inner)


_CHECKS: dict[type, tuple[tuple[str, frozenset[type], Any], ...]] = {
    cls: tuple(
        (item.name, _allowed(item.type), item.type)
        for item in attrs.fields(cls)
        if item.name not in {"value", "zone", "candidate_zones", "extra", "utm"}
    )
    for cls in (Observation, Activity, Account, Lead, Contact, Outreach, Opportunity, Caps, Rep, Roster)
}


def _check(fact: object, path: str) -> None:
    """Checks every field by its declared type; instants move to UTC, lists become tuples, sets become frozen sets."""
    for name, allowed, annotation in _CHECKS[type(fact)]:
        value = getattr(fact, name)
        kind = value.__class__
        if kind in allowed:
            if kind is str:
                if value:
                    continue
            elif kind is datetime:
                if value.tzinfo is UTC:
                    continue
            elif kind is not tuple and kind is not frozenset:
                continue
        fit = _fitted(value, allowed, annotation, f"{path}.{name}")
        if fit is not value:
            object.__setattr__(fact, name, fit)


def _fitted(value: object, allowed: frozenset[type], annotation: Any, path: str) -> object:  # noqa: ANN401 - as above
    """The value as the field keeps it, or a `FactError` that says what would do."""
    match value:
        case "":
            raise FactError(path, "''", "text", "An empty text says nothing: pass None." if type(None) in allowed else "")
        case datetime() if datetime in allowed:
            return instant(value, path)
        case tuple() | list() if tuple in allowed:
            return tuple(_member(item, _inner(annotation, tuple), path) for item in value)
        case frozenset() | set() | list() | tuple() if frozenset in allowed:
            return frozenset(_member(item, str, path) for item in value)
        case _:
            names = {"NoneType": "None", "str": "text", "int": "a whole number", "bool": "true or false", "datetime": "an aware datetime"}
            expected = " or ".join(sorted((names.get(kind.__name__, kind.__name__) for kind in allowed), key=lambda word: word == "None"))
            raise FactError(path, shown(value), expected)


def _inner(annotation: Any, origin: type) -> Any:  # noqa: ANN401 - as above
    """What a tuple holds."""
    inner = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return next(get_args(item)[0] for item in inner if get_origin(item) is origin)


def _member(item: object, kind: Any, path: str) -> object:  # noqa: ANN401 - as above
    """One member of a tuple or set."""
    if get_origin(kind) is tuple:
        if isinstance(item, tuple | list) and len(item) == len(get_args(kind)) and all(isinstance(part, str) and part for part in item):
            return tuple(item)
        raise FactError(path, shown(item), "pairs of texts")
    if type(item) is kind and item != "":
        return item
    raise FactError(path, shown(item), "text" if kind is str else f"values of type {kind.__name__}")
