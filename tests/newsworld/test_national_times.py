"""The replica of National Times: one block of text, a credit, boxes, no visible date."""

import re
from collections.abc import Callable
from datetime import datetime

from parsel import Selector

from newsworld.messages import SiteResponse
from newsworld.prose import fold
from newsworld.story import NATIONAL_TIMES
from newsworld.world import World

Get = Callable[[str], SiteResponse]

HOME = "https://nationaltimes.pk/eng/"
CREDIT = re.compile(r"(Pakistan\(National Times\)-) ([A-Z][A-Z .'-]+): ")
Page = Callable[[str], Selector]


def test_the_page_says_what_the_truth_says(world: World, page: Page) -> None:
    for story in world.stories(NATIONAL_TIMES):
        found, truth = page(story.url), story.truth()
        block = fold(found.css(".entry-content").xpath("string()").get(""))
        match = CREDIT.match(block)
        assert match
        assert match.groups() == (truth["credit"], truth["dateline"])
        assert block[match.end() :] == truth["body"]
        assert found.css("h1.entry-title::text").getall() == [truth["title"]]
        og = found.css("[property='og:title']::attr(content)").getall()
        assert og == [f"{truth['title']} - National Times"]
        date = found.css("[property='article:published_time']::attr(content)").get("")
        assert date.endswith("+05:00")
        assert datetime.fromisoformat(date) == story.published
        section = found.css("[property='article:section']::attr(content)").getall()
        assert section == [truth["section"]]
        assert found.css("link[rel=canonical]::attr(href)").getall() == [truth["url"]]


def test_no_date_or_byline_can_be_seen(world: World, page: Page) -> None:
    story = world.stories(NATIONAL_TIMES)[30]
    found = page(story.url)
    text = " ".join(found.xpath("//body//text()[not(parent::script)]").getall())
    assert not re.search(r"\b20\d\d\b", text)
    assert story.author not in text
    assert not found.css("time, article, script[type='application/ld+json']")


def test_the_text_is_one_block_with_quirks(world: World, page: Page) -> None:
    forms, quirks = set(), 0
    for story in world.stories(NATIONAL_TIMES):
        content = page(story.url).css(".entry-content")
        forms.add(len(content.css("p")))
        assert not content.css("br, div div, p + p")
        quirks += bool(re.search(" \u00a0|\u00a0 |  ", content.xpath("string()").get("").strip()))
    assert forms == {0, 1}
    assert quirks > len(world.stories(NATIONAL_TIMES)) / 2


def test_boxes_follow_the_article(world: World, page: Page) -> None:
    found = page(world.stories(NATIONAL_TIMES)[30].url)
    lines = [line.strip(" ") for line in found.css("#sidebar ::text").getall() if line.strip(" \n")]
    assert lines[0] == "Latest News"
    assert len(found.css(".widget_latest li a")) == 8
    labels = [index for index, line in enumerate(lines) if line.strip("\u00a0 ") == "Multi Media"]
    assert labels == [9, 11, 13, 15, 17]
    assert len(lines) == 19


def test_home_and_category_pages_list_the_stories(world: World, page: Page, get: Get) -> None:
    latest = [story.url for story in world.latest(NATIONAL_TIMES)]
    links = page(HOME).css("#content .entry-title a::attr(href)").getall()
    assert links == latest[:30]
    seen, url = [], f"{HOME}?cat=3"
    while url:
        found = page(url)
        seen += found.css("#content .entry-title a::attr(href)").getall()
        url = found.css(".navigation a.next::attr(href)").get("")
    assert seen == latest
    for missing in ("?cat=3&paged=99", "?cat=3&paged=x", "?cat=99", "?p=1", "?p=x", "nope"):
        assert get(HOME + missing).status == 404


def test_pages_are_of_realistic_size(world: World, get: Get) -> None:
    addresses = [story.url for story in world.stories(NATIONAL_TIMES)]
    for url in (*addresses, HOME, f"{HOME}?cat=3"):
        assert 30_000 < len(get(url).body) < 120_000, url


def test_the_root_leads_to_the_english_edition(get: Get) -> None:
    for path in ("/", "/eng"):
        answer = get(f"https://nationaltimes.pk{path}")
        assert answer.status in (301, 302)
        assert answer.headers["Location"] == HOME
