"""Freshness: how long it took from a story's publication until it was stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.article import Article
from crawler.store.database import Database, Document

WINDOW = timedelta(days=7)
"""So far back an outlet's freshness is measured, where it is not that of one run."""


def delay_of(article: Article, began: datetime | None, stored: datetime) -> float | None:
    """Seconds from an article's publication until it was stored; None: that tells of no freshness.

    It does where the page states the time of day and there is no doubt about the date, neither that
    of the last change nor one ahead, and where the story came out after its outlet was first
    collected (`began`).
    """
    published = article.published
    if (
        published is None
        or published.precision == "day"
        or published.flags
        or "update_shown" in article.flags
        or began is None
        or not began <= published.at <= stored
    ):
        return None
    return (stored - published.at).total_seconds()


async def freshness(
    database: Database, since: datetime, outlets: Sequence[str]
) -> dict[str, Document]:
    """The delays of what was stored since: ``stories``, and ``p50`` and ``p95`` in seconds.

    Percentiles are by nearest rank. Outlets of which nothing tells are left out. What counts was
    decided when it was stored (`delay_of`), by the date it had then; what runs with bounds store
    does not. One aggregation, of the index alone.
    """

    def rank(percent: int) -> Document:
        last = {"$ceil": {"$multiply": [percent / 100, "$stories"]}}
        return {"$arrayElemAt": ["$delays", {"$toInt": {"$subtract": [last, 1]}}]}

    stages: list[Document] = [
        {
            "$match": {
                "outlet": {"$in": list(outlets)},
                "stored": {"$gte": since},
                "delay": {"$gte": 0},
            }
        },
        {"$project": {"_id": 0, "outlet": 1, "delay": 1}},
        {"$sort": {"delay": 1}},
        {"$group": {"_id": "$outlet", "stories": {"$sum": 1}, "delays": {"$push": "$delay"}}},
        {"$project": {"stories": 1, "p50": rank(50), "p95": rank(95)}},
    ]
    with database.calls():
        cursor = await database["articles"].aggregate(stages, allowDiskUse=True)
        return {row.pop("_id"): row async for row in cursor}
