"""Campaign names: parsed at the anchor, written so that they are read back, counted by quarter."""

import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from inbound_engine import Policy, PolicyError, campaigns
from inbound_engine.campaigns import CampaignName, CampaignsDocument, Parsed, Quarter
from inbound_engine.documents import changed
from inbound_engine.errors import FactError
from inbound_engine.spelling import Fault

POLICY = Policy()
SHIPPED = campaigns.compile(POLICY.campaigns)
CHANNELS = (
    "CONTENT", "DISPLAY", "EMAIL", "EVENT", "ORGANIC-SOCIAL", "PAID-SEARCH", "PAID-SOCIAL", "PARTNER", "REFERRAL", "WEBINAR",
)  # fmt: skip
SEGMENTS = ("ENTERPRISE", "MID-MARKET", "SAAS", "SCALEUP", "SEO", "SMB", "STARTUP")


def rules(changes: Mapping[str, object]) -> campaigns.Rules:
    return campaigns.compile(changed(POLICY, changes).campaigns)


def parts(read: Parsed) -> dict[str, str] | None:
    return None if read.name is None else dict(read.name.parts)


# ---------------------------------------------------------------------------------------------------------------- parsing


@pytest.mark.parametrize(
    ("text", "channel", "quarter", "segment", "offer"),
    [
        # the four examples of the documents
        ("PAID-SOCIAL-2026-Q1-SCALEUP-DEMAND-GEN", "PAID-SOCIAL", Quarter(2026, 1), "SCALEUP", "DEMAND-GEN"),
        ("WEBINAR-2026-Q2-ENTERPRISE-PRODUCT-DEMO", "WEBINAR", Quarter(2026, 2), "ENTERPRISE", "PRODUCT-DEMO"),
        ("CONTENT-2026-Q1-SEO-REVOPS-GUIDE", "CONTENT", Quarter(2026, 1), "SEO", "REVOPS-GUIDE"),
        ("EVENT-2026-Q3-SAAS-NORTH-SUMMIT", "EVENT", Quarter(2026, 3), "SAAS", "NORTH-SUMMIT"),
        # a segment of several words that the vocabulary knows
        ("EMAIL-2026-Q4-MID-MARKET-WINBACK", "EMAIL", Quarter(2026, 4), "MID-MARKET", "WINBACK"),
        # the first year and quarter are the anchor, the offer may have others
        ("CONTENT-2026-Q1-SEO-REVIEW-OF-2025-Q4", "CONTENT", Quarter(2026, 1), "SEO", "REVIEW-OF-2025-Q4"),
        ("CONTENT-2026-Q1-SEO-2027", "CONTENT", Quarter(2026, 1), "SEO", "2027"),
        # names as data: what other systems split at is an ordinary letter here
        ("CONTENT-2026-Q1-SEO-EMAIL>PROMO(1)", "CONTENT", Quarter(2026, 1), "SEO", "EMAIL>PROMO(1)"),
        ("CONTENT-2026-Q1-SEO-GRÖSSE", "CONTENT", Quarter(2026, 1), "SEO", "GRÖSSE"),
    ],
)
def test_a_name_is_cut_at_its_year_and_quarter(text: str, channel: str, quarter: Quarter, segment: str, offer: str) -> None:
    """UT-2, AD-29."""
    read = campaigns.parse(SHIPPED, text)
    assert parts(read) == {
        "channel": channel,
        "year": str(quarter.year),
        "quarter": f"Q{quarter.number}",
        "segment": segment,
        "offer": offer,
    }
    assert read.name is not None
    assert read.name.quarter == quarter
    assert read.is_sound
    assert str(read.name) == read.normal == text


