"""The sites of the press, as their addresses answer."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from math import ceil

from newsworld import wordpress
from newsworld.messages import SiteRequest, SiteResponse, entity_tag, redirect
from newsworld.press import feeds
from newsworld.press.edition import Edition, PaperStory
from newsworld.press.edits import EditedPage, page_of
from newsworld.press.papers import (
    FEEDS,
    HIDDEN_SITEMAP,
    LISTING,
    NEWS_SITEMAP,
    ROBOTS,
    SITEMAP,
    Pager,
    Paper,
    RobotsKind,
)
from newsworld.render import render
from newsworld.wordpress import JSON, XML
from newsworld.world import World

PAGE_SIZE = 20
"""Stories on a page of a listing."""
SITEMAP_SIZE = 200
"""Addresses in each of the numbered sitemaps."""
MORE = "/api/latest"
_MONTH = re.compile(r"/sitemaps/(\d{4}-\d\d)\.xml(?:\.gz)?")
_NUMBERED = re.compile(r"/sitemaps/stories-([1-9]\d{0,3})\.xml")
_PAGES: dict[Pager, str] = {
    "rel": LISTING + "?page={}",
    "numbers": LISTING + "?page={}",
    "words": LISTING + "/{}",
    "paged": LISTING + "?paged={}",
    "path": LISTING + "/page/{}",
    "more": MORE + "?page={}",
}
"""Addresses of the pages after the first of a listing."""
_RULES = "User-agent: *\nDisallow: /private/\n"
_ROBOTS: dict[RobotsKind, str] = {
    "plain": _RULES,
    "bom": "\ufeff# The harbour is open to all.\r\nUser-agent: *   # everybody\r\n"
    "Disallow: /private/\r\nNoindex: /drafts/\r\n",
    "groups": "User-agent: Hoarder\nUser-agent: Scavenger\nDisallow: /\n\n"
    "User-agent: dateline\nAllow: /\nDisallow: /private/\n\nUser-agent: *\nDisallow: /\n",
    "delay": f"{_RULES}Crawl-delay: 0.01\n",
}
_PLAIN = "text/plain; charset=utf-8"


def answer(world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the answer to a GET; None where there is nothing."""
    edition = world.press[ask.host.removeprefix("www.").removeprefix("m.")]
    paper = edition.paper
    other = ask.host.partition(".")[0] in ("www", "m")
    if other and not set(paper.twins.values()) & {"www", "mobile"} and ask.path != ROBOTS:
        return redirect(paper.base + ask.target)
    return _file(edition, world, ask) or _page(edition, world, ask)


def _file(edition: Edition, world: World, ask: SiteRequest) -> SiteResponse | None:
    """Answer for a channel, or a part of one."""
    paper, path = edition.paper, ask.path
    if path == ROBOTS:
        return _robots(paper, world)
    if paper.feed and path == FEEDS[paper.feed]:
        stories = edition.shown("feed", world.clock)
        return _stated(paper, feeds.feed(paper, stories), feeds.content_type(paper), stories, world)
    if paper.news and path == NEWS_SITEMAP:
        stories = edition.shown("news", world.clock)
        return _stated(paper, render("press/news.xml", paper=paper, stories=stories), XML, stories,
                       world)  # fmt: skip
    if paper.sitemap and (path in (SITEMAP, HIDDEN_SITEMAP) or path.startswith("/sitemaps/")):
        return _sitemap(edition, world, path)
    if paper.rest and path.startswith("/wp-json/"):
        return _rest(paper, world, ask)
    if paper.pager and (path in (MORE, LISTING) or path.startswith(f"{LISTING}/")):
        return _listing(edition, world, ask, paper.pager)
    return None


