"""`Politeness`: the pause between two requests to a host, and what its answers ask of us."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import ClockSlow, StoreError
from crawler.fetch.failure_reasons import RequestRefused
from crawler.fetch.hosts import Hosts, RobotsCopy
from crawler.fetch.responses import header
from crawler.fetch.retry_after import retry_after

logger = logging.getLogger(__name__)
T = TypeVar("T")

HostOutcome = Literal["retry_later", "stay_away"]
"""Why a host is not asked: it is to be asked later, or refuses whatever we ask for."""
STOPPED = "stopped"
"""The run ended while a request waited for its turn."""

MAX_WAIT = 120.0
"""Seconds: no turn is waited for longer. A `Crawl-delay` beyond is taken as this much."""
DELAY_MARGIN = 0.1
"""Seconds added to each delay: a request may take longer to reach its host than the next."""
OVERLOAD_STATUSES = frozenset({429, 503})
MAX_SLOWNESS = timedelta(days=30)
"""How far a server's clock may be ahead of ours; some are a few days wrong themselves."""
REFUSAL_STATUSES = frozenset({401, 403, 451})
MAX_REFUSALS = 5
"""So many refusals in a row are meant for us, and not for what was asked for."""


@dataclass
class _Host:
    """A host of this run. Instants are of the monotonic clock, in seconds."""

    name: str
    not_before: float
    reason: str
    pauses: int
    first_in_line: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the request whose turn is next."""
    last_turn: float = float("-inf")
    """When this run last took a turn."""
    next_turn: float = float("-inf")
    """When the next turn is that other runs leave us."""
    latency: float = 0
    """Seconds the database took to answer when we last asked for a turn."""
    crawl_delay: float | None = None
    refusals: int = 0
    """Answers in a row that refused what was asked for."""
    outcome: HostOutcome | None = None
    withheld: int = 0
    """Requests that were not made."""

    def withhold(self, outcome: HostOutcome, why: str, reason: str = "") -> RequestRefused:
        """Count a request that is not made, and return the exception for it."""
        self.outcome = outcome
        self.reason = why
        self.withheld += 1
        return RequestRefused(reason or outcome, waits=True)

    def check(self) -> None:
        """Raise the exception for a request to a host that is not to be asked just now."""
        if self.refusals >= MAX_REFUSALS:
            raise self.withhold("stay_away", self.reason)
        if self.not_before - time.monotonic() > MAX_WAIT:
            raise self.withhold("retry_later", self.reason)


class Politeness:
    """Scrapy extension by which each request waits for its host's turn and heeds its answers.

    Every request is made through `request`. All runs on one database share the turns of a host.
    Before the run opens it, requests pass straight through. Where the database does not answer,
    it tells the run, and refuses the request.

    Args:
        delay: seconds from one request to a host to the next; with 0 and no `Crawl-delay`, turns
            need not be taken.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._is_open = False
        self._loading: dict[str, asyncio.Task[_Host]] = {}
        self._loaded: list[_Host] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Politeness":
        """Scrapy's constructor."""
        return cls(crawler.settings.getfloat("DOWNLOAD_DELAY"))

    @classmethod
    def of(cls, crawler: Crawler) -> "Politeness":
        """Return the crawler's extension; where it has none, one that nobody opens."""
        return crawler.get_extension(cls) or cls(0)

    def open(
        self,
        hosts: Hosts,
        stopped: Callable[[], bool],
        lost: Callable[[StoreError | ClockSlow], None],
    ) -> None:
        """Make requests wait for their turns from now on.

        Args:
            stopped: tells whether the run is about to end.
            lost: called where the database does not answer, or our clock is wrong.
        """
        self._hosts, self._stopped, self._lost = hosts, stopped, lost
        self._is_open = True

    async def request(
        self, request: Request, fetch: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Make a request when its host's turn has come.

        Raises:
            RequestRefused: the host is not to be asked just now.
        """
        if not self._is_open:
            return await fetch(request)
        host = await self._host(request)
        async with host.first_in_line:
            await self._wait_for_turn(host)
            if self._interval(host):  # one at a time: what it asks for is known before the next
                return await self._fetch(host, request, fetch)
        return await self._fetch(host, request, fetch)

    async def check(self, request: Request) -> None:
        """Raise what `request` would, where that is known without waiting."""
        if self._is_open:
            (await self._host(request)).check()

    async def withhold(self, request: Request, outcome: HostOutcome, reason: str) -> RequestRefused:
        """Return the exception for a request to a host whose robots.txt rules out all requests."""
        if not self._is_open:
            return RequestRefused(reason)
        return (await self._host(request)).withhold(outcome, reason, reason)

    async def set_crawl_delay(self, request: Request, delay: float, *, just_asked: bool) -> None:
        """Obey a host's `Crawl-delay`; if the host was just asked, the pause begins now."""
        if not self._is_open:
            return
        host = await self._host(request)
        if delay > MAX_WAIT and host.crawl_delay is None:
            message = "%s asks for %.0f seconds between requests; it gets %.0f."
            logger.warning(message, host.name, delay, MAX_WAIT)
        host.crawl_delay = max(delay, host.crawl_delay or 0)
        if just_asked:
            await self._answer(self._hosts.postpone_turn(host.name, self._interval(host)))

    async def robots_copy(self, request: Request) -> RobotsCopy | None:
        """Return the database's copy of a robots.txt, by the request for it."""
        return await self._answer(self._hosts.robots(request.url)) if self._is_open else None

    async def keep_robots(self, request: Request, body: bytes) -> None:
        """Keep a robots.txt in the database, by the request for it."""
        if self._is_open:
            await self._answer(self._hosts.keep_robots(request.url, body))

    def describe_hosts(self) -> list[dict[str, Any]]:
        """Return the run document's part about hosts."""
        return [
            {
                "host": host.name,
                "delay": self._interval(host),
                "crawl_delay": host.crawl_delay,
                "outcome": host.outcome,
                "reason": host.reason if host.outcome else None,
                "until": _instant(host.not_before) if host.outcome == "retry_later" else None,
                "withheld": host.withheld,
            }
            for host in self._loaded
        ]

    async def _answer(self, answer: Awaitable[T]) -> T:
        """Return what the database answers; where it does not, tell the run, which ends."""
        try:
            return await answer
        except StoreError as error:
            self._lost(error)
            raise RequestRefused(STOPPED, waits=True) from None

    async def _host(self, request: Request) -> _Host:
        name = urlparse_cached(request).hostname or ""
        if name not in self._loading:
            self._loading[name] = asyncio.ensure_future(self._load(name))
        return await self._loading[name]

    async def _load(self, name: str) -> _Host:
        known = await self._answer(self._hosts.load(name))
        host = _Host(name, time.monotonic() + known.rest, known.reason, known.pauses)
        self._loaded.append(host)
        return host

    def _interval(self, host: _Host) -> float:
        """Return the seconds from one request to the next."""
        delay = max(self._delay, host.crawl_delay or 0)
        return round(min(delay + DELAY_MARGIN, MAX_WAIT), 3) if delay else 0

    async def _wait_for_turn(self, host: _Host) -> None:
        """Take the host's next turn, however long it takes to come.

        It is asked for ahead of time, by as much as the last answer took: that delays no request.
        """
        is_ours = False
        while True:
            if self._stopped():
                raise RequestRefused(STOPPED, waits=True)
            host.check()
            interval = self._interval(host)
            ahead = 0 if is_ours else min(host.latency, interval)
            now = time.monotonic()
            wait = max(host.last_turn + interval, host.next_turn, host.not_before) - ahead - now
            if wait > 0:
                # In small steps, because the run may be told to stop.
                await asyncio.sleep(min(wait, 0.5))
            elif is_ours or not interval:
                host.last_turn = now
                return
            else:
                left = await self._answer(self._hosts.take_turn(host.name, interval, ahead))
                is_ours = left <= ahead
                answered = time.monotonic()
                host.latency = round(answered - now, 3)  # as the server counts
                host.next_turn = answered + left
                if left > MAX_WAIT:  # another run was asked to come back later
                    host.not_before = host.next_turn
                    host.reason = (await self._answer(self._hosts.load(host.name))).reason

    async def _fetch(
        self, host: _Host, request: Request, fetch: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Fetch, and note what the answer asks for."""
        response = await fetch(request)
        self._check_clock(host, header(response, "Date") or "")
        is_refusal = response.status in REFUSAL_STATUSES
        host.refusals = host.refusals + 1 if is_refusal else 0
        if is_refusal or response.status in OVERLOAD_STATUSES:
            host.reason = f"http_{response.status}"
        if response.status in OVERLOAD_STATUSES:
            stated, date = header(response, "Retry-After"), header(response, "Date")
            seconds = retry_after(stated or "", date or "", datetime.now(UTC))
            rest = await self._answer(self._hosts.back_off(host.name, seconds, host.reason))
            host.not_before = time.monotonic() + rest
            host.pauses += seconds is None
            logger.warning("%s answers %s: no request for %.0f s.", host.name, host.reason, rest)
        elif host.pauses:
            host.pauses = 0
            await self._answer(self._hosts.recovered(host.name))
        return response

    def _check_clock(self, host: _Host, stated: str) -> None:
        """Refuse what was fetched, and end the run, where its server's time is far ahead of ours.

        Raises:
            RequestRefused: it is: nothing is to be read by such a clock.
        """
        try:
            theirs, ours = parsedate_to_datetime(stated), datetime.now(UTC)
            is_slow = theirs - ours > MAX_SLOWNESS
        except (ValueError, TypeError):  # no date, or one without a zone
            return
        if is_slow:
            self._lost(
                ClockSlow(
                    f"It is {ours:%Y-%m-%d %H:%M} UTC by the clock of this machine, and "
                    f"{theirs:%Y-%m-%d %H:%M} by that of {host.name}: set it by NTP (`timedatectl "
                    "set-ntp true`). Nothing was read, because dates would have been lost."
                )
            )
            raise RequestRefused("clock", waits=True)


def _instant(monotonic: float) -> datetime | None:
    left = monotonic - time.monotonic()
    return datetime.now(UTC) + timedelta(seconds=left) if left > 0 else None
