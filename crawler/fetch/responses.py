"""What a response says beside its text: its headers, and what a server says of a source's page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from scrapy import Request
from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

from crawler.fetch.http_cache import ResponseMetadata
from crawler.sources import Source, SourceListing, SourceResponse


@dataclass(frozen=True, slots=True)
class PolledPage:
    """A page of a source, as it was read."""

    listing: SourceListing
    told: ResponseMetadata


def answer_of(response: Response, stories: str) -> SourceResponse:
    """The response as sources read it; `stories` is the outlet's pattern of them."""
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    return SourceResponse(
        url=response.url,
        body=response.body,
        encoding=charset_of(response),
        headers=headers,
        stories=stories,
    )


def is_conditional(request: Request | None) -> bool:
    """Whether it asks for a page only if that has changed (RFC 9110, 13.1)."""
    names = ("If-None-Match", "If-Modified-Since")
    return request is not None and any(name in request.headers for name in names)


def told_by(response: Response, source: Source, listing: SourceListing) -> ResponseMetadata:
    """What the server says of a page, beside it."""
    shown = "\n".join(lead.url for lead in listing.leads).encode()
    reasons = response.meta.get("redirect_reasons", ())
    return ResponseMetadata(
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        digest=blake2b(
            response.body if source.origin == "sitemap" else shown, digest_size=16
        ).hexdigest(),
        moved_to=response.url if reasons and set(reasons) <= {301, 308} else None,
    )


def validators_of(response: Response) -> dict[str, Any]:
    """What the server says by which it can be asked whether a page has changed, and since when."""
    return {
        "etag": header(response, "ETag"),
        "last_modified": header(response, "Last-Modified"),
        "read_at": datetime.now(UTC),
    }


def charset_of(response: Response) -> str | None:
    """The character encoding that HTTP declares."""
    return http_content_type_encoding(header(response, "Content-Type"))


def header(response: Response, name: str) -> str | None:
    """The value of a header; of several, the last."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
