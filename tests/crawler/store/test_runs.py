"""Run documents, and what is remembered of an outlet between runs."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from crawler.store.database import Database
from crawler.store.runs import Outlets, Runs, this_process
from tests.crawler.store.store import Store


def run(name: str, minutes: int = 0, **changes: Any) -> dict[str, Any]:
    document = {
        "_id": name,
        "outlet": "news",
        "started": datetime(2024, 11, 30, 8, minutes, tzinfo=UTC),
        "ended": None,
        "outcome": "running",
        "process": this_process(),
    }
    return document | changes


def dead_process() -> dict[str, Any]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = psutil.Process(child.pid).create_time()
        child.kill()
    return {**this_process(), "pid": child.pid, "started": started}


def outcomes(store: Store) -> dict[str, str]:
    return {found["_id"]: found["outcome"] for found in store.plain.runs.find()}


def test_a_run_is_written_and_rewritten(store: Store) -> None:
    async def work(database: Database) -> None:
        runs = Runs(database)
        await runs.open(run("a"))
        await runs.update(run("a", outcome="ok", pages=3))
        found = await runs.get("a")
        assert found
        assert (found["outcome"], found["pages"]) == ("ok", 3)
        assert await runs.get("b") is None

    store.run(work)
    assert outcomes(store) == {"a": "ok"}


def test_a_killed_run_is_closed_by_the_next(store: Store) -> None:
    async def work(database: Database) -> None:
        runs = Runs(database)
        await runs.open(run("killed", process=dead_process()))
        await runs.open(run("next"))

    store.run(work)
    assert outcomes(store) == {"killed": "killed", "next": "running"}
    killed = store.plain.runs.find_one({"_id": "killed"})
    assert killed
    assert "killed" in killed["reason"]
    assert abs(datetime.now(UTC) - killed["ended"]) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "changes", "outcome"),
    [
        ("alive", {}, "running"),
        ("recycled_pid", {"process": {**this_process(), "started": 1.0}}, "killed"),
        ("elsewhere", {"process": {**dead_process(), "host": "another.example"}}, "running"),
        ("another_outlet", {"process": dead_process(), "outlet": "other"}, "running"),
        ("ended", {"process": dead_process(), "outcome": "partial"}, "partial"),
    ],
)
def test_only_dead_runs_of_this_machine_are_closed(
    name: str, changes: dict[str, Any], outcome: str, store: Store
) -> None:
    async def work(database: Database) -> None:
        await Runs(database).open(run(name, **changes))
        await Runs(database).close_killed("news")

    store.run(work)
    assert outcomes(store) == {name: outcome}


def test_the_newest_run(store: Store) -> None:
    async def work(database: Database) -> None:
        runs = Runs(database)
        for document in (run("b", 20), run("c", 30, outlet="other"), run("a", 10)):
            await runs.open(document)
        latest = await runs.latest("news")
        assert latest
        assert latest["_id"] == "b"
        assert await runs.latest("none") is None

    store.run(work)


def test_this_process_is_told_from_all_others() -> None:
    process = this_process()
    assert process["pid"] == os.getpid()
    assert process == this_process()
    assert process != dead_process()


def test_sources_are_remembered(store: Store) -> None:
    declared = {"title": "News", "home": "https://news.example/"}

    async def work(database: Database) -> None:
        outlets = Outlets(database)
        assert await outlets.load("news", declared) == {}
        feed = {"key": "feed:/feed", "etag": '"a"', "walked": True}
        listing = {"key": "listing:/", "walk_started": datetime(2024, 11, 30, tzinfo=UTC)}
        await outlets.save("news", feed)
        await outlets.save("news", listing)
        await outlets.save("news", feed | {"etag": '"b"'})
        assert await outlets.load("news", {**declared, "title": "Newer"}) == {
            "feed:/feed": feed | {"etag": '"b"'},
            "listing:/": listing,
        }
        assert await outlets.load("other", declared) == {}

    store.run(work)
    found = store.plain.outlets.find_one({"_id": "news"})
    assert found
    assert (found["title"], len(found["sources"])) == ("Newer", 2)
