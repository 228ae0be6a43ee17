"""Normalises dates: removes impossible ones, flags future and missing ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.dates.timestamp import Timestamp

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No outlet published on the web before."""
TOLERANCE = timedelta(hours=48)
"""How far a date may lie ahead of the fetch: clocks, zones and embargoes, but no more."""


class NormaliseDates(Pipeline):
    """Checks `published` and `modified` against the time of the fetch.

    Extraction has made them instants in UTC (`crawler.extract.dates`). It needs the page, because
    where a date stands tells which one counts, and a limit on time: so it runs in a worker.
    """

    def process_item(self, article: Article) -> Article:
        """Remove impossible dates; flag future dates and an article without a date."""
        article.published = self._check("published", article)
        article.modified = self._check("modified", article)
        if article.published is None:
            self.flag(article, "no_date", "dates")
        return article

    def _check(self, name: str, article: Article) -> Timestamp | None:
        stated: Timestamp | None = getattr(article, name)
        if stated is None:
            return None
        if not EARLIEST <= stated.at <= article.fetched + TOLERANCE:
            self.flag(article, f"impossible_{name}", "dates")
            article.origins.pop(name, None)
            article.confidence.pop(name, None)
            return None
        if stated.at > article.fetched and "future" not in stated.flags:
            self.count(f"dates/future_{name}")
            return replace(stated, flags=(*stated.flags, "future"))
        return stated
