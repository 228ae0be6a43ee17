"""Corpora: folders of saved pages with gold, and what the extractor predicts for a page.

A corpus is a folder with ``gold.jsonl``, one JSON object a page (of its keys ``id``, ``url``,
``encoding`` and ``fetched_at`` are read here), and ``pages/<id>.html.gz``.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.exceptions import DropItem
from scrapy.settings import Settings

from crawler.article import Article
from crawler.errors import ConfigurationError
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from crawler.run.pipeline import build_pipelines
from crawler.text.urls import normalise

NO_ADDRESS = "https://page.invalid/"
"""Stands for the address of a page whose own is unknown; RFC 2606 reserves it."""


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """One page of a corpus."""

    corpus: str
    """Name of the folder."""
    gold: dict[str, Any]
    """The corpus's gold for this page, and its metadata."""
    path: Path

    @property
    def id(self) -> str:
        """Name within the corpus."""
        return str(self.gold["id"])

    def page(self) -> FetchedPage:
        """Read the file.

        A page without an http address gets a placeholder; one without a date of fetching, now.

        Raises:
            OSError: there is no such file, or it is damaged (``gzip.BadGzipFile``).
            EOFError: it is cut short.
        """
        fetched = datetime.fromisoformat(
            self.gold.get("fetched_at") or datetime.now(UTC).isoformat()
        )
        try:
            address = normalise(str(self.gold.get("url")))
        except ValueError:
            address = NO_ADDRESS
        return FetchedPage(
            url=address,
            body=gzip.decompress(self.path.read_bytes()),
            encoding=self.gold.get("encoding"),
            fetched=fetched if fetched.tzinfo else fetched.replace(tzinfo=UTC),
        )


def corpora(folder: Path) -> list[Path]:
    """Find the corpora of HTML pages in `folder`: itself, or the folders in it, by name.

    Raises:
        ConfigurationError: there are none.
    """
    places = [folder] if (folder / "gold.jsonl").is_file() else sorted(folder.glob("*/"))
    found = [place for place in places if (place / "gold.jsonl").is_file()]
    found = [place for place in found if any((place / "pages").glob("*.html.gz"))]
    if not found:
        raise ConfigurationError(
            f"{folder} is not a corpus: it needs gold.jsonl and pages/<id>.html.gz,"
            " or folders that have them."
        )
    return found


def saved_pages(corpus: Path) -> Iterator[CorpusPage]:
    """Yield the pages of a corpus in the order of its gold."""
    with (corpus / "gold.jsonl").open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            gold = json.loads(line)
            yield CorpusPage(corpus.name, gold, corpus / "pages" / f"{gold['id']}.html.gz")


def predict(page: FetchedPage, pipelines: Mapping[str, int]) -> dict[str, Any]:
    """Read a page as a crawl would, without an outlet's rules.

    Args:
        page: the page.
        pipelines: Scrapy's ``ITEM_PIPELINES``; where one rejects the article its text is empty.

    Returns:
        ``text``, ``title``, ``authors`` and ``date`` (ISO 8601): the day a reader finds on the page
        as the story's own. That is of its last change where the page shows no other.
    """
    return as_prediction(read_article(page, pipelines))


def read_article(page: FetchedPage, pipelines: Mapping[str, int]) -> Article:
    """Read a page and take it through the pipelines; what one rejects has no text."""
    article = read_page(page, ExtractionConfig())
    try:
        for pipeline in _pipelines(tuple(pipelines.items())):
            article = pipeline.process_item(article)
    except DropItem:
        article.body = ""
    return article


def as_prediction(article: Article) -> dict[str, Any]:
    """Return the fields that corpora have gold for."""
    return {
        "text": article.body,
        "title": article.title or None,
        "authors": article.authors,
        "date": stated_date(article),
    }


def stated_date(article: Article) -> str | None:
    """Return the date a page presents as its story's, as ISO 8601.

    In no more detail than the page states: the day, the local time, its offset.
    """
    is_update = article.published is None or "update_shown" in article.flags
    date = (is_update and article.modified) or article.published
    if date is None or date.precision == "day":
        return date.day if date else None
    local = date.at + date.utcoffset
    return local.replace(tzinfo=None).isoformat() + (date.offset if date.zone is None else "")


@lru_cache(maxsize=1)
def _pipelines(pipelines: tuple[tuple[str, int], ...]) -> list[Any]:
    return build_pipelines(Spider, Settings({"ITEM_PIPELINES": dict(pipelines)}))
