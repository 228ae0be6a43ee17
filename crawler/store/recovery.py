"""What waits in quarantine, and becomes articles once the rules are mended."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

from pymongo import DESCENDING

from crawler.article import Article
from crawler.store.database import Database, Document
from crawler.store.filing import Filing
from crawler.store.ledger import Entry
from crawler.store.rebuilding import CHUNK


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
    """

    def __init__(self, database: Database, entries: Mapping[str, Entry]) -> None:
        self._filing = Filing(database)
        self._entries = entries

    async def save(self, articles: Sequence[Article]) -> None:
        """Store them, settle their leads, and take them out of quarantine."""
        now = datetime.now(UTC)
        found = [self._entries[article.lead] for article in articles]
        writes: list[Document] = [
            {"attempts": entry.attempts, "fence": entry.fence, "at": now} for entry in found
        ]
        await self._filing.articles(articles, writes)
