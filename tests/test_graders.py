"""How a criterion is graded: one table a grader, a row a sentence of the business (SC-4, SC-5, SC-8)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen

from inbound_engine import graders, vocabulary
from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code, Reason
from inbound_engine.documents import Document
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.money import Money
from inbound_engine.policy import Policy
from inbound_engine.signals import Catalogue, read
from inbound_engine.vocabulary import FactsDocument, View

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)

FACTS = {
    "declared": [
        {"id": "discount", "kind": "decimal"},
        {"id": "renewal", "kind": "instant"},
        {"id": "judged", "kind": "integer"},
        {"id": "plan", "kind": "text", "values": ["free", "team", "enterprise"]},
        {"id": "seats", "kind": "integer", "of": "account"},
        {"id": "ready", "kind": "boolean"},
    ],
    "unknown": [{"fact": "industry", "values": ["Select"]}, {"fact": "technologies", "values": ["n/a"]}],
}
WORDS = vocabulary.compile(FactsDocument.model_validate(FACTS))
CATALOGUE = Catalogue.of(Policy().touchpoints)

DOCUMENTS: Mapping[str, type[Document]] = {
    "bands": graders.Bands,
    "lookup": graders.Lookup,
    "overlap": graders.Overlap,
    "recency": graders.Recency,
    "count": graders.Counting,
    "condition": graders.Cases,
    "given": graders.Given,
}


@frozen
class Answer:
    """All that a grading says of a lead."""

    grade: int | None
    possible: tuple[int, ...]
    missing: frozenset[str]
    because: tuple[Reason, ...]


def ask(grader: Mapping[str, object], lead: Lead, at: datetime = AT) -> Answer:
    """What the grader says of the lead; it has been checked against the vocabulary, as in a policy."""
    document: Any = DOCUMENTS[str(grader["kind"])].model_validate(grader, context=WORDS)
    questions = Questions(CATALOGUE)
    grading = graders.compile(document, WORDS, questions)
    counts, latest = (None, None) if lead.activities is None else read(questions.signals(), lead.activities, at)
    view = View(lead, at, counts, latest)
    return Answer(grading.grade(view), grading.possible(view), grading.missing(view), grading.because(view, "rule"))


def company(**facts: object) -> Lead:
    return Lead(id="L-1", account=Account(id="acme", **facts))  # type: ignore[arg-type]  # each row brings what it is about


def own(**facts: object) -> Lead:
    return Lead(id="L-1", extra=Extra.of(facts))


def visited(*ats: datetime, kind: str = "visit", **details: object) -> Lead:
    return Lead(
        id="L-1",
        activities=tuple(Activity(id=str(number), kind=kind, at=at, **details) for number, at in enumerate(ats)),  # type: ignore[arg-type]  # the details are given by name
    )


def berlin(text: str) -> datetime:
    """What a clock on a wall in Berlin shows."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def refused(grader: Mapping[str, object]) -> list[str]:
    """The problems of a grader that a policy would be refused for."""
    with pytest.raises(PolicyError) as error:
        DOCUMENTS[str(grader["kind"])].model_validate(grader, context=WORDS)
    return [str(problem) for problem in error.value.problems]


# ---------------------------------------------------------------------------------------------------------------- bands

SIZE = {
    "kind": "bands",
    "fact": "employees",
    "rows": [
        {"grade": 3, "at_least": 50, "at_most": 500},
        {"grade": 2, "at_least": 20, "at_most": 1000},
        {"grade": 1, "at_most": 4},
    ],
}
REVENUE = {
    "kind": "bands",
    "fact": "annual_revenue",
    "rows": [
        {"grade": 3, "at_least": {"amount": 30_000_000, "currency": "EUR"}, "at_most": {"amount": 80_000_000, "currency": "EUR"}},
        {"grade": 2, "at_least": {"amount": "29999999.99", "currency": "EUR"}},
    ],
    "otherwise": 1,
}
DISCOUNT = {
    "kind": "bands",
    "fact": "discount",
    "rows": [{"grade": 3, "at_most": "2.5"}, {"grade": 2, "at_least": "1/3", "at_most": 10}],
    "otherwise": 1,
}
RENEWAL = {
    "kind": "bands",
    "fact": "renewal",
    "rows": [{"grade": 2, "at_least": "2026-06-01T00:00:00+02:00", "at_most": "2026-08-31T23:59:59+02:00"}],
}


