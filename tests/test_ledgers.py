"""Credit over tables: the lines of the objects in every library, and what is refused."""

import pytest

pytest.importorskip("narwhals")
pa = pytest.importorskip("pyarrow")

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, get_args

from attrs import evolve

from benchmarks import ledgers as benchmark
from inbound_engine import attribution, ledgers, rollups
from inbound_engine.attribution import AttributionDocument, Rules
from inbound_engine.documents import changed
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.ledgers import Amount, Naive
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK
from tests.ledger_tables import LIBRARIES, Library, Row, alone, batches, expected, journey, marked, said, tables

EVERY = pytest.mark.parametrize("library", marked())
SHIPPED = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
ALL = tuple(SHIPPED.models)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
POLARS, LAZY, PANDAS, DUCKDB = (
    next(one for one in LIBRARIES if one.name == name) for name in ("polars", "polars lazy", "pandas", "duckdb")
)


def shipped(**changes: Any) -> Rules:  # noqa: ANN401 - values of a document
    return attribution.compile(changed(SHIPPED.document, {path.replace("__", "."): value for path, value in changes.items()}))


def with_models(*models: Mapping[str, Any], **changes: Any) -> Rules:  # noqa: ANN401 - values of a document
    return shipped(models=list(models), default=models[0]["id"], **changes)


def touch(name: str, day: int, channel: str | None = "ad", **more: Any) -> Activity:  # noqa: ANN401 - what activities say
    return Activity(id=name, kind=more.pop("kind", "visit"), at=START + day * DAY, channel=channel, **more)


def deal(name: str = "D-1", minor: int = 10_000, **more: Any) -> Opportunity:  # noqa: ANN401 - what opportunities say
    known: dict[str, Any] = {"opened_at": START + 20 * DAY, "closed_at": START + 30 * DAY, "won": True, "amount": Money(minor, "EUR")}
    return Opportunity(id=name, **{**known, **more})


FOUR = (
    touch("a", 0, "ad", contact_id="ana"), touch("b", 10, "email", contact_id="ben"), touch("c", 15, None, campaign="spring"),
    touch("d", 30, "webinar"), touch("late", 31), touch("sales", 5, marketing=False),
)  # fmt: skip
CREATED = LeadCreation(START + 12 * DAY, frozenset({"ben"}))


def short(rows: Sequence[Row]) -> list[Row]:
    """The touch, what it holds, its weight of the whole, its units, and why nobody earned it."""
    return [(row[3], row[6], row[7], row[8], row[9], row[11]) for row in rows]


# --------------------------------------------------------------------------------------------------------- what comes out


@EVERY
def test_a_table_says_what_the_objects_say(library: Library) -> None:
    """AT-6: policies of every kind, each with all its models; ties, late touches, milestones missing, amounts of either sign."""
    compared = 0
    for found, rules, models, at in batches(150, seed=6):
        rows, wanted = said(library, found, rules, models, at), expected(found, rules, models, at)
        if not library.is_ordered:
            rows, wanted = sorted(rows, key=str), sorted(wanted, key=str)
        assert rows == wanted
        compared += len(rows)
    assert compared > 1_000


@EVERY
@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (
            "w_shaped",
            [
                ("a", "first", 3, 10, 3000, None), ("b", "lead", 2, 10, 2000, None), ("c", "opportunity", 3, 10, 3000, None),
                ("d", "close", 2, 10, 2000, None),
            ],
        ),
        (
            "market_w",
            [
                ("a", "first", 3, 10, 3000, None), ("b", "lead", 3, 10, 3000, None), ("c", "opportunity", 3, 10, 3000, None),
                ("d", "middle", 1, 10, 1000, None),
            ],
        ),
        ("linear", [("a", "", 1, 4, 2500, None), ("b", "", 1, 4, 2500, None), ("c", "", 1, 4, 2500, None), ("d", "", 1, 4, 2500, None)]),
        (
            "u_positional",
            [("a", "first", 4, 10, 4000, None), ("b", "middle", 1, 10, 1000, None), ("c", "middle", 1, 10, 1000, None),
             ("d", "last", 4, 10, 4000, None)],
        ),
        ("last", [("d", "last", 1, 1, 10_000, None)]),
    ],
)  # fmt: skip
def test_one_deal_under_a_model(library: Library, model: str, rows: list[Row]) -> None:
    """AT-1, AT-2: what came after the close, and what sales did, earns nothing."""
    found = said(library, [alone(deal(), FOUR, SHIPPED, CREATED)], SHIPPED, [model], None)
    assert sorted(short(found)) == rows


@EVERY
def test_columns_stand_in_their_order(library: Library) -> None:
    touches, deals, _ = (library.make(table) for table in tables([alone(deal(), FOUR[2:3], SHIPPED)]))
    (row,) = library.rows(ledgers.credit(touches, deals, SHIPPED))
    assert row == {
        "opportunity_id": "D-1", "model": "w_shaped", "total": "revenue", "touch_id": "c", "channel": None, "campaign": "spring",
        "milestones": "first,opportunity,close", "weight": 8, "whole": 8, "minor": 10_000, "currency": "EUR", "reason": None,
        "refused": None,
    }  # fmt: skip


