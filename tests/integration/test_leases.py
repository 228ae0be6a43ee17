"""One run of an outlet at a time: whoever starts, is killed, or stands still."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crawler.errors import ExitCode
from newsworld.client import Client, running
from tests.desk import Desk

SINCE = ("-a", "since=2024-11-01")
SLOW = {"path": "", "delay": 4}
"""By which a run takes longer than others need to start and to be refused."""
BEATS = ("-s", "LEASE_SECONDS=20")
"""Signs of life so often that whoever waits for one need not wait long."""
LEASE = 4


@pytest.fixture(scope="module")
def _newsworld() -> Iterator[Client]:
    with running(days=7) as world:
        yield world


def stories(world: Client) -> list[str]:
    return [entry["path"] for entry in world.log() if entry["path"].startswith("/2024/")]


def content(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """Everything in the database but who collects what."""
    names = set(desk.database.list_collection_names()) - {"leases"}
    return {name: list(desk.database[name].find().sort("_id")) for name in sorted(names)}


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.timeout(400)
def test_of_many_starts_at_once_one_runs(
    desk: Desk, world: Client, request: pytest.FixtureRequest
) -> None:
    count = 20 if request.config.getoption("soak") else 3
    world.faults([SLOW])
    crawls = [desk.start("scrapy", "crawl", "asianlite", *SINCE, *BEATS) for _ in range(count)]
    wait_for(lambda: sum(crawl.poll() is not None for crawl in crawls) == count - 1)
    world.faults([])
    ended = [(crawl, crawl.communicate(timeout=300)[1]) for crawl in crawls]
    codes = Counter(crawl.returncode for crawl, _ in ended)
    assert codes == {ExitCode.OK: 1, ExitCode.BUSY: count - 1}
    for crawl, err in ended:
        if crawl.returncode == ExitCode.BUSY:
            assert "asianlite is being collected by process" in err
            assert "Traceback" not in err
    assert [run["outcome"] for run in desk.runs()] == ["healthy"]
    assert set(Counter(stories(world)).values()) == {1}
    desk.check_accounts()


def test_collect_says_that_another_run_is_under_way(desk: Desk, world: Client) -> None:
    world.faults([SLOW])
    crawl = desk.start("scrapy", "crawl", "asianlite", *SINCE, *BEATS)
    wait_for(lambda: bool(desk.runs()))
    result = desk.dateline("collect", "asianlite")
    crawl.terminate()
    crawl.communicate()
    assert result.code == ExitCode.BUSY
    assert "is being collected" in result.err
    assert len(desk.runs()) == 1


def test_who_stood_still_writes_nothing_more(desk: Desk, world: Client) -> None:
    world.faults([{"path": r"^/2024/", "times": 16}, {"path": r"^/2024/", "delay": 2}])
    lease = ("-s", f"LEASE_SECONDS={LEASE}")
    paused = desk.start("scrapy", "crawl", "asianlite", *SINCE, *lease)
    wait_for(lambda: len(stories(world)) >= 16)
    paused.send_signal(signal.SIGSTOP)
    try:
        world.faults([])
        began = time.monotonic()
        result = desk.crawl("asianlite", *SINCE, *BEATS)
        assert result.code == 0, result.err
        first, second = desk.runs()
        assert (first["outcome"], second["outcome"]) == ("killed", "healthy")
        assert second["token"] > first["token"]
        assert time.monotonic() - began > LEASE / 2
        before = content(desk)
    finally:
        paused.send_signal(signal.SIGCONT)
    _, err = paused.communicate(timeout=60)
    assert paused.returncode == ExitCode.BUSY, err
    assert "took over" in err
    assert "Traceback" not in err
    assert content(desk) == before
    # What it had extracted waits on disk; the next run brings it, and it is the same.
    assert desk.crawl("asianlite", *SINCE).code == 0
    assert desk.run("asianlite")["replayed"] > 0
    after = content(desk)
    assert told(after) == told(before)
    truth = {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}
    assert desk.articles().keys() == truth


def told(content: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """What readers see of articles, and what became of leads."""
    articles = [(one["_id"], one["fingerprint"]) for one in content["articles"]]
    return [*articles, *((lead["_id"], lead["state"]) for lead in content["leads"])]
