"""What is an amount, and how is it split to the last unit?

An amount is a whole number of the minor units of its currency (FD-3): 95,000 euros are 9,500,000 cents, 95,000 yen are
95,000 yen, since the yen has no minor unit. So no sum and no split ever passes through floating point or a decimal
context, and the same amounts give the same result on every machine.

A split is by largest remainder, once (AD-16): every line gets the whole units of its exact share, and the units left
over go to the lines that lost most by it. Roll-ups are plain sums of lines, and so they reconcile. As with every method
that keeps to within one unit of the exact share, a larger amount may now and then lower one line by one unit.

Not here: conversion. Two currencies never meet in one sum (AD-20), and there is no zero that fits them all; equality is
the one question that may be asked across currencies, and its answer is no.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from math import lcm
from types import MappingProxyType
from typing import Final

from attrs import frozen

from inbound_engine.errors import FactError, each_of, of_type, shown

__all__ = ["Money", "allot", "exponent", "split", "total"]

# ISO 4217, List One, as of January 2026: every active code that has a minor unit, by the exponent of that unit.
# Left out, since nothing of theirs can be split to a last unit: metals (XAG XAU XPD XPT), units of account (XBA XBB XBC
# XBD XDR XSU XUA), testing (XTS) and "no currency" (XXX).
_ACTIVE: Final = (
    # CLP, ISK, KRW, PYG, RWF, UGX, VND: hundredths exist in name or in history, and ISO counts none.
    # UYI: a fund, pesos in indexed units.
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    # HUF, IDR, TWD and others are mostly shown without decimals, and counted with two.
    # MGA and MRU divide into fifths, and are counted in hundredths all the same.
    # BOV, CHE, CHW, COU, MXV, USN and XAD are funds. VED and VES are both the bolívar, within Venezuela and outside.
    (2, "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW"),
    (2, "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"),
    (2, "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK"),
    (2, "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP"),
    (2, "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG"),
    (2, "YER ZAR ZMW ZWG"),
    # Thousandths. The Tunisian dinar too, unlike the Algerian one (2) and the Moroccan dirham (2).
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    # Funds: the Chilean and the Uruguayan unit of account, quoted to four decimals.
    (4, "CLF UYW"),
)
# List Three, those withdrawn from 2002 on: deals of their time still stand in them. That list gives no exponents, so they are those
# that the codes had on List One.
_WITHDRAWN: Final = (
    # Lire, pesetas, drachmas, the old lira: there were hundredths once, and ISO counted none.
    (0, "ADP BEF BYR ESP GRD ITL LUF MGF PTE TPE TRL"),
    (2, "AFA ANG ATS AYM AZM BGL BGN CHC CSD CUC CYP DEM EEK FIM FRF GHC HRK IEP LTL LVL MRO MTL MZM NLG ROL RUR SDD SIT"),
    (2, "SKK SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR"),
)
_EXPONENTS: Final = MappingProxyType({code: places for places, codes in (*_ACTIVE, *_WITHDRAWN) for code in codes.split()})
_DIGITS: Final = 36  # of minor units: far above any sum of money, far below what would take long to print
_LIMIT: Final = 10**_DIGITS
_WRITTEN: Final = re.compile(r"(-?[0-9]{1,36})(?:\.([0-9]+))?")


@total_ordering
@frozen
class Money:
    """A whole number of the minor units of one currency.

    `minor` has at most 36 digits, `currency` is an ISO 4217 code in capitals. `+`, `-` and the order of amounts hold
    within one currency and are a `FactError` across two (AD-20). Amounts of two currencies are never equal, zeros
    included. (FD-3, AD-15)

    >>> Money(2_850_000, "EUR") + Money(1_900_000, "EUR")
    Money(minor=4750000, currency='EUR')
    """

    minor: int
    currency: str

    def __attrs_post_init__(self) -> None:
        """Refuses what is not exact, and codes without a minor unit."""
        if type(self.minor) is not int:
            hint = 'Write Money.of("95000.00", "EUR") for an amount with decimals.'
            raise FactError("money.minor", shown(self.minor), "a whole number of minor units", hint)
        if abs(self.minor) >= _LIMIT:
            raise FactError("money.minor", shown(self.minor), f"at most {_DIGITS} digits of minor units")
        exponent(self.currency)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """An amount as people write it, in whole units of the currency and decimals.

        Text has at most the decimals of its currency, a point, no grouping and no exponent: "95.000" may well mean
        ninety-five thousand, and is refused in euros. A `Decimal` may carry further zeros, as databases pad them, but
        no further digits. A float is refused (AD-15), and so is what is not finite.

        >>> Money.of("95000.00", "EUR") == Money.of(95_000, "EUR") == Money(9_500_000, "EUR")
        True
        """
        places = exponent(currency)
        if isinstance(amount, str):
            return cls(_read_text(amount, currency, places), currency)
        if isinstance(amount, Decimal):
            return cls(_read_decimal(amount, currency, places), currency)
        if type(amount) is int:
            return cls(amount * 10**places, currency)
        hint = 'Write text such as "95000.00", or a Decimal: a float is not exact.'
        raise FactError("money.amount", shown(amount), "text, a whole number or a Decimal", hint)

    @property
    def amount(self) -> Decimal:
        """The amount in whole units of its currency, with all its decimals, whatever the decimal context.

        >>> Money(2_850_000, "EUR").amount
        Decimal('28500.00')
        """
        return Decimal(self._digits())

    def __str__(self) -> str:
        """The code, a space, the amount with a point and without grouping."""
        return f"{self.currency} {self._digits()}"

    def __add__(self, other: "Money") -> "Money":
        """The sum, in the one currency of both."""
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + _like(self, other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The difference, in the one currency of both."""
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - _like(self, other), self.currency)

    def __neg__(self) -> "Money":
        """The amount that cancels this one."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Whether this is the smaller of two amounts in one currency."""
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor < _like(self, other)

    def _digits(self) -> str:
        places = exponent(self.currency)
        whole, rest = divmod(abs(self.minor), 10**places)
        return f"{'-' if self.minor < 0 else ''}{whole}" + (f".{rest:0{places}}" if places else "")


