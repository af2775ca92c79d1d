"""The whole street: from the facts of one lead to who takes it, by when, and which touches follow (P3); and one case through its life.

The policy is the shipped one, and so are the hours; twelve reps sit in Berlin, who work by its business hours and have caps. Leads come
in on one Monday morning; those who raised their hand did so within the hour, or a day before where nobody looked.

By hand stands what that policy says for such a team, in modules as a team would write it: the scores of `assess_raw`, the first stages
of the lifecycle, a router with its trail, four clocks with their ladders, the touches of `response`, the package, a list of what is to
be done. It is right for reps of one place and a policy that never changes, keeps no journal, and no case begins with it.

The peers do less: zen-engine is handed the grades and says the tier, transitions keeps the stage, a router in Python says who.
Nobody there has a deadline or a plan.
"""

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from benchmarks.assess_raw import by_hand as assess_by_hand
from benchmarks.lifecycle import Case as Move
from benchmarks.lifecycle import in_transitions
from benchmarks.measure import Bench, Contestant, Goal, agree, one_by_one, timed
from benchmarks.peers import Peer, peers
from benchmarks.response import T1, PlanByHand, Planned, Steps
from benchmarks.sample import AT, Record, records
from inbound_engine import Engine, Lead, Policy
from inbound_engine.calendars import HoursDocument
from inbound_engine.cases import Case, Progress, Row
from inbound_engine.facts import ACTIVITY_KINDS, Activity, Caps, Outreach, Rep, Roster
from inbound_engine.handoff import Package
from inbound_engine.history import Happened
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.reported import Report
from inbound_engine.rotation import Rotation
from inbound_engine.sla import Status
from inbound_engine.spans import zone
from inbound_engine.territories import Team
from inbound_engine.verdicts import Verdict

__all__ = ["prepare"]

_BERLIN = "Europe/Berlin"
_HERE, _NINE, _FIVE, _DAY, _MINUTE = zone(_BERLIN), time(9), time(17), timedelta(days=1), timedelta(minutes=1)
_WEEKEND = 5
_HAND_RAISES = frozenset(("demo_request", "call_request", "trial_signup", "contact_form"))
_AE, _SDR = "AE", "SDR"
_ROSTER = Roster(
    reps=tuple(
        Rep(
            id=f"rep-{number:02}",
            role=_AE if number % 3 == 0 else _SDR,
            zone=_BERLIN,
            calendar="business_hours",
            caps=Caps(per_day=5_000, per_week=20_000),
        )
        for number in range(12)
    )
)

# ------------------------------------------------------------------------------------------------------------ hand-written

# Each step of a ladder: what it is called, after how many minutes.
_FAST = (("escalate", 5 * _MINUTE), ("reroute", 15 * _MINUTE))
_SLOW = (("escalate", 30 * _MINUTE), ("reroute", 120 * _MINUTE))
_KEPT = (("flag", 240 * _MINUTE),)
_LATER = (("flag", 1_440 * _MINUTE),)
_DELIVERY = (("flag", 60 * _MINUTE),)
_REVIEW = (("escalate", 1_440 * _MINUTE), ("ignored", 2_880 * _MINUTE))
_MIDNIGHT = time(0)

_T2: Steps = (
    ("confirm-0", 0, "", time(0), False, False),
    ("call-0", 0, "call", time(0), False, True),
    ("email-2", 2, "email", _NINE, False, True),
    ("final-5", 5, "email", _NINE, False, True),
    ("nurture-7", 7, "enrolment", _NINE, False, False),
)
_ZONES: Mapping[str, tuple[ZoneInfo, ...]] = {
    row.country: tuple(map(zone, row.zones)) for row in HoursDocument.model_validate(PLAYBOOK["hours"]).zones if not row.regions
}

Ladder: TypeAlias = tuple[tuple[str, timedelta], ...]
State: TypeAlias = tuple[Mapping[str, int], Mapping[str, tuple[date, int, date, int]]]
"""Credits, and counts by day and week: a rotation by hand."""


@frozen
class HandClock:
    """A clock: its state, its deadline, the steps that came with their instants, and the next change."""

    table: str
    state: str
    start: datetime
    deadline: datetime
    due: tuple[tuple[str, datetime], ...]
    next_at: datetime | None


