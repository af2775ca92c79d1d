"""Which account does this lead belong to?

A step of its own before routing: owners are looked up on the account, so a lead that is matched to the wrong one goes to the wrong
rep. The domain of the email decides, else the one that the lead's own account states. A domain that anybody can have a mailbox at,
or a throw-away one, never matches; the lists are the caller's.

Domains are compared in one form: lower case, in ASCII, without scheme, path, port, a leading "www." and a last dot. There is no
list of public suffixes here, so nothing is guessed of sub-domains: as shipped only the same domain matches; `subdomains="nearest"`
also takes the nearest domain above, never one that the caller names as `shared` ("co.uk", "github.io"), and never a single label.

Several accounts on one domain are told apart by the country of the lead, then by their hierarchy: the one that all others lie
under. Where that leaves several, none is chosen, and all are named.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from attrs import field, frozen

from inbound_engine.decisions import Code, Decision, Reason, Seen
from inbound_engine.errors import FactError, shown
from inbound_engine.facts import Account, Lead, email_domain

__all__ = ["Accounts", "domain_of", "match"]

_FEWEST_LABELS = 2


def domain_of(text: str) -> str | None:
    """The domain that text names, in the form in which domains are compared; None where it names none.

    A leading "www." is dropped where a domain is left without it.

    >>> domain_of("https://WWW.Acme.Example:443/about"), domain_of("münchen.example."), domain_of("acme")
    ('acme.example', 'xn--mnchen-3ya.example', None)
    """
    given: object = text
    if not isinstance(given, str):
        raise FactError("domain", shown(given), "text")
    bare = given.strip().partition("://")[2] or given.strip()
    for end in "/\\?#":
        bare = bare.partition(end)[0]
    bare = bare.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    rest = bare.removeprefix("www.")
    try:
        found = (rest if "." in rest else bare).encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = found.split(".")
    return found if len(labels) >= _FEWEST_LABELS and all(map(_is_label, labels)) else None


def _is_label(label: str) -> bool:
    """Whether it is made of letters, digits and hyphens, and no hyphen stands at an end."""
    return label.replace("-", "").isalnum() and label[0] != "-" != label[-1]


def _domains(names: Iterable[str]) -> frozenset[str]:
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise FactError("accounts.domains", shown(names), "a list of domains", 'Write ["gmail.com"].')
    listed = tuple(names)
    for number, name in enumerate(listed):
        given: object = name
        if not isinstance(given, str) or not given:
            raise FactError(f"accounts.domains[{number}]", shown(given), "a domain", 'Write "gmail.com".')
    return frozenset(domain_of(name) or name.lower() for name in listed)


@frozen
class Accounts:
    """The accounts of a seller by their domain, made ready once; and the domains that tell nothing.

    `free` are those of mailbox providers, `disposable` throw-away ones, `shared` those under which strangers have theirs.

    >>> found = Accounts.of([Account(id="acme", domain="acme.example")], free=["gmail.com"])
    >>> match(Lead(id="L-1", email="ana@acme.example"), found).value.id
    'acme'
    """

    by_domain: Mapping[str, tuple[Account, ...]]
    by_id: Mapping[str, Account]
    free: frozenset[str] = field(default=frozenset(), converter=_domains)
    disposable: frozenset[str] = field(default=frozenset(), converter=_domains)
    shared: frozenset[str] = field(default=frozenset(), converter=_domains)
    subdomains: Literal["exact", "nearest"] = "exact"

    def __attrs_post_init__(self) -> None:
        """Checks the choice."""
        if self.subdomains not in {"exact", "nearest"}:
            raise FactError("accounts.subdomains", shown(self.subdomains), '"exact" or "nearest"')

    @classmethod
    def of(
        cls,
        accounts: Iterable[Account],
        *,
        free: Iterable[str] = (),
        disposable: Iterable[str] = (),
        shared: Iterable[str] = (),
        subdomains: Literal["exact", "nearest"] = "exact",
    ) -> "Accounts":
        """The accounts, by domain; one without a domain is found by its id alone. Two of one id are a `FactError`."""
        by_domain: dict[str, list[Account]] = {}
        by_id: dict[str, Account] = {}
        accounts = tuple(_each_account(accounts))
        for account in sorted(accounts, key=lambda account: account.id):
            if account.id in by_id:
                raise FactError("accounts", f"{shown(account.id)} twice", "accounts with ids that differ")
            by_id[account.id] = account
            domain = None if account.domain is None else domain_of(account.domain)
            if domain is not None:
                by_domain.setdefault(domain, []).append(account)
        return cls({domain: tuple(found) for domain, found in by_domain.items()}, by_id, free, disposable, shared, subdomains)

    def nothing_of(self, domain: str) -> str | None:
        """Why the domain tells nothing: the list that it stands on, or None. A domain under one on a list stands there too."""
        for name in _upwards(domain):
            for listed, names in (("disposable", self.disposable), ("free", self.free)):
                if name in names:
                    return listed
        return "shared" if domain in self.shared else None


def _each_account(accounts: object) -> Iterator[Account]:
    if isinstance(accounts, str | bytes | Mapping) or not isinstance(accounts, Iterable):
        raise FactError("accounts", shown(accounts), "a list of accounts", "Pass [account] for one, or .values() of a table.")
    for number, account in enumerate(accounts):
        if not isinstance(account, Account):
            raise FactError(f"accounts[{number}]", shown(account), "an Account", "`intake` reads one from plain data.")
        yield account


def match(lead: Lead, accounts: Accounts) -> Decision[Account | None]:
    """The account that the lead belongs to, or None; with a reason for every domain that was asked, and every candidate.

    Where the id of the lead's own account is that of a known one, it is that one. Otherwise the domain of its email decides, or,
    where that tells nothing, the domain that its own account states. A domain that no account has is an answer too: None.

    >>> found = Accounts.of([Account(id="acme", domain="acme.example")], free=["gmail.com"])
    >>> match(Lead(id="L-1", email="ana@gmail.com"), found)
    Decision(value=None, because=(Reason(failed, 'matching.email', domain='gmail.com', listed='free'),))
    """
    given: tuple[object, object] = (lead, accounts)
    if not isinstance(given[0], Lead):
        raise FactError("lead", shown(given[0]), "a Lead")
    if not isinstance(given[1], Accounts):
        raise FactError("accounts", shown(given[1]), "Accounts, made ready", "Write Accounts.of([account]).")
    account = lead.account
    known = None if account is None else accounts.by_id.get(account.id)
    if known is not None:
        return Decision(known, (Reason(Code.MATCHED, "matching.account", (Seen("account", known.id),)),))
    said: list[Reason] = []
    for rule, text in _texts(lead):
        domain = domain_of(text)
        listed = None if domain is None else accounts.nothing_of(domain)
        saw: tuple[Seen, ...] = (Seen("domain", domain),)
        if domain is None or listed is not None:
            said.append(
                Reason(Code.UNKNOWN if domain is None else Code.FAILED, rule, (*saw, *([Seen("listed", listed)] if listed else [])))
            )
            continue
        asked, candidates = _candidates(domain, accounts)
        saw = (*saw, *([Seen("of", asked)] if candidates and asked != domain else []))
        chosen, how = _one_of(candidates, lead, accounts)
        saw = (*saw, *(Seen("candidate", each.id) for each in candidates), Seen("by", how))
        said.append(Reason(Code.MATCHED if chosen else Code.UNKNOWN if candidates else Code.FAILED, rule, saw))
        return Decision(chosen, tuple(said))
    return Decision(None, tuple(said) or (Reason(Code.UNKNOWN, "matching.email", (Seen("domain", None),)),))


def _texts(lead: Lead) -> Iterator[tuple[str, str]]:
    """What names a domain, in the order in which it is asked."""
    if lead.email is not None:
        yield "matching.email", email_domain(lead.email)
    if lead.account is not None and lead.account.domain is not None:
        yield "matching.domain", lead.account.domain


def _upwards(domain: str) -> Iterator[str]:
    """The domain, and those above it, of two labels at least."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


