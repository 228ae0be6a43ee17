"""Conditional requests, and what else is remembered of a source's server between runs.

The state of a source is the document that is remembered of it; all functions here are pure.
Servers err in each of these, so nothing is believed for longer than `CHECKED_EVERY`.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

CHECKED_EVERY = timedelta(hours=3)
"""A source is read in full, and at its declared address, so long after the last time: whatever an
entity tag hides that never changes is found out by then."""
STORY_READ_EVERY = timedelta(days=1)
"""The same for the page of a story that is looked at again."""
VALIDATOR = re.compile(r"[\x20-\x7e\x80-\xff]{1,500}\Z")
"""What may be sent back: servers refuse long headers, and control characters (RFC 9110, 5.5)."""
RETIRED_FOR = timedelta(days=7)
"""After 410 a source is asked again once in so long: some servers say it in error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseMetadata:
    """The headers and the redirect of an answer, and the digest of what it shows."""

    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    """Of two alike nothing has changed."""
    moved_to: str | None = None
    """Where the page was found, if it has moved there for good (RFC 9110, 15.4.2 and 15.4.9)."""


def is_retired(state: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the source said that it is gone (15.5.11), and is not to be asked yet."""
    since = state.get("gone_at")
    return since is not None and now - since < RETIRED_FOR


def is_fresh(state: Mapping[str, Any], now: datetime, every: timedelta = CHECKED_EVERY) -> bool:
    """Return whether what is remembered may be relied upon in this run."""
    read = state.get("read_at")
    return read is not None and timedelta(0) <= now - read < every


def conditional_headers(
    state: Mapping[str, Any], now: datetime, every: timedelta = CHECKED_EVERY
) -> dict[str, str]:
    """Return headers that spare us an unchanged page (RFC 9110, 13.1); none if in doubt."""
    if state.get("lies") or not is_fresh(state, now, every):
        return {}
    modified = state.get("last_modified")
    headers = {
        "If-None-Match": state.get("etag"),
        # One that lies in the future would hide every change until then (RFC 9110, 13.1.3).
        "If-Modified-Since": modified if modified and not _is_future(modified, now) else None,
    }
    return {name: value for name, value in headers.items() if value and VALIDATOR.match(value)}


def updated_state(
    state: Mapping[str, Any], metadata: ResponseMetadata, now: datetime
) -> dict[str, Any]:
    """Return what to remember of a source after it was read in full.

    Validators that stayed as they were while the page changed are a lie: the source is asked
    without them from then on.
    """
    validators = {"etag": metadata.etag, "last_modified": metadata.last_modified}
    same = any(validators.values()) and all(state.get(k) == v for k, v in validators.items())
    lies = same and state.get("digest") not in (None, metadata.digest)
    lies = lies or state.get("lies", False)
    return asdict(metadata) | {"read_at": now, "gone_at": None, "lies": lies}


def _is_future(modified: str, now: datetime) -> bool:
    try:
        return parsedate_to_datetime(modified) > now
    except (ValueError, TypeError):  # no date, or one without a zone: servers ignore such
        return True
