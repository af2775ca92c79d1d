"""Which touches count for a deal, over tables?

What `journeys` says of objects, said of tables: which touches of each deal count, in which order, and which of them holds which milestone
(AD-1 to AD-10). Deals that no deal may be are told apart, with the reason, so that one of them stops no other.

Who counts for which deal is the caller's join; duplicates within minutes, and exclusions that ask the catalogue, cannot be said in a table
and are refused by name.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from inbound_engine.attribution import Rules
from inbound_engine.cells import Bringer, Table, refuse_others
from inbound_engine.errors import FactError, shown
from inbound_engine.idioms import DAY, Expr, Frame, any_of, as_integer, dated, integer, numbered, nw, our_name, ours, with_ours
from inbound_engine.journeys import Direct, Exclusion
from inbound_engine.sources import Source
from inbound_engine.weighing import CompiledModel

__all__ = ["COUNT_BITS", "UNIT_BITS", "WHY", "Asked", "By", "Deals", "Leads", "counted", "deals_of", "entered", "marked", "touches_of"]

By: TypeAlias = Literal["opportunity", "account"]
"""What joins a touch to its deals."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
UNIT_BITS = 53
"""Of an amount in minor units: what a double holds exactly, since some tables keep whole numbers so."""
COUNT_BITS = 16
"""Of the number of touches of one deal."""
_ANY_TOUCH, _AFTER_CLOSE, _RECORDED_LATER, _BEFORE_PREVIOUS, _OUTSIDE, _EXCLUDED, _COUNTS = range(7)
WHY: Mapping[int, str] = {
    _ANY_TOUCH: "no_touch",
    _AFTER_CLOSE: "all_after_close",
    _RECORDED_LATER: "all_recorded_later",
    _BEFORE_PREVIOUS: "all_before_previous_close",
    _OUTSIDE: "all_outside_window",
    _EXCLUDED: "all_excluded",
}
"""Why no touch counts, by how far the furthest came; one that came all the way is a direct visit (AD-8)."""
_TOUCH = (
    *("id", "at", "recorded_at", "sequence", "kind", "content", "channel", "campaign", "contact_id", "marketing"),
    *("opportunity_id", "account_id"),
)
_DEAL = (
    *("id", "account_id", "opened_at", "closed_at", "won", "amount"),
    *("lead_created_at", "source_touch_id", "lead_contact_id", "has_contacts"),
)
_LEAD = ("opportunity_id", "id", "created_at", "person_since", "source_touch_id", "contact_id")


# ------------------------------------------------------------------------------------------------------------- questions


@frozen
class Asked:
    """What is asked of the tables, settled before anything is read."""

    rules: Rules
    models: tuple[CompiledModel, ...]
    at: datetime | None
    by: By
    marks: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, rules: Rules, models: Sequence[CompiledModel], at: datetime | None, by: By, *, stages: bool) -> "Asked":
        """What those models ask; `FactError` for what no table can say, and for stages where no entries are given."""
        _refuse_what_no_table_says(rules)
        marks = tuple(dict.fromkeys(mark for model in models for mark, _ in model.shares))
        named = tuple((mark.rpartition(":")[0], mark.rpartition(":")[2]) for mark in marks if ":" in mark)
        for model in models:
            theirs = [mark for mark, _ in model.shares if ":" in mark]
            if theirs and not stages:
                raise FactError(
                    f"models[{model.id}]", f"a share of the stage {shown(theirs[0].rpartition(':')[0])}", "no stages, or `entries`",
                    "Pass entries=, a frame with opportunity_id, stage and at.",
                )  # fmt: skip
        return cls(rules, tuple(models), at, by, marks, named)

    def direct(self, model: CompiledModel) -> Direct:
        """How the model takes direct visits."""
        return model.direct or self.rules.journeys.document.direct

    @property
    def wants_lead(self) -> bool:
        """Whether the creation of the lead is asked for."""
        return "lead" in self.marks

    @property
    def of_days(self) -> bool:
        """Whether dates are compared."""
        return self.rules.journeys.zone is not None

    @property
    def by_account(self) -> bool:
        """Whether deals are told by account."""
        return self.by == "account" or self.since_previous

    @property
    def since_previous(self) -> bool:
        """Whether an account starts anew after a win."""
        return self.rules.journeys.document.scope == "since_previous_close"

    @property
    def at_us(self) -> int:
        """The instant, in microseconds."""
        return _since_epoch(self.at or _EPOCH)


