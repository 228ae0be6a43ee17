"""The server as its clients meet it: hosts, caching, the clock, faults, the log, its end."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psutil
import pytest

from newsworld.client import Client, running

PROJECT = Path(__file__).parents[2]
ADDRESSES = (
    "https://asianlite.com/",
    "https://asianlite.com/robots.txt",
    "https://asianlite.com/feed",
    "https://asianlite.com/category/uk-news/feed",
    "https://asianlite.com/category/top-news",
    "https://asianlite.com/category/top-news/page/2",
    "https://asianlite.com/wp-json/wp/v2/posts?per_page=100",
    "https://asianlite.com/wp-sitemap.xml",
    "https://asianlite.com/wp-sitemap-posts-post-1.xml",
    "https://asianlite.com/sitemap-news.xml",
    "https://asianlite.com/sitemap.xml.gz",
    "https://asianlite.com/wp-content/uploads/a.png",
    "https://nationaltimes.pk/robots.txt",
    "https://nationaltimes.pk/eng/",
    "https://nationaltimes.pk/eng/?feed=rss2",
    "https://nationaltimes.pk/eng/?cat=3&paged=2",
    "https://nationaltimes.pk/eng/?rest_route=/wp/v2/posts",
    "https://nationaltimes.pk/eng/?sitemap=index",
    "https://ticker.example/",
    "https://ticker.example/feed",
    "https://ticker.example/api/story/1",
)
Response = tuple[int, dict[str, str], bytes]


def fetch(client: Client, url: str, method: str = "GET", **headers: str) -> Response:
    """Ask for an address as a crawler behind the gateway does."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=10)
    sent = {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(connection):
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers=sent)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """For tests that leave it as it is."""
    with running(days=3) as client:
        yield client


def test_same_seed_same_bytes_in_two_processes(shared: Client) -> None:
    addresses = [*ADDRESSES, *(truth["url"] for truth in shared.truth())]
    with running(days=3, seed=7) as twin, running(days=3, seed=8) as other:
        assert twin.truth() == shared.truth()
        for url in addresses:
            ours = fetch(shared, url)
            assert ours[0] == HTTPStatus.OK
            assert fetch(twin, url) == ours, url
        differing = [url for url in ADDRESSES if fetch(other, url)[2] != fetch(shared, url)[2]]
        assert [url for url in ADDRESSES if url not in differing] == [
            "https://asianlite.com/robots.txt",
            "https://asianlite.com/wp-sitemap.xml",
            "https://asianlite.com/wp-content/uploads/a.png",
            "https://nationaltimes.pk/robots.txt",
            "https://nationaltimes.pk/eng/?sitemap=index",
        ]


