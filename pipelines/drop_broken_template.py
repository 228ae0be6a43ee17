"""Drops articles of a broken template; their pages wait until the rules are mended."""

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.run.recorder import BROKEN


class DropBrokenTemplate(Pipeline):
    """Compares each article with what is usual for its outlet (`crawler.monitor.drift`).

    It is the last but one: articles are compared as they would be stored.
    """

    def process_item(self, article: Article) -> Article:
        """Note the article; drop it if the last ones together show that its text is broken."""
        if self.run.recorder.is_broken(article):
            raise self.reject(BROKEN)
        return article
