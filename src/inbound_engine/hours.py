"""When is the business open?

A calendar says what the wall clock of a zone must read: an instant is open iff its local date and time lie in an opening span
(TM-3). So nothing has to be decided about clock changes: a reading that is skipped never occurs, one that is repeated occurs
twice and counts twice (TM-5, TM-6), a day lasts 23, 24 or 25 hours or whatever it lasts (TM-7).

Spans are half-open, `(540, 1020)` is 09:00 to 17:00 in minutes after midnight, `(0, 1440)` is a whole day, and one that ends at
or before its start runs past midnight and belongs to the date it starts on (TM-4, TM-9). A holiday closes every instant that
reads as that date, and every shift that starts on it (TM-10); an override replaces the spans that start on its date, and a
holiday beats it (TM-11). Spans that overlap are a union (TM-12).

Amounts of business time are exact to the microsecond. `add` gives the earliest instant that has the amount behind it, so that
eight hours from opening end at closing, not at the next opening (TM-15). Time is counted in UTC: the stretch is cut where the
zone's offset changes, and inside a piece of constant offset every local date is UTC plus a constant. Local edges are never
converted one by one, which is where clocks go wrong. Cost grows with the number of days.

A calendar that stays closed for more than 400 days never reaches an amount: the answer is `NeverReached`, a value (TM-17).
Stored deadlines go stale when a country changes its rules; store what they were computed from (TM-20).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen

from inbound_engine.errors import FactError, shown
from inbound_engine.spans import Span, instant, zone

__all__ = [
    "Calendar",
    "NeverReached",
    "Part",
    "add",
    "add_each",
    "between",
    "clock_time",
    "date_spans",
    "encloses",
    "in_zone",
    "is_business_date",
    "is_open",
    "local_date",
    "minutes",
    "next_open",
    "offset",
    "parts",
    "spans",
    "starts_at",
    "subtract",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_THURSDAY = 3  # the weekday of that day, Monday being 0
_DAYS_A_WEEK = 7
_MINUTES_A_DAY = 1440

# Everything below is counted in whole microseconds since the epoch.
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 24 * 3600 * _SECOND
_PROBE = 3 * _DAY  # how far apart the zone's offset is looked at
_HORIZON = 400 * _DAY
_LONGEST_LOOK = 64 * _DAY
_MICROSECOND = timedelta(microseconds=1)
_THREE_DAYS = timedelta(days=3)

_FIRST = (datetime(2, 1, 1, tzinfo=UTC) - _EPOCH).days * _DAY
_LAST = (datetime(9998, 12, 31, tzinfo=UTC) - _EPOCH).days * _DAY

_CLOCK = re.compile(r"([0-9]{2}):([0-5][0-9])")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Stretch: TypeAlias = tuple[int, int]
"""From and until, in microseconds."""
Minutes: TypeAlias = tuple[int, int]
"""From and until, in minutes after midnight."""
Part: TypeAlias = tuple[datetime, datetime, date, timedelta]
"""From and until, the one local date that is read in between, and the time of day that is read at its start."""


# --------------------------------------------------------------------------------------------------------------- values


def _zone(value: ZoneInfo | str) -> ZoneInfo:
    return zone(value, "calendar.zone")


def _span(value: object, path: str) -> tuple[int, int]:
    """A span in minutes after midnight; `FactError` where it is none."""
    hint = "Write (540, 1020) for 09:00 to 17:00, (0, 1440) for a whole day, (1320, 360) for a night."
    match value:
        case (bool(), _) | (_, bool()):
            pass
        case (int() as start, int() as end) if 0 <= start < _MINUTES_A_DAY and 0 <= end <= _MINUTES_A_DAY and start != end:
            return int(start), int(end)
        case (int() as start, int() as end) if start == end:
            raise FactError(path, f"a span from {shown(start)} to {shown(end)}, which is none", "an end that differs from the start", hint)
    saw = f"({', '.join(map(shown, value[:3]))})" if isinstance(value, tuple) and value else shown(value)
    raise FactError(path, saw, "two minutes after midnight", hint)


def _spans(value: object, path: str) -> tuple[Minutes, ...]:
    if not isinstance(value, list | tuple):
        raise FactError(path, shown(value), "a list of spans", "Write [(540, 1020)].")
    return tuple(sorted({_span(item, path) for item in value}))


def _weekly(
    value: Mapping[int, Sequence[Minutes]] | Sequence[Sequence[Minutes]],
) -> tuple[tuple[Minutes, ...], ...]:
    """The spans of the seven weekdays, Monday first."""
    path = "calendar.weekly"
    if isinstance(value, Mapping):
        for day in value:
            if type(day) is not int or not 0 <= day < _DAYS_A_WEEK:
                raise FactError(path, shown(day), "weekdays from 0 (Monday) to 6 (Sunday)")
        return tuple(_spans(value.get(day, ()), f"{path}[{_WEEKDAYS[day]}]") for day in range(_DAYS_A_WEEK))
    if not isinstance(value, list | tuple) or len(value) != _DAYS_A_WEEK:
        raise FactError(path, shown(value), "a mapping of weekdays to spans", "Write {0: [(540, 1020)]} for Monday, 09:00 to 17:00.")
    return tuple(_spans(spans, f"{path}[{_WEEKDAYS[day]}]") for day, spans in enumerate(value))


def _day(value: object, path: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise FactError(path, shown(value), "a date", "Take .date() of an instant in the calendar's zone.")


def _holidays(value: Iterable[date]) -> frozenset[date]:
    """Any iterable of dates."""
    try:
        return frozenset(_day(day, "calendar.holidays") for day in value)
    except TypeError:
        raise FactError("calendar.holidays", shown(value), "an iterable of dates") from None


def _overrides(
    value: Mapping[date, Sequence[Minutes]] | Iterable[tuple[date, Sequence[Minutes]]],
) -> tuple[tuple[date, tuple[Minutes, ...]], ...]:
    path = "calendar.overrides"
    try:
        pairs = [(day, spans) for day, spans in (value.items() if isinstance(value, Mapping) else value)]
    except (TypeError, ValueError):
        raise FactError(path, shown(value), "a mapping of dates to spans", "Write {date(2026, 12, 24): [(540, 780)]}.") from None
    listed = sorted((_day(day, path), _spans(spans, f"{path}[{day}]")) for day, spans in pairs)
    for (earlier, _), (later, _) in pairwise(listed):
        if earlier == later:
            raise FactError(f"{path}[{later}]", "a date twice", "dates that differ")
    return tuple(listed)


@frozen(repr=False)
class Calendar:
    """The opening hours of a zone: weekly spans, several a day if need be, holidays, and days that differ (TM-2).

    `weekly` maps weekdays, 0 for Monday, to spans in minutes after midnight; a weekday that is left out is closed. Holidays are
    any iterable of local dates, overrides map dates to the spans that start on them. Equal, and hashed alike, when all of it is.

    >>> Calendar("Europe/Berlin", {0: [(540, 720), (780, 1080)]}, holidays=[date(2026, 4, 6)])
    Calendar('Europe/Berlin', Mon 09:00-12:00 13:00-18:00, 1 holiday)
    """

    zone: ZoneInfo = field(converter=_zone, eq=str)  # by its name: made anew, a zone is another to Python
    weekly: tuple[tuple[Minutes, ...], ...] = field(converter=_weekly)
    holidays: frozenset[date] = field(default=frozenset(), converter=_holidays)
    overrides: tuple[tuple[date, tuple[Minutes, ...]], ...] = field(default=(), converter=_overrides)
    _by_weekday: tuple[tuple[Stretch, ...], ...] = field(init=False, eq=False)
    _by_date: dict[int, tuple[Stretch, ...]] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Works out what is open on each weekday, and on each date that is unlike its weekday."""
        week, holidays, overrides = self.weekly, {_number(day) for day in self.holidays}, {_number(day): own for day, own in self.overrides}

        def starting(number: int) -> tuple[Minutes, ...]:
            return () if number in holidays else overrides.get(number, week[(number + _THURSDAY) % _DAYS_A_WEEK])

        unlike = sorted({number + after for number in (*holidays, *overrides) for after in (0, 1)})
        by_date = {number: () if number in holidays else _united(starting(number), starting(number - 1)) for number in unlike}
        object.__setattr__(self, "_by_weekday", tuple(_united(own, week[day - 1]) for day, own in enumerate(week)))
        object.__setattr__(self, "_by_date", by_date)

    @classmethod
    def always(cls, zone: ZoneInfo | str = "UTC") -> "Calendar":
        """Always open: what elapsed time is counted on (TM-13).

        >>> Calendar.always()
        Calendar('UTC', always open)
        """
        return cls(zone, [((0, _MINUTES_A_DAY),)] * _DAYS_A_WEEK)

    @classmethod
    def weekdays(cls, zone: ZoneInfo | str, opens: str = "00:00", closes: str = "24:00", *, holidays: Iterable[date] = ()) -> "Calendar":
        """Monday to Friday, the whole day or between two times of day.

        >>> Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
        Calendar('Europe/Berlin', Mon-Fri 09:00-17:00)
        """
        return cls(zone, [((minutes(opens), minutes(closes)),)] * 5 + [()] * 2, holidays)

    @property
    def is_ever_open(self) -> bool:
        """Whether it has any span at all."""
        return any(self.weekly) or any(own for _, own in self.overrides)

    def __repr__(self) -> str:
        """The zone and the hours on one line."""
        return f"Calendar({self.zone.key!r}, {', '.join(_told(self))})"


