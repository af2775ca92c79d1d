"""What may not change an assessment does not, and what is better is never worse."""

import json
import random
from collections.abc import Sequence
from datetime import timedelta, timezone
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inbound_engine.documents import changed
from inbound_engine.engine import Engine, verify
from inbound_engine.facts import Activity, Extra, Lead
from inbound_engine.policy import Policy
from tests.policies import GIVEN, PAIR, graded
from tests.strategies import AT, activities, leads

SHIPPED = Engine(Policy())
PRINTED = {"scoring.matrices[selection].scale": "33.3", "scoring.matrices[urgency].scale": "33.3"}
ENGINES = (Engine(PAIR), Engine(GIVEN), Engine(changed(PAIR, PRINTED)))
RENORMALISED = Engine(changed(PAIR, {f"scoring.matrices[{name}].missing": "renormalise" for name in ("selection", "urgency")}))
SLOW = Engine(changed(PAIR, {"qualification.clauses": [{"id": "never", "when": {"op": "unknown", "fact": "id"}}]}))
GRADES = st.integers(0, 3)


@given(st.sampled_from(ENGINES), st.lists(st.none() | GRADES, min_size=11, max_size=11), st.integers(0, 10), GRADES)
def test_raising_a_grade_never_lowers_a_score_or_a_tier(engine: Engine, grades: list[int | None], place: int, to: int) -> None:
    """SC-4 to SC-6, TI-1: under both scales, with floors and without; an unknown grade counts 0."""
    raised = [max(to, grade or 0) if number == place else grade for number, grade in enumerate(grades)]
    before, after = (engine.assess(graded(some[:6], some[6:]), at=AT) for some in (grades, raised))
    for old, new in zip(before.scores.all, after.scores.all, strict=True):
        assert new.points >= old.points
    assert after.placement.number <= before.placement.number


@settings(max_examples=40)
@given(st.lists(GRADES, min_size=11, max_size=11), st.integers(0, 10), GRADES)
def test_raising_a_known_grade_never_lowers_a_renormalised_score(grades: list[int], place: int, to: int) -> None:
    """FD-6."""
    raised = [max(to, grade) if number == place else grade for number, grade in enumerate(grades)]
    before, after = (RENORMALISED.assess(graded(some[:6], some[6:]), at=AT) for some in (grades, raised))
    assert after.selection.points >= before.selection.points
    assert after.urgency.points >= before.urgency.points


@settings(max_examples=40)
@given(leads())
def test_contributions_add_up_to_the_score(lead: Lead) -> None:
    """FD-3: to the last fraction."""
    for score in SHIPPED.assess(lead, at=AT).scores.all:
        assert sum((line.points for line in score.contributions), Fraction()) == score.points
        assert score.points <= score.high


# What changes nothing.


def shuffled(rows: Sequence[Any], lots: random.Random) -> list[Any]:
    return lots.sample(list(rows), len(rows))


@settings(max_examples=40)
@given(leads(), st.randoms(use_true_random=False))
def test_the_order_of_criteria_activities_and_keys_changes_nothing(lead: Lead, lots: random.Random) -> None:
    """FD-4: nor does the order of the weights, but that reasons follow it."""
    data = Policy().model_dump(mode="json")
    data["scoring"]["criteria"] = shuffled(data["scoring"]["criteria"], lots)
    other = Engine(Policy.model_validate(dict(shuffled(list(data.items()), lots))))
    mixed = attrs.evolve(
        lead,
        activities=None if lead.activities is None else tuple(shuffled(lead.activities, lots)),
        observations=tuple(shuffled(lead.observations, lots)),
        extra=Extra.of(dict(shuffled(list(lead.extra.items()), lots))),
    )
    first, second = SHIPPED.assess(lead, at=AT).to_dict(), other.assess(mixed, at=AT).to_dict()
    assert {**first, "policy": None} == {**second, "policy": None}
    for matrix in data["scoring"]["matrices"]:
        matrix["weights" if "weights" in matrix else "rows"] = shuffled(matrix["weights"], lots) if "weights" in matrix else matrix["rows"]
    third = Engine(Policy.model_validate(data)).assess(mixed, at=AT).to_dict()
    assert by_name(first) == by_name(third)


