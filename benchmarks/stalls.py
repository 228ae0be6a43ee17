"""An outlet whose crawl tells how long its reactor ever stood still."""

import asyncio
import time
from typing import ClassVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.sources import Source, WordPress
from crawler.spider import OutletSpider

TICK = 0.005
STALL = "benchmark/longest_stall"
OURS = "benchmark/longest_stall_of_ours"


class Stalls:
    """Records the reactor's longest delay, from the first answer to the run's end.

    On a machine that others use it may also be late because it is not given a processor. Of the
    time by which it was late, that in which its thread had one is ours.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self._begin, signals.response_received)
        crawler.signals.connect(self._end, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Stalls":
        """Scrapy's constructor."""
        return cls(crawler)

    def _begin(self) -> None:
        self._task = self._task or asyncio.ensure_future(self._watch())

    def _end(self) -> None:
        if self._task:
            self._task.cancel()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, used = loop.time() + TICK, time.thread_time()
            await asyncio.sleep(TICK)
            late = loop.time() - due
            self._crawler.stats.max_value(STALL, late)
            self._crawler.stats.max_value(OURS, min(late, time.thread_time() - used))


class WatchedOutlet(OutletSpider):
    """Newsworld's Asian Lite, by its posts."""

    name = "watched"
    title = "Asian Lite"
    home = "https://asianlite.com/"
    language = "en"
    timezone = "Europe/London"
    schedule = "0 * * * *"
    sources: ClassVar[tuple[Source, ...]] = (WordPress(),)
    stories = r"/\d{4}/[\w-]+/[^/?]+$"

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Add the extension that watches."""
        super().update_settings(settings)
        extensions = {**settings.getdict("EXTENSIONS"), "benchmarks.stalls.Stalls": 0}
        settings.set("EXTENSIONS", extensions, priority="spider")
