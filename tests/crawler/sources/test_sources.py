"""What each kind of source reads from an answer, and how it says that it cannot."""

import gzip
import json
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.errors import UnreadableSource
from crawler.lead import Lead
from crawler.sources import (
    Feed,
    Listing,
    NewsSitemap,
    Sitemap,
    Source,
    SourceListing,
    SourceResponse,
    WordPress,
    read_part,
    read_source_response,
    sitemap_parser,
)
from crawler.sources.sitemap import ends_of_series

HOME = "https://news.example/"
SINCE = datetime(2024, 11, 20, 5, 30, tzinfo=UTC)
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def response(body: str | bytes, url: str = f"{HOME}feed", **more: Any) -> SourceResponse:
    return SourceResponse(url=url, body=body.encode() if isinstance(body, str) else body, **more)


def read(
    source: Source, body: str | bytes, since: datetime | None = None, **more: Any
) -> SourceListing:
    return source.read(response(body, **more), since)


def urls(listing: SourceListing) -> list[str]:
    return [lead.url for lead in listing.leads]


def rss(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{items}</channel></rss>'


def unreadable(source: Source, body: str | bytes, **more: Any) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read(source, body, **more)
    assert str(caught.value).endswith(".")
    return caught.value.reason


# -- Feed


def test_rss_2() -> None:
    listing = read(
        Feed(),
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item>'
        "<title>Ports &amp;#8217;reopen&amp;#8217;</title>"
        "<link>https://news.example/a?utm_source=rss&amp;id=7</link>"
        '<guid isPermaLink="false">https://news.example/?p=7</guid>'
        "<pubDate>Sat, 30 Nov 2024 08:15:00 +0500</pubDate><dc:creator>Ana Poe</dc:creator>"
        "<category>World</category><category>Trade</category></item></channel></rss>",
    )
    assert listing.leads == (
        Lead(
            url="https://news.example/a?id=7",
            origin="feed",
            aliases=("https://news.example/?p=7",),
            guid="https://news.example/?p=7",
            title="Ports ’reopen’",
            published="Sat, 30 Nov 2024 08:15:00 +0500",
            authors=("Ana Poe",),
            section="World",
            tags=("World", "Trade"),
        ),
    )


def test_rss_091() -> None:
    body = (
        '<rss version="0.91"><channel><title>News</title><item><title>One</title>'
        "<link>https://news.example/1</link></item></channel></rss>"
    )
    assert urls(read(Feed(), body)) == ["https://news.example/1"]


def test_rdf() -> None:
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<item rdf:about="https://news.example/1"><title>One</title>'
        "<link>https://news.example/1</link><dc:date>2024-11-30T08:15+05:00</dc:date></item>"
        "</rdf:RDF>"
    )
    (lead,) = read(Feed(), body).leads
    assert (lead.url, lead.title) == ("https://news.example/1", "One")
    assert "2024-11-30T08:15+05:00" in (lead.published, lead.modified)


def test_atom() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/deep/"><entry>'
        '<title type="html">A &amp;amp; B</title><link rel="alternate" href="../story"/>'
        '<link rel="edit" href="https://other.example/edit"/>'
        "<id>tag:news.example,2024:1</id><published>2024-11-30T08:15:00Z</published>"
        "<updated>2024-12-01T00:00:00Z</updated><author><name>Ana Poe</name></author>"
        "</entry></feed>"
    )
    (lead,) = read(Feed(), body).leads
    assert lead == Lead(
        url="https://news.example/story",
        origin="feed",
        guid="tag:news.example,2024:1",
        title="A & B",
        published="2024-11-30T08:15:00Z",
        modified="2024-12-01T00:00:00Z",
        authors=("Ana Poe",),
    )


