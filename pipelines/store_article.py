"""The last step: on disk, and on its way into MongoDB."""

from typing import Any

from crawler.article import Article, fields_of, iso
from crawler.run.extension import RunExtension
from crawler.run.pipeline import Pipeline


class Store(Pipeline):
    """Hands the article to the run; returns when it is durable."""

    async def process_item(self, article: Article) -> dict[str, Any]:
        """Store the article and settle its lead; what goes on is the article as exported.

        Raises:
            StoreError: there is no room for it on disk; the lead stays pending.
        """
        report = self.crawler.get_extension(RunExtension)
        assert report is not None
        await report.run.store(article)
        return dict(iso(fields_of(article)))
