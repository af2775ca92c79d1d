"""Pardot (Account Engagement): visitor activities and opportunities, read as activities, events and opportunities.

Pardot's API reports times in the time zone of its user, so an instant without an offset is refused unless the caller names that zone.
Exports of a warehouse write "UTC" behind them.

An activity has a numbered type, and `TYPES` says what each documented one is to us, some by the thing that they are about: a click in
an email, a download of a file. A visit to the unsubscribe page, a complaint and a bounce are events that end a cadence. What
was done to a prospect (an email sent, an invitation), and what says too little, is refused by number and name. A visitor whom nobody
knows yet has no prospect: such a row is refused, since it is about no record.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.exports import ActivityType, Batch, Row, of_type, read_each
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.history import Happened
from inbound_engine.intake import Record
from inbound_engine.spans import zone as zone_called

__all__ = ["TYPES", "opportunities", "visitor_activities"]

_BY_EMAIL = (("channel", "email"),)

TYPES: tuple[ActivityType, ...] = (
    ActivityType(1, "Click", kind="email_click", about="Email"),
    ActivityType(1, "Click", kind="email_click", about="Email Tracker"),
    ActivityType(1, "Click", kind="content_download", about="File"),
    ActivityType(1, "Click", kind="page_view"),
    ActivityType(2, "View", kind="content_download", about="File"),
    ActivityType(2, "View", kind="page_view"),
    ActivityType(3, "Error"),
    ActivityType(4, "Success", kind="contact_form"),
    ActivityType(5, "Session"),
    ActivityType(6, "Sent"),
    ActivityType(7, "Search"),
    ActivityType(8, "New Opportunity", event="opportunity_opened"),
    ActivityType(9, "Opportunity Won", event="won"),
    ActivityType(10, "Opportunity Lost", event="lost"),
    ActivityType(11, "Open", kind="email_open"),
    ActivityType(12, "Unsubscribe Page", event="opted_out", data=_BY_EMAIL),
    ActivityType(13, "Bounced", event="bounced", data=_BY_EMAIL),
    ActivityType(14, "Spam Complaint", event="opted_out", data=_BY_EMAIL),
    ActivityType(15, "Email Preference Page"),
    ActivityType(16, "Resubscribed", event="opted_in", data=_BY_EMAIL),
    ActivityType(17, "Click (Third Party)"),
    ActivityType(18, "Opportunity Reopened"),
    ActivityType(19, "Opportunity Linked"),
    ActivityType(20, "Visit", kind="visit"),
    ActivityType(21, "Custom URL click", kind="page_view"),
    ActivityType(22, "Olark Chat"),
    ActivityType(23, "Invited to Webinar"),
    ActivityType(24, "Attended Webinar", kind="webinar_attendance"),
    ActivityType(25, "Registered for Webinar", kind="webinar_registration"),
    ActivityType(26, "Social Post Click", kind="page_view"),
    ActivityType(27, "Video View", kind="page_view"),
    ActivityType(28, "Event Registered"),
    ActivityType(29, "Event Checked In", kind="event_attendance"),
    ActivityType(30, "Video Conversion"),
    ActivityType(31, "UserVoice Suggestion"),
    ActivityType(32, "UserVoice Comment"),
    ActivityType(33, "UserVoice Ticket"),
    ActivityType(34, "Video Watched", kind="page_view"),
    ActivityType(35, "Indirect Unsubscribe Open", event="opted_out", data=_BY_EMAIL),
    ActivityType(36, "Indirect Bounce", event="bounced", data=_BY_EMAIL),
    ActivityType(37, "Indirect Resubscribed", event="opted_in", data=_BY_EMAIL),
    ActivityType(38, "Opportunity Unlinked"),
)
"""The documented types, and what they are to us; a form is read as a contact form until a type of your own says otherwise."""

_STATUSES: Mapping[str, bool | None] = {"Won": True, "Lost": False, "Open": None}
_EMAIL = frozenset({"email_open", "email_click"})


def visitor_activities(
    rows: Iterable[Record], *, types: Sequence[ActivityType] = TYPES, zone: str | None = None
) -> Batch[Activity | Happened]:
    """What rows of visitor activities tell of each prospect: activities, and events of its record.

    `zone` is the time zone in which the rows were written, where they do not say. An event of an opportunity names it.

    >>> row = {"id": "7", "prospect_id": "398490046", "type": "8", "type_name": "New Opportunity", "opportunity_id": "3673129",
    ...        "created_at": "2018-08-20 21:00:00 UTC"}
    >>> visitor_activities([row]).said[0].data
    (('opportunity', '3673129'),)
    """
    return read_each(rows, lambda row: [_activity(row, types)], _zone(zone))


def opportunities(
    rows: Iterable[Record], *, currency: str, prospects: Mapping[str, Sequence[str]] | None = None, zone: str | None = None
) -> Batch[Opportunity]:
    """Opportunity rows as opportunities, with amounts in `currency`; `prospects` are the ids of those in each, by its id.

    `status` says whether it is won, lost or open. One that closed before it was made is refused.

    >>> row = {"id": "1", "created_at": "2018-09-17 12:14:48 UTC", "status": "Won", "value": "50000.0"}
    >>> found = opportunities([row], currency="USD").said[0]
    >>> found.won, str(found.amount)
    (True, 'USD 50000.00')
    """
    return read_each(rows, lambda row: [_opportunity(row, currency, prospects or {})], _zone(zone))


# -------------------------------------------------------------------------------------------------------------- details


def _zone(name: str | None) -> tzinfo | None:
    return None if name is None else zone_called(name)


def _activity(row: Row, types: Sequence[ActivityType]) -> tuple[str, Activity | Happened]:
    own = f"pardot:{row.needed('id')}"
    prospect = row.text("prospect_id")
    if prospect is None:
        raise FactError(row.seen("prospect_id")[0], "nothing", "the prospect that it is about", "A visitor becomes a prospect by a form.")
    at = row.needed_instant("created_at")
    column, _ = row.seen("type")
    number = row.whole("type")
    if number is None:
        raise FactError(column, "nothing", "the number of a type of activity")
    kind = of_type(types, number, column, row.text("type_name"))
    if kind.event is not None:
        opportunity = row.text("opportunity_id")
        data = {**dict(kind.data), **({"opportunity": opportunity} if opportunity else {})}
        return prospect, Happened(id=own, at=at, event=kind.event, data=data, source="pardot")
    return prospect, Activity(
        id=own,
        kind=kind.kind or "",
        at=at,
        content=row.text("details"),
        channel="email" if kind.kind in _EMAIL else None,
        campaign=row.text("campaign_id"),
        contact_id=prospect,
    )


def _opportunity(row: Row, currency: str, prospects: Mapping[str, Sequence[str]]) -> tuple[str, Opportunity]:
    record, opened, closed = row.needed("id"), row.needed_instant("created_at"), row.instant("closed_at")
    status = row.needed("status")
    if status not in _STATUSES:
        raise FactError(row.seen("status")[0], shown(status), one_of(_STATUSES))
    won = _STATUSES[status]
    if won is not None and closed is not None and closed < opened:
        raise FactError(
            row.seen("closed_at")[0], f"{closed.isoformat()}, before {opened.isoformat()}", "an instant at or after the creation"
        )
    return record, Opportunity(
        id=record,
        lead_ids=tuple(prospects.get(record, ())),
        stage=row.text("stage"),
        amount=row.money(currency, "value"),
        opened_at=opened,
        close_date=None if closed is None else closed.date(),
        closed_at=None if won is None else closed,
        won=won,
    )