def _robots(paper: Paper, world: World) -> SiteResponse | None:
    if paper.robots == "absent":
        return None
    maps = {None: (), "declared": (HIDDEN_SITEMAP,)}.get(paper.sitemap, (SITEMAP,))
    lines = [f"Sitemap: {paper.base}{path}\n" for path in maps]
    body = _ROBOTS[paper.robots] + "".join(["\n", *lines])
    return SiteResponse(body.encode(), _PLAIN, modified=world.start)


def _sitemap(edition: Edition, world: World, path: str) -> SiteResponse | None:
    """Return the sitemap that a paper has at this path."""
    paper = edition.paper
    stories = edition.shown("sitemap", world.clock)
    match paper.sitemap, path:
        case ("flat", "/sitemap.xml") | ("declared", "/maps/stories.xml"):
            return _stated(paper, _urls(stories), XML, stories, world)
        case "numbered", _:
            return _numbered(paper, stories[::-1], world, path)
        case (("monthly" | "gzipped"), _):
            return _monthly(paper, stories, world, path)
    return None


def _monthly(
    paper: Paper, stories: Sequence[PaperStory], world: World, path: str
) -> SiteResponse | None:
    """Render an index by month that says when each changed, and the months."""
    months = {
        month: list(group)
        for month, group in groupby(stories, lambda story: f"{story.published:%Y-%m}")
    }
    packed = ".gz" if paper.sitemap == "gzipped" else ""
    if path == SITEMAP:
        children = {
            f"{paper.base}/sitemaps/{month}.xml{packed}": group[0].published
            for month, group in months.items()
        }
        return _index(children, stories, world)
    if (match := _MONTH.fullmatch(path)) and (shown := months.get(match[1])):
        if path.endswith(".gz") != bool(packed):
            return None
        body = _urls(shown)
        if packed:
            return _stated(paper, gzip.compress(body, mtime=0), "application/gzip", shown, world)
        return _stated(paper, body, XML, shown, world)
    return None


def _numbered(
    paper: Paper, stories: Sequence[PaperStory], world: World, path: str
) -> SiteResponse | None:
    """Render an index that says nothing of change, and its sitemaps, oldest stories first."""
    parts = [stories[at : at + SITEMAP_SIZE] for at in range(0, len(stories), SITEMAP_SIZE)]
    if path == SITEMAP:
        form = paper.base + "/sitemaps/stories-{}.xml"
        children = dict.fromkeys(form.format(number + 1) for number in range(len(parts)))
        return _index(children, stories[::-1], world)
    if (match := _NUMBERED.fullmatch(path)) and int(match[1]) <= len(parts):
        shown = parts[int(match[1]) - 1]
        return _stated(paper, _urls(shown, dated=False), XML, shown[::-1], world)
    return None


def _index(
    children: dict[str, datetime] | dict[str, None], stories: Sequence[PaperStory], world: World
) -> SiteResponse:
    body = render("press/index.xml", children=children)
    return SiteResponse(body, XML, modified=wordpress.modified(stories, world))


def _urls(stories: Sequence[PaperStory], *, dated: bool = True) -> bytes:
    return render("press/sitemap.xml", stories=stories, dated=dated)


def _rest(paper: Paper, world: World, ask: SiteRequest) -> SiteResponse:
    if paper.rest == "open":
        route = ask.path.removeprefix("/wp-json")
        return wordpress.rest(world, ask, paper, route, lambda story: story.body, lambda story: "")
    if paper.rest == "html":
        return _home(paper)
    status = int(paper.rest or 0)
    told = {"code": "rest_forbidden", "message": "Sorry.", "data": {"status": status}}
    return SiteResponse(json.dumps(told).encode(), JSON, status)


