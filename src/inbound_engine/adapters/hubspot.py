"""HubSpot: contact and deal histories, webhooks and deals, read as events and opportunities.

HubSpot keeps instants in UTC and writes them as ISO 8601 text or as milliseconds since 1970; exports of a warehouse leave out the
offset. An instant without one is read as UTC.

The default meanings are those of the values that HubSpot documents. `salesqualifiedlead` is a lead that sales has qualified, so it
is the discovery that makes our SQL; HubSpot has no stage for our SAL. An `evangelist` is a customer who advocates (LC-13). `other`
says nothing of where a lead stands, and `UNQUALIFIED` does not say why, which a rejection must (LC-5): their rows are refused by name
until meanings are passed that list them. Stages of deals have ids of the portal's own: one that is not listed is the event
`stage_changed`, with the id.

A change has the same id whether a webhook or a history tells of it, so that what is told twice happens once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from inbound_engine.decisions import plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.exports import DELETED, MERGED, Batch, DateColumn, Meanings, Row, changed, read_each, stamped
from inbound_engine.facts import Opportunity
from inbound_engine.history import Happened
from inbound_engine.intake import Record

__all__ = [
    "DEAL_STAGES",
    "LEAD_STATUS",
    "LIFECYCLE",
    "LIFECYCLE_DATES",
    "contacts",
    "deal_stages",
    "deals",
    "property_history",
    "versions",
    "webhooks",
]

LIFECYCLE = Meanings.of(
    "lifecyclestage",
    {
        "subscriber": "captured",
        "lead": "validated",
        "marketingqualifiedlead": "scored",
        "salesqualifiedlead": "discovery_scheduled",
        "opportunity": "opportunity_opened",
        "customer": "won",
        "evangelist": "advocated",
    },
)
"""What HubSpot's own lifecycle stages mean."""

LEAD_STATUS = Meanings.of(
    "hs_lead_status",
    {
        "IN_PROGRESS": "accepted",
        "OPEN_DEAL": "opportunity_opened",
        "BAD_TIMING": ("rejected", {"category": "wrong_timing"}),
    },
)
"""What HubSpot's own lead statuses mean. NEW, OPEN, ATTEMPTED_TO_CONTACT and CONNECTED say who has tried whom, and move nobody."""

DEAL_STAGES = Meanings.of("dealstage", {"closedwon": "won", "closedlost": "lost"}, otherwise="stage_changed")
"""What the ids of HubSpot's default pipeline mean; every other id is a change of stage."""

LIFECYCLE_DATES = tuple(DateColumn(f"hs_lifecyclestage_{row.value}_date", row.event, row.data) for row in LIFECYCLE.rows)
"""The columns in which HubSpot keeps when a contact became what it is or was; of several times it keeps one."""

_IDS = ("id", "contact_id", "deal_id", "company_id", "object_id", "vid", "hs_object_id")
_AT = ("timestamp", "date_entered", "occurred_at", "_fivetran_start")
_DELETED = ("is_deleted", "_fivetran_deleted", "archived", "is_contact_deleted")


def property_history(rows: Iterable[Record], meanings: Sequence[Meanings] = (LIFECYCLE, LEAD_STATUS)) -> Batch[Happened]:
    """The events that changes of properties are: one row a change, with the record, the property, its new value and the instant.

    What a property says that no meanings are about is `data_changed` without its value. Columns may be spelt as in HubSpot's API
    or as warehouses do (`contact_id`, `name` or `property`, `value`, `timestamp`); `versions` makes such rows of API records.

    >>> change = {"contact_id": "151", "name": "lifecyclestage", "value": "lead", "timestamp": "2026-03-02T09:00:00.000Z"}
    >>> property_history([change]).told[0]
    Told(row=0, record='151', said=Happened('hubspot:151:lifecyclestage:2026-03-02T09:00:00Z', validated, 2026-03-02T09:00:00Z))
    """
    return read_each(rows, lambda row: [_change(row, row.needed("property", "name", "property_name"), meanings)], UTC, name=_IDS)


def deal_stages(rows: Iterable[Record], meanings: Meanings = DEAL_STAGES) -> Batch[Happened]:
    """The events that changes of deal stages are: one row a stage, with the deal, the stage's id as `value` and when it was entered.

    >>> entered = {"deal_id": "7", "value": "closedwon", "date_entered": "2021-01-07 6:49:18"}
    >>> deal_stages([entered]).said[0].event
    'won'
    """
    return read_each(rows, lambda row: [_change(row, meanings.property, (meanings,))], UTC, name=_IDS)


