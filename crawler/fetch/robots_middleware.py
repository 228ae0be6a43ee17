"""robots.txt by RFC 9309: what is unreachable forbids, what does not exist allows."""

import asyncio
import time
from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.fetch.failure_reasons import RequestRefused, failure_reason
from crawler.fetch.politeness import HostOutcome, Politeness
from crawler.fetch.robots_rules import Robots, read_robots

IS_ROBOTS = "is_robots"
"""In the ``meta`` of the requests for robots.txt itself."""
MAX_AGE = 24 * 3600
"""Seconds for which a copy is good (2.4)."""
MAX_STALE_AGE = 30 * MAX_AGE
"""Seconds for which a copy serves a site whose robots.txt is out of reach (2.3.1.4, 2.4)."""
RETRY_AFTER = 3600
"""Seconds after which a robots.txt that was out of reach is asked for again, in a long run."""
FORBIDS_ALL = Robots((("/", False),))


@dataclass(frozen=True, slots=True)
class RobotsReading:
    """The rules of a site."""

    robots: Robots
    until: float
    """When to read them again, by the monotonic clock."""
    unreachable: str = ""
    """Why they could not be read, where there is no copy either."""


class RobotsMiddleware:
    """Downloader middleware that refuses what robots.txt forbids, and hosts that want a rest.

    In a run, robots.txt is kept in the database, and its `Crawl-delay` is obeyed.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._politeness = Politeness.of(crawler)
        self._product: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._maxsize = crawler.settings.getint("SITEMAP_MAXSIZE")
        self._sites: dict[str, asyncio.Task[RobotsReading]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise `RequestRefused` for a request that is not to be made."""
        await self._politeness.check(request)
        if IS_ROBOTS in request.meta:
            return
        url = urlparse_cached(request)
        reading = await self._rules(f"{url.scheme}://{url.netloc}")
        if reading.robots.allows(f"{url.path}?{url.query}" if url.query else url.path):
            return
        reason = f"robots_{reading.unreachable or 'disallowed'}"
        # A host of which there is no sign counts as a page of which there is none: links may lead
        # to hosts that are no more, and these are not waited for.
        is_dead = reading.unreachable and not reading.unreachable.startswith("http_")
        if is_dead or reading.robots.allows("/"):
            raise RequestRefused(reason)
        # A site that forbids even its front page, or cannot say, may think otherwise tomorrow.
        outcome: HostOutcome = "retry_later" if reading.unreachable else "stay_away"
        raise await self._politeness.withhold(request, outcome, reason)

    async def _rules(self, site: str) -> RobotsReading:
        task = self._sites.get(site)
        if task is None or _is_over(task):
            task = self._sites[site] = asyncio.ensure_future(self._read(site))
        return await task

    async def _read(self, site: str) -> RobotsReading:
        """Take a site's rules from the database, or else from the site."""
        request = Request(
            f"{site}/robots.txt",
            priority=1000,
            meta={IS_ROBOTS: True, "allow_offsite": True, "download_maxsize": self._maxsize},
            callback=NO_CALLBACK,
        )
        copy = await self._politeness.robots_copy(request)
        if copy and copy.age < MAX_AGE:
            return await self._apply(request, copy.body, MAX_AGE - copy.age, just_asked=False)
        body, unreachable = await self._ask(request)
        if body is not None:
            await self._politeness.keep_robots(request, body)
            return await self._apply(request, body, MAX_AGE, just_asked=True)
        if copy and copy.age < MAX_STALE_AGE:
            return await self._apply(request, copy.body, RETRY_AFTER, just_asked=True)
        return RobotsReading(FORBIDS_ALL, time.monotonic() + RETRY_AFTER, unreachable)

    async def _apply(
        self, request: Request, body: bytes, seconds: float, *, just_asked: bool
    ) -> RobotsReading:
        """Parse a robots.txt, which is good for so many seconds, and obey its `Crawl-delay`."""
        robots = read_robots(body, self._product)
        if robots.delay:
            await self._politeness.set_crawl_delay(request, robots.delay, just_asked=just_asked)
        return RobotsReading(robots, time.monotonic() + seconds)

    async def _ask(self, request: Request) -> tuple[bytes | None, str]:
        """Fetch a robots.txt; return it, or None and why it is out of reach (2.3.1)."""
        try:
            response = await self._crawler.engine.download_async(request)
        except RequestRefused:
            raise
        except Exception as error:  # noqa: BLE001 - RFC 9309, 2.3.1.4: whatever it was
            return None, failure_reason(error)
        if response.status == 429 or response.status >= 500:
            return None, f"http_{response.status}"
        return (response.body if response.status < 300 else b""), ""


def _is_over(task: "asyncio.Task[RobotsReading]") -> bool:
    """Return whether to read anew: the time has come, or the host could not be asked."""
    if not task.done():
        return False
    return task.exception() is not None or task.result().until < time.monotonic()
