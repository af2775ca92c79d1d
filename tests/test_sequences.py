"""Which touches a policy promises: the documents, what they are refused for, and which sequence a lead gets (CD-1 to CD-6)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Lead
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.sequences import CadenceDocument, active, choose, compile, stretch
from inbound_engine.vocabulary import View
from tests.cadences import HOURS, WORDS, document, rules, shipped, touch

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
GROUNDS = ["source", "content"]
CONFIRMS = ["acknowledgement", "company", "use_case", "booking"]


def written(*steps: Mapping[str, object], **changes: object) -> dict[str, object]:
    """A document of one sequence, "s", whose steps are sound but for what is changed."""
    return {
        "channels": [{"id": "call"}, {"id": "email"}, {"id": "enrolment", "is_touch": False}],
        "sequences": [{"id": "s", "when": {"op": "always"}, "steps": list(steps)}],
        "hours": "business_hours",
        "per_date_all": None,
        "fewest_touches": 1,
        **changes,
    }


def problems(data: Mapping[str, object]) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        CadenceDocument.model_validate(dict(data))
    return list(map(str, refused.value.problems))


# ------------------------------------------------------------------------------------------------- what a step is refused for


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        pytest.param(
            touch("a", 0, "cal"),
            "sequences[s].steps[a].channel: saw 'cal', expected one of call, email, enrolment. Did you mean \"call\"?",
            id="CD-3: a channel that is misspelt",
        ),
        pytest.param(
            touch("a", 0, "pigeon"),
            "sequences[s].steps[a].channel: saw 'pigeon', expected one of call, email, enrolment. Add it to channels.",
            id="CD-3: a channel like none",
        ),
        pytest.param(
            touch("a", 0, intent=""),
            "sequences[s].steps[a].intent: saw nothing, expected the value that the touch carries. "
            "Say what the prospect has from it (CD-4).",
            id="CD-4: a touch without an intent",
        ),
        pytest.param(
            touch("a", 0, intent=" - _ "),
            "sequences[s].steps[a].intent: saw ' - _ ', expected the value that the touch carries. "
            "Say what the prospect has from it (CD-4).",
            id="CD-4: an intent without a word",
        ),
        pytest.param(
            touch("a", 0, intent="Just following up"),
            "sequences[s].steps[a].intent: saw 'Just following up', expected words other than 'just following up'. "
            "Every touch adds value (CD-4).",
            id="CD-4: just following up",
        ),
        pytest.param(
            touch("a", 0, message="Hi! JUST \t following-up: any news?"),
            "sequences[s].steps[a].message: saw 'Hi! JUST \\t following-up: any news?', expected words other than 'just following up'. "
            "Every touch adds value (CD-4).",
            id="CD-4: just following up, spaced, cased and hyphened otherwise",
        ),
        pytest.param(
            touch("a", 0, "email", transactional=True),
            "sequences[s].steps[a].mentions: saw nothing, expected all of acknowledgement, company, use_case, booking. "
            "Add acknowledgement, company, use_case, booking (CD-4).",
            id="CD-4: a confirmation that confirms nothing",
        ),
        pytest.param(
            touch("a", 0, "email", transactional=True, mentions=["booking", "acknowledgement"]),
            "sequences[s].steps[a].mentions: saw acknowledgement, booking, expected all of acknowledgement, company, use_case, booking. "
            "Add company, use_case (CD-4).",
            id="CD-4: a confirmation that leaves two things out",
        ),
        pytest.param(
            touch("a", 0, "email", personalise_on=[]),
            "sequences[s].steps[a].personalise_on: saw nothing, expected source and content. "
            "The first email is personalised on both (CD-4).",
            id="CD-4: a first email for everybody",
        ),
        pytest.param(
            touch("a", 0, "email", personalise_on=["source"]),
            "sequences[s].steps[a].personalise_on: saw source, expected source and content. "
            "The first email is personalised on both (CD-4).",
            id="CD-4: a first email that is half personalised",
        ),
        pytest.param(
            {"id": "a", "day": 3, "channel": "enrolment"},
            'sequences[s].steps[a].enrol: saw nothing, expected what the lead is enrolled in. Write enrol = "nurture".',
            id="an enrolment in nothing",
        ),
        pytest.param(
            {"id": "a", "day": 0, "channel": "enrolment", "enrol": "nurture", "transactional": True},
            "sequences[s].steps[a].transactional: saw true, expected false on a channel that is no touch. Remove it.",
            id="an enrolment that confirms",
        ),
        pytest.param(
            touch("a", 0, enrol="nurture"),
            "sequences[s].steps[a].enrol: saw 'nurture', expected nothing on a channel that is a touch. "
            "Use a channel with is_touch = false.",
            id="a call that enrols",
        ),
        pytest.param(
            touch("a", 2, "email", transactional=True, mentions=CONFIRMS),
            "sequences[s].steps[a].day: saw 2, expected day 0 for a confirmation. It answers the arrival (CA-13).",
            id="CA-13: a confirmation two days later",
        ),
        pytest.param(
            touch("a", 0, "email", transactional=True, mentions=CONFIRMS, daypart="morning"),
            "sequences[s].steps[a].daypart: saw 'morning', expected any for a confirmation. It answers the arrival (CA-13).",
            id="CA-13: a confirmation that waits for the morning",
        ),
        pytest.param(
            touch("a", 1, within_minutes=5),
            "sequences[s].steps[a].within_minutes: saw 5 on day 1, expected nothing after day 0. Remove it.",
            id="CD-2: five minutes after the arrival, on the next day",
        ),
        pytest.param(
            touch("a", 0, not_before="10:00"),
            "sequences[s].steps[a].not_before: saw '10:00' on day 0, expected nothing on day 0. It begins at the arrival (CA-6).",
            id="CA-6: a time of day on day 0",
        ),
        pytest.param(
            touch("a", 1, not_before="24:00"),
            "sequences[s].steps[a].not_before: saw '24:00', expected a time of day before midnight.",
            id="CA-6: a time of day that never comes",
        ),
        pytest.param(
            touch("a", 1, not_before="25:00"),
            'sequences[s].steps[a].not_before: saw \'25:00\', expected a time of day from "00:00" to "24:00". Write it like "09:00".',
            id="CA-6: a time of day that is none",
        ),
        pytest.param(
            touch("a", 1, daypart="morning", not_before="12:00"),
            "sequences[s].steps[a].daypart: saw 'morning', not before 12:00, expected a morning that begins before 12:00. "
            "Set an earlier not_before.",
            id="CA-12: a morning that begins at noon",
        ),
        pytest.param(
            touch("a", 366),
            "sequences[s].steps[a].day: saw 366, expected at most 365.",
            id="a day in the next year",
        ),
        pytest.param(
            touch("a", 0, daypart="evening"),
            "sequences[s].steps[a].daypart: saw 'evening', expected one of 'any', 'morning', 'afternoon' or 'other'.",
            id="CA-12: a part of the day that is none",
        ),
    ],
)
def test_a_step_is_refused(step: Mapping[str, object], problem: str) -> None:
    more = [] if step.get("channel") == "call" else [touch("z", 366 if step["day"] == 366 else 5)]
    found = problems(written(step, *more, empty_messages=["just following up"]))
    assert found == [problem]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(touch("a", 0, message="We adjust following updates of yours"), id="CD-4: the letters within other words"),
        pytest.param(touch("a", 0, "email", transactional=True, mentions=CONFIRMS), id="CD-4: a confirmation with all four"),
        pytest.param(touch("a", 0, "email", personalise_on=["content", "source"]), id="CD-4: both grounds in another order"),
        pytest.param(touch("a", 1, daypart="morning", not_before="11:59"), id="CA-12: a minute of morning"),
        pytest.param(touch("a", 0, daypart="morning"), id="CA-12: a morning on day 0"),
        pytest.param(touch("a", 365), id="the last day there may be"),
    ],
)
def test_a_step_is_taken(step: Mapping[str, object]) -> None:
    data = written(step, touch("z", 365), empty_messages=["just following up"])
    assert CadenceDocument.model_validate(data).sequences[0].steps[0].id == "a"


def test_a_morning_of_day_0_has_no_time_of_day_to_wait_for() -> None:
    """CA-6, CA-12: whatever later days wait for."""
    data = written(touch("a", 0, daypart="morning"), touch("b", 1, daypart="morning", not_before="09:00"), not_before="13:00")
    assert CadenceDocument.model_validate(data).not_before == "13:00"
    [problem] = problems(written(touch("a", 1, daypart="morning"), not_before="13:00"))
    assert problem.startswith("sequences[s].steps[a].daypart: saw 'morning', not before 13:00,")


def test_only_the_first_email_that_is_no_confirmation_must_be_personalised() -> None:
    """CD-4."""
    confirm = touch("confirm", 0, "email", transactional=True, mentions=CONFIRMS, personalise_on=[])
    later = touch("later", 2, "email", personalise_on=[])
    assert len(CadenceDocument.model_validate(written(confirm, touch("first", 1, "email"), later)).sequences[0].steps) == 3
    [problem] = problems(written(confirm, touch("first", 1, "email", personalise_on=["content"]), later))
    assert problem.startswith("sequences[s].steps[first].personalise_on: saw content,")


# --------------------------------------------------------------------------------------------- what a document is refused for

EMAILS = [touch(f"e-{number}", number // 5, "email") for number in range(15)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            written(touch("a", 0), touch("b", 1), fewest_touches=3),
            ["sequences[s].steps: saw 2 touches besides confirmations, expected at least 3. Too few leave money on the table (CD-5)."],
            id="CD-5: two touches are too few",
        ),
        pytest.param(
            written(
                touch("a", 0, "email", transactional=True, mentions=CONFIRMS),
                touch("b", 1),
                {"id": "c", "day": 2, "channel": "enrolment", "enrol": "nurture"},
                fewest_touches=3,
            ),
            ["sequences[s].steps: saw 1 touch besides confirmations, expected at least 3. Too few leave money on the table (CD-5)."],
            id="CD-5: confirmations and enrolments are no touches",
        ),
        pytest.param(
            written(*EMAILS, limits=[{"channel": "email", "touches": 15, "days": 3}]),
            ["sequences[s].steps: saw 15 by email on days 0 to 2, expected fewer than 15 in any 3 days. Too many burn the lead (CD-5)."],
            id="CD-5: fifteen emails in three days burn the lead",
        ),
        pytest.param(
            written(touch("a", 0), touch("b", 4), touch("c", 5), limits=[{"channel": "call", "touches": 2, "days": 2}]),
            ["sequences[s].steps: saw 2 by call on days 4 to 5, expected fewer than 2 in any 2 days. Too many burn the lead (CD-5)."],
            id="CD-5: any days, not the first",
        ),
        pytest.param(
            written(touch("a", 0), limits=[{"channel": "call", "touches": 9, "days": 9}, {"channel": "mail", "touches": 9, "days": 9}]),
            ["limits[1].channel: saw 'mail', expected one of call, email, enrolment. Did you mean \"email\"?"],
            id="CD-5: a limit of a channel that is none",
        ),
        pytest.param(
            written(touch("a", 2), touch("b", 1), touch("c", 1), touch("d", 2)),
            [
                "sequences[s].steps[b].day: saw 1, after day 2, expected days in order. Steps are made in the order of the list.",
                "sequences[s].steps[c].day: saw 1, after day 2, expected days in order. Steps are made in the order of the list.",
            ],
            id="CA-9: days that go back",
        ),
        pytest.param(
            written(touch("a", 0), touch("b", 0), touch("c", 0), channels=[{"id": "call", "per_date": 2}]),
            ["sequences[s].steps: saw 3 by call on day 0, expected at most 2. Move one, or raise channels[call].per_date (CA-11)."],
            id="CA-11: more calls on a day than a date may bring",
        ),
        pytest.param(
            written(touch("a", 1), touch("b", 1), channels=[{"id": "call", "per_24_hours": 1}]),
            ["sequences[s].steps: saw 2 by call on day 1, expected at most 1. Move one, or raise channels[call].per_24_hours (CA-11)."],
            id="CA-11: more calls on a day than 24 hours may bring",
        ),
        pytest.param(
            written(touch("a", 0), touch("b", 0, "email"), touch("c", 0), per_date_all=2),
            ["sequences[s].steps: saw 3 touches on day 0, expected at most 2. Move one, or raise per_date_all (CA-11)."],
            id="CA-11: more touches on a day than a date may bring",
        ),
        pytest.param(
            written(touch("a", 0), channels=[{"id": "call"}, {"id": "enrolment", "is_touch": False, "per_date": 1, "per_24_hours": 2}]),
            [
                "channels[enrolment].per_date: saw 1, expected no cap on a channel that is no touch. Remove it.",
                "channels[enrolment].per_24_hours: saw 2, expected no cap on a channel that is no touch. Remove it.",
            ],
            id="CA-11: a cap on what is not counted",
        ),
        pytest.param(
            written(touch("a", 0), not_before="24:00"),
            ["not_before: saw '24:00', expected a time of day before midnight."],
            id="CA-6: a day that never begins",
        ),
        pytest.param(
            written(
                touch("a", 0),
                stretches=[
                    {"id": "none", "when": {"op": "always"}, "factor": 0},
                    {"id": "back", "when": {"op": "always"}, "factor": "-1/2"},
                    {"id": "most", "when": {"op": "always"}, "factor": 10},
                    {"id": "far", "when": {"op": "always"}, "factor": "10.1"},
                ],
            ),
            [
                "stretches[none].factor: saw 0, expected more than 0 and at most 10.",
                "stretches[back].factor: saw '-0.5', expected more than 0 and at most 10.",
                "stretches[far].factor: saw '10.1', expected more than 0 and at most 10.",
            ],
            id="CD-6: factors that stretch nothing, or too far",
        ),
        pytest.param(
            written(touch("a", 0), empty_messages=["just following up", "..."]),
            ["empty_messages[1]: saw '...', expected at least one word."],
            id="CD-4: an empty message that every message contains",
        ),
        pytest.param(
            written(touch("a", 0), follow_up_days=[30, 60, 30]),
            ["follow_up_days[2]: saw 30 twice, expected days that differ. Remove one."],
            id="CA-18: a follow-up twice",
        ),
        pytest.param(
            written(touch("a", 0), touch("a", 1)),
            ["sequences[s].steps[a]: saw 'a' twice, expected ids that differ. Rename one of them."],
            id="two steps of one name",
        ),
        pytest.param(written(), ["sequences[s].steps: saw a list of 0, expected at least 1 row(s)."], id="no steps"),
        pytest.param(written(touch("a", 0), horizon_days=0), ["horizon_days: saw 0, expected at least 1."], id="CA-20: no horizon"),
        pytest.param(
            written(
                touch("a", 1, "cal", intent="just following up"),
                touch("b", 0, "email", intent="", personalise_on=[]),
                fewest_touches=3,
                not_before="24:00",
                empty_messages=["just following up"],
            ),
            [
                "sequences[s].steps[a].channel: saw 'cal', expected one of call, email, enrolment. Did you mean \"call\"?",
                "sequences[s].steps[a].intent: saw 'just following up', expected words other than 'just following up'. "
                "Every touch adds value (CD-4).",
                "sequences[s].steps[b].day: saw 0, after day 1, expected days in order. Steps are made in the order of the list.",
                "sequences[s].steps[b].intent: saw nothing, expected the value that the touch carries. "
                "Say what the prospect has from it (CD-4).",
                "sequences[s].steps[b].personalise_on: saw nothing, expected source and content. "
                "The first email is personalised on both (CD-4).",
                "sequences[s].steps: saw 2 touches besides confirmations, expected at least 3. Too few leave money on the table (CD-5).",
                "not_before: saw '24:00', expected a time of day before midnight.",
            ],
            id="all problems at once",
        ),
    ],
)
def test_a_document_is_refused(data: Mapping[str, object], expected: list[str]) -> None:
    assert problems(data) == expected


def test_a_limit_is_kept_by_one_touch_fewer_or_one_day_more() -> None:
    """CD-5: fourteen emails in three days, or fifteen in four, are the seller's own choice."""
    limit = [{"channel": "email", "touches": 15, "days": 3}]
    assert len(CadenceDocument.model_validate(written(*EMAILS[:14], limits=limit)).sequences[0].steps) == 14
    assert len(CadenceDocument.model_validate(written(*EMAILS[:14], touch("last", 3, "email"), limits=limit)).sequences[0].steps) == 15


