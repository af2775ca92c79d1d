"""Opening hours: what the wall clock of a zone reads, counted to the microsecond."""

import copy
import csv
import json
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine import hours
from inbound_engine.decisions import plain
from inbound_engine.errors import FactError
from inbound_engine.hours import Calendar, NeverReached
from inbound_engine.spans import Span, instant, parse_instant, zone
from tests.places import CASES, DATA, needs_cases, needs_data

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta(0)

Minutes = tuple[int, int]
WHOLE: Minutes = (0, 1440)
NINE_TO_FIVE: Minutes = (540, 1020)
NIGHT: Minutes = (1320, 360)

BERLIN = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")
ROUND_THE_CLOCK = Calendar.always()
NIGHTS = Calendar("Europe/Berlin", [[NIGHT]] * 7)
CLOSED = Calendar("Europe/Berlin", {})


def at(text: str) -> datetime:
    return parse_instant(text)


def read(where: str, wall: str, *, fold: int = 0) -> datetime:
    """The instant at which the wall clock of a zone reads that: the first one, or the second."""
    return instant(datetime.fromisoformat(wall).replace(tzinfo=zone(where), fold=fold))


def daily(where: str, *own: Minutes) -> Calendar:
    """The same spans on every day of the week."""
    return Calendar(where, [own] * 7)


def told(stretches: Sequence[Span]) -> list[str]:
    """Stretches as people write them in a table: UTC, to the minute."""
    return [f"{span.since:%m-%d %H:%M} {span.until:%m-%d %H:%M}" for span in stretches]


# ------------------------------------------------------------------------------------------------------ the shared cases


def cases(op: str) -> Iterator[tuple[str, Calendar, Mapping[str, Any], list[Span], Any]]:
    for row in json.loads((CASES / "time.json").read_text(encoding="utf-8")):
        if row["op"] == op and row["id"] != "E50":  # an unfinished pause means that no deadline is known: that is said by the SLA room
            args = row["args"]
            calendar = Calendar(
                args["calendar"]["zone"],
                {int(day): own for day, own in args["calendar"]["weekly"].items()},
                holidays=map(date.fromisoformat, args["calendar"]["holidays"]),
                overrides={date.fromisoformat(day): own for day, own in args["calendar"]["overrides"].items()},
            )
            yield row["id"], calendar, args, [Span(at(since), at(until)) for since, until in args["pauses"]], row["answer"]


@needs_cases
def test_the_shared_cases_of_adding() -> None:
    """TM-15, CL-13: E01 to E29, E47 to E49."""
    found, expected = {}, {}
    for name, calendar, args, pauses, answer in cases("add"):
        found[name] = hours.add(calendar, at(args["start"]), timedelta(seconds=args["seconds"]), pauses=pauses)
        expected[name] = at(answer)
    assert list(expected) == [*(f"E{number:02}" for number in range(1, 30)), "E47", "E48", "E49"]
    assert found == expected


@needs_cases
def test_the_shared_cases_of_counting() -> None:
    """TM-14: E30 to E41."""
    found, expected = {}, {}
    for name, calendar, args, pauses, answer in cases("between"):
        found[name] = hours.between(calendar, at(args["a"]), at(args["b"]), pauses=pauses)
        expected[name] = timedelta(seconds=answer)
    assert list(expected) == [f"E{number}" for number in range(30, 42)]
    assert found == expected


@needs_data
def test_real_holidays_of_nine_calendars_move_deadlines_as_counted_elsewhere() -> None:
    """TM-10, TM-15: a set like "US-CA" is the rows of just that subdivision, which repeat what they share with the country."""
    folder = DATA / "reference_holidays"
    with (folder / "holidays_2011_2027.csv").open(encoding="utf-8", newline="") as lines:
        sets: dict[str, list[date]] = {}
        for row in csv.DictReader(lines):
            sets.setdefault("-".join(filter(None, (row["country"], row["subdiv"]))), []).append(date.fromisoformat(row["date"]))
    calendars = {}
    for name, written in json.loads((folder / "sla_calendars.json").read_text(encoding="utf-8")).items():
        own = [(hours.minutes(opens), hours.minutes(closes)) for opens, closes in (span.split("-") for span in written["windows_local"])]
        holidays = sets[written["holiday_set"]] if written["holiday_set"] else ()
        calendars[name] = Calendar(written["time_zone"], dict.fromkeys(written["weekdays_mon0"], own), holidays=holidays)
    with (folder / "sla_vectors_sample.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 100
    assert {row["calendar"] for row in rows} == set(calendars)
    for row in rows:
        calendar, start, due = calendars[row["calendar"]], at(row["start_utc"]), at(row["due_utc"])
        assert hours.add(calendar, start, int(row["sla_business_minutes"]) * MINUTE) == due, row
        assert hours.between(calendar, start, due) == int(row["business_minutes_start_to_due"]) * MINUTE, row


# -------------------------------------------------------------------------------------------------- TM-1: instants


NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - to be refused
ASKED: dict[str, Callable[[datetime], object]] = {
    "at of is_open": lambda when: hours.is_open(BERLIN, when),
    "since of spans": lambda when: hours.spans(BERLIN, since=when, until=at("2026-03-03T09:00Z")),
    "until of spans": lambda when: hours.spans(BERLIN, since=at("2026-03-03T09:00Z"), until=when),
    "since of between": lambda when: hours.between(BERLIN, when, at("2026-03-03T09:00Z")),
    "until of between": lambda when: hours.between(BERLIN, at("2026-03-03T09:00Z"), when),
    "start of add": lambda when: hours.add(BERLIN, when, HOUR),
    "start of adding nothing": lambda when: hours.add(BERLIN, when, NOTHING),
    "start of add_each": lambda when: hours.add_each(BERLIN, when, []),
    "end of subtract": lambda when: hours.subtract(BERLIN, when, HOUR),
    "at of next_open": lambda when: hours.next_open(BERLIN, when),
    "at of local_date": lambda when: hours.local_date(BERLIN, when),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("when", "said"),
    [
        (NAIVE, "saw 2026-03-02T09:00:00 without a zone, expected an aware datetime. Add tzinfo, for example tzinfo=UTC."),
        (datetime(2, 1, 1, tzinfo=UTC) - MICROSECOND, "expected an instant between the years 2 and 9998."),
        (datetime(9998, 12, 31, tzinfo=UTC) + MICROSECOND, "expected an instant between the years 2 and 9998."),
        (date(2026, 3, 2), "saw date 2026-03-02, expected an aware datetime."),
        ("2026-03-02T09:00Z", "expected an aware datetime. Parse text with spans.parse_instant."),
        (None, "saw nothing, expected an aware datetime."),
    ],
)
def test_tm1_what_is_no_aware_instant_of_our_years_is_refused(asked: str, when: datetime, said: str) -> None:
    with pytest.raises(FactError) as refused:
        ASKED[asked](when)
    assert refused.value.problem.path == asked.partition(" ")[0]
    assert said in str(refused.value)


@pytest.mark.parametrize("end", ["since", "until"])
@pytest.mark.parametrize("year", [1, 9999])
def test_tm1_a_pause_lies_within_our_years(end: str, year: int) -> None:
    outside = datetime(year, 6, 1, tzinfo=UTC)
    ends = {"since": outside, "until": outside} | {("until" if end == "since" else "since"): at("2026-03-02T09:00Z")}
    if ends["until"] < ends["since"]:
        ends = {"since": outside, "until": outside}
        end = "since"
    with pytest.raises(FactError, match=rf"^pause\.{end}: saw {outside.isoformat()[:4]}"):
        hours.between(BERLIN, at("2026-03-02T09:00Z"), at("2026-03-03T09:00Z"), pauses=[Span(**ends)])


def test_tm1_the_two_readings_of_a_repeated_hour_are_an_hour_apart() -> None:
    """Python calls them equal, since they share a zone."""
    berlin = zone("Europe/Berlin")
    first, second = datetime(2024, 10, 27, 2, 30, tzinfo=berlin), datetime(2024, 10, 27, 2, 30, tzinfo=berlin, fold=1)
    assert first == second
    assert hours.between(ROUND_THE_CLOCK, first, second) == HOUR
    assert hours.add(ROUND_THE_CLOCK, first, HOUR) == instant(second)


@pytest.mark.parametrize("where", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_tm1_the_zone_of_an_instant_changes_no_answer_and_answers_are_in_utc(where: str) -> None:
    start, later = at("2026-03-06T15:58Z").astimezone(zone(where)), at("2026-03-09T15:58Z").astimezone(zone(where))
    for found in (
        hours.add(BERLIN, start, 5 * MINUTE),
        hours.add(BERLIN, start, NOTHING),
        hours.subtract(BERLIN, start, 5 * MINUTE),
        hours.subtract(BERLIN, start, NOTHING),
        hours.next_open(BERLIN, start),
    ):
        assert isinstance(found, datetime)
        assert found.tzinfo is UTC
    assert hours.add(BERLIN, start, 5 * MINUTE) == at("2026-03-09T08:03Z")
    assert hours.between(BERLIN, start, later) == 8 * HOUR


# -------------------------------------------------------------------------------------------------- TM-2: calendars


@pytest.mark.parametrize(
    ("calendar", "text"),
    [
        (BERLIN, "Calendar('Europe/Berlin', Mon-Fri 09:00-17:00)"),
        (Calendar("UTC", {}), "Calendar('UTC', no weekly hours)"),
        (ROUND_THE_CLOCK, "Calendar('UTC', always open)"),
        (Calendar.always("Asia/Tokyo"), "Calendar('Asia/Tokyo', always open)"),
        (Calendar.weekdays("UTC"), "Calendar('UTC', Mon-Fri 00:00-24:00)"),
        (NIGHTS, "Calendar('Europe/Berlin', Mon-Sun 22:00-06:00)"),
        (Calendar("UTC", {0: [(780, 1080), (540, 720)], 2: [(540, 720)]}), "Calendar('UTC', Mon 09:00-12:00 13:00-18:00, Wed 09:00-12:00)"),
        (Calendar("UTC", {5: [WHOLE], 6: [WHOLE], 0: [NIGHT]}), "Calendar('UTC', Mon 22:00-06:00, Sat-Sun 00:00-24:00)"),
        (Calendar("UTC", {6: [(600, 0)]}), "Calendar('UTC', Sun 10:00-00:00)"),
        (
            Calendar.weekdays("UTC", holidays=[date(2026, 1, 1)]),
            "Calendar('UTC', Mon-Fri 00:00-24:00, 1 holiday)",
        ),
        (
            Calendar("UTC", {}, [date(2026, 1, 1), date(2026, 1, 6)], {date(2026, 1, 2): [WHOLE], date(2026, 1, 3): []}),
            "Calendar('UTC', no weekly hours, 2 holidays, 2 overrides)",
        ),
        (Calendar("UTC", {}, overrides={date(2026, 1, 2): []}), "Calendar('UTC', no weekly hours, 1 override)"),
    ],
)
def test_tm2_a_calendar_shows_its_zone_and_its_hours(calendar: Calendar, text: str) -> None:
    assert repr(calendar) == text


WRITTEN = Calendar(
    "Europe/Berlin",
    {0: [(780, 1080), (540, 720)], 4: [NIGHT]},
    holidays=[date(2026, 4, 6), date(2026, 4, 3)],
    overrides={date(2026, 12, 24): [(540, 780)], date(2026, 12, 5): [NINE_TO_FIVE]},
)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(copy.copy(WRITTEN), id="copied"),
        pytest.param(copy.deepcopy(WRITTEN), id="copied deeply"),
        pytest.param(pickle.loads(pickle.dumps(WRITTEN)), id="pickled"),  # noqa: S301 - our own bytes
        pytest.param(attrs.evolve(WRITTEN), id="evolved"),
        pytest.param(Calendar(WRITTEN.zone, WRITTEN.weekly, WRITTEN.holidays, WRITTEN.overrides), id="from its own parts"),
        pytest.param(
            Calendar(
                zone("Europe/Berlin"),
                [[[540, 720], [780, 1080], [540, 720]], [], [], (), [(1320, 360)], (), ()],  # type: ignore[list-item]  # as JSON has it
                holidays=(day for day in [date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 3)]),
                overrides=[(date(2026, 12, 5), [NINE_TO_FIVE]), (date(2026, 12, 24), [(540, 780)])],
            ),
            id="written otherwise",
        ),
    ],
)
def test_tm2_a_calendar_is_a_value(again: Calendar) -> None:
    """Equal, hashed alike, shown alike, and of the same opinion."""
    assert again == WRITTEN
    assert hash(again) == hash(WRITTEN)
    assert (
        repr(again) == repr(WRITTEN) == "Calendar('Europe/Berlin', Mon 09:00-12:00 13:00-18:00, Fri 22:00-06:00, 2 holidays, 2 overrides)"
    )
    since, until = at("2026-03-23T00:00Z"), at("2027-01-01T00:00Z")
    assert hours.spans(again, since=since, until=until) == hours.spans(WRITTEN, since=since, until=until)


