"""The documents of machines: what is refused, with every problem at once, and what is only odd."""

from collections.abc import Mapping
from typing import Any

import pytest

from inbound_engine.documents import changed
from inbound_engine.errors import PolicyError
from inbound_engine.machines import (
    LifecycleDocument,
    Machine,
    edges,
    findings,
    kept,
    lint,
    path_of,
    skipped,
)
from inbound_engine.playbook import PLAYBOOK

SHIPPED = LifecycleDocument.model_validate(PLAYBOOK["lifecycle"])

BIG = {"op": "at_least", "fact": "employees", "value": 50}
SMALL = {"op": "less_than", "fact": "employees", "value": 50}
NEVER = {"op": "all", "of": [BIG, SMALL]}
HUGE = {"op": "at_least", "fact": "employees", "value": 5000}
GERMAN = {"op": "equals", "fact": "country", "value": "DE"}

MACHINE: Mapping[str, Any] = {
    "id": "lead",
    "start": "LEAD",
    "path": ["LEAD", "MQL", "SAL"],
    "stages": [{"id": "LEAD"}, {"id": "MQL"}, {"id": "SAL", "owner": "sales", "crm": True}, {"id": "LOST", "terminal": True}],
    "events": [
        {"id": "scored"},
        {"id": "accepted"},
        {"id": "rejected", "requires": [{"name": "category", "values": ["bad_fit", "low_intent"]}]},
        {"id": "lost", "requires": [{"name": "why"}]},
    ],
    "moves": [
        {"id": "qualify", "stages": ["LEAD"], "event": "scored", "to": "MQL"},
        {"id": "accept", "stages": ["MQL"], "event": "accepted", "to": "SAL"},
        {"id": "reject", "stages": ["MQL", "SAL"], "event": "rejected", "to": "LEAD", "backward": True},
        {"id": "lose", "stages": ["LEAD", "MQL", "SAL"], "event": "lost", "to": "LOST"},
    ],
}


