"""A day and a week of an inbound engine: what came in, who has it, what was kept, what it earned.

    python docs/examples/inbound_day.py

The leads of `sample/` come in when they came in, up to Monday, 2 March 2026, 17:00 UTC. A host does what every host does: it asks
`Engine.decide` about each lead, tells `Engine.step` what happens, asks `Engine.due` at the instants that it is given, keeps cases and
rotation, and carries out the actions. People answer as `sample/sales.jsonl` says. All reading and printing happens here: the package
itself opens no file and reads no clock.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from textwrap import fill
from typing import Any, TypeAlias

import attrs

import inbound_engine as ie
from inbound_engine import budgets, calendars, chain, compliance, handoff, history, hours, intake, matching, recycling, returns, rollups
from inbound_engine.actions import Action, Answer, Enrol, Escalate, HandOver, Notify, SeekRep, Send
from inbound_engine.assessments import Assessment
from inbound_engine.budgets import Budget, Campaign, Spend
from inbound_engine.cases import Case, Progress, Row
from inbound_engine.decisions import decimal_text
from inbound_engine.documents import changed
from inbound_engine.history import Happened, Record
from inbound_engine.intake import Batch
from inbound_engine.matching import Accounts
from inbound_engine.people import People
from inbound_engine.plans import Exit
from inbound_engine.spans import Span
from inbound_engine.verdicts import Verdict

AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
WEEK = Span(datetime(2026, 2, 24, tzinfo=UTC), AT)
SAMPLE = Path(__file__).parent / "sample"
HAND_RAISES = ("demo_request", "call_request", "trial_signup", "contact_form")
MODELS = ("w_shaped", "market_w", "full_path", "first", "last", "linear")
DOINGS = ("handed over", "called", "escalated", "accepted", "rejected")
WIDTH = 110
Told: TypeAlias = ie.Activity | ie.Outreach | Happened | Exit


def main() -> None:
    """Lets the leads come in, one instant after another, and prints what a team would ask in the evening."""
    engine = ie.Engine(changed(ie.Policy(), {"routing.territories": document("territories.json")}))
    accounts = [ie.Account(**account) for account in document("accounts.json")]
    team = attrs.evolve(intake.roster(document("team.json")), parents=tuple(accounts))
    batch = engine.read_each(records("leads.jsonl"))
    host, known = Host(engine, team), Accounts.of(accounts)
    week = Week(host, records("sales.jsonl"))
    for lead in batch.leads:
        week.expect(matched(lead, known))
    week.run(AT)
    cases = list(host.cases.values())
    lives = [case.record for case in cases]
    now = {case.id: engine.assess(case.lead, at=AT) for case in cases}

    show(f"{engine.policy.name} {engine.policy.fingerprint[:12]}, as of {AT:%A, %d %B %Y, %H:%M} UTC", read(batch))
    show("Refused, each with its record, the field and what would do", refused(batch))
    show("The week, day by day", days(week))
    show("Tiers, and who is with sales", tiers(engine.policy, list(now.values())))
    show("Where the leads stand, by their histories", stages(engine, lives))
    show("First responses of the week: promised, and kept", kept(engine.policy, cases))
    show("The week, rep by rep", reps(week))
    best = min((host.verdicts[lead] for lead in passed_on(week)), key=rank)
    show("The best lead that was passed on: why it is, who takes it, what follows", [best.explain()])
    show("What its rep read before the first call, here without what is known of the person", brief(best))
    show("What came of it, each action and each report at its instant", trail(week, best))
    show("Who comes back in the week ahead", comes_back(engine, lives, now))

    sold = document("deals.json")
    leads, contacts = [*batch.leads, *map(intake.lead, sold["leads"])], [*map(intake.contact, sold["contacts"])]
    touched = [*touches_of(batch.leads), *map(intake.activity, sold["touches"])]
    deals = map(intake.opportunity, sold["deals"])
    credited = list(engine.credit(deals, touched, contacts=contacts, leads=leads, models=MODELS, at=AT))
    won = [one for one in credited if one.model.id == "w_shaped"]
    people, spent = People.of(engine.policy.attribution.journeys.people, contacts, leads), budget(engine, sold)
    show("What the documents' deal of 95,000 euros is worth to whom", won[0].explain().splitlines())
    show("The deals that are won, by channel, under six models", str(rollups.roll_up(credited)).splitlines())
    show("From budget to revenue: what fell off, and where", str(chain.trace(spent, people, won, currency="EUR")).splitlines())
    show("The campaigns, over all there is", campaigns(returns.table(spent, people, won, currency="EUR", touches=touched, records=lives)))


# ----------------------------------------------------------------------------------------------------------------- host


class Host:
    """All that a service keeps: cases, journals and the rotation; what it gives back is to be carried out."""

    def __init__(self, engine: ie.Engine, team: ie.Roster) -> None:
        """Keeps nothing yet."""
        self.engine, self.team, self.rotation = engine, team, ie.Rotation()
        self.verdicts: dict[str, Verdict] = {}
        self.cases: dict[str, Case] = {}
        self.journals: defaultdict[str, list[Row]] = defaultdict(list)

    def arrives(self, lead: ie.Lead, at: datetime) -> list[Action]:
        """A form was sent."""
        verdict = self.engine.decide(lead, roster=self.team, rotation=self.rotation, at=at)
        self.verdicts[lead.id], self.rotation = verdict, verdict.rotation or self.rotation
        return self._keep(verdict, at)

    def tells(self, lead_id: str, told: Told, at: datetime) -> list[Action]:
        """Something was reported."""
        return self._keep(self.engine.step(self.cases[lead_id], told, at=at), at)

    def looks(self, lead_id: str, at: datetime) -> list[Action]:
        """The time has come at which to ask again."""
        return self._keep(self.engine.due(self.cases[lead_id], at=at), at)

    def _keep(self, found: Verdict | Progress, at: datetime) -> list[Action]:
        """Keeps the case and its journal; where somebody is to be found, finds somebody."""
        lead_id, actions = found.case.id, list(found.actions)
        self.cases[lead_id] = found.case
        self.journals[lead_id] += found.rows
        if any(isinstance(action.does, SeekRep) for action in actions):
            progress = self.engine.assign(found.case, self.team, self.rotation, at=at)
            self.rotation = self.rotation if progress.route is None else progress.route.rotation
            actions += self._keep(progress, at)
        return actions


class Week:
    """What happens to the host: arrivals, what leads and people do, and the instants at which to look again, in order of time."""

    def __init__(self, host: Host, answers: Iterable[dict[str, Any]]) -> None:
        """Nothing is to happen yet; people will answer as is said."""
        self.host = host
        self.log: list[tuple[str, Action | Told]] = []
        self._agenda: list[tuple[datetime, int, str, ie.Lead | Told | None]] = []
        self._numbers = count()
        self._calls: dict[tuple[str, str | None], str | None] = {}  # the step for which a rep is about to call a lead
        self._asked: Counter[tuple[str, str]] = Counter()
        self._answers: defaultdict[tuple[str, str, int], list[dict[str, Any]]] = defaultdict(list)
        for answer in answers:
            self._answers[answer["lead_id"], answer["on"], answer["number"]].append(answer)

    def expect(self, lead: ie.Lead) -> None:
        """A lead will come in with what it did until then; what it does later is told when it happens."""
        known = lead.activities
        at = min([one.at for one in known or () if one.kind in HAND_RAISES] + [lead.created_at or AT])
        until_then = None if known is None else tuple(one for one in known if one.at <= at)
        self._plan(at, lead.id, attrs.evolve(lead, created_at=at, activities=until_then))
        for activity in known or ():
            if activity.at > at:
                self._plan(activity.at, lead.id, activity)

    def run(self, until: datetime) -> None:
        """Takes one instant after another; whatever follows is carried out before the next."""
        while self._agenda and self._agenda[0][0] <= until:
            at, _, lead_id, what = heappop(self._agenda)
            if isinstance(what, ie.Lead):
                actions = self.host.arrives(what, at)
            elif what is None:
                actions = self.host.looks(lead_id, at)
            else:
                step = self._calls.pop((lead_id, what.rep), None) if isinstance(what, ie.Outreach) and what.human else None
                if self._is_idle(lead_id, what, at):
                    continue
                told = attrs.evolve(what, step=step) if step and isinstance(what, ie.Outreach) else what
                self.log.append((lead_id, told))
                actions = self.host.tells(lead_id, told, at)
                if isinstance(told, Happened):
                    self._answer(lead_id, told.event, at)
            for action in actions:
                self.log.append((lead_id, action))
                self._carry_out(action, at)
            if (again := self.host.cases[lead_id].ask_again_at) is not None:
                self._plan(again, lead_id, None)

    def _is_idle(self, lead_id: str, told: Told, at: datetime) -> bool:
        """Whether it is what somebody would do now who does not have the lead any more."""
        who = told.rep if isinstance(told, ie.Outreach) and told.human else told.actor if isinstance(told, Happened) else None
        return who not in {None, self.host.cases[lead_id].rep} and told.at == at

    def _carry_out(self, action: Action, at: datetime) -> None:
        """Sends what can be sent, and leaves the rest to people."""
        lead_id = action.lead_id
        match action.does:
            case HandOver():
                self._answer(lead_id, "hand_over", at)
                self._call(lead_id, at)
            case Answer():
                self._call(lead_id, at)  # whoever has the lead is asked again
            case Send(channel="call", step=step):
                self._call(lead_id, at, step)
            case Send(channel=channel, step=step):
                self._write(action, at, channel, step)
                self._answer(lead_id, "email", at)
            case Enrol():
                self._write(action, at, "email")
            case _:
                pass  # somebody is told

    def _write(self, action: Action, at: datetime, channel: str, step: str | None = None) -> None:
        """A message goes out, and is told as made, under the key of its action."""
        lead_id, by = action.lead_id, self.host.cases[action.lead_id].rep or "marketing"
        self._plan(at, lead_id, ie.Outreach(id=action.key, lead_id=lead_id, rep=by, channel=channel, at=at, human=False, step=step))

    def _call(self, lead_id: str, at: datetime, step: str | None = None) -> None:
        """Whoever has the lead is to call it: for a step of the plan, or since it is theirs now or asks again; one call does for all."""
        call = lead_id, self.host.cases[lead_id].rep
        if call in self._calls or self._answer(lead_id, "call", at):
            self._calls[call] = step

    def _answer(self, lead_id: str, on: str, at: datetime) -> bool:
        """What people do about it, so many minutes of their hours later; whether they do anything."""
        self._asked[lead_id, on] += 1
        answers, rep = self._answers[lead_id, on, self._asked[lead_id, on]], self.host.cases[lead_id].holding.rep
        if rep is None:
            return False
        office = calendars.choose(self.host.engine.compiled.hours, rep=rep).calendar
        for answer in answers:
            when, name = hours.add(office, at, timedelta(minutes=answer["after_minutes"])), answer["id"]
            if not isinstance(when, datetime):
                return False  # an office that never opens
            told_at = when + timedelta(minutes=answer.get("logged_after_minutes", 0))
            told: Told
            match answer["report"]:
                case "call":
                    told = ie.Outreach(id=name, lead_id=lead_id, rep=rep.id, channel="call", at=when, human=True, recorded_at=told_at)
                case "reply":
                    told = Exit(name, when, "reply")
                case event:
                    data = {"category": answer["category"]} if "category" in answer else {}
                    told = Happened(id=name, at=when, event=event, actor=rep.id, data=data)
            self._plan(told_at, lead_id, told)
        return bool(answers)

    def _plan(self, at: datetime, lead_id: str, what: ie.Lead | Told | None) -> None:
        """Something will happen."""
        heappush(self._agenda, (at, next(self._numbers), lead_id, what))


def matched(lead: ie.Lead, accounts: Accounts) -> ie.Lead:
    """The lead, with whoever has its account in the CRM."""
    found = matching.match(lead, accounts).value
    if found is None:
        return lead
    whose = {name: getattr(found, name) for name in ("parent_id", "owner", "named_rep", "csm", "open_opportunity_owner")}
    return attrs.evolve(lead, account=attrs.evolve(lead.account or found, **whose))


# ------------------------------------------------------------------------------------------------------- what came of it


def read(batch: Batch) -> Iterator[str]:
    """How many records came in, and what is known of them."""
    looked = [lead.activities for lead in batch.leads if lead.activities is not None]
    yield f"{len(batch.leads) + len(batch.refused)} records: {len(batch.leads)} leads read, {len(batch.refused)} refused."
    unknown = len(batch.leads) - len(looked)
    yield f"{sum(map(len, looked))} activities of {len(looked)} leads; of {unknown} leads nobody knows what they did."


def refused(batch: Batch) -> Iterator[str]:
    """The records that could not be read; the others were not lost with them."""
    for record in batch.refused:
        problem = record.problem
        what_would_do = f". {problem.hint}" if problem.hint else f", expected {problem.expected}."
        yield f"record {record.number + 1:<3}  {record.id or '(no id)':<7}  {problem.path}: saw {problem.saw}{what_would_do}"


def days(week: Week) -> Iterator[str]:
    """What came in and what followed, on each day of the week (UTC)."""
    counts = Counter((f"{at:%a %d %b}", what) for at, _, what in doings(week))
    for verdict in week.host.verdicts.values():
        if verdict.case.opened_at in WEEK:
            counts.update((f"{verdict.case.opened_at:%a %d %b}", what) for what in ("came in", verdict.tier))
    names = [f"{WEEK.since + timedelta(days=day):%a %d %b}" for day in range((AT - WEEK.since).days + 1)]
    return table(counts, names, ("came in", "T1", "T2", "T3", "NURTURE", *DOINGS, "recycled"))


def reps(week: Week) -> Iterator[str]:
    """What each rep was given and did in the week, and how many leads they have now."""
    counts = Counter((str(rep), what) for _, rep, what in doings(week))
    counts.update((str(case.rep), "has now") for case in week.host.cases.values())
    return table(counts, [rep.id for rep in week.host.team.reps], (*DOINGS, "has now"))


def doings(week: Week) -> Iterator[tuple[datetime, str | None, str]]:
    """What was done in the week: when, whose it was, and what."""
    for one in (one for _, one in week.log if one.at in WEEK):
        match one:
            case Action(does=HandOver(rep=rep)):
                yield one.at, rep, "handed over"
            case Action(does=Escalate(accountable=rep)):
                yield one.at, rep, "escalated"
            case Action(kind="recycle"):
                yield one.at, None, "recycled"
            case ie.Outreach(human=True, rep=rep):
                yield one.at, rep, "called"
            case Happened(event=what, actor=rep):
                yield one.at, rep, what
            case _:
                pass


def table(counts: Counter[tuple[str, str]], rows: Iterable[str], columns: Sequence[str]) -> Iterator[str]:
    """The counts, a line for each row."""
    yield f"{'':<10}" + "".join(f"{name:>{len(name) + 2}}" for name in columns)
    for row in rows:
        yield f"{row:<10}" + "".join(f"{counts[row, name]:>{len(name) + 2}}" for name in columns)


def tiers(policy: ie.Policy, assessed: Sequence[Assessment]) -> Iterator[str]:
    """How many leads each tier holds as of now, those below every tier by their reason, and how many are for sales."""
    counts = Counter((one.tier, one.reason) for one in assessed)
    lifted = Counter(one.tier for one in assessed if one.placement.raised_by)
    for row in policy.tiers.rows:
        floor = f" ({lifted[row.id]} of them lifted by a floor)" if lifted[row.id] else ""
        yield f"{row.id:<8} {counts[row.id, None]:>4}  {row.label}: {row.promise}{floor}"
    below = policy.tiers.below
    for reason in below.reasons:
        yield f"{below.id:<8} {counts[below.id, reason.id]:>4}  {reason.label}: {reason.promise}"
    mqls = [one.qualification.handed_off for one in assessed if one.mql]
    yield f"{len(mqls)} are marketing-qualified: {sum(mqls)} handed off to sales, {len(mqls) - sum(mqls)} held by marketing."


def stages(engine: ie.Engine, lives: Sequence[Record]) -> Iterator[str]:
    """How many leads stand in each stage, how many were ever there, and what sales made of what it was given."""
    now = Counter(record.stage for record in lives)
    for stage in engine.policy.lifecycle.machines[0].stages:
        if ever := sum(history.count(record, stage.id, "any") > 0 for record in lives):
            yield f"{stage.id:<13} {now[stage.id]:>4} now, {ever:>4} ever  {stage.label}"
    rules = engine.compiled.handoff
    tally = handoff.from_records(rules, lives, Span(AT - timedelta(days=30), AT), at=AT)
    yield str(handoff.acceptance(rules, tally).value)


def kept(policy: ie.Policy, cases: Iterable[Case]) -> Iterator[str]:
    """How many answers came in time, by promise, and which limits of the policy are exceeded."""
    every = [status for case in cases for status in (*case.clocks.closed, *case.clocks.statuses)]
    owed = [one for one in every if one.clock.table == "first_response" and one.clock.start in WEEK and one.clock.kind == "lead"]
    states = Counter(one.state for one in owed)
    met, missed, running = (states[name] for name in ("met", "breached", "running"))
    yield f"{len(owed)} answers were owed: {met} came in time, {missed} did not, {running} clocks still run; the others were overtaken."
    yield from (str(group) for group in compliance.report(owed, by="promise").groups)
    for limit in policy.sla.limits:
        for _, what in compliance.review(policy.sla, limit.id, owed).exceeded:
            yield f"{limit.label}: the {words(what)} is over the limit. {limit.action}"


def passed_on(week: Week) -> Iterator[str]:
    """The leads of the week that went to somebody else, since nobody answered."""
    for lead, one in week.log:
        if isinstance(one, Action) and one.does == SeekRep(2, "no_answer") and week.host.verdicts[lead].case.opened_at in WEEK:
            yield lead


def brief(verdict: Verdict) -> Iterator[str]:
    """The parts of the brief that its explanation does not say."""
    found = verdict.brief()
    for part in (found.part(name) for name in ("did", "said", "first")):
        yield part.heading
        yield from (f"  {line.said.redacted}" for line in part.lines)


def trail(week: Week, verdict: Verdict) -> Iterator[str]:
    """Everything that was asked for and told, in the order in which it came, in the zone of whoever had the lead first."""
    there = next(rep.zone for rep in week.host.team.reps if rep.id == verdict.rep)
    for lead, one in week.log:
        if lead == verdict.case.id and (told := said(one)):
            yield f"{one.at.astimezone(there):%a %d %b %H:%M %Z}  {told}"
    case, journal = week.host.cases[verdict.case.id], week.host.journals[verdict.case.id]
    yield f"{case}, from {len(journal)} rows of its journal: {week.host.engine.resume(journal) == case}"


def said(one: Action | Told) -> str:
    """An action or a report in a few words; nothing of what the host tells of itself."""
    match one:
        case Action(does=HandOver(rep=rep, attempt=attempt)):
            return f"handed over to {rep}, attempt {attempt}"
        case Action(does=SeekRep(why=why)):
            return f"somebody else is sought: {words(why)}"
        case Action(does=Send(channel=channel, intent=intent)):
            return f"{channel} due: {intent}"
        case Action(does=Escalate(to=to, table=owed, accountable=rep)):
            return f"escalated to the {to}: {words(owed)} of {rep or 'nobody'}"
        case Action(does=Notify(rep=rep, of=of)):
            return f"{rep} is told, as {of}"
        case Action():
            return words(one.kind)
        case ie.Outreach(human=True):
            return f"{one.rep} calls"
        case ie.Activity():
            return f"the lead: {words(one.kind)} {one.content or ''}".rstrip()
        case Happened():
            return f"sales: {words(one.event)}"
        case _:
            return ""


def comes_back(engine: ie.Engine, lives: Iterable[Record], known: dict[str, Assessment]) -> Iterator[str]:
    """Whose date comes within the next week: to re-engage, to score again, to bring back."""
    found = recycling.soonest(engine.coming_back(lives, known, at=AT + timedelta(days=7), since=AT))
    counts = Counter(one.kind for one in found)
    yield ", ".join(f"{counts[kind]} to {words(kind)}" for kind in sorted(counts)) or "nobody"
    yield from map(str, found[:3])


# --------------------------------------------------------------------------------------------------------- what it earned


def touches_of(leads: Iterable[ie.Lead]) -> Iterator[ie.Activity]:
    """What the leads did, each activity with whose it is."""
    for lead in leads:
        yield from (attrs.evolve(activity, contact_id=lead.id) for activity in lead.activities or ())


def budget(engine: ie.Engine, sold: dict[str, Any]) -> Budget:
    """The campaigns, with the values by which links name them, and what was spent on each."""
    named = [Campaign(id=row["id"], name=row["id"], links=row["links"]) for row in sold["campaigns"]]
    spends = [
        Spend(
            campaign_id=row["campaign_id"],
            amount=ie.Money.of(row["amount"], "EUR"),
            since=date.fromisoformat(row["since"]),
            until=date.fromisoformat(row["until"]),
        )
        for row in sold["spends"]
    ]
    return budgets.budget(engine.compiled.chain, named, spends)


def campaigns(table: returns.CampaignTable) -> Iterator[str]:
    """What was spent on each, and what it returned."""
    for row in (*table.rows, table.whole):
        multiples = "" if row.roas is None or row.roi is None else f", ROAS {decimal_text(row.roas)}, ROI {decimal_text(row.roi)}"
        yield f"{row.label}: spend {row.spend}, revenue {row.revenue}{multiples}"


# ------------------------------------------------------------------------------------------------------- order and words


def rank(one: Verdict) -> tuple[int, Fraction, str]:
    """The best first: by tier, then by Selection + Urgency, then by id."""
    found = one.assessment
    return found.placement.number, -(found.selection.points + found.urgency.points), found.lead.id


def words(name: str) -> str:
    """A name of the policy, for people."""
    return name.replace("_", " ")


def records(name: str) -> Iterator[dict[str, Any]]:
    """The records of a file of the sample, one a line."""
    with (SAMPLE / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def document(name: str) -> Any:  # noqa: ANN401 - plain data
    """What a file of the sample says."""
    return json.loads((SAMPLE / name).read_text(encoding="utf-8"))


def show(title: str, lines: Iterable[str]) -> None:
    """A part of the report."""
    print(f"# {title}")
    for line in lines:
        print(fill(line, WIDTH, subsequent_indent=f"{line[: len(line) - len(line.lstrip())]}    ", break_on_hyphens=False))
    print()


if __name__ == "__main__":
    main()
