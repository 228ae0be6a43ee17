"""``dateline history``: the versions of a story, and what changed from each to the next."""

from itertools import zip_longest
from typing import Annotated, Any

import typer
from rich.text import Text

from crawler.store.articles import Articles
from crawler.store.database import Database
from crawler.store.revisions import Revisions
from crawler.text.revision import TextPiece, compare_texts
from scripts.options import StoryUrl
from scripts.output import console, print_json
from scripts.project import in_database
from scripts.show import not_stored_error, parse_url

STYLES = {"both": "", "old": "red strike", "new": "green"}
MARKS = {"both": "{}", "old": "[-{}-]", "new": "{{+{}+}}"}
"""How old and new words are marked where there is no colour, as by ``git diff --word-diff``."""


def history(
    url: StoryUrl,
    as_json: Annotated[bool, typer.Option("--json", help="Print every version as JSON.")] = False,
) -> None:
    """Show how a story was edited: its versions, the oldest first, and their differences.

    What a reparse changed is no edit: it keeps the number of the version that was read again.
    """
    address = parse_url(url)
    versions = in_database(lambda database: _versions(database, address))
    if not versions:
        raise not_stored_error(url)
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


async def _versions(database: Database, url: str) -> list[dict[str, Any]]:
    """Return all versions of the story, the current one last."""
    current = await Articles(database).get(url)
    if current is None:
        return []
    return [*await Revisions(database).of(current["_id"]), current]


def _print_version(number: int, version: dict[str, Any]) -> None:
    seen = f"seen {version['seen_first']:%Y-%m-%d %H:%M} to {version['seen_last']:%Y-%m-%d %H:%M}"
    state = "withdrawn" if version.get("withdrawn") else version["title"]
    console.print()
    head = Text.assemble((f"{number}  {state}", "bold"), (f"  ({seen} UTC)", "dim"))
    console.print(head, soft_wrap=True)


def _print_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print what ended a version, and the text before and after it."""
    label = old["label"]
    what = "reparse, read again and not edited" if label == "reparse" else label
    console.print(Text(f"{old['replaced']:%Y-%m-%d %H:%M} UTC: {what}", style="yellow"))
    for name in old["changed"]:
        console.print(Text(f"   {name}", style="dim"))
        for paragraph in compare_texts(_text(old.get(name)), _text(new.get(name))):
            console.print(Text("    ") + _marked(paragraph), soft_wrap=True)


def _marked(pieces: list[TextPiece]) -> Text:
    """Return a paragraph with its removed and its added words marked."""
    if console.is_terminal:
        return Text.assemble(*((piece.text, STYLES[piece.whose]) for piece in pieces))
    return Text("".join(MARKS[piece.whose].format(piece.text) for piece in pieces))


def _text(value: Any) -> str:
    """Return a field's value as a reader would write it."""
    if isinstance(value, dict):  # a date, or an image
        return str(value["text"] if "text" in value else value["caption"] or value["url"])
    return ", ".join(map(_text, value)) if isinstance(value, list) else value or ""
