"""Outlets that cannot work, each for a reason of its own."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.outlet import Selectors
from crawler.sources import Feed, Listing, Sitemap, Source, WordPress
from crawler.spider import OutletSpider
from crawler.store.ledger import LedgerEntry


class Faulty(OutletSpider):
    """Asian Lite, to be broken."""

    name = "faulty"
    title = "Faulty"
    home = "https://asianlite.com/"
    language = "en"
    timezone = "Europe/London"
    schedule = "0 * * * *"
    sources: ClassVar[tuple[Source, ...]] = (Feed("/feed"),)
    stories = r"/\d{4}/[\w-]+/[^/?]+$"


class Raising(Faulty):
    """Every callback raises."""

    name = "raising"

    async def start(self) -> AsyncIterator[Any]:
        async for found in super().start():
            is_story = isinstance(found, Request) and "entry" in found.cb_kwargs
            yield found.replace(callback=self.fail) if is_story else found

    def fail(self, response: Response, entry: LedgerEntry) -> None:
        raise LookupError("on purpose")


class Nowhere(Faulty):
    """Its host does not exist (RFC 6761, ``invalid``)."""

    name = "nowhere"
    home = "https://nowhere.invalid/"


class Blind(Faulty):
    """Its selector of links finds nothing."""

    name = "blind"
    sources = (Listing("/category/top-news", links=".renamed a"),)


class Inward(Faulty):
    """It leads into our own network."""

    name = "inward"
    home = "http://127.0.0.1:9/"


class Listed(Faulty):
    """Asian Lite by its listing alone."""

    name = "listed"
    page = Selectors(published=".single56__header .meta56__date::attr(title)")
    sources = (
        Listing(
            "/category/top-news",
            links="#wi-main article.post56 .title56 a",
            next=".pagination56 a.next",
        ),
    )


class Doubled(Faulty):
    """Asian Lite by a feed and its listing: what one misses, the other shows."""

    name = "doubled"
    sources = (Feed("/feed"), *Listed.sources)


class Mapped(Faulty):
    """Asian Lite by the sitemaps that it declares."""

    name = "mapped"
    sources = (Sitemap("/robots.txt", pages=2),)


class Narrow(Faulty):
    """Asian Lite's top news alone; as `Faulty` it takes more."""

    name = "narrow"
    stories = r"/2024/top-news/[^/?]+$"


class Charted(Faulty):
    """Asian Lite by a feed and its sitemaps, whose index has no dates."""

    name = "charted"
    sources = (Feed("/feed"), Sitemap("/wp-sitemap.xml"))


class Posts(Faulty):
    """Asian Lite by its posts alone."""

    name = "posts"
    sources = (WordPress(),)


class Numbered(Faulty):
    """Asian Lite by the numbers of its listing's pages, however many there are."""

    name = "numbered"
    sources = (Listing("/category/top-news", more="/category/top-news/page/{page}", pages=50),)
