"""``dateline similar``: where else a story stands, and who tells of the same event."""

import asyncio
from typing import Annotated, Any

import typer

from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.errors import ConfigurationError
from crawler.store.articles import Articles
from scripts.project import console, database, notes, print_entry, print_json
from scripts.show import address, not_stored


def similar(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The story's address.")] = "",
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Find all copies and events anew, of all articles.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show the copies of a story, where they come from, and other stories of the same event."""
    if recompute == bool(url):
        raise ConfigurationError("Give the address of a story, or --recompute.")
    if recompute:
        asyncio.run(_recompute())
        return
    found = asyncio.run(_find(address(url)))
    if not found:
        notes.print("It has not been compared yet: the next run of its outlet does that.")
    if as_json:
        print_json(found)
        return
    for story in found:
        at = story["published"]["at"] if story["published"] else story["first_seen"]
        facts = f"{_what(story):<6} {at:%Y-%m-%d %H:%M}  {story['outlet']}  "
        print_entry(facts, story["title"], story["_id"])
    wire = next((story["wire"] for story in found if story.get("wire")), None)
    if wire:
        agency = f", by {wire['agency']}" if wire["agency"] else ""
        console.print(f"Probable origin: {wire['origin']}{agency}", markup=False, soft_wrap=True)


def _what(story: dict[str, Any]) -> str:
    if story["is_asked"]:
        return "this"
    if story["is_copy"]:
        return "again" if story.get("same_as") else "copy"
    return "event"


async def _find(url: str) -> list[dict[str, Any]]:
    async with database() as opened:
        article = await Articles(opened).get(url)
        if article is None:
            raise not_stored(url)
        found = await NearDuplicates(opened).find(article["_id"])
    return [story | {"is_asked": story["_id"] == article["_id"]} for story in found]


async def _recompute() -> None:
    async with database() as opened:
        async for done in NearDuplicates(opened).recompute():
            notes.print(f"{done:,} articles compared", end="\r")
    notes.print()
