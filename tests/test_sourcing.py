"""Sourcing: four definitions of sourced side by side, two names of influence, and what the touches say of a claim."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from inbound_engine import journeys, sourcing
from inbound_engine.decisions import Code
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Activity, Contact, Lead, Opportunity, Outreach
from inbound_engine.history import Entry, Record
from inbound_engine.journeys import Journey, JourneyDocument
from inbound_engine.money import Money
from inbound_engine.people import People, PeopleDocument
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy
from inbound_engine.proportions import Rate
from inbound_engine.sourcing import Overlap, SourcingDocument

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENT = SourcingDocument.model_validate(PLAYBOOK["sourcing"])
RULES = journeys.compile(JourneyDocument.model_validate(PLAYBOOK["attribution"]["journeys"]))  # type: ignore[index]  # plain data


def touch(id: str, days: float, **more: Any) -> Activity:  # noqa: A002, ANN401 - what activities say
    return Activity(**{"id": id, "kind": "visit", "at": OPENED + days * DAY, **more})


def call(days: float) -> Outreach:
    return Outreach(id=f"o{days}", lead_id="L-1", rep="maya", channel="call", at=OPENED + days * DAY, human=True)


def deal(id: str = "D-1", minor: int = 10_000, **more: Any) -> Opportunity:  # noqa: A002, ANN401 - what opportunities say
    amount = Money(minor, "EUR")
    return Opportunity(**{"id": id, "account_id": "acme", "opened_at": OPENED, "closed_at": CLOSED, "won": True, "amount": amount, **more})


def prepared(*touches: Activity, opportunity: Opportunity | None = None, rules: journeys.Rules = RULES) -> Journey:
    return journeys.prepare(rules, opportunity or deal(), touches, at=CLOSED)


def record(*entries: tuple[str, str, float]) -> Record:
    made, left = [Entry(stage="LEAD", left=None, at=OPENED - 90 * DAY, event_id="", event="", move="")], "LEAD"
    for number, (stage, event, days) in enumerate(entries):
        made.append(Entry(stage=stage, left=left, at=OPENED + days * DAY, event_id=f"e-{number}", event=event, move="m"))
        left = stage
    return Record("L-1", "lead", tuple(made))


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([record(("MQL", "scored", -9), ("SAL", "accepted", -8))], True),
        ([record(("MQL", "scored", -9))], False),
        ([record(("MQL", "imported", -9), ("SAL", "accepted", -8))], False),
        ([record(("MQL", "scored", -9), ("SAL", "imported", -8))], False),
        ([record(("SAL", "accepted", -9), ("MQL", "scored", -8))], False),
        ([record(("MQL", "scored", -9), ("LEAD", "rejected", -8), ("MQL", "scored", -7), ("SAL", "accepted", -6))], True),
        ([record(("MQL", "scored", -9), ("SAL", "accepted", 31))], False),
        ([record(), record(("MQL", "scored", -9), ("SAL", "accepted", -8))], True),
        ([record(("MQL", "imported", -9), ("MQL", "scored", -8), ("SAL", "accepted", -7))], False),
        ([record()], False),
        ([], None),
    ],
)
def test_an_mql_that_scoring_made_and_sales_accepted(records: list[Record], verdict: bool | None) -> None:
    """AT-3, the default; in this order, up to the close, and unknown without a history."""
    found = sourcing.sourced(DOCUMENT, prepared(), records=records)
    assert found.by("accepted_mql") is verdict
    assert found.because[0].code is {True: Code.MATCHED, False: Code.FAILED, None: Code.UNKNOWN}[verdict]


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [
        (Lead(id="L-1", source="Webinar"), True),
        (Lead(id="L-1", source=" wEBINAR\t"), True),
        (Lead(id="L-1", source="Cold Call"), False),
        (Lead(id="L-1", source="Trade Fair Lisbon"), None),
        (Lead(id="L-1"), None),
        (None, None),
    ],
)
def test_what_the_lead_source_says(lead: Lead | None, verdict: bool | None) -> None:
    """AD-26: a source that nobody listed is unknown."""
    assert sourcing.sourced(DOCUMENT, prepared(), lead=lead).by("lead_source") is verdict


@pytest.mark.parametrize(
    ("touches", "outreach", "first", "before"),
    [
        ([touch("m", -9)], [], True, True),
        ([touch("m", -9), touch("s", -8, marketing=False)], [], True, True),
        ([touch("m", -8), touch("s", -9, marketing=False)], [], False, False),
        ([touch("d", -9, channel="direct"), touch("m", -8)], [], False, True),
        ([touch("m", -8)], [call(-9)], True, False),
        ([touch("m", -9)], [call(-9)], True, False),
        ([touch("m", -9)], [call(60)], True, True),
        ([touch("s", -9, marketing=False)], [], False, False),
        ([], [call(-9)], None, False),
        ([], [], None, None),
        ([touch("late", 40)], [], None, None),
        ([touch("late", 40, marketing=False), touch("m", 1)], [], True, True),
    ],
)
def test_what_the_touches_say(touches: list[Activity], outreach: list[Outreach], first: bool | None, before: bool | None) -> None:
    """AD-26: at one instant neither is before the other; what comes after the close says nothing."""
    found = sourcing.sourced(DOCUMENT, prepared(*touches), outreach=outreach)
    assert (found.by("first_touch"), found.by("before_sales")) == (first, before)


def test_sales_touches_that_a_policy_counts_are_still_sales() -> None:
    rules = journeys.compile(JourneyDocument())
    found = sourcing.sourced(DOCUMENT, prepared(touch("s", -9, marketing=False), touch("m", -8), rules=rules))
    assert (found.by("first_touch"), found.by("before_sales")) == (True, False)


def test_a_definition_that_is_none_is_refused() -> None:
    with pytest.raises(FactError, match="definition: saw 'luck', expected one of accepted_mql"):
        sourcing.sourced(DOCUMENT, prepared()).by("luck")  # type: ignore[arg-type]  # on purpose


def test_definitions_stand_side_by_side_with_the_deals_behind_each_gap() -> None:
    """AT-3, AD-26."""
    accepted = record(("MQL", "scored", -9), ("SAL", "accepted", -8))
    deals = [
        sourcing.sourced(DOCUMENT, prepared(touch("m", -9)), records=[accepted], lead=Lead(id="L-1", source="Webinar")),
        sourcing.sourced(
            DOCUMENT, prepared(touch("m", -9), opportunity=deal("D-2", 3_000)), records=[record()], lead=Lead(id="L-2", source="Sales")
        ),
        sourcing.sourced(DOCUMENT, prepared(opportunity=deal("D-3", 500)), lead=Lead(id="L-3", source="Web")),
        sourcing.sourced(DOCUMENT, prepared(opportunity=deal("D-4", 700, won=None, closed_at=None)), outreach=[call(0)]),
    ]
    report = sourcing.report(DOCUMENT, deals)
    assert report.default == "accepted_mql"
    shares = {share.definition: share for share in report.shares if share.total == "revenue"}
    assert {name: (share.deals, share.sourced.minor, share.of.minor, share.unknown) for name, share in shares.items()} == {
        "accepted_mql": (Rate(1, 2), 10_000, 13_000, 1),
        "lead_source": (Rate(2, 3), 10_500, 13_500, 0),
        "first_touch": (Rate(2, 2), 13_000, 13_000, 1),
        "before_sales": (Rate(2, 2), 13_000, 13_000, 1),
    }
    assert (shares["accepted_mql"].share, shares["accepted_mql"].unknown_amount) == (Fraction(10, 13), Money(500, "EUR"))
    gaps = {gap.other: (gap.only_one, gap.only_other, gap.difference.minor) for gap in report.gaps if gap.total == "revenue"}
    assert gaps == {
        "lead_source": ((), ("D-3",), -500),
        "first_touch": ((), ("D-2",), -3_000),
        "before_sales": ((), ("D-2",), -3_000),
    }
    assert report.share("before_sales", "pipeline").deals == Rate(0, 1)
    assert report.share("lead_source", "pipeline").share is None
    lines = str(report).splitlines()
    assert lines[0] == "accepted_mql: EUR 100.00 of EUR 130.00 revenue, 1 of 2 deals, 50.0 %, 1 unknown"
    assert lines[-1] == "accepted_mql less before_sales, revenue: EUR -30.00 (only accepted_mql: none; only before_sales: D-2)"
    with pytest.raises(FactError, match="0 shares of lost"):
        report.share("lead_source", "lost")


def test_a_gap_to_the_other_side_is_told_too() -> None:
    accepted = record(("MQL", "scored", -9), ("SAL", "accepted", -8))
    report = sourcing.report(DOCUMENT, [sourcing.sourced(DOCUMENT, prepared(), records=[accepted], lead=Lead(id="L-1", source="Sales"))])
    assert [(gap.only_one, gap.only_other) for gap in report.gaps] == [(("D-1",), ())] * 3


def test_each_deal_stands_once_in_a_report_and_has_an_amount() -> None:
    one = sourcing.sourced(DOCUMENT, prepared())
    with pytest.raises(FactError, match="'D-1' twice"):
        sourcing.report(DOCUMENT, [one, one])
    with pytest.raises(FactError, match=r"opportunities\[D-1\].amount"):
        sourcing.report(DOCUMENT, [sourcing.sourced(DOCUMENT, prepared(opportunity=deal(amount=None)))])


# ------------------------------------------------------------------------------------------------------------ influence

PEOPLE = People.of(PeopleDocument(), [Contact(id="ana", account_id="acme"), Contact(id="ben", account_id="acme")])


def test_influenced_pipeline_and_influenced_revenue_are_two_questions() -> None:
    """AT-3: of the account for pipeline, of the people of the deal for revenue; each deal once."""
    deals = [
        deal("won", 1_000, contact_roles=(("ben", "buyer"),)),
        deal("won-too", 500, contact_roles=(("ana", "buyer"),)),
        deal("open", 70, won=None, closed_at=None, contact_roles=(("ben", "buyer"),)),
        deal("elsewhere", 30, won=None, closed_at=None, account_id="other"),
        deal("lost", 9, won=False),
    ]
    touches = [touch("a", -9, contact_id="ana"), touch("b", -8, contact_id="ana")]
    pipeline, revenue = sourcing.influence(DOCUMENT, RULES, PEOPLE, deals, touches, at=CLOSED)
    assert (pipeline.name, pipeline.deals, pipeline.influenced.minor, pipeline.of.minor, pipeline.behind) == (
        *("influenced_pipeline", Rate(1, 2), 70, 100, ("open",)),
    )
    assert (revenue.name, revenue.deals, revenue.influenced.minor, revenue.of.minor, revenue.share) == (
        *("influenced_revenue", Rate(1, 2), 500, 1_500, Fraction(1, 3)),
    )
    everybody = DOCUMENT.model_copy(update={"revenue_contacts": "account"})
    assert sourcing.influence(everybody, RULES, PEOPLE, deals, touches, at=CLOSED)[1].deals == Rate(2, 2)
    nothing = sourcing.influence(DOCUMENT, RULES, PEOPLE, [deal(minor=0)], [], at=CLOSED)
    assert [one.share for one in nothing] == [None]


def test_influence_may_end_with_the_opportunity() -> None:
    """AD-26."""
    until = DOCUMENT.model_copy(update={"influence_until": "opportunity"})
    late = prepared(touch("m", 1))
    assert (sourcing.is_influenced(DOCUMENT, late), sourcing.is_influenced(until, late)) == (True, False)
    assert sourcing.is_influenced(until, prepared(touch("m", 0)))
    assert not sourcing.is_influenced(DOCUMENT, prepared())


def test_what_campaigns_influenced_overlaps() -> None:
    """AD-26: one deal stands under every campaign that touched it, each once."""
    found = [
        prepared(touch("a", -9, campaign="x"), touch("b", -8, campaign="x"), touch("c", 1, campaign="y"), touch("d", 2)),
        prepared(touch("e", -9, campaign="x"), opportunity=deal("D-2", 500, won=False)),
    ]
    assert sourcing.overlaps(DOCUMENT, found) == (
        Overlap("x", "revenue", "EUR", 1, Money(10_000, "EUR")),
        Overlap("y", "revenue", "EUR", 1, Money(10_000, "EUR")),
        Overlap(None, "revenue", "EUR", 1, Money(10_000, "EUR")),
        Overlap("x", "lost", "EUR", 1, Money(500, "EUR")),
    )
    until = DOCUMENT.model_copy(update={"influence_until": "opportunity"})
    assert [row.key for row in sourcing.overlaps(until, found)] == ["x", "x"]


# ---------------------------------------------------------------------------------------------------------------- claim


@pytest.mark.parametrize(
    ("touches", "outreach", "verdict", "before", "ahead"),
    [
        ([touch("m", -21)], [call(0)], "contradicted", ["m"], 21 * DAY),
        ([touch("m", -21), touch("n", 1)], [call(0)], "contradicted", ["m"], 21 * DAY),
        ([touch("m", 0)], [call(0)], "confirmed", [], None),
        ([touch("m", -1), touch("s", -2, marketing=False)], [call(0)], "confirmed", [], None),
        ([], [call(-1)], "confirmed", [], None),
        ([touch("m", -2)], [], "contradicted", ["m"], 2 * DAY),
        ([touch("m", 2)], [], "unknown", [], None),
        ([], [], "unknown", [], None),
    ],
)
def test_i_sourced_this(
    touches: list[Activity], outreach: list[Outreach], verdict: str, before: list[str], ahead: timedelta | None
) -> None:
    """AT-4: the contact was in nurture three weeks before the call."""
    claim = sourcing.check_claim(prepared(*touches), outreach)
    assert (claim.verdict, [one.id for one in claim.before], claim.ahead) == (verdict, before, ahead)


# ------------------------------------------------------------------------------------------------------------ documents


@pytest.mark.parametrize(
    ("changes", "path", "hint"),
    [
        ({"sourcing.mql_stage": "MQLL"}, "sourcing.mql_stage", 'Did you mean "MQL"?'),
        ({"sourcing.sal_stage": "zebra"}, "sourcing.sal_stage", "Add it to the lifecycle."),
        ({"sourcing.accepted": ["acepted"]}, "sourcing.accepted[0]", 'Did you mean "accepted"?'),
        ({"sourcing.scored": ["scored", "scord"]}, "sourcing.scored[1]", 'Did you mean "scored"?'),
    ],
)
def test_what_sourcing_names_is_in_the_lifecycle(changes: dict[str, object], path: str, hint: str) -> None:
    with pytest.raises(PolicyError) as refused:
        changed(Policy(), changes)
    [problem] = refused.value.problems
    assert (problem.path, problem.hint) == (path, hint)


@pytest.mark.parametrize(
    ("journey", "verdict"),
    [
        ({}, False),
        ({"scope": "since_previous_close"}, True),
        ({"window_days": 60}, True),
        ({"window_days": 400}, False),
    ],
)
def test_a_call_out_of_sight_is_not_the_first_thing_that_sales_did(journey: dict[str, Any], verdict: bool) -> None:
    """AD-26, AD-21: a renewal is not sales' for ever because of the call that won the account."""
    rules = journeys.compile(JourneyDocument.model_validate(journey))
    renewal = journeys.prepare(rules, deal(), [touch("t", -5)], previous_close=OPENED - 100 * DAY)
    found = sourcing.sourced(DOCUMENT, renewal, outreach=[call(-300)])
    assert found.by("before_sales") is verdict
    assert sourcing.check_claim(renewal, [call(-300)]).verdict == ("contradicted" if verdict else "confirmed")


