"""Dates printed in pages, and figures that only look like dates of the story."""

from datetime import UTC, datetime
from itertools import product

import pytest

from crawler.article import Article
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from crawler.reparse.corpus import stated_date

FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
TEXT = "The ferry crosses the sound again after a winter in dock, and its crew is glad of it. "
STORY = "".join(f"<p>{TEXT * 2} {n}</p>" for n in "abcdef")


def read(body: str, *, head: str = "", url: str = "https://harbour.example/news/ferry") -> Article:
    markup = f'<html lang="en"><head><title>Ferry is back</title>{head}</head><body>{body}</body>'
    return read_page(FetchedPage(url, markup.encode(), "utf-8", FETCHED), ExtractionConfig())


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
            "<main><h1>Ferry is back</h1><aside class='meta'>30.11.2024 - 10:05</aside></main>",
            "2024-11-30T10:05",
        ),
        ("<h1>Ferry is back</h1><table><td>30 | 11 | 2024</td></table>", "2024-11-30"),
        (
            "<h1>Ferry is back</h1>" + STORY + "<div>Dieser Artikel wurde am 30. November 2024 um"
            " 10:05 von <a>Jo</a> veröffentlicht</div>",
            "2024-11-30T10:05",
        ),
        # Systems that set `datetime` at each change.
        (
            "<h1>Ferry is back</h1><time datetime='2024-12-01T10:00Z'>Published 5 June 2024</time>",
            "2024-06-05",
        ),
        # Another story's `pubdate`.
        (
            "<h1>Ferry is back</h1><time datetime='2024-11-30T10:05'>30 November</time>"
            + STORY
            + "<div><b>Piers</b><time pubdate datetime='2024-11-20T10:00'>20 November</time></div>",
            "2024-11-30T10:05",
        ),
        (
            "<h1>Ferry is back</h1><p>30.11.2024</p>" + STORY + "<p>Current time: 1.12.2024</p>",
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


# Each alone in a page of each make, above the headline, in the story, and below it.
TRAPS = (
    "<p>Copyright 1998-2024 Harbour Post. All rights reserved.</p>",
    "<p>© 2024 Harbour Post</p>",
    "<p>Serving the sound since 1998</p>",
    "<p>Founded on 4 May 1998, the line has carried more people than any other in the county.</p>",
    "<div class='event'><b>Harbour market</b> <span>14 December 2024, 10:00</span></div>",
    "<ul><li>Market: 14.12.2024</li><li>Concert: 15.12.2024</li><li>Fair: 21.12.2024</li></ul>",
    "<table><tr><td>05.11.2024</td><td>Low tide</td></tr><tr><td>06.11.2024</td><td>High</td></tr>"
    "<tr><td>07.11.2024</td><td>Low</td></tr></table>",
    "<p>Call 0555-2024-1130 or 30-11-2024-55 between nine and five.</p>",
    "<p>Telephone: 030 11 20 24, fax 030.11.2024.77</p>",
    "<p>Timetable app, version 20.24.11, build 20241130.1</p>",
    "<p>Requires system 11.30.2024.5 or later.</p>",
    "<ul><li>Adult 20.24</li><li>Child 11.30</li><li>Dog 5.10.20</li></ul>",
    "<p>Order no. 2024-1130-07, lot 11/2024/30b.</p>",
    "<p>The score was 20-24, and in the return match 30:11, before 2,024 people.</p>",
    "<p>On 30 November 2024 the council meets to vote on the plan that it put off last year.</p>",
    "<p>The crew wrote on 2 October 2024 that nobody would be hurt if the pier were closed.</p>",
    "<blockquote>“I bought my first ticket on 12 May 2019”, said Ann Lee of the pier.</blockquote>",
    "<figure><img><figcaption>The pier, 12 June 2020. Photo: Jo Doe</figcaption></figure>",
    "<aside><h3>Tides</h3><p>30 November 2024</p></aside>",
    "<div class='related'><a>Tram stops</a> <time datetime='2024-11-29'>29 November</time></div>",
    "<section class='latest-news'><h3>Buses</h3><span class='date'>29 Nov 2024</span></section>",
    "<div class='comments'><p>Ann, 30 November 2024, 10:05: Good news!</p></div>",
    "<ol class='commentlist'><li><time datetime='2024-11-30T10:00'>today</time> Hm.</li></ol>",
    "<div><h4>Bus stops</h4><span>29 Nov 2024</span></div><div><h4>Tram stops</h4>"
    "<span>28 Nov 2024</span></div><div><h4>Piers</h4><span>27 Nov 2024</span></div>",
    "<p>Current time: 30 November 2024, 10:05</p>",
    "<div class='current-date'>Saturday, 30 November 2024</div>",
    "<form><input value='2024-11-30'><select><option>30 November 2024</option></select></form>",
    "<select><option>November 2024</option><option>October 2024</option></select>",
    "<div class='calendar'><b>November 2024</b> 28 29 30</div>",
    '<script>var built = \'2024-11-30\', v = {"timestamp": "2024-11-30"};</script>',
    "<!-- generated 2024-11-30 10:00 -->",
    "<noscript>30 November 2024</noscript>",
    "<div class='cookie-notice'>Terms changed, see our notice of many words on 30.11.2024</div>",
    "<div class='newsletter'><p>Issue 44, 30 November 2024</p></div>",
    "<p>Offer ends 24/12/2024. Prices from 11.30 to 20.24 for members of the club only.</p>",
    "<p>Film: The Ferry (2024), 113 min., from 30. It won 11 of 30 votes in 2023 and 2024.</p>",
    "<p>Isaiah 30:11-20; see also chapter 20, 24, and page 30/11.</p>",
    "<div class='stock'>HBR 20.24 +11.30 (30/11)</div>",
    "<footer><p>Last build 30.11.2024 10:05</p></footer>",
    "<img src='/2024/11/30/pier.jpg' alt='Pier, 30 November 2024' title='30 November 2024'>",
)
MAKES = (
    "{above}<h1>Ferry is back</h1>{story}{within}{story}{below}",
    "<div>{above}</div><main><article><header><h1>Ferry is back</h1></header><div class='body'>"
    "{story}{within}{story}</div></article></main>{below}",
    "<table><tr><td>{above}</td></tr><tr><td><b>Ferry is back</b>{story}{within}{story}</td></tr>"
    "<tr><td>{below}</td></tr></table>",
)


def test_figures_that_only_look_like_the_date_of_the_story() -> None:
    places = ("above", "within", "below")
    pages = [
        (make.format(story=STORY, **(dict.fromkeys(places, "") | {place: trap})), place, trap)
        for make in MAKES
        for place in places
        for trap in TRAPS
    ]
    dated = [
        (place, trap, article.published.text)
        for page, place, trap in pages
        if (article := read(page)).published
    ]
    assert len(pages) > 300
    assert len(dated) <= 0.01 * len(pages), dated


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://harbour.example/2024/11/30/ferry", "2024-11-30"),
        ("https://harbour.example/news/2024-11-30-ferry", "2024-11-30"),
        ("https://harbour.example/20241130/ferry", "2024-11-30"),
        ("https://harbour.example/2024/nov/30/ferry", "2024-11-30"),
        ("https://harbour.example/30-11-2024-ferry", "2024-11-30"),
        ("https://harbour.example/news/30112024-ferry", "2024-11-30"),
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


def test_a_meta_tag_gives_way_to_another_day_beside_the_headline() -> None:
    head = '<meta name="date" content="2024-11-04T10:00:00Z">'
    told = "<p class='date'>30 November 2024</p>"
    assert published(read(f"<h1>Ferry is back</h1>{told}{STORY}", head=head)) == "2024-11-30 +00:00"
    two = told + "<p class='date'>29 November 2024</p>"
    assert published(read(f"<h1>Ferry is back</h1>{two}{STORY}", head=head)) == (
        "2024-11-04T10:00 +00:00"
    )


def test_what_is_printed_tells_day_and_month_apart() -> None:
    head = '<meta name="date" content="11/06/2024 10:05:00">'
    article = read(f"<h1>Ferry is back</h1>{STORY}<p>Published: 6.11.2024</p>", head=head)
    assert published(article) == "2024-11-06T10:05 +00:00"
    assert article.published is not None
    assert article.published.text == "11/06/2024 10:05:00"
    assert published(read(f"<h1>Ferry is back</h1>{STORY}", head=head)) == "2024-06-11T10:05 +00:00"


def linked_data(published: str, modified: str) -> str:
    return (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry is back",'
        f' "datePublished": "{published}", "dateModified": "{modified}"}}</script>'
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("28 November 2024", "2024-11-28T10:00:00+00:00"),
        ("Updated 28 November 2024", "2023-05-06T10:00:00+00:00"),
        ("6 May 2023, changed 28 November 2024", "2023-05-06T10:00:00+00:00"),
        ("<time datetime='2024-11-28T10:00Z'>3 days ago</time>", "2023-05-06T10:00:00+00:00"),
    ],
)
def test_a_page_may_present_the_day_of_its_last_change_as_its_date(
    shown: str, expected: str
) -> None:
    head = linked_data("2023-05-06T10:00Z", "2024-11-28T10:00Z")
    article = read(f"<h1>Ferry is back</h1><p class='date'>{shown}</p>{STORY}", head=head)
    assert published(article) == "2023-05-06T10:00 +00:00"  # whatever it presents
    assert stated_date(article) == expected
    assert ("update_shown" in article.flags) == (expected > "2024")


