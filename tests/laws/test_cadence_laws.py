"""What holds for every plan; and the plan of a slow planner that walks the wall clock minute by minute.

The slow planner is written from CA-1 to CA-22 alone. It reads local dates and times off every UTC minute and takes the first
minute that breaks no rule; no stretch, no offset and no sum of hours is worked out. All instants of its cases are whole minutes.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine import calendars
from inbound_engine.cadence import next_step, plan, replan
from inbound_engine.calendars import HoursDocument, Zones
from inbound_engine.conditions import Questions
from inbound_engine.errors import PolicyError
from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.plans import AutoReply, Exit, ExitKind, Happening, Plan, Prospect
from inbound_engine.sequences import CadenceDocument, Channel, Rules, Step, compile
from inbound_engine.spans import zone
from tests.cadences import WORDS

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour at a change
    "America/St_Johns",  # until 2011 one minute after midnight, so that a date was read twice
    "Africa/Cairo",  # skips midnight
    "Pacific/Apia",  # skipped a date
)
STARTS = (
    datetime(2024, 1, 5, 12, tzinfo=UTC),
    datetime(2024, 3, 29, 6, tzinfo=UTC),
    datetime(2024, 10, 4, 3, tzinfo=UTC),
    datetime(2024, 11, 1, 12, tzinfo=UTC),
    datetime(2006, 10, 27, 20, tzinfo=UTC),
    datetime(2006, 10, 29, 1, tzinfo=UTC),
    datetime(2024, 4, 24, 20, tzinfo=UTC),
    datetime(2011, 12, 28, 20, tzinfo=UTC),
)

Weekly = dict[int, list[tuple[int, int]]]

OFFICE: Weekly = {day: [(540, 1020)] for day in range(5)}
SPLIT: Weekly = {day: [(570, 720), (780, 1110)] for day in range(6)}
NIGHT: Weekly = {day: [(1320, 360)] for day in range(5)}
ALWAYS: Weekly = {day: [(0, 1440)] for day in range(7)}
SELDOM: Weekly = {2: [(600, 660)]}
CALLING: Weekly = {day: [(480, 1260)] for day in range(7)}
LUNCHTIME: Weekly = {day: [(660, 840)] for day in range(7)}


@attrs.frozen
class Case:
    """Everything that a plan is made from, in plain values."""

    hours: Weekly
    calling: Weekly | None
    zones: tuple[str, ...]
    territory: tuple[str, Weekly] | None
    holidays: frozenset[date]
    rep: tuple[str, Weekly] | None
    steps: tuple[Mapping[str, object], ...]
    arrival: datetime
    suppressed: frozenset[str]
    elsewhere: tuple[Outreach, ...]
    factor: Fraction
    document: Mapping[str, object]

    @property
    def rules(self) -> Rules:
        rows = [("hours", self.hours), *([("calling", self.calling)] if self.calling else [])]
        data = {"calendars": [{"id": name, "weekly": _written(weekly)} for name, weekly in rows]}
        channels = [
            {"id": "call", "per_date": 2, "per_24_hours": 2, "rep_hours": True, "calendar": "calling" if self.calling else None},
            {"id": "email", "per_date": 1, "without_zone": True},
            {"id": "enrolment", "is_touch": False, "without_zone": True},
        ]
        sequences = [{"id": "s", "when": {"op": "always"}, "steps": self.steps}]
        document = {"channels": channels, "sequences": sequences, "hours": "hours", "fewest_touches": 1, **self.document}
        return compile(CadenceDocument.model_validate(document), calendars.compile(HoursDocument.model_validate(data)), WORDS, Questions())

    @property
    def prospect(self) -> Prospect:
        known = Zones(tuple(map(zone, self.zones)), "candidates" if self.zones else "none")
        return Prospect(lead_id="L-1", zones=known, holidays=self.holidays, suppressed=self.suppressed)

    def planned(self, **more: Any) -> Plan:  # noqa: ANN401 - what is handed on to plan
        rules = self.rules
        return plan(
            rules,
            rules.document.sequences[0],
            self.prospect,
            arrival=self.arrival,
            rep=None if self.rep is None else Calendar(*self.rep),
            territory=None if self.territory is None else Calendar(*self.territory),
            factor=self.factor,
            elsewhere=self.elsewhere,
            **more,
        )


def _written(weekly: Weekly) -> list[dict[str, object]]:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    return [{"days": [WEEKDAYS[day]], "opens": clock(start), "closes": clock(end)} for day, spans in weekly.items() for start, end in spans]


# ----------------------------------------------------------------------------------------------------- the slow planner


def is_open(weekly: Weekly, holidays: frozenset[date], local: datetime) -> bool:
    """TM-3, TM-9, TM-10: read off the wall clock."""
    today, minute = local.date(), local.hour * 60 + local.minute
    yesterday = today - DAY
    if today in holidays:
        return False
    if any(start <= minute < (end if end > start else 1440) for start, end in weekly.get(today.weekday(), [])):
        return True
    return yesterday not in holidays and any(end <= start and minute < end for start, end in weekly.get(yesterday.weekday(), []))


class Slow:
    """Plans a case by walking from minute to minute."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.document = case.rules.document
        self.channels = {channel.id: channel for channel in self.document.channels}
        self.horizon = self.document.horizon_days
        territory = [] if case.territory is None else [(zone(case.territory[0]), case.territory[1])]
        self.places: list[tuple[ZoneInfo, Weekly]] = [(zone(name), case.hours) for name in case.zones] or territory
        self.main = self.places[0][0] if self.places else ZoneInfo("UTC")
        self._working: dict[datetime, bool] = {}
        self._targets: dict[int, date | None] = {}
        self.hold: date | None = None

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.main)

    def is_working(self, at: datetime) -> bool:
        if at not in self._working:
            self._working[at] = bool(self.places) and all(
                is_open(weekly, self.case.holidays, at.astimezone(place)) for place, weekly in self.places
            )
        return self._working[at]

    def may(self, channel: Channel, at: datetime) -> bool:
        """Working time, and the channel's own hours in every zone, and the rep's."""
        if not self.is_working(at):
            return False
        calling, rep = self.case.calling, self.case.rep
        if channel.calendar and calling and not all(is_open(calling, frozenset(), at.astimezone(place)) for place, _ in self.places):
            return False
        return not (channel.rep_hours and rep) or is_open(rep[1], frozenset(), at.astimezone(zone(rep[0])))

    def next_date(self, after: datetime, beyond: date | None, limit: date) -> tuple[date, datetime] | None:
        """The first date with a working minute from an instant on, later than `beyond`, not later than `limit`."""
        at, end = after, datetime.combine(limit + 2 * DAY, time(), UTC)
        while at < end:
            if self.is_working(at) and (beyond is None or self.local(at).date() > beyond):
                day = self.local(at).date()
                return (day, at) if day <= limit else None
            at += MINUTE
        return None

    def target(self, day: int) -> date | None:
        begins = self.next_date(self.case.arrival, None, self.local(self.case.arrival).date() + self.horizon * DAY)
        if begins is None:
            return None
        if self.document.day_basis == "calendar":
            return begins[0] + day * DAY
        here = begins
        for _ in range(day):
            found = self.next_date(here[1], here[0], here[0] + self.horizon * DAY)
            if found is None:
                return None
            here = found
        return here[0]

    def plan(
        self,
        at: datetime | None = None,
        done: Sequence[Outreach] = (),
        first: Mapping[str, datetime] | None = None,
        hold: date | None = None,
    ) -> tuple[dict[str, datetime], dict[str, str]]:
        """The instant of each step, and the code of what is left out or waived."""
        case, now, was, self.hold = self.case, at or self.case.arrival, first or {}, hold
        past = {o.id: o for o in (*case.elsewhere, *done) if o.at <= now}
        own = {step.id: step for step in self.document.sequences[0].steps}
        confirmations = {step.id for step in own.values() if step.transactional}
        self.counted = [(o.channel, o.at) for o in past.values() if self.channels[o.channel].is_touch and o.step not in confirmations]
        by_step = {o.step: o for o in sorted(done, key=lambda o: o.at, reverse=True) if o.at <= now and o.step in own}
        self.calls = [(o.channel, o.at) for o in by_step.values()]
        self.placed: list[tuple[int, datetime]] = []
        found: dict[str, datetime] = {}
        notes: dict[str, str] = {}
        for step in own.values():
            day = int(step.day * case.factor + Fraction(1, 2))
            channel = self.channels[step.channel]
            exempt = step.transactional and self.document.confirm == "any_hour"
            overdue = step.id in was and was[step.id] < now
            if step.id in by_step:
                found[step.id] = by_step[step.id].at
            elif case.suppressed & {"all", channel.id}:
                notes[step.id] = "suppressed"
                continue
            elif exempt:
                found[step.id] = now
                continue
            elif not self.places or not (case.zones or channel.without_zone):
                notes[step.id] = "no_zone"
                continue
            else:
                last = self.last(day, now if overdue else case.arrival)
                here = None if last is None else self.first(step, day, now if overdue else was.get(step.id, now), last)
                if last is None or here is None:
                    notes[step.id] = "no_slot"
                    continue
                instant, half, waived = here
                if waived:
                    notes[step.id] = "daypart_waived"
                if not overdue and instant != was.get(step.id):
                    instant = self.spread(step, day, instant, half, last)
                found[step.id] = instant
                self.calls.append((channel.id, instant))
                if channel.is_touch and not step.transactional:
                    self.counted.append((channel.id, instant))
            if not exempt:
                self.placed.append((day, found[step.id]))
        return found, notes

    def last(self, day: int, since: datetime) -> date | None:
        """The last date of the horizon, which begins at the latest of the target, an instant and a hold."""
        if day not in self._targets:
            self._targets[day] = self.target(day)
        target = self._targets[day]
        return None if target is None else max(target, self.local(since).date(), self.hold or target) + self.horizon * DAY

    def first(self, step: Step, day: int, floor: datetime, last: date) -> tuple[datetime, str | None, bool] | None:
        """The first minute that breaks no rule, the half of the day it keeps to, and whether that had to be waived."""
        before = max((at for channel, at in self.calls if channel == step.channel), default=None)
        half = None if step.daypart == "any" or (step.daypart == "other" and before is None) else step.daypart
        if half == "other" and before is not None:
            half = "afternoon" if self.local(before).hour < 12 else "morning"
        for wanted in dict.fromkeys((half, None)):
            at, end = floor, datetime.combine(last + 2 * DAY, time(), UTC)  # after the last date in any zone
            while at < end:
                if self.fits(step, day, at, wanted, last):
                    return at, wanted, wanted != half
                at += MINUTE
        return None

    def fits(self, step: Step, day: int, at: datetime, half: str | None, last: date) -> bool:
        """Whether the minute breaks no rule."""
        channel, target = self.channels[step.channel], self._targets[day]
        if not self.may(channel, at):
            return False
        local = self.local(at)
        today = local.date()
        if target is None or not max(target, self.hold or target) <= today <= last:
            return False
        if day and f"{local:%H:%M}" < (step.not_before or self.document.not_before):
            return False
        if half is not None and (local.hour < 12) is not (half == "morning"):
            return False
        if any(at < other or (other_day < day and self.local(other).date() >= today) for other_day, other in self.placed):
            return False
        if not channel.is_touch or step.transactional:
            return True
        same_date = [name for name, other in self.counted if self.local(other).date() == today]
        if self.document.per_date_all is not None and len(same_date) >= self.document.per_date_all:
            return False
        if channel.per_date is not None and same_date.count(channel.id) >= channel.per_date:
            return False
        near = [other for name, other in self.counted if name == channel.id and abs(other - at) < DAY]
        return channel.per_24_hours is None or len(near) < channel.per_24_hours

    def spread(self, step: Step, day: int, at: datetime, half: str | None, last: date) -> datetime:
        """CA-22: the largest number of minutes up to the step's own that breaks no rule."""
        most = self.document.spread_minutes
        if not most or step.channel != "email" or step.transactional:
            return at
        number = 14695981039346656037
        for byte in f"L-1\n{step.id}".encode():
            number = ((number ^ byte) * 1099511628211) & (2**64 - 1)
        later = (at + minutes * MINUTE for minutes in range(number % (most + 1), -1, -1))
        return next(minute for minute in later if self.fits(step, day, minute, half, last))


