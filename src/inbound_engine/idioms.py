"""How is it said to each library?

What is asked of frames is asked in the words of one package, `narwhals`, and only here is it imported: whoever has no frames need not have
it. Two things are said to DuckDB and Spark in their own SQL, since the package has no words for them: the microseconds of an instant, and
quotients of whole numbers, rounded down. Instants that are compared by the date on which they fall are one of those quotients.

Columns of our own stand beside those of the caller under names that nobody else has.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

try:
    import narwhals as nw
except ImportError as _absent:
    _WANTED = "frames of other libraries want the package narwhals: install inbound-engine[frames]"
    raise ImportError(_WANTED) from _absent

__all__ = [
    "DAY",
    "Expr",
    "Frame",
    "any_of",
    "as_integer",
    "date_in_sql",
    "dated",
    "floored",
    "integer",
    "micros_in_sql",
    "natively",
    "numbered",
    "nw",
    "our_name",
    "ours",
    "quoted",
    "stacked",
    "with_ours",
]

Expr: TypeAlias = Any
"""An expression of narwhals."""
Frame: TypeAlias = Any
"""A frame of narwhals."""

DAY = 86_400_000_000
"""Of whole microseconds."""
_BEFORE_ALL = 800_000 * DAY  # so that no date that a calendar has is negative
_FIRST = 719_163  # the ordinal of 1970-01-01
_OWN = "__inbound_engine_"
_DIVIDED_BY = {"duckdb": "//", "pyspark": "div"}


def our_name(name: str) -> str:
    """The name of a column of our own, as it stands in the frame."""
    return _OWN + name


def ours(name: str) -> Expr:
    """A column of our own."""
    return nw.col(_OWN + name)


def with_ours(frame: Frame, **columns: Expr) -> Frame:
    """The frame with columns of our own, be they none."""
    return frame.with_columns(**{_OWN + name: value for name, value in columns.items()}) if columns else frame


def integer(value: int) -> Expr:
    """A whole number of 64 bits, whatever engines would take it for."""
    return nw.lit(value, nw.Int64)


def as_integer(test: Expr) -> Expr:
    """1 where it is true, 0 where it is not."""
    return nw.when(test).then(integer(1)).otherwise(integer(0))


def any_of(parts: Iterable[Expr]) -> Expr:
    """Whether any of them is true."""
    found = nw.lit(value=False)
    for part in parts:
        found = found | part
    return found


def numbered(keys: Sequence[str], order: Sequence[str]) -> Expr:
    """The number of a row, from 1, within its keys. What is counted is a column of its own: pandas forgets the order by the counted one."""
    return ours("one").cum_count().over(*map(our_name, keys), order_by=[*map(our_name, order)]).cast(nw.Int64)


def natively(frame: Frame, library: str, columns: Sequence[str]) -> Frame:
    """The frame with just those columns, each said in the SQL of DuckDB or Spark."""
    native = frame.to_native()
    return nw.from_native(native.selectExpr(*columns) if library == "pyspark" else native.project(", ".join(columns)))


def stacked(frames: Sequence[Frame]) -> Frame:
    """The frames one below another; of eager ones those without rows are left out, which pandas would take for a type of their own."""
    full = [frame for frame in frames if not (isinstance(frame, nw.DataFrame) and frame.is_empty())] or list(frames[:1])
    return nw.concat(full, how="vertical") if len(full) > 1 else full[0]


def quoted(library: str, name: str) -> str:
    """The name of a column as the SQL of that library has it."""
    mark = "`" if library == "pyspark" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def floored(frame: Frame, library: str, name: str, top: Expr, bottom: Expr) -> Frame:
    """The frame with a quotient of whole numbers, rounded down; none is negative. Spark divides doubles unless it is asked in SQL."""
    if library in {"polars", "pandas"}:
        return frame.with_columns(**{name: top // bottom})
    over, under, told = our_name("over"), our_name("under"), our_name("told")
    divided = f"{quoted(library, over)} {_DIVIDED_BY[library]} {quoted(library, under)} AS {quoted(library, told)}"
    found = natively(frame.with_columns(**{over: top, under: bottom}), library, ["*", divided])
    return found.with_columns(**{name: nw.col(told)}).drop(over, under, told)


def dated(frame: Frame, library: str, named: Mapping[str, str], zone: str) -> Frame:
    """The frame with the numbers of the dates on which instants fall in a zone: own columns under their names, from others of our own."""
    if library in {"polars", "pandas"}:
        return with_ours(frame, **{name: _date(ours(of), zone) for name, of in named.items()})
    texts = [f"{date_in_sql(library, our_name(of), zone)} AS {quoted(library, our_name(name))}" for name, of in named.items()]
    return natively(frame, library, ["*", *texts])


def _date(micros: Expr, zone: str) -> Expr:
    """The number of the date of an instant; by year and day, since pandas before 3 takes the local time of an Arrow column for UTC."""
    if zone == "UTC":
        return (micros + integer(_BEFORE_ALL)) // integer(DAY)
    there = micros.cast(nw.Datetime("us")).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    before = there.dt.year().cast(nw.Int64) - integer(1)
    leaps = before // integer(4) - before // integer(100) + before // integer(400)
    return before * integer(365) + leaps + there.dt.ordinal_day().cast(nw.Int64) + integer(_BEFORE_ALL // DAY - _FIRST)


def date_in_sql(library: str, column: str, zone: str) -> str:
    """The number of the date on which an instant falls in a zone, of whole microseconds, in the SQL of DuckDB or Spark.

    >>> date_in_sql("duckdb", "at", "UTC")
    '("at" + 69120000000000000) // 86400000000'
    """
    local = quoted(library, column)
    if zone != "UTC" and library == "duckdb":
        local = f"epoch_us(make_timestamptz({local}) AT TIME ZONE '{zone}')"
    elif zone != "UTC":
        local = f"unix_micros(from_utc_timestamp(timestamp_micros({local}), '{zone}'))"
    return f"({local} + {_BEFORE_ALL}) {_DIVIDED_BY[library]} {DAY}"


def micros_in_sql(library: str, column: str, *, naive: bool) -> str:
    """An instant in whole microseconds since 1970, 0 where it is null, in the SQL of DuckDB or Spark.

    >>> micros_in_sql("duckdb", "at", naive=False)
    'coalesce(epoch_us("at"), 0)'
    """
    name = quoted(library, column)
    if library == "duckdb":
        return f"coalesce(epoch_us({name}), 0)"
    if naive:
        return f"coalesce(timestampdiff(MICROSECOND, TIMESTAMP_NTZ'1970-01-01 00:00:00', {name}), 0L)"
    return f"coalesce(unix_micros({name}), 0L)"
