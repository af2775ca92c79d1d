"""One lead through its life: what the host is asked to do, each thing once, early or late (the case of RULES §4 to §6)."""

import json
import pickle
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs
import pytest

from inbound_engine import following, lifecycle
from inbound_engine.actions import (
    Action,
    Answer,
    ComeBack,
    Drifted,
    Enrol,
    Escalate,
    FollowUp,
    HandOver,
    Notify,
    Recycle,
    Retract,
    SeekRep,
    Send,
)
from inbound_engine.cases import Case, Progress
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Lead, Observation, Opportunity, Outreach, Rep, Roster
from inbound_engine.history import Happened
from inbound_engine.money import Money
from inbound_engine.plans import AutoReply, Exit
from inbound_engine.policy import Policy
from inbound_engine.reported import Learned, Released, Report, Routed, routed
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.sla import Pause
from inbound_engine.spans import Span
from inbound_engine.spans import parse_instant as T  # noqa: N812 - every line has some
from tests.hosts import Host, leave
from tests.work import at_most

ENGINE = Engine(Policy())
ACME = Account(id="acme", name="Acme", country="DE", industry="fintech", employees=240, technologies=frozenset({"salesforce", "segment"}))
OFFICE = {"zone": "Europe/Berlin", "calendar": "business_hours"}
MAYA, NOOR, OMAR = Rep(id="maya", role="AE", **OFFICE), Rep(id="noor", role="SDR", **OFFICE), Rep(id="omar", role="SDR", **OFFICE)  # type: ignore[arg-type]
ROSTER = Roster(reps=(MAYA, NOOR, OMAR))
MONDAY = "2026-03-02T09:10Z"  # 10:10 in Berlin


def lead(at: str = MONDAY, **known: object) -> Lead:
    """A head of revenue operations of a fintech of 240 who asks for a demo: T1."""
    told: dict[str, object] = {
        "id": "L-1",
        "created_at": T(at),
        "email": "ana@acme.example",
        "title": "VP Revenue Operations",
        "lead_type": "demo_request",
        "source": "google",
        "account": attrs.evolve(ACME, growth_stage="series_b"),
        "activities": (Activity(id="asked", kind="demo_request", at=T(at)),),
    }
    return Lead(**{**told, **known})  # type: ignore[arg-type]


def host(at: str = MONDAY, engine: Engine = ENGINE, roster: Roster = ROSTER, **known: object) -> Host:
    found = Host(engine, roster)
    found.arrives(lead(at, **known), T(at))
    return found


def told(actions: Iterable[Action]) -> list[tuple[str, str]]:
    """When and what, in a few words."""
    return [(f"{action.at:%d %H:%M}", words(action)) for action in actions]


def words(action: Action) -> str:
    match action.does:
        case Send(step=step, rep=rep):
            return f"send {step} by {rep}"
        case HandOver(rep=rep, attempt=attempt):
            return f"hand over {attempt} to {rep}"
        case SeekRep(attempt=attempt, why=why):
            return f"seek {attempt}: {why}"
        case Escalate(table=table, step=step, accountable=rep):
            return f"escalate {table} {step} of {rep}"
        case Retract(of=key, why=why):
            return f"retract {key.rpartition('/')[2]}: {why}"
        case Enrol(programme=programme, why=why):
            return f"enrol in {programme}: {why}"
        case Recycle(reason=reason):
            return f"recycle: {reason}"
        case ComeBack(what=what, number=number):
            return f"{what} {number}"
        case FollowUp(days=days):
            return f"follow up {days}"
        case Notify(rep=rep, of=of):
            return f"notify {rep} as {of}"
        case Answer(rep=rep, promise=promise):
            return f"answer {promise} by {rep}"
        case Drifted(stage=stage, tier=tier):
            return f"drifted from {stage}: {tier}"
        case other:
            return f"{action.kind} {other.table}"


def follow(found: Host, until: str, *, finds: bool = True) -> list[tuple[str, str]]:
    """What comes until then, where the host asks at the very instants that it is given and finds somebody when it is asked to."""
    came: list[Action] = []
    while True:
        (name,) = found.cases
        wanted = found.engine.due(found.cases[name], at=found.cases[name].at).ask_again_at
        if wanted is None or wanted > T(until):
            return told([*came, *found.looks(T(until))])
        came += found.looks(wanted)
        if finds and any(isinstance(action.does, SeekRep) for action in came) and found.cases[name].holding.sought:
            came += found.seeks(name, wanted).actions


def tell(found: Host, report: Report, at: str | None = None) -> Progress:
    (name,) = found.cases
    happened = report.opened_at if isinstance(report, Opportunity) else report.at
    progress = found.tells(name, report, happened if at is None else T(at))
    found.is_sound()
    return progress


def call(at: str, step: str | None = "call-0", *, human: bool = True, name: str = "c", rep: str = "maya") -> Outreach:
    return Outreach(id=name, lead_id="L-1", rep=rep, channel="call", at=T(at), human=human, step=step)


def happened(event: str, at: str, **data: str) -> Happened:
    return Happened(id=f"{event} {at}", at=T(at), event=event, data=data)


# ------------------------------------------------------------------------------------------------------------ the story


def test_a_lead_that_nobody_answers_is_escalated_rerouted_and_recycled() -> None:
    """T1 at 23:10 in Berlin: due at 09:05, escalated, re-routed at 09:15 (SL-3, CL-6); at 24 and 48 hours of weekdays ignored (SL-2)."""
    found = host("2026-03-02T22:10Z")
    assert told(found.outbox.values()) == [("02 22:10", "hand over 1 to maya"), ("02 22:10", "send confirm-0 by maya")]
    assert follow(found, "2026-04-01T00:00Z") == [
        ("03 08:00", "send call-0 by maya"),
        ("03 08:05", "escalate first_response escalate of maya"),
        ("03 08:15", "seek 2: no_answer"),
        ("03 08:15", "hand over 2 to noor"),
        ("03 08:20", "escalate first_response escalate of noor"),
        ("03 22:10", "escalate review escalate of noor"),
        ("04 09:00", "send email-1 by noor"),
        ("04 22:10", "recycle: ignored"),
        ("04 22:10", "retract call-0: disqualified"),
        ("04 22:10", "retract confirm-0: disqualified"),
        ("04 22:10", "retract email-1: disqualified"),
        ("18 00:00", "re_engage 1"),
        ("01 00:00", "re_engage 2"),
    ]
    case = found.cases["L-1"]
    assert (case.stage, case.rep, case.over, case.waits) == ("RECYCLED", None, True, "The enquiry is over: it stands in RECYCLED.")
    assert case.record.entries[-1].reason == "ignored"
    found.is_sound()


def test_an_answered_and_accepted_lead_goes_through_its_cadence() -> None:
    """T1: call within 5 minutes, touches on days 0, 1, 3, 5, nurture on day 7 (CD-2); the follow-up on a SAL within 4 hours (SL-2)."""
    found = host()
    assert told(found.outbox.values()) == [
        ("02 09:10", "hand over 1 to maya"),
        ("02 09:10", "send call-0 by maya"),
        ("02 09:10", "send confirm-0 by maya"),
    ]
    assert told(tell(found, call("2026-03-02T09:14:59Z")).actions) == []
    states = {one.clock.table: one.state for one in found.cases["L-1"].clocks.statuses if one.clock.kind == "lead"}
    assert states == {"first_response": "met", "delivery": "met", "review": "running"}
    tell(found, happened("accepted", "2026-03-02T11:00Z"))
    status = found.cases["L-1"].status("follow_up")
    assert status is not None
    assert status.deadline == T("2026-03-02T15:00Z")
    tell(found, call("2026-03-02T14:59Z", None, name="c2"))
    assert follow(found, "2026-03-20T00:00Z") == [
        ("03 09:00", "send email-1 by maya"),
        ("05 11:00", "send call-3 by maya"),
        ("05 11:00", "send email-3 by maya"),
        ("09 09:00", "send breakup-5 by maya"),
        ("11 08:00", "enrol in nurture: T1"),
        ("11 08:00", "retract breakup-5: disqualified"),
        ("11 08:00", "retract call-3: disqualified"),
        ("11 08:00", "retract confirm-0: disqualified"),
        ("11 08:00", "retract email-1: disqualified"),
        ("11 08:00", "retract email-3: disqualified"),
    ]
    assert found.cases["L-1"].stage == "RECYCLED"


