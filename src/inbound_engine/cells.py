"""How is a column of a table read?

A table is a frame of Polars, pandas, PyArrow, DuckDB or Spark. A column of it is read as a kind: a text, a whole number, a decimal, true or
false, an instant. What is read has no nulls, and where something may be unknown another expression says where it is known. A column of
another type, and one that is not there, is refused before anything runs; a number that no fact may have is told row by row. Text is
compared letter for letter, whatever the collation of its column.

`Reader` reads a column at a time. `Bringer` brings those that are asked for into columns of our own, instants as whole microseconds since
1970, since engines agree on nothing else about them. What is lazy stays lazy.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import frozen

from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.idioms import Expr, Frame, integer, micros_in_sql, natively, nw, our_name, quoted, with_ours
from inbound_engine.sources import Amount, Naive, Source

__all__ = ["Bringer", "Cell", "Instants", "Reader", "Table", "few", "read_table", "refuse_others", "refuse_strangers", "refuse_taken"]

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LONG = 2**63 - 1
_LONGEST = 18  # digits that 64 bits hold, whatever they are
_DOUBLE = 2.0**53  # beyond it doubles skip whole numbers
_OBJECT_SCALE = (80, 40)  # digits in all and after the point of a decimal that pandas keeps as an object
_FEW = 12
_PLAIN = "text "  # what a column of text is called where it is compared letter for letter


# --------------------------------------------------------------------------------------------------------------- tables


@frozen
class Table:
    """A frame as narwhals has it, and how it is given back. Eager Polars frames are computed lazily, and collected for their owner.

    `plain` says of columns of text where they stand so that they are compared letter for letter; `views` of which Arrow has few kernels.
    """

    given: Any
    frame: Frame
    library: str
    eager: bool
    path: str
    schema: dict[str, Any]
    plain: Mapping[str, str] = {}
    views: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, in order."""
        return tuple(self.schema)

    @property
    def ordered(self) -> bool:
        """Whether its rows have an order that is kept."""
        return self.library in {"polars", "pandas"}

    @property
    def in_memory(self) -> bool:
        """Whether it is of Polars, pandas or Arrow; others say some things in SQL of their own, and tell no names apart by capitals."""
        return self.library in {"polars", "pandas", "pyarrow"}

    def column(self, name: str) -> Expr:
        """A column as it is compared."""
        value = nw.col(self.plain.get(name, name))
        return value.cast(nw.String) if name in self.views else value

    def given_back(self, frame: Frame) -> Any:  # noqa: ANN401 - of whichever library
        """A frame that was made of it, as its owner has frames."""
        return (frame.collect() if self.eager and self.library == "polars" else frame).to_native()


def read_table(frame: object, path: str, *, windows: bool = False) -> Table:
    """The frame of a caller; `path` is what refusals call it. What is no frame is a `FactError`, and so are columns without a name that is
    text and theirs alone.

    With `windows` it is asked in ordered windows, and so frames of Arrow and of others that have none are refused.
    """
    expected = f"a frame of Polars, pandas, {'' if windows else 'PyArrow, '}DuckDB or Spark"
    given: Any = frame
    try:
        table: Any = nw.from_native(given)
    except TypeError:
        raise FactError(path, f"a value of type {type(frame).__name__}", expected) from None
    except nw.exceptions.DuplicateError:
        raise FactError(path, "two columns of one name", "columns of which each has a name of its own") from None
    library = table.implementation.name.lower()
    if windows and library not in {"polars", "pandas", "duckdb", "pyspark"}:
        hint = "Convert it: polars.from_arrow(table)." if library == "pyarrow" else ""
        raise FactError(path, f"a frame of {library}, which has no ordered windows", expected, hint)
    schema = dict(table.collect_schema())
    for name in schema:
        if not isinstance(name, str):
            raise FactError(path, f"a column called {shown(name)}", "columns whose names are text", "Rename it.")
    if library == "duckdb":
        return _of_duckdb(table, path, schema)
    if library == "pyspark":  # pragma: no cover - `make spark` runs it
        return _of_spark(table, path, schema)
    eager, views = isinstance(table, nw.DataFrame), frozenset[str]()
    if library == "pyarrow":
        viewed = {field.name: str(field.type) for field in given.schema if "view" in str(field.type)}
        views = frozenset(name for name, known in viewed.items() if known == "string_view")
        schema |= {name: nw.Unknown() for name in viewed if name not in views}  # lists of views have no kernels at all
    return Table(table, table.lazy() if eager and library == "polars" else table, library, eager, path, schema, views=views)


