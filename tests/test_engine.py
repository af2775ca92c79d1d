"""An engine is a policy made ready: one lead after another, any number of them, and nothing is kept."""

import copy
import gc
import itertools
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from inbound_engine import sla
from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine, verify
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Caps, Extra, Lead, Outreach, Rep, Roster
from inbound_engine.handoff import Package
from inbound_engine.handoff import Refused as Undelivered
from inbound_engine.history import Happened
from inbound_engine.lifecycle import Advanced, Refused
from inbound_engine.plans import Exit
from inbound_engine.policy import Policy
from inbound_engine.reported import Routed
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.routing import Assigned, NotRouted
from inbound_engine.spans import Span, parse_instant
from tests.policies import GIVEN, PAIR, graded, points, small

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
SHIPPED = Engine(Policy())
PAIRED = Engine(PAIR)
TO_SDRS = Engine(changed(Policy(), {"routing.lanes[T3].to": "rep"}))
TEAM = Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR")))
TWO = Roster(reps=(Rep(id="noor", role="SDR", zone="UTC"), Rep(id="sami", role="SDR", zone="UTC")))
BEST = Account(
    id="acme",
    country="DE",
    industry="fintech",
    employees=240,
    growth_stage="series_b",
    technologies=frozenset({"salesforce", "segment", "outreach"}),
)


def test_an_engine_is_its_policy() -> None:
    assert Engine(Policy()) == SHIPPED
    assert Engine(PAIR) != SHIPPED
    assert hash(Engine(Policy())) == hash(SHIPPED)
    assert repr(SHIPPED) == f"Engine({Policy()!r})"
    for again in (pickle.loads(pickle.dumps(SHIPPED)), copy.deepcopy(SHIPPED), copy.copy(SHIPPED)):  # noqa: S301 - our own
        assert again == SHIPPED
        assert again.assess(Lead(id="L-1"), at=AT) == SHIPPED.assess(Lead(id="L-1"), at=AT)


# Clocks.


def clocked(**facts: Any) -> Assessment:  # noqa: ANN401 - of any kind
    """A T2 whose hand was not raised."""
    seen = Activity(id="a", kind="webinar_attendance", at=AT - timedelta(hours=1))
    account = Account(id="acme", country="DE", industry="fintech", employees=240)
    return SHIPPED.assess(Lead(id="L-1", title="VP Sales", account=account, activities=(seen,), **facts), at=AT)


def test_the_clock_of_a_hand_raiser_starts_when_the_hand_was_raised() -> None:
    """SL-5, SL-6: five minutes, whatever the tier that is handed off."""
    asked = Activity(id="a", kind="demo_request", at=AT - timedelta(minutes=3))
    found = SHIPPED.clock(SHIPPED.assess(Lead(id="L-1", title="VP Sales", activities=(asked,)), at=AT))
    assert found.value is not None
    assert (found.value.promise, found.value.start, found.value.target) == ("hand_raiser", asked.at, timedelta(minutes=5))
    assert [(reason.code.value, reason.rule) for reason in found.because] == [
        ("matched", "sla.tables[first_response].rows[hand_raiser]"),
        ("matched", "hours"),
    ]


@pytest.mark.parametrize(
    ("extra", "table", "given", "promise", "start"),
    [
        pytest.param("mentioned", "first_response", {}, "T2", AT, id="an MQL as of now"),
        pytest.param("mentioned", "first_response", {"mql_at": AT - timedelta(hours=2)}, "T2", AT - timedelta(hours=2), id="since earlier"),
        pytest.param(
            "mentioned", "first_response", {"start": AT + timedelta(hours=1)}, "T2", AT + timedelta(hours=1), id="as the caller says"
        ),
        pytest.param("mentioned", "review", {}, "mql", AT, id="the review starts with the hand-off"),
        pytest.param("none", "first_response", {}, "nurture", AT - timedelta(days=1), id="no MQL: since the lead came in"),
    ],
)
def test_a_clock_starts_where_the_policy_says(extra: str, table: str, given: dict[str, Any], promise: str, start: datetime) -> None:
    """SL-2, SL-3, SL-6."""
    lead = clocked(created_at=AT - timedelta(days=1), extra={"critical_event": extra}).lead
    assessment = SHIPPED.assess(attrs.evolve(lead, activities=lead.activities if extra == "mentioned" else ()), at=AT)
    clock = SHIPPED.clock(assessment, table=table, **given).value
    assert clock is not None
    assert (clock.promise, clock.start, clock.table, clock.captured_at) == (promise, start, table, AT - timedelta(days=1))


def test_a_lead_that_nothing_is_promised_has_no_clock() -> None:
    """TI-2: low fit is left to passive nurture, no clock."""
    found = SHIPPED.clock(SHIPPED.assess(Lead(id="L-1"), at=AT))
    assert found.value is None
    assert {reason.code.value for reason in found.because} == {"failed"}


