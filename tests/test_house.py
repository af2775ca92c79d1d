"""The plan of the house, held against the code.

A room is a file, an arrow is an import, and every arrow goes down; an import inside a function or under `TYPE_CHECKING` is an
arrow too. The library reads no clock, no file and no environment (FD-1): what could is not imported, not called, not passed on.
The checker reads source text, so it is itself tested on small bad rooms.
"""

import ast
import graphlib
import importlib
import pkgutil
import symtable
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import BaseModel

from tests.places import ROOT

HOUSE = ROOT / "src" / "inbound_engine"
FACE = "__init__"

# The plan: a room may import only rooms on lower floors. Every file of adapters/ stands on the floor of `adapters`.
FLOORS = {
    "errors": 1,
    "decisions": 1,
    "playbook": 1,
    "queueing": 2,
    "sources": 3,
    "idioms": 2,
    "spans": 2,
    "money": 2,
    "spelling": 2,
    "proportions": 2,
    "documents": 3,
    "expressions": 3,
    "ratios": 4,
    "cells": 4,
    "history": 3,
    "hours": 3,
    "exchange": 4,
    "dialects": 4,
    "facts": 4,
    "replays": 4,
    "campaigns": 4,
    "channels": 4,
    "slots": 4,
    "census": 5,
    "wording": 4,
    "utm": 5,
    "people": 5,
    "vocabulary": 5,
    "matching": 5,
    "rotation": 5,
    "sla": 5,
    "calendars": 6,
    "signals": 6,
    "timelines": 7,
    "intake": 6,
    "budgets": 6,
    "conditions": 7,
    "capacity": 7,
    "exports": 7,
    "handoff": 7,
    "coverage": 8,
    "implications": 8,
    "promises": 8,
    "sequences": 8,
    "recycling": 8,
    "contradictions": 8,
    "journeys": 8,
    "weighing": 9,
    "tables": 9,
    "compliance": 9,
    "plans": 9,
    "consequences": 10,
    "attribution": 10,
    "graders": 10,
    "cadence": 10,
    "machines": 10,
    "territories": 10,
    "rollups": 11,
    "chain": 11,
    "selfreports": 11,
    "matrices": 11,
    "lifecycle": 11,
    "destinations": 11,
    "drawings": 11,
    "trails": 11,
    "ledgers": 12,
    "returns": 12,
    "sourcing": 12,
    "alternatives": 12,
    "scoring": 12,
    "routing": 13,
    "tiers": 13,
    "batches": 14,
    "policy": 14,
    "outlook": 14,
    "asking": 14,
    "lookups": 14,
    "linting": 15,
    "truths": 15,
    "assignments": 15,
    "columns": 16,
    "assessments": 15,
    "briefs": 18,
    "frames": 17,
    "sql": 17,
    "street": 15,
    "actions": 14,
    "reported": 14,
    "cases": 16,
    "turns": 17,
    "following": 18,
    "verdicts": 19,
    "engine": 20,
    "adapters": 20,
}

# What a room may do that no other may, and why.
EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "adapters.ics": {
        "icalendar": "the text of RFC 5545 is the work of a package of its own, an extra",
    },
    "documents": {
        "BaseModel": "the parent of every document is made here, once",
        "hashlib": "a fingerprint is a digest of the canonical form",
        "json": "documents are read from text and written to it",
    },
    "idioms": {
        "narwhals": "frames of other libraries are asked in the words of one package, an extra",
    },
    "spans": {
        "ZoneInfo": "the one place where the name of a zone becomes a zone",
    },
}

# Packages of others that the library may import, and why.
GUESTS = {
    "annotated_types": "bounds in documents; comes with pydantic",
    "attrs": "what the engine says is a frozen value",
    "dateutil": "calendar months and recurrence",
    "pydantic": "what people write is a strict document",
    "pydantic_core": "the errors and schemas of pydantic; comes with it",
    "typing_extensions": "types newer than the oldest Python served; comes with pydantic",
}

# Modules that reach outside, or remember. Those that start with an underscore are never imported.
OUTSIDE = frozenset(
    "asyncio atexit builtins concurrent contextvars ctypes dbm fileinput gc getpass glob hashlib http importlib io json "
    "linecache locale logging mmap multiprocessing nt os pathlib pickle pkgutil platform posix queue random runpy sched secrets "
    "select selectors shelve shutil signal site socket socketserver sqlite3 ssl subprocess sys sysconfig tempfile threading time "
    "tracemalloc urllib uuid warnings weakref webbrowser xmlrpc".split()
)

