"""Where facts are found: forms that can mean nothing are refused when they are made."""

import pytest

from inbound_engine.errors import FactError
from inbound_engine.sources import Naive, Separated


def test_a_separator_stands_between_two_members() -> None:
    with pytest.raises(FactError, match=r"Separated\.by: saw '', expected what stands between two members"):
        Separated("tools", by="")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "localtime", ""])
def test_the_zone_of_naive_instants_exists(zone: str) -> None:
    with pytest.raises(FactError, match=r"Naive\.zone: saw"):
        Naive("created", zone=zone)
