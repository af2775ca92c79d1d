"""What holds for every queue, every replay, every volume and every coverage."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine import calendars, capacity, hours
from inbound_engine.calendars import HoursDocument
from inbound_engine.capacity import CapacityDocument
from inbound_engine.coverage import TargetAccount, cover
from inbound_engine.hours import Calendar
from inbound_engine.queueing import Queue, pooling, reps_needed, split, waiting
from inbound_engine.replays import Arrival, Replay, Seat, State, simulate, soonest
from inbound_engine.spans import DAY, Span, parse_instant

MINUTE = timedelta(minutes=1)
SINCE = parse_instant("2026-03-27T00:00Z")  # a Friday; on Sunday the clocks of Berlin go forward
OVER = Span(SINCE, SINCE + 4 * DAY)
LAST_DECIMAL = Fraction(1, 10**12)


# ---------------------------------------------------------------------------------------------------------------- queues


@st.composite
def queues(draw: st.DrawFn) -> Queue:
    """Queues that do not grow for ever, from idle to busy."""
    reps = draw(st.integers(1, 25))
    busy = draw(st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100))
    minutes = draw(st.fractions(Fraction(1, 2), 240, max_denominator=7))
    return Queue(busy * reps * 60 / minutes, minutes, reps)


TARGETS = st.integers(0, 120).map(lambda minutes: minutes * MINUTE)


@given(queues(), TARGETS, st.integers(1, 10))
def test_one_rep_more_never_misses_more(queue: Queue, target: timedelta, more: int) -> None:
    """CQ-2."""
    assert waiting(attrs.evolve(queue, reps=queue.reps + more), target).misses <= waiting(queue, target).misses


@given(queues(), TARGETS, st.fractions(0, 2, max_denominator=50))
def test_fewer_leads_never_miss_more(queue: Queue, target: timedelta, part: Fraction) -> None:
    """CQ-2, CQ-3: an unstable queue misses most of all."""
    less, more = sorted((queue.leads_per_hour * part, queue.leads_per_hour))
    assert (
        waiting(attrs.evolve(queue, leads_per_hour=less), target).misses <= waiting(attrs.evolve(queue, leads_per_hour=more), target).misses
    )


@given(queues(), TARGETS, TARGETS)
def test_a_longer_target_never_misses_more(queue: Queue, target: timedelta, more: timedelta) -> None:
    """CQ-2: and no target more than all who wait."""
    assert waiting(queue, target + more).misses <= waiting(queue, target).misses <= 1


@given(queues(), TARGETS)
def test_sharing_a_queue_is_never_worse(queue: Queue, target: timedelta) -> None:
    """CQ-4."""
    found = pooling(split(queue), target)
    assert found.pooled == waiting(queue, target)
    assert found.pooled.misses <= found.split_misses


@given(queues(), TARGETS, st.integers(2, 60))
def test_units_do_not_matter(queue: Queue, target: timedelta, times: int) -> None:
    """CQ-2: everything so many times slower is the same queue, seen slower."""
    slower = waiting(Queue(queue.leads_per_hour / times, queue.minutes * times, queue.reps), target * times)
    assert slower.misses == waiting(queue, target).misses


@given(queues())
def test_the_chance_of_waiting_is_that_of_the_balance(queue: Queue) -> None:
    """CQ-2: leads in work and in the queue are a chain of births and deaths; its balance gives the chance that all are busy."""
    states = [Fraction(1)]
    for number in range(1, queue.reps + 1):
        states.append(states[-1] * queue.load / number)  # with so many in work, so many times the pace
    beyond = states[-1] / (1 - queue.load / queue.reps)  # and ever fewer in the queue
    chance = beyond / (sum(states[:-1], Fraction()) + beyond)
    found = waiting(queue, timedelta())
    assert found.misses == math.ceil(chance / LAST_DECIMAL) * LAST_DECIMAL
    assert found.mean_minutes is not None
    exact = chance * queue.minutes / (queue.reps - queue.load)
    assert exact <= found.mean_minutes < exact + LAST_DECIMAL


@given(queues(), TARGETS, st.fractions(Fraction(1, 10**6), 1))
def test_so_many_reps_are_enough_and_one_fewer_is_not(queue: Queue, target: timedelta, most: Fraction) -> None:
    """CQ-6."""
    needed = reps_needed(queue.leads_per_hour, queue.minutes, target=target, most=most)
    assert waiting(attrs.evolve(queue, reps=needed), target).misses <= most
    assert needed == 0 or waiting(attrs.evolve(queue, reps=needed - 1), target).misses > most


# ---------------------------------------------------------------------------------------------------------------- replays


CALENDARS = (
    Calendar.weekdays("Europe/Berlin", "09:00", "17:00"),
    Calendar("Europe/Berlin", {4: [(1320, 360)], 6: [(60, 300)]}),  # a night, and the hours in which the clocks go forward
    Calendar.weekdays("America/New_York", "09:00", "12:00"),
    Calendar.always(),
)
MINUTES = [OVER.since + number * MINUTE for number in range(int(OVER.length / MINUTE))]
OPEN = {calendar: [hours.is_open(calendar, at) for at in MINUTES] for calendar in CALENDARS}


@st.composite
def seats(draw: st.DrawFn, rep: str) -> Seat:
    """A rep with one of a few calendars, sometimes away."""
    absences = draw(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 2_000)), max_size=2))
    away = tuple(Span(SINCE + start * MINUTE, SINCE + (start + length) * MINUTE) for start, length in absences)
    return Seat(rep, draw(st.sampled_from(CALENDARS)), away)


def teams(most: int = 3) -> st.SearchStrategy[list[Seat]]:
    """A few reps."""
    return st.integers(1, most).flatmap(lambda number: st.tuples(*(seats(f"rep-{place}") for place in range(number))).map(list))


@st.composite
def streams(draw: st.DrawFn) -> list[Arrival]:
    """Leads to the minute, some of which belong to a rep."""
    drawn = draw(st.lists(st.tuples(st.integers(0, 5_759), st.integers(1, 700), st.sampled_from((None, None, "rep-0"))), max_size=12))
    return [
        Arrival(id=f"L-{number}", at=SINCE + arrived * MINUTE, service=length * MINUTE, rep=rep)
        for number, (arrived, length, rep) in enumerate(drawn)
    ]


def played(leads: Iterable[Arrival], team: Iterable[Seat], over: Span = OVER) -> Replay:
    return simulate(leads, team, over=over, target=5 * MINUTE)


def by_the_minute(leads: Sequence[Arrival], team: Sequence[Seat]) -> dict[str, tuple[str | None, datetime | None, datetime | None]]:
    """The same, minute for minute: who works on what, read off the wall clock."""
    works = {
        seat.rep: [at_open and not any(at in span for span in seat.away) for at, at_open in zip(MINUTES, OPEN[seat.calendar], strict=True)]
        for seat in team
    }
    last = dict.fromkeys(works, 0)
    taken = dict.fromkeys(works, 0)
    end = len(MINUTES)
    found: dict[str, tuple[str | None, datetime | None, datetime | None]] = {}
    for lead in sorted(leads, key=lambda lead: (lead.at, lead.id)):
        arrived = int((lead.at - SINCE) / MINUTE)
        free = {rep: next((minute for minute in range(max(arrived, last[rep]), end) if own[minute]), end) for rep, own in works.items()}
        rep = lead.rep or min(free, key=lambda rep: (free[rep], taken[rep], rep))
        if lead.rep is None and free[rep] == end:
            found[lead.id] = (None, None, None)
            continue
        left, minute = int((lead.service or MINUTE) / MINUTE), free[rep]
        while left and minute < end:
            left -= works[rep][minute]
            minute += 1
        begun, last[rep], taken[rep] = free[rep], end if left else minute, taken[rep] + 1
        started = None if begun == end else MINUTES[begun]
        found[lead.id] = (rep, started, None if left or started is None else SINCE + minute * MINUTE)
    return found


@settings(max_examples=60)
@given(streams(), teams())
def test_a_replay_is_what_the_wall_clock_shows(leads: list[Arrival], team: list[Seat]) -> None:
    """CP-1, TM-3: begun and finished at the same minutes, over a change of clocks, nights and absences."""
    found = played(leads, team)
    assert {each.lead.id: (each.rep, each.started, each.finished) for each in found.leads} == by_the_minute(leads, team)


@given(streams(), teams())
def test_a_lead_is_finished_when_hours_say(leads: list[Arrival], team: list[Seat]) -> None:
    """TM-15: the earliest instant that has its time behind it, absences left out."""
    by_rep = {seat.rep: seat for seat in team}
    for each in played(leads, team).leads:
        if each.rep is not None and each.started is not None and each.lead.service is not None:
            seat = by_rep[each.rep]
            finished = hours.add(seat.calendar, each.started, each.lead.service, pauses=seat.away)
            expected = finished if isinstance(finished, datetime) and finished <= OVER.until else None
            assert each.finished == expected


@given(streams(), teams(), st.randoms(use_true_random=False))
def test_the_order_handed_over_changes_nothing(leads: list[Arrival], team: list[Seat], random: Random) -> None:
    """RO-17: neither that of the leads nor that of the reps."""
    before = played(leads, team)
    random.shuffle(leads)
    random.shuffle(team)
    assert played(leads, team) == before


@given(streams(), teams())
def test_no_lead_is_lost_and_nobody_does_two_things_at_once(leads: list[Arrival], team: list[Seat]) -> None:
    """RT-5: every lead is in one state, every load is the sum of its leads, and stretches of work do not overlap."""
    found = played(leads, team)
    assert sorted(each.lead.id for each in found.leads) == sorted(lead.id for lead in leads)
    assert found.missed.hits <= found.missed.total <= len(leads)
    for load in found.loads:
        own = sorted((each for each in found.leads if each.rep == load.rep and each.started), key=lambda each: each.started or OVER.until)
        assert load.begun == len(own)
        assert load.finished == sum(each.finished is not None for each in own)
        assert load.leads == sum(each.rep == load.rep for each in found.leads)
        assert all(
            one.finished is not None and next_one.started is not None and one.finished <= next_one.started
            for one, next_one in pairwise(own)
        )
        assert load.worked <= load.available


@given(streams(), teams(), st.integers(1, 5_000))
def test_what_comes_later_changes_nothing_that_was_begun(leads: list[Arrival], team: list[Seat], minutes: int) -> None:
    """FD-2: a shorter stretch shows the beginning of a longer one."""
    until = SINCE + minutes * MINUTE
    shorter = {each.lead.id: each.started for each in played(leads, team, Span(SINCE, until)).leads if each.started is not None}
    longer = {each.lead.id: each.started for each in played(leads, team).leads if each.started is not None and each.started < until}
    assert shorter == longer


def when_idle(_lead: Arrival, state: State, at: datetime) -> str | None:
    """Whoever could begin at once; else wait."""
    idle = [(each.taken, each.rep) for each in state.reps if each.free_at == at]
    return min(idle)[1] if idle else None


@given(streams(), seats("rep-0"), st.integers(1, 3))
def test_waiting_patiently_begins_as_early_as_foresight(leads: list[Arrival], seat: Seat, reps: int) -> None:
    """CQ-4, RO-12: given to the first who is idle, or given away at once to the first who will be, leads are begun at the same instants."""
    free = [attrs.evolve(lead, rep=None) for lead in leads]
    team = [attrs.evolve(seat, rep=f"rep-{number}") for number in range(reps)]
    at_once, patiently = (simulate(free, team, over=OVER, target=5 * MINUTE, assign=assign) for assign in (soonest, when_idle))
    assert [each.started for each in patiently.leads] == [each.started for each in at_once.leads]


# ----------------------------------------------------------------------------------------------------------------- volume

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
OPENING = calendars.compile(
    HoursDocument.model_validate(
        {"calendars": [{"id": "office", "weekly": [{"days": WEEKDAYS, "opens": "09:00", "closes": "17:00"}]}], "organisation": "office"}
    )
)
EXACT = st.fractions(Fraction(1, 10), 300, max_denominator=12).map(str)


@st.composite
def volumes(draw: st.DrawFn) -> capacity.Volume:
    """Some lead types, some leads, some reps, Friday and Monday."""
    types = [{"id": f"type-{number}", "minutes": minutes} for number, minutes in enumerate(draw(st.lists(EXACT, min_size=1, max_size=4)))]
    document = {"lead_types": types, "utilisation_percent": draw(st.fractions(1, 100, max_denominator=9).map(str))}
    leads = {str(row["id"]): draw(st.integers(0, 500)) for row in types}
    rules = capacity.compile(CapacityDocument.model_validate(document), OPENING)
    return capacity.volume(rules, leads, over=OVER, team=draw(st.integers(0, 30)))


@given(volumes())
def test_the_reps_needed_have_the_time_and_one_fewer_has_not(volume: capacity.Volume) -> None:
    """CQ-1."""
    assert volume.reps_needed is not None
    assert volume.per_rep * volume.reps_needed >= volume.minutes
    assert volume.reps_needed == 0 or volume.per_rep * (volume.reps_needed - 1) < volume.minutes


@given(volumes())
def test_what_is_worked_and_what_is_not_are_all_leads(volume: capacity.Volume) -> None:
    """CP-1, RT-8: of an exact mix as well as in the order of the document, where nothing that would fit is left."""
    assert 0 <= volume.unworked <= volume.leads
    assert (volume.unworked == 0) is (volume.team >= volume.minutes)
    average = volume.minutes / volume.leads if volume.leads else Fraction()
    assert (volume.leads - volume.unworked) * average == min(volume.team, volume.minutes)
    left = volume.team
    for row, (name, worked, unworked) in zip(volume.demand, volume.in_order, strict=True):
        left -= worked * row.minutes
        assert (name, worked + unworked) == (row.lead_type, row.leads)
        assert left >= 0
        assert not unworked or left < row.minutes


@given(volumes(), st.integers(1, 20))
def test_more_reps_never_leave_more(volume: capacity.Volume, more: int) -> None:
    """CP-1: and the number that is needed does not depend on who is there."""
    bigger = attrs.evolve(volume, reps=volume.reps + more, team=volume.team + more * volume.per_rep)
    assert bigger.unworked <= volume.unworked
    assert bigger.reps_needed == volume.reps_needed


# --------------------------------------------------------------------------------------------------------------- coverage

ONE_DAY = Span(SINCE, SINCE + DAY)  # 480 open minutes
RULES = capacity.compile(
    CapacityDocument.model_validate(
        {"account_work": [{"id": "call", "minutes": 160, "days": 1}, {"id": "visit", "minutes": 80, "days": 1, "tiers": [1]}]}
    ),
    OPENING,
)
COSTS = {1: 240, 2: 160}


@st.composite
def coverages(draw: st.DrawFn) -> tuple[list[TargetAccount], list[Seat]]:
    """A few accounts of three territories, and a few reps of some of them with time for none to three."""
    targets = [
        TargetAccount(f"account-{number}", territory, tier, score)
        for number, (territory, tier, score) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from((1, 1, 2)), st.integers(0, 3)), max_size=8))
        )
    ]
    opens = parse_instant("2026-03-27T09:00Z")
    team = [
        Seat(f"rep-{number}", OPENING.patterns["office"], (Span(opens + timedelta(hours=there), ONE_DAY.until),), territories)
        for number, (there, territories) in enumerate(
            draw(st.lists(st.tuples(st.integers(0, 8), st.frozensets(st.sampled_from("xyz"), min_size=1)), max_size=4))
        )
    ]
    return targets, team


def can_be_covered(targets: Sequence[TargetAccount], team: Sequence[Seat], left: dict[str, int]) -> bool:
    """Whether there is any way at all: every one is tried."""
    if not targets:
        return True
    first, *others = targets
    cost = COSTS[first.tier]
    return any(
        can_be_covered(others, team, {**left, seat.rep: left[seat.rep] - cost})
        for seat in team
        if first.territory in seat.territories and left[seat.rep] >= cost
    )


@given(coverages())
def test_no_tier_one_account_is_left_for_which_there_is_a_way(drawn: tuple[list[TargetAccount], list[Seat]]) -> None:
    """CP-2: the best that can be covered together are, each before any that is less."""
    targets, team = drawn
    minutes = {seat.rep: int(capacity.minutes_worked(RULES, over=ONE_DAY, seat=seat)) for seat in team}
    best: list[TargetAccount] = []
    for account in sorted((each for each in targets if each.tier == 1), key=lambda each: (-each.score, each.id)):
        if can_be_covered([*best, account], team, minutes):
            best.append(account)
    found = cover(RULES, targets, team, over=ONE_DAY)
    covered = {account.id for each in found.territories for account, _ in each.covered if account.tier == 1}
    assert covered == {account.id for account in best}


@given(coverages(), st.randoms(use_true_random=False))
def test_every_rep_has_the_time_for_what_is_covered(drawn: tuple[list[TargetAccount], list[Seat]], random: Random) -> None:
    """CP-2: in territories of the rep, whole accounts, whatever the order handed over; whoever is left out found nobody with time."""
    targets, team = drawn
    found = cover(RULES, targets, team, over=ONE_DAY)
    spent = dict.fromkeys((seat.rep for seat in team), 0)
    own = {seat.rep: seat.territories for seat in team}
    left = {each.rep: each.left for each in found.reps}
    told = []
    for territory in found.territories:
        told += [account.id for account, _ in territory.covered] + [account.id for account in territory.uncovered]
        for account, rep in territory.covered:
            assert account.territory in own[rep]
            spent[rep] += COSTS[account.tier]
        assert all(left[rep] < COSTS[account.tier] for account in territory.uncovered for rep in territory.reps)
    assert sorted(told) == sorted(account.id for account in targets)
    assert all(each.left == each.minutes - spent[each.rep] >= 0 for each in found.reps)
    random.shuffle(targets)
    random.shuffle(team)
    assert cover(RULES, targets, team, over=ONE_DAY) == found
