"""What becomes of a lead, all told: every part as its own room says it, decided once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbound_engine import (
    assessments,
    briefs,
    cadence,
    handoff,
    history,
    lifecycle,
    promises,
    routing,
    scoring,
    sequences,
    sla,
    spans,
    tiers,
)
from inbound_engine.actions import HandOver, SeekRep
from inbound_engine.decisions import Code, Reason, Seen
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Caps, Lead, Rep, Roster
from inbound_engine.history import Happened, Record
from inbound_engine.policy import Policy
from inbound_engine.rotation import Rotation
from inbound_engine.routing import Assigned, NotRouted, Unassigned
from inbound_engine.spans import Span
from inbound_engine.verdicts import Verdict
from tests.processes import run
from tests.test_purity import LISTEN
from tests.work import counting

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
SHIPPED = Engine(Policy())
MAYA = Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="business_hours")
NOOR = Rep(id="noor", role="SDR", zone="Europe/Berlin", calendar="business_hours")
TEAM = Roster(reps=(MAYA, NOOR), overflow_owner="maya")
ANA = Lead(
    id="L-1",
    created_at=AT - timedelta(hours=1),
    name="Ana Rojo",
    email="ana@acme.example",
    title="VP Sales",
    country="DE",
    source="google",
    account=Account(id="acme", name="Acme", industry="fintech", employees=240, csm="maya"),
    activities=(
        Activity(id="seen", kind="page_view", content="pricing", at=AT - timedelta(days=1)),
        Activity(id="asked", kind="demo_request", at=AT - timedelta(minutes=3)),
    ),
)
BARE = Lead(id="L-2", activities=())
BEN = Lead(id="L-3", title="VP Sales", email="ben@bold.example", activities=(Activity(id="asked", kind="demo_request", at=AT),))
PERSONAL = ("Ana Rojo", "ana@acme", "VP Sales")


def decide(lead: Lead = ANA, engine: Engine = SHIPPED, **given: Any) -> Verdict:  # noqa: ANN401 - what `Engine.decide` takes
    return engine.decide(lead, **{"roster": TEAM, "rotation": Rotation(), "at": AT, **given})


# ------------------------------------------------------------------------------------------------ each part, asked alone


@pytest.mark.parametrize("lead", [ANA, BARE, BEN], ids=["T1", "nurture", "bare"])
def test_the_assessment_is_what_scoring_and_tiers_say(lead: Lead) -> None:
    verdict, alone = decide(lead), SHIPPED.assess(lead, at=AT)
    assert verdict.assessment.to_dict() == alone.to_dict()
    assert verdict.tier == alone.tier


@pytest.mark.parametrize("lead", [ANA, BARE, BEN], ids=["T1", "nurture", "bare"])
def test_the_record_is_what_the_lifecycle_says(lead: Lead) -> None:
    """LC-2: captured when the lead was created; validated where its facts are there; scored."""
    assessment, record = SHIPPED.assess(lead, at=AT), SHIPPED.start(lead.id, at=lead.created_at or AT)
    arrived = Happened(id=f"{lead.id}/validated/2026-03-02T09:03:00Z", at=AT, event="validated")
    for event in (arrived, SHIPPED.scored(assessment)):
        said = SHIPPED.advance(record, event, assessment, at=AT).value
        record = said.record
    verdict = decide(lead)
    assert verdict.record == record
    assert verdict.entries == record.entries


@pytest.mark.parametrize("lead", [ANA, BARE, BEN], ids=["T1", "nurture", "bare"])
def test_who_takes_it_is_what_routing_says(lead: Lead) -> None:
    alone = SHIPPED.route(SHIPPED.assess(lead, at=AT), TEAM, Rotation())
    verdict = decide(lead)
    assert verdict.route is not None
    assert (verdict.assignment, verdict.rotation, verdict.route.entry) == (alone.outcome, alone.rotation, alone.entry)
    assert verdict.route.because == alone.because
    assert verdict.rep == alone.entry.rep


@pytest.mark.parametrize("lead", [ANA, BEN], ids=["T1", "bare"])
def test_the_deadline_is_what_the_promises_say(lead: Lead) -> None:
    """SL-6: in the hours of whoever has it."""
    verdict, assessment = decide(lead), SHIPPED.assess(lead, at=AT)
    assert verdict.sla is not None
    assert verdict.route is not None
    rep = {"maya": MAYA, "noor": NOOR}[str(verdict.rep)]
    clock = SHIPPED.clock(assessment, rep=rep, territory=verdict.route.entry.territory).value
    assert clock is not None
    assert verdict.sla.clock == clock
    assert verdict.sla.deadline == sla.status(clock, at=AT).deadline


@pytest.mark.parametrize("lead", [ANA, BEN], ids=["T1", "bare"])
def test_the_touches_are_what_the_cadence_says(lead: Lead) -> None:
    verdict = decide(lead)
    assert verdict.route is not None
    rep = {"maya": MAYA, "noor": NOOR}[str(verdict.rep)]
    alone = SHIPPED.plan(SHIPPED.assess(lead, at=AT), arrival=AT, rep=rep, territory=verdict.route.entry.territory).value
    assert verdict.cadence is not None
    assert alone is not None
    assert (verdict.cadence.sequence, verdict.cadence.touches, verdict.cadence.notes) == (alone.sequence, alone.touches, alone.notes)


def test_the_package_is_what_hand_off_says() -> None:
    """SL-1."""
    for lead in (ANA, BEN):
        assert decide(lead).package == SHIPPED.deliver(SHIPPED.assess(lead, at=AT)).value
    assert decide(BARE).package is None


def test_the_reasons_are_those_of_every_part_in_the_order_of_the_street() -> None:
    verdict = decide()
    assert verdict.route is not None
    assert verdict.sla is not None
    path = "lifecycle.machines[lead].moves"
    moved = tuple(
        Reason(Code.MATCHED, f"{path}[{move}]", (Seen("event", event), Seen("from", left), Seen("to", to)))
        for move, event, left, to in (("validate", "validated", "SUBSCRIBER", "LEAD"), ("qualify", "scored", "LEAD", "MQL"))
    )
    delivered = SHIPPED.deliver(verdict.assessment).because
    chosen = SHIPPED.plan(verdict.assessment, arrival=AT).because
    parts = (verdict.assessment.because, moved, verdict.route.because, delivered, verdict.sla.because, chosen)
    assert verdict.because == tuple(reason for part in parts for reason in part)
    bare = decide(BARE, roster=None, rotation=None)
    assert bare.because == (*bare.assessment.because, *SHIPPED.plan(bare.assessment, arrival=AT).because)


@pytest.mark.parametrize(("lead", "zone"), [(ANA, "Europe/Berlin"), (BARE, None)], ids=["T2", "nurture"])
def test_the_words_are_those_of_the_parts_in_the_time_of_the_rep(lead: Lead, zone: str | None) -> None:
    """AI-2."""
    verdict = decide(lead)
    texts, parts = SHIPPED.compiled.texts, {"route": verdict.route, "status": verdict.sla, "plan": verdict.cadence}
    place = None if zone is None else spans.zone(zone)
    assert verdict.explain() == briefs.explain(texts, verdict.assessment, **parts, zone=place)  # type: ignore[arg-type]  # by name
    assert verdict.brief() == briefs.brief(texts, verdict.assessment, **parts, zone=place)  # type: ignore[arg-type]  # by name


def test_a_salesperson_reads_who_has_it_and_by_when() -> None:
    """The paragraph says nothing of the person; the brief is for the rep, and does."""
    verdict = decide()
    said, brief = verdict.explain(), verdict.brief()
    assert "noor" in said
    assert "10:05" in said  # in Berlin
    assert [word for word in PERSONAL if word in said] == []
    assert "Ana Rojo" in brief.text()
    assert [word for word in PERSONAL if word in repr(brief)] == []


# --------------------------------------------------------------------------------------------------- by hand, all told


def test_a_lead_that_raises_its_hand_is_handed_over_at_once() -> None:
    verdict = decide()
    assert (verdict.tier, verdict.case.stage, verdict.rep) == ("T2", "MQL", "noor")
    assert verdict.sla is not None
    assert (verdict.sla.clock.promise, verdict.sla.deadline) == ("hand_raiser", AT + timedelta(minutes=2))
    assert [(entry.event, entry.stage) for entry in verdict.entries] == [("", "SUBSCRIBER"), ("validated", "LEAD"), ("scored", "MQL")]
    assert [(action.kind, action.key) for action in verdict.actions] == [
        ("notify", "L-1#1/notify/maya/csm"),
        ("hand_over", "L-1#1/hand_over/noor"),
        ("send", "L-1/T2/2026-03-02T09:03:00Z/confirm-0"),
        ("send", "L-1/T2/2026-03-02T09:03:00Z/call-0"),
    ]
    assert repr(verdict) == "Verdict('L-1': T2, MQL, noor, 4 actions)"


def test_a_verdict_says_when_to_ask_again() -> None:
    """SL-3: the lead's five minutes end at 9:05, those of the rep at 9:08; for who is promised nothing, nothing comes."""
    verdict = decide()
    assert verdict.ask_again_at == verdict.case.ask_again_at == AT + timedelta(minutes=2)
    assert SHIPPED.due(verdict.case, at=AT + timedelta(minutes=2)).ask_again_at == AT + timedelta(minutes=5)
    assert decide(BARE).ask_again_at is None


