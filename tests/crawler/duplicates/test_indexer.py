"""Stored articles are compared beside the run that stored them, or by the next one."""

import asyncio
import logging

import pytest

from crawler.article import Article
from crawler.duplicates import indexer
from crawler.duplicates.indexer import DuplicateIndexer
from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.store.articles import Articles
from crawler.store.database import Database
from tests.crawler.store_fixture import Store, article, save_articles


async def save(database: Database, *articles: Article) -> None:
    await save_articles(database, list(articles))


def marked(store: Store) -> set[str]:
    return {found["_id"] for found in store.plain.articles.find({"unplaced": True})}


def test_what_an_earlier_run_has_left_is_compared_of_its_own_outlet(store: Store) -> None:
    other = article(2, outlet="other")

    async def work(database: Database) -> None:
        await save(database, article(1), other)
        assert marked(store) == {article(1).url, other.url}
        await DuplicateIndexer(database, "news").close(at_once=False)

    store.run(work)
    assert marked(store) == {other.url}
    assert [sketch["_id"] for sketch in store.plain.sketches.find()] == [article(1).url]


def test_it_goes_on_while_the_run_stores(store: Store) -> None:
    async def work(database: Database) -> None:
        duplicates = DuplicateIndexer(database, "news")
        for number in (1, 2):
            await save(database, article(number))
            async with asyncio.timeout(30):
                while await asyncio.to_thread(marked, store):  # noqa: ASYNC110 - of the database
                    await asyncio.sleep(0.05)
        await duplicates.close(at_once=False)

    store.run(work)
    assert store.plain.sketches.count_documents({}) == 2


def test_only_a_changed_text_is_compared_anew(store: Store) -> None:
    title = article(1, title="New", fetched=article().fetched.replace(year=2025))
    text = article(1, fingerprint="f" * 64, fetched=article().fetched.replace(year=2026))

    async def work(database: Database) -> list[set[str]]:
        seen = []
        for one in (article(1), article(1), title, text):
            await save(database, one)
            seen.append(marked(store))
            await NearDuplicates(database).cluster(["news"])
        return seen

    assert store.run(work) == [{article(1).url}, set(), set(), {article(1).url}]
    assert not marked(store)


def test_what_changed_while_it_was_compared_is_compared_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(database: Database) -> list[int]:
        similar = NearDuplicates(database)
        await save(database, article(1))
        tell = similar._clusters.join

        async def edit(links: dict[str, list[tuple[str, str]]]) -> None:
            store.plain.articles.update_one({"_id": article(1).url}, {"$set": {"fingerprint": "x"}})
            await tell(links)

        with monkeypatch.context() as patched:
            patched.setattr(similar._clusters, "join", edit)
            first = await similar.cluster(["news"])
        return [first, await similar.cluster(["news"]), await similar.cluster(["news"])]

    assert store.run(work) == [1, 1, 0]


def test_the_mark_is_shown_to_nobody(store: Store) -> None:
    later = article(1, title="New", fetched=article().fetched.replace(year=2025))

    async def work(database: Database) -> None:
        await save(database, article(1))
        await save(database, later)
        articles = Articles(database)
        shown = [found async for found in articles.find()] + [await articles.get(later.url)]
        assert all(found and "unplaced" not in found for found in shown)

    store.run(work)
    assert marked(store) == {later.url}
    (revision,) = store.plain.revisions.find()
    assert "unplaced" not in revision


def test_a_server_that_is_away_is_waited_for_and_then_left_to_the_next_run(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens at its address."""

    async def work() -> None:
        away = Database(uri="mongodb://127.0.0.1:9/", name=store.name, data=store.data)
        duplicates = DuplicateIndexer(away, "news")
        await duplicates.close(at_once=False)
        await away.close()

    asyncio.run(work())
    (told,) = caplog.records
    assert told.levelno == logging.WARNING
    assert "Duplicates of some stories of news" in told.message
    assert "its next run does that" in told.message


def test_a_run_that_ends_waits_so_long_and_no_longer(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "CLOSE_SECONDS", 0.0)

    async def work(database: Database) -> None:
        await save(database, article(1))
        await DuplicateIndexer(database, "news").close(at_once=False)
        await DuplicateIndexer(database, "news").close(at_once=True)

    store.run(work)
    (told,) = caplog.records
    assert "it takes more than 0 seconds" in told.message
    assert marked(store) == {article(1).url}


def test_they_are_found_by_an_index_of_their_own(store: Store) -> None:
    store.run(lambda database: save(database, article(1), article(2)))
    plan = store.plain.articles.find({"outlet": {"$in": ["news", "other"]}, "unplaced": True})
    winning = str(plan.sort("published.at", 1).hint("unplaced").explain()["queryPlanner"])
    assert "SORT_MERGE" in winning
    assert "'stage': 'SORT'," not in winning
