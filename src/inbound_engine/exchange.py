"""What is an amount in another currency, on which day?

Only an explicit table says (AD-20): rates with their dates, written by whoever answers for them. The rate of a day is the latest
that is dated on or before it; where there is none, or where it is older than the table allows, there is no answer but a `FactError`.
No rate is inverted and none is chained, since the result would be nobody's rate.

The converted amount is the exact product, rounded half to even to the last unit, once: deals are converted, then split.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from attrs import field, frozen

from inbound_engine.documents import parse_exact
from inbound_engine.errors import FactError, each_of, of_type, shown
from inbound_engine.money import Money, exponent

__all__ = ["ExchangeRate", "ExchangeTable"]


def _exact_rate(value: object) -> Fraction:
    try:
        rate = parse_exact(value)
    except ValueError:
        raise FactError("exchange_rate.rate", shown(value), 'an exact number such as "0.9213"', "A float is not exact.") from None
    if rate <= 0:
        raise FactError("exchange_rate.rate", shown(value), "more than zero")
    return rate


@frozen
class ExchangeRate:
    """One unit of `currency` is `rate` units of `into`, from `day` on; `source` says who says so.

    >>> ExchangeRate("USD", "EUR", date(2026, 3, 2), "0.9213", source="ECB").rate
    Fraction(9213, 10000)
    """

    currency: str
    into: str
    day: date
    rate: Fraction = field(converter=_exact_rate)
    source: str = ""

    def __attrs_post_init__(self) -> None:
        """Checks both currencies and the date."""
        exponent(self.currency)
        exponent(self.into)
        if type(self.day) is not date:
            raise FactError("exchange_rate.day", shown(self.day), "a date")


def _table(rates: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    ordered = tuple(sorted(each_of(rates, ExchangeRate, "exchange.rates"), key=lambda row: (row.currency, row.into, row.day)))
    for earlier, later in pairwise(ordered):
        if (earlier.currency, earlier.into, earlier.day) == (later.currency, later.into, later.day):
            raise FactError("exchange", f"two rates of {later.currency} in {later.into} on {later.day.isoformat()}", "one")
    return ordered


@frozen
class ExchangeTable:
    """Dated rates into one currency; `oldest_days` is how old a rate may be on the day that it is used for, None is any age.

    Two rates of one currency on one day are a `FactError`.

    >>> table = ExchangeTable("EUR", [ExchangeRate("USD", "EUR", date(2026, 3, 2), "0.9213")])
    >>> amount, rate = table.convert(Money.of(100, "USD"), on=date(2026, 3, 5))
    >>> str(amount), rate.day.isoformat()
    ('EUR 92.13', '2026-03-02')
    """

    into: str
    rates: tuple[ExchangeRate, ...] = field(converter=_table)
    oldest_days: int | None = None

    def __attrs_post_init__(self) -> None:
        """Checks that every rate leads into the currency of the table, and the age."""
        exponent(self.into)
        if self.oldest_days is not None and (type(self.oldest_days) is not int or self.oldest_days < 0):
            raise FactError("exchange.oldest_days", shown(self.oldest_days), "a whole number of days from 0 on, or None")
        for rate in self.rates:
            if rate.into != self.into:
                raise FactError("exchange", f"a rate into {rate.into}", f"rates into {self.into}")

    def convert(self, amount: Money, *, on: date) -> tuple[Money, ExchangeRate | None]:
        """The amount in the currency of the table, and the rate that was used; None where it is in that currency already."""
        if type(on) is not date:
            raise FactError("on", shown(on), "a date", "Of an instant, take the date in the zone of the books.")
        if of_type(amount, Money, "amount").currency == self.into:
            return amount, None
        own = [rate for rate in self.rates if rate.currency == amount.currency]
        place = bisect_right(own, on, key=lambda rate: rate.day) - 1
        if place < 0 or (self.oldest_days is not None and (on - own[place].day).days > self.oldest_days):
            expected = f"a rate of {amount.currency} in {self.into} for {on.isoformat()}"
            raise FactError("exchange", "none" if place < 0 else f"one of {own[place].day.isoformat()}", expected, "Add it to the table.")
        rate = own[place]
        shift = Fraction(10) ** (exponent(self.into) - exponent(amount.currency))
        return Money(round(amount.minor * rate.rate * shift), self.into), rate
