"""Routing a table: the same routes as the objects, in every library that holds rows, and what is refused."""

import pytest

pytest.importorskip("narwhals")
pa = pytest.importorskip("pyarrow")

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from inbound_engine import assignments, batches, intake
from inbound_engine.assignments import COLUMNS, assign, wanted
from inbound_engine.errors import FactError
from inbound_engine.facts import Caps, Rep, Roster
from inbound_engine.policy import Compiled, Policy, compile
from inbound_engine.rotation import Rotation
from inbound_engine.routing import Assigned, Unassigned
from inbound_engine.spans import Span
from inbound_engine.territories import team
from inbound_engine.vocabulary import View

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHIPPED = compile(Policy())
Table = dict[str, list[Any]]


def polars(table: Any) -> Any:  # noqa: ANN401 - of Arrow and Polars
    return pytest.importorskip("polars").from_arrow(table)


def pandas(table: Any) -> Any:  # noqa: ANN401 - of Arrow and pandas
    pytest.importorskip("pandas")
    return table.to_pandas()


LIBRARIES = pytest.mark.parametrize("make", [polars, pandas, lambda table: table], ids=["polars", "pandas", "pyarrow"])
Make = Callable[[Any], Any]


def routing(**changes: Any) -> Compiled:  # noqa: ANN401 - sections of a document
    return compile(Policy.model_validate({"routing": {**SHIPPED.document.routing.model_dump(mode="json"), **changes}}))


TERRITORIES = routing(
    territories=[
        {"id": "dach", "when": {"op": "is_in", "fact": "country", "values": ["DE", "AT"]}, "zones": ["Europe/Berlin", "Europe/Vienna"]},
        {"id": "world", "when": {"op": "always"}},
    ]
)
ROSTER = Roster(
    reps=(
        Rep(id="ada", role="AE", territories=frozenset({"dach", "world"}), caps=Caps(open=40)),
        Rep(id="ben", role="SDR", territories=frozenset({"dach"}), share=2, caps=Caps(per_day=30, open=30)),
        Rep(id="cleo", role="SDR", territories=frozenset({"world"}), products=frozenset({"crm"})),
        Rep(id="dora", role="SDR", territories=frozenset({"world"}), away=(Span(AT, AT + timedelta(days=2)),)),
    ),
)


def table(count: int, seed: int = 5) -> Any:  # noqa: ANN401 - of Arrow
    draw = Random(seed)  # noqa: S311 - drawn leads
    rows: Table = {
        "id": [f"L-{number}" for number in range(count)],
        "created_at": [draw.choice((None, AT - timedelta(minutes=draw.randrange(60)))) for _ in range(count)],
        "tier": [draw.choice(("T1", "T2", "T2", "T3", "NURTURE", None)) for _ in range(count)],
        "handed_off": [draw.choice((True, True, False, None)) for _ in range(count)],
        "product": [draw.choice((None, "crm", "sso")) for _ in range(count)],
        "country": [draw.choice((None, "DE", "AT", "US")) for _ in range(count)],
        "region": [None] * count,
        "zone": [draw.choice((None, "Europe/Berlin")) for _ in range(count)],
        "owner": [draw.choice((None, None, None, "ada", "gone")) for _ in range(count)],
        "named_rep": [None] * count,
        "open_opportunity_owner": [draw.choice((None, None, None, "ben")) for _ in range(count)],
        "parent_id": [None] * count,
    }
    order = list(range(count))
    draw.shuffle(order)
    kinds = {"created_at": pa.timestamp("us", "UTC"), "handed_off": pa.bool_()}
    return pa.table({name: pa.array([values[place] for place in order], kinds.get(name, pa.string())) for name, values in rows.items()})


def views(found: Any, policy: Compiled) -> list[View]:  # noqa: ANN401 - of Arrow
    made = []
    for row in found.to_pylist():
        computed = {name: row.pop(name) for name in ("tier", "handed_off")}
        made.append(View(intake.lead(row, policy.words), AT, derived=computed.get))
    return made


