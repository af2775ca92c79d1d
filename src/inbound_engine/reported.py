"""What may be reported of a case, and how is it written down?

A case is moved by what is reported of it: activities and outreach, events of the lifecycle, exits and automatic replies, pauses,
opportunities, new facts, and who was found for it. Each has an id, under which it counts once, and the instant at which it happened.

A journal is a list of rows, one for each thing that moved a case, in the order in which it was told. It is what a host keeps: folding
it gives the case again (`following.resume`). Rows are plain data, and what is read back from them is what was written, letter for
letter.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from attrs import field, frozen

from inbound_engine import facts, intake, rotation
from inbound_engine.decisions import Plain, plain
from inbound_engine.errors import FactError, nearest, of_type, one_of, shown
from inbound_engine.facts import Activity, Lead, Opportunity, Outreach, Rep
from inbound_engine.history import Happened
from inbound_engine.plans import AutoReply, Exit
from inbound_engine.rotation import Entry
from inbound_engine.routing import NotRouted, Route, Unassigned
from inbound_engine.sla import Pause
from inbound_engine.spans import instant, parse_instant
from inbound_engine.vocabulary import Vocabulary

__all__ = ["Learned", "Released", "Report", "Routed", "lead_to_dict", "restored", "routed", "to_dict"]


def _id(value: str) -> str:
    if not of_type(value, str, "report.id"):
        raise FactError("report.id", shown(value), "text")
    return value


def _at(value: datetime) -> datetime:
    return instant(value, "report.at")


def _lead(value: Lead) -> Lead:
    return of_type(value, Lead, "report.lead", "`Engine.read` reads one from plain data.")


def _reason(value: str) -> str:
    return of_type(value, str, "report.reason")


def _retry_at(value: datetime | None) -> datetime | None:
    return None if value is None else instant(value, "report.retry_at")


def _notices(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Who is told, and as what they are: pairs of texts."""
    given: object = values
    if not isinstance(given, list | tuple) or not all(_is_notice(each) for each in given):
        raise FactError("report.notify", shown(given), "pairs of a rep and what the rep is to the lead")
    return tuple((rep, of) for rep, of in values)


def _is_notice(given: object) -> bool:
    return isinstance(given, list | tuple) and [*map(type, given)] == [str, str]


@frozen(kw_only=True)
class Learned:
    """What is known of the lead now, as of `at`: all its facts, in place of those before.

    The activities stay those of the case; what the lead brings that the case does not know is added to them, and means what it would
    mean alone: a hand that is raised, a reply, a return.
    """

    id: str = field(converter=_id)
    at: datetime = field(converter=_at)
    lead: Lead = field(converter=_lead)


@frozen(kw_only=True)
class Released:
    """The rep gives the lead back, or is out: somebody else is sought, and the rep keeps it until then (RT-7)."""

    id: str = field(converter=_id)
    at: datetime = field(converter=_at)
    reason: str = field(default="", converter=_reason)


@frozen(kw_only=True)
class Routed:
    """What routing said: `rep` has the lead, or nobody, until `retry_at` where it is known; or no person is to have it (`kept`).

    `routed` makes one of a route. A host that has leads given out elsewhere makes one by hand, with an entry of its own.
    """

    id: str = field(converter=_id)
    at: datetime = field(converter=_at)
    entry: Entry
    rep: Rep | None = None
    kept: bool = False
    retry_at: datetime | None = field(default=None, converter=_retry_at)
    notify: tuple[tuple[str, str], ...] = field(default=(), converter=_notices)

    def __attrs_post_init__(self) -> None:
        """Checks that the rep is the one of the entry, and that nobody has what is kept."""
        of_type(self.entry, Entry, "report.entry", "A route has one, as .entry.")
        theirs = None if self.rep is None else of_type(self.rep, Rep, "report.rep").id
        if theirs != self.entry.rep:
            raise FactError("report.rep", shown(theirs), f"the rep of the entry, {shown(self.entry.rep)}", "Pass the Rep of that id.")
        if of_type(self.kept, bool, "report.kept") and theirs is not None:
            raise FactError("report.kept", "true", f"false, since {shown(theirs)} has the lead")


Report: TypeAlias = Activity | Outreach | Happened | Exit | AutoReply | Pause | Opportunity | Learned | Released | Routed
"""What may be reported of a case."""


