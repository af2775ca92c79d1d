"""Salesforce: lead and opportunity histories and rows, read as events and opportunities.

Salesforce keeps instants in UTC; its API writes the offset, exports of a warehouse leave it out. An instant without one is read as
UTC. Columns may be spelt as in the API (`CreatedDate`) or as warehouses do (`created_date`).

Four histories are read. `LeadHistory` and `OpportunityFieldHistory` have a row for each field that changed; `OpportunityHistory` has
one for each change of the stage; a warehouse in history mode keeps a whole row of the opportunity for each stretch of time, from
`_fivetran_start` on, and is read by `opportunity_history` too.

A converted lead is one that sales has accepted; where an opportunity came of it, `leads` says so. "Closed - Not Converted" and
"Unqualified" do not say why, which a rejection must (LC-5): their rows are refused by name until meanings are passed that list them.
Of an opportunity `IsWon` and `IsClosed` are believed before the name of its stage; a stage that is not listed is the event
`stage_changed`, with its name. A row that lies in the recycle bin is refused, or read all the same where that is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Literal, TypeAlias

from inbound_engine.decisions import plain
from inbound_engine.errors import FactError
from inbound_engine.exports import DELETED, MERGED, Batch, DateColumn, Meanings, Row, changed, read_each, stamped
from inbound_engine.facts import Opportunity
from inbound_engine.history import Happened
from inbound_engine.intake import Record

__all__ = [
    "LEAD_STATUS",
    "STAGES",
    "Deleted",
    "lead_history",
    "leads",
    "opportunities",
    "opportunity_field_history",
    "opportunity_history",
]

Deleted: TypeAlias = Literal["refuse", "read"]
"""What becomes of rows in the recycle bin."""

LEAD_STATUS = Meanings.of(
    "Status",
    {
        "Working": "accepted",
        "Working - Contacted": "accepted",
        "Contacted": "accepted",
        "Nurturing": "recycled",
        "Qualified": "discovery_completed",
    },
)
"""What Salesforce's own lead statuses mean. New and open ones move nobody; that a lead was converted has a field of its own."""

STAGES = Meanings.of(
    "StageName",
    {"Proposal/Price Quote": "proposal_sent", "Negotiation/Review": "negotiation_started", "Closed Won": "won", "Closed Lost": "lost"},
    otherwise="stage_changed",
)
"""What Salesforce's own stages mean where ours has one of that name; every other one is a change of stage."""

_BY = ("created_by_id",)


def lead_history(rows: Iterable[Record], meanings: Sequence[Meanings] = (LEAD_STATUS,), *, deleted: Deleted = "refuse") -> Batch[Happened]:
    """The events that rows of `LeadHistory` are: `created` is captured, `leadConverted` accepted, a change of Status what it means.

    Other fields are `data_changed` without their values. `leadMerged` stands with the lead that stays, and does not name the one that
    went: it is refused, and `leads` reads the merger from the row of the lead that is gone.

    >>> row = {"Id": "017x", "LeadId": "00Qx", "Field": "Status", "NewValue": "Nurturing", "CreatedDate": "2026-03-02T09:00:00.000+0000"}
    >>> lead_history([row]).told[0].said.event
    'recycled'
    """
    made = {"created": "captured", "leadconverted": "accepted"}
    return read_each(rows, lambda row: [_field_change(row, "lead_id", meanings, made, deleted)], UTC)


def opportunity_field_history(
    rows: Iterable[Record], meanings: Sequence[Meanings] = (STAGES,), *, deleted: Deleted = "refuse"
) -> Batch[Happened]:
    """The events that rows of `OpportunityFieldHistory` are: made, a change of stage, `data_changed`.

    >>> row = {"Id": "017x", "OpportunityId": "006x", "Field": "StageName", "NewValue": "Closed Won", "CreatedDate": "2026-03-02T09:00:00Z"}
    >>> opportunity_field_history([row]).said[0].event
    'won'
    """
    made = {"created": "opportunity_opened", "opportunitycreatedfromlead": "opportunity_opened"}
    return read_each(rows, lambda row: [_field_change(row, "opportunity_id", meanings, made, deleted)], UTC)


def opportunity_history(rows: Iterable[Record], meanings: Meanings = STAGES, *, deleted: Deleted = "refuse") -> Batch[Happened]:
    """The events that a history of whole stages is: rows of `OpportunityHistory`, or of a warehouse in history mode.

    The first is dated by `CreatedDate`, the second, which has no `OpportunityId`, by `_fivetran_start`.

    >>> row = {"OpportunityId": "006x", "StageName": "Proposal", "CreatedDate": "2026-03-02T09:00:00Z"}
    >>> opportunity_history([row]).said[0].data
    (('property', 'StageName'), ('value', 'Proposal'))
    """
    return read_each(rows, lambda row: [_stage(row, meanings, deleted)], UTC)


def leads(rows: Iterable[Record], stamps: Sequence[DateColumn] = ()) -> Batch[Happened]:
    """The events that lead rows tell of, for where no history is at hand: captured, what `stamps` date, converted, merged, deleted.

    `stamps` name the columns in which a team keeps dates of its own, such as `MQL_Date__c`. A converted lead with an opportunity is
    `opportunity_opened`, without one `accepted`. `ConvertedDate` is a date without a time, or its midnight: the conversion counts as
    at the latest of that day's first instant, the creation, and what the stamps date on that day, and comes after them. A lead that
    went into another is `merged` into its master at its last change.

    >>> row = {"Id": "00Qx", "CreatedDate": "2026-03-02T09:00:00Z", "IsConverted": True, "ConvertedDate": "2026-03-02"}
    >>> [(event.event, event.at.hour) for event in leads([row]).said]
    [('captured', 9), ('accepted', 9)]
    """
    return read_each(rows, lambda row: _lead(row, stamps), UTC)


