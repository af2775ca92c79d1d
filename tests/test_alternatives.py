"""What would have had to be different: the smallest changes, tried through the same steps; typed by hand."""

from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from inbound_engine import routing
from inbound_engine.alternatives import Alternative, Change
from inbound_engine.calendars import HoursDocument
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Caps, Rep, Roster
from inbound_engine.rotation import Entry, Rotation, offset
from inbound_engine.routing import Route
from inbound_engine.spans import parse_instant
from inbound_engine.territories import Rules
from tests.test_routing import (
    BACKUP,
    DACH,
    EVERYBODY,
    HIERARCHY,
    LANES,
    NOW,
    OFF,
    OFFICE,
    OVERFLOW,
    OWNERS,
    POOL,
    REST,
    TERRITORY_POOL,
    Data,
    asked,
    away,
    rep,
    rules,
    view,
)
from tests.work import at_most


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        pytest.param(rep("x", share=3), [], id="has it"),
        pytest.param(rep("x", share=3, away=OFF), [Change("away", "until 2024-01-10 00:00 UTC", "back")], id="away"),
        pytest.param(
            rep(
                "x", share=3, away=(*away("2024-01-01T00:00Z", "2024-01-11T00:00Z"), *OFF, *away("2024-02-01T00:00Z", "2024-02-02T00:00Z"))
            ),
            [Change("away", "until 2024-01-11 00:00 UTC", "back")],
            id="away twice over",
        ),
        pytest.param(rep("x", share=3, caps=Caps(per_day=0)), [Change("per_day", "0", "1")], id="at the day's cap"),
        pytest.param(rep("x", share=3, caps=Caps(per_week=0)), [Change("per_week", "0", "1")], id="at the week's cap"),
        pytest.param(rep("x", share=3, caps=Caps(open=4)), [Change("open", "4", "5")], id="too many open leads"),
        pytest.param(rep("x", share=3, active=False), [Change("active", "false", "true")], id="not active"),
        pytest.param(rep("x", share=3, territories=frozenset({"rest"})), [Change("territory", "rest", "dach")], id="another territory"),
        pytest.param(rep("x", share=3, products=frozenset({"erp"})), [Change("product", "erp", "crm")], id="another product"),
        pytest.param(rep("x", "AE", share=3), [Change("role", "AE", "SDR")], id="another role"),
        pytest.param(rep("x", share=3, zone="Asia/Tokyo"), [Change("closed", "closed", "open")], id="closed"),
        pytest.param(
            rep("x", share=3, away=OFF, caps=Caps(per_day=0)),
            [Change("away", "until 2024-01-10 00:00 UTC", "back"), Change("per_day", "0", "1")],
            id="both",
        ),
        pytest.param(rep("x"), [Change("credit", "0 leads", "1 more, by hand")], id="another's turn"),
        pytest.param(
            rep("x", share=0), [Change("share", "0", "1"), Change("credit", "0 leads", "1 more, by hand")], id="out, and another's turn"
        ),
    ],
)
def test_what_would_have_to_be_different(who: Rep, changes: list[Change]) -> None:
    """RT-9: the smallest set of changes, each tried through the same rules; and with them the lead is theirs."""
    made = rules(POOL, lanes=LANES, territories=[DACH, REST], opening=OFFICE, hours="prefer")
    reps = [rep("a", share=2, zone="Europe/Berlin"), attrs.evolve(who, zone=who.zone or "Europe/Berlin")]
    found = asked(made, reps, view(tier="T2", country="DE", product="crm"), open_leads={"x": 4})
    assert found.what_if("x") == Alternative("x", possible=True, changes=tuple(changes))