def test_tm2_a_zone_of_the_same_name_is_the_same_zone() -> None:
    again = attrs.evolve(WRITTEN, zone=ZoneInfo.no_cache("Europe/Berlin"))
    assert again == WRITTEN
    assert hash(again) == hash(WRITTEN)


@pytest.mark.parametrize(
    "other",
    [
        attrs.evolve(WRITTEN, zone="Europe/Vienna"),
        attrs.evolve(WRITTEN, weekly={0: [(540, 720), (780, 1080)]}),
        attrs.evolve(WRITTEN, holidays=()),
        attrs.evolve(WRITTEN, overrides=()),
        "Europe/Berlin",
    ],
)
def test_tm2_calendars_that_differ_in_a_part_differ(other: object) -> None:
    assert other != WRITTEN


def test_tm2_a_calendar_changed_in_a_part_is_worked_out_anew() -> None:
    moved = attrs.evolve(BERLIN, holidays=[date(2026, 3, 2)], overrides={date(2026, 3, 3): [(600, 660)]})
    assert hours.between(BERLIN, at("2026-03-02T00:00Z"), at("2026-03-04T00:00Z")) == 16 * HOUR
    assert hours.between(moved, at("2026-03-02T00:00Z"), at("2026-03-04T00:00Z")) == HOUR


def test_tm2_a_calendar_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        BERLIN.holidays = frozenset()  # type: ignore[misc]  # on purpose
    lists: dict[int, Sequence[Minutes]] = {0: [NINE_TO_FIVE]}
    calendar = Calendar("UTC", lists)
    lists[0] = [WHOLE]
    assert calendar.weekly[0] == (NINE_TO_FIVE,)


def test_tm2_a_calendar_has_a_plain_form() -> None:
    assert plain(WRITTEN) == {
        "zone": "Europe/Berlin",
        "weekly": [[[540, 720], [780, 1080]], [], [], [], [[1320, 360]], [], []],
        "holidays": ["2026-04-03", "2026-04-06"],
        "overrides": [["2026-12-05", [[540, 1020]]], ["2026-12-24", [[540, 780]]]],
    }
    assert plain(NeverReached(at("2026-03-02T09:00Z"), HOUR)) == {"since": "2026-03-02T09:00:00Z", "counted": "3600000000 us"}


@pytest.mark.parametrize(
    ("calendar", "ever"),
    [
        (BERLIN, True),
        (CLOSED, False),
        (Calendar("UTC", {0: []}), False),
        (Calendar("UTC", {}, overrides={date(2026, 1, 2): []}), False),
        (Calendar("UTC", {}, overrides={date(2026, 1, 2): [], date(2026, 1, 3): [WHOLE]}), True),
        (Calendar("UTC", {6: [WHOLE]}), True),
    ],
)
def test_tm2_a_calendar_that_is_ever_open_has_a_span(calendar: Calendar, ever: bool) -> None:
    assert calendar.is_ever_open is ever


def test_tm2_weekdays_are_monday_to_friday() -> None:
    assert Calendar.weekdays("UTC").weekly == ((WHOLE,),) * 5 + ((),) * 2
    holidays = {date(2026, 1, 1)}
    assert Calendar.weekdays("UTC", "22:00", "06:00", holidays=holidays) == Calendar("UTC", [[NIGHT]] * 5 + [[]] * 2, holidays)


def made(parts: Mapping[str, Any]) -> Calendar:
    """A calendar with some of its parts given, whatever they are."""
    return Calendar(**{"zone": "UTC", "weekly": {0: [NINE_TO_FIVE]}, **parts})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"zone": "Europe/Berlim"}, "calendar.zone: saw 'Europe/Berlim', expected the name of an IANA time zone. Write it like"),
        ({"zone": None}, "calendar.zone: saw nothing, expected the name of an IANA time zone"),
        ({"zone": UTC}, "calendar.zone: saw timezone UTC, expected the name of an IANA time zone"),
        ({"weekly": None}, "calendar.weekly: saw nothing, expected a mapping of weekdays to spans. Write {0: [(540, 1020)]} for Monday"),
        ({"weekly": "Mon-Fri"}, "calendar.weekly: saw 'Mon-Fri', expected a mapping of weekdays to spans"),
        ({"weekly": [[NINE_TO_FIVE]] * 5}, "calendar.weekly: saw a list of 5, expected a mapping of weekdays to spans"),
        ({"weekly": [[]] * 8}, "calendar.weekly: saw a list of 8, expected a mapping of weekdays to spans"),
        ({"weekly": {7: []}}, "calendar.weekly: saw 7, expected weekdays from 0 (Monday) to 6 (Sunday)."),
        ({"weekly": {-1: []}}, "calendar.weekly: saw -1, expected weekdays from 0 (Monday) to 6 (Sunday)."),
        ({"weekly": {"0": []}}, "calendar.weekly: saw '0', expected weekdays from 0 (Monday) to 6 (Sunday)."),
        ({"weekly": {True: []}}, "calendar.weekly: saw true, expected weekdays from 0 (Monday) to 6 (Sunday)."),
        ({"weekly": {0: None}}, "calendar.weekly[Mon]: saw nothing, expected a list of spans. Write [(540, 1020)]."),
        ({"weekly": {1: "09:00-17:00"}}, "calendar.weekly[Tue]: saw '09:00-17:00', expected a list of spans"),
        ({"weekly": {2: NINE_TO_FIVE}}, "calendar.weekly[Wed]: saw 540, expected two minutes after midnight"),
        ({"weekly": {3: ["09:00-17:00"]}}, "calendar.weekly[Thu]: saw '09:00-17:00', expected two minutes after midnight"),
        ({"weekly": {4: [("09:00", "17:00")]}}, "calendar.weekly[Fri]: saw ('09:00', '17:00'), expected two minutes after midnight"),
        ({"weekly": {5: [(540, 1020, 1)]}}, "calendar.weekly[Sat]: saw (540, 1020, 1), expected two minutes after midnight"),
        ({"weekly": {6: [[540]]}}, "calendar.weekly[Sun]: saw a list of 1, expected two minutes after midnight"),
        ({"weekly": {0: [(540.0, 1020.0)]}}, "calendar.weekly[Mon]: saw (540.0, 1020.0), expected two minutes after midnight"),
        ({"weekly": [[], [(-1, 5)], [], [], [], [], []]}, "calendar.weekly[Tue]: saw (-1, 5), expected two minutes after midnight"),
        ({"holidays": None}, "calendar.holidays: saw nothing, expected an iterable of dates."),
        ({"holidays": 5}, "calendar.holidays: saw 5, expected an iterable of dates."),
        ({"holidays": date(2026, 1, 1)}, "calendar.holidays: saw date 2026-01-01, expected an iterable of dates."),
        ({"holidays": "2026-01-01"}, "calendar.holidays: saw '2', expected a date. Take .date() of an instant in the calendar's zone."),
        ({"holidays": ["2026-01-01"]}, "calendar.holidays: saw '2026-01-01', expected a date."),
        (
            {"holidays": [at("2026-01-01T00:00Z")]},
            "calendar.holidays: saw datetime 2026-01-01 00:00:00+00:00, expected a date. Take .date()",
        ),
        ({"overrides": {"2026-12-24": []}}, "calendar.overrides: saw '2026-12-24', expected a date."),
        ({"overrides": {at("2026-12-24T00:00Z"): []}}, "calendar.overrides: saw datetime 2026-12-24 00:00:00+00:00, expected a date."),
        ({"overrides": {date(2026, 12, 24): None}}, "calendar.overrides[2026-12-24]: saw nothing, expected a list of spans"),
        ({"overrides": {date(2026, 12, 24): [(540, 540)]}}, "calendar.overrides[2026-12-24]: saw a span from 540 to 540, which is none"),
        (
            {"overrides": [(date(2026, 12, 24), []), (date(2026, 12, 23), []), (date(2026, 12, 24), [WHOLE])]},
            "calendar.overrides[2026-12-24]: saw a date twice, expected dates that differ.",
        ),
    ],
)
def test_tm2_what_makes_no_calendar_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as refused:
        made(parts)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("own", [(540, 10**5000), (10**5000, 10**5000)], ids=["end", "both"])
def test_tm2_a_number_too_long_to_print_is_refused_like_any_other(own: Minutes) -> None:
    try:
        made({"weekly": {0: [own]}})
    except FactError as refused:
        assert refused.problem.path == "calendar.weekly[Mon]"  # noqa: PT017 - it is a ValueError too
    else:
        pytest.fail("not refused")


@pytest.mark.parametrize("overrides", [None, 5, [date(2026, 1, 1)], [(date(2026, 1, 1),)]], ids=str)
def test_tm2_overrides_that_are_no_pairs_are_refused(overrides: object) -> None:
    try:
        made({"overrides": overrides})
    except FactError as refused:
        assert refused.problem.path == "calendar.overrides"  # noqa: PT017
    else:
        pytest.fail("not refused")


