"""``dateline history``: the versions of a story, and what was changed from each to the next."""

import asyncio
from itertools import zip_longest
from typing import Annotated, Any

import typer
from rich.text import Text

from crawler.store.articles import Articles
from crawler.store.revisions import Revisions
from crawler.text.revision import Piece, difference
from scripts.project import console, database, print_json
from scripts.show import address, not_stored

STYLES = {"both": "", "old": "red strike", "new": "green"}
MARKS = {"both": "{}", "old": "[-{}-]", "new": "{{+{}+}}"}
"""What tells old words from new ones where there is no colour, as ``git diff --word-diff``."""


def history(
    url: Annotated[str, typer.Argument(help="Its address, or another it was met under.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print every version as JSON.")] = False,
) -> None:
    """Show how a story was edited: its versions, the oldest first, and their differences.

    What a reparse has changed is no edit: it is another reading of the version of that number.
    """
    versions = asyncio.run(_versions(address(url)))
    if not versions:
        raise not_stored(url)
    if as_json:
        print_json(versions)
        return
    console.print(Text(versions[-1]["url"], style="dim"), soft_wrap=True)
    number = 1
    for version, after in zip_longest(versions, versions[1:]):
        _print_version(number, version)
        if after:
            _print_change(version, after)
            number += version["label"] != "reparse"


async def _versions(url: str) -> list[dict[str, Any]]:
    """All versions of the story, the current one last."""
    async with database() as opened:
        current = await Articles(opened).get(url)
        if current is None:
            return []
        return [*await Revisions(opened).of(current["_id"]), current]


def _print_version(number: int, version: dict[str, Any]) -> None:
    seen = f"seen {version['seen_first']:%Y-%m-%d %H:%M} to {version['seen_last']:%Y-%m-%d %H:%M}"
    state = "withdrawn" if version.get("withdrawn") else version["title"]
    console.print()
    head = Text.assemble((f"{number}  {state}", "bold"), (f"  ({seen} UTC)", "dim"))
    console.print(head, soft_wrap=True)


def _print_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print what ended a version, and the text before and after it."""
    label = old["label"]
    what = "reparse, read otherwise and not edited" if label == "reparse" else label
    console.print(Text(f"{old['replaced']:%Y-%m-%d %H:%M} UTC: {what}", style="yellow"))
    for name in old["changed"]:
        console.print(Text(f"   {name}", style="dim"))
        for paragraph in difference(_text(old.get(name)), _text(new.get(name))):
            console.print(Text("    ") + _marked(paragraph), soft_wrap=True)


def _marked(pieces: list[Piece]) -> Text:
    """A stretch of text with what went and what came."""
    if console.is_terminal:
        return Text.assemble(*((piece.text, STYLES[piece.whose]) for piece in pieces))
    return Text("".join(MARKS[piece.whose].format(piece.text) for piece in pieces))


def _text(value: Any) -> str:
    """A field's value as a reader would write it."""
    if isinstance(value, dict):  # a date, or an image
        return str(value["text"] if "text" in value else value["caption"] or value["url"])
    return ", ".join(map(_text, value)) if isinstance(value, list) else value or ""
