"""Policies as columns: what comes out for one row, what is asked for, and what is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import columns, expressions, scoring
from inbound_engine.columns import Step, assess_row
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.money import Money
from inbound_engine.policy import Policy
from tests.column_strategies import activity_rows, exact, row_of, said_by_objects
from tests.policies import GIVEN, graded, points, small

AT = datetime(2026, 3, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SHIPPED = Engine(Policy())


def happened(*kinds: str, days: int = 0, **more: Any) -> tuple[Activity, ...]:  # noqa: ANN401 - fields of an activity
    return tuple(Activity(id=f"{kind}-{number}", kind=kind, at=AT - days * DAY, **more) for number, kind in enumerate(kinds))


def said(engine: Engine, lead: Lead, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - what `compile` takes
    """What the columns say, once it is sure that the objects say the same."""
    lead, _ = scoring.ready(engine.compiled.scoring, lead, AT)
    settings: dict[str, Any] = {"looked": "some", "points": True, "reasons": True} | how
    made = columns.compile(engine.compiled, **settings)
    found = assess_row(made, row_of(engine.compiled, lead, AT), activity_rows(lead), at=AT)
    assert exact(found, engine.compiled.scoring.names) == said_by_objects(engine, made, lead, AT)
    return found


ACME = Account(
    id="acme",
    country="DE",
    industry="fintech",
    employees=240,
    technologies=frozenset({"salesforce", "segment", "hubspot"}),
    growth_stage="series_b",
)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (
            Lead(
                id="1", title="VP Sales", account=ACME, activities=happened("demo_request"), extra=Extra.of({"critical_event": "confirmed"})
            ),
            {
                "selection": 100.0,
                "selection_parts": 300,
                "urgency": 85.0,
                "engagement": 40.0,
                "tier": "T1",
                "mql_clause": "tier:T1",
                "missing": 0,
            },
        ),
        (
            Lead(id="2", account=Account(id="a", country="DE"), lead_type="demo_request"),
            {"selection": 10.0, "selection_low": 10.0, "selection_high": 100.0, "tier": "T2", "raised_by": "hand_raise_before_enrichment"},
        ),
        (
            Lead(id="3", title="Intern", account=ACME, activities=()),
            {"selection": 90.0, "urgency": 0.0, "tier": "NURTURE", "tier_reason": "low_intent", "mql": False, "missing": 1},
        ),
        (Lead(id="4"), {"selection": 0.0, "tier_reason": "low_fit", "missing": 11, "handed_off": False, "engagement_high": 100.0}),
        (
            Lead(id="5", activities=happened("page_view", days=8, content="pricing/x") + happened("webinar_attendance", days=30)),
            {"grade_content_depth": 3, "grade_recency": 2, "engagement": 12.225, "engagement_bottom": 7.5, "grade_company_size": None},
        ),
        (
            Lead(id="6", activities=happened("trial_signup") + happened("contact_form")),
            {"engagement": 80.0, "engagement_hand_raise": 80.0, "engagement_clamped": 0.0},
        ),
    ],
)
def test_the_shipped_policy_over_a_row(lead: Lead, expected: Mapping[str, object]) -> None:
    """SC-4 to SC-6, TI-1 to TI-4."""
    found = said(SHIPPED, lead)
    assert {name: found[name] for name in expected} == expected


def test_points_are_clamped_where_many_hands_are_raised() -> None:
    """SC-3: the sum stops at the cap."""
    lead = Lead(id="1", activities=tuple(Activity(id=str(n), kind="demo_request", at=AT) for n in range(4)))
    found = said(SHIPPED, lead)
    assert (found["engagement"], found["engagement_hand_raise"], found["engagement_clamped"]) == (100.0, 160.0, -60.0)


def test_the_codes_are_those_of_the_objects() -> None:
    found = said(SHIPPED, Lead(id="2", account=Account(id="a", country="DE"), lead_type="demo_request"))
    assert found["because"] == (
        "short tiers.rows[T1].thresholds[selection];short tiers.rows[T1].thresholds[urgency];"
        "short tiers.rows[T2].thresholds[selection];short tiers.rows[T2].thresholds[urgency];"
        "short tiers.rows[T3].thresholds[selection];short tiers.rows[T3].thresholds[urgency];"
        "raised tiers.floors[hand_raise_before_enrichment];qualified qualification.mql_tiers;"
    )


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({"employees": -1}, "employees"),
        ({"country": "Germany"}, "country"),
        ({"critical_event": "perhaps"}, "critical_event"),
        ({"requested": "money", "country": "UK"}, "country"),
        ({"employees": 0, "country": "", "critical_event": "none"}, None),
    ],
)
def test_a_row_that_no_lead_may_have_is_refused_by_name(row: dict[str, object], refused: str | None) -> None:
    made = columns.compile(SHIPPED.compiled, looked="none")
    found = assess_row(made, row, at=AT)
    assert found["refused"] == refused
    assert all((value is None) is (refused is not None) for name, value in found.items() if name in {"tier", "selection", "mql", "missing"})


@pytest.mark.parametrize("grade", [4, -1])
def test_a_grade_is_one_of_four(grade: int) -> None:
    made = columns.compile(Engine(GIVEN).compiled, looked="none")
    assert assess_row(made, {"role_grade": grade}, at=AT)["refused"] == "role_grade"


def test_a_graded_row() -> None:
    """The trap of doubles: S(0,0,1,2,2,2) is exactly 30."""
    found = said(Engine(GIVEN), graded([0, 0, 1, 2, 2, 2], [0] * 5))
    assert (found["selection"], found["selection_parts"], found["tier_reason"]) == (30.0, 90, "low_intent")


# ---------------------------------------------------------------------------------------------------- the whole language

DECLARED: dict[str, Any] = {
    "facts": {
        "declared": [
            {"id": "plan", "kind": "text", "values": ["free", "pro"]},
            {"id": "tags", "kind": "texts"},
            {"id": "seats", "kind": "integer"},
            {"id": "ratio", "kind": "decimal"},
            {"id": "paid", "kind": "boolean"},
            {"id": "renewal", "kind": "instant"},
            {"id": "budget", "kind": "money"},
        ],
        "unknown": [{"fact": "industry", "values": ["Select"]}],
    }
}
EUROS = {"amount": 50, "currency": "EUR"}
FULL = {
    "plan": "pro",
    "tags": frozenset({"a"}),
    "seats": 5,
    "ratio": Decimal("0.5"),
    "paid": True,
    "renewal": AT,
    "budget": Money(5000, "EUR"),
}


def asked(op: str, fact: str, **more: object) -> dict[str, object]:
    return {"op": op, "fact": fact, **more}


CONDITIONS = [
    asked("equals", "plan", value="pro"),
    asked("differs", "plan", value="pro"),
    asked("is_in", "plan", values=["pro", "free"]),
    asked("contains", "plan", value="r"),
    asked("starts_with", "plan", value="fr"),
    asked("ends_with", "plan", value="o"),
    asked("contains", "tags", value="a"),
    asked("overlaps", "tags", values=["a", "b"]),
    asked("known", "tags"),
    asked("unknown", "plan"),
    *(asked(op, "seats", value=5) for op in ("equals", "differs", "at_least", "at_most", "more_than", "less_than")),
    asked("between", "seats", low=5, high=6),
    asked("is_in", "seats", values=[4, 5]),
    *(asked(op, "ratio", value="1/2") for op in ("equals", "differs", "at_least", "at_most", "more_than", "less_than")),
    asked("between", "ratio", low=0, high="1/2"),
    asked("is_in", "ratio", values=["1/2", 2]),
    asked("equals", "paid", value=True),
    asked("differs", "paid", value=True),
    *(asked(op, "renewal", value="2026-03-30T09:00:00Z") for op in ("equals", "differs", "at_least", "at_most", "more_than", "less_than")),
    asked("between", "renewal", low="2026-03-30T09:00:00Z", high="2026-03-30T09:00:00Z"),
    asked("within", "renewal", days=0),
    asked("older_than", "renewal", days=0),
    *(asked(op, "budget", value=EUROS) for op in ("equals", "differs", "at_least", "at_most", "more_than", "less_than")),
    asked("between", "budget", low=EUROS, high=EUROS),
    asked("equals", "budget", value={"amount": 50, "currency": "USD"}),
    asked("contains", "suppressed", value="email"),
    asked("known", "suppressed"),
    asked("known", "created_at"),
    asked("at_least", "annual_revenue", value=EUROS),
    asked("equals", "industry", value="saas"),
    {"op": "always"},
    {
        "op": "count",
        "activities": {"kinds": ["visit"], "channels": ["google"], "campaigns": ["x"], "marketing": False},
        "at_least": 1,
        "at_most": 2,
    },
    {"op": "count", "activities": {"touchpoints": ["blog"], "contents": ["blog"]}, "at_most": 0},
    {"op": "count", "activities": {"hand_raise": True, "depth_at_least": 3}, "at_least": 0, "within_days": 7},
    {"op": "not", "of": asked("equals", "plan", value="pro")},
    {"op": "all", "of": [asked("equals", "plan", value="pro"), asked("at_least", "seats", value=5), {"op": "always"}]},
    {"op": "any", "of": [asked("equals", "plan", value="pro"), asked("at_least", "seats", value=5)]},
    {"op": "any", "of": [asked("equals", "plan", value="pro"), asked("starts_with", "plan", value="f")]},
    {"op": "all", "of": [asked("known", "plan"), asked("equals", "plan", value="pro")]},
    {"op": "any", "of": [asked("unknown", "plan"), {"op": "not", "of": asked("known", "seats")}]},
    {"op": "all", "of": [{"op": "always"}, {"op": "always"}]},
]
LEADS = {
    "full": Lead(
        id="full",
        created_at=AT,
        suppressed=frozenset({"email"}),
        product="core",
        account=Account(id="a", annual_revenue=Money(9000, "EUR"), industry="saas"),
        activities=(
            *happened("visit", channel="google", campaign="x", marketing=False),
            *happened("demo_request", "page_view", content="blog", days=7),
            *happened("reply", days=-1),
        ),
        extra=Extra.of(FULL),
    ),
    "other": Lead(
        id="other",
        created_at=AT + DAY,
        product="plus",
        account=Account(id="a", industry="Select", annual_revenue=Money(1, "USD")),
        activities=(),
        extra=Extra.of({**FULL, "plan": "free", "seats": 4, "budget": Money(5000, "USD"), "paid": False, "renewal": AT - DAY, "ratio": 2}),
    ),
    "empty": Lead(id="empty"),
}


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_every_condition_is_surely_true_surely_false_or_neither(lead: Lead) -> None:
    rows = [{"id": f"r{number}", "points": 1 + number % 3, "when": condition} for number, condition in enumerate(CONDITIONS)]
    policy = small(points("fit", 0, rows=rows), points("minus", 0, score="low", rows=[{**row, "points": -2} for row in rows]), **DECLARED)
    said(Engine(policy), lead)


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
@pytest.mark.parametrize(
    "grader",
    [
        {"kind": "bands", "fact": "seats", "rows": [{"grade": 3, "at_least": 5}, {"grade": 1, "at_most": 3}], "otherwise": 2},
        {"kind": "bands", "fact": "ratio", "rows": [{"grade": 3, "at_least": "1/3", "at_most": 1}]},
        {"kind": "bands", "fact": "budget", "rows": [{"grade": 2, "at_least": EUROS}], "otherwise": 1},
        {"kind": "bands", "fact": "renewal", "rows": [{"grade": 2, "at_least": "2026-03-30T09:00:00Z"}], "otherwise": 1},
        {"kind": "lookup", "fact": "plan", "rows": [{"grade": 3, "values": ["pro"]}], "otherwise": 1},
        {"kind": "lookup", "fact": "plan", "rows": [{"grade": 3, "values": ["pro"]}]},
        {"kind": "overlap", "fact": "tags", "values": ["a", "b"], "rows": [{"grade": 3, "at_least": 2}, {"grade": 1, "at_least": 1}]},
        {"kind": "recency", "rows": [{"grade": 3, "under_days": 7}, {"grade": 2, "within_days": 7}], "older": 1, "none": 1},
        {"kind": "count", "activities": {"kinds": ["visit"]}, "rows": [{"grade": 3, "at_least": 1}]},
        {"kind": "given", "fact": "seats"},
        {"kind": "condition", "rows": [{"grade": 3, "when": asked("equals", "plan", value="pro")}], "otherwise": 3},
        {"kind": "condition", "rows": [{"grade": 3, "when": asked("equals", "plan", value="pro")}], "otherwise": 1},
        {
            "kind": "condition",
            "rows": [{"grade": 3, "when": asked("known", "plan")}, {"grade": 1, "when": {"op": "not", "of": asked("known", "seats")}}],
        },
        {
            "kind": "condition",
            "rows": [{"grade": 1, "when": {"op": "any", "of": [asked("at_least", "ratio", value=1), asked("known", "plan")]}}],
        },
        {
            "kind": "condition",
            "rows": [
                {"grade": 3, "when": {"op": "all", "of": [asked("at_least", "seats", value=5), asked("equals", "plan", value="pro")]}},
                {"grade": 2, "when": asked("at_least", "ratio", value=1)},
            ],
        },
    ],
    ids=lambda grader: f"{grader['kind']}-{grader.get('fact', '')}",
)
def test_every_grader_says_its_grade_and_what_is_still_possible(lead: Lead, grader: dict[str, Any]) -> None:
    if grader["kind"] == "given" and lead.extra.get("seats") in {4, 5}:
        lead = Lead(id="g", extra=Extra.of({"seats": 2}))
    criteria = [
        {"id": "c", "label": "c", "grader": grader},
        {"id": "d", "label": "d", "grader": {"kind": "lookup", "fact": "title", "rows": [{"grade": 1, "values": ["x"]}]}},
    ]
    weights = [{"criterion": "c", "weight": 60}, {"criterion": "d", "weight": 40}]
    for missing in ("zero", "renormalise"):
        matrix = {"id": "fit", "score": "fit", "kind": "graded", "weights": weights, "missing": missing}
        policy = small(matrix, points("more", 3, score="b"), criteria=criteria, totals=[{"id": "both", "of": ["fit", "b"]}], **DECLARED)
        said(Engine(policy), lead)


def test_a_score_with_a_denominator_of_its_own() -> None:
    """FD-6: with `renormalise` the parts of a point differ from row to row, and stand beside the score."""
    criteria = [
        {"id": name, "label": name, "grader": {"kind": "lookup", "fact": name, "rows": [{"grade": 2, "values": ["x"]}]}}
        for name in ("title", "source")
    ]
    matrix = {
        "id": "fit",
        "score": "fit",
        "kind": "graded",
        "missing": "renormalise",
        "weights": [{"criterion": "title", "weight": 60}, {"criterion": "source", "weight": 40}],
    }
    engine = Engine(small(matrix, criteria=criteria))
    assert "fit" not in columns.compile(engine.compiled).parts
    rows = [(Lead(id="1", title="x"), 200, 3), (Lead(id="1"), 0, 3), (Lead(id="1", title="x", source="y"), 600, 15)]
    for lead, parts, whole in rows:
        found = said(engine, lead)
        assert Fraction(found["fit_parts"], found["fit_whole"]) == Fraction(parts, whole)
    nobody = columns.compile(engine.compiled, unknown=["title", "source"])
    assert assess_row(nobody, {}, at=AT)["fit"] == 0.0


MATRICES: list[Any] = [
    points("core", 10, products=["core"]),
    points("plus", 20, products=["plus"], when=asked("at_least", "seats", value=5)),
    points("all", 15),
    points("most", 30, when=asked("equals", "plan", value="pro")),
    points("few", 40, when=asked("known", "source")),
]


@pytest.mark.parametrize("choice", ["named", "best"])
@pytest.mark.parametrize("picked", [(0, 1, 2), (2, 3, 4), (1, 2, 3), (0, 2), (2, 4)])
@pytest.mark.parametrize(
    "lead", [*LEADS.values(), Lead(id="none", product="other"), Lead(id="s", source="x", extra=Extra.of({"seats": 9}), product="plus")]
)
def test_which_matrix_measures_the_lead(choice: str, picked: tuple[int, ...], lead: Lead) -> None:
    """SC-7."""
    policy = small(*(MATRICES[number] for number in picked), choice=choice, **DECLARED)
    found = said(Engine(policy), lead)
    assert found["fit_matrix"] in {MATRICES[number]["id"] for number in picked}
    if lead.product is None:
        assert said(Engine(policy), lead, unknown=["product"]) == found


def test_ties_go_to_document_order_and_the_best_is_named() -> None:
    """SC-7."""
    policy = small(points("one", 10), points("two", 10, when=ALWAYS), points("three", 5, when=ALWAYS), choice="best")
    found = said(Engine(policy), Lead(id="1"))
    assert (found["fit"], found["fit_matrix"]) == (10.0, "one")


ALWAYS = {"op": "always"}


@pytest.mark.parametrize(
    ("floor", "cap", "worth", "gives"), [(5, 50, 60, 50.0), (5, 50, -60, 5.0), (None, 50, 60, 50.0), (5, None, 2, 5.0), (5, 50, 10, 10.0)]
)
def test_a_floor_and_a_cap(floor: int | None, cap: int | None, worth: int, gives: float) -> None:
    """SC-7."""
    rows = [{"id": "r", "points": worth, "when": asked("known", "title")}]
    policy = small(points("fit", 0, rows=rows, floor=floor, cap=cap))
    found = said(Engine(policy), Lead(id="1", title="x"))
    assert found["fit"] == gives == found["fit_r"] + found["fit_clamped"]


def test_qualification_by_two_axes_and_by_clauses() -> None:
    """TI-4."""
    clauses = [
        {"id": "off", "when": ALWAYS, "enabled": False},
        {"id": "held", "when": asked("known", "title"), "held": True},
        {"id": "first", "when": asked("equals", "tier", value="A")},
        {"id": "reason", "when": asked("equals", "tier_reason", value="low")},
        {"id": "reasonless", "when": asked("unknown", "tier_reason")},
        {"id": "tierful", "when": asked("known", "tier")},
        {"id": "among", "when": asked("is_in", "tier", values=["A", "NONE"])},
        {"id": "starting", "when": asked("starts_with", "tier", value="N")},
        {"id": "unsure", "when": asked("at_least", "employees", value=5)},
        *(
            {"id": f"s-{op}", "when": asked(op, "fit", value="10")}
            for op in ("equals", "differs", "at_least", "at_most", "more_than", "less_than")
        ),
        {"id": "s-third", "when": asked("equals", "fit", value="1/3")},
        {"id": "s-between", "when": asked("between", "fit", low=1, high=10)},
        {"id": "s-in", "when": asked("is_in", "fit", values=[1, 10])},
        {"id": "s-known", "when": asked("known", "fit")},
        {"id": "s-unknown", "when": asked("unknown", "fit")},
    ]
    rows = [{"id": "r", "points": 10, "when": asked("known", "source")}, {"id": "s", "points": 3, "when": asked("known", "department")}]
    tiers = {
        "rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": 10}]}],
        "below": {"id": "NONE", "reasons": [{"id": "low", "when": asked("known", "department")}]},
        "floors": [
            {"id": "on", "tier": "A", "when": asked("equals", "title", value="up")},
            {"id": "off", "tier": "A", "when": ALWAYS, "enabled": False},
            {"id": "twice", "tier": "A", "when": asked("equals", "title", value="up"), "only_while_unknown": "fit"},
        ],
    }
    for model in ("spiced", "dual_axis"):
        qualification = {
            "model": model,
            "mql_tiers": ["A", "NONE"],
            "held_tiers": ["NONE"],
            "dual_axis": [{"score": "fit", "at_least": 3}],
            "clauses": clauses,
        }
        engine = Engine(small(points("fit", 0, rows=rows), tiers=tiers, qualification=qualification))
        for lead in (
            Lead(id="1", source="x"),
            Lead(id="2", title="up"),
            Lead(id="3", department="y", account=Account(id="a", employees=9)),
            Lead(id="4", title="x", source="z", department="y"),
        ):
            said(engine, lead)
    bare = small(points("fit", 1), qualification={"mql_tiers": [], "clauses": [{"id": "c", "when": ALWAYS, "held": True}]})
    assert said(Engine(bare), Lead(id="1"))["handed_off"] is False


def test_scores_of_two_units_are_added_and_chosen_among() -> None:
    criteria = [{"id": "title", "label": "t", "grader": {"kind": "lookup", "fact": "title", "rows": [{"grade": 2, "values": ["x"]}]}}]
    weights = [{"criterion": "title", "weight": 100}]
    matrices: list[Any] = [
        {"id": "one", "score": "fit", "kind": "graded", "weights": weights, "scale": "33.3"},
        {
            "id": "two",
            "score": "fit",
            "kind": "graded",
            "weights": weights,
            "scale": "100/3",
            "missing": "renormalise",
            "when": asked("known", "source"),
        },
        points("three", 66, when=asked("known", "source")),
    ]
    engine = Engine(
        small(*matrices, points("more", 1, score="b"), criteria=criteria, totals=[{"id": "both", "of": ["fit", "b"]}], choice="best")
    )
    for lead, matrix in (
        (Lead(id="1", title="x"), "one"),
        (Lead(id="1", title="x", source="y"), "two"),
        (Lead(id="1", source="y"), "three"),
    ):
        assert said(engine, lead)["fit_matrix"] == matrix


# -------------------------------------------------------------------------------------------------------- what is asked


def test_only_what_is_asked_for_is_computed() -> None:
    made = columns.compile(SHIPPED.compiled, only=["urgency"])
    assert [item.fact for item in made.inputs] == ["critical_event", "requested"]
    assert [check.fact for check in made.checks] == ["critical_event", "requested"]
    assert {signal.how for signal in made.signals} == {"count", "latest"}
    assert [output.name for output in made.outputs] == ["urgency"]
    assert "sum_engagement" not in {signal.name for signal in made.signals}
    assert [item.fact for item in made.activity_inputs] == ["kind", "at", "content", "marketing"]


def test_amounts_have_two_columns_and_defaults() -> None:
    engine = Engine(small(points("fit", 0, rows=[{"id": "r", "points": 1, "when": asked("at_least", "annual_revenue", value=EUROS)}])))
    made = columns.compile(engine.compiled)
    assert [(item.column.name, item.default, item.column.kind) for item in made.inputs] == [
        ("annual_revenue currency", "annual_revenue_currency", "text"),
        ("annual_revenue minor", "annual_revenue_minor", "integer"),
    ]
    assert assess_row(made, {"annual_revenue minor": -1, "annual_revenue currency": "EUR"}, at=AT)["refused"] == "annual_revenue"
    assert assess_row(columns.compile(engine.compiled, unknown=["annual_revenue"]), {}, at=AT)["fit_high"] == 1.0
    known = columns.compile(engine.compiled, known=["annual_revenue"])
    assert assess_row(known, {"annual_revenue minor": 5000, "annual_revenue currency": "EUR"}, at=AT)["fit"] == 1.0


def test_steps_come_in_layers_that_need_only_those_before_them() -> None:
    made = columns.compile(SHIPPED.compiled, points=True, reasons=True)
    for steps, layers in ((made.steps, made.layers), (made.activity_steps, made.activity_layers)):
        assert sorted(step.name for layer in layers for step in layer) == sorted(step.name for step in steps)
        before: set[str] = set()
        for layer in layers:
            assert all({*expressions.names_of(step.expression)} <= before for step in layer)
            before |= {step.name for step in layer}


def test_every_expression_is_compiled_from_nothing_but_what_is_there() -> None:
    made = columns.compile(SHIPPED.compiled, points=True, reasons=True, looked="some")
    there = {item.column.name for item in made.inputs} | {signal.name for signal in made.signals}
    sides = [side for output in (*made.outputs, made.refused) for side in (output.expression, output.known)]
    read = {column.name for side in (*sides, *(step.expression for step in made.steps)) for column in expressions.columns_of(side)}
    assert read == there


def test_every_output_says_what_it_is_and_of_which_kind() -> None:
    made = columns.compile(SHIPPED.compiled, only=["tier", "mql", "selection", "selection_parts"])
    assert {output.name: output.kind for output in made.outputs} == {
        "tier": "text",
        "mql": "boolean",
        "selection": "number",
        "selection_parts": "integer",
    }
    assert all(output.says for output in made.outputs)
    assert made.fingerprint == SHIPPED.compiled.fingerprint


def test_a_step_carries_its_bounds() -> None:
    assert (
        Step(
            "sum", expressions.Sum((expressions.Bounded(expressions.Column("g", "integer"), 0, 3), expressions.Constant("integer", 2)))
        ).named.high
        == 5
    )
    assert Step("yes", expressions.TRUE).named.kind == "boolean"


def test_names_are_free_of_what_engines_quote() -> None:
    engine = Engine(
        small(
            points("fit", 0, rows=[{"id": "r", "points": 1, "when": {"op": "count", "activities": {"contents": ["ü/ä"]}, "at_least": 1}}])
        )
    )
    made = columns.compile(engine.compiled)
    assert [signal.name for signal in made.signals] == ["count_any_activity"]


def test_signals_of_one_name_are_numbered() -> None:
    counts = [{"op": "count", "activities": {"contents": [letter]}, "at_least": 1} for letter in "äöü"]
    rows = [{"id": f"r{number}", "points": 1, "when": when} for number, when in enumerate(counts)]
    engine = Engine(small(points("fit", 0, rows=rows)))
    assert [signal.name for signal in columns.compile(engine.compiled).signals] == [
        "count_any_activity",
        "count_any_activity_2",
        "count_any_activity_3",
    ]
    assert said(engine, Lead(id="1", activities=happened("visit", content="ö")))["fit"] == 1.0


def test_without_a_catalogue_nothing_raises_a_hand() -> None:
    rows = [
        {"id": "hand", "points": 1, "when": {"op": "count", "activities": {"hand_raise": True}, "at_least": 1}},
        {"id": "none", "points": 2, "when": {"op": "count", "activities": {"depth_at_least": 0}, "at_least": 1}},
    ]
    engine = Engine(small(points("fit", 0, rows=rows), touchpoints=[]))
    assert said(engine, Lead(id="1", activities=happened("demo_request")))["fit"] == 2.0


def test_a_fact_that_holds_two_grades_is_checked_once() -> None:
    criteria = [{"id": name, "label": name, "grader": {"kind": "given", "fact": "g"}} for name in "ab"]
    matrix = {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": name, "weight": 50} for name in "ab"]}
    engine = Engine(small(matrix, criteria=criteria, facts={"declared": [{"id": "g", "kind": "integer"}]}))
    assert [check.fact for check in columns.compile(engine.compiled).checks] == ["g"]
    assert said(engine, Lead(id="1", extra=Extra.of({"g": 3})))["fit"] == 100.0
    assert said(engine, Lead(id="1"), unknown=["g"])["fit_high"] == 100.0


def test_what_is_always_known_needs_no_denominator_of_its_own() -> None:
    grader = {"kind": "recency", "rows": [{"grade": 3, "under_days": 7}]}
    matrix = {"id": "fit", "score": "fit", "kind": "graded", "missing": "renormalise", "weights": [{"criterion": "r", "weight": 100}]}
    engine = Engine(small(matrix, criteria=[{"id": "r", "label": "r", "grader": grader}]))
    assert columns.compile(engine.compiled, looked="all").parts == {"fit": 3}
    assert said(engine, Lead(id="1", activities=happened("visit")), looked="all")["fit_parts"] == 300


# ------------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("how", "path"),
    [({"unknown": ["size"]}, "unknown"), ({"known": ["size"]}, "known"), ({"sound": ["size"]}, "sound"), ({"only": ["T1"]}, "only")],
)
def test_names_that_the_policy_has_not_are_refused(how: dict[str, Any], path: str) -> None:
    with pytest.raises(FactError) as refused:
        columns.compile(SHIPPED.compiled, **how)
    assert refused.value.problem.path == path


def refusal(policy: Policy) -> str:
    with pytest.raises(PolicyError) as refused:
        columns.compile(Engine(policy).compiled, points=True)
    return str(refused.value)


def test_two_outputs_of_one_name_are_refused() -> None:
    assert "two columns called 'fit_low'" in refusal(small(points("one", 1), points("two", 1, score="fit_low")))
    assert "two columns called 'refused'" in refusal(small(points("one", 1, score="refused")))


def test_numbers_that_doubles_could_not_count_are_refused() -> None:
    criteria = [{"id": "t", "label": "t", "grader": {"kind": "lookup", "fact": "title", "rows": [{"grade": 3, "values": ["x"]}]}}]
    matrix = {"id": "fit", "score": "fit", "kind": "graded", "scale": "4503599627370497/7", "weights": [{"criterion": "t", "weight": 100}]}
    assert "2**53. Use weights" in refusal(small(matrix, criteria=criteria, totals=[{"id": "all", "of": ["fit"]}]))
    rows = [{"id": "r", "points": 1, "when": asked("more_than", "employees", value=2**53 - 1)}]
    assert "2**53. Compare with a number below 2**53." in refusal(small(points("fit", 0, rows=rows)))


def test_values_of_a_set_that_mean_unknown_are_refused() -> None:
    facts = {"unknown": [{"fact": "technologies", "values": ["none"]}]}
    rows = [{"id": "r", "points": 1, "when": asked("contains", "technologies", value="x")}]
    assert "facts.unknown[technologies]" in refusal(small(points("fit", 0, rows=rows), facts=facts))
