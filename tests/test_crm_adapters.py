"""HubSpot, Salesforce, Marketo and Pardot: every row becomes an event, an activity or an opportunity, or a named refusal.

The extracts in shared/data/crm_seed_tables have hashed values; what values mean is tested on rows written from the documented names.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inbound_engine import exports, history, lifecycle
from inbound_engine.adapters import hubspot, marketo, pardot, salesforce
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.exports import ActivityType, Batch, DateColumn, Meanings
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.history import Happened, in_order
from inbound_engine.lifecycle import Rebuilt
from inbound_engine.money import Money, total
from inbound_engine.policy import Policy
from tests.places import DATA, needs_data

SEEDS = DATA / "crm_seed_tables"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISO = "2026-03-02T09:00:00Z"


def seed(name: str) -> list[dict[str, str]]:
    """The rows as a user would read them: the byte-order mark is left in on purpose."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def events(batch: Batch[Any]) -> list[str]:
    return [said.event if isinstance(said, Happened) else said.kind for said in batch.said]


def problems(batch: Batch[Any]) -> list[str]:
    return [str(refused.problem) for refused in batch.refused]


# ------------------------------------------------------------------------------------------------------------- real rows


EXPECTED: dict[str, Any] = json.loads((SEEDS / "expected.json").read_text(encoding="utf-8")) if SEEDS.is_dir() else {}


@needs_data
@pytest.mark.parametrize(
    ("name", "read", "told", "refused"),
    [
        ("hubspot/deal_stage_data", hubspot.deal_stages, {"stage_changed": 14}, {}),
        ("salesforce/sf_opportunity_history_data", salesforce.opportunity_history, {}, {"is_deleted": 10}),
        (
            "salesforce/sf_opportunity_history_data",
            lambda rows: salesforce.opportunity_history(rows, deleted="read"),
            {"won": 5, "lost": 4, "stage_changed": 1},
            {},
        ),
        ("salesforce/sf_lead_data", salesforce.leads, {"captured": 1, "accepted": 1}, {}),
        ("marketo/marketo_activity_change_data_value_data", marketo.activities, {"data_changed": 100}, {}),
        ("marketo/marketo_activity_click_email_data", marketo.activities, {"email_click": 100}, {}),
        ("marketo/marketo_activity_delete_lead_data", marketo.activities, {"deleted": 31}, {}),
        ("marketo/marketo_activity_merge_leads_data", marketo.activities, {"merged": 99}, {"merge_ids": 1}),
        (
            "pardot/pardot_visitor_activity_data",
            pardot.visitor_activities,
            {"opportunity_opened": 33, "won": 9, "lost": 10, "opted_out": 43, "bounced": 5},
            {},
        ),
    ],
)
def test_every_real_row_becomes_an_event_or_a_named_refusal(
    name: str, read: Callable[[list[dict[str, str]]], Batch[Any]], told: dict[str, int], refused: dict[str, int]
) -> None:
    """Issue 3, 9: the sum is the count of rows that was computed elsewhere."""
    batch = read(seed(name))
    assert Counter(events(batch)) == told
    assert Counter(one.problem.path for one in batch.refused) == refused
    assert len({one.row for one in batch.told}) + len(batch.refused) == batch.rows == EXPECTED["tables"][name]["rows"]
    assert len({one.said.id for one in batch.told}) == len(batch.told)


@needs_data
@pytest.mark.parametrize(
    ("name", "read", "won_lost_open", "refused"),
    [
        ("pardot/pardot_opportunity_data", lambda rows: pardot.opportunities(rows, currency="USD"), (92, 1, 0), {"closed_at": 7}),
        ("salesforce/sf_opportunity_data", lambda rows: salesforce.opportunities(rows, currency="USD"), (0, 0, 0), {"is_deleted": 10}),
        ("salesforce/sf_opportunity_data", lambda rows: salesforce.opportunities(rows, currency="USD", deleted="read"), (5, 4, 1), {}),
        ("hubspot/deal_data", lambda rows: hubspot.deals(rows, currency="USD"), (0, 0, 44), {}),
    ],
)
def test_every_real_deal_becomes_an_opportunity_or_a_named_refusal(
    name: str, read: Callable[[list[dict[str, str]]], Batch[Opportunity]], won_lost_open: tuple[int, int, int], refused: dict[str, int]
) -> None:
    """Issue 3, 9; seven Pardot deals closed before they were made."""
    batch = read(seed(name))
    found = Counter(one.won for one in batch.said)
    assert (found[True], found[False], found[None]) == won_lost_open
    assert Counter(one.problem.path for one in batch.refused) == refused
    assert len(batch.told) + len(batch.refused) == batch.rows == EXPECTED["tables"][name]["rows"]


@needs_data
def test_the_real_amounts_add_up() -> None:
    """Pardot's won value, with the seven refused deals read from their rows."""
    rows = seed("pardot/pardot_opportunity_data")
    batch = pardot.opportunities(rows, currency="USD")
    read = total([one.amount for one in batch.said if one.won and one.amount is not None], "USD")
    gone = total([Money.of(rows[one.number]["value"], "USD") for one in batch.refused], "USD")
    assert read + gone == Money.of("1854698.20", "USD")
    assert EXPECTED["pardot_opportunities"]["closed_before_created"] == len(batch.refused)


@needs_data
def test_the_real_activities_are_told_by_their_types() -> None:
    """By type and name, as counted elsewhere: 39 pages of unsubscription, 1 complaint, 3 indirect, 5 bounces."""
    counted = EXPECTED["pardot_activities_by_type"]
    batch = pardot.visitor_activities(seed("pardot/pardot_visitor_activity_data"))
    found = Counter(events(batch))
    assert found["opted_out"] == counted["12|Email"] + counted["14|Email"] + counted["35|Email"]
    assert found["bounced"] == counted["36|Email"]
    assert found["opportunity_opened"] == counted["8|New Opportunity"]


@needs_data
def test_a_real_row_is_read_to_the_letter() -> None:
    told = hubspot.deal_stages(seed("hubspot/deal_stage_data")).told[0]
    assert (told.row, told.record) == (0, "3954699413")
    assert told.said.at == datetime(2021, 1, 7, 6, 49, 18, tzinfo=UTC)
    assert dict(told.said.data) == {
        "property": "dealstage",
        "value": "f66ca9bc5a02c2f1513ce83f0a0e117d",
        "changed_by": "2ed5fac05df5994139d16188596fab49",
    }
    click = marketo.activities(seed("marketo/marketo_activity_click_email_data")).said[0]
    assert isinstance(click, Activity)
    assert (click.at, click.contact_id, click.content) == (
        datetime(2020, 4, 30, 8, 5, 11, tzinfo=UTC),
        "1124755",
        "/fivetran-databytes-elt.html",
    )
    assert dict(click.utm) == {"source": "fivetran", "medium": "email", "campaign": "-fivetran-databytes-elt", "term": "invite3"}
    history = salesforce.opportunity_history(seed("salesforce/sf_opportunity_history_data"), deleted="read").told[0]
    assert (history.record, history.said.event, history.said.at) == (
        "006q000000HddohAAB",
        "won",
        datetime(2019, 10, 17, 21, 10, 19, tzinfo=UTC),
    )
    lead = salesforce.leads(seed("salesforce/sf_lead_data"))
    assert {one.at for one in lead.said} == {datetime(2019, 11, 11, 17, 23, 34, tzinfo=UTC)}