def test_tm2_holidays_come_from_anything_that_gives_dates() -> None:
    """Five hundred Mondays from a generator; a mapping of dates to names gives its dates."""
    mondays = Calendar.weekdays("Europe/Berlin", "09:00", "17:00", holidays=(date(2026, 1, 5) + 7 * number * DAY for number in range(500)))
    assert len(mondays.holidays) == 500
    assert max(mondays.holidays) == date(2035, 7, 30)
    assert hours.add(mondays, at("2026-03-06T15:58Z"), 5 * MINUTE) == at("2026-03-10T08:03Z")
    assert hours.add(mondays, at("2035-07-27T14:58Z"), 5 * MINUTE) == at("2035-07-31T07:03Z")
    assert hours.add(mondays, at("2035-08-03T14:58Z"), 5 * MINUTE) == at("2035-08-06T07:03Z")
    assert hours.offset(mondays, date(2026, 1, 2), 1_000) == date(2030, 10, 18)  # 250 weeks of four days
    named = {date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"}
    assert Calendar.weekdays("UTC", holidays=named).holidays == frozenset(named)


# -------------------------------------------------------------------------------------- TM-3, TM-4: open, and spans


LUNCH = Calendar("Europe/Berlin", [[(540, 720), (780, 1080)]] * 5 + [[]] * 2)


@pytest.mark.parametrize(
    ("calendar", "wall", "expected"),
    [
        (BERLIN, "2026-03-02T08:59:59.999999", False),
        (BERLIN, "2026-03-02T09:00", True),
        (BERLIN, "2026-03-02T16:59:59.999999", True),
        (BERLIN, "2026-03-02T17:00", False),
        (BERLIN, "2026-03-06T16:59:59", True),
        (BERLIN, "2026-03-07T12:00", False),
        (BERLIN, "2026-03-08T12:00", False),
        (LUNCH, "2026-03-02T11:59:59.999999", True),
        (LUNCH, "2026-03-02T12:00", False),
        (LUNCH, "2026-03-02T12:59:59.999999", False),
        (LUNCH, "2026-03-02T13:00", True),
        (LUNCH, "2026-03-02T18:00", False),
        (NIGHTS, "2026-03-02T21:59:59.999999", False),
        (NIGHTS, "2026-03-02T22:00", True),
        (NIGHTS, "2026-03-03T00:00", True),
        (NIGHTS, "2026-03-03T05:59:59.999999", True),
        (NIGHTS, "2026-03-03T06:00", False),
        (daily("Europe/Berlin", (1320, 0)), "2026-03-02T23:59:59.999999", True),
        (daily("Europe/Berlin", (1320, 0)), "2026-03-03T00:00", False),
        (daily("Europe/Berlin", (1320, 1440)), "2026-03-02T23:59:59.999999", True),
        (daily("Europe/Berlin", (1439, 1)), "2026-03-02T23:59", True),
        (daily("Europe/Berlin", (1439, 1)), "2026-03-03T00:00:59.999999", True),
        (daily("Europe/Berlin", (1439, 1)), "2026-03-03T00:01", False),
        (Calendar.weekdays("Europe/Berlin"), "2026-03-06T23:59:59.999999", True),
        (Calendar.weekdays("Europe/Berlin"), "2026-03-07T00:00", False),
        (Calendar.weekdays("Europe/Berlin"), "2026-03-09T00:00", True),
        (CLOSED, "2026-03-02T12:00", False),
    ],
)
def test_tm3_the_calendar_is_open_when_the_wall_clock_reads_so(calendar: Calendar, wall: str, expected: bool) -> None:
    assert hours.is_open(calendar, read("Europe/Berlin", wall)) is expected


@pytest.mark.parametrize(
    ("where", "instants", "expected"),
    [
        ("Asia/Kolkata", ("2026-03-02T03:29:59.999999Z", "2026-03-02T03:30Z", "2026-03-02T11:29Z", "2026-03-02T11:30Z"), "0110"),
        ("Asia/Kathmandu", ("2026-03-02T03:14Z", "2026-03-02T03:15Z", "2026-03-02T11:14Z", "2026-03-02T11:15Z"), "0110"),
        ("America/New_York", ("2024-03-08T13:02Z", "2024-03-11T13:02Z"), "01"),  # E19, E20
        ("America/St_Johns", ("2026-01-05T12:29Z", "2026-01-05T12:30Z", "2026-07-06T11:29Z", "2026-07-06T11:30Z"), "0101"),
    ],
)
def test_tm3_one_opening_is_another_instant_in_each_zone_and_season(where: str, instants: tuple[str, ...], expected: str) -> None:
    calendar = Calendar.weekdays(where, "09:00", "17:00")
    assert "".join(str(int(hours.is_open(calendar, at(text)))) for text in instants) == expected


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ((540, 540), "calendar.weekly[Mon]: saw a span from 540 to 540, which is none, expected an end that differs from the start."),
        ((0, 0), "calendar.weekly[Mon]: saw a span from 0 to 0, which is none"),
        ((1440, 1440), "calendar.weekly[Mon]: saw a span from 1440 to 1440, which is none"),
        ((1440, 540), "calendar.weekly[Mon]: saw (1440, 540), expected two minutes after midnight."),
        ((0, 1441), "calendar.weekly[Mon]: saw (0, 1441), expected two minutes after midnight."),
        ((1320, 1800), "calendar.weekly[Mon]: saw (1320, 1800), expected two minutes after midnight."),
        ((540, -1), "calendar.weekly[Mon]: saw (540, -1), expected two minutes after midnight."),
    ],
)
def test_tm4_what_is_no_span_is_refused_with_what_would_do(own: Minutes, message: str) -> None:
    with pytest.raises(FactError) as refused:
        made({"weekly": {0: [own]}})
    assert str(refused.value).startswith(message)
    assert str(refused.value).endswith("Write (540, 1020) for 09:00 to 17:00, (0, 1440) for a whole day, (1320, 360) for a night.")


def test_tm4_a_truth_value_is_no_minute() -> None:
    with pytest.raises(FactError):
        made({"weekly": {0: [(False, True)]}})


@pytest.mark.parametrize(
    ("own", "length"),
    [
        ((0, 1440), 24 * HOUR),
        ((0, 1), MINUTE),
        ((1439, 1440), MINUTE),
        ((1439, 0), MINUTE),
        ((1439, 1), 2 * MINUTE),
        ((1320, 360), 8 * HOUR),
        ((540, 539), 24 * HOUR - MINUTE),
        ((1, 0), 24 * HOUR - MINUTE),
        ((540, 1020), 8 * HOUR),
    ],
)
def test_tm4_a_span_has_the_length_that_it_says(own: Minutes, length: timedelta) -> None:
    calendar = Calendar("UTC", {0: [own]})
    assert hours.between(calendar, at("2026-03-02T00:00Z"), at("2026-03-09T00:00Z")) == length


# ---------------------------------------------------------------------------------------- TM-5 to TM-8: clock changes


@pytest.mark.parametrize(
    ("where", "own", "day", "expected"),
    [
        ("Europe/Berlin", (150, 300), date(2024, 3, 31), ["03-31 01:00 03-31 03:00"]),  # E36: opening 02:30 does not occur
        ("Europe/Berlin", (120, 180), date(2024, 3, 31), []),  # nothing of 02:00 to 03:00 occurs
        ("Europe/Berlin", (60, 150), date(2024, 3, 31), ["03-31 00:00 03-31 01:00"]),  # neither does closing 02:30
        ("Europe/Berlin", (60, 180), date(2024, 3, 31), ["03-31 00:00 03-31 01:00"]),
        ("Europe/Berlin", (60, 240), date(2024, 3, 31), ["03-31 00:00 03-31 02:00"]),
        ("Australia/Lord_Howe", (135, 300), date(2024, 10, 6), ["10-05 15:30 10-05 18:00"]),  # E38: by half an hour
        ("Africa/Cairo", (0, 540), date(2024, 4, 26), ["04-25 22:00 04-26 06:00"]),  # the day starts at 01:00
        ("Antarctica/Troll", (60, 300), date(2024, 3, 31), ["03-31 01:00 03-31 03:00"]),  # two hours are skipped
        ("Pacific/Apia", (540, 1020), date(2011, 12, 30), []),  # the whole date is
    ],
)
def test_tm5_a_skipped_reading_never_occurs(where: str, own: Minutes, day: date, expected: list[str]) -> None:
    assert told(opened(where, own, day)) == expected


@pytest.mark.parametrize(
    ("where", "own", "day", "expected"),
    [
        ("Europe/Berlin", (60, 150), date(2024, 10, 27), ["10-26 23:00 10-27 00:30", "10-27 01:00 10-27 01:30"]),  # closing 02:30 twice
        ("Europe/Berlin", (120, 150), date(2024, 10, 27), ["10-27 00:00 10-27 00:30", "10-27 01:00 10-27 01:30"]),  # E37 in part
        ("Europe/Berlin", (120, 180), date(2024, 10, 27), ["10-27 00:00 10-27 02:00"]),
        ("Europe/Berlin", (150, 300), date(2024, 10, 27), ["10-27 00:30 10-27 01:00", "10-27 01:30 10-27 04:00"]),
        ("Australia/Lord_Howe", (90, 105), date(2024, 4, 7), ["04-06 14:30 04-06 14:45", "04-06 15:00 04-06 15:15"]),
        ("America/Havana", (0, 30), date(2024, 11, 3), ["11-03 04:00 11-03 04:30", "11-03 05:00 11-03 05:30"]),
        ("America/St_Johns", (1410, 1440), date(2010, 11, 6), ["11-07 02:00 11-07 02:30", "11-07 03:00 11-07 03:30"]),
        ("America/St_Johns", (0, 60), date(2010, 11, 7), ["11-07 02:30 11-07 02:31", "11-07 03:30 11-07 04:30"]),
    ],
)
def test_tm6_a_repeated_reading_counts_twice(where: str, own: Minutes, day: date, expected: list[str]) -> None:
    assert told(opened(where, own, day)) == expected


@pytest.mark.parametrize(
    ("until", "length"),
    [("2024-03-31T00:30Z", 90 * MINUTE), ("2024-03-31T01:00Z", 2 * HOUR), ("2024-03-31T01:00:00.000001Z", 2 * HOUR + MICROSECOND)],
)
def test_tm5_the_end_of_a_question_may_lie_before_at_or_after_a_change(until: str, length: timedelta) -> None:
    """Berlin skips 02:00 to 03:00 at 01:00 UTC: open from 00:00 to 02:00, and again from 03:00."""
    calendar = daily("Europe/Berlin", (0, 120), (180, 240))
    assert hours.between(calendar, at("2024-03-30T23:00Z"), at(until)) == length
    assert hours.spans(calendar, since=at("2024-03-30T23:00Z"), until=at(until)) == (Span(at("2024-03-30T23:00Z"), at(until)),)


def opened(where: str, own: Minutes, day: date) -> tuple[Span, ...]:
    """What is open of a span that starts on that date and on no other."""
    calendar = Calendar(where, {}, overrides={day: [own]})
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return hours.spans(calendar, since=midnight - 2 * DAY, until=midnight + 4 * DAY)


