"""What would change the answer: best and worst tiers (FD-6), the way to the next tier (TI-5), the fact most worth asking for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product
from typing import Any

import attrs
import pytest

from inbound_engine.asking import Outcome, Question
from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Extra, Lead
from inbound_engine.money import Money
from inbound_engine.outlook import Raise, Shortfall
from inbound_engine.policy import Policy
from tests.policies import ALWAYS, PAIR, SELECTION, URGENCY, graded, points, small
from tests.work import at_most

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIPPED = Engine(Policy())
PAIRED = Engine(PAIR)
ALL = (3, 3, 3, 3, 3)
NAMES = (SELECTION, URGENCY)

Grades = Sequence[int | None]


def assess(policy: Policy, lead: Lead) -> Assessment:
    return Engine(policy).assess(lead, at=AT)


def given(selection: Grades, urgency: Grades = ALL) -> Assessment:
    return PAIRED.assess(graded(selection, urgency), at=AT)


def moves(found: Assessment) -> list[dict[str, int]]:
    """Each set of changes as the ids and what they change to."""
    assert found.next_tier is not None
    return [{move.id: move.to for move in some} for some in found.next_tier.changes]


def outcomes(found: Assessment) -> dict[tuple[str, ...], str]:
    """The answers to the question, and the tier that they lead to."""
    assert found.question is not None
    return {outcome.answers: outcome.tier for outcome in found.question.outcomes}


def rowed(
    *rows: tuple[str, int, dict[str, Any]], at_least: int, declared: Sequence[dict[str, Any]] = (), bounds: Mapping[str, int] | None = None
) -> Policy:
    """A policy of one matrix of points, and the tier "A" from so many on."""
    matrix = {"id": "fit", "score": "fit", "kind": "points", **(bounds or {})}
    tiers = {"rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": at_least}]}]}
    made = [{"id": name, "points": worth, "when": when} for name, worth, when in rows]
    return small({**matrix, "rows": made}, tiers=tiers, facts={"declared": [*declared]})


def is_(fact: str, value: object) -> dict[str, Any]:
    return {"op": "equals", "fact": fact, "value": value}


# Best and worst.


@pytest.mark.parametrize(
    ("lead", "best", "worst"),
    [
        pytest.param(Lead(id="L-1"), "T1", "NURTURE", id="nothing is known, so anything is possible"),
        pytest.param(Lead(id="L-1", activities=()), "T2", "NURTURE", id="nothing was done: the lead may still have come by a demo request"),
        pytest.param(Lead(id="L-1", activities=(), lead_type="webinar"), "NURTURE", "NURTURE", id="urgency is at most 20 points"),
        pytest.param(Lead(id="L-1", lead_type="demo_request"), "T1", "NURTURE", id="a hand-raiser may yet prove a bad fit (TI-3)"),
        pytest.param(
            Lead(id="L-1", lead_type="demo_request", title="CEO", account=Account(id="a", employees=100, industry="saas")),
            "T1",
            "NURTURE",
            id="one who fits already, too: once all is known the scores alone decide",
        ),
    ],
)
def test_missing_facts_bound_the_tier(lead: Lead, best: str, worst: str) -> None:
    """FD-6: the decision names the best and the worst tier that missing facts still allow."""
    found = SHIPPED.assess(attrs.evolve(lead, extra=Extra.of({"requested": "nothing"})), at=AT)
    assert (found.best_tier, found.worst_tier) == (best, worst)


def test_a_fact_of_which_rules_ask_whether_it_is_known_is_missing_too() -> None:
    """FD-6, SC-10: without a request the grade is 0 for now, and 3 once a demo is asked for: 20 + 15 points of urgency, so T3."""
    lead = Lead(id="L-1", activities=(), lead_type="webinar")
    found = SHIPPED.assess(lead, at=AT)
    assert (found.best_tier, found.worst_tier) == ("T3", "NURTURE")
    assert "requested" in {item.fact for item in found.missing}
    assert found.urgency.high == 35


@pytest.mark.parametrize(
    ("selection", "urgency", "tiers"),
    [
        pytest.param((3, 3, 2, 2, 0, 0), ALL, ("T2", "T2"), id="everything is known: 68.33 and 100"),
        pytest.param((3, 3, None, 2, 0, 0), ALL, ("T1", "T2"), id="55 to 75"),
        pytest.param((3, 3, None, 1, 0, 0), ALL, ("T1", "T2"), id="50 to exactly 70"),
        pytest.param((3, 3, None, 0, 1, 0), ALL, ("T2", "T3"), id="48.33 to 68.33"),
        pytest.param((None, 3, 3, 3, 3, 3), (3, None, 0, 0, 0), ("T2", "NURTURE"), id="75 to 100 and 25 to 50"),
    ],
)
def test_the_bounds_are_those_of_the_scores(selection: Grades, urgency: Grades, tiers: tuple[str, str]) -> None:
    """FD-6, TI-1: the lines are compared with the worst and the best score."""
    found = given(selection, urgency)
    assert (found.best_tier, found.worst_tier) == tiers


def test_the_tier_that_a_lead_has_is_always_possible() -> None:
    """FD-6: a criterion that earns 1 at least counts 0 while its fact is missing, and may count 0 for ever."""
    grader = {"kind": "lookup", "fact": "industry", "rows": [{"grade": 3, "values": ["saas"]}], "otherwise": 1}
    fit = {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": "industry", "weight": 100}]}
    policy = small(fit, totals=[{"id": "all", "of": ["fit"]}], criteria=[{"id": "industry", "label": "Industry", "grader": grader}])
    for score in ("fit", "all"):
        found = assess(changed(policy, {"tiers.rows[A].thresholds": [{"score": score, "at_least": 30}]}), Lead(id="L-1"))
        assert (found.best_tier, found.tier, found.worst_tier) == ("A", "NURTURE", "NURTURE")


@pytest.mark.parametrize(
    ("floor", "best", "worst"),
    [
        pytest.param({"when": ALWAYS}, "A", "A", id="one that always holds is the worst case"),
        pytest.param({"when": ALWAYS, "enabled": False}, "NURTURE", "NURTURE", id="one that is switched off says nothing"),
        pytest.param({"when": {"op": "known", "fact": "title"}}, "A", "NURTURE", id="one that holds as soon as the title is known"),
        pytest.param({"when": {"op": "unknown", "fact": "title"}}, "A", "NURTURE", id="one that holds until the title is known"),
        pytest.param({"when": {"op": "not", "of": {"op": "known", "fact": "title"}}}, "A", "NURTURE", id="the same, turned round"),
        pytest.param({"when": {"op": "known", "fact": "id"}}, "A", "A", id="one on a fact that is known"),
        pytest.param({"when": ALWAYS, "only_while_unknown": "fit"}, "NURTURE", "NURTURE", id="one whose score is known to stay short"),
    ],
)
def test_floors_bound_the_tier(floor: dict[str, Any], best: str, worst: str) -> None:
    """TI-3, FD-6."""
    tiers = {
        "rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": 50}]}],
        "floors": [{"id": "floor", "tier": "A", **floor}],
    }
    found = assess(small(points("fit", 10), tiers=tiers), Lead(id="L-1"))
    assert (found.best_tier, found.worst_tier) == (best, worst)


# The way to the next tier.


def test_the_way_to_the_next_tier_is_the_smallest_sets_of_raises() -> None:
    """TI-5: 25 and 20 at 3 are 45 points; 5 more are one step of 20 %, or of 15 %; a step of 10 % is 3.33, too few."""
    far = given((3, 3, 0, 0, 0, 0)).next_tier
    assert far is not None
    assert far.tier == "T2"
    assert far.shortfalls == (Shortfall("selection", Fraction(45), Fraction(50)),)
    assert far.shortfalls[0].short == 5
    assert far.changes == (
        (Raise("selection", "technology", "Technology stack", 0, 1, "some"),),
        (Raise("selection", "growth_stage", "Growth stage", 0, 1, "early"),),
    )
    assert str(far.changes[0][0]) == "Technology stack to some"


@pytest.mark.parametrize(
    ("selection", "urgency", "expected"),
    [
        pytest.param(
            (3, 3, 2, 2, 0, 0),
            ALL,
            [{"technology": 3}, {"growth_stage": 3}, {"geography": 1}, {"role": 1}],
            id="68.33 wants 1.67: any one step is enough, T1",
        ),
        pytest.param(
            (3, 3, 3, 3, 3, 3),
            (3, 0, 0, 0, 0),
            [{"content_depth": 1}, {"critical_event": 1}, {"repeat_visits": 1}, {"direct_request": 1}],
            id="25 points of urgency want 5, which is one step of 15 % exactly, T3",
        ),
        pytest.param((None, 3, 3, 3, 3, 0), ALL, [{"company_size": 1}], id="65 wants 5: an unknown grade counts as 0"),
        pytest.param(
            (3, 3, 0, 0, 0, 0),
            (3, 1, 0, 0, 0),
            [
                {"technology": 1, "content_depth": 2},
                {"technology": 1, "critical_event": 1},
                {"growth_stage": 1, "content_depth": 2},
                {"growth_stage": 1, "critical_event": 1},
            ],
            id="45 and 33.33 want 5 and 6.67: the smallest of one with the smallest of the other",
        ),
        pytest.param(
            (0, 0, 3, 0, 0, 0),
            ALL,
            [{"company_size": 2}, {"industry": 2}, {"growth_stage": 2}],
            id="20 wants 10: two steps of 25, 20 or 15 %, not three of 10 %",
        ),
    ],
)
def test_smallest_means_fewest_changes_and_then_fewest_steps(selection: Grades, urgency: Grades, expected: list[dict[str, int]]) -> None:
    """TI-5: ties are all given, in document order."""
    assert moves(given(selection, urgency)) == expected


def test_no_tier_lies_above_the_highest() -> None:
    """TI-5."""
    assert given((3, 3, 2, 2, 1, 0)).next_tier is None


WEIGHTS = ((25, 20, 20, 15, 10, 10), (25, 25, 20, 15, 15))
LINES = {"T1": (70, 60), "T2": (50, 40), "T3": (30, 30)}


def by_hand(grades: Grades, weights: Sequence[int], line: int) -> tuple[tuple[int, int], set[tuple[int, ...]]]:
    """Every vector of grades is tried: the least number of changes and steps that reach the line, and all vectors that do it so."""
    known = [grade or 0 for grade in grades]
    reached = {}
    for vector in product(range(4), repeat=len(weights)):
        raised = [new - old for new, old in zip(vector, known, strict=True)]
        if min(raised) >= 0 and sum(weight * grade for weight, grade in zip(weights, vector, strict=True)) >= 3 * line:
            reached[vector] = (sum(1 for step in raised if step), sum(raised))
    least = min(reached.values())
    return least, {vector for vector, cost in reached.items() if cost == least}


@pytest.mark.parametrize(
    ("selection", "urgency"),
    [
        ((0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        ((None, None, None, None, None, None), (None, None, None, None, None)),
        ((1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1)),
        ((2, 2, 2, 2, 2, 2), (1, 2, 1, 2, 1)),
        ((3, 0, 3, 0, 3, 0), (0, 3, 0, 3, 0)),
        ((2, 1, None, 2, 0, 3), (3, 3, 3, 0, 0)),
        ((0, 3, 1, 0, 2, 0), (None, 0, 3, 2, 1)),
        ((3, 3, 3, 0, 0, 0), (2, 0, 0, 0, 3)),
        ((1, 2, 3, 1, 2, 3), (1, 2, 3, 1, 2)),
        ((0, 0, 0, 3, 3, 3), (0, 0, 2, 3, 3)),
    ],
)
def test_trying_every_vector_of_grades_finds_the_same_sets(selection: Grades, urgency: Grades) -> None:
    """TI-5: the shipped matrices, 4,096 and 1,024 vectors."""
    found = given(selection, urgency)
    far = found.next_tier
    assert far is not None
    parts = [by_hand(grades, weights, line) for grades, weights, line in zip((selection, urgency), WEIGHTS, LINES[far.tier], strict=True)]
    (one, first), (two, second) = parts
    expected = set(product(first, second))
    got = set()
    for some in far.changes:
        assert len(some) == one[0] + two[0]
        assert sum(move.steps for move in some) == one[1] + two[1]
        raised = {move.id: move.to for move in some}
        after = assess(
            PAIR,
            graded(
                [raised.get(name, grade) for name, grade in zip(NAMES[0], selection, strict=True)],
                [raised.get(name, grade) for name, grade in zip(NAMES[1], urgency, strict=True)],
            ),
        )
        assert after.tier == far.tier
        got.add(
            tuple(
                tuple(raised.get(name, grade or 0) for name, grade in zip(names, grades, strict=True))
                for names, grades in zip(NAMES, (selection, urgency), strict=True)
            )
        )
    assert got <= expected
    assert len(far.changes) == min(12, len(expected))


def weighed(name: str, *weights: tuple[str, int], **more: object) -> dict[str, Any]:
    rows = [{"criterion": criterion, "weight": weight} for criterion, weight in weights]
    return {"id": name, "score": name, "kind": "graded", "weights": rows, **more}


def judged(*matrices: dict[str, Any], thresholds: dict[str, int], choice: str = "named", totals: Sequence[dict[str, Any]] = ()) -> Engine:
    """A policy over criteria "a", "b", "c", ... whose grades are handed in, and the tier "A" with these thresholds."""
    names = list(dict.fromkeys(row["criterion"] for matrix in matrices for row in matrix.get("weights", ())))
    lines = [{"score": score, "at_least": line} for score, line in thresholds.items()]
    return Engine(
        small(
            *matrices,
            criteria=[{"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}} for name in names],
            facts={"declared": [{"id": f"{name}_grade", "kind": "integer"} for name in names]},
            tiers={"rows": [{"id": "A", "thresholds": lines}]},
            choice=choice,
            totals=totals,
        )
    )


def handed(**grades: int | None) -> Lead:
    return Lead(id="L-1", extra=Extra.of({f"{name}_grade": grade for name, grade in grades.items()}))


def test_a_criterion_of_two_scores_is_raised_once_for_both() -> None:
    """TI-5: alone, fit would want "a" or "b" and urge "b" or "c"; together "b" does it."""
    engine = judged(weighed("fit", ("a", 50), ("b", 50)), weighed("urge", ("b", 50), ("c", 50)), thresholds={"fit": 50, "urge": 50})
    assert moves(engine.assess(handed(a=0, b=0, c=0), at=AT)) == [{"b": 3}]


def test_scores_that_a_third_ties_together_are_searched_together() -> None:
    """TI-5: "a" and "b" each reach one score, and the third wants both in any case."""
    engine = judged(
        weighed("fit", ("a", 100)),
        weighed("urge", ("b", 100)),
        weighed("mix", ("a", 50), ("b", 50)),
        thresholds={"fit": 30, "urge": 30, "mix": 100},
    )
    assert moves(engine.assess(handed(a=0, b=0), at=AT)) == [{"a": 3, "b": 3}]


def test_a_grade_that_the_grader_cannot_give_is_no_way() -> None:
    """TI-5: a company is either of the right industry or of none of it."""
    grader = {"kind": "lookup", "fact": "industry", "rows": [{"grade": 3, "values": ["saas"]}]}
    criteria = [{"id": "industry", "label": "Industry", "grader": grader}]
    policy = changed(
        small(weighed("fit", ("industry", 100)), criteria=criteria), {"tiers.rows[A].thresholds": [{"score": "fit", "at_least": 30}]}
    )
    assert moves(assess(policy, Lead(id="L-1"))) == [{"industry": 3}]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("VP", [{"big": 1}], id="one row that comes true"),
        pytest.param("Intern", [{"intern": 0, "big": 1}, {"big": 1, "german": 1}], id="a row that costs points may stop being true"),
        pytest.param(None, [{"big": 1}], id="an unknown row counts nothing"),
    ],
)
def test_rows_of_points_turn(title: str | None, expected: list[dict[str, int]]) -> None:
    """TI-5, SC-7: rows that are true add up; a row without points is no way."""
    policy = rowed(
        ("intern", -20, is_("title", "Intern")),
        ("big", 30, {"op": "at_least", "fact": "employees", "value": 500}),
        ("german", 25, is_("country", "DE")),
        ("named", 0, {"op": "known", "fact": "name"}),
        at_least=30,
    )
    assert moves(assess(policy, Lead(id="L-1", title=title, country=None))) == expected


def test_a_row_says_whether_it_was_false_or_unknown() -> None:
    """TI-5."""
    policy = rowed(("big", 30, {"op": "at_least", "fact": "employees", "value": 500}), at_least=30)
    for employees, before in ((10, 0), (None, None)):
        far = assess(policy, Lead(id="L-1", account=Account(id="a", employees=employees))).next_tier
        assert far is not None
        assert far.changes == ((Raise("fit", "big", "big", before, 1, "yes"),),)
        assert far.changes[0][0].steps == 1


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        pytest.param({}, [{"one": 1}, {"two": 1}], id="no bounds: 20 from 0"),
        pytest.param({"cap": 19}, [], id="a cap below the line: nothing can"),
        pytest.param({"cap": 20}, [{"one": 1}, {"two": 1}], id="a cap on the line"),
        pytest.param({"floor": 5}, [{"one": 1}, {"two": 1}], id="a floor adds nothing to what comes true"),
    ],
)
def test_a_floor_and_a_cap_of_points_bind(bounds: dict[str, int], expected: list[dict[str, int]]) -> None:
    """TI-5, SC-7."""
    policy = rowed(("one", 20, is_("country", "DE")), ("two", 20, is_("title", "VP")), at_least=20, bounds=bounds)
    assert moves(assess(policy, Lead(id="L-1"))) == expected


def test_a_total_is_reached_through_its_parts() -> None:
    """TI-5, SC-7: 10 are there, and 60 more come of "a" at 2 or of the row with "a" at 1."""
    rows = {"id": "pts", "score": "pts", "kind": "points", "rows": [
        {"id": "base", "points": 10, "when": ALWAYS}, {"id": "vip", "points": 30, "when": is_("title", "VP")},
    ]}  # fmt: skip
    engine = judged(weighed("fit", ("a", 90), ("b", 10)), rows, totals=[{"id": "all", "of": ["fit", "pts"]}], thresholds={"all": 70})
    assert moves(engine.assess(handed(a=0, b=0), at=AT)) == [{"a": 2}]
    assert moves(engine.assess(handed(a=1, b=0), at=AT)) == [{"a": 2}, {"vip": 1}]


def test_an_activity_matrix_offers_nothing_to_raise() -> None:
    """TI-5, SC-3: what a person did is no grade."""
    rows = [{"id": "visit", "activities": {"kinds": ["visit"]}, "points": 40}]
    found = assess(small({"id": "act", "score": "act", "kind": "decayed", "rows": rows}), Lead(id="L-1"))
    assert found.next_tier is not None
    assert found.next_tier.shortfalls == (Shortfall("act", Fraction(0), Fraction(1)),)
    assert found.next_tier.changes == ()


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        pytest.param({"a": 0}, [{"a": 1}], id="what is unknown weighs nothing: a at 1 is 33.33 already"),
        pytest.param({}, [{"a": 1}, {"b": 1}, {"c": 1}], id="nothing is known: any grade of 1 is 33.33"),
        pytest.param({"a": 0, "b": 0}, [{"a": 2}, {"b": 2}], id="of two halves one at 2 is 33.33; c at 3 is 60 of 300 parts, 20"),
        pytest.param({"a": 0, "b": 1}, [{"a": 1}, {"b": 2}], id="0 and 1 are 16.67; c at 3 gives 33.33 with three steps more"),
    ],
)
def test_a_missing_criterion_that_others_stand_in_for(grades: dict[str, int], expected: list[dict[str, int]]) -> None:
    """TI-5, FD-6: under `renormalise` an unknown criterion weighs nothing until its grade is known."""
    engine = judged(weighed("fit", ("a", 40), ("b", 40), ("c", 20), missing="renormalise"), thresholds={"fit": 30})
    assert moves(engine.assess(handed(**grades), at=AT)) == expected


def test_the_matrix_of_the_product_is_the_one_to_raise() -> None:
    """TI-5, SC-7: under the choice "best" any matrix will do."""
    crm = {**weighed("crm", ("a", 100)), "score": "fit", "products": ["crm"]}
    erp = {**weighed("erp", ("b", 50), ("c", 50)), "score": "fit", "products": ["erp"]}
    lead = handed(a=0, b=0, c=0)
    for choice, product_, expected in (
        ("named", "crm", [{"a": 2}]),
        ("named", "erp", [{"b": 3}, {"c": 3}]),
        ("named", None, [{"a": 2}]),
        ("best", "erp", [{"a": 2}]),
    ):
        engine = judged(crm, erp, thresholds={"fit": 50}, choice=choice)
        assert moves(engine.assess(attrs.evolve(lead, product=product_), at=AT)) == expected


def test_a_matrix_of_thirty_criteria_is_searched_in_no_time() -> None:
    """TI-5: thirty uneven weights, and equal ones, of which 142,506 sets of five are equally small."""
    uneven = [(f"c{number}", 4 if number < 10 else 3) for number in range(30)]
    even: list[tuple[str, Any]] = [(f"c{number}", "10/3") for number in range(30)]
    with at_most(600_000):
        assert moves(judged(weighed("fit", *uneven), thresholds={"fit": 20}).assess(Lead(id="L-1"), at=AT))[0] == {
            "c0": 3,
            "c1": 3,
            "c2": 3,
            "c3": 3,
            "c4": 3,
        }
        ways = moves(judged(weighed("fit", *even), thresholds={"fit": 16}).assess(Lead(id="L-1"), at=AT))
        assert len(ways) == 12
        assert ways[0] == {"c0": 3, "c1": 3, "c2": 3, "c3": 3, "c4": 3}
        assert moves(judged(weighed("fit", *even), thresholds={"fit": 50}).assess(Lead(id="L-1"), at=AT)) == []  # takes fifteen changes


def test_what_is_too_much_to_search_is_not_searched() -> None:
    """TI-5: of 300 rows none is named, nor of 60 whose floor hides how far it is."""
    many = [(f"r{number}", 1, is_("title", "VP")) for number in range(300)]
    assert moves(assess(rowed(*many, at_least=1), Lead(id="L-1"))) == []
    deep = [(f"r{number}", number + 1, is_("country", "DE")) for number in range(60)]
    cost = ("cost", -200, {"op": "known", "fact": "id"})
    with at_most(10_000_000):
        assert moves(assess(rowed(*deep, cost, at_least=290, bounds={"floor": 0}), Lead(id="L-1"))) == []


# The fact most worth asking for.


def test_the_question_names_every_outcome_and_the_best_first() -> None:
    """TI-4, TI-5: 50 is sure; the technology stack at 3 makes exactly 70, T1."""
    found = given((3, 3, None, 1, 0, 0))
    urgency = ("urgency", Fraction(100))
    assert found.question == Question(
        fact="technology_grade",
        label="technology grade",
        outcomes=(
            Outcome(("3",), "T1", (("selection", Fraction(70)), urgency)),
            Outcome(("2",), "T2", (("selection", Fraction(190, 3)), urgency)),
            Outcome(("1",), "T2", (("selection", Fraction(170, 3)), urgency)),
            Outcome(("0",), "T2", (("selection", Fraction(50)), urgency)),
        ),
    )


def test_no_question_where_no_single_answer_changes_the_tier() -> None:
    """TI-5: everything is known, or one answer is too little."""
    assert given((3, 3, 2, 2, 0, 0)).question is None
    assert given((None, None, 0, 0, 0, 0), (0, 0, 0, 0, 0)).question is None


def test_the_answer_that_lifts_highest_is_asked_for_and_then_the_one_that_moves_most() -> None:
    """TI-5: from 48.33, industry leads to 68.33 and role to 58.33: both T2; the size leads to T1."""
    assert given((3, None, 1, 2, 1, None)).question == given((3, None, 1, 2, 1, None)).question
    best = given((3, None, 1, 2, 1, None)).question
    assert best is not None
    assert best.fact == "industry_grade"
    tied = given((None, 3, 1, 2, 1, 0), ALL).question
    assert tied is not None
    assert tied.fact == "company_size_grade"


WARM = Lead(
    id="L-1",
    title="VP Sales",
    lead_type="webinar",
    activities=(),
    account=Account(id="a", industry="saas", technologies=frozenset({"salesforce", "hubspot", "segment"}), country="DE"),
    extra=Extra.of({"critical_event": "confirmed", "requested": "demo"}),
)


def test_answers_are_those_that_the_policy_tells_apart() -> None:
    """TI-5, SC-4: bands are said as stretches. Urgency is 35, so that T3 is the most there is; 60 is sure of selection."""
    policy = changed(Policy(), {"tiers.rows[T1].thresholds[urgency].at_least": 30})
    found = assess(policy, WARM)
    assert found.tier == "T3"
    assert outcomes(found) == {
        ("50 to 500",): "T1",
        ("20 to 49", "501 to 1000"): "T1",
        ("10 to 19", "1001 to 2000"): "T3",
        ("9 or less", "2001 or more"): "T3",
    }
    assert found.question is not None
    assert found.question.fact == "employees"


def test_a_fact_is_asked_for_though_only_a_floor_wants_it() -> None:
    """TI-3: how the lead came is no criterion; a demo request is the floor's."""
    found = SHIPPED.assess(Lead(id="L-1", activities=(), extra=Extra.of({"requested": "nothing"})), at=AT)
    assert found.question is not None
    assert found.question.fact == "lead_type"
    assert outcomes(found) == {
        ("demo_request", "call_request", "trial_signup", "contact_form"): "T2",
        ("anything else",): "NURTURE",
    }


