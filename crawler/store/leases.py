"""Leases: one run of an outlet at a time, on however many machines (``leases`` collection).

A lease is held until an instant by the server's clock, and renewed by a heartbeat. Its token grows
with every holder. Who cannot renew it may write only as long as it surely lasts: each write ends
before that, or fails. So a run that stood still (a stopped process, a suspended machine) cannot
write once another has begun; and what it left on disk carries its token, by which the ledger tells
it from what came later (M. Kleppmann, "How to do distributed locking", 2016).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from math import inf
from typing import Any

from pymongo import ReturnDocument

from crawler.errors import LeaseLost, OutletBusy, StoreError
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database
from crawler.store.process_identity import is_gone, this_process
from crawler.store.schema import EPOCH

MARGIN = 0.2
"""Share of a lease by which its holder takes it to end earlier: clocks do not run alike."""
BEATS = 10
"""Heartbeats in the time of a lease."""


def elapsed() -> float:
    """Seconds that go by, also while the machine is suspended."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """The right of one run to collect an outlet, which it renews by heartbeats.

    Args:
        token: higher than that of every holder before.
        seconds: how long it lasts after each heartbeat.
        asked: by `elapsed`, just before it was given.
    """

    def __init__(
        self, database: Database, outlet: str, token: int, seconds: float, asked: float
    ) -> None:
        self.fence = Fence(token, self._left)
        """Of all that its holder writes."""
        self._leases = database["leases"]
        self._own = {"_id": outlet, "token": token}
        self._seconds = seconds
        self._asked = asked
        self._heart: asyncio.Task[None] | None = None

    def _left(self) -> float:
        """Return the seconds for which it surely lasts; 0 or less if it may be another's by now."""
        return self._asked + self._seconds * (1 - MARGIN) - elapsed()

    def keep(self, lost: Callable[[LeaseLost], None]) -> None:
        """Renew it until it is released, or `lost` to another run."""
        self._heart = asyncio.create_task(self._beat(lost))

    async def _beat(self, lost: Callable[[LeaseLost], None]) -> None:
        while True:
            await asyncio.sleep(self._seconds / BEATS)
            try:
                await self._renew()
            except LeaseLost as overtaken:
                lost(overtaken)
                return
            except StoreError:  # whoever writes tells of it; when the server is back, so is this
                continue

    async def _renew(self) -> None:
        asked = elapsed()
        done = await self._leases.update_one(UNFENCED, self._own, [{"$set": _until(self._seconds)}])
        if not done.matched_count:
            self._asked = -inf
            raise LeaseLost(
                f"Another run of {self._own['_id']} took over, because this one gave no sign of "
                f"life for {self._seconds:g} s."
            )
        self._asked = asked

    async def release(self) -> None:
        """Let others have it.

        Raises:
            StoreError: the server does not answer or refuses; they have it when it has run out.
        """
        if self._heart:
            self._heart.cancel()
        await self._leases.update_one(
            UNFENCED, self._own, {"$set": {"until": EPOCH, "holder": None}}
        )


class Leases:
    """Takes and lists the leases of outlets."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leases = database["leases"]

    async def take(self, outlet: str, run: str, seconds: float) -> Lease:
        """Take an outlet for a run (its ``_id``), for so many seconds at first.

        One that another run holds which gives no sign of life is waited for.

        Raises:
            OutletBusy: another run holds it, and is alive.
            StoreError: the server does not answer or refuses.
        """
        first: datetime | None = None
        while not (lease := await self._take(outlet, run, seconds)):
            found = await self._leases.find_one({"_id": outlet}) or {"until": EPOCH}
            first = first or found["until"]
            if found["until"] > first:
                raise OutletBusy(_busy(outlet, found))
            await asyncio.sleep(seconds / BEATS / 2)
        return lease

    async def _take(self, outlet: str, run: str, seconds: float) -> Lease | None:
        holder = {**this_process(), "run": run}
        token = {"$ifNull": ["$token", 0]}
        asked = elapsed()
        found = await self._leases.find_one({"_id": outlet}) or {}
        # One whose process is gone from this machine need not run out.
        is_free = bool(found.get("holder") and is_gone(found["holder"]))
        free = {
            "$or": [
                {"$and": [is_free, {"$eq": [token, found.get("token", 0)]}]},
                {"$lte": [{"$ifNull": ["$until", EPOCH]}, "$$NOW"]},
            ]
        }
        taken: Document = {
            # By the clock, for a restored backup goes back to smaller ones.
            "token": {"$max": [{"$add": [token, 1]}, {"$toLong": "$$NOW"}]},
            "holder": {"$literal": holder},
            "since": "$$NOW",
            **_until(seconds),
        }
        given = await self._leases.find_one_and_update(
            UNFENCED,
            {"_id": outlet},
            [{"$set": {name: {"$cond": [free, v, f"${name}"]} for name, v in taken.items()}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        if not given or given["holder"] != holder:
            return None
        return Lease(self._database, outlet, given["token"], seconds, asked)

    async def held(self) -> dict[str, Document]:
        """Return the holders of all leases that have not run out, by outlet."""
        lasting = {"$expr": {"$gt": ["$until", "$$NOW"]}}
        return {
            lease["_id"]: lease["holder"]
            async for lease in self._leases.find(lasting)
            if lease["holder"] and not is_gone(lease["holder"])
        }


async def stale(database: Database) -> AsyncIterator[Document]:
    """Leases that were never released, and whose holders are gone or have given no sign of life."""
    leases = database["leases"]
    async for lease in leases.find({"holder": {"$ne": None}}):
        expired = {"_id": lease["_id"], "$expr": {"$lte": ["$until", "$$NOW"]}}
        if is_gone(lease["holder"]) or await leases.find_one(expired):
            yield lease


def _until(seconds: float) -> dict[str, Any]:
    return {"until": {"$add": ["$$NOW", round(seconds * 1000)]}}


def _busy(outlet: str, lease: Mapping[str, Any]) -> str:
    holder = lease.get("holder") or {}
    return (
        f"{outlet} is being collected by process {holder.get('pid')} on {holder.get('host')} "
        f"since {lease.get('since', EPOCH):%Y-%m-%d %H:%M:%S} UTC: let that run end first."
    )
