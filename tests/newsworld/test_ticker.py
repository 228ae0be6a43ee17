"""The outlet whose article pages hold nothing until their script has run."""

import json
from collections.abc import Callable

import feedparser
from parsel import Selector

from newsworld.messages import SiteResponse
from newsworld.story import TICKER
from newsworld.world import World

Get = Callable[[str], SiteResponse]

HOME = "https://ticker.example"


def test_the_shell_holds_nothing_of_the_article(world: World, get: Get) -> None:
    for story in world.stories(TICKER):
        shell = get(story.url).body.decode()
        for text in (story.title, story.author, story.published.strftime("%Y-%m-%d")):
            assert text not in shell
        for sentence in story.copy.sentences:
            assert sentence not in shell


def test_the_api_says_what_the_truth_says(world: World, get: Get) -> None:
    for story in world.stories(TICKER):
        record, truth = json.loads(get(f"{HOME}/api/story/{story.id}").body), story.truth()
        assert record["headline"] == truth["title"]
        assert "\n\n".join(record["paragraphs"]) == truth["body"]
        assert [record["byline"]] == truth["authors"]
        assert record["published"].replace("Z", ":00+00:00") == truth["published"]
        assert truth["precision"] == "minute"


def test_home_and_feed_list_all(world: World, get: Get, page: Callable[[str], Selector]) -> None:
    urls = [story.url for story in world.latest(TICKER)]
    assert page(f"{HOME}/").css(".stories a::attr(href)").getall() == urls
    assert [e.link for e in feedparser.parse(get(f"{HOME}/feed").body).entries] == urls
    assert get(f"{HOME}/story/999").status == 404
