"""Did marketing source the deal, or influence it?

Sourced is binary, and there are four definitions of it (AT-3, AD-26): an MQL that scoring made and sales accepted, the default; what
the lead source says; whether the first touch was marketing's; and whether a marketing touch came before the first thing that sales
did. They are told side by side with the deals behind every gap, since most quarrels are about the definition. A deal that a definition
cannot tell is unknown, and counts for neither side.

Influenced is another question, and two names, never one: `influenced_pipeline` asks whether marketing touched the account at any
point, `influenced_revenue` whether somebody of the closed deal touched marketing. A deal counts once. By campaign the same deal stands
in several rows, so those rows are never added up, and there is nothing here that would.

A salesperson's "I sourced this" is checked against the touches (AT-4): they speak, the field does not.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from attrs import frozen
from pydantic import Field

from inbound_engine import journeys as journeys_room
from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.documents import Document, Id, Label, Rows
from inbound_engine.errors import FactError, Problem, each_of, nearest, of_type, one_of, shown
from inbound_engine.facts import Activity, Lead, Opportunity, Outreach
from inbound_engine.history import Record, each_record, visits
from inbound_engine.journeys import Journey, Total
from inbound_engine.money import Money
from inbound_engine.people import People
from inbound_engine.proportions import Rate, percent
from inbound_engine.rollups import By, key_of

__all__ = [
    "DEFINITIONS",
    "Claim",
    "Definition",
    "Gap",
    "Influence",
    "Overlap",
    "Sourced",
    "SourcedShare",
    "SourcingDocument",
    "SourcingReport",
    "check_claim",
    "influence",
    "is_influenced",
    "overlaps",
    "report",
    "sourced",
    "strangers",
]

Definition: TypeAlias = Literal["accepted_mql", "lead_source", "first_touch", "before_sales"]
"""What makes a deal sourced by marketing."""
DEFINITIONS: tuple[Definition, ...] = ("accepted_mql", "lead_source", "first_touch", "before_sales")
"""The definitions, in the order in which they are told."""

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]
Contacts: TypeAlias = Literal["roles", "primary", "account", "hybrid"]

_OUT_OF_SIGHT = frozenset({"after_close", "recorded_later", "before_previous_close", "outside_window"})
_TOTALS: tuple[Total, ...] = ("revenue", "pipeline", "lost")


# ------------------------------------------------------------------------------------------------------------ documents


class SourcingDocument(Document):
    """What makes a deal sourced, and whose touches make it influenced (AT-3, AD-26).

    An accepted MQL is a lead that entered `mql_stage` by one of `scored` and later `sal_stage` by one of `accepted`. Lead sources are
    compared without case and outer white space; one that is in neither list is unknown. `influence_until` says whether touches count
    up to the close or only up to the creation of the opportunity.
    """

    default: Definition = "accepted_mql"
    mql_stage: Id = "MQL"
    scored: Rows[Id] = ("scored",)
    sal_stage: Id = "SAL"
    accepted: Rows[Id] = ("accepted",)
    marketing_sources: Rows[Text] = ()
    other_sources: Rows[Text] = ()
    pipeline_contacts: Contacts = "account"
    revenue_contacts: Contacts = "hybrid"
    influence_until: Literal["close", "opportunity"] = "close"
    source: Label = ""


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Sourced:
    """What each definition says of a deal: true, false, or None where it cannot tell; with the reasons."""

    opportunity: Opportunity
    total: Total
    verdicts: tuple[tuple[Definition, bool | None], ...]
    because: tuple[Reason, ...]

    def by(self, definition: Definition) -> bool | None:
        """What that definition says.

        A `FactError` for one that is none.
        """
        found = dict(self.verdicts)
        if definition not in found:
            raise FactError("definition", shown(definition), one_of(DEFINITIONS))
        return found[definition]


@frozen
class SourcedShare:
    """How much is sourced by one definition, of one total and currency: by deals and by amount, the unknown beside both."""

    definition: Definition
    total: Total
    currency: str
    deals: Rate
    sourced: Money
    of: Money
    unknown: int
    unknown_amount: Money

    @property
    def share(self) -> Fraction | None:
        """The sourced part of the amount that the definition can tell; None where that is zero."""
        return Fraction(self.sourced.minor, self.of.minor) if self.of.minor else None


@frozen
class Gap:
    """The deals that one definition calls sourced and the other does not, or cannot tell; `difference` is amount less amount."""

    one: Definition
    other: Definition
    total: Total
    currency: str
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]
    difference: Money


@frozen
class SourcingReport:
    """All definitions side by side, and the gap of each to the default with the deals behind it."""

    default: Definition
    shares: tuple[SourcedShare, ...]
    gaps: tuple[Gap, ...]

    def share(self, definition: Definition, total: Total = "revenue") -> SourcedShare:
        """The share by that definition; `FactError` when there is none, or when it is in several currencies."""
        found = [share for share in self.shares if (share.definition, share.total) == (definition, total)]
        if len(found) != 1:
            raise FactError("definition", f"{len(found)} shares of {total} by {shown(definition)}", "one")
        return found[0]

    def __str__(self) -> str:
        """A line for each definition, and one for each gap."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for share in self.shares:
            unknown = f", {share.unknown} unknown" if share.unknown else ""
            yield f"{share.definition}: {share.sourced} of {share.of} {share.total}, {share.deals} deals, {percent(share.deals)}{unknown}"
        for gap in self.gaps:
            if gap.only_one or gap.only_other:
                behind = f"only {gap.one}: {_listed(gap.only_one)}; only {gap.other}: {_listed(gap.only_other)}"
                yield f"{gap.one} less {gap.other}, {gap.total}: {gap.difference} ({behind})"


