"""The ``revisions`` collection: what stories said before, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne

from crawler.store.database import Database, Document
from crawler.text.revision import Label


class Revisions:
    """Finds the earlier versions of stories."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revisions = database["revisions"]

    async def of(self, article: str) -> list[Document]:
        """The earlier versions of the article with this ``_id``, the first one first."""
        cursor = self._revisions.find({"article": article}).sort("seen_first", ASCENDING)
        with self._database.calls():
            return await cursor.to_list()


def revision(old: Document, label: Label, changed: Sequence[str], at: datetime) -> UpdateOne:
    """The write that keeps a stored article as it was until `at`; the same one twice does nothing.

    Its ``_id`` follows from the article and from when that was first seen so.
    """
    kept: dict[str, Any] = {
        **{name: value for name, value in old.items() if name != "_id"},
        "article": old["_id"],
        "replaced": at,
        "label": label,
        "changed": list(changed),
    }
    return UpdateOne(
        {"_id": f"{old['_id']} {old['seen_first'].isoformat()}"},
        {"$setOnInsert": kept},
        upsert=True,
    )
