"""The peer of the benchmark of requests: a Scrapy spider as any tutorial has it."""

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class Plain(scrapy.Spider):
    """Reads the pages of a listing to the last and follows every link to a story.

    Args:
        home: the front page, with its slash.
        listing: path of the listing.
        stories: pattern of stories' addresses.
    """

    name = "plain"

    def __init__(self, home: str, listing: str, stories: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.start_urls = [home.rstrip("/") + listing]
        self._stories = stories

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        """Follow stories, and older pages."""
        for href in response.css("article a::attr(href)").re(f".*{self._stories}.*"):
            yield response.follow(href, self.parse_story)
        for href in response.css(".pages a:last-child::attr(href)").getall():
            yield response.follow(href, self.parse)

    def parse_story(self, response: Response) -> Iterator[dict[str, str | None]]:
        """Take what a tutorial takes."""
        yield {"url": response.url, "title": response.css("h1::text").get()}
