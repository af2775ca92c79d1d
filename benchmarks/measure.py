"""Contestants side by side: interleaved rounds, medians, ratios within the run.

A bench compares the answers of its contestants while it is prepared, before anything is timed: `DisagreementError` otherwise.
Every round asks every contestant twice and counts the second time; each round begins with another, so that what else the
machine does falls on all alike. A figure is the median of its rounds; a ratio is the median of the ratios of the rounds, each
taken within one round. The clock counts the time that processors spend on this process: what waits while another process
runs would be counted against long work and hardly ever against short.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from time import process_time
from typing import TypeVar

from attrs import frozen

__all__ = ["Bench", "Contestant", "DisagreementError", "Figure", "Goal", "Result", "Verdict", "agree", "measure", "one_by_one", "timed"]

Subject = TypeVar("Subject")

Value = Callable[[], float]
"""Measures once and gives the figure, in the unit of its bench."""

UNITS: Mapping[str, float] = {"ns": 1e9, "µs": 1e6, "ms": 1e3, "bytes": 1.0}


class DisagreementError(AssertionError):
    """Two contestants give different answers: there is nothing to be timed."""


@frozen
class Contestant:
    """Who is measured. `value` is None for one that is not installed; `note` says what it does less, or more."""

    name: str
    value: Value | None
    note: str = ""


@frozen
class Goal:
    """Ours takes at most so many times what the best of the others takes, or at most so many units where there are none.

    A goal of "30 times faster" is `at_most=1 / 30`.
    """

    code: str
    ours: str
    at_most: float
    than: tuple[str, ...] = ()


@frozen
class Bench:
    """Contestants that do the same work; ratios are to the one named `floor`."""

    title: str
    unit: str
    floor: str
    contestants: tuple[Contestant, ...]
    goals: tuple[Goal, ...] = ()
    rounds: int = 15
    note: str = ""


@frozen
class Figure:
    """What came out for one contestant: the median, and its ratio to the floor; None where it is not installed."""

    name: str
    value: float | None
    ratio: float | None
    note: str


@frozen
class Verdict:
    """A goal and what was measured of it; `measured` is None where nothing to compare with is installed."""

    goal: Goal
    measured: float | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, None where it could not be measured."""
        return None if self.measured is None else self.measured <= self.goal.at_most


@frozen
class Result:
    """The figures and the goals of one bench."""

    bench: Bench
    figures: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]


def timed(work: Callable[[], object], count: int, unit: str) -> Value:
    """Times one call of `work`, which does the same thing `count` times over: the figure is of one."""
    scale = UNITS[unit] / count

    def value() -> float:
        start = process_time()
        work()
        return (process_time() - start) * scale

    return value


def one_by_one(name: str, decide: Callable[[Subject], object], subjects: Sequence[Subject], note: str = "") -> Contestant:
    """Somebody who answers for one subject after another, in microseconds each; what is answered is dropped at once."""

    def work() -> None:
        for subject in subjects:
            decide(subject)

    return Contestant(name, timed(work, len(subjects), "µs"), note)


def measure(bench: Bench, *, quick: bool = False) -> Result:
    """The medians of a bench; quick takes few rounds, for a look."""
    present = [(contestant.name, contestant.value) for contestant in bench.contestants if contestant.value is not None]
    rounds = min(bench.rounds, 3) if quick else bench.rounds
    seen: dict[str, list[float]] = {name: [] for name, _ in present}
    for number in range(rounds):
        turn = number % len(present)
        for name, value in (*present[turn:], *present[:turn]):
            gc.collect()
            gc.disable()  # as timeit does; what was made in a round is counted as garbage between rounds
            try:
                value()  # so that memory near the processor holds what this one needs, as it does in a loop
                seen[name].append(value())
            finally:
                gc.enable()
    return Result(bench, tuple(_figures(bench, seen)), tuple(_verdict(goal, seen) for goal in bench.goals))


def _figures(bench: Bench, seen: Mapping[str, Sequence[float]]) -> Iterator[Figure]:
    for contestant in bench.contestants:
        values = seen.get(contestant.name)
        if values is None:
            yield Figure(contestant.name, None, None, contestant.note)
        else:
            yield Figure(contestant.name, median(values), _ratio(values, [seen[bench.floor]]), contestant.note)


def _ratio(values: Sequence[float], others: Iterable[Sequence[float]]) -> float:
    """The median over the rounds of one's figure over the best of the others' in the same round."""
    best = [min(row) for row in zip(*others, strict=True)]
    ratios: list[float] = [value / other for value, other in zip(values, best, strict=True)]
    return median(ratios)


def _verdict(goal: Goal, seen: Mapping[str, Sequence[float]]) -> Verdict:
    ours = seen[goal.ours]
    if not goal.than:
        return Verdict(goal, median(ours))
    others = [seen[name] for name in goal.than if name in seen]
    return Verdict(goal, _ratio(ours, others) if others else None)


def agree(name: str, expected: Sequence[object], found: Sequence[object], cases: Sequence[object]) -> None:
    """Refuses a contestant whose answers are not the expected ones, with the first case that differs."""
    if not expected or len(expected) != len(found):
        raise DisagreementError(f"{name}: {len(found)} answers to {len(expected)} questions")
    for case, wanted, got in zip(cases, expected, found, strict=False):
        if wanted != got:
            raise DisagreementError(f"{name} says {got!r} of {case!r}; expected {wanted!r}")
