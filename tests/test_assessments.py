"""What scoring and tiers say of a lead, and why: in words, as data, for notebooks, and again later."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest

from inbound_engine.assessments import Difference, Missing, compared
from inbound_engine.decisions import HIDDEN, Code
from inbound_engine.documents import changed
from inbound_engine.engine import Engine, verify
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Extra, Lead, Observation
from inbound_engine.money import Money
from inbound_engine.policy import Policy, PolicySet
from tests.policies import ALWAYS, PAIR, graded, points, small

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
ENGINE = Engine(Policy())
SECRETS = ("Ana Alba", "ana@acme.example", "VP Revenue Operations", "heard of us at SaaStr", "moving to Salesforce", "chaos", "late nights")

ACME = Account(
    id="acme",
    name="Acme",
    country="DE",
    industry="fintech",
    employees=240,
    technologies=frozenset({"salesforce", "segment"}),
    growth_stage="series_b",
)

ANA = Lead(
    id="L-1",
    name="Ana Alba",
    email="ana@acme.example",
    title="VP Revenue Operations",
    self_reported="heard of us at SaaStr",
    lead_type="demo_request",
    account=ACME,
    activities=(
        Activity(id="a1", kind="page_view", at=AT - timedelta(days=1), content="pricing"),
        Activity(id="a2", kind="visit", at=AT - timedelta(days=2)),
        Activity(id="a3", kind="visit", at=AT - timedelta(days=3)),
        Activity(id="a4", kind="demo_request", at=AT - timedelta(hours=1)),
    ),
    extra=Extra.of(
        {"critical_event": "mentioned", "requested": "demo", "situation": "moving to Salesforce", "pain": "chaos", "impact": "late nights"}
    ),
)
BARE = Lead(id="L-2", country="DE")


def everything(found: object) -> str:
    """All that plain data says, as text."""
    return json.dumps(found, ensure_ascii=False)


# In words.


def test_an_explanation_reads_from_the_tier_to_the_way_up() -> None:
    """FD-5, TI-1: (25*3 + 20*3 + 20*2 + 15*3 + 10*3 + 10*3) / 3 = 93.33; (25*3 + 25*3 + 20*2 + 15*1 + 15*3) / 3 = 83.33."""
    assert (
        ENGINE.assess(ANA, at=AT).explain().split("\n")
        == [
            "L-1 (Acme) is T1, perfect fit, as of 2026-03-02 09:03 UTC. Route at once to an account executive.",
            "Selection 93.33: Company size bullseye (employees 240) +25, Industry core (industry fintech) +20, "
            "Growth stage ideal (growth stage series_b) +15, Technology stack strong (technologies salesforce and segment) +13.33, "
            "Geography core (country DE) +10, Role decision-maker +10.",
            "Urgency 83.33: Engagement recency under 7 days (latest 2026-03-02) +25, Content depth pricing or demo (activities 2) +25, "
            "Direct request demo, call or trial (activities 1) +15, Critical event mentioned (critical event mentioned) +13.33, "
            "Repeat visits 2 to 3 (count 2) +5.",
            "For information: fit 93.33, engagement 54.",
            "It is an MQL by tier:T1, handed off to sales.",
        ]
        or ENGINE.assess(ANA, at=AT).explain()
    )


def test_an_explanation_tells_facts_of_the_person_only_on_request() -> None:
    """FD-5: the title decided, and is told to those who may see it."""
    found = ENGINE.assess(ANA, at=AT)
    assert not any(secret in found.explain() for secret in SECRETS)
    assert "title VP Revenue Operations" in found.explain(personal=True)
    assert "Ana Alba" not in found.explain(personal=True)


def test_an_explanation_says_what_is_missing_and_how_far_the_next_tier_is() -> None:
    """FD-6, TI-2, TI-5."""
    said = ENGINE.assess(BARE, at=AT).explain()
    assert said.startswith("L-2 is NURTURE, low fit, as of 2026-03-02 09:03 UTC. Passive nurture: no sequence, no clock.\n")
    assert "It is no MQL under the spiced model." in said
    assert "Missing: activities (up to 25 points), employees (up to 25 points), " in said
    assert "T3 is 20 points of selection and 30 points of urgency away: " in said


def test_an_explanation_names_the_floor_that_lifted() -> None:
    """TI-3."""
    said = ENGINE.assess(attrs.evolve(BARE, lead_type="demo_request"), at=AT).explain()
    assert "The scores alone say NURTURE; it was lifted: A hand-raiser about whose fit facts are still missing." in said


@pytest.mark.parametrize(
    ("policy", "lead", "line"),
    [
        pytest.param(small(points("fit", 0)), Lead(id="L-1"), "L-1 is NURTURE, as of 2026-03-02 09:03 UTC.", id="a tier without words"),
        pytest.param(small(points("fit", 0)), Lead(id="L-1"), "Fit 0: nothing counts for it.", id="a score of nothing"),
        pytest.param(small(points("fit", 0)), Lead(id="L-1"), "A is 1 points of fit away.", id="a tier that nothing can reach"),
        pytest.param(small(points("fit", -5)), Lead(id="L-1"), "Fit -5: row yes -5.", id="points that cost"),
        pytest.param(
            PAIR, graded((3, 3, 0, 0, 0, 0), (3, 3, 3, 3, 3)), "It is an MQL by tier:T3, held by marketing.", id="an MQL that is held"
        ),
        pytest.param(
            PAIR, graded((3, 3, None, 2, 0, 0), (3,) * 5), "the tier can still be T2 or T1.", id="two tiers that are still possible"
        ),
        pytest.param(
            PAIR, graded((3, 3, 1, 2, None, None), (0,) * 5), "nothing of it can change NURTURE.", id="missing facts that cannot change it"
        ),
        pytest.param(
            changed(Policy(), {"qualification.model": "dual_axis"}), BARE, "It is no MQL under the dual axis model.", id="the other model"
        ),
        pytest.param(
            PAIR,
            graded((0,) * 6, (0,) * 5),
            "T3 is 30 points of selection and 30 points of urgency away: it would take at least 4 changes.",
            id="many changes are only counted",
        ),
    ],
)
def test_an_explanation_says(policy: Policy, lead: Lead, line: str) -> None:
    assert line in Engine(policy).assess(lead, at=AT).explain()


def test_a_record_of_no_account_names_no_company() -> None:
    """The engine stands in for an account that a record does not have; its name is nobody's."""
    lead = ENGINE.read({"id": "L-3", "employees": 5})
    assert ENGINE.assess(lead, at=AT).explain().startswith("L-3 is NURTURE")


