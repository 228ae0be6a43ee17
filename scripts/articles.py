"""``dateline articles``: a list of what is stored."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import typer

from crawler.store.articles import Articles
from scripts.project import database, instant, notes, outlet, print_entry, print_json


def articles(
    name: Annotated[str, typer.Option("--outlet", help="Only this outlet's.")] = "",
    since: Annotated[str, typer.Option(help="Only those published since: 2024-11-30.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List stored articles, newest first."""
    if name:
        outlet(name)
    found = asyncio.run(_find(name, instant(since), limit))
    if as_json:
        print_json(found)
        return
    if not found:
        whose = f" of {name}" if name else ""
        notes.print(f"No such article{whose} is stored: `dateline collect` collects.", markup=False)
        return
    for article in found:
        facts = f"{_published(article)}  {article['outlet']}  "
        print_entry(facts, article["title"], article["url"])


def _published(article: dict[str, Any]) -> str:
    stated = article["published"]
    if not stated:
        return "undated         "
    form = "%Y-%m-%d      " if stated["precision"] == "day" else "%Y-%m-%d %H:%M"
    return f"{stated['at']:{form}}"


async def _find(name: str, since: datetime | None, limit: int) -> list[dict[str, Any]]:
    async with database() as opened:
        found = Articles(opened).find(outlet=name or None, since=since, limit=limit)
        return [article async for article in found]
