"""One day of an inbound engine: what came in, what it is worth, and why.

    python docs/examples/inbound_day.py

Reads the leads, the team, its territories and accounts, and what sales did from `sample/`, as it all stood on Monday, 2 March 2026,
17:00 UTC, and asks the engine about them. All reading and printing happens here: the package itself opens no file and reads no
clock. A room of the house is a function here.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import islice
from pathlib import Path
from textwrap import fill
from typing import Any

import attrs

import inbound_engine as ie
from inbound_engine import budgets, chain, compliance, handoff, history, intake, matching, recycling, returns, rollups, sla
from inbound_engine.asking import Question
from inbound_engine.attribution import Credit
from inbound_engine.batches import Batch as Routed
from inbound_engine.budgets import Budget, Campaign, Spend
from inbound_engine.decisions import decimal_text
from inbound_engine.documents import changed
from inbound_engine.history import Happened, Record
from inbound_engine.intake import Batch
from inbound_engine.matching import Accounts
from inbound_engine.matrices import Contribution
from inbound_engine.money import Money
from inbound_engine.people import People
from inbound_engine.rotation import Rotation
from inbound_engine.routing import Route
from inbound_engine.sla import Assigned, Status
from inbound_engine.spans import Span, parse_instant

AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parent / "sample"
HAND_RAISES = ("demo_request", "call_request", "trial_signup", "contact_form")
MODELS = ("w_shaped", "market_w", "full_path", "first", "last", "linear")
LOST = ("RECYCLED", "DISQUALIFIED", "CLOSED_LOST")
WIDTH = 110
MOST_ANSWERS = 6


def main() -> None:
    """Reads the day's records, assesses every lead, and prints what a team would ask in the evening."""
    engine = ie.Engine(changed(ie.Policy(), {"routing.territories": document("territories.json")}))
    batch = engine.read_each(records(SAMPLE / "leads.jsonl"))
    accounts = [ie.Account(**account) for account in document("accounts.json")]
    team = attrs.evolve(intake.roster(document("team.json")), parents=tuple(accounts))
    sales = list(records(SAMPLE / "sales.jsonl"))
    happened = [event(record) for record in sales if record["kind"] != "happened"]
    assessed = list(engine.assess_each(batch.leads, at=AT))
    ranked = sorted(assessed, key=rank)

    routed = route(engine, assessed, team, accounts)
    owed = list(clocks(engine, ranked, team, happened))
    lives = {one.lead.id: life(engine, one.lead, sales) for one in ranked if one.lead.created_at is not None}

    sold = document("deals.json")
    leads = [*batch.leads, *map(intake.lead, sold["leads"])]
    touched = [*touches_of(batch.leads), *map(intake.activity, sold["touches"])]
    people = People.of(engine.policy.attribution.journeys.people, map(intake.contact, sold["contacts"]), leads)
    deals = list(credited(engine, sold, leads, touched, MODELS))
    won = [one for one in deals if one.model.id == "w_shaped"]
    spent = budget(engine, sold)

    show(f"{engine.policy.name} {engine.policy.fingerprint[:12]}, as of {AT:%A, %d %B %Y, %H:%M} UTC", read(batch))
    show("Refused, each with its record, the field and what would do", refused(batch))
    show("Tiers", tiers(engine.policy, assessed))
    show("Marketing-qualified leads", qualification(assessed))
    show("The ten best, by tier, then by Selection + Urgency", best(ranked[:10]))
    show("One of them in full: the best that was lifted", explanation(ranked))
    show("The one question most worth asking", questions(ranked))
    show("Who takes the leads that sales is given, were they all given out now", given_out(routed))
    show("One route in full: the longest trail", trail(routed))
    show("Where the leads stand", stages(engine, lives.values()))
    show("One life, every stage with how it was entered", history_of(lives.values()))
    show("What sales made of the leads it was given", acceptance(engine, lives.values()))
    show("Who comes back this week", comes_back(engine, lives, assessed))
    show("First responses: promised, and kept", kept(engine.policy, owed))
    show("One that was missed: every step that came, and when", missed(owed, {one.lead.id: one.tier for one in ranked}))
    show("What the documents' deal of 95,000 euros is worth to whom", worked(won))
    show("The deals that are won, by channel, under six models", side_by_side(deals))
    show("From budget to revenue: what fell off, and where", traced(spent, people, won))
    show("The campaigns, over all there is", campaigns(spent, people, won, touched, lives))
    show("The touches that follow for the best lead, in its local time", touches(engine, ranked))


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file, one a line."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def document(name: str) -> Any:  # noqa: ANN401 - plain data
    """What a file of the sample says."""
    return json.loads((SAMPLE / name).read_text(encoding="utf-8"))


