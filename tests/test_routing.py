"""Who takes a lead: the hierarchy, eligibility, re-routes, and what is said of it; typed by hand."""

import csv
import json
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest

from inbound_engine import batches, calendars, capacity, routing, sla, territories
from inbound_engine.batches import Load
from inbound_engine.calendars import HoursDocument
from inbound_engine.conditions import Questions
from inbound_engine.decisions import Code
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Caps, Lead, Rep, Roster
from inbound_engine.replays import Arrival, simulate
from inbound_engine.rotation import Entry, Rotation, apply, fairness, offset, refund, replay
from inbound_engine.routing import Assigned, Notice, NotRouted, Route, Unassigned
from inbound_engine.spans import Span, parse_instant
from inbound_engine.territories import RoutingDocument, Rules
from inbound_engine.vocabulary import FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary
from tests.places import DATA, needs_data

Data = dict[str, Any]

EVERYBODY: list[Data] = [{"id": "all", "when": {"op": "always"}, "to": "rep"}]
POOL: Data = {"id": "pool", "kind": "pool"}
OWNERS: list[Data] = [
    {"id": "open_opportunity_owner", "kind": "owner", "of": "open_opportunity_owner"},
    {"id": "named_account", "kind": "owner", "of": "named_rep"},
    {"id": "account_owner", "kind": "owner", "of": "account_owner", "parents": True},
]
BACKUP: Data = {"id": "backup", "kind": "backup"}
TERRITORY_POOL: Data = {"id": "territory_pool", "kind": "pool", "match": ["territory"]}
OVERFLOW: Data = {"id": "overflow", "kind": "overflow"}
HIERARCHY: list[Data] = [BACKUP, *OWNERS, POOL, TERRITORY_POOL, OVERFLOW]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
OFFICE = HoursDocument.model_validate(
    {"calendars": [{"id": "office", "weekly": [{"days": WEEKDAYS, "opens": "09:00", "closes": "17:00"}]}], "organisation": "office"}
)
LANES: list[Data] = [
    {
        "id": "T1",
        "when": {"op": "equals", "fact": "tier", "value": "T1"},
        "to": "rep",
        "takes": [{"id": "senior", "seniorities": ["senior"]}, {"id": "ae", "roles": ["AE"]}],
    },
    {"id": "T2", "when": {"op": "equals", "fact": "tier", "value": "T2"}, "to": "rep", "takes": [{"id": "sdr", "roles": ["SDR"]}]},
    {"id": "T3", "when": {"op": "equals", "fact": "tier", "value": "T3"}, "to": "nurture", "takes": [{"id": "sdr", "roles": ["SDR"]}]},
]
DACH: Data = {"id": "dach", "when": {"op": "is_in", "fact": "country", "values": ["DE", "AT", "CH"]}}
REST: Data = {"id": "rest", "when": {"op": "known", "fact": "country"}}
NOW = "2024-01-09T09:00:00Z"  # a Tuesday, 10:00 in Berlin


def rules(*steps: Mapping[str, Any], opening: HoursDocument | None = None, **more: Any) -> Rules:  # noqa: ANN401 - plain data
    """A policy that gives every lead to everybody in turn, unless it says otherwise."""
    document = RoutingDocument.model_validate({"lanes": EVERYBODY, "steps": list(steps) or [POOL], "hours": "ignore", **more})
    words = compile_vocabulary(FactsDocument(), [("tier", "text")])
    return territories.compile(document, calendars.compile(opening or HoursDocument()), words, Questions())


def rep(name: str, role: str = "SDR", **more: Any) -> Rep:  # noqa: ANN401
    return Rep(id=name, role=role, **more)


def away(since: str, until: str) -> tuple[Span, ...]:
    return (Span(parse_instant(since), parse_instant(until)),)


def view(at: str = NOW, lead: str = "L-1", *, tier: str | None = None, account: Account | None = None, **more: Any) -> View:  # noqa: ANN401
    known = {"tier": tier}
    return View(Lead(id=lead, account=account, **more), parse_instant(at), derived=known.get)


def asked(
    made: Rules,
    reps: Sequence[Rep],
    seen: View | None = None,
    rotation: Rotation | None = None,
    *,
    overflow: str | None = None,
    parents: tuple[Account, ...] = (),
    **more: Any,  # noqa: ANN401
) -> Route:
    roster = Roster(reps=tuple(reps), overflow_owner=overflow, parents=parents)
    return routing.route(made, seen or view(), roster, rotation or Rotation(), **more)


def whys(made: Route) -> dict[str, str]:
    return {each.step: each.why or "" for each in made.tried}


# ------------------------------------------------------------------------------------------------------------- examples


def hourly(made: Rules, reps: Sequence[Rep], first: str, count: int, start: Rotation | None = None) -> tuple[str, Rotation]:
    """One lead an hour: who takes each, "-" for nobody, and the rotation after them."""
    here, said = start or Rotation(), ""
    for number in range(count):
        seen = View(Lead(id=f"L-{first}-{number}"), parse_instant(first) + timedelta(hours=number))
        found = asked(made, reps, seen, here)
        here, said = found.rotation, said + (found.rep or "-")
    return said, here


@pytest.mark.parametrize(
    ("case", "reps", "expected"),
    [
        ("X01", [rep("a", share=5), rep("b"), rep("c")], "aabacaa"),
        ("X02", [rep("a", share=3), rep("b", share=2)], "ababaababa"),
        ("X03", [rep("c", share=2), rep("b"), rep("a")], "cabccabc"),
    ],
)
def test_a_pool_takes_turns(case: str, reps: list[Rep], expected: str) -> None:
    """X01 to X03, RO-5, RO-6, RT-6: whatever the order of the roster."""
    for roster in (reps, reps[::-1]):
        assert hourly(rules(), roster, NOW, len(expected))[0] == expected, case


def test_a_joiner_is_not_flooded() -> None:
    """X04, RO-9: n joins after five leads."""
    first, here = hourly(rules(), [rep("a"), rep("b")], NOW, 5)
    then, _ = hourly(rules(), [rep("n"), rep("a"), rep("b")], "2024-01-10T09:00Z", 7, here)
    assert (first, then) == ("ababa", "bnabnab")


def test_an_absence_owes_nothing_and_ends_at_its_end() -> None:
    """X05, RO-8: b is away from 10:00 until 14:00, and may take the lead of 14:00 sharp; no catching up."""
    reps = [rep("a"), rep("b", away=away("2024-01-09T10:00Z", "2024-01-09T14:00Z")), rep("c")]
    assert hourly(rules(), reps, "2024-01-09T08:00Z", 12)[0] == "ab" + "caca" + "cabcab"


@pytest.mark.parametrize(
    ("case", "who", "first", "refused", "taken"),
    [
        (
            "X06",
            rep("bob", zone="America/New_York", caps=Caps(per_day=1)),
            "2024-01-08T20:00Z",
            "2024-01-09T04:59:59Z",
            "2024-01-09T05:00:00Z",
        ),
        (
            "X07",
            rep("anna", zone="Europe/Berlin", caps=Caps(per_week=1)),
            "2024-03-27T09:00Z",
            "2024-03-31T21:59:59Z",
            "2024-03-31T22:00:00Z",
        ),
    ],
)
def test_caps_count_by_the_reps_own_date_and_week(case: str, who: Rep, first: str, refused: str, taken: str) -> None:
    """X06, X07, RO-11: the instant 00:00:00 belongs to the new day; a cap of N allows N."""
    here = asked(rules(), [who], view(first, "L-1"))
    assert here.rep == who.id, case
    for at in (first, refused):
        full = asked(rules(), [who], view(at, "L-2"), here.rotation)
        assert isinstance(full.outcome, Unassigned)
        assert full.outcome.retry_at == parse_instant(taken), case
        assert full.rotation == here.rotation
    assert asked(rules(), [who], view(taken, "L-2"), here.rotation).rep == who.id


def test_all_away_is_nobody_until_the_first_is_back() -> None:
    """X08, RO-12, RO-13: never assigned to somebody who is away."""
    reps = [rep("a", away=away("2024-12-20T00:00Z", "2024-12-27T00:00Z")), rep("b", away=away("2024-12-24T00:00Z", "2025-01-02T00:00Z"))]
    found = asked(rules(), reps, view("2024-12-25T09:00Z"))
    assert found.outcome == Unassigned((("a", "away"), ("b", "away")), parse_instant("2024-12-27T00:00:00Z"))
    assert found.entry.rep is None
    assert found.rotation == Rotation()


ANNA, BOB = rep("anna", zone="Europe/Berlin"), rep("bob", zone="America/New_York")


@pytest.mark.parametrize(
    ("hours", "at", "who", "retry_at"),
    [
        ("prefer", "2024-01-09T02:00Z", "anna", None),
        ("prefer", "2024-01-09T20:00Z", "bob", None),
        ("prefer", "2024-01-09T15:00Z", "anna", None),
        ("require", "2024-01-09T02:00Z", None, "2024-01-09T08:00Z"),
        ("require", "2024-01-09T20:00Z", "bob", None),
        ("require", "2024-01-12T22:00Z", None, "2024-01-15T08:00Z"),
        ("ignore", "2024-01-09T20:00Z", "anna", None),
    ],
)
def test_whoever_is_open_is_preferred_or_required(hours: str, at: str, who: str | None, retry_at: str | None) -> None:
    """X09, RO-4, CL-6: a lead at 3 am goes where somebody is open, where the policy says so."""
    found = asked(rules(opening=OFFICE, hours=hours), [BOB, ANNA], view(at))
    assert found.rep == who
    if who is None:
        assert found.outcome == Unassigned((("anna", "closed"), ("bob", "closed")), parse_instant(retry_at or ""))


