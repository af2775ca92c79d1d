"""What goes over to sales, and what comes back?

Marketing hands an MQL over as a package of facts and scores (SL-1). What is missing is named. A package that lacks a required
field is refused; one that lacks another is delivered and flagged `incomplete`, or refused as well where the policy is strict.
Either way it counts against marketing, and the lead is not lost: a refusal says what to find out.

What comes back is an answer: accepted, or rejected with its category, or silence. Acceptance is accepted / (accepted + rejected), a
rate with its interval, judged by the bands of the policy (SL-10). The bands are read from below, so an end belongs to the band that
says so: exactly 50 % is no audit, exactly 75 % is healthy. Silence counts against sales and is in neither rate (SL-2).

The scorecard says what each side is held to (SL-11): a figure, its limit, and what follows when it is missed. How promises of time
are kept is measured by their clocks; here a figure is only held against its limit.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

import attrs
from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.decisions import HIDDEN, Code, Decision, Plain, Reason, Seen, plain
from inbound_engine.documents import Document, Exact, Id, Label, UniqueRows, exact_text, refuse
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.history import Entry, Record, each_record
from inbound_engine.proportions import Rate, interval, percent
from inbound_engine.spans import Span, instant
from inbound_engine.vocabulary import FactName, View, Vocabulary, Word

__all__ = [
    "Acceptance",
    "AcceptanceBand",
    "Commitment",
    "HandoffDocument",
    "HandoffField",
    "Kept",
    "Package",
    "Refused",
    "Rules",
    "Side",
    "Tally",
    "acceptance",
    "compile",
    "deliver",
    "from_records",
    "scorecard",
    "strangers",
]

Side: TypeAlias = Literal["marketing", "sales"]
Verdict: TypeAlias = Literal["healthy", "watch", "act"]

_ALL = 100  # percent


# ------------------------------------------------------------------------------------------------------------ documents


class HandoffField(Document):
    """A fact or a score that goes over; without a required one nothing does."""

    id: FactName
    label: Label = ""
    required: bool = False
    source: Label = ""


class AcceptanceBand(Document):
    """Acceptance rates `below` so many percent, or `at_most` so many; the last band has neither and takes the rest."""

    id: Id
    verdict: Verdict
    below: Exact | None = None
    at_most: Exact | None = None
    says: Label = ""
    source: Label = ""


class Commitment(Document):
    """What one side is held to: a figure, its limit, and what follows when it is missed (SL-11).

    `limit` is None where the policy sets none yet; the figure is shown all the same.
    """

    id: Id
    side: Side
    label: Label = ""
    unit: Label = ""
    kept_when: Literal["at_least", "at_most", "less_than"]
    limit: Exact | None = None
    consequence: Label = ""
    source: Label = ""


class HandoffDocument(Document):
    """What goes over, how answers are counted, what acceptance rates mean, and what each side is held to.

    A hand-off is an observed entry into `stage`, of a record of a machine about `about`; one that was reported with `held_name` =
    `held_value` is held by marketing and is none (TI-4), until an entry that stays in the stage says otherwise. The event that ends
    it is the answer: `accepted`, `rejected` (with the category under `category_name`), or `ignored` with the reason `ignored_reason`.
    """

    about: Id = "lead"
    fields: UniqueRows[HandoffField] = Field(min_length=1)
    strict: bool = False
    stage: Id = "MQL"
    accepted: Id = "accepted"
    rejected: Id = "rejected"
    category_name: Id = "category"
    ignored: Id = "recycled"
    ignored_reason: Id = "ignored"
    held_name: Id = "handed_off"
    held_value: Id = "false"
    bands: UniqueRows[AcceptanceBand] = Field(min_length=1)
    audit_rejection_above: Exact = Fraction(70)
    scorecard: UniqueRows[Commitment] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "HandoffDocument":
        refuse([*_misplaced(self.bands), *_beyond_percent(self)])
        return self


def _end(band: AcceptanceBand) -> tuple[Fraction, bool] | None:
    """The upper end of a band, and whether it belongs to it; of two the lower."""
    ends = ((band.below, False), (band.at_most, True))
    return min(((end, closed) for end, closed in ends if end is not None), default=None)


def _misplaced(bands: Sequence[AcceptanceBand]) -> Iterator[Problem]:
    """Bands that are not written from below, each with one end, the last with none."""
    reached: tuple[Fraction, bool] | None = None
    for band in bands[:-1]:
        path, end = f"bands[{band.id}]", _end(band)
        if end is None or (band.below is not None and band.at_most is not None):
            yield Problem(path, "two ends" if end else "no end", "below or at_most", "Only the last band has no end.")
        elif reached is not None and end <= reached:
            yield Problem(path, _written(end), f"an end above {_written(reached)}", "Write bands from below.")
        reached = end
    if _end(bands[-1]) is not None:
        yield Problem(f"bands[{bands[-1].id}]", "a last band with an end", "neither below nor at_most", "It takes the rest.")


def _written(end: tuple[Fraction, bool]) -> str:
    return f"{'at_most' if end[1] else 'below'} {exact_text(end[0])}"


def _beyond_percent(document: HandoffDocument) -> Iterator[Problem]:
    ends = [(f"bands[{band.id}]", end[0]) for band in document.bands if (end := _end(band)) is not None]
    for path, value in (*ends, ("audit_rejection_above", document.audit_rejection_above)):
        if not 0 <= value <= _ALL:
            yield Problem(path, str(exact_text(value)), "0 to 100, in percent")


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Package:
    """What goes over: the fields that are known, in the order of the policy, and the names of those that are missing.

    No `repr` shows a personal field; `to_dict` does where it is not told to redact.
    """

    lead: str
    at: datetime
    fields: tuple[Seen, ...]
    missing: tuple[str, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether something is missing."""
        return bool(self.missing)

    @property
    def counted_against(self) -> Side | None:
        """Marketing, where something is missing (SL-1)."""
        return "marketing" if self.missing else None

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The package as plain data; with `redact` personal fields become "(personal)"."""
        values: dict[str, Plain] = {one.name: HIDDEN if redact and one.personal else plain(one.value) for one in self.fields}
        return {"lead": self.lead, "at": plain(self.at), "fields": values, "missing": [*self.missing], "incomplete": self.incomplete}


@frozen
class Refused:
    """Nothing goes over: what is missing, and which of it the policy requires. Counted against marketing.

    `required` is empty where only the strictness of the policy refused.
    """

    lead: str
    at: datetime
    missing: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def counted_against(self) -> Side:
        """Marketing (SL-1)."""
        return "marketing"

    def to_dict(self) -> dict[str, Plain]:
        """The refusal as plain data."""
        return {"lead": self.lead, "at": plain(self.at), "missing": [*self.missing], "required": [*self.required]}


_Counts: TypeAlias = Mapping[str, int] | Iterable[tuple[str, int]]


def _counts(values: _Counts, path: str) -> tuple[tuple[str, int], ...]:
    """The counts by name: of a mapping, or of pairs in any order, each name once."""
    items: object = values.items() if isinstance(values, Mapping) else values
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise FactError(path, shown(values), "a table of names and counts", 'Write it like {"bad_fit": 3}.')
    found: dict[str, int] = {}
    for item in items:
        match item:
            case (str() as name, times) if name not in found:
                found[name] = times
            case (str() as name, _):
                raise FactError(f"{path}.{name}", "the name twice", "names that differ", "Add both counts up.")
            case _:
                raise FactError(path, shown(item), "pairs of a name and a count")
    return tuple(sorted(found.items()))


def _rejected(values: _Counts) -> tuple[tuple[str, int], ...]:
    return _counts(values, "tally.rejected")


def _otherwise(values: _Counts) -> tuple[tuple[str, int], ...]:
    return _counts(values, "tally.otherwise")


@frozen(kw_only=True)
class Tally:
    """How hand-offs ended: accepted, rejected by category, ignored, otherwise by event, or still waiting.

    The order of the names never matters. A count that is no whole number from zero on, and a name twice, are a `FactError`.

    >>> Tally(accepted=38, rejected={"low_intent": 8, "bad_fit": 14}).decided
    60
    """

    accepted: int = 0
    rejected: tuple[tuple[str, int], ...] = field(default=(), converter=_rejected)
    ignored: int = 0
    otherwise: tuple[tuple[str, int], ...] = field(default=(), converter=_otherwise)
    waiting: int = 0

    def __attrs_post_init__(self) -> None:
        """Checks every count."""
        named = (("accepted", self.accepted), ("ignored", self.ignored), ("waiting", self.waiting), *self.rejected, *self.otherwise)
        for name, times in named:
            if type(times) is not int or times < 0:
                raise FactError(f"tally.{name}", shown(times), "a count: a whole number, zero or more")

    @property
    def decided(self) -> int:
        """How many sales accepted or rejected."""
        return self.accepted + sum(times for _, times in self.rejected)

    @property
    def handed_off(self) -> int:
        """How many went over."""
        return self.decided + self.ignored + sum(times for _, times in self.otherwise) + self.waiting


@frozen
class Acceptance:
    """What an acceptance rate means: its band, which bands its interval allows, and whether rejection calls for an audit.

    `band` and `verdict` are None where nothing is decided. `possible` are the bands from one end of the interval to the other; where
    there are several, the cases are too few to be sure (FN-2). As text it is the finding in words.
    """

    tally: Tally
    accepted: Rate
    rejected: Rate
    bounds: tuple[Fraction, Fraction] | None
    band: str | None
    verdict: Verdict | None
    possible: tuple[str, ...]
    audit_required: bool
    says: str

    def __str__(self) -> str:
        """The finding in words."""
        return self.says


@frozen
class Kept:
    """A commitment, its figure, and whether it was kept; None where the figure or the limit is unknown."""

    commitment: Commitment
    figure: Fraction | None
    kept: bool | None


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The hand-off of a policy, compiled: each field with the fact that it reads, and the machines whose records are handed off."""

    document: HandoffDocument
    machines: frozenset[str]
    fields: tuple[tuple[HandoffField, Word], ...]


