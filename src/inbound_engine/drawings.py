"""What does a machine look like?

The text of a drawing, made of the same rows that move the leads: Mermaid for a page, DOT for Graphviz (LC-14). An edge says the
event, what it must say, and the guard in words; a stage that is left out is not drawn. The same machine always gives the same
text. Labels are quoted, so that no name or value in a policy can become part of the drawing's own language.
"""

import re
from collections.abc import Iterator

from inbound_engine.conditions import sentence
from inbound_engine.machines import Datum, Edge, Machine, Stage, edges, kept

__all__ = ["dot", "mermaid"]

_PLAIN = re.compile(r"[^A-Za-z0-9 _.,()='/+-]")  # what Mermaid is not told as it is
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS = frozenset("as choice class classdef default direction else end fork hide join note scale state statediagram style".split())


def mermaid(machine: Machine) -> str:
    """The machine as a Mermaid state diagram, the start and the ends marked.

    >>> print(mermaid(Machine.model_validate({
    ...     "id": "lead", "start": "MQL", "path": ["MQL", "SAL"],
    ...     "stages": [{"id": "MQL", "label": "Marketing-qualified lead"}, {"id": "SAL", "terminal": True}],
    ...     "events": [{"id": "accepted"}],
    ...     "moves": [{"id": "accept", "stages": ["MQL"], "event": "accepted", "to": "SAL"}]})))
    stateDiagram-v2
        state "Marketing-qualified lead" as MQL
        state "SAL" as SAL
        [*] --> MQL
        MQL --> SAL : accepted
        SAL --> [*]
    <BLANKLINE>
    """
    stages = kept(machine)
    names = dict(zip((stage.id for stage in stages), _mermaid_names(stages), strict=True))
    lines = [f'state "{_mermaid(stage.label or stage.id)}" as {names[stage.id]}' for stage in stages]
    lines.append(f"[*] --> {names[machine.start]}")
    lines += (f"{names[edge.stage]} --> {names[edge.to]} : {_mermaid(label)}" for edge, label in _drawn(machine))
    lines += (f"{names[stage.id]} --> [*]" for stage in stages if stage.terminal)
    return "".join(("stateDiagram-v2\n", *(f"    {line}\n" for line in lines)))


def dot(machine: Machine) -> str:
    r"""The machine as a DOT digraph, the path from left to right; terminal stages have a double border.

    >>> print(dot(Machine.model_validate({
    ...     "id": "lead", "start": "MQL", "path": ["MQL", "SAL"],
    ...     "stages": [{"id": "MQL", "label": "Say \"yes\""}, {"id": "SAL", "terminal": True}],
    ...     "events": [{"id": "accepted"}],
    ...     "moves": [{"id": "accept", "stages": ["MQL"], "event": "accepted", "to": "SAL"}]})))
    digraph "lead" {
        rankdir=LR;
        node [shape=box];
        "" [shape=point];
        "MQL" [label="Say \"yes\""];
        "SAL" [label="SAL", peripheries=2];
        "" -> "MQL";
        "MQL" -> "SAL" [label="accepted"];
    }
    <BLANKLINE>
    """
    lines = ["rankdir=LR", "node [shape=box]", '"" [shape=point]']
    for stage in kept(machine):
        ends = ", peripheries=2" if stage.terminal else ""
        lines.append(f"{_quoted(stage.id)} [label={_quoted(stage.label or stage.id)}{ends}]")
    lines.append(f'"" -> {_quoted(machine.start)}')
    lines += (f"{_quoted(edge.stage)} -> {_quoted(edge.to)} [label={_quoted(label)}]" for edge, label in _drawn(machine))
    return "".join((f"digraph {_quoted(machine.id)} {{\n", *(f"    {line};\n" for line in lines), "}\n"))


def _drawn(machine: Machine) -> Iterator[tuple[Edge, str]]:
    """The edges between stages that are drawn, each with its label: the event, what it must say for this move, and the guard."""
    requires = {kind.id: kind.requires for kind in machine.events}
    for edge in edges(machine):
        if edge.stage not in machine.omit:
            narrowed = {datum.name: datum for datum in edge.move.data}
            says = (*(narrowed.get(datum.name, datum) for datum in requires[edge.move.event]), *edge.move.requires)
            said = "; ".join(_said(datum) for datum in says)
            guard = " and ".join(sentence(condition) for _, condition in edge.guard)
            yield edge, edge.move.event + (f" ({said})" if said else "") + (f" [{guard}]" if guard else "")


def _said(datum: Datum) -> str:
    return f"{datum.name} = {' or '.join(datum.values)}" if datum.values else datum.name


def _mermaid_names(stages: tuple[Stage, ...]) -> Iterator[str]:
    """A name for each stage that Mermaid can read: its own where that is one, else a number."""
    own = {stage.id for stage in stages}
    for number, stage in enumerate(stages):
        if _NAME.fullmatch(stage.id) and stage.id.lower() not in _WORDS:
            yield stage.id
        else:
            made = f"s{number}"
            while made in own:
                made += "_"
            own.add(made)
            yield made


def _mermaid(text: str) -> str:
    """The text with everything that Mermaid could take for its own written as a character code."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", text)


def _quoted(text: str) -> str:
    """The text as a DOT string; what cannot be printed becomes a space."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
