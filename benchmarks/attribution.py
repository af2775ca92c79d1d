"""Credit of won deals, beside a function by hand, three engines for tables, and two packages for attribution.

Everybody shares the same deals in exact units: W-shaped with four milestones, direct visits as a fallback, what sales did and what
came after the close left out, a missing milestone redistributed, the largest remainder. By hand it is one function over tuples that
knows nothing else and says no reason. The engines for tables are given frames that are ready and answer with touches and units.

The two packages know no milestones and no exact money. They are asked for first, last, linear and, where they have them, 40/20/40 and
decay, over paths that are ready, and are compared in whole deals, to nine digits.
"""

import gc
import os
import tracemalloc
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any, TypeAlias

from attrs import frozen

from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, agree, one_by_one, timed
from benchmarks.peers import module
from inbound_engine import attribution, journeys, rollups
from inbound_engine.attribution import AttributionDocument, Credit
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.journeys import Journey, LeadCreation
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK

__all__ = ["PACKAGES", "prepare"]

PACKAGES = ("polars", "duckdb", "pandas", "ChannelAttribution", "matplotlib", "marketing_attribution_models")
"""What `pip` calls the peers."""

Touch: TypeAlias = tuple[datetime, int, str, str, str, bool]
"""Instant, sequence, id, contact, channel, and whether it is marketing's."""
Deal: TypeAlias = tuple[str, datetime, datetime, int, datetime | None, str]
"""Id, opened, closed, minor units, when the lead was created, and by whom."""
Earned: TypeAlias = list[tuple[str | None, int]]
"""The touches that earned something, in order, and the units of each; None is nobody."""

RULES = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
_START = datetime(2025, 1, 1, tzinfo=UTC)
_SIX = ("first", "last", "linear", "u_positional", "time_decay_7", "w_shaped")
_FIVE = ("first", "last", "linear", "u_positional", "time_decay_7")
_BY_HAND = "hand-written, no explanation"
_OURS = "journeys.prepare and attribution.credit"
_CHANNELS = ("direct", *(f"channel {number}" for number in range(23)))


@frozen
class Case:
    """A deal with its touches: as plain tuples, and as our facts."""

    deal: Deal
    touches: tuple[Touch, ...]
    opportunity: Opportunity
    activities: tuple[Activity, ...]
    created: LeadCreation | None


# ------------------------------------------------------------------------------------------------------------ the sample


def _activity(touch: Touch) -> Activity:
    at, sequence, name, contact, channel, marketing = touch
    return Activity(id=name, kind="visit", at=at, sequence=sequence, contact_id=contact, channel=channel, marketing=marketing)


def _opportunity(deal: Deal) -> Opportunity:
    name, opened, closed, minor, _, _ = deal
    return Opportunity(id=name, account_id=name, opened_at=opened, closed_at=closed, won=True, amount=Money(minor, "EUR"))


def _creation(deal: Deal) -> LeadCreation | None:
    created, who = deal[4:]
    return None if created is None else LeadCreation(created, frozenset({who}))


def _cases(count: int, touches: int | None = None) -> list[Case]:
    """Deals with 1 to 40 touches, 8.5 on average, or so many; ties, late ones, what sales did, and deals without a lead."""
    draw, found = Random(11), []
    weights = [1 / (rank + 1) for rank in range(len(_CHANNELS))]
    for number in range(count):
        opened = _START + timedelta(minutes=draw.randrange(300 * 1_440))
        closed = opened + timedelta(minutes=draw.randrange(1, 120 * 1_440))
        many = min(40, 1 + int(draw.expovariate(1 / 7.6))) if touches is None else touches
        own: list[Touch] = []
        for turn in range(many):
            at = closed - timedelta(minutes=draw.randrange(200 * 1_440)) if draw.random() > 0.04 else closed + timedelta(minutes=1 + turn)
            at = own[-1][0] if own and draw.random() < 0.02 else at
            channel = draw.choices(_CHANNELS, weights)[0]
            own.append((at, draw.randrange(2), f"{number}-{turn}", draw.choice("abc"), channel, draw.random() > 0.05))
        created = None if draw.random() < 0.06 else opened - timedelta(minutes=draw.randrange(100 * 1_440))
        deal: Deal = (f"D-{number:07}", opened, closed, draw.randrange(1, 10**8), created, "a")
        draw.shuffle(own)
        found.append(Case(deal, tuple(own), _opportunity(deal), tuple(map(_activity, own)), _creation(deal)))
    return found