@pytest.mark.parametrize(
    ("owner", "others", "outcome"),
    [
        pytest.param(rep("o", share=0, caps=Caps(per_day=0)), [rep("a")], Assigned("o", "account_owner", over_cap=True), id="X10, at work"),
        pytest.param(rep("o", share=0), [rep("a")], Assigned("o", "account_owner"), id="no cap, no flag"),
        pytest.param(
            rep("o", away=away("2024-01-09T00:00Z", "2024-01-10T00:00Z"), delegate="a"),
            [rep("a"), rep("z")],
            Assigned("a", "account_owner", instead_of="o"),
            id="X10, away",
        ),
        pytest.param(rep("o", away=away("2024-01-09T00:00Z", "2024-01-10T00:00Z")), [rep("a")], Assigned("a", "pool"), id="no delegate"),
        pytest.param(
            rep("o", away=away("2024-01-09T00:00Z", "2024-01-10T00:00Z"), delegate="d"),
            [rep("a"), rep("d", away=away("2024-01-09T00:00Z", "2024-01-10T00:00Z"), delegate="a")],
            Assigned("a", "pool"),
            id="a delegate who is away too; delegates have none",
        ),
        pytest.param(rep("o", active=False, delegate="d"), [rep("d", share=0), rep("a")], Assigned("a", "pool"), id="gone, not away"),
        pytest.param(rep("other"), [rep("a")], Assigned("a", "pool"), id="not on the roster"),
    ],
)
def test_an_owner_takes_their_leads(owner: Rep, others: list[Rep], outcome: Assigned) -> None:
    """X10, RO-2, RT-4: caps and shares do not apply to owners; away, their delegate; then the next step."""
    found = asked(rules(*HIERARCHY), [owner, *others], view(account=Account(id="acme", owner="o")))
    assert found.outcome == outcome
    assert found.entry.over_cap is outcome.over_cap
    assert (found.entry.shares == ()) is (outcome.step == "account_owner")


def test_an_owners_lead_counts_against_caps_and_not_in_the_rotation() -> None:
    """RO-3: after it, the owner's only place of the day is taken, and their credit is what it was."""
    reps, owned = [rep("a", caps=Caps(per_day=1)), rep("b")], Account(id="acme", owner="a")
    first = asked(rules(*HIERARCHY), reps, view(account=owned))
    assert (first.rep, fairness(first.rotation)) == ("a", {})
    second = asked(rules(*HIERARCHY), reps, view(lead="L-2"), first.rotation)
    assert (second.rep, second.why_not) == ("b", {"a": "day_cap"})
    third = asked(rules(*HIERARCHY), reps, view(lead="L-3", account=owned), second.rotation)
    assert third.outcome == Assigned("a", "account_owner", over_cap=True)
    assert third.rotation.on("a", date(2024, 1, 9)) == (2, 2)


def test_what_went_by_name_was_nobody_elses() -> None:
    """RT-9: no pool was asked; and where nobody is named, and no pool is there, that is why."""
    reps = [rep("o"), rep("a"), rep("g", active=False)]
    made = rules(OWNERS[2], {**POOL, "enabled": False})
    assert asked(made, reps, view(account=Account(id="acme", owner="o"))).why_not == {"a": "by_name", "g": "inactive"}
    nobody = asked(made, reps)
    assert nobody.outcome == Unassigned((("a", "nobody_named"), ("g", "inactive"), ("o", "nobody_named")), None)
    assert whys(nobody) == {"account_owner": "nobody_named", "pool": "switched_off"}


def test_owners_may_be_held_to_their_caps() -> None:
    """RT-4: over_cap is policy."""
    step = {**OWNERS[2], "over_cap": False, "delegates": False}
    full = rep("a", caps=Caps(per_day=0), delegate="b")
    found = asked(rules(step, POOL), [full, rep("b")], view(account=Account(id="acme", owner="a")))
    assert found.outcome == Assigned("b", "pool")
    assert whys(found)["account_owner"] == "day_cap"
    gone = attrs.evolve(full, caps=Caps(), away=away("2024-01-09T00:00Z", "2024-01-10T00:00Z"))
    assert whys(asked(rules(step, POOL), [gone, rep("b")], view(account=Account(id="acme", owner="a"))))["account_owner"] == "away"


def test_a_leaver_leaves_the_others_even() -> None:
    """X11, RO-10: C leaves right after A's turn; B has one lead, then they alternate."""
    team = [rep("A"), rep("B"), rep("C", share=98)]
    first, here = hourly(rules(), team, NOW, 34)
    assert first == "C" * 33 + "A"
    for reps in ([rep("A"), rep("B")], [*team[:2], attrs.evolve(team[2], active=False)]):
        then, after = hourly(rules(), reps, "2024-02-09T09:00Z", 6, here)
        assert then == "BABABA"
        assert Fraction(after.house, after.denominator) == Fraction(8, 25)
        assert "C" not in fairness(after)
        assert "C" not in after.counters


def test_whoever_rejoins_begins_at_zero() -> None:
    """RO-10: what they were owed went with them."""
    _, here = hourly(rules(), [rep("a"), rep("b")], NOW, 1)
    assert fairness(here) == {"a": Fraction(-1, 2), "b": Fraction(1, 2)}
    left = asked(rules(), [rep("a")], view(lead="L-2"), here)
    assert left.entry.left == ("b",)
    assert fairness(left.rotation) == {"a": Fraction(-1, 2)}
    back = asked(rules(), [rep("a"), rep("b")], view(lead="L-3"), left.rotation)
    assert back.rep == "b"
    assert fairness(back.rotation) == {"b": Fraction(-1, 2)}


def test_leavers_are_dropped_also_when_nobody_takes_the_lead() -> None:
    """RO-10: the entry says so, and the log gives the state again."""
    _, here = hourly(rules(), [rep("a"), rep("b")], NOW, 1)
    found = asked(rules(), [rep("c", share=0)], view(lead="L-2"), here)
    assert (found.rep, found.entry.left, found.rotation) == (None, ("a", "b"), replay([found.entry], here))
    assert found.rotation == Rotation()


def test_leavers_are_looked_for_whatever_is_left_of_them() -> None:
    """RO-10: a counter alone, and a credit that a refund or a correction gives to somebody who is gone."""
    made = rules()
    both = territories.team(made, Roster(reps=(rep("a"), rep("b"))))
    alone = territories.team(made, Roster(reps=(rep("b"),)))
    owed = routing.route(made, view(), both, Rotation())
    only = routing.route(made, view(), territories.team(made, Roster(reps=(rep("a"),))), Rotation())
    assert (fairness(only.rotation), list(only.rotation.counters)) == ({}, ["a"])
    left = routing.route(made, view(lead="L-2"), alone, only.rotation)
    assert (left.entry.left, list(left.rotation.counters)) == (("a",), ["b"])
    gone = routing.route(made, view(lead="L-2"), alone, owed.rotation)
    assert gone.entry.left == ("a",)
    refunded = refund(gone.rotation, owed.entry)
    assert fairness(refunded)["a"] == Fraction(1, 2)
    for here in (refunded, offset(gone.rotation, "a", 1)):
        again = routing.route(made, view(lead="L-3"), alone, here)
        assert again.entry.left == ("a",)
        assert "a" not in fairness(again.rotation)
    assert routing.route(made, view(lead="L-3"), alone, gone.rotation).entry.left == ()


def test_a_refund_undoes_a_route() -> None:
    """X13, RO-16: the only lead, of b 1 and c 2, is c's; after its refund all is as it was, and the log keeps the entry."""
    found = asked(rules(), [rep("b"), rep("c", share=2)])
    assert found.rep == "c"
    assert refund(found.rotation, found.entry) == Rotation()
    assert found.entry.rep == "c"


# ------------------------------------------------------------------------------------------------- the hierarchy (RT-4)

FULL: Data = {"owner": "owner", "named_rep": "named", "open_opportunity_owner": "opp"}
STAFF = [
    rep("ae", "AE", territories=frozenset({"dach"})),
    rep("named"),
    rep("opp"),
    rep("owner"),
    rep("sdr", territories=frozenset({"dach"}), products=frozenset({"crm"})),
    rep("late", share=0),
]


@pytest.mark.parametrize(
    ("account", "without", "step", "who"),
    [
        (FULL, (), "open_opportunity_owner", "opp"),
        (FULL, ("open_opportunity_owner",), "named_account", "named"),
        (FULL, ("open_opportunity_owner", "named_account"), "account_owner", "owner"),
        (FULL, ("open_opportunity_owner", "named_account", "account_owner"), "pool", "sdr"),
        ({}, (), "pool", "sdr"),
        ({}, ("pool",), "territory_pool", "ae"),
        ({}, ("pool", "territory_pool"), "overflow", "late"),
    ],
)
def test_the_first_step_that_yields_somebody_wins(account: Data, without: tuple[str, ...], step: str, who: str) -> None:
    """RT-2, RT-3, RT-4, RO-1: a named account beats the rotation, an open opportunity beats both; the order is policy data."""
    bound = [attrs.evolve(each, territories=each.territories or frozenset({"rest"})) for each in STAFF]
    steps = [{**each, "enabled": each["id"] not in without} for each in HIERARCHY]
    seen = view(tier="T2", account=Account(id="acme", **account), country="DE", product="crm")
    found = asked(rules(*steps, lanes=LANES, territories=[DACH, REST]), bound, seen, overflow="late")
    assert found.outcome == Assigned(who, step)
    assert [name for name, why in whys(found).items() if why == "switched_off"] == [name for name in whys(found) if name in without]
    reordered = asked(rules(*reversed(steps), lanes=LANES, territories=[DACH, REST]), bound, seen, overflow="late")
    assert reordered.outcome == Assigned("late", "overflow") or "overflow" in without or reordered.rep == "late"


