"""Is the whole document sound: every problem at once, one fingerprint, policies in time, and what differs."""

import copy
import json
import pickle
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from inbound_engine import policy as room
from inbound_engine.documents import changed, json_schema
from inbound_engine.engine import Engine, check
from inbound_engine.errors import PolicyError, Problem
from inbound_engine.facts import Lead
from inbound_engine.linting import lint
from inbound_engine.policy import Policy, PolicySet, diff, strangers
from tests.policies import GIVEN, PAIR, graded, points, small

SHIPPED: dict[str, Any] = Policy().model_dump(mode="json")
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def problems(data: object) -> list[str]:
    """What is wrong with the data, one sentence a problem."""
    with pytest.raises(PolicyError) as raised:
        Policy.model_validate(data)
    return [str(problem) for problem in raised.value.problems]


def with_changes(changes: dict[str, object]) -> list[str]:
    """What is wrong with the shipped policy once these values are changed."""
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), changes)
    return [str(problem) for problem in raised.value.problems]


def of_matrix(name: str) -> dict[str, Any]:
    return next(matrix for matrix in SHIPPED["scoring"]["matrices"] if matrix["id"] == name)


# The playbook.


def test_the_shipped_weights_are_those_of_the_documents() -> None:
    """SC-4, SC-5, SC-1."""
    weights = {
        matrix["id"]: [row["weight"] for row in matrix["weights"]] for matrix in SHIPPED["scoring"]["matrices"] if "weights" in matrix
    }
    assert weights == {"selection": [25, 20, 20, 15, 10, 10], "urgency": [25, 25, 20, 15, 15], "fit": [20, 20, 20, 20, 20]}


def test_the_shipped_tiers_are_those_of_the_documents() -> None:
    """TI-1, TI-3, TI-4, SC-2."""
    lines = {tier.id: {row.score: int(row.at_least) for row in tier.thresholds} for tier in Policy().tiers.rows}
    assert lines == {
        "T1": {"selection": 70, "urgency": 60},
        "T2": {"selection": 50, "urgency": 40},
        "T3": {"selection": 30, "urgency": 30},
    }
    assert [floor.enabled for floor in Policy().tiers.floors] == [True, False]
    document = Policy().qualification
    assert (document.model, document.mql_tiers, document.held_tiers) == ("spiced", ("T1", "T2", "T3"), ("T3",))
    assert {row.score: int(row.at_least) for row in document.dual_axis} == {"fit": 40, "engagement": 30}


def test_a_policy_of_nothing_is_the_playbook() -> None:
    assert Policy() == Policy.model_validate({}) == Policy.model_validate_json("{}") == Policy.model_validate(Policy())
    assert Policy().model_copy(update={"name": "Ours"}).name == "Ours"


# Every problem at once.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": 11},
            "scoring.matrices[selection].weights: saw weights that add up to 101, expected 100. They are 1 over.",
            id="weights that add up to more name the difference",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": "9.5"},
            "scoring.matrices[selection].weights: saw weights that add up to 99.5, expected 100. They are 0.5 short.",
            id="weights that add up to less do too",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": -10},
            "scoring.matrices[selection].weights[role].weight: saw -10, expected zero or more.",
            id="a weight below zero",
        ),
        pytest.param(
            {"scoring.matrices[selection].scale": 33.3},
            'scoring.matrices[selection].scale: saw 33.3, expected a whole number or exact text such as "33.3" or "100/3". '
            'Write it as text: "33.3".',
            id="a float is not exact",
        ),
        pytest.param(
            {"scoring.matrices[selection].scale": 0},
            "scoring.matrices[selection].scale: saw 0, expected more than 0.",
            id="a scale of nothing",
        ),
        pytest.param(
            {"tiers.rows[T1].thresholds[urgency].score": "urgencey"},
            "tiers.rows[T1].thresholds[urgencey].score: saw 'urgencey', expected one of engagement, fit, selection, urgency. "
            'Did you mean "urgency"?',
            id="a score that no matrix gives",
        ),
        pytest.param(
            {"tiers.floors[high_intent].tier": "T4"},
            "tiers.floors[high_intent].tier: saw 'T4', expected one of NURTURE, T1, T2, T3. Add it to tiers.rows.",
            id="a floor to a tier that is not there",
        ),
        pytest.param(
            {"scoring.criteria[company_size].grader.fact": "employes"},
            "scoring.criteria[company_size].grader.fact: saw no fact called 'employes'",
            id="a fact that nobody declared",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].criterion": "rol"},
            "scoring.matrices[selection].weights[rol].criterion: saw 'rol'",
            id="a criterion that is not there",
        ),
        pytest.param(
            {"tiers.floors[high_intent].when.activities.touchpoints": ["prices"]},
            "tiers.floors[high_intent].when.activities.touchpoints[0]: saw 'prices'",
            id="a touchpoint that the catalogue does not list",
        ),
        pytest.param(
            {"scoring.criteria[repeat_visits].grader.activities.kinds": ["vists"]},
            "scoring.criteria[repeat_visits].grader.activities.kinds[0]: saw 'vists'",
            id="a kind of activity that nobody declared",
        ),
        pytest.param(
            {"qualification.held_tiers": ["NURTURE"]},
            "qualification.held_tiers[0]: saw 'NURTURE', expected one of T1, T2, T3. Only MQL tiers can be held.",
            id="a held tier that makes no MQL",
        ),
        pytest.param(
            {"scoring.criteria[geography].grader.rows[0].values": ["D"]},
            "scoring.criteria[geography].grader.rows[0].values[0]: saw 'D' for country",
            id="a country that is none",
        ),
        pytest.param(
            {"tiers.below.reasons[low_fit].when.value": "thirty"},
            "tiers.below.reasons[low_fit].when.value: saw 'thirty' for selection, a fact of kind decimal",
            id="a country compared with a number, so to speak",
        ),
        pytest.param({"format": 2}, "format: saw 2, expected at most 1.", id="a format of the future"),
    ],
)
def test_a_problem_says_where_what_and_what_would_do(changes: dict[str, object], said: str) -> None:
    """And the next step, where there is one."""
    found = with_changes(changes)
    assert any(line.startswith(said) for line in found), found


