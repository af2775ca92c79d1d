"""Which destinations does the policy try, and whose territory is it?

Three lists say who may take a lead, each read from the top. The lanes say whether a person is involved at all, and which roles
take such leads (RT-2, RT-4); the territories say where the lead lies; the steps are the destinations that are tried, the first
that yields somebody wins (RO-1). Rows whose condition is unknown do not match, and say what they want to know.

A criterion is hard: who does not meet it may not take the lead. A preference is soft: it leaves those who meet it where there
are any, and says nothing otherwise. A rep who names no territory is bound to none, and one who names no product sells all.

The roster is made ready once: its reps by territory and lane, so that a lead looks at those alone who might take it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import evolve, frozen
from pydantic import Field, model_validator

from inbound_engine import calendars, tables
from inbound_engine.calendars import ZoneName
from inbound_engine.conditions import AllOf, Always, AnyCondition, Between, Compare, Condition, OneOf, Questions, Rule, values_of
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import Rep, Roster
from inbound_engine.hours import Calendar
from inbound_engine.spans import Span
from inbound_engine.tables import Finding
from inbound_engine.vocabulary import View, Vocabulary

__all__ = [
    "BackupStep",
    "Criterion",
    "Hours",
    "Lane",
    "Member",
    "OverflowStep",
    "OwnerStep",
    "PoolStep",
    "Preference",
    "RoutingDocument",
    "Rules",
    "Step",
    "Takers",
    "Team",
    "Territory",
    "compile",
    "findings",
    "lane_of",
    "lies_in",
    "team",
    "zones",
]

Criterion: TypeAlias = Literal["territory", "product", "role"]
Hours: TypeAlias = Literal["ignore", "prefer", "require"]
Relation: TypeAlias = Literal["open_opportunity_owner", "named_rep", "account_owner"]
Notified: TypeAlias = Literal["csm", "open_opportunity_owner", "named_rep"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]


# ------------------------------------------------------------------------------------------------------------ documents


class Territory(Document):
    """Leads of whom `when` is true, and whose zone, where `zones` are given, is surely one of those (RT-1)."""

    id: Id
    label: Label = ""
    when: Condition
    zones: Rows[ZoneName] = ()
    source: Label = ""


class Takers(Document):
    """Reps of one of the roles, with one of the seniorities; an empty list asks nothing."""

    id: Id
    roles: Rows[Text] = ()
    seniorities: Rows[Text] = ()
    source: Label = ""

    def means(self, rep: Rep) -> bool:
        """Whether the rep is one of them.

        >>> Takers(id="senior", seniorities=["senior"]).means(Rep(id="maya", role="AE", seniority="senior"))
        True
        """
        return _is_one(rep, self.roles, self.seniorities)


def _is_one(rep: Rep, roles: Sequence[str], seniorities: Sequence[str]) -> bool:
    return (not roles or rep.role in roles) and (not seniorities or rep.seniority in seniorities)


class Lane(Document):
    """Where leads of whom `when` is true go: to a rep, or to nurture, without a person (RT-4).

    `takes` says who may take them: one of these; without any, everybody.
    """

    id: Id
    label: Label = ""
    when: Condition
    to: Literal["rep", "nurture"]
    takes: UniqueRows[Takers] = ()
    source: Label = ""


class BackupStep(Document):
    """On a re-route, the named backup of the last holder, if they may take a lead now (RO-15)."""

    kind: Literal["backup"]
    id: Id
    label: Label = ""
    enabled: bool = True
    source: Label = ""


class OwnerStep(Document):
    """Whoever the account has: refused only if out, gone, or a holder before; away, their delegate (RO-2).

    `parents` asks the nearest parent that has an owner, where the account itself has none (RT-4). `over_cap` lets owners take
    leads over their cap, counted and flagged; `delegates` lets delegates stand in.
    """

    kind: Literal["owner"]
    id: Id
    label: Label = ""
    of: Relation
    parents: bool = False
    delegates: bool = True
    over_cap: bool = True
    enabled: bool = True
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "OwnerStep":
        if self.parents and self.of != "account_owner":
            refuse([Problem("parents", "true", f"false for {self.of}", "Parents have owners only.")])
        return self


class Preference(Document):
    """Leaves, of those who may take the lead, those whom it means, where there are any.

    `of` "reps" means those of the roles and seniorities, "product" those who name the lead's product, "zone" those in a zone of
    the lead, "capacity" those with the most free capacity: the cap on open leads less the open ones, no cap being the most
    (RT-1).
    """

    id: Id
    of: Literal["reps", "product", "zone", "capacity"]
    roles: Rows[Text] = ()
    seniorities: Rows[Text] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Preference":
        if bool(self.roles or self.seniorities) is not (self.of == "reps"):
            saw = "roles or seniorities" if self.roles or self.seniorities else "neither roles nor seniorities"
            refuse([Problem("of", f"{self.of} with {saw}", "reps with roles or seniorities, or another without")])
        return self

    def means(self, rep: Rep) -> bool:
        """Whether the rep is of the roles and seniorities."""
        return _is_one(rep, self.roles, self.seniorities)


class PoolStep(Document):
    """The rotation among those who meet every criterion and are under their caps (RO-4, RO-5)."""

    kind: Literal["pool"]
    id: Id
    label: Label = ""
    match: Rows[Criterion] = ("territory", "product", "role")
    prefer: UniqueRows[Preference] = ()
    enabled: bool = True
    source: Label = ""


class OverflowStep(Document):
    """The overflow owner of the roster, who takes what nobody else may: as an owner, over any cap (RT-4)."""

    kind: Literal["overflow"]
    id: Id
    label: Label = ""
    enabled: bool = True
    source: Label = ""


Step: TypeAlias = Annotated[BackupStep | OwnerStep | PoolStep | OverflowStep, Field(discriminator="kind")]


class RoutingDocument(Document):
    """Who takes which lead: lanes, territories, and the destinations that are tried, each list from the top (RT-4).

    `hours` says whether reps of a pool must be open: never ("ignore"), where somebody is ("prefer"), or always ("require").
    `notify` are told of every lead of their account, also of those that go to nobody.
    """

    lanes: UniqueRows[Lane] = Field(min_length=1)
    territories: UniqueRows[Territory] = ()
    steps: UniqueRows[Step] = Field(min_length=1)
    hours: Hours = "prefer"
    notify: Rows[Notified] = ("csm", "open_opportunity_owner", "named_rep")
    source: Label = ""


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The routing of a policy, its conditions compiled, beside the hours that it is read with."""

    document: RoutingDocument
    hours: calendars.Rules
    lanes: tuple[tuple[Lane, Rule], ...]
    territories: tuple[tuple[Territory, Rule, frozenset[str]], ...]
    steps: tuple[BackupStep | OwnerStep | PoolStep | OverflowStep, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The territories, in order."""
        return tuple(territory.id for territory, _, _ in self.territories)


def compile(document: RoutingDocument, hours: calendars.Rules, words: Vocabulary, questions: Questions) -> Rules:
    """The routing made ready."""
    return Rules(
        document=document,
        hours=hours,
        lanes=tuple((lane, compile_condition(lane.when, words, questions)) for lane in document.lanes),
        territories=tuple(
            (territory, compile_condition(territory.when, words, questions), frozenset(territory.zones))
            for territory in document.territories
        ),
        steps=document.steps,
    )


@frozen(eq=False)
class Member:
    """A rep as the rotation sees them: what is asked for each lead, read off once."""

    id: str
    rep: Rep
    share: int
    away: tuple[Span, ...]
    per_day: int | None
    per_week: int | None
    room: int | None
    """The cap on open leads."""
    capped: bool
    """Whether there is a cap on days or weeks."""
    zone: ZoneInfo
    """Where their dates are read: the rep's zone, else the organisation's (RO-11)."""


def _member(rules: Rules, rep: Rep) -> Member:
    caps = rep.caps
    capped = caps.per_day is not None or caps.per_week is not None
    zone = rules.hours.zone if rep.zone is None else rep.zone
    return Member(rep.id, rep, rep.share, rep.away, caps.per_day, caps.per_week, caps.open, capped, zone)


@frozen(eq=False)
class Team:
    """A roster made ready for the rules of one policy: reps by id, and for each pool those who might take such a lead.

    `pools` are by step, lane and territory, in order of ids; their members meet every criterion but the product. `present` are
    those who have not left: the active ones (RO-10).
    """

    rules: Rules
    roster: Roster
    by_id: dict[str, Member]
    pools: dict[tuple[str, str, str | None], tuple[Member, ...]]
    present: frozenset[str]
    parents: dict[str, tuple[str | None, str | None]]
    calendars: tuple[Calendar, ...]
    """Those that differ, where the policy asks whether somebody is open."""
    open_hours: dict[tuple[str, str | None], int]
    """The number of the calendar of each rep, for leads of each territory that has hours of its own, and of the others."""

    def pool(self, step: str, lane: str, territory: str | None) -> tuple[Member, ...]:
        """Those who might take such a lead."""
        return self.pools.get((step, lane, territory), ())

    def member(self, rep: str, path: str = "rep") -> Member:
        """The rep of that id; `FactError` with the nearest where there is none."""
        asked: object = rep
        found = self.by_id.get(asked) if isinstance(asked, str) else None
        if found is None:
            close = nearest(asked, self.by_id) if isinstance(asked, str) else None
            raise FactError(path, shown(rep), one_of(self.by_id), f'Did you mean "{close}"?' if close else "")
        return found

    def calendar(self, rep: str | None, territory: str | None) -> Calendar:
        """The opening hours of a rep for leads of a territory: the rep's, else the territory's, else the organisation's (CL-2).

        Without a rep, those of the territory, else of the organisation.
        """
        there = territory if territory in self.rules.hours.territories else None
        return _hours_of(self.rules, None if rep is None else self.member(rep).rep, there)


def team(rules: Rules, roster: Roster | Team) -> Team:
    """The roster made ready; worth keeping while neither the policy nor the roster changes. A team is given back as it is.

    A territory that a rep names and the policy does not have is a finding, not an error: nobody is routed there. A calendar that
    the policy does not have, and a team of other rules, are a `FactError`.
    """
    if isinstance(roster, Team):
        if roster.rules is not rules:
            raise FactError("roster", "a team that was made for other rules", "one of these", "Make it with territories.team.")
        return roster
    _refuse_strangers(roster)
    members = [_member(rules, rep) for rep in sorted(roster.reps, key=lambda rep: rep.id)]
    places: tuple[str | None, ...] = (*rules.names, None)
    pools: dict[tuple[str, str, str | None], list[Member]] = {}
    for step in rules.steps:
        if not isinstance(step, PoolStep) or not step.enabled:
            continue
        for lane in rules.document.lanes:
            if lane.to != "rep":
                continue
            anybody = not lane.takes or "role" not in step.match
            for member in members:
                if anybody or any(takers.means(member.rep) for takers in lane.takes):
                    for place in _places(member.rep, places, step):
                        pools.setdefault((step.id, lane.id, place), []).append(member)
    opening = {} if rules.document.hours == "ignore" else dict(_open_hours(rules, members))
    numbers = {calendar: number for number, calendar in enumerate(dict.fromkeys(opening.values()))}
    return Team(
        rules=rules,
        roster=roster,
        by_id={member.id: member for member in members},
        pools={key: tuple(found) for key, found in pools.items()},
        present=frozenset(member.id for member in members if member.rep.active),
        parents={account.id: (account.parent_id, account.owner) for account in roster.parents},
        calendars=tuple(numbers),
        open_hours={key: numbers[calendar] for key, calendar in opening.items()},
    )


def _places(rep: Rep, places: Sequence[str | None], step: PoolStep) -> Iterable[str | None]:
    """The territories in which the rep takes leads; None is for leads that lie in none."""
    if "territory" not in step.match or not rep.territories or len(places) == 1:
        return places
    return (place for place in rep.territories if place in places)


def _open_hours(rules: Rules, members: Iterable[Member]) -> Iterator[tuple[tuple[str, str | None], Calendar]]:
    """The calendars of everybody, for each territory that has hours of its own, and for all others."""
    for member in members:
        for place in (*rules.hours.territories, None):
            yield (member.id, place), _hours_of(rules, member.rep, place)


def _hours_of(rules: Rules, rep: Rep | None, territory: str | None) -> Calendar:
    try:
        return calendars.choose(rules.hours, rep=rep, territory=territory).calendar
    except FactError as error:
        problem = error.problem
        path = problem.path if rep is None else f"roster.reps[{rep.id}].{problem.path.removeprefix('rep.')}"
        raise FactError(path, problem.saw, problem.expected, problem.hint) from None


def _refuse_strangers(roster: object) -> None:
    if not isinstance(roster, Roster):
        hint = "`intake.roster` reads one from plain data." if isinstance(roster, Mapping) else "Write Roster(reps=(...,))."
        raise FactError("roster", shown(roster), "a Roster, or a Team", hint)


def lane_of(rules: Rules, view: View) -> Lane | None:
    """The first lane whose condition holds, or None."""
    return next((lane for lane, rule in rules.lanes if rule.test(view)), None)


def zones(rules: Rules, view: View) -> tuple[ZoneInfo, ...]:
    """The zones that the lead may be in (CA-1)."""
    return calendars.zones_of(rules.hours, view.lead).zones


def lies_in(rules: Rules, view: View) -> int | None:
    """The number of the first territory that the lead surely lies in, or None."""
    known: frozenset[str] | None = None
    for number, (_, rule, wanted) in enumerate(rules.territories):
        if rule.test(view):
            if not wanted:
                return number
            if known is None:
                known = frozenset(zone.key for zone in zones(rules, view))
            if known and known <= wanted:
                return number
    return None


# ------------------------------------------------------------------------------------------------------------- findings


def findings(rules: Rules, roster: Roster | None = None) -> tuple[Finding, ...]:
    """What is odd about a policy's routing, and about a roster and it together; nothing is refused for it.

    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = RoutingDocument(
    ...     lanes=[{"id": "all", "when": {"op": "always"}, "to": "rep"}],
    ...     territories=[{"id": "dach", "when": {"op": "is_in", "fact": "country", "values": ["DE", "AT", "CH"]}}],
    ...     steps=[{"id": "pool", "kind": "pool"}],
    ... )
    >>> rules = compile(document, calendars.compile(calendars.HoursDocument()), compile_vocabulary(FactsDocument()), Questions())
    >>> for found in findings(rules, Roster(reps=(Rep(id="maya", role="AE", territories=frozenset({"dahc"})),))):
    ...     print(found.code, found.path)
    territory-unknown roster.reps[maya].territories
    territory-empty routing.territories[dach]
    pool-empty routing.steps[pool]
    """
    document = rules.document
    of_the_policy = (
        *tables.findings([(lane.id, lane.when) for lane in document.lanes], "routing.lanes"),
        *tables.findings([(row.id, row.when) for row in document.territories if not row.zones], "routing.territories"),
        *_overlaps(document),
        *_unused(rules),
    )
    if roster is None:
        return of_the_policy
    _refuse_strangers(roster)
    known = rules.hours.patterns
    reps = tuple(rep if rep.calendar is None or rep.calendar in known else evolve(rep, calendar=None) for rep in roster.reps)
    found = team(rules, roster if reps == roster.reps else evolve(roster, reps=reps))
    return (
        *of_the_policy,
        *_holes(found),
        *_about_territories(document, roster),
        *_about_pools(found),
        *_about_steps(found),
        *_about_reps(rules, roster),
    )


def _is_there(rep: Rep) -> bool:
    """Whether the rotation can ever give the rep a lead."""
    return rep.active and rep.share > 0 and 0 not in {rep.caps.per_day, rep.caps.per_week, rep.caps.open}


def _overlaps(document: RoutingDocument) -> Iterator[Finding]:
    rows = document.territories
    for number, row in enumerate(rows):
        for earlier in rows[:number]:
            if shared := _shared(earlier, row):
                message = f"{shared} lies in routing.territories[{earlier.id}] too, which is asked first"
                yield Finding("territory-overlap", f"routing.territories[{row.id}]", message, "Let each lead lie in one.")
                break


def _unused(rules: Rules) -> Iterator[Finding]:
    if rules.names and not any("territory" in step.match for step in _pools(rules)):
        message = "no pool asks for the territory of a lead, so that territories decide nothing"
        yield Finding("territories-unused", "routing.territories", message, "Match on territory first (RT-1), or remove them.")


def _pools(rules: Rules) -> list[PoolStep]:
    return [step for step in rules.steps if isinstance(step, PoolStep) and step.enabled]


def _lanes(rules: Rules) -> list[Lane]:
    return [lane for lane in rules.document.lanes if lane.to == "rep"]


def _holes(found: Team) -> Iterator[Finding]:
    """Lanes whose leads have somebody in a territory, and nobody where they lie in none; an overflow owner takes them too."""
    rules, owner = found.rules, found.by_id.get(found.roster.overflow_owner or "")
    rows, pools = rules.document.territories, _pools(rules)
    overflow = any(isinstance(step, OverflowStep) and step.enabled for step in rules.steps)
    if any(isinstance(row.when, Always) and not row.zones for row in rows) or (overflow and owner is not None and owner.rep.active):
        return

    def has_somebody(lane: Lane, place: str | None) -> bool:
        return any(_is_there(member.rep) for step in pools for member in found.pool(step.id, lane.id, place))

    lanes = [lane.id for lane in _lanes(rules) if not has_somebody(lane, None) and any(has_somebody(lane, place) for place in rules.names)]
    if lanes:
        message = f"leads of {', '.join(lanes)} that lie in none of them have nobody: who may take them is bound to territories"
        yield Finding("territory-hole", "routing.territories", message, "Add a last row that is always true, or a rep without territories.")


def _about_territories(document: RoutingDocument, roster: Roster) -> Iterator[Finding]:
    rows, known = document.territories, {row.id for row in document.territories}
    bound = [rep for rep in roster.reps if _is_there(rep)]
    for rep in sorted(roster.reps, key=lambda rep: rep.id):
        for name in sorted(rep.territories - known if rows else ()):
            close = nearest(name, known)
            hint = f'Did you mean "{close}"?' if close else "Add it to routing.territories."
            yield Finding("territory-unknown", f"roster.reps[{rep.id}].territories", f'no territory called "{name}"', hint)
    for row in rows:
        if not any(not rep.territories or row.id in rep.territories for rep in bound):
            message = "nobody who can be given a lead works there"
            yield Finding("territory-empty", f"routing.territories[{row.id}]", message, "Give it to a rep, or remove it.")


def _about_pools(found: Team) -> Iterator[Finding]:
    """Pools in which nobody can ever be given a lead: of a lane everywhere, or in one territory of it."""
    rules = found.rules
    places: tuple[str | None, ...] = rules.names or (None,)
    for step in _pools(rules):
        for lane in _lanes(rules):
            empty = [place for place in places if not any(_is_there(each.rep) for each in found.pool(step.id, lane.id, place))]
            if empty:
                where = "anywhere" if len(empty) == len(places) else f"in {', '.join(map(str, empty))}"
                message = f"nobody may take leads of {lane.id} {where}"
                yield Finding("pool-empty", f"routing.steps[{step.id}]", message, "Such leads go to a later step, or to nobody.")


def _about_steps(found: Team) -> Iterator[Finding]:
    """Steps that ask for what the roster does not have: parents of accounts, an overflow owner."""
    roster, enabled = found.roster, [step for step in found.rules.steps if step.enabled]
    for step in enabled:
        if isinstance(step, OwnerStep) and step.parents and not roster.parents and not step.source:
            message = "owners of parents are asked for, and the roster has no parents of accounts"
            hint = "Name them in roster.parents, or set parents = false: account-based only with a mature hierarchy (RT-1)."
            yield Finding("parents-missing", f"routing.steps[{step.id}].parents", message, hint)
    if any(isinstance(step, OverflowStep) for step in enabled):
        if roster.overflow_owner is None:
            yield Finding("overflow-missing", "roster.overflow_owner", "a step asks for one, and there is none", "Name a rep.")
        elif not found.by_id[roster.overflow_owner].rep.active:
            message = f"{roster.overflow_owner} is not active, and takes nothing"
            yield Finding("overflow-idle", "roster.overflow_owner", message, "Name a rep who is active.")


def _about_reps(rules: Rules, roster: Roster) -> Iterator[Finding]:
    document, known = rules.document, rules.hours.patterns
    by_id = {rep.id: rep for rep in sorted(roster.reps, key=lambda rep: rep.id)}
    for rep in by_id.values():
        if rep.calendar is not None and rep.calendar not in known:
            close = nearest(rep.calendar, known)
            hint = f'Did you mean "{close}"?' if close else "Add it to hours.calendars."
            yield Finding("calendar-unknown", f"roster.reps[{rep.id}].calendar", f'no calendar called "{rep.calendar}"', hint)
    active = [rep for rep in by_id.values() if rep.active]
    if active and not any(rep.share for rep in active):
        yield Finding("shares-zero", "roster.reps", "every share is 0: the rotation gives nobody a lead", "Give somebody a share.")
    seen: set[str] = set()
    for start in by_id:
        walked: list[str] = []
        here: str | None = start
        while here is not None and here not in walked and here not in seen:
            walked.append(here)
            here = by_id[here].delegate
        if here in walked:
            circle = " → ".join([*walked[walked.index(here) :], here])
            yield Finding("delegate-circle", f"roster.reps[{here}].delegate", circle, "When all of them are away, nobody stands in.")
        seen |= {*walked}
    reroutes = any(isinstance(step, BackupStep) and step.enabled for step in document.steps)
    for rep in by_id.values():
        backup = by_id.get(rep.backup or "")
        if reroutes and backup is not None and not _is_there(backup):
            message = f"{backup.id} is out of the rotation: no re-route ever goes there"
            yield Finding("backup-idle", f"roster.reps[{rep.id}].backup", message, "Name a rep who has a share.")


_Range: TypeAlias = tuple[int | None, int | None]
"""The least and the most, both included; None where there is no end."""


def _shared(one: Territory, other: Territory) -> str:
    """What surely lies in both, nothing where that cannot be shown: a value that both list, a number where two ranges cross.

    A range that lies within another is no finding: bands that are read from the top are written so.
    """
    left, right = _asked(one.when), _asked(other.when)
    if left is None or right is None or bool(one.zones) is not bool(other.zones):
        return ""
    (lists, ranges), (more_lists, more_ranges) = left, right
    if not (lists or ranges or one.zones) or not (more_lists or more_ranges or other.zones) or ranges.keys() != more_ranges.keys():
        return ""
    found: dict[str, object] = {}
    for name in {*lists, *more_lists}:
        both = [value for value in lists.get(name, more_lists.get(name, ())) if value in more_lists.get(name, lists.get(name, ()))]
        if not both:
            return ""
        found[name] = both[0]
    for name in ranges:
        crossing = _crossing(ranges[name], more_ranges[name])
        if crossing is None:
            return ""
        found[name] = crossing
    if one.zones:
        zones = [zone for zone in one.zones if zone in other.zones]
        if not zones:
            return ""
        found["zone"] = zones[0]
    return " and ".join(f"{name} {value}" for name, value in sorted(found.items()))


def _crossing(one: _Range, other: _Range) -> int | None:
    """The least number of both ranges, where each has numbers that the other has not."""
    (low, high), (least, most) = one, other
    if least is None or (low is not None and least < low):
        (low, high), (least, most) = (least, most), (low, high)
    if least is None or least == low or high is None or high < least or (most is not None and most <= high):
        return None
    return least


def _asked(condition: AnyCondition) -> tuple[dict[str, tuple[object, ...]], dict[str, _Range]] | None:
    """The values and the ranges of numbers that a condition asks for, by fact, where that is all it asks; None where it is not."""
    parts = condition.of if isinstance(condition, AllOf) else () if isinstance(condition, Always) else (condition,)
    lists: dict[str, tuple[object, ...]] = {}
    ranges: dict[str, _Range] = {}
    for part in parts:
        if not isinstance(part, Compare | OneOf | Between) or part.fact in lists:
            return None
        values = tuple(value for _, value in values_of(part))
        ends = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
        if part.op in {"equals", "is_in"} and part.fact not in ranges:
            lists[part.fact] = values
        elif part.op in {"at_least", "at_most", "between"} and len(ends) == len(values):
            low, high = ranges.get(part.fact, (None, None))
            ranges[part.fact] = (low if part.op == "at_most" else ends[0], high if part.op == "at_least" else ends[-1])
        else:
            return None
    return lists, ranges
