"""Whose hours count, and in which zone?

A policy names its opening hours; a calendar of it that states no zone is read in the zone of whoever it is for. Which one counts
is settled once, when a clock starts: the policy's own, else the holder's, else the territory's, else the organisation's (CL-2).
Where none is given the clock runs on elapsed time (SL-6), which is a calendar that is always open.

The zone of a prospect is known from the lead itself, from a country that has one, or from a state; where several remain, all of
them are candidates, and nobody guesses (CA-1, CA-2).
"""

from collections.abc import Iterable
from datetime import date
from itertools import chain
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen
from pydantic import AfterValidator, Field, model_validator

from inbound_engine.documents import Day, Document, Id, Label, Rows, UniqueRows, refuse, twice
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.facts import COUNTRIES, Lead, Rep
from inbound_engine.hours import Calendar, in_zone, minutes
from inbound_engine.spans import zone
from inbound_engine.vocabulary import NOBODY, CalendarName

__all__ = [
    "CalendarDocument",
    "Chosen",
    "HoursDocument",
    "OpeningHours",
    "Override",
    "Rules",
    "TerritoryHours",
    "WeeklyHours",
    "ZoneRow",
    "Zones",
    "calendar",
    "choose",
    "compile",
    "zones_of",
]

Owner: TypeAlias = Literal["policy", "rep", "territory", "organisation", "nobody"]
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# ------------------------------------------------------------------------------------------------------------ documents


def _time(text: str) -> str:
    try:
        minutes(text, "")
    except FactError as error:
        refuse([error.problem])
    return text


def _zone_name(text: str) -> str:
    try:
        zone(text, "")
    except FactError as error:
        refuse([error.problem])
    return text


def _country(text: str) -> str:
    if text not in COUNTRIES:
        refuse([Problem("", shown(text), "an ISO 3166 alpha-2 country code", 'Write it like "DE".')])
    return text


TimeOfDay: TypeAlias = Annotated[str, AfterValidator(_time)]
ZoneName: TypeAlias = Annotated[str, AfterValidator(_zone_name)]
Country: TypeAlias = Annotated[str, AfterValidator(_country)]


class OpeningHours(Document):
    """Open from one time of day until another, which is not part of it; until or before the same time: past midnight (TM-4).

    >>> OpeningHours(opens="22:00", closes="06:00").span
    (1320, 360)
    """

    opens: TimeOfDay
    closes: TimeOfDay

    @model_validator(mode="after")
    def _checked(self) -> "OpeningHours":
        problems = []
        if self.opens == "24:00":
            problems.append(Problem("opens", "'24:00'", "a time of day before midnight", 'Write "00:00" of the next day.'))
        if self.opens == self.closes:
            hint = 'Write "00:00" to "24:00" for a whole day.'
            problems.append(Problem("closes", f"{shown(self.closes)}, when it opens", "another time", hint))
        refuse(problems)
        return self

    @property
    def span(self) -> tuple[int, int]:
        """Both in minutes after midnight."""
        return minutes(self.opens), minutes(self.closes)


class WeeklyHours(OpeningHours):
    """Opening hours of some weekdays; rows that overlap are a union (TM-12)."""

    days: Rows[Weekday] = Field(min_length=1)


class Override(Document):
    """A date on which other hours start than on its weekday; without any, none do (TM-11). A holiday beats it."""

    date: Day
    hours: Rows[OpeningHours] = ()


class CalendarDocument(Document):
    """Opening hours by name. Without a zone they are read in the zone of whoever they are for.

    Holidays are local dates, from wherever the caller has them.

    >>> CalendarDocument(id="office", weekly=[{"days": ["monday"], "opens": "09:00", "closes": "12:00"}]).zone is None
    True
    """

    id: Id
    label: Label = ""
    zone: ZoneName | None = None
    weekly: Rows[WeeklyHours] = ()
    holidays: Rows[Day] = ()
    overrides: Rows[Override] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "CalendarDocument":
        problems = [problem.under("overrides") for problem in twice(str(row.date) for row in self.overrides)]
        if not self.weekly and not any(row.hours for row in self.overrides):
            problems.append(
                Problem("weekly", "no opening hours at all", "at least one row", "A calendar that never opens has no deadlines.")
            )
        refuse(problems)
        return self


