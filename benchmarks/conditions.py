"""A compiled condition, and one pass over the activities, beside the same written by hand."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from benchmarks.measure import Bench, Contestant, agree, one_by_one
from benchmarks.peers import module
from benchmarks.sample import AT, records
from inbound_engine import Activity, Engine, Lead, Policy
from inbound_engine import conditions as language
from inbound_engine.conditions import AnyCondition, Questions, count, fact
from inbound_engine.signals import ActivityFilter, Catalogue, Query, Signals, read
from inbound_engine.vocabulary import FactsDocument, View, Vocabulary
from inbound_engine.vocabulary import compile as compile_vocabulary

__all__ = ["prepare"]

Plain: TypeAlias = dict[str, object]
Test: TypeAlias = Callable[[Plain], bool]

_FACTS = fact("employees").between(50, 500) & fact("country").is_in("DE", "AT", "CH") & fact("title").contains("Sales")
_PRICING = ActivityFilter(kinds=("page_view", "visit"), contents=("pricing",))
_COUNT = count(_PRICING, at_least=3, within_days=20)

# ------------------------------------------------------------------------------------------------------------- on facts


def _facts_by_hand(lead: Lead) -> bool | None:
    account = lead.account
    employees = None if account is None else account.employees
    country = lead.country or (None if account is None else account.country)
    title = lead.title
    if employees is not None and not 50 <= employees <= 500:
        return False
    if country is not None and country not in _COUNTRIES:
        return False
    if title is not None and "Sales" not in title:
        return False
    return None if employees is None or country is None or title is None else True


_COUNTRIES = frozenset(("DE", "AT", "CH"))
_SYMBOLS = "employees >= 50 {both} employees <= 500 {both} country in ['DE', 'AT', 'CH'] {both} {title}"


def _peer_tests() -> tuple[tuple[str, Test | None, str], ...]:
    """The same condition in other languages, over plain dicts in which every fact is known."""
    zen, cel, rules, logic = (module(name) for name in ("zen", "cel", "rule_engine", "json_logic"))
    tree = {
        "and": [
            {"<=": [50, {"var": "employees"}, 500]},
            {"in": [{"var": "country"}, ["DE", "AT", "CH"]]},
            {"in": ["Sales", {"var": "title"}]},
        ]
    }
    return (
        ("zen-engine", zen and zen.compile_expression(_SYMBOLS.format(both="and", title="contains(title, 'Sales')")).evaluate, ""),
        ("cel (Rust)", cel and cel.compile(_SYMBOLS.format(both="&&", title="title.contains('Sales')")).execute, ""),
        ("rule-engine", rules and rules.Rule(_SYMBOLS.format(both="and", title="'Sales' in title")).matches, ""),
        ("json-logic", logic and (lambda facts: logic.jsonLogic(tree, facts)), "panzi-json-logic"),
    )


def _plain(lead: Lead) -> Plain:
    account = lead.account
    return {"employees": account and account.employees, "country": lead.country or (account and account.country), "title": lead.title}


def _asking(condition: AnyCondition, words: Vocabulary) -> Callable[[Lead], bool | None]:
    """Ours: the condition compiled once, the lead viewed as of the instant, and asked."""
    questions = Questions()
    rule = language.compile(condition, words, questions)
    signals = questions.signals()

    def ask(lead: Lead) -> bool | None:
        if lead.activities is None or not signals.queries:
            return rule.test(View(lead, AT))
        return rule.test(View(lead, AT, *read(signals, lead.activities, AT)))

    return ask


def _on_facts(words: Vocabulary, leads: Sequence[Lead], known: Sequence[Lead]) -> Bench:
    ask = _asking(_FACTS, words)
    agree("compiled condition", [_facts_by_hand(lead) for lead in leads], [ask(lead) for lead in leads], leads)
    expected, dicts = [_facts_by_hand(lead) for lead in known], [_plain(lead) for lead in known]
    peers = []
    for name, test, note in _peer_tests():
        if test is None:
            peers.append(Contestant(name, None, note))
            continue
        agree(name, expected, [test(facts) for facts in dicts], dicts)
        peers.append(one_by_one(name, test, dicts, f"{note}; two-valued" if note else "two-valued"))
    floor = "hand-written, three-valued"
    return Bench(
        "A condition on three facts",
        "µs",
        floor,
        (
            one_by_one(floor, _facts_by_hand, known),
            one_by_one("compiled condition", ask, known, "with the view of the lead"),
            *peers,
        ),
    )


# --------------------------------------------------------------------------------------------------------- on activities

_MANY, _DAYS = timedelta(days=20), timedelta(days=30)


def _count_by_hand(lead: Lead) -> bool | None:
    if lead.activities is None:
        return None
    since, seen = AT - _MANY, 0
    for activity in lead.activities:
        if since <= activity.at <= AT and activity.content == "pricing" and activity.kind in {"page_view", "visit"}:
            seen += 1
    return seen >= 3


def _on_activities(words: Vocabulary, leads: Sequence[Lead], known: Sequence[Lead]) -> Bench:
    ask = _asking(_COUNT, words)
    agree("compiled count", [_count_by_hand(lead) for lead in leads], [ask(lead) for lead in leads], leads)
    floor = "hand-written, three-valued"
    return Bench(
        "A condition that counts among 10 activities",
        "µs",
        floor,
        (one_by_one(floor, _count_by_hand, known), one_by_one("compiled condition", ask, known, "one pass, then asked")),
    )


# --------------------------------------------------------------------------------------------------------- signals.read

_QUERIES = (
    Query(ActivityFilter(marketing=True)),
    Query(ActivityFilter(depth_at_least=3), 30),
    Query(ActivityFilter(depth_at_least=1), 30),
    Query(ActivityFilter(kinds=("visit",)), 30),
    Query(ActivityFilter(kinds=("demo_request", "call_request", "trial_signup")), 30),
    Query(ActivityFilter(hand_raise=True), 30),
    Query(_PRICING, 20),
)
_HAND_RAISES = frozenset(("demo_request", "call_request", "trial_signup", "contact_form"))
_REQUESTS = frozenset(("demo_request", "call_request", "trial_signup"))
_PAGES = frozenset(("page_view", "visit", "email_click"))
_SHALLOW = frozenset(("page_view", "content_download", "email_click"))
_DEEP = frozenset(("pricing", "demo", "trial", "contact"))
_DEEP_STARTS = ("pricing/", "/pricing", "demo/", "/demo", "trial/", "/trial", "/contact")
_SHALLOW_CONTENTS = frozenset(("case_study", "comparison", "guide"))
_SHALLOW_STARTS = ("case_study/", "/case-studies", "comparison/", "/compare", "guide/", "/guides")
_WEBINARS = frozenset(("webinar_registration", "webinar_attendance"))

Seen: TypeAlias = tuple[list[int], list[datetime | None]]


def _read_by_hand(activities: Sequence[Activity]) -> Seen:
    """The same counts and latest instants, each kind with its own lines."""
    counts, latest = [0] * 7, [None] * 7  # type: list[int], list[datetime | None]
    since, lately = AT - _DAYS, AT - _MANY
    for activity in activities:
        when = activity.at
        if when > AT:
            continue
        hits = []
        if activity.marketing:
            hits.append(0)
        if when >= since:
            kind, content = activity.kind, activity.content
            if kind in _HAND_RAISES or kind == "trial_activity":
                hits += (1, 2)
            elif kind in _WEBINARS:
                hits.append(2)
            elif content is not None:
                if kind in _PAGES and (content in _DEEP or content.startswith(_DEEP_STARTS)):
                    hits += (1, 2)
                elif kind in _SHALLOW and (content in _SHALLOW_CONTENTS or content.startswith(_SHALLOW_STARTS)):
                    hits.append(2)
                if content == "pricing" and when >= lately and kind in {"page_view", "visit"}:
                    hits.append(6)
            if kind == "visit":
                hits.append(3)
            elif kind in _HAND_RAISES:
                hits.append(5)
                if kind in _REQUESTS:
                    hits.append(4)
        for number in hits:
            counts[number] += 1
            last = latest[number]
            if last is None or when > last:
                latest[number] = when
    return counts, latest


def _reading(size: int, several: Sequence[Sequence[Activity]], signals: Signals) -> Bench:
    def ours(activities: Sequence[Activity]) -> Seen:
        return read(signals, activities, AT)

    agree("signals.read", [_read_by_hand(some) for some in several], [ours(some) for some in several], several)
    floor = "hand-written, one pass"
    return Bench(
        f"Seven queries over {size} activities",
        "µs",
        floor,
        (one_by_one(floor, _read_by_hand, several), one_by_one("signals.read", ours, several)),
    )


# --------------------------------------------------------------------------------------------------------------- the run


def prepare(*, quick: bool = False) -> tuple[Bench, ...]:
    """Compares every answer, and gives what is to be timed."""
    policy = Policy()
    engine, words = Engine(policy), compile_vocabulary(FactsDocument())
    many = 300 if quick else 3_000
    leads = [engine.read(record) for record in records(many, activities=None, gaps=0.4)]
    known = [engine.read(record) for record in records(500, gaps=0.0)]
    signals = Signals.of(_QUERIES, Catalogue.of(policy.touchpoints))
    benches = [_on_facts(words, leads, known), _on_activities(words, [*leads, *known], known)]
    for size, drawn in ((10, 300), (100, 30 if quick else 100)):
        several = [engine.read(record).activities or () for record in records(drawn, activities=size)]
        benches.append(_reading(size, several, signals))
    return tuple(benches)
