"""Any data is a policy or a `PolicyError`; a policy is its data, however it is written down."""

import json
import random
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from inbound_engine.documents import changed, json_schema
from inbound_engine.errors import PolicyError
from inbound_engine.linting import lint
from inbound_engine.policy import Policy, compile, diff

jsonschema = pytest.importorskip("jsonschema")

SHIPPED: dict[str, Any] = Policy().model_dump(mode="json")

SCHEMA = jsonschema.Draft202012Validator(json_schema(Policy))

# Any data.

_WORDS = st.sampled_from(
    ("id", "kind", "fact", "op", "of", "score", "criterion", "weight", "rows", "when", "T1", "fit", "graded", "points", "any", "100/3")
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4) | _WORDS
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_WORDS | st.text(max_size=4), inner, max_size=4)
        | st.dictionaries(st.integers() | st.none(), inner, max_size=2)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


def places(data: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value of plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


PLACES = places(SHIPPED)[1:]


def with_value(data: Any, path: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401 - plain data of any shape
    if not path:
        return value
    first, *rest = path
    if isinstance(data, dict):
        return {key: with_value(item, tuple(rest), value) if key == first else item for key, item in data.items()}
    return [with_value(item, tuple(rest), value) if place == first else item for place, item in enumerate(data)]


def outcome(read: Callable[[Any], Policy], data: object) -> Policy | PolicyError:
    """What becomes of the data."""
    try:
        return read(data)
    except PolicyError as error:
        return error


def refused_or_read(data: object) -> Policy | None:
    """The policy, or None where it is refused: for several reasons that differ, each with what was seen and what would do."""
    found = outcome(Policy.model_validate, data)
    if isinstance(found, Policy):
        return found
    assert found.problems
    assert all(problem.saw and problem.expected for problem in found.problems)
    assert len(set(found.problems)) == len(found.problems)
    assert all(line.isprintable() for line in str(found).split("\n"))
    return None


@given(_ANYTHING)
@example({"[\x1f": None})
def test_anything_is_a_policy_or_refused(data: object) -> None:
    refused_or_read(data)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*SHIPPED, "naem"), _ANYTHING)))
def test_anything_in_a_section_is_a_policy_or_refused(data: object) -> None:
    refused_or_read(data)


@given(st.lists(st.tuples(st.sampled_from(PLACES), _ANYTHING), min_size=1, max_size=4))
def test_anything_in_the_place_of_any_value_is_a_policy_or_refused(swaps: list[tuple[tuple[Any, ...], object]]) -> None:
    data: Any = SHIPPED
    for path, value in sorted(swaps, key=lambda swap: -len(swap[0])):
        data = with_value(data, path, value)
    policy = refused_or_read(data)
    if policy is not None:
        compile(policy)
        lint(policy)


# Valid policies.

_LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.text(max_size=20),
    "effective_from": st.none() | st.sampled_from(("2026-01-01T00:00:00Z", "2026-04-01T02:00:00+02:00")),
    "scoring.choice": st.sampled_from(("named", "best")),
    "scoring.matrices[selection].scale": st.sampled_from(("100/3", "33.3", 33)),
    "scoring.matrices[selection].missing": st.sampled_from(("zero", "renormalise")),
    "scoring.matrices[urgency].weights": st.permutations([25, 25, 20, 15, 15]).map(
        lambda weights: [
            {"criterion": name, "weight": weight}
            for name, weight in zip(("recency", "content_depth", "critical_event", "repeat_visits", "direct_request"), weights, strict=True)
        ]
    ),
    "scoring.matrices[engagement].weekly": st.integers(0, 1000),
    "scoring.matrices[engagement].rows[visit].points": st.integers(0, 1000),
    "scoring.criteria[company_size].grader.otherwise": st.integers(0, 3),
    "scoring.criteria[company_size].grader.rows[0].at_most": st.integers(50, 10**6),
    "scoring.criteria[industry].grader.rows[0].values": st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3),
    "tiers.rows[T1].thresholds[selection].at_least": st.integers(0, 100) | st.sampled_from(("66.6", "200/3")),
    "tiers.rows[T3].thresholds[urgency].at_least": st.integers(0, 100),
    "tiers.floors[high_intent].enabled": st.booleans(),
    "tiers.below.label": st.text(max_size=10),
    "qualification.model": st.sampled_from(("spiced", "dual_axis")),
    "qualification.mql_tiers": st.sampled_from((["T1", "T2", "T3"], ["T3"], ["T3", "T1"])),
    "facts.unknown": st.sampled_from(([], [{"fact": "industry", "values": ["Select"]}])),
    "touchpoints[blog].depth": st.integers(0, 3),
}
_CHANGES = st.fixed_dictionaries({}, optional=_LEAVES)


