"""Which touches earned it, over tables?

`credit` shares the deals of a table among the touches of another, under any number of models, in the engine that holds them: Polars
(eager and lazy), pandas, DuckDB or Spark. What comes back is a table of lines in whole minor units, the same lines as `attribution` gives
of objects (AD-16). What is lazy stays lazy, and no row becomes a Python object.

Who counts for which deal is the caller's join. A touch carries the id of its deal, once for each deal that it counts for, or the id of its
account, and then counts for every deal of that account. Contacts, roles and addresses are told apart before (`people`), and amounts are in
the currency that they come in: convert them before, at the rate of the day of the close in the zone of the policy (`exchange`). All else
is done here: what came after the close or was written down later, look-backs by channel, the win before, exclusions, direct visits, which
lead counts, milestones, missing ones, whole units.

Three things cannot be said in a table, and are refused by name: duplicates within minutes (each depends on the one kept before), leftover
units that are spread by a hash, and exclusions that ask the catalogue. A deal that no deal may be is one line without an amount, and
`refused` says why.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from inbound_engine.attribution import Rules
from inbound_engine.cells import read_table
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.idioms import (
    Expr,
    Frame,
    any_of,
    as_integer,
    floored,
    integer,
    natively,
    numbered,
    nw,
    our_name,
    ours,
    quoted,
    stacked,
    with_ours,
)
from inbound_engine.journeys import Direct
from inbound_engine.sources import Amount, Naive, Source
from inbound_engine.spans import instant
from inbound_engine.trails import COUNT_BITS, WHY, Asked, By, Deals, Leads, counted, deals_of, entered, marked, touches_of
from inbound_engine.weighing import CompiledModel

__all__ = ["Amount", "By", "Naive", "RolledBy", "Source", "credit", "roll_up"]

AnyFrame = TypeVar("AnyFrame")
"""A frame of whichever library; what comes back is of the same."""
RolledBy: TypeAlias = Literal["touch", "channel", "campaign", "opportunity"]
"""What lines are rolled up by."""

_WHOLE_BITS = 46  # of the sum of all weights of a deal
_PRODUCT_BITS = 62
_HELD = 30  # bits of a weight by age
_SECONDS_A_DAY = 86_400


# -------------------------------------------------------------------------------------------------------------- the face


def credit(
    touches: AnyFrame,
    opportunities: AnyFrame,
    rules: Rules,
    models: Iterable[str] | None = None,
    *,
    at: datetime | None = None,
    by: By = "opportunity",
    touch_columns: Mapping[str, Source] | None = None,
    opportunity_columns: Mapping[str, Source] | None = None,
    entries: AnyFrame | None = None,
    entry_columns: Mapping[str, Source] | None = None,
    leads: AnyFrame | None = None,
    lead_columns: Mapping[str, Source] | None = None,
) -> AnyFrame:
    """What each deal is worth to its touches under each of the models, a row for each line; None is the default model alone.

    The columns are opportunity_id, model, total (revenue, pipeline or lost), touch_id (null for what nobody earned), channel, campaign,
    milestones (those that the touch holds, with commas between), weight and whole (the share is weight / whole), minor (whole units),
    currency, reason (why nobody earned it) and refused. Frames of Polars and pandas have the lines of each deal together, deals and models
    in the order in which they came, touches in theirs; other engines in no order.

    Deals that are open, or were closed after `at`, are pipeline as of `at` (AD-19); those opened after it are left out. A deal is refused
    for `id` (two under one), `opened_at`, `closed_at` (none though it is won or lost, or one before it was opened), `at` (open, and no
    instant to look at it), `amount` (none, no whole number, 2 ** 53 units or more), `currency` or `touches` (one without id or instant,
    two under one id that differ in what is read, more than 65,535): then everything else of its lines but the model is null.

    The mappings say where facts are found, as in `frames`; None is a fact that nobody knows. Touches have id, at, sequence, channel,
    campaign, opportunity_id or account_id, with `at` recorded_at, for models that name the lead contact_id, and kind, content and
    marketing where an exclusion asks for them. Deals have id, opened_at, closed_at, won, amount (`Amount`, or the columns amount_minor and
    amount_currency), and account_id where something is joined by it. `has_contacts` need not be there: where it is false, a deal without
    touches has the reason no_contact.

    Models that name the lead ask the deals for lead_created_at, source_touch_id and lead_contact_id, of which several columns may be
    given: a touch whose contact is any of them is of that person. Or they ask a frame of `leads`, several for a deal: opportunity_id, id,
    created_at, source_touch_id, contact_id and person_since, the first record of that person. Of those created by the bound the oldest
    person's counts (AD-5). Models that name stages ask `entries`, a row for each visit to a stage: opportunity_id, stage, at, and with
    `leads` lead_id, null for what the deal itself entered; visits of other leads do not count (AD-25). Notes are no visits.

    >>> import polars as pl
    >>> from inbound_engine import attribution
    >>> from inbound_engine.playbook import PLAYBOOK
    >>> from inbound_engine.spans import parse_instant
    >>> day = [parse_instant(f"2026-0{month}-01T09:00Z") for month in range(1, 7)]
    >>> who = {"opportunity_id": "D-1", "contact_id": "ana", "sequence": 0, "marketing": True, "campaign": None}
    >>> seen = pl.DataFrame([{"id": f"t-{n}", "at": day[n], "channel": name, **who} for n, name in enumerate(["ad", "webinar", "email"])])
    >>> deal = {"id": "D-1", "opened_at": day[3], "closed_at": day[4], "won": True, "cents": 10_000, "lead_created_at": day[1]}
    >>> where = {"amount": Amount("cents", currency="EUR"), "source_touch_id": None, "lead_contact_id": None}
    >>> shipped = attribution.compile(attribution.AttributionDocument.model_validate(PLAYBOOK["attribution"]))
    >>> lines = credit(seen, pl.DataFrame([deal]), shipped, opportunity_columns=where)
    >>> lines.select("touch_id", "milestones", "minor").rows()
    [('t-0', 'first', 3000), ('t-1', 'lead', 2000), ('t-2', 'opportunity,close', 5000)]
    """
    chosen = [rules.model(name) for name in ([rules.document.default] if models is None else dict.fromkeys(models))]
    if not chosen:
        raise FactError("models", "none", "at least one of the models", one_of(rules.models))
    if by not in get_args(By):
        raise FactError("by", shown(by), one_of(get_args(By)))
    _refuse_what_no_table_says(rules, chosen)
    asked = Asked.of(rules, chosen, None if at is None else instant(at), by, stages=entries is not None)
    given = read_table(touches, "touches", windows=True), read_table(opportunities, "opportunities", windows=True)
    several = None if leads is None else Leads(read_table(leads, "leads", windows=True), dict(lead_columns or {}))
    deals = deals_of(given[1], asked, dict(opportunity_columns or {}), several)
    journeys, deals = touches_of(given[0], deals, asked, dict(touch_columns or {}))
    parts = []
    directs: dict[Direct, None] = {asked.direct(model): None for model in chosen}
    for direct in directs:
        alike = [model for model in chosen if asked.direct(model) == direct]
        found = counted(journeys, deals, direct)
        if asked.stages and entries is not None:
            found = entered(found, read_table(entries, "entries", windows=True), deals, asked, dict(entry_columns or {}))
        parts += [_credited(marked(found, asked), alike, asked, deals), _left(deals, alike, direct)]
    lines = _finished(stacked(parts), chosen, ordered=given[1].ordered)
    return given[0].given_back(lines)  # type: ignore[no-any-return]  # of the library that the frames are of


def roll_up(lines: AnyFrame, by: RolledBy = "channel") -> AnyFrame:
    """The plain sums of lines by channel, campaign, touch or deal, under each model and in each currency (AD-16, AD-20).

    The columns are model, the key (null where it is unknown), attributed (false for what nobody earned), currency, revenue, pipeline,
    lost (three sums that are never added up, AD-19) and deals, each once. Refused deals are in no sum.

    >>> import polars as pl
    >>> line = {"model": "w", "opportunity_id": "D-1", "total": "revenue", "touch_id": "t-1", "channel": "ad", "currency": "EUR"}
    >>> roll_up(pl.DataFrame([{**line, "minor": 40, "refused": None}, {**line, "minor": 2, "refused": None}])).rows()
    [('w', 'ad', True, 'EUR', 42, 0, 0, 1)]
    """
    if by not in get_args(RolledBy):
        raise FactError("by", shown(by), one_of(get_args(RolledBy)))
    table = read_table(lines, "lines", windows=True)
    key = f"{by}_id" if by in {"touch", "opportunity"} else by
    wanted = ("model", key, "opportunity_id", "total", "touch_id", "minor", "currency", "refused")
    absent = [name for name in wanted if name not in table.schema]
    if absent:
        raise FactError("lines", f"no column {', no column '.join(absent)}", "the lines of `credit`")
    frame = table.frame.filter(nw.col("refused").is_null()) if table.schema["refused"] == nw.String else table.frame
    totals = ("revenue", "pipeline", "lost")
    known = ~nw.col("touch_id").is_null()
    sums = {name: nw.when(table.column("total") == name).then(nw.col("minor")).otherwise(integer(0)) for name in totals}
    texts = {"model": table.column("model"), "key": table.column(key), "currency": table.column("currency")}
    texts["key"] = texts["key"] if by == "touch" else nw.when(known).then(texts["key"])
    named = with_ours(frame, **texts, **sums, attributed=known, deals=table.column("opportunity_id"))
    keys = ("model", "key", "attributed", "currency")
    grouped = named.select(*map(our_name, (*keys, *totals, "deals"))).group_by(*map(our_name, keys))
    summed = grouped.agg(*(ours(name).sum() for name in totals), ours("deals").n_unique())
    whole = {name: ours(name).cast(nw.Int64) for name in (*totals, "deals")}
    told = summed.select(**{key if name == "key" else name: ours(name) for name in keys}, **whole)
    if table.ordered:
        told = told.sort("model", "attributed", key, "currency", descending=[False, True, False, False], nulls_last=True)
    return table.given_back(told)  # type: ignore[no-any-return]  # of the library that the frame is of


# --------------------------------------------------------------------------------------------------------------- weights


def _refuse_what_no_table_says(rules: Rules, models: Iterable[CompiledModel]) -> None:
    if rules.document.leftover == "spread":
        hint = "The hash of the objects cannot be said in a table: use `attribution`."
        raise FactError("attribution.leftover", "'spread'", "'earlier' over tables", hint)
    for model in models:
        if _bits(model) > _WHOLE_BITS:
            raise FactError(f"models[{model.id}]", "shares with larger terms than 64 bits hold", "shares of fewer digits")


def _bits(model: CompiledModel) -> int:
    """How many bits the sum of the weights of a deal may have."""
    match model.kind:
        case "linear":
            return COUNT_BITS
        case "time_decay":
            return _HELD + COUNT_BITS
        case "position":
            return COUNT_BITS + (sum(model.ends) + model.middle).bit_length()
        case _:
            bits = (sum(weight for _, weight in model.shares) + model.middle).bit_length()
            return bits if not model.middle else bits + max(bits, COUNT_BITS)


def _is(number: int) -> Expr:
    return ours("place") == ours(f"mark {number}")


def _weighed(frame: Frame, models: Sequence[CompiledModel], asked: Asked, library: str) -> tuple[Frame, list[int]]:
    """The touches with a weight under each model, and the numbers of the models under which nobody may have earned something."""
    weights: dict[str, Expr] = {}
    nobody: list[int] = []
    for number, model in enumerate(models):
        own = f"weight {number}"
        match model.kind:
            case "linear":
                weights[own] = integer(1)
            case "position":
                weights[own] = _by_position(model)
            case "time_decay":
                frame = _by_age(frame, model, own, asked, library)
            case _:
                frame, weights[own], left = _by_milestone(frame, model, number, asked)
                if left is not None:
                    weights[f"left {number}"] = left
                    nobody.append(number)
    return (with_ours(frame, **weights) if weights else frame), nobody


def _by_position(model: CompiledModel) -> Expr:
    (first, last), middle = model.ends, model.middle
    between = ours("many") - integer(2)
    of_two = (integer(first), integer(last)) if first + last else (integer(1), integer(1))
    at_first, at_last, two = ours("place") == integer(1), ours("place") == ours("many"), ours("many") == integer(2)
    return (
        nw.when(ours("many") == integer(1)).then(integer(1))
        .when(two & at_first).then(of_two[0])
        .when(two).then(of_two[1])
        .when(at_first).then(integer(first) * between)
        .when(at_last).then(integer(last) * between)
        .otherwise(integer(middle))
    )  # fmt: skip


def _by_milestone(frame: Frame, model: CompiledModel, number: int, asked: Asked) -> tuple[Frame, Expr, Expr | None]:
    """The frame with what it takes, the weight of a touch, and what is nobody's; None where that is surely nothing."""
    places = [(asked.marks.index(mark), weight) for mark, weight in model.shares]
    sure = any(mark in {"first", "last"} for mark, _ in model.shares)
    found = [ours(f"mark {place}") > integer(0) for place, _ in places]
    parts = [integer(weight) for _, weight in places]
    if model.missing == "next":
        frame, parts = _carried(frame, places, number)
    weight, given, missed = integer(0), integer(0), integer(0)
    for (place, share), part, is_found in zip(places, parts, found, strict=True):
        weight = weight + nw.when(_is(place)).then(part).otherwise(integer(0))
        given = given + nw.when(is_found).then(part).otherwise(integer(0))
        missed = missed + nw.when(is_found).then(integer(0)).otherwise(integer(share))
    unattributed = model.missing == "unattributed"
    nobody = missed if unattributed else integer(0)
    if not model.middle:
        if sure and not unattributed:
            return frame, weight, None
        return frame, weight, nw.when(given == integer(0)).then(integer(1)).otherwise(nobody)
    held = any_of(_is(place) for place, _ in places)
    frame = with_ours(frame, **{f"held {number}": as_integer(held)})
    frame = with_ours(frame, **{f"others {number}": ours("many") - ours(f"held {number}").sum().over(our_name("key")).cast(nw.Int64)})
    others, middle = ours(f"others {number}"), integer(model.middle)
    full = nw.when(nobody > integer(0)).then(weight * (given + middle)).otherwise(weight) if unattributed else weight
    with_others = nw.when(held).then(weight * others).otherwise(middle)
    weight = nw.when(others > integer(0)).then(with_others).otherwise(full)
    return frame, weight, nw.when(others > integer(0)).then(nobody * others).otherwise(nobody * given) if unattributed else None


