"""`Run`: one run of one outlet, with the outlet's lease and the parts that the run consists of."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial

from crawler.duplicates.indexer import DuplicateIndexer
from crawler.errors import LeaseLost, StoreError
from crawler.queue.delivery import Outbox, replay
from crawler.queue.spool import Spool
from crawler.queue.writer import MongoWriter
from crawler.run.boilerplate_learner import BoilerplateLearner
from crawler.run.frontier import Frontier
from crawler.run.record import RunOptions, RunRecord
from crawler.run.recorder import Recorder
from crawler.run.source_states import SourceStates
from crawler.store.collection import Document, Fence
from crawler.store.database import Database, Patience
from crawler.store.leases import Lease, Leases
from crawler.store.ledger import Ledger, LedgerEntry
from crawler.store.runs import Outlets, Runs


class Run:
    """Takes the outlet's lease, opens the parts of a run, and closes them.

    Args:
        database: where everything is kept; other runs may use it, too.
        patience: with which a server that is away is waited for.
        lost: called when the run cannot go on because the store stays away, or because another
            run of the outlet has begun.
        hurried: tells whether the run was told to stop.
    """

    frontier: Frontier
    recorder: Recorder
    sources: SourceStates
    fence: Fence

    def __init__(
        self,
        database: Database,
        options: RunOptions,
        patience: Patience | None = None,
        lost: Callable[[StoreError | LeaseLost], None] = lambda error: None,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.options = options
        self.record = RunRecord(options)
        self.patience = patience or Patience()
        self.store_error: StoreError | None = None
        self.lease_lost: LeaseLost | None = None
        """Another run of the outlet has begun: this one writes nothing more."""
        self.learner = BoilerplateLearner(database, options.outlet)
        self._database = database
        self._lost, self._hurried = lost, hurried
        self._lease: Lease
        self._outbox: Outbox
        self._duplicates: DuplicateIndexer

    async def open(self) -> None:
        """Prepare the store, take the outlet, and write the run document.

        Raises:
            OutletBusy: another run of the outlet is under way.
            StoreError: the store cannot be used.
        """
        database, options, record = self._database, self.options, self.record
        runs = Runs(database)
        await database.prepare()
        self._lease = await Leases(database).take(options.outlet, record.run_id, options.lease)
        self._lease.keep(self._on_lease_lost)
        fence = self.fence = self._lease.fence
        record.document["token"] = fence.token
        deliver = partial(MongoWriter(database).write, fence)
        record.replayed = await replay(database.spool, deliver, database.ping)
        await runs.close_killed(fence)  # after that, for what was replayed may say that it runs
        self.frontier = Frontier(database, record, fence, self.patience, options.limit)
        self.recorder = Recorder(
            database, options, record, self.frontier, self.learner, fence, self.lost
        )
        spool = Spool(database.spool / f"{record.run_id}.spool")
        self._outbox = Outbox(
            spool, self.recorder.deliver, self.lost, self.patience.seconds, self._hurried
        )
        self.recorder.outbox = self._outbox
        self.sources = SourceStates(await self._declare(), self.recorder.save_source)
        await self.learner.open()
        record.learnt = self.learner.learnt
        self._duplicates = DuplicateIndexer(database, options.outlet, fence)
        await runs.open(fence, record.document)  # last: it is for a run that has begun

    async def _declare(self) -> dict[str, Document]:
        """Record the outlet's declaration; return the states of its sources, by key.

        What failed under other rules is tried again: it may be read by these.
        """
        outlets, options = Outlets(self._database), self.options
        before = await outlets.load(options.outlet)
        if before.get("rules") != options.declared.get("rules"):
            await Ledger(self._database, options.outlet).retry(self.fence)
        await outlets.declare(self.fence, options.outlet, options.declared)
        return {state["key"]: state for state in before.get("sources", [])}

    async def resume(self) -> AsyncIterator[LedgerEntry]:
        """Take up what earlier runs left, and stored stories that are to be visited again."""
        options = self.options
        async for entry in self.frontier.resume_pending(options.since, options.until):
            yield entry
        if options.revisits and not options.is_bounded:
            async for entry in self.frontier.revisit():
                yield entry

    def lost(self, error: StoreError) -> None:
        """Note that the run cannot go on because the store cannot be used."""
        self.store_error = error
        self._lost(error)

    def _on_lease_lost(self, error: LeaseLost) -> None:
        self.lease_lost = error
        self._lost(error)

    async def deliver(self) -> None:
        """Bring to MongoDB what waits; what it does not take now, the next run brings."""
        await self._outbox.deliver()

    @property
    def waiting(self) -> int:
        """How many writes wait on disk for the server."""
        return len(self._outbox)

    async def close(self) -> None:
        """Leave the outlet; what was stored is placed before, if it can be."""
        is_lost = bool(self.store_error or self.lease_lost)
        await self._duplicates.close(at_once=is_lost)
        self._outbox.close()
        if not is_lost:  # else it runs out by itself
            with suppress(StoreError):
                await self._lease.release()
