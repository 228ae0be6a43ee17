"""Pages in place of stories are told from stories, also from those that carry the same scripts."""

from datetime import UTC, datetime
from random import Random

import pytest

from crawler.errors import ParseFailure
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from newsworld.messages import SiteRequest
from newsworld.server import site_of
from newsworld.walls import WALLS, wall
from newsworld.world import World

FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
NAMES = {
    "captcha": "captcha_page",
    "consent_wall": "consent_page",
    "soft_404": "soft_404",
    "block_page": "blocked_page",
    "login_wall": "login_page",
}
WANTED = 200
BANNER = (
    '<div id="consent" role="dialog"><h2>We value your privacy</h2><p>We and our partners use '
    "cookies for personalised advertising. With your consent we measure audiences.</p>"
    "<button>Accept all</button></div>"
    '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    '<form action="/comment"><div class="g-recaptcha"></div><input type="password"></form>'
)


def read(markup: bytes, url: str = "https://news.example/story") -> str | None:
    """Why it is no story; None where it is one."""
    try:
        read_page(FetchedPage(url, markup, "utf-8", FETCHED), ExtractionConfig())
    except ParseFailure as failure:
        return failure.reason
    return None


def test_walls_are_never_stories() -> None:
    assert WALLS.keys() == NAMES.keys()
    kinds = [kind for number in range(WANTED) for kind in [sorted(NAMES)[number % len(NAMES)]]]
    told = [
        (kind, read(wall(kind, "news.example", Random(f"walls {number}")).encode()))
        for number, kind in enumerate(kinds)
    ]
    assert sum(found is not None for _, found in told) >= 0.98 * WANTED
    assert sum(found == NAMES[kind] for kind, found in told) >= 0.98 * WANTED


def test_stories_are_never_walls() -> None:
    """Real pages of newsworld, each also with a banner, a captcha for comments and a login."""
    world = World(days=20, press=20, press_stories=20)
    count = 0
    for host, edition in world.press.items():
        for story in edition.stories(world.clock):
            site = site_of(world, host)
            assert site
            answer = site(world, SiteRequest(f"https://{host}", story.path))
            assert answer
            if answer.status == 200:
                banner = count % 2 and BANNER.encode()
                page = answer.body.replace(b"</body>", (banner or b"") + b"</body>")
                assert read(page, story.url) is None, story.url
                count += 1
    assert count > 300


STORY = "<p>The harbour board met on Monday and agreed on the new quay, its chair said.</p>" * 2


@pytest.mark.parametrize(
    "title",
    [
        "404 jobs are to go at the shipyard",
        "Just a moment of silence for the drowned",
        "Access denied: how the island lost its ferry",
        "Cookies are the town's best-kept secret",
        "Login with your face: the new border",
        "Not available in your area? The broadband gap",
    ],
)
def test_short_stories_with_such_headlines(title: str) -> None:
    text = STORY * 8
    page = f"<html><title>{title}</title><article><h1>{title}</h1>{text}</article></html>"
    assert read(page.encode()) is None
