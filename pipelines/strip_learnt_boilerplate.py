"""Strips blocks that recur across the outlet's stories, as soon as that is learnt."""

from crawler.article import Article
from crawler.run.pipeline import Pipeline


class StripLearntBoilerplate(Pipeline):
    """Applies what the outlet's earlier stories have taught (`crawler.text.recurring_blocks`).

    Extraction sees one page at a time, and cannot know.
    """

    def process_item(self, article: Article) -> Article:
        """Strip learnt blocks; drop the article if nothing is left of it."""
        dropped = self.run.learner.clean(article)
        if dropped:
            self.count("boilerplate/learnt", len(dropped))
        if not article.body:
            raise self.reject("only_boilerplate")
        return article
