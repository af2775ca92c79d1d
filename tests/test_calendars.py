"""Whose hours count, and in which zone (CL-2, SL-6, CA-1, TM-2 to TM-12)."""

import pickle
from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from inbound_engine import calendars
from inbound_engine.calendars import CalendarDocument, HoursDocument, Override, WeeklyHours
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Lead, Rep
from inbound_engine.hours import Calendar
from inbound_engine.policy import Policy
from inbound_engine.spans import zone

OFFICE = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "opens": "09:00", "closes": "17:00"}
NIGHT = {"days": ["saturday", "sunday"], "opens": "22:00", "closes": "06:00"}


def told(error: PolicyError) -> list[str]:
    return [str(problem) for problem in error.problems]


# ----------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        (
            {"weekly": []},
            ["weekly: saw no opening hours at all, expected at least one row. A calendar that never opens has no deadlines."],
        ),
        (
            {"weekly": [], "overrides": [{"date": "2026-12-24"}, {"date": "2026-12-31"}, {"date": "2026-12-24"}]},
            [
                "overrides[2026-12-24]: saw '2026-12-24' twice, expected ids that differ. Rename one of them.",
                "weekly: saw no opening hours at all, expected at least one row. A calendar that never opens has no deadlines.",
            ],
        ),
        (
            {"zone": "Europe/Berlim", "holidays": ["2026-13-01", "24.12.2026", 5]},
            [
                "zone: saw 'Europe/Berlim', expected the name of an IANA time zone. Write it like \"Europe/Berlin\".",
                "holidays[0]: saw '2026-13-01', expected a date. Write it like \"2026-12-24\".",
                "holidays[1]: saw '24.12.2026', expected a date. Write it like \"2026-12-24\".",
                'holidays[2]: saw 5, expected a date. Write it like "2026-12-24".',
            ],
        ),
        ({"zone": "localtime"}, ["zone: saw 'localtime', expected the name of an IANA time zone. Write it like \"Europe/Berlin\"."]),
        (
            {"weekly": [{"days": [], "opens": "9:00", "closes": "24:01"}]},
            [
                "weekly[0].opens: saw '9:00', expected a time of day from \"00:00\" to \"24:00\". Write it like \"09:00\".",
                "weekly[0].closes: saw '24:01', expected a time of day from \"00:00\" to \"24:00\". Write it like \"09:00\".",
                "weekly[0].days: saw a list of 0, expected at least 1 row(s).",
            ],
        ),
        (
            {"weekly": [{**OFFICE, "days": ["mon"]}]},
            [
                "weekly[0].days[0]: saw 'mon', expected one of 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday' "
                "or 'sunday'. Did you mean \"monday\"?"
            ],
        ),
        ({"weekly": [{**OFFICE, "opens": 540}]}, ["weekly[0].opens: saw 540, expected text."]),
        (
            {"weekly": [{**OFFICE, "opens": "24:00"}]},
            ["weekly[0].opens: saw '24:00', expected a time of day before midnight. Write \"00:00\" of the next day."],
        ),
        (
            {"weekly": [OFFICE, {**OFFICE, "closes": "09:00"}]},
            ["weekly[1].closes: saw '09:00', when it opens, expected another time. Write \"00:00\" to \"24:00\" for a whole day."],
        ),
        (
            {"overrides": [{"date": "2026-12-24", "hours": [{"opens": "09:00", "closes": "09:00"}]}]},
            [
                "overrides[0].hours[0].closes: saw '09:00', when it opens, expected another time. "
                'Write "00:00" to "24:00" for a whole day.'
            ],
        ),
    ],
)  # fmt: skip
def test_tm4_a_calendar_that_makes_no_sense_is_refused_with_all_its_problems(parts: dict[str, object], messages: list[str]) -> None:
    """TM-4, TM-10, TM-11, TM-17."""
    with pytest.raises(PolicyError) as refused:
        CalendarDocument.model_validate({"id": "office", "weekly": [OFFICE], **parts})
    assert told(refused.value) == messages


