"""The `lastmod` of a sitemap, in W3C's form or in any other, as the time that it may mean."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from crawler.text.dates.timestamp import Timestamp

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
"""The first zone that a day begins in, and the last that it ends in."""
MIN_YEAR = 1990
"""Earlier dates stand for none: they are the zero of some system."""
_BEYOND_ISO = re.compile(r"(?P<epoch>\d{9,19})|(?P<year>\d{4})(?:[-/.](?P<month>\d\d?))?", re.ASCII)
_COARSE = re.compile(r"(\d{4})[-/.](\d\d?)(?:[-/.](\d\d?))?(?!\d)", re.ASCII)
# A time of day, which is set to zero so that each day is read once: there are many of one day.
_CLOCK = re.compile(
    r"(?:(?<![\d:+-])|(?<=-\d\d))([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![:\d])", re.ASCII
)

Span = tuple[datetime, datetime]
"""The instants that a date may mean: from the first to before the last."""


def read_lastmod(text: str, latest: datetime) -> Span | None:
    """Return what a date of change may mean; None where it says nothing, or is after `latest`."""
    try:
        span = _read(text, latest)
    except (ValueError, OverflowError, OSError):
        return None
    return span if span and span[0].year >= MIN_YEAR and span[0] <= latest else None


def _read(text: str, latest: datetime) -> Span | None:
    # Most are not, and there are many.
    is_figure = len(text) < len("20241120") or text[4].isdecimal()
    if is_figure and (found := _BEYOND_ISO.fullmatch(text)):
        if epoch := found["epoch"]:  # in seconds, or thousandths and less of them
            at = datetime.fromtimestamp(int(epoch) / 1000 ** ((len(epoch) - 8) // 3), UTC)
            return (at, at)
        return _span(int(found["year"]), int(found["month"] or 0))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _read_other(text, latest)
    return _around(at, is_day=len(text) <= len("2024-11-20"))


def _read_other(text: str, latest: datetime) -> Span | None:
    """Read a date in a form that is not W3C's, or the day of one that is damaged."""
    clock = None if text[-1:] in "mM." else _CLOCK.search(text)
    if clock:
        text = f"{text[: clock.start()]}00:00:00{text[clock.end() :]}"
    stated = _read_date(text, latest.date())
    if stated is None or "relative" in stated.flags:
        found = _COARSE.match(text)
        return _span(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
    at = stated.at.replace(tzinfo=None) if stated.zone else stated.at
    is_day = stated.precision == "day"
    if clock and not is_day:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        at += timedelta(hours=hours, minutes=minutes, seconds=seconds)
    span = _around(at, is_day=is_day)
    if "ambiguous_order" in stated.flags:
        other = _around(at.replace(month=at.day, day=at.month), is_day=is_day)
        span, other = sorted((span, other))
        # What is to come is not meant.
        span = (span[0], other[1]) if other[0] <= latest else span
    return span


@lru_cache(maxsize=4096)
def _read_date(text: str, today: date) -> Timestamp | None:
    from crawler.text.dates.parser import read_date  # noqa: PLC0415 - only workers read

    now = datetime.combine(today, time.max, UTC)
    return read_date(text, zone="UTC", source="sitemap", now=now)


def _span(year: int, month: int, day: int = 0) -> Span:
    """Return a day, a month (without a `day`) or a year (without a `month`) in every zone."""
    first = datetime(year, month or 1, day or 1)  # noqa: DTZ001 - in every zone
    if day:
        return _around(first, is_day=True)
    last = datetime(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1)  # noqa: DTZ001
    return (first.replace(tzinfo=EAST).astimezone(UTC), last.replace(tzinfo=WEST))


def _around(at: datetime, *, is_day: bool) -> Span:
    if at.tzinfo and not is_day:
        return (at, at)
    last = at + timedelta(days=1) if is_day else at
    return (at.replace(tzinfo=EAST), last.replace(tzinfo=WEST))