def by_name(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the policy and the way to the next tier, its contributions by name."""
    scores = {
        name: {**score, "contributions": sorted(score["contributions"], key=lambda line: str(line["id"]))}
        for name, score in record["scores"].items()
    }
    missing = [{**item, "criteria": sorted(item["criteria"])} for item in record["missing"]]
    return {**record, "policy": None, "next_tier": None, "scores": scores, "missing": missing}


@settings(max_examples=40)
@given(
    leads(),
    st.lists(activities(), max_size=4, unique_by=lambda activity: activity.id),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=99)),
)
def test_a_fact_dated_after_the_instant_changes_nothing(lead: Lead, later: list[Activity], wait: timedelta) -> None:
    """FD-2: nor does an activity handed over twice."""
    assume(lead.activities is not None)
    known = lead.activities or ()
    taken = {activity.id for activity in known}
    future = tuple(attrs.evolve(activity, at=AT + wait) for activity in later if activity.id not in taken)
    first = SHIPPED.assess(lead, at=AT)
    second = SHIPPED.assess(attrs.evolve(lead, activities=(*known, *future, *known)), at=AT)
    assert second.scores.sums == first.scores.sums
    assert second.placement == first.placement
    assert second.because == first.because
    assert {**second.to_dict(), "facts": None} == {**first.to_dict(), "facts": None}


@settings(max_examples=40)
@given(leads(), st.integers(-14 * 60, 14 * 60))
def test_the_zone_in_which_an_instant_is_written_changes_nothing(lead: Lead, minutes: int) -> None:
    """FD-2, FD-4."""
    elsewhere = AT.astimezone(timezone(timedelta(minutes=minutes)))
    assert SHIPPED.assess(lead, at=elsewhere).to_dict() == SHIPPED.assess(lead, at=AT).to_dict()


# Records.


@settings(max_examples=40)
@given(leads(), st.booleans())
def test_a_stored_assessment_is_verified(lead: Lead, redact: bool) -> None:
    """FD-4, FD-5: through JSON and back; a redacted one with the lead beside it."""
    found = SHIPPED.assess(lead, at=AT)
    stored = json.loads(json.dumps(found.to_dict(redact=redact), ensure_ascii=False, allow_nan=False))
    assert verify(stored, Policy(), lead=lead if redact else None).differences == ()
    assert verify(stored, Policy(), lead=found.lead).same


@settings(max_examples=40)
@given(leads(), st.sampled_from(("name", "email", "title", "self_reported", "situation")))
def test_what_is_known_of_the_person_shows_nowhere_unasked(lead: Lead, name: str) -> None:
    """Neither in a redacted record nor in words, tables and reprs."""
    marked = "zq" * 12
    value = f"{marked}@{marked}.example" if name == "email" else marked
    extra = Extra.of({**lead.extra, "situation": value})
    found = SHIPPED.assess(attrs.evolve(lead, **({"extra": extra} if name == "situation" else {name: value})), at=AT)
    shown = json.dumps(found.to_dict(redact=True)) + found.explain() + repr(found) + found._repr_html_() + repr(found.because)
    assert marked not in shown


@settings(max_examples=40)
@given(leads())
def test_a_graded_lead_is_told_the_same_by_looking_up(lead: Lead) -> None:
    """FD-4: whichever way an answer is found, it is the same."""
    lots = random.Random(lead.id)  # noqa: S311 - grades of a lead
    grades = graded([lots.choice((0, 1, 2, 3, None)) for _ in range(6)], [lots.choice((0, 1, 2, 3)) for _ in range(5)])
    some = attrs.evolve(lead, extra=grades.extra, observations=())
    one, other = ENGINES[0].assess(some, at=AT), SLOW.assess(some, at=AT)
    assert (one.scores.sums, one.placement) == (other.scores.sums, other.placement)
    assert one.qualification == other.qualification
