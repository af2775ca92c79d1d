"""A host in a test: it keeps cases, journals, the rotation and an outbox, as a service does, and holds the house to its word."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from inbound_engine import lifecycle, rotation
from inbound_engine.actions import Action, Escalate, HandOver, SeekRep, Send
from inbound_engine.cases import Case, Progress, Row, view_of
from inbound_engine.engine import Engine
from inbound_engine.facts import Lead, Roster
from inbound_engine.reported import Report
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.verdicts import Verdict

__all__ = ["Host"]


class Host:
    """Everything that a service keeps. `crashes` makes it lose what it was told before it could keep it, and ask again."""

    def __init__(self, engine: Engine, roster: Roster) -> None:
        self.engine = engine
        self.roster = roster
        self.rotation = Rotation()
        self.cases: dict[str, Case] = {}
        self.journals: dict[str, list[Row]] = {}
        self.entries: list[Entry] = []
        self.outbox: dict[str, Action] = {}
        self.crashes = False

    def arrives(self, lead: Lead, at: datetime) -> Verdict:
        """A form was sent."""
        verdict = self.engine.decide(lead, roster=self.roster, rotation=self.rotation, at=at)
        if self.crashes:
            again = self.engine.decide(lead, roster=self.roster, rotation=self.rotation, at=at)
            assert (again.case, again.actions, again.rows) == (verdict.case, verdict.actions, verdict.rows)
        assert verdict.route is not None  # of a lead without a history somebody is always sought
        self._keeps_route(verdict.route.entry, verdict.route.rotation, repeated=verdict.route.repeated)
        self._keeps(verdict.case, verdict.actions, verdict.rows, at)
        return verdict

    def tells(self, lead_id: str, report: Report, at: datetime) -> Progress:
        """Something was reported."""
        case = self.cases[lead_id]
        progress = self.engine.step(case, report, at=at)
        if self.crashes:
            assert self.engine.step(case, report, at=at) == progress
        self._keeps(progress.case, progress.actions, progress.rows, at)
        twice = self.engine.step(progress.case, report, at=at)
        assert progress.ahead or (twice.repeated and not twice.actions and twice.case is progress.case)
        return progress

    def looks(self, at: datetime) -> list[Action]:
        """A worker looks at every case."""
        found: list[Action] = []
        for lead_id, case in list(self.cases.items()):
            progress = self.engine.due(case, at=at)
            if self.crashes:
                assert self.engine.due(case, at=at) == progress
            self._keeps(progress.case, progress.actions, progress.rows, at)
            found += progress.actions
            again = self.engine.due(self.cases[lead_id], at=at)
            assert not again.actions
            assert again.case is progress.case
            assert again.ask_again_at is None or again.ask_again_at > at, (again.ask_again_at, at)
        return found

    def seeks(self, lead_id: str, at: datetime, open_leads: dict[str, int] | None = None) -> Progress:
        """Carries out the action that says so."""
        progress = self.engine.assign(self.cases[lead_id], self.roster, self.rotation, at=at, open_leads=open_leads)
        if progress.route is not None:
            assert progress.rotation is not None
            self._keeps_route(progress.route.entry, progress.rotation, repeated=progress.route.repeated)
        assert (progress.rotation is None) == (progress.route is None)
        self._keeps(progress.case, progress.actions, progress.rows, at)
        return progress

    def _keeps_route(self, entry: Entry, after: Rotation, *, repeated: bool) -> None:
        if not repeated:
            self.entries.append(entry)
            self.rotation = after

    def _keeps(self, case: Case, actions: Iterable[Action], rows: Iterable[Row], at: datetime) -> None:
        self.cases[case.id] = case
        self.journals.setdefault(case.id, []).extend(rows)
        for action in actions:
            assert action.key not in self.outbox, action
            assert action.at <= max(at, case.at)
            self.outbox[action.key] = action
            plan = case.touches.plan
            if isinstance(action.does, Send) and plan is not None and plan.stopped is not None and action.does.sequence == plan.sequence:
                assert action.at < plan.stopped.at or action.at < plan.arrival  # no touch at or after an exit (CA-15)
            if isinstance(action.does, Escalate):
                status = next((one for one in case.clocks.statuses if action.key.startswith(f"{one.clock.id}:")), None)
                taken_back = {step.key for one in case.clocks.statuses for step in one.retracted}
                assert status is None or status.ended_at is None or action.at <= status.ended_at or action.key in taken_back

    def is_sound(self) -> None:
        """What holds whatever happened."""
        assert rotation.replay(self.entries) == self.rotation
        for lead_id, case in self.cases.items():
            assert self.engine.resume(self.journals[lead_id]) == case
            assert self.engine.assess(case.lead, at=case.assessment.at) == case.assessment
            assert self.engine.assess(case.lead, at=case.assessment.at).view.counts == case_view(case)
            machine = self.engine.compiled.lifecycle.machine(case.record.machine)
            assert lifecycle.replay(machine, case.record) == case.record
            assert (case.rep is None) == (case.waits is not None)
            if case.holding.sought is not None:
                sought = [action.does for action in self.outbox.values() if isinstance(action.does, SeekRep) and action.lead_id == lead_id]
                assert any(one.attempt == case.holding.attempt for one in sought) or case.holding.entries
            given = [action.does for action in self.outbox.values() if isinstance(action.does, HandOver) and action.lead_id == lead_id]
            assert len({one.attempt for one in given}) == len(given)  # none is assigned twice
            assert case.rep in {None, *(one.rep for one in given)}
            if not case.over and case.stage == "MQL" and case.assessment.qualification.handed_off:
                assert case.rep is not None or case.holding.sought is not None or case.holding.kept  # none is lost (RT-5)
            if case.over:
                assert (case.rep, case.holding.sought) == (None, None)


def case_view(case: Case) -> list[int] | None:
    """What later rules count of the case, by its index."""
    return view_of(case.assessment, case.index).counts


def leave(roster: Roster, rep: str, *, active: bool) -> Roster:
    """The roster with a rep who has left, or is back."""
    return attrs.evolve(roster, reps=tuple(attrs.evolve(one, active=active) if one.id == rep else one for one in roster.reps))
