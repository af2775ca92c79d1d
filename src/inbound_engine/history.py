"""What happened, in order?

Whatever happened has an instant `at` and an `id`; two things at one instant are ordered by `sequence`, where they carry
one, then by id, so that the order in which they were handed over never matters. A thing dated after the instant that is
asked about is invisible: replaying the past never looks ahead (FD-2).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

__all__ = ["Event", "as_of", "in_order"]


class Event(Protocol):
    """Anything that happened at an instant."""

    @property
    def id(self) -> str:
        """Its name, unique among its kind."""
        ...

    @property
    def at(self) -> datetime:
        """When it happened, not when it was written down."""
        ...


AnyEvent = TypeVar("AnyEvent", bound=Event)


def as_of(events: Iterable[AnyEvent], at: datetime) -> tuple[AnyEvent, ...]:
    """What had happened by `at`, that instant included, in the order handed over.

    >>> from inbound_engine.facts import Activity
    >>> from inbound_engine.spans import parse_instant
    >>> visit = Activity(id="a", kind="visit", at=parse_instant("2026-03-02T09:00Z"))
    >>> len(as_of([visit], visit.at)), len(as_of([visit], parse_instant("2026-03-01T09:00Z")))
    (1, 0)
    """
    return tuple(event for event in events if event.at <= at)


def in_order(events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
    """The events by (at, sequence, id), the earliest first; a thing without a sequence counts as sequence 0.

    >>> from inbound_engine.facts import Activity
    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> [event.id for event in in_order([Activity(id="b", kind="visit", at=at), Activity(id="a", kind="visit", at=at)])]
    ['a', 'b']
    """
    return tuple(sorted(events, key=lambda event: (event.at, getattr(event, "sequence", 0), event.id)))
