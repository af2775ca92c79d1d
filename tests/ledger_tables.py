"""Deals and touches as tables of each library, and the lines that the objects give of them.

The drawn cases are those of `attribution_reference`: ties, late touches, missing milestones, amounts of either sign, policies of all kinds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeAlias

import pytest
from attrs import evolve, frozen

from inbound_engine import attribution, journeys
from inbound_engine.attribution import Credit, Rules
from inbound_engine.documents import changed
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.history import Entry, Record
from inbound_engine.journeys import Journey, LeadCreation
from inbound_engine.people import People
from tests.attribution_reference import Case, cases

__all__ = ["LIBRARIES", "Library", "Row", "World", "alone", "batches", "expected", "journey", "marked", "said", "tables", "told_of_world"]

Row: TypeAlias = tuple[Any, ...]
"""A line, column by column, as the table tells it."""

MICRO = "us"


@frozen
class Library:
    """A library: how a table of Arrow becomes a frame of it, and how a frame becomes rows."""

    name: str
    wants: tuple[str, ...]
    make: Callable[[Any], Any]
    rows: Callable[[Any], list[dict[str, Any]]]
    is_ordered: bool = True


def _polars(table: Any) -> Any:  # noqa: ANN401 - of whichever library
    import polars as pl  # noqa: PLC0415 - not everybody has it

    return pl.from_arrow(table)


def _pandas_arrow(table: Any) -> Any:  # noqa: ANN401 - of whichever library
    import pandas as pd  # noqa: PLC0415 - not everybody has it

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _connection(kept: dict[str, Any] = {}) -> Any:  # noqa: ANN401, B006 - relations join within one connection alone
    import duckdb  # noqa: PLC0415 - not everybody has it

    if "open" not in kept:
        kept["open"] = duckdb.connect()
        kept["open"].execute("SET TimeZone = 'America/New_York'")  # which must make no difference
    return kept["open"]


def _plain(value: Any) -> Any:  # noqa: ANN401 - of whichever library
    """NaN and NA are None, numbers of numpy those of Python, and whole doubles whole numbers."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value:
        return None
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _cleaned(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


LIBRARIES: tuple[Library, ...] = (
    Library("polars", ("polars", "pyarrow"), _polars, lambda frame: _cleaned(frame.to_dicts())),
    Library("polars lazy", ("polars", "pyarrow"), lambda table: _polars(table).lazy(), lambda frame: _cleaned(frame.collect().to_dicts())),
    Library("pandas", ("pandas", "pyarrow"), lambda table: table.to_pandas(), lambda frame: _cleaned(frame.to_dict("records"))),
    Library("pandas arrow", ("pandas", "pyarrow"), _pandas_arrow, lambda frame: _cleaned(frame.to_dict("records"))),
    Library(
        "duckdb", ("duckdb", "pyarrow"), lambda table: _connection().from_arrow(table),
        lambda frame: _cleaned(frame.to_arrow_table().to_pylist()), is_ordered=False,
    ),
)  # fmt: skip


def marked() -> list[Any]:
    """A parameter for each library, skipped where it is not installed."""
    return [
        pytest.param(one, id=one.name, marks=pytest.mark.skipif(not all(map(find_spec, one.wants)), reason="not installed"))
        for one in LIBRARIES
    ]


# ---------------------------------------------------------------------------------------------------------------- tables


def tables(found: Sequence[Case], *, touches: Sequence[tuple[str, Activity]] | None = None) -> tuple[Any, Any, Any]:
    """Touches, deals and entries into stages as tables of Arrow; a win before each deal stands in its account."""
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    zoned, text = pa.timestamp(MICRO, "UTC"), pa.string()
    pairs = [(case.deal.id, touch) for case in found for touch in case.touches] if touches is None else list(touches)
    of_touch: dict[str, tuple[Any, Callable[[str, Activity], Any]]] = {
        "opportunity_id": (text, lambda deal, _: deal),
        "account_id": (text, lambda deal, _: f"A {deal}"),
        **{name: (text, _said(name)) for name in ("id", "kind", "content", "channel", "campaign", "contact_id")},
        "at": (zoned, _said("at")),
        "recorded_at": (zoned, _said("recorded_at")),
        "sequence": (pa.int64(), _said("sequence")),
        "marketing": (pa.bool_(), _said("marketing")),
    }
    seen = pa.table({name: pa.array([of(*pair) for pair in pairs], kind) for name, (kind, of) in of_touch.items()})
    rows = [_deal_row(case) for case in found]
    rows += [_earlier_win(case) for case in found if case.previous_close is not None]
    of_deal = {
        **dict.fromkeys(("id", "account_id", "amount_currency", "source_touch_id", "lead_contact_id"), text),
        **dict.fromkeys(("opened_at", "closed_at", "lead_created_at"), zoned),
        **dict.fromkeys(("won", "has_contacts"), pa.bool_()),
        "amount_minor": pa.int64(),
    }
    deals = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in of_deal.items()})
    entered = [(case.deal.id, stage, at) for case in found for stage, at in case.stages]
    kinds = {"opportunity_id": text, "stage": text, "at": zoned}
    entries = pa.table({name: pa.array([row[place] for row in entered], kind) for place, (name, kind) in enumerate(kinds.items())})
    return seen, deals, entries