def _carried(frame: Frame, places: Sequence[tuple[int, int]], number: int) -> tuple[Frame, list[Expr]]:
    """The share of each milestone with those of the ones skipped before it (AD-7)."""
    carried, parts = integer(0), []
    for turn, (place, weight) in enumerate(places):
        own = f"carried {number} {turn}"
        frame = with_ours(frame, **{own: carried + integer(weight)})
        parts.append(ours(own))
        carried = nw.when(ours(f"mark {place}") > integer(0)).then(integer(0)).otherwise(ours(own))
    return frame, parts


def _by_age(frame: Frame, model: CompiledModel, own: str, asked: Asked, library: str) -> Frame:
    """The touches with what is left of a weight at their age, bit by bit, floored after each (AD-23)."""
    if asked.of_days:
        latest = ours("at by").max().over(our_name("key")).cast(nw.Int64)
        frame = with_ours(frame, age=latest)
        frame = with_ours(frame, age=(ours("age") - ours("at by")) * integer(_SECONDS_A_DAY))
    else:
        frame = with_ours(frame, age=ours("at").max().over(our_name("key")).cast(nw.Int64))
        frame = floored(frame, library, our_name("age"), ours("age") - ours("at"), integer(1_000_000))
    powers = model.powers[: next((bit for bit, power in enumerate(model.powers) if not power), len(model.powers))]
    if library in {"duckdb", "pyspark"}:
        return natively(frame, library, ["*", f"{_decay_in_sql(library, powers)} AS {quoted(library, our_name(own))}"])
    weight, high = integer(1 << _HELD), ours("age")
    for bit, power in enumerate(powers):
        half = ours("age") // integer(1 << bit + 1)
        weight = (weight * nw.when(high > half + half).then(integer(power)).otherwise(integer(1 << _HELD))) // integer(1 << _HELD)
        high = half
    return with_ours(frame, **{own: nw.when(ours("age") >= integer(1 << len(powers))).then(integer(0)).otherwise(weight)})


