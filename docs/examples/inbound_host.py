"""A service around the engine; docs/how-to/build-a-service.md explains it. With a team as in sample/team.json it is started by

INBOUND_TEAM=team.json INBOUND_DATABASE=inbound.db uvicorn --factory inbound_host:service --workers 2
"""

import json
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from attrs import field, frozen
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse

import inbound_engine as ie
from inbound_engine import intake, reported, rotation
from inbound_engine.cases import Case, Progress
from inbound_engine.territories import Team
from inbound_engine.verdicts import Verdict

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (lead TEXT, number INTEGER, row TEXT, PRIMARY KEY (lead, number));
CREATE TABLE IF NOT EXISTS cases (lead TEXT PRIMARY KEY, rep TEXT, ask_again_at REAL);
CREATE INDEX IF NOT EXISTS cases_due ON cases (ask_again_at);
CREATE TABLE IF NOT EXISTS rotation (id INTEGER PRIMARY KEY, version INTEGER, state TEXT);
CREATE TABLE IF NOT EXISTS turns (version INTEGER PRIMARY KEY, entry TEXT);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, key TEXT UNIQUE, kind TEXT, lead TEXT, action TEXT, done_at REAL);
"""
Came: TypeAlias = ie.Lead | reported.Report | str | None  # a lead, a report, the key of the `seek_rep` to carry out, time alone


@frozen
class Host:
    """The engine in force, the team, a database, the engines of earlier policies, a clock; and cases in memory, by their length."""

    engine: ie.Engine
    team: Team
    database: str
    earlier: tuple[ie.Engine, ...] = ()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    cases: dict[str, tuple[int, Case | None]] = field(factory=dict)
    deciding: Lock = field(factory=Lock)

    def connect(self) -> closing[sqlite3.Connection]:
        """A connection for one piece of work, which begins its transactions itself."""
        return closing(sqlite3.connect(self.database, timeout=30, isolation_level=None))

    def case(self, db: sqlite3.Connection, lead: str) -> tuple[int, Case | None]:
        """The length of the journal, and the case that it tells; the one in memory, where nothing was appended since."""
        kept, (length,) = self.cases.get(lead), db.execute("SELECT count(*) FROM journal WHERE lead = ?", (lead,)).fetchone()
        if kept is not None and kept[0] == length:
            return kept
        rows = [json.loads(row) for (row,) in db.execute("SELECT row FROM journal WHERE lead = ? ORDER BY number", (lead,))]
        return len(rows), self.engine.resume(rows, others=self.earlier) if rows else None

    def decide(self, case: Case | None, came: Came, state: rotation.Rotation, held: dict[str, int], at: datetime) -> Verdict | Progress:
        """What becomes of the case."""
        if case is None and isinstance(came, ie.Lead):
            return self.engine.decide(came, roster=self.team, rotation=state, at=at, open_leads=held)
        if case is None:
            raise HTTPException(404, "No lead of that id came in.")
        if isinstance(came, str):
            return self.engine.assign(case, self.team, state, at=at, open_leads=held)
        if came is None or isinstance(came, ie.Lead):
            return self.engine.due(case, at=at)
        return self.engine.step(case, came, at=at)

    def change(self, lead: str, came: Came = None) -> Verdict | Progress:
        """What was decided and kept, all of it or nothing; where somebody else was faster, it is decided again from what they wrote."""
        for _ in range(100):
            with self.deciding, self.connect() as db, suppress(sqlite3.IntegrityError):  # that number is taken: somebody was faster
                length, case = self.case(db, lead)
                version, text = db.execute("SELECT version, state FROM rotation").fetchone()
                held = dict(db.execute("SELECT rep, count(*) FROM cases WHERE rep IS NOT NULL GROUP BY rep").fetchall())
                state, at = rotation.restored(json.loads(text)), self.clock()
                said = self.decide(case, came, state, held, at)
                entry = came.entry if isinstance(came, reported.Routed) else said.route and said.route.entry
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    rows = [(lead, number, json.dumps(row)) for number, row in enumerate(said.rows, start=length)]
                    db.executemany("INSERT INTO journal VALUES (?, ?, ?)", rows)
                    if rows:
                        again = said.ask_again_at and said.ask_again_at.timestamp()
                        db.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?)", (lead, said.case.rep, again))
                    if rows and entry:
                        after = json.dumps(rotation.apply(state, entry).to_dict())
                        db.execute("INSERT INTO turns VALUES (?, ?)", (version, json.dumps(entry.to_dict())))
                        db.execute("UPDATE rotation SET version = version + 1, state = ? WHERE version = ?", (after, version))
                    tasks = [(action.key, action.kind, lead, json.dumps(action.to_dict())) for action in said.actions]
                    db.executemany("INSERT INTO outbox (key, kind, lead, action) VALUES (?, ?, ?, ?)", tasks)
                    db.execute("UPDATE outbox SET done_at = ? WHERE key = ?", (at.timestamp(), came if isinstance(came, str) else None))
                if len(self.cases) >= 10_000:
                    self.cases.clear()
                self.cases[lead] = (length + len(rows), said.case)
                break
        else:
            raise HTTPException(503, "Others write to it all the time: try again.")
        for action in said.actions:
            if action.kind == "seek_rep":
                self.change(lead, action.key)
        return said


def application(host: Host) -> FastAPI:
    """The service of that host."""
    app = FastAPI(title="Inbound")
    with host.connect() as db:
        db.executescript(SCHEMA)
        db.execute("INSERT OR IGNORE INTO rotation VALUES (1, 0, ?)", (json.dumps(rotation.Rotation().to_dict()),))

    @app.exception_handler(ie.FactError)
    def refuse(_: object, error: ie.FactError) -> JSONResponse:
        return JSONResponse({"path": error.problem.path, "problem": str(error), "hint": error.problem.hint}, 422)

    def shown(case: Case) -> dict[str, Any]:
        return {**case.to_dict(redact=True), "words": host.engine.explain(case)}

    @app.post("/leads")
    def arrive(form: dict[str, Any], response: Response) -> dict[str, Any]:
        lead = host.engine.read(form)
        said = host.change(lead.id, lead)
        response.status_code = 200 if isinstance(said, Progress) else 201  # 200: known before; what is new of it is a report
        return shown(said.case)

    @app.post("/leads/{lead:path}/reports")
    def report(lead: str, body: dict[str, Any]) -> dict[str, Any]:
        said = host.change(lead, host.engine.read_report(body))
        if not isinstance(said, Progress) or said.ahead:
            raise HTTPException(409, "By the clock of this service it has not happened yet: report it again then.")
        return {**shown(said.case), "repeated": said.repeated, "refused": [f"{one.event.event}: {one.code}" for one in said.refused]}

    @app.get("/leads/{lead:path}")
    def show(lead: str) -> dict[str, Any]:
        with host.connect() as db:
            _, case = host.case(db, lead)
        if case is None:
            raise HTTPException(404, "No lead of that id came in.")
        return shown(case)

    @app.post("/due")
    def due() -> dict[str, int]:
        with host.connect() as db:
            work = db.execute("SELECT lead, key FROM outbox WHERE kind = 'seek_rep' AND done_at IS NULL").fetchall()
            work += db.execute("SELECT lead, NULL FROM cases WHERE ask_again_at <= ?", (host.clock().timestamp(),)).fetchall()
        failed = 0
        for lead, key in work:
            try:
                host.change(lead, key)
            except Exception:  # it holds up no other, and comes again with the next tick
                logging.exception("the case of %s", lead)
                failed += 1
        return {"asked": len(work), "failed": failed}

    @app.get("/actions")
    def actions(most: int = 100) -> list[Any]:
        with host.connect() as db:
            rows = db.execute("SELECT action FROM outbox WHERE done_at IS NULL AND kind != 'seek_rep' ORDER BY number LIMIT ?", (most,))
            return [json.loads(action) for (action,) in rows]

    @app.post("/actions/done")
    def done(keys: list[str]) -> int:
        with host.connect() as db:
            at = host.clock().timestamp()
            return db.executemany("UPDATE outbox SET done_at = ? WHERE key = ? AND done_at IS NULL", [(at, key) for key in keys]).rowcount

    return app


def service() -> FastAPI:
    """The service, as the environment says."""
    engine = ie.Engine(ie.Policy())
    team = intake.roster(json.loads(Path(os.environ["INBOUND_TEAM"]).read_text(encoding="utf-8")))
    return application(Host(engine, engine.team(team), os.environ["INBOUND_DATABASE"]))


if __name__ == "__main__":
    print(__doc__)
