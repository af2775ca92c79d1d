"""Documents of routing: what they refuse, what a roster is made into, and what is odd about both; typed by hand."""

from typing import Any

import pytest

from inbound_engine import calendars, territories
from inbound_engine.calendars import HoursDocument
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Caps, Rep, Roster
from inbound_engine.spans import parse_instant
from inbound_engine.territories import PoolStep, RoutingDocument, Rules, Takers, lies_in
from tests.test_routing import BACKUP, DACH, EVERYBODY, LANES, OFFICE, OVERFLOW, OWNERS, POOL, REST, TERRITORY_POOL, Data, rep, rules, view


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"lanes": []}, "lanes: saw"),
        ({"steps": []}, "steps: saw"),
        ({"lanes": [*EVERYBODY, *EVERYBODY]}, r"lanes\[all\]: saw 'all' twice"),
        ({"hours": "sometimes"}, "hours: saw 'sometimes'"),
        ({"notify": ["boss"]}, "notify"),
        ({"steps": [{"id": "x", "kind": "queue"}]}, "steps"),
        ({"steps": [{**POOL, "match": ["zone"]}]}, r"steps\[pool\]"),
        ({"steps": [{**OWNERS[0], "parents": True}]}, r"parents: saw true, expected false for open_opportunity_owner"),
        ({"steps": [{**POOL, "prefer": [{"id": "p", "of": "reps"}]}]}, "of: saw reps with neither roles nor seniorities"),
        ({"steps": [{**POOL, "prefer": [{"id": "p", "of": "zone", "roles": ["AE"]}]}]}, "of: saw zone with roles or seniorities"),
        ({"territories": [{**DACH, "zones": ["Europe/Bonn"]}]}, "Europe/Bonn"),
        ({"lanes": [{**EVERYBODY[0], "to": "bin"}]}, "to: saw 'bin'"),
        ({"more": 1}, "the key 'more'"),
    ],
)
def test_a_document_that_makes_no_sense_is_refused(change: Data, problem: str) -> None:
    """RT-4: with the place and what would do."""
    data: Data = {"lanes": EVERYBODY, "steps": [POOL]}
    RoutingDocument.model_validate(data)
    with pytest.raises(PolicyError, match=problem):
        RoutingDocument.model_validate({**data, **change})


def test_a_document_is_plain_data_and_back() -> None:
    """RT-4: the hierarchy is policy data."""
    steps = [BACKUP, *OWNERS, {**POOL, "prefer": [{"id": "p", "of": "capacity"}]}, TERRITORY_POOL, OVERFLOW]
    document = RoutingDocument.model_validate({"lanes": LANES, "territories": [DACH, REST], "steps": steps})
    assert RoutingDocument.model_validate_json(document.model_dump_json()) == document
    assert [step.kind for step in document.steps] == ["backup", "owner", "owner", "owner", "pool", "pool", "overflow"]


@pytest.mark.parametrize(
    ("takers", "means"),
    [
        ({}, "abc"),
        ({"roles": ["AE"]}, "ab"),
        ({"seniorities": ["senior"]}, "ac"),
        ({"roles": ["AE"], "seniorities": ["senior"]}, "a"),
        ({"roles": ["SDR", "CSM"]}, "c"),
    ],
)
def test_takers_are_of_a_role_and_a_seniority(takers: Data, means: str) -> None:
    """RT-2: an empty list asks nothing."""
    reps = [rep("a", "AE", seniority="senior"), rep("b", "AE"), rep("c", "SDR", seniority="senior")]
    row = Takers.model_validate({"id": "row", **takers})
    assert "".join(each.id for each in reps if row.means(each)) == means


# ---------------------------------------------------------------------------------------------------------- territories

