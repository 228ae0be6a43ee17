"""Identifies the story: its other addresses, and the fingerprint of its text."""

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.fingerprint import fingerprint


class IdentifyArticle(Pipeline):
    """Completes what extraction read of addresses, and fingerprints the cleaned text."""

    def process_item(self, article: Article) -> Article:
        """Add the ledger's address to the aliases, and compute the fingerprint."""
        met = dict.fromkeys(filter(None, [*article.aliases, article.lead]))
        article.aliases = sorted(address for address in met if address != article.url)
        article.fingerprint = fingerprint(article.title, article.body)
        if article.aliases:
            self.count("aliases", len(article.aliases))
        return article