@EVERY
@pytest.mark.parametrize("minor", [0, 1, -1, 100, -100, 2**53 - 1, 1 - 2**53])
def test_every_unit_is_given_under_every_model(library: Library, minor: int) -> None:
    """AD-16, AD-18: as far as a double counts; amounts of either sign mirror each other."""
    case = alone(deal(minor=minor), FOUR, SHIPPED, CREATED)
    found = said(library, [case], SHIPPED, ALL, None)
    assert {model: sum(row[9] for row in found if row[1] == model) for model in ALL} == dict.fromkeys(ALL, minor)
    assert sorted(found, key=str) == sorted(expected([case], SHIPPED, ALL, None), key=str)


@EVERY
def test_rows_may_come_in_any_order_and_by_account(library: Library) -> None:
    """AD-2: of deals the order is kept, of touches it means nothing."""
    same = [touch(name, 3, sequence=turn % 2) for turn, name in enumerate("fedcba")]
    found = [alone(deal(f"D-{n}", 100 + n), [evolve(one, id=f"{one.id}{n}") for one in same], SHIPPED) for n in (2, 1, 3)]
    pairs = [(case.deal.id, one) for case in found for one in case.touches]
    wanted = expected(found, SHIPPED, ["linear", "first"], None)
    for seed in range(3):
        Random(seed).shuffle(pairs)  # noqa: S311 - drawn orders
        touches, deals, _ = (library.make(table) for table in tables(found, touches=pairs))
        for by in ("opportunity", "account"):
            rows = [tuple(row.values()) for row in library.rows(ledgers.credit(touches, deals, SHIPPED, ["linear", "first"], by=by))]
            assert (rows == wanted) if library.is_ordered else (sorted(rows, key=str) == sorted(wanted, key=str))


@EVERY
def test_a_touch_of_an_account_counts_for_each_of_its_deals(library: Library) -> None:
    touches, deals, _ = tables([alone(deal(name), FOUR, SHIPPED) for name in ("D-1", "D-2")])
    account = pa.array(["acme"] * len(deals))
    deals = deals.set_column(deals.column_names.index("account_id"), "account_id", account)
    touches = touches.slice(0, len(FOUR)).set_column(1, "account_id", pa.array(["acme"] * len(FOUR)))
    found = library.rows(ledgers.credit(library.make(touches), library.make(deals), SHIPPED, ["last"], by="account"))
    assert sorted((row["opportunity_id"], row["touch_id"]) for row in found) == [("D-1", "d"), ("D-2", "d")]


@EVERY
def test_deals_without_a_touch_say_why(library: Library) -> None:
    """AD-8: the whole amount has one line, under each model."""
    rules = shipped(journeys__window_days=20, journeys__direct="exclude")
    found = [
        alone(deal("D-none"), (), rules),
        alone(deal("D-nobody"), (), rules, has_people=False),
        alone(deal("D-late"), [touch("l", 31)], rules),
        alone(deal("D-old"), [touch("o", 1), touch("l2", 31)], rules),
        alone(deal("D-sales"), [touch("s", 25, marketing=False), touch("o2", 1)], rules),
        alone(deal("D-direct"), [touch("x", 25, "direct")], rules),
    ]
    rows = said(library, found, rules, ["linear", "first"], None)
    assert {(row[0], row[3], row[7], row[8], row[9]) for row in rows} == {(case.deal.id, None, 1, 1, 10_000) for case in found}
    reasons = {row[0]: row[11] for row in rows}
    assert reasons == {
        "D-none": "no_touch", "D-nobody": "no_contact", "D-late": "all_after_close", "D-old": "all_outside_window",
        "D-sales": "all_excluded", "D-direct": "all_excluded",
    }  # fmt: skip
    assert len(rows) == 2 * len(found)


@EVERY
def test_empty_tables(library: Library) -> None:
    touches, deals, _ = tables([alone(deal(), FOUR, SHIPPED)])
    assert library.rows(ledgers.credit(library.make(touches), library.make(deals.slice(0, 0)), SHIPPED, ALL)) == []
    rows = library.rows(ledgers.credit(library.make(touches.slice(0, 0)), library.make(deals), SHIPPED, ["linear", "w_shaped"]))
    assert [(row["touch_id"], row["minor"], row["reason"]) for row in rows] == [(None, 10_000, "no_touch")] * 2


@EVERY
def test_open_deals_are_pipeline_as_of_the_instant(library: Library) -> None:
    """AD-19: what is opened later is not known yet."""
    at = START + 25 * DAY
    found = [
        alone(deal("D-open", closed_at=None, won=None), FOUR, SHIPPED),
        alone(deal("D-later", opened_at=START + 26 * DAY, closed_at=None, won=None), (), SHIPPED),
        alone(deal("D-won"), [evolve(one, id=f"{one.id}2") for one in FOUR], SHIPPED),
        alone(deal("D-lost", won=False, closed_at=START + 25 * DAY), (), SHIPPED),
    ]
    rows = said(library, found, SHIPPED, ["w_shaped"], at)
    assert sorted((row[0], row[2], row[3], row[6]) for row in rows) == [
        ("D-lost", "lost", None, ""), ("D-open", "pipeline", "a", "first"), ("D-open", "pipeline", "c", "opportunity"),
        ("D-won", "pipeline", "a2", "first"), ("D-won", "pipeline", "c2", "opportunity"),
    ] if library.is_ordered else rows  # fmt: skip
    assert sorted(rows, key=str) == sorted(expected(found, SHIPPED, ["w_shaped"], at), key=str)


