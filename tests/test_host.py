"""The service of docs/examples/inbound_host.py: its answers, and its life with several processes, crashes and clients who repeat.

Needs fastapi, uvicorn and httpx; without them it is skipped at a desk, and fails where `CI` is set.
"""

import ast
import asyncio
import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from attrs import field, frozen

import inbound_engine as ie
from inbound_engine import facts, following, intake, reported, rotation
from inbound_engine.actions import Action
from inbound_engine.cases import Progress
from inbound_engine.documents import changed
from tests.places import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PAGE = ROOT / "docs" / "how-to" / "build-a-service.md"
ABSENT = [name for name in ("fastapi", "httpx", "uvicorn") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(ABSENT) and not os.environ.get("CI"), reason=f"needs {', '.join(ABSENT)}, which the extra dev has")

ENGINE = ie.Engine(ie.Policy())
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Answer: TypeAlias = tuple[int, Any]
Request: TypeAlias = tuple[str, str, object]


def minutes(number: int) -> datetime:
    """So many minutes after nine on Monday."""
    return MONDAY + timedelta(minutes=number)


def form(lead: str, at: datetime = MONDAY) -> dict[str, Any]:
    """A form in which somebody asks for a demo: T2, owed an answer within 5 minutes, on the hours of nobody in particular."""
    asked = {"id": f"{lead}-asked", "kind": "demo_request", "at": at.isoformat()}
    return {"id": lead, "title": "VP Sales", "country": "DE", "email": f"{lead}@acme.example", "activities": [asked]}


def visit(name: str, at: datetime = MONDAY) -> dict[str, Any]:
    return {"kind": "activity", "body": {"id": name, "kind": "visit", "at": at.isoformat()}}


def call(lead: str, at: datetime) -> dict[str, Any]:
    told = {
        "id": f"{lead}-call",
        "lead_id": lead,
        "rep": "ada",
        "channel": "call",
        "at": at.isoformat(),
        "human": True,
        "outcome": "connected",
    }
    return {"kind": "outreach", "body": told}


def team_of(*reps: str) -> ie.Roster:
    return ie.Roster(reps=tuple(ie.Rep(id=rep, role="SDR") for rep in reps))


