"""The rule index: which policy, code, tests and pages a rule of the documents leads to.

    python -m tests.rule_index

Writes docs/reference/rule-index.md from the repository alone: a rule leads to whatever names it. `make rules` does the same, and
tests/test_rule_index.py holds the page to it. "SC-4 to SC-6" names all three; a test holds a rule only where one of its functions
names the very rule.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from inbound_engine.playbook import PLAYBOOK
from tests.places import ROOT

__all__ = ["BUILT", "FAMILIES", "LATER", "PAGE", "cited", "held", "page", "policy_paths", "rules", "tests_held"]

PAGE = ROOT / "docs" / "reference" / "rule-index.md"

FAMILIES: Mapping[str, tuple[str, int]] = {
    "FD": ("Facts, time and exactness", 6),
    "LC": ("Lifecycle", 14),
    "SC": ("Scoring", 11),
    "TI": ("Tiers", 5),
    "SL": ("Hand-off and response times", 11),
    "RT": ("Routing", 9),
    "CD": ("Cadence", 8),
    "AT": ("Attribution", 7),
    "UT": ("Campaigns and UTM", 4),
    "FN": ("Funnel and reporting", 9),
    "CP": ("Capacity", 2),
    "CB": ("Calibration and what-if", 6),
    "DG": ("Demand", 3),
    "AB": ("Accounts", 1),
    "AI": ("Segments and briefs", 2),
    "MT": ("Maturity", 1),
    "PS": ("After the sale", 1),
    "GM": ("Downstream metrics", 1),
    "RF": ("Reference figures", 1),
    "TM": ("Business time, in detail", 20),
    "CL": ("Clocks, in detail", 20),
    "RO": ("Routing, in detail", 19),
    "CA": ("Cadences, in detail", 22),
    "CQ": ("Capacity, in detail", 6),
    "AD": ("Attribution, in detail", 33),
}
"""The families of rules, in the order of the documents, and how many rules each has."""

LATER = frozenset(
    "SC-9 FN-1 FN-3 FN-4 FN-5 FN-7 FN-8 FN-9 CB-1 CB-2 CB-3 CB-4 CB-5 CB-6 DG-1 DG-2 DG-3 AB-1 AI-1 MT-1 PS-1 GM-1 RF-1 AD-32".split()
)
"""Rules that no room is built for yet. Whoever builds one takes it out: a test says so."""

_RULE = re.compile(rf"\b({'|'.join(FAMILIES)})-([1-9][0-9]?)\b(?: to (?:\1-)?([1-9][0-9]?)\b)?")
_NAMED = re.compile(rf"(?<=_)({'|'.join(FAMILIES).lower()})([1-9][0-9]?)(?=_|$)")  # test_tm2_a_calendar_...
_OWN = frozenset({"rule_index.py", "test_rule_index.py", "test_reference.py"})  # they list rules, and hold none
_MOST = 6  # paths of one table in a cell; more are counted


def rules() -> tuple[str, ...]:
    """Every rule, family by family."""
    return tuple(f"{family}-{number}" for family, (_, count) in FAMILIES.items() for number in range(1, count + 1))


BUILT = tuple(rule for rule in rules() if rule not in LATER)


def cited(text: str) -> set[str]:
    """The rules that a text names, those between two ends too."""
    return {f"{family}-{number}" for family, first, last in _RULE.findall(text) for number in range(int(first), int(last or first) + 1)}


def held(source: str) -> set[str]:
    """The rules that the test functions of a file name themselves, in name, rows, words or comments; not those between two ends."""
    lines = source.splitlines()
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (node.name.startswith("test_") or _is_watched(node)):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            text = "\n".join(lines[start - 1 : node.end_lineno])
            found |= {f"{family}-{number}" for family, *ends in _RULE.findall(text) for number in ends if number}
            found |= {f"{family.upper()}-{number}" for family, number in _NAMED.findall(node.name)}
    return found


def _is_watched(node: ast.FunctionDef) -> bool:
    """Steps and invariants of a life hold rules as tests do."""
    names = {getattr(one.func if isinstance(one, ast.Call) else one, "id", "") for one in node.decorator_list}
    return bool(names & {"rule", "invariant"})


def policy_paths() -> dict[str, list[str]]:
    """The paths of the playbook whose `source` names each rule."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, source in _sources("", PLAYBOOK):
        for rule in cited(source):
            found[rule].append(path)
    return found