def test_the_calendar_is_that_of_the_rep() -> None:
    """CL-2."""
    rep = Rep(id="maya", role="AE", zone="Asia/Kolkata", calendar="business_hours")
    clock = SHIPPED.clock(clocked(extra={"critical_event": "mentioned"}), rep=rep, since=AT).value
    assert clock is not None
    assert repr(clock.calendar) == "Calendar('Asia/Kolkata', Mon-Fri 09:00-17:00)"
    assert (clock.holder, clock.answers_since) == ("maya", AT)


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine, seen: engine.clock(seen),
        lambda engine, seen: engine.plan(seen, arrival=AT),
        lambda engine, seen: engine.deliver(seen),
        lambda engine, seen: engine.drift(engine.start("L-1", at=AT), seen),
        lambda engine, seen: engine.advance(engine.start("L-1", at=AT), SHIPPED.scored(seen), seen, at=AT),
        lambda engine, seen: engine.scored(seen),
        lambda engine, seen: engine.choose(seen),
        lambda engine, seen: engine.coming_back([], {"L-1": seen}, at=AT),
        lambda engine, seen: engine.route(seen, TEAM, Rotation()),
        lambda engine, seen: engine.route_each([seen], TEAM, Rotation()),
    ],
    ids=["clock", "plan", "deliver", "drift", "advance", "scored", "choose", "coming_back", "route", "route_each"],
)
def test_what_follows_is_asked_of_the_engine_that_assessed(ask: Callable[[Engine, Assessment], object]) -> None:
    """What the assessment saw was read by the rules of its policy."""
    with pytest.raises(FactError, match=r"^assessment\.policy: saw an assessment by policy .* Assess the lead with this engine first\.$"):
        ask(PAIRED, clocked())


# Routing.


def asking(lead_id: str = "L-1", *, at: datetime = AT, **facts: Any) -> Lead:  # noqa: ANN401 - of any kind
    """A T2 whose hand was raised."""
    asked = Activity(id=f"{lead_id}-asked", kind="demo_request", at=at)
    given: dict[str, Any] = {
        "activities": (asked,),
        "title": "VP Sales",
        "country": "DE",
        "lead_type": "demo_request",
        "created_at": at,
        **facts,
    }
    return Lead(id=lead_id, **given)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        pytest.param({}, Assigned("noor", "pool"), id="T2 to sales development"),
        pytest.param({"account": BEST}, Assigned("maya", "pool"), id="T1 to senior reps or account executives"),
        pytest.param({"account": Account(id="acme", owner="maya")}, Assigned("maya", "account_owner"), id="the owner first"),
        pytest.param({"lead_type": None, "activities": ()}, NotRouted("nurture"), id="whoever asked for nothing to nurture"),
    ],
)
def test_a_lead_goes_where_its_tier_says(facts: dict[str, Any], outcome: object) -> None:
    """RT-2, RT-4."""
    assert SHIPPED.route(SHIPPED.assess(asking(**facts), at=AT), TEAM, Rotation()).outcome == outcome


def test_a_policy_with_tiers_of_its_own_routes_what_is_handed_off() -> None:
    """RT-4: lanes that name the playbook's tiers do not come along."""
    own = {"rows": [{"id": "GOLD", "label": "Best", "thresholds": [{"score": "selection", "at_least": 30}]}], "floors": []}
    engine = Engine(Policy.model_validate({"tiers": own, "qualification": {"mql_tiers": ["GOLD"]}}))
    assert [lane.id for lane in engine.policy.routing.lanes] == ["handed_off", "nurture"]
    made = [engine.route(engine.assess(lead, at=AT), TEAM, Rotation()) for lead in (asking(account=BEST), asking(country="BR", title="x"))]
    assert [each.outcome for each in made] == [Assigned("noor", "pool"), NotRouted("nurture")]


def test_a_t3_goes_to_sales_development_where_the_policy_says() -> None:
    """RT-2: one field away."""
    seen = Activity(id="a", kind="webinar_attendance", at=AT - timedelta(days=20))
    lead = Lead(id="L-1", title="VP Sales", account=Account(id="acme", country="DE", employees=240), activities=(seen,))
    found = [engine.assess(lead, at=AT) for engine in (SHIPPED, TO_SDRS)]
    assert [one.tier for one in found] == ["T3", "T3"]
    assert [engine.route(one, TEAM, Rotation()).outcome for engine, one in zip((SHIPPED, TO_SDRS), found, strict=True)] == [
        NotRouted("T3"),
        Assigned("noor", "pool"),
    ]


def test_what_is_handed_to_the_engine_reaches_the_routing() -> None:
    """RO-14, RO-15, RO-18: entries, attempts, open leads, a team made once, progress."""
    team = Roster(reps=(Rep(id="noor", role="SDR", caps=Caps(open=1)), Rep(id="sami", role="SDR", caps=Caps(open=1))))
    ready = SHIPPED.team(team)
    first = SHIPPED.route(SHIPPED.assess(asking(), at=AT), ready, Rotation(), open_leads={"noor": 1})
    assert first.rep == "sami"
    again = SHIPPED.route(SHIPPED.assess(asking(), at=AT), ready, first.rotation, entries=[first.entry], open_leads={}, attempt=2)
    assert (again.rep, again.attempt) == ("noor", 2)
    steps: list[tuple[int, int]] = []
    batch = SHIPPED.route_each(
        [SHIPPED.assess(asking(name), at=AT) for name in ("L-3", "L-2", "L-1")],
        ready,
        Rotation(),
        entries={"L-1": [first.entry]},
        attempts={"L-1": 2},
        open_leads={"sami": 0},
        progress=lambda *done: steps.append(done),
    )
    assert [(made.lead_id, made.rep) for made in batch.routes] == [("L-1", "noor"), ("L-2", "sami"), ("L-3", None)]
    assert steps == [(1, 3), (2, 3), (3, 3)]


PLACED = Engine(
    changed(
        Policy(),
        {
            "routing.territories": [{"id": name, "when": {"op": "equals", "fact": "country", "value": name}} for name in ("DE", "AT")],
            "hours.territories": [{"id": "DE", "calendar": "business_hours", "zone": "Europe/Berlin"}],
        },
    )
)


