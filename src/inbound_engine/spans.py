"""What is a stretch of time? (half-open, aware)

Every instant is aware and kept in UTC; a naive one is refused here, once (FD-2). A stretch is half-open `[since, until)`.
A look-back of *d* days is the closed interval `[at - d, at]` of exact 24-hour days, and whole weeks are elapsed // 7 days.
Months are calendar steps and live here alone; going forth and back need not return to the start. Zone names become zones
here, the one place where zone data is read.
"""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from inbound_engine.errors import FactError, shown

__all__ = ["DAY", "EARLIEST", "Span", "instant", "look_back", "months_later", "parse_instant", "whole_weeks", "zone"]

AnyDate = TypeVar("AnyDate", bound=date)

DAY = timedelta(days=1)
EARLIEST = datetime.min.replace(tzinfo=UTC)
"""The first instant there is: a look-back never goes beyond it."""

_WEEK = timedelta(days=7)


def instant(value: object, path: str = "at") -> datetime:
    """An aware datetime, in UTC, to the microsecond; anything else is a `FactError` that names `path`.

    >>> from datetime import timezone
    >>> instant(datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))).isoformat()
    '2026-03-02T09:00:00+00:00'
    """
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime):
        raise FactError(path, shown(value), "an aware datetime", "Parse text with spans.parse_instant.")
    if value.tzinfo is None or value.utcoffset() is None:  # asked in this order, since there are subclasses that mean "no time"
        raise FactError(path, f"{value.isoformat()} without a zone", "an aware datetime", "Add tzinfo, for example tzinfo=UTC.")
    try:
        moved = value.astimezone(UTC)
    except OverflowError:
        raise FactError(path, value.isoformat(), "an instant between the years 1 and 9999 in UTC") from None
    return datetime(moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second, moved.microsecond, UTC)


def parse_instant(text: str, path: str = "at") -> datetime:
    """The instant that ISO 8601 text names, in UTC; text without an offset is refused.

    >>> parse_instant("2026-03-02T10:03:00+01:00").isoformat()
    '2026-03-02T09:03:00+00:00'
    """
    if not isinstance(text, str):
        raise FactError(path, shown(text), "the text of an ISO 8601 instant", 'Write it like "2026-03-02T09:03:00Z".')
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise FactError(path, shown(text), "an ISO 8601 instant", 'Write it like "2026-03-02T09:03:00Z".') from None
    if value.tzinfo is None:
        raise FactError(path, shown(text), "an ISO 8601 instant with its offset", 'Write it like "2026-03-02T09:03:00Z".')
    return instant(value, path)


def zone(value: object, path: str = "zone") -> ZoneInfo:
    """The IANA zone of that name (or the zone itself); a name that does not exist is a `FactError`.

    So is one that means another zone on another machine ("localtime"), or counts other seconds ("right/UTC").

    >>> zone("Europe/Berlin").key
    'Europe/Berlin'
    """
    if isinstance(value, ZoneInfo) and _is_everywhere(value.key):
        return value
    if isinstance(value, str) and _is_everywhere(value):
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    if value == "UTC":  # which every set of zone data has
        raise FactError(path, "no time zone data on this machine", "a system with zone data, or the package tzdata", "Install tzdata.")
    raise FactError(path, shown(value), "the name of an IANA time zone", 'Write it like "Europe/Berlin".')


def _is_everywhere(name: str | None) -> bool:
    """Whether the name, if it is one, is that of the same zone on every machine; a zone read from a file has none."""
    return name is not None and name not in {"", "localtime", "posixrules", "Factory"} and not name.startswith(("right/", "posix/"))


def _since(value: datetime) -> datetime:
    return instant(value, "span.since")


def _until(value: datetime) -> datetime:
    return instant(value, "span.until")


def _since_before_until(span: "Span", _attribute: object, until: datetime) -> None:
    if until < span.since:
        raise FactError("span.until", until.isoformat(), f"an instant at or after {span.since.isoformat()}", "Swap the ends.")


@frozen
class Span:
    """A half-open stretch `[since, until)`; the ends may be equal, and then nothing is inside.

    >>> span = Span(parse_instant("2026-03-02T09:00Z"), parse_instant("2026-03-02T17:00Z"))
    >>> parse_instant("2026-03-02T09:00Z") in span, parse_instant("2026-03-02T17:00Z") in span
    (True, False)
    """

    since: datetime = field(converter=_since)
    until: datetime = field(converter=_until, validator=_since_before_until)

    def __contains__(self, at: datetime) -> bool:
        """Whether the instant is inside: the first is, the last is not."""
        return self.since <= at < self.until

    @property
    def length(self) -> timedelta:
        """The elapsed time, counted in UTC."""
        return self.until - self.since


def look_back(at: datetime, days: int) -> datetime:
    """The first instant of the closed look-back `[at - days, at]` (FD-2); a day is exactly 24 hours.

    Of more days than there were, the first instant there is.

    >>> look_back(parse_instant("2026-03-30T09:00Z"), 2).isoformat()
    '2026-03-28T09:00:00+00:00'
    """
    return EARLIEST if days > (at - EARLIEST).days else at - days * DAY


def whole_weeks(elapsed: timedelta) -> int:
    """The whole weeks in a stretch: elapsed // 7 days (FD-2).

    >>> whole_weeks(timedelta(days=13, hours=23)), whole_weeks(timedelta(days=14))
    (1, 2)
    """
    return elapsed // _WEEK


def months_later(start: AnyDate, months: int) -> AnyDate:
    """The same day that many calendar months later, or the month's last day where there is no such day.

    Chain from the anchor, never step by step: 31 January plus one month twice is not plus two months. A day beyond the
    year 9999, or before the year 1, is a `FactError`.

    >>> months_later(date(2026, 1, 31), 1), months_later(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    try:
        return start + relativedelta(months=months)
    except (ValueError, OverflowError):
        raise FactError("months", f"{shown(months)} from {start.isoformat()}", "a day between the years 1 and 9999") from None
