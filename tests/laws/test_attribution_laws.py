"""What holds for every deal, every journey and every model."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import attribution, journeys, rollups, selfreports
from inbound_engine.attribution import AttributionDocument, Credit, Rules
from inbound_engine.documents import changed
from inbound_engine.facts import Activity, Contact, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.money import Money, allot
from inbound_engine.people import People
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.selfreports import SelfReportsDocument
from tests import processes
from tests.attribution_reference import Case, cases, prepared, rows
from tests.places import ROOT

SHIPPED = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
STRICT = attribution.compile(
    changed(SHIPPED.document, {f"models[{name}].missing": "unattributed" for name in ("w_shaped", "market_w", "full_path")})
)
NEXT = attribution.compile(changed(SHIPPED.document, {f"models[{name}].missing": "next" for name in ("w_shaped", "market_w", "full_path")}))
SPREAD = attribution.compile(changed(SHIPPED.document, {"leftover": "spread"}))
ALL = sorted(SHIPPED.models)
START = datetime(2026, 1, 1, tzinfo=UTC)
OPENED, CLOSED = START + timedelta(days=40), START + timedelta(days=80)

_CHANNELS = st.sampled_from(["linkedin", "google", "email", "direct", None])


@st.composite
def touches(draw: st.DrawFn, at_least: int = 0) -> list[Activity]:
    """Touches on a grid of half days, many of them tied, some after the close, some of sales."""
    count = draw(st.integers(at_least, 9))
    return [
        Activity(
            id=f"t-{number}",
            kind="visit",
            at=START + timedelta(hours=12 * draw(st.integers(0, 170))),
            channel=draw(_CHANNELS),
            contact_id=draw(st.sampled_from(["ana", "ben"])),
            marketing=draw(st.booleans()) or number < at_least,
            sequence=draw(st.integers(0, 1)),
        )
        for number in range(count)
    ]


_AMOUNTS = st.integers(-(10**9), 10**12)
_RULES = st.sampled_from([SHIPPED, STRICT, NEXT, SPREAD])
_MODELS = st.sampled_from(ALL)
_CREATED = st.one_of(
    st.none(), st.builds(LeadCreation, st.integers(0, 100).map(lambda days: START + timedelta(days=days)), st.just(frozenset({"ana"})))
)


def deal(minor: int = 9_500_000, **more: Any) -> Opportunity:  # noqa: ANN401 - what opportunities say
    return Opportunity(**{"id": "D-1", "opened_at": OPENED, "closed_at": CLOSED, "won": True, "amount": Money(minor, "EUR"), **more})


def credit(
    rules: Rules, model: str, found: Sequence[Activity], created: LeadCreation | None, opportunity: Opportunity | None = None
) -> Credit:
    return attribution.credit(rules, journeys.prepare(rules.journeys, opportunity or deal(), found, created=created), model)


@given(_RULES, _MODELS, touches(), _CREATED, _AMOUNTS)
def test_shares_add_up_to_one_and_money_to_the_deal(
    rules: Rules, model: str, found: list[Activity], created: LeadCreation | None, minor: int
) -> None:
    """AT-6: whatever is missing, and each line within one unit of its exact share, on the side of its whole units."""
    one = credit(rules, model, found, created, deal(minor))
    assert sum(line.share for line in one.lines) == 1
    assert sum(line.amount.minor for line in one.lines) == minor
    assert all(line.share > 0 for line in one.lines)
    for line in one.lines:
        assert 0 <= abs(line.amount.minor) - abs(line.before.minor) <= 1
        assert abs(line.before.minor) == int(abs(minor) * line.share)


@given(_RULES, _MODELS, touches(), _CREATED, _AMOUNTS)
def test_a_refund_mirrors_the_deal(rules: Rules, model: str, found: list[Activity], created: LeadCreation | None, minor: int) -> None:
    """AD-18: it cancels unit by unit."""
    one, other = (credit(rules, model, found, created, deal(amount)) for amount in (minor, -minor))
    assert one.places == other.places
    assert [-unit for unit in one.minor] == list(other.minor)


@given(_RULES, _MODELS, touches(), _CREATED, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    rules: Rules, model: str, found: list[Activity], created: LeadCreation | None, draw: Random
) -> None:
    """AD-2."""
    shuffled = list(found)
    draw.shuffle(shuffled)
    assert credit(rules, model, shuffled, created).lines == credit(rules, model, found, created).lines


@given(_RULES, _MODELS, touches(), _CREATED, st.integers(1, 10**6))
def test_a_touch_after_the_close_changes_nothing(
    rules: Rules, model: str, found: list[Activity], created: LeadCreation | None, later: int
) -> None:
    """AD-1: but for the reason of a deal that has no other."""
    late = Activity(id="late", kind="visit", at=CLOSED + timedelta(seconds=later), channel="email", contact_id="ana")
    before, after = (credit(rules, model, touches, created).lines for touches in (found, [*found, late]))
    assert [evolve(line, reason=None) for line in before] == [evolve(line, reason=None) for line in after]


@given(_RULES, _MODELS, touches(), _CREATED, st.integers(0, 170))
def test_a_touch_that_is_excluded_changes_nothing(
    rules: Rules, model: str, found: list[Activity], created: LeadCreation | None, half_days: int
) -> None:
    """AD-10: exclusions come before weights."""
    excluding = attribution.compile(
        changed(
            rules.document,
            {"journeys.exclusions": [{"id": "x", "touches": {"channels": ["radio"]}}, {"id": "s", "touches": {"marketing": False}}]},
        )
    )
    radio = Activity(id="radio", kind="visit", at=START + timedelta(hours=12 * half_days), channel="radio", contact_id="ana")
    before, after = (credit(excluding, model, touches, created).lines for touches in (found, [*found, radio]))
    assert [evolve(line, reason=None) for line in before] == [evolve(line, reason=None) for line in after]


@given(_RULES, _MODELS, _CREATED, _AMOUNTS, st.integers(0, 80))
def test_one_touch_takes_all(rules: Rules, model: str, created: LeadCreation | None, minor: int, half_days: int) -> None:
    """AD-22: but where a share is left unattributed by policy."""
    alone = Activity(id="t", kind="visit", at=START + timedelta(hours=12 * half_days), contact_id="ana")
    one = credit(rules, model, [alone], created, deal(minor))
    if rules is STRICT and one.unattributed.minor:
        assert one.missing
    elif not (rules is STRICT and one.missing):
        assert [(line.touch, line.amount.minor) for line in one.lines] == [(alone, minor)]


@given(_MODELS, touches(), _CREATED, st.integers(0, 10**7), st.integers(0, 1_000))
def test_raising_a_deal_lowers_no_line_by_more_than_a_unit(
    model: str, found: list[Activity], created: LeadCreation | None, minor: int, more: int
) -> None:
    """AD-16: each line stays within one unit of its exact share, which does not fall."""
    low, high = (credit(SHIPPED, model, found, created, deal(amount)).minor for amount in (minor, minor + more))
    assert all(after >= before - 1 for before, after in zip(low, high, strict=True))


# Whichever milestones of a model fall on one touch, and whichever are missing: all the ways to share a deal by its weights.
_WEIGHTS = [(3, 2, 3, 2), (9, 9, 9, 9), (1, 1), (1, 1, 1), (2, 1, 2)]


def _merged(weights: Sequence[int]) -> set[tuple[int, ...]]:
    """The weights of milestones on one touch added up, in every way, any of them left out, the touches in every order."""
    found: set[tuple[int, ...]] = set()
    for size in range(1, len(weights) + 1):
        for kept in combinations(weights, size):
            for together in _grouped(list(kept)):
                found |= set(permutations(together))
    return found


def _grouped(weights: list[int]) -> Iterator[list[int]]:
    if not weights:
        yield []
        return
    first, *others = weights
    for groups in _grouped(others):
        yield [first, *groups]
        for place, group in enumerate(groups):
            yield [*groups[:place], group + first, *groups[place + 1 :]]


@pytest.mark.parametrize("weights", sorted(set().union(*map(_merged, _WEIGHTS))), ids=str)
def test_raising_a_deal_lowers_no_line_of_the_shipped_milestones(weights: tuple[int, ...]) -> None:
    """AD-16: not by a single unit, for every amount; remainders repeat with the sum of the weights, so two rounds of it are all."""
    whole = sum(weights)
    splits = [allot(minor, weights, whole) for minor in range(2 * whole + 1)]
    assert all(after >= before for low, high in pairwise(splits) for before, after in zip(low, high, strict=True))


@given(touches(), _CREATED, st.integers(0, 10**6))
def test_time_decay_asks_nothing_of_the_close(found: list[Activity], created: LeadCreation | None, later: int) -> None:
    """AD-23: the factor cancels, exactly; the later touch of two never earns less."""
    known = [touch for touch in found if touch.at <= CLOSED]
    one = credit(SHIPPED, "time_decay_7", known, created)
    other = credit(SHIPPED, "time_decay_7", known, created, deal(closed_at=CLOSED + timedelta(seconds=later)))
    assert [line.share for line in one.lines] == [line.share for line in other.lines]
    assert all(before <= after for before, after in pairwise(line.share for line in one.lines))


@given(
    st.lists(st.tuples(touches(), _AMOUNTS, st.sampled_from([True, False])), max_size=4), st.sampled_from(["channel", "contact", "touch"])
)
def test_sums_reconcile_and_deals_may_be_split_up(deals: list[tuple[list[Activity], int, bool]], by: Any) -> None:  # noqa: ANN401 - a literal
    """AT-6, AP-8: every roll-up adds up to the deals, in one run or deal by deal."""
    prepared_ones = [
        journeys.prepare(SHIPPED.journeys, deal(minor, id=f"D-{number}", won=won), found)
        for number, (found, minor, won) in enumerate(deals)
    ]
    credited = list(attribution.credit_each(SHIPPED, prepared_ones, ALL))
    rolled = rollups.roll_up(credited, by)
    for model in ALL if deals else ():
        for total, won in (("revenue", True), ("lost", False)):
            sums = sum(getattr(row, total).minor for row in rolled.rows if row.model == model)
            assert sums == sum(minor for _, minor, outcome in deals if outcome is won)
    assert all(not row.difference.minor for row in rollups.reconcile(credited))
    apart = [one for journey in reversed(prepared_ones) for one in attribution.credit_each(SHIPPED, [journey], ALL)]
    assert sorted(rolled.rows, key=repr) == sorted(rollups.roll_up(apart, by).rows, key=repr)


@given(touches(), touches(), st.sampled_from(ALL), st.sampled_from(ALL), _AMOUNTS)
def test_moves_add_up_to_nothing(found: list[Activity], other: list[Activity], one: str, two: str, minor: int) -> None:
    """Whatever is compared, a deal keeps its amount; and nothing moves from a thing to itself."""
    before, after = credit(SHIPPED, one, found, None, deal(minor)), credit(SHIPPED, two, other, None, deal(minor))
    moves = rollups.compare([before], [after])
    assert sum(move.change.minor for move in moves) == 0
    assert all(move.change.minor for move in moves)
    assert rollups.compare([before], [before]) == ()


@given(touches(), _MODELS, _AMOUNTS, st.fractions(0, 100, max_denominator=997))
def test_a_blend_adds_up(found: list[Activity], model: str, minor: int, percent: Fraction) -> None:
    """AD-27."""
    rules = selfreports.compile(SelfReportsDocument(blend_percent=percent))
    blended = selfreports.blend(rules, credit(SHIPPED, model, found, None, deal(minor)), "podcast")
    assert sum(part.amount.minor for part in blended) == minor


@given(touches(), st.sampled_from(["include", "exclude", "fallback"]), st.sampled_from(["include", "exclude", "fallback"]))
def test_direct_visits_may_be_seen_again_in_any_way(found: list[Activity], first: str, second: str) -> None:
    """AD-9: a journey seen another way is the one that was prepared that way."""
    one, other = (
        journeys.prepare(attribution.compile(changed(SHIPPED.document, {"journeys.direct": direct})).journeys, deal(), found)
        for direct in (first, second)
    )
    seen = journeys.under(one, second)  # type: ignore[arg-type]  # a literal
    assert (seen.touches, seen.marks, seen.why_empty) == (other.touches, other.marks, other.why_empty)
    assert [(out.touch.id, out.code) for out in seen.excluded] == [(out.touch.id, out.code) for out in other.excluded]


@given(touches(), touches(), st.randoms(use_true_random=False))
def test_journeys_of_everybody_are_those_of_each_deal_alone(ana: list[Activity], eve: list[Activity], draw: Random) -> None:
    """AP-8: split by opportunity, in any order of touches and contacts."""
    mine = [evolve(touch, id=f"a-{touch.id}", contact_id="ana") for touch in ana]
    theirs = [evolve(touch, id=f"e-{touch.id}", contact_id="EVE@other.example ") for touch in eve]
    contacts = [Contact(id="ana", account_id="acme"), Contact(id="eve", emails=("eve@other.example",), account_id="other")]
    both = [*mine, *theirs]
    draw.shuffle(both)
    draw.shuffle(contacts)
    people = People.of(SHIPPED.document.journeys.people, contacts)
    one, two = journeys.assemble(SHIPPED.journeys, people, [deal(account_id="acme"), deal(id="D-2", account_id="other")], both)
    assert one == journeys.prepare(SHIPPED.journeys, one.opportunity, mine)
    assert two == journeys.prepare(SHIPPED.journeys, two.opportunity, theirs)


def _altered(case: Case, draw: Random) -> Case:
    shuffled, stages = list(case.touches) * 2, list(case.stages)
    draw.shuffle(shuffled)
    draw.shuffle(stages)
    return evolve(case, touches=tuple(shuffled), stages=tuple(stages))


def test_drawn_journeys_do_not_depend_on_their_order_or_on_repetition() -> None:
    """AD-2, AD-13: under every kind of policy."""
    draw = Random(3)  # noqa: S311 - a shuffle
    for case, model in cases(1_500, seed=8):
        one, other = (rows(attribution.credit(case.rules, prepared(each), model)) for each in (case, _altered(case, draw)))
        assert one == other


_PROGRAM = """
    import sys
    sys.path[:0] = [{root!r}, {src!r}]
    from hashlib import sha256
    from inbound_engine import attribution
    from tests.attribution_reference import cases, prepared, rows
    told = [rows(attribution.credit(case.rules, prepared(case), model)) for case, model in cases(400, seed=5)]
    print(sha256(repr(told).encode()).hexdigest())
"""


def test_another_process_says_the_same() -> None:
    """FD-4, AP-8: whatever the seed of its hashes and the zone of the machine."""
    program = _PROGRAM.format(root=str(ROOT), src=str(ROOT / "src"))
    said = {processes.run(program, {"PYTHONHASHSEED": seed, "TZ": where}) for seed, where in (("0", "UTC"), ("7", "Asia/Tokyo"))}
    assert len(said) == 1
