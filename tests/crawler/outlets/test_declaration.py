"""Mistakes in a declaration are named when its file is read."""

from typing import Any

import pytest

from crawler.errors import ConfigurationError
from crawler.outlet import Selectors
from crawler.sources import Feed
from crawler.spider import OutletSpider

GOOD: dict[str, Any] = {
    "name": "meridian",
    "title": "The Meridian",
    "home": "https://meridian.example/",
    "language": "en",
    "timezone": "Indian/Mauritius",
    "schedule": "*/30 * * * *",
    "sources": (Feed("/feed"),),
    "stories": r"/\d{4}/",
}


def declare(**changes: Any) -> type:
    attributes = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return type("Meridian", (OutletSpider,), attributes)


def test_a_good_declaration() -> None:
    page = Selectors(body=(".a > p::text", "article"), drop_text=("^also",), credit="(?P<credit>x)")
    more = {"language": ("en", "zh-Hant"), "revisits": (), "quiet": "23:00-06:00"}
    more |= {"schedule": "adaptive 10m-6h", "missed": "backfill"}
    assert declare(page=page, **more).__name__ == "Meridian"


@pytest.mark.parametrize(
    "home",
    [
        "https://B\u00fccher.example/",
        "https://bu\u0308cher.example",
        "HTTPS://XN--BCHER-KVA.EXAMPLE./",
        "https://b%C3%BCcher.example:443/",
    ],
)
def test_hosts_may_be_written_in_any_form(home: str) -> None:
    host = home.split("/")[2].removesuffix(":443")
    outlet = declare(home=home, domains=(host,))()
    assert outlet.home == "https://xn--bcher-kva.example/"
    assert outlet.allowed_domains == ["xn--bcher-kva.example"] * 2
    assert outlet.is_story("https://www.xn--bcher-kva.example/2024/")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"timezone": None}, "Meridian.timezone is missing"),
        ({"sources": Feed("/feed")}, "with its comma"),
        ({"sources": ("/feed",)}, "Meridian.sources is not a tuple of sources"),
        ({"sources": ()}, "Meridian.sources is missing"),
        ({"timezone": "Mauritius"}, "'Mauritius' is not a time zone (use e.g. Asia/Karachi)"),
        ({"timezone": "Asia"}, "'Asia' is not a time zone"),
        ({"timezone": "asia/karachi"}, "'asia/karachi' is not a time zone"),
        ({"timezone": "right/UTC"}, "'right/UTC' is not a time zone"),
        ({"timezone": "localtime"}, "'localtime' is not a time zone"),
        ({"timezone": "../UTC"}, "'../UTC' is not a time zone"),
        ({"language": "English"}, "Meridian.language 'English' is not a language tag"),
        ({"language": ("en", "日本語")}, "use e.g. en, pt-BR or zh-Hant"),
        ({"schedule": "never"}, "'never' is not a schedule (write five fields, like */30 * * * *"),
        ({"schedule": "0 25 * * *"}, "'0 25 * * *' is not a schedule (Bad hour)"),
        ({"schedule": "adaptive 10m"}, "is not a schedule (write it like adaptive 10m-6h)"),
        ({"quiet": "at night"}, "'at night' is not hours (write them like 23:00-06:00)"),
        ({"missed": "never"}, "Meridian.missed 'never' is not one of skip, once, backfill"),
        ({"revisits": "7d"}, "Meridian.revisits is not a tuple of ages"),
        ({"revisits": ("1h", "often")}, "Meridian.revisits 'often' is not an age (write one like"),
        ({"home": "meridian"}, "'meridian' is not a web address"),
        (
            {"domains": ("https://news.example/",)},
            "'https://news.example/' is not a host (write e.g.",
        ),
        ({"domains": ("news.example/en",)}, "'news.example/en' is not a host"),
        ({"domains": "news.example"}, "Meridian.domains is not a tuple of hosts"),
        ({"domains": ("news.example:8080",)}, "'news.example:8080' is not a host"),
        ({"domains": ("*.news.example",)}, "'*.news.example' is not a host"),
        ({"stories": "("}, "Meridian.stories '(' is not a regular expression"),
        ({"page": Selectors(body="div[")}, "Meridian.page.body 'div[' is not a CSS selector"),
        ({"page": Selectors(title=("h1", "::nothing"))}, "Meridian.page.title '::nothing'"),
        ({"page": Selectors(cut=("[",))}, "Meridian.page.cut '[' is not a regular expression"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        declare(**changes)
    assert sentence in str(caught.value)
