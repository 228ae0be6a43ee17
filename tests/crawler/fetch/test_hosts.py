"""Turns, rests and robots.txt of hosts, in a real database and by its clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetch.hosts import (
    FIRST_BACKOFF,
    LONGEST_BACKOFF,
    LONGEST_RETRY_AFTER,
    MAX_SITES,
    Hosts,
)
from crawler.fetch.robots_rules import MAX_BYTES
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from tests.crawler.store_fixture import Store

HOST = "news.example"


def is_left(seconds: float, of: float, since: float) -> bool:
    """Tell whether so many seconds are left of a time that began after `since`, and runs."""
    return of - (time.monotonic() - since) - 0.01 <= seconds <= of


def test_a_turn_is_taken_once(store: Store) -> None:
    async def ask(database: Database) -> list[float]:
        hosts = Hosts(database)
        return await asyncio.gather(*(hosts.take_turn(HOST, 5) for _ in range(20)))

    began = time.monotonic()
    waits = sorted(store.run(ask))
    assert waits[0] == 0
    assert all(is_left(wait, 5, began) for wait in waits[1:])
    assert store.plain.hosts.count_documents({}) == 1


def test_turns_of_many_are_a_delay_apart(store: Store) -> None:
    async def worker(database: Database, taken: list[float]) -> None:
        hosts = Hosts(database)
        turns = 2
        while turns:
            wait = await hosts.take_turn(HOST, 0.2)
            if not wait:
                taken.append(time.monotonic())
                turns -= 1
            await asyncio.sleep(wait)

    async def work(database: Database) -> list[float]:
        taken: list[float] = []
        await asyncio.gather(*(worker(database, taken) for _ in range(8)))
        return taken

    began = time.monotonic()
    taken = store.run(work)
    assert len(taken) == 16
    # What is measured is when the answer came, which may come late, but never before the turn.
    for number, at in enumerate(taken):
        assert at - began >= number * 0.2 - 0.01


def test_a_turn_is_taken_ahead_of_time_where_it_comes_soon(store: Store) -> None:
    async def work(database: Database) -> list[float]:
        hosts = Hosts(database)
        aheads = (0, 40, 60, 60, 110)
        return [await hosts.take_turn(HOST, 50, ahead) for ahead in aheads]

    began = time.monotonic()
    waits = store.run(work)
    # The second and the fourth were not: nothing moved on.
    for wait, turn in zip(waits, [0, 50, 50, 100, 100], strict=True):
        assert is_left(wait, turn, began)
    last = store.run(lambda database: Hosts(database).take_turn(HOST, 50))
    assert is_left(last, 150, began)


def test_a_turn_may_have_a_longer_delay_than_the_one_before(store: Store) -> None:
    async def work(database: Database) -> list[float]:
        hosts = Hosts(database)
        first = await hosts.take_turn(HOST, 0)
        await hosts.postpone_turn(HOST, 30)
        second = await hosts.take_turn(HOST, 0)
        await hosts.postpone_turn(HOST, 3)
        return [
            first,
            second,
            await hosts.take_turn(HOST, 0),
            await hosts.take_turn("other.example", 0),
        ]

    began = time.monotonic()
    first, second, third, other = store.run(work)
    assert (first, other) == (0, 0)
    assert is_left(second, 30, began)
    assert is_left(third, 30, began)


@pytest.mark.parametrize(
    ("stated", "kept"), [(7, 7), (0, 0), (-3, 0), (10**12, LONGEST_RETRY_AFTER)]
)
def test_a_rest_as_long_as_stated(store: Store, stated: float, kept: float) -> None:
    async def work(database: Database) -> tuple[float, float, float]:
        hosts = Hosts(database)
        rest = await hosts.back_off(HOST, stated, "http_429")
        return rest, (await hosts.load(HOST)).rest, await hosts.take_turn(HOST, 1)

    began = time.monotonic()
    for seconds in store.run(work):
        assert is_left(seconds, kept, began)


def test_a_shorter_rest_ends_no_longer_one(store: Store) -> None:
    async def work(database: Database) -> float:
        await Hosts(database).back_off(HOST, 60, "http_429")
        return await Hosts(database).back_off(HOST, 1, "http_429")

    began = time.monotonic()
    assert is_left(store.run(work), 60, began)


def test_pauses_double_up_to_a_limit_and_are_forgotten(store: Store) -> None:
    doubled = [min(FIRST_BACKOFF * 2**number, LONGEST_BACKOFF) for number in range(12)]
    assert doubled[-1] == LONGEST_BACKOFF

    async def work(database: Database) -> None:
        hosts = Hosts(database)
        for number, seconds in enumerate([*doubled, FIRST_BACKOFF, 2 * FIRST_BACKOFF]):
            if number == 12:
                await hosts.recovered(HOST)
            past = datetime.now(UTC) - timedelta(seconds=1)
            await database["hosts"].update_one(
                UNFENCED, {"_id": HOST}, {"$set": {"not_before": past}}
            )
            began = time.monotonic()
            left = await hosts.back_off(HOST, None, "http_429")
            assert is_left(left, seconds, began)
            # While it lasts it does not grow.
            assert await hosts.back_off(HOST, None, "http_429") <= left

    store.run(work)


def test_a_rest_outlives_the_process(store: Store) -> None:
    began = time.monotonic()
    store.run(lambda database: Hosts(database).back_off(HOST, 60, "http_429"))
    assert is_left(store.run(lambda database: Hosts(database).take_turn(HOST, 1)), 60, began)


def test_copies_of_robots_txt_are_of_a_site(store: Store) -> None:
    body = b"User-agent: *\nDisallow: /$100\n\xff"

    async def work(database: Database) -> None:
        hosts = Hosts(database)
        assert await hosts.robots("https://news.example/") is None
        await hosts.keep_robots("https://news.example/", body)
        await hosts.keep_robots("http://news.example:8080/", b"")
        assert await hosts.robots("http://news.example/") is None
        copy = await hosts.robots("https://news.example/")
        assert copy
        assert copy.body == body
        assert 0 <= copy.age < 5
        other = await hosts.robots("http://news.example:8080/")
        assert other
        assert other.body == b""
        await hosts.keep_robots("https://news.example/", b"new")
        copy = await hosts.robots("https://news.example/")
        assert copy
        assert copy.body == b"new"

    store.run(work)
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    store.plain.hosts.update_one({"_id": HOST}, {"$set": {"robots.https.at": yesterday}})
    copy = store.run(lambda database: Hosts(database).robots("https://news.example/"))
    assert copy
    assert copy.age == pytest.approx(25 * 3600, abs=5)


def test_copies_of_robots_txt_are_bounded(store: Store) -> None:
    """However long they are, and on however many ports: all are in one document."""

    async def work(database: Database) -> None:
        hosts = Hosts(database)
        for port in range(8000, 8040):
            await hosts.keep_robots(f"http://news.example:{port}/", b"#" * 17_000_000)
        copy = await hosts.robots("http://news.example:8039/")
        assert copy
        assert len(copy.body) == MAX_BYTES + 1
        assert await hosts.take_turn(HOST, 1) == 0

    store.run(work)
    (host,) = store.plain.hosts.find()
    assert len(host["robots"]) <= MAX_SITES
