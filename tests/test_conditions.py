"""The language of the rules: what each operator answers, why, and what it refuses."""

import json
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import attrs
import pytest

from inbound_engine.conditions import (
    AllOf,
    Always,
    Amount,
    AnyCondition,
    AnyOf,
    Questions,
    compile,
    constant,
    count,
    fact,
    facts_named,
    holds,
    lasting,
    parse,
    sentence,
)
from inbound_engine.decisions import Code, Reason, Seen
from inbound_engine.documents import Document
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Activity, Extra, Lead, Observation
from inbound_engine.implications import Proofs, implies
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter
from inbound_engine.vocabulary import View
from tests.condition_strategies import CATALOGUE, WORDS

AT = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)  # the morning after Europe set its clocks forward
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
ALWAYS = Always(op="always")
YES, NO, UNKNOWN = True, False, None

Raw: TypeAlias = Any
"""Plain data of any shape, some of it wrong."""


def lead(**known: Raw) -> Lead:
    """A lead of whom only this is known; names that neither lead nor account has are the caller's own."""
    own = {name: known.pop(name) for name in list(known) if name in WORDS.lead_extras}
    tags = {name: known.pop(name) for name in list(known) if name in WORDS.account_extras}
    firm = {name: known.pop(name) for name in list(known) if name in {"employees", "industry", "technologies", "annual_revenue"}}
    account = Account(id="A", extra=Extra.of(tags), **firm) if firm or tags else None
    return Lead(id="L-1", account=account, extra=Extra.of(own), **known)


def ask(condition: AnyCondition, of: Lead, at: datetime = AT) -> bool | None:
    return holds(condition, of, at=at, words=WORDS, catalogue=CATALOGUE).value


def problems(make: Callable[[], object]) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        make()
    return [str(problem) for problem in refused.value.problems]


# ------------------------------------------------------------------------------------------------------------- operators

NOBODY = lead()
BIG = lead(employees=500)
EUROS = lead(annual_revenue=Money.of("30000.00", "EUR"))
TEAM = lead(technologies={"salesforce", "segment"})
NEW = lead(created_at=AT - 2 * DAY)

ANSWERS: list[tuple[AnyCondition, Lead, bool | None]] = [
    # text
    (fact("country").equals("DE"), lead(country="DE"), YES),
    (fact("country").equals("DE"), lead(country="FR"), NO),
    (fact("country").equals("DE"), NOBODY, UNKNOWN),
    (fact("country").differs("DE"), lead(country="FR"), YES),
    (fact("country").differs("DE"), lead(country="DE"), NO),
    (fact("country").differs("DE"), NOBODY, UNKNOWN),
    (fact("country").is_in("DE", "AT"), lead(country="AT"), YES),
    (fact("country").is_in("DE", "AT"), lead(country="CH"), NO),
    (fact("country").is_in("DE", "AT"), NOBODY, UNKNOWN),
    (fact("title").contains("Revenue"), lead(title="VP Revenue Operations"), YES),
    (fact("title").contains("revenue"), lead(title="VP Revenue Operations"), NO),
    (fact("title").contains("Revenue"), NOBODY, UNKNOWN),
    (fact("title").starts_with("VP"), lead(title="VP Sales"), YES),
    (fact("title").starts_with("VP"), lead(title="Former VP"), NO),
    (fact("title").starts_with("VP"), NOBODY, UNKNOWN),
    (fact("title").ends_with("VP"), lead(title="Former VP"), YES),
    (fact("title").ends_with("VP"), lead(title="VP Sales"), NO),
    (fact("title").ends_with("VP"), NOBODY, UNKNOWN),
    (fact("email_domain").equals("acme.example"), lead(email="ana@Acme.Example"), YES),
    # a set of texts
    (fact("technologies").contains("segment"), TEAM, YES),
    (fact("technologies").contains("seg"), TEAM, NO),
    (fact("technologies").contains("segment"), NOBODY, UNKNOWN),
    (fact("technologies").overlaps("hubspot", "segment"), TEAM, YES),
    (fact("technologies").overlaps("hubspot"), TEAM, NO),
    (fact("technologies").overlaps("hubspot"), lead(technologies=()), NO),
    (fact("technologies").overlaps("hubspot"), NOBODY, UNKNOWN),
    (fact("suppressed").contains("email"), NOBODY, NO),
    # whole numbers
    (fact("employees").equals(500), BIG, YES),
    (fact("employees").equals(501), BIG, NO),
    (fact("employees").equals(500), NOBODY, UNKNOWN),
    (fact("employees").differs(501), BIG, YES),
    (fact("employees").differs(500), BIG, NO),
    (fact("employees").differs(500), NOBODY, UNKNOWN),
    (fact("employees").at_least(500), BIG, YES),
    (fact("employees").at_least(501), BIG, NO),
    (fact("employees").at_least(0), NOBODY, UNKNOWN),
    (fact("employees").at_most(500), BIG, YES),
    (fact("employees").at_most(499), BIG, NO),
    (fact("employees").at_most(499), NOBODY, UNKNOWN),
    (fact("employees").more_than(499), BIG, YES),
    (fact("employees").more_than(500), BIG, NO),
    (fact("employees").more_than(500), NOBODY, UNKNOWN),
    (fact("employees").less_than(501), BIG, YES),
    (fact("employees").less_than(500), BIG, NO),
    (fact("employees").less_than(500), NOBODY, UNKNOWN),
    (fact("employees").between(500, 600), BIG, YES),
    (fact("employees").between(400, 500), BIG, YES),
    (fact("employees").between(501, 600), BIG, NO),
    (fact("employees").between(400, 499), BIG, NO),
    (fact("employees").between(0, 600), NOBODY, UNKNOWN),
    (fact("employees").is_in(50, 500), BIG, YES),
    (fact("employees").is_in(50), BIG, NO),
    (fact("employees").is_in(50), NOBODY, UNKNOWN),
    # exact numbers
    (fact("ratio").equals("0.5"), lead(ratio=Decimal("0.500")), YES),
    (fact("ratio").equals("1/3"), lead(ratio=Decimal("0.333333")), NO),
    (fact("ratio").more_than("1/3"), lead(ratio=Decimal("0.333333")), NO),
    (fact("ratio").less_than("1/3"), lead(ratio=Decimal("0.333333")), YES),
    (fact("ratio").at_least("0.1"), lead(ratio=Decimal("0.1")), YES),
    (fact("ratio").at_least("2"), lead(ratio=2), YES),
    (fact("ratio").is_in("0.5", 2), lead(ratio=Decimal("2.0")), YES),
    (fact("ratio").is_in("0.5", 2), lead(ratio=Decimal("0.50")), YES),
    (fact("ratio").between("-0.5", "0.5"), lead(ratio=Decimal("1E-9")), YES),
    (fact("ratio").more_than("0.5"), NOBODY, UNKNOWN),
    # yes or no
    (fact("partner").equals(True), lead(partner=True), YES),
    (fact("partner").equals(True), lead(partner=False), NO),
    (fact("partner").differs(True), lead(partner=False), YES),
    (fact("partner").equals(False), NOBODY, UNKNOWN),
    # instants
    (fact("created_at").at_least("2026-03-28T11:00:00+02:00"), NEW, YES),
    (fact("created_at").more_than("2026-03-28T09:00:00Z"), NEW, NO),
    (fact("created_at").equals("2026-03-28T10:00:00+01:00"), NEW, YES),
    (fact("created_at").between("2026-03-28T09:00:00Z", "2026-03-28T09:00:00Z"), NEW, YES),
    (fact("created_at").less_than("2026-03-28T09:00:00Z"), NOBODY, UNKNOWN),
    # money
    (fact("annual_revenue").at_least(Money.of("30000", "EUR")), EUROS, YES),
    (fact("annual_revenue").more_than(Money.of("30000", "EUR")), EUROS, NO),
    (fact("annual_revenue").equals(Money.of("30000", "EUR")), EUROS, YES),
    (fact("annual_revenue").between(Money.of("1", "EUR"), Money.of("29999.99", "EUR")), EUROS, NO),
    (fact("annual_revenue").at_least(Money.of("1", "USD")), EUROS, UNKNOWN),
    (fact("annual_revenue").equals(Money.of("30000", "USD")), EUROS, UNKNOWN),
    (fact("annual_revenue").differs(Money.of("30000", "USD")), EUROS, UNKNOWN),
    (fact("annual_revenue").between(Money.of("1", "USD"), Money.of("2", "USD")), EUROS, UNKNOWN),
    (fact("annual_revenue").at_least(Money.of("1", "EUR")), NOBODY, UNKNOWN),
    # known or not
    (fact("country").is_known(), lead(country="DE"), YES),
    (fact("country").is_known(), NOBODY, NO),
    (fact("country").is_unknown(), lead(country="DE"), NO),
    (fact("country").is_unknown(), NOBODY, YES),
    (fact("technologies").is_known(), lead(technologies=()), YES),
    (fact("partner").is_known(), lead(partner=False), YES),
    (fact("employees").is_known(), lead(employees=0), YES),
    (fact("created_at").is_known(), lead(created_at=AT + TICK), NO),
    # counts
    (count(at_least=1), NOBODY, UNKNOWN),
    (count(at_least=0), NOBODY, UNKNOWN),
    (count(at_least=0), lead(activities=()), YES),
    (count(at_least=1), lead(activities=()), NO),
    (count(at_most=0), lead(activities=()), YES),
    (ALWAYS, NOBODY, YES),
    # all, any, not
    (fact("country").equals("DE") & fact("employees").at_least(1), lead(country="DE", employees=1), YES),
    (fact("country").equals("DE") & fact("employees").at_least(1), lead(country="DE"), UNKNOWN),
    (fact("country").equals("DE") & fact("employees").at_least(1), lead(country="FR"), NO),
    (fact("country").equals("DE") & fact("employees").at_least(1), lead(employees=0), NO),
    (fact("country").equals("DE") | fact("employees").at_least(1), lead(country="DE"), YES),
    (fact("country").equals("DE") | fact("employees").at_least(1), lead(employees=1), YES),
    (fact("country").equals("DE") | fact("employees").at_least(1), lead(country="FR"), UNKNOWN),
    (fact("country").equals("DE") | fact("employees").at_least(1), lead(country="FR", employees=0), NO),
    (~fact("country").equals("DE"), lead(country="FR"), YES),
    (~fact("country").equals("DE"), lead(country="DE"), NO),
    (~fact("country").equals("DE"), NOBODY, UNKNOWN),
    (~fact("country").is_known(), NOBODY, YES),
]


