"""Which touches count for a deal?

A journey is what led to one deal (AD-1): the touches of the people who count for it, up to the instant of its close, in the order
`(at, sequence, id)` whatever order they came in (AD-2). A touch is an `Activity`, since an activity says all that is asked of a
touch; a second kind of value would copy every one of them.

What does not count is left out before any weight is given, so that what is left shares the whole (AD-10), and is kept with the
reason: a touch after the close, one outside the look-back, one that an exclusion means, a direct visit where there is anything else
(AD-9), a duplicate. A touch at the very instant of a milestone lies before it (AD-4): the form *is* the creation of the lead.

The bound of a journey is the close of the deal, and for one that is still open the instant at which it is looked at (AD-19). A
milestone after the bound has not been reached. With `granularity = "day"` every comparison is of dates in the zone of the policy,
both ends included (AD-3); the order of touches stays that of their instants.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter, eq, itemgetter
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.calendars import ZoneName
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, each_of, of_type, shown
from inbound_engine.facts import Activity, Lead, Opportunity
from inbound_engine.history import Record, each_record, visits
from inbound_engine.people import People, PeopleDocument
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, asked
from inbound_engine.spans import EARLIEST, instant, look_back, zone

__all__ = [
    "ChannelWindow",
    "Direct",
    "Excluded",
    "Exclusion",
    "Journey",
    "JourneyDocument",
    "LeadCreation",
    "Rules",
    "Total",
    "assemble",
    "compile",
    "prepare",
    "strays",
    "under",
]

Total: TypeAlias = Literal["revenue", "pipeline", "lost"]
"""What a deal adds to: revenue once it is won, pipeline while it is open, lost once it is lost; never to two of them (AD-19)."""
Direct: TypeAlias = Literal["fallback", "include", "exclude"]
"""Whether direct visits count: only where there is nothing else, always, or never (AD-9)."""

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]
Days: TypeAlias = Annotated[int, Field(ge=0, le=36_500)]
Fits: TypeAlias = Callable[[Activity], bool]
Left: TypeAlias = tuple[str, str, Activity]
"""Why a touch was left out: the code, the path of the rule, the touch."""
Split: TypeAlias = tuple[tuple[Activity, ...], tuple[Activity, ...], tuple[Left, ...]]
"""The touches with a channel of their own, the direct ones, and those that were left out."""
Asked: TypeAlias = tuple[Direct, "LeadCreation | None", tuple[tuple[str, datetime], ...], bool, ZoneInfo | None, datetime, datetime | None]
"""What a journey was prepared with: direct visits, the lead, stages, whether anybody counts, the zone of dates, both ends of its sight."""

_ORDER = attrgetter("at", "sequence", "id")
_AT = attrgetter("at")
_RECORDED_AT = attrgetter("recorded_at")
_ID = attrgetter("id")
_CHANNEL = attrgetter("channel")
_STEPS = ("outside_window", "before_previous_close", "recorded_later", "after_close")
_TICK = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------------ documents


class Exclusion(Document):
    """Touches that fit everything this filter says do not count (AD-9)."""

    id: Id
    label: Label = ""
    touches: ActivityFilter
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Exclusion":
        if self.touches == ActivityFilter():
            refuse([Problem("touches", "nothing", "what the touches are", "A filter that says nothing means every touch.")])
        return self


class ChannelWindow(Document):
    """Touches of these channels count so many days back; None is without end."""

    id: Id
    channels: Rows[Text] = Field(min_length=1)
    days: Days | None
    source: Label = ""


class JourneyDocument(Document):
    """Which touches count: exclusions, direct visits, the look-back, duplicates, and whether an account starts anew after a win.

    The look-back is the closed interval of so many days of 24 hours before the close, or before the opportunity was opened; a
    channel may have its own. With `scope = "since_previous_close"` what lies up to the last win of the account before this deal was
    opened belongs to that win (AD-21). With `dedupe_minutes` a touch of the same person and campaign, or channel where no campaign
    is known, that follows one that counts within so many minutes is a duplicate (AD-13).
    """

    people: PeopleDocument = Field(default_factory=PeopleDocument)
    granularity: Literal["instant", "day"] = "instant"
    zone: ZoneName = "UTC"
    exclusions: UniqueRows[Exclusion] = ()
    direct: Direct = "fallback"
    direct_channels: Rows[Text] = ()
    unknown_is_direct: bool = False
    window_days: Days | None = None
    window_from: Literal["close", "opportunity"] = "close"
    windows: UniqueRows[ChannelWindow] = ()
    scope: Literal["account", "since_previous_close"] = "account"
    dedupe_minutes: Annotated[int, Field(ge=0, le=527_040)] | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "JourneyDocument":
        held: dict[str, str] = {}
        problems = []
        for row in self.windows:
            for channel in row.channels:
                if held.setdefault(channel, row.id) != row.id:
                    saw = f"{shown(channel)}, which {held[channel]} has too"
                    problems.append(Problem(f"windows[{row.id}].channels", saw, "a channel in one window", "Remove it from one of them."))
        refuse(problems)
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class LeadCreation:
    """When and by whose touch the lead of a deal came to be (AD-5).

    `touch_id` is the touch that the record names; `contact_ids` are what the touches of that person carry as `contact_id`.
    """

    at: datetime | None = None
    contact_ids: frozenset[str] = frozenset()
    touch_id: str | None = None

    def __attrs_post_init__(self) -> None:
        """Moves the instant to UTC, and checks that the ids are several."""
        if self.contact_ids.__class__ is not frozenset:
            object.__setattr__(self, "contact_ids", frozenset(each_of(self.contact_ids, str, "lead_creation.contact_ids")))
        if self.at is not None:
            object.__setattr__(self, "at", instant(self.at, "lead_creation.at"))

    @classmethod
    def of(cls, lead: Lead, contact_ids: Iterable[str] | None = None) -> "LeadCreation":
        """What the lead says; its own id, contact and address are what its touches carry, unless the caller knows better.

        >>> LeadCreation.of(Lead(id="L-1", contact_id="c-1", source_touch_id="t-1")).touch_id
        't-1'
        """
        lead = of_type(lead, Lead, "lead")
        known = (lead.id, lead.contact_id, lead.email) if contact_ids is None else tuple(each_of(contact_ids, str, "contact_ids"))
        return cls(lead.created_at, frozenset(name for name in known if name is not None), lead.source_touch_id)


@frozen
class Excluded:
    """A touch that does not count, and why: a stable code, and the path of the rule where one said so.

    Codes are after_close, recorded_later, before_previous_close, outside_window, excluded, direct and duplicate.
    """

    touch: Activity
    code: str
    rule: str = ""


@frozen(repr=False)
class Journey:
    """The touches that count for a deal, in order, and what was left out; made by `prepare`.

    `total` says what the deal adds to, and `bound` up to when touches count. `marks` says at which place among the touches a
    milestone lies: "first", "last", "lead", "opportunity", "close", and of every stage the first and the last time that it was
    entered, as "MQL:first" and "MQL:last"; one without a touch at or before it has none.
    """

    opportunity: Opportunity
    total: Total
    bound: datetime
    touches: tuple[Activity, ...]
    marks: Mapping[str, int] = field(eq=False)
    _asked: Asked = field(alias="asked")
    _split: Split = field(alias="split")

    @property
    def direct(self) -> Direct:
        """Whether direct visits count."""
        return self._asked[0]

    @property
    def created(self) -> LeadCreation | None:
        """When and by whose touch the lead came to be."""
        return self._asked[1]

    @property
    def stages(self) -> tuple[tuple[str, datetime], ...]:
        """The entries into stages, in order."""
        return self._asked[2]

    @property
    def has_people(self) -> bool:
        """Whether anybody counts for the deal."""
        return self._asked[3]

    @property
    def zone(self) -> ZoneInfo | None:
        """Where dates are read; None where instants are compared."""
        return self._asked[4]

    @property
    def until(self) -> datetime:
        """The last instant in sight: the bound, or the end of its date where dates are compared."""
        return self._asked[5]

    @property
    def since(self) -> datetime | None:
        """The first instant in sight: after the previous win and inside the look-back; None where there is no such end.

        A channel with a look-back of its own is seen otherwise.
        """
        return self._asked[6]

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Every touch that was left out, with its reason, in order."""
        _, directs, others = self._split
        left = [Excluded(touch, code, rule) for code, rule, touch in others]
        if directs and self.touches is not directs and self.direct != "include":
            left += (Excluded(touch, "direct", "attribution.journeys.direct") for touch in directs)
        return tuple(sorted(left, key=lambda one: _ORDER(one.touch)))

    @property
    def why_empty(self) -> str | None:
        """Why no touch counts, as a stable code; None where one does (AD-8).

        no_contact, no_touch, or what befell the touch that came furthest: all_excluded, all_outside_window,
        all_before_previous_close, all_recorded_later, all_after_close.
        """
        if self.touches:
            return None
        codes = {one.code for one in self.excluded}
        if not codes:
            return "no_touch" if self.has_people else "no_contact"
        if codes & {"excluded", "direct"}:
            return "all_excluded"
        return next(f"all_{code}" for code in _STEPS if code in codes)

    def __repr__(self) -> str:
        """The deal and how many touches it has."""
        return f"Journey({self.opportunity.id!r}, {self.total}, touches={len(self.touches)}, excluded={len(self.excluded)})"


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The journeys of a policy, compiled."""

    document: JourneyDocument
    zone: ZoneInfo | None
    exclusions: tuple[tuple[str, Fits, Fits], ...]
    directs: frozenset[str | None]
    windows: Mapping[str, int | None]
    dedupe: timedelta | None


def compile(document: JourneyDocument, catalogue: Catalogue | None = None) -> Rules:
    """The journeys made ready; the catalogue answers what exclusions ask of touchpoints.

    >>> compile(JourneyDocument()).exclusions
    ()
    """
    known = Catalogue.of(()) if catalogue is None else catalogue
    directs: set[str | None] = {*document.direct_channels}
    return Rules(
        document=document,
        zone=zone(document.zone) if document.granularity == "day" else None,
        exclusions=tuple((f"attribution.journeys.exclusions[{row.id}]", *_fits(row.touches, known)) for row in document.exclusions),
        directs=frozenset(directs | {None} if document.unknown_is_direct else directs),
        windows={channel: row.days for row in document.windows for channel in row.channels},
        dedupe=None if document.dedupe_minutes is None else timedelta(minutes=document.dedupe_minutes),
    )


def _fits(touches: ActivityFilter, catalogue: Catalogue) -> tuple[Fits, Fits]:
    """Whether the filter means a touch, and whether it does not; the one that ships, asked of every touch there is, takes no detour."""
    if touches == ActivityFilter(marketing=False):
        return lambda touch: not touch.marketing, attrgetter("marketing")
    signals = Signals.of([Query(touches)], catalogue)

    def means(touch: Activity) -> bool:
        return any(fits is None or fits(touch) for _, fits, _ in asked(signals, touch))

    return means, lambda touch: not means(touch)


# ------------------------------------------------------------------------------------------------------------ functions


def prepare(
    rules: Rules,
    opportunity: Opportunity,
    touches: Iterable[Activity],
    *,
    created: LeadCreation | Lead | None = None,
    stages: Iterable[tuple[str, datetime]] = (),
    previous_close: datetime | None = None,
    person_of: Callable[[str | None], object] | None = None,
    has_people: bool = True,
    at: datetime | None = None,
) -> Journey:
    """The journey of a deal from the touches of those who count for it, in any order.

    A deal that is won or lost is bound by its close, one that is open by `at`, without which it is a `FactError` (AD-19). With `at`
    nothing later is known: a deal that closed after it is still open, one that was opened after it is a `FactError`, and a touch that
    was written down after it does not count yet. `stages` are the entries into stages, for models with milestones of their own
    (AD-25). `person_of` tells people apart for duplicates where one has several ids. A touch that comes twice counts once; two
    different ones under one id are a `FactError` (AD-13).

    >>> from datetime import UTC
    >>> deal = Opportunity(id="D-1", opened_at=datetime(2026, 2, 1, tzinfo=UTC), closed_at=datetime(2026, 3, 1, tzinfo=UTC), won=True)
    >>> visits = [Activity(id=f"t-{month}", kind="visit", at=datetime(2026, month, 1, tzinfo=UTC)) for month in (1, 2, 3, 4)]
    >>> journey = prepare(compile(JourneyDocument()), deal, visits)
    >>> [touch.id for touch in journey.touches], journey.marks["opportunity"], [one.code for one in journey.excluded]
    (['t-1', 't-2', 't-3'], 1, ['after_close'])
    """
    at = None if at is None else instant(at)
    total, bound = _standing(of_type(opportunity, Opportunity, "opportunity"), at)
    document, where = rules.document, rules.zone
    limit = _limit(bound, where, at)
    ordered, instants = _in_order(touches)
    left: list[Left] = []
    if ordered and ordered[-1].at > limit:
        place = bisect_right(ordered, limit, key=_AT)
        left += [("after_close", "", touch) for touch in ordered[place:]]
        del ordered[place:]
    if at is not None and any(map(_RECORDED_AT, ordered)):
        known = [touch for touch in ordered if touch.recorded_at is None or touch.recorded_at <= at]
        left += (("recorded_later", "", touch) for touch in ordered if touch.recorded_at is not None and touch.recorded_at > at)
        ordered = known
    seen: datetime | None = None
    if previous_close is not None and document.scope == "since_previous_close":
        since = instant(previous_close, "previous_close")
        since = since if where is None else _last_of(since, where)
        place = bisect_right(ordered, since, key=_AT)
        left += (("before_previous_close", "attribution.journeys.scope", touch) for touch in ordered[:place])
        del ordered[:place]
        seen = since + _TICK
    if document.window_days is not None or rules.windows:
        end = bound if document.window_from == "close" else opportunity.opened_at
        ordered = _within(rules, ordered, end, left)
        if document.window_days is not None:
            first = _first_of(end, document.window_days, where)
            seen = first if seen is None else max(seen, first)
    for path, fits, clear in rules.exclusions:
        if not all(map(clear, ordered)):
            left += [("excluded", path, touch) for touch in ordered if fits(touch)]
            ordered = [touch for touch in ordered if not fits(touch)]
    if rules.dedupe is not None:
        ordered = _without_duplicates(ordered, rules.dedupe, person_of, left)
    directs: tuple[Activity, ...] = ()
    named = counted = tuple(ordered)
    if not rules.directs.isdisjoint(map(_CHANNEL, ordered)):
        directs = tuple([touch for touch in ordered if touch.channel in rules.directs])
        named = tuple([touch for touch in ordered if touch.channel not in rules.directs])
        counted = _chosen(named, directs, document.direct)
    if created is not None and not isinstance(created, LeadCreation):
        created = LeadCreation.of(of_type(created, Lead, "created"))
    entries = tuple(sorted(map(_entry, each_of(stages, object, "stages")), key=itemgetter(1))) if stages else ()
    closed = total != "pipeline"
    marks: dict[str, int] = {}
    if counted:
        instants = instants if len(counted) == len(instants) else [*map(_AT, counted)]
        marks = _marks(counted, instants, opportunity, closed=closed, limit=limit, created=created, stages=entries, where=where)
    asked_for = (document.direct, created, entries, has_people, where, limit, seen)
    return Journey(opportunity, total, bound, counted, marks, asked_for, (named, directs, tuple(left)))


def under(journey: Journey, direct: Direct) -> Journey:
    """The same journey, with direct visits counted as a model says; itself where that makes no difference (AD-9).

    >>> from datetime import UTC
    >>> deal = Opportunity(id="D-1", opened_at=datetime(2026, 2, 1, tzinfo=UTC), closed_at=datetime(2026, 3, 1, tzinfo=UTC), won=True)
    >>> both = [Activity(id=name, kind="visit", at=datetime(2026, 1, 1, tzinfo=UTC), channel=name) for name in ("direct", "email")]
    >>> journey = prepare(compile(JourneyDocument(direct_channels=["direct"])), deal, both)
    >>> [touch.id for touch in journey.touches], [touch.id for touch in under(journey, "include").touches]
    (['email'], ['direct', 'email'])
    """
    named, directs, _ = journey._split
    if direct == journey.direct or not directs:
        return journey
    counted = _chosen(named, directs, direct)
    _, created, stages, _, where, limit, _ = journey._asked
    closed, opportunity = journey.total != "pipeline", journey.opportunity
    marks: dict[str, int] = {}
    if counted:
        instants = [*map(_AT, counted)]
        marks = _marks(counted, instants, opportunity, closed=closed, limit=limit, created=created, stages=stages, where=where)
    return Journey(opportunity, journey.total, journey.bound, counted, marks, (direct, *journey._asked[1:]), journey._split)


def assemble(
    rules: Rules,
    people: People,
    opportunities: Iterable[Opportunity],
    touches: Iterable[Activity],
    *,
    records: Iterable[Record] = (),
    at: datetime | None = None,
) -> Iterator[Journey]:
    """The journeys of many deals, in the order of the deals, from the touches of everybody (AD-12).

    Touches are held in memory, journeys are not. `records` are the histories of leads and of deals, by their ids, in every machine that
    they are in: the visits to stages of the deal, and of the lead whose creation counts, are the milestones of models that name stages;
    what was only noted in a stage is no visit. With `at`, deals that were opened after it are not known yet and are left out. What
    nobody known left is in no journey: `strays` lists it.

    >>> from datetime import UTC
    >>> from inbound_engine.facts import Contact
    >>> ana, ben = (Contact(id=name, emails=(f"{name}@acme.example",), account_id="acme") for name in ("ana", "ben"))
    >>> opened, closed = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    >>> deal = Opportunity(id="D-1", account_id="acme", opened_at=opened, closed_at=closed, won=True)
    >>> clicks = [Activity(id=f"t-{who}", kind="visit", at=opened, contact_id=who) for who in ("ana", "BEN@acme.example", "cleo")]
    >>> people = People.of(PeopleDocument(), [ana, ben])
    >>> [journey] = assemble(compile(JourneyDocument()), people, [deal], clicks)
    >>> [touch.id for touch in journey.touches], [touch.id for touch in strays(people, clicks)]
    (['t-BEN@acme.example', 't-ana'], ['t-cleo'])
    """
    at = None if at is None else instant(at)
    by_person: dict[object, list[Activity]] = {}
    persons = {}
    for touch in each_of(touches, Activity, "touches"):
        name = touch.contact_id
        if name not in persons:
            persons[name] = people.person(name)
        by_person.setdefault(persons[name], []).append(touch)
    entered: dict[str, list[tuple[str, datetime]]] = {}
    for record in each_record(records):
        for one in (record, *record.merged):
            entered.setdefault(one.id, []).extend((visit.entry.stage, visit.entry.at) for visit in visits(one))
    deals = tuple(each_of(opportunities, Opportunity, "opportunities"))
    closes = _closes(deals) if rules.document.scope == "since_previous_close" else {}
    for opportunity in deals:
        if at is not None and opportunity.opened_at > at:
            continue
        counted = people.counted(opportunity)
        _, bound = _standing(opportunity, at)
        lead = people.lead(opportunity, counted, until=_limit(bound, rules.zone, at))
        own = [touch for person in counted for touch in by_person.get(person, ())]
        created = None
        if lead is not None:
            theirs = by_person.get(people.person_of_lead(lead), ())
            whose = frozenset([touch.contact_id for touch in theirs if touch.contact_id is not None])
            created = LeadCreation(lead.created_at, whose, lead.source_touch_id)
        yield prepare(
            rules,
            opportunity,
            own,
            created=created,
            stages=[*_of_deal(entered, people, opportunity), *(entered.get(lead.id, ()) if lead is not None else ())],
            previous_close=_before(closes.get(opportunity.account_id, ()), opportunity),
            person_of=persons.__getitem__,
            has_people=bool(counted),
            at=at,
        )


def strays(people: People, touches: Iterable[Activity]) -> tuple[Activity, ...]:
    """The touches that nobody known left: no contact, lead or address of theirs is among the people."""
    return tuple(touch for touch in each_of(touches, Activity, "touches") if people.person(touch.contact_id) is None)


# -------------------------------------------------------------------------------------------------------------- details


def _standing(opportunity: Opportunity, at: datetime | None) -> tuple[Total, datetime]:
    """What the deal adds to as of the instant, and up to when touches count."""
    closed, won = opportunity.closed_at, opportunity.won
    if at is not None and opportunity.opened_at > at:
        path = f"opportunities[{opportunity.id}].opened_at"
        raise FactError(path, opportunity.opened_at.isoformat(), f"an instant at or before {at.isoformat()}", "It is not known yet.")
    if won is not None and closed is None:
        path = f"opportunities[{opportunity.id}].closed_at"
        raise FactError(path, "nothing", "the instant at which it was won or lost", "A deal without one is still open: won=None.")
    if won is None or closed is None or (at is not None and closed > at):
        if at is None:
            path = f"opportunities[{opportunity.id}]"
            raise FactError(path, "a deal that is open, and no instant", "the instant at which to look at it", "Pass at=.")
        return "pipeline", at
    return ("revenue" if won else "lost"), closed


def _limit(bound: datetime, where: ZoneInfo | None, at: datetime | None) -> datetime:
    """The last instant that counts: the bound, or the end of its date, and never later than what is known."""
    if where is None:
        return bound
    last = _last_of(bound, where)
    return last if at is None else min(last, at)


def _last_of(at: datetime, where: ZoneInfo) -> datetime:
    """The last instant of the local date."""
    try:
        return _midnight(at.astimezone(where) + _ONE_DAY, where) - _TICK
    except OverflowError:  # on the last day there is
        return _LATEST


def _first_of(end: datetime, days: int, where: ZoneInfo | None) -> datetime:
    """The first instant of a look-back: exact days before its end, or the beginning of the date so many dates before."""
    return look_back(end, days) if where is None else _midnight(look_back(end.astimezone(where), days), where)


def _midnight(local: datetime, where: ZoneInfo) -> datetime:
    """The first instant of the date that is read there; where clocks skip midnight, the instant at which they do."""
    return instant(datetime.combine(local.date(), time(), where))


def _entry(pair: object) -> tuple[str, datetime]:
    """A stage and when it was entered."""
    match pair:
        case (str() as stage, when):
            return stage, instant(when, "stages")
        case _:
            raise FactError("stages", shown(pair), "pairs of a stage and an instant")


def _in_order(touches: Iterable[Activity]) -> tuple[list[Activity], list[datetime]]:
    """The touches in their order, each once, and their instants. Sequence and id are looked at only where two instants are alike."""
    try:
        ordered = sorted(touches, key=_AT)
        instants = [*map(_AT, ordered)]
        if any(map(eq, instants, instants[1:])):
            ordered.sort(key=_ORDER)
        if len({*map(_ID, ordered)}) < len(ordered):
            ordered = _each_once(ordered)
            instants = [*map(_AT, ordered)]
    except (AttributeError, TypeError):
        raise FactError("touches", shown(touches), "activities") from None
    return ordered, instants


def _each_once(ordered: list[Activity]) -> list[Activity]:
    found: dict[str, Activity] = {}
    for touch in ordered:
        if found.setdefault(touch.id, touch) != touch:
            raise FactError(f"touches[{touch.id}]", "two different touches", "one touch under one id")
    return list(found.values())


def _within(rules: Rules, ordered: Iterable[Activity], end: datetime, left: list[Left]) -> list[Activity]:
    """The touches inside the look-back of their channel; it is closed, and days are exact (AD-11)."""
    kept = []
    since: dict[int | None, datetime] = {None: EARLIEST}
    default, windows, where = rules.document.window_days, rules.windows, rules.zone
    for touch in ordered:
        days = windows.get(touch.channel, default) if touch.channel is not None else default
        if days not in since and days is not None:
            since[days] = _first_of(end, days, where)
        if touch.at >= since[days]:
            kept.append(touch)
        else:
            left.append(("outside_window", "attribution.journeys.window_days", touch))
    return kept


def _without_duplicates(
    ordered: Iterable[Activity], apart: timedelta, person_of: Callable[[str | None], object] | None, left: list[Left]
) -> list[Activity]:
    """The touches without those that follow one that counts, of the same person and campaign, too closely."""
    kept = []
    last: dict[object, datetime] = {}
    for touch in ordered:
        what = touch.channel if touch.campaign is None else touch.campaign
        key = None if what is None else (person_of(touch.contact_id) if person_of else touch.contact_id, touch.campaign is None, what)
        if key is not None and key in last and touch.at - last[key] <= apart:
            left.append(("duplicate", "attribution.journeys.dedupe_minutes", touch))
            continue
        last[key] = touch.at
        kept.append(touch)
    return kept


def _chosen(named: tuple[Activity, ...], directs: tuple[Activity, ...], direct: Direct) -> tuple[Activity, ...]:
    if not directs or direct == "exclude":
        return named
    if direct == "include":
        return tuple(sorted((*named, *directs), key=_ORDER))
    return named or directs


def _marks(
    touches: tuple[Activity, ...],
    instants: Sequence[datetime],
    opportunity: Opportunity,
    *,
    closed: bool,
    limit: datetime,
    created: LeadCreation | None,
    stages: tuple[tuple[str, datetime], ...],
    where: ZoneInfo | None,
) -> dict[str, int]:
    """The place of each milestone's touch: the latest at or before it (AD-5)."""
    last = len(touches) - 1
    marks = {"first": 0, "last": last}
    opened = opportunity.opened_at if where is None else _last_of(opportunity.opened_at, where)
    place = bisect_right(instants, opened) - 1
    if place >= 0:
        marks["opportunity"] = place
    if closed:
        marks["close"] = last
    if created is not None:
        place = _created_at(touches, instants, created, limit, where)
        if place >= 0:
            marks["lead"] = place
    for stage, at in stages:
        if at <= limit:
            place = bisect_right(instants, at if where is None else _last_of(at, where)) - 1
            marks.setdefault(f"{stage}:first", place)
            marks[f"{stage}:last"] = place
    return {name: place for name, place in marks.items() if place >= 0} if stages else marks


