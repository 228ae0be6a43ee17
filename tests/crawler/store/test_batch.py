"""Group commit, as those who wait for it see it."""

import asyncio

import pytest
from bson.errors import InvalidDocument
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect, BulkWriteError, DocumentTooLarge

from crawler.errors import StoreError
from crawler.store.batch import Batch


class Disk:
    """What a batch writes to: takes a moment, keeps what it got, refuses what is poison."""

    def __init__(self, *poison: int, error: Exception | None = None) -> None:
        self.writes: list[list[int]] = []
        self.refused: list[list[int]] = []
        self._poison = set(poison)
        self._error = error or ValueError("poison")

    async def write(self, items: list[int]) -> list[str]:
        await asyncio.sleep(0.001)
        if not self._poison.isdisjoint(items):
            self.refused.append(items)
            raise self._error
        self.writes.append(items)
        return [str(item) for item in items]

    @property
    def stored(self) -> list[int]:
        return [item for items in self.writes for item in items]


def put_all(disk: Disk, items: list[int], limit: int = 100) -> list[str | BaseException]:
    async def together() -> list[str | BaseException]:
        batch = Batch(disk.write, limit=limit)
        return await asyncio.gather(*map(batch.put, items), return_exceptions=True)

    return asyncio.run(together())


def test_results_are_in_order_and_writes_are_few() -> None:
    disk = Disk()
    assert put_all(disk, list(range(250))) == [str(n) for n in range(250)]
    assert list(map(len, disk.writes)) == [100, 100, 50]
    assert disk.stored == list(range(250))


def test_what_comes_during_a_write_goes_into_the_next() -> None:
    disk = Disk()

    async def one_by_one() -> None:
        batch = Batch(disk.write)
        first = asyncio.create_task(batch.put(0))
        await asyncio.sleep(0)  # its write begins ...
        await asyncio.sleep(0)
        later = [asyncio.create_task(batch.put(n)) for n in range(1, 6)]
        assert await first == "0"
        assert await asyncio.gather(*later) == ["1", "2", "3", "4", "5"]

    asyncio.run(one_by_one())
    assert disk.writes == [[0], [1, 2, 3, 4, 5]]


def test_an_idle_batch_writes_again() -> None:
    disk = Disk()

    async def twice() -> None:
        batch = Batch(disk.write)
        assert await batch.put(1) == "1"
        await asyncio.sleep(0.01)
        assert await batch.put(2) == "2"

    asyncio.run(twice())
    assert disk.writes == [[1], [2]]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a lone surrogate"),
        OverflowError("an integer of more than 8 bytes"),
        DocumentTooLarge("17 MB"),
        InvalidDocument("a key that is no string"),
        BulkWriteError({"writeErrors": []}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_poison_does_not_hurt_its_neighbours(error: Exception) -> None:
    disk = Disk(3, error=error)
    results = put_all(disk, list(range(8)))
    assert results[3] is error
    assert [r for r in results if r is not error] == ["0", "1", "2", "4", "5", "6", "7"]
    assert sorted(disk.stored) == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("error", [StoreError("gone"), AutoReconnect("gone")])
def test_a_store_that_is_gone_reaches_every_waiter_at_once(error: Exception) -> None:
    """It is not asked again item by item: nobody answers."""
    disk = Disk(0, error=error)
    assert put_all(disk, list(range(8))) == [error] * 8
    assert disk.refused == [list(range(8))]


def test_a_waiter_that_gives_up_does_not_hurt_the_others() -> None:
    disk = Disk()

    async def gives_up() -> list[str]:
        batch = Batch(disk.write)
        waiting = [asyncio.create_task(batch.put(n)) for n in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        return [await waiting[0], await waiting[2]]

    assert asyncio.run(gives_up()) == ["0", "2"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 30), max_size=30, unique=True),
    st.sets(st.integers(0, 30), max_size=5),
    st.integers(1, 7),
)
def test_of_any_batch_all_but_the_poison_is_stored(
    items: list[int], poison: set[int], limit: int
) -> None:
    disk = Disk(*poison)
    results = put_all(disk, items, limit)
    assert set(disk.stored) == set(items) - poison
    assert len(disk.stored) == len(set(disk.stored))
    for item, result in zip(items, results, strict=True):
        assert isinstance(result, ValueError) if item in poison else result == str(item)
