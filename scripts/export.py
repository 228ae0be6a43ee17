"""``dateline export``: stored articles, or their pages, for other programs."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from crawler.admin.atomic_files import replace_file
from crawler.errors import ConfigurationError, DatelineError
from crawler.store.articles import Articles
from crawler.store.pages import Pages
from scripts.options import OutletOption
from scripts.output import to_json
from scripts.project import check_known, open_database, parse_instant
from scripts.warc import WarcWriter


class ExportFormat(StrEnum):
    """The formats of an export."""

    JSONL = "jsonl"
    WARC = "warc"


def export(
    form: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="jsonl: one article a line, every field. warc: the pages, WARC 1.1 in gzip.",
        ),
    ] = ExportFormat.JSONL,
    name: OutletOption = "",
    since: Annotated[
        str, typer.Option(help="Only articles published, or pages fetched, since, e.g. 2024-11-30.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write this file; it appears when it is complete."),
    ] = None,
) -> None:
    """Write stored articles to standard output, newest first; dates are ISO 8601.

    Or the pages they were read from, byte for byte, in the order they were fetched.
    """
    if name:
        check_known(name)
    if form == ExportFormat.WARC and output is None and sys.stdout.isatty():
        raise ConfigurationError("A WARC file cannot be shown on a terminal: give --output FILE.")
    write = {ExportFormat.JSONL: _write_articles, ExportFormat.WARC: _write_pages}[form]
    with _target(output) as file:
        asyncio.run(write(file, name or None, parse_instant(since)))


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    if output:
        with replace_file(output) as file:
            yield file
    else:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the reader has enough
            raise
        except OSError as error:
            raise DatelineError(f"The export cannot be written ({error.strerror}).") from error


async def _write_articles(file: BinaryIO, name: str | None, since: datetime | None) -> None:
    async with open_database() as database:
        async for article in Articles(database).find(outlet=name, since=since):
            del article["_id"]
            file.write(to_json(article).encode() + b"\n")


async def _write_pages(file: BinaryIO, name: str | None, since: datetime | None) -> None:
    writer = WarcWriter(file)
    async with open_database() as database:
        async for page in Pages(database).stream(name, since):
            writer.add(page)
