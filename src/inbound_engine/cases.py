"""What is a case?

A case is everything that was decided of one lead and is still open, as a value: its facts and scores, its record, who has it, its
clocks, its plan of touches. A progress is a case after something that happened, with what the host is to do about it. How a case gets
from one to the next says `following`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs
from attrs import field, frozen

from inbound_engine import assessments, lifecycle, scoring, sla, street, timelines
from inbound_engine.actions import Action, Why
from inbound_engine.assessments import Assessment
from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Activity, Lead, Opportunity, Outreach, Rep, carrying
from inbound_engine.history import Record
from inbound_engine.plans import Plan
from inbound_engine.policy import Compiled
from inbound_engine.reported import Report
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.routing import Assigned, NotRouted, Outcome, Route, Unassigned
from inbound_engine.sla import Clock, Event, Status
from inbound_engine.timelines import Runs, Timeline
from inbound_engine.vocabulary import View

__all__ = ["Case", "Clocks", "Holding", "Index", "Progress", "Row", "Touches", "assessed", "indexed", "key_of", "known", "noted", "view_of"]

Row: TypeAlias = dict[str, Plain]
"""A line of the journal of a case."""


# --------------------------------------------------------------------------------------------------------------- values


@frozen(eq=False)
class Index:
    """What the lead did, as the questions of a policy count it: those of scoring, those after it, those of decaying matrices."""

    scoring: Timeline
    later: Timeline
    decays: tuple[Timeline, ...]


@frozen(kw_only=True)
class Holding:
    """Who has the lead, and whether somebody is sought for it.

    `attempt` is the attempt at routing that stands or is sought; `entries` are those of this enquiry, which name who had it (RO-15).
    `sought` says why somebody is sought, `since` from when on, `retry_at` when to ask again where nobody could take it. `kept` is
    true where the policy keeps it from people (RT-4), `notified` who was told of it besides, and as what.
    """

    attempt: int = 1
    entries: tuple[Entry, ...] = ()
    rep: Rep | None = None
    territory: str | None = None
    sought: Why | None = None
    since: datetime | None = None
    retry_at: datetime | None = None
    kept: bool = False
    notified: frozenset[tuple[str, str]] = frozenset()


@frozen(kw_only=True)
class Clocks:
    """The clocks that were opened, what was told of them, how they stood when they were last read, and which steps were given.

    `closed` are the last words on clocks after which another was opened about the same: nothing moves them any more. `heard` are all
    touches by their instants, and those that people made: a clock that is opened late may have been answered already.
    """

    opened: tuple[Clock, ...] = ()
    told: tuple[Event, ...] = ()
    statuses: tuple[Status, ...] = ()
    closed: tuple[Status, ...] = ()
    fired: frozenset[str] = frozenset()
    retracted: frozenset[str] = frozenset()
    heard: tuple[Runs[Outreach], Runs[Outreach]] = field(default=((), ()), repr=False)
    stale: bool = False


@frozen(kw_only=True)
class Touches:
    """The plan, and the keys of the touches that were given.

    `sent` are those of them that nobody has reported as made yet: the host has them, and they hold up no other. `stopped` is whether
    something ended all touches of this enquiry. `elsewhere` are touches outside the plan, which count for caps.
    """

    plan: Plan | None = None
    given: frozenset[str] = frozenset()
    sent: tuple[Outreach, ...] = ()
    stopped: bool = False
    elsewhere: tuple[Outreach, ...] = ()
    next_at: datetime | None = None


@frozen(kw_only=True, repr=False)
class Case:
    """One lead, as it stands: what is known of it, what was decided, and what is still open.

    `at` is up to when it was followed, `opened_at` when it began, `engaged_at` when the enquiry began that goes on now. `over` is
    whether that enquiry has ended. `foreseen` are the keys of activities that came with the lead and lie ahead: they are taken when
    they are told then. `returned_until` is up to when the dates of the hold were listed, `return_at` the next of them.
    """

    lead: Lead
    opened_at: datetime
    at: datetime
    engaged_at: datetime
    policy: str
    assessment: Assessment
    record: Record
    holding: Holding = field(factory=Holding)
    clocks: Clocks = field(factory=Clocks)
    touches: Touches = field(factory=Touches)
    over: bool = False
    returned_until: datetime
    return_at: datetime | None = None
    length: int = 0
    foreseen: frozenset[str] = frozenset()
    reports: Runs[Report] = field(repr=False)
    index: Index | None = field(eq=False, repr=False)

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], "Case"], tuple[dict[str, Any]]]:
        """Pickles without what is counted of its activities, which is counted anew."""
        return _unpickled, ({item.name: getattr(self, item.name) for item in attrs.fields(Case) if item.name != "index"},)

    @property
    def id(self) -> str:
        """The id of the lead."""
        return self.lead.id

    @property
    def stage(self) -> str:
        """Where its record stands."""
        return self.record.stage

    @property
    def rep(self) -> str | None:
        """Who has it, or None."""
        return None if self.holding.rep is None else self.holding.rep.id

    @property
    def outcome(self) -> Outcome | None:
        """What routing said last that still holds: who has it, that nobody could take it, or that no person is to; None for neither.

        Why the others did not get it is not kept. The step of a route that was made elsewhere is empty.
        """
        holding = self.holding
        if holding.kept:
            return NotRouted(next((entry.lane for entry in reversed(holding.entries) if entry.lane is not None), ""))
        for entry in reversed(holding.entries):
            if entry.rep is not None and entry.rep == self.rep:
                return Assigned(entry.rep, entry.step or "", entry.over_cap, entry.instead_of)
        return Unassigned((), holding.retry_at) if holding.sought is not None and holding.entries else None

    @property
    def waits(self) -> str | None:
        """Why nobody has it, in one sentence; None where somebody has it (RT-5)."""
        holding = self.holding
        if holding.rep is not None:
            return None
        if holding.sought is not None:
            again = "" if holding.retry_at is None else f"; nobody could take it, to be asked again at {plain(holding.retry_at)}"
            return f"Somebody is sought since {plain(holding.since)}, since it {_SOUGHT[holding.sought]}{again}."
        if self.over:
            return f"The enquiry is over: it stands in {self.stage}."
        return f"No person is to have it: it is {self.assessment.tier}{', and stays with marketing' if holding.kept else ''}."

    @property
    def ask_again_at(self) -> datetime | None:
        """The next instant at which something comes by itself; None if nothing will."""
        ahead = (sla.next_due(self.clocks.statuses), self.holding.retry_at, self.touches.next_at, self.return_at)
        return min((when for when in ahead if when is not None), default=None)

    def status(self, table: str = street.FIRST_RESPONSE) -> Status | None:
        """How the latest clock of the lead about that stands, as it was last read; None where there is none."""
        return next((one for one in reversed(self.clocks.statuses) if one.clock.table == table and one.clock.kind == "lead"), None)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """How it stands, as plain data for tools to show; a case is kept by its journal, not by this."""
        plan = self.touches.plan
        return {
            "kind": "case",
            "lead": self.id,
            "at": plain(self.at),
            "opened_at": plain(self.opened_at),
            "policy": self.policy,
            "tier": self.assessment.tier,
            "stage": self.stage,
            "rep": self.rep,
            "waits": self.waits,
            "clocks": [status.to_dict() for status in self.clocks.statuses],
            "plan": None if plan is None else plan.to_dict(redact=redact),
            "reports": self.length,
        }

    def __repr__(self) -> str:
        """One line, without facts of persons."""
        return f"Case({self.id!r}, {self.assessment.tier}, stage={self.stage!r}, rep={self.rep!r}, at={plain(self.at)})"


_SOUGHT: Mapping[Why, str] = {
    "arrived": "came in",
    "qualified": "became the business of sales",
    "no_answer": "was not answered in time",
    "released": "was given back",
    "nobody_then": "had nobody before",
}


@frozen(kw_only=True, repr=False)
class Progress:
    """A case after something, and what follows from that.

    `actions` come in the order in which they came about. `refused` are the events of the lifecycle that were not applied, each with
    its reason and with what would work; `ahead` is whether the report lay after the instant that was asked about, and was not taken.
    `repeated` is whether it had been told before. `route` is what routing said, with the new rotation, where it was asked.
    `rows` are to be appended to the journal, in one transaction with the case.
    """

    case: Case
    actions: tuple[Action, ...] = ()
    refused: tuple[lifecycle.Refused, ...] = ()
    repeated: bool = False
    ahead: bool = False
    rows: tuple[Row, ...] = ()
    route: Route | None = None

    @property
    def ask_again_at(self) -> datetime | None:
        """The next instant at which something comes by itself; None if nothing will."""
        return self.case.ask_again_at

    @property
    def rotation(self) -> Rotation | None:
        """The rotation that counts from now on; None where routing was not asked."""
        return None if self.route is None else self.route.rotation

    def __repr__(self) -> str:
        """One line."""
        return f"Progress({self.case!r}, actions={[action.kind for action in self.actions]})"


# ------------------------------------------------------------------------------------------------------------ functions


def _unpickled(told: dict[str, Any]) -> Case:
    assessment, activities = told["assessment"], told["lead"].activities
    return Case(**told, index=None if activities is None else indexed(assessment.policy, activities))


def known(case: Case) -> Case:
    """The case, if it is one; else a `FactError` that says where cases come from."""
    given: object = case
    if not isinstance(given, Case):
        hint = "Take .case of it." if isinstance(given, Progress) else "`Engine.decide` opens one, and `Engine.resume` reads one."
        raise FactError("case", shown(given), "a Case", hint)
    return case


def key_of(report: Report) -> str:
    """What a report counts once by: its kind and its id, and of a deal whether it is still open."""
    closed = "/closed" if isinstance(report, Opportunity) and report.closed_at is not None else ""
    return f"{type(report).__name__}:{report.id}{closed}"


def indexed(policy: Compiled, activities: Iterable[Activity]) -> Index:
    """The index of those activities, for what this policy asks."""
    known = tuple(activities)
    asking = [matrix.decays for _, several in policy.scoring.scores for matrix in several if matrix.decays is not None]
    return Index(
        timelines.timeline(policy.scoring.signals, known),
        timelines.timeline(policy.later, known),
        tuple(timelines.timeline(signals, known, first=True) for signals in asking),
    )


def noted(index: Index, activity: Activity) -> Index:
    """The index with one more activity."""
    return Index(
        timelines.noted(index.scoring, activity),
        timelines.noted(index.later, activity),
        tuple(timelines.noted(decay, activity) for decay in index.decays),
    )


def assessed(policy: Compiled, lead: Lead, index: Index | None, at: datetime) -> tuple[Assessment, View]:
    """The assessment of the lead as of `at`, and what rules after scoring see: as `Engine.assess` says it, the activities unread."""
    bare, at = scoring.ready(policy.scoring, carrying(lead, None), at)
    if index is None:
        assessment = assessments.assess(policy, bare, at=at)
        return assessment, assessment.view

    def viewed(lead: Lead, at: datetime) -> View:
        view = View(lead, at, *timelines.counted(index.scoring, at))
        view.decays = {decay.signals: decay for decay in index.decays}
        return view

    assessment = assessments.assess(policy, carrying(bare, lead.activities), at=at, viewed=viewed)
    return assessment, view_of(assessment, index)


def view_of(assessment: Assessment, index: Index | None) -> View:
    """The assessed lead as later rules see it, by what is counted already."""
    return assessment.seeing(None if index is None else timelines.counted(index.later, assessment.at))
