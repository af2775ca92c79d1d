"""What was it spent on, and which campaign does a touch belong to?

A campaign has the values by which links name it in a table, written down; what no table says is not guessed (UT-1). Two campaigns
with one value, in whatever spelling, are refused: each touch belongs to one campaign at most, so that no join can count it twice.

Spend is an amount over days, `[since, until)`. It is spread over them to the last unit, the days that are left over a unit being the
first ones, so that any stretches that make up the whole have sums that make up the whole (AD-31).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine import utm
from inbound_engine.documents import Document, Exact, Id, Label, UniqueRows, contents, refuse
from inbound_engine.errors import FactError, Problem, each_of, nearest, of_type, one_of, shown
from inbound_engine.facts import Activity
from inbound_engine.money import Money, total
from inbound_engine.spelling import folded

__all__ = [
    "Budget",
    "Campaign",
    "ChainDocument",
    "Layers",
    "QualityLine",
    "Rules",
    "Spend",
    "budget",
    "compile",
    "per_day",
    "spent",
    "strangers",
]

_ONE_DAY: Final = timedelta(days=1)
_PERCENT: Final = 100


# ------------------------------------------------------------------------------------------------------------ documents


class Layers(Document):
    """The stages whose entry makes a lead an MQL, a SAL and a SQL in the campaign table; a later one counts for the earlier ones."""

    mql: Id = "MQL"
    sal: Id = "SAL"
    sql: Id = "SQL"


class QualityLine(Document):
    """Of those who came so far, fewer went on than this percentage: poor quality. On the line is not below it."""

    id: Id
    of: Literal["leads", "mqls", "sals"]
    below_percent: Exact
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "QualityLine":
        if not 0 <= self.below_percent <= _PERCENT:
            refuse([Problem("below_percent", str(self.below_percent), "0 to 100")])
        return self


class ChainDocument(Document):
    """How touches are joined to campaigns, and what the campaign table shows (AT-7, UT-4).

    Where the UTM values of a touch and its CRM campaign name different campaigns, `prefer` rules. `pipeline` is that of the deals that
    are open, or of every deal that marketing touched, whatever became of it. A campaign has good volume with at least
    `volume_percent` of the leads of the mean campaign; with a rate below a line of `quality` beside it, it is flagged.
    """

    prefer: Literal["utm", "campaign"] = "utm"
    layers: Layers = Field(default_factory=Layers)
    pipeline: Literal["open", "every"] = "open"
    volume_percent: Exact = Fraction(100)
    quality: UniqueRows[QualityLine] = ()
    source: Label = ""


# ---------------------------------------------------------------------------------------------------------------- facts


def _text(value: object, path: str) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise FactError(path, shown(value), "text that says something")


def _links(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(_text(value, "campaign.links") for value in each_of(values, str, "campaign.links"))


@frozen(kw_only=True)
class Campaign:
    """A campaign: its id, its name (UT-2), and the values of `utm_campaign` by which links name it.

    >>> Campaign(id="7011", name="EVENT-2026-Q3-SAAS-NORTH-SUMMIT", links=["camp-2026-q3-north-summit-eu"]).links
    ('camp-2026-q3-north-summit-eu',)
    """

    id: str
    name: str | None = None
    links: tuple[str, ...] = field(default=(), converter=_links)

    def __attrs_post_init__(self) -> None:
        """Checks that it can be called something."""
        _text(self.id, "campaign.id")
        if self.name is not None:
            _text(self.name, "campaign.name")


@frozen(kw_only=True)
class Spend:
    """An amount spent on a campaign from `since` on, `until` no longer; negative for a credit note. None is spent on no campaign.

    >>> Spend(campaign_id="7011", amount=Money.of(8_000, "EUR"), since=date(2026, 1, 1), until=date(2026, 4, 1)).days
    90
    """

    campaign_id: str | None
    amount: Money
    since: date
    until: date

    def __attrs_post_init__(self) -> None:
        """Checks every field, and that there is at least one day."""
        if self.campaign_id is not None:
            _text(self.campaign_id, "spend.campaign_id")
        if not isinstance(self.amount, Money):
            raise FactError("spend.amount", shown(self.amount), "Money", 'Write Money.of("8000.00", "EUR").')
        for name in ("since", "until"):
            if type(getattr(self, name)) is not date:
                raise FactError(f"spend.{name}", shown(getattr(self, name)), "a date")
        if self.until <= self.since:
            hint = "The last day is the day before `until`."
            raise FactError("spend.until", self.until.isoformat(), f"a day after {self.since.isoformat()}", hint)

    @property
    def days(self) -> int:
        """How many days it is spread over."""
        return (self.until - self.since).days


@frozen(eq=False)
class Budget:
    """The campaigns and what was spent on them, ready to be asked; made by `budget`."""

    rules: "Rules"
    campaigns: Mapping[str, Campaign]
    spends: Mapping[str | None, tuple[Spend, ...]]
    """By campaign; under None what was spent on no campaign, or on one that the table has not."""
    by_key: Mapping[str, Campaign]

    def campaign_of(self, touch: Activity) -> Campaign | None:
        """The campaign that a touch belongs to, or None where the table names none (UT-1, AT-7).

        Its `utm_id` is asked first, then its `utm_campaign`, then its CRM campaign by id or name, or the latter before both; values
        are compared by their key, ids letter for letter.
        """
        return self.claim(touch)[1]

    def claim(self, touch: Activity) -> tuple[str | None, Campaign | None]:
        """What the touch says of its campaign, as it says it, and the campaign that it belongs to.

        What it says is the value of `utm_campaign`, else of `utm_id`, else the CRM campaign; None where it says nothing.
        """
        number, said = self._said(touch)
        by_link, by_record = self._by_link(number, said), self._by_record(touch)
        campaign = (by_link or by_record) if self.rules.document.prefer == "utm" else (by_record or by_link)
        return said or number or touch.campaign, campaign

    def disagrees(self, touch: Activity) -> bool:
        """Whether the link and the CRM name two different campaigns of the table."""
        one, other = self._by_link(*self._said(touch)), self._by_record(touch)
        return one is not None and other is not None and one != other

    def spent_on(self, campaign_id: str | None, currency: str, since: date | None = None, until: date | None = None) -> Money:
        """What was spent on a campaign, in the days from `since` on, `until` no longer; None is no campaign, or an unknown one."""
        owned = self.spends.get(None if campaign_id is None else of_type(campaign_id, str, "campaign_id"), ())
        return total((spent(each, since, until) for each in owned), currency)

    def _said(self, touch: Activity) -> tuple[str | None, str | None]:
        """The `utm_id` and the `utm_campaign` of the touch."""
        if not of_type(touch, Activity, "touch").utm:
            return None, None
        links, said = self.rules.links, {name: str(value) for name, value in touch.utm.pairs}  # an Activity's utm holds texts
        return utm.value(links, said, "id"), utm.value(links, said, "campaign")

    def _by_link(self, number: str | None, said: str | None) -> Campaign | None:
        by_id = self.campaigns.get(number) if number is not None else None
        return by_id or (self.by_key.get(self.rules.key(said)) if said is not None else None)

    def _by_record(self, touch: Activity) -> Campaign | None:
        if touch.campaign is None:
            return None
        return self.campaigns.get(touch.campaign) or self.by_key.get(self.rules.key(touch.campaign))


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The chain of a policy, compiled, with the UTM parameters that it reads."""

    document: ChainDocument
    links: utm.Rules

    def key(self, value: str) -> str:
        """What values of campaigns are compared by."""
        return folded(value, self.links.document.separator)


