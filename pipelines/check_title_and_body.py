"""Drops an article without a title or a body, and cuts off a body that is too long."""

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.tidy import tidy

MAX_BODY = 300_000
"""Characters. No story is longer, and pipelines work in the process that also fetches."""


class CheckTitleAndBody(Pipeline):
    """The first pipeline: what passes it has a title, and a body of a bounded length.

    Pages that stand in place of a story (captcha, login, consent) are rejected by extraction.
    """

    def process_item(self, article: Article) -> Article:
        """Return an article that has both; cut and flag a body that is longer than any story."""
        if len(article.body) > MAX_BODY:
            article.body = article.body[:MAX_BODY]
            article.flags.append("truncated")
        for field in ("title", "body"):
            if not any(map(tidy, getattr(article, field).split("\n\n"))):
                raise self.reject(f"no_{field}")
        return article
