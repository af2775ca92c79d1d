"""What holds of every condition, whoever wrote it and whomever it is asked of.

`read_plainly` is a second reader of the language: it walks the plain data of a condition, slowly and without compiling, and
shares no code with the library's own.
"""

import json
import pickle
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise, product
from random import Random
from typing import Any, TypeAlias

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine.conditions import AnyCondition, Questions, compile, count, fact, facts_named, holds, lasting, parse, sentence
from inbound_engine.decisions import Code
from inbound_engine.documents import fingerprint
from inbound_engine.facts import Account, Activity, Extra, Lead
from inbound_engine.implications import implies
from inbound_engine.money import Money, exponent
from inbound_engine.signals import ActivityFilter, read
from inbound_engine.vocabulary import View
from tests.condition_strategies import CATALOGUE, WORDS, Pair, conditions, known_leads, leaves, pairs
from tests.strategies import AT, activities

Raw: TypeAlias = Any
"""A value of the fact's kind, whichever that is."""

DAY = timedelta(days=1)


def ask(condition: AnyCondition, lead: Lead) -> bool | None:
    return holds(condition, lead, at=AT, words=WORDS, catalogue=CATALOGUE).value


def seen(lead: Lead, questions: Questions) -> View:
    """The lead as compiled rules see it."""
    return View(lead, AT, *((None, None) if lead.activities is None else read(questions.signals(), lead.activities, AT)))


# ----------------------------------------------------------------------------------------------------- the second reader


def read_plainly(data: Mapping[str, Any], lead: Lead) -> bool | None:
    match data["op"]:
        case "always":
            return True
        case "not":
            return {True: False, False: True, None: None}[read_plainly(data["of"], lead)]
        case "all":
            answers = [read_plainly(part, lead) for part in data["of"]]
            return False if False in answers else None if None in answers else True
        case "any":
            answers = [read_plainly(part, lead) for part in data["of"]]
            return True if True in answers else None if None in answers else False
        case "count":
            if lead.activities is None:
                return None
            days = data.get("within_days")
            number = sum(
                activity.at <= AT and (days is None or AT - activity.at <= days * DAY) and is_meant(data["activities"], activity)
                for activity in lead.activities
            )
            least, most = data.get("at_least"), data.get("at_most")
            return (least is None or number >= least) and (most is None or number <= most)
        case op:
            return about(op, data, fact_of(lead, data["fact"]))


def about(op: str, data: Mapping[str, Any], here: Raw) -> bool | None:
    if op in {"known", "unknown"}:
        return (here is None) == (op == "unknown")
    if here is None:
        return None
    match op:
        case "within":
            return bool(timedelta(0) <= AT - here <= data["days"] * DAY)
        case "older_than":
            return bool(AT - here > data["days"] * DAY)
        case "is_in":
            return any(as_number(here) == as_number(value) for value in data["values"])
        case "overlaps":
            return any(value in here for value in data["values"])
        case "contains":
            return data["value"] in here if isinstance(here, frozenset) else here.find(data["value"]) >= 0
        case "starts_with":
            return bool(here[: len(data["value"])] == data["value"])
        case "ends_with":
            return bool(here[-len(data["value"]) :] == data["value"])
        case "between":
            return both(compared("at_least", here, data["low"]), compared("at_most", here, data["high"]))
        case _:
            return compared(op, here, data["value"])


def both(one: bool | None, other: bool | None) -> bool | None:
    return None if one is None or other is None else one and other


def compared(op: str, here: Raw, value: Raw) -> bool | None:
    if isinstance(here, Money):
        if here.currency != value["currency"]:
            return None
        here, value = Fraction(here.minor, 10 ** exponent(here.currency)), value["amount"]
    if isinstance(here, datetime):
        value = datetime.fromisoformat(value)
    elif not isinstance(here, str | bool):
        here, value = as_number(here), as_number(value)
    answers: dict[str, bool] = {
        "equals": here == value,
        "differs": here != value,
        "at_least": isinstance(here, str | bool) or here >= value,
        "at_most": isinstance(here, str | bool) or here <= value,
        "more_than": isinstance(here, str | bool) or here > value,
        "less_than": isinstance(here, str | bool) or here < value,
    }
    return answers[op]


def as_number(value: Raw) -> Raw:
    return Fraction(value) if isinstance(value, int | Decimal | Fraction) or (isinstance(value, str) and value[-1].isdigit()) else value


