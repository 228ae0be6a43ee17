"""A disk is full: the run ends with a sentence, nothing is lost, and with room it goes on."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.errors import StoreError
from crawler.mongod import embedded
from crawler.queue import spool as module
from newsworld.client import Client, running
from tests.crawler.queue.test_spool import bodies, fill
from tests.desk import Desk

SINCE = ("-a", "since=2024-11-01")
HELD = [{"path": r"^/2024/", "times": 16}, {"path": r"^/2024/", "delay": 2}]
"""The first stories come at once, all others so slowly that a run cannot end meanwhile."""
AT_ONCE = 8
"""Requests at a time in the test profile."""
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def _newsworld() -> Iterator[Client]:
    with running(days=7) as world:
        yield world


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """The folder of a small disk, made with so many megabytes, or given so many."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = False

    def size(megabytes: int) -> Path:
        nonlocal mounted
        options = f"{'remount,' if mounted else ''}size={megabytes}m"
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("only root, and only on Linux, may mount a disk of a few megabytes")
        mounted = True
        return folder

    yield size
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def truth(world: Client) -> set[str]:
    return {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}


def check(desk: Desk, world: Client) -> None:
    assert desk.articles("asianlite").keys() == truth(world)
    assert {lead["state"] for lead in desk.leads()} == {"stored"}
    desk.check_accounts()


def test_what_a_spool_has_taken_stays_when_its_disk_is_full(
    disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has taken what it leaves free."""
    monkeypatch.setattr(module, "MIN_FREE", 0)
    spool = module.Spool(disk(2) / "a.spool")
    taken: list[bytes] = []
    with contextlib.suppress(StoreError):
        while len(taken) < 2_000:
            body = f"{len(taken)}".encode() * 1_000
            fill(spool, body)
            taken.append(body)
    assert 50 < len(taken) < 2_000
    with pytest.raises(StoreError, match="see to the disk of DATELINE_DATA"):
        fill(spool, bytes(MEGABYTE))
    assert bodies(spool) == taken
    disk(20)
    fill(spool, b"more")
    spool.close()
    again = module.Spool(spool.path)
    assert bodies(again) == [*taken, b"more"]
    again.close()


def test_a_run_ends_when_its_disk_is_full(
    disk: Callable[[int], Path], desk: Desk, world: Client
) -> None:
    """Another has taken what was free, in mid-run."""
    world.faults(HELD)
    data = disk(2 * module.MIN_FREE >> 20)
    environment = {"DATELINE_DATA": str(data)}
    crawl = desk.start("scrapy", "crawl", "asianlite", *SINCE, group=False, **environment)
    while desk.database.articles.count_documents({}) < 12:
        assert crawl.poll() is None
        time.sleep(0.1)
    disk((module.MIN_FREE >> 20) - 1)
    asked = len(world.log())
    _, err = crawl.communicate(timeout=100)
    assert len(world.log()) - asked <= 2 * AT_ONCE
    assert crawl.returncode == 4, err
    assert "see to the disk of DATELINE_DATA" in err
    assert "Traceback" not in err
    assert desk.articles().keys() < truth(world)
    disk(2 * module.MIN_FREE >> 20)
    world.faults([])
    assert desk.crawl("asianlite", *SINCE, **environment).code == 0
    check(desk, world)
    assert list((data / "spool").rglob("*.spool")) == []


@pytest.mark.timeout(400)
def test_a_server_without_room_loses_nothing(
    disk: Callable[[int], Path], world: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whether it dies of it or waits for room."""
    if not request.config.getoption("soak"):
        pytest.skip("half a minute, in which little of ours is proved: in `make soak`")
    data = disk(500)
    world.faults(HELD)
    with embedded.connect(data) as lease:
        desk = Desk(lease.uri, "full", world.url, tmp_path)
        crawl = desk.start("scrapy", "crawl", "asianlite", *SINCE, "-s", "STORE_PATIENCE=3")
        while desk.database.articles.count_documents({}) < 12:
            assert crawl.poll() is None
            time.sleep(0.1)
        filler = data / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(MEGABYTE))
                file.flush()
        with contextlib.suppress(Exception):  # what it says of it is its own affair
            desk.database.client.admin.command("fsync")
        _, err = crawl.communicate(timeout=200)
        assert crawl.returncode in (0, 4), err
        filler.unlink()
        embedded.start(data)
        world.faults([])
        assert desk.crawl("asianlite", *SINCE).code == 0
        check(desk, world)
        desk.database.client.close()
    embedded.stop(data)
