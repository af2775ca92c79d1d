"""How well it fits, how urgent it is: the matrices of the documents, by the numbers (SC-1 to SC-8, SC-10, SC-11, FD-3, FD-6)."""

import copy
import pickle
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product

import pytest

from inbound_engine import matrices, scoring
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead, Observation
from inbound_engine.matrices import Contribution
from inbound_engine.policy import Policy
from inbound_engine.scoring import Score
from tests.policies import ALWAYS, GIVEN, PAIR, graded, points, small

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
SHIPPED = Engine(Policy())
HANDED_IN = Engine(GIVEN)

# The rows of the documents, in the order in which they stand there.
SELECTION_WEIGHTS = (25, 20, 20, 15, 10, 10)
URGENCY_WEIGHTS = (25, 25, 20, 15, 15)


def person(*activities: Activity, **facts: object) -> Lead:
    return Lead(id="L-1", activities=activities, **facts)  # type: ignore[arg-type]  # each row brings what it is about


def company(**facts: object) -> Lead:
    return Lead(id="L-1", account=Account(id="acme", **facts))  # type: ignore[arg-type]  # each row brings what it is about


def did(kind: str, ago: timedelta = DAY, content: str | None = None, times: int = 1, marketing: bool = True) -> tuple[Activity, ...]:
    return tuple(
        Activity(id=f"{kind}-{content}-{ago}-{number}", kind=kind, at=AT - ago, content=content, marketing=marketing)
        for number in range(times)
    )


def told(*values: object) -> tuple[object, ...]:
    """Values side by side; exact numbers are held against whole ones."""
    return values


def line(score: Score, name: str) -> Contribution:
    return next(part for part in score.contributions if part.id == name)


def grade_of(criterion: str, lead: Lead) -> int | None:
    found = SHIPPED.assess(lead, at=AT)
    return next(part.grade for score in found.scores.all for part in score.contributions if part.id == criterion)


# ------------------------------------------------------------------------------------------------------------- matrices


@pytest.mark.parametrize(
    ("matrix", "weights"),
    [
        pytest.param(
            "selection",
            [("company_size", 25), ("industry", 20), ("technology", 20), ("growth_stage", 15), ("geography", 10), ("role", 10)],
            id="Selection (SC-4)",
        ),
        pytest.param(
            "urgency",
            [("recency", 25), ("content_depth", 25), ("critical_event", 20), ("repeat_visits", 15), ("direct_request", 15)],
            id="Urgency (SC-5)",
        ),
        pytest.param(
            "fit",
            [("company_size", 20), ("geography", 20), ("industry", 20), ("technology", 20), ("growth_stage", 20)],
            id="fit, equal weights (SC-1)",
        ),
    ],
)
def test_the_shipped_matrices_have_the_documents_weights(matrix: str, weights: list[tuple[str, int]]) -> None:
    found = next(item for item in Policy().scoring.matrices if item.id == matrix)
    assert isinstance(found, matrices.Graded)
    assert [told(row.criterion, row.weight) for row in found.weights] == weights
    assert found.scale == Fraction(100, 3)


@pytest.mark.parametrize(
    ("criterion", "lead", "grade"),
    [
        # company size: outside / adjacent / close / bullseye
        pytest.param("company_size", company(employees=9), 0, id="9 employees are outside"),
        pytest.param("company_size", company(employees=10), 1, id="10 are adjacent"),
        pytest.param("company_size", company(employees=19), 1, id="19 are adjacent"),
        pytest.param("company_size", company(employees=20), 2, id="20 are close"),
        pytest.param("company_size", company(employees=49), 2, id="49 are close"),
        pytest.param("company_size", company(employees=50), 3, id="50 are bullseye"),
        pytest.param("company_size", company(employees=500), 3, id="500 are bullseye"),
        pytest.param("company_size", company(employees=501), 2, id="501 are close"),
        pytest.param("company_size", company(employees=1000), 2, id="1000 are close"),
        pytest.param("company_size", company(employees=1001), 1, id="1001 are adjacent"),
        pytest.param("company_size", company(employees=2000), 1, id="2000 are adjacent"),
        pytest.param("company_size", company(employees=2001), 0, id="2001 are outside"),
        pytest.param("company_size", company(), None, id="employees unknown"),
        # industry: wrong / tangential / adjacent / core
        pytest.param("industry", company(industry="mining"), 0, id="mining is wrong"),
        pytest.param("industry", company(industry="media"), 1, id="media is tangential"),
        pytest.param("industry", company(industry="healthtech"), 2, id="healthtech is adjacent"),
        pytest.param("industry", company(industry="saas"), 3, id="saas is core"),
        pytest.param("industry", company(), None, id="industry unknown"),
        # technology: none / some / strong / exact match
        pytest.param("technology", company(technologies=frozenset()), 0, id="known to have none of the stack"),
        pytest.param("technology", company(technologies=frozenset({"segment", "excel"})), 1, id="one of the stack"),
        pytest.param("technology", company(technologies=frozenset({"segment", "hubspot"})), 2, id="two of the stack"),
        pytest.param("technology", company(technologies=frozenset({"segment", "hubspot", "outreach"})), 3, id="three of the stack"),
        pytest.param("technology", company(), None, id="technologies unknown"),
        # growth stage: wrong stage / early / approaching / ideal
        pytest.param("growth_stage", company(growth_stage="public"), 0, id="public is the wrong stage"),
        pytest.param("growth_stage", company(growth_stage="seed"), 1, id="seed is early"),
        pytest.param("growth_stage", company(growth_stage="series_d"), 2, id="series D is approaching"),
        pytest.param("growth_stage", company(growth_stage="series_b"), 3, id="series B is ideal"),
        pytest.param("growth_stage", company(), None, id="growth stage unknown"),
        # geography: excluded / secondary / primary / core
        pytest.param("geography", company(country="BR"), 0, id="Brazil is excluded"),
        pytest.param("geography", company(country="US"), 1, id="the United States are secondary"),
        pytest.param("geography", company(country="FR"), 2, id="France is primary"),
        pytest.param("geography", company(country="AT"), 3, id="Austria is core"),
        pytest.param("geography", person(country="DE", account=Account(id="acme", country="BR")), 3, id="the lead's own country first"),
        pytest.param("geography", company(), None, id="country unknown"),
        # role: wrong department / adjacent / right department / decision-maker
        pytest.param("role", person(title="Intern"), 0, id="an intern is in the wrong department"),
        pytest.param("role", person(title="Product Owner"), 1, id="product is adjacent"),
        pytest.param("role", person(title="Marketing Manager"), 2, id="marketing is the right department"),
        pytest.param("role", person(title="VP Operations"), 3, id="a VP decides"),
        pytest.param("role", person(title="Founder"), 3, id="a founder decides"),
        pytest.param("role", person(title="VPN Engineer"), 0, id="a VPN engineer is no VP"),
        pytest.param("role", person(), None, id="title unknown"),
        # recency: none / more than 30 days / 7 to 30 days / under 7 days
        pytest.param("recency", person(), 0, id="no engagement at all"),
        pytest.param("recency", person(*did("visit", 31 * DAY)), 1, id="engaged 31 days ago"),
        pytest.param("recency", person(*did("visit", 30 * DAY)), 2, id="engaged 30 days ago"),
        pytest.param("recency", person(*did("visit", 7 * DAY)), 2, id="engaged 7 days ago"),
        pytest.param("recency", person(*did("visit", 7 * DAY - TICK)), 3, id="engaged under 7 days ago"),
        pytest.param("recency", person(*did("reply", marketing=False)), 0, id="a touch that sales made is no engagement"),
        pytest.param("recency", Lead(id="L-1"), None, id="nobody has looked at engagement"),
        # critical event: none / implied / mentioned / confirmed
        pytest.param("critical_event", person(extra={"critical_event": "none"}), 0, id="no critical event"),
        pytest.param("critical_event", person(extra={"critical_event": "implied"}), 1, id="a critical event implied"),
        pytest.param("critical_event", person(extra={"critical_event": "mentioned"}), 2, id="a critical event mentioned"),
        pytest.param("critical_event", person(extra={"critical_event": "confirmed"}), 3, id="a critical event confirmed"),
        pytest.param("critical_event", person(), None, id="critical event unknown"),
        # repeat visits: 1 or none / 2-3 / 4-6 / 7+
        pytest.param("repeat_visits", person(*did("visit")), 0, id="1 visit"),
        pytest.param("repeat_visits", person(*did("visit", times=2)), 1, id="2 visits"),
        pytest.param("repeat_visits", person(*did("visit", times=3)), 1, id="3 visits"),
        pytest.param("repeat_visits", person(*did("visit", times=4)), 2, id="4 visits"),
        pytest.param("repeat_visits", person(*did("visit", times=6)), 2, id="6 visits"),
        pytest.param("repeat_visits", person(*did("visit", times=7)), 3, id="7 visits"),
        pytest.param("repeat_visits", person(*did("page_view", times=7)), 0, id="page views are not visits"),
        pytest.param("repeat_visits", person(*did("visit", 30 * DAY), *did("visit")), 1, id="a visit 30 days ago counts"),
        pytest.param("repeat_visits", person(*did("visit", 30 * DAY + TICK), *did("visit")), 0, id="an older one does not"),
        # direct request: content only / newsletter / webinar / demo, call or trial
        pytest.param("direct_request", person(*did("page_view", content="blog"), extra={"requested": "nothing"}), 0, id="content only"),
        pytest.param("direct_request", person(*did("newsletter_signup")), 1, id="a newsletter"),
        pytest.param("direct_request", person(*did("webinar_registration")), 2, id="a webinar"),
        pytest.param("direct_request", person(*did("demo_request")), 3, id="a demo"),
        pytest.param("direct_request", person(*did("call_request")), 3, id="a call"),
        pytest.param("direct_request", person(*did("trial_signup")), 3, id="a trial"),
        pytest.param("direct_request", person(*did("demo_request", 30 * DAY + TICK)), 0, id="a demo asked for long ago"),
        pytest.param("direct_request", Lead(id="L-1"), None, id="nobody knows what they asked for"),
    ],
)
def test_every_criterion_earns_every_grade(criterion: str, lead: Lead, grade: int | None) -> None:
    """SC-4, SC-5, FD-6: an unknown fact earns no grade, and a known none earns 0."""
    assert grade_of(criterion, lead) == grade


