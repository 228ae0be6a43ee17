"""Whom it concerns is told what is wrong, by webhook and mail: once, and once when it is over."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from crawler.store.process_identity import this_process
from newsworld.client import Client
from tests.desk import Desk

DOWN = [{"path": "/(?!robots).*", "status": 500}]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SECRET = "canary-of-a-password"
GONE = "No file in spiders/ declares faulty any more."


class Hook:
    """A web server that keeps what it is sent, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.refused = "no such word"
        """Messages with this in their title are refused."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = 500 if hook.refused in told["title"] else hook.status
                if status == 200:
                    hook.got.append(told)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self.server.server_port
        self.address = f"json://user:{SECRET}@127.0.0.1:{port}/hook?:message=text"
        """With the text of its JSON where Slack and its likes have it."""

    def titles(self) -> list[str]:
        """What it was told since it was last asked."""
        assert all(message["text"] for message in self.got)
        told, self.got = [message["title"] for message in self.got], []
        return told


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_an_outlet_that_fails_is_told_once_and_once_that_it_is_well_again(
    desk: Desk, world: Client, hook: Hook
) -> None:
    env = {"DATELINE_ALERTS": hook.address}
    assert desk.dateline("collect", "national_times", **env).code == 0
    assert hook.titles() == []
    world.faults(DOWN)
    for told in (1, 0):
        desk.database.hosts.delete_many({})
        failed = desk.dateline("collect", "national_times", **env)
        assert failed.code != 0
        assert len(hook.titles()) == told
    shown = desk.dateline("alerts", "--json", **env)
    assert shown.code == 1
    (lasting,) = shown.json()
    assert (lasting["outlet"], bool(lasting["told"])) == ("national_times", True)
    assert hook.titles() == []
    world.faults([])
    desk.database.hosts.delete_many({})
    assert desk.dateline("collect", "national_times", **env).code == 0
    (over,) = hook.titles()
    assert over.startswith("Dateline: over: ")
    assert desk.dateline("alerts", **env).out == "Nothing is wrong.\n"
    assert hook.titles() == []


def test_outlets_that_fail_for_one_cause_are_told_of_together(desk: Desk, hook: Hook) -> None:
    """What cannot be sent is sent later, that message alone; no password is ever shown."""
    desk.dateline("status")
    now = datetime.now(UTC)
    desk.database.runs.insert_many(
        {
            "_id": name,
            "outlet": name,
            "started": now,
            "ended": now,
            "outcome": "failed",
            "reason": "No source could be read.",
            "process": {},
        }
        for name in ("asianlite", "national_times")
    )
    env = {"DATELINE_ALERTS": hook.address}
    hook.status = 500
    missed = desk.dateline("alerts", **env)
    assert "could not be sent to json://user:****@127.0.0.1" in missed.err
    assert SECRET not in missed.err + missed.out
    hook.status, hook.refused = 200, "scheduler"
    ago = now - timedelta(hours=1)
    desk.database.schedulers.insert_one({"_id": "gone", "at": ago})
    desk.dateline("alerts", **env)
    assert hook.titles() == ["Dateline: failed: 2 outlets"]
    hook.refused = "no such word"
    desk.dateline("alerts", **env)
    assert hook.titles() == ["Dateline: scheduler"]


def test_a_run_that_goes_on_ends_no_trouble(desk: Desk, hook: Hook) -> None:
    """It tells only when it has ended; and no probe is told that all is well meanwhile."""
    desk.dateline("status")
    now = datetime.now(UTC)
    failed = {"outcome": "failed", "reason": "No source could be read.", "ended": now}
    running = {"outcome": "running", "reason": None, "ended": None}
    desk.database.runs.insert_many(
        {"_id": word, "outlet": "asianlite", "started": now + after, "process": {}, **run}
        for word, after, run in (
            ("one", timedelta(0), failed),
            ("two", timedelta(seconds=1), running),
        )
    )
    ahead = now + timedelta(hours=1)
    desk.database.leases.insert_one(
        {
            "_id": "asianlite",
            "token": 1,
            "holder": {**this_process(), "run": "two"},
            "since": now,
            "until": ahead,
        }
    )
    env = {"DATELINE_ALERTS": hook.address}
    desk.dateline("alerts", **env)
    assert hook.titles() == ["Dateline: failed: asianlite"]
    (problem,) = desk.dateline("health").json()["problems"]
    assert problem["problem"] == "failed"
    assert desk.run("asianlite")["outcome"] == "running"


def test_nobody_looks_any_more(desk: Desk, hook: Hook) -> None:
    """A scheduler that is gone is found out by whoever else looks."""
    env = {"DATELINE_ALERTS": hook.address}
    assert desk.dateline("collect", "--due", "national_times", **env).code == 0
    assert hook.titles() == []
    ago = datetime.now(UTC) - timedelta(minutes=16)
    assert list(desk.database.schedulers.find()) == []  # an outlet with a line of its own
    desk.database.schedulers.insert_one({"_id": "gone", "at": ago})
    desk.database.runs.update_many({}, {"$set": {"started": ago}})
    desk.dateline("alerts", **env)
    assert "Dateline: scheduler" in hook.titles()
    late = datetime.now(UTC) - timedelta(hours=2)
    desk.database.schedules.update_many({}, {"$set": {"next": late}})
    desk.dateline("alerts", **env)
    assert hook.titles() == ["Dateline: no run: national_times"]


def test_by_mail(desk: Desk) -> None:
    got: list[str] = []

    class Post:
        async def handle_DATA(  # noqa: N802 - so it is called by
            self, _: SMTP, __: Session, envelope: Envelope
        ) -> str:
            assert isinstance(envelope.content, bytes)
            got.append(envelope.content.decode())
            return "250 OK"

    desk.dateline("status")
    ago = datetime.now(UTC) - timedelta(hours=1)
    desk.database.schedulers.insert_one({"_id": "gone", "at": ago})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    post = Controller(Post(), hostname="127.0.0.1", port=port)
    post.start()
    to = f"mailto://127.0.0.1:{port}?from=dateline@example.org&to=desk@example.org"
    try:
        desk.dateline("alerts", DATELINE_ALERTS=to)
    finally:
        post.stop()
    (mail,) = got
    assert "Subject: Dateline: scheduler" in mail
    assert "Nobody has looked for what is due since" in mail


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATELINE_ALERTS", f"nowhere://{SECRET}@x", "Address 1 in DATELINE_ALERTS cannot be used"),
        ("DATELINE_ALERT_MINUTES", "soon", "DATELINE_ALERT_MINUTES=soon is not a positive number"),
    ],
)
def test_what_cannot_be_read_is_named(desk: Desk, name: str, value: str, told: str) -> None:
    for command in ("alerts", "run"):
        result = desk.dateline(command, **{name: value})
        assert result.code == 3
        assert told in result.err
        assert SECRET not in result.err
        assert "Traceback" not in result.err


def papers(folder: Path) -> dict[str, str]:
    """A project without outlets; the environment in which it is used."""
    (folder / "papers").mkdir()
    (folder / "papers/__init__.py").touch()
    own = 'from settings.test import *\nSPIDER_MODULES = ["papers"]\n'
    (folder / "paper_settings.py").write_text(own)
    return {"PYTHONPATH": str(folder), "SCRAPY_SETTINGS_MODULE": "paper_settings"}


def test_the_service_says_why_it_tells_nobody(desk: Desk, hook: Hook, tmp_path: Path) -> None:
    env = papers(tmp_path) | {"DATELINE_ALERTS": hook.address}
    desk.database.alerts.insert_one(
        {"_id": "broken", "told": None, "ended": NEVER, "claimed": NEVER}
    )
    service = desk.start("scripts.main", "run", group=False, **env)
    try:
        assert service.stderr
        told = service.stderr.readline()
        assert told == "dateline: Alerts cannot be sent: KeyError: 'cause'.\n"
        service.terminate()
        assert service.wait(timeout=desk.patience) == 0
    finally:
        service.kill()
        service.communicate()


def test_an_outlet_whose_file_is_gone(desk: Desk) -> None:
    """It is told of, and what was collected of it can be read by its name."""
    assert desk.crawl("faulty", "-s", "SPIDER_MODULES=tests.declared", "-a", "limit=2").code == 0
    (alert,) = desk.dateline("alerts", "--json").json()
    assert (alert["cause"], alert["outlet"]) == ("undeclared", "faulty")
    health = desk.dateline("health")
    assert [one["problem"] for one in health.json()["problems"]] == ["undeclared"]
    assert "faulty: was collected, and no file in" in desk.dateline("status").out
    for words, count in (
        (("articles", "--outlet", "faulty", "--json"), 2),
        (("runs", "faulty", "--json"), 1),
    ):
        shown = desk.dateline(*words)
        assert (shown.code, len(shown.json())) == (0, count)
        assert GONE in " ".join(shown.err.split())
    for command, told in (
        ("retry", "0 failed stories of faulty are due again."),
        ("relearn", "faulty has no history yet."),
        ("boilerplate", "No blocks of faulty were learnt yet."),
    ):
        shown = desk.dateline(command, "faulty")
        assert (shown.code, " ".join(shown.err.split())) == (0, f"{GONE} {told}")
    refused = desk.dateline("reparse", "faulty")
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.endswith(f"{GONE} Restore the file: its rules are needed.\n")
    assert desk.dateline("status", "faulty", "--json").json()["articles"] == 2
    assert len(desk.dateline("export", "--outlet", "faulty").out.splitlines()) == 2
    typo = desk.dateline("articles", "--outlet", "faulti")
    assert (typo.code, "There is no outlet faulti" in typo.err) == (3, True)


def test_a_file_that_cannot_be_read_is_told_of(desk: Desk, hook: Hook, tmp_path: Path) -> None:
    """By the service, too, which looks at the files anew."""
    env = papers(tmp_path) | {"DATELINE_ALERTS": hook.address}
    file = tmp_path / "papers/later.py"
    file.write_text("x = (")
    service = desk.start("scripts.main", "run", group=False, **env)
    try:
        end = time.monotonic() + desk.patience
        while not hook.got and time.monotonic() < end:
            time.sleep(0.2)
        assert hook.titles() == ["Dateline: unreadable: later"]
        service.terminate()
        _, err = service.communicate(timeout=desk.patience)
        assert err.count("papers/later.py cannot be read (line 1)") == 1
    finally:
        service.kill()
    file.unlink()
    desk.dateline("alerts", **env)
    assert hook.titles() == ["Dateline: over: unreadable: later"]
