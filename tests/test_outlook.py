"""What would change the answer: best and worst tiers (FD-6), the way to the next tier (TI-5), the fact most worth asking for."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product
from typing import Any

import attrs
import pytest

from inbound_engine.assessments import Assessment
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.money import Money
from inbound_engine.outlook import Outcome, Question, Raise
from inbound_engine.policy import Policy
from tests.policies import ALWAYS, GIVEN, PAIR, graded, points, small

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIPPED = Engine(Policy())
PAIRED = Engine(PAIR)
ALL = (3, 3, 3, 3, 3)


def assess(policy: Policy, lead: Lead) -> Assessment:
    return Engine(policy).assess(lead, at=AT)


def given(selection: Sequence[int | None], urgency: Sequence[int | None] = ALL) -> Assessment:
    return PAIRED.assess(graded(selection, urgency), at=AT)


def moves(found: Assessment) -> list[dict[str, int]]:
    assert found.next_tier is not None
    return [{move.id: move.to for move in some} for some in found.next_tier.changes]


# Best and worst.


@pytest.mark.parametrize(
    ("lead", "best", "worst"),
    [
        pytest.param(Lead(id="L-1"), "T1", "NURTURE", id="nothing is known, so anything is possible"),
        pytest.param(Lead(id="L-1", activities=()), "T2", "NURTURE", id="no activities: a demo request may still be the lead's type"),
        pytest.param(Lead(id="L-1", activities=(), lead_type="webinar"), "NURTURE", "NURTURE", id="urgency is at most 20 points"),
        pytest.param(Lead(id="L-1", lead_type="demo_request"), "T1", "NURTURE", id="a hand-raiser may yet prove a bad fit (TI-3)"),
    ],
)
def test_missing_facts_bound_the_tier(lead: Lead, best: str, worst: str) -> None:
    """FD-6: the decision names the best and the worst tier that missing facts still allow."""
    found = SHIPPED.assess(attrs.evolve(lead, extra=Extra.of({"requested": "nothing", **lead.extra})), at=AT)
    assert (found.best_tier, found.worst_tier) == (best, worst)


@pytest.mark.parametrize(
    ("selection", "urgency", "tiers"),
    [
        pytest.param((3, 3, 2, 2, 0, 0), ALL, ("T2", "T2"), id="everything known: 68.33 and 100"),
        pytest.param((3, 3, None, 2, 0, 0), ALL, ("T1", "T2"), id="55 to 75"),
        pytest.param((3, 3, None, 1, 0, 0), ALL, ("T1", "T2"), id="50 to exactly 70"),
        pytest.param((3, 3, None, 0, 2, 0), ALL, ("T2", "T2"), id="51.67 at least, 71.67 less the line"),
        pytest.param((None, 3, 3, 3, 3, 3), (3, None, 0, 0, 0), ("T2", "NURTURE"), id="75 to 100 and 25 to 50"),
    ],
)
def test_the_bounds_are_those_of_the_scores(
    selection: Sequence[int | None], urgency: Sequence[int | None], tiers: tuple[str, str]
) -> None:
    """FD-6, TI-1: the lines are compared with the worst and the best score."""
    found = given(selection, urgency)
    assert (found.best_tier, found.worst_tier) == tiers
