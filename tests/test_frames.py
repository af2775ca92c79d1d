"""Frames: where facts are found, what is refused before anything runs, and what comes out in every library."""

import pytest

pytest.importorskip("narwhals")
pa = pytest.importorskip("pyarrow")

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from inbound_engine import frames
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.frames import Amount, Naive, Separated
from inbound_engine.policy import Policy
from tests.backends import Backend, backend, marked
from tests.policies import GIVEN, SELECTION, URGENCY, points, small

AT = datetime(2026, 3, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY = dict.fromkeys(("technologies", "growth_stage", "title", "industry", "critical_event", "requested", "lead_type"))
EVERY = pytest.mark.parametrize("library", marked())
ZONED = pa.timestamp("us", "UTC")


def asked(op: str, fact: str, **more: object) -> dict[str, object]:
    return {"op": op, "fact": fact, **more}


def worth(*rows: dict[str, object], **sections: Any) -> Policy:  # noqa: ANN401 - sections of a policy
    """A policy that gives 1, 2, 4, ... points for these conditions, so that the sum says which of them hold."""
    return small(points("fit", 0, rows=[{"id": f"r{n}", "points": 2**n, "when": when} for n, when in enumerate(rows)]), **sections)


def says(library: Backend, table: Any, policy: Policy, wanted: str = "fit", **how: Any) -> list[Any]:  # noqa: ANN401 - what `assess` takes
    """One output of every row, in the order of the ids."""
    how = {name: library.make(value) if name == "activities" and value is not None else value for name, value in how.items()}
    rows = library.rows(frames.assess(library.make(table), policy, at=AT, only=[wanted], **how))
    return [row[wanted] for row in sorted(rows, key=lambda row: row["id"])]


def ids(count: int) -> list[str]:
    return [f"L-{number}" for number in range(count)]


# --------------------------------------------------------------------------------------------------------- what comes out


@EVERY
def test_a_frame_keeps_its_columns_and_rows_and_gains_what_the_policy_says(library: Backend) -> None:
    leads = pa.table({"id": ids(3), "country": ["DE", None, "Germany"], "employees": [240, 5, 70], "note": ["a", "b", "c"]})
    said = library.rows(frames.assess(library.make(leads), Policy(), at=AT, columns=NOBODY, prefix="x_"))
    rows = sorted(said, key=lambda row: row["id"])
    assert [*rows[0]][:4] == ["id", "country", "employees", "note"]
    assert [row["note"] for row in rows] == ["a", "b", "c"]
    assert [(row["x_refused"], row["x_selection"], row["x_tier"], row["x_missing"]) for row in rows] == [
        (None, 35.0, "NURTURE", 9),
        (None, 0.0, "NURTURE", 10),
        ("country", None, None, None),
    ]


@EVERY
def test_activities_are_summed_up_by_lead(library: Backend) -> None:
    """SC-3, FD-2: what lies after `at` is not seen yet; the leads without any have none."""
    leads = pa.table({"id": ids(3)})
    happened = pa.table(
        {
            "lead_id": ["L-2", "L-0", "L-0", "L-0", "L-9", None],
            "kind": ["demo_request", "visit", "visit", "visit", "visit", "visit"],
            "at": pa.array([AT - 8 * DAY, AT, AT - 30 * DAY, AT + timedelta(microseconds=1), AT, AT], ZONED),
        }
    )
    unknown = {**NOBODY, "employees": None, "country": None}
    how = {"columns": unknown, "activity_columns": {"content": None, "marketing": None}, "activities": happened}
    assert says(library, leads, Policy(), "engagement", **how) == [2.63, 0.0, 30.0]
    assert says(library, leads, Policy(), "grade_recency", points=True, **how) == [3, 0, 2]
    assert says(library, leads, Policy(), "missing", **how) == [7, 7, 7]


@EVERY
def test_what_signals_say_is_taken_as_activities(library: Backend) -> None:
    leads = pa.table({"lead": [7, 8, 9], "id": ids(3), "looked": [True, None, False]})
    happened = pa.table({"who": [9, 7], "what": ["visit", "visit"], "when": pa.array([AT, AT], ZONED)})
    columns = {"lead_id": "who", "kind": "what", "at": "when", "content": None, "marketing": None}
    found = frames.signals(library.make(happened), Policy(), at=AT, columns=columns)
    rows = sorted(library.rows(found), key=lambda row: row["lead_id"])
    assert [(row["lead_id"], row["count_visit_30d"], row["sum_engagement"]) for row in rows] == [(7, 1, 2000), (9, 1, 2000)]
    unknown = {**NOBODY, "employees": None, "country": None, "id": "lead", "activities": "looked"}
    said = library.rows(frames.assess(library.make(leads), Policy(), at=AT, columns=unknown, activities=found))
    assert [row["engagement"] for row in sorted(said, key=lambda row: row["id"])] == [2.0, 0.0, 0.0]


@EVERY
def test_an_empty_frame_and_one_row(library: Backend) -> None:
    leads = pa.table({"id": pa.array([], pa.string()), "employees": pa.array([], pa.int64()), "country": pa.array([], pa.string())})
    assert says(library, leads, Policy(), "tier", columns=NOBODY) == []
    one = pa.table({"id": ["L-0"], "employees": [100], "country": ["DE"]})
    assert says(library, one, Policy(), "selection", columns=NOBODY) == [35.0]


@EVERY
def test_scores_are_the_nearest_doubles(library: Backend) -> None:
    """80 / 3 is not 80 times a third: Polars divides by a constant so."""
    grades = pa.table({"id": ids(4), **{f"{name}_grade": pa.array([3, 2, 1, 0], pa.uint8()) for name in (*SELECTION, *URGENCY)}})
    assert says(library, grades, GIVEN, "selection", columns={"lead_type": None}) == [100.0, 66.66666666666667, 33.333333333333336, 0.0]
    assert says(library, grades, GIVEN, "selection_parts", columns={"lead_type": None}) == [300, 200, 100, 0]


@EVERY
@pytest.mark.parametrize("kind", [pa.uint8(), pa.int16(), pa.uint64(), pa.float64()])
def test_narrow_grades_do_not_overflow(library: Backend, kind: Any) -> None:  # noqa: ANN401 - a type of Arrow
    """300 parts are more than 8 bits hold."""
    names = [f"{name}_grade" for name in (*SELECTION, *URGENCY)]
    for values, expected in (([3, 3], [300, 300]), ([3, None], [300, 0]), ([3, 7], [300, None])):
        grades = pa.table({"id": ids(2), **{name: pa.array(values, kind) for name in names}})
        assert says(library, grades, GIVEN, "selection_parts", columns={"lead_type": None}) == expected


def test_pandas_keeps_its_index() -> None:
    pandas = backend("pandas")
    leads = pandas.make(pa.table({"id": ids(3)})).set_axis([7, 3, 5])
    happened = pandas.make(pa.table({"lead_id": ["L-2"], "kind": ["visit"], "at": pa.array([AT], ZONED)}))
    unknown = {**NOBODY, "employees": None, "country": None}
    said = frames.assess(
        leads, Policy(), at=AT, columns=unknown, activities=happened, activity_columns={"content": None, "marketing": None}
    )
    assert [*said.index] == [7, 3, 5]
    assert [*said["engagement"]] == [0.0, 0.0, 2.0]


def test_what_is_lazy_stays_lazy() -> None:
    """Nothing is computed before the owner asks, so that a value that cannot be cast is no error yet."""
    polars = backend("polars lazy")
    leads = polars.make(pa.table({"id": ids(1), "employees": [1], "country": ["DE"]}))
    said = frames.assess(leads, Policy(), at=AT, columns=NOBODY)
    assert type(said) is type(leads)


def test_nothing_that_is_lazy_is_run_before_its_owner_asks() -> None:
    """Every column of the leads and of the activities is made by what fails when it is run."""
    pl = pytest.importorskip("polars")

    def ran(_: Any) -> Any:  # noqa: ANN401 - a frame of Polars
        message = "it ran"
        raise RuntimeError(message)

    policy = worth(asked("at_least", "employees", value=50), {"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    leads = pl.LazyFrame({"id": ["L-0"], "employees": [1]}).map_batches(ran)
    happened = pl.LazyFrame({"lead_id": ["L-0"], "kind": ["visit"], "at": [AT]}).map_batches(ran)
    said = frames.assess(leads, policy, at=AT, activities=happened)
    sums = frames.signals(happened, policy, at=AT, columns={"content": None, "marketing": None})
    for one in (said, sums):
        with pytest.raises(RuntimeError, match="it ran"):
            one.collect()
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    relation = connection.sql("SELECT 'L-0' AS id, error('it ran')::INT AS employees")
    events = connection.sql("SELECT 'L-0' AS lead_id, error('it ran')::VARCHAR AS kind, TIMESTAMPTZ '2026-03-30 09:00:00Z' AS \"at\"")
    answer = frames.assess(relation, policy, at=AT, activities=events)
    with pytest.raises(duckdb.InvalidInputException, match="it ran"):
        answer.fetchall()


@EVERY
def test_an_activity_that_stands_twice_counts_twice(library: Backend) -> None:
    policy = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 2})
    happened = pa.table({"lead_id": ["L-0", "L-1", "L-0"], "kind": ["visit"] * 3, "at": pa.array([AT] * 3, ZONED)})
    assert says(library, pa.table({"id": ids(3)}), policy, activities=happened) == [1, 0, 0]


def test_rows_of_lazy_polars_keep_their_order() -> None:
    polars = backend("polars lazy")
    names = [f"L-{(number * 7919) % 1000}" for number in range(1000)]
    leads = polars.make(pa.table({"id": names}))
    happened = polars.make(pa.table({"lead_id": names[::3], "kind": ["visit"] * 334, "at": pa.array([AT] * 334, ZONED)}))
    unknown = {**NOBODY, "employees": None, "country": None}
    said = frames.assess(
        leads, Policy(), at=AT, columns=unknown, activities=happened, activity_columns={"content": None, "marketing": None}
    )
    assert [row["id"] for row in polars.rows(said)] == names


def test_chunks_in_any_order() -> None:
    arrow = backend("pyarrow")
    parts = [pa.table({"id": ids(4)[start : start + 2], "employees": [240, 5], "country": ["DE", "US"]}) for start in (0, 2)]
    assert says(arrow, pa.concat_tables(parts[::-1]), Policy(), "selection", columns=NOBODY) == [35.0, pytest.approx(10 / 3)] * 2


# ----------------------------------------------------------------------------------------------------- where facts are found


@EVERY
def test_text_is_compared_letter_for_letter(library: Backend) -> None:
    policy = worth(
        asked("equals", "title", value="Straße"),
        asked("contains", "title", value="🚀"),
        asked("starts_with", "title", value=" V"),
        asked("ends_with", "title", value="%"),
        asked("is_in", "title", values=["vp", "a.c"]),
        asked("known", "title"),
    )
    titles = ["Straße", "STRASSE", "strasse", "x🚀y", " VP", "VP", "100%", "vp", "abc", "a.c", "", None]
    table = pa.table({"id": [f"{n:02}" for n in range(12)], "title": titles})
    assert says(library, table, policy) == [33, 32, 32, 34, 36, 32, 40, 48, 32, 48, 0, 0]


@EVERY
def test_the_first_column_that_is_known_counts(library: Backend) -> None:
    table = pa.table({"id": ids(4), "country": ["DE", None, "", "Select"], "company": ["FR", "FR", "FR", "FR"]})
    facts = {"unknown": [{"fact": "country", "values": ["Select"]}]}
    policy = worth(asked("equals", "country", value="DE"), asked("equals", "country", value="FR"), facts=facts)
    assert says(library, table, policy, columns={"country": ("country", "company")}) == [1, 2, 2, 2]


@EVERY
def test_sets_are_lists_or_text_with_separators(library: Backend) -> None:
    policy = worth(
        asked("contains", "technologies", value="hubspot"),
        asked("overlaps", "technologies", values=["a", "b"]),
        asked("known", "technologies"),
    )
    text = pa.table({"id": ids(7), "tools": ["hubspot", "hub;a", "xhubspot;ab", "", None, ";;", ";hubspot"]})
    assert says(library, text, policy, columns={"technologies": Separated("tools")}) == [5, 6, 4, 0, 0, 0, 5]
    if library.lists:
        lists = pa.table({"id": ids(4), "technologies": [["hubspot", "a"], ["HubSpot"], [], None]})
        assert says(library, lists, policy) == [7, 4, 4, 0]


@EVERY
def test_amounts_in_one_currency_and_in_several(library: Backend) -> None:
    policy = worth(asked("at_least", "annual_revenue", value={"amount": 50, "currency": "EUR"}), asked("known", "annual_revenue"))
    unsaid = pa.table({"id": ids(2), "cents": [5000, 5000], "code": ["EUR", None]})
    assert says(library, unsaid, policy, columns={"annual_revenue": Amount("cents", currency_column="code")}) == [3, 0]
    table = pa.table({"id": ids(4), "cents": [5000, 4999, 5000, None], "code": ["EUR", "EUR", "USD", "EUR"]})
    assert says(library, table, policy, columns={"annual_revenue": Amount("cents", currency_column="code")}) == [3, 2, 2, 0]
    assert says(library, table, policy, columns={"annual_revenue": Amount("cents", currency="EUR")}) == [3, 2, 3, 0]
    named = table.rename_columns(["id", "annual_revenue_minor", "annual_revenue_currency"])
    assert says(library, named, policy) == [3, 2, 2, 0]


@EVERY
def test_instants_to_the_microsecond_in_any_zone(library: Backend) -> None:
    policy = worth(asked("within", "created_at", days=7), asked("older_than", "created_at", days=7), asked("known", "created_at"))
    tick = timedelta(microseconds=1)
    values = [AT, AT + tick, AT - 7 * DAY, AT - 7 * DAY - tick, None]
    for unit, zone in (("us", "UTC"), ("us", "Europe/Berlin")):
        table = pa.table({"id": ids(5), "created_at": pa.array(values, pa.timestamp(unit, zone))})
        assert says(library, table, policy) == [5, 0, 5, 6, 0]
    coarse = pa.table({"id": ids(2), "created_at": pa.array([AT, AT - 8 * DAY], pa.timestamp("ms", "UTC"))})
    assert says(library, coarse, policy) == [5, 6]


@EVERY
def test_naive_instants_are_those_of_a_zone_by_name(library: Backend) -> None:
    policy = worth(asked("within", "created_at", days=7))
    bare = [(AT - hours * timedelta(hours=1)).replace(tzinfo=None) for hours in (-1, 0, 24)]
    table = pa.table({"id": ids(3), "created": pa.array(bare, pa.timestamp("us"))})
    assert says(library, table, policy, columns={"created_at": Naive("created")}) == [0, 1, 1]
    berlin = pa.table({"id": ids(2), "created": pa.array([bare[1] + timedelta(hours=2), bare[1] + timedelta(hours=3)], pa.timestamp("us"))})
    with_zone = {"created_at": Naive("created", zone="Europe/Berlin")}
    if library.name == "duckdb":
        with pytest.raises(FactError, match='zone "UTC"'):
            says(library, berlin, policy, columns=with_zone)
    else:
        assert says(library, berlin, policy, columns=with_zone) == [1, 0]
    with pytest.raises(FactError, match="Naive"):
        says(library, table, policy, columns={"created_at": "created"})


@EVERY
def test_naive_instants_of_activities(library: Backend) -> None:
    """The latest of them is as naive as they are."""
    leads = pa.table({"id": ids(2)})
    bare = AT.replace(tzinfo=None)
    happened = pa.table({"lead_id": ids(2), "kind": ["visit", "visit"], "when": pa.array([bare, bare - 8 * DAY], pa.timestamp("us"))})
    columns = {"at": Naive("when"), "content": None, "marketing": None}
    unknown = {**NOBODY, "employees": None, "country": None}
    how = {"columns": unknown, "activities": happened, "activity_columns": columns, "points": True}
    assert says(library, leads, Policy(), "grade_recency", **how) == [3, 2]
    assert says(library, leads, Policy(), "engagement", **how) == [2.0, 1.5]


DECIMALS: dict[str, Any] = {"facts": {"declared": [{"id": "ratio", "kind": "decimal"}, {"id": "paid", "kind": "boolean"}]}}


@EVERY
def test_decimals_are_exact(library: Backend) -> None:
    policy = worth(
        asked("at_least", "ratio", value="1/3"),
        asked("equals", "ratio", value="0.5"),
        asked("less_than", "ratio", value=-1),
        asked("at_most", "ratio", value="9007199254740991"),
        asked("equals", "ratio", value="1/3"),
        asked("known", "ratio"),
        **DECIMALS,
    )
    exact = pa.table(
        {"id": ids(5), "ratio": pa.array([Decimal("0.5"), Decimal("0.33"), Decimal("0.34"), Decimal("-2"), None], pa.decimal128(10, 2))}
    )
    assert says(library, exact, policy) == [43, 40, 41, 44, 0]
    whole = pa.table({"id": ids(3), "ratio": [1, 0, -2]})
    assert says(library, whole, policy) == [41, 40, 44]


@EVERY
def test_booleans_that_may_be_missing(library: Backend) -> None:
    policy = worth(asked("equals", "paid", value=True), asked("differs", "paid", value=True), asked("known", "paid"), **DECIMALS)
    assert says(library, pa.table({"id": ids(3), "paid": [True, False, None]}), policy) == [5, 6, 0]


@EVERY
@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([2**63 - 1, -1, 0], pa.int64(), [2, None, 0]),
        ([2**64 - 1, 2**63 - 1, 0], pa.uint64(), [None, 2, 0]),
        ([500.0, float("nan"), 12.5], pa.float64(), [3, 0, None]),
        ([float("inf"), 1e17, 5.0], pa.float64(), [None, None, 0]),
        ([Decimal(500), Decimal(5), None], pa.decimal128(38, 0), [3, 0, 0]),
        ([Decimal(500), Decimal(-1), None], pa.decimal128(18, 0), [3, None, 0]),
    ],
)
def test_whole_numbers_of_every_width(library: Backend, values: list[Any], kind: Any, expected: list[Any]) -> None:  # noqa: ANN401 - a type of Arrow
    """What is no whole number of 64 bits, no lead may have: its row is refused."""
    policy = worth(asked("between", "employees", low=50, high=500), asked("at_least", "employees", value=50))
    table = pa.table({"id": ids(3), "employees": pa.array(values, kind)})
    if library.doubles and kind == pa.uint64():
        expected = [None, 2, 0]
    assert says(library, table, policy) == expected


