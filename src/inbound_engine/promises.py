"""Which answer is a lead owed, and within what time?

A table of promises is an ordered list of conditions over tier, lead type, source, or anything that a policy may ask; the first
that is true rules (SL-5). Each promise has a target, a calendar where it has one of its own, and an escalation ladder. There is a
table for each thing that somebody waits for: the first response, the delivery to sales, the review, the follow-up (SL-1 to SL-3).

The clock of the first response starts when the lead became an MQL or raised its hand, whichever was first (SL-6), when that
happened and not when it was processed.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine import calendars
from inbound_engine.conditions import Condition, Questions, Rule, because
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Decision, Reason, Seen, plain
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import Lead, Rep
from inbound_engine.hours import Calendar
from inbound_engine.signals import Catalogue
from inbound_engine.sla import Action, Clock, LadderStep
from inbound_engine.spans import instant
from inbound_engine.vocabulary import CalendarName, View, Vocabulary

__all__ = [
    "Figure",
    "LadderRow",
    "Limit",
    "Promise",
    "PromiseTable",
    "Rules",
    "SlaDocument",
    "choose",
    "clock",
    "compile",
    "owed",
    "promised",
    "starts",
]

AfterMinutes = Annotated[int, Field(ge=0, le=1_000_000)]
TargetMinutes = Annotated[int, Field(ge=1, le=1_000_000)]
Stops = Literal["human", "any"]


# ------------------------------------------------------------------------------------------------------------ documents


class LadderRow(Document):
    """What happens so many minutes of business time after the start of the clock, not after the step before (CL-7)."""

    id: Id
    after_minutes: AfterMinutes
    action: Action
    to: Label = ""
    reason: Id | None = None
    source: Label = ""


class Promise(Document):
    """Leads of whom `when` is true are owed an answer strictly within the target (SL-6).

    `calendar` names the promise's own; without one the holder's counts, else the territory's, else the organisation's (CL-2).
    `stops` says whether only a human touch answers it, where that differs from the rest of the policy. A lead whose promise
    says `escalate_unassigned` is escalated at once when nobody may take it (CL-12). `channels` are the ones to answer by; they are
    for people to read.
    """

    id: Id
    label: Label = ""
    when: Condition
    target_minutes: TargetMinutes
    calendar: CalendarName | None = None
    ladder: UniqueRows[LadderRow] = ()
    max_reroutes: Annotated[int, Field(ge=0, le=100)] = 1
    escalate_unassigned: bool = False
    stops: Stops | None = None
    channels: Rows[Id] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Promise":
        problems = [
            Problem(f"ladder[{later.id}].after_minutes", str(later.after_minutes), f"{earlier.after_minutes} or more", "Reorder the steps.")
            for earlier, later in pairwise(self.ladder)
            if later.after_minutes < earlier.after_minutes
        ]
        if self.max_reroutes == 0:
            problems += (
                Problem(f"ladder[{step.id}].action", "a re-route", "another action where max_reroutes is 0", "Raise it or remove the step.")
                for step in self.ladder
                if step.action == "reroute"
            )
        refuse(problems)
        return self


class PromiseTable(Document):
    """The promises about one thing that somebody waits for; the first row that is true rules.

    `stopped_by` says what answers them: "outreach" for a touch, or the names of milestones such as "accepted". What happened before
    the start of a clock answers it only where the table `counts_earlier` answers (CL-17): a follow-up is not one that came before.
    """

    id: Id
    label: Label = ""
    counts_earlier: bool = False
    stopped_by: Rows[Id] = Field(min_length=1)
    rows: UniqueRows[Promise] = Field(min_length=1)
    source: Label = ""


class Limit(Document):
    """How well promises of a table must be kept: no more than so many percent missed, a median below so many minutes (SL-8).

    Without `promises`, all of the table are meant. A rate is judged once `minimum_decided` clocks are decided (CL-18).
    """

    id: Id
    label: Label = ""
    table: Id
    promises: Rows[Id] = ()
    most_missed_percent: Exact | None = None
    median_below_minutes: TargetMinutes | None = None
    minimum_decided: Annotated[int, Field(ge=1)] = 1
    action: Label = ""
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Limit":
        if self.most_missed_percent is None and self.median_below_minutes is None:
            refuse([Problem("most_missed_percent", "nothing", "most_missed_percent or median_below_minutes")])
        if self.most_missed_percent is not None and not 0 <= self.most_missed_percent <= 100:  # noqa: PLR2004 - percent
            refuse([Problem("most_missed_percent", str(self.most_missed_percent), "0 to 100")])
        return self


class Figure(Document):
    """A figure that a source reports: to be quoted with it, and never computed with as if it were ours (SL-9)."""

    id: Id
    label: Label
    value: Exact
    unit: Label
    source: Label


class SlaDocument(Document):
    """What is promised, when clocks start, what stops them, and how well promises must be kept.

    `starts` says when the clock of the first response starts: when the lead became an MQL or raised its hand, whichever was
    first; when it became an MQL; or when it was captured (SL-6). `stops_clock` says whether only human touches answer.
    """

    tables: UniqueRows[PromiseTable] = ()
    starts: Literal["mql_or_hand_raise", "mql", "capture"] = "mql_or_hand_raise"
    stops_clock: Stops = "human"
    late_logging_minutes: TargetMinutes
    limits: UniqueRows[Limit] = ()
    figures: UniqueRows[Figure] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "SlaDocument":
        promises = {table.id: [row.id for row in table.rows] for table in self.tables}
        problems = []
        for limit in self.limits:
            path = f"limits[{limit.id}]"
            if limit.table not in promises:
                problems.append(_no_such(f"{path}.table", limit.table, promises, "Add it to sla.tables."))
                continue
            for number, name in enumerate(limit.promises):
                if name not in promises[limit.table]:
                    hint = f"Add it to sla.tables[{limit.table}].rows."
                    problems.append(_no_such(f"{path}.promises[{number}]", name, promises[limit.table], hint))
        refuse(problems)
        return self


def _no_such(path: str, name: str, known: list[str] | dict[str, list[str]], otherwise: str) -> Problem:
    close = nearest(name, known)
    return Problem(path, shown(name), one_of(known), f'Did you mean "{close}"?' if close else otherwise)


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class CompiledTable:
    """A table, and for each row its condition and the ladder."""

    document: PromiseTable
    rows: tuple[tuple[Promise, Rule, tuple[LadderStep, ...]], ...]


@frozen(eq=False)
class Rules:
    """The promises of a policy, compiled, with the hours that they are counted in."""

    document: SlaDocument
    hours: calendars.Rules
    tables: dict[str, CompiledTable]

    def table(self, name: str) -> CompiledTable:
        """The table of that name; `FactError` when the policy has none."""
        found = self.tables.get(name)
        if found is None:
            close = nearest(name, self.tables)
            raise FactError("table", shown(name), one_of(self.tables), f'Did you mean "{close}"?' if close else "Add it to sla.tables.")
        return found


def compile(document: SlaDocument, hours: calendars.Rules, words: Vocabulary, questions: Questions) -> Rules:
    """The promises made ready."""
    tables = {}
    for table in document.tables:
        rows = tuple((row, compile_condition(row.when, words, questions), tuple(map(_step, row.ladder))) for row in table.rows)
        tables[table.id] = CompiledTable(table, rows)
    return Rules(document, hours, tables)


def _step(row: LadderRow) -> LadderStep:
    return LadderStep(row.id, timedelta(minutes=row.after_minutes), row.action, row.to, row.reason)


# ------------------------------------------------------------------------------------------------------------ functions


def choose(rules: Rules, view: View, table: str = "first_response") -> Decision[Promise | None]:
    """The first promise of a table whose condition is true, or None, with a reason for every row that was asked (SL-5).

    A row whose condition is unknown does not match; it is named with what it wants to know.
    """
    found = rules.table(table)
    said: list[Reason] = []
    for row, rule, _ in found.rows:
        answer = rule.test(view)
        code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
        said.append(Reason(code, f"sla.tables[{table}].rows[{row.id}]", tuple(seen for part in because(rule, view) for seen in part.saw)))
        if answer:
            return Decision(row, tuple(said))
    return Decision(None, tuple(said))


def promised(rules: Rules, view: View, table: str = "first_response") -> Promise | None:
    """What `choose` chooses, without the reasons: for whoever asks again and again."""
    return next((row for row, rule, _ in rules.table(table).rows if rule.test(view)), None)


def starts(
    rules: Rules, lead: Lead, catalogue: Catalogue, *, at: datetime, mql_at: datetime | None = None, since: datetime | None = None
) -> datetime:
    """When the clock of the first response starts: at the MQL or the hand-raise, whichever was first, as the policy says (SL-6).

    Hand-raises are read from the activities. Where there is nothing of what the policy asks for, the clock starts at the capture of
    the lead, and without that at `at`. What is dated before `since` belongs to an earlier enquiry, and what is dated after `at` is
    not seen.
    """
    at = instant(at)
    first = instant(since, "since") if since is not None else None
    raised = [activity.at for activity in lead.activities or () if catalogue.raises_hand(activity)]
    became = [instant(mql_at, "mql_at")] if mql_at is not None else []
    captured = [lead.created_at] if lead.created_at is not None else []
    asked = {"mql_or_hand_raise": [*became, *raised], "mql": became, "capture": captured}[rules.document.starts]
    for found in (asked, captured):
        if seen := [each for each in found if each <= at and (first is None or each >= first)]:
            return min(seen)
    return at


def owed(
    rules: Rules,
    view: View,
    *,
    start: datetime,
    id: str | None = None,  # noqa: A002 - what a clock calls it
    table: str = "first_response",
    rep: Rep | None = None,
    territory: str | None = None,
    since: datetime | None = None,
    replaces: bool = False,
) -> Decision[Clock | None]:
    """The clock that the lead is owed, from `start` on, or None where no promise is made; with every row asked, and the calendar.

    The calendar is settled here and stays: the promise's own, else the rep's, the territory's, the organisation's; of nobody's,
    elapsed time (CL-2, SL-6). Answers before `since` belong to an earlier enquiry. The clock is named after the lead, the table and
    its start, so that no two are called alike, unless `id` says otherwise.
    """
    chosen = choose(rules, view, table)
    if chosen.value is None:
        return Decision(None, chosen.because)
    hours = calendars.choose(rules.hours, named=chosen.value.calendar, rep=rep, territory=territory)
    made = _clock(rules, view, chosen.value, hours.calendar, start=start, id=id, table=table, rep=rep, since=since, replaces=replaces)
    rule = f"hours.calendars[{hours.name}]" if hours.name is not None else "hours"
    return Decision(made, (*chosen.because, Reason(Code.MATCHED, rule, (Seen("of", hours.of), Seen("zone", hours.calendar.zone)))))


def clock(
    rules: Rules,
    view: View,
    *,
    start: datetime,
    id: str | None = None,  # noqa: A002 - what a clock calls it
    table: str = "first_response",
    rep: Rep | None = None,
    territory: str | None = None,
    since: datetime | None = None,
    replaces: bool = False,
) -> Clock | None:
    """The clock of `owed`, without the reasons."""
    promise = promised(rules, view, table)
    if promise is None:
        return None
    hours = calendars.choose(rules.hours, named=promise.calendar, rep=rep, territory=territory)
    return _clock(rules, view, promise, hours.calendar, start=start, id=id, table=table, rep=rep, since=since, replaces=replaces)


def _clock(
    rules: Rules,
    view: View,
    promise: Promise,
    calendar: Calendar,
    *,
    start: datetime,
    id: str | None,  # noqa: A002 - what a clock calls it
    table: str,
    rep: Rep | None,
    since: datetime | None,
    replaces: bool,
) -> Clock:
    lead, found = view.lead, rules.table(table)
    begins = instant(start, "clock.start")
    earliest = begins if since is None and not found.document.counts_earlier else since
    return Clock(
        id=id if id is not None else f"{lead.id}/{table}/{plain(begins)}",
        target=timedelta(minutes=promise.target_minutes),
        start=begins,
        calendar=calendar,
        ladder=next(ladder for row, _, ladder in found.rows if row is promise),
        promise=promise.id,
        table=table,
        lead_id=lead.id,
        holder=None if rep is None else rep.id,
        source=lead.source,
        stopped_by=frozenset(found.document.stopped_by),
        human_only=(promise.stops or rules.document.stops_clock) == "human",
        escalate_unassigned=promise.escalate_unassigned,
        max_reroutes=promise.max_reroutes,
        replaces=replaces,
        answers_since=None if earliest is None else instant(earliest, "since"),
        captured_at=lead.created_at,
        late_after=timedelta(minutes=rules.document.late_logging_minutes),
    )
