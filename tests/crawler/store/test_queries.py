"""Every query that the store makes uses an index: judged is what the server says that it ran."""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import crawler
from crawler.admin.backup import back_up, restore
from crawler.admin.database_checks import check_database
from crawler.admin.migrations import migrate, pending
from crawler.article import LeftOut
from crawler.duplicates.clusters import Clusters
from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.fetch.hosts import Hosts
from crawler.lead import Lead, LeadState
from crawler.monitor.address_record import find_address_record
from crawler.monitor.alert_store import AlertStore
from crawler.monitor.alerts import Alert
from crawler.monitor.completeness import completeness, stories_by_sources
from crawler.monitor.freshness import freshness
from crawler.monitor.overview import full_overview
from crawler.queue.writer import MongoWriter, quarantined, quarantined_write
from crawler.queue.writes import ArticleWrite, OutcomeWrite, RunWrite, SourceWrite
from crawler.reparse.reparse_store import ReparseStore, compare
from crawler.schedule.planning import ScheduleRule, plan
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.articles import Articles
from crawler.store.boilerplate_blocks import BoilerplateBlocks, block_document, traits_document
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.leases import Leases, stale
from crawler.store.ledger import OUT_OF_RANGE, WITHDRAWN, LeadOutcome, Ledger
from crawler.store.pages import Pages
from crawler.store.profiles import ProfileStore
from crawler.store.publication_delay import first_collected
from crawler.store.revisions import Revisions
from crawler.store.runs import Outlets, Runs
from crawler.store.schema import AGES, ArticleVersion
from crawler.text.recurring_blocks import StoryTraits
from tests.crawler.store.test_articles import stages
from tests.crawler.store_fixture import AT, Store, article, save_articles, stamp, versions
from tests.rooms import KNOW_MONGODB

STORIES = 300
KEY = "0123456789ab"
LATER = AT + timedelta(hours=2)

ALLOWED = {
    "scan: articles update": "`similar --recompute` forgets all",
    "scan: sketches remove": "as above",
    "sort: leads command outlet state $nin first_seen $gte $expr $ifNull": "by what only its"
    " groups tell",
    "sort: articles command outlet $in stored $gte delay": "ranks a week's delays, of the index",
}
"""Queries that read a whole collection, or sort in memory, and why they may."""

SMALL = {"alerts", "leases", "schedules", "schedulers"}
"""Collections of a document or two for each outlet or machine: to read them all is as quick."""

UNCALLED = {
    "delivery.Outbox.put": "holds writes on disk; `MongoWriter` makes them",
    "delivery.Outbox.deliver": "as above",
    "delivery._Delivery.bring": "as above",
    "delivery.replay": "as above",
    "indexer.DuplicateIndexer.close": "calls `NearDuplicates.place`",
    "reparse.Reparse.open": "calls what is called here",
    "reparse.Reparse.rebuild": "as above",
    "reparse.Reparse.recover": "as above",
    "spool.Spool.put": "on disk",
    "spool.Spool.first": "on disk",
    "spool.Spool.drop": "on disk",
    "spool.Spool.put_aside": "on disk",
}
"""Public coroutines of the store that are not called here, and why they need not be."""


def public() -> dict[CodeType, str]:
    """The public coroutines and asynchronous generators of the store."""
    found = {}
    for module in pkgutil.walk_packages(crawler.__path__, "crawler."):
        if module.ispkg or not module.name.startswith(KNOW_MONGODB):
            continue
        loaded = importlib.import_module(module.name)
        parts = [cls for _, cls in inspect.getmembers(loaded, inspect.isclass)]
        for part in [loaded, *parts]:
            for name, function in inspect.getmembers(part, inspect.isfunction):
                is_ours = function.__module__ == loaded.__name__ and name[0] != "_"
                if is_ours and (
                    inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
                ):
                    short = module.name.rpartition(".")[2]
                    found[function.__code__] = f"{short}.{function.__qualname__}"
    return found


@contextmanager
def watched() -> Iterator[set[CodeType]]:
    """All code that runs in this thread meanwhile."""
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