# Why, and why not.


def test_because_names_criteria_tiers_floors_and_clauses_in_that_order() -> None:
    """FD-5."""
    rules = [reason.rule for reason in ENGINE.assess(ANA, at=AT).because]
    heads = [rule.partition("[")[0] for rule in dict.fromkeys(rules)]
    assert list(dict.fromkeys(heads)) == ["scoring.criteria", "tiers.rows", "qualification.mql_tiers"]
    assert rules[0] == "scoring.criteria[company_size]"


def test_why_not_names_the_lines_that_are_not_reached() -> None:
    """TI-5."""
    found = Engine(PAIR).assess(graded((3, 3, 2, 2, 0, 0), (3, 3, 0, 0, 0)), at=AT)
    (short,) = found.why_not("T1")[:1]
    assert [reason.rule for reason in found.why_not("T1")] == ["tiers.rows[T1].thresholds[selection]", "tiers.rows[T1].thresholds[urgency]"]
    assert short.code is Code.SHORT
    assert [(seen.name, seen.value) for seen in short.saw] == [("points", Fraction(205, 3)), ("at_least", Fraction(70))]
    assert found.why_not("T2") == ()
    with pytest.raises(FactError, match=r"tier: saw 'T9', expected one of T1, T2, T3"):
        found.why_not("T9")


def test_missing_facts_come_by_what_they_are_worth() -> None:
    """FD-6: with the criteria that want them, and the most points that they can add to any one score."""
    missing = ENGINE.assess(attrs.evolve(ANA, title=None, account=attrs.evolve(ACME, industry=None)), at=AT).missing
    assert missing == (Missing("industry", ("industry",), Fraction(20)), Missing("title", ("role",), Fraction(10)))
    assert ENGINE.assess(ANA, at=AT).missing == ()