BIG: Data = {"id": "big", "when": {"op": "at_least", "fact": "employees", "value": 500}}
EAST: Data = {"id": "east", "when": {"op": "equals", "fact": "country", "value": "US"}, "zones": ["America/New_York", "America/Detroit"]}
CALIFORNIA: Data = {"id": "california", "when": {"op": "equals", "fact": "region", "value": "CA"}}
WORLD: Data = {"id": "world", "when": {"op": "always"}}
ZONES = HoursDocument.model_validate(
    {
        "zones": [
            {"country": "DE", "zones": ["Europe/Berlin"]},
            {"country": "US", "zones": ["America/New_York", "America/Chicago"]},
            {"country": "US", "regions": ["MI"], "zones": ["America/Detroit"]},
        ]
    }
)


@pytest.mark.parametrize(
    ("rows", "lead", "territory"),
    [
        ([DACH, WORLD], {"country": "AT"}, "dach"),
        ([DACH, WORLD], {"country": "US"}, "world"),
        ([DACH, WORLD], {}, "world"),
        ([DACH, REST], {}, None),
        ([BIG, DACH], {"country": "DE"}, "dach"),
        ([CALIFORNIA, WORLD], {"country": "US", "region": "CA"}, "california"),
        ([EAST, WORLD], {"country": "US", "region": "MI"}, "east"),
        ([EAST, WORLD], {"country": "US"}, "world"),
        ([EAST, WORLD], {"country": "US", "zone": "America/New_York"}, "east"),
        ([EAST, WORLD], {"country": "US", "zone": "America/Chicago"}, "world"),
        ([EAST, {**EAST, "id": "central", "zones": ["America/Chicago"]}], {"country": "US", "zone": "America/Chicago"}, "central"),
        ([EAST, WORLD], {"country": "DE"}, "world"),
        ([EAST], {"zone": "America/New_York"}, None),
        ([{**WORLD, "zones": ["Asia/Tokyo"]}], {}, None),
        (
            [{"id": "partners", "when": {"op": "equals", "fact": "source", "value": "partner"}}, DACH],
            {"country": "DE", "source": "partner"},
            "partners",
        ),
        ([], {"country": "DE"}, None),
    ],
)
def test_a_lead_lies_in_the_first_territory_that_is_sure(rows: list[Data], lead: Data, territory: str | None) -> None:
    """RT-1, RT-2: by country, region, zone, size, or anything; what is unknown lies nowhere."""
    made = rules(POOL, territories=rows, opening=ZONES)
    number = lies_in(made, view(**lead))
    assert (None if number is None else made.names[number]) == territory


def test_territories_know_the_size_of_the_account() -> None:
    """RT-1."""
    made = rules(POOL, territories=[BIG, DACH])
    assert lies_in(made, view(country="DE", account=Account(id="a", employees=500))) == 0
    assert lies_in(made, view(country="DE", account=Account(id="a", employees=499))) == 1


# ---------------------------------------------------------------------------------------------------------------- a team


def test_a_team_has_a_pool_for_each_step_lane_and_territory() -> None:
    """RT-4: territory ∩ role for the tier, in order of ids; lanes that go to nobody have none."""
    made = rules(POOL, TERRITORY_POOL, {**POOL, "id": "off", "enabled": False}, OVERFLOW, lanes=LANES, territories=[DACH, REST])
    reps = (
        rep("z", "AE", territories=frozenset({"dach"})),
        rep("y", "SDR", territories=frozenset({"dach", "rest", "moon"})),
        rep("x", "SDR"),
        rep("w", "CSM", seniority="senior", territories=frozenset({"rest"}), active=False),
    )
    found = territories.team(made, Roster(reps=reps))
    pools = {key: "".join(member.id for member in members) for key, members in found.pools.items()}
    assert pools == {
        ("pool", "T1", "dach"): "z",
        ("pool", "T1", "rest"): "w",
        ("pool", "T2", "dach"): "xy",
        ("pool", "T2", "rest"): "xy",
        ("pool", "T2", None): "x",
        ("territory_pool", "T1", "dach"): "xyz",
        ("territory_pool", "T1", "rest"): "wxy",
        ("territory_pool", "T1", None): "x",
        ("territory_pool", "T2", "dach"): "xyz",
        ("territory_pool", "T2", "rest"): "wxy",
        ("territory_pool", "T2", None): "x",
    }
    assert found.pool("pool", "T3", "dach") == ()
    assert found.present == {"x", "y", "z"}