@pytest.mark.parametrize(
    ("activity", "grade"),
    [
        pytest.param(("page_view", "blog/why-speed"), 0, id="a blog article"),
        pytest.param(("page_view", "careers"), 0, id="a page that the catalogue does not list"),
        pytest.param(("page_view", None), 0, id="a page view of nobody knows what"),
        pytest.param(("event_attendance", None), 0, id="an event"),
        pytest.param(("webinar_attendance", None), 1, id="a webinar"),
        pytest.param(("content_download", "guide/revops"), 1, id="a guide"),
        pytest.param(("page_view", "/case-studies/acme"), 2, id="a case study"),
        pytest.param(("page_view", "comparison"), 2, id="a comparison page"),
        pytest.param(("page_view", "pricing"), 3, id="the pricing page"),
        pytest.param(("email_click", "/pricing"), 3, id="a click through to pricing"),
        pytest.param(("visit", "/demo"), 3, id="the demo page"),
        pytest.param(("page_view", "trial"), 3, id="the trial page"),
        pytest.param(("trial_activity", None), 3, id="the use of a trial"),
        pytest.param(("demo_request", None), 3, id="the demo form itself"),
        pytest.param(("contact_form", None), 3, id="the contact form itself"),
        pytest.param(("newsletter_signup", None), 0, id="a newsletter"),
        pytest.param(("content_download", "pricing"), 0, id="a download called pricing is no visit to the pricing page"),
    ],
)
def test_content_is_as_deep_as_the_catalogue_says(activity: tuple[str, str | None], grade: int) -> None:
    """SC-8: blog 0, webinar or guide 1, case study or comparison 2, pricing, demo, trial or contact form 3."""
    kind, content = activity
    assert grade_of("content_depth", person(*did(kind, content=content))) == grade
    assert grade_of("content_depth", person(*did(kind, 30 * DAY, content))) == grade
    assert grade_of("content_depth", person(*did(kind, 30 * DAY + TICK, content))) == 0


@pytest.mark.parametrize(
    ("requested", "grade"),
    [("nothing", 0), ("newsletter", 1), ("webinar", 2), ("demo", 3), ("call", 3), ("trial", 3)],
)
def test_an_answer_in_a_chat_sets_the_direct_request(requested: str, grade: int) -> None:
    """SC-10: and so it does where nobody knows the activities, as far as it can."""
    assert grade_of("direct_request", person(extra={"requested": requested})) == grade
    assert grade_of("direct_request", Lead(id="L-1", extra={"requested": requested})) == (3 if grade == 3 else None)


# --------------------------------------------------------------------------------------------------------------- points

ANA = Lead(
    id="ana",
    title="VP Revenue Operations",
    account=Account(
        id="acme",
        country="DE",
        industry="fintech",
        employees=240,
        technologies=frozenset({"salesforce", "segment"}),
        growth_stage="series_b",
    ),
    activities=(
        *did("page_view", 2 * DAY, "pricing"),
        *did("visit", 3 * DAY, times=4),
        *did("webinar_registration", 8 * DAY),
        *did("email_open", DAY),
    ),
    extra={"critical_event": "mentioned", "requested": "nothing"},
)


@pytest.mark.parametrize(
    ("score", "points", "shown"),
    [
        # 3*25 + 3*20 + 2*20 + 3*15 + 3*10 + 3*10 = 280, of 300
        pytest.param("selection", Fraction(280, 3), "93.33", id="Selection"),
        # 3*25 + 3*25 + 2*20 + 2*15 + 2*15 = 250, of 300
        pytest.param("urgency", Fraction(250, 3), "83.33", id="Urgency"),
        # (3 + 3 + 3 + 2 + 3) * 20 = 280, of 300
        pytest.param("fit", Fraction(280, 3), "93.33", id="fit"),
        # pricing 10, four visits of 2, a webinar registration a week ago 5 * 0.75, an open nothing
        pytest.param("engagement", Fraction("21.75"), "21.75", id="engagement"),
    ],
)
def test_a_lead_scores_what_a_hand_computes(score: str, points: Fraction, shown: str) -> None:
    """SC-4 to SC-6, SC-3, FD-3."""
    found = SHIPPED.assess(ANA, at=AT).score(score)
    assert found.points == points
    assert str(found) == shown
    assert told(found.low, found.high) == (points, points)
    assert found.missing == ()


@pytest.mark.parametrize(
    ("lead", "selection", "urgency"),
    [
        pytest.param(graded((0,) * 6, (0,) * 5), 0, 0, id="nothing fits"),
        pytest.param(graded((3,) * 6, (3,) * 5), 100, 100, id="a perfect lead scores 100"),
        pytest.param(graded((1,) * 6, (2,) * 5), Fraction(100, 3), Fraction(200, 3), id="thirds stay exact"),
        pytest.param(graded((0, 0, 1, 2, 2, 2), (0, 0, 0, 3, 3)), 30, 30, id="30 exactly, where floats say 29.99...96"),
        pytest.param(graded((3, 3, 3, 1, 0, 0), (3, 3, 0, 2, 0)), 70, 60, id="70 and 60 exactly"),
        pytest.param(graded((3, 3, 0, 1, 0, 0), (3, 0, 0, 3, 0)), 50, 40, id="50 and 40 exactly"),
        pytest.param(graded((3, 3, 2, 1, 1, 1), (3, 2, 1, 0, 0)), 70, Fraction(145, 3), id="another way to 70"),
    ],
)
def test_handed_in_grades_score_exactly(lead: Lead, selection: Fraction | int, urgency: Fraction | int) -> None:
    """SC-6, FD-3."""
    found = HANDED_IN.assess(lead, at=AT)
    assert told(found.selection.points, found.urgency.points) == (selection, urgency)
    assert Engine(PAIR).assess(lead, at=AT).scores.points("selection") == selection


