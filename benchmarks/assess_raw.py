"""One lead from raw facts and ten activities by the shipped policy: eleven graders, four scores, the tier, whether it is an MQL.

By hand stands exactly that policy as a function with constants: one pass over the activities, whole numbers, the touchpoint
catalogue as sets of contents, floors and both MQL models. It can neither explain itself nor be changed without a release, and
it must give the same answers on thousands of random leads. The other engines are handed the grades ready made.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TypeAlias

from benchmarks.assess_graded import peer_contestants
from benchmarks.measure import Bench, Goal, agree, one_by_one
from benchmarks.peers import BEST_FORMS, peers
from benchmarks.sample import AT, grades, records
from inbound_engine import Activity, Engine, Lead, Policy
from inbound_engine.assessments import Assessment

__all__ = ["by_hand", "prepare"]

OURS = "engine.assess"
READ = "engine.assess, tier, MQL and four scores read"
BY_HAND = "hand-written, no explanation"

Answer: TypeAlias = tuple[int, int, int, int, str, str | None, bool, str | None, bool, bool]
"""Selection, urgency and fit in weighted grades, engagement in thousandths, the tier and the reason below every tier, whether
it is an MQL, by which clause, whether it is handed off, and what the dual axis says."""

# -------------------------------------------------------------------------------------------------------------- by hand

_DAYS_7, _DAYS_30, _WEEK, _TICK = timedelta(days=7), timedelta(days=30), timedelta(days=7), timedelta(microseconds=1)
_UNDER_7_DAYS = _DAYS_7 - _TICK

_INDUSTRY = {
    **dict.fromkeys(("saas", "fintech"), 3),
    **dict.fromkeys(("ecommerce", "insurtech", "healthtech", "martech"), 2),
    **dict.fromkeys(("professional_services", "telecommunications", "media"), 1),
}
_TECHNOLOGIES = frozenset(("salesforce", "hubspot", "segment", "snowflake", "outreach"))
_OVERLAP = (0, 1, 2, 3, 3, 3)
_STAGE = {"series_b": 3, "series_c": 3, "series_a": 2, "series_d": 2, "seed": 1}
_COUNTRY = {
    **dict.fromkeys(("DE", "AT", "CH"), 3),
    **dict.fromkeys(("GB", "IE", "FR", "NL", "BE", "LU", "DK", "SE", "NO", "FI"), 2),
    **dict.fromkeys(("ES", "PT", "IT", "PL", "CZ", "US", "CA"), 1),
}
_LEADERS = frozenset(("CRO", "CMO", "CEO", "COO", "Founder"))
_EVENT = {"confirmed": 3, "mentioned": 2, "implied": 1}
_REQUESTED = {"demo": 3, "call": 3, "trial": 3, "webinar": 2, "newsletter": 1}
_HAND_RAISES = frozenset(("demo_request", "call_request", "trial_signup", "contact_form"))
_REQUESTS = frozenset(("demo_request", "call_request", "trial_signup"))

_PAGES = frozenset(("page_view", "visit", "email_click"))
_ASSETS = frozenset(("page_view", "content_download", "email_click"))
_BOTTOM = frozenset(("pricing", "demo", "trial", "contact"))
_BOTTOM_STARTS = ("pricing/", "/pricing", "demo/", "/demo", "trial/", "/trial", "/contact")
_MIDDLE = frozenset(("case_study", "comparison"))
_MIDDLE_STARTS = ("case_study/", "/case-studies", "comparison/", "/compare")
_GUIDE_STARTS = ("guide/", "/guides")

_FACTORS = (1000, 750, 562, 421, 315)
_POINTS = {
    "trial_activity": 15,
    "webinar_attendance": 15,
    "event_attendance": 15,
    "reply": 15,
    "content_download": 5,
    "webinar_registration": 5,
    "email_click": 3,
    "newsletter_signup": 3,
    "visit": 2,
    "page_view": 1,
}


def _role(title: str) -> int:
    if title.startswith(("VP ", "Chief ", "Head of ")) or title in _LEADERS:
        return 3
    if "Revenue" in title or "Marketing" in title or "Sales" in title or "Growth" in title:
        return 2
    if "Operations" in title or "Customer" in title or "Product" in title:
        return 1
    return 0


def _size(employees: int) -> int:
    if 50 <= employees <= 500:
        return 3
    if 20 <= employees <= 1000:
        return 2
    return 1 if 10 <= employees <= 2000 else 0


def _depth(kind: str, content: str | None) -> int:
    """How deep the content is, by the touchpoint catalogue."""
    if kind in _HAND_RAISES or kind == "trial_activity":
        return 3
    if kind in {"webinar_registration", "webinar_attendance"}:
        return 1
    if content is None:
        return 0
    if kind in _PAGES and (content in _BOTTOM or content.startswith(_BOTTOM_STARTS)):
        return 3
    if kind in _ASSETS:
        if content in _MIDDLE or content.startswith(_MIDDLE_STARTS):
            return 2
        if content == "guide" or content.startswith(_GUIDE_STARTS):
            return 1
    return 0


def _pass(activities: tuple[Activity, ...], at: datetime, requested: object) -> tuple[int, int, int, int, int, bool]:
    """One pass: recency, depth, visits and request graded, thousandths of engagement, and whether a hand was raised."""
    since = at - _DAYS_30
    latest: datetime | None = None
    depth = visits = request = thousandths = 0
    raised = False
    for activity in activities:
        when = activity.at
        if when > at:
            continue
        if activity.marketing and (latest is None or when > latest):
            latest = when
        if when < since:
            continue
        kind = activity.kind
        here = _depth(kind, activity.content)
        if here > depth:  # noqa: PLR1730 - a call of max costs more
            depth = here
        if kind in _HAND_RAISES:
            raised = True
            points = 40
            if kind in _REQUESTS:
                request = 3
        elif kind in {"trial_activity", "webinar_attendance", "event_attendance", "reply"}:
            points = 15
        elif here == 3:
            points = 10
        elif here == 2:
            points = 6
        else:
            points = _POINTS.get(kind, 0)
        if kind == "visit":
            visits += 1
        elif request < 2 and kind in {"webinar_registration", "webinar_attendance"}:
            request = 2
        elif not request and kind == "newsletter_signup":
            request = 1
        if points:
            thousandths += points * _FACTORS[(at - when) // _WEEK]
    if isinstance(requested, str):
        asked = _REQUESTED.get(requested, 0)
        if asked > request:  # noqa: PLR1730 - the same
            request = asked
    if latest is None:
        recency = 0
    else:
        age = at - latest
        recency = 3 if age <= _UNDER_7_DAYS else 2 if age <= _DAYS_30 else 1
    repeat = 3 if visits >= 7 else 2 if visits >= 4 else 1 if visits >= 2 else 0
    return recency, depth, repeat, request, thousandths, raised


def by_hand(lead: Lead, at: datetime) -> Answer:
    """The shipped policy, exactly, in constants."""
    account, extra = lead.account, lead.extra
    unknown = 0  # the weight of what is missing of selection
    size = industry = technology = stage = 0
    country = lead.country
    if account is None:
        unknown = 80
    else:
        if account.employees is None:
            unknown += 25
        else:
            size = _size(account.employees)
        if account.industry is None:
            unknown += 20
        else:
            industry = _INDUSTRY.get(account.industry, 0)
        if account.technologies is None:
            unknown += 20
        else:
            technology = _OVERLAP[len(_TECHNOLOGIES & account.technologies)]
        if account.growth_stage is None:
            unknown += 15
        else:
            stage = _STAGE.get(account.growth_stage, 0)
        country = country or account.country
    geography = role = 0
    if country is None:
        unknown += 10
    else:
        geography = _COUNTRY.get(country, 0)
    if lead.title is None:
        unknown += 10
    else:
        role = _role(lead.title)
    requested = extra.get("requested")
    if lead.activities is None:
        recency = depth = repeat = thousandths = 0
        request = 3 if isinstance(requested, str) and _REQUESTED.get(requested) == 3 else 0
        raised = False
    else:
        recency, depth, repeat, request, thousandths, raised = _pass(lead.activities, at, requested)
    selection = 25 * size + 20 * industry + 20 * technology + 15 * stage + 10 * geography + 10 * role
    urgency = 25 * recency + 25 * depth + 20 * _EVENT.get(extra.get("critical_event"), 0) + 15 * repeat + 15 * request  # type: ignore[arg-type]  # text or nothing
    fit = 20 * (size + geography + industry + technology + stage)
    engagement = thousandths if thousandths < 100_000 else 100_000
    dual_axis = fit >= 120 and engagement >= 30_000
    if selection >= 210 and urgency >= 180:
        return selection, urgency, fit, engagement, "T1", None, True, "tier:T1", True, dual_axis
    if (selection >= 150 and urgency >= 120) or (unknown and selection + 3 * unknown >= 150 and (raised or lead.lead_type in _HAND_RAISES)):
        return selection, urgency, fit, engagement, "T2", None, True, "tier:T2", True, dual_axis
    if selection >= 90 and urgency >= 90:
        return selection, urgency, fit, engagement, "T3", None, True, "tier:T3", False, dual_axis
    reason = "low_fit" if selection < 90 else "low_intent"
    return selection, urgency, fit, engagement, "NURTURE", reason, False, None, False, dual_axis


# ----------------------------------------------------------------------------------------------------------------- ours


def _answer(found: Assessment) -> tuple[object, ...]:
    points = found.scores.points
    whole = (points("selection") * 3, points("urgency") * 3, points("fit") * 3, points("engagement") * 1000)
    q = found.qualification
    return (*whole, found.tier, found.reason, found.mql, found.clause, q.handed_off, q.dual_axis)


def _read(found: Assessment) -> tuple[str, bool, str | None, Fraction, Fraction, Fraction, Fraction]:
    """All that a caller wants of the decision, so that nothing is left for later."""
    points = found.scores.points
    return found.tier, found.mql, found.clause, points("selection"), points("urgency"), points("fit"), points("engagement")


# --------------------------------------------------------------------------------------------------------------- the run


def _compare(engine: Engine, leads: Sequence[Lead]) -> None:
    expected = [by_hand(lead, AT) for lead in leads]
    agree(OURS, expected, [_answer(engine.assess(lead, at=AT)) for lead in leads], [lead.id for lead in leads])


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares everybody’s answers, and gives what is to be timed."""
    engine = Engine(Policy())
    for seed, activities, gaps in ((1, 10, 0.1), (2, None, 0.3), (3, None, 0.7), (4, 40, 0.0)):
        several = records(150 if quick else 2_000, activities=activities, gaps=gaps, seed=seed)
        _compare(engine, [engine.read(record) for record in several])
    leads = [engine.read(record) for record in records(500)]

    def decide(lead: Lead) -> object:
        return by_hand(lead, AT)

    def assess(lead: Lead) -> object:
        return engine.assess(lead, at=AT)

    def read(lead: Lead) -> object:
        return _read(engine.assess(lead, at=AT))

    some = 50
    return (
        Bench(
            "Assess one lead from raw facts and 10 activities, shipped policy (P2)",
            "µs",
            BY_HAND,
            (
                one_by_one(BY_HAND, decide, leads, "exactly that policy; both MQL models, floors"),
                one_by_one(OURS, assess, leads, "keeps what it was decided from"),
                one_by_one(READ, read, leads),
                one_by_one(f"{OURS}, `.because` read", lambda lead: engine.assess(lead, at=AT).because, leads[:some]),
                one_by_one(f"{OURS}, `.explain()` read", lambda lead: engine.assess(lead, at=AT).explain(), leads[:some]),
                one_by_one(f"{OURS}, `.to_dict()` read", lambda lead: engine.assess(lead, at=AT).to_dict(), leads[:some]),
                *peer_contestants((peer for peer in peers() if peer.name != "cel-python"), grades(500), few=some),
            ),
            (Goal("P2", READ, 5, (BY_HAND,)), Goal("P2", READ, 1 / 4, BEST_FORMS)),
            note="The other engines are handed the grades and do less: two scores and the tier.",
        ),
    )
