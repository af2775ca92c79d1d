"""Engines that run the text of `sql`: leads and activities are written into tables of theirs, and what a SELECT gives is read back.

SQLite comes with Python. DuckDB is run where its package is installed, PostgreSQL where `INBOUND_ENGINE_POSTGRES` names a server
(tests/postgres.sh starts one), Spark by `make spark`; otherwise a test that wants them is skipped and says why. Where `CI` is set, what
the extra `check` installs is not skipped.
There is no Snowflake and no BigQuery here: their text is parsed by sqlglot, said again in the words of DuckDB, and that is run.
"""

import importlib
import importlib.util
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import pytest

from inbound_engine.columns import Columns, Input
from inbound_engine.expressions import Column, microseconds

__all__ = ["ENGINES", "Row", "Run", "engine", "engines", "in_duckdb", "said"]

Row: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[str, Mapping[str, tuple[Sequence[Input], Sequence[Row]]]], list[dict[str, Any]]]
"""Runs a SELECT over tables, each of inputs and rows of facts by the names of their columns, and gives its rows."""

ENGINES = ("sqlite", "duckdb", "postgres", "spark", "snowflake", "bigquery")
POSTGRES = os.environ.get("INBOUND_ENGINE_POSTGRES", "")

_TYPES: dict[str, dict[str, str]] = {
    "sqlite": {
        "boolean": "INTEGER",
        "integer": "INTEGER",
        "decimal": "REAL",
        "text": "TEXT COLLATE NOCASE",
        "texts": "TEXT",
        "instant": "INTEGER",
    },
    "duckdb": {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DECIMAL(38, 9)",
        "text": "VARCHAR COLLATE NOCASE",
        "texts": "VARCHAR[]",
        "instant": "TIMESTAMPTZ",
    },
    "postgres": {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "NUMERIC",
        "text": "TEXT",
        "texts": "TEXT[]",
        "instant": "TIMESTAMPTZ",
    },
    "spark": {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DECIMAL(38, 9)",
        "text": "STRING",
        "texts": "ARRAY<STRING>",
        "instant": "TIMESTAMP",
    },
}
"""The types of the tables. Where columns can fold case they do: what is written must not."""


_PLAIN = _TYPES["duckdb"] | {"text": "VARCHAR"}


def _why_not(name: str) -> str:
    """Why an engine is not run here; nothing where it is."""
    match name:
        case "sqlite":
            return ""
        case "duckdb":
            return _wanted("duckdb")
        case "snowflake" | "bigquery":
            return _wanted("sqlglot") or _wanted("duckdb")
        case "postgres" if not POSTGRES:
            return "INBOUND_ENGINE_POSTGRES names no server; tests/postgres.sh starts one"
        case "postgres":
            return _wanted("psycopg", in_check=False)
        case _:
            return _wanted("pyspark", in_check=False)


def _wanted(package: str, *, in_check: bool = True) -> str:
    is_here = importlib.util.find_spec(package) is not None or (in_check and bool(os.environ.get("CI")))
    return "" if is_here else f"the package {package} is not installed"


def engines(*names: str) -> list[Any]:
    """Parameters of a test, one for each engine; those that are not run here are skipped with their reason."""
    skips = {name: pytest.mark.skipif(bool(_why_not(name)), reason=_why_not(name)) for name in names or ENGINES}
    return [pytest.param(name, marks=[skip, pytest.mark.spark] if name == "spark" else [skip]) for name, skip in skips.items()]


@contextmanager
def engine(name: str) -> Iterator[Run]:
    """The engine of that name, for as many SELECTs as one likes."""
    made = {"sqlite": _sqlite, "postgres": _postgres, "spark": _spark}
    with made[name]() if name in made else _duckdb(name) as run:
        yield run


def said(made: Columns, rows: Iterable[Row], key: str = "id") -> dict[Any, dict[str, Any]]:
    """What a SELECT said of each lead, as the objects would: booleans are booleans and whole numbers ints."""
    kinds = {output.name: output.kind for output in (made.refused, *made.outputs)}

    def value(name: str, found: Any) -> Any:  # noqa: ANN401 - of the kind of the output
        if found is None:
            return None
        return {"boolean": bool, "integer": int, "number": float, "text": str}[kinds[name]](found)

    return {row[key]: {name: value(name, row[name]) for name in kinds if name in row} for row in rows}


def _columns(name: str, inputs: Sequence[Input], key: str) -> list[tuple[str, str]]:
    ids = {"sqlite": "TEXT", "duckdb": "VARCHAR", "postgres": "TEXT", "spark": "STRING"}.get(name, "VARCHAR")
    return [(key, ids), *((item.default, _TYPES.get(name, _PLAIN)[item.column.kind]) for item in inputs)]


def _cells(row: Row, inputs: Sequence[Input], key: str, plain: Callable[[Column, Any], Any]) -> list[Any]:
    return [row[key], *(None if row.get(item.column.name) is None else plain(item.column, row[item.column.name]) for item in inputs)]


