"""Coverage: accounts against the time of the reps of their territory."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import calendars, capacity
from inbound_engine.calendars import HoursDocument
from inbound_engine.capacity import CapacityDocument, Rules
from inbound_engine.coverage import Coverage, TargetAccount, cover
from inbound_engine.errors import FactError
from inbound_engine.facts import Rep
from inbound_engine.replays import Seat
from inbound_engine.spans import DAY, Span, parse_instant

SINCE = parse_instant("2026-03-02T00:00Z")
DAYLIGHT = Span(SINCE, SINCE + DAY)  # a Monday with eight open hours: 480 minutes
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
OPENING = calendars.compile(
    HoursDocument.model_validate(
        {"calendars": [{"id": "office", "weekly": [{"days": WEEKDAYS, "opens": "09:00", "closes": "17:00"}]}], "organisation": "office"}
    )
)
HOURLY = {"id": "call", "minutes": 60, "days": 1}


def rules(*work: dict[str, object], percent: object = 100) -> Rules:
    document = {"account_work": list(work or (HOURLY,)), "account_utilisation_percent": percent}
    return capacity.compile(CapacityDocument.model_validate(document), OPENING)


def seat(rep: str, *territories: str, hours: int = 8) -> Seat:
    """A rep who is there for so many hours of the Monday."""
    opens = parse_instant("2026-03-02T09:00Z")
    away = (Span(opens + timedelta(hours=hours), opens + timedelta(hours=8)),)
    return Seat(rep, OPENING.patterns["office"], away, frozenset(territories))


def accounts(territory: str, number: int, tier: int = 1) -> list[TargetAccount]:
    return [TargetAccount(f"{territory}-{tier}-{place}", territory, tier) for place in range(number)]


def covered(found: Coverage) -> dict[str, str]:
    return {account.id: rep for each in found.territories for account, rep in each.covered}


@pytest.mark.parametrize(
    ("number", "percent", "is_covered", "flagged"),
    [
        (8, 100, 8, ()),
        (9, 100, 8, ("dach",)),
        (11, 100, 8, ("dach",)),
        (7, 99, 7, ()),
        (8, 99, 7, ("dach",)),
        (5, "62.5", 5, ()),
        (0, 100, 0, ()),
    ],
)
def test_a_rep_covers_as_many_accounts_as_there_is_time_for(
    number: int, percent: object, is_covered: int, flagged: tuple[str, ...]
) -> None:
    """CP-2: minutes available over minutes of the activities, whole accounts; one of tier 1 too many flags the territory."""
    found = cover(rules(percent=percent), accounts("dach", number), [seat("maya", "dach")], over=DAYLIGHT)
    assert (len(covered(found)), found.flagged) == (is_covered, flagged)


def test_activities_add_up_over_the_stretch() -> None:
    """CP-2: two calls of 20 minutes a week and a meeting of 30 a month are 40 / 7 + 1 minutes a day; 480 are 71.489... of it."""
    work = ({"id": "call", "times": 2, "days": 7, "minutes": 20}, {"id": "meeting", "days": 30, "minutes": 30})
    found = cover(rules(*work), accounts("dach", 72), [seat("maya", "dach")], over=DAYLIGHT)
    [rep] = found.reps
    assert (rep.accounts, rep.given) == (Fraction(480 * 7, 47), 71)
    assert rep.left == 480 - Fraction(71 * 47, 7)


def test_tiers_are_owed_what_is_said_of_them() -> None:
    """CP-2: tier 1 takes two hours, tier 2 one, tier 3 nothing; so that all of tier 3 is covered by whoever is there."""
    work = ({"id": "visit", "days": 1, "minutes": 60, "tiers": [1]}, {"id": "call", "days": 1, "minutes": 60, "tiers": [1, 2]})
    everybody = [*accounts("dach", 9, 3), *accounts("dach", 3, 2), *accounts("dach", 3, 1)]
    found = cover(rules(*work), everybody, [seat("maya", "dach")], over=DAYLIGHT)
    [territory] = found.territories
    assert [account.id for account in territory.uncovered] == ["dach-2-2"]
    assert not territory.is_flagged
    assert (len(territory.covered), found.reps[0].accounts, found.reps[0].left) == (14, Fraction(4), Fraction(0))


def test_the_best_come_first() -> None:
    """CP-2: by tier, then the higher score, then the id."""
    listed = [
        TargetAccount("low", "dach", 1, 10),
        TargetAccount("b", "dach", 1, Fraction(41, 2)),
        TargetAccount("a", "dach", 1, Fraction(41, 2)),
        TargetAccount("second", "dach", 2, 99),
        TargetAccount("top", "dach", 1, 21),
    ]
    found = cover(rules(), listed, [seat("maya", "dach", hours=3)], over=DAYLIGHT)
    assert [account.id for account, _ in found.territory("dach").covered] == ["top", "a", "b"]
    assert [account.id for account in found.territory("dach").uncovered] == ["low", "second"]


def test_a_rep_covers_no_other_territory() -> None:
    """CP-2: time in one territory is none in another; without a rep of its own, a territory is not covered."""
    found = cover(
        rules(), [*accounts("dach", 1), *accounts("uk", 1), *accounts("us", 1, 2)], [seat("maya", "dach", "spain")], over=DAYLIGHT
    )
    assert [(each.territory, each.reps, each.is_flagged) for each in found.territories] == [
        ("dach", ("maya",), False),
        ("uk", (), True),
        ("us", (), False),
    ]


def test_room_is_made_by_handing_accounts_on() -> None:
    """CP-2: ana can do both, noor the first alone; the first may not take all of ana's time, whoever comes first."""
    found = cover(
        rules(), [*accounts("a", 4), *accounts("b", 4)], [seat("ana", "a", "b", hours=4), seat("noor", "a", hours=4)], over=DAYLIGHT
    )
    assert found.flagged == ()
    assert {account[0]: rep for account, rep in covered(found).items()} == {"a": "noor", "b": "ana"}


