"""Which answer a lead is owed, and by when (SL-1 to SL-6, SL-8, SL-9, CL-1 to CL-3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest

from inbound_engine import calendars, promises, vocabulary
from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code
from inbound_engine.documents import changed, contents
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Lead, Rep
from inbound_engine.hours import Calendar
from inbound_engine.policy import Policy
from inbound_engine.promises import Limit, Promise, SlaDocument
from inbound_engine.signals import Catalogue, Touchpoint
from inbound_engine.sla import Clock, LadderStep, Milestone, status
from inbound_engine.spans import parse_instant
from inbound_engine.vocabulary import FactsDocument, View

MINUTE = timedelta(minutes=1)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALWAYS = {"op": "always"}
DEMO = {"op": "equals", "fact": "lead_type", "value": "demo_request"}
LARGE = {"op": "at_least", "fact": "employees", "value": 500}

HOURS = {
    "calendars": [
        {"id": "office", "weekly": [{"days": ["monday", "tuesday"], "opens": "09:00", "closes": "17:00"}]},
        {"id": "late", "zone": "America/New_York", "weekly": [{"days": ["monday"], "opens": "12:00", "closes": "20:00"}]},
        {"id": "desk", "zone": "Asia/Kolkata", "weekly": [{"days": ["monday"], "opens": "09:30", "closes": "18:30"}]},
    ],
    "zone": "Europe/Lisbon",
    "territories": [
        {"id": "amer", "calendar": "late"},
        {"id": "dach", "calendar": "office", "zone": "Europe/Berlin"},
        {"id": "iberia", "zone": "Europe/Madrid"},
    ],
}
TABLES = [
    {
        "id": "first_response",
        "stopped_by": ["outreach"],
        "rows": [
            {
                "id": "demo", "when": DEMO, "target_minutes": 5, "escalate_unassigned": True, "channels": ["call"], "max_reroutes": 2,
                "ladder": [
                    {"id": "escalate", "after_minutes": 5, "action": "escalate", "to": "manager"},
                    {"id": "reroute", "after_minutes": 15, "action": "reroute", "to": "backup", "reason": "late"},
                ],
            },
            {"id": "large", "when": LARGE, "target_minutes": 30, "calendar": "late", "stops": "any"},
            {"id": "rest", "when": {"op": "known", "fact": "employees"}, "target_minutes": 240},
        ],
    },
    {"id": "review", "stopped_by": ["accepted", "rejected"], "rows": [{"id": "mql", "when": ALWAYS, "target_minutes": 1440}]},
]  # fmt: skip


def document(**sections: object) -> SlaDocument:
    return SlaDocument.model_validate({"tables": TABLES, "late_logging_minutes": 15, **sections})


def compiled(sla: Mapping[str, object] | None = None, hours: Mapping[str, object] | None = None) -> promises.Rules:
    words = vocabulary.compile(FactsDocument())
    opening = calendars.compile(calendars.HoursDocument.model_validate({**HOURS, **(hours or {})}))
    return promises.compile(document(**(sla or {})), opening, words, Questions())


RULES = compiled()


def lead(lead_type: str | None = None, employees: int | None = None, **more: Any) -> Lead:  # noqa: ANN401 - whatever a lead takes
    return Lead(id="L-1", lead_type=lead_type, account=Account(id="acme", employees=employees), **more)


def view(of: Lead) -> View:
    return View(of, AT)


def told(error: PolicyError) -> list[str]:
    return [str(problem) for problem in error.problems]


# ----------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        ({"target_minutes": 0}, ["target_minutes: saw 0, expected at least 1."]),
        ({"target_minutes": 1_000_001}, ["target_minutes: saw 1000001, expected at most 1000000."]),
        ({"target_minutes": "5"}, ["target_minutes: saw '5', expected a whole number."]),
        ({"max_reroutes": -1}, ["max_reroutes: saw -1, expected at least 0."]),
        ({"max_reroutes": 101}, ["max_reroutes: saw 101, expected at most 100."]),
        ({"stops": "machine"}, ["stops: saw 'machine', expected one of 'human' or 'any'."]),
        ({"id": "T 1"}, ["id: saw 'T 1', expected letters, digits and underscores, parts joined by a dot, a colon or a hyphen."]),
        (
            {"target": 5},
            [
                "target: saw the key 'target', expected one of calendar, channels, escalate_unassigned, id, label, ladder, max_reroutes, "
                'source, stops, target_minutes, when. Did you mean "target_minutes"?'
            ],
        ),
        (
            {"ladder": [{"id": "a", "after_minutes": -1, "action": "flags"}]},
            [
                "ladder[a].after_minutes: saw -1, expected at least 0.",
                "ladder[a].action: saw 'flags', expected one of 'escalate', 'reroute', 'auto_nurture', 'flag' or 'recycle'. "
                'Did you mean "flag"?',
            ],
        ),
        (
            {"ladder": [{"id": "a", "after_minutes": 1, "action": "flag"}, {"id": "a", "after_minutes": 2, "action": "flag"}]},
            ["ladder[a]: saw 'a' twice, expected ids that differ. Rename one of them."],
        ),
        (
            {
                "max_reroutes": 0,
                "ladder": [
                    {"id": "a", "after_minutes": 15, "action": "reroute"},
                    {"id": "b", "after_minutes": 5, "action": "escalate"},
                    {"id": "c", "after_minutes": 4, "action": "reroute"},
                ],
            },
            [
                "ladder[b].after_minutes: saw 5, expected 15 or more. Reorder the steps.",
                "ladder[c].after_minutes: saw 4, expected 5 or more. Reorder the steps.",
                "ladder[a].action: saw a re-route, expected another action where max_reroutes is 0. Raise it or remove the step.",
                "ladder[c].action: saw a re-route, expected another action where max_reroutes is 0. Raise it or remove the step.",
            ],
        ),
    ],
)  # fmt: skip
def test_a_promise_that_makes_no_sense_is_refused_with_all_its_problems(parts: dict[str, object], messages: list[str]) -> None:
    """CL-7, CL-10."""
    with pytest.raises(PolicyError) as refused:
        Promise.model_validate({"id": "T1", "when": ALWAYS, "target_minutes": 5, **parts})
    assert told(refused.value) == messages


def test_steps_may_share_an_instant_and_a_ladder_without_re_routes_needs_none() -> None:
    """CL-7, CL-10."""
    steps = [{"id": "a", "after_minutes": 5, "action": "flag"}, {"id": "b", "after_minutes": 5, "action": "escalate"}]
    promise = Promise.model_validate({"id": "T1", "when": ALWAYS, "target_minutes": 5, "max_reroutes": 0, "ladder": steps})
    assert [step.id for step in promise.ladder] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        (
            {"most_missed_percent": None},
            ["most_missed_percent: saw nothing, expected most_missed_percent or median_below_minutes."],
        ),
        ({"most_missed_percent": "100.1"}, ["most_missed_percent: saw 1001/10, expected 0 to 100."]),
        ({"most_missed_percent": -1}, ["most_missed_percent: saw -1, expected 0 to 100."]),
        (
            {"most_missed_percent": 10.0},
            [
                "most_missed_percent: saw 10.0, expected a whole number or exact text such as \"33.3\" or \"100/3\". "
                'Write it as text: "10.0".'
            ],
        ),
        (
            {"median_below_minutes": 0, "minimum_decided": 0},
            ["median_below_minutes: saw 0, expected at least 1.", "minimum_decided: saw 0, expected at least 1."],
        ),
    ],
)  # fmt: skip
def test_a_limit_that_limits_nothing_is_refused(parts: dict[str, object], messages: list[str]) -> None:
    """SL-8."""
    with pytest.raises(PolicyError) as refused:
        Limit.model_validate({"id": "T1", "table": "first_response", "most_missed_percent": 10, **parts})
    assert told(refused.value) == messages


@pytest.mark.parametrize("percent", [0, 10, "33.3", 100])
def test_a_limit_may_lie_anywhere_from_nothing_to_all(percent: int | str) -> None:
    """SL-8."""
    assert Limit.model_validate({"id": "T1", "table": "first_response", "most_missed_percent": percent}).most_missed_percent == Fraction(
        percent
    )
    assert Limit.model_validate({"id": "T1", "table": "first_response", "median_below_minutes": 10}).most_missed_percent is None


@pytest.mark.parametrize(
    ("sections", "messages"),
    [
        (
            {"starts": "now", "stops_clock": "robot", "late_logging_minutes": 0},
            [
                "starts: saw 'now', expected one of 'mql_or_hand_raise', 'mql' or 'capture'.",
                "stops_clock: saw 'robot', expected one of 'human' or 'any'.",
                "late_logging_minutes: saw 0, expected at least 1.",
            ],
        ),
        (
            {"tables": [TABLES[1], TABLES[1]]},
            ["tables[review]: saw 'review' twice, expected ids that differ. Rename one of them."],
        ),
        (
            {"tables": [{"id": "review", "stopped_by": [], "rows": []}]},
            [
                "tables[review].stopped_by: saw a list of 0, expected at least 1 row(s).",
                "tables[review].rows: saw a list of 0, expected at least 1 row(s).",
            ],
        ),
        (
            {"tables": [{"id": "review", "stopped_by": ["accepted"], "rows": [{"id": "x", "when": DEMO, "target_minutes": 5}] * 2}]},
            ["tables[review].rows[x]: saw 'x' twice, expected ids that differ. Rename one of them."],
        ),
        (
            {
                "limits": [
                    {"id": "a", "table": "first_respons", "most_missed_percent": 10},
                    {"id": "b", "table": "first_response", "promises": ["demo", "lagre", "T9"], "median_below_minutes": 10},
                    {"id": "c", "table": "zebra", "median_below_minutes": 10},
                ]
            },
            [
                "limits[a].table: saw 'first_respons', expected one of first_response, review. Did you mean \"first_response\"?",
                "limits[b].promises[1]: saw 'lagre', expected one of demo, large, rest. Did you mean \"large\"?",
                "limits[b].promises[2]: saw 'T9', expected one of demo, large, rest. Add it to sla.tables[first_response].rows.",
                "limits[c].table: saw 'zebra', expected one of first_response, review. Add it to sla.tables.",
            ],
        ),
        (
            {"figures": [{"id": "f", "label": "Win rate", "value": 1.5, "unit": "percent"}]},
            [
                'figures[f].value: saw 1.5, expected a whole number or exact text such as "33.3" or "100/3". Write it as text: "1.5".',
                'figures[f].source: saw nothing, expected a value for this key. Add "source".',
            ],
        ),
    ],
)  # fmt: skip
def test_what_makes_no_document_is_refused_with_every_problem(sections: dict[str, object], messages: list[str]) -> None:
    with pytest.raises(PolicyError) as refused:
        document(**sections)
    assert told(refused.value) == messages


def test_a_document_says_how_late_is_late() -> None:
    """CL-17."""
    with pytest.raises(PolicyError) as refused:
        SlaDocument.model_validate({"tables": TABLES})
    assert told(refused.value) == ['late_logging_minutes: saw nothing, expected a value for this key. Add "late_logging_minutes".']


def test_a_document_comes_back_from_its_plain_data() -> None:
    written = document(limits=[{"id": "T1", "table": "first_response", "most_missed_percent": "33.3"}])
    assert SlaDocument.model_validate(written.model_dump(mode="json")) == written


@pytest.mark.parametrize(
    ("path", "value", "messages"),
    [
        (
            "sla.tables[first_response].rows[T1].calendar", "buisness_hours",
            [
                "sla.tables[first_response].rows[T1].calendar: saw 'buisness_hours', expected one of always, business_hours, "
                'calling_hours, weekdays. Did you mean "business_hours"?'
            ],
        ),
        (
            "sla.tables[first_response].rows[T1].when", {"op": "equals", "fact": "tier", "value": "T9"},
            ["sla.tables[first_response].rows[T1].when.value: saw 'T9' for tier, expected one of NURTURE, T1, T2, T3."],
        ),
    ],
)  # fmt: skip
def test_names_are_held_to_the_policy(path: str, value: object, messages: list[str]) -> None:
    """CL-2, SL-5: a calendar, a fact or a tier that the policy does not know is refused when it loads."""
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), {path: value})
    assert told(refused.value) == messages


def test_a_fact_that_the_policy_does_not_know_is_refused() -> None:
    """SL-5."""
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), {"sla.tables[first_response].rows[T1].when": {"op": "equals", "fact": "teir", "value": "T1"}})
    [problem] = refused.value.problems
    assert (problem.path, problem.saw, problem.hint) == (
        "sla.tables[first_response].rows[T1].when.fact", "no fact called 'teir'", 'Did you mean "tier"?',
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- choose

ROWS = "sla.tables[first_response].rows"


@pytest.mark.parametrize(
    ("of", "promise", "because"),
    [
        pytest.param(lead("demo_request", 5), "demo", [("matched", "demo")], id="the first that is true"),
        pytest.param(lead("demo_request", 900), "demo", [("matched", "demo")], id="SL-5 hand-raisers before all others"),
        pytest.param(lead("webinar", 900), "large", [("failed", "demo"), ("matched", "large")], id="the second"),
        pytest.param(lead("webinar", 5), "rest", [("failed", "demo"), ("failed", "large"), ("matched", "rest")], id="the last"),
        pytest.param(lead(None, 900), "large", [("unknown", "demo"), ("matched", "large")], id="what is unknown does not match"),
        pytest.param(lead(), None, [("unknown", "demo"), ("unknown", "large"), ("failed", "rest")], id="none, and why"),
    ],
)
def test_sl5_the_first_promise_that_is_true_rules(of: Lead, promise: str | None, because: list[tuple[str, str]]) -> None:
    """SL-5, FD-5: with a reason for every row that was asked."""
    found = promises.choose(RULES, view(of))
    assert (None if found.value is None else found.value.id) == promise
    assert [(reason.code.value, reason.rule) for reason in found.because] == [(code, f"{ROWS}[{row}]") for code, row in because]
    assert promises.promised(RULES, view(of)) == found.value


def test_sl5_a_reason_says_what_the_row_saw_and_wants_to_know() -> None:
    demo, large = promises.choose(RULES, view(lead(None, 900))).because
    assert (demo.code, [(seen.name, seen.value) for seen in demo.saw]) == (
        Code.UNKNOWN, [("lead_type", None), ("asked", 'lead_type equals "demo_request"')],
    )  # fmt: skip
    assert (large.code, [(seen.name, seen.value) for seen in large.saw]) == (
        Code.MATCHED, [("employees", 900), ("asked", "employees is at least 500")],
    )  # fmt: skip


def test_sl2_each_table_is_asked_for_itself() -> None:
    found = promises.choose(RULES, view(lead()), "review")
    assert found.value is not None
    assert (found.value.id, [reason.rule for reason in found.because]) == ("mql", ["sla.tables[review].rows[mql]"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("reviews", "table: saw 'reviews', expected one of first_response, review. Did you mean \"review\"?"),
        ("zebra", "table: saw 'zebra', expected one of first_response, review. Add it to sla.tables."),
    ],
)
def test_a_table_that_the_policy_does_not_have_is_refused(table: str, message: str) -> None:
    with pytest.raises(FactError) as refused:
        promises.choose(RULES, view(lead()), table)
    assert str(refused.value) == message


# -------------------------------------------------------------------------------------------------------------- starts

CATALOGUE = Catalogue.of(
    [
        Touchpoint(id="demo", stage="selection", kinds=("demo_request",), hand_raise=True),
        Touchpoint(id="blog", stage="education", kinds=("page_view",)),
    ]
)


def did(kind: str, at: str) -> Activity:
    return Activity(id=f"{kind}-{at}", kind=kind, at=t(at))


def t(time: str) -> datetime:
    return parse_instant(f"2026-03-02T{time}Z")


@pytest.mark.parametrize(
    ("policy", "of", "mql_at", "since", "start"),
    [
        pytest.param("mql_or_hand_raise", lead(), "08:30", None, "08:30", id="at the MQL"),
        pytest.param("mql_or_hand_raise", lead(activities=[did("demo_request", "08:10")]), "08:30", None, "08:10", id="raised before"),
        pytest.param("mql_or_hand_raise", lead(activities=[did("demo_request", "08:50")]), "08:30", None, "08:30", id="raised after"),
        pytest.param("mql_or_hand_raise", lead(activities=[did("demo_request", "08:50")]), None, None, "08:50", id="raised, and no MQL"),
        pytest.param(
            "mql_or_hand_raise", lead(activities=[did("demo_request", "08:50"), did("demo_request", "08:20")]), None, None, "08:20",
            id="the first of two",
        ),
        pytest.param(
            "mql_or_hand_raise", lead(activities=[did("page_view", "08:00"), did("visit", "08:01")]), "08:30", None, "08:30",
            id="what raises no hand, and what no touchpoint knows",
        ),
        pytest.param(
            "mql_or_hand_raise", lead(activities=[did("demo_request", "08:20"), did("demo_request", "08:50")]), None, "08:40", "08:50",
            id="CL-16 the second enquiry",
        ),
        pytest.param(
            "mql_or_hand_raise", lead(activities=[did("demo_request", "08:40")]), None, "08:40", "08:40", id="CL-16 from that instant on"
        ),
        pytest.param("mql_or_hand_raise", lead(activities=[did("demo_request", "09:00")]), None, None, "09:00", id="raised now"),
        pytest.param(
            "mql_or_hand_raise", lead(created_at=t("08:00"), activities=[did("demo_request", "09:00")]), None, None, "09:00",
            id="raised now, captured before",
        ),
        pytest.param("mql_or_hand_raise", lead(activities=[did("demo_request", "09:01")]), None, None, "09:00", id="FD-2 raised later"),
        pytest.param("mql_or_hand_raise", lead(created_at=t("08:00")), None, None, "08:00", id="neither: at the capture"),
        pytest.param("mql_or_hand_raise", lead(created_at=t("08:00")), "08:30", None, "08:30", id="not at the capture of an MQL"),
        pytest.param("mql_or_hand_raise", lead(created_at=t("08:00")), "09:01", None, "08:00", id="FD-2 an MQL only later"),
        pytest.param("mql_or_hand_raise", lead(created_at=t("09:01")), None, None, "09:00", id="FD-2 captured later"),
        pytest.param("mql_or_hand_raise", lead(), None, None, "09:00", id="nothing is known: now"),
        pytest.param("mql", lead(activities=[did("demo_request", "08:10")]), "08:30", None, "08:30", id="mql: no hand counts"),
        pytest.param("mql", lead(created_at=t("08:00")), None, None, "08:00", id="mql: none, so at the capture"),
        pytest.param("capture", lead(created_at=t("08:00")), "07:30", None, "08:00", id="capture: nothing before counts"),
        pytest.param("capture", lead(), "08:30", None, "09:00", id="capture: unknown, so now"),
    ],
)  # fmt: skip
def test_sl6_the_clock_starts_at_the_mql_or_the_hand_raise(
    policy: str, of: Lead, mql_at: str | None, since: str | None, start: str
) -> None:
    """SL-6, CL-1."""
    found = promises.starts(
        compiled({"starts": policy}),
        of,
        CATALOGUE,
        at=AT,
        mql_at=None if mql_at is None else t(mql_at),
        since=None if since is None else t(since),
    )
    assert found == t(start)


@pytest.mark.parametrize(
    ("of", "mql_at"),
    [
        pytest.param(lead(created_at=t("06:00")), None, id="captured for the first enquiry"),
        pytest.param(lead(activities=[did("demo_request", "08:50")]), "06:30", id="an MQL since the first enquiry"),
    ],
)
def test_cl16_the_clock_of_a_second_enquiry_does_not_start_before_it(of: Lead, mql_at: str | None) -> None:
    found = promises.starts(RULES, of, CATALOGUE, at=AT, mql_at=None if mql_at is None else t(mql_at), since=t("08:40"))
    assert found >= t("08:40")


@pytest.mark.parametrize(
    ("instants", "path"),
    [({"at": datetime(2026, 3, 2)}, "at"), ({"mql_at": datetime(2026, 3, 2)}, "mql_at"), ({"since": datetime(2026, 3, 2)}, "since")],  # noqa: DTZ001
)
def test_tm1_the_start_is_asked_for_in_aware_instants(instants: dict[str, datetime], path: str) -> None:
    given: dict[str, Any] = {"at": AT, **instants}
    with pytest.raises(FactError) as refused:
        promises.starts(RULES, lead(), CATALOGUE, **given)
    assert refused.value.problem.path == path


# ---------------------------------------------------------------------------------------------------------------- owed


def test_cl1_a_clock_has_all_that_the_promise_and_the_lead_say() -> None:
    """CL-1, CL-2, CL-12: of the policy the target, the ladder and how late is late; of the lead its name, source and capture."""
    of = lead("demo_request", source="google", created_at=t("08:00"))
    rep = Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="office")
    found = promises.owed(RULES, view(of), start=t("08:30"), rep=rep)
    assert promises.clock(RULES, view(of), start=t("08:30"), rep=rep) == found.value
    assert found.value == Clock(
        id="L-1/first_response/2026-03-02T08:30:00Z",
        answers_since=t("08:30"),
        target=5 * MINUTE,
        start=t("08:30"),
        calendar=Calendar("Europe/Berlin", {0: [(540, 1020)], 1: [(540, 1020)]}),
        ladder=[
            LadderStep("escalate", 5 * MINUTE, "escalate", "manager"),
            LadderStep("reroute", 15 * MINUTE, "reroute", "backup", "late"),
        ],
        promise="demo",
        table="first_response",
        lead_id="L-1",
        holder="maya",
        source="google",
        stopped_by={"outreach"},
        human_only=True,
        escalate_unassigned=True,
        max_reroutes=2,
        captured_at=t("08:00"),
        late_after=15 * MINUTE,
    )
    assert [(reason.code.value, reason.rule) for reason in found.because] == [
        ("matched", f"{ROWS}[demo]"),
        ("matched", "hours.calendars[office]"),
    ]
    assert [(seen.name, str(seen.value)) for seen in found.because[-1].saw] == [("of", "rep"), ("zone", "Europe/Berlin")]


def test_cl1_a_clock_may_be_named_and_replace_another() -> None:
    """CL-15, CL-16."""
    found = promises.owed(RULES, view(lead("demo_request")), start=AT, id="L-1:2", replaces=True, since=t("08:59")).value
    assert found is not None
    assert (found.id, found.lead_id, found.replaces, found.answers_since) == ("L-1:2", "L-1", True, t("08:59"))
    plainly = promises.owed(RULES, view(lead("demo_request")), start=AT).value
    assert plainly is not None
    assert plainly.id == "L-1/first_response/2026-03-02T09:00:00Z"
    assert (plainly.replaces, plainly.answers_since, plainly.holder, plainly.source) == (False, AT, None, None)


def test_cl17_only_a_table_that_says_so_is_answered_by_what_came_before() -> None:
    """SL-2: who was called before the acceptance was not followed up; CL-17: who was called before the MQL was answered."""
    row = {"id": "all", "when": {"op": "always"}, "target_minutes": 5}
    rules = compiled({"tables": [{"id": "early", "counts_earlier": True, "stopped_by": ["outreach"], "rows": [row]}], "limits": []})
    clock = promises.owed(rules, view(lead("demo_request")), start=AT, table="early").value
    assert clock is not None
    assert clock.answers_since is None
    shipped = {table.id: table.counts_earlier for table in Policy().sla.tables}
    assert shipped == {"first_response": True, "delivery": False, "review": False, "follow_up": False}


@pytest.mark.parametrize("parts", [{"start": datetime(2026, 3, 2)}, {"start": AT, "since": datetime(2026, 3, 2)}])  # noqa: DTZ001
def test_tm1_a_clock_is_owed_from_an_aware_instant(parts: dict[str, datetime]) -> None:
    given: dict[str, Any] = parts
    with pytest.raises(FactError) as refused:
        promises.owed(RULES, view(lead("demo_request")), **given)
    assert refused.value.problem.path == ("since" if "since" in parts else "clock.start")


def test_sl2_a_review_is_answered_by_what_its_table_says() -> None:
    clock = promises.owed(RULES, view(lead()), start=AT, table="review").value
    assert clock is not None
    assert (clock.table, clock.promise, clock.stopped_by, clock.target) == (
        "review", "mql", frozenset({"accepted", "rejected"}), timedelta(days=1),
    )  # fmt: skip
    accepted = Milestone(id="m", at=t("15:00"), name="accepted")
    assert status(clock, [accepted], at=t("16:00")).state == "met"


def test_where_nothing_is_promised_nothing_is_owed() -> None:
    found = promises.owed(RULES, view(lead()), start=AT)
    assert found.value is None
    assert [reason.code for reason in found.because] == [Code.UNKNOWN, Code.UNKNOWN, Code.FAILED]
    assert promises.clock(RULES, view(lead()), start=AT) is None


@pytest.mark.parametrize(
    ("stops_clock", "of", "human_only"),
    [
        pytest.param("human", lead("demo_request"), True, id="as the policy says"),
        pytest.param("any", lead("demo_request"), False, id="any touch, as the policy says"),
        pytest.param("human", lead("webinar", 900), False, id="any touch, as the promise says"),
        pytest.param("any", lead("webinar", 900), False, id="both"),
    ],
)
def test_sl6_what_stops_the_clock_is_policy(stops_clock: str, of: Lead, human_only: bool) -> None:
    """SL-6, CL-9."""
    clock = promises.owed(compiled({"stops_clock": stops_clock}), view(of), start=AT).value
    assert clock is not None
    assert clock.human_only is human_only


OWN = lead("webinar", 900)  # whose promise has a calendar of its own
PLAIN = lead("webinar", 5)
REP = Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="office")
NOMAD = Rep(id="noor", role="AE", zone="Europe/Paris")
CLERK = Rep(id="kim", role="SDR", calendar="office")


@pytest.mark.parametrize(
    ("of", "rep", "territory", "organisation", "owner", "name", "where"),
    [
        pytest.param(OWN, REP, "dach", "desk", "policy", "late", "America/New_York", id="the policy’s own before all others"),
        pytest.param(PLAIN, REP, "amer", "desk", "rep", "office", "Europe/Berlin", id="then the rep’s"),
        pytest.param(PLAIN, NOMAD, "amer", "desk", "territory", "late", "America/New_York", id="then the territory’s"),
        pytest.param(PLAIN, NOMAD, "iberia", "desk", "organisation", "desk", "Asia/Kolkata", id="then the organisation’s"),
        pytest.param(PLAIN, None, None, "desk", "organisation", "desk", "Asia/Kolkata", id="nobody is known"),
        pytest.param(PLAIN, None, "amer", None, "territory", "late", "America/New_York", id="CL-12 unassigned: the territory’s"),
        pytest.param(PLAIN, None, None, None, "nobody", None, "Europe/Lisbon", id="SL-6 of nobody’s: elapsed time"),
        pytest.param(PLAIN, CLERK, "iberia", None, "rep", "office", "Europe/Madrid", id="read in the zone of the territory"),
        pytest.param(PLAIN, CLERK, None, None, "rep", "office", "Europe/Lisbon", id="read in the zone of the organisation"),
        pytest.param(PLAIN, NOMAD, "dach", None, "territory", "office", "Europe/Paris", id="read in the zone of the rep"),
        pytest.param(PLAIN, None, "dach", None, "territory", "office", "Europe/Berlin", id="read in its own territory’s"),
        pytest.param(PLAIN, NOMAD, None, "office", "organisation", "office", "Europe/Paris", id="the organisation’s, read in the rep’s"),
    ],
)
def test_cl2_whose_hours_count(
    *, of: Lead, rep: Rep | None, territory: str | None, organisation: str | None, owner: str, name: str | None, where: str
) -> None:
    """CL-2, SL-6: the policy's own, the holder's, the territory's, the organisation's, else nobody's."""
    rules = compiled(hours={"organisation": organisation})
    found = promises.owed(rules, view(of), start=AT, rep=rep, territory=territory)
    assert found.value is not None
    assert found.value.calendar.zone.key == where
    last = found.because[-1]
    assert last.rule == ("hours" if name is None else f"hours.calendars[{name}]")
    assert {seen.name: str(seen.value) for seen in last.saw} == {"of": owner, "zone": where}
    if name is None:
        assert found.value.calendar == Calendar.always(where)
        assert status(found.value, at=AT).deadline == t("13:00")


