"""`Sitemap` and `NewsSitemap`: sitemaps.org's protocol, and Google's extension for news."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from operator import itemgetter
from typing import ClassVar
from urllib.parse import urlsplit

from lxml import etree

from crawler.errors import UnreadableSource
from crawler.lead import Lead, Origin
from crawler.sources.base import Answer, Sheet, Source, address

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

    With the path ``/robots.txt`` it is all those that the site declares there.
    """

    path: str = "/sitemap.xml"
    kind: ClassVar[str] = "sitemap"
    origin: ClassVar[Origin] = "sitemap"
    deep: ClassVar[bool] = True
    newest: int = field(default=500, kw_only=True)
    """How many addresses of one file, newest first, a run without ``since`` takes."""

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one file, element by element."""
        if declared := _declared(answer):
            return Sheet(children=declared, undated=len(declared))
        entries: list[dict[str, str]] = []
        children: list[dict[str, str]] = []
        for name, entry in _sitemap_entries(answer):
            if not (since and _is_older(entry.get("lastmod", ""), since)):
                (children if name == "sitemap" else entries).append(entry)
        entries, children = _newest_first(entries), _newest_first(children)
        if not since:
            entries = entries[: self.newest]
        leads = (lead for entry in entries for lead in self._entry_lead(entry, answer.url))
        named = [(address(child["loc"], answer.url), child) for child in children]
        return Sheet(
            leads=tuple(leads),
            children=tuple(url for url, _ in named if url),
            undated=sum("lastmod" not in child for url, child in named if url),
        )

    def _entry_lead(self, entry: dict[str, str], base: str) -> Iterator[Lead]:
        return self.lead(entry["loc"], base, modified=entry.get("lastmod"))


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news extension: the stories of the last two days."""

    path: str = "/news-sitemap.xml"
    kind: ClassVar[str] = "news-sitemap"
    deep: ClassVar[bool] = False

    def _entry_lead(self, entry: dict[str, str], base: str) -> Iterator[Lead]:
        return self.lead(
            entry["loc"],
            base,
            title=entry.get("title"),
            published=entry.get("publication_date"),
            modified=entry.get("lastmod"),
            tags=tuple(word.strip() for word in entry.get("keywords", "").split(",") if word),
        )


def _declared(answer: Answer) -> tuple[str, ...]:
    """The sitemaps that a robots.txt declares (sitemaps.org, "Specifying the Sitemap location")."""
    if not urlsplit(answer.url).path.endswith("/robots.txt"):
        return ()
    found = DECLARATION.findall(answer.body[:MAX_ROBOTS].decode(errors="replace"))
    named = tuple(dict.fromkeys(filter(None, (address(url, answer.url) for url in found))))
    if not named:
        raise UnreadableSource("no_sitemap_declared", f"{answer.url} declares no sitemap.")
    return named


def _newest_first(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    """Entries by when they changed; of those that do not say, either end may be the new one."""
    dated = [entry for entry in entries if "lastmod" in entry]
    others = [entry for entry in entries if "lastmod" not in entry]
    ends = [entry for pair in zip(reversed(others), others, strict=True) for entry in pair]
    return sorted(dated, key=itemgetter("lastmod"), reverse=True) + ends[: len(others)]


def _is_older(lastmod: str, since: datetime) -> bool:
    """Whether a W3C date, perhaps a mere year or month, lies before `since` in any zone."""
    bound = f"{since.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}"
    return lastmod[:10] < bound[: len(lastmod)]


def _sitemap_entries(answer: Answer) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``("url" | "sitemap", {element: text})`` for each entry, in document order."""
    found = False
    count = 0
    elements = etree.iterparse(
        BytesIO(_gunzipped(answer)),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
    )
    try:
        for _, element in elements:
            found = True
            texts = {
                etree.QName(node).localname: node.text.strip()
                for node in element.iterdescendants("*")
                if node.text and node.text.strip()
            }
            if "loc" in texts:
                yield etree.QName(element).localname, texts
                count += 1
            element.clear()
            if count >= MAX_ENTRIES:
                return
    except etree.XMLSyntaxError:
        if not found:
            raise UnreadableSource("not_a_sitemap", f"{answer.url} is not a sitemap.") from None
    root = elements.root
    if not found and (
        root is None or etree.QName(root).localname not in ("urlset", "sitemapindex")
    ):
        raise UnreadableSource("not_a_sitemap", f"{answer.url} is not a sitemap.")


def _gunzipped(answer: Answer) -> bytes:
    """The body, decompressed where it is a gzip file by its magic number (RFC 1952)."""
    if answer.body[:2] != b"\x1f\x8b":
        return answer.body
    try:
        body = gzip.GzipFile(fileobj=BytesIO(answer.body)).read(MAX_SITEMAP_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableSource("bad_gzip", f"{answer.url} is a damaged gzip file.") from None
    if len(body) > MAX_SITEMAP_BYTES:
        raise UnreadableSource("too_large", f"{answer.url} unpacks to more than 50 MiB.")
    return body
