"""Who takes it?

A lead is routed by walking the steps of the policy: the first that yields somebody wins (RO-1). Owners take the leads of their
accounts, over any cap and outside the rotation; pools take turns. What was tried is kept: each step with why it yielded nobody,
each rep who might have taken the lead with why they did not (RT-9). Where nobody may take it, the answer is `Unassigned`, with a
reason for every rep and the instant at which the policy could place it if nothing else happened (RO-12): a lead is never given to
somebody who is away.

Routing is a function of the facts, the roster and the rotation, at the instant of the view. It gives a new rotation and an entry,
which the caller keeps: asked again for the same lead and attempt, it gives the same answer (RO-14), and a further attempt leaves
out whoever had the lead before (RO-15).

What is not here: how a batch is spread (`batches`), which account a lead belongs to (`matching`), how credits are counted
(`rotation`), what the lists of the policy mean (`territories`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen

from inbound_engine import hours, sla, territories
from inbound_engine.conditions import Rule, because
from inbound_engine.decisions import Code, Plain, Reason, Seen, decimal_text, html_table, plain, sentence
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Rep, Roster
from inbound_engine.hours import Calendar, NeverReached
from inbound_engine.rotation import Entry, Rotation, Shares, apply, chosen, counting_day, monday
from inbound_engine.spans import DAY, instant
from inbound_engine.territories import BackupStep, Lane, Member, OverflowStep, OwnerStep, PoolStep, Rules, Team, lane_of, lies_in, team
from inbound_engine.vocabulary import View

__all__ = [
    "Alternative",
    "Assigned",
    "Change",
    "NotRouted",
    "Notice",
    "Outcome",
    "Route",
    "Tried",
    "Unassigned",
    "Why",
    "route",
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
    "first_attempt",
    "switched_off",
    "no_lane",
]
"""Why a rep did not take the lead, or a step yielded nobody.

