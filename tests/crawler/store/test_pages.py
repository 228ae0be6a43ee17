"""What the pages of an outlet take, and how long they are kept."""

from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.pages import Pages
from tests.crawler.store_fixture import Store, article, save_articles, versions


def test_sizes_are_told_of_each_outlet(store: Store) -> None:
    articles = [article(n, outlet="news" if n % 3 else "other") for n in range(1, 10)]
    store.run(lambda database: save_articles(database, articles))
    own = [one.markup for one in articles if one.outlet == "news"]

    sizes = store.run(lambda database: Pages(database).sizes(["news", "nobody"]))
    packed = sum(len(page["zstd"]) for page in store.plain.pages.find({"outlet": "news"}))
    assert sizes["news"] == {"count": len(own), "size": sum(map(len, own)), "packed": packed}
    nothing = {"count": 0, "size": 0, "packed": 0}
    assert sizes["nobody"] == nothing


def test_pages_that_do_not_tell_are_what_their_articles_are(store: Store) -> None:
    posted = article(1, origins={"body": "rest"})
    store.run(lambda database: save_articles(database, [posted, article(2)]))
    stored = {page["url"]: page["posted"] for page in store.plain.pages.find()}
    assert stored == {posted.url: True, article(2).url: False}
    store.plain.pages.update_many({}, {"$unset": {"posted": ""}})

    async def told(database: Database) -> dict[str, bool]:
        return {page.url: page.is_posted async for page in Pages(database).stream(None, None)}

    assert store.run(told) == stored


def test_sizes_come_from_the_index_alone(store: Store) -> None:
    store.run(
        lambda database: Articles(database).save(
            UNFENCED, versions([article(n) for n in range(50)])
        )
    )
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