_OF_CALENDAR = tuple(attribute.name for attribute in attrs.fields(Calendar))


def _told(calendar: Calendar) -> Iterator[str]:
    if not any(calendar.weekly):
        yield "no weekly hours"
    elif all(own == ((0, _MINUTES_A_DAY),) for own in calendar.weekly):
        yield "always open"
    else:
        first = 0
        for day, own in enumerate(calendar.weekly):
            if day == _DAYS_A_WEEK - 1 or calendar.weekly[day + 1] != own:
                if own:
                    days = _WEEKDAYS[day] if first == day else f"{_WEEKDAYS[first]}-{_WEEKDAYS[day]}"
                    yield f"{days} {' '.join(f'{clock_time(start)}-{clock_time(end)}' for start, end in own)}"
                first = day + 1
    for count, what in ((len(calendar.holidays), "holiday"), (len(calendar.overrides), "override")):
        if count:
            yield f"{count} {what}{'' if count == 1 else 's'}"


@frozen
class NeverReached:
    """No instant has the amount on its open side: the calendar stays closed for more than 400 days on end (TM-17), or time runs out.

    `since` is where the counting began, and `counted` how much open time there was before it closed for good. Of business dates,
    `since` is midnight UTC of the date, and nothing is counted. Time runs out with the year 9998.
    """

    since: datetime
    counted: timedelta


