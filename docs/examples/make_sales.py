"""Makes what people do with the leads of the sample: who calls, who accepts, who never answers.

    python docs/examples/make_sales.py docs/examples/sample/sales.jsonl

Without a path the lines are printed. Every draw comes from one seeded generator over `leads.jsonl`. A line is an answer to something
that is asked for or that happened: to the first call that is due, to the second time that the lead is handed over, to an acceptance;
so many minutes after it, of the hours of whoever answers. Most calls are made in time, some late, some never, and a few are logged
hours after they were made. What nobody asks for is never answered.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

SEED = 20260346
SAMPLE = Path(__file__).parent / "sample"
CALLS = 4  # that are ever asked for
CALLED = ((70, 1, 5), (82, 6, 15), (92, 16, 90))  # up to so many of a hundred draws: the least minutes, and those that are too many
ACCEPTED, REJECTED = 60, 80  # up to so many of a hundred draws
CATEGORIES = ("bad_fit", "low_intent", "wrong_timing", "wrong_role")
FOLLOWED_UP = 75  # of a hundred leads that were accepted
REPLIED = 12  # of a hundred leads that are written to
GOES_ON = 60  # of a hundred, at each step
NEXT = (("discovery_scheduled", 1_440), ("opportunity_opened", 2_880))  # after at most so many minutes


def main(path: str | None = None) -> None:
    """Writes the lines to the path, or prints them."""
    text = "".join(json.dumps(line) + "\n" for line in lines())
    if path is None:
        sys.stdout.write(text)
    else:
        Path(path).write_text(text, encoding="ascii", newline="\n")


def lines() -> Iterator[dict[str, Any]]:
    """The answers to each lead that can be read, in the order of the leads."""
    draw = Random(SEED)  # noqa: S311 - a sample, not a secret
    with (SAMPLE / "leads.jsonl").open(encoding="utf-8") as records:
        leads = dict.fromkeys(str(lead.get("id", "")) for lead in map(json.loads, records))
    for lead in leads:
        if lead.startswith("L-"):
            for place, answer in enumerate((*calls(draw), *reviews(draw), *replies(draw)), start=1):
                yield {"id": f"{lead}-{place}", "lead_id": lead, **answer}


def calls(draw: Random) -> Iterator[dict[str, Any]]:
    """The calls that are made; one in twelve is logged hours later."""
    for number in range(1, CALLS + 1):
        luck = draw.randrange(100)
        minutes = next((draw.randrange(least, many) for most, least, many in CALLED if luck < most), None)
        if minutes is not None:
            late = {"logged_after_minutes": draw.randrange(60, 300)} if draw.randrange(12) == 0 else {}
            yield answer("call", number, "call", minutes, **late)


def reviews(draw: Random) -> Iterator[dict[str, Any]]:
    """What becomes of the lead with the first who has it, and with the second, who is asked since the first was slow."""
    for number in (1, 2):
        luck = draw.randrange(100)
        if luck < ACCEPTED:
            yield answer("hand_over", number, "accepted", draw.randrange(20, 700))
        elif luck < REJECTED:
            yield answer("hand_over", number, "rejected", draw.randrange(60, 900), category=draw.choice(CATEGORIES))
    if draw.randrange(100) < FOLLOWED_UP:
        yield answer("accepted", 1, "call", draw.randrange(5, 200))
    before = "accepted"
    for report, most in NEXT:
        if draw.randrange(100) >= GOES_ON:
            return
        yield answer(before, 1, report, draw.randrange(60, most))
        before = report


def replies(draw: Random) -> Iterator[dict[str, Any]]:
    """That somebody writes back."""
    if draw.randrange(100) < REPLIED:
        yield answer("email", 2, "reply", draw.randrange(30, 1_200))


def answer(on: str, number: int, report: str, minutes: int, **more: object) -> dict[str, Any]:
    """A report that answers the so-and-so-many-th of something."""
    return {"on": on, "number": number, "report": report, "after_minutes": minutes, **more}


if __name__ == "__main__":
    main(*sys.argv[1:2])