@pytest.mark.parametrize(
    ("grader", "lead", "grade"),
    [
        pytest.param(SIZE, company(employees=50), 3, id="the lower end belongs to the band"),
        pytest.param(SIZE, company(employees=500), 3, id="the upper end belongs to the band"),
        pytest.param(SIZE, company(employees=49), 2, id="one under the first band falls into the next"),
        pytest.param(SIZE, company(employees=501), 2, id="one over the first band falls into the next"),
        pytest.param(SIZE, company(employees=20), 2, id="the lower end of the second band"),
        pytest.param(SIZE, company(employees=1000), 2, id="the upper end of the second band"),
        pytest.param(SIZE, company(employees=19), 0, id="between bands: otherwise"),
        pytest.param(SIZE, company(employees=1001), 0, id="over all bands: otherwise"),
        pytest.param(SIZE, company(employees=4), 1, id="the end of a band that is open below"),
        pytest.param(SIZE, company(employees=0), 1, id="a band that is open below holds zero"),
        pytest.param(SIZE, company(employees=5), 0, id="one over the band that is open below"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("30000000.00", "EUR")), 3, id="an amount on the lower end"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("80000000.00", "EUR")), 3, id="an amount on the upper end"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("29999999.99", "EUR")), 2, id="a cent under the first band"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("80000000.01", "EUR")), 2, id="a cent over, in a band open above"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("29999999.98", "EUR")), 1, id="two cents under: otherwise"),
        pytest.param(REVENUE, company(annual_revenue=Money.of("50000000.00", "USD")), None, id="another currency is unknown"),
        pytest.param(DISCOUNT, own(discount=Decimal("2.5")), 3, id="a decimal on the end"),
        pytest.param(DISCOUNT, own(discount=Decimal("2.500000000001")), 2, id="a hair over a decimal end"),
        pytest.param(DISCOUNT, own(discount=Decimal("-7")), 3, id="a negative decimal in a band open below"),
        pytest.param(DISCOUNT, own(discount=10), 2, id="a whole number where decimals are declared"),
        pytest.param(DISCOUNT, own(discount=Decimal("10.01")), 1, id="over every decimal band: otherwise"),
        pytest.param(RENEWAL, own(renewal=datetime(2026, 5, 31, 22, 0, tzinfo=UTC)), 2, id="an instant on the end, in UTC"),
        pytest.param(RENEWAL, own(renewal=datetime(2026, 8, 31, 23, 59, 59, tzinfo=BERLIN)), 2, id="an instant on the end, local"),
        pytest.param(RENEWAL, own(renewal=datetime(2026, 5, 31, 22, 0, tzinfo=UTC) - TICK), 0, id="a microsecond before the band"),
        pytest.param(RENEWAL, own(renewal=datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC) + TICK), 0, id="a microsecond after the band"),
    ],
)
def test_bands_include_both_ends_and_the_first_that_holds_decides(grader: Mapping[str, object], lead: Lead, grade: int | None) -> None:
    """SC-8, FD-3: ends compare exactly."""
    assert ask(grader, lead).grade == grade


def test_a_band_without_ends_holds_every_known_value() -> None:
    """SC-8: and nothing that is unknown."""
    grader = {"kind": "bands", "fact": "employees", "rows": [{"grade": 2}]}
    assert ask(grader, company(employees=0)).grade == 2
    assert ask(grader, Lead(id="L-1")).grade is None


