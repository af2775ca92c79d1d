"""What does the same policy say over a frame?

`assess` adds the columns of an assessment to a frame of leads: Polars (eager and lazy), pandas, PyArrow, DuckDB or Spark, whichever holds
it. The policy is compiled into expressions once (`columns`), the engine evaluates them, and the answers are those of the objects (FD-4).
What is lazy stays lazy, nothing is collected and no row becomes a Python object.

A column is found by the name of its fact, or by what `columns` says: another name, several of which the first known one counts, a text
that separates the members of a set (`Separated`), the two parts of an amount (`Amount`), an instant without its zone (`Naive`), or None
for a fact that nobody knows. Missing columns and columns of another type are refused before anything runs. In a frame

- a null, an empty text, a NaN, and a value that the policy says means unknown are unknown;
- text is compared letter for letter: tidy it before, in a column of your own;
- a row with a value that no lead may have is refused: `refused` names the fact, and every other output of that row is null.

Activities are a frame of their own. `signals` sums them up by lead; `assess` joins that by the id of the lead, and leads without any have
none. Without activities nobody has looked, and they are unknown of every lead.

Wants the package `narwhals`, an extra: `inbound-engine[frames]`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any, TypeVar

from attrs import evolve

from inbound_engine import policy as policies
from inbound_engine.cells import Cell, Reader, Table, few, read_table, refuse_others, refuse_strangers, refuse_taken
from inbound_engine.columns import Columns, Input, Looked, Step
from inbound_engine.columns import compile as compile_columns
from inbound_engine.errors import FactError, shown
from inbound_engine.expressions import (
    TRUE,
    Ago,
    Among,
    And,
    Bounded,
    Case,
    Column,
    Compare,
    Concat,
    Constant,
    Expression,
    Holds,
    Known,
    Moment,
    Named,
    Not,
    Or,
    Product,
    Quotient,
    Sum,
    Words,
    bounds,
    kind,
    moment,
    walk,
)
from inbound_engine.graders import HIGHEST
from inbound_engine.idioms import Expr, Frame, integer, nw, our_name, ours, with_ours
from inbound_engine.policy import Compiled, Policy
from inbound_engine.sources import Amount, Naive, Separated, Source
from inbound_engine.spans import instant

__all__ = ["Amount", "Naive", "Separated", "Source", "assess", "signals"]

AnyFrame = TypeVar("AnyFrame")
"""A frame of whichever library; what comes back is of the same."""

_ROW = our_name("row")
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# -------------------------------------------------------------------------------------------------------------- the face


def assess(
    frame: AnyFrame,
    policy: Policy | Compiled,
    *,
    at: datetime,
    columns: Mapping[str, Source] | None = None,
    activities: object = None,
    activity_columns: Mapping[str, Source] | None = None,
    points: bool = False,
    reasons: bool = False,
    only: Collection[str] | None = None,
    prefix: str = "",
) -> AnyFrame:
    """The frame with what the policy says of every row, as of `at`; its own columns, rows and order stay as they are.

    Added are `refused`, then for each score `<score>` (0 to 100), `<score>_parts` (exact), `<score>_low` and `<score>_high`; `tier`,
    `tier_reason`, `raised_by`, `mql`, `mql_clause`, `handed_off`, `missing` (how many criteria have no grade). `points` adds
    `grade_<criterion>` and `<score>_<line>`, `reasons` adds `because`, `only` keeps those outputs and computes no others. Every added
    name begins with `prefix`; one that the frame has already is a `FactError`.

    `columns` and `activity_columns` say where facts are found. `activities` is a frame of activities, or what `signals` made of one.
    The ids are in `columns["id"]` and `activity_columns["lead_id"]`, which are "id" and "lead_id" unless they say otherwise. A column
    for `columns["activities"]` says of which leads somebody has looked.

    >>> import polars as pl
    >>> from inbound_engine.spans import parse_instant
    >>> leads = pl.DataFrame({"id": ["L-1", "L-2"], "size": [240, None], "country": ["DE", "Germany"]})
    >>> unknown = dict.fromkeys(["technologies", "growth_stage", "title", "industry", "critical_event", "requested", "lead_type"])
    >>> scored = assess(leads, Policy(), at=parse_instant("2026-03-02T09:00Z"), columns={"employees": "size", **unknown})
    >>> scored.select("id", "refused", "selection", "selection_high", "tier").rows()
    [('L-1', None, 35.0, 100.0, 'NURTURE'), ('L-2', 'country', None, None, None)]
    """
    at, named = instant(at), dict(columns or {})
    compiled = _compiled(policy)
    table = read_table(frame, "frame")
    looked: Looked = "some" if named.get("activities") is not None else "none" if activities is None else "all"
    nobody_knows = [name for name, source in named.items() if source is None and name in compiled.words.words]
    asked = partial(compile_columns, compiled, unknown=nobody_knows, looked=looked, points=points, reasons=reasons, only=only)
    made = asked()
    known: list[str] = []
    sound: list[str] = []
    if table.eager:
        known, sound = _settled(table, made, named)
        made = asked(known=known, sound=sound)
    refuse_strangers(named, {*compiled.words.words, "activities", "id"}, "columns", "a fact that the policy does not know")
    refuse_taken(table, [prefix + output.name for output in (made.refused, *made.outputs)])
    reader = _Reader(table, at, "columns", _width(made))
    reader.within = frozenset(sound)
    reader.bring(made.inputs, named)
    if made.signals:
        reader = _with_signals(reader, made, activities, named, dict(activity_columns or {}))
    for layer in made.layers:
        reader.compute(layer)
    scored: AnyFrame = reader.finished(made, prefix)
    return scored


def signals(
    activities: AnyFrame,
    policy: Policy | Compiled,
    *,
    at: datetime,
    columns: Mapping[str, Source] | None = None,
) -> AnyFrame:
    """What the activities of each lead add up to, as of `at`: a row for each lead that has any, in no order.

    A column `lead_id`, and one for each signal that the policy asks for: how many activities of a kind there are, the latest, and what
    they are worth after decay, in thousandths. `assess` takes the frame as `activities`, so that it need not be made twice.

    >>> import polars as pl
    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T09:00Z")
    >>> seen = pl.DataFrame({"lead_id": ["L-1", "L-1"], "kind": ["visit", "demo_request"], "at": [at, at]})
    >>> signals(seen, Policy(), at=at, columns={"content": None, "marketing": None}).select("count_visit_30d", "sum_engagement").rows()
    [(1, 42000)]
    """
    compiled = _compiled(policy)
    made = compile_columns(compiled)
    table = read_table(activities, "activities")
    found = _signals(table, made, instant(at), dict(columns or {}), "columns")
    summed: AnyFrame = table.given_back(found.rename({our_name("lead_id"): "lead_id"}))
    return summed


def _compiled(policy: Policy | Compiled) -> Compiled:
    if isinstance(policy, Compiled):
        return policy
    return policies.compile(policy)


def _settled(table: Table, made: Columns, named: Mapping[str, Source]) -> tuple[list[str], list[str]]:
    """Of an eager frame the facts that are known in every row, and those whose every grade lies where grades lie."""
    known, sound = [], []
    graded = {check.fact for check in made.checks if check.expected.startswith("a grade")}
    for item in made.inputs:
        source = named.get(item.fact, item.default)
        if (
            item.column.name == item.fact
            and item.column.kind == "integer"
            and isinstance(source, str)
            and source in table.schema
            and table.schema[source].is_integer()
        ):
            series = table.given[source]
            if len(series) and not series.null_count():
                known.append(item.fact)
                if item.fact in graded and series.min() >= 0 and series.max() <= HIGHEST:
                    sound.append(item.fact)
    return known, sound


def _width(made: Columns) -> Any:  # noqa: ANN401 - a type of narwhals
    """The smallest type that holds every whole number that is computed; the policy was compiled so that 64 bits always do."""
    expressions = [step.expression for step in made.steps] + [output.expression for output in made.outputs]
    ends = [
        bounds(part) for expression in expressions for part in walk(expression) if kind(part) == "integer" and not isinstance(part, Column)
    ]
    most = max((max(-low, high) for low, high in ends), default=0)
    return next(one for limit, one in ((2**15, nw.Int16), (2**31, nw.Int32), (2**63, nw.Int64)) if most < limit)


# --------------------------------------------------------------------------------------------------------------- reading


class _Reader:
    """Emits expressions into a frame, a group of columns at a time; made and dropped by one call."""

    def __init__(self, table: Table, at: datetime, path: str, width: Any = nw.Int64) -> None:  # noqa: ANN401 - a type of narwhals
        self.table = table
        self.frame = table.frame
        self.at = at
        self.cells = Reader(table, path)
        self.width = width
        self.naive: set[str] = set()
        self.separated: dict[str, str] = {}
        self.within: frozenset[str] = frozenset()
        self.scales: dict[str, tuple[int, int]] = {}
        self.refusals: list[tuple[str, Expr]] = []

    # ------------------------------------------------------------------------------------------------------------ inputs

    def bring(self, inputs: Sequence[Input], named: Mapping[str, Source]) -> None:
        """Adds a column of our own for each input: nothing in it is null, and another says where it is known."""
        found = [(item, _source(item, named)) for item in inputs]
        self.cells.refuse_missing((item.fact, column) for item, source in found for column in _names(item, source))
        made: dict[str, Expr] = {}
        for item, source in found:
            made |= self._brought(item, source)
        self.frame = with_ours(self.frame, **made)

    def _brought(self, item: Input, source: Source) -> dict[str, Expr]:
        own, columns = item.column.name, _names(item, source)
        constant = source.currency if isinstance(source, Amount) and item.column.kind == "text" else None
        if constant is not None:
            return {own: nw.lit(constant)}
        if all(map(self.cells.is_blank, columns)):
            return {own: self._nothing(item), "known " + own: nw.lit(value=False)}
        if item.column.kind == "text":
            value, *more = [self.cells.text(item.fact, column, item.unknown) for column in columns]
            for other in more:
                value = nw.when(value != nw.lit("")).then(value).otherwise(other)
            return {own: value}
        column, *others = columns
        if others:
            expected = "one column: only texts are taken from the first that is known"
            raise FactError(f"{self.cells.path}[{item.fact}]", "several columns", expected)
        cell = self._cell(item, source, column)
        if cell.unfit is not None:
            self.refusals.append((item.fact, cell.unfit))
        return {own: cell.value, "known " + own: cell.known}

    def _cell(self, item: Input, source: Source, column: str) -> Cell:
        name = item.column.name
        match item.column.kind:
            case "integer":
                cell = self.cells.integer(item.fact, column)
                return evolve(cell, value=nw.col(column)) if name in self.within and cell.unfit is None else cell
            case "decimal":
                cell, self.scales[name] = self.cells.decimal(item.fact, column)
                return cell
            case "boolean":
                return self.cells.boolean(item.fact, column, reads=item.reads)
            case "texts":
                by = source.by if isinstance(source, Separated) else None
                if by is not None:
                    self.separated[name] = by
                return self.cells.members(item.fact, column, by)
            case _:
                return self._instant(item, source if isinstance(source, Naive) else column)

    def _instant(self, item: Input, source: str | Naive) -> Cell:
        found, name = self.cells.instants(item.fact, source), item.column.name
        value, naive = nw.col(found.column), found.zone == "UTC"
        if naive:
            self.naive.add(name)
        elif found.zone is not None:
            value = value.dt.replace_time_zone(found.zone)
        if not naive and self.table.in_memory and found.dtype.time_zone != "UTC":
            value = value.dt.convert_time_zone("UTC")
        if found.dtype.time_unit in {"ms", "s"}:
            value = value.cast(nw.Datetime("us", None if naive else "UTC"))
        return Cell(value.fill_null(self._instant_literal(name, _EPOCH)), found.known)

    def _nothing(self, item: Input) -> Expr:
        match item.column.kind:
            case "boolean":
                return nw.lit(item.reads)
            case "integer":
                return integer(0)
            case "instant":
                return self._instant_literal(item.column.name, _EPOCH)
            case "decimal":
                self.scales[item.column.name] = (0, 0)
                return integer(0)
            case "texts":
                self.separated[item.column.name] = ";"
                return nw.lit("")
            case _:
                return nw.lit("")

    # ------------------------------------------------------------------------------------------------------- expressions

    def compute(self, layer: Sequence[Step]) -> None:
        """Adds the columns of one group of steps."""
        self.frame = self.frame.with_columns(**{our_name("step " + step.name): self.say(step.expression) for step in layer})

    def finished(self, made: Columns, prefix: str) -> Any:  # noqa: ANN401 - of whichever library
        """The frame with the outputs, without the columns of our own."""
        checks = [(self.say(check.refused), check.fact) for check in made.checks]
        checks += [(test, fact) for fact, test in self.refusals]
        outputs: dict[str, Expr] = {}
        if checks:
            why = nw.when(checks[0][0]).then(nw.lit(checks[0][1]))
            for test, fact in checks[1:]:
                why = why.when(test).then(nw.lit(fact))
            refused = our_name("refused")
            self.frame = self.frame.with_columns(**{refused: why.otherwise(nw.lit(""))})
            fine = nw.col(refused) == nw.lit("")
            outputs[prefix + "refused"] = nw.when(~fine).then(nw.col(refused))
        else:
            fine = None
            outputs[prefix + "refused"] = nw.when(nw.lit(value=False)).then(nw.lit(""))
        for output in made.outputs:
            value = self.say(output.expression)
            if output.kind == "integer" and self.width != nw.Int64:
                value = value.cast(nw.Int64)
            known = [*([] if output.known == TRUE else [self.say(output.known)]), *([] if fine is None else [fine])]
            if known:
                value = nw.when(_balanced(known, _both)).then(value)
            outputs[prefix + output.name] = value
        return self.table.given_back(self.frame.select(*self.table.names, **outputs))

    def say(self, expression: Expression) -> Expr:
        """The expression in the words of narwhals."""
        match expression:
            case Column(name=name):
                return ours(name)
            case Known(column=Column(name=name, kind="text")):
                return ours(name) != nw.lit("")
            case Known(column=Column(name=name)):
                return ours("known " + name)
            case Named(name=name):
                return ours("step " + name)
            case Constant(kind="integer", value=int() as value):
                return nw.lit(value, self.width)
            case Constant(value=bool() | str() as value):
                return nw.lit(value)
            case Compare(op=op, left=Column(name=name, kind="decimal") as column, right=Constant(value=exact)):
                return self._decimal_compared(op, column, Fraction(exact))
            case Compare(op=op, left=Column(name=name, kind="instant"), right=Moment() | Ago() as right):
                then = moment(right, self.at)
                if then is None:
                    return nw.lit(op == "<")
                return _compared(op, ours(name), self._instant_literal(name, then))
            case Compare(op=op, left=Column(kind="integer") as left, right=Constant(value=int() as number)):
                return _compared(op, self.say(left), nw.lit(number, nw.Int64))
            case Compare(op=op, left=left, right=right):
                return _compared(op, self.say(left), self.say(right))
            case Among(of=of, values=values):
                return self.say(of).is_in(list(values))
            case Words(op="contains", of=of, value=value):
                return self.say(of).str.contains(value, literal=True)
            case Words(op="starts_with", of=of, value=value):
                return self.say(of).str.starts_with(value)
            case Words(of=of, value=value):
                return self.say(of).str.ends_with(value)
            case Holds(of=Column(name=name), value=value):
                return self._held(name, value)
            case And(parts=parts):
                return _balanced([self.say(part) for part in parts], _both)
            case Or(parts=parts):
                return _balanced([self.say(part) for part in parts], _either)
            case Not(part=part):
                return ~self.say(part)
            case Case(rows=rows, otherwise=otherwise):
                chain: Expr = nw
                for test, then_value in rows:
                    chain = chain.when(self.say(test)).then(self.say(then_value))
                return chain.otherwise(self.say(otherwise))
            case Sum(parts=parts):
                return _balanced([self.say(part) for part in parts], _plus)
            case Product(left=left, right=right):
                return self.say(left) * self.say(right)
            case Bounded(column=column, low=low, high=high):
                value = self.say(column)
                if column.name in self.within:
                    return value.cast(self.width)
                return nw.when(value.is_between(low, high)).then(value).otherwise(integer(0)).cast(self.width)
            case Quotient(top=top, bottom=Constant(value=1)):
                return self.say(top).cast(nw.Float64)
            case Quotient(top=top, bottom=bottom) if self.table.library == "polars":
                # Polars divides by what is the same in all rows by multiplying with its reciprocal: 80 / 3 is not the nearest double then
                above = self.say(top).cast(nw.Float64)
                return above / (above * nw.lit(0.0) + self.say(bottom).cast(nw.Float64))
            case Quotient(top=top, bottom=bottom):
                return self.say(top).cast(nw.Float64) / self.say(bottom).cast(nw.Float64)
            case Concat(parts=parts):
                return nw.concat_str(*(self.say(part) for part in parts))
            case _:  # pragma: no cover - every expression is listed
                raise AssertionError(expression)

    def _instant_literal(self, name: str, then: datetime) -> Expr:
        if name not in self.naive:
            return nw.lit(then)
        bare = then.astimezone(UTC).replace(tzinfo=None)
        if self.table.in_memory:
            return nw.lit(bare)
        return nw.lit(bare.isoformat(sep=" ")).cast(nw.Datetime("us"))  # Spark would take it for an instant, in the zone of the session

    def _held(self, name: str, value: str) -> Expr:
        column = ours(name)
        if name not in self.separated:
            return column.list.contains(value).fill_null(value=False)
        by = self.separated[name]
        if by in value:
            raise FactError(f"{self.cells.path}[{name}]", f"{shown(value)}, which holds the separator {shown(by)}", "another separator")
        return column.str.contains(f"{by}{value}{by}", literal=True)

    def _decimal_compared(self, op: str, column: Column, value: Fraction) -> Expr:
        """A decimal column with a constant, in a decimal that its type holds; settled here where it holds none so large."""
        precision, scale = self.scales[column.name]
        if not precision:
            whole = ceil(value)
            if op == "==" and value.denominator != 1:
                return nw.lit(value=False)
            return _compared(op, ours(column.name), nw.lit(whole, nw.Int64))
        fine = value * 10**scale
        if op == "==" and fine.denominator != 1:
            return nw.lit(value=False)
        units, most = ceil(fine), 10**precision
        if abs(units) >= most:
            return nw.lit((units < 0) is (op == ">=") and op != "==")
        exact = Decimal(units).scaleb(-scale, Context(prec=precision + scale + 1))
        return _compared(op, ours(column.name), nw.lit(exact)).fill_null(value=False)


def _source(item: Input, named: Mapping[str, Source]) -> Source:
    """Where that input is found; an amount of which nothing is said has two columns by their default names."""
    found = named.get(item.fact, "")
    if found == "":
        return item.default
    is_money = " " in item.column.name
    if is_money is not isinstance(found, Amount):
        expected = "an Amount" if is_money else "a column"
        raise FactError(f"columns[{item.fact}]", shown(found), f"{expected} for a fact of kind {'money' if is_money else item.column.kind}")
    return found


def _names(item: Input, source: Source) -> tuple[str, ...]:
    """The columns of the frame that an input is read from."""
    match source:
        case str():
            return (source,)
        case tuple():
            return source
        case Amount(minor=minor, currency=currency, currency_column=column):
            if item.column.kind == "integer":
                return (minor,)
            if (currency is None) is (column is None):
                raise FactError(f"columns[{item.fact}]", shown(source), "an Amount with a currency or a currency_column")
            return () if column is None else (column,)
        case Separated(column=column) | Naive(column=column):
            return (column,)
        case _:  # pragma: no cover - what nobody knows is no input
            return ()


def _compared(op: str, left: Expr, right: Expr) -> Expr:
    return left == right if op == "==" else left >= right if op == ">=" else left < right


def _both(left: Expr, right: Expr) -> Expr:
    return left & right


def _either(left: Expr, right: Expr) -> Expr:
    return left | right


def _plus(left: Expr, right: Expr) -> Expr:
    return left + right


def _balanced(parts: Sequence[Expr], join: Callable[[Expr, Expr], Expr]) -> Expr:
    """All parts joined, as a shallow tree: engines walk expressions by recursion."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return join(_balanced(parts[:half], join), _balanced(parts[half:], join))


