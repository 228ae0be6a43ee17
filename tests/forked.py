"""Commands forked from a warm process: real processes, without the seconds that imports take.

A `Server` has imported all that commands use, but for `settings` and `scripts`, which read the
environment as they are imported. A `Forked` is what `subprocess.Popen` is: a process with its own
pid, pipes, environment and exit status. It proves neither a command's imports nor its start.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
COLD = ("scripts", "settings")
"""Packages that a command imports itself."""
MOST = 1 << 20
"""Bytes that a command and its environment take at the most."""


class Server:
    """A warm process, until it is closed."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._turn = threading.Lock()
        with theirs:
            command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
            )

    def fork(self, request: dict[str, Any], ends: tuple[int, ...]) -> int:
        """Have it fork; return the pid.

        Args:
            ends: the standard input, output and error, and where to write the exit status.
        """
        with self._turn:
            socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], ends)
            return int(self._socket.recv(100))

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
        cwd, env = options[4:6]
        stdin, _, _, stdout, _, stderr = options[9:15]
        self._status, status = os.pipe()
        ends = (stdin, stdout, stderr, status)
        request = {"command": args, "cwd": str(cwd), "env": env, "session": options[-2]}
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


def _serve(requests: socket.socket) -> dict[str, Any]:
    """Fork for each request; return it in the child. Exit in the server when nobody asks more."""
    statuses: dict[int, int] = {}
    """Of each process that goes on, where its exit status is awaited."""

    def reap(*_: object) -> None:
        for pid in list(statuses):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with suppress(BrokenPipeError), os.fdopen(statuses.pop(pid), "w") as pipe:
                    pipe.write(str(os.waitstatus_to_exitcode(status)))

    signal.signal(signal.SIGCHLD, reap)
    while True:
        request, fds, _, _ = socket.recv_fds(requests, MOST, 4)
        if not request:
            sys.exit()
        while not request.endswith(b"\n"):
            request += requests.recv(MOST)
        *given, status = fds
        if not (pid := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, end in enumerate(given):
                os.dup2(end, number)
            for end in (requests.fileno(), *fds, *statuses.values()):
                os.close(end)
            requests.detach()
            asked: dict[str, Any] = json.loads(request)
            return asked
        for end in given:
            os.close(end)
        statuses[pid] = status
        requests.send(str(pid).encode())
        reap()


def main() -> None:
    """Serve; in each child, be what ``python -m COMMAND`` would be."""
    _import_all()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked["session"]:
        os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    module, *words = asked["command"]
    sys.argv[1:] = words
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