def test_an_amount_needs_no_currency_where_the_bands_name_none() -> None:
    """SC-8."""
    grader = {"kind": "bands", "fact": "annual_revenue", "rows": [{"grade": 2}]}
    assert ask(grader, company(annual_revenue=Money.of("1.00", "USD"))).grade == 2


# --------------------------------------------------------------------------------------------------------------- lookup

INDUSTRY = {
    "kind": "lookup",
    "fact": "industry",
    "rows": [{"grade": 3, "values": ["saas", "fintech"]}, {"grade": 1, "values": ["media", "saas"]}],
    "otherwise": 0,
}


@pytest.mark.parametrize(
    ("lead", "grade"),
    [
        pytest.param(company(industry="fintech"), 3, id="listed"),
        pytest.param(company(industry="saas"), 3, id="listed twice: the first row decides"),
        pytest.param(company(industry="media"), 1, id="listed further down"),
        pytest.param(company(industry="mining"), 0, id="not listed: otherwise"),
        pytest.param(company(industry="SaaS"), 0, id="letter for letter"),
        pytest.param(company(industry="ｓａａｓ"), 0, id="full-width letters are other letters"),
        pytest.param(company(industry="Select"), None, id="a raw value that means unknown"),
        pytest.param(company(), None, id="nobody knows"),
    ],
)
def test_a_lookup_grades_by_the_first_row_that_lists_the_text(lead: Lead, grade: int | None) -> None:
    """SC-7, SC-8."""
    assert ask(INDUSTRY, lead).grade == grade


# -------------------------------------------------------------------------------------------------------------- overlap

STACK = {
    "kind": "overlap",
    "fact": "technologies",
    "values": ["salesforce", "hubspot", "segment"],
    "rows": [{"grade": 3, "at_least": 3}, {"grade": 2, "at_least": 2}, {"grade": 1, "at_least": 1}],
}


@pytest.mark.parametrize(
    ("held", "grade"),
    [
        pytest.param({"salesforce", "hubspot", "segment", "excel"}, 3, id="all three, and one that does not count"),
        pytest.param({"salesforce", "segment"}, 2, id="two of them"),
        pytest.param({"segment", "excel", "jira"}, 1, id="one of them"),
        pytest.param({"excel"}, 0, id="none of them"),
        pytest.param(set(), 0, id="known to have none"),
        pytest.param({"n/a", "segment"}, 1, id="a member that means unknown does not count"),
        pytest.param({"n/a"}, None, id="only members that mean unknown"),
        pytest.param(None, None, id="nobody has looked"),
    ],
)
def test_an_overlap_grades_by_how_many_values_are_held(held: set[str] | None, grade: int | None) -> None:
    """SC-4, FD-6: known to be none is not unknown."""
    assert ask(STACK, company(technologies=None if held is None else frozenset(held))).grade == grade


# -------------------------------------------------------------------------------------------------------------- recency

RECENCY = {"kind": "recency", "rows": [{"grade": 3, "under_days": 7}, {"grade": 2, "within_days": 30}], "older": 1, "none": 0}


@pytest.mark.parametrize(
    ("lead", "grade"),
    [
        pytest.param(visited(AT), 3, id="this very instant"),
        pytest.param(visited(AT - 7 * DAY + TICK), 3, id="7 days less a microsecond"),
        pytest.param(visited(AT - 7 * DAY), 2, id="exactly 7 days"),
        pytest.param(visited(AT - 30 * DAY), 2, id="exactly 30 days"),
        pytest.param(visited(AT - 30 * DAY - TICK), 1, id="30 days and a microsecond"),
        pytest.param(visited(AT - 4000 * DAY), 1, id="eleven years: recency looks back over all time"),
        pytest.param(visited(AT - 40 * DAY, AT - 8 * DAY, AT - 300 * DAY), 2, id="the latest counts"),
        pytest.param(visited(AT + TICK), 0, id="what happens after the instant is not seen"),
        pytest.param(visited(AT - 8 * DAY, AT + DAY), 2, id="nor does it hide what happened before"),
        pytest.param(visited(), 0, id="known to have done nothing"),
        pytest.param(Lead(id="L-1"), None, id="nobody has looked"),
    ],
)
def test_recency_grades_by_the_age_of_the_latest_activity(lead: Lead, grade: int | None) -> None:
    """SC-5: exactly 7 and exactly 30 days belong to 7-30; SC-8: recency over all time; FD-2."""
    assert ask(RECENCY, lead).grade == grade


