"""How long it takes to load and compile the shipped policy: once for each process, or whenever the policy changes (P13)."""

import json
from collections.abc import Callable

from benchmarks.assess_graded import graded_policy
from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, timed
from inbound_engine import Engine, Policy, policy

__all__ = ["prepare"]

_BOTH = "Engine(Policy())"


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares the policies that each road gives, and gives what is to be timed."""
    shipped, graded = Policy(), graded_policy()
    text = shipped.model_dump_json()
    data = json.loads(text)
    ways: tuple[tuple[str, Callable[[], Policy], str], ...] = (
        ("Policy()", Policy, "the shipped one"),
        ("Policy.model_validate(data)", lambda: Policy.model_validate(data), ""),
        ("Policy.model_validate_json(text)", lambda: Policy.model_validate_json(text), f"{len(text) // 1000} kB"),
    )
    for name, load, _ in ways:
        if load() != shipped or load().fingerprint != shipped.fingerprint:
            raise DisagreementError(f"{name} gives another policy")

    def contestant(name: str, work: Callable[[], object], note: str = "") -> Contestant:
        return Contestant(name, timed(work, 1, "ms"), note)

    floor = "json.loads(text)"
    return (
        Bench(
            "Load and compile the shipped policy (P13)",
            "ms",
            floor,
            (
                contestant(floor, lambda: json.loads(text), "nothing is checked"),
                *(contestant(name, load, note) for name, load, note in ways),
                contestant("policy.compile", lambda: policy.compile(shipped), "of a policy that is loaded"),
                contestant(_BOTH, lambda: Engine(Policy()), "loaded, compiled, ready"),
                contestant("Engine of a graded policy", lambda: Engine(graded), "compiled, its answers worked out"),
            ),
            (Goal("P13", _BOTH, 20),),
            rounds=5 if quick else 15,
        ),
    )
