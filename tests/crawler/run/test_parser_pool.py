"""Worker processes: what they cannot survive has a name, and they never outlive their parent."""

import asyncio
import json
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crawler.errors import ParseFailure
from crawler.run.parser_pool import ParserPool
from crawler.sources import Feed, SourceResponse

PROJECT = Path(__file__).parents[3]

# Starts two workers, prints their ids and waits for its end.
PARENT = """
import asyncio, os, sys
from crawler.run.parser_pool import ParserPool

async def main(workers):
    pids = set()
    while len(pids) < 2:
        pids.update(await asyncio.gather(*(workers.run(os.getpid) for _ in range(20))))
    print(*pids, flush=True)
    await workers.run(__import__("time").sleep, 60)

if __name__ == "__main__":
    asyncio.run(main(ParserPool(count=2, seconds=60, megabytes=512)))
"""

# Closes a pool while its workers start: they import this program, too, which takes them long.
HASTY = """
import asyncio, operator, time
from crawler.run.parser_pool import ParserPool

async def main(workers):
    task = asyncio.ensure_future(workers.run(operator.add, 2, 3))
    await asyncio.sleep(0)
    task.cancel()
    workers.close()

if __name__ == "__main__":
    asyncio.run(main(ParserPool(count=2, seconds=60, megabytes=512)))
else:
    time.sleep(0.15)
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[ParserPool]:
    workers = ParserPool(count=1, seconds=0.4, megabytes=256)
    yield workers
    workers.close()


def test_results_and_exceptions_pass_through(workers: ParserPool) -> None:
    async def calls() -> None:
        assert await workers.run(operator.add, 2, 3) == 5
        assert await workers.run(os.getpid) != os.getpid()
        with pytest.raises(ZeroDivisionError):
            await workers.run(operator.truediv, 1, 0)
        with pytest.raises(KeyError, match="absent"):
            await workers.run({"present": 1}.__getitem__, "absent")
        sheet = await workers.run(
            Feed().read,
            SourceResponse(
                url="https://news.example/feed",
                body=b"<rss version='2.0'><channel><item><link>/1</link></item></channel></rss>",
            ),
        )
        assert [lead.url for lead in sheet.leads] == ["https://news.example/1"]

    asyncio.run(calls())


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (time.sleep, 600, "parse_timeout"),  # longer than a test may take
        (pow, (3, 10**9), "parse_timeout"),
        (bytes, 1024**3, "parse_memory"),
        (os._exit, 3, "parse_crash"),
        (signal.raise_signal, signal.SIGSEGV, "parse_crash"),
        (json.loads, "[" * 100_000, "parse_crash"),
    ],
    ids=["sleeps", "computes", "allocates", "exits", "segfaults", "recurses"],
)
def test_failures_have_names_and_the_pool_goes_on(
    function: object, argument: object, reason: str, workers: ParserPool
) -> None:
    async def calls() -> None:
        arguments = argument if isinstance(argument, tuple) else (argument,)
        with pytest.raises(ParseFailure) as caught:
            await workers.run(function, *arguments)  # type: ignore[arg-type]
        assert caught.value.reason == reason
        assert await workers.run(operator.add, 2, 3) == 5

    asyncio.run(calls())


def test_a_waiting_task_does_not_lose_its_time(workers: ParserPool) -> None:
    """The limit is on a task's own work, not on its place in the queue."""

    async def calls() -> list[None]:
        return await asyncio.gather(*(workers.run(time.sleep, 0.4) for _ in range(7)))

    assert asyncio.run(calls()) == [None] * 7


def test_nothing_is_left_after_close() -> None:
    workers = ParserPool(count=2, seconds=60, megabytes=256)

    async def calls() -> set[int]:
        busy = asyncio.ensure_future(workers.run(time.sleep, 600))  # longer than a test may take
        pids: set[int] = set()
        while not pids:
            pids.add(await workers.run(os.getpid))
        busy.cancel()
        return pids

    pids = asyncio.run(calls())
    workers.close()
    assert not any(map(psutil.pid_exists, pids))


def test_a_pool_closed_while_its_workers_start_says_nothing(tmp_path: Path) -> None:
    program = tmp_path / "hasty.py"
    program.write_text(HASTY)
    ended = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        processes = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(processes) == 2
        processes += psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs(set(processes), timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
