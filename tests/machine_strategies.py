"""Sound machines drawn at random, and what may be reported of a lead in one of them.

A path of some stages and others beside it, some of them ends; every stage is reached and every other one is left; more moves on
top, guarded, for some of what an event says, or staying where they are; now and then a stage of the path is left out.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from inbound_engine.facts import Account, Lead
from inbound_engine.history import Happened
from inbound_engine.machines import Machine
from inbound_engine.vocabulary import FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary
from tests.strategies import AT

__all__ = ["WORDS", "happenings", "machines", "views"]

WORDS = compile_vocabulary(FactsDocument())

_BIG = {"op": "at_least", "fact": "employees", "value": 50}
_SMALL = {"op": "less_than", "fact": "employees", "value": 50}
_NEAR = {"op": "is_in", "fact": "country", "values": ["DE", "AT"]}
_VALUES = ["x", "y"]

# By event, the ways in which its moves from one stage are told apart: not at all (one wants more than its event), by a guard, by what
# the event says.
_MORE: dict[str, list[dict[str, Any]]] = {
    "plain": [{}],
    "wanting": [{"requires": [{"name": "more"}]}],
    "guarded": [{"when": _BIG}, {"when": _SMALL}],
    "saying": [{"data": [{"name": "why", "values": [value]}]} for value in _VALUES],
    "both": [{"data": [{"name": "why", "values": ["x"]}]}, {"data": [{"name": "why", "values": ["y"]}], "when": _BIG}],
}
_SAYS = {"saying": [{"name": "why", "values": _VALUES}], "both": [{"name": "why", "values": [*_VALUES, "z"]}], "told": [{"name": "why"}]}


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    """A machine that is sound, of two to seven stages."""
    names = [f"S{number}" for number in range(draw(st.integers(2, 7)))]
    path = names[: draw(st.integers(2, len(names)))]
    ends = {name for name in names[len(path) - 1 :] if draw(st.booleans())}
    open_ones = [name for name in names if name not in ends]
    moves: list[dict[str, Any]] = []

    def add(event: str, stages: list[str], to: str | None, **more: object) -> None:
        back = to in path and any(stage in path[path.index(to) + 1 :] for stage in stages)
        moves.append({"id": f"m{len(moves)}", "event": event, "stages": stages, "to": to, "backward": back, **more})

    for stage, after in pairwise(path):
        add("next", [stage], after)
    for name in names[len(path) :]:
        add(f"to_{name}", draw(st.lists(st.sampled_from(path[:-1]), min_size=1, unique=True)), name)
    for name in open_ones:
        if name not in path[:-1]:
            add("back", [name], path[0])
    for event, variants in _MORE.items():
        for variant in variants:
            if draw(st.booleans()):
                stages = draw(st.lists(st.sampled_from(open_ones), min_size=1, unique=True))
                add(event, stages, draw(st.none() | st.sampled_from(names)), stamps=[event], **variant)
    if draw(st.booleans()):
        add("told", [draw(st.sampled_from(open_ones))], draw(st.sampled_from(names)))
    near = draw(st.sets(st.sampled_from(names)))
    return Machine.model_validate(
        {
            "id": "drawn",
            "start": path[0],
            "path": path,
            "stages": [{"id": name, "terminal": name in ends, "when": _NEAR if name in near else None} for name in names],
            "events": [{"id": event, "requires": _SAYS.get(event, [])} for event in dict.fromkeys(move["event"] for move in moves)],
            "moves": moves,
            "opens_on": draw(st.sampled_from(([], [], ["next"]))),
            "omit": draw(st.lists(st.sampled_from(path[1:-1]), max_size=2, unique=True)) if path[1:-1] else [],
        }
    )


def views() -> st.SearchStrategy[View]:
    """The facts that the guards of these machines ask for, known or not."""

    def view(employees: int | None, country: str | None) -> View:
        return View(Lead(id="L-1", country=country, account=Account(id="A", employees=employees)), AT)

    return st.builds(view, st.sampled_from((None, 9, 240)), st.sampled_from((None, "DE", "FR")))


def happenings(machine: Machine) -> st.SearchStrategy[Happened]:
    """What may be reported: mostly events of the machine, in any order, with and without what they must say."""
    ids = st.integers(0, 40).map(lambda number: f"e{number}")
    instants = st.integers(-2, 60).map(lambda hours: AT + timedelta(hours=hours))
    names = st.sampled_from([*(kind.id for kind in machine.events), "nonsense"])
    data = st.sampled_from(({}, {"why": "x"}, {"why": "y"}, {"why": "z"}, {"why": "x", "more": "text"}))

    def happened(name: str, at: Any, event: str, said: Any, sequence: int) -> Happened:  # noqa: ANN401 - drawn
        return Happened(id=name, at=at, event=event, data=said, sequence=sequence)

    return st.builds(happened, ids, instants, names, data, st.sampled_from((0, 0, 0, 1, -1)))