@pytest.mark.parametrize(
    ("text", "offer", "region"),
    [
        ("camp-2026-q1-demand-gen-eu", "demand-gen", "eu"),
        ("camp-2026-q4-webinar-dach", "webinar", "dach"),
        ("camp-2026-q1-eu-eu", "eu", "eu"),
    ],
)
def test_a_value_of_utm_campaign_ends_with_its_region(text: str, offer: str, region: str) -> None:
    """UT-1."""
    read = campaigns.parse(SHIPPED, text, "utm_campaign")
    assert parts(read) == {"prefix": "camp", "year": "2026", "quarter": f"q{text[11]}", "offer": offer, "region": region}
    assert read.is_sound


SEGMENT_MISSING = Fault("part-missing", "segment", "", SEGMENTS)


@pytest.mark.parametrize(
    ("text", "found", "faults"),
    [
        (
            "paid-social-2026-q1-scaleup-demand-gen",
            True,
            [Fault("spelling", "campaign", "paid-social-2026-q1-scaleup-demand-gen", nearest="PAID-SOCIAL-2026-Q1-SCALEUP-DEMAND-GEN")],
        ),
        (
            " EVENT-2026-Q3-SAAS-NORTH SUMMIT",
            True,
            [Fault("spelling", "campaign", " EVENT-2026-Q3-SAAS-NORTH SUMMIT", nearest="EVENT-2026-Q3-SAAS-NORTH-SUMMIT")],
        ),
        ("EVENTS-2026-Q3-SAAS-SUMMIT", True, [Fault("unknown-value", "channel", "EVENTS", CHANNELS, "EVENT")]),
        ("TV-2026-Q3-SAAS-SUMMIT", True, [Fault("unknown-value", "channel", "TV", CHANNELS)]),
        ("EVENT-2026-Q3-NORTH-SUMMIT", True, [Fault("unknown-value", "segment", "NORTH", SEGMENTS)]),
        (
            "event-2026-Q3-SASS-SUMMIT",
            True,
            [
                Fault("spelling", "campaign", "event-2026-Q3-SASS-SUMMIT", nearest="EVENT-2026-Q3-SASS-SUMMIT"),
                Fault("unknown-value", "segment", "SASS", SEGMENTS, "SAAS"),
            ],
        ),
        ("EVENT-2026-Q3-SAAS", False, [Fault("part-missing", "offer", "")]),
        ("EVENT-2026-Q3", False, [SEGMENT_MISSING]),
        ("EVENT-2026-Q3-MID-MARKET", True, [Fault("unknown-value", "segment", "MID", SEGMENTS)]),  # the offer keeps a word
        ("2026-Q3-SAAS-SUMMIT", False, [Fault("part-missing", "channel", "", CHANNELS)]),
        ("EVENT-2026-Q5-SAAS-SUMMIT", False, [Fault("no-anchor", "campaign", "EVENT-2026-Q5-SAAS-SUMMIT")]),
        ("EVENT-1999-Q1-SAAS-SUMMIT", False, [Fault("no-anchor", "campaign", "EVENT-1999-Q1-SAAS-SUMMIT")]),
        ("EVENT-2026-SAAS-Q1-SUMMIT", False, [Fault("no-anchor", "campaign", "EVENT-2026-SAAS-Q1-SUMMIT")]),
        ("Spring sale", False, [Fault("no-anchor", "campaign", "Spring sale")]),
        # read for the asking, and not read in its place
        (
            "EVENT_2026_Q3_SAAS_SUMMIT",
            False,
            [Fault("no-anchor", "campaign", "EVENT_2026_Q3_SAAS_SUMMIT", nearest="EVENT-2026-Q3-SAAS-SUMMIT")],
        ),
        (
            "event | 2026Q3 | saas | summit",
            False,
            [Fault("no-anchor", "campaign", "event | 2026Q3 | saas | summit", nearest="EVENT-2026-Q3-SAAS-SUMMIT")],
        ),
        (
            "EVENT-Q3-2026-SAAS-SUMMIT",
            False,
            [Fault("no-anchor", "campaign", "EVENT-Q3-2026-SAAS-SUMMIT", nearest="EVENT-2026-Q3-SAAS-SUMMIT")],
        ),
        (
            "EVENT--2026-Q3-SAAS-SUMMIT",
            False,
            [Fault("empty-part", "campaign", "EVENT--2026-Q3-SAAS-SUMMIT", nearest="EVENT-2026-Q3-SAAS-SUMMIT")],
        ),
        ("EVENT-2026-Q3-SAAS-", False, [Fault("empty-part", "campaign", "EVENT-2026-Q3-SAAS-")]),
        ("--", False, [Fault("empty-part", "campaign", "--")]),
        ("", False, [Fault("missing", "campaign", "")]),
        ("  ", False, [Fault("missing", "campaign", "")]),
    ],
)
def test_a_fault_names_the_part_and_what_would_do(text: str, found: bool, faults: list[Fault]) -> None:
    """UT-2, AD-28: with the nearest allowed value, and never corrected."""
    read = campaigns.parse(SHIPPED, text)
    assert list(read.faults) == faults
    assert (read.name is not None) is found
    assert read.text == text


