"""Best and worst hold whatever comes; every change and every answer is what it says (FD-6, TI-5)."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.policy import Policy
from inbound_engine.vocabulary import with_fact
from tests.policies import PAIR, SELECTION, URGENCY, graded, small
from tests.strategies import AT, leads

SHIPPED = Engine(Policy())
PAIRED = Engine(PAIR)
SWITCHED_ON = Engine(changed(Policy(), {"tiers.floors[high_intent].enabled": True}))
RENORMALISED = Engine(changed(Policy(), {f"scoring.matrices[{name}].missing": "renormalise" for name in ("selection", "urgency", "fit")}))
ENGINES = st.sampled_from((SHIPPED, SWITCHED_ON, RENORMALISED))
GRADES = st.none() | st.integers(0, 3)
BOTH = st.tuples(st.tuples(*[GRADES] * 6), st.tuples(*[GRADES] * 5))

# What may yet become known of a lead.
ANSWERS: dict[str, st.SearchStrategy[Any]] = {
    "employees": st.sampled_from((0, 15, 30, 100, 5000)),
    "industry": st.sampled_from(("saas", "ecommerce", "media", "mining")),
    "growth_stage": st.sampled_from(("seed", "series_a", "series_b", "public")),
    "technologies": st.sampled_from((frozenset(), frozenset({"salesforce"}), frozenset({"salesforce", "hubspot", "segment"}))),
    "country": st.sampled_from(("DE", "FR", "US", "BR")),
    "title": st.sampled_from(("CEO", "Head of Sales", "Product Owner", "Intern")),
    "lead_type": st.sampled_from(("demo_request", "webinar")),
    "critical_event": st.sampled_from(("none", "implied", "mentioned", "confirmed")),
    "requested": st.sampled_from(("nothing", "newsletter", "webinar", "demo")),
}
HAPPENED = st.lists(
    st.builds(
        lambda kind, days, content: (kind, days, content),
        st.sampled_from(("visit", "page_view", "demo_request", "webinar_attendance", "newsletter_signup")),
        st.integers(0, 40),
        st.sampled_from((None, "pricing", "guide")),
    ),
    max_size=8,
).map(
    lambda some: tuple(
        Activity(id=str(number), kind=kind, at=AT - timedelta(days=days), content=content)
        for number, (kind, days, content) in enumerate(some)
    )
)


def facts_of(lead: Lead) -> dict[str, object]:
    """What is known of those facts."""
    account = lead.account or Account(id="-")
    own: dict[str, object] = {name: getattr(lead, name, None) or getattr(account, name, None) for name in ANSWERS}
    own["employees"] = account.employees
    own["technologies"] = account.technologies
    own["critical_event"], own["requested"] = lead.extra.get("critical_event"), lead.extra.get("requested")
    return own


@settings(max_examples=150)
@given(ENGINES, leads(), st.fixed_dictionaries(ANSWERS), HAPPENED, st.permutations([*ANSWERS, "activities"]))
def test_adding_facts_never_widens_the_bounds_and_the_end_lies_within_them(
    engine: Engine, lead: Lead, answers: dict[str, Any], happened: tuple[Activity, ...], order: Sequence[str]
) -> None:
    """FD-6: of every score and of the tier, one missing fact after another."""
    lead = attrs.evolve(lead, observations=())
    names = engine.compiled.tiers.names
    before = engine.assess(lead, at=AT)
    first = before
    missing = [name for name in order if (lead.activities is None if name == "activities" else facts_of(lead)[name] is None)]
    for name in missing:
        known = before.lead
        if name == "activities":
            after = engine.assess(attrs.evolve(known, activities=happened), at=AT)
        else:
            after = engine.assess(with_fact(known, engine.compiled.words, name, answers[name]), at=AT)
        for old, new in zip(before.scores.all, after.scores.all, strict=True):
            assert old.low <= new.low <= new.high <= old.high, name
        assert names.index(before.best_tier) <= names.index(after.best_tier) <= names.index(after.tier), name
        assert names.index(after.tier) <= names.index(after.worst_tier) <= names.index(before.worst_tier), name
        before = after
    for old, end in zip(first.scores.all, before.scores.all, strict=True):
        assert old.low <= end.points <= old.high
        assert end.low == end.high or end.name not in {"selection", "urgency"} or before.missing


@given(BOTH)
def test_every_smallest_set_reaches_the_next_tier_and_nothing_smaller_does(
    grades: tuple[Sequence[int | None], Sequence[int | None]],
) -> None:
    """TI-5: each set is made true; with any one change left out, or one step less, it is not enough."""
    found = PAIRED.assess(graded(*grades), at=AT)
    far = found.next_tier
    if far is None:
        assert found.tier == "T1"
        return
    names = ("T1", "T2", "T3", "NURTURE")
    assert far.changes
    for moves in far.changes:
        full = {move.id: move.to for move in moves}
        assert names.index(raised(grades, full).tier) <= names.index(far.tier)
        for move in moves:
            less = {**full, move.id: move.to - 1}
            assert names.index(raised(grades, less).tier) > names.index(far.tier)


def raised(grades: tuple[Sequence[int | None], Sequence[int | None]], to: dict[str, int]) -> Assessment:
    selection, urgency = (
        [to.get(name, grade) for name, grade in zip(some, had, strict=True)] for some, had in zip((SELECTION, URGENCY), grades, strict=True)
    )
    return PAIRED.assess(graded(selection, urgency), at=AT)


# Small policies, all ways tried.

NAMES = ("a", "b", "c", "d")
SPLITS = (
    st.lists(st.integers(0, 6), min_size=4, max_size=4)
    .filter(any)
    .map(lambda parts: [str(Fraction(100 * part, sum(parts))) for part in parts])
)


@st.composite
def policies(draw: st.DrawFn) -> Engine:
    """Two scores over the same four criteria, or their total, under either treatment of what is missing."""
    matrices = [
        {
            "id": name,
            "score": name,
            "kind": "graded",
            "missing": draw(st.sampled_from(("zero", "renormalise"))),
            "weights": [{"criterion": each, "weight": weight} for each, weight in zip(NAMES, draw(SPLITS), strict=True)],
        }
        for name in ("fit", "urge")
    ]
    lines = draw(st.sampled_from((("fit", "urge"), ("fit",), ("all",), ("all", "fit"))))
    return Engine(
        small(
            *matrices,
            criteria=[{"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}} for name in NAMES],
            totals=[{"id": "all", "of": ["fit", "urge"]}],
            facts={"declared": [{"id": f"{name}_grade", "kind": "integer"} for name in NAMES]},
            tiers={"rows": [{"id": "A", "thresholds": [{"score": score, "at_least": draw(st.integers(1, 130))} for score in lines]}]},
        )
    )


@settings(max_examples=80)
@given(policies(), st.tuples(*[GRADES] * 4))
def test_trying_every_vector_of_grades_finds_the_same_sets(engine: Engine, grades: tuple[int | None, ...]) -> None:
    """TI-5: criteria that two scores share, totals, and weights that are made up for."""

    def placed(some: Sequence[int | None]) -> str:
        extra = Extra.of({f"{name}_grade": grade for name, grade in zip(NAMES, some, strict=True)})
        return engine.assess(Lead(id="L-1", extra=extra), at=AT).tier

    found = engine.assess(
        Lead(id="L-1", extra=Extra.of({f"{name}_grade": grade for name, grade in zip(NAMES, grades, strict=True)})), at=AT
    )
    if found.tier == "A":
        assert found.next_tier is None
        return
    ways: dict[tuple[tuple[int, int], ...], int] = {}
    for size in range(1, 5):
        for some in combinations(range(4), size):
            for to in product(*(range((grades[place] or 0) + 1, 4) for place in some)):
                made = dict(zip(some, to, strict=True))
                if placed([made.get(place, grade) for place, grade in enumerate(grades)]) == "A":
                    ways[tuple(made.items())] = sum(new - (grades[place] or 0) for place, new in made.items())
        if ways:
            break
    least = min(ways.values(), default=0)
    expected = {tuple((NAMES[place], to) for place, to in way) for way, steps in ways.items() if steps == least}
    assert found.next_tier is not None
    got = [tuple(sorted((move.id, move.to) for move in moves)) for moves in found.next_tier.changes]
    assert set(got) <= expected
    assert len(set(got)) == len(got) == min(12, len(expected))


@settings(max_examples=60)
@given(ENGINES, leads())
def test_a_question_can_change_the_tier_and_its_outcomes_are_possible(engine: Engine, lead: Lead) -> None:
    """TI-5: no outcome lies outside the bounds, and one differs from what is."""
    found = engine.assess(lead, at=AT)
    question, names = found.question, engine.compiled.tiers.names
    if found.best_tier == found.worst_tier:
        assert question is None
    if question is None:
        return
    reached = [names.index(outcome.tier) for outcome in question.outcomes]
    assert reached == sorted(reached)
    assert any(outcome.tier != found.tier for outcome in question.outcomes)
    assert names.index(found.best_tier) <= min(reached)
    assert max(reached) <= names.index(found.worst_tier)
    answers = [answer for outcome in question.outcomes for answer in outcome.answers]
    assert len(set(answers)) == len(answers)