@pytest.mark.parametrize(
    ("condition", "of", "answer"), [pytest.param(*row, id=f"{sentence(row[0])} {row[2]} {n}") for n, row in enumerate(ANSWERS)]
)
def test_a_condition_answers(condition: AnyCondition, of: Lead, answer: bool | None) -> None:
    assert ask(condition, of) is answer


@pytest.mark.parametrize("asked", [fact("created_at"), fact("renewal")])
@pytest.mark.parametrize(
    ("ago", "within", "older"),
    [
        (timedelta(0), YES, NO),
        (TICK, YES, NO),
        (2 * DAY - TICK, YES, NO),
        (2 * DAY, YES, NO),  # the look-back is closed (FD-2)
        (2 * DAY + TICK, NO, YES),
        (timedelta(hours=48), YES, NO),  # though the wall clocks of Europe show 47 hours
    ],
)
def test_a_look_back_is_the_closed_stretch_of_whole_days(asked: Raw, ago: timedelta, within: bool, older: bool) -> None:
    here = lead(**{asked.name: AT - ago})
    assert (ask(asked.within(2), here), ask(asked.older_than(2), here)) == (within, older)


def test_an_instant_to_come_is_neither_within_nor_older_and_a_lead_to_come_is_unknown() -> None:
    renews, comes = lead(renewal=AT + TICK), lead(created_at=AT + TICK)
    assert (ask(fact("renewal").within(2), renews), ask(fact("renewal").older_than(0), renews)) == (NO, NO)
    assert (ask(fact("created_at").within(2), comes), ask(fact("created_at").older_than(0), comes)) == (UNKNOWN, UNKNOWN)
    assert (ask(fact("renewal").within(0), lead(renewal=AT)), ask(fact("renewal").older_than(36_500), lead(renewal=AT))) == (YES, NO)


# ----------------------------------------------------------------------------------------------------- activities (SC-10)

PRICING = ActivityFilter(kinds=("page_view",), contents=("pricing",))
THRICE = count(PRICING, at_least=3, within_days=2)


def viewed(*ago: timedelta, content: str | None = "pricing", kind: str = "page_view") -> Lead:
    return lead(activities=tuple(Activity(id=f"{kind}-{n}", kind=kind, at=AT - back, content=content) for n, back in enumerate(ago)))


