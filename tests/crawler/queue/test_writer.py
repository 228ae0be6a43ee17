"""What waits on disk gets into MongoDB: whole, once, in any order, and whatever is in it."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import decode, encode
from bson.codec_options import CodecOptions

from crawler.article import Article, Image
from crawler.lead import Lead
from crawler.queue.writer import (
    MongoWriter,
    of_article,
    of_fate,
    of_kept,
    of_run,
    of_source,
    quarantined,
)
from crawler.store.database import Database, Document
from crawler.store.ledger import LeadOutcome, Ledger
from crawler.store.runs import Outlets
from crawler.store.schema import article_of, document
from tests.crawler.store_fixture import AT, Store, article


def through_disk(write: Document) -> Document:
    options: CodecOptions[Any] = CodecOptions(tz_aware=True)
    return dict(decode(encode(write), options))


def test_an_article_comes_back_from_disk_as_it_was() -> None:
    given = article(images=[Image("https://news.example/1.jpg", "A port")])
    write = through_disk(of_article(given, 0))
    back = article_of(write["article"], write["markup"])
    assert back.markup == given.markup
    options: CodecOptions[Any] = CodecOptions(tz_aware=True)
    milliseconds = decode(encode(document(given)), options)
    assert encode(document(back)) == encode(milliseconds)
    assert type(back.published) is type(given.published)
    assert back.images == given.images


async def sight(database: Database, *articles: Article) -> None:
    leads = [Lead(url=one.lead, origin="feed") for one in articles]
    await Ledger(database, "news").sight(leads, "feed:/feed")


def test_everything_is_brought_and_may_be_brought_again(store: Store) -> None:
    first, second, other = article(1), article(2), article(3)

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, first, second, other)
        fate = LeadOutcome(lead=other.lead, attempts=0, state="failed", reason="no_body")
        writes = [
            of_article(first, 0),
            of_fate(fate),
            of_article(second, 0),
            of_source("news", {"key": "feed:/feed", "etag": "a"}),
            of_source("news", {"key": "feed:/feed", "etag": "b"}),
            of_run({"_id": "r", "outlet": "news", "started": AT, "outcome": "healthy"}),
        ]
        await database["outlets"].insert_one({"_id": "news"})
        for _ in range(2):
            await filing.deliver([through_disk(write) for write in writes])

    store.run(work)
    assert {one["_id"] for one in store.plain.articles.find()} == {first.url, second.url}
    states = {lead["_id"]: lead["state"] for lead in store.plain.leads.find()}
    assert states == {first.lead: "stored", second.lead: "stored", other.lead: "failed"}
    assert [lead["attempts"] for lead in store.plain.leads.find()] == [1, 1, 1]
    (outlet,) = store.plain.outlets.find()
    assert outlet["sources"] == [{"key": "feed:/feed", "etag": "b", "fence": 0}]
    assert store.plain.runs.count_documents({"outcome": "healthy"}) == 1


def test_an_older_reading_does_not_undo_a_newer_one(store: Store) -> None:
    later = article(title="As corrected", fetched=article().fetched + timedelta(hours=1))

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, later)
        for one in (later, article()):
            await filing.deliver([through_disk(of_article(one, 0))])

    store.run(work)
    (found,) = store.plain.articles.find()
    assert found["title"] == "As corrected"


def test_what_a_run_left_does_not_undo_what_a_later_one_knows_of_a_source(store: Store) -> None:
    def left(fence: int, etag: str, key: str = "feed:/feed") -> Document:
        return through_disk(of_source("news", {"key": key, "etag": etag})) | {"fence": fence}

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await database["outlets"].insert_one({"_id": "news"})
        for write in (left(2, "a"), left(3, "b"), left(1, "c"), left(1, "d", "listing:/")):
            await filing.deliver([write])
        await filing.deliver([left(2, "e")])
        await filing.deliver([left(3, "f")])  # of the same run

    store.run(work)
    (outlet,) = store.plain.outlets.find()
    assert {source["key"]: source["etag"] for source in outlet["sources"]} == {
        "feed:/feed": "f",
        "listing:/": "d",
    }


def test_two_machines_remember_a_new_source_once(store: Store) -> None:
    async def work(database: Database) -> None:
        await database["outlets"].insert_one({"_id": "news"})
        states = [{"key": "feed:/feed", "fence": fence} for fence in range(8)]
        await asyncio.gather(*(Outlets(database).save("news", state) for state in states))

    store.run(work)
    (outlet,) = store.plain.outlets.find()
    assert outlet["sources"] == [{"key": "feed:/feed", "fence": 7}]


def test_what_cannot_be_stored_stops_nothing_else(store: Store) -> None:
    huge = article(2, images=[Image("https://news.example/" + "x" * (17 << 20), None)])

    async def work(database: Database) -> list[Document]:
        filing = MongoWriter(database)
        articles = [article(1), huge, article(3)]
        await sight(database, *articles)
        filed = await filing.articles(articles, [of_article(one, 0) for one in articles])
        assert filed == ["stored", "quarantined", "stored"]
        return [kept async for kept in quarantined(database, "news")]

    (kept,) = store.run(work)
    assert kept["_id"] == huge.url
    assert "DocumentTooLarge" in kept["reason"]
    assert datetime.now(UTC) - kept["at"] < timedelta(minutes=1)
    lead = store.plain.leads.find_one({"_id": huge.lead})
    assert lead
    assert (lead["state"], lead["reason"], lead["due"] is None) == ("failed", "unstorable", False)


def test_what_is_no_article_and_cannot_be_stored_stops_nothing_else(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Else no run of this machine could begin before somebody has removed it."""
    page = random.Random(1).randbytes(17 << 20)  # it cannot be packed
    kept, other = article(1, markup=page), article(2)

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, kept, other)
        await database["outlets"].insert_one({"_id": "news"})
        failed = LeadOutcome(lead=kept.lead, attempts=0, state="skipped", reason="no_body")
        huge = "x" * (17 << 20)
        await filing.deliver(
            [
                of_source("news", {"key": "sitemap:/huge", "left": huge}),
                of_kept(failed, kept, "no_body"),
                of_run({"_id": "huge", "outlet": "news", "started": AT, "outcome": huge}),
                of_fate(
                    LeadOutcome(lead=other.lead, attempts=0, state="failed", reason="http_500")
                ),
                of_source("news", {"key": "feed:/feed", "etag": "a"}),
                of_run({"_id": "r", "outlet": "news", "started": AT, "outcome": "healthy"}),
            ]
        )

    store.run(work)
    states = {lead["_id"]: lead["state"] for lead in store.plain.leads.find()}
    assert states == {kept.lead: "skipped", other.lead: "failed"}
    (outlet,) = store.plain.outlets.find()
    assert [source["key"] for source in outlet["sources"]] == ["feed:/feed"]
    assert [run["_id"] for run in store.plain.runs.find()] == ["r"]
    for told in ("What is noted of a source", "What is noted of a run", f"page of {kept.url}"):
        assert told in caplog.text


