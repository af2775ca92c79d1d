"""From the JSON of one lead with ten activities to facts, and on to an assessment (P4).

Everybody reads the same records into typed values with aware instants and refuses unknown keys, kinds that do not exist, naive
instants, countries that are no code and answers outside a closed choice. Ours tidies text as well (white space, composed
Unicode, numbers written as text) and says what would have done.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from attrs import field, frozen
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from benchmarks.assess_raw import by_hand
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, agree, one_by_one
from benchmarks.peers import as_json, module
from benchmarks.sample import AT, Record, records
from inbound_engine import Engine, Lead, Policy
from inbound_engine.assessments import Assessment
from inbound_engine.facts import ACTIVITY_KINDS, COUNTRIES

__all__ = ["prepare"]

Said: TypeAlias = tuple[object, ...]

_EVENTS = ("none", "implied", "mentioned", "confirmed")
_REQUESTED = ("nothing", "newsletter", "webinar", "demo", "call", "trial")


# ---------------------------------------------------------------------------------------------------------- hand-written


@frozen
class HandActivity:
    """An activity."""

    id: str
    kind: str
    at: datetime
    content: str | None
    marketing: bool


@frozen
class HandAccount:
    """A company."""

    id: str
    name: str | None
    industry: str | None
    employees: int | None
    growth_stage: str | None
    technologies: frozenset[str] | None
    country: str | None


@frozen
class HandLead:
    """A lead."""

    id: str
    created_at: datetime | None
    name: str | None
    email: str | None
    title: str | None
    country: str | None
    lead_type: str | None
    account: HandAccount | None
    activities: tuple[HandActivity, ...] | None
    extra: dict[str, str] = field(factory=dict)


_LEAD_KEYS = {"id", "created_at", "name", "email", "title", "country", "lead_type", "account", "activities", "extra"}
_ACCOUNT_KEYS = {"id", "name", "industry", "employees", "growth_stage", "technologies", "country"}
_ACTIVITY_KEYS = {"id", "kind", "at", "content", "marketing"}
_EXTRAS = {"critical_event": frozenset(_EVENTS), "requested": frozenset(_REQUESTED)}
_KINDS = frozenset(ACTIVITY_KINDS)


def _text(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is None or (type(value) is str and value):
        return value
    raise ValueError(key)


def _required(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if type(value) is str and value:
        return value
    raise ValueError(key)


def _instant(value: object, key: str) -> datetime:
    if type(value) is not str:
        raise ValueError(key)
    found = datetime.fromisoformat(value)
    if found.tzinfo is UTC:
        return found
    if found.tzinfo is None:
        raise ValueError(key)
    return found.astimezone(UTC)


def _country(record: dict[str, Any]) -> str | None:
    value = _text(record, "country")
    if value is None or value in COUNTRIES:
        return value
    raise ValueError(value)


def _hand_activity(record: dict[str, Any]) -> HandActivity:
    if not record.keys() <= _ACTIVITY_KEYS:
        raise ValueError(record.keys() - _ACTIVITY_KEYS)
    kind, marketing = record["kind"], record.get("marketing", True)
    if kind not in _KINDS:
        raise ValueError(kind)
    if type(marketing) is not bool:
        raise ValueError(marketing)
    return HandActivity(_required(record, "id"), kind, _instant(record["at"], "at"), _text(record, "content"), marketing)


def _hand_account(record: dict[str, Any]) -> HandAccount:
    if not record.keys() <= _ACCOUNT_KEYS:
        raise ValueError(record.keys() - _ACCOUNT_KEYS)
    employees, technologies = record.get("employees"), record.get("technologies")
    if employees is not None and (type(employees) is not int or employees < 0):
        raise ValueError(employees)
    if technologies is not None:
        if type(technologies) is not list or not all(type(name) is str for name in technologies):
            raise ValueError(technologies)
        technologies = frozenset(technologies)
    return HandAccount(
        _required(record, "id"),
        _text(record, "name"),
        _text(record, "industry"),
        employees,
        _text(record, "growth_stage"),
        technologies,
        _country(record),
    )


def hand_read(text: bytes) -> HandLead:
    """The lead that JSON says, with a check of each field."""
    record = json.loads(text)
    if type(record) is not dict or not record.keys() <= _LEAD_KEYS:
        raise ValueError(record)
    created, account, activities, extra = (record.get(key) for key in ("created_at", "account", "activities", "extra"))
    email = _text(record, "email")
    if email is not None and "@" not in email:
        raise ValueError(email)
    for name, value in (extra or {}).items():
        if name not in _EXTRAS or value not in _EXTRAS[name]:
            raise ValueError(name)
    return HandLead(
        _required(record, "id"),
        None if created is None else _instant(created, "created_at"),
        _text(record, "name"),
        email,
        _text(record, "title"),
        _country(record),
        _text(record, "lead_type"),
        None if account is None else _hand_account(account),
        None if activities is None else tuple([_hand_activity(row) for row in activities]),
        extra or {},
    )


# -------------------------------------------------------------------------------------------------------------- pydantic

Country: TypeAlias = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Text: TypeAlias = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)


class ModelActivity(_Model):
    """An activity."""

    id: Text
    kind: Literal[
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
    ]
    at: AwareDatetime
    content: Text | None = None
    marketing: bool = True


class ModelAccount(_Model):
    """A company."""

    id: Text
    name: Text | None = None
    industry: Text | None = None
    employees: Annotated[int, Field(ge=0)] | None = None
    growth_stage: Text | None = None
    technologies: frozenset[str] | None = None
    country: Country | None = None


class ModelExtra(_Model):
    """The declared facts."""

    critical_event: Literal["none", "implied", "mentioned", "confirmed"] | None = None
    requested: Literal["nothing", "newsletter", "webinar", "demo", "call", "trial"] | None = None


class ModelLead(_Model):
    """A lead."""

    id: Text
    created_at: AwareDatetime | None = None
    name: Text | None = None
    email: Annotated[str, Field(pattern="^[^@]+@[^@]+$")] | None = None
    title: Text | None = None
    country: Country | None = None
    lead_type: Text | None = None
    account: ModelAccount | None = None
    activities: tuple[ModelActivity, ...] | None = None
    extra: ModelExtra = ModelExtra()


# --------------------------------------------------------------------------------------------------------------- msgspec


def _msgspec() -> Callable[[bytes], Any] | None:
    """The same shape as msgspec structs."""
    found = module("msgspec")
    if found is None:
        return None
    options = {"forbid_unknown_fields": True, "frozen": True}
    meta = found.Meta
    text = Annotated[str, meta(min_length=1)]
    country = Annotated[str, meta(pattern="^[A-Z]{2}$")]
    aware = Annotated[datetime, meta(tz=True)]
    activity: Any = found.defstruct(
        "Activity",
        [("id", text), ("kind", Literal[ACTIVITY_KINDS]), ("at", aware), ("content", text | None, None), ("marketing", bool, True)],
        **options,
    )
    account: Any = found.defstruct(
        "Account",
        [
            ("id", text),
            ("name", text | None, None),
            ("industry", text | None, None),
            ("employees", Annotated[int, meta(ge=0)] | None, None),
            ("growth_stage", text | None, None),
            ("technologies", frozenset[str] | None, None),
            ("country", country | None, None),
        ],
        **options,
    )
    extra = found.defstruct(
        "Extra", [("critical_event", Literal[_EVENTS] | None, None), ("requested", Literal[_REQUESTED] | None, None)], **options
    )
    lead = found.defstruct(
        "Lead",
        [
            ("id", text),
            ("created_at", aware | None, None),
            ("name", text | None, None),
            ("email", Annotated[str, meta(pattern="^[^@]+@[^@]+$")] | None, None),
            ("title", text | None, None),
            ("country", country | None, None),
            ("lead_type", text | None, None),
            ("account", account | None, None),
            ("activities", tuple.__class_getitem__((activity, ...)) | None, None),
            ("extra", extra, extra()),
        ],
        **options,
    )
    decode: Callable[[bytes], Any] = found.json.Decoder(lead).decode
    return decode


# ----------------------------------------------------------------------------------------------------------- the answers


def _said(found: Any) -> Said:  # noqa: ANN401 - each reader has values of its own, under the same names
    extra, account = found.extra, found.account
    told = extra if isinstance(extra, Mapping) else {name: getattr(extra, name) for name in _EXTRAS}
    company = None if account is None else tuple(getattr(account, name) for name in sorted(_ACCOUNT_KEYS))
    several = found.activities
    done = None if several is None else sorted((one.id, one.kind, one.at, one.content, one.marketing) for one in several)
    own = tuple(getattr(found, name) for name in ("id", "created_at", "name", "email", "title", "country", "lead_type"))
    return (*own, company, done, told.get("critical_event"), told.get("requested"))


def _decided(found: Assessment) -> Said:
    return (*(found.scores.points(name) for name in ("selection", "urgency", "fit", "engagement")), found.tier, found.mql, found.clause)


def _decided_by_hand(found: HandLead) -> Said:
    selection, urgency, fit, engagement, tier, _, mql, clause, _, _ = by_hand(found, AT)  # type: ignore[arg-type]  # the same names
    return selection, urgency, fit, engagement, tier, mql, clause


_SPOILT: tuple[tuple[str, Callable[[Record], Record]], ...] = (
    ("an unknown key", lambda record: {**record, "agee": 1}),
    ("a kind that does not exist", lambda record: {**record, "activities": [{"id": "a", "kind": "vist", "at": AT.isoformat()}]}),
    ("a naive instant", lambda record: {**record, "created_at": "2026-03-02T09:00:00"}),
    ("no id", lambda record: {key: value for key, value in record.items() if key != "id"}),
    ("an answer outside the choice", lambda record: {**record, "extra": {"critical_event": "perhaps"}}),
    ("a country that is no code", lambda record: {**record, "country": "Germany"}),
)


def _refuses(name: str, read: Callable[[bytes], object], record: Record) -> None:
    for what, spoil in _SPOILT:
        try:
            read(as_json(spoil(record)))
        except ValueError:
            continue
        raise DisagreementError(f"{name} lets {what} pass")


# --------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares what everybody reads, and gives what is to be timed."""
    engine = Engine(Policy())
    several = records(200 if quick else 2_000)
    texts = [as_json(record) for record in several]

    def ours(text: bytes) -> Lead:
        return engine.read(json.loads(text))

    def ours_to_the_end(text: bytes) -> Assessment:
        return engine.assess(engine.read(json.loads(text)), at=AT)

    msgspec = _msgspec()
    readers: tuple[tuple[str, Callable[[bytes], object] | None], ...] = (
        ("hand-written", hand_read),
        ("pydantic", ModelLead.model_validate_json),
        ("msgspec", msgspec),
    )
    expected = [_said(ours(text)) for text in texts]
    _refuses("ours", ours, several[0])
    for name, read in readers:
        if read is not None:
            agree(name, expected, [_said(read(text)) for text in texts], texts)
            _refuses(name, read, several[0])
    whole = [_decided(ours_to_the_end(text)) for text in texts]
    scales = (3, 3, 3, 1000)
    weighted = [(*(points * scale for points, scale in zip(said[:4], scales, strict=True)), *said[4:]) for said in whole]  # type: ignore[operator]
    agree("hand-written decision", weighted, [_decided_by_hand(hand_read(text)) for text in texts], texts)
    return _reading(ours, msgspec, texts[:200]), _deciding(engine, ours_to_the_end, texts[:200])


