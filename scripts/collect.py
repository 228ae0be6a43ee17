"""``dateline collect``: run outlets, each in a process of its own, and report what came of it."""

import asyncio
import signal
from typing import Annotated, Any

import typer

from crawler.errors import ConfigurationError, ExitCode
from crawler.store.runs import Runs
from scripts.alerts import send_alerts
from scripts.crawl_processes import CrawlProcesses, progress
from scripts.options import AT_ONCE, TIME_LIMIT, AtOnce
from scripts.output import notes, print_json, print_table
from scripts.project import (
    declared_outlets,
    load_outlet,
    open_database,
    outlet_names,
    parse_instant,
    unreadable_outlets,
)
from scripts.scheduler import collect_due


def collect(  # noqa: PLR0913, PLR0917 - each is an option
    outlets: Annotated[list[str] | None, typer.Argument(help="Names as in `scrapy list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Collect every outlet.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Collect only what is due by its schedule: for cron.")
    ] = False,
    since: Annotated[str, typer.Option(help="Only stories published since, e.g. 2024-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Only stories published until, e.g. 2024-11-30.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many stories of each outlet.")
    ] = None,
    at_once: AtOnce = AT_ONCE,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            help="Stop each outlet after so many minutes.",
            show_default=f"none; with --due {TIME_LIMIT:.0f}",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run documents.")] = False,
) -> None:
    """Collect new stories.

    With --since and --until, collect all stories published between them, as far back as the sources
    reach. What --limit or anything else stops, the same command takes up again.

    Exits 0 only if every outlet met its measure of success; 1 failed, 3 configuration, 4 MongoDB,
    5 network, 6 partly.
    """
    names = _names(outlets, every=every or (due and not outlets))
    given = {"since": since, "until": until, "limit": limit}
    bounds = [f"{name}={value}" for name, value in given.items() if value]
    first, last = parse_instant(since), parse_instant(until, "--until")
    if first and last and first > last:
        raise ConfigurationError(f"--since {since} is later than --until {until}.")
    if due and bounds:
        raise ConfigurationError("--due takes no --since, --until or --limit: leave them out.")
    seconds = 60 * (time_limit or (TIME_LIMIT if due else 0))
    work = (
        collect_due(names, at_once, seconds, is_scheduler=not outlets)
        if due
        else _collect(names, bounds, at_once, seconds)
    )
    runs = asyncio.run(work)
    if as_json:
        print_json(runs)
    else:
        _show(runs)
    unread = [int(ExitCode.CONFIGURATION)] if unreadable_outlets() else []
    raise typer.Exit(_exit_code([run["exit"] for run in runs] + unread))


def _names(outlets: list[str] | None, *, every: bool) -> list[str]:
    """Return every outlet's name, or those that were given, each once."""
    names = outlet_names() if every else list(dict.fromkeys(outlets or []))
    if not names and not every:
        raise ConfigurationError("Name the outlets to collect, or give --all.")
    for name in names:
        load_outlet(name)
    return names


def _show(runs: list[dict[str, Any]]) -> None:
    """Print what the runs came to, and on standard error what was wrong."""
    if runs:
        print_table(map(_row, runs), ("outlet", "outcome"), FIGURES)
    for run in runs:
        if remark := _remark(run):
            notes.say(f"{run['outlet']}: {remark}")
    for sentence in unreadable_outlets():
        notes.fail(sentence)


async def _collect(
    names: list[str], bounds: list[str], at_once: int, limit: float
) -> list[dict[str, Any]]:
    """Run each outlet's crawl, `at_once` at a time; return their run documents."""
    slots = asyncio.Semaphore(at_once)
    async with open_database() as database:
        with progress() as shown:
            crawls = CrawlProcesses(Runs(database), limit, shown)
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, crawls.stop)

            async def run(name: str) -> dict[str, Any]:
                async with slots:
                    return await crawls.run(name, bounds)

            runs = await asyncio.gather(*map(run, names))
        await send_alerts(database, declared_outlets())
        return runs


def _remark(run: dict[str, Any]) -> str:
    """Return what the table does not say: why a run ended as it did, and what it left to do."""
    is_remarkable = run["outcome"] != "healthy" or run.get("limited")
    remarks = [run["reason"]] if is_remarkable else []
    if pending := run.get("account", {}).get("pending"):
        remarks.append(f"{pending} stories are left for the next run.")
    return " ".join(remarks)


def _exit_code(codes: list[int]) -> int:
    """Return one code for many outlets: theirs where they agree, the store's if it is at fault."""
    wrong = {code if code in set(ExitCode) else int(ExitCode.FAILED) for code in codes}
    if not wrong:
        return ExitCode.OK
    if ExitCode.STORE in wrong:
        return ExitCode.STORE
    return wrong.pop() if len(wrong) == 1 else ExitCode.DEGRADED


FIGURES = ("sources", "leads", "stored", "skipped", "failed", "pages", "requests", "sec.")


def _row(run: dict[str, Any]) -> list[object]:
    """Return sources read, leads sighted and their outcomes, pages fetched, and what it cost."""
    if "account" not in run:
        return [run["outlet"], run["outcome"]]
    account, sources = run["account"], run["sources"]
    read = sum(source["outcome"] in ("read", "unchanged") for source in sources)
    seconds = (run["ended"] - run["started"]).total_seconds() if run["ended"] else 0
    return [
        run["outlet"],
        run["outcome"],
        f"{read}/{len(sources)}",
        account["sighted"],
        account["stored"],
        sum(account["unchanged"].values()) + sum(account["rejected"].values()),
        sum(account["failed"].values()),
        run["pages"],
        run["requests"],
        f"{seconds:.1f}",
    ]
