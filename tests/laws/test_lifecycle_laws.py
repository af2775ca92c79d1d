"""What holds of every sound machine, and of every record that it moves."""

import json
from collections.abc import Sequence
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbound_engine import conditions
from inbound_engine.conditions import Questions
from inbound_engine.contradictions import Search, excludes, impossible
from inbound_engine.drawings import dot, mermaid
from inbound_engine.errors import FactError
from inbound_engine.facts import Lead
from inbound_engine.history import (
    Entry,
    Happened,
    Record,
    count,
    grown,
    in_order,
    merge,
    restored,
    stage_as_of,
    time_in,
    to_dict,
    trail,
    visits,
)
from inbound_engine.implications import implies
from inbound_engine.lifecycle import Advanced, CompiledMachine, Refused, advance, compile, rebuild, replay, start, ways
from inbound_engine.machines import LifecycleDocument, Machine, edges, findings, kept
from inbound_engine.signals import read
from inbound_engine.vocabulary import View
from tests.condition_strategies import CATALOGUE, Pair, known_leads, pairs
from tests.condition_strategies import WORDS as CONDITION_WORDS
from tests.machine_strategies import WORDS, happenings, machines, views
from tests.strategies import AT

LATE = AT.replace(year=AT.year + 1)
Told = list[tuple[Happened, View | None]]


def compiled(machine: Machine) -> CompiledMachine:
    return compile(LifecycleDocument(machines=(machine,)), WORDS, Questions()).machine(machine.id)


@st.composite
def lives(draw: st.DrawFn) -> tuple[CompiledMachine, Told]:
    """A machine and what is reported of one lead, in any order, with the facts of then."""
    machine = draw(machines())
    return compiled(machine), draw(st.lists(st.tuples(happenings(machine), st.none() | views()), max_size=12))


def lived(machine: CompiledMachine, told: Told) -> tuple[Record, list[Advanced], list[Refused]]:
    record = start(machine, "L-1", at=AT, policy="p0")
    advanced, refused = [], []
    for event, view in told:
        match advance(machine, record, event, view, at=LATE, policy="p1").value:
            case Advanced() as done:
                record = done.record
                advanced.append(done)
            case Refused() as no:
                assert no.record is record
                refused.append(no)
    return record, advanced, refused


@given(lives())
def test_the_record_is_what_its_entries_say(life: tuple[CompiledMachine, Told]) -> None:
    """LC-10: in order, each from where the one before it ended, and every one of an event that was applied."""
    machine, told = life
    record, advanced, _ = lived(machine, told)
    assert record == Record(record.id, record.machine, record.entries)
    assert record.entries[1:] == tuple(entry for done in advanced for entry in done.entries)
    assert {entry.stage for entry in record.entries} <= {stage.id for stage in kept(machine.document)}
    for done in advanced:
        assert [entry.inferred for entry in done.entries] == [True] * (len(done.entries) - 1) + [False]
        assert [entry.place for entry in done.entries] == [*range(len(done.entries))]
        assert len({(entry.at, entry.event_id, entry.move, entry.policy) for entry in done.entries}) == 1


@given(lives())
def test_replaying_the_past_gives_the_same_bytes(life: tuple[CompiledMachine, Told]) -> None:
    """LC-10."""
    machine, told = life
    record, _, _ = lived(machine, told)
    assert json.dumps(to_dict(replay(machine, record))) == json.dumps(to_dict(record))
    assert restored(json.loads(json.dumps(to_dict(record)))) == record


@given(lives())
def test_judging_the_past_anew_on_the_facts_of_then_gives_the_same_record(life: tuple[CompiledMachine, Told]) -> None:
    machine, told = life
    record, advanced, _ = lived(machine, told)
    facts = {done.entries[0].event_id: view or View(Lead(id="L-1"), AT) for done in advanced for _, view in told if view is done._view}
    assert replay(machine, record, view_of=lambda event: facts[event.id]) == record


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_handed_over_never_matters(life: tuple[CompiledMachine, Told], random: Random) -> None:
    """LC-11, FD-4."""
    machine, told = life
    record, advanced, _ = lived(machine, told)
    applied = [event for event, _ in told if any(done.entries[0].event_id == event.id for done in advanced)]
    once = list({event.id: event for event in reversed(applied)}.values())
    shuffled = random.sample(once, len(once))
    empty = start(machine, "L-1", at=AT, policy="p0")
    anew = rebuild(machine, empty, once)
    assert rebuild(machine, empty, shuffled) == anew
    assert {event.id for event in once} == {entry.event_id for entry in anew.record.entries[1:]} | {no.event.id for no in anew.refused}
    assert rebuild(machine, record).record == record


@given(lives())
def test_rebuilding_with_everything_is_living_in_order(life: tuple[CompiledMachine, Told]) -> None:
    """LC-11: what comes late is answered as if it had come in time, given the facts of then."""
    machine, told = life
    known = View(Lead(id="L-1"), AT)
    facts = {event.id: view or known for event, view in reversed(told)}
    once = {event.id: event for event, _ in reversed(told)}
    first = min([AT, *(event.at for event in once.values())])
    record = start(machine, "L-1", at=first)
    refused = []
    for event in in_order(once.values()):
        match advance(machine, record, event, facts[event.id], at=LATE).value:
            case Advanced(record=after):
                record = after
            case Refused(code=code):
                refused.append((event.id, code))
    anew = rebuild(machine, start(machine, "L-1", at=AT), once.values(), view_of=lambda event: facts[event.id])
    assert anew.record == record
    assert [(no.event.id, no.code) for no in anew.refused] == refused