def test_without_territories_and_without_matching_everybody_is_in() -> None:
    """RT-1: round robin suits new teams."""
    bound = Roster(reps=(rep("a", territories=frozenset({"dach"})), rep("b")))
    assert len(territories.team(rules(), bound).pool("pool", "all", None)) == 2
    loose = rules({**POOL, "match": []}, territories=[DACH])
    assert len(territories.team(loose, bound).pool("pool", "all", "dach")) == 2
    assert len(territories.team(loose, bound).pool("pool", "all", None)) == 2


def test_a_team_reads_dates_and_hours_where_the_rep_is() -> None:
    """CL-2, RO-11: the rep's zone, else the organisation's; the rep's calendar, else the territory's, else the organisation's."""
    opening = HoursDocument.model_validate(
        {
            "calendars": [
                {"id": name, "weekly": [{"days": ["monday"], "opens": opens, "closes": "17:00"}]}
                for name, opens in (("office", "09:00"), ("early", "06:00"), ("own", "12:00"))
            ],
            "organisation": "office",
            "zone": "Europe/Paris",
            "territories": [{"id": "dach", "calendar": "early", "zone": "Europe/Berlin"}],
        }
    )
    made = rules(territories=[DACH, REST], opening=opening, hours="prefer")
    found = territories.team(made, Roster(reps=(rep("a"), rep("b", zone="Asia/Tokyo", calendar="own"), rep("c"))))
    assert [found.by_id[name].zone.key for name in "abc"] == ["Europe/Paris", "Asia/Tokyo", "Europe/Paris"]
    said = {key: repr(found.calendars[number]) for key, number in found.open_hours.items()}
    assert said == {
        ("a", "dach"): "Calendar('Europe/Berlin', Mon 06:00-17:00)",
        ("a", None): "Calendar('Europe/Paris', Mon 09:00-17:00)",
        ("b", "dach"): "Calendar('Asia/Tokyo', Mon 12:00-17:00)",
        ("b", None): "Calendar('Asia/Tokyo', Mon 12:00-17:00)",
        ("c", "dach"): "Calendar('Europe/Berlin', Mon 06:00-17:00)",
        ("c", None): "Calendar('Europe/Paris', Mon 09:00-17:00)",
    }
    assert len(found.calendars) == 3
    assert repr(found.calendar("a", "dach")) == said["a", "dach"]
    assert repr(found.calendar("a", "rest")) == said["a", None]
    assert territories.team(rules(opening=opening), Roster(reps=(rep("a"),))).calendars == ()
    with pytest.raises(FactError, match="rep: saw 'd'"):
        found.calendar("d", None)


def test_a_compiled_policy_keeps_its_order() -> None:
    made = rules(*OWNERS, POOL, lanes=LANES, territories=[DACH, REST])
    assert isinstance(made, Rules)
    assert made.names == ("dach", "rest")
    assert [lane.id for lane, _ in made.lanes] == ["T1", "T2", "T3"]
    assert [isinstance(step, PoolStep) for step in made.steps] == [False, False, False, True]


def test_the_zones_of_a_lead_are_its_candidates() -> None:
    """CA-1."""
    made = rules(opening=ZONES)
    assert [zone.key for zone in territories.zones(made, view(country="US"))] == ["America/New_York", "America/Chicago"]
    assert calendars.zones_of(made.hours, view(country="US").lead).zones == territories.zones(made, view(country="US"))


# ------------------------------------------------------------------------------------------------------------- findings


def between(low: int, high: int) -> Data:
    return {"op": "between", "fact": "employees", "low": low, "high": high}


def sizes(low: int, high: int) -> Data:
    """A territory by size, said by its ends."""
    ends = [{"op": "at_least", "fact": "employees", "value": low}, {"op": "at_most", "fact": "employees", "value": high}]
    return {"id": "sizes", "when": {"op": "all", "of": ends}}


