"""Preparing a database, and what users are told where it cannot be used."""

import asyncio
import traceback
from pathlib import Path
from typing import Any

import pytest
from pymongo import ReadPreference
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from crawler.errors import ConfigurationError, StoreError
from crawler.store import collection
from crawler.store import database as module
from crawler.store.collection import server_errors
from crawler.store.database import Database, plain
from crawler.store.schema import AGES, EXPIRY, INDEXES, VALIDATORS, VERSION
from tests.crawler.store_fixture import Store

SECRET = "hunter2"


def state(store: Store) -> dict[str, tuple[object, list[str]]]:
    """Collections with their options and indexes."""
    return {
        info["name"]: (
            info["options"],
            sorted(store.plain[info["name"]].index_information()),
        )
        for info in store.plain.list_collections()
    }


@pytest.mark.fresh
def test_prepare_makes_what_is_missing_and_is_idempotent(store: Store) -> None:
    store.run(lambda database: database.prepare())
    before = state(store)
    assert before.keys() == INDEXES.keys()
    for name, indexes in INDEXES.items():
        _, present = before[name]
        assert present == sorted(["_id_", *(index.document["name"] for index in indexes)])
    for name, validator in VALIDATORS.items():
        options = store.plain[name].options()
        assert options["validator"] == validator
        assert options["validationLevel"] == "strict"
    assert store.plain.meta.find_one() == {"_id": "schema", "version": VERSION}
    store.run(lambda database: database.prepare())
    assert state(store) == before


@pytest.mark.fresh
def test_prepare_mends_a_database_of_another_version(store: Store) -> None:
    store.plain.meta.insert_one({"_id": "schema", "version": VERSION})
    moderate: dict[str, Any] = {
        "validator": {"title": {"$exists": True}},
        "validationLevel": "moderate",
    }
    store.plain.create_collection("articles", **moderate)
    store.plain.leads.insert_one({"_id": "old", "aliases": []})
    store.plain.leads.create_index("aliases")
    store.run(lambda database: database.prepare())
    options = store.plain.articles.options()
    assert options["validator"] == VALIDATORS["articles"]
    assert options["validationLevel"] == "strict"
    assert len(store.plain.leads.index_information()) == 1 + len(INDEXES["leads"])
    assert store.plain.leads.count_documents({}) == 1


def test_an_index_takes_the_time_it_takes(store: Store) -> None:
    """Of a large collection minutes: cut off, it would be begun from nothing at every start."""

    async def work(database: Database) -> None:
        await database.retain("pages", 30)

    store.run(work)
    store.plain.leads.drop_index("identities_1")
    store.plain.command("profile", 2)
    store.run(lambda database: database.retain("pages", 7))
    store.plain.command("profile", 0)
    limits: dict[str, list[bool]] = {}
    for entry in store.plain["system.profile"].find({"command": {"$exists": True}}):
        (name, *_) = entry["command"]
        limits.setdefault(name, []).append("maxTimeMS" in entry["command"])
    assert limits["createIndexes"] == [False, False]
    assert all(limits["listIndexes"])


@pytest.mark.fresh
def test_many_prepare_it_at_one_time(store: Store) -> None:
    async def prepare() -> None:
        database = Database(uri=store.uri, name=store.name, data=store.data)
        try:
            await database.prepare()
        finally:
            await database.close()

    async def together() -> None:
        await asyncio.gather(*(prepare() for _ in range(8)))

    asyncio.run(together())
    assert state(store).keys() == INDEXES.keys()


