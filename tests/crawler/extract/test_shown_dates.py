"""Dates printed in pages, and figures that only look like dates of the story."""

from datetime import UTC, datetime
from itertools import product

import pytest

from crawler.article import Article
from crawler.extract.page import Page, read_page
from crawler.outlet import Reading

FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
TEXT = "The ferry crosses the sound again after a winter in dock, and its crew is glad of it. "
STORY = "".join(f"<p>{TEXT * 2} {n}</p>" for n in "abcdef")


def read(body: str, *, head: str = "", url: str = "https://harbour.example/news/ferry") -> Article:
    markup = f'<html lang="en"><head><title>Ferry is back</title>{head}</head><body>{body}</body>'
    return read_page(Page(url, markup.encode(), "utf-8", FETCHED), Reading())


def published(article: Article) -> str | None:
    """Write the local time of publication, as exactly as it is stated."""
    if article.published is None:
        return None
    at = article.published.at.isoformat()[: 10 if article.published.precision == "day" else 16]
    return f"{at} {article.published.offset}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<h1>Ferry is back</h1><time datetime="2024-11-30T10:00Z">x</time>', "2024-11-30T10:00"),
        ("<h1>Ferry is back</h1><p>By Jo Doe | 30 November 2024, 10:05</p>", "2024-11-30T10:05"),
        ('<h1>Ferry is back</h1><div class="meta">Nov 30, 2024 <a>Jo</a></div>', "2024-11-30"),
        ('<div class="date">30/11/2024</div><h1>Ferry is back</h1>', "2024-11-30"),
        ("<h1>Ferry is back</h1><p><span>30</span> <b>Nov</b> <i>2024</i></p>", "2024-11-30"),
        ("<h1>Ferry is back</h1><p>30.11.2024 - " + TEXT * 3 + "</p>", "2024-11-30"),
        ('<h1>Ferry is back</h1><time class="updated">30 November 2024</time>', "2024-11-30"),
        (
            '<p itemprop="datePublished" content="2024-11-30">x</p><h1>Ferry is back</h1>',
            "2024-11-30",
        ),
        ("<b>Ferry is back</b><p>Posted: 30 November 2024</p>", "2024-11-30"),
        ("<h1>Ferry is back</h1>" + STORY + "<p>Published: 30 November 2024</p>", "2024-11-30"),
        (
            "<h1>Ferry is back</h1><p>Updated: 1 December 2024. Published: 30 November 2024</p>",
            "2024-11-30",
        ),
        (
            "<h1>Ferry is back</h1><p><span>November 30, 2024</span><i> | 9:25pm</i></p>",
            "2024-11-30T21:25",
        ),
    ],
)
def test_the_date_beside_the_headline_is_the_storys(body: str, expected: str) -> None:
    article = read(body + STORY)
    assert published(article) == f"{expected} +00:00"
    assert article.origins["published"] == "generic"


def test_an_update_is_not_a_publication() -> None:
    article = read("<h1>Ferry is back</h1><p>Last updated: 30 November 2024</p>" + STORY)
    assert article.published is None
    assert article.modified is not None


# What stands in pages that state no date of their own.
ABOVE = (
    "",
    "<nav><a>30 November 2024</a></nav>",
    "<p>Sunday, 1 December 2024</p>",  # a masthead with the day of the fetch
    '<div class="ticker">28 Nov 2024 Storm warning</div>',
)
WITHIN = (
    "",
    "<p>It was built in 2019 and seats 300 of the 2,024 who signed up for its 24/7 service.</p>",
    "<p>On 3 May 2021 the council agreed to pay for it, the mayor said to a crowd of many.</p>",
    "<p>Call 555-12-2024 or write to box 20241130, order no. 2024.113.</p>",
    "<figure><img><figcaption>The ferry on 12 June 2020</figcaption></figure>",
)
BELOW = (
    "",
    "<footer>Copyright 2024. Page made 30.11.2024</footer>",
    '<div class="comments"><p>Ann <time datetime="2024-11-30">x</time> Good news</p></div>',
    '<aside><h3>Tides</h3><time datetime="2024-11-29">x</time></aside>',
    '<ul class="related"><li><a>Tram stops</a> <span>29 Nov 2024</span></li></ul>',
    '<article><h3>Tram stops</h3><time datetime="2024-11-29">x</time></article>'
    '<article><h3>Bus stops</h3><time datetime="2024-11-28">x</time></article>',
    '<div class="sidebar"><p>Market, 14 December 2024</p></div>',
)
ADDRESSES = (
    "https://harbour.example/news/ferry-20241",
    "https://harbour.example/2024/11/ferry",
    "https://harbour.example/p/2024113099-ferry",
    "https://harbour.example/1999/13/45/ferry",
)


