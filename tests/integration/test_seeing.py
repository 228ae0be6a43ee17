"""Freshness and completeness as runs measure them, beside what newsworld's press knows."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

from crawler.monitor.capture_recapture import CompletenessEstimate, estimate
from crawler.monitor.completeness import stories_by_sources
from crawler.store.database import Database
from newsworld.client import Client, running
from tests.declared.press import OUTLETS
from tests.desk import Desk

PAPER = OUTLETS["paper_01"]
"""It has every kind of channel, each of which leaves out a share of the stories."""
LONG_AGO = timedelta(days=80)


def environment(world: Client) -> dict[str, str]:
    return {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings", "DATELINE_GATEWAY": world.url}


class Watcher(threading.Thread):
    """Notes when each article can first be read from MongoDB, on its own, every few ms."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._ended = threading.Event()
        self.seen: dict[str, datetime] = {}

    def run(self) -> None:
        while not self._ended.is_set():
            for found in self._desk.database.articles.find({}, ["_id"]):
                self.seen.setdefault(found["_id"], datetime.now(UTC))
            time.sleep(0.02)

    def stop(self) -> dict[str, datetime]:
        self._ended.set()
        self.join()
        return self.seen


def rank(values: list[float], percent: int) -> float:
    return sorted(values)[ceil(percent / 100 * len(values)) - 1]


def test_freshness_is_right_to_a_second(desk: Desk) -> None:
    """Of 24 stories of two hours; those of before, and a run with bounds, do not count."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    with running(press=1, press_stories=30, days=7, per_day=1, now=start) as world:
        env = environment(world)
        assert desk.crawl(PAPER.name, **env).code == 0
        assert desk.run(PAPER.name)["freshness"] is None
        # It was collected for the first time when the world began.
        desk.database.leads.update_many({}, {"$set": {"first_seen": start}})
        old = desk.articles().keys()
        world.set_clock(start + timedelta(hours=2))
        watcher = Watcher(desk)
        watcher.start()
        assert desk.crawl(PAPER.name, **env).code == 0
        seen = watcher.stop()
        told = desk.run(PAPER.name)["freshness"]
        known = {row["url"]: row for row in world.truth()}
        delays = [
            (seen[url] - datetime.fromisoformat(known[url]["published"])).total_seconds()
            for url in desk.articles().keys() - old
        ]
        assert told["stories"] == len(delays) >= 20
        assert abs(told["p50"] - rank(delays, 50)) <= 1
        assert abs(told["p95"] - rank(delays, 95)) <= 1
        (row,) = [
            row
            for row in desk.dateline("status", "--json", **env).json()
            if row["outlet"] == PAPER.name
        ]
        assert row["freshness"] == told
        world.set_clock(start + timedelta(hours=3) - timedelta(seconds=1))
        since = f"since={start - timedelta(days=2):%Y-%m-%d}"
        assert desk.crawl(PAPER.name, "-a", since, **env).code == 0
        assert desk.run(PAPER.name)["account"]["stored"] > 0
        assert desk.run(PAPER.name)["freshness"] is None


def test_completeness_is_right_to_two_points(desk: Desk, mongodb: str) -> None:
    """Of 300 stories in feed, REST API, sitemaps and listing, each of which misses some."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with running(press=1, press_stories=300, days=30, per_day=1, now=start) as world:
        since = f"since={start - LONG_AGO:%Y-%m-%d}"
        # Whether a story can be read is another question.
        world.faults([{"path": r"/\d{4}/\d\d/\d\d/", "status": 404}])
        desk.crawl(PAPER.name, "-a", since, **environment(world))
        published = sum(row["outlet"] == PAPER.name for row in world.truth())

    async def read() -> CompletenessEstimate | None:
        database = Database(uri=mongodb, name=desk.database.name, data=Path())
        try:
            found = await stories_by_sources(database, PAPER.name, start - LONG_AGO, PAPER.timezone)
        finally:
            await database.close()
        return estimate((row["sources"], row["stories"]) for row in found)

    found = asyncio.run(read())
    assert found
    assert found.sighted > 250
    assert abs(found.share - found.sighted / published) <= 0.02