@frozen
class HandVerdict:
    """What becomes of a lead, by hand."""

    lead: str
    tier: str
    scores: tuple[int, int, int, int]
    reason: str | None
    stage: str
    entries: tuple[tuple[str, str, datetime], ...]
    rep: str | None
    trail: tuple[tuple[str, str | None, tuple[tuple[str, str], ...]], ...]
    state: State
    clocks: tuple[HandClock, ...]
    touches: tuple[tuple[str, datetime], ...]
    notes: tuple[tuple[str, str], ...]
    package: tuple[Mapping[str, object] | None, tuple[str, ...]] | None
    actions: tuple[tuple[str, str], ...]

    def explain(self) -> str:
        """A paragraph for a salesperson."""
        fit, urgency, _, _ = self.scores
        parts = [f"{self.lead} is {self.tier}: a selection of {fit / 3:.0f} and an urgency of {urgency / 3:.0f} points."]
        parts += [f"{self.rep} has it." if self.rep is not None else "Nobody in sales takes it."]
        for clock in self.clocks[:1]:
            parts.append(f"An answer is due before {clock.deadline:%A %d %B %Y at %H:%M}: {clock.state}.")
            parts += [f"{step} on {at:%A %d %B %Y at %H:%M}." for step, at in clock.due]
        if self.touches:
            parts.append(f"Planned: {', '.join(f'{step} on {at:%A %d %B %Y at %H:%M}' for step, at in self.touches)}.")
        parts += [f"{step}: {note}." for step, note in self.notes]
        return " ".join(parts)


def _reach(start: datetime, amounts: Sequence[timedelta], opens: time, closes: time) -> list[datetime]:
    """When each of several amounts of working time has passed, the smallest first: day by day, in Berlin."""
    day, counted, found = start.astimezone(_HERE).date(), timedelta(), []  # type: date, timedelta, list[datetime]
    while True:
        if day.weekday() < _WEEKEND:
            first = max(datetime.combine(day, opens, _HERE).astimezone(UTC), start)
            last = datetime.combine(day + _DAY if closes == _MIDNIGHT else day, closes, _HERE).astimezone(UTC)
            if first < last:
                while counted + (last - first) >= amounts[len(found)]:
                    found.append(first + (amounts[len(found)] - counted))
                    if len(found) == len(amounts):
                        return found
                counted += last - first
        day += _DAY


def _clock(  # noqa: PLR0917 - each is a part of one clock
    table: str, ladder: Ladder, start: datetime, at: datetime, hours: tuple[time, time] | None, met: datetime | None = None, steps: int = 9
) -> HandClock:
    """The target stands on the first step of a ladder; without hours all time counts."""
    amounts = [after for _, after in ladder]
    reached = [start + after for after in amounts] if hours is None else _reach(start, amounts, *hours)
    deadline = reached[0]
    state = "met" if met is not None and met < deadline else "breached" if deadline <= at else "running"
    until = at if met is None else met
    due = tuple((step, when) for (step, _), when in zip(ladder, reached, strict=True) if when <= until)[:steps]
    ahead = (when for when in reached[: max(steps, 1)] if when > at) if met is None else ()
    return HandClock(table, state, start, deadline, due, next(iter(ahead), None))


def _clocks(lead: Lead, tier: str, reason: str | None, rep: str | None, at: datetime) -> tuple[HandClock, ...]:
    """The first response to the lead and that of its holder, the delivery, the review."""
    raised = [one.at for one in lead.activities or () if one.kind in _HAND_RAISES and one.at <= at]
    if tier == "NURTURE" and reason != "low_intent":
        return ()
    seen = [*raised, at] if tier != "NURTURE" else raised
    created = lead.created_at
    start = min(seen) if seen else created if created is not None and created <= at else at
    if tier in {"T3", "NURTURE"}:
        return (_clock("first_response", _KEPT if tier == "T3" else _LATER, start, at, None),)
    recent = any(at - timedelta(days=30) <= when for when in raised)
    ladder, office = (_FAST if recent or tier == "T1" else _SLOW), (_NINE, _FIVE)
    found = [_clock("first_response", ladder, start, at, office)]
    if rep is not None:
        found.append(_clock("first_response", ladder, at, at, office, steps=0))
    found.append(_clock("delivery", _DELIVERY, at, at, office, at if rep is not None else None))
    if rep is not None:
        found.append(_clock("review", _REVIEW, at, at, (_MIDNIGHT, _MIDNIGHT)))
    return tuple(found)


def _is_known(lead: Lead) -> bool:
    """Whether an address is known, and something of the company."""
    account = lead.account
    if lead.email is None or account is None:
        return False
    return account.name is not None or account.domain is not None or account.industry is not None or account.employees is not None


