"""The file format of a backup: documents as the server keeps them, byte for byte, compressed.

It is one Zstandard frame, and behind it a skippable frame (RFC 8878, 3.1.2) that holds the SHA-256
of all before it; so ``zstd -d`` reads it, too. The stream in it is BSON: a document about the
backup; for each collection one with its name, its documents, four zero bytes, and one with their
number and SHA-256; at last four zero bytes more.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import bson
import zstandard

from crawler.errors import DatelineError

FORMAT = "dateline backup 1"
END = bytes(4)
BLOCK = 1 << 20
_FOOTER = struct.Struct("<II32s")  # of a skippable frame: its mark, its length, what it holds
_SKIPPABLE = 0x184D2A50


@dataclass(slots=True)
class CollectionDigest:
    """Number of a collection's documents, and their SHA-256."""

    count: int = 0
    hash: Any = field(default_factory=sha256)

    def add(self, documents: bytes) -> None:
        """Add documents that follow each other in BSON."""
        self.hash.update(documents)
        place = 0
        while place < len(documents):
            place += int.from_bytes(documents[place : place + 4], "little")
            self.count += 1

    def as_dict(self) -> dict[str, Any]:
        """Return it as the archive records it."""
        return {"count": self.count, "sha256": self.hash.hexdigest()}


class ArchiveWriter:
    """Writes a backup to `file`, which is valid only after `close`."""

    def __init__(self, file: BinaryIO, head: dict[str, Any]) -> None:
        self._file = file
        self._hash = sha256()
        self._compressor = zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj()
        self._digest = CollectionDigest()
        self._write(bson.encode({"format": FORMAT, **head}))

    def begin(self, collection: str) -> None:
        """Begin a collection."""
        self._digest = CollectionDigest()
        self._write(bson.encode({"collection": collection}))

    def add(self, documents: bytes) -> int:
        """Add documents that follow each other in BSON; return how many the collection has now."""
        self._digest.add(documents)
        self._write(documents)
        return self._digest.count

    def end(self) -> None:
        """End a collection."""
        self._write(END + bson.encode(self._digest.as_dict()))

    def close(self) -> None:
        """End the backup."""
        self._write(END)
        self._put(self._compressor.flush())
        self._file.write(_FOOTER.pack(_SKIPPABLE, 32, self._hash.digest()))

    def _write(self, data: bytes) -> None:
        """Compress bytes into the file."""
        self._put(self._compressor.compress(data))

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._file.write(data)


class ArchiveReader:
    """Reads a backup in the order in which it was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._stream = zstandard.ZstdDecompressor().stream_reader(file)
        self.head = bson.decode(self._next() or b"")
        self.recorded: dict[str, Any] = {}
        """The digest of the collection read last, as the archive records it."""

    def collections(self) -> Iterator[str]:
        """Yield the name of each collection; read its `documents` before the next."""
        while head := self._next():
            yield bson.decode(head)["collection"]

    def documents(self) -> Iterator[bytes]:
        """Yield the documents of a collection."""
        while document := self._next():
            yield document
        self.recorded = bson.decode(self._next() or b"")

    def _next(self) -> bytes | None:
        head: bytes = self._stream.read(4)
        size = int.from_bytes(head, "little") - 4
        return None if head == END else head + self._stream.read(size)


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open a backup after all of it has been verified.

    Raises:
        DatelineError: it cannot be read, is damaged, cut short, or not a backup.
    """
    try:
        with path.open("rb") as file:
            if not _is_whole(file, path.stat().st_size - _FOOTER.size):
                raise DatelineError(
                    f"{path} is not a backup, or is damaged or cut short: nothing of it was "
                    "restored."
                )
            file.seek(0)
            reader = ArchiveReader(file)
            if reader.head.get("format") != FORMAT:
                raise DatelineError(
                    f"{path} is a backup in an unknown format: restore it with the version of "
                    "Dateline that wrote it."
                )
            yield reader
    except OSError as error:
        raise DatelineError(f"{path} cannot be read ({error.strerror}).") from error


def _is_whole(file: BinaryIO, size: int) -> bool:
    """Return whether the footer behind `size` bytes has their SHA-256."""
    digest = sha256()
    while size > 0 and (block := file.read(min(BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return file.read() == _FOOTER.pack(_SKIPPABLE, 32, digest.digest())