@pytest.mark.parametrize(
    ("happened", "asked", "grade"),
    [
        pytest.param("2026-03-23T09:00", "2026-03-30T09:00", 3, id="a week on the wall, one hour short of 7 days"),
        pytest.param("2026-03-23T08:00", "2026-03-30T09:00", 2, id="7 times 24 hours, 7 days and an hour on the wall"),
        pytest.param("2026-03-23T08:00:00.000001", "2026-03-30T09:00", 3, id="a microsecond less"),
        pytest.param("2026-02-28T08:00", "2026-03-30T09:00", 2, id="30 times 24 hours"),
        pytest.param("2026-02-28T07:59:59.999999", "2026-03-30T09:00", 1, id="a microsecond more"),
        pytest.param("2026-10-19T09:00", "2026-10-26T09:00", 2, id="in autumn a week on the wall has an hour more"),
        pytest.param("2026-10-19T10:00:00.000001", "2026-10-26T09:00", 3, id="in autumn, 7 days less a microsecond"),
    ],
)
def test_a_day_of_recency_has_24_hours_whatever_the_clocks_do(happened: str, asked: str, grade: int) -> None:
    """FD-2: Berlin's clocks go forward on 29 March 2026, and back on 25 October."""
    assert ask(RECENCY, visited(berlin(happened)), berlin(asked).astimezone(UTC)).grade == grade


def test_recency_asks_only_for_the_activities_that_are_meant() -> None:
    """SC-5: touches that sales made say nothing of engagement."""
    grader = {**RECENCY, "activities": {"marketing": True}, "none": 0}
    assert ask(grader, visited(AT - DAY, marketing=False)).grade == 0
    assert ask(grader, visited(AT - DAY)).grade == 3


# ---------------------------------------------------------------------------------------------------------------- count

VISITS = {
    "kind": "count",
    "activities": {"kinds": ["visit"]},
    "within_days": 30,
    "rows": [{"grade": 3, "at_least": 7}, {"grade": 2, "at_least": 4}, {"grade": 1, "at_least": 2}],
}


@pytest.mark.parametrize(
    ("lead", "grade"),
    [
        pytest.param(visited(), 0, id="none"),
        pytest.param(visited(AT), 0, id="1"),
        pytest.param(visited(*[AT - DAY] * 2), 1, id="2"),
        pytest.param(visited(*[AT - DAY] * 3), 1, id="3"),
        pytest.param(visited(*[AT - DAY] * 4), 2, id="4"),
        pytest.param(visited(*[AT - DAY] * 6), 2, id="6"),
        pytest.param(visited(*[AT - DAY] * 7), 3, id="7"),
        pytest.param(visited(*[AT - DAY] * 70), 3, id="70"),
        pytest.param(visited(AT - DAY, AT - 30 * DAY), 1, id="exactly 30 days ago counts"),
        pytest.param(visited(AT - DAY, AT - 30 * DAY - TICK), 0, id="a microsecond more does not"),
        pytest.param(visited(AT, AT + TICK), 0, id="what comes after the instant does not"),
        pytest.param(visited(*[AT - DAY] * 7, kind="page_view"), 0, id="another kind does not"),
        pytest.param(Lead(id="L-1"), None, id="nobody has looked"),
    ],
)
def test_a_count_grades_by_how_many_activities_lie_in_the_look_back(lead: Lead, grade: int | None) -> None:
    """SC-5, SC-8, FD-2: the look-back is closed at both ends."""
    assert ask(VISITS, lead).grade == grade


