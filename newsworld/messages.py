"""Requests and responses of sites, free of any server; conditional requests."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class SiteRequest:
    """A request for one address of one site."""

    base: str
    """Scheme and host by which the client knows the site, e.g. ``https://asianlite.com``."""
    target: str
    """Path and query, as sent."""

    @cached_property
    def path(self) -> str:
        """The path alone; a leading ``//`` is no host."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's parameters; of a repeated one, the last, as in PHP."""
        query = self.target.partition("?")[2]
        return dict(parse_qsl(query, keep_blank_values=True))

    @property
    def host(self) -> str:
        """The host, in lower case, without a port."""
        return urlsplit(self.base).hostname or ""


@dataclass(frozen=True)
class SiteResponse:
    """A response."""

    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    modified: datetime | None = None
    """Aware; None where the site states no Last-Modified."""
    etag: str | None = None
    """Its entity tag, quotes and all; empty for none. Where it is None, the tag follows from the
    bytes, if `modified` is stated."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further headers."""
    shows: tuple[str, ...] = ()
    """Addresses of the stories that it shows, for the log."""
    story: str = ""
    """Address of the story whose whole page it is, for the log."""
    sent: int | None = None
    """Bytes of the body after which the connection is dropped; None: it is sent to its end."""

    @cached_property
    def headers(self) -> dict[str, str]:
        """Headers but Date, Server and Content-Length."""
        return {"Content-Type": self.content_type, **self.extra, **self.validators}

    @cached_property
    def validators(self) -> dict[str, str]:
        """The headers by which a client may ask whether it has changed."""
        stated = {}
        tag = entity_tag(self.body) if self.etag is None and self.modified else self.etag
        if tag:
            stated["ETag"] = tag
        if self.modified:
            stated["Last-Modified"] = http_date(self.modified)
        return stated


def entity_tag(body: bytes) -> str:
    """Return the entity tag that follows from a body."""
    return f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'


def http_date(at: datetime) -> str:
    """Format an aware instant as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def redirect(location: str, status: int = 301) -> SiteResponse:
    """Make a redirect to an absolute address; permanent unless `status` says otherwise."""
    return SiteResponse(status=status, extra={"Location": location, "X-Redirect-By": "WordPress"})


def text(body: str, status: int = 200) -> SiteResponse:
    """Plain text."""
    return SiteResponse(body.encode(), "text/plain; charset=utf-8", status)


def conditional(answer: SiteResponse, headers: Mapping[str, str]) -> SiteResponse:
    """Return the answer, or 304 if the client holds it already.

    If-None-Match decides alone where present (RFC 9110, sections 13.1.2, 13.1.3 and 13.2.2).
    """
    if answer.status != 200 or not answer.validators:
        return answer
    tags = headers.get("If-None-Match")
    if tags is not None and "ETag" in answer.validators:
        held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        fresh = "*" in held or answer.validators["ETag"] in held
    else:
        fresh = _not_modified(answer.modified, headers.get("If-Modified-Since"))
    if not fresh:
        return answer
    extra = {**answer.extra, **answer.validators}
    return replace(answer, status=304, body=b"", modified=None, etag=None, extra=extra, shows=())


def _not_modified(modified: datetime | None, since: str | None) -> bool:
    if not modified or not since:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # An unreadable date is ignored; a zoneless one compares not.
        return False