def compile(document: HandoffDocument, words: Vocabulary, machines: Iterable[str] = frozenset({"lead"})) -> Rules:
    """The hand-off made ready; `PolicyError` where a field names no fact or score.

    `machines` are the ids of those about what the document is about; no record of another is counted.

    >>> from inbound_engine import vocabulary
    >>> document = HandoffDocument(fields=[{"id": "email", "required": True}], bands=[{"id": "any", "verdict": "watch"}])
    >>> [word.personal for _, word in compile(document, vocabulary.compile(vocabulary.FactsDocument())).fields]
    [True]
    """
    fields = tuple((one, words.word(one.id, f"handoff.fields[{one.id}].id")) for one in document.fields)
    return Rules(document, frozenset(machines), fields)


def strangers(
    document: HandoffDocument, stages: Collection[str], events: Mapping[str, Collection[str]], path: str = "handoff"
) -> Iterator[Problem]:
    """The names that the lifecycle does not have: of the stage, of the events, and of what a rejection must say.

    `stages` are those of the machines about what the document is about; where there are none, that is the one problem. `events` are
    theirs, each with the names of what it must say; where a rejection must say nothing, the category is not looked for.

    >>> document = HandoffDocument(fields=[{"id": "email"}], bands=[{"id": "any", "verdict": "watch"}], accepted="acepted")
    >>> print(*strangers(document, ["MQL"], {"accepted": (), "recycled": (), "rejected": ("category",)}))
    handoff.accepted: saw 'acepted', expected one of accepted, recycled, rejected. Did you mean "accepted"?
    """
    if not stages:
        yield Problem(f"{path}.about", shown(document.about), "what a machine of the lifecycle is about", "Add one, or change about.")
        return
    names: list[tuple[str, str, Collection[str]]] = [("stage", document.stage, stages)]
    names += [("accepted", document.accepted, events), ("rejected", document.rejected, events), ("ignored", document.ignored, events)]
    names += [("category_name", document.category_name, said)] if (said := events.get(document.rejected)) else []
    for where, name, known in names:
        if name not in known:
            close = nearest(name, known)
            hint = f'Did you mean "{close}"?' if close else "Add it to the lifecycle."
            yield Problem(f"{path}.{where}", shown(name), one_of(known), hint)