def rows(frame: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - of whichever library
    import narwhals as nw  # noqa: PLC0415 - not everybody has it

    return [{name: assignments._cell(value) for name, value in row.items()} for row in nw.from_native(frame).iter_rows(named=True)]


@LIBRARIES
@pytest.mark.parametrize("chunk", [1, 7, 1_000])
def test_a_table_is_routed_as_the_objects_are(make: Make, chunk: int) -> None:
    """RO-18: rotation, counts of open leads and caps go on from chunk to chunk; the table may come in any order."""
    leads, counts = table(150), {"ada": 3, "ben": 25}
    expected = batches.route_each(TERRITORIES.routing, views(leads, TERRITORIES), ROSTER, Rotation(), open_leads=counts)
    made = assign(make(leads), TERRITORIES, ROSTER, Rotation(), at=AT, open_leads=counts, chunk=chunk)
    assert (made.rotation, made.entries, made.report) == (expected.rotation, expected.entries, expected.report)
    told = rows(made.frame)
    assert [row["id"] for row in told] == [route.lead_id for route in expected.routes]
    for row, route in zip(told, expected.routes, strict=True):
        outcome = route.outcome
        assert (row["rep"], row["lane"], row["territory"]) == (route.rep, route.lane, route.territory)
        assert row["outcome"] == {"Assigned": "assigned", "Unassigned": "unassigned", "NotRouted": "not_routed"}[type(outcome).__name__]
        if isinstance(outcome, Assigned):
            assert (row["step"], row["over_cap"], row["instead_of"]) == (outcome.step, outcome.over_cap, outcome.instead_of)
        if isinstance(outcome, Unassigned):
            assert row["reasons"] == "; ".join(f"{rep}: {why}" for rep, why in outcome.reasons)
            assert row["retry_at"] == outcome.retry_at
    assert {row["outcome"] for row in told} == {"assigned", "unassigned", "not_routed"}
    assert {row["step"] for row in told} >= {"pool", "open_opportunity_owner"}


def test_a_lead_that_is_logged_has_its_answer_again_and_a_further_attempt_another() -> None:
    """RO-14, RO-15: what is repeated is no new entry, and counts nothing."""
    leads = pa.table(
        {**{name: pa.array([None], pa.string()) for name in wanted(SHIPPED)}, "id": ["L-1"], "tier": ["T2"], "handed_off": [True]}
    )
    leads = leads.set_column(1, "created_at", pa.array([AT], pa.timestamp("us", "UTC")))
    roster = Roster(reps=(Rep(id="noor", role="SDR"), Rep(id="omar", role="SDR")))
    first = assign(leads, SHIPPED, roster, Rotation(), at=AT)
    assert rows(first.frame)[0]["rep"] == "noor"
    logged = {"L-1": first.entries}
    again = assign(leads, SHIPPED, roster, first.rotation, at=AT, entries=logged, open_leads={})
    assert (rows(again.frame)[0]["rep"], again.entries, again.rotation) == ("noor", (), first.rotation)
    second = assign(leads, SHIPPED, roster, first.rotation, at=AT, entries=logged, attempts={"L-1": 2})
    assert rows(second.frame)[0]["rep"] == "omar"


def test_progress_is_told_after_each_chunk_and_names_may_have_a_prefix() -> None:
    told: list[tuple[int, int]] = []
    made = assign(
        table(25), TERRITORIES, team(TERRITORIES.routing, ROSTER), Rotation(), at=AT, open_leads={}, prefix="r_", chunk=10,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(10, 25), (20, 25), (25, 25)]
    assert made.frame.column_names[-len(COLUMNS) :] == [f"r_{name}" for name in COLUMNS]


@LIBRARIES
def test_an_empty_table_is_routed_too(make: Make) -> None:
    made = assign(make(table(3).slice(0, 0)), TERRITORIES, ROSTER, Rotation(), at=AT)
    assert (rows(made.frame), made.entries, made.rotation, made.report.assigned) == ([], (), Rotation(), 0)


def test_what_is_read_is_what_the_routing_asks() -> None:
    assert wanted(SHIPPED) == (
        "id", "created_at", "handed_off", "named_rep", "open_opportunity_owner", "owner", "parent_id", "product", "tier",
    )  # fmt: skip
    assert {"zone", "country", "region"} <= set(wanted(TERRITORIES))
    lanes = [{"id": "all", "when": {"op": "equals", "fact": "email_domain", "value": "acme.example"}, "to": "rep"}]
    pool: dict[str, Any] = {"id": "pool", "kind": "pool", "match": ["role"]}
    assert wanted(routing(lanes=lanes, steps=[pool], territories=[])) == ("id", "created_at", "email")
    by_zone = [{**pool, "prefer": [{"id": "near", "of": "zone"}, {"id": "known", "of": "product"}]}]
    assert wanted(routing(lanes=lanes, steps=by_zone)) == ("id", "created_at", "country", "email", "product", "region", "zone")


def by(fact: str, value: Any) -> Compiled:  # noqa: ANN401 - a value of any kind
    """A policy that routes who reaches a value of a fact."""
    lanes = [{"id": "some", "when": {"op": "at_least", "fact": fact, "value": value}, "to": "rep"}]
    return routing(lanes=lanes, steps=[{"id": "pool", "kind": "pool", "match": []}])


@pytest.mark.parametrize("make", [polars, lambda table: table], ids=["polars", "pyarrow"])
def test_scores_are_exact(make: Make) -> None:
    leads = pa.table({"id": ["a", "b", "c", "d"], "urgency": pa.array([Decimal("69.99"), Decimal("70.00"), None, Decimal("70.01")])})
    made = assign(make(leads), by("urgency", 70), ROSTER, Rotation(), at=AT, columns={"created_at": None}, open_leads={})
    assert [row["outcome"] for row in rows(made.frame)] == ["unassigned", "assigned", "unassigned", "assigned"]


def test_whole_numbers_of_pandas_are_read_as_such() -> None:
    """A whole number that may be missing is a double there."""
    leads = pandas(pa.table({"id": [7, 8, 9], "employees": pa.array([200, None, 199])}))
    made = assign(leads, by("employees", 200), ROSTER, Rotation(), at=AT, columns={"created_at": None}, open_leads={})
    assert [row["outcome"] for row in rows(made.frame)] == ["assigned", "unassigned", "unassigned"]


NOBODY: Mapping[str, str | None] = dict.fromkeys(("created_at", "named_rep", "open_opportunity_owner", "owner", "parent_id", "product"))


@pytest.mark.parametrize(
    ("changes", "how", "path"),
    [
        pytest.param({"id": ["L-1", "L-1"]}, {}, "frame[id]", id="two rows under one id"),
        pytest.param({"id": [" L-1", "A"]}, {}, "frame[id]", id="white space that would change the order"),
        pytest.param({"rep": ["x", "y"]}, {}, "frame", id="a column of that name already"),
        pytest.param({}, {"columns": {"titel": None}}, "columns[titel]", id="a fact that nobody asks for"),
        pytest.param({}, {"columns": {**NOBODY, "id": None}}, "columns[id]", id="leads without ids"),
        pytest.param({}, {"columns": {**NOBODY, "tier": "level"}}, "columns", id="a column that is not there"),
        pytest.param({}, {"columns": {**NOBODY, "created_at": "tier"}}, "columns[created_at]", id="text for an instant"),
        pytest.param({"tier": [1, 2]}, {}, "frame[tier]", id="a tier that is no text"),
        pytest.param({}, {"chunk": 0}, "chunk", id="chunks of nothing"),
    ],
)
def test_it_is_refused(changes: Mapping[str, Any], how: Mapping[str, Any], path: str) -> None:
    leads = pa.table({"id": ["L-1", "L-2"], "tier": ["T1", ""], "handed_off": [True, True], **changes})
    with pytest.raises(FactError) as refused:
        assign(leads, SHIPPED, ROSTER, Rotation(), at=AT, **{"columns": NOBODY, **how})
    assert refused.value.problem.path == path


def test_naive_instants_are_refused() -> None:
    leads = pa.table({"id": ["L-1"], "tier": ["T1"], "handed_off": [True], "created_at": [AT.replace(tzinfo=None)]})
    with pytest.raises(FactError, match="instants with their zone"):
        assign(leads, SHIPPED, ROSTER, Rotation(), at=AT, columns={**NOBODY, "created_at": "created_at"})


def test_decimals_of_pandas_are_finite() -> None:
    """As in frames: what is no number is unknown, and nothing is infinite."""
    pd = pytest.importorskip("pandas")
    leads = {name: pd.DataFrame({"id": ["a"], "urgency": [Decimal(name)]}) for name in ("70", "NaN", "Infinity")}
    how: dict[str, Any] = {"at": AT, "columns": {"created_at": None}, "open_leads": {}}
    for name, outcome in (("70", "assigned"), ("NaN", "unassigned")):
        made = assign(leads[name], by("urgency", 70), ROSTER, Rotation(), **how)
        assert rows(made.frame)[0]["outcome"] == outcome
    with pytest.raises(FactError, match=r"frame\[urgency\]: saw Decimal Infinity, expected a value of kind decimal"):
        assign(leads["Infinity"], by("urgency", 70), ROSTER, Rotation(), **how)


def test_views_of_arrow_are_text_in_order() -> None:
    view = pa.string_view()
    leads = pa.table({"id": pa.array(["b", "B", "a"], view), "tier": pa.array(["T1"] * 3, view), "handed_off": [True] * 3})
    made = assign(leads, SHIPPED, ROSTER, Rotation(), at=AT, columns=NOBODY, open_leads={})
    assert made.frame["id"].to_pylist() == ["B", "a", "b"]
    for kind, values in ((pa.list_(view), [["x"]]), (pa.binary_view(), [b"x"])):
        odd = leads.slice(0, 1).append_column("odd", pa.array(values, kind))
        with pytest.raises(FactError, match=r"frame: saw column 'odd' of type .*view.*, expected types whose rows Arrow can order"):
            assign(odd, SHIPPED, ROSTER, Rotation(), at=AT, columns=NOBODY, open_leads={})


def test_columns_have_names_of_their_own() -> None:
    pd = pytest.importorskip("pandas")
    leads = pd.DataFrame([["a", "T1", True, "x"]], columns=["id", "tier", "handed_off", "tier"])
    with pytest.raises(FactError, match="frame: saw two columns of one name"):
        assign(leads, SHIPPED, ROSTER, Rotation(), at=AT, columns=NOBODY)


def test_scores_in_doubles_are_refused() -> None:
    with pytest.raises(FactError, match=r"columns\[urgency\]: saw column 'urgency' of doubles"):
        assign(pa.table({"id": ["a"], "urgency": [70.0]}), by("urgency", 70), ROSTER, Rotation(), at=AT, columns={"created_at": None})


def test_conditions_on_activities_are_refused() -> None:
    policy = routing(lanes=[{"id": "all", "when": {"op": "count", "activities": {"kinds": ["visit"]}, "at_least": 1}, "to": "rep"}])
    with pytest.raises(FactError, match="a condition that counts activities"):
        wanted(policy)


def test_what_is_no_eager_frame_is_refused_with_the_conversion() -> None:
    polars_frame = polars(pa.table({"id": ["a"]}))
    with pytest.raises(FactError, match=r"a lazy frame of polars, expected an eager frame.*frame\.collect"):
        assign(polars_frame.lazy(), SHIPPED, ROSTER, Rotation(), at=AT)
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(FactError, match=r"a lazy frame of duckdb.*to_arrow_table"):
        assign(duckdb.sql("select 'a' as id"), SHIPPED, ROSTER, Rotation(), at=AT)
    with pytest.raises(FactError, match="a value of type list"):
        assign([], SHIPPED, ROSTER, Rotation(), at=AT)
