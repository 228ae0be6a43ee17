"""Newsworld breaks its outlets: what each kind does to pages and channels, and what it leaves."""

from datetime import timedelta

import pytest

from newsworld.breakage import KINDS, PAGES, Breakage, breakages_from, broken
from newsworld.messages import SiteRequest, SiteResponse
from newsworld.press import site
from newsworld.press.papers import papers
from newsworld.walls import WALLS
from newsworld.world import World

HOST, OTHER = (paper.host for paper in papers(2))


@pytest.fixture(scope="module")
def world() -> World:
    return World(days=5, press=2, press_stories=30)


def ask(world: World, path: str, *breakages: Breakage, host: str = HOST) -> SiteResponse | None:
    asked = SiteRequest(f"https://{host}", path)
    return broken(world, list(breakages), asked, lambda: site.answer(world, asked))


@pytest.mark.parametrize("kind", [*PAGES, *WALLS])
def test_pages_change_and_channels_stay(world: World, kind: str) -> None:
    story = world.press[HOST].stories(world.clock)[0]
    breakage = Breakage(HOST, kind, seed=3)
    whole, changed = ask(world, story.path), ask(world, story.path, breakage)
    assert whole
    assert changed
    assert (changed.status, changed.body == whole.body) == (200, False)
    assert ask(world, story.path, breakage) == changed
    for path in ("/feed", "/robots.txt", "/latest"):
        assert ask(world, path, breakage) == ask(world, path)


def test_only_its_own_outlet_is_broken(world: World) -> None:
    (story, *_) = world.press[OTHER].stories(world.clock)
    breakage = Breakage(HOST, "captcha")
    assert ask(world, story.path, breakage, host=OTHER) == ask(world, story.path, host=OTHER)


def test_stories_before_it_began_are_as_they_were(world: World) -> None:
    first, *_, last = world.press[HOST].stories(world.clock)
    breakage = Breakage(HOST, "teaser_bodies", since=last.published.isoformat())
    assert ask(world, first.path, breakage) == ask(world, first.path)
    assert ask(world, last.path, breakage) != ask(world, last.path)


def test_a_redesign_that_changes_nothing_keeps_the_story(world: World) -> None:
    story = world.press[HOST].stories(world.clock)[3]
    page = ask(world, story.path, Breakage(HOST, "harmless_redesign"))
    assert page
    assert story.title in page.body.decode()


@pytest.mark.parametrize(("kind", "status"), [("blocked", 403), ("site_down", 503)])
def test_whole_sites(world: World, kind: str, status: int) -> None:
    story = world.press[HOST].stories(world.clock)[0]
    for path in ("/", "/feed", "/latest", story.path):
        found = ask(world, path, Breakage(HOST, kind))
        assert found
        assert found.status == status
    robots = ask(world, "/robots.txt", Breakage(HOST, kind))
    assert robots
    assert robots.status == 200


def test_a_frozen_feed_shows_what_it_did(world: World) -> None:
    breakage = Breakage(HOST, "feed_frozen", since=world.clock.isoformat())
    before, listed = ask(world, "/feed"), ask(world, "/latest")
    world.advance(world.clock + timedelta(hours=1))
    assert ask(world, "/feed", breakage) == before != ask(world, "/feed")
    assert ask(world, "/latest", breakage) == ask(world, "/latest") != listed


def test_on_slow_days_fewer_stories_come_out_and_on_holidays_none(world: World) -> None:
    since = world.clock
    shown = {}
    for hours in (0, 1, 4):
        world.advance(since + timedelta(hours=hours))
        shown[hours] = [ask(world, path) for path in ("/feed", "/latest")]
    for kind, hours in {"holiday": 0, "slow_news": 1}.items():
        breakage = Breakage(HOST, kind, since=since.isoformat())
        found = [ask(world, path, breakage) for path in ("/feed", "/latest")]
        assert found == shown[hours] != shown[4]


def test_a_feed_that_is_gone(world: World) -> None:
    for seed in range(5):
        found = ask(world, "/feed", Breakage(HOST, "feed_gone", seed=seed))
        assert found
        assert b"<rss" not in found.body


@pytest.mark.parametrize(
    "rule",
    [{"host": HOST, "kind": "fire"}, {"host": HOST}, {"host": HOST, "kind": "captcha", "at": 1},
     {"host": HOST, "kind": "captcha", "since": "2024-12-01T00:00"}],
)  # fmt: skip
def test_a_bad_breakage_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"breakage|offset"):
        breakages_from([rule])
    with pytest.raises(ValueError, match="list"):
        breakages_from(rule)
    assert breakages_from([{"host": HOST, "kind": KINDS[0]}])
