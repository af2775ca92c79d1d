"""The sample and the day that is told of it.

The tier counts here were counted once by other code, over the plain JSON, and typed in by hand.
"""

import json
import re
import subprocess
import sys
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
        "tier:T1    11  handed off to sales",
        "tier:T2    54  handed off to sales",
        "tier:T3    42  held by marketing",
        "in all    107",
    ],
)
def test_the_day_counts_tiers_and_mqls(report: str, line: str) -> None:
    assert line in report


@pytest.mark.parametrize(
    ("record", "name", "field", "seen"),
    [
        (19, "B-01", "country", "'Germany'"),
        (37, "B-02", "created_at", "an ISO 8601 instant with its offset"),
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


def test_the_day_names_the_ten_best_in_order(report: str) -> None:
    best = re.findall(r"^ ?(\d+)\. (L-\d{4}) .* (T\d)  Selection +([\d.]+)  Urgency +([\d.]+) ", report, re.MULTILINE)
    assert [place for place, *_ in best] == [str(place) for place in range(1, 11)]
    assert [lead for _, lead, *_ in best] == [
        "L-0019", "L-0015", "L-0074", "L-0004", "L-0100", "L-0131", "L-0182", "L-0202", "L-0176", "L-0171",
    ]  # fmt: skip
    assert {tier for _, _, tier, *_ in best} == {"T1"}
    assert best[0][3:] == ("100", "90")


def test_the_day_tells_of_no_person(report: str) -> None:
    names = {str(record["name"]) for record in records() if "name" in record}
    assert [name for name in names if name in report] == []
    assert re.findall(r"\S+@\S+", report) == ['"ana@acme.example".']  # how to write an address


def test_the_day_fits_a_terminal(report: str) -> None:
    assert max(map(len, report.splitlines())) <= 110
    assert report.isascii()


def test_the_day_is_told_alike_under_every_hash_seed(report: str) -> None:
    assert told("1") == report


# --------------------------------------------------------------------------------------------------------------- routing


def test_the_day_gives_every_lead_that_sales_gets_to_somebody(report: str) -> None:
    """RT-5: 11 T1 and 54 T2."""
    table = report.partition("Who takes the leads that sales is given")[2].partition("One route in full")[0]
    assert "65 leads have somebody, 0 wait" in table
    rows = re.findall(r"^(\w+) +(\d+) +(\d+) +([\d.]+) +(-?[\d.]+) +(\d+)$", table, re.MULTILINE)
    assert sum(int(by_name) + int(by_turn) for _, by_name, by_turn, *_ in rows) == 65
    assert sum(float(due) for *_, due, _, _ in rows) == sum(int(by_turn) for _, _, by_turn, *_ in rows)
    assert max(abs(float(ahead)) for *_, ahead, _ in rows) == 0.5
    assert {rep: int(refused) for rep, *_, refused in rows if refused != "0"} == {"carla": 3, "dilek": 2, "gerrit": 2}  # 8 a day each
    assert {rep: int(by_name) for rep, by_name, *_ in rows if by_name != "0"} == {"anna": 2, "bernd": 1, "emma": 2}
    assert "hanna" not in {rep for rep, *_ in rows}  # away, also from the account of which she is the owner


def test_the_day_tells_one_route_in_full(report: str) -> None:
    """RT-9: every step in order, and what would have had to be different; a cap and an absence are in the way."""
    told = unwrapped(report.partition("One route in full: the longest trail")[2].partition("Where the leads stand")[0])
    asked = re.findall(r"routing\.(?:lanes|territories|steps)\[([\w-]+)\]", told)
    steps = ["backup", "open_opportunity_owner", "named_account", "account_owner", "pool", "territory_pool"]
    assert asked == ["T1", "T2", "dach", "british-isles", "nordics-benelux", *steps]
    assert "L-0005 goes to emma by territory_pool." in told
    assert "refused gerrit day_cap, refused hanna away" in told
    assert "gerrit would have it with per day: 8 to 9." in told
    assert "hanna would have it with away: until 2026-03-04 07:00 UTC to back." in told


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
    told = report.partition("What the documents' deal of 95,000 euros is worth to whom")[2].splitlines()[2:7]
    assert told == [
        "D-1 under w_shaped: EUR 95000.00 of revenue.",
        "  EUR 28500.00  T-1 LinkedIn ad, first, 30 %",
        "  EUR 19000.00  T-2 Organic, lead, 20 %",
        "  EUR 28500.00  T-3 Webinar email, opportunity, 30 %",
        "  EUR 19000.00  T-4 Retargeting, close, 20 %",
    ]


def test_every_model_of_the_day_gives_away_all_that_was_won(report: str) -> None:
    """AT-6, AD-16: 95,000 + 48,000 + 36,500.01 + 12,000; the deal without a touch stands apart."""
    table = report.partition("The deals that are won, by channel, under six models")[2].partition("From budget to revenue")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")]
    assert rows[0] == ["channel", "w_shaped", "market_w", "full_path", "first", "last", "linear"]
    columns = list(zip(*(row[1:] for row in rows[2:]), strict=True))
    assert [sum(Decimal(cell or 0) for cell in column) for column in columns] == [Decimal("191500.01")] * 6
    assert rows[-1] == ["UNATTRIBUTED", *["12000.00"] * 6]


def test_the_day_follows_the_money_back_to_what_was_spent(report: str) -> None:
    """AT-7, UT-4: what fell off and what arrived are what was won; campaign revenue is too."""
    told = unwrapped(report.partition("From budget to revenue: what fell off, and where")[2].partition("The touches that follow")[0])
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


@pytest.mark.parametrize(
    "line",
    [
        "  hand_raiser: 3 of 17 missed, 17.6 % (6.2 % to 41 %); ",
        "  dilek: 1 of 1 missed, 100.0 % (20.7 % to 100 %); median 0:18:23, of the answered 0:18:23",
        "  carla: 1 of 2 missed, 50.0 % (9.5 % to 90.5 %); median unknown, of the answered 1:36:42",
        "Promises of five minutes: miss rate is over the limit. Escalate at once.",
    ],
)
def test_the_day_says_which_promises_were_kept(report: str, line: str) -> None:
    """SL-8: the misses were counted once by other code, minute by minute over the plain JSON."""
    assert line in report


def test_the_day_tells_the_ladder_of_a_t1_that_was_missed(report: str) -> None:
    """SL-3: escalated after 5 minutes, re-routed after 15, in the rep's own time."""
    told = report.partition("One that was missed: every step that came, and when")[2].splitlines()[2:8]
    assert told == [
        "L-0100 (T1), promise hand_raiser, held by dilek, on Calendar('Europe/Zurich', Mon-Fri 09:00-17:00)",
        "start      Mon 02 Mar 16:01:00 CET",
        "deadline   Mon 02 Mar 16:06:00 CET",
        "escalate   Mon 02 Mar 16:06:00 CET  to the sales manager",
        "reroute    Mon 02 Mar 16:16:00 CET  to the backup rep",
        "answer     Mon 02 Mar 16:19:23 CET  after 0:18:23 of business time, 0:13:23 too late",
    ]


def test_the_day_plans_the_touches_of_the_best_lead_in_its_own_time(report: str) -> None:
    """CD-2: it came in at 18:00 in Zurich, so that the call waits for the morning and the confirmation does not."""
    told = report.partition("The touches that follow for the best lead, in its local time")[2].splitlines()[2:]
    assert told[0] == "L-0019 Pallas Software, sequence T1, zone Europe/Zurich (country)"
    assert [line[:32].rstrip() for line in told[1:] if line] == [
        "Mon 02 Mar 18:00 CET  email",
        "Tue 03 Mar 09:00 CET  call",
        "Wed 04 Mar 10:00 CET  email",
        "Fri 06 Mar 12:00 CET  call",
        "Fri 06 Mar 12:00 CET  email",
        "Tue 10 Mar 10:00 CET  email",
        "Thu 12 Mar 09:00 CET  enrolment",
    ]
    assert "(at any hour)" in told[1]


# ---------------------------------------------------------------------------------------------------------------- lives


@pytest.mark.parametrize(
    "line",
    [
        "SUBSCRIBER      28 now,  228 ever  Subscriber",
        "MQL            100 now,  108 ever  Marketing-qualified lead",
        "SQL              3 now,    3 ever  Sales-qualified lead",
        "RECYCLED         1 now,    1 ever  Recycled",
    ],
)
def test_the_day_counts_where_the_leads_stand(report: str, line: str) -> None:
    """LC-10: 228 were captured; 107 became MQLs, and one was accepted without, of which that is inferred."""
    assert line in report


def test_the_day_tells_one_life_from_the_beginning(report: str) -> None:
    """LC-10: as it was reported, with the scores of the engine in between."""
    told = report.partition("One life, every stage with how it was entered")[2].splitlines()[2:9]
    assert told == [
        "L-0212, now SQL, lost from nowhere",
        "Fri 27 Feb 09:56 UTC  SUBSCRIBER    by the beginning; 0 hours there in all",
        "Fri 27 Feb 09:56 UTC  SUBSCRIBER    by captured; 0 hours there in all",
        "Fri 27 Feb 10:12 UTC  LEAD          by validated; 29 hours there in all",
        "Sat 28 Feb 15:33 UTC  MQL           by scored, handed_off true, tier T2; 7 hours there in all",
        "Sat 28 Feb 22:33 UTC  SAL           by accepted; 30 hours there in all",
        "Mon 02 Mar 04:33 UTC  SQL           by discovery_scheduled; 12 hours there in all",
    ]


def test_the_lives_are_those_that_were_reported() -> None:
    with (EXAMPLES / "sample" / "sales.jsonl").open(encoding="utf-8") as lines:
        reported = [row for row in map(json.loads, lines) if row["kind"] == "happened"]
    assert sum(row["event"] == "captured" for row in reported) == 228
    assert [row["at"] for row in reported if row["lead_id"] == "L-0212"] == [
        "2026-02-27T09:56:00Z", "2026-02-27T10:12:00Z", "2026-02-28T22:33:00Z", "2026-03-02T04:33:00Z", "2026-03-07T13:33:00Z",
    ]  # fmt: skip


def test_the_day_says_what_sales_made_of_its_leads_and_who_comes_back(report: str) -> None:
    """SL-10: seven decisions are too few to judge a rate by. LC-8: monthly, from the day on which they came."""
    whole = unwrapped(report)
    assert "5 of 7 accepted, 71.4 %, between 35.9 % and 91.8 % with 95 % confidence: healthy." in whole
    assert "Too few to be sure" in whole
    assert "9 to re score, 1 to reactivate" in whole


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