@pytest.mark.parametrize(
    ("where", "day", "expected"),
    [
        ("UTC", date(2024, 2, 29), 24.0),
        ("Asia/Kolkata", date(2024, 3, 31), 24.0),
        ("Europe/Berlin", date(2024, 3, 31), 23.0),  # E32
        ("Europe/Berlin", date(2024, 10, 27), 25.0),  # E33
        ("America/New_York", date(2024, 3, 10), 23.0),
        ("America/New_York", date(2024, 11, 3), 25.0),
        ("Australia/Lord_Howe", date(2024, 10, 6), 23.5),  # E34
        ("Australia/Lord_Howe", date(2024, 4, 7), 24.5),  # E35
        ("Africa/Cairo", date(2024, 4, 26), 23.0),  # X12
        ("America/Santiago", date(2024, 9, 8), 23.0),  # X12
        ("America/Santiago", date(2024, 4, 6), 25.0),
        ("America/Havana", date(2024, 11, 3), 25.0),  # X12
        ("Antarctica/Troll", date(2024, 3, 31), 22.0),  # X12
        ("Antarctica/Troll", date(2024, 10, 27), 26.0),
        ("Pacific/Apia", date(2011, 12, 29), 24.0),
        ("Pacific/Apia", date(2011, 12, 30), 0.0),
        ("Pacific/Apia", date(2011, 12, 31), 24.0),
        ("America/St_Johns", date(2010, 11, 6), 25.0 - 1 / 60),
        ("America/St_Johns", date(2010, 11, 7), 24.0 + 1 / 60),
        ("Asia/Pyongyang", date(2015, 8, 15), 24.0),
        ("Asia/Pyongyang", date(2015, 8, 14), 24.5),
        ("Asia/Pyongyang", date(2018, 5, 4), 23.5),
    ],
)
def test_tm7_a_date_lasts_as_long_as_the_wall_clock_reads_it(where: str, day: date, expected: float) -> None:
    """X12, and the day that Samoa left out."""
    found = hours.date_spans(zone(where), day)
    length = sum((span.length for span in found), NOTHING)
    assert length == timedelta(hours=expected)
    assert hours.date_spans(Calendar.always(where), day) == found
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    whole = Calendar(where, {}, overrides={day: [WHOLE]})
    assert hours.between(whole, midnight - 2 * DAY, midnight + 3 * DAY) == length
    assert hours.is_business_date(whole, day) is (length > NOTHING)


def test_tm7_a_date_may_come_twice() -> None:
    """Until 2011 the clocks of Newfoundland went back at 00:01, to 23:01 of the day before."""
    st_johns = zone("America/St_Johns")
    assert told(hours.date_spans(st_johns, date(2010, 11, 6))) == ["11-06 02:30 11-07 02:30", "11-07 02:31 11-07 03:30"]
    assert told(hours.date_spans(st_johns, date(2010, 11, 7))) == ["11-07 02:30 11-07 02:31", "11-07 03:30 11-08 03:30"]
    assert told(hours.date_spans(st_johns, date(2010, 11, 8))) == ["11-08 03:30 11-09 03:30"]


@pytest.mark.parametrize(
    ("where", "day", "expected"),
    [
        ("Africa/Cairo", date(2024, 4, 26), "2024-04-25T22:00Z"),  # X12: 01:00 there
        ("America/Santiago", date(2024, 9, 8), "2024-09-08T04:00Z"),  # X12: 01:00 there
        ("America/Havana", date(2024, 11, 3), "2024-11-03T04:00Z"),  # X12: 00:00, for the first time
        ("Antarctica/Troll", date(2024, 3, 31), "2024-03-31T00:00Z"),  # X12
        ("Asia/Beirut", date(2024, 3, 31), "2024-03-30T22:00Z"),  # 01:00 there
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00Z"),  # 01:00 there
        ("Europe/Berlin", date(2024, 3, 31), "2024-03-30T23:00Z"),
        ("Europe/Berlin", date(2024, 4, 1), "2024-03-31T22:00Z"),
        ("Asia/Kolkata", date(2024, 4, 1), "2024-03-31T18:30Z"),
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-29T10:00Z"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00Z"),
        ("America/St_Johns", date(2010, 11, 7), "2010-11-07T02:30Z"),
    ],
)
def test_tm8_a_date_starts_at_its_first_instant(where: str, day: date, expected: str) -> None:
    first = at(expected)
    assert hours.starts_at(zone(where), day) == first
    assert hours.starts_at(Calendar.always(where), day) == first
    assert hours.local_date(zone(where), first) == day
    assert hours.local_date(zone(where), first - MICROSECOND) < day


def test_tm8_a_date_that_never_occurs_has_no_start() -> None:
    assert hours.starts_at(zone("Pacific/Apia"), date(2011, 12, 30)) is None


@pytest.mark.parametrize(
    ("where", "when", "expected"),
    [
        ("Asia/Kolkata", "2026-03-02T18:29:59.999999Z", date(2026, 3, 2)),
        ("Asia/Kolkata", "2026-03-02T18:30Z", date(2026, 3, 3)),
        ("America/New_York", "2024-01-09T04:59:59Z", date(2024, 1, 8)),  # X06
        ("America/New_York", "2024-01-09T05:00Z", date(2024, 1, 9)),
        ("Europe/Berlin", "2024-03-31T21:59:59Z", date(2024, 3, 31)),  # X07
        ("Europe/Berlin", "2024-03-31T22:00Z", date(2024, 4, 1)),
        ("Pacific/Kiritimati", "2026-03-02T10:00Z", date(2026, 3, 3)),
        ("Etc/GMT+12", "2026-03-02T11:59Z", date(2026, 3, 1)),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", date(2011, 12, 29)),
        ("Pacific/Apia", "2011-12-30T10:00Z", date(2011, 12, 31)),
        ("UTC", "1969-12-31T23:59:59.999999Z", date(1969, 12, 31)),
        ("UTC", "0002-01-01T00:00Z", date(2, 1, 1)),
        ("UTC", "9998-12-31T00:00Z", date(9998, 12, 31)),
    ],
)
def test_tm8_the_local_date_is_what_the_wall_clock_reads(where: str, when: str, expected: date) -> None:
    assert hours.local_date(zone(where), at(when)) == expected
    assert hours.local_date(Calendar(where, {}), at(when)) == expected


DATED: dict[str, Callable[[Any], object]] = {
    "date_spans": lambda day: hours.date_spans(zone("UTC"), day),
    "starts_at": lambda day: hours.starts_at(zone("UTC"), day),
    "is_business_date": lambda day: hours.is_business_date(ROUND_THE_CLOCK, day),
    "offset": lambda day: hours.offset(ROUND_THE_CLOCK, day, 1),
}


@pytest.mark.parametrize("asked", DATED)
@pytest.mark.parametrize(
    ("day", "saw"),
    [
        (at("2026-03-02T09:00Z"), "datetime 2026-03-02 09:00:00+00:00"),
        ("2026-03-02", "'2026-03-02'"),
        (None, "nothing"),
        (20260302, "20260302"),
    ],
)
def test_tm8_what_is_no_date_is_refused(asked: str, day: date, saw: str) -> None:
    with pytest.raises(FactError) as refused:
        DATED[asked](day)
    assert str(refused.value) == f"day: saw {saw}, expected a date. Take .date() of an instant in the calendar's zone."


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("asked", DATED)
def test_tm8_a_date_outside_our_years_is_refused_like_an_instant(asked: str, day: date) -> None:
    with pytest.raises(FactError):
        DATED[asked](day)


@pytest.mark.parametrize("where", [None, "Europe/Berlin", UTC], ids=str)
@pytest.mark.parametrize(
    "asked", [lambda where: hours.local_date(where, at("2026-03-02T09:00Z")), lambda where: hours.date_spans(where, date(2026, 3, 2))]
)
def test_tm8_what_is_no_zone_is_refused(asked: Callable[[Any], object], where: tzinfo | str | None) -> None:
    """Of None, Python reads the zone of the machine."""
    with pytest.raises(FactError):
        asked(where)


# ---------------------------------------------------------------- TM-9 to TM-13: nights, holidays, overrides, unions


FRIDAY_NIGHT = Calendar("Europe/Berlin", {4: [NIGHT]})
CHRISTMAS = date(2024, 12, 25)


@pytest.mark.parametrize(
    ("calendar", "wall", "expected"),
    [
        (FRIDAY_NIGHT, "2026-03-06T05:59", False),
        (FRIDAY_NIGHT, "2026-03-06T22:00", True),
        (FRIDAY_NIGHT, "2026-03-07T05:59", True),
        (FRIDAY_NIGHT, "2026-03-07T22:00", False),
        (FRIDAY_NIGHT, "2026-03-05T23:00", False),
        (Calendar("Europe/Berlin", {6: [NIGHT]}), "2026-03-09T05:59", True),  # from Sunday into Monday
        (Calendar("Europe/Berlin", {6: [NIGHT]}), "2026-03-08T05:59", False),
        (Calendar("Europe/Berlin", {6: [(60, 30)]}), "2026-03-09T00:29", True),
        (Calendar("Europe/Berlin", {6: [(60, 30)]}), "2026-03-08T00:29", False),
    ],
)
def test_tm9_a_night_belongs_to_the_date_it_starts_on(calendar: Calendar, wall: str, expected: bool) -> None:
    assert hours.is_open(calendar, read("Europe/Berlin", wall)) is expected


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2024-12-24T21:59", False),
        ("2024-12-24T22:00", True),
        ("2024-12-24T23:59:59.999999", True),
        ("2024-12-25T00:00", False),  # E40: the night into the holiday stops at midnight
        ("2024-12-25T05:59", False),
        ("2024-12-25T22:00", False),  # E41: none starts on the holiday
        ("2024-12-26T00:00", False),
        ("2024-12-26T05:59", False),
        ("2024-12-26T22:00", True),
        ("2024-12-27T05:59", True),
    ],
)
def test_tm10_a_holiday_closes_its_date_and_the_nights_that_start_on_it(wall: str, expected: bool) -> None:
    calendar = attrs.evolve(NIGHTS, holidays=[CHRISTMAS])
    assert hours.is_open(calendar, read("Europe/Berlin", wall)) is expected


