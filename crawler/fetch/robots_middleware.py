"""robots.txt by RFC 9309: what is unreachable forbids, what does not exist allows."""

import asyncio
import time
from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import StoreError
from crawler.fetch.failure_reasons import error_reason
from crawler.fetch.guard import Refused
from crawler.fetch.politeness import HostOutcome, Politeness
from crawler.fetch.robots_rules import Robots, read_robots
from crawler.run.extension import RunExtension

READS_ROBOTS = "reads_robots"
"""In the ``meta`` of the requests for robots.txt itself."""
FRESH = 24 * 3600
"""Seconds for which a copy is good (2.4)."""
STALE = 30 * FRESH
"""Seconds for which a copy serves a site whose robots.txt is out of reach (2.3.1.4, 2.4)."""
AGAIN = 3600
"""Seconds after which a robots.txt that was out of reach is asked for again, in a long run."""
FORBIDS_ALL = Robots((("/", False),))


@dataclass(frozen=True, slots=True)
class RobotsReading:
    """What is known of a site's rules."""

    robots: Robots
    until: float
    """When to read them again, by the monotonic clock."""
    unreachable: str = ""
    """Why they could not be read, where there is no copy either."""


class RobotsMiddleware:
    """Refuses what a site's robots.txt forbids, and what its host does not want just now.

    In a run, robots.txt is kept in the database, and its `Crawl-delay` is obeyed.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._product: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._maxsize = crawler.settings.getint("SITEMAP_MAXSIZE")
        self._sites: dict[str, asyncio.Task[RobotsReading]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        report = self._crawler.get_extension(RunExtension)
        manners = report.manners if report else None
        try:
            if manners:
                await manners.check(request)
            if READS_ROBOTS not in request.meta:
                await self._obey(request, manners)
        except StoreError as error:
            assert report
            raise report.stop(error) from None

    async def _obey(self, request: Request, manners: Politeness | None) -> None:
        site = _site(request)
        task = self._sites.get(site)
        if task is None or _is_over(task):
            task = self._sites[site] = asyncio.ensure_future(self._read(site, manners))
        reading = await task
        url = urlparse_cached(request)
        if reading.robots.allows(f"{url.path}?{url.query}" if url.query else url.path):
            return
        reason = f"robots_{reading.unreachable or 'disallowed'}"
        # A site that forbids even its front page, or cannot say, may think otherwise tomorrow.
        if manners and not reading.robots.allows("/"):
            outcome: HostOutcome = "retry_later" if reading.unreachable else "stay_away"
            raise await manners.withhold(request, outcome, reason)
        raise Refused(reason)

    async def _read(self, site: str, manners: Politeness | None) -> RobotsReading:
        """Take a site's rules from the database, or else from the site."""
        request = Request(
            f"{site}/robots.txt",
            priority=1000,
            meta={READS_ROBOTS: True, "allow_offsite": True, "download_maxsize": self._maxsize},
            callback=NO_CALLBACK,
        )
        url = urlparse_cached(request)
        own = url.hostname or "", f"{url.scheme}:{url.port}" if url.port else url.scheme
        copy = await manners.hosts.robots(*own) if manners else None
        body, left, unreachable = None, float(FRESH), ""
        if copy and copy.age < FRESH:
            body, left = copy.body, FRESH - copy.age
        fresh = body is None
        if body is None:
            body, unreachable = await self._ask(request)
            if body is not None and manners:
                await manners.hosts.keep_robots(*own, body)
        if body is None and copy and copy.age < STALE:
            body, left = copy.body, AGAIN
        if body is None:
            return RobotsReading(FORBIDS_ALL, time.monotonic() + AGAIN, unreachable)
        robots = read_robots(body, self._product)
        if manners and robots.delay:
            await manners.slow_down(request, robots.delay, fresh=fresh)
        return RobotsReading(robots, time.monotonic() + left)

    async def _ask(self, request: Request) -> tuple[bytes | None, str]:
        """Ask for a robots.txt: what it says, or None and why it is out of reach (2.3.1)."""
        try:
            response = await self._crawler.engine.download_async(request)
        except (Refused, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - RFC 9309, 2.3.1.4: whatever it was
            return None, error_reason(error, request)
        if response.status == 429 or response.status >= 500:
            return None, f"http_{response.status}"
        return (response.body if response.status < 300 else b""), ""


def _is_over(task: "asyncio.Task[RobotsReading]") -> bool:
    """Whether to read anew: the time has come, or the host could not be asked."""
    if not task.done():
        return False
    return task.exception() is not None or task.result().until < time.monotonic()


def _site(request: Request) -> str:
    url = urlparse_cached(request)
    return f"{url.scheme}://{url.netloc}"
