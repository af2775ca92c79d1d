"""One lead whose eleven criteria are graded already: both SPICED scores, the tier, and whether it is an MQL.

The floor is what somebody would write by hand who never wants to change a number or be told a reason: constants over a slots
object. Beside it stand the same with its reasons as data, the same over the facts as the library keeps them, generic loops,
and other engines. Ours is a policy whose criteria are all `given`.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import define

from benchmarks.measure import Bench, Contestant, DisagreementError, Goal, agree, one_by_one
from benchmarks.peers import SELECTION, URGENCY, Answer, Peer, peers
from benchmarks.sample import AT, GRADES, grades
from inbound_engine import Engine, Lead, Policy
from inbound_engine.assessments import Assessment
from inbound_engine.facts import Extra
from inbound_engine.playbook import PLAYBOOK

__all__ = ["floor", "graded_policy", "peer_contestants", "prepare"]

Contribution: TypeAlias = tuple[str, str, int, int]
"""The criterion, what its grade is called, the grade, and its weighted grade."""

OURS = "engine.assess"
FLOOR = "hand-written, no explanation"
FLOORED = "engine.assess, with the shipped floors"
TRACE = "zen-engine, decision table with trace"


@define
class Grades:
    """Eleven grades in slots: the fastest shape there is."""

    company_size: int
    industry: int
    technology: int
    growth_stage: int
    geography: int
    role: int
    recency: int
    content_depth: int
    critical_event: int
    repeat_visits: int
    direct_request: int


# -------------------------------------------------------------------------------------------------------------- by hand


def floor(g: Grades) -> Answer:
    """Constants, exact integers: scores in weighted grades, thresholds three times those of the points."""
    selection = 25 * g.company_size + 20 * g.industry + 20 * g.technology + 15 * g.growth_stage + 10 * g.geography + 10 * g.role
    urgency = 25 * g.recency + 25 * g.content_depth + 20 * g.critical_event + 15 * g.repeat_visits + 15 * g.direct_request
    if selection >= 210 and urgency >= 180:
        return selection, urgency, "T1", True
    if selection >= 150 and urgency >= 120:
        return selection, urgency, "T2", True
    if selection >= 90 and urgency >= 90:
        return selection, urgency, "T3", True
    return selection, urgency, "NURTURE", False


def _explained() -> Callable[[Grades], tuple[Answer, str | None, tuple[Contribution, ...]]]:
    """The floor with what each criterion contributes, shared from a table, and the reason of the tier."""
    size, industry, technology, stage, geography, role, recency, depth, event, visits, request = (
        tuple((name, f"grade {grade}", grade, weight * grade) for grade in range(4)) for name, weight in {**SELECTION, **URGENCY}.items()
    )

    def score(g: Grades) -> tuple[Answer, str | None, tuple[Contribution, ...]]:
        because = (
            size[g.company_size],
            industry[g.industry],
            technology[g.technology],
            stage[g.growth_stage],
            geography[g.geography],
            role[g.role],
            recency[g.recency],
            depth[g.content_depth],
            event[g.critical_event],
            visits[g.repeat_visits],
            request[g.direct_request],
        )
        answer = floor(g)
        return answer, ("low_fit" if answer[0] < 90 else "low_intent") if answer[2] == "NURTURE" else "reached", because

    return score


def _over_facts(lead: Lead) -> Answer:
    """The floor, reading the facts where the library keeps them."""
    e: Any = lead.extra  # all of them are whole numbers
    selection = (
        25 * e["company_size_grade"]
        + 20 * e["industry_grade"]
        + 20 * e["technology_grade"]
        + 15 * e["growth_stage_grade"]
        + 10 * e["geography_grade"]
        + 10 * e["role_grade"]
    )
    urgency = (
        25 * e["recency_grade"]
        + 25 * e["content_depth_grade"]
        + 20 * e["critical_event_grade"]
        + 15 * e["repeat_visits_grade"]
        + 15 * e["direct_request_grade"]
    )
    if selection >= 210 and urgency >= 180:
        return selection, urgency, "T1", True
    if selection >= 150 and urgency >= 120:
        return selection, urgency, "T2", True
    if selection >= 90 and urgency >= 90:
        return selection, urgency, "T3", True
    return selection, urgency, "NURTURE", False


_LOOPED = tuple(SELECTION.items()), tuple(URGENCY.items())
_LINES = (("T1", 210, 180), ("T2", 150, 120), ("T3", 90, 90))


def _loop(found: dict[str, int]) -> Answer:
    """A generic loop over whole weights."""
    selection = urgency = 0
    for name, weight in _LOOPED[0]:
        selection += weight * found[name]
    for name, weight in _LOOPED[1]:
        urgency += weight * found[name]
    for tier, least, most in _LINES:
        if selection >= least and urgency >= most:
            return selection, urgency, tier, True
    return selection, urgency, "NURTURE", False


_SHARES = tuple({name: weight / 100 for name, weight in weights.items()} for weights in (SELECTION, URGENCY))


def _floats(found: dict[str, int]) -> tuple[float, float, str, bool]:
    """The loop that most people write: shares of one, as floats."""
    selection = sum(share * found[name] for name, share in _SHARES[0].items()) * 100 / 3
    urgency = sum(share * found[name] for name, share in _SHARES[1].items()) * 100 / 3
    for tier, least, most in (("T1", 70, 60), ("T2", 50, 40), ("T3", 30, 30)):
        if selection >= least and urgency >= most:
            return selection, urgency, tier, True
    return selection, urgency, "NURTURE", False


# ----------------------------------------------------------------------------------------------------------------- ours


def graded_policy(*, floors: bool = False) -> Policy:
    """The shipped matrices and tiers over grades that are handed in; no second axis, and no floors unless they are asked for."""
    data = {
        "name": "Graded",
        "facts": {"declared": [{"id": f"{name}_grade", "kind": "integer"} for name in GRADES]},
        **({} if floors else {"touchpoints": []}),
        "scoring": {
            "criteria": [{"id": name, "label": name, "grader": {"kind": "given", "fact": f"{name}_grade"}} for name in GRADES],
            "matrices": [
                {
                    "id": score,
                    "score": score,
                    "kind": "graded",
                    "weights": [{"criterion": name, "weight": weight} for name, weight in weights.items()],
                }
                for score, weights in (("selection", SELECTION), ("urgency", URGENCY))
            ],
        },
        "tiers": _plain("tiers") if floors else {**_plain("tiers"), "floors": []},
        "qualification": {**_plain("qualification"), "dual_axis": []},
    }
    return Policy.model_validate(data)


def _plain(section: str) -> dict[str, object]:
    found = PLAYBOOK[section]
    if not isinstance(found, dict):
        raise TypeError(section)
    return found


def _answer(found: Assessment) -> Answer:
    selection, urgency = (found.scores.points(name) * 3 for name in ("selection", "urgency"))
    if selection.denominator != 1 or urgency.denominator != 1:
        raise DisagreementError(f"{found!r} is no whole number of weighted grades")
    return int(selection), int(urgency), found.tier, found.mql


def _read_lazily(found: Assessment) -> tuple[Answer, str | None, tuple[Contribution, ...]]:
    lines = tuple(
        (line.id, f"grade {line.grade_label}", line.grade or 0, int(line.points * 3))
        for score in (found.selection, found.urgency)
        for line in score.contributions
    )
    return _answer(found), "reached" if found.mql else found.reason, lines


# --------------------------------------------------------------------------------------------------------------- the run


def peer_contestants(several: Iterable[Peer], cases: list[dict[str, int]], *, few: int) -> tuple[Contestant, ...]:
    """The peers, each compared with the floor before anything else."""
    expected = [floor(Grades(**case)) for case in cases]
    made = []
    for peer in several:
        if peer.score is None:
            made.append(Contestant(peer.name, None, peer.note))
            continue
        compared = few if peer.slow else len(cases)
        agree(peer.name, expected[:compared], [peer.score(dict(case)) for case in cases[:compared]], cases)
        made.append(one_by_one(peer.name, peer.score, cases[: few if peer.slow else 500], peer.note))
    return tuple(made)


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares everybody’s answers, and gives what is to be timed."""
    cases = grades(500 if quick else 4_000)
    slots = [Grades(**case) for case in cases]
    extras = [{f"{name}_grade": grade for name, grade in case.items()} for case in cases]
    leads = [Lead(id="L-1", extra=Extra.of(extra)) for extra in extras]
    engine, floored, explained = Engine(graded_policy()), Engine(graded_policy(floors=True)), _explained()
    expected = [floor(case) for case in slots]
    agree(OURS, expected, [_answer(engine.assess(lead, at=AT)) for lead in leads], cases)
    agree(FLOORED, expected, [_answer(floored.assess(lead, at=AT)) for lead in leads], cases)
    agree("hand-written over our facts", expected, [_over_facts(lead) for lead in leads], cases)
    agree("generic loop", expected, [_loop(case) for case in cases], cases)
    few = 200 if quick else 1_000
    agree(
        "explanations",
        [explained(case) for case in slots[:few]],
        [_read_lazily(engine.assess(lead, at=AT)) for lead in leads[:few]],
        cases,
    )
    wrong = _floats_wrong(cases, expected)

    def assess(lead: Lead) -> object:
        return engine.assess(lead, at=AT)

    def build_and_assess(extra: dict[str, int]) -> object:
        return engine.assess(Lead(id="L-1", extra=Extra.of(extra)), at=AT)

    some = 50
    return (
        Bench(
            "Assess one graded lead (P1)",
            "µs",
            FLOOR,
            (
                one_by_one(FLOOR, floor, slots[:500], "scores, tier and MQL of a slots object"),
                one_by_one("hand-written, reasons as data", explained, slots[:500], "eager, shared from tables"),
                one_by_one("hand-written over our facts", _over_facts, leads[:500], "no explanation; reads `lead.extra`"),
                one_by_one(OURS, assess, leads[:500], "keeps what it was decided from"),
                one_by_one(FLOORED, lambda lead: floored.assess(lead, at=AT), leads[:500], "a policy whose answers no table holds"),
                one_by_one(f"{OURS}, the lead made from a dict first", build_and_assess, extras[:500]),
                one_by_one(f"{OURS}, `.because` read", lambda lead: engine.assess(lead, at=AT).because, leads[:some]),
                one_by_one(f"{OURS}, `.explain()` read", lambda lead: engine.assess(lead, at=AT).explain(), leads[:some]),
                one_by_one(f"{OURS}, `.to_dict()` read", lambda lead: engine.assess(lead, at=AT).to_dict(), leads[:some]),
                one_by_one("generic loop over whole weights", _loop, cases[:500]),
                one_by_one("naive loop over a dict of floats", _floats, cases[:500], f"{wrong} of {len(cases)} tiers wrong"),
                *peer_contestants(peers(), cases, few=some),
            ),
            (Goal("P1", OURS, 3, (FLOOR,)), Goal("P1", OURS, 1 / 30, (TRACE,))),
        ),
    )


def _floats_wrong(cases: Sequence[dict[str, int]], expected: Sequence[Answer]) -> int:
    """How many tiers the floats get wrong; their scores are right to nine decimals."""
    wrong = 0
    for case, (selection, urgency, tier, _) in zip(cases, expected, strict=True):
        found = _floats(case)
        if max(abs(found[0] - Fraction(selection, 3)), abs(found[1] - Fraction(urgency, 3))) > 1e-9:
            raise DisagreementError(f"the naive loop says {found!r} of {case!r}")
        wrong += found[2] != tier
    return wrong
