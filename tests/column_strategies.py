"""Policies drawn at random for what reads columns, leads as rows of columns, and what the objects say of them.

A policy asks every kind of fact, grader, matrix, floor and clause of the language; `WORDS` and `CATALOGUE` of
`condition_strategies` are its facts and touchpoints. A lead becomes a row of facts and rows of activities.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from inbound_engine import scoring, tiers
from inbound_engine.columns import Columns
from inbound_engine.engine import Engine
from inbound_engine.facts import Lead
from inbound_engine.money import Money
from inbound_engine.policy import Compiled, Policy
from inbound_engine.vocabulary import View
from tests.condition_strategies import CATALOGUE, WORDS, pairs

__all__ = ["FACTS", "activity_rows", "policies", "row_of", "said_by_objects"]

FACTS: dict[str, Any] = WORDS.document.model_dump(mode="json")
TOUCHPOINTS = [row.model_dump(mode="json") for row in CATALOGUE.rows]
PRODUCTS = ("core", "plus")

_GRADES = st.integers(0, 3)
_CONDITIONS = pairs().map(lambda pair: pair[1])
_FILTERS = st.sampled_from(
    (
        {},
        {"kinds": ["visit"]},
        {"kinds": ["page_view", "visit"], "content_starts": ["pricing/"]},
        {"contents": ["blog", "pricing"]},
        {"depth_at_least": 3},
        {"hand_raise": True},
        {"touchpoints": ["pricing"], "marketing": True},
        {"channels": ["google"], "marketing": False},
    )
)


def _some(row: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(row, min_size=1, max_size=most)


def _bands(fact: str, values: Sequence[Any], key: Any = lambda value: value) -> st.SearchStrategy[dict[str, Any]]:  # noqa: ANN401 - what orders them
    def band(grade: int, ends: list[Any], shape: str) -> dict[str, Any]:
        low, high = sorted(ends, key=key)
        return {"grade": grade} | ({} if shape == "top" else {"at_least": low}) | ({} if shape == "bottom" else {"at_most": high})

    rows = st.builds(band, _GRADES, st.lists(st.sampled_from(values), min_size=2, max_size=2), st.sampled_from(("top", "bottom", "both")))
    return st.fixed_dictionaries({"kind": st.just("bands"), "fact": st.just(fact), "rows": _some(rows), "otherwise": _GRADES})


def _graders() -> st.SearchStrategy[dict[str, Any]]:
    steps = st.fixed_dictionaries({"grade": _GRADES, "at_least": st.integers(1, 3)})
    ages = st.fixed_dictionaries({"grade": _GRADES, "under_days": st.sampled_from((1, 7, 30))}) | st.fixed_dictionaries(
        {"grade": _GRADES, "within_days": st.sampled_from((0, 2, 30))}
    )
    values = _some(st.sampled_from(("saas", "fintech", "healthtech")))
    return st.one_of(
        _bands("employees", (0, 9, 10, 50, 500, 501)),
        _bands("ratio", (0, 1, "0.5", "1/3", "-2.25", 100), Fraction),
        _bands("renewal", ("2026-03-01T00:00:00Z", "2026-03-30T09:00:00Z", "2026-02-28T09:00:00Z")),
        _bands(
            "budget",
            ({"amount": 0, "currency": "EUR"}, {"amount": 1, "currency": "EUR"}, {"amount": 50, "currency": "EUR"}),
            lambda one: one["amount"],
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("lookup"),
                "fact": st.just("industry"),
                "rows": _some(st.fixed_dictionaries({"grade": _GRADES, "values": values})),
                "otherwise": _GRADES,
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("overlap"),
                "fact": st.sampled_from(("technologies", "tags")),
                "values": st.just(["salesforce", "hubspot", "segment", "a", "b"]),
                "rows": _some(steps),
                "otherwise": _GRADES,
            }
        ),
        st.fixed_dictionaries({"kind": st.just("recency"), "activities": _FILTERS, "rows": _some(ages), "older": _GRADES, "none": _GRADES}),
        st.fixed_dictionaries(
            {
                "kind": st.just("count"),
                "activities": _FILTERS,
                "within_days": st.sampled_from((None, 0, 7, 30)),
                "rows": _some(steps),
                "otherwise": _GRADES,
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("condition"),
                "rows": _some(st.fixed_dictionaries({"grade": _GRADES, "when": _CONDITIONS})),
                "otherwise": _GRADES,
            }
        ),
        st.just({"kind": "given", "fact": "handed_in"}),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy that can be compiled, with scores `a` and `b`, sometimes a total of both."""
    graders = draw(st.lists(_graders(), min_size=3, max_size=4))
    criteria: list[Any] = [{"id": f"c{place}", "label": f"c{place}", "grader": grader} for place, grader in enumerate(graders)]
    matrices: list[Any] = []
    for score in ("a", "b"):
        for place in range(draw(st.sampled_from((1, 1, 2, 3)))):
            more: dict[str, Any] = {} if place == 0 else draw(st.fixed_dictionaries({}, optional={"when": _CONDITIONS}))
            products: list[str] = draw(st.lists(st.sampled_from(PRODUCTS), max_size=2, unique=True))
            more["products"] = products
            matrices.append({"id": f"{score}{place}", "score": score, **draw(_matrices([row["id"] for row in criteria])), **more})
    totals: list[Any] = draw(st.sampled_from(([], [], [{"id": "both", "of": ["a", "b"]}])))
    names = ["a", "b", *(["both"] if totals else [])]
    lines: st.SearchStrategy[Any] = st.lists(
        st.fixed_dictionaries({"score": st.sampled_from(names), "at_least": st.sampled_from((0, 1, 10, "33.3", "100/3", 50, -5))}),
        min_size=1,
        max_size=2,
        unique_by=lambda row: row["score"],
    )
    tier_ids: list[str] = draw(st.sampled_from((["T1"], ["T1", "T2"], ["T1", "T2", "T3"])))
    rows: list[Any] = [{"id": name, "thresholds": draw(lines)} for name in tier_ids]
    tiers_of = tier_ids
    floors = []
    for number in range(draw(st.integers(0, 2))):
        tier = draw(st.sampled_from(rows))
        score = draw(st.sampled_from([None, *(row["score"] for row in tier["thresholds"])]))
        floors.append(
            {"id": f"f{number}", "tier": tier["id"], "when": draw(_CONDITIONS), "enabled": draw(st.booleans()), "only_while_unknown": score}
        )
    about_scores = st.builds(
        lambda name, op, value: {"op": op, "fact": name, "value": value},
        st.sampled_from(names),
        st.sampled_from(("equals", "differs", "at_least", "at_most", "more_than", "less_than")),
        st.sampled_from((0, 1, 30, "100/3", "12.5")),
    ) | st.builds(lambda name, op: {"op": op, "fact": name}, st.sampled_from(names), st.sampled_from(("known", "unknown")))
    reasons = draw(st.lists(about_scores | _CONDITIONS, max_size=2))
    about_tiers = st.sampled_from(
        (
            {"op": "equals", "fact": "tier", "value": tiers_of[0]},
            {"op": "is_in", "fact": "tier", "values": ["LOW", tiers_of[-1]]},
            {"op": "starts_with", "fact": "tier", "value": tiers_of[0][:1]},
            {"op": "equals", "fact": "tier_reason", "value": "r0"},
            {"op": "known", "fact": "tier_reason"},
            {"op": "differs", "fact": "tier_reason", "value": "r0"},
        )
    )
    clauses = draw(
        st.lists(
            st.fixed_dictionaries({"when": about_tiers | about_scores | _CONDITIONS, "enabled": st.booleans(), "held": st.booleans()}),
            max_size=3,
        )
    )
    model = draw(st.sampled_from(("spiced", "dual_axis")))
    facts: dict[str, Any] = {**FACTS, "declared": [*FACTS["declared"], {"id": "handed_in", "kind": "integer"}]}
    if draw(st.booleans()):
        facts["unknown"] = [{"fact": "industry", "values": ["saas"]}]
    return Policy.model_validate(
        {
            "facts": facts,
            "touchpoints": TOUCHPOINTS,
            "scoring": {"criteria": criteria, "matrices": matrices, "totals": totals, "choice": draw(st.sampled_from(("named", "best")))},
            "tiers": {
                "rows": rows,
                "below": {"id": "LOW", "reasons": [{"id": f"r{n}", "when": when} for n, when in enumerate(reasons)]},
                "floors": floors,
            },
            "qualification": {
                "model": model,
                "mql_tiers": draw(st.sampled_from(([tiers_of[0]], [*tiers_of, "LOW"]))),
                "held_tiers": draw(st.sampled_from(([], [tiers_of[0]]))),
                "dual_axis": draw(lines),
                "clauses": [{"id": f"k{n}", **clause} for n, clause in enumerate(clauses)],
            },
        }
    )


