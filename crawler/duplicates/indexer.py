"""`Placing`: what a run has stored is compared with the rest of the press, beside its work."""

import asyncio
import logging
from contextlib import suppress

from crawler.duplicates.near_duplicates import Similar
from crawler.errors import StoreError
from crawler.store.database import PAUSE, Database

logger = logging.getLogger(__name__)

LAST = 10.0
"""Seconds for which a run that ends goes on placing."""


class Placing:
    """Places an outlet's articles in the background; storing them waits for none of it.

    What it does not come to, the outlet's next run places: the articles themselves are marked.
    """

    def __init__(self, database: Database, outlet: str) -> None:
        self._similar = Similar(database)
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
                while await self._similar.place([self._outlet]):
                    pass
            except StoreError:  # the server is away, and the articles are as they were
                if is_last:
                    raise

    async def close(self, *, at_once: bool) -> None:
        """Place what is left, unless `at_once`, and end."""
        self._ending.set()
        if not at_once:
            await asyncio.wait([self._task], timeout=LAST)
        error = self._task.exception() if self._task.done() else None
        if isinstance(error, StoreError) or not (self._task.done() or at_once):
            logger.warning(
                "Not all stories of %s have been looked for elsewhere yet (%s): its next run does.",
                self._outlet,
                error or f"it takes more than {LAST:.0f} seconds",
            )
        elif error:
            logger.error("Stories are looked for elsewhere no more: report it.", exc_info=error)
        # Not awaited, for the driver may take it for a lost connection and try again; what then
        # fails has been told.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._task.cancel()
