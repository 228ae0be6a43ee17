"""What the tests of pipelines share: a pipeline in a crawler of its own, and an article for it."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector

from crawler.article import Article
from crawler.outlet import Selectors
from crawler.run.pipeline import Pipeline
from crawler.text.dates.timestamp import Timestamp

S = TypeVar("S", bound=Pipeline)
FETCHED = datetime(2024, 11, 30, 12, tzinfo=UTC)


def pipeline(cls: type[S], page: Selectors | None = None) -> S:
    """The pipeline, for an outlet with these selectors."""
    declared = {"name": "news"} | ({"page": page} if page else {})
    crawler = Crawler(type("News", (Spider,), declared))
    crawler.stats = MemoryStatsCollector(crawler)
    return cls.from_crawler(crawler)


def counts(made: Pipeline) -> dict[str, int]:
    """What the pipeline has counted, by name under ``article/``."""
    stats = made.crawler.stats.get_stats()
    return {name.removeprefix("article/"): number for name, number in stats.items()}


def stamp(at: datetime, **changes: Any) -> Timestamp:
    """A date as printed."""
    stated = {"text": "printed", "offset": "+00:00", "precision": "second", "source": "meta"}
    return Timestamp(at=at, **(stated | changes))


def article(**changes: Any) -> Article:
    """A story as extraction leaves it."""
    values: dict[str, Any] = {
        "outlet": "news",
        "url": "https://news.example/1",
        "lead": "https://news.example/1",
        "title": "Ports reopen",
        "body": "The ports are open again.\n\nShips are sailing.",
        "published": stamp(FETCHED),
        "fetched": FETCHED,
        "first_seen": FETCHED,
        "language": "en",
        "origins": {"title": "meta", "body": "selector", "published": "meta"},
    }
    return Article(**(values | changes))
