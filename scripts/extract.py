"""``dateline extract``: what Dateline reads in saved files, without network or database."""

import asyncio
import codecs
import re
import sys
import zlib
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

import scrapy
import typer
from rich.progress import track
from scrapy.exceptions import DropItem

from crawler.article import Article, stored_fields
from crawler.errors import (
    ConfigurationError,
    DatelineError,
    ParseFailure,
    ParserPoolLost,
    UnreadableSource,
)
from crawler.extract.page import FetchedPage, read_page
from crawler.fetch.robots_rules import read_robots
from crawler.outlet import ExtractionConfig
from crawler.reparse.corpus import NO_ADDRESS, CorpusPage, corpora, predict, saved_pages
from crawler.run.parser_pool import ParserPool
from crawler.run.pipeline import build_pipelines
from crawler.sources import (
    Feed,
    Listing,
    NewsSitemap,
    Sitemap,
    Source,
    SourceResponse,
    WordPress,
    read_source_response,
)
from crawler.sources.listings.load_more import json_or_none
from crawler.sources.sitemap import MAX_ENTRIES
from crawler.spider import OutletSpider
from crawler.text.dates.times import read_zone
from crawler.text.urls import normalise
from scripts.output import notes, print_json, to_json
from scripts.project import load_outlet, load_settings, parse_instant

MAX_BYTES = 100 * 1024 * 1024
"""The size, unpacked, of the largest file that is read."""
ROBOTS = re.compile(rb"^[ \t]*(?:user-?agent|disallow|allow|sitemap)[ \t]*:", re.I | re.M)
FEED = re.compile(rb"<(?:rss|feed|(?:\w+:)?RDF)[\s>]")
SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
NEWS = b"http://www.google.com/schemas/sitemap-news/"
HEAD = 5_000
"""Bytes at the beginning of a file that show its kind."""


class FileKind(StrEnum):
    """The kinds of files that can be read."""

    PAGE = "page"
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    REST = "rest"
    ROBOTS = "robots"


SOURCES: dict[FileKind, tuple[type[Source], ...]] = {
    FileKind.FEED: (Feed,),
    FileKind.SITEMAP: (NewsSitemap, Sitemap),
    FileKind.LISTING: (Listing,),
    FileKind.REST: (WordPress,),
}
"""The sources that read a kind of file."""


def extract(  # noqa: PLR0913, PLR0917 - each is an option
    file: Annotated[
        Path | None, typer.Argument(help="The file, - for standard input, or a corpus.")
    ] = None,
    kind: Annotated[
        FileKind | None, typer.Option(help="The kind of file; without it, the content decides.")
    ] = None,
    url: Annotated[str, typer.Option(help="The address the file was fetched from.")] = "",
    name: Annotated[
        str, typer.Option("--outlet", help="Use this outlet's declaration; else general rules.")
    ] = "",
    encoding: Annotated[str, typer.Option(help="The charset that HTTP declared.")] = "",
    fetched: Annotated[str, typer.Option(help="When it was fetched, e.g. 2024-11-30.")] = "",
    timezone: Annotated[
        str, typer.Option(help="The zone of dates without an offset, where there is no outlet.")
    ] = "UTC",
    corpus: Annotated[
        Path | None, typer.Option(help="Read a folder of pages with gold, or of such folders.")
    ] = None,
) -> None:
    """Read a saved page, feed, sitemap, listing, REST answer or robots.txt, and print JSON.

    It uses the code that a crawl uses, without network or database. The file may be gzipped.

    - page: `{"kind": "page", "article": {...}}`, with the fields of a stored article
    - feed, listing, rest: `{"kind": "feed", "leads": [{"url", "title", "at", ...}], "next": null}`,
      where `next` is the address of the next older page
    - sitemap: `{"kind": "sitemap", "leads": [...], "children": ["https://..."]}`
    - robots: `{"kind": "robots", "rules": [{"path", "allow"}], "crawl_delay": null,
      "sitemaps": [...]}`, the rules for Dateline, of which the first that matches decides

    Of a corpus (see docs/quality.md), print a prediction a line for each page. Exits 1 if the file
    cannot be read.
    """
    folder = corpus or (file if file and file.is_dir() else None)
    if folder:
        if url or name or (corpus and file):
            raise ConfigurationError(
                "A corpus is read as a whole: give no file, --url or --outlet."
            )
        asyncio.run(_predict(folder))
        return
    if file is None:
        raise ConfigurationError("Name a file, or - for standard input.")
    try:
        read_zone(timezone)
    except ValueError as error:
        raise ConfigurationError(f"--timezone {timezone} is not a zone; {error}.") from None
    outlet = load_outlet(name)() if name else None
    page = FetchedPage(
        url=_address(url),
        body=_read(file),
        encoding=_charset(encoding),
        fetched=parse_instant(fetched, "--fetched") or datetime.now(UTC),
    )
    print_json(_extract(str(file), page, kind, outlet, timezone))