@pytest.mark.parametrize(
    ("of", "answer"),
    [
        (viewed(timedelta(0), DAY, 2 * DAY), YES),
        (viewed(TICK, TICK, TICK), YES),
        (viewed(timedelta(0), DAY, 2 * DAY + TICK), NO),
        (viewed(-TICK, DAY, 2 * DAY), NO),  # a view after `at` is not known yet
        (viewed(timedelta(0), DAY), NO),
        (viewed(DAY, DAY, DAY, DAY), YES),
        (viewed(DAY, DAY, DAY, content="pricing/enterprise"), NO),
        (viewed(DAY, DAY, DAY, content=None), NO),
        (viewed(DAY, DAY, DAY, kind="visit"), NO),
        (viewed(3 * DAY, 4 * DAY, 5 * DAY), NO),
        (viewed(), NO),
        (NOBODY, UNKNOWN),
    ],
)
def test_pricing_page_at_least_three_times_within_two_days(of: Lead, answer: bool | None) -> None:
    assert ask(THRICE, of) is answer


def test_a_pattern_of_behaviour_is_a_condition_over_the_activities() -> None:
    opens = count(ActivityFilter(kinds=("email_open",)), at_least=4)
    webinar = count(ActivityFilter(kinds=("webinar_registration", "webinar_attendance")), at_least=1)
    form = count(ActivityFilter(kinds=("contact_form",)), at_least=1, within_days=1)
    pattern = THRICE & opens & webinar & form
    kinds = [("page_view", "pricing", 1)] * 3 + [("email_open", None, 9)] * 4 + [("webinar_attendance", None, 5), ("contact_form", None, 0)]
    done = tuple(Activity(id=str(n), kind=kind, content=content, at=AT - days * DAY) for n, (kind, content, days) in enumerate(kinds))
    assert ask(pattern, lead(activities=done)) is True
    for missing in range(len(done)):
        assert ask(pattern, lead(activities=done[:missing] + done[missing + 1 :])) is False


@pytest.mark.parametrize(
    ("least", "most", "answers"), [(1, 2, "nyyn"), (None, 1, "yynn"), (2, None, "nnyy"), (2, 2, "nnyn"), (0, 0, "ynnn")]
)
def test_a_count_has_a_least_and_a_most(least: int | None, most: int | None, answers: str) -> None:
    several = [viewed(*[DAY] * number) for number in range(4)]
    assert [ask(count(at_least=least, at_most=most), of) for of in several] == [letter == "y" for letter in answers]


# --------------------------------------------------------------------------------------------------------------- reasons


def why(condition: AnyCondition, of: Lead) -> tuple[Reason, ...]:
    return holds(condition, of, at=AT, words=WORDS, catalogue=CATALOGUE).because


def reason(code: Code, path: str, name: str, value: object, asked: str) -> Reason:
    return Reason(code, path, (Seen(name, value, personal=name in {"title", "email"}), Seen("asked", asked)))


GERMAN, LARGE = fact("country").equals("DE"), fact("employees").at_least(200)


@pytest.mark.parametrize(
    ("condition", "of", "because"),
    [
        (GERMAN, lead(country="DE"), [reason(Code.MATCHED, "", "country", "DE", 'country equals "DE"')]),
        (GERMAN, NOBODY, [reason(Code.UNKNOWN, "", "country", None, 'country equals "DE"')]),
        (
            GERMAN & LARGE,
            lead(country="DE", employees=240),
            [
                reason(Code.MATCHED, "of[0]", "country", "DE", 'country equals "DE"'),
                reason(Code.MATCHED, "of[1]", "employees", 240, "employees is at least 200"),
            ],
        ),
        (GERMAN & LARGE, lead(employees=9), [reason(Code.FAILED, "of[1]", "employees", 9, "employees is at least 200")]),
        (
            GERMAN & LARGE,
            NOBODY,
            [
                reason(Code.UNKNOWN, "of[0]", "country", None, 'country equals "DE"'),
                reason(Code.UNKNOWN, "of[1]", "employees", None, "employees is at least 200"),
            ],
        ),
        (GERMAN & LARGE, lead(country="DE"), [reason(Code.UNKNOWN, "of[1]", "employees", None, "employees is at least 200")]),
        (GERMAN | LARGE, lead(employees=240), [reason(Code.MATCHED, "of[1]", "employees", 240, "employees is at least 200")]),
        (
            GERMAN | LARGE,
            lead(country="FR", employees=9),
            [
                reason(Code.FAILED, "of[0]", "country", "FR", 'country equals "DE"'),
                reason(Code.FAILED, "of[1]", "employees", 9, "employees is at least 200"),
            ],
        ),
        (
            fact("id").is_known() & ~(GERMAN | LARGE),
            lead(country="DE"),
            [reason(Code.MATCHED, "of[1].of.of[0]", "country", "DE", 'country equals "DE"')],
        ),
        (THRICE, NOBODY, [reason(Code.UNKNOWN, "", "activities", None, 'page_view "pricing" at least 3 times within 2 days')]),
        (THRICE, viewed(DAY), [reason(Code.FAILED, "", "activities", 1, 'page_view "pricing" at least 3 times within 2 days')]),
        (ALWAYS, NOBODY, [Reason(Code.MATCHED, "", (Seen("asked", "always"),))]),
        (
            fact("annual_revenue").at_least(Money.of("1", "USD")),
            EUROS,
            [
                Reason(
                    Code.UNKNOWN,
                    "",
                    (
                        Seen("annual_revenue", Money.of("30000", "EUR")),
                        Seen("note", "an amount in EUR is not compared with one in another currency"),
                        Seen("asked", "annual_revenue is at least USD 1.00"),
                    ),
                )
            ],
        ),
    ],
)
def test_an_answer_names_the_part_that_decided(condition: AnyCondition, of: Lead, because: list[Reason]) -> None:
    assert list(why(condition, of)) == because


def test_what_a_reason_saw_of_a_person_is_marked() -> None:
    (told,) = why(fact("title").contains("VP"), lead(title="VP Sales"))
    assert [(seen.name, seen.personal) for seen in told.saw] == [("title", True), ("asked", True)]
    assert "Sales" not in repr(told)