def _said(name: str) -> Callable[[str, Activity], Any]:
    return lambda _, touch: getattr(touch, name)


def _deal_row(case: Case) -> dict[str, Any]:
    deal, created = case.deal, case.created
    assert deal.amount is not None
    return {
        "id": deal.id,
        "account_id": f"A {deal.id}",
        "opened_at": deal.opened_at,
        "closed_at": deal.closed_at,
        "won": deal.won,
        "amount_minor": deal.amount.minor,
        "amount_currency": deal.amount.currency,
        "lead_created_at": None if created is None else created.at,
        "source_touch_id": None if created is None else created.touch_id,
        "lead_contact_id": None if created is None else next(iter(created.contact_ids), None),
        "has_contacts": case.has_people,
    }


def _earlier_win(case: Case) -> dict[str, Any]:
    then = case.previous_close
    bare = dict.fromkeys(("lead_created_at", "source_touch_id", "lead_contact_id", "has_contacts"))
    return {
        **_deal_row(case), **bare, "id": f"earlier {case.deal.id}", "opened_at": then, "closed_at": then, "won": True, "amount_minor": 1,
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- objects


def journey(case: Case, rules: Rules, at: datetime | None) -> Journey:
    """The journey as `assemble` makes it: of wins, those at or before the opening of the deal count."""
    win = case.previous_close
    return journeys.prepare(
        rules.journeys, case.deal, case.touches, created=case.created, stages=case.stages,
        previous_close=win if win is not None and win <= case.deal.opened_at else None, has_people=case.has_people, at=at,
    )  # fmt: skip


def expected(found: Sequence[Case], rules: Rules, models: Sequence[str], at: datetime | None) -> list[Row]:
    """The lines of the objects, as rows of the table; what is open and looked at from nowhere is refused."""
    rows: list[Row] = []
    for case in found:
        if at is not None and case.deal.opened_at > at:
            continue
        if case.deal.won is None and at is None:
            rows += [(case.deal.id, model, *[None] * 10, "at") for model in models]
            continue
        for credit in attribution.credit_each(rules, [journey(case, rules, at)], models):
            rows += _rows(credit)
    return rows


def _rows(credit: Credit) -> Iterator[Row]:
    for line, weight in zip(credit.lines, credit.weights, strict=True):
        touch = None if line.touch is None else line.touch.id
        told = (line.opportunity.id, line.model, line.total, touch, line.channel, line.campaign, ",".join(line.milestones))
        yield (*told, weight, credit.whole, line.amount.minor, line.amount.currency, line.reason, None)


def said(library: Library, found: Sequence[Case], rules: Rules, models: Sequence[str], at: datetime | None, **how: Any) -> list[Row]:  # noqa: ANN401 - what `tables` takes
    """The lines of a table, as rows, of the deals themselves; in the order of the objects where the library keeps none."""
    from inbound_engine import ledgers  # noqa: PLC0415 - wants narwhals

    touches, deals, entries = (library.make(table) for table in tables(found, **how))
    lines = ledgers.credit(touches, deals, rules, models, at=at, entries=entries)
    rows = [tuple(row.values()) for row in library.rows(lines)]
    return [row for row in rows if not str(row[0]).startswith("earlier ")]


# --------------------------------------------------------------------------------------------------------------- a world


class World(NamedTuple):
    """People, their leads, deals and touches, and the stages that leads and deals entered, as of an instant."""

    rules: Rules
    people: People
    deals: tuple[Opportunity, ...]
    touches: tuple[Activity, ...]
    entries: Mapping[str, tuple[tuple[str, datetime], ...]]
    at: datetime

    def __repr__(self) -> str:
        """What was drawn, without the models."""
        journey = self.rules.document.journeys
        policy = (journey.granularity, journey.zone, journey.scope, journey.window_days, journey.window_from, journey.direct)
        leads = [lead for leads in self.people.leads.values() for lead in leads]
        return f"World(\n{policy}\n{self.deals}\n{self.touches}\n{leads}\n{self.people.accounts}\n{self.entries}\n{self.at})"


def told_of_world(library: Library, world: World) -> tuple[list[Row], list[Row]]:
    """The lines of the table and those of the objects, under every model; the table is joined as `journeys.assemble` joins."""
    from inbound_engine import ledgers  # noqa: PLC0415 - wants narwhals

    rules, models = world.rules, tuple(world.rules.models)
    touches, deals, leads, entries = (library.make(table) for table in _world_tables(world))
    lines = ledgers.credit(touches, deals, rules, models, at=world.at, leads=leads, entries=entries)
    rows = [tuple(row.values()) for row in library.rows(lines)]
    found = journeys.assemble(rules.journeys, world.people, world.deals, world.touches, records=_records(world), at=world.at)
    return rows, [row for credit in attribution.credit_each(rules, found, models) for row in _rows(credit)]


def _records(world: World) -> list[Record]:
    """The entries as histories; each is a visit of its own."""
    return [
        Record(id=owner, machine=f"m-{number}", entries=(Entry(stage=stage, left=None, at=at, event_id="", event="", move=""),))
        for owner, entered in world.entries.items()
        for number, (stage, at) in enumerate(entered)
    ]


def _world_tables(world: World) -> Iterator[Any]:
    """Touches, deals, leads and entries as tables of Arrow; a person is one id in all of them."""
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    zoned, text, people = pa.timestamp(MICRO, "UTC"), pa.string(), world.people
    counted = {deal.id: people.counted(deal) for deal in world.deals}
    of_deal = {deal.id: [people.by_lead_id[name] for name in deal.lead_ids] for deal in world.deals}
    candidates = {name: of_deal[name] or [lead for one in who for lead in people.leads.get(one, ())] for name, who in counted.items()}

    def made(rows: list[dict[str, Any]], **kinds: Any) -> Any:  # noqa: ANN401 - of Arrow
        return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})

    yield made(
        [
            {
                **{name: getattr(touch, name) for name in ("id", "at", "recorded_at", "sequence", "channel", "campaign", "marketing")},
                "opportunity_id": deal, "contact_id": str(people.person(touch.contact_id)),
            }
            for deal, who in counted.items()
            for touch in world.touches
            if people.person(touch.contact_id) in who
        ],
        **dict.fromkeys(("id", "opportunity_id", "contact_id", "channel", "campaign"), text),
        **dict.fromkeys(("at", "recorded_at"), zoned), sequence=pa.int64(), marketing=pa.bool_(),
    )  # fmt: skip
    yield made(
        [
            {
                **{name: getattr(deal, name) for name in ("id", "account_id", "opened_at", "closed_at", "won")},
                "amount_minor": deal.amount.minor, "amount_currency": deal.amount.currency, "has_contacts": bool(counted[deal.id]),
            }
            for deal in world.deals
            if deal.amount is not None
        ],
        **dict.fromkeys(("id", "account_id", "amount_currency"), text), **dict.fromkeys(("opened_at", "closed_at"), zoned),
        **dict.fromkeys(("won", "has_contacts"), pa.bool_()), amount_minor=pa.int64(),
    )  # fmt: skip
    yield made(
        [
            {
                "opportunity_id": deal, "id": lead.id, "created_at": lead.created_at, "source_touch_id": lead.source_touch_id,
                "person_since": people.since.get(people.person_of_lead(lead)), "contact_id": str(people.person_of_lead(lead)),
            }
            for deal, leads in candidates.items()
            for lead in leads
        ],
        **dict.fromkeys(("opportunity_id", "id", "source_touch_id", "contact_id"), text), created_at=zoned, person_since=zoned,
    )  # fmt: skip
    own: list[tuple[str, str | None, str]] = [(deal, None, deal) for deal in counted]
    own += [(deal, lead.id, lead.id) for deal, leads in candidates.items() for lead in leads]
    yield made(
        [
            {"opportunity_id": deal, "lead_id": lead, "stage": stage, "at": at}
            for deal, lead, owner in own
            for stage, at in world.entries.get(owner, ())
        ],
        **dict.fromkeys(("opportunity_id", "lead_id", "stage"), text), at=zoned,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- drawn cases


def batches(count: int, seed: int) -> Iterator[tuple[list[Case], Rules, tuple[str, ...], datetime | None]]:
    """Drawn cases by policy, with every model of it, as of an instant or as of none; what no table can say is left out of the policy."""
    by_rules: dict[int, list[Case]] = {}
    for case, _ in cases(count, seed=seed):
        by_rules.setdefault(id(case.rules), []).append(case)
    for number, group in enumerate(by_rules.values()):
        document = changed(group[0].document, {"journeys.dedupe_minutes": None})
        rules = attribution.compile(document)
        at = None if number % 3 == 0 else datetime(2026, 3, 27, 20, tzinfo=UTC) + timedelta(hours=(40, 74, 250, 900)[number % 4])
        yield group, rules, tuple(rules.models), at


def alone(deal: Opportunity, touches: Sequence[Activity], rules: Rules, created: LeadCreation | None = None, **more: Any) -> Case:  # noqa: ANN401 - what a case says
    """One deal as a case."""
    return evolve(Case(deal, tuple(touches), created, (), None, None, rules), **more)
