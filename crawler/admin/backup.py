"""Backup of a whole database to one file, and restore into an empty database."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from crawler.admin.archive import ArchiveWriter, CollectionDigest, open_archive
from crawler.admin.migrations import ReportProgress, migrate
from crawler.errors import DatelineError, StoreError
from crawler.store.collection import Document, server_errors
from crawler.store.database import Database, plain
from crawler.store.leases import Leases
from crawler.store.schema import VERSION

RESTORING = "restoring_"
"""Prefix of collections before all of a backup is there."""
SCHEMA_ID = {"_id": "schema"}
"""The document of ``meta`` that marks a backup that is being put in place."""
BATCH = 4 * 1024 * 1024
"""Bytes written at a time."""
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
"""Nothing is decoded: not every date that MongoDB holds is one of Python's."""


async def back_up(database: Database, file: BinaryIO, report: ReportProgress) -> None:
    """Write all collections to `file`, as they are at one moment.

    On a replica set all is read from one snapshot. A single server has no snapshots: nobody may
    write to it meanwhile.

    Raises:
        DatelineError: the database is empty.
        StoreError: the server does not answer, somebody writes to a single server, or a restore
            into it did not finish.
    """
    await database.version()
    own = plain(database)
    head = {"at": datetime.now(UTC), "dateline": version("dateline"), "database": own.name}
    archive = ArchiveWriter(file, head)
    has_content = False
    with server_errors(database.address):
        hello = await own.command("hello")
        is_replicated = "setName" in hello or hello.get("msg") == "isdbgrid"
        if not is_replicated:
            await _refuse_runs(database)
            before = await _write_counts(own)
        snapshot = own.client.start_session(snapshot=True) if is_replicated else nullcontext()
        async with snapshot as session:
            for name in await _collection_names(own):
                archive.begin(name)
                total, done = await own[name].estimated_document_count(), 0
                async for documents in _raw(own, name, session):
                    done = archive.add(documents)
                    report(name, done, max(total, done))
                archive.end()
                has_content |= bool(done) and name != "meta"
        if not is_replicated and await _write_counts(own) != before:
            raise StoreError(
                "Something wrote to the database during its backup: back it up when nothing runs, "
                "or from a replica set."
            )
    if not has_content:
        raise DatelineError(
            f"The database {own.name} is empty, so no backup was written: check MONGODB_DATABASE."
        )
    archive.close()


async def restore(database: Database, path: Path, report: ReportProgress) -> None:
    """Restore a backup into an empty database, all of it, verified, or nothing.

    A backup of an earlier version of Dateline is migrated then.

    Raises:
        DatelineError: the file is damaged, not a backup, or one of a newer version.
        StoreError: the database is not empty, or the server does not answer.
    """
    own = plain(database)
    with open_archive(path) as archive, server_errors(database.address):
        await _drop_leftovers(own)
        await _refuse_nonempty(own)
        try:
            restored = []
            for name in archive.collections():
                done = 0
                for batch in _batches(archive.documents()):
                    await _insert(own, RESTORING + name, batch)
                    done += len(batch)
                    report(name, done, done)
                digest = CollectionDigest()
                async for documents in _raw(own, RESTORING + name):
                    digest.add(documents)
                if digest.as_dict() != archive.recorded:
                    raise StoreError(f"MongoDB did not store {name} as it is in {path}: try again.")
                restored += [name] * bool(done)
            await _refuse_nonempty(own)
            await _refuse_newer(own)
            await _put_in_place(own, restored)
            await migrate(database, lambda *_: None)
        finally:
            await _drop_leftovers(own)


async def _put_in_place(own: AsyncDatabase[Document], restored: Sequence[str]) -> None:
    """Rename the collections to their own names; until all have them, a mark is there."""
    await own["meta"].replace_one(SCHEMA_ID, {**SCHEMA_ID, "restoring": True}, upsert=True)
    for name in sorted(restored, key="meta".__eq__):  # its mark goes last
        await own[RESTORING + name].rename(name, dropTarget=True)
    if "meta" not in restored:
        await own["meta"].drop()  # the backup is of an early version


async def _refuse_runs(database: Database) -> None:
    if outlets := sorted(await Leases(database).held()):
        raise StoreError(
            f"{', '.join(outlets)} is being collected, and a single server has no snapshots: "
            "back up when nothing runs, or from a replica set."
        )


async def _refuse_nonempty(own: AsyncDatabase[Document]) -> None:
    for name in await _collection_names(own):
        if name != "meta" and await own[name].find_one({}, ["_id"]):
            raise DatelineError(
                f"The database {own.name} is not empty ({name} has documents): set "
                "MONGODB_DATABASE to another name, and restore into that."
            )


async def _refuse_newer(own: AsyncDatabase[Document]) -> None:
    schema = await own[f"{RESTORING}meta"].find_one(SCHEMA_ID) or {}
    if schema.get("version", 0) > VERSION:
        raise DatelineError(
            f"The backup is of a newer Dateline (schema {schema['version']}; this one knows "
            f"{VERSION}): install that version, and restore with it."
        )


async def _collection_names(own: AsyncDatabase[Document]) -> list[str]:
    names = await own.list_collection_names()
    return sorted(name for name in names if not name.startswith(("system.", RESTORING)))


async def _write_counts(own: AsyncDatabase[Document]) -> Counter[str]:
    """Count the server's writes to each collection since its start; equal if nothing was written.

    A collection is in ``top`` only once it was used. ``schedulers`` does not count, so that an idle
    ``dateline run`` does not prevent a backup.
    """
    totals: dict[str, Any] = (await own.client.admin.command("top"))["totals"]
    prefix = f"{own.name}."
    return Counter(
        {
            name: total["writeLock"]["count"]
            for name, total in totals.items()
            if name.startswith(prefix) and name != f"{prefix}schedulers"
        }
    )


async def _raw(
    own: AsyncDatabase[Document], name: str, session: AsyncClientSession | None = None
) -> AsyncIterator[bytes]:
    """Yield the documents of a collection by their ``_id``, many at a time, in BSON."""
    batches: Any = own[name].find_raw_batches(session=session, sort=[("_id", ASCENDING)])
    async for documents in batches:
        yield documents


async def _insert(own: AsyncDatabase[Document], name: str, documents: Iterable[bytes]) -> None:
    """Write documents as they are; those of an earlier schema are not refused."""
    collection = own[name].with_options(codec_options=RAW)
    raw = [RawBSONDocument(document, RAW) for document in documents]
    await collection.insert_many(raw, ordered=False, bypass_document_validation=True)


async def _drop_leftovers(own: AsyncDatabase[Document]) -> None:
    """Drop all that an interrupted restore has left."""
    is_interrupted = await own["meta"].find_one({**SCHEMA_ID, "restoring": True})
    names = await own.list_collection_names()
    for name in sorted(names, key="meta".__eq__):  # the mark goes last
        if name.startswith(RESTORING) or (is_interrupted and not name.startswith("system.")):
            await own[name].drop()


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
