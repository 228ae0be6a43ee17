"""``dateline export``: stored articles, or the pages they were read from, for other programs."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from crawler.admin.files import replace_file
from crawler.errors import ConfigurationError, DatelineError
from crawler.store.articles import Articles
from crawler.store.pages import Pages
from scripts.project import database, instant, outlet, to_json
from scripts.warc import Archive


class Format(StrEnum):
    """The forms an export can have."""

    JSONL = "jsonl"
    WARC = "warc"


def export(
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="jsonl: one article a line, every field. warc: the pages, WARC 1.1 in gzip.",
        ),
    ] = Format.JSONL,
    name: Annotated[str, typer.Option("--outlet", help="Only this outlet's.")] = "",
    since: Annotated[
        str, typer.Option(help="Only articles published, or pages fetched, since: 2024-11-30.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Into this file, which appears when it is complete."),
    ] = None,
) -> None:
    """Write stored articles to standard output, newest first; dates are ISO 8601.

    Or the pages they were read from, byte for byte, in the order they were fetched.
    """
    if name:
        outlet(name)
    if form == Format.WARC and output is None and sys.stdout.isatty():
        raise ConfigurationError("A WARC file is nothing for a terminal: give --output FILE.")
    write = {Format.JSONL: _articles, Format.WARC: _pages}[form]
    with _target(output) as file:
        asyncio.run(write(file, name or None, instant(since)))


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    if output:
        with replace_file(output) as file:
            yield file
    else:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # whoever reads has enough
            raise
        except OSError as error:
            raise DatelineError(f"It cannot be written ({error.strerror}).") from error


async def _articles(file: BinaryIO, name: str | None, since: datetime | None) -> None:
    async with database() as opened:
        async for article in Articles(opened).find(outlet=name, since=since):
            del article["_id"]
            file.write(to_json(article).encode() + b"\n")


async def _pages(file: BinaryIO, name: str | None, since: datetime | None) -> None:
    archive = Archive(file)
    async with database() as opened:
        async for page in Pages(opened).stream(name, since):
            archive.add(page)
