"""The ``hosts`` collection: one budget per host, shared by all that runs against this database.

All times are the server's (``$$NOW``), so that the clocks of several machines need not agree.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bson import Binary
from pymongo import ReturnDocument

from crawler.fetch.robots_rules import MAX_BYTES
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database, Patience

FIRST_BACKOFF = 10
"""Seconds to leave a host alone that is overloaded and does not say for how long; it doubles."""
LONGEST_BACKOFF = 3600
"""Seconds; where the doubling ends."""
LONGEST_RETRY_AFTER = 24 * 3600
"""Seconds; a host that asks for more is asked again after a day."""
MAX_SITES = 8
"""The most sites of one host whose robots.txt are kept: it may have many ports."""

_FREE_AT = {"$max": ["$next_at", "$not_before"]}


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """A site's robots.txt as it was read."""

    body: bytes
    age: float
    """Seconds since then."""


@dataclass(frozen=True, slots=True)
class Host:
    """What is known of a host."""

    rest: float = 0
    """Seconds for which it asked to be left alone."""
    reason: str = ""
    """Why, e.g. ``http_429``."""
    pauses: int = 0
    """How often in a row it was overloaded without saying for how long."""


class Hosts:
    """The ``hosts`` collection: next turn, back-off and robots.txt of every host ever asked."""

    def __init__(
        self, database: Database, fence: Fence = UNFENCED, patience: Patience | None = None
    ) -> None:
        self._fence = fence
        self._patience = patience or Patience()
        self._hosts = database["hosts"]

    async def load(self, host: str) -> Host:
        """Return what is known of a host."""
        left = {"$divide": [{"$subtract": ["$not_before", "$$NOW"]}, 1000]}
        found = await self._find(host, {"rest": left, "reason": 1, "pauses": 1})
        rest = max(0.0, found.get("rest") or 0)
        return Host(rest, found.get("reason", ""), found.get("pauses", 0))

    async def take_turn(self, host: str, delay: float, ahead: float = 0) -> float:
        """Take the host's next turn if it has come; return in how many seconds it comes.

        Args:
            delay: seconds to the turn after this one.
            ahead: it is taken, too, if it comes in no more than so many seconds.
        """
        soon = {"$add": ["$$NOW", _milliseconds(ahead)]}
        taken = {"$add": [{"$max": [_FREE_AT, "$$NOW"]}, _milliseconds(delay)]}
        next_at = {"$cond": [{"$gt": [_FREE_AT, soon]}, "$next_at", taken]}
        before = await self._change(
            host, {"next_at": next_at}, wait={"$subtract": [_FREE_AT, "$$NOW"]}
        )
        return max(0.0, (before.get("wait") or 0) / 1000)

    async def postpone_turn(self, host: str, delay: float) -> None:
        """Put `delay` seconds between now and the next turn, whoever takes it."""
        free = {"$max": ["$next_at", {"$add": ["$$NOW", _milliseconds(delay)]}]}
        await self._change(host, {"next_at": free})

    async def back_off(self, host: str, seconds: float | None, reason: str) -> float:
        """Leave a host alone for some seconds, as it asked; None: it did not say for how long.

        Returns:
            The seconds from now until it may be asked again, whoever asked for them.
        """
        pauses: Any = {"$ifNull": ["$pauses", 0]}
        if seconds is None:
            # What was under way when the pause began adds nothing to it.
            resting = {"$gt": ["$not_before", "$$NOW"]}
            doubled = {"$multiply": [FIRST_BACKOFF, {"$pow": [2, {"$min": [pauses, 20]}]}]}
            whole = {"$multiply": [1000, {"$min": [LONGEST_BACKOFF, doubled]}]}
            pause: Any = {"$cond": [resting, 0, whole]}
            pauses = {"$cond": [resting, pauses, {"$add": [pauses, 1]}]}
        else:
            pause = _milliseconds(min(max(seconds, 0), LONGEST_RETRY_AFTER))
        until = {"$max": ["$not_before", {"$add": ["$$NOW", pause]}]}
        await self._change(host, {"not_before": until, "pauses": pauses, "reason": reason})
        return (await self.load(host)).rest

    async def recovered(self, host: str) -> None:
        """Forget the pauses: the host answers as it should."""
        await self._change(host, {"pauses": 0})

    async def robots(self, url: str) -> RobotsCopy | None:
        """Return the newest copy of the robots.txt that applies to an address."""
        host, site = _site(url)
        age = {"$subtract": ["$$NOW", f"$robots.{site}.at"]}
        found = await self._find(host, {"age": age, "copy": f"$robots.{site}"})
        if not (copy := found.get("copy")):
            return None
        return RobotsCopy(copy["body"], found["age"] / 1000)

    async def keep_robots(self, url: str, body: bytes) -> None:
        """Replace the copy of a robots.txt: the part that is read of it."""
        host, site = _site(url)
        # One byte more: by that a reader knows that it was longer.
        copy = {"at": "$$NOW", "body": Binary(body[: MAX_BYTES + 1])}
        others: Any = {"$ifNull": ["$robots", {}]}
        count = {"$size": {"$objectToArray": others}}
        is_there = {"$ne": [{"$type": f"$robots.{site}"}, "missing"]}
        are_few: Any = {"$or": [is_there, {"$lt": [count, MAX_SITES]}]}
        kept = {"$mergeObjects": [{"$cond": [are_few, others, {}]}, {site: copy}]}
        await self._change(host, {"robots": kept})

    async def _change(self, host: str, values: Document, **read: Any) -> Document:
        """Set fields by expressions, in one step; return `read`, worked out on what was before."""
        change = partial(
            self._hosts.find_one_and_update,
            self._fence,
            {"_id": host},
            [{"$set": values}],
            projection={"_id": 1, **read},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
        )
        return await self._patience.retry(change) or {}

    async def _find(self, host: str, fields: Document) -> Document:
        find = partial(self._hosts.find_one, {"_id": host}, fields)
        return await self._patience.retry(find) or {}


def _site(url: str) -> tuple[str, str]:
    """Return the host, and the scheme with the port if it is stated: ``https``, ``http:8080``."""
    parts = urlsplit(url)
    return parts.hostname or "", f"{parts.scheme}:{parts.port}" if parts.port else parts.scheme


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
