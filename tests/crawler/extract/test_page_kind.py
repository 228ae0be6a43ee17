import pytest
from parsel import Selector

from crawler.extract.page_kind import read_page_kind


@pytest.mark.parametrize(
    ("head", "flags"),
    [
        ('<script type="application/ld+json">{"@type": "NewsArticle"}</script>', []),
        (
            '<script type="application/ld+json">{"@type": ["LiveBlogPosting"]}</script>',
            ["live_blog"],
        ),
        ('<script type="application/ld+json">{"@type":"ImageGallery"}</script>', ["gallery"]),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "hasPart": '
            '{"isAccessibleForFree": "False", "cssSelector": ".rest"}}</script>',
            ["paywalled"],
        ),
        (
            '<script type="application/ld+json">{"isAccessibleForFree": true}</script>'
            '<meta property="article:content_tier" content="free">',
            [],
        ),
        ('<meta property="article:content_tier" content="locked">', ["paywalled"]),
        ('<script>{"@type": "LiveBlogPosting"}</script>', []),
    ],
)
def test_the_kind_of_page_is_what_it_states(head: str, flags: list[str]) -> None:
    assert read_page_kind(Selector(f"<html><head>{head}</head></html>")) == flags
