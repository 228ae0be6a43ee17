"""``dateline runs``: the latest runs, what each came to and what it cost."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from crawler.store.collection import UNFENCED
from crawler.store.runs import Runs
from scripts.options import AnyOutlet
from scripts.output import notes, print_json, print_table
from scripts.project import check_known, in_database
from scripts.status import fresh, share, span


def runs(
    name: AnyOutlet = "",
    count: Annotated[int, typer.Option("-n", min=1, help="At most so many.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run documents as they are stored.")
    ] = False,
) -> None:
    """Show the latest runs, the newest first."""
    if name:
        check_known(name)
    found = in_database(lambda database: _find(Runs(database), name, count))
    if as_json:
        print_json(found)
    elif not found:
        notes.print("Nothing was collected yet.")
    else:
        figures = ("leads", "stored", "failed", "asked", "took", "p50/p95", "complete")
        print_table(map(_row, found), ("outlet", "began (UTC)", "outcome"), figures)


def _row(run: dict[str, Any]) -> tuple[object, ...]:
    account = run.get("account", {})
    return (
        run["outlet"],
        f"{run['started']:%m-%d %H:%M}",
        run["outcome"],
        _leads(run.get("sources", [])),
        account.get("stored", 0),
        sum(account.get("failed", {}).values()),
        run.get("requests", 0),
        span(run["ended"] - run["started"]) if run["ended"] else "-",
        fresh(run.get("freshness")),
        share(run.get("completeness")),
    )


def _leads(sources: Sequence[dict[str, Any]]) -> str:
    """Return how many leads its sources showed, of how many entries, where these were counted."""
    leads, entries = (sum(each.get(name, 0) for each in sources) for name in ("leads", "entries"))
    return f"{leads}/{entries}" if entries else str(leads)


async def _find(runs: Runs, name: str, count: int) -> list[dict[str, Any]]:
    await runs.close_killed(UNFENCED)
    return await runs.recent(name or None, count)
