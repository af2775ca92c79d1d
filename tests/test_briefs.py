"""What a salesperson is told: why, what they did and said, what to say first, who has it and by when; typed by hand (AI-2)."""

import copy
import json
import pickle
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest

from inbound_engine import sla, wording
from inbound_engine.briefs import Brief, brief, explain
from inbound_engine.cadence import replan
from inbound_engine.documents import changed
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Caps, Extra, Lead, Outreach, Rep, Roster
from inbound_engine.hours import Calendar
from inbound_engine.money import Money
from inbound_engine.plans import Exit, ExitKind, Note, NoteCode, Plan
from inbound_engine.policy import Policy
from inbound_engine.rotation import Rotation
from inbound_engine.routing import Assigned, Notice, NotRouted, Route, Unassigned
from inbound_engine.sla import Clock, LadderStep
from inbound_engine.spans import Span, parse_instant
from inbound_engine.wording import PLACES, Texts

SHIPPED = Engine(Policy())
TEXTS = SHIPPED.compiled.texts
AT = parse_instant("2026-03-02T09:03Z")  # a Monday, 10:03 in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

MAYA = Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="business_hours")
NOOR = Rep(id="noor", role="SDR", zone="America/New_York", calendar="business_hours")
ANNA = Rep(id="anna", role="AE", zone="Europe/Berlin")


def did(kind: str, ago: timedelta, content: str | None = None, name: str | None = None, **more: Any) -> Activity:  # noqa: ANN401
    at = AT - ago
    return Activity(id=name or f"{kind}-{content}-{ago}", kind=kind, at=at, content=content, **more)


ACME = Account(
    id="acme",
    name="Acme",
    industry="fintech",
    employees=240,
    technologies=frozenset({"salesforce", "segment", "snowflake"}),
    growth_stage="series_b",
)
ANA = Lead(
    id="L-1",
    name="Ana Kovač",
    email="ana@acme.example",
    title="VP Revenue Operations",
    lead_type="demo_request",
    source="google",
    self_reported="A podcast\nwith a friend",
    country="DE",
    account=ACME,
    activities=(
        did("demo_request", timedelta(minutes=3)),
        did("page_view", DAY, "pricing"),
        did("page_view", 2 * DAY, "pricing"),
        did("page_view", 3 * DAY, "blog/why-speed"),
        did("webinar_attendance", 3 * DAY + HOUR, "Speed to lead"),
        did("visit", 3 * DAY + 2 * HOUR),
        did("email_open", 4 * DAY),
        did("trial_signup", -HOUR),  # not yet
    ),
    extra=Extra.of({"pain": "Leads wait for days", "critical_event": "confirmed"}),
)
BO = Lead(
    id="L-2",
    title="Chief Revenue Officer",
    zone="America/New_York",
    activities=(did("demo_request", HOUR),),
    suppressed=frozenset({"call"}),
)
QUIET = Lead(id="L-3", country="DE", account=attrs.evolve(ACME, name=None), activities=(did("visit", 152 * DAY),))
STUDENT = Lead(
    id="L-4",
    title="Student",
    country="BR",
    activities=(),
    account=Account(id="farm", industry="agriculture", employees=3, technologies=frozenset(), growth_stage="bootstrapped"),
    extra=Extra.of({"critical_event": "none", "requested": "nothing"}),
)
NOBODY = Lead(id="L-5", name="Cy")
HALF_KNOWN = attrs.evolve(
    BO, country="DE", account=attrs.evolve(ACME, industry=None, technologies=frozenset(), growth_stage="bootstrapped")
)
"""A hand-raiser whose industry alone decides whether it stays a good lead."""
GUIDE = Lead(
    id="L-6",
    account=Account(id="small", industry="saas", employees=15, technologies=frozenset({"hubspot"})),
    activities=(did("content_download", 3 * DAY, "guide"),),
)


