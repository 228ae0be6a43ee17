"""`SourceStates`: what is remembered of an outlet's sources from run to run."""

from collections.abc import Awaitable, Callable
from typing import Any

from crawler.store.collection import Document


class SourceStates:
    """The states of an outlet's sources, by their keys.

    Args:
        states: what earlier runs remember.
        save: takes a state that has changed; it is on disk when that returns.
    """

    def __init__(
        self, states: dict[str, Document], save: Callable[[Document], Awaitable[None]]
    ) -> None:
        self._states = states
        self._save = save

    def state(self, key: str) -> Document:
        """Return what is remembered of a source: ``etag``, ``last_modified``, ``walked_at``."""
        return self._states.setdefault(key, {"key": key})

    async def remember(self, key: str, **changes: Any) -> None:
        """Change what is remembered of a source."""
        state = self.state(key)
        if any(state.get(name) != value for name, value in changes.items()):
            state.update(changes)
            await self._save(state)

    async def finish(self) -> None:
        """Forget how far sources were read for a run with bounds that has done all there was."""
        for key, state in self._states.items():
            if state.get("backfill") and not state["backfill"]["left"]:
                await self.remember(key, backfill=None)
