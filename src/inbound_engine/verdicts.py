"""What does the whole street say of a lead that comes in?

A verdict is everything that is decided of a lead at its arrival: the assessment, the stage that it enters, who takes it, by when it is
owed an answer, which touches follow, and what is to be done now. Each part is the one that its own room gives, decided once; the
verdict only holds them together, with the case that begins.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import field, frozen

from inbound_engine import briefs, following, handoff, history, reported, routing, sequences
from inbound_engine.actions import Action, HandOver
from inbound_engine.assessments import Assessment
from inbound_engine.briefs import Brief
from inbound_engine.cases import Case, Row
from inbound_engine.decisions import Code, Plain, Reason, Seen, html_table, plain, sentence
from inbound_engine.errors import FactError, of_type
from inbound_engine.facts import Lead
from inbound_engine.handoff import Package
from inbound_engine.handoff import Refused as Undelivered
from inbound_engine.history import Entry, Record
from inbound_engine.plans import Plan
from inbound_engine.policy import Compiled
from inbound_engine.rotation import Rotation
from inbound_engine.routing import Outcome, Route
from inbound_engine.sla import Status
from inbound_engine.territories import Team
from inbound_engine.vocabulary import View

__all__ = ["Verdict", "decide"]


@frozen(kw_only=True, repr=False)
class Verdict:
    """What becomes of a lead: every part of the street, and the case that begins.

    `case`, `rotation` and `rows` are the caller's to keep, together. `route` is None where no roster was given. `refused` are the
    events of the arrival that the lifecycle did not take.
    """

    case: Case
    actions: tuple[Action, ...]
    route: Route | None
    rows: tuple[Row, ...]
    _before: int = field(default=0, alias="before")

    @property
    def assessment(self) -> Assessment:
        """Scores, tier and qualification, with their reasons."""
        return self.case.assessment

    @property
    def tier(self) -> str:
        """The tier that it earned."""
        return self.case.assessment.tier

    @property
    def record(self) -> Record:
        """Its history, with what the arrival added."""
        return self.case.record

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the history that follow from the arrival; of a lead without one all of them."""
        return self.case.record.entries[self._before :]

    @property
    def assignment(self) -> Outcome | None:
        """Who has it, that nobody may take it and why, or that no person is to; None where nobody was asked."""
        return None if self.route is None else self.route.outcome

    @property
    def rep(self) -> str | None:
        """Who has it, or None."""
        return self.case.rep

    @property
    def rotation(self) -> Rotation | None:
        """The rotation that counts from now on; None where no roster was given."""
        return None if self.route is None else self.route.rotation

    @property
    def ask_again_at(self) -> datetime | None:
        """The next instant at which something comes by itself; None if nothing will."""
        return self.case.ask_again_at

    @property
    def sla(self) -> Status | None:
        """How the clock of the first response stands, with its deadline and its ladder; None where nothing is promised."""
        return self.case.status()

    @property
    def cadence(self) -> Plan | None:
        """The touches that follow; None where no sequence is for the lead."""
        return self.case.touches.plan

    @property
    def package(self) -> Package | Undelivered | None:
        """What went over to sales; None where nobody has it."""
        return next((action.does.package for action in self.actions if isinstance(action.does, HandOver)), None)

    @property
    def because(self) -> tuple[Reason, ...]:
        """Every reason of every part, in the order of the street: scores, tier, moves, route, package, clock, sequence."""
        return tuple(self._reasons())

    def _reasons(self) -> Iterator[Reason]:
        policy, assessment = self.assessment.policy, self.assessment
        yield from assessment.because
        path = policy.lifecycle.machine(self.record.machine).path
        for entry in self.entries:
            if entry.event and not entry.inferred:
                saw = (Seen("event", entry.event), Seen("from", entry.left), Seen("to", entry.stage))
                yield Reason(Code.MATCHED, f"{path}.moves[{entry.move}]", saw)
        if self.route is not None:
            yield from self.route.because
        if self.package is not None:
            yield from handoff.deliver(policy.handoff, assessment.view, at=assessment.at).because
        if self.sla is not None:
            yield from self.sla.because
        yield from sequences.choose(policy.cadence, assessment.view).because

    def explain(self) -> str:
        """One paragraph for a salesperson: what the lead is worth and why, who has it, by when, what follows; nothing personal.

        The words are those of the policy's section `texts`; see `briefs.explain`.
        """
        texts = self.assessment.policy.texts
        return briefs.explain(texts, self.assessment, route=self.route, status=self.sla, plan=self.cadence)

    def brief(self) -> Brief:
        """What a rep reads before the first call: why this lead, what they did, what they said, what to say first (AI-2).

        As data and, with its `text()`, as text; what is known of the person stands in it, since it is for the rep.
        """
        texts = self.assessment.policy.texts
        return briefs.brief(texts, self.assessment, route=self.route, status=self.sla, plan=self.cadence)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The verdict as plain data, JSON-able; with `redact`, what is known of the person is left out."""
        return {
            "format": 1,
            "kind": "verdict",
            "lead": self.case.id,
            "at": plain(self.case.at),
            "assessment": self.assessment.to_dict(redact=redact),
            "record": history.to_dict(self.record, redact=redact),
            "route": None if self.route is None else self.route.to_dict(redact=redact),
            "sla": None if self.sla is None else self.sla.to_dict(),
            "cadence": None if self.cadence is None else self.cadence.to_dict(redact=redact),
            "actions": [action.to_dict(redact=redact) for action in self.actions],
        }

    def __repr__(self) -> str:
        """One line, without facts of persons."""
        return f"Verdict({self.case.id!r}: {self.tier}, {self.case.stage}, {self.rep or 'nobody'}, {len(self.actions)} actions)"

    def _repr_html_(self) -> str:
        """The reasons as a table, for notebooks."""
        rows = ((reason.code.value, reason.rule, sentence(reason)) for reason in self.because)
        return html_table(f"{self.case.id}: {self.tier}, {self.rep or 'nobody'}", ("code", "rule", "in words"), rows)


def decide(
    policy: Compiled,
    lead: Lead,
    team: Team | None,
    rotation: Rotation | None,
    *,
    at: datetime,
    record: Record | None = None,
    open_leads: Mapping[str, int] | None = None,
) -> Verdict:
    """Walks the street once: facts, scores, tier, lifecycle, route, clock, touches; see `Engine.decide`."""
    of_type(lead, Lead, "lead", "Read plain mappings with `Engine.read`.")
    if record is not None:
        of_type(record, Record, "record", "`Engine.start` begins one, and `history.restored` reads one.")
    routes: list[Route] = []
    if team is None:
        progress = following.opened(policy, lead, at=at, record=record)
    elif rotation is None:
        hint = "Pass the one that you keep, or Rotation() for the first lead."
        raise FactError("rotation", "nothing", "a rotation beside the roster", hint)
    else:

        def route_of(view: View) -> reported.Routed:
            routes.append(routing.route(policy.routing, view, team, rotation, open_leads=open_leads))
            return reported.routed(routes[0])

        progress = following.opened(policy, lead, at=at, record=record, route=route_of)
    return Verdict(
        case=progress.case,
        actions=progress.actions,
        route=routes[0] if routes else None,
        rows=progress.rows,
        before=0 if record is None else len(record.entries),
    )