def test_both_problems_of_opening_hours_are_told_at_once() -> None:
    with pytest.raises(PolicyError) as refused:
        WeeklyHours.model_validate({"days": ["monday"], "opens": "24:00", "closes": "24:00"})
    assert [problem.path for problem in refused.value.problems] == ["opens", "closes"]


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        (
            {"zone": "Mars", "territories": [{"id": "a", "zone": "Venus"}, {"id": "b"}]},
            [
                "zone: saw 'Mars', expected the name of an IANA time zone. Write it like \"Europe/Berlin\".",
                "territories[a].zone: saw 'Venus', expected the name of an IANA time zone. Write it like \"Europe/Berlin\".",
            ],
        ),
        (
            {"zones": [{"country": "Germany", "zones": ["Europe/Berlin"]}]},
            ["zones[0].country: saw 'Germany', expected an ISO 3166 alpha-2 country code. Write it like \"DE\"."],
        ),
        ({"zones": [{"country": "DE", "zones": []}]}, ["zones[0].zones: saw a list of 0, expected at least 1 row(s)."]),
        (
            {"zones": [{"country": "DE", "regions": [""], "zones": ["Berlin"]}]},
            [
                "zones[0].regions[0]: saw '', expected at least 1 character(s).",
                "zones[0].zones[0]: saw 'Berlin', expected the name of an IANA time zone. Write it like \"Europe/Berlin\".",
            ],
        ),
        (
            {"zones": [{"country": "DE", "zones": ["Europe/Berlin"]}, {"country": "DE", "zones": ["Europe/Busingen"]}]},
            ["zones[DE]: saw 'DE' twice, expected ids that differ. Rename one of them."],
        ),
        (
            {
                "zones": [
                    {"country": "US", "regions": ["CA"], "zones": ["America/Los_Angeles"]},
                    {"country": "US", "regions": ["NV", "CA"], "zones": ["America/Los_Angeles"]},
                ]
            },
            ["zones[US CA]: saw 'US CA' twice, expected ids that differ. Rename one of them."],
        ),
        ({"territories": [{"id": "a"}, {"id": "a"}]}, ["territories[a]: saw 'a' twice, expected ids that differ. Rename one of them."]),
        (
            {"calendars": [{"id": "a", "weekly": [OFFICE]}] * 2},
            ["calendars[a]: saw 'a' twice, expected ids that differ. Rename one of them."],
        ),
    ],
)  # fmt: skip
def test_ca1_hours_that_make_no_sense_are_refused_with_all_their_problems(parts: dict[str, object], messages: list[str]) -> None:
    with pytest.raises(PolicyError) as refused:
        HoursDocument.model_validate(parts)
    assert told(refused.value) == messages


@pytest.mark.parametrize("path", ["hours.organisation", "hours.territories[dach].calendar"])
def test_cl2_the_name_of_a_calendar_is_held_to_the_policy(path: str) -> None:
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), {"hours.territories": [{"id": "dach", "calendar": "weekdays"}], path: "weekday"})
    assert told(refused.value) == [
        f"{path}: saw 'weekday', expected one of always, business_hours, calling_hours, weekdays. Did you mean \"weekdays\"?"
    ]


@pytest.mark.parametrize(
    ("row", "span"),
    [
        (("09:00", "17:00"), (540, 1020)),
        (("00:00", "24:00"), (0, 1440)),
        (("22:00", "06:00"), (1320, 360)),
        (("22:00", "00:00"), (1320, 0)),
        (("22:00", "24:00"), (1320, 1440)),
    ],
)
def test_tm4_opening_hours_are_minutes_after_midnight(row: tuple[str, str], span: tuple[int, int]) -> None:
    assert calendars.OpeningHours(opens=row[0], closes=row[1]).span == span


# ------------------------------------------------------------------------------------------------------------ calendar