def test_tm10_a_holiday_is_a_date_of_its_own_calendar() -> None:
    """E21, E22: 4 July is closed in New York from its midnight to its midnight, and nowhere else."""
    independence = [date(2024, 7, 4)]
    new_york = Calendar.always("America/New_York")
    closed = attrs.evolve(new_york, holidays=independence)
    stretches = hours.spans(closed, since=at("2024-07-03T00:00Z"), until=at("2024-07-07T00:00Z"))
    assert told(stretches) == ["07-03 00:00 07-04 04:00", "07-05 04:00 07-07 00:00"]
    assert hours.spans(new_york, since=at("2024-07-03T00:00Z"), until=at("2024-07-07T00:00Z")) == (
        Span(at("2024-07-03T00:00Z"), at("2024-07-07T00:00Z")),
    )


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        pytest.param(
            Calendar.weekdays("UTC", "09:00", "17:00"),
            ["12-23 09:00 12-23 17:00", "12-24 09:00 12-24 17:00", "12-25 09:00 12-25 17:00", "12-26 09:00 12-26 17:00"],
            id="none",
        ),
        pytest.param(
            Calendar("UTC", {}, overrides={CHRISTMAS: [NINE_TO_FIVE]}),
            ["12-25 09:00 12-25 17:00"],
            id="open on one date only",
        ),
        pytest.param(
            attrs.evolve(daily("UTC", NINE_TO_FIVE), overrides={CHRISTMAS: []}),
            ["12-23 09:00 12-23 17:00", "12-24 09:00 12-24 17:00", "12-26 09:00 12-26 17:00"],
            id="closed on one date",
        ),
        pytest.param(
            attrs.evolve(daily("UTC", NINE_TO_FIVE), overrides={date(2024, 12, 24): [(540, 780)]}, holidays=[CHRISTMAS]),
            ["12-23 09:00 12-23 17:00", "12-24 09:00 12-24 13:00", "12-26 09:00 12-26 17:00"],
            id="E11: half a day before a holiday",
        ),
        pytest.param(
            Calendar("UTC", {}, overrides={CHRISTMAS: [WHOLE], date(2024, 12, 26): [(0, 60)]}, holidays=[CHRISTMAS]),
            ["12-26 00:00 12-26 01:00"],
            id="a holiday beats an override",
        ),
        pytest.param(
            attrs.evolve(daily("UTC", NIGHT), overrides={CHRISTMAS: [(600, 660)]}),
            [
                "12-23 00:00 12-23 06:00",
                "12-23 22:00 12-24 06:00",
                "12-24 22:00 12-25 06:00",
                "12-25 10:00 12-25 11:00",
                "12-26 22:00 12-27 00:00",
            ],
            id="the night before an override runs on into it, its own is replaced",
        ),
        pytest.param(
            Calendar("UTC", {}, overrides={CHRISTMAS: [NIGHT]}),
            ["12-25 22:00 12-26 06:00"],
            id="an override may run past midnight",
        ),
        pytest.param(
            Calendar("UTC", {}, overrides={CHRISTMAS: [NIGHT]}, holidays=[date(2024, 12, 26)]),
            ["12-25 22:00 12-26 00:00"],
            id="and stops at a holiday",
        ),
        pytest.param(
            Calendar("UTC", {}, overrides={CHRISTMAS: [NIGHT], date(2024, 12, 26): [(300, 480)]}),
            ["12-25 22:00 12-26 08:00"],
            id="two overrides in a row overlap",
        ),
    ],
)
def test_tm11_an_override_replaces_the_spans_that_start_on_its_date(calendar: Calendar, expected: list[str]) -> None:
    assert told(hours.spans(calendar, since=at("2024-12-23T00:00Z"), until=at("2024-12-27T00:00Z"))) == expected


@pytest.mark.parametrize(
    ("weekly", "expected"),
    [
        ({0: [(540, 720), (660, 1020)]}, ["03-02 09:00 03-02 17:00"]),
        ({0: [(540, 1020), (600, 660)]}, ["03-02 09:00 03-02 17:00"]),
        ({0: [(540, 720), (720, 1020)]}, ["03-02 09:00 03-02 17:00"]),
        ({0: [(540, 720), (540, 1020), (540, 720)]}, ["03-02 09:00 03-02 17:00"]),
        ({0: [(540, 720), (721, 1020)]}, ["03-02 09:00 03-02 12:00", "03-02 12:01 03-02 17:00"]),
        ({0: [(1320, 480)], 1: [(420, 600)]}, ["03-02 22:00 03-03 10:00"]),  # the night overlaps the morning after
        ({0: [(1320, 420)], 1: [(420, 600)]}, ["03-02 22:00 03-03 10:00"]),  # and meets it
        ({0: [WHOLE], 1: [WHOLE]}, ["03-02 00:00 03-04 00:00"]),
        ({0: [WHOLE, NIGHT]}, ["03-02 00:00 03-03 06:00"]),
        ({0: [(600, 599)], 1: [(600, 599)]}, ["03-02 10:00 03-03 09:59", "03-03 10:00 03-04 09:59"]),
        ({0: [(1320, 0)], 1: [(0, 60)]}, ["03-02 22:00 03-03 01:00"]),
    ],
)
def test_tm12_spans_that_overlap_or_meet_are_one(weekly: dict[int, list[Minutes]], expected: list[str]) -> None:
    assert told(hours.spans(Calendar("UTC", weekly), since=at("2026-03-02T00:00Z"), until=at("2026-03-08T00:00Z"))) == expected


def test_tm13_always_is_seven_whole_days() -> None:
    always = Calendar.always("Europe/Berlin")
    assert always == daily("Europe/Berlin", WHOLE)
    since, until = at("2024-01-01T00:00:00.000001Z"), at("2025-01-01T00:00Z")
    assert hours.spans(always, since=since, until=until) == (Span(since, until),)
    assert hours.between(always, since, until) == 366 * DAY - MICROSECOND


def test_tm13_a_day_to_2359_loses_its_last_minute() -> None:
    """E26."""
    loose = daily("Europe/Berlin", (0, 1439))
    assert hours.between(loose, at("2024-01-07T23:00Z"), at("2024-01-14T23:00Z")) == 7 * DAY - 7 * MINUTE
    assert not hours.is_open(loose, read("Europe/Berlin", "2024-01-08T23:59:30"))


# ------------------------------------------------------------------------------------------ TM-14: between, and spans


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2024-01-05T15:30Z", "2024-01-08T08:30Z", HOUR),  # E30
        ("2024-01-08T08:30Z", "2024-01-05T15:30Z", NOTHING),  # E31: never negative
        ("2024-01-08T08:30Z", "2024-01-08T08:30Z", NOTHING),
        ("2024-01-08T08:00Z", "2024-01-08T16:00Z", 8 * HOUR),
        ("2024-01-08T07:59:59.999999Z", "2024-01-08T08:00Z", NOTHING),
        ("2024-01-08T07:59:59.999999Z", "2024-01-08T08:00:00.000001Z", MICROSECOND),
        ("2024-01-08T15:59:59.999999Z", "2024-01-08T16:00:00.000001Z", MICROSECOND),
        ("2024-01-08T16:00Z", "2024-01-09T08:00Z", NOTHING),
        ("2024-01-01T00:00Z", "2025-01-01T00:00Z", 262 * 8 * HOUR),
        ("2024-01-06T00:00Z", "2024-01-08T00:00Z", NOTHING),
    ],
)
def test_tm14_open_time_is_counted_from_the_first_end_up_to_the_last(since: str, until: str, expected: timedelta) -> None:
    assert hours.between(BERLIN, at(since), at(until)) == expected


def test_tm14_a_calendar_without_hours_has_no_open_time() -> None:
    """Refused only where a deadline is asked for."""
    since, until = at("2026-03-02T00:00Z"), at("2026-03-09T00:00Z")
    assert hours.between(CLOSED, since, until) == NOTHING
    assert hours.spans(CLOSED, since=since, until=until) == ()
    assert hours.is_business_date(CLOSED, date(2026, 3, 2)) is False


@pytest.mark.parametrize(
    ("calendars", "expected"),
    [
        ((BERLIN,), ["03-06 08:00 03-06 16:00", "03-09 08:00 03-09 16:00", "03-10 08:00 03-10 12:00"]),
        (
            (BERLIN, Calendar.weekdays("America/New_York", "09:00", "17:00")),
            ["03-06 14:00 03-06 16:00", "03-09 13:00 03-09 16:00"],  # New York is an hour nearer after its change on the 8th
        ),
        ((BERLIN, Calendar.weekdays("Asia/Tokyo", "09:00", "17:00")), []),  # closes as Berlin opens
        (
            (BERLIN, Calendar.weekdays("Asia/Kolkata", "09:30", "18:30")),
            ["03-06 08:00 03-06 13:00", "03-09 08:00 03-09 13:00", "03-10 08:00 03-10 12:00"],
        ),
        (
            (BERLIN, ROUND_THE_CLOCK, LUNCH),
            [
                "03-06 08:00 03-06 11:00",
                "03-06 12:00 03-06 16:00",
                "03-09 08:00 03-09 11:00",
                "03-09 12:00 03-09 16:00",
                "03-10 08:00 03-10 11:00",
            ],
        ),
        ((ROUND_THE_CLOCK, ROUND_THE_CLOCK), ["03-06 00:00 03-10 12:00"]),
        ((BERLIN, CLOSED), []),
        ((CLOSED, BERLIN), []),
        ((NIGHTS, BERLIN), []),
    ],
)
def test_spans_of_several_calendars_are_when_all_are_open(calendars: tuple[Calendar, ...], expected: list[str]) -> None:
    since, until = at("2026-03-06T00:00Z"), at("2026-03-10T12:00Z")
    assert told(hours.spans(*calendars, since=since, until=until)) == expected
    assert told(hours.spans(*reversed(calendars), since=since, until=until)) == expected


@pytest.mark.parametrize("until", ["2026-03-02T12:00Z", "2026-03-02T11:59:59.999999Z", "2020-01-01T00:00Z"])
def test_spans_are_none_where_the_end_is_not_after_the_start(until: str) -> None:
    assert hours.spans(BERLIN, since=at("2026-03-02T12:00Z"), until=at(until)) == ()


@pytest.mark.parametrize(
    ("calendar", "where", "expected"),
    [
        pytest.param(
            Calendar.always("Europe/Berlin"),
            "Europe/Berlin",
            [
                "2024-03-31T00:00 2024-03-31T01:00 2024-03-31 1:00:00",
                "2024-03-31T01:00 2024-03-31T22:00 2024-03-31 3:00:00",
                "2024-03-31T22:00 2024-04-01T22:00 2024-04-01 0:00:00",
                "2024-04-01T22:00 2024-04-02T00:00 2024-04-02 0:00:00",
            ],
            id="TM-5: cut where clocks go forward, and at midnight",
        ),
        pytest.param(
            Calendar.weekdays("Asia/Kolkata", "09:00", "17:00"),
            "America/New_York",
            [
                "2024-04-01T03:30 2024-04-01T04:00 2024-03-31 23:30:00",
                "2024-04-01T04:00 2024-04-01T11:30 2024-04-01 0:00:00",
            ],
            id="the dates of another zone",
        ),
        pytest.param(Calendar.weekdays("Asia/Kolkata", "09:00", "09:01", holidays=[date(2024, 4, 1)]), "UTC", [], id="nothing is open"),
    ],
)
def test_parts_are_spans_cut_where_a_date_or_an_offset_ends(calendar: Calendar, where: str, expected: list[str]) -> None:
    found = hours.parts(calendar, where=zone(where), since=parse_instant("2024-03-31T00:00Z"), until=parse_instant("2024-04-02T00:00Z"))
    assert [f"{start:%Y-%m-%dT%H:%M} {end:%Y-%m-%dT%H:%M} {day} {reading}" for start, end, day, reading in found] == expected


def test_parts_are_cut_nowhere_else() -> None:
    """However long the stretch is: sixteen days without a change of clocks are seventeen dates, the first and the last in part."""
    since = parse_instant("2024-05-01T12:00Z")
    found = hours.parts(Calendar.always(), where=zone("Asia/Kolkata"), since=since, until=since + timedelta(days=16))
    assert [day for _, _, day, _ in found] == [date(2024, 5, day) for day in range(1, 18)]


def test_parts_of_no_calendar_are_refused() -> None:
    with pytest.raises(FactError, match=r"^calendars: saw none, expected at least one calendar\."):
        hours.parts(where=zone("UTC"), since=parse_instant("2024-05-01T12:00Z"), until=parse_instant("2024-05-02T12:00Z"))