def test_conditional_requests(shared: Client) -> None:
    truth = shared.truth()
    pages = [
        next(t["url"] for t in truth if t["outlet"] == o) for o in ("asianlite", "national_times")
    ]
    for url in (*ADDRESSES, *pages):
        if "robots" in url:
            continue
        status, headers, body = fetch(shared, url)
        tag, date = headers["ETag"], headers["Last-Modified"]
        for condition in (
            {"If_None_Match": tag},
            {"If_None_Match": f'"x", W/{tag}'},
            {"If_None_Match": "*"},
            {"If_Modified_Since": date},
            {"If_None_Match": tag, "If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        ):
            status, headers, empty = fetch(shared, url, **condition)
            assert (status, empty) == (HTTPStatus.NOT_MODIFIED, b""), (url, condition)
            assert headers["ETag"] == tag
        for condition in (
            {"If_None_Match": '"x"'},
            {"If_None_Match": '"x"', "If_Modified_Since": date},
            {"If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
            {"If_Modified_Since": "yesterday"},
        ):
            assert fetch(shared, url, **condition)[::2] == (HTTPStatus.OK, body), (url, condition)


def test_head_and_other_methods(shared: Client) -> None:
    url = ADDRESSES[0]
    body = fetch(shared, url)[2]
    status, headers, empty = fetch(shared, url, "HEAD")
    assert (status, headers["Content-Length"], empty) == (200, str(len(body)), b"")
    assert fetch(shared, url, "POST")[0] == HTTPStatus.METHOD_NOT_ALLOWED


def test_hosts_and_dates(shared: Client) -> None:
    assert fetch(shared, "https://elsewhere.example/")[0] == HTTPStatus.NOT_FOUND
    assert fetch(shared, "https://asianlite.com/nothing")[0] == HTTPStatus.NOT_FOUND
    headers = fetch(shared, "https://ASIANLITE.com:443/")[1]
    assert headers["Date"] == "Sun, 01 Dec 2024 12:00:00 GMT"


def test_the_clock_reveals_new_stories(client: Client) -> None:
    before = {truth["url"] for truth in client.truth()}
    tags = {url: fetch(client, url)[1].get("ETag") for url in ADDRESSES}
    client.set_clock(client.clock() + timedelta(days=2))
    new = {truth["url"] for truth in client.truth()} - before
    assert len(new) > 20
    assert all(fetch(client, url)[0] == HTTPStatus.OK for url in new)
    for url in ("https://asianlite.com/feed", "https://nationaltimes.pk/eng/"):
        status, _, body = fetch(client, url, If_None_Match=str(tags[url]))
        assert status == HTTPStatus.OK
        assert any(n.partition("//")[2].encode() in body for n in new)
    with pytest.raises(HTTPError, match="400"):
        client.set_clock(client.clock() - timedelta(days=1))


def test_a_story_still_to_come_is_missing(client: Client) -> None:
    with running(days=3, now=client.clock() + timedelta(days=2)) as later:
        coming = {t["url"] for t in later.truth() if t["outlet"] == "ticker"}
    present = {t["url"] for t in client.truth()}
    for url in coming - present:
        assert fetch(client, url)[0] == HTTPStatus.NOT_FOUND


def test_faults(client: Client) -> None:
    feed, home = "https://asianlite.com/feed", "https://nationaltimes.pk/eng/"
    client.faults(
        [
            {"host": "asianlite.com", "path": "^/feed$", "status": 503, "times": 2,
             "headers": {"Retry-After": "7"}, "body": "busy"},
            {"path": r"paged=\d", "close": True},
            {"path": "robots", "delay": 0.3},
            {"host": "nationaltimes.pk", "headers": {"content-type": "text/odd"}},
        ]
    )  # fmt: skip
    for _ in range(2):
        status, headers, body = fetch(client, feed)
        assert (status, headers["Retry-After"], body) == (503, "7", b"busy")
    assert fetch(client, feed)[0] == HTTPStatus.OK
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        fetch(client, f"{home}?cat=3&paged=2")
    started = time.monotonic()
    assert fetch(client, "https://asianlite.com/robots.txt")[0] == HTTPStatus.OK
    assert time.monotonic() - started > 0.3
    assert fetch(client, home)[1]["content-type"] == "text/odd"
    client.faults([])
    assert fetch(client, f"{home}?cat=3&paged=2")[0] == HTTPStatus.OK
    assert fetch(client, home)[1]["Content-Type"].startswith("text/html")


def test_a_fault_edits_a_page(client: Client) -> None:
    """What is served changes, and its validators with it."""
    home = "https://nationaltimes.pk/eng/"
    status, headers, body = fetch(client, home)
    client.faults([{"path": "^/eng/$", "edits": {"^(.{90}).*": r"\1"}}])
    status, changed, cut = fetch(client, home)
    assert (status, len(cut)) == (HTTPStatus.OK, 90)
    assert changed["ETag"] != headers["ETag"]
    assert len(body) > 90


@pytest.mark.parametrize(
    "rules",
    [[{"stauts": 500}], [{"path": "("}], [{"path": 3}], [{"edits": {"(": ""}}], [{"edits": 3}]],
)
def test_bad_faults_are_refused(shared: Client, rules: list[dict[str, object]]) -> None:
    with pytest.raises(HTTPError, match="400"):
        shared.faults(rules)


def test_the_log_holds_every_request(client: Client) -> None:
    url = "https://nationaltimes.pk/eng/?feed=rss2"
    body = fetch(client, url, User_Agent="probe/1")[2]
    fetch(client, "https://asianlite.com/nothing?a=1", "HEAD")
    first, second = client.log()
    assert first["at"] <= second["at"]
    assert first | {"at": 0} == {
        "at": 0,
        "clock": "2024-12-01T12:00:00+00:00",
        "method": "GET",
        "host": "nationaltimes.pk",
        "path": "/eng/?feed=rss2",
        "status": 200,
        "bytes": len(body),
        "user_agent": "probe/1",
        "shows": [],
        "story": "",
    }
    assert (second["method"], second["path"]) == ("HEAD", "/nothing?a=1")
    assert (second["status"], second["bytes"]) == (404, 0)
    client.clear_log()
    assert client.log() == []


def test_it_starts_fast_and_serves_fast() -> None:
    """In processor time: by the clock it depends on what else the machine does."""
    before = set(psutil.Process().children())
    with running() as client:
        (server,) = set(psutil.Process().children()) - before
        fetch(client, ADDRESSES[0])
        assert sum(server.cpu_times()[:2]) < 1.5
        url = next(t["url"] for t in client.truth())
        fetch(client, url)
        started = sum(server.cpu_times()[:2])
        for _ in range(100):
            fetch(client, url)
        assert (sum(server.cpu_times()[:2]) - started) / 100 < 0.01


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "newsworld", "--days", "1"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.communicate(timeout=5) == ("", "")
        assert process.returncode == 0


def test_it_ends_with_the_process_that_started_it() -> None:
    program = (
        "import time\n"
        "from newsworld.client import running\n"
        "with running(days=1) as client:\n"
        "    print(client.url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        client = Client(process.stdout.readline().strip())
        client.clock()
        os.kill(process.pid, signal.SIGKILL)
    for _ in range(50):
        try:
            client.clock()
        except OSError:
            return
        time.sleep(0.1)
    pytest.fail("newsworld outlived the process that started it")
