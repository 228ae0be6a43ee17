"""Which of several links of a feed's entry is the story's."""

from typing import Any

import pytest

from crawler.sources import Feed, SourceResponse
from tests.crawler.sources.test_feed import URL, rss

HOME = "https://harbour.example"
EN, FR, DE = (
    f'<link rel="alternate" type="text/html" hreflang="{code}" href="{HOME}/{code}/pier"/>'
    for code in ("en", "fr", "de")
)
PAGE = f'<link href="{HOME}/pier"/>'


def found(body: str, **more: Any) -> list[str]:
    response = SourceResponse(url=URL, body=body.encode(), **more)
    return [lead.url.removeprefix(HOME) for lead in Feed().read(response).leads]


def entry(links: str, feed: str = "", own: str = "", title: str = "<title>Pier</title>") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{feed}><title>Post</title>'
        f"<entry{own}>{title}{links}<id>tag:1</id></entry></feed>"
    )


def link(path: str, **attributes: str) -> str:
    stated = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<link{stated} href="{HOME}{path}"/>'


def item(links: str, more: str = "") -> str:
    return rss(f"<item><title>Pier</title>{links}</item>", more=more)


SPEAKS = ' xml:lang="{}"'.format
GB, US = link("/gb", hreflang="en-GB"), link("/us", hreflang="en-us")
ORIGIN = f"<feedburner:origLink>{HOME}/pier</feedburner:origLink>"
PROXY = "<link>https://proxy.example/~3/1</link>"

