"""`Lead`: an address that may be a story, with what its source said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.article import Image

LeadOrigin = Literal["feed", "rest", "sitemap", "listing"]
LeadState = Literal["pending", "stored", "skipped", "failed", "gone"]
"""What has become of a lead so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContent:
    """A whole story as its source delivers it."""

    html: str
    """Its body."""
    standfirst: str | None = None
    image: Image | None = None
    """The picture that stands above the body; its address as delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One sighting of an address in a source.

    All but `url`, `origin` and `content` is what the source stated, as printed; extraction uses it
    last.
    """

    url: str
    """Absolute and normalised (`crawler.text.urls.normalise`)."""
    origin: LeadOrigin
    aliases: tuple[str, ...] = ()
    """Other addresses of the same story, e.g. a feed's guid that is an address."""
    title: str | None = None
    published: str | None = None
    at: datetime | None = None
    """The instant `published` means, aware, in UTC; see `read_source_response`."""
    modified: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    content: SourceContent | None = None
    """The story itself, where all of it is there. The ledger does not keep it: a later run fetches
    the page."""
