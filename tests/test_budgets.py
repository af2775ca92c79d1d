"""Campaigns, the values that name them, and spend to the last unit."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from inbound_engine import PolicyError, budgets
from inbound_engine.budgets import Campaign, ChainDocument, Spend
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity
from inbound_engine.money import Money, total
from tests.deals import compiled, ready, spend

SUMMIT = Campaign(id="7011", name="EVENT-2026-Q3-SAAS-NORTH-SUMMIT", links=("camp-2026-q3-north-summit-eu", "summit"))
GUIDE = Campaign(id="7012", links=["camp-2026-q1-revops-guide-eu"])
BOTH = (SUMMIT, GUIDE)


def a_touch(utm: dict[str, str] | None = None, campaign: str | None = None) -> Activity:
    return Activity(id="t", kind="visit", at=datetime(2026, 7, 1, tzinfo=UTC), utm=utm or {}, campaign=campaign)


@pytest.mark.parametrize(
    ("utm", "campaign", "found", "said"),
    [
        ({"campaign": "camp-2026-q3-north-summit-eu"}, None, "7011", "camp-2026-q3-north-summit-eu"),
        ({"utm_campaign": "Camp-2026-Q3-North-Summit-EU"}, None, "7011", "Camp-2026-Q3-North-Summit-EU"),  # by its key
        ({"campaign": "event-2026-q3-saas-north-summit"}, None, "7011", "event-2026-q3-saas-north-summit"),  # by its name
        ({"id": "7012", "campaign": "summit"}, None, "7012", "summit"),  # an id before a value
        ({"id": "7012"}, None, "7012", "7012"),
        ({"id": "9999", "campaign": "summit"}, None, "7011", "summit"),
        ({"campaign": "camp-2026-q3-north-sumit-eu"}, None, None, "camp-2026-q3-north-sumit-eu"),  # near, and nothing is guessed
        ({"source": "google"}, None, None, None),
        (None, "7011", "7011", "7011"),
        (None, "Summit", "7011", "Summit"),
        (None, "unknown", None, "unknown"),
        (None, None, None, None),
        ({"campaign": "summit"}, "7012", "7011", "summit"),  # the link before the CRM
        ({"campaign": "unknown"}, "7012", "7012", "unknown"),
    ],
)
def test_a_touch_belongs_to_the_campaign_that_the_table_names(
    utm: dict[str, str] | None, campaign: str | None, found: str | None, said: str | None
) -> None:
    """UT-1: by an explicit table, never guessed."""
    budget, touch = ready(BOTH), a_touch(utm, campaign)
    of = budget.campaign_of(touch)
    assert (None if of is None else of.id) == found
    assert budget.claim(touch) == (said, of)


@pytest.mark.parametrize(("prefer", "found"), [("utm", "7011"), ("campaign", "7012")])
def test_which_of_two_rules_is_policy(prefer: str, found: str) -> None:
    budget = ready(BOTH, rules=compiled(prefer=prefer))
    touch = a_touch({"campaign": "summit"}, "7012")
    assert budget.campaign_of(touch) == budget.campaigns[found]
    assert budget.disagrees(touch)
    assert not budget.disagrees(a_touch({"campaign": "summit"}, "7011"))
    assert not budget.disagrees(a_touch({"campaign": "summit"}, "unknown"))
    assert not budget.disagrees(a_touch({"campaign": "unknown"}, "7011"))


@pytest.mark.parametrize(
    ("campaigns", "message"),
    [
        ((SUMMIT, Campaign(id="7011")), r"campaigns\[7011\]: saw an id twice"),
        ((SUMMIT, Campaign(id="b", links=("SUMMIT",))), r"campaigns\[b\]: saw 'SUMMIT', which 7011 has too"),
        ((SUMMIT, Campaign(id="b", name="summit")), r"campaigns\[b\]: saw 'summit', which 7011 has too"),
    ],
)
def test_a_value_names_one_campaign(campaigns: tuple[Campaign, ...], message: str) -> None:
    """AD-30: a touch that two campaigns claim would count twice."""
    with pytest.raises(FactError, match=message):
        ready(campaigns)


def test_a_campaign_may_be_named_twice_in_the_same_way() -> None:
    assert ready([Campaign(id="a", name="Spring", links=("spring", "SPRING"))]).campaign_of(a_touch({"campaign": "spring"})) is not None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": ""}, "campaign.id"),
        ({"id": None}, "campaign.id"),
        ({"id": "a", "name": " "}, "campaign.name"),
        ({"id": "a", "links": "spring"}, "campaign.links: saw 'spring', expected a list of texts"),
        ({"id": "a", "links": ["spring", ""]}, "campaign.links"),
    ],
)
def test_a_campaign_can_be_called_something(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message):
        Campaign(**fields)


# ---------------------------------------------------------------------------------------------------------------- spend


@pytest.mark.parametrize(
    ("minor", "days", "expected"),
    [
        (10_000, 3, [3_334, 3_333, 3_333]),
        (100, 3, [34, 33, 33]),
        (2, 3, [1, 1, 0]),
        (0, 2, [0, 0]),
        (-100, 3, [-34, -33, -33]),  # a credit note mirrors the spend (AD-18)
        (7, 1, [7]),
    ],
)
def test_spend_is_spread_over_its_days_to_the_last_unit(minor: int, days: int, expected: list[int]) -> None:
    """AD-31: where the documented example of a vendor adds up to 18,000.01 of 18,000.00."""
    one = Spend(
        campaign_id="a", amount=Money(minor, "EUR"), since=date(2026, 1, 30), until=date.fromordinal(date(2026, 1, 30).toordinal() + days)
    )
    assert one.days == days
    each = list(budgets.per_day(one))
    assert [amount.minor for _, amount in each] == expected
    assert [day for day, _ in each] == [date.fromordinal(date(2026, 1, 30).toordinal() + number) for number in range(days)]
    assert total((amount for _, amount in each), "EUR") == one.amount


@pytest.mark.parametrize(
    ("since", "until", "minor"),
    [
        (None, None, 10_000),
        (date(2026, 1, 1), date(2026, 1, 4), 10_000),
        (date(2025, 1, 1), date(2027, 1, 1), 10_000),
        (None, date(2026, 1, 2), 3_334),
        (date(2026, 1, 2), None, 6_666),
        (date(2026, 1, 2), date(2026, 1, 3), 3_333),
        (date(2026, 1, 2), date(2026, 1, 2), 0),
        (date(2026, 1, 3), date(2026, 1, 2), 0),
        (None, date(2026, 1, 1), 0),
        (date(2026, 1, 4), None, 0),
    ],
)
def test_what_falls_on_a_stretch_is_the_sum_of_its_days(since: date | None, until: date | None, minor: int) -> None:
    one = spend("a", 100, date(2026, 1, 1), date(2026, 1, 4))
    assert budgets.spent(one, since, until) == Money(minor, "EUR")


def test_spend_on_an_unknown_campaign_is_kept_as_spend_on_none() -> None:
    """AD-31: nothing that was spent disappears."""
    budget = ready([SUMMIT], [spend("7011", 100), spend("7011", 50), spend("unknown", 30), spend(None, 20)])
    assert [str(budget.spent_on(name, "EUR")) for name in ("7011", None, "7012")] == ["EUR 150.00", "EUR 50.00", "EUR 0.00"]
    assert str(budget.spent_on("7011", "EUR", date(2026, 1, 1), date(2026, 1, 1))) == "EUR 0.00"
    with pytest.raises(FactError, match=r"EUR and USD|USD and EUR"):
        budget.spent_on("7011", "USD")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"campaign_id": ""}, "spend.campaign_id"),
        ({"amount": 100}, "spend.amount: saw 100, expected Money"),
        ({"since": datetime(2026, 1, 1, tzinfo=UTC)}, "spend.since"),
        ({"until": "2026-01-04"}, "spend.until"),
        ({"until": date(2026, 1, 1)}, "spend.until: saw 2026-01-01, expected a day after 2026-01-01"),
    ],
)
def test_spend_is_an_amount_over_days(fields: dict[str, Any], message: str) -> None:
    sound = {"campaign_id": "a", "amount": Money.of(100, "EUR"), "since": date(2026, 1, 1), "until": date(2026, 1, 4)}
    with pytest.raises(FactError, match=message):
        Spend(**{**sound, **fields})


@pytest.mark.parametrize(
    ("stage", "hint"), [("SALL", "saw 'SALL', expected one of .* Did you mean \"SAL\""), ("REVIEW", "Add it to the lifecycle")]
)
def test_a_layer_is_a_stage_of_the_lifecycle(stage: str, hint: str) -> None:
    """UT-4: a stage that nobody enters would leave a column of zeros."""
    with pytest.raises(PolicyError, match=rf"chain\.layers\.sal: .*{hint}"):
        compiled(**{"layers.sal": stage})


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_line_of_quality_is_a_percentage(percent: int) -> None:
    with pytest.raises(PolicyError, match=r"quality\[a\].below_percent"):
        ChainDocument.model_validate({"quality": [{"id": "a", "of": "leads", "below_percent": percent}]})
