"""What is a campaign called?

A name is data: `PAID-SOCIAL-2026-Q1-SCALEUP-DEMAND-GEN` has a channel, a year, a quarter, a segment and an offer (UT-2). The year and
the quarter are the anchor, since the other parts may contain hyphens themselves. On each side of it one part takes what the others
leave; each of the others is one word, or the longest value that the policy knows (AD-29). What is written is read back the same, or
it is refused.

A fault names the part, the values that would do and the nearest of them; no name is corrected and no two are merged (AD-28).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, nearest, of_type, one_of, shown
from inbound_engine.spelling import Fault, suggest

__all__ = [
    "CampaignName",
    "CampaignsDocument",
    "NamePart",
    "Parsed",
    "Pattern",
    "Quarter",
    "Rules",
    "compile",
    "parse",
    "write",
]

_ANCHOR: Final = ("year", "quarter")
_YEAR: Final = re.compile(r"20[0-9]{2}")
_QUARTER: Final = re.compile(r"[Qq][1-4]")
_SEPARATORS: Final = re.compile(r"[\s_./|:–—-]+")
_TURNED: Final = re.compile(r"(?<![^-])(Q[1-4])-(20[0-9]{2})(?![^-])", re.IGNORECASE)
_GLUED: Final = re.compile(r"(?<![^-])(20[0-9]{2})(Q[1-4])(?![^-])", re.IGNORECASE)
_MONTHS: Final = 12


# ------------------------------------------------------------------------------------------------------------ documents


class NamePart(Document):
    """A part of a name, and the values that it may have; with `open`, others are no fault. Year and quarter have none.

    `takes_rest` takes what the other parts on its side of the anchor leave.
    """

    id: Id
    label: Label = ""
    values: Rows[Label] = ()
    open: bool = False
    takes_rest: bool = False
    source: Label = ""


class Pattern(Document):
    """The parts of a name in their order, joined by hyphens; `year` and `quarter` stand side by side and are the anchor.

    Names are in capitals, or in small letters. On each side of the anchor exactly one part takes the rest; a part alone there does.
    """

    id: Id
    label: Label = ""
    case: Literal["upper", "lower"] = "upper"
    parts: UniqueRows[NamePart] = Field(min_length=2)
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Pattern":
        names = [part.id for part in self.parts]
        problems = []
        if _ANCHOR not in pairwise(names):
            hint = "They are the anchor of a name: put them side by side."
            problems.append(Problem("parts", one_of(names), '"year", followed by "quarter"', hint))
        else:
            place = names.index("year")
            for side in (self.parts[:place], self.parts[place + 2 :]):
                takers = [part.id for part in side if part.takes_rest or len(side) == 1]
                if side and len(takers) != 1:
                    listed = one_of(part.id for part in side)
                    saw = f"{len(takers)} parts that take the rest"
                    problems.append(Problem("parts", saw, f"exactly one of them: {listed}", "Set takes_rest on it alone."))
        for part in self.parts:
            path = f"parts[{part.id}]"
            if part.id in _ANCHOR and (part.values or part.open or part.takes_rest):
                problems.append(Problem(path, "values of the anchor", "an id alone", "Years and quarters are known."))
            if part.id not in _ANCHOR and not part.values and not part.open:
                problems.append(Problem(f"{path}.values", "no values", "at least one", "Or set open = true: then any word will do."))
            for number, value in enumerate(part.values):
                normal = _normal(value, self.case)
                if normal != value or "" in value.split("-") or _anchors(value.split("-")):
                    expected = f"words in {self.case} case, joined by single hyphens, without a year and a quarter"
                    problems.append(Problem(f"{path}.values[{number}]", shown(value), expected, f'Write it like "{normal}".'))
        refuse(problems)
        return self


class CampaignsDocument(Document):
    """How campaigns are named, and how many names are too many (UT-2, UT-3).

    Above `watch_above` distinct values in a quarter is watched, above `at_most` is over the limit. `compliance_of` says of what the
    sound share is taken: of the distinct names, or of their uses. A year of quarters starts on the first of `year_starts`.
    """

    patterns: UniqueRows[Pattern] = ()
    watch_above: int = Field(default=20, ge=0)
    at_most: int = Field(default=30, ge=0)
    compliance_percent: Exact = Fraction(95)
    compliance_of: Literal["names", "uses"] = "names"
    year_starts: int = Field(default=1, ge=1, le=_MONTHS)
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "CampaignsDocument":
        problems = []
        if self.watch_above > self.at_most:
            problems.append(Problem("watch_above", str(self.watch_above), f"at most {self.at_most}, which is at_most", "Swap them."))
        if not 0 <= self.compliance_percent <= _PERCENT:
            problems.append(Problem("compliance_percent", str(self.compliance_percent), "0 to 100"))
        refuse(problems)
        return self


_PERCENT: Final = 100


# --------------------------------------------------------------------------------------------------------------- values


@frozen(order=True)
class Quarter:
    """A quarter of a year; earlier ones are less.

    >>> str(Quarter(2026, 1)), Quarter(2025, 4) < Quarter(2026, 1)
    ('2026-Q1', True)
    """

    year: int
    number: int

    def __str__(self) -> str:
        """The year, a hyphen, and the quarter."""
        return f"{self.year}-Q{self.number}"


@frozen
class CampaignName:
    """A name in its parts, in the order of its pattern; as text it is the name itself.

    >>> rules = compile(CampaignsDocument(patterns=[{"id": "event", "parts": [
    ...     {"id": "year"}, {"id": "quarter"}, {"id": "offer", "open": True}]}]))
    >>> name = parse(rules, "2026-Q3-SAAS-NORTH", "event").name
    >>> name["offer"], str(name.quarter), str(name)
    ('SAAS-NORTH', '2026-Q3', '2026-Q3-SAAS-NORTH')
    """

    pattern: str
    parts: tuple[tuple[str, str], ...]

    def __getitem__(self, part: str) -> str:
        """The value of a part; a `FactError` where the pattern has no such part."""
        for name, value in self.parts:
            if name == part:
                return value
        raise FactError("campaign.part", shown(part), one_of(name for name, _ in self.parts))

    @property
    def quarter(self) -> Quarter:
        """The year and the quarter."""
        return Quarter(int(self["year"]), int(self["quarter"][1:]))

    def __str__(self) -> str:
        """The parts, joined by hyphens."""
        return "-".join(value for _, value in self.parts)


@frozen
class Parsed:
    """What was read of a text: its normal form, its parts where it has them, and every fault.

    A text can have its parts and faults beside: a channel that nobody knows, small letters. Without an anchor there are no parts.
    """

    text: str
    normal: str
    name: CampaignName | None
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.faults


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class CompiledPart:
    """A part and what it may be: its values, and those of several words, the longest first."""

    id: str
    values: frozenset[str]
    longer: tuple[tuple[str, ...], ...]
    open: bool


@frozen(eq=False)
class CompiledPattern:
    """A pattern cut at its anchor, and on each side at the part that takes the rest."""

    document: Pattern
    before: tuple[tuple[CompiledPart, ...], CompiledPart | None, tuple[CompiledPart, ...]]
    after: tuple[tuple[CompiledPart, ...], CompiledPart | None, tuple[CompiledPart, ...]]


@frozen(eq=False)
class Rules:
    """The patterns of a policy, compiled."""

    document: CampaignsDocument
    patterns: dict[str, CompiledPattern]

    def pattern(self, name: str) -> CompiledPattern:
        """The pattern of that name; a `FactError` where the policy has none."""
        found = self.patterns.get(of_type(name, str, "pattern"))
        if found is None:
            close = nearest(name, self.patterns)
            raise FactError(
                "pattern", shown(name), one_of(self.patterns), f'Did you mean "{close}"?' if close else "Add it to campaigns.patterns."
            )
        return found


def compile(document: CampaignsDocument) -> Rules:
    """The patterns made ready."""
    return Rules(document, {pattern.id: _compiled(pattern) for pattern in document.patterns})


def _compiled(pattern: Pattern) -> CompiledPattern:
    place = next(number for number, part in enumerate(pattern.parts) if part.id == "year")
    return CompiledPattern(pattern, _side(pattern.parts[:place]), _side(pattern.parts[place + 2 :]))


def _side(parts: Sequence[NamePart]) -> tuple[tuple[CompiledPart, ...], CompiledPart | None, tuple[CompiledPart, ...]]:
    taker = next((number for number, part in enumerate(parts) if part.takes_rest or len(parts) == 1), None)
    compiled = tuple(_part(part) for part in parts)
    return ((), None, ()) if taker is None else (compiled[:taker], compiled[taker], compiled[taker + 1 :])


def _part(part: NamePart) -> CompiledPart:
    longer = sorted((tuple(value.split("-")) for value in part.values if "-" in value), key=lambda words: (-len(words), words))
    return CompiledPart(part.id, frozenset(part.values), tuple(longer), part.open)


# ------------------------------------------------------------------------------------------------------------ functions


def parse(rules: Rules, text: str, pattern: str = "campaign") -> Parsed:
    """The parts of a name, and its faults (UT-2, AD-29).

    The normal form has the case of the pattern, composed letters (NFC) and hyphens for spaces; a text that is written otherwise is
    read all the same, with a fault. The anchor is the first year and quarter that leave every other part a word. Text that is not
    a name at all is an answer, not an error.

    >>> from inbound_engine.policy import Policy
    >>> rules = compile(Policy().campaigns)
    >>> read = parse(rules, "PAID-SOCIAL-2026-Q1-SCALEUP-DEMAND-GEN")
    >>> read.name["channel"], read.name["segment"], read.name["offer"], read.is_sound
    ('PAID-SOCIAL', 'SCALEUP', 'DEMAND-GEN', True)
    >>> print(*parse(rules, "PAID-SOCAIL-2026-Q1-SCALEUP-DEMAND-GEN").faults[0:1])  # doctest: +ELLIPSIS
    channel: saw 'PAID-SOCAIL', expected one of ... Did you mean "PAID-SOCIAL"?
    """
    found = rules.pattern(pattern)
    if not isinstance(text, str):
        raise FactError("campaign", shown(text), "text")
    normal = _normal(text, found.document.case)
    words = normal.split("-")
    if not normal:
        return Parsed(text, normal, None, (Fault("missing", pattern, ""),))
    if "" in words:
        return Parsed(text, normal, None, (Fault("empty-part", pattern, text, nearest=_mended(found, normal)),))
    anchors = _anchors(words)
    if not anchors:
        return Parsed(text, normal, None, (Fault("no-anchor", pattern, text, nearest=_mended(found, normal)),))
    for place in anchors:
        name = _name(found, words, place)
        if name is not None:
            faults = [Fault("spelling", pattern, text, nearest=normal)] if normal != text else []
            return Parsed(text, normal, name, (*faults, *_unknown(found, name)))
    return Parsed(text, normal, None, (_short(found, words, anchors[0]),))


def write(rules: Rules, parts: Mapping[str, str | int], pattern: str = "campaign") -> CampaignName:
    """The name with those parts, in the normal form of its pattern; `str` of it is the name as text (UT-2).

    A part that is missing, that the pattern has not, or whose value the policy does not allow is a `FactError`, and so are parts
    that would be read back otherwise: an offer whose first word makes a longer segment, a channel with a year and a quarter in it.

    >>> from inbound_engine.policy import Policy
    >>> name = write(compile(Policy().campaigns), {
    ...     "channel": "webinar", "year": 2026, "quarter": 2, "segment": "enterprise", "offer": "product demo"})
    >>> str(name)
    'WEBINAR-2026-Q2-ENTERPRISE-PRODUCT-DEMO'
    """
    found = rules.pattern(pattern)
    order = [part.id for part in found.document.parts]
    if not isinstance(parts, Mapping):
        raise FactError("campaign", shown(parts), "a table of parts")
    for name in parts:
        if name not in order:
            close = nearest(str(name), order)
            raise FactError(f"campaign.{name}", shown(name), one_of(order), f'Did you mean "{close}"?' if close else "Leave it out.")
    values = tuple((part, _written(found, part, parts.get(part))) for part in order)
    wanted = CampaignName(pattern, values)
    read = parse(rules, str(wanted), pattern)
    for part, value in read.name.parts if read.name is not None else ():
        if wanted[part] != value:
            hint = f"It would be read with the {part} {shown(value)}."
            raise FactError(f"campaign.{part}", shown(wanted[part]), "parts that are read back the same", hint)
    for fault in read.faults:
        asks = f'Did you mean "{fault.nearest}"?' if fault.nearest is not None else ""
        raise FactError(f"campaign.{fault.where}", shown(fault.saw), one_of(fault.allowed), asks)
    return wanted


def _normal(text: str, case: str) -> str:
    """The text in one case, letters composed, spaces made hyphens."""
    composed = unicodedata.normalize("NFC", text.strip())
    cased = unicodedata.normalize("NFC", composed.upper() if case == "upper" else composed.lower())
    return re.sub(r"\s+", "-", cased)


def _anchors(words: Sequence[str]) -> list[int]:
    """Where a year stands that a quarter follows."""
    return [place for place, (one, two) in enumerate(pairwise(words)) if _YEAR.fullmatch(one) and _QUARTER.fullmatch(two)]


def _name(pattern: CompiledPattern, words: Sequence[str], place: int) -> CampaignName | None:
    """The name with its anchor there, or None where a part would be left without a word."""
    before, after = _cut(pattern.before, words[:place]), _cut(pattern.after, words[place + 2 :])
    if before is None or after is None:
        return None
    return CampaignName(pattern.document.id, (*before, ("year", words[place]), ("quarter", words[place + 1]), *after))


def _cut(
    side: tuple[tuple[CompiledPart, ...], CompiledPart | None, tuple[CompiledPart, ...]], words: Sequence[str]
) -> list[tuple[str, str]] | None:
    """The words of one side by part: from the left up to the part that takes the rest, then from the right."""
    left, taker, right = side
    if taker is None:
        return None if words else []
    spare = len(words) - len(left) - len(right) - 1
    if spare < 0:
        return None
    rest = list(words)
    first: list[tuple[str, str]] = []
    for part in left:
        length = _length(part, rest, spare)
        first.append((part.id, "-".join(rest[:length])))
        rest, spare = rest[length:], spare - length + 1
    last: list[tuple[str, str]] = []
    for part in reversed(right):
        length = _length(part, rest, spare, from_end=True)
        last.append((part.id, "-".join(rest[len(rest) - length :])))
        rest, spare = rest[: len(rest) - length], spare - length + 1
    return [*first, (taker.id, "-".join(rest)), *reversed(last)]


def _length(part: CompiledPart, words: Sequence[str], spare: int, *, from_end: bool = False) -> int:
    """How many words the part takes: those of the longest value that it knows, else one; each other part keeps a word."""
    for value in part.longer:
        length = len(value)
        there = words[len(words) - length :] if from_end else words[:length]
        if length - 1 <= spare and tuple(there) == value:
            return length
    return 1


def _unknown(pattern: CompiledPattern, name: CampaignName) -> Iterator[Fault]:
    """A fault for each part whose value the policy does not know."""
    known = {part.id: part for side in (pattern.before, pattern.after) for part in _parts(side)}
    for part, value in name.parts:
        if part in known and not known[part].open and value not in known[part].values:
            allowed = tuple(sorted(known[part].values))
            yield Fault("unknown-value", part, value, allowed, suggest(value, allowed))


def _parts(side: tuple[tuple[CompiledPart, ...], CompiledPart | None, tuple[CompiledPart, ...]]) -> Iterator[CompiledPart]:
    left, taker, right = side
    yield from left
    if taker is not None:
        yield taker
    yield from right


def _short(pattern: CompiledPattern, words: Sequence[str], place: int) -> Fault:
    """What a name lacks whose anchor leaves a part without a word, or which has words where the pattern has no part."""
    for side, there in ((pattern.before, words[:place]), (pattern.after, words[place + 2 :])):
        parts = list(_parts(side))
        if len(there) < len(parts):
            return Fault("part-missing", parts[len(there)].id, "", tuple(sorted(parts[len(there)].values)))
    return Fault("part-missing", pattern.document.id, "-".join(words), ("-".join(part.id.upper() for part in pattern.document.parts),))


def _mended(pattern: CompiledPattern, normal: str) -> str | None:
    """The text with one hyphen for every separator, the anchor set right, where that is a name; to be asked about."""
    text = _SEPARATORS.sub("-", normal).strip("-")
    text = _TURNED.sub(r"\2-\1", _GLUED.sub(r"\1-\2", text))
    words = text.split("-")
    return text if any(_name(pattern, words, place) for place in _anchors(words)) else None


def _written(pattern: CompiledPattern, part: str, value: object) -> str:
    """The value of a part as the name has it; years and quarters may be numbers."""
    path, case = f"campaign.{part}", pattern.document.case
    if part == "year":
        text = str(value) if type(value) is int else value
        if not (isinstance(text, str) and _YEAR.fullmatch(text)):
            raise FactError(path, shown(value), "a year from 2000 to 2099")
        return text
    if part == "quarter":
        text = f"q{value}" if type(value) is int else value
        if not (isinstance(text, str) and _QUARTER.fullmatch(text)):
            raise FactError(path, shown(value), "a quarter from 1 to 4")
        return text.upper() if case == "upper" else text.lower()
    if not isinstance(value, str):
        raise FactError(path, shown(value), "text", "" if value is not None else f'Add "{part}".')
    text = _normal(value, case)
    if "" in text.split("-"):
        raise FactError(path, shown(value), "words, joined by single hyphens")
    return text
