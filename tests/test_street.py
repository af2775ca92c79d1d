"""What each room says of an assessed lead: the clock it is owed and the touches that follow, brought together once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbound_engine import calendars, promises, sequences, street
from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Activity, Lead, Outreach, Rep
from inbound_engine.plans import Exit
from inbound_engine.policy import Policy

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
ENGINE = Engine(Policy())
NOOR = Rep(id="noor", role="SDR", zone="Asia/Kolkata", calendar="business_hours")
LANDS = [{"id": name, "when": {"op": "equals", "fact": "country", "value": name.upper()}} for name in ("de", "at")]
PLACED = Engine(changed(Policy(), {"routing.territories": LANDS, "hours.territories": [{"id": "de", "calendar": "calling_hours"}]}))


def asked(**fields: Any) -> Lead:  # noqa: ANN401 - facts
    activities = (Activity(id="a", kind="demo_request", at=AT - timedelta(minutes=3)),)
    return Lead(**{"id": "L-1", "title": "VP Sales", "country": "DE", "activities": activities, **fields})


def assessed(lead: Lead | None = None, engine: Engine = ENGINE, at: datetime = AT) -> Assessment:
    return engine.assess(asked() if lead is None else lead, at=at)


# -------------------------------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    ("table", "promise", "start"),
    [
        ("first_response", "hand_raiser", AT - timedelta(minutes=3)),  # SL-6: the raised hand was first
        ("delivery", "mql", AT),
        ("review", "mql", AT),
        ("follow_up", "sal", AT),
    ],
)
def test_the_first_response_alone_starts_before_it_is_asked_for(table: str, promise: str, start: datetime) -> None:
    clock = street.owed(ENGINE.compiled, assessed().view, table=table).value
    assert clock is not None
    assert (clock.promise, clock.start) == (promise, start)


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ({}, AT - timedelta(minutes=3)),
        ({"mql_at": AT - timedelta(hours=1)}, AT - timedelta(hours=1)),
        ({"start": AT - timedelta(hours=2)}, AT - timedelta(hours=2)),
        ({"since": AT - timedelta(minutes=1)}, AT),
    ],
)
def test_the_first_response_starts_at_the_mql_or_the_raised_hand(given: dict[str, Any], start: datetime) -> None:
    """SL-6: whichever is first; of an earlier enquiry neither counts."""
    clock = street.owed(ENGINE.compiled, assessed().view, **given).value
    assert clock is not None
    assert clock.start == start


def test_what_is_no_mql_has_no_instant_at_which_it_became_one() -> None:
    """Then the raised hand alone starts the clock."""
    lead = Lead(id="L-1", activities=())
    assert not assessed(lead).mql
    assert street.owed(ENGINE.compiled, assessed(lead).view).value is None
    every = [{"id": "all", "when": {"op": "always"}, "target_minutes": 5}]
    promised = Engine(changed(Policy(), {"sla.tables[first_response].rows": every, "sla.limits": []}))
    clock = street.owed(promised.compiled, assessed(lead, promised).view).value
    assert clock is not None
    assert clock.start == promises.starts(promised.compiled.sla, lead, promised.compiled.catalogue, at=AT, mql_at=None)


def test_the_engine_says_what_the_street_says() -> None:
    given: dict[str, Any] = {"rep": NOOR, "id": "c-1", "replaces": True, "since": AT}
    found = street.owed(ENGINE.compiled, assessed().view, **given)
    assert found.value == ENGINE.clock(assessed(), **given).value
    assert found.because == ENGINE.clock(assessed(), **given).because
    assert found.value == street.clock(ENGINE.compiled, assessed().view, **given)
    assert found.value is not None
    assert (found.value.holder, found.value.id, found.value.replaces) == ("noor", "c-1", True)


@pytest.mark.parametrize(
    ("rep", "territory", "calendar"),
    [
        (None, None, None),
        (NOOR, None, "business_hours"),
        (NOOR, "de", "business_hours"),
        (None, "de", "calling_hours"),
        (None, "at", None),
    ],
)
def test_the_hours_are_those_of_whoever_holds_the_lead(rep: Rep | None, territory: str | None, calendar: str | None) -> None:
    """CL-2: the rep's, else the territory's, else the organisation's; a territory of the routing may have none of its own."""
    hours = PLACED.compiled.hours
    found = street.holders_calendar(PLACED.compiled, rep, territory)
    if calendar is None:
        assert found == calendars.choose(hours).calendar
    else:
        expected = calendars.choose(hours, rep=rep) if rep is not None else calendars.choose(hours, territory=territory)
        assert found == expected.calendar
        assert found != calendars.choose(hours).calendar
    clock = street.owed(PLACED.compiled, assessed(engine=PLACED).view, rep=rep, territory=territory).value
    assert clock is not None
    assert clock.calendar == found


