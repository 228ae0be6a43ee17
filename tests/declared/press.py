"""The press of newsworld, each paper declared as its users would: by the channels it shows."""

from collections.abc import Iterator

from crawler.sources import Feed, Listing, NewsSitemap, Sitemap, Source, WordPress
from crawler.spider import OutletSpider
from newsworld.press.papers import STORIES, Paper, papers

COUNT = 20
PAGES = 60
"""A listing states no dates: so many of its pages are read where nothing else tells how far."""
MORE = "/api/latest?page={page}"


def sources(paper: Paper) -> Iterator[Source]:
    """What there is to declare."""
    for kind, path in paper.channels.items():
        match kind:
            case "feed":
                yield Feed(path)
            case "news":
                yield NewsSitemap(path)
            case "sitemap":
                yield Sitemap(path)
            case "rest":
                yield WordPress(path)
            case "listing":
                yield Listing(path, more=MORE if paper.pager == "more" else "", pages=PAGES)


def declare(paper: Paper) -> type[OutletSpider]:
    """The paper's outlet."""
    declared = {
        "__doc__": f"{paper.title}, one of newsworld's press.",
        "__module__": __name__,
        "name": paper.name,
        "title": paper.title,
        "home": paper.home,
        "language": "en",
        "timezone": paper.zone.key,
        "schedule": "*/10 * * * *",
        "sources": tuple(sources(paper)),
        "stories": STORIES[paper.form],
    }
    return type(f"Paper{paper.number}", (OutletSpider,), declared)


PAPERS = {paper.name: paper for paper in papers(COUNT)}
OUTLETS = {paper.name: declare(paper) for paper in PAPERS.values()}
SOURCES = {source.kind: source for source in OUTLETS["paper_01"].sources}
BEHIND = ("wordpress", "sitemap", "listing")
"""What may reach further back than a feed."""


def behind(kind: str) -> type[OutletSpider]:
    """The first paper by its feed and one more of its sources."""
    first = OUTLETS["paper_01"]
    declared = {
        "__doc__": f"{first.title} by its feed, and {kind} behind it.",
        "__module__": __name__,
        "name": f"feed_and_{kind}",
        "sources": (SOURCES["feed"], SOURCES[kind]),
    }
    return type(f"FeedAnd{kind.title()}", (first,), declared)


GAPS = {kind: behind(kind) for kind in BEHIND}
# Scrapy's loader finds classes by looking through the module.
globals().update({outlet.__name__: outlet for outlet in (*OUTLETS.values(), *GAPS.values())})
