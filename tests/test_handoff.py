"""The hand-off: packages, refusals, how hand-offs ended, what acceptance means, and what each side is held to."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbound_engine import handoff, vocabulary
from inbound_engine.decisions import Code
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.facts import Account, Lead
from inbound_engine.handoff import HandoffDocument, Package, Refused, Rules, Tally
from inbound_engine.history import Entry, Record
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.proportions import Rate
from inbound_engine.spans import Span
from inbound_engine.vocabulary import FactsDocument, View

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = vocabulary.compile(FactsDocument(), (("fit", "decimal"), ("engagement", "decimal"), ("handed_off", "boolean")))

# SL-1: the fields, of which email, scores and source are required. SL-10: the bands, ends as the rule has them. The playbook is held
# against them.
FIELDS = [
    {"id": "name"},
    {"id": "email", "required": True},
    {"id": "account_name"},
    {"id": "title"},
    {"id": "fit", "required": True},
    {"id": "engagement", "required": True},
    {"id": "source", "required": True},
]
SCORES = [{"id": "selection"}, {"id": "urgency"}]
BANDS: list[dict[str, Any]] = [
    {"id": "audit", "verdict": "act", "below": 50, "says": "Run an audit"},
    {"id": "watch_low", "verdict": "watch", "below": 60},
    {"id": "healthy", "verdict": "healthy", "at_most": 75},
    {"id": "watch_high", "verdict": "watch", "at_most": 85},
    {"id": "threshold_too_low", "verdict": "act", "says": "The threshold is too low"},
]
NAMES: dict[str, Any] = {
    "about": "lead",
    "strict": False,
    "stage": "MQL",
    "accepted": "accepted",
    "rejected": "rejected",
    "category_name": "category",
    "ignored": "recycled",
    "ignored_reason": "ignored",
    "held_name": "handed_off",
    "held_value": "false",
    "audit_rejection_above": 70,
}
# SL-2, SL-10, SL-11: side, figure, kept when, limit; None is for the seller to set.
SHIPPED_CARD = [
    ("marketing", "mqls", "at_least", None),
    ("marketing", "complete_packages", "at_least", 95),
    ("marketing", "delivery", "less_than", 1),
    ("marketing", "rejection_report", "at_most", 7),
    ("marketing", "attribution", "at_most", 5),
    ("sales", "review", "less_than", 24),
    ("sales", "follow_up", "less_than", 4),
    ("sales", "pipeline_update", "at_most", 7),
    ("sales", "win_loss", "at_most", 3),
    ("sales", "rejection", "at_most", 70),
]


def cut(rows: Any, *keys: str) -> list[dict[str, Any]]:  # noqa: ANN401 - plain rows
    return [{key: row[key] for key in keys if key in row} for row in rows]


def test_the_playbook_ships_the_numbers_of_the_rules() -> None:
    """SL-1, SL-2, SL-10, SL-11, TI-4."""
    shipped: Any = PLAYBOOK["handoff"]
    assert cut(shipped["fields"], "id", "required") == [*FIELDS, *SCORES]
    assert cut(shipped["bands"], "id", "verdict", "below", "at_most") == cut(BANDS, "id", "verdict", "below", "at_most")
    assert {key: value for key, value in shipped.items() if key not in {"fields", "bands", "scorecard", "source"}} == NAMES
    assert [(row["side"], row["id"], row["kept_when"], row.get("limit")) for row in shipped["scorecard"]] == SHIPPED_CARD


CARD: list[dict[str, Any]] = [
    {"id": "mqls", "side": "marketing", "kept_when": "at_least", "limit": 150},
    {"id": "complete", "side": "marketing", "kept_when": "at_least", "limit": 95, "unit": "percent"},
    {"id": "attribution", "side": "marketing", "kept_when": "at_most", "limit": 5},
    {"id": "review", "side": "sales", "kept_when": "less_than", "limit": 24},
    {"id": "meetings", "side": "sales", "kept_when": "at_least"},
]


def document(**more: Any) -> HandoffDocument:  # noqa: ANN401 - what a policy writes
    return HandoffDocument.model_validate({"fields": FIELDS, "bands": BANDS, "scorecard": CARD, **more})


def compiled(**more: Any) -> Rules:  # noqa: ANN401 - what a policy writes
    return handoff.compile(document(**more), WORDS)


RULES = compiled()
FULL: dict[str, Any] = {"name": "Ana Alba", "email": "ana@acme.example", "title": "VP Sales", "source": "webinar"}


def seen(scores: Mapping[str, int] | None = None, company: str | None = "Acme", **facts: Any) -> View:  # noqa: ANN401 - facts of a lead
    points = (
        {"fit": Fraction(170, 3), "engagement": Fraction(40)} if scores is None else {key: Fraction(value) for key, value in scores.items()}
    )
    return View(Lead(id="L-1", account=Account(id="acme", name=company), **facts), AT, derived=points.get)


# Packages.


def test_a_package_holds_the_fields_in_the_order_of_the_policy() -> None:
    """SL-1: name, email, company, title, both scores and the source."""
    decision = handoff.deliver(RULES, seen(**FULL), at=AT)
    assert isinstance(decision.value, Package)
    assert [(one.name, one.value) for one in decision.value.fields] == [
        ("name", "Ana Alba"),
        ("email", "ana@acme.example"),
        ("account_name", "Acme"),
        ("title", "VP Sales"),
        ("fit", Fraction(170, 3)),
        ("engagement", Fraction(40)),
        ("source", "webinar"),
    ]
    assert (decision.value.lead, decision.value.at, decision.value.missing) == ("L-1", AT, ())
    assert (decision.value.incomplete, decision.value.counted_against) == (False, None)


@pytest.mark.parametrize(
    ("gone", "missing"),
    [(["name"], ("name",)), (["title"], ("title",)), (["name", "title"], ("name", "title"))],
)
def test_a_lead_is_never_lost_over_a_missing_title(gone: list[str], missing: tuple[str, ...]) -> None:
    """SL-1 ▲: delivered, flagged incomplete, counted against marketing; refused where the policy is strict."""
    view = seen(**{key: value for key, value in FULL.items() if key not in gone})
    value = handoff.deliver(RULES, view, at=AT).value
    assert isinstance(value, Package)
    assert (value.missing, value.incomplete, value.counted_against) == (missing, True, "marketing")
    strict = handoff.deliver(compiled(strict=True), view, at=AT).value
    assert strict == Refused("L-1", AT, missing, ())
    assert strict.counted_against == "marketing"


def test_a_missing_company_is_missing_as_well() -> None:
    """SL-1, C §5."""
    value = handoff.deliver(RULES, seen(company=None, **FULL), at=AT).value
    assert value.missing == ("account_name",)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("gone", "scores", "required"),
    [
        ("email", None, ("email",)),
        ("source", None, ("source",)),
        ("", {"fit": 40}, ("engagement",)),
        ("", {}, ("fit", "engagement")),
        ("email", {"engagement": 30}, ("email", "fit")),
    ],
)
def test_a_required_field_always_refuses(gone: str, scores: dict[str, int] | None, required: tuple[str, ...], strict: bool) -> None:
    """SL-1 ▲: email, scores and source."""
    view = seen(scores, **{key: value for key, value in FULL.items() if key != gone})
    decision = handoff.deliver(compiled(strict=strict), view, at=AT)
    assert isinstance(decision.value, Refused)
    assert (decision.value.required, decision.value.missing, decision.value.counted_against) == (required, required, "marketing")


def test_a_refusal_names_everything_that_is_missing() -> None:
    value = handoff.deliver(RULES, seen(email="ana@acme.example"), at=AT).value
    assert isinstance(value, Refused)
    assert (value.missing, value.required) == (("name", "title", "source"), ("source",))
    assert value.to_dict() == {"lead": "L-1", "at": "2026-03-02T09:03:00Z", "missing": ["name", "title", "source"], "required": ["source"]}


def test_each_field_has_its_reason() -> None:
    """FD-5."""
    because = handoff.deliver(RULES, seen({"fit": 50, "engagement": 30}, email="ana@acme.example"), at=AT).because
    assert [(reason.code, reason.rule) for reason in because] == [
        (Code.UNKNOWN, "handoff.fields[name]"),
        (Code.MATCHED, "handoff.fields[email]"),
        (Code.MATCHED, "handoff.fields[account_name]"),
        (Code.UNKNOWN, "handoff.fields[title]"),
        (Code.MATCHED, "handoff.fields[fit]"),
        (Code.MATCHED, "handoff.fields[engagement]"),
        (Code.UNKNOWN, "handoff.fields[source]"),
    ]
    assert [reason.saw[0].value for reason in because if reason.code is Code.UNKNOWN] == [False, False, True]
    matched = [reason.saw[0] for reason in because if reason.code is Code.MATCHED]
    assert [(one.name, one.value) for one in matched] == [
        ("email", "ana@acme.example"),
        ("account_name", "Acme"),
        ("fit", Fraction(50)),
        ("engagement", Fraction(30)),
    ]


def test_no_repr_shows_a_person() -> None:
    decision = handoff.deliver(RULES, seen(**FULL), at=AT)
    assert isinstance(decision.value, Package)
    for text in (repr(decision), repr(decision.value), json.dumps(decision.value.to_dict(redact=True))):
        assert "ana@" not in text
        assert "Alba" not in text
        assert "VP Sales" not in text
        assert "webinar" in text
    plain: Any = decision.value.to_dict()
    assert (plain["fields"]["email"], plain["fields"]["fit"], plain["incomplete"]) == ("ana@acme.example", "170/3", False)


def test_a_package_knows_nothing_from_after_it() -> None:
    """FD-2."""
    with pytest.raises(FactError, match=r"^handoff\.at: saw 2026-03-02T09:02:59.*, expected an instant at or after 2026-03-02T09:03:00"):
        handoff.deliver(RULES, seen(**FULL), at=AT - timedelta(seconds=1))
    assert handoff.deliver(RULES, seen(**FULL), at=AT + DAY).value.at == AT + DAY


def test_a_lead_that_no_policy_looked_at_is_not_delivered() -> None:
    bare: Any = Lead(id="L-1", email="ana@acme.example")
    with pytest.raises(FactError, match=r"^view: saw Lead .*, expected a View of the lead\. Pass the view of its assessment\.$") as raised:
        handoff.deliver(RULES, bare, at=AT)
    assert "ana@" not in str(raised.value)


# How hand-offs ended.


def record(name: str, *steps: tuple[str, int, str, dict[str, str]], inferred: Sequence[int] = ()) -> Record:
    """A lead from day 0 on: stage, day, event, and what it was reported with; a reason is the reason."""
    entries = [Entry(stage="LEAD", left=None, at=AT, event_id="", event="", move="")]
    for number, (stage, day, event, data) in enumerate(steps):
        kept = {key: value for key, value in data.items() if key != "reason"}
        entries.append(
            Entry(
                stage=stage,
                left=entries[-1].stage,
                at=AT + day * DAY,
                event_id=f"e-{number}",
                event=event,
                move=event,
                data=kept,
                reason=data.get("reason"),
                inferred=number in inferred,
            )
        )
    return Record(name, "lead", tuple(entries))


MQL: tuple[str, int, str, dict[str, str]] = ("MQL", 1, "scored", {})
SPAN = Span(AT, AT + 7 * DAY)
LATER = AT + 30 * DAY


@pytest.mark.parametrize(
    ("one", "tally"),
    [
        (record("waits", MQL), Tally(waiting=1)),
        (record("accepted", MQL, ("SAL", 2, "accepted", {})), Tally(accepted=1)),
        (record("rejected", MQL, ("LEAD", 2, "rejected", {"category": "bad_fit"})), Tally(rejected={"bad_fit": 1})),
        (record("no category", MQL, ("LEAD", 2, "rejected", {})), Tally(rejected={"uncategorised": 1})),
        (record("ignored", MQL, ("RECYCLED", 3, "recycled", {"reason": "ignored"})), Tally(ignored=1)),
        (record("recycled", MQL, ("RECYCLED", 3, "recycled", {})), Tally(otherwise={"recycled": 1})),
        (record("merged", MQL, ("MERGED", 3, "merged", {"into": "L-2"})), Tally(otherwise={"merged": 1})),
        (record("held", ("MQL", 1, "scored", {"handed_off": "false"}), ("SAL", 2, "accepted", {})), Tally()),
        (record("handed", ("MQL", 1, "scored", {"handed_off": "true"})), Tally(waiting=1)),
        (record("skipped", MQL, ("SAL", 2, "discovery_scheduled", {}), inferred=[0]), Tally()),
        (
            record("leapt", MQL, ("SAL", 2, "discovery_scheduled", {}), ("SQL", 2, "discovery_scheduled", {}), inferred=[1]),
            Tally(otherwise={"discovery_scheduled": 1}),
        ),
        (record("after", ("MQL", 7, "scored", {})), Tally()),
        (record("first", ("MQL", 0, "scored", {})), Tally(waiting=1)),
        (record("noted", MQL, ("MQL", 2, "scored", {}), ("SAL", 3, "accepted", {})), Tally(accepted=1)),
        (
            record("twice", MQL, ("LEAD", 2, "rejected", {"category": "low_intent"}), ("MQL", 4, "scored", {}), ("SAL", 5, "accepted", {})),
            Tally(accepted=1, rejected={"low_intent": 1}),
        ),
        (record("never", ("SAL", 2, "accepted", {})), Tally()),
    ],
    ids=lambda value: value.id if isinstance(value, Record) else None,
)
def test_a_handoff_is_counted_by_how_it_ended(one: Record, tally: Tally) -> None:
    """SL-2, SL-10, TI-4: silence is counted apart, what marketing holds is no hand-off, and nothing is counted twice."""
    assert handoff.from_records(RULES, [one], SPAN, at=LATER) == tally


HELD: tuple[str, int, str, dict[str, str]] = ("MQL", 1, "scored", {"handed_off": "false"})


@pytest.mark.parametrize(
    ("steps", "by_week"),
    [
        ([HELD, ("MQL", 9, "scored", {"handed_off": "true"}), ("SAL", 10, "accepted", {})], [Tally(), Tally(accepted=1)]),
        ([HELD, ("MQL", 9, "scored", {"handed_off": "true"})], [Tally(), Tally(waiting=1)]),
        ([HELD, ("MQL", 9, "scored", {"handed_off": "false"}), ("SAL", 10, "accepted", {})], [Tally(), Tally()]),
        # what is noted says nothing of the hand-off
        ([HELD, ("MQL", 9, "captured", {})], [Tally(), Tally()]),
        # sales has it: a later score neither takes it back nor hands it over once more
        ([MQL, ("MQL", 9, "scored", {"handed_off": "false"}), ("SAL", 10, "accepted", {})], [Tally(accepted=1), Tally()]),
        ([MQL, ("MQL", 9, "scored", {"handed_off": "true"}), ("SAL", 10, "accepted", {})], [Tally(accepted=1), Tally()]),
        (
            [HELD, ("MQL", 2, "scored", {"handed_off": "true"}), ("MQL", 9, "scored", {"handed_off": "true"})],
            [Tally(waiting=1), Tally()],
        ),
        # another visit is another hand-off
        (
            [
                HELD,
                ("MQL", 2, "scored", {"handed_off": "true"}),
                ("LEAD", 3, "rejected", {"category": "bad_fit"}),
                ("MQL", 9, "scored", {"handed_off": "true"}),
            ],
            [Tally(rejected={"bad_fit": 1}), Tally(waiting=1)],
        ),
        ([HELD, ("RECYCLED", 3, "recycled", {}), ("RECYCLED", 9, "scored", {"handed_off": "true"})], [Tally(), Tally()]),
    ],
)
def test_a_lead_that_was_held_is_handed_off_when_a_later_score_says_so(
    steps: list[tuple[str, int, str, dict[str, str]]], by_week: list[Tally]
) -> None:
    """TI-4, SL-10: a T3 that became a T1 is a hand-off of the day on which it did, and each visit is one at most."""
    weeks = (SPAN, Span(AT + 7 * DAY, AT + 14 * DAY))
    assert [handoff.from_records(RULES, [record("L-1", *steps)], week, at=LATER) for week in weeks] == by_week


def test_an_inferred_visit_is_handed_off_by_what_is_observed_there() -> None:
    steps = [MQL, ("MQL", 2, "scored", {"handed_off": "true"})]
    assert handoff.from_records(RULES, [record("L-1", *steps, inferred=[0])], SPAN, at=LATER) == Tally(waiting=1)
    assert handoff.from_records(RULES, [record("L-1", *steps, inferred=[0])], SPAN, at=AT + DAY) == Tally()


def test_what_holds_a_lead_may_be_the_reason_of_its_event() -> None:
    rules = compiled(held_name="reason", held_value="kept")
    kept, given = ("MQL", 1, "scored", {"reason": "kept"}), ("MQL", 2, "scored", {"reason": "asked"})
    assert handoff.from_records(rules, [record("L-1", kept)], SPAN, at=LATER) == Tally()
    assert handoff.from_records(rules, [record("L-1", kept, given)], SPAN, at=LATER) == Tally(waiting=1)


def test_records_of_machines_about_something_else_are_no_hand_offs() -> None:
    """LC-12: the MQL of a journey is no second hand-off of the lead."""
    own = record("L-1", MQL)
    journey = Record("L-1", "journey", own.entries)
    assert handoff.from_records(RULES, [own, journey], SPAN, at=LATER) == Tally(waiting=1)
    rules = handoff.compile(document(about="journey"), WORDS, ["journey", "short_journey"])
    assert handoff.from_records(rules, [own, journey, Record("L-2", "short_journey", own.entries)], SPAN, at=LATER) == Tally(waiting=2)


@pytest.mark.parametrize(
    ("records", "span", "message"),
    [
        ([], (AT, AT + DAY), "span: saw a list of 2, expected a Span. Pass Span(since, until)."),
        (record("L-1", MQL), SPAN, "records: saw Record "),
        (
            {"L-1": record("L-1", MQL)},
            SPAN,
            "records: saw a table of 1, expected a list of records. Pass [record] for one, or .values() of a",
        ),
        ("L-1", SPAN, "records: saw 'L-1', expected a list of records."),
        ([7], SPAN, "records[0]: saw 7, expected a Record. `lifecycle.start` makes one, and `history.restored` reads one."),
    ],
)
def test_what_cannot_be_counted_is_refused(records: Any, span: Any, message: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(FactError) as raised:
        handoff.from_records(RULES, records, span, at=LATER)
    assert str(raised.value).startswith(message)


def test_what_comes_after_the_instant_is_invisible() -> None:
    """FD-2: an answer at the very instant counts."""
    one = record("L-1", MQL, ("SAL", 2, "accepted", {}))
    assert handoff.from_records(RULES, [one], SPAN, at=AT) == Tally()
    assert handoff.from_records(RULES, [one], SPAN, at=AT + 2 * DAY - timedelta(seconds=1)) == Tally(waiting=1)
    assert handoff.from_records(RULES, [one], SPAN, at=AT + 2 * DAY) == Tally(accepted=1)


def test_names_of_stages_and_events_are_the_policys() -> None:
    rules = compiled(stage="READY", accepted="taken", rejected="returned", category_name="why")
    records = [
        record("a", ("READY", 1, "scored", {}), ("SAL", 2, "taken", {})),
        record("b", ("READY", 1, "scored", {}), ("LEAD", 2, "returned", {"why": "cold"})),
    ]
    assert handoff.from_records(rules, records, SPAN, at=LATER) == Tally(accepted=1, rejected={"cold": 1})


@given(
    st.lists(
        st.sampled_from(
            [None, ("SAL", "accepted", {}), ("LEAD", "rejected", {"category": "bad_fit"}), ("RECYCLED", "recycled", {"reason": "ignored"})]
        ),
        max_size=12,
    ),
    st.integers(0, 6),
    st.integers(0, 20),
)
def test_every_handoff_of_the_span_is_counted_once(ends: list[tuple[str, str, dict[str, str]] | None], day: int, after: int) -> None:
    """SL-10: the counts add up, whatever the order of the records, and two halves of the span are the whole."""
    records = [
        record(f"L-{number}", ("MQL", day, "scored", {}), *([] if end is None else [(end[0], day + number, end[1], end[2])]))
        for number, end in enumerate(ends)
    ]
    at = AT + (day + after) * DAY
    tally = handoff.from_records(RULES, records, SPAN, at=at)
    assert tally.handed_off == len(records)
    assert handoff.from_records(RULES, records[::-1], SPAN, at=at) == tally
    halves = [handoff.from_records(RULES, records, half, at=at) for half in (Span(AT, AT + 3 * DAY), Span(AT + 3 * DAY, AT + 7 * DAY))]
    assert sum(half.handed_off for half in halves) == tally.handed_off


@pytest.mark.parametrize(
    "counts", [{"accepted": -1}, {"ignored": 1.0}, {"waiting": True}, {"rejected": {"bad_fit": -1}}, {"otherwise": {"x": None}}]
)
def test_a_tally_holds_counts(counts: dict[str, Any]) -> None:
    with pytest.raises(FactError, match=r"^tally\..*expected a count"):
        Tally(**counts)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (
            {"rejected": (("bad_fit", 3), ("bad_fit", 4))},
            "tally.rejected.bad_fit: saw the name twice, expected names that differ. Add both counts up.",
        ),
        ({"rejected": 5}, 'tally.rejected: saw 5, expected a table of names and counts. Write it like {"bad_fit": 3}.'),
        ({"rejected": "bad_fit"}, "tally.rejected: saw 'bad_fit', expected a table of names and counts. "),
        ({"otherwise": [7]}, "tally.otherwise: saw 7, expected pairs of a name and a count."),
        ({"otherwise": ["xy"]}, "tally.otherwise: saw 'xy', expected pairs of a name and a count."),
        ({"otherwise": {7: 7}}, "tally.otherwise: saw a list of 2, expected pairs of a name and a count."),
    ],
)
def test_the_counts_of_a_tally_are_by_name(counts: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as raised:
        Tally(**counts)
    assert str(raised.value).startswith(message)


def test_the_order_of_the_names_of_a_tally_never_matters() -> None:
    """FD-4."""
    assert Tally(rejected={"b": 1, "a": 2}, otherwise=[("y", 1), ("x", 2)]) == Tally(rejected={"a": 2, "b": 1}, otherwise={"x": 2, "y": 1})


# Bands.


@pytest.mark.parametrize(
    ("accepted", "rejected", "band", "verdict"),
    [
        (0, 1, "audit", "act"),
        (499, 501, "audit", "act"),
        (50, 50, "watch_low", "watch"),  # below 50 % is broken; 50 % is not below
        (599, 401, "watch_low", "watch"),
        (60, 40, "healthy", "healthy"),  # healthy: 60 to 75, both included
        (75, 25, "healthy", "healthy"),
        (751, 249, "watch_high", "watch"),
        (85, 15, "watch_high", "watch"),  # above 85 % is too low a threshold; 85 % is not above
        (851, 149, "threshold_too_low", "act"),
        (1, 0, "threshold_too_low", "act"),
        (3 * 10**20, 10**20, "healthy", "healthy"),
        (3 * 10**20 + 1, 10**20, "watch_high", "watch"),
    ],
)
def test_a_rate_is_judged_by_the_bands_exactly(accepted: int, rejected: int, band: str, verdict: str) -> None:
    """SL-10, FD-3: 60 to 75 healthy, 50 to 60 and 75 to 85 watch, below and above them act."""
    decision = handoff.acceptance(RULES, Tally(accepted=accepted, rejected={"bad_fit": rejected}))
    assert (decision.value.band, decision.value.verdict) == (band, verdict)
    assert (decision.because[0].code, decision.because[0].rule) == (Code.MATCHED, f"handoff.bands[{band}]")
    assert band in decision.value.possible


@pytest.mark.parametrize(
    ("accepted", "rejected", "audit"),
    [(30, 70, False), (29, 71, True), (299, 701, True), (301, 699, False), (0, 1, True), (1, 0, False)],
)
def test_rejection_above_70_percent_calls_for_an_audit(accepted: int, rejected: int, audit: bool) -> None:
    """SL-10: exactly 70 % is not above."""
    decision = handoff.acceptance(RULES, Tally(accepted=accepted, rejected={"bad_fit": rejected}))
    assert decision.value.audit_required is audit
    assert (decision.because[1].code is Code.MATCHED, decision.because[1].rule) == (audit, "handoff.audit_rejection_above")


def test_silence_and_waiting_are_in_no_rate() -> None:
    """SL-2, SL-10 ▲: accepted / (accepted + rejected)."""
    found = handoff.acceptance(RULES, Tally(accepted=6, rejected={"bad_fit": 4}, ignored=50, otherwise={"merged": 9}, waiting=50)).value
    assert (found.accepted, found.rejected, found.band) == (Rate(6, 10), Rate(4, 10), "healthy")


def test_nothing_decided_is_no_band() -> None:
    """FD-6."""
    decision = handoff.acceptance(RULES, Tally(ignored=3, waiting=2))
    found = decision.value
    assert (found.band, found.verdict, found.bounds, found.possible, found.audit_required) == (None, None, None, (), False)
    assert str(found) == "Nothing is decided yet: no acceptance rate. Ignored: 3, counted against sales."
    assert [(seen.name, seen.value) for seen in decision.because[0].saw] == [("decided", 0), ("ignored", 3), ("waiting", 2)]


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (
            Tally(accepted=640, rejected={"bad_fit": 200, "low_intent": 160}),
            "640 of 1000 accepted, 64.0 %, between 61.0 % and 66.9 % with 95 % confidence: healthy. Rejected: bad_fit 200, low_intent 160.",
        ),
        (
            Tally(accepted=2, rejected={"wrong_role": 3, "duplicate": 3}, ignored=1),
            "2 of 8 accepted, 25.0 %, between 7.1 % and 59.1 % with 95 % confidence: audit. Run an audit. "
            "Too few to be sure: audit or watch_low. Rejected: duplicate 3, wrong_role 3. "
            "Rejection of 75.0 % is above 70 %: audit the scoring. Ignored: 1, counted against sales.",
        ),
        (
            Tally(accepted=12),
            "12 of 12 accepted, 100.0 %, between 75.8 % and 100.0 % with 95 % confidence: threshold_too_low. The threshold is too low. "
            "Too few to be sure: watch_high or threshold_too_low.",
        ),
        (
            Tally(accepted=7, rejected={"bad_fit": 3}),
            "7 of 10 accepted, 70.0 %, between 39.7 % and 89.2 % with 95 % confidence: healthy. "
            "Too few to be sure: audit, watch_low, healthy, watch_high or threshold_too_low. Rejected: bad_fit 3.",
        ),
    ],
)
def test_the_finding_is_said_in_words(tally: Tally, words: str) -> None:
    """SL-10, FN-2: with the interval, the most frequent category first."""
    assert handoff.acceptance(RULES, tally).value.says == words


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_acceptances_never_fall_into_a_lower_band(accepted: int, rejected: int) -> None:
    """SL-10."""
    names = [band["id"] for band in BANDS]
    before = handoff.acceptance(RULES, Tally(accepted=accepted, rejected={"x": rejected + 1})).value
    after = handoff.acceptance(RULES, Tally(accepted=accepted + 1, rejected={"x": rejected + 1})).value
    assert names.index(str(before.band)) <= names.index(str(after.band))
    assert before.band in before.possible


# The scorecard.


@pytest.mark.parametrize(
    ("name", "figure", "kept"),
    [
        ("mqls", 150, True),
        ("mqls", 149, False),
        ("complete", Rate(95, 100), True),
        ("complete", Rate(949, 1_000), False),
        ("complete", Rate(0, 0), None),
        ("attribution", 5, True),
        ("attribution", Fraction(51, 10), False),
        ("review", Fraction(239, 10), True),
        ("review", 24, False),
        ("meetings", 12, None),
    ],
)
def test_each_side_is_held_to_its_limit(name: str, figure: int | Fraction | Rate, kept: bool | None) -> None:
    """SL-6, SL-11: on the limit, at_least and at_most are kept, less_than is not; without a limit nothing is judged."""
    by_name = {one.commitment.id: one for one in handoff.scorecard(RULES, {name: figure})}
    assert by_name[name].kept is kept
    assert [one.kept for key, one in by_name.items() if key != name] == [None] * 4
    assert list(by_name) == ["mqls", "complete", "attribution", "review", "meetings"]


def test_a_figure_is_shown_also_where_nothing_is_judged() -> None:
    kept = handoff.scorecard(RULES, {"meetings": 12, "complete": Rate(1, 2)})
    assert [one.figure for one in kept] == [None, Fraction(50), None, None, Fraction(12)]


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        (
            {"reviews": 3},
            "figures.reviews: saw 'reviews', expected one of attribution, complete, meetings, mqls, review. Did you mean \"review\"?",
        ),
        ({"speed": 3}, "figures.speed: saw 'speed', expected one of attribution, complete, meetings, mqls, review."),
        ({"review": 3.5}, "figures.review: saw 3.5, expected a whole number, a Fraction or a Rate."),
        ({"review": True}, "figures.review: saw true, expected a whole number, a Fraction or a Rate."),
    ],
)
def test_a_figure_is_exact_and_somebody_is_held_to_it(figures: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError) as raised:
        handoff.scorecard(RULES, figures)
    assert str(raised.value) == message


# Documents.


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"fields": []}, "fields: saw a list of 0, expected at least 1 row(s)"),
        ({"fields": [{"id": "email"}, {"id": "email"}]}, "fields[email]: saw 'email' twice"),
        ({"bands": []}, "bands: saw a list of 0, expected at least 1 row(s)"),
        (
            {"bands": [{"id": "low", "verdict": "act"}, {"id": "rest", "verdict": "watch"}]},
            "bands[low]: saw no end, expected below or at_most. Only the last band has no end.",
        ),
        (
            {"bands": [{"id": "low", "verdict": "act", "below": 50, "at_most": 60}, {"id": "rest", "verdict": "watch"}]},
            "bands[low]: saw two ends, expected below or at_most.",
        ),
        (
            {"bands": [*BANDS[:2], {"id": "odd", "verdict": "watch", "below": 60}, BANDS[-1]]},
            "bands[odd]: saw below 60, expected an end above below 60. Write bands from below.",
        ),
        (
            {"bands": [BANDS[2], BANDS[0], BANDS[-1]]},
            "bands[audit]: saw below 50, expected an end above at_most 75. Write bands from below.",
        ),
        (
            {"bands": BANDS[:-1]},
            "bands[watch_high]: saw a last band with an end, expected neither below nor at_most. It takes the rest.",
        ),
        ({"bands": [{"id": "low", "verdict": "act", "below": 150}, BANDS[-1]]}, "bands[low]: saw 150, expected 0 to 100, in percent."),
        ({"audit_rejection_above": -1}, "audit_rejection_above: saw -1, expected 0 to 100, in percent."),
        ({"audit_rejection_above": 70.5}, "audit_rejection_above: saw 70.5, expected a whole number or exact text"),
        (
            {"scorecard": [{"id": "x", "side": "product", "kept_when": "at_least"}]},
            "scorecard[x].side: saw 'product', expected one of 'marketing' or 'sales'",
        ),
        ({"strickt": True}, 'Did you mean "strict"?'),
    ],
)
def test_a_handoff_that_makes_no_sense_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        document(**more)
    assert said in str(raised.value)


def test_a_band_may_hold_exactly_one_rate() -> None:
    """`below` 60 and then `at_most` 60: the end itself is a band."""
    bands = [
        {"id": "low", "verdict": "act", "below": 60},
        {"id": "on", "verdict": "watch", "at_most": 60},
        {"id": "high", "verdict": "healthy"},
    ]
    rules = compiled(bands=bands)
    assert [handoff.acceptance(rules, Tally(accepted=n, rejected={"x": 100 - n})).value.band for n in (59, 60, 61)] == ["low", "on", "high"]


def test_a_field_that_nobody_declares_is_refused() -> None:
    """LC-4: the fields that go over are facts and scores of the policy."""
    with pytest.raises(PolicyError, match=r"handoff\.fields\[emial\]\.id: saw no fact called 'emial'.*Did you mean \"email\"\?"):
        compiled(fields=[{"id": "emial"}])
    with pytest.raises(PolicyError, match=r"fields\[emial\]\.id"):
        HandoffDocument.model_validate({"fields": [{"id": "emial"}], "bands": BANDS}, context=WORDS)


# Names.

STAGES = ["LEAD", "MQL", "SAL"]
EVENTS: dict[str, list[str]] = {"scored": [], "accepted": [], "rejected": ["category"], "recycled": []}


@pytest.mark.parametrize(
    ("more", "stages", "events", "problems"),
    [
        ({}, STAGES, EVENTS, []),
        ({}, [], EVENTS, ["handoff.about: saw 'lead', expected what a machine of the lifecycle is about. Add one, or change about."]),
        ({"stage": "MQLS"}, STAGES, EVENTS, ["handoff.stage: saw 'MQLS', expected one of LEAD, MQL, SAL. Did you mean \"MQL\"?"]),
        (
            {"accepted": "taken", "ignored": "recyled"},
            STAGES,
            EVENTS,
            [
                "handoff.accepted: saw 'taken', expected one of accepted, recycled, rejected, scored. Add it to the lifecycle.",
                "handoff.ignored: saw 'recyled', expected one of accepted, recycled, rejected, scored. Did you mean \"recycled\"?",
            ],
        ),
        (
            {"category_name": "why"},
            STAGES,
            EVENTS,
            ["handoff.category_name: saw 'why', expected one of category. Add it to the lifecycle."],
        ),
        ({"category_name": "why"}, STAGES, {**EVENTS, "rejected": []}, []),
        (
            {"rejected": "returned", "category_name": "why"},
            STAGES,
            EVENTS,
            ["handoff.rejected: saw 'returned', expected one of accepted, recycled, rejected, scored. Did you mean \"rejected\"?"],
        ),
    ],
)
def test_names_that_the_lifecycle_has_not_are_strangers(
    more: dict[str, Any], stages: list[str], events: dict[str, list[str]], problems: list[str]
) -> None:
    """SL-10: a misspelt stage would count nobody, and a misspelt event no answer, without a word."""
    assert [str(problem) for problem in handoff.strangers(document(**more), stages, events)] == problems


def test_the_problems_of_a_section_are_told_under_its_path() -> None:
    (problem,) = handoff.strangers(document(), [], {}, "policy.handoff")
    assert problem.path == "policy.handoff.about"