def test_columns_without_a_value_are_of_any_kind() -> None:
    policy = worth(
        *(asked("known", name) for name in ("title", "employees", "technologies", "created_at", "ratio", "paid", "annual_revenue")),
        **DECIMALS,
    )
    names = ("title", "employees", "technologies", "created_at", "ratio", "paid", "annual_revenue_minor", "annual_revenue_currency")
    table = pa.table({"id": ids(2), **{name: pa.array([None, None], pa.null()) for name in names}})
    for name in ("pyarrow", "pandas", "polars"):
        assert says(backend(name), table, policy) == [0, 0]


@EVERY
def test_dictionaries_and_codes(library: Backend) -> None:
    """Text may be a dictionary; the codes of `because` are those of the objects."""
    policy = worth(asked("equals", "title", value="VP"))
    table = pa.table({"id": ids(3), "title": pa.array(["VP", None, "vp"]).dictionary_encode()})
    assert says(library, table, policy, "because", reasons=True) == [
        "reached tiers.rows[A].thresholds[fit];qualified qualification.mql_tiers;",
        *["short tiers.rows[A].thresholds[fit];not_qualified qualification.mql_tiers;"] * 2,
    ]


def test_categories_are_texts_in_any_order() -> None:
    """Those of Enums and of ordered categories too; categories of numbers are no texts."""
    import pandas as pd  # noqa: PLC0415 - not everybody has it
    import polars as pl  # noqa: PLC0415 - not everybody has it

    policy = worth(asked("equals", "title", value="VP"), asked("known", "title"))
    titles = ["VP", None, "", "vp"]
    listed = pl.Enum(["", "VP", "vp"])
    for frame in (
        pl.DataFrame({"title": pl.Series(titles, dtype=listed)}),
        pl.LazyFrame({"title": pl.Series(titles, dtype=listed)}).collect(),
        pl.DataFrame({"title": pl.Series(titles, dtype=pl.Categorical)}),
        pl.from_pandas(frames.assess(pd.DataFrame({"title": pd.Series(titles, dtype="category")}), policy, at=AT)),
        pl.from_pandas(frames.assess(pd.DataFrame({"title": pd.Categorical(titles, ["vp", "VP", ""], ordered=True)}), policy, at=AT)),
    ):
        said = frame if "fit" in frame.columns else frames.assess(frame, policy, at=AT)
        assert said["fit"].to_list() == [3, 0, 0, 2]
    tools = pl.DataFrame({"technologies": pl.Series([["VP"], [], None], dtype=pl.List(listed))})
    policy = worth(
        asked("contains", "technologies", value="VP"), asked("contains", "technologies", value="x"), asked("known", "technologies")
    )
    assert frames.assess(tools, policy, at=AT)["fit"].to_list() == [5, 4, 0]
    duckdb = backend("duckdb")
    coded = duckdb.make(pa.table({"id": ids(4), "title": titles})).project("id, title::ENUM('VP', 'vp', '') AS title")
    policy = worth(asked("equals", "title", value="VP"), asked("known", "title"))
    assert [row["fit"] for row in sorted(duckdb.rows(frames.assess(coded, policy, at=AT)), key=lambda row: row["id"])] == [3, 0, 0, 2]
    numbers: tuple[Any, ...] = (
        pd.DataFrame({"title": pd.Series([1, None], dtype="category")}),
        pd.DataFrame({"title": pd.Series(["VP", 1], dtype="category")}),
        pa.table({"title": pa.array([1, None]).dictionary_encode()}),
        pa.table({"title": pa.array([1, None]).dictionary_encode()}).to_pandas(types_mapper=pd.ArrowDtype),
    )
    for frame in numbers:
        with pytest.raises(FactError, match=r"columns\[title\]: saw column 'title' of type Categorical, expected text"):
            frames.assess(frame, policy, at=AT)


