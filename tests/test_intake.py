"""What they handed us, how it is read, and what is refused."""

import json
import math
from collections import ChainMap, OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inbound_engine import intake, vocabulary
from inbound_engine.errors import FactError, Problem
from inbound_engine.facts import Account, Activity, Caps, Contact, Lead, Observation, Opportunity, Outreach, to_dict
from inbound_engine.money import Money
from inbound_engine.spans import Span
from inbound_engine.vocabulary import DeclaredFact, FactsDocument, UnknownValues

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

WORDS = vocabulary.compile(
    FactsDocument(
        declared=(
            DeclaredFact(id="plan", kind="text", values=("free", "pro")),
            DeclaredFact(id="plans", kind="texts", values=("free", "pro")),
            DeclaredFact(id="seats", kind="integer"),
            DeclaredFact(id="rate", kind="decimal"),
            DeclaredFact(id="vip", kind="boolean"),
            DeclaredFact(id="seen_at", kind="instant"),
            DeclaredFact(id="budget", kind="money"),
            DeclaredFact(id="note", kind="text"),
            DeclaredFact(id="health", kind="integer", of="account"),
        ),
        unknown=(
            UnknownValues(fact="plan", values=("Select",)),
            UnknownValues(fact="country", values=("Select", "unknown")),
        ),
        activity_kinds=("quiz",),
    )
)


