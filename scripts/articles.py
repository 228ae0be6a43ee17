"""``dateline articles``: a list of what is stored."""

from typing import Annotated, Any

import typer

from crawler.store.articles import Articles
from crawler.store.database import Database
from scripts.options import AsJson, OutletOption
from scripts.output import notes, print_entry, print_json
from scripts.project import check_known, in_database, parse_instant


def articles(
    name: OutletOption = "",
    since: Annotated[str, typer.Option(help="Only those published since, e.g. 2024-11-30.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List stored articles, newest first."""
    if name:
        check_known(name)
    first = parse_instant(since)

    async def find(database: Database) -> list[dict[str, Any]]:
        articles = Articles(database).find(outlet=name or None, since=first, limit=limit)
        return [article async for article in articles]

    found = in_database(find)
    if as_json:
        print_json(found)
    elif not found:
        whose = f" of {name}" if name else ""
        notes.say(f"No such article{whose} is stored: `dateline collect` collects some.")
    else:
        for article in found:
            facts = f"{_published(article)}  {article['outlet']}  "
            withdrawn = "[withdrawn] " if article.get("withdrawn") else ""
            print_entry(facts, withdrawn + article["title"], article["url"])


def _published(article: dict[str, Any]) -> str:
    stated = article["published"]
    if not stated:
        return "undated         "
    form = "%Y-%m-%d      " if stated["precision"] == "day" else "%Y-%m-%d %H:%M"
    return f"{stated['at']:{form}}"
