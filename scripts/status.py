"""``dateline status``: every outlet's last run and what is stored of it; or one in full."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.filesize import decimal

from crawler.store.articles import Articles
from crawler.store.coverage import patterns, recall
from crawler.store.ledger import Ledger
from crawler.store.pages import Pages
from crawler.store.runs import Runs
from scripts.project import console, database, notes, outlet, outlet_names, print_json, table


def status(
    name: Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only this one, in full.")] = "",
    days: Annotated[int, typer.Option(min=1, help="Of one: so many days of its sources.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show every outlet: its last run, its articles, and what is still to do.

    Of one outlet, show what each of its sources showed of all stories that any of them did.
    """
    if name:
        _show(asyncio.run(_one(name, outlet(name).timezone, days)), as_json)
        return
    rows = asyncio.run(_rows())
    if as_json:
        print_json(rows)
        return
    made = table(
        ("outlet", "last run (UTC)", "outcome"),
        ("articles", "pending", "failed", "skipped", "gone", "pages"),
    )
    for row in rows:
        leads = row["leads"]
        started = f"{row['started']:%Y-%m-%d %H:%M}" if row["started"] else "never"
        counts = (leads.get(state, 0) for state in ("pending", "failed", "skipped", "gone"))
        figures = (row["articles"], *counts, decimal(row["pages"]["packed"]))
        made.add_row(row["outlet"], started, row["outcome"] or "", *map(str, figures))
    console.print(made)
    for row in rows:
        if row["outcome"] in ("partial", "failed", "killed"):
            console.print(f"{row['outlet']}: {row['reason']}", markup=False)


async def _rows() -> list[dict[str, Any]]:
    async with database() as opened:
        articles = Articles(opened)
        pages = Pages(opened)
        runs = Runs(opened)
        rows = []
        for name in outlet_names():
            await runs.close_killed(name)
            run = await runs.latest(name) or {}
            told = {key: run.get(key) for key in ("started", "ended", "outcome", "reason")}
            leads = await Ledger(opened, name).counts()
            count, kept = await articles.count(name), await pages.sizes(name)
            rows.append({"outlet": name, **told, "articles": count, "leads": leads, "pages": kept})
        return rows


async def _one(name: str, zone: str, days: int) -> dict[str, Any]:
    async with database() as opened:
        runs = Runs(opened)
        await runs.close_killed(name)
        ledger = Ledger(opened, name)
        return {
            "outlet": name,
            "run": await runs.latest(name),
            "articles": await Articles(opened).count(name),
            "leads": await ledger.counts(),
            "pages": await Pages(opened).sizes(name),
            "recall": recall(
                await patterns(opened, name, datetime.now(UTC) - timedelta(days=days), zone)
            ),
        }


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    run = told["run"]
    if run is None:
        notes.print(f"{told['outlet']} was never collected.", markup=False)
        return
    console.print(f"{told['outlet']}: {run['outcome']}, {run['started']:%Y-%m-%d %H:%M} UTC")
    console.print(f"{run['reason'] or 'It is running.'}", markup=False)
    states = ", ".join(f"{count} {state}" for state, count in told["leads"].items())
    console.print(f"{told['articles']} articles; leads: {states or 'none'}.", markup=False)
    count, size, packed = told["pages"].values()
    kept = f"{count} pages, {decimal(size)}, kept in {decimal(packed)}."
    console.print(kept, markup=False)
    sources = [source["key"] for source in run.get("sources", [])]
    made = table(("day", "source"), ("stories", "shown", "first", "recall"))
    for day in told["recall"]:
        for key in dict.fromkeys([*sources, *day["sources"]]):
            shown, first = day["sources"].get(key, {"shown": 0, "first": 0}).values()
            recall = f"{shown / day['union']:.1%}"
            made.add_row(day["day"], key, *map(str, (day["union"], shown, first)), recall)
    if told["recall"]:
        console.print(made)
