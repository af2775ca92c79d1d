"""What can be said of a row, so that every engine answers alike?

A small typed language: columns, constants, comparisons, and/or/not, case, sums and products. Policies are compiled into it (`columns`),
and objects, frames and SQL read it. It leaves out whatever engines answer in different ways (nulls, rounding, overflow):

- *Nothing is null.* A column that is unknown in a row reads as nothing: "", 0, False, the epoch, the empty set. `Known` asks which it
  is. So a boolean is true or false, never a third thing, and `not` is safe in every engine. Text has no empty values of its own: it
  is known where it is not empty.
- *Numbers are whole.* Every whole number carries its bounds, and what is computed stays within 2**53: no engine overflows or rounds.
  The one division is `Quotient`, of two such numbers, for what is shown: the nearest double, and so the same everywhere.
- *Instants are only compared*, with a constant or with an instant so long before `at`, and only by `>=` and `<`: both mean the same
  whether an engine keeps seconds, microseconds or nanoseconds.
- *Text is compared letter for letter*, by code point. Nothing is trimmed and no case is folded here.

`Named` refers to a step that was computed before, so that an engine computes it once.

The functions that make expressions (`every`, `some`, `opposite`, `case`, `total`, `product`) leave out what is known beforehand.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import attrs
from attrs import frozen

from inbound_engine.spans import EARLIEST

__all__ = [
    "FALSE",
    "MOST",
    "NOTHING",
    "TRUE",
    "Ago",
    "Among",
    "And",
    "Bounded",
    "Case",
    "Column",
    "Compare",
    "Concat",
    "Constant",
    "Expression",
    "Holds",
    "Kind",
    "Known",
    "Moment",
    "Named",
    "Not",
    "Or",
    "Product",
    "Quotient",
    "Sum",
    "Words",
    "bounds",
    "case",
    "columns_of",
    "evaluate",
    "every",
    "kind",
    "microseconds",
    "moment",
    "names_of",
    "opposite",
    "product",
    "replaced",
    "some",
    "total",
    "walk",
]

Kind: TypeAlias = Literal["boolean", "integer", "decimal", "text", "texts", "instant", "number"]
"""What an expression gives; `number` is a double, for what is shown, and nothing is computed from it."""
Relation: TypeAlias = Literal["==", ">=", "<"]

MOST = 2**53
"""Whole numbers that are computed stay below it in size: every engine counts them exactly, those with doubles included."""

_LONG = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)

NOTHING: Mapping[Kind, object] = {
    "boolean": False,
    "integer": 0,
    "decimal": Fraction(),
    "text": "",
    "texts": frozenset[str](),
    "instant": 0,
}
"""What a column that is unknown reads as, by its kind; instants are microseconds since 1970 here."""


# ---------------------------------------------------------------------------------------------------------- expressions


@frozen
class Column:
    """A column of the row; reads as nothing where it is unknown."""

    name: str
    kind: Kind


@frozen
class Known:
    """Whether the column is known in the row."""

    column: Column


@frozen
class Named:
    """What a step before has computed."""

    name: str
    kind: Kind
    low: int = 0
    high: int = 0


@frozen
class Constant:
    """A boolean, a whole number, text, or for decimals an exact number."""

    kind: Kind
    value: bool | int | str | Fraction


@frozen
class Moment:
    """A fixed instant, in microseconds since 1970 in UTC; it may lie outside the years that a `datetime` holds."""

    microseconds: int


@frozen
class Ago:
    """The instant so many microseconds before `at`; after it where they are negative."""

    microseconds: int


@frozen
class Compare:
    """Whether the left side equals, is at least, or is less than the right one.

    Whole numbers, booleans and texts with their like; a decimal column with a constant; an instant with a `Moment` or an `Ago`, by
    `>=` and `<` alone. Texts and booleans are only equal or not.
    """

    op: Relation
    left: "Expression"
    right: "Expression"


@frozen
class Among:
    """Whether the text or the whole number is one of the values, which are of its kind."""

    of: "Expression"
    values: tuple[str | int, ...]


@frozen
class Words:
    """Whether the text contains, starts with or ends with these letters, letter for letter."""

    op: Literal["contains", "starts_with", "ends_with"]
    of: "Expression"
    value: str


@frozen
class Holds:
    """Whether the set has this member."""

    of: Column
    value: str


@frozen
class And:
    """Whether every part is true; two parts or more."""

    parts: tuple["Expression", ...]


@frozen
class Or:
    """Whether some part is true; two parts or more."""

    parts: tuple["Expression", ...]


@frozen
class Not:
    """Whether the part is false."""

    part: "Expression"


@frozen
class Case:
    """What the first row whose test is true gives, and `otherwise` where none is; all of one kind."""

    rows: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression"


@frozen
class Sum:
    """The sum of whole numbers; two parts or more."""

    parts: tuple["Expression", ...]


@frozen
class Product:
    """The product of two whole numbers."""

    left: "Expression"
    right: "Expression"


@frozen
class Bounded:
    """The whole number in a column where it lies from low to high, else 0: so that no sum of what was handed in overflows."""

    column: Column
    low: int
    high: int


@frozen
class Quotient:
    """The double nearest to top / bottom; bottom is never 0."""

    top: "Expression"
    bottom: "Expression"


@frozen
class Concat:
    """Texts one after another."""

    parts: tuple["Expression", ...]


Expression: TypeAlias = (
    Column
    | Known
    | Named
    | Constant
    | Moment
    | Ago
    | Compare
    | Among
    | Words
    | Holds
    | And
    | Or
    | Not
    | Case
    | Sum
    | Product
    | Bounded
    | Quotient
    | Concat
)

TRUE = Constant("boolean", True)  # noqa: FBT003 - the constant itself
FALSE = Constant("boolean", False)  # noqa: FBT003 - the constant itself


def kind(expression: Expression) -> Kind:
    """What the expression gives.

    >>> kind(Known(Column("employees", "integer")))
    'boolean'
    """
    match expression:
        case Column(kind=here) | Named(kind=here) | Constant(kind=here):
            return here
        case Moment() | Ago():
            return "instant"
        case Case(otherwise=otherwise):
            return kind(otherwise)
        case Sum() | Product() | Bounded():
            return "integer"
        case Quotient():
            return "number"
        case Concat():
            return "text"
        case _:
            return "boolean"


def bounds(expression: Expression) -> tuple[int, int]:
    """The least and the greatest that a whole number can be, both included; a column may hold anything that 64 bits hold.

    >>> bounds(Sum((Bounded(Column("grade", "integer"), 0, 3), Constant("integer", 4))))
    (4, 7)
    """
    match expression:
        case Constant(kind="integer", value=int() as value):
            return value, value
        case Named(low=low, high=high):
            return low, high
        case Bounded(low=low, high=high):
            return min(low, 0), max(high, 0)
        case Case(rows=rows, otherwise=otherwise):
            ends = [bounds(otherwise), *(bounds(value) for _, value in rows)]
            return min(low for low, _ in ends), max(high for _, high in ends)
        case Sum(parts=parts):
            ends = [bounds(part) for part in parts]
            return sum(low for low, _ in ends), sum(high for _, high in ends)
        case Product(left=left, right=right):
            corners = [one * other for one in bounds(left) for other in bounds(right)]
            return min(corners), max(corners)
        case _:
            return -_LONG, _LONG - 1


def _inside(expression: Expression) -> tuple[Expression, ...]:
    """The parts of an expression, in order."""
    match expression:
        case Known(column=column) | Bounded(column=column):
            return (column,)
        case Compare(left=left, right=right) | Product(left=left, right=right) | Quotient(top=left, bottom=right):
            return left, right
        case Among(of=of) | Words(of=of) | Holds(of=of):
            return (of,)
        case And(parts=parts) | Or(parts=parts) | Sum(parts=parts) | Concat(parts=parts):
            return parts
        case Not(part=part):
            return (part,)
        case Case(rows=rows, otherwise=otherwise):
            return (*(side for row in rows for side in row), otherwise)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it."""
    yield expression
    for part in _inside(expression):
        yield from walk(part)


