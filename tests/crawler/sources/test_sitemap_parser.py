"""Sitemaps in the forms they are found in, well-formed or not."""

import gzip

import pytest

from crawler.errors import UnreadableSource
from crawler.sources import NewsSitemap, Sitemap, SourceListing, SourceResponse
from crawler.sources.sitemap_parser import PIECE, read_entries

OWN = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
GOOGLE = "http://www.google.com/schemas/sitemap"
SITE = "https://fenwick.example"
STORY = f"{SITE}/story/ferry-7"


def response(body: str | bytes, encoding: str | None = None) -> SourceResponse:
    body = body.encode() if isinstance(body, str) else body
    return SourceResponse(url=f"{SITE}/map.xml", body=body, encoding=encoding)


def read(body: str | bytes, encoding: str | None = None) -> SourceListing:
    return Sitemap().read(response(body, encoding))


def urls(body: str | bytes, encoding: str | None = None) -> list[str]:
    return [lead.url for lead in read(body, encoding).leads]


def entry(loc: str) -> str:
    return f"<urlset {OWN}><url><loc>{loc}</loc></url></urlset>"


OTHERS = {
    "images": f'<i:image xmlns:i="{GOOGLE}-image/1.1"><i:loc>/1.jpg</i:loc><i:title>P</i:title>'
    "</i:image>",
    "undeclared": "<image:image><image:loc>/1.jpg</image:loc><image:lastmod>2019</image:lastmod>"
    "</image:image>",
    "videos": f'<v:video xmlns:v="{GOOGLE}-video/1.1"><v:title>V</v:title><v:url>/v</v:url>'
    "<v:publication_date>2019-01-01</v:publication_date></v:video>",
    "languages": '<x:link xmlns:x="http://www.w3.org/1999/xhtml" rel="alternate" href="/fr"/>',
    "map": f'<PageMap xmlns="{GOOGLE}-pagemap/1.0"><DataObject><loc>/p</loc><lastmod>2019'
    "</lastmod></DataObject></PageMap>",
    "mobile": f'<m:mobile xmlns:m="{GOOGLE}-mobile/1.0"/>',
    "unknown": '<q:loc xmlns:q="urn:q">/q</q:loc><q:lastmod xmlns:q="urn:q">2019</q:lastmod><q:url '
    'xmlns:q="urn:q"><q:loc>/u</q:loc></q:url>',
    "no parent": f'<t:title xmlns:t="{GOOGLE}-image/1.1">P</t:title>',
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("first", [True, False])
def test_other_namespaces_replace_nothing(other: str, *, first: bool) -> None:
    own = (
        f"<loc>{STORY}</loc><lastmod>2026-11-20</lastmod><n:news><n:title>Ferry</n:title>"
        "<n:publication_date>2026-11-19</n:publication_date></n:news>"
    )
    body = (
        f'<urlset {OWN} xmlns:n="{GOOGLE}-news/0.9"><url>'
        f"{other + own if first else own + other}</url></urlset>"
    )
    (lead,) = NewsSitemap().read(response(body)).leads
    assert (lead.url, lead.title) == (STORY, "Ferry")
    assert (lead.published, lead.modified) == ("2026-11-19", "2026-11-20")


@pytest.mark.parametrize(
    ("root", "news"),
    [
        ("<urlset>", "news:"),  # not declared
        (f"<urlset {OWN}>", "news:"),
        ("<s:urlset>", "news:"),
        (f'<s:urlset xmlns:s="{OWN[7:-1]}">', "news:"),
        (f'<urlset {OWN} xmlns:g="{GOOGLE}-news/0.84">', "g:"),
        (f'<urlset {OWN} xmlns:news="{OWN[7:-1]}">', "news:"),
        (f'<urlset {OWN} xmlns:news="https://fenwick.example/news">', "news:"),
        (f'<urlset xmlns="{GOOGLE}/0.84">', "news:"),
        ("<urlset>", ""),
        ("<urlset xmlns=http://www.sitemaps.org/schemas/sitemap/0.9>", "news:"),
        (f'<urlset {OWN}xmlns:news="{GOOGLE}-news/0.9">', "news:"),
        ("<s:urlset xmlns:s=“x”>", "news:"),
        ("<urlset xmlns='a>b'>", "news:"),
    ],
)
def test_names_are_read_however_they_are_declared(root: str, news: str) -> None:
    own = "s:" if root.startswith("<s:") else ""
    body = (
        f"{root}<{own}url><{own}loc>{STORY}</{own}loc><{news}news><{news}publication><{news}name>"
        f"F</{news}name></{news}publication><{news}title>Ferry</{news}title><{news}keywords>sea"
        f"</{news}keywords></{news}news></{own}url></{own}urlset>"
    )
    (lead,) = NewsSitemap().read(response(body)).leads
    assert (lead.url, lead.title, lead.tags) == (STORY, "Ferry", ("sea",))


@pytest.mark.parametrize(
    ("loc", "url"),
    [
        ("/R&D-7", "/R&D-7"),
        ("/s?a=1&b=2", "/s?a=1&b=2"),
        ("/s?a=1&copy=2&section=3", "/s?a=1&copy=2&section=3"),
        ("/s?a=1&amp;b=2", "/s?a=1&b=2"),
        ("/s?a=1&amp;amp;b=2", "/s?a=1&b=2"),
        ("/s?a=1&#38;b=2&#x26;c=3", "/s?a=1&b=2&c=3"),
        ("<![CDATA[/s?a=1&b=2]]>", "/s?a=1&b=2"),
        ("<![CDATA[/s?a=1&amp;b=2]]>", "/s?a=1&b=2"),
        ("/n&ordm;1", "/n%C2%BA1"),
        ("/caf&eacute;&nbsp;7", "/caf%C3%A9%C2%A07"),
        ("/a&unknown;b", "/a&unknown;b"),
        ("/under-5<6-true", "/under-5%3C6-true"),
        ("/a<b", "/a%3Cb"),
        ("/a<", "/a%3C"),
        ("/a>b", "/a%3Eb"),
        ("/größe-7", "/gr%C3%B6%C3%9Fe-7"),
        ("/фер-7", "/%D1%84%D0%B5%D1%80-7"),
        ("/two words", "/two%20words"),
        ("/a\x0bb", "/ab"),
        ("/story/<!-- id -->7", "/story/7"),
        ("<!-- was /old -->/story/7", "/story/7"),
        ("/story/<?id 1?>7", "/story/7"),
        ("<a>/story/7</a>", "/story/7"),
        ("/story/<b>7</b>", "/story/7"),
        ("\n   /story/\n   7\n", "/story/7"),
    ],
)
def test_the_address_that_was_meant(loc: str, url: str) -> None:
    assert urls(entry(loc)) == [f"{SITE}{url}"]


@pytest.mark.parametrize(
    "markup",
    [
        f"<loc>{STORY}</loc>",
        f"<url>\n{STORY}\n</url>",
        f'<url href="{STORY}"/>',
        '<url loc="/story/ferry-7"><lastmod>2026-11-20</lastmod></url>',
        f'<url><loc href="{STORY}"/></url>',
        f"<url><lastmod>2026-11-20</lastmod>{STORY}</url>",
        f"<url><link>{STORY}</link></url>",
        f'<url><loc></loc><loc>{STORY}</loc><x:loc xmlns:x="urn:x">/other</x:loc></url>',
        f'<url><x:link xmlns:x="urn:x" href="/fr"/><link>{STORY}</link></url>',
    ],
)
def test_an_address_that_stands_elsewhere(markup: str) -> None:
    schema = 'xmlns:y="urn:y" y:schemaLocation="https://schemas.example/"'
    body = f"<urlset {OWN} {schema}>{markup}</urlset>"
    assert urls(body) == [STORY]
    index = body.replace("urlset", "sitemapindex").replace("url>", "sitemap>")
    index = index.replace("<url ", "<sitemap ").replace("<sitemap><link>", "<sitemap><url>")
    assert read(index.replace("</link>", "</url>")).children == (STORY,)


@pytest.mark.parametrize(
    "markup",
    [
        "<url><loc>{}</url>",
        "<url><loc>{}</loc>",
        "<url><loc>{}</loc><lastmod>2026-11-20</url>",
        "<url><loc>{}</loc><title>one <br> two</title></url>",
        "<url><loc>{}</loc><i:image><i:loc>/x.jpg</i:image></url>",
    ],
)
def test_a_missing_end_tag_costs_no_entry(markup: str) -> None:
    others = "".join(f"<url><loc>{STORY}{number}</loc></url>" for number in (1, 2))
    body = f'<urlset {OWN} xmlns:i="{GOOGLE}-image/1.1">{markup.format(STORY)}{others}</urlset>'
    assert set(urls(body)) == {STORY, f"{STORY}1", f"{STORY}2"}


def test_an_entry_without_address_is_counted() -> None:
    listing = read(f"<urlset {OWN}><url><lastmod>2026</lastmod></url></urlset>")
    assert (listing.leads, listing.passed_over.counts) == ((), {"no_address": 1})
    assert read(f"<sitemapindex {OWN}><sitemap/></sitemapindex>").passed_over.counts


TWO = f"{SITE}/1\n{SITE}/2"


@pytest.mark.parametrize(
    "body",
    [
        TWO,
        f"\ufeff{TWO}\n",
        f"  {TWO}  ".replace("\n", "\r\n\r\n"),
        TWO.replace("\n", "\r"),
        f"# all stories\n{TWO}",
        TWO.encode("utf-16"),
        TWO.encode("utf-16-le"),
        gzip.compress(TWO.encode(), mtime=0),
        f"<rss version='2.0'><channel><image><url>/i.png</url></image><item><link>{SITE}/1</link>"
        f"</item><item><link>{SITE}/2</link></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>a</id><link href='/1'/></entry>"
        "<entry><id>b</id><link href='/2'/></entry></feed>",
        gzip.compress(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org"
            f"/rss/1.0/'><item><link>{SITE}/1</link></item><item><link>{SITE}/2</link></item></rdf:RDF>"
            .encode()
        ),
        f"<urlset><url><loc>{SITE}/1</loc></url><url><loc>{SITE}/2</loc></url></urlset>".encode("utf-16"),
        "\n<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>/1</loc></url><url>"
        "<loc>/2</loc></url>",
        "Warning: slow\n<urlset><url><loc>/1</loc></url><url><loc>/2</loc></url></urlset>",
        f"<url><loc>{SITE}/1</loc></url><url><loc>{SITE}/2</loc></url>",
        f"<urlset><url><loc>/1</loc></url><url><loc>/2</loc></url><url><loc>{SITE}/story/fe",
        "<urlset><url><loc>/1</loc></url><url><loc>/2</loc></url><url><loc>/3</loc><lastm",
        "<urlset><url><loc>/1</loc></url><url><loc>/2</loc></url><ur",
    ],
)  # fmt: skip
def test_forms_of_one_list(body: str | bytes) -> None:
    listing = read(body)
    assert sorted(lead.url for lead in listing.leads) == [f"{SITE}/1", f"{SITE}/2"]
    assert {lead.origin for lead in listing.leads} == {"sitemap"}


def test_an_index_that_is_cut() -> None:
    body = f"<sitemapindex {OWN}><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>/b.x"
    listing = read(body)
    assert listing.children == (f"{SITE}/a.xml",)
    assert listing.passed_over.counts == {"cut_off": 1}


def test_a_gzip_file_that_is_cut() -> None:
    entries = "".join(f"<url><loc>/{hash((n, 7)):x}</loc></url>" for n in range(5_000))
    packed = gzip.compress(f"<urlset>{entries}</urlset>".encode(), mtime=0)
    whole = [stated["loc"] for _, stated in read_entries(response(packed))]
    *kept, last = list(read_entries(response(packed[: len(packed) // 2])))
    assert len(kept) > 2_000
    assert [stated["loc"] for _, stated in kept] == whole[: len(kept)]
    assert last[0] == "cut_off"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1251", "gb18030", "utf-8", None])
def test_encodings(encoding: str | None) -> None:
    word = {"windows-1251": "паром", "gb18030": "渡轮"}.get(encoding or "", "fähre")
    body = entry(f"/{word}").encode(encoding or "cp1252")
    declared = f"<?xml version='1.0' encoding='{encoding}'?>".encode() if encoding else b""
    (url,) = urls(entry(f"/{word}"))
    assert urls(declared + body) == urls(body, encoding) == [url]


def test_nothing_is_lost_between_two_pieces() -> None:
    stories = [f"/{number}?a=1&b=<{number}é" for number in range(6_000)]
    body = "".join(f"<url><loc>{story}</loc></url>" for story in stories)
    assert len(body) > 3 * PIECE
    found = [stated["loc"] for _, stated in read_entries(response(f"<urlset>{body}</urlset>"))]
    assert found == stories


@pytest.mark.parametrize(
    "body",
    [
        *("", "no", '{"url": "/1"}', "<html><p>\nhttps://a.example", b"\0"),
        f"<urlset>{'<url><loc>/1</loc>' * 1_000}</urlset>",  # libxml2 gives up
        "<urlset><URL><LOC>/1</LOC></URL></urlset>",
    ],
)
def test_no_sitemap(body: str | bytes) -> None:
    with pytest.raises(UnreadableSource, match="is not a sitemap"):
        read(body)