@needs_data
def test_the_documented_webhook_is_a_captured_contact() -> None:
    (told,) = hubspot.webhooks(json.loads((SEEDS / "hubspot" / "webhook_example.json").read_text(encoding="utf-8"))).told
    assert (told.record, told.said.event, told.said.at) == ("1246965", "captured", datetime(2016, 5, 2, 19, 11, 47, 945_000, tzinfo=UTC))


@needs_data
def test_hashed_contacts_without_dates_are_counted_refusals() -> None:
    batch = hubspot.contacts(seed("hubspot/contact_data"))
    assert [(problem.saw, times) for problem, times in exports.counted(batch)] == [("a row that says nothing", 22)]


# --------------------------------------------------------------------------------------------------------------- HubSpot


def staged(value: object, **more: object) -> dict[str, object]:
    return {"contact_id": "151", "name": "lifecyclestage", "value": value, "timestamp": ISO, **more}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("subscriber", "captured"),
        ("lead", "validated"),
        ("marketingqualifiedlead", "scored"),
        ("salesqualifiedlead", "discovery_scheduled"),
        ("opportunity", "opportunity_opened"),
        ("customer", "won"),
        ("evangelist", "advocated"),
    ],
)
def test_hubspots_lifecycle_stages_are_our_events(value: str, said: str) -> None:
    """LC-1, LC-2, LC-13: the documented internal values."""
    (told,) = hubspot.property_history([staged(value)]).told
    assert (told.record, told.said.event, told.said.at, told.said.source) == ("151", said, NINE, "hubspot")
    assert dict(told.said.data) == {"property": "lifecyclestage", "value": value}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "other",
            "value: saw 'other', expected one of customer, evangelist, lead, marketingqualifiedlead, opportunity, salesqualifiedlead, "
            "subscriber. Pass meanings that list it.",
        ),
        ("", "value: saw nothing, expected a value of lifecyclestage. A property that was cleared is no stage."),
        (None, "value: saw nothing, expected a value of lifecyclestage. A property that was cleared is no stage."),
        (
            "Lead",
            "value: saw 'Lead', expected one of customer, evangelist, lead, marketingqualifiedlead, opportunity, salesqualifiedlead, "
            'subscriber. Did you mean "lead"?',
        ),
    ],
)
def test_a_lifecycle_stage_without_a_meaning_is_refused_by_name(value: object, message: str) -> None:
    assert problems(hubspot.property_history([staged(value)])) == [message]


def test_a_portal_with_stages_of_its_own_passes_its_meanings() -> None:
    ours = Meanings.of("lifecyclestage", {"71234567": "accepted", "other": "recycled"})
    batch = hubspot.property_history([staged("71234567"), staged("other", timestamp="2026-03-03T09:00:00Z")], (ours,))
    assert events(batch) == ["accepted", "recycled"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("IN_PROGRESS", "accepted"), ("OPEN_DEAL", "opportunity_opened"), ("BAD_TIMING", "rejected")],
)
def test_hubspots_lead_statuses_are_our_events(value: str, said: str) -> None:
    (told,) = hubspot.property_history([{"id": "1", "property": "hs_lead_status", "value": value, "timestamp": ISO}]).told
    assert told.said.event == said
    assert dict(told.said.data).get("category") == ("wrong_timing" if said == "rejected" else None)


@pytest.mark.parametrize("value", ["NEW", "OPEN", "ATTEMPTED_TO_CONTACT", "CONNECTED", "UNQUALIFIED"])
def test_a_lead_status_that_moves_nobody_is_refused_by_name(value: str) -> None:
    """LC-5: UNQUALIFIED is a rejection without a category."""
    batch = hubspot.property_history([{"id": "1", "property": "hs_lead_status", "value": value, "timestamp": ISO}])
    assert [one.problem.saw for one in batch.refused] == [repr(value)]


def test_other_properties_are_told_without_their_values() -> None:
    (told,) = hubspot.property_history([{"id": "1", "property": "email", "value": "ana@acme.example", "timestamp": ISO}]).told
    assert (told.said.event, told.said.data) == ("data_changed", (("property", "email"),))


API_RECORD = {
    "id": "151",
    "properties": {"lifecyclestage": "lead"},
    "propertiesWithHistory": {
        "lifecyclestage": [
            {"value": "lead", "timestamp": "2026-03-02T09:00:00Z", "sourceType": "FORM", "sourceId": "f-1", "updatedByUserId": 9},
            {"value": "subscriber", "timestamp": "2026-03-01T09:00:00Z", "sourceType": "IMPORT"},
        ],
        "hs_lead_status": [{"value": "IN_PROGRESS", "timestamp": "2026-03-03T09:00:00Z"}],
        "email": [{"value": "ana@acme.example", "timestamp": "2026-03-01T09:00:00Z"}],
    },
}

FIRST_API_RECORD = {
    "vid": 151,
    "properties": {
        "lifecyclestage": {
            "value": "lead",
            "versions": [
                {"value": "lead", "timestamp": 1772442000000, "source-type": "FORM", "source-id": "f-1", "selected": False},
                {"value": "subscriber", "timestamp": 1772355600000, "source-type": "IMPORT"},
            ],
        },
        "email": {"value": "ana@acme.example"},
    },
}


def test_both_shapes_of_a_property_history_are_read() -> None:
    batch = hubspot.property_history(hubspot.versions([API_RECORD]))
    assert [(one.event, one.actor, dict(one.data).get("changed_by")) for one in in_order(batch.said)] == [
        ("captured", None, "IMPORT"),
        ("validated", "9", "FORM"),
        ("accepted", None, None),
    ]
    first = hubspot.property_history(hubspot.versions([FIRST_API_RECORD]))
    assert [(one.event, one.actor, one.at.isoformat()) for one in in_order(first.said)] == [
        ("captured", None, "2026-03-01T09:00:00+00:00"),
        ("validated", "f-1", "2026-03-02T09:00:00+00:00"),
    ]
    assert {told.record for told in (*batch.told, *first.told)} == {"151"}


