"""Where in a table is a fact found?

A fact is read from the column of its name unless the caller says otherwise: another name, several of which the first known one counts,
a text that separates the members of a set, the two parts of an amount, an instant without its zone, or None for a fact that nobody
knows. Frames and SQL read the same answers.
"""

from typing import TypeAlias

from attrs import frozen

__all__ = ["Amount", "Naive", "Separated", "Source"]


@frozen
class Separated:
    """A set kept as text: its members with `by` between them, as in "salesforce;hubspot". An empty text is the empty set.

    >>> Separated("tools", by=",")
    Separated(column='tools', by=',')
    """

    column: str
    by: str = ";"


@frozen
class Amount:
    """An amount: a column of whole minor units, and a column of ISO 4217 codes, or the one code of them all.

    >>> Amount("revenue_cents", currency="EUR")
    Amount(minor='revenue_cents', currency='EUR', currency_column=None)
    """

    minor: str
    currency: str | None = None
    currency_column: str | None = None


@frozen
class Naive:
    """Instants without a zone, which are those of `zone`.

    >>> Naive("created")
    Naive(column='created', zone='UTC')
    """

    column: str
    zone: str = "UTC"


Source: TypeAlias = str | tuple[str, ...] | Separated | Amount | Naive | None
"""Where a fact is found: a column, several of which the first known counts, one of the forms above, or None: nobody knows it."""
