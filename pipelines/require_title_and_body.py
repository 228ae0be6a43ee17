"""An article has a title and a body, or it is none; and it has an end."""

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.tidy import tidy

MAX_BODY = 300_000
"""Characters. No story is longer, and pipelines work in the process that also fetches."""


class Require(Pipeline):
    """Drops what has no title or no body; counts under ``article/rejected/``."""

    def process_item(self, article: Article) -> Article:
        """Pass on what has both; cut off and flag a body that is longer than any story."""
        if len(article.body) > MAX_BODY:
            article.body = article.body[:MAX_BODY]
            article.flags.append("truncated")
        for field in ("title", "body"):
            if not any(map(tidy, getattr(article, field).split("\n\n"))):
                self.count(f"rejected/no_{field}")
                raise DropItem(f"no_{field}")
        return article
