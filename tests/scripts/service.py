"""The service as it is, of outlets due every minute, with a clock that does not wait.

The crawl alone is a stand-in: a program that ends at once. Prints its memory in MiB after
some runs and after many.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from crawler.schedule.planning import ScheduleRule
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from crawler.store.runs import Runs
from scripts.crawl_processes import CrawlProcesses
from scripts.outlet_watcher import OutletWatcher
from scripts.project import Declared
from scripts.run import serve, show_end
from scripts.scheduler import CrawlSlots, Scheduler

RULES = [ScheduleRule(outlet=f"outlet{n}", schedule="* * * * *") for n in range(20)]


class StandIn(CrawlProcesses):
    """Begins ``true`` in place of a crawl."""

    @staticmethod
    def command(*_: object) -> list[str]:
        return ["true"]


class Given(OutletWatcher):
    """Looks at the files as ever, and returns outlets of the test's own."""

    async def declared(self) -> Declared:
        await super().declared()
        return Declared({rule.outlet: rule for rule in RULES}, [])


class Hurried(Scheduler):
    """Goes on to the next minute as soon as there is nothing left to do in this one."""

    minutes = 0

    async def wait(self, until: datetime | None) -> None:
        if self.running:
            await super().wait(None)
        else:
            self.minutes += 1


async def main(uri: str, name: str, some: int, many: int) -> None:
    """Serve until there were `many` runs."""
    database = Database(uri=uri, name=name, data=Path("unused"))
    await database.prepare()
    stop = asyncio.Event()
    sizes: list[float] = []
    runs = 0

    def ended(run: dict[str, Any]) -> None:
        nonlocal runs
        show_end(run)
        runs += 1
        if runs in (some, many):
            sizes.append(psutil.Process().memory_info().rss / 2**20)
        if runs == many:
            stop.set()

    begun = datetime.now(UTC).replace(second=0, microsecond=0)
    due = Hurried(
        ScheduleStore(database), StandIn(Runs(database), 60), CrawlSlots(4), ended,
        lambda: begun + timedelta(minutes=due.minutes),
    )  # fmt: skip
    await serve(due, ScheduleStore(database), Given(), stop)
    await database.close()
    sys.stdout.write(" ".join(map(str, [*sizes, runs])))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
