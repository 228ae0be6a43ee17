"""What a reparse writes, and what it leaves alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.article import Article
from crawler.lead import Lead
from crawler.queue.writer import MongoWriter, quarantined_write
from crawler.queue.writes import ArticleWrite
from crawler.reparse.reparse_store import Rebuilt, ReparseStore, compare
from crawler.run.recorder import outcome_of
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.ledger import Ledger
from crawler.store.revisions import Revisions
from tests.crawler.store_fixture import AT, Store, article, save_articles, stamp, versions

AGES = (timedelta(hours=1), timedelta(days=1))


def save(store: Store, *rebuilt: Rebuilt) -> list[str]:
    """Addresses of what could not be stored."""

    async def work(database: Database) -> list[str]:
        poison = await ReparseStore(database, "news").save(rebuilt)
        return [one.stored["url"] for one in poison]

    return store.run(work)


def stored(store: Store, count: int) -> list[Document]:
    store.run(
        lambda database: Articles(database).save(
            UNFENCED, versions([article(n) for n in range(count)])
        )
    )
    return list(store.plain.articles.find().sort("_id"))


def test_only_fields_that_come_out_otherwise_are_changes(store: Store) -> None:
    (old,) = stored(store, 1)
    same = compare(old, article(0, url="https://news.example/moved", aliases=[], sighted_by=[]))
    assert same.changes == {}
    other = compare(old, article(0, section="Asia", origins={"title": "meta"}))
    assert other.changes == {"section": "Asia", "origins": {"title": "meta"}}
    assert save(store, same, other) == []
    assert store.plain.articles.find_one() == {**old, **other.changes}


def test_what_cannot_be_stored_stops_no_other(store: Store) -> None:
    old = stored(store, 5)
    titles = ["One", "\ud800", "Three", 5, "Five"]
    rebuilt = [Rebuilt(one, {"title": title}) for one, title in zip(old, titles, strict=True)]
    assert save(store, *rebuilt) == [old[1]["url"], old[3]["url"]]
    found = [one["title"] for one in store.plain.articles.find().sort("_id")]
    assert found == ["One", old[1]["title"], "Three", old[3]["title"], "Five"]
    kept = [each["article"] for each in store.plain.revisions.find().sort("_id")]
    assert kept == [old[place]["_id"] for place in (0, 2, 4)]


def revisions(store: Store, url: str) -> list[tuple[Any, ...]]:
    names = ("title", "section", "label", "changed", "seen_first")
    found = store.run(lambda database: Revisions(database).of(url))
    return [tuple(kept[name] for name in names) for kept in found]


def test_what_a_reader_saw_before_is_kept(store: Store) -> None:
    old, other = stored(store, 2)
    first, url = old["fetched"], old["_id"]
    unseen = Rebuilt(other, {"confidence": {"title": 0.5}, "word_count": 7})
    change = Rebuilt(old, {"title": "By new rules", "section": "Asia", "flags": ["no_date"]})
    assert save(store, change, unseen) == []
    once = [("Title 0", "World", "reparse", ["section", "title"], first)]
    assert revisions(store, url) == once
    assert store.plain.revisions.count_documents({}) == 1

    # Killed between the two writes, and done again.
    store.plain.articles.replace_one({"_id": url}, old)
    assert save(store, change) == []
    assert revisions(store, url) == once
    found = store.plain.articles.find_one({"_id": url})
    assert found == {**old, **change.changes}

    # The outlet's own version was first seen when it was, and ends when it is edited.
    edit = article(0, title="Edited", page="1" * 64, fetched=AT + timedelta(hours=1))
    store.run(lambda database: save_articles(database, [edit]))
    assert revisions(store, url) == [
        *once,
        ("By new rules", "Asia", "headline", ["title"], first),
    ]


class Interrupted(Articles):
    """A run whose story is reparsed after it has looked, and before it writes."""

    def __init__(self, database: Database, rebuilt: Rebuilt) -> None:
        super().__init__(database)
        self._reparse = ReparseStore(database, "news")
        self._rebuilt = rebuilt

    async def _known(self, urls: list[str]) -> dict[str, Document]:
        known = await super()._known(urls)
        await self._reparse.save([self._rebuilt])
        return known


def test_a_run_and_a_reparse_at_one_time(store: Store) -> None:
    (old,) = stored(store, 1)
    first, url = old["fetched"], old["_id"]
    change = Rebuilt(old, {"section": "Asia", "flags": ["no_date"]})
    edit = article(0, title="Edited", page="1" * 64, fetched=AT + timedelta(hours=1))

    async def run(database: Database, read: Article) -> list[str]:
        return list(await Interrupted(database, change).save(UNFENCED, versions([read])))

    # Before the edit is written: it is the whole of what the run has read.
    assert store.run(lambda database: run(database, edit)) == ["stored"]
    (found,) = store.plain.articles.find()
    assert (found["title"], found["section"], found["flags"]) == ("Edited", "World", [])
    edited = ("Title 0", "World", "headline", ["title"], first)
    assert revisions(store, url) == [("Title 0", "World", "reparse", ["section"], first), edited]

    # After it: the reparse comes too late, and says nothing.
    store.plain.revisions.delete_many({"label": "reparse"})
    assert save(store, change) == []
    assert revisions(store, url) == [edited]
    assert list(store.plain.articles.find()) == [found]


def test_what_a_run_has_changed_in_the_meantime_is_left(store: Store) -> None:
    one, other = stored(store, 2)
    store.plain.articles.update_one({"_id": one["_id"]}, {"$set": {"fingerprint": "new"}})
    assert save(store, *(Rebuilt(old, {"section": "Asia"}) for old in (one, other))) == []
    assert [found["section"] for found in store.plain.articles.find().sort("_id")] == [
        "World",
        "Asia",
    ]


def test_since_goes_by_when_a_page_was_read(store: Store) -> None:
    """A story that was seen before a template broke, and read after that, is rebuilt, too."""
    before, after = AT - timedelta(days=1), AT + timedelta(days=1)
    stored(store, 2)
    store.plain.articles.update_many({}, {"$set": {"first_seen": before}})
    one = store.plain.articles.find_one_and_update({}, {"$set": {"fetched": after}})

    async def work(database: Database) -> list[str]:
        reparse = ReparseStore(database, "news", AT + timedelta(hours=1))
        assert await reparse.count() == 1
        return [found["_id"] async for chunk in reparse.articles() for found in chunk]

    assert one
    assert store.run(work) == [one["_id"]]


def test_articles_are_found_by_an_index(store: Store) -> None:
    stored(store, 20)
    command = {
        "find": "articles",
        "filter": {"outlet": "news", "fetched": {"$gte": AT}},
        "sort": {"first_seen": -1},
    }
    plan = store.plain.command("explain", command)["queryPlanner"]["winningPlan"]
    assert "SORT" not in str(plan)
    assert "COLLSCAN" not in str(plan)


@pytest.mark.parametrize(
    ("change", "is_placed_anew"),
    [({"credit": "Reuters"}, True), ({"language": "fr"}, True), ({"section": "Asia"}, False)],
)
def test_what_tells_copies_is_compared_anew(
    change: dict[str, Any], is_placed_anew: bool, store: Store
) -> None:
    """Whether a reparse or the outlet has changed it."""
    old = stored(store, 2)
    store.plain.articles.update_many({}, {"$unset": {"unplaced": ""}})
    save(store, compare(old[0], article(0, **change)))
    later = article(1, fetched=AT + timedelta(hours=1), **change)
    store.run(lambda database: save_articles(database, [later]))
    for found in store.plain.articles.find():
        assert found.items() >= change.items()
        assert ("unplaced" in found) == is_placed_anew


@pytest.mark.fresh
@pytest.mark.parametrize("was_stored", [False, True])
def test_a_recovered_story_is_revisited(store: Store, *, was_stored: bool) -> None:
    """New or not: the second was stored before it was read by a broken template."""
    now = datetime.now(UTC)
    one = article(published=stamp(now), fetched=now)

    async def work(database: Database) -> dict[str, Any]:
        ledger, writer = Ledger(database, "news"), MongoWriter(database)
        (entry,) = await ledger.sight(UNFENCED, [Lead(url=one.lead, origin="feed")], "feed:/feed")
        if was_stored:
            read = article(title="Before", fetched=AT)
            await writer.write(
                UNFENCED, [ArticleWrite.of(read, 0, due=now, validators={"etag": '"a"'})]
            )
            (entry,) = await ledger.sight(
                UNFENCED, [Lead(url=one.lead, origin="feed")], "feed:/feed"
            )
        _, fate = outcome_of(entry, "rejected", "broken_template", "failed", now)
        await writer.write(UNFENCED, [quarantined_write(fate, one, "broken_template")])
        entries = await ledger.entries([one.lead])
        await ReparseStore(database, "news").recover([one], entries, AGES)
        assert not await ledger.revisits()
        return dict(await database["leads"].find_one() or {})

    lead = store.run(work)
    assert (lead["state"], lead["validators"]) == ("stored", None)
    assert lead["due"] == lead["first_seen"] + AGES[0]
    assert store.plain.quarantine.count_documents({}) == 0
    assert [kept["title"] for kept in store.plain.articles.find()] == [one.title]