def columns_of(expression: Expression) -> frozenset[Column]:
    """The columns that it reads.

    >>> sorted(column.name for column in columns_of(Known(Column("employees", "integer"))))
    ['employees']
    """
    return frozenset(part for part in walk(expression) if isinstance(part, Column))


def names_of(expression: Expression) -> list[str]:
    """The steps that it refers to, as often as it does."""
    return [part.name for part in walk(expression) if isinstance(part, Named)]


def replaced(expression: Expression, change: Callable[[Named], Expression]) -> Expression:
    """The same expression, with other expressions in the place of the steps that it refers to."""
    match expression:
        case Named():
            return change(expression)
        case Compare(left=left, right=right) | Product(left=left, right=right):
            return attrs.evolve(expression, left=replaced(left, change), right=replaced(right, change))
        case Quotient(top=top, bottom=bottom):
            return Quotient(replaced(top, change), replaced(bottom, change))
        case Among(of=of) | Words(of=of):
            return attrs.evolve(expression, of=replaced(of, change))
        case And(parts=parts) | Or(parts=parts) | Sum(parts=parts) | Concat(parts=parts):
            return attrs.evolve(expression, parts=tuple(replaced(part, change) for part in parts))
        case Not(part=part):
            return Not(replaced(part, change))
        case Case(rows=rows, otherwise=otherwise):
            changed = tuple((replaced(test, change), replaced(value, change)) for test, value in rows)
            return Case(changed, replaced(otherwise, change))
        case _:
            return expression