# -------------------------------------------------------------------------------------------------------------- by hand


def _counting(deal: Deal, touches: Sequence[Touch]) -> list[Touch]:
    closed = deal[2]
    counting = sorted(touch for touch in touches if touch[0] <= closed and touch[5])
    named = [touch for touch in counting if touch[4] != "direct"]
    return named or counting


def _split(amount: int, weights: Sequence[int], whole: int) -> list[int]:
    lines, remainders, left = [], [], amount
    for weight in weights:
        line, remainder = divmod(amount * weight, whole)
        lines.append(line)
        remainders.append(-remainder)
        left -= line
    for place in sorted(range(len(lines)), key=remainders.__getitem__)[:left]:
        lines[place] += 1
    return lines


def _w_of(deal: Deal, touches: Sequence[Touch]) -> Earned:
    _, opened, _, amount, created, who = deal
    if not touches:
        return [(None, amount)]
    weights = {0: 30}
    at = itemgetter(0)
    place = bisect_right(touches, opened, key=at) - 1
    if place >= 0:
        weights[place] = weights.get(place, 0) + 30
    if created is not None:
        place = latest = bisect_right(touches, created, key=at) - 1
        while place >= 0 and touches[place][3] != who:
            place -= 1
        place = latest if place < 0 else place
        if place >= 0:
            weights[place] = weights.get(place, 0) + 20
    last = len(touches) - 1
    weights[last] = weights.get(last, 0) + 20
    places = sorted(weights)
    units = _split(amount, [weights[place] for place in places], sum(weights.values()))
    return [(touches[place][2], unit) for place, unit in zip(places, units, strict=True)]


def _w_by_hand(deal: Deal, touches: Sequence[Touch]) -> Earned:
    return _w_of(deal, _counting(deal, touches))


def _six_by_hand(deal: Deal, touches: Sequence[Touch], powers: Sequence[int]) -> list[Earned]:
    """First, last, linear, 40/20/40, decay and W over touches that count, in order."""
    amount, count = deal[3], len(touches)
    if not touches:
        return [[(None, amount)]] * 6
    names = [touch[2] for touch in touches]
    between = count - 2
    ends = [2 * between, *[1] * between, 2 * between] if between > 0 else [1] * count
    ages, last = [], touches[-1][0]
    for touch in touches:
        apart = last - touch[0]
        age, weight, bit = apart.days * 86_400 + apart.seconds, 1 << 30, 0
        while age:
            if age & 1:
                weight = weight * powers[bit] >> 30
            age >>= 1
            bit += 1
        ages.append(weight)
    told: list[Earned] = [[(names[0], amount)], [(names[-1], amount)]]
    for weights in ([1] * count, ends, ages):
        units = _split(amount, weights, sum(weights))
        told.append([(name, unit) for name, unit, weight in zip(names, units, weights, strict=True) if weight])
    told.append(_w_of(deal, touches))
    return told


# ----------------------------------------------------------------------------------------------------------------- ours


def _earned(credit: Credit) -> Earned:
    touches = credit.journey.touches
    return [(None if place < 0 else touches[place].id, unit) for place, unit in zip(credit.places, credit.minor, strict=True)]


def _prepared(case: Case) -> Journey:
    return journeys.prepare(RULES.journeys, case.opportunity, case.activities, created=case.created)


def _credited(case: Case) -> Credit:
    return attribution.credit(RULES, _prepared(case))


def _from_rows(deal: Deal, touches: Sequence[Touch]) -> Credit:
    opportunity, activities = _opportunity(deal), [*map(_activity, touches)]
    return attribution.credit(RULES, journeys.prepare(RULES.journeys, opportunity, activities, created=_creation(deal)))


# ---------------------------------------------------------------------------------------------------- engines for tables

Rows: TypeAlias = tuple[list[Deal], list[tuple[str, Touch]]]
Table: TypeAlias = Callable[[Rows], tuple[Any, Callable[[Any], Mapping[str, Earned]]]]