def test_a_count_without_days_looks_back_over_all_time() -> None:
    """SC-8."""
    ever = {key: value for key, value in VISITS.items() if key != "within_days"}
    assert ask(ever, visited(AT - 4000 * DAY, AT - 3000 * DAY)).grade == 1


# ------------------------------------------------------------------------------------------------------------ condition

CASES = {
    "kind": "condition",
    "rows": [
        {"grade": 3, "when": {"op": "starts_with", "fact": "title", "value": "VP "}},
        {"grade": 2, "when": {"op": "at_least", "fact": "employees", "value": 200}},
        {"grade": 1, "when": {"op": "equals", "fact": "country", "value": "DE"}},
    ],
    "otherwise": 0,
}


def person(title: str | None = None, employees: int | None = None, country: str | None = None) -> Lead:
    return Lead(id="L-1", title=title, country=country, account=Account(id="acme", employees=employees))


@pytest.mark.parametrize(
    ("lead", "grade", "possible", "missing"),
    [
        pytest.param(person("VP Sales"), 3, (3,), set(), id="the first row is true: nothing after it matters"),
        pytest.param(person("Intern", 200, "DE"), 2, (2,), set(), id="the second row is the first that is true"),
        pytest.param(person("Intern", 199, "DE"), 1, (1,), set(), id="the third"),
        pytest.param(person("Intern", 199, "FR"), 0, (0,), set(), id="no row: otherwise"),
        pytest.param(person(None, 200, "DE"), None, (2, 3), {"title"}, id="an unknown row before a true one"),
        pytest.param(person(None, 199, "FR"), None, (0, 3), {"title"}, id="an unknown row before otherwise"),
        pytest.param(person("Intern", None, "DE"), None, (1, 2), {"employees"}, id="an unknown row between"),
        pytest.param(person("Intern", None, None), None, (0, 1, 2), {"employees", "country"}, id="two unknown rows"),
        pytest.param(person(), None, (0, 1, 2, 3), {"title", "employees", "country"}, id="nothing is known"),
        pytest.param(person(None, 200, None), None, (2, 3), {"title"}, id="an unknown row after a true one does not matter"),
    ],
)
def test_conditions_grade_by_the_first_row_that_is_surely_true(
    lead: Lead, grade: int | None, possible: tuple[int, ...], missing: set[str]
) -> None:
    """SC-8, FD-6: an unknown row leaves open which grades it may still be."""
    answer = ask(CASES, lead)
    assert (answer.grade, answer.possible, answer.missing) == (grade, possible, frozenset(missing))


def test_an_unknown_row_does_not_matter_where_every_answer_earns_the_same() -> None:
    """FD-6."""
    grader = {
        "kind": "condition",
        "rows": [
            {"grade": 2, "when": {"op": "equals", "fact": "country", "value": "DE"}},
            {"grade": 2, "when": {"op": "at_least", "fact": "employees", "value": 200}},
        ],
        "otherwise": 0,
    }
    answer = ask(grader, person(None, 200, None))
    assert (answer.grade, answer.possible, answer.missing) == (2, (2,), frozenset())
    assert [reason.code for reason in answer.because] == [Code.GRADED, Code.UNKNOWN, Code.MATCHED]


def test_a_count_of_activities_that_nobody_knows_leaves_a_condition_unknown() -> None:
    """FD-6, SC-10."""
    pricing = {"op": "count", "activities": {"kinds": ["page_view"], "contents": ["pricing"]}, "within_days": 2, "at_least": 3}
    grader = {"kind": "condition", "rows": [{"grade": 3, "when": pricing}], "otherwise": 1}
    views = visited(AT, AT - DAY, AT - 2 * DAY, kind="page_view", content="pricing")
    assert ask(grader, views).grade == 3
    assert ask(grader, visited(AT, AT - DAY, AT - 2 * DAY - TICK, kind="page_view", content="pricing")).grade == 1
    unknown = ask(grader, Lead(id="L-1"))
    assert (unknown.grade, unknown.possible, unknown.missing) == (None, (1, 3), frozenset({"activities"}))


