"""What sets off what: the document, what is wrong with it, and what of the playbook a policy of one's own can use."""

from typing import Any

import pytest

from inbound_engine import consequences, vocabulary
from inbound_engine.conditions import Questions
from inbound_engine.consequences import CaseDocument, Rules
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import PolicyError
from inbound_engine.facts import Lead
from inbound_engine.linting import lint
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy, strangers
from inbound_engine.spans import parse_instant
from inbound_engine.vocabulary import FactsDocument, View
from tests.policies import points, small

AT = parse_instant("2026-03-02T09:00Z")
EVENTS = ("scored", "recycled", "reactivated", "opportunity_opened", "won", "lost")
SHIPPED: dict[str, Any] = Policy().model_dump(mode="json")["case"]
WORDS = vocabulary.compile(FactsDocument(), vocabulary.OUTCOMES.items())


def rules(tables: tuple[str, ...] = (), **fields: object) -> Rules:
    return consequences.compile(CaseDocument.model_validate(fields), tables, WORDS, Questions())


def problems(data: object) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        CaseDocument.model_validate(data)
    return [str(problem) for problem in raised.value.problems]


def refused(changes: dict[str, object]) -> list[str]:
    """What is wrong with the shipped policy once these values are changed."""
    with pytest.raises(PolicyError) as raised:
        changed(Policy(), changes)
    return [str(problem) for problem in raised.value.problems]


# ----------------------------------------------------------------------------------------------------------------- document


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"clocks": [{"id": "a", "table": "review", "opens_on": "stage"}]},
            ["clocks[a].stage: saw nothing, expected the stage that opens it."],
        ),
        (
            {"clocks": [{"id": "a", "table": "review", "opens_on": "assigned", "stage": "SAL"}]},
            ["clocks[a].stage: saw 'SAL', expected nothing where it opens on assigned."],
        ),
        (
            {"clocks": [{"id": "a", "table": "review", "opens_on": "asigned"}]},
            ["clocks[a].opens_on: saw 'asigned', expected one of 'assessed', 'handed_off', 'assigned' or 'stage'. Did you"],
        ),
        ({"stages": [{"id": "a", "stages": []}]}, ["stages[a].stages: saw a list of 0, expected at least 1 row(s)."]),
        ({"stages": [{"id": "a", "stages": ["X"], "exit": "replied"}]}, ["stages[a].exit: saw 'replied', expected one of 'reply', "]),
        (
            {"exits": [{"id": "reply", "kinds": ["reply"]}, {"id": "meeting", "kinds": ["contact_form", "reply"]}]},
            ["exits[meeting].kinds: saw reply, which means reply too, expected a kind that means one exit. Remove it from one of them."],
        ),
        ({"exits": [{"id": "reply"}, {"id": "reply"}]}, ["exits[reply]"]),
        ({"enrolments": [{"id": "nurture"}]}, ["enrolments[nurture].reports: saw nothing, expected "]),
        ({"nurture": [{"id": "nurture"}]}, ["nurture[nurture].when: saw nothing, expected "]),
        ({"delivred": "x"}, ["delivred: "]),
        ({"arrival": "scored"}, ["arrival: saw 'scored', expected "]),
        ({"about": ""}, ["about: saw '', expected "]),
    ],
)
def test_what_the_document_cannot_mean_is_refused(data: dict[str, object], expected: list[str]) -> None:
    told = problems(data)
    assert len(told) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(told, expected, strict=True)), told


def test_a_kind_may_be_named_twice_by_one_exit() -> None:
    document = CaseDocument.model_validate({"exits": [{"id": "reply", "kinds": ["reply", "reply"]}]})
    assert document.exits[0].kinds == ("reply", "reply")


def test_an_empty_document_sets_nothing_off() -> None:
    nothing = rules()
    assert (nothing.clocks, nothing.exits, nothing.exits_by_kind, nothing.enrolments, nothing.nurture) == ((), {}, {}, {}, ())
    assert list(nothing.entering("SQL", "MQL")) == []
    assert not nothing.ended("RECYCLED")
    assert nothing.programme(View(Lead(id="L-1"), AT, [], [])) is None


# ----------------------------------------------------------------------------------------------------------------- compiled


@pytest.mark.parametrize(
    ("stage", "left", "rows"),
    [
        ("SQL", "SAL", ["meeting"]),
        ("SQO", None, ["meeting"]),
        ("CLOSED_WON", "SQO", ["won"]),
        ("RECYCLED", "MQL", ["gone"]),
        ("DISQUALIFIED", "LEAD", ["gone"]),
        ("LEAD", "MQL", ["back_to_marketing"]),
        ("LEAD", "SAL", ["back_to_marketing"]),
        ("LEAD", "SUBSCRIBER", []),
        ("LEAD", None, []),
        ("MQL", "LEAD", []),
    ],
)
def test_entering_a_stage_sets_off_the_rows_that_name_it(stage: str, left: str | None, rows: list[str]) -> None:
    """CD-7, CL-14, LC-5: back to LEAD ends an enquiry, up to LEAD does not."""
    assert [row.id for row in Engine(Policy()).compiled.case.entering(stage, left)] == rows