def test_without_anybody_every_rep_has_a_reason() -> None:
    """RT-5, RT-9, RO-12: no lead is silently without an owner."""
    reps = [
        rep("a", "AE", territories=frozenset({"dach"})),
        rep("b", territories=frozenset({"rest"})),
        rep("c", products=frozenset({"erp"})),
        rep("d", share=0),
        rep("e", active=False),
        rep("f", caps=Caps(per_week=0)),
        rep("g", caps=Caps(open=3)),
        rep("h", "AE", active=False),
    ]
    made = rules(POOL, lanes=LANES, territories=[DACH, REST])
    found = asked(made, reps, view(tier="T2", country="DE", product="crm"), open_leads={"g": 3})
    assert found.outcome == Unassigned(
        (
            ("a", "role"),
            ("b", "territory"),
            ("c", "product"),
            ("d", "no_share"),
            ("e", "inactive"),
            ("f", "week_cap"),
            ("g", "open_cap"),
            ("h", "inactive"),
        ),
        None,
    )
    assert found.why_not == dict(found.outcome.reasons)


@pytest.mark.parametrize(
    ("tier", "switch", "outcome"),
    [
        ("T1", {}, Assigned("ae", "pool")),
        ("T2", {}, Assigned("sdr", "pool")),
        ("T3", {}, NotRouted("T3")),
        ("T3", {"to": "rep"}, Assigned("sdr", "pool")),
        ("NURTURE", {}, None),
        (None, {}, None),
    ],
)
def test_the_tier_decides_whether_a_person_is_involved(tier: str | None, switch: dict[str, str], outcome: Assigned | None) -> None:
    """RT-2, RT-4: T1 to a senior rep or an AE, T2 to an SDR, T3 to nurture; T3 to SDRs is one field away."""
    made = rules(lanes=[*LANES[:2], {**LANES[2], **switch}])
    found = asked(made, [rep("ae", "AE"), rep("sdr")], view(tier=tier))
    if outcome is None:
        assert found.outcome == Unassigned((("ae", "no_lane"), ("sdr", "no_lane")), None)
    else:
        assert found.outcome == outcome
    assert not found.tried or found.rep is not None


def test_senior_reps_of_any_role_take_t1() -> None:
    """RT-2: senior reps or AE."""
    reps = [rep("boss", "SDR", seniority="senior"), rep("new", "SDR", seniority="junior")]
    found = asked(rules(lanes=LANES), reps, view(tier="T1"))
    assert (found.rep, found.why_not) == ("boss", {"new": "role"})


@pytest.mark.parametrize(
    ("account", "parents", "who", "why"),
    [
        (Account(id="a", owner="x", parent_id="p"), (), "x", None),
        (Account(id="a", parent_id="p"), (Account(id="p", owner="y"),), "y", None),
        (Account(id="a", parent_id="p"), (Account(id="p", parent_id="g"), Account(id="g", owner="z")), "z", None),
        (Account(id="a", parent_id="p"), (Account(id="p", owner="y", parent_id="g"), Account(id="g", owner="z")), "y", None),
        (Account(id="a", parent_id="p"), (Account(id="p", owner="gone"), Account(id="g", owner="z")), None, "unknown_rep"),
        (Account(id="a", parent_id="p"), (), None, "nobody_named"),
        (Account(id="a"), (Account(id="p", owner="y"),), None, "nobody_named"),
        (None, (), None, "nobody_named"),
    ],
)
def test_the_nearest_parent_that_has_an_owner_is_asked(
    account: Account | None, parents: tuple[Account, ...], who: str | None, why: str | None
) -> None:
    """RT-4: the account's owner, else the nearest parent's that has one; where that one is gone, no further."""
    found = asked(rules(OWNERS[2]), [rep("x"), rep("y"), rep("z")], view(account=account), parents=parents)
    assert (found.rep, found.tried[0].why) == (who, why)
    alone = asked(rules({**OWNERS[2], "parents": False}), [rep("x"), rep("y"), rep("z")], view(account=account), parents=parents)
    assert alone.rep == ("x" if who == "x" else None)


def test_a_circle_of_parents_is_refused() -> None:
    """RT-4: the lead's own account may close one that the roster alone does not have."""
    with pytest.raises(FactError, match=r"account\.parent_id: saw a circle through 'a'"):
        asked(rules(OWNERS[2]), [rep("x")], view(account=Account(id="a", parent_id="p")), parents=(Account(id="p", parent_id="a"),))


@pytest.mark.parametrize("tier", ["T2", "T3", None])
def test_who_knows_the_account_is_told_at_every_tier(tier: str | None) -> None:
    """RT-3, RT-4: the CSM, the open-opportunity owner and the named rep, also when the lead goes to nobody."""
    account = Account(id="acme", csm="carla", open_opportunity_owner="gone", named_rep="named")
    found = asked(rules(POOL, lanes=LANES), [rep("sdr"), rep("named", "AE")], view(tier=tier, account=account))
    assert found.notify == (Notice("carla", "csm"), Notice("gone", "open_opportunity_owner"), Notice("named", "named_rep"))


@pytest.mark.parametrize(
    ("account", "told"),
    [
        (Account(id="acme", csm="sdr", named_rep="sdr"), (Notice("sdr", "csm"),)),
        (Account(id="acme", open_opportunity_owner="sdr", named_rep="sdr"), ()),
        (Account(id="acme", open_opportunity_owner="x", named_rep="x"), (Notice("x", "open_opportunity_owner"),)),
        (Account(id="acme"), ()),
        (None, ()),
    ],
)
def test_nobody_is_told_twice_or_of_what_they_took(account: Account | None, told: tuple[Notice, ...]) -> None:
    """RT-3."""
    assert asked(rules(POOL), [rep("sdr")], view(account=account)).notify == told


def test_whom_to_tell_is_policy() -> None:
    """RT-3."""
    assert asked(rules(POOL, notify=[]), [rep("sdr")], view(account=Account(id="acme", csm="carla"))).notify == ()


# -------------------------------------------------------------------------------------------------- pools and preferences


@pytest.mark.parametrize(
    ("country", "product", "who"),
    [
        ("DE", None, ["a", "free"]),
        ("FR", None, ["b", "free"]),
        (None, None, ["free"]),
        ("DE", "crm", ["free"]),
        ("FR", "crm", ["b", "free"]),
    ],
)
def test_criteria_filter(country: str | None, product: str | None, who: list[str]) -> None:
    """RT-1, RT-4: territory by country, product by the form; who names none is bound to none."""
    reps = [
        rep("a", territories=frozenset({"dach"}), products=frozenset({"erp"})),
        rep("b", territories=frozenset({"rest", "moon"})),
        rep("free"),
    ]
    found = asked(rules(POOL, territories=[DACH, REST]), reps, view(country=country, product=product))
    assert [name for name, _ in found.tried[0].shares] == who
    assert found.territory == {"DE": "dach", "FR": "rest", None: None}[country]


PICKY = [
    rep("a", seniority="junior", caps=Caps(open=5), zone="Europe/Berlin"),
    rep("b", seniority="senior", caps=Caps(open=9), products=frozenset({"crm"}), zone="America/New_York"),
    rep("c", seniority="senior", caps=Caps(open=9)),
]


@pytest.mark.parametrize(
    ("prefer", "open_leads", "who"),
    [
        ([], {}, "abc"),
        ([{"id": "p", "of": "reps", "seniorities": ["senior"]}], {}, "bc"),
        ([{"id": "p", "of": "reps", "seniorities": ["principal"]}], {}, "abc"),
        ([{"id": "p", "of": "product"}], {}, "b"),
        ([{"id": "p", "of": "zone"}], {}, "a"),
        ([{"id": "p", "of": "capacity"}], {}, "bc"),
        ([{"id": "p", "of": "capacity"}], {"b": 3, "c": 5}, "b"),
        ([{"id": "p", "of": "capacity"}], {"b": 4, "c": 4, "a": 0}, "abc"),
        ([{"id": "p", "of": "reps", "seniorities": ["senior"]}, {"id": "q", "of": "capacity"}], {"b": 9, "c": 8}, "c"),
        ([{"id": "p", "of": "product"}, {"id": "q", "of": "zone"}], {}, "b"),
    ],
)
def test_preferences_leave_those_whom_they_mean_where_there_are_any(
    prefer: list[dict[str, Any]], open_leads: dict[str, int], who: str
) -> None:
    """RT-1: capacity-based is the most free capacity; soft preferences rank, one after another."""
    opening = HoursDocument.model_validate({"zones": [{"country": "DE", "zones": ["Europe/Berlin"]}]})
    found = asked(rules({**POOL, "prefer": prefer}, opening=opening), PICKY, view(country="DE", product="crm"), open_leads=open_leads)
    assert "".join(name for name, _ in found.tried[0].shares) == who
    refused = {name: why for name, why in found.tried[0].refused if why != "open_cap"}
    assert refused == {name: "not_preferred" for name in "abc" if name not in who and open_leads.get(name, 0) < 9}


def test_no_cap_on_open_leads_is_the_most_free_capacity() -> None:
    """RT-1."""
    step = {**POOL, "prefer": [{"id": "p", "of": "capacity"}]}
    found = asked(rules(step), [rep("a", caps=Caps(open=100)), rep("b")], open_leads={})
    assert found.tried[0].shares == (("b", 1),)


