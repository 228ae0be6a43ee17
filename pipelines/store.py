"""The last step: into MongoDB, acknowledged."""

from typing import Any

from crawler.article import Article, fields_of, iso
from crawler.extensions.report import Report
from crawler.step import Step


class Store(Step):
    """Hands the article to the run; returns when MongoDB has made it durable."""

    async def process_item(self, article: Article) -> dict[str, Any]:
        """Store the article and settle its lead; what goes on is the article as exported.

        Raises:
            StoreError: MongoDB does not take it; the lead stays pending.
        """
        report = self.crawler.get_extension(Report)
        assert report is not None
        saved = await report.run.store(article)
        self.count(f"{saved}")
        return dict(iso(fields_of(article)))
