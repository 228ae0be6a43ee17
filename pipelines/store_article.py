"""Stores the article: on disk at once, from where it is brought to MongoDB."""

from typing import Any

from crawler.article import Article, stored_fields, with_iso_dates
from crawler.run.pipeline import Pipeline


class StoreArticle(Pipeline):
    """The last pipeline: hands the article to the run; returns when it is durable on disk."""

    async def process_item(self, article: Article) -> dict[str, Any]:
        """Store the article and settle its lead; return the article as it is exported.

        Raises:
            StoreError: there is no room for it on disk; the lead stays pending.
        """
        await self.run.recorder.store(article)
        return dict(with_iso_dates(stored_fields(article)))
