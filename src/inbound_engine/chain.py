"""Does every touch trace from budget to revenue?

Money is followed back from the deal, credit line by credit line: to the touch that earned it, the contact who made the touch, the
lead that the contact became, the source on that lead, the campaign value that the touch carries, the campaign that has that value,
and the spend on that campaign (AT-7). At each link a line goes on or falls off, with the reason, so what arrives at a link is what
goes on and what fell off there, to the last unit (AD-30). A line is asked for one touch, one person and one campaign; nothing is
joined that could count it twice.

`loose_ends` looks the other way: campaigns that no touch names, values that no campaign has, touches of nobody, leads without a deal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias, get_args

from attrs import field, frozen

from inbound_engine.attribution import Credit, Line
from inbound_engine.budgets import Budget
from inbound_engine.errors import FactError, each_of, one_of, shown
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import Total
from inbound_engine.money import Money, total
from inbound_engine.people import People

__all__ = ["LINKS", "Fallen", "Link", "LinkName", "LooseEnds", "Trace", "each_once", "loose_ends", "trace"]

LinkName: TypeAlias = Literal["touch", "contact", "lead", "source", "value", "campaign", "spend"]

LINKS: Final[tuple[LinkName, ...]] = ("touch", "contact", "lead", "source", "value", "campaign", "spend")
"""The links from revenue back to the budget, in order."""


@frozen
class Fallen:
    """A credit line that went no further: of which deal and touch, why, and how much."""

    opportunity_id: str
    touch_id: str | None
    reason: str
    amount: Money


@frozen
class Link:
    """What arrived at a link, what went on, and what fell off there: `arrived` is always `passed` and the fallen together."""

    name: LinkName
    lines: int
    arrived: Money
    passed: Money
    fallen: tuple[Fallen, ...] = field(repr=lambda lines: f"{len(lines)} lines")

    @property
    def reasons(self) -> Mapping[str, tuple[int, Money]]:
        """How many lines fell off, and how much, by reason, in the order of the reasons' names."""
        found: dict[str, list[Money]] = {}
        for line in self.fallen:
            found.setdefault(line.reason, []).append(line.amount)
        return {reason: (len(found[reason]), total(found[reason], self.arrived.currency)) for reason in sorted(found)}


@frozen
class Trace:
    """The links in order, from the revenue that came in to what traces to a budget, and that by campaign.

    >>> from inbound_engine.money import Money
    >>> nothing = Money(0, "EUR")
    >>> Trace("revenue", nothing, tuple(Link(name, 0, nothing, nothing, ()) for name in LINKS), ()).reached == nothing
    True
    """

    total: Total
    came_in: Money
    links: tuple[Link, ...]
    campaigns: tuple[tuple[str, Money], ...]

    @property
    def reached(self) -> Money:
        """What traces the whole way to a budget."""
        return self.links[-1].passed

    @property
    def fallen(self) -> tuple[Fallen, ...]:
        """Every line that does not, in the order of the links."""
        return tuple(line for link in self.links for line in link.fallen)

    def __str__(self) -> str:
        """A line for the money that came in, one for each link where some fell off, and one for what arrived."""
        told = [f"{self.came_in} of {self.total}"]
        for link in self.links:
            told += (f"  {link.name}: {count} off, {amount}, {reason}" for reason, (count, amount) in link.reasons.items())
        return "\n".join([*told, f"{self.reached} traces to a budget"])


@frozen
class LooseEnds:
    """What is joined to nothing, seen from the budget: ids, and campaign values with how many touches carry them."""

    campaigns_without_touches: tuple[str, ...]
    campaigns_without_spend: tuple[str, ...]
    spend_without_campaign: tuple[str | None, ...]
    values_without_campaign: tuple[tuple[str, int], ...]
    touches_without_contact: tuple[str, ...]
    touches_that_disagree: tuple[str, ...]
    leads_without_opportunity: tuple[str, ...]