def test_credit_by_hand_is_as_much_as_it_takes() -> None:
    """RT-9, RO-6: a tie goes to the smaller id."""
    reps = [rep("a"), rep("b")]
    here = offset(Rotation(), "a", 2)
    found = asked(rules(), reps, rotation=here)
    assert found.what_if("b").changes == (Change("credit", "0 leads", "3 more, by hand"),)
    assert asked(rules(), reps, rotation=offset(here, "b", 2)).rep == "a"
    assert asked(rules(), reps, rotation=offset(here, "b", 3)).rep == "b"
    other = asked(rules(), reps, rotation=offset(Rotation(), "b", 2))
    assert other.what_if("a").changes == (Change("credit", "0 leads", "2 more, by hand"),)
    assert asked(rules(), reps, rotation=offset(offset(Rotation(), "b", 2), "a", 2)).rep == "a"


def test_some_leads_could_not_have_been_theirs() -> None:
    """RT-9: owned by another, had before, kept in nurture, in no lane."""
    reps = [rep("a"), rep("b", away=OFF)]
    owned = asked(rules(*HIERARCHY), reps, view(account=Account(id="acme", owner="a")))
    assert owned.what_if("b") == Alternative("b", possible=False)
    first = asked(rules(), [rep("a"), rep("b")])
    again = asked(rules(), [rep("a"), rep("b")], rotation=first.rotation, entries=[first.entry], attempt=2)
    assert again.what_if("a") == Alternative("a", possible=False)
    assert asked(rules(lanes=LANES), reps, view(tier="T3")).what_if("b") == Alternative("b", possible=False)
    assert asked(rules(lanes=LANES), reps, view()).what_if("b") == Alternative("b", possible=False)
    with pytest.raises(FactError, match=r"rep: saw 'bb'.*Did you mean \"b\"\?"):
        first.what_if("bb")


def test_a_lead_of_no_territory_takes_a_rep_who_is_bound_to_none() -> None:
    """RT-9: and a role may ask for a seniority."""
    made = rules(POOL, territories=[DACH])
    found = asked(made, [rep("x", territories=frozenset({"dach"}))], view(country="FR"))
    assert found.what_if("x").changes == (Change("territory", "dach", "any"),)
    senior = asked(rules(lanes=LANES), [rep("x", seniority="junior")], view(tier="T1"))
    assert senior.what_if("x").changes == (Change("role", "junior SDR", "senior SDR"),)


def test_nobody_is_promoted_whom_the_lane_takes_as_they_are() -> None:
    """RT-9: a lane of seniors or account executives; what keeps this one from it is the cap alone."""
    found = asked(rules(lanes=LANES), [rep("z", "AE"), rep("x", "AE", share=3, caps=Caps(per_day=0))], view(tier="T1"))
    assert found.what_if("x").changes == (Change("per_day", "0", "1"),)


def test_a_change_of_territory_keeps_a_roster_sound() -> None:
    """RT-9: a roster that lists its territories learns the new one."""
    made = rules(POOL, territories=[DACH, REST])
    roster = Roster(reps=(rep("x", territories=frozenset({"rest"})),), territories=frozenset({"rest"}))
    found = routing.route(made, view(country="DE"), roster, Rotation())
    assert found.what_if("x").changes == (Change("territory", "rest", "dach"),)


def test_an_alternative_is_told_in_words() -> None:
    found = asked(rules(), [rep("a"), rep("b", away=OFF)])
    assert str(found.what_if("a")) == "a has it."
    assert (
        str(found.what_if("b")) == "b would have it with away: until 2024-01-10 00:00 UTC to back, and credit: 0 leads to 1 more, by hand."
    )
    assert str(Alternative("c", possible=False)) == "c could not have had it."


def test_of_an_answer_that_is_given_again_nothing_is_known() -> None:
    """RT-9, FD-6: unknown is not no; who has it has it."""
    reps = [rep("a"), rep("b")]
    first = asked(rules(), reps)
    again = asked(rules(), reps, entries=[first.entry])
    assert again.what_if("b") == Alternative("b", possible=None)
    assert str(again.what_if("b")) == "Whether b could have had it is not known: the answer is an earlier one."
    assert again.what_if("a") == Alternative("a", possible=True)
    with pytest.raises(FactError, match="rep: saw 'c'"):
        again.what_if("c")


