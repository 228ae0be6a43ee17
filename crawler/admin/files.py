"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crawler.errors import DatelineError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` when all of it is durable on disk.

    Raises:
        DatelineError: it cannot be written, or is something else than a file.
    """
    partial: Path | None = None
    try:
        path = path.resolve()  # a link to a file stays one
        if path.exists() and not path.is_file():
            raise DatelineError(f"{path} is no file, and is left alone: name another.")
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
        what = getattr(error, "strerror", error)
        raise DatelineError(f"{path} cannot be written ({what}).") from error
    finally:
        with suppress(OSError):
            if partial is not None:
                partial.unlink()