def test_json_feed() -> None:
    body = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "items": [
                {
                    "id": "https://news.example/?p=1",
                    "url": "/1",
                    "title": "One",
                    "date_published": "2024-11-30T08:15:00Z",
                    "date_modified": "2024-12-01T08:15:00Z",
                    "authors": [{"name": "Ana Poe"}, {"url": "https://news.example/ana"}],
                    "tags": ["World"],
                },
                {"id": "https://news.example/2", "author": {"name": "Ben"}},
                {"id": "no-address"},
                {"id": 4},
            ],
        }
    )
    first, second = read(Feed("/feed.json"), " \n" + body).leads
    assert first == Lead(
        url="https://news.example/1",
        origin="feed",
        aliases=("https://news.example/?p=1",),
        guid="https://news.example/?p=1",
        title="One",
        published="2024-11-30T08:15:00Z",
        modified="2024-12-01T08:15:00Z",
        authors=("Ana Poe",),
        tags=("World",),
    )
    assert (second.url, second.authors) == ("https://news.example/2", ("Ben",))


@pytest.mark.parametrize(
    "item",
    [
        "a string",
        None,
        7,
        {"url": 7},
        {"url": "/1", "authors": ["Ana"]},
        {"url": "/1", "authors": {"name": "Ana"}},
        {"url": "/1", "author": "Ana"},
        {"url": "/1", "title": 7, "tags": 7, "date_published": 20241130},
        {"url": "/1", "title": ["x"], "tags": [1, None, {"a": 1}]},
    ],
)
def test_json_feed_of_wrong_types_hurts_only_itself(item: object) -> None:
    body = json.dumps({"version": "1.1", "items": [item, {"url": "/2", "title": "Two"}]})
    leads = read(Feed(), body).leads
    assert leads[-1] == Lead(url="https://news.example/2", origin="feed", title="Two")
    for lead in leads:
        assert all(isinstance(text, str | None) for text in (lead.title, lead.published))
        assert all(isinstance(text, str) for text in (*lead.authors, *lead.tags))


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><title>One & a half</title><link>https://news.example/1</link></item>"),
        rss("<item><title>One</title><link>https://news.example/1</link></item>")[:-20],
        rss("<item><title>One &nbsp;</title><link>https://news.example/1</link></item>"),
        "\n\n" + rss("<item><title>One</title><link>https://news.example/1</link></item>"),
        "Warning: mysql_connect()\n"
        + rss("<item><title>One\x08</title><link>https://news.example/1</link></item>"),
    ],
)
def test_malformed_xml_still_yields_its_entries(body: str) -> None:
    assert urls(read(Feed(), body)) == ["https://news.example/1"]


def test_guid_and_link() -> None:
    items = (
        "<item><title>No guid</title><link>/1</link></item>"
        "<item><title>Only guid</title><guid>https://news.example/2</guid></item>"
        '<item><title>Nothing</title><guid isPermaLink="false">77</guid></item>'
        "<item><title>Empty</title><link></link><guid></guid></item>"
        "<item><title>Mail</title><link>mailto:desk@news.example</link></item>"
    )
    leads = read(Feed(), rss(items)).leads
    assert [(lead.title, lead.url, lead.aliases) for lead in leads] == [
        ("No guid", "https://news.example/1", ()),
        ("Only guid", "https://news.example/2", ()),
    ]


def test_titles_are_never_paired_with_another_entrys_link() -> None:
    items = "".join(
        f"<item><link>https://news.example/{n}</link></item>"
        if n % 3 == 0
        else f"<item><title>Title {n}</title></item>"
        if n % 3 == 1
        else f"<item><title>Title {n}</title><link>https://news.example/{n}</link></item>"
        for n in range(30)
    )
    leads = read(Feed(), rss(items)).leads
    assert [(lead.url, lead.title) for lead in leads] == [
        (f"https://news.example/{n}", f"Title {n}" if n % 3 == 2 else None)
        for n in range(30)
        if n % 3 != 1
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><head><title>News</title></head><body><p>Hi</p></body></html>",
        "<p>Hi",
        "",
        "plain text",
        b"\x00\xff\x89PNG",
        '{"message": "gone"}',
        '{"items": {}}',
        '<?xml version="1.0"?><urlset/>',
    ],
)
def test_not_a_feed(body: str | bytes) -> None:
    assert unreadable(Feed(), body) == "not_a_feed"