@pytest.mark.parametrize("name", [None, rep("a"), 3, ["a"]])
def test_somebody_is_asked_about_by_id(name: Any) -> None:  # noqa: ANN401
    """FD-3: and not by what else one may have at hand."""
    with pytest.raises(FactError, match=r"rep: saw .*expected one of a, b"):
        asked(rules(), [rep("a"), rep("b")]).what_if(name)


# ---------------------------------------------------------------------------------------------------------- preferences

SENIOR: Data = {"id": "senior", "of": "reps", "seniorities": ["senior"]}
GERMAN = HoursDocument.model_validate({"zones": [{"country": "DE", "zones": ["Europe/Berlin"]}]})
CREDIT = Change("credit", "0 leads", "1 more, by hand")


def preferring(*prefer: Data, **more: Any) -> Rules:  # noqa: ANN401
    return rules({**POOL, "prefer": list(prefer)}, **more)


@pytest.mark.parametrize(
    ("made", "reps", "changes"),
    [
        pytest.param(preferring(SENIOR), [rep("z", seniority="senior"), rep("x")], [Change("role", "SDR", "senior SDR")], id="seniority"),
        pytest.param(
            preferring(SENIOR), [rep("a", seniority="senior"), rep("x")], [Change("role", "SDR", "senior SDR"), CREDIT], id="and their turn"
        ),
        pytest.param(
            preferring({"id": "p", "of": "reps", "roles": ["AE", "CSM"]}),
            [rep("z", "CSM"), rep("x", seniority="senior")],
            [Change("role", "senior SDR", "senior AE")],
            id="a role",
        ),
        pytest.param(
            preferring(SENIOR, {"id": "p", "of": "reps", "roles": ["AE"]}),
            [rep("z", "AE", seniority="senior"), rep("x")],
            [Change("role", "SDR", "senior AE")],
            id="a role after a seniority: one change",
        ),
        pytest.param(
            preferring(SENIOR, lanes=[{**EVERYBODY[0], "takes": [{"id": "ae", "roles": ["AE"]}]}]),
            [rep("z", "AE", seniority="senior"), rep("x", seniority="junior")],
            [Change("role", "junior SDR", "senior AE")],
            id="a role that the lane takes, and the seniority that is preferred",
        ),
        pytest.param(
            rules(POOL, lanes=[{**EVERYBODY[0], "takes": [{"id": "ae", "roles": ["AE"]}, {"id": "x", "seniorities": ["senior"]}]}]),
            [rep("z", "AE"), rep("x")],
            [Change("role", "SDR", "AE")],
            id="the first of those that the lane takes",
        ),
        pytest.param(
            preferring({"id": "p", "of": "product"}),
            [rep("z", products=frozenset({"crm"})), rep("x")],
            [Change("product", "any", "crm")],
            id="a product by name",
        ),
        pytest.param(
            preferring({"id": "p", "of": "zone"}, opening=GERMAN),
            [rep("z", zone="Europe/Berlin"), rep("x")],
            [Change("zone", "none", "Europe/Berlin")],
            id="a zone",
        ),
        pytest.param(
            preferring({"id": "p", "of": "zone"}, opening=GERMAN),
            [rep("z", zone="Europe/Berlin"), rep("x", zone="Asia/Tokyo", caps=Caps(open=1))],
            [Change("open", "1", "2"), Change("zone", "Asia/Tokyo", "Europe/Berlin")],
            id="a zone, and room",
        ),
        pytest.param(
            preferring({"id": "p", "of": "zone"}, opening=GERMAN),
            [rep("a", zone="Europe/Berlin"), rep("x", zone="Europe/Berlin")],
            [CREDIT],
            id="the zone of both",
        ),
        pytest.param(
            preferring({"id": "p", "of": "capacity"}),
            [rep("y", caps=Caps(open=9)), rep("z", caps=Caps(open=7)), rep("x", caps=Caps(open=3))],
            [Change("open", "3", "8")],
            id="as much room as they have who have most: 9 less 2 are 8 less 1",
        ),
        pytest.param(
            preferring({"id": "p", "of": "capacity"}),
            [rep("z"), rep("x", caps=Caps(open=3))],
            [Change("open", "3", "none")],
            id="no cap at all",
        ),
        pytest.param(
            preferring({"id": "p", "of": "capacity"}),
            [rep("z", caps=Caps(open=9), away=OFF), rep("y", share=0), rep("x", caps=Caps(open=1))],
            [Change("open", "1", "2")],
            id="room, where nobody else is eligible",
        ),
        pytest.param(
            preferring(SENIOR, {"id": "p", "of": "capacity"}),
            [rep("z", caps=Caps(open=9), seniority="senior"), rep("x", caps=Caps(open=1))],
            [Change("open", "1", "10"), Change("role", "SDR", "senior SDR")],
            id="room for one more is not the most room",
        ),
    ],
)
def test_a_preference_wants_a_change_of_its_own(made: Rules, reps: list[Rep], changes: list[Change]) -> None:
    """RT-1, RT-9: seniority, product, zone and room; the smallest that does it, together with what else is in the way."""
    found = asked(made, reps, view(country="DE", product="crm"), open_leads={"x": 1, "y": 2})
    assert found.rep != "x"
    assert sorted(found.what_if("x").changes, key=str) == sorted(changes, key=str)


