import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract.page import FetchedPage, read_page
from crawler.lead import Lead
from crawler.outlet import ExtractionConfig, Selectors
from crawler.text.urls import MAX_ADDRESS, normalise

FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
URL = "https://www.harbourpost.example/2024/news/ferry?utm_source=rss"
READING = ExtractionConfig(
    outlet="harbour_post",
    title="Harbour Post",
    home="https://www.harbourpost.example/eng/",
    languages=("en",),
    timezone="Asia/Karachi",
)
PROSE = [
    f"On day {day} the ferry left the old pier with sixty people, two carts and a piano on board, "
    "and nobody on shore could say when it would be back."
    for day in ("one", "two", "three", "four", "five")
]
FRENCH = ["Le bac a quitté le vieux quai avec soixante passagers, et nul ne savait son retour."] * 5
BODY = "".join(f"<p>{text}</p>" for text in PROSE)


def page(head: str = "", body: str = "", url: str = URL) -> FetchedPage:
    markup = f"<html><head>{head}</head><body><article>{body}{BODY}</article></body></html>"
    return FetchedPage(url, markup.encode(), None, FETCHED)


def linked(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {fields}}}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


LEAD = Lead(
    url="https://www.harbourpost.example/?p=7",
    origin="feed",
    aliases=("https://www.harbourpost.example/?p=7", "http://feed.example/7#x"),
    title="Lead title",
    published="Sat, 30 Nov 2024 04:00:00 GMT",
    authors=("L. Person",),
    section="Lead section",
    tags=("lead",),
)


def test_fields_come_from_the_best_source_that_states_them() -> None:
    article = read_page(
        page(
            linked('"headline": "Linked title", "author": {"name": "J. Person"}')
            + meta("og:title", "Meta title")
            + meta("article:published_time", "2024-11-30T05:00:00+05:00")
            + meta("article:section", "Meta section"),
            '<h1 class="t">Own title</h1>',
        ),
        ExtractionConfig(selectors=Selectors(title=".t", body="article > p")),
        LEAD,
    )
    assert (article.title, article.authors) == ("Own title", ["J. Person"])
    assert (article.section, article.tags) == ("Meta section", ["lead"])
    assert article.published is not None
    assert article.published.at == datetime(2024, 11, 30, tzinfo=UTC)
    assert article.published.source == "meta"
    assert article.body.split("\n\n") == PROSE
    assert article.origins == {
        "title": "selector",
        "authors": "jsonld",
        "published": "meta",
        "section": "meta",
        "tags": "feed",
        "body": "selector",
    }


def test_the_lead_is_used_where_the_page_is_silent() -> None:
    article = read_page(page(), READING, LEAD)
    assert (article.title, article.authors) == ("Lead title", ["L. Person"])
    assert article.published is not None
    assert (article.published.source, article.published.at.hour) == ("feed", 4)
    assert (article.language, article.origins["language"]) == ("en", "outlet")


@pytest.mark.parametrize(
    ("stated", "prose", "expected"),
    [
        ("", PROSE, ("en", "text")),
        ('<meta property="og:locale" content="fr_FR">', PROSE, ("en", "text")),
        ('<meta property="og:locale" content="en_GB">', PROSE, ("en-GB", "meta")),
        ('<meta property="og:locale" content="en_GB">', FRENCH, ("fr", "text")),
        ('<meta property="og:locale" content="en_GB">', ["12"], ("en-GB", "meta")),
    ],
)
def test_an_outlet_with_several_languages_is_read_and_not_believed(
    stated: str, prose: list[str], expected: tuple[str, str]
) -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)
    markup = f"<html><head>{stated}</head><body><h1>Ferry</h1>{text}</body></html>"
    reading = replace(READING, languages=("fr", "en"))
    article = read_page(FetchedPage(URL, markup.encode(), None, FETCHED), reading)
    assert (article.language, article.origins["language"]) == expected