Of a rep: it was another's turn; it went to somebody by name before a pool was asked; not active; a share of 0; had the lead before;
away; a cap of the day, the week or the open leads is reached; closed; others are preferred; the product, the role or the territory is
not theirs. Of a step: the account names a rep who is not on the roster, or nobody; nobody in the pool may take it; there is no
re-route; the policy has it switched off. Of a lead: no lane takes it.
"""

_Starts: TypeAlias = dict[tuple[ZoneInfo, date, datetime], datetime]
"""When local dates begin, as far as one decision has asked."""

_LATEST = datetime(9998, 12, 1, tzinfo=UTC)  # hours are not read beyond it: who is away until then is away for ever
_MOST_DAYS = 8  # from a date to the Monday after it, and one that never occurs


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Assigned:
    """Somebody takes the lead. `over_cap` flags an owner who had reached a cap; `instead_of` is the owner who is away (RO-2)."""

    rep: str
    step: str
    over_cap: bool = False
    instead_of: str | None = None


@frozen
class Unassigned:
    """Nobody may take it: why, of every rep, and when the policy could place it if nothing else happens; None for never (RO-12)."""

    reasons: tuple[tuple[str, Why], ...]
    retry_at: datetime | None


@frozen
class NotRouted:
    """The policy keeps the lead from people: it goes to nurture, by that lane (RT-4)."""

    lane: str


Outcome: TypeAlias = Assigned | Unassigned | NotRouted


@frozen
class Notice:
    """Somebody is told of the lead, whoever takes it: as the CSM, as owner of an open opportunity, as the named rep (RT-4)."""

    rep: str
    of: str


@frozen
class Tried:
    """A step that was tried: whom it yielded, or why nobody; who was refused, and among whom the turn was."""

    step: str
    rep: str | None
    why: Why | None
    refused: tuple[tuple[str, Why], ...] = ()
    shares: Shares = ()
    instead_of: str | None = None


@frozen
class Change:
    """One change to a rep: what, and from what to what.

    `what` is "active", "share", "away", "per_day", "per_week", "open", "closed", "territory", "product", "role" or "credit": so many
    leads of credit given by hand.
    """

    what: str
    before: str
    to: str

    def __str__(self) -> str:
        """The change in words."""
        return f"{self.what.replace('_', ' ')}: {self.before} to {self.to}"


@frozen
class Alternative:
    """What would have given the lead to a rep: the smallest set of changes.

    Empty where the rep has it anyway. `possible` is false where no set would: the lead is somebody's own, or had been the rep's.
    """

    rep: str
    possible: bool
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        """The alternative in words."""
        if not self.possible:
            return f"{self.rep} could not have had it."
        return f"{self.rep} would have it with {', and '.join(map(str, self.changes))}." if self.changes else f"{self.rep} has it."


@frozen(eq=False)
class _Given:
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


@frozen(kw_only=True, repr=False)
class Route:
    """Where a lead goes, and why.

    `entry` is the one entry for the caller's log, `rotation` the one that counts from now on; both are to be kept together.
    `repeated` says that the lead had this answer already (RO-14): then there is nothing to keep. `tried` are the steps in order.
    """

    lead_id: str
    attempt: int
    at: datetime
    outcome: Outcome
    entry: Entry
    rotation: Rotation
    notify: tuple[Notice, ...]
    lane: str | None
    territory: str | None
    tried: tuple[Tried, ...]
    repeated: bool = False
    given: _Given = field(eq=False)

    @property
    def rep(self) -> str | None:
        """Who takes it, or None."""
        return self.outcome.rep if isinstance(self.outcome, Assigned) else None

    @property
    def event(self) -> sla.Assigned | None:
        """The event for the clocks of the lead: who holds it from now on, on which calendar; None where it goes to nurture.

        Nobody is a holder too: a lead that is unassigned is escalated at once, where the promise says so (CL-12).
        """
        if isinstance(self.outcome, NotRouted):
            return None
        calendar = None if self.rep is None else self.given.team.calendar(self.rep, self.territory)
        name = f"{self.lead_id}#{self.attempt}"
        return sla.Assigned(id=name, at=self.entry.at, rep=self.rep, lead_id=self.lead_id, calendar=calendar)

    @property
    def why_not(self) -> dict[str, Why]:
        """Why each rep of the roster did not take the lead, by id; who took it is left out. Empty where nobody was asked."""
        return {} if self.repeated or isinstance(self.outcome, NotRouted) else dict(_why_not(self.given, self.tried, self.lane, self.rep))

    @property
    def because(self) -> tuple[Reason, ...]:
        """Lanes, territories and steps in the order asked, each with what it saw; then who is told (RT-9)."""
        return tuple(_reasons(self))

    def what_if(self, rep: str) -> Alternative:
        """The smallest set of changes to a rep that would have given them the lead.

        Every set is tried, through the same rules; fewer changes come first, then those of the roster before credit by hand. A
        name that is not on the roster is a `FactError`.
        """
        return _alternative(self, rep)

    def explain(self) -> str:
        """The route in words, a sentence for each reason."""
        return " ".join([_headline(self), *map(sentence, self.because)])

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The route as plain data, without the rotation, which has a form of its own; `redact` leaves out what is personal."""
        return {
            "kind": "route",
            "lead_id": self.lead_id,
            "attempt": self.attempt,
            "at": plain(self.at),
            "outcome": _plain_outcome(self.outcome),
            "lane": self.lane,
            "territory": self.territory,
            "notify": [plain(each) for each in self.notify],
            "tried": [plain(each) for each in self.tried],
            "repeated": self.repeated,
            "entry": self.entry.to_dict(),
            "because": [reason.to_dict(redact=redact) for reason in self.because],
        }

    def __repr__(self) -> str:
        """One line."""
        return f"Route({self.lead_id!r}, attempt {self.attempt}: {self.outcome})"

    def _repr_html_(self) -> str:
        """The reasons as a table, for notebooks."""
        rows = ((reason.code.value, reason.rule, sentence(reason)) for reason in self.because)
        return html_table(f"{self.lead_id}: {self.rep or 'nobody'}", ("code", "rule", "in words"), rows)