def _entries(lead: Lead, at: datetime, *, mql: bool) -> tuple[tuple[str, str, datetime], ...]:
    """The stages that the lead enters as it comes in."""
    created = lead.created_at
    found = [("SUBSCRIBER", "", at if created is None or created > at else created)]
    if _is_known(lead):
        found.append(("LEAD", "validated", at))
    if mql:
        if len(found) == 1:
            found.append(("LEAD", "scored", at))  # passed on the way
        found.append(("MQL", "scored", at))
    return tuple(found)


def _router(roster: Roster) -> Callable[[Lead, str, datetime, State], tuple[str | None, State, tuple[Any, ...]]]:
    """The shipped hierarchy for a team in Berlin: owners, then the pool, by turns."""
    by_id = {rep.id: rep for rep in roster.reps}
    roles = {"T1": _AE, "T2": _SDR}

    def owner_of(name: str | None, at: datetime) -> str | None:
        if name is None:
            return "nobody_named"
        rep = by_id.get(name)
        if rep is None or not rep.active:
            return "gone"
        return "away" if any(span.since <= at < span.until for span in rep.away) else None

    def refusal(rep: Rep, at: datetime, day: date, had: tuple[date, int, date, int] | None) -> str | None:
        if not rep.active or not rep.share:
            return "out"
        if any(span.since <= at < span.until for span in rep.away):
            return "away"
        if had is None:
            return None
        today = had[1] if had[0] == day else 0
        week = had[3] if had[2] == day - day.weekday() * _DAY else 0
        if rep.caps.per_day is not None and today >= rep.caps.per_day:
            return "day_cap"
        return "week_cap" if rep.caps.per_week is not None and week >= rep.caps.per_week else None

    def route(lead: Lead, tier: str, at: datetime, state: State) -> tuple[str | None, State, tuple[Any, ...]]:
        role = roles.get(tier)
        if role is None:
            return None, state, (("lane", "nurture", ()),)
        owed, counts = state
        account, local = lead.account, at.astimezone(_HERE)
        day, winner = local.date(), None
        trail: list[tuple[str, str | None, tuple[tuple[str, str], ...]]] = []
        owners = (None, None, None) if account is None else (account.open_opportunity_owner, account.named_rep, account.owner)
        for step, who in zip(("opportunity", "named", "owner"), owners, strict=True):
            why = owner_of(who, at)
            trail.append((step, why, ()))
            if why is None:
                winner = who
                break
        if winner is None:
            refused, able = [], []
            for rep in by_id.values():
                if rep.role != role:
                    continue
                why = refusal(rep, at, day, counts.get(rep.id))
                if why is not None:
                    refused.append((rep.id, why))
                else:
                    able.append(rep)
            if not (day.weekday() < _WEEKEND and _NINE <= local.time() < _FIVE):
                trail.append(("hours", "closed", ()))  # for all alike, so that it keeps nobody out
            trail.append(("pool", None if able else "nobody_left", tuple(refused)))
            if able:
                total, owed = sum(rep.share for rep in able), dict(owed)
                for rep in able:
                    owed[rep.id] = owed.get(rep.id, 0) + rep.share
                winner = min(able, key=lambda rep: (-owed[rep.id], rep.id)).id
                owed[winner] -= total
        if winner is not None:
            monday, had = day - day.weekday() * _DAY, counts.get(winner)
            today = had[1] + 1 if had is not None and had[0] == day else 1
            week = had[3] + 1 if had is not None and had[2] == monday else 1
            counts = {**counts, winner: (day, today, monday, week)}
        return winner, (owed, counts), tuple(trail)

    return route


def _package(lead: Lead, scores: tuple[int, int, int, int]) -> tuple[Mapping[str, object] | None, tuple[str, ...]]:
    """What goes over, nothing where what is required is missing; and what is missing."""
    account = lead.account
    fields = {
        "name": lead.name,
        "email": lead.email,
        "account_name": None if account is None else account.name,
        "title": lead.title,
        "fit": scores[2] / 3,
        "engagement": scores[3] / 1_000,
        "source": lead.source,
        "selection": scores[0] / 3,
        "urgency": scores[1] / 3,
    }
    missing = tuple(name for name in fields if fields[name] is None)
    if lead.email is None or lead.source is None:
        return None, missing
    return {name: value for name, value in fields.items() if value is not None}, missing