def minutes(text: str, path: str = "time") -> int:
    """The minutes after midnight of a time of day between "00:00" and "24:00".

    >>> minutes("09:30"), minutes("24:00")
    (570, 1440)
    """
    if isinstance(text, str):
        found = _CLOCK.fullmatch(text)
        if found is not None and (number := int(found[1]) * 60 + int(found[2])) <= _MINUTES_A_DAY:
            return number
    raise FactError(path, shown(text), 'a time of day from "00:00" to "24:00"', 'Write it like "09:00".')


def clock_time(minute: int) -> str:
    """The time of day of a minute after midnight.

    >>> clock_time(570)
    '09:30'
    """
    return f"{minute // 60:02}:{minute % 60:02}"


# ------------------------------------------------------------------------------------------------------------ functions


def in_zone(calendar: Calendar, where: ZoneInfo) -> Calendar:
    """The same hours by the clocks of another zone.

    >>> in_zone(Calendar.weekdays("Europe/Berlin", "09:00", "17:00"), zone("Asia/Kolkata"))
    Calendar('Asia/Kolkata', Mon-Fri 09:00-17:00)
    """
    moved = object.__new__(Calendar)  # what was checked and worked out asks for no zone
    for name in _OF_CALENDAR:
        object.__setattr__(moved, name, getattr(calendar, name))
    object.__setattr__(moved, "zone", _place(where))
    return moved