# Parts of those that do not, for names to be imported from.
PURE = frozenset({"urllib.parse"})

# Parts of permitted modules that read the clock, the environment or a file, or that remember.
PARTS = {
    "dateutil": {"parser", "tz", "utils", "zoneinfo"},
    "functools": {"cache", "cached_property", "lru_cache"},
    "pydantic": {
        "BaseModel", "DirectoryPath", "FilePath", "FutureDate", "FutureDatetime", "NewPath", "PastDate", "PastDatetime", "RootModel",
        "dataclasses",
    },
    "zoneinfo": {"available_timezones", "reset_tzpath"},
}  # fmt: skip

CLOCKS = frozenset({"gettz", "now", "today", "tzlocal", "utcfromtimestamp", "utcnow"})
BUILTINS = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "hash", "id", "input", "locals", "open", "print", "vars"}
)


# The checker: source text in, findings out.


def parsed(source: str) -> ast.Module:
    return ast.parse(dedent(source))


def arrows(room: str, source: str, rooms: frozenset[str]) -> Iterator[str]:
    """The rooms that this one imports, wherever the import stands; the face is `__init__`, an unknown name is given as it is."""
    package = room if room == "adapters" else room.rpartition(".")[0]
    tree = parsed(source)
    bound = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root, _, rest = alias.name.partition(".")
                if root == "inbound_engine":
                    bound |= alias.asname is None
                    yield _nearest(rest, rooms) if rest else FACE
        elif isinstance(node, ast.ImportFrom):
            base = _base(package, node)
            if base is not None:
                yield from (_imported(base, alias.name, rooms) for alias in node.names)
    if bound:  # `import inbound_engine.spans` binds the whole package: what is read from it counts
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "inbound_engine":
                yield node.attr if node.attr in rooms else FACE


def _base(package: str, node: ast.ImportFrom) -> str | None:
    """The module that an import reads from, counted from the package ("" is the package itself); None when it is not ours."""
    if not node.level:
        root, _, rest = (node.module or "").partition(".")
        return rest if root == "inbound_engine" else None
    path = package.split(".") if package else []
    climbed = path[: len(path) - node.level + 1] if node.level <= len(path) + 1 else ["(outside)"]
    return ".".join([*climbed, *(node.module.split(".") if node.module else ())])


def _imported(base: str, name: str, rooms: frozenset[str]) -> str:
    inner = f"{base}.{name}" if base else name
    if inner in rooms:
        return inner
    return _nearest(base, rooms) if base else FACE


def _nearest(path: str, rooms: frozenset[str]) -> str:
    """The room that a dotted path leads into; the path itself when there is none."""
    inner = path
    while inner and inner not in rooms:
        inner = inner.rpartition(".")[0]
    return inner or path


def floor(room: str) -> int | None:
    if room == FACE:
        return max(FLOORS.values()) + 1
    return FLOORS.get(room.partition(".")[0]) if room.startswith("adapters.") else FLOORS.get(room)


def misplaced(room: str, source: str, rooms: frozenset[str]) -> list[str]:
    """The arrows of a room that do not go strictly down, or lead to the face, or nowhere."""
    found = []
    here = floor(room)
    if here is None:
        return [f"{room}: not on the plan"]
    for target in sorted(set(arrows(room, source, rooms))):
        there = floor(target)
        if target == FACE:
            found.append(f"{room}: imports the face")
        elif there is None:
            found.append(f"{room}: imports {target}, which is not on the plan")
        elif there >= here:
            found.append(f"{room} (floor {here}): imports {target} (floor {there})")
    return found


def circle(sources: Mapping[str, str]) -> tuple[str, ...]:
    """A circle of imports, from a room back to itself; empty when there is none."""
    rooms = frozenset(sources)
    try:
        graphlib.TopologicalSorter({room: set(arrows(room, source, rooms)) for room, source in sources.items()}).prepare()
    except graphlib.CycleError as error:
        return tuple(error.args[1])
    return ()


