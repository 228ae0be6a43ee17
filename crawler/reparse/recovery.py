"""What waits in quarantine, and becomes articles once the rules are mended."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pymongo import DESCENDING

from crawler.article import Article
from crawler.queue.writer import MongoWriter
from crawler.reparse.rebuilding import CHUNK
from crawler.schedule.revisits import next_revisit
from crawler.store.database import Database, Document
from crawler.store.ledger import Entry


async def quarantine(
    database: Database, outlet: str, since: datetime | None = None
) -> AsyncIterator[list[Document]]:
    """What is kept with its page, the newest first, at most `CHUNK` at a time."""
    query: Document = {"outlet": outlet, "kept": True}
    if since:
        query["at"] = {"$gte": since}
    found = database["quarantine"].find(query).sort("at", DESCENDING)
    with database.calls():
        while chunk := await found.to_list(CHUNK):
            yield chunk


class Recovery:
    """Stores articles that were made of pages in quarantine, as a run would.

    Args:
        database: where.
        entries: what the ledger knows of their leads, by address.
        revisits: ages at which the outlet's stories are looked at again.
    """

    def __init__(
        self, database: Database, entries: Mapping[str, Entry], revisits: Sequence[timedelta] = ()
    ) -> None:
        self._filing = MongoWriter(database)
        self._entries = entries
        self._revisits = revisits

    async def save(self, articles: Sequence[Article]) -> None:
        """Store them, settle their leads, and take them out of quarantine."""
        now = datetime.now(UTC)
        writes = [self._write(article, self._entries[article.lead], now) for article in articles]
        await self._filing.articles(articles, writes)

    def _write(self, article: Article, entry: Entry, now: datetime) -> Document:
        """As a run would hand it over: it is looked at again like any other story.

        In full at first, for the validators that are known may be those of another page.
        """
        published = article.published.at if article.published else None
        return {
            "attempts": entry.attempts,
            "before": entry.article,
            "due": next_revisit(self._revisits, published, entry.first_seen, now),
            "fence": entry.fence,
            "at": now,
        }
