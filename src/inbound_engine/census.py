"""How many campaign names are in use, and how many of them are sound?

A quarter may have so many distinct values, and so large a share of the names must be sound: both are policy (UT-3). Values are counted
by their key, so that spellings of one value are one; they are listed all the same, since other systems count each of them.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from inbound_engine.campaigns import CampaignsDocument, Parsed, Quarter, Rules
from inbound_engine.errors import FactError, each_of, shown
from inbound_engine.proportions import Rate
from inbound_engine.spans import instant
from inbound_engine.spelling import folded

__all__ = ["Census", "Compliance", "Usage", "compliance", "quarter_of", "take"]

Standing: TypeAlias = Literal["ok", "watch", "over"]

_MONTHS: Final = 12
_MONTHS_OF_A_QUARTER: Final = 3
_PERCENT: Final = 100


@frozen
class Usage:
    """The distinct values of one quarter, by key, each with its spellings in order, and how often they were used in all.

    `unnamed` uses had a blank for a value, which is none.
    `standing` is "ok" up to the number that is watched, "watch" up to the limit, "over" above it (UT-3).
    """

    quarter: Quarter
    values: tuple[tuple[str, tuple[str, ...]], ...]
    uses: int
    standing: Standing
    unnamed: int = 0

    @property
    def distinct(self) -> int:
        """How many values there are; spellings of one key count once."""
        return len(self.values)

    @property
    def split(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The values that are written in several ways, so that other systems count them several times."""
        return tuple((key, spellings) for key, spellings in self.values if len(spellings) > 1)


@frozen
class Census:
    """What was used in each quarter, in order; quarters in which nothing was used are left out."""

    quarters: tuple[Usage, ...]

    @property
    def over(self) -> tuple[Quarter, ...]:
        """The quarters above the limit."""
        return tuple(usage.quarter for usage in self.quarters if usage.standing == "over")


@frozen
class Compliance:
    """The share of names that are sound, whether it is enough, and how often each fault occurs, the most frequent first.

    On the threshold is enough. Of no names nothing is known: `is_enough` is None (FD-6).
    """

    rate: Rate
    at_least: Fraction
    is_enough: bool | None
    faults: tuple[tuple[str, str, int], ...]
    """The code, the part, and in how many names (or uses)."""


def quarter_of(rules: Rules, at: date | datetime, zone: ZoneInfo | None = None) -> Quarter:
    """The quarter that a day lies in, or an instant on the wall calendar of `zone`; the year is the one in which it starts.

    An instant without a zone is a `FactError`: in which quarter midnight lies is a question of where.

    >>> from inbound_engine.campaigns import compile
    >>> rules = compile(CampaignsDocument())
    >>> str(quarter_of(rules, date(2026, 3, 31))), str(quarter_of(rules, date(2026, 4, 1)))
    ('2026-Q1', '2026-Q2')
    """
    if isinstance(at, datetime):
        if not isinstance(zone, ZoneInfo):
            raise FactError("zone", shown(zone), "the zone in which the quarter is counted", 'Pass spans.zone("Europe/Berlin").')
        day = instant(at).astimezone(zone).date()
    elif isinstance(at, date):
        day = at
    else:
        raise FactError("at", shown(at), "a date, or an aware datetime")
    months = day.year * _MONTHS + day.month - rules.document.year_starts
    return Quarter(months // _MONTHS, months % _MONTHS // _MONTHS_OF_A_QUARTER + 1)


def take(rules: Rules, uses: Iterable[tuple[str, date | datetime]], *, zone: ZoneInfo | None = None) -> Census:
    """The distinct values of each quarter, held against the limit (UT-3). `uses` are values with the day or instant of their use.

    Values are counted by their key (AD-28): `Spring` and `spring` are one, and are told as one value with two spellings.

    >>> from inbound_engine.campaigns import compile
    >>> used = take(compile(CampaignsDocument(watch_above=1, at_most=1)), [
    ...     ("Spring", date(2026, 2, 1)), ("spring", date(2026, 3, 1)), ("summer", date(2026, 3, 31))])
    >>> [(str(usage.quarter), usage.distinct, usage.standing, usage.split) for usage in used.quarters]
    [('2026-Q1', 2, 'over', (('spring', ('Spring', 'spring')),))]
    """
    quarters: dict[Quarter, Counter[str]] = {}
    given: Iterable[Any] = each_of(uses, object, "uses")
    for use in given:
        match use:
            case (str() as value, at):
                quarters.setdefault(quarter_of(rules, at, zone), Counter())[value] += 1
            case _:
                raise FactError("uses", shown(use), "a text with the day of its use")
    return Census(tuple(_usage(rules.document, quarter, quarters[quarter]) for quarter in sorted(quarters)))


def compliance(rules: Rules, read: Iterable[Parsed]) -> Compliance:
    """The share of sound names among those that were read, against the policy's threshold (UT-3).

    Of distinct names unless the policy says of uses: then a name that is used a hundred times counts a hundred times.

    >>> from inbound_engine.campaigns import compile, parse
    >>> from inbound_engine.policy import Policy
    >>> rules = compile(Policy().campaigns)
    >>> texts = ["EVENT-2026-Q3-SAAS-NORTH-SUMMIT", "spring sale"]
    >>> found = compliance(rules, [parse(rules, text) for text in texts])
    >>> str(found.rate), found.is_enough, found.faults
    ('1 of 2', False, (('no-anchor', 'campaign', 1),))
    """
    given = each_of(read, Parsed, "names")
    texts: Iterable[Parsed] = given if rules.document.compliance_of == "uses" else {each.text: each for each in given}.values()
    total = sound = 0
    faults: Counter[tuple[str, str]] = Counter()
    for each in texts:
        total += 1
        sound += each.is_sound
        faults.update({(fault.code, fault.where) for fault in each.faults})
    rate, at_least = Rate(sound, total), rules.document.compliance_percent / _PERCENT
    ordered = sorted(faults.items(), key=lambda item: (-item[1], item[0]))
    return Compliance(
        rate, at_least, None if rate.value is None else rate.value >= at_least, tuple((*key, count) for key, count in ordered)
    )


def _usage(document: CampaignsDocument, quarter: Quarter, counted: Counter[str]) -> Usage:
    spellings: dict[str, list[str]] = {}
    unnamed = sum(count for value, count in counted.items() if not value.strip())
    for value in sorted(value for value in counted if value.strip()):
        spellings.setdefault(folded(value), []).append(value)
    count = len(spellings)
    standing: Standing = "over" if count > document.at_most else "watch" if count > document.watch_above else "ok"
    return Usage(quarter, tuple((key, tuple(spellings[key])) for key in sorted(spellings)), counted.total() - unnamed, standing, unnamed)