def encloses(outer: Calendar, inner: Calendar) -> bool:
    """Whether the one is open on every weekday and every date on which the other is, for at least as long, by the same clocks.

    >>> office, legal = Calendar.weekdays("Europe/Berlin", "09:00", "17:00"), Calendar.weekdays("Europe/Berlin", "08:00", "21:00")
    >>> encloses(legal, office), encloses(office, legal), encloses(in_zone(legal, zone("Asia/Kolkata")), office)
    (True, False, False)
    """
    if outer.zone.key != inner.zone.key:
        return False
    if not all(map(_lies_within, inner._by_weekday, outer._by_weekday)):
        return False
    return all(_lies_within(_on(inner, number), _on(outer, number)) for number in (*outer._by_date, *inner._by_date))


def _lies_within(inner: Sequence[Stretch], outer: Sequence[Stretch]) -> bool:
    return all(any(low <= start and end <= high for low, high in outer) for start, end in inner)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at that instant, read off the wall clock of its zone.

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> is_open(berlin, datetime(2026, 3, 2, 8, tzinfo=UTC)), is_open(berlin, datetime(2026, 3, 2, 16, tzinfo=UTC))
    (True, False)
    """
    here = _micros(at, "at")
    number, reading = divmod(here + _offset(calendar.zone, here), _DAY)
    return any(start <= reading < end for start, end in _on(calendar, number))


def spans(*calendars: Calendar, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The stretches of [since, until) in which all the calendars are open, in order; none where `until` is not after `since`.

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> new_york = Calendar.weekdays("America/New_York", "09:00", "17:00")
    >>> monday = datetime(2026, 3, 2, tzinfo=UTC)
    >>> [both] = spans(berlin, new_york, since=monday, until=monday + timedelta(days=1))
    >>> both.since.hour, both.until.hour
    (14, 16)
    """
    if not calendars:
        raise FactError("calendars", "none", "at least one calendar")
    found = _together(calendars, _micros(since, "since"), _micros(until, "until"))
    return tuple(Span(_instant(start), _instant(end)) for start, end in found)


def parts(*calendars: Calendar, where: ZoneInfo, since: datetime, until: datetime) -> tuple[Part, ...]:
    """What `spans` gives, cut where the zone `where` reads another date, and where its offset changes.

    In a part a time of day is plain addition: what is read at its start, and so much later.

    >>> berlin = Calendar.always("Europe/Berlin")
    >>> day = datetime(2026, 3, 29, tzinfo=UTC)  # clocks go forward at 01:00 UTC
    >>> found = parts(berlin, where=berlin.zone, since=day, until=day + timedelta(days=2))
    >>> [(start.hour, str(on), str(reading)) for start, _, on, reading in found]
    [(0, '2026-03-29', '1:00:00'), (1, '2026-03-29', '3:00:00'), (22, '2026-03-30', '0:00:00'), (22, '2026-03-31', '0:00:00')]
    """
    if not calendars:
        raise FactError("calendars", "none", "at least one calendar")
    low, high = _micros(since, "since"), _micros(until, "until")
    pieces: list[tuple[int, int, int]] = []
    for start, end, off in _pieces(_place(where), low, high):
        begins = pieces.pop()[0] if pieces and pieces[-1][2] == off else start
        pieces.append((begins, end, off))
    found: list[Part] = []
    for start, end in _together(calendars, low, high):
        for low, high, off in pieces:
            here, last = max(start, low), min(end, high)
            while here < last:
                number = (here + off) // _DAY
                midnight = number * _DAY - off
                there = min(last, midnight + _DAY)
                found.append((_instant(here), _instant(there), _date(number), (here - midnight) * _MICROSECOND))
                here = there
    return tuple(found)


def between(calendar: Calendar, since: datetime, until: datetime, *, pauses: Iterable[Span] = ()) -> timedelta:
    """The open time in [since, until), pauses left out; zero, never negative, when `until` is not after `since` (TM-14).

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> str(between(berlin, datetime(2026, 3, 6, 15, 30, tzinfo=UTC), datetime(2026, 3, 9, 8, 30, tzinfo=UTC)))
    '1:00:00'
    """
    found = _open(calendar, _micros(since, "since"), _micros(until, "until"))
    return timedelta(microseconds=sum([end - start for start, end in _without(found, _holes(pauses))]))


