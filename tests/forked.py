"""Commands forked from a warm process: real processes, without the seconds that imports take.

A `Server` has imported all that commands use, but for `settings` and `scripts`, which read the
environment as they are imported. A `Forked` is what `subprocess.Popen` is: a process with its own
pid, pipes, environment and exit status. It proves neither a command's imports nor its start.
What `dateline collect` starts is forked, too, if it was forked itself.
"""

import ctypes
import gc
import importlib
import json
import multiprocessing.util
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
COLD = ("scripts", "settings")
"""Packages that a command imports itself."""
MOST = 1 << 20
"""Bytes that a command and its environment take at the most."""
PR_SET_CHILD_SUBREAPER = 36
"""Of Linux's ``prctl``: a process becomes the parent of what its children leave behind."""


class Forker:
    """The other end of a process that forks what is asked of it."""

    def __init__(self, requests: socket.socket) -> None:
        self._socket = requests
        self._turn = threading.Lock()

    def fork(self, request: dict[str, Any], ends: tuple[int, ...]) -> int:
        """Have it fork; return the pid.

        Args:
            ends: the standard input, output and error, and where a server writes the exit status.
        """
        with self._turn:
            socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], ends)
            return int(self._socket.recv(100))


class Server(Forker):
    """A warm process, until it is closed."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(ours)
        with theirs:
            command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
            )

    def close(self) -> None:
        """End the server; what it has started goes on."""
        self._socket.close()
        self._process.wait()


class Forked(subprocess.Popen[str]):
    """A process that a server forks to run a module, with text in its pipes."""

    def __init__(self, server: Server, module: str, *words: str, **options: Any) -> None:
        self._server = server
        super().__init__([module, *words], text=True, **options)

    def _execute_child(self, args: list[str], *options: Any) -> None:
        """Have the server fork, in place of doing it here; `options` are in Popen's order."""
        self._status, status = os.pipe()
        request, ends = _request(args, options)
        ends = (*ends, status)
        self.pid = self._server.fork(request, ends)
        self._child_created = True
        for end in ends:
            os.close(end)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self._wait(0)
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(os.read(self._status, 100))
            os.close(self._status)
        return self.returncode


def _request(
    command: list[str], options: tuple[Any, ...]
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return what to ask of a server, and the standard ends, for `options` in Popen's order."""
    cwd, env = options[4:6]
    environment = {**os.environ} if env is None else env
    request = {"command": command, "cwd": str(cwd), "env": environment, "session": options[-2]}
    ends = (options[9], options[12], options[14])
    return request, tuple(own if end == -1 else end for own, end in enumerate(ends))


def _import_all() -> None:
    """Import what commands use, in such a way that it is as if it were not yet used."""
    for name in ("crawler", "pipelines", "scrapy.commands", "scripts"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    for name in [name for name in sys.modules if name.partition(".")[0] in COLD]:
        del sys.modules[name]
    assert "twisted.internet.reactor" not in sys.modules, "each crawl installs its own"
    gc.collect()
    gc.freeze()  # else the collector of each child would copy all of it


class _Children:
    """The processes that were forked, each with a pipe where its exit status is awaited."""

    def __init__(self) -> None:
        self.awaited: dict[int, int] = {}
        signal.signal(signal.SIGCHLD, self.reap)

    def reap(self, *_: object) -> None:
        """Tell the exit status of those that have ended."""
        for pid in list(self.awaited):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # the signal came in between, and told of it
                continue
            if ended:
                with suppress(BrokenPipeError), os.fdopen(self.awaited.pop(pid), "w") as pipe:
                    pipe.write(str(os.waitstatus_to_exitcode(status)))

    def fork(self, ends: list[int]) -> int:
        """Fork; return the child's pid, and in the child 0.

        Args:
            ends: the child's standard input, output and error, and where its status is awaited.
        """
        if pid := os.fork():
            *ends, self.awaited[pid] = ends
            self.reap()  # it may have ended before we took note of it
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, end in enumerate(ends[:3]):
                os.dup2(end, number)
            ends += self.awaited.values()
        for end in ends:
            os.close(end)
        return pid


def _fork_orphan(ends: list[int]) -> int:
    """Fork a child of the next subreaper above; return its pid, and in the child 0."""
    reading, writing = os.pipe()
    if between := os.fork():
        os.waitpid(between, 0)
        pid = int(os.read(reading, 100))
    elif pid := os.fork():
        os.write(writing, str(pid).encode())
        os._exit(0)
    else:
        for number, end in enumerate(ends):
            os.dup2(end, number)
    for end in (*ends, reading, writing):
        os.close(end)
    return pid


def _serve(requests: socket.socket, fork: Callable[[list[int]], int]) -> dict[str, Any]:
    """Fork for each request; return it in the child. Exit in the server when nobody asks more."""
    while True:
        request, ends, _, _ = socket.recv_fds(requests, MOST, 4)
        while request and not request.endswith(b"\n"):
            request += requests.recv(MOST)
        if not request:
            os._exit(0)
        pid = fork(ends)
        if not pid:
            requests.close()
            asked: dict[str, Any] = json.loads(request)
            return asked
        requests.send(str(pid).encode())


def _fork_commands(asked: dict[str, Any]) -> dict[str, Any]:
    """Have this process's commands forked as its own children; return what this process is to do.

    They are forked by another process, that is as this one was before it did anything.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    ours, theirs = socket.socketpair()
    if not os.fork():
        ours.close()
        return _serve(theirs, _fork_orphan)
    theirs.close()
    server = Forker(ours)
    execute: Callable[..., None] = subprocess.Popen._execute_child  # type: ignore[attr-defined]

    def fork(process: Any, args: list[str], *options: Any) -> Any:
        if list(args[:2]) != [sys.executable, "-m"]:
            return execute(process, args, *options)
        process.pid = server.fork(*_request(list(args[2:]), options))
        process._child_created = True
        return process._close_pipe_fds(*options[9:15])

    subprocess.Popen._execute_child = fork  # type: ignore[attr-defined]
    return asked


def _fork_program(path: object, args: Sequence[Any], passfds: Sequence[int]) -> int:
    """Fork a helper of multiprocessing, which it would start as a program of Python."""
    if pid := os.fork():
        return pid
    for number in (signal.SIGINT, signal.SIGTERM):  # as crawler.run.parser_pool has it start
        signal.signal(number, signal.SIG_IGN)
    first = 3
    for kept in sorted(passfds):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
    try:
        exec(args[-1], {})
    finally:
        os._exit(0)


def main() -> None:
    """Serve; in each child, be what ``python -m COMMAND`` would be."""
    _import_all()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])), _Children().fork)
    if asked["command"][:2] == ["scripts.main", "collect"]:
        asked = _fork_commands(asked)
    if asked["session"]:
        os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    module, *words = asked["command"]
    sys.argv[1:] = words
    start = multiprocessing.util.spawnv_passfds
    multiprocessing.util.spawnv_passfds = _fork_program
    forkserver.ensure_running()
    multiprocessing.util.spawnv_passfds = start
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