# --------------------------------------------------------------------------------------------------- making expressions


def every(*parts: Expression) -> Expression:
    """Whether every part is true; true of none.

    >>> every(TRUE, Named("big", "boolean")), every(Named("big", "boolean"), FALSE) == FALSE
    (Named(name='big', kind='boolean', low=0, high=0), True)
    """
    return _joined(parts, And, TRUE, FALSE)


def some(*parts: Expression) -> Expression:
    """Whether some part is true; false of none.

    >>> some() == FALSE
    True
    """
    return _joined(parts, Or, FALSE, TRUE)


def _joined(parts: Iterable[Expression], how: type[And] | type[Or], empty: Constant, decides: Constant) -> Expression:
    flat: dict[Expression, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if isinstance(part, how) else (part,)))
    flat.pop(empty, None)
    if decides in flat or any(isinstance(part, Not) and part.part in flat for part in flat):
        return decides
    shorter: dict[Expression, None] = {}
    for part in flat:
        shorter.update(dict.fromkeys(_without_known(part, flat, how)))
    kept = [part for part in shorter if not _is_said_by_others(part, shorter, how)]
    return how(tuple(kept)) if len(kept) > 1 else next(iter(kept), empty)


def _without_known(part: Expression, flat: Collection[Expression], how: type[And] | type[Or]) -> tuple[Expression, ...]:
    """Of `a or (not a and b)` what is left of the second part: b."""
    match part:
        case And(parts=parts) if how is Or:
            return (every(*(inner for inner in parts if opposite(inner) not in flat)),)
        case _:
            return (part,)


def _is_said_by_others(part: Expression, flat: Collection[Expression], how: type[And] | type[Or]) -> bool:
    """Whether other parts say already that a column is known (in `And`) or unknown (in `Or`)."""
    match part:
        case Known(column=column) if how is And:
            return any(_wants(other) == column for other in flat)
        case Not(part=Known(column=column)) if how is Or:
            return any(isinstance(other, Not) and _wants(other.part) == column for other in flat)
        case _:
            return False


def _wants(part: Expression) -> Expression | None:
    """The column that must be known for it to be true: no rule asks for an empty text, and an empty set holds nothing."""
    match part:
        case Compare(op="==", left=Column(kind="text") as column, right=Constant(value=value)) if value:
            return column
        case Among(of=Column(kind="text") as column) | Words(of=Column(kind="text") as column) | Holds(of=column):
            return column
        case _:
            return None


def opposite(part: Expression) -> Expression:
    """Whether the part is false.

    >>> opposite(opposite(Named("big", "boolean")))
    Named(name='big', kind='boolean', low=0, high=0)
    """
    match part:
        case Not(part=inner):
            return inner
        case Constant(value=value):
            return FALSE if value else TRUE
        case _:
            return Not(part)


def case(rows: Iterable[tuple[Expression, Expression]], otherwise: Expression) -> Expression:
    """What the first true row gives; rows that are never true, and rows at the end that give what `otherwise` does, are left out.

    >>> case([(FALSE, Constant("integer", 1))], Constant("integer", 2))
    Constant(kind='integer', value=2)
    """
    kept: list[tuple[Expression, Expression]] = []
    for test, value in rows:
        if test == FALSE:
            continue
        if test == TRUE:
            otherwise = value
            break
        kept.append((test, value))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    if otherwise == FALSE and len(kept) == 1 and kept[0][1] == TRUE:
        return kept[0][0]
    return Case(tuple(kept), otherwise) if kept else otherwise


