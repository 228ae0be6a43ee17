"""Articles and pages in a real MongoDB: saved once, changed when they change, found by index."""

import asyncio
import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import zstandard
from pymongo.errors import BulkWriteError, DocumentTooLarge, WriteError

from crawler.article import NOT_STORED, Article
from crawler.lead import Lead
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.ledger import LeadOutcome, Ledger
from crawler.store.revisions import SaveResult
from crawler.store.schema import SHOWN, document
from tests.crawler.store_fixture import AT, Store, article, save_articles, stamp, versions


def save(store: Store, *batches: list[Article]) -> list[list[SaveResult]]:
    """Save one batch after the other."""

    async def work(database: Database) -> list[list[SaveResult]]:
        articles = Articles(database)
        return [await articles.save(UNFENCED, versions(batch)) for batch in batches]

    return store.run(work)


def stored(store: Store) -> dict[str, Document]:
    return {found["_id"]: found for found in store.plain.articles.find({}, SHOWN)}


def test_an_article_is_stored_whole(store: Store) -> None:
    assert save(store, [article()]) == [["stored"]]
    (found,) = stored(store).values()
    assert found.pop("seen_first") == found.pop("seen_last") == found["fetched"]
    expected = document(article())
    assert found.pop("stored") <= datetime.now(UTC)
    assert found.pop("delay") is None  # it came out before its outlet was collected
    assert found.keys() == expected.keys()
    milliseconds = AT.replace(microsecond=123000)
    assert found["published"].pop("at") == found["fetched"] == milliseconds
    del expected["published"]["at"], expected["modified"], found["modified"]
    for name in ("fetched", "first_seen"):
        del expected[name], found[name]
    assert found == json.loads(json.dumps(expected))


def test_saving_again_changes_nothing(store: Store) -> None:
    batch = [article(1), article(2)]
    assert save(store, batch) == [["stored", "stored"]]
    # The same readings, brought again as if they had not been acknowledged, are what is stored.
    assert save(store, deepcopy(batch)) == [["stored", "stored"]]
    before, pages = stored(store), list(store.plain.pages.find())
    later = [article(n, fetched=AT + timedelta(hours=1), page="f" * 64) for n in (1, 2)]
    assert save(store, later) == [["unchanged"] * 2]
    seen = {"seen_first": before[article().url]["fetched"], "seen_last": later[0].fetched}
    seen["seen_last"] = seen["seen_last"].replace(microsecond=123000)
    assert stored(store) == {url: found | seen for url, found in before.items()}
    assert list(store.plain.pages.find()) == pages
    assert list(store.plain.revisions.find()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Another title"),
        ("body", "Rewritten."),
        ("standfirst", None),
        ("published", stamp(AT + timedelta(minutes=1))),
        ("tags", ["trade", "sea"]),
        ("images", []),
    ],
)
def test_a_changed_story_is_updated(name: str, value: object, store: Store) -> None:
    changes: dict[str, Any] = {name: value, "page": "e" * 64, "markup": b"new"}
    lead = "https://news.example/moved"
    new = article(**changes, lead=lead, fetched=AT + timedelta(hours=1))
    assert save(store, [article()], [new]) == [["stored"], ["stored"]]
    (found,) = stored(store).values()
    expected = document(new)
    got = found[name]
    if name == "published" and value:
        got, expected[name] = got["at"], expected[name]["at"].replace(microsecond=123000)
    assert got == expected[name]
    assert (found["page"], found["lead"]) == ("e" * 64, lead)
    assert found["fetched"] == (AT + timedelta(hours=1)).replace(microsecond=123000)
    assert found["first_seen"] == AT.replace(microsecond=123000)
    assert {page["_id"] for page in store.plain.pages.find()} == {article().page, "e" * 64}
    assert save(store, [replace(new, fetched=AT + timedelta(hours=2))]) == [["unchanged"]]


