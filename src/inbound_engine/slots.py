"""Which is the first instant that breaks no rule?

A touch may be made where all calendars are open, on some dates, at some times of day, and where the caps have room. The time in
which the calendars are open is cut into parts: in each one local date is read, and the zone's offset does not change, so that a
time of day is plain addition there and no local reading is ever converted. That is exact where clocks are changed within the
hours (TM-5, TM-6) and where a date is read twice (TM-7). Dates are those of one zone.

Caps count by local date and over the 24 hours before an instant (CA-11). Whatever is counted lies before what is asked for, so
that the 24 hours that end at an instant are the fullest around it.

The two classes here fill as they are asked. They are made for one plan and dropped with it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from inbound_engine.hours import Calendar, Part, local_date, parts, spans
from inbound_engine.spans import DAY

__all__ = ["Bounds", "Counts", "Opening", "Worktime", "allowed"]

Opening: TypeAlias = tuple[datetime, datetime, date]
"""From and until, and the one local date that is read in between."""

_LOOK = 16 * DAY


class Worktime:
    """The time in which all its calendars are open, from an instant on, in parts.

    Worked out 16 days at a time, as far as somebody looks. Where nothing opens for more than `horizon` days, its dates end.

    >>> from inbound_engine.spans import zone
    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> friday_evening = datetime(2026, 3, 6, 18, 30, tzinfo=UTC)
    >>> worktime = Worktime((berlin,), zone("Europe/Berlin"), friday_evening, horizon=45)
    >>> [worktime.business_date(number).isoformat() for number in (0, 1, 5)]
    ['2026-03-09', '2026-03-10', '2026-03-16']
    """

    __slots__ = ("_calendars", "_dates", "_horizon", "_looks", "_read", "_start", "zone")

    def __init__(self, calendars: tuple[Calendar, ...], zone: ZoneInfo, start: datetime, horizon: int) -> None:
        """Starts at an instant: nothing before it is ever asked for. Dates and times of day are those of `zone`."""
        self.zone: ZoneInfo = zone
        self._calendars = calendars
        self._start = start
        self._horizon = horizon
        self._looks: dict[int, tuple[Part, ...]] = {}
        self._dates: list[date] = []
        self._read = 0

    def starting(self, start: datetime) -> "Worktime":
        """The same calendars, from another instant on."""
        return Worktime(self._calendars, self.zone, start, self._horizon)

    def parts(self, since: datetime, until: datetime) -> Iterator[Part]:
        """The parts that end after `since`, in order, as far as looks that begin before `until` go."""
        number = max(0, (since - self._start) // _LOOK)
        while self._start + number * _LOOK < until:
            for part in self._look(number):
                if part[1] > since:
                    yield part
            number += 1

    def business_date(self, number: int) -> date | None:
        """The business date that many after day 0, the date of the first open instant (CA-4, CA-5); None beyond the end."""
        more = True
        while more and len(self._dates) <= number:
            more = self._read_on()
        return self._dates[number] if number < len(self._dates) else None

    def _read_on(self) -> bool:
        """Collects the dates of one look more, if the next may lie within the horizon."""
        last = self._dates[-1] if self._dates else local_date(self.zone, self._start)
        if ((self._start + self._read * _LOOK).date() - last).days > self._horizon + 1:
            return False
        for _, _, day, _ in self._look(self._read):
            if day > last or not self._dates:
                if (day - last).days > self._horizon:
                    return False
                self._dates.append(day)
                last = day
        self._read += 1
        return True

    def _look(self, number: int) -> tuple[Part, ...]:
        found = self._looks.get(number)
        if found is None:
            since = self._start + number * _LOOK
            found = self._looks[number] = parts(*self._calendars, where=self.zone, since=since, until=since + _LOOK)
        return found


@frozen
class Bounds:
    """Where an instant may lie.

    At or after `floor`, on local dates from `earliest` to `last`, both included, at times of day from `opens` until `closes`, and
    where all calendars of `also_open` are open too.
    """

    floor: datetime
    earliest: date
    last: date
    opens: timedelta = timedelta()
    closes: timedelta = DAY
    also_open: tuple[Calendar, ...] = ()


def allowed(worktime: Worktime, bounds: Bounds, refused: Callable[[date], bool] = lambda _day: False) -> Iterator[Opening]:
    """The stretches of working time within the bounds, in order, on dates that are not refused.

    >>> from inbound_engine.spans import zone
    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> friday = datetime(2026, 3, 6, 10, tzinfo=UTC)
    >>> afternoons = Bounds(friday, date(2026, 3, 6), date(2026, 3, 9), opens=timedelta(hours=12))
    >>> [str(since) for since, _, _ in allowed(Worktime((berlin,), zone("Europe/Berlin"), friday, horizon=45), afternoons)]
    ['2026-03-06 11:00:00+00:00', '2026-03-09 11:00:00+00:00']
    """
    since = max(bounds.floor, _midnight(bounds.earliest) - DAY)
    for start, end, day, reading in worktime.parts(since, _midnight(bounds.last) + 2 * DAY):
        if not bounds.earliest <= day <= bounds.last or refused(day):
            continue
        low, high = max(start, bounds.floor, start + (bounds.opens - reading)), min(end, start + (bounds.closes - reading))
        if low >= high:
            continue
        if not bounds.also_open:
            yield low, high, day
        else:
            for span in spans(*bounds.also_open, since=low, until=high):
                yield span.since, span.until, day


class Counts:
    """How many touches there are by channel and local date, and by channel in 24 hours (CA-11).

    >>> counts = Counts(most_a_date=3)
    >>> for hour in (9, 10):
    ...     counts.add("call", datetime(2026, 3, 2, hour, tzinfo=UTC), date(2026, 3, 2))
    >>> counts.is_full("call", 2, date(2026, 3, 2)), counts.is_full("email", 1, date(2026, 3, 2))
    (True, False)
    """

    __slots__ = ("_all", "_by_date", "_most_a_date", "_times")

    def __init__(self, most_a_date: int | None) -> None:
        """Starts empty; `most_a_date` is how many of all channels together a date takes, None for any number."""
        self._most_a_date = most_a_date
        self._all: Counter[date] = Counter()
        self._by_date: Counter[tuple[str, date]] = Counter()
        self._times: dict[str, list[datetime]] = {}

    def add(self, channel: str, at: datetime, day: date) -> None:
        """Counts one more, at or after all that were counted."""
        self._all[day] += 1
        self._by_date[channel, day] += 1
        self._times.setdefault(channel, []).append(at)

    def is_full(self, channel: str, cap: int | None, day: date) -> bool:
        """Whether the date takes no more of the channel, or no more at all."""
        if self._most_a_date is not None and self._all[day] >= self._most_a_date:
            return True
        return cap is not None and self._by_date[channel, day] >= cap

    def free_from(self, channel: str, cap: int | None) -> datetime | None:
        """The first instant at which the 24 hours up to it have room for one more; None where they have it at any time.

        A touch exactly 24 hours before is not among them.
        """
        times = self._times.get(channel, [])
        return None if cap is None or len(times) < cap else times[-cap] + DAY


def _midnight(day: date) -> datetime:
    """00:00 UTC of a date: less than a day away from where the date begins in any zone."""
    return datetime.combine(day, time(), UTC)