def _of_duckdb(table: Frame, path: str, schema: dict[str, Any]) -> Table:
    """A relation, and beside its texts the same without the collation of their columns, which may fold case; JSON is no text."""
    relation = table.to_native()
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    schema |= {name: nw.Unknown() for name, known in types.items() if known == "JSON"}
    plain = {name: our_name(_PLAIN + name) for name, known in types.items() if known == "VARCHAR"}
    beside = [f"{quoted('duckdb', name)} COLLATE C AS {quoted('duckdb', own)}" for name, own in plain.items()]
    return Table(table, natively(table, "duckdb", ["*", *beside]), "duckdb", eager=False, path=path, schema=schema, plain=plain)


def _of_spark(table: Frame, path: str, schema: dict[str, Any]) -> Table:  # pragma: no cover - `make spark` runs it
    """The same of Spark, whose types say which texts have a collation; a name with a dot means a part of a column there."""
    for name in schema:
        if not {".", "`"}.isdisjoint(name):
            raise FactError(path, f"a column called {shown(name)}", "names without dots and backticks, in Spark", "Rename it.")
    known = {field.name: getattr(field.dataType, "collation", "UTF8_BINARY") for field in table.to_native().schema}
    folded = [name for name, collation in known.items() if collation != "UTF8_BINARY"]
    made = with_ours(table, **{_PLAIN + name: nw.col(name).cast(nw.String) for name in folded})
    plain = {name: our_name(_PLAIN + name) for name in folded}
    return Table(table, made, "pyspark", eager=False, path=path, schema=schema, plain=plain)


def refuse_taken(table: Table, added: Iterable[str]) -> None:
    """Refuses names that the frame has already; DuckDB and Spark tell none apart by its capitals."""
    folded: Callable[[str], str] = str if table.in_memory else str.lower
    taken = {folded(name): name for name in table.names}
    for name in sorted(added):
        if folded(name) in taken:
            saw = f"a column {shown(taken[folded(name)])} already"
            raise FactError(table.path, saw, "names of its own for what is added", 'Pass prefix="...".')


def refuse_others(one: Table, other: Table, called: str = "") -> None:
    """Refuses a table that another library holds than the other one, or in another way; `called` is what the other is called."""
    if (one.library, one.eager) != (other.library, other.eager):
        kinds = [f"{'an eager' if each.eager else 'a lazy'} frame of {each.library}" for each in (one, other)]
        raise FactError(one.path, kinds[0], f"{kinds[1]}, as the {called or other.path} are", "Convert one of them.")


def refuse_strangers(named: Iterable[str], known: Collection[str], path: str, saw: str = "a fact that nobody asks for") -> None:
    """Refuses a name that is none of the known facts; `path` is what refusals call the mapping."""
    for name in named:
        if name not in known:
            raise FactError(f"{path}[{name}]", saw, one_of(known))


def few(names: Sequence[str]) -> str:
    """The first dozen names, and how many more there are.

    >>> few(("id", "tier"))
    'id, tier'
    """
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")


# ---------------------------------------------------------------------------------------------------------------- reading


@frozen
class Cell:
    """A column as it is read: its value, in which nothing is null, and where it is known; `unfit` is where no fact may be so."""

    value: Expr
    known: Expr
    unfit: Expr | None = None


@frozen
class Instants:
    """A column of instants as it stands; `zone` says whose they are where the column has none."""

    column: str
    dtype: Any
    zone: str | None
    known: Expr