@pytest.mark.parametrize(
    ("record", "refused"),
    [
        ("151", 1),
        ({"id": "151"}, 1),
        ({"id": "151", "properties": {"lifecyclestage": "lead"}}, 0),
        ({"id": "151", "propertiesWithHistory": {"lifecyclestage": ["lead"]}}, 1),
        ({"propertiesWithHistory": {"lifecyclestage": [{"value": "lead", "timestamp": ISO}]}}, 1),
        ({"id": "151", "propertiesWithHistory": {"email": []}}, 0),
    ],
)
def test_a_record_without_a_history_is_refused_unless_it_has_no_versions(record: object, refused: int) -> None:
    batch = hubspot.property_history(hubspot.versions([record]))
    assert (len(batch.told), len(batch.refused)) == (0, refused)


def test_a_record_that_is_refused_loses_no_other() -> None:
    batch = hubspot.property_history(hubspot.versions(["151", API_RECORD]))
    assert (len(batch.told), [one.number for one in batch.refused]) == (3, [0])


def test_what_a_webhook_and_a_history_tell_is_one_event() -> None:
    """Delivered twice, told twice: the same id."""
    notice = {
        "objectId": 151,
        "propertyName": "lifecyclestage",
        "propertyValue": "lead",
        "changeSource": "FORM",
        "occurredAt": 1772442000000,
        "subscriptionType": "contact.propertyChange",
    }
    hooks = hubspot.webhooks([notice, {**notice, "attemptNumber": 1}])
    history = hubspot.property_history(hubspot.versions([API_RECORD]))
    assert hooks.said[0].id == history.said[0].id == "hubspot:151:lifecyclestage:2026-03-02T09:00:00Z"
    assert [one.event for one in exports.by_record(hooks, history)["151"]] == ["validated", "captured", "accepted"]
    assert problems(hooks) == [
        "id: saw 'hubspot:151:lifecyclestage:2026-03-02T09:00:00Z' again, expected something that was not told before. "
        "The first of several deliveries counts."
    ]


@pytest.mark.parametrize(
    ("notice", "about", "said"),
    [
        ({"subscriptionType": "contact.creation"}, "contact", [("7", "captured", {})]),
        ({"subscriptionType": "deal.creation"}, "deal", [("7", "opportunity_opened", {})]),
        ({"subscriptionType": "contact.deletion"}, "contact", [("7", "deleted", {})]),
        ({"subscriptionType": "contact.privacyDeletion"}, "contact", [("7", "deleted", {})]),
        (
            {"subscriptionType": "contact.merge", "primaryObjectId": 7, "mergedObjectIds": [8, 9]},
            "contact",
            [("8", "merged", {"into": "7"}), ("9", "merged", {"into": "7"})],
        ),
        (
            {"subscriptionType": "contact.merge", "primaryObjectId": 7, "mergedObjectIds": [8], "newObjectId": 10},
            "contact",
            [("8", "merged", {"into": "10"}), ("7", "merged", {"into": "10"})],
        ),
        (
            {"subscriptionType": "deal.propertyChange", "propertyName": "dealstage", "propertyValue": "closedlost"},
            "deal",
            [("7", "lost", {"property": "dealstage", "value": "closedlost"})],
        ),
    ],
)
def test_webhooks_tell_of_records_made_changed_merged_and_deleted(
    notice: dict[str, object], about: str, said: list[tuple[str, str, dict[str, str]]]
) -> None:
    batch = hubspot.webhooks([{"objectId": 7, "occurredAt": 1772442000000, **notice}], about=about)
    assert [(told.record, told.said.event, dict(told.said.data)) for told in batch.told] == said
    assert all(told.said.at == NINE for told in batch.told)


@pytest.mark.parametrize(
    ("notice", "path"),
    [
        ({"subscriptionType": "deal.creation"}, "subscriptionType"),
        ({"subscriptionType": "contact.associationChange"}, "subscriptionType"),
        ({"subscriptionType": ""}, "subscriptionType"),
        ({"subscriptionType": "contact.merge", "primaryObjectId": 7, "mergedObjectIds": []}, "mergedObjectIds"),
        ({"subscriptionType": "contact.merge", "primaryObjectId": 7, "mergedObjectIds": [7]}, "mergedObjectIds"),
        ({"subscriptionType": "contact.merge", "primaryObjectId": 7, "mergedObjectIds": "8"}, "mergedObjectIds"),
        ({"subscriptionType": "contact.merge", "mergedObjectIds": [8]}, "primary_object_id"),
        ({"subscriptionType": "contact.creation", "occurredAt": "soon"}, "occurredAt"),
    ],
)
def test_a_webhook_that_says_nothing_of_a_contact_is_refused(notice: dict[str, object], path: str) -> None:
    batch = hubspot.webhooks([{"objectId": 7, "occurredAt": 1772442000000, **notice}])
    assert [(one.id, one.problem.path) for one in batch.refused] == [("7", path)]


def test_date_columns_of_a_contact_are_events() -> None:
    """For where no history is at hand; of a re-entered stage HubSpot keeps one date."""
    row = {
        "id": "151",
        "hs_lifecyclestage_lead_date": "2026-03-01 09:00:00",
        "property_hs_lifecyclestage_lead_date": "ignored: another name",
        "hs_lifecyclestage_marketingqualifiedlead_date": 1772442000000,
        "hs_lifecyclestage_customer_date": "",
    }
    batch = hubspot.contacts([row])
    assert [(one.event, one.at.isoformat()) for one in batch.said] == [
        ("validated", "2026-03-01T09:00:00+00:00"),
        ("scored", "2026-03-02T09:00:00+00:00"),
    ]
    assert hubspot.contacts([{"id": "1", "became_ours": ISO}], [DateColumn("became_ours", "won")]).said[0].event == "won"


DEAL = {"id": "7", "createdate": "2026-01-05T10:00:00Z", "closedate": "2026-03-02T09:00:00Z", "dealstage": "closedwon"}


@pytest.mark.parametrize(
    ("more", "won", "closed", "day"),
    [
        ({}, True, NINE, date(2026, 3, 2)),
        ({"dealstage": "closedlost"}, False, NINE, date(2026, 3, 2)),
        ({"dealstage": "contractsent"}, None, None, date(2026, 3, 2)),
        ({"dealstage": None}, None, None, date(2026, 3, 2)),
        ({"dealstage": "9", "hs_is_closed_won": "true", "hs_is_closed": "true"}, True, NINE, date(2026, 3, 2)),
        ({"dealstage": "9", "hs_is_closed_won": "false", "hs_is_closed": "true"}, False, NINE, date(2026, 3, 2)),
        ({"hs_is_closed": "false"}, None, None, date(2026, 3, 2)),
        ({"closedate": ""}, True, None, None),
    ],
)
def test_a_hubspot_deal_is_an_opportunity(more: dict[str, object], won: bool | None, closed: datetime | None, day: date | None) -> None:
    (found,) = hubspot.deals([{**DEAL, **more}], currency="EUR").said
    assert (found.won, found.closed_at, found.close_date) == (won, closed, day)


