"""The same input and policy give the same output, in any process (FD-4): whatever the hash seed, the zone and the language."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from tests.processes import run

SEEDS = ("0", "1", "4242")
ZONES = ("UTC", "Pacific/Apia", "America/St_Johns")
LANGUAGES = ("C", "C.UTF-8")

ASSESS = """
import json
from datetime import UTC, datetime, timedelta

import inbound_engine as ie

AT = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
TOOLS = ("salesforce", "segment", "hubspot", "marketo", "snowflake", "outreach", "zoom", "dbt")
KINDS = ("page_view", "email_open", "email_click", "content_download", "webinar_attendance", "demo_request")
COUNTRIES = ("DE", "US", "BR", "JP", None)

engine = ie.Engine(ie.Policy())
answers = []
for number in range(20):
    lead = ie.Lead(
        id=f"L-{number}",
        email=f"ana.{number}@firm{number}.example",
        title="VP Revenue Operations" if number % 2 else None,
        lead_type="demo_request" if number % 3 else None,
        account=ie.Account(
            id=f"firm{number}",
            country=COUNTRIES[number % 5],
            industry="fintech" if number % 4 else None,
            employees=(7 * number * number) or None,
            growth_stage="series_b" if number % 5 else None,
            technologies=frozenset(TOOLS[: number % 9]) if number % 7 else None,
        ),
        activities=tuple(
            ie.Activity(
                id=f"a{number}-{step}",
                kind=KINDS[(number + step) % 6],
                at=AT - timedelta(hours=11 * step + number, microseconds=step),
                content="pricing" if step % 2 else None,
            )
            for step in range(number % 6)
        ),
    )
    assessment = engine.assess(lead, at=AT)
    answers.append([assessment.to_dict(), assessment.explain()])
print(json.dumps([answers, engine.policy.fingerprint]))
"""

# Shows that the settings arrive: what it prints differs by seed and by zone.
FICKLE = """
from datetime import datetime, UTC

print(hash("a set's order hangs on this"), datetime.fromtimestamp(0).isoformat())
"""


def settings() -> Iterator[dict[str, str]]:
    for seed, zone, language in product(SEEDS, ZONES, LANGUAGES):
        yield {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}


def everywhere(program: str) -> dict[bytes, list[dict[str, str]]]:
    """What the program prints, and under which settings it printed that."""
    said: dict[bytes, list[dict[str, str]]] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        chosen = list(settings())
        for setting, output in zip(chosen, pool.map(lambda one: run(program, one), chosen), strict=True):
            said.setdefault(output, []).append(setting)
    return said


def test_every_process_gives_the_same_answers() -> None:
    """FD-4: byte for byte, every decision, its paragraph and the fingerprint of the policy."""
    said = everywhere(ASSESS)
    assert len(said) == 1, [chosen[0] for chosen in said.values()]
    answers, fingerprint = json.loads(next(iter(said)))
    assert len(answers) == 20
    assert fingerprint


@pytest.mark.skipif(os.name == "nt", reason="Windows does not read TZ")
def test_the_settings_arrive() -> None:
    assert len(everywhere(FICKLE)) == len(SEEDS) * len(ZONES)