def _read(**record: object) -> Lead:
    return intake.lead({"id": "L-1", **record}, WORDS)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"id": 7}, Lead(id="7")),
        ({"id": " L-1\t"}, Lead(id="L-1")),
        ({"title": " VP Sales "}, Lead(id="L-1", title="VP Sales")),
        ({"title": "", "department": "  ", "source": None}, Lead(id="L-1")),
        ({"name": "A\u030asa"}, Lead(id="L-1", name="Åsa")),
        ({"name": "<b>Ana</b>"}, Lead(id="L-1", name="<b>Ana</b>")),
        ({"country": "de"}, Lead(id="L-1", country="DE")),
        ({"country": "uk"}, Lead(id="L-1", country="GB")),
        ({"country": "EL"}, Lead(id="L-1", country="GR")),
        ({"country": "Select"}, Lead(id="L-1")),
        ({"zone": "Europe/Berlin "}, Lead(id="L-1", zone="Europe/Berlin")),
        ({"zone": ZoneInfo("UTC"), "candidate_zones": "UTC"}, Lead(id="L-1", zone="UTC", candidate_zones=("UTC",))),
        ({"zone": "", "candidate_zones": ["UTC", ""]}, Lead(id="L-1", candidate_zones=("UTC",))),
        ({"candidate_zones": None}, Lead(id="L-1")),
        ({"created_at": "2026-03-02T10:00+01:00"}, Lead(id="L-1", created_at=NINE)),
        ({"created_at": datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))}, Lead(id="L-1", created_at=NINE)),
        ({"created_at": " "}, Lead(id="L-1")),
        ({"suppressed": "email; phone,"}, Lead(id="L-1", suppressed=frozenset({"email", "phone"}))),
        ({"employees": "240"}, Lead(id="L-1", account=Account(id="-", employees=240))),
        ({"employees": 240.0}, Lead(id="L-1", account=Account(id="-", employees=240))),
        ({"employees": "2.4e2"}, Lead(id="L-1", account=Account(id="-", employees=240))),
        ({"employees": Decimal(240)}, Lead(id="L-1", account=Account(id="-", employees=240))),
        ({"employees": "", "technologies": None}, Lead(id="L-1")),
        ({"technologies": []}, Lead(id="L-1", account=Account(id="-", technologies=frozenset()))),
        ({"technologies": ["a", "", None, 1]}, Lead(id="L-1", account=Account(id="-", technologies=frozenset({"a", "1"})))),
        ({"account_id": "acme", "account_name": "Acme"}, Lead(id="L-1", account=Account(id="acme", name="Acme"))),
        (
            {"account": {"id": "acme", "country": "at"}, "country": "DE"},
            Lead(id="L-1", country="DE", account=Account(id="acme", country="AT")),
        ),
        ({"account": None}, Lead(id="L-1")),
        (
            {"activities": [{"id": "a", "kind": "visit", "at": NINE, "utm": None}]},
            Lead(id="L-1", activities=(Activity(id="a", kind="visit", at=NINE),)),
        ),
        ({"account": {}}, Lead(id="L-1")),
        ({"account": {"id": "acme"}, "industry": "saas"}, Lead(id="L-1", account=Account(id="acme", industry="saas"))),
        (
            {"account": Account(id="acme", employees=1, extra={"health": 3})},
            Lead(id="L-1", account=Account(id="acme", employees=1, extra={"health": 3})),
        ),
        ({"annual_revenue": "EUR 95000.00"}, Lead(id="L-1", account=Account(id="-", annual_revenue=Money(9_500_000, "EUR")))),
        (
            {"annual_revenue": {"amount": "95000", "currency": "EUR"}},
            Lead(id="L-1", account=Account(id="-", annual_revenue=Money(9_500_000, "EUR"))),
        ),
        ({"annual_revenue": {"minor": 5, "currency": "JPY"}}, Lead(id="L-1", account=Account(id="-", annual_revenue=Money(5, "JPY")))),
        ({"annual_revenue": Money(5, "JPY")}, Lead(id="L-1", account=Account(id="-", annual_revenue=Money(5, "JPY")))),
        ({"annual_revenue": " "}, Lead(id="L-1")),
        (
            {"plan": "pro", "seats": "3", "health": "4"},
            Lead(id="L-1", extra={"plan": "pro", "seats": 3}, account=Account(id="-", extra={"health": 4})),
        ),
        ({"extra": {"plan": "Select"}}, Lead(id="L-1", extra={"plan": "Select"})),
        ({"extra": {"plans": ["pro", "free"]}, "note": "x"}, Lead(id="L-1", extra={"plans": frozenset({"pro", "free"}), "note": "x"})),
        ({"extra": None}, Lead(id="L-1")),
        ({"rate": "0.10"}, Lead(id="L-1", extra={"rate": Decimal("0.10")})),
        ({"rate": 0.1}, Lead(id="L-1", extra={"rate": Decimal("0.1")})),
        ({"rate": 3}, Lead(id="L-1", extra={"rate": 3})),
        ({"vip": "Yes"}, Lead(id="L-1", extra={"vip": True})),
        ({"vip": 0}, Lead(id="L-1", extra={"vip": False})),
        ({"vip": False}, Lead(id="L-1", extra={"vip": False})),
        ({"vip": ""}, Lead(id="L-1")),
        ({"seen_at": "2026-03-02T09:00Z", "budget": "JPY 5"}, Lead(id="L-1", extra={"seen_at": NINE, "budget": Money(5, "JPY")})),
        ({"activities": None, "observations": None}, Lead(id="L-1")),
        ({"activities": []}, Lead(id="L-1", activities=())),
        (
            {
                "activities": [
                    {
                        "id": 1,
                        "kind": "quiz",
                        "at": "2026-03-02T09:00Z",
                        "utm": {"source": " google ", "term": ""},
                        "marketing": "no",
                        "content": None,
                    }
                ]
            },
            Lead(id="L-1", activities=(Activity(id="1", kind="quiz", at=NINE, utm={"source": "google"}, marketing=False),)),
        ),
        ({"activities": (Activity(id="a", kind="visit", at=NINE),)}, Lead(id="L-1", activities=(Activity(id="a", kind="visit", at=NINE),))),
        (
            {"observations": [{"fact": "country", "value": "uk", "source": "form", "at": "2026-03-02T09:00Z"}]},
            Lead(id="L-1", observations=(Observation("country", "GB", "form", NINE),)),
        ),
        ({"observations": (Observation("note", "x", "form"),)}, Lead(id="L-1", observations=(Observation("note", "x", "form"),))),
    ],
)
def test_a_record_says_a_lead(record: dict[str, object], expected: Lead) -> None:
    assert _read(**record) == expected


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": None}, "id: saw nothing, expected the id of the lead."),
        ({"id": " "}, "id: saw nothing, expected the id of the lead."),
        ({"id": True}, "id: saw true, expected text."),
        ({"id": 10**5000}, "id: saw an integer of 16610 bits, expected text."),
        ({"id": 1.0}, "id: saw 1.0, expected text."),
        ({"title": math.nan}, "title: saw nan, expected text. Where nothing is known, pass None."),
        ({"title": ["VP"]}, "title: saw a list of 1, expected text."),
        ({"name": "\ud800"}, "name: saw '\\ud800', expected text in Unicode."),
        ({"email": "ana"}, "email: saw text without a mailbox and a domain, expected an email address."),
        ({"country": "Germany"}, "country: saw 'Germany', expected an ISO 3166 alpha-2 country code."),
        ({"country": "XX"}, "country: saw 'XX', expected an ISO 3166 alpha-2 country code."),
        ({"account": {"country": "D3"}}, "account.country: saw 'D3', expected an ISO"),
        ({"zone": "Europe/Berlim"}, "zone: saw 'Europe/Berlim', expected the name of an IANA time zone."),
        ({"candidate_zones": [1]}, "candidate_zones: saw 1, expected the name of an IANA"),
        ({"created_at": "2026-03-02T09:00"}, "created_at: saw '2026-03-02T09:00', expected an ISO 8601 instant with its offset."),
        ({"created_at": datetime(2026, 3, 2)}, "created_at: saw 2026-03-02T00:00:00 without a zone"),  # noqa: DTZ001 - to be refused
        ({"created_at": 1772442000}, "created_at: saw 1772442000, expected an aware datetime."),
        ({"employees": "about 50"}, "employees: saw 'about 50', expected a whole number."),
        ({"employees": "1_000"}, "employees: saw '1_000', expected a whole number."),
        ({"employees": "1,000"}, "employees: saw '1,000', expected a whole number."),
        ({"employees": "１２"}, "employees: saw '１２', expected a whole number."),
        ({"employees": "9" * 81}, "employees: saw '999999"),
        ({"employees": "9" * 41}, "employees: saw 99999999999999999999999999999999999999999, expected a whole number of at most 64 bits"),
        ({"employees": "1e99"}, "employees: saw '1e99', expected a whole number."),
        ({"employees": 2.5}, "employees: saw 2.5, expected a whole number."),
        ({"employees": math.nan}, "employees: saw nan, expected a whole number. Where nothing is known, pass None."),
        ({"employees": math.inf}, "employees: saw inf, expected a whole number."),
        ({"employees": "nan"}, "employees: saw 'nan', expected a whole number."),
        ({"employees": True}, "employees: saw true, expected a whole number."),
        ({"employees": Fraction(1, 2)}, "employees: saw Fraction 1/2, expected a whole number."),
        ({"employees": 2**64}, "employees: saw 18446744073709551616, expected a whole number of at most 64 bits"),
        ({"employees": "-5"}, "employees: saw -5, expected zero or more."),
        ({"account": {"employees": "-5"}}, "account.employees: saw -5, expected zero or more."),
        (
            {"account": {"employees": 5}, "employees": 5},
            "account.employees: saw a fact that stands in the record too, as employees, expected each fact",
        ),
        ({"account": "acme"}, "account: saw 'acme', expected a table of facts."),
        ({"account": {"emploees": 5}}, "account.emploees: saw a field called 'emploees', expected one of"),
        (
            {"account": {"extra": {"helth": 5}}},
            "account.extra.helth: saw a field called 'helth', expected one of health. Did you mean \"health\"?",
        ),
        ({"health": 1, "account": {"extra": {"health": 1}}}, "account.extra.health: saw a fact that stands in the record too"),
        ({"technologies": 1}, "technologies: saw 1, expected a list of texts."),
        ({"technologies": {"a": 1}}, "technologies: saw a table of 1, expected a list of texts."),
        ({"technologies": [1.5]}, "technologies: saw 1.5, expected text."),
        ({"annual_revenue": 95000}, 'annual_revenue: saw 95000, expected an amount such as "EUR 95000.00".'),
        ({"annual_revenue": "95000"}, "annual_revenue.currency: saw '95000', expected an ISO 4217 code"),
        ({"annual_revenue": "EUR 95.000,00"}, "annual_revenue.amount: saw '95.000,00', expected digits, and a point"),
        (
            {"annual_revenue": {"amount": 1.5, "currency": "EUR"}},
            "annual_revenue.amount: saw 1.5, expected text, a whole number or a Decimal",
        ),
        ({"annual_revenue": {"currency": "EUR"}}, "annual_revenue.amount: saw nothing"),
        ({"annual_revenue": {"minor": "5", "currency": "EUR"}}, "annual_revenue.minor: saw '5', expected a whole number of minor units."),
        (
            {"annual_revenue": {"amount": "5", "curency": "EUR"}},
            "annual_revenue.curency: saw a field called 'curency', expected one of amount",
        ),
        ({"annual_revenue": "EUR -5"}, "annual_revenue: saw EUR -5.00, expected zero or more."),
        ({"emploees": 5}, "emploees: saw a field called 'emploees', expected one of"),
        ({"соuntry": "DE"}, "соuntry: saw a field called 'соuntry' (with U+0441 CYRILLIC SMALL LETTER ES)"),
        ({"x" * 500: 1}, "x" * 80 + ": saw a field called '"),
        ({"extra": [1]}, "extra: saw a list of 1, expected a table of facts."),
        ({"extra": {"note": "x"}, "note": "y"}, "extra.note: saw a fact that stands in the record too, expected each fact once."),
        ({"extra": {1: 1}}, "extra.1: saw a field called 1, expected one of"),
        ({"plan": "gold"}, "plan: saw 'gold', expected one of free, pro."),
        ({"plan": "fre"}, "plan: saw 'fre', expected one of free, pro. Did you mean \"free\"?"),
        ({"plans": ["pro", "gold"]}, "plans: saw 'gold', expected one of free, pro."),
        ({"vip": "maybe"}, "vip: saw 'maybe', expected true or false."),
        ({"vip": 2}, "vip: saw 2, expected true or false."),
        ({"activities": "visit"}, "activities: saw 'visit', expected a list of activities."),
        ({"activities": ["visit"]}, "activities[0]: saw 'visit', expected a table of facts."),
        ({"activities": [{"id": "a", "kind": "visit"}]}, "activities[0].at: saw nothing, expected what every activity has: at."),
        ({"activities": [{"id": "a", "at": "x", "kind": "vist"}]}, "activities[0].at: saw 'x', expected an ISO 8601 instant."),
        ({"activities": [{"id": "a", "kind": "vist"}]}, "activities[0].kind: saw 'vist', expected one of"),
        ({"activities": [{"id": "a", "kind": "zzz"}]}, "activities[0].kind: saw 'zzz', expected one of"),
        ({"activities": [{"id": "a", "when": 1}]}, "activities[0].when: saw a field called 'when', expected one of"),
        ({"activities": [{"id": "a", "kind": "visit", "at": NINE, "utm": "x"}]}, "activities[0].utm: saw 'x', expected a table of facts."),
        (
            {"activities": [{"id": "a", "kind": "visit", "at": NINE, "utm": {"x": []}}]},
            "activities[0].utm.x: saw a list of 0, expected text.",
        ),
        ({"activities": [{"id": "a", "kind": "visit", "at": NINE, "sequence": 2**63}]}, "activities[0].sequence: saw 9223372036854775808"),
        (
            {"activities": [{"id": "a", "kind": "visit", "at": NINE}, {"id": "a", "kind": "reply", "at": NINE}]},
            "activities[a]: saw two different activities, expected one activity under one id.",
        ),
        ({"observations": {}}, "observations: saw a table of 0, expected a list of observations."),
        ({"observations": ["x"]}, "observations[0]: saw 'x', expected a table of facts."),
        ({"observations": [{"fact": "note"}]}, "observations[0].source: saw nothing, expected the fact and its source."),
        ({"observations": [{"source": "form"}]}, "observations[0].fact: saw nothing, expected the fact and its source."),
        ({"observations": [{"fact": "note", "source": "form"}]}, "observations[0].value: saw nothing, expected what the source says."),
        (
            {"observations": [{"fact": "tier", "source": "form"}]},
            "observations[0].fact: saw 'tier', expected a fact that a source can observe.",
        ),
        (
            {"observations": [{"fact": "note", "source": "form", "who": 1}]},
            "observations[0].who: saw a field called 'who', expected one of at",
        ),
        (
            {"observations": [{"fact": "employees", "source": "form", "value": "x"}]},
            "observations[0].value: saw 'x', expected a whole number.",
        ),
    ],
)
def test_a_refusal_names_the_field_what_was_seen_and_what_would_do(record: dict[Any, object], message: str) -> None:
    with pytest.raises(FactError) as refused:
        intake.lead({"id": "L-1", **record}, WORDS)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("record", [None, [], "L-1", 1, [("id", "L-1")]])
