"""Adaptive schedules: the time of an outlet's next poll, by when its stories came out so far.

The aim is that nineteen stories in twenty are stored soon. For that, requests are best spent where
most stories are: the slots of the week that hold nearly all of them get one poll within the same
short time after each possible moment of publication, and the others hardly any. A poll that comes
no sooner than that after the first such moment covers most for its price.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crawler.schedule.planning import AdaptiveBounds

SLOT = timedelta(minutes=5)
SLOTS_PER_HOUR, SLOTS_PER_DAY, SLOTS_PER_WEEK = 12, 288, 2016
HALF_LIFE = timedelta(days=14)
"""Age at which a story counts half as much."""
BUSY_SHARE = 0.99
"""Share of the expected stories whose slots are polled often: the busy slots."""
STORIES_PER_POLL = 0.25
"""Stories that are expected for each poll of a busy slot."""
WINDOW_MARGIN = 1.25
"""A feed holds so many times what came at most between two polls as far apart as we let them be."""
DEFAULT_WINDOW = 10
"""Stories that an unknown feed is taken to hold, as those of WordPress do."""
IDLE_TIME, IDLE_STORIES = timedelta(hours=8), 10.0
"""Where nothing came for so long and more than so many stories should have, it is a holiday."""
IDLE_FACTOR = 6
"""How much more seldom a busy slot is polled on a holiday."""
BUSY_FACTOR = 6
"""How many times as often as the others a busy slot is polled at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What the last poll showed of how far the outlet's sources reach back."""

    window: int | None = DEFAULT_WINDOW
    """Stories that the longest feed shows; None: older pages of a source can be read."""
    new: int = 0
    """New ones among them."""
    latest: datetime | None
    """When the latest story came out, as far as any is known."""
    slack: float = 1
    """Halved where two polls did not overlap, and grown again by those that do."""


class AdaptiveSchedule:
    """The expected stories of an outlet in each slot of its week, and the polls they call for.

    Args:
        history: when stories came out, in order; four weeks tell enough.
        zone: the outlet's (IANA).
        now: the end of that history.
    """

    def __init__(self, history: Sequence[datetime], zone: str, now: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._history = history
        self._rates = self._expected(now)
        self._busy, self._pace = self._busy_slots()

    def _expected(self, now: datetime) -> list[float]:
        """Return the expected stories in each slot of a week, smoothed.

        Few stories say little about a single slot. The fewer there are, the more its hour on that
        day, the same hour of other days and its place in the hour count instead.
        """
        week = [0.0] * SLOTS_PER_WEEK
        total = 0.0
        for at in self._history:
            weight: float = 0.5 ** ((now - at) / HALF_LIFE)
            week[self._slot(at)] += weight
            total += weight
        day = [sum(week[slot::SLOTS_PER_DAY]) for slot in range(SLOTS_PER_DAY)]
        hours = [
            sum(day[hour : hour + SLOTS_PER_HOUR])
            for hour in range(0, SLOTS_PER_DAY, SLOTS_PER_HOUR)
        ]
        days = [
            sum(week[start : start + SLOTS_PER_DAY])
            for start in range(0, SLOTS_PER_WEEK, SLOTS_PER_DAY)
        ]
        place = _shares([sum(day[slot::SLOTS_PER_HOUR]) for slot in range(SLOTS_PER_HOUR)], 12)
        within = [
            _shares(day[hour * SLOTS_PER_HOUR : (hour + 1) * SLOTS_PER_HOUR], 12, place)
            for hour in range(24)
        ]
        near = [0.7 * hours[h] + 0.15 * (hours[h - 1] + hours[(h + 1) % 24]) for h in range(24)]
        usual = _shares(near, 2)
        of_day = _shares(days, 3)
        factor = self._per_week(total, now)
        rates = []
        for number in range(7):
            start = number * SLOTS_PER_DAY
            own = [sum(week[start + h * 12 : start + h * 12 + 12]) for h in range(24)]
            share = _shares(own, max(2, days[number] / 4), usual)
            rates += [
                factor * of_day[number] * share[h] * within[h][slot]
                for h in range(24)
                for slot in range(SLOTS_PER_HOUR)
            ]
        return rates

    def _per_week(self, total: float, now: datetime) -> float:
        """Return the stories of a week, from their decayed number."""
        if not self._history:
            return 1.0
        weeks: float = 0.5 ** ((now - self._history[0]) / HALF_LIFE)
        scale = HALF_LIFE / timedelta(weeks=1) / 0.693 * (1 - weeks)
        return total / max(scale, 1 / 7)

    def _busy_slots(self) -> tuple[list[bool], timedelta]:
        """Return the fewest slots with nearly all stories, and the time between two of these."""
        busy = [False] * SLOTS_PER_WEEK
        found, total = 0.0, sum(self._rates)
        for slot in sorted(range(SLOTS_PER_WEEK), key=lambda slot: -self._rates[slot]):
            if found > BUSY_SHARE * total:
                break
            busy[slot] = True
            found += self._rates[slot]
        return busy, sum(busy) * SLOT / max(found, 0.1)

    def _slot(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * SLOTS_PER_DAY + local.hour * SLOTS_PER_HOUR + local.minute // 5

    def _slots(self, start: datetime) -> Iterator[int]:
        slot = self._slot(start)
        while True:
            yield slot
            slot = (slot + 1) % SLOTS_PER_WEEK

    def next_poll(self, now: datetime, bounds: AdaptiveBounds, poll: PollResult) -> datetime:
        """Return when to poll next after a poll at `now`."""
        if poll.window and poll.new * 2 > poll.window:  # the next might miss some
            return _minute(now + bounds.shortest)
        wait = (
            STORIES_PER_POLL * self._pace * (IDLE_FACTOR if self._is_idle(now, poll.latest) else 1)
        )
        wait = min(max(wait // SLOT * SLOT, bounds.shortest), bounds.longest / BUSY_FACTOR)
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
        """Tell whether nothing came although much should have: a holiday."""
        since = now - IDLE_TIME
        if latest and latest > since:
            return False
        slots = self._slots(since)
        return sum(self._rates[next(slots)] for _ in range(IDLE_TIME // SLOT)) > IDLE_STORIES

    @lru_cache(maxsize=4)  # noqa: B019 - a rhythm is short-lived
    def longest_gap(self, bounds: AdaptiveBounds, window: int) -> timedelta:
        """Return how far apart polls of a feed of `window` stories may be to miss none."""
        bearable = max(window / WINDOW_MARGIN, self._most(bounds.shortest))
        gap = bounds.longest
        while gap > bounds.shortest and self._most(gap) > bearable:
            gap *= 0.8
        return gap

    def _most(self, span: timedelta) -> int:
        """Return the most stories that came within any such span."""
        most = first = 0
        for last, at in enumerate(self._history):
            while at - self._history[first] > span:
                first += 1
            most = max(most, last + 1 - first)
        return most


def _shares(
    counts: Sequence[float], strength: float, prior: Sequence[float] | None = None
) -> list[float]:
    """Return shares of a whole; `strength` counts are added, spread as in `prior`, or evenly."""
    whole = sum(counts) + strength
    even = 1 / len(counts)
    return [
        (count + strength * (prior[n] if prior else even)) / whole for n, count in enumerate(counts)
    ]


def _minute(at: datetime) -> datetime:
    """Cut to the minute: who looks every five minutes is a few seconds late now and then."""
    return at.replace(second=0, microsecond=0)
