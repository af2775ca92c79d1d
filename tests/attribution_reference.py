"""Credit worked out a second time, slowly: from the decisions AD-1 to AD-26 alone, touch by touch, in fractions.

Nothing here is taken from the rooms but documents and facts. Every question is asked of every touch, nothing is sorted but where the
decisions say so, and no place in a list means anything. `python -m tests.attribution_reference 100000` compares as many drawn journeys,
row for row.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from inbound_engine import attribution, journeys
from inbound_engine.attribution import AttributionDocument, Credit
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.money import Money
from inbound_engine.weighing import LinearModel, MilestoneModel, Model, PositionModel

__all__ = ["Case", "Row", "cases", "expected", "found", "prepared", "rows"]

Row: TypeAlias = tuple[str | None, tuple[str, ...], Fraction, int, str | None]
"""The touch (None: nobody), its milestones, its share, its minor units, and the reason where nobody earned it."""


@frozen
class Case:
    """A deal and what is known of it."""

    deal: Opportunity
    touches: tuple[Activity, ...]
    created: LeadCreation | None
    stages: tuple[tuple[str, datetime], ...]
    previous_close: datetime | None
    at: datetime | None
    rules: attribution.Rules
    has_people: bool = True

    @property
    def document(self) -> AttributionDocument:
        """What the policy says."""
        return self.rules.document


# --------------------------------------------------------------------------------------------------- what is compared


def found(case: Case, model: str) -> list[Row]:
    """The rows that the library gives."""
    return rows(attribution.credit(case.rules, prepared(case), model))


def prepared(case: Case) -> journeys.Journey:
    """The journey of a case."""
    return journeys.prepare(
        case.rules.journeys,
        case.deal,
        case.touches,
        created=case.created,
        stages=case.stages,
        previous_close=case.previous_close,
        has_people=case.has_people,
        at=case.at,
    )


def rows(credit: Credit) -> list[Row]:
    """The lines of a credit, as rows."""
    return [(line.touch.id if line.touch else None, line.milestones, line.share, line.amount.minor, line.reason) for line in credit.lines]


# ------------------------------------------------------------------------------------------------------- the decisions


def expected(case: Case, name: str) -> list[Row]:
    """The rows that the decisions give."""
    model = next(model for model in case.document.models if model.id == name)
    counting, why = _counting(case, model.direct or case.document.journeys.direct)
    assert case.deal.amount is not None
    minor = case.deal.amount.minor
    if not counting:
        return [(None, (), Fraction(1), minor, why)]
    shares, held, unattributed = _shares(case, model, counting)
    lines: list[tuple[Activity | None, Fraction]] = [(touch, shares[touch.id]) for touch in counting if shares.get(touch.id)]
    if unattributed:
        lines.append((None, unattributed))
    assert sum(share for _, share in lines) == 1
    units = _largest_remainder(abs(minor), [share for _, share in lines])
    sign = -1 if minor < 0 else 1
    return [
        (None, (), share, sign * unit, "milestone_missing") if touch is None else (touch.id, held(touch), share, sign * unit, None)
        for (touch, share), unit in zip(lines, units, strict=True)
    ]


def _day(case: Case, at: datetime) -> Any:  # noqa: ANN401 - an instant or a date, alike within a case
    """What instants are compared by (AD-3)."""
    document = case.document.journeys
    return at if document.granularity == "instant" else at.astimezone(ZoneInfo(document.zone)).date()


def _bound(case: Case) -> datetime:
    """AD-19: the close, or for a deal that is open the instant at which it is looked at."""
    closed = case.deal.closed_at
    if case.deal.won is None or closed is None or (case.at is not None and closed > case.at):
        assert case.at is not None
        return case.at
    return closed


def _is_open(case: Case) -> bool:
    closed = case.deal.closed_at
    return case.deal.won is None or closed is None or (case.at is not None and closed > case.at)


def _counting(case: Case, direct: str) -> tuple[list[Activity], str]:
    """The touches that count, in order, and why there are none."""
    document = case.document.journeys
    furthest = 0
    named: list[Activity] = []
    directs: list[Activity] = []
    kept: list[Activity] = []
    for touch in sorted({touch.id: touch for touch in case.touches}.values(), key=lambda one: (one.at, one.sequence, one.id)):
        step = _how_far(case, touch)
        furthest = max(furthest, step)
        if step != _COUNTS:
            continue
        duplicate = False
        if document.dedupe_minutes is not None:
            what = ("campaign", touch.campaign) if touch.campaign is not None else ("channel", touch.channel)
            for other in kept:
                same = ("campaign", other.campaign) if other.campaign is not None else ("channel", other.channel)
                near = touch.at - other.at <= timedelta(minutes=document.dedupe_minutes)
                duplicate |= what[1] is not None and same == what and other.contact_id == touch.contact_id and near
        if duplicate:
            continue
        kept.append(touch)
        is_direct = touch.channel in document.direct_channels or (touch.channel is None and document.unknown_is_direct)
        (directs if is_direct else named).append(touch)
    counting = {"include": kept, "exclude": named, "fallback": named or directs}[direct]
    why = ("no_touch" if case.has_people else "no_contact", "all_after_close", "all_before_previous_close", "all_outside_window")
    return counting, (*why, "all_excluded", "all_excluded")[furthest]


_COUNTS = 5


def _how_far(case: Case, touch: Activity) -> int:
    """1 after the bound, 2 before the previous close, 3 outside the look-back, 4 excluded, 5 none of these."""
    document = case.document.journeys
    bound = _bound(case)
    if _day(case, touch.at) > _day(case, bound) or (case.at is not None and touch.at > case.at):
        return 1
    anew = case.previous_close if document.scope == "since_previous_close" else None
    if anew is not None and _day(case, touch.at) <= _day(case, anew):
        return 2
    days = document.window_days
    for window in document.windows:
        if touch.channel in window.channels:
            days = window.days
    if days is not None:
        end = bound if document.window_from == "close" else case.deal.opened_at
        if _day(case, touch.at) < _day(case, end) - timedelta(days=days):
            return 3
    return 4 if _is_excluded(case, touch) else _COUNTS


def _is_excluded(case: Case, touch: Activity) -> bool:
    for exclusion in case.document.journeys.exclusions:
        means = exclusion.touches
        fits = (not means.kinds or touch.kind in means.kinds) and (not means.channels or touch.channel in means.channels)
        fits = fits and (means.marketing is None or touch.marketing is means.marketing)
        if fits:
            return True
    return False


def _latest(case: Case, counting: Sequence[Activity], at: datetime) -> Activity | None:
    """AD-4: the latest at or before an instant, by the order of touches; the instant itself lies before."""
    before = [touch for touch in counting if _day(case, touch.at) <= _day(case, at)]
    return before[-1] if before else None


def _is_reached(case: Case, at: datetime) -> bool:
    return _day(case, at) <= _day(case, _bound(case)) and (case.at is None or at <= case.at)


def _touch_of(case: Case, counting: Sequence[Activity], milestone: str, occurrence: str) -> Activity | None:
    """AD-5, AD-25: which touch holds a milestone."""
    match milestone:
        case "first":
            return counting[0]
        case "last":
            return counting[-1]
        case "close":
            return None if _is_open(case) else counting[-1]
        case "opportunity":
            return _latest(case, counting, case.deal.opened_at)
        case "lead":
            created = case.created
            if created is None:
                return None
            if created.at is not None and not _is_reached(case, created.at):
                return None
            if (source := [touch for touch in counting if touch.id == created.touch_id]) != []:
                return source[0]
            if created.at is None:
                return None
            theirs = [touch for touch in counting if touch.contact_id in created.contact_ids]
            return _latest(case, theirs, created.at) or _latest(case, counting, created.at)
        case _:
            entered = sorted(at for stage, at in case.stages if stage == milestone and _is_reached(case, at))
            return _latest(case, counting, entered[0 if occurrence == "first" else -1]) if entered else None


Held: TypeAlias = Callable[[Activity], tuple[str, ...]]


def _shares(case: Case, model: Model, counting: Sequence[Activity]) -> tuple[dict[str, Fraction], Held, Fraction]:
    count = len(counting)
    match model:
        case MilestoneModel():
            return _by_milestone(case, model, counting)
        case LinearModel():
            return {touch.id: Fraction(1, count) for touch in counting}, lambda _: (), Fraction(0)
        case PositionModel():
            ends = {counting[0].id: ["first"], counting[-1].id: ["last"]} if count > 1 else {counting[0].id: ["first", "last"]}
            return _by_position(model, counting), lambda touch: tuple(ends.get(touch.id, ["middle"])), Fraction(0)
        case _:
            half_life = int(model.half_life_days * 86_400)
            weights = {}
            for touch in counting:
                apart = counting[-1].at - touch.at
                if case.document.journeys.granularity == "day":
                    apart = _day(case, counting[-1].at) - _day(case, touch.at)
                weights[touch.id] = _decayed(apart // timedelta(seconds=1), half_life)
            return {name: Fraction(weight, sum(weights.values())) for name, weight in weights.items()}, lambda _: (), Fraction(0)


def _by_position(model: PositionModel, counting: Sequence[Activity]) -> dict[str, Fraction]:
    """AD-22, AD-24."""
    whole = model.first + model.middle + model.last
    first, middle, last = (Fraction(share) / whole for share in (model.first, model.middle, model.last))
    if len(counting) == 1:
        return {counting[0].id: Fraction(1)}
    if len(counting) == 2:
        ends = first + last
        return {counting[0].id: first / ends if ends else Fraction(1, 2), counting[1].id: last / ends if ends else Fraction(1, 2)}
    shares = {touch.id: middle / (len(counting) - 2) for touch in counting}
    return {**shares, counting[0].id: first, counting[-1].id: last}


def _by_milestone(case: Case, model: MilestoneModel, counting: Sequence[Activity]) -> tuple[dict[str, Fraction], Held, Fraction]:
    """AD-6, AD-7, AD-22."""
    whole = sum((share.percent for share in model.shares), Fraction(0))
    rows = [(share.id, share.occurrence, share.percent / whole) for share in model.shares if share.percent]
    milestones = [row for row in rows if row[0] != "middle"]
    middle = sum((weight for name, _, weight in rows if name == "middle"), Fraction(0))
    holders = {name: _touch_of(case, counting, name, occurrence) for name, occurrence, _ in milestones}
    shares: dict[str, Fraction] = {}
    waiting = unattributed = Fraction(0)
    for name, _, weight in milestones:
        holder = holders[name]
        if holder is not None:
            shares[holder.id] = shares.get(holder.id, Fraction(0)) + weight + (waiting if model.missing == "next" else 0)
            waiting = Fraction(0) if model.missing == "next" else waiting
        else:
            waiting += weight
    if model.missing == "unattributed":
        unattributed = waiting
    between = [touch for touch in counting if touch.id not in shares]
    if middle and between:
        shares |= {touch.id: middle / len(between) for touch in between}
    if shares:
        # what is neither found nor left to nobody goes to those found, in proportion
        given = sum(shares.values())
        shares = {name: share * (1 - unattributed) / given for name, share in shares.items()}
    else:
        unattributed = Fraction(1)

    def held(touch: Activity) -> tuple[str, ...]:
        names = tuple(name for name, _, _ in milestones if (holder := holders[name]) is not None and holder.id == touch.id)
        return names or ("middle",)

    return shares, held, unattributed


def _decayed(age: int, half_life: int) -> int:
    """AD-23, bit by bit."""
    weight, bit = 2**30, 0
    while age >> bit:
        if age >> bit & 1:
            weight = weight * _power(2**bit, half_life) // 2**30
        bit += 1
    return weight


def _power(age: int, half_life: int) -> int:
    """floor(2**30 * 2**(-age / half_life)), to a hundred digits, a nudge up for what is a whole number."""
    with localcontext() as context:
        context.prec = 100
        return int(Decimal(2) ** 30 * Decimal(2) ** (Decimal(-age) / Decimal(half_life)) + Decimal(10) ** -60)


def _largest_remainder(units: int, shares: Sequence[Fraction]) -> list[int]:
    """AD-16, AD-17: whole units first, then one each to the largest remainders, of equal ones to the earlier."""
    lines = [int(units * share) for share in shares]
    remainders = [units * share - line for share, line in zip(shares, lines, strict=True)]
    for _ in range(units - sum(lines)):
        place = remainders.index(max(remainders))
        lines[place] += 1
        remainders[place] = Fraction(-1)
    return lines


# --------------------------------------------------------------------------------------------------------- drawn cases

_START = datetime(2026, 3, 27, 20, tzinfo=UTC)  # two days before clocks change in Berlin
_CHANNELS = (None, "linkedin", "google", "email", "webinar", "direct", "event")


def cases(count: int, seed: int = 6) -> Iterator[tuple[Case, str]]:
    """Drawn cases and a model of each: ties, late touches, missing milestones, deals without a lead, of every kind of policy."""
    draw = Random(seed)  # noqa: S311 - drawn cases
    compiled = [attribution.compile(_document(draw)) for _ in range(max(8, min(400, count // 25)))]
    for number in range(count):
        rules = draw.choice(compiled)
        yield _case(draw, number, rules), draw.choice(rules.document.models).id


def _instant(draw: Random) -> datetime:
    """One of a few dozen instants, so that many are tied."""
    return _START + timedelta(hours=draw.choice((0, 0, 1, 2, 5, 24, 48, 49, 50, 72, 100, 24 * 10, 24 * 20, 24 * 30)))


def _case(draw: Random, number: int, rules: attribution.Rules) -> Case:
    opened, closed = sorted((_instant(draw), _instant(draw)))
    won = draw.choice((True, True, True, False, None))
    at = max(opened, _instant(draw)) if won is None or draw.random() < 0.2 else None
    deal = Opportunity(
        id=f"D-{number}",
        opened_at=opened,
        closed_at=None if won is None else closed,
        won=won,
        amount=Money(draw.choice((0, 1, 2, 99, 100, 10_000, 9_500_000, -9_999, draw.randrange(-(10**6), 10**9))), "EUR"),
    )
    touches = tuple(
        Activity(
            id=f"t-{draw.randrange(1_000)}-{turn}",
            kind=draw.choice(("visit", "contact_form", "email_open")),
            at=_instant(draw) - timedelta(hours=draw.choice((0, 0, 1, 700))),
            channel=draw.choice(_CHANNELS),
            campaign=draw.choice((None, "c-1", "c-2")),
            contact_id=draw.choice(("ana", "ben", None)),
            marketing=draw.random() < 0.9,
            sequence=draw.choice((0, 0, 1)),
        )
        for turn in range(draw.choice((0, 1, 1, 2, 3, 4, 5, 8, 12)))
    )
    created = None
    if draw.random() < 0.8:
        named = draw.choice(touches).id if touches and draw.random() < 0.3 else draw.choice((None, None, "t-lost"))
        created = LeadCreation(draw.choice((None, *[_instant(draw)] * 5)), frozenset(draw.choice(((), ("ana",), ("ben",)))), named)
    stages = tuple((draw.choice(("MQL", "SQL")), _instant(draw)) for _ in range(draw.randrange(4)))
    previous = draw.choice((None, _instant(draw) - timedelta(hours=100)))
    return Case(deal, touches, created, stages, previous, at, rules, draw.random() < 0.9)


def _document(draw: Random) -> AttributionDocument:
    exclusions: list[dict[str, Any]] = [{"id": "sales", "touches": {"marketing": False}}]
    exclusions += [{"id": "opens", "touches": {"kinds": ["email_open"], "channels": ["email", "google"]}}] if draw.random() < 0.5 else []
    journey = {
        "granularity": draw.choice(("instant", "instant", "day")),
        "zone": draw.choice(("UTC", "Europe/Berlin", "America/Los_Angeles")),
        "exclusions": exclusions,
        "direct": draw.choice(("fallback", "include", "exclude")),
        "direct_channels": ["direct"],
        "unknown_is_direct": draw.random() < 0.3,
        "window_days": draw.choice((None, None, 0, 2, 10)),
        "window_from": draw.choice(("close", "opportunity")),
        "windows": [{"id": "events", "channels": ["event"], "days": draw.choice((None, 1, 30))}] if draw.random() < 0.4 else [],
        "scope": draw.choice(("account", "since_previous_close")),
        "dedupe_minutes": draw.choice((None, None, 0, 60)),
    }
    models: list[dict[str, Any]] = [
        {"id": "w", "shares": _milestones(first=30, lead=20, opportunity=30, close=20)},
        {"id": "market_w", "shares": _milestones(first=30, lead=30, opportunity=30, middle=10)},
        {"id": "full", "shares": _milestones(first="22.5", lead="22.5", opportunity="22.5", close="22.5", middle=10)},
        {"id": "stages", "shares": [{"id": "MQL", "percent": "100/3", "occurrence": "first"}, *_milestones(SQL="100/3", close="100/3")]},
        {"id": "late", "shares": _milestones(opportunity=2, middle=1, close=0), "normalise": True},
        {"id": "last", "shares": _milestones(last=100), "direct": draw.choice((None, "include", "fallback"))},
    ]
    models = [{"kind": "milestones", "missing": draw.choice(("redistribute", "unattributed", "next")), **model} for model in models]
    models += [
        {"kind": "linear", "id": "linear", "direct": draw.choice((None, "exclude"))},
        {"kind": "position", "id": "u", "first": 40, "middle": 20, "last": 40},
        {"kind": "position", "id": "odd", **draw.choice(({"first": 0, "middle": 100, "last": 0}, {"first": 60, "middle": 30, "last": 10}))},
        {"kind": "time_decay", "id": "decay", "half_life_days": draw.choice((7, 30, "1/24", "0.5"))},
    ]
    return AttributionDocument.model_validate({"journeys": journey, "models": models, "default": "w"})


def _milestones(**percent: int | str) -> list[dict[str, Any]]:
    return [{"id": name, "percent": share} for name, share in percent.items()]


if __name__ == "__main__":
    how_many = int(sys.argv[1])
    for case, name in cases(how_many, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 7):
        assert found(case, name) == expected(case, name), f"{case}\n{name}\n{found(case, name)}\n{expected(case, name)}"
    print(f"{how_many} journeys agree")  # noqa: T201 - what the command is for
