"""`Spool`: a durable queue on this machine's disk, where writes wait until MongoDB has them.

Each run has a file of its own (SQLite, every write synced to disk), and holds a flock(2) on it: the
kernel drops that with the process, and then the next run of any outlet may take the file over.
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.errors import StoreError
from crawler.file_locks import open_lock, try_lock

MAX_BYTES = 1 << 30
"""A run's writes that may wait: far more than it has in hand at a time."""
MIN_FREE = 200 << 20
"""Bytes that are left free on the disk."""

AT_ONCE = 1_000
"""Writes that are synced to disk together."""
BYTES_AT_ONCE = 16 << 20
"""Of writes in memory together: each may have a page of 10 MiB with it."""

ASIDE = ".refused"
"""Suffix of files with a write each that could not be brought to MongoDB, for a fault of ours."""

LEFT = "SELECT count(*), coalesce(sum(length(body)), 0) FROM waiting"


class SpoolInUse(Exception):
    """Another process holds the spool."""


class Spool:
    """A file of writes that wait for MongoDB, in the order in which they came.

    Args:
        path: the file; made where there is none.

    Raises:
        InUse: another process holds it.
        StoreError: it cannot be made or read.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._one_at_a_time = threading.Lock()
        with _its_own_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = open_lock(path.with_suffix(".lock"))
            try:
                if not try_lock(self._lock):
                    raise SpoolInUse
                self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
                self._file.execute("PRAGMA journal_mode = WAL")
                self._file.execute("PRAGMA synchronous = FULL")
                self._file.execute(
                    "CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY, body BLOB)"
                )
                self._count, self._bytes = self._file.execute(LEFT).fetchone()
            except BaseException:
                os.close(self._lock)
                raise
        self._queue: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return how many writes wait."""
        return int(self._count)

    async def put(self, body: bytes) -> None:
        """Add a write; it is on disk when this returns.

        Raises:
            StoreError: there is no room for it.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((body, future))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        await future

    async def _write_all(self) -> None:
        """Write to disk; all that comes meanwhile goes into the next write: no timer, no delay."""
        while self._queue:
            together, self._queue = self._queue[:AT_ONCE], self._queue[AT_ONCE:]
            bodies = [body for body, _ in together]
            (error,) = await asyncio.gather(self._write(bodies), return_exceptions=True)
            for _, future in together:
                if future.done():  # whoever waited for it has been cancelled
                    continue
                if error:
                    future.set_exception(error)
                else:
                    future.set_result(None)
        self._writer = None

    async def _write(self, bodies: list[bytes]) -> None:
        size = sum(map(len, bodies))
        if self._bytes + size > self._max_bytes:
            raise StoreError(
                f"{self._count} writes wait in {self.path}, as many as may: "
                "see that MongoDB works; the next run stores them."
            )
        await asyncio.to_thread(self._insert, bodies, size)

    def _insert(self, bodies: list[bytes], size: int) -> None:
        with _its_own_faults(self.path):
            if shutil.disk_usage(self.path.parent).free < MIN_FREE + size:
                raise OSError(f"fewer than {MIN_FREE >> 20} MB are free on its disk")
            with self._one_at_a_time:
                with self._transaction():
                    self._file.executemany(
                        "INSERT INTO waiting (body) VALUES (?)", ((body,) for body in bodies)
                    )
                # With the lock still held: an insertion and a deletion may end at one moment.
                self._bytes += size
                self._count += len(bodies)

    async def first(self, count: int) -> list[tuple[int, bytes]]:
        """Return the `count` writes that have waited longest, each with its number.

        Fewer where they have more than `BYTES_AT_ONCE`, but one at least.
        """
        return await asyncio.to_thread(self._select, count)

    def _select(self, count: int) -> list[tuple[int, bytes]]:
        room = BYTES_AT_ONCE
        query = "SELECT number, body FROM waiting ORDER BY number LIMIT ?"
        found: list[tuple[int, bytes]] = []
        with (
            _its_own_faults(self.path),
            self._one_at_a_time,
            contextlib.closing(self._file.execute(query, (count,))) as rows,
        ):
            for number, body in rows:
                room -= len(body)
                if found and room < 0:
                    break
                found.append((number, body))
        return found

    async def drop(self, last: int) -> None:
        """Forget all writes up to that number: they are in MongoDB."""
        await asyncio.to_thread(self._delete, last)

    async def put_aside(self) -> Path:
        """Move the write that has waited longest to a file of its own; return that."""
        ((number, body),) = await self.first(1)
        path = self.path.with_suffix(f".{number}{ASIDE}")
        with _its_own_faults(path):
            await asyncio.to_thread(_write, path, body)
        await self.drop(number)
        return path

    def _delete(self, last: int) -> None:
        with _its_own_faults(self.path), self._one_at_a_time:
            with self._transaction():
                self._file.execute("DELETE FROM waiting WHERE number <= ?", (last,))
            self._count, self._bytes = self._file.execute(LEFT).fetchone()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        with self._file:  # it knows whether there is anything to roll back
            yield

    def close(self) -> None:
        """Leave the spool; without anything in it its file is removed."""
        empty = not len(self)
        self._file.close()
        if empty:
            for end in (".spool", ".spool-wal", ".spool-shm", ".lock"):  # some, where it is read
                self.path.with_suffix(end).unlink(missing_ok=True)
        os.close(self._lock)


def _write(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def left_behind(folder: Path) -> Iterator[Spool]:
    """Take over, one after the other, the spools in `folder` whose runs are gone."""
    for path in sorted(folder.glob("*.spool")):
        with contextlib.suppress(SpoolInUse):
            yield Spool(path)


def waiting(folder: Path) -> Iterator[bytes]:
    """Yield what waits in all spools in `folder`, in use or not; change nothing, take no lock.

    Raises:
        StoreError: one cannot be read.
    """
    yield from _read(folder, "SELECT body FROM waiting ORDER BY number")


def count_waiting(folder: Path) -> int:
    """Count the writes that wait in all spools in `folder`.

    Raises:
        StoreError: one cannot be read.
    """
    return sum(_read(folder, "SELECT count(*) FROM waiting"))


def _read(folder: Path, query: str) -> Iterator[Any]:
    for path in sorted(folder.glob("*.spool")):
        address = f"{path.resolve().as_uri()}?mode=ro"
        try:
            with (
                _its_own_faults(path),
                contextlib.closing(sqlite3.connect(address, uri=True)) as file,
            ):
                yield from (value for (value,) in file.execute(query))
        except StoreError:
            if path.exists():  # else its run has ended meanwhile, and all of it is in MongoDB
                raise


@contextlib.contextmanager
def _its_own_faults(path: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with the disk or the file.

    Raises:
        StoreError: always instead of what SQLite and the system raise.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path}, where writes wait for MongoDB, cannot be used ({error}): "
            "see to the disk of DATELINE_DATA."
        ) from error
