"""``dateline collect``: run outlets, each in a process of its own, and say what happened."""

import asyncio
import signal
from typing import Annotated, Any

import typer
from rich.table import Table

from crawler.errors import ConfigurationError, ExitCode
from crawler.store.runs import Runs
from scripts.alerts import announce
from scripts.crawls import Crawls, progress
from scripts.due import collect_due
from scripts.project import (
    broken,
    console,
    database,
    declared,
    instant,
    notes,
    outlet,
    outlet_names,
    print_json,
    table,
)

AT_ONCE = 2
"""Outlets collected at the same time: each keeps about one core busy."""
DUE_LIMIT = 60.0
"""Minutes that a scheduled run may take."""

AtOnce = Annotated[int, typer.Option("--at-once", min=1, help="So many outlets at a time.")]


def collect(  # noqa: PLR0913, PLR0917 - each is an option
    outlets: Annotated[list[str] | None, typer.Argument(help="Names as in `scrapy list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Collect every outlet.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only what is due by its schedule: for cron.")
    ] = False,
    since: Annotated[str, typer.Option(help="Only stories published since: 2024-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Only stories published until: 2024-11-30.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many stories of each outlet.")
    ] = None,
    at_once: AtOnce = AT_ONCE,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            help="Minutes for each outlet, which is told to stop then.",
            show_default=f"none; with --due {DUE_LIMIT:.0f}",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run documents.")] = False,
) -> None:
    """Collect new stories.

    With --since and --until, all that were published between them, as far back as the sources
    reach. What is stopped, by --limit or in any other way, the same command takes up again.

    Exits 0 only if every outlet met its measure of success; 1 failed, 3 configuration, 4 MongoDB,
    5 network, 6 partly.
    """
    names = _names(outlets, every=every or (due and not outlets))
    given = {"since": since, "until": until, "limit": limit}
    bounds = [f"{name}={value}" for name, value in given.items() if value]
    first, last = instant(since), instant(until, "--until")
    if first and last and first > last:
        raise ConfigurationError(f"--since {since} is later than --until {until}.")
    if due and bounds:
        raise ConfigurationError("--due takes no --since, --until or --limit: leave them out.")
    seconds = 60 * (time_limit or (DUE_LIMIT if due else 0))
    work = (
        collect_due(names, at_once, seconds, is_scheduler=not outlets)
        if due
        else _collect(names, bounds, at_once, seconds)
    )
    runs = asyncio.run(work)
    if as_json:
        print_json(runs)
    else:
        _tell(runs)
    unread = [int(ExitCode.CONFIGURATION)] if broken() else []
    raise typer.Exit(_exit_code([run["exit"] for run in runs] + unread))


def _names(outlets: list[str] | None, *, every: bool) -> list[str]:
    """Every outlet's name, or those that were given, each once."""
    names = outlet_names() if every else list(dict.fromkeys(outlets or []))
    if not names and not every:
        raise ConfigurationError("Name the outlets to collect, or --all for every one.")
    for name in names:
        outlet(name)
    return names


def _tell(runs: list[dict[str, Any]]) -> None:
    """Print what the runs came to, and on standard error what was wrong."""
    if runs:
        console.print(_table(runs))
    for run in runs:
        if remark := _remark(run):
            notes.print(f"{run['outlet']}: {remark}", markup=False, soft_wrap=True)
    for sentence in broken():
        notes.print(f"dateline: {sentence}", markup=False, soft_wrap=True)


async def _collect(
    names: list[str], bounds: list[str], at_once: int, limit: float
) -> list[dict[str, Any]]:
    """Run each outlet's crawl, `at_once` at a time; return their run documents."""
    places = asyncio.Semaphore(at_once)
    async with database() as opened:
        with progress() as shown:
            crawls = Crawls(Runs(opened), limit, shown)
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, crawls.stop)

            async def run(name: str) -> dict[str, Any]:
                async with places:
                    return await crawls.run(name, bounds)

            runs = await asyncio.gather(*map(run, names))
        await announce(opened, declared())
        return runs


def _remark(run: dict[str, Any]) -> str:
    """What the table does not say: why a run is not ok, or ended, and what it left for the next."""
    told = run["outcome"] != "healthy" or run.get("limited")
    remarks = [run["reason"]] if told else []
    if pending := run.get("account", {}).get("pending"):
        remarks.append(f"{pending} stories are left for the next run.")
    return " ".join(remarks)


def _exit_code(codes: list[int]) -> int:
    """One code for many outlets: theirs where they agree, the store's where it is at fault."""
    wrong = {code if code in set(ExitCode) else int(ExitCode.FAILED) for code in codes}
    if not wrong:
        return ExitCode.OK
    if ExitCode.STORE in wrong:
        return ExitCode.STORE
    return wrong.pop() if len(wrong) == 1 else ExitCode.DEGRADED


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
