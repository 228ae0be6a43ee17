"""The same story again, in a real MongoDB."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from benchmarks.similar.measure import article as filed_article
from benchmarks.similar.measure import clusters
from benchmarks.similar.press import press
from crawler.article import Article
from crawler.duplicates.clusters import Clusters
from crawler.duplicates.near_duplicates import NearDuplicates
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.text.fingerprint import fingerprint
from tests.crawler.duplicates.test_similarity import ABRIDGED, OTHER, RETOLD, STORY
from tests.crawler.store_fixture import AT, Store, article, in_eight_processes, save_articles, stamp

Stored = dict[str, dict[str, Any]]


def story(number: int, body: str, host: str = "", at: datetime = AT, **changes: Any) -> Article:
    host = host or f"paper{number}.example"
    url = f"https://{host}/{number}"
    values: dict[str, Any] = {
        "outlet": host.partition(".")[0], "url": url, "lead": url, "aliases": [], "body": body,
        "credit": None, "published": stamp(at), "fingerprint": fingerprint("", body), "title": "",
    }  # fmt: skip
    return article(number, **(values | changes))


async def save(
    database: Database, *articles: Article, similar: NearDuplicates | None = None
) -> None:
    await save_articles(database, list(articles))
    await (similar or NearDuplicates(database)).cluster([article.outlet for article in articles])


@pytest.fixture
def known(store: Store) -> Store:
    """With stories of other days, by which to know which words are rare."""
    background = [filed_article(filed) for filed in press(11, 20)]
    store.run(lambda database: save(database, *background))
    return store


def told(store: Store) -> Stored:
    ours = {"_id": {"$in": [article.url for article in ALL]}}
    return {found["_id"]: found for found in store.plain.articles.find(ours)}


FIRST = story(1, STORY)
COPY = story(2, ABRIDGED, at=AT + timedelta(hours=3), credit="IANS")
AGAIN = story(3, STORY + "\n\nWe keep an eye on it.", "paper1.test", AT + timedelta(hours=9))
EVENT = story(4, RETOLD, at=AT + timedelta(hours=5))
UNRELATED = story(5, OTHER, at=AT + timedelta(hours=1))
ALL = (FIRST, COPY, AGAIN, EVENT, UNRELATED)


def check(found: Stored) -> None:
    wire = {"cluster": FIRST.url, "origin": FIRST.url, "agency": "IANS"}
    assert found[FIRST.url]["wire"] == found[COPY.url]["wire"] == wire
    assert found[AGAIN.url]["same_as"] == FIRST.url
    assert found[FIRST.url]["same_as"] is found[COPY.url]["same_as"] is None
    assert {found[one.url]["story"] for one in (FIRST, COPY, AGAIN, EVENT)} == {FIRST.url}
    assert "wire" not in found[EVENT.url]
    assert not {"same_as", "wire", "story"} & found[UNRELATED.url].keys()


@pytest.mark.parametrize("order", list(permutations(range(5)))[::17])
def test_the_order_of_arrival_changes_nothing(known: Store, order: tuple[int, ...]) -> None:
    async def work(database: Database) -> None:
        for number in order:
            await save(database, ALL[number])

    known.run(work)
    check(told(known))


def test_one_batch_does_as_well_and_twice_changes_nothing(known: Store) -> None:
    known.run(lambda database: save(database, *ALL))
    before = told(known), list(known.plain.sketches.find())
    check(before[0])
    known.run(lambda database: save(database, *ALL))
    assert (told(known), list(known.plain.sketches.find())) == before


def test_what_was_cut_short_is_completed(known: Store) -> None:
    """Killed after the sketches were written, before anything was linked."""
    known.run(lambda database: save(database, *ALL))
    links = {"same_as": "", "wire": "", "story": ""}
    known.plain.articles.update_many({}, {"$unset": links, "$set": {"unplaced": True}})
    for sketch in list(known.plain.sketches.find()):
        first = {"copy": sketch["_id"], "story": sketch["_id"]}
        known.plain.sketches.update_one({"_id": sketch["_id"]}, {"$set": first})
    known.run(lambda database: save(database, *ALL))
    check(told(known))


def test_an_article_known_under_another_address_is_placed_once(store: Store) -> None:
    known = replace(FIRST, aliases=["https://paper1.example/short"])
    moved = replace(FIRST, url="https://paper1.example/short", aliases=[])

    async def work(database: Database) -> None:
        await save(database, known)
        await save(database, moved)

    store.run(work)
    assert [sketch["_id"] for sketch in store.plain.sketches.find()] == [FIRST.url]


def test_what_lies_far_apart_in_time_is_not_linked(store: Store) -> None:
    late = story(2, STORY, at=AT + timedelta(days=4))
    store.run(lambda database: save(database, FIRST, late))
    assert all("wire" not in found for found in told(store).values())


def test_it_is_recomputed_from_the_articles(known: Store) -> None:
    async def work(database: Database) -> list[int]:
        await save(database, *ALL)
        await database["sketches"].update_many(
            UNFENCED, {}, {"$set": {"copy": "lost", "story": "lost"}}
        )
        await database["articles"].update_many(UNFENCED, {}, {"$set": {"story": "wrong"}})
        return [done async for done in NearDuplicates(database).recompute()]

    assert known.run(work)[-1] == known.plain.articles.count_documents({})
    check(told(known))


def test_a_run_that_places_while_all_is_recomputed_loses_none(
    known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is forgotten after it has written its sketches, and before it says that it is done."""
    join = Clusters.join

    async def work(database: Database) -> None:
        recomputed = NearDuplicates(database).recompute()

        async def late(clusters: Clusters, links: Any) -> None:
            monkeypatch.setattr(Clusters, "join", join)
            with monkeypatch.context() as patch:
                patch.setattr("crawler.duplicates.near_duplicates.BATCH", 1)
                assert await anext(recomputed) == 1
            await join(clusters, links)

        monkeypatch.setattr(Clusters, "join", late)
        await save(database, *ALL)
        async for _ in recomputed:
            pass

    known.run(work)
    check(told(known))
    assert set(known.plain.sketches.distinct("_id")) == set(known.plain.articles.distinct("_id"))


