"""Segment and RudderStack: calls of websites, products and servers, read as activities of a person and as facts of a lead.

A call has a type: `track`, `page` and `screen` say what somebody did, `identify` and `group` what somebody is and belongs to,
`alias` who they were before. Each is delivered at least once: a call whose `messageId` was read before is refused. Calls come in any
order, so what is told is ordered by `timestamp`, which both systems correct for the clock of the device; `receivedAt` is when it was
known.

What a name of a `track` call is to us stands in `TYPES`, which lists the events that Segment documents for emails and for B2B
software. Every company has names of its own: those that are not listed are refused by name, until types are passed that list them.
A `page` is a page view, whatever it is called.

`context.campaign` has the UTM parameters, its `name` being `utm_campaign`; those that it has not are read from the link of the page.
Somebody who is not known yet has an `anonymousId` alone; `users` says who they turned out to be, where a call names both.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Literal, TypeAlias

from attrs import field, frozen

from inbound_engine.errors import FactError, nearest, one_of, shown
from inbound_engine.exports import Batch, Row, Told, link, read_each
from inbound_engine.facts import Activity
from inbound_engine.history import Happened
from inbound_engine.intake import Record

__all__ = ["COMPANY_TRAITS", "TRAITS", "TYPES", "CallType", "Profile", "activities", "people", "records", "users"]

Type: TypeAlias = Literal["page", "screen", "track"]

_BY_EMAIL = (("channel", "email"),)


@frozen
class CallType:
    """Calls of a type, or of one name of it, and what they are to us: a `kind` of activity of a person, or an `event` of a record.

    Without a name, every call of the type. `content` is the property that names what was asked for ("asset"); without it the path of
    the page is the content. With neither kind nor event they are known to be nothing that moves anybody: refused by name.
    """

    type: Type
    name: str | None = None
    kind: str | None = None
    event: str | None = None
    content: str | None = None
    data: tuple[tuple[str, str], ...] = ()


TYPES: tuple[CallType, ...] = (
    CallType("page", kind="page_view"),
    CallType("screen"),  # of an app: what that says is the seller's to know
    CallType("track", "Email Bounced", event="bounced", data=_BY_EMAIL),
    CallType("track", "Email Delivered"),
    CallType("track", "Email Link Clicked", kind="email_click"),
    CallType("track", "Email Marked as Spam", event="opted_out", data=_BY_EMAIL),
    CallType("track", "Email Opened", kind="email_open"),
    CallType("track", "Unsubscribed", event="opted_out", data=_BY_EMAIL),
    CallType("track", "Account Created"),
    CallType("track", "Account Deleted"),
    CallType("track", "Signed Up"),  # for a trial, a free plan or an invitation: the seller knows
    CallType("track", "Signed In"),
    CallType("track", "Signed Out"),
    CallType("track", "Invite Sent"),
    CallType("track", "Account Added User"),
    CallType("track", "Account Removed User"),
    CallType("track", "Trial Started", kind="trial_signup"),
    CallType("track", "Trial Ended"),
)
"""The names that Segment documents for emails and B2B software, and what they are to us; the first that fits counts."""

TRAITS: Mapping[str, str] = {
    "name": "name",
    "email": "email",
    "title": "title",
    "company.name": "account.name",
    "company.industry": "account.industry",
    "company.employee_count": "account.employees",
}
"""Traits of `identify` calls and the facts that they are, as `intake` reads them; `account.` leads to the account."""

COMPANY_TRAITS: Mapping[str, str] = {"name": "account.name", "industry": "account.industry", "employees": "account.employees"}
"""Traits of `group` calls and the facts that they are."""

_EMAIL = frozenset({"email_open", "email_click"})
_DEPTH = 3  # context.campaign.source


@frozen(kw_only=True)
class Profile:
    """What one call says of somebody: facts under the names that `intake` reads, and the id of their account, where it names one."""

    id: str
    at: datetime
    facts: tuple[tuple[str, object], ...] = field(repr=False)
    account: str | None = None


def activities(
    calls: Iterable[Record], *, types: Sequence[CallType] = TYPES, users: Mapping[str, str] | None = None
) -> Batch[Activity | Happened]:
    """What `track`, `page` and `screen` calls tell of each person: activities, and events of the record.

    The record is the `userId`, else what `users` says of the `anonymousId`, else that id itself. Calls of other types are refused by
    type: `people` reads them. A call without `messageId` or `timestamp` is refused, and one whose `messageId` was told before.

    >>> call = {"type": "track", "messageId": "m-1", "userId": "7", "event": "Demo Requested", "timestamp": "2026-03-02T09:00:00Z",
    ...         "context": {"campaign": {"name": "spring", "source": "news"}, "page": {"path": "/demo"}}}
    >>> (told,) = activities([call], types=(CallType("track", "Demo Requested", kind="demo_request"), *TYPES)).told
    >>> told.record, told.said.kind, told.said.content, told.said.utm["campaign"]
    ('7', 'demo_request', '/demo', 'spring')
    """
    known = users or {}
    seen: set[str] = set()

    def read(row: Row) -> list[tuple[str, Activity | Happened]]:
        name = row.needed("messageId")
        said = _done(row, name, types, known)
        _unseen(name, seen)
        return [(_person(row, known)[0], said)]

    return read_each(calls, read, name=("messageId",), laid_out=_flat)


def people(
    calls: Iterable[Record],
    *,
    traits: Mapping[str, str] = TRAITS,
    company_traits: Mapping[str, str] = COMPANY_TRAITS,
    users: Mapping[str, str] | None = None,
) -> Batch[Profile]:
    """What `identify` and `group` calls say of each person and their account, call by call; `records` puts it together.

    A trait is found whatever its spelling (`employee_count`, `employeeCount`); one that no table lists is left alone. The account is
    the `groupId` of the call or of its context, of an `identify` call also the id of its company. Calls of other types are refused by
    type, and what says neither a fact nor an account is refused.

    >>> call = {"type": "identify", "messageId": "m-1", "userId": "7", "timestamp": "2026-03-02T09:00:00Z",
    ...         "traits": {"email": "ana@acme.example", "company": {"id": "acme", "employee_count": 240}}}
    >>> people([call]).said[0].facts
    (('email', 'ana@acme.example'), ('account.employees', 240))
    """
    known = users or {}
    seen: set[str] = set()

    def read(row: Row) -> list[tuple[str, Profile]]:
        name = row.needed("messageId")
        said = _profile(row, name, traits, company_traits)
        _unseen(name, seen)
        return [(_person(row, known)[0], said)]

    return read_each(calls, read, name=("messageId",), laid_out=_flat)


def records(*batches: Batch[Profile]) -> tuple[Record, ...]:
    """One record a person, as `intake.leads` reads it, by id: of each fact what was said last, by `timestamp`, then by `messageId`.

    Facts of an account are those that were said of it by whomever. Who left one account for another has the later one.

    >>> at = "2026-03-02T09:00:00Z"
    >>> calls = [
    ...     {"type": "identify", "messageId": "m-1", "userId": "7", "timestamp": at, "traits": {"email": "ana@acme.example"}},
    ...     {"type": "group", "messageId": "m-2", "userId": "7", "timestamp": at, "groupId": "acme", "traits": {"employees": "240"}},
    ... ]
    >>> records(people(calls))
    ({'id': '7', 'email': 'ana@acme.example', 'account': {'employees': '240', 'id': 'acme'}},)
    """
    first: dict[str, Told[Profile]] = {}
    for batch in batches:
        for told in batch.told:
            first.setdefault(told.said.id, told)
    own: dict[str, dict[str, object]] = {}
    home: dict[str, str] = {}
    companies: defaultdict[tuple[str, str], dict[str, object]] = defaultdict(dict)
    for told in sorted(first.values(), key=attrgetter("said.at", "said.id")):
        person = own.setdefault(told.record, {"id": told.record})
        if told.said.account is not None:
            home[told.record] = told.said.account
        company = companies[("account", home[told.record]) if told.record in home else ("person", told.record)]
        for fact, value in told.said.facts:
            if fact.startswith("account."):
                company[fact.removeprefix("account.")] = value
            else:
                person[fact] = value
    return tuple(_with_account(own[name], name, home.get(name), companies) for name in sorted(own))


def users(calls: Iterable[object]) -> dict[str, str]:
    """Who the unknown turned out to be: the user of each anonymous id that some call names beside exactly one `userId`.

    An `alias` call says it too, with its `previousId`. An id that several users share (one browser, two people) is left out, and calls
    that cannot be read say nothing here.

    >>> users([{"anonymousId": "a", "userId": "7"}, {"anonymousId": "b", "userId": "7"}, {"anonymousId": "b", "userId": "8"}])
    {'a': '7'}
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for number, call in enumerate(calls):
        try:
            row = Row(number, call)
            user, names = row.text("userId"), (row.text("anonymousId"), row.text("previousId"))
        except FactError:
            continue
        for name in names:
            if user is not None and name is not None:
                found[name].add(user)
    return {name: min(several) for name, several in sorted(found.items()) if len(several) == 1}