SDRS: Data = {**EVERYBODY[0], "takes": [{"id": "sdr", "roles": ["SDR"]}]}
GERMANY: Data = {"op": "equals", "fact": "country", "value": "DE"}
BOUND = frozenset({"dach", "rest"})
AT_WORK = rep("a", territories=BOUND)


def odd(made: Rules, *reps: Rep, overflow: str | None = None) -> list[tuple[str, str]]:
    return [(found.code, found.path) for found in territories.findings(made, Roster(reps=reps, overflow_owner=overflow))]


@pytest.mark.parametrize(
    ("document", "reps", "expected"),
    [
        pytest.param({}, [rep("a")], [], id="nothing is odd about a round robin"),
        pytest.param({"territories": [DACH, WORLD]}, [rep("a", territories=frozenset({"dach", "world"}))], [], id="nor about these"),
        pytest.param(
            {"territories": [DACH, REST]}, [AT_WORK], [("territory-hole", "routing.territories")], id="leads that lie in no territory"
        ),
        pytest.param({"territories": [DACH, REST]}, [AT_WORK, rep("free")], [], id="a rep who is bound to none"),
        pytest.param(
            {"territories": [DACH], "lanes": [SDRS]},
            [rep("a", territories=frozenset({"dach"})), rep("free", "AE")],
            [("territory-hole", "routing.territories")],
            id="a rep who is bound to none, and whom the lane does not take",
        ),
        pytest.param(
            {"territories": [DACH, REST], "steps": [POOL, {"id": "all", "kind": "pool", "match": []}]},
            [AT_WORK],
            [],
            id="a later pool takes all",
        ),
        pytest.param(
            {"territories": [DACH]},
            [],
            [("territory-empty", "routing.territories[dach]"), ("pool-empty", "routing.steps[pool]")],
            id="nobody at all is no hole",
        ),
        pytest.param(
            {"territories": [{**WORLD, "zones": ["Europe/Berlin"]}]},
            [rep("a", territories=frozenset({"world"}))],
            [("territory-hole", "routing.territories")],
            id="a last row by zone is not sure",
        ),
        pytest.param(
            {"lanes": [SDRS], "steps": [{**POOL, "match": []}, {**POOL, "id": "later"}]},
            [rep("a", "AE")],
            [("pool-empty", "routing.steps[later]")],
            id="every pool is looked at",
        ),
        pytest.param(
            {"steps": [{**POOL, "enabled": False}], "territories": [DACH]},
            [rep("a")],
            [("territories-unused", "routing.territories")],
            id="no pool is asked",
        ),
        pytest.param(
            {"territories": [DACH, WORLD]},
            [rep("a", territories=frozenset({"dach"}))],
            [("territory-empty", "routing.territories[world]"), ("pool-empty", "routing.steps[pool]")],
            id="nobody works there",
        ),
        pytest.param(
            {"territories": [DACH, WORLD]},
            [rep("a", territories=frozenset({"dach", "world"})), rep("b", territories=frozenset({"dahc"}))],
            [("territory-unknown", "roster.reps[b].territories")],
            id="a territory that there is not",
        ),
        pytest.param(
            {"territories": [DACH, {"id": "de", "when": {"op": "equals", "fact": "country", "value": "DE"}}, WORLD]},
            [rep("a")],
            [("row-covered", "routing.territories[de]"), ("territory-overlap", "routing.territories[de]")],
            id="a territory that an earlier one covers",
        ),
        pytest.param(
            {"territories": [DACH, {"id": "alps", "when": {"op": "is_in", "fact": "country", "values": ["IT", "CH"]}}, WORLD]},
            [rep("a")],
            [("territory-overlap", "routing.territories[alps]")],
            id="a country in two",
        ),
        pytest.param(
            {"lanes": [*EVERYBODY, {**EVERYBODY[0], "id": "more"}]},
            [rep("a")],
            [("row-always", "routing.lanes[all]"), ("row-twin", "routing.lanes[more]")],
            id="lanes are a table",
        ),
        pytest.param({"lanes": LANES}, [rep("a")], [("pool-empty", "routing.steps[pool]")], id="nobody for T1"),
        pytest.param({}, [rep("a", share=0)], [("pool-empty", "routing.steps[pool]"), ("shares-zero", "roster.reps")], id="all shares 0"),
        pytest.param(
            {},
            [rep("a", share=0), rep("b", active=False)],
            [("pool-empty", "routing.steps[pool]"), ("shares-zero", "roster.reps")],
            id="of those who are active",
        ),
        pytest.param({}, [rep("b", active=False)], [("pool-empty", "routing.steps[pool]")], id="nobody is active"),
        pytest.param(
            {},
            [rep("a", calendar="offise"), rep("b", calendar="office")],
            [("calendar-unknown", "roster.reps[a].calendar")],
            id="a calendar that there is not",
        ),
        pytest.param(
            {"steps": [OWNERS[2], POOL]},
            [rep("a")],
            [("parents-missing", "routing.steps[account_owner].parents")],
            id="no parents of accounts",
        ),
        pytest.param(
            {"steps": [{**OWNERS[2], "enabled": False}, {**OWNERS[2], "id": "own", "parents": False}, POOL]},
            [rep("a")],
            [],
            id="and none asked for",
        ),
        pytest.param({}, [], [("pool-empty", "routing.steps[pool]")], id="nobody at all"),
        pytest.param({}, [rep("a", caps=Caps(open=0))], [("pool-empty", "routing.steps[pool]")], id="only somebody who never may"),
        pytest.param(
            {"steps": [{**POOL, "match": ["role"]}], "territories": [DACH, WORLD]},
            [rep("a")],
            [("territories-unused", "routing.territories")],
            id="territories that decide nothing",
        ),
        pytest.param({"steps": [POOL, OVERFLOW]}, [rep("a")], [("overflow-missing", "roster.overflow_owner")], id="no overflow owner"),
        pytest.param({"steps": [POOL, {**OVERFLOW, "enabled": False}]}, [rep("a")], [], id="and none needed"),
        pytest.param(
            {},
            [rep("a", delegate="b"), rep("b", delegate="c"), rep("c", delegate="b"), rep("d", delegate="a"), rep("e", delegate="e")],
            [("delegate-circle", "roster.reps[b].delegate"), ("delegate-circle", "roster.reps[e].delegate")],
            id="circles of delegates",
        ),
        pytest.param(
            {"steps": [BACKUP, POOL]},
            [rep("a", backup="b"), rep("b", share=0), rep("c", backup="a")],
            [("backup-idle", "roster.reps[a].backup")],
            id="a backup who is out of the rotation",
        ),
        pytest.param({"steps": [POOL]}, [rep("a", backup="b"), rep("b", share=0)], [], id="whom no re-route asks"),
    ],
)
def test_what_is_odd_about_a_roster_is_found(document: Data, reps: list[Rep], expected: list[tuple[str, str]]) -> None:
    """RT-1, RT-5: legal, and probably not meant."""
    steps: list[Any] = document.get("steps", [POOL])
    more = {key: value for key, value in document.items() if key != "steps"}
    made = rules(*steps, opening=OFFICE, **{"hours": "prefer", **more})
    assert odd(made, *reps) == expected


