"""Machines drawn: the text for Mermaid and for Graphviz, and the page that shows the shipped ones."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from inbound_engine.documents import changed
from inbound_engine.drawings import dot, mermaid
from inbound_engine.machines import LifecycleDocument, Machine
from inbound_engine.playbook import PLAYBOOK
from tests.places import ROOT

SHIPPED = LifecycleDocument.model_validate(PLAYBOOK["lifecycle"])
PAGE = ROOT / "docs" / "explanation" / "lifecycle.md"

MACHINE: Mapping[str, Any] = {
    "id": "lead",
    "start": "LEAD",
    "path": ["LEAD", "MQL"],
    "stages": [
        {"id": "LEAD", "label": "Lead"},
        {"id": "MQL", "when": {"op": "at_least", "fact": "employees", "value": 50}},
        {"id": "LOST", "terminal": True},
    ],
    "events": [
        {"id": "scored"},
        {"id": "noted"},
        {"id": "lost", "requires": [{"name": "why", "values": ["price", "time"]}, {"name": "to"}]},
    ],
    "moves": [
        {"id": "qualify", "stages": ["LEAD"], "event": "scored", "to": "MQL", "when": {"op": "equals", "fact": "country", "value": "DE"}},
        {"id": "note", "stages": ["MQL"], "event": "noted"},
        {"id": "lose", "stages": ["MQL"], "event": "lost", "to": "LOST", "data": [{"name": "why", "values": ["price"]}]},
        {"id": "drop", "stages": ["LEAD"], "event": "lost", "to": "LOST"},
    ],
}


def test_a_machine_is_drawn_for_mermaid() -> None:
    """LC-14."""
    assert mermaid(Machine.model_validate(MACHINE)) == (
        "stateDiagram-v2\n"
        '    state "Lead" as LEAD\n'
        '    state "MQL" as MQL\n'
        '    state "LOST" as LOST\n'
        "    [*] --> LEAD\n"
        "    LEAD --> MQL : scored #91;country equals #34;DE#34; and employees is at least 50#93;\n"
        "    LEAD --> LOST : lost (why = price or time#59; to)\n"
        "    MQL --> MQL : noted\n"
        "    MQL --> LOST : lost (why = price#59; to)\n"
        "    LOST --> [*]\n"
    )


def test_a_machine_is_drawn_for_graphviz() -> None:
    """LC-14."""
    assert dot(Machine.model_validate(MACHINE)) == (
        'digraph "lead" {\n'
        "    rankdir=LR;\n"
        "    node [shape=box];\n"
        '    "" [shape=point];\n'
        '    "LEAD" [label="Lead"];\n'
        '    "MQL" [label="MQL"];\n'
        '    "LOST" [label="LOST", peripheries=2];\n'
        '    "" -> "LEAD";\n'
        '    "LEAD" -> "MQL" [label="scored [country equals \\"DE\\" and employees is at least 50]"];\n'
        '    "LEAD" -> "LOST" [label="lost (why = price or time; to)"];\n'
        '    "MQL" -> "MQL" [label="noted"];\n'
        '    "MQL" -> "LOST" [label="lost (why = price; to)"];\n'
        "}\n"
    )


def test_a_stage_that_is_left_out_is_not_drawn() -> None:
    """LC-3."""
    machine = changed(SHIPPED, {"machines[lead].omit": ["SAL"]}).machines[0]
    assert "SAL" not in mermaid(machine)
    assert "SAL" not in dot(machine)


HOSTILE = 'a" as x\n[*] --> y : #quot; %% "\\"; <b>{} é 😀 \x00'


def test_hostile_text_stays_text() -> None:
    stages = [{**MACHINE["stages"][0], "label": HOSTILE}, *MACHINE["stages"][1:]]
    when = {"op": "equals", "fact": "country", "value": HOSTILE.replace("\x00", "")}
    machine = Machine.model_validate({**MACHINE, "stages": stages, "moves": [{**MACHINE["moves"][0], "when": when}, *MACHINE["moves"][1:]]})
    drawn = mermaid(machine).splitlines()
    assert len(drawn) == len(mermaid(Machine.model_validate(MACHINE)).splitlines())
    assert all(
        re.fullmatch(r"stateDiagram-v2| {4}state \"[^\"\n;:]*(?:#\d+;[^\"\n;:]*)*\" as \w+| {4}[\[\]*\w]+ --> .*", line) for line in drawn
    )
    assert drawn[1].startswith('    state "a#34; as x#10;#91;#42;#93; --#62; y #58; #35;quot#59; #37;#37; #34;#92;#34;#59;')
    assert all(not re.search(r"[^A-Za-z0-9 _.,()='/+#;-]", line.split(" : ", 1)[1]) for line in drawn if " : " in line)
    told = dot(machine).splitlines()
    assert len(told) == len(dot(Machine.model_validate(MACHINE)).splitlines())
    assert told[4] == r'    "LEAD" [label="a\" as x [*] --> y : #quot; %% \"\\\"; <b>{} é 😀  "];'
    assert all(len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0 for line in told)


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["LEAD", "MQL", "LOST"], ["LEAD", "MQL", "LOST"]),
        (["end", "State", "note"], ["s0", "s1", "s2"]),
        (["1st", "s0", "a.b"], ["s0_", "s0", "s2"]),
        (["a-b", "_x", "s1"], ["s0", "s1_", "s1"]),
    ],
)
def test_a_name_that_mermaid_cannot_read_gets_a_number(ids: list[str], names: list[str]) -> None:
    renamed = dict(zip(("LEAD", "MQL", "LOST"), ids, strict=True))

    def row(old: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(old)
        made |= {"to": renamed[made["to"]]} if "to" in made else {}
        return made | ({"stages": [renamed[stage] for stage in made["stages"]]} if "stages" in made else {})

    machine = Machine.model_validate(
        {
            **MACHINE,
            "start": ids[0],
            "path": ids[:2],
            "stages": [{**stage, "id": renamed[stage["id"]]} for stage in MACHINE["stages"]],
            "moves": [row(move) for move in MACHINE["moves"]],
        }
    )
    drawn = mermaid(machine)
    assert re.findall(r"as (\w+)$", drawn, re.MULTILINE) == names
    assert f"    [*] --> {names[0]}\n" in drawn
    assert f'    "{ids[0]}" -> "{ids[1]}" [label="scored' in dot(machine)


@pytest.mark.parametrize("machine", SHIPPED.machines, ids=lambda machine: machine.id)
def test_the_page_shows_the_shipped_machine(machine: Machine) -> None:
    """The drawing on the page is made of the policy; whoever changes one changes the other."""
    blocks = re.findall(r"^```mermaid\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert mermaid(machine) in blocks
    assert len(blocks) == len(SHIPPED.machines)