def with_rows(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    """The machine with other rows: `moves={"accept": {...}}` changes the row of that id, None drops it, a new id adds one."""
    made: dict[str, Any] = dict(MACHINE)
    for group, rows in changes.items():
        if group not in {"stages", "events", "moves"} or not isinstance(rows, Mapping):
            made[group] = rows
            continue
        kept_rows = {row["id"]: row for row in made[group]}
        for name, row in rows.items():
            kept_rows[name] = None if row is None else {"id": name, **kept_rows.get(name, {}), **row}
        made[group] = [row for row in kept_rows.values() if row is not None]
    return made


def problems(data: object) -> list[str]:
    """What is wrong with it, told from the document that holds it; nothing where it is sound."""
    try:
        LifecycleDocument.model_validate({"machines": [data]})
    except PolicyError as error:
        return [f"{problem.path}: saw {problem.saw}" for problem in error.problems]
    return []


def test_the_machine_of_these_tests_is_sound() -> None:
    assert problems(MACHINE) == []
    assert findings(Machine.model_validate(MACHINE), "machine") == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"start": "LEDA"}, ["start: saw 'LEDA'"], id="start that is no stage"),
        pytest.param({"path": ["LEAD", "MQ"]}, ["path[1]: saw 'MQ'"], id="path through no stage"),
        pytest.param({"path": ["LEAD", "LEAD"]}, ["path[1]: saw 'LEAD' twice"], id="path twice through a stage"),
        pytest.param({"omit": ["MQ"]}, ["omit[0]: saw 'MQ'"], id="leaving out no stage"),
        pytest.param({"omit": ["LEAD"]}, ["omit: saw 'LEAD'"], id="leaving out the start"),
        pytest.param({"moves": {"accept": {"to": "SALL"}}}, ["moves[accept].to: saw 'SALL'"], id="to no stage"),
        pytest.param({"moves": {"accept": {"stages": ["MQ"]}}}, ["moves[accept].stages[0]: saw 'MQ'"], id="from no stage"),
        pytest.param({"moves": {"accept": {"stages": ["MQL", "MQL"]}}}, ["moves[accept].stages[1]: saw 'MQL' twice"], id="from one twice"),
        pytest.param({"moves": {"accept": {"event": "acepted"}}}, ["moves[accept].event: saw 'acepted'"], id="on no event"),
        pytest.param(
            {"moves": {"reject": {"data": [{"name": "categry", "values": ["bad_fit"]}]}}},
            ["moves[reject].data[categry].name: saw 'categry'"],
            id="for what the event never says",
        ),
        pytest.param(
            {"moves": {"reject": {"data": [{"name": "category", "values": ["bad", "bad_fit", "bad_fit"]}]}}},
            ["moves[reject].data[category].values[2]: saw 'bad_fit' twice", "moves[reject].data[category].values[0]: saw 'bad'"],
            id="for values that it never says",
        ),
        pytest.param(
            {"moves": {"reject": {"data": [{"name": "category"}]}}},
            ["moves[reject].data[category].values: saw none"],
            id="for no value",
        ),
        pytest.param(
            {"moves": {"lose": {"data": [{"name": "why", "values": ["x"]}, {"name": "why", "values": ["y"]}]}}},
            ["moves[lose].data[1]: saw 'why' twice"],
            id="for one thing twice",
        ),
        pytest.param(
            {"events": {"lost": {"requires": [{"name": "why"}, {"name": "why"}]}}},
            ["events[lost].requires[1]: saw 'why' twice"],
            id="event that says a thing twice",
        ),
        pytest.param(
            {"events": {"lost": {"requires": [{"name": "why", "values": ["x", "x"]}]}}},
            ["events[lost].requires[why].values[1]: saw 'x' twice"],
            id="event with a value twice",
        ),
        pytest.param(
            {"stages": {"MQL": {"drift": "move", "when": BIG}}}, ["stages[MQL].drift_event: saw nothing"], id="drift that moves by nothing"
        ),
        pytest.param(
            {"stages": {"MQL": {"drift_event": "demoted", "when": BIG}}},
            ["stages[MQL].drift_event: saw 'demoted'"],
            id="drift by an event that is none",
        ),
        pytest.param({"stages": {"MQL": {"fields": ["email", "email"]}}}, ["stages[MQL].fields[1]: saw 'email' twice"], id="fields twice"),
        # ------------------------------------------------------------------------------------------- LC-3, with names right
        pytest.param({"stages": {"IDLE": {"terminal": True}}}, ["stages[IDLE]: saw no way from LEAD"], id="stage that nothing reaches"),
        pytest.param(
            {"moves": {"qualify": {"when": NEVER}}},
            ["moves[qualify].when: saw a condition that never holds"],
            id="guard that no lead meets",
        ),
        pytest.param(
            {"stages": {"MQL": {"when": NEVER}}, "moves": {"qualify": {"when": BIG}}},
            ["stages[MQL].when: saw a condition that never holds"],
            id="criteria that no lead meets are told once",
        ),
        pytest.param(
            {"stages": {"MQL": {"when": SMALL}}, "moves": {"qualify": {"when": BIG}}},
            ["moves[qualify].when: saw a condition that never holds together with the entry criteria"],
            id="guard against the criteria",
        ),
        pytest.param(
            {"moves": {"lose": None}, "stages": {"LOST": None}, "events": {"lost": None}},
            [],
            id="without the end everything still goes round",
        ),
        pytest.param(
            {"stages": {"LOST": {"terminal": False}}}, ["stages[LOST]: saw no way out"], id="stage that is no end and is never left"
        ),
        pytest.param(
            {"stages": {"LOST": {"terminal": False}}, "moves": {"lose": {"stages": ["LEAD", "MQL", "SAL", "LOST"]}}},
            ["stages[LOST]: saw no way out"],
            id="a move that stays is no way out",
        ),
        pytest.param(
            {"stages": {"SAL": {"terminal": True}}},
            ["stages[SAL].terminal: saw the move reject from it", "stages[SAL].terminal: saw the move lose from it"],
            id="end that is left",
        ),
        pytest.param(
            {"moves": {"reject": {"backward": False}}},
            ["moves[reject].backward: saw a move from MQL back to LEAD"],
            id="LC-11: step back that does not say so",
        ),
        pytest.param({"events": {"won": {}}}, ["events[won]: saw no move"], id="event that nothing answers"),
        pytest.param(
            {"stages": {"MQL": {"drift_event": "scored", "when": BIG}}},
            ["stages[MQL].drift_event: saw 'scored'"],
            id="drift by an event that does not leave the stage",
        ),
        pytest.param({"stages": {"MQL": {"drift_event": "accepted"}}}, ["stages[MQL].when: saw nothing"], id="drift from no criteria"),
        pytest.param(
            {
                "stages": {"MQL": {"drift_event": "scored", "when": BIG}},
                "moves": {"note": {"stages": ["MQL"], "event": "scored"}},
            },
            ["stages[MQL].drift_event: saw 'scored'"],
            id="drift by an event that stays in the stage",
        ),
        pytest.param(
            {"stages": {"MQL": {"drift_event": "rejected", "when": BIG}}},
            ["stages[MQL].drift_event: saw 'rejected', which must say category"],
            id="drift by an event that must say something",
        ),
        pytest.param(
            {
                "stages": {"MQL": {"drift_event": "accepted", "when": BIG}},
                "moves": {"accept": {"requires": [{"name": "who"}]}},
            },
            ["stages[MQL].drift_event: saw 'accepted', which must say who"],
            id="drift by a move that must be told something",
        ),
        pytest.param(
            {"moves": {"accept": {"requires": [{"name": "who"}, {"name": "who", "values": ["x", "x"]}]}}},
            ["moves[accept].requires[1]: saw 'who' twice", "moves[accept].requires[who].values[1]: saw 'x' twice"],
            id="move that wants a thing twice",
        ),
        pytest.param(
            {"moves": {"lose": {"requires": [{"name": "why"}]}}},
            ["moves[lose].requires[why]: saw what events[lost] requires already"],
            id="move that wants what its event says",
        ),
        pytest.param({"opens_on": ["scored", "won"]}, ["opens_on[1]: saw 'won'"], id="LC-13: opened by no event"),
        pytest.param({"opens_on": ["scored", "scored"]}, ["opens_on[1]: saw 'scored' twice"], id="opened by one event twice"),
        pytest.param({"opens_on": ["accepted"]}, ["opens_on[0]: saw 'accepted'"], id="opened by an event that the start does not answer"),
    ],
)
def test_an_unsound_machine_is_refused(changes: Mapping[str, Any], found: list[str]) -> None:
    """LC-3."""
    assert problems(with_rows(**changes)) == [f"machines[lead].{problem}" for problem in found]