MONDAY = Calendar("Europe/Berlin", {0: [(540, 1020)]})
MONDAY_NIGHT = Calendar("Europe/Berlin", {0: [(1320, 360)]})
DESK = Calendar.weekdays("Europe/Berlin", "09:00", "17:00")


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        pytest.param(Calendar.weekdays("Europe/Berlin", "08:00", "21:00"), DESK, True, id="longer hours"),
        pytest.param(DESK, DESK, True, id="the same"),
        pytest.param(DESK, Calendar.weekdays("Europe/Berlin", "08:59", "17:00"), False, id="a minute less"),
        pytest.param(Calendar.weekdays("Europe/Vienna", "08:00", "21:00"), DESK, False, id="other clocks"),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(540, 720), (720, 1020)]}), Calendar("Europe/Berlin", {0: [(540, 1020)]}), True, id="TM-12"
        ),
        pytest.param(
            Calendar("Europe/Berlin", {0: [(540, 720), (780, 1020)]}), Calendar("Europe/Berlin", {0: [(540, 1020)]}), False, id="lunch"
        ),
        pytest.param(Calendar("Europe/Berlin", {0: [(1320, 1440)], 1: [(0, 300)]}), MONDAY_NIGHT, False, id="TM-9: short after midnight"),
        pytest.param(Calendar("Europe/Berlin", {0: [(1320, 1440)], 1: [(0, 360)]}), MONDAY_NIGHT, True, id="TM-9: a night"),
        pytest.param(
            Calendar.weekdays("Europe/Berlin", "08:00", "21:00", holidays=[date(2026, 4, 3)]), DESK, False, id="TM-10: a holiday of one"
        ),
        pytest.param(
            Calendar.weekdays("Europe/Berlin", "08:00", "21:00", holidays=[date(2026, 4, 3)]),
            Calendar.weekdays("Europe/Berlin", "09:00", "17:00", holidays=[date(2026, 4, 3)]),
            True,
            id="TM-10: a holiday of both",
        ),
        pytest.param(DESK, attrs.evolve(DESK, overrides={date(2026, 4, 4): [(600, 660)]}), False, id="TM-11: a day of the inner alone"),
        pytest.param(
            DESK, Calendar.weekdays("Europe/Berlin", "09:00", "17:00", holidays=[date(2026, 4, 3)]), True, id="a holiday of the inner"
        ),
    ],
)
def test_one_calendar_encloses_another_where_it_is_open_whenever_that_is(outer: Calendar, inner: Calendar, *, expected: bool) -> None:
    assert hours.encloses(outer, inner) is expected


def test_the_same_hours_in_another_zone_are_a_calendar_like_any_other() -> None:
    here = Calendar("Europe/Berlin", {0: [(1320, 360)]}, [date(2026, 4, 6)], {date(2026, 4, 7): [(540, 600)]})
    there = hours.in_zone(here, zone("Asia/Kolkata"))
    assert there == Calendar("Asia/Kolkata", {0: [(1320, 360)]}, [date(2026, 4, 6)], {date(2026, 4, 7): [(540, 600)]})
    april = parse_instant("2026-04-01T00:00Z"), parse_instant("2026-04-21T00:00Z")
    again = Calendar("Asia/Kolkata", here.weekly, here.holidays, here.overrides)
    assert hours.spans(there, since=april[0], until=april[1]) == hours.spans(again, since=april[0], until=april[1])
    assert here.zone.key == "Europe/Berlin"


def test_spans_of_no_calendar_are_refused() -> None:
    with pytest.raises(FactError, match=r"^calendars: saw none, expected at least one calendar\.$"):
        hours.spans(since=at("2026-03-02T12:00Z"), until=at("2026-03-03T12:00Z"))


# ------------------------------------------------------------------------- TM-15, TM-16, TM-19: add, subtract, next_open


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("2024-01-08T08:00Z", 8 * HOUR, "2024-01-08T16:00Z"),  # E06: closing, not the next opening
        ("2024-01-08T08:00Z", 8 * HOUR + MICROSECOND, "2024-01-09T08:00:00.000001Z"),
        ("2024-01-08T08:00Z", 8 * HOUR - MICROSECOND, "2024-01-08T15:59:59.999999Z"),
        ("2024-01-08T15:59:59.999999Z", MICROSECOND, "2024-01-08T16:00Z"),
        ("2024-01-08T16:00Z", MICROSECOND, "2024-01-09T08:00:00.000001Z"),
        ("2024-01-08T08:00Z", 40 * HOUR, "2024-01-12T16:00Z"),
        ("2024-01-08T08:00Z", 40 * HOUR + MICROSECOND, "2024-01-15T08:00:00.000001Z"),
        ("2024-01-06T11:00Z", NOTHING, "2024-01-06T11:00Z"),  # E09: nothing moves nothing
        ("2024-01-06T11:00Z", MICROSECOND, "2024-01-08T08:00:00.000001Z"),
        ("2024-01-01T00:00Z", 262 * 8 * HOUR, "2024-12-31T16:00Z"),
        ("2024-01-08T15:59:30.250000Z", MINUTE, "2024-01-09T08:00:30.250000Z"),  # E08
    ],
)
def test_tm15_adding_gives_the_earliest_instant(start: str, amount: timedelta, expected: str) -> None:
    """TM-19: to the microsecond."""
    assert hours.add(BERLIN, at(start), amount) == at(expected)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([5 * MINUTE, 15 * MINUTE], ["2024-01-09T08:05Z", "2024-01-09T08:15Z"]),  # E56: the steps of a ladder
        ([15 * MINUTE, 5 * MINUTE], ["2024-01-09T08:15Z", "2024-01-09T08:05Z"]),  # in the order asked
        ([5 * MINUTE, 5 * MINUTE], ["2024-01-09T08:05Z", "2024-01-09T08:05Z"]),
        ([NOTHING], ["2024-01-09T02:00Z"]),
        ([8 * HOUR, NOTHING, 9 * HOUR, 80 * HOUR], ["2024-01-09T16:00Z", "2024-01-09T02:00Z", "2024-01-10T09:00Z", "2024-01-22T16:00Z"]),
        ([], []),
    ],
)
def test_tm15_adding_several_amounts_gives_one_instant_each(amounts: list[timedelta], expected: list[str]) -> None:
    start = at("2024-01-09T02:00Z")  # 3 am
    found = hours.add_each(BERLIN, start, amounts)
    assert found == tuple(map(at, expected))
    assert found == tuple(hours.add(BERLIN, start, amount) for amount in amounts)


def test_tm15_of_several_amounts_some_may_be_out_of_reach() -> None:
    """TM-17: each that is says how much there was."""
    once = Calendar("UTC", {}, overrides={date(2026, 3, 2): [NINE_TO_FIVE]})
    start = at("2026-03-02T10:00Z")
    pause = Span(at("2026-03-02T12:00Z"), at("2026-03-02T13:00Z"))
    never = NeverReached(start, 6 * HOUR)
    assert hours.add_each(once, start, [7 * HOUR, 6 * HOUR, 8 * HOUR, NOTHING], pauses=iter([pause])) == (
        never,
        at("2026-03-02T17:00Z"),
        never,
        start,
    )


@pytest.mark.parametrize("amounts", [[HOUR, -MICROSECOND], [HOUR, 300]])
def test_tm15_one_amount_that_is_none_refuses_them_all(amounts: list[timedelta]) -> None:
    with pytest.raises(FactError, match=r"^amount: saw "):
        hours.add_each(BERLIN, at("2024-01-09T02:00Z"), amounts)


@pytest.mark.parametrize(
    ("end", "amount", "expected"),
    [
        ("2024-01-08T08:30Z", HOUR, "2024-01-05T15:30Z"),  # X14: Monday 09:30 less an hour is Friday 16:30
        ("2024-01-08T16:00Z", 8 * HOUR, "2024-01-08T08:00Z"),  # opening, not the last closing
        ("2024-01-08T16:00Z", 8 * HOUR + MICROSECOND, "2024-01-05T15:59:59.999999Z"),
        ("2024-01-08T16:00Z", 8 * HOUR - MICROSECOND, "2024-01-08T08:00:00.000001Z"),
        ("2024-01-08T08:00Z", MICROSECOND, "2024-01-05T15:59:59.999999Z"),
        ("2024-01-08T08:00:00.000001Z", MICROSECOND, "2024-01-08T08:00Z"),
        ("2024-01-06T11:00Z", NOTHING, "2024-01-06T11:00Z"),
        ("2024-01-06T11:00Z", 40 * HOUR, "2024-01-01T08:00Z"),
        ("2025-01-01T00:00Z", 262 * 8 * HOUR, "2024-01-01T08:00Z"),
        ("2024-01-08T08:00:30.250000Z", MINUTE, "2024-01-05T15:59:30.250000Z"),
    ],
)
def test_tm16_subtracting_gives_the_latest_instant(end: str, amount: timedelta, expected: str) -> None:
    """TM-19: to the microsecond."""
    assert hours.subtract(BERLIN, at(end), amount) == at(expected)


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "expected"),
    [
        (Calendar.always("Europe/Berlin"), "2024-03-30T21:00Z", DAY, "2024-03-31T21:00Z"),  # E12
        (NIGHTS, "2024-03-30T21:00Z", 7 * HOUR, "2024-03-31T04:00Z"),  # E17: the night of the gap
        (NIGHTS, "2024-10-26T20:00Z", 9 * HOUR, "2024-10-27T05:00Z"),  # E18: the night of the overlap
        (daily("Europe/Berlin", (60, 150)), "2024-10-26T23:00Z", 95 * MINUTE, "2024-10-27T01:05Z"),
        (daily("Europe/Berlin", (150, 300)), "2024-03-31T01:00Z", MICROSECOND, "2024-03-31T01:00:00.000001Z"),
        (daily("Pacific/Apia", NINE_TO_FIVE), "2011-12-30T02:00Z", 2 * HOUR, "2011-12-30T20:00Z"),  # Thursday 16:00 to Saturday 10:00
    ],
)
def test_tm15_and_tm16_add_and_subtract_across_changes(calendar: Calendar, start: str, amount: timedelta, expected: str) -> None:
    assert hours.add(calendar, at(start), amount) == at(expected)
    assert hours.subtract(calendar, at(expected), amount) == at(start)


@pytest.mark.parametrize("reckon", [hours.add, hours.subtract])
@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (-MICROSECOND, "amount: saw -1 day, 23:59:59.999999, expected zero or more."),
        (timedelta.min, "amount: saw -999999999 days, 0:00:00, expected zero or more."),
        (300, "amount: saw 300, expected a timedelta. Write timedelta(minutes=5)."),
        (None, "amount: saw nothing, expected a timedelta. Write timedelta(minutes=5)."),
        ("5 min", "amount: saw '5 min', expected a timedelta. Write timedelta(minutes=5)."),
    ],
)
def test_tm15_and_tm16_what_is_no_amount_is_refused(reckon: Callable[..., object], amount: object, message: str) -> None:
    with pytest.raises(FactError) as refused:
        reckon(BERLIN, at("2026-03-02T09:00Z"), amount)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("calendar", "when", "expected"),
    [
        (BERLIN, "2026-03-02T12:34:56.789012Z", "2026-03-02T12:34:56.789012Z"),  # open as it is
        (BERLIN, "2026-03-02T08:00Z", "2026-03-02T08:00Z"),
        (BERLIN, "2026-03-02T07:59:59.999999Z", "2026-03-02T08:00Z"),
        (BERLIN, "2026-03-02T15:59:59.999999Z", "2026-03-02T15:59:59.999999Z"),
        (BERLIN, "2026-03-02T16:00Z", "2026-03-03T08:00Z"),  # the closing instant is closed
        (BERLIN, "2026-03-06T16:00Z", "2026-03-09T08:00Z"),
        (BERLIN, "2026-03-28T12:00Z", "2026-03-30T07:00Z"),  # after the change
        (daily("Europe/Berlin", (150, 300)), "2024-03-30T12:00Z", "2024-03-31T01:00Z"),
        (attrs.evolve(BERLIN, holidays=[date(2026, 4, 3), date(2026, 4, 6)]), "2026-04-02T15:00Z", "2026-04-07T07:00Z"),
        (ROUND_THE_CLOCK, "2026-03-02T12:34:56.789012Z", "2026-03-02T12:34:56.789012Z"),
    ],
)
def test_the_next_opening_is_at_or_after_an_instant(calendar: Calendar, when: str, expected: str) -> None:
    assert hours.next_open(calendar, at(when)) == at(expected)