@pytest.mark.parametrize(
    ("stated", "url", "is_conflict"),
    [
        ("2024-11-20T10:00Z", "/2024/11/20/ferry", False),
        ("2024-11-21T23:00Z", "/2024/11/20/ferry", False),
        ("2019-11-20T10:00Z", "/2024/11/20/ferry", True),
        ("2019-11-20T10:00Z", "/news/ferry", False),
    ],
)
def test_dates_that_are_far_apart_are_a_conflict(stated: str, url: str, is_conflict: bool) -> None:
    head = linked_data(stated, stated)
    article = read(STORY, head=head, url=f"https://harbour.example{url}")
    assert article.published is not None
    assert article.published.text == stated
    assert ("date_conflict" in article.flags) is is_conflict


def test_a_page_that_states_its_last_change_alone_has_that_date_for_a_reader() -> None:
    article = read("<h1>Ferry is back</h1><p>Updated 28 November 2024</p>" + STORY)
    assert (article.published, stated_date(article)) == (None, "2024-11-28")
    assert stated_date(read("<h1>Ferry is back</h1>" + STORY)) is None


@pytest.mark.parametrize(
    ("host", "shown", "offset"),
    [
        ("harbour.it", "30 novembre 2024", "+01:00"),
        ("harbour.it", "29 novembre 2024", "+00:00"),
        ("harbour.it", "", "+00:00"),
        ("harbour.au", "30 November 2024", "+00:00"),  # several zones
        ("harbour.example", "30 November 2024", "+00:00"),
        ("harbour.co.uk", "30 November 2024", "+00:00"),
    ],
)
def test_a_day_printed_in_a_country_of_one_zone_gives_the_offset(
    host: str, shown: str, offset: str
) -> None:
    head = '<meta property="article:published_time" content="2024-11-29T23:01:00Z">'
    body = f"<h1>Ferry is back</h1><p class='date'>{shown}</p>{STORY}"
    article = read(body, head=head, url=f"https://{host}/ferry")
    assert article.published is not None
    assert article.published.at == datetime(2024, 11, 29, 23, 1, tzinfo=UTC)
    assert article.published.offset == offset
