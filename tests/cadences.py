"""Small policies of touches, and what tests of cadences say briefly: an instant on somebody's wall clock, a call that was made."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from inbound_engine import calendars, vocabulary
from inbound_engine.calendars import HoursDocument, Zones
from inbound_engine.conditions import Questions
from inbound_engine.facts import Outreach
from inbound_engine.plans import Plan, Prospect
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.sequences import CadenceDocument, Rules, Sequence, compile
from inbound_engine.spans import zone
from inbound_engine.vocabulary import FactsDocument

__all__ = ["HOURS", "WORDS", "document", "in_berlin", "made", "named", "rules", "shipped", "somebody", "timetable", "touch", "two_calls"]

_WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]
_DAILY = [*_WEEK, "saturday", "sunday"]


def _open(days: list[str], opens: str, closes: str) -> list[dict[str, object]]:
    return [{"days": days, "opens": opens, "closes": closes}]


HOURS = calendars.compile(
    HoursDocument.model_validate(
        {
            "calendars": [
                {"id": "business_hours", "weekly": _open(_WEEK, "09:00", "17:00")},
                {"id": "calling_hours", "weekly": _open(_DAILY, "08:00", "21:00")},
                {"id": "with_lunch", "weekly": [*_open(_WEEK, "09:00", "12:00"), *_open(_WEEK, "13:00", "17:00")]},
                {"id": "mornings", "weekly": _open(_WEEK, "09:00", "12:00")},
                {"id": "nights", "weekly": _open(_WEEK, "22:00", "06:00")},
                {"id": "always", "weekly": _open(_DAILY, "00:00", "24:00")},
                {"id": "in_new_york", "zone": "America/New_York", "weekly": _open(_WEEK, "09:00", "17:00")},
                {"id": "no_calls_on_wednesday", "weekly": _open(_DAILY, "08:00", "21:00"), "holidays": ["2024-01-10"]},
                {"id": "one_day", "overrides": [{"date": "2024-01-09", "hours": [{"opens": "09:00", "closes": "17:00"}]}]},
            ]
        }
    )
)
WORDS = vocabulary.compile(FactsDocument(), [("mql_clause", "text"), ("handed_off", "boolean"), ("tier", "text")])


def document(data: Mapping[str, object]) -> Rules:
    """The rules of a cadence document, over the hours and words above."""
    return compile(CadenceDocument.model_validate(dict(data)), HOURS, WORDS, Questions())


def shipped(**changes: object) -> Rules:
    """The shipped cadences, some of their values changed."""
    section: Any = PLAYBOOK["cadence"]
    return document({**section, **changes})


def touch(name: str, day: int, channel: str = "call", **more: object) -> dict[str, object]:
    """A step with an intent, on a channel; emails are personalised."""
    grounds = {"personalise_on": ["source", "content"]} if channel == "email" else {}
    return {"id": name, "day": day, "channel": channel, "intent": "An answer to the question asked", **grounds, **more}


CHANNELS: list[dict[str, object]] = [
    {"id": "call", "rep_hours": True},
    {"id": "email", "without_zone": True},
    {"id": "linkedin", "rep_hours": True},
    {"id": "enrolment", "is_touch": False, "without_zone": True},
]


def rules(*steps: Mapping[str, object], channels: Iterable[Mapping[str, object]] = (), **changes: object) -> Rules:
    """One sequence for everybody, "s", of those steps; channels without caps, but for those given; no step too few."""
    own = {str(channel["id"]): dict(channel) for channel in channels}
    return document(
        {
            "channels": [own.get(str(channel["id"]), channel) for channel in CHANNELS],
            "sequences": [{"id": "s", "when": {"op": "always"}, "steps": [dict(step) for step in steps]}],
            "hours": "business_hours",
            "per_date_all": None,
            "fewest_touches": 1,
            **changes,
        }
    )


def two_calls(**changes: object) -> Rules:
    """A call on day 0 and one on day 1."""
    return rules(touch("call-0", 0), touch("call-1", 1), **changes)  # type: ignore[arg-type]  # the keywords of `rules`


def named(rules: Rules, name: str = "s") -> Sequence:
    """The sequence of that name."""
    return next(sequence for sequence in rules.document.sequences if sequence.id == name)


def somebody(*zones: str, **more: Any) -> Prospect:  # noqa: ANN401 - the fields of a prospect
    """A prospect in those zones; in Berlin when none is given."""
    return Prospect(lead_id="L-1", zones=Zones(tuple(map(zone, zones or ("Europe/Berlin",))), "lead"), **more)


def in_berlin(text: str) -> datetime:
    """The instant at which clocks in Berlin read that, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone("Europe/Berlin")).astimezone(UTC)


def made(step: str | None, at: datetime, channel: str = "call", name: str | None = None, lead: str = "L-1") -> Outreach:
    """A touch that was made."""
    return Outreach(id=name or f"{step}-{at.isoformat()}", lead_id=lead, rep="maya", channel=channel, at=at, human=True, step=step)


def timetable(plan: Plan) -> list[str]:
    """Each touch with its local time, to the minute; seconds only where there are any."""
    return [f"{touch.step} {touch.local.replace(tzinfo=None).isoformat(' ').removesuffix(':00')}" for touch in plan.touches]
