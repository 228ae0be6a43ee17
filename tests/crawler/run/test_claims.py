"""Which address an article keeps, among those of its run."""

import pytest

from crawler.article import CANONICAL_DOUBTED, Article
from crawler.run.claims import Claims
from tests.crawler.store_fixture import article as stored_article

SITE = "https://news.example"
SHARED = f"{SITE}/2026/11/30/what-happened-today"
PIER = ("Pier closes for repairs", "The pier is shut.", "Divers look at it.", "It is old.")
MAYOR = ("Mayor resigns after vote", "She left on Monday.", "Nobody follows.", "She was liked.")
LIVE = ("Ferry strike: what we know now", "Crews walked out.", "Talks go on.", "Ships wait.")
LATER = ("Crews back at work on Friday", "Crews walked out.", "Talks go on.", "Ships sail.")


def read(story: tuple[str, ...], own: str, canonical: str = SHARED) -> Article:
    title, *paragraphs = story
    body = "\n\n".join(paragraphs)
    return stored_article(
        url=canonical, title=title, body=body, aliases=[own], origins={"url": "meta"}
    )


def claimed(*stories: tuple[str, ...]) -> tuple[list[str], Claims]:
    claims, urls = Claims(), []
    for number, story in enumerate(stories):
        own = f"{SITE}/article/{number}"
        article = read(story, own)
        claims.claim(article, own)
        assert (article.url in article.aliases) is False
        assert ("url" in article.origins) is (article.url == SHARED)
        assert (CANONICAL_DOUBTED in article.flags) is (article.url != SHARED)
        urls.append(article.url)
    return urls, claims


def test_no_two_stories_have_one_canonical_address() -> None:
    urls, claims = claimed(PIER, MAYOR, LIVE)
    assert urls == [SHARED, f"{SITE}/article/1", f"{SITE}/article/2"]
    assert claims.merged is None


@pytest.mark.parametrize(
    "again",
    [
        PIER,
        ("Northern landing stage to be shut", *PIER[1:]),
        ("Pier closes for repairs tonight", "All of it was written anew.", "By somebody else."),
        ("", *MAYOR[1:]),
    ],
    ids=["the same", "another headline", "another text", "no headline"],
)
def test_one_story_at_several_addresses_is_one(again: tuple[str, ...]) -> None:
    urls, claims = claimed(PIER, again, PIER)
    assert set(urls) == {SHARED}
    assert claims.merged == {"leads": 3, "articles": 1, "worst": SHARED, "most": 3}


def test_one_page_with_several_queries_is_told_as_one() -> None:
    claims = Claims()
    for number in range(3):
        own = f"{SITE}/pier-closes-until-may?src={number}"
        claims.claim(read(("Pier closes", "It is shut until May. " * 10), own, own), own)
    worst = f"{SITE}/pier-closes-until-may?src=0"
    assert claims.merged == {"leads": 3, "articles": 1, "worst": worst, "most": 3}


def test_a_page_that_is_reused_stays_one_story() -> None:
    assert set(claimed(LIVE, LATER)[0]) == {SHARED}


def test_an_address_of_its_own_is_kept() -> None:
    """Whether it may take the place of what is stored there is asked of the store."""
    claims = Claims()
    for story in (PIER, MAYOR):
        article = read(story, SHARED)
        claims.claim(article, SHARED)
        assert article.url == SHARED
