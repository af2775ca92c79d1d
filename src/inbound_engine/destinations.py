"""Which destination yields somebody?

The steps of the policy are walked from the top, and the first that yields somebody wins (RO-1). Owners are refused only if gone,
away, or a holder before; pools take turns among those who are eligible (RO-4). What was tried is kept, each step with why it yielded
nobody, and each rep that it looked at with why they were refused (RT-9); and where nobody may take the lead, when a step could place
it if nothing else happened (RO-12).

This is the part of a decision that is asked again: by `routing` for the lead, and by `alternatives` for what might have been. Nothing
is written down here, and nobody is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from inbound_engine import hours, territories
from inbound_engine.errors import FactError, shown
from inbound_engine.hours import Calendar, NeverReached
from inbound_engine.rotation import Rotation, Shares, chosen, counting_day, monday
from inbound_engine.spans import DAY
from inbound_engine.territories import BackupStep, Lane, Member, OverflowStep, OwnerStep, PoolStep, Rules, Team
from inbound_engine.vocabulary import View

__all__ = [
    "Days",
    "Given",
    "Tried",
    "Why",
    "cap_reached",
    "is_away",
    "is_open",
    "local_day",
    "named",
    "open_leads",
    "pool",
    "retry_at",
    "walk",
    "why_not",
]

Why: TypeAlias = Literal[
    "turn",
    "by_name",
    "inactive",
    "no_share",
    "holder",
    "away",
    "day_cap",
    "week_cap",
    "open_cap",
    "closed",
    "not_preferred",
    "product",
    "role",
    "territory",
    "unknown_rep",
    "nobody_named",
    "nobody_left",
    "no_earlier_holder",
    "switched_off",
    "no_lane",
]
"""Why a rep did not take the lead, or a step yielded nobody.