def test_each_outcome_is_what_becomes_of_the_lead_with_that_fact() -> None:
    """TI-5: the answers are noted and the lead assessed again."""
    account = attrs.evolve(WARM.account or Account(id="a"), industry=None, technologies=None, employees=15)
    found = SHIPPED.assess(attrs.evolve(WARM, account=account), at=AT)
    assert found.question is not None
    assert found.question.fact == "industry"
    for outcome in found.question.outcomes:
        for answer in outcome.answers:
            noted = attrs.evolve(account, industry="mining" if answer == "anything else" else answer)
            after = SHIPPED.assess(attrs.evolve(WARM, account=noted), at=AT)
            assert (after.tier, after.selection.points) == (outcome.tier, dict(outcome.points)["selection"])


EUR, USD = {"amount": 1000, "currency": "EUR"}, {"amount": 2000, "currency": "USD"}


@pytest.mark.parametrize(
    ("kind", "when", "expected"),
    [
        pytest.param("boolean", is_("x", True), {("yes",): "A", ("no",): "NURTURE"}, id="yes or no"),
        pytest.param("text", is_("x", "red"), {("red",): "A", ("anything else",): "NURTURE"}, id="a text"),
        pytest.param(
            "text",
            {"op": "not", "of": {"op": "contains", "fact": "x", "value": "e"}},
            {("anything else",): "A", ("e",): "NURTURE"},
            id="anything else is like nothing that is listed",
        ),
        pytest.param("text", {"op": "known", "fact": "x"}, {("anything else",): "A"}, id="any text"),
        pytest.param(
            "texts",
            {"op": "overlaps", "fact": "x", "values": ["a", "b"]},
            {("a + b", "a", "b"): "A", ("none",): "NURTURE"},
            id="sets, together and one by one",
        ),
        pytest.param(
            "integer",
            {"op": "between", "fact": "x", "low": -1, "high": 1},
            {("-1 to 1",): "A", ("-2 or less", "2 or more"): "NURTURE"},
            id="whole numbers",
        ),
        pytest.param(
            "integer",
            {"op": "is_in", "fact": "x", "values": [1, 3]},
            {("1", "3"): "A", ("0 or less", "2", "4 or more"): "NURTURE"},
            id="single numbers",
        ),
        pytest.param("integer", {"op": "known", "fact": "x"}, {("any",): "A"}, id="any number"),
        pytest.param(
            "decimal",
            {"op": "at_least", "fact": "x", "value": "2.5"},
            {("2.5 or more",): "A", ("2.49 or less",): "NURTURE"},
            id="decimals by hundredths",
        ),
        pytest.param(
            "decimal",
            {"op": "at_least", "fact": "x", "value": "0.125"},
            {("0.125 or more",): "A", ("0.124 or less",): "NURTURE"},
            id="or finer",
        ),
        pytest.param(
            "decimal",
            {"op": "more_than", "fact": "x", "value": "1/3"},
            {("0.34 or more",): "A", ("0.33 or less",): "NURTURE"},
            id="or about a fraction",
        ),
        pytest.param("decimal", {"op": "known", "fact": "x"}, {("any",): "A"}, id="any decimal"),
        pytest.param(
            "money",
            {"op": "at_least", "fact": "x", "value": EUR},
            {("EUR 1000.00 or more",): "A", ("EUR 999.99 or less",): "NURTURE"},
            id="amounts to the cent",
        ),
        pytest.param(
            "money",
            {"op": "any", "of": [{"op": "at_least", "fact": "x", "value": EUR}, {"op": "equals", "fact": "x", "value": USD}]},
            {("EUR 1000.00 or more", "USD 2000.00"): "A", ("EUR 999.99 or less", "USD 1999.99 or less", "USD 2000.01 or more"): "NURTURE"},
            id="amounts in each currency",
        ),
        pytest.param("money", {"op": "known", "fact": "x"}, {("any",): "A"}, id="any amount"),
        pytest.param(
            "instant",
            {"op": "at_least", "fact": "x", "value": "2026-01-01T00:00:00Z"},
            {("2026-01-01T00:00:00Z or more",): "A", ("2025-12-31T23:59:59.999999Z or less",): "NURTURE"},
            id="instants to the microsecond",
        ),
        pytest.param(
            "instant",
            {"op": "within", "fact": "x", "days": 1},
            {
                ("2026-03-01T09:00:00Z to 2026-03-02T09:00:00Z",): "A",
                ("2026-03-01T08:59:59.999999Z or less", "2026-03-02T09:00:00.000001Z or more"): "NURTURE",
            },
            id="a look-back",
        ),
        pytest.param(
            "instant",
            {"op": "at_least", "fact": "x", "value": "0001-01-01T00:00:00Z"},
            {("any",): "A"},
            id="before the first instant there is none",
        ),
    ],
)
def test_answers_of_every_kind(kind: str, when: dict[str, Any], expected: dict[tuple[str, ...], str]) -> None:
    """TI-5: the ends, what lies between them, and anything else."""
    policy = rowed(("row", 10, when), at_least=1, declared=[{"id": "x", "kind": kind}])
    assert outcomes(assess(policy, Lead(id="L-1"))) == expected


