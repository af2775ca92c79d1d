"""Who takes each lead of a table?

Routing is a sequence: every lead starts from the rotation that the last one left (RO-18), so it stays with the objects. `assign` reads
the rows of a table one chunk after another in order of arrival, then id, routes each, and gives the table back in that order with who
takes each lead beside it. Of a route nothing is kept but its cells and its entry.

A lead is read from the columns that the routing asks about, cell by cell as `intake` reads them; the tier and whatever else was computed
before come from columns too, as `frames.assess` writes them. What a table cannot say is refused by name: activities, and scores in
doubles, which are not exact.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import isnan
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import field, frozen

from inbound_engine import batches, intake
from inbound_engine.batches import Report
from inbound_engine.cells import Reader, Table, read_table, refuse_strangers, refuse_taken
from inbound_engine.conditions import facts_named
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Roster
from inbound_engine.idioms import Frame, nw, our_name
from inbound_engine.policy import Compiled
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.routing import Assigned, NotRouted, Route, Unassigned
from inbound_engine.spans import instant
from inbound_engine.territories import OwnerStep, PoolStep, Team, team
from inbound_engine.vocabulary import View, Vocabulary

__all__ = ["COLUMNS", "Assignments", "assign", "wanted"]

AnyFrame = TypeVar("AnyFrame")
"""A frame of whichever library; what comes back is of the same."""
Cells: TypeAlias = dict[str, list[Any]]
"""What is told of the leads, column by column."""

COLUMNS = ("outcome", "rep", "step", "lane", "territory", "over_cap", "instead_of", "reasons", "retry_at")
"""What is added to a table, in order."""
_ARRIVAL, _ID = our_name("arrival"), our_name("id")
_OUTCOMES: Mapping[type, str] = {Assigned: "assigned", Unassigned: "unassigned", NotRouted: "not_routed"}
_ZONED = ("zone", "country", "region")


@frozen
class Assignments(Generic[AnyFrame]):
    """A table of leads with who takes each, the rotation after them, what the caller's log is extended by, and how fair it was."""

    frame: AnyFrame = field(repr=False)
    rotation: Rotation = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    report: Report


def wanted(policy: Compiled) -> tuple[str, ...]:
    """The columns that the routing of a policy asks for, by their own names: facts of the lead and its account, and what was computed.

    >>> from inbound_engine.policy import Policy
    >>> from inbound_engine.policy import compile as compile_policy
    >>> wanted(compile_policy(Policy()))
    ('id', 'created_at', 'handed_off', 'named_rep', 'open_opportunity_owner', 'owner', 'parent_id', 'product', 'tier')
    """
    rules = policy.routing
    conditions = [*(lane.when for lane in rules.document.lanes), *(territory.when for territory in rules.document.territories)]
    asked = {name for condition in conditions for name in facts_named(condition)}
    if "activities" in asked:
        hint = "Let the tier or another outcome ask them, and route by that."
        raise FactError("routing", "a condition that counts activities", "conditions on facts and outcomes, over a table", hint)
    if any(zones for _, _, zones in rules.territories):
        asked.update(_ZONED)
    for step in rules.steps:
        if isinstance(step, OwnerStep) and step.enabled:
            asked.add("owner" if step.of == "account_owner" else step.of)
            if step.parents:
                asked.add("parent_id")
        if isinstance(step, PoolStep) and step.enabled:
            if "product" in step.match or any(one.of == "product" for one in step.prefer):
                asked.add("product")
            if any(one.of == "zone" for one in step.prefer):
                asked.update(_ZONED)
    if "email_domain" in asked:
        asked = asked - {"email_domain"} | {"email"}
    return ("id", "created_at", *sorted(asked - {"id", "created_at"}))


