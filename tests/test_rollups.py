"""Roll-ups: plain sums of lines that reconcile, and what moves between two models."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import attribution, journeys, rollups
from inbound_engine.attribution import AttributionDocument, Credit
from inbound_engine.documents import changed
from inbound_engine.errors import FactError
from inbound_engine.facts import Activity, Opportunity
from inbound_engine.money import Money
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.rollups import Move, Reconciliation, Tied

RULES = attribution.compile(AttributionDocument.model_validate(PLAYBOOK["attribution"]))
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def touch(id: str, days: float, channel: str | None = None, **more: Any) -> Activity:  # noqa: A002, ANN401 - what activities say
    return Activity(**{"id": id, "kind": "visit", "at": OPENED + days * DAY, "channel": channel, **more})


def journey(
    id: str,  # noqa: A002 - what deals are called by
    *touches: Activity,
    won: bool | None = True,
    minor: int = 10_000,
    currency: str = "EUR",
    rules: attribution.Rules = RULES,
) -> journeys.Journey:
    closed = CLOSED if won is not None else None
    deal = Opportunity(
        id=id, account_id=f"A-{id}", owner="maya", opened_at=OPENED, closed_at=closed, won=won, amount=Money(minor, currency)
    )
    return journeys.prepare(rules.journeys, deal, touches, at=CLOSED)


EMAIL, AD, BLOG = touch("e", -3, "email", campaign="c-1", contact_id="ana"), touch("a", -2, "ad"), touch("b", -1)
JOURNEYS = [
    journey("D-1", EMAIL, AD),
    journey("D-2", EMAIL, BLOG, minor=333),
    journey("D-3", AD, won=None, minor=500),
    journey("D-4", EMAIL, won=False, minor=700),
    journey("D-5", minor=42),
    journey("D-6", EMAIL, EMAIL, minor=-1),
]


def credited(*models: str) -> list[Credit]:
    return list(attribution.credit_each(RULES, JOURNEYS, models or ["linear"]))


def test_lines_add_up_by_channel_in_three_sums() -> None:
    """AD-16, AD-19: unknown and unattributed have rows of their own, at the end."""
    found = rollups.roll_up(credited())
    assert [(row.label, row.revenue.minor, row.pipeline.minor, row.lost.minor, row.deals) for row in found.rows] == [
        ("ad", 5_000, 500, 0, 2),
        ("email", 5_000 + 167 - 1, 0, 700, 4),
        ("unknown", 166, 0, 0, 1),
        ("UNATTRIBUTED", 42, 0, 0, 1),
    ]
    assert (found.by, found.currency, found.models) == ("channel", "EUR", ("linear",))
    assert found.earned("email").revenue == Money(5_166, "EUR")
    assert found.earned(None).deals == 1
    assert found.earned(None, attributed=False).revenue == Money(42, "EUR")
    with pytest.raises(FactError, match="key: saw 'radio' under 'linear', expected one of UNATTRIBUTED under linear, ad under linear"):
        found.earned("radio")


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("touch", ["a", "b", "e"]),
        ("contact", ["ana", None]),
        ("campaign", ["c-1", None]),
        ("kind", ["visit"]),
        ("content", [None]),
        ("opportunity", ["D-1", "D-2", "D-3", "D-4", "D-6"]),
        ("account", ["A-D-1", "A-D-2", "A-D-3", "A-D-4", "A-D-6"]),
        ("owner", ["maya"]),
    ],
)
def test_lines_add_up_by_other_things(by: Any, keys: list[str | None]) -> None:  # noqa: ANN401 - one of the literals
    found = rollups.roll_up(credited(), by)
    assert [row.key for row in found.rows if row.attributed] == keys
    assert sum(row.revenue.minor for row in found.rows) == 10_000 + 333 + 42 - 1


def test_models_stand_side_by_side() -> None:
    """AT-2: a channel that one model does not know has an empty cell."""
    found = rollups.roll_up(credited("first", "last"))
    assert found.models == ("first", "last")
    assert str(found) == (
        "| channel | first | last |\n"
        "| --- | --: | --: |\n"
        "| ad | 0.00 | 100.00 |\n"
        "| email | 103.32 | -0.01 |\n"
        "| unknown |  | 3.33 |\n"
        "| UNATTRIBUTED | 0.42 | 0.42 |"
    )
    assert found.table("pipeline").splitlines()[2] == "| ad | 5.00 | 5.00 |"
    assert "<td>103.32</td>" in found._repr_html_()
    with pytest.raises(FactError, match="under nothing"):
        found.earned("ad")
    assert found.earned("ad", "last").revenue == Money(10_000, "EUR")
    odd = rollups.roll_up(attribution.credit_each(RULES, [journey("D-1", touch("x", 0, "a|b"))]))
    assert "| a\\|b |" in str(odd)


def test_two_currencies_are_refused_and_nothing_has_none() -> None:
    """AD-20."""
    mixed = attribution.credit_each(RULES, [JOURNEYS[0], journey("D-9", AD, currency="USD")])
    with pytest.raises(FactError, match=r"credits\[D-9\]: saw EUR and USD"):
        rollups.roll_up(mixed)
    nothing = rollups.roll_up([])
    assert (nothing.currency, nothing.rows, nothing.models) == (None, (), ())
    with pytest.raises(FactError, match="by: saw 'colour'"):
        rollups.roll_up([], "colour")  # type: ignore[arg-type]  # on purpose


def test_conversions_are_exact_shares_of_won_deals() -> None:
    assert rollups.conversions(credited()) == {"email": Fraction(2), "ad": Fraction(1, 2), None: Fraction(1, 2)}
    with pytest.raises(FactError, match="credits of first and last"):
        rollups.conversions(credited("first", "last"))


def test_what_goes_in_comes_out() -> None:
    """AT-6: by model, total and currency."""
    dollars = attribution.credit_each(RULES, [journey("D-9", AD, currency="USD")], ["linear"])
    found = rollups.reconcile([*credited(), *dollars])
    assert found == (
        Reconciliation("linear", "revenue", "EUR", 4, Money(10_374, "EUR"), Money(10_332, "EUR"), Money(42, "EUR")),
        Reconciliation("linear", "revenue", "USD", 1, Money(10_000, "USD"), Money(10_000, "USD"), Money(0, "USD")),
        Reconciliation("linear", "pipeline", "EUR", 1, Money(500, "EUR"), Money(500, "EUR"), Money(0, "EUR")),
        Reconciliation("linear", "lost", "EUR", 1, Money(700, "EUR"), Money(700, "EUR"), Money(0, "EUR")),
    )
    assert {row.difference.minor for row in found} == {0}


def test_two_models_are_compared_deal_by_deal() -> None:
    """What stays is not told, and the moves of a deal add up to zero."""
    moves = rollups.compare(credited("first"), reversed(credited("last")))
    assert moves == (
        Move("D-1", "ad", True, Money(0, "EUR"), Money(10_000, "EUR")),
        Move("D-1", "email", True, Money(10_000, "EUR"), Money(0, "EUR")),
        Move("D-2", "email", True, Money(333, "EUR"), Money(0, "EUR")),
        Move("D-2", None, True, Money(0, "EUR"), Money(333, "EUR")),
    )
    assert [move.change.minor for move in moves] == [10_000, -10_000, -333, 333]
    assert (str(moves[0]), str(moves[3])) == ("D-1 ad: EUR 0.00 -> EUR 100.00", "D-2 unknown: EUR 0.00 -> EUR 3.33")


def test_two_policies_are_compared_deal_by_deal() -> None:
    strict = attribution.compile(changed(RULES.document, {"journeys.window_days": 1}))
    after = [attribution.credit(strict, journey(name, EMAIL, rules=strict), "linear") for name in ("D-1",)]
    before = [attribution.credit(RULES, journey("D-1", EMAIL), "linear")]
    assert [str(move) for move in rollups.compare(before, after)] == [
        "D-1 email: EUR 100.00 -> EUR 0.00",
        "D-1 UNATTRIBUTED: EUR 0.00 -> EUR 100.00",
    ]


@pytest.mark.parametrize(
    ("before", "after", "match"),
    [
        (credited("first"), credited("last")[1:], "saw 'D-1' only in before"),
        (credited("first")[1:], credited("last"), "saw 'D-1' only in after"),
        (credited("first") * 2, credited("last"), "before: saw 'D-1' twice"),
        (
            credited("first")[:1],
            list(attribution.credit_each(RULES, [journey("D-1", minor=1)])),
            r"credits\[D-1\]: saw EUR 100.00 and EUR 0.01",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(before: list[Credit], after: list[Credit], match: str) -> None:
    with pytest.raises(FactError, match=match):
        rollups.compare(before, after)


def test_how_much_money_sits_on_tied_instants() -> None:
    """AD-2."""
    tied = [journey("D-1", EMAIL, touch("x", -3, "ad"), BLOG, minor=300), journey("D-2", EMAIL, AD, minor=100), journey("D-3", minor=50)]
    found = rollups.ties(attribution.credit_each(RULES, tied, ["linear", "last"]))
    assert found == (
        Tied("last", "revenue", "EUR", (), 0, Money(0, "EUR"), Money(450, "EUR")),
        Tied("linear", "revenue", "EUR", ("D-1",), 2, Money(200, "EUR"), Money(450, "EUR")),
    )


def test_on_one_date_everything_is_tied_where_dates_are_compared() -> None:
    days = attribution.compile(changed(RULES.document, {"journeys.granularity": "day", "journeys.zone": "Europe/Berlin"}))
    one = journey("D-1", touch("x", 0), touch("y", 0.1), touch("z", 1), minor=300, rules=days)
    [found] = rollups.ties(attribution.credit_each(days, [one], ["linear"]))
    assert (found.lines, found.amount) == (2, Money(200, "EUR"))
