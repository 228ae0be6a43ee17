"""Stored articles that are built anew from their pages: which they are, and what changes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo import DESCENDING, UpdateOne

from crawler.article import Article
from crawler.store.articles import CIRCUMSTANCES, COMPARED, changes
from crawler.store.database import POISON, Database, Document
from crawler.store.revisions import VISIBLE, identity_of, revision
from crawler.store.schema import SHOWN, UNPLACED, document

FOUND = CIRCUMSTANCES - {"origins", "confidence"}
"""Fields that tell how a story was met, which no rule changes."""
CHUNK = 50
"""Articles in memory at a time, with their pages."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A stored article, and what its page makes of it now."""

    stored: Document
    """As it was found."""
    changes: Document
    """Its fields with other values than before, as they are to be stored."""


def compare(stored: Document, article: Article) -> Rebuilt:
    """Tell what a newly read article changes in the stored one."""
    return Rebuilt(stored, changes(stored, document(article), FOUND))


class Rebuilding:
    """The articles of one outlet first seen since `since`; all of them where it is None."""

    def __init__(self, database: Database, outlet: str, since: datetime | None) -> None:
        self._database = database
        self._articles = database["articles"]
        self._revisions = database["revisions"]
        self._query: Document = {"outlet": outlet}
        if since:
            self._query["first_seen"] = {"$gte": since}

    async def count(self) -> int:
        """How many there are."""
        with self._database.calls():
            return await self._articles.count_documents(self._query)

    async def chunks(self) -> AsyncIterator[list[Document]]:
        """All of them, newest first, at most `CHUNK` at a time."""
        found = self._articles.find(self._query, SHOWN).sort("first_seen", DESCENDING)
        with self._database.calls():
            while chunk := await found.to_list(CHUNK):
                yield chunk

    async def save(self, rebuilt: Sequence[Rebuilt]) -> list[Rebuilt]:
        """Write what has changed, which is no edit of the outlet's; return what cannot be stored.

        What a reader saw before is kept first, as a revision of its own kind. An article that
        somebody else has changed in the meantime stays as it is.
        """
        changed = [one for one in rebuilt if one.changes]
        if not changed:
            return []
        now = datetime.now(UTC)
        shown = [(one, sorted(VISIBLE & one.changes.keys())) for one in changed]
        copies = [revision(one.stored, "reparse", names, now) for one, names in shown if names]
        writes = [
            UpdateOne(
                {name: one.stored.get(name) for name in ("_id", "page", "fingerprint")},
                {"$set": one.changes | (UNPLACED if COMPARED & one.changes.keys() else {})},
            )
            for one in changed
        ]
        try:
            with self._database.calls():
                if copies:
                    await self._revisions.bulk_write(copies, ordered=False)
                done = await self._articles.bulk_write(writes, ordered=False)
                if done.matched_count < len(writes):
                    await self._forget_edited(changed)
        except POISON:
            if len(changed) == 1:
                await self._forget(changed)
                return changed
            return [poison for one in changed for poison in await self.save([one])]
        return []

    async def _forget_edited(self, changed: Sequence[Rebuilt]) -> None:
        """Take back copies of what the outlet has edited in the meantime: its page is another."""
        was = {"$or": [{name: one.stored[name] for name in ("_id", "page")} for one in changed]}
        same = await self._articles.distinct("_id", was)
        await self._forget([one for one in changed if one.stored["_id"] not in same])

    async def _forget(self, changed: Sequence[Rebuilt]) -> None:
        copies = [identity_of(one.stored, "reparse") for one in changed]
        with self._database.calls():
            await self._revisions.delete_many({"_id": {"$in": copies}})
