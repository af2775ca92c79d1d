"""What other engines say of grades that are ready: both scores, the tier and whether it is an MQL.

Each is given its best form, compiled once, and plain dicts of grades. What is not installed is told, never dropped. Scores
are in weighted grades (three hundred is a hundred points), so that every engine can count in whole numbers.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module, metadata
from itertools import pairwise
from typing import Any, TypeAlias

from attrs import frozen

__all__ = ["BEST_FORMS", "PACKAGES", "SELECTION", "TIERS", "URGENCY", "Answer", "Peer", "module", "peers", "version"]

Grades: TypeAlias = Mapping[str, int]
Answer: TypeAlias = tuple[int, int, str, bool]
"""Selection and urgency in weighted grades, the tier, and whether it is an MQL."""
Scorer: TypeAlias = Callable[[dict[str, int]], Answer]

# SC-4, SC-5 and TI-1; thresholds are three times those of the points, as the weighted grades are.
SELECTION = {"company_size": 25, "industry": 20, "technology": 20, "growth_stage": 15, "geography": 10, "role": 10}
URGENCY = {"recency": 25, "content_depth": 25, "critical_event": 20, "repeat_visits": 15, "direct_request": 15}
TIERS = (("T1", 210, 180), ("T2", 150, 120), ("T3", 90, 90))

PACKAGES = (
    *("zen-engine", "common-expression-language", "panzi-json-logic", "rule-engine", "cel-python", "msgspec"),
    *("businesstimedelta", "pandas", "business-duration", "workalendar", "numpy"),
    *("transitions", "python-statemachine"),
    *("polars", "duckdb", "ChannelAttribution", "marketing_attribution_models"),
)
"""What `pip` calls the peers."""


@frozen
class Peer:
    """Another engine; `score` is None where it is not installed. `slow` ones are asked about fewer leads."""

    name: str
    score: Scorer | None
    note: str = ""
    slow: bool = False


def module(name: str) -> Any:  # noqa: ANN401 - a package that may not be there, and has no types
    """The module of that name, or None where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a peer uses of its own dependencies is its own matter
        try:
            return import_module(name)
        except ImportError:
            return None


