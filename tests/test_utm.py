"""UTM parameters: read as they are, keyed, flagged, and held against the vocabulary."""

import csv
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from inbound_engine import Policy, PolicyError, campaigns, utm
from inbound_engine.documents import changed
from inbound_engine.errors import FactError
from inbound_engine.utm import Tag, Utm, UtmDocument
from tests.places import DATA, needs_data

POLICY = Policy()


def rules(changes: Mapping[str, object] | None = None) -> utm.Rules:
    policy = changed(POLICY, changes or {})
    return utm.compile(policy.utm, campaigns.compile(policy.campaigns))


SHIPPED = rules()
STRICT = rules({"utm.vocabulary": "document"})
GOOD = "utm_source=google&utm_medium=cpc&utm_campaign=camp-2026-q1-demand-gen-eu"


def values(found: Utm) -> dict[str, str]:
    return {tag.parameter: tag.value for tag in found.tags}


# ---------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("url", "expected", "flags"),
    [
        (f"https://acme.example/?{GOOD}", {"source": "google", "medium": "cpc", "campaign": "camp-2026-q1-demand-gen-eu"}, set()),
        ("https://acme.example/", {}, set()),
        ("", {}, set()),
        ("utm_source=google", {}, set()),  # no question mark, no parameters
        ("?utm_source=google", {"source": "google"}, set()),
        ("https://a.example/?UTM_Source=google", {"source": "google"}, set()),
        ("https://a.example/?utm_source=Google", {"source": "Google"}, {"uppercase_value"}),
        ("https://a.example/?utm_source=a%20b&utm_medium=c+d", {"source": "a b", "medium": "c d"}, {"space_in_value"}),
        ("https://a.example/?utm_source=a%2Bb", {"source": "a+b"}, set()),
        ("https://a.example/?utm_source=a%2520b", {"source": "a%20b"}, set()),  # escaped twice: as it came
        ("https://a.example/?utm_source=caf%C3%A9", {"source": "café"}, {"non_ascii_value"}),
        ("https://a.example/?utm_source=%FF", {"source": "�"}, {"non_ascii_value"}),
        ("https://a.example/?utm_source=", {}, {"blank_value"}),
        ("https://a.example/?utm_source=+&utm_source=x", {"source": "x"}, {"blank_value", "repeated_name"}),
        ("https://a.example/?utm_source=a&utm_source=b", {"source": "a"}, {"repeated_name"}),
        ("https://a.example/?utm_source=a&UTM_SOURCE=a", {"source": "a"}, {"repeated_name"}),
        ("https://a.example/?x=1&amp;utm_source=a", {}, {"html_escaped_amp"}),
        ("https://a.example/?x=1&amp;amp;utm_source=a", {}, {"html_escaped_amp"}),
        ("https://a.example/?x=1&amp;y=2", {}, set()),  # of no parameter of ours
        ("https://a.example/?utm_+source=a", {}, {"space_in_name"}),
        ("https://a.example/?+utm_source=a", {}, {"space_in_name"}),
        ("https://a.example/?a=1&amp;+gclid=a", {}, {"space_in_name", "html_escaped_amp"}),
        ("https://a.example/#utm_source=a", {}, {"behind_hash"}),
        ("https://a.example/#/page?utm_source=a", {}, {"behind_hash"}),
        ("https://a.example/#utm_source=a&utm_content=why?now", {}, {"behind_hash"}),  # the question mark is of the value
        ("https://a.example/#/page?next=/a?b=c&utm_source=a", {}, {"behind_hash"}),
        ("https://a.example/?utm_source=b#utm_source=a", {"source": "b"}, {"behind_hash"}),
        ("https://a.example/?utm_source=b#top", {"source": "b"}, set()),
        ("https://a.example/?source=b", {}, set()),  # a parameter of the site
        ("https://a.example/?utm_id=AbC%20d&mtm_cid=x", {"id": "AbC d"}, set()),  # ids are not judged
        ("https://a.example/?mtm_source=b", {"source": "b"}, set()),
        ("https://a.example/?mtm_source=b&utm_source=a", {"source": "a"}, set()),  # the first name of the policy rules
        ("https://a.example/?FBCLID=AbC&gclid=x&gclid=y", {}, {"click_id"}),
        ("https://[::1/?utm_source=a", {"source": "a"}, set()),
        ("https://a.example/?utm_source=what?utm_medium=b", {"source": "what?utm_medium=b"}, set()),
    ],
)
def test_a_link_says_what_it_says_and_what_is_odd_is_flagged(url: str, expected: dict[str, str], flags: set[str]) -> None:
    """AD-28: names in any case, values letter for letter; nothing is put right in silence."""
    found = utm.read_url(SHIPPED, url)
    assert values(found) == expected
    assert found.flags == tuple(sorted(flags))
    assert set(found.missing) == {"source", "medium", "campaign"} - expected.keys()


