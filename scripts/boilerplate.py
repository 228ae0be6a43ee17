"""``dateline boilerplate``: what was learnt not to be part of an outlet's stories."""

import asyncio
from typing import Annotated, Any

import typer
from rich.text import Text

from crawler.errors import ConfigurationError
from crawler.store.boilerplate_blocks import Blocks
from scripts.project import console, database, notes, outlet, print_json


def boilerplate(
    name: Annotated[str, typer.Argument(metavar="OUTLET", help="The outlet.")],
    keep: Annotated[
        str, typer.Option(metavar="KEY", help="Keep this block, and put it back where it was.")
    ] = "",
    drop: Annotated[
        str, typer.Option(metavar="KEY", help="Drop this block after all, from now on.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show the blocks that recur across an outlet's stories and are left out of them."""
    outlet(name)
    if keep and drop:
        raise ConfigurationError("Say either --keep or --drop, not both.")
    if keep or drop:
        asyncio.run(_change(name, keep, drop))
        return
    blocks = asyncio.run(_find(name))
    if as_json:
        print_json(blocks)
        return
    if not blocks:
        notes.print(f"Nothing was learnt yet of {name}.", markup=False)
    for block in blocks:
        told = f"{block['fate']}, learnt {block['learnt']:%Y-%m-%d %H:%M} UTC"
        told += f" from {len(block['stories'])} stories, left out of {block['left_out']} since"
        console.print(Text(f"{block['key']}  {told}", style="dim"))
        console.print(Text(f"    {block['text']}"))


async def _find(name: str) -> list[dict[str, Any]]:
    async with database() as opened:
        blocks = Blocks(opened, name)
        counts = await blocks.left_out()
        return [{**block, "left_out": counts.get(block["key"], 0)} async for block in blocks.find()]


async def _change(name: str, keep: str, drop: str) -> None:
    async with database() as opened:
        blocks = Blocks(opened, name)
        if drop:
            await blocks.change(drop, "dropped")
            notes.print(f"{drop} is left out of the stories of {name} from now on.", markup=False)
            return
        count = await blocks.put_back(await blocks.change(keep, "kept"))
        notes.print(f"{keep} is kept from now on, and back in {count} stories.", markup=False)