@pytest.mark.parametrize(
    ("stage", "over"),
    [
        ("CLOSED_WON", True),
        ("CLOSED_LOST", True),
        ("RECYCLED", True),
        ("MERGED", True),
        ("LEAD", False),
        ("SQL", False),
        ("NOWHERE", False),
    ],
)
def test_a_record_that_stands_at_an_end_is_over(stage: str, *, over: bool) -> None:
    """LEAD is an end only to those who were sent back to it."""
    assert Engine(Policy()).compiled.case.ended(stage) is over


def test_rows_are_found_by_what_they_are_about() -> None:
    shipped = Engine(Policy()).compiled.case
    assert [clock.id for clock in shipped.clocks] == ["first_response", "delivery", "review", "follow_up"]
    assert {kind: row.id for kind, row in shipped.exits_by_kind.items()} == {"reply": "reply"}
    assert shipped.exits["meeting"].reports == "discovery_scheduled"
    assert {name: row.reports for name, row in shipped.enrolments.items()} == {"recycle": "recycled", "nurture": "recycled"}


def test_of_the_clocks_those_count_whose_table_there_is() -> None:
    clocks = [{"id": name, "table": name, "opens_on": "assigned"} for name in ("review", "zebra")]
    assert [clock.id for clock in rules(("review", "first_response"), clocks=clocks).clocks] == ["review"]


def test_the_first_programme_that_is_true_counts() -> None:
    """TI-2: what is unknown enrols nobody."""
    when = {"op": "equals", "fact": "country", "value": "DE"}
    nurture = [{"id": "german", "when": when}, {"id": "titled", "when": {"op": "known", "fact": "title"}}]
    compiled = rules(nurture=nurture)
    leads = [Lead(id="L-1", country="DE", title="VP"), Lead(id="L-1", title="VP"), Lead(id="L-1", country="FR"), Lead(id="L-1")]
    assert [compiled.programme(View(lead, AT, [], [])) for lead in leads] == ["german", "titled", None, None]


# ---------------------------------------------------------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"case.arrival": ["validated", "scorde"]}, ['case.arrival[1]: saw \'scorde\', ... Did you mean "scored"?']),
        ({"case.recycled": "recyceld"}, ['case.recycled: saw \'recyceld\', ... Did you mean "recycled"?']),
        ({"case.won": "zebra"}, ["case.won: saw 'zebra', ... Add it to the events of the machine."]),
        ({"case.exits[meeting].reports": "met"}, ["case.exits[meeting].reports: saw 'met', ... Add it to the events of the machine."]),
        ({"case.enrolments[nurture].reports": "lots"}, ['case.enrolments[nurture].reports: saw \'lots\', ... Did you mean "lost"?']),
        ({"case.clocks[review].table": "reviews"}, ['case.clocks[review].table: saw \'reviews\', ... Did you mean "review"?']),
        ({"case.clocks[review].table": "zebra"}, ["case.clocks[review].table: saw 'zebra', ... sla.tables, or remove the clock."]),
        ({"case.clocks[follow_up].stage": "SALL"}, ['case.clocks[follow_up].stage: saw \'SALL\', ... Did you mean "SAL"?']),
        ({"case.stages[meeting].stages": ["SQL", "SGO"]}, ['case.stages[meeting].stages[1]: saw \'SGO\', ... Did you mean "SQO"?']),
        ({"case.stages[back_to_marketing].left": ["ZEBRA"]}, ["case.stages[back_to_marketing].left[0]: saw 'ZEBRA', ... the lifecycle."]),
        (
            {"case.about": "account", "case.clocks": [], "case.stages": [], "case.exits": [], "case.enrolments": [], "case.arrival": []},
            [f"case.{name}: saw '{event}', expected nothing: there are none." for name, event in zip(
                ("scored", "recycled", "reactivated", "opened", "won", "lost"), EVENTS, strict=True
            )],
        ),
        (
            {"case.nurture[nurture].when": {"op": "equals", "fact": "tier", "value": "T9"}},
            ["case.nurture[nurture].when.value: saw 'T9' for tier, expected one of NURTURE, T1, T2, T3."],
        ),
        (
            {"sla.tables": [], "sla.limits": []},
            [f"case.clocks[{name}].table: saw '{name}', expected nothing: there are none. Add it to sla.tables, or remove the clock."
             for name in ("first_response", "delivery", "review", "follow_up")],
        ),
    ],
)  # fmt: skip
def test_what_a_policy_brings_names_what_there_is(changes: dict[str, object], expected: list[str]) -> None:
    """With a misspelt name nothing would ever be set off."""
    told = refused(changes)
    assert len(told) == len(expected)
    for problem, words in zip(told, expected, strict=True):
        start, _, end = words.partition(" ...")
        assert problem.startswith(start), problem
        assert problem.endswith(end.strip()), problem