def routed(route: Route) -> Routed:
    """What a route says, as it is reported: told again, it is the same report (RO-14)."""
    entry, outcome = route.entry, route.outcome
    rep = route.given.team.by_id[entry.rep].rep if entry.rep in route.given.team.by_id else None
    if rep is None and entry.rep is not None:  # somebody who has left since
        rep = Rep(id=entry.rep, role="?")
    return Routed(
        id=f"{entry.lead_id}#{entry.attempt}/{entry.rep or 'nobody'}/{plain(entry.at)}",
        at=entry.at,
        entry=entry,
        rep=rep,
        kept=isinstance(outcome, NotRouted),
        retry_at=outcome.retry_at if isinstance(outcome, Unassigned) else None,
        notify=tuple((notice.rep, notice.of) for notice in route.notify),
    )


# ---------------------------------------------------------------------------------------------------------- written down

_Body: TypeAlias = Mapping[str, Any]


def to_dict(report: Report) -> dict[str, Plain]:
    """The report as plain data, under its `kind`; `restored` reads it back. What is no report is a `FactError`.

    >>> from inbound_engine.spans import parse_instant
    >>> to_dict(Exit("e-1", parse_instant("2026-03-02T09:00Z"), "reply"))["kind"]
    'exit'
    """
    match report:
        case Activity() | Outreach() | Opportunity():
            body = facts.to_dict(report)
        case Learned():
            body = {"id": report.id, "at": plain(report.at), "lead": lead_to_dict(report.lead)}
        case Routed():
            body = {
                **_written(report),
                "entry": report.entry.to_dict(),
                "rep": None if report.rep is None else facts.to_dict(report.rep),
                "notify": [[*pair] for pair in report.notify],
            }
        case Happened():
            body = {**_written(report), "data": dict(report.data)}
        case Exit() | AutoReply() | Pause() | Released():
            body = _written(report)
        case _:
            raise FactError("report", shown(report), one_of(_KINDS.values()), "An assessment or a route is no report; `routed` makes one.")
    return {"kind": _KINDS[type(report)], "body": body}


def lead_to_dict(lead: Lead) -> dict[str, Plain]:
    """The lead as plain data, its lists in the order that they have: what is read back is equal, and so is what follows from it.

    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> lead = Lead(id="L-1", activities=(Activity(id="b", kind="visit", at=at), Activity(id="a", kind="visit", at=at)))
    >>> [row["id"] for row in lead_to_dict(lead)["activities"]]
    ['b', 'a']
    """
    written = facts.to_dict(facts.carrying(lead, None))
    if lead.activities is not None:
        written["activities"] = [facts.to_dict(one) for one in lead.activities]
    if lead.observations:
        written["observations"] = [facts.to_dict(one) for one in lead.observations]
    return written


def restored(record: Mapping[str, Any], words: Vocabulary | None = None) -> Report:
    """The report that `to_dict` wrote, or that a host wrote likewise.

    Of a kind that nobody knows, with a field that such a report has not, or without one that it has, it is a `FactError` whose path
    leads into the record. `words` are those of the policy, where it declares facts or kinds of activities.

    >>> from inbound_engine.spans import parse_instant
    >>> report = Released(id="r-1", at=parse_instant("2026-03-02T09:00Z"), reason="ill")
    >>> restored(to_dict(report)) == report
    True
    >>> restored({"kind": "released", "body": {"id": "r-1", "at": "2026-03-02T09:00Z", "raeson": "ill"}})
    Traceback (most recent call last):
    inbound_engine.errors.FactError: report.body.raeson: saw a field called 'raeson', expected one of at, id, reason. Did you mean "reason"?
    """
    given = _table(record, "report", ("kind", "body"), ("kind", "body"))
    kind = given["kind"]
    if not isinstance(kind, str) or kind not in _KINDS.values():
        close = nearest(kind, _KINDS.values()) if isinstance(kind, str) else None
        raise FactError("report.kind", shown(kind), one_of(_KINDS.values()), f'Did you mean "{close}"?' if close else "")
    try:
        return _restored(kind, given["body"], words)
    except FactError as error:
        problem = error.problem
        first, _, rest = problem.path.partition(".")
        path = rest if first in _SELVES else problem.path
        raise FactError(f"report.body.{path}", problem.saw, problem.expected, problem.hint) from None


def _restored(kind: str, given: object, words: Vocabulary | None) -> Report:
    body: Any = given
    match kind:
        case "activity":
            return intake.activity(_mapping(body, "body"), words, tidy=False)
        case "outreach":
            return intake.outreach(_mapping(body, "body"), tidy=False)
        case "opportunity":
            return intake.opportunity(_mapping(body, "body"), tidy=False)
        case "learned":
            told = _told(body, Learned)
            return Learned(**{**told, "lead": _at_place("lead", intake.restored, _mapping(told["lead"], "lead"), words)})
        case "routed":
            told = _told(body, Routed)
            rep, entry = told.get("rep"), _at_place("entry", rotation.entry_of, told["entry"])
            read = None if rep is None else _at_place("rep", _rep, _mapping(rep, "rep"))
            return Routed(**{**told, "entry": entry, "rep": read})
        case "happened":
            return Happened(**_told(body, Happened))
        case "exit":
            return Exit(**_told(body, Exit))
        case "auto_reply":
            return AutoReply(**_told(body, AutoReply))
        case "pause":
            return Pause(**_told(body, Pause))
        case _:
            return Released(**_told(body, Released))


