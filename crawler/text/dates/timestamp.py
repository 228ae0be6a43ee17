"""`Timestamp`, an instant with the date as an outlet printed it, and what it is made from."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

Precision = Literal["day", "minute", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A date as an outlet stated it, and the instant it means."""

    at: datetime
    """The instant, aware, in UTC. A date without a time means its first moment in its zone."""
    text: str
    """The text as printed, e.g. ``November 30, 2024`` or ``2024-11-30T08:15:00+05:00``."""
    offset: str
    """Offset from UTC in force at that instant, as printed or by `zone`, e.g. ``+05:00``."""
    zone: str | None = None
    """The IANA zone that was assumed because the text states none; None where it states one."""
    precision: Precision
    """The smallest unit the text states."""
    source: str
    """Where the text was found: one of the values of `Article.origins`."""
    flags: tuple[str, ...] = ()
    """Doubts, in snake_case: ``ambiguous`` or ``nonexistent`` local time, ``ambiguous_order`` of
    day and month, ``relative`` to the fetch, ``unknown_zone`` (only the day is kept), ``lunar`` (of
    the Islamic calendar: perhaps a day off), ``future``."""

    @property
    def utcoffset(self) -> timedelta:
        """`offset` as a duration."""
        return parse_offset(self.offset)

    @property
    def day(self) -> str:
        """The day it was at that offset, e.g. ``2024-11-30``."""
        return f"{self.at + self.utcoffset:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A local time as a text states it, before the outlet's zone is applied."""

    local: datetime
    """Naive."""
    precision: Precision
    offset: timezone | None = None
    """None where the text states none."""
    flags: tuple[str, ...] = ()
    """As `Timestamp.flags`."""


def parse_offset(text: str) -> timedelta:
    """Return an offset such as ``-05:30`` as a duration."""
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -size if text[0] == "-" else size


def format_offset(offset: timedelta) -> str:
    """Return a duration as an offset such as ``-05:30``."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