def _optional(name: str, read: Callable[[bytes], object] | None, texts: Sequence[bytes]) -> Contestant:
    return Contestant(name, None) if read is None else one_by_one(name, read, texts)


def _reading(ours: Callable[[bytes], Lead], msgspec: Callable[[bytes], object] | None, texts: Sequence[bytes]) -> Bench:
    floor = "json.loads and hand-written checks"
    return Bench(
        "Read one lead with 10 activities from JSON bytes",
        "µs",
        floor,
        (
            one_by_one("json.loads alone", json.loads, texts, "nothing is checked"),
            one_by_one(floor, hand_read, texts),
            _optional("msgspec, typed decoder", msgspec, texts),
            one_by_one("pydantic, model_validate_json", ModelLead.model_validate_json, texts),
            one_by_one("engine.read(json.loads(...))", ours, texts, "`intake.lead`; tidies text too"),
        ),
    )


def _deciding(engine: Engine, ours: Callable[[bytes], Assessment], texts: Sequence[bytes]) -> Bench:
    floor, beside, name = (
        "json.loads, hand-written checks and decision",
        "pydantic model_validate_json, and engine.assess of a lead at hand",
        "engine.assess(engine.read(json.loads(...)))",
    )
    pairs = [(text, engine.read(json.loads(text))) for text in texts]

    def both(pair: tuple[bytes, Lead]) -> object:
        ModelLead.model_validate_json(pair[0])
        return engine.assess(pair[1], at=AT)

    return Bench(
        "From JSON bytes to an assessment (P4)",
        "µs",
        floor,
        (
            one_by_one(floor, lambda text: by_hand(hand_read(text), AT), texts),  # type: ignore[arg-type]  # the same names
            one_by_one(beside, both, pairs, "the measure of P4"),
            one_by_one(name, ours, texts),
        ),
        (Goal("P4", name, 2, (beside,)),),
    )
