"""Starts what is due by its schedule, for ``dateline collect --due`` and ``dateline run``."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from crawler.errors import StoreError
from crawler.file_locks import try_lock
from crawler.schedule.adaptive import DEFAULT_WINDOW, AdaptiveSchedule, PollResult
from crawler.schedule.planning import SchedulePlan, ScheduleRule, plan
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.runs import Runs
from scripts.alerts import send_alerts
from scripts.crawl_processes import CrawlProcesses, progress
from scripts.output import notes
from scripts.project import declared_outlets, load_settings, open_database, schedule_rule

DEEP_SOURCES = ("wordpress", "sitemap", "listing")
"""Kinds of sources that are read further back where something was missed."""


class CrawlSlots:
    """A limit on the scheduled crawls on this machine at a time, whichever process starts them.

    Each crawl holds the lock of a file, which the kernel drops with the process.
    """

    def __init__(self, count: int) -> None:
        self._folder = Path(load_settings()["DATA"]) / "places"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count = count

    def take(self) -> IO[str] | None:
        """Take a free slot, to be closed in the end; None: there is none."""
        for number in range(self._count):
            slot = (self._folder / f"{number}.lock").open("w")
            if try_lock(slot.fileno()):
                return slot
            slot.close()
        return None


class Scheduler:
    """Starts crawls that are due as far as there are slots, of each outlet one at a time.

    Args:
        on_end: called with the run document of each run that has ended.
        clock: returns the current time.
    """

    def __init__(
        self,
        schedules: ScheduleStore,
        crawls: CrawlProcesses,
        slots: CrawlSlots,
        on_end: Callable[[dict[str, Any]], object],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._schedules = schedules
        self._crawls = crawls
        self._slots = slots
        self._on_end = on_end
        self.now = clock
        self._spread = timedelta(seconds=load_settings().getfloat("SCHEDULE_SPREAD"))
        self._stopped = asyncio.Event()
        self.running: dict[str, asyncio.Task[None]] = {}
        """Crawls that go on, by outlet."""

    def stop(self) -> None:
        """Start nothing more, and tell running crawls to stop."""
        self._stopped.set()
        self._crawls.stop()

    def is_stopped(self) -> bool:
        """Tell whether `stop` was called."""
        return self._stopped.is_set()

    async def start_due(self, rules: Sequence[ScheduleRule], now: datetime) -> datetime | None:
        """Start what is due at `now`; return when the next of that is to start, if any.

        What finds no slot stays due, and so does an outlet while a run of it goes on.

        Raises:
            StoreError: MongoDB cannot be used.
        """
        states = await self._schedules.states()
        busy = self.running.keys() | await self._schedules.running()
        idle = (one for one in rules if one.outlet not in busy)
        found = (plan(one, states.get(one.outlet), now) for one in idle)
        plans = [one for one in found if one]
        if skipped := [one for one in plans if one.fire is None]:
            await self._schedules.claim(skipped)
        due = [(one.begin(self._spread), one) for one in plans if one.fire]
        for start, one in sorted(due, key=itemgetter(0)):
            if start > self.now():
                return start
            if self.is_stopped() or not await self._start(one):
                break
        return None

    async def _start(self, due: SchedulePlan) -> bool:
        """Start a run if there is a slot, and nobody else has; return whether there was a slot."""
        slot = self._slots.take()
        if slot is None:
            return False
        ours: set[str] = set()
        try:
            # Only now, so that nothing is lost where this process is killed while it waits.
            ours = await self._schedules.claim([due])
        finally:
            if not ours:
                slot.close()
        if ours:
            outlet = due.rule.outlet
            task = asyncio.create_task(self._run(due, slot))
            self.running[outlet] = task
            task.add_done_callback(lambda _: self.running.pop(outlet))
        return True

    async def _run(self, due: SchedulePlan, slot: IO[str]) -> None:
        bounds = [f"since={due.since.isoformat()}"] if due.since else []
        with slot:
            run = await self._crawls.run(due.rule.outlet, bounds)
        if due.rule.bounds:
            try:
                await self._adapt(due, run)
            except StoreError as error:
                notes.say(f"{due.rule.outlet}: {error}")
        self._on_end(run)

    async def _adapt(self, due: SchedulePlan, run: dict[str, Any]) -> None:
        """Set when an outlet on an adaptive schedule is polled next, now that it was."""
        bounds = due.rule.bounds
        assert bounds
        before = await self._schedules.get(due.rule.outlet)
        now = self.now()
        history = await self._schedules.publication_times(due.rule.outlet, due.rule.timezone)
        poll = last_poll(run, before, history[-1] if history else None)
        adaptive = AdaptiveSchedule(history, due.rule.timezone, now)
        following = adaptive.next_poll(now, bounds, poll)
        change = {"next": following, "window": poll.window, "slack": poll.slack}
        await self._schedules.reschedule(due, change)

    async def wait(self, until: datetime | None) -> None:
        """Wait until a run ends, `until` (None: no longer), or for `stop`."""
        waiting: set[asyncio.Task[Any]] = {*self.running.values()}
        if self.is_stopped() and not waiting:
            return
        stopped = asyncio.create_task(self._stopped.wait())
        if not self.is_stopped():
            waiting.add(stopped)
        left = max(0.0, (until - self.now()).total_seconds()) if until else None
        done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in done:
            task.result()  # raises what it raised

    async def drain(self) -> None:
        """Wait for all crawls that go on."""
        while self.running:
            await self.wait(None)


def last_poll(run: dict[str, Any], before: dict[str, Any], latest: datetime | None) -> PollResult:
    """Return what a run showed of how far its sources reach back.

    Args:
        before: the outlet's document in ``schedules``, with the last ``window`` and ``slack``.
        latest: when the latest story came out.
    """
    sources = run.get("sources", [])
    read = [source for source in sources if source["outcome"] == "read"]
    slack = before.get("slack", 1.0)
    new = max((source["new"] for source in read), default=0)
    if any(source["key"].split(":")[0] in DEEP_SOURCES for source in sources):
        return PollResult(window=None, new=new, latest=latest, slack=1.0)
    shown = max((source["leads"] for source in read), default=0)
    window = shown or before.get("window") or DEFAULT_WINDOW
    gap = bool(read) and all(source.get("gap_since") for source in read)
    slack = slack / 2 if gap else min(1.0, slack * 1.2)
    return PollResult(window=window, new=new, latest=latest, slack=slack)


async def collect_due(
    names: Sequence[str], at_once: int, limit: float, *, is_scheduler: bool
) -> list[dict[str, Any]]:
    """Run those of the outlets that are due now, each once; return their run documents.

    Args:
        is_scheduler: this process looks after all outlets, so a heartbeat of it is stored; where
            each outlet has a line of its own, silence would say nothing.
    """
    runs: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    rules = [schedule_rule(name) for name in names]
    async with open_database() as database:
        schedules = ScheduleStore(database)
        async with schedules.heartbeat("collect --due") if is_scheduler else nullcontext():
            with progress() as shown:
                crawls = CrawlProcesses(Runs(database), limit, shown)
                scheduler = Scheduler(schedules, crawls, CrawlSlots(at_once), runs.append)
                await _finish(scheduler, rules, now)
            await send_alerts(database, declared_outlets())
        return runs


async def _finish(scheduler: Scheduler, rules: Sequence[ScheduleRule], now: datetime) -> None:
    """Run what is due at `now`, and wait for it to end; stop when this process is told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, scheduler.stop)
    while True:
        later = None if scheduler.is_stopped() else await scheduler.start_due(rules, now)
        if not scheduler.running and later is None:
            break
        await scheduler.wait(later)