def test_calendars_must_be_those_of_the_policy() -> None:
    """CA-8: each that is not, with its path."""
    data = written(touch("a", 0), hours="bussiness_hours", channels=[{"id": "call", "calendar": "xyz"}])
    with pytest.raises(PolicyError) as refused:
        document(data)
    known = "always, business_hours, calling_hours, in_new_york, mornings, nights, no_calls_on_wednesday, one_day, with_lunch"
    assert [str(problem) for problem in refused.value.problems] == [
        f"hours: saw 'bussiness_hours', expected one of {known}. Did you mean \"business_hours\"?",
        f"channels[call].calendar: saw 'xyz', expected one of {known}. Add it to hours.calendars.",
    ]


def test_a_condition_that_names_no_fact_is_refused() -> None:
    """CD-3."""
    data = written(touch("a", 0))
    data["sequences"] = [{"id": "s", "when": {"op": "known", "fact": "industri"}, "steps": [touch("a", 0)]}]
    with pytest.raises(PolicyError, match="industry"):
        document(data)


# ------------------------------------------------------------------------------------------------------------ the shipped ones


@pytest.mark.parametrize(
    ("name", "days"),
    [
        pytest.param(
            "general",
            "0 call, 0 email, 1 call other, 2 email, 3 call, 3 linkedin, 5 email, 7 email, 10 enrolment",
            id="CD-1: the general sequence",
        ),
        pytest.param("T1", "0 call, 0 email, 1 email, 3 call other, 3 email, 5 email, 7 enrolment", id="CD-2: T1"),
        pytest.param("T2", "0 email, 0 call, 2 email, 5 email, 7 enrolment", id="CD-2: T2"),
    ],
)
def test_the_shipped_sequences_are_those_of_the_documents(name: str, days: str) -> None:
    [sequence] = [sequence for sequence in shipped().document.sequences if sequence.id == name]
    told = (f"{step.day} {step.channel}{'' if step.daypart == 'any' else f' {step.daypart}'}" for step in sequence.steps)
    assert ", ".join(told) == days


