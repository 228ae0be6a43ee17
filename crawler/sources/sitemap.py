"""`Sitemap` and `NewsSitemap`: sitemaps.org's protocol, and Google's extension for news."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from operator import attrgetter, itemgetter
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

from lxml import etree

from crawler.errors import UnreadableSource
from crawler.lead import Lead, LeadOrigin
from crawler.sources.base import PassedOver, Source, SourceListing, SourceResponse
from crawler.text.urls import address

T = TypeVar("T")

GZIP = b"\x1f\x8b"
"""The magic number of gzip files (RFC 1952)."""
MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""The protocol's limit on one uncompressed file."""
MAX_ENTRIES = 50_000
"""The protocol's limit on the addresses in one file."""
MAX_ROBOTS = 512 * 1024
"""Bytes of a robots.txt that are looked at."""
DECLARATION = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of them (sitemaps.org), plain or gzipped.

    With the path ``/robots.txt`` it reads all sitemaps that the site declares there.
    """

    path: str = "/sitemap.xml"
    kind: ClassVar[str] = "sitemap"
    origin: ClassVar[LeadOrigin] = "sitemap"
    deep: ClassVar[bool] = True
    newest: int = field(default=500, kw_only=True)
    """The number of addresses of one file, newest first, that a run without ``since`` takes."""

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one file, element by element."""
        if declared := _declared(response):
            return SourceListing(children=declared, undated=len(declared))
        leads: list[Lead] = []
        passed_over = PassedOver()
        children: list[tuple[str, str | None]] = []
        # The first day, as W3C dates have it, that is not over in every zone before `since`.
        bound = f"{since.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}" if since else ""
        for name, entry in _sitemap_entries(response):
            lastmod = entry.get("lastmod")
            # It may be a mere year or month.
            if lastmod and lastmod[:10] < bound[: len(lastmod)]:
                if name == "url":
                    passed_over.add("older", entry.get("loc", ""))
            elif name == "url":
                leads.extend(self._entry_lead(entry, response.url, passed_over))
            elif child := address(entry.get("loc", ""), response.url):
                children.append((child, lastmod))
        leads = _newest_first(leads, attrgetter("modified"))
        children = _newest_first(children, itemgetter(1))
        if not since and (rest := leads[self.newest :]):
            passed_over.add("beyond_newest", rest[0].url, len(rest))
            del leads[self.newest :]
        return SourceListing(
            leads=tuple(leads),
            passed_over=passed_over,
            children=tuple(child for child, _ in children),
            undated=sum(lastmod is None for _, lastmod in children),
        )

    def _entry_lead(
        self, entry: dict[str, str], base: str, passed_over: PassedOver
    ) -> Iterator[Lead]:
        return self.lead(entry.get("loc"), base, passed_over, modified=entry.get("lastmod"))


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news extension: the stories of the last two days."""

    path: str = "/news-sitemap.xml"
    kind: ClassVar[str] = "news-sitemap"
    deep: ClassVar[bool] = False

    def _entry_lead(
        self, entry: dict[str, str], base: str, passed_over: PassedOver
    ) -> Iterator[Lead]:
        return self.lead(
            entry.get("loc"),
            base,
            passed_over,
            title=entry.get("title"),
            published=entry.get("publication_date"),
            modified=entry.get("lastmod"),
            tags=tuple(word.strip() for word in entry.get("keywords", "").split(",") if word),
        )


def _declared(response: SourceResponse) -> tuple[str, ...]:
    """Return the sitemaps of a robots.txt (sitemaps.org, "Specifying the Sitemap location")."""
    if not urlsplit(response.url).path.endswith("/robots.txt"):
        return ()
    found = DECLARATION.findall(response.body[:MAX_ROBOTS].decode(errors="replace"))
    named = tuple(dict.fromkeys(filter(None, (address(url, response.url) for url in found))))
    if not named:
        raise UnreadableSource("no_sitemap_declared", f"{response.url} declares no sitemap.")
    return named


def _newest_first(entries: list[T], changed: Callable[[T], str | None]) -> list[T]:
    """Sort entries by their date of change; of those without one either end may be the newest."""
    dated = [entry for entry in entries if changed(entry)]
    others = [entry for entry in entries if not changed(entry)]
    ends = [entry for pair in zip(reversed(others), others, strict=True) for entry in pair]
    newest = sorted(dated, key=lambda entry: changed(entry) or "", reverse=True)
    return newest + ends[: len(others)]


def _sitemap_entries(response: SourceResponse) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``("url" | "sitemap", {element: text})`` for each entry, in document order."""
    found = False
    count = 0
    elements = etree.iterparse(
        _GzipReader(response) if response.body[:2] == GZIP else BytesIO(response.body),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
    )
    try:
        for _, element in elements:
            found = True
            texts = {
                _name(node): node.text.strip()
                for node in element.iterdescendants("*")
                if node.text and node.text.strip()
            }
            yield _name(element), texts
            count += 1
            _free(element)
            if count >= MAX_ENTRIES:
                return
    except etree.XMLSyntaxError:
        if not found:
            raise UnreadableSource("not_a_sitemap", f"{response.url} is not a sitemap.") from None
    root = elements.root
    if not found and (root is None or _name(root) not in ("urlset", "sitemapindex")):
        raise UnreadableSource("not_a_sitemap", f"{response.url} is not a sitemap.")


def _name(element: etree._Element) -> str:
    """Return the local name; `etree.QName` takes ten times as long."""
    return element.tag.rpartition("}")[2]


def _free(element: etree._Element) -> None:
    """Free an element that was read, and all before it: even empty ones add up."""
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


class _GzipReader:
    """A gzip file that is unpacked piece by piece, as the parser reads it."""

    def __init__(self, response: SourceResponse) -> None:
        self._url = response.url
        self._file = gzip.GzipFile(fileobj=BytesIO(response.body))

    def read(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            UnreadableSource: the file is damaged, or too large.
        """
        try:
            piece = self._file.read(size)
        except (OSError, EOFError, zlib.error):
            raise UnreadableSource("bad_gzip", f"{self._url} is a damaged gzip file.") from None
        if self._file.tell() > MAX_SITEMAP_BYTES:
            raise UnreadableSource("too_large", f"{self._url} unpacks to more than 50 MiB.")
        return piece