def test_the_anchor_is_the_first_that_leaves_every_part_a_word() -> None:
    """Of two, the second where the first stands at the head."""
    read = campaigns.parse(SHIPPED, "2025-Q4-2026-Q1-SEO-GUIDE")
    assert parts(read) == {"channel": "2025-Q4", "year": "2026", "quarter": "Q1", "segment": "SEO", "offer": "GUIDE"}
    assert [fault.where for fault in read.faults] == ["channel"]


def test_parts_on_both_sides_of_the_one_that_takes_the_rest() -> None:
    """The longest known value on either side, each other part keeping a word."""
    own = campaigns.compile(
        CampaignsDocument.model_validate(
            {
                "patterns": [
                    {
                        "id": "own",
                        "parts": [
                            {"id": "region", "values": ["EU", "NORTH-AMERICA"]},
                            {"id": "team", "open": True, "values": ["FIELD-OPS"]},
                            {"id": "channel", "open": True, "takes_rest": True},
                            {"id": "kind", "open": True},
                            {"id": "year"},
                            {"id": "quarter"},
                            {"id": "offer", "open": True, "takes_rest": True},
                            {"id": "variant", "values": ["A", "B", "LONG-A", "VERY-LONG-A"]},
                            {"id": "language", "open": True},
                        ],
                    }
                ]
            }
        )
    )

    def values(text: str) -> list[str] | None:
        name = campaigns.parse(own, text, "own").name
        return None if name is None else [value for _, value in name.parts]

    assert values("NORTH-AMERICA-OPS-PAID-SOCIAL-ADS-2026-Q1-DEMO-DAY-VERY-LONG-A-DE") == [
        "NORTH-AMERICA", "OPS", "PAID-SOCIAL", "ADS", "2026", "Q1", "DEMO-DAY", "VERY-LONG-A", "DE",
    ]  # fmt: skip
    assert values("NORTH-AMERICA-A-B-2026-Q1-LONG-A-DE") == ["NORTH", "AMERICA", "A", "B", "2026", "Q1", "LONG", "A", "DE"]
    assert values("NORTH-AMERICA-A-B-C-2026-Q1-X-LONG-A-DE") == ["NORTH-AMERICA", "A", "B", "C", "2026", "Q1", "X", "LONG-A", "DE"]
    assert values("NORTH-AMERICA-FIELD-OPS-B-2026-Q1-X-A-DE") == ["NORTH-AMERICA", "FIELD", "OPS", "B", "2026", "Q1", "X", "A", "DE"]
    assert values("EU-FIELD-OPS-B-2026-Q1-X-A-DE") == ["EU", "FIELD", "OPS", "B", "2026", "Q1", "X", "A", "DE"]
    assert values("EU-FIELD-OPS-B-C-2026-Q1-X-A-DE") == ["EU", "FIELD-OPS", "B", "C", "2026", "Q1", "X", "A", "DE"]
    assert values("EU-A-B-2026-Q1-X-A-DE") is None
    assert [(fault.where, fault.saw) for fault in campaigns.parse(own, "EU-A-B-2026-Q1-X-A-DE", "own").faults] == [("kind", "")]


