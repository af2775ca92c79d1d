"""Tables: which row answers while facts are missing, and what is odd about a table."""

from datetime import UTC, datetime

import pytest

from inbound_engine.conditions import Always, AnyCondition, Questions, compile, count, fact
from inbound_engine.facts import Account, Lead
from inbound_engine.signals import ActivityFilter
from inbound_engine.tables import Finding, Hit, Match, every, findings, first
from inbound_engine.vocabulary import FactsDocument, View
from inbound_engine.vocabulary import compile as compile_vocabulary
from tests.work import at_most

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS = compile_vocabulary(FactsDocument())
ALWAYS = Always(op="always")

# Yes, no and unknown to the lead below.
YES, NO, OPEN = fact("country").equals("DE"), fact("country").equals("FR"), fact("industry").equals("saas")
SEEN = View(Lead(id="L-1", country="DE", account=Account(id="A", employees=240)), AT)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([], Match(None, (), otherwise=True)),
        ([NO], Match(None, (), otherwise=True)),
        ([YES], Match(0, (0,), otherwise=False)),
        ([NO, YES], Match(1, (1,), otherwise=False)),
        ([YES, YES], Match(0, (0,), otherwise=False)),
        ([YES, OPEN], Match(0, (0,), otherwise=False)),
        ([OPEN], Match(None, (0,), otherwise=True)),
        ([OPEN, NO], Match(None, (0,), otherwise=True)),
        ([OPEN, YES], Match(None, (0, 1), otherwise=False)),
        ([NO, OPEN, OPEN, YES, OPEN], Match(None, (1, 2, 3), otherwise=False)),
    ],
)
def test_the_first_row_that_holds_answers_where_that_is_sure(rows: list[AnyCondition], match: Match) -> None:
    assert first([compile(row, WORDS, Questions()) for row in rows], SEEN) == match


def test_every_row_answers_for_itself() -> None:
    assert every([compile(row, WORDS, Questions()) for row in (YES, NO, OPEN)], SEEN) == (True, False, None)


BIG, BIGGER = fact("employees").at_least(50), fact("employees").at_least(500)
VISITS = count(ActivityFilter(kinds=("visit",)), at_least=1)


def covered(row: str, by: str) -> Finding:
    return Finding("row-covered", f"rows[{row}]", f"rows[{by}] matches wherever this row does", "Move it up or remove it.")


def twin(row: str, of: str) -> Finding:
    return Finding("row-twin", f"rows[{row}]", f"it asks the same as rows[{of}]", "Remove one of them.")


def overlapping(row: str, other: str) -> Finding:
    return Finding("row-overlap", f"rows[{row}]", f"it can match together with rows[{other}]", "Make them exclude each other.")


@pytest.mark.parametrize(
    ("rows", "hit", "found"),
    [
        ([], "first", []),
        ([("big", BIG), ("german", YES)], "first", []),
        ([("bigger", BIGGER), ("big", BIG)], "first", []),
        ([("big", BIG), ("bigger", BIGGER)], "first", [covered("bigger", "big")]),
        ([("big", BIG), ("bigger", BIGGER)], "every", []),
        ([("big", BIG), ("bigger", BIGGER)], "only", [overlapping("bigger", "big")]),
        ([("bigger", BIGGER), ("big", BIG)], "only", [overlapping("big", "bigger")]),
        ([("german", YES), ("french", NO)], "only", []),
        ([("big", BIG), ("visits", VISITS), ("again", VISITS)], "first", [twin("again", "visits")]),
        ([("big", BIG), ("again", BIG)], "every", [twin("again", "big")]),
        ([("big", BIG), ("again", BIG)], "only", [twin("again", "big")]),
        ([("big", BIG), ("german", YES), ("both", YES & BIGGER)], "first", [covered("both", "big")]),
        ([("rest", ALWAYS)], "first", []),
        ([("big", BIG), ("rest", ALWAYS)], "first", []),
        (
            [("rest", ALWAYS), ("big", BIG)],
            "first",
            [Finding("row-always", "rows[rest]", "no later row is ever asked", "Move it to the end."), covered("big", "rest")],
        ),
        ([("rest", ALWAYS), ("big", BIG)], "every", []),
    ],
)
def test_what_is_odd_about_a_table_is_found(rows: list[tuple[str, AnyCondition]], hit: Hit, found: list[Finding]) -> None:
    assert list(findings(rows, "rows", hit)) == found


def test_a_finding_reads_as_one_line() -> None:
    assert str(twin("b", "a")) == "row-twin: rows[b]: it asks the same as rows[a]. Remove one of them."
    assert str(Finding("code", "path", "message")) == "code: path: message."


def test_a_huge_table_is_not_searched_for_ever() -> None:
    with at_most(12_000_000):
        rows: list[tuple[str, AnyCondition]] = [(str(number), fact("employees").at_least(number)) for number in range(5_000, 0, -1)]
        assert findings(rows, "rows") == ()
        assert [finding.code for finding in findings([*rows, ("again", rows[0][1])], "rows")] == ["row-twin"]
