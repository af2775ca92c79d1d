"""A lead’s life in any sound machine: whatever is reported of it, its record stays a history."""

import json
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inbound_engine.conditions import Questions
from inbound_engine.history import Happened, Record, count, happenings, merge, restored, stage_as_of, to_dict, trail
from inbound_engine.lifecycle import Advanced, CompiledMachine, Refused, advance, compile, drift, rebuild, replay, start, ways
from inbound_engine.machines import LifecycleDocument, Machine, kept, path_of
from inbound_engine.vocabulary import View
from tests.machine_strategies import WORDS, machines, views
from tests.machine_strategies import happenings as reports
from tests.strategies import AT

LATE = AT + timedelta(days=365)


class ALeadsLife(RuleBasedStateMachine):
    """One lead in a machine that is drawn first; the model is a few counters kept beside."""

    machine: CompiledMachine
    record: Record

    @initialize(machine=machines())
    def begins(self, machine: Machine) -> None:
        self.machine = compile(LifecycleDocument(machines=(machine,)), WORDS, Questions()).machine(machine.id)
        self.record = start(self.machine, "L-1", at=AT)
        self.clock: datetime = AT
        self.observed: Counter[str] = Counter([machine.start])
        self.inferred: Counter[str] = Counter()
        self.facts: dict[str, View | None] = {}
        self.applied: list[Happened] = []
        self.ended: str | None = None

    @rule(data=st.data(), view=st.none() | views())
    def something_is_reported(self, data: st.DataObject, view: View | None) -> None:
        self.report(data.draw(reports(self.machine.document)), view)

    @rule(data=st.data(), view=views(), hours=st.integers(1, 48))
    def an_event_comes_in_time(self, data: st.DataObject, view: View, hours: int) -> None:
        """One of those that would work from here, saying what it must."""
        self.clock += timedelta(hours=hours)
        offered = ways(self.machine, self.record, view)
        if offered:
            way = data.draw(st.sampled_from(offered))
            said = {name: data.draw(st.sampled_from(values or ("text",))) for name, values in way.says}
            name = f"in-time-{len(self.facts)}"
            self.report(Happened(id=name, at=self.clock, event=way.event, data=said), view)
            assert not way.sure or self.record.entries[-1].event_id == name

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def an_event_is_reported_twice(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.applied))
        refused = advance(self.machine, self.record, again, self.facts[again.id], at=LATE).value
        assert isinstance(refused, Refused)
        assert (refused.code, refused.record) == ("duplicate_event", self.record)

    @rule(view=views())
    def somebody_asks_whether_it_drifted(self, view: View) -> None:
        """Nothing is moved by asking."""
        before = self.record
        found = drift(self.machine, self.record, view)
        assert found.value.would_demote is (found.value.holds is False)
        assert self.record is before

    @rule()
    def it_is_stored_and_read_again(self) -> None:
        self.record = restored(json.loads(json.dumps(to_dict(self.record))))

    @rule()
    def a_duplicate_is_merged_into_it(self) -> None:
        twin = Record(f"L-{len(self.record.merged) + 2}", self.record.machine, self.record.entries)
        before = self.record
        self.record = merge(self.record, twin)
        assert len(trail(self.record)) == len(trail(before)) + len(twin.entries)

    def report(self, event: Happened, view: View | None) -> None:
        before = self.record
        match advance(self.machine, before, event, view, at=LATE).value:
            case Advanced(record=record, entries=entries):
                assert record.entries == before.entries + entries
                assert record.merged == before.merged
                self.record = record
                self.applied.append(event)
                self.facts[event.id] = view
                self.clock = max(self.clock, event.at)
                for entry in entries:
                    if entry.left != entry.stage:
                        (self.inferred if entry.inferred else self.observed)[entry.stage] += 1
            case Refused(record=record):
                assert record is before

    @invariant()
    def it_stands_in_a_known_stage(self) -> None:
        used = {stage.id for stage in kept(self.machine.document)}
        assert {entry.stage for entry in self.record.entries} <= used

    @invariant()
    def its_history_goes_forward_in_time(self) -> None:
        instants = [entry.at for entry in self.record.entries]
        assert instants == sorted(instants)
        assert stage_as_of(self.record, LATE) == self.record.stage

    @invariant()
    def an_end_is_never_left(self) -> None:
        ends = [number for number, entry in enumerate(self.record.entries) if self.machine.stages[entry.stage].terminal]
        assert ends in ([], [len(self.record.entries) - 1])

    @invariant()
    def what_is_inferred_is_never_counted_as_observed(self) -> None:
        for stage in self.machine.stages:
            assert count(self.record, stage) == self.observed[stage]
            assert count(self.record, stage, "inferred") == self.inferred[stage]
        line = path_of(self.machine.document)
        assert all(entry.stage in line for entry in self.record.entries if entry.inferred)

    @invariant()
    def retelling_the_past_leads_to_the_same_record(self) -> None:
        told = json.dumps(to_dict(self.record))
        assert json.dumps(to_dict(replay(self.machine, self.record))) == told
        assert [event.id for event in happenings(self.record)] == [event.id for event in self.applied]
        assert rebuild(self.machine, self.record, reversed(happenings(self.record))).refused == ()


ALeadsLife.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestALeadsLife = ALeadsLife.TestCase
