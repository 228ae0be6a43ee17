"""The two seed documents: real articles, read as a crawl would and cleaned as lines of text."""

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.article import Article
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig, Selectors
from crawler.text.boilerplate import clean_body, move_credit
from crawler.text.paragraphs import Paragraph
from spiders.asianlite import AsianLite
from spiders.national_times import NationalTimes

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
ASIANLITE = "000_94df3db0da6786a7.txt"
NATIONAL_TIMES = "001_b9bc1b1c0e753511.txt"

pytestmark = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="the seed documents are not beside this repository (../shared/seeds)"
)


def lines(name: str) -> list[str]:
    return (SEEDS / name).read_text("utf-8").splitlines()


def texts(body: list[Paragraph]) -> list[str]:
    return [paragraph.text for paragraph in body]


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SEEDS / f"{name}.expected.json").read_text("utf-8"))
    return found


def read(markup: str, url: str, spider: type[AsianLite | NationalTimes]) -> Article:
    """Read a page and clean its body as the pipelines do."""
    rules: Selectors = spider.page
    config = ExtractionConfig(
        outlet=spider.name,
        title=spider.title,
        home=spider.home,
        languages=(spider.language,),
        timezone=spider.timezone,
        selectors=rules,
    )
    fetched = datetime(2026, 2, 14, tzinfo=UTC)
    article = read_page(FetchedPage(url, markup.encode(), "utf-8", fetched), config)
    cleaned = clean_body(
        article.paragraphs, drop=rules.drop_text, cut=rules.cut, title=article.title
    )
    article.paragraphs, article.credit, article.dateline = move_credit(cleaned.body, rules.credit)
    return article


def paragraphs(texts: list[str]) -> str:
    return "\n".join(f"<p>{html.escape(text)}</p>" for text in texts if text.strip())


def asianlite_page() -> str:
    """Pour the seed into the markup of the outlet's theme (The Fox 6)."""
    text = lines(ASIANLITE)
    box = "".join(
        f'<article class="post56"><h3 class="title56"><a href="/x">{html.escape(title)}</a></h3>'
        f'<div class="excerpt56"><p>{html.escape(excerpt)}</p></div></article>'
        for title, excerpt in zip(text[31:50:4], text[33:50:4], strict=True)
    )
    return f"""<!DOCTYPE html><html lang="en-GB"><head>
<title>{html.escape(text[3])} - Asian Lite</title>
<link rel="canonical" href="https://asianlite.com/2024/top-news/story">
<link rel="shortlink" href="https://asianlite.com/?p=372616"></head><body>
<header><nav><article class="post-nav-item-inner"><h4><a href="/m">{text[32]}</a></h4>
<div class="meta56__date" title="June 6, 2025 9:00 am">June 6, 2025</div><p>{text[33]}</p>
</article></nav></header>
<article id="wi-content" class="single56 type-post"><div class="single56__header">
<div class="meta56"><div class="meta56__item meta56__date">{text[0]}</div>
<div class="meta56__item meta56__reading-time">{text[1]}</div>
<div class="meta56__category--fancy"><a rel="tag" href="/c">-Top News</a></div></div>
<h1 class="post-title single56__title">{html.escape(text[3])}</h1></div>
<div class="single56__content entry-content">{paragraphs(text[5:20])}</div>
<nav class="singlenav56"><div class="singlenav56__post--prev"><span>{text[21]}</span>
<h4>{text[23]}</h4></div><div class="singlenav56__post--next"><span>{text[25]}</span>
<h4>{text[27]}</h4></div></nav>
<div class="single56__bottom_posts"><h2 class="single56__heading">{text[29]}</h2>{box}</div>
</article><div class="scrollup56"><span>Go to</span><span>Top</span></div>
<aside class="sidedock56"><h3 class="sidedock56__heading">{text[52]}</h3>
{paragraphs(text[54:])}</aside></body></html>"""


def national_times_page() -> str:
    """Pour the seed into a plain WordPress page."""
    text = lines(NATIONAL_TIMES)
    latest = "".join(f"<li><a href='/x'>{html.escape(line)}</a></li>" for line in text[7:15])
    media = "".join(f"<div>{html.escape(line)}</div>" for line in text[19:])
    return f"""<!DOCTYPE html><html lang="en-US"><head>
<title>{html.escape(text[0])} – National Times</title>
<meta property="og:title" content="{html.escape(text[0])} - National Times">
<meta property="og:site_name" content="National Times">
<meta property="article:published_time" content="2024-11-30T13:20:00+00:00">
<link rel="shortlink" href="https://nationaltimes.pk/eng/?p=93970"></head>
<body><article class="post"><h1 class="entry-title">{html.escape(text[0])}</h1>
<div class="entry-content">{paragraphs(text[2:3])}
<div class="box"><h3>{text[6]}</h3><ul>{latest}</ul></div><div class="box">{media}</div></div>
</article></body></html>"""


def test_an_asian_lite_page() -> None:
    want = expected("asianlite")
    article = read(asianlite_page(), want["url"], AsianLite)
    assert article.title == want["title"]
    assert article.body.split("\n\n") == want["body"]
    assert article.published is not None
    assert f"{article.published.at:%Y-%m-%d}" == want["date"]
    assert (article.published.text, article.published.precision) == (want["date_text"], "day")
    assert article.published.zone == "Europe/London"
    assert article.section == want["category"]
    assert article.url == "https://asianlite.com/2024/top-news/story"
    assert article.aliases == [want["url"]]
    assert article.credit == "reports Asian Lite News"


def test_a_national_times_page() -> None:
    want = expected("national_times")
    article = read(national_times_page(), want["url"], NationalTimes)
    assert article.title == want["title"]
    assert article.body.split("\n\n") == want["body"]
    assert (article.credit, article.dateline) == (want["source_credit"], want["dateline"])
    assert article.published is not None
    assert article.published.at == datetime(2024, 11, 30, 13, 20, tzinfo=UTC)
    assert article.url == want["url"]


def test_the_lines_of_asian_lite() -> None:
    want, rules = expected("asianlite"), AsianLite.page
    cleaned = clean_body(
        map(Paragraph, lines(ASIANLITE)), drop=rules.drop_text, cut=rules.cut, title=want["title"]
    )
    assert texts(cleaned.body) == want["body"]
    assert cleaned.dropped[0].text == want["date_text"]


def test_the_lines_of_national_times() -> None:
    want, rules = expected("national_times"), NationalTimes.page
    cleaned = clean_body(
        map(Paragraph, lines(NATIONAL_TIMES)),
        drop=rules.drop_text,
        cut=rules.cut,
        title=want["title"],
    )
    body, credit, dateline = move_credit(cleaned.body, rules.credit)
    assert texts(body) == want["body"]
    assert (credit, dateline) == (want["source_credit"], want["dateline"])