@contextmanager
def profiled(store: Store) -> Iterator[None]:
    """The server keeps in ``system.profile`` all that it runs meanwhile."""
    store.plain.create_collection("system.profile", capped=True, size=64 << 20)
    store.plain.command("profile", 2)
    yield
    store.plain.command("profile", 0)


def names(asked: Any) -> Iterator[str]:
    """The fields and operators of a filter."""
    if isinstance(asked, dict):
        for name, part in asked.items():
            yield name
            yield from names(part)
    if isinstance(asked, list):
        for part in asked:
            yield from names(part)


def judged(store: Store) -> set[str]:
    """What the server ran without an index, or sorted in memory."""
    poor, seen = set(), 0
    for entry in store.plain["system.profile"].find({"planSummary": {"$exists": True}}):
        collection = entry["ns"].partition(".")[2]
        if collection.startswith("system.") or collection in SMALL:
            continue
        seen += 1
        command = entry["originatingCommand" if "originatingCommand" in entry else "command"]
        first = command.get("pipeline", [{}])[0]
        filters = [command.get(name) for name in ("filter", "q", "query")] + [first.get("$match")]
        words = (collection, entry["op"], *names(next(filter(None, filters), {})))
        what = " ".join(dict.fromkeys(words))
        used = stages(entry.get("execStats", {})) | {entry["planSummary"]}
        if "COLLSCAN" in used:
            poor.add(f"scan: {what}")
        if "SORT" in used or entry.get("hasSortStage"):
            poor.add(f"sort: {what}")
    assert seen > 50
    return poor


def some(start: int, stop: int, **changes: Any) -> list[Any]:
    """Stories of two outlets."""
    return [
        article(
            n,
            outlet="other" if n % 3 == 0 else "news",
            published=stamp(AT + timedelta(minutes=n)),
            first_seen=AT + timedelta(minutes=n),
            body=f"The port of town {n} was opened on Friday.\n\nRead on, {n % 7} of all.",
            structure=["p", "p"],
            left_out=[LeftOut(KEY, 2)] if n % 10 == 0 else [],
            **changes,
        )
        for n in range(start, stop)
    ]


def fate(n: int, state: LeadState, reason: str | None = None, **more: Any) -> LeadOutcome:
    return LeadOutcome(
        lead=f"https://news.example/{n}", attempts=0, state=state, reason=reason, **more
    )


def run_document(number: int, **more: Any) -> Document:
    started = AT + timedelta(minutes=number)
    return {"_id": f"r{number}", "outlet": "news", "started": started, "outcome": "healthy", **more}


async def fill(database: Database) -> None:
    """Some hundreds of documents, in every state."""
    stories = some(0, STORIES)
    await save_articles(database, stories)
    ledger = Ledger(database, "news")
    leads = [Lead(url=f"https://news.example/{n}", origin="feed") for n in range(2 * STORIES)]
    await ledger.sight(UNFENCED, leads, "feed:/feed")
    states: list[tuple[LeadState, str | None]] = [
        ("failed", "http_500"),
        ("skipped", OUT_OF_RANGE),
        ("skipped", "no_body"),
        ("gone", "http_410"),
    ]
    fates = [fate(n, "stored", article=f"https://news.example/{n}", due=AT) for n in range(STORIES)]
    fates += [fate(n, *states[n % 4]) for n in range(STORIES, 2 * STORIES - 50)]
    await ledger.settle(UNFENCED, fates)
    await NearDuplicates(database).cluster(["news", "other"])
    for number in range(STORIES):
        await Runs(database).update(UNFENCED, run_document(number))
    other = Ledger(database, "other")
    await other.sight(
        UNFENCED, [Lead(url=f"https://o.example/{n}", origin="feed") for n in range(99)], "rest"
    )


