"""What did the activities say, without looking at each of them again?

Whoever follows one lead over many activities would read all of them for each new one. A timeline keeps, for every query of a
policy, the instants that count for it, in sorted runs: what a query asks as of an instant, how many and the latest of them, is then
found by halving. Noting an activity makes a new timeline, which shares its runs with the one before.

A timeline says what `signals.read` says of the same activities, whatever the order in which they were noted.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from attrs import field, frozen

from inbound_engine.facts import Activity
from inbound_engine.signals import Signals, asked
from inbound_engine.spans import EARLIEST, look_back

__all__ = ["Runs", "Timeline", "counted", "first_from", "found", "noted", "pushed", "timeline", "weekly"]


_WEEK = timedelta(days=7)

Item = TypeVar("Item")
Runs: TypeAlias = tuple[tuple[Item, ...], ...]
"""Sorted runs, each longer than the one after it: one more item costs as many steps as the number of items has digits."""


def pushed(runs: Runs[Item], item: Item, key: Callable[[Item], str | datetime]) -> Runs[Item]:
    """The runs with one more item; those of like length are merged. `key` is what they are sorted by.

    >>> pushed(pushed(pushed((), "c", key=str), "a", key=str), "b", key=str)
    (('a', 'c'), ('b',))
    """
    grown: tuple[Item, ...] = (item,)
    kept = len(runs)
    while kept and len(runs[kept - 1]) <= len(grown):
        kept -= 1
        grown = tuple(sorted(runs[kept] + grown, key=key))
    return (*runs[:kept], grown)


def found(runs: Runs[Item], wanted: str, key: Callable[[Item], str]) -> Item | None:
    """The item of that key; None where there is none.

    >>> found((("ab", "cd"), ("ef",)), "c", key=lambda text: text[0])
    'cd'
    """
    for run in runs:
        place = bisect_left(run, wanted, key=key)
        if place < len(run) and key(run[place]) == wanted:
            return run[place]
    return None


def first_from(runs: Runs[Item], since: datetime, key: Callable[[Item], datetime]) -> Item | None:
    """The first item from an instant on, where the runs are sorted by instants; None where there is none.

    >>> from inbound_engine.spans import parse_instant
    >>> monday, tuesday = parse_instant("2026-03-02T09:00Z"), parse_instant("2026-03-03T09:00Z")
    >>> first_from(((monday, tuesday),), monday + timedelta(hours=1), key=lambda instant: instant) == tuesday
    True
    """
    places = ((run, bisect_left(run, since, key=key)) for run in runs)
    return min((run[place] for run, place in places if place < len(run)), key=key, default=None)


@frozen(eq=False)
class Timeline:
    """For each query of `signals`, by number, the instants of the activities that count for it."""

    signals: Signals = field(repr=False)
    first: bool
    instants: tuple[Runs[datetime], ...] = field(repr=False)


def timeline(signals: Signals, activities: Iterable[Activity], *, first: bool = False) -> Timeline:
    """The timeline of those activities; with `first` each counts for the first query that means it, and for no other.

    >>> from inbound_engine.signals import ActivityFilter, Catalogue, Query
    >>> from inbound_engine.spans import parse_instant
    >>> signals = Signals.of([Query(ActivityFilter(kinds=("visit",)), within_days=7)], Catalogue.of(()))
    >>> visits = [Activity(id=str(day), kind="visit", at=parse_instant(f"2026-03-{day:02}T09:00Z")) for day in (1, 2, 9, 20)]
    >>> counts, latest = counted(timeline(signals, visits), parse_instant("2026-03-09T09:00Z"))
    >>> counts, latest[0].day
    ([2], 9)
    """
    by_query: list[list[datetime]] = [[] for _ in signals.queries]
    for activity in activities:
        for number in _meant(signals, activity, first=first):
            by_query[number].append(activity.at)
    return Timeline(signals, first, tuple((tuple(sorted(instants)),) if instants else () for instants in by_query))


def noted(before: Timeline, activity: Activity) -> Timeline:
    """The timeline with one more activity, which must be another than those it has.

    >>> from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals
    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> before = timeline(Signals.of([Query(ActivityFilter(kinds=("visit",)))], Catalogue.of(())), ())
    >>> counted(noted(before, Activity(id="a", kind="visit", at=at)), at)[0], counted(before, at)[0]
    ([1], [0])
    """
    instants = list(before.instants)
    for number in _meant(before.signals, activity, first=before.first):
        instants[number] = pushed(instants[number], activity.at, key=_itself)
    return Timeline(before.signals, before.first, tuple(instants))


def _meant(signals: Signals, activity: Activity, *, first: bool) -> list[int]:
    """The queries that mean the activity; all of them, or the first."""
    meant = [number for number, fits, _ in asked(signals, activity) if fits is None or fits(activity)]
    return meant[:1] if first else meant


def weekly(known: Timeline, at: datetime, since: datetime, weeks: int) -> list[list[int]]:
    """For each query, how many activities lie 0, 1, 2, ... whole weeks before `at`, none of them before `since`.

    >>> from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals
    >>> from inbound_engine.spans import parse_instant
    >>> signals = Signals.of([Query(ActivityFilter(kinds=("visit",)), within_days=30)], Catalogue.of(()))
    >>> visits = [Activity(id=str(day), kind="visit", at=parse_instant(f"2026-03-{day:02}T09:00Z")) for day in (1, 2, 9, 20)]
    >>> at = parse_instant("2026-03-16T09:00Z")
    >>> weekly(timeline(signals, visits), at, look_back(at, 30), weeks=3)
    [[0, 1, 2]]
    """
    ends = [at - week * _WEEK for week in range(1, min(weeks, (at - EARLIEST) // _WEEK + 1))]  # there are no weeks before all time
    weekwise = [[0] * weeks for _ in known.instants]
    for counts, runs in zip(weekwise, known.instants, strict=True):
        for run in runs:
            first = bisect_left(run, since)
            until = bisect_right(run, at, first)
            for week, end in enumerate(ends):
                after = bisect_right(run, end, first, until)
                counts[week] += until - after
                until = after
            counts[len(ends)] += until - first
    return weekwise


def _itself(when: datetime) -> datetime:
    return when


def counted(known: Timeline, at: datetime) -> tuple[list[int], list[datetime | None]]:
    """For each query, how many activities lie in its look-back as of `at`, and the instant of the latest: as `signals.read`."""
    signals = known.signals
    windows = {days: EARLIEST if days is None else look_back(at, days) for days in signals.look_backs}
    counts = [0] * len(signals.queries)
    latest: list[datetime | None] = [None] * len(signals.queries)
    for number, (query, runs) in enumerate(zip(signals.queries, known.instants, strict=True)):
        if not runs:
            continue
        since = windows[query.within_days]
        for run in runs:
            until = bisect_right(run, at)
            first = bisect_left(run, since, 0, until)
            if first < until:
                counts[number] += until - first
                last = latest[number]
                if last is None or run[until - 1] > last:
                    latest[number] = run[until - 1]
    return counts, latest
