"""How many stories were to be expected, by the outlet's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.monitor.drift.silence import SilenceDetector

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(weeks: int, zone: str = "UTC") -> SilenceDetector:
    """An outlet with a story an hour from nine to five, Monday to Friday."""
    rhythm, now = SilenceDetector(ZoneInfo(zone)), MONDAY
    rhythm.learn([], now)
    while now < MONDAY + weeks * 7 * DAY:
        now += HOUR
        local = now.astimezone(ZoneInfo(zone))
        rhythm.learn([now - HOUR / 2] if local.weekday() < 5 and 9 <= local.hour < 17 else [], now)
        rhythm = SilenceDetector(ZoneInfo(zone), rhythm.stored())
    return rhythm


def test_nights_and_weekends_are_quiet() -> None:
    rhythm, end = after(4), MONDAY + 28 * DAY
    assert 7 < rhythm.expected(end, end + DAY) < 9
    assert rhythm.expected(end + 17 * HOUR, end + 24 * HOUR) < 0.5
    assert rhythm.expected(end - 2 * DAY, end) < 0.5
    assert 36 < rhythm.expected(end, end + 7 * DAY) < 44


def test_its_own_clock_counts() -> None:
    rhythm, end = after(4, "Asia/Karachi"), MONDAY + 28 * DAY
    assert rhythm.expected(end + 4 * HOUR, end + 8 * HOUR) > 3
    assert rhythm.expected(end + 14 * HOUR, end + 20 * HOUR) < 0.5


def test_a_weekend_is_no_silence_and_two_working_days_are() -> None:
    rhythm, end = after(4), MONDAY + 28 * DAY
    assert not rhythm.missing(end)  # nothing since Friday
    assert not rhythm.missing(end + DAY)
    assert rhythm.missing(end + 2 * DAY) > 14


def test_a_silence_that_ended_by_itself_is_usual() -> None:
    rhythm, end = after(4), MONDAY + 28 * DAY
    rhythm.learn([end + 3 * DAY + 9 * HOUR], end + 3 * DAY + 10 * HOUR)
    assert not rhythm.missing(end + 5 * DAY + 9 * HOUR)


def test_what_comes_all_at_once_was_held_up() -> None:
    rhythm, end = after(4), MONDAY + 28 * DAY
    late = end + 3 * DAY
    rhythm.learn([late - HOUR] * 20, late)
    assert rhythm.missing(late + 2 * DAY) > 14


def test_an_outlet_known_for_days_cannot_be_silent() -> None:
    assert not after(1).missing(MONDAY + 60 * DAY)