def test_open_leads_must_be_known_where_a_cap_asks_for_them() -> None:
    """FD-6: unknown is not none."""
    with pytest.raises(FactError, match=r"open_leads: saw nothing.*roster\.reps\[a\] has caps\.open"):
        asked(rules(), [rep("a", caps=Caps(open=5))])
    assert asked(rules(), [rep("a", caps=Caps(open=5))], open_leads={}).rep == "a"


@pytest.mark.parametrize(
    ("capacity", "leads", "expected"),
    [(14, 20, 14), (15, 20, 15), (44, 50, 44), (45, 50, 45)],
)
def test_a_cap_is_never_rounded(capacity: int, leads: int, expected: int) -> None:
    """RO-11, RO-19, RT-8: Odoo's quota is round(capacity / 30) a day: 14 a month is none at all, 44 is one a day, 45 two."""
    here, had = Rotation(), 0
    for number in range(leads):
        found = asked(rules(), [rep("a", caps=Caps(per_week=capacity))], view(lead=f"L-{number}"), here)
        here, had = found.rotation, had + (found.rep == "a")
    assert had == expected


def test_a_week_at_zero_does_not_echo() -> None:
    """RO-8: Odoo 68475: a week away echoes thirty days later in a rolling window."""
    reps = [rep("a"), rep("b", away=away("2024-01-15T00:00Z", "2024-01-22T00:00Z"))]
    said, here = hourly(rules(), reps, "2024-01-08T00:00Z", 168 * 6)
    weeks = [said[start : start + 168] for start in range(0, len(said), 168)]
    assert [(week.count("a"), week.count("b")) for week in weeks] == [(84, 84), (168, 0), *[(84, 84)] * 4]
    assert fairness(here) == {}


# ------------------------------------------------------------------------------------------------ idempotent and again


def test_the_same_attempt_has_the_same_answer() -> None:
    """RO-14, RT-5: nothing is counted twice, whatever has changed since."""
    reps = [rep("a"), rep("b")]
    first = asked(rules(), reps, view(country="DE", account=Account(id="acme", csm="carla")))
    other = asked(rules(), reps, view(lead="L-2"), first.rotation)
    later = view("2024-02-09T09:00Z", account=Account(id="acme", csm="carla"))
    again = asked(rules(), [rep("b")], later, other.rotation, entries=[other.entry, first.entry])
    assert (again.repeated, again.outcome, again.entry) == (True, first.outcome, first.entry)
    assert again.at == first.at
    assert again.rotation is other.rotation
    assert again.notify == first.notify
    assert [(reason.code, reason.rule) for reason in again.because] == [
        (Code.MATCHED, "routing.entries"),
        (Code.MATCHED, "routing.notify"),
    ]
    assert again.why_not == {}
    assert again.explain().startswith("L-1 goes to a by pool. routing.entries holds: rep a, attempt 1, at 2024-01-09 09:00 UTC.")


def test_an_unassigned_lead_may_be_tried_again() -> None:
    """RO-14: the same attempt, once somebody is there."""
    nobody = asked(rules(), [rep("a", share=0)])
    assert asked(rules(), [rep("a")], entries=[nobody.entry]).rep == "a"


def test_a_reroute_leaves_out_whoever_had_the_lead() -> None:
    """RT-7, RO-15: a normal turn, the first holder gets nothing back; the trail stays."""
    reps, log, here = [rep("a"), rep("b"), rep("c")], list[Entry](), Rotation()
    for attempt in (1, 2, 3):
        found = asked(rules(), reps, rotation=here, entries=log, attempt=attempt)
        log.append(found.entry)
        here = found.rotation
    found = asked(rules(), reps, rotation=here, entries=log, attempt=4)
    log.append(found.entry)
    assert [entry.rep for entry in log] == ["a", "b", "c", None]
    assert found.outcome == Unassigned((("a", "holder"), ("b", "holder"), ("c", "holder")), None)
    assert here == replay(log)
    assert log[1].shares == (("b", 1), ("c", 1))


OFF = away("2024-01-09T00:00Z", "2024-01-10T00:00Z")


@pytest.mark.parametrize(
    ("backup", "step", "who", "shares"),
    [
        pytest.param(rep("z"), "backup", "z", (("b", 1), ("c", 1), ("z", 1)), id="in the pool: a normal turn"),
        pytest.param(rep("z", "AE"), "backup", "z", (("z", 1),), id="outside the pool: no turn of theirs"),
        pytest.param(rep("z", away=OFF), "pool", "b", (("b", 1), ("c", 1)), id="away"),
        pytest.param(rep("z", share=0), "pool", "b", (("b", 1), ("c", 1)), id="out of the rotation"),
        pytest.param(rep("z", caps=Caps(per_day=0)), "pool", "b", (("b", 1), ("c", 1)), id="at their cap"),
        pytest.param(rep("z", zone="Asia/Tokyo"), "pool", "b", (("b", 1), ("c", 1)), id="closed"),
        pytest.param(None, "pool", "b", (("b", 1), ("c", 1)), id="none named"),
    ],
)
def test_the_named_backup_comes_first(backup: Rep | None, step: str, who: str, shares: tuple[tuple[str, int], ...]) -> None:
    """RO-15: if they may take a lead now; else the rotation, without earlier holders."""
    reps = [rep("a", backup=None if backup is None else "z"), rep("b"), rep("c"), *([backup] if backup else [])]
    steps, hours = (BACKUP, POOL), "require" if backup is not None and backup.zone is not None else "ignore"
    zoned = [attrs.evolve(each, zone=each.zone or "Europe/Berlin") for each in reps]
    made = rules(*steps, lanes=[{**EVERYBODY[0], "takes": [{"id": "sdr", "roles": ["SDR"]}]}], opening=OFFICE, hours=hours)
    first = asked(made, zoned)
    assert (first.rep, whys(first)["backup"]) == ("a", "no_earlier_holder")
    again = asked(made, zoned, rotation=first.rotation, entries=[first.entry], attempt=2)
    assert (again.outcome, again.entry.shares) == (Assigned(who, step), shares)
    if step == "backup":
        before, after = fairness(first.rotation), fairness(again.rotation)
        total = sum(share for _, share in shares)
        assert after.get("z", Fraction()) - before.get("z", Fraction()) == Fraction(dict(shares)["z"], total) - 1


def test_a_backup_is_open_like_everybody() -> None:
    """RO-15: with required hours, and an open one is taken."""
    made = rules(BACKUP, POOL, opening=OFFICE, hours="require")
    reps = [rep("a", backup="b", zone="Europe/Berlin"), rep("b", zone="Europe/Berlin")]
    first = asked(made, reps)
    again = asked(made, reps, rotation=first.rotation, entries=[first.entry], attempt=2)
    assert again.outcome == Assigned("b", "backup")
    late = asked(made, reps, view("2024-01-09T17:00Z"), first.rotation, entries=[first.entry], attempt=2)
    assert late.outcome == Unassigned((("a", "holder"), ("b", "closed")), parse_instant("2024-01-10T08:00Z"))


def test_an_earlier_holder_takes_nothing_as_owner_delegate_or_backup() -> None:
    """RO-2, RT-7: and where the last holder is gone, there is no backup to ask."""
    log = [
        Entry(lead_id="L-1", attempt=1, rep="gone", at=parse_instant(NOW)),
        Entry(lead_id="L-1", attempt=2, rep="o", at=parse_instant(NOW)),
    ]
    reps = [rep("o"), rep("p", away=OFF, delegate="o")]
    for owner in ("o", "p"):
        found = asked(rules(OWNERS[2]), reps, view(account=Account(id="acme", owner=owner)), entries=log, attempt=3)
        assert isinstance(found.outcome, Unassigned)
        assert dict(found.outcome.reasons)["o"] == "holder"
    gone = asked(rules(BACKUP), reps, entries=log[:1], attempt=2)
    assert isinstance(gone.outcome, Unassigned)
    assert (whys(gone), gone.outcome.retry_at) == ({"backup": "nobody_named"}, None)


@pytest.mark.parametrize("attempt", [0, -1, True, "1", None])
def test_an_attempt_is_a_number_from_one(attempt: int) -> None:
    """RO-14."""
    with pytest.raises(FactError, match="attempt"):
        asked(rules(), [rep("a")], attempt=attempt)


def test_a_team_belongs_to_its_rules() -> None:
    made = rules()
    team = territories.team(made, Roster(reps=(rep("a"),)))
    assert routing.route(made, view(), team, Rotation()).rep == "a"
    with pytest.raises(FactError, match="roster"):
        routing.route(rules(), view(), team, Rotation())


# ------------------------------------------------------------------------------------------------------------ when again


@pytest.mark.parametrize(
    ("reps", "seen", "hours", "retry_at"),
    [
        pytest.param([rep("a", away=OFF)], {}, "ignore", "2024-01-10T00:00Z", id="away ends"),
        pytest.param(
            [rep("a", away=(*OFF, *away("2024-01-10T00:00Z", "2024-01-11T12:00Z")))],
            {},
            "ignore",
            "2024-01-11T12:00Z",
            id="and begins again",
        ),
        pytest.param(
            [rep("a", zone="Europe/Berlin", away=away("2024-01-09T00:00Z", "2024-01-13T00:00Z"))],
            {},
            "require",
            "2024-01-15T08:00Z",
            id="away ends on a Saturday",
        ),
        pytest.param([rep("a", away=OFF, caps=Caps(per_day=0)), rep("b", share=0), rep("c", active=False)], {}, "ignore", None, id="never"),
        pytest.param([rep("a", away=OFF, caps=Caps(per_week=0))], {}, "ignore", None, id="a week of none"),
        pytest.param([rep("a", caps=Caps(open=1))], {}, "ignore", None, id="an open lead does not close by itself"),
        pytest.param([rep("a", away=OFF, products=frozenset({"erp"}))], {"product": "crm"}, "ignore", None, id="another product"),
        pytest.param([rep("a", calendar="fair")], {}, "require", None, id="a calendar that closes for good"),
    ],
)
def test_a_lead_that_waits_says_until_when(reps: list[Rep], seen: Data, hours: str, retry_at: str | None) -> None:
    """RO-12: the first instant at which it could be placed, if nothing else happens; exact."""
    fair = {"id": "fair", "weekly": [], "overrides": [{"date": "2020-01-01", "hours": [{"opens": "09:00", "closes": "10:00"}]}]}
    opening = HoursDocument.model_validate({"calendars": [*OFFICE.model_dump(mode="json")["calendars"], fair], "organisation": "office"})
    found = asked(rules(opening=opening, hours=hours), reps, view(**seen), open_leads={"a": 1})
    assert isinstance(found.outcome, Unassigned)
    assert found.outcome.retry_at == (None if retry_at is None else parse_instant(retry_at))


