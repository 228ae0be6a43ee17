"""robots.txt by RFC 9309, judged by what a site's request log shows; one crawl, many sites."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsworld.client import Client

PROJECT = Path(__file__).parents[3]
ROBOTS = r"^/robots\.txt$"
OK = "fetched"

# Asks every address given for one page, and prints what came of each.
CRAWL = """
import json, sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
from crawler.fetch.failure_reasons import failure_reason

class Asking(Spider):
    name = "asking"
    ended = {}

    async def start(self):
        for url in sys.argv[1:]:
            yield Request(url, errback=self.failed)

    def parse(self, response):
        self.ended[response.request.url] = "fetched"

    def failed(self, failure):
        self.ended[failure.request.url] = failure_reason(failure.value)

settings = get_project_settings()
settings.setdict({"EXTENSIONS": {}, "ITEM_PIPELINES": {}, "DOWNLOAD_TIMEOUT": 2,
                  "LOG_LEVEL": "ERROR"}, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl(Asking)
process.start()
print(json.dumps(Asking.ended))
"""


@dataclass
class Site:
    """How a site answers for its rules, and what has to become of a request to it."""

    name: str
    expected: str
    rules: list[dict[str, Any]]
    page: str = "/page"

    @property
    def host(self) -> str:
        return f"{self.name.partition('/')[0].replace('_', '-')}.example"

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.page}"

    @property
    def faults(self) -> list[dict[str, Any]]:
        page = {"host": self.host, "path": r"^/page", "body": "<p>Hello</p>"}
        return [{"host": self.host, "path": ROBOTS, **rule} for rule in self.rules] + [page]


def status(code: int, **more: Any) -> Site:
    expected = f"robots_http_{code}" if code == 429 or code >= 500 else OK
    return Site(f"status_{code}", expected, [{"status": code, "body": "", **more}])


def rules(name: str, body: str, expected: str, page: str = "/page") -> Site:
    return Site(name, expected, [{"body": body}], page)


def chain(hops: int, expected: str) -> Site:
    """So many redirects lead to rules that forbid everything."""
    site = Site(f"hops_{hops}", expected, [])
    steps = ["/robots.txt", *(f"/step-{n}" for n in range(1, hops))]
    last = f"https://rules-of-{site.host}/robots.txt"
    for at, to in zip(steps, [*steps[1:], last], strict=True):
        move = {"status": 301, "headers": {"Location": to}, "body": ""}
        site.rules.append({"path": f"^{at}$", **move})
    forbid = {"host": f"rules-of-{site.host}", "path": ROBOTS, "body": FORBID}
    site.rules.append(forbid)
    return site


FORBID = "User-agent: *\nDisallow: /\n"
FILLER = "# " + "x" * 97 + "\n"
LONG = (
    f"{FILLER * 5100}User-agent: *\nDisallow: /page/before\n"
    f"{FILLER * 200}Disallow: /page/after\n{FILLER}"
)
NAMED = "User-agent: *\nDisallow: /\n\nUser-agent: DATELINE\nAllow: /\n"
SITES = [
    *map(status, (204, 400, 401, 403, 404, 410, 429, 500, 503)),
    Site("dropped", "robots_connection_lost", [{"close": True}]),
    Site("hangs", "robots_timeout", [{"delay": 8}]),
    rules("empty", "", OK),
    rules("forbids", FORBID, "robots_disallowed"),
    rules("elsewhere", "User-agent: *\nDisallow: /private\n", OK),
    rules("our_token", NAMED, OK),
    rules("not_our_token", "User-agent: Datelines\nDisallow: /\n", OK),
    rules("us_alone", "User-agent: dateline\nDisallow: /\nUser-agent: *\nAllow: /\n",
          "robots_disallowed"),
    rules("longest_match", "User-agent: *\nDisallow: /\nAllow: /page\n", OK),
    rules("byte_order_mark", "\ufeff" + FORBID, "robots_disallowed"),
    rules("a_page", "<!DOCTYPE html><html><body>Not found</body></html>", OK),
    rules("long/before_the_cut", LONG, "robots_disallowed", "/page/before"),
    Site("long/after_the_cut", OK, [], "/page/after"),
    rules("huge", FORBID.replace("/\n", "/page\n") + FILLER * 120_000, "robots_disallowed"),
    chain(1, "robots_disallowed"),
    chain(5, "robots_disallowed"),
    chain(6, "robots_too_many_redirects"),
]  # fmt: skip


@pytest.fixture(scope="module")
def asked(_newsworld: Client) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """What became of each page, and the sites' request log."""
    _newsworld.clear_log()
    _newsworld.faults([fault for site in SITES for fault in site.faults])
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, *(site.url for site in SITES)],
        cwd=PROJECT,
        env={**os.environ, "DATELINE_GATEWAY": _newsworld.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    _newsworld.faults([])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), _newsworld.log()


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_what_a_site_answers(
    site: Site, asked: tuple[dict[str, str], list[dict[str, Any]]]
) -> None:
    ended, log = asked
    assert ended[site.url] == site.expected
    pages = [r for r in log if (r["host"], r["path"]) == (site.host, site.page)]
    assert len(pages) == (site.expected == OK)
    readings = [r for r in log if r["host"] == site.host and r["path"] == "/robots.txt"]
    # Twisted asks once more where a connection it used again is dropped.
    assert len(readings) in ((1, 2) if site.name == "dropped" else (1,))


def test_rules_are_of_a_host_and_port_and_scheme(world: Client) -> None:
    """They are read once for each, however many pages are asked for."""
    world.faults([{"host": "many.example", "path": "^/page", "body": "Hello"}])
    urls = [f"https://many.example/page/{n}" for n in range(5)]
    urls += ["http://many.example/page", "https://many.example:8443/page"]
    subprocess.run(
        [sys.executable, "-c", CRAWL, *urls],
        cwd=PROJECT,
        env={**os.environ, "DATELINE_GATEWAY": world.url},
        capture_output=True,
        timeout=60,
        check=True,
    )
    paths = [request["path"] for request in world.log()]
    assert (len(paths), paths.count("/robots.txt")) == (7 + 3, 3)
    assert paths[0] == "/robots.txt"
