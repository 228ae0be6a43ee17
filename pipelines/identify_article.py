"""Which story this is: its address, its other addresses, and the print of its text."""

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.fingerprint import fingerprint


class Identity(Pipeline):
    """Lists every other address the story was met under, and fingerprints its text."""

    def process_item(self, article: Article) -> Article:
        """Complete the aliases with the ledger's address."""
        met = dict.fromkeys(filter(None, [*article.aliases, article.lead]))
        article.aliases = sorted(address for address in met if address != article.url)
        article.fingerprint = fingerprint(article.title, article.body)
        if article.aliases:
            self.count("aliases", len(article.aliases))
        return article