def test_who_asks_late_gets_the_steps_that_came_in_order_and_touches_placed_anew() -> None:
    """A worker that was down over two nights (CL-8, CA-19): what came in between comes with its own instants, a call only in hours."""
    found = host("2026-03-02T16:30Z")
    late = found.looks(T("2026-03-04T02:00Z"))
    assert told(late) == [
        ("03 08:05", "escalate first_response escalate of maya"),
        ("03 08:15", "seek 2: no_answer"),
        ("03 16:30", "escalate review escalate of maya"),
    ]
    assert found.cases["L-1"].touches.next_at == T("2026-03-04T08:00Z")
    assert told(found.looks(T("2026-03-04T08:00Z"))) == [("04 08:00", "send call-0 by maya")]


def test_what_is_asked_early_and_what_is_asked_twice_gives_nothing() -> None:
    found = host()
    case = found.cases["L-1"]
    for at in ("2026-03-02T09:14Z", MONDAY, "2026-03-01T00:00Z"):
        progress = ENGINE.due(case, at=T(at))
        assert (progress.case, progress.actions, progress.rows) == (case, (), ())


def test_time_does_not_run_back() -> None:
    """A worker whose clock is behind: the case stays where it is (documented in `following`)."""
    found = host()
    found.looks(T("2026-03-02T09:20Z"))
    progress = tell(found, call("2026-03-02T09:12Z"), "2026-03-02T09:13Z")
    assert progress.case.at == found.cases["L-1"].at == T("2026-03-02T09:20Z")


# ------------------------------------------------------------------------------------------------------------ late reports


def test_a_call_that_was_logged_late_takes_the_escalations_back() -> None:
    """CL-17: an answer at 09:12, logged at 09:40, ends the clock then; both steps had been given, and are told as retracted, once."""
    found = host()
    follow(found, "2026-03-02T09:39Z", finds=False)
    progress = tell(found, attrs.evolve(call("2026-03-02T09:12Z"), recorded_at=T("2026-03-02T09:40Z")), "2026-03-02T09:40Z")
    assert [words(action) for action in progress.actions] == [
        "retract 2026-03-02T09:10:00Z:escalate: it was ended before",
        "retract 2026-03-02T09:10:00Z:reroute: it was ended before",
    ]
    status = found.cases["L-1"].status()
    assert status is not None
    assert (status.state, status.flags) == ("met", ("logged_late",))
    assert tell(found, call("2026-03-02T09:13Z", None, name="again"), "2026-03-02T09:41Z").actions == ()
    assert tell(found, Pause(id="p", at=T("2026-03-02T09:42Z"))).actions == ()


def test_an_event_of_the_lifecycle_that_comes_late_takes_its_place_in_the_record() -> None:
    """LC-11: accepted at 10:00, told after the discovery of 11:00; the record is folded anew."""
    found = host()
    tell(found, happened("discovery_scheduled", "2026-03-02T11:00Z"))
    tell(found, happened("accepted", "2026-03-02T10:00Z"), "2026-03-02T12:00Z")
    stages = [(entry.stage, entry.inferred) for entry in found.cases["L-1"].record.entries]
    assert stages == [("SUBSCRIBER", False), ("LEAD", False), ("MQL", False), ("SAL", False), ("SQL", False)]


def test_an_event_that_comes_too_late_to_fit_is_refused_with_its_reason() -> None:
    found = host()
    tell(found, happened("won", "2026-03-02T11:00Z"))
    progress = tell(found, happened("accepted", "2026-03-02T12:00Z"))
    assert [refused.code for refused in progress.refused] == ["terminal"]
    assert [refused.code for refused in tell(found, happened("nonsense", "2026-03-02T13:00Z")).refused] == ["unknown_event"]


def test_a_late_event_that_the_record_does_not_take_leaves_it_as_it_is() -> None:
    found = host()
    tell(found, happened("accepted", "2026-03-02T11:00Z"))
    progress = tell(found, happened("reopened", "2026-03-02T10:00Z"), "2026-03-02T12:00Z")
    assert [refused.code for refused in progress.refused] == ["not_from_here"]
    assert progress.case.stage == "SAL"


def test_what_lies_ahead_is_not_taken_and_can_be_told_again() -> None:
    """FD-2."""
    found = host()
    report = call("2026-03-02T09:14Z")
    progress = ENGINE.step(found.cases["L-1"], report, at=T("2026-03-02T09:13Z"))
    assert (progress.ahead, progress.case, progress.rows) == (True, found.cases["L-1"], ())
    assert not tell(found, report).ahead


def test_a_call_answers_a_hand_that_is_told_of_after_it() -> None:
    """CL-17: raised at 10:00, called at 10:03, and the form is told at 12:00; a call after the deadline is an answer too."""
    for called, state, came in (("10:03", "met", []), ("11:00", "breached", ["02 10:05", "02 10:15"])):
        found = host()
        tell(found, call("2026-03-02T09:12Z"))
        for number, human in enumerate((False, True)):
            tell(found, call(f"2026-03-02T{called}Z", None, name=f"c{number}", human=human))
        tell(found, call("2026-03-02T11:30Z", None, name="last"))
        progress = tell(found, Activity(id="again", kind="demo_request", at=T("2026-03-02T10:00Z")), "2026-03-02T12:00Z")
        status = progress.case.status()
        assert status is not None
        assert (status.state, status.answered_at, status.first_touch_at) == (state, T(f"2026-03-02T{called}Z"), T(f"2026-03-02T{called}Z"))
        assert [at for at, _ in told(progress.actions)] == came
        assert progress.case.holding.sought is None


def test_a_late_rejection_ends_what_was_promised_for_want_of_it() -> None:
    """LC-11: rejected at 10:00, told after the acceptance of 11:00, which does not stand any more; nor does its follow-up (SL-2)."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("accepted", "2026-03-02T11:00Z"))
    assert follow(found, "2026-03-02T16:00Z") == [("02 15:00", "escalate follow_up escalate of maya")]
    tell(found, Activity(id="again", kind="demo_request", at=T("2026-03-02T16:00Z")))
    progress = tell(found, happened("rejected", "2026-03-02T10:00Z", category="wrong_timing"), "2026-03-02T16:01Z")
    assert "retract 2026-03-02T11:00:00Z:escalate: it was ended before" in [what for _, what in told(progress.actions)]
    assert [status.clock.table for status in progress.case.clocks.statuses if status.ended_at is None] == []
    assert follow(found, "2026-03-12T00:00Z") == []


def test_a_late_event_takes_back_no_clock_of_a_stage_that_was_entered() -> None:
    found = host()
    tell(found, happened("accepted", "2026-03-02T11:00Z"))
    tell(found, happened("scored", "2026-03-02T10:00Z"), "2026-03-02T11:05Z")
    status = found.cases["L-1"].status("follow_up")
    assert status is not None
    assert status.state == "running"


def test_a_late_discovery_opens_an_enquiry_that_somebody_is_sought_for() -> None:
    """RT-5: it stands in SQL, which sales owns, since the rejection of 11:00 does not stand any more; nobody has it by then."""
    found = host()
    tell(found, happened("rejected", "2026-03-02T11:00Z", category="wrong_timing"))
    progress = tell(found, happened("discovery_scheduled", "2026-03-02T10:00Z"), "2026-03-02T12:00Z")
    assert progress.case.stage == "SQL"
    assert told(progress.actions) == [("02 11:00", "seek 3: qualified")]
    assert found.seeks("L-1", T("2026-03-02T12:00Z")).case.rep is not None


# ------------------------------------------------------------------------------------------------------------ once


def test_what_comes_with_new_facts_means_what_it_means_alone() -> None:
    """A form that the CRM tells with the lead: it brings back who was recycled (LC-7), and a reply ends the touches (CD-7)."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("rejected", "2026-03-02T11:00Z", category="wrong_timing"))
    asked = Activity(id="again", kind="demo_request", at=T("2026-03-05T09:00Z"))
    progress = tell(found, Learned(id="crm", at=T("2026-03-05T09:00Z"), lead=lead(activities=(asked,))))
    assert told(progress.actions) == [("05 09:00", "seek 2: qualified")]
    found.seeks("L-1", T("2026-03-05T09:00Z"))
    replied = (Activity(id="r2", kind="reply", at=T("2026-03-05T09:02Z")), Activity(id="r1", kind="reply", at=T("2026-03-05T09:01Z")))
    progress = tell(found, Learned(id="crm 2", at=T("2026-03-05T09:03Z"), lead=lead(activities=replied)))
    assert progress.case.touches.plan is not None
    assert progress.case.touches.plan.stopped is not None
    assert progress.case.touches.plan.stopped.at == T("2026-03-05T09:01Z")


