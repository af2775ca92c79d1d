"""How it is said to each library: words of the one package, and SQL where it has none."""

import pytest

pytest.importorskip("narwhals")

import importlib
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from inbound_engine import idioms
from inbound_engine.idioms import date_in_sql, dated, floored, micros_in_sql, natively, nw, our_name, ours, quoted, stacked, with_ours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = [
    datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # the next day in Berlin, where clocks change at one
    datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
    datetime(2026, 1, 1, 7, 59, 59, 999_999, tzinfo=UTC),  # the day before in Los Angeles, to the microsecond
    datetime(2026, 1, 1, 8, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
]
MICROS = [(at - EPOCH) // timedelta(microseconds=1) for at in INSTANTS]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
@pytest.mark.parametrize("library", ["polars", "pandas", "pandas arrow", "duckdb"])
def test_the_date_of_an_instant_is_that_of_its_zone(library: str, zone: str) -> None:
    """Counted in days from one that is the same in every library and zone."""
    if find_spec(library.split(maxsplit=1)[0]) is None:
        pytest.skip(f"{library} not installed")
    wanted = [800_000 + at.astimezone(ZoneInfo(zone)).toordinal() - EPOCH.toordinal() for at in INSTANTS]
    frame = _frame(library, {our_name("at"): MICROS})
    found = [row[0] for row in _rows(dated(frame, library.split(maxsplit=1)[0], {"day": "at"}, zone).select(our_name("day")))]
    assert found == wanted


@pytest.mark.parametrize("library", ["polars", "pandas", "duckdb"])
def test_quotients_are_rounded_down_and_exact(library: str) -> None:
    """Far beyond what a double holds."""
    if find_spec(library) is None:
        pytest.skip(f"{library} not installed")
    frame = _frame(library, {our_name("top"): [7, 2**62 - 1, 0], our_name("bottom"): [2, 3, 5]})
    found = floored(frame, library, our_name("quotient"), ours("top"), ours("bottom"))
    assert _rows(found.select(our_name("quotient"))) == [(3,), ((2**62 - 1) // 3,), (0,)]
    assert list(found.collect_schema()) == [our_name("top"), our_name("bottom"), our_name("quotient")]


def test_columns_of_our_own_may_be_none() -> None:
    pl = pytest.importorskip("polars")
    frame = nw.from_native(pl.DataFrame({"id": [1]}))
    assert with_ours(frame).columns == ["id"]
    assert with_ours(frame, two=idioms.integer(2)).rows() == [(1, 2)]


def test_frames_without_rows_add_nothing() -> None:
    pl = pytest.importorskip("polars")
    one, none = (nw.from_native(pl.DataFrame({"x": values}, schema={"x": pl.Int64})) for values in ([7], []))
    assert stacked([none, one, one]).rows() == [(7,), (7,)]
    assert stacked([none, one]).rows() == [(7,)]
    assert stacked([none, none]).rows() == []
    assert stacked([none.lazy(), one.lazy()]).collect().rows() == [(7,)]


def test_names_are_quoted_as_each_library_quotes() -> None:
    assert (quoted("duckdb", 'a"b'), quoted("pyspark", "a`b")) == ('"a""b"', "`a``b`")
    duckdb = pytest.importorskip("duckdb")
    frame = nw.from_native(duckdb.sql('SELECT 7 AS "a""b"'))
    assert _rows(natively(frame, "duckdb", [quoted("duckdb", 'a"b')])) == [(7,)]


def test_spark_is_asked_in_its_own_words() -> None:
    """That it understands them is seen in `test_ledgers_spark`."""
    assert micros_in_sql("pyspark", "the at`", naive=False) == "coalesce(unix_micros(`the at```), 0L)"
    assert micros_in_sql("pyspark", "at", naive=True) == (
        "coalesce(timestampdiff(MICROSECOND, TIMESTAMP_NTZ'1970-01-01 00:00:00', `at`), 0L)"
    )
    assert date_in_sql("pyspark", "at", "Europe/Berlin") == (
        "(unix_micros(from_utc_timestamp(timestamp_micros(`at`), 'Europe/Berlin')) + 69120000000000000) div 86400000000"
    )


def test_without_narwhals_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever room is asked for: each comes here first."""
    for room in ("frames", "ledgers", "assignments"):
        for name in [name for name in sys.modules if name in {"inbound_engine.idioms", f"inbound_engine.{room}", "inbound_engine.cells"}]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "narwhals", None)
        with pytest.raises(ImportError, match=r"install inbound-engine\[frames\]"):
            importlib.import_module(f"inbound_engine.{room}")
        monkeypatch.undo()


def _frame(library: str, columns: dict[str, list[int]]) -> idioms.Frame:
    """Whole numbers as a frame of that library."""
    table = pytest.importorskip("pyarrow").table(columns)
    if library == "duckdb":
        return nw.from_native(pytest.importorskip("duckdb").from_arrow(table))
    if library == "pandas arrow":
        import pandas as pd  # noqa: PLC0415 - not everybody has it

        return nw.from_native(table.to_pandas(types_mapper=pd.ArrowDtype))
    return nw.from_native(table.to_pandas() if library == "pandas" else pytest.importorskip("polars").from_arrow(table))


def _rows(frame: idioms.Frame) -> list[tuple[int, ...]]:
    """Its rows, whatever holds it."""
    frame = frame if isinstance(frame, nw.DataFrame) else frame.collect("pyarrow")
    return [tuple(int(value) for value in row) for row in frame.iter_rows(named=False)]
