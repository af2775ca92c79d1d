"""JsonLogic in and out, for what both languages can say.

JsonLogic (jsonlogic.com) writes a rule as `{">=": [{"var": "employees"}, 200]}`. What it can say of a fact, our conditions can
too, and the other way round; what only one of them can say is refused by name: JsonLogic's arithmetic, `if`, `map`, `missing`
and the like here; look-backs, counts, the ends of texts and amounts of money there. A float is refused: write 2.5 as "2.5".

JsonLogic knows no unknown: it reads a missing `var` as null, and null as false or as zero. A condition that was written out
may therefore say yes or no elsewhere where it says "unknown" here. Where every fact that it names is known, both say the same;
instants are text there, so that their order is kept only between texts of one form.
"""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from inbound_engine.conditions import (
    AllOf,
    Always,
    AnyCondition,
    AnyOf,
    Between,
    Compare,
    Count,
    Elapsed,
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
_TURNED = {"==": "==", "===": "===", "!=": "!=", "!==": "!==", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_READ = (*_COMPARISONS, "in", "some", "and", "or", "!")
_DEEPEST = 40  # levels of operators; a condition has no more
_LARGEST = 100_000  # operators in all
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
    if problems := list(_unsayable(condition, "")):
        raise PolicyError(problems)
    return _written(condition)


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
        case [variable, list() | tuple() as values] if (fact := _variable(variable)) is not None:
            return {"op": "is_in", "fact": fact, "values": values}
        case [str() as letters, variable] if (fact := _variable(variable)) is not None:
            return {"op": "contains", "fact": fact, "value": letters}
        case _:
            return None


def _read_some(arguments: Sequence[object]) -> dict[str, object] | None:
    match arguments:
        case [variable, {"in": [{"var": ""}, list() | tuple() as values], **rest}] if not rest and (fact := _variable(variable)) is not None:
            return {"op": "overlaps", "fact": fact, "values": values}
        case _:
            return None


def _read_comparison(name: str, arguments: Sequence[object]) -> dict[str, object] | None:
    match [_variable(argument) for argument in arguments]:
        case [str() as fact, None]:
            return _compared(name, fact, arguments[1])
        case [None, str() as fact]:
            return _compared(_TURNED[name], fact, arguments[0])
        case [None, str() as fact, None] if name == "<=":
            return {"op": "between", "fact": fact, "low": arguments[0], "high": arguments[2]}
        case [None, str() as fact, None] if name == "<":
            return {"op": "all", "of": [_compared(">", fact, arguments[0]), _compared("<", fact, arguments[2])]}
        case _:
            return None


def _compared(name: str, fact: str, value: object) -> dict[str, object] | None:
    op = _COMPARISONS[name]
    if value is not None:
        return {"op": op, "fact": fact, "value": value}
    return {"op": "unknown" if op == "equals" else "known", "fact": fact} if op in {"equals", "differs"} else None


def _variable(argument: object) -> str | None:
    """The fact that `{"var": name}` names."""
    match argument:
        case {"var": (str() as name) | [str() as name], **rest} if name and not rest:
            return name
        case _:
            return None


# --------------------------------------------------------------------------------------------------------------- writing


def _unsayable(condition: AnyCondition, path: str) -> Iterator[Problem]:
    """What JsonLogic has no words for, each with its path in the condition."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for place, part in enumerate(of):
                yield from _unsayable(part, f"{path}.of[{place}]" if path else f"of[{place}]")
        case Not(of=inner):
            yield from _unsayable(inner, f"{path}.of" if path else "of")
        case Words(op="starts_with" | "ends_with") | Elapsed() | Count():
            yield Problem(path, f'"{condition.op}"', "what JsonLogic can say", "Write this part in the host's own language.")
        case Compare(value=Amount()) | Between(low=Amount()) | Between(high=Amount()):
            yield Problem(path, "an amount of money", "what JsonLogic can say: text, whole numbers, true and false")
        case OneOf(values=values) if any(isinstance(value, Amount) for value in values):
            yield Problem(path, "an amount of money", "what JsonLogic can say: text, whole numbers, true and false")
        case _:
            pass


def _written(condition: AnyCondition) -> Plain:
    match condition:
        case AllOf(of=of):
            return {"and": [_written(part) for part in of]}
        case AnyOf(of=of):
            return {"or": [_written(part) for part in of]}
        case Not(of=inner):
            return {"!": [_written(inner)]}
        case Compare(op=op, fact=fact, value=value):
            return {_WRITTEN[op]: [{"var": fact}, _value(value)]}
        ...