@frozen
class Reader:
    """Reads columns of a table, a kind at a time; `path` is what refusals call the mapping in which the columns are named."""

    table: Table
    path: str

    def refuse_missing(self, asked: Iterable[tuple[str, str]]) -> None:
        """Refuses the columns that are not there, all at once, each with its fact."""
        missing = [f"{column} (for the fact {fact})" for fact, column in asked if column not in self.table.schema]
        if missing:
            hint = f'Say where it is, with {self.path}={{"fact": "column"}}, or that nobody knows it, with {self.path}={{"fact": None}}.'
            saw = f"no column {', no column '.join(dict.fromkeys(missing))}"
            raise FactError(self.path, saw, f"columns among {few(self.table.names)}", hint)

    def refused(self, fact: str, column: str, expected: str, hint: str = "") -> FactError:
        """The error for a column of a type that the fact may not have."""
        return FactError(f"{self.path}[{fact}]", f"column {shown(column)} of type {self.table.schema[column]}", expected, hint)

    def is_blank(self, column: str) -> bool:
        """Whether an eager column says nothing in any row, and so is of no kind: pandas and Arrow give such columns types of their own."""
        if not self.table.eager or self.table.schema[column] not in {nw.Object, nw.Unknown, nw.String}:
            return False
        series = self.table.given[column]
        return bool(series.null_count() == len(series))

    def _is_of_texts(self, column: str) -> bool:
        """Whether the categories of a column are texts; pandas and Arrow have others."""
        if self.table.library not in {"pandas", "pyarrow"}:
            return True
        native = self.table.given[column].to_native()
        kind = native.type if self.table.library == "pyarrow" else getattr(native.dtype, "pyarrow_dtype", native.dtype)
        of = kind.categories.inferred_type if hasattr(kind, "categories") else str(kind.value_type)
        return of in {"string", "large_string", "empty", "null"}

    def text(self, fact: str, column: str, unknown: Collection[str] = (), *, numbers: bool = False) -> Expr:
        """A text, empty where it is unknown or one of `unknown`; with `numbers` whole ones are written out, as ids may be."""
        dtype, value = self.table.schema[column], self.table.column(column)
        if numbers and dtype.is_integer():
            return nw.when(~value.is_null()).then(value.cast(nw.String)).otherwise(nw.lit(""))
        if isinstance(dtype, nw.Categorical | nw.Enum) and self._is_of_texts(column):
            value = value.cast(nw.String)
        elif dtype != nw.String:
            raise self.refused(fact, column, "text or whole numbers" if numbers else "text")
        value = value.fill_null("")
        return nw.when(value.is_in(list(unknown))).then(nw.lit("")).otherwise(value) if unknown else value

    def members(self, fact: str, column: str, by: str | None) -> Cell:
        """A list of texts; or where `by` separates them a text of them all, with one at each end too, unknown where there is no text."""
        dtype, value = self.table.schema[column], self.table.column(column)
        if by is not None:
            if dtype != nw.String:
                raise self.refused(fact, column, "text")
            value = value.fill_null("")
            known = value.str.replace_all(by, "", literal=True) != nw.lit("")  # as `intake` reads it: nothing but blanks says nothing
            return Cell(nw.concat_str(nw.lit(by), value, nw.lit(by)), known)
        if not isinstance(dtype, nw.List) or not isinstance(dtype.inner, nw.String | nw.Categorical | nw.Enum):
            raise self.refused(fact, column, "a list of texts", f'Of text with separators say Separated("{column}", by=";").')
        return Cell(value, ~value.is_null())

    def integer(self, fact: str, column: str, expected: str = "whole numbers") -> Cell:
        """A whole number of 64 bits, 0 where it is unknown or unfit: no whole number, or one that is too large for its type."""
        dtype, value = self.table.schema[column], nw.col(column)
        known = ~value.is_null()
        if isinstance(dtype, nw.Decimal) and dtype.scale == 0:
            if dtype.precision <= _LONGEST:
                return Cell(nw.when(known).then(value).otherwise(nw.lit(Decimal(0))).cast(nw.Int64), known)
            fits = known & (value >= nw.lit(Decimal(-_LONG))) & (value <= nw.lit(Decimal(_LONG)))
            whole = nw.when(fits).then(value).otherwise(nw.lit(Decimal(0))).cast(nw.Int64)
            return Cell(whole, known, known & ~fits.fill_null(value=False))
        if dtype.is_float():
            value = value.cast(nw.Float64)
            known = known & ~value.is_nan()
            filled = nw.when(known).then(value).otherwise(nw.lit(0.0))
            fits = (filled > nw.lit(-_DOUBLE)) & (filled < nw.lit(_DOUBLE))
            safe = nw.when(fits).then(filled).otherwise(nw.lit(0.0))
            whole = safe.floor()
            return Cell(whole.cast(nw.Int64), known, ~fits | (whole != safe))
        if dtype == nw.Object and self._holds(column, (Decimal, int), whole=True):
            return Cell(value.fill_null(0).cast(nw.Int64), known)
        if not dtype.is_integer():
            raise self.refused(fact, column, expected)
        if dtype in {nw.UInt64, nw.UInt128, nw.Int128}:
            filled = value.fill_null(0)
            fits = filled <= nw.lit(_LONG, dtype)
            if dtype == nw.Int128:
                fits = fits & (filled >= nw.lit(-_LONG, dtype))
            return Cell(nw.when(fits).then(filled).otherwise(nw.lit(0, dtype)).cast(nw.Int64), known, ~fits)
        return Cell(value.fill_null(0).cast(nw.Int64), known)

    def decimal(self, fact: str, column: str) -> tuple[Cell, tuple[int, int]]:
        """A decimal as it stands, with its digits in all and after the point; a whole number, which has (0, 0)."""
        dtype, value = self.table.schema[column], nw.col(column)
        if dtype.is_integer():
            return self.integer(fact, column), (0, 0)
        if isinstance(dtype, nw.Decimal):
            return Cell(value, ~value.is_null()), (dtype.precision, dtype.scale)
        if dtype == nw.Object and self._holds(column, (Decimal, int)):
            return Cell(value, ~value.is_null()), _OBJECT_SCALE
        raise self.refused(
            fact, column, "decimals or whole numbers", "A double is not exact: cast it to a decimal." if dtype.is_float() else ""
        )

    def boolean(self, fact: str, column: str, *, reads: bool) -> Cell:
        """True or false, `reads` where it is unknown."""
        dtype, value = self.table.schema[column], nw.col(column)
        if dtype == nw.Object and self._holds(column, (bool,)):
            return Cell(value.fill_null(reads).cast(nw.Boolean), ~value.is_null())
        if dtype != nw.Boolean:
            raise self.refused(fact, column, "true or false")
        return Cell(value.fill_null(reads), ~value.is_null())

    def instants(self, fact: str, source: str | Naive) -> Instants:
        """The column of instants that is meant, once its zone is known."""
        column = source if isinstance(source, str) else source.column
        dtype = self.table.schema[column]
        if not isinstance(dtype, nw.Datetime):
            raise self.refused(fact, column, "instants with their zone")
        if dtype.time_zone is not None:
            return Instants(column, dtype, None, ~nw.col(column).is_null())
        if not isinstance(source, Naive):
            raise self.refused(fact, column, "instants with their zone", f'Say whose they are: Naive("{column}", zone="UTC").')
        if source.zone != "UTC" and not self.table.in_memory:
            raise self.refused(fact, column, f'instants of zone "UTC", where {self.table.library} holds them')
        return Instants(column, dtype, source.zone, ~nw.col(column).is_null())

    def _holds(self, column: str, kinds: tuple[type, ...], *, whole: bool = False) -> bool:
        """Whether every value of a column of objects is of these types; with `whole`, a whole number that 64 bits hold too."""
        if self.table.library != "pandas":
            return False
        values = self.table.given[column].drop_nulls().to_list()
        return all(type(value) in kinds and (not isinstance(value, Decimal) or value.is_finite()) for value in values) and (
            not whole or all(int(value) == value and abs(value) <= _LONG for value in values)
        )


