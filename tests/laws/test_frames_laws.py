"""A frame of any library says of every lead what the objects say, column by column (FD-4)."""

import pytest

pytest.importorskip("narwhals")
pytest.importorskip("pyarrow")

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbound_engine import frames, scoring
from inbound_engine.columns import Columns, assess_row, compile
from inbound_engine.engine import Engine
from inbound_engine.facts import Extra, Lead
from inbound_engine.policy import Policy
from inbound_engine.truths import Input
from tests.backends import EVERY, Backend, activity_table, in_chunks, lead_table, marked, sources
from tests.column_strategies import activity_rows, exact, policies, row_of, said_by_objects
from tests.laws.test_columns_laws import drawn_leads
from tests.strategies import AT, leads

TYPES = st.fixed_dictionaries(
    {
        "employees": st.sampled_from(("", "decimal", "f64", "u64")),
        "handed_in": st.sampled_from(("", "u8", "i16", "u64", "f64", "decimal")),
        "industry": st.sampled_from(("", "dictionary", "large")),
        "title": st.sampled_from(("", "dictionary")),
        "plan": st.sampled_from(("", "dictionary")),
        "renewal": st.sampled_from(("", "ns", "berlin")),
        "created_at": st.sampled_from(("", "berlin", "ns")),
    }
)
"""Of facts the types that a column may have; a dictionary of Arrow is a category elsewhere."""
SHAPES = st.tuples(st.booleans(), st.none() | st.integers(0, 99))
"""Whether blanks stand for what is unknown, and whether rows are chunks in an order of their own."""
TITLES = ("", "VP 🚀 Sales", "\U0001f469‍💻", "ﬁ", "Straße", "a\nb", " VP", "x" * 300)
SIZES = (0, 2**31, 2**53 - 1, 2**53, 2**63 - 1)

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def odd(lead: Lead, title: str, size: int) -> Lead:
    """The lead with a title or a size that few have."""
    account = lead.account and attrs.evolve(lead.account, employees=size)
    return attrs.evolve(lead, title=title or None, account=account)


def odd_leads(drawn: st.SearchStrategy[Lead]) -> st.SearchStrategy[Lead]:
    return drawn | st.builds(odd, drawn, st.sampled_from(TITLES), st.sampled_from(SIZES))


def in_text(lead: Lead) -> Lead:
    """The lead as a text with separators can say it: an empty set is unknown there."""
    account = lead.account
    if account is not None:
        account = attrs.evolve(account, technologies=account.technologies or None, extra=_filled(account.extra))
    return attrs.evolve(lead, account=account, extra=_filled(lead.extra))


def _filled(extra: Extra) -> Extra:
    return Extra.of({name: value for name, value in extra.items() if value != frozenset()})


def in_doubles(lead: Lead) -> Lead:
    """The lead as numbers can say it that are doubles where one of them is missing."""
    account = lead.account
    if account is None or (account.employees or 0) < 2**53:
        return lead
    return attrs.evolve(lead, account=attrs.evolve(account, employees=2**53 - 1))


def assert_equal(library: Backend, policy: Policy, several: list[Lead], types: dict[str, str], shape: tuple[bool, int | None]) -> None:
    engine, (blank, turn) = Engine(policy), shape
    several = [scoring.ready(engine.compiled.scoring, attrs.evolve(lead, id=f"L-{n}"), AT)[0] for n, lead in enumerate(several)]
    if not library.lists:
        several = [in_text(lead) for lead in several]
    if library.doubles or types["employees"] == "f64":
        several = [in_doubles(lead) for lead in several]
    made = compile(engine.compiled, looked="some", points=True, reasons=True)
    rows = [{"id": lead.id, **row_of(engine.compiled, lead, AT)} for lead in several]
    happened = activity_table([row for lead in several for row in activity_rows(lead)])
    table = lead_table(made.inputs, rows, lists=library.lists, types=types, blank=blank)
    order = list(range(len(several)))
    if turn is not None:
        Random(turn).shuffle(order)  # noqa: S311 - an order, not a secret
        table, happened = in_chunks(table, order), in_chunks(happened, range(len(happened)))
    said = frames.assess(
        library.make(table),
        policy,
        at=AT,
        columns=sources(made, lists=library.lists, looked=True),
        activities=library.make(happened),
        points=True,
        reasons=True,
        prefix="says ",
    )
    found = library.rows(said)
    if library.keeps_order:
        assert [row["id"] for row in found] == [several[place].id for place in order]
    by_lead = {row["id"]: _outputs(row) for row in found}
    assert len(found) == len(by_lead) == len(several)
    for lead in several:
        assert exact(by_lead[lead.id], engine.compiled.scoring.names) == said_by_objects(engine, made, lead, AT)


