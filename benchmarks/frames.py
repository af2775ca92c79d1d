"""A table of leads: `frames.assess` beside the same written by hand in each engine, and beside a small C kernel (P8, P9).

    python -m benchmarks.frames [--leads N] [--graded N] [--activities N] [--rounds N] [--memory]
    python -m benchmarks.frames --equal [--leads N] [--activities N] [--sample N] [--library NAME]

Graded leads (P8): eleven columns of eight bits, two scores, tier, MQL. Raw facts (P9): nine facts and a table of activities, by the shipped
policy without its floor. Answers are compared before anything is timed. With `--memory` each contestant runs in a process of its own, and
its peak is told. With `--equal` the answers of `frames.assess` are held against those of the objects on a random sample, and nothing is
timed. Full size is `--graded 10000000 --leads 1000000 --activities 10000000`.
"""

import argparse
import ctypes
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from time import perf_counter
from typing import Any, TypeAlias

from benchmarks.assess_graded import graded_policy
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, Value, measure
from benchmarks.peers import SELECTION, URGENCY
from benchmarks.run import in_a_terminal
from inbound_engine import Account, Activity, Engine, Lead, Policy, frames
from inbound_engine.documents import changed
from inbound_engine.facts import Extra
from inbound_engine.policy import Compiled
from inbound_engine.policy import compile as compile_policy

__all__ = ["activity_table", "equal", "graded_table", "lead_table", "leads_of", "main", "prepare"]

Frame: TypeAlias = Any
"""A frame of whichever library."""
Work: TypeAlias = Callable[[], Frame]
"""Answers a whole table."""