CASES: dict[str, tuple[str, str]] = {
    "no language is known": (entry(EN + FR), "/en/pier"),
    "the feed's language": (entry(EN + FR + DE, SPEAKS("fr")), "/fr/pier"),
    "a region of the feed's language": (entry(EN + FR, SPEAKS("fr-CA")), "/fr/pier"),
    "the region itself": (entry(US + GB, SPEAKS("en_GB")), "/gb"),
    "the entry's language": (entry(EN + FR + DE, SPEAKS("fr"), SPEAKS("de")), "/de/pier"),
    "the title's language": (
        entry(EN + FR, title=f"<title{SPEAKS('fr')}>Jetée</title>"),
        "/fr/pier",
    ),
    "a malformed feed": (entry(EN + FR, SPEAKS("fr"), title="<title>A & B</title>"), "/fr/pier"),
    "one for every language": (
        entry(FR + link("/pier", hreflang="x-default"), SPEAKS("en")),
        "/pier",
    ),
    "one without a language": (entry(FR + PAGE), "/pier"),
    "the channel's language": (
        item((FR + EN).replace("<link", "<atom:link"), "<language>en-gb</language>"),
        "/en/pier",
    ),
    "the item's language": (
        item(
            (FR + EN).replace("<link", "<atom:link") + "<dc:language>en</dc:language>",
            "<language>fr</language>",
        ),
        "/en/pier",
    ),
    "another language beside a link": (
        item(f"<link>{HOME}/pier</link>" + FR.replace("<link", "<atom:link")),
        "/pier",
    ),
    "amp before": (entry(link("/amp/pier") + PAGE), "/pier"),
    "amp by its end": (entry(link("/pier.amp.html") + link("/pier.html")), "/pier.html"),
    "amp by its host": (entry(PAGE.replace("harbour", "amp.harbour") + PAGE), "/pier"),
    "a mobile host": (entry(PAGE.replace("harbour", "m.harbour") + PAGE), "/pier"),
    "amp by its relation": (entry(link("/pier/1", rel="amphtml") + PAGE), "/pier"),
    "another type": (entry(link("/pier.pdf", type="application/pdf") + PAGE), "/pier"),
    "a type with a charset": (
        entry(
            link("/pier.json", type="application/json")
            + link("/pier", type="text/html; charset=utf-8")
        ),
        "/pier",
    ),
    "a relation as an address": (
        entry(link("/pier", rel="http://www.iana.org/assignments/relation/alternate")),
        "/pier",
    ),
    "a relation in capitals": (entry(link("/x", rel="SELF") + link("/pier", rel="ALTERNATE")),
        "/pier"),
    "an empty relation": (entry(link("/pier", rel="")), "/pier"),
    "an empty address": (entry('<link rel="alternate" href=""/>' + PAGE), "/pier"),
    "text": (entry(f"<link>{HOME}/pier</link>"), "/pier"),
    "text beside an address": (entry(PAGE.replace("/>", ">Read on</link>")), "/pier"),
    "an enclosure of text": (
        entry(PAGE + f'<link rel="enclosure" type="image/jpeg">{HOME}/1.jpg</link>'),
        "/pier",
    ),
    "an enclosure of text in an item": (
        item(f"<link>{HOME}/pier</link><enclosure>{HOME}/1.mp3</enclosure>"),
        "/pier",
    ),
    "an enclosure of nothing": (item(f'<link>{HOME}/pier</link><enclosure length="1"/>'), "/pier"),
    "two links": (item(f"<link>{HOME}/pier</link><link>{HOME}/quay</link>"), "/pier"),
    "a link of a picture": (
        item(f"<image><link>{HOME}/x</link></image><link>{HOME}/pier</link>"),
        "/pier",
    ),
    "a proxy's": (item(PROXY + ORIGIN), "/pier"),
    "a base": (entry('<link href="pier"/>', own=f' xml:base="{HOME}/b/"'), "/b/pier"),
    "a relative base": (entry('<link href="pier"/>', own=' xml:base="/b/"'), "/b/pier"),
    "a base of the link": (entry(f'<link xml:base="{HOME}/b/" href="pier"/>'), "/b/pier"),
    "the home page beside a guid": (
        item(f"<link>{HOME}/</link><guid>{HOME}/pier</guid>"),
        "/pier",
    ),
    "bare ampersands": (item(f"<link>{HOME}/?p=7&copy=2</link>"), "/?p=7&copy=2"),
    "bare ampersands in CDATA": (
        item(f"<link><![CDATA[{HOME}/?p=7&copy=2]]></link>"),
        "/?p=7&copy=2",
    ),
    "ampersands escaped twice": (item(f"<guid>{HOME}/?p=7&amp;amp;b=2</guid>"), "/?p=7&b=2"),
    "a guid": (item(f"<guid>{HOME}/pier</guid>"), "/pier"),
    "a relative guid": (item('<guid isPermaLink="True">/pier</guid>'), "/pier"),
    "a prefix that is not declared": (
        item(f'<atom:link href="{HOME}/pier"/>').replace("xmlns:atom=", "xmlns:other="),
        "/pier",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_storys_link_is_taken(name: str) -> None:
    body, path = CASES[name]
    assert found(body) == [path]


@pytest.mark.parametrize("relation", "self edit replies related hub license via shortlink".split())
def test_a_link_of_another_relation_is_no_storys(relation: str) -> None:
    other = link("/other", rel=relation, type="text/html")
    assert found(entry(other + PAGE)) == found(entry(PAGE + other)) == ["/pier"]
    assert found(entry(other)) == []


def test_a_link_that_matches_the_pattern_comes_first() -> None:
    assert found(entry(EN + FR + DE, SPEAKS("en")), stories="/de/") == ["/de/pier"]
    guid = item(f'{PROXY}<guid isPermaLink="false">{HOME}/pier</guid>')
    assert found(guid, stories="example/pier") == ["/pier"]
    assert found(guid, stories="/~3/") == ["https://proxy.example/~3/1"]


def test_the_language_of_http_counts_where_the_feed_tells_none() -> None:
    headers = {"content-language": "fr, en"}
    assert found(entry(EN + FR), headers=headers) == ["/fr/pier"]
    assert found(entry(EN + FR, SPEAKS("en")), headers=headers) == ["/en/pier"]
