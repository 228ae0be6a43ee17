"""The folder of the embedded mongod: made, closed to everybody else, measured; and its socket."""

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
    """Return where the server of the data folder `data` keeps its files."""
    if os.name == "nt":
        raise ConfigurationError(
            "Dateline cannot start its own MongoDB on Windows:"
            " set MONGODB_URI to a server's address."
        )
    return (data / "mongodb").resolve()


def prepare(data: Path) -> Path:
    """Make the server's folders, private to this user. Raises `StoreError`."""
    folder = server_folder(data)
    with told_plainly(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for private in (folder, folder / "db", folder / "log"):
            _make_private(private)
    return folder


def _make_private(folder: Path) -> None:
    """Make `folder`, or make sure that it is ours, and close it to everybody else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StoreError(
            f"The folder {folder} belongs to user number {found.st_uid}: run Dateline as that user,"
            " or choose another data folder."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


@contextlib.contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """Turn what the system refuses into a `StoreError` of one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"MongoDB's folder {folder} cannot be used ({error.strerror or error}):"
            " make room and make it writable, or choose another data folder."
        ) from error


def socket_path(folder: Path) -> Path:
    """Choose the socket's path; it must be short, and mongod splits addresses at commas."""
    address = folder / "mongod.sock"
    if len(os.fsencode(address)) <= SOCKET_PATH_LIMIT and "," not in str(address):
        return address
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