def _decider(roster: Roster) -> Callable[[Lead, datetime, State], HandVerdict]:
    route = _router(roster)

    def decide(lead: Lead, at: datetime, state: State) -> HandVerdict:
        selection, urgency, fit, engagement, tier, reason, mql, _, _, _ = assess_by_hand(lead, at)
        scores = selection, urgency, fit, engagement
        entries = _entries(lead, at, mql=mql)
        rep, state, trail = route(lead, tier, at, state)
        clocks = _clocks(lead, tier, reason, rep, at)
        actions: list[tuple[str, str]] = []
        touches: tuple[tuple[str, datetime], ...] = ()
        notes: tuple[tuple[str, str], ...] = ()
        package = None
        if rep is not None:
            package = _package(lead, scores)
            actions.append(("hand_over", rep))
        if tier in {"T1", "T2"}:
            account = lead.account
            country = lead.country if lead.country is not None or account is None else account.country
            zones = () if country is None else _ZONES.get(country, ())
            steps = T1 if tier == "T1" else _T2
            if zones:
                touches, notes = PlanByHand(Planned(zones, at, rep_closed=() if rep is not None else None, steps=steps)).answer()
            else:
                touches = tuple((step[0], at) for step in steps if not step[2])
                notes = tuple((step[0], "no_zone") for step in steps if step[2])
        elif tier == "T3" or reason == "low_intent":
            actions.append(("enrol", "nurture"))
        came = sorted((when, step) for clock in clocks for step, when in clock.due)
        actions += [("seek_rep" if step == "reroute" else step, step) for _, step in came]
        actions += [("send", step) for step, when in touches if when <= at]
        return HandVerdict(
            lead=lead.id,
            tier=tier,
            scores=scores,
            reason=reason,
            stage=entries[-1][0],
            entries=entries,
            rep=rep,
            trail=trail,
            state=state,
            clocks=clocks,
            touches=touches,
            notes=notes,
            package=package,
            actions=tuple(actions),
        )

    return decide


# -------------------------------------------------------------------------------------------------------------- the answers

Said: TypeAlias = tuple[object, ...]


def _told(found: HandVerdict) -> Said:
    clocks = sorted((each.table, each.state, each.deadline, each.due, each.next_at) for each in found.clocks)
    fields, missing = found.package or (None, ())
    package = None if found.package is None else (missing, None if fields is None else [*fields])
    return found.tier, found.entries, found.rep, clocks, found.touches, found.notes, package, found.actions


def _clock_told(status: Status) -> tuple[object, ...]:
    return status.clock.table, status.state, status.deadline, tuple((step.step, step.at) for step in status.due), status.next_change


def _said(found: Verdict) -> Said:
    """The same of ours."""
    plan, package = found.cadence, found.package
    actions: list[tuple[str, object]] = []
    for action in found.actions:
        does: Any = action.does
        match action.kind:
            case "hand_over":
                actions.append((action.kind, does.rep))
            case "enrol":
                actions.append((action.kind, does.programme))
            case "send":
                actions.append((action.kind, does.step))
            case "seek_rep":
                actions.append((action.kind, "reroute"))
            case _:
                actions.append((does.step, does.step))
    return (
        found.tier,
        tuple((entry.stage, entry.event, entry.at) for entry in found.entries),
        found.rep,
        sorted(map(_clock_told, found.case.clocks.statuses)),
        () if plan is None else tuple((touch.step, touch.at) for touch in plan.touches),
        () if plan is None else tuple((note.step, note.code) for note in plan.notes),
        package if package is None else (package.missing, [one.name for one in package.fields] if isinstance(package, Package) else None),
        tuple(actions),
    )


# ---------------------------------------------------------------------------------------------------------------- the peers


