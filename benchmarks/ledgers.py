"""Credit over tables: `ledgers.credit` beside the same written by hand in Polars, DuckDB and pandas.

    python -m benchmarks.ledgers [--deals N] [--rounds N]
    python -m benchmarks.ledgers --equal [--deals N] [--library NAME]   # polars, polars lazy, duckdb, pandas, pyspark

The deals are those of `attribution`: W-shaped with four milestones, direct visits as a fallback, what sales did and what came after the
close left out, the largest remainder; 24,000 deals have some 200,000 touches. By hand each engine knows this one model and no other case.
All lines are compared before anything is timed. With `--equal` every line of every model that ships is held against the objects, and
nothing is timed.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any, TypeAlias

from benchmarks import attribution as by_hand
from benchmarks.attribution import RULES, Case, Earned
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, agree, measure, timed
from benchmarks.peers import module
from benchmarks.run import in_a_terminal
from inbound_engine import attribution, ledgers
from inbound_engine.ledgers import Amount

__all__ = ["PACKAGES", "equal", "main", "prepare"]

PACKAGES = ("narwhals", "polars", "duckdb", "pandas", "pyarrow")
"""What `pip` calls the peers and what they want."""
Frame: TypeAlias = Any
"""A frame of whichever library."""
LIBRARIES = ("polars", "duckdb", "pandas")
"""Those that are measured."""
EVERY = (*LIBRARIES, "polars lazy", "pyspark")
"""Those that are held against the objects."""
TOUCH_COLUMNS = {"id": "touch", "at": "moment", "opportunity_id": "deal", "contact_id": "contact", "campaign": None}
DEAL_COLUMNS: dict[str, Any] = {
    "id": "deal", "opened_at": "opened", "closed_at": "closed", "amount": Amount("amount", currency="EUR"), "lead_created_at": "created",
    "source_touch_id": None, "lead_contact_id": "who",
}  # fmt: skip
_EXACT = {"polars": "polars, exact", "duckdb": "DuckDB, exact", "pandas": "pandas, exact"}


def _tables(cases: Sequence[Case], library: str) -> tuple[Frame, Frame]:
    """Touches and deals as frames of that library."""
    import pyarrow as pa  # noqa: PLC0415 - wanted here alone

    deals, pairs = by_hand._rows(cases)
    zoned, text = pa.timestamp("us", "UTC"), pa.string()
    kinds = dict(zip(by_hand._DEALS, (text, zoned, zoned, pa.int64(), zoned, text), strict=True))
    deal_table = pa.table({name: pa.array([row[place] for row in deals], kind) for place, (name, kind) in enumerate(kinds.items())})
    deal_table = deal_table.append_column("won", pa.array([True] * len(deals)))
    rows = [(deal, *touch) for deal, touch in pairs]
    kinds = dict(zip(by_hand._TOUCHES, (text, zoned, pa.int64(), text, text, text, pa.bool_()), strict=True))
    touch_table = pa.table({name: pa.array([row[place] for row in rows], kind) for place, (name, kind) in enumerate(kinds.items())})
    if library.startswith("polars"):
        import polars as pl  # noqa: PLC0415 - wanted here alone

        touches, sold = pl.from_arrow(touch_table), pl.from_arrow(deal_table)
        return (touches.lazy(), sold.lazy()) if library == "polars lazy" else (touches, sold)
    if library == "pandas":
        return touch_table.to_pandas(), deal_table.to_pandas()
    if library == "pyspark":
        session = _session()
        return session.createDataFrame(touch_table), session.createDataFrame(deal_table)
    import duckdb  # noqa: PLC0415 - wanted here alone

    connection = duckdb.default_connection()  # which stays open: relations of older versions do not hold theirs
    for name, table in (("touch_table", touch_table), ("deal_table", deal_table)):
        connection.register(name, table)
        connection.execute(f"create or replace table {name.removesuffix('_table')} as from {name}")
    return connection.table("touch"), connection.table("deal")


def _session() -> Any:  # noqa: ANN401 - of Spark
    """Spark on this machine, in a zone that must make no difference."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - wanted here alone

    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "America/New_York", "spark.driver.memory": "2g",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _credited(tables: tuple[Frame, Frame], models: Sequence[str]) -> Frame:
    return ledgers.credit(*tables, RULES, models, touch_columns=TOUCH_COLUMNS, opportunity_columns=DEAL_COLUMNS)