@pytest.mark.parametrize(
    ("owner", "delegate", "retry_at"),
    [
        pytest.param({"away": OFF}, {}, "2024-01-10T00:00Z", id="the owner comes back"),
        pytest.param(
            {"away": away("2024-01-09T00:00Z", "2024-01-12T00:00Z"), "delegate": "d"},
            {"away": OFF},
            "2024-01-10T00:00Z",
            id="the delegate comes back first",
        ),
        pytest.param(
            {"away": OFF, "delegate": "d"},
            {"away": away("2024-01-09T00:00Z", "2024-01-12T00:00Z")},
            "2024-01-10T00:00Z",
            id="a delegate who comes back later stands in for nobody",
        ),
        pytest.param({"away": OFF, "delegate": "d"}, {"active": False}, "2024-01-10T00:00Z", id="the delegate is gone"),
        pytest.param({"active": False}, {}, None, id="the owner is gone"),
        pytest.param(
            {"away": (*away("2024-01-01T00:00Z", "2024-01-02T00:00Z"), *away("2024-01-09T00:00Z", "2024-01-12T00:00Z")), "delegate": "d"},
            {"away": away("2024-01-09T00:00Z", "2024-01-11T00:00Z")},
            "2024-01-11T00:00Z",
            id="an absence that is over does not count",
        ),
    ],
)
@pytest.mark.parametrize("step", [OWNERS[2], OVERFLOW], ids=["owner", "overflow"])
def test_owners_come_back_too(step: dict[str, Any], owner: dict[str, Any], delegate: dict[str, Any], retry_at: str | None) -> None:
    """RO-2, RO-12."""
    reps = [rep("o", share=0, **owner), rep("d", share=0, **delegate)]
    found = asked(rules(step), reps, view(account=Account(id="acme", owner="o")), overflow="o")
    assert isinstance(found.outcome, Unassigned)
    assert found.outcome.retry_at == (None if retry_at is None else parse_instant(retry_at))


def test_an_owner_held_to_a_cap_is_stood_in_for_while_away() -> None:
    """RO-2, RO-12: the owner may not take it for their cap, but away on the 11th they have a delegate."""
    off = away("2024-01-11T00:00Z", "2024-01-12T00:00Z")
    reps = [rep("o", caps=Caps(open=0), away=off, delegate="d"), rep("d", share=0)]
    found = asked(rules({**OWNERS[2], "over_cap": False}), reps, view(account=Account(id="acme", owner="o")), open_leads={})
    assert isinstance(found.outcome, Unassigned)
    assert found.outcome.retry_at == parse_instant("2024-01-11T00:00Z")
    later = view("2024-01-11T00:00Z", account=Account(id="acme", owner="o"))
    assert asked(rules({**OWNERS[2], "over_cap": False}), reps, later, open_leads={}).rep == "d"


def test_a_backup_comes_back_too() -> None:
    """RO-12, RO-15."""
    reps = [rep("a", backup="b"), rep("b", away=OFF)]
    log = [Entry(lead_id="L-1", rep="a", at=parse_instant(NOW))]
    found = asked(rules(BACKUP), reps, entries=log, attempt=2)
    assert found.outcome == Unassigned((("a", "holder"), ("b", "away")), parse_instant("2024-01-10T00:00Z"))


@pytest.mark.parametrize(
    ("zone", "at", "taken"),
    [
        ("Africa/Cairo", "2024-04-25T20:00Z", "2024-04-25T22:00Z"),  # the 26th begins at 01:00
        ("Pacific/Apia", "2011-12-30T09:00Z", "2011-12-30T10:00Z"),  # after the 29th comes the 31st
        ("America/Havana", "2024-11-03T04:30Z", "2024-11-04T05:00Z"),  # 00:30 comes twice on the 3rd
    ],
)
def test_a_day_cap_ends_with_the_local_date(zone: str, at: str, taken: str) -> None:
    """X12, TM-8, RO-11: not at midnight plus 24 hours."""
    who = rep("a", zone=zone, caps=Caps(per_day=1))
    first = asked(rules(), [who], view(at))
    full = asked(rules(), [who], view(at, "L-2"), first.rotation)
    assert isinstance(full.outcome, Unassigned)
    assert full.outcome.retry_at == parse_instant(taken)
    assert asked(rules(), [who], view(taken, "L-2"), first.rotation).rep == "a"


def test_a_lead_that_is_decided_late_counts_on_the_latest_date() -> None:
    """RO-18: history is not reordered, and a day that was counted is not opened again."""
    who = rep("a", caps=Caps(per_day=1))
    first = asked(rules(), [who], view("2024-01-10T09:00Z"))
    late = asked(rules(), [who], view("2024-01-09T09:00Z", "L-2"), first.rotation)
    assert late.outcome == Unassigned((("a", "day_cap"),), parse_instant("2024-01-11T00:00Z"))


# ---------------------------------------------------------------------------------------------------------------- said


def test_every_rule_that_was_tried_is_told_in_order() -> None:
    """RT-9, FD-5: lanes, territories, steps, who is told."""
    reps = [rep("a", away=OFF), rep("b"), rep("c", share=2, seniority="senior")]
    made = rules(BACKUP, *OWNERS[:2], POOL, lanes=LANES, territories=[DACH])
    account = Account(id="acme", csm="carla", named_rep="a")
    found = asked(made, reps, view(tier="T2", country="FR", account=account))
    assert [repr(reason) for reason in found.because] == [
        "Reason(failed, 'routing.lanes[T1]', tier='T2', asked='tier equals \"T1\"')",
        "Reason(matched, 'routing.lanes[T2]', tier='T2', asked='tier equals \"T2\"')",
        "Reason(failed, 'routing.territories[dach]', country='FR', asked='country is one of \"DE\", \"AT\", \"CH\"')",
        "Reason(failed, 'routing.steps[backup]', why='no_earlier_holder')",
        "Reason(failed, 'routing.steps[open_opportunity_owner]', why='nobody_named')",
        "Reason(failed, 'routing.steps[named_account]', why='away', refused='a away')",
        "Reason(matched, 'routing.steps[pool]', rep='c', credit='b 0, share 1', credit='c 0, share 2', refused='a away')",
        "Reason(matched, 'routing.notify', csm='carla', named_rep='a')",
    ]
    assert found.explain().startswith("L-1 goes to c by pool. routing.lanes[T1] does not hold: tier T2, asked tier equals")
    assert found.why_not == {"a": "away", "b": "turn"}
    assert repr(found) == ("Route('L-1', attempt 1: Assigned(rep='c', step='pool', over_cap=False, instead_of=None))")
    assert "<td>routing.steps[pool]</td>" in found._repr_html_()


def test_a_territory_by_zone_says_which_zones_it_saw() -> None:
    """RT-1, FD-6: by time zone, where it is sure; one of two zones is not known to be it, and unknown is not no."""
    east = {"id": "east", "when": {"op": "always"}, "zones": ["America/New_York"]}
    opening = HoursDocument.model_validate({"zones": [{"country": "US", "zones": ["America/New_York", "America/Los_Angeles"]}]})
    made = rules(POOL, territories=[east], opening=opening)
    said = {}
    cases: dict[str, Data] = {
        "sure": {"zone": "America/New_York"},
        "either": {"country": "US"},
        "elsewhere": {"zone": "America/Los_Angeles"},
        "unknown": {},
    }
    for name, more in cases.items():
        found = asked(made, [rep("a")], view(**more))
        [reason] = [reason for reason in found.because if reason.rule == "routing.territories[east]"]
        said[name] = (found.territory, reason.code.value, {seen.name: seen.value for seen in reason.saw}.get("zones"))
    assert said == {
        "sure": ("east", "matched", None),
        "either": (None, "unknown", "America/New_York, America/Los_Angeles"),
        "elsewhere": (None, "failed", "America/Los_Angeles"),
        "unknown": (None, "unknown", None),
    }


def test_what_is_unknown_is_told() -> None:
    """FD-6: a lane and a territory that could not be read do not match."""
    found = asked(rules(lanes=[*LANES, *EVERYBODY], territories=[DACH]), [rep("a")], view())
    assert [reason.code.value for reason in found.because] == ["unknown", "unknown", "unknown", "matched", "unknown", "matched"]
    assert (found.lane, found.territory) == ("all", None)


