"""How does a model share a deal among its touches?

A model is a document of one of four kinds: shares by milestone, by position, alike, or by age. Compiled, it is whole weights over
one denominator, and what it says of a journey is which touches weigh something and how much (AD-15). Nothing here is money.

Several milestones on one touch add up (AD-6). A milestone without a touch at or before it has its share redistributed over those
found, in proportion; or left to nobody, or joined to the next milestone that is found, by policy (AD-7). The middle are the touches
that hold no milestone of the model; where there are none, its share is redistributed (AD-22).

Ages are weighed in whole numbers alone, since the last bit of a power differs from machine to machine (AD-23).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Context
from fractions import Fraction
from math import gcd, lcm
from typing import Annotated, Literal, TypeAlias

import attrs
from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.documents import Document, Exact, Id, Label, UniqueRows, exact_text, refuse
from inbound_engine.errors import Problem
from inbound_engine.journeys import Direct, Journey

__all__ = [
    "MILESTONES",
    "NOBODY",
    "CompiledModel",
    "LinearModel",
    "MilestoneModel",
    "Model",
    "PositionModel",
    "Share",
    "TimeDecayModel",
    "Weighed",
    "compile",
    "weigh",
]

MILESTONES = ("first", "last", "lead", "opportunity", "close", "middle")
"""The milestones that every journey knows; any other is a stage of a machine."""
NOBODY = -1
"""The place, among the touches, of what nobody earned."""

Missing: TypeAlias = Literal["redistribute", "unattributed", "next"]
Weighed: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""The places of the touches that weigh something, in order, and what each weighs; `NOBODY` comes last."""

_ALL = 100  # percent
_ONE = 1 << 30  # the weight of a touch of no age
_BITS = 40  # of an age in seconds: 34,000 years
_LOW = 10  # so many bits are looked up at once
_SECONDS_A_DAY = 86_400
_DIGITS = 60  # of the powers: far more than 2 ** -30 can tell apart


# ------------------------------------------------------------------------------------------------------------ documents


Percent: TypeAlias = Annotated[Exact, Field(ge=0, le=100)]


def _adds_up(shares: Mapping[str, Fraction], *, normalise: bool, where: str) -> Iterator[Problem]:
    whole = sum(shares.values())
    if whole == 0:
        yield Problem(where, "shares of 0 in all", "at least one above 0")
    elif whole != _ALL and not normalise:
        hint = "Correct one, or set normalise to true: then only their proportions count."
        yield Problem(where, f"shares of {exact_text(whole)} in all", "shares that add up to 100", hint)


class Share(Document):
    """What a milestone earns, in percent; `id` is the milestone.

    That is one of `MILESTONES`, or the id of a stage: its touch is then the latest at or before the stage was entered, for the first
    or the last time (AD-25).
    """

    id: Id
    percent: Percent
    occurrence: Literal["first", "last"] = "last"
    source: Label = ""


class MilestoneModel(Document):
    """Shares by milestone; the order of the rows is that of the journey, which `missing = "next"` follows (AD-7)."""

    kind: Literal["milestones"]
    id: Id
    label: Label = ""
    shares: UniqueRows[Share] = Field(min_length=1)
    missing: Missing = "redistribute"
    normalise: bool = False
    direct: Direct | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "MilestoneModel":
        refuse(_adds_up({share.id: share.percent for share in self.shares}, normalise=self.normalise, where="shares"))
        return self


class PositionModel(Document):
    """Shares by position: the first touch, the last, and what the others have between them in equal parts.

    One touch has everything. Of two, and where nobody else has a claim, the middle goes to first and last in proportion (AD-24).
    """

    kind: Literal["position"]
    id: Id
    label: Label = ""
    first: Percent
    middle: Percent
    last: Percent
    normalise: bool = False
    direct: Direct | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "PositionModel":
        shares = {"first": self.first, "middle": self.middle, "last": self.last}
        refuse(_adds_up(shares, normalise=self.normalise, where="first"))
        return self


class LinearModel(Document):
    """Every touch earns the same."""

    kind: Literal["linear"]
    id: Id
    label: Label = ""
    direct: Direct | None = None
    source: Label = ""


