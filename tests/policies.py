"""Small policies that tests ask, and the leads that they are asked of."""

from collections.abc import Mapping, Sequence

from inbound_engine.documents import changed
from inbound_engine.facts import Extra, Lead
from inbound_engine.policy import Policy

__all__ = ["ALWAYS", "GIVEN", "PAIR", "SELECTION", "URGENCY", "graded", "points", "small"]

SELECTION = ("company_size", "industry", "technology", "growth_stage", "geography", "role")
URGENCY = ("recency", "content_depth", "critical_event", "repeat_visits", "direct_request")
ALWAYS = {"op": "always"}


def _handed_in() -> Policy:
    shipped = Policy()
    declared = [{"id": f"{name}_grade", "kind": "integer"} for name in (*SELECTION, *URGENCY)]
    criteria = [
        {**criterion, "grader": {"kind": "given", "fact": f"{criterion['id']}_grade"}}
        for criterion in shipped.model_dump(mode="json")["scoring"]["criteria"]
    ]
    return changed(shipped, {"facts.declared": declared, "scoring.criteria": criteria})


GIVEN = _handed_in()
"""The shipped policy, with every grade handed in."""

PAIR = changed(
    GIVEN,
    {
        "scoring.matrices": [
            matrix for matrix in GIVEN.model_dump(mode="json")["scoring"]["matrices"] if matrix["id"] in {"selection", "urgency"}
        ],
        "tiers.floors": [],
        "qualification.dual_axis": [],
        "handoff.fields[fit]": None,
        "handoff.fields[engagement]": None,
    },
)
"""The same with Selection and Urgency alone, and no floors."""


def graded(selection: Sequence[int | None] = (), urgency: Sequence[int | None] = ()) -> Lead:
    """A lead with these grades handed in; None, and what is left out, is unknown."""
    grades = dict(zip(SELECTION, selection, strict=False)) | dict(zip(URGENCY, urgency, strict=False))
    return Lead(id="L-1", extra=Extra.of({f"{name}_grade": grade for name, grade in grades.items()}))


def points(name: str, worth: int, score: str = "fit", **more: object) -> dict[str, object]:
    """A matrix that gives every lead so many points, unless `rows` say otherwise."""
    return {"id": name, "score": score, "kind": "points", "rows": [{"id": "row", "points": worth, "when": ALWAYS}], **more}


def small(
    *matrices: Mapping[str, object],
    criteria: Sequence[Mapping[str, object]] = (),
    totals: Sequence[Mapping[str, object]] = (),
    choice: str = "named",
    **sections: object,
) -> Policy:
    """A policy with these matrices, and one tier "A" for 1 point of the first score, unless `sections` say otherwise."""
    scoring = {"criteria": [*criteria], "matrices": [*matrices], "totals": [*totals], "choice": choice}
    tiers = {"rows": [{"id": "A", "thresholds": [{"score": matrices[0]["score"], "at_least": 1}]}]}
    return Policy.model_validate({"scoring": scoring, "tiers": tiers, "qualification": {"mql_tiers": ["A"]}, **sections})
