"""``dateline run``: collect what is due until told to stop; cron in one process."""

import asyncio
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from crawler.errors import StoreError
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from crawler.store.runs import Runs
from scripts.alerts import check_configuration, send_alerts
from scripts.crawl_processes import CrawlProcesses
from scripts.options import AT_ONCE, TIME_LIMIT, AtOnce
from scripts.outlet_watcher import OutletWatcher
from scripts.output import notes
from scripts.project import open_database
from scripts.scheduler import CrawlSlots, Scheduler

RETRY_SECONDS = 10.0
"""Time between two attempts while MongoDB is away."""


def run(
    at_once: AtOnce = AT_ONCE,
    time_limit: Annotated[
        float, typer.Option(min=0.01, help="Stop each outlet after so many minutes.")
    ] = TIME_LIMIT,
) -> None:
    """Collect every outlet whenever it is due, until told to stop (SIGTERM, Ctrl-C).

    It does what `dateline collect --due` does from cron, to the minute. It notices by itself when
    files in `spiders/` are added or changed; MongoDB may come and go. When it is told to stop,
    running crawls have half a minute to end in order.
    """
    check_configuration()
    asyncio.run(_run(at_once, 60 * time_limit))


async def _run(at_once: int, limit: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outlets = OutletWatcher()
    error = ""
    while not stop.is_set():
        try:
            async with open_database() as database:
                crawls = CrawlProcesses(Runs(database), limit)
                schedules = ScheduleStore(database)
                scheduler = Scheduler(schedules, crawls, CrawlSlots(at_once), show_end)
                error = _report_outage(error, "")
                await outlets.declared()  # here, so that the two below do not both read it
                alerting = asyncio.create_task(_send_alerts(database, outlets))
                try:
                    await serve(scheduler, schedules, outlets, stop)
                finally:
                    alerting.cancel()
        except StoreError as away:
            error = _report_outage(error, str(away))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)


async def serve(
    scheduler: Scheduler, schedules: ScheduleStore, outlets: OutletWatcher, stop: asyncio.Event
) -> None:
    """Start what is due every minute, until `stop`; then let running crawls end in order.

    Raises:
        StoreError: MongoDB is away, and no running crawl waits for it, too.
    """
    error = ""
    ending = asyncio.create_task(_stop(scheduler, stop))
    try:
        while not stop.is_set():
            now = scheduler.now()
            minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
            rules = list((await outlets.declared()).rules.values())
            try:
                await schedules.beat("run", now)
                later = await scheduler.start_due(rules, now)
                error = _report_outage(error, "")
            except StoreError as away:
                if not scheduler.running:
                    raise
                error, later = _report_outage(error, str(away)), None
            await scheduler.wait(min(later or minute, minute))
    finally:
        ending.cancel()
        scheduler.stop()
        await scheduler.drain()


async def _send_alerts(database: Database, outlets: OutletWatcher) -> None:
    """Send alerts every minute; log once why they cannot be sent."""
    said = ""
    while True:
        error = ""
        try:
            await send_alerts(database, await outlets.declared())
        except StoreError:
            error = said  # `serve` reports it
        except Exception as unknown:  # noqa: BLE001 - it is tried again, for nobody else alerts
            error = f"Alerts cannot be sent: {type(unknown).__name__}: {unknown}."
            if error != said:
                notes.fail(error)
        said = error
        await asyncio.sleep(60)


async def _stop(scheduler: Scheduler, stop: asyncio.Event) -> None:
    await stop.wait()
    scheduler.stop()


def _report_outage(before: str, error: str) -> str:
    """Say once that MongoDB is away, and once that it is back; return the present error."""
    if error and not before:
        notes.fail(f"{error} Waiting for it.")
    elif before and not error:
        notes.fail("MongoDB is back.")
    return error


def show_end(run: dict[str, Any]) -> None:
    """Print a line for a run that has ended."""
    stored = run.get("account", {}).get("stored", 0)
    summary = f"{run['outlet']}: {run['outcome']}, {stored} stored. {run['reason']}"
    notes.say(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {summary}")
