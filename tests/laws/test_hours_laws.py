"""What holds for every calendar, near every change of the clocks."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine import hours
from inbound_engine.hours import Calendar
from inbound_engine.spans import Span, zone
from tests import brute

T = TypeVar("T")

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta(0)
MINUTES_A_DAY = 1440

ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca", "Africa/Cairo"),
    *("America/Santiago", "Asia/Beirut", "Antarctica/Troll", "Pacific/Apia", "America/Havana", "Atlantic/Azores", "America/Nuuk"),
    *("America/Sao_Paulo", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Europe/Dublin", "Australia/Sydney"),
    *("Asia/Gaza", "Africa/El_Aaiun", "America/Caracas", "Asia/Pyongyang", "Antarctica/Casey", "Pacific/Kwajalein", "America/Juneau"),
)
"""By an hour, two, half an hour, a quarter, a whole day; at midnight, before it and after it; backwards in summer; once, and never."""

_LEAP_DAY = datetime(2024, 2, 29, 12, tzinfo=UTC)  # where nothing else happens
_YEARS = (1980, 1983, 1985, 1986, 1993, 2007, 2008, 2010, 2011, 2014, 2015, 2018, 2022, 2024, 2026)
CHANGES = {name: brute.changes(zone(name), _YEARS) or [_LEAP_DAY] for name in ZONES}


def test_the_changes_are_of_many_kinds() -> None:
    """So that the laws below meet them: by how much the clocks move, in hours."""
    moves = set()
    for name, changes in CHANGES.items():
        for change in changes:
            after, before = (each.astimezone(zone(name)).utcoffset() for each in (change, change - brute.MINUTE))
            assert after is not None
            assert before is not None
            moves.add((after - before) / HOUR)
    assert moves >= {-3, -2, -1, -0.5, 0.25, 0.5, 1, 2, 24}


# ---------------------------------------------------------------------------------------------------- drawn at random

_MINUTES = st.one_of(st.sampled_from([0, 1, 60, 120, 135, 150, 180, 540, 1020, 1380, 1439]), st.integers(0, MINUTES_A_DAY - 1))
_SPANS = st.tuples(_MINUTES, st.one_of(_MINUTES, st.just(MINUTES_A_DAY))).filter(lambda own: own[0] != own[1])
_DAYS = st.lists(_SPANS, max_size=3)
_NEAR = st.builds(
    lambda whole, micros: whole * brute.MINUTE + micros * MICROSECOND,
    st.integers(-2 * MINUTES_A_DAY, 2 * MINUTES_A_DAY),
    st.sampled_from([0, 0, 1, -1, 59_999_999, 30_250_000]),
)
_AMOUNTS = st.one_of(
    st.sampled_from([NOTHING, MICROSECOND, brute.MINUTE, 8 * HOUR, DAY]),
    st.timedeltas(NOTHING, timedelta(hours=60)),
)
_PLACES = st.sampled_from(ZONES).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(CHANGES[name])))


@st.composite
def places(draw: st.DrawFn, *, ever_open: bool = False) -> tuple[Calendar, datetime]:
    """A calendar, and an instant at which the clocks of its zone change; holidays and overrides lie near it."""
    name, change = draw(_PLACES)
    near = [change.astimezone(zone(name)).date() + number * DAY for number in range(-3, 4)]
    weekly = draw(st.lists(_DAYS, min_size=7, max_size=7))
    if ever_open and not any(weekly):
        weekly[draw(st.integers(0, 6))] = [(0, MINUTES_A_DAY)]
    holidays = draw(st.frozensets(st.sampled_from(near), max_size=2))
    overrides = draw(st.dictionaries(st.sampled_from(near), _DAYS, max_size=2))
    return Calendar(name, weekly, holidays, overrides), change


@st.composite
def questions(draw: st.DrawFn, *, ends: int = 1, ever_open: bool = False) -> tuple[Calendar, list[datetime]]:
    """A calendar, and so many instants near a change, in order."""
    calendar, change = draw(places(ever_open=ever_open))
    return calendar, sorted(change + draw(_NEAR) for _ in range(ends))


@st.composite
def breaks(draw: st.DrawFn, near: datetime) -> list[Span]:
    """A few pauses near an instant, in any order."""
    ends = [sorted([near + draw(_NEAR), near + draw(_NEAR)]) for _ in range(draw(st.integers(0, 3)))]
    return [Span(since, until) for since, until in ends]


# ------------------------------------------------------------------------------------------------- between and its ends


@given(questions(ends=3), st.data())
def test_open_time_adds_up(asked: tuple[Calendar, list[datetime]], data: st.DataObject) -> None:
    """TM-14: from end to end it is the sum of the parts, whatever the pauses."""
    calendar, (since, middle, until) = asked
    pauses = data.draw(breaks(middle))
    whole = hours.between(calendar, since, until, pauses=pauses)
    assert whole == hours.between(calendar, since, middle, pauses=pauses) + hours.between(calendar, middle, until, pauses=pauses)
    assert NOTHING <= whole <= until - since
    assert hours.between(calendar, until, since, pauses=pauses) == NOTHING


@given(questions(ends=4))
def test_a_longer_stretch_never_has_less_open_time(asked: tuple[Calendar, list[datetime]]) -> None:
    """TM-14: in either end."""
    calendar, (first, since, until, last) = asked
    assert hours.between(calendar, since, until) <= hours.between(calendar, first, until) <= hours.between(calendar, first, last)
    assert hours.between(calendar, since, until) <= hours.between(calendar, since, last)


@given(questions(ends=2), st.data())
def test_pauses_only_take_away(asked: tuple[Calendar, list[datetime]], data: st.DataObject) -> None:
    """CL-13: what is open outside the pauses and what is open inside them is all that is open; order and overlap mean nothing."""
    calendar, (since, until) = asked
    pauses = data.draw(breaks(since))
    left = hours.between(calendar, since, until, pauses=pauses)
    marks = sorted({since, until, *(end for pause in pauses for end in (pause.since, pause.until) if since < end < until)})
    inside = sum(
        (hours.between(calendar, first, last) for first, last in pairwise(marks) if any(first in pause for pause in pauses)),
        NOTHING,
    )
    assert left + inside == hours.between(calendar, since, until)
    assert left == hours.between(calendar, since, until, pauses=[*reversed(pauses), *pauses])


# --------------------------------------------------------------------------------------------------------- add, subtract


@given(questions(ever_open=True), _AMOUNTS, st.data())
def test_what_was_added_has_passed_and_not_before(asked: tuple[Calendar, list[datetime]], amount: timedelta, data: st.DataObject) -> None:
    """TM-15: it is the earliest instant, so that a microsecond earlier something is missing."""
    calendar, (start,) = asked
    pauses = data.draw(breaks(start))
    due = hours.add(calendar, start, amount, pauses=pauses)
    assert isinstance(due, datetime)
    assert due >= start
    assert hours.between(calendar, start, due, pauses=pauses) == amount
    if amount:
        assert hours.between(calendar, start, due - MICROSECOND, pauses=pauses) == amount - MICROSECOND
        assert hours.is_open(calendar, due - MICROSECOND)
    else:
        assert due == start


@given(questions(ever_open=True), _AMOUNTS, st.data())
def test_what_was_subtracted_is_still_to_pass_and_not_after(
    asked: tuple[Calendar, list[datetime]], amount: timedelta, data: st.DataObject
) -> None:
    """TM-16: it is the latest instant."""
    calendar, (end,) = asked
    pauses = data.draw(breaks(end))
    start = hours.subtract(calendar, end, amount, pauses=pauses)
    assert isinstance(start, datetime)
    assert start <= end
    assert hours.between(calendar, start, end, pauses=pauses) == amount
    if amount:
        assert hours.between(calendar, start + MICROSECOND, end, pauses=pauses) == amount - MICROSECOND
        assert hours.is_open(calendar, start)
    else:
        assert start == end


@given(questions(ever_open=True), _AMOUNTS)
def test_there_and_back_is_the_same_open_instant_or_the_next_one(asked: tuple[Calendar, list[datetime]], amount: timedelta) -> None:
    """TM-15, TM-16: what lies between is closed."""
    calendar, (start,) = asked
    due = hours.add(calendar, start, amount)
    assert isinstance(due, datetime)
    back = hours.subtract(calendar, due, amount)
    assert isinstance(back, datetime)
    assert back >= start
    assert hours.between(calendar, start, back) == NOTHING
    if hours.is_open(calendar, start):
        assert back == start


@given(questions(ends=2, ever_open=True), _AMOUNTS, _AMOUNTS)
def test_deadlines_keep_their_order(asked: tuple[Calendar, list[datetime]], some: timedelta, more: timedelta) -> None:
    """TM-15: who starts later is never due earlier, more is never due before less, and two amounts are one after the other."""
    calendar, (first, second) = asked
    due, later = hours.add(calendar, first, some), hours.add(calendar, second, some)
    assert isinstance(due, datetime)
    assert isinstance(later, datetime)
    assert due <= later
    both = hours.add(calendar, first, some + more)
    assert isinstance(both, datetime)
    assert due <= both
    if some and more:
        assert hours.add(calendar, due, more) == both


@given(questions(ever_open=True), st.lists(_AMOUNTS, max_size=5), st.data())
def test_several_amounts_are_due_as_each_alone(
    asked: tuple[Calendar, list[datetime]], amounts: list[timedelta], data: st.DataObject
) -> None:
    """TM-15: in one walk."""
    calendar, (start,) = asked
    pauses = data.draw(breaks(start))
    alone = tuple(hours.add(calendar, start, amount, pauses=pauses) for amount in amounts)
    assert hours.add_each(calendar, start, amounts, pauses=pauses) == alone


@given(questions(ends=2, ever_open=True), _AMOUNTS)
def test_before_the_deadline_less_than_the_amount_has_passed(asked: tuple[Calendar, list[datetime]], amount: timedelta) -> None:
    """CL-4: strictly before the deadline, and less than the target, are one and the same."""
    calendar, (start, response) = asked
    due = hours.add(calendar, start, amount)
    assert isinstance(due, datetime)
    assert (response < due) is (hours.between(calendar, start, response) < amount)


# ------------------------------------------------------------------------------------------- is_open, spans, next_open


@given(questions(ends=2), st.data())
def test_spans_are_just_the_open_instants(asked: tuple[Calendar, list[datetime]], data: st.DataObject) -> None:
    """TM-3, TM-12: in order and apart, open at their first instant, closed at their last unless the question ends there."""
    calendar, (since, until) = asked
    found = hours.spans(calendar, since=since, until=until)
    assert all(earlier.until < later.since for earlier, later in pairwise(found))
    for span in found:
        assert since <= span.since < span.until <= until
        assert hours.is_open(calendar, span.since)
        assert hours.is_open(calendar, span.until - MICROSECOND)
        assert span.since == since or not hours.is_open(calendar, span.since - MICROSECOND)
        assert span.until == until or not hours.is_open(calendar, span.until)
    assert sum((span.length for span in found), NOTHING) == hours.between(calendar, since, until)
    when = data.draw(st.datetimes(since.replace(tzinfo=None), max(since, until - MICROSECOND).replace(tzinfo=None))).replace(tzinfo=UTC)
    if since <= when < until:
        assert any(when in span for span in found) is hours.is_open(calendar, when)


@given(questions(ends=2), st.lists(places(), max_size=2), st.data())
def test_spans_of_several_calendars_are_where_all_are_open(
    asked: tuple[Calendar, list[datetime]], others: Sequence[tuple[Calendar, datetime]], data: st.DataObject
) -> None:
    """Cut at every edge of every calendar, each part is open in all or belongs to none."""
    first, (since, until) = asked
    calendars = [first, *(calendar for calendar, _ in others)]
    found = hours.spans(*calendars, since=since, until=until)
    alone = [hours.spans(calendar, since=since, until=until) for calendar in calendars]
    marks = sorted({since, until, *(end for each in alone for span in each for end in (span.since, span.until))})
    for low, _ in pairwise(marks):
        assert any(low in span for span in found) is all(hours.is_open(calendar, low) for calendar in calendars)
    assert all(earlier.until < later.since for earlier, later in pairwise(found))
    assert {end for span in found for end in (span.since, span.until)} <= set(marks)
    assert found == hours.spans(*data.draw(st.permutations([*calendars, first])), since=since, until=until)


@given(questions(ever_open=True))
def test_the_next_opening_is_where_counting_begins(asked: tuple[Calendar, list[datetime]]) -> None:
    """Nothing is open before it; it is open itself; whoever is open already is there."""
    calendar, (when,) = asked
    found = hours.next_open(calendar, when)
    assert isinstance(found, datetime)
    assert hours.is_open(calendar, found)
    assert hours.between(calendar, when, found) == NOTHING
    assert (found == when) is hours.is_open(calendar, when)
    assert hours.add(calendar, when, MICROSECOND) == found + MICROSECOND


# ----------------------------------------------------------------------------------------------------------------- dates


@given(_PLACES)
def test_dates_tile_time(place: tuple[str, datetime]) -> None:
    """TM-7, TM-8: the stretches of neighbouring dates leave no gap and never overlap, and the wall clock agrees with each."""
    name, change = place
    here = zone(name)
    middle = change.astimezone(here).date()
    days = [middle + number * DAY for number in range(-3, 4)]
    stretches = sorted((span.since, span.until, day) for day in days for span in hours.date_spans(here, day))
    assert all(until == since for (_, until, _), (since, _, _) in pairwise(stretches))
    for since, until, day in stretches:
        for inside in (since, since + (until - since) / 2, until - MICROSECOND):
            assert hours.local_date(here, inside) == inside.astimezone(here).date() == day
    for day in days:
        assert hours.starts_at(here, day) == min((since for since, _, own in stretches if own == day), default=None)
        assert [(span.since, span.until) for span in hours.date_spans(Calendar(name, {}), day)] == [
            (since, until) for since, until, own in stretches if own == day
        ]


@given(places(ever_open=True), st.integers(-12, 12), st.integers(-12, 12), st.integers(-3, 3))
def test_business_dates_are_numbered(place: tuple[Calendar, datetime], some: int, more: int, shift: int) -> None:
    """TM-18: steps in one direction add up, a step back undoes a step from a business date, and zero moves to one."""
    calendar, change = place
    day = change.astimezone(calendar.zone).date() + shift * DAY
    first = hours.offset(calendar, day, 0)
    assert isinstance(first, date)
    assert first >= day
    assert hours.is_business_date(calendar, first)
    assert (first == day) is hours.is_business_date(calendar, day)
    there = hours.offset(calendar, first, some)
    assert isinstance(there, date)
    assert hours.offset(calendar, there, -some) == first
    assert hours.offset(calendar, there, more) == hours.offset(calendar, first, some + more)


@given(places(), st.integers(-3, 3))
def test_a_business_date_is_one_with_open_time(place: tuple[Calendar, datetime], shift: int) -> None:
    """TM-18: counted over the stretches of the date."""
    calendar, change = place
    day = change.astimezone(calendar.zone).date() + shift * DAY
    opened = sum((hours.between(calendar, span.since, span.until) for span in hours.date_spans(calendar, day)), NOTHING)
    assert hours.is_business_date(calendar, day) is (opened > NOTHING)


# --------------------------------------------------------------------------------------------------------- brute force


class Lots:
    """Cases drawn from a seed: the same thousands on every machine, a few milliseconds each."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing secret

    def pick(self, among: Sequence[T]) -> T:
        return self.random.choice(among)

    def spans(self) -> list[tuple[int, int]]:
        own = [(self.minute(), self.minute() or MINUTES_A_DAY) for _ in range(self.random.choices((0, 1, 2, 3), (2, 4, 2, 1))[0])]
        return [(start, end) for start, end in own if start != end]

    def minute(self) -> int:
        return self.random.choice(
            (self.random.randrange(MINUTES_A_DAY), self.random.randrange(0, 300, 15), self.random.randrange(1260, 1440, 15))
        )

    def place(self, name: str) -> tuple[Calendar, datetime]:
        change = self.pick(CHANGES[name])
        near = [change.astimezone(zone(name)).date() + number * DAY for number in range(-2, 3)]
        weekly = [self.spans() for _ in range(7)]
        holidays = self.random.sample(near, self.random.choice((0, 0, 1)))
        overrides = {day: self.spans() for day in self.random.sample(near, self.random.choice((0, 0, 1, 2)))}
        return Calendar(name, weekly, holidays, overrides), change

    def near(self, change: datetime, hours_away: int = 16) -> datetime:
        moved = change + self.random.randint(-hours_away * 60, hours_away * 60) * brute.MINUTE
        return moved + self.pick((0, 0, 1, -1, self.random.randrange(60_000_000))) * MICROSECOND

    def pauses(self, change: datetime) -> list[Span]:
        ends = [sorted((self.near(change), self.near(change))) for _ in range(self.pick((0, 0, 1, 2, 3)))]
        return [Span(since, until) for since, until in ends]


