"""Spellings: one key for all of them, exact slips, and nothing near across periods."""

import pytest

from inbound_engine import spelling
from inbound_engine.spelling import Fault


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("google", "google"),
        ("Google", "google"),
        (" Google\t", "google"),
        ("Paid Social", "paid-social"),
        ("paid%20social", "paid-social"),
        ("PAID+SOCIAL", "paid-social"),
        ("paid %20+ social", "paid-social"),
        ("paid_social", "paid_social"),
        ("paid-social", "paid-social"),
        ("%20google%20", "google"),
        ("Google+", "google+"),  # a network of its own, and no search engine
        ("+1", "+1"),
        ("a++b", "a-b"),
        ("partner-marketing-", "partner-marketing-"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Cafe\u0301", "caf\u00e9"),
        ("caf\u00c9", "caf\u00e9"),
        ("\u00a0Fran\u00e7ais\u3000", "fran\u00e7ais"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_spellings_of_a_value_share_a_key(text: str, key: str) -> None:
    """AD-28: case, spacing and the form of a letter are folded, and nothing else."""
    assert spelling.folded(text) == key


def test_the_separator_is_the_policys() -> None:
    """AD-28."""
    assert spelling.folded("paid  social", "_") == "paid_social"


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("google", "google", 0),
        ("gogle", "google", 1),  # left out
        ("googgle", "google", 1),  # put in
        ("goagle", "google", 1),  # changed
        ("goolge", "google", 1),  # swapped
        ("ogogle", "google", 1),
        ("linkdn", "linkedin", 2),
        ("ca", "abc", 3),  # what was swapped is not changed again
        ("bing", "google", 5),
        ("kitten", "sitting", 3),
        ("aaa", "a", 2),
    ],
)
def test_slips_are_counted_exactly(one: str, other: str, slips: int) -> None:
    for most in range(7):
        found = spelling.distance(one, other, most)
        assert found == (slips if slips <= most else None)
        assert spelling.distance(other, one, most) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("brand_us_q1", ("1",)),
        ("2025", ("2025",)),
        ("h1-2024", ("1", "2024")),
        ("Jan24", ("jan", "24")),
        ("maybe", ()),
        ("newsletter monday", ("monday",)),
        ("brand", ()),
    ],
)
def test_periods_are_numbers_months_and_weekdays(text: str, found: tuple[str, ...]) -> None:
    assert spelling.periods(text) == found


@pytest.mark.parametrize(
    ("word", "known", "nearest"),
    [
        ("refferal", ["cpc", "referral"], "referral"),
        ("REFERRAL", ["cpc", "referral"], "referral"),
        ("Paid Social", ["paid_social", "paid-social"], "paid-social"),  # another spelling is nearer than a slip
        ("paid social", ["paid_social"], "paid_social"),
        ("cpm", ["cpc"], "cpc"),
        ("x", ["cpc"], None),
        ("newsletter", ["cpc", "referral"], None),
        ("bb", ["ab", "ba"], "ab"),  # equally near: the first by code point
        ("ab", [], None),
        # PostHog#78059: one letter apart, and two campaigns
        ("brand_us_q1", ["brand_us_q2"], None),
        ("brand_2024", ["brand_2025"], None),
        ("launch_jan", ["launch_jun"], None),
        ("brnd_us_q1", ["brand_us_q2", "brand_us_q1"], "brand_us_q1"),
        ("camp-2026-q1-demnd-gen-eu", ["camp-2026-q1-demand-gen-eu", "camp-2026-q2-demand-gen-eu"], "camp-2026-q1-demand-gen-eu"),
        ("abcde", ["abxye"], None),  # two slips in five letters
        ("abcdef", ["abxyef"], "abxyef"),  # two in six
        ("abcdefghijkl", ["abcxyzghijkl"], "abcxyzghijkl"),  # three in twelve
        ("abcdefghijklmnopqrstuvwxyz", ["wxyzefghijklmnopqrstuvwxyz"], None),  # never four
        ("a" * 199, ["a" * 200], "a" * 200),
        ("a" * 201, ["a" * 200], None),
        ("A" * 201, ["a" * 201], "a" * 201),  # the key alone is compared at any length
    ],
)
def test_the_nearest_value_is_asked_about_and_never_across_periods(word: str, known: list[str], nearest: str | None) -> None:
    """AD-28."""
    assert spelling.suggest(word, known) == nearest
    assert spelling.suggest(word, reversed(known)) == nearest


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("missing", "utm_source", ""), "utm_source: saw nothing, expected a value."),
        (Fault("missing", "utm_source", "", ("email", "google")), "utm_source: saw nothing, expected one of email, google."),
        (Fault("unknown-value", "segment", "SMBS", ("SMB",), "SMB"), "segment: saw 'SMBS', expected one of SMB. Did you mean \"SMB\"?"),
        (Fault("unknown-value", "segment", "X", ("SMB",)), "segment: saw 'X', expected one of SMB."),
        (Fault("spelling", "utm_source", "Google", nearest="google"), "utm_source: saw 'Google', expected \"google\"."),
        (Fault("no-anchor", "campaign", "sale"), "campaign: saw 'sale', expected a year and a quarter, such as 2026-Q1."),
        (Fault("empty-part", "campaign", "A--B"), "campaign: saw 'A--B', expected one hyphen between two parts."),
    ],
)
def test_a_fault_reads_as_a_sentence(fault: Fault, text: str) -> None:
    assert str(fault) == text