# ---------------------------------------------------------------------------------------------------------------- given

JUDGED = {"kind": "given", "fact": "judged"}


@pytest.mark.parametrize("grade", [0, 1, 2, 3])
def test_a_grade_may_be_handed_in(grade: int) -> None:
    """SC-8."""
    answer = ask(JUDGED, own(judged=grade))
    assert (answer.grade, answer.possible, answer.missing) == (grade, (grade,), frozenset())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(4, "judged: saw 4, expected a grade from 0 to 3.", id="4"),
        pytest.param(-1, "judged: saw -1, expected a grade from 0 to 3.", id="-1"),
        pytest.param(True, "lead.extra.judged: saw true, expected a value of kind integer.", id="true"),
        pytest.param("2", "lead.extra.judged: saw '2', expected a value of kind integer.", id="text"),
        pytest.param(Decimal("2.5"), "lead.extra.judged: saw Decimal 2.5, expected a value of kind integer.", id="a half"),
    ],
)
def test_a_grade_that_is_none_is_refused_by_name(value: object, message: str) -> None:
    """SC-8: never a quiet 0."""
    with pytest.raises(FactError) as error:
        ask(JUDGED, own(judged=value))
    assert str(error.value).startswith(message)


# -------------------------------------------------------------------------------------------------------- unknown facts


@pytest.mark.parametrize(
    ("grader", "possible", "missing"),
    [
        pytest.param(SIZE, (0, 1, 2, 3), "employees", id="bands: every grade of a row, and otherwise"),
        pytest.param(RENEWAL, (0, 2), "renewal", id="bands of instants"),
        pytest.param(REVENUE, (1, 2, 3), "annual_revenue", id="bands that give at least 1"),
        pytest.param(INDUSTRY, (0, 1, 3), "industry", id="a lookup that never gives 2"),
        pytest.param(STACK, (0, 1, 2, 3), "technologies", id="an overlap"),
        pytest.param(RECENCY, (0, 1, 2, 3), "activities", id="recency: older and none as well"),
        pytest.param({**RECENCY, "older": 2, "none": 2}, (2, 3), "activities", id="recency that never falls under 2"),
        pytest.param(VISITS, (0, 1, 2, 3), "activities", id="a count"),
        pytest.param({**VISITS, "otherwise": 1}, (1, 2, 3), "activities", id="a count that gives at least 1"),
        pytest.param(JUDGED, (0, 1, 2, 3), "judged", id="handed in"),
    ],
)
def test_without_its_fact_a_criterion_has_no_grade_and_names_what_it_wants(
    grader: Mapping[str, object], possible: tuple[int, ...], missing: str
) -> None:
    """FD-6: which grades it may still earn is known all the same."""
    answer = ask(grader, Lead(id="L-1"))
    assert (answer.grade, answer.possible, answer.missing) == (None, possible, frozenset({missing}))
    assert answer.because[0].code is Code.MISSING
    assert [seen.value for seen in answer.because[0].saw] == [None, None]
    assert answer.because[0].saw[1].name == missing


def test_an_amount_in_another_currency_leaves_every_grade_possible_and_names_the_fact() -> None:
    """FD-6."""
    answer = ask(REVENUE, company(annual_revenue=Money.of("50000000.00", "USD")))
    assert (answer.grade, answer.possible, answer.missing) == (None, (1, 2, 3), frozenset({"annual_revenue"}))


