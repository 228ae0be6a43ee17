"""Migrations: what brings a database that an earlier version has left to its present form.

Each is a step over one collection that finds by itself what is still to be done: it may be stopped
anywhere, done again, and done by several processes at one time.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pymongo
from bson import MinKey
from pymongo import ASCENDING, UpdateOne

from crawler.errors import StoreError
from crawler.store.database import Database, Document
from crawler.store.ledger import identities
from crawler.store.schema import VALIDATORS, VERSION
from crawler.text.paragraphs import split_body

BATCH = 500
"""Documents in memory at a time."""

Tell = Callable[[str, int, int], None]
"""Is told of progress: a collection, how many of its documents are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version to the next."""

    collection: str
    older: Document
    """The filter of the documents that are to be changed; it matches none that has been."""
    fields: tuple[str, ...]
    """What `change` needs of them."""
    change: Callable[[Document], Any]
    """The update that a document takes."""


def _lacks(*names: str) -> list[Document]:
    return [{name: {"$exists": False}} for name in names]


def _lead(old: Document) -> Document:
    """Identities came with the forms an address may have, the instants with bounds of runs."""
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
    """What was not noted of a story yet is as little known as of one that states none."""
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
"""The first brings a database from version 0 to 1, and so on; those done once are never changed."""


async def pending(database: Database) -> AsyncIterator[tuple[int, Migration, int]]:
    """The migrations that are missing: the version each makes, and of how many documents.

    Raises:
        StoreError: the database is of a newer version, or the server does not answer.
    """
    for number, migration in enumerate(MIGRATIONS, 1):
        if number > await database.version():
            with database.calls(), pymongo.timeout(0):
                count = await database[migration.collection].count_documents(migration.older)
            yield number, migration, count


async def migrate(database: Database, tell: Tell) -> None:
    """Bring the database to the present form; where it has that, nothing happens.

    Raises:
        StoreError: as `pending`; or there are documents that no version of Dateline has written.
    """
    async for number, migration, total in pending(database):
        if total:
            await _apply(database, migration, total, tell)
        if number < VERSION:
            await database.stamp(number)
    if await database.version() < VERSION:
        await _refuse_strangers(database)
    await database.lay_out()


async def _apply(database: Database, migration: Migration, total: int, tell: Tell) -> None:
    collection = database[migration.collection]
    done, before = 0, -1
    with database.calls(), pymongo.timeout(0):
        while done > before:  # somebody may still write what is older, behind us
            before, after = done, MinKey()
            while found := await collection.find(
                {"_id": {"$gt": after}, **migration.older},
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
                tell(migration.collection, done, max(done, total))


def _update(migration: Migration, old: Document) -> UpdateOne:
    try:
        return UpdateOne({"_id": old["_id"], **migration.older}, migration.change(old))
    except (KeyError, TypeError, AttributeError) as error:
        raise _strange(f"Some of the {migration.collection}", old["_id"]) from error


def _strange(what: str, example: object) -> StoreError:
    return StoreError(
        f"{what} are as no version of Dateline has written them, e.g. {example}: correct or remove "
        "them with a MongoDB client, and run `dateline db migrate` again."
    )


async def _refuse_strangers(database: Database) -> None:
    """The validators are strict: what does not satisfy them could never be written again."""
    with database.calls(), pymongo.timeout(0):
        for name, validator in VALIDATORS.items():
            strange = {"$nor": [validator]}
            if found := await database[name].find_one(strange, ["_id"]):
                count = await database[name].count_documents(strange)
                raise _strange(f"{count} of the {name}", found["_id"])