def test_another_zone_has_other_dates_and_hours() -> None:
    """RT-9, RO-11: x is at the cap of a day that has not begun in New York yet, and closed there; both are said beside the zone."""
    opening = HoursDocument.model_validate(
        {**OFFICE.model_dump(mode="json"), "zones": [{"country": "US", "zones": ["America/New_York"]}]},
    )
    made = preferring({"id": "p", "of": "zone"}, opening=opening, hours="prefer")
    reps = [rep("z", zone="America/New_York"), rep("x", zone="Asia/Tokyo", caps=Caps(per_day=1))]
    before = asked(made, [reps[1]], view("2024-01-09T00:30Z", "L-0"))
    assert (before.rep, before.entry.day) == ("x", before.at.date())
    found = asked(made, reps, view("2024-01-09T15:30Z", country="US"), before.rotation)  # 10:30 in New York, 00:30 of the 10th in Tokyo
    assert (found.rep, found.why_not) == ("z", {"x": "closed"})
    assert found.what_if("x").changes == (Change("zone", "Asia/Tokyo", "America/New_York"), Change("per_day", "1", "2"))
    early = asked(made, reps, view("2024-01-09T12:30Z", country="US"), before.rotation)  # nobody is open
    assert (early.rep, early.why_not) == ("z", {"x": "day_cap"})


def test_a_cap_of_the_day_may_be_over_in_another_zone() -> None:
    """RT-9, RO-11: x is at the cap of the 9th in New York, where it is 15:00; where the lead is, the 10th has begun."""
    opening = HoursDocument.model_validate({"zones": [{"country": "JP", "zones": ["Asia/Tokyo"]}]})
    made = preferring({"id": "p", "of": "zone"}, opening=opening)
    reps = [rep("z", zone="Asia/Tokyo"), rep("x", zone="America/New_York", caps=Caps(per_day=1))]
    before = asked(made, [reps[1]], view("2024-01-09T15:00Z", "L-0"))
    found = asked(made, reps, view("2024-01-09T20:00Z", country="JP"), before.rotation)
    assert (found.rep, found.why_not) == ("z", {"x": "day_cap"})
    assert found.what_if("x").changes == (Change("zone", "America/New_York", "Asia/Tokyo"),)


