"""What would have had to be different?

A rep who did not take a lead is told why not, step by step; this is what would have given it to them: the smallest set of changes to
the rep after which the same steps yield them (RT-9). Fewer changes come first, and of as many those of the roster before credit that is
given by hand.

Every set is tried by walking the steps again, so that an alternative never says what routing would not do. Only those sets are tried
that hold what some step cannot do without: whoever is away takes nothing, whatever else is changed.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from inbound_engine import hours, territories
from inbound_engine.decisions import decimal_text
from inbound_engine.destinations import Given, Tried, is_away, is_open, named, open_leads, pool, walk
from inbound_engine.facts import Rep, Roster
from inbound_engine.territories import BackupStep, Lane, Member, OverflowStep, OwnerStep, PoolStep, Preference, Rules, Team, team

__all__ = ["Alternative", "Change", "alternative"]


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Change:
    """One change to a rep: what, and from what to what.

    `what` is "active", "share", "away", "per_day", "per_week", "open", "closed", "territory", "product", "role", "zone" or "credit": so
    many leads of credit given by hand.

    >>> str(Change("per_day", "1", "2"))
    'per day: 1 to 2'
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

    Empty where the rep has it anyway. `possible` is false where no set would: the lead is somebody's own, or had been the rep's. It is
    None where nothing was tried, of an answer that is given again: how things stood then is not known any more.

    >>> print(Alternative("noor", possible=True, changes=(Change("share", "0", "1"),)))
    noor would have it with share: 0 to 1.
    """

    rep: str
    possible: bool | None
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        """The alternative in words."""
        if self.possible is None:
            return f"Whether {self.rep} could have had it is not known: the answer is an earlier one."
        if not self.possible:
            return f"{self.rep} could not have had it."
        return f"{self.rep} would have it with {', and '.join(map(str, self.changes))}." if self.changes else f"{self.rep} has it."


# ------------------------------------------------------------------------------------------------------------- question


def alternative(given: Given, lane: Lane | None, place: str | None, winner: str | None, rep: str) -> Alternative:
    """The smallest set of changes after which the same steps yield the rep, for a lead of that lane that lies in that territory.

    `winner` is who has it. A name that is not on the roster is a `FactError`. `Route.what_if` asks this of a route.

    >>> from inbound_engine import calendars
    >>> from inbound_engine.conditions import Questions
    >>> from inbound_engine.facts import Lead
    >>> from inbound_engine.rotation import Rotation
    >>> from inbound_engine.spans import parse_instant
    >>> from inbound_engine.vocabulary import FactsDocument, View
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = territories.RoutingDocument(
    ...     lanes=[{"id": "all", "when": {"op": "always"}, "to": "rep"}], steps=[{"id": "pool", "kind": "pool"}]
    ... )
    >>> words, opening = compile_vocabulary(FactsDocument()), calendars.compile(calendars.HoursDocument())
    >>> rules = territories.compile(document, opening, words, Questions())
    >>> both = team(rules, Roster(reps=(Rep(id="maya", role="SDR"), Rep(id="noor", role="SDR", share=0))))
    >>> nine = parse_instant("2026-03-02T09:00Z")
    >>> given = Given(rules, both, View(Lead(id="L-1"), nine), nine, Rotation(), 1, (), None)
    >>> print(alternative(given, rules.lanes[0][0], None, "maya", "noor"))
    noor would have it with share: 0 to 1, and credit: 0 leads to 1 more, by hand.
    """
    member = given.team.member(rep)
    if winner == rep:
        return Alternative(rep, possible=True)
    if lane is None or lane.to != "rep" or rep in given.holders:
        return Alternative(rep, possible=False)
    options = _options(given, lane, place, member)
    needs = list(_needs(given, lane, member, options))
    later: tuple[Change, ...] | None = None  # one change more: a set that wants credit besides
    for size in range(len(options) + 1):
        with_credit: tuple[Change, ...] | None = None
        for some in _sets(options, needs, size):
            changes = tuple(option.change for option in some)
            tried = _walked(given, lane, place, member, some)
            if tried[-1].rep == rep:
                return Alternative(rep, possible=True, changes=changes)
            credit = _credit_for(given, tried[-1], rep) if with_credit is None else None
            if credit is not None:
                with_credit = (*changes, credit)
        if later is not None:
            return Alternative(rep, possible=True, changes=later)
        later = with_credit
    return Alternative(rep, possible=later is not None, changes=later or ())


# -------------------------------------------------------------------------------------------------------------- changes


@frozen
class _Option:
    """A change that could matter, and what it makes of the rep; None opens them whatever their hours say."""

    change: Change
    made: Callable[[Rep], Rep] | None


_Options: TypeAlias = dict[str, list[_Option]]
"""By what they change; of those that change one thing, one at most is taken."""


def _options(given: Given, lane: Lane, place: str | None, member: Member) -> _Options:
    """Each change that could matter, alone or with others."""
    pools = _pools(given.rules)
    found: _Options = {}
    for option in (
        *_attendance(given, member),
        *_zones(given, member, pools),
        *_counts(given, member, pools),
        *_rooms(given, lane, place, member, pools),
        *_criteria(given, place, member.rep, pools),
        *_roles(lane, member.rep, pools),
    ):
        found.setdefault(option.change.what, []).append(option)
    if given.rules.document.hours != "ignore" and ("zone" in found or not is_open(given, member, place, {})):
        found["closed"] = [_Option(Change("closed", "closed", "open"), None)]
    return found


def _pools(rules: Rules) -> list[PoolStep]:
    return [step for step in rules.steps if isinstance(step, PoolStep) and step.enabled]


def _attendance(given: Given, member: Member) -> Iterator[_Option]:
    rep, at = member.rep, given.at
    if not rep.active:
        yield _Option(Change("active", "false", "true"), lambda rep: evolve(rep, active=True))
    if rep.share == 0:
        yield _Option(Change("share", "0", "1"), lambda rep: evolve(rep, share=1))
    if is_away(member, at):
        until = max(span.until for span in rep.away if at in span)
        change = Change("away", f"until {until.isoformat(' ', 'minutes')[:16]} UTC", "back")
        yield _Option(change, lambda rep: evolve(rep, away=tuple(span for span in rep.away if at not in span)))


def _zones(given: Given, member: Member, pools: Sequence[PoolStep]) -> Iterator[_Option]:
    """The zones of the lead, where a pool prefers them and the rep is in none."""
    own = member.rep.zone
    zones = territories.zones(given.rules, given.view) if any(each.of == "zone" for step in pools for each in step.prefer) else ()
    if own is None or own.key not in {zone.key for zone in zones}:
        for zone in zones:
            yield _Option(Change("zone", "none" if own is None else own.key, zone.key), _moved(zone))


def _moved(zone: ZoneInfo) -> Callable[[Rep], Rep]:
    return lambda rep: evolve(rep, zone=zone)


def _counts(given: Given, member: Member, pools: Sequence[PoolStep]) -> Iterator[_Option]:
    """Caps of the day and the week that are reached, on the rep's date or on that of a zone they might be in."""
    zones = (member.zone, *(territories.zones(given.rules, given.view) if list(_zones(given, member, pools)) else ()))
    had = [given.rotation.on(member.id, hours.local_date(zone, given.at)) for zone in zones]
    today, this_week = max(today for today, _ in had), max(week for _, week in had)
    if member.per_day is not None and today >= member.per_day:
        yield _Option(
            Change("per_day", str(member.per_day), str(today + 1)), lambda rep: evolve(rep, caps=evolve(rep.caps, per_day=today + 1))
        )
    if member.per_week is not None and this_week >= member.per_week:
        yield _Option(
            Change("per_week", str(member.per_week), str(this_week + 1)),
            lambda rep: evolve(rep, caps=evolve(rep.caps, per_week=this_week + 1)),
        )


