"""Exchange: amounts in another currency, by dated rates alone."""

import pickle
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine.errors import FactError
from inbound_engine.exchange import ExchangeRate, ExchangeTable
from inbound_engine.money import Money

RATES = (
    ExchangeRate("USD", "EUR", date(2026, 3, 2), "0.92"),
    ExchangeRate("USD", "EUR", date(2026, 2, 1), "0.90"),
    ExchangeRate("JPY", "EUR", date(2026, 2, 1), "0.0061"),
    ExchangeRate("KWD", "EUR", date(2026, 2, 1), Fraction(3)),
)
TABLE = ExchangeTable("EUR", RATES, oldest_days=60)


@pytest.mark.parametrize(
    ("amount", "on", "expected", "day"),
    [
        (Money.of("100.00", "USD"), date(2026, 3, 2), "EUR 92.00", date(2026, 3, 2)),
        (Money.of("100.00", "USD"), date(2026, 3, 1), "EUR 90.00", date(2026, 2, 1)),
        (Money.of("100.00", "USD"), date(2026, 5, 1), "EUR 92.00", date(2026, 3, 2)),
        (Money.of("-100.00", "USD"), date(2026, 3, 2), "EUR -92.00", date(2026, 3, 2)),
        (Money.of(1_000, "JPY"), date(2026, 3, 2), "EUR 6.10", date(2026, 2, 1)),
        (Money.of("0.333", "KWD"), date(2026, 3, 2), "EUR 1.00", date(2026, 2, 1)),
        (Money.of("0.001", "KWD"), date(2026, 3, 2), "EUR 0.00", date(2026, 2, 1)),
        (Money.of("0.005", "KWD"), date(2026, 3, 2), "EUR 0.02", date(2026, 2, 1)),
        (Money.of("5.00", "EUR"), date(1999, 1, 1), "EUR 5.00", None),
    ],
)
def test_the_latest_rate_on_or_before_the_day_is_used(amount: Money, on: date, expected: str, day: date | None) -> None:
    """AD-20: exact, rounded half to even once, whatever the exponents; the rate comes with the amount."""
    converted, rate = TABLE.convert(amount, on=on)
    assert (str(converted), None if rate is None else rate.day) == (expected, day)


@pytest.mark.parametrize(
    ("amount", "on", "saw"),
    [
        (Money.of(1, "USD"), date(2026, 1, 31), "none"),
        (Money.of(1, "CHF"), date(2026, 3, 2), "none"),
        (Money.of(1, "USD"), date(2026, 5, 2), "one of 2026-03-02"),
    ],
)
def test_without_a_rate_there_is_no_answer(amount: Money, on: date, saw: str) -> None:
    """AD-20: nothing is inverted, chained or guessed, and an old rate is none."""
    with pytest.raises(FactError, match=f"saw {saw}"):
        TABLE.convert(amount, on=on)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        (("USD", "EUR", date(2026, 3, 2), 0.92), "exchange_rate.rate"),
        (("USD", "EUR", date(2026, 3, 2), "0"), "exchange_rate.rate"),
        (("USD", "EUR", date(2026, 3, 2), -1), "exchange_rate.rate"),
        (("usd", "EUR", date(2026, 3, 2), 1), "money.currency"),
        (("USD", "XXX", date(2026, 3, 2), 1), "money.currency"),
        (("USD", "EUR", "2026-03-02", 1), "exchange_rate.day"),
    ],
)
def test_what_is_no_rate_is_refused(fields: tuple[Any, ...], path: str) -> None:
    with pytest.raises(FactError, match=path):
        ExchangeRate(*fields)


def test_a_table_has_one_rate_a_day_and_one_currency() -> None:
    with pytest.raises(FactError, match="two rates of USD in EUR on 2026-03-02"):
        ExchangeTable("EUR", (RATES[0], ExchangeRate("USD", "EUR", date(2026, 3, 2), "0.93")))
    with pytest.raises(FactError, match="a rate into EUR"):
        ExchangeTable("USD", RATES)
    assert ExchangeTable("EUR", RATES) == ExchangeTable("EUR", reversed(RATES))
    assert pickle.loads(pickle.dumps(TABLE)) == TABLE  # noqa: S301
