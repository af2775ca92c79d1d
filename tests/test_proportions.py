"""Rates: two counts, compared exactly, with their interval."""

import json
import pickle
from collections.abc import Iterator
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine import proportions
from inbound_engine.errors import FactError
from inbound_engine.proportions import Rate
from tests.places import DATA, needs_data


@pytest.mark.parametrize(
    ("hits", "total", "value", "text"),
    [
        (1, 10, Fraction(1, 10), "1 of 10"),
        (0, 7, Fraction(0), "0 of 7"),
        (7, 7, Fraction(1), "7 of 7"),
        (135, 180, Fraction(3, 4), "135 of 180"),
        (0, 0, None, "0 of 0"),
    ],
)
def test_a_rate_is_two_counts_and_their_exact_proportion(hits: int, total: int, value: Fraction | None, text: str) -> None:
    """FD-3, FD-6: of no cases the proportion is unknown, and not zero."""
    assert Rate(hits, total).value == value
    assert str(Rate(hits, total)) == text


@pytest.mark.parametrize(
    ("hits", "total", "path"),
    [
        (2, 1, "rate.hits"),
        (-1, 1, "rate.hits"),
        (0, -1, "rate.total"),
        (True, 1, "rate.hits"),
        (1, True, "rate.total"),
        (1.0, 2, "rate.hits"),
        (1, 2.0, "rate.total"),
        (1, None, "rate.total"),
        ("1", 2, "rate.hits"),
        (Fraction(1), 2, "rate.hits"),
        pytest.param(0, 10**9999, "rate.total", id="huge"),
    ],
)
def test_what_is_not_a_count_among_all_is_refused(hits: int, total: int, path: str) -> None:
    """FD-3: counts are whole numbers, and hits are cases too."""
    with pytest.raises(FactError, match=path):
        Rate(hits, total)


def test_a_rate_never_changes_and_survives_a_pickle() -> None:
    """FD-1: values are frozen, hashable and travel."""
    rate = Rate(1, 10)
    with pytest.raises(FrozenInstanceError):
        rate.hits = 2  # type: ignore[misc]  # on purpose
    assert pickle.loads(pickle.dumps(rate)) == rate  # noqa: S301
    assert len({Rate(1, 10), Rate(1, 10), Rate(10, 100)}) == 2
    assert repr(rate) == "Rate(hits=1, total=10)"


@pytest.mark.parametrize(
    ("rate", "threshold", "above"),
    [
        (Rate(1, 10), Fraction(1, 10), False),
        (Rate(100, 1_000), Fraction(1, 10), False),
        (Rate(2, 10), Fraction(1, 10), True),
        (Rate(101, 1_000), Fraction(1, 10), True),
        (Rate(99, 1_000), Fraction(1, 10), False),
        (Rate(3, 10), Fraction(3, 10), False),
        (Rate(0, 10), Fraction(0), False),
        (Rate(1, 10**30), Fraction(0), True),
        (Rate(10, 10), Fraction(1), False),
        (Rate(0, 10), Fraction(-1), True),
        (Rate(0, 0), Fraction(0), None),
        (Rate(0, 0), Fraction(-1), None),
    ],
)
def test_a_rate_on_its_threshold_is_not_above_it(rate: Rate, threshold: Fraction, *, above: bool | None) -> None:
    """FD-3: cross-multiplied, never through floating point; of no cases nothing is known."""
    assert proportions.exceeds(rate, threshold) is above


@pytest.mark.parametrize("threshold", [0.1, 10, "10 %", None, True])
def test_a_threshold_is_a_fraction(threshold: Fraction) -> None:
    """FD-3: whole numbers too are refused, since 10 for 10 % would be above every rate."""
    with pytest.raises(FactError, match=r"proportions\.threshold"):
        proportions.exceeds(Rate(1, 10), threshold)