def test_a_score_is_a_whole_number_of_three_hundredths_of_a_point_in_a_hundred() -> None:
    """FD-3: a whole numerator over 300 for whole-percent weights and the scale 100/3."""
    found = HANDED_IN.assess(graded((0, 0, 1, 2, 2, 2), (3, 2, 1, 0, 0)), at=AT)
    assert (found.selection.numerator, found.selection.denominator) == (9000, 300)
    assert (found.urgency.numerator, found.urgency.denominator) == (14500, 300)


@pytest.mark.parametrize(
    ("score", "weights", "cuts", "counted"),
    [
        pytest.param("selection", SELECTION_WEIGHTS, (70, 50, 30), (4096, 324), id="Selection"),
        pytest.param("urgency", URGENCY_WEIGHTS, (60, 40, 30), (1024, 93), id="Urgency"),
    ],
)
@pytest.mark.parametrize("policy", [pytest.param(GIVEN, id="with every part"), pytest.param(PAIR, id="with two scores only")])
def test_every_combination_of_grades_scores_what_whole_numbers_say(
    policy: Policy, score: str, weights: Sequence[int], cuts: Sequence[int], counted: tuple[int, int]
) -> None:
    """FD-3, SC-6: 3 * points = sum of weight * grade; combinations on a cut are on it to the last fraction."""
    engine = Engine(policy)
    tried = landed = 0
    for grades in product(range(4), repeat=len(weights)):
        lead = graded(grades, (0,) * 5) if score == "selection" else graded((0,) * 6, grades)
        scored = engine.assess(lead, at=AT).scores.points(score)
        weighed = sum(weight * grade for weight, grade in zip(weights, grades, strict=True))
        assert scored * 3 == weighed
        tried += 1
        landed += scored in cuts
        assert (scored in cuts) is (weighed in [3 * cut for cut in cuts])
    assert (tried, landed) == counted


@pytest.mark.parametrize(
    ("lead", "score", "exact", "printed", "tiers"),
    [
        pytest.param(graded((3, 3, 3, 1, 0, 0), (3,) * 5), "selection", 70, "69.93", ("T1", "T2"), id="2.1 of Selection"),
        pytest.param(graded((3,) * 6, (3, 3, 0, 2, 0)), "urgency", 60, "59.94", ("T1", "T2"), id="1.8 of Urgency"),
        pytest.param(graded((3, 3, 0, 1, 0, 0), (3,) * 5), "selection", 50, "49.95", ("T2", "T3"), id="1.5 of Selection"),
        pytest.param(graded((3,) * 6, (3, 0, 0, 3, 0)), "urgency", 40, "39.96", ("T2", "T3"), id="1.2 of Urgency"),
        pytest.param(graded((0, 0, 1, 2, 2, 2), (3,) * 5), "selection", 30, "29.97", ("T3", "NURTURE"), id="0.9 of Selection"),
        pytest.param(graded((3,) * 6, (0, 0, 0, 3, 3)), "urgency", 30, "29.97", ("T3", "NURTURE"), id="0.9 of Urgency"),
    ],
)
def test_the_printed_factor_tells_other_tiers_than_the_exact_one(
    lead: Lead, score: str, exact: int, printed: str, tiers: tuple[str, str]
) -> None:
    """SC-6: 100/3 as shipped; 33.3 is a policy value, and a perfect lead scores 99.9 under it."""
    as_printed = Engine(changed(GIVEN, {f"scoring.matrices[{name}].scale": "33.3" for name in ("selection", "urgency")}))
    ours, theirs = HANDED_IN.assess(lead, at=AT), as_printed.assess(lead, at=AT)
    assert told(ours.score(score).points, theirs.score(score).points) == (exact, Fraction(printed))
    assert (ours.tier, theirs.tier) == tiers
    assert as_printed.assess(graded((3,) * 6, (3,) * 5), at=AT).selection.points == Fraction("99.9")


@pytest.mark.parametrize("weight", ["8.3333", "25/3", 25, "12.5"])
def test_weights_may_be_whole_decimal_or_fractional_and_stay_exact(weight: str | int) -> None:
    """FD-3."""
    rest = 100 - 2 * Fraction(weight)
    weights = [{"criterion": "a", "weight": weight}, {"criterion": "b", "weight": weight}, {"criterion": "c", "weight": str(rest)}]
    criteria = [{"id": name, "label": name, "grader": {"kind": "given", "fact": f"g_{name}"}} for name in "abc"]
    policy = small(
        {"id": "fit", "score": "fit", "kind": "graded", "weights": weights},
        criteria=criteria,
        facts={"declared": [{"id": f"g_{name}", "kind": "integer"} for name in "abc"]},
    )
    found = Engine(policy).assess(Lead(id="L-1", extra={"g_a": 3, "g_b": 1, "g_c": 2}), at=AT).score("fit")
    assert found.points == (4 * Fraction(weight) + 2 * rest) / 3
    assert sum(part.points for part in found.contributions) == found.points


# --------------------------------------------------------------------------------------------------------- what is missing


def test_a_missing_fact_grades_0_and_leaves_open_what_it_could_be() -> None:
    """FD-6."""
    score = HANDED_IN.assess(graded((None, 3, 2, None, 0, 1)), at=AT).selection
    assert score.points == Fraction(3 * 20 + 2 * 20 + 1 * 10, 3)
    assert told(score.low, score.high) == (score.points, score.points + 25 + 15)
    assert score.missing == ("company_size_grade", "growth_stage_grade")
    size = line(score, "company_size")
    assert told(size.grade, size.grade_label, size.points, size.low, size.high) == (None, "unknown", 0, 0, 25)
    assert size.is_open
    assert size.missing == ("company_size_grade",)
    assert not line(score, "industry").is_open


def test_renormalised_the_known_criteria_carry_the_missing_weight() -> None:
    """FD-6: the alternative; 75 % are known, and 3 of 3 for 20 of them."""
    policy = changed(GIVEN, {"scoring.matrices[selection].missing": "renormalise"})
    score = Engine(policy).assess(graded((None, 3, 0, 0, 0, 0)), at=AT).selection
    assert score.points == Fraction(80, 3)
    assert told(score.low, score.high) == (20, 45)
    assert [part.points for part in score.contributions] == [0, Fraction(80, 3), 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("grades", "points"),
    [
        pytest.param((None,) * 6, 0, id="nothing known scores 0"),
        pytest.param((None, None, None, None, None, 2), Fraction(200, 3), id="the one that is known is everything"),
        pytest.param((3, 3, 3, 3, 3, 3), 100, id="all known: as ever"),
        pytest.param((0, 0, 1, 2, 2, 2), 30, id="all known, on the line"),
    ],
)
def test_renormalising_ends_where_it_should(grades: Sequence[int | None], points: Fraction | int) -> None:
    """FD-6."""
    policy = changed(GIVEN, {"scoring.matrices[selection].missing": "renormalise"})
    score = Engine(policy).assess(graded(grades), at=AT).selection
    assert score.points == points
    assert sum(part.points for part in score.contributions) == points
    assert score.low <= points <= score.high