def test_the_playbook_names_what_there_is() -> None:
    assert list(strangers(Policy())) == []
    assert PLAYBOOK["case"] == {
        **SHIPPED,
        "clocks": [{key: value for key, value in row.items() if value is not None} for row in SHIPPED["clocks"]],
        "stages": [_given(row, ("exit", "left", "cancels", "ends")) for row in SHIPPED["stages"]],
        "exits": [_given(row, ("kinds", "reports", "cancels")) for row in SHIPPED["exits"]],
    }


def _given(row: dict[str, Any], optional: tuple[str, ...]) -> dict[str, Any]:
    """The row without what it leaves to the default."""
    return {key: value for key, value in row.items() if key not in optional or value}


OWN = {
    "id": "own",
    "about": "lead",
    "start": "IN",
    "stages": [{"id": "IN", "crm": True}, {"id": "OUT", "terminal": True}],
    "events": [{"id": "scored"}, {"id": "left"}],
    "moves": [
        {"id": "leave", "stages": ["IN"], "event": "left", "to": "OUT"},
        {"id": "score", "stages": ["IN"], "event": "scored", "to": "IN"},
    ],
}


def test_a_lifecycle_of_ones_own_takes_what_it_can_use() -> None:
    """What names stages and events that it has not sets nothing off; lint tells which."""
    policy = Policy.model_validate({"lifecycle": {"machines": [OWN]}})
    told = {finding.path for finding in lint(policy) if finding.code == "lifecycle-stranger" and finding.path.startswith("case")}
    assert told == {
        *("case.arrival[0]", "case.recycled", "case.reactivated", "case.opened", "case.won", "case.lost"),
        *("case.exits[meeting].reports", "case.enrolments[recycle].reports", "case.enrolments[nurture].reports"),
        *("case.clocks[follow_up].stage", "case.stages[meeting].stages[0]", "case.stages[meeting].stages[1]"),
        *("case.stages[won].stages[0]", *(f"case.stages[gone].stages[{number}]" for number in range(4))),
        *("case.stages[back_to_marketing].stages[0]", *(f"case.stages[back_to_marketing].left[{number}]" for number in range(2))),
    }
    case = Engine(policy).decide(Lead(id="L-1"), at=AT).case
    assert (case.stage, case.record.machine) == ("IN", "own")


def test_promises_of_ones_own_take_the_clocks_of_their_tables() -> None:
    review = {"id": "review", "stopped_by": ["outreach"], "rows": [{"id": "all", "when": {"op": "always"}, "target_minutes": 5}]}
    policy = Policy.model_validate({"sla": {**PLAYBOOK["sla"], "tables": [review], "limits": []}})  # type: ignore[dict-item]  # a table
    assert [clock.id for clock in policy.case.clocks] == ["review"]
    assert policy.case.nurture == Policy().case.nurture
    assert [finding.path for finding in lint(policy) if finding.path.startswith("case")] == []


def test_tiers_of_ones_own_take_no_clocks_and_no_nurture() -> None:
    """Nothing is promised to them, and the programme is for tiers that they have not."""
    policy = small(points("fit", 1))
    assert (policy.case.clocks, policy.case.nurture) == ((), ())
    assert policy.case.stages == Policy().case.stages
    assert [finding.path for finding in lint(policy) if finding.path.startswith("case")] == []
    verdict = Engine(policy).decide(Lead(id="L-1"), at=AT)
    assert (verdict.tier, verdict.sla) == ("A", None)


def test_what_a_policy_brings_itself_is_not_filled_up() -> None:
    policy = Policy.model_validate({"case": {"arrival": ["scored"]}})
    assert (policy.case.clocks, policy.case.nurture, policy.case.arrival) == ((), (), ("scored",))
    for case in ("zebra", {"clocks": "zebra"}, None):
        with pytest.raises(PolicyError, match="case"):
            Policy.model_validate({"case": case})


def test_a_condition_of_a_programme_is_read_by_lint() -> None:
    """A fact that only a programme names is not one that nobody names."""
    when = {"op": "equals", "fact": "newsletter", "value": True}
    unused = small(points("fit", 1), facts={"declared": [{"id": "newsletter", "kind": "boolean"}]})
    assert "facts.declared[newsletter]" in {finding.path for finding in lint(unused)}
    named = changed(unused, {"case.nurture": [{"id": "news", "when": when}]})
    assert "facts.declared[newsletter]" not in {finding.path for finding in lint(named)}