REJECT = "an event that moves[reject] answers too: rejected from MQL"
QUALIFY = "an event that moves[qualify] answers too: scored from LEAD"


@pytest.mark.parametrize(
    ("first", "second", "saw"),
    [
        pytest.param({}, {}, QUALIFY, id="nothing tells them apart"),
        pytest.param({"when": BIG}, {}, QUALIFY, id="one asks nothing"),
        pytest.param({}, {"when": BIG}, QUALIFY, id="the other asks nothing"),
        pytest.param({"when": BIG}, {"when": BIG}, QUALIFY, id="both ask the same"),
        pytest.param({"when": BIG}, {"when": HUGE}, QUALIFY, id="one follows from the other"),
        pytest.param({"when": BIG}, {"when": SMALL}, None, id="they exclude each other"),
        pytest.param({"when": BIG}, {"when": {"op": "not", "of": BIG}}, None, id="one is the other turned round"),
        pytest.param({"when": BIG}, {"when": GERMAN}, None, id="they ask different things"),
    ],
)
def test_moves_that_cannot_be_told_apart_are_refused(first: dict[str, Any], second: dict[str, Any], saw: str | None) -> None:
    """LC-3: by their guards."""
    data = with_rows(moves={"qualify": first, "drop": {"stages": ["LEAD"], "event": "scored", "to": "LOST", **second}})
    assert problems(data) == ([] if saw is None else [f"machines[lead].moves[drop]: saw {saw}"])


@pytest.mark.parametrize(
    ("first", "second", "saw"),
    [
        (["bad_fit"], ["low_intent"], None),
        (["bad_fit"], ["bad_fit", "low_intent"], REJECT),
        (["bad_fit"], [], REJECT),
        ([], ["low_intent"], REJECT),
    ],
)
def test_moves_are_told_apart_by_what_the_event_says(first: list[str], second: list[str], saw: str | None) -> None:
    """LC-9: a rejection goes where its category says; two moves of two stages are told once."""
    one, other = ([{"name": "category", "values": values}] if values else [] for values in (first, second))
    data = with_rows(moves={"reject": {"data": one}, "drop": {"stages": ["MQL", "SAL"], "event": "rejected", "to": "LOST", "data": other}})
    assert problems(data) == ([] if saw is None else [f"machines[lead].moves[drop]: saw {saw}"])


