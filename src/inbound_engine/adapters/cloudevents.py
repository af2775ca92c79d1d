"""CloudEvents 1.0: what follows from a case, written as events for others, and events of others, read as what somebody did.

An event is an envelope around plain data: `id`, `source`, `specversion` and `type` must be there, none of them empty; `source` is a
reference to a URI, and `source` and `id` together stand for one event, however often it is delivered. An action has a key that never
changes, and its key is the id: whoever delivers it twice delivers one event, and receivers may drop the second.

Attributes are read and logged along the way, so nothing personal goes into them but the id of the lead, as `subject`; all else is in
`data`. What is made here are dictionaries: JSON, headers and queues are the caller's.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

from inbound_engine import intake
from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, of_type, shown
from inbound_engine.facts import Activity, Outreach
from inbound_engine.intake import Record
from inbound_engine.spans import instant, parse_instant
from inbound_engine.vocabulary import Vocabulary

__all__ = ["SPECVERSION", "Action", "activity", "event", "events", "outreach"]

SPECVERSION: Final = "1.0"
"""The version of the specification; its patches keep the number."""

_CONTENT: Final = "application/json"
_JSON = re.compile(r"application/(?:[A-Za-z0-9!#$&^_.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_ODD = re.compile("[\\x00-\\x1f\\x7f-\\x9f\ud800-\udfff\ufdd0-\ufdef]")  # control characters, half pairs, no characters
_LAST = 0xFFFE  # the last two of each plane are no characters either
_PART = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_REFERENCE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))"  # a scheme, or no colon in the first segment
    r"(?://\[[0-9A-Fa-fv:.]+\](?![^:/?#]))?"  # a host by its number
    rf"{_PART}*(?:\?(?:{_PART}|\?)*)?(?:\#(?:{_PART}|\?)*)?"
)
_TYPE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


class Action(Protocol):
    """What the host is to do, as a value.

    `key` tells it from every other, each time it is asked for; `kind` is what is to be done ("send", "escalate"); `lead_id` is whom it
    is about, `at` when it fell due; `to_dict` gives all of it as plain data.
    """

    @property
    def key(self) -> str: ...  # noqa: D102 - said above
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def lead_id(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    def to_dict(self) -> Mapping[str, Plain]: ...  # noqa: D102


def event(action: Action, *, source: str, prefix: str) -> dict[str, Plain]:
    """The action as a CloudEvent: its key is the id, its lead the subject, its instant the time in UTC, its plain data the data.

    `source` is a reference to a URI of the caller's ("https://crm.acme.example/inbound"), `prefix` begins the type and should be a
    domain written backwards ("com.acme.inbound"): an escalation is "com.acme.inbound.escalate". What the specification does not allow
    in an attribute is a `FactError` that names it.

    >>> from attrs import frozen
    >>> from inbound_engine.spans import parse_instant
    >>> @frozen
    ... class Escalate:
    ...     key: str
    ...     lead_id: str
    ...     at: datetime
    ...     kind: str = "escalate"
    ...
    ...     def to_dict(self) -> dict[str, Plain]:
    ...         return {"lead_id": self.lead_id, "to": "maya"}
    >>> due = Escalate("L-1/sla/escalate", "L-1", parse_instant("2026-03-02T09:05Z"))
    >>> for name, value in event(due, source="https://crm.acme.example/inbound", prefix="com.acme.inbound").items():
    ...     print(f"{name}: {value}")
    specversion: 1.0
    id: L-1/sla/escalate
    source: https://crm.acme.example/inbound
    type: com.acme.inbound.escalate
    subject: L-1
    time: 2026-03-02T09:05:00Z
    datacontenttype: application/json
    data: {'lead_id': 'L-1', 'to': 'maya'}
    """
    return _event(action, _source(source, "source"), _prefix(prefix))


def events(actions: Iterable[Action], *, source: str, prefix: str) -> tuple[dict[str, Plain], ...]:
    """Each action as a CloudEvent, in their order: what a batch of the JSON format holds.

    Two actions with one key are a `FactError`: they would be one event.

    >>> events([], source="/inbound", prefix="com.acme")
    ()
    """
    place, start = _source(source, "source"), _prefix(prefix)
    made: dict[Plain, dict[str, Plain]] = {}
    for number, action in enumerate(actions):
        found = _event(action, place, start)
        if found["id"] in made:
            raise FactError(f"actions[{number}].key", f"{shown(found['id'])} again", "a key that no earlier action has")
        made[found["id"]] = found
    return tuple(made.values())


def activity(event: Record, words: Vocabulary | None = None) -> Activity:
    """The activity that the data of a CloudEvent says, as `intake.activity` reads it; `FactError` names the attribute or `data.` the field.

    A record without `id` has the source and the id of its event, which are one and the same for every delivery; one without `at` has
    the time of the event. Extension attributes are left alone.

    >>> seen = {"specversion": "1.0", "id": "17", "source": "/shop", "type": "com.acme.viewed", "time": "2026-03-02T09:00:00Z",
    ...         "data": {"kind": "page_view", "content": "pricing"}}
    >>> activity(seen).id, activity(seen).content
    ('/shop 17', 'pricing')
    """
    record = _record(event)
    try:
        return intake.activity(record, words)
    except FactError as error:
        raise _within(error) from None


def outreach(event: Record) -> Outreach:
    """The touch of a seller that the data of a CloudEvent says, as `intake.outreach` reads it; errors and defaults as for `activity`.

    >>> made = {"specversion": "1.0", "id": "9", "source": "/dialler", "type": "com.acme.called", "time": "2026-03-02T09:04:00Z",
    ...         "data": {"lead_id": "L-1", "rep": "maya", "channel": "call", "human": True}}
    >>> outreach(made).rep
    'maya'
    """
    record = _record(event)
    try:
        return intake.outreach(record)
    except FactError as error:
        raise _within(error) from None


# -------------------------------------------------------------------------------------------------------------- details


def _event(action: Action, source: str, prefix: str) -> dict[str, Plain]:
    data = action.to_dict()
    if not isinstance(data, Mapping):
        raise FactError("action.to_dict()", shown(data), "a table of plain data")
    kind = of_type(action.kind, str, "action.kind")
    if not _TYPE.fullmatch(kind):
        raise FactError("action.kind", shown(kind), "a word of letters, digits, hyphens and underscores")
    return {
        "specversion": SPECVERSION,
        "id": _string(action.key, "action.key"),
        "source": source,
        "type": f"{prefix}.{kind}",
        "subject": _string(action.lead_id, "action.lead_id"),
        "time": plain(instant(action.at, "action.at")),
        "datacontenttype": _CONTENT,
        "data": dict(data),
    }


def _record(event: object) -> Record:
    """The data of an event, with the id and the time of its envelope where it has none."""
    if not isinstance(event, Mapping):
        raise FactError("event", shown(event), "a CloudEvent: a table of attributes")
    version = _string(event.get("specversion"), "specversion")
    if version != SPECVERSION:
        raise FactError("specversion", shown(version), f'"{SPECVERSION}"')
    name, source = _string(event.get("id"), "id"), _source(event.get("source"), "source")
    _string(event.get("type"), "type")
    content = event.get("datacontenttype")
    if content is not None and not _JSON.fullmatch(_string(content, "datacontenttype")):
        raise FactError("datacontenttype", shown(content), f'"{_CONTENT}", or nothing')
    data = event.get("data")
    if not isinstance(data, Mapping):
        raise FactError("data", shown(data), "a record: a table of fields", "Text and data_base64 are decoded by the caller.")
    time = event.get("time")
    at = None if time is None else parse_instant(_string(time, "time"), "time")
    return {"id": f"{source} {name}", "at": at, **{key: value for key, value in data.items() if value is not None}}


def _within(error: FactError) -> FactError:
    found = error.problem.under("data")
    return FactError(found.path, found.saw, found.expected, found.hint)


def _string(value: object, path: str) -> str:
    """Text that an attribute may hold."""
    text = of_type(value, str, path)
    if not text or _ODD.search(text) or any(ord(letter) & _LAST == _LAST for letter in text):
        raise FactError(path, shown(text), "text that is not empty and has no control characters")
    return text


def _source(value: object, path: str) -> str:
    text = _string(value, path)
    if not _REFERENCE.fullmatch(text):
        raise FactError(path, shown(text), "a reference to a URI", 'Write it like "https://crm.acme.example/inbound"; a space is "%20".')
    return text


def _prefix(value: object) -> str:
    text = of_type(value, str, "prefix")
    if not _TYPE.fullmatch(text):
        raise FactError("prefix", shown(text), "words with points between them", 'Write it like "com.acme.inbound".')
    return text