def all_of(lead: Lead, *reps: Rep, engine: Engine = SHIPPED, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """What a host hands over: everything that is decided of the lead as of AT; `more` replaces parts."""
    assessment = engine.assess(lead, at=AT)
    route = engine.route(assessment, Roster(reps=reps or (MAYA, NOOR)), Rotation(), open_leads={})
    rep = next((rep for rep in reps or (MAYA, NOOR) if rep.id == route.rep), None)
    clock = engine.clock(assessment, rep=rep).value
    status = None if clock is None else sla.status(clock, at=AT)
    plan = engine.plan(assessment, arrival=AT, rep=rep).value
    return {"assessment": assessment, "route": route, "status": status, "plan": plan, **more}


def told(given: dict[str, Any], texts: Texts = TEXTS) -> str:
    return explain(texts, **given)


def briefed(given: dict[str, Any], texts: Texts = TEXTS) -> Brief:
    return brief(texts, **given)


def lines(given: dict[str, Any], part: str) -> list[str]:
    return [line.text for line in briefed(given).part(part).lines]


# A hand-raiser of whom much is known.


def test_the_brief_of_a_hand_raiser() -> None:
    assert briefed(all_of(ANA)).text().splitlines() == [
        "Ana Kovač, VP Revenue Operations at Acme (L-1). Times are in Europe/Berlin.",
        "Why this lead:",
        "- It is a top lead.",
        "- What decides: the fit at 100 (70 are needed) and the urgency at 85 (60 are needed).",
        "- What speaks for it most: the size of the company (240), how recently they were in touch and what they looked at.",
        "What they did:",
        "- They asked for a demo on Monday 2 March 2026 at 10:00.",
        "- They looked at the pricing page 2 times, last on Sunday 1 March 2026 at 10:03.",
        "- They looked at the blog (blog/why-speed) on Friday 27 February 2026 at 10:03.",
        "- They came to Speed to lead on Friday 27 February 2026 at 09:03.",
        "- They visited the website on Friday 27 February 2026 at 08:03.",
        "- 1 more thing they did is not shown.",
        "What they said:",
        "- About what they came for: a demo",
        "- About how they heard of us: A podcast with a friend",
        "- About the problem they want solved: Leads wait for days",
        "- About an event that makes it pressing: confirmed",
        "- Not known: the product, what they asked for in a conversation, their situation and what the problem costs them.",
        "What we do not know:",
        "- Nothing is missing that would count.",
        "What to say first:",
        "- They asked for a demo on Monday 2 March 2026 at 10:00: begin with that.",
        "- First comes a call on Monday 2 March 2026 at 10:03. What it is for: An answer within minutes to what the lead asked for.",
        "- Refer to where they came from (google) and what they looked at (the pricing page, the blog (blog/why-speed) and Speed to lead).",
        "- Their address: ana@acme.example",
        "Who has it, and by when:",
        "- maya has it: it was their turn.",
        "- An answer is due before Monday 2 March 2026 at 10:05, within 5 minutes of working time.",
        "- If nobody answers, the sales manager is told after 5 minutes and it goes to the backup rep after 15 minutes.",
    ]


def test_the_explanation_of_a_hand_raiser() -> None:
    assert told(all_of(ANA)) == (
        "Acme (L-1) is a top lead. "
        "What decides: the fit at 100 (70 are needed) and the urgency at 85 (60 are needed). "
        "What speaks for it most: the size of the company (240), how recently they were in touch and what they looked at. "
        "maya has it: it was their turn. "
        "An answer is due before Monday 2 March 2026 at 10:05, within 5 minutes of working time. "
        "If nobody answers, the sales manager is told after 5 minutes and it goes to the backup rep after 15 minutes. "
        "Planned: a call on Monday 2 March 2026 at 10:03, an email on Monday 2 March 2026 at 10:03, "
        "an email on Tuesday 3 March 2026 at 10:00 and 4 more. "
        "Times are in Europe/Berlin."
    )


def test_the_brief_is_data_too() -> None:
    found = briefed(all_of(ANA)).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert [part["id"] for part in found["parts"]] == ["why", "did", "said", "missing", "first", "who"]  # type: ignore[union-attr,index,call-overload]
    assert {key: found[key] for key in ("kind", "lead", "at", "zone", "redacted")} == {
        "kind": "brief",
        "lead": "L-1",
        "at": "2026-03-02T09:03:00Z",
        "zone": "Europe/Berlin",
        "redacted": False,
    }
    pricing = briefed(all_of(ANA)).part("did").lines[1].to_dict()
    assert pricing == {
        "id": "did_often",
        "text": "They looked at the pricing page 2 times, last on Sunday 1 March 2026 at 10:03.",
        "saw": {"kind": "page_view", "content": "pricing", "times": 2, "latest": "2026-03-01T09:03:00Z", "hand_raise": False},
    }


PERSONAL = ("Ana", "Kovač", "VP Revenue", "ana@acme.example", "podcast", "friend", "wait for days")


def test_what_is_personal_stands_in_the_text_and_nowhere_else() -> None:
    """FD-5: a brief is for the rep; what is logged is not."""
    engine = Engine(changed(Policy(), {"texts.most_criteria": 20}))
    given = all_of(ANA, engine=engine)
    found = briefed(given, engine.compiled.texts)
    whole = found.text() + json.dumps(found.to_dict(), ensure_ascii=False)
    assert [word for word in PERSONAL if word not in whole] == []
    hidden = [
        found.text(redact=True),
        json.dumps(found.to_dict(redact=True), ensure_ascii=False),
        repr(found) + repr(found.parts) + repr([part.lines for part in found.parts]),
        found._repr_html_(),
        told(given, engine.compiled.texts),
    ]
    assert [(word, text) for text in hidden for word in PERSONAL if word in text] == []
    assert "- About the problem they want solved: (personal)" in hidden[0]
    assert "the role of the person ((personal))" in hidden[0]
    assert "the role of the person." in hidden[4]  # an explanation leaves out what it must not show
    assert hidden[0].startswith("(personal), (personal) at Acme (L-1).")
    assert found.to_dict(redact=True)["redacted"] is True
    assert repr(found) == "Brief('L-1', 22 lines)"
    assert repr(found.part("did")) == "Part('did', 6 lines)"
    assert repr(found.part("did").lines[5]) == "Line('did_more_one', '1 more thing they did is not shown.')"


def test_a_brief_is_a_value() -> None:
    found = briefed(all_of(ANA))
    assert found == briefed(all_of(ANA)) == copy.deepcopy(found) == pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert found != briefed(all_of(ANA, zone="UTC"))
    with pytest.raises(FactError, match=r"part: saw 'what', expected one of why, did, said, missing, first, who\."):
        found.part("what")


# Others: why it is where it is, and what is not known.


@pytest.mark.parametrize(
    ("lead", "why"),
    [
        pytest.param(
            BO,
            [
                "It is a good lead.",
                "The numbers alone say a lead for later, but they asked to talk, and too little is known of the company to say no.",
                "What speaks for it most: how recently they were in touch, what they looked at and what they asked for.",
            ],
            id="a floor lifts a hand-raiser",
        ),
        pytest.param(
            QUIET,
            [
                "It is a lead for later.",
                "As far as is known, they show little interest so far; what is not known may still change that.",
                "What keeps it from being a possible lead: the urgency at 8.33 (30 are needed).",
                "What speaks for it most: the size of the company (240), the industry (fintech) and "
                "the tools they use (salesforce, segment and snowflake).",
            ],
            id="low intent, and a fact that could still tell otherwise",
        ),
        pytest.param(
            STUDENT,
            [
                "It is a lead for later.",
                "The reason: the company does not fit what we sell.",
                "What keeps it from being a possible lead: the fit at 0 (30 are needed) and the urgency at 0 (30 are needed).",
                "Nothing that is known speaks for it.",
            ],
            id="a known bad fit",
        ),
        pytest.param(
            GUIDE,
            [
                "It is a possible lead.",
                "What decides: the fit at 35 (30 are needed) and the urgency at 33.33 (30 are needed).",
                "Marketing keeps it for now.",
                "What speaks for it most: how recently they were in touch, the industry (saas) and the size of the company (15).",
            ],
            id="held by marketing",
        ),
    ],
)
def test_why_a_lead_is_where_it_is(lead: Lead, why: list[str]) -> None:
    """TI-1 to TI-4, FD-6."""
    assert lines(all_of(lead), "why") == why


@pytest.mark.parametrize(
    ("lead", "missing"),
    [
        (
            BO,
            ["Still unknown: the number of employees, an event that makes it pressing, the industry and 3 more."],
        ),
        (STUDENT, ["Nothing is missing that would count."]),
        (
            NOBODY,
            [
                "Still unknown: what they did, the number of employees, an event that makes it pressing and 6 more.",
                "Ask first for what they came for: the answer could make it a good lead.",
            ],
        ),
        (
            attrs.evolve(BO, country="DE", account=attrs.evolve(ACME, technologies=None, growth_stage=None)),
            [
                "Still unknown: an event that makes it pressing, the tools they use and the stage of the company.",
                "Ask first for the tools they use: the answer could make it a top lead.",
            ],
        ),
    ],
)
def test_what_is_missing(lead: Lead, missing: list[str]) -> None:
    assert lines(all_of(lead), "missing") == missing


def test_a_question_whose_answer_can_only_lower_is_told_as_such() -> None:
    assert lines(all_of(HALF_KNOWN), "missing") == [
        "Still unknown: an event that makes it pressing and the industry.",
        "Ask first for the industry: an answer could also show that it is not a good lead.",
    ]


def test_nobody_looked_is_not_did_nothing() -> None:
    """FD-6."""
    assert lines(all_of(NOBODY), "did") == ["What they did is not known."]
    assert lines(all_of(STUDENT), "did") == ["Nothing they did is on record."]
    assert lines(all_of(attrs.evolve(STUDENT, activities=(did("visit", -HOUR),))), "did") == ["Nothing they did is on record."]
    assert "What they did is not known." in told(all_of(NOBODY))
    assert "is not known" not in told(all_of(STUDENT))


def test_what_was_said_and_what_was_not() -> None:
    """SC-10: situation, pain and impact go to the brief."""
    assert lines(all_of(NOBODY), "said") == [
        "Nothing they said is on record.",
        "Not known: what they came for, the product, what they asked for in a conversation, how they heard of us, their situation, "
        "the problem they want solved, what the problem costs them and an event that makes it pressing.",
    ]
    engine = Engine(changed(Policy(), {"texts.said": ["impact", "situation"]}))
    lead = attrs.evolve(NOBODY, extra=Extra.of({"impact": "Two deals a month", "situation": "Three SDRs, one inbox"}))
    found = briefed(all_of(lead, engine=engine), engine.compiled.texts).part("said").lines
    assert [line.text for line in found] == [
        "About what the problem costs them: Two deals a month",
        "About their situation: Three SDRs, one inbox",
    ]


@pytest.mark.parametrize(
    ("lead", "who"),
    [
        (ANA, "Ana Kovač, VP Revenue Operations at Acme"),
        (attrs.evolve(ANA, title=None), "Ana Kovač at Acme"),
        (attrs.evolve(ANA, name=None, title=None), "Acme"),
        (attrs.evolve(ANA, name=None, account=None), "VP Revenue Operations"),
        (attrs.evolve(QUIET, id="L-9"), "acme"),
        (Lead(id="L-9"), "L-9"),
        (Lead(id="L-9", name="علي 👋", title="{title}"), "علي 👋, {title}"),
    ],
)
def test_the_title_says_who_as_far_as_it_is_known(lead: Lead, who: str) -> None:
    assert briefed(all_of(lead)).title.text.startswith(f"{who} (")


def test_the_deepest_and_the_latest_are_told_however_many_there_are() -> None:
    shallow = [did("page_view", n * HOUR, f"blog/{n}", marketing=n % 2 == 0) for n in range(1, 30)]
    deep = [did("page_view", 90 * DAY, "pricing"), did("call_request", 80 * DAY), did("content_download", 70 * DAY, "case_study")]
    found = lines(all_of(attrs.evolve(NOBODY, activities=(*shallow, *deep))), "did")
    assert found == [
        "They looked at the blog (blog/1) on Monday 2 March 2026 at 08:03.",
        "They looked at the blog (blog/2) on Monday 2 March 2026 at 07:03.",
        "They downloaded a case study on Monday 22 December 2025 at 09:03.",
        "They asked for a call on Friday 12 December 2025 at 09:03.",
        "They looked at the pricing page on Tuesday 2 December 2025 at 09:03.",
        "27 more things they did are not shown.",
    ]
    engine = Engine(changed(Policy(), {"texts.most_activities": 1}))
    few = [attrs.evolve(each, content=f"pricing/{number}") for number, each in enumerate(deep[:1])]
    given = all_of(attrs.evolve(NOBODY, activities=(shallow[0], *few)), engine=engine)
    assert [line.text for line in briefed(given, engine.compiled.texts).part("did").lines] == [
        "They looked at the blog (blog/1) on Monday 2 March 2026 at 08:03.",
        "1 more thing they did is not shown.",
    ]


def test_other_models_and_clauses_say_why_it_goes_to_sales() -> None:
    """SC-2, TI-4."""
    dual = Engine(changed(Policy(), {"qualification.model": "dual_axis", "qualification.mql_tiers": [], "qualification.held_tiers": []}))
    assert "It counts as ready for sales because both the fit and the interest are high enough." in told(all_of(ANA, engine=dual))
    clause = {"id": "from_a_friend", "label": "a friend sent them", "when": {"op": "always"}}
    own = Engine(changed(Policy(), {"qualification.mql_tiers": [], "qualification.held_tiers": [], "qualification.clauses": [clause]}))
    assert "It counts as ready for sales because a friend sent them." in told(all_of(ANA, engine=own))
    assert "ready for sales" not in told(all_of(ANA))


def test_totals_are_told_by_what_they_add() -> None:
    totals = [{"id": "all_told", "of": ["selection", "urgency"]}]
    rows = [{"id": "T1", "label": "First", "thresholds": [{"score": "all_told", "at_least": 60}]}]
    engine = Engine(changed(Policy(), {"scoring.totals": totals, "tiers": {"rows": rows}, **OWN_TIERS}))
    known = explain(engine.compiled.texts, engine.assess(ANA, at=AT))
    assert known.startswith(
        "Acme (L-1) is a top lead. What decides: all told at 185 (60 are needed). What speaks for it most: the size of the company (240), "
    )
    unknown = explain(engine.compiled.texts, engine.assess(Lead(id="L-9", activities=()), at=AT))
    assert unknown.startswith("L-9 is a lead for later. What keeps it from being a top lead: all told at 0 (60 are needed).")


OWN_TIERS: dict[str, object] = {
    "qualification": {"mql_tiers": ["T1"]},
    "lifecycle.machines[journey]": None,
    "sla.tables": [],
    "sla.limits": [],
    "recycling.re_scores": [],
    "routing.lanes": [{"id": "all", "when": {"op": "always"}, "to": "rep"}],
    "case.clocks": [],
    "case.nurture": [],
    "examples": [],
}


# What to say first.


def first(lead: Lead, **more: Any) -> list[str]:  # noqa: ANN401
    return lines(all_of(lead, **more), "first")


def test_channels_that_must_not_be_used_are_named_and_not_offered() -> None:
    assert first(attrs.evolve(BO, email="bo@acme.example")) == [
        "They asked for a demo on Monday 2 March 2026 at 03:03: begin with that.",
        "First comes an email on Monday 2 March 2026 at 04:03. What it is for: Confirms the request and offers a way to book a meeting.",
        "There is nothing known to refer to.",
        "Their address: bo@acme.example",
        "Must not be used: a call.",
    ]
    assert first(attrs.evolve(BO, email="bo@acme.example", suppressed=frozenset({"all"})))[1:] == [
        "No first message is planned.",
        "Must not be used: every channel.",
    ]
    assert "Their address: bo@acme.example" not in first(attrs.evolve(BO, email="bo@acme.example", suppressed=frozenset({"email"})))


def test_the_words_of_a_step_are_quoted() -> None:
    engine = Engine(changed(Policy(), {"cadence.sequences[T1].steps[call-0].message": "You asked for {a demo}"}))
    assert "Words to begin with: You asked for {a demo}" in lines(all_of(ANA, engine=engine), "first")


def test_what_comes_first_is_the_first_that_is_not_made() -> None:
    given = all_of(ANA)
    plan: Plan = given["plan"]
    touches = tuple(attrs.evolve(touch, made=touch.enrol is None) for touch in plan.touches)
    given["plan"] = attrs.evolve(plan, touches=touches)
    assert lines(given, "first")[1] == "First comes the regular emails of marketing, from Wednesday 11 March 2026 at 09:00."
    assert "6 planned steps are done. Planned: the regular emails of marketing from Wednesday 11 March 2026 at 09:00." in told(given)
    given["plan"] = attrs.evolve(plan, touches=tuple(attrs.evolve(touch, made=True) for touch in plan.touches))
    assert lines(given, "first")[1] == "No first message is planned."
    assert "7 planned steps are done. Nothing more is planned." in told(given)
    given["plan"] = attrs.evolve(plan, touches=(attrs.evolve(plan.touches[0], made=True),))
    assert "1 planned step is done. Nothing more is planned." in told(given)


def test_contents_that_lie_after_the_instant_are_not_referred_to() -> None:
    """FD-2."""
    given = all_of(ANA)
    given["assessment"] = SHIPPED.assess(attrs.evolve(ANA, source=None), at=AT - 60 * HOUR)
    assert "Refer to where they came from (google) and what they looked at (the blog (blog/why-speed) and Speed to lead)." in lines(
        given, "first"
    )


# Who has it.


def routed(route: Route, **more: Any) -> Route:  # noqa: ANN401
    return attrs.evolve(route, **more)


ROUTE: Route = all_of(ANA)["route"]


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (None, "Who takes it is not decided yet."),
        (ROUTE, "maya has it: it was their turn."),
        (routed(ROUTE, outcome=Assigned("maya", "overflow")), "maya has it: they take what nobody else can."),
        (routed(ROUTE, outcome=Assigned("maya", "lunch_break")), "maya has it: lunch break."),
        (routed(ROUTE, attempt=2), "maya has it: it was their turn. Somebody else had it before maya."),
        (
            routed(ROUTE, outcome=Assigned("maya", "account_owner", over_cap=True, instead_of="anna")),
            "maya has it: the company is theirs. maya stands in for anna, who is away. maya is over the limit, and takes it all the same.",
        ),
        (routed(ROUTE, outcome=NotRouted("nurture")), "Nobody in sales takes it; it stays with marketing."),
        (
            routed(ROUTE, outcome=Unassigned((), None)),
            "Nobody can take it now. That will not change by itself: somebody has to give it to a rep.",
        ),
        (
            routed(ROUTE, outcome=Unassigned((("maya", "away"),), AT + DAY)),
            "Nobody can take it now. Why not: maya is away. The next try is on Tuesday 3 March 2026 at 09:03.",
        ),
        (routed(ROUTE, notify=(Notice("kim", "csm"),)), "maya has it: it was their turn. kim (customer success) is told as well."),
        (
            routed(ROUTE, notify=(Notice("kim", "open_opportunity_owner"), Notice("lee", "named_rep"))),
            "maya has it: it was their turn. kim (open deal) and lee (named for the company) are told as well.",
        ),
    ],
)
def test_who_has_it_and_why_they(route: Route | None, said: str) -> None:
    """RT-3 to RT-9."""
    assert f" and what they looked at. {said} " in told(all_of(ANA, route=route))


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("turn", "it is not the turn of noor"),
        ("by_name", "it went to somebody else before noor was asked"),
        ("inactive", "noor is not active"),
        ("no_share", "noor takes no new leads"),
        ("holder", "noor had it before"),
        ("away", "noor is away"),
        ("day_cap", "noor has enough for the day"),
        ("week_cap", "noor has enough for the week"),
        ("open_cap", "noor has too many open leads"),
        ("closed", "noor is not at work"),
        ("not_preferred", "others come before noor"),
        ("product", "noor does not sell the product"),
        ("role", "noor has another role"),
        ("territory", "noor has another territory"),
        ("no_lane", "no rule gives it to noor"),
        ("unknown_rep", "noor may not take it"),
    ],
)
def test_why_a_rep_does_not_take_it(why: Any, said: str) -> None:  # noqa: ANN401 - one of the codes
    given = all_of(ANA, route=routed(ROUTE, outcome=Unassigned((("noor", why),), None)))
    assert f"Why not: {said}." in told(given)