def test_a_grader_that_cannot_give_3_bounds_the_best_case() -> None:
    """FD-6: the best is what the rows still allow, not 100."""
    grader = {"kind": "lookup", "fact": "industry", "rows": [{"grade": 2, "values": ["saas"]}], "otherwise": 1}
    policy = small(
        {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": "industry", "weight": 100}]},
        criteria=[{"id": "industry", "label": "Industry", "grader": grader}],
    )
    score = Engine(policy).assess(Lead(id="L-1"), at=AT).score("fit")
    assert told(score.points, score.low, score.high) == (0, Fraction(100, 3), Fraction(200, 3))


def test_a_raw_value_may_mean_unknown() -> None:
    """SC-7: "Select" is no answer, and no rule sees it."""
    policy = changed(Policy(), {"facts.unknown": [{"fact": "industry", "values": ["Select", "-"]}]})
    score = Engine(policy).assess(company(industry="Select"), at=AT).selection
    assert line(score, "industry").grade is None
    assert "industry" in score.missing
    assert line(SHIPPED.assess(company(industry="Select"), at=AT).selection, "industry").grade == 0


# -------------------------------------------------------------------------------------------------------- points matrices

ROWS = [
    {"id": "core", "points": 40, "when": {"op": "equals", "fact": "industry", "value": "saas"}},
    {"id": "big", "label": "Big enough", "points": 80, "when": {"op": "at_least", "fact": "employees", "value": 200}},
    {"id": "free_mail", "points": -25, "when": {"op": "equals", "fact": "email_domain", "value": "mail.example"}},
]


@pytest.mark.parametrize(
    ("limits", "lead", "expected", "last"),
    [
        pytest.param({}, company(industry="saas", employees=240), (120, 95, 120), "free_mail", id="no floor and no cap"),
        pytest.param({"cap": 100}, company(industry="saas", employees=240), (100, 95, 100), "cap", id="a cap"),
        pytest.param({"cap": 100}, company(industry="saas", employees=10), (40, 15, 40), "free_mail", id="under the cap"),
        pytest.param({"cap": 100}, company(industry="saas"), (40, 15, 100), "cap", id="only the best case is capped"),
        pytest.param(
            {"floor": 0},
            Lead(id="L-1", email="a@mail.example", account=Account(id="a", industry="x", employees=1)),
            (0, 0, 0),
            "floor",
            id="a floor",
        ),
        pytest.param(
            {},
            Lead(id="L-1", email="a@mail.example", account=Account(id="a", industry="x", employees=1)),
            (-25, -25, -25),
            "free_mail",
            id="signed",
        ),
        pytest.param({"floor": 0, "cap": 100}, Lead(id="L-1"), (0, 0, 100), "cap", id="nothing known, floor and cap"),
        pytest.param({"floor": 10, "cap": 50}, company(industry="x", employees=1), (10, 10, 10), "floor", id="a floor over 0"),
        pytest.param({"floor": 50, "cap": 50}, company(industry="saas", employees=240), (50, 50, 50), "cap", id="floor and cap alike"),
    ],
)
def test_points_add_up_down_to_a_floor_and_up_to_a_cap(
    limits: Mapping[str, int], lead: Lead, expected: tuple[int, int, int], last: str
) -> None:
    """SC-7, FD-6: and the lines add up, with one more where a floor or a cap spoke."""
    policy = small({"id": "fit", "score": "fit", "kind": "points", "rows": ROWS, **limits})
    score = Engine(policy).assess(lead, at=AT).score("fit")
    assert told(score.points, score.low, score.high) == expected
    assert score.contributions[-1].id == last
    assert sum(part.points for part in score.contributions) == score.points
    assert sum(part.low for part in score.contributions) == score.low
    assert sum(part.high for part in score.contributions) == score.high


def test_a_row_says_whether_it_matched_and_why() -> None:
    """FD-5."""
    policy = small({"id": "fit", "score": "fit", "kind": "points", "rows": ROWS, "cap": 100})
    score = Engine(policy).assess(company(industry="saas", employees=240), at=AT).score("fit")
    assert [told(part.id, part.label, part.grade, part.grade_label, part.points) for part in score.contributions] == [
        ("core", "core", None, "yes", 40),
        ("big", "Big enough", None, "yes", 80),
        ("free_mail", "free_mail", None, "unknown", 0),
        ("cap", "cap", None, "", -20),
    ]
    assert [part.because[0].rule for part in score.contributions] == [
        "scoring.matrices[fit].rows[core].when",
        "scoring.matrices[fit].rows[big].when",
        "scoring.matrices[fit].rows[free_mail].when",
        "scoring.matrices[fit]",
    ]
    assert [part.because[0].code for part in score.contributions] == [Code.MATCHED, Code.MATCHED, Code.UNKNOWN, Code.CLAMPED]
    assert score.missing == ("email_domain",)


# ------------------------------------------------------------------------------------------------------ decayed engagement


@pytest.mark.parametrize(
    ("ago", "earned"),
    [
        pytest.param(timedelta(0), "40", id="this instant"),
        pytest.param(7 * DAY - TICK, "40", id="7 days less a microsecond"),
        pytest.param(7 * DAY, "30", id="exactly 7 days: 750"),
        pytest.param(14 * DAY - TICK, "30", id="14 days less a microsecond"),
        pytest.param(14 * DAY, "22.48", id="exactly 14 days: 562"),
        pytest.param(21 * DAY, "16.84", id="exactly 21 days: 421"),
        pytest.param(28 * DAY, "12.6", id="exactly 28 days: 315"),
        pytest.param(30 * DAY, "12.6", id="exactly 30 days is inside"),
        pytest.param(30 * DAY + TICK, "0", id="a microsecond more is outside"),
        pytest.param(-TICK, "0", id="a microsecond after the instant is not seen"),
    ],
)
def test_an_activity_is_worth_less_for_every_whole_week(ago: timedelta, earned: str) -> None:
    """SC-3: factors 1000, 750, 562, 421, 315; the window is closed at both ends."""
    score = SHIPPED.assess(person(*did("demo_request", ago)), at=AT).engagement
    assert score.points == Fraction(earned)
    assert sum(part.points for part in score.contributions) == score.points


def test_the_factors_are_whole_thousandths_rounded_down_each_week() -> None:
    """SC-3."""
    assert matrices.decay_factors(750, 30) == (1000, 750, 562, 421, 315)
    assert matrices.decay_factors(0, 14) == (1000, 0, 0)
    assert matrices.decay_factors(1000, 7) == (1000, 1000)
    assert matrices.decay_factors(750, 6) == (1000,)


@pytest.mark.parametrize(
    ("activities", "points", "mql"),
    [
        pytest.param(did("demo_request", 7 * DAY), "30", True, id="30,000 thousandths reach the line"),
        pytest.param((*did("webinar_attendance"), *did("event_attendance")), "30", True, id="15 and 15"),
        pytest.param((*did("demo_request", 14 * DAY), *did("content_download", 7 * DAY, times=2)), "29.98", False, id="29,980 do not"),
        pytest.param((*did("reply"), *did("trial_activity", 7 * DAY), *did("email_click")), "29.25", False, id="29,250 do not"),
        pytest.param(did("email_open", times=500), "0", False, id="500 opens are worth nothing"),
        pytest.param(did("demo_request", times=3), "100", True, id="120 are capped at 100"),
    ],
)
def test_engagement_has_to_reach_30(activities: tuple[Activity, ...], points: str, mql: bool) -> None:
    """SC-1: not just opens; SC-2, SC-3."""
    policy = changed(Policy(), {"qualification.model": "dual_axis"})
    fitting = Account(id="acme", employees=100, industry="saas")
    found = Engine(policy).assess(Lead(id="L-1", account=fitting, activities=activities), at=AT)
    assert found.fit.points == 40
    assert found.engagement.points == Fraction(points)
    assert found.mql is mql


@pytest.mark.parametrize(
    ("grades", "fit", "mql"),
    [
        pytest.param((3, 3, 0, 0, 0), 40, True, id="40 reach the line"),
        pytest.param((3, 2, 0, 0, 0), Fraction(100, 3), False, id="33.33 do not"),
        pytest.param((1, 1, 1, 1, 2), 40, True, id="40 another way"),
        pytest.param((3, 3, 3, 3, 3), 100, True, id="all of it"),
    ],
)
def test_fit_has_to_reach_40(grades: tuple[int, ...], fit: Fraction | int, mql: bool) -> None:
    """SC-2."""
    policy = changed(GIVEN, {"qualification.model": "dual_axis"})
    lead = graded(grades)
    found = Engine(policy).assess(Lead(id="L-1", extra=lead.extra, activities=did("demo_request")), at=AT)
    assert told(found.fit.points, found.mql) == (fit, mql)


def test_the_cap_of_engagement_is_a_line_of_its_own() -> None:
    """SC-3, FD-5."""
    score = SHIPPED.assess(person(*did("demo_request", times=3)), at=AT).engagement
    assert told(score.points, score.contributions[-1].id, score.contributions[-1].points) == (100, "cap", -20)
    assert score.contributions[-1].because[0].code is Code.CLAMPED
    assert line(score, "hand_raise").points == 120


def test_unknown_activities_leave_engagement_open_up_to_its_cap() -> None:
    """FD-6: and no activities are known to be worth nothing."""
    unknown, none = SHIPPED.assess(Lead(id="L-1"), at=AT).engagement, SHIPPED.assess(person(), at=AT).engagement
    assert told(unknown.points, unknown.low, unknown.high, unknown.missing) == (0, 0, 100, ("activities",))
    assert told(none.points, none.low, none.high, none.missing) == (0, 0, 0, ())


def test_the_first_row_that_means_an_activity_decides_its_points() -> None:
    """SC-3: so a row that asks what an earlier one asked earns nothing."""
    rows = [
        {"id": "visits", "activities": {"kinds": ["visit"]}, "points": 5},
        {"id": "again", "activities": {"kinds": ["visit"]}, "points": 90},
        {"id": "linkedin", "activities": {"channels": ["linkedin"]}, "points": 7},
        {"id": "rest", "activities": {}, "points": 1},
    ]
    policy = small({"id": "heat", "score": "heat", "kind": "decayed", "rows": rows, "cap": 1000})
    acts = (
        Activity(id="1", kind="visit", at=AT, channel="linkedin"),
        Activity(id="2", kind="reply", at=AT, channel="linkedin"),
        Activity(id="3", kind="reply", at=AT),
    )
    score = Engine(policy).assess(person(*acts), at=AT).score("heat")
    assert [told(part.id, part.points) for part in score.contributions] == [("visits", 5), ("again", 0), ("linkedin", 7), ("rest", 1)]


def test_an_activity_that_no_row_means_counts_nothing() -> None:
    """SC-3."""
    rows = [{"id": "pricing", "activities": {"kinds": ["page_view"], "contents": ["pricing"]}, "points": 10}]
    policy = small({"id": "heat", "score": "heat", "kind": "decayed", "rows": rows})
    acts = (*did("page_view", content="blog"), *did("page_view", content="pricing"), *did("visit"))
    assert Engine(policy).assess(person(*acts), at=AT).score("heat").points == 10


# --------------------------------------------------------------------------------------------- several matrices of a score

PRODUCTS = (
    points("core", 80, products=["crm", "suite"]),
    points("cheap", 20, products=["free"]),
    points("everybody", 50),
)


@pytest.mark.parametrize(
    ("product", "choice", "matrix", "scored"),
    [
        pytest.param("crm", "named", "core", 80, id="the matrix that the product names"),
        pytest.param("suite", "named", "core", 80, id="a matrix may serve several products"),
        pytest.param("free", "named", "cheap", 20, id="the named one, though others are better"),
        pytest.param("forms", "named", "everybody", 50, id="a product that none names: the one for everybody"),
        pytest.param(None, "named", "everybody", 50, id="no product: the one for everybody"),
        pytest.param("free", "best", "core", 80, id="the best of all, whatever the product"),
        pytest.param(None, "best", "core", 80, id="the best of all, without a product"),
    ],
)
def test_a_lead_is_measured_by_the_matrix_of_its_product(product: str | None, choice: str, matrix: str, scored: int) -> None:
    """SC-7."""
    found = Engine(small(*PRODUCTS, choice=choice)).assess(Lead(id="L-1", product=product), at=AT)
    score = found.score("fit")
    assert told(score.matrix, score.points) == (matrix, scored)
    assert score.low <= scored <= score.high


def test_without_one_for_everybody_the_best_measures_and_is_named() -> None:
    """SC-7."""
    policy = small(points("small", 20, products=["crm"]), points("large", 80, products=["suite"]))
    score = Engine(policy).assess(Lead(id="L-1", product="forms"), at=AT).score("fit")
    assert told(score.matrix, score.points) == ("large", 80)


@pytest.mark.parametrize("choice", ["best", "named"])
def test_ties_go_to_the_matrix_that_stands_first(choice: str) -> None:
    """SC-7."""
    policy = small(points("first", 50, products=["crm"]), points("second", 50, products=["crm"]), points("rest", 50), choice=choice)
    assert Engine(policy).assess(Lead(id="L-1", product="crm"), at=AT).score("fit").matrix == "first"


@pytest.mark.parametrize(
    ("employees", "matrix"),
    [
        pytest.param(1000, "enterprise", id="in the segment, to the employee"),
        pytest.param(999, "everybody", id="out of the segment"),
        pytest.param(None, "everybody", id="nobody knows: the one for everybody, until somebody does"),
    ],
)
def test_a_segment_has_a_matrix_of_its_own(employees: int | None, matrix: str) -> None:
    """SC-7: the segment is a condition, and stands before the one for everybody."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    policy = small(points("enterprise", 90, when=large), points("everybody", 10))
    assert Engine(policy).assess(company(employees=employees), at=AT).score("fit").matrix == matrix


def test_an_unknown_segment_leaves_both_matrices_possible_and_names_the_fact() -> None:
    """FD-6, SC-7."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    policy = small(points("enterprise", 90, when=large), points("everybody", 10))
    score = Engine(policy).assess(Lead(id="L-1", product="crm"), at=AT).score("fit")
    assert told(score.points, score.low, score.high) == (10, 10, 90)
    assert score.missing == ("employees",)


def test_an_unknown_product_leaves_every_matrix_possible() -> None:
    """FD-6, SC-7: known, it does not."""
    engine = Engine(small(*PRODUCTS))
    unknown, known = engine.assess(Lead(id="L-1"), at=AT).score("fit"), engine.assess(Lead(id="L-1", product="crm"), at=AT).score("fit")
    assert told(unknown.points, unknown.low, unknown.high, unknown.missing) == (50, 20, 80, ("product",))
    assert told(known.points, known.low, known.high, known.missing) == (80, 80, 80, ())


def test_where_no_matrix_names_a_product_an_unknown_one_leaves_nothing_open() -> None:
    """FD-6, SC-7: a lead of a sure segment is measured for sure."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    engine = Engine(small(points("enterprise", 90, when=large), points("everybody", 10)))
    for employees, worth in ((2000, 90), (10, 10)):
        score = engine.assess(company(employees=employees), at=AT).score("fit")
        assert told(score.points, score.low, score.high, score.missing) == (worth, worth, worth, ())


def test_the_best_of_matrices_that_are_all_known_leaves_nothing_open() -> None:
    """FD-6, SC-7."""
    score = Engine(small(*PRODUCTS, choice="best")).assess(Lead(id="L-1", product="crm"), at=AT).score("fit")
    assert told(score.points, score.low, score.high, score.missing) == (80, 80, 80, ())


def test_the_best_of_matrices_is_as_open_as_the_one_that_could_still_be_better() -> None:
    """FD-6, SC-7: what measures the lead now is the worst case, and the fact that another wants is missing."""
    rows = [{"id": "core", "points": 95, "when": {"op": "equals", "fact": "industry", "value": "saas"}}]
    other = {"id": "other", "score": "fit", "kind": "points", "rows": rows}
    score = Engine(small(points("now", 80), other, choice="best")).assess(Lead(id="L-1"), at=AT).score("fit")
    assert told(score.matrix, score.points, score.low, score.high, score.missing) == ("now", 80, 80, 95, ("industry",))


def test_a_known_product_leaves_the_matrices_of_others_out() -> None:
    """FD-6, SC-7: while its own segment is unknown, the one for everybody may measure the lead, and no other product's."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    policy = small(points("crm", 80, products=["crm"], when=large), points("free", 20, products=["free"]), points("everybody", 50))
    score = Engine(policy).assess(Lead(id="L-1", product="crm"), at=AT).score("fit")
    assert told(score.matrix, score.points, score.low, score.high, score.missing) == ("everybody", 50, 50, 80, ("employees",))


def test_a_product_that_none_names_may_wait_for_a_segment_or_have_the_best() -> None:
    """FD-6, SC-7: where the only one for everybody is a segment, and nobody knows whether the lead is in it."""
    large = {"op": "at_least", "fact": "employees", "value": 1000}
    policy = small(points("large", 10, when=large), points("crm", 80, products=["crm"]), points("free", 20, products=["free"]))
    engine = Engine(policy)
    unknown = engine.assess(Lead(id="L-1", product="forms"), at=AT).score("fit")
    assert told(unknown.matrix, unknown.points, unknown.low, unknown.high, unknown.missing) == ("crm", 80, 10, 80, ("employees",))
    no_segment = engine.assess(Lead(id="L-1", product="forms", account=Account(id="a", employees=10)), at=AT).score("fit")
    assert told(no_segment.matrix, no_segment.points, no_segment.low, no_segment.high) == ("crm", 80, 80, 80)


def test_each_product_may_weigh_the_same_criteria_otherwise() -> None:
    """SC-7."""

    def matrix(name: str, size: int, products: list[str]) -> dict[str, object]:
        weights = [{"criterion": "company_size", "weight": size}, {"criterion": "industry", "weight": 100 - size}]
        return {"id": name, "score": "fit", "kind": "graded", "weights": weights, "products": products}

    criteria = Policy().model_dump(mode="json")["scoring"]["criteria"][:2]
    policy = small(matrix("by_size", 75, ["crm"]), matrix("by_industry", 25, ["suite"]), matrix("both", 50, []), criteria=criteria)
    account = Account(id="acme", employees=100, industry="mining")
    for product_, scored in (("crm", 75), ("suite", 25), ("forms", 50)):
        assert Engine(policy).assess(Lead(id="L-1", product=product_, account=account), at=AT).score("fit").points == scored


# --------------------------------------------------------------------------------------------------------------- totals


def test_a_total_adds_scores_of_every_kind_exactly() -> None:
    """SC-7: a declared total may be read by tiers."""
    thirds = {"id": "third", "score": "third", "kind": "graded", "weights": [{"criterion": "industry", "weight": 100}]}
    policy = small(
        thirds,
        points("bonus", 7, "bonus"),
        criteria=Policy().model_dump(mode="json")["scoring"]["criteria"][1:2],
        totals=[{"id": "both", "of": ["third", "bonus"]}, {"id": "twice", "of": ["both", "both"]}],
        tiers={"rows": [{"id": "A", "thresholds": [{"score": "twice", "at_least": "242/3"}]}]},
    )
    found = Engine(policy).assess(company(industry="media"), at=AT)
    both, twice = found.score("both"), found.score("twice")
    assert told(both.points, twice.points) == (Fraction(121, 3), Fraction(242, 3))
    assert [told(part.id, part.points) for part in both.contributions] == [("third", Fraction(100, 3)), ("bonus", 7)]
    assert (both.matrix, both.missing, found.tier) == ("", (), "A")
    assert found.scores.rules.names == ("third", "bonus", "both", "twice")


def test_a_total_is_as_open_as_what_it_adds() -> None:
    """FD-6."""
    rows = [{"id": "core", "points": 40, "when": {"op": "equals", "fact": "industry", "value": "saas"}}]
    policy = small(
        {"id": "fit", "score": "fit", "kind": "points", "rows": rows},
        points("more", 5, "more"),
        totals=[{"id": "sum", "of": ["fit", "more"]}],
    )
    score = Engine(policy).assess(Lead(id="L-1"), at=AT).score("sum")
    assert told(score.points, score.low, score.high, score.missing) == (5, 5, 45, ("industry",))


def test_a_floor_may_look_at_a_total() -> None:
    """TI-3, FD-6: its best case is the sum of the best cases."""
    rows = [{"id": "core", "points": 40, "when": {"op": "equals", "fact": "industry", "value": "saas"}}]
    fit = {"id": "fit", "score": "fit", "kind": "points", "rows": rows}
    floor = {"id": "hope", "tier": "A", "when": ALWAYS, "only_while_unknown": "sum"}
    tiers = {"rows": [{"id": "A", "thresholds": [{"score": "sum", "at_least": 45}]}], "floors": [floor]}
    engine = Engine(small(fit, points("more", 5, "more"), totals=[{"id": "sum", "of": ["fit", "more"]}], tiers=tiers))
    unknown, known = engine.assess(Lead(id="L-1"), at=AT), engine.assess(company(industry="media"), at=AT)
    assert (unknown.tier, unknown.placement.raised_by, known.tier) == ("A", "hope", "NURTURE")


# ------------------------------------------------------------------------------------------------------- sources of facts


@pytest.mark.parametrize(
    ("lead", "criterion", "grade"),
    [
        pytest.param(
            person(observations=(Observation("title", "Intern", "enrichment"), Observation("title", "Head of Sales", "self_reported"))),
            "role",
            3,
            id="what they say of their role before what enrichment says",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "enrichment"), Observation("industry", "media", "self_reported"))),
            "industry",
            1,
            id="what they say of their industry before what enrichment says",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "enrichment"), Observation("industry", "media", "form"))),
            "industry",
            1,
            id="a form before enrichment",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "enrichment"),)), "industry", 3, id="enrichment where it is alone"
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "web_crawl"), Observation("industry", "media", "enrichment"))),
            "industry",
            1,
            id="a source that the policy ranks before one that it does not",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "zoom"), Observation("industry", "media", "apollo"))),
            "industry",
            1,
            id="sources that the policy does not rank, by name",
        ),
        pytest.param(
            person(
                observations=(
                    Observation("industry", "saas", "form", AT - 9 * DAY),
                    Observation("industry", "media", "form", AT - 8 * DAY),
                    Observation("industry", "mining", "form"),
                )
            ),
            "industry",
            1,
            id="of one source the newest, and a dated one before one without a date",
        ),
        pytest.param(
            person(title="Intern", observations=(Observation("title", "CEO", "self_reported"),)),
            "role",
            0,
            id="the record before any observation",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "form", AT + TICK), Observation("industry", "media", "news", AT))),
            "industry",
            1,
            id="an observation dated after the instant is invisible",
        ),
        pytest.param(
            person(observations=(Observation("industry", "saas", "form", AT + TICK),)), "industry", None, id="so nothing is known"
        ),
        pytest.param(person(observations=(Observation("critical_event", "confirmed", "form"),)), "critical_event", 3, id="a declared fact"),
        pytest.param(person(observations=(Observation("employees", 100, "enrichment"),)), "company_size", 3, id="a number"),
    ],
)
def test_sources_are_believed_in_the_policys_order(lead: Lead, criterion: str, grade: int | None) -> None:
    """SC-8: self-reported before enrichment for role and industry; FD-2."""
    assert grade_of(criterion, lead) == grade


