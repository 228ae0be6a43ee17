"""How many stories were to be expected, by the outlet's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.monitor.drift.silence import SilenceDetector

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(weeks: int, zone: str = "UTC") -> SilenceDetector:
    """An outlet with a story an hour from nine to five, Monday to Friday."""
    silence, now = SilenceDetector(ZoneInfo(zone)), MONDAY
    silence.learn([], now)
    while now < MONDAY + weeks * 7 * DAY:
        now += HOUR
        local = now.astimezone(ZoneInfo(zone))
        silence.learn([now - HOUR / 2] if local.weekday() < 5 and 9 <= local.hour < 17 else [], now)
        silence = SilenceDetector(ZoneInfo(zone), silence.to_dict())
    return silence


def test_nights_and_weekends_are_quiet() -> None:
    silence, end = after(4), MONDAY + 28 * DAY
    assert 7 < silence.expected(end, end + DAY) < 9
    assert silence.expected(end + 17 * HOUR, end + 24 * HOUR) < 0.5
    assert silence.expected(end - 2 * DAY, end) < 0.5
    assert 36 < silence.expected(end, end + 7 * DAY) < 44


def test_its_own_clock_counts() -> None:
    silence, end = after(4, "Asia/Karachi"), MONDAY + 28 * DAY
    assert silence.expected(end + 4 * HOUR, end + 8 * HOUR) > 3
    assert silence.expected(end + 14 * HOUR, end + 20 * HOUR) < 0.5


def test_a_weekend_is_no_silence_and_two_working_days_are() -> None:
    silence, end = after(4), MONDAY + 28 * DAY
    assert not silence.missing(end)  # nothing since Friday
    assert not silence.missing(end + DAY)
    assert silence.missing(end + 2 * DAY) > 14


def test_a_silence_that_ended_by_itself_is_usual() -> None:
    silence, end = after(4), MONDAY + 28 * DAY
    silence.learn([end + 3 * DAY + 9 * HOUR], end + 3 * DAY + 10 * HOUR)
    assert not silence.missing(end + 5 * DAY + 9 * HOUR)


def test_what_comes_all_at_once_was_held_up() -> None:
    silence, end = after(4), MONDAY + 28 * DAY
    late = end + 3 * DAY
    silence.learn([late - HOUR] * 20, late)
    assert silence.missing(late + 2 * DAY) > 14


@pytest.mark.parametrize(
    ("stories", "runs", "silent"),
    [
        (6, 4, 7),  # a story every four hours, collected once a day for four days
        (6, 2, 10),
        (200, 2, 7),  # not after a weekend
        (1, 4, 334),
        (1, 2, None),  # one story in a day tells of no rhythm
        (0, 9, None),
    ],
)
def test_an_outlet_that_falls_silent_after_days(
    stories: int, runs: int, silent: int | None
) -> None:
    """After how many days that is told."""
    silence, now = SilenceDetector(ZoneInfo("UTC")), MONDAY
    for _ in range(runs):
        silence.learn([now - DAY * n / (stories + 1) for n in range(stories)], now)
        now += DAY
    days = (n for n in range(1000) if silence.missing(now - DAY + n * DAY))
    assert next(days, None) == silent


@pytest.mark.parametrize(
    ("stories", "apart", "silent"),
    [
        (24, 6 * HOUR, 7),
        (12, 14 * HOUR, 16),
        (30, HOUR / 60, None),  # a magazine's issue
        (30, 7 * DAY, None),
        (0, HOUR, None),
    ],
)
def test_an_outlet_that_falls_silent_after_its_first_run(
    stories: int, apart: timedelta, silent: int | None
) -> None:
    """The dates of the stories that were there tell how many come in a week."""
    first = SilenceDetector(ZoneInfo("UTC"))
    first.learn([], MONDAY, [MONDAY - apart * n for n in range(stories)])
    silence = SilenceDetector(ZoneInfo("UTC"), first.to_dict())
    days = (n for n in range(1000) if silence.missing(MONDAY + n * DAY))
    assert next(days, None) == silent
