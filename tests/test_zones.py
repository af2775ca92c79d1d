"""The zones that the shipped policy gives countries and regions, held against the tables of the time zone database."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, cast

import pytest

from inbound_engine.playbook import PLAYBOOK
from inbound_engine.spans import zone
from tests.places import DATA, needs_data

pytestmark = needs_data

Row: TypeAlias = Mapping[str, object]
Offsets: TypeAlias = tuple[timedelta | None, ...]
"""What a zone adds to UTC, month by month."""

GEO = DATA / "reference_geo"
COUNTRIES = "DE AT CH GB IE FR NL BE LU DK SE NO FI ES PT IT PL CZ US CA".split()
PROBES = [datetime(year, month, 1, tzinfo=UTC) for year in range(2024, 2028) for month in range(1, 13)]

# Countries of their own in the tables, and states to the post.
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}

PROVINCES = {
    "AB": ["Alberta"],
    "BC": ["British Columbia"],
    "MB": ["Manitoba"],
    "NB": ["New Brunswick"],
    "NL": ["Newfoundland and Labrador"],
    "NS": ["Nova Scotia"],
    "NT": ["Northwest Territories"],
    "NU": ["Nunavut"],
    "ON": ["Ontario"],
    "PE": ["Prince Edward Island"],
    "QC": ["Quebec", "Québec"],
    "SK": ["Saskatchewan"],
    "YT": ["Yukon"],
}
# What a comment of the table calls a province, where it does not give its code.
CALLED = {"Newfoundland": "NL", "Labrador": "NL", "New Brunswick": "NB", "Manitoba": "MB", "Yukon": "YT"}


def behaviour(name: str) -> Offsets:
    where = zone(name)
    return tuple(at.astimezone(where).utcoffset() for at in PROBES)


def shipped() -> list[Row]:
    hours = cast("Mapping[str, object]", PLAYBOOK["hours"])
    return list(cast("list[Row]", hours["zones"]))


def zones(row: Row) -> list[str]:
    return list(cast("list[str]", row["zones"]))


def regions(row: Row) -> list[str]:
    return list(cast("list[str]", row.get("regions", ())))


def of_country(country: str) -> list[str]:
    [row] = [row for row in shipped() if row["country"] == country and not regions(row)]
    return zones(row)


def of_regions(country: str) -> dict[str, list[str]]:
    return {region: zones(row) for row in shipped() if row["country"] == country for region in regions(row)}


def tabled() -> Iterator[tuple[str, str, str]]:
    """Country, zone and comment of each row of zone.tab."""
    for line in (GEO / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name, *comment = line.split("\t")
            yield country, name, " ".join(comment)


def states() -> dict[str, tuple[str, list[str]]]:
    """Name and zones of each state, by its code."""
    with (GEO / "us_states.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["abbr"] not in TERRITORIES]
    return {row["abbr"]: (row["name"], row["time_zones"].split("|")) for row in rows}


def provinces() -> dict[str, set[Offsets]]:
    """How the zones behave whose comments name a province, by its code."""
    found: dict[str, set[Offsets]] = {code: set() for code in PROVINCES}
    for country, name, comment in tabled():
        if country == "CA":
            words = [*re.findall(r"\b[A-Z]{2}\b", comment), *(code for word, code in CALLED.items() if word in comment)]
            named = {word for word in words if word in found}
            assert named, f"{name}: {comment!r} names no province"
            for code in named:
                found[code].add(behaviour(name))
    return found


def test_each_country_has_one_row_and_only_the_large_ones_have_regions() -> None:
    assert Counter(row["country"] for row in shipped() if not regions(row)) == Counter(COUNTRIES)
    assert {row["country"] for row in shipped() if regions(row)} == {"US", "CA"}


def test_no_region_and_no_zone_is_listed_twice() -> None:
    places = Counter((row["country"], region) for row in shipped() for region in regions(row))
    assert [place for place, count in places.items() if count > 1] == []
    assert [row for row in shipped() if len(set(zones(row))) != len(zones(row))] == []
    assert [
        names for names, count in Counter((row["country"], *zones(row)) for row in shipped() if regions(row)).items() if count > 1
    ] == []


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_zone_that_is_listed_stands_in_the_table_for_its_country(country: str) -> None:
    listed = {name for row in shipped() if row["country"] == country for name in zones(row)}
    assert listed
    assert listed <= {name for where, name, _ in tabled() if where == country}


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_zone_of_the_table_behaves_like_one_that_is_listed(country: str) -> None:
    listed = {behaviour(name) for name in of_country(country)}
    rows = [name for where, name, _ in tabled() if where == country]
    assert rows
    assert [name for name in rows if behaviour(name) not in listed] == []


@pytest.mark.parametrize("country", ["US", "CA"])
def test_the_zones_of_the_regions_are_together_those_of_the_country(country: str) -> None:
    together = {behaviour(name) for names in of_regions(country).values() for name in names}
    assert together == {behaviour(name) for name in of_country(country)}


def test_states_have_the_zones_that_the_table_of_states_gives_them() -> None:
    expected = {word: {behaviour(one) for one in names} for code, (name, names) in states().items() for word in (code, name)}
    assert len(expected) == 102  # fifty states and the District of Columbia, each by code and by name
    assert {region: {behaviour(name) for name in names} for region, names in of_regions("US").items()} == expected


def test_provinces_have_the_zones_whose_comments_name_them() -> None:
    expected = {word: found for code, found in provinces().items() for word in (code, *PROVINCES[code])}
    assert {region: {behaviour(name) for name in names} for region, names in of_regions("CA").items()} == expected


# The larger part of the people lives in the zone that is listed first, whatever the order of the table of states.
@pytest.mark.parametrize(
    ("region", "first"),
    [
        ("FL", "America/New_York"),
        ("IN", "America/New_York"),
        ("KY", "America/New_York"),
        ("MI", "America/New_York"),
        ("TN", "America/Chicago"),
        ("TX", "America/Chicago"),
        ("KS", "America/Chicago"),
        ("NE", "America/Chicago"),
        ("ND", "America/Chicago"),
        ("SD", "America/Chicago"),
        ("ID", "America/Denver"),
        ("OR", "America/Los_Angeles"),
        ("NV", "America/Los_Angeles"),
        ("AK", "America/Anchorage"),
    ],
)
def test_a_state_with_two_zones_lists_the_larger_part_first(region: str, first: str) -> None:
    assert of_regions("US")[region][0] == first
    assert len(of_regions("US")[region]) == 2


@pytest.mark.parametrize(
    ("country", "first"),
    [("ES", "Europe/Madrid"), ("PT", "Europe/Lisbon"), ("US", "America/New_York"), ("CA", "America/Toronto")],
)
def test_a_country_lists_its_most_populous_zone_first(country: str, first: str) -> None:
    assert of_country(country)[0] == first
