"""What a spider makes of its arguments and its declaration, before it asks anybody anything."""

import pickle
from datetime import datetime

import pytest
from scrapy.settings import Settings

from crawler.errors import ConfigurationError
from crawler.spider import host_matches
from tests.declared.faulty import Faulty
from tests.declared.ticker import Ticker


class Karachi(Faulty):
    """A declared outlet in another zone, for bounds."""

    name = "karachi"
    timezone = "Asia/Karachi"
    domains = ("news.example",)


def test_bounds_are_understood_in_the_outlets_zone() -> None:
    spider = Karachi(since="2024-11-30", until="2024-11-30")
    assert spider.since == datetime.fromisoformat("2024-11-29T19:00:00+00:00")
    assert spider.until == datetime.fromisoformat("2024-11-30T19:00:00+00:00")
    assert Faulty(since="2024-07-01").since == datetime.fromisoformat("2024-06-30T23:00:00+00:00")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-11-30T08:00+01:00", "2024-11-30T07:00:00+00:00"),
        ("2024-11-30T08:00", "2024-11-30T03:00:00+00:00"),
        ("2024-11-30T00:00", "2024-11-29T19:00:00+00:00"),
        ("2024-11-30T08:00:00Z", "2024-11-30T08:00:00+00:00"),
    ],
)
def test_a_bound_with_a_time_is_that_instant(text: str, instant: str) -> None:
    spider = Karachi(since=text, until=text)
    assert spider.since == spider.until == datetime.fromisoformat(instant)


def test_no_bounds() -> None:
    assert (Faulty().since, Faulty().until) == (None, None)


@pytest.mark.parametrize("text", ["soon", "30.11.2024", "2024-13-01", "2024-11-30T25:00", "24"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_is_no_date_is_refused(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}={text} is not a date"):
        Faulty(**{name: text})


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="-a sinse= is not an argument of faulty"):
        Faulty(sinse="2024-11-30")


def test_allowed_domains() -> None:
    assert Faulty().allowed_domains == ["asianlite.com"]
    assert Karachi().allowed_domains == ["asianlite.com", "news.example"]


@pytest.mark.parametrize(
    ("url", "matches"),
    [
        ("https://news.example/1", True),
        ("https://www.news.example:8443/1", True),
        ("https://fakenews.example/1", False),
        ("https://news.example.evil.test/1", False),
        ("https://evil.test/news.example", False),
        ("https://news.example@evil.test/", False),
    ],
)
def test_hosts(url: str, matches: bool) -> None:
    assert host_matches(url, "news.example") is matches


def test_what_a_worker_needs_is_plain_data() -> None:
    extraction_config = Ticker.extraction_config()
    assert pickle.loads(pickle.dumps(extraction_config)) == extraction_config
    assert (extraction_config.outlet, extraction_config.timezone) == ("ticker", "UTC")


def test_the_browser_is_merged_only_where_declared() -> None:
    block = {"DOWNLOAD_HANDLERS": {"https": "a.browser"}, "PLAYWRIGHT_BROWSER_TYPE": "chromium"}
    for spider, merged in ((Faulty, False), (Ticker, True)):
        settings = Settings({"BROWSER_SETTINGS": block})
        spider.update_settings(settings)
        assert (settings["DOWNLOAD_HANDLERS"].get("https") == "a.browser") is merged
        assert ("PLAYWRIGHT_BROWSER_TYPE" in settings) is merged