def test_every_problem_is_told_at_once_in_the_order_of_the_document() -> None:
    """Misspelt keys, names across documents, and sums that hide behind a misspelt name."""
    data = json.loads(json.dumps(SHIPPED))
    data["naem"] = "Ours"
    data["facts"]["declared"].append({"id": "budget", "kind": "number"})
    data["scoring"]["matrices"][0]["weights"][0] = {"criterion": "company", "weight": 26}
    data["tiers"]["rows"][0]["thresholds"][0]["at_leest"] = 70
    data["qualification"]["mql_tiers"] = ["T1", "T0"]
    paths = [line.partition(": saw")[0] for line in problems(data)]
    assert paths == [
        "facts.declared[budget].kind",
        "scoring.matrices[selection].weights[company].criterion",
        "scoring.matrices[selection].weights",
        "tiers.rows[T1].thresholds[selection].at_leest",
        "qualification.mql_tiers[1]",
        "qualification.held_tiers[0]",
        "naem",
    ]


def test_a_fact_whose_declaration_is_refused_is_not_refused_again_where_it_is_named() -> None:
    """One mistake is one problem."""
    found = with_changes({"facts.declared[critical_event].kind": "words"})
    assert [line.partition(":")[0] for line in found] == ["facts.declared[critical_event].kind"]


def test_a_score_cannot_have_the_name_of_a_fact() -> None:
    found = with_changes({"facts.declared[critical_event].id": "urgency"})
    assert "facts.declared[urgency].id: saw the name of a score, 'urgency', expected a name of its own. Rename it." in found


def test_what_lies_below_every_tier_may_make_an_mql() -> None:
    """TI-4: what lies below is a tier to name, whatever it is called."""
    renamed = {"tiers.below.id": "LATER", "qualification.mql_tiers": ["T1", "T2", "T3", "LATER"], "examples": []}
    policy = changed(Policy(), {**renamed, "sla.tables": [], "sla.limits": [], "case.clocks": []})
    assert Engine(policy).assess(Lead(id="L-1"), at=APRIL).mql
    named = Policy.model_validate({"tiers": {"rows": SHIPPED["tiers"]["rows"]}})
    assert named.tiers.below.id == "NURTURE"


# How it is written down.

TOML = """
name = "Ours"
effective_from = 2026-04-01T00:00:00Z

[[scoring.matrices]]
id = "fit"
score = "fit"
kind = "points"
rows = [{ id = "german", points = 10, when = { op = "equals", fact = "country", value = "DE" } }]

[[tiers.rows]]
id = "A"
thresholds = [{ score = "fit", at_least = 10 }]

[qualification]
mql_tiers = ["A"]
"""


def test_json_and_toml_say_the_same_policy() -> None:
    data = tomllib.loads(TOML)
    policy = Policy.model_validate(data)
    data["effective_from"] = "2026-04-01T02:00:00+02:00"
    text = json.dumps(data)
    assert policy == Policy.model_validate(json.loads(text)) == Policy.model_validate_json(text)
    assert policy.effective_from == APRIL
    assert policy.fingerprint == Policy.model_validate_json(text).fingerprint


def test_the_fingerprint_is_the_same_in_every_version() -> None:
    """A stored assessment names its policy by it, so it may not change from release to release without notice."""
    assert PAIR.fingerprint != GIVEN.fingerprint
    assert small(points("fit", 1)).fingerprint == small(points("fit", 1)).fingerprint
    assert len(Policy().fingerprint) == 64