def test_columns_of_arrow_for_which_it_has_few_kernels() -> None:
    """Views of text, halves of a float, nanoseconds elsewhere, and ids of two layouts."""
    arrow = backend("pyarrow")
    texts = pa.table({"id": ids(4), "title": pa.array(["VP", None, "", "vp"], pa.string_view())})
    assert says(arrow, texts, worth(asked("equals", "title", value="VP"), asked("known", "title"))) == [3, 0, 0, 2]
    halves = pa.table({"id": ids(3), "employees": pa.array([240.0, None, 0.5], pa.float32()).cast(pa.float16())})
    assert says(arrow, halves, worth(asked("at_least", "employees", value=50))) == [1, 0, None]
    elsewhere = pa.table({"id": ids(2), "created_at": pa.array([AT, AT - 8 * DAY], pa.timestamp("ns", "Asia/Kathmandu"))})
    assert says(arrow, elsewhere, worth(asked("within", "created_at", days=7), asked("known", "created_at"))) == [3, 2]
    views = pa.table({"id": ids(1), "technologies": pa.array([["a"]], pa.list_(pa.string_view()))})
    with pytest.raises(FactError, match=r"columns\[technologies\]: saw column 'technologies' of type Unknown"):
        says(arrow, views, worth(asked("known", "technologies")))
    visited = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    happened = {"kind": ["visit"] * 2, "at": pa.array([AT] * 2, ZONED)}
    for ours, theirs in ((pa.large_string(), pa.string()), (pa.string_view(), pa.string_view()), (pa.string(), pa.large_string())):
        leads = pa.table({"id": pa.array(ids(2), ours)})
        assert says(arrow, leads, visited, activities=pa.table({"lead_id": pa.array(["L-1", None], theirs), **happened})) == [0, 1]