def test_sl6_business_time_where_a_calendar_is_given() -> None:
    """SL-6: four hours from 10:00 in Berlin on a Monday, and from 16:00 into Tuesday."""
    clock = promises.owed(RULES, view(PLAIN), start=t("09:00"), rep=REP).value
    assert clock is not None
    assert status(clock, at=AT).deadline == t("13:00")
    assert status(attrs.evolve(clock, start=t("15:00")), at=t("15:00")).deadline == parse_instant("2026-03-03T11:00Z")


# -------------------------------------------------------------------------------------------- what the playbook promises

SHIPPED = Policy().sla


@pytest.mark.parametrize(
    ("table", "row", "target", "calendar", "ladder"),
    [
        pytest.param("first_response", "hand_raiser", 5, None, [(5, "escalate"), (15, "reroute")], id="SL-5 a hand-raiser"),
        pytest.param("first_response", "T1", 5, None, [(5, "escalate"), (15, "reroute")], id="SL-3 SL-4 CL-3 T1"),
        pytest.param("first_response", "T2", 30, None, [(30, "escalate"), (120, "reroute")], id="SL-3 SL-4 CL-3 T2"),
        pytest.param("first_response", "T3_routed", 240, None, [(240, "auto_nurture")], id="SL-3 CL-3 T3 with a person"),
        pytest.param("first_response", "T3", 240, None, [(240, "flag")], id="SL-3 T3 held by marketing"),
        pytest.param("first_response", "mql", 30, None, [(30, "escalate"), (120, "reroute")], id="another MQL, as T2"),
        pytest.param("first_response", "nurture", 1440, "always", [(1440, "flag")], id="SL-3 CL-3 nurture"),
        pytest.param("delivery", "mql", 60, "business_hours", [(60, "flag")], id="SL-1 CL-3 delivery"),
        pytest.param("review", "mql", 1440, "weekdays", [(1440, "escalate"), (2880, "recycle")], id="SL-2 CL-3 review"),
        pytest.param("follow_up", "sal", 240, None, [(240, "escalate")], id="SL-2 CL-3 follow-up"),
    ],
)
def test_sl3_the_playbook_promises(table: str, row: str, target: int, calendar: str | None, ladder: list[tuple[int, str]]) -> None:
    """SL-1 to SL-5, CL-3."""
    [found] = [promise for each in SHIPPED.tables if each.id == table for promise in each.rows if promise.id == row]
    assert (found.target_minutes, found.calendar) == (target, calendar)
    assert [(step.after_minutes, step.action) for step in found.ladder] == ladder
    assert found.max_reroutes == 1


