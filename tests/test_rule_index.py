"""From a rule to its policy, code, tests and pages: the index is what the repository says, and every rule that is built has a test."""

import re
from textwrap import dedent

import pytest

from tests import rule_index
from tests.places import CASES, ROOT, needs_cases

SHARED = CASES.parent  # the rules and their semantics lie beside the cases


@pytest.fixture(scope="module")
def page() -> str:
    return rule_index.page()


@pytest.fixture(scope="module")
def held() -> set[str]:
    return rule_index.tests_held()


def test_the_page_is_what_the_repository_says(page: str) -> None:
    assert rule_index.PAGE.read_text(encoding="utf-8") == page, "run `make rules`"


def test_every_rule_that_is_built_has_a_test(held: set[str]) -> None:
    """One of whose functions names it."""
    assert [rule for rule in rule_index.BUILT if rule not in held] == []


def test_a_rule_that_a_test_holds_is_built(held: set[str]) -> None:
    """Whoever builds a rule takes it from the list of those that are not."""
    assert held & rule_index.LATER == set()


def test_no_rule_is_named_that_there_is_not() -> None:
    """A slip in an id would lead nowhere."""
    known = set(rule_index.rules())
    named = {
        (path.relative_to(ROOT).as_posix(), rule)
        for folder, pattern in (("src", "*.py"), ("docs", "*.md"), ("tests", "*.py"))
        for path in (ROOT / folder).rglob(pattern)
        if path.name != "test_rule_index.py"
        for rule in rule_index.cited(path.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted((path, rule) for path, rule in named if rule not in known) == []


@needs_cases
def test_the_rules_are_those_of_the_documents() -> None:
    """The rule book and the two books of semantics, number for number."""
    texts = [(SHARED / name).read_text(encoding="utf-8") for name in ("RULES.md", "SEMANTICS-time-routing.md", "SEMANTICS-attribution.md")]
    stated = re.findall(r"^(?:- \*\*|\| )([A-Z]{2}-[0-9]+)\b", "\n".join(texts), re.MULTILINE)
    goals = {rule for rule in stated if rule.startswith("AP-")}  # speeds of attribution, which benchmarks measure
    assert sorted(set(stated) - goals) == sorted(rule_index.rules())


# ----------------------------------------------------------------------------------------------------------- the reader


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("TI-2: of two tiers", {"TI-2"}),
        ("SC-4 to SC-6, FD-3", {"SC-4", "SC-5", "SC-6", "FD-3"}),
        ("SC-4 to TI-2", {"SC-4", "TI-2"}),
        ("RO-5 to 7", {"RO-5", "RO-6", "RO-7"}),
        ("CA-10", {"CA-10"}),
        ("ISO-8601, TV-2026, T1-2, X-TI-2x, TI-0, TI-", set()),
    ],
)
def test_a_text_names_rules(text: str, rules: set[str]) -> None:
    assert rule_index.cited(text) == rules


HELD = dedent(
    '''
    """TI-1 to TI-5: a table."""
    ROWS = ["SC-1"]

    # FD-1
    @pytest.mark.parametrize("row", ["SC-2"])
    def test_tm2_a_row_holds():
        """LC-1 to LC-3."""  # AD-4

    def helper():
        """SC-3."""

    class Life:
        @rule(at=INSTANTS)
        def something_happens(self):
            """RT-5."""

        @invariant()
        def nobody_is_lost(self):
            """RT-6."""

        @property
        def other(self):
            """RT-7."""
    '''
)


def test_a_rule_is_held_where_a_test_names_it_and_nowhere_else() -> None:
    """Not by the words above a file, by a helper, or between two ends."""
    assert rule_index.held(HELD) == {"SC-2", "TM-2", "LC-1", "LC-3", "AD-4", "RT-5", "RT-6"}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("SL-3", "sla.tables[first_response].rows[T1].ladder[escalate]"),
        ("SC-4", "scoring.criteria[industry]"),
        ("SC-11", "facts.declared[predictive_score]"),
        ("LC-5", "lifecycle.machines[lead].events[rejected]"),
    ],
)
def test_a_rule_leads_to_the_policy(rule: str, path: str) -> None:
    """Typed by hand from the playbook."""
    assert path in rule_index.policy_paths()[rule]


@pytest.mark.parametrize(
    ("rule", "cell"),
    [
        ("TI-5", "[`outlook`](outlook.md)"),
        ("CD-7", "`test_segment.py`"),
        ("TM-2", "`test_hours.py`"),
        ("SC-6", "[explanation/interpretations](../explanation/interpretations.md)"),
        ("SC-11", "`facts.declared[predictive_score]`"),
    ],
)
def test_a_row_has_what_names_the_rule(page: str, rule: str, cell: str) -> None:
    row = next(line for line in page.splitlines() if line.startswith(f"| {rule} |"))
    assert cell in row


def test_what_is_not_built_is_said(page: str) -> None:
    assert "\nNot built: CB-1, CB-2, CB-3, CB-4, CB-5, CB-6.\n" in page
