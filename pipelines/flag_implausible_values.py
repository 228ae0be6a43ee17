"""Flags values that cannot be what they are given for: a byline that is a date, or a teaser."""

from crawler.article import Article
from crawler.monitor.drift.plausibility import suspect_flags
from crawler.run.pipeline import Pipeline


class FlagImplausibleValues(Pipeline):
    """Flags implausible values (`crawler.monitor.drift`); the article is stored anyway."""

    def process_item(self, article: Article) -> Article:
        """Add the flags."""
        for flag in suspect_flags(article):
            self.flag(article, flag, "doubts")
        return article
