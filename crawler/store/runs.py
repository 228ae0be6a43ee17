"""The ``runs`` and ``outlets`` collections: run documents, and the state of sources."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from pymongo import ASCENDING, DESCENDING, UpdateOne

from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database
from crawler.store.leases import Leases
from crawler.store.process_identity import this_process


class Runs:
    """Writes and finds run documents, one for every run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs = database["runs"]

    async def open(self, fence: Fence, run: Mapping[str, Any]) -> None:
        """Write the document of a run that begins."""
        await self._runs.insert_one(fence, dict(run))

    async def update(self, fence: Fence, run: Mapping[str, Any]) -> None:
        """Rewrite the document of a run; one that has ended is not made to go on again."""
        is_running = run["outcome"] == "running"
        own = {"_id": run["_id"]} | ({"outcome": "running"} if is_running else {})
        await self._runs.replace_one(fence, own, dict(run), upsert=not is_running)

    async def close_killed(self, fence: Fence) -> None:
        """Mark runs as killed that do not hold their outlet any more, and have not said so."""
        running = {"outcome": "running"}
        reason = "The process was killed, or the machine went down or stood still, in mid-run."
        killed = {"outcome": "killed", "reason": reason, "ended": datetime.now(UTC)}
        runs = [run["_id"] async for run in self._runs.find(running, ["_id"])]
        # Looked at afterwards: whoever has written that it runs holds its outlet.
        holders = await Leases(self._database).held() if runs else {}
        gone = set(runs) - {holder["run"] for holder in holders.values()}
        if gone:
            query = {**running, "_id": {"$in": sorted(gone)}}
            await self._runs.update_many(fence, query, {"$set": killed})

    async def explain(self, run: str, reason: str) -> None:
        """Say why a run ended that did not end by itself."""
        await self._runs.update_one(UNFENCED, {"_id": run}, {"$set": {"reason": reason}})

    async def latest(self, outlet: str) -> Document | None:
        """Return the newest run of an outlet."""
        return (await self.last([outlet])).get(outlet)

    async def last(
        self, outlets: Sequence[str], query: Document | None = None
    ) -> dict[str, Document]:
        """Return the newest run of each outlet, of those that a query finds; in one round trip."""
        stages: list[Document] = [
            {"$match": query or {"outlet": {"$in": list(outlets)}}},
            {"$sort": {"outlet": ASCENDING, "started": DESCENDING}},
            {"$group": {"_id": "$outlet", "run": {"$first": "$$ROOT"}}},
        ]
        cursor = self._runs.aggregate(stages)
        return {row["_id"]: row["run"] async for row in cursor}

    async def recent(self, outlet: str | None, count: int) -> list[Document]:
        """Return the newest runs, of one outlet or of all, the newest first."""
        query = {"outlet": outlet} if outlet else {}
        newest = [("started", DESCENDING)]
        return await self._runs.find(query, sort=newest, limit=count).to_list()

    async def days(self, outlet: str, since: datetime, zone: str) -> dict[str, int]:
        """Count the stories that runs stored, by the day of `zone` (IANA) on which they began."""
        day = {"$dateToString": {"date": "$started", "format": "%Y-%m-%d", "timezone": zone}}
        stages: list[Document] = [
            {"$match": {"outlet": outlet, "started": {"$gte": since}}},
            {"$group": {"_id": day, "stored": {"$sum": "$account.stored"}}},
        ]
        cursor = self._runs.aggregate(stages)
        return {row["_id"]: row["stored"] async for row in cursor}

    async def get(self, run: str) -> Document | None:
        """Return the run with this id."""
        return await self._runs.find_one({"_id": run})


def new_run(outlet: str, bounds: Mapping[str, Any], run_id: str = "") -> Document:
    """Return the document of a run that begins; its ``_id`` is a new one for an empty `run_id`."""
    now = datetime.now(UTC)
    return {
        "_id": run_id or uuid4().hex,
        "outlet": outlet,
        "started": now.replace(microsecond=now.microsecond // 1000 * 1000),  # as it is stored
        "ended": None,
        "outcome": "running",
        "reason": None,
        "bounds": bounds,
        "process": this_process(),
        "versions": {
            "dateline": version("dateline"),
            "scrapy": version("scrapy"),
            "python": platform.python_version(),
        },
    }


class Outlets:
    """Loads and saves the declaration of an outlet and the states of its sources."""

    def __init__(self, database: Database) -> None:
        self._outlets = database["outlets"]

    async def load(self, outlet: str) -> Document:
        """Return what its last run recorded: its declaration, and the states of its sources."""
        return await self._outlets.find_one({"_id": outlet}) or {}

    async def declare(self, fence: Fence, outlet: str, declared: Mapping[str, Any]) -> None:
        """Record the outlet's declaration."""
        change = {"$set": dict(declared)}
        await self._outlets.update_one(fence, {"_id": outlet}, change, upsert=True)

    async def accept_as_usual(self, outlet: str) -> bool:
        """Let the next poll of each source teach what is usual; tell whether there was any."""
        query = {"_id": outlet, "sources.key": {"$exists": True}}
        change = {"$set": {"sources.$[].usual": None}}
        done = await self._outlets.update_one(UNFENCED, query, change)
        return bool(done.matched_count)

    async def save(self, fence: Fence, outlet: str, state: Document) -> None:
        """Replace the state of one source, identified by ``state["key"]``.

        Not that of a later run, by the token of its lease (``fence``): what waited on disk may come
        after it.
        """
        key = state["key"]
        missing = {"_id": outlet, "sources.key": {"$ne": key}}
        older = {"key": key, "fence": {"$not": {"$gt": state.get("fence", 0)}}}
        own = {"_id": outlet, "sources": {"$elemMatch": older}}
        writes = [
            UpdateOne(missing, {"$push": {"sources": state}}),
            UpdateOne(own, {"$set": {"sources.$": state}}),
        ]
        await self._outlets.bulk_write(fence, writes, ordered=True)