def _listing(edition: Edition, world: World, ask: SiteRequest, pager: Pager) -> SiteResponse | None:
    """Render a page of the listing; what its button gets is JSON."""
    paper = edition.paper
    page = _number(ask, pager)
    stories = edition.shown("listing", world.clock)
    pages = ceil(len(stories) / PAGE_SIZE) or 1
    shown = stories[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] if page else []
    if ask.path == MORE:
        items = [{"url": story.address("listing"), "title": story.title} for story in shown]
        body = json.dumps({"items": items}).encode()
        return replace(_stated(paper, body, JSON, stories, world), shows=_urls_of(shown))
    if not 1 <= page <= pages:
        return None

    def address(number: int) -> str:
        return _PAGES[pager].format(number) if number > 1 else LISTING

    body = render(
        "press/listing.html",
        paper=paper,
        stories=shown,
        page=page,
        pages=pages,
        listing=LISTING,
        newer=address(page - 1) if page > 1 else None,
        older=address(page + 1) if page < pages else None,
    )
    found = _stated(paper, body, "text/html; charset=UTF-8", stories, world)
    return replace(found, shows=_urls_of(shown))


def _number(ask: SiteRequest, pager: Pager) -> int:
    """Return the number of the page of a listing that is asked for; 0 where there is none such."""
    if ask.target == LISTING:
        return 1
    before, _, after = _PAGES[pager].partition("{}")
    number = ask.target.removeprefix(before).removesuffix(after)
    is_one = number.isascii() and number.isdigit() and ask.target == f"{before}{number}{after}"
    return int(number) if is_one else 0


def _page(edition: Edition, world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the page of a story, under any of its addresses, or the home page."""
    paper = edition.paper
    path = _story_path(ask)
    amp = path.endswith("/amp")
    story = story_at(edition, world, ask)
    if story is None:
        return _home(paper) if ask.target == "/" else None
    page = page_of(story, world.edits, world.clock)
    if page.gone:
        return SiteResponse(
            b"<!DOCTYPE html><title>Gone</title><h1>Not here</h1>", status=page.gone
        )
    if story.is_moved and path.removesuffix("/amp") == story.former:
        return redirect(story.url)
    body = render(
        "press/article.html",
        paper=paper,
        story=story,
        page=page,
        related=edition.stories(world.clock)[page.noise : page.noise + 3] if page.noise else (),
        amp=amp,
        listing=LISTING,
        linked_data=_linked_data(paper, story, page),
    )
    return SiteResponse(body, modified=page.changed, story=story.url)


def story_at(edition: Edition, world: World, ask: SiteRequest) -> PaperStory | None:
    """Return the story published by now whose page an address is, whatever else is in its query."""
    return edition.find(_story_path(ask).removesuffix("/amp"), world.clock)


def _story_path(ask: SiteRequest) -> str:
    path = ask.path.rstrip("/")
    return f"/?p={ask.query['p']}" if not path and "p" in ask.query else path


def _linked_data(paper: Paper, story: PaperStory, page: EditedPage) -> dict[str, object]:
    """Return a story's schema.org record."""
    changed = page.changed.astimezone(paper.zone).isoformat()
    modified = {"dateModified": changed} if page.changed != story.published else {}
    return modified | {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": story.url,
        "headline": page.title,
        "datePublished": story.local.isoformat(),
        "author": {"@type": "Person", "name": story.author},
        "publisher": {"@type": "Organization", "name": paper.title},
    }


def _home(paper: Paper) -> SiteResponse:
    return SiteResponse(render("press/home.html", paper=paper, listing=LISTING))


def _urls_of(stories: Sequence[PaperStory]) -> tuple[str, ...]:
    return tuple(story.url for story in stories)


def _stated(
    paper: Paper, body: bytes, content_type: str, stories: Sequence[PaperStory], world: World
) -> SiteResponse:
    """Return a channel's answer, with the validators that the paper states."""
    changed = wordpress.modified(stories, world)
    found = SiteResponse(body, content_type, modified=changed, shows=_urls_of(stories))
    match paper.validators:
        case "etag":
            return replace(found, modified=None, etag=entity_tag(body))
        case "date":
            return replace(found, etag="")
        case "none":
            return replace(found, modified=None)
    return found