def test_addresses_and_sources_are_merged(store: Store) -> None:
    again = article(
        aliases=["https://news.example/short"], sighted_by=["listing:/"], lead="https://x.example/"
    )
    assert save(store, [article()], [again]) == [["stored"], ["unchanged"]]
    (found,) = stored(store).values()
    assert found["aliases"] == ["https://news.example/?p=1", "https://news.example/short"]
    assert found["sighted_by"] == ["feed:/feed", "listing:/"]


def test_a_story_met_under_its_alias_is_the_same_story(store: Store) -> None:
    address = "https://news.example/?p=1"
    alias = article(url=address, lead=address, aliases=["https://news.example/amp/1"])
    assert save(store, [article()], [alias]) == [["stored"], ["unchanged"]]
    (found,) = stored(store).values()
    assert found["_id"] == found["url"] == "https://news.example/1"
    assert set(found["aliases"]) == {"https://news.example/?p=1", "https://news.example/amp/1"}


async def settle(database: Database, saved: Article) -> None:
    """Let the ledger know what became an article."""
    ledger = Ledger(database, saved.outlet)
    (entry,) = await ledger.sight(UNFENCED, [Lead(url=saved.lead, origin="feed")], "feed:/feed")
    aliases = (saved.url, *saved.aliases)
    fate = LeadOutcome(
        lead=entry.lead.url, attempts=0, state="stored", article=saved.url, aliases=aliases
    )
    await ledger.settle(UNFENCED, [fate])


@pytest.mark.parametrize(
    "form",
    [
        "http://news.example/1/",
        "https://m.news.example/1",
        "https://www.news.example/1/amp/",
        "https://amp.news.example/?p=1",
    ],
)
def test_a_story_met_in_another_form_is_the_same_story(form: str, store: Store) -> None:
    async def work(database: Database) -> None:
        articles, other = Articles(database), article(url=form, lead=form, aliases=[])
        await articles.save(UNFENCED, versions([article()]))
        await settle(database, article())
        found = await articles.get(form)
        assert found
        assert found["_id"] == article().url
        made = versions([other, article(2)])
        assert await articles.save(UNFENCED, made) == ["unchanged", "stored"]
        assert (made[0].url, made[0].fields["aliases"]) == (article().url, [form])
        assert await articles.get("https://m.news.example/3") is None

    store.run(work)
    found = stored(store)
    assert found.keys() == {article(n).url for n in (1, 2)}
    assert found[article().url]["aliases"] == ["https://news.example/?p=1", form]


def test_a_story_that_has_moved_is_the_same_story(store: Store) -> None:
    lead = article(1).lead
    moved = article(2, lead=lead, title="Moved", body=article(1).body, aliases=[])
    other = article(3, lead=lead, body="Not a word of it.", aliases=[])

    async def work(database: Database) -> None:
        for version in (article(1), moved, other):
            assert await save_articles(database, [version]) == ["stored"]

    store.run(work)
    assert {found["_id"] for found in store.plain.articles.find()} == {lead, other.url}
    told = store.plain.articles.find_one({"_id": lead})
    assert told
    assert told["title"] == "Moved"
    assert article(2).url in told["aliases"]
    assert [kept["title"] for kept in store.plain.revisions.find()] == ["Title 1"]


def test_a_page_at_another_host_or_with_another_query_is_one_story(store: Store) -> None:
    first = article(body="The pier stays shut. " * 20, aliases=[])
    alike: dict[str, Any] = {"body": first.body, "fingerprint": first.fingerprint, "aliases": []}
    same = [f"{first.url}?src={name}" for name in "abc"] + ["https://news-now.example/1"]
    other = f"{first.url}?id="
    others: list[dict[str, Any]] = [
        {"body": "The mayor resigns. " * 20, "fingerprint": "f" * 64},
        {"published": stamp(AT + timedelta(minutes=1)), "fingerprint": "e" * 64},
        {"outlet": "gazette"},
    ]
    batch = [article(url=url, lead=url, **alike) for url in same]
    apart = [
        article(url=f"{other}{n}", lead=f"{other}{n}", **(alike | changes))
        for n, changes in enumerate(others)
    ]
    assert save(store, [first, *batch[:2]], [*batch[2:], *apart]) == [
        ["stored", "unchanged", "unchanged"], ["unchanged"] * 2 + ["stored"] * 3
    ]  # fmt: skip
    found = stored(store)
    assert found.keys() == {first.url, *(one.url for one in apart)}
    assert found[first.url]["aliases"] == same


