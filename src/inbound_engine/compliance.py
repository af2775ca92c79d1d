"""Were the promises kept?

A miss rate counts decided clocks only: missed / (met + missed); what still runs, is paused, was cancelled or superseded is
counted beside it and belongs to no rate (CL-18). It is compared exactly, 1 in 10 is not more than 10 %, and carries its
interval, since 1 of 2 proves little. The median counts an answer that never came as longer than any that did: leaving them out
would flatter the slow (CL-19). The median of the answered alone stands beside it, by its own name.

A miss of the lead's clock belongs to whoever held the lead just before the deadline, and to nobody where nobody did (CL-11).
Clocks are taken by when they started, so that a week's figures do not change the week they belong to (CL-20).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import frozen

from inbound_engine import proportions
from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.promises import Limit, SlaDocument
from inbound_engine.proportions import Rate
from inbound_engine.sla import Status
from inbound_engine.spans import Span

__all__ = ["By", "Group", "Report", "median", "report", "review"]

By: TypeAlias = Literal["rep", "source", "promise", "table", "all"]

UNASSIGNED = "unassigned"
UNKNOWN = "unknown"

_CLOCKS = ("business", "calendar")
_KINDS = ("lead", "assignment")
_GROUPS: dict[str, Callable[[Status], str]] = {
    "rep": lambda status: status.accountable or UNASSIGNED,
    "source": lambda status: status.clock.source or UNKNOWN,
    "promise": lambda status: status.clock.promise,
    "table": lambda status: status.clock.table,
    "all": lambda _: "all",
}


@frozen(kw_only=True)
class Group:
    """The clocks of one rep, source or promise.

    `missed` counts the missed among the decided, `interval` is that rate's (95 %), None of no cases. `median` is None where it is
    no known time: half or more were never answered, or nothing is decided. `median_answered` leaves the unanswered out.
    `open` counts what runs or is paused, `out` what was cancelled or superseded; neither is in any rate.
    """

    key: str
    missed: Rate
    median: timedelta | None
    median_answered: timedelta | None
    unanswered: int
    open: int
    out: int

    @property
    def interval(self) -> tuple[Fraction, Fraction] | None:
        """Wilson's interval of the miss rate, at 95 %."""
        return proportions.interval(self.missed)

    def __str__(self) -> str:
        """The group on one line."""
        rate = proportions.percent(self.missed)
        between = "" if self.interval is None else f" ({_percent(self.interval[0])} to {_percent(self.interval[1])})"
        return (
            f"{self.key}: {self.missed} missed, {rate}{between}; median {_time(self.median)}, of the answered {_time(self.median_answered)}"
        )


