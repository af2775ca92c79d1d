"""People: who is who by their addresses, and who counts for a deal."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Contact, Lead, Opportunity
from inbound_engine.people import People, PeopleDocument, normalised

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def contact(id: str, *emails: str, **more: Any) -> Contact:  # noqa: A002, ANN401 - what contacts say
    return Contact(**{"id": id, "emails": emails, "account_id": "acme", **more})


def deal(**more: Any) -> Opportunity:  # noqa: ANN401 - what opportunities say
    return Opportunity(**{"id": "D-1", "account_id": "acme", "opened_at": AT, **more})


def counted(people: People, opportunity: Opportunity) -> list[str]:
    return [name for _, name in people.counted(opportunity)]


@pytest.mark.parametrize(
    ("fields", "email", "expected"),
    [
        ({}, "Ana@Acme.Example", "ana@acme.example"),
        ({}, "\tana@acme.example ", "ana@acme.example"),
        ({}, "STRASSE@acme.example", "strasse@acme.example"),
        ({}, "straße@acme.example", "strasse@acme.example"),
        ({}, "ana+news@acme.example", "ana+news@acme.example"),
        ({}, "a.n.a@gmail.com", "a.n.a@gmail.com"),
        ({"fold_case": False}, "Ana@Acme.Example ", "Ana@Acme.Example"),
        ({"drop_plus": True}, "Ana+news+more@acme.example", "ana@acme.example"),
        ({"drop_plus": True}, "+@acme.example", "+@acme.example"),
        ({"drop_dots_at": ["gmail.com"]}, "a.n.a@Gmail.com", "ana@gmail.com"),
        ({"drop_dots_at": ["Gmail.com"]}, "a.n.a@gmail.com", "ana@gmail.com"),
        ({"drop_dots_at": ["gmail.com"], "fold_case": False}, "a.n.a@Gmail.com", "ana@Gmail.com"),
        ({"drop_dots_at": ["gmail.com"]}, "a.n.a@acme.example", "a.n.a@acme.example"),
        ({"drop_dots_at": ["gmail.com"]}, ".@gmail.com", ".@gmail.com"),
    ],
)
def test_addresses_are_folded_and_nothing_else_unless_the_policy_says_so(fields: dict[str, Any], email: str, expected: str) -> None:
    """AD-12: white space and case; plus-addresses and dots by policy."""
    assert normalised(PeopleDocument.model_validate(fields), email) == expected


def test_an_address_makes_contacts_and_leads_one_person() -> None:
    """AT-4: across records, devices and forms; through any number of steps."""
    people = People.of(
        PeopleDocument(),
        [
            contact("c-1", "ana@acme.example", "ana@private.example"),
            contact("c-2", "ANA@private.example"),
            contact("c-3", "ben@acme.example"),
        ],
        [Lead(id="L-1", email="Ana@acme.example"), Lead(id="L-2", contact_id="c-2"), Lead(id="c-3")],
        aliases={"a.smith@acme.example": "ana@acme.example"},
    )
    ana = ("contact", "c-1")
    for name in ("c-1", "c-2", "L-1", "L-2", "ANA@acme.example ", "ana@private.example", "A.Smith@acme.example"):
        assert people.person(name) == ana
    assert people.person("c-3") == ("contact", "c-3")
    assert people.person_of_lead(Lead(id="c-3")) == ("lead", "c-3")  # an id of another system
    assert (people.person(None), people.person("dan"), people.person("dan@acme.example")) == (None, None, None)
    assert repr(people) == "People(3 people, 1 accounts)"


def test_the_order_of_records_changes_nobody() -> None:
    contacts = [contact("b", "x@a.example"), contact("a", "x@a.example", "y@a.example"), contact("c", "y@a.example")]
    for order in permutations(contacts):
        people = People.of(PeopleDocument(), order)
        assert [people.person(name) for name in "abc"] == [("contact", "a")] * 3
        assert counted(people, deal()) == ["a"]


@pytest.mark.parametrize(
    ("mode", "roles", "leads", "expected"),
    [
        ("hybrid", (("ana", "buyer"),), (), ["ana"]),
        ("hybrid", (), (), ["ana", "ben"]),
        ("hybrid", (("nobody", "buyer"),), (), ["ana", "ben"]),
        ("roles", (("ana", "buyer"), ("eve", "user")), (), ["ana", "eve"]),
        ("roles", (), (), []),
        ("account", (("eve", "user"),), (), ["ana", "ben"]),
        ("account", (), ("L-eve",), ["ana", "ben", "eve"]),
        ("account", (), ("L-lost",), ["ana", "ben"]),
        ("hybrid", (), ("L-eve",), ["ana", "ben", "eve"]),
        ("roles", (), ("L-eve",), []),
        ("primary", (("ana", "user"), ("ben", "primary")), (), ["ben"]),
        ("primary", (("ana", "user"),), (), []),
    ],
)
def test_who_counts_for_a_deal(mode: str, roles: tuple[tuple[str, str], ...], leads: tuple[str, ...], expected: list[str]) -> None:
    """AD-12: those with a role, the primary ones, the account's, or roles where there are any."""
    contacts = [contact("ana", "ana@acme.example"), contact("ben"), contact("eve", "eve@x.example", account_id="other")]
    document = PeopleDocument.model_validate({"contacts": mode})
    people = People.of(document, contacts, [Lead(id="L-eve", email="eve@x.example")])
    assert counted(people, deal(contact_roles=roles, lead_ids=leads)) == expected
    switched = People.of(PeopleDocument(), contacts, [Lead(id="L-eve", email="eve@x.example")]).counting(document.contacts)
    assert counted(switched, deal(contact_roles=roles, lead_ids=leads)) == expected


