"""Manners: what hosts ask of us, and what we therefore do."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.fetch.guard import Refused
from crawler.fetch.hosts import Hosts
from crawler.fetch.retry_after import retry_after

logger = logging.getLogger(__name__)

HostOutcome = Literal["retry_later", "stay_away"]
"""Why a host is not asked: it is to be asked later, or refuses whatever we ask for."""
STOPPED = "stopped"
"""The run ended while a request waited for its turn."""

PATIENCE = 120.0
"""Seconds: no turn is waited for longer. A `Crawl-delay` beyond is taken as this much."""
MARGIN = 0.1
"""Seconds added to each delay: a request may take longer to reach its host than the next."""
OVERLOADED = frozenset({429, 503})
REFUSALS = frozenset({401, 403, 451})
ENOUGH = 5
"""So many refusals in a row are meant for us, and not for what was asked for."""


@dataclass
class _Host:
    """A host of this run. Instants are of the monotonic clock, in seconds."""

    name: str
    not_before: float
    reason: str
    pauses: int
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the request whose turn is next."""
    asked: float = float("-inf")
    """When we took our last turn."""
    taken_until: float = float("-inf")
    """When the next turn is that others leave us."""
    latency: float = 0
    """Seconds the database took to answer when we last asked for a turn."""
    crawl_delay: float | None = None
    refusals: int = 0
    outcome: HostOutcome | None = None
    withheld: int = 0

    def withhold(self, outcome: HostOutcome, why: str, reason: str = "") -> Refused:
        """The exception for a request that is not made, which is counted."""
        self.outcome = outcome
        self.reason = why
        self.withheld += 1
        return Refused(reason or outcome, waits=True)

    def refuse(self) -> Refused | None:
        """The exception for a request to a host that is not to be asked just now, if it is not."""
        if self.refusals >= ENOUGH:
            return self.withhold("stay_away", self.reason)
        if self.not_before - time.monotonic() > PATIENCE:
            return self.withhold("retry_later", self.reason)
        return None


class Politeness:
    """The hosts of one run, which share their budgets with all other runs.

    Every request is made through `request`: it waits for the host's turn, and notes what the
    answer asks for before another request is made.

    Args:
        delay: seconds from one request to a host to the next; with 0 and no `Crawl-delay`, turns
            need not be taken.
        stopped: tells whether the run is about to end.
    """

    def __init__(self, hosts: Hosts, delay: float, stopped: Callable[[], bool]) -> None:
        self.hosts = hosts
        self._delay = delay
        self._stopped = stopped
        self._known: dict[str, asyncio.Task[_Host]] = {}

    async def request(
        self, request: Request, fetch: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Make a request when its host's turn has come.

        Raises:
            Refused: the host is not to be asked just now.
            StoreError: the database does not answer.
        """
        host = await self._host(request)
        async with host.line:
            await self._turn(host)
            if self._spacing(host):  # one at a time: what it asks for is known before the next
                return await self._fetch(host, request, fetch)
        return await self._fetch(host, request, fetch)

    async def check(self, request: Request) -> None:
        """Raise what `request` would, where that is known without standing in line."""
        if refused := (await self._host(request)).refuse():
            raise refused

    async def withhold(self, request: Request, outcome: HostOutcome, reason: str) -> Refused:
        """The exception for a request that its site's robots.txt rules out, as all others."""
        return (await self._host(request)).withhold(outcome, reason, reason)

    async def slow_down(self, request: Request, crawl_delay: float, *, fresh: bool) -> None:
        """Obey a `Crawl-delay`, from the next request on; `fresh` if it was only just read."""
        host = await self._host(request)
        if crawl_delay > PATIENCE and host.crawl_delay is None:
            logger.warning(
                "%s asks for %.0f seconds between requests: it gets %.0f.",
                host.name,
                crawl_delay,
                PATIENCE,
            )
        host.crawl_delay = max(crawl_delay, host.crawl_delay or 0)
        if fresh:
            await self.hosts.space(host.name, self._spacing(host))

    def told(self) -> list[dict[str, Any]]:
        """The run document's part about hosts."""
        hosts = [task.result() for task in self._known.values() if _is_read(task)]
        return [
            {
                "host": host.name,
                "delay": self._spacing(host),
                "crawl_delay": host.crawl_delay,
                "outcome": host.outcome,
                "reason": host.reason if host.outcome else None,
                "until": _instant(host.not_before) if host.outcome == "retry_later" else None,
                "withheld": host.withheld,
            }
            for host in hosts
        ]

    async def _host(self, request: Request) -> _Host:
        name = urlparse_cached(request).hostname or ""
        if name not in self._known:
            self._known[name] = asyncio.ensure_future(self._load(name))
        return await self._known[name]

    async def _load(self, name: str) -> _Host:
        known = await self.hosts.load(name)
        return _Host(name, time.monotonic() + known.rest, known.reason, known.pauses)

    def _spacing(self, host: _Host) -> float:
        """Seconds from one request to the next."""
        delay = max(self._delay, host.crawl_delay or 0)
        return round(min(delay + MARGIN, PATIENCE), 3) if delay else 0

    async def _turn(self, host: _Host) -> None:
        """Take the host's next turn, however long it takes to come.

        It is asked for ahead of time, by as much as the last answer took: that delays no request.
        """
        is_ours = False
        while True:
            if self._stopped():
                raise Refused(STOPPED, waits=True)
            if refused := host.refuse():
                raise refused
            spacing = self._spacing(host)
            ahead = 0 if is_ours else min(host.latency, spacing)
            now = time.monotonic()
            wait = max(host.asked + spacing, host.taken_until, host.not_before) - ahead - now
            if wait > 0:
                # In small steps, because the run may be told to stop.
                await asyncio.sleep(min(wait, 0.5))
            elif is_ours or not spacing:
                host.asked = now
                return
            else:
                left = await self.hosts.turn(host.name, spacing, ahead)
                is_ours = left <= ahead
                answered = time.monotonic()
                host.latency = round(answered - now, 3)  # as the server counts
                host.taken_until = answered + left
                if left > PATIENCE:  # another run was asked to come back later
                    host.not_before = host.taken_until
                    host.reason = (await self.hosts.load(host.name)).reason

    async def _fetch(
        self, host: _Host, request: Request, fetch: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Fetch, and note what the answer asks for."""
        response = await fetch(request)
        host.refusals = host.refusals + 1 if response.status in REFUSALS else 0
        if response.status in REFUSALS:
            host.reason = f"http_{response.status}"
        if response.status in OVERLOADED:
            seconds = retry_after(
                _header(response, "Retry-After"), _header(response, "Date"), datetime.now(UTC)
            )
            host.reason = f"http_{response.status}"
            rest = await self.hosts.rest(host.name, seconds, host.reason)
            host.not_before = time.monotonic() + rest
            host.pauses += seconds is None
            logger.warning("%s answers %s: it rests %.0f s.", host.name, host.reason, rest)
        elif host.pauses:
            host.pauses = 0
            await self.hosts.recovered(host.name)
        return response


def _is_read(task: "asyncio.Task[_Host]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _instant(monotonic: float) -> datetime | None:
    left = monotonic - time.monotonic()
    return datetime.now(UTC) + timedelta(seconds=left) if left > 0 else None


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""