# --------------------------------------------------------------------------------------------------------------- bringing


class Bringer:
    """Brings facts of a table into columns of our own, all at once; made and dropped by one call.

    Beside a column that may be unknown, but for texts, `<own> known` says where it is known.
    """

    def __init__(self, table: Table, named: Mapping[str, Source], path: str, known: Collection[str]) -> None:
        """Refuses a name that is none of the `known` facts; `path` is what refusals call the mapping."""
        refuse_strangers(named, known, path)
        self.reader: Reader = Reader(table, path)
        self.named: Mapping[str, Source] = named
        self.columns: dict[str, Expr] = {}
        self.natively: dict[str, str] = {}
        self.asked: list[tuple[str, str, Callable[[], None]]] = []

    def source(self, fact: str) -> str | None:
        """The one column of a fact, or None where nobody knows it."""
        found = self.named.get(fact, fact)
        if found is not None and not isinstance(found, str):
            raise FactError(f"{self.reader.path}[{fact}]", shown(found), "a column")
        return found

    def text(self, fact: str, own: str) -> None:
        """A text, empty where it is unknown; whole numbers are written out where they are ids, so that they are told apart."""
        column = self.source(fact)
        self._ask(fact, column, partial(self._text, fact, own), {own: nw.lit("")})

    def _text(self, fact: str, own: str, column: str) -> None:
        self.columns[our_name(own)] = self.reader.text(fact, column, numbers=fact.endswith("id"))

    def texts(self, fact: str, own: str) -> int:
        """Several texts, each in a column of its own, `<own> 0` and so on; how many."""
        found = self.named.get(fact, fact)
        columns = found if isinstance(found, tuple) else () if found is None else (found,)
        for number, column in enumerate(columns):
            if not isinstance(column, str):
                raise FactError(f"{self.reader.path}[{fact}]", shown(found), "a column, or several")
            self._ask(fact, column, partial(self._text, fact, f"{own} {number}"), {f"{own} {number}": nw.lit("")})
        return len(columns)

    def flag(self, fact: str, own: str, *, reads: bool, optional: bool = False) -> None:
        """True or false, `reads` where it is unknown; an `optional` one need not be there."""
        absent = optional and fact not in self.named and fact not in self.reader.table.schema
        column = None if absent else self.source(fact)
        nothing = {own: nw.lit(value=reads), f"{own} known": nw.lit(value=False)}
        self._ask(fact, column, lambda column: self._cell(own, self.reader.boolean(fact, column, reads=reads)), nothing)

    def whole(self, fact: str, own: str) -> None:
        """A whole number, 0 where it is unknown or unfit; `<own> unfit` says where it is no whole number of 64 bits."""
        self._whole(fact, own, self.source(fact))

    def _whole(self, fact: str, own: str, column: str | None, expected: str = "whole numbers") -> None:
        never = {f"{own} unfit": nw.lit(value=False)}
        nothing = {own: integer(0), f"{own} known": nw.lit(value=False), **never}

        def read(column: str) -> None:
            cell = self.reader.integer(fact, column, expected)
            self._cell(own, cell)
            self.columns[our_name(f"{own} unfit")] = never[f"{own} unfit"] if cell.unfit is None else cell.unfit

        self._ask(fact, column, read, nothing)

    def instant(self, fact: str, own: str) -> None:
        """Whole microseconds since 1970, 0 where it is unknown."""
        found = self.named.get(fact, fact)
        source = found if isinstance(found, Naive) else self.source(fact)
        column = source.column if isinstance(source, Naive) else source
        nothing = {own: integer(0), f"{own} known": nw.lit(value=False)}
        self._ask(fact, column, lambda _: self._instant(own, self.reader.instants(fact, source or "")), nothing)

    def _instant(self, own: str, found: Instants) -> None:
        table, value = self.reader.table, nw.col(found.column)
        self.columns[our_name(f"{own} known")] = found.known
        if not table.in_memory:
            self.natively[our_name(own)] = micros_in_sql(table.library, found.column, naive=found.zone is not None)
            return
        value = value if found.zone is None else value.dt.replace_time_zone(found.zone)
        if (found.zone or found.dtype.time_zone) != "UTC":
            value = value.dt.convert_time_zone("UTC")
        self.columns[our_name(own)] = value.fill_null(nw.lit(_EPOCH)).dt.timestamp("us")

    def amount(self, fact: str, own: str, currency: str) -> None:
        """The minor units of an amount, as `whole` reads them, and its currency, as a text."""
        found = self.named.get(fact, Amount(f"{fact}_minor", currency_column=f"{fact}_currency"))
        if not isinstance(found, Amount) or (found.currency is None) is (found.currency_column is None):
            expected = "an Amount with a currency or a currency_column"
            raise FactError(f"{self.reader.path}[{fact}]", shown(found), expected, 'Say Amount("cents", currency="EUR").')
        self._whole(fact, own, found.minor, "whole numbers of minor units")
        self._ask(fact, found.currency_column, partial(self._text, fact, currency), {currency: nw.lit(found.currency or "")})

    def _ask(self, fact: str, column: str | None, read: Callable[[str], None], nothing: Mapping[str, Expr]) -> None:
        """Remembers what is to be read of a column; where nobody knows it, or it says nothing, it is `nothing`."""
        if column is None:
            self._nothing(nothing)
            return

        def bring() -> None:
            if self.reader.is_blank(column):
                self._nothing(nothing)
            else:
                read(column)

        self.asked.append((fact, column, bring))

    def _nothing(self, nothing: Mapping[str, Expr]) -> None:
        self.columns |= {our_name(name): value for name, value in nothing.items()}

    def _cell(self, own: str, cell: Cell) -> None:
        self.columns |= {our_name(own): cell.value, our_name(f"{own} known"): cell.known}

    def made(self) -> Frame:
        """The frame with the columns of our own alone; columns that are not there are a `FactError`."""
        self.reader.refuse_missing((fact, column) for fact, column, _ in self.asked)
        for _, _, bring in self.asked:
            bring()
        table = self.reader.table
        frame = table.frame
        if self.natively:
            frame = natively(
                frame, table.library, ["*", *(f"{text} AS {quoted(table.library, own)}" for own, text in self.natively.items())]
            )
        # a row each, though every column be one value
        return frame.with_columns(**self.columns).select(*self.columns, *self.natively)
