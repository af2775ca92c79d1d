"""Nothing is opened, asked for or started while the engine thinks (FD-1), and little is loaded before.

The interpreter itself is asked: an audit hook hears of every file, socket, process and directory. It hears nothing of clocks;
`test_house.py` reads the source for those.
"""

import json
from pathlib import Path

import pytest

from tests.processes import run

# Arms the hook around `act()` and prints what it heard.
LISTEN = """
import json, sys

OUTSIDE = ("ctypes", "fcntl", "ftplib", "glob", "http", "import", "mmap", "msvcrt", "open", "os", "pathlib", "pty", "shutil",
           "signal", "smtplib", "socket", "sqlite3", "subprocess", "syslog", "tempfile", "time", "urllib", "webbrowser", "winreg")
armed = False
heard = []

def hear(event, arguments):
    if armed and event.partition(".")[0] in OUTSIDE:
        heard.append(event)

sys.addaudithook(hear)
armed = True
try:
    act()
finally:
    armed = False
print(json.dumps(heard))
"""

ASSESS = """
from datetime import UTC, datetime
import inbound_engine as ie

engine = ie.Engine(ie.Policy())
lead = ie.Lead(
    id="L-1",
    email="ana@acme.example",
    account=ie.Account(id="acme", country="DE", employees=240),
    activities=(ie.Activity(id="a1", kind="page_view", at=datetime(2026, 3, 1, tzinfo=UTC), content="pricing"),),
)

def act():
    assessment = engine.assess(lead, at=datetime(2026, 3, 2, 9, 3, tzinfo=UTC))
    assert assessment.explain()
    assert assessment.to_dict()
"""

# The frame libraries and whatever else only a user may bring, and what the three dependencies bring along.
OPTIONAL = ("duckdb", "icalendar", "narwhals", "numpy", "pandas", "polars", "pyarrow")
BROUGHT = {
    "annotated_types", "attr", "attrs", "dateutil", "pydantic", "pydantic_core", "six", "typing_extensions", "typing_inspection",
    "tzdata",
}  # fmt: skip

LOAD = """
import json, sys

before = set(sys.modules)
import inbound_engine
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
ours = {"inbound_engine", *(name for name in roots if name.startswith("_sysconfigdata"))}  # the latter is Python's own, named by machine
print(json.dumps(sorted(roots - sys.stdlib_module_names - ours)))
"""


def test_an_assessment_touches_nothing_outside() -> None:
    """FD-1: the same lead, assessed, explained and turned into plain data, without one event."""
    assert json.loads(run(ASSESS + LISTEN)) == []


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("def act(): open(os.devnull).close()", "open"),
        ("def act(): os.listdir('.')", "os.listdir"),
        ("def act(): os.putenv('A', 'b')", "os.putenv"),
        ("def act(): socket.socket().close()", "socket.__new__"),
        ("def act(): subprocess.run([sys.executable, '-c', ''], check=True)", "subprocess.Popen"),
        ("def act(): zoneinfo.ZoneInfo.no_cache('Asia/Tokyo')", "open"),
        ("def act(): import this_one_is_not_there", "import"),
    ],
)
def test_the_hook_hears(act: str, event: str) -> None:
    program = f"""
import contextlib, os, socket, subprocess, sys, zoneinfo
{act}
guilty = act
def act():
    with contextlib.suppress(ImportError):
        guilty()
"""
    assert event in json.loads(run(program + LISTEN))


def test_the_hook_hears_nothing_of_arithmetic() -> None:
    assert json.loads(run("def act(): sum(range(10))\n" + LISTEN)) == []


def test_the_import_brings_the_dependencies_and_nothing_else() -> None:
    assert set(json.loads(run(LOAD))) - BROUGHT == set()


def test_the_import_does_not_even_try_an_optional_package(tmp_path: Path) -> None:
    """Each is put in the way as a trap, so that one which is not installed here would be noticed too."""
    for package in OPTIONAL:
        (tmp_path / f"{package}.py").write_text("raise SystemExit(f'{__name__} was imported')\n", encoding="utf-8")
    assert set(json.loads(run(LOAD, {"PYTHONPATH": str(tmp_path)}))) & set(OPTIONAL) == set()


@pytest.mark.parametrize("package", OPTIONAL)
def test_the_trap_catches(tmp_path: Path, package: str) -> None:
    (tmp_path / f"{package}.py").write_text("print('caught')\n", encoding="utf-8")
    assert run(f"import {package}", {"PYTHONPATH": str(tmp_path)}).strip() == b"caught"
