"""A frame of any library says of every lead what the objects say, column by column (FD-4)."""

import pytest

pytest.importorskip("narwhals")
pytest.importorskip("pyarrow")

from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbound_engine import frames, scoring
from inbound_engine.columns import compile
from inbound_engine.engine import Engine
from inbound_engine.facts import Lead
from inbound_engine.policy import Policy
from tests.backends import EVERY, Backend, activity_table, lead_table, marked, sources
from tests.column_strategies import activity_rows, exact, policies, row_of, said_by_objects
from tests.laws.test_columns_laws import drawn_leads
from tests.strategies import AT, leads

TYPES = st.fixed_dictionaries(
    {
        "employees": st.sampled_from(("", "decimal", "f64")),
        "handed_in": st.sampled_from(("", "u8", "i16", "u64", "f64", "decimal")),
        "industry": st.sampled_from(("", "dictionary", "large")),
        "title": st.sampled_from(("", "dictionary")),
        "plan": st.sampled_from(("", "dictionary")),
        "renewal": st.sampled_from(("", "ns", "berlin")),
        "created_at": st.sampled_from(("", "berlin", "ns")),
    }
)
"""Of facts the types that a column may have."""

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def assert_equal(library: Backend, policy: Policy, several: list[Lead], types: dict[str, str]) -> None:
    engine = Engine(policy)
    several = [scoring.ready(engine.compiled.scoring, attrs.evolve(lead, id=f"L-{n}"), AT)[0] for n, lead in enumerate(several)]
    made = compile(engine.compiled, looked="some", points=True, reasons=True)
    rows = [{"id": lead.id, **row_of(engine.compiled, lead, AT)} for lead in several]
    happened = activity_table([row for lead in several for row in activity_rows(lead)])
    said = frames.assess(
        library.make(lead_table(made.inputs, rows, lists=library.lists, types=types)),
        policy,
        at=AT,
        columns=sources(made, lists=library.lists, looked=True),
        activities=library.make(happened),
        points=True,
        reasons=True,
        prefix="says ",
    )
    found = library.rows(said)
    if library.keeps_order:
        assert [row["id"] for row in found] == [lead.id for lead in several]
    by_lead = {row["id"]: _outputs(row) for row in found}
    assert len(found) == len(by_lead) == len(several)
    for lead in several:
        assert exact(by_lead[lead.id], engine.compiled.scoring.names) == said_by_objects(engine, made, lead, AT)


def _outputs(row: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("says "): value for name, value in row.items() if name.startswith("says ")}


@pytest.mark.parametrize("library", marked())
def test_any_policy_says_the_same_of_a_frame(library: Backend) -> None:
    """Nulls, empty frames, one row; narrow, wide and decimal numbers, doubles, dictionaries, instants of other zones and grains."""

    @given(policies(), st.lists(drawn_leads(), max_size=6), TYPES)
    @settings(max_examples=4, suppress_health_check=SLOW)
    def holds(policy: Policy, several: list[Lead], types: dict[str, str]) -> None:
        assert_equal(library, policy, several, types)

    holds()


@pytest.mark.parametrize("library", marked())
def test_the_shipped_policy_says_the_same_of_a_frame(library: Backend) -> None:
    @given(st.lists(leads(), max_size=12), TYPES)
    @settings(max_examples=3, suppress_health_check=SLOW)
    def holds(several: list[Lead], types: dict[str, str]) -> None:
        assert_equal(library, Policy(), several, types)

    holds()


def test_every_library_is_asked() -> None:
    assert len(EVERY) == 7
