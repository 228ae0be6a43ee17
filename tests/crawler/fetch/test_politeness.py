"""Turns, taken by way of a database that answers late."""

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient
from scrapy import Request
from scrapy.http import Response

from benchmarks.slow import slow_proxy
from crawler.fetch.hosts import Hosts
from crawler.fetch.politeness import MARGIN, Politeness
from crawler.store.database import Database, Document

LATENCY = 0.3
DELAY = 0.5


@pytest.fixture
def late(mongodb: str, tmp_path: Path) -> Iterator[Document]:
    """How to reach an empty database that answers late."""
    name = f"test_{uuid4().hex}"
    with slow_proxy(mongodb.removeprefix("mongodb://").replace("%2F", "/"), LATENCY) as port:
        yield {"uri": f"mongodb://127.0.0.1:{port}", "name": name, "data": tmp_path}
    with MongoClient[Document](mongodb) as client:
        client.drop_database(name)


async def asked(late: Document, count: int, sent: list[float]) -> None:
    """Make requests of one run; note when each is sent."""
    database = Database(**late)
    manners = Politeness(Hosts(database), DELAY, lambda: False)

    async def fetch(request: Request) -> Response:
        sent.append(time.monotonic())
        return Response(request.url)

    try:
        for _ in range(count):
            await manners.request(Request("https://news.example/"), fetch)
    finally:
        await database.close()


def test_requests_are_as_far_apart_as_they_have_to_be_and_no_farther(late: Document) -> None:
    sent: list[float] = []
    asyncio.run(asked(late, 8, sent))
    gaps = [after - before for before, after in pairwise(sent)]
    assert min(gaps) >= DELAY
    # How late answers come is found out by the first.
    assert sorted(gaps)[len(gaps) // 2] < DELAY + MARGIN + LATENCY / 2


def test_two_runs_at_once_keep_their_distance(late: Document) -> None:
    """No request is made before its turn, and turns are as far apart as they have to be."""
    runs: tuple[list[float], list[float]] = [], []

    async def both() -> None:
        await asyncio.gather(*(asked(late, 5, sent) for sent in runs))

    began = time.monotonic()
    asyncio.run(both())
    for number, at in enumerate(sorted(runs[0] + runs[1])):
        assert at - began >= number * (DELAY + MARGIN) - 0.01  # the server counts milliseconds
    for sent in runs:
        assert len(sent) == 5
        assert min(after - before for before, after in pairwise(sent)) >= DELAY