def test_a_lead_that_nothing_is_known_of_is_left_to_marketing() -> None:
    """TI-2."""
    verdict = decide(BARE)
    assert isinstance(verdict.assignment, NotRouted)
    assert (verdict.tier, verdict.rep, verdict.sla, verdict.cadence, verdict.actions) == ("NURTURE", None, None, None, ())
    assert verdict.case.waits == "No person is to have it: it is NURTURE, and stays with marketing."
    assert repr(verdict) == "Verdict('L-2': NURTURE, SUBSCRIBER, nobody, 0 actions)"


def test_without_a_roster_somebody_is_to_be_found() -> None:
    """The clock runs by the hours of the organisation until then, and no touch is made in somebody's name."""
    verdict = decide(roster=None, rotation=None)
    assert (verdict.route, verdict.assignment, verdict.rotation, verdict.rep, verdict.package) == (None, None, None, None, None)
    assert [action.does for action in verdict.actions] == [SeekRep(1, "arrived")]
    assert verdict.sla is not None
    assert verdict.sla.clock == SHIPPED.clock(SHIPPED.assess(ANA, at=AT)).value
    assert verdict.to_dict()["route"] is None


def test_a_rotation_without_a_roster_is_left_alone() -> None:
    assert decide(roster=None).rotation is None


