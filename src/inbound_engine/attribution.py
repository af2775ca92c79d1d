"""Which touches earned it?

A model says how the amount of a deal is shared among the touches of its journey. The shipped one, `w_shaped`, is the documents' own:
first touch 30 %, lead creation 20 %, opportunity creation 30 %, close 20 % (AT-1). That is not what the market calls W-shaped: there
it is first touch, lead and opportunity creation at 30 % each and 10 % for what lies between, which ships as `market_w`, beside
`full_path` (four milestones at 22.5 % and 10 %).

Everything is exact (AT-6). Shares are whole weights over one denominator; the amount is split once, at the touch, by largest
remainder in the minor units of its currency, and every roll-up is a plain sum of those lines (AD-16). A deal without a touch has one
line, UNATTRIBUTED, with the whole amount and the reason (AD-8), so what goes in comes out for every deal, under every model.

A credit keeps the journey and what was computed; its lines and reasons are read from that when somebody asks.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal
from zlib import crc32
from zoneinfo import ZoneInfo

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine import journeys, weighing
from inbound_engine.decisions import Code, Plain, Reason, Seen, decimal_text, plain
from inbound_engine.documents import Document, Id, Label, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, each_of, nearest, of_type, one_of, shown
from inbound_engine.exchange import ExchangeRate, ExchangeTable
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import Journey, JourneyDocument, Total, under
from inbound_engine.money import Money, allot
from inbound_engine.signals import Catalogue
from inbound_engine.spans import zone
from inbound_engine.weighing import MILESTONES, NOBODY, CompiledModel, MilestoneModel, Model, weigh

__all__ = [
    "UNATTRIBUTED",
    "AttributionDocument",
    "Credit",
    "Line",
    "Rules",
    "compile",
    "credit",
    "credit_each",
    "strangers",
]

UNATTRIBUTED = "UNATTRIBUTED"
"""What the line is called that no touch has earned."""
_ALL = 100  # percent
_WORD = (1 << 64) - 1


# ------------------------------------------------------------------------------------------------------------ documents


class AttributionDocument(Document):
    """Which touches count, the models, and which of them is asked where nobody says.

    A model that says nothing of `direct` takes what the journeys say. A leftover minor unit between equal remainders goes to the earlier
    touch, or with `leftover = "spread"` to one that a stable hash of deal and touch picks (AD-17).
    """

    journeys: JourneyDocument = Field(default_factory=JourneyDocument)
    models: UniqueRows[Model] = Field(min_length=1)
    default: Id
    leftover: Literal["earlier", "spread"] = "earlier"
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "AttributionDocument":
        known = [model.id for model in self.models]
        if self.default not in known:
            close = nearest(self.default, known)
            hint = f'Did you mean "{close}"?' if close else "Add it to models."
            refuse([Problem("default", shown(self.default), one_of(known), hint)])
        return self


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The attribution of a policy, compiled: journeys, and models by id."""

    document: AttributionDocument
    journeys: journeys.Rules
    models: Mapping[str, CompiledModel]
    zone: ZoneInfo
    """Where the day of an exchange rate is read."""

    def model(self, name: str | None = None) -> CompiledModel:
        """The model of that name, or the default one; `FactError` for one that is not there."""
        found = self.models.get(self.document.default if name is None else of_type(name, str, "model"))
        if found is None:
            raise FactError("model", shown(name), one_of(self.models), "Add it to attribution.models.")
        return found


def compile(document: AttributionDocument, catalogue: Catalogue | None = None) -> Rules:
    """The attribution made ready, once; the catalogue answers what exclusions ask of touchpoints.

    >>> w = MilestoneModel(kind="milestones", id="w", shares=[{"id": "first", "percent": 60}, {"id": "close", "percent": 40}])
    >>> compile(AttributionDocument(models=[w], default="w")).model().shares
    (('first', 3), ('close', 2))
    """
    spread = document.leftover == "spread"
    return Rules(
        document=document,
        journeys=journeys.compile(document.journeys, catalogue),
        models={model.id: weighing.compile(model, path=f"attribution.models[{model.id}]", spread=spread) for model in document.models},
        zone=zone(document.journeys.zone),
    )


# --------------------------------------------------------------------------------------------------------------- values


