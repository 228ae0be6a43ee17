"""``Retry-After``: when a server that cannot answer now wants to be asked again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY = 24 * 3600


def retry_after(value: str, date: str, now: datetime) -> float | None:
    """Return the seconds to wait by a ``Retry-After`` (RFC 9110, 10.2.3); None if it says nothing.

    Args:
        value: the header: seconds, or a date.
        date: the answer's ``Date`` header. A date is understood by the clock of whoever wrote it,
            unless that makes no sense: it is past, or more than a day away.
        now: our own clock, aware.
    """
    if re.fullmatch(r"\d+", value.strip(), re.ASCII):
        return float(value.strip()[:12])
    until = _instant(value)
    if until is None:
        return None
    by_ours = (until - now).total_seconds()
    if theirs := _instant(date):
        by_theirs = (until - theirs).total_seconds()
        if 0 < by_theirs <= DAY:
            return by_theirs
    return max(0.0, by_ours)


def _instant(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110, 5.6.7), in any of its three forms, all of them in UTC."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