def test_room_is_made_through_several_hands() -> None:
    """CP-2: a's go to w, so that b's go to x, so that c's fit: three moves for one account."""
    team = [seat("w", "a", hours=1), seat("x", "a", "b", hours=1), seat("y", "b", "c", hours=1)]
    for order in ("abc", "cba", "bca"):
        listed = [TargetAccount(name, name, 1, -order.index(name)) for name in "abc"]
        found = cover(rules(), listed, team, over=DAYLIGHT)
        assert covered(found) == {"a": "w", "b": "x", "c": "y"}


def test_whoever_takes_over_takes_no_more_than_there_is_time_for() -> None:
    """CP-2: the three of territory a begin with one rep each; the second of b moves the one of bob to ann, who then has two."""
    team = [seat("ann", "a", hours=2), seat("bob", "a", "b", hours=2), seat("zed", "a", hours=2)]
    found = cover(rules(), [*accounts("a", 3), *accounts("b", 2)], team, over=DAYLIGHT)
    assert [(each.rep, each.given, int(each.left)) for each in found.reps] == [("ann", 2, 0), ("bob", 2, 0), ("zed", 1, 60)]


def test_a_flag_means_that_there_is_no_way() -> None:
    """CP-2: five accounts for four hours, whatever is handed on; the best of each territory stay."""
    listed = [TargetAccount("a1", "a", 1, 5), TargetAccount("a2", "a", 1, 1), TargetAccount("a3", "a", 1, 0)]
    listed += [TargetAccount("b1", "b", 1, 4), TargetAccount("b2", "b", 1, 3)]
    found = cover(rules(), listed, [seat("ana", "a", "b", hours=2), seat("noor", "a", hours=2)], over=DAYLIGHT)
    assert set(covered(found)) == {"a1", "a2", "b1", "b2"}
    assert found.flagged == ("a",)


def test_reps_of_a_territory_share_it() -> None:
    """CP-2: an account goes to whoever has most places left, the first by id where they are equal."""
    found = cover(rules(), accounts("dach", 4), [seat("noor", "dach"), seat("ana", "dach"), seat("zoe", "dach", hours=1)], over=DAYLIGHT)
    assert [(each.rep, each.given) for each in found.reps] == [("ana", 2), ("noor", 2), ("zoe", 0)]


def test_what_is_owed_nothing_needs_somebody() -> None:
    """CP-2: without activities nobody can say how many accounts there is time for."""
    policy = rules({"id": "call", "minutes": 60, "days": 1, "tiers": [2]})
    found = cover(policy, [*accounts("dach", 3), *accounts("uk", 1)], [seat("maya", "dach", hours=0)], over=DAYLIGHT)
    assert (found.reps[0].accounts, found.reps[0].minutes, found.reps[0].given) == (None, Fraction(0), 3)
    assert found.flagged == ("uk",)


# --------------------------------------------------------------------------------------------------------------- readers


