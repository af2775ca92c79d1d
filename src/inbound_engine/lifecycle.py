"""Where does the lead stand, and where may it go?

`advance` takes a record and an event and gives the record after it, or says why not: a refusal is a value, with a code, what the
guards saw, and the events that would work from here. A refused event leaves the record as it was (LC-11). A move is taken only
where that is sure: a guard that is unknown for want of a fact refuses it as one that failed does, under another code.

A record stands in order of (at, sequence, id). An event that comes before the last one is refused, and so is one under an id that
was applied already, so that reporting a thing twice does no harm. The answer to an event that comes late is `rebuild`: it orders
all events and folds them again from the start. Guards were decided when the events were: nobody asks them again there, unless the
caller brings the facts of then. `replay` is the same for what a record holds, and gives the same record (LC-10).

Stages that lie between on the path are entered too, as inferred entries at the same instant. The score may take a lead under the
line of the stage where it stands: `drift` says so, and what the policy does; it moves nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import evolve, field, fields, frozen

from inbound_engine import conditions, vocabulary
from inbound_engine.conditions import Questions, Rule, Test, sentence
from inbound_engine.decisions import Code, Decision, Plain, Reason, Seen, plain
from inbound_engine.errors import FactError, nearest, one_of, shown
from inbound_engine.facts import Account, Lead
from inbound_engine.history import Entry, Happened, Record, begun, entered, grown, happenings, in_order, stepped
from inbound_engine.machines import Datum, Edge, LifecycleDocument, Machine, Owner, Stage, edges
from inbound_engine.spans import instant
from inbound_engine.vocabulary import FactsDocument, View, Vocabulary

__all__ = [
    "Advanced",
    "Choice",
    "CompiledMachine",
    "Drift",
    "Rebuilt",
    "Refusal",
    "Refused",
    "Rules",
    "Stamp",
    "Standing",
    "Way",
    "advance",
    "choose",
    "compile",
    "drift",
    "rebuild",
    "referral",
    "replay",
    "stamps",
    "standing",
    "start",
    "ways",
]

Refusal: TypeAlias = Literal[
    "unknown_event",
    "not_open",
    "not_from_here",
    "missing_data",
    "wrong_data",
    "guard_failed",
    "guard_unknown",
    "before_last",
    "terminal",
    "duplicate_event",
    "after_at",
]
"""Why an event was not applied."""

Value = TypeVar("Value")

_Needs: TypeAlias = Iterable[tuple[str, frozenset[str]]]
"""What must be said, by name, and the values that it may have; none means any text."""


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Way:
    """An event that works from a stage: where it leads, what it must say (no values: any text), and what it asks of the lead.

    `sure` is whether its guard holds; None where a fact is wanting, or where there were no facts to ask.
    """

    event: str
    to: str
    move: str
    says: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asks: str | None = None
    sure: bool | None = True


@frozen(weakref_slot=False)
class Advanced:
    """The record after an event; `entries` are those that the event made, what was inferred first, what was observed last."""

    record: Record
    _choice: "Choice" = field(repr=False, eq=False)
    _view: View | None = field(repr=False, eq=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the event added to the record."""
        return self.record.entries[-1 - len(self._choice.skipped) :]

    @property
    def guards(self) -> tuple[Reason, ...]:
        """The parts of the guard that decided, with what they saw; none where nothing was asked."""
        return () if self._view is None else tuple(_judged(self._choice, self._view))


@frozen
class Refused:
    """An event that was not applied: the record as it was, a code, why, and what would work from where it stands."""

    record: Record
    event: Happened
    stage: str
    code: Refusal
    because: tuple[Reason, ...]
    would: tuple[Way, ...]


@frozen
class Rebuilt:
    """A record folded anew, and the events that were refused on the way, each with the stage in which it came.

    The `record` of each refusal is the record that came out.
    """

    record: Record
    refused: tuple[Refused, ...]