def assign(
    frame: AnyFrame,
    policy: Compiled,
    roster: Roster | Team,
    rotation: Rotation,
    *,
    at: datetime,
    columns: Mapping[str, str | None] | None = None,
    entries: Mapping[str, Sequence[Entry]] | None = None,
    open_leads: Mapping[str, int] | None = None,
    attempts: Mapping[str, int] | None = None,
    prefix: str = "",
    chunk: int = 1_000,
    progress: Callable[[int, int], object] | None = None,
) -> Assignments[AnyFrame]:
    """The table with who takes each lead as of `at`, in order of arrival, then id (RO-18).

    Added are the `COLUMNS`, each with `prefix` before its name: outcome ("assigned", "unassigned", "not_routed"), rep, step, lane,
    territory, over_cap, instead_of, reasons (of an unassigned lead, why each rep could not have it) and retry_at (when to ask again).

    `wanted` lists what is read; `columns` says where another name has it, and None that nobody knows it. `country` and `region` are those
    of the lead. A lead without `created_at` arrived at `at`. `entries`, `open_leads` and `attempts` are those of `batches.stream`. Rows are
    read in chunks, and `progress` is called after each with how many leads are done, and how many there are. Two rows under one id, a
    cell that cannot be read, a missing column and a lazy frame are a `FactError`.

    >>> import polars as pl
    >>> from inbound_engine.facts import Rep
    >>> from inbound_engine.policy import Policy
    >>> from inbound_engine.policy import compile as compile_policy
    >>> from inbound_engine.spans import parse_instant
    >>> leads = pl.DataFrame({"id": ["L-2", "L-1", "L-3"], "tier": ["T1", "T1", "NURTURE"], "handed_off": [True, True, False]})
    >>> nobody_knows = dict.fromkeys(["created_at", "named_rep", "open_opportunity_owner", "owner", "parent_id", "product"])
    >>> roster = Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="AE")))
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> made = assign(leads, compile_policy(Policy()), roster, Rotation(), at=at, columns=nobody_knows)
    >>> made.frame.select("id", "outcome", "rep", "step").rows()
    [('L-1', 'assigned', 'maya', 'pool'), ('L-2', 'assigned', 'noor', 'pool'), ('L-3', 'not_routed', None, None)]
    """
    at = instant(at)
    if type(chunk) is not int or chunk < 1:
        raise FactError("chunk", shown(chunk), "a whole number of at least 1")
    table = _eager(frame)
    refuse_taken(table, [prefix + name for name in COLUMNS])
    found = roster if isinstance(roster, Team) else team(policy.routing, roster)
    named = _named(table, policy, columns or {})
    ordered = _in_order(table, named, at)
    cells: Cells = {name: [] for name in COLUMNS}
    kept: list[Entry] = []
    last = [rotation]

    def routes() -> Iterator[Route]:
        counts = None if open_leads is None else Counter(open_leads)
        views = _views(ordered, named, policy.words, at)
        done, total = 0, len(ordered)
        while some := list(islice(views, chunk)):
            made = batches.stream(policy.routing, some, found, last[0], entries=entries, open_leads=counts, attempts=attempts)
            for route in made:
                last[0] = route.rotation
                _tell(cells, route)
                if not route.repeated:
                    kept.append(route.entry)
                    if counts is not None and route.rep is not None:
                        counts[route.rep] += 1
                yield route
            done += len(some)
            if progress is not None:
                progress(done, total)

    fairly = batches.report(routes())
    return Assignments(_beside(ordered, cells, prefix), last[0], tuple(kept), fairly)


# --------------------------------------------------------------------------------------------------------------- reading


def _eager(frame: object) -> Table:
    """The frame of a caller, which must be eager."""
    table = read_table(frame, "frame")
    if not table.eager:
        how = {"polars": "frame.collect()", "duckdb": "relation.to_arrow_table()", "pyspark": "frame.toArrow()"}.get(table.library)
        hint = f"Each lead depends on the one before: collect it first, with {how}." if how else "Collect it first."
        raise FactError("frame", f"a lazy frame of {table.library}", "an eager frame", hint)
    for one in table.given.to_native().schema if table.library == "pyarrow" else ():
        if one.name not in table.views and any(view in str(one.type) for view in ("string_view", "binary_view")):
            raise FactError("frame", f"column {shown(one.name)} of type {one.type}", "types whose rows Arrow can order", "Cast it.")
    return table


def _named(table: Table, policy: Compiled, columns: Mapping[str, str | None]) -> dict[str, str]:
    """The column of each fact that is asked for, and that somebody knows."""
    asked = wanted(policy)
    refuse_strangers(columns, asked, "columns", "a fact that the routing does not ask for")
    named = {fact: column for fact in asked if (column := columns.get(fact, fact)) is not None}
    Reader(table, "columns").refuse_missing(named.items())
    if "id" not in named:
        raise FactError("columns[id]", "None", "a column: every lead has an id")
    schema = table.schema
    for fact, word in policy.words.derived.items():
        if fact in named and word.kind == "decimal" and schema[named[fact]].is_float():
            hint = "Route by the tier, or by a column of whole numbers or decimals."
            raise FactError(f"columns[{fact}]", f"column {shown(named[fact])} of doubles", "whole numbers or decimals", hint)
    created = named.get("created_at")
    if created is not None and getattr(schema[created], "time_zone", None) is None:
        raise FactError("columns[created_at]", f"column {shown(created)} of type {schema[created]}", "instants with their zone")
    return named


