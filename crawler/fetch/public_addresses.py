"""Connections to public addresses only, so that no site leads us into our own network."""

import asyncio
import logging
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

logger = logging.getLogger(__name__)

UNICAST = ip_network("2000::/3")
"""RFC 4291, 2.4."""
RELAYS = ip_network("192.88.99.0/24")
"""6to4 relay anycast (RFC 7526): called global by `ipaddress`, but no web server."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet.

    Of IPv6 only plain global unicast is: no form that carries an IPv4 address in it.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        return ip.is_global and ip in UNICAST and not (ip.sixtofour or ip.teredo)
    return ip.is_global and not ip.is_multicast and ip not in RELAYS


async def resolve(host: str) -> list[str]:
    """Return the addresses of a host, a name or an address in any spelling; none if unknown."""
    try:
        entries = await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]).partition("%")[0] for entry in entries]


async def all_public(host: str) -> bool:
    """Return whether a host has addresses, and only public ones."""
    addresses = await resolve(host)
    return bool(addresses) and all(map(is_public, addresses))


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which leads to public IPv4 addresses only, whatever the spelling.

    It is asked for every connection, so the address that was checked is the one connected to.
    The host of ``GATEWAY`` is the one exception.
    """

    _trusted: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "PublicResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver._trusted = urlsplit(crawler.settings["GATEWAY"]).hostname
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":  # noqa: N802
        resolved = super().getHostByName(name, timeout)
        return resolved if name == self._trusted else resolved.addCallback(_check, name)


def _check(address: str, name: str) -> str:
    if is_public(address):
        return address
    logger.warning("Refused to connect to %s: its address %s is not public.", name, address)
    raise DNSLookupError(f"{name} leads to a private address")  # the message gets lost in Twisted
