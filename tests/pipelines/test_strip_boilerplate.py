"""What is in the body but not of the story goes; the credit moves to its field."""

import pytest
from scrapy.exceptions import DropItem

from crawler.outlet import Selectors
from pipelines.strip_boilerplate import StripBoilerplate
from tests.pipelines.helpers import article, counts, pipeline

RULES = Selectors(
    drop_text=(r"^watch live\b",),
    cut=(r"Latest News",),
    credit=r"(?P<credit>[A-Z][\w .]*\(News\)-)\s*(?:(?P<dateline>[A-Z]+):)?\s*",
)


def body(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def test_general_rules_need_no_declaration() -> None:
    made = pipeline(StripBoilerplate)
    done = made.process_item(
        article(body=body("The ports are open.", "ALSO READ: More", "Ships sail.", "3 mins read"))
    )
    assert done.body == body("The ports are open.", "Ships sail.")
    assert counts(made) == {"boilerplate/paragraphs": 2}
    assert (done.credit, done.dateline) == (None, None)


def test_an_outlets_own_rules() -> None:
    made = pipeline(StripBoilerplate, RULES)
    done = made.process_item(
        article(
            body=body("Korea(News)- SEOUL: Ports open.", "Watch live now", "Latest News", "Other.")
        )
    )
    assert (done.body, done.credit, done.dateline) == ("Ports open.", "Korea(News)-", "SEOUL")
    assert (done.origins["credit"], done.origins["dateline"]) == ("selector", "selector")
    assert counts(made) == {"boilerplate/paragraphs": 3}


def test_a_body_that_only_repeats_the_title_is_none() -> None:
    made = pipeline(StripBoilerplate)
    with pytest.raises(DropItem, match=r"^only_boilerplate$"):
        made.process_item(article(body=body("PORTS REOPEN", "Advertisement", "Share")))
    assert counts(made)["rejected/only_boilerplate"] == 1


def test_a_credit_and_nothing_else_is_no_story() -> None:
    made = pipeline(StripBoilerplate, RULES)
    with pytest.raises(DropItem, match=r"^only_boilerplate$"):
        made.process_item(article(body="Korea(News)- SEOUL: "))
    assert counts(made)["rejected/only_boilerplate"] == 1


def test_a_credit_found_before_stays() -> None:
    made = pipeline(StripBoilerplate, RULES)
    done = made.process_item(article(credit="Korea(News)-", dateline="SEOUL"))
    assert (done.credit, done.dateline) == ("Korea(News)-", "SEOUL")