def test_words_where_the_pattern_has_no_part() -> None:
    own = campaigns.compile(
        CampaignsDocument.model_validate(
            {"patterns": [{"id": "own", "parts": [{"id": "year"}, {"id": "quarter"}, {"id": "offer", "open": True}]}]}
        )
    )
    assert campaigns.parse(own, "2026-Q1-DEMO", "own").is_sound
    read = campaigns.parse(own, "EVENT-2026-Q1-DEMO", "own")
    assert read.faults == (Fault("part-missing", "own", "EVENT-2026-Q1-DEMO", ("YEAR-QUARTER-OFFER",)),)


@pytest.mark.parametrize("text", [None, 1, b"EVENT"])
def test_a_name_is_text(text: Any) -> None:  # noqa: ANN401
    with pytest.raises(FactError, match="campaign"):
        campaigns.parse(SHIPPED, text)


@pytest.mark.parametrize(("pattern", "hint"), [("campain", 'Did you mean "campaign"'), ("zzz", "Add it to campaigns.patterns")])
def test_a_pattern_is_one_of_the_policys(pattern: str, hint: str) -> None:
    with pytest.raises(FactError, match=hint):
        campaigns.parse(SHIPPED, "EVENT-2026-Q3-SAAS-SUMMIT", pattern)


# ---------------------------------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"channel": "paid social", "year": 2026, "quarter": 1, "segment": "Scaleup", "offer": "Demand Gen"},
            "PAID-SOCIAL-2026-Q1-SCALEUP-DEMAND-GEN",
        ),
        (
            {"offer": "winback", "segment": "MID-MARKET", "quarter": "q4", "year": "2026", "channel": "EMAIL"},
            "EMAIL-2026-Q4-MID-MARKET-WINBACK",
        ),
    ],
)
def test_a_name_is_written_from_its_parts(given: dict[str, str | int], text: str) -> None:
    """UT-2."""
    name = campaigns.write(SHIPPED, given)
    assert str(name) == text
    assert campaigns.parse(SHIPPED, text).name == name


def test_a_value_of_utm_campaign_is_written_in_small_letters() -> None:
    given: dict[str, str | int] = {"prefix": "camp", "year": 2026, "quarter": 1, "offer": "Demand Gen", "region": "EU"}
    assert str(campaigns.write(SHIPPED, given, "utm_campaign")) == "camp-2026-q1-demand-gen-eu"


SOUND: dict[str, str | int] = {"channel": "EVENT", "year": 2026, "quarter": 3, "segment": "SAAS", "offer": "SUMMIT"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chanel": "EVENT"}, r"campaign\.chanel: .*Did you mean \"channel\""),
        ({"colour": "red"}, r"campaign\.colour: .*Leave it out"),
        ({"offer": None}, r'campaign\.offer: saw nothing, expected text. Add "offer"'),
        ({"offer": 3}, r"campaign\.offer: saw 3, expected text"),
        ({"offer": ""}, r"campaign\.offer: .*joined by single hyphens"),
        ({"offer": "A--B"}, r"campaign\.offer: .*joined by single hyphens"),
        ({"year": 1999}, r"campaign\.year: saw 1999, expected a year from 2000 to 2099"),
        ({"year": None}, r"campaign\.year: saw nothing"),
        ({"year": True}, r"campaign\.year"),
        ({"quarter": 5}, r"campaign\.quarter: saw 5, expected a quarter from 1 to 4"),
        ({"quarter": "Q"}, r"campaign\.quarter"),
        ({"quarter": 1.0}, r"campaign\.quarter"),
        ({"channel": "EVNT"}, r"campaign\.channel: saw 'EVNT', expected one of .*Did you mean \"EVENT\""),
        ({"channel": "TELEVISION"}, r"campaign\.channel: saw 'TELEVISION', expected one of [A-Z, -]*\.$"),
        # what would be read back otherwise
        ({"segment": "MID", "offer": "MARKET-DAY"}, r"campaign\.segment: saw 'MID'.*read with the segment 'MID-MARKET'"),
        ({"segment": "SAAS-NORTH"}, r"campaign\.segment: saw 'SAAS-NORTH'.*read with the segment 'SAAS'"),
        ({"channel": "EVENT-2025-Q4"}, r"campaign\.channel: saw 'EVENT-2025-Q4'.*read with the channel 'EVENT'"),
    ],
)
def test_parts_that_make_no_name_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message):
        campaigns.write(SHIPPED, {**SOUND, **changes})