def test_a_deal_without_an_account_has_nobody_but_roles() -> None:
    people = People.of(PeopleDocument(), [contact("ana")])
    assert counted(people, deal(account_id=None)) == []
    assert counted(people, deal(account_id="nowhere")) == []


def test_the_account_of_a_lead_counts_too() -> None:
    people = People.of(PeopleDocument(), [], [Lead(id="L-1", account=Account(id="acme")), Lead(id="L-2")])
    assert counted(people, deal()) == ["L-1"]


def test_domains_make_members_where_the_policy_says_so_and_free_mail_never_does() -> None:
    """AD-12: who has an account already stays there, and a domain of two accounts is nobody's."""
    accounts = [
        Account(id="acme", domain="Acme.Example"),
        Account(id="free", domain="gmail.com"),
        Account(id="one", domain="twice.example"),
        Account(id="two", domain="twice.example"),
        Account(id="none"),
    ]
    contacts = [
        contact("ana", "ana@ACME.example", account_id=None),
        contact("ben", "ben@acme.example", account_id="other"),
        contact("cleo", "cleo@gmail.com", account_id=None),
        contact("dan", "dan@twice.example", account_id=None),
    ]
    matching = PeopleDocument(match_domains=True, free_mail_domains=["Gmail.com"])  # type: ignore[arg-type]  # plain data
    people = People.of(matching, contacts, accounts=accounts)
    assert counted(people, deal()) == ["ana"]
    assert [counted(people, deal(account_id=name)) for name in ("free", "one", "two")] == [[], [], []]
    assert counted(People.of(PeopleDocument(), contacts, accounts=accounts), deal()) == []


@pytest.mark.parametrize(
    ("named", "expected"),
    [((), "L-old"), (("L-young",), "L-young"), (("L-young", "L-old"), "L-old"), (("L-undated",), None), (("L-lost",), "L-old")],
)
def test_the_lead_of_the_oldest_person_counts(named: tuple[str, ...], expected: str | None) -> None:
    """AD-5: the oldest contact, though the lead of another is older; a lead that nobody dated does not count."""
    contacts = [contact("old", created_at=AT - 9 * DAY), contact("young", created_at=AT - 2 * DAY)]
    leads = [
        Lead(id="L-young", contact_id="young", created_at=AT - 8 * DAY),
        Lead(id="L-old", contact_id="old", created_at=AT - 3 * DAY),
        Lead(id="L-undated", contact_id="old"),
    ]
    people = People.of(PeopleDocument(), contacts, leads)
    opportunity = deal(lead_ids=named)
    found = people.lead(opportunity, people.counted(opportunity))
    assert (None if found is None else found.id) == expected


def test_leads_of_one_age_are_told_apart_by_their_instant_and_then_by_id() -> None:
    leads = [
        Lead(id=name, created_at=at, account=Account(id="acme"), email="ana@acme.example")
        for name, at in (("b", AT), ("a", AT), ("c", None))
    ]
    people = People.of(PeopleDocument(), [], [*leads, Lead(id="d", source_touch_id="t", account=Account(id="acme"))])
    found = people.lead(deal(), people.counted(deal()))
    assert found is not None
    assert found.id == "a"
    assert people.lead(deal(account_id="other"), ()) is None


def test_two_records_under_one_id_are_refused() -> None:
    with pytest.raises(FactError, match=r"contacts\[c-1\]: saw two different ones"):
        People.of(PeopleDocument(), [contact("c-1"), contact("c-1", "ana@acme.example")])
    with pytest.raises(FactError, match=r"leads\[L-1\]"):
        People.of(PeopleDocument(), [], [Lead(id="L-1"), Lead(id="L-1", source="web")])
    with pytest.raises(FactError, match="contacts"):
        People.of(PeopleDocument(), ["ana"])  # type: ignore[list-item]  # on purpose
    assert counted(People.of(PeopleDocument(), [contact("c-1"), contact("c-1")]), deal()) == ["c-1"]