@frozen
class Influence:
    """How much of one total marketing touched, each deal counted once: `name` is influenced_pipeline or influenced_revenue."""

    name: str
    currency: str
    deals: Rate
    influenced: Money
    of: Money
    behind: tuple[str, ...]

    @property
    def share(self) -> Fraction | None:
        """The influenced part of the amount; None where that is zero."""
        return Fraction(self.influenced.minor, self.of.minor) if self.of.minor else None


@frozen
class Overlap:
    """What a campaign, or whatever else, influenced; the same deal stands under every one that touched it, so rows are never added up."""

    key: str | None
    total: Total
    currency: str
    deals: int
    amount: Money


@frozen
class Claim:
    """What the touches say of a salesperson's "I sourced this" (AT-4).

    `before` are the marketing touches that lie before the first thing that sales did, or before the opportunity where sales did
    nothing; `ahead` is how long the first of them lies before it.
    """

    verdict: Literal["confirmed", "contradicted", "unknown"]
    first_sales: datetime | None
    before: tuple[Activity, ...]
    ahead: timedelta | None


# ------------------------------------------------------------------------------------------------------------ functions


def sourced(
    document: SourcingDocument,
    journey: Journey,
    *,
    lead: Lead | None = None,
    records: Iterable[Record] = (),
    outreach: Iterable[Outreach] = (),
) -> Sourced:
    """What each definition says of the deal, from its journey, its lead, the histories of its leads and what sales did.

    Sales did what is in `outreach`, and every touch of the journey that is not marketing's; automatic messages count too. What lies
    out of sight of the journey, before the previous win or the look-back of every channel, counts for neither side. A touch at the
    very instant of the first thing that sales did, or on its date where dates are compared, does not lie before it. Histories end
    with the journey; what was only noted in a stage is no entry into it.

    >>> from datetime import UTC
    >>> from inbound_engine.journeys import JourneyDocument, compile, prepare
    >>> deal = Opportunity(id="D-1", opened_at=datetime(2026, 2, 1, tzinfo=UTC), closed_at=datetime(2026, 3, 1, tzinfo=UTC), won=True)
    >>> click = Activity(id="t-1", kind="visit", at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> journey = prepare(compile(JourneyDocument()), deal, [click])
    >>> dict(sourced(SourcingDocument(), journey, lead=Lead(id="L-1", source="Cold call")).verdicts)
    {'accepted_mql': None, 'lead_source': None, 'first_touch': True, 'before_sales': True}
    """
    sales = tuple(each_of(outreach, Outreach, "outreach"))
    of_type(journey, Journey, "journey")
    verdicts: list[tuple[Definition, bool | None]] = []
    because: list[Reason] = []
    found: tuple[tuple[Definition, Decision[bool | None]], ...] = (
        ("accepted_mql", _accepted_mql(document, journey, records)),
        ("lead_source", _lead_source(document, lead)),
        ("first_touch", _first_touch(journey)),
        ("before_sales", _before_sales(journey, sales)),
    )
    for definition, decision in found:
        verdicts.append((definition, decision.value))
        because += decision.because
    return Sourced(journey.opportunity, journey.total, tuple(verdicts), tuple(because))


