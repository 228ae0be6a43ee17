"""``dateline similar``: the copies of a story, and other stories of the same event."""

from typing import Annotated, Any

import typer

from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.errors import ConfigurationError
from crawler.store.articles import Articles
from crawler.store.database import Database
from scripts.options import AsJson
from scripts.output import notes, print_entry, print_json, say
from scripts.project import in_database
from scripts.show import not_stored_error, parse_url


def similar(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The story's address.")] = "",
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Find the copies and events of all articles again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the copies of a story, where they come from, and other stories of the same event."""
    if recompute == bool(url):
        raise ConfigurationError("Give the address of a story, or --recompute.")
    if recompute:
        in_database(_recompute)
        return
    address = parse_url(url)
    found = in_database(lambda database: _find(database, address))
    if not found:
        notes.print("The story was not compared yet: the next run of its outlet does that.")
    if as_json:
        print_json(found)
        return
    for story in found:
        at = story["published"]["at"] if story["published"] else story["first_seen"]
        facts = f"{_relation(story):<6} {at:%Y-%m-%d %H:%M}  {story['outlet']}  "
        print_entry(facts, story["title"], story["_id"])
    wire = next((story["wire"] for story in found if story.get("wire")), None)
    if wire:
        agency = f", by {wire['agency']}" if wire["agency"] else ""
        say(f"Probable origin: {wire['origin']}{agency}")


def _relation(story: dict[str, Any]) -> str:
    if story["is_asked"]:
        return "this"
    if story["is_copy"]:
        return "again" if story.get("same_as") else "copy"
    return "event"


async def _find(database: Database, url: str) -> list[dict[str, Any]]:
    article = await Articles(database).get(url)
    if article is None:
        raise not_stored_error(url)
    found = await NearDuplicates(database).find(article["_id"])
    return [story | {"is_asked": story["_id"] == article["_id"]} for story in found]


async def _recompute(database: Database) -> None:
    async for done in NearDuplicates(database).recompute():
        notes.print(f"{done:,} articles compared", end="\r")
    notes.print()
