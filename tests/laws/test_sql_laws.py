"""A SELECT says what the objects say: random policies over random leads, on every engine that is here (FD-4)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbound_engine import scoring, sql
from inbound_engine.columns import Columns, Input, assess_row
from inbound_engine.columns import compile as compile_columns
from inbound_engine.dialects import DIALECTS, Name, comment, literal
from inbound_engine.engine import Engine
from inbound_engine.facts import Extra, Lead
from inbound_engine.policy import Policy
from tests.column_strategies import activity_rows, exact, policies, row_of, said_by_objects
from tests.condition_strategies import known_leads
from tests.sql_engines import Run, engine, engines, said
from tests.strategies import AT, leads

ENGINE = pytest.mark.parametrize("running", engines("sqlite", "duckdb", "postgres"), indirect=True)
SPARK = pytest.mark.parametrize("running", engines("spark"), indirect=True)
TRANSLATED = pytest.mark.parametrize("running", engines("snowflake", "bigquery"), indirect=True)
IN_TURN = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
"""An engine lives as long as the module: what it keeps are tables, and those are made anew each time."""


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Name, Run]]:
    """An engine, and how it runs a SELECT."""
    with engine(request.param) as run:
        yield request.param, run


def _with_own(lead: Lead, given_in: int | None, product: str | None) -> Lead:
    own = {} if given_in is None else {"handed_in": given_in}
    return attrs.evolve(lead, product=product, extra=Extra.of({**lead.extra, **own}))


LEADS = st.builds(_with_own, known_leads(), st.none() | st.integers(0, 3), st.sampled_from((None, "core", "plus", "other")))


def _agree(running: tuple[Name, Run], policy: Policy, several: Sequence[Lead]) -> None:
    """Asks the engine and the objects of the same leads."""
    name, run = running
    objects = Engine(policy)
    numbered = (attrs.evolve(lead, id=f"L-{place}") for place, lead in enumerate(several))
    ready = [scoring.ready(objects.compiled.scoring, lead, AT)[0] for lead in numbered]
    columns = compile_columns(objects.compiled, looked="some", points=True, reasons=True)
    looked = {"activities": "activities"}
    text = sql.assess(objects.compiled, dialect=name, at=AT, columns=looked, activities="activities", points=True, reasons=True)
    rows = [{"id": lead.id} | row_of(objects.compiled, lead, AT) for lead in ready]
    activities = [row for lead in ready for row in activity_rows(lead)]
    found = said(columns, run(text, {"leads": (columns.inputs, rows), "activities": (columns.activity_inputs, activities)}))
    scores = objects.compiled.scoring.names
    assert {key: exact(answer, scores) for key, answer in found.items()} == {
        lead.id: said_by_objects(objects, columns, lead, AT) for lead in ready
    }


@ENGINE
@IN_TURN
@given(several=st.lists(leads(), max_size=12))
def test_the_shipped_policy_over_any_leads(running: tuple[Name, Run], several: list[Lead]) -> None:
    """Every score, bound, line, tier, clause and reason, to the last bit; of no leads nothing."""
    _agree(running, Policy(), several)


@ENGINE
@IN_TURN
@given(policy=policies(), several=st.lists(LEADS, min_size=1, max_size=6))
def test_any_policy_over_any_leads(running: tuple[Name, Run], policy: Policy, several: list[Lead]) -> None:
    """Every grader, matrix, choice, total, floor and clause of the language."""
    _agree(running, policy, several)


@SPARK
@settings(IN_TURN, max_examples=4)
@given(policy=policies(), several=st.lists(LEADS, min_size=4, max_size=12))
def test_any_policy_over_any_leads_on_spark(running: tuple[Name, Run], policy: Policy, several: list[Lead]) -> None:
    """The same, fewer times: Spark plans each for seconds."""
    _agree(running, policy, several)


@TRANSLATED
@settings(IN_TURN, max_examples=10)
@given(policy=policies(), several=st.lists(LEADS, min_size=1, max_size=6))
def test_any_policy_in_words_that_were_translated(running: tuple[Name, Run], policy: Policy, several: list[Lead]) -> None:
    """There is no Snowflake and no BigQuery here: what sqlglot makes of their text is run."""
    _agree(running, policy, several)


_INTEGERS = st.sampled_from((0, 1, -1, 3, 4, 2**31 - 1, 2**31, 2**53, 2**63 - 1, -(2**63))) | st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.sampled_from(("", "DE", "de", "DE ", " ", "saas", "SaaS", "pro", "free", "😀", "it's", "\\", "none", "confirmed", "EUR", "USD"))
_LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
_INSTANTS = st.builds(
    lambda days, micros: AT - timedelta(days=days, microseconds=micros),
    st.sampled_from((-1, 0, 1, 7, 30, 9000)),
    st.sampled_from((-1, 0, 1)),
)
_OF_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": _INTEGERS,
    "decimal": st.integers(-(10**12), 10**12).map(lambda units: Fraction(units, 1000)) | st.just(Fraction(333333333, 10**9)),
    "text": _TEXTS | _LETTERS,
    "texts": st.frozensets(_TEXTS | st.sampled_from(("salesforce", "hubspot", "a", "b")), max_size=4),
    "instant": _INSTANTS,
}


def _rows(draw: st.DrawFn, inputs: Sequence[Input], ids: Sequence[str], key: str) -> list[dict[str, Any]]:
    cells = {item.column.name: st.none() | _OF_KIND[item.column.kind] for item in inputs}
    return [{key: one, **draw(st.fixed_dictionaries(cells))} for one in ids]


@ENGINE
@IN_TURN
@given(data=st.data(), policy=policies())
def test_any_rows_at_all(running: tuple[Name, Run], data: st.DataObject, policy: Policy) -> None:
    """What no lead holds: extreme numbers, strange words, activities of nobody; as the plain reader reads them."""
    name, run = running
    columns = compile_columns(Engine(policy).compiled, points=True)

    def rows(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        owners = draw(st.lists(st.sampled_from(("L-0", "L-1", "L-2", "nobody")), max_size=6))
        return _rows(draw, columns.inputs, ["L-0", "L-1", "L-2"], "id"), _rows(draw, columns.activity_inputs, owners, "lead_id")

    several, activities = data.draw(st.composite(rows)())
    text = sql.assess(policy, dialect=name, at=AT, activities="activities", points=True)
    found = said(columns, run(text, {"leads": (columns.inputs, several), "activities": (columns.activity_inputs, activities)}))
    assert found == {row["id"]: _plainly(columns, row, activities) for row in several}


def _plainly(columns: Columns, row: Mapping[str, Any], activities: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    own = [activity for activity in activities if activity["lead_id"] == row["id"]]
    return assess_row(columns, row, own, at=AT)


@ENGINE
@IN_TURN
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | st.text("'\\\"`{}%#-*/;\n a", max_size=12))
def test_a_literal_is_its_text(running: tuple[Name, Run], text: str) -> None:
    """Whatever it is, it comes back, and nothing else is run."""
    name, run = running
    written = literal(text, DIALECTS[name])
    assert [row["x"] for row in run(f"SELECT {written} AS x", {})] == [text]
    assert written.isprintable()
    assert comment(text).startswith("-- ")
    assert comment(text).isprintable()


@settings(IN_TURN, max_examples=10)
@given(policy=policies())
def test_a_policy_has_one_text(policy: Policy) -> None:
    """Read from its own plain data it is written alike, for every engine."""
    again = Policy.model_validate_json(policy.model_dump_json())
    for name in DIALECTS:
        assert sql.assess(policy, dialect=name, at=AT) == sql.assess(again, dialect=name, at=AT)
