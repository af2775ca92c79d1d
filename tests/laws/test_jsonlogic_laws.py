"""A condition written out as JsonLogic is the same condition when it comes back, and means the same to JsonLogic itself.

`apply` is JsonLogic as jsonlogic.com describes it, as far as conditions are written in it; it shares no code with the library.
"""

import json
from datetime import datetime
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from inbound_engine.adapters.jsonlogic import from_jsonlogic, to_jsonlogic
from inbound_engine.conditions import AnyCondition, fact, holds
from inbound_engine.decisions import plain
from inbound_engine.facts import Account, Lead
from inbound_engine.money import Money
from tests.condition_strategies import WORDS, Pair, conditions, known_leads, leaves
from tests.strategies import AT

Json: TypeAlias = Any
"""What JSON can say."""


def can_be_said(pair: Pair) -> bool:
    data = pair[1]
    values = [data.get("value"), data.get("low"), *data.get("values", ())]
    return data["op"] not in {"count", "within", "older_than", "starts_with", "ends_with"} and not any(
        isinstance(value, dict) for value in values
    )


sayable = leaves().filter(can_be_said)


def apply(rule: Json, known: dict[str, Json]) -> Json:
    if not isinstance(rule, dict):
        return rule
    ((name, arguments),) = rule.items()
    if name == "var":
        return known if arguments == "" else known.get(arguments)
    if name == "and":
        return all(apply(part, known) for part in arguments)
    if name == "or":
        return any(apply(part, known) for part in arguments)
    if name == "some":
        return any(item in arguments[1]["in"][1] for item in apply(arguments[0], known) or ())
    sides = [[apply(item, known) for item in side] if isinstance(side, list) else apply(side, known) for side in arguments]
    match name, sides:
        case "!", [value]:
            return not value
        case "in", [item, among]:
            return item in among
        case "==", [one, other]:
            return one == other
        case "!=", [one, other]:
            return one != other
        case "<=", [low, here, high]:
            return low <= here <= high
        case _, [one, other]:
            return {">=": one >= other, "<=": one <= other, ">": one > other, "<": one < other}[name]
        case _:
            raise AssertionError(rule)


@given(conditions(sayable))
def test_out_and_in_again_is_the_same_condition(condition: AnyCondition) -> None:
    rule = to_jsonlogic(condition)
    assert from_jsonlogic(rule, WORDS) == condition
    assert from_jsonlogic(json.loads(json.dumps(rule))) == condition


def written(value: object) -> Json:
    """A fact as the host of a JsonLogic rule would hand it over."""
    return plain(value) if isinstance(value, datetime | frozenset) else value


def known_to(lead: Lead) -> dict[str, Json]:
    account = lead.account or Account(id="none")
    facts: dict[str, object] = {
        "country": lead.country or account.country,
        "industry": account.industry,
        "title": lead.title,
        "email_domain": lead.email and lead.email.rpartition("@")[2].casefold(),
        "technologies": account.technologies,
        "suppressed": lead.suppressed,
        "employees": account.employees,
        "created_at": lead.created_at if lead.created_at and lead.created_at <= AT else None,
        "annual_revenue": account.annual_revenue,
        "tags": account.extra.get("tags"),
        **{name: lead.extra.get(name) for name in ("plan", "seats", "ratio", "partner", "renewal", "budget")},
    }
    return {name: written(value) for name, value in facts.items() if value is not None}


def by_text(pair: Pair) -> bool:
    """Numbers with decimals and instants are text in JsonLogic, and are not ordered there as numbers and instants are."""
    return pair[1].get("fact") == "ratio" or (
        pair[1].get("fact") in {"created_at", "renewal"} and pair[1]["op"] not in {"known", "unknown"}
    )


well_known = st.builds(
    lambda facts, account, own: Lead(id="L-1", account=Account(id="A", **account), extra=own, **facts),
    st.fixed_dictionaries(
        {
            "country": st.sampled_from(("DE", "AT", "US")),
            "title": st.sampled_from(("VP Revenue Operations", "Intern")),
            "email": st.sampled_from(("ana@acme.example", "ben@Beta.example")),
            "created_at": st.just(AT),
            "suppressed": st.frozensets(st.sampled_from(("email", "phone"))),
        }
    ),
    st.fixed_dictionaries(
        {
            "industry": st.sampled_from(("saas", "fintech")),
            "employees": st.sampled_from((0, 9, 10, 50, 500, 501)),
            "technologies": st.frozensets(st.sampled_from(("salesforce", "hubspot", "segment"))),
            "annual_revenue": st.just(Money(100, "EUR")),
            "extra": st.fixed_dictionaries({"tags": st.frozensets(st.sampled_from(("a", "b", "d")))}),
        }
    ),
    st.fixed_dictionaries(
        {
            "plan": st.sampled_from(("free", "pro", "team")),
            "seats": st.sampled_from((-5, 0, 1, 4, 5, 6)),
            "partner": st.booleans(),
            "renewal": st.just(AT),
            "budget": st.just(Money(100, "EUR")),
            "ratio": st.just(1),
        }
    ),
)


@given(conditions(sayable.filter(lambda pair: not by_text(pair))), well_known)
def test_where_every_fact_is_known_both_languages_answer_the_same(condition: AnyCondition, lead: Lead) -> None:
    assert holds(condition, lead, at=AT, words=WORDS).value is bool(apply(to_jsonlogic(condition), known_to(lead)))


@given(st.sampled_from(("country", "title", "technologies", "employees", "renewal")), known_leads(), st.booleans())
def test_what_is_unknown_is_null_to_jsonlogic(name: str, lead: Lead, unknown: bool) -> None:
    condition = fact(name).is_unknown() if unknown else fact(name).is_known()
    assert holds(condition, lead, at=AT, words=WORDS).value is apply(to_jsonlogic(condition), known_to(lead))
