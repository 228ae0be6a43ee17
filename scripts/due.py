"""What is due by its schedule is run: for ``dateline collect --due`` and ``dateline run``."""

import asyncio
import fcntl
import signal
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from crawler.errors import StoreError
from crawler.schedule.adaptive import DEFAULT_WINDOW, AdaptiveSchedule, PollResult
from crawler.schedule.planning import SchedulePlan, ScheduleRule, plan
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.runs import Runs
from scripts.alerts import announce
from scripts.crawls import Crawls, progress
from scripts.project import database, declared, load_settings, notes, rule

DEEP = ("wordpress", "sitemap", "listing")
"""Sources that are read further back where something was missed."""


class Places:
    """So many scheduled crawls at a time on this machine, whichever process begins them.

    Each holds the lock of a file, which the kernel drops with the process.
    """

    def __init__(self, count: int) -> None:
        self._folder = Path(load_settings()["DATA"]) / "places"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count = count

    def take(self) -> IO[str] | None:
        """A free place, to be closed in the end; None: there is none."""
        for number in range(self._count):
            place = (self._folder / f"{number}.lock").open("w")
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                place.close()
            else:
                return place
        return None


class Due:
    """Begins what is due as far as there are places, of each outlet one run at a time.

    Args:
        ended: is told the run document of each run.
        clock: what time it is (``now``).
    """

    def __init__(
        self,
        schedules: ScheduleStore,
        crawls: Crawls,
        places: Places,
        ended: Callable[[dict[str, Any]], object],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._schedules = schedules
        self._crawls = crawls
        self._places = places
        self._ended = ended
        self.now = clock
        self._spread = timedelta(seconds=load_settings().getfloat("SCHEDULE_SPREAD"))
        self._stopped = asyncio.Event()
        self.running: dict[str, asyncio.Task[None]] = {}
        """By outlet."""

    def stop(self) -> None:
        """Begin nothing more, and tell what goes on to end."""
        self._stopped.set()
        self._crawls.stop()

    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    async def round(self, rules: Sequence[ScheduleRule], now: datetime) -> datetime | None:
        """Begin what is due at `now`; return when the next of that is to begin, if any.

        What finds no place stays due, and so does an outlet while a run of it goes on.

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
            if self.is_stopped() or not await self._begin(one):
                break
        return None

    async def _begin(self, due: SchedulePlan) -> bool:
        """Begin a run where there is a place, and nobody else has; tell whether there was one."""
        place = self._places.take()
        if place is None:
            return False
        ours: set[str] = set()
        try:
            # Only now, so that nothing is lost where this process is killed while it waits.
            ours = await self._schedules.claim([due])
        finally:
            if not ours:
                place.close()
        if ours:
            outlet = due.rule.outlet
            task = asyncio.create_task(self._run(due, place))
            self.running[outlet] = task
            task.add_done_callback(lambda _: self.running.pop(outlet))
        return True

    async def _run(self, due: SchedulePlan, place: IO[str]) -> None:
        bounds = [f"since={due.since.isoformat()}"] if due.since else []
        with place:
            run = await self._crawls.run(due.rule.outlet, bounds)
        if due.rule.bounds:
            try:
                await self._pace(due, run)
            except StoreError as error:
                notes.print(f"{due.rule.outlet}: {error}", markup=False, soft_wrap=True)
        self._ended(run)

    async def _pace(self, due: SchedulePlan, run: dict[str, Any]) -> None:
        """Say when an outlet on an adaptive schedule is to be asked next, now that it was."""
        bounds = due.rule.bounds
        assert bounds
        before = await self._schedules.get(due.rule.outlet)
        now = self.now()
        history = await self._schedules.publication_times(due.rule.outlet, due.rule.timezone)
        poll = last_poll(run, before, history[-1] if history else None)
        rhythm = AdaptiveSchedule(history, due.rule.timezone, now)
        following = rhythm.next_poll(now, bounds, poll)
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
        """Wait for all that goes on."""
        while self.running:
            await self.wait(None)


def last_poll(run: dict[str, Any], before: dict[str, Any], latest: datetime | None) -> PollResult:
    """What a run showed of how far its sources reach back.

    Args:
        before: the outlet's document in ``schedules``: ``window`` and ``slack`` as of last time.
        latest: when the latest story came out.
    """
    sources = run.get("sources", [])
    read = [source for source in sources if source["outcome"] == "read"]
    slack = before.get("slack", 1.0)
    new = max((source["new"] for source in read), default=0)
    if any(source["key"].split(":")[0] in DEEP for source in sources):
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

    A scheduler looks for all of them; where each has a line of its own, silence tells nothing.
    """
    runs: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    rules = [rule(name) for name in names]
    async with database() as opened:
        schedules = ScheduleStore(opened)
        async with schedules.heartbeat("collect --due") if is_scheduler else nullcontext():
            with progress() as shown:
                crawls = Crawls(Runs(opened), limit, shown)
                await _finish(Due(schedules, crawls, Places(at_once), runs.append), rules, now)
            await announce(opened, declared())
        return runs


async def _finish(due: Due, rules: Sequence[ScheduleRule], now: datetime) -> None:
    """Run what is due at `now`, and wait for it to end; stop when this process is told to."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, due.stop)
    while True:
        later = None if due.is_stopped() else await due.round(rules, now)
        if not due.running and later is None:
            break
        await due.wait(later)