def _rooms(given: Given, lane: Lane, place: str | None, member: Member, pools: Sequence[PoolStep]) -> Iterator[_Option]:
    """Caps on open leads under which the rep has room, and as much of it as those have whom a pool prefers for that."""
    if member.room is None:
        return
    had = open_leads(given, member.id)
    wanted = {had + 1} if had >= member.room else set()
    without = evolve(given, team=_with(given.team, lane, place, member.id, None))
    for step in pools:
        if any(each.of == "capacity" for each in step.prefer):
            rivals = pool(without, step, lane, place, {}).shares
            room = given.team.by_id[rivals[0][0]].room if rivals else 0
            if room is None:
                wanted.add(_NO_CAP)
            elif rivals:
                wanted.add(room - open_leads(given, rivals[0][0]) + had)
    for cap in sorted(each for each in wanted if each > member.room):
        text = "none" if cap == _NO_CAP else str(cap)
        yield _Option(Change("open", str(member.room), text), _roomy(None if cap == _NO_CAP else cap))


_NO_CAP = 2**64  # above every cap that there can be


def _roomy(cap: int | None) -> Callable[[Rep], Rep]:
    return lambda rep: evolve(rep, caps=evolve(rep.caps, open=cap))


def _criteria(given: Given, place: str | None, rep: Rep, pools: Sequence[PoolStep]) -> Iterator[_Option]:
    """The territory and the product of the lead, where they are not the rep's."""
    if _is_elsewhere(given, place, rep):
        change = Change("territory", ", ".join(sorted(rep.territories)), "any" if place is None else place)
        yield _Option(change, lambda rep: evolve(rep, territories=frozenset() if place is None else rep.territories | {place}))
    wanted = given.view.lead.product
    preferred = any(each.of == "product" for step in pools for each in step.prefer)
    if wanted is not None and wanted not in rep.products and (rep.products or preferred):
        change = Change("product", ", ".join(sorted(rep.products)) or "any", wanted)
        yield _Option(change, lambda rep: evolve(rep, products=rep.products | {wanted}))


