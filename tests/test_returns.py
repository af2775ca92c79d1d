"""The campaign table: four layers, exact multiples, two bases, and nothing that disappears."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import history, returns
from inbound_engine.budgets import Campaign
from inbound_engine.errors import FactError
from inbound_engine.facts import Lead
from inbound_engine.money import Money
from inbound_engine.proportions import Rate, percent
from inbound_engine.returns import CampaignTable, Period, Returns
from inbound_engine.spans import zone
from tests.deals import compiled, credited, deal, on, people, ready, record, spend, touch

A, B, C = (Campaign(id=name, links=(f"camp-{name}",)) for name in ("a", "b", "c"))
BERLIN = zone("Europe/Berlin")
FIRST_HALF = Period(date(2026, 1, 1), date(2026, 7, 1), BERLIN)


def eur(amount: int | str) -> Money:
    return Money.of(amount, "EUR")


def figures(row: Returns) -> tuple[object, ...]:
    return (str(row.spend), row.leads, row.mqls, row.sals, row.sqls, str(row.pipeline), str(row.revenue))


def test_the_row_of_the_documents() -> None:
    """UT-4: 8,000 spent, 450, 180, 135, 98, 2.1 M, 680,000: 40 %, 75 %, 72.6 %; 85 times, where the document prints 8.5."""
    leads = [Lead(id=f"L-{number}", created_at=on(2), source_touch_id="click") for number in range(450)]
    stages = ("LEAD", "MQL", "SAL", "SQL")
    counts = (450, 180, 135, 98)
    records = [
        record(f"L-{number}", *((stage, on(3)) for stage, count in zip(stages, counts, strict=True) if number < count))
        for number in range(450)
    ]
    click = touch("click", 1, "camp-a", who="L-0")
    made = credited([(deal("won", 680_000), [click]), (deal("open", 2_100_000, won=None), [click])])
    table = returns.table(ready([A], [spend("a", 8_000)]), people(leads), made, currency="EUR", touches=[click], records=records)
    row = table.row("a")
    assert figures(row) == ("EUR 8000.00", 450, 180, 135, 98, "EUR 2100000.00", "EUR 680000.00")
    assert [percent(rate) for rate in row.rates if rate is not None] == ["40.0 %", "75.0 %", "72.6 %"]
    assert (row.roas, row.roi) == (Fraction(85), Fraction(84))
    assert row.flags == ()


@pytest.mark.parametrize(
    ("spent", "revenue", "roas", "roi"),
    [
        (100, 300, Fraction(3), Fraction(2)),
        (300, 100, Fraction(1, 3), Fraction(-2, 3)),
        (300, 0, Fraction(0), Fraction(-1)),
        (300, -100, Fraction(-1, 3), Fraction(-4, 3)),
        (0, 100, None, None),
        (-50, 100, None, None),
    ],
)
def test_two_multiples_are_defined_and_neither_without_cost(spent: int, revenue: int, roas: Fraction | None, roi: Fraction | None) -> None:
    """UT-4, AD-31: what others print as ROI is the first."""
    row = Returns(A, Money(spent, "EUR"), 0, 0, 0, 0, Money(0, "EUR"), Money(revenue, "EUR"))
    assert (row.roas, row.roi) == (roas, roi)


def test_revenue_is_attributed_and_pipeline_influenced() -> None:
    """UT-4, AD-26: a line for each touch; the whole deal, once, for each campaign that touched it, and once in the whole."""
    both = [touch("t1", 1, "camp-a"), touch("t2", 2, "camp-b"), touch("t3", 3, "camp-a"), touch("t4", 4, "brand")]
    made = credited(
        [(deal("won", 1_000), both), (deal("open", 700, won=None), both), (deal("lost", 90, won=False), both), (deal("bare", 55), [])]
    )
    table = returns.table(ready([A, B, C]), people(), made, currency="EUR")
    assert [(row.label, str(row.pipeline), str(row.revenue)) for row in table.rows] == [
        ("a", "EUR 700.00", "EUR 500.00"),
        ("b", "EUR 700.00", "EUR 250.00"),
        ("c", "EUR 0.00", "EUR 0.00"),
        ("(no campaign)", "EUR 700.00", "EUR 305.00"),
    ]
    assert (str(table.whole.pipeline), str(table.whole.revenue)) == ("EUR 700.00", "EUR 1055.00")
    assert (table.came_in, table.outside) == (eur(1_055), eur(0))


def test_the_pipeline_of_every_deal_is_a_policy() -> None:
    clicks = [touch("t1", 1, "camp-a")]
    made = credited([(deal("won", 1_000), clicks), (deal("open", 700, won=None), clicks), (deal("lost", 90, won=False), clicks)])
    every = ready([A], rules=compiled(pipeline="every"))
    assert returns.table(every, people(), made, currency="EUR").row("a").pipeline == eur(1_790)


def test_spend_without_revenue_and_revenue_without_spend_both_appear() -> None:
    """AD-31: no row is lost in a join, on either side."""
    made = credited([(deal("won", 100), [touch("t", 1, "camp-b")])])
    table = returns.table(ready([A, B, C], [spend("a", 10), spend("gone", 5)]), people(), made, currency="EUR")
    assert [(row.label, str(row.spend), str(row.revenue), row.flags) for row in table.rows] == [
        ("a", "EUR 10.00", "EUR 0.00", ("spend_without_revenue",)),
        ("b", "EUR 0.00", "EUR 100.00", ("revenue_without_spend",)),
        ("c", "EUR 0.00", "EUR 0.00", ()),
        ("(no campaign)", "EUR 5.00", "EUR 0.00", ("spend_without_revenue",)),
    ]
    assert (str(table.whole.spend), str(table.whole.revenue)) == ("EUR 15.00", "EUR 100.00")


# ---------------------------------------------------------------------------------------------------------------- leads


@pytest.mark.parametrize(
    ("lead", "campaign"),
    [
        (Lead(id="L", contact_id="ana", created_at=on(3), source_touch_id="t1"), "a"),  # the one that is named
        (Lead(id="L", contact_id="ana", created_at=on(1), source_touch_id="t3"), "c"),  # even if it came later
        (Lead(id="L", contact_id="ana", created_at=on(2), source_touch_id="gone"), "b"),
        (Lead(id="L", contact_id="ana", created_at=on(2)), "b"),  # the latest at or before
        (Lead(id="L", contact_id="ana", created_at=on(12)), "c"),  # the later one is no marketing touch
        (Lead(id="L", contact_id="ana", created_at=datetime(2025, 12, 31, tzinfo=UTC)), None),
        (Lead(id="L", contact_id="ana"), None),
        (Lead(id="L", contact_id="ben", created_at=on(12)), None),
    ],
)
def test_a_lead_belongs_to_the_campaign_of_the_touch_that_created_it(lead: Lead, campaign: str | None) -> None:
    """AD-5."""
    touches = [
        touch("t1", 1, "camp-a"),
        touch("t2", 2, "camp-b"),
        touch("t3", 3, "camp-c"),
        touch("t4", 4, "camp-a", marketing=False),
        touch("t5", 1, "camp-a", who=None),
    ]
    table = returns.table(ready([A, B, C]), people([lead]), [], currency="EUR", touches=touches)
    assert [(None if row.campaign is None else row.campaign.id) for row in table.rows if row.leads] == [campaign]


@pytest.mark.parametrize(
    ("stages", "counts"),
    [
        ([], (1, 0, 0, 0)),
        (["MQL"], (1, 1, 0, 0)),
        (["MQL", "SAL", "SQL"], (1, 1, 1, 1)),
        (["SQL"], (1, 1, 1, 1)),  # a later stage counts for the earlier ones
        (["MQL", "SQL"], (1, 1, 1, 1)),
        (["MQL", "NURTURE", "MQL"], (1, 1, 0, 0)),  # a stage entered twice counts once
    ],
)
def test_a_funnel_never_grows_downwards(stages: list[str], counts: tuple[int, ...]) -> None:
    records = [record("L", ("LEAD", on(1)), *((stage, on(2 + number)) for number, stage in enumerate(stages)))]
    table = returns.table(ready([A]), people([Lead(id="L", created_at=on(1))]), [], currency="EUR", records=records)
    assert figures(table.row(None))[1:5] == figures(table.whole)[1:5] == counts


def test_where_more_come_on_than_there_were_there_is_no_rate() -> None:
    """AD-31: in a simple table the MQLs of a period are not those of its leads."""
    who = [Lead(id=name, created_at=on(month), source_touch_id="click") for name, month in (("L-1", 1), ("L-2", 4))]
    records = [record(name, ("LEAD", on(1)), ("MQL", on(4)), ("SAL", on(5))) for name in ("L-1", "L-2")]
    spring = Period(date(2026, 4, 1), date(2026, 5, 1), BERLIN)
    click = touch("click", 1, "camp-a")
    table = returns.table(ready([A]), people(who), [], currency="EUR", touches=[click], records=records, period=spring)
    assert figures(table.row("a"))[1:5] == (1, 2, 0, 0)
    assert table.row("a").rates == (None, Rate(0, 2), Rate(0, 0))
    assert table.row("a").flags == ("good_volume_poor_quality",)
    later = Period(date(2026, 5, 1), date(2026, 6, 1), BERLIN)
    assert returns.table(ready([A]), people(who), [], currency="EUR", records=records, period=later).whole.rates == (
        Rate(0, 0),
        None,
        Rate(0, 2),
    )


def test_a_history_that_was_merged_is_still_that_of_its_lead() -> None:
    """LC-9: a merge changes nobody's count."""
    gone = record("L-2", ("LEAD", on(1)), ("MQL", on(2)))
    kept = history.merge(record("L-1", ("LEAD", on(1))), gone)
    known = people([Lead(id="L-1", created_at=on(1)), Lead(id="L-2", created_at=on(1))])
    apart, merged = (
        returns.table(ready([]), known, [], currency="EUR", records=records).whole
        for records in ([record("L-1", ("LEAD", on(1))), gone], [kept])
    )
    assert (apart.mqls, merged.mqls) == (1, 1)