@pytest.mark.parametrize(
    ("condition", "of", "lasts"),
    [
        (fact("country").is_known(), lead(country="DE"), YES),
        (fact("country").is_known(), NOBODY, UNKNOWN),
        (fact("country").is_unknown(), lead(country="DE"), NO),
        (fact("country").is_unknown(), NOBODY, UNKNOWN),
        (~fact("country").is_unknown(), lead(country="DE"), YES),
        (GERMAN & fact("employees").is_known(), lead(country="FR"), NO),
        (GERMAN & fact("employees").is_known(), lead(country="DE"), UNKNOWN),
        (GERMAN | fact("employees").is_unknown(), lead(country="DE"), YES),
        (GERMAN | fact("employees").is_unknown(), lead(country="FR"), UNKNOWN),
        (GERMAN & ~LARGE, lead(country="DE", employees=9), YES),
    ],
)
def test_an_answer_lasts_where_no_further_fact_can_change_it(condition: AnyCondition, of: Lead, lasts: bool | None) -> None:
    assert lasting(compile(condition, WORDS, Questions())).test(View(of, AT)) is lasts


# ------------------------------------------------------------------------------------------------------ one object, two forms


@pytest.mark.parametrize(
    ("written", "data"),
    [
        (fact("employees").equals(5), '{ op = "equals", fact = "employees", value = 5 }'),
        (fact("employees").differs(5), '{ op = "differs", fact = "employees", value = 5 }'),
        (fact("employees").at_least(5), '{ op = "at_least", fact = "employees", value = 5 }'),
        (fact("employees").at_most(5), '{ op = "at_most", fact = "employees", value = 5 }'),
        (fact("employees").more_than(5), '{ op = "more_than", fact = "employees", value = 5 }'),
        (fact("employees").less_than(5), '{ op = "less_than", fact = "employees", value = 5 }'),
        (fact("employees").between(5, 9), '{ op = "between", fact = "employees", low = 5, high = 9 }'),
        (fact("country").is_in("DE", "AT"), '{ op = "is_in", fact = "country", values = ["DE", "AT"] }'),
        (fact("technologies").overlaps("a", "b"), '{ op = "overlaps", fact = "technologies", values = ["a", "b"] }'),
        (fact("title").contains("VP"), '{ op = "contains", fact = "title", value = "VP" }'),
        (fact("title").starts_with("VP"), '{ op = "starts_with", fact = "title", value = "VP" }'),
        (fact("title").ends_with("VP"), '{ op = "ends_with", fact = "title", value = "VP" }'),
        (fact("title").is_known(), '{ op = "known", fact = "title" }'),
        (fact("title").is_unknown(), '{ op = "unknown", fact = "title" }'),
        (fact("created_at").within(7), '{ op = "within", fact = "created_at", days = 7 }'),
        (fact("created_at").older_than(7), '{ op = "older_than", fact = "created_at", days = 7 }'),
        (
            THRICE,
            '{ op = "count", activities = { kinds = ["page_view"], contents = ["pricing"] }, at_least = 3, within_days = 2 }',
        ),
        (count(at_most=3), '{ op = "count", at_most = 3 }'),
        (ALWAYS, '{ op = "always" }'),
        (~ALWAYS, '{ op = "not", of = { op = "always" } }'),
        (
            fact("a").equals(True) & ALWAYS & ALWAYS,
            '{ op = "all", of = [{ op = "equals", fact = "a", value = true }, { op = "always" }, { op = "always" }] }',
        ),
        (ALWAYS | ~ALWAYS, '{ op = "any", of = [{ op = "always" }, { op = "not", of = { op = "always" } }] }'),
        (fact("ratio").at_least(Decimal("0.50")), '{ op = "at_least", fact = "ratio", value = "0.5" }'),
        (fact("ratio").at_least(Fraction(1, 3)), '{ op = "at_least", fact = "ratio", value = "1/3" }'),
        (fact("ratio").at_least(Decimal("1E+2")), '{ op = "at_least", fact = "ratio", value = 100 }'),
        (fact("created_at").at_least(AT), '{ op = "at_least", fact = "created_at", value = 2026-03-30T11:00:00+02:00 }'),
        (fact("created_at").at_least(AT), '{ op = "at_least", fact = "created_at", value = "2026-03-30T09:00:00Z" }'),
        (
            fact("annual_revenue").at_least(Money.of("30000.50", "EUR")),
            '{ op = "at_least", fact = "annual_revenue", value = { amount = "30000.50", currency = "EUR" } }',
        ),
    ],
)
def test_python_and_plain_data_make_the_same_object(written: AnyCondition, data: str) -> None:
    read = parse(tomllib.loads(f"condition = {data}")["condition"])
    assert read == written
    assert parse(json.loads(json.dumps(written.model_dump(mode="json")))) == written
    assert parse(written) == written


def test_parts_joined_in_one_way_lie_side_by_side() -> None:
    a, b, c = (fact(name).is_known() for name in "abc")
    assert (a & b) & c == a & (b & c) == a & b & c == AllOf(op="all", of=(a, b, c))
    assert (a | b) | c == a | (b | c) == a | b | c == AnyOf(op="any", of=(a, b, c))
    assert (a & b) & (b & c) == AllOf(op="all", of=(a, b, b, c))
    assert (a & b | c).of == (a & b, c)
    assert (a & (b | c)).of == (a, b | c)


def test_words_for_and_or_not_are_refused_since_they_would_lose_a_part() -> None:
    joined = "saw a condition used as a yes or no, expected &, | or ~ to join conditions, or holds(...) for an answer."
    assert problems(lambda: GERMAN and LARGE) == [joined]
    assert problems(lambda: not GERMAN) == [joined]


# ------------------------------------------------------------------------------------------------------------- refusals


def test_every_problem_is_told_at_once_with_its_path() -> None:
    data = {
        "op": "all",
        "of": [
            {"op": "equals", "fact": "country", "value": 5},
            {"op": "any", "of": [{"op": "at_least", "fact": "employes", "value": 5}]},
            {"op": "not", "of": {"op": "is_in", "fact": "plan", "values": ["free", "por", 3]}},
            {"op": "between", "fact": "employees", "low": 5, "high": 3},
        ],
    }
    told = problems(lambda: parse(data, WORDS))
    assert [problem.split(":")[0] for problem in told] == [
        "of[0].value",
        "of[1].of[0].fact",
        "of[2].of.values[1]",
        "of[2].of.values[2]",
        "of[3].high",
    ]
    assert told[0] == "of[0].value: saw 5 for country, a fact of kind text, expected text."
    assert told[1].endswith('Did you mean "employees"?')
    assert told[2] == "of[2].of.values[1]: saw 'por' for plan, expected one of free, pro, team. Did you mean \"pro\"?"


