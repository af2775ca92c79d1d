"""CloudEvents 1.0: what the specification requires of an attribute holds for what is written, and is asked of what is read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve, frozen

from inbound_engine import intake, vocabulary
from inbound_engine.adapters import cloudevents
from inbound_engine.decisions import Plain
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Outreach, to_dict
from inbound_engine.vocabulary import FactsDocument

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCE = "https://crm.acme.example/inbound"
PREFIX = "com.acme.inbound"


@frozen
class Due:
    """An action, as a case gives it."""

    key: str = "L-1/sla/escalate"
    kind: str = "escalate"
    lead_id: str = "L-1"
    at: datetime = NINE

    def to_dict(self) -> dict[str, Plain]:
        return {"lead_id": self.lead_id, "to": "maya", "steps": [1, None]}


VIEW: Mapping[str, object] = {
    "specversion": "1.0",
    "id": "17",
    "source": "/shop",
    "type": "com.acme.viewed",
    "time": "2026-03-02T10:00:00+01:00",
    "data": {"kind": "page_view", "content": "pricing"},
}
CALL: Mapping[str, object] = {
    "specversion": "1.0",
    "id": "9",
    "source": "/dialler",
    "type": "com.acme.called",
    "data": {"id": "c-1", "lead_id": "L-1", "rep": "maya", "channel": "call", "human": True, "at": "2026-03-02T09:04:00Z"},
}


def refusal(action: Due, source: str = SOURCE, prefix: str = PREFIX) -> str:
    with pytest.raises(FactError) as raised:
        cloudevents.event(action, source=source, prefix=prefix)
    return str(raised.value)


# -------------------------------------------------------------------------------------------------------------- written


def test_an_action_is_an_event_with_every_required_attribute() -> None:
    """The four that are required, the lead as subject, the time in UTC as RFC 3339 writes it."""
    made = cloudevents.event(
        evolve(Due(), at=datetime(2026, 3, 2, 10, 0, 0, 250_000, timezone(timedelta(hours=1)))), source=SOURCE, prefix=PREFIX
    )
    assert made == {
        "specversion": "1.0",
        "id": "L-1/sla/escalate",
        "source": "https://crm.acme.example/inbound",
        "type": "com.acme.inbound.escalate",
        "subject": "L-1",
        "time": "2026-03-02T09:00:00.250000Z",
        "datacontenttype": "application/json",
        "data": {"lead_id": "L-1", "to": "maya", "steps": [1, None]},
    }
    assert json.loads(json.dumps(made)) == made


def test_asked_twice_an_action_is_one_event() -> None:
    """FD-4: `source` and `id` are those of every delivery."""
    assert cloudevents.event(Due(), source=SOURCE, prefix=PREFIX) == cloudevents.event(Due(), source=SOURCE, prefix=PREFIX)


@pytest.mark.parametrize(
    "source",
    [
        "https://github.com/cloudevents",
        "mailto:cncf-wg-serverless@lists.cncf.io",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "/cloudevents/spec/pull/123",
        "/sensors/tn-1234567/alerts",
        "1-555-123-4567",
        "//[2001:db8::7]:8080/inbound?a=b&c=%20#top",
        "#here",
        "?a=?",
    ],
)
def test_a_source_is_a_reference_to_a_uri(source: str) -> None:
    """The examples of the specification, and the corners of RFC 3986."""
    assert cloudevents.event(Due(), source=source, prefix=PREFIX)["source"] == source
    assert cloudevents.activity({**VIEW, "source": source}).id == f"{source} 17"


@pytest.mark.parametrize(
    "source", ["two words", "https://acme.example/%zz", "a#b#c", "1a:b", "https://[::1", "//[::1]x", "a\\b", "<here>", "münchen", "[x]"]
)
def test_a_source_that_is_none_is_refused(source: str) -> None:
    message = refusal(Due(), source=source)
    assert message.startswith("source: saw ")
    assert message.endswith(', expected a reference to a URI. Write it like "https://crm.acme.example/inbound"; a space is "%20".')
    with pytest.raises(FactError, match=r"^source: saw "):
        cloudevents.activity({**VIEW, "source": source})


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Due(key=""), "action.key: saw '', expected text that is not empty and has no control characters."),
        (Due(key=7), "action.key: saw 7, expected text."),  # type: ignore[arg-type]  # nobody checked it
        (Due(lead_id=""), "action.lead_id: saw '', expected text that is not empty and has no control characters."),
        (Due(kind=""), "action.kind: saw '', expected a word of letters, digits, hyphens and underscores."),
        (Due(kind="re route"), "action.kind: saw 're route', expected a word of letters, digits, hyphens and underscores."),
        (Due(kind=None), "action.kind: saw nothing, expected text."),  # type: ignore[arg-type]  # nobody checked it
    ],
)
def test_an_attribute_that_the_specification_does_not_allow_is_refused(action: Due, message: str) -> None:
    assert refusal(action) == message


@pytest.mark.parametrize("letter", ["\n", "\x00", "\x1f", "\x7f", "\x9f", "\ud800", "\ufdd0", "\ufffe", "\U0001ffff"])
def test_a_letter_that_no_attribute_may_have_is_refused(letter: str) -> None:
    assert refusal(Due(key=f"L-1{letter}")).startswith("action.key: saw ")


@pytest.mark.parametrize("letter", [" ", "\x7e", "\xa0", "é", "漢", "\ufdcf", "\ufdf0", "\ufffd", "\U0001f600"])
def test_other_letters_are_kept(letter: str) -> None:
    assert cloudevents.event(Due(key=f"L-1{letter}"), source=SOURCE, prefix=PREFIX)["id"] == f"L-1{letter}"


@pytest.mark.parametrize(
    ("source", "prefix", "message"),
    [
        ("", PREFIX, "source: saw '', expected text that is not empty and has no control characters."),
        (SOURCE, "", "prefix: saw '', expected words with points between them. Write it like \"com.acme.inbound\"."),
        (SOURCE, "com.acme.", "prefix: saw 'com.acme.', expected words with points between them. Write it like \"com.acme.inbound\"."),
    ],
)
def test_what_the_caller_gives_is_checked_before_the_action(source: str, prefix: str, message: str) -> None:
    assert refusal(Due(key=""), source, prefix) == message


def test_an_instant_without_a_zone_is_refused() -> None:
    """FD-2."""
    assert refusal(Due(at=datetime(2026, 3, 2, 9))).startswith("action.at: saw ")  # noqa: DTZ001 - that it is naive is the point


def test_data_that_are_no_table_are_refused() -> None:
    class Bare(Due):
        def to_dict(self) -> dict[str, Plain]:
            return ["send"]  # type: ignore[return-value]  # what an untyped host may give

    assert refusal(Bare()) == "action.to_dict(): saw a list of 1, expected a table of plain data."


def test_a_batch_keeps_its_order_and_no_two_events_are_one() -> None:
    several = [Due(key="b"), Due(key="a")]
    assert [made["id"] for made in cloudevents.events(iter(several), source=SOURCE, prefix=PREFIX)] == ["b", "a"]
    with pytest.raises(FactError) as raised:
        cloudevents.events([*several, Due(key="b", kind="send")], source=SOURCE, prefix=PREFIX)
    assert str(raised.value) == "actions[2].key: saw 'b' again, expected a key that no earlier action has."


# ----------------------------------------------------------------------------------------------------------------- read


def test_an_activity_takes_its_id_and_time_from_the_event_where_it_has_none() -> None:
    """Of two sources an id may be the same: the source is part of ours."""
    assert cloudevents.activity(VIEW) == Activity(id="/shop 17", kind="page_view", at=NINE, content="pricing")
    own = {**VIEW, "data": {"id": "a", "kind": "visit", "at": "2026-03-01T09:00:00Z", "content": None}}
    assert cloudevents.activity(own) == Activity(id="a", kind="visit", at=datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert cloudevents.activity({**VIEW, "data": {"id": None, "at": None, "kind": "visit"}}).id == "/shop 17"


def test_a_touch_of_a_seller_is_read() -> None:
    assert cloudevents.outreach(CALL) == Outreach(
        id="c-1", lead_id="L-1", rep="maya", channel="call", at=NINE + timedelta(minutes=4), human=True
    )


def test_what_was_written_is_read_back() -> None:
    """An activity of ours in an envelope of ours."""
    done = Activity(id="a", kind="page_view", at=NINE, content="pricing", utm={"source": "news"}, sequence=3)

    @frozen
    class Told(Due):
        def to_dict(self) -> dict[str, Plain]:
            return to_dict(done)

    assert cloudevents.activity(cloudevents.event(Told(), source=SOURCE, prefix=PREFIX)) == done


def test_a_policy_says_which_kinds_there_are() -> None:
    """SC-8: with its words, also kinds of its own."""
    words = vocabulary.compile(FactsDocument(activity_kinds=("podcast",)))
    podcast = {**VIEW, "data": {"kind": "podcast"}}
    assert cloudevents.activity(podcast, words).kind == "podcast"
    with pytest.raises(FactError, match=r"^data\.kind: saw 'podcast'"):
        cloudevents.activity(podcast)


@pytest.mark.parametrize("content", [None, "application/json", "application/JSON; charset=utf-8", "application/vnd.acme+json"])
def test_json_of_any_kind_is_read_and_extensions_are_left_alone(content: str | None) -> None:
    event = {**VIEW, "datacontenttype": content, "partitionkey": "L-1", "dataschema": "https://acme.example/visit.json"}
    assert cloudevents.activity(event).content == "pricing"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("event", "event: saw 'event', expected a CloudEvent: a table of attributes."),
        ({**VIEW, "specversion": None}, "specversion: saw nothing, expected text."),
        ({**VIEW, "specversion": "0.3"}, "specversion: saw '0.3', expected \"1.0\"."),
        ({**VIEW, "id": ""}, "id: saw '', expected text that is not empty and has no control characters."),
        ({**VIEW, "id": 17}, "id: saw 17, expected text."),
        ({**VIEW, "source": ""}, "source: saw '', expected text that is not empty and has no control characters."),
        ({**VIEW, "type": ""}, "type: saw '', expected text that is not empty and has no control characters."),
        ({**VIEW, "datacontenttype": "text/xml"}, "datacontenttype: saw 'text/xml', expected \"application/json\", or nothing."),
        (
            {**VIEW, "data": '{"kind": "visit"}'},
            'data: saw \'{"kind": "visit"}\', expected a record: a table of fields. Text and data_base64 are decoded by the caller.',
        ),
        ({**VIEW, "time": 7}, "time: saw 7, expected text."),
        ({key: value for key, value in VIEW.items() if key != "time"}, "data.at: saw nothing, expected what every activity has: at."),
        ({**VIEW, "data": {"content": "x"}}, "data.kind: saw nothing, expected what every activity has: kind."),
        ({**VIEW, "data": {"kind": "visit", "utm": {"source": 2.5}}}, "data.utm.source: saw 2.5, expected text."),
    ],
)
def test_an_event_that_cannot_be_read_is_refused_with_its_path(event: Mapping[str, object], message: str) -> None:
    with pytest.raises(FactError) as raised:
        cloudevents.activity(event)
    assert str(raised.value) == message


def test_a_time_without_an_offset_is_refused() -> None:
    """FD-2, and RFC 3339."""
    with pytest.raises(FactError, match=r"^time: saw '2026-03-02T09:00:00'"):
        cloudevents.activity({**VIEW, "time": "2026-03-02T09:00:00"})


def test_a_touch_that_cannot_be_read_is_refused_with_its_path() -> None:
    data = {"lead_id": "L-1", "rep": "maya", "channel": "call", "human": "perhaps"}
    with pytest.raises(FactError, match=r"^data\.human: saw 'perhaps', expected true or false"):
        cloudevents.outreach({**CALL, "data": data})
    with pytest.raises(FactError, match=r"^data\.at: saw nothing"):
        cloudevents.outreach({**CALL, "data": {**data, "human": True}})


def test_a_record_without_an_envelope_is_what_intake_reads() -> None:
    data = {"id": "a", "kind": "visit", "at": "2026-03-02T09:00:00Z"}
    assert cloudevents.activity({**VIEW, "data": data}) == intake.activity(data)