def test_a_lead_has_a_history_in_each_machine() -> None:
    records = [record("L", ("LEAD", on(1)), ("MQL", on(3))), record("L", ("LEAD", on(1)), ("SAL", on(2))), record("M", ("LEAD", on(1)))]
    for given in (records, records[::-1]):
        table = returns.table(ready([A]), people([Lead(id="L", created_at=on(1))]), [], currency="EUR", records=given)
        assert figures(table.whole)[1:5] == (1, 1, 1, 0)
    early = Period(date(2026, 2, 1), date(2026, 2, 28), BERLIN)
    table = returns.table(ready([A]), people([Lead(id="L", created_at=on(1))]), [], currency="EUR", records=records, period=early)
    assert figures(table.whole)[1:5] == (0, 1, 1, 0)


@pytest.mark.parametrize(
    ("leads", "mqls", "sals", "others", "flags"),
    [
        (10, 10, 5, 10, ("good_volume_poor_quality",)),  # half are accepted, and 60 % is the line
        (10, 10, 6, 10, ()),  # on the line is not below it
        (9, 9, 1, 10, ()),  # fewer leads than the mean campaign
        (10, 0, 0, 10, ()),  # of no MQLs nothing is known
        (0, 0, 0, 0, ()),
    ],
)
def test_good_volume_with_poor_quality_is_flagged(leads: int, mqls: int, sals: int, others: int, flags: tuple[str, ...]) -> None:
    """UT-4."""
    click, other = touch("click", 1, "camp-a"), touch("other", 1, "camp-b")
    who = [Lead(id=f"L-{number}", created_at=on(1), source_touch_id="click") for number in range(leads)]
    who += [Lead(id=f"M-{number}", created_at=on(1), source_touch_id="other") for number in range(others)]
    records = [
        record(
            f"L-{number}",
            ("LEAD", on(1)),
            *((stage, on(2)) for stage, count in (("MQL", mqls), ("SAL", sals), ("SQL", sals)) if number < count),
        )
        for number in range(leads)
    ]
    table = returns.table(ready([A, B]), people(who), [], currency="EUR", touches=[click, other], records=records)
    assert table.row("a").flags == flags