@pytest.mark.parametrize(("granularity", "hours", "verdict"), [("instant", 9, True), ("day", 9, False), ("day", 25, True)])
def test_a_date_does_not_lie_before_a_call_of_its_date(granularity: str, hours: int, verdict: bool) -> None:
    """AD-3: a campaign member has midnight for an instant, which says nothing of who came first on that date."""
    rules = journeys.compile(JourneyDocument.model_validate({"granularity": granularity}))
    midnight = Activity(id="t", kind="visit", at=datetime(2026, 3, 2, tzinfo=UTC))
    journey = journeys.prepare(rules, deal(), [midnight])
    rang = [Outreach(id="o", lead_id="L-1", rep="maya", channel="call", at=midnight.at + timedelta(hours=hours), human=True)]
    assert sourcing.sourced(DOCUMENT, journey, outreach=rang).by("before_sales") is verdict
    assert sourcing.check_claim(journey, rang).verdict == ("contradicted" if verdict else "confirmed")


def test_histories_and_calls_end_with_the_date_of_the_close_where_dates_are_compared() -> None:
    rules = journeys.compile(JourneyDocument.model_validate({"granularity": "day"}))
    journey = journeys.prepare(rules, deal(), [touch("t", 30.3)])
    accepted = record(("MQL", "scored", -9), ("SAL", "accepted", 30.2))
    found = sourcing.sourced(DOCUMENT, journey, records=[accepted], outreach=[call(30.3)])
    assert (found.by("accepted_mql"), found.by("before_sales")) == (True, False)