def test_whoever_is_open_now_may_be_closed_where_the_lead_is() -> None:
    """RT-9, RO-4: in the zone of the lead x would be closed, and would have to be open all the same."""
    opening = HoursDocument.model_validate(
        {
            "calendars": [
                *OFFICE.model_dump(mode="json")["calendars"],
                {"id": "late", "zone": "America/New_York", "weekly": [{"days": ["tuesday"], "opens": "04:00", "closes": "12:00"}]},
            ],
            "organisation": "office",
            "zones": [{"country": "US", "zones": ["America/New_York"]}],
        }
    )
    made = preferring({"id": "p", "of": "zone"}, opening=opening, hours="require")
    reps = [rep("z", zone="America/New_York", calendar="late"), rep("x", zone="Europe/Berlin")]
    found = asked(made, reps, view(country="US"))  # 10:00 in Berlin, 04:00 in New York
    assert (found.rep, found.why_not) == ("z", {"x": "not_preferred"})
    assert found.what_if("x").changes == (Change("zone", "Europe/Berlin", "America/New_York"), Change("closed", "closed", "open"))


# ---------------------------------------------------------------------------------------------------------- the smallest


def test_one_change_by_hand_comes_before_two_of_the_roster() -> None:
    """RT-9: the territory pool takes b as b is, so that credit alone does it; the first pool would want another role and product."""
    lanes = [{**EVERYBODY[0], "takes": [{"id": "sdr", "roles": ["SDR"]}]}]
    found = asked(
        rules(POOL, TERRITORY_POOL, lanes=lanes), [rep("a", "AE"), rep("b", "AE", products=frozenset({"erp"}))], view(product="crm")
    )
    assert found.rep == "a"
    assert found.what_if("b").changes == (CREDIT,)


def test_of_as_many_changes_those_of_the_roster_come_first() -> None:
    """RT-9: a role would do for the first pool, and credit for the second."""
    lanes = [{**EVERYBODY[0], "takes": [{"id": "sdr", "roles": ["SDR"]}]}]
    found = asked(rules(POOL, TERRITORY_POOL, lanes=lanes), [rep("a", "AE"), rep("b", "AE")])
    assert (found.rep, found.what_if("b").changes) == ("a", (Change("role", "AE", "SDR"),))


LATE = rep(
    "x", "AE", share=0, active=False, away=OFF, caps=Caps(per_day=0, per_week=0, open=0), zone="Asia/Tokyo",
    territories=frozenset({"rest"}), products=frozenset({"erp"}),
)  # fmt: skip


def test_many_faults_of_one_rep_among_many_are_no_more_work() -> None:
    """RT-9: ten faults are a thousand sets; only those are tried that hold what a step needs, and the team is not made anew."""
    made = rules(BACKUP, *OWNERS, POOL, TERRITORY_POOL, OVERFLOW, lanes=LANES, territories=[DACH, REST], opening=OFFICE, hours="prefer")
    reps = [*(rep(f"r{number:03}", zone="Europe/Berlin") for number in range(300)), LATE]
    found = asked(made, reps, view(tier="T2", country="DE", product="crm"), open_leads={})
    with at_most(60_000):
        answer = found.what_if("x")
    assert [change.what for change in answer.changes] == [
        "active", "share", "away", "per_day", "per_week", "open", "territory", "product", "role", "closed", "credit",
    ]  # fmt: skip
    owned = asked(made, reps, view(tier="T2", country="DE", product="crm", account=Account(id="acme", owner="r000")), open_leads={})
    with at_most(60_000):
        assert owned.what_if("x") == Alternative("x", possible=False)


# -------------------------------------------------------------------------------------------------------- whom steps name


