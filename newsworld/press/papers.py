"""The press: generated outlets, each with habits of its own that follow from its number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from newsworld.story import Outlet

FeedKind = Literal["rss", "rss091", "rdf", "atom", "json"]
Defect = Literal[
    "undeclared",  # Windows-1252, and neither XML nor HTTP says so
    "misdeclared",  # Windows-1252, and the XML declaration says UTF-8
    "bom",
    "ampersands",  # not escaped, nor are they in addresses
    "truncated",  # it ends after its last entry
    "relative",  # links without scheme and host
    "no_guid",
    "odd_guid",  # a guid that is no address
    "html",  # the type is text/html
    "tracked",  # links with utm parameters
    "proxied",  # links of a proxy that counts clicks
]
SitemapKind = Literal["flat", "monthly", "gzipped", "numbered", "declared"]
Pager = Literal["rel", "numbers", "words", "paged", "path", "more"]
Rest = Literal["open", "401", "403", "404", "html"]
RobotsKind = Literal["plain", "absent", "bom", "groups", "delay"]
Validators = Literal["both", "etag", "date", "none"]
Form = Literal["dated", "slug", "html", "number", "query"]
ChannelKind = Literal["feed", "sitemap", "news", "listing", "rest"]
AddressVariant = Literal["www", "mobile", "amp", "slash", "http"]

FEEDS: dict[FeedKind, str] = {
    "rss": "/feed",
    "rss091": "/rss091.xml",
    "rdf": "/index.rdf",
    "atom": "/atom.xml",
    "json": "/feed.json",
}
"""Paths of the feeds of each kind."""
SITEMAP = "/sitemap.xml"
HIDDEN_SITEMAP = "/maps/stories.xml"
"""Path of a sitemap that only robots.txt names."""
ROBOTS = "/robots.txt"
NEWS_SITEMAP = "/news-sitemap.xml"
LISTING = "/latest"
REST = "/wp-json/wp/v2/posts"

STORIES: dict[Form, str] = {
    "dated": r"/\d{4}/\d\d/\d\d/[\w-]+",
    "slug": r"/news/[\w-]+-\d+",
    "html": r"/articles/\d+/[\w-]+\.html",
    "number": r"/story/\d+",
    "query": r"/\?p=\d+",
}
"""Patterns found in the addresses of stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Outlet):
    """An outlet of the press."""

    number: int
    """1 for the first."""
    form: Form
    """Form of its stories' addresses."""
    feed: FeedKind | None = None
    defects: frozenset[Defect] = frozenset()
    """Defects of its feed."""
    sitemap: SitemapKind | None = None
    news: bool = False
    """True: it has a news sitemap."""
    pager: Pager | None = None
    """Way from its listing to older pages; None where it has no listing."""
    rest: Rest | None = None
    """Kind of its REST API; None where there is none, and nobody would look for one."""
    robots: RobotsKind = "plain"
    twins: Mapping[ChannelKind, AddressVariant] = field(default_factory=dict)
    """Channels that show stories under another address than their own, and which."""
    validators: Validators = "both"
    """Validators that its channels state; indexes of sitemaps state both."""
    moved: bool = False
    """Some stories have a new address, and the sitemap still shows the old one."""
    gone: bool = False
    """Some stories have been taken away, and its channels still show them."""
    linked_data: bool = True
    """Its pages carry JSON-LD."""

    @property
    def base(self) -> str:
        """Scheme and host of its own addresses."""
        return f"https://{self.host}"

    @property
    def channels(self) -> dict[ChannelKind, str]:
        """Paths of its channels, by kind; also of those that show nothing."""
        found: dict[ChannelKind, str] = {}
        if self.feed:
            found["feed"] = FEEDS[self.feed]
        if self.news:
            found["news"] = NEWS_SITEMAP
        if self.sitemap:
            found["sitemap"] = ROBOTS if self.sitemap == "declared" else SITEMAP
        if self.rest:
            found["rest"] = REST
        if self.pager:
            found["listing"] = LISTING
        return found


