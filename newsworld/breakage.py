"""Breakages of outlets, by kind: changes of their pages and feeds; and harmless changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from random import Random

from newsworld.messages import SiteRequest, SiteResponse
from newsworld.press.papers import FEEDS
from newsworld.story import OUTLETS, Story
from newsworld.walls import WALLS, wall
from newsworld.world import World

PageChange = Callable[[str, Story, Random], str]
"""Takes a story's page, the story, and what the outlet's dice say, always the same."""

_CLASS = re.compile(r'\bclass="([^"]*)"')
_BYLINE = re.compile(r'(<a rel="author"[^>]*>)([^<]*)(</a>, <time datetime=")([^"]*)(">)([^<]*)')
_HEADING = re.compile(r"(<h1[^>]*>)(.*?)(</h1>)", re.DOTALL)
_RUBRIC = re.compile(r'(<p class="byline">By <a[^>]*>|<a href="[^"]*/category/[^"]*" rel="tag">)'
                     r"([^<]*)(</a>)")  # fmt: skip
_COPY = re.compile(
    r'(<div class="(?:copy|entry-content(?: single56__content[^"]*)?)">)(.*?)'
    r'(</div>\s*(?:</article>|<div class="single56__after_content|</div>|<p class="updated"))',
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"<[^>]+>")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)")
_LONG = re.compile(r"\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}(?:, \d\d:\d\d)?")
_SHORT = re.compile(r"\b\d\d [A-Z][a-z]{2}, \d{4} \d\d:\d\d:\d\d")
_OFFSET = re.compile(r"(T\d\d:\d\d:\d\d)(?:[+-]\d\d:\d\d)")


def renamed_classes(page: str, story: Story, rng: Random) -> str:
    """Rename every class, and replace containers by others."""
    mark = f"{rng.getrandbits(20):05x}"
    page = _CLASS.sub(lambda m: f'class="{" ".join(f"x{mark}-{c}" for c in m[1].split())}"', page)
    return page.replace(' id="wi-content"', "").replace(' rel="author"', "").replace(
        ' itemprop="', ' data-prop="'
    )  # fmt: skip


def swapped_fields(page: str, story: Story, rng: Random) -> str:
    """Swap author and date; on pages that have no such line, headline and section."""
    if _BYLINE.search(page) and rng.random() < 0.6:
        return _BYLINE.sub(lambda m: f"{m[1]}{m[6]}{m[3]}{m[2]}{m[5]}{m[2]}", page)
    heading, rubric = _HEADING.search(page), _RUBRIC.search(page)
    assert heading
    assert rubric
    page = _HEADING.sub(lambda m: m[1] + rubric[2] + m[3], page, count=1)
    return _RUBRIC.sub(lambda m: m[1] + heading[2] + m[3], page, count=1)


def teaser_bodies(page: str, story: Story, rng: Random) -> str:
    """Show the first sentences, and an invitation to read on."""
    more = rng.choice(('<p><a href="/subscribe">Read more</a></p>', "<p>Continue reading</p>", ""))

    def cut(match: re.Match[str]) -> str:
        words = _PARAGRAPH.sub(" ", match[2]).split()[: rng.choice((30, 45))]
        return f"{match[1]}<p>{' '.join(words)}{'' if more else ' …'}</p>{more}{match[3]}"

    return _COPY.sub(cut, page, count=1)


def date_format(page: str, story: Story, rng: Random) -> str:
    """Dates are printed in another way, the same everywhere on the page."""
    local = story.local
    form = rng.choice(("week", "swapped", "epoch", "day", "gone"))
    forms = {
        "week": f"{local:%G-W%V-%u}",
        "swapped": f"{local:%Y-%d-%mT%H:%M:%S}",
        "epoch": "1970-01-01T00:00:00Z",
        "day": f"{local:%Y-%m-%d}",
        "gone": "",
    }
    for pattern in (_ISO, _LONG, _SHORT):
        page = pattern.sub(forms[form], page)
    return page


def local_as_utc(page: str, story: Story, rng: Random) -> str:
    """Local time, stamped as if it were UTC."""
    return _OFFSET.sub(r"\1Z", page)


def encoding(page: str, story: Story, rng: Random) -> str:
    """Lose what is not ASCII on the way through another encoding."""
    if rng.random() < 0.5:
        return page.encode("cp1252", "replace").decode("utf-8", "replace")
    return page.encode("ascii", "replace").decode()


def harmless_redesign(page: str, story: Story, rng: Random) -> str:
    """Renew everything around the story, and leave the story as it was."""
    extra = (
        '<div class="banner" role="dialog"><p>We value your privacy. We and our partners use '
        "cookies.</p><button>Accept all</button></div>"
        '<aside class="newsletter"><h2>The morning briefing</h2><p>Sign up</p></aside>'
        '<script src="https://www.google.com/recaptcha/api.js"></script>'
    )
    page = page.replace("<header>", '<header class="masthead masthead--new">')
    return page.replace("</body>", f"{extra}</body>").replace(
        "<head>", '<head><style>.masthead--new{color:#123}</style><meta name="theme" content="2">'
    )


PAGES: dict[str, PageChange] = {
    change.__name__: change
    for change in (
        renamed_classes,
        swapped_fields,
        teaser_bodies,
        date_format,
        local_as_utc,
        encoding,
        harmless_redesign,
    )
}
"""Kinds that change stories' pages."""
FEED_KINDS = ("feed_gone", "feed_frozen")
SITE_KINDS = {"blocked": 403, "site_down": 503}
"""Statuses that all pages answer with, but robots.txt."""
PACES = {"holiday": 0.0, "slow_news": 0.25}
"""Harmless kinds: the pace of stories, as a multiple of the usual one."""
KINDS = (*PAGES, *WALLS, *FEED_KINDS, *SITE_KINDS, *PACES)
HEALTHY = ("harmless_redesign", *PACES)