def _refuse_what_no_table_says(rules: Rules) -> None:
    document = rules.journeys.document
    if document.dedupe_minutes is not None:
        hint = "Each depends on the one kept before it: leave duplicates out first, or use `attribution`."
        raise FactError("attribution.journeys.dedupe_minutes", shown(document.dedupe_minutes), "none over tables", hint)
    for row in document.exclusions:
        asks = row.touches
        if asks.touchpoints or asks.depth_at_least is not None or asks.hand_raise is not None:
            path = f"attribution.journeys.exclusions[{row.id}].touches"
            hint = "Name kinds and contents, or leave those touches out first."
            raise FactError(path, "a question to the catalogue", "kinds, contents, channels, campaigns or marketing over tables", hint)


def _since_epoch(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


# ----------------------------------------------------------------------------------------------------------------- deals


@frozen
class Deals:
    """Deals with everything that is asked of them; `sound` are those that may be credited, `unsound` those that are refused."""

    table: Table
    frame: Frame
    persons: int
    bits: int
    """How many bits the largest amount has."""
    of_leads: bool = False
    """Whether the lead of a deal is one of several."""

    @property
    def sound(self) -> Frame:
        """Those that are not refused."""
        return self.frame.filter(ours("refused") == nw.lit(""))


@frozen
class Leads:
    """The leads of deals: several may stand for one."""

    table: Table
    named: dict[str, Source]


def deals_of(table: Table, asked: Asked, named: dict[str, Source], leads: Leads | None = None) -> Deals:
    """Every deal with what is asked of it, what it adds to, why it is refused, and the lead whose creation counts."""
    reader = Bringer(table, named, "opportunity_columns", _DEAL)
    reader.text("id", "deal")
    if asked.by_account:
        reader.text("account_id", "account")
    for fact in ("opened_at", "closed_at"):
        reader.instant(fact, fact)
    reader.flag("won", "won", reads=False)
    reader.flag("has_contacts", "has_contacts", reads=True, optional=True)
    reader.amount("amount", "amount", "currency")
    persons = 0
    if asked.wants_lead and leads is None:
        reader.instant("lead_created_at", "created")
        reader.text("source_touch_id", "source")
        persons = reader.texts("lead_contact_id", "person")
    frame = reader.made()
    most = integer(1 << UNIT_BITS)
    fits = ours("amount known") & ~ours("amount unfit") & (ours("amount") < most) & (ours("amount") > integer(0) - most)
    frame = with_ours(frame, amount=nw.when(fits).then(ours("amount")).otherwise(integer(0)), **{"amount known": fits})
    if asked.at is not None:
        frame = with_ours(frame, at_of_all=integer(asked.at_us))
    with_created = asked.wants_lead and leads is None
    names = ["opened_at", "closed_at", *(["created"] if with_created else []), *(["at_of_all"] if asked.at is not None else [])]
    frame = _dated(frame, table, asked, names)
    if table.library == "pandas":
        frame = frame.with_row_index(our_name("key"))
    elif table.library == "polars":
        frame = _numbered(frame)
    else:
        frame = with_ours(frame, key=ours("deal"))
    frame = _standing(frame, asked)
    if asked.since_previous:
        frame = _with_previous_close(frame)
    if asked.at is not None:
        frame = frame.filter(~ours("opened_at known") | (ours("opened_at") <= integer(asked.at_us)))
    if leads is not None:
        frame, persons = _with_lead(frame, table, leads, asked)
    bits = UNIT_BITS
    if table.eager:
        frame = frame.collect() if table.library == "polars" else frame
        bits = max(int(frame[our_name("amount")].abs().max() or 0).bit_length(), 1) if len(frame) else 1
        frame = frame.lazy() if table.library == "polars" else frame
    return Deals(table, frame, persons, bits, of_leads=leads is not None)


def _numbered(frame: Frame) -> Frame:
    """The rows numbered as they stand: only Polars itself numbers what is lazy so."""
    return nw.from_native(frame.to_native().with_row_index(our_name("key")))


def _dated(frame: Frame, table: Table, asked: Asked, names: Iterable[str]) -> Frame:
    """The frame with what each of those instants is compared by beside it: itself, or the number of its date in the zone of the policy."""
    zone = asked.rules.journeys.zone
    if zone is None:
        return with_ours(frame, **{f"{name} by": ours(name) for name in names})
    return dated(frame, table.library, {f"{name} by": name for name in names}, zone.key)


def _standing(frame: Frame, asked: Asked) -> Frame:
    """What each deal adds to, up to when touches count, and why it is refused."""
    closed = ours("closed_at known") & ours("won known")
    if asked.at is not None:
        closed = closed & (ours("closed_at") <= integer(asked.at_us))
    frame = with_ours(frame, closed=closed, alike=ours("deal").count().over(our_name("deal")).cast(nw.Int64))
    decided = nw.when(ours("won")).then(nw.lit("revenue")).otherwise(nw.lit("lost"))
    backwards = ours("closed_at known") & (ours("closed_at") < ours("opened_at"))
    checks = [
        ("id", (ours("deal") == nw.lit("")) | (ours("alike") > integer(1))),
        ("opened_at", ~ours("opened_at known")),
        ("closed_at", (ours("won known") & ~ours("closed_at known")) | backwards),
        *([("at", ~ours("closed"))] if asked.at is None else []),
        ("amount", ~ours("amount known")),
        ("currency", ours("currency") == nw.lit("")),
    ]
    return with_ours(
        frame,
        total=nw.when(ours("closed")).then(decided).otherwise(nw.lit("pipeline")),
        refused=_first_of(checks),
        **{
            "bound by": nw.when(ours("closed")).then(ours("closed_at by")).otherwise(ours("at_of_all by"))
            if asked.at
            else ours("closed_at by")
        },
    )


def _first_of(checks: Sequence[tuple[str, Expr]]) -> Expr:
    chain: Any = nw
    for name, test in checks:
        chain = chain.when(test).then(nw.lit(name))
    return chain.otherwise(nw.lit(""))


def _with_previous_close(frame: Frame) -> Frame:
    """The frame with the last win of the account at or before each deal was opened; its own is none, though it be won at once."""
    own = frame.filter(ours("account") != nw.lit(""))
    wins = own.filter(ours("won") & ours("won known") & ours("closed_at known"))
    told = {"winner": ours("deal"), "win": ours("closed_at"), "previous by": ours("closed_at by")}
    wins = wins.select(our_name("account"), **{our_name(name): value for name, value in told.items()})
    found = own.select(*map(our_name, ("account", "key", "deal", "opened_at"))).join(wins, on=our_name("account"), how="inner")
    before = found.filter((ours("win") <= ours("opened_at")) & (ours("winner") != ours("deal")))
    latest = before.group_by(our_name("key")).agg(ours("previous by").max())
    latest = with_ours(latest, **{"previous known": nw.lit(1, nw.Int64)})
    joined = frame.join(latest, on=our_name("key"), how="left")
    whole = {name: ours(name).fill_null(0).cast(nw.Int64) for name in ("previous by", "previous known")}
    return with_ours(joined, **whole)


def _with_lead(frame: Frame, table: Table, leads: Leads, asked: Asked) -> tuple[Frame, int]:
    """The frame with the lead whose creation counts, and how many contacts may be its person (AD-5).

    Of those that were created up to the bound, or of which a touch is named, it is that of the oldest person; between equals the older
    lead, then the smaller id.
    """
    refuse_others(leads.table, table)
    reader = Bringer(leads.table, leads.named, "lead_columns", _LEAD)
    reader.text("opportunity_id", "deal")
    reader.text("id", "lead")
    reader.instant("created_at", "created")
    reader.instant("person_since", "since")
    reader.text("source_touch_id", "source")
    persons = reader.texts("contact_id", "person")
    read = _dated(reader.made(), leads.table, asked, ["created"])
    read = read.join(frame.select(*map(our_name, ("deal", "key", "bound by"))), on=our_name("deal"), how="inner")
    in_time = ours("created known") & (ours("created by") <= ours("bound by"))
    if asked.at is not None:
        in_time = in_time & (ours("created") <= integer(asked.at_us))
    read = read.filter(in_time | (~ours("created known") & (ours("source") != nw.lit(""))))
    unknown = {f"{name} unknown": as_integer(~ours(f"{name} known")) for name in ("since", "created")}
    read = with_ours(read, **unknown, one=integer(1))
    order = ("since unknown", "since", "created unknown", "created", "lead", "source")
    read = with_ours(read, turn=numbered(["key"], order)).filter(ours("turn") == integer(1))
    texts = ["lead", "source", *(f"person {number}" for number in range(persons))]
    found = read.select(
        *map(our_name, ("key", "created", "created by", *texts)), **{our_name("is created"): as_integer(ours("created known"))}
    )
    frame = frame.join(found, on=our_name("key"), how="left")
    whole = {name: ours(name).fill_null(0).cast(nw.Int64) for name in ("created", "created by", "is created")}
    frame = with_ours(frame, **whole, **{name: ours(name).fill_null("") for name in texts})
    return with_ours(frame, **{"created known": ours("is created") > integer(0)}), persons


# -------------------------------------------------------------------------------------------------------------- journeys


def touches_of(table: Table, deals: Deals, asked: Asked, named: dict[str, Source]) -> tuple[Frame, Deals]:
    """Every touch of every sound deal with how far it came, and the deals with how far their touches did."""
    refuse_others(table, deals.table)
    key = "deal" if asked.by == "opportunity" else "account"
    exclusions = asked.rules.journeys.document.exclusions
    reader = Bringer(table, named, "touch_columns", _TOUCH)
    reader.text(f"{asked.by}_id", key)
    reader.text("id", "touch")
    reader.instant("at", "at")
    if asked.at is not None:
        reader.instant("recorded_at", "recorded_at")
    reader.whole("sequence", "sequence")
    reader.text("channel", "channel")
    reader.text("campaign", "campaign")
    if asked.wants_lead and deals.persons:
        reader.text("contact_id", "contact")
    if any(row.touches.kinds for row in exclusions):
        reader.text("kind", "kind")
    if any(row.touches.contents or row.touches.content_starts for row in exclusions):
        reader.text("content", "content")
    if any(row.touches.marketing is not None for row in exclusions):
        reader.flag("marketing", "marketing", reads=True)
    read = reader.made()
    read = read.filter(ours(key) != nw.lit(""))
    read, bad = _each_once(read, table, key)
    read = _dated(read, table, asked, ["at"])
    joined = read.join(deals.sound, on=our_name(key), how="inner")
    joined = with_ours(joined, status=_status(asked), direct=_is_direct(asked))
    named_ones = as_integer((ours("status") == integer(_COUNTS)) & ~ours("direct"))
    direct_ones = as_integer((ours("status") == integer(_COUNTS)) & ours("direct"))
    joined = with_ours(joined, named=named_ones, directs=direct_ones)
    sums = {name: ours(name).sum() for name in ("named", "directs")} | {"status": ours("status").max()}
    if bad:
        joined = with_ours(joined, one=integer(1))
        sums |= {"bad": ours("bad").max(), "one": ours("one").sum(), "touch": ours("touch").n_unique()}
    found = joined.select(*map(our_name, ("key", *sums))).group_by(our_name("key")).agg(*sums.values())
    names = ["several" if name == "touch" else name for name in sums]
    found = found.rename({our_name("touch"): our_name("several")}) if bad else found
    frame = deals.frame.join(found, on=our_name("key"), how="left")
    frame = with_ours(frame, **{name: ours(name).fill_null(0).cast(nw.Int64) for name in names})
    unfit = ours("named") + ours("directs") >= integer(1 << COUNT_BITS)
    if bad:
        unfit = unfit | (ours("bad") > integer(0)) | (ours("several") < ours("one"))
    refused = nw.when((ours("refused") == nw.lit("")) & unfit).then(nw.lit("touches")).otherwise(ours("refused"))
    return joined, evolve(deals, frame=with_ours(frame, refused=refused))


def _each_once(read: Frame, table: Table, key: str) -> tuple[Frame, bool]:
    """The touches of each deal or account, each once, with a column `bad` where one cannot be, and whether any may be so.

    Of what is lazy nobody knows yet. What is eager and sound is not looked at twice. Two that differ under one id stay two.
    """
    unfit = (ours("touch") == nw.lit("")) | ~ours("at known") | ours("sequence unfit")
    if table.eager:
        ids = read.select(*map(our_name, (key, "touch", "at known", "sequence unfit")))
        ids = ids.collect() if table.library == "polars" else ids
        several = len(ids.select(our_name(key), our_name("touch")).unique()) < len(ids)
        if not several and not len(ids.filter(unfit)):
            return read, False
    read = read.unique() if table.library in {"polars", "pandas"} else nw.from_native(read.to_native().distinct())
    return with_ours(read, bad=as_integer(unfit)), True


def _status(asked: Asked) -> Expr:
    """How far a touch comes: the number of what leaves it out, or of what counts."""
    document = asked.rules.journeys.document
    late = ours("at by") > ours("bound by")
    if asked.at is not None and asked.of_days:
        late = late | (ours("at") > integer(asked.at_us))
    chain = nw.when(late).then(integer(_AFTER_CLOSE))
    if asked.at is not None:
        chain = chain.when(ours("recorded_at known") & (ours("recorded_at") > integer(asked.at_us))).then(integer(_RECORDED_LATER))
    if asked.since_previous:
        before = (ours("previous known") > integer(0)) & (ours("at by") <= ours("previous by"))
        chain = chain.when(before).then(integer(_BEFORE_PREVIOUS))
    if document.window_days is not None or asked.rules.journeys.windows:
        chain = chain.when(_outside(asked)).then(integer(_OUTSIDE))
    for row in document.exclusions:
        chain = chain.when(_fits(row)).then(integer(_EXCLUDED))
    return chain.otherwise(integer(_COUNTS))


def _outside(asked: Asked) -> Expr:
    """Whether a touch lies before the look-back of its channel; an end of it is inside (AD-11)."""
    rules, unit = asked.rules.journeys, 1 if asked.of_days else DAY
    end = ours("bound by") if rules.document.window_from == "close" else ours("opened_at by")
    by_days: dict[int | None, list[str]] = {}
    for channel, days in rules.windows.items():
        by_days.setdefault(days, []).append(channel)

    def before(days: int | None) -> Expr:
        return nw.lit(value=False) if days is None else ours("at by") < end - integer(days * unit)

    chain: Any = nw
    for days, channels in by_days.items():
        chain = chain.when(ours("channel").is_in(channels)).then(before(days))
    last = before(rules.document.window_days)
    return chain.otherwise(last) if by_days else last


def _fits(row: Exclusion) -> Expr:
    """Whether an exclusion means a touch."""
    asks, tests = row.touches, []
    for name, values in (("kind", asks.kinds), ("channel", asks.channels), ("campaign", asks.campaigns)):
        if values:
            tests.append(ours(name).is_in(list(values)))
    if asks.contents or asks.content_starts:
        whole = [ours("content").is_in(list(asks.contents))] if asks.contents else []
        tests.append(any_of([*whole, *(ours("content").str.starts_with(start) for start in asks.content_starts)]))
    if asks.marketing is not None:
        tests.append(ours("marketing") if asks.marketing else ~ours("marketing"))
    found = tests[0]
    for test in tests[1:]:
        found = found & test
    return found


def _is_direct(asked: Asked) -> Expr:
    channels = ["" if channel is None else channel for channel in asked.rules.journeys.directs]
    return ours("channel").is_in(sorted(channels)) if channels else nw.lit(value=False)


def counted(journeys: Frame, deals: Deals, direct: Direct) -> Frame:
    """The touches that count, numbered from 1 in their order (AD-2)."""
    by_direct: dict[Direct, Expr] = {
        "include": ours("named") + ours("directs"),
        "exclude": ours("named"),
        "fallback": nw.when(ours("named") > integer(0)).then(ours("named")).otherwise(ours("directs")),
    }
    told = deals.sound.select(our_name("key"), **{our_name("many"): by_direct[direct], our_name("others"): ours("named")})
    found = journeys.filter(ours("status") == integer(_COUNTS)).join(told, on=our_name("key"), how="inner")
    if direct != "include":
        found = found.filter(~ours("direct") if direct == "exclude" else ~ours("direct") | (ours("others") == integer(0)))
    return with_ours(with_ours(found, one=integer(1)), place=numbered(["key"], ["at", "sequence", "touch"]))


def entered(counted: Frame, table: Table, deals: Deals, asked: Asked, named: dict[str, Source]) -> Frame:
    """The touches with the first or last entry of their deal into each stage that is named, up to its bound (AD-25).

    Where the lead is one of several, entries of the others do not count.
    """
    refuse_others(table, deals.table)
    reader = Bringer(table, named, "entry_columns", ("opportunity_id", "stage", "at", *(["lead_id"] if deals.of_leads else [])))
    reader.text("opportunity_id", "deal")
    reader.text("stage", "stage")
    reader.instant("at", "entered")
    if deals.of_leads:
        reader.text("lead_id", "whose")
    read = _dated(reader.made().filter(ours("entered known")), table, asked, ["entered"])
    bounds = deals.sound.select(*map(our_name, ("deal", "key", "bound by", *(["lead"] if deals.of_leads else []))))
    read = read.join(bounds, on=our_name("deal"), how="inner").filter(ours("entered by") <= ours("bound by"))
    if deals.of_leads:
        read = read.filter((ours("whose") == nw.lit("")) | (ours("whose") == ours("lead")))
    if asked.at is not None:
        read = read.filter(ours("entered") <= integer(asked.at_us))
    for number, (stage, occurrence) in enumerate(asked.stages):
        own = f"stage {number}"
        rows = read.filter(ours("stage") == nw.lit(stage)).select(our_name("key"), **{our_name(own): ours("entered by")})
        found = rows.group_by(our_name("key")).agg(ours(own).min() if occurrence == "first" else ours(own).max())
        found = with_ours(found, **{f"{own} known": integer(1)})
        counted = counted.join(found, on=our_name("key"), how="left")
        counted = with_ours(counted, **{name: ours(name).fill_null(0).cast(nw.Int64) for name in (own, f"{own} known")})
    return counted


def marked(counted: Frame, asked: Asked) -> Frame:
    """The touches with the place of each milestone of their deal, 0 where none is at or before it (AD-5)."""
    latest: dict[str, Expr] = {}
    later: Expr = nw.lit(value=False)

    def up_to(name: str, test: Expr) -> None:
        latest[name] = nw.when(test).then(ours("place")).otherwise(integer(0))

    if "opportunity" in asked.marks:
        up_to("opened", ours("at by") <= ours("opened_at by"))
    if asked.wants_lead:
        later = ours("created known") & (ours("created by") > ours("bound by"))
        if asked.at is not None:
            later = later | (ours("created known") & (ours("created") > integer(asked.at_us)))
        before = ours("created known") & (ours("at by") <= ours("created by"))
        up_to("anybody", before)
        up_to("source place", ours("touch") == ours("source"))
        persons = [name for name in counted.collect_schema().names() if name.startswith(our_name("person "))]
        if persons:
            theirs = any_of(ours("contact") == nw.col(name) for name in persons) & (ours("contact") != nw.lit(""))
            up_to("themselves", before & theirs)
    for number, _ in enumerate(asked.stages):
        up_to(f"until {number}", (ours(f"stage {number} known") > integer(0)) & (ours("at by") <= ours(f"stage {number}")))
    if latest:
        counted = with_ours(counted, **latest)
        counted = with_ours(counted, **{name: ours(name).max().over(our_name("key")).cast(nw.Int64) for name in latest})
    stage = iter(range(len(asked.stages)))
    marks: dict[str, Expr] = {}
    for number, mark in enumerate(asked.marks):
        match mark:
            case "first":
                place = integer(1)
            case "last":
                place = ours("many")
            case "close":
                place = nw.when(ours("closed")).then(ours("many")).otherwise(integer(0))
            case "opportunity":
                place = ours("opened")
            case "lead":
                chain = nw.when(later).then(integer(0)).when(ours("source place") > integer(0)).then(ours("source place"))
                if "themselves" in latest:
                    chain = chain.when(ours("themselves") > integer(0)).then(ours("themselves"))
                place = chain.otherwise(ours("anybody"))
            case _:  # a stage
                place = ours(f"until {next(stage)}")
        marks[f"mark {number}"] = place
    return with_ours(counted, **marks) if marks else counted