# ------------------------------------------------------------------------------------------------------------- pauses


@pytest.mark.parametrize(
    ("pauses", "deadline", "counted"),
    [
        pytest.param([], "2024-01-09T09:15Z", 8 * HOUR, id="none"),
        pytest.param([("09:02", "09:10"), ("09:08", "09:20")], "2024-01-09T09:33Z", 8 * HOUR - 18 * MINUTE, id="E48: overlapping"),
        pytest.param([("09:08", "09:20"), ("09:02", "09:10")], "2024-01-09T09:33Z", 8 * HOUR - 18 * MINUTE, id="in no order"),
        pytest.param([("09:02", "09:10"), ("09:10", "09:20")], "2024-01-09T09:33Z", 8 * HOUR - 18 * MINUTE, id="meeting"),
        pytest.param([("09:02", "09:20"), ("09:05", "09:10")], "2024-01-09T09:33Z", 8 * HOUR - 18 * MINUTE, id="one inside another"),
        pytest.param([("09:02", "09:20"), ("09:02", "09:20")], "2024-01-09T09:33Z", 8 * HOUR - 18 * MINUTE, id="twice"),
        pytest.param([("09:02", "09:04"), ("09:10", "09:13")], "2024-01-09T09:20Z", 8 * HOUR - 5 * MINUTE, id="two"),
        pytest.param([("08:30", "09:05")], "2024-01-09T09:20Z", 8 * HOUR - 35 * MINUTE, id="begun before the start"),
        pytest.param([("08:30", "09:00")], "2024-01-09T09:15Z", 8 * HOUR - 30 * MINUTE, id="over at the start"),
        pytest.param([("06:00", "08:00")], "2024-01-09T09:15Z", 8 * HOUR, id="over at opening"),
        pytest.param([("16:00", "20:00")], "2024-01-09T09:15Z", 8 * HOUR, id="begun at closing"),
        pytest.param([("15:30", "20:00")], "2024-01-09T09:15Z", 8 * HOUR - 30 * MINUTE, id="into the evening"),
        pytest.param([("09:15", "09:30")], "2024-01-09T09:15Z", 8 * HOUR - 15 * MINUTE, id="E52: begun at the deadline"),
        pytest.param([("09:14", "09:30")], "2024-01-09T09:31Z", 8 * HOUR - 16 * MINUTE, id="begun just before it"),
        pytest.param([("09:05", "09:05")], "2024-01-09T09:15Z", 8 * HOUR, id="of no length"),
        pytest.param([("00:00", "23:59")], "2024-01-10T08:15Z", NOTHING, id="all day"),
        pytest.param([("09:00", "15:50")], "2024-01-10T08:05Z", 8 * HOUR - 410 * MINUTE, id="up to the last minutes"),
    ],
)
def test_time_inside_pauses_does_not_count(pauses: list[tuple[str, str]], deadline: str, counted: timedelta) -> None:
    """CL-13: a quarter of an hour from Tuesday 10:00, and what is left of Tuesday."""
    holes = [Span(at(f"2024-01-09T{since}Z"), at(f"2024-01-09T{until}Z")) for since, until in pauses]
    assert hours.add(BERLIN, at("2024-01-09T09:00Z"), 15 * MINUTE, pauses=holes) == at(deadline)
    assert hours.between(BERLIN, at("2024-01-09T09:00Z"), at(deadline), pauses=iter(holes)) == 15 * MINUTE
    assert hours.between(BERLIN, at("2024-01-09T00:00Z"), at("2024-01-10T00:00Z"), pauses=holes) == counted


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], "2024-01-09T08:45Z"),
        ([("08:50", "08:58")], "2024-01-09T08:37Z"),
        ([("08:50", "08:58"), ("08:30", "08:40")], "2024-01-09T08:27Z"),
        ([("08:45", "08:58")], "2024-01-09T08:32Z"),
        ([("08:00", "09:00")], "2024-01-08T15:45Z"),
        ([("08:10", "09:30")], "2024-01-08T15:55Z"),
        ([("08:00", "08:45")], "2024-01-09T08:45Z"),
    ],
)
def test_a_pause_holds_up_the_way_back_too(pauses: list[tuple[str, str]], expected: str) -> None:
    """CL-13, TM-16: a quarter of an hour before Tuesday 10:00."""
    holes = [Span(at(f"2024-01-09T{since}Z"), at(f"2024-01-09T{until}Z")) for since, until in pauses]
    assert hours.subtract(BERLIN, at("2024-01-09T09:00Z"), 15 * MINUTE, pauses=holes) == at(expected)


def test_a_pause_may_last_for_years() -> None:
    """CL-13, TM-17: the calendar stays open meanwhile, so that the horizon is not reached."""
    pause = Span(at("2020-01-01T12:00:00.000001Z"), at("2024-01-01T12:00Z"))
    start = at("2020-01-01T12:00Z")
    assert hours.add(ROUND_THE_CLOCK, start, HOUR, pauses=[pause]) == at("2024-01-01T12:59:59.999999Z")
    assert hours.subtract(ROUND_THE_CLOCK, at("2024-01-01T12:59:59.999999Z"), HOUR, pauses=[pause]) == start
    assert hours.between(ROUND_THE_CLOCK, start, at("2024-01-02T12:00Z"), pauses=[pause]) == DAY + MICROSECOND


# ------------------------------------------------------------------------------------------------- TM-17: never reached


@pytest.mark.parametrize(
    "asked",
    [
        lambda calendar: hours.add(calendar, at("2026-03-02T09:00Z"), HOUR),
        lambda calendar: hours.add(calendar, at("2026-03-02T09:00Z"), NOTHING),
        lambda calendar: hours.add_each(calendar, at("2026-03-02T09:00Z"), []),
        lambda calendar: hours.subtract(calendar, at("2026-03-02T09:00Z"), HOUR),
        lambda calendar: hours.next_open(calendar, at("2026-03-02T09:00Z")),
        lambda calendar: hours.offset(calendar, date(2026, 3, 2), 1),
    ],
    ids=["add", "add nothing", "add each of none", "subtract", "next_open", "offset"],
)
@pytest.mark.parametrize("calendar", [CLOSED, Calendar("UTC", {}, overrides={date(2026, 3, 3): []})], ids=["empty", "empty overrides"])
def test_tm17_a_calendar_without_hours_is_refused_where_a_deadline_is_asked_for(
    calendar: Calendar, asked: Callable[[Calendar], object]
) -> None:
    with pytest.raises(FactError) as refused:
        asked(calendar)
    assert str(refused.value) == (
        "calendar.weekly: saw no opening hours at all, expected at least one span. Write Calendar.always() for elapsed time."
    )


def test_tm17_a_calendar_closed_for_good_never_reaches_an_amount() -> None:
    """Open on one day of its life, for eight hours."""
    once = Calendar("UTC", {}, overrides={date(2026, 3, 2): [NINE_TO_FIVE]})
    opening, closing = at("2026-03-02T09:00Z"), at("2026-03-02T17:00Z")
    early, late = opening - 30 * DAY, closing + 30 * DAY
    assert hours.add(once, early, 8 * HOUR) == closing
    assert hours.add(once, early, 8 * HOUR + MICROSECOND) == NeverReached(early, 8 * HOUR)
    assert hours.add(once, opening + HOUR, 8 * HOUR) == NeverReached(opening + HOUR, 7 * HOUR)
    assert hours.add(once, closing, MICROSECOND) == NeverReached(closing, NOTHING)
    assert hours.subtract(once, late, 8 * HOUR) == opening
    assert hours.subtract(once, late, 8 * HOUR + MICROSECOND) == NeverReached(late, 8 * HOUR)
    assert hours.subtract(once, opening, MICROSECOND) == NeverReached(opening, NOTHING)
    assert hours.next_open(once, early) == opening
    assert hours.next_open(once, closing) == NeverReached(closing, NOTHING)
    pause = Span(opening, opening + HOUR)
    assert hours.add(once, early, 8 * HOUR, pauses=[pause]) == NeverReached(early, 7 * HOUR)
    assert hours.subtract(once, late, 8 * HOUR, pauses=[pause]) == NeverReached(late, 7 * HOUR)
    assert hours.offset(once, date(2026, 3, 1), 1) == date(2026, 3, 2)
    assert isinstance(hours.offset(once, date(2026, 3, 2), 1), NeverReached)
    assert isinstance(hours.offset(once, date(2026, 3, 2), -1), NeverReached)


def test_tm17_holidays_on_every_day_it_could_open_close_it_for_good() -> None:
    shut = Calendar("UTC", {}, holidays=[date(2026, 3, 2)], overrides={date(2026, 3, 2): [WHOLE]})
    assert shut.is_ever_open
    start = at("2026-03-01T09:00Z")
    assert hours.next_open(shut, start) == NeverReached(start, NOTHING)
    assert isinstance(hours.offset(shut, date(2026, 3, 1), 0), NeverReached)


def test_tm17_what_is_never_reached_is_given_in_utc() -> None:
    once = Calendar("UTC", {}, overrides={date(2026, 3, 2): [NINE_TO_FIVE]})
    found = hours.next_open(once, at("2026-03-03T00:00Z").astimezone(zone("Asia/Kolkata")))
    assert isinstance(found, NeverReached)
    assert found.since.tzinfo is UTC


@pytest.mark.parametrize(
    "days", [0, 1, 2, 3, 6, 7, 14, 15, 30, 31, 46, 47, 48, 62, 63, 64, 65, 100, 111, 126, 127, 128, 190, 191, 254, 255]
)
@pytest.mark.parametrize(
    ("opens", "reached"), [(0, True), (1, False), (1439, False)], ids=["after 400 days", "a minute later", "a day less a minute later"]
)
def test_tm17_the_horizon_is_400_days_of_being_closed_wherever_they_begin(days: int, opens: int, reached: bool) -> None:
    """Open so many whole days from 5 January 2026, closed for 400 days and some minutes, then open again: and the mirror image."""
    start = date(2026, 1, 5)
    again = start + days * DAY + 400 * DAY
    begin = at("2026-01-05T00:00Z")
    forth = Calendar("UTC", {}, overrides={**{start + number * DAY: [WHOLE] for number in range(days)}, again: [(opens, 1440)]})
    opening = begin + days * DAY + 400 * DAY + opens * MINUTE
    assert hours.add(forth, begin, days * DAY + MICROSECOND) == (opening + MICROSECOND if reached else NeverReached(begin, days * DAY))
    first = hours.next_open(forth, begin + days * DAY)
    assert first == (opening if reached else NeverReached(begin + days * DAY, NOTHING))

    before = start - 401 * DAY
    back = Calendar("UTC", {}, overrides={**{start + number * DAY: [WHOLE] for number in range(days)}, before: [(0, 1440 - opens)]})
    end = begin + days * DAY
    closing = begin - 400 * DAY - opens * MINUTE
    assert hours.subtract(back, end, days * DAY + MICROSECOND) == (closing - MICROSECOND if reached else NeverReached(end, days * DAY))