def _is_elsewhere(given: Given, place: str | None, rep: Rep) -> bool:
    """Whether the rep is bound to territories of which the lead's is none."""
    return bool(rep.territories) and bool(given.rules.territories) and place not in rep.territories


def _roles(lane: Lane, rep: Rep, pools: Sequence[PoolStep]) -> Iterator[_Option]:
    """The roles and seniorities that the lane takes, and those of them that a pool prefers."""
    meant = [rep, *(_as(rep, takers) for takers in lane.takes)]
    for here in tuple(meant):
        for step in pools:
            so_far = here
            for each in step.prefer:
                if each.of == "reps":
                    so_far = _as(so_far, each)
                    meant += [_as(here, each), so_far]
    seen = {(rep.role, rep.seniority)}
    for each_rep in meant:
        role, seniority = each_rep.role, each_rep.seniority
        if (role, seniority) not in seen:
            seen.add((role, seniority))
            yield _Option(Change("role", _role(rep), _role(each_rep)), _promoted(role, seniority))


def _as(rep: Rep, wanted: territories.Takers | Preference) -> Rep:
    """The rep, with the first role and seniority that is asked for where theirs is none of them."""
    role = wanted.roles[0] if wanted.roles and rep.role not in wanted.roles else rep.role
    seniority = wanted.seniorities[0] if wanted.seniorities and rep.seniority not in wanted.seniorities else rep.seniority
    return evolve(rep, role=role, seniority=seniority)


def _promoted(role: str, seniority: str | None) -> Callable[[Rep], Rep]:
    return lambda rep: evolve(rep, role=role, seniority=seniority)


def _role(rep: Rep) -> str:
    return rep.role if rep.seniority is None else f"{rep.seniority} {rep.role}"


# ----------------------------------------------------------------------------------------------------------------- sets


