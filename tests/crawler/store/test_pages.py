"""What the pages of an outlet take, and how long they are kept."""

from crawler.store.articles import Articles
from crawler.store.pages import EXPIRY, Pages
from tests.crawler.store.store import Store, article


def test_sizes_are_told_of_each_outlet(store: Store) -> None:
    articles = [article(n, outlet="news" if n % 3 else "other") for n in range(1, 10)]
    store.run(lambda database: Articles(database).save(articles))
    own = [one.markup for one in articles if one.outlet == "news"]
    # As an earlier version has left it.
    store.plain.pages.update_one({"_id": articles[0].page}, {"$unset": {"packed": ""}})

    sizes = store.run(lambda database: Pages(database).sizes("news"))
    packed = sum(len(page["zstd"]) for page in store.plain.pages.find({"outlet": "news"}))
    assert sizes == {"count": len(own), "size": sum(map(len, own)), "packed": packed}
    nothing = {"count": 0, "size": 0, "packed": 0}
    assert store.run(lambda database: Pages(database).sizes("nobody")) == nothing


def test_sizes_come_from_the_index_alone(store: Store) -> None:
    store.run(lambda database: Articles(database).save([article(n) for n in range(50)]))
    group = {"_id": None, "size": {"$sum": "$size"}, "packed": {"$sum": "$packed"}}
    plan = store.plain.command(
        "explain",
        {
            "aggregate": "pages",
            "pipeline": [{"$match": {"outlet": "news"}}, {"$group": group}],
            "cursor": {},
        },
        verbosity="executionStats",
    )
    stats = plan.get("executionStats") or plan["stages"][0]["$cursor"]["executionStats"]
    assert stats["totalDocsExamined"] == 0
    assert 50 <= stats["totalKeysExamined"] <= 51


def test_retention_is_made_changed_and_taken_back(store: Store) -> None:
    def expiry(name: str) -> int | None:
        index = store.plain[name].index_information().get(EXPIRY)
        return index["expireAfterSeconds"] if index else None

    def expiries(days: int) -> tuple[int | None, int | None]:
        store.run(lambda database: Pages(database).retain(days))
        return expiry("pages"), expiry("dictionaries")

    month, week = (2_592_000, 5_270_400), (604_800, 3_283_200)
    assert [expiries(days) for days in (0, 30, 30, 7, 0, 0)] == [
        *((None, None), month, month, week, (None, None), (None, None))
    ]