def test_a_hubspot_deal_keeps_its_own_currency_owner_and_company() -> None:
    record = {
        "id": "7",
        "properties": {
            **DEAL,
            "amount": "95000.5",
            "deal_currency_code": "USD",
            "hubspot_owner_id": "33",
            "associatedcompanyid": "acme",
        },
    }
    (found,) = hubspot.deals([record], currency="EUR").said
    assert (found.amount, found.owner, found.account_id, found.stage) == (Money.of("95000.50", "USD"), "33", "acme", "closedwon")
    assert hubspot.deals([{**DEAL, "amount": 5}], currency="EUR").said[0].amount == Money.of(5, "EUR")


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"is_deleted": "TRUE"}, "is_deleted"),
        ({"archived": True}, "archived"),
        ({"closedate": "2025-12-31T00:00:00Z"}, "closedate"),
        ({"createdate": ""}, "createdate"),
        ({"amount": "about 5"}, "amount"),
        ({"id": ""}, "id"),
        ({"properties": 7, "hs_is_closed": "perhaps"}, "hs_is_closed"),
    ],
)
def test_a_hubspot_deal_that_cannot_be_is_refused(more: dict[str, object], path: str) -> None:
    assert [one.problem.path for one in hubspot.deals([{**DEAL, **more}], currency="EUR").refused] == [path]


def test_a_hubspot_deal_may_count_milliseconds() -> None:
    (found,) = hubspot.deals([{**DEAL, "createdate": 1767607200000, "closedate": "1772442000000"}], currency="EUR").said
    assert (found.opened_at, found.closed_at) == (datetime(2026, 1, 5, 10, tzinfo=UTC), NINE)


def test_an_open_hubspot_deal_may_be_due_before_it_was_made() -> None:
    (found,) = hubspot.deals([{**DEAL, "dealstage": "9", "closedate": "2025-12-31T00:00:00Z"}], currency="EUR").said
    assert (found.won, found.close_date, found.closed_at) == (None, date(2025, 12, 31), None)


# ------------------------------------------------------------------------------------------------------------ Salesforce


def change(field: str, value: object = None, **more: object) -> dict[str, object]:
    return {"Id": "017x", "LeadId": "00Qx", "Field": field, "NewValue": value, "CreatedDate": "2026-03-02T09:00:00.000+0000", **more}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (change("created"), "captured"),
        (change("leadConverted"), "accepted"),
        (change("Status", "Working - Contacted"), "accepted"),
        (change("Status", "Working"), "accepted"),
        (change("Status", "Contacted"), "accepted"),
        (change("Status", "Nurturing"), "recycled"),
        (change("Status", "Qualified"), "discovery_completed"),
        (change("Owner", "00590000001"), "data_changed"),
        (change("Email", "ana@acme.example"), "data_changed"),
    ],
)
def test_a_lead_history_is_our_events(row: dict[str, object], said: str) -> None:
    """LC-2: the documented fields and the values of Salesforce's own picklist."""
    (told,) = salesforce.lead_history([{**row, "CreatedById": "005x"}]).told
    assert (told.record, told.said.id, told.said.event, told.said.at) == ("00Qx", "salesforce:017x", said, NINE)
    assert (told.said.actor, told.said.source) == ("005x", "salesforce")
    assert "ana@acme.example" not in repr(told.said.data)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            change("leadMerged"),
            "Field: saw leadMerged, expected a change that names its lead. Read the row of the lead that is gone with leads.",
        ),
        (
            change("Status", "Closed - Not Converted"),
            "NewValue: saw 'Closed - Not Converted', expected one of Contacted, Nurturing, Qualified, Working, Working - Contacted. "
            "Pass meanings that list it.",
        ),
        (
            change("created", IsDeleted="true"),
            'IsDeleted: saw true, expected a row that is not deleted. Pass deleted="read" to read it all the same.',
        ),
        (change("created", LeadId=""), "LeadId: saw nothing, expected a value: no row is read without it."),
        (change("created", CreatedDate=""), "CreatedDate: saw nothing, expected the instant at which it happened."),
    ],
)
def test_a_lead_history_that_says_too_little_is_refused(row: dict[str, object], message: str) -> None:
    assert problems(salesforce.lead_history([row])) == [message]


def test_a_row_in_the_recycle_bin_may_be_read_all_the_same() -> None:
    assert events(salesforce.lead_history([change("created", IsDeleted="true")], deleted="read")) == ["captured"]


def test_a_field_history_without_ids_is_told_apart_by_its_instants() -> None:
    rows = [change("Title", Id=None), change("Title", Id=None, CreatedDate="2026-03-02T09:00:01Z"), change("Title", Id=None)]
    batch = salesforce.lead_history(rows)
    assert [one.id for one in batch.said] == ["salesforce:00Qx:Title:2026-03-02T09:00:00Z", "salesforce:00Qx:Title:2026-03-02T09:00:01Z"]
    assert [one.number for one in batch.refused] == [2]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("created", None, "opportunity_opened"),
        ("opportunityCreatedFromLead", None, "opportunity_opened"),
        ("StageName", "Closed Won", "won"),
        ("StageName", "Closed Lost", "lost"),
        ("StageName", "Proposal/Price Quote", "proposal_sent"),
        ("StageName", "Negotiation/Review", "negotiation_started"),
        ("StageName", "Discovery", "stage_changed"),
        ("Amount", "95000", "data_changed"),
    ],
)
def test_an_opportunity_field_history_is_our_events(field: str, value: str | None, said: str) -> None:
    row = {"Id": "017x", "OpportunityId": "006x", "Field": field, "NewValue": value, "CreatedDate": ISO}
    (told,) = salesforce.opportunity_field_history([row]).told
    assert (told.record, told.said.event) == ("006x", said)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"StageName": "Discovery"}, "stage_changed"),
        ({"StageName": "Closed Won"}, "won"),
        ({"StageName": "hashed", "IsWon": "true", "IsClosed": "true"}, "won"),
        ({"StageName": "Closed Won", "IsWon": False, "IsClosed": True}, "lost"),
        ({"StageName": "hashed", "IsWon": "false", "IsClosed": "false"}, "stage_changed"),
    ],
)
def test_a_stage_history_believes_won_and_closed_first(more: dict[str, object], said: str) -> None:
    (told,) = salesforce.opportunity_history([{"OpportunityId": "006x", "CreatedDate": ISO, **more}]).told
    assert (told.record, told.said.event, told.said.at) == ("006x", said, NINE)