@pytest.mark.parametrize(("country", "due"), [("DE", "08:05"), ("AT", "07:05")])
def test_the_clock_runs_in_the_hours_of_the_territory_where_it_has_some(country: str, due: str) -> None:
    """CL-2: 07:00 UTC is 08:00 in Berlin, an hour before it opens; a territory without hours of its own has the holder's, here none."""
    assessment = PLACED.assess(asking(country=country, at=AT.replace(hour=7, minute=0)), at=AT)
    made = PLACED.route(assessment, TEAM, Rotation())
    assert made.territory == country
    clock = PLACED.clock(assessment, territory=made.territory).value
    assert clock is not None
    assert f"{sla.status(clock, at=AT).deadline:%H:%M}" == due
    plan = PLACED.plan(assessment, arrival=AT, territory=made.territory).value
    assert plan is not None
    assert made.event is not None
    with pytest.raises(FactError, match="territory: saw 'FR', expected one of DE"):
        PLACED.clock(assessment, territory="FR")


def test_a_week_is_played_through_the_policy_before_anybody_lives_it() -> None:
    """CQ-6: who waits, who misses, how busy everybody is; what marketing keeps is not played, and a full desk waits for a free one."""
    monday = Span(AT.replace(hour=0, minute=0), AT.replace(hour=0, minute=0) + timedelta(days=1))
    nine = monday.since.replace(hour=9)
    leads = [asking(f"L-{number}", at=nine) for number in range(3)]
    leads += [Lead(id="quiet", created_at=nine), asking("late", at=monday.until)]
    one = Roster(reps=(Rep(id="noor", role="SDR", zone="UTC", calendar="business_hours", caps=Caps(open=1)),))
    found = SHIPPED.simulate(leads, one, over=monday)
    assert [(each.lead.id, each.rep, each.waited, each.missed) for each in found.leads] == [
        ("L-0", "noor", timedelta(), False),
        ("L-1", "noor", timedelta(minutes=30), True),
        ("L-2", "noor", timedelta(minutes=60), True),
    ]
    assert found.load("noor").worked == timedelta(minutes=90)
    away = attrs.evolve(one, reps=(attrs.evolve(one.reps[0], caps=Caps(), away=(Span(nine, nine.replace(hour=11)),)),))
    assert [each.waited for each in SHIPPED.simulate(leads[:1], away, over=monday).leads] == [timedelta(hours=2)]
    owed = SHIPPED.route(SHIPPED.assess(leads[0], at=nine), TWO, Rotation()).rotation
    assert [each.rep for each in SHIPPED.simulate(leads[:1], TWO, over=monday).leads] == ["noor"]
    assert [each.rep for each in SHIPPED.simulate(leads[:1], TWO, over=monday, rotation=owed).leads] == ["sami"]
    with pytest.raises(FactError, match=r"leads\[x\]\.created_at: saw nothing, expected the instant at which the lead arrived"):
        SHIPPED.simulate([Lead(id="x")], one, over=monday)
    with pytest.raises(FactError, match="the same id twice"):
        SHIPPED.simulate([leads[0], leads[0]], one, over=monday)


# Touches.


def test_the_sequence_is_that_of_the_tier_in_the_prospect_s_time() -> None:
    """CD-2, CD-3: general for what was handed off without a tier sequence, none for what marketing keeps."""
    asked = clocked(extra={"critical_event": "mentioned"})
    found = SHIPPED.plan(asked, arrival=AT)
    assert found.value is not None
    assert (found.value.sequence, found.value.zones.source) == ("T2", "country")
    assert [(reason.code.value, reason.rule) for reason in found.because] == [
        ("failed", "cadence.sequences[T1]"),
        ("matched", "cadence.sequences[T2]"),
    ]
    nobody = SHIPPED.plan(SHIPPED.assess(Lead(id="L-1"), at=AT), arrival=AT)
    assert nobody.value is None
    assert [reason.code.value for reason in nobody.because] == ["unknown", "unknown", "failed"]


def test_a_plan_takes_the_hours_of_the_rep_and_of_the_territory() -> None:
    """CA-2, CA-8: calls in the rep's hours too; without a zone the territory's hours, and no calls."""
    asked = clocked(extra={"critical_event": "mentioned"})
    rep = Rep(id="lena", role="SDR", zone="America/New_York", calendar="business_hours")
    with_rep = SHIPPED.plan(asked, arrival=AT, rep=rep).value
    assert with_rep is not None
    assert [touch.at.hour for touch in with_rep.touches if touch.step == "call-0"] == [14]
    assert SHIPPED.plan(asked, arrival=AT, rep=attrs.evolve(rep, calendar=None)).value == SHIPPED.plan(asked, arrival=AT).value
    account = Account(id="acme", industry="fintech", employees=240)
    nowhere = attrs.evolve(asked.lead, account=account, extra={"critical_event": "confirmed"})
    dach = changed(Policy(), {"hours.territories": [{"id": "dach", "calendar": "business_hours", "zone": "Europe/Berlin"}]})
    engine = Engine(changed(dach, {"tiers.rows[T2].thresholds[selection].at_least": 30}))
    plan = engine.plan(engine.assess(nowhere, at=AT), arrival=AT, territory="dach").value
    assert plan is not None
    assert {note.step: note.code for note in plan.notes} == {"call-0": "no_zone"}
    assert [touch.zone.key for touch in plan.touches][1:] == ["Europe/Berlin"] * 3