@pytest.mark.parametrize(
    "lead",
    [
        pytest.param(
            Lead(id="L-1", account=Account(id="a", industry="Select"), observations=(Observation("industry", "saas", "enrichment"),)),
            id="in the record",
        ),
        pytest.param(
            Lead(
                id="L-1", observations=(Observation("industry", "Select", "self_reported"), Observation("industry", "saas", "enrichment"))
            ),
            id="from the source that is believed first",
        ),
    ],
)
def test_an_answer_that_means_unknown_hides_no_other_source(lead: Lead) -> None:
    """SC-7, SC-8: the record is believed where it knows the fact, and "Select" knows nothing."""
    policy = changed(Policy(), {"facts.unknown": [{"fact": "industry", "values": ["Select"]}]})
    assert line(Engine(policy).assess(lead, at=AT).selection, "industry").grade == 3


def test_the_order_of_sources_is_a_policy_value() -> None:
    """SC-8."""
    policy = changed(Policy(), {"facts.precedence[industry].sources": ["enrichment", "self_reported"]})
    lead = person(observations=(Observation("industry", "saas", "enrichment"), Observation("industry", "media", "self_reported")))
    assert line(Engine(policy).assess(lead, at=AT).selection, "industry").grade == 3


# ------------------------------------------------------------------------------------------ patterns and predictive scores


