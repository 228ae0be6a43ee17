"""`Lead`: an address that may be a story, with what its source stated of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.article import Image

LeadOrigin = Literal["feed", "rest", "sitemap", "listing"]
"""The kind of source that showed a lead."""
LeadState = Literal["pending", "stored", "skipped", "failed", "gone"]
"""The state of a lead in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContent:
    """A whole story, as its source delivered it."""

    html: str
    """Its body."""
    standfirst: str | None = None
    image: Image | None = None
    """The picture that stands above the body; its address as delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address that may be a story, as one source showed it.

    All fields but `url`, `origin`, `at` and `content` are as the source printed them; extraction
    trusts them least.
    """

    url: str
    """Absolute and normalised (`crawler.text.urls.normalise`)."""
    origin: LeadOrigin
    aliases: tuple[str, ...] = ()
    """Other addresses of the same story, e.g. a feed's guid that is an address."""
    guid: str | None = None
    """What the feed calls this story and no other."""
    title: str | None = None
    published: str | None = None
    at: datetime | None = None
    """The instant that `published` means, aware, in UTC; set by `read_source_response`."""
    modified: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    content: SourceContent | None = None
    """The story itself, where the source delivers all of it. The ledger does not keep it: a later
    run fetches the page."""
