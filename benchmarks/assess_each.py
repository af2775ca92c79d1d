"""A thousand leads in a loop, what an assessment weighs, and how time and memory grow (P11).

Raw facts, ten activities, the shipped policy. Nothing that is streamed is kept, so the memory of a loop must not grow with the
number of leads; the leads come round again, so that only the assessments count.
"""

import gc
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat

from benchmarks.assess_raw import by_hand
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, timed
from benchmarks.sample import AT, records
from inbound_engine import Engine, Lead, Policy

__all__ = ["prepare"]

_LEADS = 1_000


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares the loop with single questions, and gives what is to be timed."""
    engine = Engine(Policy())
    leads = [engine.read(record) for record in records(_LEADS)]
    few = leads[:100] if quick else leads
    if list(engine.assess_each(few, at=AT)) != [engine.assess(lead, at=AT) for lead in few]:
        raise DisagreementError("assess_each gives other answers than assess")
    sizes = (10, 100, 1_000) if quick else (1_000, 10_000, 100_000)
    return _loop(engine, leads), _growth(engine, leads, sizes), *_memory(engine, leads, sizes)


def _exhaust(answers: Iterator[object]) -> None:
    deque(answers, maxlen=0)


def _round_and_round(leads: list[Lead], size: int) -> Iterator[Lead]:
    """So many leads, the same ones again and again; unlike `cycle` without a list of its own."""
    return islice(chain.from_iterable(repeat(leads)), size)


def _loop(engine: Engine, leads: list[Lead]) -> Bench:
    def contestant(name: str, work: Callable[[], object], note: str = "") -> Contestant:
        return Contestant(name, timed(work, len(leads), "µs"), note)

    by_hand_name = "hand-written, in a loop"
    return Bench(
        f"A loop over {len(leads):,} leads from raw facts, per lead",
        "µs",
        by_hand_name,
        (
            contestant(by_hand_name, lambda: _exhaust(by_hand(lead, AT) for lead in leads)),
            contestant("engine.assess_each, streamed", lambda: _exhaust(engine.assess_each(leads, at=AT))),
            contestant("engine.assess_each, all kept", lambda: list(engine.assess_each(leads, at=AT))),
            contestant("engine.assess in a loop", lambda: _exhaust(engine.assess(lead, at=AT) for lead in leads)),
        ),
    )


def _growth(engine: Engine, leads: list[Lead], sizes: tuple[int, ...]) -> Bench:
    def stream(size: int) -> Callable[[], None]:
        return lambda: _exhaust(engine.assess_each(_round_and_round(leads, size), at=AT))

    names = [f"{size:,} leads" for size in sizes]
    return Bench(
        "Growth: streamed, time per lead (P11)",
        "µs",
        names[0],
        tuple(Contestant(name, timed(stream(size), size, "µs")) for name, size in zip(names, sizes, strict=True)),
        (Goal("P11", names[-1], 1.1, (names[0],)),),
        rounds=3,
        note="Linear growth is a time per lead that stays the same.",
    )


def _memory(engine: Engine, leads: list[Lead], sizes: tuple[int, ...]) -> Iterator[Bench]:
    tuples = "hand-written, a tuple each"
    yield Bench(
        f"Memory that {len(leads):,} kept assessments hold, per assessment",
        "bytes",
        tuples,
        (
            Contestant(tuples, lambda: _held(lambda: [by_hand(lead, AT) for lead in leads]) / len(leads)),
            Contestant(
                "engine.assess_each, all kept",
                lambda: _held(lambda: list(engine.assess_each(leads, at=AT))) / len(leads),
                "beside the leads and the policy, which it shares",
            ),
        ),
        rounds=1,
    )

    def stream(size: int) -> Callable[[], float]:
        return lambda: _peak(lambda: _exhaust(engine.assess_each(_round_and_round(leads, size), at=AT)))

    names = [f"{size:,} leads" for size in sizes]
    yield Bench(
        "Growth: streamed, memory at its peak (P11)",
        "bytes",
        names[0],
        tuple(Contestant(name, stream(size)) for name, size in zip(names, sizes, strict=True)),
        (Goal("P11", names[-1], 1.1, (names[0],)),),
        rounds=1,
        note="The collector of cycles is switched off meanwhile: nothing that is dropped waits for it.",
    )


def _held(make: Callable[[], object]) -> float:
    """The bytes that what is made holds on to."""
    gc.collect()  # empties the free lists, whose objects would not be counted
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = make()
        after, _ = tracemalloc.get_traced_memory()
        del kept
        return float(after - before)
    finally:
        tracemalloc.stop()


def _peak(work: Callable[[], object]) -> float:
    """The most bytes in use while it works, beyond those before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        work()
        _, peak = tracemalloc.get_traced_memory()
        return float(peak - before)
    finally:
        tracemalloc.stop()
