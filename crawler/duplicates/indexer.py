"""`DuplicateIndexer`: compares what a run stores with the rest of the press, in the background."""

import asyncio
import logging
from contextlib import suppress

from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.errors import StoreError
from crawler.store.collection import UNFENCED, Fence
from crawler.store.database import PAUSE, Database

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 10.0
"""Time for which a run that ends goes on comparing."""


class DuplicateIndexer:
    """Finds the duplicates of an outlet's articles in the background; storing does not wait for it.

    What is left when a run ends, the outlet's next run does: the articles themselves are marked.
    """

    def __init__(self, database: Database, outlet: str, fence: Fence = UNFENCED) -> None:
        self._duplicates = NearDuplicates(database, fence)
        self._outlet = outlet
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        is_last = False
        while not is_last:
            with suppress(TimeoutError):  # meanwhile they gather: a batch costs more than a story
                await asyncio.wait_for(self._ending.wait(), PAUSE)
            is_last = self._ending.is_set()
            try:
                while await self._duplicates.cluster([self._outlet]):
                    pass
            except StoreError:  # the server is away, and the articles are as they were
                if is_last:
                    raise

    async def close(self, *, at_once: bool) -> None:
        """Compare what is left, unless `at_once`, and end."""
        self._ending.set()
        if not at_once:
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        error = self._task.exception() if self._task.done() else None
        if isinstance(error, StoreError) or not (self._task.done() or at_once):
            logger.warning(
                "Duplicates of some stories of %s have not been looked for yet (%s): its next run "
                "does that.",
                self._outlet,
                error or f"it takes more than {CLOSE_SECONDS:.0f} seconds",
            )
        elif error:
            logger.error("The search for duplicates has stopped: please report it.", exc_info=error)
        # Not awaited, for the driver may take it for a lost connection and try again; an error that
        # comes then has been logged.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._task.cancel()