def test_two_forms_in_one_batch(store: Store) -> None:
    """The ledger knows of neither yet."""
    forms = ["https://news.example/1", "https://news.example/1/", "http://news.example/1"]
    batch = [article(url=form, lead=form, aliases=forms[:1]) for form in forms]
    assert save(store, batch) == [["stored", "unchanged", "unchanged"]]
    assert stored(store).keys() == {forms[0]}


def test_twice_in_one_batch(store: Store) -> None:
    address = "https://news.example/?p=1"
    alias = article(url=address, lead=address, aliases=[], sighted_by=["listing:/"])
    later = article(fetched=AT + timedelta(seconds=1))
    assert save(store, [article(), later, article(2), alias]) == [
        ["stored", "unchanged", "stored", "unchanged"]
    ]
    found = stored(store)
    assert found.keys() == {"https://news.example/1", "https://news.example/2"}
    assert found["https://news.example/1"]["sighted_by"] == ["feed:/feed", "listing:/"]


def test_a_page_is_stored_once_and_unpacks_to_the_same_bytes(store: Store) -> None:
    markup = bytes(range(256)) * 100
    same = [article(n, page="a" * 64, markup=markup) for n in (1, 2)]
    save(store, same)
    (page,) = store.plain.pages.find()
    assert page["_id"] == "a" * 64
    assert zstandard.ZstdDecompressor().decompress(page["zstd"]) == markup
    assert (page["size"], page["charset"], page["outlet"]) == (len(markup), "utf-8", "news")
    assert len(page["zstd"]) < len(markup) / 10


def test_dates_come_back_aware_and_in_utc(store: Store) -> None:
    east = datetime.fromisoformat("2024-11-30T13:15:00+05:00")

    async def work(database: Database) -> Document:
        await save_articles(database, [article(published=stamp(east))])
        found = await Articles(database).get("https://news.example/1")
        assert found is not None
        return found

    at = store.run(work)["published"]["at"]
    assert (at, at.utcoffset()) == (east, timedelta(0))


NAIVE = datetime(2024, 11, 30)


@pytest.mark.parametrize(
    "change",
    [
        {"fetched": NAIVE},
        {"published": stamp(NAIVE)},
        {"modified": stamp(NAIVE)},
    ],
)
def test_a_naive_date_is_refused(change: dict[str, Any], store: Store) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        save(store, [article(**change)])
    assert stored(store) == {}


WHOLE = {**document(article()), "seen_first": AT, "seen_last": AT}


def _without(name: str) -> dict[str, Any]:
    whole = dict(WHOLE)
    del whole[name]
    return whole


@pytest.mark.parametrize("name", WHOLE)
def test_the_validator_refuses_a_missing_field(name: str, store: Store) -> None:
    if name == "_id":
        return
    store.run(lambda database: database.prepare())
    with pytest.raises(WriteError, match="failed validation"):
        store.plain.articles.insert_one(_without(name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", None),
        ("title", 7),
        ("authors", "Ana Poe"),
        ("authors", [1]),
        ("published", "2024-11-30T08:15:00Z"),
        ("published", AT),
        ("published", {"at": AT}),
        ("published", {**document(article())["published"], "at": "2024-11-30"}),
        ("published", {**document(article())["published"], "precision": "hour"}),
        ("fetched", "2024-11-30T08:15:00Z"),
        ("fetched", 1732954500),
        ("fetched", None),
        ("word_count", "6"),
        ("word_count", 6.5),
        ("origins", {"title": 1}),
        ("images", ["https://news.example/a.png"]),
        ("images", [{"url": None, "caption": None}]),
        ("aliases", None),
    ],
)
def test_the_validator_refuses_a_wrong_type(name: str, value: object, store: Store) -> None:
    store.run(lambda database: database.prepare())
    with pytest.raises(WriteError, match="failed validation"):
        store.plain.articles.insert_one({**WHOLE, name: value})
    store.plain.articles.insert_one(dict(WHOLE))


