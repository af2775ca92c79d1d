"""What do the credits of many deals add up to?

Every sum is a plain sum of lines, which are whole minor units, so it reconciles with the deals to the last one (AD-16). Revenue,
pipeline and what was lost are three sums that are never added up (AD-19), and so are two currencies (AD-20). What nobody earned
has a row of its own, and what is unknown has one too.

Two models, or two policies, are compared deal by deal: what moved from where to where. And since instants that are alike leave the
order to sequence and id, `ties` says how much money hangs on that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

from attrs import frozen

from inbound_engine.attribution import UNATTRIBUTED, Credit
from inbound_engine.decisions import html_table
from inbound_engine.errors import FactError, each_of, of_type, one_of, shown
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import Total
from inbound_engine.money import Money
from inbound_engine.weighing import NOBODY

__all__ = [
    "By",
    "Earned",
    "Move",
    "Reconciliation",
    "Rollup",
    "Tied",
    "compare",
    "conversions",
    "key_of",
    "reconcile",
    "roll_up",
    "ties",
]

By: TypeAlias = Literal["touch", "contact", "channel", "campaign", "kind", "content", "opportunity", "account", "owner"]
"""What lines are rolled up by."""


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Earned:
    """What a channel, a campaign or whatever else was rolled up by earned under one model: three sums, never added up (AD-19).

    `key` is None where it is unknown; `attributed` is false for what nobody earned. `deals` counts those with a line, each once.
    """

    model: str
    key: str | None
    attributed: bool
    revenue: Money
    pipeline: Money
    lost: Money
    deals: int

    @property
    def label(self) -> str:
        """What to call it."""
        return UNATTRIBUTED if not self.attributed else "unknown" if self.key is None else self.key


@frozen
class Rollup:
    """Plain sums of lines (AD-16): by model in the order asked, then by key, what is unknown and what nobody earned last."""

    by: By
    currency: str | None
    rows: tuple[Earned, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which they were asked."""
        return tuple(dict.fromkeys(row.model for row in self.rows))

    def earned(self, key: str | None, model: str | None = None, *, attributed: bool = True) -> Earned:
        """The row of that key; `FactError` when there is none. The model may be left out where there is one."""
        models = self.models
        if model is None and len(models) == 1:
            model = models[0]
        for row in self.rows:
            if (row.model, row.key, row.attributed) == (model, key, attributed):
                return row
        raise FactError(
            "key", f"{shown(key)} under {shown(model)}", one_of(dict.fromkeys(f"{row.label} under {row.model}" for row in self.rows))
        )

    def _side_by_side(self, total: Total) -> Iterator[list[str]]:
        keys = dict.fromkeys((row.attributed, row.key) for row in sorted(self.rows, key=_row_order))
        found = {(row.model, row.attributed, row.key): row for row in self.rows}
        for attributed, key in keys:
            rows = [found.get((model, attributed, key)) for model in self.models]
            label = next(row.label for row in rows if row is not None)
            yield [label, *("" if row is None else str(getattr(row, total).amount) for row in rows)]

    def table(self, total: Total = "revenue") -> str:
        """One total of every model side by side, as Markdown; a `FactError` for a total that is none."""
        if total not in _TOTALS:
            raise FactError("total", shown(total), one_of(_TOTALS))
        header = [self.by, *self.models]
        lines = [header, ["---", *("--:" for _ in self.models)], *self._side_by_side(total)]
        return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)

    def __str__(self) -> str:
        """The revenue of every model side by side."""
        return self.table()

    def _repr_html_(self) -> str:
        """The same, for notebooks."""
        return html_table(f"revenue by {self.by}, {self.currency}", [self.by, *self.models], self._side_by_side("revenue"))


_KEYS: Mapping[str, Callable[[Opportunity, Activity], str | None]] = {
    "touch": lambda _, touch: touch.id,
    "contact": lambda _, touch: touch.contact_id,
    "channel": lambda _, touch: touch.channel,
    "campaign": lambda _, touch: touch.campaign,
    "kind": lambda _, touch: touch.kind,
    "content": lambda _, touch: touch.content,
    "opportunity": lambda deal, _: deal.id,
    "account": lambda deal, _: deal.account_id,
    "owner": lambda deal, _: deal.owner,
}
_TOTALS: tuple[Total, ...] = ("revenue", "pipeline", "lost")