@pytest.mark.parametrize(
    ("change", "url", "expected"),
    [
        ({"utm.repeated": "last"}, "?utm_source=a&utm_source=b", {"source": "b"}),
        ({"utm.repeated": "last"}, "?utm_source=a&mtm_source=b", {"source": "a"}),  # of one name, not of one parameter
        ({"utm.behind_hash": "read"}, "#utm_source=a", {"source": "a"}),
        ({"utm.behind_hash": "read"}, "?utm_source=b#utm_source=a", {"source": "b"}),
    ],
)
def test_which_of_two_values_counts_is_policy(change: dict[str, object], url: str, expected: dict[str, str]) -> None:
    assert values(utm.read_url(rules(change), url)) == expected


def test_ids_have_no_key() -> None:
    """AD-28, pitfall 18: a click id in small letters is another click id."""
    found = utm.read_url(SHIPPED, "https://a.example/?utm_id=AbC&utm_source=AbC")
    assert found.tags == (Tag("source", "utm_source", "AbC", "abc"), Tag("id", "utm_id", "AbC", None))
    assert (found.key("id"), found.key("source"), found.key("medium"), found.value("medium")) == ("AbC", "abc", None, None)


def test_click_ids_are_named_once_and_their_values_are_not_kept() -> None:
    """They are of one person."""
    found = utm.read_url(SHIPPED, "https://a.example/?GCLID=secret&gclid=secret&hsCtaTracking=secret")
    assert found.click_ids == ("gclid", "hsctatracking")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://Acme.Example:8443/?x", "acme.example"), ("/page?x", None), ("https://[::1/", None), ("mailto:a@b.example", None)],
)
def test_the_host_is_that_of_a_url(url: str, host: str | None) -> None:
    assert utm.read_url(SHIPPED, url).host == host


def test_a_link_never_changes_and_survives_a_pickle() -> None:
    found = utm.read_url(SHIPPED, f"https://acme.example/?{GOOD}")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert len({found, utm.read_url(SHIPPED, f"https://acme.example/?{GOOD}")}) == 1


@pytest.mark.parametrize("url", [None, 1, b"https://a.example/"])
def test_a_url_is_text(url: Any) -> None:  # noqa: ANN401
    with pytest.raises(FactError, match="url"):
        utm.read_url(SHIPPED, url)


def test_a_thousand_parameters_are_read_and_more_refused() -> None:
    assert values(utm.read_url(SHIPPED, "?" + "&".join(["a=1"] * 999 + ["utm_source=x"]))) == {"source": "x"}
    with pytest.raises(FactError, match="more than 1000 parameters"):
        utm.read_url(SHIPPED, "?" + "&".join(["a=1"] * 1_001))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"utm_source": "google", "UTM_MEDIUM": "cpc"}, {"source": "google", "medium": "cpc"}),
        ({"source": "google"}, {"source": "google"}),  # as Activity.utm has it
        ({"source": "a", "utm_source": "b"}, {"source": "b"}),
        ({"utm_source": None, "other": "x"}, {}),
        ({"utm_source": "paid%20social"}, {"source": "paid%20social"}),
        ({}, {}),
    ],
)
def test_a_record_is_read_by_full_names_and_by_ids(record: dict[str, str | None], expected: dict[str, str]) -> None:
    assert values(utm.read(SHIPPED, record)) == expected


@pytest.mark.parametrize("repeated", ["first", "last"])
@pytest.mark.parametrize(
    "record",
    [
        {"utm_source": "google", "UTM_MEDIUM": "cpc"},
        {"UTM_Source": "a", "utm_source": "b", "source": "c"},
        {"source": "c", "mtm_source": "d"},
        {"utm_source": " ", "mtm_source": "d"},
        {"utm_source": None, "other": "x"},
        {},
    ],
)
def test_one_value_is_that_of_the_whole_record(record: dict[str, str | None], repeated: str) -> None:
    own = rules({"utm.repeated": repeated})
    found = utm.read(own, record)
    for name in ("source", "medium", "campaign", "nothing"):
        assert utm.value(own, record, name) == found.value(name)


