"""A whole database to a file and back, on real servers: one alone, and a replica set."""

import asyncio
import hashlib
import tempfile
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson import DatetimeMS
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from crawler.admin.archive import open_archive
from crawler.admin.atomic_files import replace_file
from crawler.admin.backup import RESTORING, SCHEMA_ID, back_up, restore
from crawler.admin.migrations import migrate
from crawler.errors import DatelineError, StoreError
from crawler.mongod import embedded
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.process_identity import this_process
from crawler.store.schema import INDEXES, VERSION
from tests.crawler.store_fixture import AT, Store, article, save_articles, versions
from tests.forked import Server

pytestmark = pytest.mark.fresh

FAR = 2**62
"""Milliseconds: a date that MongoDB keeps and Python cannot."""


def fill(store: Store) -> None:
    """Articles, pages, and what only the server understands."""
    store.run(
        lambda database: Articles(database).save(
            UNFENCED, versions([article(n) for n in range(300)])
        )
    )
    odd = {"_id": "odd", "at": DatetimeMS(FAR), "before": DatetimeMS(-FAR), "zstd": b"\0" * 9}
    store.plain.command("insert", "pages", documents=[odd], bypassDocumentValidation=True)
    strange = {"_id": "https://news.example/old", "title": "Of no form"}
    store.plain.command("insert", "articles", documents=[strange], bypassDocumentValidation=True)
    store.plain.runs.insert_one({"_id": "r", "outlet": "news", "started": AT, "outcome": "healthy"})


async def write(
    database: Database, path: Path, meanwhile: Callable[[], None] = lambda: None
) -> None:
    with replace_file(path) as file:
        await back_up(database, file, lambda *_: meanwhile())


def save(store: Store, path: Path, meanwhile: Callable[[], None] = lambda: None) -> Path:
    store.run(lambda database: write(database, path, meanwhile))
    return path


def bring_back(store: Store, path: Path, meanwhile: Callable[[], None] = lambda: None) -> None:
    asyncio.run(opened(store, lambda database: restore(database, path, lambda *_: meanwhile())))


async def opened(store: Store, use: Callable[[Database], Awaitable[object]]) -> None:
    """Use a database as it is."""
    database = Database(uri=store.uri, name=store.name, data=store.data)
    try:
        await use(database)
    finally:
        await database.close()


def content(store: Store) -> dict[str, list[bytes]]:
    """Every document of every collection, as the server keeps it."""
    with MongoClient(store.uri, document_class=RawBSONDocument) as client:
        own = client[store.name]
        return {
            name: [bytes(document.raw) for document in own[name].find().sort("_id")]
            for name in sorted(own.list_collection_names())
        }


def test_what_was_backed_up_comes_back_to_the_byte(
    store: Store, target: Store, tmp_path: Path
) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    assert list(tmp_path.glob("backup*")) == [path]
    bring_back(target, path)
    assert content(target) == content(store)
    assert content(target).keys() == INDEXES.keys()
    for name in INDEXES:
        assert target.plain[name].index_information() == store.plain[name].index_information()
    before, after = (s.plain.command("listCollections") for s in (store, target))
    options = [
        {info["name"]: info["options"] for info in told["cursor"]["firstBatch"]}
        for told in (before, after)
    ]
    assert options[0] == options[1]
    with pytest.raises(DatelineError, match=r"is not empty \(articles has documents\)"):
        bring_back(target, path)
    assert content(target) == content(store)


def test_nothing_is_backed_up_where_there_is_nothing(store: Store, tmp_path: Path) -> None:
    """A good backup would be replaced by it."""
    path = tmp_path / "backup.zst"
    path.write_bytes(b"a good one")
    with pytest.raises(DatelineError, match=r"The database .* is empty, .* check MONGODB_DATABASE"):
        save(store, path)
    fill(store)
    store.plain.meta.replace_one(SCHEMA_ID, {**SCHEMA_ID, "restoring": True})
    with pytest.raises(StoreError, match="run `dateline db restore FILE` again"):
        asyncio.run(opened(store, lambda database: write(database, path)))
    assert path.read_bytes() == b"a good one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_backup_of_a_newer_version_restores_nothing(
    store: Store, target: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    monkeypatch.setattr("crawler.admin.backup.VERSION", VERSION - 1)
    with pytest.raises(
        DatelineError, match=rf"newer Dateline \(schema {VERSION}; .* install that version"
    ):
        bring_back(target, path)
    assert target.plain.list_collection_names() == []