def test_a_roster_without_a_rotation_is_refused() -> None:
    """Every lead would go to the same rep."""
    with pytest.raises(FactError) as raised:
        decide(rotation=None)
    assert str(raised.value) == (
        "rotation: saw nothing, expected a rotation beside the roster. Pass the one that you keep, or Rotation() for the first lead."
    )


def test_nobody_there_says_when_to_ask_again() -> None:
    """RO-12."""
    back = AT + timedelta(hours=2)
    away = [Rep(id=rep.id, role=rep.role, zone="Europe/Berlin", away=(Span(AT, back),)) for rep in (MAYA, NOOR)]
    verdict = decide(roster=Roster(reps=tuple(away)))
    assert isinstance(verdict.assignment, Unassigned)
    assert (verdict.rep, verdict.package, verdict.assignment.retry_at) == (None, None, back)
    assert [action.kind for action in verdict.actions if action.kind in {"hand_over", "seek_rep"}] == []
    assert verdict.case.waits == (
        "Somebody is sought since 2026-03-02T09:03:00Z, since it came in; nobody could take it, to be asked again at 2026-03-02T11:03:00Z."
    )


def test_a_team_made_ready_is_a_roster() -> None:
    assert decide(roster=SHIPPED.team(TEAM)) == decide()


def test_leads_that_are_open_elsewhere_count_for_caps() -> None:
    """RO-11."""
    capped = Roster(reps=(MAYA, Rep(id="noor", role="SDR", zone="Europe/Berlin", caps=Caps(open=3)), Rep(id="omar", role="SDR")))
    assert [decide(roster=capped, open_leads={"noor": times}).rep for times in (2, 3)] == ["noor", "omar"]


