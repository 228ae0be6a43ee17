"""`Pipeline`: what all pipelines have in common, and how to take them outside a crawl."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler, load_object

LEARNT = "pipelines.strip_learnt_boilerplate.Learnt"
IN_A_RUN = frozenset(
    {LEARNT, "pipelines.drop_broken_template.Watched", "pipelines.store_article.Store"}
)
"""The steps that need a run and its database."""


class Pipeline:
    """An item pipeline that knows its crawler and counts what it does under ``article/``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def count(self, what: str, by: int = 1) -> None:
        """Add to the stat ``article/<what>``."""
        self.crawler.stats.inc_value(f"article/{what}", by)


def steps(
    spider: type[Spider], settings: Settings, instead: Mapping[str, Any] = MappingProxyType({})
) -> list[Any]:
    """All pipelines of `settings` in their order; those that need a run are left out.

    `instead` may hold what takes the place of one of these, by its dotted path.
    """
    crawler = Crawler(spider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    paths = sorted(settings.getdict("ITEM_PIPELINES"), key=settings["ITEM_PIPELINES"].get)
    return [
        instead[path] if path in instead else build_from_crawler(load_object(path), crawler)
        for path in paths
        if path in instead or path not in IN_A_RUN
    ]