def test_a_stage_history_of_a_warehouse_is_dated_by_its_stretch() -> None:
    row = {"id": "006x", "_fivetran_start": "2026-03-02 9:00:00", "created_date": "2025-01-01 00:00:00", "stage_name": "Discovery"}
    assert salesforce.opportunity_history([row]).said[0].at == NINE
    assert [one.problem.path for one in salesforce.opportunity_history([{**row, "_fivetran_start": ""}]).refused] == ["_fivetran_start"]
    assert problems(salesforce.opportunity_history([{**row, "stage_name": ""}]))[0].startswith("stage_name: saw nothing")


LEAD = {"Id": "00Qx", "CreatedDate": "2026-03-02T09:00:00Z"}
DATES = (DateColumn("mql_date__c", "scored"), DateColumn("sal_date__c", "discovery_scheduled"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, [("captured", "2026-03-02T09:00:00+00:00", {})]),
        (
            {"IsConverted": "TRUE", "ConvertedDate": "2026-03-05 10:00:00"},
            [("captured", "2026-03-02T09:00:00+00:00", {}), ("accepted", "2026-03-05T10:00:00+00:00", {})],
        ),
        (
            {"IsConverted": "TRUE", "ConvertedDate": "2026-03-05", "ConvertedOpportunityId": "006x"},
            [
                ("captured", "2026-03-02T09:00:00+00:00", {}),
                ("opportunity_opened", "2026-03-05T00:00:00+00:00", {"opportunity": "006x"}),
            ],
        ),
        (
            {"IsConverted": "TRUE", "ConvertedDate": "2026-03-02"},
            [("captured", "2026-03-02T09:00:00+00:00", {}), ("accepted", "2026-03-02T09:00:00+00:00", {})],
        ),
        (
            {"IsDeleted": "true", "MasterRecordId": "00Qy", "LastModifiedDate": "2026-04-01T00:00:00Z"},
            [("captured", "2026-03-02T09:00:00+00:00", {}), ("merged", "2026-04-01T00:00:00+00:00", {"into": "00Qy"})],
        ),
        (
            {"IsDeleted": "true", "SystemModstamp": "2026-04-01T00:00:00Z"},
            [("captured", "2026-03-02T09:00:00+00:00", {}), ("deleted", "2026-04-01T00:00:00+00:00", {})],
        ),
        (
            {"MQL_Date__c": "2026-03-03T12:00:00Z"},
            [("captured", "2026-03-02T09:00:00+00:00", {}), ("scored", "2026-03-03T12:00:00+00:00", {})],
        ),
    ],
)
def test_a_lead_row_tells_what_it_dates(more: dict[str, object], said: list[tuple[str, str, dict[str, str]]]) -> None:
    batch = salesforce.leads([{**LEAD, **more}], [DateColumn("mql_date__c", "scored")])
    assert [(one.event, one.at.isoformat(), dict(one.data)) for one in batch.said] == said
    assert {told.record for told in batch.told} == {"00Qx"}


@pytest.mark.parametrize(
    ("converted", "stamps", "at"),
    [
        ("2026-03-02", {"mql_date__c": "2026-03-02T15:30:00Z"}, "2026-03-02T15:30:00+00:00"),
        ("2026-03-02", {"mql_date__c": "2026-03-02T15:30:00Z", "sal_date__c": "2026-03-02T12:00:00Z"}, "2026-03-02T15:30:00+00:00"),
        ("2026-03-02", {"mql_date__c": "2026-03-03T15:30:00Z"}, "2026-03-02T09:00:00+00:00"),  # on another day
        ("2026-03-05", {"mql_date__c": "2026-03-04T15:30:00Z"}, "2026-03-05T00:00:00+00:00"),
        ("2026-03-05", {"mql_date__c": "2026-03-05T15:30:00Z"}, "2026-03-05T15:30:00+00:00"),
        ("2026-03-05 00:00:00", {"mql_date__c": "2026-03-05T15:30:00Z"}, "2026-03-05T15:30:00+00:00"),  # a warehouse's date
        ("2026-03-05T11:00:00Z", {"mql_date__c": "2026-03-05T15:30:00Z"}, "2026-03-05T11:00:00+00:00"),  # an instant is believed
    ],
)
def test_a_conversion_without_a_time_comes_after_what_is_dated_on_its_day(converted: str, stamps: dict[str, str], at: str) -> None:
    """LC-11: else a lead that became an MQL and was converted on one day would be converted first."""
    row = {**LEAD, "IsConverted": "true", "ConvertedDate": converted, **stamps}
    (told,) = (one for one in salesforce.leads([row], DATES).said if one.event == "accepted")
    assert told.at.isoformat() == at


def test_what_a_lead_row_dates_at_one_instant_is_in_the_order_of_a_life() -> None:
    """LC-11: made, scored, converted, gone; whatever the letters of their ids."""
    row = {
        **LEAD,
        "IsConverted": "true",
        "ConvertedDate": "2026-03-02",
        "mql_date__c": ISO,
        "IsDeleted": "true",
        "SystemModstamp": ISO,
    }
    said = salesforce.leads([row], DATES).said
    assert [one.event for one in in_order(reversed(said))] == ["captured", "scored", "accepted", "deleted"]
    assert {one.at for one in said} == {NINE}


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"IsConverted": "true"}, "converted_date"),
        ({"IsConverted": "true", "ConvertedDate": "soon"}, "ConvertedDate"),
        ({"IsDeleted": "true"}, "last_modified_date"),
        ({"IsConverted": "perhaps"}, "IsConverted"),
    ],
)
def test_a_lead_row_that_contradicts_itself_is_refused(more: dict[str, object], path: str) -> None:
    batch = salesforce.leads([{**LEAD, **more}])
    assert (batch.told, [one.problem.path for one in batch.refused]) == ((), [path])


DEAL_ROW = {"Id": "006x", "AccountId": "001x", "OwnerId": "005x", "CreatedDate": "2026-03-02T09:00:00Z", "CloseDate": "2026-03-01"}


@pytest.mark.parametrize(
    ("more", "won", "closed"),
    [
        ({}, None, None),
        ({"IsClosed": "false", "IsWon": "false"}, None, None),
        ({"IsClosed": "true", "IsWon": "true"}, True, None),
        (
            {"IsClosed": "true", "IsWon": "false", "LastStageChangeDate": "2026-03-05T10:00:00Z"},
            False,
            datetime(2026, 3, 5, 10, tzinfo=UTC),
        ),
        ({"LastStageChangeDate": "2026-03-05T10:00:00Z"}, None, None),
    ],
)
def test_a_salesforce_opportunity_closes_at_an_instant_or_an_unknown_one(
    more: dict[str, object], won: bool | None, closed: datetime | None
) -> None:
    """A date is no instant; one before the creation is what real rows say."""
    (found,) = salesforce.opportunities([{**DEAL_ROW, **more}], currency="EUR").said
    assert (found.won, found.closed_at, found.close_date) == (won, closed, date(2026, 3, 1))
    assert (found.account_id, found.owner) == ("001x", "005x")