def test_an_overflow_owner_is_enough() -> None:
    """RT-4: for leads that lie nowhere too, if there and asked."""
    assert odd(rules(POOL, OVERFLOW), rep("a"), overflow="a") == []
    bound = rep("a", territories=frozenset({"dach"}))
    made = rules(POOL, OVERFLOW, territories=[DACH])
    assert odd(made, bound, overflow="a") == []
    hole = ("territory-hole", "routing.territories")
    assert odd(made, bound, rep("o", active=False), overflow="o") == [hole, ("overflow-idle", "roster.overflow_owner")]
    assert odd(rules(POOL, {**OVERFLOW, "enabled": False}, territories=[DACH]), bound, overflow="a") == [hole]


def test_parents_of_accounts_are_a_hierarchy() -> None:
    """RT-1: account-based only with a mature hierarchy; whether it is, nobody can tell, but one there must be."""
    roster = Roster(reps=(rep("a"),), parents=(Account(id="acme"),))
    assert territories.findings(rules(OWNERS[2], POOL), roster) == ()


@pytest.mark.parametrize("roster", [[rep("a")], {"reps": []}, 3])
def test_a_roster_is_read_before_it_is_asked_about(roster: Any) -> None:  # noqa: ANN401
    """FD-3: by whoever is asked."""
    for asked in (territories.team, territories.findings):
        with pytest.raises(FactError, match=r"roster: saw .*, expected a Roster"):
            asked(rules(), roster)