class TerritoryHours(Document):
    """The calendar and the zone of a territory."""

    id: Id
    calendar: CalendarName | None = None
    zone: ZoneName | None = None


class ZoneRow(Document):
    """The zones of a country, or of some of its regions (states, provinces), the most populous first (CA-1)."""

    country: Country
    regions: Rows[Annotated[str, Field(min_length=1)]] = ()
    zones: Rows[ZoneName] = Field(min_length=1)


class HoursDocument(Document):
    """The calendars of a policy, who uses which, and the zones of the countries that it sells to.

    `organisation` names the calendar of everybody who has none; without one, their clocks run on elapsed time (SL-6). `zone` is
    the organisation's own, for calendars without a zone that are for nobody whose zone is known.
    """

    calendars: UniqueRows[CalendarDocument] = ()
    organisation: CalendarName | None = None
    zone: ZoneName = "UTC"
    territories: UniqueRows[TerritoryHours] = ()
    zones: Rows[ZoneRow] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "HoursDocument":
        places = (f"{row.country} {region}".rstrip() for row in self.zones for region in row.regions or ("",))
        refuse(problem.under("zones") for problem in twice(places))
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Chosen:
    """A calendar, its name in the policy, and whose it is: the policy's own, the rep's, the territory's, the organisation's.

    Of nobody's, the calendar is always open, and the name is None: elapsed time.
    """

    calendar: Calendar
    name: str | None
    of: Owner


@frozen
class Zones:
    """The zone of a prospect, or the candidates, the most likely first; and how that is known.

    `source` is "lead" for a zone that the lead states, "country" for a country with one zone, "region" for a state or province,
    "candidates" for those that the lead brings, "country_candidates" for all of its country, "none" where there are none (CA-1).
    """

    zones: tuple[ZoneInfo, ...]
    source: Literal["lead", "country", "region", "candidates", "country_candidates", "none"]

    @property
    def is_sure(self) -> bool:
        """Whether there is exactly one."""
        return len(self.zones) == 1


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The hours of a policy, names made zones."""

    document: HoursDocument
    zone: ZoneInfo
    patterns: dict[str, Calendar]
    """Calendars by name, in their own zone, or in the organisation's where they state none."""
    floating: frozenset[str]
    """Those that state none."""
    territories: dict[str, tuple[str | None, ZoneInfo | None]]
    countries: dict[str, tuple[ZoneInfo, ...]]
    regions: dict[tuple[str, str], tuple[ZoneInfo, ...]]


def compile(document: HoursDocument) -> Rules:
    """The hours made ready: every zone that they name is read here, so that no decision reads one."""
    own = zone(document.zone)
    return Rules(
        document=document,
        zone=own,
        patterns={row.id: _calendar(row, own) for row in document.calendars},
        floating=frozenset(row.id for row in document.calendars if row.zone is None),
        territories={row.id: (row.calendar, None if row.zone is None else zone(row.zone)) for row in document.territories},
        countries={row.country: tuple(map(zone, row.zones)) for row in document.zones if not row.regions},
        regions={(row.country, region): tuple(map(zone, row.zones)) for row in document.zones for region in row.regions},
    )


def _calendar(row: CalendarDocument, own: ZoneInfo) -> Calendar:
    weekly = {number: tuple(each.span for each in row.weekly if day in each.days) for number, day in enumerate(_WEEKDAYS)}
    overrides = {each.date: tuple(part.span for part in each.hours) for each in row.overrides}
    return Calendar(own if row.zone is None else row.zone, weekly, row.holidays, overrides)


# ------------------------------------------------------------------------------------------------------------ functions