def test_what_is_handed_to_the_engine_reaches_the_clock() -> None:
    asked = clocked(extra={"critical_event": "mentioned"})
    clock = SHIPPED.clock(asked, id="c-1", replaces=True).value
    assert clock is not None
    assert (clock.id, clock.replaces) == ("c-1", True)
    plainly = SHIPPED.clock(asked).value
    assert plainly is not None
    assert (plainly.id, plainly.replaces) == ("L-1/first_response/2026-03-02T09:03:00Z", False)


def test_what_is_handed_to_the_engine_reaches_the_plan() -> None:
    """CA-3, CA-11, CA-15, CA-21, CD-6."""
    asked = clocked(extra={"critical_event": "mentioned"})
    made = Outreach(id="o", lead_id="L-1", rep="maya", channel="call", at=AT, human=True, step="call-0")
    other = [attrs.evolve(made, id=f"x{number}", step=None, at=AT - timedelta(hours=number)) for number in (1, 2)]

    def steps(engine: Engine = SHIPPED, **given: Any) -> dict[str, date]:  # noqa: ANN401 - what plan takes
        plan = engine.plan(engine.assess(asked.lead, at=AT), arrival=AT, **given).value
        assert plan is not None
        return {touch.step: touch.local.date() for touch in plan.touches}

    plainly = steps()
    assert plainly["email-2"] == date(2026, 3, 4)
    assert steps(holidays=[date(2026, 3, 4)])["email-2"] == date(2026, 3, 5)
    assert steps(elsewhere=other)["call-0"] == date(2026, 3, 3)
    slow = changed(Policy(), {"cadence.stretches": [{"id": "slow", "when": {"op": "always"}, "factor": 2}]})
    assert steps(Engine(slow))["email-2"] == date(2026, 3, 6)
    assert steps(events=[Exit("r", AT, "reply")]) == {}
    done = SHIPPED.plan(asked, arrival=AT, done=[made]).value
    assert done is not None
    assert {touch.step for touch in done.touches if touch.made} == {"call-0"}


# Lives.


def test_a_life_goes_on_through_the_engine() -> None:
    """LC-1, LC-4, LC-10, TI-4: guards see the assessment, records keep the policy, and acceptance knows who was handed off."""
    asked = clocked(created_at=AT - timedelta(days=1), email="ana@acme.example", extra={"critical_event": "mentioned"})
    record = SHIPPED.start("L-1", at=AT - timedelta(days=1))
    for event in (Happened(id="v", at=AT - timedelta(hours=9), event="validated"), SHIPPED.scored(asked)):
        found = SHIPPED.advance(record, event, asked, at=AT).value
        assert isinstance(found, Advanced)
        record = found.record
    assert (record.stage, record.entries[-1].policy, record.entries[-1].event_id) == (
        "MQL",
        Policy().fingerprint,
        "L-1/scored/2026-03-02T09:03:00Z",
    )
    assert record.entries[-1].data == (("handed_off", "true"), ("tier", "T2"))
    assert SHIPPED.scored(asked, id="e-9", actor="engine").id == "e-9"
    assert not SHIPPED.drift(record, asked).value.would_demote
    below = SHIPPED.assess(Lead(id="L-1", email="ana@acme.example"), at=AT)
    drift = SHIPPED.drift(record, below).value
    assert (drift.would_demote, drift.does) == (True, "report")
    refused = SHIPPED.advance(record, Happened(id="r", at=AT, event="rejected", data={}, sequence=1), at=AT).value
    assert isinstance(refused, Refused)
    assert (refused.code, refused.record is record) == ("missing_data", True)


def test_a_score_comes_after_what_happened_at_its_instant() -> None:
    """LC-11: under its own id, which begins with a letter before that of the other event; a sequence may be given."""
    asked = clocked(extra={"critical_event": "mentioned"})
    record = SHIPPED.start("L-1", at=AT)
    for event in (Happened(id="zoom", at=AT, event="captured"), SHIPPED.scored(asked)):
        found = SHIPPED.advance(record, event, asked, at=AT).value
        assert isinstance(found, Advanced)
        record = found.record
    assert (record.stage, record.entries[-1].sequence) == ("MQL", 1)
    assert SHIPPED.scored(asked, sequence=7).sequence == 7
    again = SHIPPED.advance(record, SHIPPED.scored(asked, id="again", sequence=2), asked, at=AT).value
    assert isinstance(again, Advanced)
    assert (again.record.stage, again.record.since, again.entries[0].move) == ("MQL", AT, "score_again")


@pytest.mark.parametrize(
    "ask",
    [
        lambda record, seen: SHIPPED.advance(record, Happened(id="e", at=AT, event="scored"), seen, at=AT),
        SHIPPED.drift,
    ],
    ids=["advance", "drift"],
)
def test_the_assessment_is_of_the_lead_that_the_record_is_of(ask: Callable[[Any, Any], object]) -> None:
    seen = clocked()
    for machine in ("lead", "journey"):
        with pytest.raises(FactError, match=r"^assessment\.lead\.id: saw 'L-1', expected 'L-2', the id of the record\. Assess the lead"):
            ask(SHIPPED.start("L-2", at=AT, machine=machine), seen)
    for machine in ("opportunity", "customer"):
        ask(SHIPPED.start("D-2", at=AT, machine=machine), seen)
    with pytest.raises(FactError, match=r"^assessment: saw .*Lead.*, expected an assessment\. Assess the lead with this engine first\.$"):
        ask(SHIPPED.start("L-1", at=AT), seen.lead)
    with pytest.raises(FactError, match=r"^record: saw a table of 1, expected a record\. `start` makes one"):
        ask({"id": "L-1"}, seen)


