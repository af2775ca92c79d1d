"""The benchmarks compare like with like: all answers agree, and nothing here is timed."""

import re
from collections.abc import Callable, Iterator

import pytest

from benchmarks import wrong_answers
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, agree, measure
from benchmarks.run import README, ROOMS, as_markdown, in_a_terminal


@pytest.mark.parametrize("room", ROOMS)
def test_every_contestant_gives_the_same_answers(room: str) -> None:
    benches: tuple[Bench, ...] = ROOMS[room].prepare(quick=True)
    assert benches
    for bench in benches:
        names = [contestant.name for contestant in bench.contestants]
        assert len(set(names)) == len(names)
        assert {bench.floor} <= set(names)
        assert {name for goal in bench.goals for name in (goal.ours, *goal.than)} <= set(names)
        present = {contestant.name for contestant in bench.contestants if contestant.value is not None}
        assert {bench.floor, *(goal.ours for goal in bench.goals)} <= present
        assert f"### {bench.title.partition(' (')[0]}" in README.read_text(encoding="utf-8")


def test_ours_are_right_in_the_hard_cases_of_business_time() -> None:
    wrong_answers.check()


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        pytest.param([1, 2], [1, 3], id="another answer"),
        pytest.param([1, 2], [1], id="an answer missing"),
        pytest.param([], [], id="nothing compared"),
    ],
)
def test_a_contestant_that_answers_otherwise_is_refused(expected: list[int], found: list[int]) -> None:
    with pytest.raises(DisagreementError):
        agree("somebody", expected, found, ["a", "b"])


def given(*figures: float) -> Callable[[], float]:
    """A clock that says what it was told to say; each round asks twice and counts the second time."""
    told: Iterator[float] = iter([figure for pair in zip([0.0] * len(figures), figures, strict=True) for figure in pair])
    return lambda: next(told)


def bench_of(**figures: tuple[float, ...] | None) -> Bench:
    contestants = tuple(Contestant(name, None if seen is None else given(*seen)) for name, seen in figures.items())
    goals = (Goal("P0", "ours", 2, ("floor",)), Goal("P0", "ours", 1 / 4, ("peer", "absent")), Goal("P0", "ours", 1, ("absent",)))
    return Bench("A bench (P0)", "µs", "floor", contestants, goals, rounds=3)


def test_figures_are_medians_and_ratios_are_taken_within_a_round() -> None:
    result = measure(bench_of(floor=(1.0, 2.0, 4.0), ours=(3.0, 4.0, 8.0), peer=(9.0, 20.0, 30.0), absent=None))
    assert [(figure.name, figure.value, figure.ratio) for figure in result.figures] == [
        ("floor", 2.0, 1.0),
        ("ours", 4.0, 2.0),
        ("peer", 20.0, 9.0),
        ("absent", None, None),
    ]
    assert [(verdict.measured, verdict.met) for verdict in result.verdicts] == [(2.0, True), (pytest.approx(8 / 30), False), (None, None)]


def test_what_is_not_installed_is_told() -> None:
    result = measure(bench_of(floor=(1.0,) * 3, ours=(3.0,) * 3, peer=(9.0,) * 3, absent=None))
    told = "\n".join(in_a_terminal(result))
    assert re.search(r"^ +absent +not installed$", told, re.MULTILINE)
    assert "P0: ours: at most 2 × floor: 3.00 ×: missed" in told
    assert "P0: ours: at least 4 × faster than the best of 2 engines: 3.00 × faster: missed" in told
    written = "\n".join(as_markdown([result]))
    assert "| absent | not installed |  |  |" in written
    assert "| P0 | A bench: ours | at most 1 × absent | not installed | **not measured** |" in written
