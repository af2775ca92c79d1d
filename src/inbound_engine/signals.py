"""What do the activities say, as of an instant?

A filter says which activities are meant: kinds, contents, channels, campaigns, or what the touchpoint catalogue says of
them. The catalogue (SC-8) maps activities to the stage of the journey they belong to and to their depth, intent, relevance
and whether they raise a hand; the first row that an activity matches is its touchpoint. An activity whose content nobody
noted matches no filter that asks for a content.

All filters of a policy are read in one pass: for each, how many activities there are inside its look-back `[at - d, at]`
and which is the latest. Activities dated after `at` are invisible (FD-2). What a filter asks of kinds and of the catalogue is
settled when the policy is compiled; of an activity only its content, and what a filter asks beyond that, is still looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.documents import Document, Id, Label, Rows, refuse
from inbound_engine.errors import PolicyError, Problem
from inbound_engine.facts import Activity
from inbound_engine.spans import EARLIEST, look_back
from inbound_engine.vocabulary import ActivityKind, TouchpointName

__all__ = ["ActivityFilter", "Catalogue", "Intent", "Query", "Signals", "Touchpoint", "asked", "read"]

Matcher: TypeAlias = Callable[[Activity], bool]
Entry: TypeAlias = tuple[int, Matcher | None, int]
"""A query that an activity may count for: its number, what is left to check (None: nothing), the index of its look-back."""
Entries: TypeAlias = tuple[Entry, ...]
ContentRow: TypeAlias = tuple[frozenset[str], tuple[str, ...], Entries]
"""The contents of a touchpoint, their beginnings, and the queries for activities of that touchpoint."""
Plan: TypeAlias = tuple[Entries, tuple[ContentRow, ...]]
"""For one kind: the queries for activities whose content is in no row, and the rows in order."""
Intent: TypeAlias = Literal["low", "medium", "high"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]

_MOST_STEPS = 2_000_000  # to make all plans; a second or so, and a thousand times what the shipped policy takes


class ActivityFilter(Document):
    """Which activities are meant: those that fit everything it says; a filter that says nothing means all.

    `contents` are whole contents, `content_starts` their beginnings, and one of either will do; `touchpoints`,
    `depth_at_least` and `hand_raise` ask the catalogue, where an activity that it does not list has depth 0 and raises no hand.
    """

    kinds: Rows[ActivityKind] = ()
    contents: Rows[Text] = ()
    content_starts: Rows[Text] = ()
    channels: Rows[Text] = ()
    campaigns: Rows[Text] = ()
    touchpoints: Rows[TouchpointName] = ()
    depth_at_least: Annotated[int, Field(ge=0, le=3)] | None = None
    hand_raise: bool | None = None
    marketing: bool | None = None


class Touchpoint(Document):
    """A row of the catalogue: which activities it means, and what they tell (SC-8).

    `depth` grades content from 0 (blog) to 3 (pricing, demo, trial, contact form).
    """

    id: Id
    label: Label = ""
    stage: Literal["awareness", "education", "selection"]
    kinds: Rows[ActivityKind] = ()
    contents: Rows[Text] = ()
    content_starts: Rows[Text] = ()
    depth: Annotated[int, Field(ge=0, le=3)] = 0
    intent: Intent = "low"
    relevance: Intent = "low"
    hand_raise: bool = False
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Touchpoint":
        if not (self.kinds or self.contents or self.content_starts):
            refuse(
                [Problem("kinds", "nothing", "kinds, contents or content_starts", "A touchpoint without them would mean every activity.")]
            )
        return self


@frozen
class Catalogue:
    """The touchpoints of a policy, in order.

    >>> blog = Touchpoint(id="blog", stage="education", kinds=["page_view"], content_starts=["blog/"])
    >>> Catalogue.of([blog]).touchpoint(Activity(id="1", kind="page_view", content="blog/seo", at=EARLIEST)).id
    'blog'
    """

    rows: tuple[Touchpoint, ...]

    @classmethod
    def of(cls, touchpoints: Iterable[Touchpoint]) -> "Catalogue":
        """The catalogue that those rows make."""
        return cls(tuple(touchpoints))

    def touchpoint(self, activity: Activity) -> Touchpoint | None:
        """The first row that the activity matches, or None."""
        return next((row for row in self.rows if _has_kind(row, activity.kind) and _content_matcher(row)(activity)), None)

    def raises_hand(self, activity: Activity) -> bool:
        """Whether the row that the activity matches is one of a hand that is raised."""
        if not any(row.hand_raise and _has_kind(row, activity.kind) for row in self.rows):
            return False  # and so for most of them, without a look at what was seen
        row = self.touchpoint(activity)
        return row is not None and row.hand_raise


@frozen
class Query:
    """A filter and its look-back in days; None looks back over all time."""

    activities: ActivityFilter
    within_days: int | None = None


@frozen(eq=False)
class Signals:
    """Every query of a policy, numbered; made once, read for each lead in one pass.

    `plans` holds a plan for each kind of activity that a query or the catalogue names, `other` the one for every other kind.
    """

    queries: tuple[Query, ...]
    look_backs: tuple[int | None, ...]
    plans: dict[str, Plan] = field(repr=False)
    other: Plan = field(repr=False)

    @classmethod
    def of(cls, queries: Sequence[Query], catalogue: Catalogue) -> "Signals":
        """The queries, compiled; `PolicyError` where kinds, touchpoints and queries are too many together."""
        look_backs = tuple(dict.fromkeys(query.within_days for query in queries))
        lines = tuple(
            (query.activities, (number, _beyond_catalogue(query.activities), look_backs.index(query.within_days)))
            for number, query in enumerate(queries)
        )
        kinds = _kinds([query.activities for query in queries], catalogue)
        plans = {kind: _plan(kind, lines, catalogue) for kind in kinds}
        return cls(tuple(queries), look_backs, plans, _plan(None, lines, catalogue))


def read(signals: Signals, activities: Iterable[Activity], at: datetime) -> tuple[list[int], list[datetime | None]]:
    """For each query, how many activities lie in its look-back, and the instant of the latest of them (None without one).

    One pass, whatever the number of queries; the order of the activities does not matter.

    >>> from inbound_engine.spans import parse_instant
    >>> seen = Signals.of([Query(ActivityFilter(kinds=("visit",)), within_days=7)], Catalogue.of(()))
    >>> visits = [Activity(id=str(day), kind="visit", at=parse_instant(f"2026-03-{day:02}T09:00Z")) for day in (1, 2, 9, 20)]
    >>> counts, latest = read(seen, visits, parse_instant("2026-03-09T09:00Z"))
    >>> counts, latest[0].day
    ([2], 9)
    """
    counts = [0] * len(signals.queries)
    latest: list[datetime | None] = [None] * len(signals.queries)
    since = [EARLIEST if days is None else look_back(at, days) for days in signals.look_backs]
    plans, other = signals.plans, signals.other
    for activity in activities:
        when = activity.at
        if when > at:
            continue
        entries, rows = plans.get(activity.kind, other)
        if rows:  # as in `asked`, which would cost a call for every activity here
            content = activity.content
            if content is not None:
                for contents, starts, listed in rows:
                    if content in contents or content.startswith(starts):
                        entries = listed
                        break
        for number, fits, window in entries:
            if when >= since[window] and (fits is None or fits(activity)):
                counts[number] += 1
                last = latest[number]
                if last is None or when > last:
                    latest[number] = when
    return counts, latest


def asked(signals: Signals, activity: Activity) -> Entries:
    """The queries that the activity counts for, in order, as far as its kind and its touchpoint say.

    Of each its number, what is left to check (None: nothing) and the index of its look-back.
    """
    entries, rows = signals.plans.get(activity.kind, signals.other)
    content = activity.content
    if content is not None:
        for contents, starts, listed in rows:
            if content in contents or content.startswith(starts):
                return listed
    return entries


# ------------------------------------------------------------------------------------------------------------- compiled


def _kinds(filters: Sequence[ActivityFilter], catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds that a filter or the catalogue names, once it is sure that their plans can be made in good time."""
    asking, listing = Counter[str](), Counter[str]()
    for activities in filters:
        asking.update(activities.kinds)
    for row in catalogue.rows:
        listing.update(row.kinds)
    asking_all, listing_all = sum(not activities.kinds for activities in filters), sum(not row.kinds for row in catalogue.rows)
    kinds = tuple(sorted({*asking, *listing}))
    steps = sum(len(filters) + (asking_all + asking[kind]) * (listing_all + listing[kind]) for kind in kinds)
    if steps > _MOST_STEPS:
        saw = f"{len(catalogue.rows)} touchpoints, {len(filters)} filters and {len(kinds)} kinds of activity"
        raise PolicyError([Problem("touchpoints", saw, "fewer of them", "Say kinds in every touchpoint, or remove some.")])
    return kinds