def test_no_guard_sees_an_assessment_of_the_future() -> None:
    """FD-2."""
    asked = clocked(extra={"critical_event": "mentioned"})
    before = AT - timedelta(days=400)
    record, event = SHIPPED.start("L-1", at=before), Happened(id="s", at=before, event="scored")
    with pytest.raises(FactError, match=r"^view\.at: saw 2026-03-02T09:03:00\+00:00, expected an instant at or before 2025-01-26T09:03"):
        SHIPPED.advance(record, event, asked, at=before)


def test_what_goes_over_to_sales_is_named_with_what_is_missing() -> None:
    """SL-1."""
    asked = clocked(name="Ana", email="ana@acme.example", source="webinar", extra={"critical_event": "mentioned"})
    package = SHIPPED.deliver(asked).value
    assert isinstance(package, Package)
    assert package.missing == ("account_name",)
    assert isinstance(SHIPPED.deliver(clocked()).value, Undelivered)


def test_who_comes_back_is_seen_by_the_assessments() -> None:
    """LC-8, TI-1: a T3 is scored again after a month; without an assessment nobody knows that it is one."""
    t3 = next(example for example in Policy().examples if example.id == "opportunistic")
    assessment = SHIPPED.assess(SHIPPED.read(t3.model_dump(mode="json")["lead"]), at=t3.at)
    record = SHIPPED.start("L-1", at=AT - timedelta(days=40), stage="MQL")
    assert [one.kind for one in SHIPPED.coming_back([record], {"L-1": assessment}, at=AT)] == ["re_score"]
    assert SHIPPED.coming_back([record], at=AT) == ()
    other = SHIPPED.start("L-1", at=AT - timedelta(days=40), machine="journey", stage="MQL")
    assert SHIPPED.coming_back([other], {"L-1": assessment}, at=AT) == ()


def test_what_is_handed_over_for_returns_and_packages_is_named_where_it_is_something_else() -> None:
    """A lead is not its assessment, one record no list of them, and a list of assessments does not say whose they are."""
    record: Any = SHIPPED.start("L-1", at=AT)
    with pytest.raises(FactError, match=r"^assessment: saw Lead .*Assess the lead with this engine first\.$"):
        SHIPPED.deliver(Lead(id="L-1"))  # type: ignore[arg-type]  # to be refused
    with pytest.raises(FactError, match=r"^records: saw Record .*, expected a list of records\. Pass \[record\] for one"):
        SHIPPED.coming_back(record, at=AT)
    with pytest.raises(FactError, match=r"^records\[0\]: saw 'L-1', expected a Record\."):
        SHIPPED.coming_back(["L-1"], at=AT)  # type: ignore[list-item]  # to be refused
    with pytest.raises(FactError) as raised:
        SHIPPED.coming_back([record], [clocked()], at=AT)  # type: ignore[arg-type]  # to be refused
    assert str(raised.value) == (
        "assessments: saw a list of 1, expected a table of assessments by the ids of records. Pass {record.id: assessment}."
    )
    with pytest.raises(FactError, match=r"^assessment: saw Lead "):
        SHIPPED.coming_back([record], {"L-1": Lead(id="L-1")}, at=AT)  # type: ignore[dict-item]  # to be refused


# Streams.


def leads() -> Iterator[Lead]:
    """As many as anybody wants."""
    return (Lead(id=f"L-{number}", country="DE") for number in itertools.count())


def test_any_number_of_leads_may_stream() -> None:
    """Nothing is read ahead, and nothing is kept."""
    asked = 0

    def counted() -> Iterator[Lead]:
        nonlocal asked
        for lead in leads():
            asked += 1
            yield lead

    stream = SHIPPED.assess_each(counted(), at=AT)
    assert asked == 0
    assert [found.lead.id for found in itertools.islice(stream, 3)] == ["L-0", "L-1", "L-2"]
    assert asked == 3


def test_a_long_stream_holds_on_to_no_assessment() -> None:
    stream = SHIPPED.assess_each(leads(), at=AT)
    kind = type(next(stream))
    for _ in itertools.islice(stream, 2_000):
        pass
    gc.collect()
    assert sum(isinstance(thing, kind) for thing in gc.get_objects()) < 50


def test_progress_is_told_after_each_lead() -> None:
    told: list[int] = []
    assert len(list(SHIPPED.assess_each(itertools.islice(leads(), 3), at=AT, progress=told.append))) == 3
    assert told == [1, 2, 3]
    assert list(SHIPPED.assess_each((), at=AT)) == []


def test_a_stream_says_what_each_lead_is_told() -> None:
    for engine, some in (
        (SHIPPED, list(itertools.islice(leads(), 3))),
        (PAIRED, [graded((3,) * 6, (3,) * 5), graded((0,) * 6, (0,) * 5), Lead(id="L-1")]),
    ):
        assert list(engine.assess_each(some, at=AT)) == [engine.assess(lead, at=AT) for lead in some]


# Records.


def test_records_are_read_by_the_facts_of_the_policy() -> None:
    lead = SHIPPED.read({"id": "L-1", "country": "de", "critical_event": "confirmed"})
    assert (lead.country, lead.extra["critical_event"]) == ("DE", "confirmed")
    batch = SHIPPED.read_each([{"Lead": "L-1", "Colour": "red"}, {"Lead": ""}], columns={"Lead": "id"})
    assert [lead.id for lead in batch.leads] == ["L-1"]
    assert [refused.number for refused in batch.refused] == [1]


# What no lead can be.