_DEALS = ("deal", "opened", "closed", "amount", "created", "who")
_TOUCHES = ("deal", "moment", "sequence", "touch", "contact", "channel", "marketing")

_SQL = """
with counting as (
  select t.*, row_number() over w as place, count(*) over (partition by t.deal) as many
  from (select t.*, min((channel = 'direct')::int) over (partition by t.deal) as only_direct
        from touches t join deals d using (deal) where t.moment <= d.closed and t.marketing) t
  where only_direct = 1 or channel <> 'direct'
  window w as (partition by t.deal order by moment, sequence, touch)
), found as (
  select c.deal, max(place) filter (moment <= opened) as o,
         coalesce(max(place) filter (moment <= created and contact = who), max(place) filter (moment <= created)) as l
  from counting c join deals d using (deal) group by c.deal
), weighed as (
  select c.deal, place, touch, amount,
         (place = 1)::int * 30 + coalesce((place = l)::int, 0) * 20
         + coalesce((place = o)::int, 0) * 30 + (place = many)::int * 20 as weight
  from counting c join found using (deal) join deals d using (deal)
), split as (
  select *, sum(weight) over (partition by deal) as whole from weighed where weight > 0
), floored as (
  select *, (amount * weight) // whole as line, (amount * weight) % whole as rest from split
), ranked as (
  select *, amount - sum(line) over (partition by deal) as leftover,
         row_number() over (partition by deal order by rest desc, place) as turn from floored
)
select deal, touch, (line + (turn <= leftover)::int)::bigint as unit, place from ranked
union all select deal, null, amount, 0 from deals where deal not in (select deal from counting)
order by deal, place
"""


def _duckdb(rows: Rows) -> tuple[Any, Callable[[Any], Mapping[str, Earned]]] | None:
    duckdb, pandas = module("duckdb"), module("pandas")
    if duckdb is None or pandas is None:
        return None
    connection = duckdb.connect()
    connection.register("deals_frame", pandas.DataFrame(rows[0], columns=_DEALS))
    connection.register("touches_frame", pandas.DataFrame([(deal, *touch) for deal, touch in rows[1]], columns=_TOUCHES))
    connection.execute("create table deals as select * from deals_frame")
    connection.execute("create table touches as select * from touches_frame")

    def told(result: Any) -> Mapping[str, Earned]:  # noqa: ANN401 - another engine's own
        return _by_deal((deal, touch, unit) for deal, touch, unit, _ in result)

    return lambda: connection.execute(_SQL).fetchall(), told


def _by_deal(rows: Iterator[tuple[str, Any, int]]) -> dict[str, Earned]:
    found: dict[str, Earned] = {}
    for deal, touch, unit in rows:
        found.setdefault(deal, []).append((touch if isinstance(touch, str) else None, int(unit)))
    return found


def _polars(rows: Rows) -> tuple[Any, Callable[[Any], Mapping[str, Earned]]] | None:
    pl = module("polars")
    if pl is None:
        return None
    moment = pl.Datetime("us", "UTC")
    deals = pl.DataFrame(
        rows[0], schema=dict(zip(_DEALS, (pl.String, moment, moment, pl.Int64, moment, pl.String), strict=True)), orient="row"
    )
    kinds = (pl.String, moment, pl.Int64, pl.String, pl.String, pl.String, pl.Boolean)
    touches = pl.DataFrame([(deal, *touch) for deal, touch in rows[1]], schema=dict(zip(_TOUCHES, kinds, strict=True)), orient="row")

    def work() -> Any:  # noqa: ANN401 - another engine's own
        column = pl.col
        counting = (
            touches.lazy()
            .join(deals.lazy(), on="deal")
            .filter(column("marketing") & (column("moment") <= column("closed")))
            .filter((column("channel") != "direct") | (column("channel") == "direct").all().over("deal"))
            .sort("deal", "moment", "sequence", "touch")
            .with_columns(place=pl.int_range(pl.len()).over("deal"), many=pl.len().over("deal"))
            .with_columns(
                o=column("place").filter(column("moment") <= column("opened")).max().over("deal"),
                l=column("place").filter((column("moment") <= column("created")) & (column("contact") == column("who"))).max().over("deal"),
                any=column("place").filter(column("moment") <= column("created")).max().over("deal"),
            )
        )
        is_lead = (column("place") == pl.coalesce("l", "any")).fill_null(value=False)
        weight = (
            (column("place") == 0).cast(pl.Int64) * 30
            + is_lead.cast(pl.Int64) * 20
            + (column("place") == column("o")).fill_null(value=False).cast(pl.Int64) * 30
            + (column("place") == column("many") - 1).cast(pl.Int64) * 20
        )
        lines = (
            counting.with_columns(weight=weight)
            .filter(column("weight") > 0)
            .with_columns(whole=column("weight").sum().over("deal"))
            .with_columns(
                line=column("amount") * column("weight") // column("whole"), rest=column("amount") * column("weight") % column("whole")
            )
            .with_columns(
                leftover=column("amount") - column("line").sum().over("deal"),
                turn=column("rest").rank("ordinal", descending=True).over("deal"),
            )
            .select("deal", "touch", unit=column("line") + (column("turn") <= column("leftover")).cast(pl.Int64))
        )
        nobody = deals.lazy().join(counting, on="deal", how="anti")
        return pl.concat([lines, nobody.select("deal", touch=pl.lit(None, pl.String), unit="amount")]).collect()

    return work, lambda frame: _by_deal(frame.iter_rows())


