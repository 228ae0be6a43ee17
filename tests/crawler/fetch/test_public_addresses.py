"""Only public addresses are connected to, however they are spelled."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.fetch.public_addresses import is_public, resolve

PROJECT = Path(__file__).parents[3]

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "169.253.255.255", "126.255.255.255", "11.0.0.1",
)  # fmt: skip
PRIVATE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.0.1", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "224.0.1.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
)  # fmt: skip

SPELLINGS = (
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001",
    "0x7F.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "0177.0x0.1", "00000177.1", "0",
    "0.0.0.0", "localhost", "LocalHost", "localhost.", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1",
    "１２７.0.0.1",
)  # fmt: skip

# Connects to each spelling of this machine through the resolver, as Scrapy does; prints how each
# attempt ended and how often somebody got through to the port.
CLIENT = """
import asyncio, json, logging, sys
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import endpoints, protocol, reactor
from scrapy import Spider
from scrapy.crawler import Crawler
from crawler.fetch import public_addresses

hits, refused = [], []
logging.getLogger(public_addresses.__name__).addFilter(lambda r: refused.append(r.args[0]))

class Canary(protocol.Protocol):
    def connectionMade(self):
        hits.append(self.transport.getPeer())

async def main(gateway, names):
    factory = protocol.Factory.forProtocol(Canary)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1").getHost().port
    crawler = Crawler(Spider, {"GATEWAY": gateway})
    public_addresses.PublicResolver.from_crawler(crawler, reactor).install_on_reactor()
    ended = {}
    for name in names:
        try:
            client = endpoints.HostnameEndpoint(reactor, name, port, timeout=3)
            connected = client.connect(protocol.Factory.forProtocol(protocol.Protocol))
            await connected.asFuture(asyncio.get_running_loop())
            ended[name] = "connected"
        except Exception as error:
            ended[name] = type(error).__name__
    await asyncio.sleep(0.1)
    print(json.dumps({"ended": ended, "hits": len(hits), "refused": refused}))
    reactor.stop()

def run():
    asyncio.ensure_future(main(sys.argv[1], sys.argv[2:]))

reactor.callWhenRunning(run)
reactor.run()
"""


def connect(gateway: str, *names: str) -> tuple[dict[str, str], int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, gateway, *names],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    result = json.loads(done.stdout)
    return result["ended"], result["hits"], set(result["refused"])


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def test_no_spelling_of_this_machine_is_connected_to() -> None:
    ended, hits, refused = connect("", *SPELLINGS)
    assert hits == 0
    assert "connected" not in ended.values()
    assert ended.keys() == set(SPELLINGS)
    # These resolve: that they were refused is the resolver's doing.
    assert refused >= {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"}


def test_the_gateway_is_the_only_exception() -> None:
    ended, hits, _ = connect("http://127.0.0.1:8700", "127.0.0.1", "127.1", "localhost")
    assert (ended["127.0.0.1"], hits) == ("connected", 1)
    assert "connected" not in (ended["127.1"], ended["localhost"])


def test_a_name_that_leads_inside_is_told_from_one_that_does_not_exist() -> None:
    for name in ("localhost", "127.1", "2130706433", "0x7f000001", "::1"):
        addresses = asyncio.run(resolve(name))
        assert addresses
        assert not any(map(is_public, addresses))
    for name in ("nowhere.invalid", "", "a" * 64 + ".example"):
        assert asyncio.run(resolve(name)) == []
