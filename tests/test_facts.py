"""What may be known, of which kind, and what is refused."""

import copy
import csv
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from inbound_engine import facts
from inbound_engine.decisions import Plain
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import (
    COUNTRIES,
    Account,
    Activity,
    Caps,
    Contact,
    Extra,
    Lead,
    Observation,
    Opportunity,
    Outreach,
    Rep,
    Roster,
    email_domain,
    is_personal,
    to_dict,
)
from inbound_engine.money import Money
from inbound_engine.policy import Policy
from inbound_engine.spans import Span
from tests.places import DATA, needs_data

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN_IN_BERLIN = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Berlin"))


class Channel(StrEnum):
    EMAIL = "email"


class Stamp(datetime):
    """As data frame libraries have."""


unchecked: Any = facts
"""The facts as a caller without a type checker sees them."""

# One maker for each fact, with what it cannot do without.
MAKERS: Mapping[str, Callable[..., Any]] = {
    "observation": lambda **more: Observation(**{"fact": "title", "value": "CEO", "source": "form", **more}),
    "activity": lambda **more: Activity(**{"id": "a", "kind": "visit", "at": NINE, **more}),
    "account": lambda **more: Account(**{"id": "acme", **more}),
    "lead": lambda **more: Lead(**{"id": "L-1", **more}),
    "contact": lambda **more: Contact(**{"id": "c-1", **more}),
    "outreach": lambda **more: Outreach(
        **{"id": "o", "lead_id": "L-1", "rep": "maya", "channel": "phone", "at": NINE, "human": True, **more}
    ),
    "opportunity": lambda **more: Opportunity(**{"id": "D-1", "opened_at": NINE, **more}),
    "caps": Caps,
    "rep": lambda **more: Rep(**{"id": "maya", "role": "AE", **more}),
    "roster": lambda **more: Roster(**{"reps": (), **more}),
}
CLASSES: Mapping[str, type[attrs.AttrsInstance]] = {
    "observation": Observation,
    "activity": Activity,
    "account": Account,
    "lead": Lead,
    "contact": Contact,
    "outreach": Outreach,
    "opportunity": Opportunity,
    "caps": Caps,
    "rep": Rep,
    "roster": Roster,
}
EVERY_FIELD = [(fact, field.name) for fact, cls in CLASSES.items() for field in attrs.fields(cls)]
TEXT_FIELDS = [(fact, field.name) for fact, cls in CLASSES.items() for field in attrs.fields(cls) if field.type in {str, str | None}]
INSTANTS = [(fact, field.name) for fact, cls in CLASSES.items() for field in attrs.fields(cls) if field.type in {datetime, datetime | None}]
NUMBERS = [(fact, field.name) for fact, cls in CLASSES.items() for field in attrs.fields(cls) if field.type in {int, int | None}]


@pytest.mark.parametrize(("fact", "name"), EVERY_FIELD)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(object(), id="object"),
        pytest.param(1.5, id="float"),
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="inf"),
        pytest.param(b"x", id="bytes"),
        pytest.param(["", [1]], id="a list of what is no text"),
        pytest.param({"x": {}}, id="a table of tables"),
    ],
)
def test_no_field_takes_what_is_not_of_its_kind(fact: str, name: str, value: object) -> None:
    """A typed error that names the field, never a traceback from inside."""
    with pytest.raises(FactError) as refused:
        MAKERS[fact](**{name: value})
    assert refused.value.problem.path.startswith(f"{fact}.{name}")
    assert refused.value.problem.expected


@pytest.mark.parametrize(("fact", "name"), TEXT_FIELDS)
@pytest.mark.parametrize("value", ["", 1, True, None])
def test_text_is_text_and_says_something(fact: str, name: str, value: object) -> None:
    """FD-6: an empty text is neither known nor unknown."""
    if value is None and attrs.fields_dict(CLASSES[fact])[name].type == str | None:
        assert getattr(MAKERS[fact](**{name: None}), name) is None
        return
    with pytest.raises(FactError) as refused:
        MAKERS[fact](**{name: value})
    assert refused.value.problem.path == f"{fact}.{name}"
    assert refused.value.problem.expected.startswith("text")