def test_a_record_is_a_table(record: Any) -> None:  # noqa: ANN401 - what no type checker would let pass
    with pytest.raises(FactError, match="expected a table of facts"):
        intake.lead(record)
    with pytest.raises(FactError, match="expected a table of facts"):
        intake.activity(record)
    refused = intake.leads([record, {"id": "L-2"}]).refused
    assert [(found.number, found.id) for found in refused] == [(0, None)]


@pytest.mark.parametrize("table", [dict, OrderedDict, MappingProxyType, lambda record: ChainMap({}, record)])
def test_a_record_may_be_any_mapping(table: Any) -> None:  # noqa: ANN401 - a class or a function
    record = table(
        {"id": "L-1", "account": table({"id": "acme", "extra": table({})}), "activities": [table({"id": "a", "kind": "visit", "at": NINE})]}
    )
    assert intake.lead(record) == Lead(id="L-1", account=Account(id="acme"), activities=(Activity(id="a", kind="visit", at=NINE),))


def test_without_a_policy_only_the_built_in_facts_are_known() -> None:
    assert intake.lead({"id": "L-1", "industry": "saas"}).account == Account(id="-", industry="saas")
    with pytest.raises(FactError, match=r"^plan: saw a field called 'plan'"):
        intake.lead({"id": "L-1", "plan": "pro"})