@EVERY
def test_dates_are_compared_in_utc_whatever_the_session_says(library: Library) -> None:
    """AD-3: an hour after the close is the same day, and counts; ages are of days."""
    rules = shipped(journeys__granularity="day", journeys__window_days=30)
    seen = [touch("first", 0, kind="visit"), touch("after", 30), touch("next", 31)]
    found = [alone(deal(closed_at=START + 30 * DAY - timedelta(hours=1)), seen, rules)]
    rows = said(library, found, rules, ["w_shaped", "time_decay_7"], None)
    assert {row[3] for row in rows} == {"first", "after"}
    assert sorted(rows, key=str) == sorted(expected(found, rules, ["w_shaped", "time_decay_7"], None), key=str)


@EVERY
def test_a_touch_that_stands_twice_counts_once_and_two_under_one_id_refuse_the_deal(library: Library) -> None:
    """AD-13: what the objects refuse with an error is a line without an amount."""
    twice = [FOUR[0], FOUR[0], FOUR[3]]
    found = [alone(deal("D-1"), twice, SHIPPED), alone(deal("D-2"), [touch("x", 1), touch("x", 2)], SHIPPED)]
    rows = said(library, found, SHIPPED, ["linear"], None)
    assert sorted(short(rows[:2]) if library.is_ordered else short([row for row in rows if row[0] == "D-1"])) == [
        ("a", "", 1, 2, 5000, None), ("d", "", 1, 2, 5000, None),
    ]  # fmt: skip
    (refused,) = [row for row in rows if row[0] == "D-2"]
    assert refused == ("D-2", "linear", *[None] * 10, "touches")


@EVERY
def test_a_deal_that_cannot_be_is_refused_and_the_others_are_not(library: Library) -> None:
    touches, deals, _ = tables([alone(deal(f"D-{n}"), [touch(f"t-{n}", 1)], SHIPPED) for n in range(9)])
    rows = deals.to_pylist()
    rows[0]["opened_at"] = None
    rows[1]["closed_at"] = None
    rows[2]["closed_at"] = rows[2]["opened_at"] - DAY
    rows[3]["won"] = None
    rows[4]["amount_minor"] = None
    rows[5]["amount_minor"] = 2**53
    rows[6]["amount_currency"] = ""
    rows[7]["id"] = "D-8"
    rows.append({**rows[8], "id": None})
    rows.append({**rows[8], "id": "fine"})
    lines = library.rows(ledgers.credit(library.make(touches), library.make(pa.Table.from_pylist(rows, deals.schema)), SHIPPED))
    refused = sorted((str(line["opportunity_id"]), line["refused"]) for line in lines if line["refused"])
    assert refused == [
        ("D-0", "opened_at"), ("D-1", "closed_at"), ("D-2", "closed_at"), ("D-3", "at"), ("D-4", "amount"), ("D-5", "amount"),
        ("D-6", "currency"), ("D-8", "id"), ("D-8", "id"), ("None", "id"),
    ]  # fmt: skip
    assert [line["minor"] for line in lines if not line["refused"]] == [10_000]


@pytest.mark.parametrize("library", [POLARS, DUCKDB], ids=["polars", "duckdb"])
def test_touches_without_id_or_instant_refuse_their_deal(library: Library) -> None:
    touches, deals, _ = tables([alone(deal(f"D-{n}"), [touch(f"t-{n}", 1)], SHIPPED) for n in range(3)])
    rows = touches.to_pylist()
    rows[0]["id"] = None
    rows[1]["at"] = None
    rows.append({**rows[2], "opportunity_id": None, "id": None})  # of no deal
    lines = library.rows(ledgers.credit(library.make(pa.Table.from_pylist(rows, touches.schema)), library.make(deals), SHIPPED))
    assert sorted((line["opportunity_id"], line["refused"]) for line in lines) == [("D-0", "touches"), ("D-1", "touches"), ("D-2", None)]


def test_more_touches_than_a_table_counts_refuse_the_deal() -> None:
    pl = pytest.importorskip("polars")
    for count, refused in ((2**16 - 1, None), (2**16, "touches")):
        touches, deals, _ = (POLARS.make(table) for table in tables([alone(deal(), FOUR[:1], SHIPPED)]))
        many = pl.concat([touches] * count).with_columns(id=pl.int_range(count).cast(pl.String))
        lines = ledgers.credit(many, deals, SHIPPED, ["time_decay_7"])
        assert lines["refused"].unique().to_list() == [refused]
        assert lines["minor"].sum() == (10_000 if refused is None else 0)


def test_what_is_lazy_stays_lazy_and_eager_tables_keep_the_order() -> None:
    pl, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    touches, deals, _ = tables([alone(deal(), FOUR, SHIPPED)])
    assert isinstance(ledgers.credit(LAZY.make(touches), LAZY.make(deals), SHIPPED), pl.LazyFrame)
    assert isinstance(ledgers.credit(POLARS.make(touches), POLARS.make(deals), SHIPPED), pl.DataFrame)
    assert isinstance(ledgers.credit(DUCKDB.make(touches), DUCKDB.make(deals), SHIPPED), duckdb.DuckDBPyRelation)


# ----------------------------------------------------------------------------------------------------- where facts are found


