"""The language of columns: what each expression gives, and what is known of it beforehand."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine.expressions import (
    FALSE,
    MOST,
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
    case,
    columns_of,
    evaluate,
    every,
    kind,
    microseconds,
    moment,
    names_of,
    opposite,
    product,
    replaced,
    some,
    total,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIZE, TITLE, TOOLS = Column("employees", "integer"), Column("title", "text"), Column("technologies", "texts")
PAID, SINCE, RATIO = Column("paid", "boolean"), Column("since", "instant"), Column("ratio", "decimal")
BIG = Named("big", "boolean")
DAY = 86_400_000_000


def number(value: int) -> Constant:
    return Constant("integer", value)


def text(value: str) -> Constant:
    return Constant("text", value)


@pytest.mark.parametrize(
    ("expression", "row", "gives"),
    [
        (SIZE, {"employees": 240}, 240),
        (SIZE, {}, 0),
        (TITLE, {}, ""),
        (TOOLS, {}, frozenset()),
        (PAID, {"paid": None}, False),
        (RATIO, {}, 0),
        (SINCE, {}, 0),
        (SINCE, {"since": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)}, 1_000_000),
        (Known(SIZE), {"employees": 0}, True),
        (Known(SIZE), {"employees": None}, False),
        (Known(TITLE), {"title": ""}, False),
        (Known(TITLE), {"title": "VP"}, True),
        (Known(TOOLS), {"technologies": frozenset()}, True),
        (Compare("==", TITLE, text("VP")), {"title": "VP"}, True),
        (Compare("==", TITLE, text("VP")), {"title": "vp"}, False),
        (Compare(">=", SIZE, number(240)), {"employees": 240}, True),
        (Compare("<", SIZE, number(240)), {"employees": 240}, False),
        (Compare("==", RATIO, Constant("decimal", Fraction(1, 2))), {"ratio": Fraction(1, 2)}, True),
        (Compare(">=", SINCE, Ago(DAY)), {"since": AT - timedelta(days=1)}, True),
        (Compare("<", SINCE, Ago(DAY)), {"since": AT - timedelta(days=1)}, False),
        (Compare("<", SINCE, Ago(-1)), {"since": AT}, True),
        (Compare(">=", SINCE, Moment(microseconds(AT))), {"since": AT - timedelta(microseconds=1)}, False),
        (Among(TITLE, ("VP", "CEO")), {"title": "CEO"}, True),
        (Among(SIZE, (1, 2)), {"employees": 3}, False),
        (Words("contains", TITLE, "é"), {"title": "Café"}, True),
        (Words("starts_with", TITLE, "VP "), {"title": "VP Sales"}, True),
        (Words("ends_with", TITLE, "Sales"), {"title": "VP sales"}, False),
        (Holds(TOOLS, "hubspot"), {"technologies": frozenset({"hubspot"})}, True),
        (Holds(TOOLS, "hubspot"), {}, False),
        (And((Known(SIZE), Known(TITLE))), {"employees": 1}, False),
        (Or((Known(SIZE), Known(TITLE))), {"employees": 1}, True),
        (Not(Known(SIZE)), {}, True),
        (Case(((Known(SIZE), text("known")),), text("unknown")), {"employees": 1}, "known"),
        (Case(((Known(SIZE), text("known")),), text("unknown")), {}, "unknown"),
        (Sum((SIZE, number(2))), {"employees": 1}, 3),
        (Product(SIZE, number(-3)), {"employees": 2}, -6),
        (Bounded(SIZE, 0, 3), {"employees": 3}, 3),
        (Bounded(SIZE, 0, 3), {"employees": 4}, 0),
        (Quotient(number(80), number(3)), {}, 26.666666666666668),
        (Concat((TITLE, text("!"))), {"title": "VP"}, "VP!"),
    ],
)
def test_an_expression_of_a_row(expression: Expression, row: dict[str, Any], gives: object) -> None:
    assert evaluate(expression, row, AT) == gives


def test_a_step_is_read_by_its_name() -> None:
    assert evaluate(Not(BIG), {}, AT, {"big": True}) is False


@pytest.mark.parametrize(
    ("expression", "gives"),
    [
        (SIZE, "integer"),
        (BIG, "boolean"),
        (TRUE, "boolean"),
        (Moment(0), "instant"),
        (Ago(0), "instant"),
        (Case(((BIG, text("a")),), text("b")), "text"),
        (Sum((SIZE, SIZE)), "integer"),
        (Quotient(SIZE, SIZE), "number"),
        (Concat((TITLE, TITLE)), "text"),
        (Among(SIZE, (1,)), "boolean"),
    ],
)
def test_every_expression_says_its_kind(expression: Expression, gives: str) -> None:
    assert kind(expression) == gives


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        (number(-3), -3, -3),
        (Named("sum", "integer", 2, 9), 2, 9),
        (Bounded(SIZE, 1, 3), 0, 3),
        (Bounded(SIZE, -3, -1), -3, 0),
        (Case(((BIG, number(7)),), number(-2)), -2, 7),
        (Sum((Bounded(SIZE, 0, 3), Named("sum", "integer", 2, 9))), 2, 12),
        (Product(Named("sum", "integer", -2, 9), number(-5)), -45, 10),
        (SIZE, -(2**63), 2**63 - 1),
        (TITLE, -(2**63), 2**63 - 1),
    ],
)
def test_whole_numbers_carry_their_bounds(expression: Expression, low: int, high: int) -> None:
    assert bounds(expression) == (low, high)


def test_what_an_expression_reads() -> None:
    expression = Case(((And((Known(SIZE), BIG)), Words("contains", TITLE, "VP")),), Compare("<", SINCE, Ago(0)))
    assert columns_of(expression) == {SIZE, TITLE, SINCE}
    assert names_of(Sum((Named("a", "integer"), Product(Named("a", "integer"), Named("b", "integer"))))) == ["a", "a", "b"]
    assert columns_of(Concat((TITLE, text("!")))) == {TITLE}
    assert columns_of(Holds(TOOLS, "x")) == {TOOLS}


def test_steps_give_way_to_what_they_stand_for() -> None:
    a = Named("a", "integer", 0, 3)
    everywhere: list[Expression] = [
        Compare("<", a, number(2)),
        Product(a, number(2)),
        Quotient(a, number(2)),
        Among(a, (1,)),
        And((Not(Compare("==", a, a)), BIG)),
        Case(((BIG, a),), number(1)),
        Sum((a, number(1))),
    ]
    for expression in everywhere:
        assert names_of(replaced(expression, lambda named: SIZE if named == a else named)) == [n for n in names_of(expression) if n != "a"]
    assert replaced(SIZE, lambda named: named) == SIZE


@pytest.mark.parametrize(
    ("made", "gives"),
    [
        (every(), TRUE),
        (some(), FALSE),
        (every(BIG, TRUE), BIG),
        (some(BIG, FALSE), BIG),
        (every(BIG, FALSE), FALSE),
        (some(BIG, TRUE), TRUE),
        (every(BIG, Not(BIG)), FALSE),
        (some(BIG, Not(BIG)), TRUE),
        (every(BIG, BIG), BIG),
        (every(And((BIG, PAID)), Known(SIZE)), And((BIG, PAID, Known(SIZE)))),
        (every(Known(TITLE), Among(TITLE, ("VP",))), Among(TITLE, ("VP",))),
        (every(Known(TITLE), Compare("==", TITLE, text("VP"))), Compare("==", TITLE, text("VP"))),
        (every(Known(TITLE), Words("contains", TITLE, "VP")), Words("contains", TITLE, "VP")),
        (every(Known(TOOLS), Holds(TOOLS, "x")), Holds(TOOLS, "x")),
        (every(Known(TITLE), Not(Among(TITLE, ("VP",)))), And((Known(TITLE), Not(Among(TITLE, ("VP",)))))),
        (every(Known(SIZE), Among(SIZE, (0,))), And((Known(SIZE), Among(SIZE, (0,))))),
        (some(Not(Known(TITLE)), Not(Among(TITLE, ("VP",)))), Not(Among(TITLE, ("VP",)))),
        (some(Not(BIG), And((BIG, PAID))), Or((Not(BIG), PAID))),
        (opposite(BIG), Not(BIG)),
        (opposite(Not(BIG)), BIG),
        (opposite(TRUE), FALSE),
        (opposite(FALSE), TRUE),
        (case([(TRUE, number(1)), (BIG, number(2))], number(3)), number(1)),
        (case([(BIG, number(3))], number(3)), number(3)),
        (case([(BIG, number(1)), (PAID, number(3))], number(3)), Case(((BIG, number(1)),), number(3))),
        (case([(BIG, TRUE)], FALSE), BIG),
        (case([(BIG, FALSE)], TRUE), Case(((BIG, FALSE),), TRUE)),
        (total(), number(0)),
        (total(number(2), number(3)), number(5)),
        (total(SIZE, number(0)), SIZE),
        (total(SIZE, Sum((SIZE, number(2))), number(1)), Sum((SIZE, SIZE, number(3)))),
        (product(number(2), 3), number(6)),
        (product(number(0), SIZE), number(0)),
        (product(SIZE, 0), number(0)),
        (product(number(1), SIZE), SIZE),
        (product(SIZE, 1), SIZE),
        (product(SIZE, 2), Product(SIZE, number(2))),
    ],
)
def test_what_is_known_beforehand_is_left_out(made: Expression, gives: Expression) -> None:
    assert made == gives


@pytest.mark.parametrize(
    ("expression", "at", "gives"),
    [
        (Ago(DAY), AT, AT - timedelta(days=1)),
        (Ago(-1), AT, AT + timedelta(microseconds=1)),
        (Moment(1_000_000), AT, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (Ago(10**6 * DAY), AT, datetime(1, 1, 1, tzinfo=UTC)),
        (Ago(-1), datetime.max.replace(tzinfo=UTC), None),
        (Moment(10**18), AT, None),
    ],
)
def test_instants_beyond_the_calendar(expression: Moment | Ago, at: datetime, gives: datetime | None) -> None:
    assert moment(expression, at) == gives


def test_what_is_computed_stays_below_what_doubles_count() -> None:
    assert float(MOST) == float(MOST + 1)
    assert float(MOST - 1) != float(MOST - 2)