def compile(document: ChainDocument, links: utm.Rules) -> Rules:
    """The chain made ready; `links` are the compiled UTM parameters."""
    return Rules(document, links)


# ------------------------------------------------------------------------------------------------------------ functions


def budget(rules: Rules, campaigns: Iterable[Campaign], spends: Iterable[Spend] = ()) -> Budget:
    """The campaigns and their spend, ready to be asked (AT-7, AD-31).

    An id twice, or one value for two campaigns, is a `FactError`. Spend on a campaign that is not there is kept, as spend on none.

    >>> from inbound_engine.policy import Policy, compile as compiled
    >>> summit = Campaign(id="7011", links=["camp-2026-q3-north-summit-eu"])
    >>> ready = budget(compiled(Policy()).chain, [summit])
    >>> from datetime import UTC, datetime
    >>> touch = Activity(id="t", kind="visit", at=datetime(2026, 7, 1, tzinfo=UTC), utm={"campaign": "Camp-2026-Q3-North-Summit-EU"})
    >>> ready.campaign_of(touch).id
    '7011'
    """
    by_id: dict[str, Campaign] = {}
    by_key: dict[str, Campaign] = {}
    for campaign in each_of(campaigns, Campaign, "campaigns"):
        if by_id.setdefault(campaign.id, campaign) is not campaign:
            raise FactError(f"campaigns[{campaign.id}]", "an id twice", "campaigns with ids that differ")
        for value in (*campaign.links, *((campaign.name,) if campaign.name is not None else ())):
            other = by_key.setdefault(rules.key(value), campaign)
            if other is not campaign:
                saw = f"{shown(value)}, which {other.id} has too"
                raise FactError(f"campaigns[{campaign.id}]", saw, "a value of one campaign", "Remove it from one of them.")
    owned: dict[str | None, list[Spend]] = {}
    for spend in each_of(spends, Spend, "spends"):
        owned.setdefault(spend.campaign_id if spend.campaign_id in by_id else None, []).append(spend)
    return Budget(rules, by_id, {name: tuple(each) for name, each in owned.items()}, by_key)