# ------------------------------------------------------------------------------------------------------------ the cases

MENTIONS = ["acknowledgement", "company", "use_case", "booking"]


@st.composite
def templates(draw: st.DrawFn) -> tuple[Mapping[str, object], ...]:
    """A few steps in order, that the document takes."""
    steps: list[Mapping[str, object]] = []
    day, names = 0, iter(range(20))
    confirms, enrols = draw(st.tuples(st.booleans(), st.booleans()))
    if confirms:
        steps.append({"id": "confirm", "day": 0, "channel": "email", "intent": "Confirms", "transactional": True, "mentions": MENTIONS})
    for _ in range(draw(st.integers(1, 5))):
        day += draw(st.integers(0, 2))
        channel = draw(st.sampled_from(("call", "call", "email")))
        today = [step for step in steps if step["day"] == day and not step.get("transactional")]
        if len(today) >= 3 or [step["channel"] for step in today].count(channel) >= (2 if channel == "call" else 1):
            day += 1
        step: dict[str, object] = {"id": f"{channel}-{next(names)}", "day": day, "channel": channel, "intent": "Says something"}
        if channel == "email":
            step["personalise_on"] = ["source", "content"]
        if day:
            step["not_before"] = draw(st.sampled_from([None, None, "10:00", "00:00", "13:30"]))
        if step.get("not_before") != "13:30":
            step["daypart"] = draw(st.sampled_from(["any", "any", "other", "morning", "afternoon"]))
        steps.append(step)
    if enrols:
        steps.append({"id": "enrol", "day": day + 1, "channel": "enrolment", "enrol": "nurture"})
    return tuple(steps)