@pytest.mark.parametrize(
    "weaker", ["", "w=1", "w=0", "journal=false", "readConcernLevel=local&readPreference=secondary"]
)
def test_what_is_acknowledged_and_what_is_read_lasts(weaker: str, store: Store) -> None:
    """Whatever the address asks for: see also `tests/integration/test_failover.py`."""

    async def work() -> None:
        uri = f"{store.uri}/?{weaker}"
        database = Database(uri=uri, name=store.name, data=store.data)
        articles = plain(database)["articles"]
        assert articles.write_concern.document == {"w": "majority", "j": True}
        assert articles.read_concern.level == "majority"
        assert articles.read_preference == ReadPreference.PRIMARY
        await database.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    "uri",
    [
        "nonsense",
        "http://127.0.0.1/",
        "mongodb://",
        f"mongodb://reader:{SECRET}@",
        f"mongodb://a:{SECRET}:c@host/",
        f"mongodb://reader:{SECRET}@host:port/",
        f"mongodb://reader:{SECRET}@host:99999/",
        f"mongodb://reader:{SECRET}@/host",
        f"mongodb+srv://reader:{SECRET}@host:27017/",
        f"mongodb+srv://reader:{SECRET}",
        f"mongodb://reader:{SECRET}?x@host.test/?replicaSet=r",
        f"mongodb://reader:x?{SECRET}@host.test/?replicaSet=r",
        f"mongodb://reader:x/{SECRET}@host.test/",
        f"mongodb+srv://reader:x/{SECRET}@cluster.invalid/",
        f"mongodb+srv://reader:x@{SECRET}@cluster.invalid/?appName=a://b",
    ],
)
def test_a_malformed_address_is_refused_without_its_password(uri: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database(uri=uri, name="none", data=tmp_path)
    told = str(caught.value)
    assert told.startswith("MONGODB_URI")
    assert told.endswith(".")
    # As a log would have it: with all that led to it.
    assert SECRET not in told + "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["a b.c", "", "a$b"])
def test_a_malformed_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"MONGODB_DATABASE=.* is no name of a database"):
        Database(uri="mongodb://127.0.0.1:9/", name=name, data=tmp_path)


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        (f"mongodb://reader:{SECRET}@127.0.0.1:9/", "127.0.0.1:9"),
        (f"mongodb://reader:{SECRET}@a.test,b.test:9/?replicaSet=r", "a.test:27017,b.test:9"),
        (f"mongodb://reader:{SECRET}@b.test:9,a.test/", "a.test:27017,b.test:9"),
        (f"mongodb+srv://reader:{SECRET}@cluster.invalid/db?w=1", "cluster.invalid"),
        (f"mongodb+srv://reader:{SECRET}#x@cluster.invalid/db", "cluster.invalid"),
        (f"mongodb+srv://reader:x[{SECRET}]@cluster.invalid", "cluster.invalid"),
        (f"mongodb://reader:x#{SECRET}@a.test/", "a.test:27017"),
        (f"mongodb://reader:x[{SECRET}]@a.test/", "a.test:27017"),
        (f"mongodb+srv://reader:{SECRET}@cluster.invalid/?appName=me@home", "cluster.invalid"),
        (f"mongodb://reader:{SECRET}@[::1]:9/db", "::1:9"),
    ],
)
def test_the_password_is_in_no_message(uri: str, address: str) -> None:
    async def work() -> str:
        database = Database(uri=uri, name="none", data=Path("unused"))
        error = ServerSelectionTimeoutError("127.0.0.1:9: [Errno 111] refused, Timeout: 5s")
        with pytest.raises(StoreError) as caught, server_errors(database.address):
            raise error
        await database.close()
        return f"{caught.value} {database!r} {database.address}"

    told = asyncio.run(work())
    assert f"MongoDB at {address} cannot be used" in told
    assert SECRET not in told


def test_every_limit_is_short_enough_for_one_run() -> None:
    assert module.SELECTION_MS <= 5_000
    assert collection.CALL_MS <= 10_000
    assert issubclass(ServerSelectionTimeoutError, PyMongoError)


@pytest.mark.parametrize("name", AGES)
def test_retention_is_made_changed_and_taken_back(store: Store, name: str) -> None:
    def expiry(days: int) -> int | None:
        store.run(lambda database: database.retain(name, days))
        index = store.plain[name].index_information().get(EXPIRY)
        return index["expireAfterSeconds"] if index else None

    assert [expiry(days) for days in (0, 30, 30, 7, 0, 0)] == [
        *(None, 2_592_000, 2_592_000, 604_800, None, None)
    ]
