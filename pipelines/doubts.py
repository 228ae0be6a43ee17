"""What cannot be what it is given for is marked: a byline that is a date, or a teaser."""

from crawler.article import Article
from crawler.health.doubts import doubts
from crawler.step import Step


class Doubts(Step):
    """Flags implausible values (`crawler.health.doubts`); the article is stored all the same."""

    def process_item(self, article: Article) -> Article:
        """Add the flags."""
        for flag in doubts(article):
            if flag not in article.flags:
                article.flags.append(flag)
                self.count(f"doubts/{flag}")
        return article