TEXT_OPS = "of kind text, expected one of contains, differs, ends_with, equals, is_in, known, starts_with, unknown."
TEXTS_OPS = "of kind texts, expected one of contains, known, overlaps, unknown."
BOOLEAN_OPS = "of kind boolean, expected one of differs, equals, known, unknown."
INTEGER = "a fact of kind integer, expected a whole number."
EXACT = 'a fact of kind decimal, expected a whole number or exact text such as "2.5".'
INSTANT = 'a fact of kind instant, expected an instant with its offset, such as "2026-03-02T09:00:00Z".'
MONEY = 'a fact of kind money, expected an amount, such as { amount = 30000, currency = "EUR" }.'
COUNTRIES = "one of AD, AE, AF, AG, AI, AL, AM, AO, AQ, AR, AS, AT, AU, AW, AX, AZ, ... (250 in all)."
KINDS = (
    "one of call_request, contact_form, content_download, demo_request, email_click, email_open, event_attendance, newsletter_signup, "
    "page_view, reply, trial_activity, trial_signup, visit, webinar_attendance, webinar_registration."
)
FILTER = "one of campaigns, channels, content_starts, contents, depth_at_least, hand_raise, kinds, marketing, touchpoints."
AN_ID = "expected letters, digits and underscores, parts joined by a dot, a colon or a hyphen."
A_VALUE = "expected text, a whole number below 2**53, true or false, or an amount."
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - on purpose
EUROS_5 = {"amount": 5, "currency": "EUR"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        # of another kind than the fact
        ({"op": "equals", "fact": "employees", "value": "5"}, f"value: saw '5' for employees, {INTEGER}"),
        ({"op": "equals", "fact": "employees", "value": True}, f"value: saw true for employees, {INTEGER}"),
        ({"op": "equals", "fact": "partner", "value": 1}, "value: saw 1 for partner, a fact of kind boolean, expected true or false."),
        ({"op": "equals", "fact": "ratio", "value": False}, f"value: saw false for ratio, {EXACT}"),
        ({"op": "equals", "fact": "ratio", "value": "half"}, f"value: saw 'half' for ratio, {EXACT}"),
        ({"op": "equals", "fact": "ratio", "value": "1/0"}, f"value: saw '1/0' for ratio, {EXACT}"),
        ({"op": "at_least", "fact": "created_at", "value": "2026-03-02"}, f"value: saw '2026-03-02' for created_at, {INSTANT}"),
        ({"op": "at_least", "fact": "created_at", "value": 5}, f"value: saw 5 for created_at, {INSTANT}"),
        ({"op": "at_least", "fact": "annual_revenue", "value": 5}, f"value: saw 5 for annual_revenue, {MONEY}"),
        ({"op": "at_least", "fact": "employees", "value": EUROS_5}, f"value: saw Amount EUR 5.00 for employees, {INTEGER}"),
        ({"op": "equals", "fact": "country", "value": "UK"}, f"value: saw 'UK' for country, expected {COUNTRIES}"),
        ({"op": "contains", "fact": "technologies", "value": 5}, "value: saw 5, expected text."),
        (
            {"op": "between", "fact": "annual_revenue", "low": EUROS_5, "high": {"amount": 9, "currency": "USD"}},
            "high: saw an amount in USD, expected the currency of low, EUR.",
        ),
        ({"op": "between", "fact": "ratio", "low": "1/2", "high": "1/3"}, "high: saw '1/3', expected at least low. Swap low and high."),
        # an operator that the kind does not have
        ({"op": "at_least", "fact": "country", "value": "DE"}, f'op: saw "at_least" on country, a fact {TEXT_OPS}'),
        ({"op": "overlaps", "fact": "country", "values": ["DE"]}, f'op: saw "overlaps" on country, a fact {TEXT_OPS}'),
        ({"op": "within", "fact": "country", "days": 5}, f'op: saw "within" on country, a fact {TEXT_OPS}'),
        ({"op": "equals", "fact": "technologies", "value": "a"}, f'op: saw "equals" on technologies, a fact {TEXTS_OPS}'),
        ({"op": "is_in", "fact": "partner", "values": [True]}, f'op: saw "is_in" on partner, a fact {BOOLEAN_OPS}'),
        ({"op": "starts_with", "fact": "technologies", "value": "a"}, f'op: saw "starts_with" on technologies, a fact {TEXTS_OPS}'),
        # a name that nobody declares
        (
            {"op": "count", "activities": {"kinds": ["page_veiw"]}, "at_least": 1},
            f"activities.kinds[0]: saw 'page_veiw', expected {KINDS} Did you mean \"page_view\"?",
        ),
        (
            {"op": "count", "activities": {"touchpoints": ["price"]}, "at_least": 1},
            "activities.touchpoints[0]: saw 'price', expected one of forms, pricing. Did you mean \"pricing\"?",
        ),
        # a value that no condition has
        ({"op": "equals", "fact": "ratio", "value": 2.5}, f'value: saw 2.5, {A_VALUE} Write it as text: "2.5".'),
        ({"op": "equals", "fact": "ratio", "value": float("nan")}, f"value: saw nan, {A_VALUE}"),
        ({"op": "equals", "fact": "ratio", "value": float("inf")}, f"value: saw inf, {A_VALUE}"),
        ({"op": "equals", "fact": "ratio", "value": None}, f"value: saw nothing, {A_VALUE}"),
        ({"op": "equals", "fact": "ratio", "value": [1]}, f"value: saw a list of 1, {A_VALUE}"),
        ({"op": "equals", "fact": "employees", "value": 2**53}, f"value: saw 9007199254740992, {A_VALUE}"),
        ({"op": "equals", "fact": "employees", "value": 2**60}, f"value: saw 1152921504606846976, {A_VALUE}"),
        ({"op": "equals", "fact": "title", "value": ""}, f"value: saw '', {A_VALUE} No fact is an empty text: ask \"unknown\"."),
        ({"op": "equals", "fact": "ratio", "value": Decimal("NaN")}, f"value: saw Decimal NaN, {A_VALUE}"),
        ({"op": "equals", "fact": "ratio", "value": Decimal("1E+999999999")}, f"value: saw Decimal 1E+999999999, {A_VALUE}"),
        ({"op": "equals", "fact": "ratio", "value": Fraction(1, 2**60)}, f"value: saw Fraction 1/1152921504606846976, {A_VALUE}"),
        (
            {"op": "equals", "fact": "created_at", "value": NAIVE},
            "value: saw 2026-03-02T00:00:00 without a zone, expected an aware datetime. Add tzinfo, for example tzinfo=UTC.",
        ),
        (
            {"op": "equals", "fact": "budget", "value": {"amount": 5}},
            'value.currency: saw nothing, expected a value for this key. Add "currency".',
        ),
        (
            {"op": "equals", "fact": "budget", "value": {"amount": 5, "currency": "EUR", "per": "year"}},
            "value.per: saw the key 'per', expected one of amount, currency. Remove it.",
        ),
        (
            {"op": "equals", "fact": "budget", "value": {"amount": "5.001", "currency": "EUR"}},
            "value.amount: saw '5.001', expected an amount in whole minor units of EUR.",
        ),
        (
            {"op": "equals", "fact": "budget", "value": {"amount": "0.5", "currency": "JPY"}},
            "value.amount: saw '0.5', expected an amount in whole minor units of JPY.",
        ),
        (
            {"op": "equals", "fact": "budget", "value": {"amount": 5, "currency": "eur"}},
            "value.currency: saw 'eur', expected an ISO 4217 code that has a minor unit. Write \"EUR\".",
        ),
        # shapes
        ({"op": "is_in", "fact": "country", "values": []}, "values: saw a list of 0, expected at least 1 row(s)."),
        ({"op": "is_in", "fact": "country", "values": "DE"}, "values: saw 'DE', expected a list."),
        ({"op": "all", "of": []}, "of: saw a list of 0, expected at least 1 row(s)."),
        ({"op": "contains", "fact": "title", "value": ""}, "value: saw '', expected at least 1 character(s)."),
        ({"op": "known", "fact": "title", "value": 5}, "value: saw the key 'value', expected one of fact, op. Remove it."),
        ({"op": "within", "fact": "created_at", "days": -1}, "days: saw -1, expected at least 0."),
        ({"op": "within", "fact": "created_at", "days": 36_501}, "days: saw 36501, expected at most 36500."),
        ({"op": "within", "fact": "created_at", "days": True}, "days: saw true, expected a whole number."),
        ({"op": "within", "fact": "created_at", "days": "7"}, "days: saw '7', expected a whole number."),
        ({"op": "count"}, "at_least: saw nothing, expected at_least or at_most. Add at_least = 1."),
        ({"op": "count", "at_least": 3, "at_most": 2}, "at_most: saw 2, expected at least 3. Swap at_least and at_most."),
        ({"op": "count", "at_least": -1}, "at_least: saw -1, expected at least 0."),
        (
            {"op": "count", "at_least": 1, "activities": {"kind": ["visit"]}},
            f"activities.kind: saw the key 'kind', expected {FILTER} Did you mean \"kinds\"?",
        ),
        ({"op": "count", "at_least": 1, "activities": {"depth_at_least": 4}}, "activities.depth_at_least: saw 4, expected at most 3."),
        ({}, "saw a table of 0, expected a table that says its 'op'."),
        (None, "saw nothing, expected a table."),
        ([], "saw a list of 0, expected a table."),
        ("employees > 5", "saw 'employees > 5', expected a table."),
        # names that look right
        ({"op": "known", "fact": "соuntry"}, f"fact: saw 'соuntry' (with U+0441 CYRILLIC SMALL LETTER ES), {AN_ID}"),
        ({"op": "known", "fact": "__class__.__init__"}, None),
        ({"op": "known", "fact": "lead.country"}, None),
        ({"op": "known", "fact": ""}, "fact: saw '', expected at least 1 character(s)."),
        ({"op": "known", "fact": "country\n"}, f"fact: saw 'country\\n', {AN_ID}"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(data: Raw, told: str | None) -> None:
    found = problems(lambda: parse(data, WORDS))
    assert len(found) == 1
    if told is None:
        assert found[0].startswith(f"fact: saw no fact called '{data['fact']}', expected one of ")
    else:
        assert found == [told]


def test_an_amount_beyond_all_amounts_is_refused() -> None:
    (told,) = problems(lambda: fact("budget").equals(Money(10**20, "EUR")))
    assert told.startswith("value.amount: saw Fraction 1000000000000000000, expected a number of at most 1000000000000000")


def test_an_unknown_operator_names_the_nearest() -> None:
    (told,) = problems(lambda: parse({"op": "matches", "fact": "title", "value": ".*"}))
    assert told.startswith("saw 'matches', expected 'op' to be one of 'equals', 'differs', ")
    (near,) = problems(lambda: parse({"op": "contain", "fact": "title", "value": "x"}))
    assert near.endswith('Did you mean "contains"?')


def test_a_condition_made_in_python_is_held_to_the_facts_when_it_is_asked() -> None:
    told = ["of[1].of.value: saw 5 for country, a fact of kind text, expected text."]
    assert problems(lambda: ask(LARGE & ~fact("country").equals(5), NOBODY)) == told
    assert problems(lambda: compile(fact("country").equals(5), WORDS, Questions())) == [told[0].removeprefix("of[1].of.")]
    assert problems(lambda: compile(fact("cuontry").is_known(), WORDS, Questions()))[0].endswith('Did you mean "country"?')


def test_a_fact_whose_own_declaration_is_refused_is_not_told_twice() -> None:
    words = attrs.evolve(WORDS, unsure=frozenset({"shaky"}))
    assert parse({"op": "equals", "fact": "shaky", "value": 5}, words) == fact("shaky").equals(5)


def test_a_condition_may_name_what_the_catalogue_lists_and_nothing_else() -> None:
    pricing = count(ActivityFilter(touchpoints=("pricing",)), at_least=1)
    assert ask(pricing, viewed(DAY)) is True
    assert ask(pricing, viewed(DAY, content="blog")) is False
    (told,) = problems(lambda: holds(pricing, viewed(DAY), at=AT, words=WORDS))
    assert told.startswith("activities.touchpoints[0]: saw 'pricing', expected nothing: there are none.")


def test_observations_are_settled_before_a_condition_is_asked() -> None:
    seen = lead(observations=(Observation("country", "DE", "form", AT), Observation("employees", 500, "news", AT + TICK)))
    assert (ask(GERMAN, seen), ask(LARGE, seen)) == (YES, UNKNOWN)


def test_an_answer_is_of_an_aware_instant() -> None:
    with pytest.raises(FactError, match="without a zone"):
        holds(GERMAN, NOBODY, at=datetime(2026, 3, 2))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("country", "DE", "DE"),
        ("technologies", "a", "a"),
        ("employees", 5, 5),
        ("ratio", "2.50", Fraction(5, 2)),
        ("ratio", "4/2", 2),
        ("partner", True, True),
        ("created_at", "2026-03-30T11:00:00+02:00", AT),
        ("budget", Amount.model_validate({"amount": 5, "currency": "JPY"}), Money(5, "JPY")),
    ],
)
def test_a_constant_is_kept_as_the_fact_is(name: str, given: Raw, kept: object) -> None:
    found = constant(WORDS.word(name), given)
    assert (found, type(found)) == (kept, type(kept))