def _pandas(rows: Rows) -> tuple[Any, Callable[[Any], Mapping[str, Earned]]] | None:
    pd = module("pandas")
    if pd is None:
        return None
    deals = pd.DataFrame(rows[0], columns=_DEALS)
    deals["created"] = pd.to_datetime(deals["created"], utc=True)
    touches = pd.DataFrame([(deal, *touch) for deal, touch in rows[1]], columns=_TOUCHES)

    def work() -> Any:  # noqa: ANN401 - another engine's own
        frame = touches.merge(deals, on="deal")
        frame = frame[frame["marketing"] & (frame["moment"] <= frame["closed"])]
        is_direct = frame["channel"] == "direct"
        frame = frame[~is_direct | is_direct.groupby(frame["deal"]).transform("all")]
        frame = frame.sort_values(["deal", "moment", "sequence", "touch"])
        grouped = frame.groupby("deal", sort=False)
        frame["place"] = grouped.cumcount()
        frame["many"] = grouped["place"].transform("size")

        def latest(mask: Any) -> Any:  # noqa: ANN401 - another engine's own
            return frame["place"].where(mask).groupby(frame["deal"]).transform("max")

        before_lead = frame["moment"] <= frame["created"]
        lead = latest(before_lead & (frame["contact"] == frame["who"])).fillna(latest(before_lead))
        opened = latest(frame["moment"] <= frame["opened"])
        place = frame["place"]
        frame["weight"] = (place == 0) * 30 + (place == lead) * 20 + (place == opened) * 30 + (place == frame["many"] - 1) * 20
        lines = frame[frame["weight"] > 0].copy()
        by_deal = lines.groupby("deal", sort=False)
        lines["whole"] = by_deal["weight"].transform("sum")
        lines["line"] = lines["amount"] * lines["weight"] // lines["whole"]
        lines["rest"] = lines["amount"] * lines["weight"] % lines["whole"]
        leftover = lines["amount"] - lines.groupby("deal", sort=False)["line"].transform("sum")
        turn = lines.groupby("deal", sort=False)["rest"].rank(method="first", ascending=False)
        lines["unit"] = lines["line"] + (turn <= leftover)
        nobody = deals.loc[~deals["deal"].isin(frame["deal"]), ["deal", "amount"]].rename(columns={"amount": "unit"})
        return pd.concat([lines[["deal", "touch", "unit"]], nobody.assign(touch=None)[["deal", "touch", "unit"]]])

    return work, lambda frame: _by_deal(frame.itertuples(index=False, name=None))


_ENGINES: Mapping[str, Callable[[Rows], tuple[Any, Callable[[Any], Mapping[str, Earned]]] | None]] = {
    "polars, exact": _polars,
    "DuckDB, exact": _duckdb,
    "pandas, exact": _pandas,
}


