"""The profile of an outlet survives the database as it was."""

from crawler.monitor.drift.detector import DriftDetector
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.profiles import ProfileStore
from tests.crawler.monitor.drift.stories import RULES, SOURCES, Outlet
from tests.crawler.store_fixture import Store


def test_a_watch_comes_back_as_it_was_saved(store: Store) -> None:
    outlet = Outlet()
    outlet.runs(40)
    outlet.runs(3, flags=["suspect_teaser"])
    saved = outlet.state
    assert saved

    async def back_and_forth(database: Database) -> tuple[Document | None, Document | None]:
        profiles = ProfileStore(database, "news")
        before = await profiles.load()
        await profiles.save(UNFENCED, saved)
        return before, await profiles.load()

    before, loaded = store.run(back_and_forth)
    assert before is None
    assert DriftDetector(RULES, SOURCES, outlet.zone, loaded).to_dict() == saved
    outlet.state = loaded
    assert outlet.runs(5, flags=["suspect_teaser"])[-1]


def test_it_is_forgotten_on_request(store: Store) -> None:
    async def forget_twice(database: Database) -> list[bool]:
        profiles = ProfileStore(database, "news")
        await profiles.save(UNFENCED, {"rules": ""})
        return [await profiles.forget(), await profiles.forget()]

    assert store.run(forget_twice) == [True, False]