def test_nurture_and_nobody_are_told_too() -> None:
    """RT-9."""
    kept = asked(rules(lanes=LANES), [rep("a")], view(tier="T3"))
    assert kept.explain().startswith("L-1 goes to nurture by T3.")
    assert (kept.why_not, kept.event, kept.entry.lane) == ({}, None, "T3")
    nobody = asked(rules(), [rep("a", away=OFF)])
    assert nobody.explain().startswith("Nobody may take L-1 before 2024-01-10 00:00 UTC. ")
    assert asked(rules(), [rep("a", share=0)]).explain().startswith("Nobody may take L-1. ")
    owned = asked(
        rules(*OWNERS), [rep("o", away=OFF, delegate="d"), rep("d", caps=Caps(per_day=0))], view(account=Account(id="x", owner="o"))
    )
    assert "routing.steps[account_owner] holds: rep d, instead of o, over cap true, refused o away." in owned.explain()


def test_a_route_is_plain_data() -> None:
    """FD-5."""
    account = Account(id="acme", csm="carla")
    lane = {"id": "vp", "when": {"op": "contains", "fact": "title", "value": "VP"}, "to": "rep"}
    found = asked(rules(lanes=[lane]), [rep("a")], view(account=account, title="VP Sales"))
    data = json.loads(json.dumps(found.to_dict()))
    assert data["outcome"] == {"kind": "assigned", "rep": "a", "step": "pool", "over_cap": False, "instead_of": None}
    assert data["notify"] == [{"of": "csm", "rep": "carla"}]
    assert data["tried"][0]["shares"] == [["a", 1]]
    assert data["entry"]["day"] == "2024-01-09"
    assert "VP Sales" in json.dumps(data)
    assert "VP Sales" not in json.dumps(found.to_dict(redact=True))
    assert asked(rules(lanes=LANES), [rep("a")], view(tier="T3")).to_dict()["outcome"] == {"kind": "not_routed", "lane": "T3"}
    assert asked(rules(), [rep("a", away=OFF)]).to_dict()["outcome"] == {
        "kind": "unassigned",
        "reasons": {"a": "away"},
        "retry_at": "2024-01-10T00:00:00Z",
    }


def test_a_route_starts_the_clocks_of_its_holder() -> None:
    """CL-2, CL-12: on the holder's calendar, else the territory's; nobody is told as nobody."""
    opening = HoursDocument.model_validate({**OFFICE.model_dump(mode="json"), "territories": [{"id": "dach", "zone": "Europe/Berlin"}]})
    made = rules(territories=[DACH], opening=opening, hours="prefer")
    found = asked(made, [rep("a")], view(country="DE"))
    assert isinstance(found.event, sla.Assigned)
    assert (found.event.id, found.event.at, found.event.rep, found.event.lead_id) == ("L-1#1", parse_instant(NOW), "a", "L-1")
    assert found.event.calendar is not None
    assert found.event.calendar.zone.key == "Europe/Berlin"
    own = asked(made, [rep("a", zone="Asia/Kolkata")], view(country="DE"))
    assert own.event is not None
    assert own.event.calendar is not None
    assert own.event.calendar.zone.key == "Asia/Kolkata"
    nobody = asked(made, [rep("a", share=0)]).event
    assert nobody is not None
    assert (nobody.rep, nobody.calendar) == (None, None)


# ---------------------------------------------------------------------------------------------------------------- batch


def test_a_batch_goes_by_arrival_and_then_by_id() -> None:
    """RO-18: decided at the instants of the views, in the order of arrival."""
    seen = [
        view("2024-01-09T12:00Z", "L-3", created_at=parse_instant("2024-01-09T10:00Z")),
        view("2024-01-09T11:00Z", "L-2"),
        view("2024-01-09T12:00Z", "L-1", created_at=parse_instant("2024-01-09T10:00Z")),
    ]
    steps: list[tuple[int, int]] = []
    batch = batches.route_each(rules(), seen, Roster(reps=(rep("a"), rep("b"))), Rotation(), progress=lambda *done: steps.append(done))
    assert [(made.lead_id, made.rep) for made in batch.routes] == [("L-1", "a"), ("L-3", "b"), ("L-2", "a")]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert batch.rotation == batch.routes[-1].rotation == replay(batch.entries)
    empty = batches.route_each(rules(), [], Roster(reps=()), batch.rotation)
    assert (empty.routes, empty.rotation) == ((), batch.rotation)
    assert empty.report.largest == 0


def test_a_lead_that_stands_twice_in_a_batch_is_routed_once() -> None:
    """RO-14, RT-5."""
    batch = batches.route_each(rules(), [view(), view()], Roster(reps=(rep("a"), rep("b"))), Rotation())
    assert [(made.rep, made.repeated) for made in batch.routes] == [("a", False), ("a", True)]
    assert len(batch.entries) == 1
    assert batch.report.repeated == 1
    assert batch.report.loads == (
        Load("a", by_turn=1, by_name=0, due=Fraction(1, 2), refused=0),
        Load("b", by_turn=0, by_name=0, due=Fraction(1, 2), refused=0),
    )


def test_a_batch_knows_earlier_entries_and_open_leads() -> None:
    """RO-15, RT-1: open leads are counted on as they are given out."""
    reps = (rep("a", caps=Caps(open=2)), rep("b", caps=Caps(open=2)))
    held = Entry(lead_id="L-0", rep="a", at=parse_instant(NOW))
    views = [view(lead=f"L-{number}") for number in range(5)]
    batch = batches.route_each(
        rules(), views, Roster(reps=reps), Rotation(), entries={"L-0": [held]}, attempts={"L-0": 2}, open_leads={"a": 1}
    )
    assert [made.rep for made in batch.routes] == ["b", "a", "b", "a", None]
    assert [made.lead_id for made in batch.waiting] == ["L-4"]
    assert batch.report.caps_hit == 3
    counts = [made.given.open_leads for made in batch.routes]
    assert counts == [{"a": 1}, {"a": 0, "b": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}]
    again = batches.route_each(rules(), [view(lead="L-0")], Roster(reps=reps), Rotation(), entries={"L-0": [held]}, open_leads={"a": 1})
    assert (again.routes[0].repeated, again.rotation) == (True, Rotation())


def test_a_report_holds_what_was_had_against_what_was_due() -> None:
    """RT-6: exactly; leads by name apart, and absence earns nothing."""
    reps = (rep("a", share=2), rep("b", caps=Caps(per_day=1)), rep("c", away=OFF))
    owned = Account(id="acme", owner="c")
    views = [view(lead=f"L-{number}") for number in range(3)]
    views += [view("2024-01-10T09:00Z", "L-3", account=owned), view(lead="L-4", tier="T3"), view(lead="L-5", tier="T9")]
    lanes = [LANES[2], {"id": "nobody", "when": {"op": "unknown", "fact": "tier"}, "to": "rep"}]
    batch = batches.route_each(rules(*OWNERS, POOL, lanes=lanes), views, Roster(reps=reps), Rotation())
    found = batch.report
    assert found.loads == (
        Load("a", by_turn=2, by_name=0, due=Fraction(7, 3), refused=0),
        Load("b", by_turn=1, by_name=0, due=Fraction(2, 3), refused=1),
        Load("c", by_turn=0, by_name=1, due=Fraction(), refused=0),
    )
    assert (found.assigned, found.waiting, found.not_routed, found.repeated) == (4, 1, 1, 0)
    assert (found.loads[0].ahead, found.largest, found.caps_hit) == (Fraction(-1, 3), Fraction(1, 3), 1)
    assert "<td>a</td><td>2</td><td>0</td><td>2.33</td><td>-0.33</td><td>0</td>" in found._repr_html_()


def test_values_travel() -> None:
    """FD-1: an outcome, an entry and a report survive a pickle."""
    batch = batches.route_each(rules(), [view()], Roster(reps=(rep("a"),)), Rotation())
    for value in (batch.routes[0].outcome, batch.entries, batch.report, batch.rotation):
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301


# ------------------------------------------------------------------------------------------------------------- real data


@needs_data
def test_real_arrivals_are_conserved() -> None:
    """RT-5, RO-11, RO-17: 8,000 real leads over the SDRs of that funnel, with caps: each has one owner or waits, none is lost."""
    folder = DATA / "olist_funnel"
    with (folder / "olist_marketing_qualified_leads_dataset.csv").open(encoding="utf-8", newline="") as file:
        leads = [(row["mql_id"], row["first_contact_date"]) for row in csv.DictReader(file)]
    with (folder / "olist_closed_deals_dataset.csv").open(encoding="utf-8", newline="") as file:
        won = Counter(row["sdr_id"] for row in csv.DictReader(file))
    assert (len(leads), len(won)) == (8_000, 32)
    reps = tuple(rep(name, share=count, zone="America/Sao_Paulo", caps=Caps(per_day=2, per_week=6)) for name, count in won.items())
    made = rules()
    views = [View(Lead(id=name), datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=UTC)) for name, day in leads]
    batch = batches.route_each(made, views, Roster(reps=reps), Rotation())
    assert sorted(made.lead_id for made in batch.routes) == sorted(name for name, _ in leads)
    assert batch.report.assigned + batch.report.waiting == 8_000
    assert batch.report.assigned == sum(load.by_turn for load in batch.report.loads) > 6_000
    assert batch.report.waiting == len(batch.waiting)
    had, weekly = Counter[tuple[str, str]](), Counter[tuple[str, tuple[int, int]]]()
    dates = dict(leads)
    for entry in batch.entries:
        if entry.rep is not None:
            day = date.fromisoformat(dates[entry.lead_id])
            assert entry.day == day
            had[entry.rep, day.isoformat()] += 1
            weekly[entry.rep, day.isocalendar()[:2]] += 1
    assert max(had.values()) == 2
    assert max(weekly.values()) == 6
    for made_route in batch.waiting:
        day = date.fromisoformat(dates[made_route.lead_id])
        full = [name for name in won if had[name, day.isoformat()] == 2 or weekly[name, day.isocalendar()[:2]] == 6]
        assert len(full) == len(won)
    assert sum(load.due for load in batch.report.loads) == batch.report.assigned
    assert batch.rotation == replay(batch.entries)
    assert {name: -load.ahead for load in batch.report.loads if load.ahead for name in [load.rep]} == fairness(batch.rotation)
    for each in batch.waiting[::40]:
        assert isinstance(each.outcome, Unassigned)
        assert each.outcome.retry_at is not None
        later = View(each.given.view.lead, each.outcome.retry_at)
        assert routing.route(made, later, Roster(reps=reps), each.rotation).rep is not None
        before = View(each.given.view.lead, each.outcome.retry_at - timedelta(microseconds=1))
        assert routing.route(made, before, Roster(reps=reps), each.rotation).rep is None


