"""Which value did they mean to write?

People write one value in many ways: `Paid Social`, `paid%20social`, `PAID+SOCIAL`. `folded` gives all of them one key, and nothing
but case, spacing and the form of a letter is folded away (AD-28). What is still not a known value is a fault, with the nearest known
value beside it. It is told and never merged: `brand_us_q1` and `brand_us_q2` are one letter apart and two campaigns, so values
whose numbers, months or weekdays differ are never near.

The distance is exact: the fewest letters put in, left out, changed, or swapped with a neighbour.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from attrs import frozen

from inbound_engine.errors import each_of, of_type, one_of, shown

__all__ = ["Fault", "FaultCode", "distance", "folded", "periods", "suggest"]

FaultCode: TypeAlias = Literal["missing", "unknown-value", "spelling", "no-anchor", "empty-part", "part-missing"]

_WORDS_OF_TIME: Final = frozenset(
    (
        "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov november "
        "dec december mon monday tue tuesday wed wednesday thu thursday fri friday sat saturday sun sunday"
    ).split()
)
_SPACES: Final = re.compile(r"\s+")
_INNER_RUN: Final = re.compile(r"(?<=[^\s+])[\s+]+(?=[^\s+])")
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")
_LETTERS_TO_ONE_FAULT: Final = 6  # so many letters allow one slip more
_MOST_SLIPS: Final = 3
_LONGEST: Final = 200  # of what is compared letter for letter: the work grows with the square


@frozen
class Fault:
    """Something in a value that people wrote which the rules do not allow: a stable code, where, what was seen, what would do.

    `nearest` is a value to ask about; nothing puts it in anybody's place (AD-28). `allowed` is empty where anything would do.

    >>> print(Fault("unknown-value", "utm_medium", "refferal", ("cpc", "referral"), "referral"))
    utm_medium: saw 'refferal', expected one of cpc, referral. Did you mean "referral"?
    """

    code: FaultCode
    where: str
    saw: str
    allowed: tuple[str, ...] = ()
    nearest: str | None = None

    def __str__(self) -> str:
        """The fault as one sentence, and a question where something is near."""
        saw = shown(self.saw) if self.saw else "nothing"
        match self.code:
            case "spelling":
                expected = f'"{self.nearest}"'
            case "no-anchor":
                expected = "a year and a quarter, such as 2026-Q1"
            case "empty-part":
                expected = "one hyphen between two parts"
            case _:
                expected = one_of(self.allowed) if self.allowed else "a value"
        asks = f' Did you mean "{self.nearest}"?' if self.nearest is not None and self.code != "spelling" else ""
        return f"{self.where}: saw {saw}, expected {expected}.{asks}"


def folded(text: str, separator: str = "-") -> str:
    """The key that all spellings of a value share: one case, one form of each letter, `separator` for inner spaces (AD-28).

    Spaces are spaces, `%20` and, between two other letters, `+`; at an end `+` belongs to the value. Hyphens and underscores stay
    what they are. Never for ids: a click id in another case is another id.

    >>> folded(" Paid%20Social "), folded("paid+social"), folded("paid_social"), folded("Google+")
    ('paid-social', 'paid-social', 'paid_social', 'google+')
    """
    if of_type(text, str, "text").isascii():
        plain = text.lower()
    else:
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", plain).casefold())  # some letters fold in two steps
    plain = plain.replace("%20", " ").strip()
    return _SPACES.sub(separator, _INNER_RUN.sub(separator, plain))


def periods(text: str) -> tuple[str, ...]:
    """The numbers, months and weekdays of a value, in its order: what tells one period's value from another's.

    >>> periods("brand_us_q1"), periods("2025 spring jan"), periods("brand")
    (('1',), ('2025', 'jan'), ())
    """
    return tuple(token for token in _TOKEN.findall(of_type(text, str, "text").casefold()) if token.isdecimal() or token in _WORDS_OF_TIME)


def distance(one: str, other: str, most: int) -> int | None:
    """How many slips lie between two texts: letters put in, left out, changed, or swapped with a neighbour; None above `most`.

    Each pair of neighbours is swapped once at most, and what was swapped is not changed again (optimal string alignment).

    >>> distance("linkdein", "linkedin", 2), distance("google", "bing", 2)
    (1, None)
    """
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        further = [place]
        for there, facing in enumerate(other, 1):
            slips = min(row[there] + 1, further[there - 1] + 1, row[there - 1] + (letter != facing))
            if place > 1 and there > 1 and letter == other[there - 2] and one[place - 2] == facing:
                slips = min(slips, before[there - 2] + 1)
            further.append(slips)
        if min(further) > most:  # and so is every later row: even a swap, from the row before, costs one more than that row
            return None
        before, row = row, further
    return row[-1] if row[-1] <= most else None


def suggest(word: str, known: Iterable[str], separator: str = "-") -> str | None:
    """The known value that was probably meant, or None: another spelling of it first, else the fewest slips away.

    One slip is allowed for up to five letters, one more for each further six, three at most. Values whose `periods` differ are
    never near. Between equally near ones the first by code point is asked about.

    >>> suggest("Refferal", ["cpc", "referral"]), suggest("brand_us_q1", ["brand_us_q2"])
    ('referral', None)
    """
    key = folded(word, separator)
    when = periods(key)
    found: tuple[int, str] | None = None
    for value in sorted(each_of(known, str, "known")):
        other = folded(value, separator)
        if other == key:
            return value
        if max(len(key), len(other)) > _LONGEST or periods(other) != when:
            continue
        most = min(1 + max(len(key), len(other)) // _LETTERS_TO_ONE_FAULT, _MOST_SLIPS)
        slips = distance(key, other, most)
        if slips is not None and (found is None or slips < found[0]):
            found = slips, value
    return None if found is None else found[1]