@pytest.mark.parametrize(
    ("activities", "matched"),
    [
        pytest.param(
            (
                *did("page_view", DAY, "pricing", times=3),
                *did("email_open", 3 * DAY, times=4),
                *did("webinar_attendance", 5 * DAY),
                *did("contact_form", timedelta(hours=1)),
            ),
            True,
            id="all of it",
        ),
        pytest.param(
            (
                *did("page_view", DAY, "pricing", times=2),
                *did("page_view", 2 * DAY + TICK, "pricing"),
                *did("email_open", 3 * DAY, times=4),
                *did("webinar_attendance", 5 * DAY),
                *did("contact_form", timedelta(hours=1)),
            ),
            False,
            id="the third pricing view a microsecond too old",
        ),
        pytest.param(
            (
                *did("page_view", 2 * DAY, "pricing", times=3),
                *did("email_open", 3 * DAY, times=3),
                *did("webinar_attendance", 5 * DAY),
                *did("contact_form", timedelta(hours=1)),
            ),
            False,
            id="three opens",
        ),
    ],
)
def test_a_pattern_over_activities_is_a_condition(activities: tuple[Activity, ...], matched: bool) -> None:
    """SC-10: "pricing page 3 times in 2 days, 4 emails opened, webinar, then contact form"; an open counts where it is asked for."""
    pattern = {
        "op": "all",
        "of": [
            {"op": "count", "activities": {"kinds": ["page_view"], "contents": ["pricing"]}, "within_days": 2, "at_least": 3},
            {"op": "count", "activities": {"kinds": ["email_open"]}, "within_days": 30, "at_least": 4},
            {"op": "count", "activities": {"kinds": ["webinar_attendance"]}, "within_days": 30, "at_least": 1},
            {"op": "count", "activities": {"kinds": ["contact_form"]}, "within_days": 2, "at_least": 1},
        ],
    }
    policy = small({"id": "heat", "score": "heat", "kind": "points", "rows": [{"id": "pattern", "points": 50, "when": pattern}]})
    assert Engine(policy).assess(person(*activities), at=AT).score("heat").points == (50 if matched else 0)


