"""The chain from revenue back to the budget: what goes on and what falls off, at every link."""

import csv
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from inbound_engine import chain, rollups
from inbound_engine.budgets import Campaign, Spend
from inbound_engine.chain import LINKS, Fallen
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Contact, Lead, Opportunity
from inbound_engine.money import Money, total
from tests.deals import credited, deal, people, ready, spend, touch
from tests.places import DATA, needs_data

SPRING = Campaign(id="spring", links=("camp-2026-q1-spring-eu",))
SUMMER = Campaign(id="summer", links=("camp-2026-q2-summer-eu",))
BUDGET = ready([SPRING, SUMMER], [spend("spring", 8_000)])
SPRINGS, SUMMERS = "camp-2026-q1-spring-eu", "camp-2026-q2-summer-eu"
WHO = people(
    [Lead(id="L-1", contact_id="ana", source="linkedin"), Lead(id="L-2", contact_id="ben")],
    [Contact(id=name) for name in ("ana", "ben", "cleo")],
)


def eur(amount: int | str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("touches", "link", "reason"),
    [
        ([], "touch", "no_contact_or_touch"),
        ([touch("t", 1, SPRINGS, who=None)], "contact", "touch_without_contact"),
        ([touch("t", 1, SPRINGS, who="dora")], "contact", "touch_without_contact"),
        ([touch("t", 1, SPRINGS, who="cleo")], "lead", "contact_without_lead"),
        ([touch("t", 1, SPRINGS, who="ben")], "source", "lead_without_source"),
        ([touch("t", 1)], "value", "touch_without_value"),
        ([touch("t", 1, "brand")], "campaign", "value_without_campaign"),
        ([touch("t", 1, SUMMERS)], "spend", "campaign_without_spend"),
        ([touch("t", 1, SPRINGS)], None, None),
        ([touch("t", 1, "Camp-2026-Q1-Spring-EU", who="L-1")], None, None),
    ],
)
def test_a_line_falls_off_at_the_first_link_that_it_lacks(touches: list[Activity], link: str | None, reason: str | None) -> None:
    """AT-7, AD-30."""
    found = chain.trace(BUDGET, WHO, credited([(deal("D-1", 1_000), touches)]), currency="EUR")
    assert found.came_in == eur(1_000)
    place = len(LINKS) if link is None else [str(each.name) for each in found.links].index(link)
    for number, each in enumerate(found.links):
        assert each.arrived == (eur(1_000) if number <= place else eur(0))
        assert each.lines == (1 if number <= place else 0)
        assert each.passed == (eur(1_000) if number < place else eur(0))
        assert bool(each.fallen) is (number == place)
    if reason is None:
        assert found.campaigns == (("spring", eur(1_000)),)
        assert found.fallen == ()
    else:
        said = "no_touch" if reason == "no_contact_or_touch" else reason
        assert found.fallen == (Fallen("D-1", touches[0].id if touches else None, said, eur(1_000)),)
        assert found.campaigns == ()


def test_what_no_touch_has_earned_keeps_the_reason_of_its_line() -> None:
    """AD-8."""
    made = credited([(deal("D-1", 10, 3, opened=1), [touch("late", 5, SPRINGS)]), (deal("D-2", 5, 3, opened=1), [])])
    [touchless, *_] = chain.trace(BUDGET, WHO, made, currency="EUR").links
    assert touchless.reasons == {"all_after_close": (1, eur(10)), "no_touch": (1, eur(5))}