def test_a_stored_story_stays_stored_when_what_it_says_now_cannot_be(store: Store) -> None:
    due = AT.replace(microsecond=0) + timedelta(days=1)
    huge = article(fetched=AT + timedelta(hours=1), body="x" * (17 << 20))

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, huge)
        await filing.deliver([through_disk(of_article(article(), 0, due))])
        told = of_article(huge, 1, due, {"etag": '"b"'}, before=huge.url)
        assert await filing.articles([huge], [told]) == ["quarantined"]

    store.run(work)
    (lead,) = store.plain.leads.find()
    assert (lead["state"], lead["reason"]) == ("stored", "unstorable")
    assert (lead["article"], lead["due"]) == (huge.url, due)
    assert lead["validators"] is None  # they are those of what could not be stored
    assert store.plain.quarantine.count_documents({}) == 1
    (kept,) = store.plain.articles.find()
    assert kept["body"] == article().body


def test_a_lead_that_cannot_hold_its_aliases_stops_nothing_else(store: Store) -> None:
    """As no page makes any; but what waits on disk is brought by every run until it is brought."""
    huge = article(2, aliases=["https://news.example/?p=" + "b" * (9 << 20)])

    async def work(database: Database) -> None:
        articles = [article(1), huge, article(3)]
        await sight(database, *articles)
        for _ in range(2):
            await MongoWriter(database).deliver([of_article(one, 0) for one in articles])

    store.run(work)
    leads = list(store.plain.leads.find({}, ["state", "article"]))
    assert [lead["state"] for lead in leads] == ["stored"] * 3
    assert {lead["article"] for lead in leads} == {
        one["_id"] for one in store.plain.articles.find()
    }


@pytest.mark.parametrize(
    ("reason", "attempts", "expected"),
    [("http_404", 2, "withdrawn"), ("http_410", 1, "withdrawn"), ("timeout", 1, None)],
)
def test_an_article_that_comes_after_a_later_run_has_its_lead(
    reason: str, attempts: int, expected: str | None, store: Store
) -> None:
    """Its machine was away while another one found no page: there is an article all the same."""
    one, due = article(1), datetime.now(UTC).replace(microsecond=0)

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, one)
        late = of_article(one, 0, due, fence=1)
        for attempt in range(attempts):
            fate = LeadOutcome(
                lead=one.lead, attempts=attempt, state="failed", reason=reason, fence=2
            )
            await filing.deliver([of_fate(fate)])
        for _ in range(2):
            await filing.deliver([late])

    store.run(work)
    (lead,) = store.plain.leads.find()
    assert (lead["state"], lead["reason"], lead["article"]) == ("stored", expected, one.url)
    assert (lead["due"], lead["fence"]) == (due, 2)
    assert one.aliases[0] in lead["aliases"]
    (found,) = store.plain.articles.find()
    assert ("withdrawn" in found) == (expected == "withdrawn")
    assert store.plain.revisions.count_documents({}) == (expected == "withdrawn")


def test_a_run_that_does_not_know_of_an_article_does_not_take_it_from_its_lead(
    store: Store,
) -> None:
    """It had the story in hand when what another machine had left came."""
    one = article(1)

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, one)
        gone = LeadOutcome(lead=one.lead, attempts=1, state="failed", reason="http_404", fence=2)
        for write in (of_article(one, 0, fence=1), of_fate(gone), of_fate(gone)):
            await filing.deliver([write])

    store.run(work)
    (lead,) = store.plain.leads.find()
    assert (lead["state"], lead["article"], len(lead["history"])) == ("stored", one.url, 2)