def _decay_in_sql(library: str, powers: Sequence[int]) -> str:
    """What is left of a weight at an age, in the SQL of DuckDB or Spark, which have shifts.

    >>> _decay_in_sql("duckdb", []).replace("__inbound_engine_", "")
    'CASE WHEN "age" >= 1::BIGINT THEN 0::BIGINT ELSE 1073741824::BIGINT END'
    """
    age, suffix = quoted(library, our_name("age")), "L" if library == "pyspark" else "::BIGINT"
    text = f"{1 << _HELD}{suffix}"
    for bit, power in enumerate(powers):
        kept = f"CASE WHEN ({age} & {1 << bit}{suffix}) <> 0 THEN {power}{suffix} ELSE {1 << _HELD}{suffix} END"
        text = f"shiftright({text} * {kept}, {_HELD})" if library == "pyspark" else f"(({text} * {kept}) >> {_HELD})"
    return f"CASE WHEN {age} >= {1 << len(powers)}{suffix} THEN 0{suffix} ELSE {text} END"


def _stacked_in_sql(library: str, numbers: Sequence[int], columns: Sequence[str], names: tuple[str, str]) -> list[str]:
    """A row for each of those columns, with its number and its value, in the SQL of DuckDB or Spark.

    >>> _stacked_in_sql("duckdb", [0, 1], ["a", "b"], ("n", "v"))
    ['unnest([0::BIGINT, 1::BIGINT]) AS n', 'unnest([a, b]) AS v']
    >>> _stacked_in_sql("pyspark", [0, 1], ["a", "b"], ("n", "v"))
    ['stack(2, 0L, a, 1L, b) AS (n, v)']
    """
    if library == "pyspark":
        pairs = ", ".join(f"{number}L, {column}" for number, column in zip(numbers, columns, strict=True))
        return [f"stack({len(numbers)}, {pairs}) AS ({names[0]}, {names[1]})"]
    counted_ones = ", ".join(f"{number}::BIGINT" for number in numbers)
    return [f"unnest([{counted_ones}]) AS {names[0]}", f"unnest([{', '.join(columns)}]) AS {names[1]}"]