def minutes_from(start: datetime, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * 1440).map(lambda number: start + number * MINUTE)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    start = draw(st.sampled_from(STARTS))
    arrival = draw(minutes_from(start, 3))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=0, max_size=2, unique=True))
    territory = draw(st.none() | st.tuples(st.sampled_from(ZONES), st.sampled_from([OFFICE, SPLIT, ALWAYS])))
    weekly = st.sampled_from([OFFICE, OFFICE, SPLIT, NIGHT, ALWAYS, SELDOM])
    else_at = st.integers(0, 2880).map(lambda number: arrival - number * MINUTE)
    elsewhere = draw(st.lists(st.tuples(st.sampled_from(["call", "email", "enrolment"]), else_at), max_size=4))
    return Case(
        hours=draw(weekly),
        calling=draw(st.sampled_from([None, CALLING, LUNCHTIME])),
        zones=tuple(zones),
        territory=None if zones else territory,
        holidays=frozenset(draw(st.sets(st.integers(0, 6), max_size=2).map(lambda days: {(start + day * DAY).date() for day in days}))),
        rep=draw(st.none() | st.tuples(st.sampled_from(ZONES), st.sampled_from([OFFICE, SPLIT, ALWAYS]))),
        steps=draw(templates()),
        arrival=arrival,
        suppressed=draw(
            st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"call"}), frozenset({"email"}), frozenset({"all"})])
        ),
        elsewhere=tuple(
            Outreach(id=f"e-{number}", lead_id="L-2", rep="noor", channel=channel, at=at, human=True)
            for number, (channel, at) in enumerate(elsewhere)
        ),
        factor=draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(3, 2), Fraction(1, 2)])),
        document={
            "day_basis": draw(st.sampled_from(["business", "calendar"])),
            "per_date_all": draw(st.sampled_from([None, 3])),
            "confirm": draw(st.sampled_from(["any_hour", "in_hours"])),
            "horizon_days": draw(st.integers(2, 6)),
            "auto_reply_days": draw(st.integers(1, 3)),
            "spread_minutes": draw(st.sampled_from([0, 0, 45, 600])),
        },
    )