def test_a_team_is_made_once() -> None:
    made = rules()
    found = territories.team(made, Roster(reps=(rep("a"),)))
    assert territories.team(made, found) is found
    with pytest.raises(FactError, match="roster: saw a team that was made for other rules"):
        territories.team(rules(), found)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (DACH, {"op": "equals", "fact": "country", "value": "CH"}, True),
        (DACH, {"op": "equals", "fact": "country", "value": "FR"}, False),
        (DACH, {"op": "equals", "fact": "region", "value": "Bavaria"}, True),
        (DACH, {"op": "all", "of": [GERMANY, {"op": "equals", "fact": "region", "value": "X"}]}, True),
        (DACH, {"op": "all", "of": [GERMANY, {"op": "is_in", "fact": "country", "values": ["DE"]}]}, False),
        (DACH, {"op": "at_least", "fact": "employees", "value": 1}, False),
        (BIG, {"op": "at_least", "fact": "employees", "value": 400}, False),
        ({**DACH, "zones": ["Europe/Berlin"]}, {"op": "equals", "fact": "country", "value": "CH"}, False),
        (sizes(1, 200), between(100, 999), True),
        (sizes(100, 999), between(1, 200), True),
        (sizes(1, 200), between(200, 999), True),
        (sizes(1, 200), between(201, 999), False),
        (sizes(1, 200), between(50, 100), False),
        (sizes(50, 100), between(1, 200), False),
        (sizes(1, 200), between(1, 100), False),
        (sizes(1, 200), {"op": "at_least", "fact": "employees", "value": 100}, True),
        (sizes(1, 200), {"op": "at_least", "fact": "employees", "value": 201}, False),
        (sizes(1, 200), {"op": "at_most", "fact": "employees", "value": 300}, False),
        (BIG, {"op": "at_most", "fact": "employees", "value": 600}, True),
        (
            {"id": "small", "when": {"op": "at_most", "fact": "employees", "value": 50}},
            {"op": "at_most", "fact": "employees", "value": 9},
            False,
        ),
        (sizes(1, 200), {"op": "all", "of": [between(100, 999), GERMANY]}, True),
        (sizes(1, 200), {"op": "more_than", "fact": "employees", "value": 100}, False),
        (sizes(1, 200), {"op": "all", "of": [{"op": "is_in", "fact": "employees", "values": [5]}, between(1, 9)]}, False),
        (sizes(1, 200), {"op": "all", "of": [between(1, 9), {"op": "equals", "fact": "employees", "value": 5}]}, False),
        (
            {"id": "rich", "when": {"op": "at_least", "fact": "annual_revenue", "value": {"amount": 5, "currency": "EUR"}}},
            {"op": "at_most", "fact": "annual_revenue", "value": {"amount": 9, "currency": "EUR"}},
            False,
        ),
    ],
)
def test_an_overlap_is_told_where_it_can_be_shown(one: Data, other: Data, shared: bool) -> None:
    """RT-1: what is not told may still be so."""
    made = rules(POOL, territories=[one, {"id": "other", "when": other}])
    assert (("territory-overlap", "routing.territories[other]") in odd(made, rep("a"))) is shared


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({**WORLD, "zones": ["Europe/Berlin"]}, {"zones": ["Europe/Paris", "Europe/Berlin"]}, "zone Europe/Berlin"),
        ({**DACH, "zones": ["Europe/Berlin"]}, {"zones": ["Europe/Berlin"], "when": GERMANY}, "country DE and zone Europe/Berlin"),
        ({**DACH, "zones": ["Europe/Berlin"]}, {"zones": ["Europe/Berlin"]}, "country DE and zone Europe/Berlin"),
        ({**WORLD, "zones": ["Europe/Berlin"]}, {"zones": ["Europe/Paris"]}, None),
        ({**WORLD, "zones": ["Europe/Berlin"]}, {}, None),
        ({**DACH, "zones": ["Europe/Berlin"]}, {"zones": ["Europe/Berlin"], "when": {"op": "known", "fact": "country"}}, None),
    ],
)
def test_a_zone_in_two_territories_is_an_overlap(one: Data, other: Data, message: str | None) -> None:
    """RT-1: named, beside what else both ask; a last row that takes everybody is none."""
    rows = [{**one, "id": "one"}, {"id": "other", "when": {"op": "always"}, **other}]
    found = [
        each.message
        for each in territories.findings(rules(POOL, territories=rows), Roster(reps=(rep("a"),)))
        if each.code == "territory-overlap"
    ]
    assert found == ([] if message is None else [f"{message} lies in routing.territories[one] too, which is asked first"])


