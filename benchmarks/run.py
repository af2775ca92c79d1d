"""Which benchmarks there are, and how their figures are shown.

Figures are printed as they come. Once all have run in full, they are written between the markers of `README.md` too.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from benchmarks import (
    assess_each,
    assess_graded,
    assess_raw,
    attribution,
    business_time,
    conditions,
    imports,
    lifecycle,
    load,
    parse,
    response,
    routing,
    street,
)
from benchmarks.measure import Bench, Figure, Goal, Result, Verdict, measure
from benchmarks.peers import PACKAGES, version

__all__ = ["README", "ROOMS", "as_markdown", "in_a_terminal", "main"]

ROOMS: dict[str, ModuleType] = {
    "assess_graded": assess_graded,
    "assess_raw": assess_raw,
    "assess_each": assess_each,
    "parse": parse,
    "conditions": conditions,
    "business_time": business_time,
    "response": response,
    "routing": routing,
    "lifecycle": lifecycle,
    "attribution": attribution,
    "street": street,
    "load": load,
    "imports": imports,
}

README = Path(__file__).with_name("README.md")
"""Where the figures of the day stand."""
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_OURS = ("pydantic", "attrs", "python-dateutil")
_DECIMALS = 100


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks that are named, or all of them; 2 for a name that is none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the hot rooms beside their peers.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"the beginning of one of: {', '.join(ROOMS)}")
    parser.add_argument("--quick", action="store_true", help="few rounds, for a look; README.md stays as it is")
    options = parser.parse_args(arguments)
    chosen = [name for name in ROOMS if not options.names or any(name.startswith(start) for start in options.names)]
    if strangers := [start for start in options.names if not any(name.startswith(start) for name in ROOMS)]:
        parser.error(f"no benchmark called {', '.join(strangers)}")
    results: list[Result] = []
    for name in chosen:
        benches: tuple[Bench, ...] = ROOMS[name].prepare(quick=options.quick)
        for bench in benches:
            results.append(measure(bench, quick=options.quick))
            print(*in_a_terminal(results[-1]), sep="\n", flush=True)
    if chosen == list(ROOMS) and not options.quick:
        _write("\n".join(as_markdown(results)))
        print(f"\n{README.name} has the figures.")
    return 0


# ------------------------------------------------------------------------------------------------------------ in words


def _number(value: float) -> str:
    """Three digits that count, thousands set off."""
    if value >= _DECIMALS:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= _DECIMALS / 10 else f"{value:.2f}"


def _value(figure: Figure, unit: str) -> str:
    return "not installed" if figure.value is None else f"{_number(figure.value)} {unit}"


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else _number(figure.ratio)


def _promise(goal: Goal, unit: str) -> str:
    """What the goal asks."""
    if not goal.than:
        return f"at most {goal.at_most:g} {unit}"
    return f"at most {goal.at_most:g} ×" if goal.at_most >= 1 else f"at least {1 / goal.at_most:g} × faster than"


def _found(verdict: Verdict, unit: str) -> str:
    """What was measured of it, in the words of the goal."""
    if verdict.measured is None:
        return "not installed"
    if not verdict.goal.than:
        return f"{_number(verdict.measured)} {unit}"
    if verdict.goal.at_most >= 1:
        return f"{_number(verdict.measured)} ×"
    faster = 1 / verdict.measured
    return f"{_number(faster)} × faster" if faster >= 1 else f"{_number(verdict.measured)} × slower"


def _than(goal: Goal) -> str:
    if len(goal.than) > 1:
        return f"the best of {len(goal.than)} engines"
    return goal.than[0] if goal.than else ""


def _word(verdict: Verdict) -> str:
    return {True: "met", False: "missed", None: "not measured"}[verdict.met]


def in_a_terminal(result: Result) -> Iterator[str]:
    """The lines of a bench, for a terminal."""
    bench = result.bench
    yield f"\n{bench.title}"
    width = max(len(figure.name) for figure in result.figures)
    for figure in result.figures:
        yield f"  {figure.name:{width}}  {_value(figure, bench.unit):>16}  {_ratio(figure):>8}  {figure.note}".rstrip()
    for verdict in result.verdicts:
        goal = verdict.goal
        yield f"  {goal.code}: {goal.ours}: {_promise(goal, bench.unit)} {_than(goal)}: {_found(verdict, bench.unit)}: {_word(verdict)}"


# --------------------------------------------------------------------------------------------------------- in README.md


def as_markdown(results: Sequence[Result]) -> Iterator[str]:
    """The lines of all benches, for README.md: goals first, then a table each."""
    python = ".".join(str(part) for part in sys.version_info[:2])
    packages = ", ".join(f"{name} {version(name)}" for name in (*_OURS, *PACKAGES))
    yield f"Measured on {datetime.now(UTC).date().isoformat()}: {os.cpu_count()} cores, CPython {python}. Packages: {packages}."
    yield from ("", "### Goals", "", "| goal | what | asked | measured | |", "| --- | --- | --- | --: | --- |")
    verdicts = [(result.bench, verdict) for result in results for verdict in result.verdicts]
    for bench, verdict in sorted(verdicts, key=lambda pair: _code_order(pair[1].goal.code)):
        goal = verdict.goal
        asked = f"{_promise(goal, bench.unit)} {_cell(_than(goal))}".strip()
        word = _word(verdict) if verdict.met else f"**{_word(verdict)}**"
        yield f"| {goal.code} | {_cell(_subject(bench, goal))} | {asked} | {_found(verdict, bench.unit)} | {word} |"
    for result in results:
        bench = result.bench
        yield from ("", f"### {bench.title}", "", *([bench.note, ""] if bench.note else []))
        yield from (f"| | {bench.unit} | × | |", "| --- | --: | --: | --- |")
        for figure in result.figures:
            value = "not installed" if figure.value is None else _number(figure.value)
            yield f"| {_cell(figure.name)} | {value} | {_ratio(figure)} | {figure.note} |"


def _subject(bench: Bench, goal: Goal) -> str:
    """Which figure of which bench the goal is about."""
    return f"{bench.title.partition(' (')[0]}: {goal.ours}"


def _code_order(code: str) -> tuple[int, str, int]:
    """P2 before P10, and AP-1 after both."""
    letters = code.rstrip("0123456789")
    return len(letters), letters, int(code.removeprefix(letters))


def _cell(name: str) -> str:
    """Code in a name set as code."""
    rooms = "engine|policy|signals|hours|sla|cadence|compliance|lifecycle|journeys|attribution|json|Policy|Engine"
    return re.sub(rf"(?<![`\w.])((?:{rooms})[.(][\w.]*(?:\(.*\))?\)?)", r"`\1`", name)


def _write(text: str) -> None:
    before, _, rest = README.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    README.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")
