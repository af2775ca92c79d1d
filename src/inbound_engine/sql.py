"""How is the same policy said to a warehouse?

`assess` writes the assessment of a policy as one SELECT over a table of leads, for DuckDB, PostgreSQL, SQLite, Snowflake, BigQuery or
Spark. The policy is compiled into expressions once (`columns`); what is written here are these expressions in the engine's words
(`dialects`), and the answers are those of the objects (FD-4). Nothing is run, and nothing of the data is seen.

The SELECT is a chain of steps that can be read from the top: the activities, what they add up to by lead, the facts, then grades, sums
and thresholds in groups that need only the groups before. A comment on top says the policy by its fingerprint, the instant, and the
columns that are read, each with the type that it must have. Engines convert types without a word, so that a column of another type, or an
instant without its zone, can give another answer: what the comment says has to hold.

In a table a null, an empty text, and a value that the policy says means unknown are unknown. Text is compared letter for letter, whatever
the collation of its column: tidy it before, in a column of your own. A row with a value that no lead may have is refused: `refused` names
the fact, and every other output of that row is null. Rows of activities count each: one that stands twice counts twice. Leads without
any have none; without a table of activities nobody has looked, and they are unknown of every lead.

Texts, names and comments are written so that nothing in a policy can become SQL, or begin something in a template such as dbt's.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

import attrs
from attrs import field, frozen

from inbound_engine import dialects
from inbound_engine import policy as policies
from inbound_engine.columns import Columns, Input, Looked, Output, Step
from inbound_engine.columns import compile as compile_columns
from inbound_engine.dialects import Dialect, Name, comment, decimal, identifier, instant, literal
from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.expressions import (
    FALSE,
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
    every,
    moment,
    opposite,
    walk,
)
from inbound_engine.policy import Compiled, Policy
from inbound_engine.sources import Amount, Naive, Separated, Source
from inbound_engine.spans import EARLIEST
from inbound_engine.spans import instant as checked_instant

__all__ = ["Ref", "assess"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT = 2**31  # what whole numbers written out are held in, before they are widened
_WIDE = 110  # characters of a line
_MANY = 40  # parts that are joined without brackets: engines count how deep a chain is
_DEEP = 12  # levels of an expression; a parser has no more than a hundred places, and a level takes some
_LONGEST_OWN = 48  # characters of a name that is made here
_PACKAGE = re.compile(r"[A-Za-z0-9_]+")
_OR, _AND, _NOT, _RELATION, _JOINED, _PLUS, _TIMES, _ATOM = range(8)
_AT = Column("at", "instant")
_ACTIVITY_FACTS = ("at", "campaign", "channel", "content", "id", "kind", "lead_id", "marketing")


@frozen
class Ref:
    """A table of a dbt project: a model, or a source where the name of the source stands before it.

    >>> Ref("stg_leads").text, Ref("leads", source="crm").text
    ("{{ ref('stg_leads') }}", "{{ source('crm', 'leads') }}")
    """

    name: str
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuses what is no name of dbt."""
        for part in (self.name, self.source):
            if part is not None and not _PACKAGE.fullmatch(part):
                raise FactError("table", shown(part), "a name of letters, digits and underscores")

    @property
    def text(self) -> str:
        """How a model of dbt says it."""
        return f"{{{{ ref('{self.name}') }}}}" if self.source is None else f"{{{{ source('{self.source}', '{self.name}') }}}}"