def test_of_many_reps_a_few_are_named() -> None:
    given = all_of(ANA, *(Rep(id=f"r{n}", role="SDR", active=False) for n in range(7)))
    assert "Why not: r0 is not active, r1 is not active, r2 is not active, r3 is not active, r4 is not active and 2 more." in told(given)


def test_the_odd_ones_as_they_are_decided() -> None:
    """RO-2, RO-11, RO-12: delegate, over the cap, nobody until somebody is back."""
    owned = attrs.evolve(ANA, account=attrs.evolve(ACME, owner="anna"))
    out = attrs.evolve(ANNA, away=(Span(AT - DAY, AT + DAY),), delegate="maya")
    assert "maya has it: the company is theirs. maya stands in for anna, who is away. An answer" in told(all_of(owned, out, MAYA))
    full = attrs.evolve(ANNA, caps=Caps(per_day=0))
    assert "anna has it: the company is theirs. anna is over the limit, and takes it all the same. An answer" in told(all_of(owned, full))
    alone = attrs.evolve(MAYA, away=(Span(AT - DAY, AT + DAY),))
    assert (
        "Nobody can take it now. Why not: maya is away. The next try is on Tuesday 3 March 2026 at 09:03. "
        "An answer is due before Monday 2 March 2026 at 09:05, within 5 minutes." in told(all_of(ANA, alone))
    )


