"""Names by quarter: how many there are, in which spellings, and how many are sound."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import Policy, campaigns, census
from inbound_engine.campaigns import Quarter
from inbound_engine.documents import changed
from inbound_engine.errors import FactError
from inbound_engine.proportions import Rate
from inbound_engine.spans import zone

POLICY = Policy()
SHIPPED = campaigns.compile(POLICY.campaigns)


def rules(changes: Mapping[str, object]) -> campaigns.Rules:
    return campaigns.compile(changed(POLICY, changes).campaigns)


@pytest.mark.parametrize(
    ("day", "starts", "quarter"),
    [
        (date(2026, 1, 1), 1, "2026-Q1"),
        (date(2026, 3, 31), 1, "2026-Q1"),
        (date(2026, 4, 1), 1, "2026-Q2"),
        (date(2026, 12, 31), 1, "2026-Q4"),
        (date(2026, 1, 31), 2, "2025-Q4"),
        (date(2026, 2, 1), 2, "2026-Q1"),
        (date(2026, 9, 30), 10, "2025-Q4"),
        (date(2026, 10, 1), 10, "2026-Q1"),
        (date(2026, 12, 1), 12, "2026-Q1"),
    ],
)
def test_a_year_of_quarters_starts_where_the_policy_says(day: date, starts: int, quarter: str) -> None:
    assert str(census.quarter_of(rules({"campaigns.year_starts": starts}), day)) == quarter


def test_an_instant_lies_in_the_quarter_of_a_zone() -> None:
    """FD-2: midnight is where somebody is."""
    at = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert census.quarter_of(SHIPPED, at, zone("UTC")) == Quarter(2026, 1)
    assert census.quarter_of(SHIPPED, at, zone("Europe/Berlin")) == Quarter(2026, 2)
    assert census.quarter_of(SHIPPED, at.astimezone(timezone(timedelta(hours=9))), zone("UTC")) == Quarter(2026, 1)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), "zone: saw nothing"),
        ("2026-03-31", "at: saw '2026-03-31', expected a date, or an aware datetime"),
        (None, "at: saw nothing"),
    ],
)
def test_a_use_has_a_day_or_an_instant_with_a_zone(at: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(FactError, match=message):
        census.take(SHIPPED, [("spring", at)])
    with pytest.raises(FactError, match="without a zone"):
        census.take(SHIPPED, [("spring", datetime(2026, 3, 31))], zone=zone("UTC"))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("count", "standing", "over"),
    [(0, None, ()), (1, "ok", ()), (20, "ok", ()), (21, "watch", ()), (30, "watch", ()), (31, "over", (Quarter(2026, 1),)),
     (847, "over", (Quarter(2026, 1),))],
)  # fmt: skip
def test_a_quarter_has_20_to_30_values_at_most(count: int, standing: str | None, over: Sequence[Quarter]) -> None:
    """UT-3: a firm had 847."""
    found = census.take(SHIPPED, [(f"camp-{number}", date(2026, 1, 1 + number % 31)) for number in range(count)])
    assert [usage.standing for usage in found.quarters] == ([] if standing is None else [standing])
    assert [usage.distinct for usage in found.quarters] == ([] if standing is None else [count])
    assert found.over == over


def test_spellings_are_one_value_and_are_told() -> None:
    """AD-28: counted once, since they are meant once; listed, since other systems count each."""
    found = census.take(
        SHIPPED,
        [
            ("Spring", date(2026, 2, 1)),
            ("spring", date(2026, 3, 1)),
            ("Spring", date(2026, 3, 2)),
            ("brand_us_q1", date(2026, 3, 3)),
            ("brand_us_q2", date(2026, 3, 3)),
            ("spring", date(2025, 12, 31)),
            ("", date(2025, 12, 31)),
            (" ", date(2025, 12, 31)),
        ],
    )
    assert [(str(usage.quarter), usage.distinct, usage.uses, usage.unnamed, usage.split) for usage in found.quarters] == [
        ("2025-Q4", 1, 1, 2, ()),
        ("2026-Q1", 3, 5, 0, (("spring", ("Spring", "spring")),)),
    ]


def test_a_use_is_a_text() -> None:
    with pytest.raises(FactError, match="uses: saw a list of 2"):
        census.take(SHIPPED, [(None, date(2026, 1, 1))])  # type: ignore[list-item]  # on purpose


GOOD, BAD = "EVENT-2026-Q3-SAAS-SUMMIT", "spring sale"


@pytest.mark.parametrize(
    ("texts", "of", "rate", "enough"),
    [
        ([], "names", Rate(0, 0), None),
        ([GOOD], "names", Rate(1, 1), True),
        ([GOOD, BAD], "names", Rate(1, 2), False),
        ([GOOD] * 19 + [BAD], "names", Rate(1, 2), False),
        ([GOOD] * 19 + [BAD], "uses", Rate(19, 20), True),  # 95 % is enough
        ([GOOD] * 18 + [BAD], "uses", Rate(18, 19), False),
        ([f"EVENT-2026-Q3-SAAS-{number}" for number in range(19)] + [BAD, BAD], "names", Rate(19, 20), True),
    ],
)
def test_compliance_is_the_share_of_sound_names(texts: list[str], of: str, rate: Rate, enough: bool | None) -> None:
    """UT-3: at least 95 %, compared exactly; of no names nothing is known."""
    own = rules({"campaigns.compliance_of": of})
    found = census.compliance(own, (campaigns.parse(own, text) for text in texts))
    assert (found.rate, found.at_least, found.is_enough) == (rate, Fraction(19, 20), enough)


def test_the_most_frequent_faults_come_first() -> None:
    texts = ["TV-2026-Q3-SAAS-A", "TV-2026-Q3-SAAS-B", "RADIO-2026-Q3-MOON-C", "tv-2026-q3-saas-d"]
    found = census.compliance(SHIPPED, [campaigns.parse(SHIPPED, text) for text in texts])
    assert found.faults == (("unknown-value", "channel", 4), ("spelling", "campaign", 1), ("unknown-value", "segment", 1))
