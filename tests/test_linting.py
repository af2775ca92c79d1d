"""What is legal and probably not meant: tiers that no lead can reach, rows that never speak, names nobody uses."""

from collections.abc import Sequence
from typing import Any

import pytest

from inbound_engine.documents import changed
from inbound_engine.facts import Rep, Roster
from inbound_engine.linting import lint
from inbound_engine.policy import Policy
from tests.policies import ALWAYS, points, small

SHIPPED: dict[str, Any] = Policy().model_dump(mode="json")


def found(policy: Policy) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in lint(policy)]


def criterion(grader: dict[str, Any], name: str = "only") -> dict[str, Any]:
    return {"id": name, "label": name, "grader": grader}


def of_criterion(grader: dict[str, Any], declared: Sequence[dict[str, Any]] = ()) -> Policy:
    """A policy of one criterion that weighs everything."""
    matrix = {"id": "fit", "score": "fit", "kind": "graded", "weights": [{"criterion": "only", "weight": 100}]}
    return small(matrix, criteria=[criterion(grader)], facts={"declared": [*declared]})


def of_floors(*floors: dict[str, Any]) -> Policy:
    rows = [{"id": tier, "thresholds": [{"score": "fit", "at_least": line}]} for tier, line in (("A", 10), ("B", 5))]
    named = [{"id": f"floor{number}", **floor} for number, floor in enumerate(floors)]
    matrix = {"id": "fit", "score": "fit", "kind": "points", "rows": [{"id": "vip", "points": 10, "when": is_("title", "VP")}]}
    return small(matrix, tiers={"rows": rows, "floors": named})


def is_(fact: str, value: object) -> dict[str, Any]:
    return {"op": "equals", "fact": fact, "value": value}


VP = {"id": "fit", "score": "fit", "kind": "points", "rows": [{"id": "vip", "points": 10, "when": is_("title", "VP")}]}
LOOKUP = {"kind": "lookup", "fact": "industry", "rows": [{"grade": 3, "values": ["saas"]}]}
GIVEN_GRADE = {"kind": "given", "fact": "judged"}
GRADER = "scoring.criteria[only].grader"
UNPROMISED = ("promise-missing", "sla.tables[first_response].rows")
"""What is held is no case of the shipped promises to those who are handed off."""