def test_a_lead_for_later_is_told_in_whole_sentences() -> None:
    assert told(all_of(STUDENT)) == (
        "farm (L-4) is a lead for later. The reason: the company does not fit what we sell. "
        "What keeps it from being a possible lead: the fit at 0 (30 are needed) and the urgency at 0 (30 are needed). "
        "Nothing that is known speaks for it. Nobody in sales takes it; it stays with marketing. "
        "No deadline is set. No messages are planned."
    )


# By when.

LADDER = (
    LadderStep("first", 5 * timedelta(minutes=1), "escalate", "sales manager"),
    LadderStep("second", 15 * timedelta(minutes=1), "reroute", "backup rep"),
    LadderStep("third", 2 * HOUR, "auto_nurture", "nurture sequence"),
    LadderStep("fourth", 3 * HOUR, "flag", "marketing"),
    LadderStep("fifth", 4 * HOUR, "recycle"),
)
CLOCK = Clock(id="L-1", lead_id="L-1", target=5 * timedelta(minutes=1), start=AT, ladder=LADDER, escalate_unassigned=True)
AHEAD = (
    " If nobody answers, the sales manager is told after 5 minutes, it goes to the backup rep after 15 minutes, "
    "it goes to the regular emails of marketing after 2 hours, marketing is told after 3 hours and "
    "it goes back to whoever is in charge after 4 hours."
)


