"""Leads come in, and everything happens to them in any order, early and late, while the host crashes: nothing is lost or doubled."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inbound_engine.actions import SeekRep, Send
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Activity, Lead, Opportunity, Outreach, Rep, Roster
from inbound_engine.history import Happened
from inbound_engine.money import Money
from inbound_engine.plans import AutoReply, Exit
from inbound_engine.policy import Policy
from inbound_engine.reported import Learned, Released, Report
from inbound_engine.sla import Pause
from inbound_engine.spans import parse_instant
from tests.hosts import Host, leave

MINUTE = timedelta(minutes=1)

ENGINES = tuple(
    Engine(policy)
    for policy in (
        Policy(),
        changed(Policy(), {"hours.organisation": "business_hours", "cadence.day_basis": "calendar", "cadence.spread_minutes": 30}),
        changed(Policy(), {"qualification.model": "dual_axis", "tiers.floors[high_intent].enabled": True}),
        changed(Policy(), {"qualification.held_tiers": [], "sla.starts": "capture", "recycling.zone": "America/New_York"}),
        changed(Policy(), {"case.arrival": ["captured", "validated", "scored"], "handoff.strict": True}),
    )
)
ROSTER = Roster(
    reps=(
        Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="business_hours"),
        Rep(id="noor", role="SDR", zone="Europe/Berlin", calendar="business_hours", backup="omar"),
        Rep(id="omar", role="SDR", zone="America/New_York", calendar="business_hours"),
    )
)
ACCOUNTS = (
    None,
    Account(id="acme", name="Acme", country="DE", industry="fintech", employees=240, technologies=frozenset({"salesforce"})),
    Account(id="tiny", country="US", region="CA", employees=3, csm="noor"),
    Account(id="zeta", country="GB", employees=900, named_rep="maya", owner="omar"),
)
EVENTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("accepted", {}),
    ("rejected", {"category": "bad_fit"}),
    ("rejected", {"category": "low_intent"}),
    ("rejected", {"category": "wrong_role"}),
    ("rejected", {"category": "duplicate", "into": "L-0"}),
    ("disqualified", {"rule": "no_budget"}),
    ("disqualified", {"rule": "not_involved"}),
    ("recycled", {}),
    ("reactivated", {}),
    ("reopened", {}),
    ("captured", {}),
    ("discovery_scheduled", {}),
    ("discovery_completed", {}),
    ("opportunity_opened", {}),
    ("won", {}),
    ("lost", {}),
    ("merged", {"into": "L-0"}),
    ("nonsense", {}),
)
KINDS = ("page_view", "visit", "email_open", "email_click", "content_download", "demo_request", "contact_form", "reply", "trial_activity")
CONTENTS = (None, "pricing", "blog/seo", "case-study/acme")
_DELAYS = st.one_of(st.integers(0, 40), st.integers(0, 3 * 1440), st.integers(0, 100 * 1440)).map(lambda minutes: minutes * MINUTE)
_AGO = st.sampled_from([0, 0, 0, 1, 7, 90, 1500, 20_000]).map(lambda minutes: minutes * MINUTE)
_WHICH = st.integers(0, 9)


class AStreet(RuleBasedStateMachine):
    """A host with a few leads; every report may come late, twice, or to a host that crashes."""

    @initialize(engine=st.sampled_from(ENGINES), crashes=st.booleans())
    def opens(self, engine: Engine, crashes: bool) -> None:
        self.host = Host(engine, ROSTER)
        self.host.crashes = crashes
        self.now = parse_instant("2026-03-02T08:57Z")
        self.number = 0
        self.told: list[tuple[str, Report]] = []

    def name(self) -> str:
        self.number += 1
        return f"{self.number:03}"

    def lead(self, which: int) -> str:
        return list(self.host.cases)[which % len(self.host.cases)]

    def tells(self, lead_id: str, report: Report) -> None:
        progress = self.host.tells(lead_id, report, self.now)
        if not progress.ahead:
            self.told.append((lead_id, report))

    @precondition(lambda self: len(self.host.cases) < 3)
    @rule(
        account=st.sampled_from(ACCOUNTS),
        kinds=st.lists(st.sampled_from(KINDS), max_size=3),
        known=st.booleans(),
        title=st.sampled_from([None, "VP Sales", "Intern"]),
        ago=_AGO,
    )
    def arrives(self, account: Account | None, kinds: list[str], known: bool, title: str | None, ago: timedelta) -> None:
        name = f"L-{self.name()}"
        activities = tuple(
            Activity(id=self.name(), kind=kind, at=self.now - ago - number * MINUTE, content="pricing") for number, kind in enumerate(kinds)
        )
        lead = Lead(
            id=name,
            created_at=self.now - ago,
            email=f"ana@{name.lower()}.example",
            title=title,
            source="google",
            account=account,
            activities=activities if known else None,
        )
        self.host.arrives(lead, self.now)

    @precondition(lambda self: self.host.cases)
    @rule(delay=_DELAYS)
    def time_passes(self, delay: timedelta) -> None:
        self.now += delay
        self.host.looks(self.now)

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH)
    def the_worker_wakes_in_time(self, which: int) -> None:
        """Asks at the very instant that the case named."""
        case = self.host.cases[self.lead(which)]
        wanted = self.host.engine.due(case, at=self.now).ask_again_at
        if wanted is not None and wanted > self.now:
            self.now = wanted
            self.host.looks(self.now)

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH)
    def somebody_is_found(self, which: int) -> None:
        """Also where nobody is sought any more."""
        self.host.seeks(self.lead(which), self.now)

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH, kind=st.sampled_from(KINDS), content=st.sampled_from(CONTENTS), ago=_AGO, late=st.booleans())
    def does_something(self, which: int, kind: str, content: str | None, ago: timedelta, late: bool) -> None:
        recorded = self.now if late else None
        activity = Activity(id=self.name(), kind=kind, content=content, at=self.now - ago, recorded_at=recorded)
        self.tells(self.lead(which), activity)

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH, human=st.booleans(), channel=st.sampled_from(["call", "email", "linkedin"]), ago=_AGO)
    def is_touched(self, which: int, human: bool, channel: str, ago: timedelta) -> None:
        lead_id = self.lead(which)
        rep = self.host.cases[lead_id].rep or "maya"
        self.tells(lead_id, Outreach(id=self.name(), lead_id=lead_id, rep=rep, channel=channel, at=self.now - ago, human=human))

    @precondition(lambda self: any(isinstance(action.does, Send) for action in self.host.outbox.values()))
    @rule(which=_WHICH)
    def a_touch_is_made(self, which: int) -> None:
        sent = [action for action in self.host.outbox.values() if isinstance(action.does, Send)]
        action = sent[which % len(sent)]
        assert isinstance(action.does, Send)
        human, rep = not action.does.transactional, action.does.rep or "maya"
        made = Outreach(
            id=self.name(), lead_id=action.lead_id, rep=rep, channel=action.does.channel, at=self.now, human=human, step=action.does.step
        )
        self.tells(action.lead_id, made)

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH, event=st.sampled_from(EVENTS), ago=_AGO)
    def is_reported(self, which: int, event: tuple[str, dict[str, str]], ago: timedelta) -> None:
        name, data = event
        self.tells(self.lead(which), Happened(id=self.name(), at=self.now - ago, event=name, data=data))

    @precondition(lambda self: self.host.cases)
    @rule(
        which=_WHICH,
        kind=st.sampled_from(["reply", "meeting", "disqualified", "won", "opt_out", "bounce", "not_ready"]),
        channel=st.sampled_from([None, "email", "call"]),
        ago=_AGO,
    )
    def leaves(self, which: int, kind: str, channel: str | None, ago: timedelta) -> None:
        where = channel if kind in {"opt_out", "bounce"} else None
        self.tells(self.lead(which), Exit(self.name(), self.now - ago, kind, where))  # type: ignore[arg-type]

    @precondition(lambda self: self.host.cases)
    @rule(which=_WHICH, what=st.sampled_from(["away", "pause", "planned", "released", "facts", "open", "won", "lost", "ahead"]), ago=_AGO)
    def something_else(self, which: int, what: str, ago: timedelta) -> None:
        lead_id, name, at = self.lead(which), self.name(), self.now - ago
        case = self.host.cases[lead_id]
        money = Money.of(95_000, "EUR")
        match what:
            case "away":
                report: Report = AutoReply(name, at, date.fromordinal(at.toordinal() + 4))
            case "pause":
                report = Pause(id=name, at=at)
            case "planned":
                report = Pause(id=name, at=at, until=at + timedelta(days=1), planned=True)
            case "released":
                report = Released(id=name, at=at, reason="ill")
            case "facts":
                facts = Lead(
                    id=lead_id, email="ana@acme.example", title="Chief Revenue Officer", account=ACCOUNTS[1], created_at=case.opened_at
                )
                report = Learned(id=name, at=at, lead=facts)
            case "open":
                report = Opportunity(id="D-1", opened_at=at, amount=money)
            case "won" | "lost":
                report = Opportunity(id="D-1", opened_at=at - MINUTE, closed_at=at, won=what == "won", amount=money)
            case _:
                report = Activity(id=name, kind="visit", at=self.now + MINUTE)
        self.tells(lead_id, report)

    @precondition(lambda self: self.told)
    @rule(which=_WHICH)
    def is_told_twice(self, which: int) -> None:
        lead_id, report = self.told[which % len(self.told)]
        assert self.host.engine.step(self.host.cases[lead_id], report, at=self.now).repeated

    @rule(rep=st.sampled_from(["maya", "noor", "omar"]), active=st.booleans())
    def a_rep_comes_or_goes(self, rep: str, active: bool) -> None:
        self.host.roster = leave(self.host.roster, rep, active=active)

    @invariant()
    def all_is_sound(self) -> None:
        self.host.is_sound()

    def teardown(self) -> None:
        """In the end somebody asks for everything, a year later: nothing comes twice."""
        for days in (1, 3, 60, 400):
            self.host.looks(self.now + timedelta(days=days))
            for lead_id in self.host.cases:
                if self.host.cases[lead_id].holding.sought is not None:
                    self.host.seeks(lead_id, self.now + timedelta(days=days))
        self.host.is_sound()
        assert not [action for action in self.host.outbox.values() if isinstance(action.does, SeekRep) and action.does.attempt < 1]


TestAStreet = AStreet.TestCase
TestAStreet.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, report_multiple_bugs=False)