# ------------------------------------------------------------------------------------------------------------ functions


def route(
    rules: Rules,
    view: View,
    roster: Roster | Team,
    rotation: Rotation,
    *,
    entries: Iterable[Entry] = (),
    open_leads: Mapping[str, int] | None = None,
    attempt: int = 1,
) -> Route:
    """Where the lead of the view goes, as of its instant; the tier and other outcomes are facts that the view sees.

    A roster is made ready each time; `territories.team` does it once. `entries` are the log's entries of the lead, those of
    other leads are not seen: an assignment of the same attempt is given again (RO-14), those of other attempts say who had it
    before (RO-15). `open_leads` says how many open leads each rep has, 0 where a rep is not named; where a rep who might take the
    lead has a cap on them, it must be given.

    A circle of parents of accounts, and a team of another policy, are a `FactError`.

    >>> from inbound_engine import calendars
    >>> from inbound_engine.conditions import Questions
    >>> from inbound_engine.facts import Lead
    >>> from inbound_engine.spans import parse_instant
    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = territories.RoutingDocument(
    ...     lanes=[{"id": "all", "when": {"op": "always"}, "to": "rep"}], steps=[{"id": "pool", "kind": "pool"}]
    ... )
    >>> words, opening = compile_vocabulary(FactsDocument()), calendars.compile(calendars.HoursDocument())
    >>> rules = territories.compile(document, opening, words, Questions())
    >>> roster = Roster(reps=(Rep(id="noor", role="SDR"), Rep(id="maya", role="SDR")))
    >>> monday_morning = parse_instant("2026-03-02T09:00Z")
    >>> first = route(rules, View(Lead(id="L-1"), monday_morning), roster, Rotation())
    >>> second = route(rules, View(Lead(id="L-2"), monday_morning), roster, first.rotation)
    >>> first.outcome, second.rep
    (Assigned(rep='maya', step='pool', over_cap=False, instead_of=None), 'noor')
    """
    if type(attempt) is not int or attempt < 1:
        raise FactError("attempt", shown(attempt), "a whole number of at least 1")
    found = roster if isinstance(roster, Team) else team(rules, roster)
    if found.rules is not rules:
        raise FactError("roster", "a team that was made for other rules", "one of these", "Make it with territories.team.")
    lead_id, at = view.lead.id, instant(view.at)
    open_leads = None if open_leads is None else dict(open_leads)  # the route keeps it, and the caller counts on
    holders: tuple[str, ...] = ()
    own = sorted((entry for entry in entries if entry.lead_id == lead_id and entry.rep is not None), key=_attempt)
    if own:
        for entry in own:
            if entry.attempt == attempt:
                given = _Given(rules, found, view, at, rotation, attempt, (), open_leads)
                return _again(given, entry)
        holders = tuple(dict.fromkeys(entry.rep for entry in own if entry.rep is not None))
    return _routed(_Given(rules, found, view, at, _of_present(rotation, found), attempt, holders, open_leads), rotation)


def _attempt(entry: Entry) -> int:
    return entry.attempt


# ------------------------------------------------------------------------------------------------------------- deciding


def _of_present(rotation: Rotation, found: Team) -> Rotation:
    """The rotation, marked as one of which it is known who left the team: they are dropped with the entry (RO-10)."""
    return rotation if rotation.known is found.present else attrs.evolve(rotation, known=found.present)


def _again(given: _Given, entry: Entry) -> Route:
    """The answer that the lead had already, and the rotation as it is."""
    rep, step = entry.rep or "", entry.step or ""
    return Route(
        lead_id=entry.lead_id,
        attempt=entry.attempt,
        at=entry.at,
        outcome=Assigned(rep, step, entry.over_cap, entry.instead_of),
        entry=entry,
        rotation=given.rotation,
        notify=_notices(given, rep),
        lane=entry.lane,
        territory=entry.territory,
        tried=(),
        repeated=True,
        given=given,
    )


