"""When an outlet is due: by its schedule, by what was missed of it, and outside its quiet hours.

Pure: `plan` makes a `SchedulePlan` of a `ScheduleState` and the current time. Fires are instants in
UTC. Local times that a clock skips or repeats are treated as Debian's cron does (cronsim): a job of
a skipped time runs once right after the change, one of a repeated time runs the first time only,
and what runs every hour or minute just goes on.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from itertools import accumulate, pairwise, takewhile
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from crawler.schedule.revisits import read_age

MissedPolicy = Literal["skip", "once", "backfill"]
MISSED_POLICIES = get_args(MissedPolicy)

LATE = timedelta(minutes=10)
"""How late a fire may be met and still be in time: two ticks of five minutes."""
MAX_CLOCK_ERROR = timedelta(days=1)
"""Where the last fire handled lies further ahead than this, the clock was wrong then."""
DAY = timedelta(days=1)
STEP = timedelta(minutes=5)
"""The unit in which the time outside quiet hours is counted."""

_ADAPTIVE = re.compile(r"adaptive\s+(\w+)-(\w+)")
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class AdaptiveBounds:
    """The shortest and the longest interval of an adaptive schedule."""

    shortest: timedelta
    longest: timedelta


def read_adaptive_bounds(schedule: str) -> AdaptiveBounds | None:
    """Read the bounds of a schedule like ``adaptive 10m-6h``; return None for cron syntax.

    Raises:
        ValueError: the schedule is neither.
    """
    if schedule.split()[:1] != ["adaptive"]:
        if len(schedule.split()) != 5:
            raise ValueError("write five fields, like */30 * * * *, or like adaptive 10m-6h")
        try:
            next(CronSim(schedule, datetime.now(UTC)))
        except CronSimError as error:
            raise ValueError(str(error)) from None
        except StopIteration:
            raise ValueError("there is no such day") from None
        return None
    match = _ADAPTIVE.fullmatch(schedule.strip())
    if match is None:
        raise ValueError("write it like adaptive 10m-6h")
    bounds = AdaptiveBounds(read_age(match[1]), read_age(match[2]))
    if bounds.shortest >= bounds.longest:
        raise ValueError("the first interval is not shorter than the second")
    return bounds


def read_quiet(text: str) -> tuple[time, time]:
    """Read hours like ``23:00-06:00``.

    Raises:
        ValueError: the text is not like that.
    """
    match = _QUIET.fullmatch(text)
    if match is None or match[1] + match[2] == match[3] + match[4]:
        raise ValueError("write them like 23:00-06:00")
    begin, end = (time(int(match[n]), int(match[n + 1])) for n in (1, 3))
    return begin, end


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRule:
    """The declaration of when an outlet is collected; by it, it is due, quiet or overdue."""

    outlet: str
    schedule: str
    """Cron syntax in `timezone`, or ``adaptive SHORTEST-LONGEST``."""
    timezone: str = "UTC"
    missed: MissedPolicy = "once"
    quiet: str = ""

    @property
    def bounds(self) -> AdaptiveBounds | None:
        """Read the bounds of an adaptive schedule; None for one in cron syntax."""
        return read_adaptive_bounds(self.schedule)

    def is_quiet(self, instant: datetime) -> bool:
        """Tell whether the instant lies in the quiet hours."""
        if not self.quiet:
            return False
        start, end = read_quiet(self.quiet)
        local = instant.astimezone(ZoneInfo(self.timezone)).time()
        return start <= local < end if start < end else local >= start or local < end

    def fires(self, after: datetime) -> Iterator[datetime]:
        """Yield every fire of a schedule in cron syntax later than `after`, in order, in UTC.

        They are the same from wherever one starts, also within an hour that a clock repeats.
        """
        zone = ZoneInfo(self.timezone)
        start = after.astimezone(zone)
        around = [(after + step * DAY).astimezone(zone).utcoffset() for step in (-1, 0, 0.25)]
        if any(one != other for one, other in pairwise(around)):
            start = datetime.combine((after - 2 * DAY).date(), time(12), UTC).astimezone(zone)
        last = after
        for local in CronSim(self.schedule, start):
            fire = local.astimezone(UTC)
            if fire > last:
                yield fire
                last = fire

    def is_overdue(self, due: datetime, now: datetime) -> bool:
        """Tell whether it was due then, and was missed twice since; quiet hours do not count."""
        until = now - LATE
        if bounds := self.bounds:
            missed = range(round((until - due) / STEP))
            awake = (not self.is_quiet(due + step * STEP) for step in missed)
            return _more_than(awake, 2 * bounds.longest / STEP)
        fires = takewhile(lambda fire: fire < until, self.fires(due))
        return _more_than((not self.is_quiet(fire) for fire in fires), 1)


def _more_than(conditions: Iterable[bool], number: float) -> bool:
    """Tell whether more than `number` conditions hold; stop where that is known."""
    return any(count > number for count in accumulate(conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """The stored progress of an outlet's schedule."""

    schedule: str
    """As it was declared at that time."""
    handled: datetime
    """All fires up to here are accounted for."""
    next: datetime
    """The earliest moment at which there is anything to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePlan:
    """The run that is due for one outlet now, or the fires that are to be skipped."""

    rule: ScheduleRule
    fire: datetime | None
    """The fire that the run is for; None: fires were missed, and there is no run."""
    handled: datetime
    after: datetime | None
    """`ScheduleState.handled` before: the plan holds only while that is unchanged."""
    since: datetime | None = None
    """How far back the run has to reach, if it is a backfill."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Fires for which there will be no run of their own: ``quiet``, ``late``, ``merged`` into the
    run of a later one; ``clock`` where what was handled lay far in the future."""

    @property
    def next(self) -> datetime:
        """The next fire; the end of a run on an adaptive schedule sets an earlier one."""
        if bounds := self.rule.bounds:
            return self.handled + bounds.longest
        return next(self.rule.fires(self.handled))

    def begin(self, spread: timedelta) -> datetime:
        """Return when to begin: after the fire by the outlet's own delay, less than `spread`."""
        assert self.fire
        name = self.rule.outlet.encode()
        share = int.from_bytes(blake2b(name, digest_size=4).digest()) / 2**32
        return self.fire + share * spread


