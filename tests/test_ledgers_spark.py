"""Ledgers of Spark: the same lines, by Spark's own expressions alone. `make spark` runs these; they want pyspark and java 17."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("narwhals")
pytest.importorskip("pyarrow")
pytest.importorskip("pyspark")

from inbound_engine import attribution, ledgers
from inbound_engine.attribution import AttributionDocument
from inbound_engine.playbook import PLAYBOOK
from tests import test_ledgers as told
from tests.ledger_tables import Library, batches, expected, said, tables

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark and Java warn of much that is not ours

TYPES = {"string": "string", "int64": "bigint", "bool": "boolean", "timestamp[us, tz=UTC]": "timestamp"}


@pytest.fixture(scope="module")
def spark() -> Iterator[Library]:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - not everybody has it

    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "America/New_York",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    def make(table: Any) -> Any:  # noqa: ANN401 - of Arrow and Spark
        schema = ", ".join(f"{field.name} {TYPES[str(field.type)]}" for field in table.schema)
        return session.createDataFrame([tuple(row.values()) for row in table.to_pylist()], schema)

    yield Library("pyspark", ("pyspark",), make, lambda frame: [row.asDict() for row in frame.collect()], is_ordered=False)
    session.stop()


def test_spark_says_what_the_objects_say(spark: Library) -> None:
    """AT-6: policies of every kind, each with all its models."""
    compared = 0
    for found, rules, models, at in batches(150, seed=6):
        rows = said(spark, found, rules, models, at)
        assert sorted(rows, key=str) == sorted(expected(found, rules, models, at), key=str)
        compared += len(rows)
    assert compared > 1_000


def test_of_several_leads_one_counts_and_its_stages(spark: Library) -> None:
    """AD-5, AD-25: the same tables as in every other library."""
    for leads, holder in told.LEADS.values():
        told.test_of_several_leads_one_counts(spark, leads, holder)
    told.test_stages_of_the_lead_that_counts_are_read_and_those_of_others_are_not(spark)


def test_what_was_written_down_later_does_not_count_yet(spark: Library) -> None:
    """AD-19, AD-21."""
    told.test_what_was_written_down_later_does_not_count_yet(spark)
    told.test_an_account_starts_anew_after_a_win_but_not_after_its_own(spark)


def test_collations_fold_nothing(spark: Library) -> None:
    """Ids and texts are told apart letter for letter; lines that are kept under a collation are summed so too."""

    def folded(table: Any) -> Any:  # noqa: ANN401 - a frame of Spark
        return table.selectExpr(*(f"{name} COLLATE UTF8_LCASE AS {name}" if kind == "string" else name for name, kind in table.dtypes))

    touches, deals, _ = (folded(spark.make(table)) for table in tables(told.TWINS))
    lines = ledgers.credit(touches, deals, told.SHIPPED, told.ALL)
    assert sorted(tuple(row.values()) for row in spark.rows(lines)) == sorted(expected(told.TWINS, told.SHIPPED, told.ALL, None))
    plain, again = ledgers.roll_up(lines), ledgers.roll_up(folded(lines))
    assert sorted(map(str, spark.rows(again))) == sorted(map(str, spark.rows(plain)))


def test_the_plan_has_no_python(spark: Library) -> None:
    rules = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
    (found, *_), *_ = batches(30, seed=2)
    touches, deals, _ = (spark.make(table) for table in tables(found))
    lines = ledgers.credit(touches, deals, rules, tuple(rules.models))
    plan = lines._jdf.queryExecution().executedPlan().toString()
    steps = re.findall(r"^[ :+*()\d-]*([A-Z]\w+)", plan, re.MULTILINE)
    assert steps
    assert not [step for step in steps if "Python" in step or "Arrow" in step]