def test_folding_one_entry_after_another_is_replaying() -> None:
    """RO-17: and `route` itself does nothing else."""
    reps = [rep("a"), rep("b", share=2)]
    here, log = Rotation(), []
    for number in range(5):
        found = asked(rules(), reps, view(lead=f"L-{number}"), here)
        assert found.rotation == apply(here, found.entry)
        log.append(found.entry)
        here = found.rotation
    assert replay(log) == here


def test_equal_rotations_give_equal_routes() -> None:
    """RO-10, RO-17: who has left is read off the roster, and not off how a rotation came about."""
    made = rules()
    two, three = (territories.team(made, Roster(reps=tuple(map(rep, names)))) for names in ("ab", "abc"))
    first = routing.route(made, view(lead="L-1"), two, Rotation())
    second = routing.route(made, view(lead="L-2"), three, first.rotation)
    third = routing.route(made, view(lead="L-3"), three, second.rotation)
    assert (first.rep, second.rep, third.rep) == ("a", "b", "c")
    folded = replay([second.entry, third.entry], first.rotation)
    assert folded == third.rotation
    routes = [routing.route(made, view(lead="L-4"), two, here) for here in (third.rotation, folded)]
    assert [made.entry.left for made in routes] == [("c",), ("c",)]
    assert routes[0].rotation == routes[1].rotation


@pytest.mark.parametrize("hours", ["ignore", "prefer", "require"])
@pytest.mark.parametrize("caps", [Caps(), Caps(per_day=2), Caps(per_week=5)], ids=["no cap", "a day", "a week"])
@pytest.mark.parametrize("until", ["9998-12-31T00:00Z", "9999-12-31T23:59:59Z"])
def test_away_for_ever_is_never(hours: str, caps: Caps, until: str) -> None:
    """RO-12: hours and dates end with the year 9998; who is away until then comes back never, and that is an answer."""
    reps = [rep("a", away=away("2024-01-01T00:00Z", until), caps=caps, zone="Pacific/Honolulu")]
    found = asked(rules(opening=OFFICE, hours=hours), reps)
    assert found.outcome == Unassigned((("a", "away"),), None)
    soon = asked(rules(opening=OFFICE, hours=hours), [*reps, rep("b", away=OFF, zone="Europe/Berlin")])
    assert isinstance(soon.outcome, Unassigned)
    assert soon.outcome.retry_at == parse_instant("2024-01-10T08:00Z" if hours == "require" else "2024-01-10T00:00Z")


BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"


@pytest.mark.parametrize(
    ("others", "at", "outcome"),
    [
        pytest.param([rep("b", zone=BERLIN)], NOW, Assigned("b", "pool"), id="closed, and another is open"),
        pytest.param([rep("b", zone=BERLIN)], "2024-01-09T02:00Z", Assigned("z", "backup"), id="open, where the other is closed"),
        pytest.param([rep("b", zone=BERLIN)], "2024-01-09T19:00Z", Assigned("z", "backup"), id="nobody is open"),
        pytest.param([rep("b", zone=BERLIN, away=OFF)], NOW, Assigned("z", "backup"), id="closed, and the other is away"),
    ],
)
def test_a_closed_backup_lets_those_who_are_open_go_first(others: list[Rep], at: str, outcome: Assigned) -> None:
    """RO-4, RO-15: under hours="prefer" a backup is one of their pool."""
    reps = [rep("a", backup="z", zone=BERLIN), *others, rep("z", zone=TOKYO)]
    log = [Entry(lead_id="L-1", rep="a", at=parse_instant("2024-01-08T09:00Z"))]
    found = asked(rules(BACKUP, POOL, opening=OFFICE, hours="prefer"), reps, view(at), entries=log, attempt=2)
    assert found.outcome == outcome
    assert whys(found)["backup"] == ("closed" if outcome.step == "pool" else "")


# --------------------------------------------------------------------------------------------------------------- replays

ROUND_THE_CLOCK = HoursDocument.model_validate(
    {
        "calendars": [{"id": "all", "weekly": [{"days": [*WEEKDAYS, "saturday", "sunday"], "opens": "00:00", "closes": "24:00"}]}],
        "organisation": "all",
    }
)


def replayed(reps: Sequence[Rep], leads: Sequence[tuple[str, int]]) -> list[tuple[str | None, str | None]]:
    """Who takes each lead that comes at that time of 9 January and takes that many minutes, and when they have it."""
    made, roster = rules(opening=ROUND_THE_CLOCK), Roster(reps=tuple(reps))
    over = Span(parse_instant("2024-01-09T00:00Z"), parse_instant("2024-01-11T00:00Z"))
    arrivals = [
        Arrival(id=f"L-{number}", at=parse_instant(f"2024-01-09T{at}Z"), service=timedelta(minutes=minutes))
        for number, (at, minutes) in enumerate(leads)
    ]
    assign = batches.assigning(made, lambda lead, at: View(Lead(id=lead), at), roster, Rotation())
    found = simulate(arrivals, capacity.seats(made.hours, reps), over=over, target=timedelta(minutes=5), assign=assign)
    return [(each.rep, None if each.assigned is None else f"{each.assigned:%d %H:%M}") for each in found.leads]


@pytest.mark.parametrize(
    ("reps", "leads", "expected"),
    [
        pytest.param(
            [rep("b", caps=Caps(per_day=1, open=1)), rep("a", away=away("2024-01-09T00:00Z", "2024-02-01T00:00Z"))],
            [("20:00", 60), ("20:05", 30)],
            [("b", "09 20:00"), ("b", "10 00:00")],
            id="full for the day, which hides that they are busy",
        ),
        pytest.param(
            [rep("b", caps=Caps(per_day=1, open=1))],
            [("20:00", 300), ("20:05", 30)],
            [("b", "09 20:00"), ("b", "10 01:00")],
            id="full for the day, and busy beyond it",
        ),
        pytest.param(
            [rep("a", caps=Caps(open=1)), rep("b", caps=Caps(per_day=1))],
            [("20:00", 1200), ("20:01", 30), ("20:05", 30)],
            [("a", "09 20:00"), ("b", "09 20:01"), ("b", "10 00:00")],
            id="one is busy until 16:00, the other full until midnight",
        ),
        pytest.param(
            [rep("a", caps=Caps(open=1)), rep("b", caps=Caps(per_day=1))],
            [("20:00", 60), ("20:01", 30), ("20:05", 30)],
            [("a", "09 20:00"), ("b", "09 20:01"), ("a", "09 21:00")],
            id="and the other way round",
        ),
        pytest.param(
            [rep("a", caps=Caps(open=1))],
            [("20:00", 60), ("20:05", 30), ("20:06", 30)],
            [("a", "09 20:00"), ("a", "09 21:00"), ("a", "09 21:30")],
            id="room alone",
        ),
        pytest.param([rep("a", caps=Caps(per_day=0))], [("20:00", 60)], [(None, None)], id="never"),
    ],
)
def test_a_replay_asks_again_when_a_cap_ends_or_somebody_has_room(
    reps: list[Rep], leads: list[tuple[str, int]], expected: list[tuple[str, str]]
) -> None:
    """RO-12: whichever comes first, whatever is told first."""
    assert replayed(reps, leads) == expected


# ------------------------------------------------------------------------------------------------------------- twice over


def test_a_lead_that_stands_twice_is_routed_once_whatever_comes_of_it() -> None:
    """RT-5, RO-18: nobody, or nurture, is an answer too; later views say the earlier one's again."""
    nobody = batches.route_each(rules(), [view(), view("2024-01-10T09:00Z")], Roster(reps=(rep("a", share=0),)), Rotation())
    assert [(made.outcome, made.repeated) for made in nobody.routes] == [
        (Unassigned((("a", "no_share"),), None), each) for each in (False, True)
    ]
    assert (nobody.report.waiting, nobody.report.repeated, len(nobody.waiting), len(nobody.entries)) == (1, 1, 1, 1)
    kept = batches.route_each(rules(lanes=LANES), [view(tier="T3")] * 3, Roster(reps=(rep("a"),)), Rotation())
    assert [made.outcome for made in kept.routes] == [NotRouted("T3")] * 3
    assert (kept.report.not_routed, kept.report.repeated, len(kept.entries)) == (1, 2, 1)
    assert kept.routes[1].explain() == "L-1 goes to nurture by T3. routing.entries holds: rep unknown, attempt 1, at 2024-01-09 09:00 UTC."
    between = [view(), view(lead="L-2"), view("2024-01-09T10:00Z")]
    mixed = batches.route_each(rules(), between, Roster(reps=(rep("a"), rep("b"))), Rotation())
    assert [(made.lead_id, made.rep, made.repeated) for made in mixed.routes] == [
        ("L-1", "a", False),
        ("L-2", "b", False),
        ("L-1", "a", True),
    ]
    assert mixed.routes[2].rotation is mixed.routes[1].rotation


