"""The ``profiles`` collection: what is usual for each outlet, and its last stories."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.store.database import Database, Document


class ProfileStore:
    """Loads and saves the state of one outlet's `DriftDetector`: one document."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._database = database
        self._profiles = database["profiles"]
        self._outlet = outlet

    async def load(self) -> Document | None:
        """Return what was saved last; None for an outlet that is new."""
        with self._database.calls():
            return await self._profiles.find_one({"_id": self._outlet})

    async def save(self, profile: Mapping[str, Any]) -> None:
        """Replace what was saved."""
        with self._database.calls():
            await self._profiles.replace_one(
                {"_id": self._outlet}, {**profile, "saved": datetime.now(UTC)}, upsert=True
            )

    async def forget(self) -> bool:
        """Forget what is usual, to learn it anew; tell whether anything was known."""
        with self._database.calls():
            return bool((await self._profiles.delete_one({"_id": self._outlet})).deleted_count)
