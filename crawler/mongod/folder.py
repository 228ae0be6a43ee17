"""The folder of the embedded mongod: created private to this user, measured; and its socket."""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from crawler.errors import ConfigurationError, StoreError

SOCKET_PATH_LIMIT = 100
"""Bytes; a Unix socket's path (``sun_path``) holds 107 on Linux, 103 on macOS."""


def server_folder(data: Path) -> Path:
    """Return the folder of the server that belongs to the data folder `data`."""
    if os.name == "nt":
        raise ConfigurationError(
            "Dateline cannot start its own MongoDB on Windows:"
            " set MONGODB_URI to a server's address."
        )
    return (data / "mongodb").resolve()


def create_folders(data: Path) -> Path:
    """Create the server's folders, private to this user; return the outer one.

    Raises:
        StoreError: the system refuses it, or another user owns one of them.
    """
    folder = server_folder(data)
    with os_errors_as_store_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for private in (folder, folder / "db", folder / "log"):
            _make_private(private)
    return folder


def _make_private(folder: Path) -> None:
    """Create `folder`, or make sure that it is ours, and close it to everybody else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid():
        raise StoreError(
            f"The folder {folder} belongs to user number {info.st_uid}: run Dateline as that user,"
            " or choose another data folder."
        )
    if stat.S_IMODE(info.st_mode) != 0o700:
        folder.chmod(0o700)


@contextlib.contextmanager
def os_errors_as_store_errors(folder: Path) -> Iterator[None]:
    """Turn an error of the operating system into a `StoreError` of one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"MongoDB's folder {folder} cannot be used ({error.strerror or error}):"
            " free some space and make it writable, or choose another data folder."
        ) from error


def socket_path(folder: Path) -> Path:
    """Choose the socket's path; it must be short, and mongod splits addresses at commas."""
    path = folder / "mongod.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and "," not in str(path):
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"dateline-{os.geteuid()}-{name}"
    _make_private(private)
    return private / "mongod.sock"


def disk_size(folder: Path) -> int:
    """Return the bytes that `folder` takes on disk."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # mongod removes files as it goes
            size += path.lstat().st_blocks * 512
    return size