def instants(planned: Plan) -> dict[str, datetime]:
    return {touch.step: touch.at for touch in planned.touches}


def codes(planned: Plan, *without: str) -> dict[str, str]:
    return {note.step: note.code for note in planned.notes if note.code not in without}


@settings(max_examples=100)
@given(cases())
def test_a_plan_is_that_of_the_minute_by_minute_walk(case: Case) -> None:
    """CA-2 to CA-14, CA-20, CA-22: the first minute that breaks no rule, for every step."""
    planned = case.planned()
    touches, notes = Slow(case).plan()
    assert instants(planned) == touches
    assert codes(planned) == notes


@st.composite
def lives(draw: st.DrawFn) -> tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]]:
    """A case, a later instant, and what happened until then: some steps made, more or less when they were due."""
    case = draw(cases())
    at = draw(minutes_from(case.arrival, 9))
    done = []
    for touch in case.planned().touches:
        moved = touch.at + draw(st.integers(-300, 1500)) * MINUTE
        if draw(st.booleans()) and case.arrival <= moved <= at + DAY:  # what lies after `at` must not be seen
            done.append(Outreach(id=touch.step, lead_id="L-1", rep="maya", channel=touch.channel, at=moved, human=True, step=touch.step))
    for number in range(draw(st.integers(0, 2))):
        when = draw(minutes_from(case.arrival, 9))
        done.append(Outreach(id=f"more-{number}", lead_id="L-1", rep="maya", channel="call", at=when, human=True))
    events: list[Happening] = []
    if draw(st.booleans()):
        when = draw(minutes_from(case.arrival, 9))
        until = draw(st.none() | st.integers(-1, 5).map(lambda days: (when + days * DAY).date()))
        events.append(AutoReply("reply", when, until))
    return case, at, tuple(done), tuple(events)