def _outputs(row: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("says "): value for name, value in row.items() if name.startswith("says ")}


@pytest.mark.parametrize("library", marked())
def test_any_policy_says_the_same_of_a_frame(library: Backend) -> None:
    """Nulls, blanks, NaN, empty frames, one row, chunks; narrow, wide and decimal numbers, doubles, categories, instants of other zones."""

    @given(policies(), st.lists(odd_leads(drawn_leads()), max_size=6), TYPES, SHAPES)
    @settings(max_examples=6, suppress_health_check=SLOW)
    def holds(policy: Policy, several: list[Lead], types: dict[str, str], shape: tuple[bool, int | None]) -> None:
        assert_equal(library, policy, several, types, shape)

    holds()


@pytest.mark.parametrize("library", marked())
def test_the_shipped_policy_says_the_same_of_a_frame(library: Backend) -> None:
    @given(st.lists(odd_leads(leads()), max_size=12), TYPES, SHAPES)
    @settings(max_examples=5, suppress_health_check=SLOW)
    def holds(several: list[Lead], types: dict[str, str], shape: tuple[bool, int | None]) -> None:
        assert_equal(library, Policy(), several, types, shape)

    holds()


_DOUBLE = 2**53 - 1
_INTEGERS = (0, 1, -1, 3, 4, 2**31 - 1, 2**31, _DOUBLE, -_DOUBLE)
_WIDE = (2**53, 2**63 - 1, -(2**63))
_TEXTS = ("", "DE", "de", "DE ", " ", "saas", "SaaS", "pro", "free", "😀", "it's", "\\", "%", "none", "confirmed", "EUR", "USD")
_KINDS = ("visit", "page_view", "demo_request", "email_open", "reply", "Visit", "")
_OF_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "decimal": st.integers(-(10**12), 10**12).map(lambda units: Decimal(units).scaleb(-3)),
    "text": st.sampled_from(_TEXTS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
    "texts": st.frozensets(st.sampled_from((*_TEXTS[1:], "salesforce", "hubspot", "a", "b")), min_size=1, max_size=4),
    "instant": st.builds(
        lambda days, micros: AT - timedelta(days=days, microseconds=micros), st.sampled_from((-1, 0, 1, 7, 30, 9000)), st.integers(-1, 1)
    ),
}


def _cells(item: Input, library: Backend) -> st.SearchStrategy[Any]:
    if item.column.kind == "integer":
        return st.none() | st.sampled_from(_INTEGERS if library.doubles else (*_INTEGERS, *_WIDE))
    if item.column.name == "kind":
        return st.none() | st.sampled_from(_KINDS)
    return st.none() | _OF_KIND[item.column.kind]


@st.composite
def tables(draw: st.DrawFn, columns: Columns, library: Backend) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of leads and of activities: whatever their columns can hold."""
    owners = draw(st.lists(st.sampled_from(("L-0", "L-1", "L-2", "nobody")), max_size=6))

    def rows(inputs: Sequence[Input], ids: Sequence[str], key: str) -> list[dict[str, Any]]:
        cells = {item.column.name: _cells(item, library) for item in inputs}
        return [{key: one, **draw(st.fixed_dictionaries(cells))} for one in ids]

    return rows(columns.inputs, ["L-0", "L-1", "L-2"], "id"), rows(columns.activity_inputs, owners, "lead_id")


@pytest.mark.parametrize("library", marked())
def test_any_rows_at_all(library: Backend) -> None:
    """What no lead holds: extreme numbers, strange words, activities of nobody; as the plain reader reads them."""

    @given(policies(), st.data(), TYPES)
    @settings(max_examples=6, suppress_health_check=SLOW)
    def holds(policy: Policy, data: st.DataObject, types: dict[str, str]) -> None:
        made = compile(Engine(policy).compiled, points=True)
        several, happened = data.draw(tables(made, library))
        said = frames.assess(
            library.make(lead_table(made.inputs, several, lists=library.lists, types={**types, "employees": "", "handed_in": ""})),
            policy,
            at=AT,
            columns=sources(made, lists=library.lists, looked=False),
            activities=library.make(activity_table(happened)),
            points=True,
            prefix="says ",
        )
        found = {row["id"]: _outputs(row) for row in library.rows(said)}
        assert found == {row["id"]: _plainly(made, row, happened) for row in several}

    holds()


def _plainly(columns: Columns, row: Mapping[str, Any], happened: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    return assess_row(columns, row, [one for one in happened if one["lead_id"] == row["id"]], at=AT)


def test_every_library_is_asked() -> None:
    assert len(EVERY) == 7