def version(package: str) -> str:
    """The installed version of a package, or that it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _sum(weights: Mapping[str, int], name: str = "{}") -> str:
    return "(" + " + ".join(f"{weight} * {name.format(criterion)}" for criterion, weight in weights.items()) + ")"


def _tier(selection: str, urgency: str, *, chosen: str, both: str, otherwise: str) -> str:
    """A chain of conditional expressions in the spelling of an engine."""
    text = otherwise
    for tier, least, most in reversed(TIERS):
        condition = f"{selection} >= {least} {both} {urgency} >= {most}"
        text = chosen.format(condition=condition, tier=tier, otherwise=text)
    return text


# ------------------------------------------------------------------------------------------------------------ zen-engine


def _zen_expression() -> Scorer | None:
    """One compiled expression: the fastest thing zen-engine does, and it can explain nothing."""
    zen = module("zen")
    if zen is None:
        return None
    selection, urgency = _sum(SELECTION), _sum(URGENCY)
    tier = _tier(selection, urgency, chosen="{condition} ? '{tier}' : ({otherwise})", both="and", otherwise="'NURTURE'")
    evaluate = zen.compile_expression(f"[{selection}, {urgency}, {tier}]").evaluate

    def score(grades: dict[str, int]) -> Answer:
        found_selection, found_urgency, found_tier = evaluate(grades)
        return found_selection, found_urgency, found_tier, found_tier != "NURTURE"

    return score


def _zen_table(*, trace: bool) -> Scorer | None:
    """A decision graph, an expression node before a decision table, as its editor makes them; loaded once by key."""
    zen = module("zen")
    if zen is None:
        return None
    expressions = [
        {"id": "1", "key": "selection", "value": _sum(SELECTION)},
        {"id": "2", "key": "urgency", "value": _sum(URGENCY)},
    ]
    rules = [{"_id": tier, "s": f">= {s}", "u": f">= {u}", "tier": f"'{tier}'", "mql": "true"} for tier, s, u in TIERS]
    table = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "s", "name": "selection", "field": "selection"}, {"id": "u", "name": "urgency", "field": "urgency"}],
        "outputs": [{"id": "tier", "name": "tier", "field": "tier"}, {"id": "mql", "name": "mql", "field": "mql"}],
        "rules": [*rules, {"_id": "rest", "s": "", "u": "", "tier": "'NURTURE'", "mql": "false"}],
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "scores", "type": "expressionNode", "name": "scores", "content": {"expressions": expressions}},
        {"id": "tiers", "type": "decisionTableNode", "name": "tiers", "content": table},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    steps = pairwise(("in", "scores", "tiers", "out"))
    edges = [{"id": f"{source}-{target}", "sourceId": source, "targetId": target} for source, target in steps]
    graph = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"tiers": graph}}})
    options = {"trace": trace}

    def score(grades: dict[str, int]) -> Answer:
        found = engine.evaluate("tiers", grades, options)["result"]
        return found["selection"], found["urgency"], found["tier"], found["mql"]

    return score


# ---------------------------------------------------------------------------------------------------------------- others


def _cel_rust() -> Scorer | None:
    cel = module("cel")
    if cel is None:
        return None
    selection, urgency = _sum(SELECTION), _sum(URGENCY)
    tier = _tier(selection, urgency, chosen="{condition} ? '{tier}' : ({otherwise})", both="&&", otherwise="'NURTURE'")
    execute = cel.compile(f"[{selection}, {urgency}, {tier}]").execute

    def score(grades: dict[str, int]) -> Answer:
        found_selection, found_urgency, found_tier = execute(grades)
        return found_selection, found_urgency, found_tier, found_tier != "NURTURE"

    return score


def _json_logic() -> Scorer | None:
    found = module("json_logic")
    if found is None:
        return None
    apply = found.jsonLogic
    selection, urgency = ({"+": [{"*": [weight, {"var": name}]} for name, weight in weights.items()]} for weights in (SELECTION, URGENCY))
    branches: list[object] = []
    for tier, least, most in TIERS:
        branches += [{"and": [{">=": [{"var": "selection"}, least]}, {">=": [{"var": "urgency"}, most]}]}, tier]
    tiers = {"if": [*branches, "NURTURE"]}

    def score(grades: dict[str, int]) -> Answer:
        scores = {"selection": apply(selection, grades), "urgency": apply(urgency, grades)}
        tier = apply(tiers, scores)
        return scores["selection"], scores["urgency"], tier, tier != "NURTURE"

    return score


def _rule_engine() -> Scorer | None:
    found = module("rule_engine")
    if found is None:
        return None
    selection, urgency = found.Rule(_sum(SELECTION)).evaluate, found.Rule(_sum(URGENCY)).evaluate
    chain = _tier("selection", "urgency", chosen="({condition}) ? '{tier}' : ({otherwise})", both="and", otherwise="'NURTURE'")
    tiers = found.Rule(chain).evaluate

    def score(grades: dict[str, int]) -> Answer:
        scores = {"selection": selection(grades), "urgency": urgency(grades)}
        tier = tiers(scores)
        return scores["selection"], scores["urgency"], tier, tier != "NURTURE"

    return score


def _cel_python() -> Scorer | None:
    celpy = module("celpy")
    if celpy is None:
        return None
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    selection, urgency = _sum(SELECTION), _sum(URGENCY)
    tier = _tier(selection, urgency, chosen="{condition} ? '{tier}' : ({otherwise})", both="&&", otherwise="'NURTURE'")
    program = environment.program(environment.compile(f"[{selection}, {urgency}, {tier}]"))
    whole = celpy.celtypes.IntType

    def score(grades: dict[str, int]) -> Answer:
        found_selection, found_urgency, found_tier = program.evaluate({name: whole(grade) for name, grade in grades.items()})
        return int(found_selection), int(found_urgency), str(found_tier), found_tier != "NURTURE"

    return score


BEST_FORMS = ("zen-engine, one compiled expression", "zen-engine, decision table", "cel (Rust)", "json-logic", "rule-engine")
"""The peers among which the best rule engine is looked for."""


def peers() -> tuple[Peer, ...]:
    """Every peer, the fastest first."""
    return (
        Peer(BEST_FORMS[0], _zen_expression(), "explains nothing"),
        Peer(BEST_FORMS[1], _zen_table(trace=False)),
        Peer("zen-engine, decision table with trace", _zen_table(trace=True), "its explanation"),
        Peer(BEST_FORMS[2], _cel_rust(), "common-expression-language; explains nothing"),
        Peer(BEST_FORMS[3], _json_logic(), "panzi-json-logic", slow=True),
        Peer(BEST_FORMS[4], _rule_engine(), slow=True),
        Peer("cel-python", _cel_python(), slow=True),
    )


def as_json(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()
