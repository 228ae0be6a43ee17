"""Sources, where an outlet shows its stories: feeds, sitemaps, listings and the WordPress API.

A source knows its first address and how to read one response to it into leads. It fetches nothing
and keeps no state. `read` runs in a worker process, so sources and listings are plain data.
"""

from crawler.sources.base import (
    PassedOver,
    Source,
    SourceListing,
    SourceResponse,
    join,
    read_part,
    read_source_response,
)
from crawler.sources.feed import Feed
from crawler.sources.listing import Listing
from crawler.sources.sitemap import NewsSitemap, Sitemap
from crawler.sources.wordpress import WordPress

__all__ = [
    "Feed",
    "Listing",
    "NewsSitemap",
    "PassedOver",
    "Sitemap",
    "Source",
    "SourceListing",
    "SourceResponse",
    "WordPress",
    "join",
    "read_part",
    "read_source_response",
]
