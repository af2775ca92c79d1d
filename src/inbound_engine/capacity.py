"""Who could work it all, and how fast?

Two questions that look alike. The volume: leads of each type times the minutes to work one properly, against the minutes that reps
have; so many leads a rep can work, so many reps are needed, so many leads stay unworked (CP-1, RT-8). The speed: reps who have time
enough in a month are not free within five minutes, and how many must share a queue is Erlang's question (`queueing`). The answers are
given apart, and the recommendation is the larger (CQ-1, CQ-2, CQ-6). Only leads that were handed off count (TI-4).

Minutes are exact: open time of a calendar, less absences, times the percentage of it that goes to leads. Nothing is rounded before
the last step, and reps are rounded up.

What target accounts take is written here too, since it is the same reps and the same minutes; who covers which is the question of
`coverage`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Annotated, TypeAlias

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine import calendars, hours, queueing, replays
from inbound_engine.decisions import Plain, decimal_text, html_table, plain
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, exact_text, refuse, twice
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.facts import Rep
from inbound_engine.hours import Calendar
from inbound_engine.queueing import ASSUMPTIONS, Queue, Waiting
from inbound_engine.replays import Arrival, Assign, Replay, Seat, each_seat, soonest
from inbound_engine.spans import DAY, Span, months_later
from inbound_engine.vocabulary import CalendarName

__all__ = [
    "AccountWork",
    "CapacityDocument",
    "Demand",
    "LeadWork",
    "Recommendation",
    "Rules",
    "Speed",
    "Volume",
    "compile",
    "count",
    "minutes_available",
    "minutes_worked",
    "month",
    "recommend",
    "replay",
    "seats",
    "speed",
    "volume",
]

Tier: TypeAlias = Annotated[int, Field(ge=1, le=100)]

_ALL_PERCENT = 100
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_A_MINUTE = 60_000_000
_LONGEST = 3_660 * DAY
_MOST_LEADS = 10**9
_LEAST_PERCENT = Fraction(1, 10**6)  # no number of reps misses nobody
_MOST_MINUTES = 10**6


# ------------------------------------------------------------------------------------------------------------ documents


def _bounded(value: Fraction, path: str, most: int) -> Iterator[Problem]:
    if not 0 < value <= most:
        yield Problem(path, shown(exact_text(value)), f"more than 0 and at most {most}")


class LeadWork(Document):
    """How many minutes it takes to work a lead of that type properly (CP-1).

    `in_queue` says whether such leads wait in the queue that is answered within the target; others are worked in between.
    """

    id: Id
    minutes: Exact
    in_queue: bool = True
    source: Label = ""


class AccountWork(Document):
    """An activity that a target account is owed: so many times within so many days, so many minutes each (CP-2).

    `tiers` are those of the accounts that it is owed to, all where none is named.
    """

    id: Id
    label: Label = ""
    times: Exact = Fraction(1)
    days: Annotated[int, Field(ge=1, le=3_660)] = 30
    minutes: Exact
    tiers: Rows[Tier] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "AccountWork":
        refuse(problem.under("tiers") for problem in twice(map(str, self.tiers)))
        return self


class CapacityDocument(Document):
    """What work takes, and what a rep has for it.

    `other_minutes` are those of lead types without a row; without it such a lead is refused. `calendar` names the hours that a rep
    has, the organisation's where it is left out; `minutes_per_day` counts so many minutes for each of its business dates instead of
    its open time. Of these, `utilisation_percent` go to leads (CQ-1), and `account_utilisation_percent` to target accounts. Whoever
    does both has both to divide.

    A lead is to be answered within `target_minutes`, and at most `most_missed_percent` may wait longer (CQ-6). `peak_percent` says
    how many leads come in the hour that is staffed for, 100 being as many as in any other (CQ-5).
    """

    lead_types: UniqueRows[LeadWork] = ()
    other_minutes: Exact | None = None
    calendar: CalendarName | None = None
    minutes_per_day: Exact | None = None
    utilisation_percent: Exact = Fraction(_ALL_PERCENT)
    target_minutes: Annotated[int, Field(ge=1, le=100_000)] = 5
    most_missed_percent: Exact = Fraction(10)
    peak_percent: Exact = Fraction(_ALL_PERCENT)
    account_work: UniqueRows[AccountWork] = ()
    account_utilisation_percent: Exact = Fraction(_ALL_PERCENT)
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "CapacityDocument":
        problems: list[Problem] = []
        for work in self.lead_types:
            problems += _bounded(work.minutes, f"lead_types[{work.id}].minutes", _MOST_MINUTES)
        for each in self.account_work:
            problems += _bounded(each.minutes, f"account_work[{each.id}].minutes", _MOST_MINUTES)
            problems += _bounded(each.times, f"account_work[{each.id}].times", _MOST_MINUTES)
        for name, value, most in (
            ("other_minutes", self.other_minutes, _MOST_MINUTES),
            ("minutes_per_day", self.minutes_per_day, 1_440),
            ("utilisation_percent", self.utilisation_percent, _ALL_PERCENT),
            ("most_missed_percent", self.most_missed_percent, _ALL_PERCENT),
            ("peak_percent", self.peak_percent, 10_000),
            ("account_utilisation_percent", self.account_utilisation_percent, _ALL_PERCENT),
        ):
            problems += () if value is None else _bounded(value, name, most)
        if 0 < self.most_missed_percent < _LEAST_PERCENT:
            problems.append(Problem("most_missed_percent", shown(exact_text(self.most_missed_percent)), "0.000001 or more"))
        refuse(problems)
        return self


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The capacity section of a policy, its calendar found."""

    document: CapacityDocument
    calendar: Calendar
    """The hours of a rep of whom nothing else is known."""
    minutes: Mapping[str, Fraction]
    """By lead type, in the order of the document."""

    def minutes_of(self, lead_type: str) -> Fraction:
        """The minutes of a lead of that type; `FactError` where nobody says."""
        found = self.minutes.get(lead_type, self.document.other_minutes)
        if found is None:
            close = nearest(lead_type, self.minutes)
            hint = f'Did you mean "{close}"?' if close else "Add it to capacity.lead_types, or set capacity.other_minutes."
            raise FactError("lead_type", shown(lead_type), one_of(self.minutes), hint)
        return found

    @property
    def target(self) -> timedelta:
        """Within what time a lead is to be answered."""
        return timedelta(minutes=self.document.target_minutes)


