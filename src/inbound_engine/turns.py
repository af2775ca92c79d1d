"""What changes in a case, and what follows?

A turn is one step of a case while it is made: it takes the case as it stands, something that was reported or the time that passed,
and ends in another case. Each part of it asks a room of the house and says nothing of its own: what sets off what is data of the
policy (`consequences`).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import attrs

from inbound_engine import (
    assessments,
    cadence,
    facts,
    handoff,
    lifecycle,
    promises,
    recycling,
    sequences,
    sla,
    street,
    timelines,
)
from inbound_engine.actions import (
    Action,
    Answer,
    ComeBack,
    Does,
    Drifted,
    Enrol,
    Escalate,
    Flag,
    FollowUp,
    HandOver,
    Notify,
    Recycle,
    Retract,
    SeekRep,
    Send,
    Why,
)
from inbound_engine.assessments import Assessment
from inbound_engine.cases import Case, Clocks, Holding, Index, Progress, Row, Touches, assessed, indexed, key_of, noted, view_of
from inbound_engine.consequences import ClockRow
from inbound_engine.decisions import plain
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Activity, Lead, Opportunity, Outreach, Rep
from inbound_engine.history import Entry as Entered
from inbound_engine.history import Happened, Record
from inbound_engine.plans import ALL, AutoReply, Exit, Plan, Touch
from inbound_engine.policy import Compiled
from inbound_engine.reported import Learned, Released, Report, Routed
from inbound_engine.signals import asked
from inbound_engine.sla import OUTREACH, Assigned, Cancelled, Clock, Event, Milestone, Pause, Status
from inbound_engine.timelines import Runs
from inbound_engine.vocabulary import View

__all__ = ["Turn"]

_AHEAD = (timedelta(days=40), timedelta(days=400), timedelta(days=1_200 * 31))
"""How far ahead the dates of a hold are looked for: not far at first, then a year, then as far as any policy may say."""
_SOON = timedelta(microseconds=1)
_KEPT_TOUCHES = timedelta(days=3)
"""How long touches outside the plan are remembered: the caps ask for 24 hours and one date of any zone."""


class Turn:
    """One step of a case while it is made: what has changed so far, and what follows from it."""

    __slots__ = (
        "actions",
        "assessment",
        "at",
        "clocks",
        "engaged_at",
        "foreseen",
        "found",
        "holding",
        "index",
        "lead",
        "length",
        "moved",
        "opened",
        "opened_at",
        "over",
        "policy",
        "record",
        "refused",
        "reports",
        "return_at",
        "returned",
        "returned_until",
        "said",
        "touches",
        "view",
    )

    actions: list[Action]
    assessment: Assessment
    at: datetime
    clocks: Clocks
    engaged_at: datetime
    found: Routed | None
    holding: Holding
    index: Index | None
    lead: Lead
    length: int
    moved: bool
    opened: list[Clock]
    opened_at: datetime
    over: bool
    policy: Compiled
    record: Record
    refused: list[lifecycle.Refused]
    reports: Runs[Report]
    return_at: datetime | None
    returned: bool
    returned_until: datetime
    said: tuple[str, bool]
    touches: Touches
    view: View

    def __init__(self, policy: Compiled, case: Case | None = None) -> None:
        """Takes the case as it stands; without one it begins with `arrive`."""
        self.policy = policy
        self.actions = []
        self.refused = []
        self.found = None
        self.opened = []
        self.moved = False
        self.returned = False
        self.holding, self.clocks, self.touches = Holding(), Clocks(), Touches()
        self.over = False
        self.length = 0
        self.reports = ()
        self.foreseen: frozenset[str] = frozenset()
        self.index = self.return_at = None
        if case is not None:
            self.at, self.opened_at, self.engaged_at, self.over = case.at, case.opened_at, case.engaged_at, case.over
            self.lead, self.assessment, self.record = case.lead, case.assessment, case.record
            self.said = case.assessment.tier, case.assessment.qualification.handed_off
            self.holding, self.clocks, self.touches = case.holding, case.clocks, case.touches
            self.returned_until, self.return_at = case.returned_until, case.return_at
            self.length, self.reports, self.foreseen = case.length, case.reports, case.foreseen
            self.index = case.index
            if case.policy != policy.fingerprint:
                self.count()
                self.assess()
            else:
                self.view = view_of(case.assessment, case.index)

    def progress(self, rows: tuple[Row, ...]) -> Progress:
        """The case as it stands now, with everything that followed."""
        case = Case(
            lead=self.lead,
            opened_at=self.opened_at,
            at=self.at,
            engaged_at=self.engaged_at,
            policy=self.policy.fingerprint,
            assessment=self.assessment,
            record=self.record,
            holding=self.holding,
            clocks=self.clocks,
            touches=self.touches,
            over=self.over,
            returned_until=self.returned_until,
            return_at=self.return_at,
            length=self.length + 1,
            foreseen=self.foreseen,
            reports=self.reports,
            index=self.index,
        )
        return Progress(case=case, actions=tuple(self.actions), refused=tuple(self.refused), rows=rows)

    def act(self, key: str, does: Does, at: datetime | None = None) -> None:
        """One more action, of now or of when it came."""
        self.moved = True
        self.actions.append(Action(key=key, lead_id=self.lead.id, at=self.at if at is None else at, does=does))

    # ---------------------------------------------------------------------------------------------------------- arrival

    def arrive(self, lead: Lead, at: datetime, record: Record | None, route: Callable[[View], Routed] | None) -> None:
        """The lead comes in: scores, lifecycle, somebody for it, clocks, touches, each decided once."""
        rules = self.policy.case
        self.lead, self.at, self.opened_at, self.engaged_at, self.returned_until = lead, at, at, at, at
        self.reports = (tuple(sorted(lead.activities, key=key_of)),) if lead.activities else ()
        self.foreseen = frozenset(key_of(one) for one in lead.activities or () if one.at > at)
        self.count()
        self.assess()
        self.said = self.assessment.tier, self.assessment.qualification.handed_off
        if record is None:
            machine = lifecycle.choose(self.policy.lifecycle, self.view, rules.document.about).value
            if machine is None:
                raise FactError("lead", shown(lead.id), f"a lead for which there is a machine about {rules.document.about}")
            created = lead.created_at
            begun = at if created is None or created > at else created
            record = lifecycle.start(machine, lead.id, at=begun, policy=self.policy.fingerprint)
        elif record.id != lead.id:
            raise FactError("record.id", shown(record.id), f"{lead.id!r}, the id of the lead")
        self.record = record
        self.over = rules.ended(record.stage)
        if self.over:
            self.come_back(at)
        for name in rules.document.arrival:
            self.report(self._scored() if name == rules.document.scored else attrs.evolve(self._own(name, name), sequence=0), own=True)
        if route is None:
            self.seek("arrived")
        elif not self.over:
            self.found = route(self.view)
            self.reports = timelines.pushed(self.reports, self.found, key=key_of)
            self.take_route(self.found)
        self.open_clocks("assessed")
        self.open_handed_off()
        self.begin_plan()
        self.nurture()
        self.look_for_dates()
        self.read_clocks()
        self.give_touches()

    def count(self) -> None:
        """Counts what the lead did, for what this policy asks."""
        activities = self.lead.activities
        self.index = None if activities is None else indexed(self.policy, activities)

    def assess(self) -> None:
        """The scores, the tier and the qualification as of now."""
        self.assessment, self.view = assessed(self.policy, self.lead, self.index, self.at)

    def _own(self, what: str, event: str, at: datetime | None = None, reason: str | None = None) -> Happened:
        """An event that the case itself reports."""
        when = self.at if at is None else at
        return Happened(id=f"{self.lead.id}/{what}/{plain(when)}", at=when, event=event, reason=reason, sequence=1)

    def _scored(self) -> Happened:
        """What the assessment is to the lifecycle; at one instant the second and later ones are numbered."""
        event = assessments.scored(self.assessment, event=self.policy.case.document.scored)
        same = sum(entry.at == event.at and entry.event == event.event and not entry.inferred for entry in self.record.entries[-_FEW:])
        return attrs.evolve(event, id=f"{event.id}/{same}") if same else event

    # -------------------------------------------------------------------------------------------------- what is reported

    def begins_at(self, report: Report) -> datetime:
        """When a report begins to count: of a deal that nobody told of, when it was opened."""
        if isinstance(report, Opportunity) and report.closed_at is not None and self.has_opened(report):
            return report.closed_at
        return report.opened_at if isinstance(report, Opportunity) else report.at

    def take(self, report: Report) -> None:
        """Takes in one thing that was reported: what is known by then, the scores as of now, what it means, what follows from both."""
        self.moved = True
        key = key_of(report)
        foreseen, brought = key in self.foreseen, list[Activity]()
        match report:
            case Activity() if not foreseen:
                self.lead = facts.carrying(self.lead, (*(self.lead.activities or ()), report))
                self.index = indexed(self.policy, (report,)) if self.index is None else noted(self.index, report)
            case Learned():
                brought = self.learn(report.lead)
            case Exit(kind="opt_out"):
                self.suppress(report)
            case _:
                pass
        self.assess()
        match report:
            case Activity():
                self.take_activity(report)
            case Outreach():
                self.take_outreach(report)
            case Happened():
                self.report(report)
            case Exit():
                self.take_exit(report)
            case AutoReply():
                if self.touches.plan is not None:
                    self.replan(self.touches.plan, events=(report,))
            case Pause():
                self.tell(report)
            case Opportunity():
                self.take_opportunity(report)
            case Released():
                self.seek("released")
            case Routed():
                self.take_route(report)
            case _:
                for activity in brought:
                    self.take_activity(activity)
        if foreseen:
            self.foreseen -= {key}
        else:
            self.reports = timelines.pushed(self.reports, report, key=key_of)
        self.weigh(anew=self.returned)
        self.read_clocks()

    def take_activity(self, activity: Activity) -> None:
        """Something that the lead did: what it means to the cadence, a return, a second enquiry."""
        row = self.policy.case.exits_by_kind.get(activity.kind)
        if row is not None:
            self.take_exit(Exit(f"{activity.id}/{row.id}", activity.at, row.id))
        if self.brings_back(activity):
            self.come_back(max(activity.at, activity.recorded_at or activity.at))
        self.enquire_again(activity)

    def brings_back(self, activity: Activity) -> bool:
        """Whether the hold where the record stands counts the activity."""
        rules = self.policy.recycling
        hold, query = rules.holds.get(self.record.stage, (None, None))
        if hold is None or query is None or activity.at <= self.record.since:
            return False
        return any(number == query and (fits is None or fits(activity)) for number, fits, _ in asked(rules.signals, activity))

    def come_back(self, at: datetime) -> None:
        """Reports that engagement returned, where the hold says so (LC-7)."""
        dues = recycling.due(self.policy.recycling, [self.record], view_of=lambda record: self.view, at=self.at)
        if any(one.kind == "reactivate" for one in dues):
            event = self.policy.case.document.reactivated
            self.report(self._own(event, event, min(max(at, self.record.entries[-1].at), self.at)), own=True)

    def enquire_again(self, activity: Activity) -> None:
        """Opens a new clock for a hand that is raised after the clock before was decided (CL-16); nobody owes it where all is over."""
        if self.over or self.holding.sought is not None or not self.policy.catalogue.raises_hand(activity):
            return
        for row in self.policy.case.clocks:
            last = self.last_clock(row.table) if row.opens_on == "assessed" else None
            status = None if last is None else self.status_of(last)
            if status is not None and status.ended_at is not None and activity.at > status.ended_at:
                self.open_clock(row, start=activity.at, since=activity.at)

    def take_outreach(self, outreach: Outreach) -> None:
        """A touch that was made: it may answer a clock, and it may be a step of the plan."""
        every, human = self.clocks.heard
        every = timelines.pushed(every, outreach, key=_when)
        human = timelines.pushed(human, outreach, key=_when) if outreach.human else human
        self.clocks = attrs.evolve(self.clocks, heard=(every, human))
        if self.could_answer(outreach):
            self.tell(outreach)
        plan = self.touches.plan
        if plan is not None and any(touch.step == outreach.step and not touch.made for touch in plan.touches):
            self.replan(plan, done=(outreach,))
        else:
            recent = (one for one in self.touches.elsewhere if one.at > outreach.at - _KEPT_TOUCHES)
            self.touches = attrs.evolve(self.touches, elsewhere=(*recent, outreach))

    def could_answer(self, outreach: Outreach) -> bool:
        """Whether a clock waits for it, or may have been answered by it before it was answered by another."""
        for status in self.clocks.statuses:
            if OUTREACH not in status.clock.stopped_by:
                continue
            waits = status.ended_at is None or outreach.at < status.ended_at
            first = status.first_touch_at is None or outreach.at < status.first_touch_at
            if first or (waits and (outreach.human or not status.clock.human_only)):
                return True
        return False

    def suppress(self, exit: Exit) -> None:  # noqa: A002 - what it is called
        """Notes the channel that must not be used any more, or all of them (CA-14)."""
        suppressed = self.lead.suppressed | {exit.channel or ALL}
        self.lead = facts.carrying(attrs.evolve(facts.carrying(self.lead, None), suppressed=suppressed), self.lead.activities)

    def take_exit(self, exit: Exit) -> None:  # noqa: A002 - what it is called
        """An exit from the cadence, and what else it means."""
        row = self.policy.case.exits.get(exit.kind)
        self.leave_cadence(exit)
        if row is not None and row.cancels and exit.stops_all:
            self.tell(Cancelled(id=f"{exit.id}/cancelled", at=exit.at, reason=exit.kind))
        if row is not None and row.reports is not None:
            self.report(attrs.evolve(self._own(f"{exit.id}/{row.reports}", row.reports, exit.at), sequence=0))

    def leave_cadence(self, exit: Exit) -> None:  # noqa: A002 - what it is called
        """Ends the touches that the exit ends, and takes back those that were given and not made (CA-15)."""
        given = self.touches.given
        plan = self.touches.plan
        if exit.stops_all:
            self.touches = attrs.evolve(self.touches, stopped=True)
        if plan is not None:
            plan = self.replan(plan, events=(exit,))
            programmes = {step.id for step in plan.given.sequence.steps if step.enrol is not None}
            cancelled = {note.step for note in plan.notes if note.code == "cancelled"} - programmes
            for name in sorted(cancelled):
                key = _touch_key(plan, name)
                if key in given and f"{key}/retracted" not in given:
                    self.touches = attrs.evolve(self.touches, given=self.touches.given | {f"{key}/retracted"})
                    self.act(f"{key}/retracted", Retract(key, exit.kind))

    def take_opportunity(self, deal: Opportunity) -> None:
        """A deal that was opened, and what became of it, each at its own instant."""
        document = self.policy.case.document
        if not self.has_opened(deal):
            self.report(Happened(id=f"{deal.id}/opened", at=deal.opened_at, event=document.opened))
        if deal.closed_at is not None:
            if deal.closed_at > self.at:
                self.read_clocks()
                self.pass_time(deal.closed_at - _SOON)
                self.at = deal.closed_at
                self.assess()
            event = document.won if deal.won else document.lost
            self.report(Happened(id=f"{deal.id}/{event}", at=deal.closed_at, event=event))

    def has_opened(self, deal: Opportunity) -> bool:
        """Whether the opening of the deal was told before."""
        return any(entry.event_id == f"{deal.id}/opened" for entry in self.record.entries)

    def learn(self, lead: Lead) -> list[Activity]:
        """New facts of the lead, in place of those before; its activities are added to those that are known.

        Those that are new and do not lie ahead come back, in order: they mean what they mean when they are reported one by one.
        """
        if lead.id != self.lead.id:
            raise FactError("report.lead.id", shown(lead.id), f"{self.lead.id!r}, the lead of the case")
        activities = self.lead.activities
        brought: tuple[Activity, ...] = ()
        if lead.activities is not None:
            activities = attrs.evolve(lead, activities=(*(activities or ()), *lead.activities)).activities or ()
            brought = activities[len(self.lead.activities or ()) :]
            for activity in brought:
                self.reports = timelines.pushed(self.reports, activity, key=key_of)
            self.foreseen |= {key_of(activity) for activity in brought if activity.at > self.at}
        self.lead = facts.carrying(lead, activities)
        self.count()
        return sorted((activity for activity in brought if activity.at <= self.at), key=_in_time)

    # --------------------------------------------------------------------------------------------------------- lifecycle

    def report(self, event: Happened, *, own: bool = False) -> bool:
        """Reports an event to the lifecycle; whether it was applied. What the case reports itself may be refused without a word."""
        machine, fingerprint = self.policy.lifecycle.machine(self.record.machine), self.policy.fingerprint
        said = lifecycle.advance(machine, self.record, event, self.view, at=self.at, policy=fingerprint).value
        if isinstance(said, lifecycle.Advanced):
            self.record = said.record
            entries = said.entries
        elif said.code == "before_last":
            rebuilt = lifecycle.rebuild(machine, self.record, [event], policy=fingerprint)
            self.refused += rebuilt.refused
            entries = tuple(entry for entry in rebuilt.record.entries if entry.event_id == event.id)
            if not entries:
                return False
            self.record = rebuilt.record
            self.forget_clocks()
        else:
            self.refused += [] if own else [said]
            return False
        self.moved = True
        stands = entries[-1] is self.record.entries[-1]
        for entry in entries:
            self.entered(entry, stands=stands)
        self.look_for_dates()
        return True

    def forget_clocks(self) -> None:
        """Forgets the clocks of stages that the record, folded anew, has not entered then; what they gave is taken back (CL-17)."""
        known = {(entry.stage, entry.at) for entry in self.record.entries}
        tables = {row.table: row.stage for row in self.policy.case.clocks if row.opens_on == "stage"}
        gone = [clock for clock in self.clocks.opened if clock.table in tables and (tables[clock.table], clock.start) not in known]
        for clock in gone:
            for key in sorted(one for one in self.clocks.fired - self.clocks.retracted if one.startswith((f"{clock.id}:", f"{clock.id}/"))):
                self.clocks = attrs.evolve(self.clocks, retracted=self.clocks.retracted | {key})
                self.act(f"{key}/retracted", Retract(key, "it was ended before"))
        if gone:
            opened = tuple(clock for clock in self.clocks.opened if clock not in gone)
            self.clocks = attrs.evolve(self.clocks, opened=opened, stale=True)

    def entered(self, entry: Entered, *, stands: bool) -> None:
        """What follows from an entry of the record, in touches, clocks and who has the lead.

        Of an entry that came late, and that others were built upon, only what it ends: the record stands elsewhere by now.
        """
        rules = self.policy.case
        if not entry.inferred and any(entry.event in clock.stopped_by for clock in self.clocks.opened):
            self.tell(Milestone(id=f"{entry.event_id}/{entry.event}", at=entry.at, name=entry.event))
        if entry.left == entry.stage:
            return
        ends = False
        for row in rules.entering(entry.stage, entry.left):
            if row.exit is not None:
                self.leave_cadence(Exit(f"{entry.event_id}/{row.id}", entry.at, row.exit))
            if row.cancels:
                self.tell(Cancelled(id=f"{entry.event_id}/{row.id}", at=entry.at, reason=row.id))
                later = {clock.start for clock in self.clocks.opened if clock.start > entry.at} if stands and row.ends else set()
                for start in sorted(later):  # those that began since then, for want of this news
                    self.tell(Cancelled(id=f"{entry.event_id}/{row.id}/{plain(start)}", at=start, reason=row.id))
            ends = ends or row.ends
        if not stands:
            return
        if ends:
            self.over = True
            self.holding = attrs.evolve(self.holding, rep=None, sought=None, retry_at=None)
        elif self.over and not rules.ended(entry.stage):
            self.begin_again(entry.at)
        for clock in rules.clocks:
            if clock.opens_on == "stage" and clock.stage == entry.stage:
                self.open_clock(clock, start=entry.at)

    def begin_again(self, at: datetime) -> None:
        """A new enquiry of somebody who came back: nobody has it, and its touches begin anew."""
        self.over, self.returned, self.engaged_at = False, True, at
        made = () if self.touches.plan is None else self.touches.plan.given.done
        self.holding = Holding(attempt=self.holding.attempt + (self.holding.since is not None or bool(self.holding.entries)))
        for row in self.policy.case.clocks:
            self.archive(row.table)
        if not self.clocks.opened:  # nobody has the clocks that open now
            told = tuple(event for event in self.clocks.told if event.at >= at and not isinstance(event, Assigned))
            self.clocks = attrs.evolve(self.clocks, told=told, stale=True)
        self.touches = Touches(elsewhere=(*self.touches.elsewhere, *made))

    def weigh(self, *, anew: bool = False) -> None:
        """What follows from new scores: the lifecycle, somebody for it, clocks, touches."""
        said = self.assessment.tier, self.assessment.qualification.handed_off
        changed = anew or said != self.said
        if changed:
            self.said = said
            self.report(self._scored(), own=True)
            self.returned = False  # these are the scores of the enquiry that begins
            self.report_drift()
            self.look_for_dates()
        if self.over:
            return
        if self.is_for_sales() and self.has_nobody() and (changed or not self.holding.kept):  # lanes keep some from people
            self.seek("qualified")
        self.change_clocks()
        self.open_handed_off()
        if self.holding.sought is None:
            self.begin_plan()
        self.nurture()

    def is_for_sales(self) -> bool:
        """Whether somebody of sales is to have the lead: it is handed off, or it stands where sales owns it already (RT-5)."""
        stage = self.policy.lifecycle.machine(self.record.machine).stages.get(self.record.stage)
        if stage is not None and stage.owner == "sales":
            return True
        return self.assessment.qualification.handed_off and self.record.stage == self.policy.handoff.document.stage

    def nurture(self) -> None:
        """Enrols a lead whom no person is to have, once in an enquiry for each programme (TI-2)."""
        if self.over or not self.has_nobody() or self.assessment.qualification.handed_off:
            return
        programme = self.policy.case.programme(self.view)
        key = f"{self.lead.id}/enrol/{programme}/{plain(self.engaged_at)}"
        if programme is not None and key not in self.touches.given:
            self.touches = attrs.evolve(self.touches, given=self.touches.given | {key})
            self.act(key, Enrol(programme, self.assessment.tier))

    def has_nobody(self) -> bool:
        """Whether nobody has the lead and nobody is sought; what marketing kept is sought for once it is sales' business."""
        return self.holding.rep is None and self.holding.sought is None

    def report_drift(self) -> None:
        """What the policy does where the lead does not meet the criteria of its stage any more (LC-4)."""
        machine = self.policy.lifecycle.machine(self.record.machine)
        found = lifecycle.drift(machine, self.record, self.view).value
        if not found.would_demote:
            return
        event = found.event if found.does == "move" else None
        if event is not None:
            self.report(self._own(event, event), own=True)
        else:
            self.act(f"{self.lead.id}/drifted/{plain(self.at)}", Drifted(found.stage, self.assessment.tier))

    # ----------------------------------------------------------------------------------------------------------- holders

    def seek(self, why: Why, *, key: str | None = None, at: datetime | None = None) -> None:
        """Somebody is to be found: the first time under the attempt that stands, afterwards under the next; who is sought is sought.

        The action has the key of the step of a ladder that asks for it; a step that asks for who is sought already gives none.
        """
        holding = self.holding
        if self.over or holding.sought is not None:
            if key is not None:
                self.clocks = attrs.evolve(self.clocks, retracted=self.clocks.retracted | {key})
            return
        taken = any(entry.attempt == holding.attempt for entry in holding.entries if entry.rep is not None)
        attempt = holding.attempt + (taken or holding.since == self.at)  # whoever was sought at this very instant was another's turn
        self.holding = attrs.evolve(holding, attempt=attempt, sought=why, since=self.at, retry_at=None, kept=False)
        self.act(key or f"{self.lead.id}#{attempt}/seek_rep/{plain(self.at)}", SeekRep(attempt, why), at)

    def take_route(self, found: Routed) -> None:
        """Who has the lead from now on, or that nobody can have it yet, or that no person is to.

        Who has it already has it; an attempt that was taken stands, and whoever has it after that has it by the next (RO-14).
        """
        holding = self.holding
        if self.over or (found.rep is not None and found.rep.id == self.rep and holding.sought is None):
            return
        attempt = max(found.entry.attempt, holding.attempt)
        attempt += found.rep is not None and any(each.attempt == attempt and each.rep is not None for each in holding.entries)
        entry = attrs.evolve(found.entry, attempt=attempt)
        first = not any(each.rep is not None for each in holding.entries)
        self.holding = attrs.evolve(
            holding,
            attempt=attempt,
            entries=(*holding.entries, entry),
            territory=entry.territory,
            rep=holding.rep if found.rep is None else found.rep,
            sought=None if found.rep is not None or found.kept else holding.sought or "arrived",
            since=holding.since or (None if found.kept else self.at),
            retry_at=found.retry_at,
            kept=found.kept,
            notified=holding.notified | {*found.notify},
        )
        prefix = f"{self.lead.id}#{attempt}"
        for rep, of in found.notify:
            if (rep, of) not in holding.notified:
                self.act(f"{prefix}/notify/{rep}/{of}", Notify(rep, of))
        if found.kept:
            return
        if found.rep is None:
            self.tell(Assigned(id=found.id, at=found.at, rep=None))
            return
        calendar = street.holders_calendar(self.policy, found.rep, entry.territory)
        self.tell(Assigned(id=prefix, at=found.at, rep=found.rep.id, calendar=calendar))
        package = handoff.deliver(self.policy.handoff, self.view, at=self.at).value
        self.act(f"{prefix}/hand_over/{found.rep.id}", HandOver(found.rep.id, attempt, package))
        self.settle_clocks(found.rep)
        if first:
            self.open_clocks("assigned", start=found.at)
        self.tell(Milestone(id=f"{prefix}/delivered", at=found.at, name=self.policy.case.document.delivered))
        self.plan_for(found.rep)

    # ------------------------------------------------------------------------------------------------------------ clocks

    def tell(self, event: Event) -> None:
        """Tells the clocks what happened."""
        self.clocks = attrs.evolve(self.clocks, told=(*self.clocks.told, event), stale=True)

    def last_clock(self, table: str) -> Clock | None:
        """The last clock of that table that was opened in this enquiry."""
        for clock in reversed(self.clocks.opened):
            if clock.table == table:
                return clock if clock.start >= self.engaged_at or self.engaged_at == self.opened_at else None
        return None

    def status_of(self, clock: Clock) -> Status | None:
        """How that clock stood when it was last read."""
        return next((status for status in self.clocks.statuses if status.clock.id == clock.id), None)

    def open_clocks(self, on: Literal["assessed", "handed_off", "assigned"], start: datetime | None = None) -> None:
        """Opens the clocks that open on that, where this enquiry has none of them."""
        for row in self.policy.case.clocks:
            if row.opens_on == on and self.last_clock(row.table) is None:
                self.open_clock(row, start=start)

    def open_handed_off(self) -> None:
        """Opens the clocks of what is handed off to sales."""
        if self.assessment.qualification.handed_off:
            self.open_clocks("handed_off", start=self.at)

    def open_clock(self, row: ClockRow, *, start: datetime | None = None, since: datetime | None = None, replaces: bool = False) -> None:
        """Opens the clock of a promise, if there is one for the lead."""
        earliest = since if since is not None or self.engaged_at == self.opened_at else self.engaged_at
        clock = street.clock(
            self.policy,
            self.view,
            table=row.table,
            start=start,
            since=earliest,
            rep=self.holding.rep,
            territory=self.holding.territory,
            replaces=replaces,
        )
        if clock is not None and all(clock.id != other.id for other in self.clocks.opened):
            self.archive(row.table)
            self.clocks = attrs.evolve(self.clocks, opened=(*self.clocks.opened, clock), stale=True)
            self.tell_again(clock)
            if row.opens_on == "assessed" and not any(isinstance(action.does, HandOver) for action in self.actions):
                self.opened.append(clock)

    def tell_again(self, clock: Clock) -> None:
        """Tells a clock that starts in the past of the first touches since then: it may have been answered already (CL-17)."""
        since = clock.start if clock.answers_since is None else max(clock.start, clock.answers_since)
        for heard in self.clocks.heard:
            first = timelines.first_from(heard, since, key=_when)
            if first is not None and first not in self.clocks.told:
                self.tell(first)

    def archive(self, table: str) -> None:
        """Closes the books of the clocks of that table that have ended: nothing that is told later moves them."""
        ended = {status.clock.id for status in self.clocks.statuses if status.clock.table == table and status.ended_at is not None}
        ended = {clock.id for clock in self.clocks.opened if clock.id in ended}
        if not ended:
            return
        opened = tuple(clock for clock in self.clocks.opened if clock.id not in ended)
        closed = tuple(status for status in self.clocks.statuses if status.clock.id.rpartition("/")[0] in ended or status.clock.id in ended)
        since = min((clock.start for clock in opened), default=self.at)
        holders = [event for event in self.clocks.told if isinstance(event, Assigned)][-1:]
        told = tuple(event for event in self.clocks.told if event.at >= since or event in holders)
        self.clocks = attrs.evolve(self.clocks, opened=opened, told=told, closed=(*self.clocks.closed, *closed), stale=True)

    def change_clocks(self) -> None:
        """Opens what is promised now: where nothing was, or in place of a clock that runs under another promise (CL-15)."""
        for row in self.policy.case.clocks:
            if row.opens_on != "assessed":
                continue
            last = self.last_clock(row.table)
            if last is None:
                self.open_clock(row)
                continue
            status = self.status_of(last)
            if status is not None and (status.is_decided or status.ended_at is not None):
                continue
            chosen = promises.promised(self.policy.sla, self.view, row.table)
            if chosen is not None and chosen.id != last.promise:
                self.open_clock(row, start=self.at, replaces=True)

    def settle_clocks(self, rep: Rep) -> None:
        """Gives the clocks that have had no holder and are undecided to the first: by that rep's hours, from the same start (CL-2)."""
        settled = []
        for clock in self.clocks.opened:
            status = self.status_of(clock)
            undecided = status is None or (status.ended_at is None and not status.is_decided and not status.due)
            if (
                clock.holder is None
                and undecided
                and any(r.table == clock.table and r.opens_on == "assessed" for r in self.policy.case.clocks)
            ):
                anew = street.clock(
                    self.policy,
                    self.view,
                    table=clock.table,
                    start=clock.start,
                    since=clock.answers_since,
                    id=clock.id,
                    rep=rep,
                    territory=self.holding.territory,
                    replaces=clock.replaces,
                )
                settled.append(clock if anew is None or anew.promise != clock.promise else anew)
            else:
                settled.append(clock)
        self.clocks = attrs.evolve(self.clocks, opened=tuple(settled), stale=True)

    def read_clocks(self) -> None:
        """How the clocks stand now, and every step that came: each once, in order (CL-7, CL-8)."""
        while self.clocks.stale or any(status.next_change is not None and status.next_change <= self.at for status in self.clocks.statuses):
            clocks = self.clocks
            statuses = sla.follow(clocks.opened, clocks.told, at=self.at, fired=clocks.fired)
            self.clocks = attrs.evolve(clocks, statuses=statuses, stale=False)
            self.moved = True
            for status in statuses:
                for undone in status.retracted:
                    if undone.key not in self.clocks.retracted:
                        self.clocks = attrs.evolve(self.clocks, retracted=self.clocks.retracted | {undone.key})
                        self.act(f"{undone.key}/retracted", Retract(undone.key, "it was ended before"))
            came = sorted(((one.at, one.number, one.key, status, one) for status in statuses for one in status.new), key=_first_three)
            for *_, status, one in came:
                known = self.clocks = attrs.evolve(self.clocks, fired=self.clocks.fired | {one.key})
                self.climb(status, one)
                if self.clocks is not known:  # what it set off may end the clocks of the others
                    self.clocks = attrs.evolve(self.clocks, stale=True)
                    break
            if came and not self.clocks.stale:
                self.clocks = attrs.evolve(self.clocks, statuses=tuple(_acted_on(status, self.clocks.fired) for status in statuses))
        self.ask_for_answers()
        self.stop_seeking()

    def ask_for_answers(self) -> None:
        """Tells who has the lead already of another answer that is owed: a second hand, a tier that promises more (CL-15, CL-16)."""
        opened, self.opened, holder = self.opened, [], self.rep
        for clock in opened:
            status = self.status_of(clock)
            if holder is not None and status is not None and status.ended_at is None:
                self.act(f"{clock.id}/answer", Answer(holder, clock.table, clock.promise, status.deadline))

    def stop_seeking(self) -> None:
        """Nobody is sought any more for want of an answer once there is one."""
        if self.holding.sought != "no_answer":
            return
        for row in self.policy.case.clocks:
            last = self.last_clock(row.table) if row.opens_on == "assessed" else None
            status = None if last is None else self.status_of(last)
            if status is not None and status.answered_at is not None:
                self.holding = attrs.evolve(self.holding, sought=None, retry_at=None)

    def climb(self, status: Status, one: sla.Due) -> None:
        """What a step of a ladder sets off."""
        clock = status.clock
        match one.action:
            case "escalate":
                does: Does = Escalate(one.to, clock.table, clock.promise, one.step, one.reason, status.accountable)
                self.act(one.key, does, one.at)
            case "flag":
                self.act(one.key, Flag(one.to, clock.table, clock.promise, one.step, one.reason), one.at)
            case "auto_nurture":
                self.act(one.key, Enrol(one.to, f"{clock.table} {clock.promise}"), one.at)
            case "reroute":
                self.seek("no_answer", key=one.key, at=one.at)
            case _:  # recycle
                event = self.policy.case.document.recycled
                self.act(one.key, Recycle(one.to, one.reason), one.at)
                self.report(self._own(event, event, max(one.at, self.record.entries[-1].at), one.reason), own=True)

    # ----------------------------------------------------------------------------------------------------------- touches

    def begin_plan(self) -> None:
        """Begins the touches of the sequence that is for the lead, unless they have ended or a higher one runs (CA-17)."""
        touches = self.touches
        if touches.stopped or self.over or (self.holding.sought is not None and not self.holding.entries):
            return
        chosen = sequences.choose(self.policy.cadence, self.view).value
        if chosen is None:
            return
        if touches.plan is not None:
            known = {sequence.id for sequence, _ in self.policy.cadence.sequences}
            running = touches.plan.sequence
            if running == chosen.id or (running in known and sequences.active(self.policy.cadence, running, chosen.id).value == running):
                return
        made = touches.elsewhere if touches.plan is None else (*touches.elsewhere, *touches.plan.given.done)
        plan = street.plan_of(
            self.policy, self.view, chosen, arrival=self.at, rep=self.holding.rep, territory=self.holding.territory, elsewhere=made
        )
        self.moved = True
        self.touches = Touches(plan=plan, given=touches.given)
        self.look_ahead(plan)

    def plan_for(self, rep: Rep) -> None:
        """Plans the touches that are left in the hours of the rep who has the lead now."""
        plan = self.touches.plan
        if plan is None or plan.given.sequence not in self.policy.cadence.document.sequences:
            return
        given = plan.given
        own = None if rep.calendar is None else street.holders_calendar(self.policy, rep, None)
        if own == given.rep:
            return
        plan = cadence.plan(
            self.policy.cadence,
            given.sequence,
            given.prospect,
            arrival=given.arrival,
            rep=own,
            territory=given.territory,
            factor=given.factor,
            elsewhere=given.elsewhere,
            done=given.done,
            events=given.events,
            at=max(self.at, given.arrival),
        )
        self.touches = attrs.evolve(self.touches, plan=plan)
        self.look_ahead(plan)

    def replan(self, plan: Plan, done: tuple[Outreach, ...] = (), events: tuple[Exit | AutoReply, ...] = ()) -> Plan:
        """The plan of this enquiry made again with what happened."""
        touches = self.touches
        plan = cadence.replan(plan, done, events, at=self.at, elsewhere=touches.elsewhere, suppressed=self.lead.suppressed)
        made = {touch.step for touch in plan.touches if touch.made}
        sent = tuple(one for one in touches.sent if one.step not in made)
        self.touches = attrs.evolve(touches, plan=plan, elsewhere=(), sent=sent)
        self.look_ahead(plan)
        return plan

    def placed(self, plan: Plan) -> Plan:
        """The plan where what was given counts as made: it is the host's by now, and holds nothing else up."""
        sent = self.touches.sent
        return cadence.replan(plan, sent, at=max(self.at, plan.at)) if sent else plan

    def look_ahead(self, plan: Plan, placed: Plan | None = None) -> None:
        """Notes when the next touch or task of the plan comes that was not given yet.

        `placed` is the plan as it was when the last were given: those go out at the instants at which they stand there, so that they
        hold up nothing that they did not hold up before.
        """
        given, touches = self.touches.given, (self.placed(plan) if placed is None else placed).touches
        prefix = _touch_key(plan, "")
        ahead = [touch.at for touch in touches if not touch.made and f"{prefix}{touch.step}" not in given]
        ahead += [task.at for task in plan.follow_ups if _task_key(plan, task.days) not in given]
        next_at = min(ahead, default=None)
        if next_at != self.touches.next_at:
            self.moved = True
            self.touches = attrs.evolve(self.touches, next_at=next_at)

    def give_touches(self) -> None:
        """Gives the touches whose instant has come, placed anew where it has passed (CA-19)."""
        known, next_at = self.touches.plan, self.touches.next_at
        if known is None or next_at is None or next_at > self.at:
            return
        plan = self.replan(known)
        placed = self.placed(plan)
        enrolled: list[str] = []
        for touch in placed.touches:
            if not touch.made and touch.at <= self.at and (key := _touch_key(plan, touch.step)) not in self.touches.given:
                self.give(key, touch, plan)
                enrolled += [] if touch.enrol is None else [touch.enrol]
        for task in plan.follow_ups:
            key = _task_key(plan, task.days)
            if task.at <= self.at and key not in self.touches.given:
                self.touches = attrs.evolve(self.touches, given=self.touches.given | {key})
                self.act(key, FollowUp(task.days, task.event), task.at)
        self.look_ahead(plan, placed)
        for programme in enrolled:
            row = self.policy.case.enrolments.get(programme)
            if row is not None:
                self.report(self._own(row.reports, row.reports), own=True)

    def give(self, key: str, touch: Touch, plan: Plan) -> None:
        """Gives one touch to the host, or one enrolment."""
        lead, rep = self.lead.id, self.rep
        sent = Outreach(id=key, lead_id=lead, rep=rep or lead, channel=touch.channel, at=self.at, human=False, step=touch.step)
        self.touches = attrs.evolve(self.touches, given=self.touches.given | {key}, sent=(*self.touches.sent, sent))
        if touch.enrol is not None:
            self.act(key, Enrol(touch.enrol, plan.sequence), touch.at)
            return
        does = Send(
            sequence=plan.sequence,
            step=touch.step,
            channel=touch.channel,
            intent=touch.intent,
            message=next(step.message for step in plan.given.sequence.steps if step.id == touch.step),
            rep=rep,
            transactional=touch.transactional,
            personalisation=touch.personalisation,
            latest=touch.latest,
        )
        self.act(key, does, touch.at)

    @property
    def rep(self) -> str | None:
        """Who has the lead."""
        return None if self.holding.rep is None else self.holding.rep.id

    # -------------------------------------------------------------------------------------------------------------- time

    def pass_time(self, until: datetime) -> None:
        """Everything that comes by itself up to `until`, in order; touches as of `until`, since late ones are placed anew."""
        while (soonest := self.next_instant(until)) is not None:
            self.at = max(self.at, soonest)
            self.read_clocks()
            self.ask_again()
            self.list_dates()
        self.at = max(self.at, until)
        self.give_touches()
        self.read_clocks()

    def next_instant(self, until: datetime) -> datetime | None:
        """The next instant up to `until` at which a clock, a retry or a date comes."""
        ahead = (sla.next_due(self.clocks.statuses), self.holding.retry_at, self.return_at)
        return min((when for when in ahead if when is not None and when <= until), default=None)

    def ask_again(self) -> None:
        """Somebody is to be sought again, since the rotation could place it now (RO-12)."""
        holding = self.holding
        if holding.retry_at is not None and holding.retry_at <= self.at:
            self.holding = attrs.evolve(holding, retry_at=None)
            key = f"{self.lead.id}#{holding.attempt}/seek_rep/{plain(holding.retry_at)}"
            self.act(key, SeekRep(holding.attempt, "nobody_then"), holding.retry_at)

    def look_for_dates(self) -> None:
        """Notes when the next date of the stage comes that was not listed yet; returns of engagement are told when they happen."""
        rules, stage = self.policy.recycling, self.record.stage
        self.returned_until = max(self.returned_until, self.record.since)
        asks = any(stage in row.stages and rule.test(self.view) for row, rule in rules.re_scores)
        dated = asks or stage in rules.holds or stage == rules.document.disqualified
        looks = (self.dates(self.at + ahead) for ahead in _AHEAD) if dated else ()
        self.return_at = next((found[0].at for found in looks if found), None)

    def dates(self, until: datetime) -> tuple[recycling.Due, ...]:
        """The dates after those that were listed, up to an instant."""
        after, facing = self.returned_until, View(facts.carrying(self.view.lead, None), self.view.at, self.view.counts, self.view.latest)
        facing.derived = self.view.derived
        return recycling.schedule(self.policy.recycling, self.record, after=after, until=until, view=facing)

    def list_dates(self) -> None:
        """The dates of a hold or a disqualification that have come (LC-6 to LC-8)."""
        if self.return_at is None or self.return_at > self.at:
            return
        came = self.dates(self.at)
        self.returned_until = self.at
        for one in came:
            if one.kind == "re_score":
                self.score_again()
            else:
                what: Literal["re_engage", "reopen_possible"] = "re_engage" if one.kind == "re_engage" else "reopen_possible"
                key = f"{self.lead.id}/{one.kind}/{one.rule}/{plain(one.since)}/{one.number}"
                self.act(key, ComeBack(what, one.rule, one.number), one.at)
        self.look_for_dates()

    def score_again(self) -> None:
        """A date on which the lead is scored again: who is an MQL by now comes back from a hold (LC-7, LC-8)."""
        self.moved = True
        self.assess()
        if self.over and self.assessment.mql:
            event = self.policy.case.document.reactivated
            self.report(self._own(event, event), own=True)
        self.returned = False
        self.weigh(anew=True)


_FEW = 20
"""How many of the last entries of a record are looked at for scores of the same instant."""


def _acted_on(status: Status, fired: frozenset[str]) -> Status:
    """The status, its new steps being those that were not given by now."""
    return attrs.evolve(status, new=tuple(one for one in status.new if one.key not in fired)) if status.new else status


def _first_three(came: tuple[datetime, int, str, Status, sla.Due]) -> tuple[datetime, int, str]:
    return came[:3]


def _when(outreach: Outreach) -> datetime:
    return outreach.at


def _in_time(activity: Activity) -> tuple[datetime, str]:
    return activity.at, activity.id


def _touch_key(plan: Plan, name: str) -> str:
    return f"{plan.lead_id}/{plan.sequence}/{plain(plan.arrival)}/{name}"


def _task_key(plan: Plan, days: int) -> str:
    return _touch_key(plan, f"follow-up-{days}")