# ---------------------------------------------------------------------------------------------------------------- periods


def of_a_year(basis: str, period: Period | None = FIRST_HALF) -> CampaignTable:
    click, late = touch("t1", 1, "camp-a", who="L-1"), touch("t2", 9, "camp-a", who="L-2")
    made = credited(
        [
            (deal("won-soon", 100, 5, opened=2), [click]),
            (deal("won-later", 1_000, 12, opened=2), [click, late]),
            (deal("bare", 7, 5, opened=2), []),
            (deal("open-soon", 20, won=None, opened=3), [click]),
            (deal("open-later", 300, won=None, opened=10), [click, late]),
        ]
    )
    leads = [Lead(id="L-1", created_at=on(1)), Lead(id="L-2", created_at=on(9)), Lead(id="L-3")]
    records = [record("L-1", ("LEAD", on(1)), ("MQL", on(2)), ("SAL", on(9))), record("L-2", ("LEAD", on(9)), ("MQL", on(9)))]
    return returns.table(
        ready([A], [spend("a", 365)]),
        people(leads),
        made,
        currency="EUR",
        touches=[click, late],
        records=records,
        period=period,
        basis=basis,  # type: ignore[arg-type]  # one of two
    )


@pytest.mark.parametrize(
    ("basis", "period", "row", "none", "whole"),
    [
        ("simple", None, ("EUR 365.00", 2, 2, 1, 0, "EUR 320.00", "EUR 1100.00"), (1, "EUR 7.00"), (320, 0)),
        ("cohort", None, ("EUR 365.00", 2, 2, 1, 0, "EUR 320.00", "EUR 1100.00"), (1, "EUR 7.00"), (320, 0)),
        # what closed, was opened and reached in the half-year, against what was spent in it
        ("simple", FIRST_HALF, ("EUR 181.00", 1, 1, 0, 0, "EUR 20.00", "EUR 100.00"), (0, "EUR 7.00"), (20, 1_000)),
        # what the touches and leads of the half-year have led to since; what no touch has earned is of no day
        ("cohort", FIRST_HALF, ("EUR 181.00", 1, 1, 1, 0, "EUR 320.00", "EUR 600.00"), (0, "EUR 0.00"), (320, 507)),
    ],
)
def test_simple_and_cohort_are_two_tables(
    basis: str, period: Period | None, row: tuple[object, ...], none: tuple[int, str], whole: tuple[int, int]
) -> None:
    """AD-31; whatever the period does not take is told."""
    table = of_a_year(basis, period)
    assert figures(table.row("a")) == row
    assert (table.row(None).leads, str(table.row(None).revenue)) == none
    assert (table.whole.pipeline, table.outside) == (eur(whole[0]), eur(whole[1]))
    assert table.whole.revenue + table.outside == table.came_in == eur(1_107)