HOURS = HoursDocument.model_validate(
    {
        "calendars": [
            {"id": "office", "weekly": [OFFICE, {**OFFICE, "days": ["monday"], "opens": "16:00", "closes": "18:00"}, NIGHT]},
            {
                "id": "support",
                "zone": "Asia/Kolkata",
                "weekly": [OFFICE],
                "holidays": ["2026-01-26"],
                "overrides": [
                    {"date": "2026-12-24", "hours": [{"opens": "09:00", "closes": "12:00"}]},
                    {"date": "2026-12-05", "hours": [{"opens": "10:00", "closes": "11:00"}, {"opens": "12:00", "closes": "13:00"}]},
                    {"date": "2026-12-31"},
                ],
            },
            {"id": "fair", "overrides": [{"date": "2026-05-05", "hours": [{"opens": "09:00", "closes": "17:00"}]}]},
        ],
        "zone": "Europe/Lisbon",
        "territories": [
            {"id": "amer", "calendar": "office", "zone": "America/New_York"},
            {"id": "dach", "zone": "Europe/Berlin"},
            {"id": "rest"},
        ],
        "zones": [
            {"country": "DE", "zones": ["Europe/Berlin"]},
            {"country": "ES", "zones": ["Europe/Madrid", "Atlantic/Canary"]},
            {"country": "ES", "regions": ["CN"], "zones": ["Atlantic/Canary"]},
            {"country": "US", "regions": ["CA", "California"], "zones": ["America/Los_Angeles"]},
            {"country": "US", "regions": ["TX"], "zones": ["America/Chicago", "America/Denver"]},
            {"country": "US", "zones": ["America/New_York", "America/Los_Angeles"]},
            {"country": "AU", "regions": ["WA"], "zones": ["Australia/Perth"]},
            {"country": "US", "regions": ["WA"], "zones": ["America/Los_Angeles"]},
            {"country": "BR", "regions": ["SP"], "zones": ["America/Sao_Paulo"]},
        ],
    }
)
RULES = calendars.compile(HOURS)
WEEK = [[(540, 1020), (960, 1080)], *[[(540, 1020)]] * 4, [(1320, 360)], [(1320, 360)]]
SUPPORT = {date(2026, 12, 24): [(540, 720)], date(2026, 12, 5): [(600, 660), (720, 780)], date(2026, 12, 31): []}


@pytest.mark.parametrize(
    ("name", "where", "holidays", "expected"),
    [
        pytest.param("office", None, (), Calendar("Europe/Lisbon", WEEK), id="TM-12 in the organisation’s zone"),
        pytest.param("office", "Asia/Tokyo", (), Calendar("Asia/Tokyo", WEEK), id="in the zone asked for"),
        pytest.param("office", None, ["2026-04-25"], Calendar("Europe/Lisbon", WEEK, [date(2026, 4, 25)]), id="TM-10 with holidays"),
        pytest.param(
            "office", "Asia/Tokyo", ["2026-04-29"], Calendar("Asia/Tokyo", WEEK, [date(2026, 4, 29)]), id="TM-10 with both"
        ),
        pytest.param(
            "support", "Asia/Tokyo", (),
            Calendar("Asia/Kolkata", [[(540, 1020)]] * 5 + [[]] * 2, [date(2026, 1, 26)], SUPPORT), id="TM-11 in its own zone",
        ),
        pytest.param(
            "support", None, ["2026-03-04"],
            Calendar("Asia/Kolkata", [[(540, 1020)]] * 5 + [[]] * 2, [date(2026, 1, 26), date(2026, 3, 4)], SUPPORT),
            id="TM-10 holidays besides its own",
        ),
        pytest.param("fair", None, (), Calendar("Europe/Lisbon", {}, overrides={date(2026, 5, 5): [(540, 1020)]}), id="one day only"),
    ],
)  # fmt: skip
def test_tm2_a_calendar_is_what_its_document_says(name: str, where: str | None, holidays: Sequence[str], expected: Calendar) -> None:
    found = calendars.calendar(RULES, name, None if where is None else zone(where), holidays=map(date.fromisoformat, holidays))
    assert found == expected


def test_a_calendar_that_is_asked_for_as_it_is_is_made_once() -> None:
    """A policy’s calendars are worked out when it is compiled."""
    assert calendars.calendar(RULES, "office") is calendars.calendar(RULES, "office", zone("Europe/Lisbon"))
    assert calendars.calendar(RULES, "support", zone("Asia/Tokyo")) is calendars.calendar(RULES, "support")


@pytest.mark.parametrize(
    ("name", "hint"), [("offices", 'Did you mean "office"?'), ("zebra", "Add it to hours.calendars.")], ids=["misspelt", "unknown"]
)
def test_a_calendar_that_the_policy_does_not_have_is_refused(name: str, hint: str) -> None:
    with pytest.raises(FactError) as refused:
        calendars.calendar(RULES, name)
    assert str(refused.value) == f"calendar: saw '{name}', expected one of fair, office, support. {hint}"


# -------------------------------------------------------------------------------------------------------------- choose


def rules(organisation: str | None) -> calendars.Rules:
    return calendars.compile(HOURS.model_copy(update={"organisation": organisation}))


