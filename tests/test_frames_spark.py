"""Frames of Spark: the same answers, by Spark's own expressions alone. `make spark` runs these; they want pyspark and java 17."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("narwhals")
pytest.importorskip("pyarrow")
pytest.importorskip("pyspark")

from benchmarks.frames import activity_table, lead_table, leads_of
from inbound_engine import Engine, Policy, frames
from inbound_engine.columns import compile
from inbound_engine.errors import FactError
from tests.column_strategies import said_by_objects
from tests.places import ROOT
from tests.test_frames import DECIMALS, asked, worth

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark and Java warn of much that is not ours

AT = datetime(2026, 3, 30, 9, 3, tzinfo=UTC)
COUNT = 300
LEADS = (
    "id bigint, employees int, industry string, growth_stage string, country string, title string, critical_event string, "
    "requested string, lead_type string, technologies array<string>"
)
ACTIVITIES = "lead_id bigint, kind string, at timestamp, content string, marketing boolean"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - not everybody has it

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.sql.session.timeZone": "UTC"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def relation(spark: Any, table: Any, schema: str) -> Any:  # noqa: ANN401 - of Spark and Arrow
    return spark.createDataFrame([tuple(row.values()) for row in table.to_pylist()], schema)


def test_spark_says_what_the_objects_say(spark: Any) -> None:  # noqa: ANN401 - a session
    """FD-4: every output, with points and reasons."""
    leads, happened = lead_table(COUNT), activity_table(COUNT * 8, COUNT)
    engine = Engine(Policy())
    made = compile(engine.compiled, points=True, reasons=True)
    said = frames.assess(
        relation(spark, leads, LEADS), engine.compiled, at=AT, activities=relation(spark, happened, ACTIVITIES), points=True, reasons=True
    )
    rows = {row["id"]: row.asDict() for row in said.collect()}
    assert len(rows) == COUNT
    for lead in leads_of(leads, happened, range(COUNT)):
        expected = said_by_objects(engine, made, lead, AT)
        assert {name: rows[int(lead.id)][name] for name in expected} == expected


def test_the_plan_has_no_python_one_shuffle_of_activities_and_one_join(spark: Any) -> None:  # noqa: ANN401 - a session
    said = frames.assess(
        relation(spark, lead_table(10), LEADS), Policy(), at=AT, activities=relation(spark, activity_table(50, 10), ACTIVITIES)
    )
    plan = said._jdf.queryExecution().executedPlan().toString()
    steps = re.findall(r"^[ :+*()\d-]*([A-Z]\w+)", plan, re.MULTILINE)
    assert not [step for step in steps if "Python" in step or "Arrow" in step]
    assert sum("Join" in step for step in steps) == 1
    assert steps.count("HashAggregate") == 2


@pytest.fixture
def in_nepal(spark: Any) -> Iterator[Any]:  # noqa: ANN401 - a session
    """The session in a zone of its own: no answer may hang on it."""
    spark.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
    yield spark
    spark.conf.set("spark.sql.session.timeZone", "UTC")


def fits(table: Any, *conditions: dict[str, object], **how: Any) -> list[Any]:  # noqa: ANN401 - a frame of Spark, and what `assess` takes
    """1, 2, 4 ... points for the conditions that hold, of every row; the name of a fact where its row is refused."""
    rows = frames.assess(table, worth(*conditions, **DECIMALS), at=AT, only=["fit"], **how).collect()
    return [row["refused"] or row["fit"] for row in rows]


def test_text_is_compared_letter_for_letter_whatever_its_collation(spark: Any) -> None:  # noqa: ANN401 - a session
    titles = spark.sql("SELECT title COLLATE UTF8_LCASE AS title FROM VALUES ('VP'), ('vp'), (''), (NULL) AS t(title)")
    assert fits(titles, asked("equals", "title", value="VP"), asked("known", "title")) == [3, 2, 0, 0]
    leads = spark.sql("SELECT id COLLATE UTF8_LCASE AS id FROM VALUES ('a'), ('A') AS t(id)")
    happened = spark.sql(
        "SELECT lead_id COLLATE UTF8_LCASE AS lead_id, 'visit' AS kind, TIMESTAMP '2026-03-30 09:00:00Z' AS at "
        "FROM VALUES ('a') AS t(lead_id)"
    )
    visited = {"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1}
    assert fits(leads, visited, activities=happened) == [1, 0]


def test_odd_numbers_and_sets(spark: Any) -> None:  # noqa: ANN401 - a session
    numbers = spark.sql("SELECT x AS employees FROM VALUES (DOUBLE('NaN')), (DOUBLE('Infinity')), (DOUBLE('-0.0')), (0.5D), (50D) AS t(x)")
    sizes = asked("at_least", "employees", value=50), asked("known", "employees")
    assert fits(numbers, *sizes) == [0, "employees", 2, "employees", 3]
    decimals = spark.sql(
        "SELECT CAST(x AS DECIMAL(38, 0)) AS employees FROM VALUES ('9223372036854775808'), ('9223372036854775807') AS t(x)"
    )
    assert fits(decimals, *sizes) == ["employees", 3]
    exact = spark.sql("SELECT CAST(x AS DECIMAL(38, 30)) AS ratio FROM VALUES ('0.333333'), ('0.333334'), (NULL) AS t(x)")
    assert fits(exact, asked("at_least", "ratio", value="1/3"), asked("known", "ratio")) == [2, 3, 0]
    sets = spark.sql("SELECT x AS tools FROM VALUES ('a$b'), ('ab'), (''), ('$$'), (NULL) AS t(x)")
    tools = {"columns": {"technologies": frames.Separated("tools", by="$")}}
    assert fits(sets, asked("contains", "technologies", value="b"), asked("known", "technologies"), **tools) == [3, 2, 0, 0, 0]


def test_the_page_about_spark_does_what_it_says(spark: Any, tmp_path: Path) -> None:  # noqa: ANN401 - a session
    """Its blocks are run in order; what it writes lies in a folder of the test."""
    page = (ROOT / "docs" / "how-to" / "score-on-spark.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    known: dict[str, Any] = {"spark": spark}
    for block in blocks:
        exec(block.replace("s3://lake", str(tmp_path)), known)  # noqa: S102 - a page of ours
    assert len(blocks) == 5
    assert known["rows"]


def test_names_that_spark_takes_apart_are_refused(spark: Any) -> None:  # noqa: ANN401 - a session
    with pytest.raises(FactError, match=r"saw a column called 'job\.title', expected names without dots"):
        fits(spark.sql("SELECT 'VP' AS `job.title`"), asked("known", "title"), columns={"title": None})
    with pytest.raises(FactError, match=r"saw a column 'Fit' already.*prefix"):
        fits(spark.sql("SELECT 'VP' AS title, 1 AS Fit"), asked("known", "title"))


def test_instants_are_those_of_any_session(in_nepal: Any) -> None:  # noqa: ANN401 - a session
    """With their zone and without it, to the microsecond."""
    week = asked("within", "created_at", days=7), asked("older_than", "created_at", days=7), asked("known", "created_at")
    values = "('2026-03-30 09:03:00{0}'), ('2026-03-30 09:03:00.000001{0}'), ('2026-03-23 09:02:59.999999{0}'), (NULL)"
    zoned = in_nepal.sql(f"SELECT CAST(x AS TIMESTAMP) AS created_at FROM VALUES {values.format('Z')} AS t(x)")  # noqa: S608 - ours
    assert fits(zoned, *week) == [5, 0, 6, 0]
    naive = in_nepal.sql(f"SELECT CAST(x AS TIMESTAMP_NTZ) AS created_at FROM VALUES {values.format('')} AS t(x)")  # noqa: S608 - ours
    assert fits(naive, *week, columns={"created_at": frames.Naive("created_at")}) == [5, 0, 6, 0]


def test_instants_without_a_zone_are_said_to_be_utc(spark: Any) -> None:  # noqa: ANN401 - a session
    bare = AT.replace(tzinfo=None)
    table = spark.createDataFrame([(1, bare), (2, bare - timedelta(days=8))], "lead_id bigint, at timestamp_ntz").selectExpr(
        "*", "'visit' AS kind"
    )
    leads = spark.createDataFrame([(1,), (2,)], "id bigint")
    nobody = dict.fromkeys(
        ("employees", "industry", "growth_stage", "country", "title", "critical_event", "requested", "lead_type", "technologies")
    )
    columns = {"at": frames.Naive("at"), "content": None, "marketing": None}
    said = frames.assess(leads, Policy(), at=AT, columns=nobody, activities=table, activity_columns=columns, only=["engagement"])
    assert sorted((row["id"], row["engagement"]) for row in said.collect()) == [(1, 2.0), (2, 1.5)]
    with pytest.raises(FactError, match='zone "UTC"'):
        frames.assess(
            leads,
            Policy(),
            at=AT,
            columns=nobody,
            activities=table,
            activity_columns={**columns, "at": frames.Naive("at", "Europe/Berlin")},
        )