# --------------------------------------------------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (fact("a").equals("x"), 'a equals "x"'),
        (fact("a").differs(5), "a is not 5"),
        (fact("a").at_least(5) & fact("a").at_most(9), "a is at least 5 and a is at most 9"),
        (fact("a").more_than("0.5") | fact("a").less_than(0), 'a is more than "0.5" or a is less than 0'),
        (fact("a").equals(True), "a equals true"),
        (fact("a").at_least(Money.of("30000", "EUR")), "a is at least EUR 30000.00"),
        (fact("a").between(1, 5), "a is between 1 and 5"),
        (fact("a").is_in("x", "y"), 'a is one of "x", "y"'),
        (fact("a").is_in(*range(1, 15)), "a is one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more"),
        (fact("a").overlaps("x"), 'a has one of "x"'),
        (fact("a").contains("x"), 'a contains "x"'),
        (fact("a").starts_with("x") & fact("a").ends_with("y"), 'a starts with "x" and a ends with "y"'),
        (fact("a").is_known() | fact("b").is_unknown(), "a is known or b is unknown"),
        (fact("a").within(1), "a lies within the last day"),
        (fact("a").within(30), "a lies within the last 30 days"),
        (fact("a").older_than(1), "a is older than 1 day"),
        (fact("a").older_than(60), "a is older than 60 days"),
        (fact("a").is_known() & (fact("b").is_known() | fact("c").is_known()), "a is known and (b is known or c is known)"),
        (fact("a").is_known() | fact("b").is_known() & fact("c").is_known(), "a is known or (b is known and c is known)"),
        (~(fact("a").is_known() & ALWAYS), "not (a is known and always)"),
        (THRICE, 'page_view "pricing" at least 3 times within 2 days'),
        (count(at_least=1), "any activity at least once"),
        (count(at_most=0, within_days=1), "any activity never within 1 day"),
        (count(at_most=1), "any activity at most once"),
        (count(at_least=2, at_most=2), "any activity exactly 2 times"),
        (count(at_least=2, at_most=5), "any activity 2 to 5 times"),
        (
            count(ActivityFilter(kinds=("visit", "page_view"), contents=("pricing",), content_starts=("pricing/",)), at_least=2),
            'visit or page_view "pricing" or starting with "pricing/" at least 2 times',
        ),
        (
            count(ActivityFilter(channels=("email",), campaigns=("spring",), touchpoints=("pricing",), depth_at_least=2), at_least=1),
            'any activity of channel "email" of campaign "spring" of touchpoint "pricing" of depth 2 or more at least once',
        ),
        (
            count(ActivityFilter(hand_raise=True, marketing=False), at_least=1),
            "any activity that raises a hand not of marketing at least once",
        ),
        (fact("a").equals("x" * 100), f'a equals "{"x" * 80}..."'),
        (fact("a").equals("two\nlines"), "a equals 'two\\nlines'"),
    ],
)
def test_a_condition_reads_well(condition: AnyCondition, words: str) -> None:
    assert sentence(condition) == words


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (GERMAN & (LARGE | ~fact("title").contains("VP")), {"country", "employees", "title"}),
        (THRICE | GERMAN, {"activities", "country"}),
        (ALWAYS, set()),
    ],
)
def test_a_condition_names_the_facts_that_it_asks_for(condition: AnyCondition, names: set[str]) -> None:
    assert facts_named(condition) == names


