"""Times that are wrong by a constant."""

from datetime import timedelta
from random import Random

import pytest

from crawler.monitor.drift.observation import Observation
from crawler.monitor.drift.offset_error import find_offset_error

HOUR = 3600.0
POLL = 1800.0


def seen(rng: Random, error: float, poll: float = POLL, delay: float = 0.0) -> Observation:
    """A story that came out between two runs, and says so, but for an error (seconds)."""
    age = rng.uniform(0, poll)
    return Observation(
        "https://news.example/", ahead=error - age - delay, since_poll=error + poll - age - delay
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("hours", [5, 5.5, -5, 8, -8, 10, 1, 9.5, -3.5])
def test_local_time_stamped_as_utc(hours: float, seed: int) -> None:
    rng, own = Random(seed), timedelta(hours=hours)
    stories = [seen(rng, hours * HOUR) for _ in range(20)]
    assert find_offset_error(stories, own) == own
    assert find_offset_error(stories[:10], own) == own


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("hours", "poll"), [(1, 2), (1, 3), (2, 3), (2, 6), (5, 8)])
def test_runs_may_be_further_apart_than_the_error(hours: int, poll: int, seed: int) -> None:
    rng, own = Random(seed), timedelta(hours=hours)
    stories = [seen(rng, hours * HOUR, poll * HOUR) for _ in range(20)]
    assert find_offset_error(stories, own) == own


def test_a_future_that_is_not_the_zones() -> None:
    """A clock that was set wrong: the least error that explains all of it."""
    rng = Random(1)
    stories = [seen(rng, 2 * HOUR) for _ in range(20)]
    assert find_offset_error(stories, timedelta()) == timedelta(hours=2)


@pytest.mark.parametrize("seed", range(50))
def test_healthy_outlets(seed: int) -> None:
    """Fifty of them: polled often or seldom, slow or quick, with stories dated back or ahead."""
    rng = Random(seed)
    own = timedelta(hours=rng.choice((-8, -5, 0, 1, 5, 5.5, 8, 10)))
    poll = rng.choice((600.0, 1800.0, HOUR, 6 * HOUR, 24 * HOUR))
    stories = []
    for _ in range(200):
        delay = rng.expovariate(1 / 900) if rng.random() < 0.9 else rng.uniform(0, 40 * HOUR)
        embargo = -300 if rng.random() < 0.05 else 0
        stories.append(seen(rng, 0, poll, delay + embargo))
        assert find_offset_error(stories, own) is None


def test_few_stories_tell_nothing() -> None:
    rng = Random(1)
    assert find_offset_error([seen(rng, 5 * HOUR) for _ in range(7)], timedelta(hours=5)) is None
    assert (
        find_offset_error([Observation("https://news.example/")] * 20, timedelta(hours=5)) is None
    )
