"""`Lead`: an address that may be a story, with what its source said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Origin = Literal["feed", "rest", "sitemap", "listing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One sighting of an address in a source.

    All but `url` and `origin` is what the source stated, as printed; extraction uses it last.
    """

    url: str
    """Absolute and normalised (`crawler.text.urls.normalise`)."""
    origin: Origin
    aliases: tuple[str, ...] = ()
    """Other addresses of the same story, e.g. a feed's guid that is an address."""
    title: str | None = None
    published: str | None = None
    at: datetime | None = None
    """The instant `published` means, aware, in UTC; read by `crawler.sources.read_sheet`."""
    modified: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