@pytest.mark.parametrize(
    ("at", "saw"),
    [
        pytest.param(datetime(2026, 3, 2, 9, 3), "2026-03-02T09:03:00 without a zone", id="a naive datetime"),  # noqa: DTZ001 - to be refused
        pytest.param(date(2026, 3, 2), "date 2026-03-02", id="a day"),
        pytest.param("2026-03-02T09:03:00Z", "'2026-03-02T09:03:00Z'", id="text"),
        pytest.param(1772442180, "1772442180", id="a number"),
        pytest.param(None, "nothing", id="nothing"),
        pytest.param(
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "0001-01-01T00:00:00+14:00", id="before the calendar begins"
        ),
    ],
)
@pytest.mark.parametrize(
    ("engine", "lead"), [(SHIPPED, Lead(id="L-1")), (PAIRED, graded((3,) * 6, (3,) * 5))], ids=["facts", "grades handed in"]
)
def test_an_instant_is_aware(engine: Engine, lead: Lead, at: Any, saw: str) -> None:  # noqa: ANN401 - anything that is no instant
    """FD-2."""
    with pytest.raises(FactError) as raised:
        engine.assess(lead, at=at)
    assert raised.value.problem.path == "at"
    assert raised.value.problem.saw == saw


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=5, minutes=45)), timezone.utc])  # noqa: UP017 - another object than UTC need not be
def test_the_zone_of_the_instant_does_not_matter(zone: timezone) -> None:
    """FD-2: instants are kept in UTC."""
    for engine, lead in ((SHIPPED, Lead(id="L-1")), (PAIRED, graded((3,) * 6, (3,) * 5))):
        found = engine.assess(lead, at=AT.astimezone(zone))
        assert found == engine.assess(lead, at=AT)
        assert found.at.tzinfo is UTC


@pytest.mark.parametrize("thing", [{"id": "L-1"}, None, "L-1", Account(id="a"), [Lead(id="L-1")]])
@pytest.mark.parametrize("engine", [SHIPPED, PAIRED], ids=["facts", "grades handed in"])
def test_what_is_no_lead_is_refused(engine: Engine, thing: Any) -> None:  # noqa: ANN401 - anything that is no lead
    with pytest.raises(FactError, match=r"lead: saw .*, expected a Lead"):
        engine.assess(thing, at=AT)


def test_an_undeclared_extra_names_the_nearest() -> None:
    """A misspelt name must not be a silent unknown."""
    with pytest.raises(FactError) as raised:
        SHIPPED.assess(Lead(id="L-1", extra=Extra.of({"critical_evnt": "none"})), at=AT)
    assert str(raised.value) == (
        "lead.extra.critical_evnt: saw a fact that the policy does not declare, expected one of critical_event, impact, pain, "
        'predictive_score, requested, situation. Did you mean "critical_event"?'
    )
    with pytest.raises(
        FactError, match=r"account\.extra\.seats: saw a fact that the policy does not declare.*Declare it in facts\.declared\."
    ):
        SHIPPED.assess(Lead(id="L-1", account=Account(id="a", extra=Extra.of({"seats": 5}))), at=AT)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(
            "confirmd",
            "saw 'confirmd', expected one of confirmed, implied, mentioned, none. Did you mean \"confirmed\"?",
            id="a misspelt value",
        ),
        pytest.param("cоnfirmed", "with U+043E CYRILLIC SMALL LETTER O", id="a look-alike"),
        pytest.param(3, "saw 3, expected a value of kind text", id="a number for a text"),
        pytest.param(True, "saw true, expected a value of kind text", id="a yes for a text"),
    ],
)
def test_a_value_that_the_policy_does_not_allow_is_refused(value: Any, said: str) -> None:  # noqa: ANN401 - of any kind
    with pytest.raises(FactError) as raised:
        SHIPPED.assess(Lead(id="L-1", extra=Extra.of({"critical_event": value})), at=AT)
    assert said in str(raised.value)


@pytest.mark.parametrize("value", [True, False, Decimal(3), Decimal("1.0"), "3", frozenset({"3"}), 4, -1, 2**70])
@pytest.mark.parametrize("policy", [PAIR, GIVEN], ids=["by looking up", "by the rules"])
def test_a_grade_that_is_none_is_refused(policy: Policy, value: Any) -> None:  # noqa: ANN401 - of any kind
    """SC-8: a grade is a whole number from 0 to 3; yes is no 1."""
    lead = graded((3,) * 6, (3,) * 5)
    with pytest.raises(FactError):
        Engine(policy).assess(attrs.evolve(lead, extra=Extra.of({**lead.extra, "role_grade": value})), at=AT)


# What has not happened yet, and what was handed over twice.


def test_what_is_dated_after_the_instant_is_invisible() -> None:
    """FD-2: replaying history never looks ahead."""
    visit = Activity(id="a1", kind="demo_request", at=AT + timedelta(microseconds=1))
    later = Lead(id="L-1", created_at=AT + timedelta(days=1), activities=(visit,))
    sooner = Lead(id="L-1", activities=())
    assert SHIPPED.assess(later, at=AT).scores.sums == SHIPPED.assess(sooner, at=AT).scores.sums
    assert SHIPPED.assess(later, at=AT + timedelta(microseconds=1)).urgency.points > 0


def test_an_activity_handed_over_twice_counts_once() -> None:
    """AD-13."""
    visit = Activity(id="a1", kind="visit", at=AT - timedelta(days=1))
    twice, once = (SHIPPED.assess(Lead(id="L-1", activities=(visit,) * times), at=AT) for times in (2, 1))
    assert twice == once


