"""Cleans all texts: one form of Unicode, one kind of space, nothing invisible."""

from dataclasses import replace

from crawler.article import Article
from crawler.run.pipeline import Pipeline
from crawler.text.fingerprint import word_count
from crawler.text.tidy import tidy

LINES = ("title", "standfirst", "section", "credit", "dateline", "correction")
LISTS = ("authors", "tags")


class CleanText(Pipeline):
    """Tidies the text fields, removes what repeats in the lists, counts the words.

    Extraction has decoded the page, and mended what was decoded wrongly.
    """

    def process_item(self, article: Article) -> Article:
        """Tidy in place."""
        for name in LINES:
            value = getattr(article, name)
            if value is not None:
                setattr(article, name, tidy(value) or ("" if name == "title" else None))
        for name in LISTS:
            values = (tidy(value) for value in getattr(article, name))
            setattr(article, name, list(dict.fromkeys(filter(None, values))))
        article.images = [
            replace(image, caption=tidy(image.caption or "") or None) for image in article.images
        ]
        body = article.body
        article.paragraphs = article.paragraphs
        if body != article.body:
            self.count("tidied")
        article.word_count = word_count(article.body, article.language)
        return article