# ------------------------------------------------------------------------------------------------------------------- touches


def test_the_touches_are_those_of_the_first_sequence_that_is_for_the_lead() -> None:
    """CD-3."""
    view = assessed().view
    found = street.planned(ENGINE.compiled, view, arrival=AT)
    chosen = sequences.choose(ENGINE.compiled.cadence, view)
    assert found.because == chosen.because
    assert found.value is not None
    assert chosen.value is not None
    assert (found.value.sequence, found.value.arrival, found.value.lead_id) == (chosen.value.id, AT, "L-1")
    assert found == ENGINE.plan(assessed(), arrival=AT)


def test_nobody_is_written_to_for_whom_there_is_no_sequence() -> None:
    lead = Lead(id="L-1", activities=())
    found = street.planned(ENGINE.compiled, assessed(lead).view, arrival=AT)
    assert found.value is None
    assert found.because == sequences.choose(ENGINE.compiled.cadence, assessed(lead).view).because


@pytest.mark.parametrize(
    ("rep", "territory", "theirs", "there"),
    [
        (None, None, None, None),
        (Rep(id="maya", role="AE"), None, None, None),
        (NOOR, None, "business_hours", None),
        (None, "de", None, "calling_hours"),
        (NOOR, "de", "business_hours", "calling_hours"),
        (None, "at", None, None),
    ],
)
def test_calls_keep_the_hours_of_the_rep_and_of_the_territory(
    rep: Rep | None, territory: str | None, theirs: str | None, there: str | None
) -> None:
    """A rep without a calendar, and a territory without hours, limit nothing."""
    plan = street.planned(PLACED.compiled, assessed(engine=PLACED).view, arrival=AT, rep=rep, territory=territory).value
    hours = PLACED.compiled.hours
    assert plan is not None
    assert plan.given.rep == (None if theirs is None else calendars.choose(hours, rep=rep).calendar)
    assert plan.given.territory == (None if there is None else calendars.choose(hours, territory="de").calendar)


def test_what_was_done_and_what_happened_is_planned_with() -> None:
    made = Outreach(id="o", lead_id="L-1", rep="noor", channel="call", at=AT, human=True, step="call-0")
    left = Exit("e", AT, "opt_out", channel="email")
    given: dict[str, Any] = {"arrival": AT, "done": [made], "events": [left], "elsewhere": [], "holidays": [AT.date()]}
    plan = street.planned(ENGINE.compiled, assessed().view, **given).value
    assert plan is not None
    assert plan == ENGINE.plan(assessed(), **given).value
    assert [touch.step for touch in plan.touches if touch.made] == ["call-0"]
    assert "email" not in {touch.channel for touch in plan.touches if not touch.made}


def test_a_named_account_is_stretched_as_the_policy_says() -> None:
    """The factor is of the view, as the sequence is."""
    stretched = Engine(changed(Policy(), {"cadence.stretches": [{"id": "big", "when": BIG, "factor": 2}]}))
    for employees, factor in ((5_000, 2), (50, 1)):
        view = assessed(asked(account=Account(id="acme", employees=employees)), stretched).view
        plan = street.planned(stretched.compiled, view, arrival=AT).value
        assert plan is not None
        assert plan.given.factor == sequences.stretch(stretched.compiled.cadence, view) == factor


BIG = {"op": "at_least", "fact": "employees", "value": 1_000}