# -------------------------------------------------------------------------------------------------------------- implying


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LARGE, ALWAYS),
        (LARGE, fact("employees").at_least(199)),
        (LARGE, fact("employees").more_than(199)),
        (fact("employees").more_than(200), LARGE),
        (fact("employees").equals(200), LARGE),
        (fact("employees").is_in(200, 300), fact("employees").between(200, 300)),
        (fact("employees").between(5, 5), fact("employees").equals(5)),
        (fact("ratio").at_least("0.5"), fact("ratio").at_least("1/3")),
        (fact("ratio").equals("0.50"), fact("ratio").at_most("1/2")),
        (fact("ratio").less_than("1/3"), fact("ratio").at_most("1/2")),
        (fact("budget").at_least(Money(500, "EUR")), fact("budget").more_than(Money(400, "EUR"))),
        (GERMAN, fact("country").is_in("AT", "DE")),
        (GERMAN, fact("country").is_known()),
        (fact("tags").overlaps("a"), fact("tags").overlaps("b", "a")),
        (fact("created_at").within(2), fact("created_at").within(7)),
        (fact("created_at").older_than(7), fact("created_at").older_than(2)),
        (GERMAN & LARGE, LARGE),
        (GERMAN, GERMAN | LARGE),
        (GERMAN & LARGE, GERMAN & LARGE),
        (GERMAN & LARGE, ALWAYS & LARGE),
        (GERMAN & LARGE, THRICE | (GERMAN & LARGE)),
        (GERMAN | fact("country").equals("AT"), fact("country").is_in("AT", "DE")),
        (~fact("employees").at_least(100), ~LARGE),
        (~~LARGE, ~~fact("employees").at_least(100)),
        (count(at_least=3, within_days=2), count(at_least=1, within_days=7)),
        (count(at_least=3, within_days=2), count(at_least=3)),
        (count(at_most=3), count(at_most=3, within_days=7)),
        (count(at_least=2, at_most=2), count(at_least=1, at_most=3)),
    ],
)
def test_what_surely_follows_is_shown(first: AnyCondition, second: AnyCondition) -> None:
    assert implies(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ALWAYS, LARGE),
        (LARGE, GERMAN),
        (LARGE, fact("employees").more_than(200)),
        (LARGE, fact("employees").at_most(500)),
        (fact("employees").is_in(199, 300), LARGE),
        (fact("employees").differs(5), fact("employees").differs(6)),
        (fact("budget").at_least(Money(500, "EUR")), fact("budget").at_least(Money(400, "USD"))),
        (fact("partner").equals(True), fact("partner").at_least(0)),
        (fact("title").equals("one"), fact("title").at_least(1)),
        (fact("country").is_unknown(), fact("country").is_known()),
        (~fact("country").is_known(), ~GERMAN),  # nobody knows the country: whether it is not DE is unknown
        (~GERMAN, fact("country").differs("DE")),  # true, and not shown
        (fact("created_at").within(7), fact("created_at").within(2)),
        (fact("created_at").within(7), fact("created_at").older_than(2)),
        (count(at_least=3), count(at_least=3, within_days=2)),
        (count(at_most=3, within_days=2), count(at_most=3)),
        (count(at_most=3), count(at_least=1, within_days=2)),
        (count(at_least=1), count(at_least=1, at_most=3)),
        (THRICE, count(at_least=3, within_days=2)),
        (GERMAN | LARGE, LARGE),
        (LARGE, GERMAN & LARGE),
        (GERMAN & LARGE, THRICE),
    ],
)
def test_what_does_not_follow_is_not_shown(first: AnyCondition, second: AnyCondition) -> None:
    assert not implies(first, second)


