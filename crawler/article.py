"""`Article`, the one item of this project, and the small values it is made of."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Precision = Literal["day", "minute", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A date as an outlet stated it, and the instant it means."""

    at: datetime
    """The instant, aware, in UTC. A date without a time means its first moment in its zone."""
    text: str
    """The text as printed, e.g. ``November 30, 2024`` or ``2024-11-30T08:15:00+05:00``."""
    offset: str
    """Offset from UTC in force at that instant, as printed or by `zone`, e.g. ``+05:00``."""
    zone: str | None = None
    """The IANA zone that was assumed because the text states none; None where it states one."""
    precision: Precision
    """The smallest unit the text states."""
    source: str
    """Where the text was found: one of the values of `Article.origins`."""
    flags: tuple[str, ...] = ()
    """Doubts, in snake_case: ``ambiguous`` or ``nonexistent`` local time, ``ambiguous_order`` of
    day and month, ``relative`` to the fetch, ``unknown_zone`` (only the day is kept), ``lunar`` (of
    the Islamic calendar: perhaps a day off), ``future``."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that belongs to the story."""

    url: str
    caption: str | None = None


@dataclass(slots=True, kw_only=True)
class Article:
    """One news story, as read from one page of one outlet."""

    outlet: str
    """The spider's name."""
    url: str
    """The story's identity: its canonical address, or else the address it was read from."""
    aliases: list[str] = field(default_factory=list)
    """Other addresses under which the same page was met: short link, feed guid, redirects."""
    title: str = ""
    standfirst: str | None = None
    """The summary an outlet sets apart from the body."""
    authors: list[str] = field(default_factory=list)
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    """BCP 47, as the page states it, else the outlet's."""
    published: Timestamp | None = None
    modified: Timestamp | None = None
    body: str = ""
    """Paragraphs separated by one blank line."""
    credit: str | None = None
    """The agency or desk named as the source, as printed."""
    dateline: str | None = None
    """The place a wire story is filed from, e.g. ``SEOUL``."""
    images: list[Image] = field(default_factory=list)
    word_count: int = 0
    fingerprint: str = ""
    """Hex digest of the title and body with case, spacing and punctuation folded."""
    fetched: datetime
    """When the page was fetched: aware, in UTC."""
    first_seen: datetime
    """When a source first showed the address: aware, in UTC."""
    lead: str = ""
    """The address in the ledger it was read for."""
    sighted_by: list[str] = field(default_factory=list)
    """Keys of the outlet's sources that showed it, e.g. ``feed:/feed``."""
    origins: dict[str, str] = field(default_factory=dict)
    """For each field, where its value came from: ``selector``, ``jsonld``, ``meta``,
    ``microdata`` (or RDFa), ``feed``, ``rest``, ``sitemap``, ``listing``, ``generic``, or
    ``outlet`` (its declaration)."""
    confidence: dict[str, float] = field(default_factory=dict)
    """For each field of `origins`, how likely it is right, 0 to 1: the share of real pages on which
    a value of that origin was, confirmed by another or not."""
    flags: list[str] = field(default_factory=list)
    """Doubts about the whole article, in snake_case, e.g. ``no_date``."""
    page: str | None = None
    """SHA-256 of the page as fetched: the ``_id`` in the ``pages`` collection."""
    charset: str | None = None
    """The character encoding HTTP declared for the page, if any."""
    markup: bytes = b""
    """The page as fetched; kept in ``pages``, not in the stored article."""


NOT_STORED = frozenset({"markup"})
"""Fields that are kept elsewhere than in the stored article."""


def fields_of(article: Article) -> dict[str, Any]:
    """The article as it is stored and exported: plain values under its fields' names."""
    return {name: value for name, value in asdict(article).items() if name not in NOT_STORED}


def iso(value: Any) -> Any:
    """The same plain value with every date as text in ISO 8601."""
    if isinstance(value, dict):
        return {name: iso(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [iso(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
