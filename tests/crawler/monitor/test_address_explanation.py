"""What is kept of an address, and how it is told: what a crawl of newsworld does not show."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.lead import Lead
from crawler.monitor.address_explanation import AddressOwner, Explanation, explain
from crawler.monitor.address_record import find_address_record
from crawler.queue.spool import Spool, count_waiting
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite, OutcomeWrite, encode_write
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.ledger import HISTORY, LeadOutcome, Ledger
from crawler.store.schema import ArticleVersion
from tests.crawler.conftest import store as _store
from tests.crawler.store_fixture import AT, Store, article, save_articles, stamp

store = _store
URL = article().url


async def told(database: Database, url: str = URL) -> Explanation:
    return explain(await find_address_record(database, url), AddressOwner(), datetime.now(UTC))


async def sight(database: Database, *urls: str) -> None:
    leads = [Lead(url=url, origin="feed", at=AT) for url in urls]
    await Ledger(database, "news").sight(UNFENCED, leads, "feed:/feed")


def texts(found: Explanation) -> list[str]:
    return [event["text"] for event in found.events]


def test_a_story_that_waits_on_disk(store: Store, tmp_path: Path) -> None:
    store.data = tmp_path

    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        spool = Spool(database.spool / "a.spool")
        for write in (ArticleWrite.of(article(), 0), ArticleWrite.of(article(2), 0)):
            await spool.put(encode_write(write))
        assert count_waiting(database.spool) == 2
        try:
            return await told(database)
        finally:
            spool.close()

    found = store.run(work)
    assert found.fate == "waiting"
    assert "this machine's disk" in found.sentence
    assert texts(found)[-1] == "Read; the article waits on this machine's disk."


def test_addresses_that_led_to_one_story_are_told_as_merged(store: Store) -> None:
    other, canonical = "https://news.example/print/1", "https://news.example/story-one-1"

    async def work(database: Database) -> list[Explanation]:
        await sight(database, URL, other)
        for lead in (URL, other):
            one = article(url=canonical, aliases=[lead], lead=lead)
            await MongoWriter(database).write_articles(UNFENCED, [ArticleWrite.of(one, 0)])
        return [await told(database, url) for url in (URL, other, canonical)]

    for found in store.run(work):
        assert found.fate == "stored"
        assert any("Several addresses led to the one story" in fact for fact in found.facts)
        assert (canonical in found.sentence) == (found.url != canonical)
        assert sum("was first shown by feed:/feed" in text for text in texts(found)) == 2


def test_edits_links_and_doubts_are_told(store: Store) -> None:
    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        one = article(flags=["no_date"])
        await MongoWriter(database).write_articles(UNFENCED, [ArticleWrite.of(one, 0)])
        page: dict[str, Any] = {"page": "e" * 64, "markup": b"new"}
        at = AT + timedelta(hours=1)
        edited = article(title="Edited", fetched=at, flags=["no_date"], **page)
        await save_articles(database, [edited])
        await Articles(database).withdraw(UNFENCED, [(URL, AT + timedelta(hours=2))])
        wire = {"cluster": "a", "origin": "https://wire.example/1", "agency": None}
        links = {"same_as": "https://news.example/9", "story": "https://other.example/1"}
        await database["articles"].update_one(
            UNFENCED, {"_id": URL}, {"$set": links | {"wire": wire}}
        )
        return await told(database)

    found = store.run(work)
    assert any("headline (title)" in text for text in texts(found))
    assert any("withdrawn" in text for text in texts(found))
    told_facts = " ".join(found.facts)
    for part in ("repeats https://news.example/9", "wire.example/1", "same event as", "no_date"):
        assert part in told_facts
    assert found.sentence.endswith("Its page is not there any more.")


def test_decisions_are_kept_once_each_and_the_last_of_them(store: Store) -> None:
    """Brought twice, in any order, and more than are kept."""
    fates = [
        LeadOutcome(
            lead=URL, attempts=n, state="failed", reason="timeout", at=AT + timedelta(hours=n)
        )
        for n in range(HISTORY + 5)
    ]

    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        ledger = Ledger(database, "news")
        for fate in (*fates[:3], fates[4], fates[3], *fates[1:5], fates[4]):
            await ledger.settle(UNFENCED, [fate])
        history: Any = (await database["leads"].find_one({"_id": URL}) or {})["history"]
        assert [decided["attempts"] for decided in history] == [1, 2, 3, 4, 5]
        await ledger.settle(UNFENCED, fates[5:])
        for fate in fates[5:]:
            await ledger.settle(UNFENCED, [fate])
        return await told(database)

    found = store.run(work)
    attempts = [text for text in texts(found) if "attempt" in text]
    assert len(attempts) == HISTORY
    assert f"attempt {HISTORY + 5})" in attempts[-1]
    assert "dateline retry news" in found.sentence
    assert any("only the last" in fact for fact in found.facts)


def test_what_an_earlier_version_decided(store: Store) -> None:
    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        fate = LeadOutcome(lead=URL, attempts=0, state="skipped", reason="not_html")
        await Ledger(database, "news").settle(UNFENCED, [fate])
        await database["leads"].update_many(UNFENCED, {}, {"$unset": {"history": ""}})
        return await told(database)

    assert "not a page" in texts(store.run(work))[-1]


def test_what_is_in_quarantine(store: Store) -> None:
    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        one = article()
        version, error = ArticleVersion.of(one), ValueError("too large")
        await MongoWriter(database).quarantine(UNFENCED, version, error)
        fate = LeadOutcome(lead=URL, attempts=0, state="failed", reason="unstorable")
        await MongoWriter(database).write_rest(UNFENCED, [OutcomeWrite(outcome=fate)])
        return await told(database)

    found = store.run(work)
    assert "Put in quarantine: ValueError: too large." in texts(found)
    assert "dateline quarantine" in found.sentence


def test_what_is_pending_for_its_hosts_sake(store: Store) -> None:
    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        host = {"host": "news.example", "outcome": "stay_away", "reason": "http_403", "until": None}
        run = {"_id": "a", "outlet": "news", "started": AT, "outcome": "degraded", "hosts": [host]}
        await database["runs"].insert_one(UNFENCED, run)
        return await told(database)

    found = store.run(work)
    assert found.fate == "pending"
    assert "refuses whatever we ask for" in found.sentence
    assert "http_403" in found.sentence


def test_a_late_story_is_told_as_late(store: Store) -> None:
    """First shown three hours after it came out, and stored at once."""

    async def work(database: Database) -> Explanation:
        await sight(database, URL)
        published = stamp(datetime.now(UTC) - timedelta(hours=3))
        await save_articles(database, [article(published=published)])
        return await told(database)

    first, stored = texts(store.run(work))
    assert first == "It was first shown by feed:/feed, 3 hours after its publication."
    assert "3 hours after its publication, 0 seconds after it was first shown" in stored


def test_nothing_is_made_of_an_empty_database(store: Store) -> None:
    found = store.run(told)
    assert (found.fate, found.events) == ("foreign", [])