@pytest.mark.parametrize(
    ("named", "rep", "territory", "organisation", "expected"),
    [
        pytest.param("support", "office", "amer", "fair", ("policy", "support", "Asia/Kolkata"), id="the policy’s own"),
        pytest.param(None, "support", "amer", "fair", ("rep", "support", "Asia/Kolkata"), id="the rep’s"),
        pytest.param(None, None, "amer", "fair", ("territory", "office", "America/New_York"), id="the territory’s"),
        pytest.param(None, None, "dach", "fair", ("organisation", "fair", "Europe/Berlin"), id="the organisation’s"),
        pytest.param(None, None, "dach", None, ("nobody", None, "Europe/Berlin"), id="SL-6 nobody’s"),
        pytest.param(None, None, None, None, ("nobody", None, "Europe/Lisbon"), id="SL-6 nobody’s, nowhere in particular"),
        pytest.param(None, "office", "rest", None, ("rep", "office", "Europe/Lisbon"), id="a territory without a zone"),
        pytest.param("office", None, "dach", None, ("policy", "office", "Europe/Berlin"), id="the policy’s, read in the territory’s zone"),
    ],
)
def test_cl2_whose_calendar_counts(
    *, named: str | None, rep: str | None, territory: str | None, organisation: str | None, expected: tuple[str, str | None, str]
) -> None:
    """CL-2: the policy’s own, else the rep’s, the territory’s, the organisation’s."""
    who = None if rep is None else Rep(id="maya", role="AE", calendar=rep)
    found = calendars.choose(rules(organisation), named=named, rep=who, territory=territory)
    assert (found.of, found.name, found.calendar.zone.key) == expected
    if found.name is None:
        assert found.calendar == Calendar.always(expected[2])
    else:
        assert found.calendar.weekly == RULES.patterns[found.name].weekly


@pytest.mark.parametrize(
    ("named", "territory", "where"),
    [(None, "amer", "Asia/Tokyo"), ("office", None, "Asia/Tokyo"), ("support", "amer", "Asia/Kolkata"), (None, None, "Asia/Tokyo")],
)
def test_cl2_hours_without_a_zone_are_read_where_the_rep_is(named: str | None, territory: str | None, where: str) -> None:
    rep = Rep(id="aki", role="AE", zone="Asia/Tokyo")
    assert calendars.choose(RULES, named=named, rep=rep, territory=territory).calendar.zone.key == where


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"named": "offices"}, "calendar"),
        ({"rep": Rep(id="maya", role="AE", calendar="offices")}, "rep.calendar"),
        ({"territory": "odd"}, "territory.calendar"),
        ({}, "hours.organisation"),
    ],
)
def test_cl2_a_name_that_is_not_there_is_refused_where_it_stands(asked: Mapping[str, object], path: str) -> None:
    """A document alone knows no names but its own; within a policy the last two are refused when it loads."""
    odd = HOURS.model_copy(update={"organisation": "offices", "territories": [{"id": "odd", "calendar": "offices"}]})
    with pytest.raises(FactError) as refused:
        calendars.choose(calendars.compile(odd), **asked)  # type: ignore[arg-type]  # one of them at a time
    assert refused.value.problem.path == path


# ------------------------------------------------------------------------------------------------------------ zones_of


def lead(**facts: object) -> Lead:
    return Lead(**{"id": "L-1", **facts})  # type: ignore[arg-type]  # whatever a lead takes