def _collected(lines: Frame) -> list[tuple[Any, ...]]:
    """The lines as rows, whatever holds them."""
    import narwhals as nw  # noqa: PLC0415 - wanted here alone

    frame = nw.from_native(lines)
    frame = frame if isinstance(frame, nw.DataFrame) else frame.collect("pyarrow")
    return [tuple(None if isinstance(value, float) and isnan(value) else value for value in row) for row in frame.iter_rows(named=False)]


def _earned(lines: Frame) -> dict[str, Earned]:
    found: dict[str, Earned] = {}
    for row in sorted(_collected(lines), key=lambda row: row[0]):
        found.setdefault(row[0], []).append((row[3], int(row[9])))
    return found


def _ran(library: str, tables: tuple[Frame, Frame], models: Sequence[str]) -> Callable[[], object]:
    """Credits and computes every line; DuckDB is lazy until it is fetched."""
    if library == "duckdb":
        return lambda: _credited(tables, models).fetchall()
    return lambda: _credited(tables, models)


def _bench(cases: Sequence[Case], rounds: int) -> Bench:
    expected = [sorted(by_hand._w_by_hand(case.deal, case.touches), key=str) for case in cases]
    names, count, contestants = [case.deal for case in cases], len(cases), []
    for library in LIBRARIES:
        ours, exact = f"ledgers.credit, {library}", _EXACT[library]
        if module(library) is None or module("narwhals") is None or module("pyarrow") is None:
            contestants += [Contestant(ours, None), Contestant(exact, None)]
            continue
        tables = _tables(cases, library)
        found = _earned(_credited(tables, ["w_shaped"]))
        agree(ours, expected, [sorted(found[case.deal[0]], key=str) for case in cases], names)
        contestants.append(Contestant(ours, timed(_ran(library, tables, ["w_shaped"]), count, "µs"), "any policy, thirteen columns"))
        contestants.append(by_hand._engine(exact, cases, [by_hand._w_by_hand(case.deal, case.touches) for case in cases]))
    objects = "attribution.credit_each"
    contestants.append(
        Contestant(
            objects, timed(lambda: [*attribution.credit_each(RULES, map(by_hand._prepared, cases))], count, "µs"), "facts that are ready"
        )
    )
    return Bench(
        f"Credit over tables, W-shaped, per deal (AP-8, {count:,} deals)",
        "µs",
        objects,
        tuple(contestants),
        (Goal("AP-8", "ledgers.credit, polars", 2, ("polars, exact",)),),
        rounds=rounds,
    )


def equal(deals: int, library: str) -> int:
    """How many lines were compared with those of the objects, under every model that ships; another line is a `DisagreementError`."""
    cases, models = by_hand._cases(deals), tuple(RULES.models)
    wanted = sorted(_objects(cases, models), key=str)
    found = sorted(
        ((row[0], row[1], row[3], row[6], row[7], row[8], row[9]) for row in _collected(_credited(_tables(cases, library), models))),
        key=str,
    )
    for one, other in zip(wanted, found, strict=True):
        if one != other:
            raise DisagreementError(f"{library} says {other}; expected {one}")
    return len(wanted)


def _objects(cases: Sequence[Case], models: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        (
            line.opportunity.id,
            line.model,
            None if line.touch is None else line.touch.id,
            ",".join(line.milestones),
            weight,
            credit.whole,
            line.amount.minor,
        )
        for credit in attribution.credit_each(RULES, map(by_hand._prepared, cases), models)
        for line, weight in zip(credit.lines, credit.weights, strict=True)
    ]


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    return (_bench(by_hand._cases(500 if quick else 24_000), rounds=5),)


def main(arguments: Sequence[str]) -> int:
    """Runs the command; see the head of this file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledgers")
    parser.add_argument("--deals", type=int, default=24_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--equal", action="store_true", help="compare with the objects, and time nothing")
    parser.add_argument("--library", default="polars", choices=EVERY)
    options = parser.parse_args(arguments)
    if options.equal:
        compared = equal(options.deals, options.library)
        print(f"{compared:,} lines of {options.deals:,} deals in {options.library}: equal to the objects.")
        return 0
    print(*in_a_terminal(measure(_bench(by_hand._cases(options.deals), options.rounds))), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