def _created_at(
    touches: tuple[Activity, ...], instants: Sequence[datetime], created: LeadCreation, limit: datetime, where: ZoneInfo | None
) -> int:
    """The place of the touch that made the lead, or -1: the one that is named, else the latest of that person, else the latest.

    A lead that was created after the last instant is none yet, whatever touch it names.
    """
    if created.at is not None and created.at > limit:
        return -1
    if created.touch_id is not None:
        for place, touch in enumerate(touches):
            if touch.id == created.touch_id:
                return place
    if created.at is None:
        return -1
    latest = bisect_right(instants, created.at if where is None else _last_of(created.at, where)) - 1
    theirs = created.contact_ids
    for place in range(latest, -1, -1):
        if touches[place].contact_id in theirs:
            return place
    return latest


def _of_deal(
    entered: Mapping[str, Sequence[tuple[str, datetime]]], people: People, opportunity: Opportunity
) -> Sequence[tuple[str, datetime]]:
    """The visits of the deal itself; none where a lead has its id, since a record does not say of which it is."""
    return () if opportunity.id in people.by_lead_id else entered.get(opportunity.id, ())


def _closes(deals: Iterable[Opportunity]) -> dict[str | None, list[Opportunity]]:
    """The deals of each account that were won."""
    found: dict[str | None, list[Opportunity]] = {}
    for deal in deals:
        if deal.account_id is not None and deal.won and deal.closed_at is not None:
            found.setdefault(deal.account_id, []).append(deal)
    return found


def _before(won: Iterable[Opportunity], opportunity: Opportunity) -> datetime | None:
    """The last win at or before the deal was opened; its own is none, though it be won at once."""
    closes = (deal.closed_at for deal in won if deal.id != opportunity.id)
    return max((close for close in closes if close is not None and close <= opportunity.opened_at), default=None)
