"""Tasks as the text of a calendar: what RFC 5545 asks for, held by a reader that is not ours."""

import importlib
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from inbound_engine import FactError, sla
from inbound_engine.adapters import ics
from inbound_engine.decisions import Plain
from inbound_engine.sla import Clock

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALL: dict[str, Plain] = {"id": "L-1/call-0", "title": "Call", "due": "2026-03-02T10:05:00+01:00", "channel": "call", "notes": ["a", "b"]}


def entries(text: str, kind: str = "VTODO") -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk(kind))


def test_a_task_becomes_a_to_do_with_its_due_instant_in_utc() -> None:
    first, *lines, last, end = ics.calendar([CALL], at=AT).split("\r\n")
    assert (first, last, end) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    start = lines.index("BEGIN:VTODO")
    assert sorted(lines[:start]) == ["PRODID:-//inbound_engine//EN", "VERSION:2.0", "X-WR-CALNAME:inbound_engine"]
    assert sorted(lines[start:]) == [
        "BEGIN:VTODO",
        "DESCRIPTION:channel: call\\nnotes: a\\, b",
        "DTSTAMP:20260302T090000Z",
        "DUE:20260302T090500Z",
        "END:VTODO",
        "SUMMARY:Call",
        "UID:L-1/call-0@inbound-engine",
    ]


def test_an_event_begins_when_the_task_is_due() -> None:
    [event] = entries(ics.calendar([CALL], at=AT, kind="event"), "VEVENT")
    assert event["DTSTART"].dt == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert "DUE" not in event


@pytest.mark.parametrize("title", ["Call, with; odd \\ letters", "two\nlines", "Grüße an Zoë", "x" * 300, "END:VCALENDAR\r\nBEGIN:VEVENT"])
def test_any_title_is_read_back_as_it_was(title: str) -> None:
    """Hostile text stays text, long lines are folded and unfolded."""
    text = ics.calendar([CALL | {"title": title}], at=AT)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    [todo] = entries(text)
    assert str(todo["SUMMARY"]) == title.replace("\r\n", "\n")
    assert entries(text, "VEVENT") == []


def test_what_a_task_does_not_say_is_left_out() -> None:
    [todo] = entries(ics.calendar([{"id": "a", "title": "b", "due": "2026-03-02T09:05Z", "latest": None}], at=AT))
    assert "DESCRIPTION" not in todo


def test_the_same_tasks_give_the_same_text() -> None:
    assert ics.calendar([CALL], at=AT, name="Calls") == ics.calendar([dict(CALL)], at=AT, name="Calls")
    assert "X-WR-CALNAME:Calls\r\n" in ics.calendar([], at=AT, name="Calls")


def test_clocks_that_run_become_to_dos() -> None:
    clock = Clock(id="L-1", target=timedelta(minutes=5), start=AT, promise="T1", lead_id="L-1")
    [todo] = entries(ics.calendar(sla.tasks([sla.status(clock, at=AT)]), at=AT))
    assert todo["DUE"].dt == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert str(todo["SUMMARY"]) == "first response T1"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (
            {"title": "b", "due": "2026-03-02T09:05Z"},
            "tasks[0].id: saw nothing, expected text. Take tasks as plans.tasks and sla.tasks give them.",
        ),
        (
            {"id": "a", "title": "", "due": "2026-03-02T09:05Z"},
            "tasks[0].title: saw '', expected text. Take tasks as plans.tasks and sla.tasks give them.",
        ),
        (
            {"id": "a", "title": "b", "due": "2026-03-02T09:05"},
            "tasks[0].due: saw '2026-03-02T09:05', expected an ISO 8601 instant with its offset. Write it like \"2026-03-02T09:03:00Z\".",
        ),
    ],
)
def test_a_task_without_what_it_needs_is_refused(task: dict[str, Plain], message: str) -> None:
    with pytest.raises(FactError) as refused:
        ics.calendar([task], at=AT)
    assert str(refused.value) == message


def test_two_tasks_under_one_id_are_refused() -> None:
    with pytest.raises(FactError, match=r"tasks\[1\].id: saw 'L-1/call-0' twice"):
        ics.calendar([CALL, CALL], at=AT)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(FactError, match='kind: saw \'journal\', expected "todo" or "event"'):
        ics.calendar([CALL], at=AT, kind="journal")  # type: ignore[arg-type]  # refused at run time too


def test_without_the_package_the_room_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    monkeypatch.delitem(sys.modules, "inbound_engine.adapters.ics")
    with pytest.raises(ImportError, match=r"install inbound-engine\[calendar\]"):
        importlib.import_module("inbound_engine.adapters.ics")
