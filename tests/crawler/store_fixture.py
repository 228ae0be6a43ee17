"""`Store`: a test's own database, seen from both sides; and articles to put in it."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pymongo.database import Database as PlainDatabase

from crawler.article import Article, Image
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.revisions import SaveResult
from crawler.store.schema import ArticleVersion
from crawler.text.dates.timestamp import Timestamp
from tests.forked import PROJECT, Forked, Server

T = TypeVar("T")
AT = datetime(2024, 11, 30, 8, 15, 0, 123456, tzinfo=UTC)


@dataclass
class Store:
    """`run` goes through Dateline's own code; `plain` is a driver of the test's own."""

    uri: str
    name: str
    data: Path
    plain: PlainDatabase[Document]
    server: Server

    def run(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Open the database, prepare it, do the work and close it."""

        async def whole() -> T:
            database = Database(uri=self.uri, name=self.name, data=self.data)
            try:
                await database.prepare()
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(whole())


def stamp(at: datetime = AT, **changes: Any) -> Timestamp:
    """A date as an outlet printed it."""
    stated = {"text": "2024-11-30", "offset": "+00:00", "precision": "second", "source": "meta"}
    return Timestamp(at=at, **(stated | changes))


def article(number: int = 1, **changes: Any) -> Article:
    """A story of ``news.example``, complete."""
    url = f"https://news.example/{number}"
    markup = f"<html><body>Story {number}</body></html>".encode() * 10
    values: dict[str, Any] = {
        "outlet": "news",
        "url": url,
        "aliases": [f"https://news.example/?p={number}"],
        "title": f"Title {number}",
        "standfirst": "In short.",
        "authors": ["Ana Poe"],
        "section": "World",
        "tags": ["trade"],
        "language": "en",
        "published": stamp(),
        "modified": stamp(flags=("future",)),
        "body": f"Paragraph one of {number}.\n\nParagraph two.",
        "credit": "reports News",
        "dateline": "SEOUL",
        "images": [Image("https://news.example/a.png", "A port"), Image("https://news.example/b")],
        "word_count": 6,
        "fingerprint": sha256(url.encode()).hexdigest(),
        "fetched": AT,
        "first_seen": AT,
        "lead": url,
        "sighted_by": ["feed:/feed"],
        "origins": {"title": "jsonld"},
        "flags": [],
        "page": sha256(markup).hexdigest(),
        "charset": "utf-8",
        "markup": markup,
    }
    return Article(**(values | changes))


def versions(articles: Iterable[Article]) -> list[ArticleVersion]:
    """The articles, as they are stored."""
    return [ArticleVersion.of(one) for one in articles]


async def save_articles(database: Database, articles: Iterable[Article]) -> list[SaveResult]:
    """Save articles; what became of each."""
    return await Articles(database).save(UNFENCED, versions(articles))


def in_eight_processes(store: Store, module: str, function: str) -> list[str]:
    """What the function, given a database, returns in each of eight processes at one time."""
    words = (f"tests.crawler.{module}", function, store.uri, store.name, str(store.data))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                Forked(
                    store.server,
                    "tests.crawler.one_of_eight",
                    *words,
                    cwd=PROJECT,
                    env={**os.environ},
                    **pipes,
                )
            )
            for _ in range(8)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        ended = [process.communicate(timeout=250) for process in processes]
        assert [err for _, err in ended] == [""] * 8
        assert [process.returncode for process in processes] == [0] * 8
        return [out.strip() for out, _ in ended]
