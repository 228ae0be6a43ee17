"""`SilenceDetector`: how many stories come in each hour of the week, and when too few do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil, exp, log1p
from typing import Any
from zoneinfo import ZoneInfo

HOURS = 7 * 24
MIN_WEEKS = 1.8
"""Weeks (the older the less) after which the rhythm of an outlet's week is known."""
WHOLE_WEEK = timedelta(weeks=1)
"""A silence that counts where the rhythm is not known: it holds every quiet hour of a week."""
MEMORY_WEEKS = 10.0
"""Weeks after which one counts for a third."""
MIN_MISSING = 14.0
"""Stories that should have come while none did. By chance that happens once in a million times, and
on a holiday with a third of the usual stories once in a hundred."""
LONGEST_FACTOR = 2.5
"""A silence is usual that is shorter than this times the longest that ended by itself."""
LONGEST_MEMORY_WEEKS = 100.0
"""Weeks after which that longest silence is a third of what it was: holidays come once a year."""
MIN_HOURS = 8
"""Different hours in which the stories of the week before the first run came, if they tell how many
come in a week: a magazine's come all at once, and the next ones in a month."""
_HOUR = timedelta(hours=1)


class SilenceDetector:
    """Learns when stories come, hour by hour of the week, and finds when too few do.

    Args:
        zone: the outlet's: weekends and nights are by its clock.
        saved: what `to_dict` returned.
    """

    def __init__(self, zone: ZoneInfo, saved: dict[str, Any] | None = None) -> None:
        saved = saved or {}
        self._zone = zone
        self._counts: list[float] = saved.get("counts") or [0.0] * HOURS
        self._weeks: float = saved.get("weeks", 0.0)
        self._until: datetime | None = saved.get("until")
        self.last_story: datetime | None = saved.get("last")
        """When the last new story came."""
        self._longest: float = saved.get("longest", 0.0)
        self._before: int = saved.get("before", 0)
        """How many stories came in the week before the first run, at least."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "counts": self._counts,
            "weeks": self._weeks,
            "until": self._until,
            "last": self.last_story,
            "longest": self._longest,
            "before": self._before,
        }

    def learn(
        self, moments: Iterable[datetime], now: datetime, backlog: Iterable[datetime] = ()
    ) -> None:
        """Learn from when new stories came, up to now; instants are aware.

        Args:
            backlog: in the first run, when the stories that are there were published.
        """
        came = sorted(moments)
        if self._until is None:
            self._until, self.last_story = now, now
            week = [at for at in backlog if now - WHOLE_WEEK < at <= now]
            if len({int(at.timestamp() // _HOUR.total_seconds()) for at in week}) >= MIN_HOURS:
                self._before = len(week)
            return
        if not came:  # a silence is part of the rhythm only once it has ended
            return
        assert self.last_story
        silent = self.expected(self.last_story, came[0])
        # Where as many come at once as were missing, it was the outlet's server that slept.
        if self._weeks >= MIN_WEEKS and len(came) * 2 < max(3.0, silent):
            self._longest = max(self._longest, silent)
        weeks = max(0.0, (now - self._until) / timedelta(weeks=1))
        self._longest *= exp(-weeks / LONGEST_MEMORY_WEEKS)
        fade = exp(-weeks / MEMORY_WEEKS)
        self._counts = [count * fade for count in self._counts]
        self._weeks = self._weeks * fade + weeks
        self._until, self.last_story = now, max(self.last_story, came[-1])
        for at in came:
            self._counts[self._hour(at)] += 1

    def expected(self, since: datetime, until: datetime) -> float:
        """Return how many stories usually come between two instants."""
        if self._weeks <= 0 or until <= since:
            return 0.0
        total = (until - since) / _HOUR
        whole = ceil(total)
        if whole > 10 * HOURS:
            return sum(self._counts) * total / HOURS / self._weeks
        hours = (self._counts[self._hour(since + number * _HOUR)] for number in range(whole))
        return sum(hours) * (total / whole) / self._weeks

    def missing(self, now: datetime) -> float:
        """Return how many stories should have come since the last; 0 where that is not too many."""
        if self.last_story is None:
            return 0.0
        if self._weeks < MIN_WEEKS:
            return self._missing_early(now)
        silent = self.expected(self.last_story, now)
        return silent if silent >= max(MIN_MISSING, LONGEST_FACTOR * self._longest) else 0.0

    def _missing_early(self, now: datetime) -> float:
        """Return the same of an outlet that fell silent before its rhythm was known.

        A rate that a short time has shown is uncertain: the shorter, the longer the silence.
        """
        assert self.last_story
        silent = now - self.last_story
        if silent < WHOLE_WEEK:
            return 0.0
        count = sum(self._counts) if self._weeks > 0 else self._before
        weeks = silent / WHOLE_WEEK / (self._weeks or 1.0)
        return count * (weeks if count * log1p(weeks) >= MIN_MISSING else 0)

    def _hour(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * 24 + local.hour