def _plan(kind: str | None, lines: Iterable[tuple[ActivityFilter, Entry]], catalogue: Catalogue) -> Plan:
    """The plan for activities of one kind; for None, of kinds that nobody names.

    Rows of the catalogue are tried in order up to the first that asks for no content, since that one takes what is left.
    """
    fitting = tuple((activities, entry) for activities, entry in lines if _has_kind(activities, kind))
    rows: list[ContentRow] = []
    listed = catalogue.rows if any(map(_asks_catalogue, (activities for activities, _ in fitting))) else ()
    for row in listed:
        if _has_kind(row, kind):
            entries = tuple(entry for activities, entry in fitting if _means(activities, row))
            if not row.contents and not row.content_starts:
                return entries, tuple(rows)
            rows.append((frozenset(row.contents), row.content_starts, entries))
    return tuple(entry for activities, entry in fitting if _means(activities, None)), tuple(rows)


def _has_kind(row: ActivityFilter | Touchpoint, kind: str | None) -> bool:
    return not row.kinds or kind in row.kinds


def _asks_catalogue(activities: ActivityFilter) -> bool:
    return bool(activities.touchpoints) or activities.depth_at_least is not None or activities.hand_raise is not None


def _means(activities: ActivityFilter, row: Touchpoint | None) -> bool:
    """Whether activities of that touchpoint (None: of none) are meant, as far as the catalogue decides."""
    name, depth, hand_raise = ("", 0, False) if row is None else (row.id, row.depth, row.hand_raise)
    return (
        (not activities.touchpoints or name in activities.touchpoints)
        and (activities.depth_at_least is None or depth >= activities.depth_at_least)
        and (activities.hand_raise is None or hand_raise is activities.hand_raise)
    )


def _beyond_catalogue(activities: ActivityFilter) -> Matcher | None:
    """What is left to check once the kind and the touchpoint fit; None when nothing is."""
    checks: list[Matcher] = []
    if activities.contents or activities.content_starts:
        checks.append(_content_matcher(activities))
    if activities.channels:
        checks.append(_field_matcher("channel", activities.channels))
    if activities.campaigns:
        checks.append(_field_matcher("campaign", activities.campaigns))
    if activities.marketing is not None:
        checks.append(_field_matcher("marketing", (activities.marketing,)))
    if len(checks) > 1:
        return lambda activity: all(check(activity) for check in checks)
    return checks[0] if checks else None


def _content_matcher(row: ActivityFilter | Touchpoint) -> Matcher:
    contents, starts = frozenset(row.contents), row.content_starts

    def fits(activity: Activity) -> bool:
        content = activity.content
        if not contents and not starts:
            return True
        return content is not None and (content in contents or content.startswith(starts))

    return fits


def _field_matcher(name: str, allowed: Iterable[str | bool]) -> Matcher:
    among, value = frozenset(allowed), attrgetter(name)
    return lambda activity: value(activity) in among
