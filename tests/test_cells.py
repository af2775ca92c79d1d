"""Cells: tables that are read, columns of every kind, and what is refused."""

import pytest

pytest.importorskip("narwhals")
pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from inbound_engine.cells import Bringer, Reader, few, read_table, refuse_others, refuse_strangers
from inbound_engine.errors import FactError
from inbound_engine.sources import Amount, Naive

AT = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
LONG = 2**63 - 1


def bringer(columns: dict[str, Any], **named: Any) -> Bringer:  # noqa: ANN401 - sources
    """Of a Polars frame with those columns."""
    known = ("id", "content", "turn", "paid", "seen_at", "amount", "person")
    return Bringer(read_table(pl.DataFrame(columns), "touches"), named, "touch_columns", known)


def rows(made: Bringer) -> list[tuple[Any, ...]]:
    """What was brought."""
    return list(made.made().collect().iter_rows(named=False))


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        ([5, None], pl.Int64, [(5, True, False), (0, False, False)]),
        ([255, None], pl.UInt8, [(255, True, False), (0, False, False)]),
        ([2**64 - 1, LONG], pl.UInt64, [(0, True, True), (LONG, True, False)]),
        ([7.0, 7.5, float("nan"), 2.0**53], pl.Float64, [(7, True, False), (7, True, True), (0, False, False), (0, True, True)]),
        ([Decimal(7), None], pl.Decimal(10, 0), [(7, True, False), (0, False, False)]),
        ([Decimal(10**30), Decimal(-7)], pl.Decimal(38, 0), [(0, True, True), (-7, True, False)]),
        ([None, None], pl.String, [(0, False, False), (0, False, False)]),
    ],
)
def test_whole_numbers_are_of_any_type_and_say_where_they_are_unfit(values: list[Any], kind: Any, wanted: list[Any]) -> None:  # noqa: ANN401 - a type of Polars
    made = bringer({"turn": pl.Series(values, dtype=kind)})
    made.whole("turn", "turn")
    assert rows(made) == wanted


def test_ids_may_be_whole_numbers_and_texts_may_not() -> None:
    made = bringer({"id": [7, None], "content": ["x", None]})
    made.text("id", "id")
    made.text("content", "content")
    assert rows(made) == [("7", "x"), ("", "")]
    other = bringer({"id": [7], "content": [8]})
    other.text("content", "content")
    with pytest.raises(FactError, match=r"touch_columns\[content\]: saw column 'content' of type Int64, expected text\."):
        other.made()


def test_what_nobody_knows_has_no_column() -> None:
    named = dict.fromkeys(["id", "turn", "paid", "seen_at", "person"])
    made = bringer({"x": [1]}, **named, amount=Amount("x", currency="EUR"))
    for kind, own in (("text", "id"), ("whole", "turn"), ("instant", "seen_at")):
        getattr(made, kind)(own, own)
    made.flag("paid", "paid", reads=True)
    made.flag("content", "told", reads=False, optional=True)
    made.amount("amount", "amount", "currency")
    assert made.texts("person", "person") == 0
    assert rows(made) == [("", 0, False, False, 0, False, True, False, False, False, "EUR", 1, True, False)]


def test_instants_are_microseconds_whatever_their_zone() -> None:
    there = pl.Series([AT, None]).dt.convert_time_zone("Asia/Tokyo")
    for column, named in ((there, {}), (there.dt.replace_time_zone(None), {"seen_at": Naive("seen_at", zone="Asia/Tokyo")})):
        made = bringer({"seen_at": column}, **named)
        made.instant("seen_at", "seen_at")
        assert rows(made) == [(True, 1_000_000), (False, 0)]


def test_columns_that_are_not_there_are_refused_all_at_once() -> None:
    made = bringer({"x": [1]}, person=("first", "second"))
    made.text("id", "id")
    made.whole("turn", "turn")
    made.texts("person", "person")
    with pytest.raises(FactError) as refused:
        made.made()
    saw = "no column id (for the fact id), no column turn (for the fact turn), no column first (for the fact person)"
    assert f"touch_columns: saw {saw}, no column second (for the fact person), expected columns among x." in str(refused.value)


def test_names_that_nobody_asks_for_are_refused() -> None:
    with pytest.raises(FactError, match=r"touch_columns\[titel\]: saw a fact that nobody asks for"):
        bringer({"x": [1]}, titel="x")
    with pytest.raises(FactError, match=r"c\[b\]: saw a letter, expected one of a"):
        refuse_strangers(["a", "b"], ["a"], "c", "a letter")
    assert few([f"c{number}" for number in range(13)]).endswith("c11 and 1 more")


def test_a_column_of_objects_is_looked_at() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in {"whole": [Decimal(7)], "half": [0.5]}.items()})
    reader = Reader(read_table(frame, "frame"), "columns")
    assert reader.integer("size", "whole").unfit is None
    with pytest.raises(FactError, match=r"columns\[size\]: saw column 'half' of type Object, expected whole numbers\."):
        reader.integer("size", "half")


def test_a_lazy_column_of_objects_is_not() -> None:
    lazy = pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)}).lazy()
    reader = Reader(read_table(lazy, "frame"), "columns")
    with pytest.raises(FactError, match="of type Object, expected whole numbers"):
        reader.integer("size", "x")


def test_tables_without_ordered_windows_are_refused_where_they_are_asked_for() -> None:
    arrow = pa.table({"x": [1]})
    assert read_table(arrow, "frame").library == "pyarrow"
    assert not read_table(arrow, "frame").ordered
    with pytest.raises(FactError, match=r"touches: saw a frame of pyarrow, which has no ordered windows.*polars\.from_arrow"):
        read_table(arrow, "touches", windows=True)
    with pytest.raises(FactError, match="frame: saw a value of type list, expected a frame of Polars, pandas, PyArrow, DuckDB or Spark"):
        read_table([], "frame")
    with pytest.raises(FactError, match="frame: saw an eager frame of pyarrow, expected an eager frame of polars, as the leads are"):
        refuse_others(read_table(arrow, "frame"), read_table(pl.DataFrame({"x": [1]}), "frame"), "leads")
