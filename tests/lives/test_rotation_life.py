"""A team's year: people join, leave, go away and come back, leads arrive, are taken back and given to others.

Beside it a plain book is kept: fractions for credits, a list of who had which lead on which date. After every step the rotation must
say what the book says, and so must the log, folded from the start.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inbound_engine import rotation, routing
from inbound_engine.facts import Account, Caps, Lead, Rep, Roster
from inbound_engine.rotation import Correction, Entry, Happening, Refund, Rotation
from inbound_engine.spans import Span
from inbound_engine.vocabulary import View
from tests.test_routing import BACKUP, OWNERS, POOL, rules

NAMES = ("ana", "bo", "cy", "di", "ed")
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MADE = rules(BACKUP, OWNERS[2], POOL)


class ATeamsYear(RuleBasedStateMachine):
    """Whatever happens, nobody is forgotten, nothing is counted twice, and all of it adds up."""

    @initialize()
    def opens(self) -> None:
        self.now = START
        self.reps = {"ana": Rep(id="ana", role="SDR", zone="America/New_York"), "bo": Rep(id="bo", role="SDR")}
        self.here = Rotation()
        self.log: list[Happening] = []
        self.entries: dict[str, list[Entry]] = {}
        self.refunded: set[tuple[str, int]] = set()
        self.number = 0
        self.credits: dict[str, Fraction] = {}
        self.house = Fraction()
        self.leads: list[tuple[str, datetime]] = []

    # What may happen to the team.

    @rule(name=st.sampled_from(NAMES), share=st.integers(0, 4))
    def joins_or_changes_share(self, name: str, share: int) -> None:
        self.reps[name] = attrs.evolve(self.reps.get(name) or Rep(id=name, role="SDR"), share=share)

    @rule(name=st.sampled_from(NAMES), per_day=st.none() | st.integers(0, 3), per_week=st.none() | st.integers(0, 5))
    def is_capped(self, name: str, per_day: int | None, per_week: int | None) -> None:
        if name in self.reps:
            self.reps[name] = attrs.evolve(self.reps[name], caps=Caps(per_day=per_day, per_week=per_week))

    @rule(name=st.sampled_from(NAMES))
    def leaves(self, name: str) -> None:
        self.reps.pop(name, None)
        self.reps = {each: attrs.evolve(rep, backup=None if rep.backup == name else rep.backup) for each, rep in self.reps.items()}

    @rule(name=st.sampled_from(NAMES))
    def stops_and_starts(self, name: str) -> None:
        if name in self.reps:
            self.reps[name] = attrs.evolve(self.reps[name], active=not self.reps[name].active)

    @rule(name=st.sampled_from(NAMES), days=st.integers(1, 9))
    def goes_away(self, name: str, days: int) -> None:
        if name in self.reps:
            self.reps[name] = attrs.evolve(self.reps[name], away=(Span(self.now, self.now + timedelta(days=days)),))

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def names_a_backup(self, name: str, other: str) -> None:
        if name in self.reps and other in self.reps:
            self.reps[name] = attrs.evolve(self.reps[name], backup=other)

    @rule(hours=st.integers(1, 60))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # What may happen to leads.

    @rule(owner=st.none() | st.sampled_from(NAMES))
    def a_lead_arrives(self, owner: str | None) -> None:
        self.number += 1
        self.is_routed(f"L-{self.number}", 1, owner)

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def a_lead_is_asked_for_again(self, data: st.DataObject) -> None:
        lead = data.draw(st.sampled_from(sorted(self.entries)))
        entry = data.draw(st.sampled_from(self.entries[lead]))
        found = self.asked(lead, entry.attempt, None)
        if entry.rep is not None:
            assert found.repeated
            assert found.entry == entry
            assert found.rotation is self.here

    @precondition(lambda self: any(entries[-1].rep for entries in self.entries.values()))
    @rule(data=st.data(), owner=st.none() | st.sampled_from(NAMES))
    def a_lead_goes_to_another(self, data: st.DataObject, owner: str | None) -> None:
        held = sorted(lead for lead, entries in self.entries.items() if entries[-1].rep)
        lead = data.draw(st.sampled_from(held))
        before = {entry.rep for entry in self.entries[lead]}
        found = self.is_routed(lead, self.entries[lead][-1].attempt + 1, owner)
        assert found.rep is None or found.rep not in before

    @precondition(lambda self: any(self.refundable()))
    @rule(data=st.data())
    def a_lead_was_junk(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(list(self.refundable())))
        self.refunded.add((entry.lead_id, entry.attempt))
        self.happens(Refund(entry))
        for name, share in entry.shares:
            self.owes(name, -Fraction(share, sum(each for _, each in entry.shares)))
        if entry.shares:
            self.owes(str(entry.rep), Fraction(1))
        self.leads.remove((str(entry.rep), entry.at))

    @rule(name=st.sampled_from(NAMES), leads=st.integers(-2, 2))
    def a_manager_corrects(self, name: str, leads: int) -> None:
        self.happens(Correction(name, Fraction(leads)))
        self.owes(name, Fraction(leads))
        self.house -= leads

    # The book.

    def refundable(self) -> Iterable[Entry]:
        return (
            entry
            for entries in self.entries.values()
            for entry in entries
            if (entry.rep, entry.at) in self.leads and (entry.lead_id, entry.attempt) not in self.refunded
        )

    def owes(self, name: str, leads: Fraction) -> None:
        self.credits[name] = self.credits.get(name, Fraction()) + leads

    def happens(self, happening: Happening) -> None:
        self.log.append(happening)
        self.here = rotation.apply(self.here, happening)

    def asked(self, lead: str, attempt: int, owner: str | None) -> routing.Route:
        account = Account(id="acme", owner=owner)
        seen = View(Lead(id=lead, account=account), self.now)
        roster = Roster(reps=tuple(self.reps.values()))
        return routing.route(MADE, seen, roster, self.here, entries=self.entries.get(lead, ()), attempt=attempt)

    def is_routed(self, lead: str, attempt: int, owner: str | None) -> routing.Route:
        found = self.asked(lead, attempt, owner)
        present = {name for name, rep in self.reps.items() if rep.active}
        for name in [name for name in self.credits if name not in present]:
            self.house += self.credits.pop(name)
        self.leads = [(name, at) for name, at in self.leads if name in present]
        if found.rep is not None:
            shares = found.entry.shares
            for name, share in shares:
                self.owes(name, Fraction(share, sum(each for _, each in shares)))
            if shares:
                self.owes(found.rep, Fraction(-1))
            self.leads.append((found.rep, self.now))
            rep = self.reps[found.rep]
            assert found.rep in present
            assert not any(self.now in span for span in rep.away)
        self.happens(found.entry)
        assert self.here == found.rotation
        kept = [entry for entry in self.entries.get(lead, []) if entry.attempt != attempt or entry.rep is not None]
        self.entries[lead] = [*kept, found.entry]
        return found

    # What must hold.

    @invariant()
    def the_rotation_says_what_the_book_says(self) -> None:
        assert rotation.fairness(self.here) == {name: credit for name, credit in sorted(self.credits.items()) if credit}
        assert Fraction(self.here.house, self.here.denominator) == self.house
        assert sum(self.credits.values()) + self.house == 0

    @invariant()
    def the_counters_say_who_had_what_today_and_this_week(self) -> None:
        for name, rep in self.reps.items():
            zone = rep.zone or UTC
            today = self.now.astimezone(zone).date()
            dates = [at.astimezone(zone).date() for each, at in self.leads if each == name]
            expected = (dates.count(today), sum(date.isocalendar()[:2] == today.isocalendar()[:2] for date in dates))
            assert self.here.on(name, today) == expected

    @invariant()
    def the_log_gives_the_state_again(self) -> None:
        assert rotation.replay(self.log) == self.here
        assert rotation.restored(self.here.to_dict()) == self.here

    @invariant()
    def the_state_is_no_larger_than_the_team(self) -> None:
        assert len(self.here.credits) <= len(NAMES)
        assert len(self.here.counters) <= len(NAMES)


TestATeamsYear = ATeamsYear.TestCase
TestATeamsYear.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
