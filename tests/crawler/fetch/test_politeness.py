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
from crawler.errors import DatelineError
from crawler.fetch.failure_reasons import RequestRefused
from crawler.fetch.hosts import Hosts
from crawler.fetch.politeness import DELAY_MARGIN, Politeness
from crawler.store.collection import Document
from crawler.store.database import Database

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


def lost(error: DatelineError) -> None:
    raise AssertionError(error)


async def asked(late: Document, count: int, sent: list[float]) -> None:
    """Make requests of one run; note when each is sent."""
    database = Database(**late)
    politeness = Politeness(DELAY)
    politeness.open(Hosts(database), lambda: False, lost)

    async def fetch(request: Request) -> Response:
        sent.append(time.monotonic())
        return Response(request.url)

    try:
        for _ in range(count):
            await politeness.request(Request("https://news.example/"), fetch)
    finally:
        await database.close()


def test_requests_are_as_far_apart_as_they_have_to_be_and_no_farther(late: Document) -> None:
    sent: list[float] = []
    asyncio.run(asked(late, 8, sent))
    gaps = [after - before for before, after in pairwise(sent)]
    assert min(gaps) >= DELAY
    # How late answers come is found out by the first.
    assert sorted(gaps)[len(gaps) // 2] < DELAY + DELAY_MARGIN + LATENCY / 2


def test_two_runs_at_once_keep_their_distance(late: Document) -> None:
    """No request is made before its turn, and turns are as far apart as they have to be."""
    runs: tuple[list[float], list[float]] = [], []

    async def both() -> None:
        await asyncio.gather(*(asked(late, 5, sent) for sent in runs))

    began = time.monotonic()
    asyncio.run(both())
    for number, at in enumerate(sorted(runs[0] + runs[1])):
        assert (
            at - began >= number * (DELAY + DELAY_MARGIN) - 0.01
        )  # the server counts milliseconds
    for sent in runs:
        assert len(sent) == 5
        assert min(after - before for before, after in pairwise(sent)) >= DELAY


def test_before_it_is_opened_requests_pass_straight_through() -> None:
    politeness, sent = Politeness(60), []

    async def fetch(request: Request) -> Response:
        sent.append(request.url)
        return Response(request.url, status=429)

    async def work() -> None:
        request = Request("https://news.example/")
        for _ in range(3):
            await politeness.check(request)
            await politeness.request(request, fetch)
        await politeness.set_crawl_delay(request, 60, just_asked=True)
        await politeness.keep_robots(request, b"")
        assert await politeness.robots_copy(request) is None

    asyncio.run(work())
    assert len(sent) == 3
    assert politeness.describe_hosts() == []


def test_without_its_database_a_request_is_refused_and_the_run_is_told(
    mongodb: str, tmp_path: Path
) -> None:
    told: list[DatelineError] = []
    request = Request("https://news.example/")

    async def fetch(request: Request) -> Response:
        raise AssertionError(request)

    async def work() -> None:
        database = Database(uri=mongodb, name="test", data=tmp_path)
        await database.close()  # so that it answers nothing
        politeness = Politeness(DELAY)
        politeness.open(Hosts(database), lambda: True, told.append)
        for asked in (
            politeness.request(request, fetch),
            politeness.check(request),
            politeness.robots_copy(request),
        ):
            with pytest.raises(RequestRefused) as refused:
                await asked
            assert (refused.value.reason, refused.value.waits) == ("stopped", True)

    asyncio.run(work())
    assert told