def opportunities(rows: Iterable[Record], *, currency: str, deleted: Deleted = "refuse") -> Batch[Opportunity]:
    """Opportunity rows as opportunities; amounts are in `currency` where the row has no `CurrencyIsoCode`.

    `CloseDate` is a date, and no instant: an opportunity is closed at `LastStageChangeDate`, or, without one, at an instant that is
    unknown. It closes before it was made in many real rows, so no closing date is compared with the creation; an instant is.

    >>> row = {"Id": "006x", "CreatedDate": "2026-01-05T10:00:00Z", "CloseDate": "2026-03-02", "IsWon": "true", "Amount": "95000"}
    >>> found = opportunities([row], currency="EUR").said[0]
    >>> found.won, found.closed_at, str(found.amount)
    (True, None, 'EUR 95000.00')
    """
    return read_each(rows, lambda row: [_opportunity(row, currency, deleted)], UTC)


# -------------------------------------------------------------------------------------------------------------- details


def _field_change(
    row: Row, record_name: str, meanings: Sequence[Meanings], made: Mapping[str, str], deleted: Deleted
) -> tuple[str, Happened]:
    _refuse_deleted(row, deleted)
    record, name = row.needed(record_name), row.needed("field")
    at = row.needed_instant("created_date")
    if name.casefold() == "leadmerged":
        raise FactError(row.seen("field")[0], name, "a change that names its lead", "Read the row of the lead that is gone with leads.")
    event, data = made.get(name.casefold(), ""), {"property": name}
    if not event:
        event, data = changed(meanings, name, row.text("new_value"), row.seen("new_value")[0])
    return record, _happened(row, row.text("id") or f"{record}:{name}:{plain(at)}", at, event, data)


def _happened(row: Row, name: str, at: datetime, event: str, data: Mapping[str, str], *, sequence: int = 0) -> Happened:
    return Happened(id=f"salesforce:{name}", at=at, event=event, data=data, actor=row.text(*_BY), sequence=sequence, source="salesforce")


def _stage(row: Row, meanings: Meanings, deleted: Deleted) -> tuple[str, Happened]:
    _refuse_deleted(row, deleted)
    record = row.text("opportunity_id")
    at = row.needed_instant("_fivetran_start" if record is None else "created_date")
    record = record or row.needed("id")
    column, _ = row.seen("stage_name")
    event, data = changed((meanings,), meanings.property, row.text("stage_name"), column)
    outcome = _outcome(row)
    if outcome is not None:
        event = "won" if outcome else "lost"
    return record, _happened(row, f"{record}:{meanings.property}:{plain(at)}", at, event, data)


def _outcome(row: Row) -> bool | None:
    """Whether an opportunity was won; None while it is open, or nobody says."""
    won, closed = row.yes_no("is_won"), row.yes_no("is_closed")
    return True if won else False if closed else None


def _lead(row: Row, stamps: Sequence[DateColumn]) -> Iterator[tuple[str, Happened]]:
    record, created = row.needed("id"), row.needed_instant("created_date")
    yield record, _happened(row, f"{record}:created", created, "captured", {})
    dated = [*stamped(row, record, stamps, "salesforce")]
    yield from dated
    last = len(stamps) + 1
    if row.yes_no("is_converted"):
        opportunity = row.text("converted_opportunity_id")
        event = "opportunity_opened" if opportunity else "accepted"
        data = {"opportunity": opportunity} if opportunity else {}
        yield (
            record,
            _happened(row, f"{record}:converted", _converted(row, created, [one.at for _, one in dated]), event, data, sequence=last),
        )
    if row.yes_no("is_deleted"):
        master = row.text("master_record_id")
        event, data = (MERGED, {"into": master}) if master else (DELETED, {})
        at = row.needed_instant("last_modified_date", "system_modstamp")
        yield record, _happened(row, f"{record}:{event}", at, event, data, sequence=last + 1)


def _converted(row: Row, created: datetime, dated: Iterable[datetime]) -> datetime:
    """When a lead was converted: at that instant, or on that day, but not before it was made or what is dated on that day."""
    column, value = row.seen("converted_date")
    if value is None:
        raise FactError(column, "nothing", "the date on which it was converted")
    try:
        day = row.day("converted_date")
    except FactError:
        return row.needed_instant("converted_date")
    midnight = datetime.combine(day or created.date(), time(), UTC)
    return max(midnight, created, *(at for at in dated if at.date() == midnight.date()))


def _opportunity(row: Row, currency: str, deleted: Deleted) -> tuple[str, Opportunity]:
    _refuse_deleted(row, deleted)
    record, opened = row.needed("id"), row.needed_instant("created_date")
    won = _outcome(row)
    closed = None if won is None else row.instant("last_stage_change_date")
    if closed is not None and closed < opened:
        column, _ = row.seen("last_stage_change_date")
        raise FactError(column, f"{closed.isoformat()}, before {opened.isoformat()}", "an instant at or after the creation")
    return record, Opportunity(
        id=record,
        account_id=row.text("account_id"),
        owner=row.text("owner_id"),
        stage=row.text("stage_name"),
        amount=row.money(row.text("currency_iso_code") or currency, "amount"),
        opened_at=opened,
        close_date=row.day("close_date"),
        closed_at=closed,
        won=won,
    )


def _refuse_deleted(row: Row, deleted: Deleted) -> None:
    if deleted == "refuse" and row.yes_no("is_deleted"):
        raise FactError(row.seen("is_deleted")[0], "true", "a row that is not deleted", 'Pass deleted="read" to read it all the same.')
