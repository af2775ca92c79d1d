"""JsonLogic in and out, for what both languages can say.

JsonLogic (jsonlogic.com) writes a rule as `{">=": [{"var": "employees"}, 200]}`. What it can say of a fact, our conditions can
too, and the other way round; what only one of them can say is refused by name: JsonLogic's arithmetic, `if`, `map`, `missing`
and the like here; look-backs, counts, the ends of texts and amounts of money there. A float is refused: write 2.5 as "2.5".

JsonLogic knows no unknown: it reads a missing `var` as null, and null as false or as zero. A condition that was written out
may therefore say yes or no elsewhere where it says "unknown" here. Where every fact that it names is known, both say the same;
instants are text there, so that their order is kept only between texts of one form.
"""

from collections.abc import Mapping, Sequence

import attrs

from inbound_engine.conditions import (
    AllOf,
    Always,
    AnyCondition,
    AnyOf,
    Between,
    Compare,
    Known,
    Not,
    OneOf,
    Scalar,
    Words,
    parse,
)
from inbound_engine.decisions import Plain
from inbound_engine.errors import PolicyError, Problem, one_of, shown
from inbound_engine.vocabulary import Vocabulary

__all__ = ["from_jsonlogic", "to_jsonlogic"]

_COMPARISONS = {
    "==": "equals",
    "===": "equals",
    "!=": "differs",
    "!==": "differs",
    ">=": "at_least",
    "<=": "at_most",
    ">": "more_than",
    "<": "less_than",
}
_WRITTEN = {"equals": "==", "differs": "!=", "at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_NULL = {"equals": "unknown", "differs": "known"}
_READ = (*_COMPARISONS, "in", "some", "and", "or", "!")
_DEEPEST = 40  # levels of operators; a condition has no more
_LARGEST = 50_000  # operators in all
_ALWAYS: Mapping[str, object] = {"op": "always"}


def from_jsonlogic(rule: object, words: Vocabulary | None = None) -> AnyCondition:
    """The condition that a JsonLogic rule says; `PolicyError` with every operator and shape that cannot be said here.

    `{"in": [var, list]}` is `is_in`, `{"in": [text, var]}` is `contains`, `{"some": [var, {"in": [{"var": ""}, list]}]}` is
    `overlaps`, `{"<=": [low, var, high]}` is `between`, and `{"==": [var, null]}` is `unknown`. Truth of a bare `var` and `!!`
    are refused, since null, zero and "" are not the same here. With a vocabulary the condition is checked against it.

    >>> from_jsonlogic({"and": [{">=": [{"var": "employees"}, 200]}, {"in": [{"var": "country"}, ["DE", "AT"]]}]})
    AllOf(op='all', of=(Compare(fact='employees', op='at_least', value=200), OneOf(fact='country', op='is_in', values=('DE', 'AT'))))
    """
    reader = _Reader(words)
    data = reader.read(rule, "", 0)
    if reader.problems:
        raise PolicyError(reader.problems)
    return parse(data)


def to_jsonlogic(condition: AnyCondition) -> Plain:
    """The condition as a JsonLogic rule; `PolicyError` with every part that JsonLogic cannot say.

    >>> from inbound_engine.conditions import fact
    >>> to_jsonlogic(fact("employees").between(50, 500))
    {'<=': [50, {'var': 'employees'}, 500]}
    """
    problems: list[Problem] = []
    rule = _written(condition, "", problems)
    if problems:
        raise PolicyError(problems)
    return rule


# --------------------------------------------------------------------------------------------------------------- reading


class _Reader:
    """Reads a rule into the plain data of a condition, and notes every problem on the way, under JsonLogic's own paths."""

    def __init__(self, words: Vocabulary | None) -> None:
        self.words = words
        self.problems: list[Problem] = []
        self.count = 0

    def read(self, rule: object, path: str, depth: int) -> Mapping[str, object]:
        """One rule."""
        self.count += 1
        if depth > _DEEPEST or self.count > _LARGEST:
            saw = f"more than {_DEEPEST} levels" if depth > _DEEPEST else f"more than {_LARGEST} operators"
            raise PolicyError([Problem("", saw, saw.replace("more than", "at most"), "Split the rule.")])
        match rule:
            case True:
                return _ALWAYS
            case Mapping() if len(rule) == 1:
                ((name, given),) = rule.items()
            case _:
                return self.refuse(Problem(path, shown(rule), "a rule: a table with one operator"))
        here = f"{path}.{name}" if path else str(name)
        arguments = given if isinstance(given, list | tuple) else [given]
        match name:
            case "and" | "or":
                parts = [self.read(part, f"{here}[{place}]", depth + 1) for place, part in enumerate(arguments)]
                if not parts:
                    return self.refuse(Problem(here, "a list of 0", "at least one rule"))
                return {"op": "all" if name == "and" else "any", "of": parts}
            case "!" if len(arguments) == 1:
                return {"op": "not", "of": self.read(arguments[0], f"{here}[0]", depth + 1)}
            case "in":
                return self.checked(_read_in(arguments), here, '[{"var": fact}, list] or [text, {"var": fact}]')
            case "some":
                return self.checked(_read_some(arguments), here, '[{"var": fact}, {"in": [{"var": ""}, list]}]')
            case str() if name in _COMPARISONS:
                return self.checked(_read_comparison(name, arguments), here, _SIDES)
            case _:
                hint = "Only what both languages can say is read."
                return self.refuse(Problem(here, f"the operator {shown(name)}", one_of(_READ), hint))

    def refuse(self, problem: Problem) -> Mapping[str, object]:
        """Notes the problem; what it returns stands in for a condition that is never used."""
        self.problems.append(problem)
        return _ALWAYS

    def checked(self, data: Mapping[str, object] | None, here: str, shape: str) -> Mapping[str, object]:
        """The data of one comparison, held to the vocabulary."""
        if data is None:
            return self.refuse(Problem(here, "sides that cannot be read", shape))
        try:
            parse(data, self.words)
        except PolicyError as error:
            self.problems += (attrs.evolve(problem, path=here) for problem in error.problems)
        return data


_SIDES = 'one {"var": fact} and a value, null only under "==" and "!=", or [low, {"var": fact}, high] under "<=" and "<"'


def _read_in(arguments: Sequence[object]) -> dict[str, object] | None:
    match arguments:
        case [variable, list() | tuple() as values] if (fact := _variable(variable)) and _scalars(values):
            return {"op": "is_in", "fact": fact, "values": values}
        case [str() as letters, variable] if fact := _variable(variable):
            return {"op": "contains", "fact": fact, "value": letters}
        case _:
            return None


def _read_some(arguments: Sequence[object]) -> dict[str, object] | None:
    match arguments:
        case [variable, {"in": [{"var": ""}, list() | tuple() as values], **rest}] if (
            not rest and (fact := _variable(variable)) and _scalars(values)
        ):
            return {"op": "overlaps", "fact": fact, "values": values}
        case _:
            return None


def _read_comparison(name: str, arguments: Sequence[object]) -> dict[str, object] | None:
    op = _COMPARISONS[name]
    match arguments:
        case [variable, None] if (fact := _variable(variable)) and op in _NULL:
            return {"op": _NULL[op], "fact": fact}
        case [None, variable] if (fact := _variable(variable)) and op in _NULL:
            return {"op": _NULL[op], "fact": fact}
        case [variable, value] if (fact := _variable(variable)) and _scalars([value]):
            return {"op": op, "fact": fact, "value": value}
        case [value, variable] if (fact := _variable(variable)) and _scalars([value]):
            return {"op": _COMPARISONS[_TURNED.get(name, name)], "fact": fact, "value": value}
        case [low, variable, high] if (fact := _variable(variable)) and _scalars([low, high]) and name == "<=":
            return {"op": "between", "fact": fact, "low": low, "high": high}
        case [low, variable, high] if (fact := _variable(variable)) and _scalars([low, high]) and name == "<":
            above, below = ({"op": op, "fact": fact, "value": end} for op, end in (("more_than", low), ("less_than", high)))
            return {"op": "all", "of": [above, below]}
        case _:
            return None


def _scalars(values: Sequence[object]) -> bool:
    """Whether these are values and not rules."""
    return not any(value is None or isinstance(value, Mapping | list | tuple) for value in values)


def _variable(argument: object) -> str | None:
    """The fact that `{"var": name}` names."""
    match argument:
        case {"var": (str() as name) | [str() as name], **rest} if name and not rest:
            return name
        case _:
            return None


# --------------------------------------------------------------------------------------------------------------- writing


def _written(condition: AnyCondition, path: str, problems: list[Problem]) -> Plain:
    """The rule, as far as it can be said; what cannot is noted with its path in the condition."""
    inside = f"{path}.of" if path else "of"

    def value(given: Scalar) -> Plain:
        if isinstance(given, bool | int | str):
            return given
        problems.append(Problem(path, f"{given}, an amount of money", "what JsonLogic can say: text, whole numbers, true and false"))
        return None

    match condition:
        case AllOf(of=of):
            return {"and": [_written(part, f"{inside}[{place}]", problems) for place, part in enumerate(of)]}
        case AnyOf(of=of):
            return {"or": [_written(part, f"{inside}[{place}]", problems) for place, part in enumerate(of)]}
        case Not(of=inner):
            return {"!": [_written(inner, inside, problems)]}
        case Always():
            return True
        case Compare(op=op, fact=fact, value=compared):
            return {_WRITTEN[op]: [{"var": fact}, value(compared)]}
        case Between(fact=fact, low=low, high=high):
            return {"<=": [value(low), {"var": fact}, value(high)]}
        case OneOf(op="is_in", fact=fact, values=values):
            return {"in": [{"var": fact}, [value(one) for one in values]]}
        case OneOf(fact=fact, values=values):
            return {"some": [{"var": fact}, {"in": [{"var": ""}, [value(one) for one in values]]}]}
        case Words(op="contains", fact=fact, value=letters):
            return {"in": [letters, {"var": fact}]}
        case Known(op=op, fact=fact):
            return {"==" if op == "unknown" else "!=": [{"var": fact}, None]}
        case _:
            problems.append(Problem(path, f'"{condition.op}"', "what JsonLogic can say", "Write this part in the host's own language."))
            return None
