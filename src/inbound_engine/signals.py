"""What do the activities say, as of an instant?

A filter says which activities are meant: kinds, contents, channels, campaigns, or what the touchpoint catalogue says of
them. The catalogue (SC-8) maps activities to the stage of the journey they belong to and to their depth, intent, relevance
and whether they raise a hand; the first row that an activity matches is its touchpoint. An activity whose content nobody
noted matches no filter that asks for a content.

All filters of a policy are read in one pass: for each, how many activities there are inside its look-back `[at - d, at]`
and which is the latest. Activities dated after `at` are invisible (FD-2).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from attrs import field, frozen
from pydantic import Field, model_validator

from inbound_engine.documents import Document, Id, Label, Rows, refuse
from inbound_engine.errors import Problem
from inbound_engine.facts import Activity
from inbound_engine.spans import EARLIEST, look_back
from inbound_engine.vocabulary import ActivityKind, TouchpointName

__all__ = ["ActivityFilter", "Catalogue", "Intent", "Query", "Signals", "Touchpoint", "matches", "read"]

Matcher: TypeAlias = Callable[[Activity], bool]
Intent: TypeAlias = Literal["low", "medium", "high"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]


class ActivityFilter(Document):
    """Which activities are meant: those that fit everything it says; a filter that says nothing means all.

    `contents` are whole contents, `content_starts` their beginnings; `touchpoints`, `depth_at_least` and `hand_raise` ask
    the catalogue.
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


@frozen(eq=False)
class Catalogue:
    """The touchpoints of a policy, in order, each with its matcher."""

    rows: tuple[tuple[Touchpoint, Matcher], ...]

    def __reduce__(self) -> tuple[Callable[..., "Catalogue"], tuple[tuple[Touchpoint, ...]]]:
        """Pickles by its rows; the matchers are made anew."""
        return Catalogue.of, (tuple(row for row, _ in self.rows),)

    @classmethod
    def of(cls, touchpoints: Iterable[Touchpoint]) -> "Catalogue":
        """The catalogue that those rows make."""
        return cls(tuple((row, _plain_matcher(row)) for row in touchpoints))

    def touchpoint(self, activity: Activity) -> Touchpoint | None:
        """The first row that the activity matches, or None."""
        return next((row for row, fits in self.rows if fits(activity)), None)


@frozen
class Query:
    """A filter and its look-back in days; None looks back over all time."""

    activities: ActivityFilter
    within_days: int | None = None


@frozen(eq=False)
class Signals:
    """Every query of a policy, numbered; made once, read for each lead in one pass.

    `by_kind` holds, for each kind of activity that some query names, the queries that it can match, and `others` those for
    every other kind: (number, matcher or None where the kind alone decides, index of the look-back).
    """

    queries: tuple[Query, ...]
    look_backs: tuple[int | None, ...]
    by_kind: dict[str, tuple[tuple[int, Matcher | None, int], ...]] = field(repr=False)
    others: tuple[tuple[int, Matcher | None, int], ...] = field(repr=False)

    @classmethod
    def of(cls, queries: Sequence[Query], catalogue: Catalogue) -> "Signals":
        """The queries, compiled."""
        look_backs = tuple(dict.fromkeys(query.within_days for query in queries))
        kinds = {query: _kinds(query.activities, catalogue) for query in queries}
        named = sorted(set().union(*(some for some in kinds.values() if some is not None)))

        def those(kind: str | None) -> tuple[tuple[int, Matcher | None, int], ...]:
            fitting = ((number, query) for number, query in enumerate(queries) if (some := kinds[query]) is None or kind in some)
            return tuple(
                (number, _matcher_beyond_kind(query.activities, catalogue), look_backs.index(query.within_days))
                for number, query in fitting
            )

        return cls(tuple(queries), look_backs, {kind: those(kind) for kind in named}, those(None))


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
    by_kind, others = signals.by_kind, signals.others
    for activity in activities:
        when = activity.at
        if when > at:
            continue
        for number, fits, window in by_kind.get(activity.kind, others):
            if when >= since[window] and (fits is None or fits(activity)):
                counts[number] += 1
                last = latest[number]
                if last is None or when > last:
                    latest[number] = when
    return counts, latest


