"""Names for what can go wrong with a request: short, stable, and counted in the run document."""

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

GONE = "http_410"
"""The reason that means the story will not come back (RFC 9110, 15.5.11); 404 may be passing."""


OFFSITE = "offsite"
"""The reason that means it leads to a host that is none of the outlet's."""
TRUNCATED = "truncated"
"""The reason that means there is only a part of it."""


class PrivateAddressError(Exception):
    """A host leads into a private network, to which we do not connect."""


class RequestRefused(IgnoreRequest):
    """We do not make this request.

    Args:
        reason: ``offsite``, ``robots_disallowed``, ``robots_`` and why the rules are out of reach,
            or one of `crawler.fetch.politeness`.
        waits: whether it is the host that is not to be asked, just now, and not this address.
    """

    def __init__(self, reason: str, *, waits: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.waits = waits


_NETWORK_ERRORS: dict[type[BaseException], str] = {
    CannotResolveHostError: "dns",
    DownloadConnectionRefusedError: "connection_refused",
    DownloadTimeoutError: "timeout",
    DownloadCancelledError: "too_large",
    ResponseDataLossError: TRUNCATED,
    DownloadFailedError: "connection_lost",
}


def is_network(reason: str) -> bool:
    """Return whether the cause lies between us and the site, or in the site's own state."""
    cause = reason.removeprefix("robots_")
    return cause in _NETWORK_ERRORS.values() or cause.startswith("http_")


def failure_reason(error: BaseException | None) -> str:
    """Return the name of why a request failed, in snake_case."""
    if isinstance(error, HttpError):
        return f"http_{error.response.status}"
    if isinstance(error, RequestRefused):
        return error.reason
    if isinstance(error, PrivateAddressError):
        return "private_address"
    if isinstance(error, IgnoreRequest):
        # Scrapy's other reason to ignore an answer: it unpacks to more than DOWNLOAD_MAXSIZE.
        return "too_many_redirects" if "redirections" in str(error) else "too_large"
    for kind, name in _NETWORK_ERRORS.items():
        if isinstance(error, kind):
            return name
    if type(error).__module__.startswith("playwright"):
        return "browser_timeout" if type(error).__name__ == "TimeoutError" else "browser_error"
    return f"error_{type(error).__name__}"
