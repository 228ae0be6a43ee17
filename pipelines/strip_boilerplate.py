"""Strips paragraphs that are not part of the story; notes credit, dateline and correction."""

from functools import partial

from crawler.article import Article
from crawler.extract.confidence import DEFAULT_CONFIDENCE
from crawler.outlet import Selectors
from crawler.run.pipeline import Pipeline
from crawler.text.boilerplate import clean_body, move_credit
from crawler.text.credit import read_correction, read_credit


class StripBoilerplate(Pipeline):
    """Applies the general rules and the outlet's own (`Selectors.drop_text`, `cut`, `credit`).

    These judge a paragraph by its text. What is told by the page's elements (menus, teasers,
    `Selectors.drop`) extraction has left out, in a worker (`crawler.extract.body`).
    """

    def process_item(self, article: Article) -> Article:
        """Strip the body; drop the article if nothing is left of it."""
        rules: Selectors = getattr(self.crawler.spidercls, "page", Selectors())
        clean_all = partial(
            clean_body,
            drop=rules.drop_text,
            cut=rules.cut,
            title=article.title,
            authors=article.authors,
        )
        before = article.paragraphs
        cleaned = clean_all(before)
        body, credit, dateline = cleaned.body, None, None
        dropped = len(cleaned.dropped)
        if rules.credit and not article.credit:
            body, credit, dateline = move_credit(body, rules.credit)
            cleaned = clean_all(body)  # what stood behind the credit may be none of the story
            body, dropped = cleaned.body, dropped + len(cleaned.dropped)
        self.count("boilerplate/paragraphs", dropped)
        if not body:
            raise self.reject("only_boilerplate")
        article.paragraphs = body
        _note(article, "selector", credit=credit, dateline=dateline)
        texts = [text for text, _ in before]
        stated = read_credit(texts)
        correction = read_correction(texts)
        _note(article, "generic", **stated._asdict(), correction=correction)
        return article


def _note(article: Article, origin: str, **values: str | None) -> None:
    """Fill fields that are empty."""
    for name, value in values.items():
        if value and not getattr(article, name):
            setattr(article, name, value)
            article.origins[name] = origin
            article.confidence[name] = DEFAULT_CONFIDENCE[origin]