def read(batch: Batch) -> Iterator[str]:
    """How many records came in, and what is known of them."""
    leads = batch.leads
    looked = [lead.activities for lead in leads if lead.activities is not None]
    yield f"{len(leads) + len(batch.refused)} records: {len(leads)} leads read, {len(batch.refused)} refused."
    yield f"{sum(map(len, looked))} activities of {len(looked)} leads; of {len(leads) - len(looked)} leads nobody knows what they did."


def refused(batch: Batch) -> Iterator[str]:
    """The records that could not be read; the others were not lost with them."""
    for record in batch.refused:
        problem = record.problem
        told = f"saw {problem.saw}, expected {short(problem.expected)}." + (f" {problem.hint}" if problem.hint else "")
        yield f"record {record.number + 1:<3}  {record.id or '(no id)':<7}  {problem.path}: {told}"


def tiers(policy: ie.Policy, assessed: Iterable[ie.Assessment]) -> Iterator[str]:
    """How many leads each tier holds; those below every tier by their reason."""
    counts = Counter((one.tier, one.reason) for one in assessed)
    lifted = Counter(one.tier for one in assessed if one.placement.raised_by)
    for row in policy.tiers.rows:
        floor = f" ({lifted[row.id]} of them lifted by a floor)" if lifted[row.id] else ""
        yield f"{row.id:<8} {counts[row.id, None]:>4}  {row.label}: {row.promise}{floor}"
    below = policy.tiers.below
    for reason in below.reasons:
        yield f"{below.id:<8} {counts[below.id, reason.id]:>4}  {reason.label}: {reason.promise}"


def qualification(assessed: Iterable[ie.Assessment]) -> Iterator[str]:
    """The MQLs by the clause that made them, and who has them now."""
    found = Counter((one.clause, one.qualification.handed_off) for one in assessed if one.mql)
    for (clause, handed_off), number in sorted(found.items()):
        yield f"{clause:<8} {number:>4}  {'handed off to sales' if handed_off else 'held by marketing'}"
    yield f"{'in all':<8} {found.total():>4}"


def best(ranked: Iterable[ie.Assessment]) -> Iterator[str]:
    """A lead in two lines: what it is, and why."""
    for place, one in enumerate(ranked, start=1):
        missing = ", ".join(words(item.fact) for item in one.missing) or "nothing"
        yield f"{place:>2}. {name(one):<28} {one.tier}  Selection {one.selection!s:>5}  Urgency {one.urgency!s:>5}  missing: {missing}"
        yield f"    {'; '.join(f'{part.label} {part.grade_label} +{decimal_text(part.points)}' for part in strongest(one))}"


def explanation(ranked: Iterable[ie.Assessment]) -> Iterator[str]:
    """The whole story of the best lead that a floor has lifted."""
    lifted = next(one for one in ranked if one.placement.raised_by)
    yield from lifted.explain().splitlines()


def questions(ranked: Iterable[ie.Assessment]) -> Iterator[str]:
    """The best lead for each fact whose answer could lift a lead: the question, and where each answer leads."""
    by_fact: dict[str, tuple[ie.Assessment, Question]] = {}
    for one in ranked:
        if (found := one.question) and found.outcomes[0].tier != one.tier:
            by_fact.setdefault(found.fact, (one, found))
    for one, question in islice(by_fact.values(), 3):
        yield f"{name(one)} is {one.tier}. Ask for: {words(question.fact)}."
        yield from (f"  {tier}  if {answers}" for tier, answers in outcomes(question))


def outcomes(question: Question) -> Iterator[tuple[str, str]]:
    """The tiers that answers lead to, best first, each with its answers."""
    by_tier: dict[str, list[str]] = {}
    for outcome in question.outcomes:
        by_tier.setdefault(outcome.tier, []).extend(outcome.answers)
    for tier, answers in by_tier.items():
        yield tier, " or ".join([*answers[:MOST_ANSWERS], *(["others"] if len(answers) > MOST_ANSWERS else [])])


def route(engine: ie.Engine, assessed: Iterable[ie.Assessment], team: ie.Roster, accounts: Iterable[ie.Account]) -> Routed:
    """Who takes each lead that sales is given, in order of arrival; its account is found by the domain of its email first."""
    known = Accounts.of(accounts)
    handed_off = [one.lead for one in assessed if one.qualification.handed_off]
    return engine.route_each(engine.assess_each([matched(lead, known) for lead in handed_off], at=AT), team, Rotation())