def call(after: timedelta) -> Outreach:
    return Outreach(id="o", lead_id="L-1", rep="maya", channel="call", at=AT + after, human=True)


@pytest.mark.parametrize(
    ("clock", "events", "after", "said"),
    [
        (CLOCK, [], timedelta(), "An answer is due before Monday 2 March 2026 at 10:08, within 5 minutes." + AHEAD),
        (CLOCK, [], -HOUR, "An answer is due before Monday 2 March 2026 at 10:08, within 5 minutes." + AHEAD),
        (CLOCK, [call(HOUR / 20)], HOUR, "The answer came on Monday 2 March 2026 at 10:06, in time."),
        (
            CLOCK,
            [],
            16 * timedelta(minutes=1),
            "An answer was due before Monday 2 March 2026 at 10:08 and did not come in time. "
            "Since then the sales manager was told on Monday 2 March 2026 at 10:08 and "
            "it was to go to the backup rep on Monday 2 March 2026 at 10:18. "
            "If nobody answers, it goes to the regular emails of marketing after 2 hours, marketing is told after 3 hours and "
            "it goes back to whoever is in charge after 4 hours.",
        ),
        (
            CLOCK,
            [],
            5 * HOUR,
            "An answer was due before Monday 2 March 2026 at 10:08 and did not come in time. "
            "Since then the sales manager was told on Monday 2 March 2026 at 10:08, "
            "it was to go to the backup rep on Monday 2 March 2026 at 10:18, "
            "it was to go to the regular emails of marketing on Monday 2 March 2026 at 12:03, "
            "marketing was told on Monday 2 March 2026 at 13:03 and "
            "it was to go back to whoever is in charge on Monday 2 March 2026 at 14:03.",
        ),
        (
            CLOCK,
            [call(HOUR)],
            2 * HOUR,
            "An answer was due before Monday 2 March 2026 at 10:08 and came on Monday 2 March 2026 at 11:03.",
        ),
        (
            attrs.evolve(CLOCK, ladder=()),
            [sla.Assigned(id="n", at=AT, rep=None)],
            timedelta(),
            "An answer is due before Monday 2 March 2026 at 10:08, within 5 minutes. "
            "Since then whoever is in charge was told on Monday 2 March 2026 at 10:03 that nobody could take it.",
        ),
        (
            attrs.evolve(CLOCK, ladder=()),
            [sla.Pause(id="p", at=AT, until=AT + HOUR, planned=True)],
            timedelta(),
            "The clock stands still now; an answer is due before Monday 2 March 2026 at 11:08.",
        ),
        (attrs.evolve(CLOCK, ladder=()), [sla.Pause(id="p", at=AT)], timedelta(), "The clock stands still until further notice."),
        (
            attrs.evolve(CLOCK, ladder=(), calendar=Calendar("UTC", {}, overrides={AT.date() - DAY: [(540, 541)]})),
            [],
            timedelta(),
            "No working hours were found in which an answer could be due.",
        ),
        (CLOCK, [sla.Cancelled(id="c", at=AT)], timedelta(), "No answer is owed any more."),
        (CLOCK, [sla.Superseded(id="s", at=AT)], timedelta(), "Another deadline has taken the place of this one."),
        (
            attrs.evolve(CLOCK, ladder=(), calendar=Calendar.weekdays("Europe/Berlin", "09:00", "17:00"), target=90 * timedelta(minutes=1)),
            [],
            timedelta(),
            "An answer is due before Monday 2 March 2026 at 11:33, within 1 hour 30 minutes of working time.",
        ),
    ],
)
def test_by_when_and_what_happens_if_nobody_answers(clock: Clock, events: list[Any], after: timedelta, said: str) -> None:
    """SL-3, SL-7, CL-7, CL-12, CL-13."""
    given = all_of(ANA, status=sla.status(clock, events, at=AT + after), plan=None)
    zone = " Times are in Europe/Berlin." if "2026" in said else ""
    assert told(given).endswith(f"maya has it: it was their turn. {said} No messages are planned.{zone}")