def webhooks(
    notices: Iterable[Record], meanings: Sequence[Meanings] = (LIFECYCLE, LEAD_STATUS, DEAL_STAGES), *, about: str = "contact"
) -> Batch[Happened]:
    """The events that webhook notices tell of: changes of properties, records that were made, deleted or merged.

    Records of two kinds may have one id, so a batch is `about` one kind ("contact", "deal") and a notice about another is refused. A
    new contact is `captured`, a new deal `opportunity_opened`. Each record that a merger took away is `merged` into the one that
    stays. Deliveries repeat: the second of one change is refused by its id.

    >>> notice = {"objectId": 1246965, "propertyName": "lifecyclestage", "propertyValue": "subscriber", "occurredAt": 1462216307945,
    ...           "subscriptionType": "contact.propertyChange", "changeSource": "ACADEMY", "eventId": 3816279340}
    >>> webhooks([notice]).said[0].event
    'captured'
    """
    return read_each(notices, lambda row: [*_notice(row, meanings, about)], UTC, name=_IDS)


def contacts(rows: Iterable[Record], stamps: Sequence[DateColumn] = LIFECYCLE_DATES) -> Batch[Happened]:
    """The events that the date columns of contacts tell of, for where no history is at hand.

    A contact whose columns are all blank is refused. Columns of an export may have the prefix `property_`; records of the API keep
    theirs under `properties`.

    >>> contacts([{"id": "151", "properties": {"hs_lifecyclestage_lead_date": "2026-03-02T09:00:00Z"}}]).said[0].event
    'validated'
    """

    def read(row: Row) -> Iterator[tuple[str, Happened]]:
        return stamped(row, row.needed(*_IDS), stamps, "hubspot", milliseconds=True)

    return read_each(rows, read, UTC, name=_IDS, laid_out=_flat)


def deals(rows: Iterable[Record], *, currency: str, meanings: Meanings = DEAL_STAGES) -> Batch[Opportunity]:
    """Deals as opportunities; amounts are in `currency` where the deal names none.

    A deal is won or lost as `hs_is_closed_won` and `hs_is_closed` say, else as the meaning of its stage does. Of a closed deal
    `closedate` is when it closed, of an open one the day on which it should. A deleted deal is refused, and so is one that closed
    before it was made.

    >>> row = {"id": "7", "createdate": "2026-01-05T10:00:00Z", "closedate": "2026-03-02T09:00:00Z", "dealstage": "closedwon"}
    >>> deals([row], currency="EUR").said[0].won
    True
    """
    return read_each(rows, lambda row: [_deal(row, currency, meanings)], UTC, name=_IDS, laid_out=_flat)


def versions(records: Iterable[object], properties: Iterable[str] = ("lifecyclestage", "hs_lead_status")) -> Iterator[Record]:
    """The rows that `property_history` reads, from records as the API gives them: one for each version of those properties.

    Both shapes are read: `propertiesWithHistory` of today's API and `versions` under `properties` of the first one. What is no such
    record is handed on as it is, to be refused there; a record without versions of these properties gives no row.

    >>> record = {"id": "151", "propertiesWithHistory": {"lifecyclestage": [{"value": "lead", "timestamp": "2026-03-02T09:00:00Z"}]}}
    >>> [row["value"] for row in versions([record])]
    ['lead']
    """
    asked = tuple(properties)
    for record in records:
        told = _told(record)
        if told is None:
            yield record if isinstance(record, Mapping) else {"record": record}
            continue
        name = next((record[key] for key in ("id", "vid", "hs_object_id") if key in record), None) if isinstance(record, Mapping) else None
        for asked_for in asked:
            for version in told.get(asked_for, ()):
                yield {**_version(version), "id": name, "property": asked_for}


# -------------------------------------------------------------------------------------------------------------- details


def _change(row: Row, name: str, meanings: Sequence[Meanings]) -> tuple[str, Happened]:
    record = row.needed(*_IDS)
    at = row.needed_instant(*_AT, milliseconds=True)
    column, _ = row.seen("value", "property_value")
    event, data = changed(meanings, name, row.text("value", "property_value"), column)
    return record, _happened(row, f"{record}:{name}", at, event, data)


def _happened(row: Row, what: str, at: datetime, event: str, data: Mapping[str, str]) -> Happened:
    by = row.text("source_type", "change_source", "source")
    return Happened(
        id=f"hubspot:{what}:{plain(at)}",
        at=at,
        event=event,
        data={**data, **({"changed_by": by} if by else {})},
        actor=row.text("updated_by_user_id", "source_id"),
        source="hubspot",
    )