@pytest.mark.parametrize(("fact", "name"), INSTANTS)
def test_an_instant_is_aware_and_kept_in_utc(fact: str, name: str) -> None:
    """FD-2."""
    for value in (TEN_IN_BERLIN, Stamp(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 14, 30, tzinfo=timezone(timedelta(hours=5.5)))):
        kept = getattr(MAKERS[fact](**{name: value}), name)
        assert kept == NINE
        assert type(kept) is datetime
        assert kept.tzinfo is UTC
    for naive in (datetime(2026, 3, 2, 9), "2026-03-02T09:00Z", date(2026, 3, 2), 1772442000):  # noqa: DTZ001 - to be refused
        with pytest.raises(FactError) as refused:
            MAKERS[fact](**{name: naive})
        assert refused.value.problem.path == f"{fact}.{name}"


@pytest.mark.parametrize(("fact", "name"), NUMBERS)
@pytest.mark.parametrize("value", ["1", True, 1.0, Decimal(1), 2**63, -(2**63), 10**5000], ids=lambda value: type(value).__name__)
def test_a_whole_number_is_one_and_of_ordinary_size(fact: str, name: str, value: object) -> None:
    with pytest.raises(FactError) as refused:
        MAKERS[fact](**{name: value})
    assert refused.value.problem.path == f"{fact}.{name}"
    assert refused.value.problem.expected.startswith("a whole number")


@pytest.mark.parametrize(
    ("fact", "name"),
    [("account", "employees"), ("caps", "per_day"), ("caps", "per_week"), ("caps", "open"), ("rep", "share")],
)
def test_a_count_is_not_negative(fact: str, name: str) -> None:
    with pytest.raises(FactError, match=rf"^{fact}\.{name}: saw -1, expected zero or more"):
        MAKERS[fact](**{name: -1})
    assert getattr(MAKERS[fact](**{name: 0}), name) == 0


@pytest.mark.parametrize(("fact", "name"), [("activity", "marketing"), ("outreach", "human"), ("opportunity", "won"), ("rep", "active")])
@pytest.mark.parametrize("value", [0, 1, "true"])
def test_a_yes_or_no_is_one(fact: str, name: str, value: object) -> None:
    with pytest.raises(FactError, match=rf"^{fact}\.{name}: saw .*, expected true or false"):
        MAKERS[fact](**{name: value})


def test_what_the_short_way_lets_pass_the_long_way_would_not_change() -> None:
    """Activities are checked by hand-written code where all is well: it must agree with the general check."""
    full = Activity(
        id="a",
        kind="visit",
        at=NINE,
        recorded_at=TEN_IN_BERLIN,
        content=Channel.EMAIL,
        channel="web",
        utm={"source": "google", "term": None},
        marketing=False,
        sequence=-1,
    )
    assert full.recorded_at == NINE
    assert type(full.content) is str
    assert full.content == "email"
    assert full.utm == Extra.of({"source": "google"})
    assert attrs.evolve(full, recorded_at=None) == Activity(
        id="a", kind="visit", at=NINE, content="email", channel="web", utm={"source": "google"}, marketing=False, sequence=-1
    )


