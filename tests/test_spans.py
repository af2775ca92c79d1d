"""Instants, stretches, look-backs, months and zones."""

import csv
import pickle
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from io import BytesIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from inbound_engine import spans
from inbound_engine.errors import FactError
from inbound_engine.spans import DAY, EARLIEST, Span, instant, look_back, months_later, parse_instant, whole_weeks, zone
from tests.places import DATA, needs_data

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


# The smallest zone file there is: version 1, one kind of local time, UTC.
_ONE_OFFSET = b"TZif" + bytes(16) + bytes(4 * 4) + (1).to_bytes(4, "big") + (4).to_bytes(4, "big") + bytes(6) + b"UTC\0"


class Stamp(datetime):
    """As data frame libraries have: a datetime with more to it."""


class NotATime(datetime):
    """As data frame libraries have for a missing value: a datetime that refuses every question but one."""

    def utcoffset(self) -> timedelta:
        raise ValueError

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        del sep, timespec
        return "NaT"


class Shapeless(tzinfo):
    """A zone that does not know its offset."""

    def utcoffset(self, dt: datetime | None) -> None:
        del dt

    def tzname(self, dt: datetime | None) -> None:
        del dt

    def dst(self, dt: datetime | None) -> None:
        del dt


@pytest.mark.parametrize(
    "value",
    [
        NINE,
        datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Berlin")),
        Stamp(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("UTC")),
    ],
)
def test_an_instant_is_kept_in_utc_as_a_plain_datetime(value: datetime) -> None:
    """FD-2."""
    found = instant(value)
    assert found == NINE
    assert type(found) is datetime
    assert found.tzinfo is UTC


def test_an_instant_in_an_hour_that_comes_twice_keeps_its_fold() -> None:
    """FD-2: 2026-10-25 02:30 in Berlin, before and after the clocks go back."""
    berlin = ZoneInfo("Europe/Berlin")
    assert instant(datetime(2026, 10, 25, 2, 30, tzinfo=berlin)).hour == 0
    assert instant(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=berlin)).hour == 1


@pytest.mark.parametrize(
    ("value", "saw"),
    [
        (datetime(2026, 3, 2), "2026-03-02T00:00:00 without a zone"),  # noqa: DTZ001 - to be refused
        (datetime(2026, 3, 2, tzinfo=Shapeless()), "2026-03-02T00:00:00 without a zone"),
        (NotATime(2026, 3, 2), "NaT without a zone"),
        (date(2026, 3, 2), "date 2026-03-02"),
        ("2026-03-02T09:00Z", "'2026-03-02T09:00Z'"),
        (0, "0"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "nothing"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "0001-01-01T00:00:00+01:00"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "9999-12-31T23:59:59.999999-01:00"),
        (datetime.min.replace(tzinfo=ZoneInfo("Asia/Tokyo")), "0001-01-01T00:00:00+09:18:59"),
    ],
)
def test_anything_but_an_aware_instant_is_refused(value: object, saw: str) -> None:
    """FD-2: a naive datetime most of all."""
    with pytest.raises(FactError) as refused:
        instant(value, "lead.created_at")
    assert refused.value.problem.path == "lead.created_at"
    assert refused.value.problem.saw == saw


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T09:00:00Z",
        "2026-03-02T10:00+01:00",
        "2026-03-02 09:00:00.000000+00:00",
        "20260302T090000Z",
        "2026-03-02T09:00:00.000+0000",
    ],
)
def test_iso_text_names_an_instant(text: str) -> None:
    assert parse_instant(text) == NINE


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-02", "2026-03-02T09:00", "yesterday", "02.03.2026", "2026-13-01T00:00Z", "2026-02-29T00:00Z", "\ud800", "1772442000"],
)
def test_text_that_names_no_instant_is_refused(text: str) -> None:
    """FD-2: without an offset it names twenty-four of them."""
    with pytest.raises(FactError, match=r"^lead\.at: saw "):
        parse_instant(text, "lead.at")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Europe",
        "Europe/Berlim",
        "europe/",
        "/etc/passwd",
        "../etc/passwd",
        "Europe/../../../etc/passwd",
        "Europe/Berlin\0",
        "zone.tab",
        "\ud800",
        "x" * 10_000,
        "localtime",
        "posixrules",
        "Factory",
        "right/UTC",
        "posix/UTC",
        "Еurope/Berlin",
        None,
        1,
        True,
        UTC,
        b"UTC",
    ],
)
def test_what_names_no_zone_is_refused(value: object) -> None:
    """FD-4: and so is what names another one on another machine."""
    with pytest.raises(FactError, match=r"^rep\.zone: saw .* expected the name of an IANA time zone"):
        zone(value, "rep.zone")


def test_a_zone_without_a_name_is_refused() -> None:
    """FD-4: it could not be written down."""
    with pytest.raises(FactError, match="expected the name of an IANA time zone"):
        zone(ZoneInfo.from_file(BytesIO(_ONE_OFFSET)))


