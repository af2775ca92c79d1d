"""Real leads, with dirty categories and gaps, through a policy document of their own (SC-7, FD-6).

What is expected stands beside the file, computed with other tools; what is unknown was counted there too.
"""

import csv
import json
import tomllib
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from inbound_engine.assessments import Assessment
from inbound_engine.engine import Engine, check
from inbound_engine.intake import Batch
from inbound_engine.linting import lint
from inbound_engine.policy import Policy
from tests.places import DATA, ROOT, needs_data

pytestmark = needs_data

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE = DATA / "xeducation_leads"
CASE = ROOT / "tests" / "cases" / "xeducation.toml"

COLUMNS = {
    "Lead Number": "id",
    "Lead Origin": "origin",
    "Lead Source": "source",
    "What is your current occupation": "occupation",
    "Total Time Spent on Website": "time_on_site",
    "TotalVisits": "visits",
    "Last Activity": "last_activity",
    "Do Not Email": "do_not_email",
    "Specialization": "specialization",
    "How did you hear about X Education": "heard_of_us",
    "Lead Profile": "profile",
    "City": "city",
}

EMPTY = {
    "origin": 0,
    "source": 36,
    "occupation": 2690,
    "time_on_site": 0,
    "visits": 137,
    "last_activity": 103,
    "do_not_email": 0,
    "specialization": 1438,
    "heard_of_us": 2207,
    "profile": 2709,
    "city": 1420,
}
"""Cells with nothing in them."""

UNCHOSEN = {"specialization": 1942, "heard_of_us": 5043, "profile": 4146, "city": 2249}
"""Cells that say "Select"."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Policy.model_validate(tomllib.loads(CASE.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def records() -> list[dict[str, str | Any]]:
    with (HERE / "Leads.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def batch(engine: Engine, records: list[dict[str, str | Any]]) -> Batch:
    return engine.read_each(records, columns=COLUMNS)


@pytest.fixture(scope="module")
def assessed(engine: Engine, batch: Batch) -> list[Assessment]:
    return list(engine.assess_each(batch.leads, at=AT))


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    return found


def test_no_lead_is_lost(batch: Batch, records: list[dict[str, str | Any]]) -> None:
    assert (len(records), len(batch.leads), batch.refused) == (9240, 9240, ())
    assert [lead.id for lead in batch.leads] == [record["Lead Number"] for record in records]


def test_tiers_are_as_expected(assessed: list[Assessment], expected: dict[str, Any]) -> None:
    """TI-1: on 40, 20 and 5 points of the declared total."""
    tiers = Counter(found.tier for found in assessed)
    assert tiers == {"A": 1278, "B": 2733, "C": 3451, "D": 1778}
    assert tiers == {tier: result["n"] for tier, result in expected["rule_matrix"]["tiers"]["result"].items()}


def test_scores_are_as_expected_to_the_point(assessed: list[Assessment], expected: dict[str, Any]) -> None:
    """SC-7: signed points, a total of two scores."""
    rules = expected["rule_matrix"]
    histogram = Counter(str(found.scores.points("score")) for found in assessed)
    assert histogram == rules["score_histogram"]
    sums = {name: sum(found.scores.points(name) for found in assessed) for name in ("fit", "urgency", "score")}
    assert sums == {"fit": 43915, "urgency": 117020, "score": 160935}
    assert sums == {name: rules[f"sum_{name}"] for name in sums}


def test_the_first_ten_are_as_expected(assessed: list[Assessment], expected: dict[str, Any]) -> None:
    first = [
        {
            "lead_number": int(found.lead.id),
            "fit": found.scores.points("fit"),
            "urgency": found.scores.points("urgency"),
            "tier": found.tier,
        }
        for found in assessed[:10]
    ]
    assert first == expected["rule_matrix"]["first_10"]


def test_tiers_tell_who_converts(assessed: list[Assessment], records: list[dict[str, str | Any]], expected: dict[str, Any]) -> None:
    won = Counter(found.tier for found, record in zip(assessed, records, strict=True) if record["Converted"] == "1")
    assert won == {"A": 1173, "B": 1539, "C": 755, "D": 94}
    assert won == {tier: result["k"] for tier, result in expected["rule_matrix"]["tiers"]["result"].items()}


def test_every_unknown_value_is_accounted_for(engine: Engine, batch: Batch, expected: dict[str, Any]) -> None:
    """FD-6, SC-7: an empty cell and an answer left unchosen are unknown; nothing else is."""
    words = engine.compiled.words
    unknown: Counter[str] = Counter()
    unchosen: Counter[str] = Counter()
    for lead in batch.leads:
        for name in EMPTY:
            value = lead.source if name == "source" else lead.extra.get(name)
            unknown[name] += value is None
            unchosen[name] += value in words.unknown_values(name)
    assert unknown == EMPTY
    assert unchosen == dict.fromkeys(EMPTY, 0) | UNCHOSEN
    assert {column: UNCHOSEN[fact] for column, fact in COLUMNS.items() if fact in UNCHOSEN} == expected["select_counts"]


def test_what_is_unknown_earns_nothing_and_is_named(assessed: list[Assessment]) -> None:
    """FD-6: 137 leads without a count of visits, and each says that 5 points hang on it."""
    missing = {found.lead.id: found.score("score").missing for found in assessed}
    assert Counter(fact for facts in missing.values() for fact in facts) == {
        "occupation": 2690,
        "visits": 137,
        "last_activity": 103,
        "source": 36,
    }
    for found in assessed:
        if "visits" in missing[found.lead.id]:
            visits = next(line for line in found.score("urgency").contributions if line.id == "came_back")
            assert [visits.grade_label, visits.points, visits.low, visits.high] == ["unknown", 0, 0, 5]


def test_an_answer_left_unchosen_is_unknown_to_every_rule(engine: Engine) -> None:
    """SC-7: here no rule asks for it, so a policy that does is asked."""
    rows = [{"id": "some", "points": 1, "when": {"op": "known", "fact": "city"}}]
    data = engine.policy.model_dump(mode="json")
    data["scoring"]["matrices"][0]["rows"] += rows
    asking = Engine(Policy.model_validate(data))
    for city, worth in (("Mumbai", 1), ("Select", 0), ("", 0)):
        lead = asking.read({"id": "1", "city": city})
        assert asking.assess(lead, at=AT).scores.points("fit") == worth


def test_contributions_add_up_on_every_real_lead(assessed: list[Assessment]) -> None:
    """FD-5."""
    for found in assessed[::20]:
        for name in ("fit", "urgency", "score"):
            score = found.score(name)
            assert sum(line.points for line in score.contributions) == score.points
            assert score.low <= score.points <= score.high


def test_a_column_of_country_names_is_refused_row_by_row_and_loses_no_other(engine: Engine, records: list[dict[str, str | Any]]) -> None:
    """Nothing is guessed: 2,461 cells are empty, and the 6,779 that hold names are refused by name."""
    batch = engine.read_each(records, columns={"Lead Number": "id", "Country": "country"})
    assert (len(batch.leads), len(batch.refused)) == (2461, 6779)
    assert (batch.refused[0].number, batch.refused[0].id, batch.refused[0].problem.path) == (1, "660728", "country")
    assert Counter(refused.problem.saw for refused in batch.refused).most_common(2) == [("'India'", 6492), ("'United States'", 69)]


def test_the_policy_document_is_sound_and_its_examples_run(engine: Engine) -> None:
    assert lint(engine.policy) == ()
    assert [result.differences for result in check(engine.policy)] == [()]