# ------------------------------------------------------------------------------------------------------------ functions


def deliver(rules: Rules, view: View, *, at: datetime) -> Decision[Package | Refused]:
    """The package of a lead as sales gets it, or the refusal, with a reason for each field (SL-1).

    A field is missing where nobody knows it. A hand-off dated before the instant that the view looks from is a `FactError`: it would
    know what had not happened yet. So is a lead itself: it is assessed first.

    >>> from inbound_engine import vocabulary
    >>> from inbound_engine.facts import Lead
    >>> from inbound_engine.spans import parse_instant
    >>> fields = [{"id": "email", "required": True}, {"id": "title"}]
    >>> document = HandoffDocument(fields=fields, bands=[{"id": "any", "verdict": "watch"}])
    >>> rules = compile(document, vocabulary.compile(vocabulary.FactsDocument()))
    >>> at = parse_instant("2026-03-02T09:03Z")
    >>> decision = deliver(rules, View(Lead(id="L-1", email="ana@acme.example"), at), at=at)
    >>> decision.value.fields, decision.value.missing, decision.value.incomplete
    ((Seen('email', (personal)),), ('title',), True)
    """
    at = instant(at, "handoff.at")
    if not isinstance(view, View):
        raise FactError("view", shown(view), "a View of the lead", "Pass the view of its assessment.")
    if at < view.at:
        raise FactError("handoff.at", at.isoformat(), f"an instant at or after {view.at.isoformat()}, from which the lead was seen")
    known, missing, required, because = [], [], [], []
    for one, word in rules.fields:
        value = word.read(view)
        path = f"handoff.fields[{one.id}]"
        if value is None:
            missing.append(one.id)
            required += [one.id] if one.required else []
            because.append(Reason(Code.UNKNOWN, path, (Seen("required", one.required),)))
        else:
            known.append(Seen(one.id, value, personal=word.personal))
            because.append(Reason(Code.MATCHED, path, (known[-1],)))
    if required or (missing and rules.document.strict):
        return Decision(Refused(view.lead.id, at, tuple(missing), tuple(required)), tuple(because))
    return Decision(Package(view.lead.id, at, tuple(known), tuple(missing)), tuple(because))