def test_every_shipped_row_has_a_source() -> None:
    """CD-1 to CD-6: and the numbers are those of the documents, or say that they are ours."""
    section: Any = PLAYBOOK["cadence"]
    rows = [section, *section["channels"], *section["sequences"], *section["limits"]]
    rows += [step for sequence in section["sequences"] for step in sequence["steps"]]
    assert [row for row in rows if not row["source"]] == []
    document = shipped().document
    assert (document.limits[0].channel, document.limits[0].touches, document.limits[0].days) == ("email", 15, 3)
    assert (document.fewest_touches, document.follow_up_days, document.auto_reply_days) == (3, (30, 60, 90), 3)
    assert {channel.id: (channel.per_date, channel.per_24_hours) for channel in document.channels} == {
        "call": (2, 3),
        "email": (1, None),
        "linkedin": (1, None),
        "enrolment": (None, None),
    }


# ------------------------------------------------------------------------------------------------------------------- choosing


def chosen(lead: Lead, **derived: Any) -> tuple[str | None, list[tuple[str, str]]]:  # noqa: ANN401 - values of facts
    view = View(lead, AT, derived=derived.get)
    decision = choose(shipped(), view)
    return None if decision.value is None else decision.value.id, [(str(reason.code), reason.rule) for reason in decision.because]


