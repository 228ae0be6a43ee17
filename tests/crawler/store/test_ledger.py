"""The ledger in a real MongoDB: what was sighted, by whom, and what is due."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.lead import Lead, LeadState
from crawler.monitor.completeness import recall, stories_by_sources
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.ledger import (
    DISMISSALS,
    LONGEST_WAIT,
    LOOK_AGAIN,
    LOOKS,
    OUT_OF_RANGE,
    RETRY_AFTER,
    LeadOutcome,
    Ledger,
    LedgerEntry,
)
from tests.crawler.store.test_articles import stages
from tests.crawler.store_fixture import Store, in_eight_processes

Work = Callable[[Ledger], Awaitable[Any]]


def lead(number: int = 1, **changes: Any) -> Lead:
    return Lead(**({"url": f"https://news.example/{number}", "origin": "feed"} | changes))


def with_ledger(store: Store, work: Work, outlet: str = "news") -> Any:
    return store.run(lambda database: work(Ledger(database, outlet)))


async def due(ledger: Ledger) -> list[str]:
    return sorted(entry.lead.url[-1] for entry in await ledger.due(None, None))


def fate(
    entry: LedgerEntry, state: LeadState, reason: str | None = None, **more: Any
) -> LeadOutcome:
    return LeadOutcome(
        lead=entry.lead.url, attempts=entry.attempts, state=state, reason=reason, **more
    )


def counts(store: Store, outlet: str = "news") -> dict[str, int]:
    """Number of leads by state."""
    return dict(Counter(lead["state"] for lead in store.plain.leads.find({"outlet": outlet})))


def test_a_new_lead(store: Store) -> None:
    stated = lead(
        aliases=("https://news.example/?p=1",),
        title="One",
        published="2024-11-30",
        authors=("Ana",),
        tags=("a", "b"),
    )

    async def work(ledger: Ledger) -> None:
        before = datetime.now(UTC) - timedelta(milliseconds=1)  # whole ones are kept
        (entry,) = await ledger.sight(UNFENCED, [stated], "feed:/feed")
        assert (entry.lead, entry.sighted_by) == (stated, ("feed:/feed",))
        assert before <= entry.first_seen <= datetime.now(UTC)
        assert (entry.attempts, entry.known) == (0, False)
        again = await ledger.due(None, None)
        assert [(e.lead, e.sighted_by, e.attempts) for e in again] == [(stated, ("feed:/feed",), 0)]

    with_ledger(store, work)


def test_a_lead_with_a_very_long_address(store: Store) -> None:
    long = lead(url=f"https://news.example/{'%E0%B8%82' * 1_900}")

    async def work(ledger: Ledger) -> None:
        for _ in range(2):
            (entry,) = await ledger.sight(UNFENCED, [long], "feed:/feed")
        await ledger.settle(UNFENCED, [fate(entry, "stored", article=long.url)])
        (entry,) = await ledger.sight(UNFENCED, [long], "feed:/feed")
        assert (entry.article, entry.known) == (long.url, True)

    with_ledger(store, work)


def test_entries_are_in_order_and_distinct(store: Store) -> None:
    shown = [lead(3), lead(1), lead(3, title="Again"), lead(2)]

    async def work(ledger: Ledger) -> None:
        entries = await ledger.sight(UNFENCED, shown, "feed:/feed")
        assert [entry.lead.url[-1] for entry in entries] == ["3", "1", "2"]
        assert entries[0].lead.title is None
        assert await ledger.sight(UNFENCED, [], "feed:/feed") == []

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 3


def test_a_second_source_and_a_second_sighting(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        (first,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        for _ in range(2):
            (entry,) = await ledger.sight(UNFENCED, [lead(title="Later")], "listing:/")
            assert entry.sighted_by == ("feed:/feed", "listing:/")
            assert abs(entry.first_seen - first.first_seen) < timedelta(milliseconds=1)
            assert entry.lead.title is None  # what the first source stated stands

    with_ledger(store, work)
    (found,) = store.plain.leads.find()
    assert [sighting["source"] for sighting in found["sightings"]] == ["feed:/feed", "listing:/"]


def test_an_alias_is_the_same_lead(store: Store) -> None:
    short = "https://news.example/?p=1"

    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead(aliases=(short,))], "feed:/feed")
        (by_alias,) = await ledger.sight(UNFENCED, [lead(url=short)], "listing:/")
        (with_alias,) = await ledger.sight(UNFENCED, [lead(9, aliases=(lead().url,))], "rest")
        assert by_alias.lead.url == with_alias.lead.url == "https://news.example/1"
        (entry,) = await ledger.sight(UNFENCED, [lead(url=short), lead()], "feed:/feed")
        assert entry.lead.url == "https://news.example/1"

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 1


def test_an_alias_in_one_sheet_is_the_same_lead(store: Store) -> None:
    short = "https://news.example/?p=1"

    async def work(ledger: Ledger) -> None:
        entries = await ledger.sight(
            UNFENCED, [lead(aliases=(short,)), lead(url=short)], "feed:/feed"
        )
        assert [entry.lead.url for entry in entries] == ["https://news.example/1"]

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 1


def test_what_was_taken_for_new_and_is_known_is_no_second_lead(store: Store) -> None:
    """After a page where all was new the next is written while it is looked up."""
    short = "https://news.example/?p=1"
    page = [
        lead(url=short),  # known by its alias
        lead(2),  # known
        lead(3, aliases=(lead(4).url,)),
        lead(4),  # the one before
        lead(5, aliases=(lead(2).url,)),  # known by its own
    ]

    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead(aliases=(short,)), lead(2)], "feed:/feed")
        entries = await ledger.sight(UNFENCED, page, "listing:/")
        assert [entry.lead.url[-1] for entry in entries] == ["1", "2", "3"]
        assert [len(entry.sighted_by) for entry in entries] == [2, 2, 1]
        again = await ledger.sight(UNFENCED, page, "listing:/")
        assert again == entries

    with_ledger(store, work)
    sighted = {one["_id"][-1]: len(one["sightings"]) for one in store.plain.leads.find()}
    assert sighted == {"1": 2, "2": 2, "3": 1}


FORMS = (
    "https://news.example/2024/a-long-story-7",
    "http://news.example/2024/a-long-story-7",
    "https://www.news.example/2024/a-long-story-7/",
    "https://m.news.example/2024/a-long-story-7",
    "https://news.example/amp/2024/a-long-story-7",
    "https://news.example/2024/a-long-story-7/amp/",
)


@pytest.mark.parametrize("first", FORMS)
def test_addresses_of_one_page_are_one_lead(first: str, store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        (entry,) = await ledger.sight(UNFENCED, [lead(url=first)], "feed:/feed")
        await ledger.settle(UNFENCED, [fate(entry, "stored", article=first)])
        for url in FORMS:
            (entry,) = await ledger.sight(UNFENCED, [lead(url=url)], "listing:/")
            assert (entry.lead.url, entry.known) == (first, True)

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 1


def test_of_addresses_of_one_page_in_one_sheet_the_first_counts(store: Store) -> None:
    shown = [lead(1), *(lead(url=url, title=url) for url in FORMS), lead(2)]

    async def work(ledger: Ledger) -> None:
        _, entry, _ = await ledger.sight(UNFENCED, shown, "feed:/feed")
        assert entry.lead == lead(url=FORMS[0], title=FORMS[0], aliases=FORMS[1:])

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 3


def test_addresses_that_may_be_of_two_pages_are_two_leads(store: Store) -> None:
    shown = [lead(url=f"https://news.example/{path}") for path in ("gear", "gear/amp", "amp/gear")]

    async def work(ledger: Ledger) -> None:
        assert len(await ledger.sight(UNFENCED, shown, "feed:/feed")) == 3

    with_ledger(store, work)


def test_a_guid_that_two_stories_share_makes_them_no_one(store: Store) -> None:
    """Neither in one sheet, in whatever form, nor in two."""

    async def work(ledger: Ledger) -> None:
        for first in (1, 3):
            guids = ("https://news.example/feed-items", "http://news.example/feed-items/")
            shown = [lead(first + n, aliases=(guids[n],)) for n in (0, 1)]
            assert len(await ledger.sight(UNFENCED, shown, "feed:/feed")) == 2
        for number in (5, 6):
            await ledger.sight(UNFENCED, [lead(number, aliases=guids[:1])], "feed:/feed")

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == 6


WHEN = datetime(2024, 11, 30, 8, 15, tzinfo=UTC)
NAMED: dict[str, Any] = {"guid": "g", "title": "Pier closes", "published": "2024-11-30", "at": WHEN}


@pytest.mark.parametrize(
    ("changes", "source", "outcome", "leads"),
    [
        ({}, "feed:/feed", "stored", 1),
        ({"url": "https://news.example/1?sid=7"}, "feed:/feed", None, 1),
        ({"title": "PIER CLOSES!"}, "feed:/feed", "stored", 1),
        ({"at": WHEN + timedelta(days=1)}, "feed:/feed", "stored", 2),
        ({"at": None}, "feed:/feed", "stored", 2),
        ({"title": "Mill opens"}, "feed:/feed", "stored", 2),
        ({"title": None}, "feed:/feed", "stored", 2),
        ({"guid": "h"}, "feed:/feed", "stored", 2),
        ({"guid": None}, "feed:/feed", "stored", 2),
        ({}, "feed:/other", "stored", 2),
        ({}, "feed:/feed", "skipped", 2),
        ({}, "feed:/feed", "gone", 2),
    ],
)
def test_a_story_that_moved_is_known_by_its_guid(
    changes: dict[str, Any], source: str, outcome: LeadState | None, leads: int, store: Store
) -> None:
    async def work(ledger: Ledger) -> None:
        (first,) = await ledger.sight(UNFENCED, [lead(**NAMED)], "feed:/feed")
        if outcome:
            article = first.lead.url if outcome == "stored" else None
            await ledger.settle(UNFENCED, [fate(first, outcome, "x", article=article)])
        moved = lead(**{"number": 2} | NAMED | changes)
        (entry,) = await ledger.sight(UNFENCED, [moved], source)
        assert entry.lead.url == (first.lead.url if leads == 1 else moved.url)
        assert entry.moved_to == (moved.url if leads == 1 else None)
        (again,) = await ledger.sight(UNFENCED, [lead(url=moved.url)], "listing:/")
        assert again.lead.url == entry.lead.url

    with_ledger(store, work)
    assert store.plain.leads.count_documents({}) == leads


def test_a_guid_makes_no_one_of_what_is_shown_at_once_or_by_two_outlets(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead(**NAMED)], "feed:/feed")
        both = [lead(2, **NAMED), lead(**NAMED | {"guid": None})]
        assert len(await ledger.sight(UNFENCED, both, "feed:/feed")) == 2

    with_ledger(store, work)
    with_ledger(store, lambda own: own.sight(UNFENCED, [lead(3, **NAMED)], "feed:/feed"), "other")
    assert store.plain.leads.count_documents({}) == 3


def test_guids_and_addresses_that_change_every_time_do_not_pile_up(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead()], "sitemap:/s")
        for number in range(30):
            moving = lead(url=f"https://news.example/2?sid={number}", **NAMED)
            renamed = lead(guid=f"{number}")
            assert len(await ledger.sight(UNFENCED, [moving, renamed], "feed:/feed")) == 2

    with_ledger(store, work)
    kept = [len(found["identities"]) for found in store.plain.leads.find(sort=[("_id", 1)])]
    assert kept == [2, 22]


def test_settled_leads_are_known_and_not_due(store: Store) -> None:
    leads = [lead(n) for n in range(1, 6)]

    async def work(ledger: Ledger) -> None:
        stored, skipped, gone, failed, _ = await ledger.sight(UNFENCED, leads, "feed:/feed")
        assert await due(ledger) == ["1", "2", "3", "4", "5"]
        fates = [
            fate(stored, "stored", article=stored.lead.url, aliases=("https://news.example/s",)),
            fate(skipped, "skipped", "no_body"),
            fate(gone, "failed", "http_410"),
            fate(failed, "failed", "http_500"),
        ]
        await ledger.settle(UNFENCED, fates)
        assert await due(ledger) == ["5"]
        entries = await ledger.sight(UNFENCED, leads, "listing:/")
        assert [entry.known for entry in entries] == [True, True, True, True, False]
        (entry,) = await ledger.sight(UNFENCED, [lead(url="http://m.news.example/s/")], "listing:/")
        assert (entry.lead.url, entry.known) == ("https://news.example/1", True)
        assert counts(store) == {
            "stored": 1, "skipped": 1, "gone": 1, "failed": 1, "pending": 1
        }  # fmt: skip

    with_ledger(store, work)
    found = store.plain.leads.find_one({"_id": "https://news.example/2"})
    assert found
    assert (found["state"], found["reason"], found["attempts"]) == ("skipped", "no_body", 1)


def test_a_failed_lead_is_due_later_and_later_then_rests(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        at = datetime.now(UTC) - timedelta(days=30)
        for number, delay in enumerate([*RETRY_AFTER, None], 1):
            (entry,) = await ledger.due(None, None)
            assert entry.attempts == number - 1
            await ledger.settle(UNFENCED, [fate(entry, "failed", "timeout", at=at)])
            (found,) = store.plain.leads.find()
            assert found["attempts"] == number
            assert found["due"] == (
                delay and (at + delay).replace(microsecond=found["due"].microsecond)
            )
        assert await due(ledger) == []
        (entry,) = await ledger.sight(UNFENCED, [lead()], "listing:/")
        assert entry.known

    with_ledger(store, work)
    assert sorted(RETRY_AFTER) == list(RETRY_AFTER)


def test_a_stored_story_is_looked_at_when_it_is_due(store: Store) -> None:
    now = datetime.now(UTC)
    validators = {"etag": '"a"', "last_modified": None, "read_at": None}

    async def work(ledger: Ledger) -> None:
        entries = await ledger.sight(UNFENCED, [lead(n) for n in range(5)], "feed:/feed")
        for hours, entry in zip((-1, -2, 1, None), entries, strict=False):
            due = None if hours is None else now + timedelta(hours=hours)
            stored = fate(entry, "stored", article=f"a{hours}", due=due, validators=validators)
            await ledger.settle(UNFENCED, [stored])
        store.plain.command("profile", 2)
        found = await ledger.revisits()
        await asyncio.to_thread(store.plain.command, "profile", 0)
        assert [entry.article for entry in found] == ["a-2", "a-1"]
        assert found[0].validators == validators
        assert await due_now(ledger) == ["4"]
        assert all(
            entry.known for entry in await ledger.sight(UNFENCED, [found[0].lead], "feed:/feed")
        )

    due_now = due
    with_ledger(store, work)
    (plan,) = store.plain["system.profile"].find({"ns": f"{store.name}.leads", "op": "query"})
    assert plan["planSummary"] == "IXSCAN { outlet: 1, due: 1 }"


@pytest.mark.parametrize("reason", ["http_404", "http_410"])
def test_a_missing_page_is_looked_for_while_it_is_shown(reason: str, store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        for number in range(20):
            (entry,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
            assert (entry.known, entry.attempts) == (False, number)
            await ledger.settle(UNFENCED, [fate(entry, "failed", reason, at=at)])
            (found,) = store.plain.leads.find()
            waits = min(LOOK_AGAIN * 2**number, LONGEST_WAIT)
            assert found["due"] == at + waits
            assert bool(await ledger.due(None, None)) == (number < LOOKS and reason == "http_404")
            is_gone = found["state"] == "gone"
            assert await ledger.awaits_missing(datetime.now(UTC) - at) == is_gone
            assert not await ledger.awaits_missing(datetime.now(UTC) - at - 2 * LONGEST_WAIT)
            at += waits
        assert counts(store) == {"gone": 1}
        await ledger.settle(UNFENCED, [fate(entry, "failed", reason)])
        assert (await ledger.sight(UNFENCED, [lead()], "feed:/feed"))[0].known, "not due yet"
        assert not await ledger.awaits_missing(timedelta(days=9999))

    with_ledger(store, work)


def test_a_failed_lead_is_not_due_before_its_time(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        (entry,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        then = datetime.now(UTC) - RETRY_AFTER[0]
        await ledger.settle(UNFENCED, [fate(entry, "failed", "timeout", at=then)])
        assert await due(ledger) == ["1"]
        assert not (await ledger.sight(UNFENCED, [lead()], "x"))[0].known
        later = then + timedelta(seconds=20)
        await ledger.settle(UNFENCED, [fate(entry, "failed", "timeout", at=later)])
        assert await due(ledger) == []
        assert (await ledger.sight(UNFENCED, [lead()], "x"))[0].known

    with_ledger(store, work)


def test_a_fate_that_waited_does_not_undo_a_later_one(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        (entry,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        now = datetime.now(UTC)
        await ledger.settle(UNFENCED, [fate(entry, "stored", article=entry.lead.url, at=now)])
        await ledger.settle(
            UNFENCED, [fate(entry, "failed", "timeout", at=now - timedelta(hours=1))]
        )
        assert counts(store) == {"stored": 1}

    with_ledger(store, work)


def test_out_of_range_is_taken_up_where_a_source_shows_it_again(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        (entry,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        at = datetime(2024, 11, 30, tzinfo=UTC)
        await ledger.settle(UNFENCED, [fate(entry, "skipped", OUT_OF_RANGE, published=at)])
        day = timedelta(days=1)
        assert await ledger.due(at + day, None) == await ledger.due(None, at) == []
        assert [e.published for e in await ledger.due(at, at + day)] == [at]
        (entry,) = await ledger.sight(UNFENCED, [lead()], "feed:/feed")
        assert (entry.known, entry.published) == (False, at)

    with_ledger(store, work)


def test_outlets_are_kept_apart(store: Store) -> None:
    async def work(database: Database) -> None:
        news, other = Ledger(database, "news"), Ledger(database, "other")
        await news.sight(UNFENCED, [lead(1)], "feed:/feed")
        await other.sight(UNFENCED, [lead(2)], "feed:/feed")
        assert (await due(news), await due(other)) == (["1"], ["2"])
        assert counts(store) == {"pending": 1}

    store.run(work)


async def sight_the_same(database: Database) -> int:
    """Sight the same 200 leads, half of them by an alias."""
    ledger, seen = Ledger(database, "news"), set()
    for start in range(0, 200, 40):
        leads = [
            lead(n, aliases=(f"https://news.example/?p={n}",)) for n in range(start, start + 40)
        ]
        entries = await ledger.sight(UNFENCED, leads, "feed:/feed")
        seen |= {entry.lead.url for entry in entries}
    return len(seen)


def test_eight_processes_sight_the_same_leads(store: Store) -> None:
    assert in_eight_processes(store, "store.test_ledger", "sight_the_same") == ["200"] * 8
    found = list(store.plain.leads.find())
    assert len(found) == 200
    assert {lead["state"] for lead in found} == {"pending"}
    assert {len(lead["sightings"]) for lead in found} == {1}


@pytest.mark.parametrize("known", [0, 50])
def test_every_query_uses_an_index(known: int, store: Store) -> None:
    async def work(database: Database) -> None:
        ledger = Ledger(database, "news")
        await ledger.sight(UNFENCED, [lead(n) for n in range(known)], "feed:/feed")
        store.plain.command("profile", 2)
        entries = await ledger.sight(UNFENCED, [lead(n) for n in range(10)], "listing:/")
        await ledger.settle(UNFENCED, [fate(entry, "skipped", "no_body") for entry in entries])
        await due(ledger)
        await Articles(database).get("https://news.example/1")

    store.run(work)
    store.plain.command("profile", 0)
    log = store.plain["system.profile"].find({"ns": f"{store.name}.leads"})
    queries = [entry for entry in log if entry["op"] in ("query", "update")]
    assert len(queries) >= 3
    for entry in queries:
        assert "COLLSCAN" not in stages(entry.get("execStats", {})) | {entry["planSummary"]}, entry
    lookups = [e for e in queries if "$in" in e["command"].get("filter", {}).get("identities", "")]
    assert len(lookups) == 2  # of the leads sighted, and of the article
    assert {entry["planSummary"] for entry in lookups} == {"IXSCAN { identities: 1 }"}


def test_one_look_up_for_a_response(store: Store) -> None:
    async def work(database: Database) -> None:
        ledger = Ledger(database, "news")
        await ledger.sight(UNFENCED, [lead(n) for n in range(500)], "feed:/feed")
        reading = {"op": {"$in": ["query", "getmore"]}}
        store.plain.command("profile", 1, filter=reading)
        await ledger.sight(
            UNFENCED, [lead(n, aliases=(lead(-n).url,)) for n in range(1000)], "listing:/"
        )
        await asyncio.to_thread(store.plain.command, "profile", 0)

    store.run(work)
    log = store.plain["system.profile"].find({"ns": f"{store.name}.leads"})
    assert [entry["op"] for entry in log] == ["query", "getmore"]


def test_recall_of_each_source_by_day(store: Store) -> None:
    """The feed misses one story of the day before; of the new day the listing shows none."""
    zone = "Asia/Karachi"  # where a day ends five hours before UTC's
    at = [datetime(2024, 11, 30, hour, tzinfo=UTC) for hour in (12, 18, 20)]
    leads = [lead(number, at=instant) for number, instant in enumerate(at)]

    async def work(database: Database) -> Any:
        ledger = Ledger(database, "news")
        entries = await ledger.sight(UNFENCED, leads[:2], "listing:/")
        await ledger.sight(UNFENCED, leads[1:], "feed:/feed")
        entries += await ledger.sight(UNFENCED, leads[2:], "feed:/feed")
        await ledger.settle(
            UNFENCED, [fate(e, "stored", article=e.lead.url, published=e.lead.at) for e in entries]
        )
        return [
            recall(await stories_by_sources(database, "news", since, zone))
            for since in (at[0], at[1])
        ]

    new = {"shown": 1, "first": 1}
    found, later = store.run(work)
    assert found == [
        {
            "day": "2024-12-01",
            "union": 1,
            "sources": {"feed:/feed": new},
        },
        {
            "day": "2024-11-30",
            "union": 2,
            "sources": {
                "listing:/": {"shown": 2, "first": 2},
                "feed:/feed": {"shown": 1, "first": 0},
            },
        },
    ]
    assert [day["union"] for day in later] == [1, 1]


def test_what_rests_is_taken_up_when_asked(store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        await ledger.sight(UNFENCED, [lead(1), lead(2)], "feed:/feed")
        old = datetime.now(UTC) - timedelta(days=30)
        for _ in range(len(RETRY_AFTER) + 1):
            entries = await ledger.due(None, None)
            await ledger.settle(
                UNFENCED, [fate(entry, "failed", "timeout", at=old) for entry in entries]
            )
        (entry,) = await ledger.sight(UNFENCED, [lead(3)], "feed:/feed")
        await ledger.settle(UNFENCED, [fate(entry, "failed", "http_410")])
        assert await due(ledger) == []
        assert await ledger.retry() == 2
        assert await due(ledger) == ["1", "2"]
        assert {entry.attempts for entry in await ledger.due(None, None)} == {0}
        assert await ledger.retry() == 0

    with_ledger(store, work)


def in_session(number: int, session: object, **changes: Any) -> Lead:
    url = f"https://news.example/story-{number}?visit={session}{number}7"
    return lead(**({"url": url, "title": f"Story {number}"} | changes))


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        pytest.param([in_session(n, "B") for n in (1, 2, 3, 4)], 3, id="a session of each answer"),
        pytest.param([in_session(n, "B") for n in (2, 3, 4, 5)], 2, id="two stories left"),
        pytest.param([in_session(n, "B") for n in (3, 4, 5)], 0, id="one story left"),
        pytest.param(
            [in_session(1, "A17fe5d"), *(in_session(n, "B") for n in (2, 3))],
            3,
            id="one link as before",
        ),
        pytest.param(
            [in_session(n, "B", title=f"Another {n}") for n in (1, 2, 3)], 0, id="other stories"
        ),
        pytest.param(
            [in_session(n, "B", published="2026-12-01") for n in (1, 2, 3)], 0, id="of another day"
        ),
        pytest.param(
            [*(in_session(n, "B") for n in (1, 2)), lead(3)], 0, id="one link without a number"
        ),
        pytest.param(
            [in_session(1, n) for n in ("B", "C", "D")], 0, id="the number tells them apart"
        ),
        pytest.param(
            [in_session(n, "0f3a9c", title=None) for n in (1, 2, 3)], 3, id="long numbers alone"
        ),
    ],
)
def test_stories_whose_links_have_another_number_in_each_answer(
    shown: list[Lead], known: int, store: Store
) -> None:
    first = [in_session(n, "A17fe5d", published="2026-11-30") for n in (1, 2, 3)]

    async def work(ledger: Ledger) -> None:
        before = [e.lead.url for e in await ledger.sight(UNFENCED, first, "feed:/feed")]
        for _ in range(2):
            after = [e.lead.url for e in await ledger.sight(UNFENCED, shown, "feed:/feed")]
            assert len(after) == len(shown)
            assert len({*before} & {*after}) == known

    with_ledger(store, work)


@pytest.mark.parametrize("name", ["id", "p", "article", "newsid", "date"])
def test_what_may_tell_stories_apart_is_no_number_of_a_session(name: str, store: Store) -> None:
    async def work(ledger: Ledger) -> None:
        found = set[str]()
        for day in (1, 2):
            shown = [
                lead(url=f"https://news.example/series-{n}?{name}={day}{n}", title=f"Series {n}")
                for n in (1, 2, 3)
            ]
            found |= {e.lead.url for e in await ledger.sight(UNFENCED, shown, "feed:/feed")}
        assert len(found) == 6

    with_ledger(store, work)


def test_what_an_earlier_version_made_final_comes_back(store: Store) -> None:
    """The states in which it left a lead for good, of what had not been decided by the story."""
    final = [("skipped", reason) for reason in DISMISSALS] + [("gone", "http_404")]

    async def work(ledger: Ledger) -> None:
        shown = [lead(number) for number in range(len(final))]
        await ledger.sight(UNFENCED, shown, "feed:/feed")
        for one, (state, reason) in zip(shown, final, strict=True):
            left = {"state": state, "reason": reason, "attempts": 2, "due": None}
            store.plain.leads.update_one({"_id": one.url}, {"$set": left})
        assert await due(ledger) == []
        assert await ledger.retry() == 3
        assert await due(ledger) == ["0", "1", "2"]
        entries = await ledger.sight(UNFENCED, shown, "feed:/feed")
        assert [entry.known for entry in entries] == [False] * 4

    with_ledger(store, work)