Of a rep: it was another's turn; it went to somebody by name before a pool was asked; not active; a share of 0; had the lead before;
away; a cap of the day, the week or the open leads is reached; closed; others are preferred; the product, the role or the territory is
not theirs. Of a step: the account names a rep who is not on the roster, or nobody; nobody in the pool may take it; nobody had
the lead before; the policy has it switched off. Of a lead: no lane takes it.
"""

Days: TypeAlias = dict[ZoneInfo, date]
"""Local dates by zone, as far as one decision has asked; begin with an empty one."""

_Starts: TypeAlias = dict[tuple[ZoneInfo, date, datetime], datetime]
"""When local dates begin, as far as one decision has asked."""

_LATEST = datetime(9998, 12, 1, tzinfo=UTC)  # hours are not read beyond it: who is away until then is away for ever
_MOST_DAYS = 8  # from a date to the Monday after it, and one that never occurs


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Tried:
    """A step that was tried: whom it yielded, or why nobody; who was refused, and among whom the turn was."""

    step: str
    rep: str | None
    why: Why | None
    refused: tuple[tuple[str, Why], ...] = ()
    shares: Shares = ()
    instead_of: str | None = None


@frozen(eq=False)
class Given:
    """All that a route depends on."""

    rules: Rules
    team: Team
    view: View
    at: datetime
    rotation: Rotation
    attempt: int
    holders: tuple[str, ...]
    open_leads: Mapping[str, int] | None
    anyway: frozenset[str] = frozenset()
    """Those who count as open whatever their hours say: to try out what that would change."""


# ---------------------------------------------------------------------------------------------------------------- steps


def walk(given: Given, lane: Lane, place: str | None, days: Days) -> tuple[Tried, ...]:
    """The steps that were tried, in order, up to the first that yields somebody (RO-1).

    >>> from inbound_engine import calendars
    >>> from inbound_engine.conditions import Questions
    >>> from inbound_engine.facts import Lead, Rep, Roster
    >>> from inbound_engine.spans import parse_instant
    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = territories.RoutingDocument(
    ...     lanes=[{"id": "all", "when": {"op": "always"}, "to": "rep"}],
    ...     steps=[{"id": "owner", "kind": "owner", "of": "account_owner"}, {"id": "pool", "kind": "pool"}],
    ... )
    >>> words, opening = compile_vocabulary(FactsDocument()), calendars.compile(calendars.HoursDocument())
    >>> rules = territories.compile(document, opening, words, Questions())
    >>> team = territories.team(rules, Roster(reps=(Rep(id="maya", role="SDR"), Rep(id="noor", role="SDR", share=0))))
    >>> nine = parse_instant("2026-03-02T09:00Z")
    >>> given = Given(rules, team, View(Lead(id="L-1"), nine), nine, Rotation(), 1, (), None)
    >>> for tried in walk(given, rules.lanes[0][0], None, {}):
    ...     print(tried.step, tried.rep, tried.why, tried.refused)
    owner None nobody_named ()
    pool maya None (('noor', 'no_share'),)
    """
    tried: list[Tried] = []
    for step in given.rules.steps:
        tried.append(_try(given, step, lane, place, days))
        if tried[-1].rep is not None:
            break
    return tuple(tried)


def _try(given: Given, step: object, lane: Lane, place: str | None, days: Days) -> Tried:
    """What a step yields."""
    match step:
        case PoolStep() if step.enabled:
            return pool(given, step, lane, place, days)
        case OwnerStep() if step.enabled:
            return _owner(given, step.id, named(given, step), days, delegates=step.delegates, over_cap=step.over_cap)
        case OverflowStep() if step.enabled:
            return _owner(given, step.id, given.team.roster.overflow_owner, days, delegates=True, over_cap=True)
        case BackupStep() if step.enabled:
            return _backup(given, step, lane, place, days)
        case _:
            return Tried(getattr(step, "id", ""), None, "switched_off")


def named(given: Given, step: OwnerStep) -> str | None:
    """Whom the account names; for its owner, the nearest parent that has one (RT-4)."""
    account = given.view.account
    if step.of != "account_owner":
        name: str | None = getattr(account, step.of)
        return name
    owner, parent = account.owner, account.parent_id
    if owner is not None or not step.parents:
        return owner
    seen = {account.id}
    while parent is not None and owner is None:
        if parent in seen:
            raise FactError("account.parent_id", f"a circle through {shown(parent)}", "an account that is not its own ancestor")
        seen.add(parent)
        parent, owner = given.team.parents.get(parent, (None, None))
    return owner


def _owner(given: Given, step: str, name: str | None, days: Days, *, delegates: bool, over_cap: bool) -> Tried:
    """The owner, or their delegate while they are away (RO-2)."""
    if name is None:
        return Tried(step, None, "nobody_named")
    why = _owners_refusal(given, name, days, over_cap=over_cap)
    if why is None:
        return Tried(step, name, None)
    refused: list[tuple[str, Why]] = [(name, why)]
    delegate = given.team.by_id[name].rep.delegate if why == "away" and delegates else None
    if delegate is not None:
        other = _owners_refusal(given, delegate, days, over_cap=over_cap)
        if other is None:
            return Tried(step, delegate, None, tuple(refused), (), name)
        refused.append((delegate, other))
    return Tried(step, None, why, tuple(refused))


def _owners_refusal(given: Given, name: str, days: Days, *, over_cap: bool) -> Why | None:
    """Why an owner may not take the lead: gone, out, a holder before, away; caps only where the policy says so."""
    member = given.team.by_id.get(name)
    if member is None:
        return "unknown_rep"
    if not member.rep.active:
        return "inactive"
    if name in given.holders:
        return "holder"
    if member.away and is_away(member, given.at):
        return "away"
    return None if over_cap else cap_reached(given, member, days)


def _backup(given: Given, step: BackupStep, lane: Lane, place: str | None, days: Days) -> Tried:
    """The named backup of the last holder, as a normal turn of the pool that they belong to (RO-15)."""
    if not given.holders:
        return Tried(step.id, None, "no_earlier_holder")
    last = given.team.by_id.get(given.holders[-1])
    name = None if last is None else last.rep.backup
    if name is None:
        return Tried(step.id, None, "nobody_named")
    member = given.team.by_id[name]
    why = _refusal(given, member, days)
    if why is None and given.rules.document.hours == "require" and not is_open(given, member, place, {}):
        why = "closed"
    if why is not None:
        return Tried(step.id, None, why, ((name, why),))
    for other in given.rules.steps:
        if isinstance(other, PoolStep) and other.enabled:
            asked = pool(given, other, lane, place, days)
            if any(rep == name for rep, _ in asked.shares):
                return Tried(step.id, name, None, (), asked.shares)
            if (name, "closed") in asked.refused:  # others of the pool are open (RO-4)
                return Tried(step.id, None, "closed", ((name, "closed"),))
    return Tried(step.id, name, None, (), ((name, member.share),))


def pool(given: Given, step: PoolStep, lane: Lane, place: str | None, days: Days) -> Tried:
    """Whose turn it is among those who may take the lead now (RO-4, RO-5)."""
    able: list[Member] = []
    refused: list[tuple[str, Why]] = []
    product = given.view.lead.product if "product" in step.match else None
    for member in given.team.pool(step.id, lane.id, place):
        if product is not None and member.rep.products and product not in member.rep.products:
            refused.append((member.id, "product"))
        elif (why := _refusal(given, member, days)) is not None:
            refused.append((member.id, why))
        else:
            able.append(member)
    if able and given.rules.document.hours != "ignore":
        known: dict[int, bool] = {}
        opened = [member for member in able if is_open(given, member, place, known)]
        if opened or given.rules.document.hours == "require":
            able = _kept(able, opened, refused, "closed")
    for preference in step.prefer:
        if len(able) > 1:
            preferred = _preferred(given, preference, able)
            able = _kept(able, preferred, refused, "not_preferred") if preferred else able
    if not able:
        return Tried(step.id, None, "nobody_left", tuple(refused))
    shares = tuple([(member.id, member.share) for member in able])
    return Tried(step.id, chosen(given.rotation, shares), None, tuple(refused), shares)


def _kept(able: list[Member], some: list[Member], refused: list[tuple[str, Why]], why: Why) -> list[Member]:
    """Those some; the others are refused."""
    if len(some) < len(able):
        names = {member.id for member in some}
        refused.extend((member.id, why) for member in able if member.id not in names)
    return some


def _preferred(given: Given, preference: territories.Preference, able: list[Member]) -> list[Member]:
    """Those whom a preference means."""
    match preference.of:
        case "reps":
            return [member for member in able if preference.means(member.rep)]
        case "product":
            return [member for member in able if given.view.lead.product in member.rep.products]
        case "zone":
            zones = {zone.key for zone in territories.zones(given.rules, given.view)}
            return [member for member in able if member.rep.zone is not None and member.rep.zone.key in zones]
        case _:  # capacity
            free = [(None if member.room is None else member.room - open_leads(given, member.id), member) for member in able]
            if any(room is None for room, _ in free):
                return [member for room, member in free if room is None]
            most = max(room for room, _ in free if room is not None)
            return [member for room, member in free if room == most]


def _refusal(given: Given, member: Member, days: Days) -> Why | None:
    """Why a rep is not eligible for a turn, or None (RO-4)."""
    if not member.rep.active:
        return "inactive"
    if member.share == 0:
        return "no_share"
    if member.id in given.holders:
        return "holder"
    if member.away and is_away(member, given.at):
        return "away"
    return cap_reached(given, member, days)


def is_away(member: Member, at: datetime) -> bool:
    """Whether the rep is away at an instant; the end of an absence is outside."""
    return any(at in span for span in member.away)


def cap_reached(given: Given, member: Member, days: Days) -> Why | None:
    """The first cap that the rep has reached: a cap of N allows N (RO-11)."""
    if member.capped:
        today, this_week = given.rotation.on(member.id, local_day(given, member, days))
        if member.per_day is not None and today >= member.per_day:
            return "day_cap"
        if member.per_week is not None and this_week >= member.per_week:
            return "week_cap"
    if member.room is not None and open_leads(given, member.id) >= member.room:
        return "open_cap"
    return None


def open_leads(given: Given, rep: str) -> int:
    """How many open leads a rep has, 0 where they are not named; `FactError` where nobody says any (FD-6)."""
    if given.open_leads is None:
        hint = f"roster.reps[{rep}] has caps.open."
        raise FactError("open_leads", "nothing", "how many open leads each rep has", hint)
    return given.open_leads.get(rep, 0)


def local_day(given: Given, member: Member, days: Days) -> date:
    """The rep's local date; read once for each zone."""
    found = days.get(member.zone)
    if found is None:
        found = days[member.zone] = hours.local_date(member.zone, given.at)
    return found