@pytest.mark.parametrize(
    ("derived", "name", "asked"),
    [
        ({"mql_clause": "tier:T1", "handed_off": True}, "T1", ["matched"]),
        ({"mql_clause": "tier:T2", "handed_off": True}, "T2", ["failed", "matched"]),
        ({"mql_clause": "dual_axis", "handed_off": True}, "general", ["failed", "failed", "matched"]),
        ({"mql_clause": "tier:T3", "handed_off": False}, None, ["failed", "failed", "failed"]),
        ({"handed_off": True}, "general", ["unknown", "unknown", "matched"]),
        ({}, None, ["unknown", "unknown", "unknown"]),
    ],
)
def test_the_first_sequence_that_holds_is_chosen_and_each_that_was_asked_says_why(
    derived: Mapping[str, object], name: str | None, asked: list[str]
) -> None:
    """CD-3: tier sequences first, else the general one; what is unknown is no match, and is named."""
    rules = [f"cadence.sequences[{rule}]" for rule in ("T1", "T2", "general")]
    assert chosen(Lead(id="L-1"), **derived) == (name, list(zip(asked, rules, strict=False)))


def test_a_reason_says_what_the_condition_saw() -> None:
    """CD-3, FD-5."""
    view = View(Lead(id="L-1"), AT, derived={"mql_clause": "tier:T1"}.get)
    [reason] = choose(shipped(), view).because
    assert [(seen.name, seen.value) for seen in reason.saw] == [("mql_clause", "tier:T1"), ("asked", 'mql_clause equals "tier:T1"')]


