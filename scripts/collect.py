"""``dateline collect``: run outlets, each in a process of its own, and say what happened."""

import asyncio
import contextlib
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from crawler.errors import ConfigurationError, StoreError
from crawler.extensions.verdict import Exit
from crawler.store.runs import Runs
from scripts.project import (
    broken,
    console,
    database,
    instant,
    load_settings,
    notes,
    outlet,
    outlet_names,
    print_json,
    table,
)
from settings import environment

AT_ONCE = 2
"""Outlets collected at the same time: each keeps about one core busy."""
TELLING = 20
"""So many stories have to be done before they tell how long the others will take."""
MAX_LOG = 10_000_000
"""Bytes of a log file after which a new one is begun; the one before it is kept."""


def collect(
    outlets: Annotated[list[str] | None, typer.Argument(help="Names as in `scrapy list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Collect every outlet.")] = False,
    since: Annotated[str, typer.Option(help="Only stories published since: 2024-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Only stories published until: 2024-11-30.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many stories of each outlet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run documents.")] = False,
) -> None:
    """Collect new stories.

    With --since and --until, all that were published between them, as far back as the sources
    reach. What is stopped, by --limit or in any other way, the same command takes up again.

    Exits 0 only if every outlet met its measure of success; 1 failed, 3 configuration, 4 MongoDB,
    5 network, 6 partly.
    """
    names = outlet_names() if every else list(dict.fromkeys(outlets or []))
    if not names:
        raise ConfigurationError("Name the outlets to collect, or --all for every one.")
    for name in names:
        outlet(name)
    first, last = instant(since), instant(until, "--until")
    if first and last and first > last:
        raise ConfigurationError(f"--since {since} is later than --until {until}.")
    given = {"since": since, "until": until, "limit": limit}
    bounds = [f"{name}={value}" for name, value in given.items() if value]
    runs = asyncio.run(_collect(names, bounds))
    if as_json:
        print_json(runs)
    else:
        console.print(_table(runs))
        for run in runs:
            if remark := _remark(run):
                notes.print(f"{run['outlet']}: {remark}", markup=False, soft_wrap=True)
        for sentence in broken():
            notes.print(f"dateline: {sentence}", markup=False, soft_wrap=True)
    unread = [int(Exit.CONFIGURATION)] if broken() else []
    raise typer.Exit(_exit_code([run["exit"] for run in runs] + unread))


async def _collect(names: list[str], bounds: list[str]) -> list[dict[str, Any]]:
    """Run each outlet's crawl, `AT_ONCE` at a time; return their run documents."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    async with database() as opened:
        with Progress(*columns, console=notes, transient=True, disable=notes.is_json) as progress:
            crawls = Crawls(Runs(opened), bounds, progress)
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, crawls.stop)
            return await asyncio.gather(*map(crawls.run, names))


class Crawls:
    """The crawls of one `dateline collect`, each a process.

    Args:
        bounds: spider arguments, ``since=...``, ``until=...`` and ``limit=...``.
    """

    def __init__(self, runs: Runs, bounds: list[str], progress: Progress) -> None:
        self._runs = runs
        self._bounds = bounds
        self._progress = progress
        self._places = asyncio.Semaphore(AT_ONCE)
        self._processes: set[asyncio.subprocess.Process] = set()
        self._stopping = False

    def stop(self) -> None:
        """Tell the crawls to end; those that wait for a place are not begun."""
        self._stopping = True
        for process in self._processes:
            process.terminate()

    def _is_stopping(self) -> bool:
        return self._stopping

    async def run(self, name: str) -> dict[str, Any]:
        """One crawl; its run document, with the exit code of its process as ``exit``."""
        async with self._places:
            if self._is_stopping():
                told = "It was told to stop before it began."
                return {"outlet": name, "outcome": "failed", "reason": told, "exit": Exit.PARTIAL}
            run_id = uuid4().hex
            log = _log(name)
            process = await self._start(name, run_id, log)
            errors = await self._watch(name, run_id, process)
            told = "It was told to stop." if self._is_stopping() else _last_words(errors, log)
            failed = {"outlet": name, "outcome": "failed", "reason": told}
            code = {"exit": process.returncode}
            try:
                await self._runs.close_killed(name)
                return {**(await self._runs.get(run_id) or failed), **code}
            except StoreError as error:
                return {**failed, "reason": str(error), **code}

    async def _start(self, name: str, run_id: str, log: Path) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "scrapy", "crawl", name]
        command += [word for bound in self._bounds for word in ("-a", bound)]
        command += ["-s", f"RUN_ID={run_id}", "-s", f"LOG_FILE={log}"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=environment.PROJECT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._processes.add(process)
        if self._stopping:
            process.terminate()
        return process

    async def _watch(self, name: str, run_id: str, process: asyncio.subprocess.Process) -> bytes:
        """Show how far the crawl is until it ends; what it wrote to its standard error."""
        task = self._progress.add_task(name)
        ended = asyncio.create_task(process.communicate())
        while not ended.done():
            await asyncio.wait([ended], timeout=1)
            with contextlib.suppress(StoreError):  # the crawl itself will tell
                if notes.is_terminal and (run := await self._runs.get(run_id)):
                    self._progress.update(task, description=_progress(run))
        self._processes.discard(process)
        self._progress.remove_task(task)
        return ended.result()[1]


def _log(name: str) -> Path:
    """The outlet's log file; one that has grown large is put aside first."""
    log = Path(load_settings()["DATA"]) / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG:
        log.replace(log.with_suffix(".log.1"))
    return log


