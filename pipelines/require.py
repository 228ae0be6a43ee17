"""An article has a title and a body, or it is none."""

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.step import Step
from crawler.text.tidy import tidy


class Require(Step):
    """Drops what has no title or no body; counts under ``article/rejected/``."""

    def process_item(self, article: Article) -> Article:
        """Pass on what has both."""
        for field in ("title", "body"):
            if not any(map(tidy, getattr(article, field).split("\n\n"))):
                self.count(f"rejected/no_{field}")
                raise DropItem(f"no_{field}")
        return article
