"""`ReparseStore`: reads and writes of a reparse: stored articles, and pages in quarantine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import DESCENDING, UpdateOne

from crawler.article import Article
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite
from crawler.schedule.revisits import next_revisit
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import POISON, Database
from crawler.store.ledger import LedgerEntry
from crawler.store.revisions import CIRCUMSTANCES, COMPARED, VISIBLE, changes, identity_of, revision
from crawler.store.schema import NEEDS_CLUSTERING, SHOWN, document

UNAFFECTED = CIRCUMSTANCES - {"origins", "confidence"}
"""Fields that tell how a story was found, which no rule changes."""
CHUNK = 50
"""Articles in memory at a time, with their pages."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A stored article, and what its page makes of it now."""

    stored: Document
    """The article as it was found."""
    changes: Document
    """Fields with new values, as they are to be stored."""


def compare(stored: Document, article: Article) -> Rebuilt:
    """Find what a newly read article changes in the stored one."""
    return Rebuilt(stored, changes(stored, document(article), UNAFFECTED))


class ReparseStore:
    """The articles of one outlet and its pages in quarantine; with `since`, only those read since.

    Both come the newest first, at most `CHUNK` at a time.
    """

    def __init__(self, database: Database, outlet: str, since: datetime | None = None) -> None:
        self._database = database
        self._articles = database["articles"]
        self._revisions = database["revisions"]
        self._outlet = outlet
        self._since: Document = {"$gte": since} if since else {}

    async def count(self) -> int:
        """Return the number of articles."""
        return await self._articles.count_documents(self._query("fetched"))

    def articles(self) -> AsyncIterator[list[Document]]:
        """Yield the articles, by the time they were first seen."""
        return self._chunks("articles", self._query("fetched"), SHOWN, "first_seen")

    def quarantine(self) -> AsyncIterator[list[Document]]:
        """Yield the documents of quarantine that have a page."""
        return self._chunks("quarantine", self._query("at") | {"kept": True}, None, "at")

    def _query(self, date: str) -> Document:
        return {"outlet": self._outlet} | ({date: self._since} if self._since else {})

    async def _chunks(
        self, collection: str, query: Document, projection: Document | None, order: str
    ) -> AsyncIterator[list[Document]]:
        newest = [(order, DESCENDING)]
        found = self._database[collection].find(query, projection, sort=newest)
        async for chunk in found.chunks(CHUNK):
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
        visible = [(one, sorted(VISIBLE & one.changes.keys())) for one in changed]
        revisions = [revision(one.stored, "reparse", names, now) for one, names in visible if names]
        writes = [
            UpdateOne(
                {name: one.stored.get(name) for name in ("_id", "page", "fingerprint")},
                {"$set": one.changes | (NEEDS_CLUSTERING if COMPARED & one.changes.keys() else {})},
            )
            for one in changed
        ]
        try:
            if revisions:
                await self._revisions.bulk_write(UNFENCED, revisions)
            done = await self._articles.bulk_write(UNFENCED, writes)
            if done.matched_count < len(writes):
                await self._delete_revisions_of_edited(changed)
        except POISON:
            if len(changed) == 1:
                await self._delete_revisions(changed)
                return changed
            return [poison for one in changed for poison in await self.save([one])]
        return []

    async def _delete_revisions_of_edited(self, changed: Sequence[Rebuilt]) -> None:
        """Take back revisions of what the outlet has edited in the meantime: it has a new page."""
        was = {"$or": [{name: one.stored[name] for name in ("_id", "page")} for one in changed]}
        same = await self._articles.distinct("_id", was)
        await self._delete_revisions([one for one in changed if one.stored["_id"] not in same])

    async def _delete_revisions(self, changed: Sequence[Rebuilt]) -> None:
        ids = [identity_of(one.stored, "reparse") for one in changed]
        await self._revisions.delete_many(UNFENCED, {"_id": {"$in": ids}})

    async def recover(
        self,
        articles: Sequence[Article],
        entries: Mapping[str, LedgerEntry],
        revisits: Sequence[timedelta] = (),
    ) -> None:
        """Store articles made of quarantined pages, settle their leads, and end their quarantine.

        As in a run, each is revisited later; in full at first, for the validators that are known
        may be those of another page.

        Args:
            articles: what to store.
            entries: what the ledger knows of their leads, by address.
            revisits: ages at which the outlet's stories are revisited.
        """
        now = datetime.now(UTC)
        writes = []
        for article in articles:
            entry = entries[article.lead]
            published = article.published.at if article.published else None
            due = next_revisit(revisits, published, entry.first_seen, now)
            settled = {"due": due, "before": entry.article, "fence": entry.fence, "at": now}
            writes.append(ArticleWrite.of(article, entry.attempts, **settled))
        await MongoWriter(self._database).write_articles(UNFENCED, writes)
