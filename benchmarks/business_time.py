"""Business time beside other libraries: an amount added, the amount between two instants, the business date so many on.

Monday to Friday from 09:00 to 17:00 in Berlin, without the nine holidays that all of Germany has: hours that no clock change
touches, and the only kind for which all of them say the same. Where they do not is `wrong_answers`.

Nobody is asked what it cannot say. pandas counts whole hours, and what is used up at closing it gives as the next opening:
its answers are held against `hours.next_open` of the right ones. businesstimedelta and business-duration drop fractions of a
second of what lies between, so all instants are whole seconds. numpy and workalendar know dates only.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias

from attrs import frozen
from dateutil.easter import easter

from benchmarks.measure import Bench, Contestant, Goal, agree, one_by_one, timed
from benchmarks.peers import module
from inbound_engine import hours
from inbound_engine.hours import Calendar
from inbound_engine.spans import zone

__all__ = ["PACKAGES", "Hours", "all_of_germany", "as_businesstimedelta", "as_pandas", "prepare"]

PACKAGES = ("businesstimedelta", "pandas", "business-duration", "workalendar", "numpy")
"""What `pip` calls the peers."""

Pair: TypeAlias = tuple[datetime, datetime]
Count: TypeAlias = tuple[date, int]

_BERLIN = "Europe/Berlin"
_DAY = timedelta(days=1)
_WEEKEND = 5
_FIXED = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
_MOVABLE = (-2, 1, 39, 50)  # Good Friday, Easter Monday, Ascension, Whit Monday


def all_of_germany(*years: int) -> frozenset[date]:
    """The holidays that all of Germany has in those years."""
    fixed = {date(year, month, day) for year in years for month, day in _FIXED}
    return frozenset(fixed | {easter(year) + timedelta(days=after) for year in years for after in _MOVABLE})


@frozen
class Hours:
    """Opening hours that each library can be told in its own words: the same spans, in minutes, on some weekdays."""

    zone: str
    spans: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...] = tuple(range(7))
    holidays: frozenset[date] = frozenset()

    def calendar(self) -> Calendar:
        """The same as a calendar of ours."""
        return Calendar(self.zone, dict.fromkeys(self.weekdays, self.spans), self.holidays)


_OFFICE = Hours(_BERLIN, ((540, 1020),), (0, 1, 2, 3, 4), all_of_germany(2026, 2027, 2028))

# ---------------------------------------------------------------------------------------------------------- hand-written

_ZONE, _NINE, _FIVE, _CLOSED = zone(_BERLIN), time(9), time(17), _OFFICE.holidays


def _add_by_hand(start: datetime, amount: timedelta) -> datetime:
    """Day by day, both ends of a day turned into UTC: right for hours that no clock change touches."""
    day, left = start.astimezone(_ZONE).date(), amount
    while True:
        if day.weekday() < _WEEKEND and day not in _CLOSED:
            first = max(datetime.combine(day, _NINE, _ZONE).astimezone(UTC), start)
            last = datetime.combine(day, _FIVE, _ZONE).astimezone(UTC)
            if first < last:
                if last - first >= left:
                    return first + left
                left -= last - first
        day += _DAY


def _between_by_hand(since: datetime, until: datetime) -> timedelta:
    day, end, counted = since.astimezone(_ZONE).date(), until.astimezone(_ZONE).date(), timedelta()
    while day <= end:
        if day.weekday() < _WEEKEND and day not in _CLOSED:
            first = max(datetime.combine(day, _NINE, _ZONE).astimezone(UTC), since)
            last = min(datetime.combine(day, _FIVE, _ZONE).astimezone(UTC), until)
            if first < last:
                counted += last - first
        day += _DAY
    return counted


def _offset_by_hand(day: date, count: int) -> date:
    while count:
        day += _DAY
        if day.weekday() < _WEEKEND and day not in _CLOSED:
            count -= 1
    return day


# ----------------------------------------------------------------------------------------------------- in others' words


def as_businesstimedelta(found: Any, hours_of: Hours) -> Any:  # noqa: ANN401 - a package that may not be there, and has no types
    """The rules of businesstimedelta: a working day for each span, and a set of holidays. It takes zones of pytz only."""
    where = module("pytz").timezone(hours_of.zone)
    rules = [
        found.WorkDayRule(start_time=_clock(start), end_time=_clock(end), working_days=list(hours_of.weekdays), tz=where)
        for start, end in hours_of.spans
    ]
    if hours_of.holidays:
        rules.append(found.HolidayRule(set(hours_of.holidays), tz=where))
    return found.Rules(rules)


def as_pandas(found: Any, hours_of: Hours, count: int) -> Any:  # noqa: ANN401
    """So many hours of a CustomBusinessHour."""
    return found.offsets.CustomBusinessHour(
        n=count,
        start=[_clock(start) for start, _ in hours_of.spans],
        end=[_clock(end) for _, end in hours_of.spans],
        weekmask="".join("1" if day in hours_of.weekdays else "0" for day in range(7)),
        holidays=sorted(hours_of.holidays),
    )


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


# ------------------------------------------------------------------------------------------------------------- questions

_EDGES = ("2026-03-27", "2026-03-28", "2026-03-30", "2026-04-02", "2026-04-03", "2026-10-23", "2026-10-26", "2026-12-24", "2026-12-31")
_TIMES = ("00:00:00", "08:59:59", "09:00:00", "12:30:00", "16:59:59", "17:00:00", "17:00:01")


def _starts(count: int) -> list[datetime]:
    """Instants drawn from 2026; the others lie at the ends of days beside clock changes, weekends and holidays."""
    draw, first = Random(2026), datetime(2026, 1, 1, tzinfo=UTC)
    drawn = [first + timedelta(seconds=draw.randrange(365 * 86_400)) for _ in range(count)]
    edges = [datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=_ZONE).astimezone(UTC) for day in _EDGES for clock in _TIMES]
    return drawn + draw.sample(edges, min(count, len(edges)))


def _pairs(starts: Sequence[datetime], calendar: Calendar, amount: timedelta) -> list[Pair]:
    """From each start to some hours about the instant that has the amount behind it."""
    draw, found = Random(160), []
    for start in starts:
        reached = hours.add(calendar, start, amount)
        assert isinstance(reached, datetime)
        found.append((start, reached + timedelta(seconds=draw.randrange(-6 * 3600, 18 * 3600))))
    return found


# -------------------------------------------------------------------------------------------------------------- add

# The amount, how many instants are compared, how many are timed: the slowest takes 30 ms for a year.
_AMOUNTS: Mapping[int, tuple[int, int]] = {8: (2_000, 100), 160: (400, 40), 2_000: (100, 12)}


def _adding(calendar: Calendar, count: int, starts: Sequence[datetime], sample: int) -> Bench:
    amount = timedelta(hours=count)
    floor, ours, rival, other = "hand-written", "hours.add", "businesstimedelta", "pandas, CustomBusinessHour"
    expected = [_add_by_hand(start, amount) for start in starts]
    agree(ours, expected, [hours.add(calendar, start, amount) for start in starts], starts)
    contestants = [
        one_by_one(floor, lambda start: _add_by_hand(start, amount), starts[:sample], "this one calendar, day by day"),
        one_by_one(ours, lambda start: hours.add(calendar, start, amount), starts[:sample]),
    ]
    if (found := module("businesstimedelta")) is None:
        contestants.append(Contestant(rival, None))
    else:
        delta = found.BusinessTimeDelta(as_businesstimedelta(found, _OFFICE), hours=count)
        agree(rival, expected, [start + delta for start in starts], starts)
        contestants.append(one_by_one(rival, lambda start: start + delta, starts[:sample], "zones of pytz only"))
    if (found := module("pandas")) is None:
        contestants.append(Contestant(other, None))
    else:
        step, stamps = as_pandas(found, _OFFICE, count), [found.Timestamp(start).tz_convert(_BERLIN) for start in starts]
        opening = [hours.next_open(calendar, answer) for answer in expected]
        agree(other, opening, [(stamp + step).to_pydatetime() for stamp in stamps], starts)
        note = "whole hours; the next opening where the others say closing"
        contestants.append(one_by_one(other, lambda stamp: stamp + step, stamps[:sample], note))
    return Bench(f"Add {count:,} business hours (P7)", "µs", floor, tuple(contestants), (Goal("P7", ours, 1 / 20, (rival,)),))


# -------------------------------------------------------------------------------------------------------------- between


def _between(calendar: Calendar, count: int, pairs: Sequence[Pair], sample: int) -> Bench:
    floor, ours, rival, other = "hand-written", "hours.between", "businesstimedelta", "business-duration"
    expected = [_between_by_hand(*pair) for pair in pairs]
    agree(ours, expected, [hours.between(calendar, *pair) for pair in pairs], pairs)
    contestants = [
        one_by_one(floor, lambda pair: _between_by_hand(*pair), pairs[:sample], "this one calendar, day by day"),
        one_by_one(ours, lambda pair: hours.between(calendar, *pair), pairs[:sample]),
    ]
    if (found := module("businesstimedelta")) is None:
        contestants.append(Contestant(rival, None))
    else:
        rules = as_businesstimedelta(found, _OFFICE)
        agree(rival, expected, [rules.difference(*pair).timedelta for pair in pairs], pairs)
        contestants.append(one_by_one(rival, lambda pair: rules.difference(*pair), pairs[:sample], "whole seconds"))
    if (found := module("business_duration")) is None:
        contestants.append(Contestant(other, None))
    else:
        duration: Callable[[Pair], Any] = _duration(found.businessDuration)
        readings = [(_reading(since), _reading(until)) for since, until in pairs]
        agree(other, expected, [timedelta(seconds=duration(pair)) for pair in readings], pairs)
        contestants.append(one_by_one(other, duration, readings[:sample], "whole seconds; readings of a clock, no zone"))
    return Bench(f"Business time between two instants, about {count:,} hours", "µs", floor, tuple(contestants))


def _duration(ask: Any) -> Callable[[Pair], Any]:  # noqa: ANN401
    return lambda pair: ask(*pair, starttime=_NINE, endtime=_FIVE, holidaylist=_CLOSED, unit="sec")


def _reading(at: datetime) -> datetime:
    """What the clock on the wall reads, without its zone."""
    return at.astimezone(_ZONE).replace(tzinfo=None)


# --------------------------------------------------------------------------------------------------------------- offset

_COUNTS: Mapping[int, str] = {
    1: "The next business date",
    20: "The 20th business date after a date",
    250: "The 250th business date after a date",
}


def _offsetting(calendar: Calendar, title: str, questions: Sequence[Count], sample: int) -> Bench:
    floor, ours, other, arrays = "hand-written", "hours.offset", "workalendar", "numpy, busday_offset"
    expected = [_offset_by_hand(*question) for question in questions]
    agree(ours, expected, [hours.offset(calendar, *question) for question in questions], questions)
    contestants = [
        one_by_one(floor, lambda question: _offset_by_hand(*question), questions[:sample], "this one calendar, day by day"),
        one_by_one(ours, lambda question: hours.offset(calendar, *question), questions[:sample], "knows dates that never occur"),
    ]
    if (found := module("workalendar.europe")) is None:
        contestants.append(Contestant(other, None))
    else:
        step = found.Germany().add_working_days
        agree(other, expected, [step(*question) for question in questions], questions)
        contestants.append(one_by_one(other, lambda question: step(*question), questions[:sample], "dates only; holidays of its own"))
    if (found := module("numpy")) is None:
        contestants += [Contestant(arrays, None), Contestant(f"{arrays}, all at once", None)]
    else:
        busy = found.busdaycalendar(holidays=sorted(_CLOSED))
        days, count = found.array([day for day, _ in questions], dtype="datetime64[D]"), questions[0][1]

        def several(some: Any) -> Any:  # noqa: ANN401 - a day of numpy, or an array of them
            return found.busday_offset(some, count, roll="backward", busdaycal=busy)

        agree(arrays, expected, [several(day).item() for day in days], questions)
        agree(f"{arrays}, all at once", expected, several(days).tolist(), questions)
        contestants.append(one_by_one(arrays, several, list(days[:sample]), "dates only"))
        some = days[:sample]
        contestants.append(
            Contestant(f"{arrays}, all at once", timed(lambda: several(some), len(some), "µs"), f"{len(some)} dates in an array")
        )
    return Bench(title, "µs", floor, tuple(contestants))


# -------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares what everybody says, and gives what is to be timed."""
    calendar, less = _OFFICE.calendar(), 20 if quick else 1
    adding, between = [], []
    for count, (compared, sample) in _AMOUNTS.items():
        starts = _starts(compared // less)
        sample = min(sample, compared // less)  # noqa: PLW2901 - the drawn ones; the ends of days are compared only
        adding.append(_adding(calendar, count, starts, sample))
        between.append(_between(calendar, count, _pairs(starts, calendar, timedelta(hours=count)), sample))
    dates = sorted({at.date() for at in _starts(2_000 // less)})
    Random(250).shuffle(dates)
    offsetting = [_offsetting(calendar, title, [(day, count) for day in dates], 100) for count, title in _COUNTS.items()]
    return *adding, *between, *offsetting