def test_a_salesforce_amount_is_in_the_currency_of_its_row() -> None:
    rows = [{**DEAL_ROW, "Amount": 95_000}, {**DEAL_ROW, "Id": "006y", "Amount": 95_000, "CurrencyIsoCode": "USD"}]
    assert [one.amount for one in salesforce.opportunities(rows, currency="EUR").said] == [Money.of(95_000, "EUR"), Money.of(95_000, "USD")]


def test_a_salesforce_opportunity_that_closed_before_it_was_made_is_refused() -> None:
    row = {**DEAL_ROW, "IsClosed": "true", "LastStageChangeDate": "2026-03-01T10:00:00Z"}
    (refused,) = salesforce.opportunities([row], currency="EUR").refused
    assert refused.problem.path == "LastStageChangeDate"
    assert refused.problem.saw == "2026-03-01T10:00:00+00:00, before 2026-03-02T09:00:00+00:00"


# --------------------------------------------------------------------------------------------------------------- Marketo


def activity(kind: object, **more: object) -> dict[str, object]:
    return {"id": 58851192, "leadId": 7, "activityTypeId": kind, "activityDate": ISO, **more}


@pytest.mark.parametrize(
    ("row", "kind", "content", "channel"),
    [
        (activity(1, primaryAttributeValue="www.acme.example/pricing"), "page_view", "/pricing", None),
        (activity(1, attributes=[{"name": "Webpage URL", "value": "/demo?x=1"}]), "page_view", "/demo", None),
        (activity(2, primaryAttributeValue="Contact us"), "contact_form", "Contact us", None),
        (activity(3, link="https://acme.example/a"), "page_view", "/a", None),
        (activity(10, primaryAttributeValue="Invite 3"), "email_open", "Invite 3", "email"),
        (activity(11, link="https://acme.example/guide.html"), "email_click", "/guide.html", "email"),
        (activity("11"), "email_click", None, "email"),
    ],
)
def test_what_a_person_did_is_an_activity(row: dict[str, object], kind: str, content: str | None, channel: str | None) -> None:
    (told,) = marketo.activities([row]).told
    assert isinstance(told.said, Activity)
    assert (told.record, told.said.id, told.said.kind, told.said.at) == ("7", "marketo:58851192", kind, NINE)
    assert (told.said.content, told.said.channel, told.said.contact_id) == (content, channel, "7")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (activity(12), [("7", "captured", {})]),
        (activity(21), [("7", "accepted", {})]),
        (activity(34), [("7", "opportunity_opened", {})]),
        (activity(29), [("7", "deleted", {})]),
        (activity(37), [("7", "deleted", {})]),
        (activity(8), [("7", "bounced", {"channel": "email"})]),
        (activity(9), [("7", "opted_out", {"channel": "email"})]),
        (activity(32, mergeIds="[8, 9]"), [("8", "merged", {"into": "7"}), ("9", "merged", {"into": "7"})]),
        (activity(32, merge_ids=[8], primaryAttributeValueId=6), [("8", "merged", {"into": "6"})]),
        (activity(13, primaryAttributeValue="Lead Status", newValue="Warm"), [("7", "data_changed", {"property": "Lead Status"})]),
        (activity(22, primaryAttributeValue="Behavior Score", newValue="12"), [("7", "data_changed", {"property": "Behavior Score"})]),
        (activity(101, attributes=[{"name": "New Stage", "value": "MQL"}]), [("7", "data_changed", {"property": "Revenue Stage"})]),
    ],
)
def test_what_happened_to_a_lead_is_an_event(row: dict[str, object], said: list[tuple[str, str, dict[str, str]]]) -> None:
    batch = marketo.activities([row])
    assert [(told.record, told.said.event, dict(told.said.data)) for told in batch.told if isinstance(told.said, Happened)] == said
    assert len({told.said.id for told in batch.told}) == len(said)


def test_a_changed_value_means_what_the_caller_says() -> None:
    ours = (
        Meanings.of("Lifecycle Status", {"MQL": "scored"}),
        Meanings.of("Revenue Stage", {"SQL": "discovery_scheduled"}),
    )
    rows = [
        activity(13, id=1, primaryAttributeValue="Lifecycle Status", newValue="MQL"),
        activity(101, id=2, newStage="SQL"),
        activity(13, id=3, primaryAttributeValue="Lifecycle Status", newValue="Other"),
        activity(13, id=4, primaryAttributeValue="Lifecycle Status", newValue=""),
    ]
    batch = marketo.activities(rows, ours)
    assert events(batch) == ["scored", "discovery_scheduled"]
    assert [one.problem.saw for one in batch.refused] == ["'Other'", "nothing"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            activity(6),
            "activityTypeId: saw 6, Send Email, expected a type that is a kind of activity or an event. Pass types that say what it is.",
        ),
        (activity(999), "activityTypeId: saw 999, expected a type that is a kind of activity or an event. Pass types that say what it is."),
        (activity(""), "activityTypeId: saw nothing, expected the number of a type of activity."),
        (activity(32), "merge_ids: saw nothing, expected the ids of the leads that went into this one."),
        (activity(32, mergeIds="[7]"), "mergeIds: saw '[7]', expected ids of leads other than the one they went into."),
        (activity(32, mergeIds="[]"), "mergeIds: saw '[]', expected ids of leads other than the one they went into."),
        (activity(32, mergeIds="[8, x]"), "mergeIds: saw '[8, x]', expected ids of leads other than the one they went into."),
        (activity(13), "primary_attribute_value: saw nothing, expected a value: no row is read without it."),
        (activity(12, leadId=None), "leadId: saw nothing, expected a value: no row is read without it."),
    ],
)
def test_an_activity_that_says_too_little_is_refused(row: dict[str, object], message: str) -> None:
    assert problems(marketo.activities([row])) == [message]


def test_types_of_your_own_come_first() -> None:
    """A form that asks for a demo is a demo request; a custom activity has a number of its own."""
    types = (
        ActivityType(2, "Fill Out Form", kind="demo_request"),
        ActivityType(100_001, "Attended", kind="event_attendance"),
        *marketo.TYPES,
    )
    assert events(marketo.activities([activity(2), activity(100_001, id=2)], types=types)) == ["demo_request", "event_attendance"]


# ---------------------------------------------------------------------------------------------------------------- Pardot