def exponent(currency: str) -> int:
    """The number of decimals of a currency: its minor unit is `10 ** -exponent` (ISO 4217, FD-3).

    Codes are in capitals: the active ones, and those withdrawn from 2002 on (HRK, BGN, DEM), which deals of their time have. One
    without a minor unit (XAU, XXX) is a `FactError`.

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    places = _EXPONENTS.get(currency) if type(currency) is str else None
    if places is None:
        seen = shown(currency)
        meant = seen.strip("' ").upper()
        hint = f'Write "{meant}".' if meant in _EXPONENTS else "Convert other amounts before they come in."
        raise FactError("money.currency", seen, "an ISO 4217 code that has a minor unit", hint)
    return places


def split(amount: Money, weights: Sequence[int | Fraction]) -> tuple[Money, ...]:
    """The amount in one line per weight, in proportion, adding up to it to the last unit (FD-3, AD-16).

    Weights are not negative and not all zero; they need not add up to 1, and only their proportions count. Each line is
    within one unit of its exact share. Leftover units go to the largest remainders, between equal remainders to the
    earlier line (AD-17): who wants ties to fall otherwise orders the weights so. A weight of zero gets nothing. A
    negative amount is the mirror image of the positive one, unit by unit, and zero gives zeros (AD-18). Other weights are
    a `FactError`.

    >>> [str(line) for line in split(Money.of(100, "EUR"), (1, 1, 1))]
    ['EUR 33.34', 'EUR 33.33', 'EUR 33.33']
    """
    of_type(amount, Money, "amount")
    for place, weight in enumerate(_listed(weights)):
        if not (type(weight) is int or isinstance(weight, Fraction)) or weight < 0:
            raise FactError(f"money.weights[{place}]", shown(weight), "an int or a Fraction, zero or more")
    common = lcm(*(weight.denominator for weight in weights))
    parts = [weight.numerator * (common // weight.denominator) for weight in weights]
    whole = sum(parts)
    if whole == 0:
        raise FactError("money.weights", f"{len(parts)} weights that add up to 0", "at least one weight above zero")
    return tuple(Money(line, amount.currency) for line in allot(amount.minor, parts, whole))


def allot(minor: int, parts: Sequence[int], whole: int) -> list[int]:
    """The core of `split`, for whoever splits many amounts: minor units in proportion to whole numbers that add up to `whole`.

    Nothing is checked here.

    >>> allot(10_000, (1, 1, 1), 3), allot(-10_000, (1, 1, 1), 3)
    ([3334, 3333, 3333], [-3334, -3333, -3333])
    """
    if minor < 0:
        return [-line for line in allot(-minor, parts, whole)]
    lines, remainders, left = [], [], minor
    for part in parts:
        line, remainder = divmod(minor * part, whole)
        lines.append(line)
        remainders.append(remainder)
        left -= line
    if left == 1:
        lines[remainders.index(max(remainders))] += 1
    elif left:
        # sorted() is stable, also in reverse, so the earlier of two equal remainders comes first
        for place in sorted(range(len(lines)), key=remainders.__getitem__, reverse=True)[:left]:
            lines[place] += 1
    return lines


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The plain sum of amounts in one currency; of no amounts, the zero of that currency.

    The currency is said beforehand, since nothing has none. An amount in another one is a `FactError` (AD-20).

    >>> str(total([Money.of("28500.00", "EUR"), Money.of("19000.00", "EUR")], "EUR"))
    'EUR 47500.00'
    """
    nothing = Money(0, currency)
    return Money(sum(_like(nothing, amount) for amount in each_of(amounts, Money, "amounts")), currency)


