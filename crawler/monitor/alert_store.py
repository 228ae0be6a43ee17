"""The ``alerts`` collection: which alerts were sent, and which of them are over."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pymongo import ASCENDING, UpdateOne

from crawler.monitor.alerts import UNREADABLE_FILE, Alert
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.schema import EPOCH

CLAIM_TIMEOUT = timedelta(minutes=5)
"""How long one process may take to send what it has claimed; then another does."""
_FIELDS = ("cause", "outlet", "sentence")


class AlertStore:
    """Remembers each alert from when it is found until it was sent that it is over."""

    def __init__(self, database: Database) -> None:
        self._alerts = database["alerts"]

    async def update(self, found: Iterable[Alert], looked_at: Sequence[str] | None = None) -> None:
        """Compare what is wrong now with what is stored; forget what ended before it was sent.

        Args:
            found: all that is wrong now.
            looked_at: only alerts of these outlets, or of none, can have ended; None: any.
        """
        now = datetime.now(UTC)
        alerts = {alert.key: alert for alert in found}
        writes = [
            UpdateOne(
                {"_id": key},
                {
                    "$set": {name: getattr(alert, name) for name in _FIELDS} | {"ended": None},
                    "$setOnInsert": {"began": now, "told": None, "claimed": EPOCH},
                },
                upsert=True,
            )
            for key, alert in alerts.items()
        ]
        over: Document = {"_id": {"$nin": list(alerts)}, "ended": None}
        if looked_at is not None:
            over["$or"] = [{"outlet": {"$in": ["", *looked_at]}}, {"cause": UNREADABLE_FILE}]
        if writes:
            await self._alerts.bulk_write(UNFENCED, writes)
        await self._alerts.delete_many(UNFENCED, {**over, "told": None})
        await self._alerts.update_many(UNFENCED, over, {"$set": {"ended": now}})

    async def claim(self) -> tuple[list[Alert], list[Alert]]:
        """Take what has to be sent: alerts that began, and alerts that are over.

        Each is given to one process only, however many ask. One that does not call `mark_sent` in
        time loses its claim.
        """
        now = datetime.now(UTC)
        claim = uuid4().hex
        unsent = [{"told": None}, {"ended": {"$ne": None}}]
        due = {"$or": unsent, "claimed": {"$lt": now - CLAIM_TIMEOUT}}
        await self._alerts.update_many(UNFENCED, due, {"$set": {"claim": claim, "claimed": now}})
        mine = await self._alerts.find({"claim": claim}, sort=[("began", ASCENDING)]).to_list()
        opened = [_alert(stored) for stored in mine if stored["told"] is None]
        return opened, [_alert(stored) for stored in mine if stored["told"] is not None]

    async def mark_sent(self, alerts: Iterable[Alert]) -> None:
        """Note that claimed alerts were sent, as begun or as over."""
        keys = _keys(alerts)
        sent = {"told": datetime.now(UTC), "claimed": EPOCH}
        await self._alerts.delete_many(
            UNFENCED, {**keys, "told": {"$ne": None}, "ended": {"$ne": None}}
        )
        await self._alerts.update_many(UNFENCED, {**keys, "told": None}, {"$set": sent})

    async def release(self, alerts: Iterable[Alert]) -> None:
        """Give up the claim on alerts that could not be sent."""
        await self._alerts.update_many(UNFENCED, _keys(alerts), {"$set": {"claimed": EPOCH}})

    async def lasting(self) -> list[Document]:
        """Return the alerts that are not over, the oldest first.

        Each has ``cause``, ``outlet``, ``sentence``, ``began``, and when it was sent (``told``).
        """
        return await self._alerts.find({"ended": None}, sort=[("began", ASCENDING)]).to_list()


def _keys(alerts: Iterable[Alert]) -> Document:
    return {"_id": {"$in": [alert.key for alert in alerts]}}


def _alert(stored: Document) -> Alert:
    return Alert(*(stored[name] for name in _FIELDS))