def test_a_closed_choice_offers_what_is_open_to_it() -> None:
    """TI-5: every value of a short list, the listed ones and one more of a long list."""
    row = ("row", 10, is_("x", "v3"))
    short = rowed(row, at_least=1, declared=[{"id": "x", "kind": "text", "values": ["v1", "v2", "v3"]}])
    assert outcomes(assess(short, Lead(id="L-1"))) == {("v3",): "A", ("v1", "v2"): "NURTURE"}
    long = rowed(row, at_least=1, declared=[{"id": "x", "kind": "text", "values": [f"v{number}" for number in range(20)]}])
    assert outcomes(assess(long, Lead(id="L-1"))) == {("v3",): "A", ("anything else",): "NURTURE"}
    country = rowed(("row", 10, is_("country", "DE")), at_least=1)
    assert outcomes(assess(country, Lead(id="L-1"))) == {("DE",): "A", ("anything else",): "NURTURE"}


def test_a_value_that_means_unknown_is_no_answer() -> None:
    """SC-7, TI-5."""
    policy = rowed(("row", 10, {"op": "is_in", "fact": "industry", "values": ["saas", "Select"]}), at_least=1)
    policy = changed(policy, {"facts.unknown": [{"fact": "industry", "values": ["Select"]}]})
    found = assess(policy, Lead(id="L-1", account=Account(id="a", industry="Select")))
    assert outcomes(found) == {("saas",): "A", ("anything else",): "NURTURE"}