def compile(document: CapacityDocument, opening: calendars.Rules) -> Rules:
    """The section made ready; `PolicyError` for a calendar that is none of `opening`, or that nobody names."""
    name = document.calendar or opening.document.organisation
    calendar = None if name is None else opening.patterns.get(name)
    if calendar is None:
        close = None if name is None else nearest(name, opening.patterns)
        hint = f'Did you mean "{close}"?' if close else "Name one of hours.calendars, here or as hours.organisation."
        raise PolicyError([Problem("calendar", shown(name), one_of(opening.patterns), hint)])
    return Rules(document, calendar, {row.id: row.minutes for row in document.lead_types})


# ---------------------------------------------------------------------------------------------------------------- inputs


def seats(opening: calendars.Rules, reps: Iterable[Rep]) -> tuple[Seat, ...]:
    """The active reps as planning sees them: each with the calendar that is the rep's, the absences and the territories.

    A rep without a calendar has the organisation's, read in the rep's zone; without that one, all time (SL-6). A calendar that
    `opening` does not have is a `FactError`.

    >>> opening = calendars.compile(calendars.HoursDocument())
    >>> [seat.rep for seat in seats(opening, [Rep(id="maya", role="SDR"), Rep(id="noor", role="SDR", active=False)])]
    ['maya']
    """
    return tuple(Seat(rep.id, _hours_of(opening, rep), rep.away, rep.territories) for rep in reps if rep.active)