def test_sl3_the_playbook_asks_in_this_order() -> None:
    """SL-5: hand-raisers before all others."""
    assert {table.id: [row.id for row in table.rows] for table in SHIPPED.tables} == {
        "first_response": ["hand_raiser", "T1", "T2", "T3_routed", "T3", "mql", "nurture"],
        "delivery": ["mql"],
        "review": ["mql"],
        "follow_up": ["sal"],
    }
    assert {table.id: set(table.stopped_by) for table in SHIPPED.tables} == {
        "first_response": {"outreach"},
        "delivery": {"delivered"},
        "review": {"accepted", "rejected"},
        "follow_up": {"outreach"},
    }


def test_sl6_the_playbook_counts_human_answers() -> None:
    """SL-6, SL-3, CL-12, CL-17: but the automated email to a nurtured lead, or to a T3 that nobody has, is its answer."""
    assert (SHIPPED.starts, SHIPPED.stops_clock, SHIPPED.late_logging_minutes) == ("mql_or_hand_raise", "human", 15)
    rows = [row for table in SHIPPED.tables for row in table.rows]
    assert {row.id for row in rows if row.stops == "any"} == {"T3", "nurture"}
    assert {row.id for row in rows if row.escalate_unassigned} == {"hand_raiser", "T1"}


