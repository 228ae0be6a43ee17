"""robots.txt by RFC 9309: what is unreachable forbids, what does not exist allows."""

import asyncio

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler.failures import error_reason
from crawler.middlewares.guard import Refused

MAX_BYTES = 512 * 1024
"""Rules beyond this do not exist for us; the RFC (2.5) asks for at least 500 KiB."""
FORBID_ALL = b"User-agent: *\nDisallow: /\n"


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware with the RFC's rules for answers that are not rules (2.3.1)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._sites: dict[str, asyncio.Task[RobotParser]] = {}
        self._unreachable: dict[str, str] = {}

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Refuse what the site's robots.txt forbids us."""
        try:
            await super().process_request(request)
        except IgnoreRequest:
            cause = self._unreachable.get(_site(request), "disallowed")
            raise Refused(f"robots_{cause}") from None

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of the request's scheme, host and port, read once a run."""
        site = _site(request)
        if site not in self._sites:
            self._sites[site] = asyncio.create_task(self._read(site))
        return await self._sites[site]

    async def _read(self, site: str) -> RobotParser:
        meta = {"dont_obey_robotstxt": True, "allow_offsite": True}
        request = Request(
            f"{site}/robots.txt", priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - RFC 9309 2.3.1.4: whatever it was
            self._stats.inc_value(f"robotstxt/exception_count/{type(error).__name__}")
            self._unreachable[site] = error_reason(error, request)
            body = FORBID_ALL
        else:
            body = response.body[:MAX_BYTES]
            if response.status == 429 or response.status >= 500:
                self._unreachable[site] = f"http_{response.status}"
                body = FORBID_ALL
            elif response.status >= 300:
                body = b""
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        return rules


def _site(request: Request) -> str:
    url = urlparse_cached(request)
    return f"{url.scheme}://{url.netloc}"
