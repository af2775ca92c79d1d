"""Which instants break no rule: working time in parts, bounds, and caps (CA-4 to CA-11, TM-3 to TM-7)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inbound_engine.hours import Calendar
from inbound_engine.slots import Bounds, Counts, Worktime, allowed
from inbound_engine.spans import parse_instant, zone

DAY = timedelta(days=1)
BERLIN = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")


def worktime(*calendars: Calendar, since: str, horizon: int = 45) -> Worktime:
    return Worktime(calendars, calendars[0].zone, parse_instant(since), horizon)


def told(worktime: Worktime, since: str, until: str) -> list[str]:
    """Each part: its ends in UTC, the date that is read, and the time of day at its start."""
    parts = worktime.parts(parse_instant(since), parse_instant(until))
    return [f"{start:%m-%dT%H:%M} {end:%m-%dT%H:%M} {day} {reading}" for start, end, day, reading in parts]


@pytest.mark.parametrize(
    ("calendar", "since", "parts"),
    [
        pytest.param(BERLIN, "2024-01-08T08:30Z", ["01-08T08:30 01-08T16:00 2024-01-08 9:30:00"], id="CA-4: from the first instant on"),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(540, 720), (780, 1020)]}),
            "2024-01-08T00:00Z",
            ["01-08T08:00 01-08T11:00 2024-01-08 9:00:00", "01-08T12:00 01-08T16:00 2024-01-08 13:00:00"],
            id="a lunch",
        ),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(1320, 360)]}),
            "2024-01-08T00:00Z",
            ["01-08T21:00 01-08T23:00 2024-01-08 22:00:00", "01-08T23:00 01-09T05:00 2024-01-09 0:00:00"],
            id="a night is cut at midnight",
        ),
        pytest.param(
            Calendar.always("Europe/Berlin"),
            "2024-03-30T23:00Z",
            ["03-30T23:00 03-31T01:00 2024-03-31 0:00:00", "03-31T01:00 03-31T22:00 2024-03-31 3:00:00"],
            id="TM-5: 02:00 to 03:00 is never read",
        ),
        pytest.param(
            Calendar.always("Europe/Berlin"),
            "2024-10-26T22:00Z",
            ["10-26T22:00 10-27T01:00 2024-10-27 0:00:00", "10-27T01:00 10-27T23:00 2024-10-27 2:00:00"],
            id="TM-6: 02:00 to 03:00 is read twice",
        ),
        pytest.param(
            Calendar("Australia/Lord_Howe", {6: [(60, 240)]}),
            "2024-10-05T13:30Z",
            ["10-05T14:30 10-05T15:30 2024-10-06 1:00:00", "10-05T15:30 10-05T17:00 2024-10-06 2:30:00"],
            id="TM-5: half an hour",
        ),
        pytest.param(
            Calendar.always("Africa/Cairo"),
            "2024-04-25T21:00Z",
            ["04-25T21:00 04-25T22:00 2024-04-25 23:00:00", "04-25T22:00 04-26T21:00 2024-04-26 1:00:00"],
            id="TM-8: a date that begins at 01:00",
        ),
        pytest.param(
            Calendar.always("America/St_Johns"),
            "2006-10-29T02:00Z",
            [
                "10-29T02:00 10-29T02:30 2006-10-28 23:30:00",
                "10-29T02:30 10-29T02:31 2006-10-29 0:00:00",
                "10-29T02:31 10-29T03:30 2006-10-28 23:01:00",
                "10-29T03:30 10-30T03:30 2006-10-29 0:00:00",
            ],
            id="TM-7: a date that is read, left and read again",
        ),
        pytest.param(
            Calendar.always("Pacific/Apia"),
            "2011-12-30T08:00Z",
            ["12-30T08:00 12-30T10:00 2011-12-29 22:00:00", "12-30T10:00 12-31T10:00 2011-12-31 0:00:00"],
            id="TM-7: a date that is never read",
        ),
    ],
)
def test_a_part_reads_one_date_and_no_change_of_the_clock(calendar: Calendar, since: str, parts: list[str]) -> None:
    """TM-5 to TM-9: the first parts of a stretch."""
    assert told(worktime(calendar, since=since), since, since.replace("Z", ":01Z"))[: len(parts)] == parts


def test_parts_are_those_that_end_after_an_instant_in_looks_that_begin_before_another() -> None:
    """A look is 16 days; what was read is read again the same."""
    time = worktime(BERLIN, since="2024-01-08T00:00Z")
    later = told(time, "2024-01-25T16:00Z", "2024-01-25T00:00Z")
    assert [part[:5] for part in later] == ["01-26", "01-29", "01-30", "01-31", "02-01", "02-02", "02-05", "02-06", "02-07", "02-08"]
    assert told(time, "2024-01-05T00:00Z", "2024-01-24T00:00Z")[0] == "01-08T08:00 01-08T16:00 2024-01-08 9:00:00"
    assert told(time, "2024-01-25T15:59Z", "2024-01-25T00:00Z")[1:] == later
    assert told(time, "2024-02-01T00:00Z", "2024-01-24T00:00Z") == []


def test_only_what_all_calendars_share_is_working_time() -> None:
    """CA-2: of two candidate zones, the hours in which both work."""
    both = worktime(
        Calendar.weekdays("America/New_York", "09:00", "17:00"),
        Calendar.weekdays("America/Los_Angeles", "09:00", "17:00"),
        since="2024-01-08T00:00Z",
    )
    assert told(both, "2024-01-08T00:00Z", "2024-01-08T01:00Z")[:2] == [
        "01-08T17:00 01-08T22:00 2024-01-08 12:00:00",
        "01-09T17:00 01-09T22:00 2024-01-09 12:00:00",
    ]


@pytest.mark.parametrize(
    ("calendar", "since", "horizon", "dates"),
    [
        pytest.param(BERLIN, "2024-01-05T15:59:59.999999Z", 45, {0: "2024-01-05", 1: "2024-01-08"}, id="CA-4: a microsecond of Friday"),
        pytest.param(BERLIN, "2024-01-05T16:00Z", 45, {0: "2024-01-08", 1: "2024-01-09"}, id="CA-4: after closing"),
        pytest.param(BERLIN, "2024-01-09T02:00Z", 45, {0: "2024-01-09", 5: "2024-01-16", 100: "2024-05-28"}, id="CA-5: business dates"),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(540, 1020)]}, [date(2024, 1, 15), date(2024, 1, 22)]),
            "2024-01-08T08:00Z",
            21,
            {0: "2024-01-08", 1: "2024-01-29"},
            id="CA-20: a gap of the horizon",
        ),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(540, 1020)]}, [date(2024, 1, 15), date(2024, 1, 22)]),
            "2024-01-08T08:00Z",
            20,
            {0: "2024-01-08", 1: None, 2: None},
            id="CA-20: a gap beyond the horizon",
        ),
        pytest.param(Calendar("Europe/Berlin", {}), "2024-01-08T08:00Z", 45, {0: None, 1: None}, id="CA-20: never open"),
        pytest.param(
            Calendar("Europe/Berlin", {}, overrides={date(2024, 3, 1): [(540, 1020)]}),
            "2024-01-16T08:00Z",
            45,
            {0: "2024-03-01", 1: None},
            id="CA-20: open once, on the last date of the horizon",
        ),
        pytest.param(
            Calendar("Europe/Berlin", {}, overrides={date(2024, 3, 1): [(540, 1020)]}),
            "2024-01-15T08:00Z",
            45,
            {0: None},
            id="CA-20: open once, a day later",
        ),
        pytest.param(
            Calendar.weekdays("Pacific/Apia", "09:00", "17:00"),
            "2011-12-29T20:00Z",
            45,
            {0: "2011-12-29", 1: "2012-01-02"},
            id="X21: Friday does not exist",
        ),
        pytest.param(
            Calendar("America/St_Johns", {5: [(0, 1440)], 6: [(0, 1440)]}),
            "2006-10-29T02:30:30Z",
            45,
            {0: "2006-10-29", 1: "2006-11-04"},
            id="TM-7: in the minute before a date comes back",
        ),
    ],
)
def test_business_dates_count_from_the_first_working_instant(
    calendar: Calendar, since: str, horizon: int, dates: dict[int, str | None]
) -> None:
    time = worktime(calendar, since=since, horizon=horizon)
    found = {number: time.business_date(number) for number in dates}
    assert {number: day and day.isoformat() for number, day in found.items()} == dates
    assert {number: worktime(calendar, since=since, horizon=horizon).business_date(number) for number in reversed(dates)} == found


def test_the_same_hours_may_be_looked_at_from_elsewhere() -> None:
    assert worktime(BERLIN, since="2024-01-05T16:00Z").starting(parse_instant("2024-01-10T10:00Z")).business_date(1) == date(2024, 1, 11)


MONDAY = parse_instant("2024-01-08T08:00Z")


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        (Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 9)), ["2024-01-08 09:00", "2024-01-09 09:00"]),
        (Bounds(MONDAY + timedelta(hours=3), date(2024, 1, 8), date(2024, 1, 8)), ["2024-01-08 12:00"]),
        (Bounds(MONDAY, date(2024, 1, 10), date(2024, 1, 10)), ["2024-01-10 09:00"]),
        (Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 8), opens=timedelta(hours=10)), ["2024-01-08 10:00"]),
        (Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 8), opens=timedelta(hours=17)), []),
        (Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 8), closes=timedelta(hours=9)), []),
        (Bounds(MONDAY + timedelta(hours=4), date(2024, 1, 8), date(2024, 1, 9), closes=timedelta(hours=12)), ["2024-01-09 09:00"]),
        (Bounds(MONDAY, date(2024, 1, 9), date(2024, 1, 8)), []),
        (Bounds(MONDAY, date(2024, 1, 6), date(2024, 1, 7)), []),
        (
            Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 8), also_open=(Calendar("Europe/Berlin", {0: [(600, 660), (900, 960)]}),)),
            ["2024-01-08 10:00", "2024-01-08 15:00"],
        ),
        (Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 8), also_open=(Calendar.weekdays("Asia/Tokyo", "09:00", "17:00"),)), []),
    ],
)
def test_only_stretches_within_the_bounds_are_allowed(bounds: Bounds, found: list[str]) -> None:
    """CA-6 to CA-8, CA-12."""
    openings = allowed(worktime(BERLIN, since="2024-01-06T00:00Z"), bounds)
    assert [f"{since.astimezone(zone('Europe/Berlin')):%Y-%m-%d %H:%M}" for since, _, _ in openings] == found


def test_dates_that_are_refused_are_passed_over() -> None:
    """CA-11."""
    bounds = Bounds(MONDAY, date(2024, 1, 8), date(2024, 1, 10))
    found = allowed(worktime(BERLIN, since="2024-01-08T00:00Z"), bounds, lambda day: day.day % 2 == 0)
    assert list(found) == [(parse_instant("2024-01-09T08:00Z"), parse_instant("2024-01-09T16:00Z"), date(2024, 1, 9))]


def test_a_date_takes_as_many_as_its_caps() -> None:
    """CA-11: of a channel, and of all."""
    counts = Counts(3)
    today, tomorrow = date(2024, 1, 8), date(2024, 1, 9)
    at = datetime(2024, 1, 8, 9, tzinfo=UTC)
    assert not counts.is_full("call", 1, today)
    counts.add("call", at, today)
    assert [counts.is_full("call", cap, today) for cap in (1, 2, None)] == [True, False, False]
    assert [counts.is_full("email", 1, today), counts.is_full("call", 1, tomorrow)] == [False, False]
    counts.add("email", at, today)
    counts.add("linkedin", at, today)
    assert [counts.is_full("call", 9, today), counts.is_full("sms", None, today), counts.is_full("sms", None, tomorrow)] == [
        True,
        True,
        False,
    ]
    without = Counts(None)
    for _ in range(9):
        without.add("email", at, today)
    assert not without.is_full("call", None, today)


def test_twenty_four_hours_take_as_many_as_their_cap() -> None:
    """CA-11: three calls, and the fourth exactly 24 hours after the first."""
    counts = Counts(None)
    times = [datetime(2024, 1, 8, hour, tzinfo=UTC) for hour in (9, 12, 15)]
    for at in times[:2]:
        counts.add("call", at, date(2024, 1, 8))
    assert counts.free_from("call", 3) is None
    counts.add("call", times[2], date(2024, 1, 8))
    assert [counts.free_from("call", cap) for cap in (3, 2, 1, None)] == [times[0] + DAY, times[1] + DAY, times[2] + DAY, None]
    assert counts.free_from("email", 1) is None


@pytest.mark.parametrize(
    ("place", "start", "floor", "found"),
    [
        ("Europe/Berlin", "2024-01-08T12:00Z", "2024-01-24T13:00Z", "2024-01-24 14:00"),
        ("Pacific/Honolulu", "2024-01-08T12:00Z", "2024-01-24T13:00Z", "2024-01-24 03:00"),
        ("Pacific/Honolulu", "2024-01-09T06:00Z", "2024-01-25T08:00Z", "2024-01-24 22:00"),  # a look begins at 20:00 there
        ("Pacific/Kiritimati", "2024-01-08T12:00Z", "2024-01-08T12:00Z", "2024-01-24 00:00"),
        ("Pacific/Kiritimati", "2024-01-07T10:00Z", "2024-01-23T10:00Z", "2024-01-24 00:00"),  # a look begins with the date
    ],
)
def test_a_date_is_found_wherever_it_lies_and_wherever_looks_begin(place: str, start: str, floor: str, found: str) -> None:
    """Dates far from UTC's: 24 January begins ten hours after it in Honolulu and fourteen before it in Kiritimati."""
    time = worktime(Calendar.always(place), since=start)
    since, _, day = next(allowed(time, Bounds(parse_instant(floor), date(2024, 1, 24), date(2024, 1, 24))))
    assert (f"{since.astimezone(zone(place)):%Y-%m-%d %H:%M}", day) == (found, date(2024, 1, 24))


@pytest.mark.parametrize("seconds", range(9))
def test_a_change_of_the_clock_is_found_to_the_second(seconds: int) -> None:
    """TM-5: wherever the stretch begins."""
    since = parse_instant("2024-03-30T23:00Z") + timedelta(seconds=seconds, microseconds=1)
    time = Worktime((Calendar.always("Europe/Berlin"),), zone("Europe/Berlin"), since, 45)
    first, second, *_ = time.parts(since, since + DAY)
    assert (first[1], second[0], second[3]) == (parse_instant("2024-03-31T01:00Z"), parse_instant("2024-03-31T01:00Z"), timedelta(hours=3))