# ----------------------------------------------------------------------------------------------------------- activities


def _signals(table: Table, made: Columns, at: datetime, named: dict[str, Source], path: str) -> Frame:
    """The signals by lead, under their own names; the id of the lead under a name of ours."""
    refuse_strangers(named, {"id", "lead_id", "kind", "at", "content", "channel", "campaign", "marketing"}, path)
    lead = named.pop("lead_id", "lead_id")
    if not isinstance(lead, str) or lead not in table.schema:
        raise FactError(f"{path}[lead_id]", f"no column {shown(lead)}", f"the column with the id of the lead, among {few(table.names)}")
    reader = _Reader(table, at, path)
    inputs = [item for item in made.activity_inputs if named.get(item.fact, "") is not None]
    absent = [item for item in made.activity_inputs if named.get(item.fact, "") is None]
    reader.frame = reader.frame.with_columns(**{our_name("lead_id"): table.column(lead)})
    reader.bring(inputs, named)
    for item in absent:
        if item.column.name in {"kind", "at"}:
            raise FactError(f"{path}[{item.fact}]", "None", "a column: an activity has a kind and an instant")
        nothing = nw.lit(item.reads) if item.column.kind == "boolean" else nw.lit("")
        reader.frame = reader.frame.with_columns(**{our_name(item.column.name): nothing})
    for layer in made.activity_layers:
        reader.compute(layer)
    told: dict[str, Expr] = {}
    for signal in made.signals:
        value = reader.say(signal.of)
        if signal.how == "latest":
            told[signal.name] = nw.when(value).then(ours("at"))
        elif signal.how == "count":
            told[signal.name] = value if table.in_memory else nw.when(value).then(nw.lit(1, nw.Int8))  # what each counts fastest
        else:
            told[signal.name] = value
    rows = reader.frame.select(ours("lead_id"), **told).filter(~ours("lead_id").is_null())  # pandas joins null to null
    total = {"latest": "max", "sum": "sum", "count": "sum" if table.in_memory else "count"}
    summed = [getattr(nw.col(signal.name), total[signal.how])() for signal in made.signals]
    whole = {signal.name: nw.col(signal.name).cast(nw.Int64) for signal in made.signals if signal.how != "latest"}  # DuckDB sums wider
    found = rows.group_by(our_name("lead_id")).agg(*summed)
    return found.with_columns(**whole) if whole else found