def visitor(number: object, name: str = "", **more: object) -> dict[str, object]:
    return {"id": 1, "prospect_id": 7, "type": number, "type_name": name, "created_at": "2026-03-02 09:00:00 UTC", **more}


@pytest.mark.parametrize(
    ("number", "name", "said"),
    [
        (1, "Email", "email_click"),
        (1, "Email Tracker", "email_click"),
        (1, "File", "content_download"),
        (1, "Custom Redirect", "page_view"),
        (2, "File", "content_download"),
        (2, "Page View", "page_view"),
        (4, "Form", "contact_form"),
        (8, "New Opportunity", "opportunity_opened"),
        (9, "Opportunity Won", "won"),
        (10, "Opportunity Lost", "lost"),
        (11, "Email", "email_open"),
        (12, "Email", "opted_out"),
        (13, "Email", "bounced"),
        (14, "Email", "opted_out"),
        (16, "Email", "opted_in"),
        (20, "Visit", "visit"),
        (24, "Webinar", "webinar_attendance"),
        (25, "Webinar", "webinar_registration"),
        (29, "Event", "event_attendance"),
        (35, "Email", "opted_out"),
        (36, "Email", "bounced"),
        (37, "Email", "opted_in"),
    ],
)
def test_a_visitor_activity_is_told_by_its_type(number: int, name: str, said: str) -> None:
    (told,) = pardot.visitor_activities([visitor(number, name)]).told
    assert (told.record, told.said.id, told.said.at) == ("7", "pardot:1", NINE)
    assert said in {getattr(told.said, "kind", None), getattr(told.said, "event", None)}


def test_a_visitor_activity_keeps_what_it_is_about() -> None:
    (told,) = pardot.visitor_activities([visitor(11, "Email", details="Invite 3", campaign_id=77640)]).said
    assert isinstance(told, Activity)
    assert (told.content, told.campaign, told.channel, told.contact_id) == ("Invite 3", "77640", "email", "7")
    (visit,) = pardot.visitor_activities([visitor(20)]).said
    assert isinstance(visit, Activity)
    assert (visit.content, visit.channel) == (None, None)


@pytest.mark.parametrize("number", [3, 5, 6, 7, 15, 17, 18, 19, 22, 23, 28, 30, 31, 32, 33, 38])
def test_a_visitor_activity_that_is_nobodys_doing_is_refused_by_number_and_name(number: int) -> None:
    (refused,) = pardot.visitor_activities([visitor(number)]).refused
    assert refused.problem.saw.startswith(f"{number}, ")


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"prospect_id": ""}, "prospect_id"),
        ({"type": ""}, "type"),
        ({"type": 99}, "type"),
        ({"created_at": "2026-03-02 09:00:00"}, "created_at"),
    ],
)
def test_a_visitor_activity_that_says_too_little_is_refused(more: dict[str, object], path: str) -> None:
    """The API writes the zone of its user: without one an instant is not known."""
    assert [one.problem.path for one in pardot.visitor_activities([{**visitor(20), **more}]).refused] == [path]


def test_a_named_zone_reads_pardots_own_times() -> None:
    rows = [visitor(20, created_at="2026-07-01 09:00:00")]
    assert pardot.visitor_activities(rows, zone="America/New_York").said[0].at == datetime(2026, 7, 1, 13, tzinfo=UTC)
    with pytest.raises(FactError, match="expected the name of an IANA time zone"):
        pardot.visitor_activities(rows, zone="New York")


PARDOT_DEAL = {
    "id": "1",
    "created_at": "2026-01-05 10:00:00 UTC",
    "closed_at": "2026-03-02 09:00:00 UTC",
    "value": "50000.0",
    "stage": "6 - Won",
}


@pytest.mark.parametrize(("status", "won", "closed"), [("Won", True, NINE), ("Lost", False, NINE), ("Open", None, None)])
def test_a_pardot_opportunity_is_won_lost_or_open(status: str, won: bool | None, closed: datetime | None) -> None:
    (found,) = pardot.opportunities([{**PARDOT_DEAL, "status": status}], currency="USD", prospects={"1": ["7", "8"]}).said
    assert (found.won, found.closed_at, found.close_date, found.stage) == (won, closed, date(2026, 3, 2), "6 - Won")
    assert (found.amount, found.lead_ids) == (Money.of(50_000, "USD"), ("7", "8"))


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"status": "won"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "Won", "closed_at": "2026-01-05 09:59:59 UTC"}, "closed_at"),
        ({"status": "Won", "value": "$5"}, "value"),
        ({"status": "Won", "created_at": "2026-01-05 10:00:00"}, "created_at"),
    ],
)
def test_a_pardot_opportunity_that_cannot_be_is_refused(more: dict[str, object], path: str) -> None:
    assert [one.problem.path for one in pardot.opportunities([{**PARDOT_DEAL, **more}], currency="USD").refused] == [path]


def test_an_open_pardot_opportunity_without_dates_is_read() -> None:
    (found,) = pardot.opportunities([{"id": "1", "created_at": "2026-01-05 10:00:00 UTC", "status": "Open"}], currency="USD").said
    assert (found.close_date, found.closed_at, found.amount, found.lead_ids) == (None, None, None, ())


def test_a_deal_that_closed_at_the_instant_of_its_creation_is_read() -> None:
    """The creation is the earliest end."""
    deal = hubspot.deals([{**DEAL, "closedate": DEAL["createdate"]}], currency="EUR").said[0]
    row = salesforce.opportunities([{**DEAL_ROW, "IsClosed": "true", "LastStageChangeDate": ISO}], currency="EUR").said[0]
    other = pardot.opportunities([{**PARDOT_DEAL, "status": "Won", "closed_at": "2026-01-05 10:00:00 UTC"}], currency="USD").said[0]
    assert all(one.closed_at == one.opened_at for one in (deal, row, other))


# ---------------------------------------------------------------------------------------------------------------- lives

MACHINE = Engine(Policy()).compiled.lifecycle.machine("lead")


def lives(batch: Batch[Any], stage: str) -> dict[str, Rebuilt]:
    """Every record of a batch, folded by the shipped lead machine from that stage on."""
    return {
        record: lifecycle.rebuild(MACHINE, lifecycle.start(MACHINE, record, at=told[0].at, stage=stage), told)
        for record, told in exports.happened(batch).items()
    }


def entered(rebuilt: Rebuilt) -> list[tuple[str, bool]]:
    """The stages after the start, each with whether it was only inferred."""
    return [(visit.entry.stage, visit.entry.inferred) for visit in history.visits(rebuilt.record)][1:]


