"""What can go wrong?

Two things: a document that cannot mean anything (`PolicyError`, with every problem found in it) and a fact of the wrong
kind (`FactError`). Both are `InboundError` and `ValueError`; nothing else is raised on purpose. A refused move, an
unassigned lead, an unknown fact are answers, not errors.

Every message says where, what was seen, what would do, and the next step.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from attrs import frozen

__all__ = ["FactError", "InboundError", "PolicyError", "Problem", "each_of", "nearest", "of_type", "one_of", "shown"]

Kind = TypeVar("Kind")

_LISTS: Mapping[type, str] = {str: "a list of texts", object: "a list"}

_SHOWN_CHARACTERS = 80
_SHOWN_BITS = 256  # a longer integer takes long to print, and says nothing
_SHOWN_PROBLEMS = 20
_SHOWN_NAMES = 16
_FEW_NAMES = 50  # so many are compared letter for letter
_MANY_NAMES = 1_000  # more are neither compared nor sorted: thousands of misspelt names must not take minutes


class InboundError(Exception):
    """The parent of everything that this library raises on purpose."""


@frozen
class Problem:
    """One thing that is wrong: where, what was seen, what would do, and the next step.

    >>> print(Problem("tiers.rows[T1].at_least", saw="'seventy'", expected="a whole number", hint="Write 70."))
    tiers.rows[T1].at_least: saw 'seventy', expected a whole number. Write 70.
    """

    path: str
    saw: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        """The problem as one sentence, and the next step as another."""
        where = f"{self.path}: " if self.path else ""
        return f"{where}saw {self.saw}, expected {self.expected}." + (f" {self.hint}" if self.hint else "")

    def under(self, prefix: str) -> "Problem":
        """The same problem, seen from the document that holds this one.

        >>> Problem("grade", "7", "0 to 3").under("rows[0]").path
        'rows[0].grade'
        """
        joint = "" if not self.path or self.path.startswith("[") else "."
        return Problem(f"{prefix}{joint}{self.path}", self.saw, self.expected, self.hint)


class PolicyError(InboundError, ValueError):
    """A document cannot mean anything; `problems` holds every one that was found, in document order.

    >>> error = PolicyError([Problem("tiers", "nothing", "at least one tier")])
    >>> print(error)
    1 problem:
      tiers: saw nothing, expected at least one tier.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keeps the problems; the message shows the first twenty."""
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        lines = [f"{count} problem{'' if count == 1 else 's'}:"]
        lines += [f"  {problem}" for problem in self.problems[:_SHOWN_PROBLEMS]]
        if count > _SHOWN_PROBLEMS:
            lines.append(f"  and {count - _SHOWN_PROBLEMS} more, in .problems")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type["PolicyError"], tuple[tuple[Problem, ...]]]:
        """Pickles by its problems."""
        return type(self), (self.problems,)


class FactError(InboundError, ValueError):
    """A fact is of the wrong kind; `problem` says which, what was seen and what would do.

    >>> print(FactError("lead.created_at", "datetime(2026, 3, 2)", "an aware datetime", "Add tzinfo=UTC."))
    lead.created_at: saw datetime(2026, 3, 2), expected an aware datetime. Add tzinfo=UTC.
    """

    def __init__(self, path: str, saw: str, expected: str, hint: str = "") -> None:
        """Keeps the problem; the message is its sentence."""
        self.problem: Problem = Problem(path, saw, expected, hint)
        super().__init__(str(self.problem))

    def __reduce__(self) -> tuple[type["FactError"], tuple[str, str, str, str]]:
        """Pickles by its problem."""
        return type(self), (self.problem.path, self.problem.saw, self.problem.expected, self.problem.hint)


def shown(value: object) -> str:
    """A value as an error may show it: on one line, about 80 characters at most, odd letters named.

    >>> print(shown("x" * 200)[-8:])
    xxxx'...
    >>> print(shown("cоuntry"))
    'cоuntry' (with U+043E CYRILLIC SMALL LETTER O)
    >>> print(shown(None), shown(True), shown([1, 2]), shown({}))
    nothing true a list of 2 a table of 0
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value[:_SHOWN_CHARACTERS]) + ("..." if len(value) > _SHOWN_CHARACTERS else _odd_letter(value))
        case Mapping():
            return f"a table of {len(value)}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case set() | frozenset():
            return f"a set of {len(value)}"
        case bytes() | bytearray():
            return f"{len(value)} bytes"
        case int() if value.bit_length() > _SHOWN_BITS:
            return f"an integer of {value.bit_length()} bits"
        case int() | float():
            return repr(value)
        case _:
            text = " ".join(f"{type(value).__name__} {value!s}".split())
            return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def of_type(value: object, kind: type[Kind], path: str, hint: str = "") -> Kind:
    """The value, which is of that type; anything else is a `FactError` that names `path`.

    >>> of_type("acme", str, "account.id")
    'acme'
    """
    if not isinstance(value, kind):
        raise FactError(path, shown(value), "text" if kind is str else f"a value of type {kind.__name__}", hint)
    return value


def each_of(values: object, kind: type[Kind], path: str) -> Iterator[Kind]:
    """The values one after another, each of that type, so that any number may stream.

    What is no list of them is a `FactError`, and so is a value of another type, by its place: text is no list, and one value alone is
    none either.

    >>> list(each_of(["a", "b"], str, "names"))
    ['a', 'b']
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise FactError(path, shown(values), _LISTS.get(kind, f"a list of {kind.__name__}"), "Put a single one into a list.")
    for number, value in enumerate(values):
        yield value if isinstance(value, kind) else of_type(value, kind, f"{path}[{number}]")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when none is alike, or when there are too many to compare.

    >>> nearest("wieght", ["weight", "label"])
    'weight'
    >>> nearest("zebra", ["weight", "label"]) is None
    True
    """
    word, names = word[:_SHOWN_CHARACTERS], _collected(known)
    if len(names) > _MANY_NAMES:
        return None
    likely = sorted(names)
    if alike := [name for name in likely if name.casefold() == word.casefold() and name != word]:
        return alike[0]
    if len(names) > _FEW_NAMES:
        likely = [name for name in likely if name[:2] == word[:2] or name[-2:] == word[-2:]][:_FEW_NAMES]
    return next(iter(get_close_matches(word, likely, n=1)), None)


def one_of(names: Iterable[str]) -> str:
    """The names that would do, in order; of many, the first sixteen and how many there are.

    >>> one_of(["weight", "label"]), one_of([])
    ('one of label, weight', 'nothing: there are none')
    """
    known = _collected(names)
    if not known:
        return "nothing: there are none"
    if len(known) > _MANY_NAMES:
        return f"one of {len(known)} names"
    known = sorted(known)
    more = f", ... ({len(known)} in all)" if len(known) > _SHOWN_NAMES else ""
    return f"one of {', '.join(known[:_SHOWN_NAMES])}{more}"


def _collected(names: Iterable[str]) -> Collection[str]:
    return names if isinstance(names, Collection) else tuple(names)


def _odd_letter(text: str) -> str:
    """Names the first foreign letter of a word that also has Latin ones: look-alikes are invisible otherwise."""
    odd = next((letter for letter in text if letter.isalpha() and not letter.isascii()), None)
    if odd is None or not any(letter.isascii() and letter.isalpha() for letter in text):
        return ""
    return f" (with U+{ord(odd):04X} {unicodedata.name(odd, 'unnamed')})"