def test_coverage_tells_itself() -> None:
    """FD-5."""
    found = cover(rules(), [*accounts("dach", 3), *accounts("dach", 1, 2)], [seat("maya", "dach", hours=1)], over=DAYLIGHT)
    assert found.explain().splitlines() == [
        "dach: 1 of 4 accounts covered; 2 of tier 1 without anybody.",
        "maya: 1 accounts, 0 of 60 minutes left",
    ]
    assert json.loads(json.dumps(found.to_dict())) == {
        "format": 1,
        "kind": "coverage",
        "territories": [
            {
                "territory": "dach",
                "reps": ["maya"],
                "covered": [{"account": "dach-1-0", "tier": 1, "rep": "maya"}],
                "uncovered": [
                    {"account": "dach-1-1", "tier": 1},
                    {"account": "dach-1-2", "tier": 1},
                    {"account": "dach-2-0", "tier": 2},
                ],
                "flagged": True,
            }
        ],
        "reps": [{"rep": "maya", "minutes": "60", "accounts": "1", "given": 1, "left": "0"}],
        "flagged": ["dach"],
    }
    assert "<td>dach</td><td>maya</td><td>1</td><td>3</td><td>flagged</td>" in found._repr_html_()
    calm = cover(rules(), accounts("dach", 1), [seat("maya", "dach")], over=DAYLIGHT)
    assert calm.explain().splitlines()[0] == "dach: 1 of 1 accounts covered."
    assert "<td>1</td><td>0</td><td></td>" in calm._repr_html_()


# -------------------------------------------------------------------------------------------------------------- refusals


def test_an_account_is_of_tier_one_unless_it_is_said() -> None:
    """CP-2: with no score."""
    assert TargetAccount("acme", "dach") == TargetAccount("acme", "dach", 1, 0)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"id": ""}, "account.id"),
        ({"territory": 7}, "account.territory"),
        ({"tier": 0}, "account.tier"),
        ({"tier": True}, "account.tier"),
        ({"tier": 1.0}, "account.tier"),
        ({"score": 0.5}, "account.score"),
        ({"score": True}, "account.score"),
    ],
)
def test_an_account_is_checked(fields: dict[str, object], path: str) -> None:
    """FD-3."""
    given: dict[str, object] = {"id": "acme", "territory": "dach"}
    with pytest.raises(FactError, match=path):
        TargetAccount(**{**given, **fields})  # type: ignore[arg-type]  # on purpose


def test_ids_differ() -> None:
    """RT-5: nothing counts twice."""
    with pytest.raises(FactError, match=r"accounts\[acme\]"):
        cover(rules(), [TargetAccount("acme", "dach"), TargetAccount("acme", "uk")], [], over=DAYLIGHT)
    with pytest.raises(FactError, match=r"seats\[maya\]"):
        cover(rules(), [], [seat("maya"), seat("maya", "dach")], over=DAYLIGHT)


def test_a_territory_without_accounts_has_no_coverage() -> None:
    """CP-2."""
    found = cover(rules(), accounts("dach", 1), [seat("maya", "uk")], over=DAYLIGHT)
    with pytest.raises(FactError, match="territory: saw 'uk', expected one of dach"):
        found.territory("uk")


def test_a_stretch_has_a_length() -> None:
    """CP-2: also where there is nobody."""
    with pytest.raises(FactError, match="over"):
        cover(rules(), [], [], over=Span(SINCE, SINCE))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"team": [Rep(id="maya", role="SDR")]}, r"seats\[0\]: saw Rep .* `capacity\.seats` makes them of reps"),
        ({"team": None}, "seats: saw nothing"),
        ({"accounts": ["acme"]}, r"accounts\[0\]: saw 'acme', expected a TargetAccount"),
        ({"accounts": {"acme": TargetAccount("acme", "dach")}}, "accounts: saw a table of 1, expected a list of target accounts"),
        ({"accounts": None}, "accounts: saw nothing"),
        ({"over": None}, "over: saw nothing, expected a Span"),
    ],
)
def test_arguments_of_another_kind_are_refused(change: dict[str, Any], message: str) -> None:
    """FD-3."""
    given: dict[str, Any] = {
        "accounts": [],
        "team": [],
        "over": Span(parse_instant("2026-03-02T00:00Z"), parse_instant("2026-03-09T00:00Z")),
        **change,
    }
    with pytest.raises(FactError, match=message):
        cover(rules(), given["accounts"], given["team"], over=given["over"])