def test_what_the_lead_came_with_and_lies_ahead_is_taken_when_it_is_told_then() -> None:
    """FD-2: nothing of it is known before; then it counts once, as the second hand that it is (CL-16)."""
    ahead = Activity(id="ahead", kind="demo_request", at=T("2026-03-02T12:00Z"))
    also = Activity(id="also", kind="visit", at=T("2026-03-02T13:00Z"))
    found = host(activities=(Activity(id="asked", kind="demo_request", at=T(MONDAY)), ahead))
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, Learned(id="crm", at=T("2026-03-02T09:13Z"), lead=lead(activities=(also,))))
    assert tell(found, ahead, "2026-03-02T11:00Z").ahead
    with pytest.raises(FactError, match=r"report\[ahead\]: saw another thing under an id that was told"):
        ENGINE.step(found.cases["L-1"], attrs.evolve(ahead, kind="visit"), at=T("2026-03-02T12:00Z"))
    assert told(tell(found, ahead).actions) == [("02 12:00", "answer hand_raiser by maya")]
    assert tell(found, ahead).repeated
    assert not tell(found, also).repeated
    assert [one.id for one in found.cases["L-1"].lead.activities or ()] == ["asked", "ahead", "also"]
    assert found.cases["L-1"].foreseen == frozenset()


def test_a_report_counts_once_by_its_id() -> None:
    found = host()
    progress = tell(found, call("2026-03-02T09:14Z"))
    again = ENGINE.step(progress.case, call("2026-03-02T09:14Z"), at=T("2026-03-03T09:14Z"))
    assert (again.repeated, again.case is progress.case, again.rows) == (True, True, ())
    with pytest.raises(FactError, match=r"report\[c\]: saw another thing under an id that was told"):
        ENGINE.step(progress.case, call("2026-03-02T09:15Z"), at=T("2026-03-03T09:14Z"))


def test_what_the_lead_came_with_counts_once_too() -> None:
    """AD-13: the form that the lead was made of is reported again by the tracking; and a later enrichment brings it once more."""
    found = host()
    asked = Activity(id="asked", kind="demo_request", at=T(MONDAY))
    assert tell(found, asked, "2026-03-02T09:11Z").repeated
    with pytest.raises(FactError, match=r"report\[asked\]: saw another thing under an id that was told"):
        ENGINE.step(found.cases["L-1"], attrs.evolve(asked, kind="visit"), at=T("2026-03-02T09:11Z"))
    seen = Activity(id="v", kind="page_view", at=T("2026-03-02T09:00Z"))
    tell(found, Learned(id="crm", at=T("2026-03-02T09:12Z"), lead=lead(activities=(asked, seen))))
    assert tell(found, seen, "2026-03-02T09:13Z").repeated
    assert [one.id for one in found.cases["L-1"].lead.activities or ()] == ["asked", "v"]


def test_ids_of_different_kinds_do_not_clash() -> None:
    found = host()
    tell(found, call("2026-03-02T09:14Z", name="7"))
    assert not tell(found, Activity(id="7", kind="page_view", at=T("2026-03-02T09:15Z"))).repeated


def test_the_same_actions_come_from_the_same_case_whoever_asks() -> None:
    """A host that crashed before it kept the case asks the old one again."""
    case = host().cases["L-1"]
    first, second = (ENGINE.due(case, at=T("2026-03-02T09:26Z")) for _ in range(2))
    assert first == second
    assert [action.key for action in first.actions] == [
        "L-1/first_response/2026-03-02T09:10:00Z:escalate",
        "L-1/first_response/2026-03-02T09:10:00Z:reroute",
    ]


def test_reports_of_other_leads_and_what_is_no_report_are_refused() -> None:
    case = host().cases["L-1"]
    at = T("2026-03-02T10:00Z")
    other = attrs.evolve(call("2026-03-02T09:14Z"), lead_id="L-2")
    with pytest.raises(FactError, match=r"report.lead_id: saw 'L-2', expected 'L-1', the lead of the case"):
        ENGINE.step(case, other, at=at)
    with pytest.raises(FactError, match=r"report.lead_id: saw 'L-2'"):
        ENGINE.step(case, Routed(id="r", at=at, entry=Entry(lead_id="L-2", at=at)), at=at)
    with pytest.raises(FactError, match=r"report.lead.id: saw 'L-2'"):
        ENGINE.step(case, Learned(id="f", at=at, lead=Lead(id="L-2")), at=at)
    odd: object
    for odd in (case.assessment, None, "accepted", {"kind": "exit"}, Rotation()):
        with pytest.raises(FactError, match="report"):
            ENGINE.step(case, odd, at=at)  # type: ignore[arg-type]
    for odd in (None, ENGINE.due(case, at=at), "L-1", {}):
        with pytest.raises(FactError, match="case: saw"):
            ENGINE.due(odd, at=at)  # type: ignore[arg-type]
        with pytest.raises(FactError, match="case: saw"):
            ENGINE.step(odd, call("2026-03-02T09:14Z"), at=at)  # type: ignore[arg-type]
    with pytest.raises(FactError, match="at: saw"):
        ENGINE.due(case, at=datetime(2026, 3, 2))  # noqa: DTZ001 - a naive one


# ------------------------------------------------------------------------------------------------------------ holders


def test_somebody_is_sought_until_somebody_can_take_it() -> None:
    """RO-12: nobody is there until Wednesday; asked again then, and the clock has run meanwhile (CL-12)."""
    away = (Span(T("2026-03-01T00:00Z"), T("2026-03-04T08:00Z")),)
    roster = Roster(reps=(attrs.evolve(MAYA, away=away),))
    found = host(roster=roster)
    assert told(found.outbox.values()) == [
        ("02 09:10", "escalate first_response no_eligible_rep of None"),
        ("02 09:10", "send call-0 by None"),
        ("02 09:10", "send confirm-0 by None"),
    ] or told(found.outbox.values()) == [
        ("02 09:10", "send call-0 by None"),
        ("02 09:10", "send confirm-0 by None"),
        ("02 09:10", "escalate first_response no_eligible_rep of None"),
    ]
    assert found.cases["L-1"].waits == (
        "Somebody is sought since 2026-03-02T09:10:00Z, since it came in; nobody could take it, to be asked again at 2026-03-04T08:00:00Z."
    )
    came = follow(found, "2026-03-04T08:01Z")
    assert ("04 08:00", "seek 1: nobody_then") in came
    assert ("04 08:00", "hand over 1 to maya") in came
    assert found.cases["L-1"].waits is None