def _in_order(table: Table, named: Mapping[str, str], at: datetime) -> Frame:
    """The rows in order of arrival, then id, each id once. Views of text become text: Arrow orders no rows that have views."""
    name = table.column(named["id"]).cast(nw.String)
    created = named.get("created_at")
    arrival = nw.lit(at) if created is None else nw.col(created).dt.convert_time_zone("UTC").fill_null(nw.lit(at))
    numbered = table.given.with_columns(*map(table.column, table.views), **{_ARRIVAL: arrival, _ID: name})
    if numbered[_ID].n_unique() < len(numbered):
        raise FactError(f"frame[{named['id']}]", "two rows under one id", "each lead once")
    return numbered.sort(_ARRIVAL, _ID).drop(_ARRIVAL, _ID)


def _views(table: Frame, named: Mapping[str, str], words: Vocabulary, at: datetime) -> Iterator[View]:
    """The leads of the rows, one after another, as rules see them."""
    facts = [*named]
    computed = [fact for fact in facts if fact in words.derived]
    read = [fact for fact in facts if fact not in words.derived]
    before: tuple[datetime, str] | None = None
    for row in table.select(*named.values()).iter_rows(named=False):
        cells = {fact: _cell(value) for fact, value in zip(facts, row, strict=True)}
        lead = intake.lead({fact: cells[fact] for fact in read}, words)
        place = (lead.created_at or at, lead.id)
        if before is not None and place < before:
            raise FactError(f"frame[{named['id']}]", f"{shown(lead.id)} behind {shown(before[1])}", "ids without white space around them")
        before = place
        known = {fact: _computed(fact, cells[fact], words) for fact in computed}
        yield View(lead, at, derived=known.get)


def _cell(value: Any) -> Any:  # noqa: ANN401 - of whichever library
    """A cell as plain Python: NaN, NA and NaT are unknown, whole doubles of pandas are whole numbers."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, Decimal) and plain.is_nan():
        return None
    if isinstance(plain, float):
        return None if isnan(plain) else int(plain) if plain.is_integer() else plain
    return plain


def _computed(fact: str, value: Any, words: Vocabulary) -> str | bool | Fraction | None:  # noqa: ANN401 - a cell
    """What was computed before, held to its kind."""
    if value is None or value == "":
        return None
    kind = words.derived[fact].kind
    if kind == "decimal" and (type(value) is int or (isinstance(value, Decimal) and value.is_finite())):
        return Fraction(value)
    if (kind == "text" and isinstance(value, str)) or (kind == "boolean" and isinstance(value, bool)):
        return value
    raise FactError(f"frame[{fact}]", shown(value), f"a value of kind {kind}")


# --------------------------------------------------------------------------------------------------------------- telling


def _tell(cells: Cells, route: Route) -> None:
    """Adds what became of a lead."""
    outcome = route.outcome
    taken = outcome if isinstance(outcome, Assigned) else None
    waits = outcome if isinstance(outcome, Unassigned) else None
    told = (
        _OUTCOMES[type(outcome)],
        route.rep,
        None if taken is None else taken.step,
        route.lane,
        route.territory,
        taken is not None and taken.over_cap,
        None if taken is None else taken.instead_of,
        None if waits is None else "; ".join(f"{rep}: {why}" for rep, why in waits.reasons),
        None if waits is None else waits.retry_at,
    )
    for name, value in zip(COLUMNS, told, strict=True):
        cells[name].append(value)


def _beside(table: Frame, cells: Cells, prefix: str) -> Any:  # noqa: ANN401 - a frame of its owner
    """The table with those columns."""
    kinds: dict[str, Any] = {"over_cap": nw.Boolean, "retry_at": nw.Datetime("us", "UTC")}
    backend = table.implementation
    made = [nw.new_series(prefix + name, cells[name], kinds.get(name, nw.String), backend=backend) for name in COLUMNS]
    return table.with_columns(*made).to_native()