@pytest.mark.parametrize(
    ("grader", "lead", "saw"),
    [
        pytest.param(SIZE, company(employees=240), [("grade", 3), ("employees", 240)], id="bands"),
        pytest.param(INDUSTRY, company(industry="saas"), [("grade", 3), ("industry", "saas")], id="lookup"),
        pytest.param(RECENCY, visited(AT - DAY), [("grade", 3), ("latest", AT - DAY)], id="recency"),
        pytest.param(RECENCY, visited(), [("grade", 0), ("latest", None)], id="recency of nothing"),
        pytest.param(VISITS, visited(AT, AT), [("grade", 1), ("count", 2)], id="count"),
        pytest.param(JUDGED, own(judged=2), [("grade", 2), ("judged", 2)], id="given"),
        pytest.param(CASES, person("VP Sales"), [("grade", 3)], id="condition"),
    ],
)
def test_a_grade_says_what_was_seen(grader: Mapping[str, object], lead: Lead, saw: list[tuple[str, object]]) -> None:
    """FD-5."""
    answer = ask(grader, lead)
    assert answer.because[0].code is Code.GRADED
    assert answer.because[0].rule == "rule"
    assert [(seen.name, seen.value) for seen in answer.because[0].saw] == saw


def test_a_graded_condition_names_the_part_that_decided() -> None:
    """FD-5, FD-6: and without a grade, every part that is open."""
    first, decided = ask(CASES, person("Intern", 240)).because
    assert (first.code, decided.code, decided.rule) == (Code.GRADED, Code.MATCHED, "rule.rows[1].when")
    assert [(seen.name, seen.value) for seen in decided.saw] == [("employees", 240), ("asked", "employees is at least 200")]
    _, *open_rows = ask(CASES, person("Intern")).because
    assert [(reason.code, reason.rule) for reason in open_rows] == [
        (Code.UNKNOWN, "rule.rows[1].when"),
        (Code.UNKNOWN, "rule.rows[2].when"),
    ]
    (otherwise,) = ask(CASES, person("Intern", 100, "FR")).because
    assert (otherwise.code, otherwise.saw[0].value) == (Code.GRADED, 0)


# ------------------------------------------------------------------------------------------------- what a policy may say