def test_every_step_gives_out_what_it_takes_in() -> None:
    """AD-30: revenue in = revenue out at every step; and the whole is the plain sum of the deals."""
    made = credited(
        [
            (deal("D-1", 100), [touch("a", 1, SPRINGS), touch("b", 2, SPRINGS, who=None), touch("c", 3)]),
            (
                deal("D-2", 1_000),
                [touch("d", 1, SPRINGS), touch("e", 2, SUMMERS), touch("f", 3, "brand"), touch("g", 4, SPRINGS, who="ben")],
            ),
            (deal("D-3", -70), [touch("h", 1, SPRINGS), touch("i", 2), touch("j", 3)]),  # a credit note
            (deal("D-4", 0), [touch("k", 1, SPRINGS)]),
            (deal("D-5", 50), []),
            (deal("D-6", 9_999, won=False), [touch("l", 1, SPRINGS)]),
            (deal("D-7", 8_888, won=None), [touch("m", 1, SPRINGS)]),
        ]
    )
    found = chain.trace(BUDGET, WHO, made, currency="EUR")
    assert found.came_in == eur(1_080)
    assert [(link.name, link.lines, str(link.arrived), len(link.fallen), str(link.passed)) for link in found.links] == [
        ("touch", 12, "EUR 1080.00", 1, "EUR 1030.00"),
        ("contact", 11, "EUR 1030.00", 1, "EUR 996.67"),
        ("lead", 10, "EUR 996.67", 0, "EUR 996.67"),
        ("source", 10, "EUR 996.67", 1, "EUR 746.67"),
        ("value", 9, "EUR 746.67", 3, "EUR 760.00"),
        ("campaign", 6, "EUR 760.00", 1, "EUR 510.00"),
        ("spend", 5, "EUR 510.00", 1, "EUR 260.00"),
    ]
    for link in found.links:
        assert link.arrived - total((line.amount for line in link.fallen), "EUR") == link.passed
    assert found.reached == eur(260) == total((amount for _, amount in found.campaigns), "EUR")
    assert found.links[4].reasons == {"touch_without_value": (3, eur("-13.33"))}
    [whole] = [row for row in rollups.reconcile(made) if row.total == "revenue"]
    assert whole.amount == found.came_in


def test_a_trace_reads_as_a_table_and_survives_a_pickle() -> None:
    found = chain.trace(BUDGET, WHO, credited([(deal("D-1", 100), [touch("a", 1, SPRINGS), touch("b", 2)])]), currency="EUR")
    assert str(found) == "EUR 100.00 of revenue\n  value: 1 off, EUR 50.00, touch_without_value\nEUR 50.00 traces to a budget"
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


@pytest.mark.parametrize(("of", "amount"), [("revenue", 1), ("pipeline", 20), ("lost", 300)])
def test_three_totals_are_never_one(of: str, amount: int) -> None:
    """AD-19."""
    made = credited([(deal("a", 1), []), (deal("b", 20, won=None), []), (deal("c", 300, won=False), [])])
    assert chain.trace(BUDGET, WHO, made, currency="EUR", of=of).came_in == eur(amount)  # type: ignore[arg-type]  # one of three


def test_a_total_is_one_of_three() -> None:
    with pytest.raises(FactError, match="of: saw 'won', expected one of lost, pipeline, revenue"):
        chain.trace(BUDGET, WHO, [], currency="EUR", of="won")  # type: ignore[arg-type]  # on purpose


def test_what_would_count_twice_is_refused() -> None:
    """Pitfall 15: a join that fans out."""
    [one] = credited([(deal("D-1", 100), [])])
    with pytest.raises(FactError, match="the deal 'D-1' twice"):
        chain.trace(BUDGET, WHO, [one, one], currency="EUR")
    with pytest.raises(FactError, match="credits of linear and first"):
        chain.trace(BUDGET, WHO, [one, *credited([(deal("D-2", 1), [])], "first")], currency="EUR")
    with pytest.raises(FactError, match="'D-1' in EUR, expected amounts in USD"):
        chain.trace(BUDGET, WHO, [one], currency="USD")


def test_records_that_stand_twice_inflate_nothing() -> None:
    """AD-30: two leads of one person, a contact and a lead with one address, two spends on one campaign."""
    twins = people(
        [
            Lead(id="L-1", email="ana@acme.example", source="linkedin"),
            Lead(id="L-2", email="ANA@acme.example"),
            Lead(id="L-3", contact_id="ana"),
        ],
        [Contact(id="ana", emails=("ana@acme.example",))],
    )
    budget = ready([SPRING], [spend("spring", 1), spend("spring", 2)])
    found = chain.trace(budget, twins, credited([(deal("D-1", 100), [touch("a", 1, SPRINGS)])]), currency="EUR")
    assert found.reached == found.came_in == eur(100)