def fact_of(lead: Lead, name: str) -> Raw:
    account = lead.account or Account(id="none")
    match name:
        case "country":
            return lead.country or account.country
        case "email_domain":
            return lead.email and lead.email.split("@")[-1].lower()
        case "created_at":
            return None if lead.created_at is None or lead.created_at > AT else lead.created_at
        case "tags":
            return account.extra.get("tags")
        case "plan" | "seats" | "ratio" | "partner" | "renewal" | "budget":
            return lead.extra.get(name)
        case "title" | "suppressed":
            return getattr(lead, name)
        case _:
            return getattr(account, name)


def is_meant(asked: Mapping[str, Any], activity: Activity) -> bool:
    content = activity.content or ""
    listed = (
        (3, True, "forms")
        if activity.kind in {"demo_request", "contact_form"}
        else (3, False, "pricing")
        if content == "pricing" or content.startswith("pricing/")
        else (0, False, "blog")
        if activity.kind == "page_view" and content.startswith("blog")
        else (0, False, "")
    )
    starts = asked.get("content_starts") or []
    wholes = asked.get("contents") or []
    return all(
        (
            not asked.get("kinds") or activity.kind in asked["kinds"],
            not (wholes or starts) or content in wholes or any(content[: len(start)] == start for start in starts),
            not asked.get("channels") or activity.channel in asked["channels"],
            not asked.get("campaigns") or activity.campaign in asked["campaigns"],
            not asked.get("touchpoints") or listed[2] in asked["touchpoints"],
            listed[0] >= (asked.get("depth_at_least") or 0),
            asked.get("hand_raise") in {None, listed[1]},
            asked.get("marketing") in {None, activity.marketing},
        )
    )


@settings(max_examples=150)
@given(pairs(), known_leads())
def test_the_compiled_answer_is_that_of_a_second_reader(pair: Pair, lead: Lead) -> None:
    assert ask(pair[0], lead) is read_plainly(pair[1], lead)


@settings(max_examples=150)
@given(leaves(), known_leads())
def test_each_operator_answers_as_a_second_reader_does(pair: Pair, lead: Lead) -> None:
    assert ask(pair[0], lead) is read_plainly(pair[1], lead)


# ---------------------------------------------------------------------------------------------------------------- forms


@given(pairs())
def test_python_and_plain_data_say_the_same(pair: Pair) -> None:
    written, data = pair
    assert parse(data) == written == parse(data, WORDS)
    assert hash(parse(data)) == hash(written)


@given(conditions())
def test_a_condition_comes_back_from_its_own_data(condition: AnyCondition) -> None:
    data = condition.model_dump(mode="json")
    assert parse(json.loads(json.dumps(data))) == condition
    assert parse(data).model_dump(mode="json") == data
    assert fingerprint(parse(data)) == fingerprint(condition)
    assert pickle.loads(pickle.dumps(condition)) == condition  # noqa: S301 - our own bytes


@given(conditions())
def test_a_condition_can_be_said_in_words_and_names_its_facts(condition: AnyCondition) -> None:
    assert sentence(condition)
    assert facts_named(condition) <= {*WORDS.words, "activities"}


# --------------------------------------------------------------------------------------------------------- three values


@settings(max_examples=60)
@given(conditions(), conditions(), known_leads())
def test_de_morgan_holds_in_three_values(one: AnyCondition, other: AnyCondition, lead: Lead) -> None:
    assert ask(~(one & other), lead) is ask(~one | ~other, lead)
    assert ask(~(one | other), lead) is ask(~one & ~other, lead)
    assert ask(~~one, lead) is ask(one, lead)


@settings(max_examples=60)
@given(st.lists(conditions(), min_size=2, max_size=4), st.randoms(use_true_random=False), known_leads())
def test_the_order_of_parts_changes_no_answer(parts: list[AnyCondition], random: Random, lead: Lead) -> None:
    shuffled = random.sample(parts, len(parts))
    for op in ("all", "any"):
        answers = [ask(parse({"op": op, "of": some}), lead) for some in (parts, shuffled)]
        assert answers[0] is answers[1]


@settings(max_examples=60)
@given(conditions(), known_leads(), st.integers(-14, 14).map(lambda hours: timedelta(hours=hours)))
def test_the_zone_of_the_instant_changes_no_answer(condition: AnyCondition, lead: Lead, offset: timedelta) -> None:
    elsewhere = holds(condition, lead, at=AT.astimezone(timezone(offset)), words=WORDS, catalogue=CATALOGUE)
    assert elsewhere == holds(condition, lead, at=AT, words=WORDS, catalogue=CATALOGUE)


