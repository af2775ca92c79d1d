"""Who is who, and who counts for a deal?

People are told apart by their email addresses (AT-4): contacts and leads that share one, once it is normalised, are one person,
whatever device or form they came by. Normalised means white space trimmed and, unless the policy says otherwise, the whole address
folded in case. What stands after a plus and dots in a mailbox are kept: whether they mean another mailbox is known to its host
alone, so dropping them is a policy value (AD-12). A table of aliases says what no rule can know.

Which people count for a deal is a mode (AD-12): those with a role in it, those of its account, or, as shipped, those with a role
where there are any and else the account's. The leads that a deal names count with its account. An address with a free-mail
domain never makes somebody a member of an account.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeAlias, TypeVar

from attrs import evolve, field, frozen
from pydantic import Field

from inbound_engine.documents import Document, Label, Rows
from inbound_engine.errors import FactError, each_of, of_type, shown
from inbound_engine.facts import Account, Contact, Lead, Opportunity
from inbound_engine.spans import EARLIEST

__all__ = ["People", "PeopleDocument", "normalised"]

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400)]
Name: TypeAlias = tuple[Literal["contact", "lead", "email"], str]
"""What somebody is known by: the ids of contacts and of leads are told apart, since two systems gave them."""


class PeopleDocument(Document):
    """Which people count for a deal, and how addresses are compared (AD-12).

    `contacts` is the mode: "roles" (those with a role in the deal), "primary" (those with one of `primary_roles`), "account" (all of
    its account), "hybrid" (roles where there are any, else the account). With `match_domains` somebody without an account belongs to
    the one with the domain of their address, unless the domain is one of `free_mail_domains`.
    """

    contacts: Literal["roles", "primary", "account", "hybrid"] = "hybrid"
    primary_roles: Rows[Text] = ("primary",)
    fold_case: bool = True
    drop_plus: bool = False
    drop_dots_at: Rows[Text] = ()
    match_domains: bool = False
    free_mail_domains: Rows[Text] = ()
    source: Label = ""


def normalised(document: PeopleDocument, email: str) -> str:
    """The address by which people are told apart.

    >>> normalised(PeopleDocument(), " Ana+Webinar@Acme.Example ")
    'ana+webinar@acme.example'
    >>> normalised(PeopleDocument(drop_plus=True), " Ana+Webinar@Acme.Example ")
    'ana@acme.example'
    """
    text = of_type(email, str, "email").strip()
    mailbox, _, domain = (text.casefold() if document.fold_case else text).rpartition("@")
    if document.drop_plus:
        mailbox = mailbox.partition("+")[0] or mailbox
    if document.drop_dots_at and domain.casefold() in map(str.casefold, document.drop_dots_at):
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{domain}"


@frozen(eq=False, repr=False)
class People:
    """Who is who: contacts and leads, told apart by their addresses; made by `People.of`.

    A person is called by the first of their names, in order: contacts before leads. `accounts` lists the people of each account, and
    `leads` the leads of each person, oldest first.
    """

    document: PeopleDocument
    accounts: Mapping[str, tuple[Name, ...]]
    leads: Mapping[Name, tuple[Lead, ...]]
    by_lead_id: Mapping[str, Lead]
    since: Mapping[Name, datetime]
    _known: Mapping[Name, Name] = field(alias="known")
    _aliases: Mapping[str, str] = field(alias="aliases")

    @classmethod
    def of(
        cls,
        document: PeopleDocument,
        contacts: Iterable[Contact] = (),
        leads: Iterable[Lead] = (),
        *,
        aliases: Mapping[str, str] | None = None,
        accounts: Iterable[Account] = (),
    ) -> "People":
        """Who those contacts and leads are; `aliases` maps an address to another of the same person.

        `accounts` are asked for their domains where the policy matches by domain. Two different contacts, or leads, under one id are a
        `FactError`.

        >>> ana = Contact(id="c-1", emails=("Ana@acme.example",), account_id="acme")
        >>> people = People.of(PeopleDocument(), [ana], [Lead(id="L-1", email="ana@ACME.example")])
        >>> people.person("L-1") == people.person("c-1") == people.person("ana@acme.example")
        True
        """
        if aliases is not None and not isinstance(aliases, Mapping):
            raise FactError("aliases", shown(aliases), "a table from an address to another of the same person")
        same = {normalised(document, one): normalised(document, other) for one, other in (aliases or {}).items()}
        by_id, by_lead_id = _by_id(contacts, "contacts", Contact), _by_id(leads, "leads", Lead)
        links: list[tuple[Name, Name]] = [(("email", one), ("email", other)) for one, other in same.items()]
        for contact in by_id.values():
            name: Name = ("contact", contact.id)
            links.extend((name, ("email", normalised(document, email))) for email in contact.emails)
            links.append((name, name))
        for lead in by_lead_id.values():
            name = ("lead", lead.id)
            links.append((name, name))
            if lead.email is not None:
                links.append((name, ("email", normalised(document, lead.email))))
            if lead.contact_id is not None:
                links.append((name, ("contact", lead.contact_id)))
        known = _joined(links)
        domains = _domains(document, accounts)
        members: dict[str, set[Name]] = {}
        owned: dict[Name, list[Lead]] = {}
        since: dict[Name, datetime] = {}
        homeless: set[Name] = set(known.values())
        belongs: list[tuple[Name, str | None, datetime | None]] = []
        belongs.extend((("contact", one.id), one.account_id, one.created_at) for one in by_id.values())
        belongs.extend((("lead", one.id), None if one.account is None else one.account.id, one.created_at) for one in by_lead_id.values())
        for name, account_id, created in belongs:
            person = known[name]
            if account_id is not None:
                members.setdefault(account_id, set()).add(person)
                homeless.discard(person)
            if created is not None:
                since[person] = min(since.get(person, created), created)
        for (kind, text), person in known.items():
            account = domains.get(text.rpartition("@")[2].casefold()) if kind == "email" and person in homeless else None
            if account is not None:
                members.setdefault(account, set()).add(person)
        for lead in by_lead_id.values():
            owned.setdefault(known["lead", lead.id], []).append(lead)
        return cls(
            document=document,
            accounts={account: tuple(sorted(found)) for account, found in members.items()},
            leads={person: tuple(sorted(found, key=_oldest)) for person, found in owned.items()},
            by_lead_id=by_lead_id,
            since=since,
            known=known,
            aliases=same,
        )

    def person(self, contact_id: str | None) -> Name | None:
        """Whose touches carry that: the id of a contact, else the id of a lead, else an email address; None of nobody known."""
        if contact_id is None:
            return None
        known, contact_id = self._known, of_type(contact_id, str, "contact_id")
        found = known.get(("contact", contact_id)) or known.get(("lead", contact_id))
        if found is None and "@" in contact_id:
            found = known.get(("email", normalised(self.document, contact_id)))
        return found

    def counting(self, contacts: Literal["roles", "primary", "account", "hybrid"]) -> "People":
        """The same people, with another mode of who counts for a deal."""
        return evolve(self, document=self.document.model_copy(update={"contacts": contacts}))

    def person_of_lead(self, lead: Lead) -> Name:
        """Who that lead is; a `FactError` for one that is not among the people."""
        found = self._known.get(("lead", of_type(lead, Lead, "lead").id))
        if found is None:
            raise FactError("lead", shown(lead.id), "a lead of these people", "Pass it to People.of.")
        return found

    def counted(self, opportunity: Opportunity) -> tuple[Name, ...]:
        """The people who count for the deal, in order (AD-12); empty where nobody does.

        >>> people = People.of(PeopleDocument(), [Contact(id="c-1", account_id="acme"), Contact(id="c-2", account_id="acme")])
        >>> deal = Opportunity(id="D-1", account_id="acme", opened_at=datetime.fromisoformat("2026-03-02T09:00Z"))
        >>> [name for _, name in people.counted(deal)]
        ['c-1', 'c-2']
        """
        mode, opportunity = self.document.contacts, of_type(opportunity, Opportunity, "opportunity")
        if mode != "account":
            wanted = self.document.primary_roles if mode == "primary" else None
            named = (contact for contact, role in opportunity.contact_roles if wanted is None or role in wanted)
            with_role = {person for contact in named if (person := self.person(contact)) is not None}
            if with_role or mode != "hybrid":
                return tuple(sorted(with_role))
        known = self.accounts.get(opportunity.account_id, ()) if opportunity.account_id is not None else ()
        if not opportunity.lead_ids:
            return known
        leads = {person for lead in opportunity.lead_ids if (person := self._known.get(("lead", lead))) is not None}
        return tuple(sorted({*known, *leads}))

    def lead(self, opportunity: Opportunity, counted: Iterable[Name], *, until: datetime | None = None) -> Lead | None:
        """The lead whose creation counts: that of the oldest person, among the leads that the deal names or else of those counted (AD-5).

        Somebody is as old as the first of their records; between equals the older lead comes first, then the smaller id. Leads of which
        nobody knows when they were created, nor by which touch, do not count, and neither do those created after `until`.
        """
        named = [self.by_lead_id[name] for name in of_type(opportunity, Opportunity, "opportunity").lead_ids if name in self.by_lead_id]
        leads = named or [lead for person in counted for lead in self.leads.get(person, ())]
        dated = [
            lead
            for lead in leads
            if (lead.source_touch_id is not None if lead.created_at is None else until is None or lead.created_at <= until)
        ]
        if len(dated) < 2:  # noqa: PLR2004 - one lead is the common case
            return dated[0] if dated else None
        return min(dated, key=lambda lead: (_age(self.since.get(self._known["lead", lead.id])), *_oldest(lead)))

    def __repr__(self) -> str:
        """Counts only."""
        return f"People({len(set(self._known.values()))} people, {len(self.accounts)} accounts)"


# -------------------------------------------------------------------------------------------------------------- details


AnyPerson = TypeVar("AnyPerson", Contact, Lead)


def _by_id(facts: Iterable[AnyPerson], path: str, cls: type[AnyPerson]) -> dict[str, AnyPerson]:
    found: dict[str, AnyPerson] = {}
    for fact in each_of(facts, cls, path):
        if found.setdefault(fact.id, fact) != fact:
            raise FactError(f"{path}[{fact.id}]", "two different ones", "one under one id")
    return found


def _joined(links: Iterable[tuple[Name, Name]]) -> dict[Name, Name]:
    """Each name, and what the person is called who has it: the first name, in order, of all that are linked."""
    roots: dict[Name, Name] = {}

    def root(name: Name) -> Name:
        path = []
        while (above := roots.setdefault(name, name)) != name:
            path.append(name)
            name = above
        for below in path:
            roots[below] = name
        return name

    for one, other in links:
        first, second = sorted((root(one), root(other)), key=_rank)
        roots[second] = first
    return {name: root(name) for name in tuple(roots)}


def _rank(name: Name) -> tuple[int, str]:
    return ("contact", "lead", "email").index(name[0]), name[1]


def _domains(document: PeopleDocument, accounts: Iterable[Account]) -> dict[str, str]:
    """Accounts by domain; a domain of two accounts, and one of free mail, is nobody's."""
    found: dict[str, str | None] = {}
    free = {*map(str.casefold, document.free_mail_domains)}
    for account in each_of(accounts if document.match_domains else (), Account, "accounts"):
        domain = None if account.domain is None else account.domain.casefold()
        if domain is not None and domain not in free:
            found[domain] = account.id if found.get(domain, account.id) == account.id else None
    return {domain: account for domain, account in found.items() if account is not None}


def _age(at: datetime | None) -> tuple[bool, datetime]:
    """The oldest first, and what nobody dated last."""
    return at is None, EARLIEST if at is None else at


def _oldest(lead: Lead) -> tuple[tuple[bool, datetime], str]:
    return _age(lead.created_at), lead.id