def key_of(by: str) -> Callable[[Opportunity, Activity], str | None]:
    """What a touch of a deal is rolled up under, by one of `By`; anything else is a `FactError`.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> key_of("channel")(Opportunity(id="D-1", opened_at=at), Activity(id="t-1", kind="visit", at=at, channel="email"))
    'email'
    """
    found = _KEYS.get(of_type(by, str, "by"))
    if found is None:
        raise FactError("by", shown(by), one_of(_KEYS))
    return found


def roll_up(credited: Iterable[Credit], by: By = "channel") -> Rollup:
    """The sums of all lines by channel, campaign or another of `By`, under every model that the credits are of.

    Credits may stream. Amounts in two currencies are a `FactError`: convert them first (AD-20).

    >>> roll_up([]).rows
    ()
    """
    name_of = key_of(by)
    currency: str | None = None
    sums: dict[tuple[str, bool, str | None], list[int]] = {}
    for one in each_of(credited, Credit, "credits"):
        currency = _one_currency(currency, one)
        deal, touches, column, counted = one.journey.opportunity, one.journey.touches, _TOTALS.index(one.journey.total), set()
        for place, minor in zip(one.places, one.minor, strict=True):
            key = (one.model.id, False, None) if place == NOBODY else (one.model.id, True, name_of(deal, touches[place]))
            row = sums.get(key)
            if row is None:
                row = sums[key] = [0, 0, 0, 0]
            row[column] += minor
            if key not in counted:
                counted.add(key)
                row[3] += 1
    if currency is None:
        return Rollup(by, None, ())
    models = list(dict.fromkeys(model for model, _, _ in sums))
    rows = [
        Earned(model, key, attributed, Money(revenue, currency), Money(pipeline, currency), Money(lost, currency), deals)
        for (model, attributed, key), (revenue, pipeline, lost, deals) in sums.items()
    ]
    return Rollup(by, currency, tuple(sorted(rows, key=lambda row: (models.index(row.model), *_row_order(row)))))


def conversions(credited: Iterable[Credit], by: By = "channel") -> dict[str | None, Fraction]:
    """How many deals a channel, or whatever else, accounts for: the exact sum of its shares, of won deals and one model.

    What nobody earned is in no sum. Credits of several models are a `FactError`.

    >>> conversions([])
    {}
    """
    name_of = key_of(by)
    sums: dict[str | None, Counter[int]] = {}
    model: str | None = None
    for one in each_of(credited, Credit, "credits"):
        if model is not None and one.model.id != model:
            raise FactError("credits", f"credits of {model} and {one.model.id}", "credits of one model", "Ask for one at a time.")
        model = one.model.id
        if one.journey.total == "revenue":
            for place, weight in zip(one.places, one.weights, strict=True):
                if place != NOBODY:
                    sums.setdefault(name_of(one.journey.opportunity, one.journey.touches[place]), Counter())[one.whole] += weight
    return {key: sum((Fraction(weight, whole) for whole, weight in found.items()), Fraction(0)) for key, found in sums.items()}


@frozen
class Reconciliation:
    """What went in and what came out, of one model, total and currency; `difference` is zero (AT-6)."""

    model: str
    total: Total
    currency: str
    deals: int
    amount: Money
    attributed: Money
    unattributed: Money

    @property
    def difference(self) -> Money:
        """What went in less what came out."""
        return self.amount - self.attributed - self.unattributed


def reconcile(credited: Iterable[Credit]) -> tuple[Reconciliation, ...]:
    """What went in and what came out, by model, total and currency, in order; credits may stream.

    >>> reconcile([])
    ()
    """
    sums: dict[tuple[str, int, str], list[int]] = {}
    for one in each_of(credited, Credit, "credits"):
        row = sums.setdefault((one.model.id, _TOTALS.index(one.journey.total), one.amount.currency), [0, 0, 0, 0])
        row[0] += 1
        row[1] += one.amount.minor
        for place, minor in zip(one.places, one.minor, strict=True):
            row[3 if place == NOBODY else 2] += minor
    return tuple(
        Reconciliation(model, _TOTALS[total], currency, row[0], *(Money(units, currency) for units in row[1:]))
        for (model, total, currency), row in sorted(sums.items())
    )


@frozen
class Move:
    """What a deal's credit to a channel, or whatever else, is under one model or policy, and under another."""

    opportunity: str
    key: str | None
    attributed: bool
    before: Money
    after: Money

    @property
    def change(self) -> Money:
        """What it gains."""
        return self.after - self.before

    def __str__(self) -> str:
        """The deal, the key, both amounts."""
        label = UNATTRIBUTED if not self.attributed else self.key or "unknown"
        return f"{self.opportunity} {label}: {self.before} -> {self.after}"