def total(*parts: Expression) -> Expression:
    """The sum; 0 of none. Constants are added beforehand."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Sum) else (part,))]
    fixed = sum(int(part.value) for part in flat if isinstance(part, Constant))
    open_ones: list[Expression] = [part for part in flat if not isinstance(part, Constant)]
    if fixed or not open_ones:
        open_ones.append(Constant("integer", fixed))
    return Sum(tuple(open_ones)) if len(open_ones) > 1 else open_ones[0]


def product(left: Expression, right: Expression | int) -> Expression:
    """The product; 0 times and 1 times anything are known beforehand.

    >>> product(Named("sum", "integer", 0, 9), 1)
    Named(name='sum', kind='integer', low=0, high=9)
    """
    other = Constant("integer", right) if isinstance(right, int) else right
    match left, other:
        case Constant(value=int() as one), Constant(value=int() as two):
            return Constant("integer", one * two)
        case Constant(value=0), _:
            return left
        case _, Constant(value=0):
            return other
        case Constant(value=1), _:
            return other
        case _, Constant(value=1):
            return left
        case _:
            return Product(left, other)


# ------------------------------------------------------------------------------------------------------------- instants


def microseconds(at: datetime) -> int:
    """An aware instant as microseconds since 1970 in UTC.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (at - _EPOCH) // _MICROSECOND


def moment(expression: Moment | Ago, at: datetime) -> datetime | None:
    """The instant that a moment is as of `at`; the first there is for one before it, and None for one after the last there is.

    >>> moment(Ago(1_000_000), datetime(2026, 3, 2, tzinfo=UTC)).isoformat()
    '2026-03-01T23:59:59+00:00'
    """
    ticks = expression.microseconds if isinstance(expression, Moment) else microseconds(at) - expression.microseconds
    if ticks > microseconds(_LAST):
        return None
    return EARLIEST if ticks < microseconds(EARLIEST) else _EPOCH + ticks * _MICROSECOND


# ----------------------------------------------------------------------------------------------------------- evaluating


def evaluate(expression: Expression, row: Mapping[str, object], at: datetime, steps: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - of the expression's kind
    """What the expression gives for one row, as of `at`: the plain reading that every engine is held against.

    `row` holds columns by name, None or nothing where unknown, instants as aware datetimes; `steps` what was computed before.

    >>> old = Compare("<", Column("created_at", "instant"), Ago(86_400_000_000))
    >>> at = datetime(2026, 3, 2, tzinfo=UTC)
    >>> evaluate(old, {"created_at": datetime(2026, 3, 1, tzinfo=UTC)}, at)
    False
    """

    def read(inner: Expression) -> Any:  # noqa: ANN401 - of the expression's kind
        return evaluate(inner, row, at, steps)

    match expression:
        case Column(name=name, kind=here):
            value = row.get(name)
            if isinstance(value, datetime):
                return microseconds(value)
            return NOTHING[here] if value is None else value
        case Known(column=Column(name=name, kind=here)):
            return row.get(name) is not None and (here != "text" or row[name] != "")
        case Named(name=name):
            return (steps or {})[name]
        case Constant(value=value):
            return value
        case Moment(microseconds=ticks):
            return ticks
        case Ago(microseconds=ticks):
            return microseconds(at) - ticks
        case Compare(op=op, left=left, right=right):
            one, other = read(left), read(right)
            return one == other if op == "==" else one >= other if op == ">=" else one < other
        case Among(of=of, values=values):
            return read(of) in values
        case Words(op=op, of=of, value=value):
            text: str = read(of)
            return value in text if op == "contains" else text.startswith(value) if op == "starts_with" else text.endswith(value)
        case Holds(of=of, value=value):
            return value in read(of)
        case And(parts=parts):
            return all(read(part) for part in parts)
        case Or(parts=parts):
            return any(read(part) for part in parts)
        case Not(part=part):
            return not read(part)
        case Case(rows=rows, otherwise=otherwise):
            return read(next((value for test, value in rows if read(test)), otherwise))
        case Sum(parts=parts):
            return sum(read(part) for part in parts)
        case Product(left=left, right=right):
            return read(left) * read(right)
        case Bounded(column=column, low=low, high=high):
            here_now: int = read(column)
            return here_now if low <= here_now <= high else 0
        case Quotient(top=top, bottom=bottom):
            return read(top) / read(bottom)
        case _:
            return "".join(read(part) for part in expression.parts)
