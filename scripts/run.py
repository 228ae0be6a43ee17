"""``dateline run``: collect what is due, for as long as it is let; cron in one process."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.errors import StoreError
from crawler.schedule.planning import ScheduleRule
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from crawler.store.runs import Runs
from scripts.alerts import announce, check
from scripts.collect import AT_ONCE, DUE_LIMIT, AtOnce
from scripts.crawls import Crawls
from scripts.due import Due, Places
from scripts.project import Declared, database, load_settings, notes
from settings import environment

PAUSE = 10.0
"""Seconds between two attempts while MongoDB is away."""


def run(
    at_once: AtOnce = AT_ONCE,
    time_limit: Annotated[
        float, typer.Option(min=0.01, help="Minutes for each outlet, which is told to stop then.")
    ] = DUE_LIMIT,
) -> None:
    """Collect every outlet whenever it is due, until told to stop (SIGTERM, Ctrl-C).

    It does what `dateline collect --due` does from cron, to the minute. Outlets that are added or
    changed in `spiders/` are taken up by themselves; MongoDB may come and go. What goes on when it
    is told to stop has half a minute to end in order.
    """
    check()
    asyncio.run(_run(at_once, 60 * time_limit))


async def _run(at_once: int, limit: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outlets = Outlets()
    away = ""
    while not stop.is_set():
        try:
            async with database() as opened:
                due = Due(ScheduleStore(opened), Crawls(Runs(opened), limit), Places(at_once), tell)
                away = _say(away, "")
                await outlets.declared()  # here, so that the two below do not both read it
                telling = asyncio.create_task(_announce(opened, outlets))
                try:
                    await serve(due, ScheduleStore(opened), outlets, stop)
                finally:
                    telling.cancel()
        except StoreError as error:
            away = _say(away, str(error))
            await _either(stop, PAUSE)


async def serve(
    due: Due, schedules: ScheduleStore, outlets: "Outlets", stop: asyncio.Event
) -> None:
    """Begin what is due every minute, until `stop`; then let end in order what goes on.

    Raises:
        StoreError: MongoDB is away, and nothing goes on that waits for it, too.
    """
    away = ""
    ending = asyncio.create_task(_stop(due, stop))
    try:
        while not stop.is_set():
            now = due.now()
            minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
            rules = list((await outlets.declared()).rules.values())
            try:
                await schedules.beat("run", now)
                later = await due.round(rules, now)
                away = _say(away, "")
            except StoreError as error:
                if not due.running:
                    raise
                away, later = _say(away, str(error)), None
            await due.wait(min(later or minute, minute))
    finally:
        ending.cancel()
        due.stop()
        await due.drain()


async def _announce(opened: Database, outlets: "Outlets") -> None:
    """Tell every minute what is wrong, and what is over; log why that cannot be done, once."""
    said = ""
    while True:
        wrong = ""
        try:
            await announce(opened, await outlets.declared())
        except StoreError:
            wrong = said  # whoever begins runs tells of it
        except Exception as error:  # noqa: BLE001 - it is tried again, for nobody else tells
            wrong = f"Nobody can be told what is wrong: {type(error).__name__}: {error}."
            if wrong != said:
                notes.fail(wrong)
        said = wrong
        await asyncio.sleep(60)


async def _stop(due: Due, stop: asyncio.Event) -> None:
    await stop.wait()
    due.stop()


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Wait for `stop`, so many seconds at most."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _say(away: str, error: str) -> str:
    """Say once that MongoDB is away, and once that it is back; return what was said."""
    if error and not away:
        notes.print(f"dateline: {error} Waiting for it.", markup=False, soft_wrap=True)
    elif away and not error:
        notes.print("dateline: MongoDB is back.", markup=False)
    return error


def tell(run: dict[str, Any]) -> None:
    """A line for a run that has ended."""
    stored = run.get("account", {}).get("stored", 0)
    told = f"{run['outlet']}: {run['outcome']}, {stored} stored. {run['reason']}"
    notes.print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {told}", markup=False, soft_wrap=True)


class Outlets:
    """What `spiders/` declares, read anew by a process of its own when a file changes."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._declared = Declared({}, [])

    async def declared(self) -> Declared:
        """As the files are now; what cannot be read is told, and costs its own outlet only."""
        files = dict(_files())
        if files != self._files:
            words = (sys.executable, "-m", "scripts.main", "schedule", "--format", "json")
            process = await asyncio.create_subprocess_exec(
                *words, cwd=environment.PROJECT, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, told = await process.communicate()
            if told:
                notes.print(told.decode().rstrip(), markup=False, soft_wrap=True)
            if process.returncode == 0:
                read = json.loads(out)
                rules = {one["outlet"]: ScheduleRule(**one) for one in read["rules"]}
                self._declared = Declared(rules, read["broken"])
            else:  # what was declared before still holds
                self._declared = Declared(self._declared.rules, ["spiders/ cannot be read."])
            self._files = files
        return self._declared


def _files() -> Iterator[tuple[str, int]]:
    """Each file that declares an outlet, and when it was last changed."""
    for module in load_settings().getlist("SPIDER_MODULES"):
        found = find_spec(module)
        for folder in (found and found.submodule_search_locations) or ():
            for path in Path(folder).glob("*.py"):
                yield str(path), path.stat().st_mtime_ns
