"""What holds for every batch: nobody is lost, and nothing is guessed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import intake
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Lead, to_dict
from inbound_engine.policy import Policy
from tests.strategies import leads, texts

WORDS = Engine(Policy()).compiled.words

_BROKEN: tuple[Any, ...] = (
    None,
    [],
    "L-1",
    {},
    {"id": ""},
    {"id": "x", "employees": "many"},
    {"id": "x", "country": "Germany"},
    {"id": "x", "email": "nobody"},
    {"id": "x", "created_at": "2026-03-02"},
    {"id": "x", "activities": [{"id": "a"}]},
    {"id": "x", "zone": "Mars/Base"},
    {"id": "x", "employees": float("nan")},
    {"id": "x", "titel": "CEO"},
)


@given(st.lists(leads(), max_size=4, unique_by=lambda lead: lead.id), st.lists(st.sampled_from(_BROKEN), max_size=4), st.data())
def test_a_batch_keeps_every_good_record_and_accounts_for_every_other(good: list[Lead], bad: list[object], data: st.DataObject) -> None:
    records: list[tuple[object, Lead | None]] = data.draw(
        st.permutations([*((to_dict(lead), lead) for lead in good), *((record, None) for record in bad)])
    )
    batch = intake.leads([record for record, _ in records], WORDS)  # type: ignore[misc]  # what is refused has other types than a record
    assert [lead.id for lead in batch.leads] == [lead.id for _, lead in records if lead is not None]
    assert [refused.number for refused in batch.refused] == [number for number, (_, lead) in enumerate(records) if lead is None]
    assert len(batch.leads) + len(batch.refused) == len(records)
    assert all(refused.problem.saw and refused.problem.expected for refused in batch.refused)


@given(st.lists(leads(), min_size=1, max_size=3, unique_by=lambda lead: lead.id))
def test_a_second_record_under_one_id_is_refused_and_the_first_is_kept(good: list[Lead]) -> None:
    records = [to_dict(lead) for lead in good]
    once, twice = intake.leads(records, WORDS), intake.leads(records * 2, WORDS)
    assert twice.leads == once.leads
    assert [refused.id for refused in twice.refused] == [lead.id for lead in good]


@given(leads(), st.sampled_from(("title", "name", "department", "source")), texts(), st.sampled_from((" {}", "{}\t", "\u00a0{} \n")))
def test_white_space_at_the_ends_of_text_changes_nothing(lead: Lead, field: str, text: str, around: str) -> None:
    record = {**to_dict(lead), field: text}
    assert intake.lead({**record, field: around.format(text)}, WORDS) == intake.lead(record, WORDS)


@given(leads())
def test_facts_of_the_account_may_stand_in_the_record_itself(lead: Lead) -> None:
    nested: dict[str, Any] = to_dict(lead)
    company = nested.pop("account", None) or {}
    own = {"id": "account_id", "name": "account_name"}
    flat = {own.get(key, key): value for key, value in company.items() if key not in {"country", "region", "extra"}}
    kept = {key: value for key, value in company.items() if key in {"country", "region", "extra"}}
    assert intake.lead({**nested, **flat, "account": kept}, WORDS) == intake.lead({**nested, "account": company}, WORDS)


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    (
        "id", "title", "country", "zone", "candidate_zones", "activities", "observations", "suppressed", "extra", "account", "employees",
        "annual_revenue", "technologies", "created_at", "email", "critical_event", "predictive_score", "account_id", "anything",
    )
)  # fmt: skip


@given(st.dictionaries(_FIELDS, _VALUES, max_size=5))
def test_whatever_is_handed_over_is_read_or_refused_in_our_own_words(record: dict[str, Any]) -> None:
    """Never a traceback from inside; and what is read can be written down and read again."""
    found, problem = _read({"id": "L-1", **record})
    assert (found is None) is (problem is not None)
    if found is not None:
        assert intake.lead(to_dict(found), WORDS) == found


def _read(record: dict[str, Any]) -> tuple[Lead | None, str | None]:
    try:
        return intake.lead(record, WORDS), None
    except FactError as error:
        return None, error.problem.path
