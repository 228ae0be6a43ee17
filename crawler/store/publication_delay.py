"""The delay of a new article: the time from its publication until it was stored."""

from datetime import datetime

from pymongo import ASCENDING

from crawler.store.collection import Document
from crawler.store.database import Database


async def first_collected(database: Database, outlet: str) -> datetime | None:
    """Return when a source of the outlet's first showed a story; None: never so far."""
    oldest = await database["leads"].find_one(
        {"outlet": outlet}, ["first_seen"], sort=[("first_seen", ASCENDING)]
    )
    return oldest["first_seen"] if oldest else None


def delay_of(article: Document, began: datetime | None, stored: datetime) -> float | None:
    """Return the seconds from an article's publication until it was stored, or None.

    They tell of freshness where the page states the time of day, the date is beyond doubt (not that
    of the last change, and not in the future), and the story came out after its outlet was first
    collected (`began`).
    """
    published = article["published"]
    if (
        published is None
        or published["precision"] == "day"
        or published["flags"]
        or "update_shown" in article["flags"]
        or began is None
        or not began <= published["at"] <= stored
    ):
        return None
    return float((stored - published["at"]).total_seconds())
