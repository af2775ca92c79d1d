"""Rows of other systems: cells by name, instants, amounts, meanings, and batches that lose nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import exports
from inbound_engine.errors import FactError
from inbound_engine.exports import ActivityType, Batch, DateColumn, Meaning, Meanings, Row, Told
from inbound_engine.facts import Activity
from inbound_engine.history import Happened, in_order
from inbound_engine.money import Money
from inbound_engine.spans import zone

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(name: str, at: datetime = NINE) -> Happened:
    return Happened(id=name, at=at, event="scored")


# Cells.


@pytest.mark.parametrize("asked", ["created_date", "CreatedDate", "createddate", "Created Date", "CREATED_DATE"])
@pytest.mark.parametrize("written", ["created_date", "CreatedDate", "\ufeffCreatedDate", "Created Date"])
def test_a_column_is_found_whatever_its_spelling(written: str, asked: str) -> None:
    row = Row(0, {written: " x "})
    assert row.text(asked) == "x"
    assert row.seen(asked)[0] == written.lstrip("\ufeff")


def test_the_first_name_that_says_something_answers() -> None:
    row = Row(0, {"a": " ", "b": None, "c": "3", "d": "4"})
    assert row.text("missing", "a", "b", "c", "d") == "3"
    assert row.seen("missing", "a") == ("a", None)
    assert row.seen("missing") == ("missing", None)


def test_two_columns_of_one_name_must_not_differ() -> None:
    """Nothing is guessed; a blank twin, and an equal one, do no harm."""
    assert Row(0, {"LeadId": "7", "lead_id": ""}).text("lead_id") == "7"
    assert Row(0, {"LeadId": "7", "lead_id": "7"}).text("lead_id") == "7"
    row = Row(0, {"LeadId": "7", "lead_id": "8", "other": "x"})
    assert row.text("other") == "x"
    with pytest.raises(FactError) as raised:
        row.text("lead_id")
    assert str(raised.value) == "lead_id: saw another value than under 'LeadId', expected one column of that name."


@pytest.mark.parametrize("cells", [None, "id", 7, ["id"], [("id", "7")]])
def test_a_row_is_a_table(cells: object) -> None:
    with pytest.raises(FactError, match="expected a row: a table of columns"):
        Row(0, cells)


def test_cells_beyond_the_last_column_are_refused() -> None:
    """csv.DictReader keeps them under None."""
    with pytest.raises(FactError, match=r"saw a list of 1 beyond the last column, expected as many cells as columns\."):
        Row(0, {"id": "7", None: ["x"]})


@pytest.mark.parametrize(
    ("value", "read"), [(" Acme ", "Acme"), (398490046, "398490046"), ("", None), ("   ", None), (None, None), (0, "0"), ("0", "0")]
)
def test_text_loses_its_ends_and_numbers_are_written_out(value: object, read: str | None) -> None:
    assert Row(0, {"x": value}).text("x") == read


def test_a_number_is_written_out_up_to_256_bits() -> None:
    most = 2**256 - 1
    assert Row(0, {"x": most}).text("x") == str(most)
    assert exports.read_each([{"id": most}], lambda _: []).refused[0].id == str(most)
    assert exports.read_each([{"id": most + 1}], lambda _: []).refused[0].id is None


@pytest.mark.parametrize("value", [True, 1.5, float("nan"), ["x"], {"x": 1}, 2**256, 10**100])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(FactError, match=r"^x: saw .*, expected text"):
        Row(0, {"x": value}).text("x")


def test_nan_is_told_to_be_none() -> None:
    with pytest.raises(FactError, match=r"Where nothing is known, pass None\."):
        Row(0, {"x": float("nan")}).text("x")


def test_what_a_row_needs_must_be_there() -> None:
    with pytest.raises(FactError, match=r"^Id: saw nothing, expected a value"):
        Row(0, {"Id": " "}).needed("id")
    with pytest.raises(FactError, match=r"^CreatedDate: saw nothing, expected the instant"):
        Row(0, {"CreatedDate": None}).needed_instant("created_date")
    row = Row(0, {"Id": 7, "At": "2026-03-02T09:00Z"})
    assert (row.needed("id"), row.needed_instant("at")) == ("7", NINE)


@pytest.mark.parametrize(("value", "read"), [("11", 11), (11, 11), ("-3", -3), ("", None), (None, None)])
def test_a_whole_number_may_be_text(value: object, read: int | None) -> None:
    assert Row(0, {"x": value}).whole("x") == read


@pytest.mark.parametrize("value", ["11.0", "1e3", "eleven", "٣", "1_000", "1" * 19])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(FactError, match="expected a whole number"):
        Row(0, {"x": value}).whole("x")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *((word, True) for word in ("TRUE", "true", " True ", "yes", "1", 1, True)),
        *((word, False) for word in ("FALSE", "false", "No", "0", 0, False)),
        ("", None),
        (None, None),
    ],
)
def test_yes_and_no_in_any_capitals(value: object, read: bool | None) -> None:
    assert Row(0, {"x": value}).yes_no("x") is read


@pytest.mark.parametrize("value", ["maybe", "2", 2, "t"])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    with pytest.raises(FactError, match="expected true or false"):
        Row(0, {"x": value}).yes_no("x")


@pytest.mark.parametrize(
    ("value", "currency", "read"),
    [
        ("11000.0", "EUR", Money(1_100_000, "EUR")),
        ("50000.0", "JPY", Money(50_000, "JPY")),
        (24_120_000, "USD", Money(2_412_000_000, "USD")),
        (1782.5, "USD", Money(178_250, "USD")),
        (Decimal("0.50"), "EUR", Money(50, "EUR")),
        ("-40", "EUR", Money(-4_000, "EUR")),
        (" 50 ", "EUR", Money(5_000, "EUR")),
        ("", "EUR", None),
        (None, "EUR", None),
    ],
)
def test_an_amount_is_exact(value: object, currency: str, read: Money | None) -> None:
    """FD-3: zeros beyond the decimals of the currency are padding."""
    assert Row(0, {"value": value}).money(currency, "value") == read


@pytest.mark.parametrize("value", ["12,000", "$5", "1e5", "0.001", float("nan"), 1e22, True, ["5"], "1" * 40])
def test_what_is_no_amount_is_refused_under_its_column(value: object) -> None:
    with pytest.raises(FactError) as raised:
        Row(0, {"Amount": value}).money("EUR", "amount")
    assert raised.value.problem.path == "Amount"


def test_a_currency_that_is_none_is_refused_under_its_own_name() -> None:
    with pytest.raises(FactError) as raised:
        Row(0, {"Amount": "5"}).money("euro", "amount")
    assert raised.value.problem.path == "currency"


# Instants and dates.


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-01-07 6:49:18", "2021-01-07T06:49:18+00:00"),
        ("2020-05-06 00:14:31.000", "2020-05-06T00:14:31+00:00"),
        ("2018-12-18 18:20:30.829", "2018-12-18T18:20:30.829000+00:00"),
        ("2023-06-22 11:37:07.210000", "2023-06-22T11:37:07.210000+00:00"),
        ("2023-06-22 11:37:07.2100000", "2023-06-22T11:37:07.210000+00:00"),
        ("2019-03-29 15:23:31.957 UTC", "2019-03-29T15:23:31.957000+00:00"),
        ("2019-03-29 15:23 UTC", "2019-03-29T15:23:00+00:00"),
        (" 2026-03-02T09:00:00Z ", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T09:00:00.000+0000", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T09:00:00-05:00", "2026-03-02T14:00:00+00:00"),
        ("2026-03-02 09:00:00 +0530", "2026-03-02T03:30:00+00:00"),
    ],
)
def test_an_instant_is_read_as_systems_write_it(text: str, iso: str) -> None:
    assert exports.moment(text, assumed=UTC).isoformat() == iso


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-03-02",
        "2026-02-30 09:00:00",
        "2026-03-02 24:00:00",
        "2026-03-02 09:60:00",
        "2026-03-02 09:00:00.1234567",
        "02/03/2026 09:00",
        "1462216307945",
        "0001-01-01T00:00:00+14:00",
        "",
        1462216307945,
        7.5,
        True,
        date(2026, 3, 2),
        ["2026-03-02"],
    ],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    """A date is none; milliseconds are one only where a system is known to count them."""
    with pytest.raises(FactError, match=r"^when: saw .*, expected an instant"):
        exports.moment(value, "when", UTC)


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (1462216307945, "2016-05-02T19:11:47.945000+00:00"),
        ("1462216307945", "2016-05-02T19:11:47.945000+00:00"),
        (0, "1970-01-01T00:00:00+00:00"),
        (253402300799999, "9999-12-31T23:59:59.999000+00:00"),
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00+00:00"),
    ],
)
def test_milliseconds_count_from_1970(value: object, iso: str) -> None:
    assert exports.moment(value, milliseconds=True).isoformat() == iso


@pytest.mark.parametrize("value", [-1, "-1", 10**14 * 3, 10**400, True, 1.5, "1 462"])
def test_milliseconds_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(FactError, match=r"^at: "):
        exports.moment(value, milliseconds=True)


def test_an_instant_without_an_offset_is_read_in_the_zone_assumed_or_refused() -> None:
    """Of repeated times the first."""
    berlin = zone("Europe/Berlin")
    assert exports.moment("2026-07-01 09:00:00", assumed=berlin) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert exports.moment("2026-10-25 02:30:00", assumed=berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert exports.moment("2026-07-01 09:00:00Z", assumed=berlin) == datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert exports.moment(datetime(2026, 7, 1, 9), assumed=berlin) == datetime(2026, 7, 1, 7, tzinfo=UTC)  # noqa: DTZ001 - naive on purpose
    assert exports.moment(datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=2)))) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    for value in ("2026-07-01 09:00:00", datetime(2026, 7, 1, 9)):  # noqa: DTZ001 - naive on purpose
        with pytest.raises(FactError, match="without an offset, expected an instant with its offset"):
            exports.moment(value)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_we_write_we_read(at: datetime) -> None:
    """FD-4: to the microsecond, also with another system's spelling."""
    assert exports.moment(at.isoformat()) == at
    assert exports.moment(at.isoformat().replace("T", " ").replace("+00:00", " UTC")) == at
    assert exports.moment(at.isoformat().removesuffix("+00:00"), assumed=UTC) == at


