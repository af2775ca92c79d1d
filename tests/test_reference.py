"""The pages that list something list all of it, and nothing else."""

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import inbound_engine
from inbound_engine import Policy
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.playbook import PLAYBOOK
from tests.places import CASES, ROOT, needs_cases
from tests.test_house import FLOORS

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
ROOMS = sorted(
    module.name
    for module in pkgutil.walk_packages(inbound_engine.__path__, "inbound_engine.")
    if not module.ispkg and not module.name.rpartition(".")[2].startswith("_")
)


def page(room: str) -> str:
    return (REFERENCE / f"{room.rpartition('.')[2]}.md").read_text(encoding="utf-8")


def rows(path: Path, header: str) -> list[list[str]]:
    """The rows of the table that begins with that header, cell by cell; a bar behind a backslash is no end of a cell."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index(header) + 2
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[start:end]]


# ------------------------------------------------------------------------------------------------------------ reference


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_a_room_stands_on_its_page(room: str) -> None:
    text = page(room)
    names = importlib.import_module(room).__all__
    assert [name for name in names if f"| `{name}`" not in text and f"| `{name}(" not in text] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_names_nothing_that_its_room_has_not(room: str) -> None:
    members = page(room).partition("## Members")[2]
    listed = re.findall(r"^\| `(\w+)", members, re.MULTILINE)
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == set(importlib.import_module(room).__all__)


def test_every_room_stands_in_the_index() -> None:
    listed = {re.findall(r"\(([\w-]+)\.md\)", row[0])[0] for row in rows(REFERENCE / "README.md", "| room | the question it answers |")}
    assert listed == {room.rpartition(".")[2] for room in ROOMS}


def test_the_face_stands_in_the_index() -> None:
    text = (REFERENCE / "README.md").read_text(encoding="utf-8").partition("| room |")[0]
    assert [name for name in inbound_engine.__all__ if f"`{name}`" not in text] == []


def test_the_face_holds_the_names_that_the_readme_uses() -> None:
    used = re.findall(r"\bie\.(\w+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(set(used)) == inbound_engine.__all__


def test_every_page_is_reached_from_the_index() -> None:
    """A page that nothing links to is not read."""
    pages = sorted(DOCS.rglob("*.md"))
    linked = {
        (page.parent / target).resolve()
        for page in [ROOT / "README.md", *pages]
        for target in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
    }
    assert [path.relative_to(ROOT).as_posix() for path in sorted(linked) if not path.exists()] == []
    assert [path.relative_to(ROOT).as_posix() for path in pages if path not in linked and path != DOCS / "README.md"] == []


# ---------------------------------------------------------------------------------------------------------------- codes


def test_every_reason_code_is_explained() -> None:
    listed = rows(REFERENCE / "reason-codes.md", "| code | it means | what to do |")
    assert [row[0] for row in listed] == [f"`{code.value}`" for code in Code]
    assert all(len(row) == 3 and all(row) for row in listed)


def test_every_finding_code_is_explained() -> None:
    listed = rows(REFERENCE / "lint-findings.md", "| code | what it says | what to do |")
    assert [row[0].strip("`") for row in listed] == sorted(finding_codes())
    assert all(len(row) == 3 and all(row) for row in listed)


def finding_codes() -> set[str]:
    """The codes that the source gives to findings: written out where they are made, or handed to the function that makes them."""
    codes = set()
    for path in sorted((ROOT / "src").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        makers = {"Finding": 0} | {function.name: place for function in functions(tree) for place in handed_on(function)}
        for call in calls(tree, *makers):
            code = call.args[makers[str(getattr(call.func, "id", ""))]]
            if isinstance(code, ast.Constant):
                codes.add(str(code.value))
            else:
                assert isinstance(code, ast.Name), f"{path.name}:{call.lineno}: a code is written out, so that it can be found"
    return codes


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names)


def handed_on(function: ast.FunctionDef) -> Iterator[int]:
    """The place of the argument that a function makes the code of a finding."""
    arguments = [argument.arg for argument in function.args.args]
    for call in calls(function, "Finding"):
        if isinstance(call.args[0], ast.Name):
            yield arguments.index(call.args[0].id)


# ---------------------------------------------------------------------------------------------------------- explanation


def test_the_floors_on_the_page_are_those_of_the_plan() -> None:
    listed = rows(DOCS / "explanation" / "the-house.md", "| floor | room | the question it answers |")
    assert {room.strip("`"): int(floor) for floor, room, _ in listed} == FLOORS
    assert [int(floor) for floor, *_ in listed] == sorted(FLOORS.values(), reverse=True)


INTERPRETATIONS = DOCS / "explanation" / "interpretations.md"
DECISIONS = rows(INTERPRETATIONS, "| rule | what the documents say | what ships | to switch |")


@pytest.mark.parametrize("row", DECISIONS, ids=[f"{row[0]}-{number}" for number, row in enumerate(DECISIONS)])
def test_every_interpretation_can_be_switched(row: list[str]) -> None:
    changes = ast.literal_eval(row[3].strip("`"))
    switched = changed(Policy(), changes)
    assert switched != Policy()
    assert switched.fingerprint != Policy().fingerprint


def test_every_decision_of_the_rules_has_a_row() -> None:
    assert {row[0] for row in DECISIONS} == {
        *("FD-6", "SC-1", "SC-2", "SC-3", "SC-5", "SC-6", "SC-7", "SC-8", "TI-2", "TI-3", "TI-4"),
        *("SL-1", "SL-2", "SL-3", "SL-4", "SL-5", "SL-6", "SL-8", "SL-10"),
        *("LC-1", "LC-2", "LC-6", "LC-7", "LC-9", "LC-12", "LC-13", "CD-1", "CD-2", "CD-3", "CD-5", "CD-7"),
        *("RT-2", "RT-4", "RO-4", "CQ-5"),
        *("AT-1", "AT-3", "AT-5", "AT-6", "AD-3", "AD-9", "AD-11", "AD-12", "AD-13", "AD-17", "AD-21", "AD-22", "AD-23", "AD-26", "AD-27"),
        *("AT-7", "UT-1", "UT-2", "UT-3", "UT-4", "AD-28"),
    }


OVER_TABLES = rows(INTERPRETATIONS, "| what a table leaves open | how it is read | to read it otherwise | held by |")


@pytest.mark.parametrize("row", OVER_TABLES, ids=[row[0] for row in OVER_TABLES])
def test_every_decision_over_tables_is_held_by_a_test(row: list[str]) -> None:
    held = re.findall(r"`(test_\w+)`", row[3])
    written = "".join(
        (ROOT / "tests" / name).read_text(encoding="utf-8") for name in ("test_frames.py", "test_frames_spark.py", "test_sql.py")
    )
    assert held
    for name in held:
        assert f"def {name}(" in written


LATER = frozenset({"FN-3", "DG-2", "AB-1", "AI-1", "GM-1"})
"""Rules with decisions whose rooms are not built yet."""


@needs_cases
def test_every_mark_of_a_decision_in_the_rules_is_on_the_page() -> None:
    """What RULES.md marks as a decision or as ours, rule by rule."""
    text = (CASES.parent / "RULES.md").read_text(encoding="utf-8")
    parts = re.split(r"^- \*\*([A-Z]{2}-\d+)\*\*", text, flags=re.MULTILINE)
    marked = {name for name, said in zip(parts[1::2], parts[2::2], strict=True) if {"▲", "▽"} & set(said)}
    page = INTERPRETATIONS.read_text(encoding="utf-8")
    assert len(marked) > 30
    assert {name for name in marked if not re.search(rf"\b{name}\b", page)} == LATER


NUMBERS = (
    "points",
    "weight",
    "weekly",
    "cap",
    "depth",
    "target_minutes",
    "after_minutes",
    "late_logging_minutes",
    "minutes",
    "days",
    "times",
)


def test_every_number_of_our_own_is_listed() -> None:
    listed = {row[0].strip("`"): row[2] for row in rows(INTERPRETATIONS, "| path | what is ours | what ships |")}
    found = dict(ours("", PLAYBOOK))
    assert list(listed) == list(found)
    for path, table in found.items():
        numbers = [table[key] for key in NUMBERS if isinstance(table.get(key), int)]
        numbers += [row[key] for row in table.get("rows", ()) if "grader" in path for key in ("grade", "at_least", "at_most") if key in row]
        assert [number for number in numbers if str(number) not in re.findall(r"\d+", listed[path])] == [], path


def ours(path: str, data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401 - plain data
    """Where the playbook says that a number is ours, by the paths that policies use."""
    if isinstance(data, Mapping):
        if re.search(r"\bours\b", data.get("source", "")):
            yield path, data
        for key, value in data.items():
            yield from ours(f"{path}.{key}" if path else key, value)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            names = [value[key] for key in ("id", "criterion") if isinstance(value, Mapping) and key in value]
            yield from ours(f"{path}[{names[0] if names else number}]", value)


def test_the_paths_of_our_own_numbers_lead_somewhere() -> None:
    policy = json.loads(Policy().model_dump_json())
    for path in dict(ours("", PLAYBOOK)):
        here: Any = policy
        for name, key in re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", path):
            here = here[key] if key else next(row for row in here if name in (row.get("id"), row.get("criterion")))
        assert "ours" in here["source"]
