"""``dateline runs``: the latest runs, what each came to and what it cost."""

import asyncio
from typing import Annotated, Any

import typer

from crawler.store.runs import Runs
from scripts.project import console, database, notes, outlet, print_json, table
from scripts.status import fresh, share, span


def runs(
    name: Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only of this one.")] = "",
    count: Annotated[int, typer.Option("-n", min=1, help="At most so many.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run documents, as they are kept.")
    ] = False,
) -> None:
    """Show the latest runs, the newest first."""
    if name:
        outlet(name)
    found = asyncio.run(_find(name, count))
    if as_json:
        print_json(found)
        return
    if not found:
        notes.print("Nothing was ever collected.")
        return
    figures = ("stored", "failed", "asked", "took", "p50/p95", "complete")
    made = table(("outlet", "began (UTC)", "outcome"), figures)
    for run in found:
        made.add_row(*_cells(run))
    console.print(made)


def _cells(run: dict[str, Any]) -> tuple[str, ...]:
    account = run.get("account", {})
    failed = sum(account.get("failed", {}).values())
    counts = (account.get("stored", 0), failed, run.get("requests", 0))
    took = span(run["ended"] - run["started"]) if run["ended"] else "-"
    measures = (fresh(run.get("freshness")), share(run.get("completeness")))
    words = (run["outlet"], f"{run['started']:%m-%d %H:%M}", run["outcome"])
    return (*words, *map(str, counts), took, *measures)


async def _find(name: str, count: int) -> list[dict[str, Any]]:
    async with database() as opened:
        runs = Runs(opened)
        await runs.close_killed()
        return await runs.recent(name or None, count)
