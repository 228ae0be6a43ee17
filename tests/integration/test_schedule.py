"""`collect --due` and `dateline run` on real outlets: what is due is run once, in its time."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsworld.client import Client
from tests.desk import PROJECT, Desk


def schedules(desk: Desk) -> dict[str, dict[str, object]]:
    return {told["_id"]: told for told in desk.database.schedules.find()}


def wait_for(condition: object, process: subprocess.Popen[str], seconds: float = 100) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.2)


def test_what_is_due_is_run_once(desk: Desk, world: Client) -> None:
    first = desk.dateline("collect", "--due", "--json")
    assert first.code == 0, first.err
    assert {run["outlet"] for run in first.json()} == {"asianlite", "national_times"}
    again = desk.dateline("collect", "--due")
    assert (again.code, again.out) == (0, ""), again.err
    assert len(desk.runs()) == 2
    (beat,) = desk.database.schedulers.find()
    assert datetime.now(UTC) - beat["at"] < timedelta(minutes=1)
    # Two hours later: one run each, of the outlet that is named.
    before = datetime.now(UTC) - timedelta(hours=2)
    desk.database.schedules.update_many({}, {"$set": {"handled": before, "next": before}})
    third = desk.dateline("collect", "--due", "asianlite")
    assert third.code == 0, third.err
    assert [run["outlet"] for run in desk.runs()].count("asianlite") == 2
    assert list(desk.database.schedulers.find()) == [beat]
    told = schedules(desk)
    assert told["asianlite"]["met"] == 2
    assert sum(told["asianlite"]["skipped"].values()) in (2, 3)  # type: ignore[attr-defined]
    assert told["national_times"]["met"] == 1
    shown = desk.dateline("schedule").out
    assert "*/30 * * * *" in shown
    assert "merged" in shown


def test_of_two_at_the_same_moment_one_runs_it(desk: Desk) -> None:
    both = [desk.start("scripts.main", "collect", "--due", "asianlite", "--json") for _ in range(2)]
    ended = [process.communicate(timeout=110) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert len(desk.runs()) == 1


def test_a_run_that_takes_too_long_is_told_to_stop(desk: Desk, world: Client) -> None:
    world.faults([{"path": r"/\d{4}/", "delay": 4}])
    result = desk.dateline("collect", "asianlite", "--since", "2024-11-01", "--time-limit", "0.5")
    assert result.code != 0
    (run,) = desk.runs()
    assert run["outcome"] in ("degraded", "failed")
    assert run["reason"] == "It reached its time limit of 0.5 min."
    assert run["ended"] - run["started"] < timedelta(seconds=65)


def test_a_run_that_does_not_stop_is_killed(desk: Desk, tmp_path: Path) -> None:
    """A stand-in that is deaf to SIGTERM, in place of the crawl."""
    program = tmp_path / "deaf.py"
    program.write_text(
        "import asyncio, sys, time\n"
        "import scripts.crawl_processes as crawls\n"
        "crawls.STOP_SECONDS = 1.0\n"
        "crawls.CrawlProcesses.command = staticmethod(lambda *_: [sys.executable, '-c', "
        "'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'])\n"
        "class Runs:\n"
        "    async def close_killed(self, *_): pass\n"
        "    async def explain(self, run, reason): pass\n"
        "    async def get(self, run): return None\n"
        "    async def update(self, *_): pass\n"
        "began = time.monotonic()\n"
        "run = asyncio.run(crawls.CrawlProcesses(Runs(), 1).run('deaf'))\n"
        "print(run['exit'], run['reason'], time.monotonic() - began < 20)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(PROJECT), "DATELINE_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = "It reached its time limit of 0.0166667 min. It did not end within 1 s and was killed."
    assert done.stdout.strip() == f"-9 {told} True"


PAPER = """
from tests.declared.faulty import Faulty

class {}(Faulty):
    name = "{}"
    schedule = "{}"
"""


def papers(folder: Path, schedule: str = "* * * * *") -> dict[str, str]:
    """A project of one outlet; the environment in which it is used."""
    (folder / "papers").mkdir()
    (folder / "papers/__init__.py").touch()
    (folder / "papers/minutely.py").write_text(PAPER.format("Minutely", "minutely", schedule))
    own = 'from settings.test import *\nSPIDER_MODULES = ["papers"]\n'
    (folder / "paper_settings.py").write_text(own)
    return {"PYTHONPATH": str(folder), "SCRAPY_SETTINGS_MODULE": "paper_settings"}


def test_an_adaptive_outlet_says_when_it_is_next_due(desk: Desk, tmp_path: Path) -> None:
    env = papers(tmp_path, "adaptive 10m-6h")
    first = desk.dateline("collect", "--due", **env)
    assert first.code == 0, first.err
    told = schedules(desk)["minutely"]
    (source,) = desk.run("minutely")["sources"]
    assert told["window"] == source["leads"] > 0
    since = told["next"] - datetime.now(UTC)  # type: ignore[operator]
    assert timedelta(minutes=8) < since <= timedelta(hours=1)
    assert desk.dateline("collect", "--due", **env).out == ""
    assert len(desk.runs()) == 1


@pytest.mark.timeout(400)
def test_the_service_runs_what_is_due_and_ends_in_order(
    desk: Desk, world: Client, tmp_path: Path
) -> None:
    service = desk.start("scripts.main", "run", group=False, **papers(tmp_path))

    def ended(outlet: str) -> int:
        return sum(run["ended"] is not None for run in desk.runs() if run["outlet"] == outlet)

    try:
        wait_for(lambda: ended("minutely"), service)
        (tmp_path / "papers/added.py").write_text(PAPER.format("Added", "added", "* * * * *"))
        wait_for(lambda: ended("minutely") >= 2 and ended("added"), service, 150)
        world.faults([{"path": "/feed", "delay": 15}])  # of the thirty that it has to end in

        def asking() -> list[str]:
            open_ones = (run for run in desk.runs() if not run["ended"])
            return [run["_id"] for run in open_ones if run.get("requests")]

        wait_for(asking, service)
        (asked, *_) = asking()
        began = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=60)
        assert time.monotonic() - began < 35
        assert service.returncode == 0, err
    finally:
        service.kill()
    assert err.count("minutely: healthy") >= 2, err
    assert "added: healthy" in err
    assert all(run["ended"] for run in desk.runs())
    stopped = desk.database.runs.find_one({"_id": asked})
    assert stopped["reason"] == "It was told to stop."
    (told,) = desk.database.schedulers.find()
    assert told["command"] == "run"
    runs = [run["outlet"] for run in desk.runs()]
    met = {told["_id"]: told["met"] for told in desk.database.schedules.find()}
    assert met == {name: runs.count(name) for name in ("minutely", "added")}


def test_the_service_waits_for_mongodb_and_says_so_once(desk: Desk) -> None:
    service = desk.start("scripts.main", "run", MONGODB_URI="mongodb://127.0.0.1:9")
    time.sleep(25)
    service.send_signal(signal.SIGTERM)
    _, err = service.communicate(timeout=60)
    assert service.returncode == 0, err
    assert err.count("cannot be used") == 1
    assert "Waiting for it." in err
