"""Responses in the forms that sources, extraction and later requests need."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from scrapy import Request
from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

from crawler.fetch.http_cache import ResponseMetadata
from crawler.sources import Source, SourceListing, SourceResponse

DATA_LOSS = "dataloss"
"""Scrapy's flag of a response that was cut short."""


@dataclass(frozen=True, slots=True)
class PolledPage:
    """A page of a source, as it was read."""

    listing: SourceListing
    metadata: ResponseMetadata


def source_response_of(response: Response, stories: str) -> SourceResponse:
    """Return the response as sources read it; `stories` is the outlet's pattern of them.

    One that was cut short ends with its last whole tag: half an address is another address.
    """
    body = response.body
    if DATA_LOSS in response.flags:
        body = body[: body.rfind(b">") + 1]
    names = [name.decode("latin-1").lower() for name in response.headers]
    links = b", ".join(response.headers.getlist("Link")).decode("latin-1")
    return SourceResponse(
        url=response.url,
        body=body,
        encoding=declared_charset(response),
        headers={name: header(response, name) or "" for name in names} | {"link": links},
        stories=stories,
    )


def is_conditional(request: Request | None) -> bool:
    """Return whether it asks for a page only if that has changed (RFC 9110, 13.1)."""
    names = ("If-None-Match", "If-Modified-Since")
    return request is not None and any(name in request.headers for name in names)


def metadata_of(response: Response, source: Source, listing: SourceListing) -> ResponseMetadata:
    """Return what to remember of a source's page, beside its leads."""
    shown = "\n".join(lead.url for lead in listing.leads).encode()
    digested = response.body if source.origin == "sitemap" else shown
    reasons = response.meta.get("redirect_reasons", ())
    return ResponseMetadata(
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        digest=blake2b(digested, digest_size=16).hexdigest(),
        moved_to=response.url if reasons and set(reasons) <= {301, 308} else None,
    )


def validators_of(response: Response) -> dict[str, Any]:
    """Return what to remember of a story's page, to ask later whether it has changed."""
    return {
        "etag": header(response, "ETag"),
        "last_modified": header(response, "Last-Modified"),
        "read_at": datetime.now(UTC),
    }


def declared_charset(response: Response) -> str | None:
    """Return the character encoding that HTTP declares."""
    return http_content_type_encoding(header(response, "Content-Type"))


def header(response: Response, name: str) -> str | None:
    """Return the value of a header; of several, the last."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