def test_a_pattern_may_ask_for_the_company_as_well() -> None:
    """SC-10: "raised Series B, 200-500 employees, two pricing visits in a week"."""
    pattern = {
        "op": "all",
        "of": [
            {"op": "equals", "fact": "growth_stage", "value": "series_b"},
            {"op": "between", "fact": "employees", "low": 200, "high": 500},
            {"op": "count", "activities": {"touchpoints": ["pricing"]}, "within_days": 7, "at_least": 2},
        ],
    }
    policy = changed(
        Policy(),
        {"scoring.criteria[critical_event].grader": {"kind": "condition", "rows": [{"grade": 3, "when": pattern}], "otherwise": 0}},
    )
    account = Account(id="acme", growth_stage="series_b", employees=500)
    twice = (*did("visit", 7 * DAY, "pricing"), *did("page_view", DAY, "pricing"))
    assert line(Engine(policy).assess(Lead(id="L-1", account=account, activities=twice), at=AT).urgency, "critical_event").grade == 3
    assert line(Engine(policy).assess(Lead(id="L-1", account=account, activities=twice[:1]), at=AT).urgency, "critical_event").grade == 0
    unknown = line(Engine(policy).assess(Lead(id="L-1", account=account), at=AT).urgency, "critical_event")
    assert (unknown.grade, unknown.missing) == (None, ("activities",))


def _predictive() -> Policy:
    plain = Policy().model_dump(mode="json")["scoring"]
    grader = {
        "kind": "bands",
        "fact": "predictive_score",
        "rows": [{"grade": 3, "at_least": 80}, {"grade": 2, "at_least": 60}, {"grade": 1, "at_least": 40}],
    }
    return changed(
        Policy(),
        {
            "scoring.criteria": [*plain["criteria"], {"id": "model", "label": "Model", "grader": grader}],
            "scoring.matrices[urgency].weights[recency].weight": 15,
            "scoring.matrices[urgency].weights": [
                {**row, "weight": 15} if row["criterion"] == "recency" else row for row in plain["matrices"][1]["weights"]
            ]
            + [{"criterion": "model", "weight": 10}],
        },
    )


@pytest.mark.parametrize(("predicted", "grade"), [(80, 3), (79, 2), (60, 2), (59, 1), (40, 1), (39, 0), (None, None)])
def test_a_predictive_score_takes_part_as_a_criterion_with_a_weight(predicted: int | None, grade: int | None) -> None:
    """SC-11: and the explanation names it."""
    found = Engine(_predictive()).assess(Lead(id="L-1", extra=Extra.of({"predictive_score": predicted})), at=AT).urgency
    part = line(found, "model")
    assert told(part.grade, part.points) == (grade, Fraction(10 * (grade or 0), 3))
    assert [(seen.name, seen.value) for seen in part.because[0].saw] == [("grade", grade), ("predictive_score", predicted)]


def test_a_predictive_score_takes_part_as_a_condition() -> None:
    """SC-11: in a clause, whose reason says so."""
    clause = {"id": "model", "when": {"op": "at_least", "fact": "predictive_score", "value": 80}}
    engine = Engine(changed(Policy(), {"qualification.clauses": [clause]}))
    found = engine.assess(person(extra={"predictive_score": 80}), at=AT)
    assert (found.mql, found.clause, found.tier) == (True, "model", "NURTURE")
    assert any(("predictive_score", 80) in [(seen.name, seen.value) for seen in reason.saw] for reason in found.because)
    assert not engine.assess(person(extra={"predictive_score": 79}), at=AT).mql


# ------------------------------------------------------------------------------------------------------- what is no policy


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": 9},
            "scoring.matrices[selection].weights: saw weights that add up to 99, expected 100. They are 1 short.",
            id="99 %",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": "10.5"},
            "scoring.matrices[selection].weights: saw weights that add up to 100.5, expected 100. They are 0.5 over.",
            id="100.5 %",
        ),
        pytest.param(
            {"scoring.matrices[urgency].weights[recency].weight": "33.333"},
            "scoring.matrices[urgency].weights: saw weights that add up to 108.333, expected 100. They are 8.333 over.",
            id="33.333",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": -10},
            "scoring.matrices[selection].weights[role].weight: saw -10, expected zero or more.",
            id="a negative weight",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": 10.0},
            'scoring.matrices[selection].weights[role].weight: saw 10.0, expected a whole number or exact text such as "33.3" or "100/3". '
            'Write it as text: "10.0".',
            id="a float",
        ),
        pytest.param(
            {"scoring.matrices[selection].scale": 0}, "scoring.matrices[selection].scale: saw 0, expected more than 0.", id="scale 0"
        ),
        pytest.param(
            {"scoring.matrices[selection].weights": []},
            "scoring.matrices[selection].weights: saw a list of 0, expected at least 1 row(s).",
            id="an empty matrix",
        ),
        pytest.param(
            {"scoring.totals": [{"id": "fit", "of": ["selection"]}]},
            "scoring.totals[fit].id: saw the name of another score, 'fit', expected a name of its own. Rename it.",
            id="a total named as a score",
        ),
        pytest.param(
            {"scoring.totals": [{"id": "a", "of": ["b"]}, {"id": "b", "of": ["fit"]}]},
            "scoring.totals[a].of: saw no score 'b' before it, expected one of engagement, fit, selection, urgency.",
            id="a total of a later total",
        ),
        pytest.param(
            {"scoring.matrices[fit].when": ALWAYS},
            "scoring.matrices[fit].when: saw only segments for 'fit', expected one matrix without `when`, for everybody else.",
            id="only segments",
        ),
        pytest.param(
            {"scoring.criteria[role].grader.rows[0].when": {"op": "at_least", "fact": "selection", "value": 50}},
            "scoring.criteria[role].grader.rows[0].when: saw the score or tier 'selection', expected facts that are known before scoring. "
            "Scores are not known yet here.",
            id="a criterion that reads a score",
        ),
        pytest.param(
            {"scoring.matrices[role]": None},
            "scoring.matrices[role]: saw no 'role' there, expected one of engagement, fit, selection, urgency.",
            id="no such matrix",
        ),
    ],
)
def test_scoring_that_cannot_mean_anything_is_refused(changes: Mapping[str, object], problem: str) -> None:
    """SC-6, FD-3: where, what was seen, what would do."""
    with pytest.raises(PolicyError) as error:
        changed(Policy(), changes)
    assert str(error.value.problems[0]) == problem