@frozen(kw_only=True)
class Line:
    """What one touch earned of one deal, under one model; `touch` is None for the line that no touch has earned (AD-33).

    `milestones` are those that the touch holds, in the order of the model, `share` is the exact part of the deal, `before` the whole
    units of it, and `amount` those with the leftover units. `rules` are the paths of the shares, and `reason` the code of why nobody
    earned it: no_contact, no_touch, all_after_close, all_recorded_later, all_before_previous_close, all_outside_window, all_excluded,
    milestone_missing.
    """

    opportunity: Opportunity = field(repr=lambda deal: repr(deal.id))
    model: str
    total: Total
    touch: Activity | None = field(repr=lambda touch: repr(None if touch is None else touch.id))
    milestones: tuple[str, ...]
    share: Fraction
    before: Money
    amount: Money
    rules: tuple[str, ...]
    reason: str | None = None

    @property
    def channel(self) -> str | None:
        """The channel of the touch; None where it is unknown, or where there is no touch."""
        return None if self.touch is None else self.touch.channel

    @property
    def campaign(self) -> str | None:
        """The campaign of the touch; None where it is unknown, or where there is no touch."""
        return None if self.touch is None else self.touch.campaign

    @property
    def contact_id(self) -> str | None:
        """Whose touch it is; None where that is unknown, or where there is no touch."""
        return None if self.touch is None else self.touch.contact_id

    def __str__(self) -> str:
        """The amount, the touch, what it holds, and its share."""
        what = f"{UNATTRIBUTED} ({self.reason})" if self.touch is None else f"{self.touch.id} {self.touch.channel or 'unknown channel'}"
        held = f", {' and '.join(self.milestones)}" if self.milestones else ""
        return f"{self.amount}  {what}{held}, {decimal_text(self.share * _ALL)} %"

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The line as plain data; with `redact` whose touch it is becomes "(personal)"."""
        told: dict[str, Plain] = {
            "opportunity": self.opportunity.id,
            "model": self.model,
            "total": self.total,
            "touch": None if self.touch is None else self.touch.id,
            "at": None if self.touch is None else plain(self.touch.at),
            "channel": self.channel,
            "campaign": self.campaign,
            "contact_id": "(personal)" if redact and self.contact_id is not None else self.contact_id,
            "milestones": plain(self.milestones),
            "share": plain(self.share),
            "before": str(self.before),
            "amount": str(self.amount),
            "rules": plain(self.rules),
        }
        return told if self.reason is None else {**told, "reason": self.reason}


@frozen(repr=False)
class Credit:
    """What a deal is worth to its touches under one model; made by `credit`.

    `places` are the places of the touches that earn something, in order, and -1 for what nobody earned; `weights` and `minor` go with
    them, and `whole` is the sum of the weights. `rate` is the exchange rate that `amount` was converted at.
    """

    journey: Journey
    model: CompiledModel
    amount: Money
    places: tuple[int, ...]
    weights: tuple[int, ...]
    whole: int
    minor: tuple[int, ...]
    rate: ExchangeRate | None = None

    @property
    def opportunity(self) -> Opportunity:
        """The deal."""
        return self.journey.opportunity

    @property
    def total(self) -> Total:
        """What the deal adds to."""
        return self.journey.total

    @property
    def missing(self) -> tuple[str, ...]:
        """The milestones of the model that have no touch at or before them, in order; "middle" where nothing lies between."""
        if self.model.kind != "milestones":
            return ()
        marks, named = self.journey.marks, zip(self.model.shares, self.model.names, strict=True)
        lacking = tuple(name for (mark, _), (name, _) in named if mark not in marks)
        return (*lacking, "middle") if self.model.middle and not self._between else lacking

    @property
    def _between(self) -> bool:
        held = {place for mark, _ in self.model.shares if (place := self.journey.marks.get(mark)) is not None}
        return len(held) < len(self.journey.touches)

    @property
    def lines(self) -> tuple[Line, ...]:
        """A line for each touch that earns something, in their order, and one for what nobody earned at the end."""
        journey, model, currency = self.journey, self.model, self.amount.currency
        sign = -1 if self.amount.minor < 0 else 1
        held, otherwise = self._what_is_held()
        lines = []
        for place, weight, minor in zip(self.places, self.weights, self.minor, strict=True):
            milestones, rules = held.get(place, otherwise)
            amount, before = Money(minor, currency), sign * (abs(self.amount.minor) * weight // self.whole)
            lines.append(
                Line(
                    opportunity=journey.opportunity,
                    model=model.id,
                    total=journey.total,
                    touch=None if place == NOBODY else journey.touches[place],
                    milestones=tuple(milestones),
                    share=Fraction(weight, self.whole),
                    before=amount if before == minor else Money(before, currency),
                    amount=amount,
                    rules=tuple(rules),
                    reason=(journey.why_empty or "milestone_missing") if place == NOBODY else None,
                )
            )
        return tuple(lines)

    def _what_is_held(self) -> tuple[dict[int, tuple[list[str], list[str]]], tuple[list[str], list[str]]]:
        """What each touch holds and by which rules it earned, and the same for all others."""
        path = self.model.path
        if self.model.kind == "milestones":
            return self._held(), (["middle"], [f"{path}.shares[middle]"])
        if self.model.kind == "position" and self.journey.touches:
            return self._positions(), (["middle"], [f"{path}.middle"])
        return {}, ([], [path])

    def _held(self) -> dict[int, tuple[list[str], list[str]]]:
        """By place, the milestones that a touch holds, and the paths of the shares that it earned; nobody's are those that are missing."""
        model, marks = self.model, self.journey.marks
        held: dict[int, tuple[list[str], list[str]]] = {}
        carried: list[str] = []
        for (mark, _), (name, path) in zip(model.shares, model.names, strict=True):
            place = marks.get(mark)
            if place is None:
                carried.append(path)
                continue
            names, paths = held.setdefault(place, ([], []))
            if model.missing == "next":
                paths += carried
                carried = []
            names.append(name)
            paths.append(path)
        held[NOBODY] = ([], carried)
        return held

    def _positions(self) -> dict[int, tuple[list[str], list[str]]]:
        last = len(self.journey.touches) - 1
        if last == 0:
            return {0: (["first", "last"], [f"{self.model.path}.first", f"{self.model.path}.last"])}
        return {0: (["first"], [f"{self.model.path}.first"]), last: (["last"], [f"{self.model.path}.last"])}

    @property
    def unattributed(self) -> Money:
        """What nobody earned."""
        return Money(self.minor[-1] if self.places[-1] == NOBODY else 0, self.amount.currency)

    @property
    def because(self) -> tuple[Reason, ...]:
        """Every share, every milestone that is missing, and every touch that was left out."""
        reasons = []
        for line in self.lines:
            saw = (
                Seen("touch", None if line.touch is None else line.touch.id),
                Seen("share", line.share),
                Seen("amount", str(line.amount)),
            )
            if line.touch is None:
                reasons.append(Reason(Code.MISSING, self.model.path, (Seen("reason", line.reason), *saw)))
            else:
                reasons.extend(Reason(Code.MATCHED, rule, saw) for rule in line.rules)
        reasons.extend(
            Reason(Code.MISSING, f"{self.model.path}.shares[{name}]", (Seen("then", self.model.missing),)) for name in self.missing
        )
        reasons.extend(
            Reason(Code.FAILED, one.rule or "attribution.journeys", (Seen("touch", one.touch.id), Seen("reason", one.code)))
            for one in self.journey.excluded
        )
        return tuple(reasons)

    def __repr__(self) -> str:
        """The deal, the model, the amount and how many lines."""
        return f"Credit({self.opportunity.id!r}, {self.model.id!r}, {self.total} {self.amount}, lines={len(self.places)})"

    def explain(self) -> str:
        """The deal, its lines, what is missing and what was left out, a line each."""
        told = [f"{self.opportunity.id} under {self.model.id}: {self.amount} of {self.total}."]
        if self.rate is not None:
            told.append(f"Converted at {decimal_text(self.rate.rate, 6)} of {self.rate.day.isoformat()}.")
        told += [f"  {line}" for line in self.lines]
        if self.missing and self.journey.touches:
            told.append(f"Without a touch: {', '.join(self.missing)} ({self.model.missing}).")
        left = Counter(one.code for one in self.journey.excluded)
        told += [f"Left out: {count} {code}." for code, count in sorted(left.items())]
        return "\n".join(told)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The credit as plain data; with `redact` whose touches they are becomes "(personal)"."""
        return {
            "opportunity": self.opportunity.id,
            "model": self.model.id,
            "total": self.total,
            "amount": str(self.amount),
            "rate": None if self.rate is None else plain(self.rate),
            "lines": [line.to_dict(redact=redact) for line in self.lines],
            "missing": plain(self.missing),
            "excluded": [{"touch": one.touch.id, "code": one.code, "rule": one.rule} for one in self.journey.excluded],
        }


# ------------------------------------------------------------------------------------------------------------ functions


def credit(rules: Rules, journey: Journey, model: str | None = None, *, exchange: ExchangeTable | None = None) -> Credit:
    """What the deal is worth to its touches under the model, or under the default one.

    The amount is that of the deal, converted first where a table is given, at the rate of the day of its bound, read in the zone of the
    policy whatever is compared. A deal without an amount is a `FactError` (AD-18).

    >>> from datetime import UTC, datetime
    >>> opened, closed = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    >>> deal = Opportunity(id="D-1", opened_at=opened, closed_at=closed, won=True, amount=Money.of(95_000, "EUR"))
    >>> at = {"ad": datetime(2026, 1, 1, tzinfo=UTC), "webinar": datetime(2026, 1, 20, tzinfo=UTC)}
    >>> touches = [Activity(id=name, kind="visit", at=when, channel=name) for name, when in at.items()]
    >>> w = MilestoneModel(kind="milestones", id="w", shares=[{"id": "first", "percent": 60}, {"id": "opportunity", "percent": 40}])
    >>> rules = compile(AttributionDocument(models=[w], default="w"))
    >>> print(credit(rules, journeys.prepare(rules.journeys, deal, touches)).explain())
    D-1 under w: EUR 95000.00 of revenue.
      EUR 57000.00  ad ad, first, 60 %
      EUR 38000.00  webinar webinar, opportunity, 40 %
    """
    return _credited(rules, rules.model(model), of_type(journey, Journey, "journey"), exchange)


def credit_each(
    rules: Rules, journeys: Iterable[Journey], models: Iterable[str] | None = None, *, exchange: ExchangeTable | None = None
) -> Iterator[Credit]:
    """The credits of many deals, one after another, each under every model in turn; None is the default model alone.

    Nothing is kept, so that any number may stream; journeys are prepared once, whatever the number of models.
    """
    chosen = (rules.model(),) if models is None else tuple(map(rules.model, each_of(models, str, "models")))
    for journey in each_of(journeys, Journey, "journeys"):
        for model in chosen:
            yield _credited(rules, model, journey, exchange)


def _credited(rules: Rules, model: CompiledModel, journey: Journey, exchange: ExchangeTable | None) -> Credit:
    opportunity = journey.opportunity
    amount, rate = opportunity.amount, None
    if amount is None:
        raise FactError(f"opportunities[{opportunity.id}].amount", "nothing", "an amount", "Unknown is not zero: find it out.")
    if exchange is not None:
        amount, rate = of_type(exchange, ExchangeTable, "exchange").convert(amount, on=journey.bound.astimezone(rules.zone).date())
    if model.direct is not None:
        journey = under(journey, model.direct)
    places, weights = weigh(model, journey)
    if len(places) == 1:
        return Credit(journey, model, amount, places, weights, weights[0], (amount.minor,), rate)
    whole = sum(weights)
    minor = _spread(amount.minor, journey, places, weights, whole) if model.spread else allot(amount.minor, weights, whole)
    return Credit(journey, model, amount, places, weights, whole, tuple(minor), rate)


def _spread(minor: int, journey: Journey, places: Sequence[int], weights: Sequence[int], whole: int) -> list[int]:
    """The split in which a leftover unit between equal remainders falls by a hash that is the same everywhere (AD-17)."""
    deal = crc32(_bytes(journey.opportunity.id)) << 32

    def drawn(number: int) -> tuple[bool, int, int]:
        place = places[number]
        name = "" if place == NOBODY else journey.touches[place].id
        return place == NOBODY, _mixed(deal | crc32(_bytes(name))), place

    order = sorted(range(len(places)), key=drawn)
    found = dict(zip(order, allot(minor, [weights[number] for number in order], whole), strict=True))
    return [found[number] for number in range(len(places))]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _mixed(number: int) -> int:
    """Sixty-four bits, stirred so that those of similar names fall apart: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _WORD
    return number ^ number >> 31


def strangers(document: AttributionDocument, stages: Collection[str], path: str = "attribution") -> Iterator[Problem]:
    """The milestones that are neither known to every journey nor a stage of a machine (AD-25).

    >>> own = MilestoneModel(kind="milestones", id="own", shares=[{"id": "MQLL", "percent": 100}])
    >>> print(*strangers(AttributionDocument(models=[own], default="own"), ["MQL"], "a"))
    a.models[own].shares[MQLL].id: saw 'MQLL', expected one of MQL, close, first, last, lead, middle, opportunity. Did you mean "MQL"?
    """
    known = (*stages, *MILESTONES)
    for model in document.models:
        for share in model.shares if isinstance(model, MilestoneModel) else ():
            if share.id not in known:
                close = nearest(share.id, known)
                hint = f'Did you mean "{close}"?' if close else "Add it to the lifecycle."
                yield Problem(f"{path}.models[{model.id}].shares[{share.id}].id", shown(share.id), one_of(known), hint)