def matches(activities: ActivityFilter, catalogue: Catalogue) -> Matcher:
    """A function that says whether one activity is meant by the filter."""
    beyond, kinds = _matcher_beyond_kind(activities, catalogue), _kinds(activities, catalogue)

    def meant(activity: Activity) -> bool:
        return (kinds is None or activity.kind in kinds) and (beyond is None or beyond(activity))

    return meant


def _plain_matcher(row: ActivityFilter | Touchpoint) -> Matcher:
    """What kinds and contents say, without the catalogue."""
    kinds, contents, starts = frozenset(row.kinds), frozenset(row.contents), tuple(row.content_starts)

    def fits(activity: Activity) -> bool:
        content = activity.content
        if kinds and activity.kind not in kinds:
            return False
        if not contents and not starts:
            return True
        return content is not None and (content in contents or content.startswith(starts))

    return fits


def _kinds(activities: ActivityFilter, catalogue: Catalogue) -> frozenset[str] | None:
    """The kinds that the filter can match; None where any kind might."""
    named = frozenset(activities.kinds) or None
    if not _asks_catalogue(activities) or activities.hand_raise is False or activities.depth_at_least == 0:
        return named
    rows = [row for row, _ in catalogue.rows if _row_fits(activities, row)]
    listed = None if any(not row.kinds for row in rows) else frozenset(kind for row in rows for kind in row.kinds)
    return listed if named is None else named if listed is None else named & listed


def _asks_catalogue(activities: ActivityFilter) -> bool:
    return bool(activities.touchpoints) or activities.depth_at_least is not None or activities.hand_raise is not None


def _row_fits(activities: ActivityFilter, row: Touchpoint) -> bool:
    """Whether activities of that touchpoint are meant, as far as the catalogue decides."""
    return (
        (not activities.touchpoints or row.id in activities.touchpoints)
        and (activities.depth_at_least is None or row.depth >= activities.depth_at_least)
        and (activities.hand_raise is None or row.hand_raise is activities.hand_raise)
    )


def _without_row(activities: ActivityFilter) -> bool:
    """Whether activities that the catalogue does not list are meant: they have depth 0 and raise no hand."""
    return not activities.touchpoints and not activities.depth_at_least and not activities.hand_raise


def _matcher_beyond_kind(activities: ActivityFilter, catalogue: Catalogue) -> Matcher | None:
    """What is left to check once the kind fits; None when nothing is."""
    checks: list[Matcher] = []
    if activities.contents or activities.content_starts:
        checks.append(_plain_matcher(activities.model_copy(update={"kinds": ()})))
    for name in ("channel", "campaign"):
        if allowed := frozenset(getattr(activities, f"{name}s")):
            checks.append(_one_of(name, allowed))
    if (marketing := activities.marketing) is not None:
        checks.append(lambda activity: activity.marketing is marketing)
    if _asks_catalogue(activities):
        meant = frozenset(row.id for row, _ in catalogue.rows if _row_fits(activities, row))
        checks.append(_listed(catalogue, meant, without_row=_without_row(activities)))
    if len(checks) <= 1:
        return checks[0] if checks else None
    return lambda activity: all(check(activity) for check in checks)


def _one_of(name: str, allowed: frozenset[str]) -> Matcher:
    return lambda activity: getattr(activity, name) in allowed


def _listed(catalogue: Catalogue, meant: frozenset[str], *, without_row: bool) -> Matcher:
    """Whether the activity's touchpoint is among those that are meant."""
    rows = tuple((row.id in meant, fits) for row, fits in catalogue.rows)

    def fits_catalogue(activity: Activity) -> bool:
        for included, fits in rows:
            if fits(activity):
                return included
        return without_row

    return fits_catalogue