def test_a_zone_is_itself() -> None:
    berlin = zone("Europe/Berlin")
    assert zone(berlin) is berlin
    assert berlin.key == "Europe/Berlin"


@needs_data
def test_every_zone_of_the_reference_is_known() -> None:
    names = set()
    for table in ("zone.tab", "zone1970.tab"):
        with (DATA / "reference_geo" / table).open(encoding="utf-8") as lines:
            names |= {line.rstrip("\n").split("\t")[2] for line in lines if not line.startswith("#")}
    with (DATA / "reference_geo" / "phone_examples.csv").open(encoding="utf-8", newline="") as rows:
        names |= {name for row in csv.DictReader(rows) for name in row["time_zones"].split("|") if name and name != "Etc/Unknown"}
    assert len(names) > 400
    assert {name for name in names if zone(name).key != name} == set()


def test_a_span_holds_its_first_instant_and_not_its_last() -> None:
    span = Span(NINE, NINE + DAY)
    assert span.length == DAY
    assert NINE in span
    assert NINE + DAY not in span
    assert NINE - timedelta(microseconds=1) not in span
    assert NINE + DAY - timedelta(microseconds=1) in span


def test_a_span_may_be_empty_and_never_ends_before_it_starts() -> None:
    assert NINE not in Span(NINE, NINE)
    with pytest.raises(FactError, match=r"^span\.until: saw 2026-03-02T09:00:00\+00:00, expected an instant at or after 2026-03-03"):
        Span(NINE + DAY, NINE)


@pytest.mark.parametrize("end", ["since", "until"])
def test_the_ends_of_a_span_are_aware(end: str) -> None:
    """FD-2."""
    ends = {"since": NINE, "until": NINE} | {end: NINE.replace(tzinfo=None)}
    with pytest.raises(FactError, match=rf"^span\.{end}: saw 2026-03-02T09:00:00 without a zone"):
        Span(**ends)


def test_a_span_keeps_utc_and_pickles() -> None:
    span = Span(NINE.astimezone(ZoneInfo("Asia/Kolkata")), NINE + DAY)
    assert span.since.tzinfo is UTC
    assert pickle.loads(pickle.dumps(span)) == span  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("at", "days", "since"),
    [
        (NINE, 0, NINE),
        (NINE, 2, datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2026, 3, 30, 9, tzinfo=UTC), 1, datetime(2026, 3, 29, 9, tzinfo=UTC)),  # 24 hours, though the clocks went forward
        (EARLIEST, 0, EARLIEST),
        (EARLIEST, 1, EARLIEST),
        (EARLIEST + DAY, 1, EARLIEST),
        (EARLIEST + DAY - timedelta(microseconds=1), 1, EARLIEST),
        (LAST, 36_500, LAST - 36_500 * DAY),
        (LAST, 10**30, EARLIEST),
    ],
)
def test_a_look_back_counts_days_of_24_hours_and_stops_at_the_first_instant(at: datetime, days: int, since: datetime) -> None:
    """FD-2."""
    assert look_back(at, days) == since


@pytest.mark.parametrize(
    ("elapsed", "weeks"),
    [
        (timedelta(0), 0),
        (timedelta(days=7) - timedelta(microseconds=1), 0),
        (timedelta(days=7), 1),
        (timedelta(days=13, hours=23), 1),
        (timedelta(days=14), 2),
    ],
)
def test_a_week_is_whole_after_seven_days_to_the_microsecond(elapsed: timedelta, weeks: int) -> None:
    """FD-2."""
    assert whole_weeks(elapsed) == weeks


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 3, 2), 12, date(2027, 3, 2)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_a_month_is_a_step_of_the_calendar(start: date, months: int, day: date) -> None:
    """LC-6."""
    assert months_later(start, months) == day


def test_a_month_keeps_the_time_of_day() -> None:
    assert months_later(NINE, 1) == datetime(2026, 4, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(("start", "months"), [(date.max, 1), (date.min, -1), (date(2026, 1, 1), 10**9), (date(2026, 1, 1), 10**30)])
def test_a_month_beyond_the_calendar_is_refused(start: date, months: int) -> None:
    with pytest.raises(FactError, match="expected a day between the years 1 and 9999"):
        months_later(start, months)


@pytest.mark.parametrize("value", [None, 1760000000, b"2026-03-02T09:00Z"])
def test_what_is_no_text_is_no_instant_either(value: object) -> None:
    with pytest.raises(FactError, match="the text of an ISO 8601 instant"):
        parse_instant(value)  # type: ignore[arg-type]  # on purpose


def test_a_machine_without_zone_data_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """TM-20: every set of zone data has UTC."""

    def nothing(key: str) -> object:
        raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr(spans, "ZoneInfo", type("NoZone", (), {"__new__": lambda _cls, key: nothing(key)}))
    with pytest.raises(FactError) as refused:
        spans.zone("UTC")
    assert str(refused.value) == (
        "zone: saw no time zone data on this machine, expected a system with zone data, or the package tzdata. Install tzdata."
    )