def assess(
    policy: Policy | Compiled,
    *,
    dialect: Name,
    at: datetime,
    table: str | tuple[str, ...] | Ref = "leads",
    columns: Mapping[str, Source] | None = None,
    activities: str | tuple[str, ...] | Ref | None = None,
    activity_columns: Mapping[str, Source] | None = None,
    points: bool = False,
    reasons: bool = False,
    only: Collection[str] | None = None,
    prefix: str = "",
) -> str:
    """The SELECT that says of every row of a table what the policy says of it, as of `at`; without a semicolon, ended by a line.

    It gives a row for each row of the table, in no order: the id, `refused`, then for each score `<score>` (0 to 100), `<score>_parts`
    (exact), `<score>_low` and `<score>_high`; `tier`, `tier_reason`, `raised_by`, `mql`, `mql_clause`, `handed_off`, `missing` (how many
    criteria have no grade). `points` adds `grade_<criterion>` and `<score>_<line>`, `reasons` adds `because`, `only` keeps those outputs
    and computes no others. Every name but that of the id begins with `prefix`.

    `dialect` is one of bigquery, duckdb, postgres, snowflake, spark, sqlite. A table is named by its parts between dots, or as a tuple of
    them, or is a `Ref`. `columns` and `activity_columns` say where facts are found, as in frames: the ids are in `columns["id"]` and
    `activity_columns["lead_id"]`, which are "id" and "lead_id" unless they say otherwise; a fact whose source is None is unknown of every
    lead; a column for `columns["activities"]` says of which leads somebody has looked.

    What the engine cannot say is a `FactError` or a `PolicyError` that names it.

    >>> from inbound_engine.spans import parse_instant
    >>> print(assess(Policy(), dialect="postgres", at=parse_instant("2026-03-02T09:00Z"), columns={"employees": "size"}, only=["fit"]))
    ... # doctest: +ELLIPSIS
    -- Policy Inbound playbook, fingerprint ...
    -- As of 2026-03-02 09:00:00+00:00, for postgres, written by inbound_engine.sql
    -- Columns of leads, and what they have to hold:
    ...
    --   employees: size bigint, or a smaller one
    ...
    """
    to = dialects.dialect(dialect)
    made, sources, activity_sources = _compiled(policy, columns, activities, activity_columns, points=points, reasons=reasons, only=only)
    writer = _Writer(to, checked_instant(at), made, prefix)
    return writer.written(_Table(table, sources), None if activities is None else _Table(activities, activity_sources))


def _compiled(
    policy: Policy | Compiled,
    columns: Mapping[str, Source] | None,
    activities: object,
    activity_columns: Mapping[str, Source] | None,
    *,
    points: bool,
    reasons: bool,
    only: Collection[str] | None,
) -> tuple[Columns, dict[str, Source], dict[str, Source]]:
    """The policy in columns, and where its facts are found."""
    compiled = policy if isinstance(policy, Compiled) else policies.compile(policy)
    named, activity_named = dict(columns or {}), dict(activity_columns or {})
    for path, known, several in (
        ("columns", {*compiled.words.words, "activities", "id"}, named),
        ("activity_columns", _ACTIVITY_FACTS, activity_named),
    ):
        for name in several:
            if name not in known:
                raise FactError(f"{path}[{name}]", "a fact that the policy does not know", one_of(known))
    has_looked = named.get("activities") is not None
    if has_looked and activities is None:
        raise FactError("activities", "None", "a table of activities", 'columns["activities"] says that somebody has looked.')
    looked: Looked = "some" if has_looked else "none" if activities is None else "all"
    unknown = [name for name, source in named.items() if source is None and name in compiled.words.words]
    made = compile_columns(compiled, unknown=unknown, looked=looked, points=points, reasons=reasons, only=only)
    return _prepared(made), named, activity_named


# -------------------------------------------------------------------------------------------------------------- steps


def _prepared(made: Columns) -> Columns:
    """The same, with steps for what is refused and for outputs that take more than a line, and expressions of a few levels each."""
    steps, activity_steps = _Steps(made.steps), _Steps(made.activity_steps)
    accepted: Expression = TRUE
    refused = made.refused
    if made.checks:
        why = steps.more("refused", refused.expression)
        accepted = Compare("==", why, Constant("text", ""))
        refused = attrs.evolve(refused, expression=why, known=Not(accepted))
    outputs = [refused]
    for output in made.outputs:
        value = output.expression
        match value:
            case Quotient(top=top, bottom=bottom) if _is_long(top):
                value = Quotient(steps.more(f"{output.name}_parts", top), steps.lowered(bottom))
            case _ if _is_long(value) and output.known != FALSE:
                value = steps.more(output.name, value)
            case _:
                value = steps.lowered(value)
        outputs.append(attrs.evolve(output, expression=value, known=steps.lowered(every(accepted, output.known))))
    signals = tuple(attrs.evolve(signal, of=activity_steps.lowered(signal.of)) for signal in made.signals)
    return attrs.evolve(made, steps=steps.made, activity_steps=activity_steps.made, signals=signals, outputs=tuple(outputs), checks=())