@pytest.mark.parametrize("change", [{"credit": "IANS"}, {"language": "fr"}, {"title": "Edited"}])
def test_what_is_edited_while_it_is_placed_is_placed_anew(
    change: dict[str, Any], known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = Clusters.join
    if "title" in change:
        change["fingerprint"] = "e" * 64
    edited = replace(FIRST, fetched=AT + timedelta(hours=1), **change)

    async def work(database: Database) -> None:
        async def late(clusters: Clusters, links: Any) -> None:
            await save_articles(database, [edited])
            await join(clusters, links)

        monkeypatch.setattr(Clusters, "join", late)
        await save(database, *ALL)

    known.run(work)
    assert known.plain.articles.distinct("_id", {"unplaced": True}) == [FIRST.url]


def test_a_cluster_is_found_from_any_member(known: Store) -> None:
    async def work(database: Database) -> list[list[dict[str, Any]]]:
        await save(database, *ALL)
        similar = NearDuplicates(database)
        return [await similar.find(url) for url in (COPY.url, UNRELATED.url, "https://no.example/")]

    found, alone, none = known.run(work)
    assert [one["_id"] for one in found] == [one.url for one in (FIRST, COPY, EVENT, AGAIN)]
    assert [one["is_copy"] for one in found] == [True, True, False, True]
    assert [one["_id"] for one in alone] == [UNRELATED.url]
    assert none == []


def test_a_look_up_stays_within_the_index(store: Store) -> None:
    store.run(lambda database: save(database, *ALL))
    keys = [key for sketch in store.plain.sketches.find() for key in sketch["keys"]]
    for query in ({"keys": {"$in": keys}}, {"copy": {"$in": [FIRST.url]}}, {"story": FIRST.url}):
        plan = str(store.plain.sketches.find(query).explain()["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
    newest = store.plain.sketches.find({"language": "en"}).sort("seen", -1).explain()
    assert "'SORT'" not in str(newest["queryPlanner"]["winningPlan"])


SHARED, FEW = press(7, 40), press(7, 4)


async def place_all(database: Database, stories: Sequence[Any] = SHARED) -> int:
    """In a process of its own, against seven others with the same stories."""
    similar = NearDuplicates(database)
    for filed in stories:
        await save(database, filed_article(filed), similar=similar)
    return len(stories)


async def place_few(database: Database) -> int:
    """The same of fewer."""
    return await place_all(database, FEW)


@pytest.mark.timeout(300)
def test_eight_processes_agree(store: Store, request: pytest.FixtureRequest) -> None:
    """Of many stories in a soak, else of few."""
    soak = request.config.getoption("soak")
    stories, work = (SHARED, "place_all") if soak else (FEW, "place_few")
    store.run(lambda database: database.prepare())
    placed = in_eight_processes(store, "duplicates.test_near_duplicates", work)
    assert placed == [str(len(stories))] * 8
    pointers = {sketch["_id"]: sketch for sketch in store.plain.sketches.find()}
    assert len(pointers) == len(stories)

    def root(url: str, kind: str) -> str:
        for _ in pointers:
            if pointers[url][kind] == url:
                return url
            url = pointers[url][kind]
        pytest.fail("the pointers go round in a circle")

    linked = 0
    for found in store.plain.articles.find():
        url = found["_id"]
        assert found.get("story", url) == root(url, "story")
        if found.get("wire"):
            assert found["wire"]["cluster"] == root(url, "copy")
            linked += 1
    assert linked >= len(stories) / 7


def test_quality_never_falls(store: Store) -> None:
    """A small press nobody has tuned anything on; `make bench PART=similar` has more."""
    scores = asyncio.run(_quality(store))
    assert scores.precision >= 0.95
    assert scores.recall >= 0.9
    assert scores.story_f1 >= 0.9
    assert scores.origin >= 0.95


async def _quality(store: Store) -> Any:
    database = Database(uri=store.uri, name=store.name, data=store.data)
    await database.prepare()
    try:
        return await clusters(database, press(10, 200))
    finally:
        await database.close()


SEEDS = Path(__file__).parents[4] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the two real articles are no part of the project")
@pytest.mark.parametrize("others", [0, 100])
def test_the_two_seeds_are_one_event_and_no_copies(store: Store, others: int) -> None:
    seeds = []
    for number, name in enumerate(("asianlite", "national_times")):
        seed = json.loads((SEEDS / f"{name}.expected.json").read_text())
        body = "\n\n".join(seed["body"])
        seeds.append(story(number, body, title=seed["title"], fingerprint=name))

    async def work(database: Database) -> None:
        await save(database, *map(filed_article, press(11, others)))
        await save(database, *seeds)

    store.run(work)
    first, second = store.plain.articles.find({"_id": {"$in": [seed.url for seed in seeds]}})
    assert first["story"] == second["story"]
    assert not first.get("wire")