def test_it_tells_its_counts_and_is_plain_zstandard(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    told = {}
    with open_archive(path) as reader:
        for name in reader.collections():
            documents = list(reader.documents())
            digest = hashlib.sha256(b"".join(documents)).hexdigest()
            assert reader.recorded == {"count": len(documents), "sha256": digest}
            told[name] = len(documents)
    assert told == {name: len(documents) for name, documents in content(store).items()}


def test_a_damaged_or_cut_file_restores_nothing(
    store: Store, target: Store, tmp_path: Path
) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    whole = path.read_bytes()
    target.run(lambda database: database.prepare())
    empty = content(target)
    damages = [whole[:-1], whole[1:], whole + b"\0", whole[: len(whole) // 2], b"", b"no backup"]
    damages += [
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        for place in (4, len(whole) // 3, len(whole) - 60, len(whole) - 1)
    ]
    for damaged in damages:
        path.write_bytes(damaged)
        with pytest.raises(DatelineError, match=r"damaged or cut short") as told:
            bring_back(target, path)
        assert "\n" not in str(told.value)
        assert content(target) == empty
    with pytest.raises(DatelineError, match="cannot be read"):
        bring_back(target, tmp_path / "nothing.zst")


def test_a_restore_that_ends_half_way_leaves_nothing(
    store: Store, target: Store, tmp_path: Path
) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    target.run(lambda database: database.prepare())
    empty = content(target)

    def stop() -> None:
        assert any(name.startswith(RESTORING) for name in target.plain.list_collection_names())
        raise LookupError

    with pytest.raises(LookupError):
        bring_back(target, path, stop)
    assert content(target) == empty

    # What somebody else has written in the meantime is not lost.
    def write() -> None:
        target.plain.hosts.update_one({"_id": "x"}, {"$set": {"pauses": 0}}, upsert=True)

    with pytest.raises(DatelineError, match="hosts has documents"):
        bring_back(target, path, write)
    assert target.plain.hosts.count_documents({}) == 1
    target.plain.hosts.delete_many({})

    # Killed: what it has left is in nobody's way.
    target.plain[f"{RESTORING}leads"].insert_one({"_id": 1})
    bring_back(target, path)
    assert content(target) == content(store)


def test_a_restore_that_was_killed_when_part_of_it_was_in_place(
    store: Store, target: Store, tmp_path: Path
) -> None:
    fill(store)
    path = save(store, tmp_path / "backup.zst")
    bring_back(target, path)
    target.plain.pages.rename(f"{RESTORING}pages")
    target.plain.meta.replace_one(SCHEMA_ID, {**SCHEMA_ID, "restoring": True})
    for use in (Database.version, Database.prepare, lambda d: migrate(d, lambda *_: None)):
        with pytest.raises(StoreError, match="run `dateline db restore FILE` again"):
            asyncio.run(opened(target, use))
    bring_back(target, path)
    assert content(target) == content(store)


def test_a_single_server_is_not_backed_up_in_mid_run(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "backup.zst"
    holder = {**this_process(), "run": "now"}
    until = datetime.now(UTC) + timedelta(minutes=1)
    lease = {"_id": "news", "token": 1, "holder": holder, "until": until}
    store.plain.leases.insert_one(lease)
    with pytest.raises(StoreError, match="news is being collected"):
        save(store, path)
    store.plain.leases.update_one({}, {"$set": {"holder.started": 1.0}})  # killed
    path.write_bytes(b"an older backup")

    def write() -> None:
        store.plain.hosts.update_one({"_id": 1}, {"$set": {"pauses": 0}}, upsert=True)

    with pytest.raises(StoreError, match="Something wrote to the database"):
        save(store, path, write)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"an older backup"]

    def look_on() -> None:
        """As `dateline metrics` does, and the heart of `dateline run`."""
        store.plain.schedulers.update_one({"_id": 1}, {"$currentDate": {"at": True}}, upsert=True)
        other = threading.Thread(target=lambda: store.run(lambda database: database.prepare()))
        other.start()
        other.join()

    save(store, path, look_on)


def test_a_server_that_has_just_started_is_backed_up(server: Server, tmp_path: Path) -> None:
    """It has no figures yet for collections that nobody has used; a backup uses them."""

    with tempfile.TemporaryDirectory(prefix="dl-") as folder:
        data = Path(folder)
        with embedded.connect(data) as lease, MongoClient[Document](lease.uri) as client:
            store = Store(lease.uri, "dateline", data, client["dateline"], server)
            store.run(lambda database: save_articles(database, [article(1)]))
        embedded.stop(data)
        with embedded.connect(data) as lease:
            store = replace(store, uri=lease.uri)
            asyncio.run(opened(store, lambda database: write(database, tmp_path / "backup.zst")))
        embedded.stop(data)
    assert (tmp_path / "backup.zst").stat().st_size


def test_a_replica_set_is_backed_up_as_it_is_at_one_moment(
    replica_set: str, server: Server, tmp_path: Path
) -> None:
    with MongoClient[Document](replica_set, tz_aware=True) as client:
        first, second = (
            Store(replica_set, name, tmp_path, client[name], server) for name in ("first", "second")
        )
        fill(first)
        running = {"outlet": "news", "outcome": "running", "process": this_process()}
        first.plain.runs.insert_one({"_id": "now", "started": datetime.now(UTC), **running})
        before = content(first)

        def write() -> None:
            first.plain.runs.update_one({"_id": "now"}, {"$inc": {"pages": 1}})
            first.plain.hosts.update_one({"_id": "odd"}, {"$inc": {"pauses": 1}}, upsert=True)

        path = save(first, tmp_path / "backup.zst", write)
        assert content(first) != before
        bring_back(second, path)
        assert content(second) == before