def held_until(slow: Slow, at: datetime, events: Sequence[Happening]) -> date | None:
    """CA-16, walked: the stated date, or so many business dates after the date of the reply."""
    for event in events:
        if isinstance(event, AutoReply) and event.at <= at and (event.until or slow.places):
            if event.until is not None:
                return event.until
            today, days = slow.local(event.at).date(), slow.document.auto_reply_days
            found = slow.next_date(event.at, None, today + slow.horizon * DAY)
            for _ in range(days - (found is not None and found[0] > today)):
                found = None if found is None else slow.next_date(found[1], found[0], found[0] + slow.horizon * DAY)
            return None if found is None else found[0]
    return None


@settings(max_examples=60)
@given(lives())
def test_planning_again_is_the_walk_from_what_happened(life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]]) -> None:
    """CA-16, CA-19, CA-21: with the first plan as the floor of what is not made yet."""
    case, at, done, events = life
    again = replan(case.planned(), done, events, at=at)
    first, _ = Slow(case).plan()
    slow = Slow(case)
    touches, notes = slow.plan(at, done, first, held_until(slow, at, events))
    assert instants(again) == touches
    assert codes(again, "held", "overdue") == notes
    assert {note.step for note in again.notes if note.code == "overdue"} == {
        touch.step for touch in again.touches if not touch.made and touch.step in first and first[touch.step] < at
    }


@given(cases())
def test_planning_again_at_the_arrival_changes_nothing(case: Case) -> None:
    """CA-21: an untouched plan is itself."""
    planned = case.planned()
    assert replan(planned, at=case.arrival) == planned