@pytest.mark.parametrize(
    "value",
    [
        "2018-12-19",
        " 2018-12-19 ",
        "2018-12-19 00:00:00",
        "2018-12-19 0:00",
        "2018-12-19T00:00:00.000Z",
        "2018-12-19 00:00:00 UTC",
        "2018-12-19T00:00:00+0200",
        date(2018, 12, 19),
        datetime(2018, 12, 19, tzinfo=UTC),
        datetime(2018, 12, 19, tzinfo=zone("Europe/Berlin")),
    ],
)
def test_a_date_is_a_date_or_its_midnight_wherever_it_was_written(value: object) -> None:
    assert Row(0, {"close": value}).day("close") == date(2018, 12, 19)


def test_no_date_is_none() -> None:
    assert Row(0, {"close": ""}).day("close") is None


@pytest.mark.parametrize(
    "value",
    [
        "2018-12-19 10:00:00",
        "2018-12-19 00:00:00.001",
        "2018-13-01",
        "2018-02-30",
        "soon",
        20181219,
        ["x"],
        datetime(2018, 12, 19, 10, tzinfo=UTC),
    ],
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(FactError, match=r"^close: saw .*, expected a date, or its midnight"):
        Row(0, {"close": value}, UTC).day("close")


# Links.


@pytest.mark.parametrize(
    ("text", "path", "utm"),
    [
        ("https://get.acme.example/guide.html?utm_source=news&utm_medium=email", "/guide.html", {"source": "news", "medium": "email"}),
        ("https://acme.example", "/", {}),
        ("https://acme.example/", "/", {}),
        ("https://acme.example?utm_term=a+b", "/", {"term": "a b"}),
        ("acme.example/pricing", "/pricing", {}),
        ("/pricing?x=1", "/pricing", {}),
        ("pricing", None, {}),
        ("", None, {}),
        ("https://acme.example/a#utm_source=no", "/a", {}),
        ("https://acme.example/?UTM_Source=Google%20Ads&utm_source=", "/", {"source": "Google Ads"}),
        (
            "https://acme.example/?utm_campaign=caf%C3%A9&utm_content=100%&utm_term=%FF",
            "/",
            {"campaign": "café", "content": "100%", "term": "%FF"},
        ),
        ("https://acme.example/?utm_source=a&utm_source=b", "/", {"source": "b"}),
        ("https://acme.example/?source=a&utm_medium", "/", {}),
    ],
)
def test_a_link_is_its_path_and_its_parameters(text: str, path: str | None, utm: dict[str, str]) -> None:
    """AD-28: names in small letters, values as they are; fragments say nothing."""
    assert exports.link(text) == (path, utm)


# Meanings.

STATUS = Meanings.of("Lead Status", {"Nurturing": "recycled", "Bad Timing": ("rejected", {"category": "wrong_timing"})})


@pytest.mark.parametrize(
    ("meanings", "name", "value", "said"),
    [
        ([STATUS], "lead_status", "Nurturing", ("recycled", {"property": "lead_status", "value": "Nurturing"})),
        (
            [STATUS],
            "LeadStatus",
            "Bad Timing",
            ("rejected", {"property": "LeadStatus", "value": "Bad Timing", "category": "wrong_timing"}),
        ),
        ([STATUS], "Email", "ana@acme.example", ("data_changed", {"property": "Email"})),
        ([], "Email", None, ("data_changed", {"property": "Email"})),
        (
            [Meanings.of("Stage", {}, otherwise="stage_changed")],
            "stage",
            "f66ca9bc",
            ("stage_changed", {"property": "stage", "value": "f66ca9bc"}),
        ),
    ],
)
def test_a_change_is_what_its_value_means(meanings: list[Meanings], name: str, value: str | None, said: tuple[str, dict[str, str]]) -> None:
    """Values of other properties are never kept: they may be personal."""
    assert exports.changed(meanings, name, value, "new_value") == said


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "new_value: saw nothing, expected a value of Lead Status. A property that was cleared is no stage."),
        ("nurturing", "new_value: saw 'nurturing', expected one of Bad Timing, Nurturing. Did you mean \"Nurturing\"?"),
        ("Warm", "new_value: saw 'Warm', expected one of Bad Timing, Nurturing. Pass meanings that list it."),
    ],
)
def test_a_value_without_a_meaning_is_refused_by_name(value: str | None, message: str) -> None:
    with pytest.raises(FactError) as raised:
        exports.changed([STATUS], "Lead Status", value, "new_value")
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"a": 5}, "meanings.Status.a: saw 5, expected an event, or an event and what it has to say."),
        ({"a": ("won",)}, "meanings.Status.a: saw a list of 1, expected an event, or an event and what it has to say."),
        ({"a": ("rejected", "bad_fit")}, "meanings.Status.a: saw a list of 2, expected an event, or an event and what it has to say."),
        ({"a": (5, {})}, "meanings.Status.a: saw a list of 2, expected an event, or an event and what it has to say."),
        ([("a", "won")], "meanings.Status: saw a list of 1, expected a table of values and their events."),
    ],
)
def test_a_meaning_is_an_event(table: Any, message: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(FactError) as raised:
        Meanings.of("Status", table)
    written = 'Write it like {"Nurturing": "recycled", "Lost": ("rejected", {"category": "bad_fit"})}.'
    assert str(raised.value) == f"{message} {written}"


def test_a_value_means_one_thing() -> None:
    """FD-4: and what it has to say is sorted by name."""
    assert Meanings.of("Status", {"x": ("lost", {"b": "1", "a": "2"})}).rows == (Meaning("x", "lost", (("a", "2"), ("b", "1"))),)
    with pytest.raises(FactError, match=r"meanings\.Status: saw 'x' twice"):
        Meanings("Status", (Meaning("y", "won"), Meaning("x", "won"), Meaning("x", "lost")))


TYPES = (
    ActivityType(1, "Click", kind="content_download", about="File"),
    ActivityType(1, "Click", kind="page_view"),
    ActivityType(2, "Sent"),
    ActivityType(3, "Gone", event="deleted"),
)


@pytest.mark.parametrize(
    ("number", "about", "said"),
    [(1, "File", "content_download"), (1, "Email", "page_view"), (1, None, "page_view"), (3, None, "deleted"), (3, "x", "deleted")],
)
def test_a_type_is_the_first_that_is_about_it(number: int, about: str | None, said: str) -> None:
    found = exports.of_type(TYPES, number, "type", about)
    assert said in {found.kind, found.event}


@pytest.mark.parametrize(("number", "saw"), [(2, "2, Sent"), (9, "9")])
def test_a_type_that_is_nothing_is_refused_by_number_and_name(number: int, saw: str) -> None:
    with pytest.raises(FactError, match=f"type: saw {saw}, expected a type that is a kind of activity or an event"):
        exports.of_type(TYPES, number, "type")


# Batches.


def test_every_row_is_told_or_refused() -> None:
    rows: list[Any] = [{"id": "a", "says": "12"}, {"id": "b", "says": ""}, "no row", {"id": "a", "says": "1"}, {"id": 4, "says": "4"}]

    def read(row: Row) -> list[tuple[str, Happened]]:
        return [(row.needed("id"), event(digit)) for digit in row.text("says") or ""]

    batch = exports.read_each(rows, read)
    assert [(told.row, told.record, told.said.id) for told in batch.told] == [(0, "a", "1"), (0, "a", "2"), (4, "4", "4")]
    assert [str(refused) for refused in batch.refused] == [
        "record 1 (b): saw a row that says nothing, expected something that happened.",
        "record 2: saw 'no row', expected a row: a table of columns.",
        "record 3 (a): id: saw '1' again, expected something that was not told before. The first of several deliveries counts.",
    ]
    assert batch.rows == 5
    assert [said.id for said in batch.said] == ["1", "2", "4"]


def test_a_row_does_not_tell_the_same_twice() -> None:
    batch = exports.read_each([{"id": "a"}], lambda row: [("a", event("1")), ("a", event("1"))])
    assert (batch.told, len(batch.refused)) == ((), 1)


def test_a_refused_row_reserves_no_id() -> None:
    def read(row: Row) -> Iterator[tuple[str, Happened]]:
        yield "a", event("1")
        yield "a", event(row.needed("second"))

    batch = exports.read_each([{"id": "x"}, {"id": "y", "second": "2"}], read)
    assert [told.said.id for told in batch.told] == ["1", "2"]


def test_a_refusal_names_the_row_only_by_a_short_id() -> None:
    batch = exports.read_each([{"id": 10**100}, {"id": True}, {"id": 12}], lambda row: [("a", event(row.needed("name")))])
    assert [refused.id for refused in batch.refused] == [None, None, "12"]


def test_rows_may_be_laid_out_first() -> None:
    def inner(cells: object) -> object:
        return cells["inner"] if isinstance(cells, dict) else cells

    batch = exports.read_each([{"inner": {"id": "a"}}], lambda row: [(row.needed("id"), event("1"))], laid_out=inner)
    assert batch.told[0].record == "a"


@pytest.mark.parametrize("rows", ["id", b"id", {"id": "7"}])
def test_one_row_is_no_list_of_rows(rows: Iterable[Mapping[str, object]]) -> None:
    with pytest.raises(FactError, match="expected a list of rows"):
        exports.read_each(rows, lambda _: [("a", event("1"))])


@given(
    st.lists(
        st.one_of(
            st.none(), st.text(max_size=2), st.integers(0, 3), st.dictionaries(st.sampled_from(["id", "at"]), st.text("ab1", max_size=2))
        )
    )
)
def test_the_rows_add_up(rows: list[Any]) -> None:
    """Nothing is lost: told and refused rows are all rows, each in one of both."""
    batch = exports.read_each(rows, lambda row: [(row.needed("id"), event(row.text("at") or "-"))])
    told, refused = {told.row for told in batch.told}, [refused.number for refused in batch.refused]
    assert batch.rows == len(rows)
    assert sorted([*told, *refused]) == list(range(len(rows)))
    assert sum(times for _, times in exports.counted(batch)) == len(refused)


def test_what_is_told_is_gathered_by_record() -> None:
    batch: Batch[Happened] = Batch(3, (Told(0, "b", event("1")), Told(1, "a", event("2")), Told(2, "b", event("3"))), ())
    assert [(record, [one.id for one in said]) for record, said in exports.by_record(batch).items()] == [("a", ["2"]), ("b", ["1", "3"])]


def test_what_two_batches_tell_under_one_id_is_gathered_once() -> None:
    """The first counts, and the other record's event of that id is its own."""
    first: Batch[Happened] = Batch(1, (Told(0, "a", event("1")),), ())
    second: Batch[Happened] = Batch(
        3, (Told(0, "a", event("2")), Told(1, "a", event("1", NINE + timedelta(1))), Told(2, "b", event("1"))), ()
    )
    assert exports.by_record(first, second) == {"a": (event("1"), event("2")), "b": (event("1"),)}
    assert exports.by_record(second, first)["a"] == (event("2"), event("1", NINE + timedelta(1)))
    assert exports.by_record() == {}


def did(name: str, at: datetime = NINE) -> Activity:
    return Activity(id=name, kind="visit", at=at)


def test_events_and_activities_of_one_table_are_told_apart() -> None:
    """By record, each in its order; a record of which nothing of the kind was told is not there."""
    later = NINE + timedelta(hours=1)
    told = (
        Told(0, "b", event("2", later)),
        Told(1, "b", did("3", later)),
        Told(2, "b", event("1")),
        Told(3, "a", did("5", later)),
        Told(4, "a", did("4")),
        Told(5, "c", event("6")),
    )
    batch: Batch[Activity | Happened] = Batch(6, told, ())
    assert exports.happened(batch) == {"b": (event("1"), event("2", later)), "c": (event("6"),)}
    assert exports.activities(batch) == {"a": (did("4"), did("5", later)), "b": (did("3", later),)}


def test_of_one_id_told_twice_the_first_counts_among_events_and_activities_too() -> None:
    first: Batch[Happened] = Batch(1, (Told(0, "a", event("1")),), ())
    second: Batch[Activity | Happened] = Batch(2, (Told(0, "a", event("1", NINE + timedelta(1))), Told(1, "a", did("2"))), ())
    assert exports.happened(first, second) == {"a": (event("1"),)}
    assert exports.activities(first, second) == {"a": (did("2"),)}
    assert exports.happened() == {}
    assert exports.activities() == {}


def test_refusals_are_counted_by_what_would_do() -> None:
    batch = exports.read_each([{"id": 1}, {"at": "x"}, {"at": "y"}, {"at": ""}], lambda row: [("a", event("1", row.needed_instant("at")))])
    assert [(problem.saw, times) for problem, times in exports.counted(batch)] == [("nothing", 2), ("'x'", 2)]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"mql_date__c": "2026-03-02 09:00:00"}, [("crm:L-1:mqldatec", "scored", ())]),
        ({"MQL_Date__c": "", "lost_date": "2026-03-02 09:00:00"}, [("crm:L-1:lostdate", "lost", (("reason", "price"),))]),
        ({}, []),
    ],
)
def test_columns_may_date_events(cells: dict[str, str], said: list[tuple[str, str, tuple[tuple[str, str], ...]]]) -> None:
    stamps = (DateColumn("mql_date__c", "scored"), DateColumn("lost_date", "lost", (("reason", "price"),)))
    found = [one for _, one in exports.stamped(Row(0, cells, UTC), "L-1", stamps, "crm")]
    assert [(one.id, one.event, one.data) for one in found] == said
    assert all(one.at == NINE and one.source == "crm" for one in found)


def test_what_columns_date_at_one_instant_is_in_their_order() -> None:
    """LC-11: a lead that was imported as a customer was a lead first."""
    columns = (DateColumn("lead", "validated"), DateColumn("customer", "won"))
    cells = {"customer": "2026-03-02 09:00:00", "lead": "2026-03-02 09:00:00"}
    assert [one.event for one in in_order(one for _, one in exports.stamped(Row(0, cells, UTC), "L-1", columns, "crm"))] == [
        "validated",
        "won",
    ]


@pytest.mark.parametrize("make", [lambda: Batch(0, (), ()), lambda: STATUS, lambda: TYPES, lambda: DateColumn("a", "won")])
def test_values_are_equal_by_what_they_say(make: Callable[[], object]) -> None:
    """FD-1."""
    assert make() == make()
