"""The ``revisions`` collection: what stories said before, and when."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from bson import encode
from pymongo import ASCENDING, UpdateOne

from crawler.store.database import Database, Document
from crawler.text.revision import Label

SHOWN = frozenset({"title", "standfirst", "authors", "section", "tags", "language", "published"})
SHOWN |= {"modified", "body", "credit", "dateline", "correction", "images"}
"""Fields that a reader sees; all others follow from them or tell how they were read."""


class Revisions:
    """Finds the earlier versions of stories."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revisions = database["revisions"]

    async def of(self, article: str) -> list[Document]:
        """The earlier versions of the article with this ``_id``, and readings, the first first."""
        cursor = self._revisions.find({"article": article}).sort("seen_first", ASCENDING)
        with self._database.calls():
            kept = await cursor.to_list()
        return sorted(
            kept, key=lambda one: (one["seen_first"], one["label"] != "reparse", one["replaced"])
        )


def seen_first(article: Document) -> datetime:
    """When a stored article, as it is, was first seen."""
    seen: datetime = article["seen_first"] if "seen_first" in article else article["fetched"]
    return seen


def seen_last(article: Document) -> datetime:
    """When it was last seen so."""
    seen: datetime = article["seen_last"] if "seen_last" in article else article["fetched"]
    return seen


def revision(old: Document, label: Label, changed: Sequence[str], at: datetime) -> UpdateOne:
    """The write that keeps a stored article as it was until `at`; the same one twice does nothing.

    Where rules go back and forth, what a reparse ends more than once is kept as ended last.
    """
    kept: dict[str, Any] = {
        **{name: value for name, value in old.items() if name != "_id"},
        "article": old["_id"],
        "seen_first": seen_first(old),
        "seen_last": seen_last(old),
        "replaced": at,
        "label": label,
        "changed": list(changed),
    }
    write = "$set" if label == "reparse" else "$setOnInsert"
    return UpdateOne({"_id": identity_of(old, label)}, {write: kept}, upsert=True)


def identity_of(old: Document, label: Label) -> str:
    """The ``_id`` of the revision that keeps a stored article as it is now.

    It follows from the article and from when that was first seen so, for an outlet ends each of its
    versions once. A version may be reparsed often: there it follows from what was read of it, too.
    """
    version = f"{old['_id']} {seen_first(old).isoformat()}"
    if label != "reparse":
        return version
    read = encode({name: old.get(name) for name in sorted(SHOWN)})
    return f"{version} {blake2b(read, digest_size=8).hexdigest()}"
