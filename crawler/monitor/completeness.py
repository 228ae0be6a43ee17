"""Completeness: which sources showed which stories, by the ledger, and what all of them missed."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ASCENDING

from crawler.monitor.capture_recapture import ASSUMPTION, estimate
from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.store.publication_delay import first_collected

DAYS = 7
"""The number of days that count at most, the latest."""
SETTLED = timedelta(hours=6)
"""How long after its end a day is covered: then also its sitemaps are read (`crawler.run.poll`)."""
NO_STORIES = ("skipped", "gone")
"""States of addresses that are no stories of the outlet's, or none any more."""


async def stories_by_sources(
    database: Database, outlet: str, since: datetime, zone: str, without: Iterable[str] = ()
) -> list[Document]:
    """Return how many stories were shown by which sources, day by day.

    A story counts for the day it was published, or else first seen, in `zone` (IANA).

    Args:
        without: states of leads that do not count.

    Returns:
        ``day``, ``sources`` (in the order in which they first showed them) and ``stories``.
    """
    moment: Document = {"$ifNull": ["$published", "$first_seen"]}
    day = {"$dateToString": {"date": "$moment", "format": "%Y-%m-%d", "timezone": zone}}
    story = {"$ifNull": ["$article", "$_id"]}  # one that has moved has several leads
    published = {"moment": {"$min": "$moment"}}
    shown = {**published, "at": {"$min": "$sightings.at"}}
    # What is published since was seen since, but for what a page dates ahead.
    lately = {"first_seen": {"$gte": since}, "$expr": {"$gte": [moment, since]}}
    stages: list[Document] = [
        {"$match": {"outlet": outlet, "state": {"$nin": list(without)}, **lately}},
        {"$project": {"story": story, "moment": moment, "sightings": 1}},
        {"$unwind": "$sightings"},
        {"$group": {"_id": {"story": "$story", "source": "$sightings.source"}, **shown}},
        {"$sort": {"at": ASCENDING}},
        {"$group": {"_id": "$_id.story", "sources": {"$push": "$_id.source"}, **published}},
        {"$group": {"_id": {"day": day, "sources": "$sources"}, "stories": {"$sum": 1}}},
    ]
    cursor = database["leads"].aggregate(stages)
    return [{**row["_id"], "stories": row["stories"]} async for row in cursor]


def recall(found: Iterable[Document]) -> list[Document]:
    """Return how much of what is known each source showed, day by day, from `stories_by_sources`.

    Returns:
        For each day, the newest first: ``day``, ``union`` (the stories that any source showed), and
        by source ``shown`` and ``first`` (those it showed before the others did).
    """
    days: dict[str, Document] = {}
    for row in found:
        day = days.setdefault(row["day"], {"day": row["day"], "union": 0, "sources": {}})
        day["union"] += row["stories"]
        for place, key in enumerate(row["sources"]):
            counts = day["sources"].setdefault(key, {"shown": 0, "first": 0})
            counts["shown"] += row["stories"]
            counts["first"] += row["stories"] if place == 0 else 0
    return [days[name] for name in sorted(days, reverse=True)]


async def completeness(
    database: Database, outlet: str, zone: str, now: datetime
) -> dict[str, Any] | None:
    """Estimate what all sources have missed of the last `DAYS` days that are covered.

    Those are days that began after the outlet was first collected, and ended `SETTLED` before
    `now`, when its sources were read.

    Returns:
        The fields of `CompletenessEstimate`, of all those days together; the ``assumption`` that
        they rest on; and the same fields for each of the ``days`` that have enough stories. None:
        there are too few stories, or only one channel.
    """
    began = await first_collected(database, outlet)
    covered = covered_days(began, now - SETTLED, ZoneInfo(zone)) if began else []
    if not covered:
        return None
    first = datetime.fromisoformat(covered[0]).replace(tzinfo=ZoneInfo(zone))
    found = await stories_by_sources(database, outlet, first, zone, NO_STORIES)
    days = {
        day: estimate((row["sources"], row["stories"]) for row in found if row["day"] == day)
        for day in covered
    }
    whole = estimate((row["sources"], row["stories"]) for row in found if row["day"] in days)
    if whole is None:
        return None
    by_day = [{"day": day, **asdict(known)} for day, known in days.items() if known]
    return {**asdict(whole), "assumption": ASSUMPTION, "days": by_day}


def covered_days(began: datetime, ended: datetime, zone: ZoneInfo) -> list[str]:
    """Return the whole days of a zone between two instants, at most the last `DAYS`."""
    last = ended.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in range(DAYS, 0, -1)]
    first = began.astimezone(zone).date()
    return [day.isoformat() for day in days if day > first]
