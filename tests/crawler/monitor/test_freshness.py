"""How long after its publication a story was stored, by known times."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.article import Article
from crawler.lead import Lead
from crawler.monitor.freshness import freshness
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.ledger import Ledger
from tests.crawler.store_fixture import AT, Store, article, stamp, versions

HOUR = timedelta(hours=1)


async def sight(database: Database, number: int, outlet: str = "news") -> None:
    """Let the outlet be collected for the first time."""
    lead = Lead(url=f"https://{outlet}.example/{number}", origin="feed")
    await Ledger(database, outlet).sight(UNFENCED, [lead], "feed:/feed")


def late(number: int, seconds: float, **changes: Any) -> Article:
    """A story that came out so many seconds ago."""
    published = stamp(datetime.now(UTC) - timedelta(seconds=seconds))
    return article(number, **({"published": published} | changes))


def test_percentiles_of_known_delays(store: Store) -> None:
    """Also after edits that change the date, and beside what runs with bounds bring."""

    async def work(database: Database) -> dict[str, Any]:
        for outlet in ("news", "other", "third"):
            await sight(database, 0, outlet)
        began = datetime.now(UTC) - 2 * HOUR
        await database["leads"].update_many(UNFENCED, {}, {"$set": {"first_seen": began}})
        articles = Articles(database)
        await articles.save(
            UNFENCED, versions([late(number, 10 * number) for number in range(1, 101)])
        )
        await articles.save(UNFENCED, versions([late(200, 5_000, outlet="other")]))
        await articles.save(
            UNFENCED, versions([late(1, 4_000, fetched=datetime.now(UTC), title="Edited")])
        )
        sought = late(300, 6_000, lead="https://news.example/300")
        writes = [ArticleWrite.of(sought, 0, sought=True)]
        assert await MongoWriter(database).write_articles(UNFENCED, writes) == ["stored"]
        return await freshness(database, began, ["news", "other", "third"])

    told = store.run(work)
    assert told.keys() == {"news", "other"}
    assert told["news"]["stories"] == 100
    assert told["news"]["p50"] == pytest.approx(500, abs=1)
    assert told["news"]["p95"] == pytest.approx(950, abs=1)
    assert (told["other"]["stories"], told["other"]["p95"]) == (1, pytest.approx(5_000, abs=1))


def test_the_index_alone_is_read(store: Store) -> None:
    async def work(database: Database) -> None:
        await sight(database, 0)
        await Articles(database).save(
            UNFENCED, versions([late(number, 0) for number in range(1, 30)])
        )
        await freshness(database, AT, ["news"])

    store.plain.command("profile", 2)
    store.run(work)
    store.plain.command("profile", 0)
    (call,) = store.plain["system.profile"].find({"command.aggregate": "articles"})
    assert call["docsExamined"] == 0
    assert call["planSummary"] == "IXSCAN { outlet: 1, stored: 1, delay: 1 }"
