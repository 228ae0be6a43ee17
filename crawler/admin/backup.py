"""Backing up a whole database to one file, and restoring it from there into an empty one."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession

from crawler.admin.archive import Content, Writer, reading
from crawler.admin.migrations import Tell, migrate
from crawler.errors import DatelineError, StoreError
from crawler.store.database import Database
from crawler.store.leases import Leases
from crawler.store.schema import VERSION

RESTORING = "restoring_"
"""What the names of collections begin with before all of a backup is there."""
MARK = {"_id": "schema"}
"""The document of ``meta`` that tells that a backup is being put in place."""
BATCH = 4 * 1024 * 1024
"""Bytes written at a time."""
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
"""Nothing is decoded: not every date that MongoDB holds is one of Python's."""


async def back_up(database: Database, file: BinaryIO, tell: Tell) -> None:
    """Write all collections to `file`, as they are at one moment.

    On a replica set all is read from one snapshot. A single server has none: there, nobody may
    write meanwhile.

    Raises:
        DatelineError: there is nothing in it.
        StoreError: the server does not answer, somebody writes to a single server, or part of a
            backup has been restored into it.
    """
    await database.version()
    own = database["articles"].database
    head = {"at": datetime.now(UTC), "dateline": version("dateline"), "database": own.name}
    archive = Writer(file, head)
    async with AsyncExitStack() as stack:
        with database.calls():
            hello = await own.command("hello")
            is_replicated = "setName" in hello or hello.get("msg") == "isdbgrid"
            session: AsyncClientSession | None = None
            if is_replicated:
                session = await stack.enter_async_context(own.client.start_session(snapshot=True))
            else:
                await _refuse_runs(database)
                before = await _writes(database)
            has_content = False
            for name in await _names(database):
                archive.begin(name)
                total, done = await own[name].estimated_document_count(), 0
                async for documents in _raw(database, name, session):
                    done = archive.add(documents)
                    tell(name, done, max(total, done))
                archive.end()
                has_content |= bool(done) and name != "meta"
            if not is_replicated and await _writes(database) != before:
                raise StoreError(
                    "Something wrote to the database during its backup: back it up when nothing is "
                    "under way, or from a replica set."
                )
    if not has_content:
        raise DatelineError(
            f"There is nothing in the database {own.name}, so nothing was written: is "
            "MONGODB_DATABASE right?"
        )
    archive.close()


async def restore(database: Database, path: Path, tell: Tell) -> None:
    """Bring a backup into an empty database; nothing is there before all of it is, verified.

    One of an earlier version of Dateline is brought to the present form then.

    Raises:
        DatelineError: the file is damaged, no backup, or one of a newer version.
        StoreError: the database is not empty, or the server does not answer.
    """
    with reading(path) as archive:
        await _drop_leftovers(database)
        await _refuse_content(database)
        try:
            restored = []
            for name in archive.collections():
                done = 0
                for batch in _batches(archive.documents()):
                    await _insert(database, RESTORING + name, batch)
                    done += len(batch)
                    tell(name, done, done)
                content = Content()
                async for documents in _raw(database, RESTORING + name, None):
                    content.add(documents)
                if content.told() != archive.told:
                    raise StoreError(f"MongoDB has not stored {name} as it is in {path}.")
                restored += [name] * bool(done)
            await _refuse_content(database)
            await _refuse_newer(database)
            await _put_in_place(database, restored)
            await migrate(database, lambda *_: None)
        finally:
            await _drop_leftovers(database)


async def _put_in_place(database: Database, restored: Sequence[str]) -> None:
    """Give the collections their names. Until all have theirs, nobody takes it for a database."""
    with database.calls():
        await database["meta"].replace_one(MARK, {**MARK, "restoring": True}, upsert=True)
        for name in restored:
            if name != "meta":
                await database[RESTORING + name].rename(name, dropTarget=True)
        if "meta" in restored:
            await database[f"{RESTORING}meta"].rename("meta", dropTarget=True)
        else:
            await database["meta"].drop()  # the backup is of an early version


async def _refuse_runs(database: Database) -> None:
    if outlets := sorted(await Leases(database).held()):
        raise StoreError(
            f"{', '.join(outlets)} is being collected: back up when no run is under way, for a "
            "single server has no snapshots (a replica set has)."
        )


async def _refuse_content(database: Database) -> None:
    with database.calls():
        for name in await _names(database):
            if name != "meta" and await database[name].find_one({}, ["_id"]):
                raise DatelineError(
                    f"The database {database[name].database.name} is not empty ({name} has "
                    "documents): set MONGODB_DATABASE to another name, and restore into that."
                )


async def _refuse_newer(database: Database) -> None:
    with database.calls():
        told = await database[f"{RESTORING}meta"].find_one(MARK) or {}
    if told.get("version", 0) > VERSION:
        raise DatelineError(
            f"The backup is of a newer Dateline (schema {told['version']}; this one knows "
            f"{VERSION}): install that, and restore it with that."
        )


async def _names(database: Database) -> list[str]:
    found = await database["articles"].database.list_collection_names()
    return sorted(name for name in found if not name.startswith(("system.", RESTORING)))


async def _writes(database: Database) -> Counter[str]:
    """Count the server's writes to each collection since its start; equal if nothing was written.

    A collection is in ``top`` only once it was used. ``schedulers`` does not count, so that an idle
    ``dateline run`` keeps nobody from a backup.
    """
    own = database["articles"].database
    totals: dict[str, Any] = (await own.client.admin.command("top"))["totals"]
    prefix = f"{own.name}."
    return Counter(
        {
            name: used["writeLock"]["count"]
            for name, used in totals.items()
            if name.startswith(prefix) and name != f"{prefix}schedulers"
        }
    )


async def _raw(
    database: Database, name: str, session: AsyncClientSession | None
) -> AsyncIterator[bytes]:
    """The documents of a collection by their ``_id``, many at a time, in BSON."""
    with database.calls():
        found: Any = database[name].find_raw_batches(session=session, sort=[("_id", ASCENDING)])
        async for documents in found:
            yield documents


async def _insert(database: Database, name: str, documents: Iterable[bytes]) -> None:
    """Write documents as they are; one of an earlier form is not refused."""
    collection = database[name].with_options(codec_options=RAW)
    raw = [RawBSONDocument(document, RAW) for document in documents]
    with database.calls():
        await collection.insert_many(raw, ordered=False, bypass_document_validation=True)


async def _drop_leftovers(database: Database) -> None:
    """Drop what a restore has left that ended half way, whatever it had come to."""
    with database.calls():
        is_half = await database["meta"].find_one({**MARK, "restoring": True})
        names = await database["articles"].database.list_collection_names()
        for name in sorted(names, key="meta".__eq__):  # the mark goes last
            if name.startswith(RESTORING) or (is_half and not name.startswith("system.")):
                await database[name].drop()


def _batches(documents: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in documents:
        if size + len(document) > BATCH and batch:
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document)
    if batch:
        yield batch