@EVERY
def test_columns_have_other_names_and_types(library: Library) -> None:
    """Ids may be whole numbers, amounts decimals, instants naive; the lead may be any of several contacts."""
    case = alone(deal("17"), [evolve(one, id=str(7 + turn)) for turn, one in enumerate(FOUR)], SHIPPED, CREATED)
    touches, deals, _ = tables([case])
    bare = pa.timestamp("ms")
    touches = pa.table(
        {
            "deal": pa.array([17] * len(FOUR), pa.int32()), "touch": pa.array(range(7, 7 + len(FOUR)), pa.int64()),
            "when": touches["at"].cast(pa.timestamp("ms", "UTC")).cast(bare), "channel": touches["channel"], "who": touches["contact_id"],
            "campaign": touches["campaign"], "marketing": touches["marketing"],
        }
    )  # fmt: skip
    deals = pa.table(
        {
            "deal": pa.array([17], pa.int64()), "opened": deals["opened_at"].cast(bare), "closed_at": deals["closed_at"], "won": [True],
            "cents": pa.array([Decimal(10_000)], pa.decimal128(38, 0)), "code": ["EUR"], "lead_at": deals["lead_created_at"],
            "lead": ["L-1"], "contact": ["ben"],
        }
    )  # fmt: skip
    lines = ledgers.credit(
        library.make(touches),
        library.make(deals),
        SHIPPED,
        touch_columns={
            "id": "touch", "at": Naive("when"), "opportunity_id": "deal", "contact_id": "who", "sequence": None,
        },
        opportunity_columns={
            "id": "deal", "opened_at": Naive("opened"), "amount": Amount("cents", currency_column="code"), "lead_created_at": "lead_at",
            "source_touch_id": None, "lead_contact_id": ("lead", "contact"),
        },
    )  # fmt: skip
    wanted = [(*row[:12], None) for row in expected([case], SHIPPED, ["w_shaped"], None)]
    assert sorted((tuple(row.values()) for row in library.rows(lines)), key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("library", [POLARS, PANDAS], ids=["polars", "pandas"])
@pytest.mark.parametrize(
    ("values", "kind", "minor"),
    [
        ([10_000, None], pa.int16(), [10_000, None]),
        ([10_000, 2**64 - 1], pa.uint64(), [10_000, None]),
        ([10_000.0, 0.5], pa.float64(), [10_000, None]),
        ([-10_000.0, float("nan")], pa.float64(), [-10_000, None]),
        ([float(2**53), float("-inf")], pa.float64(), [None, None]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_amounts_are_whole_numbers_of_any_type(library: Library, values: list[Any], kind: Any, minor: list[int | None]) -> None:  # noqa: ANN401 - a type of Arrow
    touches, deals, _ = tables([alone(deal(f"D-{n}"), [touch(f"t-{n}", 1)], SHIPPED) for n in range(2)])
    place = deals.column_names.index("amount_minor")
    lines = ledgers.credit(
        library.make(touches), library.make(deals.set_column(place, "amount_minor", pa.array(values, kind, from_pandas=False))), SHIPPED
    )
    assert [row["minor"] for row in library.rows(lines)] == minor


def test_columns_of_pandas_may_be_objects_and_categories() -> None:
    pd = pytest.importorskip("pandas")
    touches, deals, _ = (PANDAS.make(table) for table in tables([alone(deal(f"D-{n}"), [touch(f"t-{n}", 1)], SHIPPED) for n in range(2)]))
    touches["channel"] = touches["channel"].astype("category")
    deals["won"] = pd.Series([True, None], dtype=object)
    deals["has_contacts"] = pd.Series([None, None], dtype=object)
    lines = PANDAS.rows(ledgers.credit(touches, deals, SHIPPED, at=START + 40 * DAY))
    assert [(row["total"], row["channel"]) for row in lines] == [("revenue", "ad"), ("pipeline", "ad")]
    deals["won"] = pd.Series([True, "no"], dtype=object)
    with pytest.raises(FactError, match=r"opportunity_columns\[won\]: saw column 'won' of type Object, expected true or false"):
        ledgers.credit(touches, deals, SHIPPED)


def test_columns_of_pandas_that_are_refused() -> None:
    """Infinite amounts, categories of numbers, names that stand twice or are no text."""
    pd = pytest.importorskip("pandas")
    touches, deals, _ = (PANDAS.make(table) for table in tables([alone(deal(), [touch("a", 1)], SHIPPED)]))
    endless = deals.assign(amount_minor=pd.Series([Decimal("Infinity")], dtype=object))
    with pytest.raises(FactError, match=r"opportunity_columns\[amount\]: saw column 'amount_minor' of type Object"):
        ledgers.credit(touches, endless, SHIPPED)
    counted = touches.assign(channel=pd.Series([7], dtype="category"))
    with pytest.raises(FactError, match=r"touch_columns\[channel\]: saw column 'channel' of type Categorical, expected text"):
        ledgers.credit(counted, deals, SHIPPED)
    for names, message in (
        (["id", "id"], "opportunities: saw two columns of one name"),
        (["id", 0], "opportunities: saw a column called 0"),
    ):
        with pytest.raises(FactError, match=message):
            ledgers.credit(touches, pd.DataFrame([["D-1", "x"]], columns=names), SHIPPED)


FOLDED = ("NOCASE", "NOACCENT", "NOCASE.NOACCENT")
TWINS = [
    alone(deal("D"), [touch("b", 0, "Ad"), touch("B", 0, "ad", campaign="É"), touch("a", 0, "ád", campaign="e")], SHIPPED,
          LeadCreation(START + 12 * DAY, frozenset({"ANA"}))),
    alone(deal("d", amount=Money(7, "USD")), [touch("b", 1, "AD", contact_id="ana"), touch("é", 1, "ad", contact_id="ANA")], SHIPPED,
          LeadCreation(START + 12 * DAY, frozenset({"ana"}))),
    alone(deal("D́"), (), SHIPPED),
]  # fmt: skip


def collated(relation: Any, collation: str) -> Any:  # noqa: ANN401 - a relation of DuckDB
    """The same columns, of which every text is compared by a collation."""
    kinds = zip(relation.columns, map(str, relation.types), strict=True)
    return relation.project(
        ", ".join(f'"{name}" COLLATE {collation} AS "{name}"' if kind == "VARCHAR" else f'"{name}"' for name, kind in kinds)
    )


@pytest.mark.parametrize("collation", FOLDED)
def test_collations_of_duckdb_fold_nothing(collation: str) -> None:
    """Ids and texts are told apart letter for letter, whatever their column says: what is joined, ordered, counted and summed."""
    pytest.importorskip("duckdb")
    touches, deals, _ = (collated(DUCKDB.make(table), collation) for table in tables(TWINS))
    lines = ledgers.credit(touches, deals, SHIPPED, ALL)
    assert sorted(tuple(row.values()) for row in DUCKDB.rows(lines)) == sorted(expected(TWINS, SHIPPED, ALL, None))
    for by in get_args(ledgers.RolledBy):
        plain, folded = ledgers.roll_up(lines, by), ledgers.roll_up(collated(lines, collation), by)
        assert sorted(map(str, DUCKDB.rows(folded))) == sorted(map(str, DUCKDB.rows(plain)))
    channels = DUCKDB.rows(ledgers.roll_up(collated(ledgers.credit(touches, deals, SHIPPED, ["linear"]), collation)))
    assert sorted((row["channel"] or "", row["revenue"]) for row in channels) == [
        ("", 10_000), ("AD", 4), ("Ad", 3333), ("ad", 3), ("ad", 3334), ("ád", 3333),
    ]  # fmt: skip


def test_zones_of_naive_instants_and_of_dates() -> None:
    rules = shipped(journeys__granularity="day", journeys__zone="Europe/Berlin")
    midnight = datetime(2026, 1, 31, 0, 30, tzinfo=UTC)  # half past one in Berlin, the day before in UTC is over
    seen = [touch("a", 0), Activity(id="b", kind="visit", at=midnight.replace(hour=22, minute=30))]  # half past eleven there
    found = [alone(deal(closed_at=midnight), [*seen, Activity(id="c", kind="visit", at=midnight.replace(hour=23))], rules)]
    for library in (POLARS, PANDAS, DUCKDB):
        assert sorted(row[3] for row in said(library, found, rules, ["linear"], None)) == ["a", "b"]
    touches, deals, _ = tables(found)
    local = pa.array([when.as_py().replace(tzinfo=None) + timedelta(hours=1) for when in touches["at"]], pa.timestamp("us"))
    touches = touches.set_column(touches.column_names.index("at"), "at", local)
    where = {"at": Naive("at", zone="Europe/Berlin")}
    for library in (POLARS, PANDAS):
        there = touches.set_column(touches.column_names.index("at"), "at", tables(found)[0]["at"].cast(pa.timestamp("us", "Europe/Berlin")))
        lines = ledgers.credit(library.make(there), library.make(deals), rules, ["linear"])
        assert [row["touch_id"] for row in library.rows(lines)] == ["a", "b"]
    lines = ledgers.credit(POLARS.make(touches), POLARS.make(deals), rules, ["linear"], touch_columns=where)
    assert lines["touch_id"].to_list() == ["a", "b"]
    with pytest.raises(FactError, match='instants of zone "UTC", where duckdb holds them'):
        ledgers.credit(DUCKDB.make(touches), DUCKDB.make(deals), SHIPPED, touch_columns=where)


@EVERY
def test_exclusions_ask_kinds_contents_channels_campaigns_and_marketing(library: Library) -> None:
    rows = [
        {"id": "kinds", "touches": {"kinds": ["email_open"]}},
        {"id": "contents", "touches": {"contents": ["jobs"], "content_starts": ["careers/", "press/"]}},
        {"id": "starts", "touches": {"content_starts": ["legal/"]}},
        {"id": "both", "touches": {"channels": ["ad"], "campaigns": ["brand"]}},
        {"id": "marketing", "touches": {"marketing": True, "channels": ["event"]}},
    ]
    rules = shipped(journeys__exclusions=rows)
    seen = [
        touch("kept", 1, marketing=False), touch("opened", 2, kind="email_open"), touch("jobs", 3, content="jobs"),
        touch("careers", 4, content="careers/ae"), touch("press", 5, content="press/x"), touch("legal", 6, content="legal/x"),
        touch("brand", 7, campaign="brand"), touch("other", 8, "email", campaign="brand"), touch("event", 9, "event"),
        touch("talk", 10, "event", marketing=False),
    ]  # fmt: skip
    found = said(library, [alone(deal(), seen, rules)], rules, ["linear"], None)
    assert sorted(row[3] for row in found) == ["kept", "other", "talk"]


def test_columns_that_nobody_asks_for_need_not_be_there() -> None:
    rules = shipped(journeys__exclusions=[])
    touches, deals, _ = tables([alone(deal(), FOUR, rules)])
    lines = ledgers.credit(
        POLARS.make(touches.select(["opportunity_id", "id", "at", "sequence", "channel", "campaign"])),
        POLARS.make(deals.select(["id", "opened_at", "closed_at", "won", "amount_minor", "amount_currency"])),
        rules,
        ["linear"],
    )
    assert lines["touch_id"].to_list() == ["a", "sales", "b", "c", "d"]
    nobody_knows = dict.fromkeys(["lead_created_at", "source_touch_id", "lead_contact_id"])
    lines = ledgers.credit(POLARS.make(touches), POLARS.make(deals), SHIPPED, ["u_first_lead"], opportunity_columns=nobody_knows)
    assert lines["milestones"].to_list() == ["first"]


@EVERY
def test_stages_are_read_from_their_entries(library: Library) -> None:
    """AD-25: the first or the last time up to the close; without an entry the milestone is missing."""
    stages = [{"id": "MQL", "percent": 50, "occurrence": "first"}, {"id": "SQL", "percent": 50}]
    rules = with_models({"kind": "milestones", "id": "own", "shares": stages, "missing": "unattributed"})
    entered = (
        ("MQL", START + DAY),
        ("MQL", START + 16 * DAY),
        ("SQL", START + 11 * DAY),
        ("SQL", START + 29 * DAY),
        ("SQL", START + 40 * DAY),
    )
    found = [alone(deal(), FOUR, rules, stages=entered), alone(deal("D-2"), [evolve(FOUR[0], id="z")], rules)]
    rows = said(library, found, rules, ["own"], None)
    assert sorted(short(rows), key=str) == [
        ("a", "MQL", 1, 2, 5000, None), ("c", "SQL", 1, 2, 5000, None), (None, "", 1, 1, 10_000, "milestone_missing"),
    ]  # fmt: skip


@EVERY
def test_what_was_written_down_later_does_not_count_yet(library: Library) -> None:
    """AD-19: as of an instant; looked at from nowhere everything is known."""
    at = START + 40 * DAY
    seen = [
        touch("known", 1, recorded_at=at),
        touch("later", 2, recorded_at=at + timedelta(microseconds=1)),
        touch("old", 3),
    ]
    rules = shipped(journeys__window_days=27)
    rows = said(library, [alone(deal(), [*seen, touch("new", 5)], rules)], rules, ["linear"], at)
    assert sorted(row[3] for row in rows) == ["new", "old"]
    assert sorted(row[3] for row in said(library, [alone(deal(), seen, SHIPPED)], SHIPPED, ["linear"], at)) == ["known", "old"]
    assert len(said(library, [alone(deal(), seen, SHIPPED)], SHIPPED, ["linear"], None)) == 3
    for others, why in (
        ((), "all_recorded_later"), ((touch("late", 31),), "all_recorded_later"), ((touch("out", 1),), "all_outside_window"),
    ):  # fmt: skip
        ((*_, reason, _),) = said(library, [alone(deal(), [seen[1], *others], rules)], rules, ["linear"], at)
        assert reason == why


@EVERY
def test_a_lead_that_came_after_the_close_is_none_whatever_touch_it_names(library: Library) -> None:
    """AD-5: the instant of the close itself is not after it."""
    models = [
        {"kind": "milestones", "id": "own", "missing": "unattributed", "shares": [{"id": "lead", "percent": 100}]},
    ]
    rules = with_models(*models)
    for then, holder in ((30 * DAY, "a"), (30 * DAY + timedelta(microseconds=1), None)):
        found = [alone(deal(), FOUR, rules, LeadCreation(START + then, frozenset(), "a"))]
        assert [row[3] for row in said(library, found, rules, ["own"], None)] == [holder]


@EVERY
def test_an_account_starts_anew_after_a_win_but_not_after_its_own(library: Library) -> None:
    """AD-21: a deal that is won at the instant at which it is opened has what came before it."""
    rules = shipped(journeys__scope="since_previous_close")
    at_once = deal(closed_at=START + 20 * DAY)
    seen = [touch("a", 0), touch("b", 10), touch("c", 20)]
    assert sorted(row[3] for row in said(library, [alone(at_once, seen, rules)], rules, ["linear"], None)) == ["a", "b", "c"]
    after = alone(at_once, seen, rules, previous_close=START + 10 * DAY)
    assert [row[3] for row in said(library, [after], rules, ["linear"], None)] == ["c"]
    both = alone(at_once, seen, rules, previous_close=START + 20 * DAY)
    assert [row[11] for row in said(library, [both], rules, ["linear"], None)] == ["all_before_previous_close"]


LEADS: Mapping[str, tuple[list[tuple[Any, ...]], str | None]] = {
    "no lead": ([], None),
    "one": ([("L-1", 12, 0, None, "ana")], "a"),
    "the oldest person": ([("L-1", 12, 0, None, "ana"), ("L-2", 11, 5, None, "ben")], "a"),
    "the oldest person is another": ([("L-1", 12, 5, None, "ana"), ("L-2", 11, 0, None, "ben")], "b"),
    "of two as old the older lead": ([("L-1", 12, 0, None, "ana"), ("L-2", 11, 0, None, "ben")], "b"),
    "nobody is dated": ([("L-1", 12, None, None, "ana"), ("L-2", 11, None, "d", "ben")], "d"),
    "one that came after the close": ([("L-1", 12, None, None, "ana"), ("L-2", 31, 0, "d", "ben")], "a"),
    "one of which nothing is known": ([("L-2", None, 0, None, "ben"), ("L-1", 12, 5, None, "ana")], "a"),
    "one that names a touch alone": ([("L-2", None, 0, "d", "ben"), ("L-1", 12, 5, None, "ana")], "d"),
    "of equals the smaller id": ([("L-2", 12, 0, None, "ben"), ("L-1", 12, 0, None, "ana")], "a"),
}
"""Days after the start at which each was created, and its person was first known; the touch that it names; and who holds the lead."""


@EVERY
@pytest.mark.parametrize(("leads", "holder"), LEADS.values(), ids=LEADS)
def test_of_several_leads_one_counts(library: Library, leads: list[tuple[Any, ...]], holder: str | None) -> None:
    """AD-5."""
    rules = with_models({"kind": "milestones", "id": "own", "missing": "unattributed", "shares": [{"id": "lead", "percent": 100}]})
    touches, deals, _ = tables([alone(deal(), FOUR, rules)])
    zoned, text = pa.timestamp("us", "UTC"), pa.string()
    names = {
        "opportunity_id": text, "id": text, "created_at": zoned, "person_since": zoned, "source_touch_id": text, "contact_id": text,
    }  # fmt: skip
    rows = [("D-1", name, *(None if day is None else START + day * DAY for day in days), *rest) for name, days, rest in _parted(leads)]
    table = pa.table({name: pa.array([row[place] for row in rows], kind) for place, (name, kind) in enumerate(names.items())})
    lines = ledgers.credit(library.make(touches), library.make(deals), rules, leads=library.make(table))
    assert [row["touch_id"] for row in library.rows(lines)] == [holder]


@EVERY
def test_stages_of_the_lead_that_counts_are_read_and_those_of_others_are_not(library: Library) -> None:
    """AD-5, AD-25: as of an instant at which the oldest person has no lead yet."""
    rules = with_models(
        {
            "kind": "milestones",
            "id": "own",
            "missing": "unattributed",
            "shares": [{"id": "MQL", "percent": 50}, {"id": "lead", "percent": 50}],
        }
    )
    touches, deals, _ = tables([alone(deal(), FOUR, rules)])
    zoned, text = pa.timestamp("us", "UTC"), pa.string()
    leads = pa.table(
        {
            "opportunity_id": pa.array(["D-1", "D-1"], text), "id": pa.array(["L-1", "L-2"], text),
            "created_at": pa.array([START + 12 * DAY, START + 15 * DAY], zoned), "source_touch_id": pa.array([None, None], text),
            "contact_id": pa.array(["ana", "ben"], text), "person_since": pa.array([START + DAY, START], zoned),
        }
    )  # fmt: skip
    entries = pa.table(
        {
            "opportunity_id": pa.array(["D-1"] * 3, text), "lead_id": pa.array(["L-1", "L-2", None], text),
            "stage": pa.array(["MQL"] * 3, text),
            "at": pa.array([START + 12 * DAY, START + 14 * DAY, START], zoned),
        }
    )  # fmt: skip

    def told(at: datetime | None) -> list[Any]:
        seen, sold, came, entered = (library.make(table) for table in (touches, deals, leads, entries))
        lines = ledgers.credit(seen, sold, rules, at=at, leads=came, entries=entered)
        return sorted((row["touch_id"], row["milestones"]) for row in library.rows(lines))

    assert told(START + 14 * DAY) == []  # the deal is not known yet
    assert told(START + 20 * DAY) == [("b", "MQL,lead")]
    leads = leads.set_column(2, "created_at", pa.array([START + 12 * DAY, START + 25 * DAY], zoned))
    assert told(START + 20 * DAY) == [("a", "lead"), ("b", "MQL")]
    assert told(None) == [("b", "MQL,lead")]


def _parted(leads: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The id, two days, and the rest of each."""
    return [(lead[0], lead[1:3], lead[3:]) for lead in leads]


# ---------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (shipped(leftover="spread"), "attribution.leftover"),
        (shipped(journeys__dedupe_minutes=30), "attribution.journeys.dedupe_minutes"),
        (
            shipped(journeys__exclusions=[{"id": "deep", "touches": {"depth_at_least": 1}}]),
            "attribution.journeys.exclusions[deep].touches",
        ),
        (
            shipped(journeys__exclusions=[{"id": "hands", "touches": {"hand_raise": True}}]),
            "attribution.journeys.exclusions[hands].touches",
        ),
        (
            shipped(journeys__exclusions=[{"id": "blog", "touches": {"touchpoints": ["blog"]}}]),
            "attribution.journeys.exclusions[blog].touches",
        ),
        (with_models({"kind": "milestones", "id": "own", "shares": [{"id": "MQL", "percent": 100}]}), "models[own]"),
        (
            with_models(
                {
                    "kind": "milestones", "id": "fine", "normalise": True, "missing": "unattributed",
                    "shares": [{"id": "first", "percent": "1/9999991"}, {"id": "middle", "percent": "1/9999973"}],
                }
            ),
            "models[fine]",
        ),
    ],
)  # fmt: skip
def test_what_no_table_can_say_is_refused_by_name(rules: Rules, path: str) -> None:
    touches, deals, _ = tables([alone(deal(), FOUR, rules)])
    with pytest.raises(FactError) as refused:
        ledgers.credit(POLARS.make(touches), POLARS.make(deals), rules)
    assert refused.value.problem.path == path


def test_tables_that_are_refused() -> None:
    touches, deals, _ = tables([alone(deal(), FOUR, SHIPPED)])
    with pytest.raises(FactError, match=r"touches: saw a frame of pyarrow, which has no ordered windows.*polars\.from_arrow"):
        ledgers.credit(touches, deals, SHIPPED)
    with pytest.raises(FactError, match="touches: saw a value of type list"):
        ledgers.credit([], [], SHIPPED)
    with pytest.raises(FactError, match="touches: saw an eager frame of polars, expected a lazy frame of duckdb, as the opportunities are"):
        ledgers.credit(POLARS.make(touches), DUCKDB.make(deals), SHIPPED)


@pytest.mark.parametrize(
    ("how", "path"),
    [
        ({"models": ["w"]}, "model"),
        ({"models": []}, "models"),
        ({"by": "contact"}, "by"),
        ({"touch_columns": {"when": "at"}}, "touch_columns[when]"),
        ({"touch_columns": {"at": "when"}}, "touch_columns"),
        ({"touch_columns": {"at": "channel"}}, "touch_columns[at]"),
        ({"touch_columns": {"at": ("at", "id")}}, "touch_columns[at]"),
        ({"touch_columns": {"channel": "sequence"}}, "touch_columns[channel]"),
        ({"touch_columns": {"id": "marketing"}}, "touch_columns[id]"),
        ({"touch_columns": {"marketing": "channel"}}, "touch_columns[marketing]"),
        ({"touch_columns": {"sequence": "channel"}}, "touch_columns[sequence]"),
        ({"touch_columns": {"at": "bare"}}, "touch_columns[at]"),
        ({"opportunity_columns": {"amount": "amount_minor"}}, "opportunity_columns[amount]"),
        ({"opportunity_columns": {"amount": Amount("amount_minor")}}, "opportunity_columns[amount]"),
        ({"opportunity_columns": {"amount": Amount("id", currency="EUR")}}, "opportunity_columns[amount]"),
        ({"opportunity_columns": {"lead_contact_id": Naive("id")}}, "opportunity_columns[lead_contact_id]"),
    ],
)
def test_columns_that_are_refused(how: dict[str, Any], path: str) -> None:
    touches, deals, _ = tables([alone(deal(), FOUR, SHIPPED)])
    touches = touches.append_column("bare", touches["at"].cast(pa.timestamp("us")))
    with pytest.raises(FactError) as refused:
        ledgers.credit(POLARS.make(touches), POLARS.make(deals), SHIPPED, **how)
    assert refused.value.problem.path == path


# --------------------------------------------------------------------------------------------------------------- roll-ups


@EVERY
@pytest.mark.parametrize("by", ["channel", "campaign", "touch", "opportunity"])
def test_roll_ups_are_those_of_the_objects(library: Library, by: Any) -> None:  # noqa: ANN401 - one of a few words
    """AD-16, AD-19: plain sums, three that are never added up, each deal once."""
    cases = [case for case, *_ in ((case, 0) for found, *_ in batches(40, seed=3) for case in found)]
    kept = [evolve(case, rules=SHIPPED, deal=evolve(case.deal, id=f"{case.deal.id} {n}")) for n, case in enumerate(cases)]
    at, models = datetime(2026, 4, 10, tzinfo=UTC), ["linear", "w_shaped"]
    known = [case for case in kept if case.deal.opened_at <= at]
    credited = list(attribution.credit_each(SHIPPED, [journey(case, SHIPPED, at) for case in known], models))
    expected_rows = {
        (row.model, row.key, row.attributed, "EUR", row.revenue.minor, row.pipeline.minor, row.lost.minor, row.deals)
        for row in rollups.roll_up(credited, by).rows
    }
    touches, deals, _ = (library.make(table) for table in tables(known))
    lines = ledgers.credit(touches, deals, SHIPPED, models, at=at)
    import narwhals as nw  # noqa: PLC0415 - not everybody has it

    own = nw.from_native(lines).filter(~nw.col("opportunity_id").str.starts_with("earlier")).to_native()
    assert {tuple(row.values()) for row in library.rows(ledgers.roll_up(own, by))} == expected_rows


def test_a_roll_up_has_its_rows_in_order_and_currencies_apart() -> None:
    found = [
        alone(deal("D-1"), [touch("a", 1, "email"), touch("b", 2, None)], SHIPPED),
        alone(deal("D-2", amount=Money(7, "USD")), [touch("c", 1, "email")], SHIPPED),
        alone(deal("D-3", minor=1), (), SHIPPED),
        alone(deal("D-4", closed_at=None, won=None), (), SHIPPED),
    ]
    touches, deals, _ = (POLARS.make(table) for table in tables(found))
    rolled = ledgers.roll_up(ledgers.credit(touches, deals, SHIPPED, ["linear"]))
    assert rolled.rows() == [
        ("linear", "email", True, "EUR", 5000, 0, 0, 1),
        ("linear", "email", True, "USD", 7, 0, 0, 1),
        ("linear", None, True, "EUR", 5000, 0, 0, 1),
        ("linear", None, False, "EUR", 1, 0, 0, 1),
    ]


def test_roll_ups_that_are_refused() -> None:
    pl = pytest.importorskip("polars")
    with pytest.raises(FactError, match="by: saw 'month'"):
        ledgers.roll_up(pl.DataFrame({"minor": [1]}), "month")  # type: ignore[arg-type]
    with pytest.raises(FactError, match="lines: saw no column model"):
        ledgers.roll_up(pl.DataFrame({"minor": [1]}))


def test_the_benchmark_compares_every_line() -> None:
    pytest.importorskip("polars")
    assert benchmark.equal(40, "polars") > 1_000
    (bench,) = benchmark.prepare(quick=True)
    assert {bench.floor, "ledgers.credit, polars"} <= {contestant.name for contestant in bench.contestants}


def test_the_cases_are_what_they_say() -> None:
    """That the drawn cases hold every kind of line, so that equality means something."""
    rows = [row for found, rules, models, at in batches(150, seed=6) for row in expected(found, rules, models, at)]
    assert {row[2] for row in rows} == {"revenue", "pipeline", "lost", None}
    assert {row[11] for row in rows} >= {"no_touch", "all_excluded", "all_after_close", "milestone_missing"}
    assert {row[12] for row in rows} == {None, "at"}