def test_without_a_promise_no_deadline_is_set() -> None:
    assert lines(all_of(ANA, status=None), "who")[1:] == ["No deadline is set."]


# What is sent.


def stopped(kind: ExitKind) -> dict[str, Any]:
    given = all_of(ANA)
    plan = replan(given["plan"], [], [Exit("x", AT, kind)], at=AT)
    return {**given, "plan": plan}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("reply", "Nothing more is sent: they replied."),
        ("meeting", "Nothing more is sent: a meeting is booked."),
        ("disqualified", "Nothing more is sent: they were ruled out."),
        ("won", "Nothing more is sent: the deal is won."),
        ("opt_out", "Nothing more is sent: they want no more messages."),
        (
            "not_ready",
            "Nothing more is sent: they are not ready yet. Follow up on Wednesday 1 April 2026 at 09:00, Friday 1 May 2026 at 09:00 and "
            "Monday 1 June 2026 at 09:00.",
        ),
    ],
)
def test_what_stopped_the_messages_is_said(kind: ExitKind, said: str) -> None:
    """CA-15, CD-4."""
    given = stopped(kind)
    assert f" after 15 minutes. {said} Times are in" in told(given)
    assert lines(given, "first")[1] == said.partition(". F")[0].rstrip(".") + "."


def test_a_bounce_leaves_calls_and_says_so() -> None:
    assert "March 2026 at 09:00. Left out: an email (they do not want it, or it does not reach them)." in told(stopped("bounce"))
    given = all_of(ANA)
    given["plan"] = attrs.evolve(given["plan"], touches=(), stopped=Exit("x", AT, "bounce"))
    assert "Nothing more is sent: messages do not reach them." in told(given)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("suppressed", "Left out: a call (it must not be used)."),
        ("no_zone", "Left out: a call (their time zone is not known)."),
        ("no_slot", "Left out: a call (no permitted time was found)."),
        ("cancelled", "Left out: a call (they do not want it, or it does not reach them)."),
        ("late", ""),
    ],
)
def test_what_is_left_out_is_said_with_its_reason_once(code: NoteCode, said: str) -> None:
    """CA-20."""
    given = all_of(ANA)
    plan: Plan = given["plan"]
    given["plan"] = attrs.evolve(plan, notes=(Note("call-0", code), Note("call-3", code)))
    assert f"and 4 more. {said} Times are in".replace("  ", " ") in told(given)


def test_a_channel_and_a_programme_without_a_word_are_called_by_the_policy() -> None:
    extra = {"id": "postcard", "label": "a postcard", "without_zone": True}
    steps = Policy().model_dump(mode="json")["cadence"]["sequences"][0]["steps"]
    steps = [{**steps[0], "channel": "postcard"}, *steps[1:-1], {**steps[-1], "enrol": "spring_campaign"}]
    engine = Engine(
        changed(
            Policy(),
            {
                "cadence.channels": [*Policy().model_dump(mode="json")["cadence"]["channels"], extra],
                "cadence.sequences[T1].steps": steps,
                "texts.most_steps": 10,
            },
        )
    )
    found = told(all_of(ANA, engine=engine), engine.compiled.texts)
    assert "Planned: a postcard on " in found
    assert "spring campaign from Wednesday 11 March 2026 at 09:00." in found


# Zones and arguments.


@pytest.mark.parametrize(
    ("more", "zone"),
    [
        ({}, "Europe/Berlin"),
        ({"zone": "Asia/Kolkata"}, "Asia/Kolkata"),
        ({"route": None}, "UTC"),
        ({"route": attrs.evolve(ROUTE, outcome=Assigned("gone", "pool"))}, "UTC"),
    ],
)
def test_times_are_those_of_the_rep(more: dict[str, Any], zone: str) -> None:
    given = all_of(ANA, **more)
    assert str(briefed(given).zone) == zone
    assert told(given).endswith(f"Times are in {zone}.")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"assessment": ANA}, "assessment: saw Lead Lead\\('L-1'.*expected a value of type Assessment"),
        ({"route": "maya"}, "route: saw 'maya', expected a value of type Route"),
        ({"status": CLOCK}, "status: saw Clock .* expected a value of type Status. sla.status makes one of a clock."),
        ({"plan": "T1"}, "plan: saw 'T1', expected a value of type Plan. Take .value of the decision."),
        ({"zone": "Berlin"}, "zone: saw 'Berlin', expected the name of an IANA time zone"),
        ({"route": attrs.evolve(ROUTE, lead_id="L-2")}, "route.lead_id: saw 'L-2', expected the lead that was assessed, 'L-1'"),
        (
            {"status": sla.status(attrs.evolve(CLOCK, lead_id="L-2"), at=AT)},
            "status.clock.lead_id: saw 'L-2', expected the lead that was assessed, 'L-1'",
        ),
        ({"plan": all_of(BO)["plan"]}, "plan.lead_id: saw 'L-2', expected the lead that was assessed, 'L-1'"),
    ],
)
def test_what_is_about_another_lead_or_of_another_kind_is_refused(more: dict[str, Any], said: str) -> None:
    for of in (told, briefed):
        with pytest.raises(FactError, match=said):
            of(all_of(ANA, **more))


