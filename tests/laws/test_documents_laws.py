"""What holds for every document, however it is written down."""

import json
from datetime import datetime
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from inbound_engine.documents import Document, Exact, PlainTable, changed, differences, exact_text, fingerprint, parse_exact
from inbound_engine.policy import Policy
from tests.strategies import instants

SHIPPED = Policy()

_LABELS = st.text(st.characters(codec="utf-8"), max_size=30)
_CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "name": _LABELS,
    "effective_from": st.none() | instants().map(datetime.isoformat),
    "tiers.rows[T1].thresholds[selection].at_least": st.integers(60, 100),
    "tiers.rows[T2].thresholds[urgency].at_least": st.sampled_from(("33.3", "100/3", 40)),
    "tiers.rows[T3].label": _LABELS,
    "scoring.matrices[selection].scale": st.sampled_from(("33.3", "100/3")),
    "scoring.criteria[industry].grader.rows[0].values": st.lists(_LABELS.filter(bool), min_size=1, max_size=3),
    "scoring.criteria[company_size].grader.rows[0].at_most": st.integers(60, 10**6),
    "touchpoints[pricing].depth": st.integers(0, 3),
    "touchpoints[pricing].contents": st.lists(_LABELS.filter(bool), min_size=1, max_size=3),
    "facts.unknown": st.lists(st.sampled_from(("industry", "title", "lead_type")), unique=True).map(
        lambda names: [{"fact": name, "values": ["Select"]} for name in names]
    ),
}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """The shipped policy with a few other values."""
    paths = draw(st.lists(st.sampled_from(sorted(_CHANGES)), max_size=4, unique=True))
    return changed(SHIPPED, {path: draw(_CHANGES[path]) for path in paths})


class _Box(Document):
    weight: Exact = Fraction(0)
    notes: PlainTable


@given(policies())
@settings(max_examples=25)
def test_data_to_policy_to_data_is_the_identity_and_keeps_the_fingerprint(policy: Policy) -> None:
    data = policy.model_dump(mode="json")
    text = json.dumps(data)
    for again in (Policy.model_validate(data), Policy.model_validate(json.loads(text)), Policy.model_validate_json(text)):
        assert again == policy
        assert again.model_dump(mode="json") == data
        assert again.fingerprint == policy.fingerprint


@given(policies(), st.integers(0, 2**32))
@settings(max_examples=25)
def test_the_order_of_keys_changes_nothing(policy: Policy, seed: int) -> None:
    """One draw for all lots: a policy has thousands of keys."""
    lots = Random(seed)  # noqa: S311 - a test
    assert fingerprint(Policy.model_validate(_shuffled(policy.model_dump(mode="json"), lots))) == policy.fingerprint


def _shuffled(data: Any, lots: Random) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(data, list):
        return [_shuffled(item, lots) for item in data]
    if not isinstance(data, dict):
        return data
    keys = list(data)
    lots.shuffle(keys)
    return {key: _shuffled(data[key], lots) for key in keys}


@given(policies(), policies())
@settings(max_examples=25)
def test_what_differs_is_told_and_leads_from_the_one_to_the_other(old: Policy, new: Policy) -> None:
    """Two policies are equal, have no differences and one fingerprint, or none of the three; and the differences make up the whole."""
    told = differences(old, new)
    assert (old == new) is (not told) is (old.fingerprint == new.fingerprint)
    if all(change.kind == "changed" for change in told):
        assert changed(old, {change.path: change.after for change in told}) == new


@given(policies(), policies())
@settings(max_examples=25)
def test_differences_turned_round_lead_back(old: Policy, new: Policy) -> None:
    opposite = {"added": "removed", "removed": "added", "changed": "changed", "reordered": "reordered"}
    there = {(change.path, change.kind, json.dumps(change.before), json.dumps(change.after)) for change in differences(old, new)}
    back = {(change.path, opposite[change.kind], json.dumps(change.after), json.dumps(change.before)) for change in differences(new, old)}
    assert there == back


@given(st.builds(Fraction, st.integers(-(10**18) + 1, 10**18 - 1), st.integers(1, 10**15)))
@example(Fraction(1, 10**12))
@example(Fraction(-1, 3))
def test_an_exact_number_is_written_so_that_it_is_read_back(number: Fraction) -> None:
    """FD-3: every one that a document may hold."""
    assert parse_exact(exact_text(number)) == number
    if abs(number) <= 10**15:
        box = _Box.model_validate({"weight": number, "notes": {}})
        assert _Box.model_validate_json(box.model_dump_json()) == box


@given(st.decimals(-(10**15), 10**15, places=4).map(str))
def test_decimal_text_is_read_exactly(text: str) -> None:
    """FD-3: as many digits as there are."""
    assert parse_exact(text) == Fraction(text)


_PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), _PLAIN, max_size=4))
@settings(max_examples=200)
def test_a_plain_table_comes_out_as_it_went_in(table: dict[str, Any]) -> None:
    assert _Box.model_validate({"notes": table}).model_dump()["notes"] == table