def test_ids_without_a_sign_are_those_of_no_other_type() -> None:
    """pandas compares 2**63 with -2**63 as doubles, and finds them equal."""
    visited = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    leads = pa.table({"id": pa.array([2**63, 2], pa.uint64())})
    happened = pa.table({"lead_id": pa.array([-(2**63), 2], pa.int64()), "kind": ["visit"] * 2, "at": pa.array([AT] * 2, ZONED)})
    for name in ("pandas", "pandas nullable", "pandas arrow", "pyarrow"):
        with pytest.raises(FactError, match=r"activity_columns\[lead_id\]: saw ids of type Int64, expected ids of type UInt64"):
            says(backend(name), leads, visited, activities=happened)
    for name in ("polars", "polars lazy", "duckdb"):
        assert says(backend(name), leads, visited, activities=happened) == [1, 0]


def test_collations_of_duckdb_fold_nothing() -> None:
    """Text and ids are compared letter for letter, whatever their column says; the column itself stays as it is."""
    connection = pytest.importorskip("duckdb").connect()
    connection.execute('CREATE TABLE leads (id VARCHAR COLLATE NOCASE, title VARCHAR COLLATE NOCASE, "a ""b" VARCHAR COLLATE NOACCENT)')
    connection.execute("INSERT INTO leads VALUES ('a', 'VP', 'é;x'), ('A', 'vp', 'e')")
    connection.execute('CREATE TABLE activities (lead_id VARCHAR COLLATE NOCASE, kind VARCHAR, "at" TIMESTAMPTZ)')
    connection.execute("INSERT INTO activities SELECT unnest(['a', 'A', 'A']), 'visit', '2026-03-30 09:00:00+00'")
    policy = worth(
        asked("equals", "title", value="VP"),
        asked("contains", "technologies", value="e"),
        {"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 2},
    )
    said = frames.assess(
        connection.table("leads"),
        policy,
        at=AT,
        columns={"technologies": Separated('a "b')},
        activities=connection.table("activities"),
    )
    assert said.columns[:4] == ["id", "title", 'a "b', "refused"]
    assert said.project("id, fit").order("fit").fetchall() == [("a", 1.0), ("A", 6.0)]
    assert said.filter("title = 'vP'").aggregate("count(*)").fetchall() == [(2,)]


def test_json_is_no_text() -> None:
    relation = pytest.importorskip("duckdb").connect().sql("SELECT '\"VP\"'::JSON AS title")
    with pytest.raises(FactError, match=r"columns\[title\]: saw column 'title' of type Unknown, expected text"):
        frames.assess(relation, worth(asked("known", "title")), at=AT)


@EVERY
def test_the_last_instant_there_is(library: Backend) -> None:
    policy = worth(asked("at_most", "created_at", value="9999-12-31T23:59:59.999999Z"))
    assert says(library, pa.table({"id": ids(1), "created_at": pa.array([AT], ZONED)}), policy) == [1]


def test_the_widest_numbers_of_duckdb() -> None:
    duckdb = backend("duckdb")
    table = duckdb.make(pa.table({"id": ids(3), "text": [str(2**100), "60", str(-(2**100))]}))
    wide = table.project("id, text::HUGEINT AS employees")
    policy = worth(asked("at_least", "employees", value=50))
    rows = duckdb.rows(frames.assess(wide, policy, at=AT))
    assert [(row["refused"], row["fit"]) for row in sorted(rows, key=lambda row: row["id"])] == [
        ("employees", None),
        (None, 1.0),
        ("employees", None),
    ]


# ------------------------------------------------------------------------------------------------------- what is refused

KNOWN = pa.table({"id": ids(1), "employees": [1], "country": ["DE"], "size": ["big"], "half": [0.5], "day": pa.array([1], pa.date32())})


@pytest.mark.parametrize("library", [one for one in marked() if one.id in {"polars", "duckdb"}])
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"columns": {}}, r"no column technologies \(for the fact technologies\), no column title"),
        ({"columns": {**NOBODY, "employees": "headcount"}}, r"no column headcount \(for the fact employees\)"),
        ({"columns": {**NOBODY, "employees": "size"}}, r"columns\[employees\]: saw column 'size' of type .*whole numbers"),
        ({"columns": {**NOBODY, "country": "employees"}}, r"columns\[country\]: saw column 'employees' of type .*text"),
        ({"columns": {**NOBODY, "technologies": "size"}}, r"columns\[technologies\]: saw column 'size'.*list of texts.*Separated"),
        ({"columns": {**NOBODY, "technologies": Separated("employees")}}, r"columns\[technologies\]: saw column 'employees'.*text"),
        ({"columns": {**NOBODY, "technologies": Separated("size", by="s")}}, "which holds the separator"),
        ({"columns": {**NOBODY, "employees": ("employees", "half")}}, r"columns\[employees\]: saw several columns"),
        ({"columns": {**NOBODY, "employees": Amount("employees", currency="EUR")}}, r"columns\[employees\]: saw Amount.*a column"),
        ({"columns": {**NOBODY, "headcount": "size"}}, r"columns\[headcount\]: saw a fact that the policy does not know"),
        ({"columns": {**NOBODY, "activities": "size"}}, r"columns\[activities\]: saw column 'size'.*true or false"),
        ({"columns": NOBODY, "only": ["tier", "T1"]}, "only: saw 'T1'"),
        ({"columns": {**NOBODY, "activities": "id"}}, "true or false"),
    ],
)
def test_what_is_missing_or_of_another_type_is_refused_before_anything_runs(library: Backend, how: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message):
        frames.assess(library.make(KNOWN), Policy(), at=AT, **how)


