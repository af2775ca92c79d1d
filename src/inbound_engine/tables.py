"""Which rows match, and is the table sound?

A table is a list of rows, each with a condition. It is read by one of three hit policies: `first` (the first row that is
true), `only` (the same, and rows that can be true together are a finding) or `every` (all rows that are true). A row that is
unknown may still match: a table says which row it answers with when that is sure, and which rows are possible when it is not.

Loading a table can be followed by `findings`: rows that an earlier row already covers, twins, rows that are always true
before the last. They are legal and usually not meant.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal, TypeAlias

from attrs import frozen

from inbound_engine.conditions import Always, AnyCondition, Rule
from inbound_engine.implications import Proofs
from inbound_engine.vocabulary import View

__all__ = ["Finding", "Hit", "Match", "every", "findings", "first"]

Hit: TypeAlias = Literal["first", "only", "every"]

_MOST_STEPS = 100_000  # for tables that people write, far more than it takes; a huge one is not searched to the end


@frozen
class Finding:
    """Something in a policy that is legal and probably not meant: a stable code, where, and what to do.

    >>> print(Finding("row-covered", "rows[1]", "rows[0] matches wherever this row does", "Move it up or remove it."))
    row-covered: rows[1]: rows[0] matches wherever this row does. Move it up or remove it.
    """

    code: str
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """The finding as one line."""
        return f"{self.code}: {self.path}: {self.message}." + (f" {self.hint}" if self.hint else "")


@frozen
class Match:
    """What a table answers: the row where that is sure, and every row that is still possible.

    `row` is the number of the first matching row, None when none matches or when it is not sure. `possible` holds the
    numbers of the rows that may be the answer, and `otherwise` says whether none of them may be: a sure answer has exactly
    one of these.
    """

    row: int | None
    possible: tuple[int, ...]
    otherwise: bool


def first(rules: Sequence[Rule], view: View) -> Match:
    """The first row that is true; rows that are unknown before it stay possible."""
    possible: list[int] = []
    for number, rule in enumerate(rules):
        answer = rule.test(view)
        if answer:
            sure = not possible
            return Match(number if sure else None, (*possible, number), otherwise=False)
        if answer is None:
            possible.append(number)
    return Match(None, tuple(possible), otherwise=True)


def every(rules: Sequence[Rule], view: View) -> tuple[bool | None, ...]:
    """The answer of each row, in order."""
    return tuple(rule.test(view) for rule in rules)


def findings(rows: Sequence[tuple[str, AnyCondition]], path: str, hit: Hit = "first") -> tuple[Finding, ...]:
    """What is odd about a table; rows are (id, condition), in order.

    Nothing that is found is wrong for sure of what is meant, and everything that is found is true of what is written: a row
    is called covered only where that can be shown.

    >>> from inbound_engine.conditions import fact
    >>> rows = [("big", fact("employees").at_least(50)), ("bigger", fact("employees").at_least(500))]
    >>> [finding.code for finding in findings(rows, "rows")]
    ['row-covered']
    """
    found: list[Finding] = []
    seen: dict[AnyCondition, int] = {}
    proofs = Proofs(_MOST_STEPS)
    for number, (name, condition) in enumerate(rows):
        here, twin = f"{path}[{name}]", seen.setdefault(condition, number)
        if twin < number:
            found.append(Finding("row-twin", here, f"it asks the same as {path}[{rows[twin][0]}]", "Remove one of them."))
        elif hit != "every":
            found.extend(islice(_against(rows, number, path, hit, proofs), 1))
        if isinstance(condition, Always) and hit == "first" and number < len(rows) - 1:
            found.append(Finding("row-always", here, "no later row is ever asked", "Move it to the end."))
    return tuple(found)


def _against(rows: Sequence[tuple[str, AnyCondition]], number: int, path: str, hit: Hit, proofs: Proofs) -> Iterator[Finding]:
    """What is odd about a row beside the rows before it."""
    name, condition = rows[number]
    for earlier, other in rows[:number]:
        if proofs.steps <= 0:
            return
        if hit == "first" and proofs.shows(condition, other):
            message = f"{path}[{earlier}] matches wherever this row does"
            yield Finding("row-covered", f"{path}[{name}]", message, "Move it up or remove it.")
        elif hit == "only" and (proofs.shows(condition, other) or proofs.shows(other, condition)):
            message = f"it can match together with {path}[{earlier}]"
            yield Finding("row-overlap", f"{path}[{name}]", message, "Make them exclude each other.")
