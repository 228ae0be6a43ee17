"""Compression of pages: the ``dictionaries`` collection, what an outlet's pages have in common.

A dictionary is a few pages of the outlet, joined, as Zstandard's raw content (RFC 8878, 5): most of
a page is the site's template, which it repeats from there. Pages are kept by it for a month; then
another is made, for templates change.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import zstandard
from pymongo import DESCENDING, UpdateOne

from crawler.article import is_from_source_content
from crawler.store.collection import Document, Fence
from crawler.store.database import Database
from crawler.store.schema import ArticleVersion

LEVEL = 5
"""Of compression: half as large as at the usual 3, once there is a dictionary, for 3 ms a MB."""
LIFETIME = timedelta(days=30)
"""For how long pages are packed by a dictionary."""
SAMPLES = 4
"""Pages a dictionary is made of; fewer are not worth one."""
MOST = 512 * 1024
"""Bytes of each of them."""

Data = zstandard.ZstdCompressionDict


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A compressed page, with its dictionary."""

    zstd: bytes
    dictionary: Data | None

    def unpack(self) -> bytes:
        """Return the page as it was fetched."""
        return zstandard.ZstdDecompressor(dict_data=self.dictionary).decompress(self.zstd)


class Dictionaries:
    """Compresses pages by dictionaries of their outlets, and finds those to unpack them."""

    def __init__(self, database: Database) -> None:
        self._dictionaries = database["dictionaries"]
        self._pages = database["pages"]
        self._current: dict[str, tuple[Document, Data]] = {}
        self._opened: dict[str, Data] = {}

    async def pack(self, fence: Fence, versions: Sequence[ArticleVersion]) -> list[UpdateOne]:
        """Return the writes that keep the pages of stories, each by its outlet's dictionary.

        The server is asked only for an outlet met for the first time, or one of very few pages.
        """
        for outlet in {one.fields["outlet"] for one in versions}:
            own = [one.markup for one in versions if one.fields["outlet"] == outlet]
            await self._choose(fence, outlet, own[:SAMPLES])
        return await asyncio.to_thread(lambda: list(map(self._write, versions)))

    def _write(self, version: ArticleVersion) -> UpdateOne:
        fields, markup = version.fields, version.markup
        kept, data = self._current.get(fields["outlet"], ({}, None))
        packed = zstandard.ZstdCompressor(level=LEVEL, dict_data=data).compress(markup)
        page = {
            "outlet": fields["outlet"],
            "url": fields["url"],
            "fetched": fields["fetched"],
            "charset": fields["charset"],
            "size": len(markup),
            "packed": len(packed),
            "dictionary": kept.get("_id"),
            "posted": is_from_source_content(fields["origins"]),
            "zstd": packed,
        }
        return UpdateOne({"_id": fields["page"]}, {"$setOnInsert": page}, upsert=True)

    async def _choose(self, fence: Fence, outlet: str, samples: list[bytes]) -> None:
        """Take the newest dictionary of an outlet, or make one, of what comes and what is kept."""
        now = datetime.now(UTC)
        if outlet in self._current and self._current[outlet][0]["made"] > now - LIFETIME:
            return
        self._current.pop(outlet, None)
        recent = {"outlet": outlet, "made": {"$gt": now - LIFETIME}}
        kept = await self._dictionaries.find_one(recent, sort=[("made", DESCENDING)])
        if kept is None:
            newest = [("fetched", DESCENDING)]
            own = self._pages.find({"outlet": outlet}, sort=newest, limit=SAMPLES)
            stored = await own.to_list()
            samples += [page.unpack() for page in (await self.open(stored)).values()]
            if len(samples) < SAMPLES:
                return
            kept = await asyncio.to_thread(_made, outlet, samples[:SAMPLES], now)
            write = {"$setOnInsert": kept}
            await self._dictionaries.update_one(fence, {"_id": kept["_id"]}, write, upsert=True)
        data = _data(kept)
        await asyncio.to_thread(data.precompute_compress, level=LEVEL)
        self._current[outlet] = kept, data

    async def open(self, pages: Sequence[Document]) -> dict[str, PackedPage]:
        """Return stored pages with what it takes to unpack them, by their SHA-256.

        One whose dictionary is missing is left out.
        """
        wanted = {name for page in pages if (name := page.get("dictionary"))}
        # Those of the last pages are the next ones', too; more are not held.
        opened = {name: self._opened[name] for name in wanted & self._opened.keys()}
        if missing := wanted - opened.keys():
            async for kept in self._dictionaries.find({"_id": {"$in": list(missing)}}):
                opened[kept["_id"]] = _data(kept)
        self._opened = opened
        return {
            page["_id"]: PackedPage(page["zstd"], opened.get(name))
            for page in pages
            if not (name := page.get("dictionary")) or name in opened
        }


def _made(outlet: str, samples: Sequence[bytes], now: datetime) -> Document:
    """Return the document of a new dictionary."""
    data = b"".join(page[:MOST] for page in samples)
    packed = zstandard.compress(data, LEVEL)
    return {"_id": sha256(data).hexdigest(), "outlet": outlet, "made": now, "zstd": packed}


def _data(kept: Document) -> Data:
    return Data(zstandard.decompress(kept["zstd"]), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