class TimeDecayModel(Document):
    """A touch earns half as much as one that came so many days later (AD-23).

    Ages count back from the last touch, in whole seconds, or in days where the policy compares days; a common factor changes no share,
    so no other instant is asked. A touch that is some thirty half-lives older than the last earns nothing.
    """

    kind: Literal["time_decay"]
    id: Id
    label: Label = ""
    half_life_days: Annotated[Exact, Field(gt=0, le=36_500)]
    direct: Direct | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "TimeDecayModel":
        if (self.half_life_days * _SECONDS_A_DAY).denominator != 1:
            saw = f"{exact_text(self.half_life_days)} days"
            refuse([Problem("half_life_days", saw, "a whole number of seconds")])
        return self


Model: TypeAlias = Annotated[MilestoneModel | PositionModel | LinearModel | TimeDecayModel, Field(discriminator="kind")]
"""A model as a document, told by its `kind`."""


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen
class CompiledModel:
    """A model made ready: whole weights over one denominator.

    `shares` pairs the mark of a journey with its weight, `names` is what each is called and its path, `middle` is the weight of the
    touches between, `ends` are the weights of first and last by position, `powers` what is left of a weight after 2 ** i seconds, in
    2 ** -30, and `low` the same of the first ages.
    """

    id: str
    kind: Literal["milestones", "position", "linear", "time_decay"]
    path: str
    direct: Direct | None
    spread: bool
    missing: Missing = "redistribute"
    shares: tuple[tuple[str, int], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    middle: int = 0
    ends: tuple[int, int] = (0, 0)
    powers: tuple[int, ...] = field(default=(), repr=False)
    low: tuple[int, ...] = field(default=(), repr=False)


def compile(model: Model, *, path: str, spread: bool = False) -> CompiledModel:
    """The model made ready; `path` is where it stands, `spread` whether leftover units are spread (AD-17).

    >>> compile(PositionModel(kind="position", id="u", first=40, middle=20, last=40), path="models[u]").ends
    (2, 2)
    """
    base = CompiledModel(model.id, model.kind, path, model.direct, spread)
    match model:
        case MilestoneModel(shares=shares, missing=missing):
            *weights, middle = _whole([*(Fraction(0) if row.id == "middle" else row.percent for row in shares), _middle(shares)])
            rows = [(row, weight) for row, weight in zip(shares, weights, strict=True) if weight]
            marked = tuple((_mark(row), weight) for row, weight in rows)
            named = tuple((row.id, f"{path}.shares[{row.id}]") for row, _ in rows)
            return attrs.evolve(base, shares=marked, names=named, middle=middle, missing=missing)
        case PositionModel(first=first, middle=between, last=last):
            one, middle, other = _whole([first, between, last])
            return attrs.evolve(base, ends=(one, other), middle=middle)
        case TimeDecayModel(half_life_days=days):
            powers = _powers(int(days * _SECONDS_A_DAY))
            return attrs.evolve(base, powers=powers, low=tuple(_decayed(age, _ONE, powers) for age in range(1 << _LOW)))
        case _:
            return base


def _whole(weights: Sequence[Fraction]) -> list[int]:
    """The same proportions in the smallest whole numbers."""
    common = lcm(*(weight.denominator for weight in weights))
    numbers = [int(weight * common) for weight in weights]
    return [number // gcd(*numbers) for number in numbers]


def _middle(shares: Iterable[Share]) -> Fraction:
    return next((share.percent for share in shares if share.id == "middle"), Fraction(0))


def _mark(share: Share) -> str:
    return share.id if share.id in MILESTONES else f"{share.id}:{share.occurrence}"


def _powers(half_life: int) -> tuple[int, ...]:
    """floor(2 ** 30 * 2 ** -(2 ** i / half_life)) for each bit of an age, exactly (AD-23).

    A whole number of half-lives halves exactly; every other power is irrational, and 60 digits tell on which side of a whole number
    it lies. `Decimal` rounds its exponentials correctly, alike on every machine.
    """
    context = Context(prec=_DIGITS)
    two = context.ln(context.create_decimal(2))
    found = []
    for bit in range(_BITS):
        halves, rest = divmod(1 << bit, half_life)
        if halves > 30 or not rest:  # noqa: PLR2004 - the bits of a weight
            found.append(_ONE >> halves)
        else:
            exponent = context.divide(context.multiply(two, context.create_decimal(-(1 << bit))), context.create_decimal(half_life))
            found.append(int(context.multiply(context.exp(exponent), context.create_decimal(_ONE))))
    return tuple(found)


def _decayed(age: int, weight: int, powers: Sequence[int]) -> int:
    """What is left of a weight after so many steps, bit by bit from the lowest, floored after each."""
    bit = 0
    while age:
        if age & 1:
            weight = weight * powers[bit] >> 30
        age >>= 1
        bit += 1
    return weight


# -------------------------------------------------------------------------------------------------------------- weights


def weigh(model: CompiledModel, journey: Journey) -> Weighed:
    """What each touch of the journey weighs, in proportion; all of it is nobody's where no touch has a claim.

    The journey is taken as it is: `direct` is seen to by `attribution`.
    """
    return _WEIGHERS[model.kind](model, journey) if journey.touches else ((NOBODY,), (1,))


def _by_milestone(model: CompiledModel, journey: Journey) -> Weighed:
    marks, missing = journey.marks, model.missing
    weights: dict[int, int] = {}
    found = carried = 0
    for mark, weight in model.shares:
        place = marks.get(mark)
        if place is None:
            carried += weight
        else:
            if missing == "next":
                weight, carried = weight + carried, 0  # noqa: PLW2901 - the share of a skipped milestone joins the next
            weights[place] = weights.get(place, 0) + weight
            found += weight
    nobody = carried if missing == "unattributed" else 0
    if model.middle:
        found, nobody = _with_middle(model.middle, weights, len(journey.touches), found, nobody)
    if not found:
        return (NOBODY,), (1,)
    places = sorted(weights)
    if nobody:
        return (*places, NOBODY), (*[weights[place] for place in places], nobody)
    return tuple(places), tuple([weights[place] for place in places])


def _with_middle(middle: int, weights: dict[int, int], touches: int, found: int, nobody: int) -> tuple[int, int]:
    """Gives the middle its weight, and what all were scaled by; where nobody is in the middle, those found share it in proportion."""
    others = [place for place in range(touches) if place not in weights]
    if not others:
        if nobody:
            scaled = {place: weight * (found + middle) for place, weight in weights.items()}
            weights.update(scaled)
            return found * (found + middle), nobody * found
        return found, nobody
    count = len(others)
    weights.update({place: weight * count for place, weight in weights.items()})
    weights.update(dict.fromkeys(others, middle))
    return (found + middle) * count, nobody * count


def _by_position(model: CompiledModel, journey: Journey) -> Weighed:
    count, (first, last), middle = len(journey.touches), model.ends, model.middle
    if count == 1:
        return (0,), (1,)
    between = count - 2
    if not between and not first + last:
        return (0, 1), (1, 1)
    weights = (first * between, *(middle,) * between, last * between) if between else (first, last)
    if all(weights):
        return tuple(range(count)), weights
    places = tuple([place for place in range(count) if weights[place]])
    return places, tuple([weights[place] for place in places])


def _alike(model: CompiledModel, journey: Journey) -> Weighed:
    del model
    count = len(journey.touches)
    return tuple(range(count)), (1,) * count


def _by_age(model: CompiledModel, journey: Journey) -> Weighed:
    touches, powers, low = journey.touches, model.powers, model.low
    least, rest, where = (1 << _LOW) - 1, model.powers[_LOW:], journey.zone
    last = touches[-1].at
    weights = []
    for touch in touches:
        if where is None:
            elapsed = last - touch.at
            age = elapsed.days * _SECONDS_A_DAY + elapsed.seconds
        else:
            age = (last.astimezone(where).date() - touch.at.astimezone(where).date()).days * _SECONDS_A_DAY
        weight = low[age & least]
        age >>= _LOW
        weights.append(_decayed(age, weight, rest) if age else weight)
    del powers
    if all(weights):
        return tuple(range(len(touches))), tuple(weights)
    places = tuple([place for place, weight in enumerate(weights) if weight])
    return places, tuple([weights[place] for place in places])


_WEIGHERS: Mapping[str, Callable[[CompiledModel, Journey], Weighed]] = {
    "milestones": _by_milestone,
    "position": _by_position,
    "linear": _alike,
    "time_decay": _by_age,
}
