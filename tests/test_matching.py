"""Which account a lead belongs to: domains in one form, lists that never match, candidates told apart; typed by hand."""

import csv
from collections.abc import Callable
from typing import Literal

import pytest

from inbound_engine import matching
from inbound_engine.decisions import Plain
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Lead
from inbound_engine.matching import Accounts, domain_of
from tests.places import DATA, needs_data


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("ACME.Example", "acme.example"),
        ("www.acme.example", "acme.example"),
        ("www2.acme.example", "www2.acme.example"),
        ("https://www.acme.example/about?x=1#top", "acme.example"),
        ("http://user:secret@acme.example:8080", "acme.example"),
        ("acme.example/jobs", "acme.example"),
        ("acme.example.", "acme.example"),
        ("  acme.example ", "acme.example"),
        ("ana@acme.example", "acme.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("acme.co.uk", "acme.co.uk"),
        ("acme", None),
        ("", None),
        ("acme..example", None),
        (".example", None),
        ("a b.example", None),
        ("n/a", None),
        ("x" * 64 + ".example", None),
        ("www.com", "www.com"),
        ("ana@www.com", "www.com"),
        ("www.www.com", "www.com"),
        ("acme.example\\path", "acme.example"),
        ("acme.example,", None),
        ("acme_.example", None),
        ("-acme.example", None),
        ("acme-.example", None),
        ("a-c-m-e.example", "a-c-m-e.example"),
        ("-.example", None),
    ],
)
def test_domains_are_compared_in_one_form(text: str, domain: str | None) -> None:
    """RT-4: case, scheme, path, port, www. and a last dot say nothing."""
    assert domain_of(text) == domain


ACME = Account(id="acme", domain="https://www.Acme.example")
ACME_DE = Account(id="acme-de", domain="acme.example", country="DE", parent_id="acme")
ACME_US = Account(id="acme-us", domain="acme.example", country="US", parent_id="acme")
BETA = Account(id="beta", domain="eu.beta.example")
NAMELESS = Account(id="nameless", name="Nameless")


def known(*accounts: Account, subdomains: Literal["exact", "nearest"] = "exact") -> Accounts:
    return Accounts.of(
        accounts, free=["gmail.com", "Web.DE"], disposable=["mailinator.com"], shared=["co.uk", "github.io"], subdomains=subdomains
    )


def said(lead: Lead, accounts: Accounts) -> tuple[str | None, list[tuple[str, dict[str, Plain]]]]:
    found = matching.match(lead, accounts)
    why = []
    for reason in found.because:
        saw = reason.to_dict()["saw"]
        assert isinstance(saw, dict)
        why.append((f"{reason.code.value} {reason.rule}", saw))
    return (None if found.value is None else found.value.id), why


@pytest.mark.parametrize(
    ("email", "account", "why"),
    [
        ("ana@acme.example", "acme", {"domain": "acme.example", "candidate": "acme", "by": "domain"}),
        ("ana@ACME.example", "acme", {"domain": "acme.example", "candidate": "acme", "by": "domain"}),
        ("ana@beta.example", None, {"domain": "beta.example", "by": "no account"}),
        ("ana@eu.acme.example", None, {"domain": "eu.acme.example", "by": "no account"}),
        ("ana@gmail.com", None, {"domain": "gmail.com", "listed": "free"}),
        ("ana@web.de", None, {"domain": "web.de", "listed": "free"}),
        ("ana@mail.gmail.com", None, {"domain": "mail.gmail.com", "listed": "free"}),
        ("ana@mailinator.com", None, {"domain": "mailinator.com", "listed": "disposable"}),
        ("ana@co.uk", None, {"domain": "co.uk", "listed": "shared"}),
        ("ana@localhost", None, {"domain": None}),
    ],
)
def test_the_domain_of_the_email_decides(email: str, account: str | None, why: dict[str, object]) -> None:
    """RT-4: and free mail never matches, whatever accounts there are."""
    accounts = known(ACME, BETA, NAMELESS, Account(id="g", domain="gmail.com"), Account(id="m", domain="mailinator.com"))
    found, because = said(Lead(id="L-1", email=email), accounts)
    assert found == account
    assert [saw for _, saw in because] == [why]


