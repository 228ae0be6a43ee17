"""What a source's server is believed: its validators, its redirects, and that a source is gone.

The state of a source is the document that is remembered of it between runs; all functions here are
pure. Servers err in each of these, so nothing is believed for longer than `CHECKED_EVERY`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

CHECKED_EVERY = timedelta(hours=3)
"""A source is read in full, and at its declared address, so long after the last time: whatever an
entity tag hides that never changes is found out by then."""
STORY_READ_EVERY = timedelta(days=1)
"""The same for the page of a story that is looked at again."""
RETIRED_FOR = timedelta(days=7)
"""After 410 a source is asked again once in so long: some servers say it in error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseMetadata:
    """What a server said of a source's first page, beside the page itself."""

    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    """Of what the page shows: of two alike nothing has changed."""
    moved_to: str | None = None
    """Where the page was found, if it has moved there for good (RFC 9110, 15.4.2 and 15.4.9)."""


def is_retired(state: Mapping[str, Any], now: datetime) -> bool:
    """Whether the source said that it is gone (RFC 9110, 15.5.11), and is not asked again yet."""
    since = state.get("gone_at")
    return since is not None and now - since < RETIRED_FOR


def is_checked(state: Mapping[str, Any], now: datetime, every: timedelta = CHECKED_EVERY) -> bool:
    """Whether what is remembered may be relied upon in this run."""
    read = state.get("read_at")
    return read is not None and timedelta(0) <= now - read < every


def condition(
    state: Mapping[str, Any], now: datetime, every: timedelta = CHECKED_EVERY
) -> dict[str, str]:
    """Request headers that spare us an unchanged page (RFC 9110, 13.1); none where in doubt."""
    if state.get("lies") or not is_checked(state, now, every):
        return {}
    modified = state.get("last_modified")
    headers = {
        "If-None-Match": state.get("etag"),
        # One that lies in the future would hide every change until then (RFC 9110, 13.1.3).
        "If-Modified-Since": modified if modified and not _is_future(modified, now) else None,
    }
    return {name: value for name, value in headers.items() if value}


def remembered(state: Mapping[str, Any], told: ResponseMetadata, now: datetime) -> dict[str, Any]:
    """What to remember of a source after it was read in full.

    Validators that stayed as they were while the page changed are a lie: the source is asked
    without them from then on.
    """
    same = bool(told.etag or told.last_modified) and all(
        state.get(name) == getattr(told, name) for name in ("etag", "last_modified")
    )
    lies = same and state.get("digest") not in (None, told.digest)
    return {
        "etag": told.etag,
        "last_modified": told.last_modified,
        "digest": told.digest,
        "moved_to": told.moved_to,
        "read_at": now,
        "gone_at": None,
        "lies": lies or state.get("lies", False),
    }


def _is_future(modified: str, now: datetime) -> bool:
    try:
        return parsedate_to_datetime(modified) > now
    except (ValueError, TypeError):  # no date, or one without a zone: servers ignore such
        return True
