"""Sixty feeds in the forms the web has, sound and broken: every story with its own title."""

import json
from datetime import UTC, datetime

import pytest

from crawler.sources import Feed, SourceResponse, read_source_response

URL = "https://harbour.example/feeds/all.xml"
WHEN = datetime(2024, 5, 3, 8, 30, tzinfo=UTC)
LINKS = ("https://harbour.example/a/1", "https://harbour.example/a/2")
TITLES = ("Ferry runs again", "Fish & chips fall")
XML = '<?xml version="1.0" encoding="utf-8"?>\n'
RFC = "Fri, 03 May 2024 08:30:00 GMT"


def item(n: int, *, date: str = f"<pubDate>{RFC}</pubDate>", more: str = "", **parts: str) -> str:
    title = parts.get("title", f"<title>{TITLES[n].replace('&', '&amp;')}</title>")
    link = parts.get("link", f"<link>{LINKS[n]}</link>")
    return f"<item>{parts.get('first', '')}{title}{link}{date}{more}</item>"


def items(**parts: str) -> str:
    """Two items, both with `parts`, in which @ stands for the number of the story."""
    return "".join(
        item(n, **{name: part.replace("@", str(n + 1)) for name, part in parts.items()})
        for n in range(2)
    )


def rss(content: str, head: str = XML, version: str = "2.0", more: str = "") -> str:
    return (
        f'{head}<rss version="{version}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
        "<channel><title>Harbour Post</title><link>https://harbour.example/</link>"
        f"<description>News</description>{more}{content}</channel></rss>"
    )


def rdf(content: str, version: str = "http://purl.org/rss/1.0/") -> str:
    return (
        f'{XML}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{version}"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbour Post</title>'
        f"<link>https://harbour.example/</link></channel>{content}</rdf:RDF>"
    )


def atom(entry: str, version: str = "http://www.w3.org/2005/Atom", root: str = "") -> str:
    entries = "".join(
        "<entry>"
        + entry.replace("@", str(n + 1)).replace("%", TITLES[n].replace("&", "&amp;"))
        + "</entry>"
        for n in range(2)
    )
    return (
        f'{XML}<feed xmlns="{version}"{root}><title>Harbour Post</title>'
        f'<link rel="self" href="{URL}"/><link href="https://harbour.example/"/>{entries}</feed>'
    )


def json_feed(*found: dict[str, object], **more: object) -> str:
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Harbour Post", "items": found, **more})


def json_items(**changes: object) -> list[dict[str, object]]:
    return [
        {
            "id": str(n),
            "url": LINKS[n],
            "title": TITLES[n],
            "date_published": "2024-05-03T10:30:00+02:00",
            **changes,
        }
        for n in range(2)
    ]


UPDATED = "<updated>2024-05-03T08:30:00Z</updated>"
DC = "<dc:date>2024-05-03T09:30+01:00</dc:date>"
ATOM = f'<title>%</title><link href="https://harbour.example/a/@"/><id>tag:@</id>{UPDATED}'
IMAGE = (
    "<image><title>Logo</title><url>https://x.example/l.png</url>"
    "<link>https://x.example/</link></image>"
)