@pytest.mark.parametrize(
    ("email", "account"),
    [
        ("ana@eu.acme.example", "acme"),
        ("ana@sales.eu.beta.example", "beta"),
        ("ana@eu.beta.example", "beta"),
        ("ana@beta.example", None),
        ("ana@other.co.uk", None),
        ("ana@ana.github.io", "ana"),
        ("ana@mail.ana.github.io", "ana"),
        ("ana@bob.github.io", None),
    ],
)
def test_the_nearest_domain_above_may_match_where_that_is_said(email: str, account: str | None) -> None:
    """RT-4: never one under which strangers have theirs."""
    others = (Account(id="ana", domain="ana.github.io"), Account(id="hub", domain="github.io"), Account(id="uk", domain="co.uk"))
    accounts = known(ACME, BETA, *others, subdomains="nearest")
    assert said(Lead(id="L-1", email=email), accounts)[0] == account


def test_a_match_above_says_of_what_domain_it_is() -> None:
    found, because = said(Lead(id="L-1", email="ana@eu.acme.example"), known(ACME, subdomains="nearest"))
    assert found == "acme"
    assert because == [("matched matching.email", {"domain": "eu.acme.example", "of": "acme.example", "candidate": "acme", "by": "domain"})]


@pytest.mark.parametrize(
    ("accounts", "country", "account", "by"),
    [
        ((ACME, ACME_DE, ACME_US), "DE", "acme-de", "country"),
        ((ACME, ACME_DE, ACME_US), "FR", "acme", "hierarchy"),
        ((ACME, ACME_DE, ACME_US), None, "acme", "hierarchy"),
        ((ACME_DE, ACME_US), "FR", None, "several accounts"),
        ((ACME_DE, Account(id="twin", domain="acme.example", country="DE")), "DE", None, "several accounts"),
        ((ACME_DE, Account(id="south", domain="acme.example", country="DE", parent_id="acme-de")), "DE", "acme-de", "hierarchy"),
        (
            (ACME, ACME_DE, Account(id="south", domain="acme.example", country="DE", parent_id="acme-de")),
            "DE",
            "acme-de",
            "hierarchy",
        ),
        ((Account(id="x", domain="acme.example", parent_id="mid"), Account(id="mid", parent_id="acme"), ACME), None, "acme", "hierarchy"),
        (
            (Account(id="x", domain="acme.example", parent_id="y"), Account(id="y", domain="acme.example", parent_id="x")),
            None,
            "x",
            "hierarchy",
        ),
    ],
)
def test_several_accounts_of_one_domain_are_told_apart(
    accounts: tuple[Account, ...], country: str | None, account: str | None, by: str
) -> None:
    """RT-4: by country, then by the hierarchy; else none is chosen, and all are named."""
    found, because = said(Lead(id="L-1", email="ana@acme.example", country=country), known(*accounts))
    [(code, saw)] = because
    assert (found, saw["by"]) == (account, by)
    assert saw["candidate"] == sorted(each.id for each in accounts if each.domain is not None)
    assert code.startswith("unknown" if account is None else "matched")