def impure(room: str, source: str, allowed: Mapping[str, str] | None = None) -> list[str]:
    """What in a room reads a clock, a file or the environment, draws lots, or remembers; less what the room is allowed."""
    permitted = EXCEPTIONS.get(room, {}) if allowed is None else allowed
    tree = parsed(source)
    zones = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "zoneinfo"
        for alias in node.names
        if alias.name == "ZoneInfo"
    }
    found = [*_builtins(symtable.symtable(dedent(source), room, "exec")), *_registries(tree)]
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        found += [(line, word, what) for word, what in (*_imports(node), *_reads(node), *_zones(node, zones), *_state(node))]
    return [f"{room}:{line}: {what}" for line, word, what in sorted(set(found)) if word not in permitted]


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    modules: list[str] = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        modules = [f"{node.module}.{alias.name}" for alias in node.names]
    for module in modules:
        root, *parts = module.split(".")
        if module.rpartition(".")[0] in PURE:
            continue
        if root in OUTSIDE or (root.startswith("_") and root != "__future__"):
            yield root, f"imports {root}"
        elif root not in sys.stdlib_module_names and root not in GUESTS and root != "inbound_engine":
            yield root, f"imports {root}, which is no guest of the house"
        for part in parts:
            if part in PARTS.get(root, ()):
                yield part, f"imports {root}.{part}"
            elif part in CLOCKS:
                yield part, f"imports {part}, which reads the clock or the zone of the machine"
        if parts[-1:] == ["*"]:
            yield "*", f"imports everything from {root}"


