"""The world: deterministic, revealed by a clock that only moves forward."""

from datetime import UTC, datetime, timedelta

import pytest

from newsworld.story import ASIANLITE, NATIONAL_TIMES, OUTLETS, TICKER
from newsworld.world import NOW, World


def test_defaults_give_four_weeks_of_news() -> None:
    world = World()
    assert world.clock == datetime(2024, 12, 1, 12, tzinfo=UTC)
    for outlet in (ASIANLITE, NATIONAL_TIMES):
        assert 190 < len(world.stories(outlet)) < 260
    assert len(world.stories(TICKER)) == 12


def test_same_arguments_same_truth_and_another_seed_differs() -> None:
    assert World(days=2).truth() == World(days=2).truth()
    ours, theirs = ({str(t["title"]) for t in World(seed, days=2).truth()} for seed in (7, 8))
    assert not ours & theirs


def test_addresses_and_titles_are_unique(world: World) -> None:
    for field in ("url", "title", "body"):
        values = [truth[field] for truth in world.truth()]
        assert len(set(map(str, values))) == len(values)


def test_stories_come_in_order_and_none_from_the_future(world: World) -> None:
    for outlet in OUTLETS:
        stories = world.stories(outlet)
        moments = [story.published for story in stories]
        assert moments == sorted(moments)
        assert moments[-1] <= world.clock
        assert [story.number for story in stories] == list(range(len(stories)))
        assert [story.id for story in stories] == sorted({story.id for story in stories})


def test_the_clock_reveals_stories_and_changes_none() -> None:
    world = World(days=2)
    before = {str(truth["url"]): truth["body"] for truth in world.truth()}
    world.advance(NOW + timedelta(days=30))
    after = {str(truth["url"]): truth["body"] for truth in world.truth()}
    assert before.items() <= after.items()
    assert len(after) - len(before) > 350


def test_the_path_of_the_clock_does_not_matter() -> None:
    stepped, jumped = World(days=2), World(days=2)
    for hours in range(0, 97, 8):
        stepped.advance(NOW + timedelta(hours=hours))
    jumped.advance(NOW + timedelta(hours=96))
    assert stepped.truth() == jumped.truth()


def test_the_clock_never_turns_back() -> None:
    world = World(days=1)
    for moment in (NOW - timedelta(seconds=1), datetime(2030, 1, 1)):
        with pytest.raises(ValueError, match="forward"):
            world.advance(moment)


def test_bad_arguments_are_refused() -> None:
    for options in ({"days": 0}, {"per_day": 0}, {"now": datetime(2024, 1, 1)}):
        with pytest.raises(ValueError, match=r"at least 1|aware"):
            World(**options)


def test_offsets_follow_the_zone() -> None:
    summer = World(now=datetime(2024, 7, 5, 12, tzinfo=UTC), days=1)
    offsets = {(truth["outlet"], truth["offset"]) for truth in summer.truth()}
    assert {("asianlite", "+01:00"), ("national_times", "+05:00")} <= offsets


def test_every_story_is_in_some_channel(world: World) -> None:
    for truth in world.truth():
        channels = truth["channels"]
        assert isinstance(channels, list)
        complete = {
            "asianlite": "/category/top-news",
            "national_times": "/eng/?rest_route=/wp/v2/posts",
            "ticker": "/",
        }
        assert complete[str(truth["outlet"])] in channels