def from_records(rules: Rules, records: Iterable[Record], span: Span, *, at: datetime) -> Tally:
    """How the hand-offs within the span had ended by `at`; the span is half-open, `at` is included, and what comes after is invisible.

    Counted by when they were handed off, so that each is counted once and the counts add up: a record that was handed off twice
    counts twice. Inferred entries are no hand-offs. A lead that marketing held is handed off by the first entry of its visit that
    says so; from then on it stays handed off, whatever later scores say. What a hand-off ended with, when it was neither an answer
    nor silence (a merger, a discovery that nobody had accepted), is counted by its event. A rejection without a category counts as
    "uncategorised".

    >>> from inbound_engine import vocabulary
    >>> from inbound_engine.history import Entry
    >>> from inbound_engine.spans import parse_instant
    >>> rules = compile(
    ...     HandoffDocument(fields=[{"id": "email"}], bands=[{"id": "any", "verdict": "watch"}]),
    ...     vocabulary.compile(vocabulary.FactsDocument()),
    ... )
    >>> since, until = parse_instant("2026-03-01T00:00Z"), parse_instant("2026-04-01T00:00Z")
    >>> lead = Entry(stage="LEAD", left=None, at=since, event_id="", event="", move="")
    >>> mql = Entry(stage="MQL", left="LEAD", at=since, event_id="e-1", event="scored", move="qualify")
    >>> from_records(rules, [Record("L-1", "lead", (lead, mql))], Span(since, until), at=until).waiting
    1
    """
    at = instant(at)
    if not isinstance(span, Span):
        raise FactError("span", shown(span), "a Span", "Pass Span(since, until).")
    document = rules.document
    accepted = ignored = waiting = 0
    rejected: Counter[str] = Counter()
    otherwise: Counter[str] = Counter()
    for record in each_record(records):
        for handed, answer in _handoffs(document, record) if record.machine in rules.machines else ():
            if handed.at not in span or handed.at > at:
                continue
            if answer is None or answer.at > at:
                waiting += 1
            elif answer.event == document.accepted:
                accepted += 1
            elif answer.event == document.rejected:
                rejected[dict(answer.data).get(document.category_name, "uncategorised")] += 1
            elif answer.event == document.ignored and document.ignored_reason in _said(answer, "reason"):
                ignored += 1
            else:
                otherwise[answer.event] += 1
    return Tally(accepted=accepted, rejected=rejected, ignored=ignored, otherwise=otherwise, waiting=waiting)


