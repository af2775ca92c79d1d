"""JsonLogic in and out: what both languages can say, and what is refused by name."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from inbound_engine.adapters.jsonlogic import from_jsonlogic, to_jsonlogic
from inbound_engine.conditions import AllOf, Always, AnyCondition, AnyOf, Compare, count, fact
from inbound_engine.errors import PolicyError
from inbound_engine.money import Money
from tests.condition_strategies import WORDS
from tests.work import at_most

Raw: TypeAlias = Any
"""JsonLogic, some of it wrong."""

ALWAYS = Always(op="always")
EMPLOYEES, COUNTRY = {"var": "employees"}, {"var": "country"}


def problems(make: Callable[[], object]) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        make()
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        (fact("employees").equals(5), {"==": [EMPLOYEES, 5]}),
        (fact("employees").differs(5), {"!=": [EMPLOYEES, 5]}),
        (fact("employees").at_least(5), {">=": [EMPLOYEES, 5]}),
        (fact("employees").at_most(5), {"<=": [EMPLOYEES, 5]}),
        (fact("employees").more_than(5), {">": [EMPLOYEES, 5]}),
        (fact("employees").less_than(5), {"<": [EMPLOYEES, 5]}),
        (fact("employees").between(5, 9), {"<=": [5, EMPLOYEES, 9]}),
        (fact("partner").equals(False), {"==": [{"var": "partner"}, False]}),
        (fact("country").is_in("DE", "AT"), {"in": [COUNTRY, ["DE", "AT"]]}),
        (fact("title").contains("VP"), {"in": ["VP", {"var": "title"}]}),
        (fact("tags").overlaps("a", "b"), {"some": [{"var": "tags"}, {"in": [{"var": ""}, ["a", "b"]]}]}),
        (fact("country").is_known(), {"!=": [COUNTRY, None]}),
        (fact("country").is_unknown(), {"==": [COUNTRY, None]}),
        (ALWAYS, True),
        (~ALWAYS, {"!": [True]}),
        (fact("employees").at_least(5) & ~ALWAYS, {"and": [{">=": [EMPLOYEES, 5]}, {"!": [True]}]}),
        (fact("employees").at_least(5) | ALWAYS, {"or": [{">=": [EMPLOYEES, 5]}, True]}),
        (AllOf(op="all", of=(ALWAYS,)), {"and": [True]}),
        (AnyOf(op="any", of=(AnyOf(op="any", of=(ALWAYS,)),)), {"or": [{"or": [True]}]}),
    ],
)
def test_what_both_can_say_goes_out_and_comes_back(condition: AnyCondition, rule: Raw) -> None:
    assert to_jsonlogic(condition) == rule
    assert from_jsonlogic(rule) == condition


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ({"===": [EMPLOYEES, 5]}, fact("employees").equals(5)),
        ({"!==": [EMPLOYEES, 5]}, fact("employees").differs(5)),
        ({"==": [5, EMPLOYEES]}, fact("employees").equals(5)),
        ({"!=": [5, EMPLOYEES]}, fact("employees").differs(5)),
        ({">=": [5, EMPLOYEES]}, fact("employees").at_most(5)),
        ({"<=": [5, EMPLOYEES]}, fact("employees").at_least(5)),
        ({">": [5, EMPLOYEES]}, fact("employees").less_than(5)),
        ({"<": [5, EMPLOYEES]}, fact("employees").more_than(5)),
        ({"<": [5, EMPLOYEES, 9]}, fact("employees").more_than(5) & fact("employees").less_than(9)),
        ({"==": [None, COUNTRY]}, fact("country").is_unknown()),
        ({"!==": [COUNTRY, None]}, fact("country").is_known()),
        ({"===": [{"var": ["country"]}, "DE"]}, fact("country").equals("DE")),
        ({"!": {"==": (COUNTRY, "DE")}}, ~fact("country").equals("DE")),
        ({"and": True}, AllOf(op="all", of=(ALWAYS,))),
        ({"in": ["a", {"var": "tags"}]}, fact("tags").contains("a")),
    ],
)
def test_other_spellings_are_read_too(rule: Raw, condition: AnyCondition) -> None:
    assert from_jsonlogic(rule, WORDS) == condition


READ = "one of !, !=, !==, <, <=, ==, ===, >, >=, and, in, or, some. Only what both languages can say is read."
SIDES = 'one {"var": fact} and a value, null only under "==" and "!=", or [low, {"var": fact}, high] under "<=" and "<".'
IN = '[{"var": fact}, list] or [text, {"var": fact}].'
SOME = '[{"var": fact}, {"in": [{"var": ""}, list]}].'


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        *(
            ({name: [COUNTRY, 1]}, f"{name}: saw the operator '{name}', expected {READ}")
            for name in (
                *("+", "-", "*", "/", "%", "if", "?:", "map", "filter", "reduce", "all", "none", "merge", "missing", "missing_some"),
                *("cat", "substr", "log", "min", "max", "var", "!!", "method", "__import__"),
            )
        ),
        ({5: [1]}, f"5: saw the operator 5, expected {READ}"),
        ({"!": [True, True]}, f"!: saw the operator '!', expected {READ}"),
        (False, "saw false, expected a rule: a table with one operator."),
        (None, "saw nothing, expected a rule: a table with one operator."),
        ("country", "saw 'country', expected a rule: a table with one operator."),
        ({}, "saw a table of 0, expected a rule: a table with one operator."),
        ({"and": [True], "or": [True]}, "saw a table of 2, expected a rule: a table with one operator."),
        ({"and": []}, "and: saw a list of 0, expected at least one rule."),
        ({"or": [True, 5]}, "or[1]: saw 5, expected a rule: a table with one operator."),
        ({"!": [{"and": [{"if": [True]}]}]}, f"![0].and[0].if: saw the operator 'if', expected {READ}"),
        ({"==": [COUNTRY]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [1, 1]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [COUNTRY, EMPLOYEES]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [COUNTRY, {"+": [1, 2]}]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [COUNTRY, ["DE"]]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [{"var": ["country", "DE"]}, "DE"]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({"==": [{"var": ""}, "DE"]}, f"==: saw sides that cannot be read, expected {SIDES}"),
        ({">=": [EMPLOYEES, None]}, f">=: saw sides that cannot be read, expected {SIDES}"),
        ({">=": [9, EMPLOYEES, 5]}, f">=: saw sides that cannot be read, expected {SIDES}"),
        ({"<=": [{"+": [1]}, EMPLOYEES, 5]}, f"<=: saw sides that cannot be read, expected {SIDES}"),
        ({"in": [COUNTRY, "DE"]}, f"in: saw sides that cannot be read, expected {IN}"),
        ({"in": [COUNTRY, [EMPLOYEES]]}, f"in: saw sides that cannot be read, expected {IN}"),
        ({"in": "DE"}, f"in: saw sides that cannot be read, expected {IN}"),
        ({"some": [{"var": "tags"}, {"==": [{"var": ""}, "a"]}]}, f"some: saw sides that cannot be read, expected {SOME}"),
        ({"some": [{"var": "tags"}, {"in": [{"var": ""}, ["a"]], "or": []}]}, f"some: saw sides that cannot be read, expected {SOME}"),
        ({"and": [True, {"==": [EMPLOYEES, "5"]}]}, "and[1].==: saw '5' for employees, a fact of kind integer, expected a whole number."),
        ({"in": [{"var": "plan"}, ["pro", "tema"]]}, "in: saw 'tema' for plan, expected one of free, pro, team. Did you mean \"team\"?"),
        ({">": [COUNTRY, "DE"]}, None),
        ({"==": [{"var": "contry"}, "DE"]}, None),
        ({">=": [{"var": "ratio"}, 2.5]}, None),
    ],
)
def test_what_only_jsonlogic_can_say_is_refused_by_name(rule: Raw, told: str | None) -> None:
    found = problems(lambda: from_jsonlogic(rule, WORDS))
    assert len(found) == 1
    assert told is None or found == [told]


def test_every_problem_of_a_rule_is_told_at_once() -> None:
    rule = {"and": [{"if": [True]}, {"or": [{"==": [1, 1]}, {"missing": ["a"]}]}, {">=": [{"var": "ratio"}, 2.5]}]}
    told = problems(lambda: from_jsonlogic(rule))
    assert [problem.split(": saw")[0] for problem in told] == ["and[0].if", "and[1].or[0].==", "and[1].or[1].missing", "and[2].>="]
    assert told[-1].endswith('Write it as text: "2.5".')


def test_without_a_vocabulary_any_fact_may_be_named() -> None:
    assert from_jsonlogic({"==": [{"var": "shoe_size"}, 5]}) == Compare(op="equals", fact="shoe_size", value=5)


EUROS = Money.of(1, "EUR")
MONEY = "saw EUR 1.00, an amount of money, expected what JsonLogic can say: text, whole numbers, true and false."


def unsaid(op: str) -> str:
    return f'saw "{op}", expected what JsonLogic can say. Write this part in the host\'s own language.'


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (count(at_least=1), [unsaid("count")]),
        (fact("title").starts_with("VP"), [unsaid("starts_with")]),
        (fact("title").ends_with("VP"), [unsaid("ends_with")]),
        (fact("created_at").within(7), [unsaid("within")]),
        (fact("created_at").older_than(7), [unsaid("older_than")]),
        (fact("budget").at_least(EUROS), [MONEY]),
        (fact("budget").between(EUROS, EUROS), [MONEY, MONEY]),
        (
            ALWAYS & (ALWAYS | ~count(at_least=1)) & fact("budget").at_least(EUROS),
            [f"of[1].of[1].of: {unsaid('count')}", f"of[2]: {MONEY}"],
        ),
    ],
)
def test_what_only_a_condition_can_say_is_refused_by_name(condition: AnyCondition, told: list[str]) -> None:
    assert problems(lambda: to_jsonlogic(condition)) == told


def nested(name: str, depth: int) -> Raw:
    rule: Raw = True
    for _ in range(depth):
        rule = {name: [rule]}
    return rule


def shared(depth: int) -> Raw:
    rule: Raw = True
    for _ in range(depth):
        rule = {"and": [rule, rule]}
    return rule


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (nested("!", 10_000), "saw more than 40 levels, expected at most 40 levels. Split the rule."),
        (nested("and", 10_000), "saw more than 40 levels, expected at most 40 levels. Split the rule."),
        (nested("and", 30), "saw more than 40 levels, expected at most 40 levels of nesting. Flatten it."),
        (shared(39), "saw more than 50000 operators, expected at most 50000 operators. Split the rule."),
        ({"or": [True] * 100_000}, "saw more than 50000 operators, expected at most 50000 operators. Split the rule."),
        ({"==": [COUNTRY, "x" * 1_000_000]}, "==: saw text of 1000000 characters, expected at most 10000. Shorten it."),
        ({"in": [COUNTRY, ["x"] * 100_000]}, "in: saw more than 50000 values, expected at most 50000 values. Split the document."),
    ],
)
def test_what_is_too_deep_or_too_large_is_refused_at_once(rule: Raw, told: str) -> None:
    with at_most(1_500_000):
        assert problems(lambda: from_jsonlogic(rule)) == [told]


def test_the_deepest_rule_that_is_read_is_a_condition() -> None:
    deepest = from_jsonlogic(nested("!", 37))
    assert to_jsonlogic(deepest) == nested("!", 37)
