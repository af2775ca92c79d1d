"""How is a column of a table read?

A table is a frame of Polars, pandas, DuckDB or Spark. Its columns are brought into columns of our own, a kind at a time: texts, whole
numbers, true or false, instants in whole microseconds. Nothing in them is null, and where something may be unknown another column says
so. What is lazy stays lazy. A column of another type, and one that is not there, is refused before anything runs.

Instants are whole numbers from here on, since engines agree on nothing else about them. Two of them say the microseconds of an instant,
and quotients of whole numbers, in their own words alone.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import frozen

try:
    import narwhals as nw
except ImportError as _absent:
    _WANTED = "inbound_engine.cells wants the package narwhals: install inbound-engine[frames]"
    raise ImportError(_WANTED) from _absent

from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.sources import Amount, Naive, Source

__all__ = [
    "DAY",
    "UNIT_BITS",
    "Expr",
    "Frame",
    "Reader",
    "Table",
    "any_of",
    "as_integer",
    "date_in_sql",
    "dated",
    "floored",
    "integer",
    "micros_in_sql",
    "natively",
    "numbered",
    "our_name",
    "ours",
    "quoted",
    "read_table",
    "refuse_others",
    "with_ours",
]

Expr: TypeAlias = Any
"""An expression of narwhals."""
Frame: TypeAlias = Any
"""A frame of narwhals."""

DAY = 86_400_000_000
"""Of whole microseconds."""
UNIT_BITS = 53
"""Of a whole number that is read: what a double holds exactly, since some tables keep whole numbers so."""
_BEFORE_ALL = 800_000 * DAY  # so that no date that a calendar has is negative
_OWN = "__inbound_engine_"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# --------------------------------------------------------------------------------------------------------------- tables


@frozen
class Table:
    """A frame as narwhals has it, and how it is given back. Eager Polars frames are computed lazily, and collected for their owner."""

    given: Any
    frame: Frame
    library: str
    eager: bool
    path: str
    schema: dict[str, Any]

    @property
    def ordered(self) -> bool:
        """Whether its rows have an order that is kept."""
        return self.library in {"polars", "pandas"}

    def given_back(self, frame: Frame) -> Any:  # noqa: ANN401 - of whichever library
        """A frame that was made of it, as its owner has frames."""
        return (frame.collect() if self.eager and self.library == "polars" else frame).to_native()


_DIVIDED_BY = {"duckdb": "//", "pyspark": "div"}
_LIBRARIES = ("polars", "pandas", "duckdb", "pyspark")


def read_table(frame: object, path: str) -> Table:
    """The frame of a caller; `path` is what refusals call it. Other values, and Arrow, which has no ordered windows, are a `FactError`."""
    given: Any = frame
    try:
        table: Any = nw.from_native(given)
    except TypeError:
        raise FactError(path, f"a value of type {type(frame).__name__}", "a frame of Polars, pandas, DuckDB or Spark") from None
    library = table.implementation.name.lower()
    if library not in _LIBRARIES:
        hint = "Convert it: polars.from_arrow(table)." if library == "pyarrow" else ""
        raise FactError(path, f"a frame of {library}, which has no ordered windows", "a frame of Polars, pandas, DuckDB or Spark", hint)
    eager = isinstance(table, nw.DataFrame)
    return Table(table, table.lazy() if library == "polars" else table, library, eager, path, dict(table.collect_schema()))


def refuse_others(one: Table, other: Table) -> None:
    """Refuses a table that another library holds than the other one, or in another way."""
    if (one.library, one.eager) != (other.library, other.eager):
        kinds = [f"{'an eager' if each.eager else 'a lazy'} frame of {each.library}" for each in (one, other)]
        raise FactError(one.path, kinds[0], f"{kinds[1]}, as the {other.path} are", "Convert one of them.")


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
        days = {name: (_local(ours(of), zone) + integer(_BEFORE_ALL)) // integer(DAY) for name, of in named.items()}
        return with_ours(frame, **days)
    texts = [f"{date_in_sql(library, our_name(of), zone)} AS {quoted(library, our_name(name))}" for name, of in named.items()]
    return natively(frame, library, ["*", *texts])


def _local(micros: Expr, zone: str) -> Expr:
    """Microseconds since 1970 as clocks read there."""
    if zone == "UTC":
        return micros
    there = micros.cast(nw.Datetime("us")).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return there.dt.replace_time_zone(None).dt.timestamp("us")


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


def natively(frame: Frame, library: str, columns: Sequence[str]) -> Frame:
    """The frame with just those columns, each said in the SQL of DuckDB or Spark."""
    native = frame.to_native()
    return nw.from_native(native.selectExpr(*columns) if library == "pyspark" else native.project(", ".join(columns)))


def numbered(keys: Sequence[str], order: Sequence[str]) -> Expr:
    """The number of a row, from 1, within its keys. What is counted is a column of its own: pandas forgets the order by the counted one."""
    return ours("one").cum_count().over(*map(our_name, keys), order_by=[*map(our_name, order)]).cast(nw.Int64)


def integer(value: int) -> Expr:
    """A whole number of 64 bits, whatever engines would take it for."""
    return nw.lit(value, nw.Int64)


def any_of(parts: Iterable[Expr]) -> Expr:
    """Whether any of them is true."""
    found = nw.lit(value=False)
    for part in parts:
        found = found | part
    return found


def as_integer(test: Expr) -> Expr:
    """1 where it is true, 0 where it is not."""
    return nw.when(test).then(integer(1)).otherwise(integer(0))


# --------------------------------------------------------------------------------------------------------------- reading


class Reader:
    """Brings facts of a table into columns of our own: nothing in them is null; made and dropped by one call."""

    def __init__(self, table: Table, named: dict[str, Source], path: str, known: Iterable[str]) -> None:
        """Refuses a name that is none of the `known` facts; `path` is what refusals call the mapping."""
        self.table = table
        self.named = named
        self.path = path
        self.columns: dict[str, Expr] = {}
        self.natively: dict[str, str] = {}
        for name in named:
            if name not in known:
                raise FactError(f"{path}[{name}]", "a fact that nobody asks for", one_of(known))

    def _column(self, fact: str, column: str) -> str:
        if column not in self.table.schema:
            names = ", ".join([*self.table.schema][:12])
            hint = (
                f'Say where it is, with {self.path}={{"{fact}": "column"}}, or that nobody knows it, with {self.path}={{"{fact}": None}}.'
            )
            raise FactError(self.path, f"no column {column} (for the fact {fact})", f"columns among {names}", hint)
        return column

    def _refuse(self, fact: str, column: str, expected: str, hint: str = "") -> FactError:
        return FactError(f"{self.path}[{fact}]", f"column {shown(column)} of type {self.table.schema[column]}", expected, hint)

    def _blank(self, column: str) -> bool:
        """Whether an eager column says nothing in any row: it may be of any type then."""
        if not self.table.eager or self.table.schema[column] not in {nw.Object, nw.Unknown, nw.String}:
            return False
        series = self.table.given[column]
        return bool(series.null_count() == len(series))

    def source(self, fact: str, default: str | None = None) -> str | None:
        """The one column of a fact, or None where nobody knows it; an instant without its zone is read by `instant`."""
        found = self.named.get(fact, default or fact)
        if found is None:
            return None
        if not isinstance(found, str):
            raise FactError(f"{self.path}[{fact}]", shown(found), "a column")
        return self._column(fact, found)

    def text(self, fact: str, own: str, *, default: str | None = None) -> None:
        """A text, empty where it is unknown; whole numbers are written out, so that ids are told apart as the objects do."""
        column = self.source(fact, default)
        self.columns[own] = nw.lit("") if column is None else self._written(fact, column)

    def _written(self, fact: str, column: str) -> Expr:
        if self._blank(column):
            return nw.lit("")
        dtype = self.table.schema[column]
        if dtype.is_integer() and fact.endswith("id"):
            return nw.when(~nw.col(column).is_null()).then(nw.col(column).cast(nw.String)).otherwise(nw.lit(""))
        if dtype in {nw.Categorical, nw.Enum}:
            return nw.col(column).cast(nw.String).fill_null("")
        if dtype != nw.String:
            raise self._refuse(fact, column, "text or whole numbers" if fact.endswith("id") else "text")
        return nw.col(column).fill_null("")

    def texts(self, fact: str, own: str) -> list[str]:
        """Several texts, each in a column of its own; their names."""
        found = self.named.get(fact, fact)
        columns = found if isinstance(found, tuple) else () if found is None else (found,)
        names: list[str] = []
        for column in columns:
            if not isinstance(column, str):
                raise FactError(f"{self.path}[{fact}]", shown(found), "a column, or several")
            names.append(f"{own} {len(names)}")
            self.columns[names[-1]] = self._written(fact, self._column(fact, column))
        return names

    def flag(self, fact: str, own: str, *, reads: bool, optional: bool = False) -> None:
        """True or false, `reads` where it is unknown; another column, `known <own>`, says where it is known."""
        column = None if optional and fact not in self.named and fact not in self.table.schema else self.source(fact)
        if column is None or self._blank(column):
            self.columns |= {own: nw.lit(value=reads), _known(own): nw.lit(value=False)}
            return
        dtype, value = self.table.schema[column], nw.col(column)
        if dtype == nw.Object and self.table.eager:
            if any(type(one) is not bool for one in self.table.given[column].drop_nulls().to_list()):
                raise self._refuse(fact, column, "true or false")
        elif dtype != nw.Boolean:
            raise self._refuse(fact, column, "true or false")
        self.columns |= {own: value.fill_null(reads).cast(nw.Boolean), _known(own): ~value.is_null()}

    def whole(self, fact: str, own: str, column: str | None) -> None:
        """A whole number, 0 where it is unknown or no whole number below 2 ** 53; `known <own>` says where it is one."""
        if column is None or self._blank(column):
            self.columns |= {own: integer(0), _known(own): nw.lit(value=False)}
            return
        dtype, value, most = self.table.schema[column], nw.col(column), 2**UNIT_BITS
        if dtype.is_float():
            known = ~value.is_null() & ~value.is_nan()
            filled = nw.when(known).then(value).otherwise(nw.lit(0.0))
            safe = nw.when((filled > nw.lit(-float(most))) & (filled < nw.lit(float(most)))).then(filled).otherwise(nw.lit(0.5))
            fits = known & (safe.floor() == safe)
            self.columns |= {own: nw.when(fits).then(safe).otherwise(nw.lit(0.0)).cast(nw.Int64), _known(own): fits}
            return
        if dtype == nw.Object and self.table.eager and all(map(_is_whole, self.table.given[column].drop_nulls().to_list())):
            self.columns |= {own: value.fill_null(0).cast(nw.Int64), _known(own): ~value.is_null()}
            return
        if isinstance(dtype, nw.Decimal) and dtype.scale == 0:
            zero, low, high = nw.lit(Decimal(0)), nw.lit(Decimal(-most)), nw.lit(Decimal(most))
        elif dtype.is_integer():
            zero, low, high = nw.lit(0, dtype), nw.lit(-most, nw.Int64), nw.lit(most, nw.Int64)
        else:
            raise self._refuse(fact, column, "whole numbers of minor units" if fact == "amount" else "whole numbers")
        filled = nw.when(~value.is_null()).then(value).otherwise(zero)
        fits = ~value.is_null()
        if not (dtype.is_integer() and dtype in _NARROW):
            fits = fits & (filled < high) & (nw.lit(value=True) if dtype in {nw.UInt64, nw.UInt128} else filled > low)
        self.columns |= {own: nw.when(fits).then(filled).otherwise(zero).cast(nw.Int64), _known(own): fits}

    def instant(self, fact: str, own: str) -> None:
        """Whole microseconds since 1970, 0 where it is unknown; `known <own>` says where it is known."""
        found = self.named.get(fact, fact)
        zone = found.zone if isinstance(found, Naive) else None
        column = self._column(fact, found.column) if isinstance(found, Naive) else self.source(fact)
        if column is None or self._blank(column):
            self.columns |= {own: integer(0), _known(own): nw.lit(value=False)}
            return
        dtype, value, library = self.table.schema[column], nw.col(column), self.table.library
        if not isinstance(dtype, nw.Datetime):
            raise self._refuse(fact, column, "instants with their zone")
        naive = dtype.time_zone is None
        if naive and zone is None:
            raise self._refuse(fact, column, "instants with their zone", f'Say whose they are: Naive("{column}", zone="UTC").')
        self.columns[_known(own)] = ~value.is_null()
        if library in {"polars", "pandas"}:
            value = value.dt.replace_time_zone(zone) if naive else value
            if (zone if naive else dtype.time_zone) != "UTC":
                value = value.dt.convert_time_zone("UTC")
            self.columns[own] = value.fill_null(nw.lit(_EPOCH)).dt.timestamp("us")
            return
        if naive and zone != "UTC":
            raise self._refuse(fact, column, f'instants of zone "UTC", where {library} holds them')
        self.natively[own] = micros_in_sql(library, column, naive=naive)

    def amount(self, fact: str, own: str, currency: str) -> None:
        """The minor units of an amount, as `whole` reads them, and its currency, as a text."""
        found = self.named.get(fact, Amount(f"{fact}_minor", currency_column=f"{fact}_currency"))
        if not isinstance(found, Amount) or (found.currency is None) is (found.currency_column is None):
            expected = "an Amount with a currency or a currency_column"
            raise FactError(f"{self.path}[{fact}]", shown(found), expected, 'Say Amount("cents", currency="EUR").')
        self.whole(fact, own, self._column(fact, found.minor))
        code = found.currency_column
        self.columns[currency] = nw.lit(found.currency) if code is None else self._written(fact, self._column(fact, code))

    def made(self) -> Frame:
        """The frame with the columns of our own alone."""
        frame = self.table.frame
        if self.natively:
            parts = [f"{text} AS {quoted(self.table.library, name)}" for name, text in self.natively.items()]
            frame = natively(frame, self.table.library, ["*", *parts])
        return frame.select(**self.columns, **{name: nw.col(name) for name in self.natively})


_NARROW = frozenset({nw.Int8, nw.Int16, nw.Int32, nw.UInt8, nw.UInt16, nw.UInt32})


def _is_whole(value: object) -> bool:
    """Whether an object of pandas is a whole number that is small enough."""
    return isinstance(value, int | Decimal) and value == int(value) and abs(value) < 2**UNIT_BITS


def _known(own: str) -> str:
    return f"{own} known"


def quoted(library: str, name: str) -> str:
    """The name of a column as the SQL of that library has it."""
    mark = "`" if library == "pyspark" else '"'
    return mark + name.replace(mark, mark * 2) + mark


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


def our_name(name: str) -> str:
    """The name of a column of our own, as it stands in the frame."""
    return _OWN + name


def ours(name: str) -> Expr:
    """A column of our own."""
    return nw.col(_OWN + name)


def with_ours(frame: Frame, **columns: Expr) -> Frame:
    """The frame with columns of our own."""
    return frame.with_columns(**{_OWN + name: value for name, value in columns.items()})
