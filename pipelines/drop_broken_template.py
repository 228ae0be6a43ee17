"""What a broken template makes is no article: its page waits until the rules are mended."""

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.queue.writer import BROKEN
from crawler.run.extension import RunExtension
from crawler.run.pipeline import Pipeline


class Watched(Pipeline):
    """Compares each article with what is usual for its outlet (`crawler.monitor.drift`)."""

    def process_item(self, article: Article) -> Article:
        """Note the article; drop it where the last ones together show that its text is broken."""
        report = self.crawler.get_extension(RunExtension)
        assert report is not None
        if report.run.is_broken(article):
            self.count(f"rejected/{BROKEN}")
            raise DropItem(BROKEN)
        return article