@pytest.mark.parametrize(
    ("lead", "account", "codes"),
    [
        (Lead(id="L-1", email="ana@gmail.com", account=Account(id="form", domain="acme.example")), "acme", ["failed", "matched"]),
        (Lead(id="L-1", account=Account(id="form", domain="www.acme.example")), "acme", ["matched"]),
        (Lead(id="L-1", email="ana@beta.example", account=Account(id="form", domain="acme.example")), None, ["failed"]),
        (Lead(id="L-1", account=Account(id="beta", domain="acme.example")), "beta", ["matched"]),
        (Lead(id="L-1", account=Account(id="form", domain="none")), None, ["unknown"]),
        (Lead(id="L-1", account=Account(id="form")), None, ["unknown"]),
        (Lead(id="L-1"), None, ["unknown"]),
    ],
)
def test_without_a_telling_email_the_leads_own_account_is_asked(lead: Lead, account: str | None, codes: list[str]) -> None:
    """RT-4: by its id, else by the domain that it states."""
    found, because = said(lead, known(ACME, BETA))
    assert found == account
    assert [code.partition(" ")[0] for code, _ in because] == codes


def test_accounts_are_told_apart_by_id_and_lists_are_lists() -> None:
    with pytest.raises(FactError, match="'acme' twice"):
        known(ACME, ACME)
    with pytest.raises(FactError, match=r"accounts\.domains"):
        Accounts.of([ACME], free="gmail.com")
    with pytest.raises(FactError, match=r"accounts\.subdomains: saw 'all'"):
        Accounts.of([ACME], subdomains="all")  # type: ignore[arg-type]  # on purpose


def test_the_order_of_accounts_changes_nothing() -> None:
    """FD-4."""
    lead = Lead(id="L-1", email="ana@acme.example")
    assert said(lead, known(ACME, ACME_DE, ACME_US)) == said(lead, known(ACME_US, ACME_DE, ACME))


@needs_data
def test_the_published_lists_never_match() -> None:
    """RT-4: 4,466 free-mail and 8,335 disposable domains, each with an account of its own that must not be found."""
    folder = DATA / "reference_email_domains"
    with (folder / "free.txt").open(encoding="utf-8") as file:
        free = [row[0] for row in csv.reader(file) if row]
    with (folder / "disposable_email_blocklist.conf").open(encoding="utf-8") as file:
        disposable = [row[0] for row in csv.reader(file) if row]
    assert (len(free), len(disposable)) == (4_466, 8_335)
    domains = sorted(domain for domain in {*free, *disposable} if " " not in domain)  # one line of the list reads "404: not found"
    assert len(domains) == 12_790
    accounts = Accounts.of(
        (Account(id=f"a-{number}", domain=domain) for number, domain in enumerate(domains)), free=free, disposable=disposable
    )
    found = [matching.match(Lead(id="L-1", email=f"ana@{domain}"), accounts).value for domain in domains]
    assert set(found) == {None}
    assert matching.match(Lead(id="L-1", email="ana@acme.example"), known(ACME)).value == ACME


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: domain_of(None), "domain: saw nothing, expected text"),  # type: ignore[arg-type]
        (lambda: Accounts.of([], free=[None]), r"accounts\.domains\[0\]: saw nothing, expected a domain"),  # type: ignore[list-item]
        (lambda: Accounts.of([], shared=["co.uk", ""]), r"accounts\.domains\[1\]: saw ''"),
        (lambda: Accounts.of([], free=3), r"accounts\.domains: saw 3, expected a list of domains"),  # type: ignore[arg-type]
        (lambda: Accounts.of([], free="gmail.com"), r"accounts\.domains: saw 'gmail\.com'"),
        (lambda: Accounts.of({ACME: "acme"}), "accounts: saw a table of 1, expected a list of accounts"),
        (lambda: Accounts.of(None), "accounts: saw nothing"),  # type: ignore[arg-type]
        (lambda: Accounts.of([ACME, {"id": "beta"}]), r"accounts\[1\]: saw a table of 1, expected an Account"),  # type: ignore[list-item]
        (lambda: matching.match(Lead(id="L-1"), [ACME]), r"accounts: saw a list of 1, .* Write Accounts\.of"),  # type: ignore[arg-type]
        (lambda: matching.match(None, known()), "lead: saw nothing, expected a Lead"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_another_kind_are_refused(asked: Callable[[], object], message: str) -> None:
    """FD-3."""
    with pytest.raises(FactError, match=message):
        asked()
