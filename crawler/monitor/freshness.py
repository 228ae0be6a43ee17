"""Freshness: how long it took from a story's publication until it was stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.store.collection import Document
from crawler.store.database import Database

WINDOW = timedelta(days=7)
"""How far back an outlet's freshness is measured, where it is not that of one run."""


async def freshness(
    database: Database, since: datetime, outlets: Sequence[str]
) -> dict[str, Document]:
    """Return the delays of what was stored since: ``stories``, ``p50`` and ``p95`` in seconds.

    Percentiles are by nearest rank. Outlets without a delay are left out. Which stories count was
    decided when they were stored (`crawler.store.publication_delay`), by the date they had then;
    those of runs with bounds do not. This is one aggregation, of the index alone.
    """

    def rank(percent: int) -> Document:
        last = {"$ceil": {"$multiply": [percent / 100, "$stories"]}}
        return {"$arrayElemAt": ["$delays", {"$toInt": {"$subtract": [last, 1]}}]}

    recent = {"stored": {"$gte": since}, "delay": {"$gte": 0}}
    stages: list[Document] = [
        {"$match": {"outlet": {"$in": list(outlets)}, **recent}},
        {"$project": {"_id": 0, "outlet": 1, "delay": 1}},
        {"$sort": {"delay": 1}},
        {"$group": {"_id": "$outlet", "stories": {"$sum": 1}, "delays": {"$push": "$delay"}}},
        {"$project": {"stories": 1, "p50": rank(50), "p95": rank(95)}},
    ]
    cursor = database["articles"].aggregate(stages, allowDiskUse=True)
    return {row.pop("_id"): row async for row in cursor}
