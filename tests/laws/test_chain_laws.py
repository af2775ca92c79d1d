"""What holds for every chain and every campaign table: nothing is lost, nothing is invented, no order matters."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import budgets, chain, returns
from inbound_engine.attribution import Credit
from inbound_engine.budgets import Campaign, Spend
from inbound_engine.facts import Activity, Contact, Lead, Opportunity
from inbound_engine.money import Money, total
from inbound_engine.returns import Basis, Period
from inbound_engine.spans import zone
from tests.deals import credited, deal, on, people, ready, record, touch

CAMPAIGNS = [Campaign(id=name, links=(f"camp-{name}",)) for name in "abc"]
DAYS = st.dates(date(2025, 12, 1), date(2027, 1, 31))
SPENDS = st.builds(
    lambda name, minor, since, days: Spend(campaign_id=name, amount=Money(minor, "EUR"), since=since, until=since + timedelta(days=days)),
    st.sampled_from(["a", "b", "gone", None]),
    st.integers(-10_000, 10_000),
    DAYS,
    st.integers(1, 400),
)
VALUES = st.sampled_from([None, "camp-a", "CAMP-B", "camp-c", "brand"])
WHO = st.sampled_from(["ana", "ben", "cleo", "nobody", None])
TOUCHES = st.lists(st.tuples(st.integers(1, 12), VALUES, WHO), max_size=6)
DEALS = st.lists(st.tuples(st.integers(-10_000, 10_000), st.sampled_from([True, True, False, None]), TOUCHES), max_size=6)
LEADS = st.lists(st.tuples(st.sampled_from(["ana", "ben", None]), st.sampled_from(["linkedin", None]), st.integers(1, 12)), max_size=5)
HISTORIES = st.lists(st.lists(st.sampled_from(["MQL", "SAL", "SQL", "NURTURE"]), max_size=4), max_size=5)
CONTACTS = [Contact(id=name) for name in ("ana", "ben", "cleo")]

Drawn = list[tuple[int, bool | None, list[tuple[int, str | None, str | None]]]]


def deals_of(drawn: Drawn) -> list[tuple[Opportunity, list[Activity]]]:
    return [
        (
            deal(f"D-{number}", Money(minor, "EUR"), won=won),
            [touch(f"t-{number}-{place}", month, value, who=who) for place, (month, value, who) in enumerate(touches)],
        )
        for number, (minor, won, touches) in enumerate(drawn)
    ]


def credits_of(drawn: Drawn) -> list[Credit]:
    return credited(deals_of(drawn), "w_shaped")


def leads_of(drawn: list[tuple[str | None, str | None, int]]) -> list[Lead]:
    return [
        Lead(id=f"L-{number}", contact_id=who, source=source, created_at=on(month)) for number, (who, source, month) in enumerate(drawn)
    ]


@given(DEALS, LEADS, st.lists(SPENDS, max_size=3), st.randoms(use_true_random=False))
def test_what_comes_in_goes_on_or_falls_off_at_every_link(
    drawn: Drawn, leads: list[tuple[str | None, str | None, int]], spends: list[Spend], lots: Random
) -> None:
    """AD-30: and the order of deals, leads, campaigns and spends changes nothing of it."""
    budget, who, made = ready(CAMPAIGNS, spends), people(leads_of(leads), CONTACTS), credits_of(drawn)
    found = chain.trace(budget, who, made, currency="EUR")
    won = total((credit.amount for credit in made if credit.total == "revenue"), "EUR")
    assert found.came_in == won == found.links[0].arrived
    for link, following in zip(found.links, (*found.links[1:], None), strict=True):
        assert link.arrived == link.passed + total((line.amount for line in link.fallen), "EUR")
        assert following is None or link.passed == following.arrived
        assert following is None or link.lines == following.lines + len(link.fallen)
    assert found.reached == total((amount for _, amount in found.campaigns), "EUR")
    mixed = [*made]
    lots.shuffle(mixed)
    again = chain.trace(ready(CAMPAIGNS[::-1], spends[::-1]), people(leads_of(leads)[::-1], CONTACTS[::-1]), mixed, currency="EUR")
    assert (again.came_in, again.campaigns) == (found.came_in, found.campaigns)
    assert [(link.lines, link.arrived, link.reasons) for link in again.links] == [
        (link.lines, link.arrived, link.reasons) for link in found.links
    ]


@given(DEALS, LEADS)
def test_deal_by_deal_is_the_same_as_all_at_once(drawn: Drawn, leads: list[tuple[str | None, str | None, int]]) -> None:
    budget, who, made = ready(CAMPAIGNS, [budgets_of("a"), budgets_of("b")]), people(leads_of(leads), CONTACTS), credits_of(drawn)
    whole = chain.trace(budget, who, made, currency="EUR")
    parts = [chain.trace(budget, who, [one], currency="EUR") for one in made]
    for place, link in enumerate(whole.links):
        assert link.arrived == total((part.links[place].arrived for part in parts), "EUR")
        assert link.fallen == tuple(line for part in parts for line in part.links[place].fallen)


def budgets_of(name: str) -> Spend:
    return Spend(campaign_id=name, amount=Money(1, "EUR"), since=date(2026, 1, 1), until=date(2026, 1, 2))


@given(DEALS, LEADS, st.integers(1, 3))
def test_records_that_fan_out_inflate_nothing(drawn: Drawn, leads: list[tuple[str | None, str | None, int]], copies: int) -> None:
    """Pitfall 15: the same lead under more ids, the same spend in more rows."""
    made, first = credits_of(drawn), leads_of(leads)
    more = [Lead(id=f"{lead.id}-{copy}", contact_id=lead.contact_id, source=lead.source) for lead in first for copy in range(copies)]
    one = chain.trace(ready(CAMPAIGNS, [budgets_of("a")]), people(first, CONTACTS), made, currency="EUR")
    many = chain.trace(ready(CAMPAIGNS, [budgets_of("a")] * (1 + copies)), people([*first, *more], CONTACTS), made, currency="EUR")
    assert one == many


@given(
    DEALS,
    LEADS,
    HISTORIES,
    st.lists(SPENDS, max_size=4),
    st.tuples(st.sampled_from(["simple", "cohort"]), st.none() | st.tuples(DAYS, DAYS)),
)
def test_the_table_and_its_outside_are_what_came_in(
    drawn: Drawn,
    leads: list[tuple[str | None, str | None, int]],
    histories: list[list[str]],
    spends: list[Spend],
    seen: tuple[Basis, tuple[date, date] | None],
) -> None:
    """AD-31: of revenue, of spend and of leads; pipeline overlaps, and no campaign has more of it than there is (AD-26)."""
    basis, days = seen
    period = None if days is None else Period(min(days), max(days), zone("UTC"))
    who, pairs = people(leads_of(leads), CONTACTS), deals_of(drawn)
    made, touches = credited(pairs, "w_shaped"), [touch for _, each in pairs for touch in each]
    records = [
        record(f"L-{number}", ("LEAD", on(1)), *((stage, on(1 + month)) for month, stage in enumerate(stages)))
        for number, stages in enumerate(histories)
    ]
    table = returns.table(ready(CAMPAIGNS, spends), who, made, currency="EUR", touches=touches, records=records, period=period, basis=basis)
    assert table.came_in == total((credit.amount for credit in made if credit.total == "revenue"), "EUR")
    assert total((row.revenue for row in table.rows), "EUR") + table.outside == table.came_in
    ends = (None, None) if period is None else (period.since, period.until)
    assert total((row.spend for row in table.rows), "EUR") == total((budgets.spent(each, *ends) for each in spends), "EUR")
    born = [lead for lead in leads_of(leads) if period is None or (lead.created_at is not None and lead.created_at in period)]
    assert sum(row.leads for row in table.rows) == table.whole.leads == len(born)
    for row in (*table.rows, table.whole):
        assert row.leads >= row.mqls >= row.sals >= row.sqls or basis == "simple"
        assert [row.mqls <= row.leads, row.sals <= row.mqls, row.sqls <= row.sals] == [rate is not None for rate in row.rates]
        assert row.roi is None or row.roas == row.roi + 1
    if period is None:
        assert table.outside == Money(0, "EUR")
        open_deals = [credit for credit in made if credit.total == "pipeline" and credit.journey.touches]
        assert table.whole.pipeline == total((credit.amount for credit in open_deals), "EUR")


@given(SPENDS, st.lists(DAYS, max_size=4))
def test_stretches_that_make_up_the_whole_cost_the_whole(spend: Spend, cuts: list[date]) -> None:
    """AD-31: by the day, by any stretches, and mirrored for a credit note (AD-18)."""
    ends = [None, *sorted(cuts), None]
    pieces = [budgets.spent(spend, since, until) for since, until in pairwise(ends)]
    assert total(pieces, "EUR") == spend.amount
    each = dict(budgets.per_day(spend))
    assert total(each.values(), "EUR") == spend.amount
    assert max(each.values()) - min(each.values()) <= Money(1, "EUR")
    for since, until, piece in ((*ends_of, piece) for ends_of, piece in zip(pairwise(ends), pieces, strict=True)):
        inside = (amount for day, amount in each.items() if (since is None or day >= since) and (until is None or day < until))
        assert piece == total(inside, "EUR")
    mirror = Spend(campaign_id=spend.campaign_id, amount=-spend.amount, since=spend.since, until=spend.until)
    assert {day: -amount for day, amount in budgets.per_day(mirror)} == each