def test_an_amount_in_a_currency_that_no_band_knows_is_missing() -> None:
    """FD-6: it leaves the score open, so that it is named."""
    grader = {"kind": "bands", "fact": "annual_revenue", "rows": [{"grade": 3, "at_least": {"amount": 1000, "currency": "EUR"}}]}
    fit = {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": "size", "weight": 100}]}
    policy = small(fit, criteria=[{"id": "size", "label": "Size", "grader": grader}])
    dollars = Lead(id="L-1", account=Account(id="a", annual_revenue=Money(5_000_000, "USD")))
    found = Engine(policy).assess(dollars, at=AT)
    assert (found.score("fit").low, found.score("fit").high) == (Fraction(0), Fraction(100))
    assert found.missing == (Missing("annual_revenue", ("size",), Fraction(100)),)


def test_the_dual_axis_tells_what_its_own_scores_miss() -> None:
    """TI-4, SC-2."""
    policy = changed(Policy(), {"qualification.model": "dual_axis"})
    found = Engine(policy).assess(BARE, at=AT)
    assert "activities" in {item.fact for item in found.missing}
    assert {reason.rule.partition("[")[0] for reason in found.because} >= {"qualification.dual_axis"}


def test_scores_are_read_by_name() -> None:
    """SC-4, SC-5, SC-1."""
    found = ENGINE.assess(ANA, at=AT)
    assert found.score("selection") == found.selection
    assert [found.selection.name, found.urgency.name, found.fit.name, found.engagement.name] == [
        "selection",
        "urgency",
        "fit",
        "engagement",
    ]
    assert found.clause == "tier:T1"
    with pytest.raises(FactError, match="score: saw 'selektion'"):
        found.score("selektion")
    with pytest.raises(FactError):
        Engine(small(points("other", 1))).assess(BARE, at=AT).selection  # noqa: B018 - asking is the point


# As data.


def test_a_record_is_plain_json() -> None:
    """FD-5: what goes through JSON comes back the same."""
    for lead in (ANA, BARE):
        record = ENGINE.assess(lead, at=AT).to_dict()
        assert json.loads(json.dumps(record, allow_nan=False)) == record
    record = ENGINE.assess(ANA, at=AT).to_dict()
    assert (record["format"], record["kind"], record["lead"], record["at"], record["tier"]) == (
        1,
        "assessment",
        "L-1",
        "2026-03-02T09:03:00Z",
        "T1",
    )
    assert record["policy"] == {"name": "Inbound playbook", "fingerprint": Policy().fingerprint}


def test_a_redacted_record_tells_nothing_of_the_person() -> None:
    """Neither in the facts nor in the reasons."""
    full, redacted = (ENGINE.assess(ANA, at=AT).to_dict(redact=redact) for redact in (False, True))
    assert all(secret in everything(full) for secret in SECRETS)
    assert not any(secret in everything(redacted) for secret in SECRETS)
    assert HIDDEN in everything(redacted)
    assert redacted["redacted"] is True
    assert redacted["tier"] == full["tier"]


def test_a_redacted_record_does_not_tell_through_what_a_rule_asked() -> None:
    """A rule that asks for one address and is met has told the address."""
    when = {"op": "equals", "fact": "email", "value": "ana@acme.example"}
    policy = changed(Policy(), {"qualification.clauses": [{"id": "vip", "when": when}], "scoring.criteria[role].grader.rows[0].when": when})
    assert "ana@acme.example" not in everything(Engine(policy).assess(ANA, at=AT).to_dict(redact=True))
    assert "ana@acme.example" not in Engine(policy).assess(ANA, at=AT).explain()


def test_observations_are_settled_and_kept_as_facts() -> None:
    """SC-8: the record tells what was decided from."""
    lead = attrs.evolve(BARE, observations=(Observation("industry", "saas", "enrichment"), Observation("title", "CEO", "form")))
    found = ENGINE.assess(lead, at=AT)
    assert found.lead.title == "CEO"
    assert verify(found.to_dict(), Policy()).same
    assert "CEO" not in everything(found.to_dict(redact=True))


# For notebooks and terminals.

HOSTILE = "<script>alert(1)</script>"


def test_what_is_shown_escapes_hostile_text_and_hides_the_person() -> None:
    hostile = attrs.evolve(ANA, id=HOSTILE, account=attrs.evolve(ACME, name=HOSTILE))
    policy = changed(Policy(), {"scoring.criteria[industry].label": HOSTILE, "scoring.criteria[industry].grades": [HOSTILE] * 4})
    found = Engine(policy).assess(hostile, at=AT)
    for shown in (found._repr_html_(), found.selection._repr_html_(), found.engagement._repr_html_()):
        assert "<script>" not in shown
        assert shown.startswith("<table>")
    assert "&lt;script&gt;" in found._repr_html_()
    assert "&lt;script&gt;" in found.selection._repr_html_()
    for shown in (
        found._repr_html_(),
        found.selection._repr_html_(),
        repr(found),
        repr(found.scores),
        repr(found.lead),
        repr(found.because),
        repr(found.selection),
    ):
        assert not any(secret in shown for secret in SECRETS)


def test_reprs_are_one_line() -> None:
    found = ENGINE.assess(ANA, at=AT)
    assert repr(found) == "Assessment('L-1': T1, MQL by tier:T1, selection 93.33 urgency 83.33 fit 93.33 engagement 54)"
    assert repr(found.selection) == "Score(selection 93.33)"
    assert repr(ENGINE.assess(BARE, at=AT).selection) == "Score(selection 10, 10 to 100)"
    assert "no MQL" in repr(ENGINE.assess(BARE, at=AT))
    assert all(len(repr(thing).splitlines()) == 1 for thing in (found, found.scores, found.placement, found.lead, ENGINE, Engine(PAIR)))


# Equality, pickles, copies.


def test_what_an_assessment_says_pickles_copies_and_compares() -> None:
    for engine, lead in ((ENGINE, ANA), (ENGINE, BARE), (Engine(PAIR), graded((3, 3, None, 1, 0, 0), (3,) * 5))):
        found = engine.assess(lead, at=AT)
        parts = (found, found.scores, *found.scores.all, found.placement, found.qualification, found.because, found.missing)
        for thing in (*parts, found.next_tier, found.question, verify(found.to_dict(), engine.policy), found.lead):
            again: Any = pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own
            assert again == thing == copy.deepcopy(thing) == copy.copy(thing)
            assert hash(again) == hash(thing)


def test_assessments_are_equal_when_the_same_policy_says_the_same_of_the_same_lead() -> None:
    found = ENGINE.assess(ANA, at=AT)
    assert found == Engine(Policy()).assess(ANA, at=AT)
    assert found == ENGINE.assess(ANA, at=AT.astimezone())
    assert found != ENGINE.assess(ANA, at=AT + timedelta(microseconds=1))
    assert found != ENGINE.assess(attrs.evolve(ANA, name="Bea"), at=AT)
    assert found != Engine(changed(Policy(), {"name": "Ours"})).assess(ANA, at=AT)
    assert found != "T1"
    assert found.scores != "T1"
    assert found.scores == Engine(changed(Policy(), {"name": "Ours"})).assess(ANA, at=AT).scores


def test_an_assessment_cannot_be_changed() -> None:
    found = ENGINE.assess(ANA, at=AT)
    with pytest.raises(AttributeError):
        found.tier = "T3"  # type: ignore[misc]  # frozen: to be refused
    with pytest.raises(AttributeError):
        setattr(found, "note", "x")  # noqa: B010 - as a careless caller would
    with pytest.raises(AttributeError):
        del found.tier


# Again later.


def test_a_stored_assessment_is_verified_by_the_policy_of_its_day() -> None:
    """The fingerprint finds the policy, whatever is in force by then."""
    new = changed(Policy(), {"effective_from": "2026-01-01T00:00:00Z", "tiers.rows[T1].thresholds[selection].at_least": 95})
    policies = PolicySet.of([Policy(), new])
    stored = json.loads(json.dumps(ENGINE.assess(ANA, at=AT).to_dict()))
    assert verify(stored, policies).same
    assert verify(Engine(new).assess(ANA, at=AT).to_dict(), policies).same


def test_verification_says_what_differs() -> None:
    stored = json.loads(json.dumps(ENGINE.assess(ANA, at=AT).to_dict()))
    stored["tier"] = "T2"
    stored["because"] = stored["because"][:-1]
    stored["scores"]["selection"]["contributions"][0]["grade"] = 2
    stored["note"] = "by hand"
    del stored["reason"]
    found = verify(stored, Policy())
    assert not found.same
    assert Difference("tier", "T2", "T1") in found.differences
    assert Difference("scores.selection.contributions[0].grade", 2, 3) in found.differences
    assert Difference("note", "by hand", "(absent)") in found.differences
    assert {item.path for item in found.differences} == {"tier", "reason", "because", "scores.selection.contributions[0].grade", "note"}


def test_without_its_policy_the_one_in_force_is_asked_and_the_fingerprint_differs() -> None:
    new = changed(Policy(), {"tiers.rows[T1].thresholds[selection].at_least": 95})
    stored = ENGINE.assess(ANA, at=AT).to_dict()
    paths = {item.path for item in verify(stored, new).differences}
    assert {"policy.fingerprint", "tier"} <= paths
    without = {key: value for key, value in stored.items() if key != "policy"}
    assert {"policy", "policy.fingerprint"} & {item.path for item in verify(without, Policy()).differences}


def test_a_redacted_record_is_verified_with_the_lead_beside_it() -> None:
    stored = ENGINE.assess(ANA, at=AT).to_dict(redact=True)
    with pytest.raises(FactError, match="the lead of a redacted record"):
        verify(stored, Policy())
    assert verify(stored, Policy(), lead=ANA).same
    assert not verify(stored, Policy(), lead=attrs.evolve(ANA, title="Intern")).same


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"kind": "assessment"}, id="no instant"),
        pytest.param({"kind": "assessment", "at": 7}, id="an instant that is a number"),
        pytest.param({"kind": "assessment", "at": "yesterday"}, id="an instant in words"),
        pytest.param({"kind": "assessment", "at": "2026-03-02T09:00:00"}, id="an instant without an offset"),
        pytest.param({"kind": "assessment", "at": "2026-03-02T09:00:00Z"}, id="no facts"),
        pytest.param({"kind": "assessment", "at": "2026-03-02T09:00:00Z", "facts": []}, id="facts in a list"),
        pytest.param(
            {"kind": "assessment", "at": "2026-03-02T09:00:00Z", "facts": {"id": "L-1", "colour": "red"}}, id="facts of another policy"
        ),
        pytest.param([], id="a list"),
        pytest.param("assessment", id="text"),
    ],
)
def test_what_is_no_record_is_refused(record: object) -> None:
    with pytest.raises(FactError):
        verify(record, Policy())


