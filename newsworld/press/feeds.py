"""The feeds of the press, of every kind, with the defects that feeds have."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from newsworld.press.edition import PaperStory
from newsworld.press.papers import FeedKind, Paper
from newsworld.render import render

_TYPES: dict[FeedKind, str] = {
    "rss": "application/rss+xml",
    "rss091": "application/xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    story: PaperStory
    address: str
    """Under which the feed shows the story."""
    link: str
    """Link that it prints."""
    guid: str
    title: str
    summary: str


def content_type(paper: Paper) -> str:
    """Return the feed's content type; with a charset only where it is the true one."""
    assert paper.feed
    if "html" in paper.defects:
        return "text/html"
    is_plain = paper.feed != "rss091" and not paper.defects & {"undeclared", "misdeclared"}
    return _TYPES[paper.feed] + ("; charset=utf-8" if is_plain else "")


def feed(paper: Paper, stories: Sequence[PaperStory]) -> bytes:
    """Render the feed of these stories, newest first."""
    entries = [_entry(paper, story) for story in stories]
    if paper.feed == "json":
        return _json_feed(paper, entries)
    encoding: str | None = "UTF-8"
    codec = "utf-8"
    if paper.feed == "rss091":
        encoding, codec = "ISO-8859-1", "iso-8859-1"
    elif paper.defects & {"undeclared", "misdeclared"}:
        encoding, codec = None if "undeclared" in paper.defects else "UTF-8", "windows-1252"
    updated = stories[0].published if stories else None
    text = render(
        f"press/{paper.feed}.xml", paper=paper, entries=entries, encoding=encoding, updated=updated
    ).decode()
    mark = b"\xef\xbb\xbf" if "bom" in paper.defects else b""
    return mark + text.encode(codec, "xmlcharrefreplace")


def _entry(paper: Paper, story: PaperStory) -> _Entry:
    address = link = story.address("feed")
    if "tracked" in paper.defects:
        joint = "&" if "?" in link else "?"
        link += f"{joint}utm_source=feed&utm_medium=rss&utm_campaign={story.number}"
    if "relative" in paper.defects:
        link = link.removeprefix(paper.base)
    if "proxied" in paper.defects:
        link = f"https://feeds.harbour.example/~r/{paper.name}/{story.id}/"
    guid = address
    if paper.defects & {"odd_guid", "proxied"}:
        guid = f"{paper.name}-{story.id}"
    elif "no_guid" in paper.defects:
        guid = ""
    careless = "ampersands" in paper.defects
    title, summary, link = (
        Markup(str(escape(text)).replace("&amp;", "&")) if careless else text
        for text in (story.title, f"{story.copy.standfirst}.", link)
    )
    return _Entry(story, address, link, guid, title, summary)


def _json_feed(paper: Paper, entries: Sequence[_Entry]) -> bytes:
    items = [
        {
            "id": entry.guid,
            "url": entry.link,
            "title": entry.title,
            "summary": entry.summary,
            "date_published": entry.story.local.isoformat(),
            "authors": [{"name": entry.story.author}],
        }
        for entry in entries
    ]
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.title,
        "home_page_url": paper.home,
        "items": items,
    }
    return json.dumps(told, ensure_ascii=False).encode()
