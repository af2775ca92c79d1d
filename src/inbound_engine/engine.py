"""What becomes of this lead, all told?

An engine is a policy made ready. It holds nothing but that: the lead and the instant come with each question, and the answer
is a value that keeps what it was decided from.

>>> from datetime import UTC
>>> from inbound_engine.policy import Policy
>>> engine = Engine(Policy())
>>> engine.assess(Lead(id="L-1", country="DE"), at=datetime(2026, 3, 2, 9, 3, tzinfo=UTC)).tier
'NURTURE'
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import field, frozen

from inbound_engine import (
    assessments,
    attribution,
    batches,
    briefs,
    capacity,
    following,
    handoff,
    intake,
    journeys,
    lifecycle,
    policy,
    recycling,
    reported,
    routing,
    street,
    territories,
    verdicts,
)
from inbound_engine.assessments import Assessment, Difference, Verification
from inbound_engine.attribution import Credit
from inbound_engine.briefs import Brief
from inbound_engine.cases import Case, Progress, known
from inbound_engine.decisions import Decision, Plain, plain
from inbound_engine.errors import FactError, each_of, one_of, shown
from inbound_engine.exchange import ExchangeTable
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity, Outreach, Rep, Roster
from inbound_engine.handoff import Package
from inbound_engine.handoff import Refused as Undelivered
from inbound_engine.history import Happened, Record
from inbound_engine.intake import Batch
from inbound_engine.intake import Record as Row
from inbound_engine.lifecycle import Advanced, CompiledMachine, Drift
from inbound_engine.lifecycle import Refused as Moveless
from inbound_engine.people import People
from inbound_engine.plans import Happening, Plan
from inbound_engine.policy import Compiled, Example, Policy, PolicySet
from inbound_engine.recycling import Due
from inbound_engine.replays import Arrival, Replay
from inbound_engine.reported import Report
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.routing import Route
from inbound_engine.sla import Clock
from inbound_engine.spans import Span, parse_instant
from inbound_engine.territories import Team
from inbound_engine.verdicts import Verdict
from inbound_engine.vocabulary import View

__all__ = ["Engine", "ExampleResult", "check", "verify"]


@frozen(repr=False)
class Engine:
    """A policy, checked and compiled once, ready to decide for one lead after another.

    Engines are equal when their policies are; they pickle by their policy.
    """

    policy: Policy
    compiled: Compiled = field(init=False, eq=False)
    _assessed: Callable[[Lead, datetime], Assessment] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Compiles the policy."""
        object.__setattr__(self, "compiled", policy.compile(self.policy))
        object.__setattr__(self, "_assessed", assessments.looking_up(self.compiled))

    def __reduce__(self) -> tuple[Any, tuple[Policy]]:
        """Pickles by its policy."""
        return type(self), (self.policy,)

    def __repr__(self) -> str:
        """One line."""
        return f"Engine({self.policy!r})"

    def assess(self, lead: Lead, *, at: datetime) -> Assessment:
        """The scores, the tier and the qualification of the lead as of `at`, with their reasons.

        Facts dated after `at` are invisible (FD-2). A naive instant, an extra that the policy does not declare, and a value of
        another kind than declared are `FactError`.
        """
        return self._assessed(lead, at)

    def assess_each(self, leads: Iterable[Lead], *, at: datetime, progress: Callable[[int], None] | None = None) -> Iterator[Assessment]:
        """The assessments of many leads, one after another, in their order; nothing is kept, so that any number may stream.

        `progress` is called with the number of leads assessed so far. A lead that cannot be assessed is a `FactError` that names
        it, and ends the stream; to go on after one, loop over `assess`.
        """
        for number, lead in enumerate(leads, start=1):
            try:
                assessment = self._assessed(lead, at)
            except FactError as error:
                problem = error.problem
                raise FactError(
                    f"leads[{getattr(lead, 'id', number - 1)}].{problem.path}", problem.saw, problem.expected, problem.hint
                ) from None
            yield assessment
            if progress is not None:
                progress(number)

    def clock(
        self,
        assessment: Assessment,
        *,
        table: str = "first_response",
        start: datetime | None = None,
        mql_at: datetime | None = None,
        since: datetime | None = None,
        id: str | None = None,  # noqa: A002 - what a clock calls it
        rep: Rep | None = None,
        territory: str | None = None,
        replaces: bool = False,
    ) -> Decision[Clock | None]:
        """The clock of the answer that an assessed lead is owed, or None where nothing is promised; with every row that was asked.

        The first response starts where `promises.starts` says, `mql_at` being the instant of the assessment for an MQL unless the
        caller knows better; every other table starts at the assessment. The calendar is the promise's own, the rep's, the
        territory's or the organisation's (CL-2). Hand-raises and answers before `since` belong to an earlier enquiry. `sla.status`
        and `sla.follow` then say how the clock stands.

        >>> from datetime import UTC
        >>> from inbound_engine.facts import Activity
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> asked = Activity(id="a", kind="demo_request", at=datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> lead = Lead(id="L-1", title="VP Sales", activities=(asked,))
        >>> engine = Engine(Policy())
        >>> clock = engine.clock(engine.assess(lead, at=at)).value
        >>> clock.promise, clock.start.isoformat(), str(clock.target)
        ('hand_raiser', '2026-03-02T09:00:00+00:00', '0:05:00')
        """
        self._refuse_strangers(assessment)
        return street.owed(
            self.compiled,
            assessment.view,
            table=table,
            start=start,
            mql_at=mql_at,
            since=since,
            id=id,
            rep=rep,
            territory=territory,
            replaces=replaces,
        )

    def plan(
        self,
        assessment: Assessment,
        *,
        arrival: datetime,
        rep: Rep | None = None,
        territory: str | None = None,
        holidays: Iterable[date] = (),
        elsewhere: Iterable[Outreach] = (),
        done: Iterable[Outreach] = (),
        events: Iterable[Happening] = (),
    ) -> Decision[Plan | None]:
        """The touches that follow for an assessed lead that came in at `arrival`, or None where no sequence is for it (CD-3).

        The first sequence whose condition holds, stretched as the policy says, in the prospect's zone or in what its candidates
        have in common; calls in the rep's hours too, where the rep has a calendar. `holidays` are the prospect's. With `done` and
        `events` it is planned again as of the assessment (CA-21). `cadence.next_step` then says what to do at any instant.

        >>> from datetime import UTC
        >>> from inbound_engine.facts import Activity
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> asked = Activity(id="a", kind="demo_request", at=at)
        >>> engine = Engine(Policy())
        >>> assessment = engine.assess(Lead(id="L-1", title="VP Sales", country="DE", activities=(asked,)), at=at)
        >>> [f"{touch.step} {touch.local:%a %H:%M}" for touch in engine.plan(assessment, arrival=at).value.touches]
        ['confirm-0 Mon 10:03', 'call-0 Mon 10:03', 'email-2 Wed 09:00', 'final-5 Mon 09:00', 'nurture-7 Wed 09:00']
        """
        self._refuse_strangers(assessment)
        return street.planned(
            self.compiled,
            assessment.view,
            arrival=arrival,
            rep=rep,
            territory=territory,
            holidays=holidays,
            elsewhere=elsewhere,
            done=done,
            events=events,
        )

    def team(self, roster: Roster | Team) -> Team:
        """The roster made ready for `route`; worth keeping while neither the policy nor the roster changes. A team stays as it is.

        >>> Engine(Policy()).team(Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR")))).by_id.keys()
        dict_keys(['maya', 'noor'])
        """
        return territories.team(self.compiled.routing, roster)

    def route(
        self,
        assessment: Assessment,
        roster: Roster | Team,
        rotation: Rotation,
        *,
        entries: Iterable[Entry] = (),
        open_leads: Mapping[str, int] | None = None,
        attempt: int = 1,
    ) -> Route:
        """Who takes an assessed lead, as of the instant of the assessment, with the new rotation; see `routing.route` (RT-4, RO-1).

        `entries` are those of the lead in the log that the caller keeps, `attempt` counts the re-routes.

        >>> from datetime import UTC
        >>> from inbound_engine.facts import Activity
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> asked = Activity(id="a", kind="demo_request", at=at)
        >>> engine = Engine(Policy())
        >>> assessment = engine.assess(Lead(id="L-1", title="VP Sales", country="DE", activities=(asked,)), at=at)
        >>> team = Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR")))
        >>> engine.route(assessment, team, Rotation()).outcome
        Assigned(rep='noor', step='pool', over_cap=False, instead_of=None)
        """
        return routing.route(
            self.compiled.routing, self._view(assessment), roster, rotation, entries=entries, open_leads=open_leads, attempt=attempt
        )

    def route_each(
        self,
        assessments: Iterable[Assessment],
        roster: Roster | Team,
        rotation: Rotation,
        *,
        entries: Mapping[str, Sequence[Entry]] | None = None,
        open_leads: Mapping[str, int] | None = None,
        attempts: Mapping[str, int] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> batches.Batch:
        """Who takes each of many assessed leads, in order of arrival, then id, and how fairly; see `batches.route_each` (RO-18)."""
        given: object = assessments
        if isinstance(given, Assessment | str | bytes | Mapping) or not isinstance(given, Iterable):
            raise FactError("assessments", shown(given), "a list of assessments", "Pass [assessment] for one.")
        return batches.route_each(
            self.compiled.routing,
            [self._view(assessment) for assessment in assessments],
            roster,
            rotation,
            entries=entries,
            open_leads=open_leads,
            attempts=attempts,
            progress=progress,
        )

    def simulate(self, leads: Iterable[Lead], roster: Roster | Team, *, over: Span, rotation: Rotation | None = None) -> Replay:
        """What would become of leads that arrive within `over`, by this policy's routing, hours and minutes, with that roster (CQ-6).

        Each lead is assessed as of its arrival, when it was created, and again whenever somebody is sought for it; those that go to
        marketing are not played. What a lead takes, and within what time it is to be answered, says the section `capacity`. See
        `replays.simulate`. A lead without `created_at`, and arguments of another kind, are a `FactError`.

        >>> from inbound_engine.facts import Activity
        >>> monday = Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-03T00:00Z"))
        >>> came = [monday.since.replace(hour=hour) for hour in (8, 9, 9)]
        >>> asked = [(Activity(id="asked", kind="demo_request", at=at),) for at in came]
        >>> about = {"lead_type": "demo_request", "title": "VP Sales", "country": "DE"}
        >>> leads = [Lead(id=f"L-{n}", created_at=at, activities=asked[n], **about) for n, at in enumerate(came)]
        >>> team = Roster(reps=(Rep(id="noor", role="SDR", zone="Europe/Berlin", calendar="business_hours"),))
        >>> print(Engine(Policy()).simulate(leads, team, over=monday))
        3 leads, 3 begun, 0 unworked; 1 of 3 missed 5 minutes (33.3 %).
        """
        rules, team = self.compiled, self.team(roster)
        stretch: object = over
        if not isinstance(stretch, Span):
            raise FactError("over", shown(stretch), "a Span", "Write Span(since, until).")
        came = tuple(_each_lead(leads))
        arrivals = [self._arrival(lead) for lead in came if lead.created_at is None or lead.created_at in over]
        known = {lead.id: lead for lead in came}

        def view_of(lead_id: str, at: datetime) -> View:
            return self.assess(known[lead_id], at=at).view

        assign = batches.assigning(rules.routing, view_of, team, Rotation() if rotation is None else rotation)
        return capacity.replay(rules.capacity, arrivals, capacity.seats(rules.hours, team.roster.reps), over=over, assign=assign)

    def _arrival(self, lead: Lead) -> Arrival:
        """A lead as a replay takes it: handed off where it is sales' as of its arrival, and its lane is to a rep."""
        if lead.created_at is None:
            raise FactError(f"leads[{lead.id}].created_at", "nothing", "the instant at which the lead arrived")
        found = self.assess(lead, at=lead.created_at)
        lane = territories.lane_of(self.compiled.routing, found.view)
        handed_off = found.qualification.handed_off and lane is not None and lane.to == "rep"
        return Arrival(id=lead.id, at=lead.created_at, lead_type=lead.lead_type, handed_off=handed_off)

    def start(self, id: str, *, at: datetime, machine: str = "lead", stage: str | None = None) -> Record:  # noqa: A002 - what records are called by
        """The record of something that begins here: at the start of the machine, or in the stage where it is known to stand.

        >>> from datetime import UTC
        >>> Engine(Policy()).start("L-1", at=datetime(2026, 3, 2, 9, tzinfo=UTC)).stage
        'SUBSCRIBER'
        """
        return lifecycle.start(self.compiled.lifecycle.machine(machine), id, at=at, stage=stage, policy=self.compiled.fingerprint)

    def choose(self, assessment: Assessment, *, about: str = "lead") -> Decision[CompiledMachine | None]:
        """The machine for an assessed lead: the first about that thing whose condition holds; see `lifecycle.choose`.

        >>> from datetime import UTC
        >>> engine = Engine(Policy())
        >>> seen = engine.assess(Lead(id="L-1"), at=datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> engine.choose(seen).value.id, engine.choose(seen, about="house").value
        ('lead', None)
        """
        self._refuse_strangers(assessment)
        return lifecycle.choose(self.compiled.lifecycle, assessment.view, about)

    def scored(
        self,
        assessment: Assessment,
        *,
        id: str | None = None,  # noqa: A002 - what an event calls it
        actor: str | None = None,
        sequence: int = 1,
    ) -> Happened:
        """What an assessment is to a lifecycle: the event that the lead was scored, as of the instant of the assessment (LC-2).

        It says the tier, and whether an MQL was handed off, by which acceptance is counted (TI-4). A score follows from what
        happened: at one instant its `sequence` puts it after what carries none.

        >>> from datetime import UTC
        >>> engine = Engine(Policy())
        >>> engine.scored(engine.assess(Lead(id="L-1"), at=datetime(2026, 3, 2, 9, tzinfo=UTC))).data
        (('handed_off', 'false'), ('tier', 'NURTURE'))
        """
        self._refuse_strangers(assessment)
        return assessments.scored(assessment, id=id, actor=actor, sequence=sequence)

    def advance(
        self, record: Record, event: Happened, assessment: Assessment | None = None, *, at: datetime
    ) -> Decision[Advanced | Moveless]:
        """The record after an event, or why the event was not applied and what would be; see `lifecycle.advance` (LC-4, LC-11).

        Guards see the facts of the assessment; without one they are unknown. The record keeps the fingerprint of this policy. An
        assessment of another lead than the record of a lead or of its journey is of is a `FactError`, and so is one after `at`.

        >>> from datetime import UTC
        >>> engine, at = Engine(Policy()), datetime(2026, 3, 2, 9, tzinfo=UTC)
        >>> record = engine.start("L-1", at=at)
        >>> refused = engine.advance(record, Happened(id="e-1", at=at, event="won"), at=at).value
        >>> refused.code, [way.event for way in refused.would][:2]
        ('not_from_here', ['captured', 'validated'])
        """
        machine = self._machine(record)
        if assessment is not None:
            self._refuse_strangers(assessment)
            _refuse_others(machine, record, assessment)
        view = None if assessment is None else assessment.view
        return lifecycle.advance(machine, record, event, view, at=at, policy=self.compiled.fingerprint)

    def drift(self, record: Record, assessment: Assessment) -> Decision[Drift]:
        """Whether the lead still meets the entry criteria of its stage after a re-score, and what the policy does if not (LC-4).

        An assessment of another lead is a `FactError`, as in `advance`.
        """
        machine = self._machine(record)
        self._refuse_strangers(assessment)
        _refuse_others(machine, record, assessment)
        return lifecycle.drift(machine, record, assessment.view)

    def _machine(self, record: Record) -> CompiledMachine:
        if not isinstance(record, Record):
            raise FactError("record", shown(record), "a record", "`start` makes one, and `history.restored` reads one.")
        return self.compiled.lifecycle.machine(record.machine)

    def deliver(self, assessment: Assessment) -> Decision[Package | Undelivered]:
        """The package that goes over to sales, with what is missing of it, or why nothing goes over; see `handoff.deliver` (SL-1)."""
        self._refuse_strangers(assessment)
        return handoff.deliver(self.compiled.handoff, assessment.view, at=assessment.at)

    def coming_back(
        self,
        records: Iterable[Record],
        assessments: Mapping[str, Assessment] | None = None,
        *,
        at: datetime,
        since: datetime | None = None,
    ) -> tuple[Due, ...]:
        """Who comes back by `at`, when and why; see `recycling.due` (LC-6 to LC-9).

        `assessments` by the id of their record are what rules see of the leads; a record without one is seen by its history alone.
        An activity that was known after its assessment falls between two runs, unless the lead is assessed as of `at`.
        """
        known = {} if assessments is None else assessments
        if not isinstance(known, Mapping):
            raise FactError("assessments", shown(known), "a table of assessments by the ids of records", "Pass {record.id: assessment}.")
        for assessment in known.values():
            self._refuse_strangers(assessment)

        def view_of(record: Record) -> View | None:
            return known[record.id].view if record.id in known else None

        return recycling.due(self.compiled.recycling, records, view_of=view_of, at=at, since=since)

    def decide(
        self,
        lead: Lead,
        *,
        roster: Roster | Team | None = None,
        rotation: Rotation | None = None,
        at: datetime,
        record: Record | None = None,
        open_leads: Mapping[str, int] | None = None,
    ) -> Verdict:
        """Everything about a lead that came in, as of `at`: scores, tier, lifecycle, who takes it, by when, which touches follow.

        Each part is what its own room says when it is asked alone. The verdict has the new rotation and the case that begins, both to be
        kept; what is to be done now are its `actions`. Without a roster nobody is asked, and the first action says so. `record` is the
        history of a lead that has one.

        A roster without a rotation is a `FactError`: whoever forgot it would give every lead to the same rep.

        >>> from datetime import UTC
        >>> from inbound_engine.facts import Activity
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> asked = Activity(id="a", kind="demo_request", at=at)
        >>> lead = Lead(id="L-1", title="VP Sales", country="DE", activities=(asked,))
        >>> team = Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR")))
        >>> verdict = Engine(Policy()).decide(lead, roster=team, rotation=Rotation(), at=at)
        >>> verdict.tier, verdict.rep, str(verdict.sla.clock.target), [action.kind for action in verdict.actions]
        ('T2', 'noor', '0:05:00', ['hand_over', 'send', 'send'])
        """
        team = None if roster is None else self.team(roster)
        return verdicts.decide(self.compiled, lead, team, rotation, at=at, record=record, open_leads=open_leads)

    def step(self, case: Case, report: Report, *, at: datetime) -> Progress:
        """The case after what was reported of it, up to `at`, and what follows; see `following.step`.

        >>> from datetime import UTC
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> from inbound_engine.facts import Activity
        >>> engine, team = Engine(Policy()), Roster(reps=(Rep(id="noor", role="SDR"),))
        >>> lead = Lead(id="L-1", title="VP Sales", country="DE", activities=())
        >>> case = engine.decide(lead, roster=team, rotation=Rotation(), at=at).case
        >>> progress = engine.step(case, Activity(id="a", kind="demo_request", at=at), at=at)
        >>> progress.case, [action.does for action in progress.actions]
        (Case('L-1', T2, stage='MQL', rep=None, at=2026-03-02T09:03:00Z), [SeekRep(attempt=1, why='qualified')])
        """
        return following.step(self.compiled, case, report, at=at)

    def due(self, case: Case, *, at: datetime) -> Progress:
        """What is to be done now that time has passed up to `at`, and when to ask again; see `following.due`.

        >>> from datetime import UTC, timedelta
        >>> from inbound_engine.facts import Activity
        >>> at = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        >>> engine = Engine(Policy())
        >>> asked = Activity(id="a", kind="demo_request", at=at)
        >>> lead = Lead(id="L-1", title="VP Sales", country="DE", activities=(asked,))
        >>> team = Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR")))
        >>> case = engine.decide(lead, roster=team, rotation=Rotation(), at=at).case
        >>> late = engine.due(case, at=at + timedelta(minutes=6))
        >>> [(action.kind, str(action.at)) for action in late.actions], str(late.ask_again_at)
        ([('escalate', '2026-03-02 09:08:00+00:00')], '2026-03-02 09:18:00+00:00')
        """
        return following.due(self.compiled, case, at=at)

    def assign(
        self,
        case: Case,
        roster: Roster | Team,
        rotation: Rotation,
        *,
        at: datetime,
        open_leads: Mapping[str, int] | None = None,
    ) -> Progress:
        """Finds somebody for the lead of a case: what a host does on the action `seek_rep`; see `following.assign` (RT-7).

        The `rotation` of the progress is to be kept together with the case; where nobody is sought any more there is none. Among the
        actions is what has come by itself until then, as `due` gives it.
        """
        return following.assign(self.compiled, case, self.team(roster), rotation, at=at, open_leads=open_leads)

    def resume(self, journal: Iterable[Mapping[str, Any]], *, others: Iterable["Engine"] = ()) -> Case:
        """The case that a journal tells: the `rows` of its verdict and of every progress since, in order; see `following.resume`.

        `others` are the engines of earlier policies, for rows that were made by them; a row by a policy that nobody brings is a
        `FactError`.
        """
        given: object = others
        earlier = [*others] if isinstance(given, Iterable) else [None]
        if not all(isinstance(engine, Engine) for engine in earlier):
            raise FactError("others", shown(given), "engines", "Pass a list of them, one for each earlier policy.")
        engines: dict[str, Compiled] = {engine.compiled.fingerprint: engine.compiled for engine in (*earlier, self) if engine is not None}

        def policy_of(fingerprint: str) -> Compiled:
            if fingerprint not in engines:
                expected = one_of(name[:12] for name in engines)
                raise FactError("journal.policy", shown(fingerprint[:12]), expected, "Pass the engine of that policy as others=.")
            return engines[fingerprint]

        return following.resume(policy_of, journal)

    def explain(self, case: Case) -> str:
        """A case as it stands, in one paragraph for a salesperson, without facts of the person; see `briefs.explain`.

        >>> from datetime import UTC
        >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        >>> engine = Engine(Policy())
        >>> engine.explain(engine.decide(Lead(id="L-1"), at=at).case)[:26]
        'L-1 is a lead for later. A'
        """
        known(case)
        zone = None if case.holding.rep is None else case.holding.rep.zone
        return briefs.explain(
            self.compiled.texts,
            case.assessment,
            status=case.status(),
            plan=case.touches.plan,
            zone=zone,
            outcome=case.outcome,
            attempt=case.holding.attempt,
        )

    def brief(self, case: Case) -> Brief:
        """What whoever has the lead of a case by now reads before they call: also after a re-route (AI-2); see `briefs.brief`.

        >>> from datetime import UTC
        >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        >>> engine = Engine(Policy())
        >>> engine.brief(engine.decide(Lead(id="L-1"), at=at).case).title.text
        'L-1 (L-1). Times are in UTC.'
        """
        known(case)
        zone = None if case.holding.rep is None else case.holding.rep.zone
        return briefs.brief(
            self.compiled.texts,
            case.assessment,
            status=case.status(),
            plan=case.touches.plan,
            zone=zone,
            outcome=case.outcome,
            attempt=case.holding.attempt,
        )

    def credit(
        self,
        opportunities: Iterable[Opportunity],
        touches: Iterable[Activity],
        *,
        contacts: Iterable[Contact] = (),
        leads: Iterable[Lead] = (),
        records: Iterable[Record] = (),
        accounts: Iterable[Account] = (),
        aliases: Mapping[str, str] | None = None,
        models: Iterable[str] | None = None,
        exchange: ExchangeTable | None = None,
        at: datetime | None = None,
    ) -> Iterator[Credit]:
        """What each deal is worth to the touches of those who count for it, under every model that is named or the default one.

        Who is who is told by the addresses of contacts and leads (AT-4), whose touches count by the policy (AD-12), `accounts` and those
        of the leads being asked for their domains; `records` are the histories of leads and deals, for models with stages. Open deals
        need `at` (AD-19), and with it nothing later is known. See
        `people.People`, `journeys.assemble` and `attribution.credit_each`, which this does one after another.

        >>> from datetime import UTC
        >>> from inbound_engine.money import Money
        >>> opened, closed = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
        >>> deal = Opportunity(id="D-1", account_id="acme", amount=Money.of(95_000, "EUR"), opened_at=opened, closed_at=closed, won=True)
        >>> ana = Contact(id="c-1", emails=("ana@acme.example",), account_id="acme")
        >>> ad = Activity(id="t-1", kind="visit", at=datetime(2026, 1, 1, tzinfo=UTC), channel="linkedin", contact_id="c-1")
        >>> [credit] = Engine(Policy()).credit([deal], [ad], contacts=[ana])
        >>> print(*credit.lines)
        EUR 95000.00  t-1 linkedin, first and opportunity and close, 100 %
        """
        rules, leads = self.compiled.attribution, tuple(each_of(leads, Lead, "leads"))
        known = [*each_of(accounts, Account, "accounts"), *(lead.account for lead in leads if lead.account is not None)]
        people = People.of(rules.document.journeys.people, contacts, leads, aliases=aliases, accounts=known)
        assembled = journeys.assemble(rules.journeys, people, opportunities, touches, records=records, at=at)
        return attribution.credit_each(rules, assembled, models, exchange=exchange)

    def _view(self, assessment: Assessment) -> View:
        """What later rules see of an assessed lead, which this engine has assessed."""
        self._refuse_strangers(assessment)
        return assessment.view

    def _refuse_strangers(self, assessment: Assessment) -> None:
        """Refuses an assessment by another policy, whose facts were read by other rules, and what is none."""
        if not isinstance(assessment, Assessment):
            raise FactError("assessment", shown(assessment), "an assessment", "Assess the lead with this engine first.")
        if assessment.policy.fingerprint != self.compiled.fingerprint:
            saw, hint = f"an assessment by policy {assessment.policy.fingerprint[:12]}", "Assess the lead with this engine first."
            raise FactError("assessment.policy", saw, f"one by this engine's, {self.compiled.fingerprint[:12]}", hint)

    def read(self, record: Row) -> Lead:
        """The lead that a plain mapping says, read by this policy's facts; see `intake.lead`."""
        return intake.lead(record, self.compiled.words)

    def read_report(self, record: Row) -> Report:
        """What was reported of a case, from the plain data that `reported.to_dict` wrote, or another system in that form.

        >>> told = {"kind": "exit", "body": {"id": "e-1", "at": "2026-03-02T09:00:00Z", "kind": "reply"}}
        >>> Engine(Policy()).read_report(told).kind
        'reply'
        """
        return reported.restored(record, self.compiled.words)

    def read_each(
        self, records: Iterable[Row], *, columns: Mapping[str, str] | None = None, progress: Callable[[int], None] | None = None
    ) -> Batch:
        """The leads of many records, and the records that were refused, each with its reason; see `intake.leads`."""
        return intake.leads(records, self.compiled.words, columns=columns, progress=progress)


def _each_lead(leads: object) -> Iterator[Lead]:
    if isinstance(leads, Lead | str | bytes | Mapping) or not isinstance(leads, Iterable):
        raise FactError("leads", shown(leads), "a list of leads", "Pass [lead] for one, or .values() of a table.")
    for number, lead in enumerate(leads):
        if not isinstance(lead, Lead):
            hint = "Take .lead of an assessment." if isinstance(lead, Assessment) else "`Engine.read` reads one from plain data."
            raise FactError(f"leads[{number}]", shown(lead), "a Lead", hint)
        yield lead


_OF_ONE_LEAD = frozenset({"lead", "journey"})
"""What a machine may be about so that its records go by the ids of leads; a deal or a customer has an id of its own."""


def _refuse_others(machine: CompiledMachine, record: Record, assessment: Assessment) -> None:
    """Refuses the assessment of another lead than the record is of."""
    if machine.document.about in _OF_ONE_LEAD and assessment.lead.id != record.id:
        hint = "Assess the lead that the record is of."
        raise FactError("assessment.lead.id", shown(assessment.lead.id), f"{record.id!r}, the id of the record", hint)


# -------------------------------------------------------------------------------------------------------------- examples


@frozen
class ExampleResult:
    """What became of an example: its id, and everything that is not as it expects."""

    id: str
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences


def check(policy: Policy) -> tuple[ExampleResult, ...]:
    """Runs the examples that a policy carries; a lead that cannot be read is a difference too.

    >>> example = {"id": "bare", "lead": {"id": "L-1"}, "at": "2026-03-02T09:00:00Z", "expect": {"tier": "T1"}}
    >>> result, = check(Policy.model_validate({"examples": [example]}))
    >>> result.differences
    (Difference(path='tier', stored='T1', now='NURTURE'),)
    """
    engine = Engine(policy)
    return tuple(ExampleResult(example.id, tuple(_unexpected(engine, example))) for example in policy.examples)


def _unexpected(engine: Engine, example: Example) -> Iterator[Difference]:
    record: dict[str, Any] = example.model_dump(mode="json")["lead"]
    try:
        found = engine.assess(engine.read(record), at=example.at)
    except FactError as error:
        yield Difference("lead", "a lead that can be read", str(error))
        return
    said: dict[str, object] = {
        "tier": found.tier,
        "reason": found.reason,
        "mql": found.mql,
        "clause": found.clause,
        "handed_off": found.qualification.handed_off,
    }
    for name, value in said.items():
        expected = getattr(example.expect, name)
        if expected is not None and expected != value:
            yield Difference(name, plain(expected), plain(value))
    for row in example.expect.scores:
        if found.scores.points(row.score) != row.points:
            yield Difference(f"scores[{row.score}]", plain(row.points), plain(found.scores.points(row.score)))


# ---------------------------------------------------------------------------------------------------------- verification


def verify(record: object, policies: PolicySet | Policy, *, lead: Lead | None = None) -> Verification:
    """Runs a stored assessment again, and says the same, or what differs.

    Of a set, the policy is the one whose fingerprint the record carries; without it, the one in force at the record's instant,
    and then the fingerprint differs. The facts are the record's own; a redacted record, which has not all of them, wants the lead.

    >>> from datetime import UTC
    >>> engine = Engine(Policy())
    >>> stored = engine.assess(Lead(id="L-1", country="DE"), at=datetime(2026, 3, 2, tzinfo=UTC)).to_dict()
    >>> verify(stored, engine.policy).same
    True
    """
    if not isinstance(record, Mapping) or record.get("kind") != "assessment" or not isinstance(record.get("at"), str):
        raise FactError("record", shown(record), "an assessment as to_dict gives it")
    at = parse_instant(record["at"], "record.at")
    if isinstance(policies, PolicySet):
        stored = record.get("policy")
        policies = policies.of_fingerprint(stored.get("fingerprint", "") if isinstance(stored, Mapping) else "") or policies.at(at)
    engine = Engine(policies)
    redacted = bool(record.get("redacted"))
    if lead is None and redacted:
        raise FactError("lead", "nothing", "the lead of a redacted record", "Pass lead=.")
    subject = lead if lead is not None else intake.restored(record.get("facts", {}), engine.compiled.words)
    now: dict[str, Plain] = engine.assess(subject, at=at).to_dict(redact=redacted)
    return assessments.compared(record, now)