def _with_signals(
    reader: _Reader, made: Columns, activities: object, named: Mapping[str, Source], activity_columns: dict[str, Source]
) -> _Reader:
    """The reader with the signals of every lead joined to its row."""
    if activities is None:
        raise FactError("activities", "None", "a frame of activities", 'columns["activities"] says that somebody has looked.')
    table = reader.table
    lead = named.get("id", "id")
    if not isinstance(lead, str) or lead not in table.schema:
        raise FactError("columns[id]", f"no column {shown(lead)}", f"the column with the id of the lead, among {few(table.names)}")
    other = read_table(activities, "activities")
    refuse_others(other, table, "leads")
    ready = all(signal.name in other.schema for signal in made.signals) and "lead_id" in other.schema and "kind" not in other.schema
    if ready:
        found = other.frame.select(other.column("lead_id").alias(our_name("lead_id")), *(signal.name for signal in made.signals))
    else:
        found = _signals(other, made, reader.at, activity_columns, "activity_columns")
    found = found.rename({signal.name: our_name("signal " + signal.name) for signal in made.signals})
    schema = found.collect_schema()
    own, theirs = table.schema[lead], schema[our_name("lead_id")]
    if own == nw.String and isinstance(theirs, nw.Categorical | nw.Enum):
        found = found.with_columns(ours("lead_id").cast(nw.String))
    elif own != theirs and not _joinable(table, own, theirs):
        raise FactError(
            "activity_columns[lead_id]", f"ids of type {theirs}", f"ids of type {own}, as those of the leads", "Cast one of them."
        )
    reader.naive |= {
        signal.name for signal in made.signals if getattr(schema[our_name("signal " + signal.name)], "time_zone", "UTC") is None
    }
    reader.frame = _joined(table, reader.frame, found, lead)
    values: dict[str, Expr] = {}
    for signal in made.signals:
        column = ours("signal " + signal.name)
        if signal.how == "latest":
            values[our_name("known " + signal.name)] = ~column.is_null()
            values[our_name(signal.name)] = column.fill_null(reader._instant_literal(signal.name, _EPOCH))
        else:
            values[our_name(signal.name)] = column.fill_null(0).cast(nw.Int64)
    reader.frame = reader.frame.with_columns(**values)
    return reader


