"""A million leads, assessed in one line: how long it took here, and whether it is what the objects say.

    python docs/examples/million_leads.py [number of leads]

Draws the leads and what they did by chance from one seed into two Polars frames, lets the shipped policy answer for all of them as
expressions of those frames, and asks the engine about a thousand of them one by one. Wants the extra `frames`, and Polars.
"""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

import polars as pl

import inbound_engine as ie
from inbound_engine import frames

SEED = 20260302
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SAMPLE = 1_000
CHOICES: dict[str, tuple[str | int | None, ...]] = {
    "title": ("VP Revenue Operations", "CMO", "Head of Growth", "Growth Manager", "Accountant", None),
    "lead_type": ("demo_request", "content_download", "webinar_attendance", None),
    "country": ("DE", "AT", "GB", "FR", "US", "BR", None),
    "industry": ("fintech", "saas", "ecommerce", "media", "logistics", None),
    "employees": (5, 12, 45, 120, 240, 480, 900, 1_800, 40_000, None),
    "growth_stage": ("seed", "series_a", "series_b", "series_c", None),
    "technologies": ("salesforce,segment,outreach", "hubspot", "excel", None),
    "critical_event": ("confirmed", "mentioned", "none", None),
    "requested": ("demo", "trial", "nothing", None),
}


def main(count: int = 1_000_000) -> None:
    """Draws, assesses, counts, and compares."""
    leads, did = drawn(count), done(count)
    policy = ie.Policy()
    columns = {"technologies": frames.Separated("technologies", ",")}

    began = perf_counter()
    scored = frames.assess(leads, policy, at=AT, columns=columns, activities=did)
    took = perf_counter() - began

    tiers = scored["tier"].value_counts().sort("tier")
    print(f"{count:,} leads and {len(did):,} activities in {took:.1f} seconds: {count / took:,.0f} a second on this machine.")
    for tier, number in tiers.iter_rows():
        print(f"{tier:<8} {number:>9,}")

    engine = ie.Engine(policy)
    said = {row["id"]: row["tier"] for row in scored.head(SAMPLE).iter_rows(named=True)}
    rows = list(leads.head(SAMPLE).iter_rows(named=True))
    known = by_lead(did.filter(pl.col("lead_id").is_in([row["id"] for row in rows])))
    asked = {row["id"]: engine.assess(engine.read({**row, "activities": known.get(row["id"], [])}), at=AT).tier for row in rows}
    same = "the same" if said == asked else "NOT the same"
    print(f"The objects say {same} of the first {len(said):,}: {dict(sorted(Counter(asked.values()).items()))}.")


def drawn(count: int) -> pl.DataFrame:
    """So many leads, the same for the same number."""
    draw = Random(SEED)  # noqa: S311 - a sample, not a secret
    columns: dict[str, list[str | int | None]] = {name: draw.choices(values, k=count) for name, values in CHOICES.items()}
    return pl.DataFrame({"id": [f"L-{number:07}" for number in range(count)], **columns})


def done(count: int) -> pl.DataFrame:
    """Two activities for each lead on average, of the last sixty days."""
    draw, number = Random(SEED + 1), 2 * count  # noqa: S311 - a sample, not a secret
    return pl.DataFrame(
        {
            "id": [f"A-{each:08}" for each in range(number)],
            "lead_id": [f"L-{draw.randrange(count):07}" for _ in range(number)],
            "kind": draw.choices(("visit", "page_view", "email_click", "content_download", "demo_request"), (50, 30, 12, 7, 1), k=number),
            "content": draw.choices(("/pricing", "/guides/routing", "/blog", None), k=number),
            "at": [AT - timedelta(minutes=draw.randrange(86_400)) for _ in range(number)],
        }
    ).with_columns(marketing=pl.lit(value=True))


def by_lead(did: pl.DataFrame) -> dict[str, list[dict[str, object]]]:
    """The activities of each lead, as records."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in did.iter_rows(named=True):
        found.setdefault(row.pop("lead_id"), []).append(row)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