def guess_kind(body: bytes, url: str) -> FileKind:
    """Return the kind of a file by its content; a page where nothing says otherwise."""
    head = body.lstrip(codecs.BOM_UTF8)[:HEAD]
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = body[: 2 * HEAD].decode("utf-16", errors="replace").encode()
    found = json_or_none(body.removeprefix(codecs.BOM_UTF8))
    if isinstance(found, list):
        return FileKind.REST if any(map(_is_post, found)) else FileKind.LISTING
    if isinstance(found, dict):
        return FileKind.FEED if "jsonfeed" in str(found.get("version")) else FileKind.LISTING
    if FEED.search(head):
        return FileKind.FEED
    if SITEMAP.search(head):
        return FileKind.SITEMAP
    if b"<" not in head and (url.endswith("/robots.txt") or ROBOTS.search(head)):
        return FileKind.ROBOTS
    return FileKind.PAGE


def _is_post(item: object) -> bool:
    return isinstance(item, dict) and "link" in item and "date" in item


def _extract(
    file: str,
    page: FetchedPage,
    kind: FileKind | None,
    outlet: OutletSpider | None,
    timezone: str,
) -> dict[str, Any]:
    """Return what a file says, as it is printed.

    Raises:
        DatelineError: it says nothing; the sentence names the file and the remedy.
    """
    wanted = kind or guess_kind(page.body, page.url)
    if outlet and not kind and page.url != NO_ADDRESS and not outlet.is_story(page.url):
        wanted = FileKind.LISTING if wanted == FileKind.PAGE else wanted
    try:
        if wanted == FileKind.ROBOTS:
            return _read_robots(page)
        if wanted == FileKind.PAGE:
            return {"kind": wanted, "article": _read_article(page, outlet, timezone)}
        return _read_source(page, wanted, outlet, timezone)
    except (ParseFailure, UnreadableSource) as error:
        if wanted == FileKind.PAGE and not kind:
            shown = _read_source(page, FileKind.LISTING, outlet, timezone)
            if shown["leads"]:
                return shown
        raise DatelineError(
            f"{file} is not a readable {wanted} ({error.reason}): check the file, or give --kind."
        ) from None


def _read_article(page: FetchedPage, outlet: OutletSpider | None, timezone: str) -> dict[str, Any]:
    """Return the article on a page.

    Raises:
        ParseFailure: there is none.
    """
    config = outlet.extraction_config() if outlet else ExtractionConfig(timezone=timezone)
    try:
        article = read_page(page, config)
        return stored_fields(run_pipelines(article, type(outlet) if outlet else scrapy.Spider))
    except ParseFailure:
        raise
    except DropItem as reason:
        raise ParseFailure(str(reason)) from None
    except Exception as error:  # noqa: BLE001 - a hostile page can make a parser raise anything
        raise ParseFailure(f"malformed_{type(error).__name__}") from None


def run_pipelines(article: Article, spider: type[scrapy.Spider]) -> Article:
    """Take an article through all pipelines that need no run.

    Raises:
        DropItem: a pipeline rejects it.
    """
    for pipeline in build_pipelines(spider, load_settings()):
        article = pipeline.process_item(article)
    return article