def _peers(engine: Engine, leads: Sequence[Lead]) -> Contestant:
    """The tier by zen-engine with its trace, the stage by transitions, who by a router in Python; nothing else."""
    name, note = "zen-engine, transitions and a router", "handed the grades; no deadline, no touches, no reasons but those of zen-engine"
    table: Peer = next(peer for peer in peers() if peer.name.endswith("with trace"))
    stages = in_transitions(engine.compiled.lifecycle.machine("lead"))
    if table.score is None or stages is None:
        return Contestant(name, None)
    score, somebody, route = table.score, stages, _router(_ROSTER)
    validated, scored = (Happened(id=event, at=AT, event=event) for event in ("validated", "scored"))
    graded = []
    for lead in leads:
        scores = engine.assess(lead, at=AT).scores
        grades = {row.id: row.grade or 0 for name in ("selection", "urgency") for row in scores.score(name).contributions}
        graded.append((lead, grades))

    def decide(pair: tuple[Lead, dict[str, int]]) -> tuple[str, str, str | None]:
        lead, grades = pair
        _, _, tier, mql = score(grades)
        facts, model = {"known": _is_known(lead), "qualified": mql}, somebody.loaded("SUBSCRIBER")
        for event in (validated, scored):
            somebody.moved(model, Move("", event, facts, None))  # type: ignore[arg-type]  # they ask for no view
        rep, _, _ = route(lead, tier, AT, ({}, {}))
        return tier, model.state, rep

    ours = [engine.decide(lead, roster=_ROSTER, rotation=Rotation(), at=AT) for lead in leads]
    agree(name, [(each.tier, each.case.stage, each.rep) for each in ours], [*map(decide, graded)], [lead.id for lead in leads])
    return one_by_one(name, decide, graded, note)


# -------------------------------------------------------------------------------------------------------------- the street


def _arriving(record: Record, number: int) -> Record:
    """The record with its hands raised within the hour; of every eighth a day before."""
    ago = timedelta(minutes=number * 7 % 60) + (_DAY if number % 8 == 0 else timedelta())
    several: Any = record["activities"]
    moved = [
        {**one, "at": (AT - ago).isoformat()} if one["kind"] in _HAND_RAISES and one["at"] < AT.isoformat() else one for one in several
    ]
    return {**record, "source": "webinar", "activities": moved} if number % 5 else {**record, "activities": moved}


def _street(engine: Engine, several: int, sample: int) -> tuple[Bench, Bench]:
    leads = [engine.read(_arriving(record, number)) for number, record in enumerate(records(several, seed=8))]
    team, decide = engine.team(_ROSTER), _decider(_ROSTER)
    rotation, state, expected, found = Rotation(), ({}, {}), [], []  # type: Rotation, State, list[Said], list[Said]
    for lead in leads:
        by_hand, ours = decide(lead, AT, state), engine.decide(lead, roster=team, rotation=rotation, at=AT)
        state, rotation = by_hand.state, ours.rotation or rotation
        expected.append(_told(by_hand))
        found.append(_said(ours))
    agree("engine.decide", expected, found, [lead.id for lead in leads])
    by_points = [lead for lead in leads if engine.assess(lead, at=AT).placement.raised_by is None]  # the table of the peers has no floors
    whole = [lead for lead in by_points if engine.assess(lead, at=AT).tier in {"T1", "T2"}][:sample]
    kept = [lead for lead, said in zip(leads, expected, strict=True) if said[0] not in {"T1", "T2"}][:sample]
    floor, ours_name, told = "hand-written", "engine.decide", "engine.decide, `.explain()` read"
    floor_told, theirs = "hand-written, with a paragraph", _peers(engine, whole)

    def by_hand_of(lead: Lead) -> HandVerdict:
        return decide(lead, AT, ({}, {}))

    def ours_of(lead: Lead) -> Verdict:
        return engine.decide(lead, roster=team, rotation=Rotation(), at=AT)

    return (
        Bench(
            "The whole street: a lead that goes to sales (P3)",
            "µs",
            floor,
            (
                one_by_one(floor, by_hand_of, whole, "this policy and a team in one place; no journal, no case"),
                one_by_one(floor_told, lambda lead: by_hand_of(lead).explain(), whole),
                one_by_one(ours_name, ours_of, whole, "with the case and its journal"),
                one_by_one(f"{ours_name}, `.because` read", lambda lead: ours_of(lead).because, whole),
                one_by_one(told, lambda lead: ours_of(lead).explain(), whole),
                theirs,
            ),
            (Goal("P3", ours_name, 6, (floor,)), Goal("P3", told, 6, (floor_told,)), Goal("P3", ours_name, 1 / 10, (theirs.name,))),
            note="T1 and T2, over 12 reps: assessed, placed, routed, four clocks, the touches, what is to be done now.",
        ),
        Bench(
            "The whole street: a lead that stays with marketing",
            "µs",
            floor,
            (
                one_by_one(floor, by_hand_of, kept),
                one_by_one(ours_name, ours_of, kept),
                one_by_one(told, lambda lead: ours_of(lead).explain(), kept),
            ),
        ),
    )


# ------------------------------------------------------------------------------------------------------- a case and its life
_VISITS = tuple(kind for kind in ACTIVITY_KINDS if kind not in {*_HAND_RAISES, "reply"})


