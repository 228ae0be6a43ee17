"""``dateline collect``: run outlets, each in a process of its own, and say what happened."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from crawler.errors import ConfigurationError
from crawler.extensions.verdict import Exit
from crawler.store.database import Database
from crawler.store.runs import Runs
from scripts.project import (
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


def collect(
    outlets: Annotated[list[str] | None, typer.Argument(help="Names as in `scrapy list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Collect every outlet.")] = False,
    since: Annotated[str, typer.Option(help="Only stories published since: 2024-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Only stories published until: 2024-11-30.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run documents.")] = False,
) -> None:
    """Collect new stories.

    Exits 0 only if every outlet met its measure of success; 1 failed, 3 configuration, 4 MongoDB,
    5 network, 6 partly.
    """
    names = outlet_names() if every else list(dict.fromkeys(outlets or []))
    if not names:
        raise ConfigurationError("Name the outlets to collect, or --all for every one.")
    for name in names:
        outlet(name)
    instant(since), instant(until, "--until")
    bounds = [f"{name}={value}" for name, value in (("since", since), ("until", until)) if value]
    runs = asyncio.run(_collect(names, bounds))
    if as_json:
        print_json(runs)
    else:
        console.print(_table(runs))
        for run in runs:
            if remark := _remark(run):
                console.print(f"{run['outlet']}: {remark}", markup=False)
    raise typer.Exit(_exit_code([run["exit"] for run in runs]))


async def _collect(names: list[str], bounds: list[str]) -> list[dict[str, Any]]:
    """Run each outlet's crawl, `AT_ONCE` at a time; return their run documents."""
    places = asyncio.Semaphore(AT_ONCE)
    crawls: set[asyncio.subprocess.Process] = set()

    def end_all() -> None:
        for crawl in crawls:
            crawl.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end_all)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    async with database() as opened:
        with Progress(*columns, console=notes, transient=True) as progress:

            async def one(name: str) -> dict[str, Any]:
                async with places:
                    return await _crawl(name, bounds, opened, progress, crawls)

            return await asyncio.gather(*(one(name) for name in names))


async def _crawl(
    name: str,
    bounds: list[str],
    opened: Database,
    progress: Progress,
    crawls: set[asyncio.subprocess.Process],
) -> dict[str, Any]:
    """One crawl; its run document, with the exit code of its process as ``exit``."""
    run_id = uuid4().hex
    log = Path(load_settings()["DATA"]) / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    settings = [f"RUN_ID={run_id}", f"LOG_FILE={log}"]
    command = [sys.executable, "-m", "scrapy", "crawl", name]
    command += [word for bound in bounds for word in ("-a", bound)]
    command += [word for setting in settings for word in ("-s", setting)]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=environment.PROJECT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    crawls.add(process)
    runs = Runs(opened)
    task = progress.add_task(name)
    if not notes.is_terminal:
        notes.print(f"Collecting {name}; its log is {log}.", markup=False, soft_wrap=True)
    ended = asyncio.create_task(process.communicate())
    while not ended.done():
        await asyncio.wait([ended], timeout=1)
        if notes.is_terminal and (run := await runs.get(run_id)) and "account" in run:
            progress.update(task, description=_progress(run))
    crawls.discard(process)
    progress.remove_task(task)
    _, errors = ended.result()
    await runs.close_killed(name)
    failed = {"outlet": name, "outcome": "failed", "reason": _last_words(errors, log)}
    return {**(await runs.get(run_id) or failed), "exit": process.returncode}


def _progress(run: dict[str, Any]) -> str:
    account = run["account"]
    return f"{run['outlet']}: {account['stored']} stored, {account['pending']} to go"


def _last_words(errors: bytes, log: Path) -> str:
    """Why a crawl ended that never got as far as a run document."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'It ended before its run began.'} Its log is {log}."


def _remark(run: dict[str, Any]) -> str:
    """What the table does not say: why a run is not ok, and what it left for the next."""
    remarks = [] if run["outcome"] == "ok" else [run["reason"]]
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