def test_the_generic_extractor_reads_a_body_without_rules() -> None:
    article = read_page(page(body="<h1>The ferry</h1>"), READING)
    assert (article.title, article.origins["title"]) == ("The ferry", "generic")
    assert article.body.split("\n\n")[-5:] == PROSE
    assert article.origins["body"] == "generic"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>The ferry - Harbour Post</title>", "The ferry"),
        ("<title>Harbour Post | The ferry - at last</title>", "The ferry - at last"),
        (meta("og:title", "HARBOUR POST") + "<title>The ferry</title>", "The ferry"),
        (meta("og:title", "A ferry – HP") + meta("og:site_name", "HP"), "A ferry"),
        (meta("og:title", "A fer…") + "<title>A ferry — harbourpost.example</title>", "A ferry"),
        (
            meta("og:title", "The ferry &amp;amp; the pier - part 2"),
            "The ferry & the pier - part 2",
        ),
        (linked('"headline": "The ferry &amp;#8217;s back"'), "The ferry ’s back"),
        ("", ""),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert read_page(page(head), READING).title == title


def test_what_follows_the_shown_headline_is_no_title() -> None:
    head = "<title>The ferry is late - News - Some Daily</title>"
    assert read_page(page(head, "<h1>The ferry is late</h1>"), READING).title == "The ferry is late"
    lead = meta("og:title", "The ferry is late | Some Daily")
    assert read_page(page(lead, "<h1>The ferry is late</h1>"), READING).title == "The ferry is late"


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("By A. Person and B. Person", ["A Person", "B Person"]),
        ("A Person, B Person; A PERSON", ["A Person", "B Person"]),
        ("Admin", []),
        ("https://example.com/a", []),
        ("desk@example.com", []),
        ("November 30, 2024", []),
    ],
)
def test_authors(author: str, authors: list[str]) -> None:
    found = read_page(page(meta("author", author)), READING).authors
    assert [name.replace(".", "") for name in found] == authors


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ("", '<time datetime="2024-11-30">x</time><h1>T</h1>', "generic"),
        (meta("article:published_time", "soon") + linked('"datePublished": "x"'), "", None),
        ("", "<p>December 1, 2024</p><h1>T</h1>", None),
        ("", '<h1>T</h1><aside><time datetime="2024-11-30"></time></aside>', None),
        ("", '<h1>T</h1><article><h3>U</h3><time datetime="2024-11-30"></time></article>', None),
        ("", '</article><footer><time datetime="2024-11-30"></time></footer>', None),
    ],
)
def test_a_date_is_stated_or_absent(head: str, body: str, published: str | None) -> None:
    article = read_page(page(head, body), READING)
    assert article.origins.get("published") == published
    assert (article.published is None) == (published is None)


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("/2024/news/ferry", "https://www.harbourpost.example/2024/news/ferry"),
        ("https://m.harbourpost.example/f?p=7", "https://m.harbourpost.example/f?p=7"),
        ("https://elsewhere.example/ferry", None),
        ("https://www.harbourpost.example/", None),
        ("https://www.harbourpost.example/eng/", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_canonical_address(canonical: str, url: str | None) -> None:
    link = f'<link rel="canonical" href="{canonical}">'
    article = read_page(page(link, url=f"{URL}&page=2"), READING)
    own = "https://www.harbourpost.example/2024/news/ferry?page=2"
    assert article.url == (url or own)
    assert article.aliases == ([own] if url else [])


def test_aliases_are_all_other_addresses_met() -> None:
    links = '<link rel="shortlink" href="/?p=7"><link rel="canonical" href="/ferry">'
    article = read_page(page(links), READING, LEAD)
    assert article.url == "https://www.harbourpost.example/ferry"
    assert article.aliases == [
        "https://www.harbourpost.example/2024/news/ferry",
        "https://www.harbourpost.example/?p=7",
        "http://feed.example/7",
    ]


def test_addresses_of_a_hostile_page_are_short_and_few() -> None:
    """The ledger holds each of them twice: one of 9 MB could not be stored, nor 10,000 of them."""
    long = "b" * 9_000_000
    links = [
        f'<link rel="canonical" href="/ferry-{long}">',
        f'<link rel="shortlink" href="/{long}">',
    ]
    links += [f'<link rel="shortlink" href="/?p={number}">' for number in range(10_000)]
    article = read_page(page("".join(links)), READING)
    assert article.url == URL.partition("?")[0]
    assert 0 < len(article.aliases) < 10


def test_long_addresses_that_were_asked_for_are_read() -> None:
    """A letter of Bengali is nine characters of an address."""
    url = f"https://www.harbourpost.example/{'খেয়া-' * 100}?p=7"
    picture = f"https://www.harbourpost.example/ferry.jpg?signature={'a' * 3_000}"
    links = [f'<link rel="canonical" href="https://other.example/{n}">' for n in range(9)]
    links += [f'<link rel="canonical" href="{url}"><meta property="og:image" content="{picture}">']
    lead = replace(LEAD, url=normalise(url))
    article = read_page(page("".join(links), url=f"{url}&utm_source={'x' * 3_000}"), READING, lead)
    assert article.url == lead.url
    assert len(article.url) > MAX_ADDRESS
    assert [image.url for image in article.images] == [picture]


@pytest.mark.parametrize(
    ("description", "kept"),
    [
        ("A short tale of a late ferry.", True),
        (PROSE[0], False),
        ("On day one the ferry left…", False),
        ("The ferry", False),
    ],
)
def test_a_standfirst_is_no_excerpt(description: str, *, kept: bool) -> None:
    head = meta("og:description", description) + meta("og:title", "The ferry")
    assert (read_page(page(head), READING).standfirst == description) is kept


def test_images_with_their_captions() -> None:
    figure = '<figure><img src="/a.jpg?x=1"><figcaption>The pier</figcaption></figure>'
    article = read_page(page(meta("og:image", "/a.jpg?x=1"), figure), READING)
    assert [(image.url, image.caption) for image in article.images] == [
        ("https://www.harbourpost.example/a.jpg?x=1", "The pier")
    ]


def test_what_every_article_carries() -> None:
    source = page()
    article = read_page(source, READING)
    assert (article.outlet, article.markup) == ("harbour_post", b"")  # who has the page sets it
    assert article.page is not None
    assert len(article.page) == 64
    assert (article.fetched, article.first_seen) == (FETCHED, FETCHED)


def test_a_page_and_its_article_cross_to_a_worker_and_back() -> None:
    source, article = page(), read_page(page(), READING, LEAD)
    assert pickle.loads(pickle.dumps(source)) == source
    assert pickle.loads(pickle.dumps(article)) == article


@pytest.mark.parametrize("body", [b"", b"\x00" * 9, b"<!-- x -->", bytes(range(256)), b"\xff\xfe"])
def test_a_page_of_nothing_is_an_empty_article(body: bytes) -> None:
    article = read_page(FetchedPage(URL, body, None, FETCHED), READING)
    assert (article.published, article.url) == (None, URL.partition("?")[0])


def test_a_page_nested_too_deep_is_flagged_and_a_bomb_is_contained() -> None:
    deep = FetchedPage(URL, page().body + b"<div>" * 100_000 + b"<p>Lost.</p>", None, FETCHED)
    article = read_page(deep, READING)
    assert article.flags == ["truncated_by_parser"]
    assert PROSE[0] in article.body
    bomb = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert PROSE[0] in read_page(page(bomb), READING).body


def test_a_lone_surrogate_can_be_stored() -> None:
    assert read_page(page(linked(r'"headline": "a\ud800b"')), READING).title == "a\ufffdb"


def test_json_ld_gives_the_body_only_where_the_page_shows_far_less() -> None:
    stated = " ".join(PROSE * 3)
    assert read_page(page(linked(f'"articleBody": "{stated}"')), READING).body == stated
    article = read_page(page(linked(f'"articleBody": "{PROSE[0]}"')), READING)
    assert (article.body, article.origins["body"]) == ("\n\n".join(PROSE), "generic")