def test_texts_are_those_of_a_compiled_policy() -> None:
    with pytest.raises(FactError, match=r"texts: saw .*expected a value of type Texts. A compiled policy has them as .texts."):
        brief(Policy().texts, SHIPPED.assess(ANA, at=AT))  # type: ignore[arg-type]
    given = all_of(ANA, status=sla.status(attrs.evolve(CLOCK, lead_id=None), at=AT))
    assert "10:08" in told(given)


# Texts of a policy.

GERMAN = {
    "lead_of": "{company} ({lead}) ist {tier}.",
    "why_reached": "Entscheidend: {scores}.",
    "score_reached": "{score} {points} (nötig: {needed})",
    "list_and": "{before} und {next}",
    "decimal": "{whole},{part}",
    "why_criteria": "",
    "taken": "{rep} übernimmt: {step}.",
    "clock_running": "Antwort vor {deadline}, binnen {target}.",
    "working_time": "{duration} Arbeitszeit",
    "minutes": "{n} Minuten",
    "moment": "{weekday}, {day}. {month} {year}, {hour}:{minute} Uhr",
    "ladder_ahead": "Antwortet niemand, {steps}.",
    "ahead_escalate": "erfährt es nach {after} {to}",
    "ahead_reroute": "geht es nach {after} an {to}",
    "plan_none": "",
    "times_in": "",
}


def test_another_language_is_a_change_of_the_policy() -> None:
    engine = Engine(
        changed(
            Policy(),
            {
                **{f"texts.templates[{name}].text": text for name, text in GERMAN.items()},
                "texts.weekdays": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
                "texts.months[2]": "März",
                "texts.tiers[T1].text": "ein Spitzenkontakt",
                "texts.scores[selection].text": "Passung",
                "texts.scores[urgency].text": "Dringlichkeit",
                "texts.steps[pool].text": "sie ist an der Reihe",
                "texts.values": [{"id": "sales manager", "text": "die Vertriebsleitung"}, {"id": "backup rep", "text": "die Vertretung"}],
            },
        )
    )
    assert told(all_of(ANA, engine=engine, plan=None), engine.compiled.texts) == (
        "Acme (L-1) ist ein Spitzenkontakt. Entscheidend: Passung 100 (nötig: 70) und Dringlichkeit 85 (nötig: 60). "
        "maya übernimmt: sie ist an der Reihe. "
        "Antwort vor Montag, 2. März 2026, 10:05 Uhr, binnen 5 Minuten Arbeitszeit. "
        "Antwortet niemand, erfährt es nach 5 Minuten die Vertriebsleitung und geht es nach 15 Minuten an die Vertretung."
    )


def test_one_template_alone_is_replaced() -> None:
    engine = Engine(Policy.model_validate({"texts": {"templates": [{"id": "taken", "text": "👉 {rep} ({step})"}]}}))
    before, after = told(all_of(ANA)), told(all_of(ANA, engine=engine), engine.compiled.texts)
    assert after == before.replace("maya has it: it was their turn.", "👉 maya (it was their turn)")


def test_a_policy_may_say_nothing_at_all() -> None:
    silent = wording.compile(wording.TextsDocument.model_validate({"templates": [{"id": name, "text": ""} for name in PLACES]}))
    assert told(all_of(ANA), silent) == ""
    assert briefed(all_of(ANA), silent).part("why").lines == ()


def test_whatever_they_wrote_stays_what_they_wrote() -> None:
    odd = "{rep} {0.__class__} %s مرحبا 👋\r\n- Who has it: me"
    lead = attrs.evolve(
        ANA, name=odd, self_reported=odd, account=attrs.evolve(ACME, name=odd), extra=Extra.of({"pain": odd, "critical_event": "none"})
    )
    kept = "{rep} {0.__class__} %s مرحبا 👋 - Who has it: me"
    found = briefed(all_of(lead))
    assert found.title.text == f"{kept}, VP Revenue Operations at {kept} (L-1). Times are in Europe/Berlin."
    assert f"- About the problem they want solved: {kept}" in found.text().split("\n")
    assert len(found.text().splitlines()) == len(briefed(all_of(ANA)).text().splitlines())
    assert told(all_of(lead)).startswith(f"{kept} (L-1) is a top lead. ")


# Every template is used, and every place of it is filled.


def test_who_has_it_by_now_is_told_without_a_route() -> None:
    """Of a case: a route that was made elsewhere has no step, one of ours has it, a later attempt is told; and who has nobody."""
    given = all_of(ANA, route=None)
    said: dict[str, dict[str, Any]] = {
        "Who takes it is not decided yet.": {},
        "zoe has it.": {"outcome": Assigned("zoe", "")},
        "maya has it: it was their turn.": {"outcome": Assigned("maya", "pool")},
        "Nobody in sales takes it; it stays with marketing.": {"outcome": NotRouted("nurture")},
    }
    for sentence, more in said.items():
        assert sentence in told({**given, **more})
    again = told({**given, "outcome": Assigned("maya", "pool"), "attempt": 2})
    assert again != told({**given, "outcome": Assigned("maya", "pool")})
    assert "Nobody" in told({**given, "outcome": Unassigned((), None)})