def _candidates(domain: str, accounts: Accounts) -> tuple[str, tuple[Account, ...]]:
    """The accounts of the domain, or of the nearest above it where that may be asked; and which domain it was."""
    for name in _upwards(domain):
        if name in accounts.shared:
            break
        found = accounts.by_domain.get(name, ())
        if found or accounts.subdomains == "exact":
            return name, found
    return domain, ()


def _one_of(candidates: tuple[Account, ...], lead: Lead, accounts: Accounts) -> tuple[Account | None, str]:
    """The one that is meant, and by what: the domain alone, the country, the hierarchy; or None, and why."""
    if not candidates:
        return None, "no account"
    if len(candidates) == 1:
        return candidates[0], "domain"
    there = [account for account in candidates if lead.country is not None and account.country == lead.country]
    if len(there) == 1:
        return there[0], "country"
    several = there or list(candidates)
    top = [account for account in several if all(each is account or account.id in _above(each, accounts) for each in several)]
    return (top[0], "hierarchy") if top else (None, "several accounts")


def _above(account: Account, accounts: Accounts) -> frozenset[str]:
    """The ids of the accounts above one; a circle ends where it closes."""
    seen: dict[str, None] = {}
    here = account.parent_id
    while here is not None and here not in seen and here != account.id:
        seen[here] = None
        parent = accounts.by_id.get(here)
        here = None if parent is None else parent.parent_id
    return frozenset(seen)
