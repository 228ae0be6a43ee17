"""Which story this is."""

from crawler.text.fingerprint import fingerprint
from pipelines.identify_article import IdentifyArticle
from tests.pipelines.helpers import article, counts, pipeline


def test_aliases_are_all_other_addresses_in_order() -> None:
    made = pipeline(IdentifyArticle)
    met = ["https://news.example/b", "https://news.example/1", "", "https://news.example/a"]
    done = made.process_item(article(aliases=[*met, met[0]], lead="https://news.example/?p=1"))
    assert done.aliases == [
        "https://news.example/?p=1",
        "https://news.example/a",
        "https://news.example/b",
    ]
    assert counts(made) == {"aliases": 3}


def test_an_article_met_under_its_own_address_has_none() -> None:
    made = pipeline(IdentifyArticle)
    assert made.process_item(article()).aliases == []
    assert counts(made) == {}


def test_the_fingerprint_is_that_of_the_text() -> None:
    one = pipeline(IdentifyArticle).process_item(article())
    assert one.fingerprint == fingerprint(one.title, one.body)
    loud = pipeline(IdentifyArticle).process_item(
        article(title="PORTS REOPEN!", url="https://other.example/", tags=["x"])
    )
    assert loud.fingerprint == one.fingerprint
    other = pipeline(IdentifyArticle).process_item(article(body="The ports are closed again."))
    assert other.fingerprint != one.fingerprint
