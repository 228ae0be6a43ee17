"""``dateline extract``: a saved page to an article, without network or database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import scrapy
import typer
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.article import Article, fields_of
from crawler.errors import DatelineError
from crawler.extract.page import Page, read_page
from crawler.outlet import Reading
from crawler.text.urls import normalise
from scripts.project import load_settings, outlet, print_json


def extract(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A saved page.")],
    url: Annotated[str, typer.Option(help="The address it was saved from.")],
    name: Annotated[
        str, typer.Option("--outlet", help="Use this outlet's rules; without: generic ones.")
    ] = "",
) -> None:
    """Read a saved page and print the article as JSON, with the same steps a crawl takes."""
    spider = outlet(name) if name else None
    try:
        address = normalise(url)
    except ValueError as error:
        raise DatelineError(f"--url {url} is no web address ({error}).") from None
    page = Page(url=address, body=file.read_bytes(), encoding=None, fetched=datetime.now(UTC))
    article = read_page(page, spider.reading() if spider else Reading())
    try:
        article = run_steps(article, spider or scrapy.Spider)
    except DropItem as reason:
        raise DatelineError(f"{file} makes no article ({reason}).") from None
    print_json(fields_of(article))


def run_steps(article: Article, spider: type[scrapy.Spider]) -> Article:
    """Take an article through all pipelines but the one that stores.

    Raises:
        DropItem: a pipeline rejects it.
    """
    settings = load_settings()
    crawler = Crawler(spider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    for path in sorted(settings.getdict("ITEM_PIPELINES"), key=settings["ITEM_PIPELINES"].get):
        if path != "pipelines.store.Store":
            article = build_from_crawler(load_object(path), crawler).process_item(article)
    return article
