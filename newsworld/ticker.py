"""The Ticker: a small outlet whose article pages are built in the browser by script."""

import json

from newsworld.messages import SiteRequest, SiteResponse
from newsworld.prose import fold
from newsworld.render import render
from newsworld.story import TICKER, Story
from newsworld.wordpress import JSON, RSS, modified
from newsworld.world import FEED_SIZE, World


def answer(world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the answer to a GET; None where there is nothing."""
    stories = world.latest(TICKER)
    changed = modified(stories, world)
    if ask.path == "/robots.txt":
        return SiteResponse(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8")
    if ask.path == "/":
        return SiteResponse(render("ticker/home.html", ask=ask, stories=stories), modified=changed)
    if ask.path == "/feed":
        body = render("ticker/feed.xml", ask=ask, stories=stories[:FEED_SIZE], updated=changed)
        return SiteResponse(body, RSS, modified=changed)
    for story in stories:
        if ask.path == story.path:
            shell = render("ticker/story.html", ask=ask, story=story)
            return SiteResponse(shell, modified=story.published)
        if ask.path == f"/api{story.path}":
            return SiteResponse(_record(story), JSON, modified=story.published)
    return None


def _record(story: Story) -> bytes:
    record = {
        "id": story.id,
        "headline": story.title,
        "published": story.published.strftime("%Y-%m-%dT%H:%MZ"),
        "byline": story.author,
        "paragraphs": [fold(paragraph) for paragraph in story.paragraphs],
    }
    return json.dumps(record).encode()
