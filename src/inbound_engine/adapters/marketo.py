"""Marketo: lead activities, read as activities of a person and as events of a record.

Marketo writes the instants of activities in UTC; exports of a warehouse leave out the offset. An instant without one is read as UTC.

An activity has a numbered type, and `TYPES` says what each documented one is to us: a visit, a click, a form is an `Activity`; a new,
merged, deleted or converted lead, a changed value, an unsubscription is an event. Emails that were sent or delivered are nothing that
a person did, and types that are not listed are unknown: their rows are refused by number. Marketo has no standard stages, so what a
changed value means is the caller's to say; without meanings a change is `data_changed`, with its field and without its values.

A merger names the leads that went away: each of them is `merged`, into the lead that the activity is about, which may itself have
gone into another since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from inbound_engine.errors import FactError, shown
from inbound_engine.exports import DELETED, MERGED, ActivityType, Batch, Meanings, Row, changed, link, of_type, read_each
from inbound_engine.facts import Activity
from inbound_engine.history import Happened
from inbound_engine.intake import Record

__all__ = ["TYPES", "activities"]

_CHANGES = "changes"
_REVENUE_STAGE = "Revenue Stage"

TYPES: tuple[ActivityType, ...] = (
    ActivityType(1, "Visit Webpage", kind="page_view"),
    ActivityType(2, "Fill Out Form", kind="contact_form"),
    ActivityType(3, "Click Link", kind="page_view"),
    ActivityType(6, "Send Email"),
    ActivityType(7, "Email Delivered"),
    ActivityType(8, "Email Bounced", event="bounced", data=(("channel", "email"),)),
    ActivityType(9, "Unsubscribe Email", event="opted_out", data=(("channel", "email"),)),
    ActivityType(10, "Open Email", kind="email_open"),
    ActivityType(11, "Click Email", kind="email_click"),
    ActivityType(12, "New Lead", event="captured"),
    ActivityType(13, "Change Data Value", event=_CHANGES),
    ActivityType(21, "Convert Lead", event="accepted"),
    ActivityType(22, "Change Score", event=_CHANGES),
    ActivityType(29, "Delete Lead", event=DELETED),  # so numbered in the exports of warehouses
    ActivityType(32, "Merge Leads", event=MERGED),
    ActivityType(34, "Add to Opportunity", event="opportunity_opened"),
    ActivityType(37, "Delete Lead", event=DELETED),
    ActivityType(101, "Change Revenue Stage", event=_CHANGES, about=_REVENUE_STAGE),
)
"""The documented types, and what they are to us; a form is read as a contact form until a type of your own says otherwise."""

_EMAIL = frozenset({"email_open", "email_click"})
_LINKS = {"email_click": ("link",), "page_view": ("webpage_url", "link_url", "link", "primary_attribute_value")}


def activities(
    rows: Iterable[Record], meanings: Sequence[Meanings] = (), *, types: Sequence[ActivityType] = TYPES
) -> Batch[Activity | Happened]:
    """What rows of lead activities tell of each lead: activities, and events of its record.

    `meanings` say what changed values mean, by the field's name; those of a revenue stage are about "Revenue Stage". Records of the
    API keep what a type adds in a list of `attributes`; columns beside it will do. A merger without the ids of the leads that went
    away is refused.

    >>> row = {"id": "58851192", "lead_id": "1124755", "activity_type_id": "11", "activity_date": "2020-04-30 08:05:11.000",
    ...        "link": "https://get.acme.example/guide.html?utm_source=news"}
    >>> click = activities([row]).said[0]
    >>> click.kind, click.content, click.utm["source"]
    ('email_click', '/guide.html', 'news')
    """
    return read_each(rows, lambda row: [*_activity(row, meanings, types)], UTC, name=("id", "marketo_guid"), laid_out=_flat)


# -------------------------------------------------------------------------------------------------------------- details


def _activity(row: Row, meanings: Sequence[Meanings], types: Sequence[ActivityType]) -> Iterator[tuple[str, Activity | Happened]]:
    name, lead = row.needed("id", "marketo_guid"), row.needed("lead_id")
    at = row.needed_instant("activity_date")
    column, _ = row.seen("activity_type_id")
    number = row.whole("activity_type_id")
    if number is None:
        raise FactError(column, "nothing", "the number of a type of activity")
    kind = of_type(types, number, column, _REVENUE_STAGE)
    own = f"marketo:{name}"
    if kind.kind is not None:
        yield lead, _done(row, own, lead, at, kind.kind)
    elif kind.event == MERGED:
        into = row.text("primary_attribute_value_id") or lead
        for gone in _gone(row, into):
            yield gone, Happened(id=f"{own}:{gone}", at=at, event=MERGED, data={"into": into}, source="marketo")
    elif kind.event == _CHANGES:
        event, data = _change(row, meanings, kind)
        yield (
            lead,
            Happened(id=own, at=at, event=event, data={**data, **dict(kind.data)}, actor=row.text("modifying_user"), source="marketo"),
        )
    else:
        yield lead, Happened(id=own, at=at, event=kind.event or "", data=kind.data, source="marketo")


def _done(row: Row, own: str, lead: str, at: datetime, kind: str) -> Activity:
    address = row.text(*_LINKS.get(kind, ("primary_attribute_value",)))
    content, utm = (address, {}) if kind not in _LINKS or address is None else link(address)
    return Activity(
        id=own,
        kind=kind,
        at=at,
        content=content,
        channel="email" if kind in _EMAIL else None,
        campaign=utm.get("campaign"),
        utm=utm,
        contact_id=lead,
    )


def _change(row: Row, meanings: Sequence[Meanings], kind: ActivityType) -> tuple[str, dict[str, str]]:
    if kind.about == _REVENUE_STAGE:
        return changed(meanings, _REVENUE_STAGE, row.text("new_stage", "new_value"), row.seen("new_stage", "new_value")[0])
    return changed(meanings, row.needed("primary_attribute_value"), row.text("new_value"), row.seen("new_value")[0])


def _gone(row: Row, into: str) -> tuple[str, ...]:
    """The leads that went away: a list, or text such as "[1286861, 1286862]"."""
    column, value = row.seen("merge_ids")
    if value is None:
        raise FactError(column, "nothing", "the ids of the leads that went into this one")
    listed = value if isinstance(value, list | tuple) else str(value).strip().removeprefix("[").removesuffix("]").split(",")
    names = tuple(str(one).strip() for one in listed)
    if not all(one.isascii() and one.isdecimal() and one != into for one in names):
        raise FactError(column, shown(value), "ids of leads other than the one they went into")
    return names


def _flat(record: object) -> object:
    """A record of the API with its attributes beside its own columns."""
    match record:
        case {"attributes": list() | tuple() as inner, **own}:
            return {**own, **{one["name"]: one.get("value") for one in inner if isinstance(one, Mapping) and "name" in one}}
        case _:
            return record
