"""MongoDB goes away in mid-run, and comes back, or does not: nothing is lost, nothing doubled."""

import os
import signal
import socket
import socketserver
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from crawler.mongod import embedded
from crawler.queue.delivery import FINAL_PATIENCE
from crawler.queue.spool import count_waiting
from crawler.store.address import spool_of
from newsworld.client import Client, running
from scripts.crawl_processes import STOP_SECONDS
from tests.desk import Desk
from tests.forked import Server

SINCE = ("-a", "since=2024-11-01")
STORY = r"^/2024/.*"
HELD = [{"path": STORY, "times": 16}, {"path": STORY, "delay": 3}]
"""The first stories come at once, all others so slowly that a run cannot end meanwhile."""


@pytest.fixture(scope="module")
def _newsworld(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A week of stories; in the long form a month."""
    with running(days=28 if request.config.getoption("soak") else 7) as world:
        yield world


@pytest.fixture(scope="module")
def _data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("own")
    yield data
    embedded.stop(data)


@pytest.fixture
def own(_data: Path, world: Client, tmp_path: Path, server: Server) -> Iterator[tuple[Desk, Path]]:
    """A desk with a MongoDB of its own, whose end hurts nobody else, and the folder of that.

    What goes on after an outage is forked; a run that meets one is a fresh process.
    """
    desk = Desk(embedded.start(_data), "outage", world.url, tmp_path, server)
    yield desk, _data
    embedded.start(_data)
    desk.database.client.drop_database("outage")
    desk.database.client.close()


def kill_server(data: Path) -> None:
    pid = embedded.status(data).pid
    assert pid
    os.kill(pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


def stories(world: Client) -> list[str]:
    return [entry["path"] for entry in world.log() if entry["path"].startswith("/2024/")]


def begin(desk: Desk, world: Client, *words: str) -> subprocess.Popen[str]:
    """Start a crawl; return when it is in the middle of its stories, and held there."""
    world.faults(HELD)
    crawl = desk.start("scrapy", "crawl", "asianlite", *SINCE, *words)
    wait_for(lambda: len(stories(world)) >= 16)
    return crawl


def wait_for_spool(desk: Desk, writes: int) -> None:
    """Wait until so many writes are on disk, in place of MongoDB."""
    folder = spool_of(desk.uri, "outage", desk.data)
    wait_for(lambda: count_waiting(folder) >= writes)


def truth(world: Client) -> set[str]:
    return {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}


def check(desk: Desk, world: Client) -> None:
    """Everything is stored and placed, once, and every lead has its fate."""
    assert desk.articles("asianlite").keys() == truth(world)
    assert desk.database.articles.count_documents({"unplaced": True}) == 0
    assert {sketch["_id"] for sketch in desk.database.sketches.find()} == truth(world)
    assert {lead["state"] for lead in desk.leads()} == {"stored"}
    desk.check_accounts()


@pytest.mark.timeout(1500)
def test_a_server_that_comes_back_is_waited_for(
    own: tuple[Desk, Path], world: Client, request: pytest.FixtureRequest
) -> None:
    """After three minutes in the long form, and a few seconds in the short one."""
    desk, data = own
    crawl = begin(desk, world)
    kill_server(data)
    seconds = 4  # longer than a run looks for a server
    if request.config.getoption("soak"):  # so slow that there are stories left when it is over
        seconds = 180
        delay = 14 * seconds / (len(truth(world)) - len(stories(world)))
        world.faults([{"path": STORY, "delay": delay}])
    time.sleep(seconds)
    assert crawl.poll() is None
    embedded.start(data)
    if not request.config.getoption("soak"):
        world.faults([])
    _, err = crawl.communicate(timeout=400)
    assert crawl.returncode == 0, err
    assert max(Counter(stories(world)).values()) == 1
    check(desk, world)
    (run,) = desk.runs()
    # What the server had stored when it was killed, unacknowledged, is the same when it is back.
    account = run["account"]
    stored = account["stored"] + account["unchanged"].get("same", 0)
    assert (run["outcome"], stored) == ("healthy", len(truth(world)))


def test_what_waits_is_brought_by_the_next_run_of_any_outlet(
    own: tuple[Desk, Path], world: Client, tmp_path: Path
) -> None:
    desk, data = own
    crawl = begin(desk, world)
    kill_server(data)
    world.faults([])
    wait_for_spool(desk, len(truth(world)) - 24)
    crawl.kill()
    crawl.communicate()
    spools = list((tmp_path / "spool").rglob("*.spool"))
    assert len(spools) == 1
    embedded.start(data)
    desk.crawl("national_times", "-a", "limit=1")
    assert desk.run("national_times")["replayed"] >= len(truth(world)) - 24
    assert list((tmp_path / "spool").rglob("*.spool")) == []
    assert desk.crawl("asianlite", *SINCE).code == 0
    assert desk.articles("asianlite").keys() == truth(world)
    twice = sum(count - 1 for count in Counter(stories(world)).values())
    assert twice <= 16


def test_a_server_that_stays_away_ends_the_run_in_order(
    own: tuple[Desk, Path], world: Client
) -> None:
    desk, data = own
    crawl = begin(desk, world, "-s", "STORE_PATIENCE=1")
    kill_server(data)
    _, err = crawl.communicate(timeout=100)
    assert crawl.returncode == 4, err
    assert "wait on disk" in err
    assert "Traceback" not in err
    embedded.start(data)
    world.faults([])
    assert desk.crawl("asianlite", *SINCE).code == 0
    check(desk, world)
    failed, ok = desk.runs()
    assert (failed["outcome"], ok["outcome"]) == ("failed", "healthy")
    assert ok["replayed"] > 0


@contextmanager
def link(path: str, word: bytes, end: Callable[[], None]) -> Iterator[str]:
    """An address by which a Unix socket is reached; when `word` is sent, `end` comes first."""
    words = [word]

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 20):
                if words and words[0] in piece:
                    words.clear()
                    end()
                sink.sendall(piece)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    class Link(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
                server.connect(path)
                back = threading.Thread(target=pump, args=(server, self.request))
                back.start()
                pump(self.request, server)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Link) as proxy:
        threading.Thread(target=proxy.serve_forever).start()
        yield f"mongodb://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ((), b"update\0\x09\0\0\0profiles\0"),
        (SINCE, b"\x0abackfill\0"),
        (SINCE, b"outcome\0\x08\0\0\0healthy\0"),
    ],
    ids=["profile", "source", "run"],
)
def test_a_server_that_goes_away_at_the_very_end(
    own: tuple[Desk, Path], world: Client, words: tuple[str, ...], word: bytes
) -> None:
    """All stories are stored, and the last that the run has to write is on disk only."""
    desk, data = own
    path = desk.uri.removeprefix("mongodb://").replace("%2F", "/")
    with link(path, word, lambda: kill_server(data)) as uri:
        patience = ("-s", "STORE_PATIENCE=1")
        result = desk.start("scrapy", "crawl", "asianlite", *words, *patience, MONGODB_URI=uri)
        _, err = result.communicate(timeout=100)
        assert result.returncode == 4, err
        assert "wait on disk" in err
        assert "Traceback" not in err
        embedded.start(data)
        assert desk.crawl("national_times", "-a", "limit=1", MONGODB_URI=uri).code == 0
    run = desk.run("asianlite")
    assert (run["outcome"], run["cause"]) == ("failed", None)
    assert "wait on disk" in run["reason"]
    assert run["ended"]
    assert len(desk.articles("asianlite")) == run["account"]["stored"] > 0
    assert desk.database.outlets.find_one({"_id": "asianlite", "sources.backfill.left": []}) is None


@pytest.mark.parametrize("is_told", [True, False], ids=["told_to_stop", "left_alone"])
def test_a_server_that_hangs_at_the_very_end(
    is_told: bool, own: tuple[Desk, Path], world: Client, request: pytest.FixtureRequest
) -> None:
    """It is waited for as in mid-run, until the crawl is told to stop."""
    desk, data = own
    path = desk.uri.removeprefix("mongodb://").replace("%2F", "/")
    pid, frozen = embedded.status(data).pid, threading.Event()
    assert pid

    def freeze() -> None:
        os.kill(pid, signal.SIGSTOP)
        frozen.set()

    with link(path, b"update\0\x09\0\0\0profiles\0", freeze) as uri:
        crawl = desk.start("scrapy", "crawl", "asianlite", MONGODB_URI=uri)
        try:
            assert frozen.wait(100)
            if is_told:
                crawl.terminate()
                crawl.wait(STOP_SECONDS)
            else:
                soak = request.config.getoption("soak")
                time.sleep(FINAL_PATIENCE + 10 if soak else 1)
        finally:
            os.kill(pid, signal.SIGCONT)
        _, err = crawl.communicate(timeout=100)
    assert crawl.returncode == (4 if is_told else 0), err
    assert ("wait on disk" in err) == is_told
    assert "Traceback" not in err
    assert is_told or desk.run("asianlite")["outcome"] == "healthy"


def test_a_frozen_server_stops_nothing(
    own: tuple[Desk, Path], world: Client, request: pytest.FixtureRequest
) -> None:
    """Told to stop while the server hangs: ended before it would be killed, and nothing lost.

    In the long form with the patience that a run has where nothing else is said.
    """
    desk, data = own
    patience = () if request.config.getoption("soak") else ("-s", "STORE_PATIENCE=1")
    crawl = begin(desk, world, *patience)
    pid = embedded.status(data).pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for_spool(desk, 4)
        crawl.terminate()
        began = time.monotonic()
        _, err = crawl.communicate(timeout=100)
        assert time.monotonic() - began < STOP_SECONDS
    finally:
        os.kill(pid, signal.SIGCONT)
    assert crawl.returncode == 4, err
    world.faults([])
    assert desk.crawl("asianlite", *SINCE).code == 0
    check(desk, world)
