"""Graded leads are answered by looking up, and told exactly what every other lead would be told."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

import inbound_engine as ie
from inbound_engine import assessments, lookups
from inbound_engine.facts import Observation
from inbound_engine.playbook import PLAYBOOK

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
SELECTION = {"company_size": 25, "industry": 20, "technology": 20, "growth_stage": 15, "geography": 10, "role": 10}
URGENCY = {"recency": 25, "content_depth": 25, "critical_event": 20, "repeat_visits": 15, "direct_request": 15}


def graded_policy(change: Callable[[dict[str, Any]], object] = lambda data: None) -> ie.Policy:
    """The SPICED matrices over grades that are handed in; `change` alters the plain data first."""
    names = [*SELECTION, *URGENCY]
    shipped: Any = PLAYBOOK
    data: dict[str, Any] = {
        "facts": {"declared": [{"id": f"{name}_grade", "kind": "integer"} for name in names]},
        "touchpoints": [],
        "scoring": {
            "criteria": [{"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}} for name in names],
            "matrices": [
                {
                    "id": score,
                    "score": score,
                    "kind": "graded",
                    "weights": [{"criterion": name, "weight": weight} for name, weight in weights.items()],
                }
                for score, weights in (("selection", SELECTION), ("urgency", URGENCY))
            ],
        },
        "tiers": {**shipped["tiers"], "floors": []},
        "qualification": {"model": "spiced", "mql_tiers": ["T1", "T2", "T3"], "held_tiers": ["T3"]},
    }
    change(data)
    return ie.Policy.model_validate(data)


def graded_lead(grades: tuple[int, ...], **more: Any) -> ie.Lead:  # noqa: ANN401 - whatever a Lead takes
    names = [*SELECTION, *URGENCY]
    return ie.Lead(id="L-1", extra={f"{name}_grade": grade for name, grade in zip(names, grades, strict=True)}, **more)


def tables_of(policy: ie.Policy) -> lookups.Lookups | None:
    compiled = ie.Engine(policy).compiled
    return lookups.made(compiled.scoring, compiled.tiers)


def same_either_way(engine: ie.Engine, lead: ie.Lead, at: datetime = AT) -> bool:
    looked_up, worked_out = engine.assess(lead, at=at), assessments.assess(engine.compiled, lead, at=at)
    return looked_up == worked_out and looked_up.to_dict() == worked_out.to_dict()


def test_every_selection_is_told_the_same_as_when_it_is_worked_out() -> None:
    """FD-4: 4,096 grades of Selection, each with grades of Urgency drawn by a fixed seed."""
    engine, draw = ie.Engine(graded_policy()), random.Random(7)  # noqa: S311 - a fixed draw
    for selection in product(range(4), repeat=len(SELECTION)):
        lead = graded_lead((*selection, *(draw.randrange(4) for _ in URGENCY)))
        looked_up, worked_out = engine.assess(lead, at=AT), assessments.assess(engine.compiled, lead, at=AT)
        assert looked_up == worked_out


def test_every_urgency_is_told_the_same_as_when_it_is_worked_out() -> None:
    """FD-4: 1,024 grades of Urgency at a Selection that reaches every tier."""
    engine = ie.Engine(graded_policy())
    for urgency in product(range(4), repeat=len(URGENCY)):
        lead = graded_lead((3, 3, 3, 3, 3, 3, *urgency))
        assert engine.assess(lead, at=AT) == assessments.assess(engine.compiled, lead, at=AT)


@pytest.mark.parametrize(
    "lead",
    [
        ie.Lead(id="no grades at all"),
        ie.Lead(id="one missing", extra={f"{name}_grade": 2 for name in [*SELECTION, *URGENCY][1:]}),
        graded_lead((3,) * 11, account=ie.Account(id="acme", country="DE")),
        graded_lead((2,) * 11, activities=(ie.Activity(id="a", kind="visit", at=AT),)),
        graded_lead((2,) * 11, observations=(Observation("industry", "fintech", "form"),)),
    ],
    ids=lambda lead: lead.id,
)
def test_leads_that_do_not_fit_are_worked_out(lead: ie.Lead) -> None:
    """FD-6: a lead with a gap, or with anything to settle, goes the ordinary way."""
    assert same_either_way(ie.Engine(graded_policy()), lead)


def test_an_instant_in_another_zone_is_worked_out_to_the_same() -> None:
    """FD-2: the instant counts, not the zone in which it is written."""
    engine, elsewhere = ie.Engine(graded_policy()), AT.astimezone(timezone(timedelta(hours=5)))
    assert engine.assess(graded_lead((2,) * 11), at=elsewhere) == engine.assess(graded_lead((2,) * 11), at=AT)


@pytest.mark.parametrize("odd", [4, -1, True], ids=str)
def test_a_grade_that_is_none_is_refused(odd: int) -> None:
    """SC-8: a grade that is handed in is a whole number from 0 to 3."""
    with pytest.raises(ie.FactError, match="company_size_grade"):
        ie.Engine(graded_policy()).assess(graded_lead((odd, *(2,) * 10)), at=AT)


def test_an_undeclared_fact_of_the_account_is_refused_beside_grades() -> None:
    lead = graded_lead((2,) * 11, account=ie.Account(id="acme", extra={"tpyo": 1}))
    with pytest.raises(ie.FactError, match="tpyo"):
        ie.Engine(graded_policy()).assess(lead, at=AT)


def test_a_naive_instant_is_refused_beside_grades() -> None:
    """FD-2."""
    with pytest.raises(ie.FactError, match="aware"):
        ie.Engine(graded_policy()).assess(graded_lead((2,) * 11), at=datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point


def _share_a_criterion(data: dict[str, Any]) -> None:
    data["scoring"]["matrices"][1]["weights"][0]["criterion"] = "company_size"


def _one_raw_criterion(data: dict[str, Any]) -> None:
    rows = [{"grade": 3, "at_least": 50}]
    data["scoring"]["criteria"][0]["grader"] = {"kind": "bands", "fact": "employees", "rows": rows}


def _grade_of_the_account(data: dict[str, Any]) -> None:
    data["facts"]["declared"][0]["of"] = "account"


def _one_fact_twice(data: dict[str, Any]) -> None:
    data["scoring"]["criteria"][1]["grader"]["fact"] = "company_size_grade"


def _eight_criteria(data: dict[str, Any]) -> None:
    for name in ("one_more", "and_another"):
        data["facts"]["declared"].append({"id": f"{name}_grade", "kind": "integer"})
        data["scoring"]["criteria"].append({"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}})
        data["scoring"]["matrices"][0]["weights"].append({"criterion": name, "weight": 0})


def _a_floor(data: dict[str, Any]) -> None:
    data["tiers"]["floors"] = [{"id": "all", "tier": "T3", "when": {"op": "always"}}]


def _a_clause(data: dict[str, Any]) -> None:
    data["qualification"]["clauses"] = [{"id": "all", "when": {"op": "always"}}]


def _a_total(data: dict[str, Any]) -> None:
    data["scoring"]["totals"] = [{"id": "sum", "of": ["selection", "urgency"]}]


def _a_segment(data: dict[str, Any]) -> None:
    segment = {**data["scoring"]["matrices"][0], "id": "german", "when": {"op": "equals", "fact": "country", "value": "DE"}}
    data["scoring"]["matrices"].insert(0, segment)


def _a_reason_of_two_scores(data: dict[str, Any]) -> None:
    both = [{"op": "less_than", "fact": name, "value": 30} for name in ("selection", "urgency")]
    data["tiers"]["below"] = {"id": "NURTURE", "reasons": [{"id": "low", "when": {"op": "all", "of": both}}]}


def _a_reason_of_a_fact(data: dict[str, Any]) -> None:
    data["tiers"]["below"] = {"id": "NURTURE", "reasons": [{"id": "far", "when": {"op": "equals", "fact": "country", "value": "US"}}]}


def _points_instead(data: dict[str, Any]) -> None:
    rows = [{"id": "german", "points": 50, "when": {"op": "equals", "fact": "country", "value": "DE"}}]
    data["scoring"]["matrices"][1] = {"id": "urgency", "score": "urgency", "kind": "points", "rows": rows}


@pytest.mark.parametrize(
    "change",
    [
        _share_a_criterion,
        _one_raw_criterion,
        _grade_of_the_account,
        _one_fact_twice,
        _eight_criteria,
        _a_floor,
        _a_clause,
        _a_total,
        _a_segment,
        _a_reason_of_two_scores,
        _a_reason_of_a_fact,
        _points_instead,
    ],
)
def test_policies_of_another_shape_have_no_lookups(change: Callable[[dict[str, Any]], None]) -> None:
    policy = graded_policy(change)
    assert tables_of(policy) is None
    assert ie.Engine(policy).assess(ie.Lead(id="L-1", country="DE"), at=AT).lead.id == "L-1"


def test_the_shipped_policy_has_no_lookups() -> None:
    assert tables_of(ie.Policy()) is None


def _off(data: dict[str, Any]) -> None:
    data["tiers"]["floors"] = [{"id": "all", "tier": "T3", "when": {"op": "always"}, "enabled": False}]
    data["qualification"]["clauses"] = [{"id": "all", "when": {"op": "always"}, "enabled": False}]


def _dual_axis(data: dict[str, Any]) -> None:
    thresholds = [{"score": "selection", "at_least": 40}, {"score": "urgency", "at_least": 30}]
    data["qualification"] = {"model": "dual_axis", "dual_axis": thresholds}


def _renormalise(data: dict[str, Any]) -> None:
    for matrix in data["scoring"]["matrices"]:
        matrix["missing"] = "renormalise"


def _one_criterion_each(data: dict[str, Any]) -> None:
    for matrix, name in zip(data["scoring"]["matrices"], ("company_size", "recency"), strict=True):
        matrix["weights"] = [{"criterion": name, "weight": 100}]
    data["facts"]["declared"] = [{"id": f"{name}_grade", "kind": "integer"} for name in ("company_size", "recency")]
    data["scoring"]["criteria"] = [row for row in data["scoring"]["criteria"] if row["id"] in {"company_size", "recency"}]


@pytest.mark.parametrize("change", [_off, _dual_axis, _renormalise])
def test_policies_of_that_shape_answer_the_same_either_way(change: Callable[[dict[str, Any]], None]) -> None:
    """FD-4."""
    policy, draw = graded_policy(change), random.Random(11)  # noqa: S311 - a fixed draw
    assert tables_of(policy) is not None
    engine = ie.Engine(policy)
    for _ in range(40):
        assert same_either_way(engine, graded_lead(tuple(draw.randrange(4) for _ in range(11))))


def test_matrices_of_one_criterion_are_looked_up_too() -> None:
    policy = graded_policy(_one_criterion_each)
    assert tables_of(policy) is not None
    engine = ie.Engine(policy)
    for selection, urgency in product(range(4), repeat=2):
        lead = ie.Lead(id="L-1", extra={"company_size_grade": selection, "recency_grade": urgency})
        assert same_either_way(engine, lead)
