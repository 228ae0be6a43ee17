"""`Pipeline`, the base class of all pipelines, and how to build them outside a crawl."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.article import Article

if TYPE_CHECKING:
    from crawler.run.run import Run

STRIP_LEARNT_BOILERPLATE = "pipelines.strip_learnt_boilerplate.StripLearntBoilerplate"
NEED_A_RUN = frozenset(
    {
        STRIP_LEARNT_BOILERPLATE,
        "pipelines.drop_broken_template.DropBrokenTemplate",
        "pipelines.store_article.StoreArticle",
    }
)
"""The pipelines that need a run and its database."""


class Pipeline:
    """An item pipeline that knows its crawler and counts what it does under ``article/``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def run(self) -> "Run":
        """The run of this crawl."""
        from crawler.run.extension import RunExtension  # noqa: PLC0415 - only a crawl needs it

        if extension := self.crawler.get_extension(RunExtension):
            return extension.run
        raise RuntimeError(
            f"{type(self).__name__} needs a run: add crawler.run.extension.RunExtension to "
            "EXTENSIONS, or take the pipeline out of ITEM_PIPELINES."
        )

    def count(self, what: str, by: int = 1) -> None:
        """Add to the stat ``article/<what>``."""
        self.crawler.stats.inc_value(f"article/{what}", by)

    def flag(self, article: Article, flag: str, stat: str) -> None:
        """Flag an article, and count that under ``article/<stat>/<flag>``; once only."""
        if flag not in article.flags:
            article.flags.append(flag)
            self.count(f"{stat}/{flag}")

    def reject(self, reason: str) -> DropItem:
        """Count a rejected article, and return what to raise."""
        self.count(f"rejected/{reason}")
        return DropItem(reason)


def build_pipelines(
    spider: type[Spider], settings: Settings, instead: Mapping[str, Any] = MappingProxyType({})
) -> list[Any]:
    """Return the pipelines of `settings` in their order, without those that need a run.

    Args:
        instead: what takes the place of a pipeline, by its dotted path.
    """
    crawler = Crawler(spider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    paths = sorted(settings.getdict("ITEM_PIPELINES"), key=settings["ITEM_PIPELINES"].get)
    return [
        instead[path] if path in instead else build_from_crawler(load_object(path), crawler)
        for path in paths
        if path in instead or path not in NEED_A_RUN
    ]