def test_sizes_that_cross_are_named() -> None:
    """RT-1: the least size that lies in both."""
    made = rules(POOL, territories=[sizes(1, 200), {"id": "other", "when": between(100, 999)}])
    [found] = territories.findings(made)
    assert str(found) == (
        "territory-overlap: routing.territories[other]: employees 100 lies in routing.territories[sizes] too, which is asked first. "
        "Let each lead lie in one."
    )


def test_a_hole_names_its_lanes() -> None:
    """RT-5: who may take a lane is bound, though others are not."""
    made = rules(POOL, lanes=[{**SDRS, "id": "T2"}, {**EVERYBODY[0], "id": "T3"}], territories=[DACH])
    found = territories.findings(made, Roster(reps=(rep("a", territories=frozenset({"dach"})), rep("b", "AE"))))
    assert "leads of T2 that lie in none of them have nobody: who may take them is bound to territories" in [each.message for each in found]


def test_findings_say_what_to_do() -> None:
    made = rules(POOL, BACKUP, OVERFLOW, lanes=LANES, territories=[DACH, REST])
    reps = (
        rep("a", territories=frozenset({"dahc"}), delegate="b", backup="b"),
        rep("b", territories=frozenset({"dach"}), delegate="a", share=0),
    )
    said = [str(found) for found in territories.findings(made, Roster(reps=reps))]
    assert said == [
        'territory-unknown: roster.reps[a].territories: no territory called "dahc". Did you mean "dach"?',
        "territory-empty: routing.territories[dach]: nobody who can be given a lead works there. Give it to a rep, or remove it.",
        "territory-empty: routing.territories[rest]: nobody who can be given a lead works there. Give it to a rep, or remove it.",
        "pool-empty: routing.steps[pool]: nobody may take leads of T1 anywhere. Such leads go to a later step, or to nobody.",
        "pool-empty: routing.steps[pool]: nobody may take leads of T2 anywhere. Such leads go to a later step, or to nobody.",
        "overflow-missing: roster.overflow_owner: a step asks for one, and there is none. Name a rep.",
        "delegate-circle: roster.reps[a].delegate: a → b → a. When all of them are away, nobody stands in.",
        "backup-idle: roster.reps[a].backup: b is out of the rotation: no re-route ever goes there. Name a rep who has a share.",
    ]


def test_a_view_asks_as_of_its_instant() -> None:
    """FD-2: a territory for young leads."""
    young = {"id": "young", "when": {"op": "within", "fact": "created_at", "days": 1}}
    made = rules(POOL, territories=[young])
    created = parse_instant("2024-01-08T09:00Z")
    assert lies_in(made, view("2024-01-09T09:00Z", created_at=created)) == 0
    assert lies_in(made, view("2024-01-09T09:01Z", created_at=created)) is None