# -------------------------------------------------------------------------------------------------------------- details


def _person(row: Row, known: Mapping[str, str]) -> tuple[str, str | None]:
    """The record of whoever made the call, and their user id where that is known."""
    user, anonymous = row.text("userId"), row.text("anonymousId")
    if user is None and anonymous is not None:
        user = known.get(anonymous)
    record = user or anonymous
    if record is None:
        raise FactError("userId", "nothing", "a userId or an anonymousId", "A call that is about nobody is no activity.")
    return record, user


def _unseen(name: str, seen: set[str]) -> None:
    """Refuses a call that was read before; one that could not be read was not."""
    if name in seen:
        raise FactError("messageId", f"{shown(name)} again", "a call that was not read before", "The first of several deliveries counts.")
    seen.add(name)


def _done(row: Row, name: str, types: Sequence[CallType], known: Mapping[str, str]) -> Activity | Happened:
    at, received = row.needed_instant("timestamp"), row.instant("receivedAt")
    meant = _meant(row, types)
    own = f"segment:{name}"
    if meant.kind is None:
        return Happened(id=own, at=at, event=meant.event or "", data=meant.data, recorded_at=received, source="segment")
    by_email = meant.kind in _EMAIL
    address = row.text(*(("properties.link_url",) if by_email else ("properties.url", "context.page.url")))
    path = None if by_email else row.text("properties.path", "context.page.path")
    content, linked = (None, {}) if address is None else link(address)
    utm = {**linked, **_campaign(row)}
    return Activity(
        id=own,
        kind=meant.kind,
        at=at,
        recorded_at=received,
        content=(path or content) if meant.content is None else row.text(f"properties.{meant.content}"),
        channel="email" if by_email else None,
        campaign=utm.get("campaign") or (row.text("properties.campaign_name") if by_email else None),
        utm=utm,
        contact_id=_person(row, known)[1],
    )