def _reads(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Clocks, under whatever name they were imported: an attribute is enough, a call is not needed."""
    match node:
        case ast.Attribute(attr=word) if word in CLOCKS:
            yield word, f"reads .{word}"
        case ast.Attribute(value=ast.Name(id=root), attr=part) if part in PARTS.get(root, ()):
            yield part, f"reads {root}.{part}"
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(word)), *_]) if word in CLOCKS:
            yield word, f"reads .{word}"
        case ast.Call(func=ast.Attribute(attr="fromtimestamp"), args=args, keywords=keywords):
            zone = args[1:2] + [keyword.value for keyword in keywords if keyword.arg == "tz"]
            if not zone or (isinstance(zone[0], ast.Constant) and zone[0].value is None):
                yield "fromtimestamp", "calls fromtimestamp without a zone: the zone of the machine"
        case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
            yield "astimezone", "calls astimezone without a zone: the zone of the machine"
        case ast.Call(func=ast.Name(id="rrule") | ast.Attribute(attr="rrule"), args=args, keywords=keywords):
            if len(args) < 2 and all(keyword.arg != "dtstart" for keyword in keywords):
                yield "rrule", "calls rrule without dtstart: the clock"
        case _:
            pass


def _zones(node: ast.AST, zones: set[str]) -> Iterator[tuple[str, str]]:
    """Making a zone reads a file: neither called, nor handed to something that may call it; asking for the type is free."""
    if not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and node.func.id in {"isinstance", "issubclass", "cast"}):
        return
    called = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr in {"no_cache", "from_file"} else node.func
    for part in (called, *node.args, *(keyword.value for keyword in node.keywords)):
        if (isinstance(part, ast.Name) and part.id in zones) or (isinstance(part, ast.Attribute) and part.attr == "ZoneInfo"):
            yield "ZoneInfo", "makes a zone: that reads a file"


def _state(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Global() | ast.Nonlocal():
            word = type(node).__name__.lower()
            yield word, f"says {word}: nothing is kept between calls"
        case ast.ExceptHandler(type=None | ast.Name(id="Exception" | "BaseException")):
            yield "except", "catches everything"
        case _:
            pass


def _builtins(table: symtable.SymbolTable, module: frozenset[str] = frozenset()) -> Iterator[tuple[int, str, str]]:
    """Every read of a builtin that reaches outside, or whose value differs between processes; a name of the room's own is free."""
    own = module
    if table.get_type() == "module":
        own = frozenset(symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported())
    for symbol in table.get_symbols():
        word = symbol.get_name()
        free = symbol.is_global() or table.get_type() == "module"
        if word == "hash" and table.get_name() == "__hash__":
            continue  # what sets and dicts ask for; it is of one process, and no decision shows it
        if word in BUILTINS and word not in own and symbol.is_referenced() and free:
            yield table.get_lineno(), word, f"uses the builtin {word} in {table.get_name()}"
    for child in table.get_children():
        yield from _builtins(child, own)


def _registries(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """An empty container at the top of a module waits to be filled: global state."""
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        match value:
            case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(func=ast.Name(id="dict" | "list" | "set" | "defaultdict" | "deque")):
                yield node.lineno, "registry", "keeps an empty container at the top"
            case _:
                pass


def unkempt(room: str, source: str) -> list[str]:
    """What a room lacks of a docstring and of a literal `__all__` whose names exist; the face defines nothing of its own."""
    tree = parsed(source)
    found = [] if ast.get_docstring(tree) else [f"{room}: no docstring"]
    if room == FACE:
        made = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
        found += [f"{room}:{node.lineno}: the face defines nothing" for node in made]
    elif len(tree.body) == 1 and not found:
        return []  # a docstring alone has nothing to name
    named = [node for node in tree.body if "__all__" in _assigned(node)]
    value = named[0].value if len(named) == 1 and isinstance(named[0], ast.Assign | ast.AnnAssign) else None
    if not isinstance(value, ast.List | ast.Tuple):
        return [*found, f"{room}: no literal __all__"]
    names = [item.value for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    if len(names) != len(value.elts) or len(names) != len(set(names)):
        found.append(f"{room}: __all__ holds something other than names, or one twice")
    table = symtable.symtable(dedent(source), room, "exec")
    there = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return found + [f"{room}: __all__ names {name}, which is not there" for name in names if name not in there]


def _assigned(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


# The house as it stands.


def room_of(path: Path) -> str:
    inner = path.relative_to(HOUSE).with_suffix("").as_posix().replace("/", ".")
    return inner.removesuffix(".__init__")


SOURCES = {room_of(path): path.read_text(encoding="utf-8") for path in sorted(HOUSE.rglob("*.py"))}
ROOMS = frozenset(SOURCES) | frozenset(FLOORS)


@pytest.mark.parametrize("room", SOURCES)
def test_every_room_is_on_the_plan(room: str) -> None:
    assert floor(room) is not None


def test_the_plan_names_only_rooms_that_exist() -> None:
    assert set(FLOORS) - set(SOURCES) == set()
    assert set(EXCEPTIONS) - set(SOURCES) == set()


@pytest.mark.parametrize("room", SOURCES)
def test_every_arrow_goes_down(room: str) -> None:
    assert misplaced(room, SOURCES[room], ROOMS) == []


def test_no_arrows_go_in_a_circle() -> None:
    assert circle(SOURCES) == ()


@pytest.mark.parametrize("room", SOURCES)
def test_no_room_looks_outside(room: str) -> None:
    """FD-1: no I/O, no clock, no randomness, no environment, no global mutable state."""
    assert impure(room, SOURCES[room]) == []


@pytest.mark.parametrize("room", SOURCES)
def test_every_room_says_what_it_is_and_what_it_gives(room: str) -> None:
    assert unkempt(room, SOURCES[room]) == []


@pytest.mark.parametrize(("room", "word"), [(room, word) for room, words in EXCEPTIONS.items() for word in words])
def test_every_exception_is_used(room: str, word: str) -> None:
    if room in SOURCES:
        without = {other: reason for other, reason in EXCEPTIONS[room].items() if other != word}
        assert impure(room, SOURCES[room], without) != []


def test_every_document_is_frozen_strict_and_closed() -> None:
    documents = pytest.importorskip("inbound_engine.documents")
    package = importlib.import_module("inbound_engine")
    for module in pkgutil.walk_packages(package.__path__, "inbound_engine."):
        importlib.import_module(module.name)
    kinds = [kind for kind in _descendants(documents.Document) if kind.__module__.startswith("inbound_engine")]
    loose = [
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in kinds
        if {key: kind.model_config.get(key) for key in ("frozen", "extra", "strict")} != {"frozen": True, "extra": "forbid", "strict": True}
    ]
    assert kinds
    assert loose == []


def _descendants(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield kind
    children: list[type[BaseModel]] = kind.__subclasses__()
    for child in children:
        yield from _descendants(child)


def test_the_top_of_the_repository_holds_only_what_the_plan_says() -> None:
    planned = {"CHANGELOG.md", "LICENSE", "Makefile", "README.md", "benchmarks", "docs", "pyproject.toml", "src", "tests"}
    left_behind = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()}
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert there - left_behind - planned == set()


# The checker, on rooms of its own.

PLAN = frozenset(FLOORS) | {"adapters.crm", "adapters.mail"}


@pytest.mark.parametrize(
    ("room", "source", "target"),
    [
        ("tiers", "from .scoring import Score", "scoring"),
        ("tiers", "from . import scoring", "scoring"),
        ("tiers", "from inbound_engine import scoring", "scoring"),
        ("tiers", "from inbound_engine.scoring import Score", "scoring"),
        ("tiers", "import inbound_engine.scoring", "scoring"),
        ("tiers", "import inbound_engine.scoring as s", "scoring"),
        ("tiers", "def f():\n    from .scoring import Score", "scoring"),
        ("tiers", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .scoring import Score", "scoring"),
        ("adapters.crm", "from ..facts import Lead", "facts"),
        ("adapters.crm", "from .. import facts", "facts"),
        ("adapters.crm", "from .mail import parse", "adapters.mail"),
        ("adapters.crm", "from . import mail", "adapters.mail"),
        ("adapters.crm", "from inbound_engine.adapters.mail import parse", "adapters.mail"),
        ("adapters", "from .mail import parse", "adapters.mail"),
        ("tiers", "from . import Engine", FACE),
        ("tiers", "from inbound_engine import *", FACE),
        ("tiers", "import inbound_engine", FACE),
        (FACE, "from .engine import Engine", "engine"),
    ],
)
def test_the_checker_sees_an_arrow(room: str, source: str, target: str) -> None:
    assert set(arrows(room, source, PLAN)) == {target}


@pytest.mark.parametrize(
    ("room", "source"),
    [
        pytest.param("scoring", "from .tiers import Tier", id="up"),
        pytest.param("errors", "from .decisions import Decision", id="along the same floor"),
        pytest.param("scoring", "def f():\n    from .tiers import Tier", id="up, inside a function"),
        pytest.param("scoring", "if TYPE_CHECKING:\n    from .tiers import Tier", id="up, for types only"),
        pytest.param("scoring", "import inbound_engine.tiers", id="up, by the full name"),
        pytest.param("scoring", "from inbound_engine import tiers", id="up, through the package"),
        pytest.param("adapters.crm", "from . import mail", id="from an adapter to another"),
        pytest.param("adapters.crm", "from ..engine import Engine", id="from an adapter to the engine"),
        pytest.param("engine", "from . import adapters", id="from the engine to the adapters"),
        pytest.param("engine", "from . import Lead", id="to the face"),
        pytest.param("engine", "import inbound_engine.facts\ninbound_engine.Lead", id="to the face, through a name bound on the way"),
        pytest.param("engine", "from .helpers import f", id="to a room that is not on the plan"),
        pytest.param("engine", "from ..other import f", id="out of the house"),
        pytest.param("helpers", "", id="from a room that is not on the plan"),
    ],
)
def test_the_checker_refuses_an_arrow(room: str, source: str) -> None:
    assert len(misplaced(room, source, PLAN)) == 1


def test_the_checker_allows_arrows_down() -> None:
    assert misplaced("engine", "import attrs\nfrom . import facts, policy\nfrom .errors import FactError", PLAN) == []
    assert misplaced("adapters.crm", "from ..facts import Lead\nfrom ..errors import FactError", PLAN) == []


def test_the_checker_refuses_a_circle_hidden_in_a_function() -> None:
    sources = {"facts": "def f():\n    from .history import past", "history": "from inbound_engine import facts", "errors": ""}
    assert set(circle(sources)) == {"facts", "history"}
    assert circle({**sources, "facts": ""}) == ()


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from time import time",
        "from time import monotonic as tick",
        "import os.path",
        "import random",
        "from random import choice",
        "from secrets import token_hex",
        "from uuid import uuid4",
        "import logging",
        "from pathlib import Path",
        "def f():\n    import socket",
        "import importlib\nimportlib.import_module('os')",
        "from builtins import open",
        "from _io import open",
        "import numpy",
        "from narwhals import col",
        "import json",
        "import urllib.parse",
        "from urllib import parse",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from datetime import datetime\ndatetime.now()",
        "from datetime import datetime as instant, UTC\ninstant.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date as day\nf = day.today",
        "from datetime import datetime\ngetattr(datetime, 'now')()",
        "from datetime import datetime\ndatetime.fromtimestamp(0)",
        "from datetime import datetime\ndatetime.fromtimestamp(0, None)",
        "from datetime import datetime\ndatetime.fromtimestamp(0, tz=None)",
        "def f(at):\n    return at.astimezone()",
        "from dateutil.tz import gettz",
        "from dateutil import tz",
        "import dateutil.parser",
        "from dateutil.rrule import DAILY, rrule\nrrule(DAILY, count=3)",
        "from pydantic import PastDatetime",
        "from pydantic import BaseModel",
        "import pydantic\nclass A(pydantic.BaseModel): ...",
        "from zoneinfo import ZoneInfo\nZoneInfo('UTC')",
        "from zoneinfo import ZoneInfo as Zone\nZone('UTC')",
        "import zoneinfo\nzoneinfo.ZoneInfo('UTC')",
        "from zoneinfo import ZoneInfo\nlist(map(ZoneInfo, ('UTC',)))",
        "from zoneinfo import ZoneInfo\nZoneInfo.no_cache('UTC')",
        "open('x')",
        "def f(path, reader=open):\n    return reader(path)",
        "print('x')",
        "input()",
        "eval('1')",
        "exec('x = 1')",
        "compile('1', 'x', 'eval')",
        "__import__('os')",
        "breakpoint()",
        "hash('x')",
        "class A:\n    id: str\n    def f(self):\n        return id(self)",
        "sorted([], key=lambda x: id(x))",
        "count = 0\ndef f():\n    global count\n    count += 1",
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g",
        "from functools import lru_cache",
        "import functools\nf = functools.cache(len)",
        "REGISTRY = {}",
        "SEEN: set[str] = set()",
        "try:\n    x = 1\nexcept Exception:\n    x = 2",
        "from attrs import *",
    ],
)
def test_the_checker_refuses(source: str) -> None:
    assert impure("tiers", source) != []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, tz=UTC)",
        "def f(at, zone):\n    return at.astimezone(zone)",
        "from dateutil.relativedelta import relativedelta",
        "from dateutil.rrule import DAILY, rrule\nrrule(DAILY, dtstart=start)",
        "from zoneinfo import ZoneInfo\ndef f(zone: ZoneInfo) -> bool:\n    return isinstance(zone, ZoneInfo)",
        "def compile(document):\n    return document\nrules = compile(1)",
        "from .tables import compile\nrules = compile(1)",
        "class A:\n    id: str\n    def f(self, id):\n        return id, self.id",
        "import re\nre.compile('x')",
        "from attrs import frozen\nfrom pydantic import Field\nimport annotated_types, typing_extensions, pydantic_core",
        "NAMES = {'a': 1}\n_NONE: tuple[str, ...] = ()",
        "from __future__ import annotations",
    ],
)
def test_the_checker_allows(source: str) -> None:
    assert impure("tiers", source) == []


