"""`replace_file`: files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crawler.errors import DatelineError


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that becomes `path` when all of it is durable on disk.

    Raises:
        DatelineError: it cannot be written, or is not a regular file.
    """
    partial: Path | None = None
    try:
        path = path.resolve()  # a link to a file stays one
        if path.exists() and not path.is_file():
            raise DatelineError(
                f"{path} is not a regular file and was not changed: give another path."
            )
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, RuntimeError) as error:  # the latter of links that lead in a circle
        cause = getattr(error, "strerror", error)
        raise DatelineError(f"{path} cannot be written ({cause}).") from error
    finally:
        with suppress(OSError):
            if partial is not None:
                partial.unlink()