def _rows(cases: Sequence[Case]) -> Rows:
    deals = [case.deal for case in cases]
    touches = [(case.deal[0], touch) for case in cases for touch in case.touches]
    Random(5).shuffle(touches)
    return deals, touches


def _engine(name: str, cases: Sequence[Case], expected: Sequence[Earned]) -> Contestant:
    made = _ENGINES[name](_rows(cases))
    if made is None:
        return Contestant(name, None)
    work, told = made
    found = told(work())
    agree(name, expected, [found.get(case.deal[0]) for case in cases], [case.deal for case in cases])
    return Contestant(name, timed(work, len(cases), "µs"), "frames that are ready")


# -------------------------------------------------------------------------------------------------------------- benches


def _alone(cases: Sequence[Case]) -> Bench:
    expected = [_w_by_hand(case.deal, case.touches) for case in cases]
    agree(_OURS, expected, [_earned(_credited(case)) for case in cases], cases)
    engines = [_engine(name, cases[:1], expected[:1]) for name in _ENGINES]
    return Bench(
        "One deal with 8 touches, W-shaped (AP-1)",
        "µs",
        _BY_HAND,
        (
            one_by_one(_BY_HAND, lambda case: _w_by_hand(case.deal, case.touches), cases),
            one_by_one(_OURS, _credited, cases, "keeps what it was made from"),
            one_by_one(f"{_OURS}, `.lines` read", lambda case: _credited(case).lines, cases),
            one_by_one(f"{_OURS}, `.explain()` read", lambda case: _credited(case).explain(), cases),
            *engines,
        ),
        (
            Goal("AP-1", _OURS, 25),
            Goal("AP-1", _OURS, 2, (_BY_HAND,)),
            Goal("AP-1", _OURS, 1 / 150, ("polars, exact",)),
            Goal("AP-1", _OURS, 1 / 500, ("DuckDB, exact",)),
        ),
    )


def _grouped_by_hand(rows: Rows) -> list[Earned]:
    by_deal: dict[str, list[Touch]] = {}
    for name, touch in rows[1]:
        by_deal.setdefault(name, []).append(touch)
    return [_w_by_hand(deal, by_deal.get(deal[0], [])) for deal in rows[0]]


def _bulk(cases: Sequence[Case], rounds: int) -> Bench:
    rows, expected = _rows(cases), [_w_by_hand(case.deal, case.touches) for case in cases]
    activities = {case.deal[0]: case for case in cases}
    facts = [(name, _activity(touch)) for name, touch in rows[1]]
    deals = [(case.opportunity, case.created) for case in cases]
    ready, raw = "ours, from ready objects", "ours, from raw rows"

    def from_objects() -> list[Credit]:
        by_deal: dict[str, list[Activity]] = {}
        for name, touch in facts:
            by_deal.setdefault(name, []).append(touch)
        prepared = (journeys.prepare(RULES.journeys, deal, by_deal.get(deal.id, ()), created=created) for deal, created in deals)
        return list(attribution.credit_each(RULES, prepared))

    def from_rows() -> list[Credit]:
        by_deal: dict[str, list[Touch]] = {}
        for name, touch in rows[1]:
            by_deal.setdefault(name, []).append(touch)
        return [_from_rows(deal, by_deal.get(deal[0], ())) for deal in rows[0]]

    for name, work in ((ready, from_objects), (raw, from_rows)):
        agree(name, expected, [_earned(credit) for credit in work()], list(activities))
    count = len(cases)
    return Bench(
        f"Many deals, W-shaped, per deal (AP-2, {count:,} deals)",
        "µs",
        _BY_HAND,
        (
            Contestant(_BY_HAND, timed(lambda: _grouped_by_hand(rows), count, "µs"), "tuples, grouped first"),
            Contestant(ready, timed(from_objects, count, "µs"), "grouped first; credits kept"),
            Contestant(raw, timed(from_rows, count, "µs"), "every fact checked and frozen"),
            *(_engine(name, cases, expected) for name in _ENGINES),
        ),
        (
            Goal("AP-2", ready, 1.25, (_BY_HAND,)),
            Goal("AP-2", ready, 4, ("polars, exact",)),
            Goal("AP-2", raw, 2, (_BY_HAND,)),
        ),
        rounds=rounds,
    )


