"""`Step`: what all pipelines have in common."""

from typing import Self

from scrapy.crawler import Crawler


class Step:
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
