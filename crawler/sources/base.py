"""The base class of all sources, and the plain data that goes in and out of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from crawler.errors import UnreadableSource
from crawler.lead import Lead, LeadOrigin
from crawler.text.parts import part_of
from crawler.text.tidy import tidy
from crawler.text.urls import MAX_ADDRESS, address

MAX_TEXT = 500
"""Characters kept of each text in a source."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResponse:
    """One successful HTTP response to a request for a page of a source."""

    url: str
    body: bytes
    encoding: str | None = None
    """The charset HTTP declared, if any."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header names in lower case."""
    stories: str | None = None
    """The outlet's pattern of story addresses; None where there is no declared outlet."""
    is_part: bool = False
    """Whether the body holds a part of what was answered."""


@dataclass(slots=True)
class PassedOver:
    """The entries of a source that made no lead: how many for each reason, and an example each."""

    counts: Counter[str] = field(default_factory=Counter)
    """By reason, in snake_case (`crawler.monitor.causes_and_reasons`)."""
    examples: dict[str, str] = field(default_factory=dict)
    """An address, or a title where there is none, by reason."""

    def add(self, reason: str, example: str = "", count: int = 1) -> None:
        """Count entries that are passed over for one reason."""
        self.counts[reason] += count
        if reason not in self.examples:
            self.examples[reason] = _cleaned(example)

    def update(self, other: "PassedOver") -> None:
        """Count what `other` has counted, too."""
        for reason, count in other.counts.items():
            self.add(reason, other.examples[reason], count)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceListing:
    """The leads one response showed, and the pages it leads on to."""

    leads: tuple[Lead, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    """The entries that are no leads: every entry is either."""
    older: str | None = None
    """Address of the page with the next older entries."""
    may_be_last: bool = False
    """Whether nothing tells that there is a page at `older`, unless this one is as long as others.
    """
    children: tuple[str, ...] = ()
    """Sitemaps an index names: those with a date of change, newest first, then the others."""
    unchanged: tuple[str, ...] = ()
    """Other sitemaps it names: by their dates they have not changed since the time asked for."""
    undated: int = 0
    """The number of `children` without a date of change."""
    parts: int = 1
    """How many parts the response is read in, of which this is one."""
    total: int | None = None
    """Stories the source has in all for this query; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Source:
    """The base class of all sources. `path` is relative to the outlet's home, or absolute."""

    path: str
    kind: ClassVar[str]
    origin: ClassVar[LeadOrigin]
    deep: ClassVar[bool] = False
    """It shows all stories there are, and when each changed."""
    entries_a_part: ClassVar[int] = 0
    """Entries that are read at a time of a response with many; 0: it is read as a whole."""
    pages: int = field(default=1, kw_only=True)
    """The number of pages (or sitemaps of an index) that an outlet's first run reads. Later runs
    read on until they overlap with the last poll, and a run with ``since`` until that instant."""

    @property
    def key(self) -> str:
        """Name of this source in the ledger and in run documents."""
        return f"{self.kind}:{self.path}"

    def start(self, home: str, since: datetime | None, until: datetime | None) -> str:
        """Return the first address to read."""
        return urljoin(home, self.path)

    def less(self, url: str) -> str:
        """Return the address that asks for no more entries than a site gives by itself."""
        return url

    def unpacked(self, response: SourceResponse) -> bytes:
        """Return the body without its compression, where it may be read in parts."""
        return response.body

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one response.

        Raises:
            UnreadableSource: it is not what this source reads.
        """
        raise NotImplementedError

    def lead(
        self, url: object, base: str, passed_over: PassedOver, **stated: Any
    ) -> Iterator[Lead]:
        """Yield one lead; where `url` is not a web address none, which `passed_over` counts."""
        stated = {name: _cleaned(value) for name, value in stated.items()}
        aliases = (address(alias) for alias in stated.pop("aliases", ()))
        if not isinstance(url, str) or not url.strip():
            passed_over.add("no_address", stated.get("title") or "")
        elif found := address(url, base):
            others = tuple(alias for alias in aliases if alias and alias != found)
            yield Lead(url=found, origin=self.origin, aliases=others, **stated)
        else:
            passed_over.add("too_long" if len(url) > MAX_ADDRESS else "bad_address", url)


def read_source_response(
    source: Source, response: SourceResponse, since: datetime | None, zone: str
) -> SourceListing:
    """Read one response of `source` as a whole, however long that takes: see `read_part`."""
    first = read_part(source, response, since, zone)
    numbers = range(1, first.parts)
    return join([first, *(read_part(source, response, since, zone, part=n) for n in numbers)])


def join(parts: Sequence[SourceListing]) -> SourceListing:
    """Return all that the parts of a response show, newest stories first."""
    whole, *others = parts
    if not others:
        return whole
    leads = [lead for part in parts for lead in part.leads]
    leads.sort(key=lambda lead: lead.at or _NEVER, reverse=True)
    for part in others:
        whole.passed_over.update(part.passed_over)
    return replace(
        whole,
        leads=tuple(leads),
        children=tuple(child for part in parts for child in part.children),
        unchanged=tuple(child for part in parts for child in part.unchanged),
        undated=sum(part.undated for part in parts),
    )


def read_part(
    source: Source, response: SourceResponse, since: datetime | None, zone: str, *, part: int = 0
) -> SourceListing:
    """Read a part of one response of `source`, with its dates as instants in `zone` (IANA).

    Raises:
        UnreadableSource: it is not what `source` reads.
    """
    parts = 1
    try:
        if source.entries_a_part:
            cut, parts = part_of(source.unpacked(response), part, source.entries_a_part)
            response = replace(response, body=cut, is_part=True) if parts > 1 else response
            del cut  # a packed body is unpacked piece by piece as it is read
        listing = source.read(response, since)
    except (UnreadableSource, MemoryError):
        raise
    except Exception as error:
        # A hostile or broken response can make a parser raise anything.
        name = type(error).__name__
        raise UnreadableSource(f"malformed_{name}", f"{response.url} breaks its parser.") from error
    from crawler.text.dates.parser import read_date  # noqa: PLC0415 - only workers read

    now = datetime.now(UTC)

    def dated(lead: Lead) -> Lead:
        if not lead.published:
            return lead
        date = read_date(lead.published, zone=zone, source=lead.origin, now=now)
        return replace(lead, at=date.at) if date else lead

    return replace(listing, leads=tuple(map(dated, listing.leads)), parts=parts)


def _cleaned(value: Any) -> Any:
    """Shorten a text, or each of a tuple of texts, and make it clean Unicode."""
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value[:100])
    return tidy(value[:MAX_TEXT]) if isinstance(value, str) else value
