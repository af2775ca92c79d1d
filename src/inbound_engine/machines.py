"""Which stages are there, and how does a lead move between them?

A machine is data: stages with their entry criteria, the events that may be reported of a lead, and moves, each of which says from
which stages, on which event, to which stage (LC-1 to LC-3). The guard of a move is its own condition and the entry criteria of
the stage that it enters; a move that names no stage to go to stays where it is and notes that something happened there. The path
is the forward order of the stages: whoever enters a stage further along it has passed those between (they are inferred), and a
move that goes back on it must say so (LC-11). A move back asks no entry criteria: a rejection stands, whatever is known of the lead.

Stages that a company does not use are left out by name (`omit`, LC-3): moves into them fall away, and whoever could reach them
takes over the moves out of them, unless it has a move of its own for that event, or would go back by a move that does not say so.
A record that stands in such a stage may still leave it.

A machine that makes no sense is refused with all its problems at once: names that do not exist, a stage that nothing reaches, one
that is never left, a move out of a terminal one, moves that cannot be told apart, a guard that no lead can meet, an event that no
move answers, a step back that does not say so. What is legal and probably not meant, `findings` tells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import combinations
from typing import Annotated, Literal, TypeAlias

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine import tables
from inbound_engine.conditions import Always, AnyCondition, Condition, facts_named
from inbound_engine.contradictions import Search
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import Problem, nearest, one_of, shown
from inbound_engine.implications import Proofs
from inbound_engine.tables import Finding
from inbound_engine.vocabulary import FactName

__all__ = [
    "Datum",
    "Edge",
    "EventKind",
    "LifecycleDocument",
    "Machine",
    "Move",
    "Owner",
    "Stage",
    "edges",
    "findings",
    "kept",
    "lint",
    "path_of",
    "skipped",
]

Owner: TypeAlias = Literal["marketing", "sales", "customer_success"]
"""Who answers for the records of a stage."""

_MOST_STAGES = 200
_MOST_ROWS = 400
_MOST_MOVES = 40  # of one stage on one event


# ------------------------------------------------------------------------------------------------------------ documents


class Datum(Document):
    """Something that an event says, by name; no values means any text."""

    name: Id
    values: Rows[Annotated[str, Field(min_length=1)]] = ()


class Stage(Document):
    """A stage: who owns the record, what lets a lead in, and what becomes of one that no longer meets it (LC-4).

    `when` is the guard of every move into the stage that does not go back. `crm` marks the stage at which a marketing lead becomes a
    CRM lead, and `fields` names the facts that go over there. `drift` says what the policy does once the criteria no longer hold of a
    lead that stands here: `report` it, or `move` it by the event `drift_event`, which must leave the stage and have nothing to say.
    """

    id: Id
    label: Label = ""
    owner: Owner = "marketing"
    terminal: bool = False
    when: Condition | None = None
    crm: bool = False
    fields: Rows[FactName] = ()
    drift: Literal["report", "move"] = "report"
    drift_event: Id | None = None
    source: Label = ""


class EventKind(Document):
    """An event that may be reported, and what it must say: a rejection its category (LC-2, LC-5)."""

    id: Id
    label: Label = ""
    requires: Rows[Datum] = ()
    source: Label = ""


class Move(Document):
    """From any of these stages, on this event, to that stage; without `to` it stays, and notes the event.

    `data` narrows the move to events that say one of the values, and `requires` is what an event that takes it must say besides: a
    duplicate, of whom (LC-9). `when` is its own part of the guard. `stamps` names what the move dates. `backward` must be said of a
    move to a stage that stands earlier on the path (LC-11), and may be of one from beside it; it asks no entry criteria.
    """

    id: Id
    stages: Rows[Id] = Field(min_length=1)
    event: Id
    data: Rows[Datum] = ()
    requires: Rows[Datum] = ()
    to: Id | None = None
    when: Condition | None = None
    stamps: Rows[Id] = ()
    backward: bool = False
    source: Label = ""


class Machine(Document):
    """A machine: where a record starts, the path it goes forward, stages, events and moves.

    `about` says what it is a machine of (a lead, its journey, an opportunity, a customer); among several about the same thing the
    first whose `when` holds is chosen. Where `opens_on` names events, a record at the start waits for one of them (LC-13).
    """

    id: Id
    label: Label = ""
    about: Id = "lead"
    when: Condition | None = None
    start: Id
    path: Rows[Id] = ()
    stages: UniqueRows[Stage] = Field(min_length=1, max_length=_MOST_STAGES)
    events: UniqueRows[EventKind] = Field(default=(), max_length=_MOST_ROWS)
    moves: UniqueRows[Move] = Field(default=(), max_length=_MOST_ROWS)
    omit: Rows[Id] = ()
    opens_on: Rows[Id] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Machine":
        unknown = [*_unknown_names(self)]
        refuse([*unknown, *_unsound(self, sure=not unknown)])
        return self


class LifecycleDocument(Document):
    """The machines of a policy."""

    machines: UniqueRows[Machine] = ()


# ---------------------------------------------------------------------------------------------------------------- edges


@frozen
class Edge:
    """A move as it leaves one stage: to which, past which inferred ones, under which guard.

    `guard` holds the parts of the guard with their paths in the machine; none means that nothing is asked.
    """

    move: Move
    stage: str
    to: str
    skipped: tuple[str, ...]
    guard: tuple[tuple[str, AnyCondition], ...]

    @property
    def stays(self) -> bool:
        """Whether the move only notes what happened."""
        return self.stage == self.to


def kept(machine: Machine) -> tuple[Stage, ...]:
    """The stages that the machine uses: those that are not left out (LC-3).

    >>> [stage.id for stage in kept(Machine.model_validate(_EXAMPLE | {"omit": ["SAL"]}))]
    ['MQL', 'SQL']
    """
    return tuple(stage for stage in machine.stages if stage.id not in machine.omit)


def path_of(machine: Machine) -> tuple[str, ...]:
    """The forward order of the stages that the machine uses.

    >>> path_of(Machine.model_validate(_EXAMPLE))
    ('MQL', 'SAL', 'SQL')
    """
    return tuple(stage for stage in machine.path if stage not in machine.omit)


def skipped(path: Sequence[str], stage: str, to: str) -> tuple[str, ...]:
    """The stages between two on the path, going forward; none where one of them is not on it, or it goes back.

    >>> skipped(("MQL", "SAL", "SQL"), "MQL", "SQL")
    ('SAL',)
    """
    return tuple(path[path.index(stage) + 1 : path.index(to)]) if stage in path and to in path else ()


def _guards(move: Move, stage: str, path: Sequence[str], criteria: Mapping[str, AnyCondition]) -> tuple[tuple[str, AnyCondition], ...]:
    """What a move asks when it leaves that stage: its own condition, then the entry criteria where it does not stay or go back."""
    parts = [] if move.when is None else [(f"moves[{move.id}].when", move.when)]
    back = move.backward and not _goes(path, stage, move.to)
    if move.to is not None and move.to != stage and move.to in criteria and not back:
        parts.append((f"stages[{move.to}].when", criteria[move.to]))
    return tuple(parts)


def _goes(path: Sequence[str], stage: str, to: str | None) -> bool:
    """Whether both stand on the path, and the second stands later."""
    return stage in path and to in path and path.index(stage) < path.index(to)


def edges(machine: Machine) -> tuple[Edge, ...]:
    """Every move from every stage that it leaves, as the machine uses them: by stage, then in the order of the moves.

    Of stages that are left out, only the moves out of them are there, for records that still stand in one.

    >>> [(edge.stage, edge.move.event, edge.to, edge.skipped) for edge in edges(Machine.model_validate(_EXAMPLE))]
    [('MQL', 'accepted', 'SAL', ()), ('MQL', 'discovery_scheduled', 'SQL', ('SAL',)), ('SAL', 'discovery_scheduled', 'SQL', ())]
    """
    leaves: dict[str, dict[str, Move]] = {stage.id: {} for stage in machine.stages}
    for move in machine.moves:
        for stage in leaves.keys() & {*move.stages}:
            leaves[stage][move.id] = move
    for gone in (stage.id for stage in machine.stages if stage.id in machine.omit):
        for stage, moves in leaves.items():
            into = [move.id for move in moves.values() if move.to == gone and stage != gone]
            for name in into:
                del moves[name]
            own = {move.event for move in moves.values()}
            moves |= {name: move for name, move in leaves[gone].items() if into and _inherits(machine, stage, move, gone, own)}
    place, path = {move.id: number for number, move in enumerate(machine.moves)}, path_of(machine)
    criteria = {stage.id: stage.when for stage in machine.stages if stage.when is not None}
    return tuple(
        Edge(move, stage, move.to or stage, skipped(path, stage, move.to or stage), _guards(move, stage, machine.path, criteria))
        for stage, moves in leaves.items()
        for move in sorted(moves.values(), key=lambda move: place[move.id])
    )


def _inherits(machine: Machine, stage: str, move: Move, gone: str, own: Set[str]) -> bool:
    """Whether a stage takes over a move out of one that is left out: never a step back that does not say so (LC-11)."""
    back = move.to is not None and _goes(machine.path, move.to, stage)
    return move.to != gone and move.event not in own and (move.backward or not back)


_EXAMPLE: Mapping[str, object] = {
    "id": "lead",
    "start": "MQL",
    "path": ["MQL", "SAL", "SQL"],
    "stages": [{"id": "MQL"}, {"id": "SAL", "owner": "sales"}, {"id": "SQL", "owner": "sales", "terminal": True}],
    "events": [{"id": "accepted"}, {"id": "discovery_scheduled"}],
    "moves": [
        {"id": "accept", "stages": ["MQL"], "event": "accepted", "to": "SAL"},
        {"id": "discover", "stages": ["MQL", "SAL"], "event": "discovery_scheduled", "to": "SQL"},
    ],
}


# ------------------------------------------------------------------------------------------------------------ soundness


def _named(path: str, name: str, known: Iterable[str], add: str) -> Iterator[Problem]:
    names = [*known]
    if name not in names:
        close = nearest(name, names)
        yield Problem(path, shown(name), one_of(names), f'Did you mean "{close}"?' if close else add)


def _each_once(path: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield Problem(f"{path}[{number}]", f"{shown(name)} twice", "names that differ", "Remove one of them.")
        seen.add(name)


def _unknown_names(machine: Machine) -> Iterator[Problem]:
    """Names that the machine does not have, or has twice; while there are some, nobody knows what can be reached."""
    stages, events = [stage.id for stage in machine.stages], {kind.id: kind for kind in machine.events}
    add = "Add it to stages."
    yield from _named("start", machine.start, stages, add)
    for group, names in (("path", machine.path), ("omit", machine.omit)):
        yield from _each_once(group, names)
        for number, name in enumerate(names):
            yield from _named(f"{group}[{number}]", name, stages, add)
    yield from _each_once("opens_on", machine.opens_on)
    for number, name in enumerate(machine.opens_on):
        yield from _named(f"opens_on[{number}]", name, events, "Add it to events.")
    if machine.start in machine.omit:
        yield Problem("omit", shown(machine.start), "stages other than the start", "Start elsewhere, or keep it.")
    for stage in machine.stages:
        here = f"stages[{stage.id}]"
        yield from _each_once(f"{here}.fields", stage.fields)
        if stage.drift_event is not None:
            yield from _named(f"{here}.drift_event", stage.drift_event, events, "Add it to events.")
        elif stage.drift == "move":
            yield Problem(f"{here}.drift_event", "nothing", "the event that moves it", 'Name one, or set drift = "report".')
    for kind in machine.events:
        yield from _each_once(f"events[{kind.id}].requires", (datum.name for datum in kind.requires))
        for datum in kind.requires:
            yield from _each_once(f"events[{kind.id}].requires[{datum.name}].values", datum.values)
    for move in machine.moves:
        here = f"moves[{move.id}]"
        yield from _each_once(f"{here}.stages", move.stages)
        for number, name in enumerate(move.stages):
            yield from _named(f"{here}.stages[{number}]", name, stages, add)
        if move.to is not None:
            yield from _named(f"{here}.to", move.to, stages, add)
        yield from _named(f"{here}.event", move.event, events, "Add it to events.")
        yield from _each_once(f"{here}.data", (datum.name for datum in move.data))
        yield from _each_once(f"{here}.requires", (datum.name for datum in move.requires))
        for datum in move.requires:
            yield from _each_once(f"{here}.requires[{datum.name}].values", datum.values)
        if move.event in events:
            yield from _unknown_data(f"{here}.data", move, events[move.event])
            said = {datum.name for datum in events[move.event].requires}
            for datum in move.requires:
                if datum.name in said:
                    saw = f"what events[{move.event}] requires already"
                    yield Problem(f"{here}.requires[{datum.name}]", saw, "something else", "Use data to narrow the move.")


def _unknown_data(path: str, move: Move, kind: EventKind) -> Iterator[Problem]:
    """Names and values that the event never says."""
    required = {datum.name: datum.values for datum in kind.requires}
    for datum in move.data:
        here = f"{path}[{datum.name}]"
        yield from _named(f"{here}.name", datum.name, required, f"Add it to events[{kind.id}].requires.")
        if not datum.values:
            yield Problem(f"{here}.values", "none", "the values that the move is for", "Name them, or remove the row.")
        yield from _each_once(f"{here}.values", datum.values)
        for number, value in enumerate(datum.values):
            if required.get(datum.name):
                yield from _named(f"{here}.values[{number}]", value, required[datum.name], f"Add it to events[{kind.id}].requires.")


def _unsound(machine: Machine, *, sure: bool) -> Iterator[Problem]:
    """What makes a machine unsound; what depends on every name only where they are `sure`."""
    used = {stage.id: stage for stage in kept(machine)}
    live, search = _live(machine, used), Search(_MOST_STEPS)
    yield from _never(machine, live, search)
    yield from _backward(machine)
    if sure:
        yield from _reach(machine, used, live)
        leaving: dict[str, list[Edge]] = {name: [] for name in used}
        for edge in live:
            leaving[edge.stage].append(edge)
        says = {kind.id: [datum.name for datum in kind.requires] for kind in machine.events}
        for name, stage in used.items():
            yield from _ways_out(stage, leaving[name], says)
        here = {edge.move.event for edge in leaving[machine.start]}
        for number, event in enumerate(machine.opens_on):
            if event not in here:
                yield Problem(f"opens_on[{number}]", shown(event), one_of(here), f"No move from {machine.start} answers it.")
        answered = {move.event for move in machine.moves}
        for kind in machine.events:
            if kind.id not in answered:
                yield Problem(f"events[{kind.id}]", "no move", "a move that answers the event", "Add one, or remove the event.")
    yield from _clashes(live, search)


def _live(machine: Machine, used: Mapping[str, Stage]) -> list[Edge]:
    """The edges from stages that are used."""
    return [edge for edge in edges(machine) if edge.stage in used]


_MOST_STEPS = 200_000  # for machines that people write, far more than it takes


def _never(machine: Machine, live: Sequence[Edge], search: Search) -> Iterator[Problem]:
    """Guards that no lead can meet: a condition by itself, or that of a move with the criteria of the stage that it enters."""
    alone = [(f"stages[{stage.id}].when", stage.when) for stage in machine.stages]
    alone += [(f"moves[{move.id}].when", move.when) for move in machine.moves]
    told = set()
    for path, condition in alone:
        if condition is not None and search.impossible([condition]):
            told.add(path)
            yield Problem(path, "a condition that never holds", "one that some lead can meet", "Its parts contradict each other.")
    for edge in live:
        paths = [path for path, _ in edge.guard]
        if len(paths) > 1 and told.isdisjoint(paths) and search.impossible([condition for _, condition in edge.guard]):
            told.update(paths[:1])
            expected = f"one that some lead can meet who meets {paths[1]}"
            yield Problem(paths[0], "a condition that never holds together with the entry criteria", expected, "Change one of them.")


def _backward(machine: Machine) -> Iterator[Problem]:
    place = {name: number for number, name in enumerate(machine.path)}
    for move in machine.moves:
        further = [stage for stage in move.stages if place.get(stage, -1) > place.get(move.to or stage, len(place))]
        if further and not move.backward:
            saw = f"a move from {further[0]} back to {move.to}"
            yield Problem(f"moves[{move.id}].backward", saw, "backward = true", "Say it, or go to a later stage.")


def _reach(machine: Machine, used: Mapping[str, Stage], live: Sequence[Edge]) -> Iterator[Problem]:
    reached, waiting = {machine.start}, [machine.start]
    into: dict[str, list[Edge]] = {}
    for edge in live:
        into.setdefault(edge.stage, []).append(edge)
    while waiting:
        for edge in into.get(waiting.pop(), ()):
            for stage in (*edge.skipped, edge.to):
                if stage not in reached:
                    reached.add(stage)
                    waiting.append(stage)
    for name in used:
        if name not in reached:
            saw = f"no way from {machine.start}"
            yield Problem(f"stages[{name}]", saw, "a stage that a record can reach", "Add a move to it, or remove it.")


def _ways_out(stage: Stage, leaving: Sequence[Edge], says: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    path = f"stages[{stage.id}]"
    if stage.terminal:
        for edge in leaving:
            expected = "a terminal stage, which no move leaves"
            yield Problem(f"{path}.terminal", f"the move {edge.move.id} from it", expected, "Set terminal = false, or remove the move.")
    elif all(edge.stays for edge in leaving):
        yield Problem(path, "no way out", "a move to another stage", "Add one, or set terminal = true.")
    if stage.drift_event is not None:
        if stage.when is None:
            yield Problem(f"{path}.when", "nothing", "the entry criteria that a lead may drift from", "Add them, or remove drift_event.")
        drifting = [edge for edge in leaving if edge.move.event == stage.drift_event]
        if not drifting or any(edge.stays for edge in drifting):
            others = one_of({edge.move.event for edge in leaving if not edge.stays})
            hint = "Its move stays where it is." if drifting else "No move answers it."
            yield Problem(f"{path}.drift_event", shown(stage.drift_event), others, hint)
        wanted = [*says[stage.drift_event], *(datum.name for edge in drifting for datum in edge.move.requires)]
        if wanted:
            saw = f"{shown(stage.drift_event)}, which must say {', '.join(wanted)}"
            yield Problem(f"{path}.drift_event", saw, "an event that has nothing to say", "Nobody is there to say it.")


def _clashes(live: Sequence[Edge], search: Search) -> Iterator[Problem]:
    """Moves that one event of one stage cannot tell apart: one of two says nothing that the other does not."""
    proofs, seen = Proofs(_MOST_STEPS), set[_Pair]()
    for (stage, event), several in _answering(live).items():
        if len(several) > _MOST_MOVES:
            saw = f"{len(several)} moves from {stage} on {event}"
            yield Problem(f"moves[{several[_MOST_MOVES].move.id}]", saw, f"at most {_MOST_MOVES}", "Merge some of them.")
            continue
        for one, other in _new_pairs(several, seen):
            if _alike(one, other, search, proofs):
                saw = f"an event that moves[{one.move.id}] answers too: {event} from {stage}"
                yield Problem(f"moves[{other.move.id}]", saw, "data or a condition that excludes it", "Make the two exclude each other.")


_Pair: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]


def _new_pairs(several: Sequence[Edge], seen: set[_Pair]) -> Iterator[tuple[Edge, Edge]]:
    """The pairs of moves that no earlier stage has in common, asking the same of the lead there."""
    for one, other in combinations(several, 2):
        pair = (_asking(one), _asking(other))
        if pair not in seen:
            seen.add(pair)
            yield one, other


def _asking(edge: Edge) -> tuple[str, ...]:
    """The move, and where its guard is written: from the stage that it enters it stays, and asks less."""
    return (edge.move.id, *(path for path, _ in edge.guard))


def _answering(live: Iterable[Edge]) -> dict[tuple[str, str], list[Edge]]:
    answering: dict[tuple[str, str], list[Edge]] = {}
    for edge in live:
        answering.setdefault((edge.stage, edge.move.event), []).append(edge)
    return answering


def _apart(one: Edge, other: Edge, search: Search) -> bool:
    """Whether no event and no lead are meant by both moves."""
    values = {datum.name: frozenset(datum.values) for datum in one.move.data}
    if any(datum.name in values and values[datum.name].isdisjoint(datum.values) for datum in other.move.data):
        return True
    return search.impossible([condition for _, condition in (*one.guard, *other.guard)])


def _alike(one: Edge, other: Edge, search: Search, proofs: Proofs) -> bool:
    """Whether the guard of one is met wherever that of the other is, and nothing tells them apart."""
    if _apart(one, other, search):
        return False
    first, second = (_whole(edge) for edge in (one, other))
    return first == second or proofs.shows(first, second) or proofs.shows(second, first)


def _whole(edge: Edge) -> AnyCondition:
    whole: AnyCondition | None = None
    for _, condition in edge.guard:
        whole = condition if whole is None else whole & condition
    return Always(op="always") if whole is None else whole


# ------------------------------------------------------------------------------------------------------------- findings


def findings(machine: Machine, path: str) -> tuple[Finding, ...]:
    """What is odd about a machine that is sound; `path` is where it stands in the policy.

    >>> from inbound_engine.conditions import fact
    >>> gap = Machine.model_validate(_EXAMPLE | {"moves": [
    ...     {"id": "discover", "stages": ["MQL"], "event": "discovery_scheduled", "to": "SQL"},
    ...     {"id": "accept", "stages": ["SAL"], "event": "accepted", "to": "SQL"}]})
    >>> [finding.code for finding in findings(gap, "lifecycle.machines[lead]")]
    ['stage-only-inferred', 'crm-missing']
    """
    used = {stage.id: stage for stage in kept(machine)}
    live = _live(machine, used)
    return (*_odd_moves(machine, live, path), *_odd_stages(machine, used, live, path), *_odd_hand_over(used, path))


def _odd_moves(machine: Machine, live: Sequence[Edge], path: str) -> Iterator[Finding]:
    search, seen = Search(_MOST_STEPS), set[_Pair]()
    closed = {kind.id: {datum.name: datum.values for datum in kind.requires} for kind in machine.events}
    answering = _answering(live)
    answered = {event for _, event in answering}
    for kind in machine.events:
        if kind.id not in answered:
            message = "no move of a stage that is used answers it"
            yield Finding("event-unanswered", f"{path}.events[{kind.id}]", message, "Add a move, or report it no more.")
    for move in machine.moves:
        onward = all(move.to in {None, stage} or _goes(machine.path, stage, move.to) for stage in move.stages)
        if move.backward and onward:
            message = "it says that it goes back, and goes forward or stays from each of its stages"
            yield Finding("backward-forward", f"{path}.moves[{move.id}].backward", message, "Set backward = false.")
    for (stage, event), several in answering.items():
        for one, other in _new_pairs(several, seen):
            if not _apart(one, other, search):
                message = f"a lead in {stage} may meet the guard of moves[{one.move.id}] too, and {event} then takes that one"
                yield Finding("moves-overlap", f"{path}.moves[{other.move.id}]", message, "Make the two exclude each other.")
        for name, values in closed[event].items():
            for value in values:
                if not any(_is_for(edge, name, value) for edge in several):
                    message = f"no move from {stage} answers {event} with {name} {value}"
                    yield Finding("value-unanswered", f"{path}.events[{event}].requires[{name}]", message, "Add a move for it.")


def _is_for(edge: Edge, name: str, value: str) -> bool:
    return all(datum.name != name or value in datum.values for datum in edge.move.data)


def _odd_stages(machine: Machine, used: Mapping[str, Stage], live: Sequence[Edge], path: str) -> Iterator[Finding]:
    line = path_of(machine)
    entered = {edge.to for edge in live if not edge.stays}
    for name in line:
        if name not in entered and name != machine.start:
            message = "every move passes it, so that it is only ever inferred"
            yield Finding("stage-only-inferred", f"{path}.stages[{name}]", message, "Add a move to it, or take it off the path.")
    back = set(line)
    while more := {edge.stage for edge in live if edge.to in back and edge.stage not in back}:
        back |= more
    for name, stage in used.items():
        if line and name not in back and not stage.terminal:
            message = "no record comes back to the path from it, though it is not terminal"
            yield Finding("stage-no-return", f"{path}.stages[{name}]", message, "Add a move back, or set terminal = true.")


def _odd_hand_over(used: Mapping[str, Stage], path: str) -> Iterator[Finding]:
    """LC-4: the stage at which a marketing lead becomes a CRM lead is said once."""
    marked = [name for name, stage in used.items() if stage.crm]
    owners = {stage.owner for stage in used.values()}
    if {"marketing", "sales"} <= owners and not marked:
        message = "marketing and sales own stages, and none says at which a lead becomes a CRM lead"
        yield Finding("crm-missing", f"{path}.stages", message, "Set crm = true on one of them.")
    for name in marked[1:]:
        message = f"a lead becomes a CRM lead at stages[{marked[0]}] already"
        yield Finding("crm-twice", f"{path}.stages[{name}].crm", message, "Keep one.")


def lint(document: LifecycleDocument, path: str = "lifecycle") -> tuple[Finding, ...]:
    """What is odd about the machines of a policy: each by itself, then beside those about the same thing.

    >>> lint(LifecycleDocument(machines=(Machine.model_validate(_EXAMPLE),)))[0].path
    'lifecycle.machines[lead].stages'
    """
    found = [finding for machine in document.machines for finding in findings(machine, f"{path}.machines[{machine.id}]")]
    for about in dict.fromkeys(machine.about for machine in document.machines):
        several = [machine for machine in document.machines if machine.about == about]
        always = Always(op="always")
        rows: list[tuple[str, AnyCondition]] = [(row.id, always if row.when is None else row.when) for row in several]
        found += tables.findings(rows, f"{path}.machines")
        for machine in several if len(several) > 1 else ():
            if machine.when is not None and not facts_named(machine.when).isdisjoint(_PLACES):
                message = f"one of {len(several)} definitions of the stages of a {about}, chosen by where it is"
                hint = "Use one definition for all regions."
                found.append(Finding("machine-regions", f"{path}.machines[{machine.id}].when", message, hint))
    return tuple(found)


_PLACES = frozenset({"country", "region"})
