"""Every string as a reader sees it."""

from crawler.article import Image
from pipelines.clean_text import CleanText
from tests.pipelines.helpers import article, counts, pipeline


def test_strings_and_lists() -> None:
    made = pipeline(CleanText)
    done = made.process_item(
        article(
            title=" Ports\u00a0re\u00adopen\u200b ",
            standfirst="\u202eAll\u202c  is\nwell",
            section="\u200b",
            credit="",
            authors=["Ana\u00a0Poe", " Ana  Poe", "\ufeff", "Ben"],
            tags=["e\u0301t\u00e9", "\u00e9te\u0301"],
            images=[Image("https://news.example/a", " A  port "), Image("u", " \u200b")],
        )
    )
    assert (done.title, done.standfirst) == ("Ports reopen", "All is well")
    assert (done.section, done.credit, done.dateline) == (None, None, None)
    assert done.authors == ["Ana Poe", "Ben"]
    assert done.tags == ["été"]
    assert [image.caption for image in done.images] == ["A port", None]


def test_the_body() -> None:
    made = pipeline(CleanText)
    done = made.process_item(article(body=" One\u00a0 two.\n\n\n\u200b\n\nThree\nfour.\ud800 "))
    assert done.body == "One two.\n\nThree four.\ufffd"
    assert done.word_count == 4
    assert counts(made) == {"tidied": 1}


def test_a_tidy_article_is_left_alone_and_counted_in_words() -> None:
    made = pipeline(CleanText)
    done = made.process_item(article(body="It’s well-known: 5 ships.\n\nGood."))
    assert (done.word_count, counts(made)) == (5, {})
