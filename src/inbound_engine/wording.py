"""How is it said?

Every sentence for people is made from a template that the policy can replace: a text with named places in braces, such as
`"{rep} has it: {step}."`. A template that a policy does not bring is the shipped one, so that one sentence can be said otherwise
without repeating the rest. Beside the templates stand words: for weekdays and months, and for what a policy names (tiers, scores,
facts, channels). Where there is no word the label that the policy gives is said, else the name with spaces.

A place is a name in braces and nothing else: no format, no attribute, no index. A brace that is meant is written twice. What a
place is filled with is never read as a template. A template of no letters leaves its sentence out.

A phrase has two forms, one with what tells something of a person and one without, so that a record without it needs no second
wording. What is said of a lead is the question of `briefs`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from attrs import frozen
from pydantic import Field, ValidationInfo, field_validator

from inbound_engine.decisions import HIDDEN, decimal_text
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse, twice
from inbound_engine.errors import FactError, Problem, nearest, one_of, shown
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK

__all__ = [
    "PLACES",
    "ActivityWord",
    "Phrase",
    "Table",
    "Text",
    "Texts",
    "TextsDocument",
    "Word",
    "compile",
    "strangers",
]

Table: TypeAlias = Literal["tiers", "reasons", "scores", "criteria", "facts", "values", "touchpoints", "channels", "steps"]
"""The tables of words."""

_TABLES: tuple[Table, ...] = get_args(Table)
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_LONGEST = 2_000
_NAMES = 200  # the longest word to be looked up
_MINUTE = timedelta(minutes=1)
_SIXTY = 60

Template: TypeAlias = Annotated[str, Field(max_length=_LONGEST)]
Segment: TypeAlias = tuple[str, str]
"""Letters, and the name of the place that follows them ("" at the end)."""


def _places(of: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(places.split()) for name, places in of.items()}


PLACES: Mapping[str, tuple[str, ...]] = _places(
    {
        # how things are put together
        "list_comma": "before next",
        "list_and": "before next",
        "others": "n",
        "sentences": "before next",
        "layout_title": "who lead zone",
        "layout_heading": "heading",
        "layout_line": "line",
        # values
        "yes": "",
        "no": "",
        "none": "",
        "decimal": "whole part",
        "money": "amount currency",
        "moment": "weekday day day_2 month month_number month_2 year hour minute",
        "under_a_minute": "",
        "minute": "",
        "minutes": "n",
        "hour": "",
        "hours": "n",
        "duration": "hours minutes",
        "working_time": "duration",
        # the lead
        "who_titled": "name title",
        "who_at": "person company",
        "lead": "lead tier",
        "lead_of": "lead company tier",
        # why
        "heading_why": "",
        "score_reached": "score points needed",
        "score_short": "score points needed short",
        "why_tier": "tier",
        "why_reached": "scores tier",
        "why_short": "scores tier",
        "why_lifted": "unraised reason tier",
        "why_below": "reason tier",
        "why_below_so_far": "reason tier",
        "why_clause": "reason",
        "why_held": "",
        "criterion_seen": "criterion seen",
        "why_criteria": "criteria",
        "why_nothing": "",
        # what they did
        "heading_did": "",
        "content_of": "touchpoint content",
        "activity_about": "activity content",
        "did_once": "what when",
        "did_often": "what n when",
        "did_more_one": "",
        "did_more": "n",
        "did_nothing": "",
        "did_unknown": "",
        # what they said
        "heading_said": "",
        "said": "fact value",
        "said_nothing": "",
        "said_unknown": "facts",
        # what is missing
        "heading_missing": "",
        "missing_facts": "facts",
        "missing_ask": "fact tier",
        "missing_ask_keeps": "fact tier",
        "missing_nothing": "",
        # what to say first
        "heading_first": "",
        "first_hand_raise": "what when",
        "first_touch": "channel when intent",
        "first_enrol": "enrol when",
        "first_message": "message",
        "first_about": "grounds",
        "first_about_unknown": "",
        "ground_source": "source",
        "ground_content": "contents",
        "first_email": "email",
        "first_suppressed": "channels",
        "first_none": "",
        # who has it
        "heading_who": "",
        "taken_undecided": "",
        "taken": "rep step",
        "taken_by_hand": "rep",
        "taken_over_cap": "rep",
        "taken_instead": "rep owner",
        "taken_again": "rep",
        "taken_by_marketing": "",
        "taken_by_nobody": "",
        "taken_why_not": "reps",
        "taken_retry": "when",
        "taken_never": "",
        "told_one": "person",
        "told_many": "people",
        "told_csm": "rep",
        "told_open_opportunity_owner": "rep",
        "told_named_rep": "rep",
        "refused": "rep",
        "refused_turn": "rep",
        "refused_by_name": "rep",
        "refused_inactive": "rep",
        "refused_no_share": "rep",
        "refused_holder": "rep",
        "refused_away": "rep",
        "refused_day_cap": "rep",
        "refused_week_cap": "rep",
        "refused_open_cap": "rep",
        "refused_closed": "rep",
        "refused_not_preferred": "rep",
        "refused_product": "rep",
        "refused_role": "rep",
        "refused_territory": "rep",
        "refused_no_lane": "rep",
        # by when
        "clock_none": "",
        "clock_running": "deadline target",
        "clock_waiting": "deadline target",
        "clock_paused": "",
        "clock_never": "",
        "clock_met": "answered deadline target",
        "clock_missed": "deadline target",
        "clock_late": "answered deadline target over",
        "clock_cancelled": "",
        "clock_superseded": "",
        "ladder_ahead": "steps",
        "ladder_came": "steps",
        "ladder_to_unsaid": "",
        "ahead_escalate": "to after",
        "ahead_reroute": "to after",
        "ahead_auto_nurture": "to after",
        "ahead_flag": "to after",
        "ahead_recycle": "to after",
        "came_escalate": "to when",
        "came_reroute": "to when",
        "came_auto_nurture": "to when",
        "came_flag": "to when",
        "came_recycle": "to when",
        "came_without_rep": "to when",
        # what is sent
        "plan_none": "",
        "plan_made_one": "",
        "plan_made": "n",
        "plan_ahead": "steps",
        "plan_step": "channel when intent",
        "plan_enrol": "enrol when",
        "plan_empty": "",
        "plan_left_out": "steps",
        "left_suppressed": "channel",
        "left_no_zone": "channel",
        "left_no_slot": "channel",
        "left_cancelled": "channel",
        "plan_stopped": "exit",
        "exit_reply": "",
        "exit_meeting": "",
        "exit_disqualified": "",
        "exit_won": "",
        "exit_opt_out": "",
        "exit_bounce": "",
        "exit_not_ready": "",
        "plan_follow_up": "whens",
        # the paragraph
        "times_in": "zone",
    }
)
"""The templates there are, and which places each may have."""


def _shipped(field: str) -> Any:  # noqa: ANN401 - plain data, read by pydantic
    section: Any = PLAYBOOK["texts"]
    return section[field]


# ------------------------------------------------------------------------------------------------------------ documents


class Text(Document):
    """A template: which, and its text with places in braces. Without letters it leaves out what it would say."""

    id: Id
    text: Template


class Word(Document):
    """What something that the policy names is called in a sentence. Braces mean nothing here."""

    id: Annotated[str, Field(min_length=1, max_length=_NAMES)]
    text: Label


class ActivityWord(Document):
    """What somebody did, as it follows "They": `about` is the template with {content}, where it is known what it was about."""

    id: Id
    text: Label
    about: Template = ""


class TextsDocument(Document):
    """The templates and words of a policy, and how many things of a kind are said at most.

    What is left out is the shipped text: of templates and words one by one, of weekdays (Monday first) and months as a whole.
    Words may be added for whatever the policy names. `said` are the facts that a brief tells as what the lead said, in that order.
    A template of an unknown id, an unknown place, a brace alone and a line break are refused.

    >>> document = TextsDocument(templates=[{"id": "why_held", "text": "Marketing hat ihn noch."}])
    >>> len(document.templates) == len(PLACES), next(row.text for row in document.templates if row.id == "why_held")
    (True, 'Marketing hat ihn noch.')
    >>> TextsDocument(templates=[{"id": "times_in", "text": "Zeiten in {zon}."}])
    Traceback (most recent call last):
    inbound_engine.errors.PolicyError: 1 problem:
      templates[times_in].text: saw '{zon}', expected one of {zone}. Did you mean "{zone}"?
    """

    templates: UniqueRows[Text] = ()
    weekdays: Rows[Label] = Field(default_factory=lambda: _shipped("weekdays"), min_length=7, max_length=7)
    months: Rows[Label] = Field(default_factory=lambda: _shipped("months"), min_length=12, max_length=12)
    tiers: Rows[Word] = ()
    reasons: Rows[Word] = ()
    scores: Rows[Word] = ()
    criteria: Rows[Word] = ()
    facts: Rows[Word] = ()
    values: Rows[Word] = ()
    activities: UniqueRows[ActivityWord] = ()
    touchpoints: Rows[Word] = ()
    channels: Rows[Word] = ()
    steps: Rows[Word] = ()
    said: Rows[Id] = Field(default_factory=lambda: _shipped("said"))
    most_criteria: Annotated[int, Field(ge=1, le=100)] = Field(default_factory=lambda: _shipped("most_criteria"))
    most_activities: Annotated[int, Field(ge=1, le=100)] = Field(default_factory=lambda: _shipped("most_activities"))
    most_missing: Annotated[int, Field(ge=1, le=100)] = Field(default_factory=lambda: _shipped("most_missing"))
    most_reps: Annotated[int, Field(ge=1, le=100)] = Field(default_factory=lambda: _shipped("most_reps"))
    most_steps: Annotated[int, Field(ge=1, le=100)] = Field(default_factory=lambda: _shipped("most_steps"))
    source: Label = ""

    @field_validator("templates")
    @classmethod
    def _all_templates(cls, rows: tuple[Text, ...]) -> tuple[Text, ...]:
        refuse([problem for row in rows for problem in _misread(row)])
        given = {row.id: row for row in rows}
        return tuple(given.get(row["id"]) or Text(**row) for row in _shipped("templates"))

    @field_validator("activities")
    @classmethod
    def _all_activities(cls, rows: tuple[ActivityWord, ...]) -> tuple[ActivityWord, ...]:
        refuse([problem.under(f"[{row.id}].about") for row in rows for problem in _wrong(row.about, ("content",))])
        given = {row.id: row for row in rows}
        shipped = {row["id"]: row for row in _shipped("activities")}
        return (*(given.get(name) or ActivityWord(**row) for name, row in shipped.items()), *(row for row in rows if row.id not in shipped))

    @field_validator(*_TABLES)
    @classmethod
    def _all_words(cls, rows: tuple[Word, ...], info: ValidationInfo) -> tuple[Word, ...]:
        refuse(twice(row.id for row in rows))
        given = {row.id: row for row in rows}
        shipped = {row["id"]: row for row in _shipped(str(info.field_name))}
        return (*(given.get(name) or Word(**row) for name, row in shipped.items()), *(row for row in rows if row.id not in shipped))

    @field_validator("said")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        refuse(twice(names))
        return names


def _misread(row: Text) -> Iterator[Problem]:
    """What is wrong with a template."""
    if row.id not in PLACES:
        close = nearest(row.id, PLACES)
        yield Problem(f"[{row.id}].id", shown(row.id), one_of(PLACES), f'Did you mean "{close}"?' if close else "Remove it.")
        return
    for problem in _wrong(row.text, PLACES[row.id]):
        yield problem.under(f"[{row.id}].text")


def _wrong(text: str, places: Sequence[str]) -> Iterator[Problem]:
    """What in a template is no place of it."""
    if text.splitlines() not in ([], [text]):
        yield Problem("", "a line break", "text on one line", "Each template is one sentence; `layout_` templates put them together.")
    for part in _PART.finditer(text):
        name = part[1]
        if name is None and part[0] in "{}":
            hint = f'Write "{part[0] * 2}" for a brace that is meant.'
            yield Problem("", f"a brace alone, {shown(text[part.start() : part.start() + 20])}", "a name in braces", hint)
        elif name is not None and name not in places:
            known = [f"{{{place}}}" for place in places]
            close = nearest(name, places)
            hint = f'Did you mean "{{{close}}}"?' if close else f'Write "{{{{{name}}}}}" for braces that are meant.'
            yield Problem("", shown(part[0]), one_of(known) if known else "no place: this text has none", hint)


# --------------------------------------------------------------------------------------------------------------- values


@frozen(repr=False)
class Phrase:
    """What is said, and the same without what tells something of a person.

    >>> Phrase.of("Ana", personal=True)
    Phrase('(personal)')
    """

    text: str
    redacted: str

    @classmethod
    def of(cls, text: str, *, personal: bool = False) -> "Phrase":
        """A text from a record, on one line."""
        line = " ".join(text.splitlines())
        return cls(line, HIDDEN if personal else line)

    @property
    def is_personal(self) -> bool:
        """Whether it tells something of a person."""
        return self.text != self.redacted

    def __repr__(self) -> str:
        """Without what is personal."""
        return f"Phrase({self.redacted!r})"


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False, repr=False)
class Texts:
    """The texts of a policy, made ready: templates taken apart, words by name."""

    document: TextsDocument
    templates: dict[str, tuple[Segment, ...]]
    words: dict[str, dict[str, str]]
    activities: dict[str, tuple[str, tuple[Segment, ...]]]

    def __repr__(self) -> str:
        """How many there are."""
        return f"Texts({len(self.templates)} templates, {sum(map(len, self.words.values()))} words)"

    def fill(self, name: str, /, **places: Phrase | str | int) -> Phrase:
        """The template of that name with its places filled; names that are no template are a `FactError`.

        >>> compile(TextsDocument()).fill("minutes", n=5).text
        '5 minutes'
        """
        segments = self.templates.get(name)
        if segments is None:
            raise FactError("texts.template", shown(name), one_of(PLACES))
        return _filled(segments, places)

    def word(self, table: Table, name: str, otherwise: str = "") -> Phrase:
        """What the policy calls it: the word of that table, else `otherwise`, else the name with spaces.

        >>> texts = compile(TextsDocument())
        >>> texts.word("channels", "call").text, texts.word("channels", "direct_mail").text
        ('a call', 'direct mail')
        """
        return Phrase.of(self.words[table].get(name) or otherwise or name.replace("_", " "))

    def activity(self, kind: str, content: Phrase | None = None) -> Phrase:
        """What somebody did, and what it was about where that is known.

        >>> texts = compile(TextsDocument())
        >>> texts.activity("page_view", Phrase.of("the pricing page")).text, texts.activity("fair_visit").text
        ('looked at the pricing page', 'fair visit')
        """
        text, about = self.activities.get(kind, ("", ()))
        named = Phrase.of(text or kind.replace("_", " "))
        if content is None:
            return named
        return _filled(about, {"content": content}) if about else self.fill("activity_about", activity=named, content=content)

    def joined(self, phrases: Iterable[Phrase], most: int | None = None) -> Phrase:
        """The phrases as a list in a sentence; beyond `most`, how many others there are. Nothing of nothing.

        >>> texts = compile(TextsDocument())
        >>> texts.joined(map(Phrase.of, "abc")).text, texts.joined(map(Phrase.of, "abcd"), 2).text
        ('a, b and c', 'a, b and 2 more')
        """
        each = list(phrases)
        if most is not None and len(each) > most:
            each = [*each[:most], self.fill("others", n=len(each) - most)]
        if not each:
            return Phrase("", "")
        said = each[0]
        for number, following in enumerate(each[1:], start=2):
            said = self.fill("list_and" if number == len(each) else "list_comma", before=said, next=following)
        return said

    def moment(self, at: datetime, zone: ZoneInfo) -> Phrase:
        """An instant as clocks in that zone read it, to the minute below.

        >>> from inbound_engine.spans import parse_instant
        >>> from inbound_engine.spans import zone
        >>> compile(TextsDocument()).moment(parse_instant("2026-03-02T09:03Z"), zone("Europe/Berlin")).text
        'Monday 2 March 2026 at 10:03'
        """
        local = at.astimezone(zone)
        return self.fill(
            "moment",
            weekday=self.document.weekdays[local.weekday()],
            day=local.day,
            day_2=f"{local.day:02}",
            month=self.document.months[local.month - 1],
            month_number=local.month,
            month_2=f"{local.month:02}",
            year=local.year,
            hour=f"{local.hour:02}",
            minute=f"{local.minute:02}",
        )

    def duration(self, amount: timedelta) -> Phrase:
        """A length of time in hours and minutes, whole minutes below.

        >>> texts = compile(TextsDocument())
        >>> [texts.duration(timedelta(minutes=minutes)).text for minutes in (0, 1, 30, 60, 150)]
        ['less than a minute', '1 minute', '30 minutes', '1 hour', '2 hours 30 minutes']
        """
        hours, minutes = divmod(amount // _MINUTE, _SIXTY)
        if not hours and not minutes:
            return self.fill("under_a_minute")
        said_hours, said_minutes = self._counted("hour", hours), self._counted("minute", minutes)
        if hours and minutes:
            return self.fill("duration", hours=said_hours, minutes=said_minutes)
        return said_hours if hours else said_minutes

    def _counted(self, name: str, number: int) -> Phrase:
        return self.fill(name) if number == 1 else self.fill(f"{name}s", n=number)

    def number(self, value: int | Fraction | Decimal) -> Phrase:
        """A number with at most two decimals, halves to the even digit.

        >>> compile(TextsDocument()).number(Fraction(250, 3)).text
        '83.33'
        """
        whole, _, part = decimal_text(Fraction(value)).partition(".")
        return self.fill("decimal", whole=whole, part=part) if part else Phrase.of(whole)

    def value(self, value: object, zone: ZoneInfo) -> Phrase:
        """The value of a fact: texts by their word where there is one, else letter for letter on one line.

        >>> from inbound_engine.spans import zone
        >>> texts = compile(TextsDocument())
        >>> texts.value("series_b", zone("UTC")).text, texts.value(frozenset({"b", "a"}), zone("UTC")).text
        ('Series B', 'a and b')
        """
        match value:
            case bool():
                return self.fill("yes" if value else "no")
            case int() | Fraction() | Decimal():
                return self.number(value)
            case datetime():
                return self.moment(value, zone)
            case Money():
                whole, _, part = str(value.amount).partition(".")
                amount = self.fill("decimal", whole=whole, part=part) if part else Phrase.of(whole)
                return self.fill("money", amount=amount, currency=value.currency)
            case frozenset() | tuple():
                members = sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
                return self.joined([self.value(member, zone) for member in members]) if value else self.fill("none")
            case _:
                return Phrase.of(self.words["values"].get(str(value), str(value)))


def _segments(text: str) -> tuple[Segment, ...]:
    """A template taken apart; it is known to be sound."""
    found: list[Segment] = []
    letters, end = "", 0
    for part in _PART.finditer(text):
        letters, end = letters + text[end : part.start()], part.end()
        if part[1] is None:
            letters += part[0][0]
        else:
            found.append((letters, part[1]))
            letters = ""
    letters += text[end:]
    return (*found, (letters, "")) if letters else tuple(found)


def _filled(segments: Iterable[Segment], places: Mapping[str, Phrase | str | int]) -> Phrase:
    said: list[str] = []
    redacted: list[str] = []
    for letters, place in segments:
        value = places[place] if place else ""
        said += (letters, value.text if isinstance(value, Phrase) else str(value))
        redacted += (letters, value.redacted if isinstance(value, Phrase) else str(value))
    return Phrase("".join(said), "".join(redacted))


# ------------------------------------------------------------------------------------------------------------ functions


def compile(document: TextsDocument) -> Texts:
    """The texts made ready.

    >>> compile(TextsDocument()).fill("times_in", zone="Europe/Berlin").text
    'Times are in Europe/Berlin.'
    """
    return Texts(
        document=document,
        templates={row.id: _segments(row.text) for row in document.templates},
        words={table: {row.id: row.text for row in getattr(document, table)} for table in _TABLES},
        activities={row.id: (row.text, _segments(row.about)) for row in document.activities},
    )


def strangers(document: TextsDocument, names: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """The words for what the policy does not name, table by table: a misspelt name must not be silent.

    Shipped words stand for the playbook's names, and are no strangers to a policy without them.

    >>> document = TextsDocument(tiers=[{"id": "t1", "text": "a top lead"}])
    >>> [str(problem) for problem in strangers(document, {"tiers": ["T1", "T2"]})]
    ['tiers[t1].id: saw \\'t1\\', expected one of T1, T2. Did you mean "T1"?']
    """
    for table, known in names.items():
        shipped = {row if isinstance(row, str) else row["id"] for row in _shipped(table)}
        for number, row in enumerate(getattr(document, table)):
            name, path = (row, f"{table}[{number}]") if isinstance(row, str) else (row.id, f"{table}[{row.id}].id")
            if name not in known and name not in shipped:
                close = nearest(name, known)
                yield Problem(path, shown(name), one_of(known), f'Did you mean "{close}"?' if close else "Remove it.")