def test_a_policy_that_does_not_compile_is_refused_when_it_is_made() -> None:
    """Never a quiet "no" at run time."""
    with pytest.raises(PolicyError):
        Engine(changed(Policy(), {"scoring.criteria[company_size].grader.fact": "seats"}))
    assert Engine(small(points("fit", 1))).assess(Lead(id="L-1"), at=AT).tier == "A"


def test_a_score_cannot_have_the_name_of_a_fact() -> None:
    """Conditions name both, and could not tell them apart."""
    for name in ("employees", "tier"):
        with pytest.raises(PolicyError, match=f"the name of a fact, '{name}'"):
            small({**points("fit", 1), "score": name}, tiers={"rows": [{"id": "A", "thresholds": [{"score": name, "at_least": 1}]}]})


def test_a_product_that_means_unknown_leaves_the_choice_of_matrix_open() -> None:
    """SC-7: "Select" is no product, for the choice of the matrix as for every rule."""
    policy = small(
        points("x", 100, products=["X"]),
        points("all", 10),
        facts={"unknown": [{"fact": "product", "values": ["Select"]}]},
    )
    score = Engine(policy).assess(Lead(id="L-1", product="Select"), at=AT).score("fit")
    assert (score.matrix, int(score.low), int(score.high), score.missing) == ("all", 10, 100, ("product",))


@pytest.mark.parametrize("name", ["region", "country"])
def test_what_the_account_knows_stands_where_the_leads_own_value_means_unknown(name: str) -> None:
    """SC-7, FD-6: the lead's "AQ" says nothing, so its account is asked."""
    rows = [{"id": "row", "points": 5, "when": {"op": "equals", "fact": name, "value": "DE"}}]
    policy = small(points("fit", 0, rows=rows), facts={"unknown": [{"fact": name, "values": ["AQ"]}]})
    of: dict[str, Any] = {name: "AQ"}
    known: dict[str, Any] = {name: "DE"}
    assert Engine(policy).assess(Lead(id="L-1", **of, account=Account(id="acme", **known)), at=AT).score("fit").points == 5
    assert Engine(policy).assess(Lead(id="L-1", **of), at=AT).score("fit").missing == (name,)


def test_an_example_that_cannot_be_written_down_is_refused() -> None:
    """Half a character has no bytes, and so no fingerprint."""
    example = {"id": "odd", "lead": {"id": "x", "title": {"\ud800": 1}}, "at": "2026-03-02T09:00:00Z", "expect": {}}
    with pytest.raises(PolicyError, match="a table of plain data"):
        Policy.model_validate({"examples": [example]})


def test_a_record_that_says_more_or_less_or_another_kind_is_not_the_same() -> None:
    """FD-5: verification overlooks nothing."""
    stored = SHIPPED.assess(Lead(id="L-1", country="DE"), at=AT).to_dict()
    qualification = {**stored["qualification"], "mql": 0}  # type: ignore[dict-item]  # a table, as the next line shows
    assert [item.path for item in verify({**stored, "qualification": qualification}, Policy()).differences] == ["qualification.mql"]
    assert [item.path for item in verify({**stored, "junk": None}, Policy()).differences] == ["junk"]
    less = {name: value for name, value in stored.items() if name != "raised_by"}
    assert [(item.path, item.stored) for item in verify(less, Policy()).differences] == [("raised_by", "(absent)")]


# What a user meets who does not read first.


@pytest.mark.parametrize("wrong", [{"name": "Ours"}, None, "a policy", SHIPPED], ids=["plain data", "nothing", "text", "an engine"])
def test_what_is_no_policy_is_refused_with_what_would_do(wrong: object) -> None:
    with pytest.raises(PolicyError, match=r"expected a Policy\. Read plain data with Policy\.model_validate\."):
        Engine(wrong)  # type: ignore[arg-type]  # on purpose


def test_a_stream_that_breaks_off_names_the_lead() -> None:
    """FD-6: a misspelt fact is never a silent unknown, and the error says whose it is."""
    leads = [Lead(id="L-1"), Lead(id="L-2", extra={"critical_evnt": "confirmed"})]
    with pytest.raises(FactError, match=r"^leads\[L-2\]\.lead\.extra\.critical_evnt: "):
        list(SHIPPED.assess_each(leads, at=AT))
    with pytest.raises(FactError, match=r"^leads\[0\]\.lead: saw 'L-1', expected a Lead"):
        list(SHIPPED.assess_each(["L-1"], at=AT))  # type: ignore[list-item]  # on purpose


def test_problems_of_shipped_rows_name_them_too() -> None:
    """Whoever declares facts of their own is told which shipped criteria want the old ones."""
    with pytest.raises(PolicyError) as refused:
        Policy.model_validate({"facts": {"declared": [{"id": "plan", "kind": "text"}]}})
    assert "scoring.criteria[critical_event].grader.fact" in {problem.path for problem in refused.value.problems}


