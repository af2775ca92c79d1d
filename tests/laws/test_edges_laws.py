"""What crosses the edge twice, in another order, or in an envelope says the same."""

import json
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import exports, intake
from inbound_engine.adapters import cloudevents, segment
from inbound_engine.decisions import Plain, plain
from inbound_engine.facts import Activity, to_dict
from tests.strategies import activities, instants, texts

NAMES = ("Email Opened", "Email Link Clicked", "Trial Started", "Unsubscribed", "Email Delivered", "Wishlist")


@frozen
class Wrapped:
    """An activity as an action would carry it."""

    done: Activity
    kind: str = "tell"

    @property
    def key(self) -> str:
        return "k-1"

    @property
    def lead_id(self) -> str:
        return "L-1"

    @property
    def at(self) -> datetime:
        return self.done.at

    def to_dict(self) -> dict[str, Plain]:
        return to_dict(self.done)


@st.composite
def streams(draw: st.DrawFn) -> list[Mapping[str, object]]:
    """Calls of a few people, each with an id of its own."""
    calls: list[Mapping[str, object]] = []
    for number in range(draw(st.integers(0, 12))):
        call: dict[str, object] = {"messageId": f"m-{number}", "timestamp": plain(draw(instants())), "userId": draw(st.sampled_from("789"))}
        match draw(st.sampled_from(("track", "page", "identify", "group"))):
            case "track":
                call |= {"type": "track", "event": draw(st.sampled_from(NAMES))}
            case "page":
                call |= {"type": "page", "context": {"page": {"path": draw(texts())}, "campaign": {"source": draw(texts())}}}
            case "identify":
                call |= {"type": "identify", "traits": draw(st.dictionaries(st.sampled_from(["name", "title", "plan"]), texts()))}
            case _:
                call |= {"type": "group", "groupId": draw(st.sampled_from("ab")), "traits": {"name": draw(texts())}}
        calls.append(call)
    return calls


@given(activities())
def test_an_activity_in_an_envelope_is_the_activity_without_it(done: Activity) -> None:
    event = cloudevents.event(Wrapped(done), source="/inbound", prefix="com.acme")
    assert cloudevents.activity(json.loads(json.dumps(event))) == intake.activity(to_dict(done))


@given(streams())
def test_each_call_is_told_or_refused_by_either_reader(calls: list[Mapping[str, object]]) -> None:
    for batch in (segment.activities(calls), segment.people(calls)):
        assert sorted([told.row for told in batch.told] + [one.number for one in batch.refused]) == list(range(len(calls)))
    both = {told.row for told in segment.activities(calls).told} & {told.row for told in segment.people(calls).told}
    assert both == set()


def deliveries() -> st.SearchStrategy[tuple[list[Mapping[str, object]], list[Mapping[str, object]]]]:
    """Calls, and the same calls as they may arrive."""
    return streams().flatmap(lambda calls: st.tuples(st.just(calls), st.permutations([*calls, *calls[::2]])))


@given(deliveries())
def test_late_and_repeated_calls_change_nothing(delivered: tuple[list[Mapping[str, object]], list[Mapping[str, object]]]) -> None:
    """FD-4: each at least once, in any order."""
    calls, again = delivered
    assert exports.activities(segment.activities(again)) == exports.activities(segment.activities(calls))
    assert exports.happened(segment.activities(again)) == exports.happened(segment.activities(calls))
    assert segment.records(segment.people(again)) == segment.records(segment.people(calls))