@dataclass(frozen=True)
class Breakage:
    """A fault of an outlet, from an instant on."""

    host: str
    kind: str
    since: str = ""
    """ISO 8601, aware: pages of stories published since, and channels, are changed; empty: all."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such breakage: {self.kind}")
        if self.since and datetime.fromisoformat(self.since).tzinfo is None:
            raise ValueError(f"since must have an offset: {self.since}")

    @property
    def begins(self) -> datetime:
        """Aware."""
        return datetime.fromisoformat(self.since or "0001-01-01T00:00Z")

    def story(self, page: SiteResponse, story: Story) -> SiteResponse:
        """Return a story's page as it is now."""
        if story.published < self.begins or page.status != 200:
            return page
        if self.kind in WALLS:
            # An outlet has one wall; captchas differ in what they are to be told by.
            text = wall(self.kind, self.host, Random(f"{self.seed}:{self.kind}"))
        elif change := PAGES.get(self.kind):
            text = change(page.body.decode(), story, Random(f"{self.seed}:{self.kind}"))
        else:
            return page
        return replace(page, body=text.encode(), modified=None, etag="")

    def channel(
        self, answer: Callable[[], SiteResponse | None], world: World, path: str
    ) -> SiteResponse | None:
        """Return the answer of another address of the outlet; `answer` makes it unbroken."""
        if path == "/robots.txt" or world.clock < self.begins:
            return answer()
        if self.kind in SITE_KINDS:
            return SiteResponse(
                b"<!DOCTYPE html><title>Error</title>", status=SITE_KINDS[self.kind]
            )
        if self.kind == "feed_gone" and _is_feed(path):
            status = Random(f"{self.seed}:gone").choice((404, 410, 200))
            return SiteResponse(
                b"<!DOCTYPE html><title>Welcome</title><p>Our new site", status=status
            )
        if self.kind in PACES or (self.kind == "feed_frozen" and _is_feed(path)):
            now, begins = world.clock, max(world.start, self.begins)
            world.clock = begins + PACES.get(self.kind, 0.0) * (now - begins)
            try:
                return answer()
            finally:
                world.clock = now
        return answer()


def _is_feed(path: str) -> bool:
    return path in FEEDS.values() or "feed=" in path


def story_at(world: World, ask: SiteRequest) -> Story | None:
    """Return the story published by now whose page an address is."""
    host = ask.host.removeprefix("www.").removeprefix("m.")
    if edition := world.press.get(host):
        return edition.find(ask.target.rstrip("/").removesuffix("/amp"), world.clock)
    outlet = next((outlet for outlet in OUTLETS if outlet.host == host), None)
    stories = world.stories(outlet) if outlet else []
    return next((story for story in stories if story.path == ask.target), None)


def broken(
    world: World,
    breakages: list[Breakage],
    ask: SiteRequest,
    answer: Callable[[], SiteResponse | None],
) -> SiteResponse | None:
    """Return what an address answers, as broken as its outlet is; `answer` makes it unbroken."""
    host = ask.host.removeprefix("www.").removeprefix("m.")
    breakage = next((breakage for breakage in breakages if breakage.host == host), None)
    if breakage is None:
        return answer()
    found = breakage.channel(answer, world, ask.target)
    story = story_at(world, ask)
    return breakage.story(found, story) if found and story else found


def breakages_from(rules: object) -> list[Breakage]:
    """Breakages from decoded JSON; ValueError, with the reason, if they are not such."""
    known = {field.name for field in fields(Breakage)}
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("breakages must be a list of objects")
    for rule in rules:
        if unknown := rule.keys() - known:
            raise ValueError(f"unknown in a breakage: {', '.join(sorted(unknown))}")
    try:
        return [Breakage(**rule) for rule in rules]
    except TypeError as error:
        raise ValueError(f"bad breakage: {error}") from error