def _several(cases: Sequence[Case]) -> Bench:
    powers = RULES.models["time_decay_7"].powers
    counting = [(case.deal, _counting(case.deal, case.touches)) for case in cases]
    prepared = [_prepared(case) for case in cases]
    expected = [_six_by_hand(deal, touches, powers) for deal, touches in counting]
    ours, floor = "attribution.credit_each, six models", "hand-written, six models"
    found = [[_earned(credit) for credit in attribution.credit_each(RULES, [journey], _SIX)] for journey in prepared]
    agree(ours, expected, found, cases)
    count = len(cases)

    def one(model: str) -> Contestant:
        return Contestant(f"{ours[:23]}, {model}", timed(lambda: list(attribution.credit_each(RULES, prepared, [model])), count, "µs"))

    w_floor = "hand-written, W-shaped"
    return Bench(
        "First, last, linear, 40/20/40, decay and W over journeys that are ready, per deal (AP-3, AP-4)",
        "µs",
        floor,
        (
            Contestant(floor, timed(lambda: [_six_by_hand(deal, touches, powers) for deal, touches in counting], count, "µs")),
            Contestant(ours, timed(lambda: list(attribution.credit_each(RULES, prepared, _SIX)), count, "µs"), "credits kept"),
            Contestant(w_floor, timed(lambda: [_w_of(deal, touches) for deal, touches in counting], count, "µs")),
            *map(one, _SIX),
        ),
        (Goal("AP-3", ours, 1.15, (floor,)), Goal("AP-4", f"{ours[:23]}, w_shaped", 1.1, (w_floor,))),
    )


def _growth() -> Bench:
    """The same number of touches, on one deal or on many."""
    many, one = _cases(1_250, 8), _cases(1, 10_000)
    expected = [_w_by_hand(case.deal, case.touches) for case in one]
    agree(_OURS, expected, [_earned(_credited(case)) for case in one], one)

    def work(cases: Sequence[Case], model: str) -> Callable[[], object]:
        return lambda: [attribution.credit(RULES, _prepared(case), model) for case in cases]

    floor, ours = "1,250 deals of 8 touches", "one deal of 10,000 touches"
    return Bench(
        "10,000 touches, linear, per touch (AP-6)",
        "ns",
        floor,
        (
            Contestant(floor, timed(work(many, "linear"), 10_000, "ns")),
            Contestant(ours, timed(work(one, "linear"), 10_000, "ns")),
            Contestant(f"{ours}, W-shaped", timed(work(one, "w_shaped"), 10_000, "ns")),
        ),
        (Goal("AP-6", ours, 1.3, (floor,)),),
    )


def _memory(few: int, many: int) -> Bench:
    """What streaming holds at its peak; deals are drawn as they are asked for.

    A collection now and then empties the lists of freed tuples that the interpreter keeps for itself, which are nobody's.
    """
    pattern = _cases(200)

    def stream(count: int) -> Iterator[Journey]:
        for number in range(count):
            if number % 500 == 0:
                gc.collect()
            yield _prepared(pattern[number % len(pattern)])

    def peak(count: int) -> Callable[[], float]:
        def value() -> float:
            tracemalloc.start()
            rollups.roll_up(attribution.credit_each(RULES, stream(count), _SIX))
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return float(found)

        return value

    floor, ours = f"{few:,} deals", f"{many:,} deals"
    return Bench(
        "Peak memory of deals that stream, six models rolled up (AP-7)",
        "bytes",
        floor,
        (Contestant(floor, peak(few)), Contestant(ours, peak(many))),
        (Goal("AP-7", ours, 1.1, (floor,)),),
        rounds=1,
    )


# -------------------------------------------------------------------------------------------------- packages, by position

Totals: TypeAlias = dict[str, dict[str, float]]


def _paths(cases: Sequence[Case]) -> list[Journey]:
    return [journey for journey in map(_prepared, cases) if journey.touches]


def _ours_by_channel(prepared: Sequence[Journey], models: Sequence[str]) -> rollups.Rollup:
    return rollups.roll_up(attribution.credit_each(RULES, prepared, models))