def test_a_record_that_was_tampered_with_in_any_way_differs() -> None:
    """Also by a float, which no record holds."""
    stored: dict[str, Any] = ENGINE.assess(BARE, at=AT).to_dict()
    found = verify({**stored, "policy": 1.5, "scores": 2.5, "missing": ({"fact": 1.0},)}, Policy())
    assert {item.path for item in found.differences} >= {"policy", "scores"}
    assert compared({"a": [1, 2]}, {"a": [1]}).differences == (Difference("a", [1, 2], [1]),)


def test_a_total_is_explained_by_what_it_adds() -> None:
    """FD-5: tiers that read a total still say what it is made of, and what it wants."""
    big = {"id": "big", "label": "Big", "points": 40, "when": {"op": "at_least", "fact": "employees", "value": 50}}
    demo = {"id": "demo", "label": "Demo", "points": 30, "when": {"op": "equals", "fact": "lead_type", "value": "demo"}}
    total = small(
        {"id": "icp", "score": "icp", "kind": "points", "rows": [big]},
        {"id": "intent", "score": "intent", "kind": "points", "rows": [demo]},
        totals=[{"id": "both", "of": ["icp", "intent"]}, {"id": "all", "of": ["both"]}],
        tiers={"rows": [{"id": "A", "thresholds": [{"score": "all", "at_least": 60}]}], "below": {"id": "B"}},
    )
    found = Engine(total).assess(Lead(id="L-1", account=Account(id="acme", employees=240)), at=AT)
    assert [(item.fact, item.criteria, int(item.worth)) for item in found.missing] == [("lead_type", ("demo",), 30)]
    assert "Icp 40: Big yes (employees 240) +40." in found.explain()
    assert "scoring.matrices[icp].rows[big].when" in [reason.rule for reason in found.because]


