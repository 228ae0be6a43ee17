"""Group commit: everything handed over while one write is under way goes into the next."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DocumentTooLarge, InvalidOperation

T = TypeVar("T")
R = TypeVar("R")

POISON = (BulkWriteError, DocumentTooLarge, BSONError, InvalidOperation, ValueError, OverflowError)
"""What a single document can be guilty of, as against a server that does not answer."""


class Batch(Generic[T, R]):
    """Turns single items into bulk writes without a timer: light load means no delay.

    Args:
        write: writes a list of items and returns one result for each, in order.
        limit: the most items of one write.
    """

    def __init__(self, write: Callable[[list[T]], Awaitable[list[R]]], *, limit: int = 100) -> None:
        self._write = write
        self._limit = limit
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._drain: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        """Write `item` with its neighbours; return once it is acknowledged.

        Raises:
            Exception: what `write` raised, for this item: one bad item does not hurt the others.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._drain is None:
            self._drain = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
            await self._commit(batch)
        self._drain = None

    async def _commit(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - raised by `put` for whoever waits
            if len(batch) > 1 and isinstance(error, POISON):
                for single in batch:
                    await self._commit([single])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