def _routed(given: _Given, before: Rotation) -> Route:
    rules, view = given.rules, given.view
    lane = lane_of(rules, view)
    number = lies_in(rules, view)
    place = None if number is None else rules.names[number]
    tried: list[Tried] = []
    days: dict[ZoneInfo, date] = {}
    outcome: Outcome
    last: Tried | None = None
    if lane is not None and lane.to == "rep":
        for step in rules.steps:
            last = _try(given, step, lane, place, days)
            tried.append(last)
            if last.rep is not None:
                break
    if last is not None and last.rep is not None:
        over_cap = not last.shares and _cap(given, given.team.by_id[last.rep], days) is not None
        outcome = Assigned(last.rep, last.step, over_cap, last.instead_of)
    elif lane is not None and lane.to == "nurture":
        outcome = NotRouted(lane.id)
    else:
        name = None if lane is None else lane.id
        outcome = Unassigned(tuple(_why_not(given, tried, name, None)), None if lane is None else _retry_at(given, lane, place))
    entry = _entry(given, outcome, lane, place, last.shares if last is not None and last.rep is not None else (), before, days)
    return Route(
        lead_id=view.lead.id,
        attempt=given.attempt,
        at=given.at,
        outcome=outcome,
        entry=entry,
        rotation=_of_present(apply(given.rotation, entry), given.team),
        notify=_notices(given, entry.rep),
        lane=entry.lane,
        territory=place,
        tried=tuple(tried),
        given=given,
    )


def _entry(  # noqa: PLR0917 - each is a part of one entry
    given: _Given,
    outcome: Outcome,
    lane: Lane | None,
    place: str | None,
    shares: Shares,
    before: Rotation,
    days: dict[ZoneInfo, date],
) -> Entry:
    rep = step = day = instead_of = None
    over_cap = False
    if isinstance(outcome, Assigned):
        rep, step, over_cap, instead_of = outcome.rep, outcome.step, outcome.over_cap, outcome.instead_of
        day = counting_day(given.rotation, rep, _local(given, given.team.by_id[rep], days))
    left: tuple[str, ...] = ()
    if before is not given.rotation:  # it was not known yet whether somebody has left
        left = tuple(sorted((before.credits.keys() | before.counters.keys()) - given.team.present))
    return Entry(
        lead_id=given.view.lead.id,
        attempt=given.attempt,
        rep=rep,
        step=step,
        at=given.at,
        day=day,
        shares=shares,
        left=left,
        over_cap=over_cap,
        instead_of=instead_of,
        lane=None if lane is None else lane.id,
        territory=place,
    )


def _notices(given: _Given, rep: str | None) -> tuple[Notice, ...]:
    """Who is told: each person once, and whoever takes the lead only as its CSM."""
    account = given.view.account
    if account.csm is None and account.open_opportunity_owner is None and account.named_rep is None:
        return ()
    told: dict[str, Notice] = {}
    for of in given.rules.document.notify:
        name: str | None = getattr(account, of)
        if name is not None and (name != rep or of == "csm"):
            told.setdefault(name, Notice(name, of))
    return tuple(told.values())


# ---------------------------------------------------------------------------------------------------------------- steps


def _try(given: _Given, step: object, lane: Lane, place: str | None, days: dict[ZoneInfo, date]) -> Tried:
    """What a step yields."""
    match step:
        case PoolStep() if step.enabled:
            return _pool(given, step, lane, place, days)
        case OwnerStep() if step.enabled:
            return _owner(given, step.id, _named(given, step), days, delegates=step.delegates, over_cap=step.over_cap)
        case OverflowStep() if step.enabled:
            return _owner(given, step.id, given.team.roster.overflow_owner, days, delegates=True, over_cap=True)
        case BackupStep() if step.enabled:
            return _backup(given, step, lane, place, days)
        case _:
            return Tried(getattr(step, "id", ""), None, "switched_off")


def _named(given: _Given, step: OwnerStep) -> str | None:
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


