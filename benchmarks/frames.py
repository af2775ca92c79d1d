"""A table of leads: `frames.assess` beside the same written by hand in each engine, and beside a small C kernel (P8, P9).

    python -m benchmarks.frames [--leads N] [--graded N] [--activities N] [--rounds N] [--library NAME] [--memory | --growth]
    python -m benchmarks.frames --equal [--leads N] [--activities N] [--sample N] [--library NAME]

Graded leads (P8): eleven columns of eight bits, two scores, tier, MQL. Raw facts (P9): nine facts and a table of activities, by the shipped
policy without its floor. Answers are compared before anything is timed. Spark is measured where `--library spark` asks for it: it wants
java. With `--memory` each contestant runs in a process of its own, and its peak is told; with `--growth` time and peak by the number of
leads (P11). With `--equal` the answers of `frames.assess` are held against those of the objects on a random sample, and nothing is
timed. Full size is `--graded 10000000 --leads 1000000 --activities 10000000`.
"""

import argparse
import ctypes
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
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


TOOLS_COUNTED = ("salesforce", "hubspot", "segment", "snowflake", "outreach")
DEEP = (*RAISING, "trial_activity")
WEBINARS = ("webinar_registration", "webinar_attendance")
REQUESTS = ("demo_request", "call_request", "trial_signup")
FIRMOGRAPHIC = (
    ("industry", ("saas fintech", "ecommerce insurtech healthtech martech", "professional_services telecommunications media")),
    ("growth_stage", ("series_b series_c", "series_a series_d", "seed")),
    ("country", ("DE AT CH", "GB IE FR NL BE LU DK SE NO FI", "ES PT IT PL CZ US CA")),
    ("critical_event", ("confirmed", "mentioned", "implied")),
)
LEADING = (("VP ", "Chief ", "Head of "), ("CRO", "CMO", "CEO", "COO", "Founder"))
WORDS = (("Revenue", "Marketing", "Sales", "Growth"), ("Operations", "Customer", "Product"))
SUMS = {
    "s": ("size", "industry", "tools", "growth_stage", "country", "role"),
    "u": ("recency", "deep", "critical_event", "visited", "request"),
}


