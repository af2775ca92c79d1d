"""Segment and RudderStack: calls become activities, events and facts of leads, or are refused by name.

The calls are written from the documented fields of both systems; nobody's real stream is read here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from inbound_engine import exports, intake
from inbound_engine.adapters import segment
from inbound_engine.adapters.segment import CallType
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.exports import Batch
from inbound_engine.facts import Activity, Lead
from inbound_engine.history import Happened
from inbound_engine.policy import Policy

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISO = "2026-03-02T09:00:00.000Z"
OURS = (
    CallType("track", "Demo Requested", kind="demo_request"),
    CallType("track", "Asset Downloaded", kind="content_download", content="asset"),
    CallType("page", "Thank you", kind="contact_form"),
    *segment.TYPES,
)

# The documented example of a `page` call, less what no room reads.
PAGE = {
    "anonymousId": "507f191e810c19729de860ea",
    "channel": "browser",
    "context": {
        "campaign": {
            "name": "TPS Innovation Newsletter",
            "source": "Newsletter",
            "medium": "email",
            "term": "tps reports",
            "content": "image link",
        },
        "ip": "8.8.8.8",
        "page": {"path": "/academy/", "referrer": "", "search": "", "title": "Analytics Academy", "url": "https://acme.example/academy/"},
    },
    "messageId": "022bb90c-bbac-11e4-8dfc-aa07a5b093db",
    "name": "Home",
    "properties": {"title": "Welcome | Initech", "url": "https://www.initech.example/pricing?utm_source=lost"},
    "receivedAt": "2015-02-23T22:28:55.387Z",
    "sentAt": "2015-02-23T22:28:55.111Z",
    "timestamp": "2015-02-23T22:28:54.999Z",
    "type": "page",
    "userId": "97980cfea0067",
    "version": "1.1",
}


def track(event: object, **more: object) -> dict[str, object]:
    return {"type": "track", "messageId": f"m-{event}", "userId": "7", "event": event, "timestamp": ISO, **more}


def identify(name: str, **more: object) -> dict[str, object]:
    return {"type": "identify", "messageId": name, "userId": "7", "timestamp": ISO, **more}


def only(batch: Batch[Activity | Happened]) -> Activity:
    (said,) = batch.said
    assert isinstance(said, Activity)
    return said


def problem(batch: Batch[Activity | Happened] | Batch[segment.Profile]) -> str:
    assert batch.told == ()
    (refused,) = batch.refused
    return str(refused.problem)


# ----------------------------------------------------------------------------------------------------------- activities


def test_the_documented_page_is_a_page_view() -> None:
    """`timestamp` is when it happened, `receivedAt` when it was known; the campaign goes before the parameters of the link."""
    (told,) = segment.activities([PAGE]).told
    assert told.record == "97980cfea0067"
    assert told.said == Activity(
        id="segment:022bb90c-bbac-11e4-8dfc-aa07a5b093db",
        kind="page_view",
        at=datetime(2015, 2, 23, 22, 28, 54, 999_000, tzinfo=UTC),
        recorded_at=datetime(2015, 2, 23, 22, 28, 55, 387_000, tzinfo=UTC),
        content="/academy/",
        campaign="TPS Innovation Newsletter",
        utm={
            "campaign": "TPS Innovation Newsletter",
            "content": "image link",
            "medium": "email",
            "source": "Newsletter",
            "term": "tps reports",
        },
        contact_id="97980cfea0067",
    )


@pytest.mark.parametrize(
    ("event", "kind", "channel"),
    [
        ("Email Opened", "email_open", "email"),
        ("Email Link Clicked", "email_click", "email"),
        ("Trial Started", "trial_signup", None),
        ("Demo Requested", "demo_request", None),
    ],
)
def test_a_listed_name_is_an_activity(event: str, kind: str, channel: str | None) -> None:
    """SC-8: what a name means is a table, of Segment's own names and of those that the caller adds."""
    said = only(segment.activities([track(event)], types=OURS))
    assert (said.kind, said.channel, said.at, said.recorded_at, said.contact_id) == (kind, channel, NINE, None, "7")


