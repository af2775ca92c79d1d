"""One route with its trail, beside a hand-written router that keeps one too; and a batch.

The policy is the shipped hierarchy over territories by region: a backup on re-routes, three kinds of owners, the pool, the pool of the
territory, the overflow owner. Every rep has a cap on days and weeks, in the zone where they are; every tenth lead has an owner. The
hand-written router does the same for this one hierarchy: it reads caps by local date, takes turns on plain integers, gives a new
state, a log entry and a trail of what it tried. Its integers are fair only as long as nobody comes or goes, and so nobody does.

Reps work in one territory each, so that a team of 1,000 in 100 territories has pools of ten: what a lead costs is to follow the
pool, not the team.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from benchmarks.measure import Bench, Contestant, Goal, agree, one_by_one, timed
from inbound_engine import batches, calendars, routing, territories
from inbound_engine.calendars import HoursDocument
from inbound_engine.conditions import Questions
from inbound_engine.facts import Account, Caps, Lead, Rep, Roster
from inbound_engine.rotation import Rotation
from inbound_engine.territories import RoutingDocument, Rules, Team
from inbound_engine.vocabulary import FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary

__all__ = ["prepare"]

State: TypeAlias = Mapping[str, Any]

_MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
_OURS, _FLOOR = "routing.route", "hand-written, with a trail"


def _policy(regions: int) -> Rules:
    document = RoutingDocument.model_validate(
        {
            "lanes": [
                {
                    "id": "T1",
                    "when": {"op": "equals", "fact": "tier", "value": "T1"},
                    "to": "rep",
                    "takes": [{"id": "ae", "roles": ["AE"]}],
                },
                {
                    "id": "T2",
                    "when": {"op": "equals", "fact": "tier", "value": "T2"},
                    "to": "rep",
                    "takes": [{"id": "sdr", "roles": ["SDR"]}],
                },
                {"id": "nurture", "when": {"op": "always"}, "to": "nurture"},
            ],
            "territories": [
                {"id": f"t{number}", "when": {"op": "equals", "fact": "region", "value": f"r{number}"}} for number in range(regions)
            ],
            "steps": [
                {"id": "backup", "kind": "backup"},
                {"id": "open_opportunity_owner", "kind": "owner", "of": "open_opportunity_owner"},
                {"id": "named_account", "kind": "owner", "of": "named_rep"},
                {"id": "account_owner", "kind": "owner", "of": "account_owner", "parents": True},
                {"id": "pool", "kind": "pool"},
                {"id": "territory_pool", "kind": "pool", "match": ["territory"]},
                {"id": "overflow", "kind": "overflow"},
            ],
            "hours": "ignore",
        }
    )
    words = compile_vocabulary(FactsDocument(), [("tier", "text")])
    return territories.compile(document, calendars.compile(HoursDocument()), words, Questions())


def _roster(size: int, regions: int) -> Roster:
    caps = Caps(per_day=5_000, per_week=20_000)
    return Roster(
        reps=tuple(
            Rep(
                id=f"rep-{number:04}",
                role="SDR",
                territories=frozenset({f"t{number % regions}"}),
                share=1 + number % 3,
                zone=_ZONES[number % len(_ZONES)],
                caps=caps,
            )
            for number in range(size)
        )
    )


_TIERS = {"tier": "T2"}.get


def _leads(count: int, size: int, regions: int) -> list[View]:
    """Leads of all regions, five minutes apart; every tenth belongs to an account with an owner."""
    return [
        View(
            Lead(
                id=f"L-{number:07}",
                region=f"r{number % regions}",
                account=Account(id=f"A-{number}", owner=f"rep-{number % size:04}" if number % 10 == 0 else None),
            ),
            _MONDAY + number * timedelta(minutes=5),
            derived=_TIERS,
        )
        for number in range(count)
    ]


# ---------------------------------------------------------------------------------------------------------- hand-written


def _by_hand(  # noqa: PLR0915 - one hand-written program
    roster: Roster, regions: int
) -> Callable[[View, State], tuple[str | None, State]]:
    """A router of this one hierarchy: the state is three plain tables, copied where they change."""
    by_id = {rep.id: rep for rep in roster.reps}
    pools = {f"r{number}": [rep for rep in roster.reps if f"t{number}" in rep.territories] for number in range(regions)}
    roles = {"T1": "AE", "T2": "SDR"}

    def owner_of(name: str | None, at: datetime) -> str | None:
        if name is None:
            return "nobody_named"
        rep = by_id.get(name)
        if rep is None or not rep.active:
            return "gone"
        return "away" if any(span.since <= at < span.until for span in rep.away) else None

    def capped(rep: Rep, day: date, had: tuple[date, int, date, int] | None) -> str | None:
        if had is None:
            return None
        today = had[1] if had[0] == day else 0
        week = had[3] if had[2] == day - day.weekday() * timedelta(days=1) else 0
        if rep.caps.per_day is not None and today >= rep.caps.per_day:
            return "day_cap"
        return "week_cap" if rep.caps.per_week is not None and week >= rep.caps.per_week else None

    def decide(view: View, state: State) -> tuple[str | None, State]:
        lead, at, account = view.lead, view.at, view.account
        tier = view.derived("tier") if view.derived is not None else None
        trail: list[tuple[str, str | None, list[tuple[str, str]]]] = []
        winner, step = None, None
        shares: tuple[tuple[str, int], ...] = ()
        owed, counts = state["credits"], state["counts"]
        days: dict[Any, date] = {}

        def local(rep: Rep) -> date:
            day = days.get(rep.zone)
            if day is None:
                day = days[rep.zone] = at.astimezone(rep.zone).date()
            return day

        for name, who in (("opp", account.open_opportunity_owner), ("named", account.named_rep), ("owner", account.owner)):
            why = owner_of(who, at)
            trail.append((name, why, []))
            if why is None:
                winner, step = who, name
                break
        if winner is None:
            refused: list[tuple[str, str]] = []
            able = []
            for rep in pools.get(lead.region or "", ()):
                if rep.role != roles.get(str(tier)):
                    refused.append((rep.id, "role"))
                elif not rep.active or not rep.share:
                    refused.append((rep.id, "out"))
                elif any(span.since <= at < span.until for span in rep.away):
                    refused.append((rep.id, "away"))
                elif (full := capped(rep, local(rep), counts.get(rep.id))) is not None:
                    refused.append((rep.id, full))
                else:
                    able.append(rep)
            trail.append(("pool", None if able else "nobody_left", refused))
            if able:
                step, total = "pool", sum(rep.share for rep in able)
                owed = dict(owed)
                for rep in able:
                    owed[rep.id] = owed.get(rep.id, 0) + rep.share
                winner = min(able, key=lambda rep: (-owed[rep.id], rep.id)).id
                owed[winner] -= total
                shares = tuple((rep.id, rep.share) for rep in able)
        if winner is not None:
            day = local(by_id[winner])
            monday = day - day.weekday() * timedelta(days=1)
            had = counts.get(winner)
            today = had[1] + 1 if had is not None and had[0] == day else 1
            week = had[3] + 1 if had is not None and had[2] == monday else 1
            counts = {**counts, winner: (day, today, monday, week)}
        entry = {"lead": lead.id, "rep": winner, "step": step, "at": at, "shares": shares, "trail": trail}
        return winner, {"credits": owed, "counts": counts, "last": entry}

    return decide


def _all_by_hand(decide: Callable[[View, State], tuple[str | None, State]], views: Sequence[View]) -> list[str | None]:
    state: State = {"credits": {}, "counts": {}}
    said = []
    for view in views:
        rep, state = decide(view, state)
        said.append(rep)
    return said


def _all_by_us(rules: Rules, team: Team, views: Sequence[View]) -> list[str | None]:
    here, said = Rotation(), []
    for view in views:
        made = routing.route(rules, view, team, here)
        here = made.rotation
        said.append(made.rep)
    return said


# -------------------------------------------------------------------------------------------------------------- the run


def _routing(size: int, regions: int, count: int, goals: tuple[Goal, ...]) -> Bench:
    rules, roster, views = _policy(regions), _roster(size, regions), _leads(count, size, regions)
    team, decide = territories.team(rules, roster), _by_hand(roster, regions)
    agree(_OURS, _all_by_hand(decide, views), _all_by_us(rules, team, views), [view.lead.id for view in views])
    contestants = [
        Contestant(
            _FLOOR, timed(lambda: _all_by_hand(decide, views), count, "µs"), "this one hierarchy; integers, fair while nobody leaves"
        ),
        Contestant(_OURS, timed(lambda: _all_by_us(rules, team, views), count, "µs")),
    ]
    if size == _SMALL:
        contestants.append(
            one_by_one("the same, explained", lambda view: routing.route(rules, view, team, Rotation()).because, views[:100])
        )
        contestants.append(
            one_by_one("the same, roster unprepared", lambda view: routing.route(rules, view, roster, Rotation()), views[:100])
        )
    pool = size // regions
    return Bench(f"Route a lead: {size:,} reps, pools of {pool:,} (P6)", "µs", _FLOOR, tuple(contestants), goals)


_SMALL = 10


def _batch(count: int, *, kept: bool = True) -> Bench:
    size, regions = 40, 4
    rules, roster, views = _policy(regions), _roster(size, regions), _leads(count, size, regions)
    team, decide = territories.team(rules, roster), _by_hand(roster, regions)
    found = [(made.rep, made.lead_id) for made in batches.stream(rules, views, team, Rotation())]
    expected = _all_by_hand(decide, sorted(views, key=lambda view: (view.at, view.lead.id)))
    agree("batches.stream", expected, [rep for rep, _ in found], [lead for _, lead in found])

    def streamed() -> None:
        for _ in batches.stream(rules, views, team, Rotation()):
            pass

    contestants: tuple[Contestant, ...] = (
        Contestant("hand-written", timed(lambda: _all_by_hand(decide, views), count, "µs"), "the trail is dropped"),
        Contestant("batches.stream", timed(streamed, count, "µs"), "one after another, nothing kept"),
    )
    if kept:
        whole = timed(lambda: batches.route_each(rules, views, team, Rotation()), count, "µs")
        contestants = (*contestants, Contestant("batches.route_each", whole, "all routes kept, with the report"))
    title = "Route 100,000 leads over 40 reps, every route kept" if kept else "Route a million leads over 40 reps, one after another"
    return Bench(title, "µs", "hand-written", contestants, rounds=3 if kept else 1)


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares what both say, and gives what is to be timed."""
    count = 60 if quick else 2_000
    return (
        _routing(_SMALL, 1, count, (Goal("P6", _OURS, 6, (_FLOOR,)),)),
        _routing(100, 10, count, ()),
        _routing(1_000, 100, count, (Goal("P6", _OURS, 6, (_FLOOR,)),)),
        _routing(1_000, 1, 60 if quick else 300, ()),
        _batch(200 if quick else 100_000),
        _batch(400 if quick else 1_000_000, kept=False),
    )