def calendar(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    week = {"days": ["monday"], "opens": "09:00", "closes": "17:00"}
    return {"id": "own", "weekly": [week], **fields}


def promise(name: str, when: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    return {"id": name, "when": when, "target_minutes": 5, **fields}


def of_promises(*rows: dict[str, Any], table: str = "first_response") -> Policy:
    """The shipped policy with promises of its own."""
    tables = [{"id": table, "stopped_by": ["outreach"], "rows": [*rows]}]
    return changed(Policy(), {"sla.tables": tables, "sla.limits": [], "case.clocks": []})


@pytest.mark.parametrize(
    ("calendars", "expected"),
    [
        pytest.param([calendar()], [("calendar-unused", "hours.calendars[own]")], id="nobody uses it"),
        pytest.param([calendar(source="the reps of Oslo")], [], id="reps do"),
        pytest.param(
            [calendar(source="x", weekly=[{"days": ["monday"], "opens": "00:00", "closes": "23:59"}])],
            [("minute-short", "hours.calendars[own].weekly[0]")],
            id="TM-13: a day that ends a minute early",
        ),
        pytest.param(
            [calendar(source="x", overrides=[{"date": "2026-12-24", "hours": [{"opens": "00:00", "closes": "23:59"}]}])],
            [("minute-short", "hours.calendars[own].overrides[0]")],
            id="and so does one that differs",
        ),
    ],
)
def test_lint_finds_calendars_that_nobody_uses_or_that_are_a_minute_short(
    calendars: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert found(changed(Policy(), {"hours.calendars": [*SHIPPED["hours"]["calendars"], *calendars]})) == expected


def test_lint_finds_hours_of_a_territory_that_no_lead_lies_in() -> None:
    """CL-2: where the routing declares no territories, hours may."""
    own = {"hours.territories": [{"id": name, "calendar": "business_hours"} for name in ("dahc", "mars")]}
    routed = {"routing.territories": [{"id": "dach", "when": {"op": "equals", "fact": "country", "value": "DE"}}]}
    assert found(changed(Policy(), own)) == []
    told = lint(changed(Policy(), {**own, **routed}))
    assert [(each.code, each.path, each.hint) for each in told] == [
        ("territory-unknown", "hours.territories[dahc]", 'Did you mean "dach"?'),
        ("territory-unknown", "hours.territories[mars]", "Add it to routing.territories, or remove it."),
    ]


def test_lint_reads_a_roster_beside_the_policy() -> None:
    """RT-1, RT-4: what is odd about the two together; the policy's own lists are read without one."""
    routed = {"routing.territories": [{"id": name, "when": {"op": "equals", "fact": "country", "value": "DE"}} for name in ("a", "b")]}
    twin = [("row-twin", "routing.territories[b]"), ("territory-overlap", "routing.territories[b]")]
    assert found(changed(Policy(), routed)) == twin
    assert [each.code for each in lint(Policy(), Roster(reps=(Rep(id="maya", role="AE"),)))] == [
        "pool-empty",
        "pool-empty",
        "overflow-missing",
    ]


FIRST = "sla.tables[first_response].rows"
TO_NOBODY = [{"id": "a", "after_minutes": 5, "action": "reroute"}, {"id": "b", "after_minutes": 6, "action": "flag"}]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([promise("all", ALWAYS)], [], id="everybody"),
        pytest.param(
            [promise("T1", is_("tier", "T1"))],
            [("promise-missing", FIRST), ("promise-missing", FIRST)],
            id="T2 and T3 are promised nothing",
        ),
        pytest.param([promise("mine", is_("handed_off", True)), promise("ours", is_("handed_off", False))], [], id="by who has it"),
        pytest.param(
            [promise("all", ALWAYS), promise("T1", is_("tier", "T1"))],
            [("row-always", f"{FIRST}[all]"), ("row-covered", f"{FIRST}[T1]")],
            id="a row that never speaks",
        ),
        pytest.param(
            [promise("all", ALWAYS, ladder=TO_NOBODY)],
            [("ladder-to-nobody", f"{FIRST}[all].ladder[a]")],
            id="a re-route to nobody",
        ),
    ],
)
def test_lint_finds_promises_that_nobody_is_made_or_nobody_keeps(rows: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    """SL-3, SL-5."""
    assert found(of_promises(*rows)) == expected


SEQUENCES = "cadence.sequences"
CALL = {"channel": "call", "intent": "An answer to what the lead asked for"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"cadence.sequences[T2].steps[call-0].within_minutes": 240},
            [("cadence-after-sla", f"{SEQUENCES}[T2].steps[call-0].within_minutes")],
            id="CD-2: the four hours of the document would breach 30 minutes by design",
        ),
        pytest.param({"cadence.sequences[T2].steps[call-0].within_minutes": 30}, [], id="just in time"),
        pytest.param(
            {"cadence.sequences[T2].steps[call-0].day": 1},
            [("cadence-after-sla", f"{SEQUENCES}[T2].steps[call-0]")],
            id="on the next day",
        ),
        pytest.param(
            {"cadence.sequences[T1].when": ALWAYS},
            [("row-always", f"{SEQUENCES}[T1]"), ("row-covered", f"{SEQUENCES}[T2]"), ("row-covered", f"{SEQUENCES}[general]")],
            id="CD-3: a sequence that is never chosen",
        ),
        pytest.param(
            {"cadence.stretches": [{"id": name, "when": ALWAYS, "factor": 2} for name in ("a", "b")]},
            [("row-always", "cadence.stretches[a]"), ("row-twin", "cadence.stretches[b]")],
            id="CD-6: two stretches for everybody",
        ),
        pytest.param({"sla.tables": [], "sla.limits": [], "case.clocks": []}, [], id="where nothing is promised, nothing is late"),
        pytest.param(
            {"cadence.sequences[T1].when": {"op": "all", "of": [is_("mql_clause", "tier:T1"), is_("country", "DE")]},
             "cadence.sequences[T1].steps[call-0].within_minutes": 6},
            [("cadence-after-sla", f"{SEQUENCES}[T1].steps[call-0].within_minutes")],
            id="a condition of several parts",
        ),
        pytest.param(
            {"cadence.sequences[T1].when": is_("country", "DE"), "cadence.sequences[T1].steps[call-0].within_minutes": 60},
            [],
            id="what is promised to such leads is not sure",
        ),
    ],
)  # fmt: skip
def test_lint_finds_cadences_that_are_never_chosen_or_come_too_late(changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert found(changed(Policy(), changes)) == expected


def test_without_a_first_response_nothing_is_missed() -> None:
    assert found(of_promises(promise("all", ALWAYS), table="review")) == []
    assert found(changed(of_promises(promise("T1", is_("tier", "T1"))), {"qualification.model": "dual_axis"})) == []


def test_the_playbook_and_other_sound_policies_have_no_findings() -> None:
    for policy in (Policy(), small(VP), of_criterion(LOOKUP), of_floors({"tier": "A", "when": is_("country", "DE")})):
        assert found(policy) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"scoring.matrices[selection].scale": "33.3", "tiers.rows[T1].thresholds[selection].at_least": 100},
            [("tier-unreachable", "tiers.rows[T1].thresholds[selection]")],
            id="100 is out of reach under the printed scale: 99.9 is the most",
        ),
        pytest.param({"tiers.rows[T1].thresholds[selection].at_least": 100}, [], id="and in reach under the exact one"),
        pytest.param(
            {"tiers.rows[T1].thresholds[selection].at_least": 50, "tiers.rows[T1].thresholds[urgency].at_least": 40},
            [("tier-covered", "tiers.rows[T2]")],
            id="a tier that the one above takes whole",
        ),
        pytest.param(
            {"tiers.rows[T3].thresholds": [{"score": "urgency", "at_least": 0}]},
            [("tier-everybody", "tiers.rows[T3]")],
            id="a tier that every lead reaches",
        ),
        pytest.param(
            {"qualification.dual_axis[fit].at_least": 101},
            [("mql-unreachable", "qualification.dual_axis[fit]")],
            id="an MQL that nobody can be",
        ),
        pytest.param({"qualification.mql_tiers": ["T2", "T3"]}, [("mql-gap", "qualification.mql_tiers")], id="T1 makes no MQL and T2 does"),
        pytest.param(
            {"qualification.held_tiers": ["T1", "T3"]},
            [("held-above", "qualification.held_tiers"), UNPROMISED],
            id="T1 is held and T2 is handed off",
        ),
        pytest.param(
            {"qualification.held_tiers": ["T1", "T2", "T3"]},
            [("held-all", "qualification.held_tiers"), UNPROMISED, UNPROMISED],
            id="marketing keeps every MQL",
        ),
        pytest.param(
            {
                "qualification.held_tiers": ["T1", "T2", "T3"],
                "qualification.clauses": [{"id": "demo", "when": is_("lead_type", "demo_request")}],
            },
            [UNPROMISED, UNPROMISED],
            id="but for those of a clause",
        ),
        pytest.param({"tiers.floors[high_intent].source": ""}, [("switched-off", "tiers.floors[high_intent]")], id="off without a word"),
        pytest.param(
            {"qualification.clauses": [{"id": "demo", "when": ALWAYS, "enabled": False}]},
            [("switched-off", "qualification.clauses[demo]")],
            id="a clause as well",
        ),
        pytest.param(
            {"qualification.clauses": [{"id": "a", "when": is_("title", "VP")}, {"id": "b", "when": is_("title", "VP")}]},
            [("row-twin", "qualification.clauses[b]")],
            id="two clauses that ask the same",
        ),
        pytest.param(
            {"tiers.below.reasons": [{"id": "all", "when": ALWAYS}, {"id": "low", "when": {"op": "less_than", "fact": "fit", "value": 1}}]},
            [("row-always", "tiers.below.reasons[all]"), ("row-covered", "tiers.below.reasons[low]")],
            id="a reason that comes after everything",
        ),
        pytest.param(
            {"facts.declared": [*SHIPPED["facts"]["declared"], {"id": "budget", "kind": "money"}]},
            [("fact-unused", "facts.declared[budget]")],
            id="a fact that no rule names",
        ),
        pytest.param(
            {"facts.unknown": [{"fact": "industry", "values": ["saas", "Select"]}]},
            [("value-unknown", "scoring.criteria[industry].grader.rows[0]")],
            id="a value that means unknown and is graded",
        ),
        pytest.param(
            {"facts.unknown": [{"fact": "technologies", "values": ["segment"]}]},
            [("value-unknown", "scoring.criteria[technology].grader")],
            id="a member that means unknown and is counted",
        ),
        pytest.param(
            {"facts.unknown": [{"fact": "requested", "values": ["demo", "webinar"]}]},
            [
                ("value-unknown", "scoring.criteria[direct_request].grader.rows[0].when"),
                ("value-unknown", "scoring.criteria[direct_request].grader.rows[1].when"),
            ],
            id="a value that means unknown and is asked for",
        ),
        pytest.param(
            {
                "facts.unknown": [{"fact": "title", "values": ["n/a"]}],
                "tiers.floors[high_intent].when": {"op": "not", "of": {"op": "differs", "fact": "title", "value": "n/a"}},
            },
            [("value-unknown", "tiers.floors[high_intent].when")],
            id="turned round as well",
        ),
        pytest.param(
            {
                "touchpoints[guide].kinds": ["webinar_attendance"],
                "touchpoints[guide].contents": [],
                "touchpoints[guide].content_starts": [],
            },
            [("touchpoint-covered", "touchpoints[guide]")],
            id="a touchpoint whose kinds an earlier row takes",
        ),
        pytest.param(
            {
                "touchpoints[guide].contents": ["pricing/guide"],
                "touchpoints[guide].content_starts": ["/pricing-guide"],
                "touchpoints[guide].kinds": ["visit"],
            },
            [("touchpoint-covered", "touchpoints[guide]")],
            id="a touchpoint whose contents an earlier row takes",
        ),
        pytest.param(
            {"scoring.matrices[selection].weights[role].weight": 0, "scoring.matrices[selection].weights[geography].weight": 20},
            [("weight-zero", "scoring.matrices[selection].weights[role]")],
            id="a criterion that counts nothing",
        ),
        pytest.param(
            {"scoring.criteria": [*SHIPPED["scoring"]["criteria"], criterion(LOOKUP)]},
            [("criterion-unused", "scoring.criteria[only]")],
            id="a criterion that nothing weighs",
        ),
        pytest.param(
            {"qualification.dual_axis": []},
            [("score-unused", "scoring.matrices[fit].score"), ("score-unused", "scoring.matrices[engagement].score")],
            id="scores that nothing reads",
        ),
        pytest.param(
            {"scoring.matrices[engagement].rows[open].activities": {"kinds": ["visit"]}},
            [("row-twin", "scoring.matrices[engagement].rows[open]")],
            id="two rows for the same activities",
        ),
    ],
)
def test_lint_finds_in_the_playbook(changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert found(changed(Policy(), changes)) == expected


def bands(*rows: dict[str, Any], fact: str = "employees") -> dict[str, Any]:
    return {"kind": "bands", "fact": fact, "rows": [*rows]}


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


ROW1 = f"{GRADER}.rows[1]"


@pytest.mark.parametrize(
    ("grader", "expected"),
    [
        pytest.param(
            bands({"grade": 1, "at_least": 10}, {"grade": 3, "at_least": 50}), [("row-covered", ROW1)], id="a band inside an open one"
        ),
        pytest.param(bands({"grade": 1, "at_most": 50}, {"grade": 3, "at_most": 10}), [("row-covered", ROW1)], id="from below as well"),
        pytest.param(bands({"grade": 3}, {"grade": 2, "at_least": 10}), [("row-covered", ROW1)], id="a band without ends takes everything"),
        pytest.param(bands({"grade": 3, "at_least": 50, "at_most": 10}), [("row-empty", f"{GRADER}.rows[0]")], id="ends that are swapped"),
        pytest.param(bands({"grade": 3, "at_least": 50}, {"grade": 2, "at_least": 10}), [], id="the narrower first"),
        pytest.param(bands({"grade": 3, "at_most": 5}, {"grade": 2}), [], id="everything else at the end"),
        pytest.param(
            bands({"grade": 1, "at_least": eur(1)}, {"grade": 3, "at_least": eur(5)}, fact="annual_revenue"),
            [("row-covered", ROW1)],
            id="amounts",
        ),
        pytest.param(
            bands({"grade": 1, "at_least": "2026-01-01T00:00:00Z"}, {"grade": 3, "at_least": "2026-02-01T00:00:00Z"}, fact="created_at"),
            [("row-covered", ROW1)],
            id="instants",
        ),
        pytest.param(
            {**LOOKUP, "rows": [{"grade": 2, "values": ["saas"]}]}, [("grade-never", GRADER)], id="a criterion that cannot count in full"
        ),
        pytest.param(
            {**LOOKUP, "rows": [{"grade": 3, "values": ["saas"]}, {"grade": 2, "values": ["saas", "media"]}]},
            [("row-covered", ROW1)],
            id="a value that an earlier row lists",
        ),
        pytest.param(
            {"kind": "count", "rows": [{"grade": 1, "at_least": 2}, {"grade": 3, "at_least": 7}]},
            [("row-covered", ROW1)],
            id="counts upwards",
        ),
        pytest.param(
            {
                "kind": "overlap",
                "fact": "technologies",
                "values": ["a", "b"],
                "rows": [{"grade": 1, "at_least": 1}, {"grade": 3, "at_least": 2}],
            },
            [("row-covered", ROW1)],
            id="overlaps upwards",
        ),
        pytest.param(
            {"kind": "recency", "rows": [{"grade": 2, "within_days": 7}, {"grade": 3, "under_days": 7}]},
            [("row-covered", ROW1)],
            id="ages backwards",
        ),
        pytest.param(
            {"kind": "recency", "rows": [{"grade": 3, "under_days": 7}, {"grade": 2, "within_days": 7}]},
            [],
            id="under 7 days is less than 7",
        ),
        pytest.param(
            {"kind": "condition", "rows": [{"grade": 3, "when": ALWAYS}, {"grade": 1, "when": is_("title", "VP")}]},
            [("row-always", f"{GRADER}.rows[0]"), ("row-covered", ROW1)],
            id="a case after everything",
        ),
    ],
)
def test_lint_finds_in_a_grader(grader: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(of_criterion(grader)) == expected


def test_a_grade_that_is_handed_in_may_be_any() -> None:
    assert found(of_criterion(GIVEN_GRADE, [{"id": "judged", "kind": "integer"}])) == []


def product(name: str, *products: str, **more: object) -> dict[str, object]:
    return {**points(name, 10), "rows": VP["rows"], "products": [*products], **more}


BIG, HUGE = ({"op": "at_least", "fact": "employees", "value": value} for value in (500, 5000))


@pytest.mark.parametrize(
    ("matrices", "shadowed"),
    [
        pytest.param([product("one"), product("two")], ["two"], id="two for everybody"),
        pytest.param([product("one"), product("two", "crm")], [], id="one for everybody, one for a product"),
        pytest.param(
            [product("all"), product("one", "crm", "erp"), product("two", "crm")], ["two"], id="an earlier one names its product too"
        ),
        pytest.param([product("all"), product("one", "crm"), product("two", "crm", "erp")], [], id="one of its products is its own"),
        pytest.param(
            [product("one", "crm"), product("two", "crm")], [], id="without one for everybody the best of both measures the others"
        ),
        pytest.param([product("one", when=BIG), product("two")], [], id="an earlier one for a segment"),
        pytest.param(
            [product("all", "x"), product("one", when=BIG), product("two", when=HUGE), product("rest")],
            ["two"],
            id="a segment of a segment",
        ),
        pytest.param([product("one"), product("two", score="other")], [], id="another score"),
    ],
)
def test_lint_finds_matrices_that_measure_nobody(matrices: Sequence[dict[str, object]], shadowed: list[str]) -> None:
    """SC-7."""
    policy = small(*matrices)
    assert [path for code, path in found(policy) if code == "matrix-shadowed"] == [f"scoring.matrices[{name}]" for name in shadowed]
    best = changed(policy, {"scoring.choice": "best"})
    assert [path for code, path in found(best) if code == "matrix-shadowed"] == []


def test_lint_finds_rows_of_points_that_change_nothing() -> None:
    rows = [*VP["rows"], {"id": "none", "points": 0, "when": is_("title", "CEO")}, {"id": "vp", "points": 5, "when": is_("title", "VP")}]
    policy = small({**VP, "rows": rows})
    assert found(policy) == [("row-twin", "scoring.matrices[fit].rows[vp]"), ("points-zero", "scoring.matrices[fit].rows[none]")]
    meant = changed(policy, {"scoring.matrices[fit].rows[none].source": "ours", "scoring.matrices[fit].rows[vp].when.value": "CFO"})
    assert found(meant) == []


@pytest.mark.parametrize(
    ("matrix", "line", "reachable"),
    [
        pytest.param({**VP, "cap": 5}, 6, False, id="over the cap"),
        pytest.param({**VP, "cap": 5}, 5, True, id="on the cap"),
        pytest.param({**VP, "floor": 20}, 20, None, id="a floor above all rows is all there is"),
        pytest.param(
            {"id": "fit", "score": "fit", "kind": "decayed", "rows": [{"id": "v", "activities": {}, "points": 1}]},
            100,
            True,
            id="many visits",
        ),
        pytest.param(
            {"id": "fit", "score": "fit", "kind": "decayed", "rows": [{"id": "v", "activities": {}, "points": 0}]},
            1,
            False,
            id="of no points",
        ),
    ],
)
def test_lint_knows_the_most_that_a_score_can_be(matrix: dict[str, Any], line: int, reachable: bool | None) -> None:
    """TI-1: also through a total."""
    for score in ("fit", "all"):
        totals = [{"id": "all", "of": ["fit"]}]
        policy = small(matrix, totals=totals, tiers={"rows": [{"id": "A", "thresholds": [{"score": score, "at_least": line}]}]})
        codes = {code for code, _ in found(policy)} - {"score-unused"}
        assert codes == {True: set(), False: {"tier-unreachable"}, None: {"tier-everybody"}}[reachable]


def test_lint_finds_a_total_that_nothing_reads() -> None:
    assert found(small(VP, totals=[{"id": "all", "of": ["fit"]}])) == [("score-unused", "scoring.totals[all]")]


def test_lint_counts_the_grades_that_can_be_given() -> None:
    """TI-1: with grade 2 at most, 66.67 is the most there is, renormalised or not."""
    half = {**LOOKUP, "rows": [{"grade": 2, "values": ["saas"]}]}
    for missing in ("zero", "renormalise"):
        policy = changed(of_criterion(half), {"scoring.matrices[fit].missing": missing})
        reachable = changed(policy, {"tiers.rows[A].thresholds": [{"score": "fit", "at_least": "66.66"}]})
        short = changed(policy, {"tiers.rows[A].thresholds": [{"score": "fit", "at_least": "66.67"}]})
        assert [code for code, _ in found(reachable)] == ["grade-never"]
        assert [code for code, _ in found(short)] == ["grade-never", "tier-unreachable"]
        assert "fit is at most 66.67" in str(lint(short)[1])


@pytest.mark.parametrize(
    ("floors", "expected"),
    [
        pytest.param([{"tier": "A", "when": ALWAYS}], [("floor-always", "tiers.floors[floor0]")], id="nobody can be below"),
        pytest.param([{"tier": "A", "when": ALWAYS, "only_while_unknown": "fit"}], [], id="but for those known to be short"),
        pytest.param(
            [{"tier": "A", "when": is_("country", "DE")}, {"tier": "B", "when": is_("country", "DE")}],
            [("floor-covered", "tiers.floors[floor1]")],
            id="an earlier floor lifts higher",
        ),
        pytest.param(
            [{"tier": "B", "when": is_("country", "DE")}, {"tier": "A", "when": is_("country", "DE")}], [], id="a later one lifts higher"
        ),
        pytest.param(
            [{"tier": "A", "when": is_("country", "DE"), "only_while_unknown": "fit"}, {"tier": "B", "when": is_("country", "DE")}],
            [],
            id="the earlier one has a condition more",
        ),
        pytest.param(
            [{"tier": "A", "when": is_("country", "DE"), "enabled": False, "source": "TI-3"}, {"tier": "B", "when": is_("country", "DE")}],
            [],
            id="the earlier one is switched off",
        ),
    ],
)
def test_lint_finds_floors_that_say_nothing_or_everything(floors: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    """TI-3."""
    assert found(of_floors(*floors)) == expected


def test_a_finding_says_where_what_and_what_to_do() -> None:
    (finding,) = lint(changed(Policy(), {"tiers.rows[T1].thresholds[urgency].at_least": 101}))
    assert str(finding) == (
        "tier-unreachable: tiers.rows[T1].thresholds[urgency]: no lead can reach it: urgency is at most 100. Lower the threshold."
    )


def test_lint_finds_what_nobody_reports() -> None:
    """SL-2: a misspelt milestone would have every clock missed."""
    [finding] = lint(changed(Policy(), {"sla.tables[review].stopped_by": ["accepted", "rejectd"]}))
    assert (finding.code, finding.path) == ("stopped-by-nothing", "sla.tables[review].stopped_by[1]")
    assert finding.hint == 'Did you mean "rejected"?'
    [other] = lint(changed(Policy(), {"sla.tables[delivery].stopped_by": ["signed_and_sealed_by_post"]}))
    assert other.hint == "Every such clock is missed: name what is reported."


# ---------------------------------------------------------------------------------------- campaigns, links and channels


CPC = {"op": "is", "field": "medium", "values": ["cpc"]}


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"utm.parameters[medium].values": ["cpc", "CPC", "social"]}, [("value-twin", "utm.parameters[medium].values[1]")]),
        ({"utm.parameters[medium].further": ["paid social", "Display"]}, [("value-twin", "utm.parameters[medium].further[1]")]),
        (
            {
                "channels.rules": [
                    {"id": "paid", "channel": "Paid", "any": [{"all": [{"op": "term", "term": "paid"}]}]},
                    {"id": "shop", "channel": "Shop", "any": [{"all": [{"op": "term", "term": "shopping"}]}]},
                    {"id": "ads", "channel": "Ads", "any": [{"all": [CPC, {"op": "term", "term": "paid"}]}]},
                ]
            },
            [
                ("channel-covered", "channels.rules[ads]"),
                ("channel-part-unused", "channels.categories[search]"),
                ("channel-part-unused", "channels.categories[social]"),
                ("channel-part-unused", "channels.categories[video]"),
            ],
        ),
        (
            {"channels.rules": [], "channels.terms": [], "channels.categories": [{"id": "search", "sources": ["google"]}]},
            [("channel-part-unused", "channels.categories[search]")],
        ),
        (
            {"channels.rules": [], "channels.categories": [{"id": "shopping", "sources": ["etsy"]}]},
            [
                ("channel-part-unused", "channels.terms[paid]"),
                ("channel-part-unused", "channels.terms[shopping]"),
            ],
        ),
    ],
)
def test_names_and_channels_that_are_probably_not_meant(changes: dict[str, Any], findings: list[tuple[str, str]]) -> None:
    """UT-1, AD-28."""
    assert found(changed(Policy(), changes)) == findings


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"attribution.journeys.direct_channels": []}, [("direct-unnamed", "attribution.journeys.direct_channels")]),
        ({"attribution.journeys.direct_channels": [], "attribution.journeys.unknown_is_direct": True}, []),
        ({"attribution.journeys.direct_channels": [], "attribution.journeys.direct": "include"}, []),
        ({"attribution.models[time_decay_7].half_life_days": 30}, [("model-twin", "attribution.models[time_decay_30]")]),
        ({"attribution.models[last].direct": "fallback"}, [("model-twin", "attribution.models[last_non_direct]")]),
        ({"sourcing.other_sources": ["Sales", " webinar"]}, [("source-on-both-sides", "sourcing.other_sources[1]")]),
        (
            {"self_reports.rules[podcast].contains": ["podcast", "a  Friend", "friend"]},
            [("answer-covered", "self_reports.rules[podcast].contains[2]")],
        ),
        (
            {"self_reports.rules[podcast].equals": ["Podcast", "podcast", "SELECT"]},
            [("answer-covered", "self_reports.rules[podcast].equals[2]")],
        ),
    ],
)
def test_lint_finds_what_is_odd_in_attribution(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Legal, and probably not meant."""
    assert found(changed(Policy(), changes)) == expected