@pytest.mark.parametrize("value", [1, True, ["google"]])
def test_a_field_of_a_record_is_text(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(FactError, match=r"utm\.utm_source"):
        utm.read(SHIPPED, {"utm_source": value})


# ---------------------------------------------------------------------------------------------------------------- checking


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        (GOOD, []),
        (GOOD.replace("cpc", "paid_social"), []),
        (GOOD.replace("google", "Google"), ["utm_source: saw 'Google', expected \"google\"."]),
        (
            GOOD.replace("google", "gogle"),
            ["utm_source: saw 'gogle', expected one of email, event, google, linkedin, partner. Did you mean \"google\"?"],
        ),
        (
            GOOD.replace("cpc", "newsletter"),
            ["utm_medium: saw 'newsletter', expected one of affiliate, cpc, display, email, organic, paid_social, referral, social."],
        ),
        (
            "utm_source=google&utm_campaign=camp-2026-q1-demand-gen-eu",
            ["utm_medium: saw nothing, expected one of affiliate, cpc, display, email, organic, paid_social, referral, social."],
        ),
        ("utm_source=google&utm_medium=cpc", ["utm_campaign: saw nothing, expected a value."]),
        (
            GOOD.replace("-q1-", "-"),
            [
                "utm_campaign: saw 'camp-2026-demand-gen-eu', expected a year and a quarter, such as 2026-Q1.",
            ],
        ),
        (f"{GOOD}&utm_id=AbC&utm_content=Anything", []),
    ],
)
def test_a_link_is_held_against_the_vocabulary(query: str, faults: list[str]) -> None:
    """UT-1: the nearest value is there to ask about, and the link stays what it is."""
    assert [str(fault) for fault in utm.check(SHIPPED, utm.read_url(SHIPPED, f"https://a.example/?{query}"))] == faults


@pytest.mark.parametrize("medium", ["email", "paid_social", "affiliate"])
def test_the_strict_list_is_that_of_the_documents(medium: str) -> None:
    """UT-1: the further media are ours."""
    link = f"https://a.example/?{GOOD.replace('cpc', medium)}"
    assert utm.check(SHIPPED, utm.read_url(SHIPPED, link)) == ()
    assert [(fault.code, fault.allowed) for fault in utm.check(STRICT, utm.read_url(STRICT, link))] == [
        ("unknown-value", ("cpc", "display", "organic", "referral", "social"))
    ]


# ---------------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"parameters": []}, "parameters: saw"),
        ({"parameters": [{"id": "a", "names": []}]}, r"parameters\[a\].names"),
        ({"parameters": [{"id": "a", "names": ["UTM_A"]}]}, r'Write "utm_a": names are read in any case'),
        ({"parameters": [{"id": "a", "names": ["x"]}, {"id": "b", "names": ["x"]}]}, r"parameters\[a\]: saw 'x', which another"),
        ({"parameters": [{"id": "a", "names": ["b"]}, {"id": "b", "names": ["x"]}]}, r"parameters\[b\]: saw 'b', which another"),
        ({"parameters": [{"id": "a", "names": ["a"], "is_id": True, "values": ["x"]}]}, r"parameters\[a\].is_id"),
    ],
)
def test_a_document_that_cannot_mean_anything_is_refused(document: dict[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        UtmDocument.model_validate(document)


def test_a_value_that_is_allowed_as_it_is_written_is_no_fault_though_its_twin_is_allowed_too() -> None:
    """Linting tells of the twins; a third spelling is asked about with the first of them."""
    twins = rules({"utm.parameters[medium].values": ["cpc", "CPC"]})
    faults = {
        medium: [fault.nearest for fault in utm.check(twins, utm.read(twins, {"medium": medium})) if fault.code == "spelling"]
        for medium in ("cpc", "CPC", "Cpc")
    }
    assert faults == {"cpc": [], "CPC": [], "Cpc": ["cpc"]}


def test_a_pattern_that_no_campaign_has_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"utm\.parameters\[campaign\]\.pattern: saw 'utm_camp', expected one of campaign, utm_campaign"):
        changed(POLICY, {"utm.parameters[campaign].pattern": "utm_camp"})


def test_to_names_of_ones_own_the_shipped_pattern_does_not_come_along() -> None:
    policy = Policy.model_validate({"campaigns": {"patterns": []}})
    assert [row.pattern for row in policy.utm.parameters if row.pattern] == []
    own = utm.compile(policy.utm, campaigns.compile(policy.campaigns))
    assert utm.check(own, utm.read_url(own, "?utm_source=google&utm_medium=cpc&utm_campaign=anything")) == ()


# ---------------------------------------------------------------------------------------------------------------- real links


@needs_data
def test_every_link_found_in_the_wild_parses_to_its_columns_and_flags() -> None:
    with (DATA / "utm_urls_wild" / "utm_urls_sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 100
    for row in rows:
        found = utm.read_url(SHIPPED, row["url"])
        columns = {name: row[f"utm_{name}"] for name in ("source", "medium", "campaign", "content", "term", "id") if row[f"utm_{name}"]}
        assert values(found) == columns, row["url"]
        assert found.host == row["host"]
        assert {*found.flags, *(f"missing_utm_{name}" for name in found.missing)} == {*row["flags"].split("|")} - {""}, row["url"]
