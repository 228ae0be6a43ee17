"""One run of an outlet at a time, and no word from its predecessors."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import WriteConcern

from crawler.errors import LeaseLost, OutletBusy, StoreError
from crawler.lead import Lead
from crawler.store.collection import UNFENCED
from crawler.store.database import Database, Patience
from crawler.store.leases import Lease, Leases
from crawler.store.ledger import LeadOutcome, Ledger
from crawler.store.process_identity import this_process
from crawler.store.runs import Runs, new_run
from tests.crawler.store_fixture import Store

ELSEWHERE = {**this_process(), "host": "another.example", "run": "elsewhere"}


def held_elsewhere(store: Store, seconds: float) -> None:
    """A holder of another machine, of which nothing is known but its last sign of life."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    lease = {"_id": "news", "token": 7, "holder": ELSEWHERE, "until": until}
    store.plain.leases.replace_one({"_id": "news"}, lease, upsert=True)


def test_of_many_that_wait_for_a_silent_holder_one_is_next(store: Store) -> None:
    async def work(database: Database) -> None:
        leases = Leases(database)
        asked = (leases.take("news", str(number), 1) for number in range(8))
        taken = await asyncio.gather(*asked, return_exceptions=True)
        assert len({lease.fence.token for lease in taken if isinstance(lease, Lease)}) == 2
        assert sum(isinstance(refused, OutletBusy) for refused in taken) == 6

    store.run(work)


def test_one_that_is_renewed_is_not_given_away(store: Store) -> None:
    async def work(database: Database) -> None:
        lease = await Leases(database).take("news", "first", 3)
        lease.keep(lambda overtaken: pytest.fail(str(overtaken)))
        for _ in range(2):
            with pytest.raises(OutletBusy, match=r"news is being collected by process \d+ on"):
                await Leases(database).take("news", "second", 1)
        assert {
            name: holder["run"] for name, holder in (await Leases(database).held()).items()
        } == {"news": "first"}
        await lease.release()
        assert await Leases(database).held() == {}
        second = await Leases(database).take("news", "second", 1)
        assert second.fence.token > lease.fence.token

    store.run(work)


def test_a_token_is_above_those_that_a_restored_backup_does_not_know(store: Store) -> None:
    async def work(database: Database) -> None:
        leases = Leases(database)
        lost = await leases.take("news", "first", 1)
        await lost.release()
        store.plain.leases.update_one({}, {"$set": {"token": 3}})
        lease = await leases.take("news", "second", 1)
        assert lease.fence.token > lost.fence.token > 3

    store.run(work)


def test_a_process_of_this_machine_that_is_gone_need_not_run_out(store: Store) -> None:
    held_elsewhere(store, 60)
    gone = {**this_process(), "started": 1.0, "run": "gone"}
    store.plain.leases.update_one({}, {"$set": {"holder": gone}})

    async def work(database: Database) -> int:
        assert await Leases(database).held() == {}
        return (await Leases(database).take("news", "next", 60)).fence.token

    began = time.monotonic()
    assert store.run(work) > 7
    assert time.monotonic() - began < 30


def test_of_another_machine_it_runs_out(store: Store) -> None:
    held_elsewhere(store, 4)

    async def work(database: Database) -> int:
        assert (await Leases(database).held()).keys() == {"news"}
        return (await Leases(database).take("news", "next", 1)).fence.token

    began = time.monotonic()
    assert store.run(work) > 7
    assert 2 < time.monotonic() - began < 60


def test_who_has_lost_it_writes_nothing(store: Store) -> None:
    """Neither before it knows, when it may be another's, nor after; then it is told."""

    async def work(database: Database) -> None:
        overtaken: asyncio.Future[LeaseLost] = asyncio.get_running_loop().create_future()
        told = new_run("news", {}, "first")
        lease = await Leases(database).take("news", "first", 2)
        runs = Runs(database)
        await runs.open(lease.fence, told)
        time.sleep(2)  # noqa: ASYNC251 - this process stands still
        with pytest.raises(StoreError, match="no other run has begun"):
            await runs.update(lease.fence, told | {"pages": 1})
        soon = database["runs"].with_options(write_concern=WriteConcern(w=1))
        with pytest.raises(StoreError, match="no other run has begun"):
            await soon.update_one(lease.fence, {"_id": "first"}, {"$set": {"pages": 1}})
        lease.keep(overtaken.set_result)
        # Nobody has taken it meanwhile: it goes on.
        await Patience(60).retry(lambda: runs.update(lease.fence, told | {"pages": 2}))
        held_elsewhere(store, 60)
        assert "took over" in str(await overtaken)
        with pytest.raises(StoreError, match="no other run has begun"):
            await runs.update(lease.fence, told | {"pages": 3})

    store.run(work)
    run = store.plain.runs.find_one({"_id": "first"})
    assert run
    assert run["pages"] == 2


@pytest.mark.parametrize("is_late", [False, True])
def test_of_two_runs_the_later_one_has_the_last_word(is_late: bool, store: Store) -> None:
    """Though the clock of the one before it was ahead, and whichever word comes first."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    url = "https://news.example/1"
    fates = [
        LeadOutcome(lead=url, attempts=0, state="failed", fence=1, at=ahead),
        LeadOutcome(lead=url, attempts=1, state="stored", article=url, fence=2),
    ]

    async def work(database: Database) -> None:
        ledger = Ledger(database, "news")
        await ledger.sight(UNFENCED, [Lead(url=url, origin="feed")], "feed:/feed")
        for fate in reversed(fates) if is_late else fates:
            await ledger.settle(UNFENCED, [fate])

    store.run(work)
    assert [found["state"] for found in store.plain.leads.find()] == ["stored"]
