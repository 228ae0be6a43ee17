"""The process that owns the embedded mongod: starts it, and stops it once nobody uses it.

Run by path, detached, with the standard library only; `crawler.mongod.embedded` starts it::

    python -I -S supervisor.py FOLDER MONGOD SOCKET LOCK_FD

Files in FOLDER, each locked with flock(2), whose locks the kernel drops when a process dies:

``users.lock``   shared by every user; the supervisor stops mongod only while it alone holds it.
``keeper.lock``  held by the supervisor for life (inherited from its starter); holds its `State`.
``server.lock``  held by mongod for life (inherited from the supervisor): one server on the files.
``pinned``       present: the server stays up without users.

"keeper" was the supervisor's name; files keep it, for versions of Dateline may share a server.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TypedDict

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[2]))  # isolated: the project is not on it

from crawler.file_locks import open_lock, try_lock, unlock

IDLE_SECONDS = 3.0
"""Time without a user after which mongod is stopped."""
STOP_SECONDS = 20.0
"""Time mongod has to stop by itself."""
RECOVERY_SECONDS = 600.0
"""Time mongod has to come up, e.g. to replay a long journal, with nobody waiting for it."""
MAX_LOG_BYTES = 10 * 1024 * 1024
"""Size of mongod's log above which it is moved to ``mongod.log.1``."""
POLL_SECONDS = 0.2
PR_SET_PDEATHSIG = 1  # prctl(2), Linux
_BODY = b"\x10hello\0\1\0\0\0" + b"\x02$db\0\6\0\0\0admin\0" + b"\0"  # BSON: int32, string
HELLO = struct.pack("<iiiiIBi", 25 + len(_BODY), 1, 0, 2013, 0, 0, 4 + len(_BODY)) + _BODY
"""``{hello: 1, $db: "admin"}`` as MongoDB's wire protocol has it."""


class ServerState(TypedDict):
    """The processes that serve a folder, and their socket."""

    keeper: int
    """Process id of the supervisor."""
    mongod: int
    socket: str


def is_responding(path: str) -> bool:
    """Return whether the server on the Unix socket at `path` answers ``hello`` in an OP_MSG.

    A connection alone proves nothing: the kernel accepts it for a process that is just dying.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(path)
            connection.sendall(HELLO)
            return bool(connection.recv(16))
        except OSError:
            return False


def _die_with_parent() -> None:
    """Have the kernel kill this process when the supervisor dies, however it dies (Linux)."""
    assert _libc is not None
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != _supervisor_pid:  # it died before the line above
        os._exit(1)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_supervisor_pid = 0


class Supervisor:
    """One mongod on the files in `folder`, listening on the Unix socket `address`."""

    def __init__(self, folder: Path, mongod: str, address: str, lock: int) -> None:
        self.folder = folder
        self.program = mongod
        self.address = address
        self.lock = lock
        self.log = folder / "log" / "mongod.log"
        self.users = open_lock(folder / "users.lock")
        self.stop_requested = False

    def run(self) -> int:
        """Serve until nobody uses the server, SIGTERM, or its end; return its exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        mongod = self._start()
        state = ServerState(keeper=os.getpid(), mongod=mongod.pid, socket=self.address)
        os.pwrite(self.lock, json.dumps(state).encode(), 0)
        self._watch(mongod)
        if mongod.poll() is None:
            # New users must not meet a server that is about to stop.
            Path(self.address).unlink(missing_ok=True)
            mongod.terminate()
            try:
                mongod.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                mongod.kill()
        code = mongod.wait()
        os.ftruncate(self.lock, 0)
        Path(self.address).unlink(missing_ok=True)
        if Path(self.address).parent != self.folder:
            with contextlib.suppress(OSError):
                Path(self.address).parent.rmdir()
        print(f"mongod ended with code {code}")  # noqa: T201 - standard output is keeper.log
        return code

    def _request_stop(self, *_: object) -> None:
        self.stop_requested = True

    def _start(self) -> "subprocess.Popen[bytes]":
        server_lock = open_lock(self.folder / "server.lock")
        self._await_predecessor(server_lock)
        self._rotate_log()
        command = [
            *(self.program, "--dbpath", str(self.folder / "db"), "--quiet"),
            # A socket as the only address: no TCP listener; and not the usual one in /tmp.
            *("--bind_ip", self.address, "--nounixsocket", "--filePermissions", "0600"),
            *("--logpath", str(self.log), "--logappend", "--logRotate", "reopen"),
            *("--wiredTigerCacheSizeGB", "0.25"),
            # By default the journal alone takes 300 MB ahead of use.
            *("--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        mongod = subprocess.Popen(  # noqa: S603 - no shell; the program comes from our own package
            command,
            stdin=subprocess.DEVNULL,
            pass_fds=(server_lock,),
            preexec_fn=_die_with_parent if _libc else None,  # noqa: PLW1509 - single-threaded
        )
        os.close(server_lock)
        return mongod

    def _await_predecessor(self, server_lock: int) -> None:
        """Wait for the end of a mongod whose supervisor was killed; after a second, end it."""
        began = time.monotonic()
        is_terminated = False
        while not try_lock(server_lock):
            if not is_terminated and time.monotonic() - began > 1:
                # Only without PDEATHSIG. The pid is still its own: it still holds the lock.
                with contextlib.suppress(OSError, ValueError):
                    os.kill(int((self.folder / "db" / "mongod.lock").read_text()), signal.SIGTERM)
                is_terminated = True
            if self.stop_requested:
                raise SystemExit(1)
            time.sleep(0.02)

    def _watch(self, mongod: "subprocess.Popen[bytes]") -> None:
        """Return when mongod has ended or is to be stopped; in the latter case no user is left."""
        ready = False
        last_used = time.monotonic()
        while mongod.poll() is None and not self.stop_requested:
            now = time.monotonic()
            ready = ready or is_responding(self.address)
            is_used = not try_lock(self.users)
            if is_used or (self.folder / "pinned").exists():
                last_used = now
            elif now - last_used > (IDLE_SECONDS if ready else RECOVERY_SECONDS):
                return  # and keep the lock: users wait for our end, then start another
            if not is_used:
                unlock(self.users)
            if ready and self._rotate_log():
                mongod.send_signal(signal.SIGUSR1)  # opens its log anew
            time.sleep(POLL_SECONDS)

    def _rotate_log(self) -> bool:
        is_long = self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES
        if is_long:
            self.log.replace(self.log.with_suffix(".log.1"))
        return is_long


def main() -> int:
    """Detach from the starter, which waits for this only, and serve."""
    global _supervisor_pid  # noqa: PLW0603 - read in the child between fork and exec
    folder, mongod, address, lock = sys.argv[1:]
    if os.fork():
        return 0
    os.umask(0o077)
    _supervisor_pid = os.getpid()
    return Supervisor(Path(folder), mongod, address, int(lock)).run()


if __name__ == "__main__":
    sys.exit(main())