@pytest.mark.parametrize(
    ("event", "means"), [("Email Bounced", "bounced"), ("Email Marked as Spam", "opted_out"), ("Unsubscribed", "opted_out")]
)
def test_what_ends_a_cadence_is_an_event_of_the_record(event: str, means: str) -> None:
    """CD-7: exits."""
    (told,) = segment.activities([track(event, receivedAt="2026-03-02T09:00:01Z")]).told
    assert told.said.__class__ is Happened
    assert (told.record, told.said) == (
        "7",
        Happened(
            id=f"segment:m-{event}",
            at=NINE,
            event=means,
            data={"channel": "email"},
            recorded_at=NINE + timedelta(seconds=1),
            source="segment",
        ),
    )


@pytest.mark.parametrize(
    ("call", "content", "utm"),
    [
        (track("Demo Requested"), None, {}),
        (track("Demo Requested", properties={"path": "/demo"}, context={"page": {"path": "/other"}}), "/demo", {}),
        (track("Demo Requested", context={"page": {"url": "https://acme.example/demo?utm_source=news&x=1"}}), "/demo", {"source": "news"}),
        (
            track(
                "Demo Requested",
                context={"page": {"url": "https://acme.example/?utm_source=news&utm_term=crm"}, "campaign": {"source": "ads"}},
            ),
            "/",
            {"source": "ads", "term": "crm"},
        ),
        (
            track("Demo Requested", context={"campaign": {"name": "spring", "utm_id": "42", "Audience": "cfo", "term": " "}}),
            None,
            {"campaign": "spring", "id": "42", "audience": "cfo"},
        ),
        (track("Demo Requested", context={"campaign": None, "page": None}), None, {}),
        (track("Asset Downloaded", properties={"asset": "Guide", "path": "/guide"}), "Guide", {}),
        (track("Asset Downloaded", properties={"path": "/guide"}), None, {}),
        (
            track("Email Link Clicked", properties={"link_url": "https://acme.example/pricing?utm_campaign=spring"}),
            "/pricing",
            {"campaign": "spring"},
        ),
        (track("Email Opened", context={"page": {"url": "https://acme.example/pricing", "path": "/pricing"}}), None, {}),
    ],
)
def test_what_was_seen_and_where_it_came_from(call: Mapping[str, object], content: str | None, utm: dict[str, str]) -> None:
    """AT-7, UT-1: parameters are kept letter for letter, under their names without `utm_`."""
    said = only(segment.activities([call], types=OURS))
    assert (said.content, dict(said.utm), said.campaign) == (content, utm, utm.get("campaign"))


def test_an_email_names_its_campaign_where_no_parameter_does() -> None:
    opened = track("Email Opened", properties={"campaign_name": "New Customer Discount"})
    assert only(segment.activities([opened])).campaign == "New Customer Discount"
    assert only(segment.activities([{**opened, "context": {"campaign": {"name": "spring"}}}])).campaign == "spring"
    assert only(segment.activities([track("Demo Requested", properties={"campaign_name": "x"})], types=OURS)).campaign is None