@pytest.mark.parametrize("name", ZONES)
def test_every_answer_is_that_of_reading_the_wall_clock_minute_by_minute(name: str) -> None:
    """TM-3 to TM-19, CL-13: seventy-five calendars a zone near its changes, against `tests/brute.py`."""
    lots = Lots(ZONES.index(name))
    reached = 0
    for _ in range(75):
        calendar, change = lots.place(name)
        since, until = sorted((lots.near(change), lots.near(change)))
        pauses = lots.pauses(change)
        case = (calendar, since.isoformat(), until.isoformat(), [(pause.since.isoformat(), pause.until.isoformat()) for pause in pauses])
        opened = brute.between(calendar, since, until, pauses)
        assert hours.between(calendar, since, until, pauses=pauses) == opened, case
        for when in (since, until, change, change - MICROSECOND):
            assert hours.is_open(calendar, when) is brute.is_open(calendar, when), (case, when)
        if opened:
            amount = lots.pick((opened, opened, MICROSECOND, opened * lots.random.randint(1, 99) // 100 or opened))
            due = hours.add(calendar, since, amount, pauses=pauses)
            assert due == brute.add(calendar, since, amount, pauses), (case, amount)
            assert hours.subtract(calendar, until, amount, pauses=pauses) == brute.subtract(calendar, until, amount, pauses), (case, amount)
            assert hours.next_open(calendar, since) == brute.next_open(calendar, since), case
            reached += 1
    assert reached >= 25


@pytest.mark.parametrize("name", ZONES)
def test_every_stretch_and_every_date_is_that_of_reading_the_wall_clock(name: str) -> None:
    """TM-5 to TM-8, TM-12, TM-18: over whole days around a change."""
    lots = Lots(-1 - ZONES.index(name))
    for _ in range(3):
        calendar, change = lots.place(name)
        since, until = change - 30 * HOUR + lots.pick((0, 1, 30_000_000)) * MICROSECOND, change + 30 * HOUR
        pieces: list[Any] = []
        for low, high in brute.stretches(calendar, since, until):
            if pieces and pieces[-1].until == low:
                low = pieces.pop().since  # noqa: PLW2901 - one stretch of many minutes
            pieces.append(Span(low, high))
        assert hours.spans(calendar, since=since, until=until) == tuple(pieces)
        day = change.astimezone(calendar.zone).date() - lots.pick((0, 1)) * DAY
        assert [(span.since, span.until) for span in hours.date_spans(calendar, day)] == brute.reads(calendar.zone, day)
        if any(calendar.weekly):
            count = lots.pick((-3, -2, -1, 0, 1, 2, 3))
            assert hours.offset(calendar, day, count) == brute.offset(calendar, day, count), (calendar, day, count)


@settings(max_examples=150)
@given(questions(ends=2), st.data())
def test_no_question_that_can_be_drawn_has_another_answer(asked: tuple[Calendar, list[datetime]], data: st.DataObject) -> None:
    """TM-14: the same, where hypothesis looks for the odd one and makes it small."""
    calendar, (since, until) = asked
    until = min(until, since + 20 * HOUR)
    pauses = data.draw(breaks(since))
    assert hours.between(calendar, since, until, pauses=pauses) == brute.between(calendar, since, until, pauses)
    assert hours.is_open(calendar, since) is brute.is_open(calendar, since)


# -------------------------------------------------------------------------------------------------- another's own answer


def test_another_library_counts_the_same_on_ordinary_spans() -> None:
    """TM-14, TM-15: `businesstimedelta` over ten years of intervals, with the holidays of one; minutes from 09:00 to 17:30."""
    business = pytest.importorskip("businesstimedelta")
    pytz = pytest.importorskip("pytz")
    closed = {date(year, month, day): "closed" for year in range(2015, 2026) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))}
    for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"):
        there = pytz.timezone(name)
        workday = business.WorkDayRule(
            start_time=datetime(2000, 1, 1, 9).time(),  # noqa: DTZ001 - a time of day
            end_time=datetime(2000, 1, 1, 17, 30).time(),  # noqa: DTZ001
            working_days=[0, 1, 2, 3, 4],
            tz=there,
        )
        rules = business.Rules([workday, business.HolidayRule(closed, there)])
        calendar = Calendar.weekdays(name, "09:00", "17:30", holidays=closed)
        lots = Lots(7)
        for _ in range(40):
            since = datetime(2015, 1, 1, tzinfo=UTC) + lots.random.randrange(10 * 365 * 86_400) * timedelta(seconds=1)
            until = since + lots.random.randrange(20 * 86_400) * timedelta(seconds=1)
            counted = rules.difference(since, until)
            assert hours.between(calendar, since, until) == timedelta(hours=counted.hours, seconds=counted.seconds)
