"""A service behind a web form, as somebody else would write it: what comes back has types, and they are the ones that are told."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import assert_type

import inbound_engine as ie
from inbound_engine.assessments import Assessment
from inbound_engine.routing import Route

ENGINE = ie.Engine(ie.Policy())
TEAM = ie.Roster(reps=(ie.Rep(id="maya", role="AE", zone="Europe/Berlin"),), overflow_owner="maya")


def answer(record: Mapping[str, object], at: datetime) -> str:
    """What a salesperson reads of a form.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    >>> demo = {"id": "a", "kind": "demo_request", "at": "2026-03-02T09:00:00Z"}
    >>> print(answer({"id": "L-1", "title": "VP Sales", "country": "DE", "employees": 240, "activities": [demo]}, nine))
    T2 for maya, Selection 45.00: urgent
    """
    lead = assert_type(ENGINE.read(record), ie.Lead)
    assessed = assert_type(ENGINE.assess(lead, at=at), Assessment)
    route = assert_type(ENGINE.route(assessed, TEAM, ie.Rotation()), Route)
    points = assert_type(assessed.selection.points, Fraction)
    urgent = assessed.urgency.points >= Fraction(60)
    rep = assert_type(route.rep, str | None)
    return f"{assessed.tier} for {rep or 'nobody'}, Selection {float(points):.2f}{': urgent' if urgent else ''}"


def mqls(leads: Iterable[ie.Lead], at: datetime) -> Iterator[str]:
    """Those of many leads that are MQLs.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    >>> asked = ie.Activity(id="a", kind="demo_request", at=nine)
    >>> list(mqls([ie.Lead(id="L-1"), ie.Lead(id="L-2", title="VP Sales", activities=(asked,))], nine))
    ['L-2']
    """
    for assessed in ENGINE.assess_each(leads, at=at):
        if assert_type(assessed.mql, bool):
            yield assert_type(assessed.lead.id, str)


def refused(record: Mapping[str, object]) -> str | None:
    """What is wrong with a form; None where nothing is.

    >>> refused({"id": "L-1", "country": "Germany"})
    'country'
    >>> refused({"id": "L-1", "country": "de"}) is None
    True
    """
    try:
        ENGINE.read(record)
    except ie.FactError as error:
        return assert_type(error.problem.path, str)
    return None