def _owner(given: _Given, step: str, name: str | None, days: dict[ZoneInfo, date], *, delegates: bool, over_cap: bool) -> Tried:
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


def _owners_refusal(given: _Given, name: str, days: dict[ZoneInfo, date], *, over_cap: bool) -> Why | None:
    """Why an owner may not take the lead: gone, out, a holder before, away; caps only where the policy says so."""
    member = given.team.by_id.get(name)
    if member is None:
        return "unknown_rep"
    if not member.rep.active:
        return "inactive"
    if name in given.holders:
        return "holder"
    if member.away and _is_away(member, given.at):
        return "away"
    return None if over_cap else _cap(given, member, days)


def _backup(given: _Given, step: BackupStep, lane: Lane, place: str | None, days: dict[ZoneInfo, date]) -> Tried:
    """The named backup of the last holder, as a normal turn of the pool that they belong to (RO-15)."""
    if not given.holders:
        return Tried(step.id, None, "first_attempt")
    last = given.team.by_id.get(given.holders[-1])
    name = None if last is None else last.rep.backup
    if name is None:
        return Tried(step.id, None, "nobody_named")
    member = given.team.by_id[name]
    why = _refusal(given, member, days)
    if why is None and given.rules.document.hours == "require" and not _is_open(given, member, place, {}):
        why = "closed"
    if why is not None:
        return Tried(step.id, None, why, ((name, why),))
    for pool in given.rules.steps:
        if isinstance(pool, PoolStep) and pool.enabled:
            asked = _pool(given, pool, lane, place, days)
            if any(rep == name for rep, _ in asked.shares):
                return Tried(step.id, name, None, (), asked.shares)
            if (name, "closed") in asked.refused:  # others of the pool are open (RO-4)
                return Tried(step.id, None, "closed", ((name, "closed"),))
    return Tried(step.id, name, None, (), ((name, member.share),))


def _pool(given: _Given, step: PoolStep, lane: Lane, place: str | None, days: dict[ZoneInfo, date]) -> Tried:
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
        opened = [member for member in able if _is_open(given, member, place, known)]
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


def _preferred(given: _Given, preference: territories.Preference, able: list[Member]) -> list[Member]:
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
            free = [(None if member.room is None else member.room - _open_leads(given, member.id), member) for member in able]
            if any(room is None for room, _ in free):
                return [member for room, member in free if room is None]
            most = max(room for room, _ in free if room is not None)
            return [member for room, member in free if room == most]


def _refusal(given: _Given, member: Member, days: dict[ZoneInfo, date]) -> Why | None:
    """Why a rep is not eligible for a turn, or None (RO-4)."""
    if not member.rep.active:
        return "inactive"
    if member.share == 0:
        return "no_share"
    if member.id in given.holders:
        return "holder"
    if member.away and _is_away(member, given.at):
        return "away"
    return _cap(given, member, days)


def _is_away(member: Member, at: datetime) -> bool:
    return any(at in span for span in member.away)


def _cap(given: _Given, member: Member, days: dict[ZoneInfo, date]) -> Why | None:
    """The first cap that the rep has reached: a cap of N allows N (RO-11)."""
    if member.capped:
        today, this_week = given.rotation.on(member.id, _local(given, member, days))
        if member.per_day is not None and today >= member.per_day:
            return "day_cap"
        if member.per_week is not None and this_week >= member.per_week:
            return "week_cap"
    if member.room is not None and _open_leads(given, member.id) >= member.room:
        return "open_cap"
    return None


def _open_leads(given: _Given, rep: str) -> int:
    if given.open_leads is None:
        hint = f"roster.reps[{rep}] has caps.open."
        raise FactError("open_leads", "nothing", "how many open leads each rep has", hint)
    return given.open_leads.get(rep, 0)


def _local(given: _Given, member: Member, days: dict[ZoneInfo, date]) -> date:
    """The rep's local date; read once for each zone."""
    found = days.get(member.zone)
    if found is None:
        found = days[member.zone] = hours.local_date(member.zone, given.at)
    return found