@given(lives())
def test_a_refusal_says_why_and_what_would_work(life: tuple[CompiledMachine, Told]) -> None:
    """LC-4."""
    machine, told = life
    record, _, refused = lived(machine, told)
    for no in refused:
        assert no.because
        assert all(reason.rule.startswith(machine.path) for reason in no.because)
        assert all(way.to in {stage.id for stage in kept(machine.document)} for way in no.would)
    for way in ways(machine, record):
        if way.sure:
            data = {name: (values or ("any",))[0] for name, values in way.says}
            later = Happened(id="then", at=LATE, event=way.event, data=data)
            done = advance(machine, record, later, at=LATE).value
            assert isinstance(done, Advanced)
            assert (done.record.stage, done.entries[-1].move) == (way.to, way.move)


@given(lives())
def test_times_in_stages_add_up_to_the_age_of_the_record(life: tuple[CompiledMachine, Told]) -> None:
    """LC-10: and it stands nowhere else."""
    machine, told = life
    record, _, _ = lived(machine, told)
    stays = {stage: time_in(record, stage, at=LATE) for stage in {entry.stage for entry in record.entries}}
    assert sum((stay.total for stay in stays.values()), start=AT - AT) == LATE - AT
    assert [stage for stage, stay in stays.items() if stay.visit is not None] == [record.stage] == [stage_as_of(record, LATE)]
    assert sum(count(record, stage, "any") for stage in stays) == len([*visits(record)])


@given(lives(), lives())
def test_merging_keeps_every_entry_of_both(one: tuple[CompiledMachine, Told], other: tuple[CompiledMachine, Told]) -> None:
    """LC-9."""
    first, _, _ = lived(*one)
    second = Record("L-2", first.machine, lived(*other)[0].entries)
    both = merge(first, second)
    assert (both.entries, both.stage) == (first.entries, first.stage)
    told = trail(both)
    assert [entry for name, entry in told if name == "L-1"] == list(first.entries)
    assert [entry for name, entry in told if name == "L-2"] == list(second.entries)
    assert [entry.at for _, entry in told] == sorted(entry.at for _, entry in told)
    assert restored(json.loads(json.dumps(to_dict(both)))) == both


@given(machines())
def test_drawn_machines_are_sound_and_survive_their_plain_form(machine: Machine) -> None:
    assert Machine.model_validate_json(machine.model_dump_json()) == machine
    odd = {"event-unanswered", "value-unanswered", "stage-only-inferred", "stage-no-return"}
    assert {finding.code for finding in findings(machine, "machine")} <= odd


@given(machines())
def test_a_drawing_has_every_stage_and_every_edge(machine: Machine) -> None:
    """LC-14: and is the same text every time."""
    drawn = [edge for edge in edges(machine) if edge.stage not in machine.omit]
    text = mermaid(machine)
    assert text == mermaid(Machine.model_validate(machine.model_dump(mode="json")))
    assert text.count("\n    state ") == len(kept(machine))
    assert text.count(" : ") == len(drawn)
    assert dot(machine).count(" -> ") == len(drawn) + 1


@given(machines(), st.data())
def test_an_omitted_stage_is_never_entered(machine: Machine, data: st.DataObject) -> None:
    """LC-3: a record that stands in one may leave it, and never comes back."""
    gone = [stage.id for stage in machine.stages if stage.id in machine.omit]
    for edge in edges(machine):
        assert edge.to not in gone or edge.stage == edge.to
        assert not set(edge.skipped) & set(gone)
    if gone:
        stage = data.draw(st.sampled_from(gone))
        entry = Entry(stage=stage, left=None, at=AT, event_id="", event="", move="")
        assert ways(compiled(machine), Record("L-1", machine.id, (entry,)))


# ---------------------------------------------------------------------------------------------------------- contradictions


def answers(several: Sequence[Pair], lead: Lead, at: datetime) -> list[bool | None]:
    questions = Questions(CATALOGUE)
    rules = [conditions.compile(condition, CONDITION_WORDS, questions) for condition, _ in several]
    counted = (None, None) if lead.activities is None else read(questions.signals(), lead.activities, at)
    view = View(lead, at, *counted)
    return [rule.test(view) for rule in rules]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(pairs(), pairs(), known_leads())
def test_what_is_called_impossible_is_true_of_nobody(one: Pair, other: Pair, lead: Lead) -> None:
    first, second = answers([one, other], lead, AT)
    assert not (impossible(one[0]) and first)
    if excludes(one[0], other[0]):
        assert not (first and second)
    assert excludes(one[0], ~one[0])


@given(pairs(), pairs())
def test_proofs_and_contradictions_agree(one: Pair, other: Pair) -> None:
    """What implies another excludes its opposite wherever that can be shown; nothing does both."""
    if implies(one[0], other[0]) and not impossible(one[0]):
        assert not excludes(one[0], other[0])


@given(pairs())
def test_a_search_never_looks_further_than_it_may(one: Pair) -> None:
    assert not Search(0).impossible([one[0], ~one[0]])


def test_a_record_of_another_machine_is_refused() -> None:
    machine = compiled(Machine.model_validate(_TWO))
    record = Record("L-1", "other", start(machine, "L-1", at=AT).entries)
    with pytest.raises(FactError, match=r"record\.machine: saw 'other', expected 'drawn'"):
        advance(machine, record, Happened(id="e", at=AT, event="next"), at=AT)
    assert grown(record, ()) == record


_TWO = {
    "id": "drawn",
    "start": "A",
    "path": ["A", "B"],
    "stages": [{"id": "A"}, {"id": "B", "terminal": True}],
    "events": [{"id": "next"}],
    "moves": [{"id": "go", "stages": ["A"], "event": "next", "to": "B"}],
}
