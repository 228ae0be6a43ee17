"""Traces of publication: when the stories of imagined outlets come out, for months, from a seed.

Each is made after a kind of outlet that exists: what the hour and the weekday say, and how
editors work (in bursts, on the hour, by the batch, hardly on holidays).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

START = datetime(2026, 2, 2, tzinfo=UTC)
"""A Monday; with twelve weeks, the clocks change within it on both sides of the Atlantic."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """Instants of publication of one outlet."""

    name: str
    zone: str
    window: int
    """Stories that its feed shows."""
    published: list[datetime]


def traces(seed: int, days: int) -> list[Trace]:
    """Return one trace of each kind."""
    made = []
    for name, (zone, window, kind) in KINDS.items():
        chance = random.Random(f"{seed} {name}")
        midnight = START.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
        holidays = {chance.randrange(days) for _ in range(days // 28)}
        found = []
        for number in range(days):
            # By the clock on the wall there, so that a day starts at midnight all year.
            day = midnight + number * DAY
            found += list(kind(chance, day, 0.1 if number in holidays else 1.0))
        instants = sorted(at.astimezone(UTC) for at in found)
        made.append(Trace(name, zone, window, instants))
    return made


def _poisson(chance: random.Random, mean: float) -> int:
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count += 1
        left += chance.expovariate(1)
    return count


def _office(chance: random.Random, first: float, last: float) -> timedelta:
    """Draw a moment of an office's day: most work is in its middle."""
    return chance.triangular(first, last, first + (last - first) * 0.4) * HOUR


def _daily(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a local daily: an office of ten hours, half of it scheduled for quarters of an hour."""
    mean = (26, 25, 26, 25, 22, 7, 5)[day.weekday()]
    for _ in range(_poisson(chance, mean * factor)):
        at = day + _office(chance, 7.5, 18.5)
        if chance.random() < 0.5:
            at = at.replace(minute=at.minute // 15 * 15, second=0)
        yield at


def _edition(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a paper that puts its edition online after midnight, and adds some by day."""
    begin = day + 5 * MINUTE + chance.randrange(8) * MINUTE
    for _ in range(_poisson(chance, 30 * factor)):
        yield begin + chance.expovariate(1 / 2) * MINUTE
    for _ in range(_poisson(chance, 10 * factor)):
        yield day + _office(chance, 11, 21)


def _agency(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace an agency: round the clock, three times as much by day."""
    for hour in range(24):
        rate = 9.0 if 7 <= hour < 21 else 3
        rate *= 0.6 if day.weekday() > 4 else 1
        for _ in range(_poisson(chance, rate * factor)):
            yield day + (hour + chance.random()) * HOUR


def _weekly(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a weekly: all on Thursday morning, and now and then something else."""
    if day.weekday() == 3:
        for _ in range(_poisson(chance, 14 * factor)):
            yield day + _office(chance, 8, 11)
    for _ in range(_poisson(chance, 0.1)):
        yield day + _office(chance, 9, 18)


def _hourly(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a portal that imports what has come in on the hour, from six to ten at night."""
    for hour in range(6, 23):
        for _ in range(_poisson(chance, 3 * factor)):
            yield day + hour * HOUR + (1 + chance.random()) * MINUTE


def _bursts(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a newsroom where one story brings others with it, from early to late."""
    for _ in range(_poisson(chance, 12 * factor)):
        at = day + _office(chance, 6, 22)
        yield at
        while chance.random() < 0.6:
            at += chance.expovariate(1 / 10) * MINUTE
            yield at


def _blog(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a magazine's site: a story or two on a working day."""
    if day.weekday() < 5:
        for _ in range(_poisson(chance, 1.4 * factor)):
            yield day + _office(chance, 9, 17)


def _breakfast(chance: random.Random, day: datetime, factor: float) -> Iterator[datetime]:
    """Trace a business site: briefings at fixed times, and news while the markets are open."""
    if day.weekday() < 5:
        for minutes in (390, 540, 720, 1020):
            yield day + (minutes + chance.random() * 3) * MINUTE
        for _ in range(_poisson(chance, 16 * factor)):
            yield day + _office(chance, 8, 17.5)


KINDS: dict[str, tuple[str, int, Callable[[random.Random, datetime, float], Iterator[datetime]]]]
KINDS = {
    "daily": ("Europe/London", 20, _daily),
    "edition": ("Asia/Karachi", 60, _edition),
    "agency": ("America/New_York", 50, _agency),
    "weekly": ("Europe/Berlin", 20, _weekly),
    "hourly": ("Asia/Kolkata", 30, _hourly),
    "bursts": ("America/Santiago", 40, _bursts),
    "magazine": ("Europe/Madrid", 10, _blog),
    "business": ("America/New_York", 25, _breakfast),
}