def _handoffs(document: HandoffDocument, record: Record) -> Iterator[tuple[Entry, Entry | None]]:
    """The entries by which a record was handed off, at most one a visit, each with the entry that ended the visit."""
    handed: Entry | None = None
    for entry in record.entries:
        begins = entry.left != entry.stage
        if begins and handed is not None:
            yield handed, entry
            handed = None
        if handed is None and entry.stage == document.stage and not entry.inferred:
            said = _said(entry, document.held_name)
            handed = entry if document.held_value not in said and (begins or said) else None
    if handed is not None:
        yield handed, None


def _said(entry: Entry, name: str) -> tuple[str, ...]:
    """What an entry was reported with under a name: among its data, or as its reason."""
    reason = (entry.reason,) if name == "reason" and entry.reason is not None else ()
    return (*(value for key, value in entry.data if key == name), *reason)


def acceptance(rules: Rules, tally: Tally) -> Decision[Acceptance]:
    """What the acceptance rate of a tally means, in words too, with the band that says so (SL-10).

    Rates are compared exactly, and the first band from below whose end is not passed rules. Silence and what still waits are in no
    rate. Where nothing is decided there is no band.

    >>> from inbound_engine import vocabulary
    >>> bands = [{"id": "low", "verdict": "act", "below": 50}, {"id": "healthy", "verdict": "healthy"}]
    >>> document = HandoffDocument(fields=[{"id": "email"}], bands=bands)
    >>> rules = compile(document, vocabulary.compile(vocabulary.FactsDocument()))
    >>> print(acceptance(rules, Tally(accepted=60, rejected={"bad_fit": 40})).value)
    60 of 100 accepted, 60.0 %, between 50.2 % and 69.1 % with 95 % confidence: healthy. Rejected: bad_fit 40.
    """
    document = rules.document
    accepted, rejected = Rate(tally.accepted, tally.decided), Rate(tally.decided - tally.accepted, tally.decided)
    bounds = interval(accepted)
    if accepted.value is None or bounds is None:
        saw = (Seen("decided", 0), Seen("ignored", tally.ignored), Seen("waiting", tally.waiting))
        says = " ".join(["Nothing is decided yet: no acceptance rate.", *_silence(tally)])
        nothing = Acceptance(tally, accepted, rejected, None, None, None, (), audit_required=False, says=says)
        return Decision(nothing, (Reason(Code.UNKNOWN, "handoff.bands", saw),))
    low, here, high = (_band(document.bands, share) for share in (bounds[0], accepted.value, bounds[1]))
    band = document.bands[here]
    audit = rejected.hits * _ALL > document.audit_rejection_above * rejected.total
    possible = tuple(one.id for one in document.bands[low : high + 1])
    found = Acceptance(tally, accepted, rejected, bounds, band.id, band.verdict, possible, audit_required=audit, says="")
    counts = (Seen("accepted", tally.accepted), Seen("decided", tally.decided))
    because = (
        Reason(Code.MATCHED, f"handoff.bands[{band.id}]", counts),
        Reason(Code.MATCHED if audit else Code.FAILED, "handoff.audit_rejection_above", (Seen("rejected", rejected.hits), counts[1])),
    )
    return Decision(attrs.evolve(found, says=" ".join(_words(document, found, band))), because)


