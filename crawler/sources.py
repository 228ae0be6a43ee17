"""Where an outlet shows its stories: values that read one answer into leads.

A source knows its first address and how to read what comes back; it fetches nothing and keeps no
state. `read` runs in a worker process, so sources and what they return are plain data.
"""

import gzip
import html
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import urljoin

import feedparser
from lxml import etree
from parsel import Selector
from w3lib.url import add_or_replace_parameters

from crawler.errors import UnreadableSource
from crawler.extract.encoding import decode
from crawler.lead import Lead, Origin
from crawler.text.dates import read_date
from crawler.text.urls import normalise

MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""The limit of sitemaps.org's protocol on one uncompressed file."""
MAX_ENTRIES = 50_000
"""The same protocol's limit on the addresses in one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One successful HTTP answer to a source's address."""

    url: str
    body: bytes
    encoding: str | None = None
    """The charset HTTP declared, if any."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one answer showed."""

    leads: tuple[Lead, ...] = ()
    older: str | None = None
    """Address of the page with the next older entries."""
    children: tuple[str, ...] = ()
    """Sitemaps an index names, newest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """The base of all sources. `path` is relative to the outlet's home, or absolute."""

    path: str
    kind: ClassVar[str]
    origin: ClassVar[Origin]
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

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one answer.

        Raises:
            UnreadableSource: it is not what this source reads.
        """
        raise NotImplementedError

    def lead(self, url: object, base: str, **stated: Any) -> Iterator[Lead]:
        """One lead, or none where the address is no web address."""
        if not isinstance(url, str) or not url:
            return
        aliases = []
        for alias in stated.pop("aliases", ()):
            try:
                aliases.append(normalise(alias))
            except ValueError:
                continue
        try:
            address = normalise(url, base)
        except ValueError:
            return
        others = tuple(alias for alias in aliases if alias != address)
        yield Lead(url=address, origin=self.origin, aliases=others, **stated)


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """RSS 0.9 to 2.0, RDF, Atom or JSON Feed."""

    path: str = "/feed"
    kind: ClassVar[str] = "feed"
    origin: ClassVar[Origin] = "feed"

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read a feed of any of the formats, malformed ones too as far as entries are found."""
        if answer.body.lstrip()[:1] == b"{":
            return Sheet(leads=tuple(self._json_leads(answer)))
        headers = {"content-location": answer.url, **answer.headers}
        # Some servers call a feed text/html: what it is is decided by what is in it.
        headers.pop("content-type", None)
        if answer.encoding:
            headers["content-type"] = f"application/xml; charset={answer.encoding}"
        parsed = feedparser.parse(BytesIO(answer.body), response_headers=headers)
        if not parsed.get("version") and not parsed.entries:
            raise UnreadableSource("not_a_feed", f"{answer.url} is not a feed.")
        return Sheet(leads=tuple(self._leads(parsed.entries, answer.url)))

    def _leads(self, entries: list[Any], base: str) -> Iterator[Lead]:
        for entry in entries:
            authors = [author.get("name", "") for author in entry.get("authors", [])]
            terms = tuple(tag["term"] for tag in entry.get("tags", []) if tag.get("term"))
            # `get` would give the date of publication where there is none of change.
            updated = entry["updated"] if "updated" in entry else None  # noqa: SIM401
            yield from self.lead(
                entry.get("link") or _if_absolute(entry.get("id")),
                base,
                aliases=(entry.get("id") or "",),
                title=html.unescape(entry.get("title", "")) or None,
                published=entry.get("published") or updated,
                modified=updated,
                authors=tuple(filter(None, authors)),
                section=terms[0] if terms else None,
                tags=terms,
            )

    def _json_leads(self, answer: Answer) -> Iterator[Lead]:
        """Read JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
        items = _json(answer, dict).get("items")
        if not isinstance(items, list):
            raise UnreadableSource("not_a_feed", f"{answer.url} is JSON, but not a JSON Feed.")
        for item in filter(_is_object, items):
            authors = [item.get("author"), *_list(item.get("authors"))]
            names = (author.get("name") for author in filter(_is_object, authors))
            yield from self.lead(
                item.get("url") or _if_absolute(item.get("id")),
                answer.url,
                aliases=(_text(item.get("id")) or "",),
                title=_text(item.get("title")),
                published=_text(item.get("date_published")),
                modified=_text(item.get("date_modified")),
                authors=tuple(dict.fromkeys(filter(None, map(_text, names)))),
                tags=tuple(filter(None, map(_text, _list(item.get("tags"))))),
            )


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of them (sitemaps.org), plain or gzipped."""

    path: str = "/sitemap.xml"
    kind: ClassVar[str] = "sitemap"
    origin: ClassVar[Origin] = "sitemap"
    newest: int = field(default=500, kw_only=True)
    """How many addresses of one file, newest first, a run without ``since`` takes."""

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one file, element by element."""
        entries: list[dict[str, str]] = []
        children: list[dict[str, str]] = []
        for name, entry in _sitemap_entries(answer):
            if since and _is_older(entry.get("lastmod", ""), since):
                continue
            (children if name == "sitemap" else entries).append(entry)
        for found in (entries, children):
            found.sort(key=lambda entry: entry.get("lastmod", ""), reverse=True)
        if not since:
            entries = entries[: self.newest]
        leads = (lead for entry in entries for lead in self._entry_lead(entry, answer.url))
        addresses = (urljoin(answer.url, child["loc"]) for child in children)
        return Sheet(leads=tuple(leads), children=tuple(addresses))

    def _entry_lead(self, entry: dict[str, str], base: str) -> Iterator[Lead]:
        return self.lead(entry["loc"], base, modified=entry.get("lastmod"))


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news extension: the stories of the last two days."""

    path: str = "/news-sitemap.xml"
    kind: ClassVar[str] = "news-sitemap"

    def _entry_lead(self, entry: dict[str, str], base: str) -> Iterator[Lead]:
        return self.lead(
            entry["loc"],
            base,
            title=entry.get("title"),
            published=entry.get("publication_date"),
            modified=entry.get("lastmod"),
            tags=tuple(word.strip() for word in entry.get("keywords", "").split(",") if word),
        )


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of links to stories, and the pages of older ones behind it."""

    path: str = "/"
    kind: ClassVar[str] = "listing"
    origin: ClassVar[Origin] = "listing"
    links: str = field(default="a::attr(href)", kw_only=True)
    """CSS of the story links (``a`` elements, or their ``::attr(href)``)."""
    next: str = field(default="link[rel=next], a[rel=next], a.next", kw_only=True)
    """CSS of the link to the next older page."""
    pages: int = field(default=3, kw_only=True)

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one page of the listing."""
        page = Selector(decode(answer.body, answer.encoding), type="html")
        base = urljoin(answer.url, page.css("base::attr(href)").get("").strip())
        leads = tuple(lead for link in page.css(self.links) for lead in self._link_lead(link, base))
        older = _href(next(iter(page.css(self.next)), None))
        return Sheet(leads=leads, older=urljoin(base, older) if older else None)

    def _link_lead(self, link: Selector, base: str) -> Iterator[Lead]:
        href = _href(link)
        return self.lead(href.strip(), base) if href else iter(())