def matched(lead: ie.Lead, accounts: Accounts) -> ie.Lead:
    """The lead, with whoever has its account in the CRM."""
    found = matching.match(lead, accounts).value
    if found is None:
        return lead
    whose = {name: getattr(found, name) for name in ("parent_id", "owner", "named_rep", "csm", "open_opportunity_owner")}
    return attrs.evolve(lead, account=attrs.evolve(lead.account or found, **whose))


def given_out(routed: Routed) -> Iterator[str]:
    """What each rep gets, by name and by turn, against what was due of the turns that they were part of."""
    report = routed.report
    yield f"{report.assigned} leads have somebody, {report.waiting} wait. Largest distance from what was due: {report.largest} lead."
    yield f"{'rep':<8} {'by name':>8} {'by turn':>8} {'due':>8} {'ahead':>8} {'refused for a cap':>18}"
    for load in report.loads:
        due, ahead = decimal_text(load.due), decimal_text(load.ahead)
        yield f"{load.rep:<8} {load.by_name:>8} {load.by_turn:>8} {due:>8} {ahead:>8} {load.refused:>18}"


def trail(routed: Routed) -> Iterator[str]:
    """Every lane, territory and step of one route as it was asked, then what would have given the lead to somebody else."""
    made = max(routed.routes, key=lambda each: (len(each.tried), sum(len(step.refused) for step in each.tried)))
    yield str(made.explain().partition(". ")[0]) + "."
    yield from (f"  {reason}" for reason in made.because)
    yield from other(made)


def other(made: Route) -> Iterator[str]:
    """The smallest change by which each of those who were refused would have had the lead."""
    refused = dict.fromkeys(rep for step in made.tried for rep, _ in step.refused if rep in made.why_not)
    yield from (str(made.what_if(rep)) for rep in refused)


def life(engine: ie.Engine, lead: ie.Lead, sales: Iterable[dict[str, Any]]) -> Record:
    """The record of a lead: what was reported of it, scored anew whenever something was, as it was known then."""
    reported = sorted((Happened(**without(row)) for row in sales if reports(row, lead)), key=lambda one: (one.at, one.id))
    record = engine.start(lead.id, at=lead.created_at or AT)
    asked = [activity.at for activity in lead.activities or () if activity.kind in HAND_RAISES]
    scored = [engine.scored(engine.assess(lead, at=at)) for at in {max([at, *(one.at for one in reported[:2])]) for at in asked} | {AT}]
    for one in history.in_order([*reported, *scored]):
        if one.at <= AT:
            found = engine.advance(record, one, engine.assess(lead, at=one.at), at=AT).value
            record = found.record
    return record


def reports(row: dict[str, Any], lead: ie.Lead) -> bool:
    """Whether a line of the sales log is something that was reported of the lead."""
    return bool(row.get("kind") == "happened" and row["lead_id"] == lead.id)


def without(row: dict[str, Any]) -> dict[str, Any]:
    """The line as an event takes it."""
    return {"id": row["id"], "at": parse_instant(row["at"]), "event": row["event"], "data": row["data"]}


def stages(engine: ie.Engine, lives: Iterable[Record]) -> Iterator[str]:
    """How many leads stand in each stage, and how many were ever there."""
    records = list(lives)
    machine = engine.policy.lifecycle.machines[0]
    now = Counter(record.stage for record in records)
    for stage in machine.stages:
        ever = sum(history.count(record, stage.id, "any") > 0 for record in records)
        if ever:
            yield f"{stage.id:<13} {now[stage.id]:>4} now, {ever:>4} ever  {stage.label}"


def history_of(lives: Iterable[Record]) -> Iterator[str]:
    """The longest record: its stages, when and by what they were entered, and how long it stood there."""
    record = max(lives, key=lambda one: (len(one.entries), one.id))
    yield f"{record.id}, now {record.stage}, lost from {history.lost_from(record, LOST) or 'nowhere'}"
    for entry in record.entries:
        how = "  (inferred)" if entry.inferred else f"  by {entry.event}" if entry.event else "  by the beginning"
        said = "".join(f", {name} {value}" for name, value in entry.data)
        stay = history.time_in(record, entry.stage, at=AT).total
        yield f"{entry.at:%a %d %b %H:%M} UTC  {entry.stage:<12}{how}{said}; {stay // timedelta(hours=1)} hours there in all"


def acceptance(engine: ie.Engine, lives: Iterable[Record]) -> Iterator[str]:
    """The acceptance rate of the month, its interval, and what the policy makes of it."""
    rules = engine.compiled.handoff
    tally = handoff.from_records(rules, lives, Span(AT - timedelta(days=30), AT), at=AT)
    yield str(handoff.acceptance(rules, tally).value)