@given(cases(), st.data())
def test_planning_again_before_anything_is_due_moves_nothing(case: Case, data: st.DataObject) -> None:
    """CA-9, CA-21: looking does not push."""
    planned = case.planned()
    quiet = min([touch.at for touch in planned.touches], default=case.arrival + DAY) - case.arrival
    at = case.arrival + data.draw(st.integers(0, quiet // MINUTE)) * MINUTE
    again = replan(planned, at=at)
    assert instants(again) == instants(planned)
    assert [note for note in again.notes if note.leaves_out] == [note for note in planned.notes if note.leaves_out] or not planned.touches


@given(lives())
def test_a_plan_never_moves_a_past_touch_and_pulls_none_forward(
    life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]],
) -> None:
    """CA-7, CA-21: what was made stays where it was made; what was not comes when it was planned, or later, and not before `at`."""
    case, at, done, events = life
    planned = case.planned()
    again, first = replan(planned, done, events, at=at), instants(planned)
    past = {outreach.step: outreach.at for outreach in done if outreach.at <= at}
    for touch in again.touches:
        assert touch.made is (touch.step in past)
        assert touch.at == past[touch.step] if touch.made else touch.at >= max(at, first.get(touch.step, at))
    assert {step for step in past if step is not None} <= {touch.step for touch in again.touches}


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_what_happened_does_not_matter(
    life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]],
    shuffler: Any,  # noqa: ANN401 - a seeded random.Random
) -> None:
    """FD-1: history is ordered by time and id, not by how it is handed over."""
    case, at, done, events = life
    happened = [*events, Exit("z", at, "opt_out", channel="email"), Exit("a", at, "bounce")]
    shuffled, others = [*done], [*happened]
    shuffler.shuffle(shuffled)
    shuffler.shuffle(others)
    planned = case.planned()
    assert replan(planned, shuffled, others, at=at) == replan(planned, done, happened, at=at)


@given(lives())
def test_every_step_is_a_touch_or_is_left_out_with_a_note(
    life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]],
) -> None:
    """CA-20: never both, never neither."""
    case, at, done, events = life
    for planned in (case.planned(), replan(case.planned(), done, events, at=at)):
        placed = [touch.step for touch in planned.touches]
        left_out = [note.step for note in planned.notes if note.leaves_out]
        assert sorted([*placed, *left_out]) == sorted(str(step["id"]) for step in case.steps)


STOPPING: tuple[ExitKind, ...] = ("reply", "meeting", "disqualified", "won", "opt_out")


@given(lives(), st.sampled_from(STOPPING), st.integers(0, 3000))
def test_nothing_is_sent_after_a_plan_is_stopped(
    life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]],
    kind: ExitKind,
    ago: int,
) -> None:
    """CA-15, CD-7: every touch that is left was made."""
    case, at, done, events = life
    stop = Exit("stop", max(case.arrival, at - ago * MINUTE), kind)
    answer = next_step(case.planned(), done, [*events, stop], at=at)
    assert (answer.state, answer.touch, answer.plan.stopped) == ("stopped", None, stop)
    assert all(touch.made for touch in answer.plan.touches)


@given(cases(), st.integers(0, 59_999_999))
def test_touches_keep_to_the_hours_the_order_the_dates_and_the_caps(case: Case, fraction: int) -> None:
    """CA-7 to CA-13: to the microsecond, for a lead that arrives between two minutes."""
    case = attrs.evolve(case, arrival=case.arrival + timedelta(microseconds=fraction))
    planned, slow = case.planned(), Slow(case)
    steps = {step.id: step for step in slow.document.sequences[0].steps}
    bound = [touch for name in steps for touch in planned.touches if touch.step == name and not touch.exempt]
    for touch in bound:
        assert slow.may(slow.channels[touch.channel], touch.at)
        assert touch.at >= case.arrival
    assert all(touch.at == case.arrival and touch.transactional for touch in planned.touches if touch.exempt)
    for earlier, later in pairwise(bound):
        assert earlier.at <= later.at
        assert earlier.day == later.day or earlier.local.date() < later.local.date()
    counted = [(touch.channel, touch.at) for touch in bound if touch.channel != "enrolment" and not touch.transactional]
    counted += [(outreach.channel, outreach.at) for outreach in case.elsewhere if outreach.channel != "enrolment"]
    for touch in bound:
        if touch.channel == "enrolment" or touch.transactional:
            continue
        today = [name for name, at in counted if slow.local(at).date() == touch.local.date()]
        assert today.count(touch.channel) <= (slow.channels[touch.channel].per_date or len(today))
        assert len(today) <= (slow.document.per_date_all or len(today))
        for _, since in counted:
            if touch.channel == "call" and since <= touch.at < since + DAY:
                assert sum(name == "call" and since <= at < since + DAY for name, at in counted if at <= touch.at) <= 2