@pytest.mark.parametrize(
    ("fact", "source", "message"),
    [
        ("ratio", "half", "A double is not exact"),
        ("ratio", "size", "decimals or whole numbers"),
        ("paid", "employees", "true or false"),
        ("created_at", "day", "instants with their zone"),
        ("annual_revenue", "employees", "an Amount"),
        ("annual_revenue", Amount("employees"), "a currency or a currency_column"),
    ],
)
def test_every_kind_has_its_types(fact: str, source: Any, message: str) -> None:  # noqa: ANN401 - a source
    with pytest.raises(FactError, match=message):
        says(backend("pyarrow"), KNOWN, worth(asked("known", fact), **DECIMALS), columns={fact: source})


def test_columns_of_objects_are_looked_at() -> None:
    """pandas keeps decimals, and booleans that may be missing, as objects."""
    pandas = backend("pandas")
    policy = worth(
        asked("at_least", "ratio", value="1/2"), asked("equals", "paid", value=True), asked("at_least", "employees", value=5), **DECIMALS
    )
    import pandas as pd  # noqa: PLC0415 - not everybody has it

    def table(**columns: list[Any]) -> Any:  # noqa: ANN401 - a frame of pandas
        return pd.DataFrame({"id": ["L-0"], **{name: pd.Series(values, dtype="object") for name, values in columns.items()}})

    good = table(ratio=[Decimal("0.5")], paid=[True], employees=[Decimal(7)])
    assert [row["fit"] for row in pandas.rows(frames.assess(good, policy, at=AT))] == [7]
    several: tuple[dict[str, list[Any]], ...] = (
        {"ratio": [0.5]},
        {"ratio": [Decimal("Infinity")]},
        {"paid": ["yes"]},
        {"employees": [Decimal("0.5")]},
        {"employees": [Decimal("-Infinity")]},
        {"employees": [2**63]},
        {"employees": [True]},
    )
    for bad in several:
        values: dict[str, list[Any]] = {"ratio": [Decimal(1)], "paid": [True], "employees": [Decimal(7)], **bad}
        with pytest.raises(FactError, match=next(iter(bad))):
            frames.assess(table(**values), policy, at=AT)