def _progress(run: dict[str, Any]) -> str:
    """How far a run is; of one with bounds, what it may come to."""
    account = run.get("account") or {"stored": 0, "sighted": 0, "pending": 0}
    name, stored, pending = run["outlet"], account["stored"], account["pending"]
    done = account["sighted"] - pending
    if not any(run["bounds"].values()) or done < TELLING:
        return f"{name}: {stored} stored, {pending} to go"
    expected = max(account["sighted"], *map(_expected, run["sources"]))
    if limit := run["bounds"]["limit"]:
        expected = min(expected, limit)
    elapsed = datetime.now(UTC) - run["started"]
    left = timedelta(seconds=round(elapsed.total_seconds() * (expected / done - 1)))
    return f"{name}: {stored} stored; {done:,} of about {expected:,} looked at, {left} left"


def _expected(source: dict[str, Any]) -> int:
    """How many stories a source may show in all, by what its pages have shown so far."""
    if total := source.get("total"):
        return int(total)
    pages = source["requests"]
    return round(source["leads"] * (pages + source.get("ahead", 0)) / pages) if pages else 0


def _last_words(errors: bytes, log: Path) -> str:
    """Why a crawl ended that never got as far as a run document."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'It ended before its run began'}. Its log is {log}."


def _remark(run: dict[str, Any]) -> str:
    """What the table does not say: why a run is not ok, or ended, and what it left for the next."""
    told = run["outcome"] != "ok" or run.get("limited")
    remarks = [run["reason"]] if told else []
    if pending := run.get("account", {}).get("pending"):
        remarks.append(f"{pending} stories are left for the next run.")
    return " ".join(remarks)


def _exit_code(codes: list[int]) -> int:
    """One code for many outlets: theirs where they agree, the store's where it is at fault."""
    wrong = {code if code in set(Exit) else int(Exit.FAILED) for code in codes}
    if Exit.STORE in wrong:
        return Exit.STORE
    return wrong.pop() if len(wrong) == 1 else Exit.PARTIAL


def _table(runs: list[dict[str, Any]]) -> Table:
    figures = ("sources", "leads", "stored", "skipped", "failed", "pages", "requests", "sec.")
    made = table(("outlet", "outcome"), figures)
    for run in runs:
        made.add_row(run["outlet"], run["outcome"], *_figures(run))
    return made


def _figures(run: dict[str, Any]) -> list[str]:
    """Sources read, leads sighted, their fates, story pages fetched, and what it cost."""
    if "account" not in run:
        return []
    account, sources = run["account"], run["sources"]
    read = sum(source["outcome"] in ("read", "unchanged") for source in sources)
    seconds = (run["ended"] - run["started"]).total_seconds() if run["ended"] else 0
    skipped = sum(account["unchanged"].values()) + sum(account["rejected"].values())
    failed = sum(account["failed"].values())
    figures = (account["sighted"], account["stored"], skipped, failed)
    costs = (run["pages"], run["requests"])
    return [f"{read}/{len(sources)}", *map(str, figures + costs), f"{seconds:.1f}"]
