"""Adaptive intervals: where polls go, and that no feed rolls over between them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from benchmarks.schedule import COUNTED, adapt, at_intervals
from benchmarks.traces import traces
from crawler.schedule.adaptive import AdaptiveSchedule, PollResult
from crawler.schedule.planning import AdaptiveBounds

BOUNDS = AdaptiveBounds(timedelta(minutes=5), timedelta(hours=6))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEWS = [MONDAY + day * DAY + hour * HOUR for day in range(28) for hour in (8, 9, 9.2, 9.5, 11)]
"""Five stories a day for four weeks, all of them in the morning."""
THEN = MONDAY + 28 * DAY


def test_nothing_known_is_asked_for_often() -> None:
    rhythm = AdaptiveSchedule([], "UTC", MONDAY)
    assert rhythm.next_poll(MONDAY, BOUNDS, PollResult(latest=None)) == MONDAY + HOUR


def test_polls_go_where_stories_come() -> None:
    rhythm = AdaptiveSchedule(NEWS, "UTC", THEN)
    now, polls = THEN, []
    while now < THEN + DAY:
        now = rhythm.next_poll(now, BOUNDS, PollResult(latest=None, window=None))
        polls.append(now)
    morning = sum(8 <= poll.hour < 13 for poll in polls)
    assert morning > len(polls) / 2
    assert max(b - a for a, b in pairwise(polls)) <= BOUNDS.longest


def test_what_was_not_expected_is_looked_at_again_soon() -> None:
    rhythm = AdaptiveSchedule(NEWS, "UTC", THEN)
    night = THEN + 2 * HOUR
    usual = rhythm.next_poll(night, BOUNDS, PollResult(latest=None, window=None))
    assert rhythm.next_poll(night, BOUNDS, PollResult(latest=None, window=None, new=1)) < usual


def test_a_feed_that_might_roll_over_is_asked_at_once() -> None:
    rhythm = AdaptiveSchedule(NEWS, "UTC", THEN)
    assert (
        rhythm.next_poll(THEN, BOUNDS, PollResult(latest=None, window=10, new=6))
        == THEN + BOUNDS.shortest
    )


def test_the_gap_between_polls_holds_what_came_at_most() -> None:
    rhythm = AdaptiveSchedule(NEWS, "UTC", THEN)
    gap = rhythm.longest_gap(BOUNDS, 3)
    most = max(sum(at <= other <= at + gap for other in NEWS) for at in NEWS)
    assert most * 1.25 <= 3 * 1.25
    assert gap < rhythm.longest_gap(BOUNDS, 10) == BOUNDS.longest


def test_polls_that_did_not_overlap_come_closer() -> None:
    rhythm = AdaptiveSchedule(NEWS, "UTC", THEN)
    night = THEN + 13 * HOUR
    gaps = [
        rhythm.next_poll(night, BOUNDS, PollResult(latest=None, window=10, slack=slack)) - night
        for slack in (1, 0.5, 0.25, 0.01)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > gaps[2] > gaps[3] == BOUNDS.shortest


@pytest.mark.timeout(120)
def test_stories_come_sooner_at_as_many_requests() -> None:
    """A short form of `make bench PART=schedule`, with a seed of its own."""
    made = [trace for trace in traces(7, 84) if trace.name in ("daily", "hourly", "edition")]
    delays: tuple[list[float], list[float]] = ([], [])
    for trace in made:
        adaptive = adapt(trace)
        fixed = at_intervals(trace, COUNTED / adaptive.polls)
        assert adaptive.missed == 0
        assert adaptive.polls == pytest.approx(fixed.polls, abs=1)
        delays[0].extend(adaptive.delays)
        delays[1].extend(fixed.delays)
    p95 = [sorted(each)[int(len(each) * 0.95)] for each in delays]
    assert p95[0] <= p95[1] / 2
