"""Which touches does the policy promise?

A sequence is a list of steps: each on a day, on a channel, with the value that it carries for the prospect (CD-3). A lead gets
the first sequence of the list whose condition holds; the order of the list is the priority too (CA-17). A stretch makes the
days of a sequence longer or shorter for some leads (CD-6).

A document that would bore or burn a lead is refused: a touch without an intent or with an empty one ("just following up"), a
first email that is not personalised, a confirmation that confirms nothing (CD-4), too few touches, too many in too short a time
(CD-5), more on one template day than the caps of one date would let out (CA-11).

The channel called "email" is the one that bounces, whose first message is personalised, and that is spread (CA-22). When each
touch is due is the question of `cadence`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine import calendars
from inbound_engine.calendars import TimeOfDay
from inbound_engine.conditions import Condition, Questions, Rule, because
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.documents import Document, Exact, Id, Label, Rows, UniqueRows, exact_text, refuse
from inbound_engine.errors import FactError, PolicyError, Problem, nearest, one_of, shown
from inbound_engine.hours import minutes
from inbound_engine.vocabulary import CalendarName, View, Vocabulary

__all__ = [
    "EMAIL",
    "MOST_FACTOR",
    "NOON",
    "CadenceDocument",
    "Channel",
    "Daypart",
    "Limit",
    "Rules",
    "Sequence",
    "Step",
    "Stretch",
    "active",
    "choose",
    "compile",
    "stretch",
    "stretched",
]

Daypart: TypeAlias = Literal["any", "morning", "afternoon", "other"]
Mention: TypeAlias = Literal["acknowledgement", "company", "use_case", "booking"]
Ground: TypeAlias = Literal["source", "content"]
Most: TypeAlias = Annotated[int, Field(ge=1, le=1_000)]

EMAIL = "email"
"""The channel that bounces, whose first message is personalised, and that is spread."""
NOON = 720
"""The minute after midnight that parts the morning from the afternoon (CA-12)."""
MOST_FACTOR = 10
"""The largest factor by which days may be stretched."""

_MENTIONS: tuple[Mention, ...] = ("acknowledgement", "company", "use_case", "booking")
_GROUNDS: tuple[Ground, ...] = ("source", "content")
_MIDNIGHT = 1440
_WORD = re.compile(r"\w+")


# ------------------------------------------------------------------------------------------------------------ documents


class Channel(Document):
    """A way to reach a prospect, its caps and its hours.

    `per_date` is how many touches one local date of the prospect may bring, `per_24_hours` how many any 24 hours may (CA-11).
    `calendar` names hours that must be open besides the prospect's working hours, such as legal calling hours; with
    `rep_hours` the rep's must be open too, where they are given (CA-8). `without_zone` lets it go out by the territory's
    calendar to a prospect of whom no zone is known (CA-2). With `is_touch` false it is an enrolment: not a touch, no caps.
    """

    id: Id
    label: Label = ""
    per_date: Most | None = None
    per_24_hours: Most | None = None
    calendar: CalendarName | None = None
    rep_hours: bool = False
    is_touch: bool = True
    without_zone: bool = False
    source: Label = ""


class Step(Document):
    """A touch that is promised: on which template day, on which channel, with which intent (CD-3).

    `not_before` is a local time of day, the document's where it is left out; day 0 has none, since it begins at the arrival
    (CA-6). `daypart` "other" is the half of the day in which the call before it was not made (CA-12). `intent` is the value
    that the touch carries, `message` its subject or opening words. A `transactional` step confirms the enquiry, on day 0, and
    `mentions` the four things that a confirmation owes. `within_minutes` is the latest that a step of day 0 may be made,
    in working time from the arrival; without it the SLA alone rules (CD-2). `enrol` says in what an enrolment enrols.
    """

    id: Id
    day: Annotated[int, Field(ge=0, le=365)]
    channel: Id
    not_before: TimeOfDay | None = None
    daypart: Daypart = "any"
    intent: Label = ""
    message: Label = ""
    transactional: bool = False
    mentions: Rows[Mention] = ()
    personalise_on: Rows[Ground] = ()
    within_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    enrol: Id | None = None
    source: Label = ""


class Sequence(Document):
    """Steps in the order in which they are made, for leads of whom `when` is true. `lead_types` is for people (CD-3)."""

    id: Id
    label: Label = ""
    lead_types: Rows[Annotated[str, Field(min_length=1)]] = ()
    when: Condition
    steps: UniqueRows[Step] = Field(min_length=1)
    source: Label = ""


class Stretch(Document):
    """For leads of whom `when` is true, day k becomes the whole number nearest to k times the factor, halves upwards (CD-6)."""

    id: Id
    when: Condition
    factor: Exact
    source: Label = ""


class Limit(Document):
    """So many touches of a channel within any so many template days, or more, are too many (CD-5)."""

    channel: Id
    touches: Most
    days: Annotated[int, Field(ge=1, le=366)]
    source: Label = ""


class CadenceDocument(Document):
    """The sequences of a policy, the channels that they use, and the rules that every touch obeys.

    `hours` names the working hours of prospects; a calendar without a zone is read in the prospect's. `day_basis` "business"
    counts the prospect's business dates, "calendar" all dates (CA-5). `confirm` "any_hour" lets a confirmation go out at the
    arrival, "in_hours" holds it to working hours (CA-13). `horizon_days` is how many dates after its target a step may land
    (CA-20). `follow_up_days` are calendar days (CA-18), `auto_reply_days` business dates (CA-16), and `spread_minutes` is by
    how much emails are spread, 0 for not at all (CA-22).
    """

    channels: UniqueRows[Channel]
    sequences: UniqueRows[Sequence] = ()
    stretches: UniqueRows[Stretch] = ()
    hours: CalendarName
    not_before: TimeOfDay = "09:00"
    day_basis: Literal["business", "calendar"] = "business"
    per_date_all: Most | None = 3
    confirm: Literal["any_hour", "in_hours"] = "any_hour"
    fewest_touches: Most = 3
    limits: Rows[Limit] = ()
    empty_messages: Rows[Annotated[str, Field(min_length=1)]] = ()
    horizon_days: Annotated[int, Field(ge=1, le=366)] = 45
    follow_up_days: Rows[Annotated[int, Field(ge=1, le=366)]] = (30, 60, 90)
    auto_reply_days: Annotated[int, Field(ge=1, le=60)] = 3
    spread_minutes: Annotated[int, Field(ge=0, le=1_440)] = 0
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "CadenceDocument":
        channels = {channel.id: channel for channel in self.channels}
        refuse(
            [
                *_channel_problems(self),
                *(problem for sequence in self.sequences for problem in _sequence_problems(self, sequence, channels)),
                *_other_problems(self, channels),
            ]
        )
        return self


# --------------------------------------------------------------------------------------------------- checks of the document


def _unknown_channel(name: str, channels: dict[str, Channel], path: str) -> Problem:
    close = nearest(name, channels)
    return Problem(path, shown(name), one_of(channels), f'Did you mean "{close}"?' if close else "Add it to channels.")


def _channel_problems(document: CadenceDocument) -> Iterator[Problem]:
    for channel in document.channels:
        for name, cap in (("per_date", channel.per_date), ("per_24_hours", channel.per_24_hours)):
            if cap is not None and not channel.is_touch:
                yield Problem(f"channels[{channel.id}].{name}", str(cap), "no cap on a channel that is no touch", "Remove it.")


def _sequence_problems(document: CadenceDocument, sequence: Sequence, channels: dict[str, Channel]) -> Iterator[Problem]:
    """Everything that is wrong with a sequence: its steps one by one, then what they add up to."""
    path, day, emailed = f"sequences[{sequence.id}].steps", 0, False
    for step in sequence.steps:
        here, channel = f"{path}[{step.id}]", channels.get(step.channel)
        if step.day < day:
            yield Problem(f"{here}.day", f"{step.day}, after day {day}", "days in order", "Steps are made in the order of the list.")
        day = max(day, step.day)
        if channel is None:
            yield _unknown_channel(step.channel, channels, f"{here}.channel")
        else:
            yield from _kind_problems(step, channel, here)
        yield from _word_problems(document, step, here)
        yield from _time_problems(document, step, here)
        if step.channel == EMAIL and not step.transactional:
            if not emailed and set(step.personalise_on) != set(_GROUNDS):
                saw, hint = ", ".join(step.personalise_on) or "nothing", "The first email is personalised on both (CD-4)."
                yield Problem(f"{here}.personalise_on", saw, "source and content", hint)
            emailed = True
    yield from _sum_problems(document, sequence, channels, path)


def _kind_problems(step: Step, channel: Channel, path: str) -> Iterator[Problem]:
    """What a touch must say, and what an enrolment must."""
    if not channel.is_touch:
        if step.enrol is None:
            yield Problem(f"{path}.enrol", "nothing", "what the lead is enrolled in", 'Write enrol = "nurture".')
        if step.transactional:
            yield Problem(f"{path}.transactional", "true", "false on a channel that is no touch", "Remove it.")
        return
    if step.enrol is not None:
        yield Problem(f"{path}.enrol", shown(step.enrol), "nothing on a channel that is a touch", "Use a channel with is_touch = false.")
    if not _words(step.intent):
        saw = shown(step.intent) if step.intent else "nothing"
        yield Problem(f"{path}.intent", saw, "the value that the touch carries", "Say what the prospect has from it (CD-4).")
    missing = [name for name in _MENTIONS if name not in step.mentions]
    if step.transactional and missing:
        saw = ", ".join(name for name in _MENTIONS if name in step.mentions) or "nothing"
        yield Problem(f"{path}.mentions", saw, f"all of {', '.join(_MENTIONS)}", f"Add {', '.join(missing)} (CD-4).")


def _word_problems(document: CadenceDocument, step: Step, path: str) -> Iterator[Problem]:
    """Words that say nothing, whatever their case, spacing and punctuation."""
    for name, text in (("intent", step.intent), ("message", step.message)):
        said = _words(text)
        for phrase in document.empty_messages:
            if (empty := _words(phrase)) and empty in said:
                yield Problem(f"{path}.{name}", shown(text), f"words other than {shown(phrase)}", "Every touch adds value (CD-4).")
                break


def _words(text: str) -> str:
    """The words of a text, each between two spaces, so that a phrase is found at the borders of words only."""
    found = _WORD.findall(text.casefold().replace("_", " "))
    return f" {' '.join(found)} " if found else ""


def _time_problems(document: CadenceDocument, step: Step, path: str) -> Iterator[Problem]:
    """Times that would say nothing where they stand, or could never be kept."""
    if step.transactional and step.day:
        yield Problem(f"{path}.day", str(step.day), "day 0 for a confirmation", "It answers the arrival (CA-13).")
    if step.transactional and step.daypart != "any":
        yield Problem(f"{path}.daypart", shown(step.daypart), "any for a confirmation", "It answers the arrival (CA-13).")
    if step.within_minutes is not None and step.day:
        yield Problem(f"{path}.within_minutes", f"{step.within_minutes} on day {step.day}", "nothing after day 0", "Remove it.")
    if step.not_before is not None and not step.day:
        yield Problem(f"{path}.not_before", f"{shown(step.not_before)} on day 0", "nothing on day 0", "It begins at the arrival (CA-6).")
    opens = minutes(step.not_before or document.not_before)
    if step.not_before is not None and opens == _MIDNIGHT:
        yield Problem(f"{path}.not_before", "'24:00'", "a time of day before midnight")
    elif step.daypart == "morning" and step.day and opens >= NOON:
        saw = f"'morning', not before {step.not_before or document.not_before}"
        yield Problem(f"{path}.daypart", saw, "a morning that begins before 12:00", "Set an earlier not_before.")


def _sum_problems(document: CadenceDocument, sequence: Sequence, channels: dict[str, Channel], path: str) -> Iterator[Problem]:
    """Too few touches, too many of a channel within some days, and more on one day than a date may bring."""
    touches = [
        step for step in sequence.steps if not step.transactional and (step.channel not in channels or channels[step.channel].is_touch)
    ]
    if len(touches) < document.fewest_touches:
        saw = f"{len(touches)} touch{'' if len(touches) == 1 else 'es'} besides confirmations"
        yield Problem(path, saw, f"at least {document.fewest_touches}", "Too few leave money on the table (CD-5).")
    for where, factor in ((path, Fraction(1)), *((f"stretches[{row.id}].factor", row.factor) for row in document.stretches)):
        yield from _limit_problems(document, sequence, factor, where)
    for (day, name), count in Counter((step.day, step.channel) for step in touches).items():
        channel = channels.get(name)
        for what, cap in () if channel is None else (("per_date", channel.per_date), ("per_24_hours", channel.per_24_hours)):
            if cap is not None and count > cap:
                hint = f"Move one, or raise channels[{name}].{what} (CA-11)."
                yield Problem(path, f"{count} by {name} on day {day}", f"at most {cap}", hint)
    for day, count in Counter(step.day for step in touches).items():
        if document.per_date_all is not None and count > document.per_date_all:
            yield Problem(
                path, f"{count} touches on day {day}", f"at most {document.per_date_all}", "Move one, or raise per_date_all (CA-11)."
            )


def _limit_problems(document: CadenceDocument, sequence: Sequence, factor: Fraction, path: str) -> Iterator[Problem]:
    """Too many touches of a channel within some days, once the days are stretched by the factor (CD-5, CD-6)."""
    for limit in document.limits:
        days = sorted(stretched(step.day, factor) for step in sequence.steps if step.channel == limit.channel)
        for first in dict.fromkeys(days):
            count = sum(first <= day < first + limit.days for day in days)
            if count >= limit.touches:
                saw = f"{count} by {limit.channel} on days {first} to {first + limit.days - 1}"
                saw += "" if factor == 1 else f" of {sequence.id}"
                yield Problem(path, saw, f"fewer than {limit.touches} in any {limit.days} days", "Too many burn the lead (CD-5).")
                break


def stretched(day: int, factor: Fraction) -> int:
    """The day of a step once its sequence is stretched: the nearest whole day, half a day up (CD-6).

    >>> [stretched(day, Fraction(3, 2)) for day in (0, 1, 3, 5)]
    [0, 2, 5, 8]
    """
    return (2 * day * factor.numerator + factor.denominator) // (2 * factor.denominator)


def _other_problems(document: CadenceDocument, channels: dict[str, Channel]) -> Iterator[Problem]:
    if document.not_before == "24:00":
        yield Problem("not_before", "'24:00'", "a time of day before midnight")
    for row in document.stretches:
        if not 0 < row.factor <= MOST_FACTOR:
            yield Problem(f"stretches[{row.id}].factor", shown(exact_text(row.factor)), f"more than 0 and at most {MOST_FACTOR}")
    for number, limit in enumerate(document.limits):
        if limit.channel not in channels:
            yield _unknown_channel(limit.channel, channels, f"limits[{number}].channel")
    for number, phrase in enumerate(document.empty_messages):
        if not _words(phrase):
            yield Problem(f"empty_messages[{number}]", shown(phrase), "at least one word")
    for number, days in enumerate(document.follow_up_days):
        if days in document.follow_up_days[:number]:
            yield Problem(f"follow_up_days[{number}]", f"{days} twice", "days that differ", "Remove one.")


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The cadences of a policy, their conditions compiled, beside the hours that they name."""

    document: CadenceDocument
    hours: calendars.Rules
    sequences: tuple[tuple[Sequence, Rule], ...]
    stretches: tuple[tuple[Stretch, Rule], ...]