def test_sl2_what_sales_ignores_is_recycled() -> None:
    """SL-2: after 48 hours, with the reason `ignored`."""
    [review] = [row for table in SHIPPED.tables if table.id == "review" for row in table.rows]
    assert [(step.to, step.reason) for step in review.ladder] == [("sales manager", None), ("marketing", "ignored")]


@pytest.mark.parametrize(
    ("limit", "of", "missed", "median"),
    [
        pytest.param("T1", ["hand_raiser", "T1"], Fraction(10), 10, id="T1"),
        pytest.param("overall", ["hand_raiser", "T1", "T2", "T3_routed", "mql"], None, 240, id="all that people answer"),
    ],
)
def test_sl8_the_playbook_s_limits(limit: str, of: list[str], missed: Fraction | None, median: int) -> None:
    [found] = [each for each in SHIPPED.limits if each.id == limit]
    assert (found.table, list(found.promises)) == ("first_response", of)
    assert (found.most_missed_percent, found.median_below_minutes, found.minimum_decided) == (missed, median, 1)
    assert len(SHIPPED.limits) == 2


def test_sl9_the_figures_of_the_sources_are_quoted() -> None:
    assert {figure.id: (figure.value, figure.unit) for figure in SHIPPED.figures} == {
        "win_rate_5_minutes": (Fraction(16), "percent"),
        "win_rate_2_hours": (Fraction(2), "percent"),
        "contact_rate_after_5_minutes": (Fraction(10), "times"),
    }
    assert {figure.source for figure in SHIPPED.figures} == {"SL-9"}


