"""Stories of the press are edited after they are out, and the truth tells how."""

from datetime import timedelta

import pytest

from newsworld.messages import SiteRequest, SiteResponse
from newsworld.press import site
from newsworld.press.edition import PaperStory
from newsworld.press.edits import Edit, EditKind, edits_from
from newsworld.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return World(days=5, per_day=1, press=1, press_stories=5)


def first(world: World) -> PaperStory:
    (edition,) = world.press.values()
    return edition.stories(world.clock)[0]


def page(world: World) -> SiteResponse:
    story = first(world)
    answer = site.answer(world, SiteRequest(f"https://{story.outlet.host}", story.path))
    assert answer
    return answer


def after(world: World, *kinds: EditKind) -> SiteResponse:
    """The page after edits, one an hour."""
    url = first(world).url
    world.edits = [
        Edit(url, world.clock + HOUR * number, kind) for number, kind in enumerate(kinds, 1)
    ]
    world.advance(world.clock + HOUR * len(kinds))
    return page(world)


@pytest.mark.parametrize("kind", ["headline", "rewrite", "correction"])
def test_an_edit_is_on_the_page_from_its_time_on(kind: EditKind, world: World) -> None:
    before = page(world)
    new = after(world, kind)
    (told,) = world.edited()
    assert new.validators["ETag"] != before.validators["ETag"]
    assert new.modified == world.clock
    assert (told["title"] != first(world).title) == (kind == "headline")
    assert (told["body"] != first(world).body) == (kind != "headline")
    assert str(told["title"]).encode() in new.body
    assert first(world).url.encode() in new.body


def test_noise_leaves_the_story_alone(world: World) -> None:
    pages = [page(world).body, after(world, "noise").body, after(world, "noise", "noise").body]
    assert len(set(pages)) == 3
    assert b"Advertisement" in pages[1]
    assert {(t["title"], t["body"]) for t in world.edited()} == {
        (first(world).title, first(world).body)
    }


def test_withdrawn_and_restored(world: World) -> None:
    before = page(world).body
    assert after(world, "withdrawn").status in (404, 410)
    restored = after(world, "withdrawn", "restored")
    assert (restored.status, len(world.edited())) == (200, 2)
    assert first(world).title.encode() in before


def test_an_edit_to_come_is_not_told(world: World) -> None:
    before = page(world).body
    world.edits = [Edit(first(world).url, world.clock + HOUR, "rewrite")]
    assert (world.edited(), page(world).body) == ([], before)


@pytest.mark.parametrize(
    "rule",
    [
        {"url": "https://a.example/", "kind": "rewrite"},
        {"url": "https://a.example/", "kind": "rewrite", "at": "2024-12-01"},
        {"url": "https://a.example/", "kind": "burnt", "at": "2024-12-01T00:00+00:00"},
        {"url": "https://a.example/", "kind": "noise", "at": "soon"},
    ],
)
def test_a_bad_edit_is_refused(rule: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        edits_from([rule])
