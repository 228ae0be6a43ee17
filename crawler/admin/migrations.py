"""Migrations: they bring the database of an earlier version to the present schema.

Each changes one collection and finds by itself what is still to be done: it may be stopped
anywhere, repeated, and done by several processes at one time.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pymongo
from bson import MinKey
from pymongo import ASCENDING, UpdateOne

from crawler.errors import StoreError
from crawler.store.collection import Document, server_errors
from crawler.store.database import Database, plain
from crawler.store.ledger import identities
from crawler.store.schema import VALIDATORS, VERSION
from crawler.text.paragraphs import split_body

BATCH = 500
"""Documents in memory at a time."""

ReportProgress = Callable[[str, int, int], None]
"""Callback for progress: a collection, the number of its documents done, and their total."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version of the schema to the next."""

    collection: str
    outdated: Document
    """Filter of the documents to change; it matches none that has been changed."""
    fields: tuple[str, ...]
    """Fields of them that `change` needs."""
    change: Callable[[Document], Any]
    """Returns the update of a document."""


def _lacks(*names: str) -> list[Document]:
    return [{name: {"$exists": False}} for name in names]


def _lead(old: Document) -> Document:
    """Add identities, which came with forms of addresses, and instants, with bounds of runs."""
    return {
        "$set": {
            "identities": old.get("identities") or identities(old["_id"], old["aliases"]),
            "published": old.get("published"),
            "stated.at": old["stated"].get("at"),
        }
    }


_GAPS = {"left_out": {"$elemMatch": {"kind": {"$exists": False}}}}
_ARTICLE = ("left_out", "structure", "correction", "confidence", "seen_first", "seen_last")


def _article(old: Document) -> Document:
    """Add the fields that were not noted yet, as those of a story that states none."""
    gaps = [{**gap, "kind": gap.get("kind", "p")} for gap in old.get("left_out", [])]
    absent = {
        "structure": [kind for _, kind in split_body(old["body"])],
        "correction": None,
        "confidence": {},
        "seen_first": old["fetched"],
        "seen_last": old["fetched"],
    }
    return {"$set": {"left_out": gaps, **{k: v for k, v in absent.items() if k not in old}}}


_OUTCOMES = {"ok": "healthy", "partial": "degraded"}

MIGRATIONS = (
    Migration(
        "leads",
        {"$or": _lacks("identities", "published", "stated.at")},
        ("aliases", "identities", "published", "stated"),
        _lead,
    ),
    Migration(
        "articles",
        {"$or": [*_lacks(*_ARTICLE), _GAPS]},
        ("body", "fetched", *_ARTICLE),
        _article,
    ),
    Migration(
        "revisions",
        {"$or": [*_lacks(*_ARTICLE), _GAPS]},
        ("body", "fetched", *_ARTICLE),
        _article,
    ),
    Migration(
        "pages",
        {"$or": _lacks("packed")},
        ("_id",),
        lambda _: [{"$set": {"packed": {"$binarySize": "$zstd"}}}],
    ),
    Migration(
        "runs",
        {"outcome": {"$in": list(_OUTCOMES)}},
        ("outcome",),
        lambda old: {"$set": {"outcome": _OUTCOMES[old["outcome"]]}},
    ),
)
"""The first migrates from version 0 to 1, and so on; a released one is never changed."""


async def pending(database: Database) -> AsyncIterator[tuple[int, Migration, int]]:
    """Yield the missing migrations: the version each makes, it, and its number of documents.

    Raises:
        StoreError: the database is of a newer version, or the server does not answer.
    """
    for number, migration in enumerate(MIGRATIONS, 1):
        if number > await database.version():
            with server_errors(database.address), pymongo.timeout(0):
                count = await plain(database)[migration.collection].count_documents(
                    migration.outdated
                )
            yield number, migration, count


async def migrate(database: Database, report: ReportProgress) -> None:
    """Bring the database to the present schema; where it has that, nothing happens.

    Raises:
        StoreError: as `pending`; or some documents match no known schema version.
    """
    async for number, migration, total in pending(database):
        if total:
            await _apply(database, migration, total, report)
        if number < VERSION:
            await database.stamp(number)
    if await database.version() < VERSION:
        await _refuse_unknown_documents(database)
    await database.lay_out()


async def _apply(
    database: Database, migration: Migration, total: int, report: ReportProgress
) -> None:
    collection = plain(database)[migration.collection]
    done, before = 0, -1
    with server_errors(database.address), pymongo.timeout(0):
        while done > before:  # an older process may still write outdated documents behind us
            before, after = done, MinKey()
            while found := await collection.find(
                {"_id": {"$gt": after}, **migration.outdated},
                migration.fields,
                sort=[("_id", ASCENDING)],
                limit=BATCH,
            ).to_list():
                writes = [_update(migration, old) for old in found]
                # Nothing is refused for what else it lacks: later steps may add that.
                written = await collection.bulk_write(
                    writes, ordered=False, bypass_document_validation=True
                )
                done += written.modified_count
                after = found[-1]["_id"]
                report(migration.collection, done, max(done, total))


def _update(migration: Migration, old: Document) -> UpdateOne:
    try:
        return UpdateOne({"_id": old["_id"], **migration.outdated}, migration.change(old))
    except (KeyError, TypeError, AttributeError) as error:
        raise _unknown_schema(f"Some of the {migration.collection}", old["_id"]) from error


def _unknown_schema(what: str, example: object) -> StoreError:
    return StoreError(
        f"{what} match no known schema version, e.g. {example}: correct or remove them "
        "with a MongoDB client, and run `dateline db migrate` again."
    )


async def _refuse_unknown_documents(database: Database) -> None:
    """Refuse documents that the validators reject: they could never be written again."""
    with server_errors(database.address), pymongo.timeout(0):
        for name, validator in VALIDATORS.items():
            invalid = {"$nor": [validator]}
            if found := await plain(database)[name].find_one(invalid, ["_id"]):
                count = await plain(database)[name].count_documents(invalid)
                raise _unknown_schema(f"{count} of the {name}", found["_id"])
