"""Where in a table is a fact found?

A fact is read from the column of its name unless the caller says otherwise: another name, several of which the first known one counts,
a text that separates the members of a set, the two parts of an amount, an instant without its zone, or None for a fact that nobody
knows. Frames and SQL read the same answers.
"""

from typing import TypeAlias

from attrs import frozen

from inbound_engine.errors import FactError, shown
from inbound_engine.spans import zone

__all__ = ["Amount", "Naive", "Separated", "Source"]


@frozen
class Separated:
    """A set kept as text: its members with `by` between them, as in "salesforce;hubspot".

    A text that holds no member, "" or ";", says nothing: the set is unknown, as it is to `intake`. Members are taken letter for letter.

    >>> Separated("tools", by=",")
    Separated(column='tools', by=',')
    """

    column: str
    by: str = ";"

    def __attrs_post_init__(self) -> None:
        """Refuses a separator that separates nothing."""
        if not self.by:
            raise FactError("Separated.by", shown(self.by), "what stands between two members")


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
    """Instants without a zone, which are those of `zone`; a zone that does not exist is a `FactError`.

    >>> Naive("created")
    Naive(column='created', zone='UTC')
    """

    column: str
    zone: str = "UTC"

    def __attrs_post_init__(self) -> None:
        """Refuses what is no zone."""
        zone(self.zone, "Naive.zone")


Source: TypeAlias = str | tuple[str, ...] | Separated | Amount | Naive | None
"""Where a fact is found: a column, several of which the first known counts, one of the forms above, or None: nobody knows it."""