@pytest.mark.parametrize(
    ("rate", "decimals", "text"),
    [
        (Rate(3_561, 9_240), 1, "38.5 %"),
        (Rate(180, 450), 0, "40 %"),
        (Rate(135, 180), 0, "75 %"),
        (Rate(98, 135), 1, "72.6 %"),
        (Rate(1, 3), 2, "33.33 %"),
        (Rate(2, 3), 0, "67 %"),
        (Rate(1, 200), 0, "0 %"),  # 0.5: to the even 0
        (Rate(3, 200), 0, "2 %"),  # 1.5: to the even 2
        (Rate(5, 200), 0, "2 %"),  # 2.5: to the even 2
        (Rate(1, 2_000), 1, "0.0 %"),  # 0.05
        (Rate(3, 2_000), 1, "0.2 %"),  # 0.15
        (Rate(9_996, 10_000), 1, "100.0 %"),
        (Rate(0, 5), 1, "0.0 %"),
        (Rate(5, 5), 3, "100.000 %"),
        (Rate(1, 10**12), 12, "0.000000000100 %"),
        (Rate(0, 0), 1, "no cases"),
        (Rate(0, 0), 0, "no cases"),
    ],
)
def test_people_read_a_rate_in_percent(rate: Rate, decimals: int, text: str) -> None:
    """FN-2, UT-4: 450, 180, 135 and 98 are 40 %, 75 % and 72.6 %; halves go to the even digit."""
    assert proportions.percent(rate, decimals) == text


@pytest.mark.parametrize("decimals", [-1, 13, 1.0, True, None, "1"])
def test_percent_has_0_to_12_decimals(decimals: int) -> None:
    """FD-3: even where there are no cases to show."""
    for rate in (Rate(1, 3), Rate(0, 0)):
        with pytest.raises(FactError, match=r"proportions\.decimals"):
            proportions.percent(rate, decimals)


@pytest.mark.parametrize(
    ("rate", "confidence", "low", "high"),
    [
        # of one case, the far ends are z² / (1 + z²) and 1 / (1 + z²)
        (Rate(0, 1), 95, "0", "0.793450685623"),
        (Rate(1, 1), 95, "0.206549314377", "1"),
        (Rate(2, 2), 95, "0.342380227506", "1"),
        (Rate(3, 4), 95, "0.300641842582", "0.954412739191"),
        (Rate(1, 10), 95, "0.017876213095", "0.404150026796"),
        (Rate(3_561, 9_240), 95, "0.375515751210", "0.395358726739"),
        (Rate(5, 10), 90, "0.269271821138", "0.730728178862"),
        (Rate(5, 10), 99, "0.184225518247", "0.815774481753"),
    ],
)
def test_an_interval_is_wilsons_rounded_outward(rate: Rate, confidence: Literal[90, 95, 99], low: str, high: str) -> None:
    """FN-2, FD-4: the same 12 decimals on every machine."""
    assert proportions.interval(rate, confidence) == (Fraction(low), Fraction(high))


def test_no_cases_have_no_interval() -> None:
    """FD-6: unknown is not an interval from 0 to 1."""
    assert proportions.interval(Rate(0, 0)) is None


@pytest.mark.parametrize("confidence", [0, 50, 100, 95.0, 0.95, "95", None, True, [95]])
def test_a_confidence_is_one_of_three(confidence: Literal[95]) -> None:
    """FN-2: also where there are no cases."""
    for rate in (Rate(1, 10), Rate(0, 0)):
        with pytest.raises(FactError, match=r"proportions\.confidence"):
            proportions.interval(rate, confidence)


@pytest.mark.parametrize("confidence", [90, 95, 99])
def test_the_quantile_is_that_of_the_normal_distribution(confidence: Literal[90, 95, 99]) -> None:
    """FN-2: read back from the width at no hits in one case, which is z² / (1 + z²)."""
    bounds = proportions.interval(Rate(0, 1), confidence)
    assert bounds is not None
    z = NormalDist().inv_cdf((1 + confidence / 100) / 2)
    assert float(bounds[1]) == pytest.approx(z * z / (1 + z * z), abs=1e-11)


@needs_data
def test_intervals_agree_with_those_computed_elsewhere_over_real_leads() -> None:
    """FN-2: conversion of 9,240 real leads, by origin, source and tier; 1e-9 apart at most."""
    groups = list(_groups(json.loads((DATA / "xeducation_leads" / "expected.json").read_text(encoding="utf-8"))))
    assert len(groups) >= 32
    for hits, total, expected in groups:
        bounds = proportions.interval(Rate(hits, total))
        assert bounds is not None
        assert [float(end) for end in bounds] == pytest.approx(expected, abs=1e-9)


def _groups(node: object) -> Iterator[tuple[int, int, list[float]]]:
    """Every group with its count of conversions, its size and the interval given for it, at any depth."""
    if isinstance(node, dict):
        if "wilson95" in node:
            yield node["k"], node["n"], node["wilson95"]
        for below in node.values():
            yield from _groups(below)