def test_an_activity_is_read_alone() -> None:
    assert intake.activity({"id": "a", "kind": "visit", "at": NINE, "sequence": "2"}) == Activity(id="a", kind="visit", at=NINE, sequence=2)
    with pytest.raises(FactError, match=r"^at: saw nothing, expected what every activity has: at"):
        intake.activity({"id": "a", "kind": "visit"})
    with pytest.raises(FactError, match=r"^knd: saw a field called 'knd'"):
        intake.activity({"id": "a", "knd": "visit"})


# --------------------------------------------------------------------------------------------------- what we wrote ourselves


@pytest.mark.parametrize("text", [" VP Sales", "A\u030asa", " ", "\t", "de"])
def test_what_the_library_wrote_is_read_back_letter_for_letter(text: str) -> None:
    lead = Lead(id=text, title=text, account=Account(id=text, industry=text), extra={"note": text, "plans": frozenset({"pro"})})
    assert intake.restored(to_dict(lead), WORDS) == lead
    assert intake.restored(json.loads(json.dumps(to_dict(lead))), WORDS) == lead


def test_what_the_library_wrote_has_country_codes_as_they_are() -> None:
    assert intake.restored({"id": "L", "country": "DE"}).country == "DE"
    with pytest.raises(FactError, match=r"^country: saw 'de'"):
        intake.restored({"id": "L", "country": "de"})


