"""What may be reported of a case, and how a journal writes it down: read back letter for letter, or refused by its path."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine import reported, routing, vocabulary
from inbound_engine.engine import Engine
from inbound_engine.errors import FactError
from inbound_engine.facts import Account, Activity, Caps, Extra, Lead, Observation, Opportunity, Outreach, Rep, Roster
from inbound_engine.history import Happened
from inbound_engine.money import Money
from inbound_engine.plans import AutoReply, Exit
from inbound_engine.policy import Policy
from inbound_engine.reported import Learned, Released, Report, Routed, restored, to_dict
from inbound_engine.rotation import Entry, Rotation
from inbound_engine.sla import Cancelled, Pause
from inbound_engine.spans import Span
from inbound_engine.vocabulary import FactsDocument

AT = datetime(2026, 3, 2, 9, 3, 4, 5, tzinfo=UTC)
LATER = AT + timedelta(hours=3)
ODD = "Åsa “O'Hara” & <b>Co</b>\t\n안나 =1+1 \u202eabc"
WORDS = vocabulary.compile(
    FactsDocument.model_validate(
        {
            "declared": [
                {"id": "seats", "kind": "integer"},
                {"id": "score_of_theirs", "kind": "decimal"},
                {"id": "tools", "kind": "texts"},
                {"id": "budget", "kind": "money"},
                {"id": "signed_at", "kind": "instant"},
                {"id": "likes_us", "kind": "boolean"},
                {"id": "note", "kind": "text"},
                {"id": "arr_band", "kind": "text", "of": "account"},
            ],
            "activity_kinds": ["chat"],
        }
    )
)
MAYA = Rep(
    id="maya",
    role="AE",
    seniority="senior",
    territories=frozenset({"dach", "uk"}),
    products=frozenset({"crm"}),
    share=3,
    zone="Europe/Berlin",
    calendar="business_hours",
    caps=Caps(per_day=0, per_week=20, open=60),
    away=(Span(AT, LATER), Span(LATER, LATER + timedelta(days=9))),
    delegate="noor",
    backup="omar",
    manager="pia",
    active=False,
)
ENTRY = Entry(
    lead_id="L-1",
    attempt=2,
    rep="maya",
    step="pool",
    at=AT,
    day=date(2026, 3, 2),
    shares=(("maya", 3), ("noor", 1)),
    left=("zoe",),
    over_cap=True,
    instead_of="omar",
    lane="T1",
    territory="dach",
)
ANA = Lead(
    id="L-1",
    created_at=AT,
    name=ODD,
    email="ana@acme.example",
    title=" VP ",
    country="DE",
    zone="Europe/Berlin",
    candidate_zones=("Europe/Berlin", "Europe/Vienna"),
    account=Account(
        id="acme",
        name="Acme, Inc.; Co",
        employees=0,
        annual_revenue=Money.of("12.345", "KWD"),
        technologies=frozenset(),
        extra=Extra.of({"arr_band": "5-10"}),
    ),
    activities=(
        Activity(id="b", kind="chat", at=AT, recorded_at=LATER, content=ODD, utm=Extra.of({"source": "x y"}), marketing=False, sequence=-1),
        Activity(id="a", kind="visit", at=AT),
    ),
    suppressed=frozenset({"email", "call"}),
    observations=(
        Observation("title", "VP", "form", AT),
        Observation("budget", Money.of(7, "JPY"), "chat"),
        Observation("seats", 3, "chat"),
        Observation("tools", frozenset({"b", "a"}), "chat"),
    ),
    extra=Extra.of(
        {
            "seats": 0,
            "score_of_theirs": Decimal("2.50"),
            "tools": frozenset({"a,b", "c;d"}),
            "budget": Money.of(1, "EUR"),
            "signed_at": AT,
            "likes_us": False,
            "note": ODD,
        }
    ),
)

REPORTS: list[Report] = [
    Activity(id="a", kind="visit", at=AT),
    Activity(id=" a ", kind="chat", at=AT, content=ODD, campaign="c", channel="ch", contact_id="c-1", sequence=7),
    Outreach(id="o", lead_id="L-1", rep="maya", channel="call", at=AT, human=True),
    Outreach(id="o", lead_id="L-1", rep="maya", channel="email", at=AT, human=False, outcome=ODD, recorded_at=LATER, step="email-2"),
    Happened(id="h", at=AT, event="accepted"),
    Happened(
        id="h",
        at=AT,
        event="rejected",
        data={"category": "bad_fit", "z": ODD},
        actor="maya",
        reason=ODD,
        recorded_at=LATER,
        sequence=-3,
        source="crm",
    ),
    Exit("e", AT, "reply"),
    Exit("e", AT, "opt_out", channel="email"),
    Exit("e", AT, "not_ready", days=30),
    AutoReply("r", AT),
    AutoReply("r", AT, until=date(2026, 3, 9)),
    Pause(id="p", at=AT),
    Pause(id="p", at=AT, until=LATER, planned=True, lead_id="L-1", recorded_at=LATER),
    Opportunity(id="d", opened_at=AT),
    Opportunity(
        id="d",
        account_id="acme",
        lead_ids=("L-2", "L-1"),
        contact_roles=(("c-2", "buyer"), ("c-1", ODD), ("c-2", "champion")),
        owner="maya",
        stage="Proposal",
        amount=Money.of("-95000.50", "EUR"),
        opened_at=AT,
        close_date=date(2026, 4, 1),
        closed_at=LATER,
        won=False,
    ),
    Learned(id="l", at=AT, lead=Lead(id="L-1")),
    Learned(id="l", at=AT, lead=Lead(id="L-1", activities=())),
    Learned(id="l", at=AT, lead=ANA),
    Released(id="x", at=AT),
    Released(id="x", at=AT, reason=ODD),
    Routed(id="n", at=AT, entry=Entry(lead_id="L-1", at=AT)),
    Routed(id="n", at=AT, entry=Entry(lead_id="L-1", at=AT), kept=True, notify=(("csm-1", "csm"),)),
    Routed(id="n", at=AT, entry=Entry(lead_id="L-1", at=AT), retry_at=LATER),
    Routed(id="n", at=AT, entry=ENTRY, rep=MAYA, notify=(("noor", "csm"), ("omar", "named_rep"))),
]


def of_kind(kind: str) -> dict[str, Any]:
    """The fullest row of that kind."""
    return max((written(report) for report in REPORTS if to_dict(report)["kind"] == kind), key=lambda row: len(json.dumps(row)))


def written(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(json.dumps(to_dict(report)))
    return row


def refused(row: object) -> str:
    with pytest.raises(FactError) as raised:
        restored(row, WORDS)  # type: ignore[arg-type]  # to be refused
    return str(raised.value)


def error_of(row: Mapping[str, Any]) -> FactError | None:
    """What is wrong with the row; None where it is read."""
    try:
        restored(row, WORDS)
    except FactError as error:
        return error
    return None


KINDS = ("activity", "outreach", "happened", "exit", "auto_reply", "pause", "opportunity", "learned", "released", "routed")


# ------------------------------------------------------------------------------------------------------------- written down


@pytest.mark.parametrize("report", REPORTS, ids=[f"{number}-{to_dict(report)['kind']}" for number, report in enumerate(REPORTS)])
def test_a_report_is_read_back_letter_for_letter(report: Report) -> None:
    """Through JSON, and once more through itself."""
    row = written(report)
    again = restored(row, WORDS)
    assert again == report
    assert type(again) is type(report)
    assert to_dict(again) == row == to_dict(report)


def test_every_kind_of_report_is_read_back() -> None:
    assert tuple(dict.fromkeys(row["kind"] for row in map(written, REPORTS))) == KINDS


def test_rows_are_what_a_host_would_write() -> None:
    assert written(Pause(id="p", at=AT, until=LATER)) == {
        "kind": "pause",
        "body": {"id": "p", "at": "2026-03-02T09:03:04.000005Z", "until": "2026-03-02T12:03:04.000005Z", "planned": False},
    }
    assert written(Exit("e", AT, "opt_out", channel="email"))["body"] == {
        "id": "e",
        "at": "2026-03-02T09:03:04.000005Z",
        "kind": "opt_out",
        "channel": "email",
    }
    assert written(Routed(id="n", at=AT, entry=ENTRY, rep=MAYA, notify=(("noor", "csm"),)))["body"]["notify"] == [["noor", "csm"]]


def test_what_is_left_out_is_unknown() -> None:
    """A host writes by hand what it has, in the hours of its own; null says as much as nothing."""
    body = {"id": "p", "at": "2026-03-02T10:03:04.000005+01:00", "until": None, "lead_id": None}
    assert restored({"kind": "pause", "body": body}) == Pause(id="p", at=AT)
    assert restored({"kind": "auto_reply", "body": {"id": "r", "at": "2026-03-02T09:03:04.000005Z", "until": None}}) == AutoReply("r", AT)


@pytest.mark.parametrize("given", [None, "reply", 3, {}, (), Cancelled(id="c", at=AT), Lead(id="L-1"), Exit])
def test_what_is_no_report_is_not_written_down(given: Any) -> None:  # noqa: ANN401 - to be refused
    with pytest.raises(FactError, match=r"^report: saw .*, expected one of activity, auto_reply, .*`routed` makes one\.$"):
        to_dict(given)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Pause(id=5, at=AT), "report.id: saw 5, expected text."),  # type: ignore[arg-type]
        (Pause(id="p", at=AT, planned="yes"), "report.planned: saw 'yes', expected true or false."),  # type: ignore[arg-type]
        (Pause(id="p", at=AT, lead_id=b"L"), "report.lead_id: saw 1 bytes, expected text."),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_back_is_not_written_down(report: Report, said: str) -> None:
    with pytest.raises(FactError) as raised:
        to_dict(report)
    assert str(raised.value) == said


# ------------------------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (None, "report: saw nothing, expected a table."),
        ("exit", "report: saw 'exit', expected a table."),
        ([], "report: saw a list of 0, expected a table."),
        ({}, "report.kind: saw nothing, expected a value."),
        ({"kind": "exit"}, "report.body: saw nothing, expected a value."),
        ({"kind": "exit", "body": {}, "boddy": {}}, "report.boddy: saw a field called 'boddy', expected one of body, kind."),
        ({"kind": "exti", "body": {}}, "report.kind: saw 'exti', expected one of activity, auto_reply, exit, "),
        ({"kind": "meeting", "body": {}}, "report.kind: saw 'meeting', expected one of activity, auto_reply, exit, "),
        ({"kind": ["exit"], "body": {}}, "report.kind: saw a list of 1, expected one of activity, auto_reply, exit, "),
        ({"kind": "passed", "body": {}}, "report.kind: saw 'passed', expected one of activity, auto_reply, exit, "),
    ],
)
def test_what_is_no_row_is_refused(row: object, said: str) -> None:
    assert refused(row).startswith(said)


def test_a_misspelt_name_is_recognised() -> None:
    assert refused({"kind": "exti", "body": {}}).endswith('Did you mean "exit"?')
    assert refused({"kind": "exit", "boddy": {}}).endswith('Did you mean "body"?')
    assert refused({"kind": "exit", "body": {"id": "e", "zebra": 1}}).endswith("expected one of at, channel, days, id, kind. Remove it.")


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("exit", {"kind": "repyl"}, "report.body.kind: saw 'repyl', expected one of bounce, "),
        ("exit", {"days": "30"}, "report.body.days: saw '30', expected a whole number."),
        ("exit", {"days": True}, "report.body.days: saw true, expected a whole number."),
        ("exit", {"id": ""}, "report.body.id: saw '', expected "),
        ("exit", {"channel": 5}, "report.body.channel: saw 5, expected text."),
        ("auto_reply", {"until": "9 March"}, "report.body.until: saw '9 March', expected a date. Write it like \"2026-03-02\"."),
        ("auto_reply", {"until": 9}, "report.body.until: saw 9, expected a date."),
        ("auto_reply", {"until": "2028-01-01"}, "report.body.until: saw 2028-01-01, expected a date at most 400 days after the reply."),
        ("pause", {"until": "2026-03-01T00:00Z"}, "report.body.until: saw 2026-03-01T00:00:00+00:00, expected an instant at or after "),
        ("pause", {"planned": 1}, "report.body.planned: saw 1, expected true or false."),
        ("happened", {"event": None}, "report.body.event: saw nothing, expected a value."),
        ("happened", {"event": ""}, "report.body.event: saw '', expected text."),
        ("happened", {"data": [["a"]]}, "report.body.data: saw a list of 1, expected pairs of a name and a text."),
        ("happened", {"data": 5}, "report.body.data: saw 5, expected a mapping of names to texts."),
        ("happened", {"sequence": 1.5}, "report.body.sequence: saw 1.5, expected a whole number."),
        ("released", {"reason": 5}, "report.body.reason: saw 5, expected text."),
        ("learned", {"lead": {}}, "report.body.lead.id: saw nothing, expected the id of the lead."),
        ("learned", {"lead": {"id": "L-1", "emial": "x"}}, "report.body.lead.emial: saw a field called 'emial', expected one of "),
        ("learned", {"lead": {"id": "L-1", "account": {"employees": "many"}}}, "report.body.lead.account.employees: saw 'many', expected "),
        (
            "learned",
            {"lead": {"id": "L-1", "activities": [{"id": "a", "kind": "visti", "at": "2026-03-02T09:00Z"}]}},
            "report.body.lead.",
        ),
        ("learned", {"lead": 5}, "report.body.lead: saw 5, expected a table."),
        ("routed", {"entry": None}, "report.body.entry: saw nothing, expected a value."),
        ("routed", {"entry": {"kind": "routing_entry"}}, "report.body.entry"),
        ("routed", {"entry": []}, "report.body.entry"),
        ("routed", {"rep": None}, "report.body.rep: saw nothing, expected the rep of the entry, 'maya'. Pass the Rep of that id."),
        ("routed", {"rep": {"id": "maya"}}, "report.body.rep.role: saw nothing, expected what every rep has: role."),
        ("routed", {"rep": 5}, "report.body.rep: saw 5, expected a table."),
        ("routed", {"rep": {"id": "noor", "role": "SDR"}}, "report.body.rep: saw 'noor', expected the rep of the entry, 'maya'."),
        ("routed", {"kept": "no"}, "report.body.kept: saw 'no', expected true or false."),
        ("routed", {"kept": True}, "report.body.kept: saw true, expected false, since 'maya' has the lead."),
        ("routed", {"notify": "csm"}, "report.body.notify: saw 'csm', expected pairs of a rep and what the rep is to the lead."),
        ("routed", {"notify": [["csm"]]}, "report.body.notify: saw a list of 1, expected pairs of a rep and what the rep is to the lead."),
        ("routed", {"notify": ["ab"]}, "report.body.notify: saw a list of 1, expected pairs of a rep and what the rep is to the lead."),
        ("routed", {"retry_at": 5}, "report.body.retry_at: saw 5, expected text."),
        ("activity", {"kind": "visti"}, "report.body.kind: saw 'visti', expected one of "),
        ("activity", {"utm": 5}, "report.body.utm: saw 5, expected a table of facts."),
        ("outreach", {"human": None}, "report.body.human: saw nothing, expected what every touch has: human."),
        ("opportunity", {"amount": {"minor": 5}}, "report.body.amount"),
        ("opportunity", {"contact_roles": [["c-1", 5.5]]}, "report.body.contact_roles.c-1: saw 5.5, expected text."),
        ("opportunity", {"contact_roles": [["c-1", "a", "b"]]}, "report.body.contact_roles: saw a list of 1, expected a table of facts."),
        ("opportunity", {"closed_at": "2026-03-01T00:00Z"}, "report.body.closed_at: saw 2026-03-01T00:00:00+00:00, expected an instant "),
    ],
)
def test_a_field_that_is_wrong_is_named_where_it_stands(kind: str, change: Mapping[str, object], said: str) -> None:
    row = of_kind(kind)
    assert refused({**row, "body": {**row["body"], **change}}).startswith(said)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, "", 5, 1.5, float("nan"), True, [], [[]], [None], {}, {"a": 1}, b"x", object()], ids=repr)
def test_no_field_of_another_kind_comes_through_as_another_error(kind: str, value: object) -> None:
    """Each field of each report in turn, and the whole body: read, or refused by a path into the row."""
    row = of_kind(kind)
    rows = [{**row, "body": value}, *({**row, "body": {**row["body"], name: value}} for name in row["body"])]
    told = [error.problem for error in map(error_of, rows) if error is not None]
    assert [problem for problem in told if not problem.path.startswith("report.body") or not problem.expected] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_is_missing_is_refused_or_has_a_default(kind: str) -> None:
    row, needed = of_kind(kind), set[str]()
    for name in row["body"]:
        rest = {key: value for key, value in row["body"].items() if key != name}
        if (error := error_of({**row, "body": rest})) is not None:
            needed.add(error.problem.path.removeprefix("report.body."))
    assert needed == NEEDED[kind]


NEEDED = {
    "activity": {"id", "kind", "at"},
    "outreach": {"id", "lead_id", "rep", "channel", "at", "human"},
    "happened": {"id", "at", "event"},
    "exit": {"id", "at", "kind"},
    "auto_reply": {"id", "at"},
    "pause": {"id", "at"},
    "opportunity": {"id", "opened_at"},
    "learned": {"id", "at", "lead"},
    "released": {"id", "at"},
    "routed": {"id", "at", "entry", "rep"},  # the rep, since its entry names one
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_nobody_knows_is_refused(kind: str) -> None:
    """It would be dropped without a word."""
    row = of_kind(kind)
    assert refused({**row, "body": {**row["body"], "zebra": 1}}).startswith(
        "report.body.zebra: saw a field called 'zebra', expected one of "
    )


def test_facts_that_the_policy_does_not_declare_are_refused() -> None:
    """The words are those of the policy that reads."""
    with pytest.raises(FactError, match=r"^report\.body\.lead\.extra\.seats: "):
        restored(of_kind("learned") | {"body": {"id": "l", "at": "2026-03-02T09:00Z", "lead": {"id": "L-1", "extra": {"seats": 3}}}})
    with pytest.raises(FactError, match=r"^report\.body\.kind: saw 'chat'"):
        restored({"kind": "activity", "body": {"id": "a", "kind": "chat", "at": "2026-03-02T09:00Z"}})


# --------------------------------------------------------------------------------------------------------------- the values


def of_learned(**fields: object) -> Learned:
    return Learned(**{"id": "l", "at": AT, "lead": Lead(id="L-1"), **fields})  # type: ignore[arg-type]


def of_routed(**fields: object) -> Routed:
    return Routed(**{"id": "n", "at": AT, "entry": Entry(lead_id="L-1", at=AT), **fields})  # type: ignore[arg-type]


def of_released(**fields: object) -> Released:
    return Released(**{"id": "x", "at": AT, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: of_learned(id=""), "report.id: saw '', expected text."),
        (lambda: of_learned(id=None), "report.id: saw nothing, expected text."),
        (lambda: of_learned(at=AT.replace(tzinfo=None)), "report.at: saw "),
        (lambda: of_learned(lead={"id": "L-1"}), "report.lead: saw a table of 1, expected a value of type Lead. `Engine.read` reads one "),
        (lambda: of_released(at="2026-03-02"), "report.at: saw '2026-03-02', expected "),
        (lambda: of_released(reason=None), "report.reason: saw nothing, expected text."),
        (lambda: of_routed(entry={"lead_id": "L-1"}), "report.entry: saw a table of 1, expected a value of type Entry. A route has one, "),
        (lambda: of_routed(rep="maya"), "report.rep: saw 'maya', expected a value of type Rep."),
        (lambda: of_routed(rep=MAYA), "report.rep: saw 'maya', expected the rep of the entry, nothing. Pass the Rep of that id."),
        (lambda: of_routed(entry=ENTRY), "report.rep: saw nothing, expected the rep of the entry, 'maya'. Pass the Rep of that id."),
        (lambda: of_routed(entry=ENTRY, rep=MAYA, kept=True), "report.kept: saw true, expected false, since 'maya' has the lead."),
        (lambda: of_routed(kept=1), "report.kept: saw 1, expected a value of type bool."),
        (lambda: of_routed(retry_at="soon"), "report.retry_at: saw 'soon', expected "),
        (lambda: of_routed(notify=("noor", "csm")), "report.notify: saw a list of 2, expected pairs of a rep and what the rep is to the "),
        (lambda: of_routed(notify={"noor": "csm"}), "report.notify: saw a table of 1, expected pairs of a rep and what the rep is to the "),
    ],
)
def test_a_report_is_checked_when_it_is_made(make: Any, said: str) -> None:  # noqa: ANN401 - a function of no arguments
    with pytest.raises(FactError) as raised:
        make()
    assert str(raised.value).startswith(said)


def test_reports_never_change() -> None:
    with pytest.raises(FrozenInstanceError):
        of_released().reason = "ill"  # type: ignore[misc]  # on purpose


def test_instants_move_to_utc() -> None:
    berlin = datetime.fromisoformat("2026-03-02T10:03:04.000005+01:00")
    assert (of_released(at=berlin), of_learned(at=berlin).at.tzinfo, of_routed(retry_at=berlin).retry_at) == (of_released(), UTC, AT)


def test_the_order_of_activities_and_observations_is_kept() -> None:
    """What follows is decided in that order, so a journal that sorted them would tell another case."""
    for lead in (ANA, attrs.evolve(ANA, activities=(ANA.activities or ())[::-1], observations=ANA.observations[::-1])):
        again = restored(written(of_learned(lead=lead)), WORDS)
        assert isinstance(again, Learned)
        assert (again.lead.activities, again.lead.observations) == (lead.activities, lead.observations)
    assert "observations" not in reported.lead_to_dict(Lead(id="L-1"))


def test_a_report_shows_nothing_of_the_person() -> None:
    assert "ana@" not in repr(of_learned(lead=ANA))
    assert ODD not in repr(of_learned(lead=ANA))


# -------------------------------------------------------------------------------------------------------------- of a route

ENGINE = Engine(Policy())
TEAM = ENGINE.team(Roster(reps=(Rep(id="maya", role="AE"), Rep(id="noor", role="SDR", zone="Europe/Berlin"))))
ASKED = Lead(
    id="L-1",
    title="VP Sales",
    country="DE",
    account=Account(id="acme", csm="maya"),
    activities=(Activity(id="a", kind="demo_request", at=AT),),
)


def route(lead: Lead, roster: Any = TEAM, rotation: Rotation = Rotation()) -> routing.Route:  # noqa: ANN401, B008 - a value
    return ENGINE.route(ENGINE.assess(lead, at=AT), roster, rotation)


def test_a_route_that_found_somebody_is_reported_with_the_rep() -> None:
    found = route(ASKED)
    assert reported.routed(found) == Routed(
        id="L-1#1/noor/2026-03-02T09:03:04.000005Z", at=AT, entry=found.entry, rep=TEAM.roster.reps[1], notify=(("maya", "csm"),)
    )
    assert reported.routed(found) == reported.routed(route(ASKED))


def test_a_route_to_nobody_is_reported_with_the_instant_to_ask_again() -> None:
    away = Rep(id="noor", role="SDR", zone="Europe/Berlin", away=(Span(AT, LATER),))
    found = reported.routed(route(ASKED, Roster(reps=(away,))))
    assert (found.id, found.rep, found.kept, found.retry_at) == ("L-1#1/nobody/2026-03-02T09:03:04.000005Z", None, False, LATER)


def test_a_lead_that_no_person_is_to_have_is_reported_as_kept() -> None:
    found = reported.routed(route(Lead(id="L-1")))
    assert (found.rep, found.kept, found.retry_at, found.notify) == (None, True, None, ())


def test_a_rep_who_has_left_since_is_reported_by_id() -> None:
    """RO-14: the answer that stands is told again, whoever is in the roster by now."""
    first = route(ASKED)
    again = ENGINE.route(ENGINE.assess(ASKED, at=AT), Roster(reps=(Rep(id="maya", role="AE"),)), first.rotation, entries=[first.entry])
    found = reported.routed(again)
    assert found.rep == Rep(id="noor", role="?")
    assert restored(written(found)) == found
