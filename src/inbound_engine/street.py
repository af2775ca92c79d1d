"""What does each room say of an assessed lead, by one policy?

The clock that it is owed and the touches that follow each want something of several rooms: the hours of the holder, the catalogue,
the zone of the prospect. Here it is brought together, once, for whoever asks: the engine for one answer, a case for its whole life.
"""

from collections.abc import Iterable
from datetime import date, datetime

from inbound_engine import cadence, calendars, promises, sequences
from inbound_engine.decisions import Decision
from inbound_engine.facts import Outreach, Rep
from inbound_engine.hours import Calendar
from inbound_engine.plans import Happening, Plan
from inbound_engine.policy import Compiled
from inbound_engine.sequences import Sequence
from inbound_engine.sla import Clock
from inbound_engine.vocabulary import View

__all__ = ["FIRST_RESPONSE", "clock", "holders_calendar", "owed", "plan_of", "planned"]

FIRST_RESPONSE = "first_response"
"""The table of the promise whose clock starts at the MQL or the hand-raise, not when it is asked for (SL-6)."""


def owed(
    policy: Compiled,
    view: View,
    *,
    table: str = FIRST_RESPONSE,
    start: datetime | None = None,
    mql_at: datetime | None = None,
    since: datetime | None = None,
    id: str | None = None,  # noqa: A002 - what a clock calls it
    rep: Rep | None = None,
    territory: str | None = None,
    replaces: bool = False,
) -> Decision[Clock | None]:
    """The clock of the answer that the lead of the view is owed, or None where nothing is promised; see `Engine.clock`."""
    return promises.owed(
        policy.sla,
        view,
        start=_start(policy, view, table, start, mql_at, since),
        id=id,
        table=table,
        rep=rep,
        territory=_with_hours(policy, territory),
        since=since,
        replaces=replaces,
    )


def clock(
    policy: Compiled,
    view: View,
    *,
    table: str = FIRST_RESPONSE,
    start: datetime | None = None,
    since: datetime | None = None,
    id: str | None = None,  # noqa: A002 - what a clock calls it
    rep: Rep | None = None,
    territory: str | None = None,
    replaces: bool = False,
) -> Clock | None:
    """The clock of `owed`, without the reasons."""
    return promises.clock(
        policy.sla,
        view,
        start=_start(policy, view, table, start, None, since),
        id=id,
        table=table,
        rep=rep,
        territory=_with_hours(policy, territory),
        since=since,
        replaces=replaces,
    )


def _start(  # noqa: PLR0917 - each is a part of one start
    policy: Compiled, view: View, table: str, start: datetime | None, mql_at: datetime | None, since: datetime | None
) -> datetime:
    """When the clock starts: when it is asked for, but for that of the first response (SL-6)."""
    at = view.at
    if start is not None or table != FIRST_RESPONSE:
        return at if start is None else start
    became = at if mql_at is None and view.derived is not None and view.derived("mql") else mql_at
    return promises.starts(policy.sla, view.lead, policy.catalogue, at=at, mql_at=became, since=since)


def planned(
    policy: Compiled,
    view: View,
    *,
    arrival: datetime,
    rep: Rep | None = None,
    territory: str | None = None,
    holidays: Iterable[date] = (),
    elsewhere: Iterable[Outreach] = (),
    done: Iterable[Outreach] = (),
    events: Iterable[Happening] = (),
) -> Decision[Plan | None]:
    """The touches that follow for the lead of the view, or None where no sequence is for it; see `Engine.plan`."""
    chosen = sequences.choose(policy.cadence, view)
    if chosen.value is None:
        return Decision(None, chosen.because)
    made = plan_of(
        policy,
        view,
        chosen.value,
        arrival=arrival,
        rep=rep,
        territory=territory,
        holidays=holidays,
        elsewhere=elsewhere,
        done=done,
        events=events,
    )
    return Decision(made, chosen.because)


def plan_of(
    policy: Compiled,
    view: View,
    sequence: Sequence,
    *,
    arrival: datetime,
    rep: Rep | None = None,
    territory: str | None = None,
    holidays: Iterable[date] = (),
    elsewhere: Iterable[Outreach] = (),
    done: Iterable[Outreach] = (),
    events: Iterable[Happening] = (),
) -> Plan:
    """The touches of one sequence for the lead of the view, stretched as the policy says, in the hours of the prospect and the rep."""
    there = _with_hours(policy, territory)
    chosen_there = None if there is None else calendars.choose(policy.hours, territory=there)
    return cadence.plan(
        policy.cadence,
        sequence,
        cadence.prospect(policy.hours, view.lead, at=view.at, holidays=holidays),
        arrival=arrival,
        rep=None if rep is None or rep.calendar is None else calendars.choose(policy.hours, rep=rep).calendar,
        territory=None if chosen_there is None or chosen_there.of == "nobody" else chosen_there.calendar,
        factor=sequences.stretch(policy.cadence, view),
        elsewhere=elsewhere,
        done=done,
        events=events,
        at=view.at,
    )


def holders_calendar(policy: Compiled, rep: Rep | None, territory: str | None) -> Calendar:
    """The opening hours of whoever holds the lead: the rep's, else the territory's, else the organisation's (CL-2)."""
    return calendars.choose(policy.hours, rep=rep, territory=_with_hours(policy, territory)).calendar


def _with_hours(policy: Compiled, territory: str | None) -> str | None:
    """The territory as calendars know it: None for one of the routing's that has no hours of its own."""
    return None if territory in policy.routing.names and territory not in policy.hours.territories else territory