def test_a_document_at_fault_is_told_from_a_server_at_fault(store: Store) -> None:
    wrong = article(2, word_count="many")
    with pytest.raises(BulkWriteError):
        save(store, [wrong])
    with pytest.raises(DocumentTooLarge):
        save(store, [article(3, body="x" * 17_000_000)])
    with pytest.raises(UnicodeEncodeError):
        save(store, [article(4, title="a\ud800b")])
    assert stored(store) == {}


def test_finding(store: Store) -> None:
    batch = [
        article(1, published=stamp(AT - timedelta(days=2))),
        article(2, published=stamp(AT)),
        article(3, published=stamp(AT - timedelta(days=1)), outlet="other"),
        article(4, published=None),
    ]

    async def work(database: Database) -> None:
        articles = Articles(database)
        await articles.save(UNFENCED, versions(batch))

        async def numbers(**query: Any) -> str:
            return "".join([found["_id"][-1] async for found in articles.find(**query)])

        assert await numbers() == "2314"
        assert await numbers(limit=2) == "23"
        assert await numbers(outlet="news") == "214"
        assert await numbers(since=AT - timedelta(days=1, hours=1)) == "23"
        assert await numbers(outlet="other", since=AT) == ""
        by_alias = await articles.get("https://news.example/?p=3")
        assert by_alias
        assert by_alias["title"] == "Title 3"
        assert await articles.get("https://news.example/9") is None

    store.run(work)


def stages(plan: Any) -> set[str]:
    """All stages of a query plan."""
    if isinstance(plan, dict):
        own = {plan["stage"]} if "stage" in plan else set()
        return own.union(*map(stages, plan.values()))
    return set().union(*map(stages, plan)) if isinstance(plan, list) else set()


def test_every_query_uses_an_index(store: Store) -> None:
    """The server's own log of what ran, not a copy of the queries, is what is judged."""

    async def work(database: Database) -> None:
        articles = Articles(database)
        await articles.save(UNFENCED, versions([article(n) for n in range(50)]))
        # Stable ids of queries in system.profile: everything from here on.
        await asyncio.to_thread(store.plain.command, "profile", 2)
        await articles.save(UNFENCED, versions([article(n, title="New") for n in range(3)]))
        await articles.get("https://news.example/?p=3")
        for query in (
            {}, {"outlet": "news"}, {"since": AT}, {"outlet": "news", "since": AT, "limit": 5}
        ):  # fmt: skip
            async for _ in articles.find(**query):
                pass

    store.run(work)
    store.plain.command("profile", 0)
    seen = list(store.plain["system.profile"].find({"ns": f"{store.name}.articles"}))
    queries = [entry for entry in seen if entry["op"] in ("query", "update")]
    assert len(queries) >= 9
    for entry in queries:
        used = stages(entry.get("execStats", {}))
        assert used & {"IXSCAN", "IDHACK"} or "IDHACK" in entry["planSummary"], entry
        assert "COLLSCAN" not in used | {entry["planSummary"]}
        assert "SORT" not in used


def test_markup_is_the_only_thing_kept_elsewhere(store: Store) -> None:
    save(store, [article()])
    (found,) = stored(store).values()
    assert {"markup"} == NOT_STORED
    assert "markup" not in found