def test_the_schema_takes_the_playbook_and_refuses_what_is_misspelt() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema(Policy)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(SHIPPED)
    assert validator.is_valid(json.loads(json.dumps({"name": "Ours"})))
    assert not validator.is_valid({"naem": "Ours"})
    assert not validator.is_valid({"scoring": {"matrices": [{**of_matrix("selection"), "scale": 33.3}]}})


def test_policies_pickle_copy_and_compare() -> None:
    for thing in (Policy(), PolicySet([Policy()]), room.compile(Policy()), Engine(Policy())):
        again = pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own
        assert copy.deepcopy(thing) is not None
        assert repr(again) is not None
        if not isinstance(thing, room.Compiled):
            assert again == thing == copy.deepcopy(thing)
            assert hash(again) == hash(thing)
    compiled = room.compile(Policy())
    assert copy.deepcopy(compiled) is compiled
    assert pickle.loads(pickle.dumps(compiled)).fingerprint == compiled.fingerprint  # noqa: S301 - our own


def test_a_policy_shows_itself_and_escapes_what_it_shows() -> None:
    """Hostile text stays text."""
    policy = changed(
        small(points("fit", 1), totals=[{"id": "all", "of": ["fit"]}]),
        {"name": "<script>alert(1)</script>", "tiers.rows[A].label": "<b>"},
    )
    shown = policy._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown
    assert "<td>fit</td><td>points matrix fit</td><td>1 rows</td>" in shown
    assert "<td>all</td><td>total</td><td>fit</td>" in shown
    assert "company_size 25, industry 20" in Policy()._repr_html_()
    assert "selection at least 70 and urgency at least 60" in Policy()._repr_html_()
    assert repr(Policy()) == str(Policy()) == f"Policy('Inbound playbook', {Policy().fingerprint[:12]})"
    assert repr(Policy(effective_from=APRIL)).endswith(", effective_from=2026-04-01T00:00:00+00:00)")


# Policies in time.


def since(start: str | None) -> Policy:
    return Policy.model_validate({"name": start or "always", "effective_from": start})


@pytest.mark.parametrize(
    ("at", "name"),
    [
        pytest.param("2025-12-31T23:59:59.999999+00:00", "always", id="before the first start, what is in force from the beginning"),
        pytest.param("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00Z", id="at its start a policy is in force"),
        pytest.param("2026-03-31T23:59:59.999999+00:00", "2026-01-01T00:00:00Z", id="until the next"),
        pytest.param("2026-04-01T01:00:00+02:00", "2026-01-01T00:00:00Z", id="instants are compared, not clocks"),
        pytest.param("2026-04-01T02:00:00+02:00", "2026-04-01T00:00:00Z", id="whatever the zone"),
        pytest.param("2099-01-01T00:00:00+00:00", "2026-04-01T00:00:00Z", id="and the last for ever"),
    ],
)
def test_the_policy_of_an_instant_is_the_last_that_has_started(at: str, name: str) -> None:
    """A replay uses the policy of its day."""
    policies = [since("2026-04-01T00:00:00Z"), since(None), since("2026-01-01T00:00:00Z")]
    assert PolicySet.of(policies).at(datetime.fromisoformat(at)).name == name
    assert PolicySet(tuple(policies)) == PolicySet.of(reversed(policies))


