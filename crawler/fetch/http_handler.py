"""Fetching over HTTP: each request in its host's turn, and by way of ``GATEWAY`` where one is set.

``GATEWAY`` is one local address that answers for every host.

With it the same unchanged spiders crawl a local server: a request for ``https://host/path`` goes to
``GATEWAY/path`` with ``Host: host`` and ``X-Forwarded-Proto: https``, and its answer is seen under
the address that was asked for.
"""

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.fetch.failure_reasons import PrivateAddressError
from crawler.fetch.politeness import Politeness
from crawler.fetch.public_addresses import is_public, resolve


def gateway_url(gateway: str, url: str) -> str:
    """Return where `url` is asked for by way of `gateway`."""
    parts = urlsplit(url)
    return parts._replace(scheme="http", netloc=urlsplit(gateway).netloc).geturl()


def gateway_headers(url: str) -> dict[str, str]:
    """Return the headers that tell the gateway what was asked for."""
    parts = urlsplit(url)
    return {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}


class HttpHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler, which sends each request when the turn of its host has come.

    Turns are taken here, behind Scrapy's own queue of the host: what has its turn is sent at
    once, and what the answer asks for is known before the next one is sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._gateway: str = crawler.settings["GATEWAY"]
        self.politeness = Politeness.of(crawler)

    async def download_request(self, request: Request) -> Response:
        return await self.politeness.request(request, self._fetch)

    async def _fetch(self, request: Request) -> Response:
        if not self._gateway:
            return await self._fetch_public(request)
        local = request.replace(url=gateway_url(self._gateway, request.url))
        for name, value in gateway_headers(request.url).items():
            local.headers[name] = value
        response = await super().download_request(local)
        return response.replace(url=request.url)

    async def _fetch_public(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            # Twisted does not pass on why `PublicResolver` found nothing.
            host = urlparse_cached(request).hostname or ""
            if all(map(is_public, await resolve(host))):
                raise
            raise PrivateAddressError(f"{host} leads to a private address") from None