def test_without_a_roster_the_first_thing_to_do_is_to_find_somebody() -> None:
    verdict = ENGINE.decide(lead(), at=T(MONDAY))
    assert told(verdict.actions) == [("02 09:10", "seek 1: arrived")]
    assert (verdict.route, verdict.rotation, verdict.assignment, verdict.cadence) == (None, None, None, None)
    progress = ENGINE.assign(verdict.case, ROSTER, Rotation(), at=T("2026-03-02T09:11Z"))
    assert told(progress.actions) == [
        ("02 09:11", "hand over 1 to maya"),
        ("02 09:11", "send call-0 by maya"),
        ("02 09:11", "send confirm-0 by maya"),
    ]
    status = progress.case.status()
    assert status is not None
    assert (status.clock.holder, status.deadline) == ("maya", T("2026-03-02T09:15Z"))
    assert progress.route is not None
    assert progress.route.rep == "maya"
    assert (progress.rotation, ENGINE.due(progress.case, at=T(MONDAY)).rotation) == (progress.route.rotation, None)
    assert ENGINE.resume([*verdict.rows, *progress.rows]) == progress.case


def test_the_clock_that_ran_without_a_holder_goes_on_in_the_hours_of_the_first() -> None:
    """CL-2: settled with the first holder, from the same start; at 23:10 the five minutes are those of the morning."""
    verdict = ENGINE.decide(lead("2026-03-02T22:10Z"), at=T("2026-03-02T22:10Z"))
    before = verdict.sla
    assert before is not None
    assert before.deadline == T("2026-03-02T22:15Z")
    progress = ENGINE.assign(verdict.case, ROSTER, Rotation(), at=T("2026-03-02T22:11Z"))
    after = progress.case.status()
    assert after is not None
    assert (after.clock.id, after.deadline) == (before.clock.id, T("2026-03-03T08:05Z"))


def test_where_nobody_is_sought_nobody_is_asked() -> None:
    """A host that is late with what it was asked to do: somebody was found, or the enquiry is over by now."""
    found = host()
    progress = found.seeks("L-1", T("2026-03-02T09:11Z"))
    assert (progress.actions, progress.route, progress.case) == ((), None, found.cases["L-1"])
    tell(found, Released(id="r", at=T("2026-03-02T09:12Z")))
    tell(found, happened("rejected", "2026-03-02T09:13Z", category="bad_fit"))
    late = found.seeks("L-1", T("2026-03-02T09:14Z"))
    assert (late.route, late.rotation) == (None, None)
    entry = Entry(lead_id="L-1", rep="noor", attempt=2, at=T("2026-03-02T09:14Z"))
    assert tell(found, Routed(id="by hand", at=entry.at, entry=entry, rep=NOOR)).actions == ()
    assert tell(found, Released(id="r2", at=T("2026-03-02T09:15Z"))).actions == ()


def test_somebody_who_was_sought_and_is_sought_again_at_that_instant_is_another_attempt() -> None:
    """An enquiry that nobody had yet is over and begins anew: keys are never given twice."""
    verdict = ENGINE.decide(lead(), at=T(MONDAY))
    gone = ENGINE.step(verdict.case, happened("disqualified", MONDAY, rule="no_budget"), at=T(MONDAY))
    back = ENGINE.step(gone.case, happened("reopened", MONDAY), at=T(MONDAY))
    assert [action.key for action in verdict.actions] == ["L-1#1/seek_rep/2026-03-02T09:10:00Z"]
    assert [action.key for action in back.actions] == ["L-1#2/seek_rep/2026-03-02T09:10:00Z"]


def test_a_route_that_is_told_again_is_the_same_report() -> None:
    """RO-14."""
    verdict = ENGINE.decide(lead(), roster=ROSTER, rotation=Rotation(), at=T(MONDAY))
    assert verdict.route is not None
    assert ENGINE.step(verdict.case, routed(verdict.route), at=T("2026-03-02T09:11Z")).repeated


def test_what_the_lanes_keep_from_people_is_asked_for_again_only_when_it_is_another() -> None:
    """RT-4: a policy that nurtures its T2, though they are handed off."""
    engine = Engine(changed(Policy(), {"routing.lanes[T2].to": "nurture"}))
    found = host(engine=engine, account=ACME, title=None)
    case = found.cases["L-1"]
    assert (case.assessment.tier, case.holding.kept, case.waits) == (
        "T2",
        True,
        "No person is to have it: it is T2, and stays with marketing.",
    )
    assert tell(found, Activity(id="v", kind="page_view", at=T("2026-03-02T09:11Z"))).actions == ()
    progress = tell(found, Learned(id="crm", at=T("2026-03-02T09:12Z"), lead=lead(activities=None)))
    assert told(progress.actions) == [("02 09:12", "seek 1: qualified")]


def test_who_gives_a_lead_back_keeps_it_until_another_has_it() -> None:
    """RT-7: the earlier holder is left out."""
    found = host(account=attrs.evolve(ACME, growth_stage="series_b"))
    assert told(tell(found, Released(id="r", at=T("2026-03-02T09:12Z"), reason="ill")).actions) == [("02 09:12", "seek 2: released")]
    assert found.cases["L-1"].rep == "maya"
    assert told(found.seeks("L-1", T("2026-03-02T09:13Z")).actions)[0] == ("02 09:13", "hand over 2 to noor")
    assert told(tell(found, Released(id="r2", at=T("2026-03-02T09:14Z"))).actions) == [("02 09:14", "seek 3: released")]
    found.roster = leave(found.roster, "omar", active=False)
    found.seeks("L-1", T("2026-03-02T09:15Z"))
    assert (found.cases["L-1"].rep, found.cases["L-1"].holding.sought) == ("noor", "released")
    found.is_sound()


def test_nobody_is_sought_any_more_once_the_holder_has_answered() -> None:
    """A re-route that the host has not carried out yet: maya calls after all."""
    found = host()
    assert [what for _, what in follow(found, "2026-03-02T09:26Z", finds=False)][-1] == "seek 2: no_answer"
    assert tell(found, call("2026-03-02T09:27Z", human=False)).case.holding.sought == "no_answer"
    assert tell(found, call("2026-03-02T09:28Z", None, name="c2")).case.holding.sought is None
    assert found.seeks("L-1", T("2026-03-02T09:29Z")).route is None
    assert found.cases["L-1"].rep == "maya"


def test_those_who_are_told_are_told_once() -> None:
    """RT-4: the CSM and the named rep, at every tier, whoever takes the lead."""
    account = attrs.evolve(ACME, growth_stage="series_b", csm="omar")
    found = host(account=account)
    assert ("02 09:10", "notify omar as csm") in told(found.outbox.values())
    came = follow(found, "2026-03-02T10:00Z")
    assert ("02 09:25", "hand over 2 to noor") in came
    assert not [what for _, what in came if what.startswith("notify")]


def test_a_route_made_elsewhere_is_reported_by_hand() -> None:
    case = ENGINE.decide(lead(), at=T(MONDAY)).case
    entry = Entry(lead_id="L-1", rep="zoe", at=T("2026-03-02T09:11Z"))
    progress = ENGINE.step(case, Routed(id="crm-1", at=entry.at, entry=entry, rep=Rep(id="zoe", role="AE")), at=entry.at)
    assert (progress.case.rep, told(progress.actions)[0]) == ("zoe", ("02 09:11", "hand over 1 to zoe"))


def test_clocks_that_outlive_their_enquiry_by_the_policy_keep_who_has_them() -> None:
    engine = Engine(changed(Policy(), {"case.stages[gone].cancels": False}))
    found = host(engine=engine)
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("recycled", "2026-03-02T11:00Z"))
    tell(found, Activity(id="v", kind="page_view", at=T("2026-03-02T12:00Z")))
    states = {status.clock.table: (status.state, status.accountable) for status in found.cases["L-1"].clocks.statuses}
    assert states["review"] == ("running", "maya")