AT = datetime(2026, 3, 30, 9, 3, tzinfo=UTC)
DAY = 86_400_000_000
WANTED = ("selection", "urgency", "tier", "mql")
GRADED = tuple(f"{name}_grade" for name in (*SELECTION, *URGENCY))
WEIGHTS = {"selection": [f"{name}_grade" for name in SELECTION], "urgency": [f"{name}_grade" for name in URGENCY]}
REDUCED = {"selection": [weight // 5 for weight in SELECTION.values()], "urgency": [weight // 5 for weight in URGENCY.values()]}
LINES = (("T1", 42, 36), ("T2", 30, 24), ("T3", 18, 18))
"""The tiers in fifths of three times the points: 70 points are 42."""
SEED = 20_260_330

# ---------------------------------------------------------------------------------------------------------------- tables


def graded_table(count: int) -> Any:  # noqa: ANN401 - a table of Arrow
    """Leads with eleven grades, of eight bits each."""
    import numpy as np  # noqa: PLC0415 - wanted here alone
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone

    draw = np.random.default_rng(SEED)
    return pa.table({name: draw.integers(0, 4, count, dtype=np.uint8) for name in GRADED})


CHOICES: Mapping[str, Sequence[str | None]] = {
    "industry": ("saas", "fintech", "ecommerce", "healthtech", "media", "mining", None),
    "growth_stage": ("series_b", "series_c", "series_a", "seed", "public", None),
    "country": ("DE", "AT", "GB", "FR", "US", "ES", "BR", None),
    "title": ("VP Sales", "Chief Revenue Officer", "CRO", "Head of Growth", "Revenue Analyst", "Product Manager", "Accountant", None),
    "critical_event": ("none", "implied", "mentioned", "confirmed", None),
    "requested": ("nothing", "newsletter", "webinar", "demo", None, None, None),
    "lead_type": ("demo_request", "content_download", None, None),
}
TOOLS: Sequence[Sequence[str] | None] = (
    ("salesforce", "segment", "hubspot"), ("salesforce", "excel"), ("hubspot", "outreach"), ("snowflake",), ("excel",), (), None,
)  # fmt: skip
KINDS = (*("visit", "page_view") * 4, "email_open", "email_click", "content_download", "webinar_attendance", "demo_request", "reply")
CONTENTS = (None, None, None, "pricing", "pricing/enterprise", "blog/why", "guide/x", "case_study", "comparison", "careers", "demo")


def lead_table(count: int) -> Any:  # noqa: ANN401 - a table of Arrow
    """Leads with the facts that the shipped policy asks for; ids are whole numbers."""
    import numpy as np  # noqa: PLC0415 - wanted here alone
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone

    draw = np.random.default_rng(SEED)
    columns: dict[str, Any] = {"id": np.arange(count, dtype=np.int64)}
    sizes = np.array([0, 9, 10, 19, 20, 49, 50, 240, 500, 501, 1000, 1001, 2000, 2001, 90_000], dtype=np.int32)
    columns["employees"] = pa.array(sizes[draw.integers(0, len(sizes), count)], mask=draw.random(count) < 0.1)
    for name, values in CHOICES.items():
        columns[name] = pa.array(values, pa.string()).take(pa.array(draw.integers(0, len(values), count)))
    columns["technologies"] = pa.array([None if one is None else list(one) for one in TOOLS], pa.list_(pa.string())).take(
        pa.array(draw.integers(0, len(TOOLS), count))
    )
    return pa.table(columns)


def activity_table(count: int, leads: int) -> Any:  # noqa: ANN401 - a table of Arrow
    """What those leads did within the last 90 days, some of it after `at`."""
    import numpy as np  # noqa: PLC0415 - wanted here alone
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone

    draw = np.random.default_rng(SEED + 1)
    now = int(AT.timestamp()) * 1_000_000
    ticks = now - draw.integers(-DAY, 90 * DAY, count)
    return pa.table(
        {
            "lead_id": draw.integers(0, leads, count, dtype=np.int64),
            "kind": pa.array(KINDS, pa.string()).take(pa.array(draw.integers(0, len(KINDS), count))),
            "at": pa.array(ticks, pa.timestamp("us", "UTC")),
            "content": pa.array(CONTENTS, pa.string()).take(pa.array(draw.integers(0, len(CONTENTS), count))),
            "marketing": draw.random(count) < 0.9,
        }
    )


def leads_of(leads: Any, activities: Any, sample: Sequence[int]) -> list[Lead]:  # noqa: ANN401 - tables of Arrow
    """Some of the leads as objects, with their activities."""
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone
    import pyarrow.compute as pc  # noqa: PLC0415 - wanted here alone

    happened: dict[int, list[Activity]] = {number: [] for number in sample}
    chosen = activities.append_column("row", pa.array(range(len(activities)))).filter(pc.is_in(activities["lead_id"], pa.array(sample)))
    for row in chosen.to_pylist():
        fields = {name: row[name] for name in ("kind", "at", "content", "marketing")}
        happened[row["lead_id"]].append(Activity(id=str(row["row"]), **fields))
    return [
        Lead(
            id=str(row["id"]),
            title=row["title"],
            lead_type=row["lead_type"],
            country=row["country"],
            activities=tuple(happened[row["id"]]),
            account=Account(
                id="a",
                industry=row["industry"],
                employees=row["employees"],
                growth_stage=row["growth_stage"],
                technologies=None if row["technologies"] is None else frozenset(row["technologies"]),
            ),
            extra=Extra.of({"critical_event": row["critical_event"], "requested": row["requested"]}),
        )
        for row in leads.take(pa.array(sample)).to_pylist()
    ]


# ---------------------------------------------------------------------------------------------------- graded leads by hand


def _polars_by_hand(frame: Frame) -> Frame:
    import polars as pl  # noqa: PLC0415 - wanted here alone

    def weighed(name: str) -> Any:  # noqa: ANN401 - an expression of Polars
        return pl.sum_horizontal(
            pl.col(column).cast(pl.Int16) * weight for column, weight in zip(WEIGHTS[name], REDUCED[name], strict=True)
        )

    tier = pl.lit("NURTURE")
    for label, selection, urgency in reversed(LINES):
        tier = pl.when((pl.col("_s") >= selection) & (pl.col("_u") >= urgency)).then(pl.lit(label)).otherwise(tier)
    return (
        frame.lazy()
        .with_columns(_s=weighed("selection"), _u=weighed("urgency"))
        .with_columns(selection=pl.col("_s") * 5 / 3, urgency=pl.col("_u") * 5 / 3, tier=tier)
        .with_columns(mql=pl.col("tier") != "NURTURE")
        .drop("_s", "_u")
        .collect()
    )


def _sql_by_hand(*, careful: bool = False) -> str:
    """`careful` of grades that are missing or that nobody can have, as ours is; an eager frame is looked at once instead."""

    def weighed(name: str) -> str:
        pairs = zip(WEIGHTS[name], REDUCED[name], strict=True)
        cell = "CASE WHEN {0} BETWEEN 0 AND 3 THEN {0} ELSE 0 END" if careful else "{0}"
        return " + ".join(f"({cell.format(column)})::SMALLINT * {weight}" for column, weight in pairs)

    odd = " OR ".join(f"{column} NOT BETWEEN 0 AND 3" for column in GRADED) if careful else "FALSE"

    cases = " ".join(f"WHEN s >= {selection} AND u >= {urgency} THEN '{label}'" for label, selection, urgency in LINES)
    inner = f"SELECT *, {weighed('selection')} AS s, {weighed('urgency')} AS u, coalesce({odd}, FALSE) AS odd FROM leads"  # noqa: S608 - ours
    fine = "CASE WHEN NOT odd THEN {0} END" if careful else "{0}"
    scores = f"{fine.format('s * 5 / 3')} AS selection, {fine.format('u * 5 / 3')} AS urgency"
    tier = fine.format(f"CASE {cases} ELSE 'NURTURE' END")
    middle = f"SELECT * EXCLUDE (s, u, odd), {scores}, {tier} AS tier FROM ({inner})"  # noqa: S608 - ours
    return f"SELECT *, tier <> 'NURTURE' AS mql FROM ({middle})"  # noqa: S608 - ours


def _pandas_by_hand(frame: Frame) -> Frame:
    import numpy as np  # noqa: PLC0415 - wanted here alone

    sums: dict[str, Any] = {}
    for name, columns in WEIGHTS.items():
        sums[name] = sum(frame[column].astype("int16") * weight for column, weight in zip(columns, REDUCED[name], strict=True))
    tests = [(sums["selection"] >= selection) & (sums["urgency"] >= urgency) for _, selection, urgency in LINES]
    tier = np.select(tests, [label for label, _, _ in LINES], default="NURTURE")
    made = frame.assign(selection=sums["selection"] * 5 / 3, urgency=sums["urgency"] * 5 / 3, tier=tier)
    return made.assign(tier=made["tier"].astype("str"), mql=made["tier"] != "NURTURE")


def _arrow_by_hand(table: Frame) -> Frame:
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone
    import pyarrow.compute as pc  # noqa: PLC0415 - wanted here alone

    sums: dict[str, Any] = {}
    for name, columns in WEIGHTS.items():
        total: Any = None
        for column, weight in zip(columns, REDUCED[name], strict=True):
            part = pc.multiply(table[column].cast(pa.int16()), pa.scalar(weight, pa.int16()))
            total = part if total is None else pc.add(total, part)
        sums[name] = total
    tests = [
        pc.and_(pc.greater_equal(sums["selection"], selection), pc.greater_equal(sums["urgency"], urgency))
        for _, selection, urgency in LINES
    ]
    tier: Any = pa.scalar("NURTURE")
    for test, (label, _, _) in zip(reversed(tests), reversed(LINES), strict=True):
        tier = pc.if_else(test, label, tier)
    for name in WEIGHTS:
        table = table.append_column(name, pc.divide(pc.cast(pc.multiply(sums[name], 5), pa.float64()), 3.0))
    return table.append_column("tier", tier).append_column("mql", pc.not_equal(tier, "NURTURE"))


KERNEL = """
#include <stdint.h>
#include <stddef.h>
void assess(const uint8_t **g, size_t n, double *selection, double *urgency, uint8_t *tier) {
    for (size_t i = 0; i < n; i++) {
        int s = 5*g[0][i] + 4*g[1][i] + 4*g[2][i] + 3*g[3][i] + 2*g[4][i] + 2*g[5][i];
        int u = 5*g[6][i] + 5*g[7][i] + 4*g[8][i] + 3*g[9][i] + 3*g[10][i];
        selection[i] = s * 5 / 3.0;
        urgency[i] = u * 5 / 3.0;
        tier[i] = (s >= 42 && u >= 36) ? 0 : (s >= 30 && u >= 24) ? 1 : (s >= 18 && u >= 18) ? 2 : 3;
    }
}
"""


def _kernel(table: Any) -> Work | None:  # noqa: ANN401 - a table of Arrow
    """The same in C, one pass over the bytes; None where there is no compiler."""
    import numpy as np  # noqa: PLC0415 - wanted here alone

    compiler = which("cc")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp())
    source, library = folder / "kernel.c", folder / "kernel.so"
    source.write_text(KERNEL, encoding="utf-8")
    subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    call = ctypes.CDLL(str(library)).assess
    columns = [np.ascontiguousarray(table[name].to_numpy()) for name in GRADED]
    count = len(table)
    selection, urgency, tier = np.empty(count), np.empty(count), np.empty(count, dtype=np.uint8)
    pointers = (ctypes.c_void_p * len(columns))(*(column.ctypes.data for column in columns))
    ends = [ctypes.c_void_p(one.ctypes.data) for one in (selection, urgency, tier)]

    def work() -> Frame:
        call(pointers, ctypes.c_size_t(count), *ends)
        return {
            "selection": selection,
            "urgency": urgency,
            "tier": np.array(["T1", "T2", "T3", "NURTURE"])[tier] if count < 10_000 else tier,
        }

    return work


# ------------------------------------------------------------------------------------------------------- raw facts by hand


def raw_policy() -> Policy:
    """The shipped policy without its floor, which asks what a grade could still be: nobody writes that by hand."""
    return changed(Policy(), {"tiers.floors": []})


RAISING = ("demo_request", "call_request", "trial_signup", "contact_form")
STARTS = (
    ("pricing", ("pricing/", "/pricing"), 3), ("demo", ("demo/", "/demo", "trial/", "/trial", "/contact"), 3),
    ("case_study", ("case_study/", "/case-studies"), 2), ("comparison", ("comparison/", "/compare"), 2),
    ("guide", ("guide/", "/guides"), 1),
)  # fmt: skip


def _polars_raw_by_hand(leads: Frame, activities: Frame) -> Frame:
    """Selection, urgency and tier as somebody would write them for Polars."""
    import polars as pl  # noqa: PLC0415 - wanted here alone

    at = pl.lit(AT)
    content, what, age = pl.col("content").fill_null(""), pl.col("kind"), at - pl.col("at")
    recent = age <= pl.duration(days=30)
    pages = {"pricing": ["page_view", "visit", "email_click"], "demo": ["page_view", "visit", "email_click"]}
    others = ["page_view", "content_download", "email_click"]
    depth = pl.when(what.is_in([*RAISING, "trial_activity"])).then(3)
    for name, starts, worth in STARTS:
        several = ["demo", "trial", "contact"] if name == "demo" else [name]
        fits = content.is_in(several)
        for start in starts:
            fits = fits | content.str.starts_with(start)
        depth = depth.when(what.is_in(pages.get(name, others)) & fits).then(worth)
    depth = depth.when(what.is_in(["webinar_registration", "webinar_attendance"])).then(1).otherwise(0)
    summed = (
        activities.lazy()
        .filter(pl.col("at") <= at)
        .with_columns(depth=depth, recent=recent)
        .group_by("lead_id")
        .agg(
            last=pl.col("at").filter(pl.col("marketing")).max(),
            depth=pl.col("depth").filter(pl.col("recent")).max(),
            visits=(pl.col("recent") & (what == "visit")).sum(),
            asked=(pl.col("recent") & what.is_in(["demo_request", "call_request", "trial_signup"])).any(),
            webinar=(pl.col("recent") & what.is_in(["webinar_registration", "webinar_attendance"])).any(),
            letter=(pl.col("recent") & (what == "newsletter_signup")).any(),
        )
    )
    size, title, tools = pl.col("employees"), pl.col("title").fill_null(""), pl.col("technologies")
    held = sum(
        tools.list.contains(tool).fill_null(False).cast(pl.Int8) for tool in ("salesforce", "hubspot", "segment", "snowflake", "outreach")
    )

    def graded(three: Any, two: Any, one: Any) -> Any:  # noqa: ANN401 - expressions of Polars
        return pl.when(three).then(3).when(two).then(2).when(one).then(1).otherwise(0)

    def listed(column: str, three: str, two: str, one: str) -> Any:  # noqa: ANN401 - an expression of Polars
        return graded(*(pl.col(column).is_in(values.split()) for values in (three, two, one)))

    def has(*words: str) -> Any:  # noqa: ANN401 - an expression of Polars
        return pl.any_horizontal(title.str.contains(word, literal=True) for word in words)

    lead = (
        title.str.starts_with("VP ")
        | title.str.starts_with("Chief ")
        | title.str.starts_with("Head of ")
        | title.is_in(["CRO", "CMO", "CEO", "COO", "Founder"])
    )
    requested, last, visits = pl.col("requested"), pl.col("last"), pl.col("visits")
    grades = {
        "size": graded(size.is_between(50, 500), size.is_between(20, 1000), size.is_between(10, 2000)),
        "industry": listed(
            "industry", "saas fintech", "ecommerce insurtech healthtech martech", "professional_services telecommunications media"
        ),
        "tools": pl.min_horizontal(held, pl.lit(3)),
        "stage": listed("growth_stage", "series_b series_c", "series_a series_d", "seed"),
        "place": listed("country", "DE AT CH", "GB IE FR NL BE LU DK SE NO FI", "ES PT IT PL CZ US CA"),
        "role": graded(lead, has("Revenue", "Marketing", "Sales", "Growth"), has("Operations", "Customer", "Product")),
        "recency": graded(at - last < pl.duration(days=7), at - last <= pl.duration(days=30), last.is_not_null()),
        "deep": pl.col("depth").fill_null(0),
        "event": listed("critical_event", "confirmed", "mentioned", "implied"),
        "visited": graded(visits >= 7, visits >= 4, visits >= 2),
        "request": graded(
            pl.col("asked") | requested.is_in(["demo", "call", "trial"]),
            pl.col("webinar") | (requested == "webinar"),
            pl.col("letter") | (requested == "newsletter"),
        ),
    }
    weights = {"_s": zip(("size", "industry", "tools", "stage", "place", "role"), REDUCED["selection"], strict=True)}
    weights["_u"] = zip(("recency", "deep", "event", "visited", "request"), REDUCED["urgency"], strict=True)
    sums = {
        name: pl.sum_horizontal(pl.col(f"_{grade}").cast(pl.Int16) * weight for grade, weight in rows) for name, rows in weights.items()
    }
    tier = pl.lit("NURTURE")
    for label, selection, urgency in reversed(LINES):
        tier = pl.when((pl.col("_s") >= selection) & (pl.col("_u") >= urgency)).then(pl.lit(label)).otherwise(tier)
    return (
        leads.lazy()
        .join(summed, left_on="id", right_on="lead_id", how="left", maintain_order="left")
        .with_columns(**{f"_{name}": grade for name, grade in grades.items()})
        .with_columns(**sums)
        .with_columns(selection=pl.col("_s") * 5 / 3, urgency=pl.col("_u") * 5 / 3, tier=tier)
        .with_columns(mql=pl.col("tier") != "NURTURE")
        .select(*leads.columns, *WANTED)
        .collect()
    )


# ------------------------------------------------------------------------------------------------------------ the benches


def _timed(work: Work, count: int) -> Value:
    """Nanoseconds a lead, of the wall clock: engines work in several threads, which is what they are for."""

    def value() -> float:
        start = perf_counter()
        work()
        return (perf_counter() - start) * 1e9 / count

    return value


def _columns(answer: Frame) -> dict[str, list[Any]]:
    """What a contestant answers, column by column; scores to nine digits, since a hand rounds as it likes."""
    if isinstance(answer, dict):
        found = {name: values.tolist() for name, values in answer.items()}
    elif hasattr(answer, "to_pydict"):
        found = {name: answer[name].to_pylist() for name in WANTED}
    elif hasattr(answer, "to_arrow_table"):
        table = answer.to_arrow_table()
        found = {name: table[name].to_pylist() for name in WANTED}
    else:
        found = {name: answer[name].to_list() if hasattr(answer[name], "to_list") else answer[name].tolist() for name in WANTED}
    return {name: [round(value, 9) if isinstance(value, float) else value for value in values] for name, values in found.items()}


def _agree(works: Mapping[str, Work]) -> None:
    expected: dict[str, list[Any]] = {}
    for name, work in works.items():
        found = _columns(work())
        for column, values in found.items():
            if expected.setdefault(column, values) != values:
                place = next(n for n, (one, other) in enumerate(zip(expected[column], values, strict=True)) if one != other)
                message = f"{name}: {column} of row {place} is {values[place]!r}, and {expected[column][place]!r} elsewhere"
                raise DisagreementError(message)


def graded_works(table: Any, library: str) -> dict[str, Work]:  # noqa: ANN401 - a table of Arrow
    """Ours and the hand's over graded leads, in one engine."""
    policy: Compiled = compile_policy(graded_policy())

    def ours(frame: Frame) -> Frame:
        return frames.assess(frame, policy, at=AT, only=WANTED)

    match library:
        case "polars":
            import polars as pl  # noqa: PLC0415 - wanted here alone

            held = pl.from_arrow(table)
            works = {"frames.assess": lambda: ours(held), "by hand": lambda: _polars_by_hand(held)}
            kernel = _kernel(table)
            return works if kernel is None else {**works, "C kernel, one core": kernel}
        case "pandas":
            frame = table.to_pandas()
            return {"frames.assess": lambda: ours(frame), "by hand": lambda: _pandas_by_hand(frame)}
        case "pyarrow":
            return {"frames.assess": lambda: ours(table), "by hand": lambda: _arrow_by_hand(table)}
        case _:
            import duckdb  # noqa: PLC0415 - wanted here alone

            connection = duckdb.connect()
            connection.register("arrow", table)
            connection.execute("CREATE TABLE leads AS SELECT * FROM arrow")
            sql, careful = _sql_by_hand(), _sql_by_hand(careful=True)
            return {
                "frames.assess": lambda: ours(connection.table("leads")).to_arrow_table(),
                "by hand, as careful": lambda: connection.sql(careful).to_arrow_table(),
                "by hand": lambda: connection.sql(sql).to_arrow_table(),
            }


def raw_works(leads: Any, activities: Any, library: str) -> dict[str, Work]:  # noqa: ANN401 - tables of Arrow
    """Ours and the hand's over raw facts and activities, in one engine."""
    policy = compile_policy(raw_policy())

    def ours(frame: Frame, happened: Frame) -> Frame:
        return frames.assess(frame, policy, at=AT, activities=happened, only=WANTED)

    if library == "polars":
        import polars as pl  # noqa: PLC0415 - wanted here alone

        held, seen = pl.from_arrow(leads), pl.from_arrow(activities)
        return {"frames.assess": lambda: ours(held, seen), "by hand": lambda: _polars_raw_by_hand(held, seen)}
    import duckdb  # noqa: PLC0415 - wanted here alone

    connection = duckdb.connect()
    for name, table in (("leads", leads), ("activities", activities)):
        connection.register(f"arrow_{name}", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_{name}")  # noqa: S608 - names of ours
    return {"frames.assess": lambda: ours(connection.table("leads"), connection.table("activities")).order("id").to_arrow_table()}


def prepare(*, graded: int = 1_000_000, leads: int = 200_000, activities: int = 2_000_000, rounds: int = 5) -> tuple[Bench, ...]:
    """A bench for each engine; small tables are compared first."""
    benches = []
    small, large = graded_table(20_000), graded_table(graded)
    for library, most in (("polars", 1.15), ("duckdb", 1.15), ("pandas", 1.15), ("pyarrow", 3.0)):
        _agree(graded_works(small.slice(0, 9_999), library))
        works = graded_works(large, library)
        goals = [Goal("P8", "frames.assess", most, ("by hand, as careful" if "by hand, as careful" in works else "by hand",))]
        goals += [Goal("P8", "frames.assess", 5, ("C kernel, one core",))] if "C kernel, one core" in works else []
        title = f"{graded:,} graded leads in {library} (P8)"
        benches.append(_bench(title, works, graded, goals, rounds))
    few, several = lead_table(5_000), activity_table(50_000, 5_000)
    _agree(raw_works(few, several, "polars"))
    works = raw_works(lead_table(leads), activity_table(activities, leads), "polars")
    title = f"{leads:,} leads and {activities:,} activities in polars (P9)"
    benches.append(_bench(title, works, leads, [Goal("P9", "frames.assess", 1.3, ("by hand",))], rounds))
    return tuple(benches)


def _bench(title: str, works: Mapping[str, Work], count: int, goals: Sequence[Goal], rounds: int) -> Bench:
    contestants = tuple(Contestant(name, _timed(work, count)) for name, work in works.items())
    return Bench(title, "ns", "by hand", contestants, tuple(goals), rounds=rounds)


def peak(kind: str, library: str, contestant: str, counts: Sequence[int]) -> float:
    """The peak of one contestant's process over what its tables take, in bytes a lead."""
    if kind == "graded":
        works = graded_works(graded_table(counts[0]), library)
    else:
        works = raw_works(lead_table(counts[1]), activity_table(counts[2], counts[1]), library)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = works[contestant]()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert kept is not None
    return (after - before) * 1024 / counts[0 if kind == "graded" else 1]


def equal(leads: int, activities: int, sample: int, library: str = "polars") -> int:
    """Holds every output against the objects, on a random sample of a generated table; the number of leads that were compared."""
    import numpy as np  # noqa: PLC0415 - wanted here alone

    table, happened = lead_table(leads), activity_table(activities, leads)
    policy = Policy()
    make = _maker(library)
    said = frames.assess(make(table), policy, at=AT, activities=make(happened))
    rows = _by_id(said, {int(number) for number in np.random.default_rng(SEED + 2).choice(leads, min(sample, leads), replace=False)})
    engine = Engine(policy)
    for lead in leads_of(table, happened, list(rows)):
        found, row = engine.assess(lead, at=AT), rows[int(lead.id)]
        expected: dict[str, object] = {
            "tier": found.tier,
            "tier_reason": found.reason,
            "raised_by": found.placement.raised_by,
            "mql": found.mql,
        }
        expected |= {"mql_clause": found.clause, "handed_off": found.qualification.handed_off, "missing": found.scores.grades.count(None)}
        for score in found.scores.all:
            expected |= {score.name: float(score.points), f"{score.name}_low": float(score.low), f"{score.name}_high": float(score.high)}
        odd = {name: (row[name], value) for name, value in expected.items() if row[name] != value}
        if odd or row["refused"] is not None:
            message = f"lead {lead.id}: {odd or row['refused']}"
            raise DisagreementError(message)
    return len(rows)


def _maker(library: str) -> Callable[[Any], Frame]:
    match library:
        case "polars":
            import polars as pl  # noqa: PLC0415 - wanted here alone

            made: Callable[[Any], Frame] = pl.from_arrow
            return made
        case "pandas":
            import pandas as pd  # noqa: PLC0415 - wanted here alone

            return lambda table: table.to_pandas(types_mapper=pd.ArrowDtype)
        case "pyarrow":
            return lambda table: table
        case _:
            import duckdb  # noqa: PLC0415 - wanted here alone

            connection = duckdb.connect()
            connection.execute("SET TimeZone = 'UTC'")
            relation: Callable[[Any], Frame] = connection.from_arrow
            return relation


def _by_id(said: Frame, wanted: set[int]) -> dict[int, dict[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone
    import pyarrow.compute as pc  # noqa: PLC0415 - wanted here alone

    for convert in ("to_arrow_table", "to_arrow"):
        if hasattr(said, convert):
            said = getattr(said, convert)()
    table = said if isinstance(said, pa.Table) else pa.Table.from_pandas(said, preserve_index=False)
    return {row["id"]: row for row in table.filter(pc.is_in(table["id"], pa.array(sorted(wanted)))).to_pylist()}


def main(arguments: Sequence[str]) -> int:
    """Runs the benches, or the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__.partition("\n")[0])
    for name, size in (("graded", 1_000_000), ("leads", 200_000), ("activities", 2_000_000), ("rounds", 5), ("sample", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--equal", action="store_true", help="hold the answers against the objects, time nothing")
    parser.add_argument("--library", default="polars", choices=("polars", "pandas", "pyarrow", "duckdb"))
    parser.add_argument("--memory", action="store_true", help="the peak of each contestant, in a process of its own")
    parser.add_argument("--peak", nargs=3, metavar=("kind", "library", "contestant"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    counts = (options.graded, options.leads, options.activities)
    if options.equal:
        compared = equal(options.leads, options.activities, options.sample, options.library)
        print(f"{compared:,} of {options.leads:,} leads with {options.activities:,} activities in {options.library}: equal to the objects.")
        return 0
    if options.peak:
        print(json.dumps(peak(options.peak[0], options.peak[1], options.peak[2], counts)))
        return 0
    if options.memory:
        for kind, library in (("graded", "polars"), ("graded", "duckdb"), ("graded", "pandas"), ("graded", "pyarrow"), ("raw", "polars")):
            figures = []
            for contestant in ("frames.assess", "by hand"):
                sizes = [f"--{name}={count}" for name, count in zip(("graded", "leads", "activities"), counts, strict=True)]
                command = [sys.executable, "-m", "benchmarks.frames", "--peak", kind, library, contestant, *sizes]
                figures.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(
                f"{kind} in {library}: {figures[0]:.0f} bytes a lead, by hand {figures[1]:.0f}, {figures[0] / max(figures[1], 1):.2f} times"
            )
        return 0
    for bench in prepare(graded=options.graded, leads=options.leads, activities=options.activities, rounds=options.rounds):
        print(*in_a_terminal(measure(bench)), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
