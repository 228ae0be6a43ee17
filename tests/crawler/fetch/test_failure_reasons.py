"""The names of what can go wrong with a request."""

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.fetch.failure_reasons import (
    GONE,
    PrivateAddressError,
    RequestRefused,
    failure_reason,
    is_network,
)

URL = "https://news.example/1"
CASES: list[tuple[BaseException, str, bool]] = [
    (DownloadConnectionRefusedError(), "connection_refused", True),
    (DownloadTimeoutError(), "timeout", True),
    (DownloadCancelledError(), "too_large", True),
    (ResponseDataLossError(), "truncated", True),
    (DownloadFailedError(), "connection_lost", True),
    (CannotResolveHostError(), "dns", True),
    (PrivateAddressError(), "private_address", False),
    (HttpError(Response(URL, status=404)), "http_404", True),
    (HttpError(Response(URL, status=503)), "http_503", True),
    (RequestRefused("offsite"), "offsite", False),
    (RequestRefused("robots_disallowed"), "robots_disallowed", False),
    (RequestRefused("robots_http_503"), "robots_http_503", True),
    (RequestRefused("robots_timeout"), "robots_timeout", True),
    (IgnoreRequest("max redirections reached"), "too_many_redirects", False),
    (IgnoreRequest("Ignored response: body over the limit"), "too_large", True),
    (LookupError("on purpose"), "error_LookupError", False),
]


@pytest.mark.parametrize(("error", "name", "network"), CASES, ids=[case[1] for case in CASES])
def test_names(error: BaseException, name: str, network: bool) -> None:
    assert failure_reason(error) == name
    assert is_network(name) is network


def test_gone_is_final_and_what_a_page_is_is_no_network_error() -> None:
    assert GONE == "http_410"
    assert not is_network("not_a_feed")