def _band(bands: Sequence[AcceptanceBand], share: Fraction) -> int:
    """The number of the first band that a share lies in; the last takes the rest."""
    for number, band in enumerate(bands[:-1]):
        if (band.below is not None and share * _ALL < band.below) or (band.at_most is not None and share * _ALL <= band.at_most):
            return number
    return len(bands) - 1


def _words(document: HandoffDocument, found: Acceptance, band: AcceptanceBand) -> Iterator[str]:
    low, high = (percent(Rate(end.numerator, end.denominator)) for end in found.bounds or ())
    yield f"{found.accepted} accepted, {percent(found.accepted)}, between {low} and {high} with 95 % confidence: {band.id}."
    if band.says:
        yield f"{band.says}."
    if len(found.possible) > 1:
        yield f"Too few to be sure: {', '.join(found.possible[:-1])} or {found.possible[-1]}."
    if found.tally.rejected:
        by_number = sorted(found.tally.rejected, key=lambda pair: (-pair[1], pair[0]))
        yield f"Rejected: {', '.join(f'{category} {times}' for category, times in by_number)}."
    if found.audit_required:
        yield f"Rejection of {percent(found.rejected)} is above {exact_text(document.audit_rejection_above)} %: audit the scoring."
    yield from _silence(found.tally)


def _silence(tally: Tally) -> Iterator[str]:
    if tally.ignored:
        yield f"Ignored: {tally.ignored}, counted against sales."


def scorecard(rules: Rules, figures: Mapping[str, int | Fraction | Rate]) -> tuple[Kept, ...]:
    """What each side is held to, with its figure and whether it was kept, in the order of the policy (SL-11).

    Figures are named by the ids of commitments. A rate is held against its limit in percent, and a rate of no cases is unknown. On
    the limit, `at_least` and `at_most` are kept and `less_than` is not. A figure that nobody is held to is a `FactError`.

    >>> from inbound_engine import vocabulary
    >>> promise = {"id": "review", "side": "sales", "kept_when": "less_than", "limit": 24, "unit": "hours"}
    >>> document = HandoffDocument(fields=[{"id": "email"}], bands=[{"id": "any", "verdict": "watch"}], scorecard=[promise])
    >>> rules = compile(document, vocabulary.compile(vocabulary.FactsDocument()))
    >>> [scorecard(rules, {"review": hours})[0].kept for hours in (23, 24)], scorecard(rules, {})[0].kept
    ([True, False], None)
    """
    known = [commitment.id for commitment in rules.document.scorecard]
    for name in figures:
        if name not in known:
            close = nearest(name, known)
            raise FactError(f"figures.{name}", shown(name), one_of(known), f'Did you mean "{close}"?' if close else "")
    return tuple(_kept(commitment, figures.get(commitment.id)) for commitment in rules.document.scorecard)


def _kept(commitment: Commitment, given: int | Fraction | Rate | None) -> Kept:
    figure = given
    if isinstance(given, Rate):
        figure = None if given.value is None else given.value * _ALL
    if isinstance(figure, bool) or not isinstance(figure, int | Fraction | None):
        raise FactError(f"figures.{commitment.id}", shown(figure), "a whole number, a Fraction or a Rate")
    exact = None if figure is None else Fraction(figure)
    if exact is None or commitment.limit is None:
        return Kept(commitment, exact, None)
    match commitment.kept_when:
        case "at_least":
            return Kept(commitment, exact, exact >= commitment.limit)
        case "at_most":
            return Kept(commitment, exact, exact <= commitment.limit)
        case _:
            return Kept(commitment, exact, exact < commitment.limit)