def compare(before: Iterable[Credit], after: Iterable[Credit], by: By = "channel") -> tuple[Move, ...]:
    """What moves, deal by deal, from one model or policy to another: nothing of what stays; the moves of a deal add up to zero.

    Both sides are of the same deals, each once, with the same amounts, in any order; otherwise `FactError`. In order of deal and key.

    >>> compare([], [])
    ()
    """
    name_of = key_of(by)
    old, new = _by_deal(before, name_of, "before"), _by_deal(after, name_of, "after")
    if odd := sorted(old.keys() ^ new.keys()):
        side = "before" if odd[0] in old else "after"
        raise FactError("credits", f"{shown(odd[0])} only in {side}", "the same deals on both sides")
    moves = []
    for deal, (amount, one) in sorted(old.items()):
        other_amount, other = new[deal]
        if amount != other_amount:
            raise FactError(f"credits[{deal}]", f"{amount} and {other_amount}", "the same amount on both sides")
        for attributed, key in sorted({*one, *other}, key=_key_order):
            was, becomes = one.get((attributed, key), 0), other.get((attributed, key), 0)
            if was != becomes:
                moves.append(Move(deal, key, attributed, Money(was, amount.currency), Money(becomes, amount.currency)))
    return tuple(moves)


@frozen
class Tied:
    """How much sits on touches that share their instant with another touch of the journey, of one model, total and currency (AD-2).

    That is money whose touch depends on sequence and id, since the instants do not tell which came first. `deals` are the ids.
    """

    model: str
    total: Total
    currency: str
    deals: tuple[str, ...]
    lines: int
    amount: Money
    of: Money


def ties(credited: Iterable[Credit]) -> tuple[Tied, ...]:
    """How much money sits on tied instants, or on one date where the policy compares days; by model, total and currency.

    >>> ties([])
    ()
    """
    found: dict[tuple[str, int, str], tuple[list[str], list[int]]] = {}
    for one in each_of(credited, Credit, "credits"):
        deals, sums = found.setdefault((one.model.id, _TOTALS.index(one.total), one.amount.currency), ([], [0, 0, 0]))
        touches, where = one.journey.touches, one.journey.zone
        when = [touch.at if where is None else touch.at.astimezone(where).date() for touch in touches]
        shared = {at for at, other in pairwise(when) if at == other}
        tied = [minor for place, minor in zip(one.places, one.minor, strict=True) if place != NOBODY and when[place] in shared]
        if tied:
            deals.append(one.opportunity.id)
        sums[0] += len(tied)
        sums[1] += sum(tied)
        sums[2] += one.amount.minor
    return tuple(
        Tied(model, _TOTALS[total], currency, tuple(sorted(deals)), sums[0], Money(sums[1], currency), Money(sums[2], currency))
        for (model, total, currency), (deals, sums) in sorted(found.items())
    )


# -------------------------------------------------------------------------------------------------------------- details


def _one_currency(currency: str | None, one: Credit) -> str:
    found = one.amount.currency
    if currency is not None and found != currency:
        raise FactError(f"credits[{one.opportunity.id}]", f"{currency} and {found}", "one currency", "Pass an exchange table to credit.")
    return found


def _row_order(row: Earned) -> tuple[bool, bool, str]:
    return _key_order((row.attributed, row.key))


def _key_order(key: tuple[bool, str | None]) -> tuple[bool, bool, str]:
    return not key[0], key[1] is None, key[1] or ""


Moves: TypeAlias = dict[tuple[bool, str | None], int]


def _by_deal(
    credited: Iterable[Credit], name_of: Callable[[Opportunity, Activity], str | None], side: str
) -> dict[str, tuple[Money, Moves]]:
    found: dict[str, tuple[Money, Moves]] = {}
    for one in each_of(credited, Credit, side):
        deal = one.opportunity
        if deal.id in found:
            raise FactError(side, f"{shown(deal.id)} twice", "each deal once", "Compare one model with one.")
        sums: Counter[tuple[bool, str | None]] = Counter()
        for place, minor in zip(one.places, one.minor, strict=True):
            sums[(False, None) if place == NOBODY else (True, name_of(deal, one.journey.touches[place]))] += minor
        found[deal.id] = one.amount, sums
    return found