def _hours_of(opening: calendars.Rules, rep: Rep) -> Calendar:
    try:
        return calendars.choose(opening, rep=rep).calendar
    except FactError as error:
        problem = error.problem
        raise FactError(f"reps[{rep.id}].calendar", problem.saw, problem.expected, problem.hint) from None


def month(rules: Rules, day: date) -> Span:
    """The calendar month that a date lies in, from its first local instant to the first of the next, in the zone of the calendar.

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "zone": "Europe/Berlin", "weekly": [{"days": ["monday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> str(month(compile(CapacityDocument(calendar="office"), opening), date(2026, 3, 15)).length)
    '30 days, 23:00:00'
    """
    if type(day) is not date:
        raise FactError("day", shown(day), "a date")
    first = day.replace(day=1)
    since, until = (_begins(rules.calendar, start) for start in (first, months_later(first, 1)))
    return Span(since, until)


def count(arrivals: Iterable[Arrival], *, over: Span) -> dict[str, int]:
    """How many leads of each type arrive within `over` and are handed off to sales (TI-4); those without a type count as "unknown".

    >>> from inbound_engine.spans import parse_instant
    >>> march = Span(parse_instant("2026-03-01T00:00Z"), parse_instant("2026-04-01T00:00Z"))
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> count([Arrival(id="a", at=at, lead_type="demo_request"), Arrival(id="b", at=at, handed_off=False)], over=march)
    {'demo_request': 1}
    """
    _ends(over)
    return dict(Counter(lead.lead_type or "unknown" for lead in arrivals if lead.handed_off and lead.at in over))


# --------------------------------------------------------------------------------------------------------------- volume


@frozen
class Demand:
    """The leads of a type, and the minutes that one takes."""

    lead_type: str
    leads: int
    minutes: Fraction

    @property
    def total(self) -> Fraction:
        """The minutes that all of them take."""
        return self.leads * self.minutes


def _count(demand: Iterable[Demand]) -> int:
    return sum(row.leads for row in demand)


