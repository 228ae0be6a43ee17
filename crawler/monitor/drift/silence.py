"""`SilenceDetector`: how many stories come in each hour of the week, and when too few do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil, exp
from typing import Any
from zoneinfo import ZoneInfo

HOURS = 7 * 24
LEAST_WEEKS = 1.8
"""Before an outlet is known for so long (about two, the older the less), no silence tells."""
MEMORY_WEEKS = 10.0
"""Weeks after which one counts for a third."""
PATIENCE = 14.0
"""Stories that should have come, while none did: by chance that happens once in a million times,
and on a holiday with a third of the usual stories once in a hundred."""
LONGEST = 2.5
"""A silence is usual that is shorter than so many times the longest that ended by itself."""
LONGEST_WEEKS = 100.0
"""Weeks after which that is a third of what it was: holidays come once a year."""
_HOUR = timedelta(hours=1)


class SilenceDetector:
    """Learns from when stories come, and says how many were to be expected since.

    Args:
        zone: the outlet's: weekends and nights are by its clock.
        stored: what `stored` gave.
    """

    def __init__(self, zone: ZoneInfo, stored: dict[str, Any] | None = None) -> None:
        told = stored or {}
        self._zone = zone
        self._counts: list[float] = told.get("counts") or [0.0] * HOURS
        self._weeks: float = told.get("weeks", 0.0)
        self._until: datetime | None = told.get("until")
        self.last: datetime | None = told.get("last")
        """When the last new story came."""
        self._longest: float = told.get("longest", 0.0)

    def stored(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "counts": self._counts,
            "weeks": self._weeks,
            "until": self._until,
            "last": self.last,
            "longest": self._longest,
        }

    def learn(self, moments: Iterable[datetime], now: datetime) -> None:
        """Take in when new stories came, up to now: aware."""
        came = sorted(moments)
        if self._until is None:
            self._until, self.last = now, now
            return
        if not came:  # a silence is part of the rhythm only once it has ended
            return
        assert self.last
        silent = self.expected(self.last, came[0])
        # Where as many come at once as were missing, it was the outlet's server that slept.
        if self._weeks >= LEAST_WEEKS and len(came) * 2 < max(3.0, silent):
            self._longest = max(self._longest, silent)
        weeks = max(0.0, (now - self._until) / timedelta(weeks=1))
        self._longest *= exp(-weeks / LONGEST_WEEKS)
        fade = exp(-weeks / MEMORY_WEEKS)
        self._counts = [count * fade for count in self._counts]
        self._weeks = self._weeks * fade + weeks
        self._until, self.last = now, max(self.last, came[-1])
        for at in came:
            self._counts[self._hour(at)] += 1

    def expected(self, since: datetime, until: datetime) -> float:
        """How many stories usually come between two instants."""
        if self._weeks <= 0 or until <= since:
            return 0.0
        total = (until - since) / _HOUR
        whole = ceil(total)
        if whole > 10 * HOURS:
            return sum(self._counts) * total / HOURS / self._weeks
        hours = (self._counts[self._hour(since + number * _HOUR)] for number in range(whole))
        return sum(hours) * (total / whole) / self._weeks

    def missing(self, now: datetime) -> float:
        """How many stories should have come since the last did, if that is far too many; else 0."""
        if self.last is None or self._weeks < LEAST_WEEKS:
            return 0.0
        silent = self.expected(self.last, now)
        return silent if silent >= max(PATIENCE, LONGEST * self._longest) else 0.0

    def _hour(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * 24 + local.hour