def test_an_amount_in_a_currency_of_which_the_policy_says_nothing_is_asked_for_again() -> None:
    """FD-6: 2,000 USD are neither more nor less than 1,000 EUR."""
    policy = rowed(("row", 10, {"op": "at_least", "fact": "annual_revenue", "value": EUR}), at_least=1)
    dollars = assess(policy, Lead(id="L-1", account=Account(id="a", annual_revenue=Money(200_000, "USD"))))
    assert outcomes(dollars) == {("EUR 1000.00 or more",): "A", ("EUR 999.99 or less",): "NURTURE"}
    assert assess(policy, Lead(id="L-1", account=Account(id="a", annual_revenue=Money(50_000, "EUR")))).question is None


@pytest.mark.parametrize(
    "when",
    [
        pytest.param({"op": "count", "at_least": 1}, id="activities are no answer"),
        pytest.param({"op": "known", "fact": "created_at"}, id="nor when the lead came"),
        pytest.param({"op": "at_least", "fact": "employees", "value": -5}, id="a company of fewer than none is not there to be"),
    ],
)
def test_what_nobody_can_be_asked_is_no_question(when: dict[str, Any]) -> None:
    """TI-5."""
    lead = Lead(id="L-1")
    found = assess(rowed(("row", 10, when), at_least=1), lead)
    assert found.question is None or outcomes(found) == {("-4 or more",): "A"}