def _quiet(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it gives
    """What a package says beside its answer is its own matter."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def _values(prepared: Sequence[Journey]) -> list[float]:
    return [float(journey.opportunity.amount.minor) for journey in prepared if journey.opportunity.amount is not None]


def _path(journey: Journey) -> str:
    return " > ".join(str(touch.channel) for touch in journey.touches)


def _channel_attribution(prepared: Sequence[Journey]) -> Callable[[], Totals] | None:
    package, pandas = _quiet(lambda: module("ChannelAttribution")), module("pandas")
    if package is None or pandas is None:
        return None
    frame = pandas.DataFrame({"path": list(map(_path, prepared)), "conversions": 1, "value": _values(prepared)})
    names = {"first": "first_touch_value", "last": "last_touch_value", "linear": "linear_touch_value"}

    def work() -> Totals:
        table = _quiet(lambda: package.heuristic_models(frame, "path", "conversions", var_value="value", flg_pro=False))
        return {model: dict(zip(table["channel_name"], table[column], strict=True)) for model, column in names.items()}

    return work


def _hours(journey: Journey) -> str:
    hour, last = timedelta(hours=1), journey.touches[-1].at
    return " > ".join(str((last - touch.at) / hour) for touch in journey.touches)


def _dp6(prepared: Sequence[Journey]) -> Callable[[], Totals] | None:
    package, pandas = module("mam"), module("pandas")
    if package is None or pandas is None:
        return None
    paths, hours = list(map(_path, prepared)), list(map(_hours, prepared))
    frame = pandas.DataFrame({"id": range(len(paths)), "path": paths, "hours": hours, "won": True, "value": _values(prepared)})

    def models() -> Totals:
        mam = package.MAM(
            frame,
            format_type="journey",
            channels_colname="path",
            journey_with_conv_colname="won",
            user_id_colname="id",
            time_till_conv_colname="hours",
            conversion_value_colname="value",
        )
        found = (mam.run_first_click(), mam.run_last_click(), mam.run_linear(), mam.run_position_based(), mam.run_time_decay(168.0))
        return {model: _columns(result._aggregated_df) for model, result in zip(_FIVE, found, strict=True)}

    return lambda: _quiet(models)


def _columns(table: Any) -> dict[str, float]:  # noqa: ANN401 - another package's own
    return dict(table.select("channels", "attribution").cast({"channels": str}).iter_rows())


def _alike(name: str, found: Totals, ours: rollups.Rollup) -> None:
    for model, by_channel in found.items():
        for channel, value in by_channel.items():
            wanted = ours.earned(channel, model).revenue.minor
            if abs(value - wanted) > 1e-6 * max(1, wanted) + len(ours.rows) * 1_000:
                raise DisagreementError(f"{name} says {value} of {channel} under {model}; expected {wanted}")


def _packages(cases: Sequence[Case]) -> Bench:
    """Both know no exact money: ours is compared to within the units that rounding moved."""
    prepared, count, note = _paths(cases), len(cases), "floats, by channel; paths that are ready"
    three, five = "ours, first, last and linear", "ours, with 40/20/40 and decay too"
    channel_attribution, dp6 = "ChannelAttribution, first, last and linear", "marketing-attribution-models, the five"
    rolled, made = _ours_by_channel(prepared, _FIVE), ((channel_attribution, _channel_attribution), (dp6, _dp6))
    works = {name: make(prepared) for name, make in made}
    for name, work in works.items():
        if work is not None:
            _alike(name, work(), rolled)
    return Bench(
        f"Positional models by channel, per deal ({count:,} deals)",
        "µs",
        three,
        (
            Contestant(three, timed(lambda: _ours_by_channel(prepared, _FIVE[:3]), count, "µs"), "exact; journeys that are ready"),
            Contestant(five, timed(lambda: _ours_by_channel(prepared, _FIVE), count, "µs"), "exact; journeys that are ready"),
            *(Contestant(name, None if work is None else timed(work, count, "µs"), note) for name, work in works.items()),
        ),
        rounds=5,
    )


# -------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    less = 20 if quick else 1
    cases = _cases(10_000 // less)
    return (
        _alone(_cases(2_000 // less, 8)),
        _bulk(cases, rounds=7),
        _several(cases[: 3_000 // less]),
        _growth(),
        _memory(5_000 // less, 20_000 // less),
        _packages(cases[: 5_000 // less]),
    )
