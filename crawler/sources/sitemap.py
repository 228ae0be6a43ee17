"""`Sitemap` and `NewsSitemap`: sitemaps.org's protocol, and Google's extension for news."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from crawler.errors import UnreadableSource
from crawler.lead import Lead, LeadOrigin
from crawler.sources.base import PassedOver, Source, SourceListing, SourceResponse
from crawler.sources.feed import Feed
from crawler.sources.lastmod import Span, read_lastmod
from crawler.text.urls import address

MAX_ENTRIES = 50_000
"""The protocol's limit on the addresses in one file; a file with more is read in parts."""
MAX_ROBOTS = 512 * 1024
"""Bytes of a robots.txt that are looked at."""
_NUMBER = re.compile(r"\d{1,18}")
NEVER = datetime.min.replace(tzinfo=UTC)
MAX_SERIES = 20
"""Series of sitemaps in an index without dates of which the newest are looked for."""
MIN_ALIKE = 3
"""Entries that change at one instant only where their dates are no dates of change."""
DECLARATION = re.compile(
    r"^[ \t]*site-?map(?:[ \t]*:[ \t]*|[ \t]+)(\S{1,2000})", re.IGNORECASE | re.MULTILINE
)


class _Entry(NamedTuple):
    """An entry of a file."""

    stated: dict[str, str] | Lead
    """What it states; a feed's parser has made a lead of it."""
    is_child: bool
    """Whether it is a sitemap of an index."""
    changed: Span | None

    @property
    def address(self) -> str:
        """Its address, as printed."""
        return self.stated.url if isinstance(self.stated, Lead) else self.stated["loc"]


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of them (sitemaps.org): XML, text, RSS or Atom, plain or gzipped.

    With the path ``/robots.txt`` it reads all sitemaps that the site declares there.
    """

    path: str = "/sitemap.xml"
    kind: ClassVar[str] = "sitemap"
    origin: ClassVar[LeadOrigin] = "sitemap"
    deep: ClassVar[bool] = True
    entries_a_part: ClassVar[int] = MAX_ENTRIES
    newest: int = field(default=500, kw_only=True)
    """The number of addresses of one file, newest first, that a run without ``since`` takes; of one
    that has more entries than the protocol allows, of each 50,000."""
    doubtful: bool = field(default=False, kw_only=True)
    """Whether these are taken even where they have not changed since ``since``."""

    def unpacked(self, response: SourceResponse) -> bytes:
        """Return the body without its compression, where it may be read in parts."""
        from crawler.sources import sitemap_parser  # noqa: PLC0415 - only workers read

        is_long = sitemap_parser.count_entries(response) > self.entries_a_part
        return sitemap_parser.unpack(response) if is_long else response.body

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one file, element by element."""
        if declared := _declared(response):
            return SourceListing(children=declared, undated=len(declared))
        passed_over = PassedOver()
        found = list(self._entries(response, passed_over))
        places = {} if self.deep else {id(entry.stated): at for at, entry in enumerate(found)}
        entries = _newest_first(found)
        children = [entry for entry in entries if entry.is_child]
        stories = [entry for entry in entries if not entry.is_child]
        wanted, older = _divided(stories, since, in_part=response.is_part)
        del entries, found, stories  # `_leads` frees each
        if not since and (rest := wanted[self.newest :]):
            passed_over.add("beyond_newest", rest[0].address, len(rest))
            del wanted[self.newest :]
        if self.doubtful and (count := max(0, self.newest - len(wanted))):
            wanted, older = [*wanted, *older[:count]], older[count:]
        if older:
            passed_over.add("older", older[0].address, len(older))
        if places:  # like a feed, it stays in its own order
            wanted.sort(key=lambda entry: places[id(entry.stated)])
        changed, unchanged = _divided(children, since)
        if not since and len({entry.changed for entry in changed}) == 1 < len(changed):
            changed = [entry._replace(changed=None) for entry in changed]  # none is the newest
        return SourceListing(
            leads=tuple(self._leads(wanted, response.url, passed_over)),
            passed_over=passed_over,
            children=tuple(entry.address for entry in changed),
            unchanged=tuple(entry.address for entry in unchanged),
            undated=sum(not entry.changed for entry in changed),
        )

    def _entries(self, response: SourceResponse, passed_over: PassedOver) -> Iterator[_Entry]:
        # Imported late: only workers read.
        from crawler.sources import sitemap_parser  # noqa: PLC0415

        latest = datetime.now(UTC) + timedelta(days=1)  # in any zone
        if sitemap_parser.is_feed(response):
            listing = Feed().read(replace(response, body=sitemap_parser.unpack(response)))
            passed_over.update(listing.passed_over)
            for lead in listing.leads:
                changed = read_lastmod(lead.modified or lead.published or "", latest)
                yield _Entry(replace(lead, origin=self.origin), False, changed)
            return
        for kind, stated in sitemap_parser.read_entries(response):
            if kind == "cut_off" or "loc" not in stated:
                example = stated.get("loc") or stated.get("title", "")
                passed_over.add("cut_off" if kind == "cut_off" else "no_address", example)
                continue
            changed = read_lastmod(stated.get("lastmod", ""), latest)
            published = read_lastmod(stated.get("publication_date", ""), latest)
            if published:  # alone it does not say that nothing changed since
                changed = max(changed, published) if changed else (published[0], latest)
            if kind == "url":
                yield _Entry(stated, False, changed)
            else:
                for child in self.lead(stated["loc"], response.url, passed_over):
                    yield _Entry(child, True, changed)

    def _leads(self, entries: list[_Entry], base: str, passed_over: PassedOver) -> Iterator[Lead]:
        entries.reverse()
        while entries:
            entry = entries.pop()
            if isinstance(entry.stated, Lead):
                yield entry.stated
            else:
                fields = self._fields(entry.stated)
                yield from self.lead(entry.stated["loc"], base, passed_over, **fields)

    def _fields(self, entry: dict[str, str]) -> dict[str, Any]:
        """Return what a lead has of an entry beside its address."""
        return {"modified": entry.get("lastmod")}


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news extension: the stories of the last two days."""

    path: str = "/news-sitemap.xml"
    kind: ClassVar[str] = "news-sitemap"
    deep: ClassVar[bool] = False

    def _fields(self, entry: dict[str, str]) -> dict[str, Any]:
        return {
            "title": entry.get("title"),
            "published": entry.get("publication_date"),
            "modified": entry.get("lastmod"),
            "tags": tuple(word.strip() for word in entry.get("keywords", "").split(",") if word),
        }


def ends_of_series(urls: Iterable[str], count: int) -> list[str]:
    """Return the sitemaps that may be the newest of their series, so many of each end.

    Those of a series differ in their numbers alone (``posts-1.xml``, ``2026-11.xml``): the highest
    is the newest, or the lowest.
    """
    series: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        series[_NUMBER.sub("", url)].append(url)
    ends: list[str] = []
    for members in islice(series.values(), MAX_SERIES):
        members.sort(key=lambda url: [int(number) for number in _NUMBER.findall(url)])
        ends += members[: -count - 1 : -1] + members[:count]
    return list(dict.fromkeys(ends))


def _declared(response: SourceResponse) -> tuple[str, ...]:
    """Return the sitemaps of a robots.txt (sitemaps.org, "Specifying the Sitemap location")."""
    if not urlsplit(response.url).path.endswith("/robots.txt"):
        return ()
    from crawler.extract.encoding import decode  # noqa: PLC0415 - only workers read

    lines = decode(response.body[:MAX_ROBOTS], response.encoding).splitlines()
    found = DECLARATION.findall("\n".join(lines))
    named = tuple(dict.fromkeys(filter(None, (address(url, response.url) for url in found))))
    if not named:
        raise UnreadableSource("no_sitemap_declared", f"{response.url} declares no sitemap.")
    return named


def _newest_first(found: list[_Entry]) -> list[_Entry]:
    """Sort entries by their date of change, the last that it may mean.

    Of those without one, or with one and the same, either end of the file may be the newest.
    """
    ends = list(islice(chain.from_iterable(zip(reversed(found), found, strict=True)), len(found)))
    ends.sort(key=lambda entry: entry.changed[1] if entry.changed else NEVER, reverse=True)
    return ends


def _divided(
    entries: list[_Entry], since: datetime | None, *, in_part: bool = False
) -> tuple[list[_Entry], list[_Entry]]:
    """Divide entries into those that may have changed since an instant, and older ones.

    A part of a file may well have one date alone.
    """
    if not since:
        return entries, []
    wanted = [entry for entry in entries if not entry.changed or entry.changed[1] >= since]
    older = [entry for entry in entries if entry.changed and entry.changed[1] < since]
    if not (in_part or any(entry.changed for entry in wanted)) and _tell_nothing(older):
        return wanted + [entry._replace(changed=None) for entry in older], []
    return wanted, older


def _tell_nothing(entries: list[_Entry]) -> bool:
    """Tell whether the dates of change are all the same, and not that of an archive's one day."""
    spans = {entry.changed for entry in entries}
    years = {str(span[1].year) for span in spans if span}
    is_archive = all(year in entry.address for year in years for entry in entries)
    return len(entries) >= MIN_ALIKE and len(spans) == 1 and not is_archive