def _is_open(given: _Given, member: Member, place: str | None, known: dict[int, bool]) -> bool:
    """Whether the rep is open for leads of that territory; asked once of each calendar."""
    if member.id in given.anyway:
        return True
    number = _calendar(given, member, place)
    found = known.get(number)
    if found is None:
        found = known[number] = hours.is_open(given.team.calendars[number], given.at)
    return found


def _calendar(given: _Given, member: Member, place: str | None) -> int:
    """The number of the rep's calendar for leads of that territory."""
    return given.team.open_hours[member.id, place if place in given.rules.hours.territories else None]


# ---------------------------------------------------------------------------------------------------------- when again


def _retry_at(given: _Given, lane: Lane, place: str | None) -> datetime | None:
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
                name = _named(given, step)
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


def _owners_openings(given: _Given, name: str | None, starts: _Starts, *, delegates: bool, over_cap: bool) -> Iterator[datetime]:
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


def _turns_openings(given: _Given, member: Member, place: str | None, starts: _Starts) -> Iterator[datetime]:
    """When a rep could have a turn."""
    if not member.rep.active or member.share == 0 or member.id in given.holders:
        return iter(())
    calendar = None
    if given.rules.document.hours == "require" and member.id not in given.anyway:
        calendar = given.team.calendars[_calendar(given, member, place)]
    return _moments(given, member, given.at, starts, caps=True, calendar=calendar)


def _moments(
    given: _Given, member: Member, at: datetime, starts: _Starts, *, caps: bool, calendar: Calendar | None = None
) -> Iterator[datetime]:
    """The first instant from that one on at which nothing keeps the rep from a lead, if there is one: from hindrance to hindrance."""
    if caps and (member.per_day == 0 or member.per_week == 0 or (member.room is not None and _open_leads(given, member.id) >= member.room)):
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


def _hindered_until(given: _Given, member: Member, at: datetime, starts: _Starts, *, caps: bool) -> datetime | None:
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


# ------------------------------------------------------------------------------------------------------------- in words


def _why_not(given: _Given, tried: Sequence[Tried], lane: str | None, winner: str | None) -> Iterator[tuple[str, Why]]:
    """Why each rep of the roster did not take the lead: what the last step said that looked at them, else what they do not meet."""
    said: dict[str, Why] = {}
    for each in tried:
        said.update(each.refused)
        said.update(dict.fromkeys([rep for rep, _ in each.shares], "turn"))
    for rep, member in given.team.by_id.items():
        if rep != winner:
            yield rep, said.get(rep) or _misses(given, member, lane, tried)


def _misses(given: _Given, member: Member, lane: str | None, tried: Sequence[Tried]) -> Why:
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


def _headline(made: Route) -> str:
    match made.outcome:
        case Assigned(rep=rep, step=step):
            return f"{made.lead_id} goes to {rep} by {step}."
        case NotRouted(lane=lane):
            return f"{made.lead_id} goes to nurture by {lane}."
        case _:
            retry_at = made.outcome.retry_at
            later = "" if retry_at is None else f" before {retry_at.isoformat(' ', 'minutes')[:16]} UTC"
            return f"Nobody may take {made.lead_id}{later}."


def _plain_outcome(outcome: Outcome) -> dict[str, Plain]:
    match outcome:
        case Assigned(rep=rep, step=step, over_cap=over_cap, instead_of=instead_of):
            return {"kind": "assigned", "rep": rep, "step": step, "over_cap": over_cap, "instead_of": instead_of}
        case NotRouted(lane=lane):
            return {"kind": "not_routed", "lane": lane}
        case _:
            return {"kind": "unassigned", "reasons": {**dict(outcome.reasons)}, "retry_at": plain(outcome.retry_at)}


