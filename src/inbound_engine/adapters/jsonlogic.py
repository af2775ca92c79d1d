"""JsonLogic in and out, for what both languages can say.

JsonLogic (jsonlogic.com) writes a rule as `{">=": [{"var": "employees"}, 200]}`. What it can say of a fact, our conditions can
too, and the other way round; what only one of them can say is refused by name: JsonLogic's arithmetic, `if`, `map`, `missing`
and the like here, look-backs and counts there. JsonLogic knows no unknown: it reads a missing `var` as null, and null as
false or as zero. A condition that was written out may therefore say "no" elsewhere where it says "unknown" here.
"""

from collections.abc import Mapping

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
_READ = (*_COMPARISONS, "in", "and", "or", "!", "!!")
_DEEPEST = 18


def from_jsonlogic(rule: object, words: Vocabulary | None = None) -> AnyCondition:
    """The condition that a JsonLogic rule says; `PolicyError` names an operator or a shape that cannot be said here.

    `{"in": [var, list]}` is `is_in`, `{"in": [text, var]}` is `contains`, `{"<=": [low, var, high]}` is `between`,
    `{"==": [var, null]}` is `unknown` and `{"!": [{"!!": var}]}` is refused, since null, zero and "" are not the same here.

    >>> from_jsonlogic({"and": [{">=": [{"var": "employees"}, 200]}, {"in": [{"var": "country"}, ["DE", "AT"]]}]})
    AllOf(op='all', of=(Compare(fact='employees', op='at_least', value=200), OneOf(fact='country', op='is_in', values=('DE', 'AT'))))
    """
    return parse(_read(rule, "", 0), words)


def to_jsonlogic(condition: AnyCondition) -> Plain:
    """The condition as a JsonLogic rule; `PolicyError` where JsonLogic cannot say it.

    >>> from inbound_engine.conditions import fact
    >>> to_jsonlogic(fact("employees").between(50, 500))
    {'<=': [50, {'var': 'employees'}, 500]}
    """
    return _written(condition, "")


def _read(rule: object, path: str, depth: int) -> dict[str, object]:
    if depth > _DEEPEST:
        raise PolicyError([Problem(path, "a rule nested too deep", f"at most {_DEEPEST} levels", "Flatten it.")])
    match rule:
        case True:
            return {"op": "always"}
        case Mapping() if len(rule) == 1:
            ((name, given),) = rule.items()
        case _:
            raise PolicyError([Problem(path, shown(rule), "a rule: a table with one operator")])
    here = f"{path}.{name}" if path else str(name)
    arguments = given if isinstance(given, list | tuple) else [given]
    match name:
        case "and" | "or":
            parts = [_read(part, f"{here}[{place}]", depth + 1) for place, part in enumerate(arguments)]
            return parts[0] if len(parts) == 1 else {"op": "all" if name == "and" else "any", "of": parts}
        case "!" if len(arguments) == 1:
            return {"op": "not", "of": _read(arguments[0], f"{here}[0]", depth + 1)}
        case "in" if len(arguments) == 2:  # noqa: PLR2004 - both sides of "in"
            return _read_in(arguments, here)
        case str() if name in _COMPARISONS:
            return _read_comparison(name, arguments, here)
        case _:
            raise PolicyError([Problem(here, f"the operator {shown(name)}", one_of(_READ), "Only what both languages can say is read.")])


def _read_in(arguments: list[object] | tuple[object, ...], here: str) -> dict[str, object]:
    left, right = (_variable(argument) for argument in arguments)
    if left is not None and isinstance(arguments[1], list | tuple):
        return {"op": "is_in", "fact": left, "values": list(arguments[1])}
    if right is not None and isinstance(arguments[0], str):
        return {"op": "contains", "fact": right, "value": arguments[0]}
    raise PolicyError([Problem(here, "sides that cannot be read", '[{"var": fact}, list] or [text, {"var": fact}]')])


def _read_comparison(name: str, arguments: list[object] | tuple[object, ...], here: str) -> dict[str, object]:
    match [_variable(argument) for argument in arguments]:
        case [str() as fact, None]:
            value = arguments[1]
        case [None, str() as fact]:
            name, value = _TURNED[name], arguments[0]
        case [None, str() as fact, None] if name == "<=":
            return {"op": "between", "fact": fact, "low": arguments[0], "high": arguments[2]}
        case _:
            raise PolicyError(
                [Problem(here, "sides that cannot be read", f'one {{"var": fact}} and a value, or [low, {{"var": fact}}, high] under "<="')]
            )
    if value is None:
        if _COMPARISONS[name] in {"equals", "differs"}:
            return {"op": "unknown" if _COMPARISONS[name] == "equals" else "known", "fact": fact}
        raise PolicyError([Problem(here, "a comparison with null", 'null only under "==" and "!="')])
    return {"op": _COMPARISONS[name], "fact": fact, "value": value}


def _variable(argument: object) -> str | None:
    """The fact that `{"var": name}` names."""
    match argument:
        case {"var": str() as name, **rest} if not rest:
            return name
        case {"var": [str() as name], **rest} if not rest:
            return name
        case _:
            return None


def _written(condition: AnyCondition, path: str) -> Plain:
    match condition:
        case AllOf(of=of):
            return {"and": [_written(part, f"{path}of[{place}].") for place, part in enumerate(of)]}
        case AnyOf(of=of):
            return {"or": [_written(part, f"{path}of[{place}].") for place, part in enumerate(of)]}
        case Not(of=inner):
            return {"!": [_written(inner, f"{path}of.")]}
        case Always():
            return True
        case Compare(op=op, fact=fact, value=value):
            return {_WRITTEN[op]: [{"var": fact}, _value(value, path)]}
        case Between(fact=fact, low=low, high=high):
            return {"<=": [_value(low, path), {"var": fact}, _value(high, path)]}
        case OneOf(op="is_in", fact=fact, values=values):
            return {"in": [{"var": fact}, [_value(value, path) for value in values]]}
        case Words(op="contains", fact=fact, value=letters):
            return {"in": [letters, {"var": fact}]}
        case Known(op=op, fact=fact):
            return {"==" if op == "unknown" else "!=": [{"var": fact}, None]}
        case OneOf() | Words() | Elapsed() | Count():
            raise PolicyError(
                [Problem(path.rstrip("."), f'"{condition.op}"', "what JsonLogic can say", "Write this part in the host's own language.")]
            )


def _value(value: Scalar, path: str) -> Plain:
    if isinstance(value, bool | int | str):
        return value
    raise PolicyError([Problem(path.rstrip("."), "an amount of money", "what JsonLogic can say: text, numbers, true and false")])
