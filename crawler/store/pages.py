"""The ``pages`` collection as it is read: what was fetched, byte for byte."""

from collections.abc import Sequence

import zstandard

from crawler.store.database import Database


class Pages:
    """Finds stored pages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages = database["pages"]

    async def find(self, pages: Sequence[str]) -> dict[str, bytes]:
        """Those of the pages that are there, by their SHA-256, still compressed (`unpack`)."""
        with self._database.calls():
            found = self._pages.find({"_id": {"$in": list(pages)}}, ["zstd"])
            return {page["_id"]: bytes(page["zstd"]) async for page in found}


def unpack(compressed: bytes) -> bytes:
    """The page as it was fetched."""
    return zstandard.ZstdDecompressor().decompress(compressed)
