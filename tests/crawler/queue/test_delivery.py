"""What waits is brought in order and whole, also where only few writes at a time get through."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.errors import StoreError
from crawler.queue import delivery as module
from crawler.queue.delivery import MAX_BATCH, MAX_CONSECUTIVE_FAILURES, Outbox, replay
from crawler.queue.spool import Spool
from crawler.queue.writes import RunWrite, Write, encode_write

WRITES: list[Write] = [RunWrite(run={"_id": str(number)}) for number in range(40)]


class Link:
    """Carries so many writes at a time, and fails where there are more."""

    def __init__(self, carries: int, *, answers: bool = True) -> None:
        self.carries, self.answers = carries, answers
        self.tried: list[int] = []
        self.brought: list[Write] = []

    async def ping(self) -> None:
        if not self.answers:
            raise StoreError("away")

    async def deliver(self, writes: Sequence[Write]) -> None:
        self.tried.append(len(writes))
        if len(writes) > self.carries:
            raise StoreError("timed out")
        self.brought += writes


def leave(path: Path) -> None:
    async def work() -> None:
        spool = Spool(path)
        for write in WRITES:
            await spool.put(encode_write(write))
        spool.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    ("carries", "tried"),
    [(1, [40, 20, 10, 5, 2, 1, 2, 1]), (3, [40, 20, 10, 5, 2, 3, 4, 2, 3]), (MAX_BATCH, [40])],
)
def test_a_slow_link_gets_fewer_at_a_time(tmp_path: Path, carries: int, tried: list[int]) -> None:
    leave(tmp_path / "a.spool")
    link = Link(carries)
    assert asyncio.run(replay(tmp_path, link.deliver, link.ping)) == len(WRITES)
    assert link.brought == WRITES
    assert list(tmp_path.iterdir()) == []
    assert link.tried[: len(tried)] == tried


@pytest.mark.parametrize(
    ("answers", "told", "tried"),
    [(True, "timed out", [40, 20, 10, 5, 2, 1]), (False, "away", [40])],
)
def test_a_server_that_is_away_is_given_up(
    answers: bool, told: str, tried: list[int], tmp_path: Path
) -> None:
    leave(tmp_path / "a.spool")
    link = Link(0, answers=answers)
    with pytest.raises(StoreError, match=told):
        asyncio.run(replay(tmp_path, link.deliver, link.ping))
    assert link.tried == tried
    link = Link(MAX_BATCH)
    assert asyncio.run(replay(tmp_path, link.deliver, link.ping)) == len(WRITES)


@pytest.mark.parametrize("bad", [b"", b"\xff\xff", encode_write(RunWrite(run={"_id": "poison"}))])
def test_what_cannot_be_brought_stops_nothing(
    bad: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged file, or a fault of ours: it is kept to be reported, and all else is brought."""
    link = Link(MAX_BATCH)

    async def deliver(writes: Sequence[Write]) -> None:
        if RunWrite(run={"_id": "poison"}) in writes:
            raise RuntimeError("a fault of ours")
        await link.deliver(writes)

    async def work() -> None:
        spool = Spool(tmp_path / "a.spool")
        for write in (*map(encode_write, WRITES[:30]), bad, *map(encode_write, WRITES[30:])):
            await spool.put(write)
        spool.close()
        assert await replay(tmp_path, deliver, link.ping) == len(WRITES)
        assert await replay(tmp_path, deliver, link.ping) == 0

    asyncio.run(work())
    assert link.brought == WRITES
    (aside,) = tmp_path.iterdir()
    assert aside.read_bytes() == bad
    assert f"it is in {aside} now; please report it." in caplog.text


def test_a_run_brings_fewer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)
    leave(tmp_path / "a.spool")
    link, errors = Link(3), list[StoreError]()

    async def work() -> None:
        outbox = Outbox(Spool(tmp_path / "a.spool"), link.deliver, errors.append, patience=60)
        await outbox.deliver()
        assert len(outbox) == 0
        outbox.close()

    asyncio.run(work())
    assert (link.brought, errors) == (WRITES, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("hurried", [True, False])
def test_only_who_was_told_to_stop_is_in_a_hurry(
    hurried: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a server that is away at the end of a run, and comes back."""
    monkeypatch.setattr(module, "PAUSE", 0.0)
    monkeypatch.setattr(module, "FINAL_PATIENCE", -1.0)
    leave(tmp_path / "a.spool")
    link, errors, failures = Link(MAX_BATCH), list[StoreError](), [StoreError("away")] * 3

    async def deliver(writes: Sequence[Write]) -> None:
        if failures:
            raise failures.pop()
        await link.deliver(writes)

    async def work() -> None:
        spool = Spool(tmp_path / "a.spool")
        outbox = Outbox(spool, deliver, errors.append, 60, lambda: hurried)
        await outbox.deliver()
        outbox.close()

    asyncio.run(work())
    assert (len(errors), link.brought == WRITES) == ((1, False) if hurried else (0, True))


@pytest.mark.parametrize("fault", [RuntimeError("a fault of ours"), MemoryError(), OSError("disk")])
def test_where_nothing_can_be_brought_it_waits(fault: Exception, tmp_path: Path) -> None:
    """Such a fault is mended, or passes, and then all is there."""
    leave(tmp_path / "a.spool")
    link = Link(MAX_BATCH)

    async def deliver(_: Sequence[Write]) -> None:
        raise fault

    with pytest.raises(type(fault)):
        asyncio.run(replay(tmp_path, deliver, link.ping))
    aside = list(tmp_path.glob("*.refused"))
    assert len(aside) == (MAX_CONSECUTIVE_FAILURES - 1) * isinstance(fault, RuntimeError)
    assert asyncio.run(replay(tmp_path, link.deliver, link.ping)) == len(WRITES) - len(aside)
    assert link.brought == WRITES[len(aside) :]