def _events(count: int) -> list[tuple[Report, datetime]]:
    """What is reported of one lead, every twenty minutes: four activities, then a message that somebody sent by hand."""
    found: list[tuple[Report, datetime]] = []
    for number in range(count):
        at = AT + (number + 1) * 20 * _MINUTE
        if number % 5 == 4:
            sent = Outreach(id=f"o-{number}", lead_id="L-1", rep="rep-01", channel="email", at=at, human=True)
            found.append((sent, at))
        else:
            found.append((Activity(id=f"e-{number}", kind=_VISITS[number % len(_VISITS)], at=at, content="pricing"), at))
    return found


def _opened(engine: Engine, team: Team) -> Verdict:
    """The case of a lead that asks for a demo, and the row that opened it."""
    asked = Activity(id="a", kind="demo_request", at=AT)
    lead = Lead(id="L-1", email="ana@acme.example", title="VP Sales", country="DE", source="webinar", activities=(asked,))
    return engine.decide(lead, roster=team, rotation=Rotation(), at=AT)


def _lived(engine: Engine, case: Case, events: Sequence[tuple[Report, datetime]]) -> tuple[Case, list[Row]]:
    rows: list[Row] = []
    for report, at in events:
        progress = engine.step(case, report, at=at)
        case, rows = progress.case, [*rows, *progress.rows] if len(events) <= _KEPT_ROWS else rows
    return case, rows


_KEPT_ROWS = 1_000


def _held(engine: Engine, case: Case, events: Sequence[tuple[Report, datetime]]) -> float:
    """What a case holds after those events, in bytes for each: the reports, their marks in the index, and nothing of the past besides."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        after = [_lived(engine, case, events)[0]]
        return (tracemalloc.get_traced_memory()[0] - before) / len(events) * len(after)
    finally:
        tracemalloc.stop()


def _life(engine: Engine, few: int) -> tuple[Bench, ...]:
    team, many = engine.team(_ROSTER), 10 * few
    verdict, events = _opened(engine, team), _events(many)
    case, start = verdict.case, events[:few]
    after, rows = _lived(engine, case, start)
    journal = [*verdict.rows, *rows]
    agree("Engine.resume", [after], [engine.resume(journal)], ["a journal"])
    again = _lived(engine, case, [*start, *start])[0]
    agree("Engine.step, told again", [after], [again], ["a case"])
    names = f"{few:,} events", f"{many:,} events"
    at = AT + 60 * _MINUTE
    visit = Activity(id="v", kind="visit", at=at)
    sent = Outreach(id="s", lead_id="L-1", rep="rep-01", channel="call", at=at, human=True)

    def step(report: Report) -> Callable[[Case], Progress]:
        return partial(engine.step, report=report, at=at)

    def due(each: Case) -> Progress:
        return engine.due(each, at=at)

    cases = [case] * 50
    return (
        Bench(
            "A case and its life, by the event",
            "µs",
            names[0],
            (
                Contestant(names[0], timed(lambda: _lived(engine, case, start), few, "µs")),
                Contestant(names[1], timed(lambda: _lived(engine, case, events), many, "µs")),
                Contestant("engine.resume, a journal of as many rows", timed(lambda: engine.resume(journal), len(journal), "µs")),
            ),
            (Goal("P11", names[1], 1.1, (names[0],)),),
            rounds=3,
            note="Four activities and a message of a rep’s, again and again; linear growth is a time per event that stays the same.",
        ),
        Bench(
            "A case and its life, what it holds by the event",
            "bytes",
            names[0],
            (
                Contestant(names[0], lambda: _held(engine, case, start), "beside the events themselves"),
                Contestant(names[1], lambda: _held(engine, case, events)),
            ),
            (Goal("P11", names[1], 1.1, (names[0],)),),
            rounds=1,
        ),
        Bench(
            "One more thing of a case",
            "µs",
            "engine.step, a visit",
            (
                one_by_one("engine.step, a visit", step(visit), cases),
                one_by_one("engine.step, a call", step(sent), cases),
                one_by_one("engine.due, an hour later", due, cases),
                one_by_one("engine.due, nothing has come", lambda each: engine.due(each, at=AT + _MINUTE), cases),
            ),
        ),
    )


# --------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    engine = Engine(Policy())
    return (*_street(engine, 300 if quick else 2_000, 40 if quick else 100), *_life(engine, 60 if quick else 1_000))
