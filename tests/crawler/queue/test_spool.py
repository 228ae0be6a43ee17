"""What waits on disk: in order, through kill -9, within bounds, for one process at a time."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import StoreError
from crawler.queue import spool as module
from crawler.queue.spool import Spool, SpoolInUse, left_behind, waiting

WRITER = """
import asyncio, sys
from pathlib import Path
from crawler.queue.spool import Spool

async def work():
    spool = Spool(Path(sys.argv[1]))
    number = 0
    while True:
        await asyncio.gather(*(spool.put(b"%d" % n) for n in range(number, number + 7)))
        number += 7
        print(number, flush=True)

asyncio.run(work())
"""


def bodies(spool: Spool) -> list[bytes]:
    return [body for _, body in asyncio.run(spool.first(1_000_000))]


def fill(spool: Spool, *given: bytes) -> None:
    async def work() -> None:
        await asyncio.gather(*map(spool.put, given))

    asyncio.run(work())


def test_first_in_first_out(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.spool")
    fill(spool, *(b"%d" % number for number in range(2_500)))
    assert len(spool) == 2_500
    first = asyncio.run(spool.first(1_500))
    assert [body for _, body in first] == [b"%d" % number for number in range(1_500)]
    asyncio.run(spool.drop(first[-1][0]))
    assert len(spool) == 1_000
    assert bodies(spool)[0] == b"1500"
    spool.close()


def test_what_comes_together_is_synced_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path / "a.spool")
    synced: list[int] = []
    insert = spool._insert

    def counted(given: list[bytes], size: int) -> None:
        synced.append(len(given))
        insert(given, size)

    async def one_by_one() -> None:
        first = asyncio.create_task(spool.put(b"0"))
        await asyncio.sleep(0)  # its write begins ...
        await asyncio.sleep(0)
        later = [asyncio.create_task(spool.put(b"%d" % number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        later[2].cancel()  # ... and who gives up does not hurt the others
        await asyncio.gather(first, *later[:2], *later[3:])

    monkeypatch.setattr(spool, "_insert", counted)
    asyncio.run(one_by_one())
    assert synced == [1, 5]
    assert bodies(spool) == [b"%d" % number for number in range(6)]
    spool.close()


def test_no_more_is_read_than_fits_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path / "a.spool")
    fill(spool, b"x" * 60, b"y" * 40, b"z", b"w" * 200)
    usual = module.BYTES_AT_ONCE

    def first(count: int, max_bytes: int) -> bytes:
        monkeypatch.setattr(module, "BYTES_AT_ONCE", max_bytes)
        return b"".join(body[:1] for _, body in asyncio.run(spool.first(count)))

    assert [first(9, size) for size in (0, 99, 100, 101, 300, 301)] == [
        b"x", b"x", b"xy", b"xyz", b"xyz", b"xyzw"
    ]  # fmt: skip
    assert first(2, 301) == b"xy"
    monkeypatch.setattr(module, "BYTES_AT_ONCE", usual)
    fill(spool, *[b"x" * (10 << 20)] * 3)
    assert len(asyncio.run(spool.first(500))) == 5
    spool.close()


def test_adding_and_dropping_at_one_time(tmp_path: Path) -> None:
    """What it counts is what is there: an empty spool's file is removed."""
    spool = Spool(tmp_path / "a.spool")
    met: list[bytes] = []

    async def add() -> None:
        for number in range(300):
            await spool.put(b"%d" % number)

    async def drop() -> None:
        while len(met) < 300:
            if found := await spool.first(3):
                met.extend(body for _, body in found)
                await spool.drop(found[-1][0])
            assert len(spool) >= 0

    async def both() -> None:
        await asyncio.gather(add(), drop())

    asyncio.run(both())
    assert met == [b"%d" % number for number in range(300)]
    assert len(spool) == 0
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_spool_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "deep" / "a.spool")
    fill(spool, b"x")
    asyncio.run(spool.drop(asyncio.run(spool.first(1))[0][0]))
    spool.close()
    assert list((tmp_path / "deep").iterdir()) == []


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_acknowledged_survives_kill(moved: bool, tmp_path: Path) -> None:
    """Also where all files of the folder are moved to another, as after a restore."""
    folder = tmp_path / "then"
    path = folder / "a.spool"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        acknowledged = max(int(writer.stdout.readline()) for _ in range(40))
        with pytest.raises(SpoolInUse):
            Spool(path)
        assert list(left_behind(folder)) == []
        writer.kill()
        acknowledged = max([acknowledged, *map(int, writer.stdout.read().split(b"\n")[:-1])])
    if moved:
        files, folder = list(folder.iterdir()), tmp_path / "now"
        folder.mkdir()
        for file in files:
            file.rename(folder / file.name)
    (spool,) = left_behind(folder)
    found = bodies(spool)
    spool.close()
    assert set(found) >= {b"%d" % number for number in range(acknowledged)}
    assert len(set(found)) == len(found)
    assert (folder / "a.spool").exists()


def test_it_is_bounded(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.spool", max_bytes=100)
    fill(spool, b"x" * 60)
    with pytest.raises(StoreError, match=r"1 writes wait in .*a\.spool, as many as may"):
        fill(spool, b"x" * 60)
    fill(spool, b"x" * 40)
    assert len(spool) == 2
    spool.close()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path / "a.spool")
    monkeypatch.setattr(module, "MIN_FREE", shutil.disk_usage(tmp_path).total)
    with pytest.raises(StoreError, match=r"free on its disk.*see to the disk of DATELINE_DATA"):
        fill(spool, b"x")
    monkeypatch.undo()
    fill(spool, b"y")
    assert bodies(spool) == [b"y"]
    spool.close()


def test_a_file_that_is_no_spool_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.spool").write_bytes(b"This is no database, and never was one." * 100)
    with pytest.raises(StoreError, match=r"a\.spool, where writes wait"):
        Spool(tmp_path / "a.spool")


def test_a_disk_that_fills_in_mid_write_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    """SQLite has rolled back by then."""
    spool = Spool(tmp_path / "a.spool")
    fill(spool, b"before")
    spool._file.execute("PRAGMA max_page_count = 10")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"database or disk is full.*see to the disk"):
            fill(spool, b"x" * 200_000)
    spool._file.execute("PRAGMA max_page_count = 1000000")
    fill(spool, b"after")
    assert bodies(spool) == [b"before", b"after"]
    spool.close()


def test_an_empty_spool_leaves_nothing_behind_where_it_is_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.spool")
    fill(spool, b"a", b"b")
    reader = waiting(tmp_path)
    assert next(reader) == b"a"
    asyncio.run(spool.drop(2))
    spool.close()
    del reader
    assert list(tmp_path.iterdir()) == []