def _joinable(table: Table, own: Any, theirs: Any) -> bool:  # noqa: ANN401 - types of narwhals
    """Whether ids of two types can be compared: whole numbers, but where 64 bits without a sign become doubles or do not fit."""
    unsigned = table.library in {"pandas", "pyarrow"} and nw.UInt64 in {own, theirs}
    return own.is_integer() and theirs.is_integer() and not unsigned


def _joined(table: Table, frame: Frame, found: Frame, lead: str) -> Frame:
    """The frame with the signals of each lead beside it, its rows in their order wherever they had one."""
    key = our_name("lead_id")
    if table.library == "polars":  # whose joins keep an order only when they are asked to
        joined = frame.to_native().join(found.to_native(), left_on=lead, right_on=key, how="left", maintain_order="left")
        return nw.from_native(joined)
    if not table.eager:
        return frame.join(found, left_on=table.plain.get(lead, lead), right_on=key, how="left")
    ids, theirs = frame.select(table.column(lead).alias(key)), nw.col(key)
    if table.library == "pyarrow" and ids.to_native().schema.field(key).type != found.to_native().schema.field(key).type:
        kind = nw.Int64 if ids.schema[key].is_integer() else nw.String  # Arrow joins columns of one type alone
        ids, found = ids.select(theirs.cast(kind)), found.with_columns(theirs.cast(kind))
    beside = ids.with_row_index(_ROW).join(found, on=key, how="left").sort(_ROW).drop(key, _ROW)
    return frame.with_columns(*(beside[name] for name in beside.columns))