def calendar(rules: Rules, name: str, zone: ZoneInfo | None = None, *, holidays: Iterable[date] = (), path: str = "calendar") -> Calendar:
    """The calendar of that name: in its own zone, else in `zone`, else in the organisation's; with those holidays besides its own.

    A name that the policy does not know is a `FactError`.

    >>> rules = compile(HoursDocument(calendars=[
    ...     {"id": "office", "weekly": [{"days": ["monday", "friday"], "opens": "09:00", "closes": "17:00"}]},
    ... ]))
    >>> from inbound_engine.spans import zone as zone_of
    >>> calendar(rules, "office", zone_of("Asia/Kolkata"))
    Calendar('Asia/Kolkata', Mon 09:00-17:00, Fri 09:00-17:00)
    """
    found = rules.patterns.get(name)
    if found is None:
        close = nearest(name, rules.patterns)
        hint = f'Did you mean "{close}"?' if close else "Add it to hours.calendars."
        raise FactError(path, shown(name), one_of(rules.patterns), hint)
    more = frozenset(holidays)
    where = zone if zone is not None and name in rules.floating else found.zone
    if more:
        return Calendar(where, found.weekly, chain(found.holidays, more), found.overrides)
    return found if where is found.zone else in_zone(found, where)


def choose(rules: Rules, *, named: str | None = None, rep: Rep | None = None, territory: str | None = None) -> Chosen:
    """The calendar that counts: the policy's own (`named`), else the rep's, else the territory's, else the organisation's (CL-2).

    Calendars without a zone are read in the rep's zone, else the territory's, else the organisation's. Of nobody's, the answer
    is a calendar that is always open (SL-6). A territory that is none of the policy's is a `FactError`, unless it declares none.

    >>> choose(compile(HoursDocument())).of
    'nobody'
    """
    if territory is not None and rules.territories and territory not in rules.territories:
        close = nearest(territory, rules.territories)
        hint = f'Did you mean "{close}"?' if close else "Add it to hours.territories."
        raise FactError("territory", shown(territory), one_of(rules.territories), hint)
    theirs, there = rules.territories.get(territory, (None, None)) if territory is not None else (None, None)
    where = there if rep is None or rep.zone is None else rep.zone
    asked: tuple[tuple[Owner, str | None, str], ...] = (
        ("policy", named, "calendar"),
        ("rep", None if rep is None else rep.calendar, "rep.calendar"),
        ("territory", theirs, "territory.calendar"),
        ("organisation", rules.document.organisation, "hours.organisation"),
    )
    for of, name, path in asked:
        if name is not None:
            return Chosen(calendar(rules, name, where, path=path), name, of)
    return Chosen(Calendar.always(where or rules.zone), None, "nobody")


def zones_of(rules: Rules, lead: Lead) -> Zones:
    """The zone of a lead, or its candidates (CA-1).

    In this order: the zone that the lead states; the zone of a country that has one; the zones of its region; the candidates that
    the lead brings (of a phone number, say); all zones of its country. Country and region are the lead's, else its account's.

    >>> rules = compile(HoursDocument(zones=[{"country": "DE", "zones": ["Europe/Berlin"]}]))
    >>> zones_of(rules, Lead(id="L-1", country="DE"))
    Zones(zones=(zoneinfo.ZoneInfo(key='Europe/Berlin'),), source='country')
    """
    if lead.zone is not None:
        return Zones((lead.zone,), "lead")
    account = lead.account or NOBODY
    country, region = lead.country or account.country, lead.region
    if region is None and country == account.country:  # a region is one of its own country
        region = account.region
    candidates = () if country is None else rules.countries.get(country, ())
    if len(candidates) == 1:
        return Zones(candidates, "country")
    known = None if country is None or region is None else rules.regions.get((country, region))
    if known is not None:
        return Zones(known, "region")
    if lead.candidate_zones:
        return Zones(tuple(dict.fromkeys(lead.candidate_zones)), "candidates")
    return Zones(candidates, "country_candidates") if candidates else Zones((), "none")