def _is_long(expression: Expression) -> bool:
    """Whether it is rather a step of its own than part of what is selected in the end."""
    return any(isinstance(part, Case | Concat | And | Or | Sum) for part in walk(expression))


class _Steps:
    """Steps in order, with those that depth asks for between them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._taken = {step.name for step in steps}
        self._made: list[Step] = []
        for step in steps:
            lowered = self.lowered(step.expression)
            self._made.append(Step(step.name, lowered))

    @property
    def made(self) -> tuple[Step, ...]:
        return tuple(self._made)

    def more(self, name: str, expression: Expression) -> Named:
        """One more step, of that name or of one like it; the same step where there is one already."""
        return self._added(name, self.lowered(expression))

    def _added(self, name: str, expression: Expression) -> Named:
        for other in self._made:
            if other.expression == expression:
                return other.named
        free, number = name, 1
        while free in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        self._made.append(Step(free, expression))
        return self._made[-1].named

    def lowered(self, expression: Expression) -> Expression:
        return self._lowered(expression)[0]

    def _lowered(self, expression: Expression) -> tuple[Expression, int]:
        """The expression with at most so many levels, and how many it has."""
        levels = [0]

        def lower(part: Expression) -> Expression:
            made, deep = self._lowered(part)
            levels.append(deep)
            return made

        changed: Expression
        match expression:
            case And(parts=parts) | Or(parts=parts) | Sum(parts=parts) | Concat(parts=parts):
                changed = attrs.evolve(expression, parts=tuple(map(lower, parts)))
            case Not(part=part):
                changed = Not(lower(part))
            case Case(rows=rows, otherwise=otherwise):
                changed = Case(tuple((lower(test), lower(value)) for test, value in rows), lower(otherwise))
            case Compare(left=left, right=right) | Product(left=left, right=right):
                changed = attrs.evolve(expression, left=lower(left), right=lower(right))
            case Quotient(top=top, bottom=bottom):
                changed = Quotient(lower(top), lower(bottom))
            case Among(of=of) | Words(of=of):
                changed = attrs.evolve(expression, of=lower(of))
            case _:
                return expression, 0
        if max(levels) + 1 < _DEEP:
            return changed, max(levels) + 1
        return self._added("part", changed), 0


# ------------------------------------------------------------------------------------------------------------ the text


@frozen
class _Table:
    """A table and where the facts are found in it."""

    name: str | tuple[str, ...] | Ref
    sources: Mapping[str, Source]

    def text(self, to: Dialect, path: str) -> str:
        return self.name.text if isinstance(self.name, Ref) else dialects.table(self.name, to, path)

    @property
    def last(self) -> str:
        """The last part of its name, which no step may have."""
        match self.name:
            case Ref(name=name):
                return name
            case str() as name:
                return name.rpartition(".")[2]
            case parts:
                return parts[-1]


@frozen(eq=False)
class _Names:
    """Names of our own, each once: lower case, letters, digits and underscores, no keyword, so that nobody need quote them."""

    to: Dialect
    taken: set[str] = field(factory=set)
    given: dict[str, str] = field(factory=dict)

    def of(self, key: str, hint: str) -> str:
        """The name for that key, made from the hint when it is first asked for."""
        if key not in self.given:
            letters = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in hint.lower()).strip("_")
            stem = (letters if letters[:1].isalpha() else f"c_{letters}")[:_LONGEST_OWN]
            stem = f"{stem}_" if stem in self.to.reserved else stem
            name, number = stem, 1
            while name in self.taken:
                number += 1
                name = f"{stem}_{number}"
            self.taken.add(name)
            self.given[key] = name
        return self.given[key]


class _Writer:
    """Writes the text of one assessment; made and dropped by `assess`."""

    def __init__(self, to: Dialect, at: datetime, made: Columns, prefix: str) -> None:
        self.to = to
        self.at = at
        self.made = made
        self.prefix = prefix
        self.names = _Names(to)
        self.steps: list[str] = []
        self.head = [
            comment(f"Policy {made.name or 'without a name'}, fingerprint {made.fingerprint}"),
            comment(f"As of {at.astimezone(UTC).isoformat(sep=' ')}, for {to.name}, written by inbound_engine.sql"),
        ]

    def written(self, leads: _Table, activities: _Table | None) -> str:
        """The whole text."""
        to = self.to
        self.names.taken.update(one.last.lower() for one in (leads, activities) if one is not None)
        says = _Says(to, self.at, _asked(self.made), "columns")
        key = self._id(leads, "id", "id", "columns")
        column = f"l.{identifier(key, to)}"
        own = says.names.of("id", "lead_id")
        join, summed = "", list[tuple[str, str]]()
        if self.made.signals and activities is not None:
            signals, summed = self._signals(activities, says)
            join = f"\n  LEFT JOIN {signals} AS s ON s.lead_id = {column}"
        rows = says.brought(self.made.inputs, leads.sources, "l")
        before = self._step("facts", [(column, own), *rows, *summed], f"FROM {leads.text(to, 'table')} AS l{join}")
        for number, layer in enumerate(self.made.layers, 1):
            before = self._layer(f"step_{number}", layer, before, says)
        self._describe(leads, [("the id", key, ""), *says.described])
        outputs = self._outputs(says, identifier(key, to), own)
        steps = ",\n".join(self.steps)
        return "\n".join(self.head) + f"\nWITH\n{steps}\nSELECT\n{outputs}\nFROM {before}\n"

    def _describe(self, one: _Table, described: Sequence[tuple[str, str, str]]) -> None:
        name = one.name if isinstance(one.name, str) else one.last
        self.head.append(comment(f"Columns of {name}, and what they have to hold:"))
        self.head += [comment(f"{fact}: {column} {said}".strip(), indent=2) for fact, column, said in described]

    def _id(self, one: _Table, name: str, default: str, path: str) -> str:
        key = one.sources.get(name, default)
        if not isinstance(key, str):
            raise FactError(f"{path}[{name}]", shown(key), "the column with the id of the lead")
        return key

    def _step(self, hint: str, items: Iterable[tuple[str, str]], source: str) -> str:
        """Writes one step of the chain, and gives its name."""
        name = self.names.of(hint, hint)
        lines = (text if own == text or text.endswith(f".{own}") else f"{text} AS {own}" for text, own in items)
        body = ",\n".join(f"    {line}" for line in lines)
        fence = f"\n  {self.to.fence}" if self.to.fence else ""
        self.steps.append(f"{name} {self.to.step} (\n  SELECT\n{body}\n  {source}{fence}\n)")
        return name

    def _layer(self, hint: str, layer: Sequence[Step], before: str, says: "_Says") -> str:
        items = [(says.laid(step.expression), says.names.of(f"step {step.name}", step.name)) for step in layer]
        return self._step(hint, [("*", "*"), *items], f"FROM {before}")

    def _signals(self, activities: _Table, leads: "_Says") -> tuple[str, list[tuple[str, str]]]:
        """Writes the steps about activities; the name of the last, and the columns that it brings to the leads."""
        to, made = self.to, self.made
        says = _Says(to, self.at, _asked(made), "activity_columns")
        key = self._id(activities, "lead_id", "lead_id", "activity_columns")
        own = says.names.of("lead_id", "lead_id")
        for name in ("kind", "at"):
            if activities.sources.get(name, "") is None:
                raise FactError(f"activity_columns[{name}]", "nothing", "a column: an activity has a kind and an instant")
        rows = [(f"a.{identifier(key, to)}", own), *says.brought(made.activity_inputs, activities.sources, "a")]
        before = self._step("activity_facts", rows, f"FROM {activities.text(to, 'activities')} AS a")
        for number, layer in enumerate(made.activity_layers, 1):
            before = self._layer(f"activity_step_{number}", layer, before, says)
        summed, brought = [(own, own)], list[tuple[str, str]]()
        for signal in made.signals:
            name, of = leads.name(signal.column), says.said(signal.of)
            if signal.how == "latest":
                leads.naive |= {signal.name} if "at" in says.naive else set()
                summed.append((f"MAX(CASE WHEN {of} THEN {says.name(_AT)} END)", name))
                brought += leads.known(signal.column, f"s.{name}")
            else:
                summed.append((f"COUNT(CASE WHEN {of} THEN 1 END)" if signal.how == "count" else f"SUM({of})", name))
                brought.append((f"COALESCE(s.{name}, 0)", name))
        self._describe(activities, [("the id of the lead", key, ""), *says.described])
        return self._step("signals", summed, f"FROM {before}\n  GROUP BY {own}"), brought

    def _outputs(self, says: "_Says", key: str, own: str) -> str:
        """What is selected in the end."""
        taken = {key.strip('"`').lower(): "the id"}
        lines = [f"  {own} AS {key}" if own != key else f"  {own}"]
        for output in self.made.outputs:
            name = self.prefix + output.name
            if name.lower() in taken:
                hint = "Rename a score or a row, or pass another prefix."
                raise FactError("prefix", f"two columns called {shown(name)}", "names that differ, whatever their case", hint)
            taken[name.lower()] = name
            text, named = self._output(output, says), identifier(name, self.to, f"outputs[{name}]")
            lines.append(f"  {text}" if text == named else f"  {text} AS {named}")
        return ",\n".join(lines)

    def _output(self, output: Output, says: "_Says") -> str:
        if output.known == FALSE:
            return f"CAST(NULL AS {self.to.text})"
        text = says.said(output.expression)
        text = text if output.known == TRUE else f"CASE WHEN {says.said(output.known)} THEN {text} END"
        return f"CAST({text} AS {self.to.widens})" if output.kind == "integer" and self.to.widens else text


def _asked(made: Columns) -> frozenset[Column]:
    """The columns of which somebody asks whether they are known."""
    every_one = [*(step.expression for step in (*made.steps, *made.activity_steps)), *(signal.of for signal in made.signals)]
    every_one += [side for output in made.outputs for side in (output.expression, output.known)]
    return frozenset(part.column for one in every_one for part in walk(one) if isinstance(part, Known))


# --------------------------------------------------------------------------------------------------------- expressions


class _Says:
    """Says expressions about the rows of one table in the words of an engine."""

    def __init__(self, to: Dialect, at: datetime, asked: Collection[Column], path: str) -> None:
        self.to = to
        self.at = at
        self.asked = asked
        self.names = _Names(to)
        self.path = path
        self.naive: set[str] = set()
        self.separated: dict[str, str] = {}
        self.described: list[tuple[str, str, str]] = []

    # ------------------------------------------------------------------------------------------------------------ inputs

    def name(self, column: Column) -> str:
        """Our name for a column."""
        return self.names.of(column.name, column.name)

    def brought(self, inputs: Sequence[Input], sources: Mapping[str, Source], alias: str) -> list[tuple[str, str]]:
        """The columns of a table, made so that nothing in them is null, and beside each whether it is known."""
        items: list[tuple[str, str]] = []
        for item in inputs:
            items += self._brought(item, sources.get(item.fact, item.default), alias)
        return items

    def _brought(self, item: Input, source: Source, alias: str) -> list[tuple[str, str]]:
        own, here = self.name(item.column), item.column.kind
        if source is None:  # of an activity nobody knows it
            return [(self.said(Constant("boolean", item.reads)) if here == "boolean" else "''", own)]
        several = self._columns(item, source)
        if not several:
            return [(literal(str(source.currency), self.to), own)] if isinstance(source, Amount) else []
        naive = isinstance(source, Naive)
        if naive:
            self.naive.add(item.column.name)
        said = self.to.types[here]
        if naive:
            said = "a timestamp without a zone, in UTC"
        if isinstance(source, Separated):
            self.separated[item.column.name] = source.by
            said = f"{self.to.types['text']}, with separators"
        self.described += [(item.fact, column, said) for column in several]
        raw = [f"{alias}.{identifier(column, self.to, f'{self.path}[{item.fact}]')}" for column in several]
        if here == "text":
            return [(self._text(raw, item.unknown), own)]
        return self.known(item.column, raw[0], reads=item.reads)

    def _columns(self, item: Input, source: Source) -> tuple[str, ...]:
        """The columns of the table that an input is read from."""
        path, here = f"{self.path}[{item.fact}]", item.column.kind
        is_money = " " in item.column.name
        match source:
            case str():
                if is_money and source != item.default:
                    raise FactError(path, shown(source), "an Amount for a fact of kind money")
                return (source,)
            case tuple() if here == "text" and source and not is_money:
                return source
            case Amount(minor=minor, currency=currency, currency_column=column) if is_money:
                if (currency is None) is (column is None):
                    raise FactError(path, shown(source), "an Amount with a currency or a currency_column")
                return (minor,) if here == "integer" else () if column is None else (column,)
            case Separated(column=column) if here == "texts":
                return (column,)
            case Naive(column=column, zone="UTC") if here == "instant" and self.to.naive:
                return (column,)
            case Naive() if here == "instant":
                hint = "Convert them in a column of your own."
                expected = f"instants of zone UTC, in {self.to.types['instant']}" if self.to.naive else self.to.types["instant"]
                raise FactError(path, shown(source), expected, hint)
            case _:
                raise FactError(path, shown(source), f"a column for a fact of kind {here}")

    def _text(self, raw: Sequence[str], unknown: Sequence[str]) -> str:
        """The first of some texts that is known, else the empty text."""
        plain = [self.to.collated.format(f"COALESCE({column}, '')") for column in raw]
        if unknown:
            listed = ", ".join(literal(value, self.to) for value in unknown)
            plain = [f"CASE WHEN {text} IN ({listed}) THEN '' ELSE {text} END" for text in plain]
        if len(plain) == 1:
            return self.to.collated.format(plain[0]) if unknown else plain[0]
        rows = " ".join(f"WHEN {text} <> '' THEN {text}" for text in plain)
        return self.to.collated.format(f"CASE {rows} ELSE '' END")

    def known(self, column: Column, raw: str, *, reads: bool = False) -> list[tuple[str, str]]:
        """A column that is never null, and beside it whether it is known, where somebody asks."""
        nothing = {
            "boolean": "TRUE" if reads else "FALSE",
            "instant": instant(_EPOCH, self.to, naive=column.name in self.naive),
            "integer": "0",
            "decimal": "0",
        }
        raw = self.to.exact.format(raw) if column.kind == "decimal" else raw
        filled = raw if column.kind == "texts" else f"COALESCE({raw}, {nothing[column.kind]})"
        is_known = f"{raw} IS NOT NULL"
        if column.name in self.separated:  # as `intake` reads it: nothing but blanks says nothing
            is_known = f"REPLACE(COALESCE({raw}, ''), {literal(self.separated[column.name], self.to)}, '') <> ''"
        whether = [(is_known, self._known_name(column))] if column in self.asked else []
        return [(filled, self.name(column)), *whether]

    def _known_name(self, column: Column) -> str:
        return self.names.of(f"known {column.name}", f"{column.name}_known")

    # ------------------------------------------------------------------------------------------------------- expressions

    def said(self, expression: Expression, need: int = _OR) -> str:
        """The expression, in brackets where it binds less than it must."""
        text, level = self._said(expression)
        return text if level >= need else f"({text})"

    def laid(self, expression: Expression) -> str:
        """The same over several lines where it is long."""
        text = self.said(expression)
        if len(text) <= _WIDE:
            return text
        inside = "\n        "
        match expression:
            case Case(rows=rows, otherwise=otherwise):
                lines = [f"WHEN {self.said(test)} THEN {self.said(value)}" for test, value in rows]
                return f"CASE{inside}" + inside.join([*lines, f"ELSE {self.said(otherwise)}"]) + "\n      END"
            case And(parts=parts) | Or(parts=parts) | Sum(parts=parts) | Concat(parts=parts) if len(parts) <= _MANY:
                word, level = _WORDS_BETWEEN[type(expression)]
                return f"{inside}{word} ".join(self._parts(expression, parts, level))
            case _:
                return text

    def _said(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case Column():
                return self.name(expression), _ATOM
            case Known(column=column):
                if column.kind == "text":
                    return f"{self.name(column)} <> ''", _RELATION
                return self._known_name(column), _ATOM
            case Named(name=name):
                return self.names.of(f"step {name}", name), _ATOM
            case Constant(kind="boolean", value=value):
                return ("TRUE" if value else "FALSE"), _ATOM
            case Constant(value=str() as value):
                return literal(value, self.to), _ATOM
            case Constant(value=value):
                return str(value), _ATOM
            case Compare() | Among() | Words() | Holds():
                return self._tested(expression, holds=True)
            case Not(part=Compare() | Among() as part):
                return self._tested(part, holds=False)
            case Not(part=Known(column=Column(kind="text") as column)):
                return f"{self.name(column)} = ''", _RELATION
            case Not(part=Not(part=part)):
                return self._said(part)
            case Not(part=And(parts=parts)):
                return self._said(Or(tuple(map(opposite, parts))))
            case Not(part=Or(parts=parts)):
                return self._said(And(tuple(map(opposite, parts))))
            case Not(part=part):
                return f"NOT {self.said(part, _ATOM)}", _NOT
            case And(parts=parts) | Or(parts=parts) | Sum(parts=parts) | Concat(parts=parts):
                word, level = _WORDS_BETWEEN[type(expression)]
                return self._chained(f" {word} ", self._parts(expression, parts, level)), level
            case Case(rows=rows, otherwise=otherwise):
                lines = "".join(f"WHEN {self.said(test)} THEN {self.said(value)} " for test, value in rows)
                return f"CASE {lines}ELSE {self.said(otherwise)} END", _ATOM
            case Product(left=left, right=right):
                wide = max(map(abs, bounds(left))) * max(map(abs, bounds(right)))
                return f"{self._widened(left, wide, _TIMES)} * {self.said(right, _ATOM)}", _TIMES
            case Bounded(column=column, low=low, high=high):
                text = f"CASE WHEN {self.name(column)} BETWEEN {low} AND {high} THEN {self.name(column)} ELSE 0 END"
                return (f"CAST({text} AS {self.to.widens})" if self.to.widens else text), _ATOM
            case Quotient(top=top, bottom=bottom):
                text = f"CAST({self.said(top)} AS {self.to.number})"
                return (text, _ATOM) if bottom == Constant("integer", 1) else (f"{text} / {self.said(bottom, _ATOM)}", _TIMES)
            case _:  # pragma: no cover - instants stand in comparisons alone
                raise AssertionError(expression)

    def _parts(self, expression: Expression, parts: Sequence[Expression], level: int) -> list[str]:
        said = [self.said(part, level) for part in parts]
        if isinstance(expression, Sum):
            said[0] = self._widened(parts[0], sum(max(map(abs, bounds(part))) for part in parts), level)
        return said

    def _chained(self, word: str, parts: list[str]) -> str:
        while len(parts) > _MANY:
            parts = [f"({word.join(parts[start : start + _MANY])})" for start in range(0, len(parts), _MANY)]
        return word.join(parts)

    def _widened(self, expression: Expression, most: int, need: int) -> str:
        """The whole number, in 64 bits where what becomes of it needs them."""
        if self.to.widens and most >= _INT:
            return f"CAST({self.said(expression)} AS {self.to.widens})"
        return self.said(expression, need)

    def _tested(self, expression: Compare | Among | Words | Holds, *, holds: bool) -> tuple[str, int]:
        match expression:
            case Compare(left=Column(kind="decimal") as column, op=op, right=Constant(value=value)):
                line, exact = decimal(Fraction(value), self.to)
                if op == "==" and not exact:
                    return ("FALSE" if holds else "TRUE"), _ATOM
                return f"{self.name(column)} {_SIGNS[op, holds]} {line}", _RELATION
            case Compare(left=Column(kind="instant") as column, op=op, right=Moment() | Ago() as right):
                then = moment(right, self.at)
                if then is None or then == EARLIEST:
                    return ("TRUE" if ((op == "<") is (then is None)) is holds else "FALSE"), _ATOM
                line = instant(then, self.to, naive=column.name in self.naive)
                return f"{self.name(column)} {_SIGNS[op, holds]} {line}", _RELATION
            case Compare(left=left, op="==", right=Constant(kind="boolean", value=value)):
                return self._said(left if value is holds else Not(left))
            case Compare(left=left, op=op, right=right):
                return f"{self.said(left, _JOINED)} {_SIGNS[op, holds]} {self.said(right, _JOINED)}", _RELATION
            case Among(of=of, values=values):
                return self._among(of, values, holds=holds)
            case Words(op=op, of=of, value=value):
                template = {"contains": self.to.contains, "starts_with": self.to.starts_with, "ends_with": self.to.ends_with}[op]
                text = template.format(of=self.said(of, _ATOM), value=literal(value, self.to), length=len(value))
                return text, (_ATOM if template.endswith(")") else _RELATION)
            case Holds(of=column, value=value):
                return self._held(column, value), _ATOM
            case _:  # pragma: no cover - every test is listed
                raise AssertionError(expression)

    def _among(self, of: Expression, values: Sequence[str | int], *, holds: bool) -> tuple[str, int]:
        said = [self.said(Constant("text" if isinstance(value, str) else "integer", value)) for value in values]
        name = self.said(of, _JOINED)
        if len(said) == 1:
            return f"{name} {_SIGNS['==', holds]} {said[0]}", _RELATION
        return f"{name} {'IN' if holds else 'NOT IN'} ({_wrapped(said)})", _RELATION

    def _held(self, column: Column, value: str) -> str:
        name = self.name(column)
        if column.name not in self.separated:
            return self.to.holds.format(of=name, value=literal(value, self.to))
        by = self.separated[column.name]
        if by in value:
            raise FactError(f"{self.path}[{column.name}]", f"{shown(value)}, which holds the separator {shown(by)}", "another separator")
        ends = literal(by, self.to)
        of = self.to.collated.format(f"({ends} || COALESCE({name}, '') || {ends})")
        return f"({self.to.contains.format(of=of, value=literal(by + value + by, self.to))})"


_SIGNS = {
    ("==", True): "=",
    ("==", False): "<>",
    (">=", True): ">=",
    (">=", False): "<",
    ("<", True): "<",
    ("<", False): ">=",
}
_WORDS_BETWEEN: Mapping[type[Expression], tuple[str, int]] = {
    And: ("AND", _AND),
    Or: ("OR", _OR),
    Sum: ("+", _PLUS),
    Concat: ("||", _JOINED),
}


def _wrapped(parts: Sequence[str]) -> str:
    """Parts with commas between them, over several lines where they are many."""
    lines, line = [], ""
    for part in parts:
        if line and len(line) + len(part) > _WIDE:
            lines.append(line)
            line = ""
        line += f"{part}, "
    return "\n          ".join([*(one.rstrip() for one in lines), line.removesuffix(", ")])