@frozen
class Drift:
    """Whether a record still meets the entry criteria of its stage, and what the policy does when it does not.

    `holds` is None where that is unknown. `would_demote` is true where they surely do not hold; `event` names the event that
    would move the record then.
    """

    stage: str
    holds: bool | None
    would_demote: bool
    does: Literal["nothing", "report", "move"]
    event: str | None


@frozen
class Stamp:
    """What moves date: a name, the first time and the latest; neither is ever overwritten by the other."""

    name: str
    first: datetime
    latest: datetime


@frozen
class Standing:
    """Where a record stands: the stage and its label, since when, who owns it, whether it ends there.

    `crm_since` is the instant at which the lead became a CRM lead, and `fields` names what went over then (LC-4).
    """

    stage: str
    label: str
    owner: Owner
    since: datetime
    terminal: bool
    crm_since: datetime | None
    fields: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Choice:
    """A move from one stage, ready to be taken: which data it is for, what it wants said besides, its guard by part, the stages it
    passes, its reason."""

    move: str
    stage: str
    to: str
    data: tuple[tuple[str, frozenset[str]], ...]
    requires: tuple[tuple[str, frozenset[str]], ...]
    guard: tuple[tuple[str, Rule], ...]
    test: Test | None
    skipped: tuple[str, ...]
    reasons: tuple[Reason, ...]
    way: Way

    def is_for(self, data: Mapping[str, str]) -> bool:
        """Whether the move is for an event that says this."""
        for name, values in self.data:  # noqa: SIM110 - a generator takes three times as long, and more
            if data.get(name) not in values:
                return False
        return True

    def judge(self, view: View | None) -> bool | None:
        """Whether the guard holds; unknown where there are no facts to ask."""
        if self.test is None:
            return True
        return None if view is None else self.test(view)


@frozen(eq=False)
class CompiledMachine:
    """A machine made ready: its stages, what its events must say, and the choices by stage and event."""

    document: Machine
    path: str
    id: str
    when: Rule | None
    stages: dict[str, Stage]
    criteria: dict[str, Rule]
    requires: dict[str, tuple[tuple[str, frozenset[str]], ...]]
    choices: dict[str, dict[str, tuple[Choice, ...]]]
    simple: dict[tuple[str, str], Choice]
    """By stage and event, the one move there is, where the event has nothing to say and may open the record."""


@frozen(eq=False)
class Rules:
    """The machines of a policy, compiled."""

    document: LifecycleDocument
    machines: dict[str, CompiledMachine]

    def machine(self, name: str) -> CompiledMachine:
        """The machine of that name; `FactError` with the nearest name when there is none."""
        if name not in self.machines:
            close = nearest(name, self.machines)
            hint = f'Did you mean "{close}"?' if close else ""
            raise FactError("machine", shown(name), one_of(self.machines), hint)
        return self.machines[name]


def compile(document: LifecycleDocument, words: Vocabulary, questions: Questions, path: str = "lifecycle") -> Rules:
    """The machines made ready to be asked; `PolicyError` where a condition does not fit the vocabulary.

    >>> _example().machine("lead").id
    'lead'
    """
    compiled = {}
    for machine in document.machines:
        here = f"{path}.machines[{machine.id}]"
        when = None if machine.when is None else conditions.compile(machine.when, words, questions)
        choices: dict[str, dict[str, tuple[Choice, ...]]] = {stage.id: {} for stage in machine.stages}
        guards: dict[str, Rule] = {}
        requires = {kind.id: kind.requires for kind in machine.events}
        for edge in edges(machine):
            for where, condition in edge.guard:
                if where not in guards:
                    guards[where] = conditions.compile(condition, words, questions)
            several = choices[edge.stage]
            several[edge.move.event] = (*several.get(edge.move.event, ()), _choice(edge, here, requires[edge.move.event], guards))
        compiled[machine.id] = CompiledMachine(
            document=machine,
            path=here,
            id=machine.id,
            when=when,
            stages={stage.id: stage for stage in machine.stages},
            criteria={stage.id: conditions.compile(stage.when, words, questions) for stage in machine.stages if stage.when is not None},
            requires={name: _needs(several) for name, several in requires.items()},
            choices=choices,
            simple={
                (stage, event): several[0]
                for stage, by_event in choices.items()
                for event, several in by_event.items()
                if len(several) == 1 and not requires[event] and not several[0].requires and _opens(machine, stage, event)
            },
        )
    return Rules(document, compiled)