def test_a_verdict_of_a_lead_with_a_history_goes_on_from_there() -> None:
    """The entries are those that this arrival added."""
    record: Record = SHIPPED.start("L-1", at=AT - timedelta(days=9), stage="LEAD")
    verdict = decide(record=record)
    assert verdict.record.entries[:1] == record.entries
    assert [(entry.event, entry.stage) for entry in verdict.entries] == [("scored", "MQL")]


def test_a_lead_that_comes_back_from_a_hold_is_a_record_of_its_own() -> None:
    record: Record = SHIPPED.start("L-1", at=AT - timedelta(days=9), stage="CLOSED_WON")
    verdict = decide(record=record)
    assert (verdict.case.over, verdict.entries, verdict.cadence) == (True, (), None)


def test_the_history_of_another_lead_is_refused() -> None:
    with pytest.raises(FactError, match=r"^record\.id: saw 'L-9', expected 'L-1', the id of the lead"):
        decide(record=SHIPPED.start("L-9", at=AT))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"at": AT.replace(tzinfo=None)}, "at"),
        ({"lead": {"id": "L-1"}}, "lead"),
        ({"roster": [MAYA]}, "roster"),
        ({"rotation": {}}, "rotation"),
        ({"record": {}}, "record"),
        ({"open_leads": {"noor": -1}}, "open_leads"),
    ],
)
def test_what_is_handed_over_is_named_where_it_is_something_else(given: dict[str, Any], path: str) -> None:
    with pytest.raises(FactError, match=f"^{path}"):
        decide(**given)


def test_a_strict_policy_hands_nothing_over_that_is_incomplete() -> None:
    """SL-1: the package says what is missing."""
    strict = Engine(changed(Policy(), {"handoff.strict": True}))
    verdict = decide(BEN, strict)
    assert isinstance(verdict.package, handoff.Refused)
    assert isinstance(verdict.assignment, Assigned)
    assert verdict.package == strict.deliver(strict.assess(BEN, at=AT)).value


def test_a_lifecycle_without_a_machine_for_the_lead_is_refused() -> None:
    nobody = Engine(changed(Policy(), {"lifecycle.machines[lead].when": {"op": "equals", "fact": "country", "value": "BR"}}))
    with pytest.raises(FactError, match=r"^lead: saw 'L-1', expected a lead for which there is a machine about lead"):
        decide(engine=nobody)


# ------------------------------------------------------------------------------------------------------- as a value


def test_the_rows_open_the_journal() -> None:
    for verdict in (decide(), decide(BARE), decide(BEN), decide(roster=None, rotation=None)):
        assert len(verdict.rows) == 1
        assert SHIPPED.resume(json.loads(json.dumps(verdict.rows))) == verdict.case


def test_the_same_question_has_the_same_answer() -> None:
    """FD-4."""
    assert decide() == decide()
    assert json.dumps(decide().to_dict()) == json.dumps(Engine(Policy()).decide(ANA, roster=TEAM, rotation=Rotation(), at=AT).to_dict())


def test_a_verdict_as_plain_data_has_every_part() -> None:
    verdict = decide()
    said: Any = json.loads(json.dumps(verdict.to_dict()))
    assert (said["format"], said["kind"], said["lead"], said["at"]) == (1, "verdict", "L-1", "2026-03-02T09:03:00Z")
    assert verdict.route is not None
    assert verdict.sla is not None
    assert verdict.cadence is not None
    assert said["assessment"] == verdict.assessment.to_dict()
    assert said["record"] == json.loads(json.dumps(history.to_dict(verdict.record)))
    assert said["route"] == json.loads(json.dumps(verdict.route.to_dict()))
    assert said["sla"] == json.loads(json.dumps(verdict.sla.to_dict()))
    assert said["cadence"] == json.loads(json.dumps(verdict.cadence.to_dict()))
    assert said["actions"] == [action.to_dict() for action in verdict.actions]
    bare: Any = decide(BARE, roster=None, rotation=None).to_dict()
    assert (bare["route"], bare["sla"], bare["cadence"]) == (None, None, None)