def _sources(path: str, data: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - plain data
    if isinstance(data, Mapping):
        if isinstance(data.get("source"), str):
            yield path, data["source"]
        for key, value in data.items():
            yield from _sources(f"{path}.{key}" if path else key, value)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            names = [value[key] for key in ("id", "criterion") if isinstance(value, Mapping) and key in value]
            yield from _sources(f"{path}[{names[0] if names else number}]", value)


def page() -> str:
    """The page, as it should stand."""
    paths = policy_paths()
    src, tests, docs = ROOT / "src" / "inbound_engine", ROOT / "tests", ROOT / "docs"
    code = _by_rule((path, path.relative_to(src).with_suffix("").as_posix().replace("/", ".")) for path in _files(src, "*.py"))
    checks = _by_rule(((path, path.relative_to(tests).as_posix()) for path in _files(tests, "*.py")), held)
    pages = _by_rule((path, path.relative_to(docs).as_posix()) for path in _files(docs, "*.md"))
    parts = [_HEAD]
    for family, (title, count) in FAMILIES.items():
        names = [f"{family}-{number}" for number in range(1, count + 1)]
        rows = [_row(name, paths, code, checks, pages) for name in names if name not in LATER]
        later = [name for name in names if name in LATER]
        parts.append(f"\n## {family}: {title}\n")
        if rows:
            parts.append("\n| rule | policy | code | tests | pages |\n| --- | --- | --- | --- | --- |\n" + "".join(rows))
        if later:
            parts.append(f"\nNot built: {', '.join(later)}.\n")
    return "".join(parts)


_HEAD = """# Rule index

Where each rule of the source documents is told: the paths of the shipped policy whose `source` names it, the rooms whose code names
it, the tests that hold it, the pages that explain it. A rule without a path is no number to be changed; one without a room is held by
the whole. The index is made by `make rules` from the repository itself, and a test fails when it is not what the repository says, or
when a rule that is built has no test.

The families in detail (TM, CL, RO, CA, CQ, AD) say what the documents leave open. Paths are those of [the policy](policy.md); which
decisions can be switched is told on [Interpretations](../explanation/interpretations.md).
"""


def tests_held() -> set[str]:
    """The rules that some test of the repository holds."""
    return set().union(*(held(path.read_text(encoding="utf-8")) for path in _files(ROOT / "tests", "*.py")))


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob(pattern)) if path != PAGE and path.name not in _OWN | {"playbook.py"})


def _by_rule(files: Iterable[tuple[Path, str]], *also: Callable[[str], set[str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, name in files:
        text = path.read_text(encoding="utf-8")
        for rule in cited(text).union(*(read(text) for read in also)):
            found[rule].append(name)
    return found


def _row(
    rule: str,
    paths: Mapping[str, list[str]],
    code: Mapping[str, list[str]],
    checks: Mapping[str, list[str]],
    pages: Mapping[str, list[str]],
) -> str:
    cells = (
        ", ".join(_few(paths.get(rule, []))),
        ", ".join(f"[`{room}`]({room.rpartition('.')[2]}.md)" for room in code.get(rule, [])),
        ", ".join(f"`{name}`" for name in checks.get(rule, [])),
        ", ".join(f"[{name.removesuffix('.md')}]({_from_reference(name)})" for name in pages.get(rule, [])),
    )
    return f"| {rule} | {' | '.join(cell or '–' for cell in cells)} |\n"


def _few(paths: list[str]) -> Iterator[str]:
    """The paths; of many that end in rows of one table the table, with their number."""
    tables: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        tables[re.split(r"[.\[]", path)[0]].append(path)
    for table, inside in tables.items():
        if len(inside) > _MOST:
            yield f"`{table}` ({len(inside)} places)"
        else:
            yield from (f"`{path}`" for path in inside)


def _from_reference(name: str) -> str:
    return name.removeprefix("reference/") if name.startswith("reference/") else f"../{name}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
