"""`SourceStates`: what a run tells of its sources, and what it remembers of them for the next."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from crawler.queue.writer import of_source
from crawler.store.database import Document

logger = logging.getLogger(__name__)


class SourceStates:
    """The sources of one outlet, by their keys.

    Args:
        errors: where faults are counted.
        keep: takes what is to be remembered; it is on disk when that returns.
    """

    def __init__(
        self, outlet: str, errors: Counter[str], keep: Callable[[Document], Awaitable[None]]
    ) -> None:
        self._outlet = outlet
        self._errors = errors
        self._keep = keep
        self._states: dict[str, Document] = {}
        self._parts: dict[str, dict[str, Any]] = {}

    def open(self, states: dict[str, Document]) -> None:
        """Begin with what earlier runs remember."""
        self._states = states

    def state(self, key: str) -> Document:
        """What earlier runs remember of a source: ``etag``, ``last_modified``, ``walked_at``."""
        return self._states.setdefault(key, {"key": key})

    async def remember(self, key: str, **changes: Any) -> None:
        """Change what is remembered of a source."""
        state = self.state(key)
        if any(state.get(name) != value for name, value in changes.items()):
            state.update(changes)
            await self._keep(of_source(self._outlet, state))

    async def finish(self) -> None:
        """Forget how far sources were read for a run with bounds that has done all there was."""
        for key, state in self._states.items():
            if state.get("backfill") and not state["backfill"]["left"]:
                await self.remember(key, backfill=None)

    def part(self, key: str) -> dict[str, Any]:
        """The part of the run document that tells of one source."""
        fresh = {"outcome": "unread", "reason": None, "requests": 0, "leads": 0, "new": 0}
        return self._parts.setdefault(key, fresh)

    def failed(self, key: str, reason: str) -> None:
        """Note that (part of) a source could not be read; the other sources go on."""
        self.part(key).update(outcome="failed", reason=reason)
        self._errors[f"source:{reason}"] += 1
        logger.warning("%s could not be read: %s.", key, reason)

    def told(self) -> list[dict[str, Any]]:
        """What the run document tells of all sources."""
        return [{"key": key, **part} for key, part in self._parts.items()]