@given(cases(), st.sampled_from(["call", "email", "enrolment"]))
def test_a_later_suppression_takes_its_steps_and_moves_no_other(case: Case, channel: str) -> None:
    """CA-14: checked again at sending."""
    planned = case.planned()
    again = replan(planned, at=case.arrival, suppressed=[channel])
    assert instants(again) == {touch.step: touch.at for touch in planned.touches if touch.channel != channel}


@given(lives())
def test_a_plan_and_its_answer_are_plain_data(life: tuple[Case, datetime, tuple[Outreach, ...], tuple[Happening, ...]]) -> None:
    """FD-1: JSON-able, without loss, the same twice."""
    case, at, done, events = life
    answer = next_step(case.planned(), done, events, at=at)
    for redact in (False, True):
        record = answer.to_dict(redact=redact)
        assert json.loads(json.dumps(record)) == record
        assert next_step(case.planned(), done, events, at=at).to_dict(redact=redact) == record


@given(cases())
def test_a_stretched_plan_is_that_of_the_stretched_sequence(case: Case) -> None:
    """CD-6: day k is the whole number nearest to k times the factor, and nothing else changes."""
    days = [int(Fraction(str(step["day"])) * case.factor + Fraction(1, 2)) for step in case.steps]
    steps = tuple(
        {name: value for name, value in step.items() if day or name != "not_before"} | {"day": day}
        for step, day in zip(case.steps, days, strict=True)
    )
    own = {name: value for name, value in case.document.items() if name != "per_date_all"} | {"per_date_all": None}
    stretched, plain = attrs.evolve(case, document=own), attrs.evolve(case, steps=steps, factor=Fraction(1), document=own)
    try:
        expected = plain.planned()
    except PolicyError:
        return  # two days became one, with more steps than one date may bring
    assert instants(stretched.planned()) == instants(expected)


@given(cases())
def test_a_document_reads_back_as_it_was_written(case: Case) -> None:
    """FD-1: plain data in, plain data out."""
    document = case.rules.document
    assert CadenceDocument.model_validate(document.model_dump(mode="json")) == document


# ------------------------------------------------------------------------------------------- problems, all of them at once

FAULTS: tuple[tuple[str, Mapping[str, object], str], ...] = (
    ("channel", {"channel": "cal"}, "sequences[s].steps[{0}].channel"),
    ("intent", {"intent": ""}, "sequences[s].steps[{0}].intent"),
    ("empty", {"message": "Just  FOLLOWING-up"}, "sequences[s].steps[{0}].message"),
    ("enrol", {"enrol": "nurture"}, "sequences[s].steps[{0}].enrol"),
    ("not_before", {"not_before": "24:00"}, "sequences[s].steps[{0}].not_before"),
    ("within", {"within_minutes": 5}, "sequences[s].steps[{0}].within_minutes"),
)


@given(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=6, unique_by=lambda fault: fault[0]))
def test_a_document_is_refused_for_all_its_problems_at_once(faults: list[tuple[str, Mapping[str, object], str]]) -> None:
    """CD-4, CD-5: one problem for each fault, each with its path, in the order of the steps."""
    sound = {"day": 1, "channel": "call", "intent": "Says something"}
    steps = [{"id": f"step-{number}", **sound, **fault} for number, (_, fault, _) in enumerate(faults)]
    data = {
        "channels": [{"id": "call"}],
        "sequences": [{"id": "s", "when": {"op": "always"}, "steps": steps}],
        "hours": "h",
        "per_date_all": None,
        "fewest_touches": 1,
        "empty_messages": ["just following up"],
    }
    with pytest.raises(PolicyError) as refused:
        CadenceDocument.model_validate(data)
    assert [problem.path for problem in refused.value.problems] == [path.format(f"step-{n}") for n, (_, _, path) in enumerate(faults)]
