"""Makes what sales did with the leads of the sample: who was given a raised hand, and which touches followed.

    python docs/examples/make_sales.py docs/examples/sample/sales.jsonl

Without a path the lines are printed. Every draw comes from one seeded generator over `leads.jsonl` and `team.json`. Each hand that
was raised gets an automatic confirmation and somebody who has it; most are called in time, some late, some never, and a few calls are
logged hours after they were made. Most of the others get the first email of a sequence. Then the lives of the leads: captured,
validated, and for hands that were raised what sales made of them.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

SEED = 20260346
SAMPLE = Path(__file__).parent / "sample"
VALIDATED = 85  # of a hundred leads that were captured
REJECTED = 25  # of a hundred hands that sales was given
STALLED = 20  # of a hundred, at each step
CATEGORIES = ("bad_fit", "low_intent", "wrong_timing", "wrong_role")
NURTURED = 95  # of a hundred leads that did not ask for anybody
HAND_RAISES = ("demo_request", "call_request", "trial_signup", "contact_form")


def main(path: str | None = None) -> None:
    """Writes the lines to the path, or prints them."""
    text = "".join(json.dumps(line) + "\n" for line in lines())
    if path is None:
        sys.stdout.write(text)
    else:
        Path(path).write_text(text, encoding="ascii", newline="\n")


def lines() -> Iterator[dict[str, Any]]:
    """For each raised hand: who was given it, the confirmation, and the touches of people."""
    draw = Random(SEED)  # noqa: S311 - a sample, not a secret
    team = json.loads((SAMPLE / "team.json").read_text(encoding="utf-8"))["reps"]
    with (SAMPLE / "leads.jsonl").open(encoding="utf-8") as records:
        leads = {lead["id"]: lead for lead in map(json.loads, records) if str(lead.get("id", "")).startswith("L-")}
    for lead in leads.values():
        raised = [item for item in lead.get("activities") or () if item["kind"] in HAND_RAISES]
        if raised:
            yield from answered(draw, lead, min(item["at"] for item in raised), team)
        elif "created_at" in lead and draw.randrange(100) < NURTURED:
            sent = datetime.fromisoformat(lead["created_at"]) + timedelta(minutes=draw.randrange(5, 1200))
            yield touch(f"{lead['id']}-nurture", lead["id"], "sequence", "email", sent, human=False)
    lives = Random(SEED + 1)  # noqa: S311
    for lead in leads.values():
        yield from lived(lives, lead)


def answered(draw: Random, lead: dict[str, Any], raised: str, team: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What happened after one hand was raised."""
    name, at = lead["id"], datetime.fromisoformat(raised)
    reps = [rep["id"] for rep in team if territory(lead) in rep.get("territories", ())]
    rep = draw.choice(reps)
    yield {"kind": "assigned", "id": f"{name}-assigned", "lead_id": name, "rep": rep, "at": stamp(at)}
    confirmation = at + timedelta(seconds=draw.randrange(20, 90))
    yield touch(f"{name}-confirmation", name, rep, "email", confirmation, human=False)
    luck = draw.randrange(100)
    if luck >= 88:
        return
    minutes = draw.randrange(1, 5) if luck < 50 else draw.randrange(6, 15) if luck < 65 else draw.randrange(16, 180)
    call = at + timedelta(minutes=minutes, seconds=draw.randrange(60))
    late = {"recorded_at": stamp(call + timedelta(hours=draw.randrange(1, 5)))} if draw.randrange(12) == 0 else {}
    yield touch(f"{name}-call", name, rep, "call", call, human=True) | late


def lived(draw: Random, lead: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What was reported of a lead: that it was captured and validated, and what became of its raised hand."""
    if "created_at" not in lead:
        return
    captured = datetime.fromisoformat(lead["created_at"])
    yield event(lead, "captured", captured)
    if draw.randrange(100) < VALIDATED:
        yield event(lead, "validated", captured + timedelta(minutes=draw.randrange(1, 30)))
    raised = [item["at"] for item in lead.get("activities") or () if item["kind"] in HAND_RAISES]
    if not raised:
        return
    at = max(datetime.fromisoformat(min(raised)), captured + timedelta(hours=1))
    if draw.randrange(100) < REJECTED:
        yield event(lead, "rejected", at + timedelta(hours=draw.randrange(1, 30)), {"category": draw.choice(CATEGORIES)})
        return
    for name, hours in (("accepted", 8), ("discovery_scheduled", 48), ("opportunity_opened", 144)):
        at += timedelta(hours=draw.randrange(1, hours))
        if draw.randrange(100) < STALLED:
            return
        yield event(lead, name, at)


def event(lead: dict[str, Any], name: str, at: datetime, data: dict[str, str] | None = None) -> dict[str, Any]:
    """Something that was reported of a lead."""
    return {"kind": "happened", "id": f"{lead['id']}-{name}", "lead_id": lead["id"], "event": name, "at": stamp(at), "data": data or {}}


def territory(lead: dict[str, Any]) -> str:
    """The territory of a lead's country, whatever is written there."""
    country = str(lead.get("country") or (lead.get("account") or {}).get("country") or "").upper()
    rows = json.loads((SAMPLE / "territories.json").read_text(encoding="utf-8"))
    return next((str(row["id"]) for row in rows if country in row["when"].get("values", ())), "rest")


def touch(name: str, lead: str, rep: str, channel: str, at: datetime, *, human: bool) -> dict[str, Any]:
    """A touch as a CRM would give it."""
    return {"kind": "outreach", "id": name, "lead_id": lead, "rep": rep, "channel": channel, "at": stamp(at), "human": human}


def stamp(at: datetime) -> str:
    """An instant as text."""
    return at.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    main(*sys.argv[1:2])
