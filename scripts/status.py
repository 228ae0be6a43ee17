"""``dateline status``: every outlet's last run and what is stored of it."""

import asyncio
from typing import Annotated, Any

import typer

from crawler.store.articles import Articles
from crawler.store.ledger import Ledger
from crawler.store.runs import Runs
from scripts.project import console, database, outlet_names, print_json, table


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show every outlet: its last run, its articles, and what is still to do."""
    rows = asyncio.run(_rows())
    if as_json:
        print_json(rows)
        return
    made = table(
        ("outlet", "last run (UTC)", "outcome"),
        ("articles", "pending", "failed", "skipped", "gone"),
    )
    for row in rows:
        leads = row["leads"]
        started = f"{row['started']:%Y-%m-%d %H:%M}" if row["started"] else "never"
        counts = (leads.get(state, 0) for state in ("pending", "failed", "skipped", "gone"))
        made.add_row(
            row["outlet"], started, row["outcome"] or "", str(row["articles"]), *map(str, counts)
        )
    console.print(made)
    for row in rows:
        if row["outcome"] in ("partial", "failed", "killed"):
            console.print(f"{row['outlet']}: {row['reason']}", markup=False)


async def _rows() -> list[dict[str, Any]]:
    async with database() as opened:
        articles = Articles(opened)
        runs = Runs(opened)
        rows = []
        for name in outlet_names():
            await runs.close_killed(name)
            run = await runs.latest(name) or {}
            told = {key: run.get(key) for key in ("started", "ended", "outcome", "reason")}
            leads = await Ledger(opened, name).counts()
            rows.append(
                {"outlet": name, **told, "articles": await articles.count(name), "leads": leads}
            )
        return rows
