"""Names for what can go wrong with a request: short, stable, and counted in the run document."""

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from crawler.fetch.guard import PublicResolver, Refused

GONE = "http_410"
"""The reason that means the story will not come back (RFC 9110, 15.5.11); 404 may be passing."""

_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadConnectionRefusedError, "connection_refused"),
    (DownloadTimeoutError, "timeout"),
    (DownloadCancelledError, "too_large"),
    (ResponseDataLossError, "truncated"),
    (DownloadFailedError, "connection_lost"),
)

_NETWORK = frozenset(name for _, name in _NAMES) | {"dns"}


def is_network(reason: str) -> bool:
    """Whether the cause lies between us and the site, or in the site's own state."""
    cause = reason.removeprefix("robots_")
    return cause in _NETWORK or cause.startswith("http_")


def failure_reason(failure: Failure) -> str:
    """The name of a failed request's cause, in snake_case."""
    return error_reason(failure.value, failure.request)  # type: ignore[attr-defined]


def error_reason(error: BaseException | None, request: Request) -> str:
    """The name of what `error` says of `request`, in snake_case."""
    if isinstance(error, HttpError):
        return f"http_{error.response.status}"
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, CannotResolveHostError):
        host = urlparse_cached(request).hostname
        return "private_address" if host in PublicResolver.refused else "dns"
    if isinstance(error, IgnoreRequest):
        # Scrapy's other reason to ignore an answer: it unpacks to more than DOWNLOAD_MAXSIZE.
        return "too_many_redirects" if "redirections" in str(error) else "too_large"
    for kind, name in _NAMES:
        if isinstance(error, kind):
            return name
    if type(error).__module__.startswith("playwright"):
        return "browser_timeout" if type(error).__name__ == "TimeoutError" else "browser_error"
    return f"error_{type(error).__name__}"