async def exercise_articles(database: Database) -> None:
    articles = Articles(database)
    await articles.save(UNFENCED, versions(some(0, 50, title="New", fetched=LATER)))
    await articles.save(UNFENCED, versions(some(STORIES, STORIES + 50)))
    await articles.get("https://news.example/?p=3")
    await articles.get("https://www.news.example/4/")
    assert await articles.origins("news", 20)
    for query in (
        {},
        {"outlet": "news"},
        {"since": AT},
        {"outlet": "news", "since": AT, "limit": 5},
    ):
        async for _ in articles.find(**query):
            pass
    await articles.add_source(UNFENCED, ["https://news.example/5"], "listing:/")
    await articles.see(UNFENCED, {"https://news.example/5": LATER})
    await articles.save(UNFENCED, versions([article(5)]))  # read before that
    await articles.withdraw(UNFENCED, [("https://news.example/6", LATER)])
    assert await Revisions(database).of("https://news.example/6")
    pages = Pages(database)
    stored = await articles.get("https://news.example/7")
    assert stored
    assert await pages.find([stored["page"]])
    assert (await pages.sizes(["news"]))["news"]["count"] > 100
    for outlet, since in (("news", None), ("news", AT), (None, None), (None, AT)):
        async for _ in pages.stream(outlet, since):
            pass
    for since in (None, AT):
        reparse = ReparseStore(database, "news", since)
        assert await reparse.count() > 100
        async for chunk in reparse.articles():
            await reparse.save([compare(one, article(7, section="Sport")) for one in chunk[:5]])


async def exercise_ledger(database: Database) -> None:
    ledger = Ledger(database, "news")
    for since, until in ((None, None), (AT, None), (AT, LATER)):
        assert await ledger.due(since, until, "https://news.example/3")
    assert await ledger.revisits()
    await ledger.awaits_missing(timedelta(1))
    leads = [Lead(url=f"https://www.news.example/{n}/", origin="feed") for n in range(590, 620)]
    await ledger.sight(UNFENCED, leads, "listing:/")
    assert await ledger.entries(["https://news.example/9"])
    await ledger.settle(UNFENCED, [fate(9, "stored", article="https://news.example/9")])
    assert await ledger.retry()


async def exercise_similar(database: Database) -> None:
    similar, clusters = NearDuplicates(database), Clusters(database)
    await similar.cluster(["news", "other"])
    assert await similar.find("https://news.example/300")
    roots = await clusters.roots(["https://news.example/300"])
    top = roots["https://news.example/300"]
    assert await clusters.members("copy", {top["copy"]})
    pairs = [("https://news.example/300", "https://news.example/301")]
    await clusters.join({"copy": pairs, "story": pairs})
    async for _ in similar.recompute():
        pass


async def exercise_seeing(database: Database) -> None:
    rules = {name: ScheduleRule(outlet=name, schedule="0 * * * *") for name in ("news", "other")}
    assert await full_overview(database, rules, LATER)
    assert await stories_by_sources(database, "news", AT, "Europe/Berlin", ["gone"])
    assert await first_collected(database, "news")
    await completeness(database, "news", "Europe/Berlin", LATER)
    await freshness(database, AT, ["news"])
    assert (await find_address_record(database, "https://news.example/3")).leads
    async for _ in check_database(database):
        pass
    async for _ in stale(database):
        pass


async def exercise_alerts(database: Database) -> None:
    alerts = AlertStore(database)
    await alerts.update([Alert("failed", "news", "Why.")])
    began, over = await alerts.claim()
    await alerts.release(began)
    began, over = await alerts.claim()
    await alerts.mark_sent([*began, *over])
    assert await alerts.lasting()
    assert await ScheduleStore(database).last_beat()


async def exercise_quarantine(database: Database) -> None:
    filing = MongoWriter(database)
    aside = article(2 * STORIES - 1, page="f" * 64)
    await filing.write(
        UNFENCED, [quarantined_write(fate(2 * STORIES - 1, "failed", "no_body"), aside, "no_body")]
    )
    found = [kept async for chunk in ReparseStore(database, "news").quarantine() for kept in chunk]
    found += [
        kept async for chunk in ReparseStore(database, "news", AT).quarantine() for kept in chunk
    ]
    assert found
    entries = await Ledger(database, "news").entries([aside.lead])
    await ReparseStore(database, "news").recover([aside], entries)
    profiles = ProfileStore(database, "news")
    await profiles.save(UNFENCED, {"polled": LATER})
    assert await profiles.load()
    assert await profiles.forget()