def test_objects_of_polars_are_of_no_kind() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"paid": pl.Series([True], dtype=pl.Object)})
    with pytest.raises(FactError, match=r"columns\[paid\]: saw column 'paid' of type Object, expected true or false"):
        frames.assess(frame, worth(asked("known", "paid"), **DECIMALS), at=AT)


def test_columns_have_names_of_their_own_that_are_text() -> None:
    pd = pytest.importorskip("pandas")
    policy = worth(asked("known", "title"))
    for columns, message in (
        ([0, "title"], "frame: saw a column called 0, expected columns whose names are text"),
        (["title", "title"], "frame: saw two columns of one name"),
    ):
        with pytest.raises(FactError, match=message):
            frames.assess(pd.DataFrame([["x", "y"]], columns=columns), policy, at=AT)


def test_duckdb_tells_no_names_apart_by_their_capitals() -> None:
    table = pa.table({"id": ids(1), "title": ["x"], "Tier": ["y"]})
    policy = worth(asked("known", "title"))
    with pytest.raises(FactError, match=r"frame: saw a column 'Tier' already.*prefix"):
        says(backend("duckdb"), table, policy, "tier")
    assert says(backend("pyarrow"), table, policy, "tier") == ["A"]


def test_names_that_are_taken_want_a_prefix() -> None:
    with pytest.raises(FactError, match=r"saw a column 'tier' already.*prefix"):
        frames.assess(pa.table({"id": ids(1), "tier": ["x"]}), worth(asked("known", "title")), at=AT, columns={"title": None})
    wide = pa.table({"id": ids(1), **{f"c{number}": [1] for number in range(20)}})
    with pytest.raises(FactError, match="c10 and 9 more"):
        frames.assess(wide, worth(asked("known", "title")), at=AT)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"activities": None, "columns": {"activities": "looked"}}, "activities: saw None"),
        ({"columns": {"id": "nobody"}}, r"columns\[id\]: saw no column 'nobody'"),
        ({"activity_columns": {"lead_id": "nobody"}}, r"activity_columns\[lead_id\]: saw no column 'nobody'"),
        ({"activity_columns": {"kind": None}}, r"activity_columns\[kind\]: saw None"),
        ({"activity_columns": {"kinds": "kind"}}, r"activity_columns\[kinds\]: saw a fact"),
        ({"activity_columns": {"at": "when"}}, "no column when"),
        ({"activities": 7}, "activities: saw a value of type int"),
    ],
)
def test_what_is_wrong_with_activities(how: dict[str, Any], message: str) -> None:
    leads = pa.table({"id": ids(1), "looked": [True]})
    happened = pa.table({"lead_id": ids(1), "kind": ["visit"], "at": pa.array([AT], ZONED)})
    policy = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    with pytest.raises(FactError, match=message):
        frames.assess(leads, policy, at=AT, **{"activities": happened, **how})


