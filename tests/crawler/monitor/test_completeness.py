"""What all sources missed, from a ledger of several days."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.monitor.capture_recapture import ASSUMPTION
from crawler.monitor.completeness import completeness, covered_days
from crawler.store.database import Database, plain
from tests.crawler.store_fixture import Store

NOW = datetime(2024, 12, 10, 12, tzinfo=UTC)
ZONE = "Asia/Karachi"  # a day ends at 19:00 in UTC
PER_DAY = 240


def test_days_are_covered_from_their_beginning_to_their_end() -> None:
    began, zone = datetime(2024, 12, 7, 20, tzinfo=UTC), ZoneInfo(ZONE)
    assert covered_days(began, NOW, zone) == ["2024-12-09"]
    assert covered_days(began - timedelta(hours=2), NOW, zone) == ["2024-12-08", "2024-12-09"]
    assert len(covered_days(began - timedelta(days=30), NOW, zone)) == 7
    assert covered_days(NOW, NOW, zone) == []


def lead(number: int, at: datetime, rng: Random, **changes: Any) -> dict[str, Any] | None:
    """A story as its sources show it: the feed loses a tenth, the sitemap a fifth."""
    losses = {"feed:/feed": 0.1, "sitemap:/sitemap.xml": 0.2}
    keys = [key for key, loss in losses.items() if rng.random() >= loss]
    if not keys:
        return None
    return {
        "_id": f"https://news.example/{number}",
        "outlet": "news",
        "first_seen": at,
        "published": at,
        "state": "stored",
        "sightings": [{"source": key, "at": at} for key in keys],
        **changes,
    }


def measured(store: Store, leads: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    async def work(database: Database) -> dict[str, Any] | None:
        await plain(database)["leads"].insert_many(
            list(filter(None, leads)), bypass_document_validation=True
        )
        return await completeness(database, "news", ZONE, NOW)

    return store.run(work)


def test_only_covered_days_tell(store: Store) -> None:
    """Four days, of which the first and the last are not covered, nor those before."""
    rng = Random(1)
    start = datetime(2024, 12, 6, 22, tzinfo=UTC)  # three hours into the 7th, there
    step = timedelta(days=1) / PER_DAY
    days = [lead(number, start + number * step, rng) for number in range(4 * PER_DAY)]
    old = [
        lead(10_000 + n, start + n * step, rng, published=start - timedelta(days=2))
        for n in range(50)
    ]
    none = [
        lead(20_000 + n, start + timedelta(days=1, minutes=n), rng, state="skipped")
        for n in range(500)
    ]
    found = measured(store, [*days, *old, *none])
    assert found
    assert [day["day"] for day in found["days"]] == ["2024-12-08", "2024-12-09"]
    sighted = sum(
        made is not None and "2024-12-07T19" <= made["published"].isoformat() < "2024-12-09T19"
        for made in days
    )
    assert found["sighted"] == sighted == sum(day["sighted"] for day in found["days"])
    assert found["share"] == pytest.approx(sighted / (2 * PER_DAY), abs=0.02)
    assert found["assumption"] == ASSUMPTION


def test_of_an_outlet_that_is_new_nothing_is_told(store: Store) -> None:
    assert measured(store, [lead(1, NOW - timedelta(hours=30), Random(2))]) is None


def test_of_an_outlet_never_collected_nothing_is_told(store: Store) -> None:
    assert measured(store, [lead(1, NOW, Random(2), outlet="other")]) is None
