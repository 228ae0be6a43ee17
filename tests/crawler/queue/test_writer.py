"""What waits on disk gets into MongoDB: whole, once, in any order, and whatever is in it."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from bson import encode

from crawler.article import Article, Image
from crawler.lead import Lead
from crawler.queue.writer import MongoWriter, quarantined, quarantined_write
from crawler.queue.writes import (
    ArticleWrite,
    BoilerplateWrite,
    OutcomeWrite,
    ProfileWrite,
    RunWrite,
    SourceWrite,
    Write,
    decode_write,
    encode_write,
)
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.ledger import LeadOutcome, Ledger
from crawler.store.runs import Outlets
from crawler.store.schema import document
from tests.crawler.store_fixture import AT, Store, article

SECOND = AT.replace(microsecond=0)


def through_disk(write: Write) -> Write:
    return decode_write(encode_write(write))


def test_an_article_comes_back_from_disk_as_it_was() -> None:
    given = article(images=[Image("https://news.example/1.jpg", "A port")])
    back = through_disk(ArticleWrite.of(given))
    assert isinstance(back, ArticleWrite)
    assert back.markup == given.markup
    assert encode(back.article) == encode(document(given))


@pytest.mark.parametrize(
    "write",
    [
        OutcomeWrite(outcome=LeadOutcome(lead="a", attempts=1, state="gone", at=SECOND)),
        OutcomeWrite(
            outcome=LeadOutcome(lead="a", attempts=0, state="failed", aliases=("b",), at=SECOND),
            kept={"_id": "a"},
            markup=b"<p>",
        ),
        SourceWrite(outlet="news", state={"key": "feed:/feed"}, fence=7),
        RunWrite(run={"_id": "r", "started": SECOND}),
        BoilerplateWrite(outlet="news", stories=[{"url": "a"}], blocks=[{"key": "k"}]),
        ProfileWrite(outlet="news", profile={"seen": SECOND}),
    ],
)
def test_every_write_comes_back_from_disk_as_it_was(write: Write) -> None:
    assert through_disk(write) == write


async def sight(database: Database, *articles: Article) -> None:
    leads = [Lead(url=one.lead, origin="feed") for one in articles]
    await Ledger(database, "news").sight(UNFENCED, leads, "feed:/feed")


def test_everything_is_brought_and_may_be_brought_again(store: Store) -> None:
    first, second, other = article(1), article(2), article(3)

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, first, second, other)
        fate = LeadOutcome(lead=other.lead, attempts=0, state="failed", reason="no_body")
        writes: list[Write] = [
            ArticleWrite.of(first, 0),
            OutcomeWrite(outcome=fate),
            ArticleWrite.of(second, 0),
            SourceWrite(outlet="news", state={"key": "feed:/feed", "etag": "a"}),
            SourceWrite(outlet="news", state={"key": "feed:/feed", "etag": "b"}),
            RunWrite(run={"_id": "r", "outlet": "news", "started": AT, "outcome": "healthy"}),
        ]
        await database["outlets"].insert_one(UNFENCED, {"_id": "news"})
        for _ in range(2):
            await filing.write(UNFENCED, [through_disk(write) for write in writes])

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
            await filing.write(UNFENCED, [through_disk(ArticleWrite.of(one, 0))])

    store.run(work)
    (found,) = store.plain.articles.find()
    assert found["title"] == "As corrected"


def test_what_a_run_left_does_not_undo_what_a_later_one_knows_of_a_source(store: Store) -> None:
    def left(fence: int, etag: str, key: str = "feed:/feed") -> Write:
        state = {"key": key, "etag": etag}
        return through_disk(SourceWrite(outlet="news", state=state, fence=fence))

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await database["outlets"].insert_one(UNFENCED, {"_id": "news"})
        for write in (left(2, "a"), left(3, "b"), left(1, "c"), left(1, "d", "listing:/")):
            await filing.write(UNFENCED, [write])
        await filing.write(UNFENCED, [left(2, "e")])
        await filing.write(UNFENCED, [left(3, "f")])  # of the same run

    store.run(work)
    (outlet,) = store.plain.outlets.find()
    assert {source["key"]: source["etag"] for source in outlet["sources"]} == {
        "feed:/feed": "f",
        "listing:/": "d",
    }


def test_two_machines_remember_a_new_source_once(store: Store) -> None:
    async def work(database: Database) -> None:
        await database["outlets"].insert_one(UNFENCED, {"_id": "news"})
        states = [{"key": "feed:/feed", "fence": fence} for fence in range(8)]
        await asyncio.gather(*(Outlets(database).save(UNFENCED, "news", state) for state in states))

    store.run(work)
    (outlet,) = store.plain.outlets.find()
    assert outlet["sources"] == [{"key": "feed:/feed", "fence": 7}]


def test_what_cannot_be_stored_stops_nothing_else(store: Store) -> None:
    huge = article(2, images=[Image("https://news.example/" + "x" * (17 << 20), None)])

    async def work(database: Database) -> list[Document]:
        filing = MongoWriter(database)
        articles = [article(1), huge, article(3)]
        await sight(database, *articles)
        filed = await filing.write_articles(UNFENCED, [ArticleWrite.of(one, 0) for one in articles])
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
        await database["outlets"].insert_one(UNFENCED, {"_id": "news"})
        failed = LeadOutcome(lead=kept.lead, attempts=0, state="skipped", reason="no_body")
        huge = "x" * (17 << 20)
        await filing.write(
            UNFENCED,
            [
                SourceWrite(outlet="news", state={"key": "sitemap:/huge", "left": huge}),
                quarantined_write(failed, kept, "no_body"),
                RunWrite(run={"_id": "huge", "outlet": "news", "started": AT, "outcome": huge}),
                OutcomeWrite(
                    outcome=LeadOutcome(
                        lead=other.lead, attempts=0, state="failed", reason="http_500"
                    )
                ),
                SourceWrite(outlet="news", state={"key": "feed:/feed", "etag": "a"}),
                RunWrite(run={"_id": "r", "outlet": "news", "started": AT, "outcome": "healthy"}),
            ],
        )

    store.run(work)
    states = {lead["_id"]: lead["state"] for lead in store.plain.leads.find()}
    assert states == {kept.lead: "skipped", other.lead: "failed"}
    (outlet,) = store.plain.outlets.find()
    assert [source["key"] for source in outlet["sources"]] == ["feed:/feed"]
    assert [run["_id"] for run in store.plain.runs.find()] == ["r"]
    for told in ("A write (source) cannot", "A write (run) cannot", f"page of {kept.url}"):
        assert told in caplog.text


def test_a_stored_story_stays_stored_when_what_it_says_now_cannot_be(store: Store) -> None:
    due = AT.replace(microsecond=0) + timedelta(days=1)
    huge = article(fetched=AT + timedelta(hours=1), body="x" * (17 << 20))

    async def work(database: Database) -> None:
        filing = MongoWriter(database)
        await sight(database, huge)
        await filing.write(UNFENCED, [through_disk(ArticleWrite.of(article(), 0, due=due))])
        told = ArticleWrite.of(huge, 1, due=due, validators={"etag": '"b"'}, before=huge.url)
        assert await filing.write_articles(UNFENCED, [told]) == ["quarantined"]

    store.run(work)
    (lead,) = store.plain.leads.find()
    assert (lead["state"], lead["reason"]) == ("stored", "unstorable")
    assert (lead["article"], lead["due"]) == (huge.url, due)
    assert lead["validators"] is None  # they are those of what could not be stored
    assert store.plain.quarantine.count_documents({}) == 1
    (kept,) = store.plain.articles.find()
    assert kept["body"] == article().body


@pytest.mark.parametrize(("attempts", "is_due"), [(1, True), (6, False)])
def test_a_doubtful_story_is_looked_at_until_the_doubt_has_lasted(
    attempts: int, is_due: bool, store: Store
) -> None:
    """However old it is, but not for ever."""
    words = [" ".join(f"{kind}{n}" for n in range(60)) for kind in ("ferry", "frost")]
    later = AT + timedelta(days=30)

    async def work(database: Database) -> None:
        writer = MongoWriter(database)
        await sight(database, article())
        await writer.write(UNFENCED, [ArticleWrite.of(article(body=words[0]), at=AT)])
        other = article(body=words[1], title="Frost", fetched=later, page="0" * 64)
        write = ArticleWrite.of(other, attempts, before=other.url, at=later)
        assert await writer.write_articles(UNFENCED, [write]) == ["doubtful"]

    store.run(work)
    (lead,) = store.plain.leads.find()
    due = later.replace(microsecond=123000) + timedelta(hours=12)
    assert lead["due"] == (due if is_due else None)


def test_a_lead_that_cannot_hold_its_aliases_stops_nothing_else(store: Store) -> None:
    """As no page makes any; but what waits on disk is brought by every run until it is brought."""
    huge = article(2, aliases=["https://news.example/?p=" + "b" * (9 << 20)])

    async def work(database: Database) -> None:
        articles = [article(1), huge, article(3)]
        await sight(database, *articles)
        for _ in range(2):
            await MongoWriter(database).write(
                UNFENCED, [ArticleWrite.of(one, 0) for one in articles]
            )

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
        late = ArticleWrite.of(one, 0, due=due, fence=1)
        for attempt in range(attempts):
            fate = LeadOutcome(
                lead=one.lead, attempts=attempt, state="failed", reason=reason, fence=2
            )
            await filing.write(UNFENCED, [OutcomeWrite(outcome=fate)])
        for _ in range(2):
            await filing.write(UNFENCED, [late])

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
        for write in (
            ArticleWrite.of(one, 0, fence=1),
            OutcomeWrite(outcome=gone),
            OutcomeWrite(outcome=gone),
        ):
            await filing.write(UNFENCED, [write])

    store.run(work)
    (lead,) = store.plain.leads.find()
    assert (lead["state"], lead["article"], len(lead["history"])) == ("stored", one.url, 2)
