"""What we refuse to fetch: addresses inside our own network, and hosts not of the outlet."""

import asyncio
import logging
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import offsite
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

logger = logging.getLogger(__name__)

UNICAST = ip_network("2000::/3")
"""RFC 4291, 2.4."""
RELAYS = ip_network("192.88.99.0/24")
"""6to4 relay anycast (RFC 7526): called global by `ipaddress`, but no web server."""


class Refused(IgnoreRequest):
    """We do not make this request.

    Args:
        reason: ``offsite``, ``robots_disallowed``, ``robots_`` and why the rules are out of reach,
            or one of `crawler.fetch.politeness`.
        waits: whether it is the host that is not to be asked, just now, and not this address.
    """

    def __init__(self, reason: str, *, waits: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.waits = waits


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet.

    Of IPv6 only what is plain global unicast: no form that carries an IPv4 address in it.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        return ip.is_global and ip in UNICAST and not (ip.sixtofour or ip.teredo)
    return ip.is_global and not ip.is_multicast and ip not in RELAYS


async def all_public(host: str) -> bool:
    """Whether `host`, a name or an address in any spelling, leads to public addresses only."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return False
    return bool(found) and all(is_public(str(entry[4][0]).partition("%")[0]) for entry in found)


class PublicResolver(CachingThreadedResolver):
    """Resolves names, and literal addresses in any spelling, to public IPv4 addresses only.

    It is asked for every connection, so the address that was checked is the one connected to.
    """

    refused: ClassVar[set[str]] = set()
    """Names of this process that led to a private address."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._trusted: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "PublicResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver._trusted = urlsplit(crawler.settings["GATEWAY"]).hostname
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":  # noqa: N802
        resolved = super().getHostByName(name, timeout)
        return resolved if name == self._trusted else resolved.addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if is_public(address):
            return address
        self.refused.add(name)
        logger.warning("Refused to connect to %s: it leads to %s, not a public one.", name, address)
        raise DNSLookupError(f"{name} leads to a private address")


class OffsiteMiddleware(offsite.OffsiteMiddleware):
    """Scrapy's, but every refusal reaches the errback, so that no lead is left without a fate."""

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Refuse nothing here: a request dropped by this signal tells nobody."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Refuse a request to a host outside the outlet's domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            raise Refused("offsite") from None
