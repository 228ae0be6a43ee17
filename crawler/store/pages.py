"""The ``pages`` collection, for reading: pages as they were fetched, byte for byte."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING
from zstandard import ZstdError

from crawler.article import PAGE_ORIGINS
from crawler.errors import StoreError
from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.store.dictionaries import Dictionaries, PackedPage

CHUNK = 50
"""Pages in memory at a time, compressed."""
_NOTHING = {"count": 0, "size": 0, "packed": 0}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page as it is kept."""

    digest: str
    """The SHA-256 of its bytes in hexadecimal."""
    url: str
    """The address of its story."""
    fetched: datetime
    charset: str | None
    body: bytes
    is_posted: bool
    """It was put together from what its source delivered."""


class Pages:
    """Finds stored pages."""

    def __init__(self, database: Database) -> None:
        self._articles = database["articles"]
        self._pages = database["pages"]
        self._dictionaries = Dictionaries(database)

    async def find(self, pages: Sequence[str]) -> dict[str, PackedPage]:
        """Return the stored ones of these pages, by their SHA-256, still packed."""
        found = self._pages.find({"_id": {"$in": list(pages)}}, ["zstd", "dictionary"])
        return await self._dictionaries.open(await found.to_list())

    async def sizes(self, outlets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return how many pages of each outlet there are, and their bytes: plain and packed.

        Only the index is read.
        """
        own: Document = {"outlet": {"$in": list(outlets)}}
        total = {name: {"$sum": f"${name}"} for name in ("size", "packed")}
        stages: list[Document] = [
            {"$match": own},
            {"$group": {"_id": "$outlet", "count": {"$sum": 1}, **total}},
        ]
        cursor = self._pages.aggregate(stages)
        found = {row.pop("_id"): row async for row in cursor}
        return {outlet: found.get(outlet, _NOTHING) for outlet in outlets}

    async def stream(self, outlet: str | None, since: datetime | None) -> AsyncIterator[PageFile]:
        """Yield the pages of an outlet (None: all) fetched since, by outlet, the oldest first."""
        query: Document = {"outlet": outlet} if outlet else {}
        if since:
            query["fetched"] = {"$gte": since}
        by_age = [("outlet", ASCENDING), ("fetched", ASCENDING)]
        async for chunk in self._pages.find(query, sort=by_age).chunks(CHUNK):
            posted = await self._posted([p["url"] for p in chunk if "posted" not in p])
            packed = await self._dictionaries.open(chunk)
            for page in chunk:
                what = f"The page of {page['url']} cannot be read"
                if page["_id"] not in packed:
                    missing = f"dictionary {page['dictionary']} is missing"
                    raise StoreError(f"{what}, as {missing}: restore a backup.")
                try:
                    body = packed[page["_id"]].unpack()
                except ZstdError as error:
                    raise StoreError(f"{what} ({error}): restore a backup.") from error
                yield PageFile(
                    digest=page["_id"],
                    url=page["url"],
                    fetched=page["fetched"],
                    charset=page["charset"],
                    body=body,
                    is_posted=page.get("posted", page["url"] in posted),
                )

    async def _posted(self, urls: Sequence[str]) -> set[str]:
        """Return the articles that came whole from their source: old pages do not tell."""
        query = {"_id": {"$in": list(urls)}, "origins.body": {"$nin": [*PAGE_ORIGINS, None]}}
        return {article["_id"] async for article in self._articles.find(query, ["_id"])}