def is_open(given: Given, member: Member, place: str | None, known: dict[int, bool]) -> bool:
    """Whether the rep is open for leads of that territory; asked once of each calendar."""
    if member.id in given.anyway:
        return True
    number = _calendar(given, member, place)
    found = known.get(number)
    if found is None:
        found = known[number] = hours.is_open(given.team.calendars[number], given.at)
    return found


def _calendar(given: Given, member: Member, place: str | None) -> int:
    """The number of the rep's calendar for leads of that territory."""
    return given.team.open_hours[member.id, place if place in given.rules.hours.territories else None]


# ---------------------------------------------------------------------------------------------------------- when again


def retry_at(given: Given, lane: Lane, place: str | None) -> datetime | None:
    """The first instant after now at which a step could place the lead, if nothing else happens (RO-12)."""
    starts: _Starts = {}
    turns: dict[str, Member] = {}
    found: list[datetime] = []
    for step in given.rules.steps:
        match step:
            case PoolStep() if step.enabled:
                product = given.view.lead.product if "product" in step.match else None
                for member in given.team.pool(step.id, lane.id, place):
                    if product is None or not member.rep.products or product in member.rep.products:
                        turns[member.id] = member
            case OwnerStep() if step.enabled:
                name = named(given, step)
                found += _owners_openings(given, name, starts, delegates=step.delegates, over_cap=step.over_cap)
            case OverflowStep() if step.enabled:
                found += _owners_openings(given, given.team.roster.overflow_owner, starts, delegates=True, over_cap=True)
            case BackupStep() if step.enabled and given.holders:
                last = given.team.by_id.get(given.holders[-1])
                if last is not None and last.rep.backup is not None:
                    turns[last.rep.backup] = given.team.by_id[last.rep.backup]
            case _:
                pass
    for member in turns.values():
        found += _turns_openings(given, member, place, starts)
    return min(found, default=None)


