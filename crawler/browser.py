"""Fetching with a browser, for outlets that declare ``browser = True``; loaded only for them."""

from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.gateway import HttpHandler, gateway_headers, gateway_url


class BrowserHandler(ScrapyPlaywrightDownloadHandler, HttpHandler):  # type: ignore[misc]
    """scrapy-playwright for requests with ``meta["playwright"]``, the plain handler for the rest.

    With ``GATEWAY`` set, everything a page loads goes there too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._gateway: str = crawler.settings["GATEWAY"]

    async def download_request(self, request: Request) -> Response:
        if self._gateway and request.meta.get("playwright"):
            request.meta["playwright_page_init_callback"] = self._route
        return await super().download_request(request)

    async def _route(self, page: Any, request: Request) -> None:
        async def to_gateway(route: Any) -> None:
            url = route.request.url
            headers = {**route.request.headers, **gateway_headers(url)}
            answer = await route.fetch(
                url=gateway_url(self._gateway, url), headers=headers, max_redirects=0
            )
            await route.fulfill(response=answer)

        await page.route("**/*", to_gateway)
