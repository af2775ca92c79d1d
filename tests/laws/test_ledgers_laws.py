"""What holds of every table of touches and deals."""

import pytest

pytest.importorskip("narwhals")
pytest.importorskip("pyarrow")
pytest.importorskip("polars")

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine import attribution
from inbound_engine.attribution import Rules
from inbound_engine.documents import changed
from inbound_engine.facts import Account, Activity, Contact, Lead, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.money import Money
from inbound_engine.people import People
from tests.laws.test_attribution_laws import ALL, CLOSED, NEXT, SHIPPED, START, STRICT, deal, touches
from tests.ledger_tables import LIBRARIES, Library, World, alone, expected, said, tables, told_of_world

POLARS, PANDAS, DUCKDB = LIBRARIES[0], LIBRARIES[2], LIBRARIES[-1]

_AMOUNTS = st.integers(-(2**53) + 1, 2**53 - 1)
_LEADS = st.builds(
    LeadCreation,
    st.none() | st.integers(0, 100).map(lambda days: START + timedelta(days=days)),
    st.sampled_from(["ana", "cleo"]).map(lambda name: frozenset({name})),
    st.none() | st.integers(0, 9).map(lambda number: f"t-{number}"),
)
_DEALS = st.lists(st.tuples(touches(), st.none() | _LEADS, _AMOUNTS), min_size=1, max_size=5)
Drawn: TypeAlias = list[tuple[list[Activity], LeadCreation | None, int]]