@pytest.mark.parametrize(
    ("of", "source", "zones"),
    [
        pytest.param(lead(zone="Asia/Tokyo", country="DE"), "lead", ["Asia/Tokyo"], id="1 what the lead states"),
        pytest.param(
            lead(country="DE", region="BY", candidate_zones=["Asia/Tokyo"]), "country", ["Europe/Berlin"], id="2 a country with one zone"
        ),
        pytest.param(lead(country="ES", region="CN"), "region", ["Atlantic/Canary"], id="3 its region"),
        pytest.param(lead(country="US", region="California"), "region", ["America/Los_Angeles"], id="3 its region, by name"),
        pytest.param(lead(country="US", region="TX"), "region", ["America/Chicago", "America/Denver"], id="3 a region with two"),
        pytest.param(
            lead(country="US", region="TX", candidate_zones=["America/Chicago"]), "region", ["America/Chicago", "America/Denver"],
            id="3 before the candidates",
        ),
        pytest.param(lead(country="BR", region="SP"), "region", ["America/Sao_Paulo"], id="3 of a country without a row of its own"),
        pytest.param(
            lead(country="US", region="ca", candidate_zones=["America/Denver", "America/Phoenix", "America/Denver"]), "candidates",
            ["America/Denver", "America/Phoenix"], id="4 what the lead brings, each once",
        ),
        pytest.param(lead(candidate_zones=["America/Denver"]), "candidates", ["America/Denver"], id="4 without a country"),
        pytest.param(lead(country="US"), "country_candidates", ["America/New_York", "America/Los_Angeles"], id="5 all of its country"),
        pytest.param(lead(country="ES", region="MD"), "country_candidates", ["Europe/Madrid", "Atlantic/Canary"], id="5 another region"),
        pytest.param(lead(country="BR", region="RJ"), "none", [], id="6 a region that no row knows"),
        pytest.param(lead(country="FR"), "none", [], id="6 a country that no row knows"),
        pytest.param(lead(region="CA"), "none", [], id="6 a region of no country"),
        pytest.param(lead(), "none", [], id="6 nothing is known"),
        pytest.param(lead(account=Account(id="a", country="DE")), "country", ["Europe/Berlin"], id="its account’s country"),
        pytest.param(
            lead(account=Account(id="a", country="US", region="CA")), "region", ["America/Los_Angeles"], id="its account’s region"
        ),
        pytest.param(lead(country="DE", account=Account(id="a", country="ES")), "country", ["Europe/Berlin"], id="its own before that"),
        pytest.param(
            lead(region="CN", account=Account(id="a", country="ES")), "region", ["Atlantic/Canary"], id="its region in that country"
        ),
    ],
)  # fmt: skip
def test_ca1_where_a_prospect_is(of: Lead, source: str, zones: list[str]) -> None:
    """CA-1: sources in order."""
    found = calendars.zones_of(RULES, of)
    assert (found.source, [each.key for each in found.zones], found.is_sure) == (source, zones, len(zones) == 1)


def test_ca1_a_region_belongs_to_the_country_that_it_was_said_with() -> None:
    """Somebody in the United States, of a company in Western Australia: nobody said Washington."""
    of = lead(country="US", account=Account(id="a", country="AU", region="WA"))
    assert calendars.zones_of(RULES, of).source == "country_candidates"


# ------------------------------------------------------------------------------------------------- what the playbook says


def test_sl6_the_playbook_has_no_hours_of_the_organisation() -> None:
    """SL-6: elapsed time where nobody gives a calendar; CL-3, CD-7: others by name."""
    hours = Policy().hours
    shipped = calendars.compile(hours)
    assert calendars.choose(shipped).calendar == Calendar.always("UTC")
    assert {row.id: calendars.calendar(shipped, row.id, zone("Europe/Berlin")) for row in hours.calendars} == {
        "always": Calendar.always("UTC"),
        "weekdays": Calendar.weekdays("Europe/Berlin"),
        "business_hours": Calendar.weekdays("Europe/Berlin", "09:00", "17:00"),
        "calling_hours": Calendar("Europe/Berlin", [[(480, 1260)]] * 7),
    }


@pytest.mark.parametrize(
    ("country", "region", "source", "first"),
    [
        ("DE", None, "country", "Europe/Berlin"),
        ("GB", None, "country", "Europe/London"),
        ("ES", None, "country_candidates", "Europe/Madrid"),
        ("US", None, "country_candidates", "America/New_York"),
        ("US", "California", "region", "America/Los_Angeles"),
        ("US", "AZ", "region", "America/Phoenix"),
        ("US", "HI", "region", "Pacific/Honolulu"),
    ],
)
def test_ca1_the_playbook_knows_the_zones_of_its_countries(country: str, region: str | None, source: str, first: str) -> None:
    found = calendars.zones_of(calendars.compile(Policy().hours), lead(country=country, region=region))
    assert (found.source, found.zones[0].key) == (source, first)


def test_compiled_hours_travel_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(RULES))  # noqa: S301 - our own bytes
    assert calendars.choose(again, territory="amer") == calendars.choose(RULES, territory="amer")
    assert calendars.zones_of(again, lead(country="US")) == calendars.zones_of(RULES, lead(country="US"))


def test_a_document_comes_back_from_its_plain_data() -> None:
    assert HoursDocument.model_validate(HOURS.model_dump(mode="json")) == HOURS
    assert Override.model_validate({"date": "2026-12-24"}).hours == ()


def test_a_territory_that_the_policy_has_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(FactError) as refused:
        calendars.choose(RULES, territory="dahc")
    assert str(refused.value) == "territory: saw 'dahc', expected one of amer, dach, rest. Did you mean \"dach\"?"
    with pytest.raises(FactError, match=r"Add it to hours\.territories\."):
        calendars.choose(RULES, territory="antarctica")
    assert calendars.choose(calendars.compile(HoursDocument()), territory="anywhere").of == "nobody"
