"""`WordPress`: posts by the REST API."""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from w3lib.html import remove_tags
from w3lib.url import add_or_replace_parameters, url_query_cleaner

from crawler.article import Image
from crawler.lead import Lead, LeadOrigin, SourceContent
from crawler.sources.base import PassedOver, Source, SourceListing, SourceResponse
from crawler.sources.loose_json import items_of, objects_in, parse_json, text_or_none
from crawler.text.urls import unescaped

PAGE = re.compile(r"[?&]page=(\d{1,6})")
LINK = re.compile(r"<([^<>]*)>((?:\"[^\"]*\"|[^,<\"])*)")
PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]*))")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
OFFSET_STEP = timedelta(minutes=15)
"""Offsets from UTC are multiples of it."""
MAX_OFFSET = timedelta(hours=14)
MAX_CONTENT = 500_000
"""Characters of HTML; of a longer story the page is read."""
NO_SECTION = frozenset({"uncategorized", "uncategorised"})
"""Slugs of the category of posts that have none."""

Post = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WordPress(Source):
    """The posts of a WordPress site, from its REST API (developer.wordpress.org/rest-api).

    Where the site has no pretty permalinks the path is ``?rest_route=/wp/v2/posts``.
    """

    path: str = "/wp-json/wp/v2/posts"
    content: bool = field(default=False, kw_only=True)
    """Build articles from the posts themselves. The page is fetched only where a post is not
    complete."""
    kind: ClassVar[str] = "wordpress"
    origin: ClassVar[LeadOrigin] = "rest"
    per_page: ClassVar[int] = 100
    related: ClassVar[tuple[str, ...]] = ("author", "wp:term")
    """The things embedded in each post, which itself names them by number only."""

    def start(self, home: str, since: datetime | None, until: datetime | None) -> str:
        """Return the address of the newest page, with the run's bounds for the server to apply."""
        fields = ["id", "date", "date_gmt", "modified", "modified_gmt", "link", "guid", "title"]
        related = list(self.related)
        if self.content:
            fields += ["content", "excerpt"]
            related.append("wp:featuredmedia")
        # Embedding follows the links that are among the fields (WordPress 5.3; an older one leaves
        # them out, and the names with them).
        fields += [*(f"_links.{name}" for name in related), "_embedded"]
        query = {
            "per_page": str(self.per_page),
            "page": "1",
            "_embed": ",".join(related),
            "_fields": ",".join(fields),
        }
        if since:
            # WordPress leaves out this very instant, and the run includes it.
            query["after"] = _utc(since - timedelta(seconds=1))
        if until:
            query["before"] = _utc(until)
        return str(add_or_replace_parameters(urljoin(home, self.path), query))

    def less(self, url: str) -> str:
        """Return the address without a number of posts, of which some sites allow few."""
        return str(url_query_cleaner(url, ["per_page"], remove=True, unique=False))

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one page of posts."""
        posts = parse_json(response, list)
        passed_over = PassedOver()
        leads = tuple(
            lead
            for post in objects_in(posts)
            for lead in self._lead(post, response.url, passed_over)
        )
        return SourceListing(
            leads=leads,
            passed_over=passed_over,
            total=_count(response, "x-wp-total"),
            **_older(response, len(posts)),
        )

    def _lead(self, post: Post, base: str, passed_over: PassedOver) -> Iterator[Lead]:
        embedded = post.get("_embedded")
        related = embedded if isinstance(embedded, dict) else {}
        link, title = post.get("link"), _plain(_rendered(post, "title"))
        # Of authors that a site hides there is an error without a name.
        authors = (_plain(author.get("name")) for author in objects_in(related.get("author")))
        terms = [term for group in items_of(related.get("wp:term")) for term in objects_in(group)]
        return self.lead(
            link,
            base,
            passed_over,
            aliases=(_rendered(post, "guid"),),
            title=title,
            published=_moment(post.get("date"), post.get("date_gmt")),
            modified=_moment(post.get("modified"), post.get("modified_gmt")),
            authors=tuple(filter(None, authors)),
            section=_section(terms, text_or_none(link) or ""),
            tags=tuple(
                name
                for term in terms
                if term.get("taxonomy") == "post_tag" and (name := _plain(term.get("name")))
            ),
            content=_content(post, related) if self.content and title else None,
        )


def _older(response: SourceResponse, count: int) -> dict[str, Any]:
    """Return the address of the page after one of so many posts, as a `SourceListing` has it.

    A proxy may strip or spoil each header, and allow fewer posts a page than were asked for.
    """
    asked = PAGE.search(response.url)
    page = int(asked[1]) if asked else 1
    older = str(add_or_replace_parameters(response.url, {"page": str(page + 1)}))
    pages, total = _count(response, "x-wp-totalpages"), _count(response, "x-wp-total")
    links = dict(_links(response.headers.get("link", "")))
    if pages:
        return {"older": older} if page < pages else {}
    if "next" in links:
        here, there = urlsplit(response.url), urlsplit(urljoin(response.url, links["next"]))
        if there.hostname == here.hostname:  # a site may not know the host that it is shown under
            older = there._replace(scheme=here.scheme, netloc=here.netloc).geturl()
        return {"older": older}
    if "prev" in links or not count or (total is not None and page * count >= total):
        return {}
    return {"older": older, "may_be_last": True}


def _links(header: str) -> Iterator[tuple[str, str]]:
    """Yield the relations of a `Link` header, in lower case, and their addresses (RFC 8288)."""
    for target, parameters in LINK.findall(header):
        for name, quoted, token in PARAMETER.findall(parameters):
            if name.lower() == "rel":
                relations = (quoted or token.strip("'")).lower().split()
                yield from ((relation, unescaped(target)) for relation in relations)
                break  # others do not count (3.3)


def _content(post: Post, related: dict[str, Any]) -> SourceContent | None:
    """Return the story, if the post holds all of it."""
    body, excerpt = _rendered(post, "content"), _rendered(post, "excerpt")
    if not body or post["content"].get("protected") or len(body) > MAX_CONTENT:
        return None
    from crawler.extract.source_content import is_complete  # noqa: PLC0415 - few sources do

    if not is_complete(body, excerpt):
        return None
    image = None
    for media in objects_in(related.get("wp:featuredmedia"))[:1]:
        if media.get("media_type") == "image" and (url := text_or_none(media.get("source_url"))):
            image = Image(url, _plain(_rendered(media, "caption")))
    return SourceContent(html=body, standfirst=_plain(excerpt), image=image)


def _section(terms: list[Post], link: str) -> str | None:
    """Return the category whose slug is in the post's address, else the first by name."""
    categories = {
        slug: name
        for term in terms
        if term.get("taxonomy") == "category"
        and (name := _plain(term.get("name")))
        and (slug := text_or_none(term.get("slug")) or name) not in NO_SECTION
    }
    named = (name for slug, name in categories.items() if f"/{slug}/" in link)
    return next(named, next(iter(categories.values()), None))


def _moment(local: object, gmt: object) -> str | None:
    """Return an instant in the site's local time with its offset, which neither form has."""
    if not (isinstance(gmt, str) and STAMP.fullmatch(gmt)):
        return text_or_none(gmt) or text_or_none(local)
    if isinstance(local, str) and STAMP.fullmatch(local):
        with suppress(ValueError):  # 2024-02-30T25:00:00
            at = datetime.fromisoformat(local)
            offset = at - datetime.fromisoformat(gmt)
            if abs(offset) <= MAX_OFFSET and not offset % OFFSET_STEP:
                return at.replace(tzinfo=timezone(offset)).isoformat()
    return f"{gmt}Z"


def _rendered(value: Post, name: str) -> str:
    """Return a field's HTML; empty where there is none."""
    inner = value.get(name)
    return (text_or_none(inner.get("rendered")) or "") if isinstance(inner, dict) else ""


def _plain(markup: object) -> str | None:
    """Return the text that HTML shows; None where it shows none."""
    return html.unescape(remove_tags(text_or_none(markup) or "")).strip() or None


def _count(response: SourceResponse, header: str) -> int | None:
    value = response.headers.get(header, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
