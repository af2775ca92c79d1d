"""Bad input to attribution and campaigns: each a clear error that names the place, never another exception."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inbound_engine import (
    attribution,
    budgets,
    campaigns,
    census,
    chain,
    channels,
    exchange,
    journeys,
    money,
    returns,
    rollups,
    selfreports,
    sourcing,
    spans,
    spelling,
    utm,
)
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.exchange import ExchangeRate, ExchangeTable
from inbound_engine.facts import Activity, Contact, Lead, Opportunity
from inbound_engine.journeys import LeadCreation
from inbound_engine.money import Money
from inbound_engine.people import People, PeopleDocument, normalised
from inbound_engine.policy import Policy
from inbound_engine.selfreports import Answer
from inbound_engine.utm import Utm

POLICY = Policy()
ENGINE = Engine(POLICY)
RULES = ENGINE.compiled
SELF_REPORTS = selfreports.compile(POLICY.self_reports)
NAMES = campaigns.compile(POLICY.campaigns)
LINKS = utm.compile(POLICY.utm, NAMES)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 9, tzinfo=UTC)
NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - naive on purpose
EUROS = Money.of(100, "EUR")
TOUCH = Activity(id="t-1", kind="visit", at=AT, contact_id="c-1")
CONTACT = Contact(id="c-1", emails=("ana@acme.example",), account_id="acme")
DEAL = Opportunity(id="D-1", account_id="acme", opened_at=AT, closed_at=CLOSED, won=True, amount=EUROS)
PEOPLE = People.of(PeopleDocument(), [CONTACT])
JOURNEY = journeys.prepare(RULES.attribution.journeys, DEAL, [TOUCH])
CREDIT = attribution.credit(RULES.attribution, JOURNEY)
SPEND = budgets.Spend(campaign_id="x", amount=EUROS, since=date(2026, 1, 1), until=date(2026, 2, 1))
BUDGET = budgets.budget(RULES.chain, [budgets.Campaign(id="x")], [SPEND])
TABLE = ExchangeTable("EUR", [ExchangeRate("USD", "EUR", date(2026, 1, 1), "0.9")])
ODD: Any = 5
TEXT: Any = "D-1"
NONE: Any = None


def prepare(**given: Any) -> object:  # noqa: ANN401 - on purpose
    return journeys.prepare(RULES.attribution.journeys, **{"opportunity": DEAL, "touches": [TOUCH], **given})


def assemble(**given: Any) -> object:  # noqa: ANN401 - on purpose
    return list(journeys.assemble(RULES.attribution.journeys, PEOPLE, **{"opportunities": [DEAL], "touches": [TOUCH], **given}))


def credit(**given: Any) -> object:  # noqa: ANN401 - on purpose
    return list(ENGINE.credit(**{"opportunities": [DEAL], "touches": [TOUCH], "contacts": [CONTACT], **given}))


def table(**given: Any) -> object:  # noqa: ANN401 - on purpose
    return returns.table(BUDGET, PEOPLE, **{"credited": [CREDIT], "currency": "EUR", **given})


CASES: list[tuple[Callable[[], object], str]] = [
    # one value where a list goes, and text, which is a list of letters
    (lambda: credit(opportunities=DEAL), "opportunities: saw Opportunity"),
    (lambda: credit(opportunities=TEXT), "opportunities: saw 'D-1', expected a list of Opportunity. Put a single one into a list."),
    (lambda: credit(touches=TOUCH), "touches: saw Activity"),
    (lambda: credit(touches=None), "touches: saw nothing"),
    (lambda: credit(contacts=CONTACT), "contacts: saw Contact"),
    (lambda: credit(leads=Lead(id="L-1")), "leads: saw Lead"),
    (lambda: credit(accounts="acme"), "accounts: saw 'acme'"),
    (lambda: credit(records="L-1"), "records: saw 'L-1'"),
    (lambda: credit(models="linear"), "models: saw 'linear', expected a list of texts"),
    (lambda: budgets.Campaign(id="x", links="spring"), "campaign.links: saw 'spring', expected a list of texts"),
    (lambda: LeadCreation(AT, "ana"), "lead_creation.contact_ids: saw 'ana'"),  # type: ignore[arg-type]
    (lambda: LeadCreation.of(Lead(id="L-1"), "ana"), "contact_ids: saw 'ana'"),
    (lambda: rollups.roll_up(CREDIT), "credits: saw Credit"),  # type: ignore[arg-type]
    (lambda: sourcing.sourced(POLICY.sourcing, JOURNEY, outreach=ODD), "outreach: saw 5"),
    (lambda: money.total(EUROS, "EUR"), "amounts: saw Money"),  # type: ignore[arg-type]
    (lambda: money.split(EUROS, NONE), "money.weights: saw nothing, expected a list of weights"),
    (lambda: census.take(NAMES, "spring"), "uses: saw 'spring'"),  # type: ignore[arg-type]
    # a plain table, or a text, where a value goes
    (lambda: credit(opportunities=[{"id": "D-1"}]), "opportunities[0]: saw a table of 1, expected a value of type Opportunity"),
    (lambda: credit(touches=[TOUCH, "t-2"]), "touches[1]: saw 't-2'"),
    (lambda: credit(leads=[{}]), "leads[0]: saw a table of 0"),
    (lambda: credit(aliases=["a@b.example"]), "aliases: saw a list of 1, expected a table"),
    (lambda: credit(aliases={"a@b.example": None}), "email: saw nothing, expected text"),
    (lambda: credit(exchange={"USD": "0.9"}), "exchange: saw a table of 1, expected a value of type ExchangeTable"),
    (lambda: prepare(opportunity="D-1"), "opportunity: saw 'D-1'"),
    (lambda: prepare(created={"at": AT}), "created: saw a table of 1, expected a value of type Lead"),
    (lambda: prepare(stages={"MQL": AT}), "stages: saw 'MQL', expected pairs"),
    (lambda: prepare(stages=[("MQL",)]), "stages: saw a list of 1, expected pairs of a stage and an instant"),
    (lambda: prepare(stages=[("MQL", NAIVE)]), "stages: saw 2026-03-02T09:00:00 without a zone"),
    (lambda: assemble(touches=5), "touches: saw 5"),
    (lambda: journeys.strays(PEOPLE, [ODD]), "touches[0]: saw 5"),
    (lambda: LeadCreation.of(ODD), "lead: saw 5"),
    (lambda: PEOPLE.counted(TEXT), "opportunity: saw 'D-1'"),
    (lambda: PEOPLE.lead(TEXT, ()), "opportunity: saw 'D-1'"),
    (lambda: PEOPLE.person(ODD), "contact_id: saw 5"),
    (lambda: PEOPLE.person_of_lead(Lead(id="L-9")), "lead: saw 'L-9', expected a lead of these people"),
    (lambda: normalised(PeopleDocument(), NONE), "email: saw nothing"),
    (lambda: attribution.credit(RULES.attribution, ODD), "journey: saw 5"),
    (lambda: attribution.credit(RULES.attribution, JOURNEY, ODD), "model: saw 5"),
    (lambda: list(attribution.credit_each(RULES.attribution, [ODD])), "journeys[0]: saw 5"),
    (lambda: rollups.roll_up([CREDIT], ODD), "by: saw 5"),
    (lambda: rollups.roll_up([CREDIT]).table(ODD), "total: saw 5, expected one of lost, pipeline, revenue"),
    (lambda: rollups.conversions([ODD]), "credits[0]: saw 5"),
    (lambda: rollups.reconcile([ODD]), "credits[0]: saw 5"),
    (lambda: rollups.ties([ODD]), "credits[0]: saw 5"),
    (lambda: rollups.compare([CREDIT], [ODD]), "after[0]: saw 5"),
    (lambda: exchange.ExchangeTable("EUR", [ODD]), "exchange.rates[0]: saw 5"),
    (lambda: exchange.ExchangeTable("EUR", (), -1), "exchange.oldest_days: saw -1"),
    (lambda: exchange.ExchangeTable("EUR", (), TEXT), "exchange.oldest_days: saw 'D-1'"),
    (lambda: TABLE.convert(ODD, on=date(2026, 3, 2)), "amount: saw 5"),
    (lambda: TABLE.convert(EUROS, on=AT), "on: saw datetime"),
    (lambda: sourcing.sourced(POLICY.sourcing, ODD), "journey: saw 5"),
    (lambda: sourcing.sourced(POLICY.sourcing, JOURNEY, lead=ODD), "lead: saw 5"),
    (lambda: sourcing.sourced(POLICY.sourcing, JOURNEY, records=[ODD]), "records[0]: saw 5"),
    (lambda: sourcing.report(POLICY.sourcing, [ODD]), "deals[0]: saw 5"),
    (lambda: sourcing.is_influenced(POLICY.sourcing, ODD), "journey: saw 5"),
    (lambda: sourcing.overlaps(POLICY.sourcing, [ODD]), "journeys[0]: saw 5"),
    (lambda: sourcing.check_claim(ODD), "journey: saw 5"),
    (lambda: sourcing.influence(POLICY.sourcing, RULES.attribution.journeys, PEOPLE, [ODD], [], at=AT), "opportunities[0]: saw 5"),
    (lambda: sourcing.influence(POLICY.sourcing, RULES.attribution.journeys, PEOPLE, [], TEXT, at=AT), "touches: saw 'D-1'"),
    (lambda: Answer(opportunity_id=ODD, text="x", where="form"), "answer.opportunity_id: saw 5"),
    (lambda: Answer(opportunity_id="D-1", text=ODD, where="form"), "answer.text: saw 5"),
    (lambda: Answer(opportunity_id="D-1", text="x", where=NONE), "answer.where: saw nothing"),
    (lambda: selfreports.classify(SELF_REPORTS, ODD), "text: saw 5"),
    (lambda: selfreports.compare(SELF_REPORTS, [CREDIT], [ODD]), "answers[0]: saw 5"),
    (lambda: selfreports.compare(SELF_REPORTS, [ODD], []), "credits[0]: saw 5"),
    (lambda: selfreports.matrix(SELF_REPORTS, [ODD]), "deals[0]: saw 5"),
    (lambda: selfreports.blend(SELF_REPORTS, ODD, "podcast"), "credit: saw 5"),
    (lambda: selfreports.blend(SELF_REPORTS, CREDIT, NONE), "said: saw nothing"),
    (lambda: campaigns.parse(NAMES, "x", ODD), "pattern: saw 5"),
    (lambda: campaigns.write(NAMES, TEXT), "campaign: saw 'D-1', expected a table of parts"),
    (lambda: census.quarter_of(NAMES, AT, "Europe/Berlin"), "zone: saw 'Europe/Berlin'"),  # type: ignore[arg-type]
    (lambda: census.take(NAMES, [("a",)]), "uses: saw a list of 1"),  # type: ignore[list-item]
    (lambda: census.compliance(NAMES, [ODD]), "names[0]: saw 5"),
    (lambda: spelling.folded(NONE), "text: saw nothing"),
    (lambda: spelling.periods(NONE), "text: saw nothing"),
    (lambda: spelling.suggest("a", "b"), "known: saw 'b'"),
    (lambda: utm.read(LINKS, "utm_source=a"), "utm: saw 'utm_source=a', expected a table of parameters. Of a link, read_url"),  # type: ignore[arg-type]
    (lambda: utm.read(LINKS, {1: "a"}), "utm.1: saw 'a'"),  # type: ignore[dict-item]
    (lambda: utm.value(LINKS, TEXT, "source"), "utm: saw 'D-1'"),
    (lambda: utm.value(LINKS, {"source": 5}, "source"), "utm.source: saw 5"),  # type: ignore[dict-item]
    (lambda: utm.value(LINKS, {}, ODD), "parameter: saw 5"),
    (lambda: utm.check(LINKS, ODD), "utm: saw 5"),
    (lambda: budgets.budget(RULES.chain, [ODD]), "campaigns[0]: saw 5"),
    (lambda: budgets.budget(RULES.chain, [], [ODD]), "spends[0]: saw 5"),
    (lambda: budgets.spent(ODD), "spend: saw 5"),
    (lambda: budgets.spent(SPEND, AT), "since: saw datetime"),
    (lambda: budgets.spent(SPEND, None, TEXT), "until: saw 'D-1'"),
    (lambda: list(budgets.per_day(ODD)), "spend: saw 5"),
    (lambda: BUDGET.campaign_of(ODD), "touch: saw 5"),
    (lambda: BUDGET.spent_on(ODD, "EUR"), "campaign_id: saw 5"),
    (lambda: chain.trace(BUDGET, PEOPLE, [ODD], currency="EUR"), "credited[0]: saw 5"),
    (lambda: chain.loose_ends(BUDGET, PEOPLE, [ODD]), "touches[0]: saw 5"),
    (lambda: chain.loose_ends(BUDGET, PEOPLE, [], [ODD]), "opportunities[0]: saw 5"),
    (lambda: table(touches=[ODD]), "touches[0]: saw 5"),
    (lambda: table(records=[ODD]), "records[0]: saw 5"),
    (lambda: table(period=(date(2026, 1, 1), date(2026, 2, 1))), "period: saw a list of 2, expected a value of type Period"),
    (lambda: NAIVE in returns.Period(date(2026, 1, 1), date(2026, 4, 1), spans.zone("Europe/Berlin")), "without a zone"),
    (lambda: money.split(ODD, (1, 2)), "amount: saw 5"),
    (lambda: money.total([ODD], "EUR"), "amounts[0]: saw 5"),
]


@pytest.mark.parametrize(("ask", "said"), CASES, ids=[said.partition(":")[0] + f"-{number}" for number, (_, said) in enumerate(CASES)])
def test_what_is_something_else_is_named_with_its_place(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(FactError) as raised:
        ask()
    assert said in str(raised.value)


def test_a_pair_may_be_a_list_as_json_has_it() -> None:
    [usage] = census.take(NAMES, [["spring", AT]], zone=spans.zone("UTC")).quarters  # type: ignore[list-item]
    assert usage.distinct == 1
    assert journeys.prepare(RULES.attribution.journeys, DEAL, [TOUCH], stages=[["MQL", CLOSED]]).stages == (("MQL", CLOSED),)  # type: ignore[list-item]


def test_what_a_record_does_not_say_is_no_error() -> None:
    assert utm.value(LINKS, {1: "a", "utm_source": None}, "source") is None  # type: ignore[dict-item]
    assert utm.check(LINKS, Utm(())) != ()


@pytest.mark.parametrize("op", ["is", "contains", "starts_with", "ends_with"])
@pytest.mark.parametrize("value", [" ", "%20"])
def test_a_value_that_folds_to_nothing_is_no_value(op: str, value: str) -> None:
    """AD-28: its key would be that of a field that is not set, and every text contains it."""
    row = {"id": "a", "channel": "X", "any": [{"all": [{"op": op, "field": "source", "values": ["google", value]}]}]}
    with pytest.raises(PolicyError, match=rf"rules\[a\].any\[0\].all\[0\].values: saw '{value}'"):
        channels.ChannelsDocument.model_validate({"rules": [row]})
    letter_for_letter = channels.compile(channels.ChannelsDocument.model_validate({"rules": [row], "compare": "raw"}))
    assert channels.channel(letter_for_letter, source=value) == "X"