def _needs(given: Given, lane: Lane, member: Member, options: _Options) -> Iterator[frozenset[str]]:
    """What each step that could yield the rep cannot do without: a set that holds none of these is not tried."""
    rep = member.rep
    there = {"active", "away"}
    eligible = {*there, "share"} | (set() if "zone" in options else {"per_day", "per_week"})
    eligible |= {"open"} if member.room is not None and open_leads(given, rep.id) >= member.room else set()
    last = given.team.by_id.get(given.holders[-1]) if given.holders else None
    for step in given.rules.steps:
        needed: set[str] | None = None
        match step:
            case PoolStep() if step.enabled:
                needed = {*eligible, *(("territory",) if "territory" in step.match else ())}
                needed |= {"product"} if "product" in step.match and rep.products else set()
                taken = not lane.takes or any(takers.means(rep) for takers in lane.takes)
                needed |= {"role"} if "role" in step.match and not taken else set()
            case BackupStep() if step.enabled and last is not None and last.rep.backup == rep.id:
                needed = eligible
            case OwnerStep() if step.enabled and rep.id in _names(given, named(given, step)):
                needed = there
            case OverflowStep() if step.enabled and rep.id in _names(given, given.team.roster.overflow_owner):
                needed = there
            case _:
                pass
        if needed is not None:
            yield frozenset(needed & options.keys())


def _names(given: Given, name: str | None) -> tuple[str | None, str | None]:
    """An owner and their delegate."""
    member = None if name is None else given.team.by_id.get(name)
    return name, None if member is None else member.rep.delegate


def _sets(options: _Options, needs: Sequence[frozenset[str]], size: int) -> Iterator[tuple[_Option, ...]]:
    """The sets of that many changes that hold what some step needs."""
    for names in combinations(options, size):
        if any(need.issubset(names) for need in needs):
            yield from product(*(options[name] for name in names))


def _walked(given: Given, lane: Lane, place: str | None, member: Member, changes: Sequence[_Option]) -> tuple[Tried, ...]:
    """The steps with those changes made."""
    rep, anyway = member.rep, given.anyway
    for option in changes:
        if option.made is None:
            anyway |= {rep.id}
        else:
            rep = option.made(rep)
    return walk(evolve(given, team=_with(given.team, lane, place, rep.id, rep), anyway=anyway), lane, place, {})


def _with(found: Team, lane: Lane, place: str | None, name: str, rep: Rep | None) -> Team:
    """The team with one rep as they might be, or without them, as far as leads of one lane and territory ask: not made anew."""
    # whom they name is of no account: an owner who takes the lead needs no delegate
    alone = team(found.rules, Roster(reps=() if rep is None else (evolve(rep, delegate=None, backup=None, manager=None),)))
    asked = [(step.id, lane.id, place) for step in _pools(found.rules)]
    others = {key: [each for each in found.pool(*key) if each.id != name] for key in asked}
    return evolve(
        found,
        by_id={**found.by_id, **alone.by_id},
        pools={key: (*others[key], *alone.pool(*key)) for key in asked},
        calendars=(*found.calendars, *alone.calendars),
        open_hours={**found.open_hours, **{key: number + len(found.calendars) for key, number in alone.open_hours.items()}},
    )


def _credit_for(given: Given, last: Tried, rep: str) -> Change | None:
    """The whole number of leads that the rep would have to be given by hand, where the lead went to another's turn."""
    shares = dict(last.shares)
    pools = {step.id for step in given.rules.steps if isinstance(step, PoolStep)}  # a backup takes it by name, whatever the credit
    if rep not in shares or last.rep is None or last.step not in pools:
        return None
    credit = given.rotation.credit
    gap = credit(last.rep) + Fraction(shares[last.rep] - shares[rep], sum(shares.values())) - credit(rep)
    needed = int(gap) + 1 if gap.denominator == 1 and last.rep < rep else -int(-gap // 1)
    return Change("credit", f"{decimal_text(credit(rep))} leads", f"{needed} more, by hand")
