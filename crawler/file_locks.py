"""Locks on files that the kernel releases when a process ends: flock(2).

Imports the standard library only: `crawler.mongod.supervisor` runs without any other package.
"""

import os
from pathlib import Path


def open_lock(path: Path) -> int:
    """Open (and create) a lock file; the descriptor is not inherited by other programs."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(fd: int, *, shared: bool = False) -> bool:
    """Lock the open file `fd` unless another holds it; exclusively unless `shared`."""
    import fcntl  # noqa: PLC0415 - absent on Windows, where importing this module must still work

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(fd: int) -> None:
    """Release the lock on the open file `fd`."""
    import fcntl  # noqa: PLC0415 - absent on Windows

    fcntl.flock(fd, fcntl.LOCK_UN)