def test_moves_that_the_criteria_tell_apart_in_one_stage_only_are_refused() -> None:
    """LC-3: of a small lead that stands at B already, `first` asks nothing, so that `second` is never taken there."""
    data = with_rows(
        stages={"MQL": {"when": BIG}, "LOST": {"when": SMALL}},
        events={"went": {}},
        moves={
            "first": {"stages": ["LEAD", "MQL"], "event": "went", "to": "MQL"},
            "second": {"stages": ["LEAD", "MQL"], "event": "went", "to": "LOST"},
        },
    )
    assert problems(data) == ["machines[lead].moves[second]: saw an event that moves[first] answers too: went from MQL"]


def test_the_criteria_of_the_stages_tell_moves_apart() -> None:
    data = with_rows(
        stages={"MQL": {"when": BIG}, "LOST": {"when": SMALL}},
        moves={"drop": {"stages": ["LEAD"], "event": "scored", "to": "LOST"}},
    )
    assert problems(data) == []


def test_every_problem_is_told_at_once() -> None:
    data = with_rows(
        start="LEDA",
        moves={"qualify": {"to": "MQLL", "when": NEVER}, "reject": {"backward": False}, "twin": {"stages": ["MQL"], "event": "accepted"}},
    )
    assert problems(data) == [
        "machines[lead].start: saw 'LEDA'",
        "machines[lead].moves[qualify].to: saw 'MQLL'",
        "machines[lead].moves[qualify].when: saw a condition that never holds",
        "machines[lead].moves[reject].backward: saw a move from MQL back to LEAD",
        "machines[lead].moves[twin]: saw an event that moves[accept] answers too: accepted from MQL",
    ]


def test_a_missing_start_is_told() -> None:
    assert problems({name: value for name, value in MACHINE.items() if name != "start"}) == ["machines[lead].start: saw nothing"]


def test_a_problem_says_what_would_do() -> None:
    with pytest.raises(PolicyError) as raised:
        Machine.model_validate(with_rows(moves={"accept": {"to": "SALL"}}))
    assert str(raised.value.problems[0]) == ("moves[accept].to: saw 'SALL', expected one of LEAD, LOST, MQL, SAL. Did you mean \"SAL\"?")


def test_too_many_moves_of_one_stage_and_event_are_refused() -> None:
    values = [f"v{number}" for number in range(41)]
    moves = {value: {"stages": ["LEAD"], "event": "lost", "to": "LOST", "data": [{"name": "why", "values": [value]}]} for value in values}
    data = with_rows(moves=moves | {"lose": {"stages": ["MQL", "SAL"]}})
    assert problems(data) == ["machines[lead].moves[v40]: saw 41 moves from LEAD on lost"]


# ------------------------------------------------------------------------------------------------------------- leaving out


def moves_of(machine: Machine) -> set[tuple[str, str, str]]:
    return {(edge.stage, edge.move.id, edge.to) for edge in edges(machine)}


def test_a_stage_that_is_left_out_hands_its_moves_to_those_before_it() -> None:
    """LC-3: into it none; out of it for whoever could reach it, unless it has a move of its own for the event."""
    machine = Machine.model_validate(with_rows(omit=["MQL"]))
    assert moves_of(machine) == {
        ("LEAD", "accept", "SAL"),
        ("LEAD", "reject", "LEAD"),
        ("LEAD", "lose", "LOST"),
        ("MQL", "accept", "SAL"),
        ("MQL", "reject", "LEAD"),
        ("MQL", "lose", "LOST"),
        ("SAL", "reject", "LEAD"),
        ("SAL", "lose", "LOST"),
    }
    assert [stage.id for stage in kept(machine)] == ["LEAD", "SAL", "LOST"]
    assert path_of(machine) == ("LEAD", "SAL")


def test_two_stages_in_a_row_can_be_left_out() -> None:
    data = with_rows(
        path=["LEAD", "MQL", "SAL", "SQL"],
        stages={"SQL": {}},
        events={"discovered": {}},
        moves={
            "discover": {"stages": ["SAL"], "event": "discovered", "to": "SQL"},
            "lose": {"stages": ["LEAD", "MQL", "SAL", "SQL"]},
        },
    )
    machine = Machine.model_validate(data | {"omit": ["SAL", "MQL"]})
    assert {edge for edge in moves_of(machine) if edge[0] == "LEAD"} == {
        ("LEAD", "discover", "SQL"),
        ("LEAD", "reject", "LEAD"),
        ("LEAD", "lose", "LOST"),
    }