def test_who_is_sought_twice_at_one_instant_is_sought_under_two_keys() -> None:
    """What is kept from people, and is known better at the same instant."""
    engine = Engine(changed(Policy(), {"routing.lanes[T2].to": "nurture"}))
    verdict = engine.decide(lead(account=ACME, title=None), at=T(MONDAY))
    kept = engine.assign(verdict.case, ROSTER, Rotation(), at=T(MONDAY))
    assert kept.case.holding.kept
    progress = engine.step(kept.case, Learned(id="crm", at=T(MONDAY), lead=lead(activities=None)), at=T(MONDAY))
    assert [action.key for action in (*verdict.actions, *progress.actions) if isinstance(action.does, SeekRep)] == [
        "L-1#1/seek_rep/2026-03-02T09:10:00Z",
        "L-1#2/seek_rep/2026-03-02T09:10:00Z",
    ]


def test_a_route_by_hand_gives_nobody_a_lead_twice() -> None:
    """RO-14: who has it keeps it under the attempt that stands; another has it by the next, whatever number the host writes."""
    found = host()

    def by_hand(name: str, rep: Rep, at: str, attempt: int = 1) -> list[tuple[str, str]]:
        entry = Entry(lead_id="L-1", rep=rep.id, attempt=attempt, at=T(at))
        return told(tell(found, Routed(id=name, at=entry.at, entry=entry, rep=rep)).actions)

    assert by_hand("h1", MAYA, "2026-03-02T09:11Z") == []
    assert by_hand("h2", NOOR, "2026-03-02T09:12Z") == [("02 09:12", "hand over 2 to noor")]
    assert by_hand("h3", MAYA, "2026-03-02T09:13Z") == [("02 09:13", "hand over 3 to maya")]
    tell(found, Released(id="r", at=T("2026-03-02T09:13:30Z")))
    assert by_hand("h4", NOOR, "2026-03-02T09:14Z", attempt=2) == [("02 09:14", "hand over 4 to noor")]
    assert found.cases["L-1"].rep == "noor"


# ------------------------------------------------------------------------------------------------------------ coming back


def test_of_an_enquiry_that_nobody_has_yet_nobody_is_accountable() -> None:
    """CL-11: maya had the one before; the clocks of the new one have no holder until somebody is found."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("rejected", "2026-03-02T11:00Z", category="wrong_timing"))
    tell(found, Activity(id="v", kind="page_view", at=T("2026-03-03T09:00Z")))
    clocks = [(status.clock.table, status.clock.kind, status.accountable) for status in found.cases["L-1"].clocks.statuses]
    assert clocks == [("delivery", "lead", None), ("first_response", "lead", None)]
    assert follow(found, "2026-03-03T09:06Z", finds=False) == [("03 09:05", "escalate first_response escalate of None")]


def test_a_rejected_lead_comes_back_when_engagement_does() -> None:
    """LC-5, LC-7: wrong timing, re-engaged every fortnight, back at the first visit, sought anew, none of the earlier holders left out."""
    found = host()
    tell(found, call("2026-03-02T09:13Z"))
    progress = tell(found, happened("rejected", "2026-03-02T10:00Z", category="wrong_timing"))
    assert [words(action) for action in progress.actions] == ["retract confirm-0: disqualified"]
    assert follow(found, "2026-04-01T00:00Z") == [("16 00:00", "re_engage 1"), ("30 00:00", "re_engage 2")]
    tell(found, Activity(id="open", kind="email_open", at=T("2026-04-01T09:00Z")))
    assert found.cases["L-1"].stage == "RECYCLED"
    back = tell(found, Activity(id="seen", kind="page_view", content="pricing", at=T("2026-04-02T09:00Z")))
    assert told(back.actions) == [("02 09:00", "seek 2: qualified")]
    assert (back.case.stage, back.case.engaged_at, back.case.over) == ("MQL", T("2026-04-02T09:00Z"), False)
    assert told(found.seeks("L-1", T("2026-04-02T09:00Z")).actions)[1:] == [
        ("02 09:00", "send confirm-0 by noor"),
        ("02 09:00", "send call-0 by noor"),
    ]
    status = found.cases["L-1"].status()
    assert status is not None
    assert (status.clock.start, status.state) == (T("2026-04-02T09:00Z"), "running")


def test_a_bad_fit_goes_back_to_marketing_and_is_sought_for_again_only_when_its_scores_change() -> None:
    """LC-5: passive nurture."""
    found = host()
    tell(found, happened("rejected", "2026-03-02T10:00Z", category="bad_fit"))
    assert (found.cases["L-1"].stage, found.cases["L-1"].rep, found.cases["L-1"].over) == ("LEAD", None, True)
    assert tell(found, Activity(id="a", kind="page_view", at=T("2026-03-02T11:00Z"))).actions == ()
    other = lead(account=attrs.evolve(ACME, employees=20, growth_stage=None, technologies=frozenset()), activities=None)
    progress = tell(found, Learned(id="crm", at=T("2026-03-03T09:00Z"), lead=other))
    assert progress.case.assessment.tier == "T2"
    assert told(progress.actions) == [("03 09:00", "seek 3: qualified")]


def test_a_disqualified_lead_is_reopened_by_its_date_and_by_hand_alone() -> None:
    """LC-6: no budget for twelve months; the event brings it back, scored anew."""
    found = host()
    tell(found, happened("disqualified", "2026-03-02T10:00Z", rule="no_budget"))
    assert follow(found, "2027-03-03T00:00Z") == [("02 00:00", "reopen_possible 1")]
    progress = tell(found, happened("reopened", "2027-03-03T09:00Z"))
    assert (progress.case.stage, progress.case.assessment.tier, progress.case.over) == ("LEAD", "NURTURE", False)
    assert told(progress.actions) == [("03 09:00", "enrol in nurture: NURTURE")]


@pytest.mark.parametrize(
    ("rule", "months", "comes"),
    [("long_timeline", 18, "2027-09-02T00:00Z"), ("no_budget", 60, "2031-03-02T00:00Z"), ("no_budget", 1200, "2126-03-02T00:00Z")],
)
def test_a_date_that_is_years_ahead_comes(rule: str, months: int, comes: str) -> None:
    """LC-6: 18 months is what the playbook says itself."""
    found = host(engine=Engine(changed(Policy(), {f"recycling.reopenings[{rule}].after_months": months})))
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("disqualified", "2026-03-02T11:00Z", rule=rule))
    assert found.cases["L-1"].ask_again_at == T(comes)
    assert follow(found, "2127-01-01T00:00Z") == [("02 00:00", "reopen_possible 1")]
    assert found.cases["L-1"].ask_again_at is None


def test_a_hold_that_ends_scores_again_and_brings_back_who_is_an_mql_by_then() -> None:
    """LC-7: 60 days; who is still worth it comes back, and sales is asked."""
    engine = Engine(
        changed(Policy(), {"tiers.rows[T2].thresholds[urgency].at_least": 0, "recycling.holds[nurture].re_engage_every_days": None})
    )
    found = host(engine=engine)
    tell(found, happened("recycled", "2026-03-02T10:00Z"))
    came = found.looks(T("2026-05-01T00:00Z"))
    assert told(came) == [("01 00:00", "seek 3: qualified")]
    assert found.cases["L-1"].stage == "MQL"
    found.is_sound()


def test_a_held_tier_is_scored_again_every_month() -> None:
    """TI-1, LC-8: a T3 of marketing, each calendar month; nothing is to be done while it stays one."""
    engine = Engine(
        changed(Policy(), {"tiers.rows[T1].thresholds[urgency].at_least": 99, "tiers.rows[T2].thresholds[urgency].at_least": 98})
    )
    found = host(engine=engine)
    assert found.cases["L-1"].assessment.tier == "T3"
    assert told(found.outbox.values()) == [("02 09:10", "enrol in nurture: T3")]
    assert found.cases["L-1"].return_at == T("2026-04-02T00:00Z")
    found.looks(T("2026-04-02T00:00Z"))
    assert found.cases["L-1"].assessment.at == T("2026-04-02T00:00Z")
    assert found.cases["L-1"].waits == "No person is to have it: it is NURTURE, and stays with marketing."
    found.is_sound()


# ------------------------------------------------------------------------------------------------------------ touches


def test_a_reply_ends_the_touches_and_no_clock() -> None:
    """CD-7: the answer is still owed."""
    found = host()
    progress = tell(found, Activity(id="re", kind="reply", at=T("2026-03-02T09:11Z")))
    assert [words(action) for action in progress.actions] == ["retract call-0: reply", "retract confirm-0: reply"]
    assert follow(found, "2026-03-02T09:20Z") == [("02 09:15", "escalate first_response escalate of maya")]
    assert not [what for _, what in follow(found, "2026-03-20T09:20Z") if what.startswith("send")]


def test_a_meeting_is_a_discovery_and_nobody_is_owed_a_first_call_any_more() -> None:
    found = host()
    progress = tell(found, Exit("m", T("2026-03-02T09:11Z"), "meeting"))
    assert (progress.case.stage, progress.case.record.entries[-1].event) == ("SQL", "discovery_scheduled")
    assert follow(found, "2026-03-20T09:20Z") == []
    assert {one.state for one in found.cases["L-1"].clocks.statuses} <= {"cancelled", "met"}


def test_an_opt_out_suppresses_and_cancels() -> None:
    """CL-14, CA-14: of everything; of one channel only that."""
    found = host()
    tell(found, Exit("o", T("2026-03-02T09:11Z"), "opt_out"))
    case = found.cases["L-1"]
    assert case.lead.suppressed == {"all"}
    assert {one.state for one in case.clocks.statuses if one.clock.table != "delivery"} == {"cancelled"}
    assert follow(found, "2026-03-20T09:20Z") == []
    found = host()
    tell(found, Exit("o", T("2026-03-02T09:11Z"), "opt_out", "email"))
    assert found.cases["L-1"].lead.suppressed == {"email"}
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("accepted", "2026-03-02T09:13Z"))
    tell(found, call("2026-03-02T09:14Z", None, name="c2"))
    assert [what for _, what in follow(found, "2026-03-10T00:00Z")] == ["send call-3 by maya"]


def test_a_bounce_and_an_exit_without_a_row_end_what_they_end() -> None:
    found = host()
    progress = tell(found, Exit("b", T("2026-03-02T09:11Z"), "bounce"))
    assert [words(action) for action in progress.actions] == ["retract confirm-0: bounce"]
    assert not progress.case.touches.stopped


def test_an_automatic_reply_only_holds() -> None:
    """CA-16."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, AutoReply("ooo", T("2026-03-02T09:20Z"), date(2026, 3, 9)))
    assert found.cases["L-1"].touches.next_at == T("2026-03-09T09:00Z")


