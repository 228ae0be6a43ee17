"""What recurs across the outlet's stories and is part of none goes, as soon as that is learnt."""

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.run.extension import RunExtension
from crawler.run.pipeline import Pipeline


class Learnt(Pipeline):
    """Applies what was learnt of the outlet (`crawler.text.recurrence`), and learns from it."""

    def process_item(self, article: Article) -> Article:
        """Leave learnt blocks out; drop the article where nothing is left of it."""
        report = self.crawler.get_extension(RunExtension)
        assert report is not None
        dropped = report.run.learner.clean(article)
        if dropped:
            self.count("boilerplate/learnt", len(dropped))
        if not article.body:
            self.count("rejected/only_boilerplate")
            raise DropItem("only_boilerplate")
        return article
