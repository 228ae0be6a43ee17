"""When an outlet is due by its schedule, as far as its last run alone tells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from crawler.revisits import read_age

AHEAD = 50
"""So many fires are looked at for the longest time between two of them."""


def fires(schedule: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Yield when a schedule in cron syntax fires in `zone` (IANA), in UTC; of others, nothing."""
    try:
        for local in CronSim(schedule, after.astimezone(ZoneInfo(zone))):
            yield local.astimezone(UTC)
    except CronSimError:
        return


def longest_wait(schedule: str, zone: str, after: datetime) -> timedelta | None:
    """The longest time between two runs in a row; None: the schedule does not tell.

    Of a schedule like ``adaptive 10m-6h`` that is the second interval.
    """
    coming = list(islice(fires(schedule, zone, after), AHEAD))
    if coming:
        return max((later - earlier for earlier, later in pairwise(coming)), default=None)
    try:
        return read_age(schedule.rpartition("-")[2])
    except ValueError:
        return None
