"""What becomes of one lead as time goes by, and what is to be done now?

`step` takes a case through one thing that was reported, `due` through the time that has passed; both give the new case and the
actions that follow. The host keeps the case, carries out the actions, and tells what came of them.

**Once.** A case gives each action once, under a key that is the same for ever. Whoever asks twice gets nothing the second time;
whoever asks late gets everything that came in between, in order, each with the instant at which it came (CL-8). A host that crashed
before it kept the case asks the old one again and gets the same case and the same keys. A report counts once by its id; another
thing under an id that was told is a `FactError`.

**Late.** A report that happened before the instant up to which the case was followed counts from when it happened, where the rooms
say so: a call that was logged late answers its clock (CL-17), an activity counts for the scores, an exit ends the touches after it,
an event of the lifecycle takes its place in the record (`lifecycle.rebuild`, LC-11), and clocks of stages that were not entered then
are forgotten. What came with the lead and lies ahead is taken when it is told then (FD-2). What was given and is not owed any more is told
by a `Retract`; nothing that was given is given again, and whoever got the lead keeps it. Time does not run back: what is asked for an
instant before that of the case is answered as of the case.

**Replay.** `rows` of a progress are what a host appends to the journal of the case; `resume` folds a journal, and the case is equal
to the one that was followed live. Scores, guards and routes are not asked anew by it with other answers: a route is in the journal.

What sets off what is data of the policy (`consequences`). Scores are looked at when something is reported and when a date of the
policy says so, not in between. Touches that a host asks for late are placed anew, since an email of nine in the morning is not due at
night (CA-19).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from inbound_engine import history, intake, reported, routing, timelines
from inbound_engine.cases import Case, Progress, Row, key_of, known
from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Lead, Opportunity, Roster
from inbound_engine.history import Record
from inbound_engine.policy import Compiled
from inbound_engine.reported import Report, Routed
from inbound_engine.rotation import Rotation
from inbound_engine.spans import instant, parse_instant
from inbound_engine.territories import Team
from inbound_engine.turns import Turn
from inbound_engine.vocabulary import View

__all__ = ["assign", "due", "opened", "resume", "step"]

_FORMAT = 1
_SOON = timedelta(microseconds=1)


# ------------------------------------------------------------------------------------------------------------ functions


def opened(
    policy: Compiled,
    lead: Lead,
    *,
    at: datetime,
    record: Record | None = None,
    route: Callable[[View], Routed] | None = None,
) -> Progress:
    """The case of a lead that came in, as of `at`: assessed, placed in its lifecycle, with somebody found or sought for it.

    `record` is its history, where it has one. `route` finds somebody: without it the first action says that somebody is to be found,
    and the clocks run on the hours of the organisation until then.
    """
    turn = Turn(policy)
    turn.arrive(lead, instant(at), record, route)
    found = None if turn.found is None else reported.to_dict(turn.found)
    opening: dict[str, Plain] = {
        "kind": "opened",
        "lead": reported.lead_to_dict(lead),
        "record": None if record is None else history.to_dict(record),
        "routed": found,
    }
    return turn.progress((_row(policy, lead.id, turn.at, opening),))


def step(policy: Compiled, case: Case, report: Report, *, at: datetime) -> Progress:
    """The case after what was reported of it, up to `at`, and what follows.

    What was told before changes nothing. What lies after `at` is not taken: tell it again then (FD-2). What is reported of another
    lead, and another thing under the id of one that was told, are a `FactError`.
    """
    asked_at = max(instant(at), known(case).at)
    written = reported.to_dict(report)
    key = key_of(report)
    told = timelines.found(case.reports, key, key=key_of)
    if told is not None:
        if told != report and not isinstance(report, Opportunity | Routed):  # a deal goes on, and the first route stands (RO-14)
            raise FactError(f"report[{report.id}]", "another thing under an id that was told", "an id of its own", "An id counts once.")
        if key not in case.foreseen:
            return Progress(case=case, repeated=True)
    about = report.entry.lead_id if isinstance(report, Routed) else getattr(report, "lead_id", None)
    if about is not None and about != case.id:
        raise FactError("report.lead_id", shown(about), f"{case.id!r}, the lead of the case")
    turn = Turn(policy, case)
    if _known_at(report) > asked_at:
        return Progress(case=case, ahead=True)
    begins = turn.begins_at(report)
    if begins > case.at:
        turn.pass_time(begins - _SOON)
    turn.at = max(case.at, begins)
    turn.take(report)
    turn.pass_time(asked_at)
    return turn.progress((_row(policy, case.id, asked_at, written),))


def due(policy: Compiled, case: Case, *, at: datetime) -> Progress:
    """What is to be done now as time has passed up to `at`, and when to ask again; the case itself where nothing has come."""
    asked_at = instant(at)
    if asked_at <= known(case).at:
        return Progress(case=case)
    turn = Turn(policy, case)
    turn.pass_time(asked_at)
    if not turn.moved:
        return Progress(case=case)
    return turn.progress((_row(policy, case.id, asked_at, {"kind": "passed"}),))


def assign(
    policy: Compiled,
    case: Case,
    roster: Roster | Team,
    rotation: Rotation,
    *,
    at: datetime,
    open_leads: Mapping[str, int] | None = None,
) -> Progress:
    """Finds somebody for the lead of a case as of `at`: the case with whoever has it now, and the route with the new rotation.

    The lead is assessed anew for it. Where nobody is sought any more, since somebody was found or the enquiry is over, nobody is asked:
    then there is no route, and nothing follows but what time brings.
    """
    before = due(policy, case, at=at)
    holding = before.case.holding
    if holding.sought is None:
        return before
    turn = Turn(policy, before.case)
    turn.at = max(instant(at), before.case.at)
    turn.assess()
    route = routing.route(
        policy.routing, turn.view, roster, rotation, entries=holding.entries, open_leads=open_leads, attempt=holding.attempt
    )
    after = step(policy, before.case, reported.routed(route), at=turn.at)
    actions, rows = (*before.actions, *after.actions), (*before.rows, *after.rows)
    return attrs.evolve(after, actions=actions, rows=rows, route=route)


def resume(policies: Callable[[str], Compiled], journal: Iterable[Mapping[str, Any]]) -> Case:
    """The case that a journal tells, row by row, each by the policy whose fingerprint it carries; see `Engine.resume`."""
    rows: object = journal
    if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
        raise FactError("journal", shown(rows), "the rows, in order", "Pass a list of what the progresses gave as rows.")
    case: Case | None = None
    for number, row in enumerate(journal):
        path = f"journal[{number}]"
        given: object = row
        if not isinstance(given, Mapping) or row.get("format") != _FORMAT or not isinstance(row.get("report"), Mapping):
            raise FactError(path, shown(row), "a row as a progress gives it", "Keep Progress.rows as they are.")
        policy, at, told = policies(str(row.get("policy"))), parse_instant(row.get("at", ""), f"{path}.at"), row["report"]
        if (told.get("kind") == "opened") is not (case is None):
            raise FactError(f"{path}.report.kind", shown(told.get("kind")), "the opening first, and once", "Hand over all rows, in order.")
        if case is None:
            case = _opened_again(policy, told, at)
        elif told.get("kind") == "passed":
            case = due(policy, case, at=at).case
        else:
            case = step(policy, case, reported.restored(told, policy.words), at=at).case
    if case is None:
        raise FactError("journal", "a list of 0", "at least one row, the opening")
    return case


def _opened_again(policy: Compiled, told: Mapping[str, Any], at: datetime) -> Case:
    record = None if told.get("record") is None else history.restored(told["record"])
    found = None if told.get("routed") is None else reported.restored(told["routed"])
    lead = intake.restored(told.get("lead", {}), policy.words)
    if found is None:
        return opened(policy, lead, at=at, record=record).case
    if not isinstance(found, Routed):
        raise FactError("journal[0].report.routed", shown(found), "what routing said")
    return opened(policy, lead, at=at, record=record, route=lambda view: found).case


def _row(policy: Compiled, lead: str, at: datetime, told: dict[str, Plain]) -> Row:
    return {"format": _FORMAT, "case": lead, "at": plain(at), "policy": policy.fingerprint, "report": told}


def _known_at(report: Report) -> datetime:
    """From when on it can be told."""
    if isinstance(report, Opportunity):
        return report.opened_at if report.closed_at is None else report.closed_at
    return report.at