_KINDS: Mapping[type, str] = {
    Activity: "activity",
    Outreach: "outreach",
    Happened: "happened",
    Exit: "exit",
    AutoReply: "auto_reply",
    Pause: "pause",
    Opportunity: "opportunity",
    Learned: "learned",
    Released: "released",
    Routed: "routed",
}
_SELVES = frozenset({"report", "body", "activity", "touch", "outreach", "opportunity", "event", "exit", "auto_reply", "pause"})
"""What rooms call a report themselves in their paths."""


# Of each field: what it is in Python, None where it is read and written as it is by somebody else.
_FIELDS: Mapping[type, Mapping[str, type | None]] = {
    Learned: {"id": str, "at": datetime, "lead": None},
    Routed: {"id": str, "at": datetime, "entry": None, "rep": None, "kept": bool, "retry_at": datetime, "notify": None},
    Happened: {
        "id": str,
        "at": datetime,
        "event": str,
        "actor": str,
        "reason": str,
        "recorded_at": datetime,
        "sequence": int,
        "source": str,
        "data": None,
    },
    Exit: {"id": str, "at": datetime, "kind": str, "channel": str, "days": int},
    AutoReply: {"id": str, "at": datetime, "until": date},
    Pause: {"id": str, "at": datetime, "until": datetime, "planned": bool, "lead_id": str, "recorded_at": datetime},
    Released: {"id": str, "at": datetime, "reason": str},
}
_NEEDS: Mapping[type, tuple[str, ...]] = {Learned: ("lead",), Routed: ("entry",), Happened: ("event",), Exit: ("kind",)}
"""What such a report has besides its id and its instant."""


def _written(report: object) -> dict[str, Plain]:
    """The fields that are no values of their own, what is unknown left out; one of another kind could not be read back."""
    written: dict[str, Plain] = {}
    for name, kind in _FIELDS[type(report)].items():
        value = getattr(report, name)
        if kind is not None and value is not None:
            written[name] = plain(_of_kind(value, kind, f"report.{name}"))
    return written


def _told(given: object, cls: type) -> dict[str, Any]:
    """What the body says, by the fields of such a report, instants and dates read; what is None is left out."""
    known = _FIELDS[cls]
    body = _table(given, "body", known, ("id", "at", *_NEEDS.get(cls, ())))
    return {name: _read(value, known[name], name) for name, value in body.items() if value is not None}


def _read(value: object, kind: type | None, path: str) -> object:
    if kind is datetime:
        return parse_instant(of_type(value, str, path), path)
    if kind is not date:
        return value if kind is None else _of_kind(value, kind, path)
    try:
        return date.fromisoformat(of_type(value, str, path))
    except ValueError:  # so is a FactError
        raise FactError(path, shown(value), "a date", 'Write it like "2026-03-02".') from None


def _of_kind(value: object, kind: type, path: str) -> object:
    if not isinstance(value, kind) or (type(value) is not kind and kind in {int, date}):  # a bool is an int, an instant a date
        raise FactError(path, shown(value), _EXPECTED[kind])
    return value


_EXPECTED: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    date: "a date",
    datetime: "an aware datetime",
}


def _table(given: object, path: str, known: Iterable[str], needed: Iterable[str]) -> _Body:
    """The table with these names and no other, and with those that are needed."""
    table = _mapping(given, path)
    names = tuple(known)
    for name in table:
        if name not in names:
            close = nearest(str(name), names)
            hint = f'Did you mean "{close}"?' if close else "Remove it."
            raise FactError(f"{path}.{str(name)[:_LONGEST]}", f"a field called {shown(name)}", one_of(names), hint)
    for name in needed:
        if table.get(name) is None:
            raise FactError(f"{path}.{name}", "nothing", "a value")
    return table


_LONGEST = 80


def _mapping(given: object, path: str) -> _Body:
    if not isinstance(given, Mapping):
        raise FactError(path, shown(given), "a table")
    return given


def _rep(record: _Body) -> Rep:
    return intake.rep(record, tidy=False)


def _at_place(place: str, read: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401 - plain data, and whatever is read from it
    """What is read from there; a problem is told with the place before its path."""
    try:
        return read(*given)
    except FactError as error:
        problem = error.problem
        path = problem.path.removeprefix(f"{place}.")
        raise FactError(f"{place}.{path}", problem.saw, problem.expected, problem.hint) from None
