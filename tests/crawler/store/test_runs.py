"""Run documents, and what is remembered of an outlet between runs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.leases import Leases
from crawler.store.process_identity import this_process
from crawler.store.runs import Outlets, Runs
from tests.crawler.store_fixture import Store


def run(name: str, minutes: int = 0, **changes: Any) -> dict[str, Any]:
    document = {
        "_id": name,
        "outlet": "news",
        "started": datetime(2024, 11, 30, 8, minutes, tzinfo=UTC),
        "ended": None,
        "outcome": "running",
        "process": this_process(),
    }
    return document | changes


def outcomes(store: Store) -> dict[str, str]:
    return {found["_id"]: found["outcome"] for found in store.plain.runs.find()}


def test_a_run_is_written_and_rewritten(store: Store) -> None:
    async def work(database: Database) -> None:
        runs = Runs(database)
        await runs.open(UNFENCED, run("a"))
        await runs.update(UNFENCED, run("a", outcome="healthy", pages=3))
        await runs.update(UNFENCED, run("a", pages=2))  # it had waited on disk
        found = await runs.get("a")
        assert found
        assert (found["outcome"], found["pages"]) == ("healthy", 3)
        assert await runs.get("b") is None

    store.run(work)
    assert outcomes(store) == {"a": "healthy"}


def test_a_run_that_does_not_hold_its_outlet_was_killed(store: Store) -> None:
    """Whatever it says; one of another outlet that does hold it goes on."""

    async def work(database: Database) -> None:
        runs = Runs(database)
        await runs.open(UNFENCED, run("killed"))
        await runs.open(UNFENCED, run("alive", outlet="other"))
        await runs.open(UNFENCED, run("ended", outcome="degraded"))
        lease = await Leases(database).take("other", "alive", 60)
        await runs.close_killed(UNFENCED)
        await runs.close_killed(UNFENCED)
        await lease.release()

    store.run(work)
    assert outcomes(store) == {"killed": "killed", "alive": "running", "ended": "degraded"}
    killed = store.plain.runs.find_one({"_id": "killed"})
    assert killed
    assert "killed" in killed["reason"]
    assert abs(datetime.now(UTC) - killed["ended"]) < timedelta(minutes=1)


def test_the_newest_run(store: Store) -> None:
    async def work(database: Database) -> None:
        runs = Runs(database)
        for document in (run("b", 20), run("c", 30, outlet="other"), run("a", 10)):
            await runs.open(UNFENCED, document)
        latest = await runs.latest("news")
        assert latest
        assert latest["_id"] == "b"
        assert await runs.latest("none") is None

    store.run(work)


def test_sources_are_remembered(store: Store) -> None:
    declared = {"title": "News", "home": "https://news.example/"}

    async def work(database: Database) -> None:
        outlets = Outlets(database)
        assert await outlets.load("news") == {}
        await outlets.declare(UNFENCED, "news", declared)
        feed = {"key": "feed:/feed", "etag": '"a"', "walked": True}
        listing = {"key": "listing:/", "walk_started": datetime(2024, 11, 30, tzinfo=UTC)}
        await outlets.save(UNFENCED, "news", feed)
        await outlets.save(UNFENCED, "news", listing)
        await outlets.save(UNFENCED, "news", feed | {"etag": '"b"'})
        await outlets.declare(UNFENCED, "news", {**declared, "title": "Newer"})
        kept = [feed | {"etag": '"b"'}, listing]
        assert await outlets.load("news") == {
            "_id": "news", **declared, "title": "Newer", "sources": kept
        }  # fmt: skip
        assert await outlets.load("other") == {}

    store.run(work)
