"""The ``schedules`` and ``schedulers`` collections: what was done of each outlet's schedule."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import version
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from pymongo import DESCENDING, UpdateOne
from pymongo.errors import BulkWriteError

from crawler.errors import StoreError
from crawler.schedule.planning import SchedulePlan, ScheduleState
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.leases import Leases

MAX_SPANS = 100
"""Spans of skipped fires that are kept of an outlet, the latest."""
HISTORY = timedelta(days=28)
"""How far back stories count for when an outlet publishes."""
MAX_STORIES = 20_000
"""Stories that are enough for that."""


class ScheduleStore:
    """Loads schedules and moves them on; whoever moves one on owns the run that is due by it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._schedules = database["schedules"]

    async def states(self) -> dict[str, ScheduleState]:
        """Return the state of every outlet that was ever due, by its name, in one round trip."""
        wanted = ("schedule", "handled", "next")
        found = self._schedules.find({"next": {"$ne": None}}, wanted)
        return {
            stored["_id"]: ScheduleState(**{name: stored[name] for name in wanted})
            async for stored in found
        }

    async def running(self) -> set[str]:
        """Return the outlets that are being collected, on whatever machine."""
        return set(await Leases(self._database).held())

    async def claim(self, plans: Sequence[SchedulePlan]) -> set[str]:
        """Carry out plans where nobody else has meanwhile; return the outlets that are now ours.

        Two round trips, however many there are.
        """
        token = uuid4().hex
        try:
            await self._schedules.bulk_write(UNFENCED, [_claim(plan, token) for plan in plans])
        except BulkWriteError as error:
            # An upsert of what somebody else has just inserted or moved on.
            if any(wrong["code"] != 11000 for wrong in error.details["writeErrors"]):
                raise
        return set(await self._schedules.distinct("_id", {"claim": token}))

    async def reschedule(self, plan: SchedulePlan, change: Document) -> None:
        """Change ``next`` and other fields after the run of a plan, unless another came since."""
        own = {"_id": plan.rule.outlet, "handled": plan.handled}
        await self._schedules.update_one(UNFENCED, own, {"$set": change})

    async def get(self, outlet: str) -> Document:
        """Return the outlet's document, or an empty one."""
        return await self._schedules.find_one({"_id": outlet}) or {}

    async def publication_times(self, outlet: str, zone: str) -> list[datetime]:
        """Return when the outlet's stories of the last weeks came out, in order, by an index alone.

        For an outlet that states no times of day (in `zone`, IANA): when they were first seen.
        """
        printed = await self._instants(outlet, "published.at")
        clocks = (at.astimezone(ZoneInfo(zone)).time() for at in printed)
        if 2 * sum(clock == time() for clock in clocks) > len(printed):
            return await self._instants(outlet, "first_seen")
        return printed

    async def _instants(self, outlet: str, name: str) -> list[datetime]:
        now = datetime.now(UTC)
        query = {"outlet": outlet, name: {"$gte": now - HISTORY, "$lte": now}}
        articles = self._database["articles"]
        found = articles.find(
            query, {"_id": 0, name: 1}, sort=[(name, DESCENDING)], limit=MAX_STORIES
        )
        instants = [_value(stored, name) async for stored in found]
        return instants[::-1]

    async def beat(self, command: str, at: datetime) -> None:
        """Write that a scheduler of this machine is alive."""
        own, program = {"_id": socket.gethostname()}, {"command": command, "pid": os.getpid()}
        alive = {"$set": {**program, "at": at, "version": version("dateline")}}
        await self._database["schedulers"].update_one(UNFENCED, own, alive, upsert=True)

    async def last_beat(self) -> datetime | None:
        """Return when any scheduler last was alive; None: there never was one."""
        last = await self._database["schedulers"].find_one(sort=[("at", DESCENDING)])
        return last["at"] if last else None

    @asynccontextmanager
    async def heartbeat(self, command: str, every: float = 60.0) -> AsyncIterator[None]:
        """Write at once, and again after every so many seconds, that a scheduler is alive."""
        await self.beat(command, datetime.now(UTC))
        heart = asyncio.create_task(self._go_on(command, every))
        try:
            yield
        finally:
            heart.cancel()

    async def _go_on(self, command: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(StoreError):  # the run that begins reports it
                await self.beat(command, datetime.now(UTC))


def _value(stored: Document, name: str) -> Any:
    for part in name.split("."):
        stored = stored[part]
    return stored


def _claim(plan: SchedulePlan, token: str) -> UpdateOne:
    done: Document = {
        "claim": token,
        "schedule": plan.rule.schedule,
        "handled": plan.handled,
        "next": plan.next,
    }
    counts = {f"skipped.{name}": count for name, count in plan.skipped.items()}
    if plan.fire:
        done |= {"fire": plan.fire}
        counts |= {"met": 1}
    update: Document = {"$set": done, "$inc": counts}
    if plan.skipped:
        span = {"since": plan.after, "until": plan.handled, "fires": plan.skipped}
        update["$push"] = {"spans": {"$each": [span], "$slice": -MAX_SPANS}}
    return UpdateOne({"_id": plan.rule.outlet, "handled": plan.after}, update, upsert=True)
