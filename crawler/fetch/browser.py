"""Fetching with a browser, for outlets that declare ``browser = True``; loaded only for them."""

import logging
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import TimeoutError as BrowserTimeoutError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.fetch.failure_reasons import PrivateAddressError
from crawler.fetch.http_handler import HttpHandler, gateway_headers, gateway_url
from crawler.fetch.public_addresses import all_public

logger = logging.getLogger(__name__)

RENDER_MS = 10_000
"""How long a story may take to show after its page has loaded."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler, HttpHandler):  # type: ignore[misc]
    """Fetches requests with ``meta["playwright"]`` by scrapy-playwright, others without a browser.

    With ``GATEWAY`` set, everything a page loads goes there; without, to public addresses only.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        body = crawler.spidercls.page.body  # type: ignore[attr-defined]
        self._max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._body = body if isinstance(body, str) else ", ".join(body)

    async def download_request(self, request: Request) -> Response:
        if not request.meta.get("playwright"):
            return await super().download_request(request)
        request.meta["playwright_page_methods"] = [PageMethod(self._wait)]
        request.meta["playwright_page_init_callback"] = self._route
        response = await self.politeness.request(request, super().download_request)
        host = urlsplit(response.url).hostname or ""
        if not (self._gateway or await all_public(host)):
            raise PrivateAddressError(f"{request.url} leads to {response.url[:200]}")
        if len(response.body) > self._max_size:  # the browser itself has no limit
            raise DownloadCancelledError(f"{request.url} is larger than DOWNLOAD_MAXSIZE")
        return response

    async def _wait(self, page: Any) -> None:
        """Wait for the story's body, or for the network to fall silent where none is declared.

        What does not come in time may still be read from what is there.
        """
        try:
            if self._body:
                await page.wait_for_selector(self._body, timeout=RENDER_MS)
            else:
                await page.wait_for_load_state("networkidle", timeout=RENDER_MS)
        except BrowserTimeoutError:
            self.stats.inc_value("browser/not_in_time")
            logger.warning("%s did not show its story in time.", page.url)

    async def _route(self, page: Any, request: Request) -> None:
        await page.route("**/*", self._to_gateway if self._gateway else self._if_public)

    async def _to_gateway(self, route: Any) -> None:
        url = route.request.url
        headers = {**route.request.headers, **gateway_headers(url)}
        response = await route.fetch(
            url=gateway_url(self._gateway, url), headers=headers, max_redirects=0
        )
        await route.fulfill(response=response)

    async def _if_public(self, route: Any) -> None:
        """Keep the browser, which resolves names by itself, out of our own network.

        It looks a name up again after this check, so a name server that answers each look-up
        otherwise can still lead it astray.
        """
        parts = urlsplit(route.request.url)
        if parts.scheme in ("http", "https") and await all_public(parts.hostname or ""):
            await route.fallback()
        else:
            self.stats.inc_value("browser/refused")
            await route.abort("addressunreachable")