@pytest.mark.parametrize(
    ("make", "kept"),
    [
        (lambda: unchecked.Account(id="a", technologies=["b", "a", "b"]).technologies, frozenset({"a", "b"})),
        (lambda: unchecked.Account(id="a", technologies={"a"}).technologies, frozenset({"a"})),
        (lambda: unchecked.Account(id="a", technologies=()).technologies, frozenset()),
        (lambda: unchecked.Lead(id="a", activities=[]).activities, ()),
        (lambda: unchecked.Lead(id="a", zone="Europe/Berlin", candidate_zones=["UTC"]).candidate_zones, (ZoneInfo("UTC"),)),
        (lambda: unchecked.Contact(id="a", emails=["b@c", "a@c"]).emails, ("b@c", "a@c")),
        (lambda: unchecked.Opportunity(id="a", opened_at=NINE, contact_roles=[["c-1", "champion"]]).contact_roles, (("c-1", "champion"),)),
        (lambda: unchecked.Rep(id="a", role="AE", away=[Span(NINE, NINE)]).away, (Span(NINE, NINE),)),
    ],
)
def test_lists_become_tuples_and_sets_frozen_sets(make: Callable[[], object], kept: object) -> None:
    """Immutable all the way down, so that a decision can keep its facts."""
    found = make()
    assert found == kept
    assert type(found) is type(kept)
    hash(found)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: unchecked.Account(id="a", technologies="salesforce"),
            "account.technologies: saw 'salesforce', expected a set of texts or None",
        ),
        (lambda: unchecked.Account(id="a", technologies=frozenset({1})), "account.technologies: saw 1, expected texts"),
        (lambda: unchecked.Lead(id="a", suppressed={""}), "lead.suppressed: saw '', expected texts"),
        (lambda: unchecked.Lead(id="a", activities="abc"), "lead.activities: saw 'abc', expected a list of activities, or None"),
        (lambda: unchecked.Lead(id="a", activities=[{"id": "a"}]), "lead.activities: saw a table of 1, expected activities"),
        (lambda: unchecked.Lead(id="a", observations=[1]), "lead.observations: saw 1, expected values of type Observation"),
        (lambda: unchecked.Lead(id="a", candidate_zones="UTC"), "lead.candidate_zones: saw 'UTC', expected a list of zones"),
        (
            lambda: unchecked.Lead(id="a", candidate_zones=("Mars/Base",)),
            "lead.candidate_zones: saw 'Mars/Base', expected the name of an IANA",
        ),
        (lambda: unchecked.Lead(id="a", zone=1), "lead.zone: saw 1, expected the name of an IANA time zone"),
        (lambda: unchecked.Lead(id="a", account="acme"), "lead.account: saw 'acme', expected a value of type Account or None"),
        (lambda: unchecked.Rep(id="a", role="AE", zone="Nowhere"), "rep.zone: saw 'Nowhere'"),
        (
            lambda: unchecked.Rep(id="a", role="AE", away=(NINE,)),
            "rep.away: saw datetime 2026-03-02 09:00:00+00:00, expected values of type Span",
        ),
        (lambda: unchecked.Rep(id="a", role="AE", caps=None), "rep.caps: saw nothing, expected a value of type Caps"),
        (
            lambda: unchecked.Opportunity(id="a", opened_at=NINE, contact_roles=(("c-1",),)),
            "opportunity.contact_roles: saw a list of 1, expected pairs of texts",
        ),
        (lambda: unchecked.Opportunity(id="a", opened_at=NINE, close_date=NINE), "opportunity.close_date: saw datetime 2026-03-02"),
        (
            lambda: unchecked.Opportunity(id="a", opened_at=NINE, closed_at=NINE - timedelta(1)),
            "opportunity.closed_at: saw 2026-03-01T09:00:00+00:00, expected an instant at or after 2026-03-02T09:00:00+00:00",
        ),
        (
            lambda: unchecked.Account(id="a", annual_revenue=Money(-1, "EUR")),
            "account.annual_revenue: saw EUR -0.01, expected zero or more",
        ),
        (
            lambda: unchecked.Account(id="a", country="UK"),
            "account.country: saw 'UK', expected an ISO 3166 alpha-2 country code. The United Kingdom",
        ),
        (lambda: unchecked.Lead(id="a", country="de"), "lead.country: saw 'de', expected an ISO 3166 alpha-2 country code. Write it like"),
        (lambda: unchecked.Lead(id="a", country="DЕ"), "lead.country: saw 'DЕ' (with U+0415 CYRILLIC CAPITAL LETTER IE)"),
        (lambda: unchecked.Lead(id="a", email="ana"), "lead.email: saw text without a mailbox and a domain, expected an email address"),
        (lambda: unchecked.Contact(id="a", emails=("a@b", "b c@d")), "contact.emails: saw text without a mailbox and a domain"),
        (lambda: unchecked.Activity(id="a", kind="visit", at=NINE, utm={"source": 1}), "activity.utm.source: saw 1, expected text"),
        (
            lambda: unchecked.Activity(id="a", kind="visit", at=NINE, utm="source"),
            "activity.utm: saw 'source', expected a mapping of names",
        ),
        (lambda: unchecked.Lead(id="a", extra={"score": 0.5}), 'lead.extra.score: saw 0.5, expected an exact number. Pass Decimal("0.5").'),
        (lambda: unchecked.Account(id="a", extra={"": 1}), "account.extra: saw '', expected text as a name"),
        (lambda: unchecked.Lead(id="a", extra={1: 1}), "lead.extra: saw 1, expected text as a name"),
        (lambda: unchecked.Lead(id="a", extra=None), "lead.extra: saw nothing, expected a mapping of names to values"),
        (lambda: unchecked.Observation("score", 0.5, "form"), "observation.value: saw 0.5, expected an exact number"),
        (lambda: unchecked.Observation("score", None, "form"), "observation.value: saw nothing, expected text"),
    ],
)
def test_a_refusal_names_the_field_what_was_seen_and_what_would_do(make: Callable[[], object], message: str) -> None:
    with pytest.raises(FactError) as refused:
        make()
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ana@acme.example", "acme.example"),
        ("Ana@Acme.EXAMPLE", "acme.example"),
        ('"a@b"@acme.example', "acme.example"),
        ("åsa@STRAßE.example", "straße.example"),
    ],
)
def test_the_domain_of_an_address_stands_behind_its_last_at(email: str, domain: str) -> None:
    assert email_domain(email) == domain


