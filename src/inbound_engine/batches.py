"""How is a batch spread?

Many leads are routed in order of arrival, then id (RO-18), each from the rotation that the last one left. The report says what
every rep had against what was due to them, exactly, which caps were hit, and who waits. `assigning` lets a replay
route by the policy.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from attrs import evolve, frozen

from inbound_engine.decisions import decimal_text, html_table
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Roster
from inbound_engine.replays import Arrival, Assign, State, Until
from inbound_engine.rotation import Entry, Rotation, refuse_strangers
from inbound_engine.routing import Route, Unassigned, route
from inbound_engine.territories import Rules, Team, team
from inbound_engine.vocabulary import View

__all__ = ["Batch", "Load", "Report", "assigning", "report", "route_each", "stream"]

_CAPS: frozenset[str] = frozenset({"day_cap", "week_cap", "open_cap"})


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Load:
    """What a rep had of a batch: leads by the rotation and by name, and what was due to them of the turns that they were part of.

    `refused` counts the leads that they did not take and could not for a cap.
    """

    rep: str
    by_turn: int
    by_name: int
    due: Fraction
    refused: int

    @property
    def ahead(self) -> Fraction:
        """By how many leads they are ahead of what was due; below zero, behind."""
        return self.by_turn - self.due


@frozen
class Report:
    """How fairly a batch was spread: a load for each rep who had a lead, was part of a turn, or was refused, by id."""

    loads: tuple[Load, ...]
    assigned: int
    waiting: int
    not_routed: int
    repeated: int

    @property
    def largest(self) -> Fraction:
        """The largest deviation from what was due, ahead or behind; 0 where there was no turn."""
        return max((abs(load.ahead) for load in self.loads), default=Fraction())

    @property
    def caps_hit(self) -> int:
        """How often a rep could not take a lead for a cap."""
        return sum(load.refused for load in self.loads)

    def _repr_html_(self) -> str:
        """The loads as a table, for notebooks."""
        rows = (
            (load.rep, load.by_turn, load.by_name, decimal_text(load.due), decimal_text(load.ahead), load.refused) for load in self.loads
        )
        return html_table("Loads", ("rep", "by turn", "by name", "due", "ahead", "refused for a cap"), rows)


@frozen
class Batch:
    """The routes of a batch, in the order in which they were made, the rotation after them, and the report."""

    routes: tuple[Route, ...]
    rotation: Rotation
    report: Report

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the caller's log is to be extended by."""
        return tuple(route.entry for route in self.routes if not route.repeated)

    @property
    def waiting(self) -> tuple[Route, ...]:
        """The leads that nobody could take, oldest first: to be routed again at their `retry_at` (RO-12)."""
        return tuple(route for route in self.routes if isinstance(route.outcome, Unassigned) and not route.repeated)


# ------------------------------------------------------------------------------------------------------------ functions


def stream(
    rules: Rules,
    views: Iterable[View],
    roster: Roster | Team,
    rotation: Rotation,
    *,
    entries: Mapping[str, Sequence[Entry]] | None = None,
    open_leads: Mapping[str, int] | None = None,
    attempts: Mapping[str, int] | None = None,
) -> Iterator[Route]:
    """The routes of many leads, one after another, in order of arrival, then id (RO-18); each starts from the rotation of the last.

    A lead arrived when it was created, or without that at the instant of its view; it is decided at the instant of its view.
    `entries` are earlier ones by lead, `attempts` other attempts than the first. Open leads are counted on from `open_leads`, which
    are as of before the batch: a lead that is re-routed is still its last holder's there, and no longer when it has been routed. A
    lead that stands there twice is routed once, as of its earlier view, whatever came of it; the others say the same again, as
    `repeated`. The views are put in order first; of the routes nothing is kept but the rotation, and those of leads that stand there
    twice. Arguments of another kind, and a lead that cannot be routed, are a `FactError`; it names the lead.
    """
    found = team(rules, roster)
    refuse_strangers(rotation)
    ordered = sorted(_each_view(views), key=_arrival)
    for path, table, hint in (
        ("entries", entries, "Pass {entry.lead_id: [entry]}."),
        ("attempts", attempts, "Pass {lead_id: 2}."),
        ("open_leads", open_leads, 'Pass {"maya": 3}.'),
    ):
        given: object = table
        if given is not None and not isinstance(given, Mapping):
            raise FactError(path, shown(given), "a table", hint)
    counts = None if open_leads is None else Counter(open_leads)
    return _streamed(rules, ordered, found, rotation, {} if entries is None else entries, counts, {} if attempts is None else attempts)