def test_a_set_of_policies_is_refused_where_an_instant_would_have_none_or_two() -> None:
    with pytest.raises(PolicyError, match="saw no policy, expected at least one"):
        PolicySet.of([])
    with pytest.raises(PolicyError, match="saw two policies from 2026-04-01T00:00:00"):
        PolicySet.of([since("2026-04-01T00:00:00Z"), since("2026-04-01T02:00:00+02:00")])
    with pytest.raises(PolicyError, match="saw two policies from the beginning"):
        PolicySet.of([Policy(), Policy(name="Ours")])
    with pytest.raises(PolicyError, match=r"saw nothing in force at 2026-01-01T00:00:00.*an instant from 2026-04-01T00:00:00"):
        PolicySet.of([since("2026-04-01T00:00:00Z")]).at(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_policy_is_found_by_its_fingerprint() -> None:
    policies = PolicySet.of([Policy(), since("2026-04-01T00:00:00Z")])
    assert policies.of_fingerprint(Policy().fingerprint) == Policy()
    assert policies.of_fingerprint("0") is None


# What differs.


def test_differences_are_told_row_by_row() -> None:
    new = changed(Policy(), {"scoring.matrices[selection].scale": "33.3", "tiers.floors[high_intent].enabled": True})
    assert [(change.path, change.kind, change.before, change.after) for change in diff(Policy(), new)] == [
        ("scoring.matrices[selection].scale", "changed", "100/3", "33.3"),
        ("tiers.floors[high_intent].enabled", "changed", False, True),
    ]
    assert diff(new, new) == ()


def test_the_printed_scale_flips_a_lead_that_lies_on_the_line() -> None:
    """SC-6: a weighted average of 2.1 is 70 exactly, T1, and 69.93 as printed, T2."""
    lead = graded((3, 3, 2, 1, 1, 1), (3, 3, 3, 3, 3))
    exact = Engine(PAIR).assess(lead, at=APRIL)
    printed = Engine(changed(PAIR, {"scoring.matrices[selection].scale": "33.3"})).assess(lead, at=APRIL)
    assert (str(exact.selection), exact.tier) == ("70", "T1")
    assert (str(printed.selection), printed.tier) == ("69.93", "T2")


# Examples.

BARE: dict[str, Any] = {"id": "bare", "lead": {"id": "L-1"}, "at": "2026-03-02T09:00:00Z"}


def test_a_policy_runs_its_own_examples() -> None:
    expect = {
        "tier": "NURTURE",
        "reason": "low_fit",
        "mql": False,
        "handed_off": False,
        "scores": [{"score": "selection", "points": 0}, {"score": "engagement", "points": "0"}],
    }
    (result,) = check(Policy.model_validate({"examples": [{**BARE, "expect": expect}]}))
    assert (result.id, result.passed, result.differences) == ("bare", True, ())


def test_an_example_that_is_not_met_says_what_differs() -> None:
    expect = {"tier": "T1", "mql": True, "clause": "tier:T1", "scores": [{"score": "fit", "points": "33.3"}]}
    unread = {**BARE, "id": "unread", "lead": {"id": "L-1", "country": "Germany"}}
    met, unreadable = check(Policy.model_validate({"examples": [{**BARE, "expect": expect}, {**unread, "expect": {}}]}))
    assert [(item.path, item.stored, item.now) for item in met.differences] == [
        ("tier", "T1", "NURTURE"),
        ("mql", True, False),
        ("clause", "tier:T1", None),
        ("scores[fit]", "333/10", "0"),
    ]
    assert not unreadable.passed
    assert unreadable.differences[0].path == "lead"
    assert "country" in str(unreadable.differences[0].now)


def test_an_example_names_scores_and_tiers_that_are_there() -> None:
    found = problems({"examples": [{**BARE, "expect": {"tier": "T9", "scores": [{"score": "fti", "points": 1}]}}]})
    assert [line.partition(":")[0] for line in found] == ["examples[bare].expect.tier", "examples[bare].expect.scores[fti].score"]


def test_problems_of_unknown_places_come_last() -> None:
    assert (
        room._section_of(Problem("tiers.rows", "", "")) < room._section_of(Problem("naem", "", "")) == room._section_of(Problem("", "", ""))
    )


# Names across sections.


@pytest.mark.parametrize(
    ("changes", "path", "hint"),
    [
        ({"handoff.stage": "MQLL"}, "handoff.stage", 'Did you mean "MQL"?'),
        ({"handoff.accepted": "acepted"}, "handoff.accepted", 'Did you mean "accepted"?'),
        ({"recycling.disqualified": "DISQUALIFED"}, "recycling.disqualified", 'Did you mean "DISQUALIFIED"?'),
        ({"recycling.holds[nurture].stages": ["RECYCELD"]}, "recycling.holds[nurture].stages[0]", 'Did you mean "RECYCLED"?'),
    ],
)
def test_what_hand_off_and_recycling_name_is_in_the_lifecycle(changes: dict[str, object], path: str, hint: str) -> None:
    """LC-7, SL-10: with a misspelt name nothing would ever be counted."""
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), changes)
    [problem] = refused.value.problems
    assert (problem.path, problem.hint) == (path, hint)


def test_a_lifecycle_of_ones_own_is_told_what_the_playbook_s_sections_miss() -> None:
    """What was not brought is not refused; lint tells it."""
    machine = {
        "id": "own",
        "about": "lead",
        "start": "IN",
        "stages": [{"id": "IN", "crm": True}, {"id": "OUT", "terminal": True}],
        "events": [{"id": "left", "requires": [{"name": "why"}, {"name": "rule", "values": ["no_budget"]}]}],
        "moves": [{"id": "leave", "stages": ["IN"], "event": "left", "to": "OUT"}],
    }
    policy = Policy.model_validate({"lifecycle": {"machines": [machine]}})
    told = {problem.path for problem in strangers(policy)}
    assert {"handoff.stage", "handoff.accepted", "recycling.holds[nurture].stages[0]", "recycling.disqualified"} <= told
    assert {finding.path for finding in lint(policy) if finding.code == "lifecycle-stranger"} == told
    assert Engine(policy).start("L-1", at=APRIL, machine="own").stage == "IN"