@pytest.mark.parametrize("email", ["", "@", "ana", "ana@", "@acme", "a na@acme", " ana@acme", "ana@acme\n", "ana@ac\u00a0me"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(FactError, match="expected an email address"):
        email_domain(email)


# ------------------------------------------------------------------------------------------------- a caller's own facts


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("text", "text"),
        (7, 7),
        (2**63 - 1, 2**63 - 1),
        (True, True),
        (Decimal("0.10"), Decimal("0.10")),
        (TEN_IN_BERLIN, NINE),
        (["b", "a"], frozenset({"a", "b"})),
        ((), frozenset()),
        (Money(1, "EUR"), Money(1, "EUR")),
    ],
)
def test_an_extra_keeps_what_is_exact(value: object, kept: object) -> None:
    assert Extra.of({"own": value})["own"] == kept
    assert type(Extra.of({"own": value})["own"]) is type(kept)


@pytest.mark.parametrize(
    "value",
    [
        "",
        1.0,
        float("nan"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+41"),
        Decimal("1E-41"),
        Decimal("0." + "1" * 41),
        2**63,
        datetime(2026, 3, 2),  # noqa: DTZ001 - to be refused
        [1],
        [""],
        {"a": 1},
        b"x",
        1j,
        object(),
    ],
    ids=repr,
)
def test_an_extra_refuses_what_is_not(value: object) -> None:
    """FD-3."""
    with pytest.raises(FactError, match=r"^lead\.extra\.own: saw "):
        Lead(id="L-1", extra={"own": value})


def test_extras_are_a_mapping_that_cannot_change_and_has_no_order() -> None:
    one, other = Extra.of({"b": 1, "a": "x", "c": None}), Extra.of(MappingProxyType({"a": "x", "b": 1}))
    assert one == other
    assert hash(one) == hash(other)
    assert dict(one) == {"a": "x", "b": 1}
    assert list(one) == ["a", "b"]
    assert len(one) == 2
    assert "c" not in one
    assert one.get("c") is None
    assert Extra.of(one) is one
    assert Extra((("b", 1), ("a", "x"))) == one
    for twin in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):  # noqa: S301 - our own bytes
        assert twin == one
        assert twin["a"] == "x"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.pairs = ()  # type: ignore[misc]  # that is what is tried


def test_extras_handed_over_as_pairs_are_checked_too() -> None:
    with pytest.raises(FactError, match=r"^extra\.own: saw 1\.5"):
        Extra((("own", 1.5),))  # type: ignore[arg-type]  # that is what is tried
    with pytest.raises(FactError, match=r"^extra: saw a name twice"):
        Extra((("own", 1), ("own", 2)))


@pytest.mark.parametrize(("value", "whole"), [({}, 0), ({"a": 3, "b": 0}, 2), ({"a": 3, "b": True}, -1), ({"a": "3"}, -1)])
def test_extras_that_are_all_whole_numbers_say_so(value: dict[str, object], whole: int) -> None:
    assert Extra.of(value).whole == whole