def add(calendar: Calendar, start: datetime, amount: timedelta, *, pauses: Iterable[Span] = ()) -> datetime | NeverReached:
    """The earliest instant at or after `start` that has the amount of open time behind it (TM-15).

    An amount of zero gives `start` itself, even when closed; a negative one is a `FactError`. Time inside pauses does not count;
    pauses that overlap are one.

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> add(berlin, datetime(2026, 3, 6, 15, 58, tzinfo=UTC), timedelta(minutes=5)).isoformat()  # a Friday, 16:58
    '2026-03-09T08:03:00+00:00'
    """
    _refuse_closed(calendar)
    begin, wanted = _micros(start, "start"), _amount(amount)
    if not wanted:
        return _instant(begin)
    reached, counted = _reach(calendar, begin, (wanted,), _holes(pauses))
    return _instant(reached[0]) if reached else NeverReached(_instant(begin), timedelta(microseconds=counted))


def add_each(
    calendar: Calendar, start: datetime, amounts: Sequence[timedelta], *, pauses: Iterable[Span] = ()
) -> tuple[datetime | NeverReached, ...]:
    """What `add` gives for each of several amounts, in their order, found in one walk.

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> friday = datetime(2026, 3, 6, 15, 50, tzinfo=UTC)  # 16:50
    >>> [at.isoformat() for at in add_each(berlin, friday, [timedelta(minutes=15), timedelta(minutes=5)])]
    ['2026-03-09T08:05:00+00:00', '2026-03-06T15:55:00+00:00']
    """
    _refuse_closed(calendar)
    begin = _micros(start, "start")
    wanted = [_amount(amount) for amount in amounts]
    ascending = sorted({*wanted} - {0})
    reached, counted = _reach(calendar, begin, ascending, _holes(pauses))
    at = {0: begin, **dict(zip(ascending, reached, strict=False))}  # fewer are reached than asked for where it closes for good
    if len(reached) == len(ascending):
        return tuple([_instant(at[amount]) for amount in wanted])
    never = NeverReached(_instant(begin), timedelta(microseconds=counted))
    return tuple(_instant(at[amount]) if amount in at else never for amount in wanted)


def subtract(calendar: Calendar, end: datetime, amount: timedelta, *, pauses: Iterable[Span] = ()) -> datetime | NeverReached:
    """The latest instant at or before `end` that has the amount of open time between it and `end` (TM-16).

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> subtract(berlin, datetime(2024, 1, 8, 8, 30, tzinfo=UTC), timedelta(hours=1)).isoformat()  # a Monday, 09:30
    '2024-01-05T15:30:00+00:00'
    """
    _refuse_closed(calendar)
    wanted = _amount(amount)
    last = _micros(end, "end")
    if not wanted:
        return _instant(last)
    counted = 0
    for since, until in reversed(_without([(_FIRST, last)], _holes(pauses))):
        opened = until
        for low, high in _backward(calendar, since, until):
            if counted + high - low >= wanted:
                return _instant(high - wanted + counted)
            counted += high - low
            opened = low
        if opened - since > _HORIZON:
            break
    return NeverReached(_instant(last), timedelta(microseconds=counted))


def next_open(calendar: Calendar, at: datetime) -> datetime | NeverReached:
    """The first open instant at or after `at`; `at` itself when it is open.

    >>> berlin = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
    >>> next_open(berlin, datetime(2026, 3, 7, 12, tzinfo=UTC)).isoformat()  # a Saturday
    '2026-03-09T08:00:00+00:00'
    """
    _refuse_closed(calendar)
    begin = _micros(at, "at")
    first = next(_onward(calendar, begin, _LAST, _HORIZON), None)
    return NeverReached(_instant(begin), timedelta()) if first is None else _instant(first[0])


