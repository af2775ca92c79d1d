"""What is a decision, and what is a reason?

A decision is a value with the reasons that made it. A reason is a stable code, the rule that spoke (by its path in the
policy) and what that rule saw. Codes are API: programs read them; sentences are for people and may be reworded.
Whatever a reason saw of a person is marked personal: no `repr`, no notebook table and no redacted record shows it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from html import escape
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

__all__ = ["HIDDEN", "Code", "Decision", "Plain", "Reason", "Seen", "decimal_text", "html_table", "plain", "sentence"]

T_co = TypeVar("T_co", covariant=True)

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]
"""What JSON can say without loss: no floats, for nothing here is approximate."""

HIDDEN = "(personal)"
"""What stands where a personal fact was left out."""


class Code(StrEnum):
    """What a rule said. A code never changes its meaning; new ones may come."""

    MATCHED = "matched"
    """The rule's condition holds."""
    FAILED = "failed"
    """The rule's condition does not hold."""
    UNKNOWN = "unknown"
    """The rule could not be read for want of a fact."""
    GRADED = "graded"
    """A criterion earned a grade, or a row its points."""
    CLAMPED = "clamped"
    """A floor or a cap changed the sum."""
    MISSING = "missing"
    """A criterion could not be graded for want of a fact."""
    REACHED = "reached"
    """A score reaches a threshold."""
    SHORT = "short"
    """A score stays under a threshold."""
    RAISED = "raised"
    """A floor lifted the tier above what the scores say."""
    SWITCHED_OFF = "switched_off"
    """A rule would have spoken, but the policy has it switched off."""
    QUALIFIED = "qualified"
    """A clause makes the lead a marketing-qualified lead (MQL)."""
    HELD = "held"
    """The lead is an MQL that marketing keeps."""
    NOT_QUALIFIED = "not_qualified"
    """No clause makes the lead an MQL."""
    PENDING = "pending"
    """A clock starts later."""
    RUNNING = "running"
    """A clock runs, and its deadline lies ahead."""
    PAUSED = "paused"
    """A clock stands still."""
    MET = "met"
    """An answer came before the deadline."""
    BREACHED = "breached"
    """No answer came before the deadline."""
    CANCELLED = "cancelled"
    """Nobody is owed an answer any more."""
    SUPERSEDED = "superseded"
    """Another clock took over before anything was decided."""
    DUE = "due"
    """A step of the escalation ladder has come."""
    RETRACTED = "retracted"
    """A step came and is not owed any more: what ended the clock was logged late."""


@frozen
class Seen:
    """A name and what was seen under it; `personal` values show only where a caller asks for them.

    >>> Seen("employees", 240), Seen("email", "ana@acme.example", personal=True)
    (Seen('employees', 240), Seen('email', (personal)))
    """

    name: str
    value: object
    personal: bool = False

    def __repr__(self) -> str:
        """The name and the value, personal values left out."""
        return f"Seen({self.name!r}, {HIDDEN if self.personal else repr(self.value)})"