def _exact(value: Any) -> Decimal:  # noqa: ANN401 - whatever a decimal fact holds
    number = Fraction(value)
    return Decimal(number.numerator) / Decimal(number.denominator)


def _plain(column: Column, value: Any) -> Any:  # noqa: ANN401 - of the kind of the column
    match column.kind:
        case "decimal":
            return _exact(value)
        case "texts":
            return sorted(value)
        case _:
            return value


def _plainer(column: Column, value: Any) -> Any:  # noqa: ANN401 - of the kind of the column
    match column.kind:
        case "instant":
            assert isinstance(value, datetime)
            return microseconds(value)
        case "decimal":
            return float(Fraction(value))
        case "texts":
            return json.dumps(sorted(value))
        case _:
            return value


def _key(table: str) -> str:
    return "id" if table == "leads" else "lead_id"


def _filled(
    name: str,
    tables: Mapping[str, tuple[Sequence[Input], Sequence[Row]]],
    execute: Callable[[str], object],
    many: Callable[[str, list[list[Any]]], object],
    mark: str,
) -> None:
    for table, (inputs, rows) in tables.items():
        key = _key(table)
        columns = _columns(name, inputs, key)
        defined = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        execute(f"DROP TABLE IF EXISTS {table}")
        execute(f"CREATE TABLE {table} ({defined})")
        plain = _plainer if name == "sqlite" else _plain
        cells = [_cells(row, inputs, key, plain) for row in rows]
        if cells:
            many(f"INSERT INTO {table} VALUES ({', '.join([mark] * len(columns))})", cells)  # noqa: S608 - tables of our own


@contextmanager
def _sqlite() -> Iterator[Run]:
    connection = sqlite3.connect(":memory:")

    def run(text: str, tables: Mapping[str, tuple[Sequence[Input], Sequence[Row]]]) -> list[dict[str, Any]]:
        _filled("sqlite", tables, connection.execute, connection.executemany, "?")
        cursor = connection.execute(text)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    try:
        yield run
    finally:
        connection.close()


@contextmanager
def _duckdb(name: str) -> Iterator[Run]:
    connection = importlib.import_module("duckdb").connect()
    connection.execute("SET TimeZone = 'Asia/Kathmandu'")  # no answer may hang on it
    connection.execute("SET threads = 1")

    def run(text: str, tables: Mapping[str, tuple[Sequence[Input], Sequence[Row]]]) -> list[dict[str, Any]]:
        _filled(name, tables, connection.execute, connection.executemany, "?")
        found = connection.execute(text if name == "duckdb" else in_duckdb(text, name))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    try:
        yield run
    finally:
        connection.close()


def in_duckdb(text: str, name: str) -> str:
    """The text of another engine in the words of DuckDB, as sqlglot has it; without collations, which it does not translate."""
    sqlglot, errors = importlib.import_module("sqlglot"), importlib.import_module("sqlglot.errors")
    tree = sqlglot.parse_one(text, read=name, error_level=errors.ErrorLevel.RAISE)
    for collation in list(tree.find_all(sqlglot.exp.Collate)):
        collation.replace(collation.this)
    said_again = str(tree.sql(dialect="duckdb", unsupported_level=errors.ErrorLevel.RAISE))
    return said_again.replace(" AS DECIMAL)", " AS DECIMAL(38, 9))")  # what BigQuery calls NUMERIC; in DuckDB it would have 3 places


@contextmanager
def _postgres() -> Iterator[Run]:
    with importlib.import_module("psycopg").connect(POSTGRES, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET TimeZone = 'Asia/Kathmandu'")
        connection.execute("SET search_path = pg_temp")
        connection.execute("SET client_min_messages = error")

        def run(text: str, tables: Mapping[str, tuple[Sequence[Input], Sequence[Row]]]) -> list[dict[str, Any]]:
            cursor = connection.cursor()
            _filled("postgres", tables, connection.execute, cursor.executemany, "%s")
            found = connection.execute(text)
            names = [column.name for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        yield run


@contextmanager
def _spark() -> Iterator[Run]:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = importlib.import_module("pyspark.sql").SparkSession.builder.master("local[2]")
    session = builder.config("spark.ui.enabled", "false").getOrCreate()
    before = session.conf.get("spark.sql.session.timeZone")

    def run(text: str, tables: Mapping[str, tuple[Sequence[Input], Sequence[Row]]]) -> list[dict[str, Any]]:
        for table, (inputs, rows) in tables.items():
            key = _key(table)
            schema = ", ".join(f"`{column}` {kind}" for column, kind in _columns("spark", inputs, key))
            cells = [tuple(_cells(row, inputs, key, _plain)) for row in rows]
            session.createDataFrame(cells, schema).createOrReplaceTempView(table)
        return [row.asDict() for row in session.sql(text).collect()]

    try:
        session.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
        session.conf.set("spark.sql.shuffle.partitions", "2")
        yield run
    finally:  # the session is left to whoever shares it
        session.conf.set("spark.sql.session.timeZone", before)
