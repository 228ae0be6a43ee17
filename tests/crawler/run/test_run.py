"""All the way from a sighting to MongoDB, by spool and filing: whatever the stories, by many."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crawler.article import Article
from crawler.errors import StoreError
from crawler.lead import Lead
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import Write
from crawler.run.record import RunOptions
from crawler.run.run import Run
from crawler.store.collection import Document, Fence
from crawler.store.database import Database, Patience
from crawler.store.ledger import LeadOutcome, Ledger
from tests.crawler.store_fixture import Store, article, in_eight_processes, stamp
from tests.desk import adds_up

MEGABYTE = 1 << 20
SIZES = [int(size * MEGABYTE) for size in (15.9, 16.1, 40)]
numbers = count(1)
"""No story is in two examples."""


async def collect(database: Database, articles: list[Article], outlet: str = "news") -> Document:
    """Collect articles as a run does; its account. It closes the database."""
    run = Run(database, RunOptions(outlet=outlet), Patience(60))
    await run.open()
    await run.frontier.record_sightings(
        [Lead(url=one.lead, origin="feed") for one in articles], "feed:/feed"
    )
    for one in articles:
        if run.record.tally.is_pending(one.lead):
            await run.recorder.store(one)
    await run.deliver()
    assert run.waiting == 0
    account = run.record.tally.totals()
    assert adds_up(account)
    assert account["pending"] == 0
    await run.recorder.save_run(outcome="healthy")
    await run.deliver()
    await run.close()
    return account


def poisoned(store: Store, articles: list[Article], poison: dict[str, str]) -> None:
    """Collect articles of which some, by address, cannot be stored, for what these words say."""
    account = store.run(lambda database: collect(database, articles))
    addresses = {one.url for one in articles}
    of_these = {"_id": {"$in": list(addresses)}}
    kept = {one["_id"]: one["reason"] for one in store.plain.quarantine.find(of_these)}
    assert kept.keys() == poison.keys()
    for url, reason in poison.items():
        assert reason in kept[url]
    stored = {one["_id"]: one for one in store.plain.articles.find(of_these)}
    assert stored.keys() == addresses - poison.keys()
    for one in articles:
        if one.url not in poison:
            assert (stored[one.url]["title"], stored[one.url]["body"]) == (one.title, one.body)
            assert store.plain.pages.count_documents({"_id": one.page}) == 1
    assert account["stored"] == len(stored)
    assert account["failed"] == ({"unstorable": len(poison)} if poison else {})
    states = {lead["_id"]: lead["state"] for lead in store.plain.leads.find(of_these)}
    assert states == {url: "failed" if url in poison else "stored" for url in addresses}
    assert list(store.data.rglob("*.spool")) == []


LONE = st.sampled_from(["\ud800", "\udfff", "a\ud83d", "\ude00b"])
HUGE = st.integers(17, 20)
"""Megabytes of text, which are not made before they are needed."""
NAIVE = datetime(2024, 11, 30)
POISON = st.one_of(
    st.tuples(st.just("title"), LONE, st.just("surrogates not allowed")),
    st.tuples(st.just("body"), LONE, st.just("surrogates not allowed")),
    st.tuples(st.just("tags"), LONE.map(lambda text: ["a", text]), st.just("surrogates")),
    st.tuples(st.just("origins"), LONE.map(lambda text: {text: "meta"}), st.just("surrogates")),
    st.tuples(st.just("origins"), st.just({"a\0b": "meta"}), st.just("NULL byte")),
    st.tuples(st.just("body"), HUGE, st.just("DocumentTooLarge")),
    st.tuples(st.just("standfirst"), HUGE, st.just("DocumentTooLarge")),
    st.tuples(st.just("word_count"), st.just(1 << 64), st.just("8-byte ints")),
    st.tuples(st.just("word_count"), st.just("many"), st.just("failed validation")),
    st.tuples(st.just("tags"), st.just([{"a"}]), st.just("cannot encode")),
    st.tuples(st.just("first_seen"), st.just(NAIVE), st.just("without a time zone")),
    st.tuples(st.just("modified"), st.just(stamp(NAIVE)), st.just("without a time zone")),
)
"""A field, what it cannot be, and what is said of it."""
ODD = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
        "origins": st.dictionaries(st.sampled_from(["$set", "a.b", "$", "."]), st.just("meta")),
        "confidence": st.dictionaries(
            st.sampled_from(["title", "$x.y"]), st.floats(allow_nan=True, allow_infinity=True)
        ),
        "published": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
            lambda at: stamp(at.replace(tzinfo=stamp().at.tzinfo))
        ),
        "word_count": st.integers(-(1 << 31), (1 << 31) - 1),
        "markup": st.binary(max_size=2_000),
    },
)
"""What looks odd, and can be stored all the same."""


@settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink megabytes takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(ODD | POISON, min_size=1, max_size=12))
def test_of_any_stories_all_but_the_poison_is_stored(
    store: Store, stories: list[dict[str, Any] | tuple[str, Any, str]]
) -> None:
    """What cannot be stored is in quarantine, with its reason, and its neighbours are unharmed."""
    articles, poison = [], {}
    for number, story in zip(numbers, stories, strict=False):
        if isinstance(story, dict):
            articles.append(article(number, **story))
        else:
            name, value, reason = story
            if reason == "DocumentTooLarge":
                value = "x" * (value * MEGABYTE)
            articles.append(article(number, **{name: value}))
            poison[articles[-1].url] = reason
    poisoned(store, articles, poison)


def test_the_largest_page_that_is_stored(store: Store) -> None:
    """Documents end at 16 MB, which a page's text, compressed, does not reach; noise does."""
    text = [
        article(number, markup=b"<p>Ports are open again.</p>" * (size // 28), page=str(number))
        for number, size in enumerate(SIZES)
    ]
    noise = [
        article(10 + number, markup=os.urandom(size), page=str(10 + number))
        for number, size in enumerate((SIZES[0], 17 * MEGABYTE))  # half of one helps to pack it
    ]
    bodies = [
        article(20 + number, body="x" * size, page=str(20 + number))
        for number, size in enumerate((15 * MEGABYTE, SIZES[1]))
    ]
    poison = {noise[1].url: "arge", **{one.url: "arge" for one in bodies[1:]}}
    poisoned(store, [*text, *noise, *bodies, article(30)], poison)


def test_what_is_brought_again_counts_as_it_did(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes away when the articles are in, and before the rest of their batch is."""
    failures = iter([StoreError("The server does not answer.")])
    write_rest = MongoWriter.write_rest

    async def fail_once(writer: MongoWriter, fence: Fence, writes: Sequence[Write]) -> None:
        for failure in failures:
            raise failure
        await write_rest(writer, fence, writes)

    monkeypatch.setattr(MongoWriter, "write_rest", fail_once)
    account = store.run(lambda database: collect(database, [article(1), article(2)]))
    assert list(failures) == []
    assert (account["stored"], account["unchanged"]) == (2, {})


def test_what_was_stored_and_not_acknowledged_counts_as_stored(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes away when the articles are in, and before their leads are settled."""
    failures = iter([StoreError("The server does not answer.")])
    settle = Ledger.settle

    async def fail_once(ledger: Ledger, fence: Fence, outcomes: list[LeadOutcome]) -> None:
        for failure in failures:
            raise failure
        await settle(ledger, fence, outcomes)

    monkeypatch.setattr(Ledger, "settle", fail_once)
    account = store.run(lambda database: collect(database, [article(1), article(2)]))
    assert list(failures) == []
    assert (account["stored"], account["unchanged"]) == (2, {})


def test_what_is_passed_over_or_put_off_is_not_held(store: Store) -> None:
    async def work(database: Database) -> None:
        run = Run(database, RunOptions(outlet="news", limit=9))
        await run.open()
        leads = [Lead(url=article(number).url, origin="feed") for number in range(9)]
        _, due = await run.frontier.record_sightings(leads, "feed:/feed")
        fullness = [run.record.is_full]
        for entry in due[:4]:
            run.frontier.pass_over(entry)
        fullness.append(run.record.is_full)
        assert fullness == [True, False]  # it may take others in their place
        for entry in due[4:]:
            run.frontier.put_off(entry)
        assert run.frontier._entries == {}
        totals = run.record.tally.totals()
        assert (totals["rejected"], totals["pending"]) == ({"out_of_range": 4}, 5)
        await run.close()

    store.run(work)


async def collect_many(database: Database, count: int = 40) -> str:
    """The account of one of several that collect the same, for outlets of their own."""
    outlet = f"news{os.getpid()}"
    stories = [article(number, outlet=outlet) for number in range(count)]
    for one in stories:
        # What stands on every page makes all stories one event; these are of none.
        one.title = one.body = f"{one.fingerprint[:9]} {one.fingerprint[9:20]}"
    return json.dumps(await collect(database, stories, outlet))


async def collect_a_thousand(database: Database) -> str:
    """The same of more."""
    return await collect_many(database, 1_000)


@pytest.mark.timeout(300)
def test_eight_processes_store_the_same(store: Store, request: pytest.FixtureRequest) -> None:
    """No article and no fate is lost or doubled, and each account adds up."""
    soak = request.config.getoption("soak")
    count, work = (1_000, "collect_a_thousand") if soak else (40, "collect_many")
    accounts = list(map(json.loads, in_eight_processes(store, "run.test_run", work)))
    assert [account["sighted"] for account in accounts] == [count] * 8
    assert [account["failed"] | account["rejected"] for account in accounts] == [{}] * 8
    assert sum(account["stored"] for account in accounts) >= count
    expected = {article(number).url for number in range(count)}
    for name in ("articles", "leads", "sketches"):
        assert set(store.plain[name].distinct("_id")) == expected
    assert store.plain.leads.count_documents({"state": "stored"}) == count
    assert store.plain.pages.count_documents({}) == count
    assert store.plain.revisions.count_documents({}) == 0
    assert store.plain.quarantine.count_documents({}) == 0
    assert store.plain.runs.count_documents({"outcome": "healthy"}) == 8
    assert list(store.data.rglob("*.spool")) == []
