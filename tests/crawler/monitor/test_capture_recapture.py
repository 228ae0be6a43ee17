"""What all sources missed, estimated from simulated sightings of which the truth is known."""

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from crawler.monitor.capture_recapture import MAX_ERROR, MIN_STORIES, CompletenessEstimate, estimate

SEEDS = range(60)
FEED, REST, SITEMAP, NEWS, LISTING = (
    "feed:/feed",
    "wordpress:/wp-json/wp/v2/posts",
    "sitemap:/sitemap.xml",
    "news-sitemap:/news.xml",
    "listing:/latest",
)
TWO = {FEED: 0.1, SITEMAP: 0.2}
CMS = {FEED: 0.1, REST: 0.1, SITEMAP: 0.2, LISTING: 0.15}
ALL = {FEED: 0.3, REST: 0.1, NEWS: 0.3, SITEMAP: 0.2, LISTING: 0.25}


def shown(
    rng: Random, stories: int, losses: Mapping[str, float], hidden: float, group: frozenset[str]
) -> Counter[frozenset[str]]:
    """Which sources show which stories: each loses its share, and `group` all that are `hidden`."""
    table: Counter[frozenset[str]] = Counter()
    for _ in range(stories):
        is_hidden = rng.random() < hidden
        sources = frozenset(
            key
            for key, loss in losses.items()
            if rng.random() >= loss and not (is_hidden and key in group)
        )
        if sources:
            table[sources] += 1
    return table


def told(
    stories: int, losses: Mapping[str, float], hidden: float = 0, group: tuple[str, ...] = ()
) -> tuple[list[float], int]:
    """The errors of all estimates, and how many simulations came to none."""
    errors, none = [], 0
    for seed in SEEDS:
        table = shown(Random(f"{stories}:{seed}"), stories, losses, hidden, frozenset(group))
        if found := estimate(table.items()):
            errors.append(found.share - table.total() / stories)
        else:
            none += 1
    return errors, none


@pytest.mark.parametrize(
    ("stories", "losses", "hidden", "group"),
    [
        (1_000, TWO, 0, ()),
        (3_000, {FEED: 0.3, SITEMAP: 0.3}, 0, ()),
        (500, {FEED: 0.3, SITEMAP: 0.2, LISTING: 0.25}, 0, ()),
        (100, ALL, 0, ()),
        # Some stories are in no feed of the one program, neither in its RSS nor in its API.
        (300, CMS, 0.1, (FEED, REST)),
        (500, CMS, 0.3, (FEED, REST)),
        (3_000, {FEED: 0.1, REST: 0.1, LISTING: 0.2}, 0.3, (FEED, REST)),
        # They are not in its sitemap either, or in the listing alone.
        (500, CMS, 0.1, (FEED, REST, SITEMAP)),
        (3_000, CMS, 0.3, (FEED, REST, SITEMAP)),
        (3_000, ALL, 0.2, (SITEMAP, NEWS, LISTING)),
    ],
)
def test_the_estimate_is_within_two_points(
    stories: int, losses: dict[str, float], hidden: float, group: tuple[str, ...]
) -> None:
    errors, none = told(stories, losses, hidden, group)
    assert none <= 0.05 * len(SEEDS)
    assert sum(abs(error) <= 0.02 for error in errors) >= 0.95 * len(errors)
    assert abs(sum(errors) / len(errors)) <= 0.005  # and off to neither side


def test_the_stated_error_is_that_of_the_estimates() -> None:
    errors, _ = told(1_000, TWO)
    found = estimate(shown(Random(1), 1_000, TWO, 0, frozenset()).items())
    assert found
    assert (sum(error**2 for error in errors) / len(errors)) ** 0.5 == pytest.approx(
        found.error, rel=0.4
    )


def test_where_the_assumption_does_not_hold_nothing_is_noticed() -> None:
    """What is hidden from all channels is in no estimate: it has to be said."""
    errors, _ = told(1_000, CMS, 0.1, (FEED, REST, SITEMAP, LISTING))
    assert sum(errors) / len(errors) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {(FEED,): 1_000},
        {(FEED,): 50, (REST,): 40, (FEED, REST): 910},  # one channel
        {(FEED, SITEMAP): MIN_STORIES - 1},
        {(FEED,): 40, (SITEMAP,): 40, (FEED, SITEMAP): 20},  # good to no two points
    ],
)
def test_where_nothing_can_be_said_nothing_is(table: dict[tuple[str, ...], int]) -> None:
    assert estimate(table.items()) is None


def test_nothing_is_missed_where_each_shows_all() -> None:
    found = estimate([((FEED, SITEMAP, LISTING), 40), ((FEED, SITEMAP), 10)])
    assert found == CompletenessEstimate(sighted=50, published=50, share=1, error=0)


def test_a_worked_example() -> None:
    """Chapman: (91 * 81) / 73 - 1 stories, where 72 of 90 and 80 are in both."""
    found = estimate([((FEED,), 900 - 720), ((SITEMAP,), 800 - 720), ((FEED, SITEMAP), 720)])
    assert found
    assert found.published == pytest.approx(901 * 801 / 721 - 1)
    assert found.share == pytest.approx(980 / (901 * 801 / 721 - 1))
    assert 0 < found.error < MAX_ERROR
