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
        "Maintenance backlog grows at the harbour",
        "Back soon: the ferry that was thought lost",
        "Site under the old brewery is sold",
        "502 flats for Millbrook",
        "Wartung der Schleuse kostet Millionen",
    ],
)
def test_short_stories_with_such_headlines(title: str) -> None:
    text = STORY * 8
    page = f"<html><title>{title}</title><article><h1>{title}</h1>{text}</article></html>"
    assert read(page.encode()) is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Scheduled maintenance | Harbour Post", "Harbour Post will be back within the hour."),
        ("Harbour Post", "<h1>We&rsquo;ll be back soon!</h1><p>Thank you for your patience.</p>"),
        ("Site Maintenance", "<h1>Down for maintenance</h1><p>Please come back later.</p>"),
        ("503 Service Unavailable", "<h1>Service Unavailable</h1><p>Try again in a minute.</p>"),
        ("Wartungsarbeiten", "<p>Unsere Seite wird gerade gewartet, bitte etwas Geduld.</p>"),
        ("Site en maintenance", "<p>Nous serons de retour dans quelques instants.</p>"),
        ("En mantenimiento", "<p>Volvemos enseguida, gracias por la paciencia.</p>"),
        ("Under maintenance - Harbour Post", "<p>Our engineers are busy. Back at noon.</p>"),
    ],
)
def test_maintenance_is_no_story(title: str, text: str) -> None:
    assert read(f"<title>{title}</title><body><p>{text}".encode()) == "maintenance_page"


@pytest.mark.parametrize(
    ("text", "is_gone"),
    [
        ("Removed.", True),
        ("[Article removed]", True),
        ("This article has been removed.", True),
        ("This story is no longer available.", True),
        ("This post was taken down at the request of its author.", True),
        ("The page has expired", True),
        ("By Ana Vell, 3 March 2024</p><p>This story is no longer available.", True),
        ("Dieser Artikel wurde entfernt.", True),
        ("Cet article a été retiré.", True),
        ("Este artículo ha sido eliminado.", True),
        ("Questo articolo è stato rimosso.", True),
        ("The wreck has been removed.", False),
        ("This article has been removed. The court in Varnes heard on Monday that it was true.",
         False),
        ("Removed from office, the mayor said she would run again in the spring.", False),
        ("The story was no longer about the ferry, its owner said.", False),
    ],
)  # fmt: skip
def test_a_note_in_place_of_a_text_is_no_story(text: str, is_gone: bool) -> None:
    title = "Ferry to Skarholm stays in dock"
    page = f"<title>{title}</title><article><h1>{title}</h1><div><p>{text}</p></div></article>"
    assert (read(page.encode()) == "soft_404") is is_gone