@EVERY
def test_ids_are_of_one_type_and_nothing_is_joined_to_nobody(library: Backend) -> None:
    policy = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    happened = pa.table({"lead_id": [1, 1, None], "kind": ["visit"] * 3, "at": pa.array([AT] * 3, ZONED)})
    table = pa.table({"id": ids(2), "lead": pa.array([1, None], pa.int32())})
    assert says(library, table, policy, activities=happened, columns={"id": "lead"}) == [1, 0]
    listed = happened.set_column(0, "lead_id", pa.array(["L-0", "L-0", None]).dictionary_encode())
    assert says(library, table, policy, activities=listed) == [1, 0]
    with pytest.raises(FactError, match=r"activity_columns\[lead_id\]: saw ids of type .*, expected ids of type String"):
        says(library, table, policy, activities=happened)


def test_leads_and_activities_are_of_one_library() -> None:
    leads = pa.table({"id": ids(1)})
    happened = backend("polars").make(pa.table({"lead_id": ids(1), "kind": ["visit"], "at": pa.array([AT], ZONED)}))
    policy = worth({"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1})
    with pytest.raises(FactError, match="saw an eager frame of polars, expected an eager frame of pyarrow"):
        frames.assess(leads, policy, at=AT, activities=happened)


def test_what_is_no_frame_is_refused_without_being_shown() -> None:
    with pytest.raises(FactError, match="frame: saw a value of type dict"):
        frames.assess({"id": ["ana@acme.example"]}, Policy(), at=AT)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(FactError, match="without a zone"):
        frames.assess(KNOWN, Policy(), at=datetime(2026, 3, 2))  # noqa: DTZ001 - that is what is refused


def test_a_compiled_policy_is_taken_as_it_is() -> None:
    compiled = Engine(worth(asked("known", "title"))).compiled
    assert frames.assess(pa.table({"id": ids(1), "title": ["x"]}), compiled, at=AT)["fit"].to_pylist() == [1.0]
