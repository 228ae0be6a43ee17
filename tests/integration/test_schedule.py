"""`collect --due` and `dateline run` on real outlets: what is due is run once, in its time."""

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsworld.client import Client
from tests.desk import PROJECT, Desk


def schedules(desk: Desk) -> dict[str, Any]:
    return {told["_id"]: told for told in desk.database.schedules.find()}


def wait_for(condition: object, process: subprocess.Popen[str], seconds: float = 100) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.2)


PAPER = """
from crawler.sources import Feed
from tests.declared.faulty import Faulty

class {name}(Faulty):
    name = "{name}"
    schedule = "{schedule}"
    sources = (Feed("/feed?{name}"),)
"""
Environment = dict[str, str]


def declare(folder: Path, name: str, schedule: str = "*/30 * * * *") -> None:
    """Write an outlet into the project that `project` has made."""
    (folder / f"papers/{name}.py").write_text(PAPER.format(name=name, schedule=schedule))


@pytest.fixture
def project(tmp_path: Path) -> Environment:
    """The environment of a project without outlets."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/__init__.py").touch()
    own = 'SPIDER_MODULES = ["papers"]\nDOWNLOAD_TIMEOUT = 30\n'
    (tmp_path / "paper_settings.py").write_text(f"from settings.test import *\n{own}")
    return {"PYTHONPATH": str(tmp_path), "SCRAPY_SETTINGS_MODULE": "paper_settings"}


def set_back(desk: Desk, by: timedelta = timedelta(hours=2)) -> None:
    """Have all outlets due again, as if so much time had gone by."""
    before = datetime.now(UTC) - by
    desk.database.schedules.update_many({}, {"$set": {"handled": before, "next": before}})


def test_what_is_due_is_run_once(desk: Desk, project: Environment, tmp_path: Path) -> None:
    declare(tmp_path, "morning")
    declare(tmp_path, "evening")
    first = desk.dateline("collect", "--due", "--json", **project)
    assert first.code == 0, first.err
    assert {run["outlet"] for run in first.json()} == {"morning", "evening"}
    again = desk.dateline("collect", "--due", **project)
    assert (again.code, again.out) == (0, ""), again.err
    assert len(desk.runs()) == 2
    (beat,) = desk.database.schedulers.find()
    assert beat["at"] > max(run["started"] for run in desk.runs())
    # Two hours later: one run each, of the outlet that is named.
    set_back(desk)
    third = desk.dateline("collect", "--due", "morning", **project)
    assert third.code == 0, third.err
    assert [run["outlet"] for run in desk.runs()].count("morning") == 2
    assert list(desk.database.schedulers.find()) == [beat]
    told = schedules(desk)
    assert told["morning"]["met"] == 2
    assert sum(told["morning"]["skipped"].values()) in (2, 3)
    assert told["evening"]["met"] == 1
    shown = desk.dateline("schedule", **project).out
    assert "*/30 * * * *" in shown
    assert "merged" in shown


def test_of_two_at_the_same_moment_one_runs_it(
    desk: Desk, project: Environment, tmp_path: Path
) -> None:
    declare(tmp_path, "morning")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: desk.dateline("collect", "--due", **project), range(2)))
    assert [ended.code for ended in both] == [0, 0], both
    assert len(desk.runs()) == 1


def test_a_run_that_takes_too_long_is_told_to_stop(desk: Desk, world: Client) -> None:
    world.faults([{"path": r"/\d{4}/", "delay": 2}])
    result = desk.dateline("collect", "asianlite", "--since", "2024-11-01", "--time-limit", "0.1")
    assert result.code != 0
    (run,) = desk.runs()
    assert run["outcome"] in ("degraded", "failed"), "it is not killed"
    assert run["reason"] == "It reached its time limit of 0.1 min."


def test_a_run_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    """A stand-in in place of the crawl, deaf to SIGTERM, for what is ignored is inherited."""
    program = tmp_path / "deaf.py"
    program.write_text(
        "import asyncio, signal\n"
        "import scripts.crawl_processes as crawls\n"
        "crawls.STOP_SECONDS = 1.0\n"
        "crawls.CrawlProcesses.command = staticmethod(lambda *_: ['sleep', '100'])\n"
        "class Runs:\n"
        "    async def close_killed(self, *_): pass\n"
        "    async def explain(self, run, reason): pass\n"
        "    async def get(self, run): return None\n"
        "    async def update(self, *_): pass\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "run = asyncio.run(crawls.CrawlProcesses(Runs(), 1).run('deaf'))\n"
        "print(run['exit'], run['reason'])\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(PROJECT), "DATELINE_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = "It reached its time limit of 0.0166667 min. It did not end within 1 s and was killed."
    assert done.stdout.strip() == f"-9 {told}"


def test_an_adaptive_outlet_says_when_it_is_next_due(
    desk: Desk, project: Environment, tmp_path: Path
) -> None:
    declare(tmp_path, "eager", "adaptive 10m-6h")
    first = desk.dateline("collect", "--due", **project)
    assert first.code == 0, first.err
    told = schedules(desk)["eager"]
    run = desk.run("eager")
    (source,) = run["sources"]
    assert told["window"] == source["leads"] > 0
    since = told["next"] - run["ended"]
    assert timedelta(minutes=9) < since <= timedelta(hours=1)
    assert desk.dateline("collect", "--due", **project).out == ""
    assert len(desk.runs()) == 1


@pytest.mark.timeout(400)
def test_the_service_runs_what_is_due_and_ends_in_order(
    desk: Desk, world: Client, project: Environment, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """When a run ends it looks for what is due next; in a soak, when the next minute begins."""
    declare(tmp_path, "minutely", "* * * * *")
    world.faults([{"path": "minutely", "delay": 3}])
    service = desk.start("scripts.main", "run", group=False, **project)

    def ended(outlet: str) -> int:
        return sum(run["ended"] is not None for run in desk.runs() if run["outlet"] == outlet)

    def asked() -> list[str]:
        return [run["_id"] for run in desk.runs() if not run["ended"] and run.get("requests")]

    try:
        wait_for(world.log, service)
        if request.config.getoption("soak"):
            wait_for(lambda: ended("minutely"), service)
        else:
            set_back(desk)
        declare(tmp_path, "added", "* * * * *")
        world.faults([{"path": "minutely", "delay": 10}])  # of the thirty that it has to end in
        wait_for(lambda: ended("minutely") and ended("added") and asked(), service, 150)
        (stopped, *_) = asked()
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=desk.patience)
        assert service.returncode == 0, err
    finally:
        service.kill()
    assert "minutely: healthy" in err
    assert "added: healthy" in err
    assert all(run["ended"] for run in desk.runs())
    # Neither is it killed, as what does not end in half a minute.
    assert desk.database.runs.find_one({"_id": stopped})["reason"] == "It was told to stop."
    (told,) = desk.database.schedulers.find()
    assert told["command"] == "run"
    runs = [run["outlet"] for run in desk.runs()]
    assert runs.count("minutely") >= 2
    assert {name: told["met"] for name, told in schedules(desk).items()} == Counter(runs)


def test_the_service_waits_for_mongodb_and_says_so_once(desk: Desk, tmp_path: Path) -> None:
    """Its attempts, made without the pauses between them, reach a server that answers nothing."""
    program = tmp_path / "impatient.py"
    program.write_text(
        "import crawler.store.database, scripts.run\n"
        "crawler.store.database.SELECTION_MS = 100\n"
        "scripts.run.RETRY_SECONDS = 0.1\n"
        "scripts.run.run(1, 1)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(desk.patience)
        address = f"mongodb://127.0.0.1:{server.getsockname()[1]}"
        service = desk.start("impatient", PYTHONPATH=str(tmp_path), MONGODB_URI=address)
        for _ in range(6):
            server.accept()[0].close()
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=desk.patience)
    assert service.returncode == 0, err
    assert err.count("cannot be used") == 1
    assert "Waiting for it." in err