def comes_back(engine: ie.Engine, lives: dict[str, Record], assessed: Iterable[ie.Assessment]) -> Iterator[str]:
    """Whose date came within the last week: to re-engage, to score again, to bring back."""
    known = {one.lead.id: one for one in assessed}
    found = recycling.soonest(engine.due(lives.values(), known, at=AT, since=AT - timedelta(days=7)))
    counts = Counter(one.kind for one in found)
    yield ", ".join(f"{counts[kind]} to {words(kind)}" for kind in sorted(counts)) or "nobody"
    yield from (str(one) for one in found[:5])


def clocks(
    engine: ie.Engine, ranked: Iterable[ie.Assessment], team: ie.Roster, happened: Iterable[ie.Outreach | Assigned]
) -> Iterator[Status]:
    """How the clock of each first response stands that is owed to a lead by its holder, or by nobody yet."""
    by_lead: dict[str | None, list[ie.Outreach | Assigned]] = {}
    for one in happened:
        by_lead.setdefault(one.lead_id, []).append(one)
    for assessment in ranked:
        events = by_lead.get(assessment.lead.id, [])
        holder = next((one.rep for one in events if isinstance(one, Assigned)), None)
        rep = next((rep for rep in team.reps if rep.id == holder), None)
        since = AT if assessment.mql and rep is None else None  # an MQL as of now: what was sent before is no answer to it
        if (clock := engine.clock(assessment, rep=rep, since=since).value) is not None:
            yield sla.status(clock, events, at=AT)


def kept(policy: ie.Policy, owed: list[Status]) -> Iterator[str]:
    """How many answers came in time, by promise and by rep, and which limits of the policy are exceeded."""
    running = sum(one.state == "running" for one in owed)
    decided = Counter(one.state for one in owed if one.is_decided)
    yield f"{len(owed)} answers are owed: {decided['met']} came in time, {decided['breached']} did not, {running} clocks still run."
    yield "By promise, in business time:"
    yield from (f"  {group}" for group in compliance.report(owed, by="promise").groups if group.missed.total)
    yield "Raised hands by rep, in all time:"
    raised = [one for one in owed if one.clock.promise == "hand_raiser"]
    yield from (f"  {group}" for group in compliance.report(raised, by="rep", clock="calendar").groups)
    for limit in policy.sla.limits:
        found = compliance.review(policy.sla, limit.id, owed)
        yield from (f"{limit.label}: {what.replace('_', ' ')} is over the limit. {limit.action}" for _, what in found.exceeded)


def missed(owed: Iterable[Status], tiers: Mapping[str, str]) -> Iterator[str]:
    """The ladder of the best lead whose answer came after its last step, or never."""
    one = next(one for one in owed if one.state == "breached" and len(one.due) > 1)
    zone = one.clock.calendar.zone
    lead = one.clock.lead_id or one.clock.id
    yield f"{lead} ({tiers[lead]}), promise {one.clock.promise}, held by {one.accountable}, on {one.clock.calendar!r}"
    yield f"{'start':<10} {local(one.clock.start, zone)}"
    if one.deadline is not None:
        yield f"{'deadline':<10} {local(one.deadline, zone)}"
    for step in one.due:
        yield f"{step.action:<10} {local(step.at, zone)}  to the {step.to}"
    if one.answered_at is not None:
        yield f"{'answer':<10} {local(one.answered_at, zone)}  after {one.elapsed} of business time, {one.over} too late"


def touches(engine: ie.Engine, ranked: Iterable[ie.Assessment]) -> Iterator[str]:
    """The whole cadence of the best lead whose hand was raised, as if it had just come in."""
    one = next(one for one in ranked if one.lead.lead_type == "demo_request")
    plan = engine.plan(one, arrival=AT).value
    if plan is None:
        return
    zones = ", ".join(zone.key for zone in plan.zones.zones)
    yield f"{name(one)}, sequence {plan.sequence}, zone {zones} ({plan.zones.source})"
    for touch in plan.touches:
        what = f"enrol in {touch.enrol}" if touch.enrol else touch.intent
        note = " (at any hour)" if touch.exempt else ""
        yield f"{touch.local:%a %d %b %H:%M %Z}  {touch.channel:<9}  {what}{note}"
    yield from map(str, plan.notes)


def touches_of(leads: Iterable[ie.Lead]) -> Iterator[ie.Activity]:
    """What the leads did, each activity with whose it is."""
    for lead in leads:
        yield from (attrs.evolve(activity, contact_id=lead.id) for activity in lead.activities or ())


