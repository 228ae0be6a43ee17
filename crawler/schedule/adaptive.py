"""When an outlet on an adaptive schedule is asked next, by when its stories have come out so far.

What counts is that nineteen stories in twenty are stored soon. For that, requests are best spent
where most stories are: the slots of the week that hold nearly all of them get one poll within the
same short time after each possible moment of publication, and the others hardly any. A poll that
comes no sooner than that after the first such moment covers most for its price.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crawler.schedule.planning import AdaptiveBounds

SLOT = timedelta(minutes=5)
IN_HOUR, IN_DAY, IN_WEEK = 12, 288, 2016
"""Slots."""
HALF_LIFE = timedelta(days=14)
"""After so long a story tells half as much."""
COVERED = 0.99
"""Share of the stories to be expected whose slots are asked for often."""
STORIES = 0.25
"""So many are expected for each poll of a busy slot."""
MARGIN = 1.25
"""A feed holds so many times what came at most between two polls as far apart as we let them be."""
USUAL_WINDOW = 10
"""Stories that a feed holds of which nothing is known yet: what WordPress does."""
LATELY = timedelta(hours=8)
"""Where nothing came for so long ..."""
TELLING = 10.0
"""... and more than so many stories should have, today is no usual day ..."""
BUSIER = 6
"""A busy slot is asked for at least so many times as often as the others."""
TAKEN_EASY = 6
"""... and is asked for so much more seldom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What the last poll showed of how far sources reach back."""

    window: int | None = USUAL_WINDOW
    """Stories that the longest feed shows; None: older pages of a source can be read."""
    new: int = 0
    """How many of them were new."""
    latest: datetime | None
    """When the latest story came out, as far as any is known."""
    slack: float = 1
    """Halved where two polls did not overlap, and grown again by those that do."""


class AdaptiveSchedule:
    """What is to be expected of an outlet in each slot of its week.

    Args:
        history: when stories came out, in order; four weeks tell enough.
        zone: the outlet's (IANA).
        now: until when.
    """

    def __init__(self, history: Sequence[datetime], zone: str, now: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._history = history
        self._rates = self._expected(now)
        self._busy, self._pace = self._busy_slots()

    def _expected(self, now: datetime) -> list[float]:
        """Stories in each slot of a week, smoothed.

        Few stories say little about a single slot: what they say of its hour on that day, on other
        days, and of its place in the hour, is believed as far as there is nothing better.
        """
        week = [0.0] * IN_WEEK
        total = 0.0
        for at in self._history:
            weight: float = 0.5 ** ((now - at) / HALF_LIFE)
            week[self._slot(at)] += weight
            total += weight
        day = [sum(week[slot::IN_DAY]) for slot in range(IN_DAY)]
        hours = [sum(day[hour : hour + IN_HOUR]) for hour in range(0, IN_DAY, IN_HOUR)]
        days = [sum(week[start : start + IN_DAY]) for start in range(0, IN_WEEK, IN_DAY)]
        place = _shares([sum(day[slot::IN_HOUR]) for slot in range(IN_HOUR)], 12)
        within = [
            _shares(day[hour * IN_HOUR : (hour + 1) * IN_HOUR], 12, place) for hour in range(24)
        ]
        near = [0.7 * hours[h] + 0.15 * (hours[h - 1] + hours[(h + 1) % 24]) for h in range(24)]
        usual = _shares(near, 2)
        of_day = _shares(days, 3)
        factor = self._per_week(total, now)
        rates = []
        for number in range(7):
            start = number * IN_DAY
            own = [sum(week[start + h * 12 : start + h * 12 + 12]) for h in range(24)]
            share = _shares(own, max(2, days[number] / 4), usual)
            rates += [
                factor * of_day[number] * share[h] * within[h][slot]
                for h in range(24)
                for slot in range(IN_HOUR)
            ]
        return rates

    def _per_week(self, total: float, now: datetime) -> float:
        """Stories a week, from their decayed number."""
        if not self._history:
            return 1.0
        weeks: float = 0.5 ** ((now - self._history[0]) / HALF_LIFE)
        scale = HALF_LIFE / timedelta(weeks=1) / 0.693 * (1 - weeks)
        return total / max(scale, 1 / 7)

    def _busy_slots(self) -> tuple[list[bool], timedelta]:
        """The fewest slots that hold nearly all stories, and how long one of them takes to come."""
        busy = [False] * IN_WEEK
        found, total = 0.0, sum(self._rates)
        for slot in sorted(range(IN_WEEK), key=lambda slot: -self._rates[slot]):
            if found > COVERED * total:
                break
            busy[slot] = True
            found += self._rates[slot]
        return busy, sum(busy) * SLOT / max(found, 0.1)

    def _slot(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * IN_DAY + local.hour * IN_HOUR + local.minute // 5

    def _slots(self, start: datetime) -> Iterator[int]:
        slot = self._slot(start)
        while True:
            yield slot
            slot = (slot + 1) % IN_WEEK

    def next_poll(self, now: datetime, bounds: AdaptiveBounds, poll: PollResult) -> datetime:
        """When to ask next after a poll at `now`."""
        if poll.window and poll.new * 2 > poll.window:  # the next might miss some
            return _minute(now + bounds.shortest)
        wait = STORIES * self._pace * (TAKEN_EASY if self._is_idle(now, poll.latest) else 1)
        wait = min(max(wait // SLOT * SLOT, bounds.shortest), bounds.longest / BUSIER)
        limit = bounds.longest
        if poll.window:
            limit = max(self.longest_gap(bounds, poll.window) * poll.slack, bounds.shortest)
        moment = now
        for slot in self._slots(now):
            if self._busy[slot] or poll.new or moment + wait >= now + limit:
                break
            moment += SLOT
        return _minute(min(moment + wait, now + limit))

    def _is_idle(self, now: datetime, latest: datetime | None) -> bool:
        """Whether nothing comes although much should have: a holiday."""
        since = now - LATELY
        if latest and latest > since:
            return False
        slots = self._slots(since)
        return sum(self._rates[next(slots)] for _ in range(LATELY // SLOT)) > TELLING

    @lru_cache(maxsize=4)  # noqa: B019 - a rhythm is short-lived
    def longest_gap(self, bounds: AdaptiveBounds, window: int) -> timedelta:
        """How far apart polls may be so that a feed of `window` stories cannot roll over."""
        bearable = max(window / MARGIN, self._most(bounds.shortest))
        gap = bounds.longest
        while gap > bounds.shortest and self._most(gap) > bearable:
            gap *= 0.8
        return gap

    def _most(self, span: timedelta) -> int:
        """The most stories that came within any such span."""
        most = first = 0
        for last, at in enumerate(self._history):
            while at - self._history[first] > span:
                first += 1
            most = max(most, last + 1 - first)
        return most


def _shares(
    counts: Sequence[float], strength: float, prior: Sequence[float] | None = None
) -> list[float]:
    """Shares of a whole; `strength` counts are added, spread as in `prior`, or evenly."""
    whole = sum(counts) + strength
    even = 1 / len(counts)
    return [
        (count + strength * (prior[n] if prior else even)) / whole for n, count in enumerate(counts)
    ]


def _minute(at: datetime) -> datetime:
    """Its full minute: who looks every five minutes is a few seconds late now and then."""
    return at.replace(second=0, microsecond=0)