# ----------------------------------------------------------------------------------------------------------------- lines


_CARRIED = ("key", "deal", "total", "amount", "currency", "touch", "channel", "campaign", "place", "many")


def _credited(marked: Frame, models: Sequence[CompiledModel], asked: Asked, deals: Deals) -> Frame:
    """The lines of the deals that have touches."""
    library = deals.table.library
    frame, nobody = _weighed(marked, models, asked, library)
    carried = [*_CARRIED, *(f"mark {number}" for number, _ in enumerate(asked.marks))]
    long = _long(frame, library, carried, {number: f"weight {number}" for number, _ in enumerate(models)})
    if nobody:
        blank = dict.fromkeys(("touch", "channel", "campaign"), nw.lit(""))
        first = with_ours(frame.filter(ours("place") == integer(1)), **blank, place=ours("many") + integer(1))
        long = stacked([long, _long(first, library, carried, {number: f"left {number}" for number in nobody})])
    split = _split(long, models, deals)
    is_touch = ours("touch") != nw.lit("")
    told = with_ours(
        split,
        milestones=_milestones(models, asked),
        reason=nw.when(is_touch).then(nw.lit("")).otherwise(nw.lit("milestone_missing")),
        refused=nw.lit(""),
    )
    return _named(told, models)


def _long(frame: Frame, library: str, carried: Sequence[str], weights: Mapping[int, str]) -> Frame:
    """A row for each touch and the number of each model under which it weighs something."""
    index, model, weight = [our_name(name) for name in carried], our_name("model"), our_name("weight")
    if library in {"polars", "pandas"} or len(weights) == 1:
        parts = [
            frame.filter(ours(own) > integer(0)).select(*index, **{model: integer(number), weight: ours(own)})
            for number, own in weights.items()
        ]
        return stacked(parts)
    columns = [quoted(library, our_name(own)) for own in weights.values()]
    names = [quoted(library, name) for name in index]
    told = _stacked_in_sql(library, [*weights], columns, (quoted(library, model), quoted(library, weight)))
    return natively(frame, library, [*names, *told]).filter(ours("weight") > integer(0))


