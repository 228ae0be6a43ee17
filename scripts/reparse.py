"""``dateline reparse``: articles rebuilt from their stored pages after a rule has changed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any

import typer
from rich.progress import Progress
from rich.text import Text

from crawler.errors import ExitCode
from crawler.reparse.reparse import NotRebuilt, Reparse
from crawler.run.parser_pool import ParserPool
from crawler.store.database import Database
from scripts.options import AnyOutlet, AsJson
from scripts.output import console, notes, print_json, say, to_json
from scripts.project import (
    check_known,
    load_outlet,
    load_settings,
    open_database,
    outlet_names,
    parse_instant,
    unreadable_outlets,
)

EXAMPLES = 3
"""Changes shown of each field, and addresses of articles not rebuilt, of each reason."""
WIDTH = 60
"""Characters shown of a value."""


def reparse(
    name: AnyOutlet = "",
    since: Annotated[str, typer.Option(help="Only those read since, e.g. 2024-11-30.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild stored articles from their stored pages, without the network.

    Pages in quarantine, of stories that made no article or whose template was broken, become
    articles. It shows which fields change, with examples. An article whose page makes none any more
    stays as it is.
    """
    if name:
        check_known(name, needs_file=True)
    names = [name] if name else outlet_names()
    unread = [] if name else unreadable_outlets()
    for sentence in unread:
        notes.fail(sentence)
    results = asyncio.run(_reparse(names, parse_instant(since), dry_run=dry_run))
    if as_json:
        print_json(results)
    else:
        for result in results:
            _show(result, is_done=not dry_run)
    if unread:
        raise typer.Exit(int(ExitCode.CONFIGURATION))


async def _reparse(
    names: list[str], since: datetime | None, *, dry_run: bool
) -> list[dict[str, Any]]:
    with closing(ParserPool.from_settings(load_settings())) as workers:
        async with open_database() as database:
            return [await _outlet(database, workers, name, since, dry_run) for name in names]


async def _outlet(
    database: Database, workers: ParserPool, name: str, since: datetime | None, dry_run: bool
) -> dict[str, Any]:
    """Rebuild one outlet's articles; return what became of them."""
    work = Reparse(database, load_outlet(name), load_settings(), workers, since, dry_run=dry_run)
    total = await work.open()
    read = changed = recovered = 0
    fields: Counter[str] = Counter()
    left: dict[str, dict[str, Any]] = {}
    examples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with Progress(console=notes, disable=not notes.is_terminal, transient=True) as progress:
        task = progress.add_task(name, total=total)
        async for rebuilt, others in work.rebuild():
            for one in rebuilt:
                changed += bool(one.changes)
                fields.update(one.changes.keys())
                for field, value in one.changes.items():
                    if len(examples[field]) < EXAMPLES:
                        was = one.stored.get(field)
                        examples[field].append({"url": one.stored["url"], "was": was, "is": value})
            count_left(left, others)
            read += len(rebuilt) + len(others)
            progress.update(task, advance=len(rebuilt) + len(others))
    async for articles, others in work.recover():
        recovered += len(articles)
        count_left(left, others)
    return {
        "outlet": name,
        "read": read,
        "changed": changed,
        "recovered": recovered,
        "fields": dict(fields.most_common()),
        "examples": examples,
        "left": left,
    }


def count_left(left: dict[str, dict[str, Any]], others: Iterable[NotRebuilt]) -> None:
    """Count what is not rebuilt by its reason, and keep the first addresses of each."""
    for other in others:
        counted = left.setdefault(other.reason, {"count": 0, "urls": []})
        counted["count"] += 1
        counted["urls"] = [*counted["urls"], other.url][:EXAMPLES]


def _show(result: dict[str, Any], *, is_done: bool) -> None:
    name = result["outlet"]
    what = "changed" if is_done else "would change"
    say(f"{name}: {result['changed']} of {result['read']} articles {what}.")
    if result["recovered"]:
        what = "made" if is_done else "would be made"
        say(f"{name}: {result['recovered']} {what} of pages in quarantine.")
    for field, count in result["fields"].items():
        say(f"  {field}: {count}")
        for example in result["examples"][field]:
            console.print(Text(f"    {example['url']}", style="dim"), soft_wrap=True)
            for sign, value in zip("-+", _short(example["was"], example["is"]), strict=True):
                say(f"    {sign} {value}")
    if "published" in result["fields"]:
        notes.print("Copies are found by date: `dateline similar --recompute` finds them again.")
    for reason, left in result["left"].items():
        notes.say(f"{name}: {left['count']} stay as they are ({reason}), e.g. {left['urls'][0]}")


def _short(*values: Any) -> list[str]:
    """Return two values on a line each, from a little before the place where they differ."""
    texts = [to_json(value) for value in values]
    pairs = enumerate(zip_longest(*texts))
    start = max(0, next((place for place, (was, now) in pairs if was != now), 0) - WIDTH // 3)
    shown = [text[start : start + WIDTH] for text in texts]
    return [
        f"{'... ' if start else ''}{cut}{' ...' if start + WIDTH < len(text) else ''}"
        for text, cut in zip(texts, shown, strict=True)
    ]
