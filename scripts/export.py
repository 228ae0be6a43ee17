"""``dateline export``: stored articles for other programs."""

import asyncio
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from crawler.store.articles import Articles
from scripts.project import database, instant, outlet, to_json


class Format(StrEnum):
    """The forms an export can have."""

    JSONL = "jsonl"


def export(
    form: Annotated[
        Format, typer.Option("--format", help="jsonl: one article a line, every field.")
    ] = Format.JSONL,
    name: Annotated[str, typer.Option("--outlet", help="Only this outlet's.")] = "",
    since: Annotated[str, typer.Option(help="Only those published since: 2024-11-30.")] = "",
) -> None:
    """Write stored articles to standard output, newest first; dates are ISO 8601."""
    if name:
        outlet(name)
    asyncio.run(_export(name, instant(since)))


async def _export(name: str, since: datetime | None) -> None:
    async with database() as opened:
        async for article in Articles(opened).find(outlet=name or None, since=since):
            del article["_id"]
            sys.stdout.write(to_json(article) + "\n")
