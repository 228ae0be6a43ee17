"""The ``runs`` and ``outlets`` collections: what each run did, and what its sources said last."""

import os
import platform
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import psutil
from pymongo import DESCENDING

from crawler.store.database import Database, Document


class Runs:
    """Run documents: one for every run, written at its start and rewritten until its end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs = database["runs"]

    async def open(self, run: Mapping[str, Any]) -> None:
        """Write the document of a run that begins; settle those of its outlet that were killed."""
        await self.close_killed(run["outlet"])
        with self._database.calls():
            await self._runs.insert_one(dict(run))

    async def update(self, run: Mapping[str, Any]) -> None:
        """Rewrite the document of a run."""
        with self._database.calls():
            await self._runs.replace_one({"_id": run["_id"]}, dict(run), upsert=True)

    async def close_killed(self, outlet: str) -> None:
        """Mark runs of this machine as killed whose process is gone without having said so."""
        query = {"outlet": outlet, "outcome": "running", "process.host": socket.gethostname()}
        reason = "The process was killed, or the machine went down, in mid-run."
        killed = {"outcome": "killed", "reason": reason, "ended": datetime.now(UTC)}
        with self._database.calls():
            async for run in self._runs.find(query):
                if not _is_alive(run["process"]):
                    still = {"_id": run["_id"], "outcome": "running"}
                    await self._runs.update_one(still, {"$set": killed})

    async def under_way(self) -> list[str]:
        """Outlets that are being collected, on whatever machine, as far as it is known."""
        with self._database.calls():
            outlets = await self._runs.distinct("outlet", {"outcome": "running"})
            for outlet in outlets:
                await self.close_killed(outlet)
            return sorted(await self._runs.distinct("outlet", {"outcome": "running"}))

    async def latest(self, outlet: str) -> Document | None:
        """The newest run of an outlet."""
        with self._database.calls():
            return await self._runs.find_one({"outlet": outlet}, sort=[("started", DESCENDING)])

    async def get(self, run: str) -> Document | None:
        """The run with this id."""
        with self._database.calls():
            return await self._runs.find_one({"_id": run})


def begun(outlet: str, bounds: Mapping[str, Any], run_id: str = "") -> Document:
    """The document of a run that begins; its ``_id`` is a new one where `run_id` is empty."""
    now = datetime.now(UTC)
    return {
        "_id": run_id or uuid4().hex,
        "outlet": outlet,
        "started": now.replace(microsecond=now.microsecond // 1000 * 1000),
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


def this_process() -> dict[str, Any]:
    """What identifies this process among all that ever ran on any machine."""
    process = psutil.Process()
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": process.create_time()}


def _is_alive(process: Mapping[str, Any]) -> bool:
    try:
        started = psutil.Process(process["pid"]).create_time()
    except psutil.NoSuchProcess:
        return False
    # Another process may have got the number since; the clock may have been set by a little.
    return bool(abs(started - process["started"]) < 2)


class Outlets:
    """What is remembered of an outlet between runs: its declaration and its sources' state."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outlets = database["outlets"]

    async def load(self, outlet: str, declared: Mapping[str, Any]) -> dict[str, Document]:
        """Record the outlet's declaration; return the state of its sources by key."""
        with self._database.calls():
            await self._outlets.update_one({"_id": outlet}, {"$set": dict(declared)}, upsert=True)
            stored = await self._outlets.find_one({"_id": outlet}) or {}
        return {state["key"]: state for state in stored.get("sources", [])}

    async def save(self, outlet: str, state: Document) -> None:
        """Replace the state of one source, identified by ``state["key"]``."""
        own = {"_id": outlet, "sources.key": state["key"]}
        missing = {"_id": outlet, "sources.key": {"$ne": state["key"]}}
        with self._database.calls():
            result = await self._outlets.update_one(own, {"$set": {"sources.$": state}})
            if not result.matched_count:
                await self._outlets.update_one(missing, {"$push": {"sources": state}})