def drawn(seed: int) -> random.Random:
    """One draw for all lots: a policy has thousands of keys."""
    return random.Random(seed)  # noqa: S311 - a test


def rearranged(data: object, lots: random.Random) -> object:
    """The same data with the keys of every table in another order."""
    match data:
        case dict():
            keys = list(data)
            lots.shuffle(keys)
            return {key: rearranged(data[key], lots) for key in keys}
        case list():
            return [rearranged(item, lots) for item in data]
        case _:
            return data


def toml(data: dict[str, Any]) -> str:
    """Plain data as TOML, a line a key; what is None is left out."""

    def said(value: object) -> str:
        match value:
            case dict():
                return "{" + ", ".join(f"{json.dumps(key)} = {said(item)}" for key, item in value.items() if item is not None) + "}"
            case list():
                return "[" + ", ".join(map(said, value)) + "]"
            case str():
                return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            case _:
                return json.dumps(value)

    return "\n".join(f"{json.dumps(key)} = {said(value)}" for key, value in data.items() if value is not None)


READERS: tuple[Callable[[dict[str, Any]], Policy], ...] = (
    Policy.model_validate,
    lambda data: Policy.model_validate(json.loads(json.dumps(data))),
    lambda data: Policy.model_validate_json(json.dumps(data)),
    lambda data: Policy.model_validate_json(json.dumps(data, ensure_ascii=False).encode()),
    lambda data: Policy.model_validate(tomllib.loads(toml(data))),
)


@settings(max_examples=15)
@given(_CHANGES)
def test_data_to_policy_to_data_is_the_identity(changes: dict[str, Any]) -> None:
    """The plain form of a policy says all that it is."""
    policy = changed(Policy(), changes)
    data = policy.model_dump(mode="json")
    again = Policy.model_validate(data)
    assert again == policy
    assert hash(again) == hash(policy)
    assert again.fingerprint == policy.fingerprint
    assert again.model_dump(mode="json") == data


@settings(max_examples=15)
@given(_CHANGES)
def test_every_reader_reads_the_same_policy(changes: dict[str, Any]) -> None:
    policy = changed(Policy(), changes)
    data = policy.model_dump(mode="json")
    for read in READERS:
        assert read(data) == policy
        assert read(data).fingerprint == policy.fingerprint


@settings(max_examples=15)
@given(_CHANGES, _CHANGES)
def test_equal_policies_have_equal_fingerprints_and_others_have_others(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = changed(Policy(), one), changed(Policy(), other)
    assert (first == second) is (first.fingerprint == second.fingerprint)
    assert (first == second) is (diff(first, second) == ())


@settings(max_examples=15)
@given(_CHANGES, st.integers(0, 2**32))
def test_the_order_of_keys_changes_nothing(changes: dict[str, Any], lots: int) -> None:
    policy = changed(Policy(), changes)
    assert Policy.model_validate(rearranged(policy.model_dump(mode="json"), drawn(lots))).fingerprint == policy.fingerprint


@settings(max_examples=15)
@given(_CHANGES)
def test_what_differs_turns_the_old_policy_into_the_new(changes: dict[str, Any]) -> None:
    new = changed(Policy(), changes)
    told = diff(Policy(), new)
    assume(all(change.kind == "changed" for change in told))
    assert changed(Policy(), {change.path: change.after for change in told}) == new


@settings(max_examples=15)
@given(_CHANGES)
def test_the_schema_takes_every_policy(changes: dict[str, Any]) -> None:
    """The schema says less than the check, never more."""
    SCHEMA.validate(changed(Policy(), changes).model_dump(mode="json"))


# Refused data.

_SAYABLE: st.SearchStrategy[object] = (
    st.booleans() | st.integers(-(2**62), 2**62) | st.sampled_from(("x", "T1", "a b", "naïve", "")) | st.just([]) | st.just({"x": 1})
)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(PLACES), _SAYABLE), min_size=1, max_size=3), st.integers(0, 2**32))
def test_every_reader_refuses_for_the_same_problems(swaps: list[tuple[tuple[Any, ...], object]], lots: int) -> None:
    data: Any = SHIPPED
    for path, value in sorted(swaps, key=lambda swap: -len(swap[0])):
        data = with_value(data, path, value)
    told = [found.problems if isinstance(found := outcome(read, data), PolicyError) else () for read in READERS]
    assert all(problems == told[0] for problems in told)
    rearranged_too = outcome(Policy.model_validate, rearranged(data, drawn(lots)))
    assert set(rearranged_too.problems if isinstance(rearranged_too, PolicyError) else ()) == set(told[0])