@pytest.mark.parametrize(
    ("omit", "gone"),
    [
        (["MQL"], []),
        (["SAL"], ["accepted"]),
        (["SQL"], ["discovery_scheduled"]),
        (["SQO"], ["opportunity_opened"]),
        (["SAL", "SQL"], ["accepted", "discovery_scheduled"]),
        (["MQL", "SAL", "SQL", "SQO"], ["accepted", "discovery_scheduled", "opportunity_opened"]),
    ],
)
def test_a_company_may_use_only_some_stages(omit: list[str], gone: list[str]) -> None:
    """LC-3: of the shipped machine each of MQL, SAL, SQL and SQO can be left out."""
    machine = changed(SHIPPED, {"machines[lead].omit": omit}).machines[0]
    assert [stage for stage in ("MQL", "SAL", "SQL", "SQO") if stage not in path_of(machine)] == omit
    found = [(finding.code, finding.path) for finding in findings(machine, "machine")]
    assert found == [("event-unanswered", f"machine.events[{event}]") for event in gone] + [("crm-missing", "machine.stages")] * (
        "MQL" in omit
    )


def test_nobody_goes_back_by_a_move_that_was_inherited() -> None:
    """LC-11: a SAL may be rejected to the LEAD that is left out; it does not become an MQL again by a score."""
    omitted = changed(SHIPPED, {"machines[lead].omit": ["LEAD"]}).machines[0]
    assert [edge.to for edge in edges(omitted) if edge.stage == "SAL" and edge.move.event == "scored"] == []
    place = {name: number for number, name in enumerate(path_of(omitted))}
    back = [edge.move for edge in edges(omitted) if place.get(edge.stage, -1) > place.get(edge.to, len(place))]
    assert all(move.backward for move in back)
    named = Machine.model_validate(with_rows(omit=["SAL"], moves={"reject": {"stages": ["SAL"]}}))
    assert ("MQL", "reject", "LEAD") in moves_of(named)


def test_leaving_out_the_only_way_is_refused() -> None:
    data = with_rows(omit=["LOST"], moves={"qualify": None, "accept": None, "reject": None}, events={"scored": None, "accepted": None})
    assert "machines[lead].stages[LEAD]: saw no way out" in problems(data)


@pytest.mark.parametrize(
    ("stage", "to", "between"),
    [
        ("LEAD", "SAL", ("MQL",)),
        ("LEAD", "MQL", ()),
        ("LEAD", "LEAD", ()),
        ("SAL", "LEAD", ()),
        ("LEAD", "LOST", ()),
        ("LOST", "SAL", ()),
    ],
)
def test_the_stages_between_are_skipped_going_forward(stage: str, to: str, between: tuple[str, ...]) -> None:
    assert skipped(("LEAD", "MQL", "SAL"), stage, to) == between


def test_a_guard_is_that_of_the_move_and_of_the_stage() -> None:
    machine = Machine.model_validate(
        with_rows(stages={"MQL": {"when": GERMAN}}, moves={"qualify": {"when": BIG, "stages": ["LEAD", "MQL"]}})
    )
    found = {edge.stage: (edge.stays, [path for path, _ in edge.guard]) for edge in edges(machine) if edge.move.id == "qualify"}
    assert found == {"LEAD": (False, ["moves[qualify].when", "stages[MQL].when"]), "MQL": (True, ["moves[qualify].when"])}


@pytest.mark.parametrize(
    ("stage", "to", "backward", "asked"),
    [
        pytest.param("SAL", "MQL", True, [], id="back on the path"),
        pytest.param("COLD", "MQL", True, [], id="back from beside it"),
        pytest.param("COLD", "MQL", False, ["stages[MQL].when"], id="from beside the path, as the first time"),
        pytest.param("LEAD", "MQL", True, ["stages[MQL].when"], id="forward, whatever it says"),
    ],
)
def test_a_move_back_asks_no_entry_criteria(stage: str, to: str, backward: bool, asked: list[str]) -> None:
    """LC-9, LC-11: a rejection stands, whatever is known of the lead."""
    data = with_rows(
        stages={"MQL": {"when": GERMAN}, "COLD": {}},
        events={"cooled": {}, "came": {}},
        moves={
            "cool": {"stages": ["LEAD"], "event": "cooled", "to": "COLD"},
            "warm": {"stages": ["COLD"], "event": "cooled", "to": "LEAD"},
            "come": {"stages": [stage], "event": "came", "to": to, "backward": backward},
        },
    )
    edge = next(edge for edge in edges(Machine.model_validate(data)) if edge.move.id == "come")
    assert [path for path, _ in edge.guard] == asked


