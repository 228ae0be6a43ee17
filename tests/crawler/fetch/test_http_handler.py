"""Where a request goes by way of ``GATEWAY``, and what tells the gateway its address."""

import pytest

from crawler.fetch.http_handler import gateway_headers, gateway_url

GATEWAY = "http://127.0.0.1:8700"


@pytest.mark.parametrize(
    ("url", "path", "host", "scheme"),
    [
        ("https://news.example/a/b?c=d&e", "/a/b?c=d&e", "news.example", "https"),
        ("http://news.example:8080/", "/", "news.example:8080", "http"),
        ("https://news.example/%C3%A9?q=%20", "/%C3%A9?q=%20", "news.example", "https"),
        (
            "https://news.example/eng/?rest_route=/wp",
            "/eng/?rest_route=/wp",
            "news.example",
            "https",
        ),
        ("https://[2001:db8::1]/x", "/x", "[2001:db8::1]", "https"),
    ],
)
def test_address_and_headers(url: str, path: str, host: str, scheme: str) -> None:
    assert gateway_url(GATEWAY, url) == GATEWAY + path
    assert gateway_url(f"{GATEWAY}/", url) == GATEWAY + path
    assert gateway_headers(url) == {"Host": host, "X-Forwarded-Proto": scheme}