def test_json_that_is_not_json() -> None:
    assert unreadable(Feed(), '{"items": [') == "not_json"


def test_an_empty_feed_is_a_feed() -> None:
    assert read(Feed(), rss("<title>Quiet day</title>")) == SourceListing()


def test_a_feed_served_as_a_page_is_a_feed() -> None:
    body = rss("<item><link>/1</link></item>")
    listing = read(Feed(), body, headers={"content-type": "text/html"})
    assert urls(listing) == ["https://news.example/1"]


@pytest.mark.parametrize(
    ("declared", "http", "actual"),
    [
        ("utf-8", None, "windows-1252"),
        ("iso-8859-1", "utf-8", "utf-8"),
        ("no-such-encoding", None, "utf-8"),
        ("windows-1252", None, "windows-1252"),
    ],
)
def test_declared_encodings(declared: str, http: str | None, actual: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><item>'
        "<title>Café</title><link>https://news.example/1</link></item></channel></rss>"
    )
    (lead,) = read(Feed(), text.encode(actual), encoding=http).leads
    assert (lead.url, lead.title) == ("https://news.example/1", "Café")


LAUGHS = "\n".join(
    [
        '<!DOCTYPE x [<!ENTITY l0 "ha">',
        *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)),
        "]>",
    ]
)


