"""Answers that lie, wait or refuse: what a rule makes of a page."""

import http.client
import time
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from newsworld.client import Client, running
from tests.newsworld.test_server import fetch

FEED = "https://asianlite.com/feed"
FUTURE = "2031-05-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def _served() -> Iterator[Client]:
    with running(days=3, press=1, press_stories=5) as client:
        yield client


@pytest.fixture
def client(_served: Client) -> Iterator[Client]:
    """A newsworld that behaves itself afterwards."""
    yield _served
    _served.faults([])


def test_a_frozen_tag_hides_what_has_changed() -> None:
    with running(days=3) as client:
        client.faults([{"path": "^/feed$", "etag": '"frozen"'}])
        status, headers, before = fetch(client, FEED)
        assert (status, headers["ETag"]) == (200, '"frozen"')
        client.set_clock(client.clock().replace(day=4))
        assert fetch(client, FEED, If_None_Match='"frozen"')[::2] == (304, b"")
        status, headers, after = fetch(client, FEED)
        assert (status, headers["ETag"]) == (200, '"frozen"')
        assert before != after


def test_a_last_change_in_the_future(client: Client) -> None:
    client.faults([{"path": "^/feed$", "etag": "", "last_modified": FUTURE}])
    _, headers, _ = fetch(client, FEED)
    assert "ETag" not in headers
    assert headers["Last-Modified"] == "Thu, 01 May 2031 00:00:00 GMT"
    assert fetch(client, FEED, If_Modified_Since=headers["Last-Modified"])[0] == 304


def test_each_validator_goes_alone(client: Client) -> None:
    whole = fetch(client, FEED)[1]
    for rule, left in (
        ({"etag": ""}, {"Last-Modified"}),
        ({"last_modified": ""}, {"ETag"}),
        ({"etag": "", "last_modified": ""}, set()),
    ):
        client.faults([{"path": "^/feed$", **rule}])
        headers = fetch(client, FEED)[1]
        assert headers.keys() & {"ETag", "Last-Modified"} == left
        assert all(headers[name] == whole[name] for name in left)


def test_304_to_a_request_without_condition(client: Client) -> None:
    client.faults([{"path": "^/feed$", "status": 304}])
    assert fetch(client, FEED)[::2] == (304, b"")


def test_a_feed_that_moved_and_one_that_is_gone(client: Client) -> None:
    to = "https://asianlite.com/category/top-news/feed"
    client.faults([{"path": "^/feed$", "status": 301, "headers": {"Location": to}}])
    status, headers, _ = fetch(client, FEED)
    assert (status, headers["Location"]) == (301, to)
    client.faults([{"path": "^/feed$", "status": 410}])
    assert fetch(client, FEED)[0] == 410


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("told", ["120", "Sun, 01 Dec 2024 12:02:00 GMT"])
def test_both_forms_of_retry_after(client: Client, status: int, told: str) -> None:
    rule = {"host": "paper-01.example", "status": status, "headers": {"Retry-After": told}}
    client.faults([{**rule, "times": 2}])
    for _ in range(2):
        found, headers, _ = fetch(client, "https://paper-01.example/feed")
        assert (found, headers["Retry-After"]) == (status, told)
    assert fetch(client, "https://paper-01.example/feed")[0] == 200


def test_a_spell_of_server_errors_ends(client: Client) -> None:
    client.faults([{"status": 502, "times": 3}])
    assert [fetch(client, FEED)[0] for _ in range(4)] == [502, 502, 502, 200]


def test_a_body_that_stalls(client: Client) -> None:
    body = fetch(client, FEED)[2]
    client.faults([{"path": "^/feed$", "stall": 0.4}])
    started = time.monotonic()
    assert fetch(client, FEED)[2] == body
    assert time.monotonic() - started > 0.4
    assert client.log()[-1]["status"] == 200


def test_an_answer_that_never_comes(client: Client) -> None:
    client.faults([{"path": "^/feed$", "delay": 60}])
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=0.3)
    connection.request("GET", "/feed", headers={"Host": "asianlite.com"})
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()


@pytest.mark.parametrize("rule", [{"last_modified": "soon"}, {"last_modified": "2031-05-01"}])
def test_bad_instants_are_refused(client: Client, rule: dict[str, str]) -> None:
    with pytest.raises(HTTPError, match="400"):
        client.faults([rule])