# -------------------------------------------------------------------------------------------------------------------- batches


def test_one_bad_record_never_loses_the_others() -> None:
    read: list[int] = []
    batch = intake.leads(
        [{"id": "L-1"}, {"id": "L-2", "employees": "many"}, {"employees": 1}, {"id": "L-1"}, {"id": 5, "x": 1}, {"id": "L-3"}],
        WORDS,
        progress=read.append,
    )
    assert [lead.id for lead in batch.leads] == ["L-1", "L-3"]
    assert [(refused.number, refused.id, refused.problem.path) for refused in batch.refused] == [
        (1, "L-2", "employees"),
        (2, None, "id"),
        (3, "L-1", "id"),
        (4, "5", "x"),
    ]
    assert read == [1, 2, 3, 4, 5, 6]


def test_a_refusal_is_one_line() -> None:
    problem = Problem("employees", "'many'", "a number")
    assert str(intake.Refused(1, "L-2", problem)) == "record 1 (L-2): employees: saw 'many', expected a number."
    assert str(intake.Refused(1, None, problem)) == "record 1: employees: saw 'many', expected a number."


COLUMNS = {"Lead Number": "id", "Country": "country"}


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"Lead Number": "1", "Country": "de", "Anything": object()}, None),
        ({"Lead Number": "1", "Country": "??"}, "country"),
        ({"Lead Number": "1", "Contry": "de"}, "Country"),
        ({"Number": "1"}, "Lead Number"),
    ],
)
def test_columns_are_renamed_and_those_that_nobody_named_left_alone(record: Mapping[str, object], path: str | None) -> None:
    batch = intake.leads([record], columns=COLUMNS)
    assert [refused.problem.path for refused in batch.refused] == ([] if path is None else [path])
    assert [lead.country for lead in batch.leads] == (["DE"] if path is None else [])


