"""The ``revisions`` collection: earlier versions of stories, and when a reading makes one."""

from collections.abc import Container, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal

from bson import encode
from pymongo import ASCENDING, UpdateOne

from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.store.schema import NEEDS_CLUSTERING
from crawler.text.revision import RevisionLabel, changed_fields, outlet_edits, revision_label
from crawler.text.same_story import LASTING, READINGS, count_doubt, find_doubt, is_believed

SaveResult = Literal["stored", "unchanged", "doubtful", "withdrawn"]

DOUBTED_AGAIN = LASTING / (READINGS - 1)
"""When a doubtful reading is to be followed by another one at the latest."""

IDENTITY = frozenset({"_id", "url", "aliases", "sighted_by", "first_seen"})
"""Fields that a later reading adds to, or leaves as they are."""

CIRCUMSTANCES = IDENTITY | {"fetched", "page", "lead", "origins", "confidence", "charset"}
"""Fields that may differ between two readings of the same, unchanged story."""

COMPARED = frozenset({"fingerprint", "credit", "language"})
"""Fields by which copies are found, and where they come from."""

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


def changes(old: Document, new: Document, apart: Container[str]) -> Document:
    """Return the fields of `new`, as they are stored, that differ in `old`; none `apart`."""
    return {
        name: value
        for name, value in as_stored(new).items()
        if name not in apart and value != old.get(name)
    }


def compare(
    old: Document, new: Document, past: list[Document], stated: str
) -> tuple[Document, list[UpdateOne], SaveResult]:
    """Compare a new reading of a story with the stored one.

    Return the update that makes `old` say what `new` says; the writes of revisions that keep what
    it said before, if its outlet has edited the story or if it is read otherwise (by other rules,
    or from its page: then it is still the version that it was); and what became of it.

    A reading that comes after a newer one adds its addresses; it may be one more of the `past`.
    """
    update: Document = {}
    addresses = {new["_id"], *new["aliases"]} - {old["_id"], *old["aliases"]}
    sources = set(new["sighted_by"]) - set(old["sighted_by"])
    if addresses or sources:
        update["$addToSet"] = {
            "aliases": {"$each": sorted(addresses)},
            "sighted_by": {"$each": sorted(sources)},
        }
    plain = as_stored(new)
    at = plain["fetched"]
    if at < last_reading(old):
        kept = between([*past, old], plain)
        return update, kept, "stored" if kept else "unchanged"
    if doubted := _doubted(old, plain, stated):
        changed, kept, result = doubted
        return update | ({"$set": changed} if changed else {}), kept, result
    changed = changes(old, plain, CIRCUMSTANCES)
    differs = changed_fields(old, plain)
    edited = outlet_edits(differs, old, plain)
    kept, first = [], at
    if old.get("withdrawn"):
        kept = [revision(old, "restored", edited, at)]
        update["$unset"] = {"withdrawn": ""}
    elif edited:
        kept = [revision(old, revision_label(edited, old, plain), edited, at)]
    else:
        first = old["seen_first"]
        if differs:
            kept = [revision(old, "reparse", differs, at)]
    is_new_text = bool(COMPARED & changed.keys())
    if changed:
        # Whole: a reparse may have changed other fields since `old` was read.
        changed = {name: value for name, value in plain.items() if name not in IDENTITY}
    if changed or kept or at > last_reading(old):
        seen = {"seen_first": first, "seen_last": at}
        update["$set"] = changed | seen | (NEEDS_CLUSTERING if is_new_text else {})
        if old.get("doubtful"):
            update["$unset"] = update.get("$unset", {}) | {"doubtful": ""}
    # What is brought again was stored by itself, before.
    is_own = all(old[name] == plain[name] for name in ("fetched", "lead"))
    return update, kept, "stored" if changed or kept or is_own else "unchanged"


def _doubted(
    old: Document, new: Document, stated: str
) -> tuple[Document, list[UpdateOne], SaveResult] | None:
    """Return what to set, what to keep, and what became of a reading that is no new version."""
    reason = find_doubt(old, new, stated) if old["page"] != new["page"] else None
    if reason is None:
        return None
    if reason == "elsewhere" or (reason == "removed" and old.get("withdrawn")):
        return {}, [], "unchanged" if reason == "elsewhere" else "withdrawn"
    if reason == "removed":
        at = new["fetched"]
        since = dict.fromkeys(("withdrawn", "seen_first", "seen_last"), at)
        return since, [revision(old, "withdrawn", (), at)], "withdrawn"
    doubtful = count_doubt(old, new, reason)
    return None if is_believed(doubtful) else ({"doubtful": doubtful}, [], "doubtful")


def last_reading(old: Document) -> datetime:
    """Return the instant of the last reading that is stored of an article."""
    latest: datetime = max(old["fetched"], old["seen_last"])
    return latest


def as_it_was(old: Document) -> Document:
    """Return the filter of an article that nobody else has changed since it was read."""
    states = {name: old.get(name) for name in ("withdrawn", "doubtful")}
    return {"_id": old["_id"], "fetched": old["fetched"], **states}


def as_stored(value: Any) -> Any:
    """Return a value as MongoDB gives it back: lists for tuples, milliseconds for microseconds."""
    if isinstance(value, dict):
        return {name: as_stored(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value
