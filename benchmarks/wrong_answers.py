"""Where business-time libraries answer otherwise than the definitions say: hard cases, asked of each in its own words.

Right is what follows from three definitions. An instant is open when the clock on the wall reads so (TM-3): a reading that a
clock change skips never comes, one that it repeats comes twice (TM-5, TM-6). An amount ends at the earliest instant that has it
behind it, which is closing rather than the next opening (TM-15). A night belongs to the date it starts on, and a holiday closes
what reads as that date and what starts on it (TM-9, TM-10). The right answers are typed by hand, and ours are held against
them before anybody else is asked.

`python -m benchmarks.wrong_answers` asks what is installed, prints the tables and writes them between their markers in
`README.md`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from attrs import evolve, frozen

from benchmarks.business_time import PACKAGES, Hours, all_of_germany, as_businesstimedelta, as_pandas
from benchmarks.measure import agree
from benchmarks.peers import module, version
from benchmarks.run import README
from inbound_engine import hours
from inbound_engine.spans import zone

__all__ = ["TABLES", "Case", "Table", "as_markdown", "check", "main"]

_BEGIN, _END = "<!-- wrong answers: begin -->", "<!-- wrong answers: end -->"


@frozen
class Case:
    """A question and its right answer: from which reading of the clock, and how many on or until which reading."""

    text: str
    hours: Hours
    start: datetime
    asked: int | datetime
    right: str


Said: TypeAlias = object
"""An instant, an amount or a date; None where the case cannot be put to that library."""
Ask: TypeAlias = Callable[[Case], Said]


@frozen
class Table:
    """Cases of one kind, and who answers them; a function that finds somebody gives None where it is not installed."""

    title: str
    text: str
    ours: Ask
    others: tuple[tuple[str, Callable[[], Ask | None]], ...]
    cases: tuple[Case, ...]


# ------------------------------------------------------------------------------------------------------- who is asked


def _here(case: Case, reading: datetime) -> datetime:
    """The instant at which the clock of the case first reads so."""
    return reading.replace(tzinfo=zone(case.hours.zone)).astimezone(UTC)


def _whole(case: Case) -> int:
    assert isinstance(case.asked, int)
    return case.asked


def _until(case: Case) -> datetime:
    assert isinstance(case.asked, datetime)
    return case.asked


def _our_sum(case: Case) -> Said:
    return hours.add(case.hours.calendar(), _here(case, case.start), timedelta(hours=_whole(case)))


def _our_difference(case: Case) -> Said:
    return hours.between(case.hours.calendar(), _here(case, case.start), _here(case, _until(case)))


def _our_date(case: Case) -> Said:
    return hours.offset(case.hours.calendar(), case.start.date(), _whole(case))


def _businesstimedelta_sum() -> Ask | None:
    if (found := module("businesstimedelta")) is None:
        return None

    def ask(case: Case) -> Said:
        rules = as_businesstimedelta(found, case.hours)
        return _here(case, case.start) + found.BusinessTimeDelta(rules, hours=_whole(case))

    return ask


def _businesstimedelta_difference() -> Ask | None:
    if (found := module("businesstimedelta")) is None:
        return None
    return lambda case: as_businesstimedelta(found, case.hours).difference(_here(case, case.start), _here(case, _until(case))).timedelta


def _pandas_sum() -> Ask | None:
    if (found := module("pandas")) is None:
        return None

    def ask(case: Case) -> Said:
        return (found.Timestamp(case.start, tz=case.hours.zone) + as_pandas(found, case.hours, _whole(case))).to_pydatetime()

    return ask


def _duration_difference() -> Ask | None:
    if (found := module("business_duration")) is None:
        return None

    def ask(case: Case) -> Said:
        if len(case.hours.spans) > 1:
            return None
        [opens, closes] = [time(minute // 60, minute % 60) for minute in case.hours.spans[0]]
        weekend, holidays = sorted({*range(7)} - {*case.hours.weekdays}), case.hours.holidays or None
        seconds = found.businessDuration(case.start, _until(case), opens, closes, weekend, holidays, "sec")
        return timedelta(seconds=seconds) if seconds >= 0 else "nan"

    return ask


def _workalendar_date() -> Ask | None:
    if (found := module("workalendar.europe")) is None:
        return None
    step: Any = found.Germany().add_working_days
    return lambda case: step(case.start.date(), _whole(case)) if case.hours.zone == "Europe/Berlin" else None


def _numpy_date(roll: str) -> Callable[[], Ask | None]:
    def find() -> Ask | None:
        if (found := module("numpy")) is None:
            return None
        offset, day = found.busday_offset, found.datetime64
        return lambda case: offset(day(case.start.date()), _whole(case), roll=roll, holidays=sorted(case.hours.holidays)).item()

    return find


# ------------------------------------------------------------------------------------------------------------ the cases

_GERMAN = all_of_germany(2024, 2025)  # a year more than is asked about, for the sake of businesstimedelta
_OFFICE = Hours("Europe/Berlin", ((540, 1020),), (0, 1, 2, 3, 4))
_GERMAN_OFFICE = evolve(_OFFICE, holidays=_GERMAN)
_JANUARY_ONLY = evolve(_OFFICE, holidays=frozenset([date(2024, 1, 1)]))
_LUNCH = evolve(_OFFICE, spans=((540, 720), (780, 1080)))
_EARLY = Hours("Europe/Berlin", ((0, 360),))
_FROM_0230 = evolve(_EARLY, spans=((150, 300),))
_TO_0230 = evolve(_EARLY, spans=((60, 150),))
_NIGHT = evolve(_EARLY, spans=((1320, 360),))
_GERMAN_NIGHT = evolve(_NIGHT, holidays=_GERMAN)
_HOWE = Hours("Australia/Lord_Howe", ((0, 360),))
_HOWE_FROM_0215 = evolve(_HOWE, spans=((135, 300),))
_HOWE_TO_0145 = evolve(_HOWE, spans=((60, 105),))
_APIA = Hours("Pacific/Apia", ((540, 1020),), (0, 1, 2, 3, 4))


def _sum(text: str, found: Hours, start: str, count: int, right: str) -> Case:
    return Case(text, found, datetime.fromisoformat(start), count, right)


def _difference(text: str, found: Hours, since: str, until: str, right: str) -> Case:
    return Case(text, found, datetime.fromisoformat(since), datetime.fromisoformat(until), right)


TABLES = (
    Table(
        "Hours added",
        "Hours are 09:00-17:00 from Monday to Friday in Berlin where a case does not say otherwise; nights are 22:00-06:00.",
        _our_sum,
        (("businesstimedelta", _businesstimedelta_sum), ("pandas, CustomBusinessHour", _pandas_sum)),
        (
            _sum("Monday 09:00 and 8 h: closing", _OFFICE, "2024-01-08T09:00", 8, "Mon 2024-01-08 17:00 CET"),
            _sum("Saturday 12:00 and 8 h", _OFFICE, "2024-01-06T12:00", 8, "Mon 2024-01-08 17:00 CET"),
            _sum("Saturday 12:00 and 0 h", _OFFICE, "2024-01-06T12:00", 0, "Sat 2024-01-06 12:00 CET"),
            _sum("4 h over Easter", _GERMAN_OFFICE, "2024-03-28T15:00", 4, "Tue 2024-04-02 11:00 CEST"),
            _sum("1 h, after the last holiday in the list", _JANUARY_ONLY, "2024-01-08T09:00", 1, "Mon 2024-01-08 10:00 CET"),
            _sum("2 h over lunch, 12:00-13:00", _LUNCH, "2024-01-08T11:00", 2, "Mon 2024-01-08 14:00 CET"),
            _sum("00:00-06:00, clocks go forward, 4 h", _EARLY, "2024-03-31T00:00", 4, "Sun 2024-03-31 05:00 CEST"),
            _sum("00:00-06:00, clocks go back, 4 h", _EARLY, "2024-10-27T00:00", 4, "Sun 2024-10-27 03:00 CET"),
            _sum("opening 02:30 is skipped, 1 h", _FROM_0230, "2024-03-31T00:00", 1, "Sun 2024-03-31 04:00 CEST"),
            _sum("closing 02:30 comes twice, 2 h from 01:00", _TO_0230, "2024-10-27T00:00", 2, "Sun 2024-10-27 02:30 CET"),
            _sum("Lord Howe, half an hour forward, 4 h", _HOWE, "2024-10-06T00:00", 4, "Sun 2024-10-06 04:30 +11"),
            _sum("Lord Howe, half an hour back, 4 h", _HOWE, "2024-04-07T00:00", 4, "Sun 2024-04-07 03:30 +1030"),
            _sum("Lord Howe, opening 02:15 is skipped, 1 h", _HOWE_FROM_0215, "2024-10-06T00:00", 1, "Sun 2024-10-06 03:30 +11"),
            _sum("night, from 20:00, 6 h", _NIGHT, "2024-01-08T20:00", 6, "Tue 2024-01-09 04:00 CET"),
            _sum("night, from 23:00, 2 h", _NIGHT, "2024-01-08T23:00", 2, "Tue 2024-01-09 01:00 CET"),
            _sum("night, from 02:00, 1 h", _NIGHT, "2024-01-09T02:00", 1, "Tue 2024-01-09 03:00 CET"),
            _sum("night in which clocks go forward, 6 h", _NIGHT, "2024-03-30T20:00", 6, "Sun 2024-03-31 05:00 CEST"),
            _sum("night in which clocks go back, 8 h", _NIGHT, "2024-10-26T20:00", 8, "Sun 2024-10-27 05:00 CET"),
            _sum("night into the holidays of 25 and 26 December, 3 h", _GERMAN_NIGHT, "2024-12-24T20:00", 3, "Fri 2024-12-27 23:00 CET"),
        ),
    ),
    Table(
        "Hours between",
        "As above; the ends are readings of the clock.",
        _our_difference,
        (("businesstimedelta", _businesstimedelta_difference), ("business-duration", _duration_difference)),
        (
            _difference("Friday 16:30 to Monday 09:30", _OFFICE, "2024-01-05T16:30", "2024-01-08T09:30", "1:00:00"),
            _difference("Monday 09:30 to the Friday before", _OFFICE, "2024-01-08T09:30", "2024-01-05T16:30", "0:00:00"),
            _difference("half a second", _OFFICE, "2024-01-08T10:00", "2024-01-08T10:00:00.500", "0:00:00.500000"),
            _difference("10:00 to 15:00, lunch 12:00-13:00", _LUNCH, "2024-01-08T10:00", "2024-01-08T15:00", "4:00:00"),
            _difference("Thursday to Tuesday over Easter", _GERMAN_OFFICE, "2024-03-28T15:00", "2024-04-02T11:00", "4:00:00"),
            _difference("00:00-06:00, clocks go forward", _EARLY, "2024-03-31T00:00", "2024-03-31T12:00", "5:00:00"),
            _difference("00:00-06:00, clocks go back", _EARLY, "2024-10-27T00:00", "2024-10-27T12:00", "7:00:00"),
            _difference("02:30-05:00, 02:30 is skipped", _FROM_0230, "2024-03-31T00:00", "2024-03-31T12:00", "2:00:00"),
            _difference("01:00-02:30, 02:30 comes twice", _TO_0230, "2024-10-27T00:00", "2024-10-27T12:00", "2:00:00"),
            _difference("Lord Howe, 02:15-05:00, 02:15 is skipped", _HOWE_FROM_0215, "2024-10-06T00:00", "2024-10-06T12:00", "2:30:00"),
            _difference("Lord Howe, 01:00-01:45, 01:45 comes twice", _HOWE_TO_0145, "2024-04-07T00:00", "2024-04-07T12:00", "1:00:00"),
            _difference("two nights but for the last 4 h", _NIGHT, "2024-01-08T20:00", "2024-01-10T02:00", "12:00:00"),
            _difference("night into a holiday stops at midnight", _GERMAN_NIGHT, "2024-12-24T20:00", "2024-12-25T08:00", "2:00:00"),
            _difference("no night starts on a holiday", _GERMAN_NIGHT, "2024-12-25T20:00", "2024-12-26T08:00", "0:00:00"),
        ),
    ),
    Table(
        "Business dates",
        "Monday to Friday without the holidays of Germany; 0 asks for the first on or after the date.",
        _our_date,
        (
            ("workalendar", _workalendar_date),
            ('numpy, roll="backward"', _numpy_date("backward")),
            ('numpy, roll="forward"', _numpy_date("forward")),
        ),
        (
            _sum("1 after a Saturday", _GERMAN_OFFICE, "2024-01-06", 1, "Mon 2024-01-08"),
            _sum("0 after a Saturday", _GERMAN_OFFICE, "2024-01-06", 0, "Mon 2024-01-08"),
            _sum("1 before a Saturday", _GERMAN_OFFICE, "2024-01-06", -1, "Fri 2024-01-05"),
            _sum("1 after Maundy Thursday", _GERMAN_OFFICE, "2024-03-28", 1, "Tue 2024-04-02"),
            _sum("1 after Good Friday", _GERMAN_OFFICE, "2024-03-29", 1, "Tue 2024-04-02"),
            _sum("1 before the Tuesday after Easter", _GERMAN_OFFICE, "2024-04-02", -1, "Thu 2024-03-28"),
            _sum("Apia, 1 after 29 December 2011: there was no 30th", _APIA, "2011-12-29", 1, "Mon 2012-01-02"),
        ),
    ),
)
"""What is asked, of whom."""


# ---------------------------------------------------------------------------------------------------------- the answers


def _told(case: Case, said: Said) -> str:
    """An answer as it is typed above: the reading of the clock of the case, the amount, or the date."""
    if isinstance(said, datetime):
        return said.astimezone(zone(case.hours.zone)).strftime("%a %Y-%m-%d %H:%M %Z")
    return said.strftime("%a %Y-%m-%d") if isinstance(said, date) else str(said)


def check() -> None:
    """Holds ours against every right answer; `DisagreementError` otherwise."""
    for table in TABLES:
        agree("ours", [case.right for case in table.cases], [_told(case, table.ours(case)) for case in table.cases], table.cases)


def _found(ask: Ask | None, case: Case) -> str:
    """What somebody says of a case, beside what is right."""
    if ask is None:
        return "not installed"
    try:
        said = ask(case)
    except (OverflowError, TypeError, ValueError) as error:
        return type(error).__name__
    if said is None:
        return "–"
    told = _told(case, said)
    return "right" if told == case.right else f"**{told}**"


def as_markdown() -> Iterator[str]:
    """The lines of all tables, for README.md."""
    check()
    yield f"Packages: {', '.join(f'{name} {version(name)}' for name in PACKAGES)}."
    for table in TABLES:
        asks = [(name, find()) for name, find in table.others]
        yield from ("", f"### {table.title}", "", table.text, "")
        yield f"| | right, and ours | {' | '.join(name for name, _ in asks)} |"
        yield f"| {' | '.join(['---'] * (len(asks) + 2))} |"
        for case in table.cases:
            yield f"| {case.text} | {case.right} | {' | '.join(_found(ask, case) for _, ask in asks)} |"


def main() -> None:
    """Prints the tables and writes them to README.md."""
    text = "\n".join(as_markdown())
    print(text)
    before, begin, rest = README.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin, f"{README.name} has no {_BEGIN}"
    assert end, f"{README.name} has no {_END} after it"
    README.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