def test_not_ready_is_followed_up_after_30_60_and_90_days() -> None:
    """CD-4, CA-18."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    tell(found, happened("accepted", "2026-03-02T09:13Z"))
    tell(found, call("2026-03-02T09:14Z", None, name="c2"))
    tell(found, Exit("n", T("2026-03-02T09:20Z"), "not_ready"))
    assert follow(found, "2026-06-30T00:00Z") == [("01 07:00", "follow up 30"), ("01 07:00", "follow up 60"), ("01 07:00", "follow up 90")]


def test_an_exit_before_any_plan_keeps_touches_from_beginning() -> None:
    found = host(activities=())
    assert found.cases["L-1"].touches.plan is None
    tell(found, Exit("r", T("2026-03-02T09:20Z"), "reply"))
    tell(found, AutoReply("ooo", T("2026-03-02T09:21Z")))
    tell(found, Activity(id="d", kind="demo_request", at=T("2026-03-02T09:30Z")))
    assert [what for _, what in told(found.seeks("L-1", T("2026-03-02T09:30Z")).actions)] == ["hand over 1 to maya"]


def test_a_higher_sequence_takes_over_and_a_lower_one_waits() -> None:
    """CA-17: from T2 to T1 while the touches of T2 run."""
    known = lead(account=ACME, title="Intern")
    found = Host(ENGINE, ROSTER)
    verdict = found.arrives(known, T(MONDAY))
    assert verdict.tier == "T2"
    assert verdict.cadence is not None
    assert verdict.cadence.sequence == "T2"
    progress = tell(found, Learned(id="crm", at=T("2026-03-02T09:20Z"), lead=lead(activities=None)))
    plan = progress.case.touches.plan
    assert (progress.case.assessment.tier, plan and plan.sequence, progress.case.rep) == ("T1", "T1", "noor")
    back = tell(found, Learned(id="crm2", at=T("2026-03-02T09:21Z"), lead=known))
    assert (back.case.assessment.tier, back.case.touches.plan and back.case.touches.plan.sequence) == ("T2", "T1")


def test_touches_outside_the_plan_count_for_its_caps() -> None:
    """CA-11: two calls on the first day are made; the third waits."""
    found = host("2026-03-02T05:00Z")
    for number in (1, 2):
        tell(found, call(f"2026-03-02T06:0{number}Z", None, name=f"c{number}", human=False))
    came = follow(found, "2026-03-03T09:00Z", finds=False)
    assert ("02 08:00", "send call-0 by maya") not in came


# ------------------------------------------------------------------------------------------------------------ clocks


def test_a_tier_change_opens_a_clock_in_place_of_the_one_that_runs() -> None:
    """CL-15."""
    known = lead(account=ACME, activities=(Activity(id="w", kind="webinar_attendance", at=T(MONDAY)),))
    engine = Engine(changed(Policy(), {"tiers.rows[T2].thresholds[urgency].at_least": 10}))
    found = Host(engine, ROSTER)
    verdict = found.arrives(known, T(MONDAY))
    assert verdict.sla is not None
    assert (verdict.tier, verdict.sla.clock.promise) == ("T2", "T2")
    progress = found.tells("L-1", Activity(id="d", kind="demo_request", at=T("2026-03-02T09:20Z")), T("2026-03-02T09:20Z"))
    states = [(one.clock.promise, one.state) for one in progress.case.clocks.statuses if one.clock.table == "first_response"]
    assert ("T2", "superseded") in states
    assert ("hand_raiser", "running") in states
    found.is_sound()


def test_a_second_enquiry_after_the_answer_is_owed_another() -> None:
    """CL-16: while the first clock is undecided it joins it; afterwards it starts one of its own."""
    found = host()
    tell(found, Activity(id="d1", kind="demo_request", at=T("2026-03-02T09:11Z")))
    assert len([one for one in found.cases["L-1"].clocks.opened if one.table == "first_response"]) == 1
    tell(found, call("2026-03-02T09:13Z"))
    progress = tell(found, Activity(id="d2", kind="demo_request", at=T("2026-03-03T09:00Z")))
    asked = [action.does for action in progress.actions if isinstance(action.does, Answer)]
    assert asked == [Answer("maya", "first_response", "hand_raiser", T("2026-03-03T09:05Z"))]
    status = found.cases["L-1"].status()
    assert status is not None
    assert (status.clock.start, status.deadline, status.state) == (T("2026-03-03T09:00Z"), T("2026-03-03T09:05Z"), "running")
    closed = [one for one in found.cases["L-1"].clocks.closed if one.clock.kind == "lead"]
    assert [(one.clock.start, one.state) for one in closed] == [(T(MONDAY), "met")]
    assert ("03 09:05", "escalate first_response escalate of maya") in follow(found, "2026-03-03T09:06Z")


@pytest.mark.parametrize("event", ["won", "merged", "disqualified"])
def test_nobody_owes_an_answer_to_a_hand_that_is_raised_when_all_is_over(event: str) -> None:
    """RT-5: a clock that nobody has would escalate with nobody to answer."""
    found = host()
    tell(found, call("2026-03-02T09:12Z"))
    data = {"merged": {"into": "L-0"}, "disqualified": {"rule": "no_budget"}}.get(event, {})
    assert tell(found, happened(event, "2026-03-02T09:30Z", **data)).refused == ()
    tell(found, Activity(id="again", kind="demo_request", at=T("2026-03-03T09:00Z")))
    assert [status.state for status in found.cases["L-1"].clocks.statuses if status.ended_at is None] == []
    assert [what for _, what in follow(found, "2026-03-06T00:00Z")] == []
    assert found.cases["L-1"].over


def test_a_pause_holds_the_clock() -> None:
    """CL-13."""
    found = host()
    tell(found, Pause(id="p", at=T("2026-03-02T09:12Z"), until=T("2026-03-02T10:12Z"), planned=True))
    assert follow(found, "2026-03-02T10:16Z") == [("02 10:15", "escalate first_response escalate of maya")]


def test_automatic_touches_answer_what_waits_for_any() -> None:
    """SL-3: the limit for the first automated email of a T3 that marketing holds."""
    found = host(activities=())
    status = found.cases["L-1"].status()
    assert status is not None
    assert (status.clock.promise, status.clock.human_only) == ("nurture", False)
    mail = Outreach(id="m", lead_id="L-1", rep="marketing", channel="email", at=T("2026-03-02T10:00Z"), human=False)
    tell(found, mail)
    status = found.cases["L-1"].status()
    assert status is not None
    assert status.state == "met"


def test_of_many_automatic_touches_a_clock_for_people_remembers_the_first() -> None:
    found = host()
    for number in range(5):
        tell(found, call(f"2026-03-02T09:11:0{number}Z", None, name=f"auto{number}", human=False))
    assert sum(isinstance(one, Outreach) for one in found.cases["L-1"].clocks.told) == 1
    status = found.cases["L-1"].status()
    assert status is not None
    assert (status.state, status.first_touch_at) == ("running", T("2026-03-02T09:11:00Z"))


# ------------------------------------------------------------------------------------------------------------ deals and drift


def test_a_deal_opens_and_ends_the_case() -> None:
    found = host()
    opened = Opportunity(id="D-1", opened_at=T("2026-03-03T09:00Z"), amount=Money.of(95_000, "EUR"))
    assert tell(found, opened).case.stage == "SQO"
    won = attrs.evolve(opened, closed_at=T("2026-04-03T09:00Z"), won=True)
    progress = tell(found, won, "2026-04-03T09:00Z")
    assert (progress.case.stage, progress.case.over, progress.case.rep) == ("CLOSED_WON", True, None)
    assert ENGINE.step(progress.case, won, at=T("2026-05-03T09:00Z")).repeated
    found = host()
    lost = attrs.evolve(opened, closed_at=T("2026-04-03T09:00Z"), won=False)
    progress = tell(found, lost, "2026-04-03T09:00Z")
    assert progress.case.stage == "CLOSED_LOST"
    assert [entry.at for entry in progress.case.record.entries if entry.stage in {"SQO", "CLOSED_LOST"}] == [
        opened.opened_at,
        lost.closed_at,
    ]
    assert [refused.code for refused in tell(found, opened, "2026-04-04T09:00Z").refused] == []
    found = host()
    follow(found, "2026-03-05T00:00Z", finds=False)
    late = tell(found, opened, "2026-03-06T00:00Z")
    assert (late.case.stage, late.case.over) == ("RECYCLED", True)
    assert [words(action) for action in late.actions] == [
        "retract 2026-03-02T09:10:00Z:escalate: it was ended before",
        "retract 2026-03-02T09:10:00Z:ignored: it was ended before",
    ]


def test_a_lead_that_falls_under_the_line_of_its_stage_is_reported_and_moved_where_the_policy_says_so() -> None:
    """LC-4: drift."""
    poor = lead(account=Account(id="acme", country="KP", employees=2, industry="gambling"), title="Intern", activities=None)
    found = host()
    progress = tell(found, Learned(id="crm", at=T("2026-03-02T09:20Z"), lead=poor))
    assert (progress.case.assessment.tier, progress.case.stage) == ("NURTURE", "MQL")
    assert ("02 09:20", "drifted from MQL: NURTURE") in told(progress.actions)
    machines = Policy().model_dump(mode="json")["lifecycle"]["machines"]
    (stage,) = [stage for stage in machines[0]["stages"] if stage["id"] == "MQL"]
    stage |= {"drift": "move", "drift_event": "recycled"}
    found = host(engine=Engine(changed(Policy(), {"lifecycle.machines": machines})))
    progress = tell(found, Learned(id="crm", at=T("2026-03-02T09:20Z"), lead=poor))
    assert (progress.case.stage, progress.case.rep) == ("RECYCLED", None)


def test_new_facts_replace_the_old_and_add_what_was_done() -> None:
    found = host()
    more = lead(title="CRO", activities=(Activity(id="v", kind="page_view", at=T("2026-03-02T09:00Z")),))
    progress = tell(found, Learned(id="crm", at=T("2026-03-02T09:20Z"), lead=more))
    assert progress.case.lead.title == "CRO"
    assert [one.id for one in progress.case.lead.activities or ()] == ["asked", "v"]


def test_a_lead_whose_activities_nobody_knew_is_known_from_the_first_that_is_reported() -> None:
    found = host(activities=None)
    assert found.cases["L-1"].index is None
    progress = tell(found, Activity(id="d", kind="demo_request", at=T("2026-03-02T09:20Z")))
    assert [one.id for one in progress.case.lead.activities or ()] == ["d"]


def test_observations_are_settled_as_of_each_instant() -> None:
    seen = Observation("industry", "fintech", source="enrichment", at=T("2026-03-02T09:30Z"))
    found = host(account=Account(id="acme", country="DE", employees=240), observations=(seen,))
    assert found.cases["L-1"].assessment.lead.account is not None
    assert found.cases["L-1"].assessment.lead.account.industry is None
    progress = tell(found, Activity(id="v", kind="page_view", at=T("2026-03-02T10:00Z")))
    assert progress.case.assessment.lead.account is not None
    assert progress.case.assessment.lead.account.industry == "fintech"


def test_a_reminder_of_a_promise_that_is_nobodys_in_sales_is_flagged() -> None:
    found = host(activities=())
    assert follow(found, "2026-03-04T00:00Z") == [("03 09:10", "flag first_response")]


def test_a_tier_that_sales_works_automatically_is_nurtured_at_its_limit() -> None:
    """SL-3: T3 routed to sales development, four hours, then the automatic sequence."""
    engine = Engine(
        changed(
            Policy(),
            {
                "tiers.rows[T1].thresholds[urgency].at_least": 99,
                "tiers.rows[T2].thresholds[urgency].at_least": 98,
                "qualification.held_tiers": [],
                "routing.lanes[T3].to": "rep",
                "sla.tables[first_response].rows[hand_raiser].when": {"op": "equals", "fact": "tier", "value": "T1"},
            },
        )
    )
    found = host(engine=engine)
    assert found.cases["L-1"].rep == "noor"
    assert ("02 13:10", "enrol in nurture sequence: first_response T3_routed") in told(found.looks(T("2026-03-02T13:10Z")))


def test_a_bad_fit_is_promised_nothing() -> None:
    """TI-2: passive nurture, no sequence, no clock."""
    found = host(account=Account(id="acme", country="KP", employees=2, industry="gambling"), title="Intern", activities=())
    case = found.cases["L-1"]
    assert (case.assessment.reason, case.clocks.opened, case.touches.plan, found.outbox) == ("low_fit", (), None, {})


def test_what_a_policy_says_nothing_of_sets_nothing_off() -> None:
    """A stage row that only ends the enquiry, an exit without a row, an enrolment that reports nothing."""
    shipped = Policy().case.model_dump(mode="json")
    rows = [{"id": "won", "stages": ["CLOSED_WON"], "ends": True}]
    case = {**shipped, "stages": rows, "exits": [], "enrolments": []}
    found = host(engine=Engine(changed(Policy(), {"case": case})))
    tell(found, Exit("d", T("2026-03-02T09:11Z"), "won"))
    assert {one.state for one in found.cases["L-1"].clocks.statuses if one.clock.table == "review"} == {"running"}
    found = host(engine=Engine(changed(Policy(), {"case": case, "sla.tables[review].rows[mql].ladder": []})))
    assert follow(found, "2026-03-20T09:00Z")[-1] == ("11 08:00", "enrol in nurture: T1")
    assert found.cases["L-1"].stage == "MQL"
    assert tell(found, happened("won", "2026-03-20T10:00Z")).case.over


# ------------------------------------------------------------------------------------------------------------ journals


def test_what_is_no_journal_and_no_engine_is_told() -> None:
    rows = host().journals["L-1"]
    for journal in (None, 3, "journal", {"format": 1}):
        with pytest.raises(FactError, match=r"journal: saw .*, expected the rows, in order"):
            ENGINE.resume(journal)  # type: ignore[arg-type]
    for others in (None, 3, [None], ENGINE):
        with pytest.raises(FactError, match=r"others: saw .*, expected engines"):
            ENGINE.resume(rows, others=others)  # type: ignore[arg-type]


def test_a_journal_gives_the_case_again() -> None:
    """Through JSON, as a database keeps it."""
    found = host("2026-03-02T22:10Z")
    follow(found, "2026-04-01T00:00Z")
    tell(found, Activity(id="seen", kind="page_view", content="pricing", at=T("2026-04-02T09:00Z")))
    rows = json.loads(json.dumps(found.journals["L-1"]))
    assert ENGINE.resume(rows) == found.cases["L-1"]


def test_a_case_goes_on_under_a_new_policy_and_its_journal_tells_by_which_each_row_was_made() -> None:
    old, new = ENGINE, Engine(changed(Policy(), {"sla.late_logging_minutes": 16}))
    verdict = old.decide(lead(), roster=ROSTER, rotation=Rotation(), at=T(MONDAY))
    progress = new.step(verdict.case, call("2026-03-02T09:14Z"), at=T("2026-03-02T09:14Z"))
    assert progress.case.policy == new.compiled.fingerprint
    rows = [*verdict.rows, *progress.rows]
    assert new.resume(rows, others=[old]) == progress.case
    with pytest.raises(FactError, match=r"journal.policy: saw .* Pass the engine of that policy as others="):
        new.resume(rows)


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda rows: [], r"journal: saw a list of 0, expected at least one row"),
        (lambda rows: rows[1:], r"journal\[0\].report.kind: saw 'outreach', expected the opening first"),
        (lambda rows: [*rows, rows[0]], r"journal\[2\].report.kind: saw 'opened'"),
        (lambda rows: [None], r"journal\[0\]: saw nothing"),
        (lambda rows: [{**rows[0], "format": 2}], r"journal\[0\]: saw"),
        (lambda rows: [{**rows[0], "report": "opened"}], r"journal\[0\]: saw"),
        (lambda rows: [{**rows[0], "at": "yesterday"}], r"journal\[0\].at: saw 'yesterday'"),
        (lambda rows: [{**rows[0], "report": {**rows[0]["report"], "lead": {}}}], r"id: "),
        (lambda rows: [{**rows[0], "report": {**rows[0]["report"], "routed": rows[1]["report"]}}], r"journal\[0\].report.routed: saw"),
        (lambda rows: [rows[0], {**rows[1], "report": {"kind": "nonsense", "body": {}}}], r"report.kind: saw 'nonsense'"),
    ],
)
def test_a_journal_that_is_none_is_told(spoil: object, match: str) -> None:
    verdict = ENGINE.decide(lead(), roster=ROSTER, rotation=Rotation(), at=T(MONDAY))
    rows = [*verdict.rows, *ENGINE.step(verdict.case, call("2026-03-02T09:14Z"), at=T("2026-03-02T09:14Z")).rows]
    with pytest.raises(FactError, match=match):
        ENGINE.resume(spoil(rows))  # type: ignore[operator]


def test_a_record_that_is_there_goes_on() -> None:
    machine = ENGINE.compiled.lifecycle.machine("lead")
    record = lifecycle.start(machine, "L-1", at=T("2026-02-01T09:00Z"), stage="RECYCLED")
    verdict = ENGINE.decide(lead(activities=()), roster=ROSTER, rotation=Rotation(), at=T(MONDAY), record=record)
    assert (verdict.case.over, verdict.route, verdict.entries, verdict.actions) == (True, None, (), ())
    assert ENGINE.resume(verdict.rows) == verdict.case
    verdict = ENGINE.decide(lead(), roster=ROSTER, rotation=Rotation(), at=T(MONDAY), record=record)
    assert [entry.event for entry in verdict.entries] == ["reactivated", "scored"]
    assert (verdict.case.over, verdict.rep) == (False, "maya")
    assert ENGINE.resume(verdict.rows) == verdict.case
    with pytest.raises(FactError, match=r"record.id: saw 'L-2', expected 'L-1', the id of the lead"):
        ENGINE.decide(lead(), at=T(MONDAY), record=attrs.evolve(record, id="L-2"))


def test_a_policy_without_a_machine_for_the_lead_says_so() -> None:
    only = {"op": "equals", "fact": "country", "value": "FR"}
    engine = Engine(changed(Policy(), {"lifecycle.machines[lead].when": only}))
    with pytest.raises(FactError, match="lead: saw 'L-1', expected a lead for which there is a machine about lead"):
        engine.decide(lead(), at=T(MONDAY))


def test_a_case_shows_itself_without_facts_of_the_person() -> None:
    case = host().cases["L-1"]
    assert repr(case) == "Case('L-1', T1, stage='MQL', rep='maya', at=2026-03-02T09:10:00Z)"
    assert repr(ENGINE.due(case, at=T("2026-03-02T09:15Z"))).endswith("actions=['escalate'])")
    shown = json.dumps(case.to_dict(redact=True))
    assert "ana@" not in shown
    assert "VP Revenue" not in shown
    assert case.to_dict()["waits"] is None
    assert Case.__eq__(case, case)


def test_a_case_pickles_and_goes_on() -> None:
    for known in (lead(), lead(activities=None)):
        case = ENGINE.decide(known, roster=ROSTER, rotation=Rotation(), at=T(MONDAY)).case
        again = pickle.loads(pickle.dumps(case))  # noqa: S301 - our own
        assert again == case
        report = call("2026-03-02T09:14Z")
        assert ENGINE.step(again, report, at=report.at) == ENGINE.step(case, report, at=report.at)


# ------------------------------------------------------------------------------------------------------------ cost


def test_ten_times_the_events_cost_ten_times_the_work() -> None:
    """A case of 10,000 events stays linear: no step reads the events before it. Held by a count of calls; the clock is in benchmarks."""

    def live(number: int) -> int:
        case = host().cases["L-1"]
        for place in range(number):
            at = T("2026-03-02T10:00Z") + timedelta(minutes=7 * place)
            kind = ("page_view", "email_open", "visit", "email_click")[place % 4]
            case = ENGINE.step(case, Activity(id=f"x{place}", kind=kind, content="pricing", at=at), at=at).case
        return len(case.lead.activities or ())

    with at_most(900_000):
        assert live(1_000) == 1_001


def test_the_functions_take_a_compiled_policy_too() -> None:
    assert following.opened(ENGINE.compiled, lead(), at=T(MONDAY)).case == ENGINE.decide(lead(), at=T(MONDAY)).case