def local_date(where: Calendar | ZoneInfo, at: datetime) -> date:
    """The date that the wall clock reads at that instant.

    >>> local_date(zone("Asia/Kolkata"), datetime(2026, 3, 2, 20, tzinfo=UTC))
    datetime.date(2026, 3, 3)
    """
    here = _micros(at, "at")
    return _date((here + _offset(_place(where), here)) // _DAY)


def date_spans(where: Calendar | ZoneInfo, day: date) -> tuple[Span, ...]:
    """The stretches in which the wall clock reads that date: one as a rule, none for a date that never occurs, two where clocks
    go back over midnight (TM-7).

    >>> [span.length / timedelta(hours=1) for span in date_spans(zone("Europe/Berlin"), date(2026, 3, 29))]
    [23.0]
    >>> date_spans(zone("Pacific/Apia"), date(2011, 12, 30))
    ()
    """
    number, here = _dated(day), _place(where)
    found: list[Stretch] = []
    for low, high, off in _pieces(here, (number - 2) * _DAY, (number + 3) * _DAY):
        start, end = max(low, number * _DAY - off), min(high, (number + 1) * _DAY - off)
        if start < end:
            _extend(found, start, end)
    return tuple(Span(_instant(start), _instant(end)) for start, end in found)


def starts_at(where: Calendar | ZoneInfo, day: date) -> datetime | None:
    """The first instant of a local date, which need not read 00:00; None for a date that never occurs (TM-8).

    >>> starts_at(zone("Africa/Cairo"), date(2024, 4, 26)).isoformat()  # 01:00 there
    '2024-04-25T22:00:00+00:00'
    """
    return next((span.since for span in date_spans(where, day)), None)


def is_business_date(calendar: Calendar, day: date) -> bool:
    """Whether the date has at least one open instant (TM-18).

    >>> is_business_date(Calendar.weekdays("Europe/Berlin"), date(2026, 3, 7))  # a Saturday
    False
    """
    number = _dated(day)
    return bool(_on(calendar, number)) and bool(_business_dates(calendar, number, number))


def offset(calendar: Calendar, day: date, count: int) -> date | NeverReached:
    """The business date that many after `day`; for 0 the first on or after it, for a negative count that many before it (TM-18).

    Dates that never occur do not count.

    >>> weekdays = Calendar.weekdays("Pacific/Apia", "09:00", "17:00")
    >>> offset(weekdays, date(2011, 12, 29), 1)  # Friday the 30th does not exist there
    datetime.date(2012, 1, 2)
    """
    if type(count) is not int:
        raise FactError("count", shown(count), "a whole number of business dates")
    _refuse_closed(calendar)
    asked = number = _dated(day)
    if count == 0:
        number, count = number - 1, 1
    step, left = (1, count) if count > 0 else (-1, -count)
    here, latest, look = number, number, _DAYS_A_WEEK
    while abs(here - latest) <= _HORIZON // _DAY and _FIRST // _DAY + _DAYS_A_WEEK < here < _LAST // _DAY - look - _DAYS_A_WEEK:
        first, last = (here + 1, here + look) if step > 0 else (here - look, here - 1)
        for each in _business_dates(calendar, first, last)[::step]:
            if abs(each - latest) > _HORIZON // _DAY:
                return NeverReached(_instant(asked * _DAY), timedelta())
            latest, left = each, left - 1
            if not left:
                return _date(each)
        here, look = here + step * look, min(look * 2, _LONGEST_LOOK // _DAY)
    return NeverReached(_instant(asked * _DAY), timedelta())


# ---------------------------------------------------------------------------------------------------- pieces and stretches


def _micros(at: datetime, path: str) -> int:
    elapsed = instant(at, path) - _EPOCH
    here = elapsed.days * _DAY + elapsed.seconds * _SECOND + elapsed.microseconds
    if not _FIRST <= here <= _LAST:
        raise FactError(path, at.isoformat(), "an instant between the years 2 and 9998")
    return here


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def _number(day: date) -> int:
    """The days from the epoch to a date."""
    return day.toordinal() - _EPOCH_DAY


def _dated(day: object) -> int:
    """The number of a date that was asked about: one that instants can read."""
    asked = _day(day, "day")
    if not _FIRST // _DAY <= _number(asked) <= _LAST // _DAY:
        raise FactError("day", asked.isoformat(), "a date between the years 2 and 9998")
    return _number(asked)


def _place(where: "Calendar | ZoneInfo") -> ZoneInfo:
    """The zone asked about; never None, which Python takes for that of the machine."""
    if isinstance(where, Calendar):
        return where.zone
    if isinstance(where, ZoneInfo):
        return where
    raise FactError("where", shown(where), "a calendar or a zone", 'Write spans.zone("Europe/Berlin").')


def _date(number: int) -> date:
    return date.fromordinal(number + _EPOCH_DAY)


def _refuse_closed(calendar: Calendar) -> None:
    if not calendar.is_ever_open:
        raise FactError("calendar.weekly", "no opening hours at all", "at least one span", "Write Calendar.always() for elapsed time.")


def _amount(amount: timedelta) -> int:
    if type(amount) is not timedelta and not isinstance(amount, timedelta):
        raise FactError("amount", shown(amount), "a timedelta", "Write timedelta(minutes=5).")
    if amount.days < 0:
        raise FactError("amount", str(amount), "zero or more")
    return amount.days * _DAY + amount.seconds * _SECOND + amount.microseconds


def _in_micros(amount: timedelta | None) -> int:
    return 0 if amount is None else amount.days * _DAY + amount.seconds * _SECOND + amount.microseconds


def _offset(where: ZoneInfo, micros: int) -> int:
    """What the zone adds to UTC at that instant."""
    return _in_micros(_instant(micros).astimezone(where).utcoffset())


def _pieces(where: ZoneInfo, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """Pieces of [low, high), in order, in each of which the zone's offset is constant, each with it; longer and longer ones.

    Looked at every three days, since no zone has ever left an offset and come back to it within three days. A change between
    two looks is found by halving, to the second, which is as fine as they come.
    """
    start, here, there, length = low, low, _instant(low), _PROBE
    added = there.astimezone(where).utcoffset()
    off = _in_micros(added)
    while here < high:
        here, there = here + _PROBE, there + _THREE_DAYS
        if there.astimezone(where).utcoffset() == added:
            if length <= here - start and here < high:
                yield start, here, off
                start, length = here, min(2 * length, _LONGEST_LOOK)
            continue
        before, after = (here - _PROBE) // _SECOND, -(-here // _SECOND)
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(where, middle * _SECOND) == off:
                before = middle
            else:
                after = middle
        here = after * _SECOND
        if here >= high:
            break
        yield start, here, off
        start, there = here, _instant(here)
        added = there.astimezone(where).utcoffset()
        off = _in_micros(added)
    if start < high:
        yield start, high, off


def _on(calendar: Calendar, number: int) -> tuple[Stretch, ...]:
    """The readings of a local date that are open."""
    own = calendar._by_date.get(number)  # its own room's
    return calendar._by_weekday[(number + _THURSDAY) % _DAYS_A_WEEK] if own is None else own


def _onward(calendar: Calendar, low: int, high: int, idle: int) -> Iterator[Stretch]:
    """The open stretches of [low, high), in order, cut at midnights and where pieces end, until there is none for longer than `idle`."""
    by_date, by_weekday, horizon = calendar._by_date, calendar._by_weekday, low + idle
    for start, end, off in _pieces(calendar.zone, low, high):
        if start > horizon:
            return
        for number in range((start + off) // _DAY, (end + off - 1) // _DAY + 1):
            own = by_date.get(number) if by_date else None
            midnight = number * _DAY - off
            for opens, closes in by_weekday[(number + _THURSDAY) % _DAYS_A_WEEK] if own is None else own:
                first, last = midnight + opens, midnight + closes
                if first < start:  # noqa: PLR1730 - three times as fast as max(), once a day
                    first = start
                if last > end:  # noqa: PLR1730
                    last = end
                if first < last:
                    if first > horizon:
                        return
                    horizon = last + idle
                    yield first, last


def _reach(calendar: Calendar, begin: int, wanted: Sequence[int], holes: Sequence[Stretch]) -> tuple[list[int], int]:
    """Where each of some ascending amounts is reached, as far as they are, and how much was counted by then.

    What lies between two holes is walked by itself, so that a long hole costs nothing; the days on end that a calendar stays closed
    are counted anew after a hole.
    """
    reached: list[int] = []
    if not wanted:
        return reached, 0
    counted, aim = 0, wanted[0]
    for since, until in _without([(begin, _LAST)], holes):
        closed = since
        for low, high in _onward(calendar, since, until, _HORIZON):
            while counted + high - low >= aim:
                reached.append(low + aim - counted)
                if len(reached) == len(wanted):
                    return reached, counted
                aim = wanted[len(reached)]
            counted += high - low
            closed = high
        if until - closed > _HORIZON:
            break
    return reached, counted


def _open(calendar: Calendar, low: int, high: int) -> list[Stretch]:
    """The open stretches of [low, high), in order, those that touch united."""
    found: list[Stretch] = []
    for first, last in _onward(calendar, low, high, high - low):
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _together(calendars: Sequence[Calendar], low: int, high: int) -> list[Stretch]:
    """The stretches of [low, high) in which all of them are open, in order."""
    found = _open(calendars[0], low, high)
    for calendar in calendars[1:]:
        if not found:
            break
        found = _common(found, _open(calendar, low, high))
    return found


def _business_dates(calendar: Calendar, first: int, last: int) -> list[int]:
    """The dates from the first to the last that have some open instant, in order."""
    pieces = list(_pieces(calendar.zone, max((first - 1) * _DAY, _FIRST), min((last + 2) * _DAY, _LAST)))
    if len({off for _, _, off in pieces}) == 1:  # so every one of them occurs, from midnight to midnight
        by_date, by_weekday = calendar._by_date, calendar._by_weekday
        return [
            n for n in range(first, last + 1) if (by_weekday[(n + _THURSDAY) % _DAYS_A_WEEK] if (own := by_date.get(n)) is None else own)
        ]
    dates: set[int] = set()
    for start, end, off in pieces:
        for number in range((start + off) // _DAY, (end + off - 1) // _DAY + 1):
            midnight = number * _DAY - off
            if any(max(start, midnight + opens) < min(end, midnight + closes) for opens, closes in _on(calendar, number)):
                dates.add(number)
    return sorted(number for number in dates if first <= number <= last)


def _backward(calendar: Calendar, low: int, high: int) -> Iterator[Stretch]:
    """The open stretches of [low, high), the last first, a longer look each time, until there is none for longer than the horizon."""
    here, length, opened = high, _DAY, high
    while low < here and opened - here <= _HORIZON:
        there = max(here - length, low)
        for start, end in reversed(_open(calendar, there, here)):
            if opened - end > _HORIZON:
                return
            opened = start
            yield start, end
        here, length = there, min(2 * length, _LONGEST_LOOK)


def _extend(found: list[Stretch], start: int, end: int) -> None:
    """Adds a stretch that starts where the last one ends, or after it."""
    if found and found[-1][1] == start:
        found[-1] = (found[-1][0], end)
    else:
        found.append((start, end))


def _united(starting: Iterable[Minutes], before: Iterable[Minutes]) -> tuple[Stretch, ...]:
    """What is open on a date: the spans that start on it, up to midnight, and what runs on from the day before."""
    own = [(start, end if end > start else _MINUTES_A_DAY) for start, end in starting]
    own += [(0, end) for start, end in before if 0 < end <= start]
    found: list[Stretch] = []
    for start, end in sorted((start * _MINUTE, end * _MINUTE) for start, end in own):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _common(left: Sequence[Stretch], right: Sequence[Stretch]) -> list[Stretch]:
    """What lies in both of two ordered lists."""
    found: list[Stretch] = []
    here = there = 0
    while here < len(left) and there < len(right):
        start, end = max(left[here][0], right[there][0]), min(left[here][1], right[there][1])
        if start < end:
            found.append((start, end))
        if left[here][1] < right[there][1]:
            here += 1
        else:
            there += 1
    return found


def _holes(pauses: Iterable[Span]) -> list[Stretch]:
    """The pauses as stretches, in order, those that overlap united."""
    found: list[Stretch] = []
    if pauses == ():
        return found
    for start, end in sorted((_micros(pause.since, "pause.since"), _micros(pause.until, "pause.until")) for pause in pauses):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _without(found: list[Stretch], holes: Sequence[Stretch]) -> list[Stretch]:
    """The stretches with the holes cut out; both in order, and so is what is left."""
    if not holes:
        return found
    left: list[Stretch] = []
    here = 0
    for low, high in found:
        start = low
        while here < len(holes) and holes[here][1] <= start:
            here += 1
        for first, last in islice(holes, here, None):
            if first >= high:
                break
            if first > start:
                left.append((start, first))
            start = last
        if start < high:
            left.append((start, high))
    return left