def test_a_fact_that_can_only_cost_is_worth_no_points() -> None:
    """FD-6: and where the cap is reached, nothing is worth more."""
    student = {"id": "student", "points": -10, "when": {"op": "equals", "fact": "title", "value": "Student"}}
    always = {"id": "all", "points": 100, "when": ALWAYS}
    more = {"id": "more", "points": 50, "when": {"op": "equals", "fact": "industry", "value": "saas"}}
    cost = Engine(small({"id": "fit", "score": "fit", "kind": "points", "rows": [always, student]})).assess(Lead(id="L-1"), at=AT)
    assert [(item.fact, int(item.worth)) for item in cost.missing] == [("title", 0)]
    assert "Missing: title (no more points)" in cost.explain()
    capped = Engine(small({"id": "fit", "score": "fit", "kind": "points", "cap": 100, "rows": [always, student, more]}))
    assert [(item.fact, int(item.worth)) for item in capped.assess(Lead(id="L-1"), at=AT).missing] == [("industry", 0), ("title", 0)]


def test_what_is_hardly_short_is_not_called_nothing() -> None:
    """FD-3: 69.9967 has not reached 70."""
    weights = [{"criterion": "one", "weight": "69.9967"}, {"criterion": "two", "weight": "30.0033"}]
    criteria = [{"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}} for name in ("one", "two")]
    policy = small(
        {"id": "fit", "score": "fit", "kind": "graded", "weights": weights},
        criteria=criteria,
        facts={"declared": [{"id": f"{name}_grade", "kind": "integer"} for name in ("one", "two")]},
        tiers={"rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": 70}]}]},
    )
    found = Engine(policy).assess(Lead(id="L-1", extra={"one_grade": 3, "two_grade": 0}), at=AT)
    assert "A is less than 0.01 points of fit away" in found.explain()
