"""Databases as every earlier version of Dateline has left them, brought to the present form.

What is in `forms/` was written by the code of those versions itself, from invented stories.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from pymongo import MongoClient

from crawler.admin import migrations
from crawler.admin.backup import back_up, restore
from crawler.admin.migrations import MIGRATIONS, migrate, pending
from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.errors import StoreError
from crawler.lead import Lead
from crawler.reparse.reparse_store import ReparseStore, compare
from crawler.store.articles import Articles
from crawler.store.boilerplate_blocks import BoilerplateBlocks
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.ledger import Ledger
from crawler.store.pages import Pages
from crawler.store.revisions import Revisions
from crawler.store.schema import VALIDATORS, VERSION, document
from tests.crawler.store_fixture import Store, article, stamp, versions
from tests.forked import Server
from tests.prepared import new_name

pytestmark = pytest.mark.fresh

FORMS = sorted((Path(__file__).parent / "forms").glob("*.json"), key=lambda path: path.name)
CHANGED = {"articles", "revisions", "leads", "pages"}
"""Collections whose documents once had another form."""


def read(form: Path) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = json_util.loads(form.read_text())
    return found


def fill(store: Store, form: Path) -> None:
    for name, documents in read(form).items():
        store.plain[name].insert_many(documents)


def content(store: Store) -> dict[str, list[Document]]:
    names = store.plain.list_collection_names()
    return {name: list(store.plain[name].find().sort("_id")) for name in sorted(names)}


def opened(store: Store, work: Callable[[Database], Awaitable[Any]]) -> Any:
    """Do the work on a database that is not prepared."""

    async def whole() -> Any:
        database = Database(uri=store.uri, name=store.name, data=store.data)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def run_migrations(store: Store, tell: migrations.ReportProgress = lambda *_: None) -> None:
    opened(store, lambda database: migrate(database, tell))


def fail(*_: object) -> None:
    raise AssertionError


async def counts(database: Database) -> dict[str, int]:
    return {step.collection: count async for _, step, count in pending(database)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In a soak all that is done with older databases is done with each; else some with the first.

    That one goes through all migrations.
    """
    if "form" in metafunc.fixturenames:
        is_short = metafunc.function in SHORT and not metafunc.config.getoption("soak")
        forms = FORMS[:1] if is_short else FORMS
        metafunc.parametrize("form", forms, ids=lambda path: path.stem, scope="function")


@pytest.fixture
def older(form: Path, store: Store) -> Store:
    """A database as an earlier version has left it."""
    fill(store, form)
    return store


@pytest.fixture(scope="module")
def today(
    mongodb: str, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Document]]:
    """The same stories as the newest version has written them."""
    name = new_name()
    with MongoClient[Document](mongodb, tz_aware=True) as client:
        store = Store(mongodb, name, tmp_path_factory.mktemp("today"), client[name], server)
        fill(store, FORMS[-1])
        run_migrations(store)
        found = content(store)
        client.drop_database(name)
    return found


def test_every_form_is_there() -> None:
    assert [form.name[0] for form in FORMS] == list("123456789")


def test_an_older_database_is_brought_to_the_present_form(
    older: Store, today: dict[str, list[Document]]
) -> None:
    before = content(older)
    with pytest.raises(StoreError, match=r"earlier version .* run `dateline db migrate`"):
        older.run(lambda database: database.prepare())
    expected = opened(older, counts)
    assert content(older) == before, "it was refused, and then looked at"
    told: dict[str, tuple[int, int]] = {}
    run_migrations(older, lambda name, done, total: told.update({name: (done, total)}))
    assert told == {name: (count, count) for name, count in expected.items() if count}
    after = content(older)
    check_that_nothing_is_lost(older, before, after)
    run_migrations(older, fail)
    assert opened(older, counts) == {}
    older.run(lambda database: database.prepare())
    assert content(older) == after, "it was done once"
    assert older.plain.meta.find_one() == {"_id": "schema", "version": VERSION}
    check_the_form(after, today)
    check_that_everything_works(older)


def is_kept(old: Any, new: Any) -> bool:
    """Whether all that was there is there as it was."""
    if isinstance(old, dict):
        return all(name in new and is_kept(value, new[name]) for name, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(is_kept, old, new))
    return bool(old == new)


