"""What is in the body but not of the story goes; the credit line moves to its field."""

from scrapy.exceptions import DropItem

from crawler.article import Article
from crawler.outlet import Selectors
from crawler.step import Step
from crawler.text.boilerplate import clean, move_credit


class Boilerplate(Step):
    """Applies the general rules and the outlet's own (`Selectors.drop_text`, `cut`, `credit`)."""

    def process_item(self, article: Article) -> Article:
        """Clean the body; drop the article where nothing is left of it."""
        rules: Selectors = getattr(self.crawler.spidercls, "page", Selectors())
        cleaned = clean(
            article.body.split("\n\n"), drop=rules.drop_text, cut=rules.cut, title=article.title
        )
        self.count("boilerplate/paragraphs", len(cleaned.dropped))
        body, credit, dateline = cleaned.body, None, None
        if rules.credit:
            body, credit, dateline = move_credit(body, rules.credit)
        if not body:
            self.count("rejected/only_boilerplate")
            raise DropItem("only_boilerplate")
        article.body = "\n\n".join(body)
        for name, value in (("credit", credit), ("dateline", dateline)):
            if value:
                setattr(article, name, value)
                article.origins[name] = "selector"
        return article