def test_of_two_views_of_one_lead_the_earlier_comes_first() -> None:
    """RO-17, RO-18: by (arrival, id, instant), whatever the order handed over."""
    came = parse_instant("2024-01-09T08:00Z")
    views = [view("2024-01-09T12:00Z", created_at=came), view("2024-01-09T11:00Z", created_at=came)]
    for handed in (views, views[::-1]):
        batch = batches.route_each(rules(), handed, Roster(reps=(rep("a"),)), Rotation())
        assert batch.routes[0].at == parse_instant("2024-01-09T11:00Z")


def test_a_lead_leaves_its_last_holder_when_it_is_routed_again() -> None:
    """RO-15: a has room for another from then on; nobody's count falls below zero."""
    reps = Roster(reps=(rep("a", caps=Caps(open=1)), rep("b", caps=Caps(open=1))))
    held = {"L-0": [Entry(lead_id="L-0", rep="b", at=parse_instant(NOW)), Entry(lead_id="L-0", attempt=2, rep="a", at=parse_instant(NOW))]}
    views = [view(lead="L-0"), view(lead="L-1")]
    batch = batches.route_each(rules(), views, reps, Rotation(), entries=held, attempts={"L-0": 3}, open_leads={"a": 1})
    assert [made.rep for made in batch.routes] == [None, "a"]
    unknown = batches.route_each(rules(), views, reps, Rotation(), entries=held, attempts={"L-0": 3}, open_leads={})
    assert unknown.routes[1].given.open_leads == {"a": 0}


def test_whoever_takes_a_lead_was_not_refused_it() -> None:
    """RT-6: a is at the cap of the pool, and takes it as the overflow owner."""
    roster = Roster(reps=(rep("a", caps=Caps(per_day=0)), rep("b", caps=Caps(per_day=0))), overflow_owner="a")
    report = batches.route_each(rules(POOL, OVERFLOW), [view()], roster, Rotation()).report
    assert report.loads == (
        Load("a", by_turn=0, by_name=1, due=Fraction(), refused=0),
        Load("b", by_turn=0, by_name=0, due=Fraction(), refused=1),
    )


def test_the_event_of_somebody_who_has_left_is_on_the_organisations_hours() -> None:
    """CL-2, RO-14: the answer is given again, whoever is there now."""
    opening = HoursDocument.model_validate({**OFFICE.model_dump(mode="json"), "territories": [{"id": "dach", "zone": "Europe/Berlin"}]})
    said = {}
    for place in (None, "dach"):
        left = Entry(lead_id="L-1", rep="gone", at=parse_instant(NOW), step="pool", territory=place)
        event = asked(rules(opening=opening, territories=[DACH]), [rep("a")], entries=[left]).event
        assert event is not None
        said[place] = (event.rep, repr(event.calendar))
    assert said == {
        None: ("gone", "Calendar('UTC', Mon-Fri 09:00-17:00)"),
        "dach": ("gone", "Calendar('Europe/Berlin', Mon-Fri 09:00-17:00)"),
    }


def test_events_have_ids_of_their_own() -> None:
    """CL-12: nobody at nine, nobody at ten, and then a: three events of one attempt."""
    reps = [rep("a", away=away("2024-01-09T00:00Z", "2024-01-09T10:30Z"))]
    routes = [asked(rules(), reps, view(at)) for at in (NOW, "2024-01-09T10:00Z", "2024-01-09T10:30Z")]
    assert [made.event.id for made in routes if made.event is not None] == [
        "L-1#1/2024-01-09T09:00:00Z",
        "L-1#1/2024-01-09T10:00:00Z",
        "L-1#1",
    ]


# --------------------------------------------------------------------------------------------------------------- refusals

ENTRY = Entry(lead_id="L-1", rep="a", at=parse_instant(NOW))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rotation": Rotation().to_dict()}, r"rotation: saw a table of 5, expected a Rotation\. `restored` reads one"),
        ({"rotation": None}, r"rotation: saw nothing, expected a Rotation\. Begin with Rotation\(\)"),
        ({"rotation": "route"}, r"rotation: saw Route .*, expected a Rotation\. .* go on with \.rotation of a route"),
        ({"roster": [rep("a")]}, "roster: saw a list of 1, expected a Roster, or a Team"),
        ({"roster": {"reps": []}}, "roster: saw a table of 1, expected a Roster, or a Team. `intake.roster` reads one"),
        ({"roster": None}, "roster: saw nothing"),
        ({"view": Lead(id="L-1")}, "view: saw Lead .*, expected a View"),
        ({"view": None}, "view: saw nothing"),
        ({"entries": ENTRY}, "entries: saw Entry .*, expected a list of entries. Pass"),
        ({"entries": ENTRY.to_dict()}, "entries: saw a table of 13"),
        ({"entries": None}, "entries: saw nothing"),
        ({"entries": [ENTRY, ENTRY.to_dict()]}, r"entries\[1\]: saw a table of 13, expected an Entry\. `rotation\.entry_of` reads one"),
        ({"entries": [None]}, r"entries\[0\]: saw nothing, expected an Entry\. A route has one"),
        ({"open_leads": [1]}, "open_leads: saw a list of 1, expected a table of numbers by rep"),
        ({"open_leads": {"a": "1"}}, r"open_leads\[a\]: saw '1', expected a whole number of at least 0"),
        ({"open_leads": {"b": 1, "a": None}}, r"open_leads\[a\]: saw nothing"),
        ({"open_leads": {"a": 1.5}}, r"open_leads\[a\]: saw 1\.5"),
        ({"open_leads": {"a": True}}, r"open_leads\[a\]: saw true"),
        ({"open_leads": {"b": 0, "a": -1}}, r"open_leads\[a\]: saw -1"),
        ({"open_leads": {3: 1}}, "open_leads: saw 3, expected ids of reps"),
    ],
)
def test_arguments_of_another_kind_are_refused_by_name(change: Data, message: str) -> None:
    """FD-3: what was seen, what would do, and the next step."""
    made = rules()
    given: Data = {"view": view(), "roster": Roster(reps=(rep("a"),)), "rotation": Rotation(), **change}
    if given["rotation"] == "route":
        given["rotation"] = asked(made, [rep("a")])
    with pytest.raises(FactError, match=message):
        routing.route(made, given.pop("view"), given.pop("roster"), given.pop("rotation"), **given)


def test_ids_may_be_text_of_a_kind_of_its_own() -> None:
    """FD-3: such as a member of an enumeration of texts; and who is not on the roster says nothing."""

    class Name(str):
        __slots__ = ()

    counts = {Name("a"): 1, "gone": 9}
    assert asked(rules(), [rep("a", caps=Caps(open=1)), rep("b")], open_leads=counts).why_not == {"a": "open_cap"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rotation": Rotation().to_dict()}, "rotation: saw a table of 5"),
        ({"roster": [rep("a")]}, "roster: saw a list of 1"),
        ({"views": None}, "views: saw nothing, expected a list of views"),
        ({"views": view()}, "views: saw View"),
        ({"views": [view(), Lead(id="L-1")]}, r"views\[1\]: saw Lead .*, expected a View"),
        ({"entries": [ENTRY]}, "entries: saw a list of 1, expected a table. Pass {entry.lead_id"),
        ({"entries": {"L-1": ENTRY}}, r"leads\[L-1\]\.entries: saw Entry"),
        ({"attempts": [2]}, "attempts: saw a list of 1, expected a table"),
        ({"attempts": {"L-1": 0}}, r"leads\[L-1\]\.attempt: saw 0"),
        ({"open_leads": [2]}, "open_leads: saw a list of 1, expected a table"),
        ({"open_leads": {"a": "1"}}, r"^open_leads\[a\]: saw '1'"),
    ],
)
def test_a_batch_refuses_them_before_the_first_route(change: Data, message: str) -> None:
    """RT-5: a lead that cannot be routed is named."""
    given: Data = {"views": [view()], "roster": Roster(reps=(rep("a"),)), "rotation": Rotation(), **change}
    arguments = (rules(), given.pop("views"), given.pop("roster"), given.pop("rotation"))
    with pytest.raises(FactError, match=message):
        batches.route_each(*arguments, **given)
    if "L-1" not in message and not message.startswith("^"):
        with pytest.raises(FactError, match=message):
            batches.stream(*arguments, **given)


def test_a_batch_names_the_lead_whose_parents_go_in_a_circle() -> None:
    """RT-4."""
    account = Account(id="x", parent_id="y")
    roster = Roster(reps=(rep("a"),), parents=(Account(id="y", parent_id="x"),))
    with pytest.raises(FactError, match=r"leads\[L-9\]\.account\.parent_id: saw a circle through 'x'"):
        batches.route_each(rules(*HIERARCHY), [view(lead="L-9", account=account)], roster, Rotation())


def test_a_replay_wants_a_rotation_too() -> None:
    with pytest.raises(FactError, match="rotation: saw a table of 5"):
        batches.assigning(rules(), lambda lead, at: view(lead=lead), Roster(reps=()), Rotation().to_dict())  # type: ignore[arg-type]  # on purpose


def test_a_calendar_that_there_is_not_is_told_with_its_rep() -> None:
    """CL-2: when the team is made, or when its hours are asked for."""
    roster = Roster(reps=(rep("a"), rep("b", calendar="ofice")))
    with pytest.raises(FactError, match=r"roster\.reps\[b\]\.calendar: saw 'ofice'.*office"):
        territories.team(rules(opening=OFFICE, hours="prefer"), roster)
    made = rules(opening=OFFICE)
    found = routing.route(made, view(), roster, offset(Rotation(), "b", 2))
    assert found.rep == "b"
    with pytest.raises(FactError, match=r"roster\.reps\[b\]\.calendar: saw 'ofice'"):
        _ = found.event