async def exercise_schedules(database: Database) -> None:
    schedules = ScheduleStore(database)
    (due,) = [plan(ScheduleRule(outlet="news", schedule="0 * * * *"), None, LATER)]
    assert due
    assert await schedules.claim([due]) == {"news"}
    await schedules.reschedule(due, {"slack": 1.0})
    assert await schedules.states()
    assert await schedules.get("news")
    assert await schedules.publication_times("news", "Europe/Berlin") == []
    assert await schedules.running() == set()
    await schedules.beat("collect --due", LATER)


async def exercise_rest(database: Database) -> None:
    blocks = BoilerplateBlocks(database, "news")
    traits = StoryTraits("https://news.example/1", AT, ("World",), (KEY,), frozenset({1}))
    await blocks.save(
        UNFENCED,
        [traits_document(traits)],
        [block_document(KEY, "Read on.", ["https://news.example/1"])],
    )
    await blocks.load()
    assert await blocks.left_out()
    assert await blocks.put_back(await blocks.change(KEY, "kept"))
    runs, outlets, hosts = Runs(database), Outlets(database), Hosts(database)
    await runs.open(UNFENCED, run_document(999, outcome="running", process={"host": "elsewhere"}))
    lease = await Leases(database).take("news", "r999", 60)
    assert (await Leases(database).held()).keys() == {"news"}
    await runs.close_killed(UNFENCED)
    await lease.release()
    await runs.update(UNFENCED, run_document(999))
    assert await runs.latest("news")
    assert await runs.last(["news"])
    assert await runs.recent("news", 9)
    assert await runs.recent(None, 9)
    await runs.days("news", AT, "Europe/Berlin")
    await runs.explain("r999", "why")
    assert await runs.get("r999")
    await outlets.declare(UNFENCED, "news", {"title": "News"})
    await outlets.load("news")
    for etag in "ab":
        await outlets.save(UNFENCED, "news", {"key": "feed:/feed", "etag": etag})
    assert await outlets.accept_as_usual("news")
    await hosts.take_turn("news.example", 1)
    await hosts.postpone_turn("news.example", 1)
    await hosts.back_off("news.example", None, "http_429")
    await hosts.recovered("news.example")
    await hosts.keep_robots("https://news.example/", b"")
    assert await hosts.robots("https://news.example/")
    filing = MongoWriter(database)
    await filing.write(
        UNFENCED,
        [
            ArticleWrite.of(article(1000), 0),
            OutcomeWrite(
                outcome=fate(11, "stored", WITHDRAWN, article="https://news.example/11", at=LATER)
            ),
            SourceWrite(outlet="news", state={"key": "feed:/feed"}),
            RunWrite(run=run_document(7)),
        ],
    )
    await filing.quarantine(UNFENCED, ArticleVersion.of(article(1001)), ValueError("no"))
    for outlet in ("", "news"):
        async for _ in quarantined(database, outlet):
            pass
    for name in AGES:
        await database.retain(name, 9)


def test_every_query_of_the_store_uses_an_index(
    store: Store, target: Store, tmp_path: Path
) -> None:
    path = tmp_path / "backup.zst"

    async def work(database: Database) -> None:
        await database.prepare()
        await exercise_articles(database)
        await exercise_ledger(database)
        await exercise_similar(database)
        await exercise_seeing(database)
        await exercise_schedules(database)
        await exercise_alerts(database)
        await exercise_quarantine(database)
        await exercise_rest(database)
        with path.open("wb") as file:
            await back_up(database, file, lambda *_: None)

    async def bring_back(database: Database) -> None:
        await restore(database, path, lambda *_: None)
        await database["meta"].delete_many(UNFENCED, {})
        assert [step async for step in pending(database)]
        await migrate(database, lambda *_: None)

    store.run(fill)
    with watched() as called:
        with profiled(store):
            store.run(work)
        with profiled(target):
            target.run(bring_back)

    functions = public()
    uncalled = {name for code, name in functions.items() if code not in called}
    assert uncalled == UNCALLED.keys()
    assert judged(store) == ALLOWED.keys()
    # Restoring and migrating read whole collections, once, and by `_id`.
    assert not [asked for asked in judged(target) if "sort" in asked]
