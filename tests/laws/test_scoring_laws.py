"""What holds for every score and every tier."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from inbound_engine import facts, scoring
from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.policy import Policy
from tests import reference
from tests.policies import GIVEN, PAIR, graded, points, small
from tests.strategies import AT, CONTENTS, activities, activity_lists, instants, leads, observations

SHIPPED = Engine(Policy())
HANDED_IN = Engine(GIVEN)
TIERS = ("T1", "T2", "T3", "NURTURE")

GRADES = st.integers(0, 3)
OPEN_GRADES = st.none() | GRADES


def weights(count: int) -> st.SearchStrategy[list[Fraction]]:
    """Weights that add up to 100 %, some of them 0, some with decimals."""
    cuts = st.lists(st.integers(0, 800), min_size=count - 1, max_size=count - 1).map(sorted)
    return cuts.map(lambda ends: [Fraction(high - low, 8) for low, high in zip([0, *ends], [*ends, 800], strict=True)])


def matrix_of(weighed: Mapping[str, Fraction], **more: object) -> dict[str, object]:
    rows = [{"criterion": name, "weight": str(weight)} for name, weight in weighed.items()]
    return {"id": "fit", "score": "fit", "kind": "graded", "weights": rows, **more}


def given_criteria(names: Sequence[str]) -> dict[str, Any]:
    """Criteria whose grades are handed in, and the facts that hold them."""
    return {
        "criteria": [{"id": name, "label": name, "grader": {"kind": "given", "fact": f"g_{name}"}} for name in names],
        "facts": {"declared": [{"id": f"g_{name}", "kind": "integer"} for name in names]},
    }


def with_grades(grades: Mapping[str, int | None]) -> Lead:
    return Lead(id="L-1", extra=Extra.of({f"g_{name}": grade for name, grade in grades.items()}))


# ------------------------------------------------------------------------------------------------------------ monotone


@given(
    st.lists(OPEN_GRADES, min_size=11, max_size=11),
    st.integers(0, 10),
    st.integers(0, 2),
    st.sampled_from(("zero", "renormalise")),
    st.sampled_from((None, "demo_request")),
)
def test_raising_a_grade_never_lowers_a_score_or_a_tier(
    grades: list[int | None], place: int, grade: int, missing: str, lead_type: str | None
) -> None:
    """SC-4 to SC-6, TI-1, TI-3: nor does it take a hand-raiser's floor away."""
    engine = HANDED_IN if missing == "zero" else _renormalising()

    def with_grade(here: int) -> Assessment:
        given = [*grades[:place], here, *grades[place + 1 :]]
        return engine.assess(attrs.evolve(graded(given[:6], given[6:]), lead_type=lead_type), at=AT)

    before, after = with_grade(grade), with_grade(grade + 1)
    for name in ("selection", "urgency", "fit"):
        assert before.scores.points(name) <= after.scores.points(name)
    assert TIERS.index(after.tier) <= TIERS.index(before.tier)


@cache
def _renormalising() -> Engine:
    return Engine(changed(GIVEN, {f"scoring.matrices[{name}].missing": "renormalise" for name in ("selection", "urgency", "fit")}))


@given(
    st.lists(GRADES, min_size=11, max_size=11),
    st.sampled_from(("selection", "urgency")),
    st.sampled_from(TIERS[:3]),
    st.lists(st.integers(0, 100), min_size=2, max_size=2).map(sorted),
)
@settings(max_examples=30)
def test_lowering_a_line_never_lowers_a_tier(grades: list[int], score: str, tier: str, lines: list[int]) -> None:
    """TI-1: without floors, which look at the line themselves."""
    lead, path = graded(grades[:6], grades[6:]), f"tiers.rows[{tier}].thresholds[{score}].at_least"
    low, high = (Engine(changed(PAIR, {path: line})).assess(lead, at=AT).tier for line in lines)
    assert TIERS.index(low) <= TIERS.index(high)


