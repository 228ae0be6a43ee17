"""What is in the body but not of the story goes; the credit line moves to its field."""

from functools import partial

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.extract.confidence import SELECTED
from crawler.outlet import Selectors
from crawler.step import Step
from crawler.text.boilerplate import clean, move_credit


class Boilerplate(Step):
    """Applies the general rules and the outlet's own (`Selectors.drop_text`, `cut`, `credit`)."""

    def process_item(self, article: Article) -> Article:
        """Clean the body; drop the article where nothing is left of it."""
        rules: Selectors = getattr(self.crawler.spidercls, "page", Selectors())
        clean_all = partial(clean, drop=rules.drop_text, cut=rules.cut, title=article.title)
        cleaned = clean_all(article.body.split("\n\n"))
        body, credit, dateline = cleaned.body, None, None
        dropped = len(cleaned.dropped)
        if rules.credit and not article.credit:
            body, credit, dateline = move_credit(body, rules.credit)
            cleaned = clean_all(body)  # what stood behind the credit may be none of the story
            body, dropped = cleaned.body, dropped + len(cleaned.dropped)
        self.count("boilerplate/paragraphs", dropped)
        if not body:
            self.count("rejected/only_boilerplate")
            raise DropItem("only_boilerplate")
        article.body = "\n\n".join(body)
        for name, value in (("credit", credit), ("dateline", dateline)):
            if value:
                setattr(article, name, value)
                article.origins[name] = "selector"
                article.confidence[name] = SELECTED
        return article