def report(document: SourcingDocument, deals: Iterable[Sourced]) -> SourcingReport:
    """All definitions side by side, by total and currency, and the gap of each to the default.

    A deal without an amount is a `FactError`, and so is one that stands twice.

    >>> report(SourcingDocument(), []).shares
    ()
    """
    grouped: dict[tuple[int, str], list[tuple[Sourced, int]]] = {}
    seen: set[str] = set()
    for one in each_of(deals, Sourced, "deals"):
        if one.opportunity.id in seen:
            raise FactError("deals", f"{shown(one.opportunity.id)} twice", "each deal once")
        seen.add(one.opportunity.id)
        amount = _amount(one.opportunity)
        grouped.setdefault((_TOTALS.index(one.total), amount.currency), []).append((one, amount.minor))
    shares: list[SourcedShare] = []
    gaps: list[Gap] = []
    for (number, currency), rows in sorted(grouped.items(), key=lambda item: item[0]):
        total = _TOTALS[number]
        shares += (_share(definition, total, currency, rows) for definition in DEFINITIONS)
        gaps += (_gap(document.default, other, total, currency, rows) for other in DEFINITIONS if other != document.default)
    return SourcingReport(document.default, tuple(shares), tuple(gaps))


def is_influenced(document: SourcingDocument, journey: Journey) -> bool:
    """Whether at least one touch counts, up to the close or up to the creation of the opportunity, as the policy says (AD-26)."""
    if document.influence_until == "opportunity":
        return "opportunity" in of_type(journey, Journey, "journey").marks
    return bool(of_type(journey, Journey, "journey").touches)


def influence(
    document: SourcingDocument,
    rules: journeys_room.Rules,
    people: People,
    opportunities: Iterable[Opportunity],
    touches: Iterable[Activity],
    *,
    at: datetime,
) -> tuple[Influence, ...]:
    """`influenced_pipeline` over the deals that are open at the instant, and `influenced_revenue` over those won, by currency.

    Whose touches count is a policy value for each: shipped, those of the whole account for pipeline, and of the people of the deal for
    revenue. Lost deals are in neither.

    >>> from datetime import UTC
    >>> from inbound_engine.journeys import JourneyDocument, compile
    >>> from inbound_engine.people import PeopleDocument
    >>> influence(SourcingDocument(), compile(JourneyDocument()), People.of(PeopleDocument()), [], [], at=datetime(2026, 3, 1, tzinfo=UTC))
    ()
    """
    deals, clicks = tuple(each_of(opportunities, Opportunity, "opportunities")), tuple(each_of(touches, Activity, "touches"))
    asked: tuple[tuple[str, Total, Contacts], ...] = (
        ("influenced_pipeline", "pipeline", document.pipeline_contacts),
        ("influenced_revenue", "revenue", document.revenue_contacts),
    )
    found: list[Influence] = []
    for name, total, contacts in asked:
        sums: dict[str, tuple[list[str], list[int]]] = {}
        for journey in journeys_room.assemble(rules, people.counting(contacts), deals, clicks, at=at):
            if journey.total == total:
                amount = _amount(journey.opportunity)
                behind, row = sums.setdefault(amount.currency, ([], [0, 0, 0]))
                row[0] += 1
                row[1] += amount.minor
                if is_influenced(document, journey):
                    behind.append(journey.opportunity.id)
                    row[2] += amount.minor
        found += (
            Influence(name, currency, Rate(len(behind), row[0]), Money(row[2], currency), Money(row[1], currency), tuple(sorted(behind)))
            for currency, (behind, row) in sorted(sums.items())
        )
    return tuple(found)