HUBSPOT_ROWS = [
    {"contact_id": "151", "name": name, "value": value, "timestamp": f"2026-03-{day:02}T09:00:00Z"}
    for day, name, value in [
        (6, "lifecyclestage", "customer"),
        (5, "lifecyclestage", "opportunity"),
        (4, "lifecyclestage", "salesqualifiedlead"),
        (3, "lifecyclestage", "marketingqualifiedlead"),
        (2, "lifecyclestage", "lead"),
        (1, "lifecyclestage", "subscriber"),
        (7, "lifecyclestage", "evangelist"),
        (2, "email", "ana@acme.example"),
    ]
]
SALESFORCE_ROWS = [
    {**LEAD, "mql_date__c": "2026-03-02T15:30:00Z", "IsConverted": "true", "ConvertedDate": "2026-03-02"},
    {**LEAD, "Id": "00Qy", "IsConverted": "true", "ConvertedDate": "2026-03-05", "ConvertedOpportunityId": "006x"},
    {**LEAD, "Id": "00Qz", "IsDeleted": "true", "MasterRecordId": "00Qx", "LastModifiedDate": "2026-04-01T00:00:00Z"},
]
MARKETO_ROWS = [
    activity(12, id=1, activityDate="2026-03-01T09:00:00Z"),
    activity(11, id=2, activityDate="2026-03-02T09:00:00Z"),
    activity(101, id=3, activityDate="2026-03-03T09:00:00Z", newStage="MQL"),
    activity(8, id=4, activityDate="2026-03-03T10:00:00Z"),
    activity(21, id=5, activityDate="2026-03-04T09:00:00Z"),
    activity(34, id=6, activityDate="2026-03-05T09:00:00Z"),
]
PARDOT_ROWS = [
    visitor(4, "Form", id=1, created_at="2026-03-01 09:00:00 UTC"),
    visitor(8, "New Opportunity", id=2, created_at="2026-03-02 09:00:00 UTC"),
    visitor(9, "Opportunity Won", id=3, created_at="2026-03-03 09:00:00 UTC"),
    visitor(12, "Email", id=4, created_at="2026-03-02 10:00:00 UTC"),
]


@pytest.mark.parametrize(
    ("batch", "stage", "told", "refused"),
    [
        pytest.param(
            hubspot.property_history(HUBSPOT_ROWS),
            "SUBSCRIBER",
            {"151": [("LEAD", False), ("MQL", False), ("SAL", True), ("SQL", False), ("SQO", False), ("CLOSED_WON", False)]},
            {"unknown_event": 2},  # spoke for us, and a new address: another machine's, and nobody's
            id="hubspot",
        ),
        pytest.param(
            salesforce.leads(SALESFORCE_ROWS, DATES),
            "LEAD",
            {
                "00Qx": [("MQL", False), ("SAL", False)],
                "00Qy": [("MQL", True), ("SAL", True), ("SQL", True), ("SQO", False)],
                "00Qz": [("MERGED", False)],
            },
            {"not_from_here": 3},  # the capture of what is a lead already
            id="salesforce",
        ),
        pytest.param(
            marketo.activities(MARKETO_ROWS, [Meanings.of("Revenue Stage", {"MQL": "scored"})]),
            "SUBSCRIBER",
            {"7": [("LEAD", True), ("MQL", False), ("SAL", False), ("SQL", True), ("SQO", False)]},
            {"unknown_event": 1},  # a bounce
            id="marketo",
        ),
        pytest.param(
            pardot.visitor_activities(PARDOT_ROWS),
            "LEAD",
            {"7": [("MQL", True), ("SAL", True), ("SQL", True), ("SQO", False), ("CLOSED_WON", False)]},
            {"unknown_event": 1},  # an unsubscription
            id="pardot",
        ),
    ],
)
def test_what_a_system_tells_is_a_life(
    batch: Batch[Any], stage: str, told: dict[str, list[tuple[str, bool]]], refused: dict[str, int]
) -> None:
    """Issue 3, 3 and 9, LC-10: the shipped lead machine folds what the rows tell, and says what is no event of a lead."""
    found = lives(batch, stage)
    assert {record: entered(rebuilt) for record, rebuilt in found.items()} == told
    assert Counter(one.code for rebuilt in found.values() for one in rebuilt.refused) == refused
    assert not batch.refused


def test_the_activities_of_a_batch_are_those_of_its_leads() -> None:
    (clicked,) = exports.activities(marketo.activities(MARKETO_ROWS, [Meanings.of("Revenue Stage", {"MQL": "scored"})]))["7"]
    (filled,) = exports.activities(pardot.visitor_activities(PARDOT_ROWS))["7"]
    assert (clicked.kind, filled.kind) == ("email_click", "contact_form")


# ---------------------------------------------------------------------------------------------------------------- all four


Reading = Callable[[Iterable[Mapping[str, object]]], Batch[Any]]

READERS: dict[str, Reading] = {
    "hubspot.property_history": hubspot.property_history,
    "hubspot.deal_stages": hubspot.deal_stages,
    "hubspot.webhooks": hubspot.webhooks,
    "hubspot.contacts": hubspot.contacts,
    "hubspot.deals": lambda rows: hubspot.deals(rows, currency="EUR"),
    "salesforce.lead_history": salesforce.lead_history,
    "salesforce.opportunity_field_history": salesforce.opportunity_field_history,
    "salesforce.opportunity_history": salesforce.opportunity_history,
    "salesforce.leads": salesforce.leads,
    "salesforce.opportunities": lambda rows: salesforce.opportunities(rows, currency="EUR"),
    "marketo.activities": marketo.activities,
    "pardot.visitor_activities": pardot.visitor_activities,
    "pardot.opportunities": lambda rows: pardot.opportunities(rows, currency="EUR"),
}

ODD: list[Any] = [
    None,
    7,
    "row",
    [],
    {},
    {"id": None},
    {"id": []},
    {None: ["x"]},
    {"id": "1", "type": {}},
    {"id": "1", "attributes": ["x", {}]},
]


@pytest.mark.parametrize("name", READERS)
def test_what_is_no_row_is_a_refusal_and_never_another_error(name: str) -> None:
    batch = READERS[name](ODD)
    assert (batch.rows, len(batch.told), len(batch.refused)) == (len(ODD), 0, len(ODD))


@pytest.mark.parametrize("name", READERS)
def test_one_row_is_not_a_table(name: str) -> None:
    row: Any = {"id": "1"}
    with pytest.raises(FactError, match="expected a list of rows"):
        READERS[name](row)


def test_the_tables_of_types_name_each_type_once() -> None:
    """A second row of a number would never be reached, unless it is about something else."""
    for types in (marketo.TYPES, pardot.TYPES):
        keys = [(one.id, one.about) for one in types]
        assert len(keys) == len(set(keys))
        assert all(not (one.kind and one.event) for one in types)
    assert {one.id for one in pardot.TYPES} == set(range(1, 39))
