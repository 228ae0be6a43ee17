"""The worker processes that parse: the only place where bytes from the web meet a parser.

The reactor's process fetches; a hostile page costs its own worker a few seconds and ends as a named
failure, and nothing else notices.
"""

import asyncio
import contextlib
import math
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from typing import Any, ParamSpec, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from crawler.errors import ParseFailure, WorkersLost

CONSTS.term_timeout = 0.1  # seconds to end by SIGTERM, which workers ignore, before SIGKILL
PATIENCE = 6
STOPPING = (signal.SIGINT, signal.SIGTERM)

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A pool of parser processes with a limit of time and memory on every task.

    Args:
        count: processes.
        seconds: limit on the processor time of one task, rounded up to whole seconds; by the clock
            it may take `PATIENCE` times as long, for the machine may be busy with others.
        megabytes: limit on the memory a worker may allocate (MiB).
    """

    def __init__(self, *, count: int, seconds: float, megabytes: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["crawler.sources", "crawler.extract.page"])
        with _signals_ignored():
            forkserver.ensure_running()
        self._seconds = seconds
        self._pool = ProcessPool(
            max_workers=count, initializer=_prepare, initargs=(megabytes,), context=context
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
            raise WorkersLost(f"The worker processes are gone ({error}).") from None
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            raise ParseFailure("parse_timeout") from None
        except MemoryError:
            raise ParseFailure("parse_memory") from None
        except ProcessExpired as error:
            over = error.exitcode == -signal.SIGXCPU
            raise ParseFailure("parse_timeout" if over else "parse_crash") from None
        except RecursionError:
            raise ParseFailure("parse_crash") from None

    def close(self) -> None:
        """End the workers; what they were doing is dropped."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


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
    """Call `function`; SIGXCPU ends this worker when it has used its processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    return function(*args, **kwargs)


def _prepare(megabytes: int) -> None:
    """Limit this worker's memory, and let it end with the process that started it."""
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