def _meant(row: Row, types: Sequence[CallType]) -> CallType:
    kind = _type(row, {one.type for one in types}, "`people` reads who somebody is, `users` who they were.")
    column, name = ("event", row.needed("event")) if kind == "track" else ("name", row.text("name", "properties.name"))
    found = next((one for one in types if one.type == kind and one.name in {None, name}), None)
    if found is not None and (found.kind or found.event):
        return found
    close = nearest(name or "", [one.name for one in types if one.name and (one.kind or one.event)]) if found is None else None
    hint = f'Did you mean "{close}"?' if close else "Pass types that say what it is."
    raise FactError(column, shown(name), "a name that is a kind of activity or an event", hint)


def _type(row: Row, known: Iterable[str], hint: str) -> str:
    kind = row.needed("type")
    if kind not in known:
        raise FactError("type", shown(kind), one_of(known), hint)
    return kind


def _campaign(row: Row) -> dict[str, str]:
    """The UTM parameters of `context.campaign`, by name: its `name` is the campaign, others of the seller's own keep theirs."""
    start = "context.campaign."
    found: dict[str, str] = {}
    for key, cells in row.cells.items():
        text = row.text(cells[0][0]) if key.startswith(start) else None
        if text is not None:
            own = cells[0][0][len(start) :].casefold().removeprefix("utm_")
            found["campaign" if own == "name" else own] = text
    return found


def _profile(row: Row, name: str, traits: Mapping[str, str], company_traits: Mapping[str, str]) -> Profile:
    kind = _type(row, ("group", "identify"), "`activities` reads what somebody did.")
    table = company_traits if kind == "group" else traits
    said = ((fact, row.seen(f"traits.{trait}")[1]) for trait, fact in table.items())
    facts = tuple((fact, value) for fact, value in said if value is not None)
    account = row.needed("groupId") if kind == "group" else row.text("context.groupId", "traits.company.id")
    if not facts and account is None:
        raise FactError("traits", "nothing that is a fact", one_of(traits), "Pass traits that list yours.")
    return Profile(id=name, at=row.needed_instant("timestamp"), facts=facts, account=account)


def _with_account(
    own: Mapping[str, object], name: str, account: str | None, companies: Mapping[tuple[str, str], Mapping[str, object]]
) -> Record:
    company = {**companies.get(("person", name), {}), **companies.get(("account", account or ""), {})}
    if account is not None:
        company["id"] = account
    return {**own, "account": company} if company else own


def _flat(call: object) -> object:
    """A call with what its tables hold beside its own cells, under dotted names (`context.campaign.source`)."""
    return _opened(call, "", _DEPTH) if isinstance(call, Mapping) else call


def _opened(table: Mapping[object, object], path: str, depth: int) -> dict[str, object]:
    cells: dict[str, object] = {}
    for key, value in table.items():
        name = f"{path}{key}"
        if isinstance(value, Mapping) and depth > 1:
            cells.update(_opened(value, f"{name}.", depth - 1))
        else:
            cells[name] = value
    return cells