@frozen
class Reason:
    """One rule, and what it saw.

    >>> Reason(Code.GRADED, "scoring.selection.company_size", (Seen("grade", 3), Seen("employees", 240)))
    Reason(graded, 'scoring.selection.company_size', grade=3, employees=240)
    """

    code: Code
    rule: str
    saw: tuple[Seen, ...] = ()

    def __repr__(self) -> str:
        """One line, personal values left out."""
        saw = "".join(f", {seen.name}={HIDDEN if seen.personal else repr(seen.value)}" for seen in self.saw)
        return f"Reason({self.code.value}, {self.rule!r}{saw})"

    def __str__(self) -> str:
        """The reason in words, personal values left out; see `sentence`."""
        return sentence(self)

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The reason as plain data; with `redact`, personal values become "(personal)". What was seen twice is a list.

        >>> Reason(Code.MATCHED, "clause", (Seen("email", "ana@acme.example", personal=True),)).to_dict(redact=True)
        {'code': 'matched', 'rule': 'clause', 'saw': {'email': '(personal)'}}
        """
        values: dict[str, list[Plain]] = {}
        for seen in self.saw:
            values.setdefault(seen.name, []).append(HIDDEN if redact and seen.personal else plain(seen.value))
        saw: dict[str, Plain] = {name: several if len(several) > 1 else several[0] for name, several in values.items()}
        return {"code": self.code.value, "rule": self.rule, "saw": saw}


@frozen(weakref_slot=False)
class Decision(Generic[T_co]):
    """A value, and every rule that had a say, in the order asked.

    >>> Decision("T2", (Reason(Code.REACHED, "tiers.T2"),)).value
    'T2'
    """

    value: T_co
    because: tuple[Reason, ...] = ()


def plain(value: object) -> Plain:
    """A value as JSON-able data, the same on every machine: sets sorted, instants in UTC, exact numbers as text.

    >>> plain((Fraction(7, 3), frozenset({"b", "a"}), datetime(2026, 3, 2, tzinfo=UTC)))
    ['7/3', ['a', 'b'], '2026-03-02T00:00:00Z']
    """
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return f"{value // timedelta(microseconds=1)} us"
        case Fraction() | Decimal() | ZoneInfo():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in sorted(value.items())}
        case frozenset() | set():
            return [plain(item) for item in sorted(value)]
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            cls = type(value)
            if not attrs.has(cls):
                message = f"{cls.__name__} has no plain form"
                raise TypeError(message)
            return {name: plain(getattr(value, name)) for name in attrs.fields_dict(cls) if not name.startswith("_")}


_SAYS: Mapping[Code, str] = {
    Code.MATCHED: "holds",
    Code.FAILED: "does not hold",
    Code.UNKNOWN: "is unknown",
    Code.GRADED: "is graded",
    Code.CLAMPED: "was limited",
    Code.MISSING: "wants a fact",
    Code.REACHED: "is reached",
    Code.SHORT: "is not reached",
    Code.RAISED: "lifted the tier",
    Code.SWITCHED_OFF: "is switched off",
    Code.QUALIFIED: "makes an MQL",
    Code.HELD: "makes an MQL that marketing keeps",
    Code.NOT_QUALIFIED: "makes no MQL",
    Code.PENDING: "has not started",
    Code.RUNNING: "is running",
    Code.PAUSED: "is paused",
    Code.MET: "was met",
    Code.BREACHED: "was missed",
    Code.CANCELLED: "was cancelled",
    Code.SUPERSEDED: "was superseded",
    Code.DUE: "is due",
    Code.RETRACTED: "is not owed any more",
}


def sentence(reason: Reason, *, personal: bool = False) -> str:
    """The reason in words; values that tell something of a person only on request. Wording may change, codes do not.

    >>> sentence(Reason(Code.SHORT, "tiers.rows[T1]", (Seen("points", Fraction(200, 3)), Seen("at_least", Fraction(70)))))
    'tiers.rows[T1] is not reached: points 66.67, at least 70.'
    """
    shown = (f"{seen.name.replace('_', ' ')} {_said(seen, personal=personal)}" for seen in reason.saw)
    said = ", ".join(shown)
    return f"{reason.rule} {_SAYS[reason.code]}{': ' + said if said else ''}."


def _said(seen: Seen, *, personal: bool) -> str:
    match seen.value:
        case None:
            return "unknown"
        case _ if seen.personal and not personal:
            return HIDDEN
        case bool():
            return str(seen.value).lower()
        case Fraction() as number:
            return decimal_text(number)
        case frozenset() as members:
            return ", ".join(sorted(map(str, members))) or "none"
        case datetime() as at:
            return f"{at.astimezone(UTC).isoformat(' ', 'minutes')[:16]} UTC"
        case value:
            return str(value)


def decimal_text(value: Fraction | int, places: int = 2) -> str:
    """An exact number for people: rounded half to even at `places` decimals, without trailing zeros.

    >>> decimal_text(Fraction(250, 3)), decimal_text(70), decimal_text(Fraction(-1, 8))
    ('83.33', '70', '-0.12')
    """
    scaled = round(Fraction(value) * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    digits = f"{rest:0{places}d}".rstrip("0") if places else ""
    return f"{'-' if scaled < 0 else ''}{whole}{'.' + digits if digits else ''}"


def html_table(caption: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A compact table for a notebook; every cell is escaped, so that hostile text stays text.

    >>> html_table("Tiers", ["tier"], [["<T1>"]])
    '<table><caption>Tiers</caption><thead><tr><th>tier</th></tr></thead><tbody><tr><td>&lt;T1&gt;</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(str(cell))}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