@pytest.mark.parametrize(
    ("employees", "factor"),
    [(10, Fraction(1)), (None, Fraction(1)), (500, Fraction(3, 2)), (5_000, Fraction(2))],
)
def test_the_first_stretch_that_surely_holds_gives_the_factor(employees: int | None, factor: Fraction) -> None:
    """CD-6: high values of a contract tolerate a longer cadence; 1 where none holds or nobody knows."""
    rules = document(
        written(
            touch("a", 0),
            stretches=[
                {"id": "huge", "when": {"op": "at_least", "fact": "employees", "value": 1_000}, "factor": 2},
                {"id": "big", "when": {"op": "at_least", "fact": "employees", "value": 200}, "factor": "3/2"},
            ],
        )
    )
    assert stretch(rules, View(Lead(id="L-1", account=Account(id="A", employees=employees)), AT)) == factor


@pytest.mark.parametrize(
    ("running", "candidate", "goes_on", "code"),
    [
        (None, "general", "general", Code.MATCHED),
        ("general", "T1", "T1", Code.MATCHED),
        ("T2", "T1", "T1", Code.MATCHED),
        ("T1", "T2", "T1", Code.FAILED),
        ("T1", "T1", "T1", Code.FAILED),
        ("T2", "general", "T2", Code.FAILED),
    ],
)
def test_a_higher_sequence_replaces_and_an_equal_or_lower_one_waits(running: str | None, candidate: str, goes_on: str, code: Code) -> None:
    """CA-17: the order of the list is the priority."""
    decision = active(shipped(), running, candidate)
    assert decision.value == goes_on
    [reason] = decision.because
    assert (reason.code, reason.rule) == (code, f"cadence.sequences[{candidate}]")
    assert [(seen.name, seen.value) for seen in reason.saw] == [("running", running), ("candidate", candidate)]


