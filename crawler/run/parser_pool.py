"""`ParserPool`: the worker processes that parse; only there do bytes from the web meet a parser.

The reactor's process fetches; a hostile page costs its own worker a few seconds and ends as a named
failure, and nothing else notices.
"""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import RLock
from typing import Any, ParamSpec, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool
from scrapy.settings import BaseSettings

from crawler.errors import ParseFailure, ParserPoolLost

CONSTS.term_timeout = 0  # seconds to end by SIGTERM, which workers ignore, before SIGKILL
PATIENCE = 6
STOPPING = (signal.SIGINT, signal.SIGTERM)
_OUT_OF_MEMORY = 77  # exit status of a worker

WORKER_MODULES = (
    __name__,
    "crawler.sources",
    "crawler.extract.source_content",
    "crawler.sources.feeds.parser",
    "crawler.sources.sitemap_parser",
)
"""What parsing needs: imported once, before workers are forked."""

P = ParamSpec("P")
T = TypeVar("T")


class ParserPool:
    """A pool of parser processes with a limit of time and memory on every task.

    Args:
        count: processes.
        seconds: limit on the processor time of one task; by the clock it may take `PATIENCE` times
            as long, for the machine may be busy with others.
        megabytes: limit on the memory a worker may allocate (MiB).
    """

    def __init__(self, *, count: int, seconds: float, megabytes: int) -> None:
        context = _ContextWithLocks()
        context.set_forkserver_preload(list(WORKER_MODULES))
        with _signals_ignored():
            forkserver.ensure_running()
        self._seconds = seconds
        self._pool = ProcessPool(
            max_workers=count, initializer=_prepare, initargs=(megabytes,), context=context
        )

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> "ParserPool":
        """Start the pool that the settings ask for."""
        return cls(
            count=settings.getint("PARSE_WORKERS"),
            seconds=settings.getfloat("PARSE_SECONDS"),
            megabytes=settings.getint("PARSE_MEGABYTES"),
        )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in a worker; it and its arguments must pickle.

        Raises:
            ParseFailure: the worker ran out of time (``parse_timeout``) or memory
                (``parse_memory``), or died (``parse_crash``).
            WorkersLost: there is no pool any more.
            Exception: whatever `function` raised.
        """
        try:
            future = self._pool.schedule(
                _limited,
                (self._seconds, function, args, kwargs),
                timeout=self._seconds * PATIENCE,
            )
        except RuntimeError as error:
            raise ParserPoolLost(f"The worker processes are gone ({error}).") from None
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            raise ParseFailure("parse_timeout") from None
        except ProcessExpired as error:
            known = {-signal.SIGPROF: "parse_timeout", _OUT_OF_MEMORY: "parse_memory"}
            raise ParseFailure(known.get(error.exitcode, "parse_crash")) from None
        except RecursionError:
            raise ParseFailure("parse_crash") from None

    def close(self) -> None:
        """End the workers; what they were doing is dropped."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


class _ContextWithLocks(ForkServerContext):
    """Keeps the locks of a pool as long as the pool is there.

    Pebble drops them before it ends the workers, and a worker that is just starting would not find
    them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802 - its base's name
        self._locks.append(lock := super().RLock())
        return lock


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let what is started here ignore the signals that tell a whole process group to stop.

    An ignored signal stays ignored in a program that is started (execve(2)), and in its children:
    a crawl that is told to stop goes on parsing what it has in hand.
    """
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _limited(
    seconds: float, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    """Call `function`; end this worker when it has used its processor time or its memory.

    A worker that ran out of memory is not used again: the exception keeps hold of what there was.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return function(*args, **kwargs)
    except Exception as error:
        # libxml2 reports a lack of memory as an error of any kind.
        if isinstance(error, MemoryError) or _is_memory_used_up():
            os._exit(_OUT_OF_MEMORY)
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _is_memory_used_up() -> bool:
    """Tell whether less than a quarter of the memory is left."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        bytearray(limit // 4)
    except MemoryError:
        return True
    return False


def _prepare(megabytes: int) -> None:
    """Limit this worker's memory, and let it end with the process that started it."""
    for number in STOPPING:  # pebble's workers begin with a handler that ends them
        signal.signal(number, signal.SIG_IGN)
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
