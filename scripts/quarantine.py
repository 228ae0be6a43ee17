"""``dateline quarantine``: stories that were read and are no articles yet, and why."""

import asyncio
from typing import Annotated, Any

import typer

from crawler.queue.writer import quarantined
from scripts.project import database, notes, outlet, print_entry, print_json


def quarantine(
    name: Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only of this one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show stories that were read and are no articles yet, and why; their runs went on.

    Of those whose page is kept, `dateline reparse OUTLET` makes articles once the rules are mended.
    """
    if name:
        outlet(name)
    found = asyncio.run(_find(name))
    if as_json:
        print_json(found)
        return
    if not found:
        notes.print("Nothing is in quarantine.")
        return
    for kept in found:
        facts = f"{kept['at']:%Y-%m-%d %H:%M}  {kept['outlet']}  "
        print_entry(facts, kept["reason"], kept["_id"])


async def _find(name: str) -> list[dict[str, Any]]:
    async with database() as opened:
        return [kept async for kept in quarantined(opened, name)]