def without(lead: Lead, forgotten: frozenset[str]) -> Lead:
    """The lead before those facts were known."""
    if "country" in forgotten and lead.country is not None and lead.account is not None:
        forgotten |= {"account"}  # else another country would take its place
    gaps: dict[str, Any] = {name: {} if name == "extra" else None for name in forgotten}
    return attrs.evolve(lead, **gaps)


FORGETTABLE = ("created_at", "title", "email", "country", "account", "activities")


@given(
    conditions(leaves(knowing=False)),
    known_leads(),
    st.frozensets(st.sampled_from((*FORGETTABLE, "extra")), min_size=1),
)
def test_one_more_fact_never_turns_a_sure_answer(condition: AnyCondition, lead: Lead, forgotten: frozenset[str]) -> None:
    before = ask(condition, without(lead, forgotten))
    assert before is None or before is ask(condition, lead)


@given(conditions(), known_leads(), st.frozensets(st.sampled_from((*FORGETTABLE, "extra")), min_size=1))
def test_a_lasting_answer_is_one_that_no_further_fact_turns(condition: AnyCondition, lead: Lead, forgotten: frozenset[str]) -> None:
    questions = Questions(CATALOGUE)
    rule = compile(condition, WORDS, questions)
    sure = lasting(rule)
    before, after = seen(without(lead, forgotten), questions), seen(lead, questions)
    assert sure.test(before) in {None, sure.test(after)}
    assert sure.test(after) in {None, rule.test(after)}
    assert "known" in sentence(condition) or sure is rule


@given(conditions(), known_leads(), st.lists(activities(), max_size=3), st.integers(1, 10**9))
def test_what_comes_after_the_instant_changes_nothing(condition: AnyCondition, lead: Lead, more: list[Activity], microseconds: int) -> None:
    later = AT + timedelta(microseconds=microseconds)
    future = tuple(attrs.evolve(activity, id=f"later {place}", at=later) for place, activity in enumerate(more))
    told = attrs.evolve(lead, activities=None if lead.activities is None else (*future, *lead.activities))
    assert ask(condition, told) is ask(condition, lead)
    came = attrs.evolve(lead, created_at=None)
    assert ask(condition, attrs.evolve(came, created_at=later)) is ask(condition, came)


# --------------------------------------------------------------------------------------------------------------- reasons


@given(conditions(), known_leads())
def test_every_answer_names_the_parts_that_decided_it(condition: AnyCondition, lead: Lead) -> None:
    decision = holds(condition, lead, at=AT, words=WORDS, catalogue=CATALOGUE)
    assert decision.because
    for reason in decision.because:
        part = part_at(condition, reason.rule)
        negations = count_of_nots(condition, reason.rule)
        answer = ask(part, lead)
        assert reason.code is {True: Code.MATCHED, False: Code.FAILED, None: Code.UNKNOWN}[answer]
        assert decision.value is (answer if answer is None or negations % 2 == 0 else not answer)
        assert {seen.name: seen.value for seen in reason.saw}["asked"] == sentence(part)


def steps(path: str) -> list[int | None]:
    """The places that a path goes through: None for the one part of a `not`."""
    return [int(step[3:-1]) if step.endswith("]") else None for step in path.split(".") if step]


def part_at(condition: Raw, path: str) -> AnyCondition:
    for place in steps(path):
        condition = condition.of if place is None else condition.of[place]
    return parse(condition)


def count_of_nots(condition: Raw, path: str) -> int:
    return steps(path).count(None)


# ------------------------------------------------------------------------------------------------------------- soundness


@settings(max_examples=60)
@given(conditions(), conditions(), st.lists(known_leads(), min_size=1, max_size=3))
def test_what_is_shown_to_follow_does_follow(one: AnyCondition, other: AnyCondition, leads: list[Lead]) -> None:
    for first, second in ((one, other), (one & other, one), (one, one | other), (~one, ~(one & other)), (one, other | one & other)):
        if implies(first, second):
            for lead in leads:
                assert ask(second, lead) is True or ask(first, lead) is not True


def told(**own: object) -> Lead:
    return Lead(id="L-1", extra=Extra.of(own), account=Account(id="A", extra={"tags": own.pop("tags", None)}))


