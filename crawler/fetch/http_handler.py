"""Fetching over HTTP: each request in its host's turn, and by way of ``GATEWAY`` where one is set.

``GATEWAY`` is one local address that answers for every host.

With it the same unchanged spiders crawl a local server: a request for ``https://host/path`` goes to
``GATEWAY/path`` with ``Host: host`` and ``X-Forwarded-Proto: https``, and its answer is seen under
the address that was asked for.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errors import StoreError
from crawler.run.extension import RunExtension


def gateway_url(gateway: str, url: str) -> str:
    """Where `url` is asked for by way of `gateway`."""
    parts = urlsplit(url)
    return parts._replace(scheme="http", netloc=urlsplit(gateway).netloc).geturl()


def gateway_headers(url: str) -> dict[str, str]:
    """The headers that tell the gateway what was asked for."""
    parts = urlsplit(url)
    return {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}


class HttpHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler.

    A run's requests take their turns here, behind Scrapy's own queue of the host: what has its
    turn is sent at once, and what the answer asks for is known before the next one is sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._gateway: str = crawler.settings["GATEWAY"]

    async def download_request(self, request: Request) -> Response:
        return await self.in_turn(request, self._fetch)

    async def in_turn(
        self, request: Request, fetch: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Fetch when the turn of the request's host has come; at once where there is no run."""
        report = self.crawler.get_extension(RunExtension)
        if not (report and report.manners):
            return await fetch(request)
        try:
            return await report.manners.request(request, fetch)
        except StoreError as error:
            raise report.stop(error) from None

    async def _fetch(self, request: Request) -> Response:
        if not self._gateway:
            return await super().download_request(request)
        local = request.replace(url=gateway_url(self._gateway, request.url))
        for name, value in gateway_headers(request.url).items():
            local.headers[name] = value
        response = await super().download_request(local)
        return response.replace(url=request.url)
