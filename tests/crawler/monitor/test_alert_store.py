"""Alerts are sent once, however many processes ask and whatever fails."""

import asyncio

from crawler.monitor.alert_store import AlertStore
from crawler.monitor.alerts import UNREADABLE_FILE, Alert
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.schema import EPOCH
from tests.crawler.store_fixture import Store

ONE = Alert("blocked", "one", "It refuses us.")
TWO = Alert("blocked", "two", "It refuses us, too.")


def test_a_alert_is_told_once_and_once_that_it_is_over(store: Store) -> None:
    async def work(database: Database) -> None:
        alerts = AlertStore(database)
        for found in ([ONE], [ONE, TWO]):
            await alerts.update(found)
            began, over = await alerts.claim()
            assert (began, over) == ([found[-1]], [])
            await alerts.mark_sent(began)
            await alerts.update(found)
            assert await alerts.claim() == ([], [])
        await alerts.update([TWO])
        assert await alerts.claim() == ([], [ONE])
        await alerts.mark_sent([ONE])
        assert await alerts.claim() == ([], [])
        assert [alert["outlet"] for alert in await alerts.lasting()] == ["two"]
        await alerts.update([ONE, TWO])
        assert await alerts.claim() == ([ONE], [])

    store.run(work)


def test_of_many_that_ask_at_once_one_tells(store: Store) -> None:
    async def work(database: Database) -> None:
        alerts = AlertStore(database)
        await asyncio.gather(*(alerts.update([ONE, TWO]) for _ in range(8)))
        claims = await asyncio.gather(*(alerts.claim() for _ in range(8)))
        assert sorted(len(began) for began, _ in claims) == [0] * 7 + [2]

    store.run(work)


def test_what_could_not_be_told_is_told_later(store: Store) -> None:
    async def work(database: Database) -> None:
        alerts = AlertStore(database)
        await alerts.update([ONE])
        began, _ = await alerts.claim()
        await alerts.release(began)
        assert await alerts.claim() == ([ONE], [])
        # Whoever has claimed it now is killed.
        await database["alerts"].update_many(UNFENCED, {}, {"$set": {"claimed": EPOCH}})
        assert await alerts.claim() == ([ONE], [])

    store.run(work)


def test_what_was_over_before_anybody_was_told_is_not_told(store: Store) -> None:
    async def work(database: Database) -> None:
        alerts = AlertStore(database)
        await alerts.update([ONE])
        await alerts.update([])
        assert await alerts.claim() == ([], [])
        assert await alerts.lasting() == []

    store.run(work)
    assert store.plain.alerts.count_documents({}) == 0


def test_only_of_what_was_looked_at_is_anything_over(store: Store) -> None:
    """An outlet whose file cannot be read is not well for that; one that is gone has no alert."""
    broken = Alert(UNREADABLE_FILE, "two", "spiders/two.py cannot be read.")

    async def work(database: Database) -> list[list[str]]:
        alerts = AlertStore(database)
        await alerts.update([ONE, TWO])
        left = []
        for found, looked_at in (([broken], ["one"]), ([], ["one"]), ([], None)):
            await alerts.update(found, looked_at)
            left.append([alert["_id"] for alert in await alerts.lasting()])
        return left

    assert store.run(work) == [["blocked/two", "unreadable/two"], ["blocked/two"], []]


def test_a_alert_that_comes_again_before_its_end_was_told_goes_on(store: Store) -> None:
    async def work(database: Database) -> None:
        alerts = AlertStore(database)
        await alerts.update([ONE])
        began, _ = await alerts.claim()
        await alerts.mark_sent(began)
        await alerts.update([])
        await alerts.update([ONE])
        assert await alerts.claim() == ([], [])

    store.run(work)