def visited(*days: int) -> Lead:
    return Lead(id="L-1", activities=tuple(Activity(id=str(place), kind="visit", at=AT - day * DAY) for place, day in enumerate(days)))


def compared_with(name: str, *values: Raw) -> list[AnyCondition]:
    asked = fact(name)
    ordered = (asked.equals, asked.differs, asked.at_least, asked.at_most, asked.more_than, asked.less_than)
    ends = combinations(values, 2)
    return [
        *(one(value) for one in ordered for value in values),
        *(asked.between(*pair) for pair in ends),
        asked.is_known(),
        asked.is_unknown(),
    ]


EVERY_ANSWER: Mapping[str, tuple[Sequence[AnyCondition], Sequence[Lead]]] = {
    "numbers": (
        [*compared_with("ratio", 0, "0.5", "1/2", 1), fact("ratio").is_in(0, 1), fact("ratio").is_in("0.5", 0, 1)],
        [Lead(id="L-1"), *(told(ratio=Decimal(number)) for number in ("-1", "0", "0.25", "0.5", "0.75", "1", "2"))],
    ),
    "amounts": (
        compared_with("budget", Money(0, "EUR"), Money(50, "EUR"), Money(100, "EUR"))[:-6] + compared_with("budget", Money(50, "USD")),
        [Lead(id="L-1"), *(told(budget=Money(minor, code)) for minor in (0, 20, 50, 99, 100, 101) for code in ("EUR", "USD"))],
    ),
    "instants": (
        [
            *compared_with("renewal", AT - 2 * DAY, AT, AT + DAY),
            *(asked(days) for asked in (fact("renewal").within, fact("renewal").older_than) for days in (0, 1, 2)),
        ],
        [Lead(id="L-1"), *(told(renewal=AT + hours * DAY / 24) for hours in (-60, -48, -30, -24, -12, 0, 12, 24, 30))],
    ),
    "texts": (
        [
            *(asked(text) for asked in (fact("title").equals, fact("title").differs, fact("title").contains) for text in ("a", "ab", "b")),
            *(asked(text) for asked in (fact("title").starts_with, fact("title").ends_with) for text in ("a", "ab", "b")),
            *(fact("title").is_in(*some) for size in (1, 2, 3) for some in combinations(("a", "ab", "b"), size)),
            fact("title").is_known(),
            fact("title").is_unknown(),
        ],
        [Lead(id="L-1"), *(Lead(id="L-1", title=title) for title in ("a", "ab", "b", "ba", "c"))],
    ),
    "sets": (
        [
            *(fact("tags").overlaps(*some) for size in (1, 2, 3) for some in combinations("abc", size)),
            *(fact("tags").contains(member) for member in "abc"),
            fact("tags").is_known(),
            fact("tags").is_unknown(),
        ],
        [Lead(id="L-1"), *(told(tags=frozenset(some)) for size in range(4) for some in combinations("abc", size))],
    ),
    "counts": (
        [
            count(ActivityFilter(kinds=kinds), at_least=least, at_most=most, within_days=days)
            for least, most in ((0, None), (1, None), (2, None), (None, 0), (None, 1), (1, 1), (0, 2))
            for days in (None, 1, 2)
            for kinds in (("visit",), ("reply",))
        ],
        [Lead(id="L-1"), *(visited(*days) for size in range(4) for days in product((0, 2, 9), repeat=size))],
    ),
}


def answers(condition: AnyCondition, leads: Sequence[Lead]) -> list[bool | None]:
    questions = Questions(CATALOGUE)
    rule = compile(condition, WORDS, questions)
    return [rule.test(seen(lead, questions)) for lead in leads]


@pytest.mark.parametrize("kind", EVERY_ANSWER)
def test_what_is_shown_follows_for_every_answer_there_is(kind: str) -> None:
    leaves, leads = EVERY_ANSWER[kind]
    known = {
        condition: answers(condition, leads)
        for condition in dict.fromkeys((*leaves, *(~leaf for leaf in leaves), *(one & other for one, other in pairwise(leaves))))
    }
    wrong = [
        (sentence(one), sentence(other))
        for (one, mine), (other, theirs) in product(known.items(), repeat=2)
        if implies(one, other) and any(first is True and second is not True for first, second in zip(mine, theirs, strict=True))
    ]
    assert wrong == []