def _listed(weights: object) -> Sequence[int | Fraction]:
    if isinstance(weights, Sequence):
        return weights
    raise FactError("money.weights", shown(weights), "a list of weights")


def _like(one: Money, other: Money) -> int:
    """The minor units of the other amount, once it is known to be in the same currency."""
    if one.currency != other.currency:
        hint = "Convert one of them first, at a dated rate."
        raise FactError("money.currency", f"{one.currency} and {other.currency}", "one currency", hint)
    return other.minor


def _read_text(text: str, currency: str, places: int) -> int:
    written = _WRITTEN.fullmatch(text)
    if written is None:
        hint = "Leave out signs of currency, grouping, spaces and exponents."
        raise FactError("money.amount", shown(text), 'digits, and a point before decimals, such as "95000.00"', hint)
    whole, decimals = written[1], written[2] or ""
    if len(decimals) > places:
        raise FactError("money.amount", shown(text), _at_most(places, currency))
    return int(whole + decimals.ljust(places, "0"))


def _read_decimal(amount: Decimal, currency: str, places: int) -> int:
    """Reads the digits themselves: arithmetic would round to the context, and a huge exponent would take for ever."""
    sign, digits, power = amount.as_tuple()
    if isinstance(power, str):
        raise FactError("money.amount", shown(amount), "a finite amount")
    significant = "".join(map(str, digits)).rstrip("0")
    shift = power + len(digits) - len(significant) + places
    if not significant:
        return 0
    if shift < 0:
        raise FactError("money.amount", shown(amount), _at_most(places, currency))
    if len(significant) + shift > _DIGITS:
        raise FactError("money.amount", shown(amount), f"at most {_DIGITS} digits of minor units")
    minor = int(significant + "0" * shift)
    return -minor if sign else minor


def _at_most(places: int, currency: str) -> str:
    return f"at most {places} decimals in {currency}" if places else f"no decimals in {currency}"
