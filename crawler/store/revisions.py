"""The ``revisions`` collection: earlier versions of stories."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from operator import itemgetter
from typing import Any

from bson import encode
from pymongo import ASCENDING, UpdateOne

from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.text.revision import RevisionLabel, changed_fields, outlet_edits, revision_label

VISIBLE = frozenset({"title", "standfirst", "authors", "section", "tags", "language", "published"})
VISIBLE |= {"modified", "body", "credit", "dateline", "correction", "images"}
"""Fields that a reader sees; all others follow from them or tell how they were read."""


class Revisions:
    """Finds the earlier versions of stories."""

    def __init__(self, database: Database) -> None:
        self._revisions = database["revisions"]

    async def of(self, article: str) -> list[Document]:
        """Return the earlier versions of an article, by its ``_id``, the first first."""
        oldest = [("seen_first", ASCENDING)]
        kept = await self._revisions.find({"article": article}, sort=oldest).to_list()
        return sorted(
            kept, key=lambda one: (one["seen_first"], one["label"] != "reparse", one["replaced"])
        )


def revision(
    old: Document, label: RevisionLabel, changed: Sequence[str], at: datetime
) -> UpdateOne:
    """Return the write that keeps an article as it was until `at`; made twice, it does nothing.

    Where rules go back and forth, what a reparse ends more than once is kept as ended last.
    """
    kept: dict[str, Any] = {
        **{name: value for name, value in old.items() if name != "_id"},
        "article": old["_id"],
        "replaced": at,
        "label": label,
        "changed": list(changed),
    }
    write = "$set" if label == "reparse" else "$setOnInsert"
    return UpdateOne({"_id": identity_of(old, label, at)}, {write: kept}, upsert=True)


def between(versions: Sequence[Document], late: Document) -> list[UpdateOne]:
    """Return the writes that put a late version in its place among all others of its article.

    They end the one before it anew, and then keep it. There are none if it is the same as one
    beside it, or if it was read while another was seen.
    """
    at = late["fetched"]
    version = late | {"seen_first": at, "seen_last": at}
    order = sorted([*versions, version], key=itemgetter("seen_first"))
    place = order.index(version)
    before, after = order[:place][-1:], order[place + 1 :][:1]
    if not after or any(at <= one["seen_last"] for one in before):
        return []
    writes = []
    for old, new in pairwise([*before, version, *after]):
        edited = outlet_edits(changed_fields(old, new), old, new)
        if not edited or old.get("withdrawn") or new.get("withdrawn"):
            return []
        label, until = revision_label(edited, old, new), new["seen_first"]
        ended = {"label": label, "changed": list(edited), "replaced": until}
        again = UpdateOne({"_id": old["_id"]}, {"$set": ended})
        writes.append(revision(old, label, edited, until) if old is version else again)
    return writes


def identity_of(old: Document, label: RevisionLabel, at: datetime | None = None) -> str:
    """Return the ``_id`` of the revision that keeps a stored article as it is until `at`.

    It follows from the article and from when that was first seen so, for an outlet ends each of its
    versions once. A version may be reparsed often, and several may be read in one millisecond:
    there it follows from what was read of it, too.
    """
    version = f"{old['_id']} {old['seen_first'].isoformat()}"
    if label != "reparse" and at != old["seen_first"]:
        return version
    read = encode({name: old.get(name) for name in sorted(VISIBLE)})
    return f"{version} {blake2b(read, digest_size=8).hexdigest()}"