FEEDS: dict[str, str | bytes] = {
    "rss 2.0": rss(items()),
    "rss 0.90": rdf(items(date=DC), "http://my.netscape.com/rdf/simple/0.9/"),
    "rss 0.91": rss(items(), version="0.91"),
    "rss 0.91 with its document type": rss(
        items(),
        f'{XML}<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd">',
        "0.91",
    ),
    "rss 0.92": rss(items(), version="0.92"),
    "rss 1.0": rdf(items(date=DC)),
    "atom 0.3": atom(
        '<title>%</title><link rel="alternate" href="https://harbour.example/a/@"/>'
        "<issued>2024-05-03T08:30:00Z</issued>",
        "http://purl.org/atom/ns#",
    ),
    "atom 1.0": atom(ATOM),
    "atom with published and updated": atom(
        f"{ATOM}<published>2024-05-03T08:30:00Z</published>".replace(
            "05-03T08:30:00Z</up", "06-01T00:00:00Z</up"
        )
    ),
    "json feed 1": json_feed(*json_items(), version="https://jsonfeed.org/version/1"),
    "json feed 1.1": json_feed(*json_items()),
    "json feed with a byte order mark": b"\xef\xbb\xbf" + json_feed(*json_items()).encode(),
    "json feed of relative addresses": json_feed(
        *({**found, "url": f"/a/{n}"} for n, found in enumerate(json_items(), 1))
    ),
    "json feed with addresses only as ids": json_feed(
        *({**found, "url": None, "id": LINKS[n]} for n, found in enumerate(json_items()))
    ),
    "json feed of linked pages": json_feed(*json_items(external_url="https://x.example/")),
    "json feed with junk among its items": json_feed(*json_items(), 7, None, "x", {}),  # type: ignore[arg-type]
    # encodings
    "utf-16": rss(items(), "").encode("utf-16"),
    "utf-16, and says so": rss(items(), '<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"),
    "declared utf-8, is windows-1252": rss(items(more="<category>Caf\xe9 \x96</category>")).encode(
        "latin-1"
    ),
    "declared latin-1, is utf-8": rss(
        items(more="<category>Café</category>"), '<?xml version="1.0" encoding="iso-8859-1"?>'
    ).encode(),
    "windows-1251": rss(
        items(more="<category>Порт</category>"), '<?xml version="1.0" encoding="windows-1251"?>'
    ).encode("cp1251"),
    "an encoding that does not exist": rss(items(), '<?xml version="1.0" encoding="utf8mb4"?>'),
    "byte order mark": b"\xef\xbb\xbf" + rss(items()).encode(),
    "no declaration": rss(items(), ""),
    # malformed
    "blank lines first": "\n\n  " + rss(items()),
    "a warning first": "<b>Warning</b>: include() failed<br/>\n" + rss(items()),
    "junk last": rss(items()) + "<!-- cached --><script>1</script>",
    "bare ampersands": rss(items(more="<description>Fish & chips</description>")),
    "entities of HTML": rss(items(more="<description>Fish&nbsp;and&eacute; chips</description>")),
    "an unclosed tag": rss(items(more="<category>Sea<br>")),
    "cut short": rss(items() + "<item><title>Third")[:-22],
    "control characters": rss(items(more="<description>a\x00b\x0bc\x1f</description>")),
    "an unknown namespace": rss(items(more="<ad:slot>1</ad:slot>")),
    "tags in capitals": rss(items(), "").replace("item>", "ITEM>").replace("title>", "TITLE>"),
    "HTML in a description": rss(
        items(more="<description><p>a <a href='/x'>b</a></p></description>")
    ),
    "served as pretty HTML": rss(items(), f'{XML}<?xml-stylesheet href="/x.xsl" type="text/xsl"?>'),
    # links
    "relative links": rss(items(link="<link>/a/@</link>")),
    "links relative to xml:base": rss(items(link="<link>@</link>")).replace(
        "<channel>", '<channel xml:base="https://harbour.example/a/">'
    ),
    "atom links relative to xml:base": atom(
        ATOM.replace("https://harbour.example/a/", ""),
        root=' xml:base="https://harbour.example/a/"',
    ),
    "links in CDATA among blanks": rss(
        items(link="<link>\n <![CDATA[ https://harbour.example/a/@ ]]>\n</link>")
    ),
    "links without a scheme": rss(items(link="<link>//harbour.example/a/@</link>")),
    "links with tracking": rss(
        items(link="<link>https://harbour.example/a/@?utm_source=rss</link>")
    ),
    "atom links in rss": rss(items(link='<atom:link href="https://harbour.example/a/@"/>')),
    "no link but a guid": rss(items(link="<guid>https://harbour.example/a/@</guid>")),
    "an empty link and a guid": rss(items(link="<link/><guid>https://harbour.example/a/@</guid>")),
    "a guid that is no address": rss(items(more='<guid isPermaLink="false">@@</guid>')),
    "a guid that is called one and is none": rss(items(more="<guid>post-@</guid>")),
    "an atom id as the only address": atom(
        ATOM.replace('<link href="https://harbour.example/a/@"/>', "").replace(
            "tag:@", "https://harbour.example/a/@"
        )
    ),
    "atom links of many kinds": atom(
        '<link rel="edit" href="/e"/><link rel="enclosure" type="audio/mpeg" href="/e.mp3"/>'
        '<link rel="replies" type="text/html" href="/r"/><link rel="self" href="/s"/>' + ATOM
    ),
    "an enclosure": rss(items(first='<enclosure url="/e.mp3" length="1" type="audio/mpeg"/>')),
    "comments": rss(items(more="<comments>https://harbour.example/a/@#comments</comments>")),
    "a proxy's links beside the true ones": rss(
        items(
            link="<link>https://proxy.example/~3/@</link>",
            more="<feedburner:origLink>https://harbour.example/a/@</feedburner:origLink>",
        )
    ),
    # titles
    "titles in CDATA": rss(
        "".join(item(n, title=f"<title><![CDATA[{TITLES[n]}]]></title>") for n in range(2))
    ),
    "titles escaped twice": rss(
        "".join(
            item(n, title=f"<title>{TITLES[n].replace('&', '&amp;amp;')}</title>") for n in range(2)
        )
    ),
    "titles with markup": rss(
        "".join(item(n, title=f"<title><![CDATA[<b>{TITLES[n]}</b>]]></title>") for n in range(2))
    ),
    "atom titles in HTML": atom(
        ATOM.replace("<title>%</title>", '<title type="html">&lt;i&gt;%&lt;/i&gt;</title>')
    ),
    "atom titles in XHTML": atom(
        ATOM.replace(
            "<title>%</title>",
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><b>%</b></div></title>',
        )
    ),
    "titles of media": rss(
        items(
            more='<media:group><media:content url="/m.jpg"><media:title>A picture</media:title>'
            "</media:content></media:group>"
        )
    ),
    "titles of media first": rss(items(first="<media:title>A picture</media:title>")),
    "titles of episodes": rss(items(more="<itunes:title>Episode @</itunes:title>")),
    "an image in the channel": rss(items(), more=IMAGE),
    "an image in each item": rss(items(more=IMAGE)),
    "a text box in the channel": rss(
        items(), more="<textInput><title>Search</title><name>q</name><link>/q</link></textInput>"
    ),
    "a source in each item": rss(items(more='<source url="https://x.example/feed">Wire</source>')),
    "a source in each entry": atom(
        ATOM + '<source><title>Wire</title><link href="https://x.example/"/><id>w</id></source>'
    ),
    # dates
    "a zone as an offset of GMT": rss(
        items(date="<pubDate>Fri,3 May 2024 17:30:0 GMT+9</pubDate>")
    ),
    "a named zone": rss(items(date="<pubDate>Fri, 3 May 24 04:30:00 EDT</pubDate>")),
    "a date in ISO 8601": rss(items(date="<pubDate>2024-05-03 10:30:00 +0200</pubDate>")),
    "a date of the Dublin Core": rss(items(date=DC)),
    "a date in the order of C": rss(
        items(date="<pubDate>Fri May 03 10:30:00 +0200 2024</pubDate>")
    ),
    "a date with the wrong weekday": rss(
        items(date=f"<pubDate>{RFC.replace('Fri', 'Mon')}</pubDate>")
    ),
    "a date in another language": rss(
        items(date="<pubDate>vie, 03 mayo 2024 08:30:00 +0000</pubDate>")
    ),
}


@pytest.mark.parametrize("name", FEEDS)
def test_every_story_with_its_own_title_and_date(name: str) -> None:
    body = FEEDS[name]
    response = SourceResponse(url=URL, body=body.encode() if isinstance(body, str) else body)
    listing = read_source_response(Feed(), response, None, "Europe/London")
    found = [(lead.url, lead.title, lead.at) for lead in listing.leads]
    assert found == [(link, title, WHEN) for link, title in zip(LINKS, TITLES, strict=True)]


def test_there_are_sixty() -> None:
    assert len(FEEDS) >= 60


@pytest.mark.parametrize("missing", ["<title></title>", ""])
def test_without_a_title_there_is_none(missing: str) -> None:
    body = rss(items(title=missing, more="<description>A text.</description>"))
    listing = Feed().read(SourceResponse(url=URL, body=body.encode()))
    assert [(lead.url, lead.title) for lead in listing.leads] == [(link, None) for link in LINKS]