def everything() -> Iterator[dict[str, Any]]:
    """What the tests above hand over."""
    yield from (all_of(lead) for lead in (ANA, BO, QUIET, STUDENT, NOBODY, GUIDE, attrs.evolve(ANA, title=None)))
    yield from (all_of(ANA, route=None), all_of(ANA, status=None), all_of(ANA, plan=None))
    yield {**all_of(ANA, route=None), "outcome": Assigned("zoe", "")}
    yield from _routes()
    yield from _statuses()
    yield from _plans()
    visits = tuple(did("fair_visit", n * HOUR, str(n)) for n in range(9))
    nine, six = (attrs.evolve(NOBODY, activities=visits[:number]) for number in (9, 6))
    own = Extra.of({"vip": True, "old": False, "worth": Money.of("10.50", "EUR"), "tags": frozenset()})
    bo = attrs.evolve(QUIET, extra=own)
    yield from (all_of(lead, engine=FAIRS) for lead in (nine, six, bo))
    dual = Engine(changed(Policy(), {"qualification.model": "dual_axis", "qualification.mql_tiers": [], "qualification.held_tiers": []}))
    yield all_of(ANA, engine=dual)
    yield all_of(HALF_KNOWN)
    messages = Engine(changed(Policy(), {"cadence.sequences[T1].steps[call-0].message": "Hello"}))
    yield all_of(ANA, engine=messages)


FAIRS = Engine(
    changed(
        Policy(),
        {
            "facts.activity_kinds": ["fair_visit"],
            "facts.declared": [
                *Policy().model_dump(mode="json")["facts"]["declared"],
                *(
                    {"id": name, "kind": kind}
                    for name, kind in (("vip", "boolean"), ("old", "boolean"), ("worth", "money"), ("tags", "texts"))
                ),
            ],
            "texts.said": ["vip", "old", "worth", "tags"],
        },
    )
)


def _routes() -> Iterator[dict[str, Any]]:
    codes: list[Any] = [name.removeprefix("refused_") for name in PLACES if name.startswith("refused_")]
    outcomes: list[Any] = [NotRouted("n"), Unassigned((), None), Assigned("maya", "pool", over_cap=True, instead_of="anna")]
    outcomes += [Unassigned((("noor", code),), AT) for code in (*codes, "unknown_rep")]
    yield from (all_of(ANA, route=routed(ROUTE, outcome=outcome, attempt=2)) for outcome in outcomes)
    people = [Notice("kim", "csm"), Notice("lee", "open_opportunity_owner"), Notice("pat", "named_rep")]
    yield from (all_of(ANA, route=routed(ROUTE, notify=tuple(people[:number]))) for number in (1, 3))


def _statuses() -> Iterator[dict[str, Any]]:
    always: Calendar = Calendar("UTC", {}, overrides={AT.date() - DAY: [(540, 541)]})
    clocks: list[tuple[Clock, Iterable[Any]]] = [
        (CLOCK, [call(HOUR / 20)]),
        (CLOCK, [call(HOUR)]),
        (CLOCK, [sla.Assigned(id="n", at=AT, rep=None)]),
        (CLOCK, [sla.Pause(id="p", at=AT)]),
        (CLOCK, [sla.Pause(id="p", at=AT, until=AT + DAY, planned=True)]),
        (CLOCK, [sla.Cancelled(id="c", at=AT)]),
        (CLOCK, [sla.Superseded(id="s", at=AT)]),
        (attrs.evolve(CLOCK, calendar=always), []),
        (attrs.evolve(CLOCK, target=61 * timedelta(minutes=1)), []),
        (attrs.evolve(CLOCK, target=150 * timedelta(minutes=1)), []),
        (attrs.evolve(CLOCK, target=timedelta(seconds=1), start=AT + 7 * HOUR), []),
    ]
    yield from (all_of(ANA, status=sla.status(clock, events, at=AT + 5 * HOUR)) for clock, events in clocks)
    yield all_of(ANA, status=sla.status(CLOCK, at=AT))


def _plans() -> Iterator[dict[str, Any]]:
    kinds: tuple[ExitKind, ...] = ("reply", "meeting", "disqualified", "won", "opt_out", "not_ready", "bounce")
    yield from map(stopped, kinds)
    given = all_of(ANA)
    plan: Plan = given["plan"]
    yield {**given, "plan": attrs.evolve(plan, touches=(), stopped=Exit("x", AT, "bounce"))}
    codes: tuple[NoteCode, ...] = ("suppressed", "no_zone", "no_slot", "cancelled")
    yield {**given, "plan": attrs.evolve(plan, notes=tuple(Note("call-0", code) for code in codes))}
    yield from (
        {**given, "plan": attrs.evolve(plan, touches=tuple(attrs.evolve(touch, made=True) for touch in plan.touches[:number]))}
        for number in (1, 2)
    )
    yield {**given, "plan": attrs.evolve(plan, touches=plan.touches[-1:])}


def test_every_template_is_used_and_every_place_of_it_is_filled() -> None:
    shouting = {name: f"<{name}>" + "".join(f" {{{place}}}" for place in places) for name, places in PLACES.items()}
    rows = [{"id": name, "text": text} for name, text in shouting.items()]
    said_first = ["vip", "old", "worth", "tags", *Policy().texts.said]
    loud = wording.compile(wording.TextsDocument.model_validate({"templates": rows, "said": said_first}))
    said = [told(given, loud) + briefed(given, loud).text() for given in everything()]
    assert [name for name in PLACES if not any(f"<{name}>" in text for text in said)] == []
    assert [text for text in said if "{" in text or "}" in text] == []


@pytest.mark.parametrize("text", [explain, brief])
def test_no_place_is_left_and_no_id_is_said(text: Any) -> None:  # noqa: ANN401 - both functions
    """No ids of the policy, no underscores: what a salesperson says."""
    for given in everything():
        found = text(TEXTS, **given)
        said = (found if isinstance(found, str) else found.text()).replace("America/New_York", "")
        assert not any(word in said for word in ("tier:", "_", "{", "  ", "None", "MQL", "..")), said
