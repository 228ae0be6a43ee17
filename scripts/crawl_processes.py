"""Crawls of outlets as child processes: start, follow, stop, and kill where it must be."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crawler.errors import ExitCode, StoreError
from crawler.store.collection import UNFENCED
from crawler.store.runs import Runs, new_run
from scripts.output import notes
from scripts.project import load_settings
from settings import environment

MIN_STORIES = 20
"""Stories that must be done before the time left is estimated from them."""
MAX_LOG_BYTES = 10_000_000
"""Size of a log file after which a new one is begun; the one before it is kept."""
STOP_SECONDS = 30.0
"""Time that a crawl has to end in once it was told to; then it is killed."""


def progress() -> Progress:
    """Return a display with a line for each crawl, while it goes on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=notes, transient=True, disable=notes.is_json)


class CrawlProcesses:
    """Crawls of outlets, each a child process that may take `limit` seconds (0: any time).

    Args:
        shown: displays how far they are, a line for each crawl.
    """

    def __init__(self, runs: Runs, limit: float, shown: Progress | None = None) -> None:
        self._runs = runs
        self._progress = shown
        self._limit = limit
        self._stopped_at: dict[asyncio.subprocess.Process, float | None] = {}
        """Processes that are running, and when each was told to stop."""
        self._stopping = False

    def stop(self) -> None:
        """Tell all crawls to stop, and start none; kill what runs on after `STOP_SECONDS`."""
        self._stopping = True
        for process in self._stopped_at:
            self._terminate(process)

    def is_stopping(self) -> bool:
        """Tell whether `stop` was called."""
        return self._stopping

    def _terminate(self, process: asyncio.subprocess.Process) -> None:
        # Once only: a second signal would have Scrapy end without order.
        if self._stopped_at[process] is None:
            self._stopped_at[process] = asyncio.get_running_loop().time()
            with contextlib.suppress(ProcessLookupError):
                process.terminate()

    async def run(self, name: str, bounds: Sequence[str] = ()) -> dict[str, Any]:
        """Run one crawl; return its run document, with its exit code as ``exit``.

        Args:
            bounds: spider arguments, ``since=...``, ``until=...`` and ``limit=...``.
        """
        if self._stopping:
            reason = "It was told to stop before it began."
            return {
                "outlet": name,
                "outcome": "failed",
                "reason": reason,
                "exit": ExitCode.DEGRADED,
            }
        given = dict.fromkeys(("since", "until", "limit")) | dict(b.split("=", 1) for b in bounds)
        begins = new_run(name, given)
        run_id, log = begins["_id"], _log(name)
        process = await self._start(self.command(name, run_id, log, bounds))
        errors, overran = await self._watch(name, run_id, process)
        reason = "It was told to stop." if self.is_stopping() else _last_words(errors, log)
        failed = {"outlet": name, "outcome": "failed", "reason": overran or reason}
        code = {"exit": process.returncode}
        try:
            await self._runs.close_killed(UNFENCED)
            if overran and process.returncode:
                await self._runs.explain(run_id, overran)
            run = await self._runs.get(run_id)
            if run is None and process.returncode not in (ExitCode.OK, ExitCode.BUSY):
                # It did not get so far as to write one, and its schedule counts it as begun.
                run = {**begins, **failed, "ended": datetime.now(UTC)}
                await self._runs.update(UNFENCED, run)
            return {**(run or failed), **code}
        except StoreError as error:
            return {**failed, "reason": str(error), **code}

    @staticmethod
    def command(name: str, run_id: str, log: Path, bounds: Sequence[str]) -> list[str]:
        """Return the command line of a crawl."""
        command = [sys.executable, "-m", "scrapy", "crawl", name]
        command += [word for bound in bounds for word in ("-a", bound)]
        return [*command, "-s", f"RUN_ID={run_id}", "-s", f"LOG_FILE={log}"]

    async def _start(self, command: list[str]) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=environment.PROJECT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._stopped_at[process] = None
        if self.is_stopping():
            self._terminate(process)
        return process

    async def _watch(
        self, name: str, run_id: str, process: asyncio.subprocess.Process
    ) -> tuple[bytes, str]:
        """Follow a crawl until it ends.

        Returns:
            What it wrote to its standard error; a sentence where it took too long, or "".
        """
        loop = asyncio.get_running_loop()
        began, overran = loop.time(), ""
        shown = self._progress
        task = shown.add_task(name) if shown else None
        ended = asyncio.create_task(process.communicate())
        while not ended.done():
            await asyncio.wait([ended], timeout=1)
            if self._limit and not overran and loop.time() - began > self._limit:
                overran = f"It reached its time limit of {self._limit / 60:g} min."
                self._terminate(process)
            stopped = self._stopped_at[process]
            if stopped is not None and loop.time() - stopped > STOP_SECONDS and not ended.done():
                overran = (
                    f"{overran} It did not end within {STOP_SECONDS:.0f} s and was killed.".strip()
                )
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await ended
            with contextlib.suppress(StoreError):  # the crawl itself reports it
                if shown and task is not None and notes.is_terminal:
                    run = await self._runs.get(run_id)
                    shown.update(task, description=_progress(run) if run else name)
        del self._stopped_at[process]
        if shown and task is not None:
            shown.remove_task(task)
        return ended.result()[1], overran


def _log(name: str) -> Path:
    """Return the outlet's log file; one that has grown large is put aside first."""
    log = Path(load_settings()["DATA"]) / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log


def _progress(run: dict[str, Any]) -> str:
    """Describe how far a run is; of one with bounds, also how long it will take."""
    account = run.get("account") or {"stored": 0, "sighted": 0, "pending": 0}
    name, stored, pending = run["outlet"], account["stored"], account["pending"]
    done = account["sighted"] - pending
    if not any(run["bounds"].values()) or done < MIN_STORIES:
        return f"{name}: {stored} stored, {pending} to go"
    expected = max(account["sighted"], *map(_expected, run["sources"]))
    if limit := run["bounds"]["limit"]:
        expected = min(expected, limit)
    elapsed = datetime.now(UTC) - run["started"]
    left = timedelta(seconds=round(elapsed.total_seconds() * (expected / done - 1)))
    return f"{name}: {stored} stored; {done:,} of about {expected:,} done, {left} left"


def _expected(source: dict[str, Any]) -> int:
    """Estimate how many stories a source shows in all, by what its pages have shown so far."""
    if total := source.get("total"):
        return int(total)
    pages = source["requests"]
    return round(source["leads"] * (pages + source.get("ahead", 0)) / pages) if pages else 0


def _last_words(errors: bytes, log: Path) -> str:
    """Return why a crawl ended that did not get as far as a run document."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'It ended before its run began'}. Its log is {log}."
