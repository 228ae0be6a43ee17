"""Revisits: when a stored story is looked at again, often while it is new, then ever less."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

DEFAULT_REVISIT_AGES = ("15m", "1h", "4h", "1d", "3d", "7d")
"""Ages at which stories are looked at again, where an outlet declares no others."""
FRESH = timedelta(days=1)
"""The age of a story counts from our first sight if it was no older then: some dates state the day
only."""

_AGE = re.compile(r"([1-9]\d{0,3})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def read_age(text: str) -> timedelta:
    """Read an age in minutes, hours or days, like ``15m``.

    Raises:
        ValueError: the text is not like that.
    """
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError("write one like 15m, 4h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def next_revisit(
    ages: Iterable[timedelta], published: datetime | None, first_seen: datetime, now: datetime
) -> datetime | None:
    """Return when a story is to be looked at again after `now`; None: never."""
    is_old = published is not None and first_seen - published > FRESH
    born = published if published and is_old else first_seen
    return min((born + age for age in ages if born + age > now), default=None)
