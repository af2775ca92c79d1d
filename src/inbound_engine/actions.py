"""What is the host asked to do?

An action is what follows from a case and only a host can carry out: send a message, tell a manager, find somebody. Its key is the
same whenever and wherever the case comes to it, so that a host which crashed between may do it again without doing it twice; a case
gives each key once.

What an action asks for is its `does`, a value of a type of its own: a host takes them apart with `match`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

import attrs
from attrs import frozen

from inbound_engine.decisions import HIDDEN, Plain, Seen, plain
from inbound_engine.handoff import Package
from inbound_engine.handoff import Refused as Undelivered

__all__ = [
    "Action",
    "Answer",
    "ComeBack",
    "Does",
    "Drifted",
    "Enrol",
    "Escalate",
    "Flag",
    "FollowUp",
    "HandOver",
    "Kind",
    "Notify",
    "Recycle",
    "Retract",
    "Send",
    "SeekRep",
    "Why",
]

Why: TypeAlias = Literal["arrived", "qualified", "no_answer", "released", "nobody_then"]
"""Why somebody is sought: the lead came in, became sales' business, was not answered in time, was given back, or nobody could take it."""


@frozen
class SeekRep:
    """Somebody is to be found for the lead: `Engine.assign` asks the roster and the rotation that the host keeps (RT-5, RT-7)."""

    attempt: int
    why: Why


@frozen
class HandOver:
    """The lead goes to this rep, with the package of what is known; or with what is missing, where the policy is strict (SL-1)."""

    rep: str
    attempt: int
    package: Package | Undelivered


@frozen
class Answer:
    """Another answer is owed by who has the lead already: a second hand was raised, or the tier promises more (CL-15, CL-16).

    The answer is owed strictly before `deadline`; None where it is not known yet. Of a lead that is handed over it is part of that.
    """

    rep: str
    table: str
    promise: str
    deadline: datetime | None


@frozen
class Notify:
    """Somebody is told of the lead, whoever takes it: as the CSM, as owner of an open opportunity, as the named rep (RT-4)."""

    rep: str
    of: str


@frozen
class Send:
    """A touch whose instant has come; the host reports it as an outreach with its `step` once it is made (CD-7).

    `latest` is the instant before which it must be made, where there is one.
    """

    sequence: str
    step: str
    channel: str
    intent: str
    message: str
    rep: str | None
    transactional: bool
    personalisation: tuple[Seen, ...] = ()
    latest: datetime | None = None


@frozen
class Enrol:
    """The lead goes into another programme: by the last step of a cadence, or since nobody answered in time (CD-1, SL-3)."""

    programme: str
    why: str


@frozen
class Escalate:
    """A step of the ladder: the promise that was missed, who is told, and who was accountable (SL-3, CL-11)."""

    to: str
    table: str
    promise: str
    step: str
    reason: str | None
    accountable: str | None


@frozen
class Flag:
    """A promise was missed that is nobody's in sales: somebody looks at it (SL-1, SL-3)."""

    to: str
    table: str
    promise: str
    step: str
    reason: str | None


@frozen
class Recycle:
    """The lead goes back to marketing, since nobody answered (SL-2); the record says so already, unless it could not."""

    to: str
    reason: str | None


@frozen
class FollowUp:
    """A reminder of a prospect who was not ready: so many days later (CD-4)."""

    days: int
    event: str


@frozen
class ComeBack:
    """A date of the hold or of a disqualification has come: to re-engage, or to reopen where somebody wants to (LC-6, LC-7)."""

    what: Literal["re_engage", "reopen_possible"]
    rule: str
    number: int


@frozen
class Drifted:
    """The lead does not meet the entry criteria of its stage any more; the policy reports it and moves nothing (LC-4)."""

    stage: str
    tier: str


@frozen
class Retract:
    """What an earlier action asked for is not owed any more: what undid it became known late (CL-17)."""

    of: str
    why: str


Does: TypeAlias = SeekRep | HandOver | Answer | Notify | Send | Enrol | Escalate | Flag | Recycle | FollowUp | ComeBack | Drifted | Retract
Kind: TypeAlias = Literal[
    "seek_rep",
    "hand_over",
    "answer",
    "notify",
    "send",
    "enrol",
    "escalate",
    "flag",
    "recycle",
    "follow_up",
    "come_back",
    "drifted",
    "retract",
]

_KINDS: Mapping[type, Kind] = {
    SeekRep: "seek_rep",
    HandOver: "hand_over",
    Answer: "answer",
    Notify: "notify",
    Send: "send",
    Enrol: "enrol",
    Escalate: "escalate",
    Flag: "flag",
    Recycle: "recycle",
    FollowUp: "follow_up",
    ComeBack: "come_back",
    Drifted: "drifted",
    Retract: "retract",
}


@frozen(kw_only=True)
class Action:
    """Something to do for a lead: `at` is when it came, which may be earlier than when it is asked for.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    >>> action = Action(key="L-1#1/notify/noor/csm", lead_id="L-1", at=at, does=Notify("noor", "csm"))
    >>> action.kind, action.to_dict()["does"]
    ('notify', {'rep': 'noor', 'of': 'csm'})
    """

    key: str
    lead_id: str
    at: datetime
    does: Does

    @property
    def kind(self) -> Kind:
        """What sort of thing it is, as one word."""
        return _KINDS[type(self.does)]

    def to_dict(self, *, redact: bool = False) -> dict[str, Plain]:
        """The action as plain data, JSON-able; with `redact`, personal values become "(personal)"."""
        does: dict[str, Plain] = {}
        for item in attrs.fields(type(self.does)):
            value = getattr(self.does, item.name)
            match value:
                case Package():
                    does[item.name] = value.to_dict(redact=redact)
                case Undelivered():
                    does[item.name] = value.to_dict()
                case tuple():
                    does[item.name] = {seen.name: HIDDEN if redact and seen.personal else plain(seen.value) for seen in value}
                case _:
                    does[item.name] = plain(value)
        return {"key": self.key, "kind": self.kind, "lead_id": self.lead_id, "at": plain(self.at), "does": does}
