"""The ``articles`` and ``pages`` collections."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Container
from datetime import datetime
from typing import Any, Literal

import zstandard
from pymongo import DESCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DocumentTooLarge, OperationFailure

from crawler.article import Article
from crawler.store.database import Database, Document
from crawler.store.schema import document
from crawler.text.urls import identity

Saved = Literal["stored", "unchanged"]

PART = 50
"""Documents that are encoded at a time: a few milliseconds in which nothing else happens."""

TOO_LARGE = 10334
"""The server's code for a document over 16 MB, where the driver has not noticed."""

CIRCUMSTANCES = frozenset(
    {
        "_id",
        "url",
        "aliases",
        "sighted_by",
        "fetched",
        "first_seen",
        "page",
        "lead",
        "origins",
        "confidence",
        "charset",
    }
)
"""Fields that may differ between two readings of the same, unchanged story."""


class Articles:
    """Saves and finds articles. Saving is idempotent: the same story twice changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._articles = database["articles"]
        self._pages = database["pages"]
        self._leads = database["leads"]
        self._compressor = zstandard.ZstdCompressor(level=3)

    async def save(self, articles: list[Article]) -> list[Saved]:
        """Write articles and their pages; tell for each whether it is new or changed.

        Raises:
            StoreError: the server does not answer or refuses for its own reasons.
        """
        with self._database.calls():
            try:
                return await self._save(articles)
            except OperationFailure as error:
                if error.code == TOO_LARGE:
                    raise DocumentTooLarge(str(error)[:200]) from error
                raise

    async def _save(self, articles: list[Article]) -> list[Saved]:
        batch, again = _distinct(articles)
        known = await self._known([article.url for article in batch])
        updates, pages, fates = await asyncio.to_thread(self._plan, batch, known)
        # Pages first: no article is to name a page that is not there.
        await _write(self._pages, pages)
        await _write(self._articles, updates)
        if again:
            # The ledger does not know of the batch yet.
            own = {identity(url): a.url for a in batch for url in (*a.aliases, a.url)}
            for article in again:
                _keep_address(article, own.get(identity(article.url), article.url))
            fates |= zip(map(id, again), await self._save(again), strict=True)
        return [fates[id(article)] for article in articles]

    def _plan(
        self, batch: list[Article], known: dict[str, Document]
    ) -> tuple[list[UpdateOne], list[UpdateOne], dict[int, Saved]]:
        """What to write for each article and page; in another thread, as it takes its time."""
        updates: list[UpdateOne] = []
        fates: dict[int, Saved] = {}
        for article in batch:
            if old := known.get(article.url):
                _keep_address(article, old["_id"])
                update, fates[id(article)] = _difference(old, document(article))
                if update:
                    updates.append(UpdateOne({"_id": old["_id"]}, update))
            else:
                new = document(article)
                updates.append(UpdateOne({"_id": new["_id"]}, {"$setOnInsert": new}, upsert=True))
                fates[id(article)] = "stored"
        pages = [self._page(article) for article in batch if fates[id(article)] == "stored"]
        return updates, pages, fates

    async def _known(self, urls: list[str]) -> dict[str, Document]:
        """Stored articles by every address in `urls` under which they are known.

        Where it is in another form, the ledger knows whose it is.
        """
        query = {"$or": [{"_id": {"$in": urls}}, {"aliases": {"$in": urls}}]}
        found: dict[str, Document] = {}
        async for stored in self._articles.find(query):
            found |= dict.fromkeys([stored["_id"], *stored["aliases"]], stored)
        others = {identity(url): url for url in urls if url not in found}
        if others:
            of_others = {"identities": {"$in": list(others)}, "article": {"$ne": None}}
            articles: dict[str, list[str]] = defaultdict(list)
            async for lead in self._leads.find(of_others, ["identities", "article"]):
                articles[lead["article"]] += [
                    others[form] for form in lead["identities"] if form in others
                ]
            async for stored in self._articles.find({"_id": {"$in": list(articles)}}):
                found |= dict.fromkeys(articles[stored["_id"]], stored)
        return found

    def _page(self, article: Article) -> UpdateOne:
        packed = self._compressor.compress(article.markup)
        page = {
            "outlet": article.outlet,
            "url": article.url,
            "fetched": article.fetched,
            "charset": article.charset,
            "size": len(article.markup),
            "packed": len(packed),
            "zstd": packed,
        }
        return UpdateOne({"_id": article.page}, {"$setOnInsert": page}, upsert=True)

    async def find(
        self, *, outlet: str | None = None, since: datetime | None = None, limit: int = 0
    ) -> AsyncIterator[Document]:
        """Stored articles, newest publication first; `limit` 0 means all."""
        query: Document = {}
        if outlet:
            query["outlet"] = outlet
        if since:
            query["published.at"] = {"$gte": since}
        cursor = self._articles.find(query).sort("published.at", DESCENDING).limit(limit)
        with self._database.calls():
            async for stored in cursor:
                yield stored

    async def get(self, url: str) -> Document | None:
        """The article with this address or alias, or another form of either."""
        with self._database.calls():
            return (await self._known([url])).get(url)

    async def add_source(self, urls: list[str], source: str) -> None:
        """Note that a source shows these articles, too."""
        with self._database.calls():
            await self._articles.update_many(
                {"_id": {"$in": urls}}, {"$addToSet": {"sighted_by": source}}
            )

    async def count(self, outlet: str) -> int:
        """Number of stored articles of an outlet."""
        with self._database.calls():
            return await self._articles.count_documents({"outlet": outlet})


async def _write(collection: AsyncCollection[Document], writes: list[UpdateOne]) -> None:
    """Write in parts, side by side: the driver encodes each without a pause."""
    parts = [writes[start : start + PART] for start in range(0, len(writes), PART)]
    await asyncio.gather(*(collection.bulk_write(part, ordered=False) for part in parts))


def _distinct(articles: list[Article]) -> tuple[list[Article], list[Article]]:
    """Split off what may be the same story as one before it: it has to wait its turn."""
    met: set[str] = set()
    first: list[Article] = []
    again: list[Article] = []
    for article in articles:
        forms = {*map(identity, (article.url, *article.aliases))}
        (first if met.isdisjoint(forms) else again).append(article)
        met |= forms
    return first, again


def _keep_address(article: Article, address: str) -> None:
    """Let a story have the address it is stored under."""
    others = dict.fromkeys([*article.aliases, article.url])
    article.aliases = [url for url in others if url != address]
    article.url = address


def changes(old: Document, new: Document, apart: Container[str]) -> Document:
    """Those fields of `new`, as they are stored, that `old` has otherwise; not those `apart`."""
    return {
        name: value
        for name, value in _plain(new).items()
        if name not in apart and value != old.get(name)
    }


def _difference(old: Document, new: Document) -> tuple[Document, Saved]:
    """The update that makes `old` say what `new` says, and whether the story itself changed.

    What waited on disk may be an older reading of the story: it changes nothing in it.
    """
    is_newer = _plain(new["fetched"]) >= old["fetched"]
    changed = changes(old, new, CIRCUMSTANCES) if is_newer else {}
    update: Document = {}
    addresses = {new["_id"], *new["aliases"]} - {old["_id"], *old["aliases"]}
    sources = set(new["sighted_by"]) - set(old["sighted_by"])
    if addresses or sources:
        update["$addToSet"] = {
            "aliases": {"$each": sorted(addresses)},
            "sighted_by": {"$each": sorted(sources)},
        }
    if changed:
        changed |= {
            name: new[name]
            for name in ("fetched", "page", "lead", "origins", "confidence", "charset")
        }
        update["$set"] = changed
    return update, "stored" if changed else "unchanged"


def _plain(value: Any) -> Any:
    """A document as MongoDB gives it back: lists for tuples, milliseconds for microseconds."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value