def test_a_name_answers_for_its_parts_and_survives_a_pickle() -> None:
    name = campaigns.write(SHIPPED, SOUND)
    assert name == CampaignName(
        "campaign", (("channel", "EVENT"), ("year", "2026"), ("quarter", "Q3"), ("segment", "SAAS"), ("offer", "SUMMIT"))
    )
    assert name["segment"] == "SAAS"
    with pytest.raises(FactError, match=r"campaign\.part: saw 'region', expected one of channel, offer"):
        name["region"]
    assert pickle.loads(pickle.dumps(name)) == name  # noqa: S301


# ---------------------------------------------------------------------------------------------------------------- documents


ANCHOR: list[dict[str, object]] = [{"id": "year"}, {"id": "quarter"}]
OPEN = {"id": "offer", "open": True}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"parts": [OPEN]}, "parts: saw"),
        ({"parts": [OPEN, {"id": "team", "open": True}]}, 'expected "year", followed by "quarter"'),
        ({"parts": [{"id": "year"}, OPEN, {"id": "quarter"}]}, 'expected "year", followed by "quarter"'),
        ({"parts": [{"id": "quarter"}, {"id": "year"}]}, 'expected "year", followed by "quarter"'),
        (
            {"parts": [*ANCHOR, OPEN, {"id": "team", "open": True}]},
            "0 parts that take the rest, expected exactly one of them: one of offer, team",
        ),
        (
            {"parts": [*ANCHOR, {**OPEN, "takes_rest": True}, {"id": "team", "open": True, "takes_rest": True}]},
            "2 parts that take the rest",
        ),
        ({"parts": [{"id": "year", "open": True}, {"id": "quarter"}, OPEN]}, r"parts\[year\]: saw values of the anchor"),
        ({"parts": [*ANCHOR, {"id": "offer"}]}, r"parts\[offer\].values: saw no values"),
        ({"parts": [*ANCHOR, {"id": "offer", "values": ["Demo"]}]}, r'parts\[offer\].values\[0\]: saw \'Demo\'.*Write it like "DEMO"'),
        ({"parts": [*ANCHOR, {"id": "offer", "values": ["A--B"]}]}, r"joined by single hyphens"),
        ({"parts": [*ANCHOR, {"id": "offer", "values": [""]}]}, r"joined by single hyphens"),
        ({"parts": [*ANCHOR, {"id": "offer", "values": ["A-2026-Q1"]}]}, r"without a year and a quarter"),
        ({"case": "lower", "parts": [*ANCHOR, {"id": "offer", "values": ["DEMO"]}]}, r'Write it like "demo"'),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(document: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        CampaignsDocument.model_validate({"patterns": [{"id": "own", **document}]})


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"watch_above": 31, "at_most": 30}, "watch_above: saw 31, expected at most 30"),
        ({"compliance_percent": 101}, "compliance_percent: saw 101, expected 0 to 100"),
        ({"compliance_percent": -1}, "compliance_percent"),
        ({"year_starts": 13}, "year_starts"),
        ({"at_most": -1, "watch_above": 0}, "at_most"),
    ],
)
def test_limits_that_cannot_mean_anything_are_refused(document: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        CampaignsDocument.model_validate(document)
