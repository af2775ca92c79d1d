"""Business time once more, slow and plain: the wall clock is read at every minute of UTC.

Nothing is cut where an offset changes, and no local time is converted to UTC. Of the library it reads the zone, the weekly spans,
the holidays and the overrides of a calendar, and nothing else. Whoever doubts an answer of `hours` can count the minutes here.

Since 1972 every offset is a whole number of minutes, and so is every opening edge: within one minute of UTC a calendar is open or
closed. Microseconds come in at the ends of what is asked, and of pauses.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from inbound_engine.hours import Calendar
from inbound_engine.spans import Span

__all__ = ["add", "between", "changes", "is_business_date", "is_open", "next_open", "offset", "reads", "stretches", "subtract"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
FARTHEST = timedelta(hours=27)
"""No wall clock is farther from UTC."""

Stretch = tuple[datetime, datetime]


def is_open(calendar: Calendar, at: datetime) -> bool:
    """TM-3, word by word."""
    wall = at.astimezone(calendar.zone)
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    if day in calendar.holidays:
        return False
    for start, end in _starting(calendar, day):
        if start <= minute < end or (end <= start <= minute):
            return True
    return any(end <= start and minute < end for start, end in _starting(calendar, day - DAY))


def _starting(calendar: Calendar, day: date) -> Sequence[tuple[int, int]]:
    """The spans that start on a date."""
    if day in calendar.holidays:
        return ()
    for other, own in calendar.overrides:
        if other == day:
            return own
    return calendar.weekly[day.weekday()]


def stretches(calendar: Calendar, since: datetime, until: datetime, pauses: Sequence[Span] = ()) -> Iterator[Stretch]:
    """What is open in [since, until), forwards, in pieces of a minute at most."""
    minute = _floor(since)
    while minute < until:
        if is_open(calendar, minute):
            yield from _outside(pauses, max(minute, since), min(minute + MINUTE, until))
        minute += MINUTE


def _backwards(calendar: Calendar, since: datetime, until: datetime, pauses: Sequence[Span]) -> Iterator[Stretch]:
    """The same, the last piece first."""
    minute = _floor(until)
    while minute + MINUTE > since:
        if is_open(calendar, minute):
            yield from reversed(list(_outside(pauses, max(minute, since), min(minute + MINUTE, until))))
        minute -= MINUTE


def _outside(pauses: Sequence[Span], since: datetime, until: datetime) -> Iterator[Stretch]:
    """What of [since, until) lies in no pause: cut at every end of a pause, each part asked by its first instant."""
    if since >= until:
        return
    ends = sorted({since, until} | {end for pause in pauses for end in (pause.since, pause.until) if since < end < until})
    for first, last in pairwise(ends):
        if not any(pause.since <= first < pause.until for pause in pauses):
            yield first, last


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def between(calendar: Calendar, since: datetime, until: datetime, pauses: Sequence[Span] = ()) -> timedelta:
    """TM-14."""
    return sum((last - first for first, last in stretches(calendar, since, until, pauses)), NOTHING)


def add(
    calendar: Calendar, start: datetime, amount: timedelta, pauses: Sequence[Span] = (), *, within: timedelta = 4 * DAY
) -> datetime | None:
    """TM-15: the earliest instant; None when it is not found within that time."""
    left = amount
    if not left:
        return start
    for first, last in stretches(calendar, start, start + within, pauses):
        if left <= last - first:
            return first + left
        left -= last - first
    return None


def subtract(
    calendar: Calendar, end: datetime, amount: timedelta, pauses: Sequence[Span] = (), *, within: timedelta = 4 * DAY
) -> datetime | None:
    """TM-16: the latest instant; None when it is not found within that time."""
    left = amount
    if not left:
        return end
    for first, last in _backwards(calendar, end - within, end, pauses):
        if left <= last - first:
            return last - left
        left -= last - first
    return None


def next_open(calendar: Calendar, at: datetime, *, within: timedelta = 4 * DAY) -> datetime | None:
    """The first open instant at or after; None when there is none within that time."""
    return next((first for first, _ in stretches(calendar, at, at + within)), None)


def reads(where: ZoneInfo, day: date) -> list[Stretch]:
    """The stretches in which the wall clock reads that date (TM-7)."""
    found: list[Stretch] = []
    for minute in _near(day):
        if minute.astimezone(where).date() == day:
            if found and found[-1][1] == minute:
                found[-1] = (found[-1][0], minute + MINUTE)
            else:
                found.append((minute, minute + MINUTE))
    return found


def is_business_date(calendar: Calendar, day: date) -> bool:
    """TM-18: whether some minute that reads as the date is open."""
    return any(minute.astimezone(calendar.zone).date() == day and is_open(calendar, minute) for minute in _near(day))


def offset(calendar: Calendar, day: date, count: int) -> date:
    """TM-18: date by date; it never ends where there are not so many."""
    if count == 0:
        day, count = day - DAY, 1
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= is_business_date(calendar, day)
    return day


def _near(day: date) -> Iterator[datetime]:
    """Every minute of UTC that can read as that date somewhere."""
    minute = datetime(day.year, day.month, day.day, tzinfo=UTC) - FARTHEST
    last = minute + DAY + 2 * FARTHEST
    while minute < last:
        yield minute
        minute += MINUTE


def changes(where: ZoneInfo, years: Iterable[int]) -> list[datetime]:
    """The instants at which the zone's offset changes in those years: by days, then by hours, then by minutes."""
    found = []
    for year in years:
        here = datetime(year, 1, 1, tzinfo=UTC)
        while here.year == year:
            if here.astimezone(where).utcoffset() != (here + DAY).astimezone(where).utcoffset():
                found.append(_change(where, here))
            here += DAY
    return found


def _change(where: ZoneInfo, here: datetime) -> datetime:
    """The first minute after `here` whose offset differs from the one before it."""
    for step in (timedelta(hours=1), MINUTE):
        while here.astimezone(where).utcoffset() == (here + step).astimezone(where).utcoffset():
            here += step
    return here + MINUTE
