"""`Frontier`: the stories that a run has in hand, and those it may still take."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from crawler.fetch.http_cache import CHECKED_EVERY
from crawler.lead import Lead
from crawler.run.record import RunRecord
from crawler.run.tally import KNOWN, PENDING
from crawler.store.articles import Articles
from crawler.store.collection import Fence
from crawler.store.database import Database, Patience
from crawler.store.ledger import OUT_OF_RANGE, Ledger, LedgerEntry

MAX_IN_HAND = 1_000
"""Stories a run has in hand at a time; the others wait in the ledger or in their source."""


class Frontier:
    """Takes stories from sources and from the ledger, as many as a run has capacity for.

    Args:
        record: where outcomes are counted.
        fence: of the run's writes.
        patience: with which the server is waited for.
        limit: how many stories the run may take in hand; None: all.
    """

    def __init__(
        self,
        database: Database,
        record: RunRecord,
        fence: Fence,
        patience: Patience,
        limit: int | None = None,
    ) -> None:
        self._record, self._tally = record, record.tally
        self._fence = fence
        self._patience = patience
        self._limit = limit
        self._ledger = Ledger(database, record.outlet)
        self._articles = Articles(database)
        self._entries: dict[str, LedgerEntry] = {}
        self._stored: dict[str, str] = {}
        """Addresses of articles that were just stored, by their leads."""
        self._taken = 0
        self._put_off = 0
        self._changed = asyncio.Event()
        self._at_work = asyncio.Lock()
        """Held by whatever a run does with the ledger beside fetching stories."""
        self._is_stopped = False

    async def awaits_missing(self) -> bool:
        """Tell whether pages that were not there are to be looked for, where they are shown."""
        return await self._patience.retry(
            partial(self._ledger.awaits_missing, within=CHECKED_EVERY)
        )

    # -- What may be taken in hand

    async def wait_for_capacity(self) -> int:
        """Return how many stories the run may take, as soon as it is any; 0 if it has to end."""
        while not self._is_stopped and self._tally.pending - self._put_off >= MAX_IN_HAND:
            self._changed.clear()
            await self._changed.wait()
        if self._is_stopped:
            return 0
        return MAX_IN_HAND if self._limit is None else min(MAX_IN_HAND, self._limit - self._taken)

    async def resume_pending(
        self, since: datetime | None, until: datetime | None
    ) -> AsyncIterator[LedgerEntry]:
        """Take what earlier runs left to do and this one has not met yet."""
        after = ""
        while found := await self._ask(partial(self._ledger.due, since, until, after)):
            after = found[-1].lead.url
            for entry in found:
                if entry.lead.url in self._tally:
                    continue
                if not await self.wait_for_capacity():
                    return
                self._take(entry)
                yield entry

    async def revisit(self) -> AsyncIterator[LedgerEntry]:
        """Take stored stories that are to be visited again."""
        for entry in await self._ask(self._ledger.revisits):
            if not self._tally.is_done(entry.lead.url) and await self.wait_for_capacity():
                self._take(entry)
                yield entry

    async def _ask(self, call: Callable[[], Awaitable[list[LedgerEntry]]]) -> list[LedgerEntry]:
        async with self._at_work:
            return [] if self._is_stopped else await self._patience.retry(call)

    async def record_sightings(
        self, leads: Sequence[Lead], source: str
    ) -> tuple[list[LedgerEntry], list[LedgerEntry]]:
        """Record what a source shows; return all entries, and those taken, which are to be fetched.

        Raises:
            StoreError: the server stays away.
        """
        # One at a time: of two sources that show a new story at once, each would miss the other.
        async with self._at_work:
            if self._is_stopped:
                return [], []
            entries = await self._patience.retry(
                partial(self._ledger.sight, self._fence, leads, source)
            )
        due, stored = [], []
        for entry in entries:
            address = entry.lead.url
            if address in self._entries:
                self._entries[address] = entry  # shown by one more source
            if address in self._stored:
                stored.append(self._stored[address])
            if self._record.drift_detector:
                self._record.drift_detector.set_sources(address, entry.sighted_by)
            if address in self._tally:
                continue
            if entry.known:
                self.settle(address, *KNOWN)
            else:
                self._take(entry)
                due.append(entry)
        if stored:
            await self._patience.retry(
                partial(self._articles.add_source, self._fence, stored, source)
            )
        return entries, due

    def _take(self, entry: LedgerEntry) -> None:
        self._count(1)
        self._entries[entry.lead.url] = entry
        self.settle(entry.lead.url, PENDING)

    def _count(self, change: int) -> None:
        """Count the stories taken, and note whether they are as many as the run may take."""
        self._taken += change
        self._record.is_full = self._limit is not None and self._taken >= self._limit

    # -- What becomes of it

    def entry(self, address: str) -> LedgerEntry | None:
        """Return the entry of a story that is in hand."""
        return self._entries.get(address)

    def settle(self, address: str, outcome: str, reason: str | None = None) -> None:
        """Count the outcome of an address (`Tally.settle`)."""
        self._tally.settle(address, outcome, reason)
        self._changed.set()

    def release(self, address: str) -> LedgerEntry | None:
        """Let go of a story that is in hand; return its entry."""
        return self._entries.pop(address, None)

    def pass_over(self, entry: LedgerEntry) -> None:
        """Leave out of this run, as it is, an entry that does not meet its bounds."""
        self._count(-1)
        self.release(entry.lead.url)
        self.settle(entry.lead.url, "rejected", OUT_OF_RANGE)

    def put_off(self, entry: LedgerEntry) -> None:
        """Leave a story pending, in hand no longer: its host is not to be asked just now."""
        self._put_off += 1
        self.release(entry.lead.url)
        self._changed.set()

    def stored(self, lead: str, article: str) -> None:
        """Note the address of an article that MongoDB has, until it is forgotten."""
        self._stored[lead] = article

    async def forget(self, leads: Iterable[str]) -> None:
        """Let go of stored stories, once no sighting under way relies on them."""
        async with self._at_work:
            for lead in leads:
                self._stored.pop(lead, None)
                self.release(lead)

    # -- The end

    def is_stopped(self) -> bool:
        """Tell whether the run is about to end, and takes nothing in hand any more."""
        return self._is_stopped

    async def stop(self) -> None:
        """Take nothing in hand any more; what was being done with the ledger is done."""
        self._is_stopped = True
        self._changed.set()
        async with self._at_work:
            pass