def trace(budget: Budget, people: People, credited: Iterable[Credit], *, currency: str, of: Total = "revenue") -> Trace:
    """Where the money of those deals came from, link by link (AT-7, AD-30).

    The credits are of one model, and each deal comes once: what comes twice would count twice, and is a `FactError`. Deals that add to
    another total are passed over. An amount in another currency than the one said is a `FactError` (AD-20).
    """
    if of not in get_args(Total):
        raise FactError("of", shown(of), one_of(get_args(Total)))
    arrived = [0] * (len(LINKS) + 1)
    counts = [0] * len(LINKS)
    fallen: list[list[Fallen]] = [[] for _ in LINKS]
    reached: dict[str, int] = {}
    came_in = 0
    for credit in each_once(credited, currency):
        if credit.total != of:
            continue
        came_in += credit.amount.minor
        for line in credit.lines:
            stop, reason = _broken(budget, people, line)
            for place in range(min(stop + 1, len(LINKS))):
                arrived[place] += line.amount.minor
                counts[place] += 1
            if stop < len(LINKS):
                touch_id = None if line.touch is None else line.touch.id
                fallen[stop].append(Fallen(line.opportunity.id, touch_id, reason, line.amount))
            else:
                arrived[stop] += line.amount.minor
                reached[reason] = reached.get(reason, 0) + line.amount.minor
    links = tuple(
        Link(name, counts[place], Money(arrived[place], currency), Money(arrived[place + 1], currency), tuple(fallen[place]))
        for place, name in enumerate(LINKS)
    )
    return Trace(of, Money(came_in, currency), links, tuple((name, Money(reached[name], currency)) for name in sorted(reached)))


def each_once(credited: Iterable[Credit], currency: str) -> Iterator[Credit]:
    """The credits one after another, as long as they are of one model and currency, and no deal comes twice; a `FactError` otherwise."""
    seen: set[str] = set()
    model: str | None = None
    for credit in each_of(credited, Credit, "credited"):
        deal = credit.opportunity.id
        if model is not None and credit.model.id != model:
            raise FactError("credited", f"credits of {model} and {credit.model.id}", "credits of one model", "Ask for one at a time.")
        if deal in seen:
            raise FactError("credited", f"the deal {shown(deal)} twice", "each deal once", "Its money would count twice.")
        if credit.amount.currency != currency:
            hint = "Credit it with an exchange table."
            raise FactError("credited", f"{shown(deal)} in {credit.amount.currency}", f"amounts in {currency}", hint)
        model = credit.model.id
        seen.add(deal)
        yield credit


def loose_ends(budget: Budget, people: People, touches: Iterable[Activity], opportunities: Iterable[Opportunity] = ()) -> LooseEnds:
    """What is joined to nothing, seen from the budget and from the records (AT-7, AD-30); everything in order.

    A lead has an opportunity where the deal names it, or where its person counts for the deal.
    """
    unseen = {*budget.campaigns}
    values: Counter[str] = Counter()
    nobodys, disagreeing = [], []
    for touch in each_of(touches, Activity, "touches"):
        value, campaign = budget.claim(touch)
        if campaign is not None:
            unseen.discard(campaign.id)
        elif value is not None:
            values[value] += 1
        if people.person(touch.contact_id) is None:
            nobodys.append(touch.id)
        if budget.disagrees(touch):
            disagreeing.append(touch.id)
    with_a_deal = {person for deal in each_of(opportunities, Opportunity, "opportunities") for person in _persons(people, deal)}
    return LooseEnds(
        campaigns_without_touches=tuple(sorted(unseen)),
        campaigns_without_spend=tuple(sorted(name for name in budget.campaigns if name not in budget.spends)),
        spend_without_campaign=tuple(sorted({each.campaign_id for each in budget.spends.get(None, ())}, key=lambda name: name or "")),
        values_without_campaign=tuple(sorted(values.items(), key=lambda item: (-item[1], item[0]))),
        touches_without_contact=tuple(sorted(nobodys)),
        touches_that_disagree=tuple(sorted(disagreeing)),
        leads_without_opportunity=tuple(
            sorted(lead.id for person, leads in people.leads.items() if person not in with_a_deal for lead in leads)
        ),
    )


def _persons(people: People, deal: Opportunity) -> Iterator[object]:
    yield from people.counted(deal)
    for name in deal.lead_ids:
        if name in people.by_lead_id:
            yield people.person_of_lead(people.by_lead_id[name])


def _broken(budget: Budget, people: People, line: Line) -> tuple[int, str]:
    """The number of the link at which a line falls off, and why; of one that does not, the number of links, and its campaign."""
    touch = line.touch
    if touch is None:
        return 0, line.reason or "no_touch"
    person = people.person(touch.contact_id)
    if person is None:
        return 1, "touch_without_contact"
    leads = people.leads.get(person, ())
    if not leads:
        return 2, "contact_without_lead"
    if all(lead.source is None for lead in leads):
        return 3, "lead_without_source"
    value, campaign = budget.claim(touch)
    if value is None:
        return 4, "touch_without_value"
    if campaign is None:
        return 5, "value_without_campaign"
    if campaign.id not in budget.spends:
        return 6, "campaign_without_spend"
    return len(LINKS), campaign.id
