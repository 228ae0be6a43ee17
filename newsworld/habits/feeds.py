"""Bad habits of feeds: damage, entries that are none, links and identities that mislead."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from newsworld.habits.scene import Change, Scene, TextChange, old_stories
from newsworld.habits.sitemaps import cut

LARGE = 25_000
"""Entries of a very large feed."""
_ENTRY = re.compile(r"(<(?:item|entry)\b[^>]*>)(.*?)(</(?:item|entry)>)", re.DOTALL)
_LINK = re.compile(r'(<link>|<link rel="alternate" type="text/html" href=")([^<"]+)(</link>|"/>)')
_OTHER_LINK = re.compile(r'(<h2><a href="|"url": ")([^"]+)')
"""Of listings and of JSON."""
_TEXT = re.compile(r"(<(title|summary|description)\b[^>]*>)(\S+)", re.ASCII)
_GUID = re.compile(r"(<guid[^>]*>|<id>)([^<]*)(</guid>|</id>)")
_ROOT = re.compile(r"<(rss|rdf:RDF)\b")
_AUTHOR = re.compile(r"<dc:creator>([^<]*)</dc:creator>|<author><name>([^<]*)</name></author>")
Entry = tuple[str, str, str]
"""Its opening tag, what is in it, and its closing tag; numbered from 0."""


def _each(change: Callable[[Entry, int, Scene], str]) -> TextChange:
    """Change each entry."""

    def changed(text: str, scene: Scene) -> str:
        count = iter(range(1_000_000))
        return _ENTRY.sub(lambda m: change((m[1], m[2], m[3]), next(count), scene), text)

    return changed


def _worded(change: Callable[[str, int], str]) -> TextChange:
    """Change the first word of titles and summaries of every other entry."""

    def changed(entry: Entry, at: int, scene: Scene) -> str:
        if at % 2:
            return "".join(entry)
        return entry[0] + _TEXT.sub(lambda m: m[1] + change(m[3], at), entry[1]) + entry[2]

    return _each(changed)


def _link(entry: Entry) -> str:
    found = _LINK.search(entry[1])
    assert found
    return found[2]


def _preceded(rss: str, atom: str) -> TextChange:
    """Put other links before each entry's own: of RSS, as elements of Atom."""

    def more(entry: Entry, at: int, scene: Scene) -> str:
        link = _link(entry)
        form = rss if entry[0].startswith("<item") else atom
        return entry[0] + form.format(base=scene.base, at=at, url=link) + entry[1] + entry[2]

    def changed(text: str, scene: Scene) -> str:
        text = _each(more)(text, scene)
        return _ROOT.sub(r'<\1 xmlns:atom="http://www.w3.org/2005/Atom"', text, count=1)

    return changed


def _advertised(entry: Entry, at: int, scene: Scene) -> str:
    """Put an advertisement of another host before it: its path is like a story's."""
    if at % 3:
        return "".join(entry)
    parts = urlsplit(_link(entry))
    elsewhere = f"https://offers.example{parts.path}?{parts.query}"
    advert = _LINK.sub(lambda m: m[1] + elsewhere + m[3], entry[1])
    advert = re.sub(r"(<title[^>]*>)[^<]*", rf"\1Sponsored: Rope no. {at}", advert)
    advert = _GUID.sub(rf"\1advert-{at}\3", advert)
    opening = re.sub(r'rdf:about="[^"]*"', f'rdf:about="{elsewhere}"', entry[0])
    return opening + advert + entry[2] + "".join(entry)


def _authored(entry: Entry, at: int, scene: Scene) -> str:
    """Name the author in the ways in which RSS and Atom do."""
    forms: tuple[str, ...] = (
        "<author>mailto:desk@{host} ({name})</author>",
        "<author>desk@{host} ({name})</author>",
        "<author>{name} and The Night Desk</author><dc:creator>{name}, The Night Desk</dc:creator>",
        "<author>&lt;a href=&quot;/staff&quot;&gt;{name}&lt;/a&gt;</author>",
        "<author>desk@news.photography ({name})</author>",
        "<author></author>",
    )
    if entry[0].startswith("<entry"):
        forms = (
            "<author><name>{name}</name><email>desk@{host}</email></author>",
            "<author><email>desk@{host}</email><name>\n {name}\n</name></author>",
            "<author><name>&lt;b&gt;{name}&lt;/b&gt;</name></author>",
            "<author><name>{name}</name></author><author><name>The Night Desk</name></author>",
            "",
        )
    host = scene.edition.paper.host
    said = forms[at % len(forms)]
    inner = _AUTHOR.sub(lambda m: said.format(host=host, name=m[1] or m[2]), entry[1])
    return entry[0] + inner + entry[2]


def _identified(identity: Callable[[Entry, int, Scene], str]) -> TextChange:
    """State identities of entries that are no addresses, or those of no one entry."""

    def changed(entry: Entry, at: int, scene: Scene) -> str:
        said = identity(entry, at, scene)
        inner = _GUID.sub(lambda m: f"{m[1].partition(' ')[0].rstrip('>')}>{said}{m[3]}", entry[1])
        return entry[0] + inner + entry[2]

    return _each(changed)


