"""A real browser that nothing leads into our own network."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

PROJECT = Path(__file__).parents[3]
SITE = "http://93.184.215.14"
"""A public address, which the browser alone takes for this machine's."""

# Fetches pages as a crawl does that has a browser and no gateway; prints what became of each.
CLIENT = """
import json, sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from crawler.outlet import Selectors
from crawler.fetch import browser
from settings import base

port, *urls = sys.argv[1:]
ended = {}
browser.RENDER_MS = 1_000

class Site(Spider):
    name, page = "site", Selectors(body="p")

    async def start(self):
        for url in urls:
            yield Request(url, meta={"playwright": True}, errback=self.failed)

    def parse(self, response):
        ended[response.request.url] = response.css("p::text").get("")

    def failed(self, failure):
        ended[failure.request.url] = failure.type.__name__

options = base.BROWSER_SETTINGS["PLAYWRIGHT_LAUNCH_OPTIONS"]
options["args"] = [f"--host-resolver-rules=MAP 93.184.215.14 127.0.0.1:{port}"]
process = CrawlerProcess(base.BROWSER_SETTINGS | {"GATEWAY": "", "LOG_LEVEL": "CRITICAL"})
process.crawl(Site)
process.start()
print(json.dumps(ended))
"""


class Handler(BaseHTTPRequestHandler):
    """Pages of the site, and one of our own network."""

    asked: list[str]
    pages: dict[str, str]

    def do_GET(self) -> None:
        self.asked.append(self.headers["Host"] + self.path)
        page = self.pages.get(self.path, "")
        self.send_response(302 if page.startswith("http") else 200)
        self.send_header("Location", page)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_nothing_leads_inside(chromium: str, server: ThreadingHTTPServer) -> None:
    inside = f"http://127.0.0.1:{server.server_port}/inside"
    Handler.asked = []
    Handler.pages = {
        "/inside": "<p>The plan is for our own staff.</p>",
        "/plain": f"<p>A story.</p><img src={inside}?image><iframe src={inside}?frame></iframe>",
        "/redirect": inside,
        "/script": f"<script>location.replace('{inside}?script')</script>",
        "/meta": f"<meta http-equiv=refresh content='0;url={inside}?meta'>",
    }
    urls = [f"{SITE}{path}" for path in Handler.pages if path != "/inside"]
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, str(server.server_port), *urls, inside],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    ended = {url.removeprefix(SITE): how for url, how in json.loads(done.stdout).items()}
    assert (ended["/plain"], ended["/redirect"]) == ("A story.", "PrivateAddressError")
    assert len(ended) == 5
    assert not any("staff" in how for how in ended.values())
    # Playwright shows nobody where a redirect leads before it is followed.
    redirected = [one for one in Handler.asked if "inside" in one]
    assert redirected == [inside.removeprefix("http://")]