def test_a_search_for_proofs_ends() -> None:
    many = AnyOf(op="any", of=tuple(fact(f"f{number}").is_known() for number in range(5_000)))
    assert not implies(AllOf(op="all", of=many.of), many & GERMAN)
    proofs = Proofs(2)
    assert [proofs.shows(LARGE, ALWAYS) for _ in range(3)] == [True, True, False]


# --------------------------------------------------------------------------------------------------------- hostile input


def nested(op: str, depth: int) -> Raw:
    data: Raw = {"op": "always"}
    for _ in range(depth):
        data = {"op": op, "of": data if op == "not" else [data, {"op": "always"}]}
    return data


def chain(join: Callable[[AnyCondition, int], AnyCondition], length: int) -> AnyCondition:
    made: AnyCondition = fact("a").equals(0)
    for number in range(1, length):
        made = join(made, number)
    return made


TOO_DEEP = ["saw more than 40 levels, expected at most 40 levels of nesting. Flatten it."]
TOO_LARGE = ["saw more than 50000 values, expected at most 50000 values. Split the document."]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda: parse(nested("not", 10_000)), TOO_DEEP, id="not, as data"),
        pytest.param(lambda: parse(nested("all", 10_000)), TOO_DEEP, id="all, as data"),
        pytest.param(lambda: chain(lambda made, _: ~made, 10_000), TOO_DEEP, id="not, in Python"),
        pytest.param(lambda: chain(lambda made, n: (made & fact("b").equals(n)) | fact("c").equals(n), 10_000), TOO_DEEP, id="all and any"),
        pytest.param(lambda: parse({"op": "all", "of": [{"op": "always"}] * 100_000}), TOO_LARGE, id="100,000 parts"),
        pytest.param(lambda: fact("a").is_in(*range(100_000)), TOO_LARGE, id="100,000 values"),
        pytest.param(
            lambda: chain(lambda made, n: made & fact("a").equals(n), 10_000),
            ["of: saw a list of 5001, expected at most 5000 rows."],
            id="10,000 parts, in Python",
        ),
        pytest.param(
            lambda: fact("a").equals(10**5000),
            ["saw an integer of 16610 bits, expected at most 256 bits. No number of a policy is as large."],
            id="an integer of 5,000 digits",
        ),
        pytest.param(
            lambda: fact("a").equals("x" * 1_000_000),
            ["saw text of 1000000 characters, expected at most 10000. Shorten it."],
            id="1 MB of text",
        ),
        pytest.param(
            lambda: fact("x" * 5_000).is_known(), [f"fact: saw '{'x' * 80}'..., expected at most 80 characters."], id="a long name"
        ),
        pytest.param(lambda: ALWAYS & 5, ["of[1]: saw 5, expected a table."], id="a number as a part"),  # type: ignore[operator]  # on purpose
    ],
)
def test_what_is_too_deep_or_too_large_is_refused_at_once(make: Callable[[], object], told: list[str]) -> None:
    began = time.perf_counter()
    assert problems(make) == told
    assert time.perf_counter() - began < 5


def test_a_long_chain_is_one_flat_condition() -> None:
    began = time.perf_counter()
    left = chain(lambda made, n: made & fact("seats").differs(n), 5_000)
    right = chain(lambda made, n: fact("seats").differs(n) | made, 5_000)
    assert isinstance(left, AllOf)
    assert isinstance(right, AnyOf)
    assert len(left.of) == len(right.of) == 5_000
    assert parse(left.model_dump(mode="json")) == left
    assert time.perf_counter() - began < 5


def test_the_deepest_condition_that_is_read_is_answered() -> None:
    deepest = parse(nested("not", 37))
    assert ask(deepest, NOBODY) is False
    assert sentence(deepest).count("not (") == 37
    assert problems(lambda: parse(nested("not", 40))) == TOO_DEEP


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "__import__('os').abort()", "{0.__class__}", "%n%s", "(a+)+$", "\x00", "' OR 1=1"]
)
def test_text_is_only_ever_compared(text: str) -> None:
    asked = fact("title").equals(text) & fact("title").contains(text) & fact("title").starts_with(text)
    assert ask(asked, lead(title=text)) is True
    assert ask(asked, lead(title="a" * 50)) is False
    assert parse(json.loads(json.dumps(asked.model_dump(mode="json")))) == asked


def test_forty_thousand_values_are_looked_through_at_once() -> None:
    began = time.perf_counter()
    huge = fact("title").is_in(*(f"title {number}" for number in range(40_000)))
    assert ask(huge, lead(title="title 39999")) is True
    assert len(sentence(huge)) < 200
    assert time.perf_counter() - began < 5


def test_a_condition_is_frozen() -> None:
    assert isinstance(GERMAN, Document)
    with pytest.raises(ValueError, match="frozen"):
        GERMAN.value = "FR"


@pytest.mark.parametrize("asks", [ActivityFilter(depth_at_least=3), ActivityFilter(hand_raise=True)], ids=["depth", "a raised hand"])
def test_without_a_catalogue_nobody_says_what_is_deep(asks: ActivityFilter) -> None:
    """SC-8: better no answer than a quiet "no"."""
    (told,) = problems(lambda: holds(count(asks, at_least=1), NOBODY, at=AT))
    assert told.startswith("catalogue: saw nothing, expected the catalogue that depth and hand_raise are read from.")


def test_what_is_no_lead_is_refused_by_name() -> None:
    with pytest.raises(FactError, match=r"^lead: saw nothing, expected a Lead"):
        holds(GERMAN, None, at=AT)  # type: ignore[arg-type]  # on purpose