def check_that_nothing_is_lost(
    older: Store, before: dict[str, list[Document]], after: dict[str, list[Document]]
) -> None:
    assert is_kept(before, after)
    for name in before.keys() - CHANGED:
        assert after[name] == before[name]
    for name, validator in VALIDATORS.items():
        assert older.plain[name].count_documents({"$nor": [validator]}) == 0
        assert older.plain[name].options()["validationLevel"] == "strict"


LATER = {"same_as", "wire", "story", "validators"}
"""Fields that are not in every document of today, either."""


def check_the_form(after: dict[str, list[Document]], today: dict[str, list[Document]]) -> None:
    written = {**document(article()), "seen_first": 0, "seen_last": 0}.keys()
    for one in after["articles"]:
        assert one.keys() - LATER == written
        assert len(one["structure"]) == len(one["body"].split("\n\n"))
    for name in ("articles", "leads", "pages"):
        for one, expected in zip(after[name], today[name], strict=True):
            assert one.keys() - LATER == expected.keys() - LATER
            for field in ("identities", "state", "reason", "published", "seen_first", "packed"):
                assert one.get(field) == expected.get(field)


def check_that_everything_works(older: Store) -> None:
    (block,) = [gap["block"] for gap in read(FORMS[-1])["articles"][0]["left_out"]]
    had_block = bool(older.plain.articles.count_documents({"left_out.block": block}))

    async def work(database: Database) -> None:
        ledger, articles = Ledger(database, "news"), Articles(database)
        due = await ledger.due(None, None)
        assert [entry.lead.url[21:] for entry in due] == ["4", "5", "6", "moved"]
        shown = ["http://m.news.example/short-link-to-it/", "https://www.news.example/1/"]
        leads = [Lead(url=url, origin="listing") for url in shown]
        entries = await ledger.sight(UNFENCED, leads, "listing:/")
        assert [entry.lead.url[21:] for entry in entries] == ["moved", "1"]
        assert [entry.known for entry in entries] == [False, True]
        assert await ledger.revisits() == []

        third = await articles.get("http://news.example/3/")
        assert third
        assert third["_id"] == "https://news.example/3"
        edited = article(
            3,
            title=f"{third['title']}, anew",
            fetched=third["fetched"] + timedelta(hours=1),
            published=stamp(),
            structure=["p", "p"],
        )
        assert await articles.save(UNFENCED, versions([edited])) == ["stored"]
        await articles.withdraw(UNFENCED, [("https://news.example/2", edited.fetched)])
        labels = [
            [kept["label"] for kept in await Revisions(database).of(f"https://news.example/{n}")][
                -1
            ]
            for n in (2, 3)
        ]
        assert labels == ["withdrawn", "substantial"]
        await NearDuplicates(database).cluster(["news"])
        done = [count async for count in NearDuplicates(database).recompute()]
        assert done[-1] == 3
        assert len(await NearDuplicates(database).find(edited.url)) >= 1

        sizes = (await Pages(database).sizes(["news"]))["news"]
        assert sizes["count"] == 4
        assert sizes["packed"] > 0
        back = {"key": block, "text": "Read on."}
        assert await BoilerplateBlocks(database, "news").put_back(back) == had_block
        reparse = ReparseStore(database, "news")
        async for chunk in reparse.articles():
            rebuilt = [
                compare(stored, article(4, **{**_as_read(stored), "section": "Sport"}))
                for stored in chunk
            ]
            assert await reparse.save(rebuilt) == []

    older.run(work)
    assert {one["section"] for one in older.plain.articles.find()} == {"Sport"}
    assert older.plain.leads.count_documents({}) == 8
    for one in older.plain.articles.find():
        assert len(one["structure"]) == len(one["body"].split("\n\n"))
    for name, validator in VALIDATORS.items():
        assert older.plain[name].count_documents({"$nor": [validator]}) == 0


def _as_read(stored: Document) -> dict[str, Any]:
    """What a page made of an article that was stored."""
    return {name: stored[name] for name in ("outlet", "url", "title", "body", "structure")}