@pytest.mark.parametrize(
    ("grader", "problems"),
    [
        pytest.param(
            {**SIZE, "fact": "industry"},
            ["fact: saw industry, a fact of kind text, expected a fact of kind decimal or instant or integer or money."],
            id="bands of a text",
        ),
        pytest.param(
            {"kind": "bands", "fact": "employees", "rows": [{"grade": 1, "at_least": "many"}, {"grade": 2, "at_most": True}]},
            [
                "rows[0].at_least: saw 'many' for employees, expected a value of kind integer.",
                "rows[1].at_most: saw true for employees, expected a value of kind integer.",
            ],
            id="ends of another kind",
        ),
        pytest.param(
            {
                "kind": "bands",
                "fact": "annual_revenue",
                "rows": [{"grade": 1, "at_least": {"amount": 1, "currency": "USD"}, "at_most": {"amount": 9, "currency": "EUR"}}],
            },
            ["rows: saw amounts in EUR and USD, expected amounts in one currency. Keep one of them."],
            id="bands in two currencies, which no amount could be compared with",
        ),
        pytest.param(
            {"kind": "bands", "fact": "renewal", "rows": [{"grade": 1, "at_least": "2026-06-01T00:00:00"}]},
            ["rows[0].at_least: saw '2026-06-01T00:00:00' for renewal, expected a value of kind instant."],
            id="an instant without its offset",
        ),
        pytest.param(
            {"kind": "lookup", "fact": "plan", "rows": [{"grade": 3, "values": ["team", "enterprize"]}]},
            ["rows[0].values[1]: saw 'enterprize' for plan, expected one of enterprise, free, team. Did you mean \"enterprise\"?"],
            id="a value outside the closed choice",
        ),
        pytest.param(
            {"kind": "lookup", "fact": "plan", "rows": [{"grade": 3, "values": ["zzz"]}]},
            ["rows[0].values[0]: saw 'zzz' for plan, expected one of enterprise, free, team."],
            id="a value that is like none of them",
        ),
        pytest.param(
            {"kind": "lookup", "fact": "employees", "rows": [{"grade": 3, "values": ["50"]}]},
            ["fact: saw employees, a fact of kind integer, expected a fact of kind text."],
            id="a lookup of a number",
        ),
        pytest.param(
            {**STACK, "fact": "industry"},
            ["fact: saw industry, a fact of kind text, expected a fact of kind texts."],
            id="an overlap of a text",
        ),
        pytest.param(
            {**STACK, "values": ["salesforce", "hubspot", "hubspot"]},
            ["rows[0].at_least: saw 3, expected at most 2, the number of values."],
            id="an overlap of more than there is",
        ),
        pytest.param(
            {"kind": "given", "fact": "discount"},
            ["fact: saw discount, a fact of kind decimal, expected a fact of kind integer."],
            id="a grade that may have decimals",
        ),
        pytest.param(
            {**RECENCY, "rows": [{"grade": 3, "under_days": 7, "within_days": 7}]},
            ["rows[0].under_days: saw both or neither, expected under_days or within_days. Keep one of them."],
            id="under and within",
        ),
        pytest.param(
            {**RECENCY, "rows": [{"grade": 3}]},
            ["rows[0].under_days: saw both or neither, expected under_days or within_days. Keep one of them."],
            id="neither under nor within",
        ),
        pytest.param({**VISITS, "rows": []}, ["rows: saw a list of 0, expected at least 1 row(s)."], id="no rows"),
        pytest.param({**JUDGED, "fact": "jugded"}, None, id="a fact that nobody declared"),
        pytest.param({**SIZE, "rows": [{"grade": 4}]}, ["rows[0].grade: saw 4, expected at most 3."], id="a grade over 3"),
        pytest.param({**SIZE, "rows": [{"grade": True}]}, ["rows[0].grade: saw true, expected a whole number."], id="true as a grade"),
    ],
)
def test_a_grader_that_fits_no_lead_is_refused(grader: Mapping[str, object], problems: list[str] | None) -> None:
    """SC-8: an error at load, never a quiet "no"; each problem says what would do."""
    found = refused(grader)
    if problems is None:
        assert len(found) == 1
        assert found[0].startswith("fact: saw no fact called 'jugded'")
        assert found[0].endswith('Did you mean "judged"?')
    else:
        assert found == problems


def test_a_grader_of_a_fact_that_is_itself_refused_is_not_told_off_as_well() -> None:
    """Every problem once, where it lies."""
    grader = {"kind": "lookup", "fact": "plan", "rows": [{"grade": 3, "values": ["team"]}]}
    data = {
        "facts": {"declared": [{"id": "plan", "kind": "txet"}]},
        "scoring": {
            "criteria": [{"id": "plan", "label": "Plan", "grader": grader}],
            "matrices": [{"id": "m", "score": "fit", "kind": "graded", "weights": [{"criterion": "plan", "weight": 100}]}],
        },
        "tiers": {"rows": [{"id": "A", "thresholds": [{"score": "fit", "at_least": 50}]}]},
        "qualification": {"mql_tiers": ["A"]},
    }
    with pytest.raises(PolicyError) as error:
        Policy.model_validate(data)
    assert [problem.path for problem in error.value.problems] == ["facts.declared[plan].kind"]


def test_outside_a_policy_nothing_is_known_of_facts_and_nothing_is_refused() -> None:
    """A part that is built alone is checked against the whole that takes it in."""
    alone = graders.Given.model_validate({"kind": "given", "fact": "whatever"})
    with pytest.raises(PolicyError, match="no fact called 'whatever'"):
        graders.compile(alone, WORDS, Questions(CATALOGUE))


def test_a_handed_in_grade_says_which_fact_holds_it() -> None:
    questions = Questions(CATALOGUE)
    given = graders.compile(graders.Given(kind="given", fact="judged"), WORDS, questions)
    assert given.given == "judged"
    assert graders.compile(graders.Recency.model_validate(RECENCY), WORDS, questions).given is None