def test_every_number_of_the_playbook_names_its_source() -> None:
    assert [table.id for table in SHIPPED.tables if not table.source] == []
    assert [row.id for table in SHIPPED.tables for row in table.rows if not row.source] == []
    assert [limit.id for limit in SHIPPED.limits if not limit.source] == []
    assert contents(SHIPPED)["source"]


@pytest.mark.parametrize(
    ("table", "start", "deadline", "steps"),
    [
        pytest.param(
            "review", "2026-03-06T15:00Z", "2026-03-09T15:00Z", ["2026-03-09T15:00Z", "2026-03-10T15:00Z"],
            id="SL-2 a Friday’s MQL is reviewed by Monday",
        ),
        pytest.param(
            "review", "2026-03-07T12:00Z", "2026-03-10T00:00Z", ["2026-03-10T00:00Z", "2026-03-11T00:00Z"],
            id="SL-2 a Saturday’s",
        ),
        pytest.param("follow_up", "2026-03-06T15:00Z", "2026-03-06T19:00Z", ["2026-03-06T19:00Z"], id="SL-2 of nobody’s: elapsed time"),
    ],
)  # fmt: skip
def test_sl2_deadlines_of_the_playbook(table: str, start: str, deadline: str, steps: list[str]) -> None:
    """E28: the 24 hours run on weekdays around the clock."""
    policy = Policy()
    words = vocabulary.compile(policy.facts, vocabulary.OUTCOMES.items(), [row.id for row in policy.touchpoints])
    rules = promises.compile(policy.sla, calendars.compile(policy.hours), words, Questions(Catalogue.of(policy.touchpoints)))
    known: Mapping[str, str | bool] = {"handed_off": True, "tier": "T1"}
    clock = promises.owed(rules, View(lead(), AT, derived=known.get), start=parse_instant(start), table=table).value
    assert clock is not None
    assert status(clock, at=clock.start).deadline == parse_instant(deadline)
    late = status(clock, at=parse_instant("2026-04-01T00:00Z"))
    assert [step.at for step in late.due] == [parse_instant(each) for each in steps]