def _split(long: Frame, models: Sequence[CompiledModel], deals: Deals) -> Frame:
    """The lines with their units: whole ones first, then one each to the largest remainders, of equal ones to the earlier (AD-16, AD-17).

    An amount is taken digit by digit, as long division does, so that no product has more than 62 bits.
    """
    library = deals.table.library
    keys = ["key", *(["model"] if len(models) > 1 else [])]
    if len(models) > 1 and deals.table.ordered:
        long, keys = with_ours(long, pair=ours("key").cast(nw.Int64) * integer(len(models)) + ours("model")), ["pair"]
    within = [*map(our_name, keys)]
    bits = max(_bits(model) for model in models)
    digit = _PRODUCT_BITS - 1 - bits
    turns = -(-deals.bits // digit)
    positive = nw.when(ours("amount") < integer(0)).then(integer(0) - ours("amount")).otherwise(ours("amount"))
    frame = with_ours(long, whole=ours("weight").sum().over(*within).cast(nw.Int64), left=positive)
    weight, whole = ours("weight"), ours("whole")
    for turn in reversed(range(turns)):
        if turn:
            frame = floored(frame, library, our_name("digit"), ours("left"), integer(1 << digit * turn))
            frame = with_ours(frame, left=ours("left") - ours("digit") * integer(1 << digit * turn))
        else:
            frame = with_ours(frame, digit=ours("left"))
        product = ours("digit") * weight if turn == turns - 1 else ours("rest") * integer(1 << digit) + ours("digit") * weight
        frame = with_ours(frame, product=product)
        frame = floored(frame, library, our_name("quotient"), ours("product"), whole)
        units = ours("quotient") if turn == turns - 1 else ours("units") * integer(1 << digit) + ours("quotient")
        frame = with_ours(frame, units=units, rest=ours("product") - ours("quotient") * whole)
    order = ours("place") - ours("rest") * integer(1 << COUNT_BITS + 1)  # the largest remainder first, of equal ones the earlier touch
    frame = with_ours(frame, one=integer(1), order=order)
    spare = positive - ours("units").sum().over(*within).cast(nw.Int64)
    frame = with_ours(frame, spare=spare, turn=numbered(keys, ["order"]))
    units = ours("units") + as_integer(ours("turn") <= ours("spare"))
    return with_ours(frame, minor=nw.when(ours("amount") < integer(0)).then(integer(0) - units).otherwise(units))


def _milestones(models: Sequence[CompiledModel], asked: Asked) -> Expr:
    """What a touch holds under the model of its line, with commas between."""
    chain: Any = nw
    nothing = nw.lit("")
    for number, model in enumerate(models):
        if model.kind not in {"milestones", "position"}:
            continue
        if model.kind == "milestones":
            tests = [(name, _is(asked.marks.index(mark))) for (mark, _), (name, _) in zip(model.shares, model.names, strict=True)]
        else:
            tests = [("first", ours("place") == integer(1)), ("last", ours("place") == ours("many"))]
        held = nw.concat_str(nothing, *(nw.when(test).then(nw.lit(f",{name}")).otherwise(nothing) for name, test in tests))
        text = nw.when(any_of(test for _, test in tests)).then(held).otherwise(nw.lit(",middle"))
        chain = chain.when(ours("model") == integer(number)).then(text)
    told = nothing if chain is nw else chain.otherwise(nothing)
    return nw.when(ours("touch") != nothing).then(told.str.slice(1)).otherwise(nothing)


def _left(deals: Deals, models: Sequence[CompiledModel], direct: Direct) -> Frame:
    """A line under each model for the deals that have no touch, and for those that are refused."""
    none = ours("named") == integer(0) if direct == "exclude" else ours("named") + ours("directs") == integer(0)
    frame = deals.frame.filter((ours("refused") != nw.lit("")) | none)
    why: Any = nw.when((ours("status") == integer(0)) & ~ours("has_contacts")).then(nw.lit("no_contact"))
    for status, reason in WHY.items():
        why = why.when(ours("status") == integer(status)).then(nw.lit(reason))
    blank = dict.fromkeys(("touch", "channel", "campaign", "milestones"), nw.lit(""))
    frame = with_ours(
        frame, **blank, place=integer(0), whole=integer(1), minor=ours("amount"), reason=why.otherwise(nw.lit("all_excluded")),
        **{f"weight {number}": integer(1) for number, _ in enumerate(models)},
    )  # fmt: skip
    carried = [name for name in _TOLD if name not in {"model", "weight"}]
    return _named(_long(frame, deals.table.library, carried, {number: f"weight {number}" for number, _ in enumerate(models)}), models)


_TOLD = (
    *("key", "deal", "model", "total", "touch", "channel", "campaign", "milestones", "weight", "whole", "minor", "currency"),
    *("reason", "refused", "place"),
)


def _named(frame: Frame, models: Sequence[CompiledModel]) -> Frame:
    """The lines with the name of their model, and no columns but those that are told."""
    chain: Any = nw
    for number, model in enumerate(models):
        chain = chain.when(ours("model") == integer(number)).then(nw.lit(model.id))
    return with_ours(frame, model=chain.otherwise(nw.lit(""))).select(*map(our_name, _TOLD))


def _finished(lines: Frame, models: Sequence[CompiledModel], *, ordered: bool) -> Frame:
    """The lines under the names that they are told by, in order where there is one."""
    if ordered:
        if len(models) > 1:
            chain: Any = nw
            for number, model in enumerate(models):
                chain = chain.when(ours("model") == nw.lit(model.id)).then(integer(number))
            lines = with_ours(lines, turn=chain.otherwise(integer(0)))
        lines = lines.sort(our_name("key"), *([our_name("turn")] if len(models) > 1 else []), our_name("place"))
    fine = ours("refused") == nw.lit("")

    def known(name: str) -> Expr:
        return nw.when(fine & (ours(name) != nw.lit(""))).then(ours(name))

    return lines.select(
        opportunity_id=nw.when(ours("deal") != nw.lit("")).then(ours("deal")),
        model=ours("model"),
        total=known("total"),
        touch_id=known("touch"),
        channel=known("channel"),
        campaign=known("campaign"),
        milestones=nw.when(fine).then(ours("milestones")),
        weight=nw.when(fine).then(ours("weight")),
        whole=nw.when(fine).then(ours("whole")),
        minor=nw.when(fine).then(ours("minor")),
        currency=known("currency"),
        reason=known("reason"),
        refused=nw.when(~fine).then(ours("refused")),
    )