def plan(rule: ScheduleRule, state: ScheduleState | None, now: datetime) -> SchedulePlan | None:
    """Plan what is due for an outlet; None: nothing yet."""
    same = state is not None and state.schedule == rule.schedule
    if state and same and state.handled <= now < state.next:
        return None
    if rule.is_quiet(now):
        return None
    minute = now.replace(second=0, microsecond=0)
    if state is None:  # an outlet that was never collected is due at once
        return SchedulePlan(rule=rule, fire=minute, handled=minute, after=None)
    after = state.handled
    if after - now > MAX_CLOCK_ERROR:
        clock = {"clock": 0}
        return SchedulePlan(rule=rule, fire=minute, handled=minute, after=after, skipped=clock)
    if now <= after:  # the clock was set back: what it shows again is not done again
        return None
    if rule.bounds:
        late = same and now - state.next > LATE
        since = after if late and rule.missed == "backfill" else None
        fire = state.next if same else minute
        return SchedulePlan(rule=rule, fire=fire, handled=minute, after=after, since=since)
    return _plan_fires(rule, after, now)


def _plan_fires(rule: ScheduleRule, after: datetime, now: datetime) -> SchedulePlan | None:
    """Plan the fires since the last that was handled."""
    every = list(takewhile(lambda fire: fire <= now, rule.fires(after)))
    if not every:
        return None
    fires = [fire for fire in every if not rule.is_quiet(fire)]
    overdue = sum(now - fire > LATE for fire in fires)
    late = overdue if rule.missed == "skip" else 0
    met = fires[-1] if len(fires) > late else None
    merged = len(fires) - late - 1 if met else 0
    skipped = Counter(quiet=len(every) - len(fires), late=late, merged=merged)
    return SchedulePlan(
        rule=rule,
        fire=met,
        handled=every[-1],
        after=after,
        since=after if met and overdue and rule.missed == "backfill" else None,
        skipped=dict(+skipped),
    )