def _owners_openings(given: Given, name: str | None, starts: _Starts, *, delegates: bool, over_cap: bool) -> Iterator[datetime]:
    """When an owner could take the lead, or their delegate while they are away."""
    member = None if name is None else given.team.by_id.get(name)
    if member is None or not member.rep.active or member.id in given.holders:
        return
    yield from _moments(given, member, given.at, starts, caps=not over_cap)
    delegate = given.team.by_id.get(member.rep.delegate or "") if delegates else None
    if delegate is None or not delegate.rep.active or delegate.id in given.holders:
        return
    for span in member.away:
        begins = max(span.since, given.at)
        yield from (at for at in _moments(given, delegate, begins, starts, caps=not over_cap) if at in span)


def _turns_openings(given: Given, member: Member, place: str | None, starts: _Starts) -> Iterator[datetime]:
    """When a rep could have a turn."""
    if not member.rep.active or member.share == 0 or member.id in given.holders:
        return iter(())
    calendar = None
    if given.rules.document.hours == "require" and member.id not in given.anyway:
        calendar = given.team.calendars[_calendar(given, member, place)]
    return _moments(given, member, given.at, starts, caps=True, calendar=calendar)


def _moments(
    given: Given, member: Member, at: datetime, starts: _Starts, *, caps: bool, calendar: Calendar | None = None
) -> Iterator[datetime]:
    """The first instant from that one on at which nothing keeps the rep from a lead, if there is one: from hindrance to hindrance."""
    if caps and (member.per_day == 0 or member.per_week == 0 or (member.room is not None and open_leads(given, member.id) >= member.room)):
        return
    while True:
        if at >= _LATEST:
            return
        later = _hindered_until(given, member, at, starts, caps=caps)
        if later is None and calendar is not None:
            opening = hours.next_open(calendar, at)
            if isinstance(opening, NeverReached):
                return
            later = opening if opening > at else None
        if later is None:
            yield at
            return
        at = later


def _hindered_until(given: Given, member: Member, at: datetime, starts: _Starts, *, caps: bool) -> datetime | None:
    """When the absence, or the reached cap, of that instant ends; None where there is neither."""
    away = next((span.until for span in member.away if at in span), None)
    if away is not None or not (caps and member.capped):
        return away
    day = counting_day(given.rotation, member.id, hours.local_date(member.zone, at))
    today, this_week = given.rotation.on(member.id, day)
    if member.per_week is not None and this_week >= member.per_week:
        return _starts(member.zone, monday(day) + timedelta(days=7), at, starts)
    if member.per_day is not None and today >= member.per_day:
        return _starts(member.zone, day + DAY, at, starts)
    return None


def _starts(zone: ZoneInfo, day: date, after: datetime, known: _Starts) -> datetime:
    """The first instant after that one whose local date is that day or later; looked up once for each zone and day."""
    key = (zone, day, after)
    found = known.get(key)
    if found is None:
        later = (span for number in range(_MOST_DAYS) for span in hours.date_spans(zone, day + number * DAY))
        found = known[key] = next(max(span.since, after) for span in later if span.until > after)
    return found


# ------------------------------------------------------------------------------------------------------------- why not


def why_not(given: Given, tried: Sequence[Tried], lane: str | None, winner: str | None) -> Iterator[tuple[str, Why]]:
    """Why each rep of the roster did not take the lead: what the last step said that looked at them, else what they do not meet."""
    said: dict[str, Why] = {}
    for each in tried:
        said.update(each.refused)
        said.update(dict.fromkeys([rep for rep, _ in each.shares], "turn"))
    for rep, member in given.team.by_id.items():
        if rep != winner:
            yield rep, said.get(rep) or _misses(given, member, lane, tried)


def _misses(given: Given, member: Member, lane: str | None, tried: Sequence[Tried]) -> Why:
    """Why no step looked at a rep: what the last pool that was asked wants, and they are not."""
    row = next((row for row, _ in given.rules.lanes if row.id == lane), None)
    if row is None:
        return "no_lane"
    if not member.rep.active:
        return "inactive"
    if member.id in given.holders:
        return "holder"
    asked = {each.step for each in tried}
    pools = [step for step in given.rules.steps if isinstance(step, PoolStep) and step.enabled and step.id in asked]
    if not pools:
        return "by_name" if tried and tried[-1].rep is not None else "nobody_named"
    meant = not row.takes or "role" not in pools[-1].match or any(takers.means(member.rep) for takers in row.takes)
    return "territory" if meant else "role"
