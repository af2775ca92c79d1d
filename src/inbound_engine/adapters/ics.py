"""How do calendars and task lists write it? (iCalendar, RFC 5545)

Tasks as `plans.tasks` and `sla.tasks` give them become the text of a calendar with one to-do, or one event, for each. Nothing
is written or sent: the text is the caller's. The same tasks and the same instant give the same text.

Wants the package `icalendar`, an extra: `inbound-engine[calendar]`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

try:
    from icalendar import Calendar, Event, Todo
except ImportError as _absent:
    _WANTED = "inbound_engine.adapters.ics wants the package icalendar: install inbound-engine[calendar]"
    raise ImportError(_WANTED) from _absent

from inbound_engine.decisions import Plain
from inbound_engine.errors import FactError, shown
from inbound_engine.spans import instant, parse_instant

__all__ = ["calendar"]

_OWN = frozenset({"id", "title", "due"})


def calendar(
    tasks: Iterable[Mapping[str, Plain]], *, at: datetime, kind: Literal["todo", "event"] = "todo", name: str = "inbound_engine"
) -> str:
    """The text of a calendar with a to-do, due at its instant, for each task; or with an event that begins then.

    A task has an `id`, unique among them, a `title` and a `due` instant in text; what else it says stands in the description, a
    line each, what is None left out. `at` is when the text is made (DTSTAMP). Lines end as RFC 5545 wants, in CR LF.

    >>> from inbound_engine.spans import parse_instant
    >>> text = calendar([{"id": "L-1/call-0", "title": "Call", "due": "2026-03-02T09:05:00Z"}], at=parse_instant("2026-03-02T09:00Z"))
    >>> sorted(line for line in text.splitlines() if line.startswith(("DUE", "SUMMARY", "UID")))
    ['DUE:20260302T090500Z', 'SUMMARY:Call', 'UID:L-1/call-0@inbound-engine']
    """
    if kind not in {"todo", "event"}:
        raise FactError("kind", shown(kind), '"todo" or "event"')
    stamp, whole, seen = instant(at), Calendar(), set[str]()
    whole.add("prodid", "-//inbound_engine//EN")
    whole.add("version", "2.0")
    whole.add("x-wr-calname", name)
    for number, task in enumerate(tasks):
        path = f"tasks[{number}]"
        uid, title, due = (_text(task, key, path) for key in ("id", "title", "due"))
        if uid in seen:
            raise FactError(f"{path}.id", f"{shown(uid)} twice", "ids that differ")
        seen.add(uid)
        entry = Todo() if kind == "todo" else Event()
        entry.add("uid", f"{uid}@inbound-engine")
        entry.add("dtstamp", stamp)
        entry.add("summary", title)
        entry.add("due" if kind == "todo" else "dtstart", parse_instant(due, f"{path}.due"))
        lines = [f"{key.replace('_', ' ')}: {_words(value)}" for key, value in task.items() if key not in _OWN and value not in (None, [])]
        if lines:
            entry.add("description", "\n".join(lines))
        whole.add_component(entry)
    text: bytes = whole.to_ical()
    return text.decode()


def _text(task: Mapping[str, Plain], key: str, path: str) -> str:
    value = task.get(key)
    if isinstance(value, str) and value:
        return value
    raise FactError(f"{path}.{key}", shown(value), "text", "Take tasks as plans.tasks and sla.tasks give them.")


def _words(value: Plain) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