def test_the_first_type_that_fits_counts() -> None:
    """A page of a name goes before every page."""
    thanks, home = {**PAGE, "name": "Thank you"}, {**PAGE, "messageId": "m-2", "name": None}
    assert [getattr(said, "kind", None) for said in segment.activities([thanks, home], types=OURS).said] == ["contact_form", "page_view"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            track("Email Opend"),
            "event: saw 'Email Opend', expected a name that is a kind of activity or an event. Did you mean \"Email Opened\"?",
        ),
        (
            track("Wish"),
            "event: saw 'Wish', expected a name that is a kind of activity or an event. Pass types that say what it is.",
        ),
        (
            track("Email Delivered"),
            "event: saw 'Email Delivered', expected a name that is a kind of activity or an event. Pass types that say what it is.",
        ),
        (track(None), "event: saw nothing, expected a value: no row is read without it."),
        (track(3.5), "event: saw 3.5, expected text."),
        (
            {**track("x"), "type": "screen", "name": "Settings"},
            "name: saw 'Settings', expected a name that is a kind of activity or an event. Pass types that say what it is.",
        ),
        (
            identify("m"),
            "type: saw 'identify', expected one of page, screen, track. `people` reads who somebody is, `users` who they were.",
        ),
        ({**track("x"), "type": ""}, "type: saw nothing, expected a value: no row is read without it."),
        ({**PAGE, "messageId": None}, "messageId: saw nothing, expected a value: no row is read without it."),
        ({**PAGE, "timestamp": None}, "timestamp: saw nothing, expected the instant at which it happened."),
        (
            {**PAGE, "timestamp": "2026-03-02T09:00:00"},
            "timestamp: saw '2026-03-02T09:00:00', without an offset, expected an instant with its offset. "
            "Or pass the zone that it was written in.",
        ),
        (
            {**PAGE, "userId": None, "anonymousId": " "},
            "userId: saw nothing, expected a userId or an anonymousId. A call that is about nobody is no activity.",
        ),
        ({**PAGE, "context": {"campaign": {"source": ["a"]}}}, "context.campaign.source: saw a list of 1, expected text."),
        ("page", ": saw 'page', expected a row: a table of columns."),
    ],
)
def test_a_call_that_cannot_be_read_is_refused_with_its_path(call: Mapping[str, object], message: str) -> None:
    assert problem(segment.activities([call])) == message.removeprefix(": ")


def test_a_stream_that_is_no_list_is_an_error() -> None:
    with pytest.raises(FactError, match="rows: saw a table of 12, expected a list of rows"):
        segment.activities(PAGE)  # type: ignore[arg-type]  # one call alone


def test_a_call_counts_once_however_often_it_is_delivered() -> None:
    """By its `messageId`, also when a later delivery knows more; what could not be read was not delivered."""
    broken = {**PAGE, "timestamp": "soon"}
    anonymous = {**PAGE, "userId": None}
    batch = segment.activities([broken, anonymous, PAGE, PAGE])
    assert [(told.row, told.record) for told in batch.told] == [(1, "507f191e810c19729de860ea")]
    assert [(one.number, one.id, one.problem.path) for one in batch.refused] == [
        (0, PAGE["messageId"], "timestamp"),
        (2, PAGE["messageId"], "messageId"),
        (3, PAGE["messageId"], "messageId"),
    ]
    assert batch.refused[1].problem.hint == "The first of several deliveries counts."


def test_calls_are_ordered_by_when_they_happened() -> None:
    """Phones deliver late: `sentAt` and `receivedAt` order nothing."""
    late = {**PAGE, "messageId": "m-1", "timestamp": "2026-03-02T09:00:00Z", "receivedAt": "2026-03-02T12:00:00Z"}
    soon = {**PAGE, "messageId": "m-2", "timestamp": "2026-03-02T10:00:00Z", "receivedAt": "2026-03-02T10:00:01Z"}
    done = exports.activities(segment.activities([soon, late]))
    assert [activity.id for activity in done["97980cfea0067"]] == ["segment:m-1", "segment:m-2"]


# ---------------------------------------------------------------------------------------------------------------- users


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([], {}),
        ([{"anonymousId": "a"}, {"userId": "7"}], {}),
        ([{"anonymousId": "a", "userId": "7"}, {"anonymousId": "a", "userId": "7"}], {"a": "7"}),
        ([{"anonymousId": "a", "userId": "7"}, {"anonymousId": "a", "userId": "8"}], {}),
        ([{"anonymousId": "b", "userId": 7}, {"type": "alias", "previousId": "a", "userId": 7}], {"a": "7", "b": "7"}),
        (["call", {"anonymousId": "a", "userId": ["7"]}, {"anonymousId": "a", "userId": "7"}], {"a": "7"}),
    ],
)
def test_who_the_unknown_turned_out_to_be(calls: list[object], found: dict[str, str]) -> None:
    """AT-4, LC-12: anonymous visits are of one person once a call says whose; a browser that two people share is nobody's."""
    assert segment.users(calls) == found