@pytest.fixture(scope="module")
def module() -> ModuleType:
    """The example, as a module."""
    spec = importlib.util.spec_from_file_location("inbound_host", EXAMPLES / "inbound_host.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


# ------------------------------------------------------------------------------------------------------------- in process


class Service:
    """The service in this process, asked one request after another."""

    def __init__(self, module: ModuleType, database: Path, *, engine: ie.Engine = ENGINE, earlier: tuple[ie.Engine, ...] = ()) -> None:
        self.at = MONDAY
        self.before_the_clock: list[Callable[[], object]] = []
        team = engine.team(team_of("ada", "ben"))
        self.host = module.Host(engine, team, str(database), earlier=earlier, clock=self.clock)
        self.app = module.application(self.host)

    def clock(self) -> datetime:
        """The instant; what is to happen just before it is read, happens once."""
        if self.before_the_clock:
            self.before_the_clock.pop(0)()
        return self.at

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        import httpx  # noqa: PLC0415 - it may be absent

        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://host") as client:
                return await client.request(method, path, json=body)

        answer = asyncio.run(asked())
        return answer.status_code, answer.json()

    def rows(self, statement: str, *values: object) -> list[Any]:
        return rows(Path(self.host.database), statement, *values)


def rows(database: Path, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(statement, values).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "inbound.db"


@pytest.fixture
def service(module: ModuleType, database: Path) -> Service:
    return Service(module, database)


def test_a_lead_is_answered_with_where_it_stands_and_why(service: Service) -> None:
    status, told = service.ask("POST", "/leads", form("L-1"))
    assert status == 201
    assert (told["lead"], told["tier"], told["stage"], told["rep"], told["waits"]) == ("L-1", "T2", "MQL", "ada", None)
    assert told["words"].startswith("L-1 is a good lead.")
    assert "ada has it: it was their turn." in told["words"]
    assert "acme" not in json.dumps(told)
    assert service.ask("GET", "/leads/L-1") == (200, told)


def test_a_form_that_cannot_be_read_is_refused_with_its_path_and_what_to_do(service: Service) -> None:
    status, told = service.ask("POST", "/leads", {"id": "L-1", "country": "Germany"})
    assert status == 422
    assert told["path"] == "country"
    assert told["hint"] == 'Write it like "DE".'
    assert told["problem"].startswith("country: saw 'Germany'")
    assert service.rows("SELECT * FROM journal") == []


def test_a_form_sent_twice_is_one_lead_with_one_rep(service: Service) -> None:
    first = service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(3)
    assert service.ask("POST", "/leads", form("L-1")) == (200, first[1])
    assert len(service.rows("SELECT * FROM turns")) == 1
    assert len(service.rows("SELECT * FROM journal")) == 1


@pytest.mark.parametrize(("method", "path", "body"), [("GET", "/leads/L-9", None), ("POST", "/leads/L-9/reports", visit("v"))])
def test_a_lead_that_never_came_in_is_not_found(service: Service, method: str, path: str, body: object) -> None:
    assert service.ask(method, path, body) == (404, {"detail": "No lead of that id came in."})


def test_an_id_may_have_slashes(service: Service) -> None:
    service.ask("POST", "/leads", form("web/1"))
    assert service.ask("POST", "/leads/web/1/reports", visit("v"))[0] == 200
    assert service.ask("GET", "/leads/web/1")[1]["reports"] == 2


def test_a_report_told_twice_counts_once(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    first, again = (service.ask("POST", "/leads/L-1/reports", visit("v")) for _ in range(2))
    assert (first[0], first[1]["repeated"], first[1]["reports"]) == (200, False, 2)
    assert (again[0], again[1]["repeated"], again[1]["reports"]) == (200, True, 2)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "visit", "body": {}}, "report.kind"),
        ({"kind": "activity", "body": {"id": "v", "kind": "visits", "at": "2026-03-02T09:00Z"}}, "report.body.kind"),
        ({"kind": "outreach", "body": {"id": "c", "lead_id": "L-1"}}, "report.body.rep"),
        ({"kind": "happened", "body": {"id": "h", "at": "2026-03-02T09:00Z"}}, "report.body.event"),
        ({"kind": "auto_reply", "body": {"id": "r", "at": "2026-03-02T09:00Z", "until": "soon"}}, "report.body.until"),
        ({"kind": "released", "body": {"id": "", "at": "2026-03-02T09:00Z"}}, "report.body.id"),
    ],
)
def test_a_report_that_cannot_be_read_is_refused_and_changes_nothing(service: Service, body: object, path: str) -> None:
    service.ask("POST", "/leads", form("L-1"))
    status, told = service.ask("POST", "/leads/L-1/reports", body)
    assert (status, told["path"]) == (422, path)
    assert len(service.rows("SELECT * FROM journal")) == 1


