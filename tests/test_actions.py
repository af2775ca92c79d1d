"""What the host is asked to do: values that are taken apart by type, under keys, as plain data without what is personal."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from attrs.exceptions import FrozenInstanceError

from inbound_engine.actions import (
    Action,
    Answer,
    ComeBack,
    Does,
    Drifted,
    Enrol,
    Escalate,
    Flag,
    FollowUp,
    HandOver,
    Kind,
    Notify,
    Recycle,
    Retract,
    SeekRep,
    Send,
    Why,
)
from inbound_engine.decisions import Seen
from inbound_engine.handoff import Package, Refused

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
WHEN = "2026-03-02T09:05:00Z"
PACKAGE = Package("L-1", AT, (Seen("email", "ana@acme.example", personal=True), Seen("selection", 65)), missing=("source",))
SEND = Send(
    sequence="T1",
    step="email-1",
    channel="email",
    intent="A case study",
    message="t1-email-1",
    rep="noor",
    transactional=False,
    personalisation=(Seen("title", "VP Sales", personal=True), Seen("content", "pricing")),
    latest=AT + timedelta(minutes=5),
)

# What is asked for, its kind, and what it says as plain data.
ASKED: list[tuple[Does, str, dict[str, Any]]] = [
    (SeekRep(1, "arrived"), "seek_rep", {"attempt": 1, "why": "arrived"}),
    (
        HandOver("noor", 1, PACKAGE),
        "hand_over",
        {
            "rep": "noor",
            "attempt": 1,
            "package": {
                "lead": "L-1",
                "at": WHEN,
                "fields": {"email": "ana@acme.example", "selection": 65},
                "missing": ["source"],
                "incomplete": True,
            },
        },
    ),
    (
        HandOver("noor", 2, Refused("L-1", AT, ("source",), ())),
        "hand_over",
        {"rep": "noor", "attempt": 2, "package": {"lead": "L-1", "at": WHEN, "missing": ["source"], "required": []}},
    ),
    (
        Answer("noor", "first_response", "T2", AT),
        "answer",
        {"rep": "noor", "table": "first_response", "promise": "T2", "deadline": WHEN},
    ),
    (Notify("maya", "csm"), "notify", {"rep": "maya", "of": "csm"}),
    (
        SEND,
        "send",
        {
            "sequence": "T1",
            "step": "email-1",
            "channel": "email",
            "intent": "A case study",
            "message": "t1-email-1",
            "rep": "noor",
            "transactional": False,
            "personalisation": {"title": "VP Sales", "content": "pricing"},
            "latest": "2026-03-02T09:10:00Z",
        },
    ),
    (Enrol("nurture", "T3"), "enrol", {"programme": "nurture", "why": "T3"}),
    (
        Escalate("sales manager", "first_response", "T1", "escalate", None, "noor"),
        "escalate",
        {"to": "sales manager", "table": "first_response", "promise": "T1", "step": "escalate", "reason": None, "accountable": "noor"},
    ),
    (
        Flag("rev ops", "delivery", "mql", "late", "no rep"),
        "flag",
        {"to": "rev ops", "table": "delivery", "promise": "mql", "step": "late", "reason": "no rep"},
    ),
    (Recycle("marketing", "ignored"), "recycle", {"to": "marketing", "reason": "ignored"}),
    (FollowUp(30, "e-1"), "follow_up", {"days": 30, "event": "e-1"}),
    (ComeBack("re_engage", "nurture", 2), "come_back", {"what": "re_engage", "rule": "nurture", "number": 2}),
    (Drifted("MQL", "T3"), "drifted", {"stage": "MQL", "tier": "T3"}),
    (Retract("L-1#1/x", "it was ended before"), "retract", {"of": "L-1#1/x", "why": "it was ended before"}),
]


def action(does: Does) -> Action:
    return Action(key="k-1", lead_id="L-1", at=AT, does=does)


@pytest.mark.parametrize(("does", "kind", "said"), ASKED, ids=[f"{number}-{kind}" for number, (_, kind, _) in enumerate(ASKED)])
def test_an_action_has_a_kind_and_is_plain_data(does: Does, kind: str, said: dict[str, Any]) -> None:
    asked = action(does)
    assert asked.kind == kind
    assert asked.to_dict() == {"key": "k-1", "kind": kind, "lead_id": "L-1", "at": WHEN, "does": said}
    assert json.loads(json.dumps(asked.to_dict())) == asked.to_dict()


def test_every_type_has_a_kind_of_its_own() -> None:
    assert {type(does) for does, *_ in ASKED} == set(get_args(Does))
    assert {kind for _, kind, _ in ASKED} == set(get_args(Kind))
    assert len(get_args(Kind)) == len(get_args(Does))


@pytest.mark.parametrize("why", get_args(Why))
def test_every_reason_to_seek_somebody_is_written_down(why: Why) -> None:
    assert action(SeekRep(1, why)).to_dict()["does"] == {"attempt": 1, "why": why}


def test_redacted_actions_say_nothing_of_the_person() -> None:
    """What is known of the company stays."""
    package: Any = action(HandOver("noor", 1, PACKAGE)).to_dict(redact=True)["does"]
    send: Any = action(SEND).to_dict(redact=True)["does"]
    assert package["package"]["fields"] == {"email": "(personal)", "selection": 65}
    assert send["personalisation"] == {"title": "(personal)", "content": "pricing"}
    refused: Any = action(HandOver("noor", 1, Refused("L-1", AT, ("email",), ("email",)))).to_dict(redact=True)["does"]
    assert refused["package"]["missing"] == ["email"]


@pytest.mark.parametrize("does", [HandOver("noor", 1, PACKAGE), SEND], ids=["hand_over", "send"])
def test_an_action_shows_nothing_of_the_person(does: Does) -> None:
    shown = repr(action(does))
    assert "ana@" not in shown
    assert "VP Sales" not in shown


def test_actions_never_change_are_equal_and_travel() -> None:
    for does, *_ in ASKED:
        asked = action(does)
        assert pickle.loads(pickle.dumps(asked)) == asked  # noqa: S301
        assert len({asked, action(does)}) == 1
    with pytest.raises(FrozenInstanceError):
        action(SEND).key = "k-2"  # type: ignore[misc]  # on purpose


def test_a_host_takes_actions_apart_by_their_type() -> None:
    def carried_out(asked: Action) -> str:
        match asked.does:
            case SeekRep(attempt, why):
                return f"seek {attempt} {why}"
            case Send(step=step, channel=channel):
                return f"{channel} {step}"
            case Escalate(to=to, accountable=accountable):
                return f"{to}: {accountable}"
            case _:
                return asked.kind

    assert [carried_out(action(does)) for does, *_ in ASKED][:2] == ["seek 1 arrived", "hand_over"]
    assert carried_out(action(SEND)) == "email email-1"
    assert carried_out(action(ASKED[7][0])) == "sales manager: noor"