def _reasons(made: Route) -> Iterator[Reason]:
    if made.repeated:
        saw = (Seen("rep", made.rep), Seen("attempt", made.attempt), Seen("at", made.entry.at))
        yield Reason(Code.MATCHED, "routing.entries", saw)
        yield from _told(made)
        return
    given = made.given
    yield from _asked(given.view, "routing.lanes", [(lane.id, rule) for lane, rule in given.rules.lanes], made.lane)
    if made.tried:
        rows = [(territory.id, rule) for territory, rule, _ in given.rules.territories]
        yield from _asked(given.view, "routing.territories", rows, made.territory, territories.zones(given.rules, given.view))
    for each in made.tried:
        yield _said(each, made)
    yield from _told(made)


def _asked(
    view: View, path: str, rows: Sequence[tuple[str, Rule]], match: str | None, zones: Collection[ZoneInfo] = ()
) -> Iterator[Reason]:
    """A reason for every row up to the one that matches."""
    for name, rule in rows:
        answer = rule.test(view)
        saw = tuple(seen for part in because(rule, view) for seen in part.saw)
        if answer and name != match:  # its condition holds, and its zones do not
            code = Code.FAILED if zones else Code.UNKNOWN
            saw = (*saw, Seen("zones", ", ".join(zone.key for zone in zones) or None))
        else:
            code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
        yield Reason(code, f"{path}[{name}]", saw)
        if name == match:
            return


def _said(each: Tried, made: Route) -> Reason:
    """What a step said, and of each rep that it looked at why they did not take the lead."""
    saw: list[Seen] = [] if each.rep is None else [Seen("rep", each.rep)]
    if each.instead_of is not None:
        saw.append(Seen("instead_of", each.instead_of))
    if each.why is not None:
        saw.append(Seen("why", each.why))
    if isinstance(made.outcome, Assigned) and made.outcome.over_cap and each.rep is not None:
        saw.append(Seen("over_cap", value=True))
    before = made.given.rotation
    saw += [Seen("credit", f"{rep} {decimal_text(before.credit(rep))}, share {share}") for rep, share in each.shares]
    saw += [Seen("refused", f"{rep} {why}") for rep, why in each.refused]
    code = Code.SWITCHED_OFF if each.why == "switched_off" else Code.FAILED if each.rep is None else Code.MATCHED
    return Reason(code, f"routing.steps[{each.step}]", tuple(saw))


def _told(made: Route) -> Iterator[Reason]:
    if made.notify:
        yield Reason(Code.MATCHED, "routing.notify", tuple(Seen(each.of, each.rep) for each in made.notify))


# -------------------------------------------------------------------------------------------------------------- what if


def _alternative(made: Route, rep: str) -> Alternative:
    """The smallest set of changes after which the same rules give the lead to the rep."""
    given = made.given
    member = given.team.member(rep)
    if made.rep == rep:
        return Alternative(rep, possible=True)
    if made.repeated or rep in given.holders:
        return Alternative(rep, possible=False)
    known = list(_repairs(made, member))
    for size in range(len(known) + 1):
        for some in combinations(known, size):
            found = _tried_with(made, member, some)
            if found.rep == rep:
                return Alternative(rep, possible=True, changes=some)
    for size in range(len(known) + 1):
        for some in combinations(known, size):
            found = _tried_with(made, member, some)
            credit = _credit_for(found, rep)
            if credit is not None:
                return Alternative(rep, possible=True, changes=(*some, credit))
    return Alternative(rep, possible=False)


