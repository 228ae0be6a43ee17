"""`WordPress`: posts by the REST API."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from w3lib.url import add_or_replace_parameters

from crawler.lead import Lead, Origin
from crawler.sources.base import Answer, Sheet, Source
from crawler.sources.loose_json import is_object, parse

PAGE = re.compile(r"[?&]page=(\d{1,6})")


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
        posts = parse(answer, list)
        leads = tuple(
            lead for post in filter(is_object, posts) for lead in self._post_lead(post, answer.url)
        )
        asked = PAGE.search(answer.url)
        page = int(asked[1]) if asked else 1
        total = answer.headers.get("x-wp-totalpages", "")
        # A proxy may strip the count or spoil it: then a full page is taken to have a successor.
        pages = int(total) if total.isascii() and total.isdigit() else 0
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


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
