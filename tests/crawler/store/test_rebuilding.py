"""What a reparse writes, and what it leaves alone."""

from crawler.store.articles import Articles
from crawler.store.database import Database, Document
from crawler.store.rebuilding import Rebuilding, Rebuilt, compare
from tests.crawler.store.store import AT, Store, article


def save(store: Store, *rebuilt: Rebuilt) -> list[str]:
    """Addresses of what could not be stored."""

    async def work(database: Database) -> list[str]:
        poison = await Rebuilding(database, "news", None).save(rebuilt)
        return [one.stored["url"] for one in poison]

    return store.run(work)


def stored(store: Store, count: int) -> list[Document]:
    store.run(lambda database: Articles(database).save([article(n) for n in range(count)]))
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


def test_what_a_run_has_changed_in_the_meantime_is_left(store: Store) -> None:
    one, other = stored(store, 2)
    store.plain.articles.update_one({"_id": one["_id"]}, {"$set": {"fingerprint": "new"}})
    assert save(store, *(Rebuilt(old, {"section": "Asia"}) for old in (one, other))) == []
    assert [found["section"] for found in store.plain.articles.find().sort("_id")] == [
        "World",
        "Asia",
    ]


def test_articles_are_found_by_an_index(store: Store) -> None:
    stored(store, 20)
    command = {
        "find": "articles",
        "filter": {"outlet": "news", "first_seen": {"$gte": AT}},
        "sort": {"first_seen": -1},
    }
    plan = store.plain.command("explain", command)["queryPlanner"]["winningPlan"]
    assert "SORT" not in str(plan)
    assert "COLLSCAN" not in str(plan)