def _needs(several: Iterable[Datum]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((datum.name, frozenset(datum.values)) for datum in several)


def _opens(machine: Machine, stage: str, event: str) -> bool:
    """Whether the event may be the first of a record that starts in that stage (LC-13)."""
    return not machine.opens_on or stage != machine.start or event in machine.opens_on


def _choice(edge: Edge, path: str, requires: Sequence[Datum], guards: Mapping[str, Rule]) -> Choice:
    move = edge.move
    asks = " and ".join(sentence(condition) for _, condition in edge.guard) or None
    saw = [Seen("event", move.event), Seen("from", edge.stage), Seen("to", edge.to)]
    saw += [Seen("inferred", ", ".join(edge.skipped))] if edge.skipped else []
    saw += [Seen("asked", asks)] if asks else []
    narrowed = {datum.name: datum.values for datum in move.data}
    guard = tuple((f"{path}.{where}", guards[where]) for where, _ in edge.guard)
    says = tuple((datum.name, narrowed.get(datum.name, datum.values)) for datum in (*requires, *move.requires))
    return Choice(
        move=move.id,
        stage=edge.stage,
        to=edge.to,
        data=_needs(move.data),
        requires=_needs(move.requires),
        guard=guard,
        test=_both([rule.test for _, rule in guard]),
        skipped=edge.skipped,
        reasons=(Reason(Code.MATCHED, f"{path}.moves[{move.id}]", tuple(saw)),),
        way=Way(move.event, edge.to, move.id, says, asks),
    )


def _both(tests: Sequence[Test]) -> Test | None:
    """One test for the parts of a guard; None where nothing is asked."""
    if len(tests) < 2:  # noqa: PLR2004 - the condition of the move, and the criteria of the stage
        return tests[0] if tests else None
    first, second = tests

    def both(view: View) -> bool | None:
        one = first(view)
        if one is False:
            return False
        other = second(view)
        return None if one is None and other else other

    return both


# ------------------------------------------------------------------------------------------------------------- standing


def choose(rules: Rules, view: View | None, about: str = "lead") -> Decision[CompiledMachine | None]:
    """The machine for this lead: the first about that thing whose condition holds, None where there is none.

    A machine whose condition is unknown is passed over, and its reason says so. Without facts only one without a condition is
    sure.

    >>> choose(_example(), None).value.id
    'lead'
    """
    asked: list[Reason] = []
    for machine in rules.machines.values():
        if machine.document.about != about:
            continue
        answer = machine.when is None or (None if view is None else machine.when.test(view))
        if machine.when is not None:
            asked += _of(f"{machine.path}.when", machine.when, view)
        if answer:
            return Decision(machine, tuple(asked))
    return Decision(None, tuple(asked))


def start(
    machine: CompiledMachine,
    id: str,  # noqa: A002 - what records are called by
    *,
    at: datetime,
    stage: str | None = None,
    policy: str = "",
) -> Record:
    """A record that starts here: one entry, which no event made; at the machine's start, or where it is known to stand.

    A stage that the machine has not is a `FactError`.

    >>> from inbound_engine.spans import parse_instant
    >>> start(_example().machine("lead"), "L-1", at=parse_instant("2026-03-02T09:00Z"))
    Record('L-1', 'lead', stage='LEAD', since=2026-03-02T09:00:00Z, entries=1)
    """
    if stage is not None and stage not in machine.stages:
        raise FactError("stage", shown(stage), one_of(machine.stages), f"The machine {machine.id} has no such stage.")
    return begun(id, machine.id, stage or machine.document.start, at=at, policy=policy)


def standing(machine: CompiledMachine, record: Record) -> Standing:
    """Where the record stands, who owns it there, and since when it is in the CRM (LC-4); inferred entries count for that.

    >>> record, machine = _example_record()
    >>> standing(machine, record).owner
    'marketing'
    """
    stage = _stage(machine, record)
    entered = next((entry for entry in record.entries if entry.stage in machine.stages and machine.stages[entry.stage].crm), None)
    since, fields = (None, ()) if entered is None else (entered.at, machine.stages[entered.stage].fields)
    return Standing(stage.id, stage.label or stage.id, stage.owner, record.since, stage.terminal, since, tuple(fields))


def stamps(machine: CompiledMachine, record: Record) -> tuple[Stamp, ...]:
    """What the moves of the record date, in the order of the first time (LC-10); inferred entries date nothing.

    >>> record, machine = _example_record()
    >>> [(stamp.name, stamp.first == stamp.latest) for stamp in stamps(machine, record)]
    [('became_mql', True)]
    """
    dated = {move.id: move.stamps for move in machine.document.moves}
    found: dict[str, Stamp] = {}
    for entry in record.entries:
        for name in () if entry.inferred else dated.get(entry.move, ()):
            found[name] = Stamp(name, found[name].first if name in found else entry.at, entry.at)
    return tuple(found.values())


def _stage(machine: CompiledMachine, record: Record) -> Stage:
    """The stage where the record stands; it may be one that the policy leaves out by now, but the machine must have it."""
    _refuse_other(machine, record)
    if record.stage not in machine.stages:
        raise FactError("record.stage", shown(record.stage), one_of(machine.stages), f"The machine {machine.id} has no such stage.")
    return machine.stages[record.stage]


def _refuse_other(machine: CompiledMachine, record: object) -> None:
    if not isinstance(record, Record):
        raise FactError("record", shown(record), "a record", "`start` makes one, and `history.restored` reads one.")
    if record.machine != machine.id:
        raise FactError("record.machine", shown(record.machine), shown(machine.id), "Take the machine that the record is of.")


def _refuse_blind(view: object) -> None:
    if not isinstance(view, View):
        raise FactError("view", shown(view), "the facts of a lead as of an instant", "Pass View(lead, at), or the view of an assessment.")


# ---------------------------------------------------------------------------------------------------------------- moves


def advance(
    machine: CompiledMachine, record: Record, event: Happened, view: View | None = None, *, at: datetime, policy: str = ""
) -> Decision[Advanced | Refused]:
    """The record after the event, or why it was not applied and what would be (LC-4, LC-5, LC-11).

    `view` is what the guards see; without it every guard is unknown. `at` is the instant as of which all this is decided: an event
    after it is refused. `policy` is kept with the entries. A refusal has the code of the first of these that applies: a duplicate,
    an event after `at`, one that the machine does not know, a terminal stage, an event before the last one, a record that another
    event must open, no move from here, data, guards, what the move wants said. A record of another machine, or in a stage that the
    machine has not, facts seen after `at` (FD-2), and what is no record, event or view, are a `FactError`.

    >>> record, machine = _example_record()
    >>> rejected = Happened(id="e-9", at=record.since, event="rejected", data={"category": "no_idea"})
    >>> refused = advance(machine, record, rejected, at=record.since).value
    >>> refused.code, refused.record is record
    ('wrong_data', True)
    >>> print(*refused.because)
    lifecycle.machines[lead].events[rejected].requires[category] does not hold: category no_idea, expected one of bad_fit, low_intent.
    """
    if at.__class__ is not datetime or at.tzinfo is not UTC:
        at = instant(at)
    if record.__class__ is not Record or record.machine != machine.id:
        _refuse_other(machine, record)
    if event.__class__ is not Happened and not isinstance(event, Happened):
        raise FactError("event", shown(event), "an event", "Make one with Happened(id=…, at=…, event=…).")
    if view is not None:
        if view.__class__ is not View:
            _refuse_blind(view)
        if view.at > at:
            expected = f"an instant at or before {at.isoformat()}"
            raise FactError("view.at", view.at.isoformat(), expected, "Look at the lead as of the decision.")
    name, entries = event.id, record.entries
    for entry in entries:
        if entry.event_id == name:
            return _refused(machine, record, event, view, _no("duplicate_event", machine, event, Seen("id", name)))
    if event.at > at:
        return _refused(machine, record, event, view, _no("after_at", machine, event, Seen("happened", event.at), Seen("at", at)))
    last = entries[-1]
    choice = machine.simple.get((last.stage, event.event))
    if choice is None or event.at <= last.at or (choice.test is not None and (view is None or not choice.test(view))):
        found = _taken(machine, last, event, view)
        if isinstance(found, _No):
            return _refused(machine, record, event, view, found)
        choice = found
    if choice.skipped:
        after = grown(record, _entries(choice, event, policy))
    else:
        after = stepped(record, event, choice.to, move=choice.move, policy=policy)
    draft = _AdvancedDraft()
    draft.record = after
    draft._choice = choice
    draft._view = view
    draft.__class__ = Advanced  # type: ignore[assignment]  # a draft of it
    decision: _DecisionDraft[Advanced] = _DecisionDraft()
    decision.value = draft  # type: ignore[assignment]  # it is an Advanced now
    decision.because = choice.reasons
    decision.__class__ = Decision  # type: ignore[assignment]  # a draft of it
    return decision  # type: ignore[return-value]  # it is a decision now


class _AdvancedDraft:
    """What an event made, while it is written: as `history` writes entries."""

    __slots__ = tuple(one.name for one in fields(Advanced))

    record: Record
    _choice: Choice
    _view: View | None


class _DecisionDraft(Generic[Value]):
    """A decision while it is written; of the same parent, as its layout must be."""

    __slots__ = tuple(one.name for one in fields(Decision))

    value: Value
    because: tuple[Reason, ...]


@frozen
class _No:
    """Why an event is not applied."""

    code: Refusal
    because: tuple[Reason, ...]


def _no(code: Refusal, machine: CompiledMachine, event: Happened, *saw: Seen) -> _No:
    return _No(code, (Reason(Code.FAILED, f"{machine.path}.events[{event.event}]", saw),))


def _refused(machine: CompiledMachine, record: Record, event: Happened, view: View | None, no: _No) -> Decision[Refused]:
    last = record.entries[-1]
    return Decision(Refused(record, event, last.stage, no.code, no.because, _ways(machine, last, view)), no.because)


def _taken(machine: CompiledMachine, last: Entry, event: Happened, view: View | None, then: str | None = None) -> "Choice | _No":
    """The move that the event makes after that entry, or why there is none; `then` as `_chosen` takes it."""
    found = _chosen(machine, last, event, view, then)
    if isinstance(found, _No) or not found.requires:
        return found
    return _unsaid(event, found.requires, f"{machine.path}.moves[{found.move}]") or found


def _chosen(machine: CompiledMachine, last: Entry, event: Happened, view: View | None, then: str | None) -> "Choice | _No":
    """The move that the event is for, whatever that one wants said.

    With `then`, the guards were decided before: by the move of that name, or, where it is empty, by whoever reported the event.
    """
    several = _answering(machine, last, event)
    if isinstance(several, _No):
        return several
    if then is not None:
        kept = [choice for choice in several if choice.move == then]
        if kept or len(several) == 1:
            return (kept or several)[0]
    unsure: list[Choice] = []
    for choice in several:
        answer = choice.judge(view)
        if answer and not unsure:
            return choice
        if answer is not False:
            unsure.append(choice)
    code: Refusal = "guard_unknown" if unsure else "guard_failed"
    return _No(code, tuple(reason for choice in unsure or several for reason in _judged(choice, view)))


def _answering(machine: CompiledMachine, last: Entry, event: Happened) -> "Sequence[Choice] | _No":
    """The moves that the event may make after that entry, its guards aside."""
    stage = last.stage
    here = machine.choices.get(stage)
    if here is None:
        raise FactError("record.stage", shown(stage), one_of(machine.choices), f"The machine {machine.id} has no such stage.")
    requires = machine.requires.get(event.event)
    if requires is None:
        close = nearest(event.event, machine.requires)
        return _no("unknown_event", machine, event, Seen("nearest", close or "nothing alike"))
    if machine.stages[stage].terminal:
        return _no("terminal", machine, event, Seen("stage", stage))
    if event.at <= last.at and _before(event, last):
        return _no(
            "before_last", machine, event, Seen("happened", event.at), Seen("last", last.at), Seen("last_event", last.event_id or None)
        )
    if last.left is None and not _opens(machine.document, stage, event.event):
        return _no("not_open", machine, event, Seen("stage", stage), Seen("expected", one_of(machine.document.opens_on)))
    several = here.get(event.event)
    if several is None:
        return _no("not_from_here", machine, event, Seen("stage", stage))
    if not requires:
        return several
    unsaid = _unsaid(event, requires, f"{machine.path}.events[{event.event}]")
    if unsaid is not None:
        return unsaid
    said = dict(event.data)
    meant = [choice for choice in several if choice.is_for(said)]
    return meant or _no("wrong_data", machine, event, *(Seen(name, said[name]) for name, _ in requires), Seen("stage", stage))


def _unsaid(event: Happened, requires: _Needs, path: str) -> _No | None:
    """Why the event does not say what is required of it there; None where it does."""
    said = dict(event.data)
    for name, values in requires:
        value = said.get(name)
        if value is None or (values and value not in values):
            code: Refusal = "missing_data" if value is None else "wrong_data"
            verdict = Code.UNKNOWN if value is None else Code.FAILED
            saw = (Seen(name, value), Seen("expected", one_of(values) if values else "any text"))
            return _No(code, (Reason(verdict, f"{path}.requires[{name}]", saw),))
    return None


def _before(event: Happened, last: Entry) -> bool:
    """Whether the event comes before the entry in the order of histories; at the instant of the start nothing does."""
    if event.at < last.at:
        return True
    return bool(last.event_id) and (event.sequence, event.id) < (last.sequence, last.event_id)


def _judged(choice: Choice, view: View | None) -> Iterator[Reason]:
    """The parts of the guard that decided its answer."""
    outcome = choice.judge(view)
    for path, rule in choice.guard:
        if view is None or rule.test(view) is outcome:
            yield from _of(path, rule, view)


def _of(path: str, rule: Rule, view: View | None) -> tuple[Reason, ...]:
    """What a condition says of the facts; without facts, that it is unknown."""
    if view is None:
        return (Reason(Code.UNKNOWN, path, (Seen("asked", sentence(rule.says)),)),)
    return conditions.because(rule, view, path)


def _entries(choice: Choice, event: Happened, policy: str) -> tuple[Entry, ...]:
    """What the move adds: an entry for each stage that it passes, inferred, and the one that was reported."""
    stages, last = (choice.stage, *choice.skipped, choice.to), len(choice.skipped)
    return tuple(
        entered(to, left, event, move=choice.move, policy=policy, place=place, inferred=place < last)
        for place, (left, to) in enumerate(pairwise(stages))
    )


def ways(machine: CompiledMachine, record: Record, view: View | None = None) -> tuple[Way, ...]:
    """The events that work from where the record stands, in the order of the moves, with what they must say and what they ask.

    Those whose guard surely fails on the facts are left out; none works from a terminal stage, and only what opens a record works
    where nothing has happened yet.

    >>> record, machine = _example_record()
    >>> [(way.event, way.to, way.says) for way in ways(machine, record)]
    [('rejected', 'LEAD', (('category', ('bad_fit', 'low_intent')),)), ('accepted', 'SAL', ())]
    """
    _stage(machine, record)
    return _ways(machine, record.entries[-1], view)


def _ways(machine: CompiledMachine, last: Entry, view: View | None) -> tuple[Way, ...]:
    found = []
    for event, several in machine.choices.get(last.stage, {}).items():
        for choice in several if last.left is not None or _opens(machine.document, last.stage, event) else ():
            sure = choice.judge(view)
            if sure is not False:
                found.append(choice.way if sure else evolve(choice.way, sure=None))
    return tuple(found)


# --------------------------------------------------------------------------------------------------------------- folding


def rebuild(
    machine: CompiledMachine,
    record: Record,
    events: Iterable[Happened] = (),
    *,
    view_of: Callable[[Happened], View] | None = None,
    policy: str | None = None,
) -> Rebuilt:
    """The record folded anew from its start, with these events among its own: the answer to those that come late (LC-11).

    The events are ordered by (at, sequence, id). One under the id of an event of the record takes its place; two different ones
    handed over under one id are a `FactError`. To fold another sequence altogether, pass the record that `start` gives. A start
    that lies after the first event moves to it. An event that `advance` refused is no part of the record: whoever may want it later
    keeps it, and hands it over here.

    Guards were decided then, so nobody asks them again: an event takes the move that the record kept of it, or else the only one
    that its stage and what it says leave; where guards would have to choose among several, it is refused as `guard_unknown`. With
    `view_of`, which gives the facts as they were at an event, every guard is judged anew. Entries keep the policy of then; `policy`
    is that of events that are new, and of all of them with `view_of`.

    >>> record, machine = _example_record()
    >>> late = Happened(id="e-0", at=record.entries[0].at, event="captured")
    >>> [entry.event for entry in rebuild(machine, record, [late]).record.entries]
    ['', 'captured', 'scored']
    """
    _refuse_other(machine, record)
    told = {event.id: event for event in happenings(record)}
    decided = {entry.event_id: entry for entry in record.entries[1:] if not entry.inferred}
    for event in _once(events):
        if event.id in told and (told[event.id].event, told[event.id].data) != (event.event, event.data):
            del decided[event.id]
        told[event.id] = event
    ordered = in_order(told.values())
    first = record.entries[0]
    made = [evolve(first, at=ordered[0].at) if ordered and ordered[0].at < first.at else first]
    refused: list[tuple[Happened, Entry, _No]] = []
    for event in ordered:
        then = decided.get(event.id)
        kept = None if view_of is not None else then.move if then is not None else ""
        found = _taken(machine, made[-1], event, None if view_of is None else view_of(event), kept)
        if isinstance(found, _No):
            refused.append((event, made[-1], found))
        else:
            under = then.policy if then is not None else policy or ""
            made += _entries(found, event, under if view_of is None or policy is None else policy)
    rebuilt = Record(record.id, record.machine, tuple(made), record.merged)
    views = [None if view_of is None else view_of(event) for event, _, _ in refused]
    return Rebuilt(
        rebuilt,
        tuple(
            Refused(rebuilt, event, last.stage, no.code, no.because, _ways(machine, last, view))
            for (event, last, no), view in zip(refused, views, strict=True)
        ),
    )


def _once(events: Iterable[Happened]) -> Iterator[Happened]:
    found: dict[str, Happened] = {}
    for event in events:
        if found.setdefault(event.id, event) != event:
            raise FactError(f"events[{event.id}]", "two different events", "one event under one id")
    yield from found.values()


def replay(
    machine: CompiledMachine, record: Record, *, view_of: Callable[[Happened], View] | None = None, policy: str | None = None
) -> Record:
    """The record that its own events make: the same, byte for byte in its plain form, under the machine that made it (LC-10).

    Under another machine, or with `view_of`, what is refused now is left out; `rebuild` tells what that is.

    >>> record, machine = _example_record()
    >>> replay(machine, record) == record
    True
    """
    return rebuild(machine, record, view_of=view_of, policy=policy).record


# ----------------------------------------------------------------------------------------------------- drift and referral


def drift(machine: CompiledMachine, record: Record, view: View) -> Decision[Drift]:
    """Whether the lead still meets the entry criteria of the stage where it stands, and what the policy does when it does not.

    Nothing is moved: where the policy moves, `event` is what to report to `advance`. Criteria that are unknown demote nobody. What
    is no view is a `FactError`.

    >>> from inbound_engine.facts import Account, Lead
    >>> record, machine = _example_record()
    >>> small = View(Lead(id="L-1", account=Account(id="A", employees=9)), record.since)
    >>> drift(machine, record, small).value
    Drift(stage='MQL', holds=False, would_demote=True, does='report', event=None)
    """
    stage = _stage(machine, record)
    _refuse_blind(view)
    rule = machine.criteria.get(stage.id)
    if rule is None:
        return Decision(Drift(stage.id, holds=True, would_demote=False, does="nothing", event=None))
    holds = rule.test(view)
    because = _of(f"{machine.path}.stages[{stage.id}].when", rule, view)
    if holds is not False:
        return Decision(Drift(stage.id, holds, would_demote=False, does="nothing", event=None), because)
    return Decision(Drift(stage.id, holds, would_demote=True, does=stage.drift, event=stage.drift_event), because)


def referral(record: Record, event: Happened, *, id: str) -> dict[str, Plain]:  # noqa: A002 - what leads are called by
    """The new lead that a customer referred, as plain data that a lead is read from: its source is the referrer (LC-13).

    The record must have a `referred` under the id of the event, else it is a `FactError`: what was refused refers nobody, and nothing
    else does. Its instant is the one that the record has. What is known of the person is added by the caller.

    >>> record, machine = _example_record()
    >>> event = Happened(id="e-2", at=record.since, event="referred")
    >>> referral(stepped(record, event, "MQL", move="refer"), event, id="L-2")
    {'id': 'L-2', 'created_at': '2026-03-02T09:00:00Z', 'source': 'referral:L-1'}
    """
    found = next((entry for entry in record.entries if entry.event_id == event.id), None)
    if found is None:
        raise FactError("event.id", shown(event.id), f"an event of the record {record.id}", "Report it to advance first.")
    if found.event != _REFERRED:
        raise FactError("event.event", shown(found.event), shown(_REFERRED), "Only a referral starts a lead of its own.")
    return {"id": id, "created_at": plain(found.at), "source": f"referral:{record.id}"}


_REFERRED = "referred"


# -------------------------------------------------------------------------------------------------------------- examples

_EXAMPLE: Mapping[str, object] = {
    "id": "lead",
    "start": "LEAD",
    "path": ["LEAD", "MQL", "SAL"],
    "stages": [
        {"id": "LEAD"},
        {"id": "MQL", "when": {"op": "at_least", "fact": "employees", "value": 50}},
        {"id": "SAL", "owner": "sales", "terminal": True, "crm": True},
    ],
    "events": [
        {"id": "captured"},
        {"id": "scored"},
        {"id": "accepted"},
        {"id": "rejected", "requires": [{"name": "category", "values": ["bad_fit", "low_intent"]}]},
    ],
    "moves": [
        {"id": "capture", "stages": ["LEAD"], "event": "captured"},
        {"id": "qualify", "stages": ["LEAD"], "event": "scored", "to": "MQL", "stamps": ["became_mql"]},
        {"id": "reject", "stages": ["MQL"], "event": "rejected", "to": "LEAD", "backward": True},
        {"id": "accept", "stages": ["LEAD", "MQL"], "event": "accepted", "to": "SAL"},
    ],
}


def _example() -> Rules:
    """The small machine of the examples, compiled."""
    words = vocabulary.compile(FactsDocument())
    return compile(LifecycleDocument.model_validate({"machines": [_EXAMPLE]}), words, Questions())


def _example_record() -> tuple[Record, CompiledMachine]:
    """A record of it that stands at MQL, and the machine."""
    machine = _example().machine("lead")
    at = instant(datetime(2026, 3, 2, 9, tzinfo=UTC))
    big = View(Lead(id="L-1", account=Account(id="A", employees=240)), at)
    made = advance(machine, start(machine, "L-1", at=at), Happened(id="e-1", at=at, event="scored"), big, at=at).value
    return made.record, machine