def test_visits_from_before_somebody_was_known_are_theirs() -> None:
    before = {**PAGE, "userId": None}
    known = segment.users([before, identify("m-1", anonymousId=PAGE["anonymousId"])])
    (without,), (told,) = segment.activities([before]).told, segment.activities([before], users=known).told
    assert (without.record, getattr(without.said, "contact_id", "")) == ("507f191e810c19729de860ea", None)
    assert (told.record, getattr(told.said, "contact_id", "")) == ("7", "7")


# --------------------------------------------------------------------------------------------------------------- people


def test_the_documented_identify_and_group_say_who_somebody_is() -> None:
    """Reserved traits in either spelling; an address, a plan and what else is listed nowhere are left alone."""
    traits = {"name": "Peter Gibbons", "email": "peter@example.com", "plan": "premium", "logins": 5, "address": {"country": "USA"}}
    company = {"id": 12, "name": "Initech", "employeeCount": 329, "plan": "enterprise"}
    person, group = segment.people(
        [
            identify("m-1", traits={**traits, "company": company}),
            {
                **identify("m-2"),
                "type": "group",
                "groupId": "acct_123",
                "traits": {"Name": "Initech", "industry": "Technology", "employees": "329"},
            },
        ]
    ).said
    assert (person.id, person.at, person.account) == ("m-1", NINE, "12")
    assert person.facts == (
        ("name", "Peter Gibbons"),
        ("email", "peter@example.com"),
        ("account.name", "Initech"),
        ("account.employees", 329),
    )
    assert (group.account, group.facts) == (
        "acct_123",
        (("account.name", "Initech"), ("account.industry", "Technology"), ("account.employees", "329")),
    )
    assert "peter" not in repr(person)


def test_the_account_of_a_call_is_that_of_its_context_before_its_company() -> None:
    call = identify("m", context={"groupId": "acct_1"}, traits={"company": {"id": "acct_2"}})
    assert segment.people([call]).said[0].account == "acct_1"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (PAGE, "type: saw 'page', expected one of group, identify. `activities` reads what somebody did."),
        (
            identify("m", traits={"plan": "premium", "email": None}),
            "traits: saw nothing that is a fact, expected one of company.employee_count, company.industry, company.name, email, name, "
            "title. Pass traits that list yours.",
        ),
        ({**identify("m"), "type": "group", "traits": {"name": "x"}}, "groupId: saw nothing, expected a value: no row is read without it."),
        (identify("m", traits={"name": "Ana"}, timestamp=None), "timestamp: saw nothing, expected the instant at which it happened."),
        (
            identify("m", traits={"first_name": "A", "firstName": "B"}),
            "traits.firstName: saw another value than under 'traits.first_name', expected one column of that name.",
        ),
    ],
)
def test_a_call_that_says_nothing_of_anybody_is_refused(call: Mapping[str, object], message: str) -> None:
    traits = {"firstName": "name"} if "firstName" in str(call) else segment.TRAITS
    assert problem(segment.people([call], traits=traits)) == message


def test_a_profile_counts_once_however_often_it_is_delivered() -> None:
    call = identify("m", traits={"email": "ana@acme.example"})
    batch = segment.people([call, call])
    assert (len(batch.told), [one.problem.path for one in batch.refused]) == (1, ["messageId"])


