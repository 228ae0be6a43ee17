"""``dateline reparse``: articles built anew from their stored pages after a rule has changed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
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
from scripts.project import (
    broken,
    console,
    database,
    instant,
    load_settings,
    notes,
    outlet,
    outlet_names,
    print_json,
    to_json,
)

EXAMPLES = 3
"""Changes of each field that are shown, and addresses of what stays as it is, by reason."""
WIDTH = 60
"""Characters that are shown of a value."""


def reparse(
    name: Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only this outlet's.")] = "",
    since: Annotated[str, typer.Option(help="Only those first seen since: 2024-11-30.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Build stored articles anew from their stored pages, without the network.

    Pages in quarantine, of stories that made no article or whose template was broken, become
    articles.
    Shows which fields change, and examples. What a page makes no article any more stays as it is.
    """
    names = [outlet(name).name] if name else outlet_names()
    unread = [] if name else broken()
    for sentence in unread:
        notes.fail(sentence)
    told = asyncio.run(_reparse(names, instant(since), dry_run=dry_run))
    if as_json:
        print_json(told)
    else:
        for one in told:
            _show(one, is_done=not dry_run)
    if unread:
        raise typer.Exit(int(ExitCode.CONFIGURATION))


async def _reparse(
    names: list[str], since: datetime | None, *, dry_run: bool
) -> list[dict[str, Any]]:
    settings = load_settings()
    workers = ParserPool(
        count=settings.getint("PARSE_WORKERS"),
        seconds=settings.getfloat("PARSE_SECONDS"),
        megabytes=settings.getint("PARSE_MEGABYTES"),
    )
    try:
        async with database() as opened:
            return [await _outlet(opened, workers, name, since, dry_run) for name in names]
    finally:
        workers.close()


async def _outlet(
    opened: Database, workers: ParserPool, name: str, since: datetime | None, dry_run: bool
) -> dict[str, Any]:
    """Rebuild one outlet's articles; what became of them."""
    work = Reparse(opened, outlet(name), load_settings(), workers, since, dry_run=dry_run)
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
            note(left, others)
            read += len(rebuilt) + len(others)
            progress.update(task, advance=len(rebuilt) + len(others))
    async for articles, others in work.recover():
        recovered += len(articles)
        note(left, others)
    return {
        "outlet": name,
        "read": read,
        "changed": changed,
        "recovered": recovered,
        "fields": dict(fields.most_common()),
        "examples": examples,
        "left": left,
    }


def note(left: dict[str, dict[str, Any]], others: Iterable[NotRebuilt]) -> None:
    """Count what stays as it is by its reason, and keep the first addresses of each."""
    for other in others:
        told = left.setdefault(other.reason, {"count": 0, "urls": []})
        told["count"] += 1
        told["urls"] = [*told["urls"], other.url][:EXAMPLES]


def _show(told: dict[str, Any], *, is_done: bool) -> None:
    what = "changed" if is_done else "would change"
    head = f"{told['outlet']}: {told['changed']} of {told['read']} articles {what}."
    console.print(head, markup=False, soft_wrap=True)
    if told["recovered"]:
        what = "made" if is_done else "would be made"
        made = f"{told['outlet']}: {told['recovered']} {what} of pages in quarantine."
        console.print(made, markup=False, soft_wrap=True)
    for field, count in told["fields"].items():
        console.print(f"  {field}: {count}", markup=False)
        for example in told["examples"][field]:
            console.print(Text(f"    {example['url']}", style="dim"), soft_wrap=True)
            for sign, value in zip("-+", _short(example["was"], example["is"]), strict=True):
                console.print(f"    {sign} {value}", markup=False, soft_wrap=True)
    if "published" in told["fields"]:
        notes.print("Copies are sought by date: `dateline similar --recompute` finds them anew.")
    for reason, left in told["left"].items():
        sentence = f"{told['outlet']}: {left['count']} stay as they are ({reason}), e.g. "
        notes.print(sentence + left["urls"][0], markup=False, soft_wrap=True)


def _short(*values: Any) -> list[str]:
    """Two values on a line each, from a little before the place where they differ."""
    texts = [to_json(value) for value in values]
    pairs = enumerate(zip_longest(*texts))
    start = max(0, next((place for place, (was, now) in pairs if was != now), 0) - WIDTH // 3)
    shown = [text[start : start + WIDTH] for text in texts]
    return [
        f"{'... ' if start else ''}{cut}{' ...' if start + WIDTH < len(text) else ''}"
        for text, cut in zip(texts, shown, strict=True)
    ]
