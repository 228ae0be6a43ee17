"""`Outbox`: what a run writes is on disk at once, and brought to MongoDB in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from crawler.errors import StoreError
from crawler.queue.spool import Spool, left_behind
from crawler.queue.writes import Write, decode_write, encode_write
from crawler.store.database import PAUSE

logger = logging.getLogger(__name__)

MAX_BATCH = 500
"""Writes that are brought to MongoDB together, at most."""

FINAL_PATIENCE = 15.0
"""Seconds for which a run that was told to stop waits for a server at most: longer than elections
take."""

MAX_CONSECUTIVE_FAILURES = 3
"""Writes in a row that fail: with so many, the fault is not theirs."""


class Outbox:
    """Takes writes, and brings them to MongoDB in the background, in order.

    Args:
        spool: where they wait.
        deliver: brings writes to MongoDB; it may be called with the same ones again.
        lost: called once, if the server stays away for longer than `patience` seconds.
        hurried: tells whether the run was told to stop, and waits for `FINAL_PATIENCE` at most.
    """

    def __init__(
        self,
        spool: Spool,
        deliver: Callable[[Sequence[Write]], Awaitable[None]],
        lost: Callable[[StoreError], None],
        patience: float,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._delivery = _Delivery(spool, deliver)
        self._lost = lost
        self._patience = patience
        self._hurried = hurried
        self._more = asyncio.Event()
        self._emptied = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def __len__(self) -> int:
        """Return how many writes wait."""
        return len(self._spool)

    async def put(self, write: Write) -> None:
        """Take a write; it is on disk when this returns, and will get to MongoDB.

        Raises:
            StoreError: there is no room on disk.
            BSONError, ValueError, OverflowError: MongoDB has no form for it.
        """
        await self._spool.put(encode_write(write))
        self._more.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        answered = loop.time()
        while True:
            if not len(self._spool):
                self._emptied.set()
                self._more.clear()
                await self._more.wait()
                answered = loop.time()
            try:
                await self._delivery.bring()
                answered = loop.time()
            except StoreError as error:
                hurried = min(self._patience, FINAL_PATIENCE)
                if loop.time() - answered > (hurried if self._hurried() else self._patience):
                    self._give_up(error)
                    return
                await asyncio.sleep(PAUSE)
            except Exception as error:  # a fault of ours must not leave the run waiting for ever
                message = (
                    f"What waits on disk does not get into MongoDB ({error!r}): please report it."
                )
                self._give_up(StoreError(message))
                raise

    def _give_up(self, error: StoreError) -> None:
        self._emptied.set()
        self._lost(error)

    async def deliver(self) -> None:
        """Bring what waits to MongoDB, if it answers; else it stays on disk."""
        if len(self._spool) and not self._task.done():
            self._emptied.clear()
            self._more.set()
            await self._emptied.wait()

    def close(self) -> None:
        """Leave the spool; what is in it waits for the next run."""
        self._task.cancel()
        self._spool.close()


async def replay(
    folder: Path,
    deliver: Callable[[Sequence[Write]], Awaitable[None]],
    ping: Callable[[], Awaitable[None]],
) -> int:
    """Bring to MongoDB what runs that are gone have left in `folder`; return how many writes.

    A write that fails for a fault of ours is put aside, so that no other run dies of it. If several
    in a row fail, the fault is elsewhere, and all stay where they are.

    Args:
        deliver: as of `Outbox`.
        ping: raises StoreError where the server does not answer at all.

    Raises:
        StoreError: the server does not answer; they still wait.
        Exception: `MAX_CONSECUTIVE_FAILURES` in a row cannot be brought.
    """
    count = 0
    for spool in left_behind(folder):
        try:
            delivery = _Delivery(spool, deliver)
            in_a_row = 0
            while waiting := len(spool):
                tried = delivery.batch
                try:
                    await delivery.bring()
                    count += waiting - len(spool)
                    in_a_row = 0
                except StoreError:
                    if delivery.batch == tried:  # they were too few to be too many
                        raise
                    await ping()
                except (MemoryError, OSError):
                    raise
                except Exception as error:  # whatever it is: of a damaged file, or a fault of ours
                    if tried == 1:
                        in_a_row += 1
                        if in_a_row == MAX_CONSECUTIVE_FAILURES:
                            raise
                        path = await spool.put_aside()
                        logger.exception(
                            "A write that waited cannot be brought to MongoDB (%r): it is in %s "
                            "now; please report it.",
                            error,
                            path,
                        )
        finally:
            spool.close()
    return count


class _Delivery:
    """Brings the writes that have waited longest to MongoDB.

    A slow link may never carry as many as are due in the time that a call has: after a failure
    there are half as many, and after each success a quarter more.
    """

    def __init__(self, spool: Spool, deliver: Callable[[Sequence[Write]], Awaitable[None]]) -> None:
        self.batch = MAX_BATCH
        self._spool = spool
        self._deliver = deliver

    async def bring(self) -> None:
        """Bring some, and forget them.

        Raises:
            StoreError: the server does not answer; they still wait.
        """
        found = await self._spool.first(self.batch)
        try:
            await self._deliver(await asyncio.to_thread(_decoded, found))
        except Exception:
            self.batch = max(1, len(found) // 2)
            raise
        await self._spool.drop(found[-1][0])
        self.batch = min(MAX_BATCH, self.batch + self.batch // 4 + 1)


def _decoded(found: Sequence[tuple[int, bytes]]) -> list[Write]:
    return [decode_write(body) for _, body in found]
