"""`Collection`: a MongoDB collection whose writes each name their fence (`Fence`)."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any

import pymongo
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError
from pymongo.results import BulkWriteResult, DeleteResult, UpdateResult

from crawler.errors import StoreError

Document = dict[str, Any]
Writes = Sequence[pymongo.InsertOne[Document] | pymongo.UpdateOne | pymongo.ReplaceOne[Document]]

CALL_MS = 10_000
"""Milliseconds that any one call may take: a frozen server must not freeze a run."""

UNABLE = frozenset(
    {6, 7, 50, 64, 89, 91, 112, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436}
)
"""The server's codes of errors that are not a document's fault: it is not, or no longer, primary,
is shutting down, was interrupted or ran out of time (its ``error_codes.yml``)."""

TOO_LARGE = 10334
"""The server's code for a document over 16 MB, where the driver has not noticed."""


class Fence:
    """The permission to write, which ends when a run may have lost its outlet's lease.

    Args:
        token: of the lease; it grows with every holder.
        seconds_left: for which the lease surely lasts; where it may be another's by now, 0 or less.
    """

    def __init__(self, token: int = 0, seconds_left: Callable[[], float] = lambda: inf) -> None:
        self.token = token
        self._seconds_left = seconds_left

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Let a write be sent, and end, only while the lease surely lasts.

        Raises:
            StoreError: another run may have begun.
        """
        left = self._seconds_left()
        if left <= 0:
            raise StoreError("Nothing is written until it is sure that no other run has begun.")
        if left == inf:
            yield
            return
        # The driver looks at the time left as it sends, and the server gives up when it is over.
        with pymongo.timeout(min(left, CALL_MS / 1000)):
            yield


UNFENCED = Fence()
"""For writes that are no run's: of commands, and of what makes sure by itself that it is alone."""


@contextmanager
def server_errors(address: str) -> Iterator[None]:
    """Turn what is the server's fault into one sentence.

    Raises:
        StoreError: the server does not answer, or refuses for reasons of its own.
        BulkWriteError, DocumentTooLarge: one of the documents written is at fault.
    """
    try:
        yield
    except PyMongoError as error:
        if isinstance(error, DocumentTooLarge) or _is_fault_of_documents(error):
            raise
        if getattr(error, "code", None) == TOO_LARGE:
            raise DocumentTooLarge(str(error)[:200]) from error
        what = re.split(r", Timeout:| \(configured timeouts", str(error))[0][:200]
        raise StoreError(
            f"MongoDB at {address} cannot be used ({what}): "
            "start it, or correct MONGODB_URI, or unset it to use Dateline's own."
        ) from error


def _is_fault_of_documents(error: PyMongoError) -> bool:
    """Tell whether one of many documents is at fault, and not the server unable to write them."""
    if not isinstance(error, BulkWriteError):
        return False
    return bool({wrong["code"] for wrong in error.details["writeErrors"]} - UNABLE)


class Documents:
    """The documents that a query finds, as the server sends them."""

    def __init__(self, open_cursor: Callable[[], Any], address: str) -> None:
        self._open_cursor = open_cursor
        self._address = address

    async def __aiter__(self) -> AsyncIterator[Document]:
        with server_errors(self._address):
            async for document in await self._open_cursor():
                yield document

    async def to_list(self) -> list[Document]:
        """Return all of them."""
        with server_errors(self._address):
            found: list[Document] = await (await self._open_cursor()).to_list()
            return found

    async def chunks(self, count: int) -> AsyncIterator[list[Document]]:
        """Yield them, `count` at a time."""
        with server_errors(self._address):
            cursor = await self._open_cursor()
            while chunk := await cursor.to_list(count):
                yield chunk


class Collection:
    """Reads as pymongo's collections do, and writes within the fence that each write names.

    All methods raise StoreError where the server does not answer or refuses; options are pymongo's.
    """

    def __init__(self, collection: AsyncCollection[Document], address: str) -> None:
        self._collection = collection
        self._address = address

    def with_options(self, **options: Any) -> "Collection":
        """Return the same collection with other options."""
        return Collection(self._collection.with_options(**options), self._address)

    # -- Reads

    def find(
        self, query: Mapping[str, Any] | None = None, fields: Any = None, **options: Any
    ) -> Documents:
        """Return the documents that a query finds."""

        async def open_cursor() -> Any:
            return self._collection.find(query, fields, **options)

        return Documents(open_cursor, self._address)

    def aggregate(self, stages: Sequence[Mapping[str, Any]], **options: Any) -> Documents:
        """Return the documents that an aggregation makes."""
        return Documents(lambda: self._collection.aggregate(stages, **options), self._address)

    async def find_one(
        self, query: Mapping[str, Any] | None = None, fields: Any = None, **options: Any
    ) -> Document | None:
        """Return the first document that a query finds."""
        with server_errors(self._address):
            return await self._collection.find_one(query, fields, **options)

    async def distinct(self, key: str, query: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the different values of a field."""
        with server_errors(self._address):
            found: list[Any] = await self._collection.distinct(key, query)
            return found

    async def count_documents(self, query: Mapping[str, Any], **options: Any) -> int:
        """Return how many documents a query finds."""
        with server_errors(self._address):
            return await self._collection.count_documents(query, **options)

    # -- Writes

    async def bulk_write(
        self, fence: Fence, writes: Writes, *, ordered: bool = False
    ) -> BulkWriteResult:
        """Make many writes in one call."""
        with server_errors(self._address), fence.hold():
            return await self._collection.bulk_write(writes, ordered=ordered)

    async def insert_one(self, fence: Fence, document: Document) -> None:
        """Insert a document."""
        with server_errors(self._address), fence.hold():
            await self._collection.insert_one(document)

    async def update_one(
        self, fence: Fence, query: Mapping[str, Any], change: Any, *, upsert: bool = False
    ) -> UpdateResult:
        """Change the first document that a query finds."""
        with server_errors(self._address), fence.hold():
            return await self._collection.update_one(query, change, upsert=upsert)

    async def update_many(
        self, fence: Fence, query: Mapping[str, Any], change: Any
    ) -> UpdateResult:
        """Change all documents that a query finds."""
        with server_errors(self._address), fence.hold():
            return await self._collection.update_many(query, change)

    async def replace_one(
        self, fence: Fence, query: Mapping[str, Any], document: Document, *, upsert: bool = True
    ) -> None:
        """Replace the document that a query finds; if there is none, insert it with `upsert`."""
        with server_errors(self._address), fence.hold():
            await self._collection.replace_one(query, document, upsert=upsert)

    async def delete_many(self, fence: Fence, query: Mapping[str, Any]) -> DeleteResult:
        """Delete all documents that a query finds."""
        with server_errors(self._address), fence.hold():
            return await self._collection.delete_many(query)

    async def find_one_and_update(
        self, fence: Fence, query: Mapping[str, Any], change: Any, **options: Any
    ) -> Document | None:
        """Change the first document that a query finds, and return it."""
        with server_errors(self._address), fence.hold():
            found: Document | None = await self._collection.find_one_and_update(
                query, change, **options
            )
            return found
