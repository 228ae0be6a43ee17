"""`Run`: one run of one outlet, between the spider that decides and the store that remembers."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from crawler.article import Article
from crawler.duplicates.indexer import DuplicateIndexer
from crawler.errors import LeaseLost, StoreError
from crawler.lead import Lead, LeadState
from crawler.monitor.drift.detector import DriftDetector
from crawler.queue.outbox import Outbox, replay
from crawler.queue.spool import Spool
from crawler.queue.writer import (
    BROKEN,
    UNSTORABLE,
    Filed,
    MongoWriter,
    SettledAs,
    articles_of,
    fate_of,
    is_article,
    of_article,
    of_fate,
    of_kept,
    of_run,
)
from crawler.run.boilerplate_learner import Learner
from crawler.run.source_states import SourceStates
from crawler.run.tally import KNOWN, PENDING, Tally
from crawler.schedule.revisits import next_revisit
from crawler.store.articles import Articles
from crawler.store.database import POISON, Database, Document
from crawler.store.leases import Lease, Leases
from crawler.store.ledger import MISSING, OUT_OF_RANGE, Entry, Ledger
from crawler.store.runs import Outlets, Runs, begun

logger = logging.getLogger(__name__)

IN_HAND = 1_000
"""Stories a run has in hand at a time; the others wait in the ledger or in their source."""

FATES: dict[Filed, tuple[str, str | None]] = {
    "stored": ("stored", None),
    "unchanged": ("unchanged", "same"),
    "quarantined": ("failed", UNSTORABLE),
}
"""What the account calls what became of an article."""


class Run:
    """Opens the store, keeps the account, and writes the run document.

    Args:
        database: where everything is kept; closed with the run.
        outlet: the spider's name.
        declared: what the outlet's document says of it (title, home, ...).
        bounds: the run's ``since``, ``until`` and ``limit``, where it has them.
        revisits: ages at which its stories are looked at again.
        run_id: the ``_id`` of the run document; a new one where empty.
        lost: called when the run cannot go on because the store stays away, or because another
            run of the outlet has begun.
    """

    def __init__(
        self,
        database: Database,
        outlet: str,
        declared: dict[str, Any],
        bounds: dict[str, Any],
        revisits: Sequence[timedelta] = (),
        run_id: str = "",
        lost: Callable[[StoreError | LeaseLost], None] = lambda error: None,
    ) -> None:
        self.account = Tally()
        self.errors: Counter[str] = Counter()
        self.gone = 0
        """Stories whose page was looked for again, and is still not there."""
        self.pages = 0
        """Story pages that were fetched, whatever came of them."""
        self.learner = Learner(database, outlet)
        self.drift_detector: DriftDetector | None = None
        """Whether the outlet reads as it used to; none with bounds, when old pages are read."""
        self.store_error: StoreError | None = None
        self.overtaken: LeaseLost | None = None
        """Another run of the outlet has begun: this one writes nothing more."""
        self.replayed = 0
        """How many writes that runs before this one had left were brought to MongoDB."""
        self._lost = lost
        self._database = database
        self._declared = declared
        self.sources = SourceStates(outlet, self.errors, self._keep)
        self._entries: dict[str, Entry] = {}
        self._stored: dict[str, str] = {}
        self.validators: dict[str, Document] = {}
        """Of the stories that were just read, by lead."""
        self._revisits = revisits
        self._is_bounded = any(bounds.values())
        self._at_work = asyncio.Lock()
        """Held by whatever a run does with the ledger beside fetching stories."""
        self._is_stopped = False
        self._limit: int | None = bounds.get("limit")
        self._taken = 0
        self._put_off = 0
        self._settled = asyncio.Event()
        self._articles = Articles(database)
        self._ledger = Ledger(database, outlet)
        self._outlets = Outlets(database)
        self._runs = Runs(database)
        self._filing = MongoWriter(database)
        self._lease: Lease
        self._outbox: Outbox
        self._duplicates: DuplicateIndexer
        self.document = begun(outlet, bounds, run_id)

    @property
    def started(self) -> datetime:
        """When the run began: aware, in UTC, in whole milliseconds as the store keeps it."""
        began: datetime = self.document["started"]
        return began

    async def open(self, lease: float) -> None:
        """Prepare the store, take the outlet, and write the run document.

        Args:
            lease: seconds without a sign of life after which another run of the outlet may begin.

        Raises:
            OutletBusy: another run of the outlet is under way.
            StoreError: the store cannot be used.
        """
        await self._database.prepare()
        leases, run_id = Leases(self._database), self.document["_id"]
        self._lease = await leases.take(self.document["outlet"], run_id, lease)
        self._lease.keep(self._on_overtaken)
        self.document["token"] = self._lease.token
        await self._runs.close_killed()
        folder, deliver = self._database.spool, self._filing.deliver
        self.replayed = await replay(folder, deliver, self._database.ping)
        spool = Spool(folder / f"{run_id}.spool")
        self._outbox = Outbox(spool, self._deliver, self.lost, self._database.patience)
        self.sources.open(await self._outlets.load(self.document["outlet"], self._declared))
        await self.learner.open()
        self._duplicates = DuplicateIndexer(self._database, self.document["outlet"])
        await self._runs.open(self.document)  # last: it is for a run that has begun

    def lost(self, error: StoreError) -> None:
        """Note that the run cannot go on because the store cannot be used."""
        self.store_error = error
        self._lost(error)

    def _on_overtaken(self, overtaken: LeaseLost) -> None:
        self.overtaken = overtaken
        self._lost(overtaken)

    async def due(self, since: datetime | None, until: datetime | None) -> AsyncIterator[Entry]:
        """What earlier runs left to do and this one has not met yet, taken in hand."""
        after = ""
        while found := await self._ask(partial(self._ledger.due, since, until, after)):
            after = found[-1].lead.url
            for entry in found:
                if entry.lead.url in self.account:
                    continue
                if not await self.room():
                    return
                self._take(entry)
                yield entry
        if self._revisits and not self._is_bounded:
            for entry in await self._ask(self._ledger.revisits):
                if not self.account.is_done(entry.lead.url) and await self.room():
                    self._take(entry)
                    yield entry

    async def _ask(self, call: Callable[[], Awaitable[list[Entry]]]) -> list[Entry]:
        async with self._at_work:
            return [] if self._is_stopped else await self._database.patiently(call)

    async def stop(self) -> None:
        """Take nothing in hand any more; what was being done with the ledger is done."""
        self._is_stopped = True
        self._settled.set()
        async with self._at_work:
            pass

    def is_stopped(self) -> bool:
        """Whether the run is about to end, and takes nothing in hand any more."""
        return self._is_stopped

    async def room(self) -> int:
        """How many stories the run may take in hand, as soon as it is any; 0 if it has to end."""
        while not self._is_stopped and self.account.pending - self._put_off >= IN_HAND:
            self._settled.clear()
            await self._settled.wait()
        if self._is_stopped:
            return 0
        return IN_HAND if self._limit is None else min(IN_HAND, self._limit - self._taken)

    @property
    def is_full(self) -> bool:
        """Whether the run has taken as many stories in hand as it was asked for."""
        return self._limit is not None and self._taken >= self._limit

    async def sight(self, leads: Sequence[Lead], source: str) -> tuple[list[Entry], list[Entry]]:
        """Record a sighting; return all entries, and those this run has yet to fetch, in hand."""
        # One at a time: of two sources that show a new story at once, each would miss the other.
        async with self._at_work:
            if self._is_stopped:
                return [], []
            entries = await self._database.patiently(partial(self._ledger.sight, leads, source))
        due, stored = [], []
        for entry in entries:
            address = entry.lead.url
            if address in self._entries:
                self._entries[address] = entry  # shown by one more source
            if address in self._stored:
                stored.append(self._stored[address])
            if self.drift_detector:
                self.drift_detector.set_sources(address, entry.sighted_by)
            if address in self.account:
                continue
            if entry.known:
                self._settle(address, *KNOWN)
            else:
                self._take(entry)
                due.append(entry)
        if stored:
            await self._database.patiently(partial(self._articles.add_source, stored, source))
        return entries, due

    def _take(self, entry: Entry) -> None:
        self._taken += 1
        self._entries[entry.lead.url] = entry
        self._settle(entry.lead.url, PENDING)

    def _settle(self, address: str, fate: str, reason: str | None = None) -> None:
        self.account.settle(address, fate, reason)
        self._settled.set()

    async def store(self, article: Article) -> None:
        """Store an article and settle its lead; both are on disk when this returns.

        What becomes of it is known, and in the account, when MongoDB has it.

        Raises:
            StoreError: there is no room for it.
        """
        entry = self._entries[article.lead]
        due = self._next_visit(entry, article.published.at if article.published else None)
        validators = self.validators.pop(article.lead, None)
        try:
            token, before, sought = self._lease.token, entry.article, self._is_bounded
            told = of_article(
                article, entry.attempts, due, validators, token, before=before, sought=sought
            )
            await self._outbox.put(told)
        except POISON as error:
            await self._filing.put_aside(article, error)
            await self.settle(article.lead, "failed", UNSTORABLE)

    async def _deliver(self, writes: Sequence[Document]) -> None:
        """Bring what waits to MongoDB, and enter into the account what became of it."""
        own = [write for write in writes if is_article(write)]
        articles = await asyncio.to_thread(articles_of, own)
        for article in articles:
            article.sighted_by = self._sighted_by(article)
        filed = await self._filing.articles(articles, own)
        for article in articles:
            self._stored[article.lead] = article.url
            for source in set(self._sighted_by(article)) - set(article.sighted_by):
                await self._articles.add_source([article.url], source)
        for article, how in zip(articles, filed, strict=True):
            self._settle(article.lead, *FATES[how])
        ended = await asyncio.gather(
            self._forget(article.lead for article in articles),
            self._filing.others(writes),
            self.learner.save(),
            return_exceptions=True,  # what fails is tried again when the others have ended, too
        )
        for error in filter(None, ended):
            raise error

    async def _forget(self, addresses: Iterable[str]) -> None:
        """Forget entries of stored articles, once no sighting under way relies on them."""
        async with self._at_work:
            for address in addresses:
                self._stored.pop(address, None)
                self._entries.pop(address, None)

    def _sighted_by(self, article: Article) -> list[str]:
        """All sources that have shown it by now; some after its page was asked for."""
        entry = self._entries.get(article.lead)
        return list(entry.sighted_by) if entry else article.sighted_by

    def _next_visit(self, entry: Entry, published: datetime | None) -> datetime | None:
        return next_revisit(self._revisits, published, entry.first_seen, datetime.now(UTC))

    async def settle(
        self,
        address: str,
        fate: SettledAs,
        reason: str,
        *,
        state: LeadState = "failed",
        published: datetime | None = None,
        kept: Article | None = None,
    ) -> None:
        """Give an address that became no article its fate, once.

        `fate` is what the account calls it, `state` what the ledger does: what is ``failed`` there
        comes back. The account has it only when it is on disk: without room there it stays pending.
        The page of an article that is `kept` waits in quarantine.
        """
        if not self.account.is_pending(address) or not (entry := self._entries.pop(address, None)):
            return
        self.validators.pop(address, None)
        due = self._next_visit(entry, entry.published)
        if self.drift_detector and fate != "unchanged" and reason not in (OUT_OF_RANGE, BROKEN):
            self.drift_detector.add_failure(address, reason, entry.sighted_by)
        fate, told = fate_of(entry, fate, reason, state, due, published)
        try:
            told = replace(told, fence=self._lease.token)
            await self._outbox.put(of_kept(told, kept, reason) if kept else of_fate(told))
        except StoreError as error:
            self.lost(error)
            return
        self.gone += told.reason == MISSING and entry.attempts > 0
        self._settle(address, fate, told.reason)

    def is_broken(self, article: Article) -> bool:
        """Whether the outlet's last stories show that this one was read by a broken template."""
        if self.drift_detector is None:
            return False
        entry = self._entries[article.lead]
        is_new = not entry.article and entry.first_seen >= self.started
        return self.drift_detector.add_article(article, entry.sighted_by, is_new=is_new)

    def pass_over(self, entry: Entry) -> None:
        """Leave an entry out of this run, whose bounds it does not meet, as it is."""
        self._taken -= 1
        self._entries.pop(entry.lead.url, None)
        self._settle(entry.lead.url, "rejected", OUT_OF_RANGE)

    def put_off(self, entry: Entry) -> None:
        """Leave a story pending, in hand no longer: its host is not to be asked just now."""
        self._put_off += 1
        self._entries.pop(entry.lead.url, None)
        self._settled.set()

    async def _keep(self, write: Document) -> None:
        await self._outbox.put(write | {"fence": self._lease.token})

    async def write(self, **changes: Any) -> None:
        """Bring the run document up to date."""
        self.document.update(
            changes,
            account=self.account.totals(),
            pages=self.pages,
            limited=self.is_full,
            sources=self.sources.told(),
            errors=dict(self.errors),
            gone=self.gone,
            learnt=self.learner.learnt,
            replayed=self.replayed,
        )
        if not self.store_error:
            await self._runs.update(self.document)

    async def end(self, **changes: Any) -> None:
        """Write the run document for the last time; where the server is away, to disk."""
        try:
            await self.write(**changes)
        except StoreError as error:
            self.lost(error)
        if self.store_error:
            await self._outbox.put(of_run(self.document))

    async def deliver(self) -> None:
        """Bring to MongoDB what waits; what it does not take now, the next run brings."""
        await self._outbox.deliver()

    @property
    def waiting(self) -> int:
        """How many writes wait on disk for the server."""
        return len(self._outbox)

    async def close(self) -> None:
        """Leave the outlet and the store; what was stored is placed before, if it can be."""
        await self._duplicates.close(at_once=bool(self.store_error or self.overtaken))
        self._outbox.close()
        if not (self.store_error or self.overtaken):  # then it runs out by itself
            with suppress(StoreError):
                await self._lease.release()
        await self._database.close()