# ---------------------------------------------------------------------------------------------------------------- people


def test_no_repr_shows_a_person() -> None:
    """FD-5: what is personal is shown only on request."""
    lead = Lead(
        id="L-1",
        name="Ana Secret",
        email="secret@acme.example",
        title="Secret Title",
        self_reported="secret",
        extra={"pain": "secret"},
        observations=(Observation("title", "Secret Title", "form"),),
        activities=(Activity(id="a", kind="visit", at=NINE),),
        account=Account(id="acme", extra={"note": "secret"}),
    )
    contact = Contact(id="c-1", emails=("secret@acme.example",), account_id="acme")
    shown = " ".join(map(repr, (lead, contact, lead.extra, lead.observations, lead.account)))
    assert "secret" not in shown.lower()
    assert repr(lead) == "Lead('L-1', account='acme', activities=1)"
    assert repr(Lead(id="<b>")) == "Lead('<b>', account=None, activities=unknown)"


@pytest.mark.parametrize(
    ("fact", "name", "personal"),
    [
        (Lead, "name", True),
        (Lead, "email", True),
        (Lead, "title", True),
        (Lead, "self_reported", True),
        (Lead, "country", False),
        (Contact, "emails", True),
        (Account, "name", False),
    ],
)
def test_what_is_personal_is_marked(fact: type[attrs.AttrsInstance], name: str, personal: bool) -> None:
    assert is_personal(fact, name) is personal


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (Lead(id="L-1"), {"id": "L-1"}),
        (Lead(id="L-1", activities=()), {"id": "L-1", "activities": []}),
        (Account(id="a", technologies=frozenset()), {"id": "a", "technologies": []}),
        (Account(id="a", annual_revenue=Money(5, "JPY")), {"id": "a", "annual_revenue": {"minor": 5, "currency": "JPY"}}),
        (Rep(id="maya", role="AE"), {"id": "maya", "role": "AE"}),
        (Rep(id="maya", role="AE", caps=Caps(per_day=0)), {"id": "maya", "role": "AE", "caps": {"per_day": 0}}),
        (Observation("title", "CEO", "form", NINE), {"fact": "title", "value": "CEO", "source": "form", "at": "2026-03-02T09:00:00Z"}),
        (
            Lead(id="L-1", zone="Europe/Berlin", created_at=TEN_IN_BERLIN, extra={"b": Decimal("0.10"), "a": frozenset({"y", "x"})}),
            {"id": "L-1", "created_at": "2026-03-02T09:00:00Z", "zone": "Europe/Berlin", "extra": {"a": ["x", "y"], "b": "0.10"}},
        ),
    ],
)
def test_a_fact_has_a_plain_form_without_what_is_unknown(fact: attrs.AttrsInstance, expected: dict[str, Plain]) -> None:
    """FD-6: known to be none is written down, unknown is not."""
    assert to_dict(fact) == expected


def test_the_redacted_form_leaves_the_person_out() -> None:
    lead = Lead(
        id="L-1",
        name="Ana",
        email="ana@acme.example",
        title="CEO",
        self_reported="a friend",
        country="DE",
        extra={"pain": "churn", "requested": "demo"},
        observations=(Observation("pain", "churn", "call"), Observation("industry", "saas", "news")),
        account=Account(id="acme", name="Acme", extra={"pain": "churn", "plan": "pro"}),
    )
    assert to_dict(lead, redact=True, personal={"pain"}) == {
        "id": "L-1",
        "country": "DE",
        "account": {"id": "acme", "name": "Acme", "extra": {"plan": "pro"}},
        "observations": [{"fact": "industry", "value": "saas", "source": "news"}],
        "extra": {"requested": "demo"},
    }


# ------------------------------------------------------------------------------------------------------------ activities


def test_an_activity_handed_over_twice_counts_once_and_two_under_one_id_are_refused() -> None:
    """AD-13."""
    visit, again = (Activity(id="a", kind="visit", at=NINE) for _ in range(2))
    other = Activity(id="a", kind="visit", at=NINE + timedelta(microseconds=1))
    assert Lead(id="L", activities=(visit, again)).activities == (visit,)
    with pytest.raises(FactError, match=r"^lead\.activities\[a\]: saw two different activities, expected one activity under one id"):
        Lead(id="L", activities=(visit, other))