@given(leads(), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_left_alone_urgency_and_engagement_never_rise(lead: Lead, later: timedelta) -> None:
    """SC-3, SC-5: while nothing happens and nothing becomes known."""
    past = tuple(activity for activity in lead.activities or () if activity.at <= AT)
    quiet = attrs.evolve(lead, activities=None if lead.activities is None else past, observations=())
    before, after = SHIPPED.assess(quiet, at=AT).scores, SHIPPED.assess(quiet, at=AT + later).scores
    assert after.points("urgency") <= before.points("urgency")
    assert after.points("engagement") <= before.points("engagement")


# ------------------------------------------------------------------------------------------------------------- weights


@given(weights(4), st.lists(GRADES, min_size=4, max_size=4), st.sampled_from(("100/3", "33.3", 25, "1/7")))
def test_a_score_is_the_weighted_average_of_the_grades_times_the_scale(
    weighed: list[Fraction], grades: list[int], scale: str | int
) -> None:
    """SC-6, FD-3: exactly."""
    policy = small(matrix_of(dict(zip("abcd", weighed, strict=True)), scale=scale), **given_criteria("abcd"))
    found = Engine(policy).assess(with_grades(dict(zip("abcd", grades, strict=True))), at=AT).score("fit")
    average = sum((weight * grade for weight, grade in zip(weighed, grades, strict=True)), Fraction()) / 100
    assert found.points == average * Fraction(scale)
    assert_adds_up(found)


@given(weights(3), st.lists(GRADES, min_size=3, max_size=3), st.fractions(Fraction(1, 4), 1, max_denominator=8))
def test_scaling_all_weights_and_their_sum_changes_nothing(weighed: list[Fraction], grades: list[int], factor: Fraction) -> None:
    """SC-6, FD-6: a criterion that is left out takes its weight along, and the others count among themselves as before."""
    whole = small(matrix_of(dict(zip("abc", weighed, strict=True))), **given_criteria("abc"))
    scaled = {name: weight * factor for name, weight in zip("abc", weighed, strict=True)} | {"spare": 100 - 100 * factor}
    part = small(matrix_of(scaled, missing="renormalise"), **given_criteria([*"abc", "spare"]))
    lead = with_grades(dict(zip("abc", grades, strict=True)))
    one, other = Engine(whole).assess(lead, at=AT).score("fit"), Engine(part).assess(lead, at=AT).score("fit")
    assert one.points == other.points
    assert [line.points for line in one.contributions] == [line.points for line in other.contributions][:3]


@given(weights(3), st.lists(GRADES, min_size=3, max_size=3))
def test_a_weight_split_between_twins_changes_nothing(weighed: list[Fraction], grades: list[int]) -> None:
    """SC-6: two criteria of half the weight and the same grade are one of the whole."""
    whole = small(matrix_of(dict(zip("abc", weighed, strict=True))), **given_criteria("abc"))
    halves = {name: weight / 2 for name, weight in zip(["a", "b", "c", "a2", "b2", "c2"], [*weighed, *weighed], strict=True)}
    split = small(matrix_of(halves), **given_criteria([*halves]))
    by_name = dict(zip("abc", grades, strict=True))
    one = Engine(whole).assess(with_grades(by_name), at=AT)
    other = Engine(split).assess(with_grades(by_name | {f"{name}2": grade for name, grade in by_name.items()}), at=AT)
    assert one.scores.points("fit") == other.scores.points("fit")
    assert one.tier == other.tier


@given(weights(4), st.lists(OPEN_GRADES, min_size=4, max_size=4), st.permutations("abcd"), st.sampled_from(("zero", "renormalise")))
def test_the_order_of_criteria_and_weights_changes_no_score(
    weighed: list[Fraction], grades: list[int | None], order: list[str], missing: str
) -> None:
    """FD-4."""
    by_name = dict(zip("abcd", weighed, strict=True))
    lead = with_grades(dict(zip("abcd", grades, strict=True)))
    one = Engine(small(matrix_of(by_name, missing=missing), **given_criteria("abcd"))).assess(lead, at=AT).score("fit")
    shuffled = small(matrix_of({name: by_name[name] for name in order}, missing=missing), **given_criteria(order[::-1]))
    other = Engine(shuffled).assess(lead, at=AT).score("fit")
    assert (one.points, one.low, one.high, one.missing) == (other.points, other.low, other.high, other.missing)
    assert {line.id: line.points for line in one.contributions} == {line.id: line.points for line in other.contributions}


# ----------------------------------------------------------------------------------------------------- what adds up


def assert_adds_up(score: scoring.Score) -> None:
    assert sum((line.points for line in score.contributions), Fraction()) == score.points
    assert sum((line.low for line in score.contributions), Fraction()) == score.low
    assert sum((line.high for line in score.contributions), Fraction()) == score.high


@given(leads(), instants())
def test_contributions_add_up_to_every_score_exactly(lead: Lead, at: Any) -> None:  # noqa: ANN401 - an instant
    """FD-3, FD-5: and so do the worst and the best cases."""
    for score in SHIPPED.assess(lead, at=at).scores.all:
        assert_adds_up(score)
        assert score.low <= score.high
        assert score.points <= score.high
        assert (score.low < score.high) is any(line.is_open for line in score.contributions)
        assert bool(score.missing) is (score.low < score.high)


@given(
    leads(),
    st.lists(st.integers(-50, 50), min_size=4, max_size=4),
    st.none() | st.integers(-60, 20),
    st.none() | st.integers(20, 60),
)
def test_points_add_up_whatever_the_floor_and_the_cap(lead: Lead, worth: list[int], floor: int | None, cap: int | None) -> None:
    """SC-7: the line of a floor or a cap included, for the worst and the best case as well."""
    whens = [
        {"op": "equals", "fact": "country", "value": "DE"},
        {"op": "at_least", "fact": "employees", "value": 50},
        {"op": "known", "fact": "title"},
        {"op": "count", "activities": {"kinds": ["visit"]}, "within_days": 30, "at_least": 1},
    ]
    rows = [{"id": f"r{place}", "points": n, "when": when} for place, (n, when) in enumerate(zip(worth, whens, strict=True))]
    own = {"declared": Policy().model_dump(mode="json")["facts"]["declared"]}
    policy = small({"id": "fit", "score": "fit", "kind": "points", "rows": rows, "floor": floor, "cap": cap}, facts=own)
    score = Engine(policy).assess(lead, at=AT).score("fit")
    assert_adds_up(score)
    assert score.low <= score.points <= score.high
    assert floor is None or score.points >= floor
    assert cap is None or score.points <= cap


# ------------------------------------------------------------------------------------------------------------- bounds

HIDDEN = ("industry", "employees", "growth_stage", "technologies", "title", "country", "critical_event", "requested", "activities")


def complete(lead: Lead) -> Lead:
    """The lead once somebody has learned all that the shipped policy asks for."""
    account = lead.account or Account(id="-")
    known = attrs.evolve(
        account,
        industry=account.industry or "media",
        employees=30 if account.employees is None else account.employees,
        growth_stage=account.growth_stage or "seed",
        technologies=account.technologies or frozenset(),
        country=account.country or "US",
    )
    own = Extra.of({"critical_event": "none", "requested": "nothing", **lead.extra})
    return attrs.evolve(lead, account=known, title=lead.title or "Intern", activities=lead.activities or (), extra=own, observations=())


def without(lead: Lead, hidden: set[str]) -> Lead:
    """The lead before somebody learned these facts."""
    account = lead.account or Account(id="-")
    account = attrs.evolve(account, **{name: None for name in hidden if name in attrs.fields_dict(Account)})  # type: ignore[arg-type]  # mypy asks None of every field, and the names are drawn
    own = Extra.of({name: value for name, value in lead.extra.items() if name not in hidden})
    lead = attrs.evolve(lead, **{name: None for name in hidden if name in attrs.fields_dict(Lead)})  # type: ignore[arg-type]  # mypy asks None of every field, and the names are drawn
    return attrs.evolve(lead, account=account, extra=own)


@given(leads(), st.sets(st.sampled_from(HIDDEN)), st.sets(st.sampled_from(HIDDEN)))
def test_adding_a_fact_never_widens_the_bounds_and_the_score_ends_inside(lead: Lead, few: set[str], more: set[str]) -> None:
    """FD-6: what is learned lies within what was possible, for scores and for tiers."""
    known = complete(lead)
    found, nearly, hardly = (SHIPPED.assess(without(known, hidden), at=AT) for hidden in (set[str](), few, few | more))
    for name in ("selection", "urgency", "fit", "engagement"):
        points = found.scores.points(name)
        assert found.score(name).low == points == found.score(name).high
        assert hardly.score(name).low <= nearly.score(name).low <= points <= nearly.score(name).high <= hardly.score(name).high
    for unsure in (nearly, hardly):
        assert TIERS.index(unsure.best_tier) <= TIERS.index(found.tier) <= TIERS.index(unsure.worst_tier)


@given(leads())
def test_a_score_of_which_nothing_is_missing_is_settled(lead: Lead) -> None:
    """FD-6."""
    for score in SHIPPED.assess(lead, at=AT).scores.all:
        if not score.missing:
            assert score.low == score.points == score.high


# ------------------------------------------------------------------------------------------------- order and time


def said(found: Assessment) -> tuple[object, ...]:
    return (found.scores.sums, found.placement, found.qualification, found.scores.all, found.because)


@given(leads(), st.randoms(use_true_random=False))
def test_the_order_of_activities_and_observations_changes_nothing(lead: Lead, random: Any) -> None:  # noqa: ANN401 - hypothesis's own
    """FD-4."""
    shuffled = [*(lead.activities or ())], [*lead.observations]
    for rows in shuffled:
        random.shuffle(rows)
    other = attrs.evolve(lead, activities=None if lead.activities is None else tuple(shuffled[0]), observations=tuple(shuffled[1]))
    assert said(SHIPPED.assess(other, at=AT)) == said(SHIPPED.assess(lead, at=AT))


@given(leads(), activity_lists(max_size=4), st.lists(observations(), max_size=3))
def test_what_is_dated_after_the_instant_changes_nothing(lead: Lead, later: tuple[Activity, ...], rumours: list[facts.Observation]) -> None:
    """FD-2."""
    tick = timedelta(microseconds=1)
    future = tuple(
        attrs.evolve(activity, id=f"later-{place}", at=AT + tick + abs(activity.at - AT)) for place, activity in enumerate(later)
    )
    dated = tuple(attrs.evolve(rumour, at=AT + tick) for rumour in rumours)
    other = attrs.evolve(
        lead,
        activities=None if lead.activities is None else (*lead.activities, *future),
        observations=(*lead.observations, *dated),
    )
    assert said(SHIPPED.assess(other, at=AT)) == said(SHIPPED.assess(lead, at=AT))


@given(leads(), instants())
def test_one_assessment_says_what_its_stages_say(lead: Lead, at: Any) -> None:  # noqa: ANN401 - an instant
    """FD-4: the reasons are a reading of the decision, not a second path."""
    found = SHIPPED.assess(lead, at=at)
    assert scoring.assess(SHIPPED.compiled.scoring, lead, at=at) == found.scores
    assert [score.points for score in found.scores.all] == [found.scores.points(name) for name in found.scores.rules.names]


# ------------------------------------------------------------------------------------------- the plain reference


def against_the_reference(engine: Engine, lead: Lead) -> None:
    found = engine.assess(lead, at=AT)
    expected = reference.assess(engine.policy.model_dump(mode="json"), facts.to_dict(lead), AT)
    names = [criterion.id for criterion in engine.policy.scoring.criteria]
    assert dict(zip(names, found.scores.grades, strict=True)) == expected["grades"]
    assert {score.name: score.points for score in found.scores.all} == expected["scores"]
    placement, qualification = found.placement, found.qualification
    assert {
        "tier": placement.tier,
        "reason": placement.reason,
        "raised_by": placement.raised_by,
        "unraised": placement.unraised,
        "mql": qualification.mql,
        "clause": qualification.clause,
        "handed_off": qualification.handed_off,
        "clauses": qualification.clauses,
        "spiced": qualification.spiced,
        "dual_axis": qualification.dual_axis,
    } == {name: value for name, value in expected.items() if name not in {"grades", "scores"}}


@given(leads())
@settings(max_examples=150)
def test_the_shipped_policy_says_what_the_plain_reference_says(lead: Lead) -> None:
    """FD-4, SC-1 to SC-8, TI-1 to TI-4."""
    against_the_reference(SHIPPED, lead)


@given(st.lists(OPEN_GRADES, min_size=11, max_size=11), st.sampled_from((None, "demo_request")))
def test_handed_in_grades_say_what_the_plain_reference_says(grades: list[int | None], lead_type: str | None) -> None:
    """SC-8: with floors and without, looked up or worked out."""
    lead = attrs.evolve(graded(grades[:6], grades[6:]), lead_type=lead_type)
    against_the_reference(HANDED_IN, lead)
    against_the_reference(_PAIR, lead)


_PAIR = Engine(PAIR)
_EXACT = st.integers(0, 100) | st.sampled_from(("33.3", "200/3", "49.99", "0.01"))
_ROWS = Policy().model_dump(mode="json")


def _weights_of(matrix: str, count: int) -> st.SearchStrategy[dict[str, object]]:
    rows = next(item for item in _ROWS["scoring"]["matrices"] if item["id"] == matrix)["weights"]
    return weights(count).map(
        lambda drawn: {
            f"scoring.matrices[{matrix}].weights": [{**row, "weight": str(weight)} for row, weight in zip(rows, drawn, strict=True)]
        }
    )


def _counted(top: int) -> st.SearchStrategy[list[dict[str, int]]]:
    """Rows of counts, in any order, as a careless editor leaves them."""
    return st.lists(st.fixed_dictionaries({"grade": GRADES, "at_least": st.integers(1, top)}), min_size=1, max_size=4)


_CLAUSES: tuple[dict[str, Any], ...] = (
    {"id": "demo", "when": {"op": "count", "activities": {"kinds": ["demo_request"]}, "within_days": 7, "at_least": 1}},
    {"id": "warm", "when": {"op": "at_least", "fact": "engagement", "value": "7.5"}, "held": True},
    {"id": "third", "when": {"op": "equals", "fact": "tier", "value": "T3"}},
    {
        "id": "icp",
        "when": {
            "op": "all",
            "of": [{"op": "between", "fact": "fit", "low": 20, "high": "66.6"}, {"op": "not", "of": {"op": "unknown", "fact": "title"}}],
        },
    },
    {
        "id": "recent",
        "when": {
            "op": "any",
            "of": [{"op": "within", "fact": "created_at", "days": 30}, {"op": "older_than", "fact": "created_at", "days": 60}],
        },
    },
    {"id": "off", "when": {"op": "always"}, "enabled": False},
)
_BONUS = {
    "id": "bonus",
    "score": "bonus",
    "kind": "points",
    "floor": -10,
    "rows": [
        {"id": "stack", "points": 30, "when": {"op": "overlaps", "fact": "technologies", "values": ["segment", "excel"]}},
        {"id": "member", "points": -20, "when": {"op": "contains", "fact": "technologies", "value": "hubspot"}},
        {"id": "domain", "points": 7, "when": {"op": "ends_with", "fact": "email_domain", "value": ".example"}},
        {"id": "abroad", "points": -9, "when": {"op": "differs", "fact": "country", "value": "DE"}},
        {"id": "small", "points": 5, "when": {"op": "less_than", "fact": "employees", "value": 50}},
        {"id": "large", "points": 11, "when": {"op": "more_than", "fact": "employees", "value": 1000}},
        {"id": "sales", "points": 3, "when": {"op": "count", "activities": {"marketing": False}, "at_most": 0}},
        {"id": "shallow", "points": 2, "when": {"op": "count", "activities": {"depth_at_least": 0, "hand_raise": False}, "at_least": 2}},
        {"id": "google", "points": 4, "when": {"op": "count", "activities": {"channels": ["google"]}, "within_days": 14, "at_least": 1}},
        {"id": "quiet", "points": 1, "when": {"op": "equals", "fact": "predictive_score", "value": 0}},
        {"id": "free", "points": 6, "when": {"op": "at_most", "fact": "predictive_score", "value": 60}},
    ],
}  # fmt: skip


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """The shipped kinds of rules with other numbers: weights, bands, points, days, lines, switches."""
    changes: dict[str, object] = {}
    for matrix, count in (("selection", 6), ("urgency", 5), ("fit", 5)):
        if draw(st.booleans()):
            changes |= draw(_weights_of(matrix, count))
        changes[f"scoring.matrices[{matrix}].scale"] = draw(st.sampled_from(("100/3", "33.3", 25)))
        changes[f"scoring.matrices[{matrix}].missing"] = draw(st.sampled_from(("zero", "zero", "renormalise")))
    ends = st.none() | st.integers(0, 2500)
    band = st.fixed_dictionaries({"grade": GRADES, "at_least": ends, "at_most": ends})
    changes["scoring.criteria[company_size].grader.rows"] = draw(st.lists(band, min_size=1, max_size=4))
    changes["scoring.criteria[company_size].grader.otherwise"] = draw(GRADES)
    changes["scoring.criteria[technology].grader.rows"] = draw(_counted(5))
    changes["scoring.criteria[repeat_visits].grader.rows"] = draw(_counted(6))
    changes["scoring.criteria[repeat_visits].grader.within_days"] = draw(st.sampled_from((None, 0, 2, 7, 30)))
    changes["scoring.criteria[recency].grader.rows"] = draw(
        st.lists(
            st.builds(
                lambda grade, key, days: {"grade": grade, key: days},
                GRADES,
                st.sampled_from(("under_days", "within_days")),
                st.sampled_from((1, 2, 7, 14, 30, 60)),
            ),
            min_size=1,
            max_size=3,
        )
    )
    changes["scoring.criteria[recency].grader.activities"] = draw(
        st.sampled_from(({"marketing": True}, {}, {"content_starts": ["pricing", "/"]}, {"touchpoints": ["blog", "hand_raise"]}))
    )
    changes["scoring.criteria[industry].grader.otherwise"] = draw(GRADES)
    changes["scoring.matrices[engagement].weekly"] = draw(st.integers(0, 1000))
    changes["scoring.matrices[engagement].within_days"] = draw(st.sampled_from((1, 7, 14, 30, 60)))
    changes["scoring.matrices[engagement].cap"] = draw(st.sampled_from((1, 20, 100, 1000)))
    changes["scoring.matrices[engagement].rows[visit].points"] = draw(st.integers(0, 50))
    for tier in TIERS[:3]:
        for score in ("selection", "urgency"):
            changes[f"tiers.rows[{tier}].thresholds[{score}].at_least"] = draw(_EXACT)
    changes["tiers.floors[high_intent].enabled"] = draw(st.booleans())
    changes["tiers.floors[hand_raise_before_enrichment].only_while_unknown"] = draw(st.sampled_from(("selection", "urgency", None)))
    changes["qualification.model"] = draw(st.sampled_from(("spiced", "dual_axis")))
    changes["qualification.clauses"] = draw(st.lists(st.sampled_from(_CLAUSES), unique_by=lambda clause: str(clause["id"])))
    changes["qualification.mql_tiers"], changes["qualification.held_tiers"] = draw(
        st.sampled_from(((["T1", "T2", "T3"], ["T3"]), (["T1"], []), (["T3", "T2"], ["T2", "T3"])))
    )
    changes["touchpoints[blog].depth"] = draw(GRADES)
    changes["touchpoints[pricing].hand_raise"] = draw(st.booleans())
    policy = changed(Policy(), changes)
    more: list[dict[str, Any]] = [*policy.model_dump(mode="json")["scoring"]["matrices"], _BONUS]
    if draw(st.booleans()):
        more.append({**more[0], "id": "core", "products": ["core"], "missing": "zero", "scale": "33.3"})
    return changed(
        policy,
        {
            "scoring.matrices": more,
            "scoring.choice": draw(st.sampled_from(("named", "best"))),
            "scoring.totals": [{"id": "all_told", "of": ["fit", "engagement", "bonus"]}],
        },
    )


@given(policies(), st.lists(leads(), min_size=1, max_size=6))
@settings(max_examples=50, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_numbers_say_what_the_plain_reference_says(policy: Policy, several: list[Lead]) -> None:
    """FD-3, FD-4: hundreds of leads under policies that nobody wrote; a counterexample is told as it was found."""
    engine = Engine(policy)
    for lead in several:
        against_the_reference(engine, lead)


@given(st.lists(activities(), max_size=20, unique_by=lambda activity: activity.id), st.integers(0, 1000), st.sampled_from(CONTENTS))
def test_decayed_points_are_the_sum_of_what_each_activity_is_worth_alone(several: list[Activity], weekly: int, content: str) -> None:
    """SC-3: as long as the cap is far."""
    rows = [
        {"id": "content", "activities": {"contents": [content]}, "points": 7},
        {"id": "rest", "activities": {}, "points": 3},
    ]
    engine = Engine(small({"id": "heat", "score": "heat", "kind": "decayed", "weekly": weekly, "rows": rows}, points("one", 1, "one")))
    together = engine.assess(Lead(id="L-1", activities=tuple(several)), at=AT).scores.points("heat")
    alone = [engine.assess(Lead(id="L-1", activities=(activity,)), at=AT).scores.points("heat") for activity in several]
    assert together == min(Fraction(100), sum(alone, Fraction()))
