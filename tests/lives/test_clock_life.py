"""A lead lives, and a worker watches the clocks of its enquiries: whatever happens, each step is fired once and no verdict is lost."""

from collections import Counter
from datetime import timedelta

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inbound_engine.facts import Outreach
from inbound_engine.hours import Calendar
from inbound_engine.sla import Assigned, Cancelled, Clock, Event, LadderStep, Pause, Status, follow, next_due
from inbound_engine.spans import parse_instant

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

LADDER = (
    LadderStep("remind", 3 * MINUTE, "flag"),
    LadderStep("escalate", 5 * MINUTE, "escalate", "manager"),
    LadderStep("reroute", 15 * MINUTE, "reroute", "backup"),
    LadderStep("recycle", 120 * MINUTE, "recycle"),
)
CALENDARS = (
    Calendar.always(),
    Calendar.weekdays("Europe/Berlin", "09:00", "17:00"),
    Calendar.weekdays("America/New_York", "09:00", "17:00"),
    Calendar("Asia/Kolkata", [[(570, 720), (780, 1110)]] * 7),
)
_CALENDARS = st.sampled_from(CALENDARS)
_SHORT = st.sampled_from([1, 2, 3, 4, 5, 10, 15]).map(lambda minutes: minutes * MINUTE)
_LONG = st.integers(0, 3 * 1440).map(lambda minutes: minutes * MINUTE)


class ALeadsLife(RuleBasedStateMachine):
    """Things happen to a lead; a second later the worker looks, fires what is new, and keeps the keys."""

    def __init__(self) -> None:
        super().__init__()
        self.now = parse_instant("2026-03-02T13:55Z")  # New York is about to open, Kolkata and Berlin are to close
        self.clocks: list[Clock] = []
        self.events: list[Event] = []
        self.number = 0
        self.found: tuple[Status, ...] = ()
        self.fired: Counter[str] = Counter({"L-0:escalate": 1})  # a worker keeps the keys of all its leads
        self.verdicts: dict[str, str] = {}
        self.holding: Pause | None = None

    def name(self) -> str:
        self.number += 1
        return f"{self.number:04}"

    def looks(self) -> None:
        """What a worker does."""
        self.found = follow(self.clocks, self.events, at=self.now, fired=self.fired.keys())
        self.fired.update(step.key for status in self.found for step in status.new)

    def happens(self, event: Event) -> None:
        self.events.append(event)
        self.passes(SECOND)

    def passes(self, time: timedelta) -> None:
        self.now += time
        self.looks()

    def enquired(self, calendar: Calendar, *, replaces: bool) -> None:
        name = self.name()
        self.clocks.append(
            Clock(
                id=f"L-1-{name}",
                lead_id="L-1",
                target=5 * MINUTE,
                start=self.now,
                calendar=calendar,
                ladder=LADDER,
                escalate_unassigned=self.number % 2 == 0,
                max_reroutes=1 + self.number % 2,
                replaces=replaces,
            )
        )
        self.passes(SECOND)

    @initialize(calendar=_CALENDARS)
    def first_enquires(self, calendar: Calendar) -> None:
        self.enquired(calendar, replaces=False)

    @rule(calendar=_CALENDARS)
    def enquires_again(self, calendar: Calendar) -> None:
        self.enquired(calendar, replaces=False)

    @rule(calendar=_CALENDARS)
    def changes_tier(self, calendar: Calendar) -> None:
        self.enquired(calendar, replaces=True)

    @rule(rep=st.sampled_from(["a", "b", "c", None]), calendar=st.none() | _CALENDARS)
    def is_assigned(self, rep: str | None, calendar: Calendar | None) -> None:
        self.happens(Assigned(id=self.name(), at=self.now, rep=rep, calendar=calendar))

    @rule(human=st.booleans())
    def is_touched(self, *, human: bool) -> None:
        self.happens(Outreach(id=self.name(), lead_id="L-1", rep="a", channel="call", at=self.now, human=human))

    @rule(ago=_SHORT)
    def was_called_as_is_logged_now(self, ago: timedelta) -> None:
        """Logged late: verdicts may turn, and clocks of holders who should never have had the lead may go."""
        self.verdicts.clear()
        call = Outreach(id=self.name(), lead_id="L-1", rep="a", channel="call", at=self.now - ago, human=True, recorded_at=self.now)
        self.happens(call)

    @precondition(lambda self: self.holding is None)
    @rule()
    def asks_to_wait(self) -> None:
        self.holding = Pause(id=self.name(), at=self.now)
        self.happens(self.holding)

    @precondition(lambda self: self.holding is not None)
    @rule()
    def has_waited(self) -> None:
        assert self.holding is not None
        self.events[self.events.index(self.holding)] = attrs.evolve(self.holding, until=self.now)
        self.holding = None
        self.passes(SECOND)

    @rule(time=_SHORT)
    def asks_to_wait_until(self, time: timedelta) -> None:
        self.happens(Pause(id=self.name(), at=self.now, until=self.now + time, planned=True))

    @precondition(lambda self: len(self.clocks) > 1)
    @rule()
    def is_a_duplicate(self) -> None:
        self.happens(Cancelled(id=self.name(), at=self.now, reason="duplicate"))

    @rule(time=_SHORT | _LONG)
    def time_passes(self, time: timedelta) -> None:
        self.passes(time)

    @precondition(lambda self: next_due(self.found) is not None)
    @rule()
    def the_worker_wakes_when_it_was_told_to(self) -> None:
        """Then no step is late: what is new has come this instant."""
        due = next_due(self.found)
        assert due is not None
        assert due > self.now
        self.passes(due - self.now)
        assert all(step.at == self.now for status in self.found for step in status.new)

    @invariant()
    def every_step_is_fired_once(self) -> None:
        """SL-7, CL-7."""
        assert set(self.fired.values()) <= {1}
        assert {step.key for status in self.found for step in status.due} <= self.fired.keys()

    @invariant()
    def what_was_fired_is_due_or_retracted(self) -> None:
        """CL-17: nothing that was acted on is passed over in silence."""
        for status in self.found:
            own = {key for key in self.fired if key.startswith(f"{status.clock.id}:")}
            assert own == {step.key for step in status.due} | {step.key for step in status.retracted}

    @invariant()
    def no_verdict_is_lost(self) -> None:
        """CL-15: a clock that was met or missed stays so, and stays there."""
        said = {status.clock.id: status.state for status in self.found}
        assert {name: said.get(name) for name in self.verdicts} == self.verdicts
        self.verdicts.update({status.clock.id: status.state for status in self.found if status.is_decided})

    @invariant()
    def names_are_told_apart(self) -> None:
        """CL-10."""
        assert len({status.clock.id for status in self.found}) == len(self.found)

    @invariant()
    def a_worker_that_was_down_all_the_time_finds_the_same(self) -> None:
        """CL-8: all but what is new, and what it would have had to take back."""
        afresh = follow(self.clocks, self.events, at=self.now)
        assert [(status.clock, status.state, status.due) for status in afresh] == [
            (status.clock, status.state, status.due) for status in self.found
        ]
        assert all(status.new == status.due for status in afresh)


TestALeadsLife = ALeadsLife.TestCase
TestALeadsLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