@given(st.sampled_from([SHIPPED, STRICT, NEXT]), _DEALS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_a_table_says_what_the_objects_say(rules: Rules, drawn: Drawn, draw: Random) -> None:
    """AT-6: every model that ships, row for row, whatever order the touches came in; Polars keeps the order of the objects."""
    found = [alone(deal(minor, id=f"D-{number}"), seen, rules, created) for number, (seen, created, minor) in enumerate(drawn)]
    wanted = expected(found, rules, ALL, None)
    pairs = [(case.deal.id, touch) for case in found for touch in case.touches]
    draw.shuffle(pairs)
    assert said(POLARS, found, rules, ALL, None, touches=pairs) == wanted


@given(_DEALS)
@settings(max_examples=5, deadline=None)
def test_duckdb_says_the_same(drawn: Drawn) -> None:
    pytest.importorskip("duckdb")
    found = [alone(deal(minor, id=f"D-{number}"), seen, SHIPPED, created) for number, (seen, created, minor) in enumerate(drawn)]
    assert sorted(said(DUCKDB, found, SHIPPED, ALL, None), key=str) == sorted(expected(found, SHIPPED, ALL, None), key=str)


# ------------------------------------------------------------------------------------------------ the whole of a business

_HOURS = st.sampled_from([0, 1, 2, 12, 22, 23, 24, 25, 30, 46, 47, 48, 49, 72, 100, 240, 480])  # few, so that many are tied
_MIDDAY = datetime(2026, 3, 27, 20, tzinfo=UTC)  # two days before clocks change in Berlin
_INSTANTS = _HOURS.map(lambda hours: _MIDDAY + timedelta(hours=hours))
_PEOPLE = ("ana", "ben", "cleo", "dora")
_OWN_MODELS: list[dict[str, Any]] = [
    {
        "kind": "milestones", "id": "stages", "missing": "unattributed",
        "shares": [{"id": "MQL", "percent": 40, "occurrence": "first"}, {"id": "SQL", "percent": 40}, {"id": "lead", "percent": 20}],
    },
    {"kind": "milestones", "id": "lead_alone", "missing": "unattributed", "shares": [{"id": "lead", "percent": 100}]},
    {"kind": "linear", "id": "alike", "direct": "include"},
]  # fmt: skip


@st.composite
def policies(draw: st.DrawFn) -> Rules:
    """The shipped policy with journeys of every kind that a table can say, and models that name stages."""
    journey = {
        "granularity": draw(st.sampled_from(["instant", "day"])),
        "zone": draw(st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles"])),
        "scope": draw(st.sampled_from(["account", "since_previous_close"])),
        "window_days": draw(st.sampled_from([None, 0, 2, 10])),
        "window_from": draw(st.sampled_from(["close", "opportunity"])),
        "direct": draw(st.sampled_from(["fallback", "include", "exclude"])),
        "people.contacts": draw(st.sampled_from(["roles", "account", "hybrid"])),
    }
    plain = [*SHIPPED.document.model_dump(mode="json")["models"], *_OWN_MODELS]
    return attribution.compile(
        changed(SHIPPED.document, {"models": plain, **{f"journeys.{name}": value for name, value in journey.items()}})
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """People with several leads each, deals of shared accounts, won at once, lost, open, and what everybody did, told late or not."""
    rules, at = draw(policies()), draw(_INSTANTS)
    accounts = [Account(id=name) for name in ("acme", "bolt")]
    contacts = [Contact(id=name, emails=(f"{name}@x.example",), account_id=draw(st.sampled_from(["acme", "bolt"]))) for name in _PEOPLE[:3]]
    leads = [
        Lead(
            id=f"L-{number}", created_at=draw(st.none() | _INSTANTS), email=f"{draw(st.sampled_from(_PEOPLE))}@x.example",
            source_touch_id=draw(st.none() | st.integers(0, 9).map(lambda turn: f"t-{turn}")),
            account=draw(st.none() | st.sampled_from(accounts)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]  # fmt: skip
    seen = [
        Activity(
            id=f"t-{number}", kind="visit", at=draw(_INSTANTS), recorded_at=draw(st.none() | _INSTANTS),
            channel=draw(st.sampled_from([None, "email", "direct"])), marketing=draw(st.booleans()),
            contact_id=draw(st.sampled_from([*_PEOPLE, *(f"{name.upper()}@x.example" for name in _PEOPLE), *(lead.id for lead in leads)])),
        )
        for number in range(draw(st.integers(0, 10)))
    ]  # fmt: skip
    deals = []
    for number in range(draw(st.integers(1, 5))):
        opened, closed = sorted((draw(_INSTANTS), draw(_INSTANTS)))
        won = draw(st.sampled_from([True, True, True, False, None]))
        named = draw(st.lists(st.sampled_from([lead.id for lead in leads]), max_size=3, unique=True)) if leads else []
        deals.append(
            Opportunity(
                id=f"D-{number}", account_id=draw(st.sampled_from(["acme", "acme", "bolt", None])), lead_ids=tuple(named), opened_at=opened,
                closed_at=None if won is None else draw(st.sampled_from([opened, closed])), won=won,
                contact_roles=tuple((name, "user") for name in draw(st.lists(st.sampled_from(_PEOPLE[:3]), max_size=2, unique=True))),
                amount=Money(draw(st.integers(-(10**6), 10**9)), "EUR"),
            )
        )  # fmt: skip
    entries = {
        one: tuple((draw(st.sampled_from(["MQL", "SQL"])), draw(_INSTANTS)) for _ in range(draw(st.integers(0, 3))))
        for one in [*(deal.id for deal in deals), *(lead.id for lead in leads)]
    }
    return World(rules, People.of(rules.journeys.document.people, contacts, leads), tuple(deals), tuple(seen), entries, at)


def _agrees(library: Library, world: World) -> None:
    rows, wanted = told_of_world(library, world)
    assert (rows == wanted) if library.is_ordered else (sorted(rows, key=str) == sorted(wanted, key=str))


@given(worlds())
@settings(max_examples=40, deadline=None)
def test_whatever_happened_every_line_is_that_of_the_objects(world: World) -> None:
    """AT-6: from contacts, leads, deals and what everybody did, by `journeys.assemble` and `attribution.credit_each`."""
    _agrees(POLARS, world)


@given(worlds())
@settings(max_examples=6, deadline=None)
def test_in_pandas_too(world: World) -> None:
    pytest.importorskip("pandas")
    _agrees(PANDAS, world)


@given(worlds())
@settings(max_examples=3, deadline=None)
def test_in_duckdb_too(world: World) -> None:
    pytest.importorskip("duckdb")
    _agrees(DUCKDB, world)


def test_the_tables_of_the_laws_hold_late_touches() -> None:
    """That what is drawn may come after the close."""
    late = alone(deal(), [Activity(id="t", kind="visit", at=CLOSED + timedelta(days=1))], SHIPPED)
    assert tables([late])[0].num_rows == 1
    assert said(POLARS, [late], SHIPPED, ["linear"], None)[0][11] == "all_after_close"