def strangers(document: ChainDocument, stages: Collection[str]) -> Iterator[Problem]:
    """The layers that name a stage which no machine has.

    >>> print(*strangers(ChainDocument(layers={"sql": "SQLL"}), ["MQL", "SAL", "SQL"]))
    layers.sql: saw 'SQLL', expected one of MQL, SAL, SQL. Did you mean "SQL"?
    """
    for layer, stage in contents(document.layers).items():
        if stage not in stages:
            close = nearest(stage, stages)
            yield Problem(
                f"layers.{layer}", shown(stage), one_of(stages), f'Did you mean "{close}"?' if close else "Add it to the lifecycle."
            )


def per_day(spend: Spend) -> Iterator[tuple[date, Money]]:
    """The amount of each day, in order, adding up to the whole; the leftover units go to the first days (AD-16, AD-31).

    >>> [str(amount) for _, amount in per_day(Spend(
    ...     campaign_id="a", amount=Money.of("100.00", "EUR"), since=date(2026, 1, 1), until=date(2026, 1, 4)))]
    ['EUR 33.34', 'EUR 33.33', 'EUR 33.33']
    """
    for number in range(of_type(spend, Spend, "spend").days):
        yield spend.since + number * _ONE_DAY, _of_days(spend, number, number + 1)


def spent(spend: Spend, since: date | None = None, until: date | None = None) -> Money:
    """What of it falls on the days from `since` on, `until` no longer: the sum of those days, however many they are.

    None is without end. Days outside the spend cost nothing. An end that is no date, an instant for one, is a `FactError`.
    """
    of_type(spend, Spend, "spend")
    for name, day in (("since", since), ("until", until)):
        if day is not None and type(day) is not date:
            raise FactError(name, shown(day), "a date, or None")
    first = 0 if since is None else min(max((since - spend.since).days, 0), spend.days)
    last = spend.days if until is None else min(max((until - spend.since).days, 0), spend.days)
    return _of_days(spend, first, max(first, last))


def _of_days(spend: Spend, first: int, last: int) -> Money:
    each, left = divmod(abs(spend.amount.minor), spend.days)
    minor = each * (last - first) + min(last, left) - min(first, left)
    return Money(-minor if spend.amount.minor < 0 else minor, spend.amount.currency)