def test_undated_pages_stay_undated() -> None:
    pages = list(product(ABOVE, WITHIN, BELOW, ADDRESSES))
    dated = [
        (above, within, below, url, article.published.text)
        for above, within, below, url in pages
        if (
            article := read(f"{above}<h1>Ferry is back</h1>{STORY}{within}{STORY}{below}", url=url)
        ).published
    ]
    assert len(pages) > 500
    assert len(dated) <= 0.01 * len(pages), dated[:5]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://harbour.example/2024/11/30/ferry", "2024-11-30"),
        ("https://harbour.example/news/2024-11-30-ferry", "2024-11-30"),
        ("https://harbour.example/20241130/ferry", "2024-11-30"),
        ("https://harbour.example/2024/nov/30/ferry", "2024-11-30"),
        ("https://harbour.example/30-11-2024-ferry", "2024-11-30"),
        ("https://harbour.example/2024/12/24/ferry", None),  # to come
        ("https://harbour.example/2024/11/30/2024/11/29/ferry", None),
    ],
)
def test_a_day_in_the_address_is_the_last_resort(url: str, expected: str | None) -> None:
    body = "<h1>Ferry is back</h1>" + STORY
    assert published(read(body, url=url)) == (expected and f"{expected} +00:00")
    told = read("<h1>Ferry is back</h1><p>Posted 5 June 2024</p>" + STORY, url=url)
    assert published(told) == "2024-06-05 +00:00"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('{"@type": "NewsArticle", "datePublished": "2024-11-30T10:00Z", oops', "2024-11-30T10:00"),
        ('var page = {"first-publication": "2024-11-30 10:00"}', "2024-11-30T10:00"),
        ('[{"publishedAt": "2024-11-30"}, {"publishedAt": "2024-11-29"}]', None),
    ],
)
def test_a_date_in_broken_json_is_read(script: str, expected: str | None) -> None:
    article = read(f"<h1>Ferry is back</h1>{STORY}<script>{script}</script>")
    assert published(article) == (expected and f"{expected} +00:00")


@pytest.mark.parametrize(
    ("shown", "offset"),
    [
        ("November 29, 2024, 9:25 pm", "-05:00"),
        ('<time datetime="2024-11-30T07:55:10+05:30">x</time>', "+05:30"),
        ("November 29, 2024, 9:11 pm", "+00:00"),  # another moment
        ("November 29, 2024", "+00:00"),
    ],
)
def test_a_local_time_beside_an_instant_in_utc_gives_its_offset(shown: str, offset: str) -> None:
    head = '<meta property="article:published_time" content="2024-11-30T02:25:10Z">'
    article = read(f"<h1>Ferry is back</h1><p>{shown}</p>{STORY}", head=head)
    assert article.published is not None
    assert article.published.at == datetime(2024, 11, 30, 2, 25, 10, tzinfo=UTC)
    assert article.published.offset == offset


def test_the_time_of_a_day_is_looked_for() -> None:
    head = '<meta name="date" content="2024-11-30">'
    shown = '<time datetime="2024-11-30T10:00+01:00">x</time>'
    assert published(read(f"<h1>Ferry is back</h1>{shown}{STORY}", head=head)) == (
        "2024-11-30T09:00 +01:00"
    )


def test_a_day_kept_as_its_first_moment_in_utc_is_that_day() -> None:
    head = '<meta property="article:published_time" content="2024-11-29T23:00Z">'
    article = read(f"<h1>Ferry is back</h1><p>30 November 2024</p>{STORY}", head=head)
    assert published(article) == "2024-11-29T23:00 +01:00"


def test_a_meta_tags_bare_day_gives_way_to_what_is_printed() -> None:
    head = '<meta name="date" content="2024-11-04">'
    shown = '<p class="date">30 November 2024</p>'
    assert (
        published(read(f"<h1>Ferry is back</h1>{shown}{STORY}", head=head)) == "2024-11-30 +00:00"
    )