def test_a_column_that_is_missing_is_told_with_its_nearest() -> None:
    (refused,) = intake.leads([{"Lead Number": "1", "Contry": "de"}], columns=COLUMNS).refused
    assert str(refused.problem) == 'Country: saw no such column, expected one of Contry, Lead Number. Did you mean "Contry"?'


def test_a_stream_of_records_is_read_once() -> None:
    assert len(intake.leads(({"id": str(number)} for number in range(1000)), WORDS).leads) == 1000


def test_two_columns_for_one_fact_are_refused_at_once() -> None:
    with pytest.raises(FactError, match=r"^columns\.B: saw a second column for email"):
        intake.leads([], columns={"A": "email", "B": "email"})


@pytest.mark.parametrize(("given", "read"), [(["", None], None), (";", None), ([], frozenset()), (["", "segment"], frozenset({"segment"}))])
def test_a_list_of_blanks_is_unknown_and_an_empty_one_is_none(given: object, read: object) -> None:
    """FD-6."""
    account = intake.lead({"id": "L-1", "technologies": given, "account_id": "acme"}).account
    assert account is not None
    assert account.technologies == read


def test_columns_that_name_no_fact_are_refused_at_once() -> None:
    """One error before any record, not one for each."""
    with pytest.raises(FactError, match=r'^columns\.employes: .*Did you mean "employees"\?'):
        intake.leads([{"Emp": "3"}], columns={"Emp": "employes"})