def overlaps(document: SourcingDocument, journeys: Iterable[Journey], by: By = "campaign") -> tuple[Overlap, ...]:
    """What each campaign, or whatever else, influenced, by total, currency and key; the rows overlap and are never added up (AD-26).

    >>> overlaps(SourcingDocument(), [])
    ()
    """
    key = key_of(by)
    sums: dict[tuple[int, str, str | None], list[int]] = {}
    for journey in each_of(journeys, Journey, "journeys"):
        amount = _amount(journey.opportunity)
        counted = journey.touches
        if document.influence_until == "opportunity":
            counted = counted[: journey.marks.get("opportunity", -1) + 1]
        for name in {key(journey.opportunity, touch) for touch in counted}:
            row = sums.setdefault((_TOTALS.index(journey.total), amount.currency, name), [0, 0])
            row[0] += 1
            row[1] += amount.minor
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] is None, item[0][2] or ""))
    return tuple(Overlap(name, _TOTALS[total], currency, row[0], Money(row[1], currency)) for (total, currency, name), row in ordered)


def check_claim(journey: Journey, outreach: Iterable[Outreach] = ()) -> Claim:
    """What the touches say where sales claims a deal: contradicted where a marketing touch came first, confirmed where none did.

    Where sales did nothing that anybody noted, a marketing touch before the opportunity contradicts, and without one it is unknown.

    >>> from datetime import UTC
    >>> from inbound_engine.journeys import JourneyDocument, compile, prepare
    >>> deal = Opportunity(id="D-1", opened_at=datetime(2026, 2, 1, tzinfo=UTC), closed_at=datetime(2026, 3, 1, tzinfo=UTC), won=True)
    >>> nurture = Activity(id="t-1", kind="email_click", at=datetime(2026, 1, 4, tzinfo=UTC))
    >>> call = Outreach(id="o-1", lead_id="L-1", rep="maya", channel="call", at=datetime(2026, 1, 25, tzinfo=UTC), human=True)
    >>> claim = check_claim(prepare(compile(JourneyDocument()), deal, [nurture]), [call])
    >>> claim.verdict, claim.ahead.days
    ('contradicted', 21)
    """
    first = _first_sales(of_type(journey, Journey, "journey"), each_of(outreach, Outreach, "outreach"))
    limit = journey.opportunity.opened_at if first is None else first
    before = tuple(touch for touch in journey.touches if _is_before(journey, touch.at, limit))
    if before:
        return Claim("contradicted", first, before, limit - before[0].at)
    return Claim("unknown" if first is None else "confirmed", first, (), None)


def strangers(document: SourcingDocument, stages: Iterable[str], events: Iterable[str], path: str = "sourcing") -> Iterator[Problem]:
    """The stages and events that no machine has: no MQL would ever be accepted.

    >>> print(*strangers(SourcingDocument(mql_stage="MQLL"), ["MQL", "SAL"], ["scored", "accepted"]))
    sourcing.mql_stage: saw 'MQLL', expected one of MQL, SAL. Did you mean "MQL"?
    """
    known_stages, known_events = tuple(stages), tuple(events)
    named = [("mql_stage", document.mql_stage, known_stages), ("sal_stage", document.sal_stage, known_stages)]
    for group, names in (("scored", document.scored), ("accepted", document.accepted)):
        named += ((f"{group}[{number}]", name, known_events) for number, name in enumerate(names))
    for where, name, known in named:
        if name not in known:
            close = nearest(name, known)
            hint = f'Did you mean "{close}"?' if close else "Add it to the lifecycle."
            yield Problem(f"{path}.{where}", shown(name), one_of(known), hint)


# -------------------------------------------------------------------------------------------------------------- details


def _said(rule: str, *saw: Seen, verdict: bool | None) -> Decision[bool | None]:
    code = Code.UNKNOWN if verdict is None else Code.MATCHED if verdict else Code.FAILED
    return Decision(verdict, (Reason(code, f"sourcing.{rule}", saw),))


def _accepted_mql(document: SourcingDocument, journey: Journey, records: Iterable[Record]) -> Decision[bool | None]:
    known = False
    for record in each_record(records):
        known, scored_at = True, None
        for entry in (visit.entry for visit in visits(record)):
            if entry.at > journey.until:
                break
            if entry.stage == document.mql_stage and entry.event in document.scored:
                scored_at = entry.at if scored_at is None else scored_at
            elif entry.stage == document.sal_stage and entry.event in document.accepted and scored_at is not None:
                return _said("accepted_mql", Seen("lead", record.id), Seen("scored", scored_at), Seen("accepted", entry.at), verdict=True)
    return _said("accepted_mql", verdict=False if known else None)