@pytest.mark.parametrize(
    ("reps", "account", "who", "changes"),
    [
        pytest.param(
            [rep("o", away=OFF), rep("a")], {"owner": "o"}, "o", [Change("away", "until 2024-01-10 00:00 UTC", "back")], id="the owner"
        ),
        pytest.param(
            [rep("o", active=False, share=0), rep("a")], {"owner": "o"}, "o", [Change("active", "false", "true")], id="owners need no share"
        ),
        pytest.param(
            [rep("o", away=OFF, delegate="d"), rep("d", active=False, share=0), rep("a")],
            {"owner": "o"},
            "d",
            [Change("active", "false", "true")],
            id="the delegate",
        ),
        pytest.param([rep("o"), rep("d", active=False), rep("a")], {"owner": "o"}, "d", None, id="a delegate of somebody who is there"),
        pytest.param(
            [rep("a"), rep("b", away=OFF)],
            {"owner": "gone"},
            "b",
            [Change("away", "until 2024-01-10 00:00 UTC", "back"), CREDIT],
            id="an owner who is not on the roster",
        ),
    ],
)
def test_owners_and_their_delegates(reps: list[Rep], account: Data, who: str, changes: list[Change] | None) -> None:
    """RO-2, RT-9."""
    answer = asked(rules(*OWNERS, POOL), reps, view(account=Account(id="acme", **account))).what_if(who)
    assert answer == Alternative(who, possible=changes is not None, changes=tuple(changes or ()))


def test_an_overflow_owner_who_comes_back() -> None:
    """RT-4, RT-9."""
    made = rules({**POOL, "enabled": False}, OVERFLOW)
    found = asked(made, [rep("o", share=0, away=OFF), rep("a")], overflow="o")
    assert found.what_if("o").changes == (Change("away", "until 2024-01-10 00:00 UTC", "back"),)
    assert found.what_if("a") == Alternative("a", possible=False)


def again(made: Rules, reps: Sequence[Rep], **more: Any) -> Route:  # noqa: ANN401
    """A lead that a had, routed for the second time."""
    log = [Entry(lead_id="L-1", rep="a", at=parse_instant(NOW))]
    return asked(made, reps, entries=log, attempt=2, **more)


def test_credit_does_not_help_against_a_backup() -> None:
    """RO-15, RT-9: the backup takes it by name, whatever the credit; b could only be the backup."""
    made = rules(BACKUP, POOL)
    reps = [rep("a", backup="z"), rep("b"), rep("z")]
    found = again(made, reps)
    assert (found.rep, found.entry.shares) == ("z", (("b", 1), ("z", 1)))
    assert found.what_if("b") == Alternative("b", possible=False)
    assert again(made, reps, rotation=offset(Rotation(), "b", 50)).rep == "z"
    assert found.what_if("a") == Alternative("a", possible=False)


def test_a_backup_who_could_not_take_it_could_have() -> None:
    """RO-15, RT-9: no credit is needed by name; and where the pool gave it to another, no turn."""
    reps = [rep("a", backup="z"), rep("b"), rep("z", "AE", away=OFF, share=0)]
    lanes = [{**EVERYBODY[0], "takes": [{"id": "sdr", "roles": ["SDR"]}]}]
    found = again(rules(BACKUP, POOL, lanes=lanes), reps)
    assert found.rep == "b"
    assert found.what_if("z").changes == (Change("share", "0", "1"), Change("away", "until 2024-01-10 00:00 UTC", "back"))


def test_a_roster_may_have_lost_the_last_holder() -> None:
    """RO-15, RT-9."""
    found = again(rules(BACKUP, POOL), [rep("b"), rep("z")])
    assert found.what_if("z").changes == (CREDIT,)


def test_a_change_is_told_in_words() -> None:
    assert str(Change("per_week", "30", "31")) == "per week: 30 to 31"


def test_open_leads_that_nobody_knows_are_asked_for() -> None:
    """FD-6: x has a cap on them, and might have been given the lead."""
    reps = [rep("a", territories=frozenset({"dach"})), rep("x", territories=frozenset({"rest"}), caps=Caps(open=3))]
    found = asked(rules(POOL, territories=[DACH, REST]), reps, view(country="DE"))
    with pytest.raises(FactError, match=r"open_leads: saw nothing.*roster\.reps\[x\]"):
        found.what_if("x")
