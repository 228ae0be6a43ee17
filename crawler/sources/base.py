"""What all sources have in common, and the plain data that goes in and out of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from crawler.errors import UnreadableSource
from crawler.lead import Lead, LeadOrigin
from crawler.text.dates.parser import read_date
from crawler.text.tidy import tidy
from crawler.text.urls import address

MAX_STATED = 500
"""Characters kept of anything a source states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResponse:
    """One successful HTTP answer to a source's address."""

    url: str
    body: bytes
    encoding: str | None = None
    """The charset HTTP declared, if any."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header names in lower case."""
    stories: str | None = None
    """The outlet's pattern of stories, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceListing:
    """What one answer showed."""

    leads: tuple[Lead, ...] = ()
    older: str | None = None
    """Address of the page with the next older entries."""
    children: tuple[str, ...] = ()
    """Sitemaps an index names: those that say when they changed, newest first, then the others."""
    undated: int = 0
    """How many of `children` do not say when they changed."""
    total: int | None = None
    """Stories that the source has in all for what it was asked; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Source:
    """The base of all sources. `path` is relative to the outlet's home, or absolute."""

    path: str
    kind: ClassVar[str]
    origin: ClassVar[LeadOrigin]
    deep: ClassVar[bool] = False
    """It shows all there is, and when it changed."""
    pages: int = field(default=1, kw_only=True)
    """How many pages (or sitemaps of an index) an outlet's first run reads; later runs read on
    until they meet known ground, and a run with ``since`` until they reach it."""

    @property
    def key(self) -> str:
        """Name of this source in the ledger and in run documents."""
        return f"{self.kind}:{self.path}"

    def start(self, home: str, since: datetime | None, until: datetime | None) -> str:
        """The first address to read."""
        return urljoin(home, self.path)

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one answer.

        Raises:
            UnreadableSource: it is not what this source reads.
        """
        raise NotImplementedError

    def lead(self, url: object, base: str, **stated: Any) -> Iterator[Lead]:
        """One lead, or none where the address is no web address."""
        if not isinstance(url, str) or not url:
            return
        stated = {name: _stated(value) for name, value in stated.items()}
        aliases = (address(alias) for alias in stated.pop("aliases", ()))
        if found := address(url, base):
            others = tuple(alias for alias in aliases if alias and alias != found)
            yield Lead(url=found, origin=self.origin, aliases=others, **stated)


def read_source_response(
    source: Source, response: SourceResponse, since: datetime | None, zone: str
) -> SourceListing:
    """Read one answer of `source`, and what its dates mean in the outlet's `zone` (IANA).

    Raises:
        UnreadableSource: it is not what `source` reads.
    """
    try:
        listing = source.read(response, since)
    except (UnreadableSource, MemoryError):
        raise
    except Exception as error:
        # What a hostile or broken answer can do to a parser is without end.
        name = type(error).__name__
        raise UnreadableSource(f"malformed_{name}", f"{response.url} breaks its parser.") from error
    now = datetime.now(UTC)

    def dated(lead: Lead) -> Lead:
        if not lead.published:
            return lead
        date = read_date(lead.published, zone=zone, source=lead.origin, now=now)
        return replace(lead, at=date.at) if date else lead

    return replace(listing, leads=tuple(map(dated, listing.leads)))


def _stated(value: Any) -> Any:
    """What a source states, short and in clean Unicode: texts, and tuples of them."""
    if isinstance(value, tuple):
        return tuple(_stated(item) for item in value[:100])
    return tidy(value[:MAX_STATED]) if isinstance(value, str) else value