def _lead_source(document: SourcingDocument, lead: Lead | None) -> Decision[bool | None]:
    said = None if lead is None else of_type(lead, Lead, "lead").source
    if said is None:
        return _said("lead_source", Seen("source", None), verdict=None)
    folded = _folded(said)
    for verdict, known in ((True, document.marketing_sources), (False, document.other_sources)):
        if folded in map(_folded, known):
            return _said("lead_source", Seen("source", said), verdict=verdict)
    return _said("lead_source", Seen("source", said), verdict=None)


def _folded(text: str) -> str:
    return text.strip().casefold()


def _first_touch(journey: Journey) -> Decision[bool | None]:
    """Whether the earliest touch in sight, of whatever kind, is one that counts."""
    counting = {touch.id for touch in journey.touches}
    in_sight = [*journey.touches, *(one.touch for one in journey.excluded if one.code not in _OUT_OF_SIGHT)]
    if not in_sight:
        return _said("first_touch", Seen("touch", None), verdict=None)
    first = min(in_sight, key=lambda touch: (touch.at, touch.sequence, touch.id))
    return _said("first_touch", Seen("touch", first.id), Seen("at", first.at), verdict=first.id in counting)


def _first_sales(journey: Journey, outreach: Iterable[Outreach]) -> datetime | None:
    done = [one.touch.at for one in journey.excluded if not one.touch.marketing and one.code not in _OUT_OF_SIGHT]
    done += (touch.at for touch in journey.touches if not touch.marketing)
    done += (one.at for one in outreach if one.at <= journey.until and (journey.since is None or one.at >= journey.since))
    return min(done, default=None)


def _is_before(journey: Journey, one: datetime, other: datetime) -> bool:
    """Whether an instant lies before another, or its date where the journey compares dates (AD-3)."""
    where = journey.zone
    return one < other if where is None else one.astimezone(where).date() < other.astimezone(where).date()


def _before_sales(journey: Journey, outreach: Iterable[Outreach]) -> Decision[bool | None]:
    first = _first_sales(journey, outreach)
    touches = [touch for touch in journey.touches if touch.marketing]
    if not touches:
        return _said("before_sales", Seen("first_sales", first), verdict=None if first is None else False)
    verdict = first is None or _is_before(journey, touches[0].at, first)
    return _said("before_sales", Seen("touch", touches[0].id), Seen("at", touches[0].at), Seen("first_sales", first), verdict=verdict)


def _amount(opportunity: Opportunity) -> Money:
    if opportunity.amount is None:
        raise FactError(f"opportunities[{opportunity.id}].amount", "nothing", "an amount", "Unknown is not zero: find it out.")
    return opportunity.amount


def _share(definition: Definition, total: Total, currency: str, rows: Iterable[tuple[Sourced, int]]) -> SourcedShare:
    counts, sums = {True: 0, False: 0, None: 0}, {True: 0, False: 0, None: 0}
    for one, minor in rows:
        verdict = one.by(definition)
        counts[verdict] += 1
        sums[verdict] += minor
    return SourcedShare(
        definition=definition,
        total=total,
        currency=currency,
        deals=Rate(counts[True], counts[True] + counts[False]),
        sourced=Money(sums[True], currency),
        of=Money(sums[True] + sums[False], currency),
        unknown=counts[None],
        unknown_amount=Money(sums[None], currency),
    )


def _gap(one: Definition, other: Definition, total: Total, currency: str, rows: Iterable[tuple[Sourced, int]]) -> Gap:
    only_one, only_other, difference = [], [], 0
    for deal, minor in rows:
        first, second = deal.by(one) is True, deal.by(other) is True
        difference += minor * (first - second)
        if first and not second:
            only_one.append(deal.opportunity.id)
        elif second and not first:
            only_other.append(deal.opportunity.id)
    return Gap(one, other, total, currency, tuple(sorted(only_one)), tuple(sorted(only_other)), Money(difference, currency))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