def compile(document: CadenceDocument, hours: calendars.Rules, words: Vocabulary, questions: Questions) -> Rules:
    """The cadences made ready; `PolicyError` for a condition that does not fit the vocabulary, or a calendar that is none of `hours`."""
    named = [("hours", document.hours)]
    named += ((f"channels[{channel.id}].calendar", channel.calendar) for channel in document.channels if channel.calendar is not None)
    problems = []
    for path, name in named:
        if name not in hours.patterns:
            close = nearest(name, hours.patterns)
            hint = f'Did you mean "{close}"?' if close else "Add it to hours.calendars."
            problems.append(Problem(path, shown(name), one_of(hours.patterns), hint))
    if problems:
        raise PolicyError(problems)
    return Rules(
        document=document,
        hours=hours,
        sequences=tuple((row, compile_condition(row.when, words, questions)) for row in document.sequences),
        stretches=tuple((row, compile_condition(row.when, words, questions)) for row in document.stretches),
    )


# ------------------------------------------------------------------------------------------------------------ functions


def choose(rules: Rules, view: View) -> Decision[Sequence | None]:
    """The first sequence whose condition holds, or None; with a reason for each that was asked (CD-3).

    A condition that is unknown for want of a fact is no match, and its reason says so.

    >>> from datetime import UTC, datetime
    >>> from inbound_engine.facts import Lead
    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> hours = calendars.HoursDocument(calendars=[{"id": "office", "weekly": [{"days": ["monday"], "opens": "09:00", "closes": "17:00"}]}])
    >>> document = CadenceDocument(
    ...     hours="office",
    ...     channels=[{"id": "call"}],
    ...     sequences=[{"id": "calls", "when": {"op": "equals", "fact": "lead_type", "value": "call_request"}, "steps": [
    ...         {"id": f"call-{day}", "day": day, "channel": "call", "intent": "An answer to the question asked"} for day in (0, 1, 3)
    ...     ]}],
    ... )
    >>> rules = compile(document, calendars.compile(hours), compile_vocabulary(FactsDocument()), Questions())
    >>> decision = choose(rules, View(Lead(id="L-1", lead_type="call_request"), datetime(2026, 3, 2, tzinfo=UTC)))
    >>> decision.value.id, decision.because
    ('calls', (Reason(matched, 'cadence.sequences[calls]', lead_type='call_request', asked='lead_type equals "call_request"'),))
    """
    reasons: list[Reason] = []
    for sequence, rule in rules.sequences:
        answer = rule.test(view)
        code = Code.UNKNOWN if answer is None else Code.MATCHED if answer else Code.FAILED
        saw = tuple(seen for part in because(rule, view) for seen in part.saw)
        reasons.append(Reason(code, f"cadence.sequences[{sequence.id}]", saw))
        if answer:
            return Decision(sequence, tuple(reasons))
    return Decision(None, tuple(reasons))


def stretch(rules: Rules, view: View) -> Fraction:
    """The factor of the first stretch whose condition is surely true, 1 where there is none (CD-6)."""
    return next((row.factor for row, rule in rules.stretches if rule.test(view)), Fraction(1))


def active(rules: Rules, running: str | None, candidate: str) -> Decision[str]:
    """Which of two sequences goes on: the candidate where nothing runs or where it stands higher in the list, else the one that runs.

    One sequence at a time (CA-17): an equal one, or one that stands lower, waits. A name that the policy does not know is a
    `FactError`.
    """
    order = [sequence.id for sequence, _ in rules.sequences]
    for path, name in (("running", running), ("candidate", candidate)):
        if name is not None and name not in order:
            raise FactError(path, shown(name), one_of(order))
    goes = running is None or order.index(candidate) < order.index(running)
    code = Code.MATCHED if goes else Code.FAILED
    reason = Reason(code, f"cadence.sequences[{candidate}]", (Seen("running", running), Seen("candidate", candidate)))
    return Decision(candidate if goes or running is None else running, (reason,))