@pytest.mark.parametrize("early", [MICROSECOND, HOUR, 13 * HOUR])
def test_tm17_the_horizon_counts_from_where_the_counting_begins_when_closed(early: timedelta) -> None:
    begin = at("2026-01-05T00:00Z")
    once = Calendar("UTC", {}, overrides={date(2027, 2, 9): [WHOLE]})  # 400 days later
    assert hours.next_open(once, begin) == at("2027-02-09T00:00Z")
    assert hours.next_open(once, begin - early) == NeverReached(begin - early, NOTHING)
    back = Calendar("UTC", {}, overrides={date(2024, 11, 30): [WHOLE]})  # ends 400 days before
    assert hours.subtract(back, begin, MINUTE) == at("2024-11-30T23:59Z")
    assert hours.subtract(back, begin + early, MINUTE) == NeverReached(begin + early, NOTHING)


@pytest.mark.parametrize(
    ("day", "reached"), [(date(2027, 2, 9), True), (date(2027, 2, 11), False), (date(2027, 3, 6), False), (date(2027, 3, 7), False)]
)
def test_tm17_business_dates_have_the_same_horizon(day: date, reached: bool) -> None:
    """400, 402, 425 and 426 days after 5 January 2026."""
    once = Calendar("UTC", {}, overrides={day: [WHOLE]})
    found = hours.offset(once, date(2026, 1, 5), 1)
    assert found == day if reached else isinstance(found, NeverReached)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (hours.add(ROUND_THE_CLOCK, at("9998-12-30T00:00Z"), DAY), at("9998-12-31T00:00Z")),
        (hours.add(ROUND_THE_CLOCK, at("9998-12-30T00:00Z"), 2 * DAY), NeverReached(at("9998-12-30T00:00Z"), DAY)),
        (hours.add(ROUND_THE_CLOCK, at("9998-12-31T00:00Z"), MICROSECOND), NeverReached(at("9998-12-31T00:00Z"), NOTHING)),
        (hours.add(BERLIN, at("0002-01-01T00:00Z"), HOUR), at("0002-01-01T09:06:32Z")),  # local mean time, a Tuesday
        (hours.next_open(ROUND_THE_CLOCK, at("0002-01-01T00:00Z")), at("0002-01-01T00:00Z")),
        (hours.subtract(ROUND_THE_CLOCK, at("9998-12-31T00:00Z"), HOUR), at("9998-12-30T23:00Z")),
        (hours.subtract(ROUND_THE_CLOCK, at("0002-01-02T00:00Z"), DAY), at("0002-01-01T00:00Z")),
        (hours.subtract(ROUND_THE_CLOCK, at("0002-01-02T00:00Z"), 2 * DAY), NeverReached(at("0002-01-02T00:00Z"), DAY)),
        (hours.subtract(ROUND_THE_CLOCK, at("0002-01-01T00:00Z"), MICROSECOND), NeverReached(at("0002-01-01T00:00Z"), NOTHING)),
        (hours.next_open(BERLIN, at("9998-12-31T00:00Z")), NeverReached(at("9998-12-31T00:00Z"), NOTHING)),
    ],
)
def test_tm17_nothing_is_reached_beyond_our_years(found: datetime | NeverReached, expected: datetime | NeverReached) -> None:
    assert found == expected


# --------------------------------------------------------------------------------------------------- TM-18: business dates


EASTER = attrs.evolve(BERLIN, holidays=[date(2026, 4, 3), date(2026, 4, 6)])


@pytest.mark.parametrize(
    ("calendar", "day", "count", "expected"),
    [
        (BERLIN, date(2026, 3, 2), 0, date(2026, 3, 2)),
        (BERLIN, date(2026, 3, 2), 1, date(2026, 3, 3)),
        (BERLIN, date(2026, 3, 2), 5, date(2026, 3, 9)),
        (BERLIN, date(2026, 3, 2), -1, date(2026, 2, 27)),
        (BERLIN, date(2026, 3, 7), 0, date(2026, 3, 9)),
        (BERLIN, date(2026, 3, 7), 1, date(2026, 3, 9)),  # strictly after: on a Saturday, 0 and 1 are one day
        (BERLIN, date(2026, 3, 7), 2, date(2026, 3, 10)),
        (BERLIN, date(2026, 3, 7), -1, date(2026, 3, 6)),
        (BERLIN, date(2026, 3, 7), -2, date(2026, 3, 5)),
        (BERLIN, date(2026, 1, 1), 261, date(2027, 1, 1)),
        (BERLIN, date(2027, 1, 1), -261, date(2026, 1, 1)),
        (EASTER, date(2026, 4, 2), 1, date(2026, 4, 7)),
        (EASTER, date(2026, 4, 3), 0, date(2026, 4, 7)),
        (EASTER, date(2026, 4, 7), -1, date(2026, 4, 2)),
        (FRIDAY_NIGHT, date(2026, 3, 2), 1, date(2026, 3, 6)),
        (FRIDAY_NIGHT, date(2026, 3, 2), 2, date(2026, 3, 7)),  # the night runs on into Saturday, which is open then
        (FRIDAY_NIGHT, date(2026, 3, 2), 3, date(2026, 3, 13)),
        (Calendar.weekdays("Pacific/Apia", "09:00", "17:00"), date(2011, 12, 29), 1, date(2012, 1, 2)),  # X21
        (Calendar.weekdays("Pacific/Apia", "09:00", "17:00"), date(2011, 12, 30), 0, date(2012, 1, 2)),
        (Calendar.weekdays("Pacific/Apia", "09:00", "17:00"), date(2012, 1, 2), -1, date(2011, 12, 29)),
        (Calendar.always("Pacific/Apia"), date(2011, 12, 29), 1, date(2011, 12, 31)),
        (Calendar.always("Pacific/Apia"), date(2011, 12, 31), -1, date(2011, 12, 29)),
        (daily("Europe/Berlin", (120, 180)), date(2024, 3, 30), 1, date(2024, 4, 1)),  # its only hour is skipped on the 31st
        (Calendar("UTC", {}, overrides={date(2026, 3, 1): [WHOLE], date(2026, 9, 1): [WHOLE]}), date(2026, 1, 1), 2, date(2026, 9, 1)),
    ],
)
def test_tm18_business_dates_are_counted_strictly_after_or_before(calendar: Calendar, day: date, count: int, expected: date) -> None:
    assert hours.offset(calendar, day, count) == expected
    assert hours.is_business_date(calendar, expected) is True


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        (BERLIN, date(2026, 3, 6), True),
        (BERLIN, date(2026, 3, 7), False),
        (EASTER, date(2026, 4, 6), False),
        (FRIDAY_NIGHT, date(2026, 3, 7), True),
        (FRIDAY_NIGHT, date(2026, 3, 8), False),
        (attrs.evolve(FRIDAY_NIGHT, holidays=[date(2026, 3, 6)]), date(2026, 3, 7), False),
        (attrs.evolve(FRIDAY_NIGHT, holidays=[date(2026, 3, 7)]), date(2026, 3, 6), True),
        (attrs.evolve(BERLIN, overrides={date(2026, 3, 7): [(600, 601)]}), date(2026, 3, 7), True),
        (attrs.evolve(BERLIN, overrides={date(2026, 3, 6): []}), date(2026, 3, 6), False),
        (daily("Europe/Berlin", (120, 180)), date(2024, 3, 31), False),
        (daily("Europe/Berlin", (119, 180)), date(2024, 3, 31), True),
        (Calendar.always("Pacific/Apia"), date(2011, 12, 30), False),
        (daily("Pacific/Apia", (1320, 360)), date(2011, 12, 31), True),
        (ROUND_THE_CLOCK, date(2, 1, 2), True),
        (ROUND_THE_CLOCK, date(9998, 12, 30), True),
    ],
)
def test_tm18_a_business_date_has_an_open_instant(calendar: Calendar, day: date, expected: bool) -> None:
    assert hours.is_business_date(calendar, day) is expected


@pytest.mark.parametrize("count", [1.0, True, "1", None])
def test_tm18_a_count_is_a_whole_number(count: int) -> None:
    with pytest.raises(FactError, match=r"^count: saw .*, expected a whole number of business dates\.$"):
        hours.offset(BERLIN, date(2026, 3, 2), count)


@pytest.mark.parametrize(("day", "count"), [(date(9998, 12, 30), 10), (date(2, 1, 2), -10)])
def test_tm18_no_date_is_reached_beyond_our_years(day: date, count: int) -> None:
    assert isinstance(hours.offset(ROUND_THE_CLOCK, day, count), NeverReached)


# ------------------------------------------------------------------------------------------------------- times of day


@pytest.mark.parametrize(
    ("text", "minute"),
    [("00:00", 0), ("00:01", 1), ("09:00", 540), ("09:30", 570), ("12:00", 720), ("23:59", 1439), ("24:00", 1440)],
)
def test_a_time_of_day_is_minutes_after_midnight_and_back(text: str, minute: int) -> None:
    assert hours.minutes(text) == minute
    assert hours.clock_time(minute) == text


@pytest.mark.parametrize(
    "text",
    ["", "9:00", "09:60", "24:01", "25:00", "09:00:00", " 09:00", "09:00\n", "0900", "09.00", "9 am", "-1:00", "٠٩:٠٠", 540, None, True],
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(FactError, match=r"^opens: saw .*, expected a time of day from \"00:00\" to \"24:00\"\. Write it like \"09:00\"\.$"):
        hours.minutes(text, "opens")


def test_a_number_too_long_to_print_is_no_time_of_day() -> None:
    try:
        hours.minutes(10**5000)  # type: ignore[arg-type]  # on purpose
    except FactError as refused:
        assert refused.problem.path == "time"  # noqa: PT017 - it is a ValueError too
    else:
        pytest.fail("not refused")


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [
        ("9:00", "17:00", "time: saw '9:00', expected a time of day"),
        ("09:00", "17", "time: saw '17', expected a time of day"),
        ("09:00", "09:00", "calendar.weekly[Mon]: saw a span from 540 to 540, which is none"),
        ("24:00", "09:00", "calendar.weekly[Mon]: saw (1440, 540), expected two minutes after midnight"),
    ],
)
def test_weekdays_between_what_is_no_span_are_refused(opens: str, closes: str, message: str) -> None:
    with pytest.raises(FactError) as refused:
        Calendar.weekdays("UTC", opens, closes)
    assert str(refused.value).startswith(message)
