"""The libraries whose frames are read: how each is filled from a table of Arrow, and how its rows come back.

One that is not installed is left out, and the tests that want it are skipped with its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from attrs import frozen

from inbound_engine.columns import Columns, Input

__all__ = ["EVERY", "Backend", "activity_table", "backend", "in_chunks", "lead_table", "marked", "sources"]

Frame = Any
"""A frame of whichever library."""
Row = dict[str, Any]

SEPARATOR = "\x1f"
"""Between the members of a set where a library has no lists."""


@frozen
class Backend:
    """A library: what must be installed, how a table of Arrow becomes a frame of it, and how a frame becomes rows."""

    name: str
    wants: tuple[str, ...]
    make: Callable[[Any], Frame]
    rows: Callable[[Frame], list[Row]]
    lists: bool = True
    keeps_order: bool = True
    doubles: bool = False
    """Whether whole numbers that may be missing are kept as doubles."""

    @property
    def is_here(self) -> bool:
        return all(find_spec(name) for name in self.wants)


def _cleaned(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - of whichever library
    """NaN, NA and NaT are None; numbers of numpy are those of Python."""
    if value is None or isinstance(value, str | bool | int | list | datetime | Decimal):
        return None if value is not None and value != value else value
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return None if value != value else value


def _polars(table: Any) -> Frame:  # noqa: ANN401 - a table of Arrow
    import polars as pl  # noqa: PLC0415 - not everybody has it

    return pl.from_arrow(table)


def _pandas(table: Any) -> Frame:  # noqa: ANN401 - a table of Arrow
    return table.to_pandas()


def _pandas_nullable(table: Any) -> Frame:  # noqa: ANN401 - a table of Arrow
    import pandas as pd  # noqa: PLC0415 - not everybody has it
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    types = {
        pa.int8(): pd.Int8Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype(),
        pa.float64(): pd.Float64Dtype(),
    }  # fmt: skip
    return table.to_pandas(types_mapper=types.get)


def _pandas_arrow(table: Any) -> Frame:  # noqa: ANN401 - a table of Arrow
    import pandas as pd  # noqa: PLC0415 - not everybody has it

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _duckdb(table: Any) -> Frame:  # noqa: ANN401 - a table of Arrow
    import duckdb  # noqa: PLC0415 - not everybody has it
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    micro = pa.timestamp("us", "UTC")  # its instants are microseconds; what narwhals makes of its nanoseconds is no instant
    types = [micro if pa.types.is_timestamp(column.type) and column.type.tz else column.type for column in table.schema]
    duckdb.execute("SET TimeZone = 'UTC'")
    return duckdb.from_arrow(table.cast(pa.schema(list(zip(table.column_names, types, strict=True))), safe=False))


EVERY: tuple[Backend, ...] = (
    Backend("polars", ("polars", "pyarrow"), _polars, lambda frame: _cleaned(frame.to_dicts())),
    Backend("polars lazy", ("polars", "pyarrow"), lambda table: _polars(table).lazy(), lambda frame: _cleaned(frame.collect().to_dicts())),
    Backend("pandas", ("pandas", "pyarrow"), _pandas, lambda frame: _cleaned(frame.to_dict("records")), lists=False, doubles=True),
    Backend("pandas nullable", ("pandas", "pyarrow"), _pandas_nullable, lambda frame: _cleaned(frame.to_dict("records")), lists=False),
    Backend("pandas arrow", ("pandas", "pyarrow"), _pandas_arrow, lambda frame: _cleaned(frame.to_dict("records"))),
    Backend("pyarrow", ("pyarrow",), lambda table: table, lambda frame: _cleaned(frame.to_pylist())),
    Backend("duckdb", ("duckdb", "pyarrow"), _duckdb, lambda frame: _cleaned(frame.to_arrow_table().to_pylist()), keeps_order=False),
)


def backend(name: str) -> Backend:
    """The library of that name; the test is skipped where it is not installed."""
    found = next(one for one in EVERY if one.name == name)
    if not found.is_here:
        pytest.skip(f"{' and '.join(found.wants)} not installed")
    return found


def marked() -> list[Any]:
    """A parameter for each library, skipped where it is not installed."""
    return [
        pytest.param(one, id=one.name, marks=pytest.mark.skipif(not one.is_here, reason=f"{' and '.join(one.wants)} not installed"))
        for one in EVERY
    ]


def lead_table(
    inputs: Sequence[Input], rows: Sequence[Row], *, lists: bool = True, types: Mapping[str, str] | None = None, blank: bool = False
) -> Any:  # noqa: ANN401 - a table of Arrow
    """Leads as a table of Arrow, facts under their default names; `types` says of some facts which type they get.

    What is unknown is null; where `blank` says so, a text that is unknown is empty, and a double that is unknown is no number.
    """
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    columns = {"id": pa.array([row["id"] for row in rows], pa.string())}
    for item in inputs:
        values = [row.get(item.column.name) for row in rows]
        if blank and (item.column.kind == "text" or (types or {}).get(item.default) == "f64"):
            values = [("" if item.column.kind == "text" else float("nan")) if value is None else value for value in values]
        columns[item.default] = _column(pa, item.column.kind, values, (types or {}).get(item.default, ""), lists=lists)
    return pa.table(columns)


def in_chunks(table: Any, order: Sequence[int]) -> Any:  # noqa: ANN401 - tables of Arrow
    """The rows in that order, each a chunk of its own."""
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    return pa.concat_tables([table.slice(place, 1) for place in order]) if order else table


def activity_table(rows: Sequence[Row]) -> Any:  # noqa: ANN401 - a table of Arrow
    """Activities as a table of Arrow."""
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    types = {"at": pa.timestamp("us", "UTC"), "marketing": pa.bool_()}
    names = ("lead_id", "kind", "at", "content", "channel", "campaign", "marketing")
    return pa.table({name: pa.array([row.get(name) for row in rows], types.get(name, pa.string())) for name in names})


def _column(pa: Any, kind: str, values: list[Any], wanted: str, *, lists: bool) -> Any:  # noqa: ANN401 - of Arrow
    match kind:
        case "integer":
            types = {"u8": pa.uint8(), "i16": pa.int16(), "u64": pa.uint64(), "f64": pa.float64(), "decimal": pa.decimal128(38, 0)}
            cast: Any = Decimal if wanted == "decimal" else float if wanted == "f64" else int
            return pa.array([None if value is None else cast(value) for value in values], types.get(wanted, pa.int64()))
        case "text":
            made = pa.array(values, pa.string())
            return made.dictionary_encode() if wanted == "dictionary" else made.cast(pa.large_string()) if wanted == "large" else made
        case "texts" if lists:
            return pa.array([None if value is None else sorted(value) for value in values], pa.list_(pa.string()))
        case "texts":
            return pa.array([None if value is None else SEPARATOR.join(sorted(value)) for value in values], pa.string())
        case "decimal":
            return pa.array([None if value is None else Decimal(value) for value in values], pa.decimal128(30, 10))
        case "boolean":
            return pa.array(values, pa.bool_())
        case _:
            unit, zone = {"ms": ("ms", "UTC"), "ns": ("ns", "UTC"), "berlin": ("us", "Europe/Berlin")}.get(wanted, ("us", "UTC"))
            stored = [value.astimezone(UTC) if isinstance(value, datetime) else None for value in values]
            return pa.array(stored, pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, zone), safe=False)


def sources(columns: Columns, *, lists: bool, looked: bool) -> dict[str, Any]:
    """Where the facts of `lead_table` are found, as far as it is not by default."""
    from inbound_engine.frames import Separated  # noqa: PLC0415 - wants narwhals

    named: dict[str, Any] = {"activities": "activities"} if looked else {}
    if not lists:
        named |= {item.fact: Separated(item.default, by=SEPARATOR) for item in columns.inputs if item.column.kind == "texts"}
    return named
