"""The ``profiles`` collection: what is usual for each outlet, and its last stories."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database


class ProfileStore:
    """Loads and saves the state of one outlet's `DriftDetector`: one document."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._profiles = database["profiles"]
        self._outlet = outlet

    async def load(self) -> Document | None:
        """Return what was saved last; None for an outlet that is new."""
        return await self._profiles.find_one({"_id": self._outlet})

    async def save(self, fence: Fence, profile: Mapping[str, Any]) -> None:
        """Replace what was saved."""
        stored = {**profile, "saved": datetime.now(UTC)}
        await self._profiles.replace_one(fence, {"_id": self._outlet}, stored)

    async def forget(self) -> bool:
        """Forget what is usual, to learn it anew; tell whether anything was known."""
        done = await self._profiles.delete_many(UNFENCED, {"_id": self._outlet})
        return bool(done.deleted_count)