def test_the_checker_allows_an_exception_in_its_room_only() -> None:
    source = "from zoneinfo import ZoneInfo\nZoneInfo('UTC')"
    assert impure("spans", source) == []
    assert impure("facts", source) == ["facts:2: makes a zone: that reads a file"]
    assert impure("facts", "exec('x')", {"exec": "made of our own words only"}) == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        pytest.param("tiers", "__all__ = ()", id="no docstring"),
        pytest.param("tiers", '"""A room."""\nx = 1', id="no __all__"),
        pytest.param("tiers", '"""A room."""\n__all__ = list("x")\nx = 1', id="an __all__ that is computed"),
        pytest.param("tiers", '"""A room."""\n__all__ = ["x"]\n__all__ += ["y"]\nx = y = 1', id="an __all__ that grows"),
        pytest.param("tiers", '"""A room."""\n__all__ = ["x", *y]\nx = 1', id="an __all__ that unpacks"),
        pytest.param("tiers", '"""A room."""\n__all__ = ["x"]', id="a name that is not there"),
        pytest.param("tiers", '"""A room."""\n__all__ = ["x", "x"]\nx = 1', id="a name given twice"),
        pytest.param(FACE, '"""The face."""\n__all__ = ["f"]\ndef f(): ...', id="a face that defines something"),
        pytest.param(FACE, '"""The face."""', id="a face without names"),
    ],
)
def test_the_checker_refuses_an_unkempt_room(room: str, source: str) -> None:
    assert unkempt(room, source) != []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("tiers", '"""A room."""\nfrom x import y\n__all__ = ("A", "f", "y")\nclass A: ...\ndef f(): ...'),
        ("adapters", '"""A hall."""'),
        (FACE, '"""The face."""\nfrom .engine import Engine\n__all__ = ["Engine"]'),
    ],
)
def test_the_checker_allows_a_kempt_room(room: str, source: str) -> None:
    assert unkempt(room, source) == []