# ---------------------------------------------------------------------------------------------------------------- findings


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param(
            {"moves": {"qualify": {"when": BIG}, "drop": {"stages": ["LEAD"], "event": "scored", "to": "LOST", "when": GERMAN}}},
            [("moves-overlap", "machine.moves[drop]")],
            id="moves that may both be meant",
        ),
        pytest.param(
            {"moves": {"reject": {"data": [{"name": "category", "values": ["bad_fit"]}]}}},
            [("value-unanswered", "machine.events[rejected].requires[category]")] * 2,
            id="a category that no move answers",
        ),
        pytest.param(
            {"moves": {"qualify": {"to": "SAL"}}, "path": ["LEAD", "MQL", "SAL"]},
            [("stage-only-inferred", "machine.stages[MQL]")],
            id="a stage that is only ever passed",
        ),
        pytest.param(
            {
                "stages": {"LOST": {"terminal": False}, "GONE": {"terminal": True}},
                "moves": {"forget": {"stages": ["LOST"], "event": "accepted", "to": "GONE"}},
            },
            [("stage-no-return", "machine.stages[LOST]")],
            id="a stage from which nobody comes back",
        ),
        pytest.param({"stages": {"SAL": {"crm": False}}}, [("crm-missing", "machine.stages")], id="no stage is the CRM’s"),
        pytest.param({"stages": {"MQL": {"crm": True}}}, [("crm-twice", "machine.stages[SAL].crm")], id="two stages are the CRM’s"),
        pytest.param({"path": []}, [], id="without a path nothing is off it"),
        pytest.param(
            {"moves": {"accept": {"backward": True}}},
            [("backward-forward", "machine.moves[accept].backward")],
            id="a step forward that says it goes back",
        ),
        pytest.param(
            {"moves": {"note": {"stages": ["MQL"], "event": "scored", "backward": True}}},
            [("backward-forward", "machine.moves[note].backward")],
            id="one that stays and says so",
        ),
        pytest.param(
            {"events": {"moved": {}}, "moves": {"shift": {"stages": ["LEAD", "SAL"], "event": "moved", "to": "MQL", "backward": True}}},
            [],
            id="one that goes back from one of its stages",
        ),
    ],
)
def test_what_is_legal_and_odd_is_found(changes: Mapping[str, Any], found: list[tuple[str, str]]) -> None:
    machine = Machine.model_validate(with_rows(**changes))
    assert [(finding.code, finding.path) for finding in findings(machine, "machine")] == found


def test_machines_about_one_thing_are_a_table() -> None:
    """LC-4: a firm had five definitions of an MQL."""
    rows = [with_rows(id="dach", when=GERMAN), with_rows(id="big", when=BIG), with_rows(id="deal", about="deal"), with_rows(id="rest")]
    document = LifecycleDocument.model_validate({"machines": rows})
    assert [(finding.code, finding.path) for finding in lint(document, "lifecycle")] == [
        ("machine-regions", "lifecycle.machines[dach].when")
    ]
    turned = LifecycleDocument.model_validate({"machines": [rows[3], rows[1]]})
    assert [(finding.code, finding.path) for finding in lint(turned, "lifecycle")] == [
        ("row-always", "lifecycle.machines[rest]"),
        ("row-covered", "lifecycle.machines[big]"),
    ]
    alone = LifecycleDocument.model_validate({"machines": [rows[0]]})
    assert lint(alone, "lifecycle") == ()


def test_the_shipped_machines_are_sound_and_not_odd() -> None:
    assert lint(SHIPPED) == ()
    assert {machine.id: (machine.start, len(machine.stages), machine.about) for machine in SHIPPED.machines} == {
        "lead": ("SUBSCRIBER", 11, "lead"),
        "journey": ("ANONYMOUS", 6, "journey"),
        "opportunity": ("DISCOVERY", 6, "opportunity"),
        "customer": ("CUSTOMER", 6, "customer"),
    }


def test_every_row_of_the_shipped_machines_says_its_source() -> None:
    for machine in SHIPPED.machines:
        stages, events, moves = (
            [row.source for row in machine.stages],
            [row.source for row in machine.events],
            [row.source for row in machine.moves],
        )
        assert all([machine.source, *stages, *events, *moves])


def test_the_shipped_machines_come_out_of_their_plain_form() -> None:
    assert LifecycleDocument.model_validate_json(SHIPPED.model_dump_json()) == SHIPPED
