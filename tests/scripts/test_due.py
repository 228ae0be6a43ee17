"""What is due is begun, and an adaptive outlet told when to come again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import settings.test
from crawler.schedule.planning import ScheduleRule
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from crawler.store.runs import Runs
from scripts.crawl_processes import CrawlProcesses
from scripts.scheduler import CrawlSlots, Scheduler
from tests.crawler.store_fixture import article, save_articles, stamp
from tests.desk import Desk

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
READ = {"key": "wordpress:/wp-json/", "outcome": "read", "new": 0, "leads": 30}
RULE = ScheduleRule(outlet="news", schedule="adaptive 5m-24h")


class Found(CrawlProcesses):
    """A crawl that ends at once: its source was read, and showed nothing new."""

    async def run(self, name: str, bounds: Sequence[str] = ()) -> dict[str, Any]:
        return {"outlet": name, "outcome": "healthy", "sources": [READ]}


async def wait_after(desk: Desk, silence: timedelta) -> timedelta:
    """For how long an outlet waits that had three stories an hour, and none since."""
    database = Database(uri=desk.uri, name=desk.database.name, data=Path("unused"))
    await database.prepare()
    times = [NOW - silence - n * timedelta(minutes=19) for n in range(14 * 24 * 3)]
    stories = [article(n, published=stamp(at)) for n, at in enumerate(times)]
    await save_articles(database, stories)
    crawls = Found(Runs(database), 60)
    due = Scheduler(ScheduleStore(database), crawls, CrawlSlots(1), lambda _: None, lambda: NOW)
    await due.start_due([RULE], NOW)
    await due.drain()
    state = (await ScheduleStore(database).states())["news"]
    await database.close()
    return state.next - NOW


@pytest.mark.parametrize(("hours", "is_soon"), [(0.5, True), (10, False)])
def test_a_silent_outlet_is_asked_more_seldom(
    desk: Desk, hours: float, is_soon: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings.test, "DATA", str(tmp_path))  # where places are taken
    wait = asyncio.run(wait_after(desk, timedelta(hours=hours)))
    assert (wait < timedelta(minutes=20)) == is_soon, wait