def _streamed(  # noqa: PLR0917 - what a stream is asked for, checked
    rules: Rules,
    ordered: Sequence[View],
    found: Team,
    rotation: Rotation,
    entries: Mapping[str, Sequence[Entry]],
    counts: Counter[str] | None,
    attempts: Mapping[str, int],
) -> Iterator[Route]:
    often = {lead_id for lead_id, times in Counter(view.lead.id for view in ordered).items() if times > 1}
    answered: dict[str, Route] = {}
    for view in ordered:
        lead_id = view.lead.id
        if lead_id in answered:
            yield evolve(answered[lead_id], rotation=rotation, tried=(), repeated=True)
            continue
        log, attempt = entries.get(lead_id, ()), attempts.get(lead_id, 1)
        try:
            made = route(rules, view, found, rotation, entries=log, open_leads=counts, attempt=attempt)
        except FactError as error:
            problem = error.problem
            if problem.path.startswith("open_leads"):
                raise
            raise FactError(f"leads[{lead_id}].{problem.path}", problem.saw, problem.expected, problem.hint) from None
        rotation = made.rotation
        if counts is not None and not made.repeated:
            for last in made.given.holders[-1:]:
                counts[last] = max(counts[last] - 1, 0)
            if made.rep is not None:
                counts[made.rep] += 1
        if lead_id in often:
            answered[lead_id] = made
        yield made


def _each_view(views: object) -> Iterator[View]:
    if isinstance(views, View | str | bytes | Mapping) or not isinstance(views, Iterable):
        raise FactError("views", shown(views), "a list of views", "Pass [view] for one.")
    for number, view in enumerate(views):
        if not isinstance(view, View):
            raise FactError(f"views[{number}]", shown(view), "a View", "`Engine.route_each` takes assessments.")
        yield view


def route_each(
    rules: Rules,
    views: Iterable[View],
    roster: Roster | Team,
    rotation: Rotation,
    *,
    entries: Mapping[str, Sequence[Entry]] | None = None,
    open_leads: Mapping[str, int] | None = None,
    attempts: Mapping[str, int] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Batch:
    """All the routes of `stream`, the rotation after them, and how fairly they were spread; see there for the arguments.

    `progress` is called after each lead with how many are done, and how many there are.
    """
    known = tuple(_each_view(views))
    routes: list[Route] = []
    for made in stream(rules, known, roster, rotation, entries=entries, open_leads=open_leads, attempts=attempts):
        routes.append(made)
        if progress is not None:
            progress(len(routes), len(known))
    return Batch(tuple(routes), routes[-1].rotation if routes else rotation, report(routes))


def report(routes: Iterable[Route]) -> Report:
    """How fairly those were spread: what each rep had against what was due, exactly; repeated answers count once.

    What is due is the rep's share of each turn that they were part of, whoever won it: absence earns nothing (RO-8).
    """
    by_turn, by_name, refused = Counter[str](), Counter[str](), Counter[str]()
    due: dict[tuple[str, int], int] = {}
    outcomes = Counter[str]()
    for made in routes:
        outcomes["repeated" if made.repeated else type(made.outcome).__name__] += 1
        if made.repeated:
            continue
        shares = made.entry.shares
        if made.rep is not None:
            (by_turn if shares else by_name)[made.rep] += 1
        total = sum([share for _, share in shares])
        for rep, share in shares:
            due[rep, total] = due.get((rep, total), 0) + share
        refused.update({rep for each in made.tried for rep, why in each.refused if why in _CAPS and rep != made.rep})
    owed: dict[str, Fraction] = {}
    for (rep, total), share in due.items():
        owed[rep] = owed.get(rep, Fraction()) + Fraction(share, total)
    names = sorted({*by_turn, *by_name, *owed, *refused})
    return Report(
        loads=tuple(Load(rep, by_turn[rep], by_name[rep], owed.get(rep, Fraction()), refused[rep]) for rep in names),
        assigned=outcomes["Assigned"],
        waiting=outcomes["Unassigned"],
        not_routed=outcomes["NotRouted"],
        repeated=outcomes["repeated"],
    )


def assigning(rules: Rules, view_of: Callable[[str, datetime], View], roster: Roster | Team, rotation: Rotation) -> Assign:
    """The routing of the policy as an assignment for `replays.simulate`, for one replay: it goes on from turn to turn.

    `view_of` gives the view of a lead, by its id, as of an instant. Open leads are those that the replay counts. A lead that nobody
    may take is asked about again at its `retry_at`; where a cap on open leads kept somebody from it, whenever something changes.
    """
    found = team(rules, roster)
    refuse_strangers(rotation)
    last = [rotation]

    def assign(lead: Arrival, state: State, at: datetime) -> str | datetime | Until | None:
        counts = {each.rep: each.open_leads for each in state.reps}
        made = route(rules, view_of(lead.id, at), found, last[0], open_leads=counts)
        last[0] = made.rotation
        if not isinstance(made.outcome, Unassigned):
            return made.rep
        retry_at = made.outcome.retry_at
        # whoever is full may have room again, also where another cap is told first: their reason alone would not say so
        freed = any(member.room is not None and counts.get(rep, 0) >= member.room for rep, member in found.by_id.items())
        return Until(retry_at) if freed and retry_at is not None else None if freed else retry_at

    return assign


def _arrival(view: View) -> tuple[datetime, str, datetime]:
    """Of two views of one lead the earlier comes first, whatever the order handed over."""
    return view.lead.created_at or view.at, view.lead.id, view.at
