"""Frames of Spark: the same answers, by Spark's own expressions alone. `make spark` runs these; they want pyspark and java 17."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