def test_a_basis_is_one_of_two() -> None:
    with pytest.raises(FactError, match="basis: saw 'realised', expected one of cohort, simple"):
        of_a_year("realised")


def test_a_period_is_of_days_in_a_zone() -> None:
    """FD-2: midnight is where somebody is."""
    day = Period(date(2026, 3, 1), date(2026, 3, 2), BERLIN)
    assert datetime(2026, 2, 28, 23, 0, tzinfo=UTC) in day
    assert datetime(2026, 2, 28, 22, 59, tzinfo=UTC) not in day
    assert datetime(2026, 3, 1, 23, 0, tzinfo=UTC) not in day
    assert on(3) not in Period(date(2026, 3, 1), date(2026, 3, 1), BERLIN)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"since": on(1)}, "period.since"),
        ({"until": None}, "period.until"),
        ({"until": date(2025, 12, 31)}, "period.until: saw 2025-12-31, expected a day from 2026-01-01 on"),
        ({"zone": "Europe/Berlin"}, "period.zone"),
    ],
)
def test_a_period_is_two_days_in_order(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message):
        Period(**{"since": date(2026, 1, 1), "until": date(2026, 7, 1), "zone": BERLIN, **fields})


# ---------------------------------------------------------------------------------------------------------------- reading


def test_the_table_reads_as_text_and_in_a_notebook() -> None:
    made = credited([(deal("won", 300), [touch("t", 1, "camp-a")])])
    table = returns.table(ready([A, Campaign(id="x", name="<b>")], [spend("a", 100)]), people(), made, currency="EUR")
    assert str(table).splitlines() == [
        "campaign       spend       leads  MQL  SAL  SQL  pipeline (influenced)  revenue     ROAS  ROI  flags",
        "a              EUR 100.00  0      0    0    0    EUR 0.00               EUR 300.00  3     2",
        "<b>            EUR 0.00    0      0    0    0    EUR 0.00               EUR 0.00    -     -",
        "(no campaign)  EUR 0.00    0      0    0    0    EUR 0.00               EUR 0.00    -     -",
        "all            EUR 100.00  0      0    0    0    EUR 0.00               EUR 300.00  3     2",
    ]
    html = table._repr_html_()
    assert html.startswith("<table><caption>Campaigns, simple</caption>")
    assert "<td>&lt;b&gt;</td>" in html


def test_a_row_is_asked_for_by_the_id_of_its_campaign() -> None:
    table = returns.table(ready([A]), people(), [], currency="EUR")
    assert table.row("a").label == "a"
    with pytest.raises(FactError, match="campaign: saw 'b'"):
        table.row("b")


@pytest.mark.parametrize("other", ["twice", "models", "currency"])
def test_what_would_count_twice_is_refused(other: str) -> None:
    [one] = credited([(deal("D-1", 100), [])])
    second = {
        "twice": one,
        "models": credited([(deal("D-2", 1), [])], "first")[0],
        "currency": credited([(deal("D-2", Money.of(1, "USD")), [])])[0],
    }
    with pytest.raises(FactError, match="credited"):
        returns.table(ready([A]), people(), [one, second[other]], currency="EUR")