def _matrices(criteria: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    def graded(cuts: list[int], scale: str, missing: str) -> dict[str, Any]:
        ends = zip([0, *cuts], [*cuts, 200], strict=True)
        weights = [{"criterion": name, "weight": str(Fraction(high - low, 2))} for name, (low, high) in zip(criteria, ends, strict=True)]
        return {"kind": "graded", "weights": weights, "scale": scale, "missing": missing}

    many = len(criteria) - 1
    cuts = st.lists(st.sampled_from((0, 25, 50, 80, 100, 150, 199)), min_size=many, max_size=many).map(sorted)
    rows = st.lists(st.tuples(st.integers(-30, 60), _CONDITIONS), min_size=1, max_size=3).map(
        lambda several: [{"id": f"p{number}", "points": worth, "when": when} for number, (worth, when) in enumerate(several)]
    )
    decayed = st.lists(st.tuples(st.integers(0, 40), _FILTERS), min_size=1, max_size=3).map(
        lambda several: [{"id": f"d{number}", "points": worth, "activities": those} for number, (worth, those) in enumerate(several)]
    )
    return st.one_of(
        st.builds(graded, cuts, st.sampled_from(("100/3", "33.3", "1/7")), st.sampled_from(("zero", "zero", "renormalise"))),
        st.fixed_dictionaries(
            {"kind": st.just("points"), "rows": rows}, optional={"floor": st.integers(-20, 5), "cap": st.integers(6, 50)}
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("decayed"),
                "rows": decayed,
                "weekly": st.sampled_from((0, 500, 750, 1000)),
                "within_days": st.sampled_from((1, 7, 30)),
                "cap": st.sampled_from((1, 10, 100)),
            }
        ),
    )