@pytest.mark.parametrize("records", ['[{"id": "a"}]', b"[]", {"id": "a"}], ids=["text", "bytes", "one record"])
def test_what_is_no_list_of_records_is_refused_at_once(records: object) -> None:
    with pytest.raises(FactError, match=r"^records: .* expected a list of records"):
        intake.leads(records)  # type: ignore[arg-type]  # on purpose


# What is no lead: touches, reps, rosters.


def test_a_touch_is_read_with_what_was_logged() -> None:
    """CL-9, CL-17."""
    record = {
        "id": " c-1 ", "lead_id": "L-1", "rep": "maya", "channel": "call", "at": "2026-03-02T10:00:00+01:00",
        "human": "yes", "outcome": "", "step": "call-0", "recorded_at": "2026-03-02T12:00:00Z",
    }  # fmt: skip
    found = intake.outreach(record)
    assert found == Outreach(
        id="c-1", lead_id="L-1", rep="maya", channel="call", at=NINE, human=True, step="call-0", recorded_at=NINE + timedelta(hours=3)
    )
    assert intake.outreach(to_dict(found)) == found


def test_a_roster_is_read_with_its_reps() -> None:
    record = {
        "reps": [
            {"id": "maya", "role": "AE", "territories": "dach; nordics", "share": "2", "zone": "Europe/Berlin", "caps": {"per_day": "8"}},
            {"id": "noor", "role": "SDR", "away": [{"since": "2026-03-02T09:00Z", "until": "2026-03-03T09:00Z"}], "active": "no"},
        ],
        "territories": ["dach", "nordics"],
        "parents": [{"id": "a"}, {"id": "b", "parent_id": "a", "country": "de"}],
        "overflow_owner": "maya",
    }
    found = intake.roster(record)
    maya, noor = found.reps
    assert (maya.territories, maya.share) == (frozenset({"dach", "nordics"}), 2)
    assert (maya.zone, maya.caps) == (ZoneInfo("Europe/Berlin"), Caps(per_day=8))
    assert (noor.away, noor.active) == ((Span(NINE, NINE + timedelta(days=1)),), False)
    assert [(account.id, account.parent_id, account.country) for account in found.parents] == [("a", None, None), ("b", "a", "DE")]
    assert found.overflow_owner == "maya"
    assert intake.roster({"reps": [maya, noor], "parents": None}).reps == (maya, noor)
    assert intake.rep(record["reps"][0]) == maya  # type: ignore[index]  # plain data


def test_deals_and_their_people_are_read() -> None:
    """AT-4: each address once, in order; blanks are unknown."""
    record = {
        "id": "D-1",
        "account_id": "acme",
        "lead_ids": ["L-1", "L-2", "L-1"],
        "contact_roles": {"c-1": "buyer", "c-2": " "},
        "amount": {"amount": "95000", "currency": "EUR"},
        "opened_at": "2026-02-01T09:00Z",
        "closed_at": None,
        "close_date": "2026-03-31",
        "won": "",
    }
    opened = datetime(2026, 2, 1, 9, tzinfo=UTC)
    deal = Opportunity(
        id="D-1",
        account_id="acme",
        lead_ids=("L-1", "L-2"),
        contact_roles=(("c-1", "buyer"),),
        amount=Money.of(95_000, "EUR"),
        opened_at=opened,
        close_date=date(2026, 3, 31),
    )
    assert intake.opportunity(record) == deal
    assert intake.opportunity({**record, "close_date": date(2026, 3, 31)}) == deal
    twice = [["c-1", "buyer"], ["c-2", " "], [" ", "buyer"], ["c-1", "champion"]]  # as `facts.to_dict` writes them
    assert intake.opportunity({**record, "contact_roles": twice}).contact_roles == (("c-1", "buyer"), ("c-1", "champion"))
    bare = Opportunity(id="D-2", opened_at=opened)
    empty = dict.fromkeys(("close_date", "contact_roles", "lead_ids", "amount"))
    assert intake.opportunity({"id": "D-2", "opened_at": opened, **empty}) == bare
    assert intake.contact({"id": "c", "emails": "a@x.example, b@x.example", "roles": ["buyer"]}) == Contact(
        id="c", emails=("a@x.example", "b@x.example"), roles=frozenset({"buyer"})
    )
    assert intake.account({"id": "acme", "country": "de"}) == Account(id="acme", country="DE")


