"""A guarded move, and a replay of many events, beside two packages for state machines and a table by hand.

Everybody has the shipped lead machine: all its stages, events and moves, told apart by what the event says, under the two guards
that it has, and keeps for every move from where it went to where, by which event and when. Nobody else infers the stages that were
skipped, says which guard failed on what, or leaves the record as it was.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from attrs import frozen

from benchmarks.measure import Bench, Contestant, Goal, agree, one_by_one, timed
from benchmarks.peers import module
from benchmarks.sample import AT
from inbound_engine import lifecycle
from inbound_engine.conditions import Questions
from inbound_engine.facts import Account, Lead
from inbound_engine.history import Happened, Record
from inbound_engine.lifecycle import Advanced, CompiledMachine
from inbound_engine.machines import Edge, LifecycleDocument, edges
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.vocabulary import OUTCOMES, FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary

__all__ = ["PACKAGES", "Case", "in_transitions", "prepare"]

PACKAGES = ("transitions", "python-statemachine")
"""What `pip` calls the peers."""

Step: TypeAlias = tuple[str, str, str, datetime, str]
"""From, to, event, instant and id: what everybody keeps of a move."""

_BY_HAND = "dict table, hand-written"
_HOUR = timedelta(hours=1)
_LATE = AT + 1_000 * _HOUR
_GUARDS = {"LEAD": "known", "MQL": "qualified"}
"""Which fact lets a lead into a stage."""


@frozen
class Case:
    """A lead at a stage, an event, and the facts of then: as plain ones, and as our guards see them."""

    stage: str
    event: Happened
    facts: Mapping[str, bool]
    view: View


@frozen
class Somebody:
    """Who moves leads: how a lead is made of its stored stage, how it is moved, and what it kept of that.

    `moved` gives the lead after the event, the same one where it changes in place, or None where the event was refused; `put` sets
    back one that changed.
    """

    name: str
    loaded: Callable[[str], Any]
    put: Callable[[Any, str], None] | None
    moved: Callable[[Any, Case], Any]
    kept: Callable[[Any], list[Step]]
    note: str = ""
    share: int = 1  # of the leads that are replayed, one in so many


def _machine() -> CompiledMachine:
    words = compile_vocabulary(FactsDocument(), OUTCOMES.items())
    return lifecycle.compile(LifecycleDocument.model_validate(PLAYBOOK["lifecycle"]), words, Questions()).machine("lead")


def _guard(edge: Edge) -> list[str]:
    return [_GUARDS[edge.to]] if edge.guard else []


def _said(machine: CompiledMachine, edge: Edge) -> list[str]:
    """What an event of that move may say: "L-2" stands for any text, and nothing for nothing."""
    needs = machine.requires[edge.move.event]
    narrowed = [value for need in edge.move.data for value in need.values]
    return narrowed or [value for _, values in needs for value in sorted(values) or ("L-2",)] or [""]


# ------------------------------------------------------------------------------------------------------------ contestants


def _ours(machine: CompiledMachine) -> Somebody:
    advance = lifecycle.advance

    def loaded(stage: str) -> Record:
        return lifecycle.start(machine, "L-1", at=AT, stage=stage)

    def moved(record: Record, case: Case) -> Record | None:
        made = advance(machine, record, case.event, case.view, at=_LATE).value
        return made.record if isinstance(made, Advanced) else None

    def kept(record: Record) -> list[Step]:
        steps, left = [], record.entries[0].stage
        for entry in record.entries[1:]:
            if not entry.inferred:
                steps.append((left, entry.stage, entry.event, entry.at, entry.event_id))
                left = entry.stage
        return steps

    return Somebody("advance", loaded, None, moved, kept, "new record, reasons, what would work")


@frozen
class _Kept:
    """A record by hand."""

    stage: str
    history: tuple[Step, ...] = ()


def _by_hand(machine: CompiledMachine) -> Somebody:
    table = {
        (edge.stage, edge.move.event, said): (edge.to, _guard(edge)) for edge in edges(machine.document) for said in _said(machine, edge)
    }

    def moved(kept: _Kept, case: Case) -> _Kept | None:
        event = case.event
        row = table.get((kept.stage, event.event, event.data[0][1] if event.data else ""))
        if row is None or (row[1] and not case.facts[row[1][0]]):
            return None
        return _Kept(row[0], (*kept.history, (kept.stage, row[0], event.event, event.at, event.id)))

    return Somebody(_BY_HAND, _Kept, None, moved, lambda kept: [*kept.history], "new record; says no reason")


def in_transitions(machine: CompiledMachine) -> Somebody | None:
    """The machine as `transitions` runs it; None where that is not installed."""
    found = module("transitions")
    if found is None:
        return None

    class Model:
        """A lead as `transitions` has it."""

        state: str
        trigger: Callable[..., bool]

        def __init__(self) -> None:
            self.history: list[Step] = []

        def known(self, data: Any) -> bool:  # noqa: ANN401 - its own
            return bool(data.kwargs["facts"]["known"])

        def qualified(self, data: Any) -> bool:  # noqa: ANN401 - its own
            return bool(data.kwargs["facts"]["qualified"])

        def keep(self, data: Any) -> None:  # noqa: ANN401 - its own
            event = data.kwargs["event"]
            self.history.append((data.transition.source, data.transition.dest, event.event, event.at, event.id))

    def says(values: Sequence[str]) -> Callable[[Any], bool]:
        return lambda data: data.kwargs["event"].data[0][1] in values

    rows = [
        {
            "trigger": edge.move.event,
            "source": edge.stage,
            "dest": edge.to,
            "conditions": [*(says(need.values) for need in edge.move.data), *_guard(edge)],
        }
        for edge in edges(machine.document)
    ]
    made = found.Machine(
        model=None,
        states=[*machine.stages],
        transitions=rows,
        initial=machine.document.start,
        auto_transitions=False,
        send_event=True,
        after_state_change="keep",
    )

    def loaded(stage: str) -> Model:
        model = Model()
        made.models.clear()  # it keeps every lead that it has seen, and looks through them for each new one
        made.add_model(model, initial=stage)
        return model

    def put(model: Model, stage: str) -> None:
        model.state = stage

    def moved(model: Model, case: Case) -> Model | None:
        try:
            return model if model.trigger(case.event.event, event=case.event, facts=case.facts) else None
        except found.MachineError:
            return None

    return Somebody("transitions", loaded, put, moved, lambda model: [*model.history], "changes the lead in place", 10)


def _statemachine(machine: CompiledMachine) -> Somebody | None:
    found = module("statemachine")
    if found is None:
        return None
    start = machine.document.start
    states = {name: found.State(value=name, initial=name == start, final=stage.terminal) for name, stage in machine.stages.items()}
    members: dict[str, Any] = {f"at_{name.lower()}": state for name, state in states.items()}
    for edge in edges(machine.document):
        wanted = _guard(edge)
        for need in edge.move.data:
            name = f"says_{'_or_'.join(need.values)}"
            members[name] = _says(need.values)
            wanted = [name, *wanted]
        way = states[edge.stage].to(states[edge.to], cond=wanted or None)
        members[edge.move.event] = members[edge.move.event] | way if edge.move.event in members else way

    def known(_self: object, facts: Mapping[str, bool]) -> bool:
        return facts["known"]

    def qualified(_self: object, facts: Mapping[str, bool]) -> bool:
        return facts["qualified"]

    def after_transition(self: Any, happened: Happened, source: Any, target: Any) -> None:  # noqa: ANN401 - its own
        self.steps.append((source.value, target.value, happened.event, happened.at, happened.id))

    members |= {"known": known, "qualified": qualified, "after_transition": after_transition}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = type("LeadMachine", (found.StateMachine,), members)

    def loaded(stage: str) -> Any:  # noqa: ANN401 - its own
        lead = kind(start_value=stage)
        lead.steps = []
        return lead

    def put(lead: Any, stage: str) -> None:  # noqa: ANN401 - its own
        lead.current_state_value = stage

    def moved(lead: Any, case: Case) -> Any:  # noqa: ANN401 - its own
        before = len(lead.steps)
        try:
            lead.send(case.event.event, happened=case.event, facts=case.facts)
        except found.exceptions.TransitionNotAllowed:
            return None
        return lead if len(lead.steps) > before else None

    return Somebody("python-statemachine", loaded, put, moved, lambda lead: [*lead.steps], "changes the lead in place", 100)


def _says(values: Sequence[str]) -> Callable[..., bool]:
    def says(_self: object, happened: Happened) -> bool:
        return happened.data[0][1] in values

    return says


# ----------------------------------------------------------------------------------------------------------------- cases


def _case(stage: str, event: Happened, *, known: bool = True, qualified: bool = True) -> Case:
    lead = Lead(id="L-1", email="ana@acme.example", account=Account(id="acme", name="Acme" if known else None))
    return Case(stage, event, {"known": known, "qualified": qualified}, View(lead, AT, derived={"mql": qualified}.get))


def _event(machine: CompiledMachine, edge: Edge, name: str, hours: int, random: Random) -> Happened:
    said = random.choice(_said(machine, edge))
    names = [need for need, _ in machine.requires[edge.move.event]]
    wanted = {datum.name: "L-2" for datum in edge.move.requires}
    return Happened(id=name, at=AT + hours * _HOUR, event=edge.move.event, data=dict.fromkeys(names, said) | wanted)


def _cases(machine: CompiledMachine, several: int) -> Iterator[Case]:
    """Events of the machine at any of its stages, with facts on either side of the guards: three in four are moves."""
    random, offered = Random(3), edges(machine.document)
    for number in range(several):
        edge = random.choice(offered)
        stage = edge.stage if random.random() < 0.75 else random.choice([*machine.stages])
        event = _event(machine, edge, f"e{number}", 1, random)
        yield _case(stage, event, known=random.random() < 0.75, qualified=random.random() < 0.75)


def _lives(machine: CompiledMachine, events: int) -> list[list[Case]]:
    """Leads whose ten events all apply."""
    random = Random(5)
    offered = [edge for edge in edges(machine.document) if not machine.stages[edge.to].terminal]
    lives = []
    for lead in range(events // 10):
        stage, life = machine.document.start, []
        for number in range(10):
            edge = random.choice([edge for edge in offered if edge.stage == stage])
            life.append(_case(stage, _event(machine, edge, f"{lead}-{number}", number + 1, random)))
            stage = edge.to
        lives.append(life)
    return lives


# ---------------------------------------------------------------------------------------------------------------- benches


def _goals(transitions: float, statemachine: float) -> tuple[Goal, ...]:
    return Goal("P5", "advance", transitions, ("transitions",)), Goal("P5", "advance", statemachine, ("python-statemachine",))


def _outcomes(who: Somebody, cases: Sequence[Case]) -> list[list[Step] | None]:
    after = [who.moved(who.loaded(case.stage), case) for case in cases]
    return [None if lead is None else who.kept(lead) for lead in after]


def _moving(everybody: Mapping[str, Somebody | None], case: Case) -> Bench:
    """The lead is at hand; one that changes in place is put back first, which is an assignment."""

    def contestant(who: Somebody) -> Contestant:
        moved, put, stage = who.moved, who.put, case.stage
        if put is None:
            return one_by_one(who.name, lambda lead: moved(lead, case), [who.loaded(stage)] * 200, who.note)

        def put_and_moved(lead: Any) -> None:  # noqa: ANN401 - a lead of theirs
            put(lead, stage)
            moved(lead, case)

        return one_by_one(who.name, put_and_moved, [who.loaded(stage)] * 200, who.note)

    rows = tuple(Contestant(name, None) if who is None else contestant(who) for name, who in everybody.items())
    return Bench("One guarded move (P5)", "µs", _BY_HAND, rows, _goals(1 / 8, 1 / 100))


def _loading(everybody: Mapping[str, Somebody | None], case: Case) -> Bench:
    """The lead is made of its stored stage first, as a service does that answers one request."""

    def contestant(who: Somebody) -> Contestant:
        return one_by_one(who.name, lambda stage: who.moved(who.loaded(stage), case), [case.stage] * 200, who.note)

    rows = tuple(Contestant(name, None) if who is None else contestant(who) for name, who in everybody.items())
    return Bench("One guarded move, the stage loaded first (P5)", "µs", _BY_HAND, rows, _goals(1 / 50, 1 / 300))


def _replaying(machine: CompiledMachine, everybody: Mapping[str, Somebody | None], events: int) -> Bench:
    """Leads of ten events each, from their start; who is slow folds some of them, and the figure is of one event."""
    lives = _lives(machine, events)
    start = machine.document.start
    few = lives[:100]

    def fold(who: Somebody, life: Sequence[Case]) -> Any:  # noqa: ANN401 - a lead of theirs
        lead = who.loaded(start)
        for case in life:
            lead = who.moved(lead, case)
        return lead

    by_hand, ours = _by_hand(machine), _ours(machine)
    expected = [by_hand.kept(fold(by_hand, life)) for life in few]
    rows = []
    for name, who in everybody.items():
        if who is None:
            rows.append(Contestant(name, None))
            continue
        agree(name, expected, [who.kept(fold(who, life)) for life in few], few)
        rows.append(_timed(who.name, fold, who, lives[:: who.share], who.note))
    empty = ours.loaded(start)
    records = [lifecycle.rebuild(machine, empty, [case.event for case in life]).record for life in lives]
    agree("rebuild", expected, [ours.kept(record) for record in records[: len(few)]], few)
    agree("replay", records[: len(few)], [lifecycle.replay(machine, record) for record in records[: len(few)]], few)
    told = [[case.event for case in life] for life in lives]

    def rebuilt() -> None:
        for several in told:
            lifecycle.rebuild(machine, empty, several)

    def replayed() -> None:
        for record in records:
            lifecycle.replay(machine, record)

    rows.append(Contestant("rebuild", timed(rebuilt, 10 * len(told), "µs"), "orders the events first; guards are not asked again"))
    rows.append(Contestant("replay", timed(replayed, 10 * len(told), "µs"), "from what the record keeps"))
    return Bench(f"A replay, by the event ({events:,} events)", "µs", _BY_HAND, tuple(rows), rounds=5)


def _timed(
    name: str, fold: Callable[[Somebody, Sequence[Case]], object], who: Somebody, lives: Sequence[Sequence[Case]], note: str
) -> Contestant:
    def work() -> None:
        for life in lives:
            fold(who, life)

    return Contestant(name, timed(work, sum(map(len, lives)), "µs"), note)


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    machine = _machine()
    by_hand = _by_hand(machine)
    everybody: dict[str, Somebody | None] = {
        by_hand.name: by_hand,
        "advance": _ours(machine),
        "transitions": in_transitions(machine),
        "python-statemachine": _statemachine(machine),
    }
    cases = [*_cases(machine, 300 if quick else 3_000)]
    expected = _outcomes(by_hand, cases)
    for name, who in everybody.items():
        if who is not None:
            agree(name, expected, _outcomes(who, cases), cases)
    case = _case("LEAD", Happened(id="e", at=AT + _HOUR, event="scored"))
    return _moving(everybody, case), _loading(everybody, case), _replaying(machine, everybody, 1_000 if quick else 100_000)