MARCH = Span(parse_instant("2026-03-01T00:00Z"), parse_instant("2026-04-01T00:00Z"))
ONE = Roster(reps=(Rep(id="maya", role="SDR"),))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"leads": "assessments"}, r"leads\[0\]: saw .*, expected a Lead\. Take \.lead of an assessment"),
        ({"leads": [{"id": "L-1"}]}, r"leads\[0\]: saw a table of 1, expected a Lead\. `Engine\.read` reads one"),
        ({"leads": Lead(id="L-1")}, "leads: saw Lead .*, expected a list of leads"),
        ({"leads": None}, "leads: saw nothing"),
        ({"roster": [Rep(id="maya", role="SDR")]}, "roster: saw a list of 1, expected a Roster"),
        ({"over": None}, "over: saw nothing, expected a Span"),
        ({"rotation": Rotation().to_dict()}, "rotation: saw a table of 5, expected a Rotation"),
    ],
)
def test_a_simulation_refuses_arguments_of_another_kind(change: dict[str, Any], message: str) -> None:
    """FD-3."""
    engine = Engine(Policy())
    given: dict[str, Any] = {"leads": [], "roster": ONE, "over": MARCH, "rotation": None, **change}
    if given["leads"] == "assessments":
        given["leads"] = [engine.assess(Lead(id="L-1"), at=MARCH.since)]
    with pytest.raises(FactError, match=message):
        engine.simulate(given["leads"], given["roster"], over=given["over"], rotation=given["rotation"])


def test_a_simulation_takes_a_team_too() -> None:
    """RT-4: whatever `route` takes."""
    engine = Engine(Policy())
    lead = Lead(id="L-1", created_at=MARCH.since, title="VP Sales", country="DE", lead_type="demo_request")
    assert engine.simulate([lead], engine.team(ONE), over=MARCH) == engine.simulate([lead], ONE, over=MARCH)


def test_one_assessment_is_no_batch() -> None:
    """RO-18."""
    engine = Engine(Policy())
    assessment = engine.assess(Lead(id="L-1"), at=MARCH.since)
    with pytest.raises(FactError, match=r"assessments: saw .*, expected a list of assessments\. Pass \[assessment\] for one"):
        engine.route_each(assessment, ONE, Rotation())  # type: ignore[arg-type]  # on purpose


# Cases.


def test_what_is_due_is_asked_of_a_case() -> None:
    """Each action once: asked again for the same instant, or for an earlier one, nothing is due (CL-8)."""
    verdict = SHIPPED.decide(clocked().lead, roster=TEAM, rotation=Rotation(), at=AT)
    late = SHIPPED.due(verdict.case, at=AT + timedelta(days=1))
    assert late.actions
    for at in (AT, AT + timedelta(hours=1), AT + timedelta(days=1)):
        assert SHIPPED.due(late.case, at=at).actions == ()
    assert SHIPPED.due(verdict.case, at=AT + timedelta(days=1)) == late


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (lambda: SHIPPED.start("L-1", at=AT), "`Engine.decide` opens one, and `Engine.resume` reads one."),
        (lambda: SHIPPED.due(SHIPPED.decide(Lead(id="L-1"), at=AT).case, at=AT), "Take .case of it."),
        (lambda: None, "`Engine.decide` opens one, and `Engine.resume` reads one."),
    ],
    ids=["a record", "a progress", "nothing"],
)
def test_what_is_no_case_is_refused_by_everything_that_follows_one(given: Callable[[], Any], hint: str) -> None:
    asks: list[Callable[[Any], object]] = [
        lambda case: SHIPPED.due(case, at=AT),
        lambda case: SHIPPED.step(case, Exit("e", AT, "reply"), at=AT),
        lambda case: SHIPPED.assign(case, TEAM, Rotation(), at=AT),
    ]
    for ask in asks:
        with pytest.raises(FactError, match=r"^case: saw .*, expected a Case") as raised:
            ask(given())
        assert raised.value.problem.hint == hint


def test_a_case_is_explained_and_briefed_as_it_stands() -> None:
    """AI-2: also whoever gets it after a re-route reads why, and by when; who has nobody is told why not."""
    at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    asked = Activity(id="a", kind="demo_request", at=at)
    engine = Engine(Policy())
    reps = (Rep(id="maya", role="SDR", zone="Europe/Berlin"), Rep(id="noor", role="SDR", zone="Europe/Berlin"))
    lead = Lead(id="L-1", email="ana@acme.example", title="VP Sales", country="DE", activities=(asked,))
    verdict = engine.decide(lead, roster=Roster(reps=reps), rotation=Rotation(), at=at)
    assert "maya has it: it was their turn." in engine.explain(verdict.case)
    assert verdict.brief().part("why") == engine.brief(verdict.case).part("why")
    late = engine.due(verdict.case, at=at + timedelta(minutes=15))
    passed_on = engine.assign(late.case, Roster(reps=reps), Rotation(), at=at + timedelta(minutes=15))
    told = engine.explain(passed_on.case)
    assert "noor has it" in told
    assert "ana@" not in told
    assert "ana@acme.example" in engine.brief(passed_on.case).text()
    assert str(engine.brief(passed_on.case).zone) == "Europe/Berlin"
    nobody = engine.decide(lead, roster=Roster(reps=()), rotation=Rotation(), at=at).case
    assert "Nobody" in engine.explain(nobody)
    kept = engine.decide(Lead(id="L-2", activities=()), roster=Roster(reps=reps), rotation=Rotation(), at=at).case
    assert "it stays with marketing" in engine.explain(kept)
    by_hand = Routed(id="r", at=at, entry=Entry(lead_id="L-1", rep="zoe", at=at), rep=Rep(id="zoe", role="AE"))
    elsewhere = engine.step(engine.decide(lead, at=at).case, by_hand, at=at).case
    assert "zoe has it." in engine.explain(elsewhere)
    assert "Who takes it is not decided yet." in engine.explain(engine.decide(lead, at=at).case)
    with pytest.raises(FactError, match="case: saw"):
        engine.explain(verdict)  # type: ignore[arg-type]
    with pytest.raises(FactError, match="case: saw"):
        engine.brief(None)  # type: ignore[arg-type]
