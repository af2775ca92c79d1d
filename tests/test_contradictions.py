"""Conditions that no lead can meet, and those that nobody may call so."""

import pytest

from inbound_engine.conditions import Always, AnyCondition, count, fact
from inbound_engine.contradictions import Search, excludes, impossible
from inbound_engine.money import Money
from inbound_engine.signals import ActivityFilter
from tests.strategies import AT
from tests.work import at_most

ALWAYS = Always(op="always")
EMPLOYEES, COUNTRY, TITLE, REVENUE = fact("employees"), fact("country"), fact("title"), fact("annual_revenue")
CREATED, PARTNER, TAGS, PLAN = fact("created_at"), fact("partner"), fact("tags"), fact("plan")
VISITS, PAGES = ActivityFilter(kinds=("visit",)), ActivityFilter(kinds=("page_view",))
FIVE_EUROS, SIX_EUROS, FIVE_DOLLARS = Money(500, "EUR"), Money(600, "EUR"), Money(500, "USD")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(EMPLOYEES.at_least(50), EMPLOYEES.less_than(50), id="the end belongs to one"),
        pytest.param(EMPLOYEES.more_than(50), EMPLOYEES.at_most(50), id="the end belongs to the other"),
        pytest.param(EMPLOYEES.between(1, 5), EMPLOYEES.between(6, 9), id="ranges apart"),
        pytest.param(EMPLOYEES.between(1, 5), ~EMPLOYEES.between(0, 6), id="outside a wider range"),
        pytest.param(EMPLOYEES.equals(5), EMPLOYEES.differs(5), id="equal and not"),
        pytest.param(EMPLOYEES.equals(5), ~EMPLOYEES.at_least(5), id="a comparison turned round"),
        pytest.param(EMPLOYEES.is_in(1, 2), EMPLOYEES.is_in(3, 4), id="lists apart"),
        pytest.param(EMPLOYEES.is_in(1, 2), EMPLOYEES.at_least(3), id="a list below a range"),
        pytest.param(EMPLOYEES.between(5, 5), ~EMPLOYEES.is_in(5), id="the only value is excluded"),
        pytest.param(EMPLOYEES.at_least(9) | EMPLOYEES.at_most(1), EMPLOYEES.between(2, 8), id="between two ends"),
        pytest.param(EMPLOYEES.is_known(), EMPLOYEES.is_unknown(), id="known and unknown"),
        pytest.param(EMPLOYEES.at_least(0), ~EMPLOYEES.is_known(), id="compared and unknown"),
        pytest.param(~EMPLOYEES.is_unknown(), ~EMPLOYEES.is_known(), id="neither known nor unknown"),
        pytest.param(COUNTRY.equals("DE"), COUNTRY.equals("AT"), id="two texts"),
        pytest.param(COUNTRY.equals("DE"), ~COUNTRY.is_in("DE", "AT"), id="a text outside a list that has it"),
        pytest.param(COUNTRY.is_in("DE", "AT"), COUNTRY.is_in("FR", "GB"), id="texts apart"),
        pytest.param(TITLE.equals("VP Sales"), TITLE.contains("CEO"), id="a text without those letters"),
        pytest.param(TITLE.equals("VP Sales"), TITLE.starts_with("CEO"), id="a text that starts otherwise"),
        pytest.param(TITLE.equals("VP Sales"), TITLE.ends_with("CEO"), id="a text that ends otherwise"),
        pytest.param(TITLE.equals("VP Sales"), ~TITLE.ends_with("Sales"), id="a text that must not end so"),
        pytest.param(TITLE.contains("VP"), ~TITLE.contains("VP"), id="letters and not"),
        pytest.param(TAGS.overlaps("a"), ~TAGS.overlaps("a"), id="a set and not"),
        pytest.param(PARTNER.equals(value=True), PARTNER.equals(value=False), id="yes and no"),
        pytest.param(PARTNER.differs(value=True), ~PARTNER.equals(value=False), id="neither yes nor no"),
        pytest.param(REVENUE.at_least(SIX_EUROS), REVENUE.at_most(FIVE_EUROS), id="amounts apart"),
        pytest.param(REVENUE.equals(FIVE_EUROS), REVENUE.at_least(FIVE_DOLLARS), id="amounts of two currencies"),
        pytest.param(REVENUE.at_least(FIVE_EUROS), REVENUE.at_least(FIVE_DOLLARS), id="ranges of two currencies"),
        pytest.param(REVENUE.differs(FIVE_EUROS), REVENUE.differs(FIVE_DOLLARS), id="even what differs is compared in one currency"),
        pytest.param(CREATED.at_least(AT), CREATED.less_than(AT), id="instants apart"),
        pytest.param(CREATED.within(7), CREATED.older_than(7), id="within the week and older"),
        pytest.param(CREATED.within(7), CREATED.older_than(30), id="within the week and older than a month"),
        pytest.param(count(VISITS, at_least=3), count(VISITS, at_most=2), id="counts apart"),
        pytest.param(count(VISITS, at_least=3, within_days=7), count(VISITS, at_most=2, within_days=30), id="fewer in more days"),
        pytest.param(count(VISITS, at_least=3, within_days=7), count(VISITS, at_most=2), id="fewer ever"),
        pytest.param(count(VISITS, at_least=3), ~count(VISITS, at_least=3), id="a count and not"),
        pytest.param(count(VISITS, at_least=1, at_most=2), ~count(VISITS, at_most=2), id="a count outside its ends"),
        pytest.param(ALWAYS, ~ALWAYS, id="never"),
        pytest.param(COUNTRY.equals("DE") & EMPLOYEES.at_least(5), EMPLOYEES.at_most(4) & TITLE.contains("x"), id="inside all"),
        pytest.param(COUNTRY.equals("DE") | COUNTRY.equals("AT"), ~(COUNTRY.equals("DE") | COUNTRY.equals("AT")), id="any, and not"),
        pytest.param(~(COUNTRY.equals("DE") & EMPLOYEES.at_least(5)), COUNTRY.equals("DE") & EMPLOYEES.at_least(5), id="not all, and all"),
    ],
)
def test_what_excludes_each_other_is_found(first: AnyCondition, second: AnyCondition) -> None:
    assert excludes(first, second)
    assert excludes(second, first)
    assert impossible(first & second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(EMPLOYEES.at_least(50), EMPLOYEES.at_most(50), id="both ends belong"),
        pytest.param(EMPLOYEES.more_than(5), EMPLOYEES.less_than(6), id="a fact that is no whole number lies between"),
        pytest.param(EMPLOYEES.at_least(0), ~EMPLOYEES.is_in(1, 2), id="not those two"),
        pytest.param(EMPLOYEES.between(0, 10), ~EMPLOYEES.is_in(0, 5, 10), id="all that is named is excluded, not what is between"),
        pytest.param(EMPLOYEES.differs(5), EMPLOYEES.differs(6), id="two that differ"),
        pytest.param(EMPLOYEES.is_unknown(), COUNTRY.equals("DE"), id="two facts"),
        pytest.param(EMPLOYEES.is_unknown(), ~EMPLOYEES.is_known(), id="unknown twice"),
        pytest.param(PLAN.equals("1.0"), PLAN.equals("1"), id="the same number"),
        pytest.param(PLAN.equals("1.0"), PLAN.differs("1"), id="other letters"),
        pytest.param(PLAN.equals("5"), PLAN.differs("five"), id="a number and a word"),
        pytest.param(COUNTRY.differs("DE"), COUNTRY.differs("AT"), id="neither text"),
        pytest.param(TITLE.contains("VP"), TITLE.contains("CEO"), id="letters of both"),
        pytest.param(TITLE.starts_with("VP"), ~TITLE.starts_with("CEO"), id="letters are not compared"),
        pytest.param(TAGS.contains("a"), TAGS.contains("b"), id="a set with both"),
        pytest.param(TAGS.overlaps("a"), TAGS.overlaps("b"), id="sets that share with both"),
        pytest.param(TAGS.overlaps("1"), TAGS.overlaps("2"), id="sets of digits"),
        pytest.param(PARTNER.differs(value=True), PARTNER.equals(value=False), id="no, twice"),
        pytest.param(CREATED.within(30), CREATED.older_than(7), id="between a week and a month"),
        pytest.param(CREATED.within(7), ~CREATED.older_than(7), id="not older"),
        pytest.param(CREATED.at_least(AT), CREATED.within(7), id="an instant and days"),
        pytest.param(CREATED.more_than("0001-01-01T00:00:00Z"), CREATED.less_than("9999-12-31T23:59:59Z"), id="the first and the last"),
        pytest.param(count(VISITS, at_least=3), count(VISITS, at_most=2, within_days=7), id="fewer in a week"),
        pytest.param(count(VISITS, at_least=3), count(PAGES, at_most=2), id="counts of different things"),
        pytest.param(count(VISITS, at_least=3), count(VISITS, at_most=3), id="exactly three"),
        pytest.param(REVENUE.at_least(FIVE_EUROS), REVENUE.at_most(SIX_EUROS), id="amounts that meet"),
        pytest.param(ALWAYS, ALWAYS, id="always"),
    ],
)
def test_what_may_hold_together_is_not_called_impossible(first: AnyCondition, second: AnyCondition) -> None:
    assert not excludes(first, second)
    assert not excludes(second, first)
    assert not impossible(first & second)


def test_a_count_that_is_never_under_nothing_is_impossible() -> None:
    assert impossible(~count(VISITS, at_least=0))


def test_a_huge_condition_is_not_searched_to_the_end() -> None:
    """What is left over is taken to be possible; it takes no minutes."""
    wide: AnyCondition = EMPLOYEES.equals(0) | EMPLOYEES.equals(1)
    for number in range(2, 40):
        wide &= fact("seats").equals(number) | fact("seats").equals(number + 1)
    with at_most(1_000_000):
        assert not impossible(EMPLOYEES.is_in(*range(2_000)) & EMPLOYEES.is_in(*range(3_000, 5_000)))
        assert not impossible(count(VISITS, at_least=1) & ~(wide | wide))


def test_a_search_that_is_used_up_finds_nothing_more() -> None:
    spent = Search(0)
    assert not spent.impossible([COUNTRY.equals("DE"), COUNTRY.equals("AT")])
    assert not spent.impossible([~ALWAYS])
    assert spent.steps < 0
