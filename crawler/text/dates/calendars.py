"""Conversion of dates of other calendars into the Gregorian one."""

from datetime import date, timedelta

from hijridate import Hijri

# Leap years in each cycle of 33; agrees with the calendar of Iran from 1178 to 1633 (1799 to 2255).
_PERSIAN_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_PERSIAN_EPOCH = (1375, date(1996, 3, 20))  # a year and its first day
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}

BUDDHIST_ERA = 543
"""Years by which the Buddhist Era is ahead of ours, in Thailand since 1941."""


def from_persian(year: int, month: int, day: int) -> date:
    """Convert a date of the Solar Hijri calendar of Iran and Afghanistan.

    Raises:
        ValueError: there is no such day.
    """
    base, start = _PERSIAN_EPOCH
    leap = year % 33 in _PERSIAN_LEAP
    longest = 31 if month <= 6 else 30 if month < 12 or leap else 29
    if not (1178 <= year <= 1633 and 1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError("no day of the Persian calendar")
    step = 1 if year >= base else -1
    leaps = sum(y % 33 in _PERSIAN_LEAP for y in range(min(year, base), max(year, base)))
    before = 31 * (month - 1) - max(0, month - 7)
    return start + timedelta(days=365 * (year - base) + step * leaps + before + day - 1)


def from_hijri(year: int, month: int, day: int) -> date:
    """Convert a date of the Islamic calendar as Saudi Arabia computes it (Umm al-Qura).

    Raises:
        ValueError: there is no such day between 1343 and 1500 AH.
    """
    try:
        return Hijri(year, month, day).to_gregorian()
    except OverflowError as error:
        raise ValueError("beyond the Umm al-Qura calendar") from error


def from_era(era: str, year: int) -> int:
    """Return the common year of a year of a Japanese era, or of the Republic of China.

    Raises:
        KeyError: no such era.
    """
    return year + _ERAS[era]