def test_a_million_activities_are_read_without_ado() -> None:
    """FD-4: a lead with a long history is a lead; activities that were handed over again and again are counted once."""
    start = NINE - timedelta(days=29)
    second = timedelta(seconds=1)
    distinct = tuple(Activity(id=str(number), kind="visit", at=start + number * second) for number in range(200_000))
    lead = Lead(id="L", activities=distinct * 5)
    assert lead.activities == distinct
    assert Engine(Policy()).assess(lead, at=NINE).scores.points("urgency") > 0


# ----------------------------------------------------------------------------------------------------------------- teams


REPS = (Rep(id="maya", role="AE", territories=frozenset({"dach"})), Rep(id="noor", role="SDR", backup="maya"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Roster(reps=(REPS[0], REPS[0])), "roster.reps: saw an id twice, expected reps with ids that differ."),
        (lambda: Roster(reps=REPS, overflow_owner="mia"), "roster.overflow_owner: saw 'mia', expected one of maya, noor."),
        (lambda: Roster(reps=(REPS[1],)), "roster.reps[noor].backup: saw 'maya', expected one of noor."),
        (lambda: Roster(reps=REPS, territories=frozenset({"uk"})), "roster.reps[maya].territories: saw 'dach', expected one of uk."),
        (
            lambda: Roster(reps=REPS, parents=(Account(id="a", parent_id="b"), Account(id="b", parent_id="a"))),
            "roster.parents[a]: saw a circle of parents, expected accounts that are not their own ancestors.",
        ),
        (
            lambda: Roster(reps=REPS, parents=(Account(id="a", parent_id="a"),)),
            "roster.parents[a]: saw a circle of parents, expected accounts that are not their own ancestors.",
        ),
    ],
)
def test_a_roster_names_only_what_exists(make: Callable[[], object], message: str) -> None:
    """RT-4, RT-5."""
    with pytest.raises(FactError) as refused:
        make()
    assert str(refused.value) == message


def test_a_roster_may_name_parents_that_it_does_not_list() -> None:
    roster = Roster(reps=REPS, territories=frozenset({"dach"}), parents=(Account(id="a", parent_id="b"), Account(id="b", parent_id="z")))
    assert [account.id for account in roster.parents] == ["a", "b"]


@pytest.mark.parametrize("fact", MAKERS)
def test_facts_pickle_copy_and_can_be_told_apart(fact: str) -> None:
    made = MAKERS[fact]()
    for twin in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):  # noqa: S301 - our own bytes
        assert twin == made
        assert hash(twin) == hash(made)


def test_a_kind_of_lead_of_ones_own_is_checked_like_any_lead() -> None:
    class Prospect(Lead):
        """A lead with methods of its own."""

    assert Prospect(id="L-1", created_at=TEN_IN_BERLIN).created_at == NINE
    with pytest.raises(FactError, match=r"^lead\.id: saw ''"):
        Prospect(id="")


# ------------------------------------------------------------------------------------------------------------- countries


@needs_data
def test_the_countries_are_those_of_iso_3166_and_kosovo() -> None:
    with (DATA / "reference_geo" / "iso3166.tab").open(encoding="utf-8") as lines:
        listed = {line.partition("\t")[0] for line in lines if not line.startswith("#")}
    with (DATA / "reference_geo" / "country-codes.csv").open(encoding="utf-8", newline="") as rows:
        coded = {row["ISO3166-1-Alpha-2"] for row in csv.DictReader(rows)} - {""}
    assert len(listed) == 249
    assert listed == coded
    assert listed | {"XK"} == COUNTRIES


@pytest.mark.parametrize("code", ["NA", "GB", "XK", "TW"])
def test_the_odd_codes_are_countries(code: str) -> None:
    assert Lead(id="L", country=code).country == code


@pytest.mark.parametrize("code", ["UK", "EU", "XX", "ZZ", "DEU", "276", "d", "EL"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(FactError, match="expected an ISO 3166 alpha-2 country code"):
        Account(id="a", country=code)
