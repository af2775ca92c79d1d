"""Who comes back, and when?

Three things bring a lead back (LC-7): the calendar of the hold that it is in, engagement that returned, and the end of a
disqualification. This room lists dates and says why; it moves nobody. A disqualified lead is only brought back by the event
`reopened`, so all that is said of it is that it may be (LC-6).

Dates are local dates of the policy's zone: a hold that began on a Monday, there, has its fourteenth day on a Monday, and a thing is
due at the first instant of its date, or where clocks skip that midnight, when it would have come. Days and weeks recur as
`dateutil.rrule` has it, from the date on which the hold began; months are calendar months, chained from that date and never step by
step (31 January, 28 February, 31 March). A hold begins with the visit to its stage: what is noted there since begins nothing.

The earliest wins (LC-7): engagement that returns ends the hold, and nothing else of it is due at or after that instant. Within a
hold re-engagement goes on until the re-score, that day excluded (CD-8).

Engagement returns for the policy when it is known of: at the instant at which the activity was written down, where it carries one,
since no list could name it before. An activity without `recorded_at` counts as known when it happened. Whoever gets such activities
late lets runs overlap by the longest delay, else their return falls between two runs, and drops what an earlier run listed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen
from dateutil.rrule import DAILY, rrule
from pydantic import Field, model_validator

from inbound_engine.calendars import ZoneName
from inbound_engine.conditions import Condition, Questions, Rule, because
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Plain, Reason, Seen, plain
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import Activity
from inbound_engine.history import Record, Visit, each_record, in_order, visits
from inbound_engine.signals import ActivityFilter, Query, Signals, asked
from inbound_engine.spans import instant, months_later, zone
from inbound_engine.vocabulary import View, Vocabulary

__all__ = [
    "Due",
    "Hold",
    "Kind",
    "ReScore",
    "RecyclingDocument",
    "Reopening",
    "Review",
    "Rules",
    "compile",
    "due",
    "reopens_on",
    "reviews",
    "schedule",
    "soonest",
    "strangers",
]

Kind: TypeAlias = Literal["reactivate", "re_score", "re_engage", "reopen_possible"]
ViewOf: TypeAlias = Callable[[Record], View | None]

_KINDS: tuple[Kind, ...] = ("reactivate", "re_score", "re_engage", "reopen_possible")
_LAST = date(9999, 12, 31)
_MONTHS = 12


# ------------------------------------------------------------------------------------------------------------ documents


Days: TypeAlias = Annotated[int, Field(ge=1, le=36_500)]
Months: TypeAlias = Annotated[int, Field(ge=1, le=1_200)]


class Hold(Document):
    """Leads in these stages wait (LC-7): re-engaged every so many days (7 to 14) until they are re-scored after so many.

    With `repeats` the hold goes on from the re-score as it went from its start; without, nothing is due after it. They come back at
    once when as many activities as `reactivate_at` says, of those that `reactivate` means, lie after the start of the hold.
    """

    id: Id
    label: Label = ""
    stages: Rows[Id] = Field(min_length=1)
    re_engage_every_days: Annotated[int, Field(ge=7, le=14)] | None = None
    re_score_after_days: Days | None = None
    repeats: bool = False
    reactivate: ActivityFilter | None = None
    reactivate_at: Annotated[int, Field(ge=1, le=1_000)] = 1
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Hold":
        problems = []
        if self.re_engage_every_days is None and self.re_score_after_days is None and self.reactivate is None:
            expected = "re_engage_every_days, re_score_after_days or reactivate"
            problems.append(Problem("re_score_after_days", "nothing", expected, "Nobody would ever come back."))
        if self.repeats and self.re_score_after_days is None:
            problems.append(Problem("repeats", "true", "false where nothing is re-scored", "Add re_score_after_days."))
        refuse(problems)
        return self


class ReScore(Document):
    """Leads in these stages of whom `when` is true are scored again every so many calendar months (LC-8, TI-1)."""

    id: Id
    label: Label = ""
    stages: Rows[Id] = Field(min_length=1)
    when: Condition
    every_months: Months
    source: Label = ""


class Reopening(Document):
    """A lead that was disqualified by the rule `id` may be reopened so many calendar months later; None is never (LC-6)."""

    id: Id
    label: Label = ""
    after_months: Months | None = None
    source: Label = ""


class Review(Document):
    """Something that people look at again every so many calendar months: the scores, every quarter (LC-8)."""

    id: Id
    label: Label = ""
    every_months: Months
    source: Label = ""


class RecyclingDocument(Document):
    """Holds, monthly re-scores, and when a disqualification may be reopened; `zone` is whose dates they are.

    They are of the records of machines about `about`. A stage is in one hold at most. A disqualification is the visit to
    `disqualified`; `rule_name` is the name under which its event says which rule it was, and one whose rule is not listed is never
    reopened by date.
    """

    about: Id = "lead"
    zone: ZoneName = "UTC"
    holds: UniqueRows[Hold] = ()
    re_scores: UniqueRows[ReScore] = ()
    disqualified: Id = "DISQUALIFIED"
    rule_name: Id = "rule"
    reopenings: UniqueRows[Reopening] = ()
    reviews: UniqueRows[Review] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "RecyclingDocument":
        held: dict[str, str] = {}
        problems = []
        for hold in self.holds:
            for stage in hold.stages:
                if held.setdefault(stage, hold.id) != hold.id:
                    saw = f"{stage}, which {held[stage]} holds too"
                    problems.append(Problem(f"holds[{hold.id}].stages", saw, "a stage in one hold", "Remove it from one of them."))
        refuse(problems)
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Due:
    """That a record comes back: why, on which date of the policy's zone, and from which instant on.

    Of a return that is the instant at which it was known; `reason` says when it happened.
    `rule` is the path of what says so, `number` counts the dates of that rule from 1, `since` is when the visit began that it is
    counted from, and `reason` holds what the rule saw.
    """

    record: str
    kind: Kind
    at: datetime
    day: date
    rule: str
    number: int
    stage: str
    since: datetime
    reason: Reason

    def __str__(self) -> str:
        """The line of a list."""
        return f"{self.day.isoformat()} {self.record}: {self.kind} ({self.rule}, number {self.number})"

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The same as plain data; with `redact` personal values of the reason become "(personal)"."""
        named = ("record", "kind", "at", "day", "rule", "number", "stage", "since")
        told: dict[str, Plain] = {name: plain(getattr(self, name)) for name in named}
        return {**told, "reason": self.reason.to_dict(redact=redact)}


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The returns of a policy, compiled; `signals` has one query for each hold that engagement ends, by number.

    Only records of one of the `machines` come back.
    """

    document: RecyclingDocument
    machines: frozenset[str]
    zone: ZoneInfo
    holds: dict[str, tuple[Hold, int | None]]
    re_scores: tuple[tuple[ReScore, Rule], ...]
    reopenings: dict[str, Reopening]
    signals: Signals


def compile(document: RecyclingDocument, words: Vocabulary, questions: Questions, machines: Iterable[str] = frozenset({"lead"})) -> Rules:
    """The returns made ready; `PolicyError` where a condition does not fit the vocabulary.

    `machines` are the ids of those about what the document is about; no record of another comes back.

    >>> from inbound_engine import vocabulary
    >>> document = RecyclingDocument(holds=[{"id": "nurture", "stages": ["RECYCLED"], "re_score_after_days": 60}])
    >>> [*compile(document, vocabulary.compile(vocabulary.FactsDocument()), Questions()).holds]
    ['RECYCLED']
    """
    queries: list[Query] = []
    holds: dict[str, tuple[Hold, int | None]] = {}
    for hold in document.holds:
        number = None if hold.reactivate is None else len(queries)
        if hold.reactivate is not None:
            queries.append(Query(hold.reactivate))
        holds.update(dict.fromkeys(hold.stages, (hold, number)))
    return Rules(
        document=document,
        machines=frozenset(machines),
        zone=zone(document.zone),
        holds=holds,
        re_scores=tuple((row, compile_condition(row.when, words, questions)) for row in document.re_scores),
        reopenings={row.id: row for row in document.reopenings},
        signals=Signals.of(queries, questions.catalogue),
    )


def strangers(
    document: RecyclingDocument, stages: Collection[str], says: Mapping[str, Collection[str]], path: str = "recycling"
) -> Iterator[Problem]:
    """The names that the lifecycle does not have: of stages, of what a disqualification says, and of its rules.

    `stages` are those of the machines about what the document is about; where there are none, that is the one problem. `says` are
    the names that their events say things under, each with its values; no values means any text, which is not compared.

    >>> document = RecyclingDocument(holds=[{"id": "nurture", "stages": ["RECYCELD"], "re_score_after_days": 60}])
    >>> print(*strangers(document, ["RECYCLED", "DISQUALIFIED"], {}))
    recycling.holds[nurture].stages[0]: saw 'RECYCELD', expected one of DISQUALIFIED, RECYCLED. Did you mean "RECYCLED"?
    """
    if not stages:
        yield Problem(f"{path}.about", shown(document.about), "what a machine of the lifecycle is about", "Add one, or change about.")
        return
    groups: tuple[tuple[str, Iterable[Hold | ReScore]], ...] = (("holds", document.holds), ("re_scores", document.re_scores))
    for group, rows in groups:
        for row in rows:
            for number, stage in enumerate(row.stages):
                yield from _stranger(f"{path}.{group}[{row.id}].stages[{number}]", stage, stages)
    if document.reopenings:
        yield from _stranger(f"{path}.disqualified", document.disqualified, stages)
        yield from _stranger(f"{path}.rule_name", document.rule_name, says)
        for reopening in document.reopenings if says.get(document.rule_name) else ():
            yield from _stranger(f"{path}.reopenings[{reopening.id}].id", reopening.id, says[document.rule_name])


def _stranger(path: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        close = nearest(name, known)
        yield Problem(path, shown(name), one_of(known), f'Did you mean "{close}"?' if close else "Add it to the lifecycle.")


# ------------------------------------------------------------------------------------------------------------ functions


def due(rules: Rules, records: Iterable[Record], *, view_of: ViewOf, at: datetime, since: datetime | None = None) -> tuple[Due, ...]:
    """Who comes back by `at`, by instant and then by record id; at one instant in the order of `Kind` (LC-6 to LC-9).

    With `since`, only what came due after it: since is excluded and at included, so that runs whose ends meet list each date exactly
    once. Without it, everything that came due on the present visit, also what an earlier run has listed.

    `view_of` gives the lead of a record as it is seen at `at`, or None where nobody knows it. It is asked where a rule needs to see
    the lead: an unknown condition, and activities that nobody knows, bring nobody back. A view from later than `at`, and a `since`
    after it, are a `FactError`. Entries after `at`, activities that were not known by then, and records of other machines are
    invisible. What became known after the view is in no run that the view is for: views from before `at` need runs that overlap.

    >>> from inbound_engine import vocabulary
    >>> from inbound_engine.history import Entry
    >>> from inbound_engine.spans import parse_instant
    >>> hold = {"id": "nurture", "stages": ["RECYCLED"], "re_engage_every_days": 14, "re_score_after_days": 60}
    >>> rules = compile(RecyclingDocument(holds=[hold]), vocabulary.compile(vocabulary.FactsDocument()), Questions())
    >>> start = Entry(stage="RECYCLED", left=None, at=parse_instant("2026-01-05T10:00Z"), event_id="", event="", move="")
    >>> for one in due(rules, [Record("L-1", "lead", (start,))], view_of=lambda record: None, at=parse_instant("2026-02-02T09:00Z")):
    ...     print(one)
    2026-01-19 L-1: re_engage (recycling.holds[nurture].re_engage_every_days, number 1)
    2026-02-02 L-1: re_engage (recycling.holds[nurture].re_engage_every_days, number 2)
    """
    at = instant(at)
    after = None if since is None else instant(since, "since")
    if after is not None and after > at:
        raise FactError("since", after.isoformat(), f"an instant at or before {at.isoformat()}", "Swap since and at.")
    found: list[Due] = []
    for record in each_record(records):
        visit = _visit(rules, record, at)
        if visit is not None:
            view = view_of(record) if _sees(rules, visit) else None
            if view is not None and view.at > at:
                raise FactError("view_of", f"{record.id} as seen at {view.at.isoformat()}", f"a view from {at.isoformat()} or before")
            found += (one for one in _dues(rules, record, visit, view, at) if after is None or one.at > after)
    return tuple(sorted(found, key=_order))


def schedule(rules: Rules, record: Record, *, after: datetime, until: datetime, view: View | None = None) -> tuple[Due, ...]:
    """The dates that lie ahead of a record as it stands at `after`, up to `until` included, if nothing happens in between.

    Engagement cannot be foreseen, so it is on no schedule; engagement that has returned already, as the view shows, has ended the
    hold. A rule with a condition counts where the view makes it surely true.

    >>> from inbound_engine import vocabulary
    >>> from inbound_engine.history import Entry
    >>> from inbound_engine.spans import parse_instant
    >>> document = RecyclingDocument(reopenings=[{"id": "no_budget", "after_months": 12}])
    >>> rules = compile(document, vocabulary.compile(vocabulary.FactsDocument()), Questions())
    >>> at = parse_instant("2026-01-31T10:00Z")
    >>> start = Entry(stage="DISQUALIFIED", left=None, at=at, event_id="", event="", move="", data={"rule": "no_budget"})
    >>> [str(one) for one in schedule(rules, Record("L-1", "lead", (start,)), after=at, until=parse_instant("2027-12-31T00:00Z"))]
    ['2027-01-31 L-1: reopen_possible (recycling.reopenings[no_budget], number 1)']
    """
    after, until = instant(after, "after"), instant(until, "until")
    visit = _visit(rules, record, after)
    if visit is None:
        return ()
    ahead = (one for one in _dues(rules, record, visit, view, until) if one.kind != "reactivate" and one.at > after)
    return tuple(sorted(ahead, key=_order))


def soonest(dues: Iterable[Due]) -> tuple[Due, ...]:
    """The earliest of each record's, in the order of `due`: a record comes back once (LC-7).

    >>> soonest(())
    ()
    """
    found: dict[str, Due] = {}
    for one in sorted(dues, key=_order):
        found.setdefault(one.record, one)
    return tuple(found.values())


def reviews(document: RecyclingDocument, *, start: date, until: date) -> tuple[tuple[date, str], ...]:
    """The dates after `start` up to and with `until` on which something is reviewed, each with its id, in order (LC-8).

    Each is counted from the start in calendar months, never from the review before; a day that a month lacks is its last.

    >>> quarterly = RecyclingDocument(reviews=[{"id": "scoring", "every_months": 3}])
    >>> [day.isoformat() for day, _ in reviews(quarterly, start=date(2026, 1, 31), until=date(2026, 12, 31))]
    ['2026-04-30', '2026-07-31', '2026-10-31']
    """
    return tuple(sorted((day, row.id) for row in document.reviews for _, day in _monthly(start, row.every_months, until)))


def reopens_on(rules: Rules, record: Record, *, at: datetime) -> date | None:
    """From which date on a record that is disqualified at `at` may be reopened, in the policy's zone (LC-6).

    None where it is not disqualified, where its rule is never reopened by date, where nobody noted the rule, and for a record of
    another machine.

    >>> from inbound_engine import vocabulary
    >>> from inbound_engine.history import Entry
    >>> from inbound_engine.spans import parse_instant
    >>> reopenings = [{"id": "long_timeline", "after_months": 18}, {"id": "not_involved"}]
    >>> rules = compile(RecyclingDocument(reopenings=reopenings), vocabulary.compile(vocabulary.FactsDocument()), Questions())
    >>> at = parse_instant("2026-08-31T10:00Z")
    >>> start = Entry(stage="DISQUALIFIED", left=None, at=at, event_id="", event="", move="", data={"rule": "long_timeline"})
    >>> reopens_on(rules, Record("L-1", "lead", (start,)), at=at)
    datetime.date(2028, 2, 29)
    """
    visit = _visit(rules, record, instant(at))
    return None if visit is None else next((day for _, day in _reopening(rules, visit)), None)


# -------------------------------------------------------------------------------------------------------------- details


def _order(one: Due) -> tuple[datetime, str, int, str]:
    return one.at, one.record, _KINDS.index(one.kind), one.rule


def _visit(rules: Rules, record: Record, at: datetime) -> Visit | None:
    """The visit that the record was on at `at`; none of a record of another machine."""
    began = [visit for visit in visits(record) if visit.entry.at <= at] if record.machine in rules.machines else []
    return began[-1] if began else None


def _sees(rules: Rules, visit: Visit) -> bool:
    """Whether a rule of that stage asks something of the lead."""
    _, number = rules.holds.get(visit.entry.stage, (None, None))
    return number is not None or any(visit.entry.stage in row.stages for row, _ in rules.re_scores)


def _dues(rules: Rules, record: Record, visit: Visit, view: View | None, at: datetime) -> Iterator[Due]:
    """Everything that comes due on a visit by `at`; nothing at or after the instant at which a return of engagement was known."""
    stage, since = visit.entry.stage, visit.entry.at
    start, last = _local(since, rules.zone), _local(at, rules.zone)
    returned = _returned(rules, visit, view, at)
    known = None if returned is None else _known(returned)

    def dated(kind: Kind, number: int, day: date, rule: str, *saw: Seen) -> Iterator[Due]:
        starts = datetime.combine(day, time(), rules.zone).astimezone(UTC)
        if starts <= at and (known is None or starts < known):
            reason = Reason(Code.MATCHED, rule, (Seen("stage", stage), Seen("since", since), *saw))
            yield Due(record.id, kind, starts, day, rule, number, stage, since, reason)

    hold, _ = rules.holds.get(stage, (None, None))
    if hold is not None:
        for kind, number, day in _hold_days(hold, start, last):
            name = "re_engage_every_days" if kind == "re_engage" else "re_score_after_days"
            yield from dated(kind, number, day, f"recycling.holds[{hold.id}].{name}", Seen(name, getattr(hold, name)))
    for row, rule in rules.re_scores:
        if stage in row.stages and view is not None and rule.test(view):
            saw = [seen for part in because(rule, view) for seen in part.saw]
            for number, day in _monthly(start, row.every_months, last):
                yield from dated("re_score", number, day, f"recycling.re_scores[{row.id}]", *saw)
    for reopening, day in _reopening(rules, visit):
        yield from dated("reopen_possible", 1, day, f"recycling.reopenings[{reopening.id}]", Seen(rules.document.rule_name, reopening.id))
    if returned is not None and known is not None and hold is not None:
        rule_path = f"recycling.holds[{hold.id}].reactivate"
        saw_activity = (Seen("activity", returned.kind), Seen("activity_at", returned.at))
        reason = Reason(Code.MATCHED, rule_path, (Seen("stage", stage), Seen("since", since), *saw_activity))
        yield Due(record.id, "reactivate", known, _local(known, rules.zone), rule_path, 1, stage, since, reason)


def _hold_days(hold: Hold, start: date, last: date) -> Iterator[tuple[Kind, int, date]]:
    """The dates of a hold up to the last: re-engagement from each start until its re-score, that day excluded, and the re-scores."""
    engaged = scored = 0
    while True:
        end = None if hold.re_score_after_days is None else _days_on(start, hold.re_score_after_days)
        if hold.re_engage_every_days is not None:
            until = last if end is None else min(last, end - timedelta(days=1))
            days = rrule(DAILY, dtstart=_midnight(start), interval=hold.re_engage_every_days, until=_midnight(until))
            for day in days:
                if day > _midnight(start):
                    engaged += 1
                    yield "re_engage", engaged, day.date()
        if end is None or end > last:
            return
        scored += 1
        yield "re_score", scored, end
        if not hold.repeats:
            return
        start = end


def _monthly(start: date, months: int, last: date) -> Iterator[tuple[int, date]]:
    """The dates so many calendar months apart up to the last, each counted from the start."""
    number = 1
    while (day := _months_on(start, number * months)) is not None and day <= last:
        yield number, day
        number += 1


def _reopening(rules: Rules, visit: Visit) -> Iterator[tuple[Reopening, date]]:
    """The row and the date by which a disqualification may be reopened, where there are any."""
    row = rules.reopenings.get(dict(visit.entry.data).get(rules.document.rule_name, ""))
    if visit.entry.stage == rules.document.disqualified and row is not None and row.after_months is not None:
        day = _months_on(_local(visit.entry.at, rules.zone), row.after_months)
        if day is not None:
            yield row, day


def _returned(rules: Rules, visit: Visit, view: View | None, at: datetime) -> Activity | None:
    """The activity by which engagement returned: the first to be known that makes up the number that the hold asks for."""
    hold, query = rules.holds.get(visit.entry.stage, (None, None))
    if hold is None or query is None or view is None or view.lead.activities is None:
        return None
    until = min(at, view.at)
    later = sorted(in_order(one for one in view.lead.activities if visit.entry.at < one.at and _known(one) <= until), key=_known)
    meant = [one for one in later if any(number == query and (fits is None or fits(one)) for number, fits, _ in asked(rules.signals, one))]
    return meant[hold.reactivate_at - 1] if len(meant) >= hold.reactivate_at else None


def _known(activity: Activity) -> datetime:
    """When an activity was known of: no earlier than it happened."""
    return activity.at if activity.recorded_at is None else max(activity.at, activity.recorded_at)


def _midnight(day: date) -> datetime:
    """What rrule counts from: a date alone, no instant."""
    return datetime.combine(day, time())


def _local(at: datetime, where: ZoneInfo) -> date:
    """The date that the wall calendar shows."""
    try:
        return at.astimezone(where).date()
    except OverflowError:  # on the first and the last day that there are
        return at.date()


def _days_on(start: date, days: int) -> date | None:
    """So many days on; None beyond the last day there is."""
    return start + timedelta(days=days) if days <= (_LAST - start).days else None


def _months_on(start: date, months: int) -> date | None:
    """So many calendar months on, from the anchor; None beyond the last day there is."""
    within = (start.year * _MONTHS + start.month - 1 + months) // _MONTHS <= _LAST.year
    return months_later(start, months) if within else None
