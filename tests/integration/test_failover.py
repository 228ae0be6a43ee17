"""The primary of a replica set is lost, with and without what it had written last.

`make soak` loses it again and again.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from benchmarks.similar.measure import article as filed
from benchmarks.similar.press import press
from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.errors import StoreError
from crawler.lead import Lead
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite
from crawler.store.collection import UNFENCED
from crawler.store.database import Database, Patience
from crawler.store.ledger import Ledger
from newsworld.client import Client, running
from tests import replica_set
from tests.crawler.duplicates.test_near_duplicates import ALL, check, save
from tests.crawler.store_fixture import article, save_articles
from tests.desk import Desk
from tests.reckoning import reckon
from tests.replica_set import ReplicaSet, until

pytestmark = pytest.mark.fresh

WEAKER = "&w=1&journal=false&readConcernLevel=local"
"""What an address may say, and is not done."""
SHORT = 1
"""Seconds in which a write that only the primary has to take is long done."""


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with replica_set.running(tmp_path_factory.mktemp("replicas")) as found:
        yield found


@pytest.fixture
def replicas(members: ReplicaSet) -> ReplicaSet:
    members.settle()
    return members


def asked(world: Client) -> int:
    return sum(entry["status"] == 200 for entry in world.log())


@pytest.mark.timeout(600)
def test_what_a_lost_primary_alone_had_is_written_again(
    failover_seed: int, replicas: ReplicaSet, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A secondary that is behind takes over; the old primary comes back, and has to forget."""
    rng = random.Random(failover_seed)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    names = ["paper_01", "paper_12"]
    words = ("collect", *names, "--since", f"{start - timedelta(days=15):%Y-%m-%d}")
    stories = 60 if request.config.getoption("soak") else 30
    with running(press=12, press_stories=stories, days=14, per_day=1, now=start) as world:
        world.faults([{"path": r"\d\d/[\w-]+$|p=\d+", "delay": 0.5}])
        desk = Desk(replicas.uri, f"failover_{failover_seed}", world.url, tmp_path)
        env = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
        collect = desk.start("scripts.main", *words, group=False, **env)
        for lost in range(1 + failover_seed % 3):
            more = asked(world) + rng.randint(10, 40)
            while asked(world) < more and collect.poll() is None:
                time.sleep(0.02)
            old = replicas.primary()
            assert old is not None
            behind = [member for member in range(3) if member != old]
            if (failover_seed + lost) % 2 == 0:
                replicas.hold_back(*behind)
                time.sleep(rng.uniform(0.5, 3))
            replicas.kill(old)
            replicas.catch_up(*behind)
            until(lambda: replicas.primary() is not None)
            time.sleep(rng.uniform(0, 2))
            replicas.settle()
        out, err = collect.communicate(timeout=300)
        assert collect.returncode == 0, out + err
        reckon(desk, world, names, tmp_path)
        assert [run["outcome"] for run in desk.runs()] == ["healthy", "healthy"]
        desk.database.client.drop_database(desk.database.name)
        desk.database.client.close()


def within(replicas: ReplicaSet, data: Path, work: Callable[[Database], Awaitable[None]]) -> None:
    """Do something with a database of the set, by an address that asks for less than is due."""

    async def whole() -> None:
        database = Database(uri=replicas.uri + WEAKER, name=f"test_{uuid4().hex}", data=data)
        try:
            await database.prepare()
            await work(database)
        finally:
            await database.close()

    asyncio.run(whole())


def test_what_a_minority_has_is_neither_acknowledged_nor_relied_upon(
    replicas: ReplicaSet, tmp_path: Path
) -> None:
    """Whatever MONGODB_URI says. What was rolled back in the end is there, and once."""
    lead = Lead(url="https://news.example/1", origin="feed")

    async def work(database: Database) -> None:
        old = replicas.primary()
        assert old is not None
        behind = [member for member in range(3) if member != old]
        await save_articles(database, [article(9)])
        await asyncio.to_thread(replicas.hold_back, *behind)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: save_articles(database, [article(1)]),
            lambda: Ledger(database, "news").sight(UNFENCED, [lead], "feed:/feed"),
            lambda: Ledger(database, "news").sight(
                UNFENCED, [lead], "feed:/feed"
            ),  # it is there by now
        ]
        for call in calls:
            with pytest.raises((TimeoutError, StoreError)):  # or it lost an election
                await asyncio.wait_for(call(), SHORT)
        replicas.kill(old)
        await asyncio.to_thread(replicas.catch_up, *behind)
        await asyncio.to_thread(until, lambda: replicas.primary() is not None)
        replicas.start(old)
        assert await database["leads"].count_documents({}) == 0
        assert await database["articles"].distinct("_id") == [article(9).url]
        for _ in range(2):
            (entry,) = await Ledger(database, "news").sight(UNFENCED, [lead], "feed:/feed")
            await save_articles(database, [article(1), article(9)])
        assert entry.sighted_by == ("feed:/feed",)
        assert await database["articles"].count_documents({}) == 2

    within(replicas, tmp_path, work)


@pytest.mark.parametrize("is_lost", [False, True])
def test_the_same_story_is_found_while_the_others_are_behind(
    is_lost: bool, replicas: ReplicaSet, tmp_path: Path
) -> None:
    """Though a majority has nothing of it yet; and if it never comes to that, once more."""

    async def work(database: Database) -> None:
        await save(database, *(filed(one) for one in press(11, 15)))
        similar, outlets = NearDuplicates(database), [one.outlet for one in ALL]
        await save_articles(database, list(ALL))
        old, behind = replicas.primary(), replicas.secondaries()
        assert old is not None
        await asyncio.to_thread(replicas.hold_back, *behind)
        placing = asyncio.create_task(similar.cluster(outlets))
        await asyncio.sleep(SHORT)
        assert not placing.done()
        if is_lost:
            replicas.kill(old)
        await asyncio.to_thread(replicas.catch_up, *behind)
        await asyncio.to_thread(until, lambda: replicas.primary() is not None)
        with contextlib.suppress(StoreError):
            await placing
        if is_lost:
            await asyncio.to_thread(replicas.settle)
            await Patience(60).retry(lambda: similar.cluster(outlets))
        check({one["_id"]: one async for one in database["articles"].find()})

    within(replicas, tmp_path, work)


@pytest.mark.parametrize("code", [50, 64])
def test_a_server_that_cannot_acknowledge_condemns_no_article(
    code: int, replicas: ReplicaSet, tmp_path: Path
) -> None:
    """It wrote and could not say that it lasts: that is not what poison is."""

    async def work(database: Database) -> None:
        primary = replicas.primary()
        assert primary is not None
        batch = [article(number) for number in range(3)]
        writes = [ArticleWrite.of(each, 0) for each in batch]
        filing = MongoWriter(database)
        await asyncio.to_thread(replicas.fail_writes, primary, code)
        with pytest.raises(StoreError):
            await filing.write_articles(UNFENCED, writes)
        await asyncio.to_thread(replicas.fail_writes, primary, 0)
        assert "quarantined" not in await filing.write_articles(UNFENCED, writes)
        assert await database["articles"].count_documents({}) == 3
        assert await database["quarantine"].count_documents({}) == 0

    within(replicas, tmp_path, work)