_ZONES = tuple(
    map(
        ZoneInfo,
        ("Europe/London", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Sydney"),
    )
)
_NAMES = ("Courier", "Herald", "Gazette", "Observer", "Chronicle", "Tribune", "Examiner")


def paper(number: int, **habits: object) -> Paper:
    """Return the paper of a number, with its habits."""
    return Paper(
        number=number,
        name=f"paper_{number:02}",
        title=f"The Harbour {_NAMES[number % len(_NAMES)]} {number}",
        host=f"paper-{number:02}.example",
        home=f"https://paper-{number:02}.example/",
        zone=_ZONES[number % len(_ZONES)],
        first_id=100_000 * number,
        authors=("Ines Valdamar", "Oto Brenninck", "Priya Castellane"),
        **habits,  # type: ignore[arg-type]
    )


def _defects(*names: Defect) -> dict[str, object]:
    return {"feed": "rss", "defects": frozenset(names)}


_HABITS: tuple[dict[str, object], ...] = (
    {"form": "dated", "feed": "rss", "news": True, "sitemap": "monthly", "pager": "rel",
     "rest": "open"},
    {"form": "slug", "feed": "atom", "sitemap": "gzipped", "pager": "numbers", "robots": "absent",
     "moved": True},
    {"form": "html", **_defects("undeclared", "no_guid"), "sitemap": "flat", "rest": "403",
     "validators": "etag", "linked_data": False},
    {"form": "number", "feed": "json", "news": True, "pager": "more", "robots": "bom",
     "validators": "none"},
    {"form": "query", "feed": "rdf", "sitemap": "declared", "rest": "open", "gone": True},
    {"form": "dated", **_defects("misdeclared", "tracked"), "sitemap": "numbered", "pager": "words",
     "twins": {"sitemap": "www"}, "robots": "groups"},
    {"form": "slug", **_defects("ampersands", "tracked"), "news": True, "sitemap": "monthly",
     "twins": {"news": "amp"}, "validators": "date", "linked_data": False},
    {"form": "html", "feed": "rss091", "sitemap": "flat", "pager": "paged", "rest": "401",
     "robots": "delay"},
    {"form": "number", "feed": "atom", "defects": frozenset({"relative", "bom"}),
     "sitemap": "gzipped", "twins": {"sitemap": "slash"}, "gone": True},
    {"form": "dated", **_defects("html", "odd_guid"), "pager": "path", "rest": "open",
     "validators": "none", "robots": "absent"},
    {"form": "slug", **_defects("proxied"), "news": True, "sitemap": "flat", "rest": "html",
     "moved": True},
    {"form": "query", "feed": "json", "defects": frozenset({"relative"}), "sitemap": "monthly",
     "pager": "rel", "twins": {"listing": "mobile"}, "linked_data": False},
    {"form": "html", "feed": "rdf", "defects": frozenset({"bom"}), "pager": "numbers",
     "twins": {"feed": "http"}, "validators": "etag", "robots": "bom"},
    {"form": "number", **_defects("truncated", "no_guid"), "sitemap": "declared", "rest": "404",
     "robots": "groups", "gone": True},
    {"form": "dated", "feed": "atom", "defects": frozenset({"tracked"}), "news": True,
     "sitemap": "gzipped", "pager": "words", "moved": True, "linked_data": False},
    {"form": "slug", **_defects("relative", "odd_guid", "bom"), "pager": "paged", "rest": "open",
     "twins": {"listing": "http"}, "validators": "date"},
    {"form": "html", "news": True, "sitemap": "monthly", "pager": "more", "rest": "403",
     "robots": "plain", "gone": True},
    {"form": "dated", "feed": "json", "defects": frozenset({"odd_guid", "tracked"}),
     "sitemap": "flat", "twins": {"feed": "www", "sitemap": "http"}},
    {"form": "query", **_defects("html", "misdeclared"), "sitemap": "numbered", "rest": "open",
     "robots": "absent", "linked_data": False},
    {"form": "slug", "feed": "rdf", "defects": frozenset({"relative"}), "news": True,
     "pager": "path", "twins": {"listing": "slash", "news": "mobile"}, "moved": True},
)  # fmt: skip


def papers(count: int) -> tuple[Paper, ...]:
    """Return the first `count` papers; their habits repeat after 20."""
    return tuple(paper(at + 1, **_HABITS[at % len(_HABITS)]) for at in range(count))