def test_it_may_be_stopped_after_any_batch(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "BATCH", 2)
    fill(store, FORMS[0])
    total = sum(opened(store, counts).values())
    run_migrations(store)
    whole = content(store)
    for name in whole:
        store.plain[name].drop()
    fill(store, FORMS[0])

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    stops, done = 0, 0
    while not done:
        try:
            run_migrations(store, stop)
            done = 1
        except KeyboardInterrupt:
            stops += 1
            left = sum(opened(store, counts).values())
            assert left < total
            total = left
    assert stops == 4 + 2 + 2  # batches of leads, articles, pages
    assert content(store) == whole


def test_several_at_one_time_do_no_harm(older: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "BATCH", 1)
    before = {name: len(documents) for name, documents in content(older).items()}

    async def together(one: Database) -> None:
        others = [Database(uri=older.uri, name=older.name, data=older.data) for _ in range(3)]
        try:
            await asyncio.gather(*(migrate(each, lambda *_: None) for each in (one, *others)))
        finally:
            await asyncio.gather(*(other.close() for other in others))

    opened(older, together)
    assert older.plain.meta.find_one() == {"_id": "schema", "version": VERSION}
    assert {name: len(content(older)[name]) for name in before} == before
    for name, validator in VALIDATORS.items():
        assert older.plain[name].count_documents({"$nor": [validator]}) == 0


def test_what_is_written_behind_it_is_not_passed_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of an earlier version that was overlooked."""
    monkeypatch.setattr(migrations, "BATCH", 2)
    fill(store, FORMS[0])
    first = read(FORMS[0])["leads"][0]

    def write(name: str, done: int, _total: int) -> None:
        if (name, done) == ("leads", 4):
            store.plain.leads.insert_one({**first, "_id": "https://news.example/0"})

    run_migrations(store, write)
    assert store.plain.leads.count_documents({"identities": "news.example/0"}) == 1


def test_a_newer_database_is_refused(store: Store) -> None:
    store.plain.meta.insert_one({"_id": "schema", "version": VERSION + 1})
    for work in (lambda database: database.prepare(), lambda db: migrate(db, fail), counts):
        with pytest.raises(StoreError, match=rf"newer Dateline \(schema {VERSION + 1}; .*install"):
            opened(store, work)
    assert content(store).keys() == {"meta"}


@pytest.mark.parametrize(
    ("count", "fields"), [("1", {"body": "Text.", "fetched": stamp().at}), ("Some", {})]
)
def test_what_no_version_has_written_is_named(
    count: str, fields: dict[str, Any], store: Store
) -> None:
    fill(store, FORMS[0])
    store.plain.articles.insert_one({"_id": "strange", **fields})
    told = rf"{count} of the articles .* e\.g\. strange: correct or remove"
    with pytest.raises(StoreError, match=told):
        run_migrations(store)
    with pytest.raises(StoreError, match="dateline db migrate"):
        store.run(lambda database: database.prepare())
    store.plain.articles.delete_one({"_id": "strange"})
    run_migrations(store)
    store.run(lambda database: database.prepare())


def test_a_backup_of_an_earlier_version_is_restored_in_the_present_form(
    older: Store, tmp_path: Path
) -> None:
    path = tmp_path / "backup.zst"

    async def save(database: Database) -> None:
        with path.open("wb") as file:
            await back_up(database, file, lambda *_: None)

    older.plain.runs.update_many({}, {"$set": {"outcome": "healthy"}})
    opened(older, save)
    run_migrations(older)
    expected = content(older)
    for name in expected:
        older.plain[name].drop()
    # Of a database that was made ready, and is still empty.
    older.run(lambda database: restore(database, path, lambda *_: None))
    assert content(older) == expected


SHORT = (
    test_several_at_one_time_do_no_harm,
    test_a_backup_of_an_earlier_version_is_restored_in_the_present_form,
)
"""What is done with the first form alone, but in a soak."""

PINNED = "374d954b0cef2196"
"""Of what documents have to be, in version `VERSION`."""


def test_validators_are_not_changed_without_a_migration() -> None:
    """Where this fails, documents that are stored may satisfy the validators no more: add a
    migration that makes them, and the form they had to `forms/`; then pin the new digest."""
    assert len(MIGRATIONS) == VERSION
    told = json.dumps(VALIDATORS, sort_keys=True).encode()
    assert hashlib.sha256(told).hexdigest()[:16] == PINNED