def _read_source(
    page: FetchedPage, kind: FileKind, outlet: OutletSpider | None, timezone: str
) -> dict[str, Any]:
    """Return the leads of a file, and the addresses it leads on to."""
    stories = outlet.stories if outlet else None
    response = SourceResponse(url=page.url, body=page.body, encoding=page.encoding, stories=stories)
    source = _source(page, kind, outlet)
    zone = outlet.timezone if outlet else timezone
    found = read_source_response(source, response, None, zone)
    leads = [asdict(lead) for lead in found.leads if outlet is None or outlet.is_story(lead.url)]
    if kind == FileKind.SITEMAP:
        return {"kind": kind, "leads": leads, "children": found.children}
    return {"kind": kind, "leads": leads, "next": found.older}


def _source(page: FetchedPage, kind: FileKind, outlet: OutletSpider | None) -> Source:
    """Return the outlet's source that reads a file, by its address or kind; else a plain one."""
    kinds = SOURCES[kind]
    declared = [each for each in (outlet.sources if outlet else ()) if isinstance(each, kinds)]
    home = outlet.home if outlet else NO_ADDRESS
    own = (each for each in declared if urljoin(home, each.path) == page.url)
    if source := next(own, next(iter(declared), None)):
        return source
    if kind == FileKind.SITEMAP:
        return (NewsSitemap if NEWS in page.body[:HEAD] else Sitemap)(newest=MAX_ENTRIES)
    return kinds[0]()  # type: ignore[call-arg]  # each has a path by default


def _read_robots(page: FetchedPage) -> dict[str, Any]:
    """Return the rules for Dateline, and the sitemaps."""
    robots = read_robots(page.body, load_settings()["ROBOTSTXT_USER_AGENT"])
    response = SourceResponse(url=urljoin(page.url, "/robots.txt"), body=page.body)
    try:
        sitemaps = Sitemap("/robots.txt").read(response).children
    except UnreadableSource:
        sitemaps = ()
    rules = [{"path": path, "allow": allow} for path, allow in robots.rules]
    return {
        "kind": FileKind.ROBOTS,
        "rules": rules,
        "crawl_delay": robots.delay,
        "sitemaps": sitemaps,
    }


def _read(file: Path) -> bytes:
    """Return a file's content, unpacked where it is gzipped."""
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise DatelineError(
            f"{file} cannot be read ({error.strerror}): check its name and rights."
        ) from None
    if body[:2] != b"\x1f\x8b":
        return body
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise DatelineError(f"{file} is a damaged gzip file ({error}): save it again.") from None
    if not unpacking.eof:
        raise DatelineError(
            f"{file} is cut short, or unpacks to more than {MAX_BYTES >> 20} MiB: save it again."
        )
    return unpacked


def _address(url: str) -> str:
    try:
        return normalise(url) if url else NO_ADDRESS
    except ValueError as error:
        raise ConfigurationError(
            f"--url {url} is not a web address ({error}); use e.g. https://example.org/story."
        ) from None


def _charset(encoding: str) -> str | None:
    try:
        return codecs.lookup(encoding).name if encoding else None
    except LookupError:
        raise ConfigurationError(
            f"--encoding {encoding} is not a known charset; use e.g. utf-8 or windows-1252."
        ) from None


async def _predict(folder: Path) -> None:
    """Print a line for each page in the order of the gold, nulls where a page fails."""
    settings = load_settings()
    pipelines = dict(settings.getdict("ITEM_PIPELINES"))
    # A limit, so that no more pages are in memory than are needed.
    slots = asyncio.Semaphore(2 * settings.getint("PARSE_WORKERS"))

    async def read(saved: CorpusPage) -> dict[str, Any]:
        line: dict[str, Any] = {"corpus": saved.corpus, "id": saved.id}
        try:
            async with slots:
                return line | await workers.run(predict, saved.page(), pipelines)
        except ParseFailure as failure:
            reason: object = failure
        except ParserPoolLost:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the others
            reason = f"{type(error).__name__}: {error}"
        notes.say(f"{saved.corpus}/{saved.id}: {reason}")
        return line | dict.fromkeys(("text", "title", "authors", "date"))

    pages = [saved for place in corpora(folder) for saved in saved_pages(place)]
    with closing(ParserPool.from_settings(settings)) as workers:
        tasks = [asyncio.create_task(read(saved)) for saved in pages]
        for task in track(tasks, "Reading ...", console=notes, disable=not notes.is_terminal):
            sys.stdout.write(to_json(await task) + "\n")
