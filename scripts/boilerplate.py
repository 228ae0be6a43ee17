"""``dateline boilerplate``: the blocks that were learnt not to be part of an outlet's stories."""

from typing import Annotated, Any

import typer
from rich.text import Text

from crawler.errors import ConfigurationError
from crawler.store.boilerplate_blocks import BoilerplateBlocks
from scripts.options import AsJson, OneOutlet
from scripts.output import console, notes, print_json
from scripts.project import check_known, in_database


def boilerplate(
    name: OneOutlet,
    keep: Annotated[
        str, typer.Option(metavar="KEY", help="Keep this block, and put it back where it was.")
    ] = "",
    drop: Annotated[
        str, typer.Option(metavar="KEY", help="Drop this block after all, from now on.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the blocks that recur across an outlet's stories and are left out of them."""
    check_known(name)
    if keep and drop:
        raise ConfigurationError("Give either --keep or --drop, not both.")
    if keep or drop:
        in_database(lambda database: _change(BoilerplateBlocks(database, name), name, keep, drop))
        return
    blocks = in_database(lambda database: _find(BoilerplateBlocks(database, name)))
    if as_json:
        print_json(blocks)
        return
    if not blocks:
        notes.say(f"No blocks of {name} were learnt yet.")
    for block in blocks:
        facts = f"{block['fate']}, learnt {block['learnt']:%Y-%m-%d %H:%M} UTC"
        facts += f" from {len(block['stories'])} stories, left out of {block['left_out']} since"
        console.print(Text(f"{block['key']}  {facts}", style="dim"))
        console.print(Text(f"    {block['text']}"))


async def _find(blocks: BoilerplateBlocks) -> list[dict[str, Any]]:
    counts = await blocks.left_out()
    return [{**block, "left_out": counts.get(block["key"], 0)} async for block in blocks.find()]


async def _change(blocks: BoilerplateBlocks, name: str, keep: str, drop: str) -> None:
    if drop:
        await blocks.change(drop, "dropped")
        notes.say(f"{drop} is left out of the stories of {name} from now on.")
        return
    count = await blocks.put_back(await blocks.change(keep, "kept"))
    notes.say(f"{keep} is kept from now on, and back in {count} stories.")
