"""The process that owns the embedded mongod: starts it, and stops it once nobody uses it.

Run by path, detached, with the standard library only; see `crawler.mongod.embedded` for its side::

    python -I -S keeper.py FOLDER MONGOD SOCKET LOCK_FD

Files in FOLDER, each locked with flock(2), whose locks the kernel drops when a process dies:

``users.lock``   shared by every user; the keeper stops mongod only while it holds it alone.
``keeper.lock``  held by the keeper for life (inherited from who started it); holds its `State`.
``server.lock``  held by mongod for life (inherited from the keeper): one server over the files.
``pinned``       present: the server stays up though nobody uses it.
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

GRACE = 3.0
"""Seconds without a user after which mongod is stopped."""
PATIENCE = 20.0
"""Seconds mongod is given to stop by itself."""
RECOVERY = 600.0
"""Seconds mongod may take to come up, e.g. to replay a long journal, with nobody waiting for it."""
LOG_LIMIT = 10 * 1024 * 1024
"""Bytes of mongod's log after which it is moved to ``mongod.log.1``."""
POLL = 0.2
PR_SET_PDEATHSIG = 1  # prctl(2), Linux
_BODY = b"\x10hello\0\1\0\0\0" + b"\x02$db\0\6\0\0\0admin\0" + b"\0"  # BSON: int32, string
HELLO = struct.pack("<iiiiIBi", 25 + len(_BODY), 1, 0, 2013, 0, 0, 4 + len(_BODY)) + _BODY
"""``{hello: 1, $db: "admin"}`` as MongoDB's wire protocol has it."""


class State(TypedDict):
    """Who serves a folder, and where."""

    keeper: int
    mongod: int
    socket: str


def try_lock(fd: int, *, shared: bool = False) -> bool:
    """Lock the open file `fd` unless another holds it; exclusively unless `shared`."""
    import fcntl  # noqa: PLC0415 - absent on Windows, where importing this module must still work

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(fd: int) -> None:
    """Give up the lock on the open file `fd`."""
    import fcntl  # noqa: PLC0415 - absent on Windows

    fcntl.flock(fd, fcntl.LOCK_UN)


def open_lock(path: Path) -> int:
    """Open (and create) a lock file; the descriptor is not inherited by other programs."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def answers(path: str) -> bool:
    """Ask the server on the Unix socket at `path` for a sign of life: ``hello`` in an OP_MSG.

    A connection alone proves nothing: the kernel accepts it for a process that is just dying.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
            probe.sendall(HELLO)
            return bool(probe.recv(16))
        except OSError:
            return False


def _die_with_parent() -> None:
    """Have the kernel kill this process when the keeper dies, however it dies (Linux)."""
    assert _libc is not None
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != _keeper_pid:  # it died before the line above
        os._exit(1)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_keeper_pid = 0


class Keeper:
    """One mongod over `folder`, listening on the Unix socket `address`."""

    def __init__(self, folder: Path, mongod: str, address: str, lock: int) -> None:
        self.folder = folder
        self.program = mongod
        self.address = address
        self.lock = lock
        self.log = folder / "log" / "mongod.log"
        self.users = open_lock(folder / "users.lock")
        self.told_to_stop = False

    def run(self) -> int:
        """Serve until nobody uses the server, SIGTERM, or its end; return its exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        mongod = self._start()
        state = State(keeper=os.getpid(), mongod=mongod.pid, socket=self.address)
        os.pwrite(self.lock, json.dumps(state).encode(), 0)
        self._watch(mongod)
        if mongod.poll() is None:
            # Whoever comes from here on must not meet a server about to stop.
            Path(self.address).unlink(missing_ok=True)
            mongod.terminate()
            try:
                mongod.wait(PATIENCE)
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

    def _stop_soon(self, *_: object) -> None:
        self.told_to_stop = True

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
        """Wait for the end of a mongod whose keeper was killed; hurry it where it lives on."""
        began = time.monotonic()
        told = False
        while not try_lock(server_lock):
            if not told and time.monotonic() - began > 1:
                # Only without PDEATHSIG. Its pid is its own: it still holds the lock.
                with contextlib.suppress(OSError, ValueError):
                    os.kill(int((self.folder / "db" / "mongod.lock").read_text()), signal.SIGTERM)
                told = True
            if self.told_to_stop:
                raise SystemExit(1)
            time.sleep(0.02)

    def _watch(self, mongod: "subprocess.Popen[bytes]") -> None:
        """Return when mongod has ended or is to be stopped; in the latter case no user is left."""
        ready = False
        last_used = time.monotonic()
        while mongod.poll() is None and not self.told_to_stop:
            now = time.monotonic()
            ready = ready or answers(self.address)
            if not try_lock(self.users):
                last_used = now
            elif not (self.folder / "pinned").exists():
                if now - last_used > (GRACE if ready else RECOVERY):
                    return  # and keep the lock: users wait for our end, then start another
                unlock(self.users)
            else:
                last_used = now
                unlock(self.users)
            if ready and self._rotate_log():
                mongod.send_signal(signal.SIGUSR1)  # opens its log anew
            time.sleep(POLL)

    def _rotate_log(self) -> bool:
        too_long = self.log.exists() and self.log.stat().st_size > LOG_LIMIT
        if too_long:
            self.log.replace(self.log.with_suffix(".log.1"))
        return too_long


def main() -> int:
    """Detach from the starter, who waits for this only, and keep the server."""
    global _keeper_pid  # noqa: PLW0603 - read in the child between fork and exec
    folder, mongod, address, lock = sys.argv[1:]
    if os.fork():
        return 0
    os.umask(0o077)
    _keeper_pid = os.getpid()
    return Keeper(Path(folder), mongod, address, int(lock)).run()


if __name__ == "__main__":
    sys.exit(main())
