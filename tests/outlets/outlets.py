"""What is frozen of each outlet, and what the code reads from it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.article import stored_fields, with_iso_dates
from crawler.extract.page import FetchedPage, read_page
from crawler.sources import Source, SourceResponse
from crawler.spider import OutletSpider
from newsworld.server import SITES
from scripts.extract import run_pipelines

HERE = Path(__file__).parent
FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
"""When all that is frozen was fetched."""
NAMES = {
    "feed": "feed.xml",
    "listing": "listing.html",
    "news-sitemap": "news-sitemap.xml",
    "sitemap": "sitemap.xml",
    "wordpress": "rest.json",
}
"""The file of a source, by its kind."""

Document = dict[str, Any]


def spiders() -> dict[str, type[OutletSpider]]:
    """Every outlet of the project, by name."""
    settings = Settings()
    settings.setmodule("settings.test")
    loader = SpiderLoader.from_settings(settings)
    found = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: cls for name, cls in found.items() if issubclass(cls, OutletSpider)}


@dataclass(frozen=True)
class Frozen:
    """The folder of one outlet."""

    spider: type[OutletSpider]

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return HERE / self.spider.name

    @property
    def is_simulated(self) -> bool:
        """Whether newsworld serves the outlet: then it tells the truth about each frozen file."""
        return urlsplit(self.spider.home).netloc in SITES

    def expected(self) -> Document:
        """``expected.json``: for each file its ``url`` and what must come of it."""
        return dict(json.loads((self.folder / "expected.json").read_text()))

    def pages(self) -> list[str]:
        """Names of its article pages."""
        return sorted(path.stem for path in self.folder.glob("page-*.html"))

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Its sources, and the name of the file that holds an answer of each.

        Of an outlet that newsworld does not serve, only sources whose answer was saved.
        """
        for source in self.spider.sources:
            name = NAMES[source.kind]
            if self.is_simulated or (self.folder / name).exists():
                yield name, source

    def read_page(self, name: str, url: str) -> Document:
        """What extraction and pipelines make of a page: an article as it is exported."""
        body = (self.folder / f"{name}.html").read_bytes()
        page = FetchedPage(url=url, body=body, encoding="utf-8", fetched=FETCHED)
        article = run_pipelines(read_page(page, self.spider.extraction_config()), self.spider)
        return dict(with_iso_dates(stored_fields(article)))

    def read_source(self, name: str, source: Source, url: str) -> list[Document]:
        """The stories that a source's answer shows, and the next older page."""
        body = (self.folder / name).read_bytes()
        sheet = source.read(
            SourceResponse(url=url, body=body, encoding="utf-8", stories=self.spider.stories)
        )
        told = []
        for lead in sheet.leads:
            values = {key: getattr(lead, key) for key in lead.__slots__}
            told.append({key: value for key, value in values.items() if value})
        return list(json.loads(json.dumps([*told, {"older": sheet.older}])))