def test_a_verdict_shows_nothing_of_the_person() -> None:
    """Neither does its case, nor what is redacted; the whole says it on request."""
    verdict = decide()
    shown = (repr(verdict), repr(verdict.case), repr(verdict.actions), verdict._repr_html_(), json.dumps(verdict.to_dict(redact=True)))
    assert [word for word in PERSONAL for text in shown if word in text] == []
    assert all(word in json.dumps(verdict.to_dict()) for word in PERSONAL)


def test_a_notebook_shows_the_reasons() -> None:
    html = decide(Lead(id="<b>L-1</b>", activities=()))._repr_html_()
    assert "<b>" not in html
    assert "<caption>&lt;b&gt;L-1&lt;/b&gt;: NURTURE, nobody</caption>" in html
    assert "scoring.criteria[company_size]" in html
    assert "L-1: T2, noor" in decide()._repr_html_()


# --------------------------------------------------------------------------------------------------------------- once

ONCE: tuple[Callable[..., Any], ...] = (
    assessments.assess,
    scoring.measure,
    tiers.placed,
    tiers.qualified,
    routing.route,
    handoff.deliver,
    lifecycle.choose,
    lifecycle.start,
    sequences.choose,
    cadence.plan,
)


def test_nothing_is_decided_twice() -> None:
    """Each room is asked once; the clock of each table once, and again for nobody."""
    team = SHIPPED.team(TEAM)
    with counting(*ONCE, promises.clock, promises.owed) as asked:
        SHIPPED.decide(ANA, roster=team, rotation=Rotation(), at=AT)
    assert {name: times for name, times in asked.items() if not name.startswith("promises.")} == {
        f"{function.__module__.rpartition('.')[2]}.{function.__name__}": 1 for function in ONCE
    }
    assert (asked["promises.clock"], asked["promises.owed"]) == (3, 0)  # first response, delivery, review; no reasons asked for


PURE = """
from datetime import UTC, datetime, timedelta
import inbound_engine as ie
from inbound_engine.rotation import Rotation
from inbound_engine.sla import Pause

at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
engine = ie.Engine(ie.Policy())
reps = (ie.Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="business_hours"), ie.Rep(id="noor", role="SDR", zone="Europe/Berlin"))
roster, rotation = ie.Roster(reps=reps), Rotation()
lead = ie.Lead(
    id="L-1",
    email="ana@acme.example",
    title="VP Sales",
    country="DE",
    zone="Europe/Berlin",
    account=ie.Account(id="acme", employees=240),
    activities=(ie.Activity(id="a1", kind="demo_request", at=at),),
)

def act():
    verdict = engine.decide(lead, roster=roster, rotation=rotation, at=at)
    assert verdict.to_dict()
    late = engine.due(verdict.case, at=at + timedelta(days=2))
    assert late.actions
    page = ie.Activity(id="a2", kind="page_view", content="pricing", at=at + timedelta(days=1))
    told = engine.step(late.case, page, at=at + timedelta(days=2))
    assert engine.resume([*verdict.rows, *late.rows, *told.rows]) == told.case
"""


def test_a_verdict_and_its_case_touch_nothing_outside() -> None:
    """FD-1: decided, followed and resumed without one event."""
    assert json.loads(run(PURE + LISTEN)) == []


def test_who_was_handed_the_lead_is_who_has_it() -> None:
    verdict = decide()
    assert [action.does.rep for action in verdict.actions if isinstance(action.does, HandOver)] == [verdict.rep]
    assert verdict.case.holding.entries == (() if verdict.route is None else (verdict.route.entry,))
