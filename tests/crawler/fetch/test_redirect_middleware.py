"""Which cookies come back while a page is redirected, and to whom."""

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.fetch.redirect_middleware import RedirectMiddleware

PAGE = "https://www.news.example/a/story"
OTHER = "https://other.example/a"


def cookies(*steps: tuple[str, list[str]], start: str = PAGE) -> list[str]:
    """Follow redirects, each to an address and with cookies; the header of each request."""
    middleware = RedirectMiddleware.from_crawler(get_crawler())
    request, sent = Request(start), []
    for location, set_cookie in steps:
        answer = Response(
            request.url, status=302, headers={"Location": location, "Set-Cookie": set_cookie}
        )
        followed = middleware.process_response(request, answer)
        assert isinstance(followed, Request)
        request = followed
        sent.append((request.headers.get("Cookie") or b"").decode())
    return sent


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        ([(PAGE, ["seen=1; Path=/"])], ["seen=1"]),
        ([("/a/story", ["seen=1", "b=2; HttpOnly; SameSite=Lax"])], ["seen=1; b=2"]),
        ([("?x=1", ["seen=1; Secure; Domain=.news.example"])], ["seen=1"]),
        ([(PAGE, ["a=1"]), (PAGE, ["b=2"])], ["a=1", "a=1; b=2"]),
        ([(PAGE, ["a=1"]), (PAGE, ["a=2"]), (PAGE, [])], ["a=1", "a=2", "a=2"]),
        ([(PAGE, ["a=1"]), (PAGE, ["a=; Max-Age=0"])], ["a=1", ""]),
        ([(PAGE, [])], [""]),
        ([("/b", ["a=1; Path=/elsewhere"])], [""]),
        # Neither to another host, nor to one beside it, nor without encryption what asks for it.
        ([(OTHER, ["a=1"])], [""]),
        ([("https://m.news.example/a", ["a=1; Domain=.news.example"])], [""]),
        ([(PAGE, ["a=1; Domain=other.example"]), (OTHER, [])], ["", ""]),
        ([("http://www.news.example/a", ["a=1; Secure"])], [""]),
        # On the way back to the host that has set it.
        ([(OTHER, ["a=1"]), (PAGE, ["b=2"])], ["", "a=1"]),
        ([(PAGE, ["a=" + "x" * 4095])], [""]),
        ([(PAGE, ["", ";", "=", "a=1; Expires=never"])], ["a=1"]),
        ([(PAGE, ["a=\x01"])], [""]),
    ],
)
def test_cookies_of_a_redirect(steps: list[tuple[str, list[str]]], sent: list[str]) -> None:
    assert cookies(*steps) == sent


def test_no_cookie_outlives_its_page() -> None:
    assert cookies((PAGE, ["a=1"])) == ["a=1"]
    assert cookies((PAGE, [])) == [""]