def test_a_report_from_a_fast_clock_is_to_be_told_again(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    assert service.ask("POST", "/leads/L-1/reports", visit("v", minutes(2)))[0] == 409
    service.at = minutes(2)
    assert service.ask("POST", "/leads/L-1/reports", visit("v", minutes(2)))[0] == 200


def test_an_event_that_the_lifecycle_refuses_is_told_as_refused(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(1)
    told = {"kind": "happened", "body": {"id": "h", "at": service.at.isoformat(), "event": "disqualified"}}
    assert service.ask("POST", "/leads/L-1/reports", told)[1]["refused"] == ["disqualified: missing_data"]


def test_a_tick_asks_the_cases_whose_instant_has_come_and_no_other(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(4)
    service.ask("POST", "/leads", form("L-2", minutes(4)))
    service.at = minutes(5)
    assert service.ask("POST", "/due") == (200, {"asked": 1, "failed": 0})
    assert service.ask("POST", "/due") == (200, {"asked": 0, "failed": 0})
    escalated = [action for action in service.ask("GET", "/actions")[1] if action["kind"] == "escalate"]
    assert [(action["lead_id"], action["at"]) for action in escalated] == [("L-1", "2026-03-02T09:05:00Z")]


def test_an_action_is_shown_until_it_is_done(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    shown = [action["key"] for action in service.ask("GET", "/actions")[1]]
    assert shown[0] == "L-1#1/hand_over/ada"
    assert [action["key"] for action in service.ask("GET", "/actions?most=1")[1]] == shown[:1]
    assert service.ask("POST", "/actions/done", [shown[0], "of nobody"]) == (200, 1)
    assert service.ask("POST", "/actions/done", [shown[0]]) == (200, 0)
    assert [action["key"] for action in service.ask("GET", "/actions")[1]] == shown[1:]


def test_whoever_is_sought_is_found_at_once(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(15)
    service.ask("POST", "/due")
    assert service.ask("GET", "/leads/L-1")[1]["rep"] == "ben"
    assert service.rows("SELECT key FROM outbox WHERE kind = 'seek_rep' AND done_at IS NULL") == []


def test_a_lead_given_out_elsewhere_counts_for_the_rotation(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(1)
    entry = rotation.Entry(lead_id="L-1", attempt=2, rep="ben", at=service.at, day=service.at.date(), shares=(("ada", 1), ("ben", 1)))
    told = reported.to_dict(reported.Routed(id="by hand", at=service.at, entry=entry, rep=ie.Rep(id="ben", role="SDR")))
    assert service.ask("POST", "/leads/L-1/reports", told)[1]["rep"] == "ben"
    assert service.ask("POST", "/leads/L-1/reports", told)[1]["repeated"]
    assert rotated(Path(service.host.database))[0] == rotation.replay(entries(Path(service.host.database)))
    assert len(entries(Path(service.host.database))) == 2


# ----------------------------------------------------------------------------------------------------- somebody was faster


def test_two_workers_who_saw_the_same_rotation_do_not_both_give_to_the_same_rep(module: ModuleType, database: Path) -> None:
    slow, fast = Service(module, database), Service(module, database)
    slow.before_the_clock = [lambda: fast.ask("POST", "/leads", form("L-2"))]
    assert slow.ask("POST", "/leads", form("L-1"))[1]["rep"] == "ben"
    assert fast.ask("GET", "/leads/L-2")[1]["rep"] == "ada"
    state, version = rotated(database)
    assert version == 2
    assert state == rotation.replay(entries(database))
    assert rotation.fairness(state) == {}


def test_two_workers_who_saw_the_same_case_tell_it_both_reports(module: ModuleType, database: Path) -> None:
    slow, fast = Service(module, database), Service(module, database)
    slow.ask("POST", "/leads", form("L-1"))
    slow.before_the_clock = [lambda: fast.ask("POST", "/leads/L-1/reports", visit("of the fast"))]
    assert slow.ask("POST", "/leads/L-1/reports", visit("of the slow"))[1]["reports"] == 3
    told = [
        json.loads(row)["report"]["body"]["id"] for (row,) in rows(database, "SELECT row FROM journal WHERE number > 0 ORDER BY number")
    ]
    assert told == ["of the fast", "of the slow"]


def test_two_workers_who_got_the_same_form_make_one_lead(module: ModuleType, database: Path) -> None:
    slow, fast = Service(module, database), Service(module, database)
    slow.before_the_clock = [lambda: fast.ask("POST", "/leads", form("L-1"))]
    assert slow.ask("POST", "/leads", form("L-1"))[0] == 200
    assert len(entries(database)) == 1


def test_two_ticks_at_once_escalate_once(module: ModuleType, database: Path) -> None:
    slow, fast = Service(module, database), Service(module, database)
    slow.ask("POST", "/leads", form("L-1"))
    slow.at = fast.at = minutes(5)
    slow.before_the_clock = [lambda: None, lambda: fast.ask("POST", "/due")]  # after the tick has looked whom to ask
    assert slow.ask("POST", "/due")[1] == {"asked": 1, "failed": 0}
    assert rows(database, "SELECT count(*) FROM outbox WHERE kind = 'escalate'") == [(1,)]


def test_whoever_is_always_too_late_is_told_to_come_again(service: Service) -> None:
    with closing(sqlite3.connect(service.host.database)) as db, db:
        db.execute("INSERT INTO turns VALUES (0, '')")  # as if another had taken the turn, each time
    assert service.ask("POST", "/leads", form("L-1"))[0] == 503
    assert service.rows("SELECT * FROM journal") == []


# ---------------------------------------------------------------------------------------------------------------- crashes


def test_a_rep_who_was_sought_when_the_host_went_down_is_found_by_the_next_tick(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(15)
    service.before_the_clock = [lambda: None, lambda: None, lambda: 1 // 0]  # the tick, the case, then the search
    assert service.ask("POST", "/due") == (200, {"asked": 1, "failed": 1})
    assert service.ask("GET", "/leads/L-1")[1]["rep"] == "ada"
    assert service.ask("POST", "/due") == (200, {"asked": 1, "failed": 0})
    assert service.ask("GET", "/leads/L-1")[1]["rep"] == "ben"
    assert service.ask("POST", "/due") == (200, {"asked": 0, "failed": 0})


def test_a_search_that_is_late_finds_nobody_where_nobody_is_sought_any_more(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.at = minutes(15)
    service.before_the_clock = [lambda: None, lambda: None, lambda: 1 // 0]
    service.ask("POST", "/due")
    rejected = {"id": "h", "at": service.at.isoformat(), "event": "rejected", "data": {"category": "bad_fit"}}
    assert service.ask("POST", "/leads/L-1/reports", {"kind": "happened", "body": rejected})[1]["stage"] == "LEAD"
    assert service.ask("POST", "/due") == (200, {"asked": 1, "failed": 0})
    assert len(entries(Path(service.host.database))) == 1
    assert service.rows("SELECT key FROM outbox WHERE kind = 'seek_rep' AND done_at IS NULL") == []


def test_a_case_that_fails_holds_up_no_other(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.ask("POST", "/leads", form("L-2"))
    with closing(sqlite3.connect(service.host.database)) as db, db:
        db.execute("UPDATE journal SET row = '{}' WHERE lead = 'L-1'")
    service.host.cases.clear()
    service.at = minutes(5)
    assert service.ask("POST", "/due") == (200, {"asked": 2, "failed": 1})
    assert "the case of L-1" in caplog.text
    assert service.rows("SELECT lead FROM outbox WHERE kind = 'escalate'") == [("L-2",)]


def test_a_host_that_starts_again_reads_its_cases_from_the_journal(module: ModuleType, database: Path, service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.ask("POST", "/leads/L-1/reports", visit("v"))
    assert Service(module, database).ask("GET", "/leads/L-1") == service.ask("GET", "/leads/L-1")


def test_a_new_policy_goes_on_with_the_cases_of_the_old_one(module: ModuleType, database: Path, service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    april = ie.Engine(changed(ie.Policy(), {"name": "April"}))
    after = Service(module, database, engine=april, earlier=(ENGINE,))
    assert after.ask("POST", "/leads/L-1/reports", visit("v"))[1]["policy"] == april.compiled.fingerprint
    assert Service(module, database, engine=april, earlier=(ENGINE,)).ask("GET", "/leads/L-1") == after.ask("GET", "/leads/L-1")


def test_what_is_kept_in_memory_is_bounded(service: Service) -> None:
    service.ask("POST", "/leads", form("L-1"))
    service.host.cases.update({f"X-{number}": service.host.cases["L-1"] for number in range(9_999)})
    service.ask("POST", "/leads", form("L-2"))
    assert [*service.host.cases] == ["L-2"]
    assert service.ask("GET", "/leads/L-1")[1]["rep"] == "ada"


def test_the_service_is_made_of_what_the_environment_says(module: ModuleType, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOUND_TEAM", str(EXAMPLES / "sample" / "team.json"))
    monkeypatch.setenv("INBOUND_DATABASE", str(database))
    paths = set(module.service().openapi()["paths"])
    assert paths == {"/leads", "/leads/{lead}", "/leads/{lead}/reports", "/due", "/actions", "/actions/done"}
    assert rows(database, "SELECT version FROM rotation") == [(0,)]


# ------------------------------------------------------------------------------------------- several processes, and a kill

SERVER = """
    import json, socket, sys
    from datetime import datetime
    from pathlib import Path

    import uvicorn

    examples, database, instant = sys.argv[1:]
    sys.path.insert(0, examples)
    import inbound_engine as ie
    from inbound_host import Host, application

    engine = ie.Engine(ie.Policy())
    reps = tuple(ie.Rep(id=rep, role="SDR") for rep in ("ada", "ben", "cem", "dee"))
    clock = lambda: datetime.fromisoformat(Path(instant).read_text())
    app = application(Host(engine, engine.team(ie.Roster(reps=reps)), database, clock=clock))
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
"""
LEADS = [f"L-{number:02}" for number in range(40)]
CALLED = LEADS[::4]  # answered by a call within the five minutes
BUSY = LEADS[1]  # the lead of whom everybody reports at once
VISITS = 32  # as many as leads come in at the same time


@frozen
class Worker:
    """A process of the service."""

    process: subprocess.Popen[str]
    port: int


class Farm:
    """Two processes of the service over one database, a clock for both, and clients that repeat what got no answer."""

    def __init__(self, folder: Path) -> None:
        import httpx  # noqa: PLC0415 - it may be absent

        self.client, self.cut_off = httpx.Client(timeout=30, trust_env=False), httpx.TransportError
        self.database, self.instant, self.log = folder / "inbound.db", folder / "instant", folder / "log"
        self.workers: list[Worker] = []
        self.unanswered = 0
        self.set_clock(MONDAY)

    def set_clock(self, at: datetime) -> None:
        following = self.instant.with_suffix(".next")
        following.write_text(at.isoformat(), encoding="ascii")
        following.replace(self.instant)

    def begun(self) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", dedent(SERVER), str(EXAMPLES), str(self.database), str(self.instant)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        with self.log.open("a") as log:
            return subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self, number: int) -> None:
        """Starts so many at once."""
        processes = [self.begun() for _ in range(number)]
        for process in processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.strip().isdigit(), self.log.read_text()
            self.workers.append(Worker(process, int(line)))

    def kill(self) -> None:
        """Kills one of them at once, and starts another in its place."""
        worker = self.workers[0]
        worker.process.kill()
        worker.process.communicate(timeout=10)
        self.start(1)
        self.workers.remove(worker)

    def stop(self) -> None:
        self.client.close()
        for worker in self.workers:
            worker.process.kill()
            worker.process.communicate(timeout=10)

    def ask(self, turn: int, method: str, path: str, body: object = None) -> Answer:
        """The answer to one request, which is repeated, to whichever process runs, until there is one."""
        for attempt in range(200):
            workers = tuple(self.workers)
            url = f"http://127.0.0.1:{workers[(turn + attempt) % len(workers)].port}{path}"
            try:
                answer = self.client.request(method, url, json=body)
            except self.cut_off:
                self.unanswered += 1
                time.sleep(0.02)
            else:
                return answer.status_code, answer.json()
        raise AssertionError(self.log.read_text())

    def ask_all(self, requests: list[Request], *, kill_after: int | None = None) -> list[Answer]:
        """The answers to many requests at once; after so many of them a process is killed."""
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self.ask, turn, *request) for turn, request in enumerate(requests)]
            if kill_after is not None:
                asked[kill_after].result()
                self.kill()
            return [one.result() for one in asked]


@frozen
class Life:
    """What the clients of the farm were told, and what it left behind."""

    database: Path
    log: str
    unanswered: int
    arrived: list[Answer]
    reported: list[Answer]
    ticked: list[Answer]
    shown: Mapping[str, list[Answer]] = field(repr=False)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Forty leads, each sent twice; visits and calls, each told twice; ticks from everywhere; a kill among forms, one among ticks."""
    farm = Farm(tmp_path_factory.mktemp("farm"))
    ticks: list[Request] = [("POST", "/due", None)] * 8
    try:
        farm.start(2)
        arrived = farm.ask_all([("POST", "/leads", form(lead)) for lead in LEADS[:8] for _ in range(2)])
        forms: list[Request] = [("POST", "/leads", form(lead)) for lead in LEADS[8:] for _ in range(2)]
        visits: list[Request] = [("POST", f"/leads/{BUSY}/reports", visit(f"visit-{number // 2}")) for number in range(2 * VISITS)]
        mixed = farm.ask_all([request for pair in zip(forms, visits, strict=True) for request in pair], kill_after=20)
        farm.set_clock(minutes(3))
        calls = farm.ask_all([("POST", f"/leads/{lead}/reports", call(lead, minutes(2))) for lead in CALLED for _ in range(2)])
        farm.set_clock(minutes(5))
        ticked = farm.ask_all(ticks)
        farm.set_clock(minutes(15))
        ticked += farm.ask_all(ticks, kill_after=0)
        ticked += farm.ask_all(ticks)
        shown = {lead: [farm.ask(turn, "GET", f"/leads/{lead}") for turn in range(2)] for lead in LEADS}
    finally:
        farm.stop()
    return Life(
        farm.database, farm.log.read_text(encoding="utf-8"), farm.unanswered, arrived + mixed[::2], mixed[1::2] + calls, ticked, shown
    )


def told_again(journal: list[Any]) -> tuple[Progress, list[Action]]:
    """The case that a journal tells, and every action that it gave, in order."""
    opening = journal[0]["report"]
    lead, found = intake.restored(opening["lead"]), reported.restored(opening["routed"])
    assert isinstance(found, reported.Routed)
    progress = following.opened(ENGINE.compiled, lead, at=datetime.fromisoformat(journal[0]["at"]), route=lambda view: found)
    actions = [*progress.actions]
    for row in journal[1:]:
        at, report = datetime.fromisoformat(row["at"]), row["report"]
        case = progress.case
        progress = ENGINE.due(case, at=at) if report["kind"] == "passed" else ENGINE.step(case, reported.restored(report), at=at)
        actions += progress.actions
    return progress, actions


def journal_of(database: Path, lead: str) -> list[Any]:
    return [json.loads(row) for (row,) in rows(database, "SELECT row FROM journal WHERE lead = ? ORDER BY number", lead)]


def test_clients_were_cut_off(life: Life) -> None:
    """Else the tests below would tell of no crash."""
    assert life.unanswered > 0


def test_no_process_had_an_error_of_its_own(life: Life) -> None:
    assert life.log == ""


def test_every_request_was_answered_in_the_end(life: Life) -> None:
    assert {status for status, _ in life.arrived} <= {200, 201}
    assert {status for status, _ in life.reported} == {200}
    assert {status for status, _ in life.ticked} == {200}
    assert sum(told["failed"] for _, told in life.ticked) == 0


def test_no_lead_is_lost(life: Life) -> None:
    assert {told["lead"] for _, told in life.arrived} == set(LEADS)
    assert rows(life.database, "SELECT lead FROM journal WHERE number = 0 ORDER BY lead") == [(lead,) for lead in LEADS]
    assert rows(life.database, "SELECT lead FROM cases ORDER BY lead") == [(lead,) for lead in LEADS]


def test_no_lead_is_assigned_twice(life: Life) -> None:
    """Ten were answered; the thirty others were given to somebody else after fifteen minutes, once."""
    log = entries(life.database)
    assert Counter((entry.lead_id, entry.attempt) for entry in log) == Counter(
        [(lead, 1) for lead in LEADS] + [(lead, 2) for lead in LEADS if lead not in CALLED]
    )
    for lead in LEADS:
        reps = [entry.rep for entry in log if entry.lead_id == lead]
        assert len({*reps}) == len(reps)
        assert life.shown[lead][0][1]["rep"] == reps[-1]


def test_the_rotation_is_what_its_log_says(life: Life) -> None:
    state, version = rotated(life.database)
    log = entries(life.database)
    assert rotation.replay(log) == state
    assert version == len(log) == 70
    assert rows(life.database, "SELECT min(version), max(version) FROM turns") == [(0, 69)]


def test_the_first_forty_turns_were_fair(life: Life) -> None:
    firsts = [entry for entry in entries(life.database) if entry.attempt == 1]
    assert Counter(entry.rep for entry in firsts) == {"ada": 10, "ben": 10, "cem": 10, "dee": 10}
    assert all(abs(owed) < Fraction(3) for owed in rotation.fairness(rotated(life.database)[0]).values())


def test_no_step_is_escalated_twice(life: Life) -> None:
    """After five minutes, for those who had no answer."""
    told = rows(life.database, "SELECT lead FROM outbox WHERE kind = 'escalate' AND key LIKE '%/first_response/%' ORDER BY lead")
    assert told == [(lead,) for lead in LEADS if lead not in CALLED]


def test_every_action_is_given_once(life: Life) -> None:
    for lead in LEADS:
        _, actions = told_again(journal_of(life.database, lead))
        given = rows(life.database, "SELECT key FROM outbox WHERE lead = ? ORDER BY number", lead)
        assert [action.key for action in actions] == [key for (key,) in given]


def test_no_rep_is_sought_any_more(life: Life) -> None:
    assert rows(life.database, "SELECT count(*), count(done_at) FROM outbox WHERE kind = 'seek_rep'") == [(30, 30)]


def test_every_case_is_the_fold_of_its_journal(life: Life) -> None:
    for lead in LEADS:
        journal = journal_of(life.database, lead)
        case = ENGINE.resume(journal)
        assert case == told_again(journal)[0].case
        told = json.loads(json.dumps({**case.to_dict(redact=True), "words": ENGINE.explain(case)}))
        assert life.shown[lead] == [(200, told), (200, told)]
        assert rows(life.database, "SELECT rep FROM cases WHERE lead = ?", lead) == [(case.rep,)]


def test_every_report_counts_once(life: Life) -> None:
    names = [row["report"]["body"]["id"] for row in journal_of(life.database, BUSY) if row["report"]["kind"] == "activity"]
    assert sorted(names) == sorted(f"visit-{number}" for number in range(VISITS))
    assert (
        sum(facts.to_dict(activity)["kind"] == "visit" for activity in ENGINE.resume(journal_of(life.database, BUSY)).lead.activities or ())
        == VISITS
    )


def test_nothing_is_due_after_the_last_tick(life: Life) -> None:
    assert rows(life.database, "SELECT lead FROM cases WHERE ask_again_at <= ?", minutes(15).timestamp()) == []


# ------------------------------------------------------------------------------------------------------------ what is kept


def rotated(database: Path) -> tuple[rotation.Rotation, int]:
    """The rotation and its version."""
    ((version, state),) = rows(database, "SELECT version, state FROM rotation")
    return rotation.restored(json.loads(state)), version


def entries(database: Path) -> list[rotation.Entry]:
    """The log of the rotation."""
    return [rotation.entry_of(json.loads(entry)) for (entry,) in rows(database, "SELECT entry FROM turns ORDER BY version")]


# ---------------------------------------------------------------------------------------------------------------- the page


def test_the_page_has_the_whole_program_in_its_order() -> None:
    """What stands between the blocks of the program are empty lines."""
    rest = (EXAMPLES / "inbound_host.py").read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        before, found, after = rest.partition(block)
        if found:
            assert before.strip() == ""
            rest = after
    assert rest.strip() == ""


def test_the_program_is_short_enough_to_be_read() -> None:
    """Below 150 lines, without those that are empty and docstrings."""
    text = (EXAMPLES / "inbound_host.py").read_text(encoding="utf-8")
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    assert sum(bool(line.strip()) and number not in told for number, line in enumerate(text.splitlines(), start=1)) < 150