@dataclass(frozen=True, slots=True)
class WordPress(Source):
    """A WordPress site's posts by its REST API (developer.wordpress.org/rest-api).

    Where the site has no pretty permalinks the path is ``?rest_route=/wp/v2/posts``.
    """

    path: str = "/wp-json/wp/v2/posts"
    kind: ClassVar[str] = "wordpress"
    origin: ClassVar[Origin] = "rest"
    fields: ClassVar[str] = "id,date_gmt,modified_gmt,link,guid,title"
    per_page: ClassVar[int] = 100

    def start(self, home: str, since: datetime | None, until: datetime | None) -> str:
        """The newest page, bounded on the server's side by the run's bounds."""
        query = {"per_page": str(self.per_page), "page": "1", "_fields": self.fields}
        if since:
            # WordPress leaves out the very instant; ours is the first of the run.
            query["after"] = _utc(since - timedelta(seconds=1))
        if until:
            query["before"] = _utc(until)
        return str(add_or_replace_parameters(urljoin(home, self.path), query))

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one page of posts."""
        posts = _json(answer, list)
        leads = tuple(
            lead for post in filter(_is_object, posts) for lead in self._post_lead(post, answer.url)
        )
        page = int(Selector(answer.url, type="text").re_first(r"[?&]page=(\d+)") or 1)
        pages = int(answer.headers.get("x-wp-totalpages") or 0)
        # A proxy may strip the count: then a full page is taken to have a successor.
        more = page < pages if pages else len(posts) == self.per_page
        older = add_or_replace_parameters(answer.url, {"page": str(page + 1)}) if more else None
        return Sheet(leads=leads, older=older)

    def _post_lead(self, post: dict[str, Any], base: str) -> Iterator[Lead]:
        def rendered(name: str) -> str:
            value = post.get(name)
            return str(value.get("rendered", "")) if isinstance(value, dict) else ""

        def utc(name: str) -> str | None:
            """The ``*_gmt`` fields are in UTC by definition and print no offset."""
            return f"{post[name]}Z" if post.get(name) else None

        return self.lead(
            post.get("link"),
            base,
            aliases=(html.unescape(rendered("guid")),),
            title=html.unescape(rendered("title")) or None,
            published=utc("date_gmt"),
            modified=utc("modified_gmt"),
        )


def read_sheet(source: Source, answer: Answer, since: datetime | None, zone: str) -> Sheet:
    """Read one answer of `source`, and what its dates mean in the outlet's `zone` (IANA).

    Raises:
        UnreadableSource: it is not what `source` reads.
    """
    sheet = source.read(answer, since)
    now = datetime.now(UTC)

    def dated(lead: Lead) -> Lead:
        date = read_date(lead.published or "", zone=zone, source=lead.origin, now=now)
        return replace(lead, at=date.at) if date else lead

    return replace(sheet, leads=tuple(map(dated, sheet.leads)))


def _href(link: Selector | None) -> str:
    """The address of an ``a`` or ``link`` element, or of a selected attribute."""
    if link is None:
        return ""
    return link.root if isinstance(link.root, str) else link.attrib.get("href", "")


def _if_absolute(guid: object) -> str | None:
    """A guid that is an address; any other text is none, and not relative to anything."""
    return guid if isinstance(guid, str) and "://" in guid else None


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_older(lastmod: str, since: datetime) -> bool:
    """Whether a W3C date, perhaps a mere year or month, lies before `since` in any zone."""
    bound = f"{since.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}"
    return lastmod[:10] < bound[: len(lastmod)]


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(answer: Answer, kind: type) -> Any:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise UnreadableSource("not_json", f"{answer.url} did not answer in JSON.") from None
    if not isinstance(value, kind):
        code = value.get("code", "unexpected_json") if isinstance(value, dict) else "bad_json"
        raise UnreadableSource(str(code)[:64], f"{answer.url} answered {str(value)[:200]!r}.")
    return value


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
