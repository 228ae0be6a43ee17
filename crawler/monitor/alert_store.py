"""The ``alerts`` collection: which troubles somebody was told of, and which of them are over."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pymongo import ASCENDING, DESCENDING, UpdateOne

from crawler.monitor.alerts import UNREADABLE, Problem
from crawler.store.database import EPOCH, Database, Document

CLAIM_TIMEOUT = timedelta(minutes=5)
"""How long one process may take to tell somebody; then another does."""
_NAMES = ("cause", "outlet", "sentence")


class AlertStore:
    """Remembers each trouble from when it is found until somebody was told that it is over."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._alerts = database["alerts"]

    async def update(
        self, found: Iterable[Problem], looked_at: Sequence[str] | None = None
    ) -> None:
        """Compare what is wrong now with what is known. What is over untold is forgotten.

        Of outlets that were not `looked_at` nothing is over; None: there are no others any more.
        """
        now = datetime.now(UTC)
        wrong = {trouble.key: trouble for trouble in found}
        writes = [
            UpdateOne(
                {"_id": key},
                {
                    "$set": {name: getattr(trouble, name) for name in _NAMES} | {"ended": None},
                    "$setOnInsert": {"began": now, "told": None, "claimed": EPOCH},
                },
                upsert=True,
            )
            for key, trouble in wrong.items()
        ]
        gone: Document = {"_id": {"$nin": list(wrong)}, "ended": None}
        if looked_at is not None:
            gone["$or"] = [{"outlet": {"$in": ["", *looked_at]}}, {"cause": UNREADABLE}]
        with self._database.calls():
            if writes:
                await self._alerts.bulk_write(writes, ordered=False)
            await self._alerts.delete_many({**gone, "told": None})
            await self._alerts.update_many(gone, {"$set": {"ended": now}})

    async def claim(self) -> tuple[list[Problem], list[Problem]]:
        """Take what somebody has to be told of: troubles that began, and that are over.

        Each is given to one process only, however many ask; one that does not say it has `told`
        them loses its claim after a while.
        """
        now = datetime.now(UTC)
        claim = uuid4().hex
        due = {
            "$or": [{"told": None}, {"ended": {"$ne": None}}],
            "claimed": {"$lt": now - CLAIM_TIMEOUT},
        }
        with self._database.calls():
            await self._alerts.update_many(due, {"$set": {"claim": claim, "claimed": now}})
            cursor = self._alerts.find({"claim": claim}).sort("began", ASCENDING)
            mine = await cursor.to_list()
        opened = [_trouble(stored) for stored in mine if stored["told"] is None]
        return opened, [_trouble(stored) for stored in mine if stored["told"] is not None]

    async def told(self, troubles: Iterable[Problem]) -> None:
        """Note that somebody was told that troubles which were claimed began, or are over."""
        keys = {"_id": {"$in": [trouble.key for trouble in troubles]}}
        news = {"told": datetime.now(UTC), "claimed": EPOCH}
        with self._database.calls():
            await self._alerts.delete_many({**keys, "told": {"$ne": None}, "ended": {"$ne": None}})
            await self._alerts.update_many({**keys, "told": None}, {"$set": news})

    async def untold(self, troubles: Iterable[Problem]) -> None:
        """Give up a claim: nobody could be told."""
        keys = {"_id": {"$in": [trouble.key for trouble in troubles]}}
        with self._database.calls():
            await self._alerts.update_many(keys, {"$set": {"claimed": EPOCH}})

    async def looked(self) -> datetime | None:
        """When somebody last looked for what is due; None: nobody ever did."""
        with self._database.calls():
            last = await self._database["schedulers"].find_one(sort=[("at", DESCENDING)])
        return last["at"] if last else None

    async def lasting(self) -> list[Document]:
        """Troubles that are not over, the oldest first: ``cause``, ``outlet``, ``sentence``, since
        when (``began``), and when somebody was ``told``, or None.
        """
        with self._database.calls():
            found = self._alerts.find({"ended": None}).sort("began", ASCENDING)
            return await found.to_list()


def _trouble(stored: Document) -> Problem:
    return Problem(*(stored[name] for name in _NAMES))