def test_a_fact_of_the_wrong_kind_is_not_missing() -> None:
    """It is wrong, and no rule has asked for it yet: the first part is false already."""
    when = {"op": "all", "of": [is_("country", "DE"), {"op": "at_least", "fact": "x", "value": 1}]}
    policy = rowed(("row", 10, when), ("title", 1, is_("title", "VP")), at_least=1, declared=[{"id": "x", "kind": "integer"}])
    lead = Lead(id="L-1", country="FR", extra=Extra.of({"x": "many"}))
    assert outcomes(assess(policy, lead)) == {("VP",): "A", ("anything else",): "NURTURE"}


def test_products_and_segments_are_asked_for() -> None:
    """SC-7: which matrix measures the lead hangs on them."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    by_product = small(points("crm", 10, products=["crm"]), points("others", 0))
    assert outcomes(assess(by_product, Lead(id="L-1"))) == {("crm",): "A", ("anything else",): "NURTURE"}
    by_size = small(points("large", 10, when=large), points("others", 0))
    assert outcomes(assess(by_size, Lead(id="L-1"))) == {("1000 or more",): "A", ("999 or less",): "NURTURE"}


@pytest.mark.parametrize(
    ("grader", "fact", "expected"),
    [
        pytest.param(
            {"kind": "overlap", "fact": "technologies", "values": ["a", "b"], "rows": [{"grade": 3, "at_least": 2}]},
            "technologies",
            {("a + b",): "A", ("a", "b", "none"): "NURTURE"},
            id="overlap",
        ),
        pytest.param(
            {"kind": "condition", "rows": [{"grade": 3, "when": {"op": "starts_with", "fact": "title", "value": "VP "}}]},
            "title",
            {("VP",): "A", ("anything else",): "NURTURE"},
            id="conditions",
        ),
        pytest.param(
            {"kind": "bands", "fact": "annual_revenue", "rows": [{"grade": 3, "at_least": EUR}]},
            "annual_revenue",
            {("EUR 1000.00 or more",): "A", ("EUR 999.99 or less",): "NURTURE"},
            id="bands of money",
        ),
    ],
)
def test_answers_come_from_every_grader(grader: dict[str, Any], fact: str, expected: dict[tuple[str, ...], str]) -> None:
    """TI-5, SC-8."""
    criteria = [{"id": "only", "label": "Only", "grader": grader}]
    found = assess(small(weighed("fit", ("only", 100)), criteria=criteria), Lead(id="L-1"))
    assert found.question is not None
    assert found.question.fact == fact
    assert outcomes(found) == expected


def test_a_count_and_a_recency_are_no_question() -> None:
    """TI-5: what a person did cannot be asked for."""
    count = {"kind": "count", "rows": [{"grade": 3, "at_least": 1}]}
    recency = {"kind": "recency", "rows": [{"grade": 3, "within_days": 1}]}
    for grader in (count, recency):
        criteria = [{"id": "only", "label": "Only", "grader": grader}]
        assert assess(small(weighed("fit", ("only", 100)), criteria=criteria), Lead(id="L-1")).question is None
