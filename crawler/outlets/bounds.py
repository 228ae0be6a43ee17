"""The bounds of a run, as a user gives them."""

from datetime import datetime, timedelta, tzinfo

from crawler.errors import ConfigurationError


def read_bound(name: str, text: str, zone: tzinfo, *, whole_day: bool = False) -> datetime | None:
    """Read a bound; a bare date means its first moment, or with `whole_day` the next day's.

    Args:
        name: what the user calls it, with the sign before its value: ``since=``, ``--since ``.
        zone: where it is meant, unless it has an offset.

    Raises:
        ConfigurationError: it is not a date.
    """
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{name}{text} is not a date; use e.g. 2024-11-30 or 2024-11-30T08:00+05:00."
        ) from None
    if whole_day and len(text) == len("2024-11-30"):
        instant += timedelta(days=1)
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