@frozen
class Volume:
    """Whether the time is there: what leads take, what a rep has, and what the team has, in minutes (CP-1).

    `demand` stands in the order of the document. `per_rep` are the minutes of one rep more, who keeps the policy's hours; `team`
    those of the `reps` who are there.
    """

    demand: tuple[Demand, ...]
    per_rep: Fraction
    team: Fraction
    reps: int

    @property
    def leads(self) -> int:
        """How many leads there are."""
        return _count(self.demand)

    @property
    def minutes(self) -> Fraction:
        """The minutes that they take."""
        return sum((row.total for row in self.demand), Fraction())

    @property
    def leads_per_rep(self) -> Fraction | None:
        """How many leads one rep can work, mixed as they come; None of no leads."""
        return self.per_rep * self.leads / self.minutes if self.leads else None

    @property
    def reps_needed(self) -> int | None:
        """The fewest reps of the policy's hours who have the time, rounded up (CQ-1); None where a rep has none."""
        if not self.leads:
            return 0
        return math.ceil(self.minutes / self.per_rep) if self.per_rep else None

    @property
    def overload(self) -> Fraction:
        """The minutes that the team has too few; zero where it has enough."""
        return max(Fraction(), self.minutes - self.team)

    @property
    def unworked(self) -> Fraction:
        """The leads for which the team has no time, mixed as they come; zero where it has enough (RT-8)."""
        return self.leads * self.overload / self.minutes if self.leads else Fraction()

    @property
    def in_order(self) -> tuple[tuple[str, int, int], ...]:
        """By lead type: how many are worked and how many are not, if the team takes the types in their order and whole leads only."""
        left, rows = self.team, []
        for row in self.demand:
            worked = min(row.leads, left // row.minutes)
            left -= worked * row.minutes
            rows.append((row.lead_type, worked, row.leads - worked))
        return tuple(rows)

    def explain(self) -> str:
        """The answer in one line, then a line for each lead type."""
        worked = (f"{row.lead_type}: {row.leads} leads of {decimal_text(row.minutes)} minutes" for row in self.demand)
        return "\n".join((str(self), *worked))

    def __str__(self) -> str:
        """The answer in one line."""
        needed = "no number of reps" if self.reps_needed is None else _reps(self.reps_needed)
        each = "" if self.leads_per_rep is None else f", {decimal_text(self.leads_per_rep)} a rep"
        return (
            f"{self.leads} leads take {decimal_text(self.minutes)} minutes{each}: {needed} needed. "
            f"{_reps(self.reps)} with {decimal_text(self.team)} minutes: {decimal_text(self.unworked)} leads unworked."
        )

    def to_dict(self) -> dict[str, Plain]:
        """The answer as plain data, JSON-able; exact numbers as text."""
        demand: list[Plain] = [{"lead_type": row.lead_type, "leads": row.leads, "minutes": plain(row.minutes)} for row in self.demand]
        in_order: list[Plain] = [{"lead_type": name, "worked": worked, "unworked": left} for name, worked, left in self.in_order]
        return {
            "format": 1,
            "kind": "volume",
            "demand": demand,
            "leads": self.leads,
            "minutes": plain(self.minutes),
            "minutes_per_rep": plain(self.per_rep),
            "minutes_of_the_team": plain(self.team),
            "reps": self.reps,
            "leads_per_rep": plain(self.leads_per_rep),
            "reps_needed": self.reps_needed,
            "overload": plain(self.overload),
            "unworked": plain(self.unworked),
            "in_order": in_order,
        }

    def _repr_html_(self) -> str:
        """The lead types as a table, for notebooks."""
        rows = (
            (row.lead_type, row.leads, decimal_text(row.minutes), worked, left)
            for row, (_, worked, left) in zip(self.demand, self.in_order, strict=True)
        )
        return html_table(str(self), ("lead type", "leads", "minutes each", "worked", "unworked"), rows)


def minutes_worked(rules: Rules, *, over: Span, seat: Seat | None = None) -> Fraction:
    """The minutes that a rep works within `over`: open time less absences, exactly.

    Without a seat, those of a rep who keeps the policy's hours and is never away. Where the policy counts minutes by the day, each
    date counts in full of whose hours some are worked; a night belongs to the date on which it opens.

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> hours_of, days_of = (CapacityDocument(calendar="office", minutes_per_day=minutes) for minutes in (None, 300))
    >>> march = month(compile(hours_of, opening), date(2026, 3, 1))
    >>> [str(minutes_worked(compile(document, opening), over=march)) for document in (hours_of, days_of)]
    ['4800', '3000']
    """
    _ends(over)
    someone = Seat("anybody", rules.calendar) if seat is None else seat
    open_time = someone.open(over)
    daily = rules.document.minutes_per_day
    if daily is not None:
        return daily * sum(_is_worked(someone.calendar, day, open_time) for day in _dates(someone.calendar, open_time))
    return Fraction(sum((span.length for span in open_time), timedelta()) // _MICROSECOND, _MICROSECONDS_A_MINUTE)


def minutes_available(rules: Rules, *, over: Span, seat: Seat | None = None) -> Fraction:
    """The minutes that a rep has for leads within `over`: those worked, times the utilisation, exactly (CQ-1).

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> rules = compile(CapacityDocument(calendar="office", utilisation_percent="66.6"), opening)
    >>> minutes_available(rules, over=month(rules, date(2026, 3, 1)))
    Fraction(15984, 5)
    """
    return minutes_worked(rules, over=over, seat=seat) * rules.document.utilisation_percent / _ALL_PERCENT


def volume(rules: Rules, leads: Mapping[str, int], *, over: Span, team: int | Iterable[Seat]) -> Volume:
    """Whether the team has the time for so many leads of each type within `over`, and how many reps would have it (CP-1).

    `team` is a number of reps who keep the policy's hours, or the reps that there are. A lead type of which nobody says how long it
    takes is a `FactError`.

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> rules = compile(CapacityDocument(calendar="office", lead_types=[{"id": "demo_request", "minutes": 30}]), opening)
    >>> print(volume(rules, {"demo_request": 400}, over=month(rules, date(2026, 3, 1)), team=1))
    400 leads take 12000 minutes, 160 a rep: 3 reps needed. 1 rep with 4800 minutes: 240 leads unworked.
    """
    people = _team(team)
    demand = _demand(rules, leads)
    each = minutes_available(rules, over=over)
    if isinstance(people, int):
        return Volume(demand, each, each * people, people)
    return Volume(demand, each, sum((minutes_available(rules, over=over, seat=seat) for seat in people), Fraction()), len(people))


# ---------------------------------------------------------------------------------------------------------------- speed


@frozen
class Speed:
    """How fast the leads of the queue are answered by the reps who are there, and how many reps would be fast enough (CQ-2, CQ-6).

    `leads` are those of the queue, which need not be all. `most_missed` is the share that may wait as long as the target.
    """

    waiting: Waiting
    leads: int
    most_missed: Fraction
    reps_needed: int

    def explain(self) -> str:
        """The answer in one line, then what it takes for granted, a line each (CQ-5)."""
        return "\n".join((str(self), *ASSUMPTIONS))

    def __str__(self) -> str:
        """The answer in one line."""
        return f"{self.waiting} {_reps(self.reps_needed)} needed for at most {_percent(self.most_missed)}."

    def to_dict(self) -> dict[str, Plain]:
        """The answer as plain data, JSON-able."""
        return {
            "format": 1,
            "kind": "speed",
            "waiting": self.waiting.to_dict(),
            "leads": self.leads,
            "most_missed": plain(self.most_missed),
            "reps_needed": self.reps_needed,
        }


def speed(rules: Rules, leads: Mapping[str, int], *, over: Span, reps: int) -> Speed:
    """How fast so many reps answer the leads of the queue, all in one, in open hours, and how many would be fast enough (CQ-2).

    Leads come in the open time of the policy's calendar, whatever the utilisation, at the peak that the policy staffs for. A calendar
    that is never open within `over` is a `FactError` where there are leads.

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> rules = compile(CapacityDocument(calendar="office", lead_types=[{"id": "demo_request", "minutes": 30}]), opening)
    >>> print(speed(rules, {"demo_request": 95}, over=month(rules, date(2026, 3, 1)), reps=2))
    1.19 leads an hour of 30 minutes before 2 reps: 10.8 % wait 5 minutes or longer, 2.9 minutes on average. 3 reps needed for at most 10 %.
    """
    return _speed(rules, leads, over, reps, "reps")


def _speed(rules: Rules, leads: Mapping[str, int], over: Span, reps: int, path: str) -> Speed:
    """The same; the path is what a number of reps that is too large is called by."""
    aside = {row.id for row in rules.document.lead_types if not row.in_queue}
    demand = [row for row in _demand(rules, leads) if row.lead_type not in aside]
    number, total = _count(demand), sum((row.total for row in demand), Fraction())
    open_hours = Fraction(hours.between(rules.calendar, *_ends(over)) // _MICROSECOND, 60 * _MICROSECONDS_A_MINUTE)
    if number and not open_hours:
        raise FactError("over", "no open time", "a stretch in which the calendar of the policy opens")
    an_hour = number * rules.document.peak_percent / _ALL_PERCENT / open_hours if number else Fraction()
    minutes = total / number if number else Fraction(1)
    most = rules.document.most_missed_percent / _ALL_PERCENT
    try:
        queue = Queue(an_hour, minutes, _number(reps, path))
    except FactError as error:
        problem = error.problem
        raise FactError(path if problem.path == "queue.reps" else problem.path, problem.saw, problem.expected, problem.hint) from None
    return Speed(
        waiting=queueing.waiting(queue, rules.target),
        leads=number,
        most_missed=most,
        reps_needed=queueing.reps_needed(an_hour, minutes, target=rules.target, most=most),
    )


@frozen
class Recommendation:
    """How many reps: enough for the volume, enough for the speed, and what the present team leaves undone (CQ-6)."""

    volume: Volume
    speed: Speed

    @property
    def reps_needed(self) -> int | None:
        """The larger of the two; None where no number of reps has the time."""
        return None if self.volume.reps_needed is None else max(self.volume.reps_needed, self.speed.reps_needed)

    @property
    def missing(self) -> int | None:
        """How many reps more that is than there are; None where no number has the time."""
        return None if self.reps_needed is None else max(0, self.reps_needed - self.volume.reps)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the numbers take for granted (CQ-5)."""
        return ("Volume: the time is used to the last minute, whenever a lead comes.", *(f"Speed: {text}" for text in ASSUMPTIONS))

    def explain(self) -> str:
        """The recommendation, both answers, and what they take for granted, a line each."""
        return "\n".join((str(self), str(self.volume), str(self.speed), *self.assumptions))

    def __str__(self) -> str:
        """The recommendation in one line."""
        volume, speed = self.volume, self.speed
        needed = "No number of reps is enough" if self.reps_needed is None else f"{_reps(self.reps_needed)} needed"
        by = f"{'none' if volume.reps_needed is None else volume.reps_needed} by volume, {speed.reps_needed} by speed"
        return f"{needed} ({by}). {_reps(volume.reps)} there: {decimal_text(volume.unworked)} leads unworked."

    def to_dict(self) -> dict[str, Plain]:
        """The recommendation as plain data, JSON-able."""
        return {
            "format": 1,
            "kind": "capacity",
            "reps_needed": self.reps_needed,
            "missing": self.missing,
            "volume": self.volume.to_dict(),
            "speed": self.speed.to_dict(),
            "assumptions": list(self.assumptions),
        }

    def _repr_html_(self) -> str:
        """Volume and speed as a table, for notebooks."""
        waiting = self.speed.waiting
        rows = (
            ("volume", self.volume.leads, self.volume.reps_needed, f"{decimal_text(self.volume.unworked)} leads unworked"),
            ("speed", self.speed.leads, self.speed.reps_needed, f"{_percent(waiting.misses)} missed, {waiting.state}"),
        )
        return html_table(str(self), ("question", "leads", "reps needed", "with the present team"), rows)


def recommend(rules: Rules, leads: Mapping[str, int], *, over: Span, team: int | Iterable[Seat]) -> Recommendation:
    """Volume and speed for so many leads of each type within `over`, and the larger number of reps (CQ-6).

    >>> week = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": week, "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> rules = compile(CapacityDocument(calendar="office", lead_types=[{"id": "demo_request", "minutes": 30}]), opening)
    >>> print(recommend(rules, {"demo_request": 200}, over=month(rules, date(2026, 2, 1)), team=2))
    3 reps needed (1 by volume, 3 by speed). 2 reps there: 0 leads unworked.
    """
    people = _team(team)
    found = volume(rules, leads, over=over, team=people)
    return Recommendation(found, _speed(rules, leads, over, found.reps, "team"))


def replay(rules: Rules, arrivals: Iterable[Arrival], team: Iterable[Seat], *, over: Span, assign: Assign = soonest) -> Replay:
    """What becomes of an arrival stream: `replays.simulate` with the policy's minutes and target. Leads without a type count as "unknown".

    Whatever share of their time goes to leads, reps are played as working on nothing else.

    >>> opening = calendars.compile(calendars.HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> rules = compile(CapacityDocument(calendar="office", lead_types=[{"id": "demo_request", "minutes": 30}]), opening)
    >>> march = month(rules, date(2026, 3, 1))
    >>> stream = [Arrival(id=name, at=march.since, lead_type="demo_request") for name in ("L-1", "L-2")]
    >>> print(replay(rules, stream, [Seat("maya", rules.calendar)], over=march))
    2 leads, 2 begun, 0 unworked; 1 of 2 missed 5 minutes (50.0 %).
    """
    stream = tuple(arrivals)
    types = {lead.lead_type for lead in stream if lead.service is None and lead.handed_off and lead.at in over}
    services = {name or "": _rounded_up(rules.minutes_of(name or "unknown")) for name in types}
    return replays.simulate(stream, team, over=over, target=rules.target, services=services, assign=assign)


# -------------------------------------------------------------------------------------------------------------- helpers


def _ends(over: Span) -> tuple[datetime, datetime]:
    stretch: object = over
    if not isinstance(stretch, Span):
        raise FactError("over", shown(stretch), "a Span", "`month` gives that of a month; or write Span(since, until).")
    if not timedelta() < over.length <= _LONGEST:
        raise FactError("over", str(over.length), f"a stretch of more than zero and at most {_LONGEST.days} days")
    return over.since, over.until


def _dates(calendar: Calendar, open_time: Sequence[Span]) -> list[date]:
    """The dates whose hours may lie in stretches of open time: those that they touch, and before each the one of a night."""
    found: dict[date, None] = {}
    for span in open_time:
        first, last = hours.local_date(calendar, span.since), hours.local_date(calendar, span.until - _MICROSECOND)
        found.update(dict.fromkeys(first + number * DAY for number in range(-1, (last - first).days + 1)))
    return list(found)


def _is_worked(calendar: Calendar, day: date, open_time: Sequence[Span]) -> bool:
    """Whether some of the hours that open on a date lie in the stretches."""
    opening = () if day in calendar.holidays else dict(calendar.overrides).get(day, calendar.weekly[day.weekday()])
    begins = hours.starts_at(calendar, day)
    if not opening or begins is None:
        return False
    alone = Calendar(calendar.zone, {}, calendar.holidays & {day + DAY}, {day: opening})
    own = hours.spans(alone, since=begins, until=begins + 3 * DAY)
    return any(span.since < worked.until and worked.since < span.until for span in own for worked in open_time)


def _begins(calendar: Calendar, day: date) -> datetime:
    """The first instant of a date, or of the first after it that occurs: clocks were set over whole dates."""
    return next(at for at in (hours.starts_at(calendar, day + number * DAY) for number in range(3)) if at is not None)


def _number(value: object, path: str) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_LEADS:
        raise FactError(path, shown(value), f"a whole number from 0 to {_MOST_LEADS}")
    return value


def _team(team: int | Iterable[Seat]) -> int | tuple[Seat, ...]:
    if isinstance(team, int):
        return _number(team, "team")
    given: object = team
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise FactError("team", shown(given), "a number of reps, or a list of seats", "`seats` makes them of reps.")
    return each_seat(team)


def _demand(rules: Rules, leads: Mapping[str, int]) -> tuple[Demand, ...]:
    """The leads by type: those of the document in its order, then the others in that of their names."""
    given: object = leads
    if not isinstance(given, Mapping):
        raise FactError("leads", shown(given), "a table of numbers by lead type", "`count` counts arrivals.")
    for name in given:
        if not isinstance(name, str) or not name:
            raise FactError("leads", shown(name), "names of lead types", '`count` counts those without one as "unknown".')
    order = {name: place for place, name in enumerate(rules.minutes)}
    rows = (Demand(name, _number(number, f"leads[{name}]"), rules.minutes_of(name)) for name, number in leads.items())
    return tuple(sorted(rows, key=lambda row: (order.get(row.lead_type, len(order)), row.lead_type)))


def _rounded_up(minutes: Fraction) -> timedelta:
    return math.ceil(minutes * _MICROSECONDS_A_MINUTE) * _MICROSECOND


def _reps(number: int) -> str:
    return f"{number} rep{'' if number == 1 else 's'}"


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * _ALL_PERCENT, 1)} %"