@pytest.mark.parametrize(("running", "candidate", "path"), [("T9", "T1", "running"), ("T1", "T9", "candidate"), (None, "t1", "candidate")])
def test_a_sequence_that_the_policy_does_not_know_is_refused(running: str | None, candidate: str, path: str) -> None:
    """CA-17."""
    with pytest.raises(FactError, match=rf"^{path}: saw 'T9'|^{path}: saw 't1'"):
        active(shipped(), running, candidate)


def test_a_document_may_promise_nothing() -> None:
    """CD-3: without sequences nobody gets one."""
    rules = compile(CadenceDocument(channels=(), hours="business_hours"), HOURS, WORDS, Questions())
    assert choose(rules, View(Lead(id="L-1"), AT)).value is None
    assert stretch(rules, View(Lead(id="L-1"), AT)) == 1


def test_a_stretch_that_breaks_a_limit_is_refused_with_the_sequence() -> None:
    """CD-5, CD-6: four emails, a day apart once the days are a ninth as long."""
    emails = [touch(f"email-{day}", day, "email") for day in (0, 3, 6, 9)]
    with pytest.raises(PolicyError) as refused:
        rules(
            *emails,
            limits=[{"channel": "email", "touches": 3, "days": 3}],
            stretches=[{"id": "fast", "when": {"op": "always"}, "factor": "1/9"}],
        )
    assert [str(problem) for problem in refused.value.problems] == [
        "stretches[fast].factor: saw 4 by email on days 0 to 2 of s, expected fewer than 3 in any 3 days. Too many burn the lead (CD-5)."
    ]
