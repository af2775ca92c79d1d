"""Where a lead stands and where it may go: what is moved, what is refused and why, and what a record says of it all."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
import transitions

from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Lead
from inbound_engine.history import Entry, Happened, Record, count, first, grown, happenings, re_entries
from inbound_engine.lifecycle import (
    Advanced,
    CompiledMachine,
    Drift,
    Refusal,
    Refused,
    Rules,
    Standing,
    Way,
    advance,
    choose,
    compile,
    drift,
    rebuild,
    referral,
    replay,
    stamps,
    standing,
    start,
    ways,
)
from inbound_engine.machines import LifecycleDocument
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.spans import parse_instant
from inbound_engine.vocabulary import FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary

SHIPPED = LifecycleDocument.model_validate(PLAYBOOK["lifecycle"])
WORDS = compile_vocabulary(FactsDocument(), [("mql", "boolean"), ("tier", "text"), ("fit", "decimal"), ("engagement", "decimal")])
NINE = parse_instant("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
LATER = NINE + 1000 * HOUR


def compiled(document: LifecycleDocument = SHIPPED) -> Rules:
    return compile(document, WORDS, Questions())


LEAD = compiled().machine("lead")


def seen(*, mql: bool | None = None, email: str | None = "ana@acme.example", employees: int | None = 240, **derived: str) -> View:
    lead = Lead(id="L-1", email=email, account=Account(id="A", employees=employees))
    return View(lead, NINE, derived={"mql": mql, **derived}.get)


QUALIFIED = seen(mql=True)


def told(number: int, event: str, **data: str) -> Happened:
    """The event of that number, so many hours after nine; `into` and the like are what it says."""
    return Happened(id=f"e{number}", at=NINE + number * HOUR, event=event, data=data)


def walk(*events: str, machine: CompiledMachine = LEAD, view: View = QUALIFIED) -> Record:
    """The record after events such as "rejected:bad_fit", each an hour after the other; every duplicate is one of L-2."""
    record = start(machine, "L-1", at=NINE)
    for number, spoken in enumerate(events, 1):
        event, _, said = spoken.partition(":")
        names = [name for name, _ in machine.requires[event]]
        data = {"into": "L-2"} if said == "duplicate" else {}
        made = advance(machine, record, told(number, event, **data, **dict.fromkeys(names, said)), view, at=LATER).value
        assert isinstance(made, Advanced), (spoken, made)
        record = made.record
    return record


def stages(record: Record) -> list[str]:
    return [f"({entry.stage})" if entry.inferred else entry.stage for entry in record.entries]


# --------------------------------------------------------------------------------------------------------- shipped machines


@pytest.mark.parametrize(
    ("events", "path"),
    [
        pytest.param(
            "captured validated scored accepted discovery_scheduled opportunity_opened won",
            "SUBSCRIBER SUBSCRIBER LEAD MQL SAL SQL SQO CLOSED_WON",
            id="LC-1, LC-2: the whole way",
        ),
        pytest.param("validated scored accepted discovery_completed", "SUBSCRIBER LEAD MQL SAL SQL", id="LC-1: completed without a date"),
        pytest.param(
            "validated scored accepted discovery_scheduled discovery_completed",
            "SUBSCRIBER LEAD MQL SAL SQL SQL",
            id="LC-1: a discovery that is completed later is noted",
        ),
        pytest.param("scored", "SUBSCRIBER (LEAD) MQL", id="a stage that is passed is inferred"),
        pytest.param("validated opportunity_opened", "SUBSCRIBER LEAD (MQL) (SAL) (SQL) SQO", id="several are"),
        pytest.param("scored accepted discovery_scheduled won", "SUBSCRIBER (LEAD) MQL SAL SQL (SQO) CLOSED_WON", id="won without SQO"),
        pytest.param("scored accepted won", "SUBSCRIBER (LEAD) MQL SAL (SQL) (SQO) CLOSED_WON", id="won without a discovery"),
        pytest.param("scored won", "SUBSCRIBER (LEAD) MQL (SAL) (SQL) (SQO) CLOSED_WON", id="won at once"),
        pytest.param("accepted", "SUBSCRIBER (LEAD) (MQL) SAL", id="sales takes one that was never scored"),
        pytest.param("validated accepted", "SUBSCRIBER LEAD (MQL) SAL", id="or that is no MQL"),
        pytest.param("scored scored accepted", "SUBSCRIBER (LEAD) MQL MQL SAL", id="TI-1: a later score of an MQL is noted"),
        pytest.param("scored rejected:bad_fit", "SUBSCRIBER (LEAD) MQL LEAD", id="LC-9: bad fit stays with marketing"),
        pytest.param("scored rejected:low_intent", "SUBSCRIBER (LEAD) MQL RECYCLED", id="LC-9: low intent"),
        pytest.param("scored rejected:wrong_timing", "SUBSCRIBER (LEAD) MQL RECYCLED", id="LC-9: wrong timing"),
        pytest.param("scored rejected:duplicate", "SUBSCRIBER (LEAD) MQL MERGED", id="LC-9: duplicate"),
        pytest.param("scored rejected:wrong_role", "SUBSCRIBER (LEAD) MQL DISQUALIFIED", id="LC-9: wrong role"),
        pytest.param("scored accepted rejected:wrong_role", "SUBSCRIBER (LEAD) MQL SAL DISQUALIFIED", id="LC-9: after acceptance"),
        pytest.param("disqualified:no_budget reopened", "SUBSCRIBER DISQUALIFIED LEAD", id="LC-6: reopened"),
        pytest.param("scored recycled reactivated scored", "SUBSCRIBER (LEAD) MQL RECYCLED LEAD MQL", id="LC-7: an MQL again"),
        pytest.param(
            "scored accepted lost recycled disqualified:not_involved merged:L-2",
            "SUBSCRIBER (LEAD) MQL SAL CLOSED_LOST RECYCLED DISQUALIFIED MERGED",
            id="LC-2: every side stage is left by name",
        ),
    ],
)
def test_a_lead_goes_where_its_events_take_it(events: str, path: str) -> None:
    assert stages(walk(*events.split())) == path.split()


@pytest.mark.parametrize("stage", ["SUBSCRIBER", "LEAD", "MQL", "SAL", "SQL", "SQO"])
@pytest.mark.parametrize("event", ["disqualified", "merged"])
def test_every_open_stage_can_be_disqualified_and_merged(stage: str, event: str) -> None:
    """LC-6, LC-9."""
    ways_there = {"SUBSCRIBER": "", "LEAD": "validated", "MQL": "scored", "SAL": "scored accepted"}
    ways_there |= {"SQL": "scored discovery_scheduled", "SQO": "scored opportunity_opened"}
    said = {"disqualified": "long_timeline", "merged": "L-2"}[event]
    assert walk(*ways_there[stage].split(), f"{event}:{said}").entries[-1].left == stage


def test_only_the_named_event_brings_a_disqualified_lead_back() -> None:
    """LC-6."""
    machine = LEAD.choices["DISQUALIFIED"]
    assert {event: [choice.to for choice in several] for event, several in machine.items()} == {"reopened": ["LEAD"], "merged": ["MERGED"]}


@pytest.mark.parametrize(
    ("machine", "events", "path"),
    [
        ("journey", "visited identified touched scored accepted discovery_completed", "ANONYMOUS ANONYMOUS KNOWN ENGAGED MQL SAL SQL"),
        ("journey", "identified touched scored rejected:low_intent", "ANONYMOUS KNOWN ENGAGED MQL KNOWN"),
        ("opportunity", "evaluation_started proposal_sent re_evaluated lost", "DISCOVERY EVALUATION PROPOSAL EVALUATION LOST"),
        ("opportunity", "proposal_sent negotiation_started won", "DISCOVERY (EVALUATION) PROPOSAL NEGOTIATION WON"),
        (
            "customer",
            "won onboarding_started adopted renewed became_loyal advocated referred churned",
            "CUSTOMER CUSTOMER ONBOARDING ADOPTED ADOPTED LOYAL ADVOCATE ADVOCATE CHURNED",
        ),
        ("customer", "signed_up adopted expanded", "CUSTOMER CUSTOMER (ONBOARDING) ADOPTED ADOPTED"),
    ],
)
def test_the_other_machines_go_their_way(machine: str, events: str, path: str) -> None:
    """LC-12, FN-6, LC-13."""
    view = View(Lead(id="L-1", email="ana@acme.example"), NINE, counts=[3, 1, 1], derived={"tier": "T1"}.get)
    assert stages(walk(*events.split(), machine=compiled().machine(machine), view=view)) == path.split()


@pytest.mark.parametrize(("tier", "code"), [("T1", None), ("T2", None), ("T3", "guard_failed"), (None, "guard_unknown")])
def test_an_engaged_buyer_is_routed_by_tier(tier: str | None, code: str | None) -> None:
    """LC-12: T1 and T2 become an MQL there, below that nurture."""
    machine = compiled().machine("journey")
    view = View(Lead(id="L-1", email="ana@acme.example"), NINE, counts=[3, 1, 1], derived={"tier": tier}.get)
    record = walk("identified", "touched", machine=machine, view=view)
    assert getattr(advance(machine, record, told(9, "scored"), view, at=LATER).value, "code", None) == code


def _targets(machine: str) -> dict[tuple[str, str, str], str]:
    """Where each stage goes on each event and what it says, read off the plain data and nothing else."""
    document: Any = PLAYBOOK["lifecycle"]
    rows = next(row for row in document["machines"] if row["id"] == machine)
    said = {kind["id"]: [value for need in kind.get("requires", []) for value in need.get("values", ["L-2"])] for kind in rows["events"]}
    found = {}
    for move in rows["moves"]:
        for stage in move["stages"]:
            values = [value for need in move.get("data", []) for value in need["values"]] or said[move["event"]] or [""]
            for value in values:
                assert (stage, move["event"], value) not in found
                found[stage, move["event"], value] = move.get("to", stage)
    return found


@pytest.mark.parametrize("name", ["lead", "journey", "opportunity", "customer"])
def test_the_transitions_package_goes_the_same_way(name: str) -> None:
    """Every stage, every event, every value it may say: the same stage, or refused by both."""
    machine = compiled().machine(name)
    targets = _targets(name)
    view = View(
        Lead(id="L-1", email="a@b.example", account=Account(id="A", employees=5)),
        NINE,
        [3, 1, 1],
        derived=lambda fact: {"mql": True}.get(fact, "T1"),
    )

    class Model:
        state: str

    def said(value: str) -> Any:  # noqa: ANN401 - a condition as transitions wants it
        return lambda spoken: spoken == value

    model = Model()
    states = list(machine.stages)
    rows = [{"trigger": event, "source": stage, "dest": to, "conditions": [said(value)]} for (stage, event, value), to in targets.items()]
    transitions.Machine(model=model, states=states, transitions=rows, initial=states[0], auto_transitions=False, send_event=False)
    values = sorted({value for _, _, value in targets})
    compared = 0
    for stage in states:
        begun = Entry(stage=stage, left=None, at=NINE, event_id="", event="", move="")
        record = Record("L-1", name, (begun, attrs.evolve(begun, left=stage, event_id="e0", event="known")))
        for event, needs in machine.requires.items():
            free = any(not allowed for _, allowed in needs)  # any text will do, and one stands for all
            for value in ["L-2"] if free else values:
                model.state = stage
                try:
                    moved = bool(model.trigger(event, value if needs else ""))  # type: ignore[attr-defined]  # made at run time
                except transitions.MachineError:
                    moved = False
                expected = model.state if moved else None
                data = {"into": "L-2"} | {need: value for need, _ in needs if value}
                made = advance(machine, record, told(1, event, **data), view, at=LATER).value
                assert (made.record.stage if isinstance(made, Advanced) else None) == expected, (stage, event, value)
                compared += expected is not None
    assert compared >= len(targets)


# ---------------------------------------------------------------------------------------------------------------- refusals

PATH = "lifecycle.machines[lead]"


@pytest.mark.parametrize(
    ("events", "event", "view", "code", "because"),
    [
        pytest.param(
            "validated",
            told(2, "acepted"),
            QUALIFIED,
            "unknown_event",
            f"{PATH}.events[acepted] does not hold: nearest accepted.",
            id="LC-11: an event that the machine does not know",
        ),
        pytest.param(
            "validated",
            told(2, "zzz"),
            QUALIFIED,
            "unknown_event",
            f"{PATH}.events[zzz] does not hold: nearest nothing alike.",
            id="and nothing like it",
        ),
        pytest.param(
            "validated",
            told(2, "won"),
            QUALIFIED,
            "not_from_here",
            f"{PATH}.events[won] does not hold: stage LEAD.",
            id="LC-11: an event that the stage does not know",
        ),
        pytest.param(
            "scored",
            told(2, "rejected"),
            QUALIFIED,
            "missing_data",
            f"{PATH}.events[rejected].requires[category] is unknown: category unknown, "
            "expected one of bad_fit, duplicate, low_intent, wrong_role, wrong_timing.",
            id="LC-5: a rejection without a category",
        ),
        pytest.param(
            "scored",
            told(2, "rejected", category="rude"),
            QUALIFIED,
            "wrong_data",
            f"{PATH}.events[rejected].requires[category] does not hold: category rude, "
            "expected one of bad_fit, duplicate, low_intent, wrong_role, wrong_timing.",
            id="LC-5: a rejection with another",
        ),
        pytest.param(
            "scored",
            told(2, "disqualified", rule="bad_fit"),
            QUALIFIED,
            "wrong_data",
            f"{PATH}.events[disqualified].requires[rule] does not hold: rule bad_fit, "
            "expected one of happy_with_competitor, long_timeline, no_budget, not_involved.",
            id="LC-6: a disqualification by no rule",
        ),
        pytest.param(
            "scored",
            told(2, "merged"),
            QUALIFIED,
            "missing_data",
            f"{PATH}.events[merged].requires[into] is unknown: into unknown, expected any text.",
            id="LC-9: merged into nobody",
        ),
        pytest.param(
            "scored",
            told(2, "rejected", category="duplicate"),
            QUALIFIED,
            "missing_data",
            f"{PATH}.moves[reject_duplicate].requires[into] is unknown: into unknown, expected any text.",
            id="LC-9: a duplicate of nobody",
        ),
        pytest.param(
            "validated",
            told(2, "scored"),
            seen(mql=False),
            "guard_failed",
            f"{PATH}.stages[MQL].when does not hold: mql false, asked mql equals true.",
            id="LC-4: a guard that fails says on what",
        ),
        pytest.param(
            "validated",
            told(2, "scored"),
            seen(),
            "guard_unknown",
            f"{PATH}.stages[MQL].when is unknown: mql unknown, asked mql equals true.",
            id="a guard for want of a fact",
        ),
        pytest.param(
            "validated",
            told(2, "scored"),
            None,
            "guard_unknown",
            f"{PATH}.stages[MQL].when is unknown: asked mql equals true.",
            id="a guard for want of all facts",
        ),
        pytest.param(
            "",
            told(1, "validated"),
            seen(employees=None),
            "guard_failed",
            f"{PATH}.stages[LEAD].when.of[1].of[0] does not hold: account name unknown, asked account_name is known.",
            id="LC-1: a lead of whom no company data is known",
        ),
        pytest.param(
            "scored rejected:duplicate",
            told(3, "reopened"),
            QUALIFIED,
            "terminal",
            f"{PATH}.events[reopened] does not hold: stage MERGED.",
            id="LC-11: an event after the end",
        ),
        pytest.param(
            "validated scored",
            told(1, "accepted"),
            QUALIFIED,
            "duplicate_event",
            f"{PATH}.events[accepted] does not hold: id e1.",
            id="an event under an id that was applied",
        ),
        pytest.param(
            "validated scored",
            told(2000, "accepted"),
            QUALIFIED,
            "after_at",
            f"{PATH}.events[accepted] does not hold: happened 2026-05-24 17:00 UTC, at 2026-04-13 01:00 UTC.",
            id="FD-2: an event that has not happened yet",
        ),
        pytest.param(
            "validated scored",
            attrs.evolve(told(1, "accepted"), id="e9"),
            QUALIFIED,
            "before_last",
            f"{PATH}.events[accepted] does not hold: happened 2026-03-02 10:00 UTC, last 2026-03-02 11:00 UTC, last event e2.",
            id="LC-11: an event before the last one",
        ),
        pytest.param(
            "",
            attrs.evolve(told(0, "validated"), at=NINE - HOUR),
            QUALIFIED,
            "before_last",
            f"{PATH}.events[validated] does not hold: happened 2026-03-02 08:00 UTC, last 2026-03-02 09:00 UTC, last event unknown.",
            id="an event before the start",
        ),
    ],
)
def test_a_refusal_says_which_and_why(events: str, event: Happened, view: View | None, code: Refusal, because: str) -> None:
    record = walk(*events.split())
    decision = advance(LEAD, record, event, view, at=LATER)
    refused = decision.value
    assert isinstance(refused, Refused)
    assert (refused.code, str(refused.because[0])) == (code, because)
    assert (refused.record is record, refused.event, refused.stage) == (True, event, record.stage)
    assert decision.because == refused.because


def test_a_value_that_no_move_answers_is_refused() -> None:
    document = changed(SHIPPED, {"machines[lead].moves[reject_wrong_role].stages": ["SAL"]})
    record = walk("scored")
    refused = advance(compiled(document).machine("lead"), record, told(2, "rejected", category="wrong_role"), QUALIFIED, at=LATER).value
    assert isinstance(refused, Refused)
    assert (refused.code, str(refused.because[0])) == (
        "wrong_data",
        f"{PATH}.events[rejected] does not hold: category wrong_role, stage MQL.",
    )


def test_a_refusal_says_what_would_work() -> None:
    """LC-4: and what each wants; what surely fails is not offered."""
    refused = advance(LEAD, walk("validated"), told(2, "won"), seen(mql=False), at=LATER).value
    assert isinstance(refused, Refused)
    assert refused.would == (
        Way("accepted", "SAL", "accept"),
        Way("discovery_scheduled", "SQL", "schedule_discovery"),
        Way("discovery_completed", "SQL", "complete_discovery"),
        Way("opportunity_opened", "SQO", "open_opportunity"),
        Way(
            "disqualified",
            "DISQUALIFIED",
            "disqualify",
            (("rule", ("no_budget", "happy_with_competitor", "not_involved", "long_timeline")),),
        ),
        Way("merged", "MERGED", "merge", (("into", ()),)),
    )


@pytest.mark.parametrize(("view", "sure"), [(None, None), (seen(), None), (QUALIFIED, True)])
def test_a_way_says_whether_it_is_sure(view: View | None, sure: bool | None) -> None:
    assert ways(LEAD, walk("validated"), view)[0] == Way("scored", "MQL", "qualify", (), "mql equals true", sure)


def test_a_narrowed_way_offers_only_what_it_is_for() -> None:
    offered = [way.says for way in ways(LEAD, walk("scored")) if way.event == "rejected"]
    assert offered[1] == (("category", ("low_intent", "wrong_timing")),)
    assert offered[2] == (("category", ("duplicate",)), ("into", ()))


def test_no_way_leads_from_an_end() -> None:
    assert ways(LEAD, walk("scored", "rejected:duplicate")) == ()


def test_data_may_say_more_than_is_required() -> None:
    made = advance(LEAD, walk("scored"), told(2, "rejected", category="duplicate", into="L-2"), at=LATER).value
    assert isinstance(made, Advanced)
    assert made.entries[0].data == (("category", "duplicate"), ("into", "L-2"))


def test_events_of_one_instant_are_applied_in_the_order_of_histories() -> None:
    """LC-11: by sequence, then by id; at the instant of the start nothing comes too early."""

    def at_nine(name: str, event: str, sequence: int = 0) -> Happened:
        return Happened(id=name, at=NINE, event=event, sequence=sequence)

    record = start(LEAD, "L-1", at=NINE)
    for event in (at_nine("b", "captured", -1), at_nine("b2", "validated"), at_nine("c", "scored"), at_nine("a", "accepted", 1)):
        made = advance(LEAD, record, event, QUALIFIED, at=NINE).value
        assert isinstance(made, Advanced), event
        record = made.record
    for event in (at_nine("z", "rejected"), at_nine("A", "rejected", 1)):
        assert getattr(advance(LEAD, record, event, QUALIFIED, at=NINE).value, "code", None) == "before_last"


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    berlin = timezone(HOUR)
    made = advance(LEAD, start(LEAD, "L-1", at=NINE), told(0, "captured"), at=NINE.astimezone(berlin)).value
    assert isinstance(made, Advanced)
    with pytest.raises(FactError, match="at: saw 2026-03-02T09:00:00 without a zone"):
        advance(LEAD, made.record, told(1, "captured"), at=NINE.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (Record("L-1", "deal", (Entry(stage="MQL", left=None, at=NINE, event_id="", event="", move=""),)), "record.machine: saw 'deal'"),
        (Record("L-1", "lead", (Entry(stage="COLD", left=None, at=NINE, event_id="", event="", move=""),)), "record.stage: saw 'COLD'"),
    ],
)
def test_a_record_that_is_not_of_the_machine_is_a_fact_of_the_wrong_kind(record: Record, message: str) -> None:
    for ask in (
        lambda: advance(LEAD, record, told(1, "scored"), at=LATER),
        lambda: ways(LEAD, record),
        lambda: standing(LEAD, record),
        lambda: drift(LEAD, record, QUALIFIED),
        lambda: rebuild(LEAD, record, [told(1, "scored")]),
    ):
        with pytest.raises(FactError, match=message):
            ask()


# ------------------------------------------------------------------------------------------------------------------ moves


def test_a_move_says_which_rule_spoke_and_what_its_guard_saw() -> None:
    """LC-4, FD-5."""
    decision = advance(LEAD, start(LEAD, "L-1", at=NINE), told(1, "scored"), QUALIFIED, at=LATER, policy="f00d")
    assert [str(reason) for reason in decision.because] == [
        f"{PATH}.moves[qualify] holds: event scored, from SUBSCRIBER, to MQL, inferred LEAD, asked mql equals true."
    ]
    made = decision.value
    assert isinstance(made, Advanced)
    assert [str(reason) for reason in made.guards] == [f"{PATH}.stages[MQL].when holds: mql true, asked mql equals true."]
    assert [entry.policy for entry in made.record.entries] == ["", "f00d", "f00d"]
    assert (type(made), made.entries) == (Advanced, made.record.entries[1:])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.record = walk()  # type: ignore[misc]  # that is what is tried


@pytest.mark.parametrize("event", ["scored", "accepted"])
def test_what_came_of_a_move_never_changes(event: str) -> None:
    """FD-1: `accepted` passes a stage, and `scored` none."""
    lead = start(LEAD, "L-1", at=NINE, stage="LEAD")
    once, again = (advance(LEAD, lead, told(1, event), QUALIFIED, at=LATER) for _ in range(2))
    assert (type(once.value), once, hash(once.value), repr(once)) == (Advanced, again, hash(again.value), repr(again))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        once.value.record = lead  # type: ignore[misc]  # that is what is tried
    assert [entry.stage for entry in lead.entries] == ["LEAD"]


def test_a_move_that_asks_nothing_needs_no_facts() -> None:
    made = advance(LEAD, walk("scored"), told(2, "accepted"), at=LATER)
    assert isinstance(made.value, Advanced)
    assert made.value.guards == ()
    assert "asked" not in str(made.because[0])


def test_a_move_keeps_what_was_reported() -> None:
    """LC-10."""
    event = Happened(
        id="e7", at=NINE + 7 * HOUR, event="rejected", data={"category": "bad_fit"}, actor="maya", reason="too small", sequence=3
    )
    made = advance(LEAD, walk("scored"), event, QUALIFIED, at=LATER, policy="f1").value
    assert isinstance(made, Advanced)
    assert made.entries == (
        Entry(
            stage="LEAD",
            left="MQL",
            at=NINE + 7 * HOUR,
            event_id="e7",
            event="rejected",
            move="reject_bad_fit",
            data=(("category", "bad_fit"),),
            actor="maya",
            reason="too small",
            policy="f1",
            sequence=3,
        ),
    )


TWO: Mapping[str, Any] = {
    "id": "lead",
    "start": "LEAD",
    "stages": [{"id": "LEAD"}, {"id": "BIG", "terminal": True}, {"id": "SMALL", "terminal": True}],
    "events": [{"id": "sorted"}],
    "moves": [
        {
            "id": "big",
            "stages": ["LEAD"],
            "event": "sorted",
            "to": "BIG",
            "when": {"op": "at_least", "fact": "employees", "value": 50},
        },
        {"id": "small", "stages": ["LEAD"], "event": "sorted", "to": "SMALL", "when": {"op": "equals", "fact": "country", "value": "DE"}},
    ],
}


@pytest.mark.parametrize(
    ("employees", "country", "stage"),
    [
        (240, None, "BIG"),
        (240, "DE", "BIG"),
        (9, "DE", "SMALL"),
        (9, "FR", "guard_failed"),
        (None, "DE", "guard_unknown"),
        (9, None, "guard_unknown"),
        (None, "FR", "guard_unknown"),
    ],
)
def test_of_several_moves_the_first_is_taken_where_that_is_sure(employees: int | None, country: str | None, stage: str) -> None:
    """FD-6: a later one is taken only once those before it surely fail."""
    machine = compiled(LifecycleDocument.model_validate({"machines": [TWO]})).machine("lead")
    view = View(Lead(id="L-1", country=country, account=Account(id="A", employees=employees)), NINE)
    made = advance(machine, start(machine, "L-1", at=NINE), told(1, "sorted"), view, at=LATER).value
    assert (made.record.stage if isinstance(made, Advanced) else made.code) == stage


@pytest.mark.parametrize(
    ("employees", "country", "answer"),
    [
        (240, "DE", None),
        (240, "FR", "guard_failed"),
        (9, "DE", "guard_failed"),
        (9, None, "guard_failed"),
        (None, "FR", "guard_failed"),
        (None, "DE", "guard_unknown"),
        (240, None, "guard_unknown"),
        (None, None, "guard_unknown"),
    ],
)
def test_a_guard_is_that_of_the_move_and_of_the_stage(employees: int | None, country: str | None, answer: str | None) -> None:
    stages = [{"id": "LEAD"}, {"id": "BIG", "terminal": True, "when": {"op": "equals", "fact": "country", "value": "DE"}}]
    document = LifecycleDocument.model_validate({"machines": [{**TWO, "stages": stages, "moves": TWO["moves"][:1]}]})
    machine = compiled(document).machine("lead")
    view = View(Lead(id="L-1", country=country, account=Account(id="A", employees=employees)), NINE)
    decision = advance(machine, start(machine, "L-1", at=NINE), told(1, "sorted"), view, at=LATER)
    assert getattr(decision.value, "code", None) == answer
    if isinstance(decision.value, Refused):
        expected = {"guard_failed": Code.FAILED, "guard_unknown": Code.UNKNOWN}[decision.value.code]
        assert {reason.code for reason in decision.because} == {expected}
    else:
        assert len(decision.value.guards) == 2


# --------------------------------------------------------------------------------------------------------------- choosing


def test_machines_are_chosen_by_the_first_condition_that_holds() -> None:
    rows = [
        {**TWO, "id": "big", "when": {"op": "at_least", "fact": "employees", "value": 50}},
        {**TWO, "id": "deal", "about": "deal"},
        {**TWO, "id": "rest"},
    ]
    rules = compiled(LifecycleDocument.model_validate({"machines": rows}))

    def chosen(view: View | None, about: str = "lead") -> tuple[str | None, list[str]]:
        decision = choose(rules, view, about)
        return None if decision.value is None else decision.value.id, [str(reason) for reason in decision.because]

    asked = "lifecycle.machines[big].when"
    assert chosen(seen()) == ("big", [f"{asked} holds: employees 240, asked employees is at least 50."])
    assert chosen(seen(employees=9)) == ("rest", [f"{asked} does not hold: employees 9, asked employees is at least 50."])
    assert chosen(None) == ("rest", [f"{asked} is unknown: asked employees is at least 50."])
    assert chosen(None, "deal") == ("deal", [])
    assert chosen(None, "house") == (None, [])


def test_a_machine_that_is_not_there_is_told() -> None:
    with pytest.raises(FactError, match=r'Did you mean "lead"\?'):
        compiled().machine("leed")
    with pytest.raises(FactError, match="machine: saw 'house', expected one of customer, journey, lead, opportunity"):
        compiled().machine("house")


def test_a_condition_that_does_not_fit_is_refused_when_it_is_compiled() -> None:
    document = changed(SHIPPED, {"machines[lead].stages[MQL].when": {"op": "equals", "fact": "employees", "value": "many"}})
    with pytest.raises(PolicyError, match="'many' for employees, a fact of kind integer"):
        compiled(document)


# --------------------------------------------------------------------------------------------------------------- standing


def test_a_standing_says_who_owns_the_record_and_since_when_it_is_in_the_crm() -> None:
    """LC-4."""
    assert standing(LEAD, walk("validated")) == Standing("LEAD", "Lead", "marketing", NINE + HOUR, False, None, ())
    fields = ("name", "email", "account_name", "title", "source")
    assert standing(LEAD, walk("validated", "scored", "accepted")) == Standing(
        "SAL", "Sales-accepted lead", "sales", NINE + 3 * HOUR, False, NINE + 2 * HOUR, fields
    )
    passed = standing(LEAD, walk("validated", "opportunity_opened", "won"))
    assert (passed.terminal, passed.crm_since, passed.owner) == (True, NINE + 2 * HOUR, "customer_success")


def test_a_stage_without_a_label_is_called_by_its_id() -> None:
    machine = compiled(LifecycleDocument.model_validate({"machines": [TWO]})).machine("lead")
    assert standing(machine, start(machine, "L-1", at=NINE)).label == "LEAD"


def test_stamps_keep_the_first_and_the_latest_time() -> None:
    """LC-10: no date of an MQL is ever overwritten; what was inferred dates nothing."""
    record = walk("scored", "rejected:bad_fit", "scored", "accepted", "discovery_scheduled")
    dated = {stamp.name: (stamp.first, stamp.latest) for stamp in stamps(LEAD, record)}
    assert dated == {
        "became_mql": (NINE + HOUR, NINE + 3 * HOUR),
        "rejected": (NINE + 2 * HOUR, NINE + 2 * HOUR),
        "passive_nurture": (NINE + 2 * HOUR, NINE + 2 * HOUR),
        "became_sal": (NINE + 4 * HOUR, NINE + 4 * HOUR),
        "became_sql": (NINE + 5 * HOUR, NINE + 5 * HOUR),
        "discovery_scheduled": (NINE + 5 * HOUR, NINE + 5 * HOUR),
    }
    assert re_entries(record, "MQL") == 1


def test_a_record_may_start_where_it_is_known_to_stand() -> None:
    record = start(LEAD, "L-1", at=NINE, stage="SAL", policy="f1")
    assert (record.stage, record.since, record.entries[0].policy) == ("SAL", NINE, "f1")
    with pytest.raises(FactError, match="stage: saw 'COLD', expected one of CLOSED_LOST"):
        start(LEAD, "L-1", at=NINE, stage="COLD")


def test_a_record_in_a_stage_that_is_left_out_may_still_leave_it() -> None:
    """LC-3: the policy dropped SAL while a lead stood there."""
    record = walk("scored", "accepted")
    machine = compiled(changed(SHIPPED, {"machines[lead].omit": ["SAL"]})).machine("lead")
    made = advance(machine, record, told(5, "discovery_scheduled"), at=LATER).value
    assert isinstance(made, Advanced)
    assert made.record.stage == "SQL"
    refused = advance(machine, walk("scored"), told(5, "accepted"), at=LATER).value
    assert isinstance(refused, Refused)
    assert refused.code == "not_from_here"


@pytest.mark.parametrize(
    ("events", "event", "path"),
    [
        ("scored", told(2, "rejected", category="bad_fit"), "SUBSCRIBER (LEAD) MQL LEAD"),
        ("scored accepted", told(3, "rejected", category="bad_fit"), "SUBSCRIBER (LEAD) MQL SAL LEAD"),
        ("scored recycled", told(3, "reactivated"), "SUBSCRIBER (LEAD) MQL RECYCLED LEAD"),
        ("disqualified:no_budget", told(2, "reopened"), "SUBSCRIBER DISQUALIFIED LEAD"),
    ],
)
@pytest.mark.parametrize("view", [seen(employees=None), None], ids=["no company", "no facts"])
def test_the_way_back_asks_nothing_of_the_lead(events: str, event: Happened, path: str, view: View | None) -> None:
    """LC-5, LC-9, LC-11: what sales rejects is rejected, though nothing is known of the company."""
    made = advance(LEAD, walk(*events.split()), event, view, at=LATER).value
    assert isinstance(made, Advanced), made
    assert stages(made.record) == path.split()


# ---------------------------------------------------------------------------------------------------------------- opening

CUSTOMER = compiled().machine("customer")


def test_a_customer_opens_on_a_policy_event() -> None:
    """LC-13: nothing happens to one that neither bought nor signed up; one that is known to stand further on is open."""
    record = start(CUSTOMER, "C-1", at=NINE)
    refused = advance(CUSTOMER, record, told(1, "adopted"), at=LATER).value
    assert isinstance(refused, Refused)
    assert (refused.code, str(refused.because[0])) == (
        "not_open",
        "lifecycle.machines[customer].events[adopted] does not hold: stage CUSTOMER, expected one of signed_up, won.",
    )
    assert [way.event for way in refused.would] == [way.event for way in ways(CUSTOMER, record)] == ["won", "signed_up"]
    for opener in ("won", "signed_up"):
        opened = advance(CUSTOMER, record, told(1, opener), at=LATER).value
        assert isinstance(advance(CUSTOMER, opened.record, told(2, "adopted"), at=LATER).value, Advanced)
    known = start(CUSTOMER, "C-1", at=NINE, stage="ONBOARDING")
    assert isinstance(advance(CUSTOMER, known, told(1, "adopted"), at=LATER).value, Advanced)
    anew = rebuild(CUSTOMER, record, [told(1, "adopted"), told(2, "won"), told(3, "adopted")])
    assert [(no.event.id, no.code, [way.event for way in no.would]) for no in anew.refused] == [("e1", "not_open", ["won", "signed_up"])]
    assert stages(anew.record) == ["CUSTOMER", "CUSTOMER", "(ONBOARDING)", "ADOPTED"]


# ---------------------------------------------------------------------------------------------- what a move wants besides


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({}, "missing_data lifecycle.machines[lead].moves[big].requires[by]"),
        ({"by": "sam"}, "wrong_data lifecycle.machines[lead].moves[big].requires[by]"),
        ({"by": "maya"}, "BIG"),
    ],
)
def test_a_move_may_want_more_than_its_event(data: dict[str, str], answer: str) -> None:
    """Only the move that is taken asks, so that no other one of the event has to say it."""
    rows = [{**TWO["moves"][0], "requires": [{"name": "by", "values": ["maya", "ann"]}]}, TWO["moves"][1]]
    machine = compiled(LifecycleDocument.model_validate({"machines": [{**TWO, "moves": rows}]})).machine("lead")
    record = start(machine, "L-1", at=NINE)
    found = advance(machine, record, told(1, "sorted", **data), seen(), at=LATER).value
    said = f"{found.code} {found.because[0].rule}" if isinstance(found, Refused) else found.record.stage
    assert said == answer
    german = View(Lead(id="L-1", country="DE", account=Account(id="A", employees=9)), NINE)
    assert isinstance(advance(machine, record, told(1, "sorted", **data), german, at=LATER).value, Advanced)


def test_a_move_that_is_alone_is_told_too() -> None:
    rows = [{**TWO["moves"][0], "when": None, "requires": [{"name": "by"}]}]
    stages_of_two = [row for row in TWO["stages"] if row["id"] != "SMALL"]
    machine = compiled(LifecycleDocument.model_validate({"machines": [{**TWO, "stages": stages_of_two, "moves": rows}]})).machine("lead")
    record = start(machine, "L-1", at=NINE)
    assert [getattr(advance(machine, record, told(1, "sorted", **data), at=LATER).value, "code", None) for data in ({}, {"by": "x"})] == [
        "missing_data",
        None,
    ]


# ------------------------------------------------------------------------------------------------------------- wrong kinds


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda wrong: advance(LEAD, walk(), wrong, at=LATER),
            r"event: saw a table of 1, expected an event\. Make one with Happened\(id=…, at=…, event=…\)\.",
        ),
        (lambda wrong: advance(LEAD, wrong, told(1, "scored"), at=LATER), r"record: saw a table of 1, expected a record\. `start` makes"),
        (lambda wrong: advance(LEAD, walk(), told(1, "scored"), wrong, at=LATER), "view: saw a table of 1, expected the facts of a lead"),
        (lambda wrong: drift(LEAD, walk(), wrong), r"view: saw a table of 1, expected the facts of a lead .*\. Pass View\(lead, at\)"),
        (lambda wrong: ways(LEAD, wrong), "record: saw a table of 1"),
        (lambda wrong: standing(LEAD, wrong), "record: saw a table of 1"),
        (lambda wrong: rebuild(LEAD, wrong), "record: saw a table of 1"),
    ],
)
def test_what_is_of_the_wrong_kind_is_told(ask: Any, message: str) -> None:  # noqa: ANN401 - what is refused is of any type
    with pytest.raises(FactError, match=f"^{message}"):
        ask({"id": "L-1"})


def test_guards_never_look_ahead() -> None:
    """FD-2: a lead as it is a year later decides nothing today."""
    later = View(Lead(id="L-1"), NINE + HOUR + timedelta(microseconds=1), derived={"mql": True}.get)
    with pytest.raises(FactError, match=r"^view\.at: saw 2026-03-02T10:00:00\.000001\+00:00, expected an instant at or before"):
        advance(LEAD, walk(), told(1, "scored"), later, at=NINE + HOUR)
    assert isinstance(advance(LEAD, walk(), told(1, "scored"), later, at=NINE + 2 * HOUR).value, Advanced)


# ---------------------------------------------------------------------------------------------------------------- folding


def test_a_late_event_is_answered_by_rebuilding() -> None:
    """LC-11: the rejection of the second day is reported on the fourth."""
    record = walk("validated", "scored")
    late = Happened(id="late", at=NINE + 90 * timedelta(minutes=1), event="disqualified", data={"rule": "no_budget"})
    assert getattr(advance(LEAD, record, late, at=LATER).value, "code", None) == "before_last"
    anew = rebuild(LEAD, record, [late], policy="f2")
    assert stages(anew.record) == ["SUBSCRIBER", "LEAD", "DISQUALIFIED"]
    assert [entry.policy for entry in anew.record.entries] == ["", "", "f2"]
    assert [(no.event.id, no.stage, no.code, no.record is anew.record) for no in anew.refused] == [
        ("e2", "DISQUALIFIED", "not_from_here", True)
    ]
    assert [way.event for way in anew.refused[0].would] == ["reopened", "merged"]


def test_an_event_handed_over_again_takes_the_place_of_the_old_one() -> None:
    record = walk("scored", "rejected:low_intent")
    corrected = told(2, "rejected", category="duplicate", into="L-2")
    anew = rebuild(LEAD, record, [corrected])
    assert stages(anew.record) == ["SUBSCRIBER", "(LEAD)", "MQL", "MERGED"]
    moved = attrs.evolve(happenings(record)[1], at=NINE + 9 * HOUR)
    assert rebuild(LEAD, record, [moved]).record.since == NINE + 9 * HOUR
    assert rebuild(LEAD, record, [corrected, corrected]) == anew
    with pytest.raises(FactError, match=r"events\[e2\]: saw two different events, expected one event under one id"):
        rebuild(LEAD, record, [corrected, moved])


@pytest.mark.parametrize(
    ("corrected", "policy"),
    [
        (told(2, "rejected", category="low_intent"), "f1"),
        (attrs.evolve(told(2, "rejected", category="low_intent"), reason="not now", sequence=2), "f1"),
        (told(2, "rejected", category="bad_fit"), "f2"),
        (told(2, "accepted"), "f2"),
    ],
)
def test_an_event_that_is_another_one_now_was_not_decided_by_the_policy_of_then(corrected: Happened, policy: str) -> None:
    """LC-10: what it says decides its move; who noted it, why, and in which order does not."""
    record = walk("scored")
    made = advance(LEAD, record, told(2, "rejected", category="low_intent"), at=LATER, policy="f1").value
    assert [entry.policy for entry in made.record.entries] == ["", "", "", "f1"]
    assert [entry.policy for entry in rebuild(LEAD, made.record, [corrected], policy="f2").record.entries] == ["", "", "", policy]


def test_a_start_moves_to_the_first_event() -> None:
    anew = rebuild(LEAD, start(LEAD, "L-1", at=NINE, policy="f0"), [Happened(id="early", at=NINE - HOUR, event="captured")])
    assert [(entry.at, entry.policy) for entry in anew.record.entries] == [(NINE - HOUR, "f0"), (NINE - HOUR, "")]
    assert rebuild(LEAD, start(LEAD, "L-1", at=NINE)).record == start(LEAD, "L-1", at=NINE)


def test_nobody_asks_the_guards_of_the_past_again() -> None:
    """LC-10: they were decided then, by the move that the entry kept, or by whoever reported the event."""
    document = LifecycleDocument.model_validate({"machines": [TWO]})
    machine = compiled(document).machine("lead")
    both = View(Lead(id="L-1", country="DE", account=Account(id="A", employees=9)), NINE)
    record = walk("sorted", machine=machine, view=both)
    assert replay(machine, record) == record
    reported = rebuild(machine, start(machine, "L-1", at=NINE), happenings(record))
    assert [no.code for no in reported.refused] == ["guard_unknown"]
    assert replay(machine, record, view_of=lambda _event: both) == record
    assert replay(machine, record, view_of=lambda _event: seen()).stage == "BIG"
    assert [str(reason) for no in reported.refused for reason in no.because] == [
        f"{PATH}.moves[big].when is unknown: asked employees is at least 50.",
        f'{PATH}.moves[small].when is unknown: asked country equals "DE".',
    ]
    assert rebuild(LEAD, start(LEAD, "L-1", at=NINE), [told(1, "scored")]).record.stage == "MQL"


def test_the_past_judged_anew_can_be_refused() -> None:
    record = walk("validated", "scored", "rejected:low_intent")
    anew = rebuild(LEAD, record, view_of=lambda event: seen(mql=event.id == "e9"), policy="f9")
    assert stages(anew.record) == ["SUBSCRIBER", "LEAD"]
    assert [(no.event.id, no.code) for no in anew.refused] == [("e2", "guard_failed"), ("e3", "not_from_here")]
    assert [entry.policy for entry in anew.record.entries] == ["", "f9"]
    assert [entry.policy for entry in rebuild(LEAD, record, view_of=lambda _event: QUALIFIED).record.entries] == [""] * 4


def test_a_move_that_is_gone_is_decided_by_what_is_left() -> None:
    record = walk("scored", "accepted")
    renamed = grown(Record("L-1", "lead", record.entries[:1]), tuple(attrs.evolve(entry, move="old") for entry in record.entries[1:]))
    assert stages(replay(LEAD, renamed)) == stages(record)


# ------------------------------------------------------------------------------------------------------ drift and referral


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (seen(mql=True), Drift("MQL", True, False, "nothing", None)),
        (seen(), Drift("MQL", None, False, "nothing", None)),
        (seen(mql=False), Drift("MQL", False, True, "report", None)),
    ],
)
def test_a_score_that_falls_under_the_line_is_told(view: View, expected: Drift) -> None:
    """Score and stage never drift apart without a word; the shipped policy reports."""
    record = walk("scored")
    decision = drift(LEAD, record, view)
    assert decision.value == expected
    assert [reason.rule for reason in decision.because] == [f"{PATH}.stages[MQL].when"]


def test_a_stage_without_criteria_is_never_drifted_from() -> None:
    assert drift(LEAD, walk("scored", "accepted"), seen(mql=False)).value == Drift("SAL", True, False, "nothing", None)


def test_a_policy_may_name_the_event_that_moves() -> None:
    events = [*(kind.model_dump(mode="json") for kind in SHIPPED.machines[0].events), {"id": "demoted"}]
    moves = [move.model_dump(mode="json") for move in SHIPPED.machines[0].moves]
    moves.append({"id": "demote", "stages": ["MQL"], "event": "demoted", "to": "LEAD", "backward": True})
    document = changed(
        SHIPPED,
        {
            "machines[lead].events": events,
            "machines[lead].moves": moves,
            "machines[lead].stages[MQL].drift": "move",
            "machines[lead].stages[MQL].drift_event": "demoted",
        },
    )
    machine = compiled(document).machine("lead")
    record = walk("scored", machine=machine)
    found = drift(machine, record, seen(mql=False)).value
    assert found == Drift("MQL", False, True, "move", "demoted")
    made = advance(machine, record, told(2, found.event or ""), seen(mql=False), at=LATER).value
    assert isinstance(made, Advanced)
    assert made.record.stage == "LEAD"


def test_a_referral_starts_a_lead_whose_source_is_the_referrer() -> None:
    """LC-13."""
    machine = compiled().machine("customer")
    record = walk("won", "onboarding_started", "referred", machine=machine)
    event = happenings(record)[-1]
    expected = {"id": "L-77", "created_at": "2026-03-02T12:00:00Z", "source": "referral:L-1"}
    assert referral(record, event, id="L-77") == expected
    assert referral(record, attrs.evolve(event, at=LATER), id="L-77") == expected  # the record knows when
    with pytest.raises(FactError, match=r"event\.event: saw 'won', expected 'referred'"):
        referral(record, attrs.evolve(event, id="e1"), id="L-77")
    with pytest.raises(FactError, match=r"event\.id: saw 'e9', expected an event of the record L-1"):
        referral(record, told(9, "referred"), id="L-77")


def test_what_was_inferred_is_not_counted_as_observed() -> None:
    record = walk("validated", "opportunity_opened")
    assert (count(record, "MQL"), count(record, "MQL", "inferred")) == (0, 1)
    assert first(record, "MQL") is None


def test_the_clock_of_the_decision_is_the_callers() -> None:
    at: datetime = NINE + HOUR
    assert isinstance(advance(LEAD, start(LEAD, "L-1", at=NINE), told(1, "captured"), at=at).value, Advanced)
    assert getattr(advance(LEAD, start(LEAD, "L-1", at=NINE), told(1, "captured"), at=at - HOUR).value, "code", None) == "after_at"