def _repairs(made: Route, member: Member) -> Iterator[Change]:
    """Each change that could matter, alone or with others."""
    given, rep = made.given, member.rep
    if not rep.active:
        yield Change("active", "false", "true")
    if rep.share == 0:
        yield Change("share", "0", "1")
    if _is_away(member, given.at):
        until = max(span.until for span in rep.away if given.at in span)
        yield Change("away", f"until {until.isoformat(' ', 'minutes')[:16]} UTC", "back")
    today, this_week = given.rotation.on(rep.id, hours.local_date(member.zone, given.at))
    if member.per_day is not None and today >= member.per_day:
        yield Change("per_day", str(member.per_day), str(today + 1))
    if member.per_week is not None and this_week >= member.per_week:
        yield Change("per_week", str(member.per_week), str(this_week + 1))
    if member.room is not None and _open_leads(given, rep.id) >= member.room:
        yield Change("open", str(member.room), str(_open_leads(given, rep.id) + 1))
    if given.rules.document.hours != "ignore" and not _is_open(given, member, made.territory, {}):
        yield Change("closed", "closed", "open")
    if rep.territories and made.territory is not None and made.territory not in rep.territories:
        yield Change("territory", ", ".join(sorted(rep.territories)), made.territory)
    elif rep.territories and made.territory is None and given.rules.territories:
        yield Change("territory", ", ".join(sorted(rep.territories)), "any")
    product = given.view.lead.product
    if product is not None and rep.products and product not in rep.products:
        yield Change("product", ", ".join(sorted(rep.products)), product)
    takes = next((lane.takes for lane, _ in given.rules.lanes if lane.id == made.lane), ())
    if takes and not any(takers.means(rep) for takers in takes):
        yield Change("role", _role(rep), _role(_as_taker(rep, takes[0])))


def _role(rep: Rep) -> str:
    return rep.role if rep.seniority is None else f"{rep.seniority} {rep.role}"


def _as_taker(rep: Rep, takers: territories.Takers) -> Rep:
    """The rep, with the first role and seniority that the takers ask for where theirs is none of them."""
    role = takers.roles[0] if takers.roles and rep.role not in takers.roles else rep.role
    seniority = takers.seniorities[0] if takers.seniorities and rep.seniority not in takers.seniorities else rep.seniority
    return attrs.evolve(rep, role=role, seniority=seniority)


def _tried_with(made: Route, member: Member, changes: Iterable[Change]) -> Route:
    """The route with those changes, by the same rules."""
    given, rep = made.given, member.rep
    anyway = given.anyway
    for change in changes:
        match change.what:
            case "active":
                rep = attrs.evolve(rep, active=True)
            case "share":
                rep = attrs.evolve(rep, share=1)
            case "away":
                rep = attrs.evolve(rep, away=tuple(span for span in rep.away if given.at not in span))
            case "per_day" | "per_week" | "open":
                rep = attrs.evolve(rep, caps=attrs.evolve(rep.caps, **{change.what: int(change.to)}))
            case "closed":
                anyway |= {rep.id}
            case "territory":
                rep = attrs.evolve(rep, territories=frozenset() if made.territory is None else rep.territories | {made.territory})
            case "product":
                rep = attrs.evolve(rep, products=rep.products | {change.to})
            case _:
                takes = next(lane.takes for lane, _ in given.rules.lanes if lane.id == made.lane)
                rep = _as_taker(rep, takes[0])
    roster = given.team.roster
    reps = tuple(rep if each.id == rep.id else each for each in roster.reps)
    named = roster.territories | rep.territories if roster.territories else roster.territories
    found = team(given.rules, attrs.evolve(roster, reps=reps, territories=named))
    again = attrs.evolve(given, team=found, anyway=anyway)
    return _routed(again, again.rotation)


def _credit_for(found: Route, rep: str) -> Change | None:
    """The whole number of leads that the rep would have to be given by hand, where the lead went to another's turn."""
    last = found.tried[-1] if found.tried else None
    shares = dict(last.shares) if last is not None else {}
    pools = {step.id for step in found.given.rules.steps if isinstance(step, PoolStep)}  # a backup takes it by name, whatever the credit
    if last is None or rep not in shares or last.rep is None or last.step not in pools:
        return None
    total = sum(shares.values())
    credit = found.given.rotation.credit
    gap = credit(last.rep) + Fraction(shares[last.rep] - shares[rep], total) - credit(rep)
    needed = int(gap) + 1 if gap.denominator == 1 and last.rep < rep else -int(-gap // 1)
    return Change("credit", f"{decimal_text(credit(rep))} leads", f"{needed} more, by hand")