@pytest.mark.parametrize(
    ("read", "record", "message"),
    [
        (
            intake.outreach,
            {"id": "c", "lead_id": "L-1", "rep": "maya", "channel": "call", "at": "2026-03-02T09:00Z"},
            "human: saw nothing, expected what every touch has: human.",
        ),
        (intake.outreach, {"id": "c", "chanel": "call"}, 'chanel: saw a field called \'chanel\', expected one of at, channel, human, id, '
         'lead_id, outcome, recorded_at, rep, step. Did you mean "channel"?'),
        (intake.account, {"name": "Acme"}, "id: saw nothing, expected what every account has: id."),
        (intake.account, {"id": "acme", "extra": {}}, "extra: saw a field called 'extra', expected one of annual_revenue, country, csm, "
         "domain, employees, growth_stage, id, industry, name, named_rep, open_opportunity_owner, owner, parent_id, region, "
         "technologies. Remove it."),
        (intake.contact, {"id": "c", "emails": 7.5}, "emails: saw 7.5, expected a list of texts."),
        (intake.opportunity, {"id": "D-1"}, "opened_at: saw nothing, expected what every opportunity has: opened_at."),
        (intake.opportunity, {"id": "D-1", "close_date": "soon"}, "close_date: saw 'soon', expected a date. Write it like \"2026-03-02\"."),
        (intake.opportunity, {"id": "D-1", "contact_roles": ["c"]}, "contact_roles: saw a list of 1, expected a table of facts."),
        (intake.outreach, {"zzz": 1}, "zzz: saw a field called 'zzz', expected one of at, channel, human, id, lead_id, outcome, "
         "recorded_at, rep, step. Remove it."),
        (intake.rep, {"id": "maya"}, "role: saw nothing, expected what every rep has: role."),
        (intake.rep, {"id": "maya", "role": "AE", "caps": 8}, "caps: saw 8, expected a table of facts."),
        (intake.roster, {}, "reps: saw nothing, expected what every roster has: reps."),
        (intake.roster, {"reps": "maya"}, "reps: saw 'maya', expected a list of tables."),
        (intake.roster, {"reps": [{"id": "a", "role": "x"}, {"id": "b"}]}, "reps[1].role: saw nothing, expected what every rep has: role."),
        (intake.roster, {"reps": [{"id": "a", "role": "x", "share": -1}]}, "reps[0].share: saw -1, expected zero or more."),
        (
            intake.roster,
            {"reps": [{"id": "a", "role": "x", "caps": {"per_day": "x"}}]},
            'reps[0].caps.per_day: saw \'x\', expected a whole number. Write it like "240", without separators of thousands.',
        ),
        (
            intake.roster,
            {"reps": [{"id": "a", "role": "x", "away": [{"since": "2026-01-02T00:00Z", "until": "2026-01-01T00:00Z"}]}]},
            "reps[0].away[0].until: saw 2026-01-01T00:00:00+00:00, expected an instant at or after 2026-01-02T00:00:00+00:00. "
            "Swap the ends.",
        ),
        (intake.roster, {"reps": [{"id": "a", "role": "x", "delegate": "b"}]}, "roster.reps[a].delegate: saw 'b', expected one of a."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_the_team_says_where(read: Any, record: dict[str, Any], message: str) -> None:  # noqa: ANN401 - a reader
    with pytest.raises(FactError) as refused:
        read(record)
    assert str(refused.value) == message
