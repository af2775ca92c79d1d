"""What is compiled into columns says of every lead what the objects say (FD-4)."""

from fractions import Fraction
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbound_engine import scoring
from inbound_engine.columns import Columns, assess_row, compile
from inbound_engine.engine import Engine
from inbound_engine.facts import Extra, Lead
from inbound_engine.policy import Policy
from tests.column_strategies import PRODUCTS, activity_rows, exact, policies, row_of, said_by_objects
from tests.condition_strategies import known_leads
from tests.policies import GIVEN
from tests.strategies import AT, leads

SHIPPED, GRADED = Engine(Policy()), Engine(GIVEN)


def with_grade(lead: Lead, grade: int | None, product: str | None) -> Lead:
    return attrs.evolve(lead, product=product, extra=Extra.of({**lead.extra, "handed_in": grade}))


def drawn_leads() -> st.SearchStrategy[Lead]:
    """Leads that the drawn policies can assess."""
    return st.builds(with_grade, known_leads(), st.none() | st.integers(0, 3), st.sampled_from((None, *PRODUCTS, "other")))


def assert_equal(engine: Engine, lead: Lead, **how: Any) -> Columns:  # noqa: ANN401 - what `compile` takes
    """Column by column."""
    lead, _ = scoring.ready(engine.compiled.scoring, lead, AT)
    made = compile(engine.compiled, points=True, reasons=True, **how)
    said = assess_row(made, row_of(engine.compiled, lead, AT), activity_rows(lead), at=AT)
    assert exact(said, engine.compiled.scoring.names) == said_by_objects(engine, made, lead, AT)
    return made


def in_points(made: Columns, said: dict[str, Any]) -> dict[str, Any]:
    """Exact scores as fractions, whatever their denominator."""
    for name, parts in made.parts.items():
        said[f"{name}_ratio"] = Fraction(said.pop(f"{name}_parts"), parts)
    return said


@given(policies(), st.lists(drawn_leads(), min_size=1, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_policy_says_the_same_in_columns(policy: Policy, several: list[Lead]) -> None:
    engine = Engine(policy)
    for lead in several:
        assert_equal(engine, lead, looked="some")


@given(leads())
def test_the_shipped_policy_says_the_same_in_columns(lead: Lead) -> None:
    assert_equal(SHIPPED, lead, looked="some")


@given(leads())
def test_activities_that_are_known_of_all_or_of_none_need_no_column(lead: Lead) -> None:
    assert_equal(SHIPPED, lead, looked="none" if lead.activities is None else "all")


@given(
    policies(), drawn_leads(), st.frozensets(st.sampled_from(("industry", "employees", "title", "budget", "product", "tags")), min_size=1)
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_facts_that_nobody_knows_are_asked_of_nobody(policy: Policy, lead: Lead, nobody_knows: frozenset[str]) -> None:
    """What is left out beforehand changes no answer."""
    engine = Engine(policy)
    lead, _ = scoring.ready(engine.compiled.scoring, lead, AT)
    row = {name: value for name, value in row_of(engine.compiled, lead, AT).items() if name.partition(" ")[0] not in nobody_knows}
    whole, less = (compile(engine.compiled, looked="some", points=True, reasons=True, unknown=names) for names in ((), nobody_knows))
    assert not {item.fact for item in less.inputs} & nobody_knows
    happened = activity_rows(lead)
    said = [in_points(made, exact(assess_row(made, row, happened, at=AT), engine.compiled.scoring.names)) for made in (whole, less)]
    assert said[0] == said[1]


@given(st.lists(st.none() | st.integers(0, 3), min_size=11, max_size=11))
def test_facts_that_are_known_of_all_and_sound_are_checked_no_more(grades: list[int | None]) -> None:
    names = [item.fact for item in compile(GRADED.compiled, looked="none").inputs]
    row = {name: grade for name, grade in zip(names, grades, strict=False) if grade is not None}
    whole = compile(GRADED.compiled, looked="none")
    trusted = compile(GRADED.compiled, looked="none", known=row, sound=row)
    assert assess_row(whole, row, at=AT) == assess_row(trusted, row, at=AT)
    assert len(trusted.checks) == len(whole.checks) - len([name for name in row if name.endswith("_grade")])