def credited(
    engine: ie.Engine, sold: dict[str, Any], leads: Iterable[ie.Lead], touched: Iterable[ie.Activity], models: Iterable[str]
) -> Iterator[Credit]:
    """What each deal is worth to the touches of its people, under each model."""
    contacts = [intake.contact(row) for row in sold["contacts"]]
    deals = [intake.opportunity(row) for row in sold["deals"]]
    return engine.credit(deals, touched, contacts=contacts, leads=leads, models=models, at=AT)


def budget(engine: ie.Engine, sold: dict[str, Any]) -> Budget:
    """The campaigns, with the values by which links name them, and what was spent on each."""
    named = [Campaign(id=row["id"], name=row["id"], links=row["links"]) for row in sold["campaigns"]]
    spends = [
        Spend(
            campaign_id=row["campaign_id"],
            amount=Money.of(row["amount"], "EUR"),
            since=date.fromisoformat(row["since"]),
            until=date.fromisoformat(row["until"]),
        )
        for row in sold["spends"]
    ]
    return budgets.budget(engine.compiled.chain, named, spends)


def worked(won: Iterable[Credit]) -> Iterator[str]:
    """The worked example, line by line, to the cent (AT-1)."""
    yield from next(one for one in won if one.opportunity.id == "D-1").explain().splitlines()


def side_by_side(deals: Iterable[Credit]) -> Iterator[str]:
    """What each channel earned under each model; every column adds up to what was won."""
    yield from str(rollups.roll_up(deals)).splitlines()


def traced(spent: Budget, people: People, won: Iterable[Credit]) -> Iterator[str]:
    """The money followed back to what was spent, link by link."""
    yield from str(chain.trace(spent, people, won, currency="EUR")).splitlines()


def campaigns(
    spent: Budget, people: People, won: Iterable[Credit], touched: Iterable[ie.Activity], lives: Mapping[str, Record]
) -> Iterator[str]:
    """What was spent, whom it brought, and what it returned."""
    table = returns.table(spent, people, won, currency="EUR", touches=touched, records=lives.values())
    for row in (*table.rows, table.whole):
        multiples = "" if row.roas is None or row.roi is None else f", ROAS {decimal_text(row.roas)}, ROI {decimal_text(row.roi)}"
        yield f"{row.label}: spend {row.spend}, revenue {row.revenue}{multiples}"
        yield f"  {row.leads} leads, {row.mqls} MQL, {row.sals} SAL, {row.sqls} SQL; pipeline influenced {row.pipeline}"
        yield from (f"  {words(flag)}" for flag in row.flags)


def event(record: dict[str, Any]) -> ie.Outreach | Assigned:
    """What a line of the sales log says: who was given a lead, or a touch."""
    kind = record.pop("kind")
    return Assigned(**record | {"at": parse_instant(record["at"])}) if kind == "assigned" else intake.outreach(record)


def local(at: datetime, zone: tzinfo) -> str:
    """An instant on the wall clock of a zone."""
    return f"{at.astimezone(zone):%a %d %b %H:%M:%S %Z}"


# ------------------------------------------------------------------------------------------------------- order and words


def rank(one: ie.Assessment) -> tuple[int, Fraction, str]:
    """The best first: by tier, then by Selection + Urgency, then by id."""
    return one.placement.number, -(one.selection.points + one.urgency.points), one.lead.id


def strongest(one: ie.Assessment) -> list[Contribution]:
    """The three criteria that earned most; ties in the order of the policy."""
    parts = [*one.selection.contributions, *one.urgency.contributions]
    return sorted(parts, key=lambda part: -part.points)[:3]


def name(one: ie.Assessment) -> str:
    """The lead and its company; nothing that tells of the person."""
    account = one.lead.account
    return f"{one.lead.id} {account.name if account and account.name else '(no company)'}"


def words(fact: str) -> str:
    """The name of a fact, for people."""
    return fact.replace("_", " ")


def short(text: str, most: int = 60) -> str:
    """The beginning of a long list of what would do."""
    return text if len(text) <= most else f"{text[:most].rpartition(', ')[0]} and others"


def show(title: str, lines: Iterable[str]) -> None:
    """A part of the report."""
    print(f"{title}\n{'-' * len(title)}")
    for line in lines:
        print(fill(line, WIDTH, subsequent_indent=f"{line[: len(line) - len(line.lstrip())]}    ", break_on_hyphens=False))
    print()


if __name__ == "__main__":
    main()