@pytest.mark.parametrize(
    ("known", "raised", "promise"),
    [
        pytest.param({"handed_off": True, "tier": "T1"}, 0, "T1", id="T1"),
        pytest.param({"handed_off": True, "tier": "T2"}, 0, "T2", id="T2"),
        pytest.param({"handed_off": True, "tier": "T3"}, 0, "T3_routed", id="T3 with a person"),
        pytest.param({"handed_off": False, "tier": "T3"}, 0, "T3", id="T3 with marketing"),
        pytest.param({"handed_off": True, "tier": "T3"}, 1, "hand_raiser", id="SL-5 a hand-raiser of T3 with a person"),
        pytest.param({"handed_off": False, "tier": "T3"}, 1, "T3", id="SL-5 a hand-raiser that no person has"),
        pytest.param({"handed_off": True, "tier": "NURTURE", "tier_reason": "low_fit"}, 0, "mql", id="an MQL by a clause"),
        pytest.param({"handed_off": False, "tier": "NURTURE", "tier_reason": "low_intent"}, 0, "nurture", id="TI-2 low intent"),
        pytest.param({"handed_off": False, "tier": "NURTURE", "tier_reason": "low_fit"}, 0, None, id="TI-2 low fit is owed nothing"),
    ],
)
def test_sl5_which_promise_the_playbook_makes(known: Mapping[str, str | bool], raised: int, promise: str | None) -> None:
    policy = Policy()
    words = vocabulary.compile(policy.facts, vocabulary.OUTCOMES.items(), [row.id for row in policy.touchpoints])
    questions = Questions(Catalogue.of(policy.touchpoints))
    rules = promises.compile(policy.sla, calendars.compile(policy.hours), words, questions)
    counts = [raised] * len(questions.signals().queries)
    found = promises.choose(rules, View(lead(), AT, counts, [None] * len(counts), known.get))
    assert (None if found.value is None else found.value.id) == promise
