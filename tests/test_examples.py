"""The sample and the day that is told of it.

The tier counts here were counted once by other code, over the plain JSON, and typed in by hand.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from inbound_engine import Policy, intake
from inbound_engine.documents import changed
from inbound_engine.facts import Caps
from inbound_engine.linting import lint
from inbound_engine.spans import parse_instant
from tests.places import ROOT
from tests.processes import run

EXAMPLES = ROOT / "docs" / "examples"
SAMPLE = EXAMPLES / "sample" / "leads.jsonl"


def records() -> list[dict[str, object]]:
    with SAMPLE.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def report() -> str:
    return told("0")


def told(seed: str) -> str:
    program = f"import runpy; runpy.run_path({str(EXAMPLES / 'inbound_day.py')!r}, run_name='__main__')"
    return run(program, {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}).decode("utf-8").replace("\r\n", "\n")


def unwrapped(report: str) -> str:
    """The report with its wrapped lines joined again."""
    return re.sub(r"\n {4,}", " ", report)


# --------------------------------------------------------------------------------------------------------------- sample


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_the_sample_is_made_again_byte_for_byte(tmp_path: Path, seed: str) -> None:
    path = tmp_path / "leads.jsonl"
    arguments = [str(EXAMPLES / "make_sample.py"), str(path)]
    program = f"import runpy, sys; sys.argv = {arguments!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    assert run(program, {"PYTHONHASHSEED": seed}) == b""
    assert path.read_bytes() == SAMPLE.read_bytes()


def test_without_a_path_the_sample_is_printed() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "make_sample.py")], capture_output=True, check=True, encoding="ascii")
    assert done.stdout == SAMPLE.read_text(encoding="ascii")


def test_the_sample_has_many_leads_from_many_places_with_gaps() -> None:
    leads = [record for record in records() if str(record.get("id", "")).startswith("L-")]
    accounts = [record.get("account", record) for record in leads]
    assert len(leads) == 229  # one of them stands twice
    assert len({str(account.get("country")).upper() for account in accounts if isinstance(account, dict)}) > 15
    assert {record.get("product") for record in leads} == {None, "forecasting", "routing", "enablement"}
    assert len({record.get("lead_type") for record in leads}) == 10
    for name in ("title", "lead_type", "source", "product", "activities"):
        assert 10 <= sum(name not in record for record in leads) <= 100, name
    for name in ("country", "industry", "employees", "growth_stage", "technologies"):
        assert 20 <= sum(name not in account for account in accounts if isinstance(account, dict)) <= 110, name


def test_nobody_in_the_sample_is_real() -> None:
    """Domains end in .example (RFC 2606), so that no message ever reaches anybody."""
    text = SAMPLE.read_text(encoding="ascii")
    assert set(re.findall(r"@[a-z-]+\.([a-z.]+)", text)) == {"example"}
    assert set(re.findall(r'"domain": "[a-z-]+\.([a-z.]+)"', text)) == {"example"}


# ------------------------------------------------------------------------------------------------------------------ day


def test_the_day_counts_what_came_in(report: str) -> None:
    assert "240 records: 228 leads read, 12 refused." in report


@pytest.mark.parametrize(
    "line",
    [
        "T1         11  Perfect fit: ",
        "T2         54  Good fit: ",
        "(9 of them lifted by a floor)",
        "T3         42  Opportunistic: ",
        "NURTURE    71  Low fit: ",
        "NURTURE    50  Low intent: ",
        "107 are marketing-qualified: 65 handed off to sales, 42 held by marketing.",
    ],
)
def test_the_day_counts_tiers_and_mqls(report: str, line: str) -> None:
    assert line in report


@pytest.mark.parametrize(
    ("record", "name", "field", "seen"),
    [
        (19, "B-01", "country", "'Germany'"),
        (37, "B-02", "created_at", "2026-03-02T09:03:00Z"),
        (55, "B-03", "indsutry", "'indsutry'"),
        (73, "B-04", "activities[0].kind", "'pageview'"),
        (91, "B-05", "employees", "'about 50'"),
        (109, "L-0012", "id", "'L-0012'"),
        (127, "B-07", "employees", "'NaN'"),
        (145, "(no id)", "id", "nothing"),
        (163, "B-09", "extra.critical_event", "'certain'"),
        (181, "B-10", "activities[A-B-2]", "two different activities"),
        (199, "B-11", "email", "text without a mailbox and a domain"),
        (217, "B-12", "annual_revenue", "2.5m"),
    ],
)
def test_the_day_tells_every_refused_record(report: str, record: int, name: str, field: str, seen: str) -> None:
    told = [line for line in unwrapped(report).splitlines() if line.startswith("record ")]
    assert len(told) == 12
    (line,) = (line for line in told if line.split()[1] == str(record))
    assert name in line
    assert f" {field}" in line.partition(": saw ")[0]
    assert seen in line


def test_the_day_tells_of_no_person(report: str) -> None:
    names = {str(record["name"]) for record in records() if "name" in record}
    assert [name for name in names if name in report] == []
    assert re.findall(r"\S+@\S+", report) == ['"ana@acme.example".']  # how to write an address


def test_the_day_fits_a_terminal(report: str) -> None:
    assert max(map(len, report.splitlines())) <= 110
    assert report.isascii()


def test_the_day_is_told_alike_under_every_hash_seed(report: str) -> None:
    assert told("1") == report


# --------------------------------------------------------------------------------------------------------------- the week


def part(report: str, title: str) -> list[str]:
    """The lines of a part of the report, those that were wrapped joined again."""
    found = re.search(rf"^# {re.escape(title)}$\n(.*?)\n\n", report, re.MULTILINE | re.DOTALL)
    assert found, title
    return unwrapped(found[1]).splitlines()


def table(lines: list[str]) -> dict[str, list[int]]:
    """The rows of a table of counts, by their first words."""
    return {line[:10].strip(): [int(cell) for cell in line[10:].split()] for line in lines[1:]}


def test_the_day_counts_the_week_day_by_day(report: str) -> None:
    """A lead comes in when it was created or first raised its hand: 37 of the 228 on these days, counted over the plain JSON."""
    rows = table(part(report, "The week, day by day"))
    came_in = {day: numbers[0] for day, numbers in rows.items()}
    assert came_in == arrivals("2026-02-24")
    assert all(numbers[0] == sum(numbers[1:5]) for numbers in rows.values())
    calls = {day: numbers[6] for day, numbers in rows.items()}
    assert (calls["Sat 28 Feb"], calls["Sun 01 Mar"]) == (0, 0)


def arrivals(since: str) -> dict[str, int]:
    """How many leads came in on each day, over the plain JSON."""
    hands = {"demo_request", "call_request", "trial_signup", "contact_form"}
    leads = {str(record["id"]): record for record in reversed(records()) if str(record.get("id", "")).startswith("L-")}
    days = Counter(
        min([str(lead["created_at"]), *(each["at"] for each in lead.get("activities", []) if each["kind"] in hands)])[:10]  # type: ignore[attr-defined]
        for lead in leads.values()
    )
    return {f"{date.fromisoformat(day):%a %d %b}": number for day, number in sorted(days.items()) if day >= since}


def test_what_the_reps_did_is_what_was_done_in_the_week(report: str) -> None:
    """The two tables count the same hand-overs, calls and escalations, once by day and once by rep; kai has no leads of his part."""
    days, rows = table(part(report, "The week, day by day")), table(part(report, "The week, rep by rep"))
    team = intake.roster(json.loads((EXAMPLES / "sample" / "team.json").read_text(encoding="utf-8")))
    assert list(rows) == [rep.id for rep in team.reps]
    handed_over, called, escalated = (sum(numbers[place] for numbers in days.values()) for place in (5, 6, 7))
    assert sum(numbers[0] for numbers in rows.values()) == handed_over == 47
    assert sum(numbers[1] for numbers in rows.values()) == called == 55
    assert sum(numbers[2] for numbers in rows.values()) == escalated == 32
    assert rows["kai"] == [0, 0, 0, 0, 0, 0]


def test_the_day_tells_the_whole_of_one_lead_that_was_passed_on(report: str) -> None:
    """SL-3: due five minutes after the office opens, escalated, at fifteen to the backup rep, escalated once more, called, accepted."""
    assert part(report, "What came of it, each action and each report at its instant") == [
        "Sat 28 Feb 09:10 CET  iris is told, as csm",
        "Sat 28 Feb 09:10 CET  handed over to anna, attempt 1",
        "Sat 28 Feb 09:10 CET  email due: Confirms the request and offers a way to book a meeting",
        "Mon 02 Mar 09:00 CET  call due: An answer within minutes to what the lead asked for",
        "Mon 02 Mar 09:05 CET  escalated to the sales manager: first response of anna",
        "Mon 02 Mar 09:15 CET  somebody else is sought: no answer",
        "Mon 02 Mar 09:15 CET  anna is told, as named_rep",
        "Mon 02 Mar 09:15 CET  handed over to bernd, attempt 2",
        "Mon 02 Mar 09:20 CET  escalated to the sales manager: first response of bernd",
        "Mon 02 Mar 09:39 CET  bernd calls",
        "Mon 02 Mar 13:22 CET  the lead: page view /pricing",
        "Mon 02 Mar 13:57 CET  sales: accepted",
        "Mon 02 Mar 14:39 CET  bernd calls",
        "Case('L-0019', T1, stage='SAL', rep='bernd', at=2026-03-02T13:39:00Z), from 11 rows of its journal: True",
    ]


def test_what_the_readme_shows_of_the_day_is_what_it_prints(report: str) -> None:
    shown = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [block in report for block in shown] == [True]


def test_the_day_explains_and_briefs_the_same_lead(report: str) -> None:
    """AI-2: why, who, by when, what follows; what they did and what to say first."""
    (told,) = part(report, "The best lead that was passed on: why it is, who takes it, what follows")
    assert told.startswith(
        "Pallas Software (L-0019) is a top lead. What decides: the fit at 100 (70 are needed) and the urgency at 90 (60 are"
    )
    assert "anna has it: the company is assigned to them by name. iris (customer success) is told as well." in told
    assert "An answer is due before Monday 2 March 2026 at 09:05, within 5 minutes of working time." in told
    brief = part(report, "What its rep read before the first call, here without what is known of the person")
    assert [line for line in brief if not line.startswith(" ")] == ["What they did", "What they said", "What to say first"]
    assert "  They asked for a demo on Saturday 28 February 2026 at 09:10." in brief
    assert "  Their address: (personal)" in brief


def test_the_territories_of_the_sample_are_those_of_its_team() -> None:
    """RT-1: no hole, no overlap; where no role is for a tier, the whole territory takes its leads. Parents come with the leads."""
    rows = json.loads((EXAMPLES / "sample" / "territories.json").read_text(encoding="utf-8"))
    team = intake.roster(json.loads((EXAMPLES / "sample" / "team.json").read_text(encoding="utf-8")))
    assert {row["id"] for row in rows} == team.territories
    found = lint(changed(Policy(), {"routing.territories": rows}), team)
    assert [(each.code, each.message) for each in found] == [
        ("pool-empty", "nobody may take leads of T1 in southern-europe, rest"),
        ("pool-empty", "nobody may take leads of T2 in british-isles"),
        ("pool-empty", "nobody may take leads of handed_off in british-isles"),
    ]


# ----------------------------------------------------------------------------------------------------------- attribution


def test_the_day_credits_the_documents_example_to_the_cent(report: str) -> None:
    """AT-1: 28,500 / 19,000 / 28,500 / 19,000."""
    assert part(report, "What the documents' deal of 95,000 euros is worth to whom") == [
        "D-1 under w_shaped: EUR 95000.00 of revenue.",
        "  EUR 28500.00  T-1 LinkedIn ad, first, 30 %",
        "  EUR 19000.00  T-2 Organic, lead, 20 %",
        "  EUR 28500.00  T-3 Webinar email, opportunity, 30 %",
        "  EUR 19000.00  T-4 Retargeting, close, 20 %",
    ]


def test_every_model_of_the_day_gives_away_all_that_was_won(report: str) -> None:
    """AT-6, AD-16: 95,000 + 48,000 + 36,500.01 + 12,000; the deal without a touch stands apart."""
    lines = part(report, "The deals that are won, by channel, under six models")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert rows[0] == ["channel", "w_shaped", "market_w", "full_path", "first", "last", "linear"]
    columns = list(zip(*(row[1:] for row in rows[2:]), strict=True))
    assert [sum(Decimal(cell or 0) for cell in column) for column in columns] == [Decimal("191500.01")] * 6
    assert rows[-1] == ["UNATTRIBUTED", *["12000.00"] * 6]


def test_the_day_follows_the_money_back_to_what_was_spent(report: str) -> None:
    """AT-7, UT-4: what fell off and what arrived are what was won; campaign revenue is too."""
    told = report.partition("# From budget to revenue: what fell off, and where")[2]
    fell = [Decimal(amount) for amount in re.findall(r"off, EUR ([\d.]+),", told)]
    traced = Decimal(re.findall(r"EUR ([\d.]+) traces to a budget", told)[0])
    assert (sum(fell) + traced, traced) == (Decimal("191500.01"), Decimal("69200.00"))
    revenue = {name: Decimal(amount) for name, amount in re.findall(r"^(.*): spend EUR [\d.]+, revenue EUR ([\d.]+)", told, re.MULTILINE)}
    assert revenue.pop("all") == sum(revenue.values()) == Decimal("191500.01")
    assert "all: spend EUR 19900.00, revenue EUR 191500.01, ROAS 9.62, ROI 8.62" in told


# ---------------------------------------------------------------------------------------------------- promises and touches


def test_what_sales_did_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "sales.jsonl"
    arguments = [str(EXAMPLES / "make_sales.py"), str(path)]
    program = f"import runpy, sys; sys.argv = {arguments!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    assert run(program, {"PYTHONHASHSEED": "4242"}) == b""
    assert path.read_bytes() == (EXAMPLES / "sample" / "sales.jsonl").read_bytes()
    done = subprocess.run([sys.executable, str(EXAMPLES / "make_sales.py")], capture_output=True, check=True, encoding="ascii")
    assert done.stdout == path.read_text(encoding="ascii")


def test_the_team_has_zones_territories_caps_and_absences() -> None:
    team = intake.roster(json.loads((EXAMPLES / "sample" / "team.json").read_text(encoding="utf-8")))
    assert len(team.reps) >= 12
    assert len({rep.zone for rep in team.reps}) >= 8
    assert {territory for rep in team.reps for territory in rep.territories} == team.territories
    assert any(rep.caps != Caps() for rep in team.reps)
    assert [rep.id for rep in team.reps if any(parse_instant("2026-03-02T17:00Z") in span for span in rep.away)] == ["hanna"]


def test_what_people_do_answers_only_leads_of_the_sample() -> None:
    """Ids count once; a line answers the so-and-so-many-th call, hand-over, acceptance or email."""
    with (EXAMPLES / "sample" / "sales.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["lead_id"] for row in rows} <= {record.get("id") for record in records()}
    assert {row["on"] for row in rows} == {"call", "hand_over", "accepted", "discovery_scheduled", "email"}
    assert all(row["after_minutes"] > 0 and row["number"] > 0 for row in rows)


@pytest.mark.parametrize(
    "line",
    [
        "49 answers were owed: 33 came in time, 11 did not, 1 clocks still run; the others were overtaken.",
        "hand_raiser: 7 of 17 missed, 41.2 % (21.6 % to 64 %); median 0:04:00, of the answered 0:03:00",
        "Promises of five minutes: the miss rate is over the limit. Escalate at once.",
    ],
)
def test_the_day_says_which_promises_were_kept(report: str, line: str) -> None:
    """SL-8: 7 of 17 is over 10 %; the middle one of the seventeen was answered in time."""
    assert line in report


# ---------------------------------------------------------------------------------------------------------------- lives


def test_the_day_counts_where_the_leads_stand(report: str) -> None:
    """LC-10: each of the 228 stands in one stage; whoever is in a stage was there."""
    lines = part(report, "Where the leads stand, by their histories")
    rows = [re.findall(r"^(\w+) +(\d+) now, +(\d+) ever", line)[0] for line in lines[:-1]]
    assert sum(int(now) for _, now, _ in rows) == 228
    assert all(int(now) <= int(ever) <= 228 for _, now, ever in rows)
    assert rows[0][2] == "228"
    assert lines[2] == "MQL             69 now,  119 ever  Marketing-qualified lead"


def test_the_day_says_what_sales_made_of_its_leads_and_who_comes_back(report: str) -> None:
    """SL-10: 43 + 13 decisions, and what was ignored counts against sales. LC-8: monthly, from the day on which they came."""
    told = part(report, "Where the leads stand, by their histories")[-1]
    assert told.startswith("43 of 56 accepted, 76.8 %, between 64.2 % and 85.9 % with 95 % confidence: watch_high.")
    assert "Rejected: wrong_timing 7, bad_fit 3, wrong_role 2, low_intent 1. Ignored: 14, counted against sales." in told
    assert part(report, "Who comes back in the week ahead")[0] == "2 to re engage, 16 to re score"


# --------------------------------------------------------------------------------------------------------- a million leads


def test_a_table_of_leads_is_told_what_the_objects_are() -> None:
    """FD-4: the README's second example, with fewer leads; every tier is there."""
    arguments = [str(EXAMPLES / "million_leads.py"), "20000"]
    program = f"import runpy, sys; sys.argv = {arguments!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    told = run(program, {"PYTHONHASHSEED": "0"}).decode("utf-8")
    assert re.search(r"^20,000 leads and 40,000 activities in [\d.]+ seconds: [\d,]+ a second on this machine\.$", told, re.MULTILINE)
    counts = {tier: int(number.replace(",", "")) for tier, number in re.findall(r"^(\w+) +([\d,]+)$", told, re.MULTILINE)}
    assert (sum(counts.values()), set(counts)) == (20_000, {"T1", "T2", "T3", "NURTURE"})
    assert "The objects say the same of the first 1,000: {" in told