@frozen
class Report:
    """The groups of a report, by key, and whether a limit is exceeded in each.

    `limit` is None for a plain report. `exceeded` pairs the key of a group with what was exceeded: "miss_rate" or "median".
    """

    by: str
    groups: tuple[Group, ...]
    limit: Limit | None = None
    exceeded: tuple[tuple[str, str], ...] = ()

    def group(self, key: str) -> Group:
        """The group of that key; `FactError` when there is none."""
        for group in self.groups:
            if group.key == key:
                return group
        raise FactError("key", shown(key), one_of(group.key for group in self.groups) if self.groups else "no group at all")

    def __str__(self) -> str:
        """A line for each group, and one for each limit that is exceeded."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from map(str, self.groups)
        for key, what in self.exceeded:
            if self.limit is not None:
                yield f"{key} exceeds {self.limit.id}: {what.replace('_', ' ')}. {self.limit.action}".rstrip()

    def to_dict(self) -> dict[str, Plain]:
        """The report as plain data; durations in microseconds, rates as two counts, intervals as fractions."""
        groups: list[Plain] = [
            {
                "key": group.key,
                "missed": group.missed.hits,
                "decided": group.missed.total,
                "interval": plain(group.interval),
                "median": plain(group.median),
                "median_answered": plain(group.median_answered),
                "unanswered": group.unanswered,
                "open": group.open,
                "out": group.out,
            }
            for group in self.groups
        ]
        limit = None if self.limit is None else self.limit.id
        return {"kind": "sla_report", "by": self.by, "limit": limit, "groups": groups, "exceeded": plain(self.exceeded)}

    def _repr_html_(self) -> str:
        """The groups as a table, for notebooks."""
        rows = (
            (each.key, each.missed, proportions.percent(each.missed), _time(each.median), _time(each.median_answered), each.open)
            for each in self.groups
        )
        return html_table(f"SLA by {self.by}", (self.by, "missed", "rate", "median", "of the answered", "open"), rows)


def report(
    statuses: Iterable[Status],
    *,
    by: By = "rep",
    started: Span | None = None,
    clock: Literal["business", "calendar"] = "business",
    kind: Literal["lead", "assignment"] = "lead",
) -> Report:
    """Miss rates and medians of the clocks by rep, by source or by promise; groups in order of their key.

    `started` keeps the clocks that started within it (CL-20). Medians are of business time, or of all time where `clock` says so.
    The lead's clocks are reported to customers, those of assignments for coaching (CL-11): `kind` says which.

    >>> from inbound_engine.sla import Clock, status
    >>> from inbound_engine.spans import parse_instant
    >>> start = parse_instant("2026-03-02T09:00Z")
    >>> late = status(Clock(id="L-1", target=timedelta(minutes=5), start=start), at=start + timedelta(hours=1))
    >>> print(report([late]))
    unassigned: 1 of 1 missed, 100.0 % (20.7 % to 100 %); median unknown, of the answered unknown
    """
    for name, value, known in (("by", by, _GROUPS), ("clock", clock, _CLOCKS), ("kind", kind, _KINDS)):
        if value not in known:
            raise FactError(name, shown(value), one_of(known))
    if started is not None and not isinstance(started, Span):
        raise FactError("started", shown(started), "a Span", "Write Span(since, until).")
    key = _GROUPS[by]
    grouped: dict[str, list[Status]] = {}
    for each in statuses:
        if each.clock.kind == kind and (started is None or each.clock.start in started) and each.state != "pending":
            grouped.setdefault(key(each), []).append(each)
    return Report(by, tuple(_group(name, grouped[name], clock) for name in sorted(grouped)))


def review(
    document: SlaDocument,
    limit: str,
    statuses: Iterable[Status],
    *,
    by: By = "all",
    started: Span | None = None,
    clock: Literal["business", "calendar"] = "business",
) -> Report:
    """The report of the promises that a limit of the policy is about, and in which groups it is exceeded (SL-8).

    A miss rate is exceeded when it lies above the limit, exactly: 1 of 10 is not above 10 %, 2 of 19 is. A median is exceeded
    when it is not below the limit, or is unknown since half or more were never answered.
    """
    if not isinstance(document, SlaDocument):
        raise FactError("document", shown(document), "the promises of a policy", "Give policy.sla.")
    found = next((row for row in document.limits if row.id == limit), None)
    if found is None:
        raise FactError("limit", shown(limit), one_of(row.id for row in document.limits), "Add it to sla.limits.")
    meant = (each for each in statuses if each.clock.table == found.table and (not found.promises or each.clock.promise in found.promises))
    plainly = report(meant, by=by, started=started, clock=clock)
    exceeded = tuple((group.key, what) for group in plainly.groups for what in _exceeds(found, group))
    return Report(by, plainly.groups, found, exceeded)


def median(answered: Sequence[timedelta], unanswered: int = 0) -> timedelta | None:
    """The middle time, or the mean of the two in the middle; those never answered count as longer than everything (CL-19).

    None where it falls among those, or where there is nothing. Half a microsecond is rounded to the even one.

    >>> median([timedelta(minutes=1), timedelta(minutes=3)], unanswered=1)
    datetime.timedelta(seconds=180)
    >>> median([timedelta(minutes=1)], unanswered=1) is None
    True
    """
    count = len(answered) + unanswered
    ordered = sorted(answered)
    if not ordered or count // 2 >= len(ordered):
        return None
    return ordered[count // 2] if count % 2 else (ordered[count // 2 - 1] + ordered[count // 2]) / 2


def _group(key: str, statuses: Sequence[Status], clock: str) -> Group:
    decided = [each for each in statuses if each.is_decided]
    times = [each.elapsed if clock == "business" else each.calendar_elapsed for each in decided if each.answered_at is not None]
    missed = sum(each.state == "breached" for each in decided)
    return Group(
        key=key,
        missed=Rate(missed, len(decided)),
        median=median(times, len(decided) - len(times)),
        median_answered=median(times),
        unanswered=len(decided) - len(times),
        open=sum(each.state in {"running", "paused"} for each in statuses),
        out=sum(each.state in {"cancelled", "superseded"} for each in statuses),
    )


def _exceeds(limit: Limit, group: Group) -> Iterator[str]:
    if group.missed.total < limit.minimum_decided:
        return
    if limit.most_missed_percent is not None and proportions.exceeds(group.missed, limit.most_missed_percent / 100):
        yield "miss_rate"
    if limit.median_below_minutes is not None and not _is_below(group.median, timedelta(minutes=limit.median_below_minutes)):
        yield "median"


def _is_below(found: timedelta | None, most: timedelta) -> bool:
    return found is not None and found < most


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100, 1)} %"


def _time(found: timedelta | None) -> str:
    return "unknown" if found is None else str(found)
