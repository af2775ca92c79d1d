"""What had happened by then, in which order, and what a record says of it."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Outreach
from inbound_engine.history import (
    Entry,
    Happened,
    How,
    Record,
    Stay,
    as_of,
    begun,
    count,
    entered,
    first,
    grown,
    happenings,
    in_order,
    latest,
    lost_from,
    merge,
    nth,
    re_entries,
    restored,
    stage_as_of,
    stepped,
    time_in,
    to_dict,
    trail,
    visits,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def _visit(name: str, at: datetime = NINE, sequence: int = 0) -> Activity:
    return Activity(id=name, kind="visit", at=at, sequence=sequence)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (NINE - MICROSECOND, []),
        (NINE, ["b"]),
        (NINE + MICROSECOND, ["b", "a"]),
    ],
)
def test_what_happens_later_is_invisible_to_the_microsecond(asked: datetime, seen: list[str]) -> None:
    """FD-2: and what is left keeps the order it was handed over in."""
    assert [event.id for event in as_of([_visit("b"), _visit("a", NINE + MICROSECOND)], asked)] == seen


def test_events_stand_by_instant_then_sequence_then_id() -> None:
    """LC-11."""
    events = [_visit("d", NINE + MICROSECOND, -1), _visit("c", sequence=1), _visit("b"), _visit("a"), _visit("e", NINE - MICROSECOND, 9)]
    assert [event.id for event in in_order(events)] == ["e", "a", "b", "c", "d"]
    assert in_order(reversed(events)) == in_order(events)


def test_a_thing_without_a_sequence_counts_as_the_first_of_its_instant() -> None:
    calls = [Outreach(id=name, lead_id="L", rep="maya", channel="phone", at=NINE, human=True) for name in ("b", "a")]
    events: list[Activity | Outreach] = [_visit("a1", sequence=1), *calls]
    assert [event.id for event in in_order(events)] == ["a", "b", "a1"]


def test_nothing_happened_in_no_time() -> None:
    assert as_of([], NINE) == ()
    assert in_order([]) == ()


# --------------------------------------------------------------------------------------------------------------- records

TEN, ELEVEN, NOON = (NINE + timedelta(hours=hours) for hours in (1, 2, 3))


def _entry(stage: str, left: str | None, at: datetime, event: str = "", **more: Any) -> Entry:  # noqa: ANN401 - any field
    return Entry(stage=stage, left=left, at=at, event_id=f"e-{event}" if event else "", event=event, move=event, **more)


# LEAD at nine; MQL inferred and SAL at ten; back to LEAD at eleven; something noted there at noon; MQL at noon.
LIFE = Record(
    "L-1",
    "lead",
    (
        _entry("LEAD", None, NINE),
        _entry("MQL", "LEAD", TEN, "accepted", inferred=True),
        _entry("SAL", "MQL", TEN, "accepted", place=1),
        _entry("LEAD", "SAL", ELEVEN, "rejected", data={"category": "bad_fit"}, actor="maya", reason="too small", policy="f1"),
        _entry("LEAD", "LEAD", NOON, "captured"),
        _entry("MQL", "LEAD", NOON, "scored", sequence=1),
    ),
)


@pytest.mark.parametrize(
    ("stage", "how", "instants"),
    [
        ("LEAD", "observed", [NINE, ELEVEN]),
        ("LEAD", "inferred", []),
        ("LEAD", "any", [NINE, ELEVEN]),
        ("MQL", "observed", [NOON]),
        ("MQL", "inferred", [TEN]),
        ("MQL", "any", [TEN, NOON]),
        ("SAL", "observed", [TEN]),
        ("SQL", "any", []),
    ],
)
def test_entries_into_a_stage_are_counted_observed_and_inferred_apart(stage: str, how: How, instants: list[datetime]) -> None:
    """LC-10: what is noted in a stage is no entry into it."""
    assert count(LIFE, stage, how) == len(instants)
    assert re_entries(LIFE, stage, how) == max(0, len(instants) - 1)
    found = [first(LIFE, stage, how), latest(LIFE, stage, how), nth(LIFE, stage, 2, how), nth(LIFE, stage, -2, how)]
    expected = [instants[:1], instants[-1:], instants[1:2], instants[-2:-1]]
    assert [[] if entry is None else [entry.at] for entry in found] == expected


def test_the_time_number_zero_is_none() -> None:
    with pytest.raises(FactError, match="number: saw 0"):
        nth(LIFE, "LEAD", 0)


@pytest.mark.parametrize(
    ("stage", "at", "visit", "total"),
    [
        ("LEAD", NINE - MICROSECOND, None, 0),
        ("LEAD", NINE, 0, 0),
        ("LEAD", NINE + timedelta(minutes=30), 30, 30),
        ("LEAD", TEN, None, 60),
        ("LEAD", ELEVEN, 0, 60),
        ("LEAD", ELEVEN + timedelta(minutes=15), 15, 75),
        ("LEAD", NOON, None, 120),
        ("SAL", TEN, 0, 0),
        ("SAL", NOON, None, 60),
        ("MQL", TEN, None, 0),
        ("MQL", NOON + timedelta(minutes=5), 5, 5),
        ("SQL", NOON, None, 0),
    ],
)
def test_time_in_a_stage_is_that_of_this_visit_and_of_all(stage: str, at: datetime, visit: int | None, total: int) -> None:
    """LC-10, FD-2: half-open, and nothing after the instant is seen; minutes."""
    expected = Stay(None if visit is None else timedelta(minutes=visit), timedelta(minutes=total))
    assert time_in(LIFE, stage, at=at) == expected


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        (NINE - MICROSECOND, None),
        (NINE, "LEAD"),
        (TEN - MICROSECOND, "LEAD"),
        (TEN, "SAL"),
        (ELEVEN - MICROSECOND, "SAL"),
        (ELEVEN, "LEAD"),
        (NOON, "MQL"),
        (NOON + timedelta(days=400), "MQL"),
    ],
)
def test_a_record_tells_where_it_stood(at: datetime, stage: str | None) -> None:
    """LC-10: the last of several entries at one instant is where it stood."""
    assert stage_as_of(LIFE, at) == stage


def test_a_record_stands_since_its_visit_began() -> None:
    noted = Record("L-1", "lead", LIFE.entries[:5])
    assert (noted.stage, noted.since) == ("LEAD", ELEVEN)
    assert (LIFE.stage, LIFE.since) == ("MQL", NOON)


@pytest.mark.parametrize(
    ("entries", "lost", "stage"),
    [
        (1, None, None),
        (3, None, "MQL"),
        (4, None, "SAL"),
        (5, None, "SAL"),
        (4, ["CLOSED_LOST"], None),
        (4, ["LEAD", "CLOSED_LOST"], "SAL"),
        (6, ["LEAD"], None),
        (4, ["LEAD", "SAL"], "MQL"),
        (6, ["LEAD", "MQL", "SAL"], None),
    ],
)
def test_a_record_tells_where_it_was_lost_from(entries: int, lost: list[str] | None, stage: str | None) -> None:
    """The last stage before those in which it is lost, however many of them it has been through."""
    assert lost_from(Record("L-1", "lead", LIFE.entries[:entries]), lost) == stage


@pytest.mark.parametrize("lost", ["LEAD", 7])
def test_the_stages_in_which_it_is_lost_are_several(lost: Any) -> None:  # noqa: ANN401 - what is refused is of any type
    with pytest.raises(FactError, match=r"^lost: saw .*, expected a list of stages\. Put a single stage into a list\.$"):
        lost_from(LIFE, lost)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda wrong: count(LIFE, "LEAD", wrong), "how: saw 'seen', expected one of any, inferred, observed"),
        (lambda wrong: visits(LIFE, how=wrong), "how: saw 'seen', expected one of any, inferred, observed"),
        (visits, "record: saw 'seen', expected a record"),
        (merge, "record: saw 'seen', expected a record"),
        (lambda wrong: merge(LIFE, wrong), "record: saw 'seen', expected a record"),
        (lambda wrong: as_of([], wrong), "at: saw 'seen', expected an aware datetime"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Callable[[Any], object], message: str) -> None:
    with pytest.raises(FactError, match=f"^{message}"):
        ask("seen")


def test_the_past_is_asked_for_by_an_aware_instant() -> None:
    with pytest.raises(FactError, match="at: saw 2026-03-02T09:00:00 without a zone"):
        as_of([_visit("a", NINE)], NINE.replace(tzinfo=None))


def test_the_visits_of_a_record_touch() -> None:
    assert [(visit.entry.stage, visit.until) for visit in visits(LIFE)] == [
        ("LEAD", TEN),
        ("MQL", TEN),
        ("SAL", ELEVEN),
        ("LEAD", NOON),
        ("MQL", None),
    ]


def test_happenings_are_the_events_that_were_reported() -> None:
    assert happenings(LIFE) == (
        Happened(id="e-accepted", at=TEN, event="accepted"),
        Happened(id="e-rejected", at=ELEVEN, event="rejected", data={"category": "bad_fit"}, actor="maya", reason="too small"),
        Happened(id="e-captured", at=NOON, event="captured"),
        Happened(id="e-scored", at=NOON, event="scored", sequence=1),
    )


def test_an_entry_made_of_an_event_is_the_entry_written_by_hand() -> None:
    event = Happened(
        id="e-rejected", at=ELEVEN, event="rejected", data={"category": "bad_fit"}, actor="maya", reason="too small", sequence=4
    )
    made = entered("LEAD", "SAL", event, move="reject", policy="f1", place=2, inferred=True)
    by_hand = Entry(
        stage="LEAD",
        left="SAL",
        at=ELEVEN,
        event_id="e-rejected",
        event="rejected",
        move="reject",
        data=(("category", "bad_fit"),),
        actor="maya",
        reason="too small",
        policy="f1",
        inferred=True,
        sequence=4,
        place=2,
    )
    assert made == by_hand
    assert (type(made), hash(made), repr(made)) == (Entry, hash(by_hand), repr(by_hand))
    assert pickle.loads(pickle.dumps(made)) == by_hand  # noqa: S301 - our own
    with pytest.raises(FrozenInstanceError):
        made.stage = "MQL"  # type: ignore[misc]  # that is what is tried
    assert entered("LEAD", "SAL", event, move="reject") == attrs.evolve(by_hand, policy="", place=0, inferred=False)


def test_a_record_grows_at_its_end_only() -> None:
    grew = grown(Record("L-1", "lead", LIFE.entries[:1]), LIFE.entries[1:])
    assert grew == LIFE
    assert (type(grew), hash(grew), repr(grew)) == (Record, hash(LIFE), repr(LIFE))
    assert pickle.loads(pickle.dumps(grew)) == LIFE  # noqa: S301 - our own
    with pytest.raises(FrozenInstanceError):
        grew.id = "L-2"  # type: ignore[misc]  # that is what is tried
    assert grown(LIFE, ()) == LIFE
    with pytest.raises(FactError, match=r"record.entries\[6\].left: saw 'LEAD', expected 'MQL', the stage of the entry before it"):
        grown(LIFE, (_entry("SAL", "LEAD", NOON, "accepted"),))
    with pytest.raises(FactError, match=r"record.entries\[6\].at: saw 2026-03-02T11:00:00\+00:00, expected an instant at or after"):
        grown(LIFE, (_entry("SAL", "MQL", ELEVEN, "accepted"),))


def test_a_step_is_the_entry_that_its_event_makes() -> None:
    event = Happened(id="e-accepted", at=NOON, event="accepted", data={"by": "maya"}, sequence=2)
    made = stepped(LIFE, event, "SAL", move="accept", policy="f1")
    assert made == grown(LIFE, (entered("SAL", "MQL", event, move="accept", policy="f1"),))
    assert (type(made), made.stage, len(made.entries)) == (Record, "SAL", 7)
    with pytest.raises(FactError, match=r"record.entries\[6\].at: saw 2026-03-02T11:00:00\+00:00, expected an instant at or after"):
        stepped(LIFE, attrs.evolve(event, at=ELEVEN), "SAL", move="accept")


def test_a_record_begins_with_an_entry_that_no_event_made() -> None:
    berlin = NINE.astimezone(timezone(timedelta(hours=1)))
    made = begun("L-1", "lead", "LEAD", at=berlin, policy="f1")
    assert made == Record("L-1", "lead", (_entry("LEAD", None, NINE, policy="f1"),))
    assert (type(made), type(made.entries[0]), made.since.tzinfo) == (Record, Entry, UTC)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own


def test_a_record_that_begins_is_the_record_written_by_hand() -> None:
    made, by_hand = begun("L-1", "lead", "LEAD", at=NINE, policy="f1"), Record("L-1", "lead", (_entry("LEAD", None, NINE, policy="f1"),))
    assert made == by_hand
    assert (type(made), hash(made), repr(made), to_dict(made)) == (Record, hash(by_hand), repr(by_hand), to_dict(by_hand))
    assert (type(made.entries[0]), repr(made.entries[0])) == (Entry, repr(by_hand.entries[0]))
    assert pickle.loads(pickle.dumps(made)) == by_hand  # noqa: S301 - our own
    for value, name in ((made, "id"), (made.entries[0], "stage")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, "other")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": ""}, "record.id: saw ''"),
        ({"machine": None}, "record.machine: saw nothing"),
        ({"stage": 7}, "entry.stage: saw 7"),
        ({"policy": None}, "entry.policy: saw nothing"),
        ({"id": "", "at": NINE.replace(tzinfo=None)}, "entry.at: saw 2026-03-02T09:00:00 without a zone"),
        ({"at": NINE.replace(tzinfo=None)}, "entry.at: saw 2026-03-02T09:00:00 without a zone"),
    ],
)
def test_a_record_begins_with_what_is_checked(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message):
        begun(**{"id": "L-1", "machine": "lead", "stage": "LEAD", "at": NINE, **fields})


# ---------------------------------------------------------------------------------------------------------- odd records

START = _entry("LEAD", None, NINE)


def _event(**fields: Any) -> Happened:  # noqa: ANN401 - what is refused is of any type
    return Happened(**{"id": "e", "at": NINE, "event": "won", **fields})


def _record(*fields: Any) -> Record:  # noqa: ANN401 - what is refused is of any type
    return Record(*fields)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _event(id=""), "event.id: saw '', expected text"),
        (lambda: _event(event=7), "event.event: saw 7, expected text"),
        (lambda: _event(actor=""), "event.actor: saw '', expected text"),
        (lambda: _event(at=NINE.replace(tzinfo=None)), "event.at: saw 2026-03-02T09:00:00 without a zone"),
        (lambda: _event(recorded_at="today"), "event.recorded_at: saw 'today', expected an aware datetime"),
        (lambda: _event(sequence=True), "event.sequence: saw true, expected a whole number"),
        (lambda: _event(sequence=2**63), "event.sequence: saw 9223372036854775808, expected a whole"),
        (lambda: _event(data="into"), "event.data: saw 'into', expected a mapping of names to texts"),
        (lambda: _event(data=7), "event.data: saw 7, expected a mapping of names to texts"),
        (lambda: _event(data=[("a",)]), "event.data: saw a list of 1, expected pairs"),
        (lambda: _event(data=[("a", "1"), ("a", "2")]), "event.data.a: saw the name twice"),
        (lambda: _event(data={"a": 1}), "event.data.a: saw 1, expected text"),
        (lambda: _event(data={"": "1"}), "event.data: saw '', expected text"),
        (lambda: _entry("", None, NINE), "entry.stage: saw '', expected text"),
        (lambda: _entry("LEAD", "", NINE), "entry.left: saw '', expected text"),
        (lambda: _entry("LEAD", None, NINE, policy=None), "entry.policy: saw nothing, expected text"),
        (lambda: _entry("LEAD", None, NINE, inferred=1), "entry.inferred: saw 1, expected true or false"),
        (lambda: _entry("LEAD", None, NINE, place=-1), "entry.place: saw -1, expected a whole number from 0"),
        (lambda: _record("", "lead", (START,)), "record.id: saw '', expected text"),
        (lambda: _record("L", None, (START,)), "record.machine: saw nothing, expected text"),
        (lambda: _record("L", "lead", ()), "record.entries: saw a list of 0, expected at least one entry, the start"),
        (lambda: _record("L", "lead", START), "record.entries: saw Entry"),
        (lambda: _record("L", "lead", (START, "MQL")), r"record.entries\[1\]: saw 'MQL', expected one of Entry"),
        (lambda: _record("L", "lead", (_entry("MQL", "LEAD", NINE),)), r"record.entries\[0\].left: saw 'LEAD', expected nothing"),
        (lambda: _record("L", "lead", (START, START)), r"record.entries\[1\].left: saw nothing, expected 'LEAD'"),
        (lambda: _record("L", "lead", (START,), (LIFE, START)), r"record.merged\[1\]: saw Entry"),
        (lambda: _record("L", "deal", (START,), (LIFE,)), r"record.merged\[0\]: saw Record\(.*\), expected a record of deal"),
        (lambda: _record("L", "lead", (START,), (Record("M", "lead", (START,), (LIFE,)),)), r"record.merged\[0\].* that holds no other"),
        (lambda: _record("L-1", "lead", (START,), (LIFE,)), r"record.merged\[0\].id: saw 'L-1' twice"),
        (lambda: _record("L", "lead", (START,), (LIFE, LIFE)), r"record.merged\[1\].id: saw 'L-1' twice"),
    ],
)
def test_what_is_no_history_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(FactError, match=message):
        make()


def test_instants_move_to_utc_and_data_is_sorted() -> None:
    berlin = NINE.astimezone(timezone(timedelta(hours=1)))
    event = Happened(id="e", at=berlin, event="merged", data=[["into", "L-2"], ("by", "maya")], recorded_at=berlin)
    assert (event.at.tzinfo, event.at, event.recorded_at) == (UTC, NINE, NINE)
    assert event.data == (("by", "maya"), ("into", "L-2"))
    assert _entry("LEAD", None, berlin).at.tzinfo is UTC


def test_reasons_are_not_shown() -> None:
    event = Happened(id="e", at=NINE, event="rejected", reason="Ana is rude")
    assert "Ana" not in repr((event, entered("LEAD", "MQL", event, move="reject"), LIFE))
    assert repr(event) == "Happened('e', rejected, 2026-03-02T09:00:00Z)"


# --------------------------------------------------------------------------------------------------------------- merging


def _duplicate(name: str, hours: int = 0) -> Record:
    later = timedelta(hours=hours)
    return Record(name, "lead", (_entry("LEAD", None, NINE + later), _entry("MERGED", "LEAD", TEN + later, "merged")))


def test_a_merged_record_stands_where_it_stood_and_keeps_both_trails() -> None:
    """LC-9."""
    both = merge(LIFE, _duplicate("L-2"))
    assert (both.stage, both.entries, count(both, "LEAD")) == ("MQL", LIFE.entries, 2)
    assert [(name, entry.stage, entry.at) for name, entry in trail(both)] == [
        ("L-1", "LEAD", NINE),
        ("L-2", "LEAD", NINE),
        ("L-1", "MQL", TEN),
        ("L-1", "SAL", TEN),
        ("L-2", "MERGED", TEN),
        ("L-1", "LEAD", ELEVEN),
        ("L-1", "LEAD", NOON),
        ("L-1", "MQL", NOON),
    ]
    assert repr(both).endswith("entries=6, merged=1)")


def test_the_order_of_merging_never_matters() -> None:
    two, three = _duplicate("L-2"), _duplicate("L-3", 1)
    assert merge(merge(LIFE, three), two) == merge(LIFE, two, three) == merge(LIFE, merge(two, three))
    assert merge(LIFE, two, two) == merge(LIFE, two)
    assert merge(LIFE) == LIFE


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Record("L-2", "deal", (START,)), "record.machine: saw 'deal', expected 'lead'"),
        (_duplicate("L-1"), "record.id: saw 'L-1' twice"),
        (merge(_duplicate("L-3"), _duplicate("L-2", 1)), "record.id: saw 'L-2' twice"),
    ],
)
def test_records_that_cannot_be_one_are_not_merged(other: Record, message: str) -> None:
    with pytest.raises(FactError, match=message):
        merge(merge(LIFE, _duplicate("L-2")), other)


# ------------------------------------------------------------------------------------------------------------ plain form


def test_the_plain_form_says_everything_and_gives_it_back() -> None:
    told = to_dict(merge(LIFE, _duplicate("L-2")))
    entries = told["entries"]
    assert isinstance(entries, list)
    assert entries[3] == {
        "stage": "LEAD",
        "left": "SAL",
        "at": "2026-03-02T11:00:00Z",
        "event_id": "e-rejected",
        "event": "rejected",
        "move": "rejected",
        "data": {"category": "bad_fit"},
        "actor": "maya",
        "reason": "too small",
        "policy": "f1",
        "inferred": False,
        "sequence": 0,
        "place": 0,
    }
    back = restored(json.loads(json.dumps(told)))
    assert back == merge(LIFE, _duplicate("L-2"))
    assert json.dumps(to_dict(back)) == json.dumps(told)
    assert "merged" not in to_dict(LIFE)


def test_a_redacted_record_says_no_reason() -> None:
    assert "too small" not in json.dumps(to_dict(merge(_duplicate("L-2"), LIFE), redact=True))
    assert json.dumps(to_dict(LIFE, redact=True)).count("(personal)") == 1


ROW = {"stage": "LEAD", "left": None, "at": "2026-03-02T09:00:00Z", "event_id": "", "event": "", "move": ""}
PLAIN = {"id": "L-1", "machine": "lead", "entries": [ROW]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "record: saw a list of 0, expected a table"),
        ({"id": "L-1"}, "record.machine: saw nothing, expected a value for this key"),
        (PLAIN | {"stage": "MQL"}, "record: saw the key 'stage', expected one of id, machine, entries, merged"),
        (PLAIN | {"id": 7}, "record.id: saw 7, expected text"),
        (PLAIN | {"entries": {}}, "record.entries: saw a table of 0, expected a list"),
        (PLAIN | {"entries": ["x"]}, r"record.entries\[0\]: saw 'x', expected a table"),
        (PLAIN | {"entries": [ROW | {"at": "today"}]}, r"record.entries\[0\].at: saw 'today', expected an ISO 8601 instant"),
        (PLAIN | {"entries": [ROW | {"at": None}]}, r"record.entries\[0\].at: saw nothing, expected the text of"),
        (PLAIN | {"entries": [ROW | {"stage": ""}]}, r"record.entries\[0\].stage: saw '', expected text"),
        (PLAIN | {"entries": [{"stage": "LEAD"}]}, r"record.entries\[0\].left: saw nothing, expected a value"),
        (PLAIN | {"entries": [ROW | {7: 7}]}, r"record.entries\[0\]: saw the key 7, expected one of stage"),
        (PLAIN | {"entries": []}, "record.entries: saw a list of 0, expected at least one entry"),
        (PLAIN | {"merged": "x"}, "record.merged: saw 'x', expected a list"),
        (PLAIN | {"merged": [PLAIN | {"merged": []}]}, r"record.merged\[0\]: saw the key 'merged', expected one of id, machine, entries"),
        (PLAIN | {"merged": [PLAIN | {"id": ""}]}, r"record.merged\[0\].id: saw '', expected text"),
        (PLAIN | {"merged": [PLAIN | {"entries": [ROW | {"place": "x"}]}]}, r"record.merged\[0\].entries\[0\].place: saw 'x', expected a"),
    ],
)
def test_plain_data_that_is_no_record_is_refused_with_its_path(data: object, message: str) -> None:
    with pytest.raises(FactError, match=f"^{message}"):
        restored(data)


def test_what_has_a_default_may_be_left_out() -> None:
    assert restored(PLAIN) == Record("L-1", "lead", (START,))