def test_nothing_comes_in_and_nothing_goes_out() -> None:
    found = chain.trace(BUDGET, WHO, [], currency="JPY")
    assert found.came_in == found.reached == Money(0, "JPY")
    assert [link.reasons for link in found.links] == [{}] * 7


def test_loose_ends_are_listed() -> None:
    """AT-7: what traces to nothing is named, not counted alone."""
    budget = ready([SPRING, SUMMER, Campaign(id="autumn")], [spend("spring", 1), spend("wintr", 2), spend(None, 3)])
    touches = [
        touch("b", 1, SPRINGS),
        touch("a", 1, SPRINGS, campaign="summer"),
        touch("c", 1, "brand"),
        touch("d", 1, "brand", who=None),
        touch("e", 1, "Brand", who="nobody"),
        touch("f", 1),
    ]
    who = people(
        [
            Lead(id="L-1", contact_id="ana"),
            Lead(id="L-2", contact_id="ben"),
            Lead(id="L-3"),
            Lead(id="L-4", email="cleo@acme.example"),
        ],
        [Contact(id="ana", account_id="acme"), Contact(id="cleo", emails=("cleo@acme.example",))],
    )
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    deals = [
        Opportunity(id="D-1", account_id="acme", opened_at=opened),
        Opportunity(id="D-2", opened_at=opened, lead_ids=("L-3", "L-9")),
        Opportunity(id="D-3", opened_at=opened, contact_roles=(("cleo", "buyer"),)),
    ]
    found = chain.loose_ends(budget, who, touches, deals)
    assert found.campaigns_without_touches == ("autumn", "summer")
    assert found.campaigns_without_spend == ("autumn", "summer")
    assert found.spend_without_campaign == (None, "wintr")
    assert found.values_without_campaign == (("brand", 2), ("Brand", 1))
    assert found.touches_without_contact == ("d", "e")
    assert found.touches_that_disagree == ("a",)
    assert found.leads_without_opportunity == ("L-2",)


@needs_data
def test_real_deals_of_a_crm_trace_to_their_campaigns_to_the_cent() -> None:
    """Deals of a CRM export, with the campaign that each names; the export has the half of them."""
    deals, known = rows("pardot_opportunity_data.csv"), {row["id"] for row in rows("pardot_campaign_data.csv")}
    assert len(deals) == 100
    closed = datetime(2026, 6, 1, tzinfo=UTC)
    made = credited(
        (
            Opportunity(
                id=row["id"], opened_at=closed, closed_at=closed, won=row["status"] == "Won", amount=Money.of(Decimal(row["value"]), "USD")
            ),
            [Activity(id=row["id"], kind="visit", at=closed, channel="email", contact_id="L", campaign=row["campaign_id"] or None)],
        )
        for row in deals
        if row["value"]
    )
    named = {row["campaign_id"] for row in deals if row["campaign_id"]}
    won = [row for row in deals if row["status"] == "Won" and row["value"]]
    for campaigns in (known, named, known | named, set[str]()):
        spends = [Spend(campaign_id=name, amount=Money.of(1, "USD"), since=date(2026, 1, 1), until=date(2026, 2, 1)) for name in campaigns]
        found = chain.trace(
            ready([Campaign(id=name) for name in campaigns], spends), people([Lead(id="L", source="pardot")]), made, currency="USD"
        )
        assert found.came_in.amount == sum(Decimal(row["value"]) for row in won)
        assert found.reached.amount == sum(Decimal(row["value"]) for row in won if row["campaign_id"] in campaigns)
        assert found.came_in - found.reached == total((line.amount for line in found.fallen), "USD")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "crm_seed_tables" / "pardot" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