def test_entity_expansion_in_a_feed_is_inert(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    external = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    started = time.process_time()
    for head, entity in ((LAUGHS, "&l9;"), (external, "&e;")):
        item = f"<item><title>One {entity}</title><link>/1</link></item>"
        for lead in read(Feed(), rss(item, head)).leads:
            assert "hunter2" not in (lead.title or "")
            assert len(lead.title or "") < 1000
    assert time.process_time() - started < 2


# -- Sitemaps


def entry(number: int | str, lastmod: str = "") -> str:
    stated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>https://news.example/{number}</loc>{stated}</url>"


def urlset(entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {XMLNS}>{entries}</urlset>'


DATED = urlset(
    entry(1, "2024-11-18") + entry(2, "2024-11-20T09:00:00+00:00") + entry(3) + entry(4, "2024-12")
)
BARELY = urlset(
    entry(1, "2024-10") + entry(2, "2024-11") + entry(3, "2024") + entry(4, "2023")
    + entry(5, "2024-11-19T23:00:00-08:00")
)  # fmt: skip


def test_urlset_newest_first() -> None:
    listing = read(Sitemap(), DATED)
    assert urls(listing) == [f"https://news.example/{n}" for n in (4, 2, 1, 3)]
    assert listing.leads[1] == Lead(
        url="https://news.example/2", origin="sitemap", modified="2024-11-20T09:00:00+00:00"
    )
    assert (listing.older, listing.children) == (None, ())


def test_since_keeps_what_may_be_newer() -> None:
    kept = urls(read(Sitemap(newest=1), DATED, since=SINCE))
    assert kept == [f"https://news.example/{n}" for n in (4, 2, 3)]


def test_since_knows_coarse_dates_and_other_zones() -> None:
    kept = urls(read(Sitemap(), BARELY, since=SINCE))
    assert sorted(kept) == [f"https://news.example/{n}" for n in (2, 3, 5)]


def test_newest_cuts_a_run_without_since() -> None:
    assert urls(read(Sitemap(newest=2), DATED)) == [f"https://news.example/{n}" for n in (4, 2)]


@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%d/%m/%Y %H:%M:%S", "%s000", "%Y/%m/%d"]
)
def test_dates_of_change_are_compared_as_instants(form: str) -> None:
    days = [SINCE + timedelta(days=days) for days in (2, -30, 9, -3)]
    body = urlset("".join(entry(n, day.strftime(form)) for n, day in enumerate(days)))
    assert urls(read(Sitemap(), body)) == [f"{HOME}{n}" for n in (2, 0, 3, 1)]
    assert urls(read(Sitemap(), body, since=SINCE)) == [f"{HOME}{n}" for n in (2, 0)]


@pytest.mark.parametrize(
    ("lastmod", "published", "kept"),
    [("2024-11-01", "2024-11-22", 1), ("", "2024-11-01", 1), ("2024-11-01", "2024-10-30", 0)],
)
def test_a_date_of_publication_hides_nothing(lastmod: str, published: str, kept: int) -> None:
    news = f"<news:news><news:publication_date>{published}</news:publication_date></news:news>"
    body = urlset(entry(1, lastmod).replace("</url>", f"{news}</url>"))
    old = "".join(entry(f"old-{n}", "2009-08-07") for n in range(3))
    for more in ("", old):  # but that there are old stories beside it
        found = urls(read(Sitemap(), body.replace("</urlset>", f"{more}</urlset>"), since=SINCE))
        assert found == [f"{HOME}1"][:kept]


def test_a_date_to_come_or_none_wins_over_nothing() -> None:
    dates = ("2024-11-20", "2999-01-01", "2024-11-21", "soon", "0001-01-01")
    body = urlset("".join(entry(n, date) for n, date in enumerate(dates)))
    assert urls(read(Sitemap(newest=2), body)) == [f"{HOME}{n}" for n in (2, 0)]
    assert len(urls(read(Sitemap(), body, since=SINCE))) == 5


@pytest.mark.parametrize(
    ("dates", "path", "kept"),
    [
        (("2015-01-01T00:00:00Z",) * 4, "", [3, 0, 2, 1]),  # either end may be the newest
        (("2015-01-01", "", "2015-01-01", "2015-01-01"), "", [1, 3, 0, 2]),
        (("2015-01-01",) * 4, "2015/01/01/", []),  # an archive's one day
        (("2015-01-01",) * 2, "", []),
        (("2015-01-01", "2015-01-01", "2015-01-01", "2015-01-02"), "", []),
        (("2015-01-01", "2015-01-01", "2015-01-01", "2024-12-01"), "", [3]),
    ],
)
def test_dates_that_are_all_the_same_hide_nothing(
    dates: tuple[str, ...], path: str, kept: list[int]
) -> None:
    body = urlset("".join(entry(f"{path}{n}", date) for n, date in enumerate(dates)))
    assert urls(read(Sitemap(), body, since=SINCE)) == [f"{HOME}{path}{n}" for n in kept]


def test_the_newest_of_doubtful_dates_are_taken_however_old() -> None:
    body = urlset("".join(entry(n, f"2024-11-{n}") for n in range(10, 30)))
    for newest, count in ((3, 11), (12, 12)):
        listing = read(Sitemap(newest=newest, doubtful=True), body, since=SINCE)
        assert urls(listing) == [f"{HOME}{n}" for n in range(29, 29 - count, -1)]
        assert listing.passed_over.counts == {"older": 20 - count}


def test_a_news_sitemap_stays_in_its_order() -> None:
    dates = ("2024-11-20", "2024-11-22", "2024-11-21")
    body = urlset("".join(entry(n, date) for n, date in enumerate(dates)))
    assert urls(read(NewsSitemap(newest=2), body)) == [f"{HOME}{n}" for n in (1, 2)]
    assert urls(read(NewsSitemap(), body)) == [f"{HOME}{n}" for n in (0, 1, 2)]


def test_index() -> None:
    body = (
        f"<sitemapindex {XMLNS}>"
        "<sitemap><loc>/posts-1.xml</loc><lastmod>2024-10-01</lastmod></sitemap>"
        "<sitemap><loc>https://news.example/posts-2.xml</loc><lastmod>2024-12-01</lastmod>"
        "</sitemap></sitemapindex>"
    )
    assert read(Sitemap(), body) == SourceListing(
        children=("https://news.example/posts-2.xml", "https://news.example/posts-1.xml")
    )
    assert read(Sitemap(), body, since=SINCE) == SourceListing(
        children=("https://news.example/posts-2.xml",),
        unchanged=("https://news.example/posts-1.xml",),
    )


@pytest.mark.parametrize(
    "body",
    [
        f'<s:urlset xmlns:s="{XMLNS[7:-1]}"><s:url><s:loc> https://news.example/1\n</s:loc></s:url>'
        "</s:urlset>",
        "<urlset><url><loc>https://news.example/1</loc></url></urlset>",
        '<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"><url>'
        "<loc><![CDATA[https://news.example/1]]></loc></url></urlset>",
        urlset(entry(1) + "<url><loc></loc></url><url><loc>ftp://news.example/</loc></url>"),
        urlset(entry(1))[:-6],
        urlset(entry(1)) + "<!-- cached -->",
    ],
)
def test_spellings_of_one_sitemap(body: str) -> None:
    assert urls(read(Sitemap(), body)) == ["https://news.example/1"]


def test_news_sitemap() -> None:
    body = (
        f'<urlset {XMLNS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        "<loc>https://news.example/1</loc><lastmod>2024-12-01</lastmod><news:news>"
        "<news:publication><news:name>News</news:name></news:publication>"
        "<news:publication_date>2024-11-30T08:15:00+05:00</news:publication_date>"
        "<news:title>Ports &amp; ships</news:title><news:keywords>Trade, Sea</news:keywords>"
        "</news:news></url></urlset>"
    )
    assert read(NewsSitemap(), body).leads == (
        Lead(
            url="https://news.example/1",
            origin="sitemap",
            title="Ports & ships",
            published="2024-11-30T08:15:00+05:00",
            modified="2024-12-01",
            tags=("Trade", "Sea"),
        ),
    )


def test_gzip_by_its_magic_number() -> None:
    packed = gzip.compress(DATED.encode())
    assert read(Sitemap(), packed) == read(Sitemap(), DATED)


@pytest.mark.parametrize("damage", [slice(0, 40), slice(0, 11), slice(2, None)])
def test_damaged_gzip(damage: slice) -> None:
    packed = gzip.compress(DATED.encode())[damage]
    expected = "bad_gzip" if packed[:2] == b"\x1f\x8b" else "not_a_sitemap"
    assert unreadable(Sitemap(), packed) == expected


def test_gzip_with_a_wrong_checksum() -> None:
    packed = bytearray(gzip.compress(DATED.encode()))
    packed[-6] ^= 255
    assert unreadable(Sitemap(), bytes(packed)) == "bad_gzip"


def test_gzip_bomb() -> None:
    bomb = gzip.compress(b" " * (sitemap_parser.MAX_SITEMAP_BYTES + 10), compresslevel=9)
    started = time.process_time()
    assert unreadable(Sitemap(), bomb) == "too_large"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_beyond_the_protocols_limit_is_read_in_parts(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sitemap, "entries_a_part", 100)
    body = pack(urlset("".join(map(entry, range(250)))).encode())
    response = SourceResponse(url="https://news.example/sitemap.xml", body=body)
    first = read_part(Sitemap(newest=3), response, None, "UTC")
    # Without dates either end may be the new one.
    assert urls(first) == [f"https://news.example/{n}" for n in (99, 0, 98)]
    assert (first.parts, first.passed_over.counts["beyond_newest"]) == (3, 97)
    whole = read_source_response(Sitemap(newest=999), response, None, "UTC")
    assert sorted(urls(whole)) == sorted(f"https://news.example/{n}" for n in range(250))


@pytest.mark.parametrize(("size", "taken"), [(100, 0), (200, 120)])
def test_of_a_part_one_old_date_is_believed(
    size: int, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a whole file it tells nothing."""
    monkeypatch.setattr(Sitemap, "entries_a_part", size)
    old = "".join(entry(n, "2009-04-01") for n in range(120))
    response = SourceResponse(url="https://news.example/sitemap.xml", body=urlset(old).encode())
    listing = read_source_response(Sitemap(), response, datetime(2026, 1, 1, tzinfo=UTC), "UTC")
    assert len(listing.leads) == taken


def test_sitemaps_that_robots_txt_declares() -> None:
    body = (
        "User-agent: *\nDisallow: /admin\nSitemap: https://news.example/a.xml\n"
        "  sitemap : /b.xml # the archive\nSitemap:\nSITEMAP: https://news.example/a.xml\n"
        "Site-map: /c.xml\rsiteMap /d.xml\r\nSitemaps are below\n"
    )
    children = tuple(f"https://news.example/{name}.xml" for name in "abcd")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        response = SourceResponse(url="https://news.example/robots.txt", body=body.encode(encoding))
        assert Sitemap("/robots.txt").read(response) == SourceListing(children=children, undated=4)
    with pytest.raises(UnreadableSource, match="declares no sitemap"):
        Sitemap("/robots.txt").read(replace(response, body=b"User-agent: *"))


def test_children_that_do_not_say_when_they_changed_come_last() -> None:
    body = "<sitemapindex>" + "".join(
        f"<sitemap><loc>https://news.example/{name}.xml</loc>{lastmod}</sitemap>"
        for name, lastmod in (
            ("a", ""),
            ("b", "<lastmod>2024-11-01</lastmod>"),
            ("c", ""),
            ("d", "<lastmod>2024-12-01</lastmod>"),
            ("e", ""),
        )
    )
    listing = read(Sitemap(), body + "</sitemapindex>")
    assert [child[-5] for child in listing.children] == ["d", "b", "e", "a", "c"]
    assert listing.undated == 3


@pytest.mark.parametrize(
    ("dates", "children", "undated"),
    [
        (("2024-11-01",) * 3, "cab", 3),
        (("2024-11-01", "2024-11-01", "2024-11-02"), "cab", 0),
        (("2024-11-01",), "a", 0),
        (("11/12/2024 08:15", "30/11/2024 08:15"), "ab", 0),  # in some countries of November
    ],
)
def test_dates_of_sitemaps_count_where_they_tell_which_is_the_newest(
    dates: tuple[str, ...], children: str, undated: int
) -> None:
    entries = (
        f"<sitemap><loc>/{name}</loc><lastmod>{date}</lastmod></sitemap>"
        for name, date in zip("abc", dates, strict=False)
    )
    listing = read(Sitemap(), f"<sitemapindex>{''.join(entries)}</sitemapindex>")
    assert ("".join(url[-1] for url in listing.children), listing.undated) == (children, undated)


def test_entities_in_a_sitemap_are_inert(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    external = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    started = time.process_time()
    for head, entity in ((LAUGHS, "&l9;"), (external, "&e;")):
        body = (
            f"{head}<urlset>{entry(1)}<url><loc>https://news.example/{entity}</loc></url></urlset>"
        )
        found = urls(read(Sitemap(), body))
        assert "https://news.example/1" in found
        assert all(len(url) < 100 and "hunter2" not in url for url in found)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "body",
    ["", "plain text", "<!DOCTYPE html><html><body><p>Hi</p></body></html>", b"\x00\x01"],
)
def test_not_a_sitemap(body: str | bytes) -> None:
    assert unreadable(Sitemap(), body) == "not_a_sitemap"


@pytest.mark.parametrize("body", [urlset(""), "<urlset/>", f"<sitemapindex {XMLNS}/>"])
def test_an_empty_sitemap_is_a_sitemap(body: str) -> None:
    assert read(Sitemap(), body) == SourceListing()


# -- Listing

LISTING = (
    "<html><body><div class=top><a href='/1'>One</a> <a href=' /2 '>Two</a>"
    "<a href='https://other.example/3'>Three</a><a>No address</a><a href='javascript:void(0)'>x</a>"
    "</div><a href='/about'>About</a><a class=next href='?page=2'>Older</a></body></html>"
)
AT = "https://news.example/world/"


def test_listing_takes_the_links_its_selector_finds() -> None:
    listing = read(Listing("/world/", links=".top a"), LISTING, url=AT)
    expected = ["https://news.example/1", "https://news.example/2", "https://other.example/3"]
    assert urls(listing) == expected
    assert {lead.origin for lead in listing.leads} == {"listing"}
    assert listing.older == "https://news.example/world/?page=2"
    by_attribute = read(Listing("/world/", links=".top a::attr(href)"), LISTING, url=AT)
    assert urls(by_attribute) == expected


@pytest.mark.parametrize(
    ("markup", "selector", "older"),
    [
        ("<link rel=next href='/p/2'>", "", "https://news.example/p/2"),
        ("<a rel=next href='/p/2'>Older</a>", "", "https://news.example/p/2"),
        ("<a class=older href='/p/2'>Older</a>", "a.older", "https://news.example/p/2"),
        ("<a class=older href='/p/2'>Older</a>", "a.older::attr(href)", "https://news.example/p/2"),
        ("<a class=next>Older</a>", "", None),
        ("<a href='/p/2'>2</a>", "", None),
    ],
)
def test_next_page(markup: str, selector: str, older: str | None) -> None:
    listing = Listing("/", next=selector) if selector else Listing("/")
    assert read(listing, f"<html><body>{markup}</body></html>", url=AT).older == older


def test_base_href() -> None:
    page = (
        "<html><head><base href=' /deep/ '></head><body><a href=1>1</a><a class=next href=2>2</a>"
    )
    listing = read(Listing("/", links="a:not(.next)"), page, url=AT)
    assert urls(listing) == ["https://news.example/deep/1"]
    assert listing.older == "https://news.example/deep/2"


@pytest.mark.parametrize("body", ["", "<html></html>", b"\x00\xff", "{}"])
def test_a_page_without_links_shows_nothing(body: str | bytes) -> None:
    assert read(Listing("/"), body, url=AT) == SourceListing()


# -- All of them


@pytest.mark.parametrize(
    "source",
    [
        Feed("/rss", pages=2),
        Sitemap("/s.xml", newest=10),
        NewsSitemap(),
        Listing("/world", links=".a", next=".b", pages=9),
        WordPress("?rest_route=/wp/v2/posts"),
    ],
)
def test_sources_are_plain_values(source: Source) -> None:
    """They cross to worker processes, and their key names them in the ledger."""
    assert pickle.loads(pickle.dumps(source)) == source
    assert hash(source) == hash(pickle.loads(pickle.dumps(source)))
    assert source.key == f"{source.kind}:{source.path}"
    assert source.start("https://news.example/eng/", None, None).startswith("https://news.example/")


def test_sheets_and_failures_pickle() -> None:
    for listing in (
        read(Feed(), rss("<item><link>/1</link><title>A</title></item>")),
        read(Sitemap(), DATED),
        read(Listing("/", links=".top a::attr(href)"), LISTING, url=AT),
    ):
        assert listing.leads
        copy = pickle.loads(pickle.dumps(listing))
        assert copy == listing
        # Exactly text: not a parser's own kind of string, which keeps its document alive.
        assert {type(lead.url) for lead in copy.leads} == {str}
        assert {type(lead.title) for lead in copy.leads} <= {str, type(None)}
    error = pickle.loads(pickle.dumps(UnreadableSource("not_a_feed", "It is none.")))
    assert (error.reason, str(error)) == ("not_a_feed", "It is none.")


LONG = f"{HOME}{'x' * 2_000}"


@pytest.mark.parametrize(
    ("source", "body", "since", "leads", "counts", "examples"),
    [
        (Feed(), rss("<item><title>Ferry</title></item><item><link>mailto:a@b.example</link></item>"
                     f"<item><link>{LONG}</link></item><item><link>/1</link></item>"),
         None, 1, {"no_address": 1, "bad_address": 1, "too_long": 1},
         {"no_address": "Ferry", "bad_address": "mailto:a@b.example", "too_long": LONG[:500]}),
        (Feed(), json.dumps({"items": [7, {"title": "Ferry"}, {"url": "/1"}]}),
         None, 1, {"no_address": 2}, {"no_address": "Ferry"}),
        (WordPress(), json.dumps([{"title": {"rendered": "Ferry"}}, {"link": f"{HOME}1"}]),
         None, 1, {"no_address": 1}, {"no_address": "Ferry"}),
        (Sitemap(newest=1), DATED.replace(f"<loc>{HOME}3</loc>", ""),
         None, 1, {"no_address": 1, "beyond_newest": 2},
         {"no_address": "", "beyond_newest": f"{HOME}2"}),
        (Sitemap(), DATED, SINCE, 3, {"older": 1}, {"older": f"{HOME}1"}),
        (Listing("/world/", links="a"), LISTING,
         None, 5, {"no_address": 1, "bad_address": 1},
         {"no_address": "", "bad_address": "javascript:void(0)"}),
        (Listing("/world/"), LISTING,
         None, 2, {"not_a_story": 3}, {"not_a_story": "https://other.example/3"}),
    ],
)  # fmt: skip
def test_every_entry_is_a_lead_or_counted(
    source: Source,
    body: str,
    since: datetime | None,
    leads: int,
    counts: dict[str, int],
    examples: dict[str, str],
) -> None:
    listing = read(source, body, since, url=AT, stories=r"news\.example/\d")
    assert len(listing.leads) == leads
    assert (listing.passed_over.counts, listing.passed_over.examples) == (counts, examples)


HALF = "<link>https://news.example/2</link><pubDate>Mon, 30 Nov 2026 1"
RDF = (
    '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    "<channel><title>News</title></channel><item><link>https://news.example/1</link></item>"
    '<item rdf:about="/2"><link>https://news.example/2'
)
JSON_FEED = '{"items": [{"url": "/1", "authors": [{"name": "Ana"}]}, {"url": "/2", "authors": [{"na'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/1"/></entry>'
    '<entry><link href="/2'
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<rss><channel><item><link>/1</link></item><item>{HALF}", "12"),
        ("<rss><channel><item><link>/1</link></item><item><link>/2", "1"),
        ("<rss><channel><item><link>/1</link></item><item><title>Two", "1"),
        (RDF, "1"),
        (ATOM, "1"),
        (JSON_FEED, "1"),
        ('{"version": "1.1", "items": [{"url": "/1"}', "1"),
    ],
)
def test_a_feed_that_ends_in_the_middle_is_read_as_far_as_it_goes(body: str, expected: str) -> None:
    listing = read(Feed(), body)
    assert urls(listing) == [f"https://news.example/{number}" for number in expected]
    assert listing.leads[-1].published is None
    assert listing.passed_over.counts["cut_off"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><item><link>/1</link></item></channel></rss><script>1</script>",
        "<rss><channel><item><link>/1</link></item></channel>",
        '{"items": [{"url": "/1"}]}',
        "<item><link>/1</link></item>",
    ],
)
def test_a_whole_feed_is_not_told_as_cut(body: str) -> None:
    listing = read(Feed(), body)
    assert urls(listing) == ["https://news.example/1"]
    assert not listing.passed_over.counts


@pytest.mark.parametrize(
    ("names", "count", "expected"),
    [
        ("posts-1 posts-2 posts-10 posts-9 pages-1 users-1", 1, "posts-10 posts-1 pages-1 users-1"),
        ("news2026-11 news2026-12 news2025-12", 1, "news2026-12 news2025-12"),
        ("p3 p1 p2 p5 p4", 2, "p5 p4 p1 p2"),
        ("a b", 2, "a b"),
        ("", 1, ""),
        (" ".join("abcdefghijklmnopqrstuvwxyz"), 1, " ".join("abcdefghijklmnopqrst")),
    ],
)
def test_either_end_of_a_series_may_be_the_newest(names: str, count: int, expected: str) -> None:
    assert ends_of_series(names.split(), count) == expected.split()