def _notice(row: Row, meanings: Sequence[Meanings], about: str) -> Iterator[tuple[str, Happened]]:
    column, _ = row.seen("subscription_type")
    kind = row.needed("subscription_type")
    record, at = row.needed("object_id"), row.needed_instant("occurred_at", milliseconds=True)
    match kind.removeprefix(f"{about}."):
        case "propertyChange":
            yield _change(row, row.needed("property_name"), meanings)
        case "creation":
            yield record, _happened(row, f"{record}:creation", at, "opportunity_opened" if about == "deal" else "captured", {})
        case "deletion" | "privacyDeletion":
            yield record, _happened(row, f"{record}:deletion", at, DELETED, {})
        case "merge":
            kept = row.text("new_object_id") or row.needed("primary_object_id")
            for gone in _gone(row, kept):
                yield gone, _happened(row, f"{gone}:merge", at, MERGED, {"into": kept})
        case _:
            known = (f"{about}.{what}" for what in ("propertyChange", "creation", "deletion", "privacyDeletion", "merge"))
            raise FactError(column, shown(kind), one_of(known), "Nothing else is read here.")


def _gone(row: Row, kept: str) -> tuple[str, ...]:
    """The records that a merger took away, each once."""
    column, value = row.seen("merged_object_ids")
    several = value if isinstance(value, list | tuple) else ()
    names = [str(one) for one in (*several, row.text("primary_object_id")) if isinstance(one, int | str)]
    gone = tuple(dict.fromkeys(one for one in names if one != kept))
    if not several or not gone:
        raise FactError(column, shown(value), "a list of the records that went into another")
    return gone


def _deal(row: Row, currency: str, meanings: Meanings) -> tuple[str, Opportunity]:
    _refuse_deleted(row)
    record = row.needed("deal_id", "id", "hs_object_id")
    opened = row.needed_instant("property_createdate", "createdate", milliseconds=True)
    stage = row.text("property_dealstage", "dealstage", "deal_pipeline_stage_id")
    won = _outcome(row, stage, meanings)
    names = ("property_closedate", "closedate")
    closing = row.instant(*names, milliseconds=True)
    if won is not None and closing is not None and closing < opened:
        raise FactError(row.seen(*names)[0], f"{closing.isoformat()}, before {opened.isoformat()}", "an instant at or after the creation")
    return record, Opportunity(
        id=record,
        account_id=row.text("property_associatedcompanyid", "associatedcompanyid"),
        owner=row.text("owner_id", "property_hubspot_owner_id", "hubspot_owner_id"),
        stage=stage,
        amount=row.money(row.text("property_deal_currency_code", "deal_currency_code") or currency, "property_amount", "amount"),
        opened_at=opened,
        close_date=None if closing is None else closing.date(),
        closed_at=None if won is None else closing,
        won=won,
    )


def _outcome(row: Row, stage: str | None, meanings: Meanings) -> bool | None:
    won = row.yes_no("property_hs_is_closed_won", "hs_is_closed_won")
    closed = row.yes_no("property_hs_is_closed", "hs_is_closed")
    if won or closed:
        return bool(won)
    if won is None and closed is None and stage is not None:
        outcomes: Mapping[str, bool] = {"won": True, "lost": False}
        return outcomes.get(meanings.of_value(stage, "dealstage").event)
    return None


def _refuse_deleted(row: Row) -> None:
    for column in _DELETED:
        if row.yes_no(column):
            raise FactError(row.seen(column)[0], "true", "a row that is not deleted")


def _flat(record: object) -> object:
    """A record of the API with its properties beside its id."""
    match record:
        case {"properties": Mapping() as inner, **own}:
            return {**own, **inner}
        case _:
            return record


def _told(record: object) -> dict[str, Sequence[object]] | None:
    """The versions of each property; None where it is no record with a history."""
    if not isinstance(record, Mapping):
        return None
    for key, inside in (("propertiesWithHistory", None), ("properties", "versions")):
        table = record.get(key)
        if isinstance(table, Mapping):
            found: dict[str, Sequence[object]] = {}
            for name, value in table.items():
                several = value.get(inside) if isinstance(value, Mapping) else value
                if isinstance(several, list | tuple):
                    found[str(name)] = several
            return found
    return None


def _version(version: object) -> dict[str, object]:
    """A version under the names that rows use; the first API wrote hyphens."""
    if not isinstance(version, Mapping):
        return {"value": version}
    return {str(name).replace("-", "_"): value for name, value in version.items()}
