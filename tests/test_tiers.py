"""Which promise the score is owed, and whether the lead is an MQL (TI-1 to TI-5)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from inbound_engine import tiers
from inbound_engine.assessments import Assessment
from inbound_engine.decisions import Code, Reason
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.policy import Policy
from inbound_engine.tiers import Placement, Qualification
from tests.policies import ALWAYS, GIVEN, graded, points, small

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
SHIPPED = Engine(Policy())


def scoring_exactly(selection: str | int, urgency: str | int) -> Engine:
    """The shipped tiers, over a policy by which every lead scores just that."""

    def matrix(name: str, score: str | int) -> dict[str, object]:
        weights = [{"criterion": "full", "weight": score}, {"criterion": "nothing", "weight": str(100 - Fraction(score))}]
        return {"id": name, "score": name, "kind": "graded", "weights": weights}

    def criterion(name: str, grade: int) -> dict[str, object]:
        return {"id": name, "label": name, "grader": {"kind": "condition", "rows": [{"grade": grade, "when": ALWAYS}]}}

    return Engine(
        changed(
            Policy(),
            {
                "scoring.criteria": [criterion("full", 3), criterion("nothing", 0)],
                "scoring.matrices": [matrix("selection", selection), matrix("urgency", urgency)],
                "handoff.fields[fit]": None,
                "handoff.fields[engagement]": None,
                "qualification.dual_axis": [],
            },
        )
    )


def did(kind: str, ago: timedelta = DAY, content: str | None = None) -> Activity:
    return Activity(id=f"{kind}-{ago}", kind=kind, at=AT - ago, content=content)


def codes(reasons: tuple[Reason, ...]) -> list[tuple[str, str]]:
    return [(reason.code.value, reason.rule) for reason in reasons]


def tier_reasons(found: Assessment) -> list[tuple[str, str]]:
    return codes(tiers.assign(found.policy.tiers, found.scores).because)


def clause_reasons(found: Assessment) -> list[tuple[str, str]]:
    return codes(tiers.qualify(found.policy.tiers, found.scores, found.placement).because)


# ---------------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("selection", "urgency", "tier", "reason"),
    [
        pytest.param(70, 60, "T1", None, id="on both lines of T1"),
        pytest.param(100, 100, "T1", None, id="a perfect lead"),
        pytest.param("69.999999999999", 100, "T2", None, id="a hair under 70"),
        pytest.param("69.99", 60, "T2", None, id="69.99 is not 70"),
        pytest.param("209/3", 60, "T2", None, id="69 and two thirds is not 70"),
        pytest.param(70, "59.99", "T2", None, id="59.99 is not 60"),
        pytest.param(100, "59.999999999999", "T2", None, id="a hair under 60"),
        pytest.param(50, 40, "T2", None, id="on both lines of T2"),
        pytest.param("49.99", 100, "T3", None, id="49.99 is not 50"),
        pytest.param(100, "39.99", "T3", None, id="39.99 is not 40"),
        pytest.param(30, 30, "T3", None, id="on both lines of T3"),
        pytest.param("29.99", 30, "NURTURE", "low_fit", id="29.99 of Selection is not 30"),
        pytest.param("29.999999999999", 100, "NURTURE", "low_fit", id="below 30 of Selection, whatever the Urgency"),
        pytest.param(30, "29.99", "NURTURE", "low_intent", id="29.99 of Urgency is not 30"),
        pytest.param(100, 0, "NURTURE", "low_intent", id="the right company without any intent"),
        pytest.param(0, 100, "NURTURE", "low_fit", id="the wrong company with all the intent"),
        pytest.param(0, 0, "NURTURE", "low_fit", id="neither"),
    ],
)
def test_the_first_tier_whose_lines_are_all_reached_wins(selection: str | int, urgency: str | int, tier: str, reason: str | None) -> None:
    """TI-1, TI-2: lines belong to the tier; below them the reason says what was low."""
    found = scoring_exactly(selection, urgency).assess(Lead(id="L-1"), at=AT)
    assert (found.scores.points("selection"), found.scores.points("urgency")) == (Fraction(selection), Fraction(urgency))
    assert (found.tier, found.reason) == (tier, reason)


@pytest.mark.parametrize(
    ("selection", "urgency", "because"),
    [
        pytest.param(
            70, 60, [("reached", "tiers.rows[T1].thresholds[selection]"), ("reached", "tiers.rows[T1].thresholds[urgency]")], id="T1"
        ),
        pytest.param(
            70,
            50,
            [
                ("reached", "tiers.rows[T1].thresholds[selection]"),
                ("short", "tiers.rows[T1].thresholds[urgency]"),
                ("reached", "tiers.rows[T2].thresholds[selection]"),
                ("reached", "tiers.rows[T2].thresholds[urgency]"),
            ],
            id="T2 for want of Urgency",
        ),
        pytest.param(
            30,
            100,
            [
                ("short", "tiers.rows[T1].thresholds[selection]"),
                ("reached", "tiers.rows[T1].thresholds[urgency]"),
                ("short", "tiers.rows[T2].thresholds[selection]"),
                ("reached", "tiers.rows[T2].thresholds[urgency]"),
                ("reached", "tiers.rows[T3].thresholds[selection]"),
                ("reached", "tiers.rows[T3].thresholds[urgency]"),
            ],
            id="T3",
        ),
        pytest.param(
            20,
            100,
            [
                ("short", "tiers.rows[T1].thresholds[selection]"),
                ("reached", "tiers.rows[T1].thresholds[urgency]"),
                ("short", "tiers.rows[T2].thresholds[selection]"),
                ("reached", "tiers.rows[T2].thresholds[urgency]"),
                ("short", "tiers.rows[T3].thresholds[selection]"),
                ("reached", "tiers.rows[T3].thresholds[urgency]"),
                ("matched", "tiers.below.reasons[low_fit]"),
            ],
            id="below, low fit",
        ),
        pytest.param(
            100,
            20,
            [
                ("reached", "tiers.rows[T1].thresholds[selection]"),
                ("short", "tiers.rows[T1].thresholds[urgency]"),
                ("reached", "tiers.rows[T2].thresholds[selection]"),
                ("short", "tiers.rows[T2].thresholds[urgency]"),
                ("reached", "tiers.rows[T3].thresholds[selection]"),
                ("short", "tiers.rows[T3].thresholds[urgency]"),
                ("matched", "tiers.below.reasons[low_intent]"),
            ],
            id="below, low intent",
        ),
    ],
)
def test_every_line_that_was_asked_says_whether_it_is_reached(selection: int, urgency: int, because: list[tuple[str, str]]) -> None:
    """FD-5: down to the first tier that is reached."""
    found = scoring_exactly(selection, urgency).assess(Lead(id="L-1"), at=AT)
    assert tier_reasons(found) == because
    assert tiers.assign(found.policy.tiers, found.scores).value == found.placement


def test_a_line_says_the_points_and_where_it_lies() -> None:
    """FD-5."""
    found = scoring_exactly("69.99", 60).assess(Lead(id="L-1"), at=AT)
    first = tiers.assign(found.policy.tiers, found.scores).because[0]
    assert [(seen.name, seen.value) for seen in first.saw] == [("points", Fraction("69.99")), ("at_least", Fraction(70))]
    assert codes(found.why_not("T1")) == [("short", "tiers.rows[T1].thresholds[selection]")]
    assert found.why_not("T2") == ()


def test_a_line_may_lie_between_whole_points() -> None:
    """FD-3: and is compared in whole numbers."""
    line = tiers.Line(0, "fit", 200, 3)
    assert (line.points, line.reached(20000, 300), line.reached(19999, 300)) == (Fraction(200, 3), True, False)
    row = [{"id": "A", "thresholds": [{"score": "fit", "at_least": "200/3"}]}]
    assert Engine(small(points("fit", 67), tiers={"rows": row})).assess(Lead(id="L-1"), at=AT).tier == "A"
    assert Engine(small(points("fit", 66), tiers={"rows": row})).assess(Lead(id="L-1"), at=AT).tier == "NURTURE"


def test_what_lies_below_has_the_policys_name_and_may_give_no_reason() -> None:
    """TI-2."""
    below = {"id": "D", "reasons": [{"id": "cold", "when": {"op": "less_than", "fact": "fit", "value": 0}}]}
    policy = small(points("fit", 0), tiers={"rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": 1}]}], "below": below})
    found = Engine(policy).assess(Lead(id="L-1"), at=AT)
    assert (found.tier, found.reason) == ("D", None)
    assert found.policy.tiers.names == ("A", "D")
    assert tier_reasons(found) == [("short", "tiers.rows[A].thresholds[fit]")]


# -------------------------------------------------------------------------------------------------------------- floors

MISFIT = Account(id="misfit", employees=1, industry="mining", technologies=frozenset(), growth_stage="public", country="BR")


@pytest.mark.parametrize(
    ("lead", "tier", "raised_by"),
    [
        pytest.param(Lead(id="L-1", lead_type="demo_request"), "T2", True, id="a demo request, and nothing else is known"),
        pytest.param(Lead(id="L-1", lead_type="contact_form"), "T2", True, id="a contact form, and nothing else is known"),
        pytest.param(Lead(id="L-1", lead_type="content_download"), "NURTURE", False, id="a download raises no hand"),
        pytest.param(Lead(id="L-1", activities=(did("demo_request"),)), "T2", True, id="a demo form"),
        pytest.param(Lead(id="L-1", activities=(did("call_request"),)), "T2", True, id="a call asked for"),
        pytest.param(Lead(id="L-1", activities=(did("trial_signup"),)), "T2", True, id="a trial"),
        pytest.param(Lead(id="L-1", title="CEO", activities=(did("demo_request"),)), "T2", True, id="a decision-maker before enrichment"),
        pytest.param(Lead(id="L-1", activities=(did("page_view", content="pricing"),)), "NURTURE", False, id="pricing raises no hand"),
        pytest.param(Lead(id="L-1", activities=(did("demo_request", 30 * DAY),)), "T2", True, id="a demo form exactly 30 days ago"),
        pytest.param(Lead(id="L-1", activities=(did("demo_request", 30 * DAY + TICK),)), "NURTURE", False, id="a microsecond longer ago"),
        pytest.param(Lead(id="L-1", activities=(did("demo_request", 31 * DAY),)), "NURTURE", False, id="31 days ago"),
        pytest.param(Lead(id="L-1", activities=(did("demo_request", -TICK),)), "NURTURE", False, id="a demo form not yet sent"),
        pytest.param(
            Lead(id="L-1", title="Intern", account=MISFIT, activities=(did("demo_request"),)), "NURTURE", False, id="a known bad fit"
        ),
        pytest.param(
            Lead(id="L-1", account=MISFIT, lead_type="demo_request"), "NURTURE", False, id="a bad fit but for the title: 10 at best"
        ),
        pytest.param(
            Lead(id="L-1", lead_type="demo_request", account=Account(id="a", employees=1, industry="mining", country="BR")),
            "NURTURE",
            False,
            id="45 at best is not 50",
        ),
        pytest.param(
            Lead(id="L-1", lead_type="demo_request", account=Account(id="a", employees=1, growth_stage="public", country="BR")),
            "T2",
            True,
            id="50 at best is on the line",
        ),
    ],
)
def test_a_hand_raiser_whose_fit_is_low_only_for_want_of_facts_is_lifted(lead: Lead, tier: str, raised_by: bool) -> None:
    """TI-3: a known bad fit keeps its tier, and so does one whose best case stays under 50."""
    found = SHIPPED.assess(lead, at=AT)
    assert found.tier == tier
    assert found.placement.raised_by == ("hand_raise_before_enrichment" if raised_by else None)
    assert found.placement.unraised == ("NURTURE" if raised_by else None)


def test_a_lead_that_reaches_the_tier_by_itself_is_not_called_lifted() -> None:
    """TI-3."""
    account = Account(id="a", employees=100, industry="saas", technologies=frozenset({"segment"}), country="DE")
    found = SHIPPED.assess(Lead(id="L-1", account=account, activities=(did("demo_request"),)), at=AT)
    assert found.placement == Placement("T2", 1)


def test_a_lead_in_a_higher_tier_than_the_floor_stays_there() -> None:
    """TI-3: a floor lifts; it never lowers."""
    account = Account(id="a", employees=100, industry="saas", technologies=frozenset({"segment"}), growth_stage="series_b", country="DE")
    lead = Lead(id="L-1", account=account, activities=(did("demo_request"),))
    assert SHIPPED.assess(lead, at=AT).placement == Placement("T1", 0)


def test_a_lead_that_is_lifted_says_so_and_from_where() -> None:
    """TI-3, FD-5."""
    found = SHIPPED.assess(Lead(id="L-1", activities=(did("demo_request"),)), at=AT)
    assert found.placement == Placement("T2", 1, None, "hand_raise_before_enrichment", "NURTURE")
    assert tier_reasons(found) == [
        ("short", "tiers.rows[T1].thresholds[selection]"),
        ("reached", "tiers.rows[T1].thresholds[urgency]"),
        ("short", "tiers.rows[T2].thresholds[selection]"),
        ("reached", "tiers.rows[T2].thresholds[urgency]"),
        ("short", "tiers.rows[T3].thresholds[selection]"),
        ("reached", "tiers.rows[T3].thresholds[urgency]"),
        ("raised", "tiers.floors[hand_raise_before_enrichment]"),
    ]
    assert (found.mql, found.clause, found.qualification.handed_off) == (True, "tier:T2", True)


HIGH_INTENT = {"tiers.floors[high_intent].enabled": True}


@pytest.mark.parametrize(
    ("activity", "lifted"),
    [
        pytest.param(did("demo_request"), True, id="a demo request"),
        pytest.param(did("page_view", content="pricing"), True, id="the pricing page"),
        pytest.param(did("page_view", 30 * DAY, "pricing"), True, id="the pricing page exactly 30 days ago"),
        pytest.param(did("page_view", 30 * DAY + TICK, "pricing"), False, id="a microsecond longer ago"),
        pytest.param(did("page_view", content="blog"), False, id="the blog"),
    ],
)
def test_the_override_for_high_intent_is_one_field_away(activity: Activity, lifted: bool) -> None:
    """TI-3: shipped switched off, and then it is told that it would have spoken."""
    lead = Lead(id="L-1", title="Intern", account=MISFIT, activities=(activity,))
    off, on = SHIPPED.assess(lead, at=AT), Engine(changed(Policy(), HIGH_INTENT)).assess(lead, at=AT)
    assert (off.tier, off.reason) == ("NURTURE", "low_fit")
    assert (("switched_off", "tiers.floors[high_intent]") in tier_reasons(off)) is lifted
    assert on.tier == ("T2" if lifted else "NURTURE")
    assert on.placement.raised_by == ("high_intent" if lifted else None)
    assert (("raised", "tiers.floors[high_intent]") in tier_reasons(on)) is lifted


def test_a_lead_has_the_best_of_the_floors_that_hold() -> None:
    """TI-3: at least of this tier, by each of them, whatever their order."""

    def floor(name: str, tier: str) -> dict[str, object]:
        return {"id": name, "tier": tier, "when": ALWAYS}

    rows = [{"id": name, "thresholds": [{"score": "fit", "at_least": line}]} for name, line in (("A", 30), ("B", 20), ("C", 10))]
    for floors in ([floor("low", "C"), floor("high", "A")], [floor("high", "A"), floor("low", "C")]):
        found = Engine(small(points("fit", 0), tiers={"rows": rows, "floors": floors})).assess(Lead(id="L-1"), at=AT)
        assert found.placement == Placement("A", 0, None, "high", "NURTURE")


def test_of_floors_of_one_tier_the_first_is_named() -> None:
    """TI-3: ties break by document order."""
    floors = [{"id": name, "tier": "A", "when": ALWAYS} for name in ("first", "second")]
    rows = [{"id": "A", "thresholds": [{"score": "fit", "at_least": 30}]}]
    found = Engine(small(points("fit", 0), tiers={"rows": rows, "floors": floors})).assess(Lead(id="L-1"), at=AT)
    assert found.placement.raised_by == "first"


@pytest.mark.parametrize("activities", [None, ()], ids=["activities unknown", "no activities"])
def test_a_hand_raiser_is_not_worse_off_for_a_better_fit(activities: tuple[Activity, ...] | None) -> None:
    """TI-3: what lifts a lead of whom nothing is known lifts one whose fit is known to be good."""
    account = Account(id="a", employees=100, industry="saas", technologies=frozenset({"segment", "hubspot"}), country="DE")
    nothing = SHIPPED.assess(Lead(id="L-1", lead_type="demo_request", activities=activities), at=AT)
    better = SHIPPED.assess(Lead(id="L-1", lead_type="demo_request", activities=activities, account=account), at=AT)
    assert (nothing.tier, better.tier) == ("T2", "T2")


# -------------------------------------------------------------------------------------------------------- qualification


@pytest.mark.parametrize(
    ("selection", "urgency", "expected"),
    [
        pytest.param(70, 60, Qualification(True, "tier:T1", True, ("tier:T1",), "spiced", True, False), id="T1 is handed off"),
        pytest.param(50, 40, Qualification(True, "tier:T2", True, ("tier:T2",), "spiced", True, False), id="T2 is handed off"),
        pytest.param(30, 30, Qualification(True, "tier:T3", False, ("tier:T3",), "spiced", True, False), id="T3 is held by marketing"),
        pytest.param(29, 30, Qualification(False, None, False, (), "spiced", False, False), id="below is no MQL"),
    ],
)
def test_under_spiced_the_tier_makes_the_mql(selection: int, urgency: int, expected: Qualification) -> None:
    """TI-4: any of T1, T2, T3; T3 is an MQL that marketing holds."""
    assert scoring_exactly(selection, urgency).assess(Lead(id="L-1"), at=AT).qualification == expected


ICP = Account(id="icp", employees=100, industry="saas", technologies=frozenset(), growth_stage="public", country="BR")

FITTING = Lead(
    id="L-1",
    account=ICP,
    title="Intern",
    activities=(did("event_attendance", 2 * DAY), did("webinar_attendance", 3 * DAY)),
)
"""Fit 40 and engagement 30; Selection 45 and Urgency 43.33: T3."""


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        pytest.param("spiced", Qualification(True, "tier:T3", False, ("tier:T3",), "spiced", True, True), id="spiced"),
        pytest.param("dual_axis", Qualification(True, "dual_axis", True, ("dual_axis",), "dual_axis", True, True), id="dual axis"),
    ],
)
def test_one_model_decides_and_the_other_is_computed_for_information(model: str, expected: Qualification) -> None:
    """TI-4, SC-2."""
    found = Engine(changed(Policy(), {"qualification.model": model})).assess(FITTING, at=AT)
    assert [found.scores.points("fit"), found.scores.points("engagement")] == [40, 30]
    assert found.tier == "T3"
    assert found.qualification == expected


@pytest.mark.parametrize(
    ("model", "lead", "expected"),
    [
        pytest.param(
            "spiced",
            Lead(id="L-1", account=MISFIT, activities=(did("demo_request"),)),
            Qualification(False, None, False, (), "spiced", False, False),
            id="neither model",
        ),
        pytest.param(
            "dual_axis",
            Lead(id="L-1", lead_type="demo_request"),
            Qualification(False, None, False, (), "dual_axis", True, False),
            id="spiced says yes, dual axis decides",
        ),
        pytest.param(
            "spiced",
            Lead(id="L-1", title="Intern", account=ICP, activities=(did("reply"), did("reply", 2 * DAY))),
            Qualification(False, None, False, (), "spiced", False, True),
            id="dual axis says yes, spiced decides",
        ),
    ],
)
def test_what_the_other_model_says_does_not_decide(model: str, lead: Lead, expected: Qualification) -> None:
    """TI-4."""
    assert Engine(changed(Policy(), {"qualification.model": model})).assess(lead, at=AT).qualification == expected


def test_which_tiers_are_mqls_is_a_policy_value() -> None:
    """TI-4."""
    policy = changed(scoring_exactly(30, 30).policy, {"qualification.mql_tiers": ["T1", "T2"], "qualification.held_tiers": []})
    found = Engine(policy).assess(Lead(id="L-1"), at=AT)
    assert (found.tier, found.mql, found.qualification.spiced) == ("T3", False, False)
    assert clause_reasons(found) == [("not_qualified", "qualification.mql_tiers")]
    policy = changed(scoring_exactly(30, 30).policy, {"qualification.held_tiers": []})
    found = Engine(policy).assess(Lead(id="L-1"), at=AT)
    assert (found.mql, found.qualification.handed_off) == (True, True)
    assert clause_reasons(found) == [("qualified", "qualification.mql_tiers")]


DEMO = {
    "id": "demo_form",
    "label": "A demo form fill",
    "when": {"op": "count", "activities": {"kinds": ["demo_request"]}, "within_days": 30, "at_least": 1},
}
DOWNLOAD = {
    "id": "icp_download",
    "when": {
        "op": "all",
        "of": [
            {"op": "count", "activities": {"kinds": ["content_download"]}, "within_days": 30, "at_least": 1},
            {"op": "at_least", "fact": "fit", "value": "40"},
        ],
    },
}
WARM = {"id": "warm", "when": {"op": "at_least", "fact": "engagement", "value": "2.5"}}
HELD = {"id": "newsletter", "when": {"op": "count", "activities": {"kinds": ["newsletter_signup"]}, "at_least": 1}, "held": True}
THIRD = {"id": "third_tier", "when": {"op": "equals", "fact": "tier", "value": "T3"}}
OFF = {"id": "off", "when": ALWAYS, "enabled": False}
CLAUSES = [DEMO, DOWNLOAD, WARM, HELD, THIRD, OFF]


def held_to(*activities: Activity, account: Account | None = None, title: str = "Intern") -> Lead:
    return Lead(id="L-1", title=title, account=account or MISFIT, activities=activities)


@pytest.mark.parametrize(
    ("lead", "clause", "clauses", "handed_off"),
    [
        pytest.param(held_to(did("demo_request")), "demo_form", ("demo_form", "warm"), True, id="a demo form fill from a misfit"),
        pytest.param(
            held_to(did("content_download", 8 * DAY), account=ICP),
            "icp_download",
            ("icp_download", "warm"),
            True,
            id="a download from an ICP company",
        ),
        pytest.param(held_to(did("content_download", 15 * DAY)), "warm", ("warm",), True, id="a misfit downloads: engagement 2.81"),
        pytest.param(held_to(did("content_download", 22 * DAY)), None, (), False, id="a misfit downloaded long ago: 2.1 is not 2.5"),
        pytest.param(held_to(did("newsletter_signup", 40 * DAY)), "newsletter", ("newsletter",), False, id="a clause that marketing holds"),
        pytest.param(
            held_to(did("newsletter_signup", DAY)),
            "warm",
            ("warm", "newsletter"),
            True,
            id="one that is handed off is named before one that is held",
        ),
        pytest.param(
            FITTING, "warm", ("tier:T3", "warm", "third_tier"), True, id="the tier as a fact; a held tier gives way to a clause that is not"
        ),
        pytest.param(held_to(), None, (), False, id="no clause at all"),
    ],
)
def test_a_clause_makes_an_mql_as_well_and_is_named(lead: Lead, clause: str | None, clauses: tuple[str, ...], handed_off: bool) -> None:
    """TI-4: a demo form fill, a download from an ICP company, a score threshold; scores and the tier are facts here."""
    found = Engine(changed(Policy(), {"qualification.clauses": CLAUSES})).assess(lead, at=AT)
    qualification = found.qualification
    assert (found.mql, found.clause, qualification.clauses, qualification.handed_off) == (clause is not None, clause, clauses, handed_off)


def test_every_clause_says_what_became_of_it() -> None:
    """TI-4, FD-5."""
    engine = Engine(changed(Policy(), {"qualification.clauses": CLAUSES}))
    assert clause_reasons(engine.assess(held_to(did("newsletter_signup"), did("demo_request")), at=AT)) == [
        ("not_qualified", "qualification.mql_tiers"),
        ("qualified", "qualification.clauses[demo_form]"),
        ("failed", "qualification.clauses[icp_download]"),
        ("qualified", "qualification.clauses[warm]"),
        ("held", "qualification.clauses[newsletter]"),
        ("failed", "qualification.clauses[third_tier]"),
        ("switched_off", "qualification.clauses[off]"),
    ]
    unknown = engine.assess(Lead(id="L-1", account=ICP), at=AT)
    assert clause_reasons(unknown)[1] == ("unknown", "qualification.clauses[demo_form]")
    assert unknown.mql is False
    assert clause_reasons(SHIPPED.assess(FITTING, at=AT)) == [("held", "qualification.mql_tiers")]


def test_under_the_dual_axis_both_lines_say_whether_they_are_reached() -> None:
    """SC-2, FD-5."""
    engine = Engine(changed(Policy(), {"qualification.model": "dual_axis", "qualification.clauses": [DEMO]}))
    assert clause_reasons(engine.assess(FITTING, at=AT)) == [
        ("reached", "qualification.dual_axis[fit]"),
        ("reached", "qualification.dual_axis[engagement]"),
        ("failed", "qualification.clauses[demo_form]"),
    ]
    assert clause_reasons(engine.assess(held_to(), at=AT))[:2] == [
        ("short", "qualification.dual_axis[fit]"),
        ("short", "qualification.dual_axis[engagement]"),
    ]


def test_the_reasons_of_an_assessment_come_in_the_order_of_the_rules() -> None:
    """FD-5: criteria of the scores that tiers read, tiers, floors, clauses."""
    found = SHIPPED.assess(Lead(id="L-1", title="Intern", account=MISFIT, activities=(did("page_view", content="pricing"),)), at=AT)
    assert codes(found.because)[0] == ("graded", "scoring.criteria[company_size]")
    assert codes(found.because)[-9:] == [
        ("short", "tiers.rows[T1].thresholds[selection]"),
        ("short", "tiers.rows[T1].thresholds[urgency]"),
        ("short", "tiers.rows[T2].thresholds[selection]"),
        ("reached", "tiers.rows[T2].thresholds[urgency]"),
        ("short", "tiers.rows[T3].thresholds[selection]"),
        ("reached", "tiers.rows[T3].thresholds[urgency]"),
        ("matched", "tiers.below.reasons[low_fit]"),
        ("switched_off", "tiers.floors[high_intent]"),
        ("not_qualified", "qualification.mql_tiers"),
    ]


# ------------------------------------------------------------------------------------------------------ how far is it


@pytest.mark.parametrize(
    ("lead", "tier", "short", "changes"),
    [
        pytest.param(graded((3, 3, 3, 1, 0, 0), (3, 3, 0, 2, 0)), None, [], [], id="nothing is above T1"),
        pytest.param(
            graded((3, 3, 3, 0, 1, 0), (3,) * 5),
            "T1",
            [("selection", Fraction(5, 3))],
            [["growth_stage 0 to 1"], ["geography 1 to 2"], ["role 0 to 1"]],
            id="1.67 points of Selection: one grade more of any of three",
        ),
        pytest.param(
            graded((3,) * 6, (3, 2, 0, 0, 0)),
            "T1",
            [("urgency", Fraction(55, 3))],
            [["critical_event 0 to 3"]],
            id="18.33 points of Urgency: only a confirmed critical event is enough alone",
        ),
        pytest.param(
            graded((3, 3, 0, 0, 0, 0), (3, 0, 0, 0, 0)),
            "T3",
            [("urgency", Fraction(5))],
            [["content_depth 0 to 1"], ["critical_event 0 to 1"], ["repeat_visits 0 to 1"], ["direct_request 0 to 1"]],
            id="5 points of Urgency",
        ),
    ],
)
def test_a_tier_says_how_far_the_next_one_is(
    lead: Lead, tier: str | None, short: list[tuple[str, Fraction]], changes: list[list[str]]
) -> None:
    """TI-5: which criteria, raised by how much; the smallest sets."""
    far = Engine(GIVEN).assess(lead, at=AT).next_tier
    assert (far.tier if far else None) == tier
    assert [(item.score, item.short) for item in (far.shortfalls if far else ())] == short
    assert [[f"{move.id} {move.before} to {move.to}" for move in moves] for moves in (far.changes if far else ())] == changes


# ------------------------------------------------------------------------------------------------------- what is no policy


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"tiers.below.id": "T2"},
            "tiers.below.id: saw the id of a tier, 'T2', expected a name of its own.",
            id="what lies below is no tier",
        ),
        pytest.param(
            {"tiers.floors[high_intent].tier": "T4"},
            "tiers.floors[high_intent].tier: saw 'T4', expected one of NURTURE, T1, T2, T3. Add it to tiers.rows.",
            id="a floor to no tier",
        ),
        pytest.param(
            {"tiers.floors[high_intent].tier": "NURTURE"},
            "tiers.floors[high_intent].tier: saw 'NURTURE', expected one of T1, T2, T3.",
            id="a floor to what lies below",
        ),
        pytest.param(
            {"tiers.floors[high_intent].only_while_unknown": "fit"},
            "tiers.floors[high_intent].only_while_unknown: saw 'fit', expected a score of T2: one of selection, urgency.",
            id="a floor for want of a score that its tier does not read",
        ),
        pytest.param(
            {"qualification.held_tiers": ["T3", "NURTURE"]},
            "qualification.held_tiers[1]: saw 'NURTURE', expected one of T1, T2, T3. Only MQL tiers can be held.",
            id="a held tier that is no MQL",
        ),
        pytest.param(
            {"qualification.model": "dual_axis", "qualification.dual_axis": []},
            'qualification.dual_axis: saw no thresholds, expected at least one. Add thresholds, or set model = "spiced".',
            id="a dual axis without lines",
        ),
        pytest.param(
            {"qualification.mql_tiers": [], "qualification.held_tiers": []},
            "qualification.mql_tiers: saw no tiers and no clauses, expected something that makes an MQL.",
            id="nothing makes an MQL",
        ),
        pytest.param({"tiers.rows": []}, "tiers.rows: saw a list of 0, expected at least 1 row(s).", id="no tiers"),
        pytest.param(
            {"tiers.floors[high_intent].when": {"op": "equals", "fact": "tier", "value": "T3"}},
            "tiers.floors[high_intent].when: saw 'tier', expected facts that are known before tiers. It is not known yet here.",
            id="a floor that asks for the tier",
        ),
        pytest.param(
            {"tiers.below.reasons[low_fit].when": {"op": "equals", "fact": "mql", "value": False}},
            "tiers.below.reasons[low_fit].when: saw 'mql', expected facts that are known before tiers. It is not known yet here.",
            id="a reason that asks for the qualification",
        ),
        pytest.param(
            {"qualification.clauses": [{"id": "c", "when": {"op": "equals", "fact": "handed_off", "value": True}}]},
            "qualification.clauses[c].when: saw 'handed_off', expected facts that are known before qualification. "
            "It is not known yet here.",
            id="a clause that asks for what it decides",
        ),
        pytest.param(
            {"tiers.rows[T1].thresholds[selection].at_least": 69.5},
            'tiers.rows[T1].thresholds[selection].at_least: saw 69.5, expected a whole number or exact text such as "33.3" or "100/3". '
            'Write it as text: "69.5".',
            id="a float as a line",
        ),
        pytest.param(
            {"qualification.clauses": [{"id": "c", "when": {"op": "equals", "fact": "tier", "value": "T9"}}]},
            "qualification.clauses[c].when.value: saw 'T9' for tier, expected one of NURTURE, T1, T2, T3.",
            id="a clause on no tier",
        ),
    ],
)
def test_tiers_that_cannot_mean_anything_are_refused(changes: Mapping[str, object], problem: str) -> None:
    """TI-1 to TI-4: where, what was seen, what would do."""
    with pytest.raises(PolicyError) as error:
        changed(Policy(), changes)
    assert problem in [str(found) for found in error.value.problems]


def test_a_policy_may_qualify_by_clauses_alone() -> None:
    """TI-4."""
    policy = changed(Policy(), {"qualification.mql_tiers": [], "qualification.held_tiers": [], "qualification.clauses": [DEMO]})
    assert Engine(policy).assess(held_to(did("demo_request")), at=AT).clause == "demo_form"
    assert Engine(policy).assess(Lead(id="L-1", lead_type="demo_request"), at=AT).mql is False


def test_codes_keep_their_meaning() -> None:
    """FD-5: codes are API."""
    assert {code.value for code in Code} >= {"reached", "short", "raised", "switched_off", "qualified", "held", "not_qualified", "matched"}


def test_placements_of_leads_that_no_floor_touches_are_shared() -> None:
    """The static parts of a decision are made once for each policy."""
    engine = Engine(GIVEN)
    one, other = (engine.assess(Lead(id=name, extra=Extra.of(graded((3,) * 6, (3,) * 5).extra)), at=AT) for name in ("L-1", "L-2"))
    assert one.placement is other.placement
