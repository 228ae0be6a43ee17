"""``dateline extract``: saved pages to articles, without network or database."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import scrapy
import typer
from rich.progress import track
from scrapy.exceptions import DropItem

from crawler.article import Article, fields_of
from crawler.errors import ConfigurationError, DatelineError, ParseFailure, ParserPoolLost
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from crawler.reparse.corpus import CorpusPage, corpora, predict, saved_pages
from crawler.run.parser_pool import ParserPool
from crawler.run.pipeline import build_pipelines
from crawler.text.urls import normalise
from scripts.output import notes, print_json, to_json
from scripts.project import load_outlet, load_settings


def extract(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="A saved page.")
    ] = None,
    url: Annotated[str, typer.Option(help="The address it was saved from.")] = "",
    name: Annotated[
        str, typer.Option("--outlet", help="Use this outlet's rules; without: generic ones.")
    ] = "",
    corpus: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Instead: a folder of pages with gold, or of such."
        ),
    ] = None,
) -> None:
    """Read a saved page and print the article as JSON, with the same steps a crawl takes.

    With --corpus: read a folder's every page by the generic rules and print a prediction a line.
    """
    if corpus:
        if file or url or name:
            raise ConfigurationError("--corpus reads a whole folder: give no page beside it.")
        asyncio.run(_predict(corpus))
        return
    if not (file and url):
        raise ConfigurationError("Give a saved page and its --url, or a folder with --corpus.")
    spider = load_outlet(name) if name else None
    try:
        address = normalise(url)
    except ValueError as error:
        raise DatelineError(f"--url {url} is no web address ({error}).") from None
    page = FetchedPage(
        url=address, body=file.read_bytes(), encoding=None, fetched=datetime.now(UTC)
    )
    article = read_page(page, spider.extraction_config() if spider else ExtractionConfig())
    try:
        article = run_pipelines(article, spider or scrapy.Spider)
    except DropItem as reason:
        raise DatelineError(f"{file} makes no article ({reason}).") from None
    print_json(fields_of(article))


def run_pipelines(article: Article, spider: type[scrapy.Spider]) -> Article:
    """Take an article through all pipelines that need no run.

    Raises:
        DropItem: a pipeline rejects it.
    """
    for pipeline in build_pipelines(spider, load_settings()):
        article = pipeline.process_item(article)
    return article


async def _predict(folder: Path) -> None:
    """Print a line for each page in the order of the gold, nulls where a page fails."""
    settings = load_settings()
    pipelines = dict(settings.getdict("ITEM_PIPELINES"))
    count = settings.getint("PARSE_WORKERS")
    workers = ParserPool.from_settings(settings)
    room = asyncio.Semaphore(2 * count)  # so that no more pages are in memory than are needed

    async def read(saved: CorpusPage) -> dict[str, Any]:
        line: dict[str, Any] = {"corpus": saved.corpus, "id": saved.id}
        try:
            async with room:
                return line | await workers.run(predict, saved.page(), pipelines)
        except ParseFailure as failure:
            remark: object = failure
        except ParserPoolLost:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the others
            remark = f"{type(error).__name__}: {error}"
        notes.say(f"{saved.corpus}/{saved.id}: {remark}")
        return line | dict.fromkeys(("text", "title", "authors", "date"))

    pages = [saved for place in corpora(folder) for saved in saved_pages(place)]
    try:
        tasks = [asyncio.create_task(read(saved)) for saved in pages]
        for task in track(tasks, "Reading ...", console=notes, disable=not notes.is_terminal):
            sys.stdout.write(to_json(await task) + "\n")
    finally:
        workers.close()