def _several(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _sql_raw_by_hand(engine: str) -> str:
    """Selection, urgency and tier as somebody would write them in SQL: one pass over the activities, one join, one CASE a criterion."""
    starts, holds, instant = {
        "duckdb": ("starts_with({}, '{}')", "list_contains({}, '{}')", "TIMESTAMPTZ '{}'"),
        "pyspark": ("startswith({}, '{}')", "array_contains({}, '{}')", "TIMESTAMP '{}'"),
    }[engine]
    at, week, month = (instant.format(then.isoformat(sep=" ")) for then in (AT, AT - timedelta(days=7), AT - timedelta(days=30)))
    when = '"at"' if engine == "duckdb" else "at"

    def any_of(tests: Iterable[str]) -> str:
        return f"({' OR '.join(tests)})"

    def graded(*tests: str) -> str:
        return "CASE " + " ".join(f"WHEN {test} THEN {grade}" for grade, test in zip((3, 2, 1), tests, strict=True)) + " ELSE 0 END"

    depth = f"CASE WHEN kind IN ({_several(DEEP)}) THEN 3"
    for name, several, worth in STARTS:
        kinds = ("page_view", "visit" if name in {"pricing", "demo"} else "content_download", "email_click")
        same = ("demo", "trial", "contact") if name == "demo" else (name,)
        fits = any_of([f"content IN ({_several(same)})", *(starts.format("content", start) for start in several)])
        depth += f" WHEN kind IN ({_several(kinds)}) AND {fits} THEN {worth}"
    depth += f" WHEN kind IN ({_several(WEBINARS)}) THEN 1 ELSE 0 END"

    def ever(kinds: Sequence[str]) -> str:
        return f"MAX(CASE WHEN recent AND kind IN ({_several(kinds)}) THEN 1 ELSE 0 END) = 1"

    size = [f"employees BETWEEN {low} AND {high}" for low, high in ((50, 500), (20, 1000), (10, 2000))]
    leading = any_of([*(starts.format("title", start) for start in LEADING[0]), f"title IN ({_several(LEADING[1])})"])
    held = " + ".join(f"CASE WHEN {holds.format('technologies', tool)} THEN 1 ELSE 0 END" for tool in TOOLS_COUNTED)
    grades = {
        "size": graded(*size),
        "tools": f"LEAST({held}, 3)",
        "role": graded(leading, *(any_of(f"contains(title, '{word}')" for word in words) for words in WORDS)),
        "recency": graded(f"latest > {week}", f"latest >= {month}", "latest IS NOT NULL"),
        "deep": "COALESCE(depth, 0)",
        "visited": graded("visits >= 7", "visits >= 4", "visits >= 2"),
        "request": graded(
            f"asked OR requested IN ({_several(('demo', 'call', 'trial'))})",
            "webinar OR requested = 'webinar'",
            "letter OR requested = 'newsletter'",
        ),
        **{name: graded(*(f"{name} IN ({_several(values.split())})" for values in lists)) for name, lists in FIRMOGRAPHIC},
    }
    weights = {"s": REDUCED["selection"], "u": REDUCED["urgency"]}
    sums = ", ".join(
        " + ".join(f"{grades[name]} * {weight}" for name, weight in zip(names, weights[key], strict=True)) + f" AS {key}"
        for key, names in SUMS.items()
    )
    cases = " ".join(f"WHEN s >= {selection} AND u >= {urgency} THEN '{label}'" for label, selection, urgency in LINES)
    return f"""
        WITH seen AS (
            SELECT lead_id, kind, {when} AS happened, marketing, {when} >= {month} AS recent, {depth} AS depth
            FROM activities
            WHERE {when} <= {at}
        ), summed AS (
            SELECT
                lead_id,
                MAX(CASE WHEN marketing THEN happened END) AS latest,
                MAX(CASE WHEN recent THEN depth END) AS depth,
                COUNT(CASE WHEN recent AND kind = 'visit' THEN 1 END) AS visits,
                {ever(REQUESTS)} AS asked, {ever(WEBINARS)} AS webinar, {ever(("newsletter_signup",))} AS letter
            FROM seen GROUP BY lead_id
        ), weighed AS (
            SELECT leads.*, {sums} FROM leads LEFT JOIN summed ON summed.lead_id = leads.id
        ), placed AS (
            SELECT *, CAST(s * 5 AS DOUBLE) / 3 AS selection, CAST(u * 5 AS DOUBLE) / 3 AS urgency, CASE {cases} ELSE 'NURTURE' END AS tier
            FROM weighed
        )
        SELECT id, {", ".join(("employees", *CHOICES, "technologies"))}, selection, urgency, tier, tier <> 'NURTURE' AS mql FROM placed
    """  # noqa: S608 - ours


def _pandas_raw_by_hand(leads: Frame, activities: Frame) -> Frame:
    """The same for pandas: masks over whole columns, one group-by, one merge."""
    import numpy as np  # noqa: PLC0415 - wanted here alone

    seen = activities[activities["at"] <= AT]
    kind, content, recent = seen["kind"], seen["content"].fillna(""), seen["at"] >= AT - timedelta(days=30)
    tests, worths = [kind.isin(DEEP)], [3]
    for name, several, worth in STARTS:
        kinds = ("page_view", "visit" if name in {"pricing", "demo"} else "content_download", "email_click")
        same = ("demo", "trial", "contact") if name == "demo" else (name,)
        tests.append(kind.isin(kinds) & (content.isin(same) | content.str.startswith(several)))
        worths.append(worth)
    tests.append(kind.isin(WEBINARS))
    depth = np.select(tests, [*worths, 1], default=0)
    rows = {
        "lead_id": seen["lead_id"],
        "latest": seen["at"].where(seen["marketing"]),
        "depth": np.where(recent, depth, 0),
        "visits": recent & (kind == "visit"),
        "asked": recent & kind.isin(REQUESTS),
        "webinar": recent & kind.isin(WEBINARS),
        "letter": recent & (kind == "newsletter_signup"),
    }
    how = {"latest": "max", "depth": "max", "visits": "sum", "asked": "max", "webinar": "max", "letter": "max"}
    summed = seen[[]].assign(**rows).groupby("lead_id").agg(how)
    table = leads[["id"]].join(summed, on="id")
    latest, visits, requested, title = table["latest"], table["visits"], leads["requested"], leads["title"].fillna("")
    asked, webinar, letter = (table[name].eq(True) for name in ("asked", "webinar", "letter"))
    size = leads["employees"]

    def graded(three: Any, two: Any, one: Any) -> Any:  # noqa: ANN401 - columns of pandas
        return np.select([three, two, one], [3, 2, 1], default=0)

    def has(words: Sequence[str]) -> Any:  # noqa: ANN401 - a column of pandas
        return reduce(or_, (title.str.contains(word, regex=False) for word in words))

    held = leads["technologies"].explode().isin(TOOLS_COUNTED).groupby(level=0).sum()
    grades = {
        "size": graded(*(size.between(low, high) for low, high in ((50, 500), (20, 1000), (10, 2000)))),
        "tools": held.clip(upper=3).to_numpy(),
        "role": graded(title.str.startswith(LEADING[0]) | title.isin(LEADING[1]), *map(has, WORDS)),
        "recency": graded(latest > AT - timedelta(days=7), latest >= AT - timedelta(days=30), latest.notna()),
        "deep": table["depth"].fillna(0).to_numpy(dtype=np.int64),
        "visited": graded(visits >= 7, visits >= 4, visits >= 2),
        "request": graded(
            asked | requested.isin(("demo", "call", "trial")), webinar | (requested == "webinar"), letter | (requested == "newsletter")
        ),
        **{name: graded(*(leads[name].isin(values.split()) for values in lists)) for name, lists in FIRMOGRAPHIC},
    }
    sums = {
        score: sum(grades[name] * weight for name, weight in zip(names, REDUCED[score], strict=True))
        for score, names in zip(("selection", "urgency"), SUMS.values(), strict=True)
    }
    places = [(sums["selection"] >= selection) & (sums["urgency"] >= urgency) for _, selection, urgency in LINES]
    tier = np.select(places, [label for label, _, _ in LINES], default="NURTURE")
    made = leads.assign(selection=sums["selection"] * 5 / 3, urgency=sums["urgency"] * 5 / 3, tier=tier)
    return made.assign(tier=made["tier"].astype("str"), mql=tier != "NURTURE")


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

    match library:
        case "polars":
            import polars as pl  # noqa: PLC0415 - wanted here alone

            held, seen = pl.from_arrow(leads), pl.from_arrow(activities)
            return {"frames.assess": lambda: ours(held, seen), "by hand": lambda: _polars_raw_by_hand(held, seen)}
        case "pandas":
            make = _maker("pandas")
            held, seen = make(leads), make(activities)
            return {"frames.assess": lambda: ours(held, seen), "by hand": lambda: _pandas_raw_by_hand(held, seen)}
        case _:
            import duckdb  # noqa: PLC0415 - wanted here alone

            connection = duckdb.connect()
            for name, table in (("leads", leads), ("activities", activities)):
                connection.register(f"arrow_{name}", table)
                connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_{name}")  # noqa: S608 - names of ours
            sql = _sql_raw_by_hand("duckdb")
            return {
                "frames.assess": lambda: ours(connection.table("leads"), connection.table("activities")).order("id").to_arrow_table(),
                "by hand": lambda: connection.sql(sql).order("id").to_arrow_table(),
            }


def spark_works(session: Any, table: Any, happened: Any = None, *, keep: bool = False) -> dict[str, Work]:  # noqa: ANN401 - of Spark and Arrow
    """Ours and the hand's on Spark, from tables that it holds in memory; the answer is kept, or written nowhere."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - wanted here alone

    folder = Path(tempfile.mkdtemp())
    held: dict[str, Any] = {}
    for name, one in (("leads", table), ("activities", happened)):
        if one is not None:
            pq.write_table(one, folder / f"{name}.parquet", coerce_timestamps="us", row_group_size=250_000)
            held[name] = session.read.parquet(str(folder / f"{name}.parquet")).cache()
            held[name].count()
    policy = compile_policy(raw_policy() if held.get("activities") is not None else graded_policy())
    sql = _sql_raw_by_hand("pyspark") if "activities" in held else _spark_by_hand()

    def written() -> Frame:
        for name, one in held.items():
            one.createOrReplaceTempView(name)
        return session.sql(sql)

    def ended(answer: Frame) -> Frame:
        return (
            (answer.orderBy("id") if "activities" in held else answer).toArrow()
            if keep
            else answer.write.format("noop").mode("overwrite").save()
        )

    return {
        "frames.assess": lambda: ended(frames.assess(held["leads"], policy, at=AT, activities=held.get("activities"), only=WANTED)),
        "by hand": lambda: ended(written()),
    }


def _spark_by_hand() -> str:
    """Graded leads on Spark, as careful as ours: nobody has looked at the columns before."""
    cells = {name: f"CASE WHEN {name} BETWEEN 0 AND 3 THEN {name} ELSE 0 END" for name in GRADED}
    sums = ", ".join(
        " + ".join(f"{cells[column]} * {weight}" for column, weight in zip(WEIGHTS[name], REDUCED[name], strict=True)) + f" AS {short}"
        for name, short in (("selection", "s"), ("urgency", "u"))
    )
    odd = " OR ".join(f"{name} NOT BETWEEN 0 AND 3" for name in GRADED)
    cases = " ".join(f"WHEN s >= {selection} AND u >= {urgency} THEN '{label}'" for label, selection, urgency in LINES)
    inner = f"SELECT *, {sums}, NOT COALESCE({odd}, FALSE) AS fine FROM leads"  # noqa: S608 - ours
    scores = ", ".join(
        f"CASE WHEN fine THEN CAST({short} * 5 AS DOUBLE) / 3 END AS {name}" for name, short in (("selection", "s"), ("urgency", "u"))
    )
    middle = f"SELECT *, {scores}, CASE WHEN fine THEN CASE {cases} ELSE 'NURTURE' END END AS tier FROM ({inner})"  # noqa: S608 - ours
    return f"SELECT {', '.join((*GRADED, 'selection', 'urgency', 'tier'))}, tier <> 'NURTURE' AS mql FROM ({middle})"  # noqa: S608 - ours


LIBRARIES = ("polars", "duckdb", "pandas", "pyarrow")
RAW_LIBRARIES = ("polars", "duckdb", "pandas")


def prepare(
    *, graded: int = 1_000_000, leads: int = 200_000, activities: int = 2_000_000, rounds: int = 5, libraries: Sequence[str] = LIBRARIES
) -> tuple[Bench, ...]:
    """A bench for each engine; small tables are compared first."""
    benches = []
    small, large = graded_table(20_000), graded_table(graded)
    for library in libraries:
        most = 3.0 if library == "pyarrow" else 1.15
        _agree(graded_works(small.slice(0, 9_999), library))
        works = graded_works(large, library)
        goals = [Goal("P8", "frames.assess", most, ("by hand, as careful" if "by hand, as careful" in works else "by hand",))]
        goals += [Goal("P8", "frames.assess", 5, ("C kernel, one core",))] if "C kernel, one core" in works else []
        title = f"{graded:,} graded leads in {library} (P8)"
        benches.append(_bench(title, works, graded, goals, rounds))
    few, several = lead_table(5_000), activity_table(50_000, 5_000)
    many, happened = lead_table(leads), activity_table(activities, leads)
    for library in (name for name in RAW_LIBRARIES if name in libraries):
        _agree(raw_works(few, several, library))
        works = raw_works(many, happened, library)
        title = f"{leads:,} leads and {activities:,} activities in {library} (P9)"
        benches.append(_bench(title, works, leads, [Goal("P9", "frames.assess", 1.3, ("by hand",))], rounds))
    return tuple(benches)


def prepare_spark(*, graded: int, leads: int, activities: int, rounds: int) -> tuple[Bench, ...]:
    """The same on Spark, in a session of its own."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - not everybody has it

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "4g",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    _agree(spark_works(session, graded_table(20_000), keep=True))
    _agree(spark_works(session, lead_table(5_000), activity_table(50_000, 5_000), keep=True))
    benches = []
    for title, count, most, tables in (
        (f"{graded:,} graded leads in Spark (P8)", graded, 1.15, (graded_table(graded),)),
        (
            f"{leads:,} leads and {activities:,} activities in Spark (P9)",
            leads,
            1.3,
            (lead_table(leads), activity_table(activities, leads)),
        ),
    ):
        works = spark_works(session, *tables)
        benches.append(_bench(title, works, count, [Goal(title[-3:-1], "frames.assess", most, ("by hand",))], rounds))
    return tuple(benches)


def _bench(title: str, works: Mapping[str, Work], count: int, goals: Sequence[Goal], rounds: int) -> Bench:
    contestants = tuple(Contestant(name, _timed(work, count)) for name, work in works.items())
    return Bench(title, "ns", "by hand", contestants, tuple(goals), rounds=rounds)


def peak(kind: str, library: str, contestant: str, counts: Sequence[int]) -> tuple[float, float]:
    """The peak of one contestant's process over what its tables take, in bytes a lead; and the time of a second call, in nanoseconds."""
    if kind == "graded":
        works = graded_works(graded_table(counts[0]), library)
    else:
        works = raw_works(lead_table(counts[1]), activity_table(counts[2], counts[1]), library)
    leads = counts[0 if kind == "graded" else 1]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = works[contestant]()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert kept is not None
    return (after - before) * 1024 / leads, _timed(works[contestant], leads)()


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
            import pyarrow as pa  # noqa: PLC0415 - wanted here alone

            return lambda table: table.to_pandas(types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_list(kind) else None)
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
    parser.add_argument("--library", choices=(*LIBRARIES, "spark"), help="this one alone")
    parser.add_argument("--memory", action="store_true", help="the peak of each contestant, in a process of its own")
    parser.add_argument("--growth", action="store_true", help="time and peak memory by the number of leads (P11)")
    parser.add_argument("--peak", nargs=3, metavar=("kind", "library", "contestant"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    counts = (options.graded, options.leads, options.activities)
    if options.equal:
        library = options.library or "polars"
        compared = equal(options.leads, options.activities, options.sample, library)
        print(f"{compared:,} of {options.leads:,} leads with {options.activities:,} activities in {library}: equal to the objects.")
    elif options.peak:
        print(json.dumps(peak(options.peak[0], options.peak[1], options.peak[2], counts)))
    elif options.memory:
        memory(counts)
    elif options.growth:
        growth(options.graded)
    else:
        made = {"graded": options.graded, "leads": options.leads, "activities": options.activities, "rounds": options.rounds}
        libraries = LIBRARIES if options.library is None else (options.library,)
        for bench in prepare_spark(**made) if options.library == "spark" else prepare(**made, libraries=libraries):
            print(*in_a_terminal(measure(bench)), sep="\n", flush=True)
    return 0


def memory(counts: Sequence[int]) -> None:
    """Tells the peak of ours beside that of the hand."""
    for kind, library in (*(("graded", name) for name in LIBRARIES), *(("raw", name) for name in RAW_LIBRARIES)):
        ours, theirs = (_peak_elsewhere(kind, library, contestant, counts)[0] for contestant in ("frames.assess", "by hand"))
        print(f"{kind} in {library}: {ours:.0f} bytes a lead, by hand {theirs:.0f}, {ours / max(theirs, 1):.2f} times", flush=True)


def growth(most: int) -> None:
    """Tells time and peak memory a lead, from a thousand graded leads on, ten times as many each time."""
    count = 1_000
    while count <= most:
        found, took = _peak_elsewhere("graded", "polars", "frames.assess", (count, 1, 1))
        print(f"{count:>10,} graded leads in polars: {took:,.0f} ns and {found:,.0f} bytes a lead", flush=True)
        count *= 10


def _peak_elsewhere(kind: str, library: str, contestant: str, counts: Sequence[int]) -> tuple[float, float]:
    """The peak in bytes and the time in nanoseconds, each a lead, in a process of its own."""
    sizes = [f"--{name}={count}" for name, count in zip(("graded", "leads", "activities"), counts, strict=True)]
    command = [sys.executable, "-m", "benchmarks.frames", "--peak", kind, library, contestant, *sizes]
    found, took = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(found), float(took)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