def test_traits_of_the_sellers_own_are_facts_once_a_table_says_so() -> None:
    call = identify("m", traits={"address": {"country": "de"}, "jobTitle": "CFO"})
    batch = segment.people([call], traits={"address.country": "country", "job_title": "title"})
    assert intake.lead(segment.records(batch)[0]) == Lead(id="7", country="DE", title="CFO")


CALLS = [
    identify("m-1", traits={"email": "ana@acme.example", "title": "Analyst", "company": {"name": "Acme"}}),
    identify("m-2", timestamp="2026-03-03T09:00:00Z", traits={"title": "CFO", "email": None}),
    {**identify("m-3", timestamp="2026-03-02T10:00:00Z"), "type": "group", "groupId": "acme", "traits": {"industry": "fintech"}},
    {
        **identify("m-4", timestamp="2026-03-03T10:00:00Z"),
        "type": "group",
        "userId": "8",
        "groupId": "acme",
        "traits": {"employees": "240"},
    },
    {**identify("m-5"), "type": "group", "userId": None, "anonymousId": "a", "groupId": "other", "traits": {}},
    {**identify("m-6", timestamp="2026-03-04T09:00:00Z"), "type": "group", "userId": "8", "groupId": "beta", "traits": {"name": "Beta"}},
]


def test_a_record_has_what_was_said_last_in_whatever_order_calls_arrive() -> None:
    """FD-4, and FD-6: what a call does not say stays as it was said before."""
    expected = (
        {
            "id": "7",
            "email": "ana@acme.example",
            "title": "CFO",
            "account": {"id": "acme", "name": "Acme", "industry": "fintech", "employees": "240"},
        },
        {"id": "8", "account": {"id": "beta", "name": "Beta"}},
        {"id": "a", "account": {"id": "other"}},
    )
    assert [calls for calls in permutations(CALLS) if segment.records(segment.people(calls)) != expected] == []


def test_what_was_said_at_one_instant_is_ordered_by_the_call() -> None:
    calls = [identify(name, traits={"title": title}) for name, title in (("m-2", "CFO"), ("m-1", "CEO"))]
    assert segment.records(segment.people(calls))[0]["title"] == "CFO"


def test_of_several_batches_a_call_counts_once_and_somebody_without_a_company_has_no_account() -> None:
    batch = segment.people([identify("m-1", traits={"title": "CFO"})])
    again = segment.people([identify("m-1", traits={"title": "CEO"})])
    assert segment.records(batch, again) == ({"id": "7", "title": "CFO"},)
    assert segment.records() == ()


# ------------------------------------------------------------------------------------------------------ the whole of it


def test_a_stream_becomes_leads_that_the_engine_assesses() -> None:
    """Every call is told by one of both readers; the lead has the visits from before it was known."""
    stream: list[Mapping[str, object]] = [
        {**PAGE, "messageId": "m-0", "userId": None, "anonymousId": "a", "timestamp": "2026-03-01T09:00:00Z"},
        identify("m-1", anonymousId="a", traits={"email": "ana@acme.example", "title": "VP Sales", "company": {"employee_count": 240}}),
        track("Demo Requested", timestamp="2026-03-02T09:01:00Z"),
        track("Unsubscribed", timestamp="2026-03-02T09:02:00Z"),
    ]
    known = segment.users(stream)
    calls, people = segment.activities(stream, types=OURS, users=known), segment.people(stream, users=known)
    assert sorted(told.row for told in (*calls.told, *people.told)) == [0, 1, 2, 3]
    done = exports.activities(calls)
    (lead,) = intake.leads({**record, "activities": done.get(str(record["id"]))} for record in segment.records(people)).leads
    assert [activity.kind for activity in lead.activities or ()] == ["page_view", "demo_request"]
    assessed = Engine(Policy()).assess(lead, at=datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert assessed.urgency.points == 65  # under 7 days, pricing or demo, demo: 3 x 25 + 3 x 25 + 3 x 15 of 300
    assert [event.event for event in exports.happened(calls)["7"]] == ["opted_out"]
