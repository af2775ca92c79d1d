"""Conditions drawn at random, each as it is written in Python and as plain data, and leads that they can be asked of.

`WORDS` declares a fact of every kind beside those that each policy knows, and `CATALOGUE` two touchpoints. Values come from
the same few that the leads have, so that every answer is met.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

from inbound_engine.conditions import Always, AnyCondition, Fact, count
from inbound_engine.decisions import plain
from inbound_engine.facts import Extra, Lead
from inbound_engine.money import Money, exponent
from inbound_engine.signals import ActivityFilter, Catalogue, Touchpoint
from inbound_engine.vocabulary import DeclaredFact, FactsDocument
from inbound_engine.vocabulary import compile as compile_vocabulary
from tests.strategies import AT, CONTENTS, decimals, extras, instants, leads

__all__ = ["CATALOGUE", "WORDS", "Pair", "conditions", "filters", "known_leads", "leaves", "pairs"]

Pair: TypeAlias = tuple[AnyCondition, dict[str, Any]]
"""A condition as Python writes it, and the plain data that should say the same."""

WORDS = compile_vocabulary(
    FactsDocument(
        declared=(
            DeclaredFact(id="plan", kind="text", values=("free", "pro", "team")),
            DeclaredFact(id="tags", kind="texts", of="account"),
            DeclaredFact(id="seats", kind="integer"),
            DeclaredFact(id="ratio", kind="decimal"),
            DeclaredFact(id="partner", kind="boolean"),
            DeclaredFact(id="renewal", kind="instant"),
            DeclaredFact(id="budget", kind="money"),
        )
    ),
    touchpoints=("pricing", "forms"),
)
CATALOGUE = Catalogue.of(
    (
        Touchpoint(id="forms", stage="selection", kinds=("demo_request", "contact_form"), depth=3, hand_raise=True),
        Touchpoint(id="pricing", stage="selection", contents=("pricing",), content_starts=("pricing/",), depth=3),
        Touchpoint(id="blog", stage="education", kinds=("page_view",), content_starts=("blog",)),
    )
)

_TEXTS = {
    "country": ("DE", "AT", "GB", "FR", "US"),
    "industry": ("saas", "fintech", "healthtech"),
    "title": ("VP Revenue Operations", "Chief Marketing Officer", "Intern"),
    "email_domain": ("acme.example", "beta.example"),
    "plan": ("free", "pro", "team"),
}
_SETS = {"technologies": ("salesforce", "hubspot", "segment"), "tags": ("a", "b", "c"), "suppressed": ("email", "phone")}
_NUMBERS = {"employees": (0, 9, 10, 50, 500, 501), "seats": (-5, 0, 1, 5)}
_EXACT: tuple[int | str, ...] = (0, 1, "0.5", "1/3", "-2.25", 100)
_INSTANTS = ("created_at", "renewal")
_MONEY = ("annual_revenue", "budget")
_DAYS = (0, 1, 2, 7, 30, 60)


def _budgets() -> st.SearchStrategy[Money]:
    return st.builds(Money, st.sampled_from((0, 100, 5000)), st.sampled_from(("EUR", "USD", "JPY")))


_OWN: dict[str, Any] = {
    "plan": st.sampled_from(("free", "pro", "team")),
    "seats": st.sampled_from((-5, 0, 1, 4, 5, 6)),
    "ratio": st.sampled_from((0, 1, Decimal("0.5"), Decimal("0.500"), Decimal("-2.25"), Decimal("1E+2"))) | decimals(),
    "partner": st.booleans(),
    "renewal": instants(),
    "budget": _budgets(),
}


def known_leads() -> st.SearchStrategy[Lead]:
    """Leads with and without the facts that `WORDS` declares, and without observations."""

    def told(lead: Lead, own: Extra, tags: frozenset[str] | None) -> Lead:
        account = lead.account and attrs.evolve(lead.account, extra={} if tags is None else {"tags": tags})
        return attrs.evolve(lead, account=account, extra=own, observations=())

    return st.builds(told, leads(), extras(_OWN), st.none() | st.frozensets(st.sampled_from(("a", "b", "c", "d"))))


def filters() -> st.SearchStrategy[ActivityFilter]:
    """Filters of activities, most of them with one or two things to say."""

    def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)

    fields = {
        "kinds": some("visit", "page_view", "demo_request", "contact_form", "email_open"),
        "contents": some(*CONTENTS),
        "content_starts": some("pricing/", "blog", "/"),
        "channels": some("google", "email"),
        "campaigns": some("camp-2026-q1-demand-gen-eu"),
        "touchpoints": some("pricing", "forms"),
        "depth_at_least": st.sampled_from((None, 0, 1, 3)),
        "hand_raise": st.sampled_from((None, True, False)),
        "marketing": st.sampled_from((None, True, False)),
    }
    return st.one_of(
        *(st.fixed_dictionaries({name: said}) for name, said in fields.items()), st.fixed_dictionaries({}, optional=fields)
    ).map(ActivityFilter.model_validate)


def leaves(*, knowing: bool = True) -> st.SearchStrategy[Pair]:
    """Conditions without parts; with `knowing`, also those that ask whether a fact is known."""
    several = [
        st.sampled_from(sorted(_TEXTS)).flatmap(_about_text),
        st.sampled_from(sorted(_SETS)).flatmap(_about_set),
        st.sampled_from(sorted(_NUMBERS)).flatmap(lambda name: _about_number(name, _NUMBERS[name])),
        _about_number("ratio", _EXACT),
        _compared("partner", st.booleans(), ("equals", "differs")),
        st.sampled_from(_INSTANTS).flatmap(_about_instant),
        st.sampled_from(_MONEY).flatmap(_about_money),
        _counts(),
        st.just((Always(op="always"), {"op": "always"})),
    ]
    names = (*_TEXTS, *_SETS, *_NUMBERS, *_INSTANTS, *_MONEY, "ratio", "partner")
    return st.one_of(*several, *([st.sampled_from(names).flatmap(_about_knowing)] if knowing else []))


def pairs(leaf: st.SearchStrategy[Pair] | None = None) -> st.SearchStrategy[Pair]:
    """Conditions with all, any and not, some levels deep, in both forms."""
    return st.recursive(leaves() if leaf is None else leaf, _joined, max_leaves=8)


def conditions(leaf: st.SearchStrategy[Pair] | None = None) -> st.SearchStrategy[AnyCondition]:
    """Conditions that fit `WORDS` and `CATALOGUE`."""
    return pairs(leaf).map(lambda pair: pair[0])


def _joined(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    def one(how: Callable[[Any, Any], AnyCondition], op: str, parts: list[Pair]) -> Pair:
        flat = [part for _, data in parts for part in (data["of"] if data["op"] == op else [data])]
        return reduce(how, (condition for condition, _ in parts)), {"op": op, "of": flat}

    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda parts: one(and_, "all", parts)),
        several.map(lambda parts: one(or_, "any", parts)),
        inner.map(lambda pair: (~pair[0], {"op": "not", "of": pair[1]})),
    )


def _said(name: str, op: str, values: Mapping[str, Any]) -> Pair:
    """The condition that the method of that name makes, and its plain form."""
    arguments = values["values"] if "values" in values else values.values()
    made = getattr(Fact(name), {"known": "is_known", "unknown": "is_unknown"}.get(op, op))(*arguments)
    written = {key: [_plain(one) for one in value] if key == "values" else _plain(value) for key, value in values.items()}
    return made, {"op": op, "fact": name, **written}


def _plain(value: object) -> object:
    if isinstance(value, Money):
        units = Fraction(value.minor, 10 ** exponent(value.currency))
        return {"amount": int(units) if units.denominator == 1 else str(value.amount).rstrip("0"), "currency": value.currency}
    return plain(value) if isinstance(value, datetime) else value


def _compared(name: str, values: st.SearchStrategy[Any], ops: tuple[str, ...]) -> st.SearchStrategy[Pair]:
    return st.builds(lambda op, value: _said(name, op, {"value": value}), st.sampled_from(ops), values)


def _listed(name: str, op: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Pair]:
    return st.lists(values, min_size=1, max_size=3).map(lambda some: _said(name, op, {"values": some}))


_ORDERED = ("equals", "differs", "at_least", "at_most", "more_than", "less_than")


def _about_text(name: str) -> st.SearchStrategy[Pair]:
    values = st.sampled_from(_TEXTS[name])
    parts = values.flatmap(lambda text: st.sampled_from((text[:2], text[-3:], text[1:3], text)))
    return st.one_of(
        _compared(name, values, ("equals", "differs")),
        _listed(name, "is_in", values),
        _compared(name, parts, ("contains", "starts_with", "ends_with")),
    )


def _about_set(name: str) -> st.SearchStrategy[Pair]:
    values = st.sampled_from(_SETS[name])
    return _listed(name, "overlaps", values) | _compared(name, values, ("contains",))


def _between(name: str, values: st.SearchStrategy[Any], key: Callable[[Any], Any]) -> st.SearchStrategy[Pair]:
    ends = st.tuples(values, values).map(lambda pair: sorted(pair, key=key))
    return ends.map(lambda pair: _said(name, "between", {"low": pair[0], "high": pair[1]}))


def _about_number(name: str, several: tuple[Any, ...]) -> st.SearchStrategy[Pair]:
    values = st.sampled_from(several)
    return _compared(name, values, _ORDERED) | _listed(name, "is_in", values) | _between(name, values, Fraction)


def _about_instant(name: str) -> st.SearchStrategy[Pair]:
    values = st.sampled_from(_DAYS).map(lambda days: AT - timedelta(days=days))
    elapsed = st.builds(lambda op, days: _said(name, op, {"days": days}), st.sampled_from(("within", "older_than")), st.sampled_from(_DAYS))
    return elapsed | _compared(name, values, _ORDERED) | _between(name, values, lambda at: at)


def _about_money(name: str) -> st.SearchStrategy[Pair]:
    euros = st.sampled_from((0, 50, 100, 5000)).map(lambda cents: Money(cents, "EUR"))
    return _compared(name, euros | _budgets(), _ORDERED) | _between(name, euros, lambda money: money.minor)


def _about_knowing(name: str) -> st.SearchStrategy[Pair]:
    return st.sampled_from(("known", "unknown")).map(lambda op: _said(name, op, {}))


def _counts() -> st.SearchStrategy[Pair]:
    bounds = st.sampled_from(((0, None), (1, None), (2, None), (None, 0), (None, 1), (1, 1), (0, 2)))

    def one(activities: ActivityFilter, days: int | None, ends: tuple[int | None, int | None]) -> Pair:
        least, most = ends
        said = {name: value for name, value in activities.model_dump(mode="json").items() if value is not None and value != []}
        data = {"op": "count", "activities": said, "within_days": days, "at_least": least, "at_most": most}
        return count(activities, within_days=days, at_least=least, at_most=most), {
            name: value for name, value in data.items() if value is not None
        }

    return st.builds(one, filters(), st.none() | st.sampled_from(_DAYS), bounds)