def _code(entry: Entry, at: int, scene: Scene) -> str:
    return f"{scene.rng(_link(entry)).getrandbits(40)} at {scene.edition.paper.title}"


def _same(entry: Entry, at: int, scene: Scene) -> str:
    return (scene.edition.paper.name, scene.base + "/")[scene.seed % 2]


def with_query(url: str, query: str, joint: str = "&amp;") -> str:
    """Return an address with one more parameter, as it stands in markup."""
    return f"{url}{joint if '?' in url else '?'}{query}"


def queried(query: Callable[[Scene], str]) -> TextChange:
    """Add a parameter to all links to stories: of a feed, of a listing, of JSON."""

    def changed(text: str, scene: Scene) -> str:
        said = query(scene)

        def add(link: re.Match[str]) -> str:
            joint = "&" if link[1].startswith('"') else "&amp;"
            return link[1] + with_query(link[2], said, joint) + "".join(link.groups()[2:])

        text = _ENTRY.sub(lambda entry: entry[1] + _LINK.sub(add, entry[2]) + entry[3], text)
        return _OTHER_LINK.sub(add, text)

    return changed


def session(scene: Scene) -> str:
    """Return a parameter that is another at each reading."""
    value = scene.rng(f"session {scene.reading}").getrandbits(96)
    return f"{('sid', 'PHPSESSID', 'jsessionid')[scene.seed % 3]}={value:024x}"


def _own_name(scene: Scene) -> str:
    paper = scene.edition.paper
    return (f"ref={paper.host}", f"src={paper.name}-front")[scene.seed % 2]


def _large(text: str, scene: Scene) -> str:
    """Put after (or before) the entries those of years ago."""
    title = "<title>An old story, no. {}</title>"
    if '"items": [' in text:
        told = json.dumps(
            {"id": scene.old, "url": scene.old, "title": title[7:-8],
             "date_published": "2009-08-07T06:05:04Z"}
        )  # fmt: skip
        return text.removesuffix("]}") + old_stories(f", {told}", LARGE) + "]}"
    if "<entry>" in text:
        form = (
            f'<entry>{title}<link href="{scene.old}"/><id>{scene.old}</id>'
            "<updated>2009-08-07T06:05:04Z</updated></entry>"
        )
    else:
        date = "<pubDate>Fri, 07 Aug 2009 06:05:04 +0000</pubDate>"
        form = f"<item>{title}<link>{scene.old}</link>{date}</item>"
        if "<rdf:RDF" in text:
            form = form.replace(date, "<dc:date>2009-08-07T06:05:04Z</dc:date>")
    found = list(_ENTRY.finditer(text))
    at = (found[-1].end(), found[0].start())[scene.seed % 2]
    return text[:at] + old_stories(form, LARGE) + text[at:]


TEXTS: dict[str, TextChange] = {
    "feed_cut_letter": _worded(lambda word, at: word + ("\xc3", "\xe2\x80", " d\xc3 quay")[at % 3]),
    "feed_stray_bytes": _worded(lambda word, at: word + ("\x08", "\xff\xfe", "\x0b\x1f")[at % 3]),
    "feed_entities": _worded(
        lambda word, at: word + ("&nbsp;", "&rsquo;s&hellip;", " & Sons &eacute; ")[at % 3]
    ),
    "feed_adverts": _each(_advertised),
    "feed_languages": _preceded(
        '<atom:link rel="alternate" hreflang="fr" type="text/html" href="{base}/fr/{at}"/>',
        '<link rel="alternate" hreflang="fr" type="text/html" href="{base}/fr/{at}"/>',
    ),
    "feed_amp": _preceded(
        '<atom:link rel="amphtml" href="{url}/amp"/>', '<link rel="amphtml" href="{url}/amp"/>'
    ),
    "feed_enclosure": _preceded(
        '<enclosure url="{base}/sound/{at}.mp3" length="1024" type="audio/mpeg"/>',
        '<link rel="enclosure" type="audio/mpeg" length="1024" href="{base}/sound/{at}.mp3"/>',
    ),
    "feed_related": _preceded(
        '<atom:link rel="related" href="{base}/topics/{at}"/><comments>{url}#talk</comments>',
        '<link rel="related" href="{base}/topics/{at}"/><link rel="replies" href="{url}#talk"/>',
    ),
    "feed_plain_link": lambda text, _: text.replace('<link rel="alternate" type="text/html"',
                                                    "<link"),
    "feed_authors": _each(_authored),
    "feed_guid_code": _identified(_code),
    "feed_guid_same": _identified(_same),
    "feed_session": queried(session),
    "feed_own_name": queried(_own_name),
    "feed_large": _large,
}  # fmt: skip
ANSWERS: dict[str, Change] = {"feed_cut": cut}
LISTINGS: dict[str, TextChange] = {
    "listing_session": queried(session),
    "listing_own_name": queried(_own_name),
    "listing_large": lambda text, scene: text.replace(
        "</main>",
        "<ul>" + old_stories('<li><a href="/topics/{}">Topic {}</a></li>', LARGE) + "</ul></main>",
    ),
}