@pytest.mark.parametrize(
    ("matrix", "path"),
    [
        pytest.param(points("fit", 5, floor=10, cap=9), "scoring.matrices[fit].cap", id="a floor over the cap"),
        pytest.param(
            points("fit", 5, when={"op": "equals", "fact": "tier", "value": "A"}),
            "scoring.matrices[fit].when",
            id="only a segment, that reads the tier",
        ),
        pytest.param({**points("fit", 5), "rows": []}, "scoring.matrices[fit].rows", id="no rows"),
        pytest.param(
            {**points("fit", 5), "rows": [{"id": "r", "points": 5, "when": {"op": "at_least", "fact": "fit", "value": 1}}]},
            "scoring.matrices[fit].rows[r].when",
            id="a row that reads a score",
        ),
        pytest.param(
            {**points("fit", 5), "rows": [{"id": "r", "points": "5", "when": ALWAYS}]}, "scoring.matrices[fit].rows[r].points", id="text"
        ),
    ],
)
def test_a_points_matrix_that_cannot_mean_anything_is_refused(matrix: Mapping[str, object], path: str) -> None:
    """SC-7."""
    with pytest.raises(PolicyError) as error:
        small(matrix)
    assert path in [problem.path for problem in error.value.problems]


def test_a_floor_may_equal_the_cap_and_a_weight_may_be_0() -> None:
    """SC-7, FD-6: a criterion of weight 0 is legal, and alone it renormalises to nothing."""
    small(points("fit", 5, floor=9, cap=9))
    policy = changed(
        GIVEN,
        {
            "scoring.matrices[selection].weights[company_size].weight": 0,
            "scoring.matrices[selection].weights": [
                {"criterion": "company_size", "weight": 0},
                {"criterion": "industry", "weight": 100},
            ],
            "scoring.matrices[selection].missing": "renormalise",
        },
    )
    score = Engine(policy).assess(graded((3, None)), at=AT).selection
    assert told(score.points, score.low, score.high) == (0, 0, 100)
    assert [part.points for part in score.contributions] == [0, 0]


# -------------------------------------------------------------------------------------------------------------- readers


def test_a_score_that_the_policy_has_not_is_refused_by_name() -> None:
    found = SHIPPED.assess(ANA, at=AT)
    with pytest.raises(FactError) as error:
        found.score("urgncy")
    assert str(error.value) == "score: saw 'urgncy', expected one of engagement, fit, selection, urgency."


def test_scores_are_values() -> None:
    """FD-4: equal where they say the same of the same lead by the same rules."""
    one, again, other = (
        SHIPPED.assess(ANA, at=AT).scores,
        Engine(Policy()).assess(ANA, at=AT).scores,
        HANDED_IN.assess(graded(), at=AT).scores,
    )
    assert one == again
    assert hash(one) == hash(again)
    assert one != other
    assert one != "a score"
    assert repr(one) == "Scores('ana': selection 93.33, urgency 83.33, fit 93.33, engagement 21.75)"
    assert [score.name for score in one.all] == ["selection", "urgency", "fit", "engagement"]
    assert one.grades == (3, 3, 2, 3, 3, 3, 3, 3, 2, 2, 2)


def test_a_score_shows_itself_in_a_line_and_in_a_table() -> None:
    score = SHIPPED.assess(company(employees=240), at=AT).selection
    assert str(score) == "25"
    assert repr(score) == "Score(selection 25, 25 to 100)"
    assert repr(SHIPPED.assess(ANA, at=AT).selection) == "Score(selection 93.33)"
    table = score._repr_html_()
    assert "<caption>selection 25</caption>" in table
    assert "<td>Company size</td><td>bullseye</td><td>25</td><td>25</td><td>25</td>" in table
    assert "<td>sum</td><td></td><td>25</td><td>25</td><td>100</td>" in table


def test_rules_pickle_by_what_they_were_compiled_from() -> None:
    """FD-4."""
    rules = SHIPPED.compiled.scoring
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301 - what was pickled here
    assert again.document == rules.document
    assert scoring.assess(again, ANA, at=AT).sums == SHIPPED.assess(ANA, at=AT).scores.sums
    assert copy.deepcopy(SHIPPED.assess(ANA, at=AT)) == SHIPPED.assess(ANA, at=AT)


def test_scoring_alone_says_what_the_engine_says() -> None:
    """Each stage is a function of its own."""
    assert scoring.assess(SHIPPED.compiled.scoring, ANA, at=AT) == SHIPPED.assess(ANA, at=AT).scores
    with pytest.raises(FactError, match="without a zone"):
        scoring.assess(SHIPPED.compiled.scoring, ANA, at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("grade", [4, -1, True, "2"])
@pytest.mark.parametrize("policy", [pytest.param(GIVEN, id="with every part"), pytest.param(PAIR, id="with two scores only")])
def test_a_handed_in_grade_that_is_none_is_refused_whatever_the_policy(policy: Policy, grade: object) -> None:
    """SC-8: true is not 1."""
    lead = graded((3,) * 6, (3,) * 5)
    wrong = Lead(id="L-1", extra=Extra.of({**lead.extra, "role_grade": grade}))
    with pytest.raises(FactError):
        Engine(policy).assess(wrong, at=AT)


def test_what_is_no_lead_is_refused() -> None:
    """Plain mappings are read by intake first."""
    record: Lead = {"id": "L-1"}  # type: ignore[assignment]  # to be refused
    with pytest.raises(FactError, match="Read plain mappings with intake"):
        SHIPPED.assess(record, at=AT)


def test_an_extra_that_the_policy_does_not_declare_is_refused_whatever_the_policy() -> None:
    """A misspelt name must not be a silent unknown."""
    lead = graded((3,) * 6, (3,) * 5)
    for policy in (GIVEN, PAIR):
        with pytest.raises(FactError, match="a fact that the policy does not declare"):
            Engine(policy).assess(Lead(id="L-1", extra=Extra.of({**lead.extra, "rol_grade": 3})), at=AT)


def test_a_fact_cannot_be_called_grade_since_reasons_call_something_else_so() -> None:
    """FD-6: the score that is open names what it wants, and no other thing by that name."""
    with pytest.raises(PolicyError, match=r"facts.declared\[grade\].id: saw the name of a built-in fact, 'grade'"):
        small(
            {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": "judged", "weight": 100}]},
            criteria=[{"id": "judged", "label": "Judged", "grader": {"kind": "given", "fact": "grade"}}],
            facts={"declared": [{"id": "grade", "kind": "integer"}]},
        )
