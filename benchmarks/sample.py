"""Leads to measure with: drawn from a seed, the same on every machine.

Half of the facts lie on the lines that the shipped policy draws, so that answers are compared where they could part.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias

from benchmarks.peers import SELECTION, URGENCY

__all__ = ["AT", "GRADES", "Record", "grades", "records"]

AT = datetime(2026, 3, 30, 9, 3, tzinfo=UTC)
"""The instant as of which everything is assessed."""

GRADES = (*SELECTION, *URGENCY)

Record: TypeAlias = dict[str, object]

_EMPLOYEES = (0, 9, 10, 19, 20, 49, 50, 240, 500, 501, 1000, 1001, 2000, 2001, 90_000)
_INDUSTRIES = ("saas", "fintech", "ecommerce", "healthtech", "media", "telecommunications", "mining", "retail")
_TECHNOLOGIES = ("salesforce", "hubspot", "segment", "snowflake", "outreach", "jira", "sap", "excel")
_STAGES = ("series_b", "series_c", "series_a", "series_d", "seed", "bootstrapped", "public")
_COUNTRIES = ("DE", "AT", "CH", "GB", "FR", "SE", "ES", "PL", "US", "BR", "JP")
_TITLES = (
    "VP Sales",
    "Chief Revenue Officer",
    "CRO",
    "Founder",
    "Head of Growth",
    "Director Marketing",
    "Revenue Analyst",
    "Product Manager",
    "Customer Success Lead",
    "Operations Manager",
    "Accountant",
    "vp sales",
    "Assistant to the VP",
)
_TYPES = ("demo_request", "call_request", "contact_form", "content_download", "newsletter")
_EVENTS = ("none", "implied", "mentioned", "confirmed")
_REQUESTED = ("nothing", "newsletter", "webinar", "demo", "call", "trial")
_KINDS = (
    *("visit", "page_view") * 4,
    "email_open",
    "email_click",
    "content_download",
    "webinar_registration",
    "webinar_attendance",
    "event_attendance",
    "newsletter_signup",
    "demo_request",
    "contact_form",
    "trial_activity",
    "reply",
)
_CONTENTS = (
    *(None,) * 4,
    "pricing",
    "pricing/annual",
    "/pricing",
    "demo",
    "/trial/start",
    "case_study",
    "/case-studies/acme",
    "comparison",
    "/compare/other",
    "guide",
    "guide/scoring",
    "blog",
    "/blog/post",
    "careers",
)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def grades(count: int, seed: int = 1) -> list[dict[str, int]]:
    """Grades from 0 to 3, drawn evenly."""
    draw = Random(seed)
    return [{name: draw.randint(0, 3) for name in GRADES} for _ in range(count)]


def records(count: int, *, activities: int | None = 10, gaps: float = 0.1, seed: int = 1) -> list[Record]:
    """Leads as plain mappings that JSON can hold; `activities` None draws how many, or that nobody has looked.

    Of the facts, a share of `gaps` is missing. A third of the activities lie outside the windows of 30 days, some of them
    after `AT`, and some exactly on an end.
    """
    draw = Random(seed)
    return [_record(number, draw, activities, gaps) for number in range(count)]


def _record(number: int, draw: Random, activities: int | None, gaps: float) -> Record:
    def perhaps(values: Mapping[str, object]) -> Record:
        return {name: value for name, value in values.items() if draw.random() >= gaps}

    account = {
        "id": f"A-{number % 997}",
        **perhaps(
            {
                "name": f"Acme {number % 997}",
                "industry": draw.choice(_INDUSTRIES),
                "employees": draw.choice(_EMPLOYEES),
                "growth_stage": draw.choice(_STAGES),
                "technologies": draw.sample(_TECHNOLOGIES, draw.randint(0, 5)),
                "country": draw.choice(_COUNTRIES),
            }
        ),
    }
    several = activities if activities is not None else draw.choice((None, 0, 1, 2, 5, 9, 10, 12, 25))
    seen = {} if several is None else {"activities": [_activity(place, draw) for place in range(several)]}
    return {
        "id": f"L-{number}",
        **perhaps(
            {
                "created_at": (AT - timedelta(hours=draw.randint(1, 2_000))).isoformat(),
                "name": "Ana Example",
                "email": f"ana{number}@acme{number % 997}.example",
                "title": draw.choice(_TITLES),
                "country": draw.choice(_COUNTRIES),
                "lead_type": draw.choice(_TYPES),
                "account": account,
            }
        ),
        **seen,
        "extra": perhaps({"critical_event": draw.choice(_EVENTS), "requested": draw.choice(_REQUESTED)}),
    }


def _activity(place: int, draw: Random) -> Record:
    content = draw.choice(_CONTENTS)
    return {
        "id": f"a{place}",
        "kind": draw.choice(_KINDS),
        "at": _when(draw).isoformat(),
        **({} if content is None else {"content": content}),
        "marketing": draw.random() >= 0.1,
    }


def _when(draw: Random) -> datetime:
    """Mostly within 30 days; sometimes older, after `AT`, or exactly on a line of the policy."""
    match draw.randint(0, 9):
        case 0:
            return AT - draw.choice((7, 14, 21, 28, 30)) * _DAY - draw.choice((-1, 0, 1)) * _MICROSECOND
        case 1 | 2:
            return AT - timedelta(minutes=draw.randint(30 * 1_440, 200 * 1_440))
        case 3:
            return AT + timedelta(minutes=draw.randint(0, 10_000))
        case _:
            return AT - timedelta(minutes=draw.randint(0, 30 * 1_440))
