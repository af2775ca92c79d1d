"""What had happened by then, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from inbound_engine.facts import Activity, Outreach
from inbound_engine.history import as_of, in_order

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def _visit(name: str, at: datetime = NINE, sequence: int = 0) -> Activity:
    return Activity(id=name, kind="visit", at=at, sequence=sequence)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (NINE - MICROSECOND, []),
        (NINE, ["b"]),
        (NINE + MICROSECOND, ["b", "a"]),
    ],
)
def test_what_happens_later_is_invisible_to_the_microsecond(asked: datetime, seen: list[str]) -> None:
    """FD-2: and what is left keeps the order it was handed over in."""
    assert [event.id for event in as_of([_visit("b"), _visit("a", NINE + MICROSECOND)], asked)] == seen


def test_events_stand_by_instant_then_sequence_then_id() -> None:
    """LC-11."""
    events = [_visit("d", NINE + MICROSECOND, -1), _visit("c", sequence=1), _visit("b"), _visit("a"), _visit("e", NINE - MICROSECOND, 9)]
    assert [event.id for event in in_order(events)] == ["e", "a", "b", "c", "d"]
    assert in_order(reversed(events)) == in_order(events)


def test_a_thing_without_a_sequence_counts_as_the_first_of_its_instant() -> None:
    calls = [Outreach(id=name, lead_id="L", rep="maya", channel="phone", at=NINE, human=True) for name in ("b", "a")]
    events: list[Activity | Outreach] = [_visit("a1", sequence=1), *calls]
    assert [event.id for event in in_order(events)] == ["a", "b", "a1"]


def test_nothing_happened_in_no_time() -> None:
    assert as_of([], NINE) == ()
    assert in_order([]) == ()