def row_of(policy: Compiled, lead: Lead, at: datetime) -> dict[str, Any]:
    """The facts of a lead by the names that columns have for them; what is unknown is left out."""
    view = View(lead, at)
    row: dict[str, Any] = {"activities": lead.activities is not None}
    for name, word in policy.words.words.items():
        value: Any = lead.created_at if name == "created_at" else word.read(view)
        if isinstance(value, Money):
            row |= {f"{name} minor": value.minor, f"{name} currency": value.currency}
        elif value is not None:
            row[name] = value
    return row


def activity_rows(lead: Lead) -> list[dict[str, Any]]:
    """The activities of a lead, a row each."""
    names = ("id", "kind", "at", "content", "channel", "campaign", "marketing")
    return [{"lead_id": lead.id} | {name: getattr(activity, name) for name in names} for activity in lead.activities or ()]


def said_by_objects(engine: Engine, columns: Columns, lead: Lead, at: datetime) -> dict[str, Any]:
    """What the objects say of a lead, under the names of the outputs."""
    found = engine.assess(lead, at=at)
    scores, rules = found.scores, engine.compiled
    grades = scores.grades
    known: dict[str, Any] = {
        "refused": None,
        "tier": found.tier,
        "tier_reason": found.reason,
        "raised_by": found.placement.raised_by,
        "mql": found.mql,
        "mql_clause": found.clause,
        "handed_off": found.qualification.handed_off,
        "missing": grades.count(None),
        "because": "".join(
            f"{reason.code} {reason.rule};"
            for decision in (tiers.assign(rules.tiers, scores), tiers.qualify(rules.tiers, scores, found.placement))
            for reason in decision.because
        ),
    }
    for criterion, grade in zip(rules.scoring.criteria, grades, strict=True):
        known[f"grade_{criterion.document.id}"] = grade
    wanted = {output.name for output in columns.outputs}
    for score in scores.all:
        known[score.name] = float(score.points)
        known[f"{score.name}_low"], known[f"{score.name}_high"] = float(score.low), float(score.high)
        known[f"{score.name}_matrix"] = score.matrix
        if score.name in columns.parts:
            known[f"{score.name}_parts"] = score.points * columns.parts[score.name]
        else:
            known[f"{score.name}_ratio"] = score.points
        here = _lines(rules.scoring, score.name, score.matrix)
        known |= {f"{score.name}_{line}": 0.0 if line in here else None for line in _lines(rules.scoring, score.name, None)}
        known |= {
            f"{score.name}_{'clamped' if line.id in {'cap', 'floor'} else line.id}": float(line.points)
            for line in score.contributions
            if line.points
        }
    return {name: value for name, value in known.items() if name in wanted or name == "refused" or name.endswith("_ratio")}


def _lines(rules: scoring.Rules, score: str, only: str | None) -> set[str]:
    names: set[str] = set()
    for name, matrices in rules.scores:
        for matrix in matrices if name == score else ():
            document: Any = matrix.document
            if only in {None, document.id}:
                names |= {
                    row.criterion if document.kind == "graded" else row.id
                    for row in (document.weights if document.kind == "graded" else document.rows)
                }
                names |= {"clamped"} if {getattr(document, "floor", None), getattr(document, "cap", None)} != {None} else set()
    return names


def exact(said: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What a reader said, with parts and whole of a score made one fraction where the whole differs from row to row."""
    known = dict(said)
    for name in names:
        if f"{name}_whole" in known:
            parts, whole = known.pop(f"{name}_parts"), known.pop(f"{name}_whole")
            known[f"{name}_ratio"] = None if whole is None else Fraction(parts, whole)
    return known
